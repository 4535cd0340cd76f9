//! Rows to statements of a form, in their order.

use super::kind::{Kind, kind};
use super::options::Options;
use super::say::{Asked, Known, Sayer};
use super::sheets::{Row, Sheets};
use super::told::Told;
use super::xpath::{XPath, parse};
use crate::diag::{Code, Diagnostics, Lang};
use crate::model::xlsform::{SEAL, seal};
use crate::syntax::{quoted_name, quoted_text};
use std::collections::{HashMap, HashSet};

/// A group or repeat that is open.
struct Open {
    repeat: Option<String>,
    /// What its questions are asked under.
    when: Option<String>,
    /// Whether it closes a brace of the text.
    braced: bool,
    name: String,
}

/// A statement that `heng` wrote down with its place in the form.
struct Statement {
    number: usize,
    section: String,
    text: String,
}

/// Reads the rows.
pub(super) struct Reader<'r> {
    pub(super) sheets: &'r Sheets,
    pub(super) lang: Lang,
    found: &'r mut Diagnostics,
    pub(super) lists: HashMap<String, Options>,
    pub(super) known: HashMap<String, Known>,
    /// What the question of each row is called in the form, by the row's number.
    names: HashMap<u32, String>,
    pub(super) lines: Vec<String>,
    computed: Vec<String>,
    statements: Vec<Statement>,
}

impl<'r> Reader<'r> {
    pub fn new(sheets: &'r Sheets, lang: Lang, found: &'r mut Diagnostics) -> Reader<'r> {
        let lists = sheets.choices.iter().map(|(list, rows)| (list.clone(), Options::of(rows))).collect();
        let mut reader = Reader {
            sheets,
            lang,
            found,
            lists,
            known: HashMap::new(),
            names: HashMap::new(),
            lines: Vec::new(),
            computed: Vec::new(),
            statements: Vec::new(),
        };
        reader.learn();
        reader
    }

    pub(super) fn tell(&mut self, code: Code, row: &Row, column: &str, what: (String, String), help: (&'static str, &'static str)) {
        let at = self.sheets.place(row, column);
        self.found.push(Told { code, at, zh: what.0, en: what.1, help });
    }

    /// Tells of something that has no counterpart, and keeps it as a comment.
    pub(super) fn unsaid(&mut self, row: &Row, column: &str) {
        let (name, text) = (row.cell("name").to_owned(), row.cell(column).to_owned());
        self.tell(
            Code::H0651,
            row,
            column,
            (
                format!("`{name}` 的 {column} 写不成填报表的语句, 留作注释"),
                format!("{column} of `{name}` cannot be said in a form; it is kept as a comment"),
            ),
            ("看生成的注释, 用填报表的写法补上, 或删去注释", "look at the comment, and write it in the form's own way or delete it"),
        );
        self.comment(&format!("XLSForm {column}: {text}"));
    }

    pub(super) fn comment(&mut self, text: &str) {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        self.lines.push(format!("// {text}"));
    }

    /// What the questions are called, before anything speaks of them.
    fn learn(&mut self) {
        let mut taken = HashSet::new();
        let mut open: Vec<(Option<String>, String)> = Vec::new();
        let sheets = self.sheets;
        for row in &sheets.survey {
            let name = row.cell("name");
            let kind = kind(row.cell("type"));
            let table = open.iter().rev().find_map(|(table, _)| table.clone());
            let own = if row.cell("heng_name").is_empty() { name } else { row.cell("heng_name") };
            match &kind {
                Kind::End => {
                    open.pop();
                    continue;
                }
                Kind::Begin => {
                    open.push((None, own.to_owned()));
                    self.names.insert(row.number, own.to_owned());
                    continue;
                }
                Kind::Recorded => continue,
                Kind::Other(kind) if kind == "note" => continue,
                _ if name.is_empty() => continue,
                _ => {}
            }
            let group = open.last().map(|(_, name)| format!("{name}_{own}"));
            let candidates = std::iter::once(own.to_owned()).chain(group).chain((2..).map(|number| format!("{own}_{number}")));
            // The columns of a table are its own.
            let scope = |name: &String| (table.clone(), name.clone());
            let called = candidates.into_iter().find(|name| taken.insert(scope(name))).unwrap_or_default();
            let asked = match &kind {
                Kind::BeginRepeat => Asked::Table,
                Kind::Select(list, several) => self.lists.get(list).map_or(Asked::Plain, |options| options.asked(*several)),
                Kind::Other(kind) if kind == "acknowledge" => Asked::YesNo("OK".to_owned(), String::new()),
                _ => Asked::Plain,
            };
            self.names.insert(row.number, called.clone());
            self.known.entry(name.to_owned()).or_insert(Known { name: called.clone(), asked, table: table.clone() });
            if kind == Kind::BeginRepeat {
                open.push((Some(called), own.to_owned()));
            }
        }
    }

    /// The text of the form.
    pub fn text(mut self) -> String {
        let settings = &self.sheets.settings;
        let mut head: Vec<String> = Vec::new();
        head.extend(settings.cell("heng_units").lines().map(str::to_owned));
        let name = [settings.cell("heng_form"), settings.cell("form_id"), settings.cell("id_string"), settings.cell("form_title")];
        let name = name.into_iter().find(|name| !name.is_empty()).unwrap_or("XLSForm").to_owned();
        let title = Some(settings.cell("form_title")).filter(|title| !title.is_empty() && *title != name);
        let title = title.map(|title| format!(" {}", quoted_text(title))).unwrap_or_default();
        head.push(format!("form {}{title} {{", quoted_name(&name)));
        let version: String =
            settings.cell("version").chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
        if !version.is_empty() {
            head.push(format!("version {version}"));
        }
        let heng_head = settings.cell("heng_head").to_owned();
        self.rows();
        let mut before = Vec::new();
        if heng_head.is_empty() {
            let key = self.key();
            head.push(format!("subject {} by {}", self.lang.pick("填报", "submission"), quoted_name(&key.0)));
            before.extend(key.1);
        } else {
            head.extend(heng_head.lines().map(str::to_owned));
        }
        head.extend(before);
        head.append(&mut self.lines);
        let mut rest = std::mem::take(&mut self.statements);
        rest.sort_by_key(|statement| statement.number);
        head.extend(rest.into_iter().map(|statement| statement.text));
        head.append(&mut self.computed);
        head.push("}".to_owned());
        head.join("\n") + "\n"
    }

    /// The field that tells submissions apart: what instances are named by, else one of its own.
    fn key(&mut self) -> (String, Option<String>) {
        let settings = &self.sheets.settings;
        if let Some(XPath::Question(name)) = parse(settings.cell("instance_name"))
            && let Some(known) = self.known.get(&name).filter(|known| known.table.is_none() && known.asked == Asked::Plain)
        {
            return (known.name.clone(), None);
        }
        let what = (
            "XLSForm 没有说填报对象由哪一项区分, 加了 `instanceID`".to_owned(),
            "the XLSForm does not say what tells submissions apart; `instanceID` was added".to_owned(),
        );
        let help = (
            "如果有代码一项, 改成 `对象 … 按 那一项`, 再删去 instanceID",
            "where there is a code, write `subject … by` that field and delete instanceID",
        );
        self.tell(Code::H0653, &Row::default(), "", what, help);
        let label = self.lang.pick("ODK 给每份填报的编号", "the number that ODK gives each submission");
        ("instanceID".to_owned(), Some(format!("instanceID: text required {}", quoted_text(label))))
    }

    fn rows(&mut self) {
        let sheets = self.sheets;
        let mut open: Vec<Open> = Vec::new();
        for row in &sheets.survey {
            match kind(row.cell("type")) {
                Kind::Begin => self.begin(row, &mut open, false),
                Kind::BeginRepeat => self.begin(row, &mut open, true),
                Kind::End => self.end(row, &mut open),
                Kind::Recorded => {
                    self.comment(&format!("{}: {}", row.cell("name"), self.lang.pick("由客户端自动记录", "recorded by the client")))
                }
                kind if row.cell("type").is_empty() => {
                    let _ = kind;
                }
                kind => self.question(row, &kind, &open),
            }
        }
        if let Some(row) = sheets.survey.last().filter(|_| !open.is_empty()) {
            self.unbalanced(row);
        }
        for open in open.iter().rev() {
            self.close(open);
        }
    }

    fn unbalanced(&mut self, row: &Row) {
        let what = ("begin 与 end 不成对".to_owned(), "`begin` and `end` do not pair up".to_owned());
        self.tell(
            Code::H0654,
            row,
            "type",
            what,
            ("每个 begin_group, begin_repeat 要有自己的 end", "each begin_group and begin_repeat has its end"),
        );
    }

    fn begin(&mut self, row: &Row, open: &mut Vec<Open>, repeat: bool) {
        let name = self.names.get(&row.number).cloned().unwrap_or_default();
        let inside_table = open.iter().any(|open| open.repeat.is_some());
        let table = open.iter().rev().find_map(|open| open.repeat.clone());
        let written = repeat && !inside_table && !row.cell("heng_name").is_empty() && self.is_sealed(row);
        let when = if written { None } else { self.relevant(row, table.as_deref()) };
        let title = self.title(row, &name).map(|title| format!(" {}", quoted_text(&title))).unwrap_or_default();
        let sealed = !row.cell("heng_name").is_empty() && self.is_sealed(row);
        let all = conditions(open.iter().filter_map(|open| open.when.clone()).chain(when.clone()));
        if repeat && inside_table {
            self.tell(
                Code::H0651,
                row,
                "type",
                (
                    "表格里的表格没有对应的写法, 里面的各项并入外面的表格".to_owned(),
                    "a table in a table cannot be said; its columns join the outer one".to_owned(),
                ),
                ("把里面的重复组另做一张填报表", "make a form of its own of the inner repeat"),
            );
        }
        let braced = repeat && !inside_table || !repeat && open.is_empty();
        if repeat && !inside_table {
            let all = if sealed { Some(row.cell("heng_when").to_owned()).filter(|when| !when.is_empty()) } else { all };
            let when = all.map(|when| format!(" when {when}")).unwrap_or_default();
            let by = if sealed { format!(" {}", row.cell("heng_range")) } else { String::new() };
            self.lines.push(format!("table {}{title}{when}{by} {{", quoted_name(&name)));
            open.push(Open { repeat: Some(name.clone()), when: None, braced, name });
        } else if braced {
            self.lines.push(format!("section {}{title} {{", quoted_name(&name)));
            open.push(Open { repeat: None, when, braced, name });
        } else {
            self.comment(&format!("{name}{title}"));
            open.push(Open { repeat: table, when, braced, name });
        }
    }

    fn end(&mut self, row: &Row, open: &mut Vec<Open>) {
        match open.pop() {
            Some(closed) => self.close(&closed),
            None => self.unbalanced(row),
        }
    }

    fn close(&mut self, closed: &Open) {
        if !closed.braced {
            return;
        }
        let (mut here, rest): (Vec<Statement>, Vec<Statement>) =
            std::mem::take(&mut self.statements).into_iter().partition(|statement| statement.section == closed.name);
        self.statements = rest;
        here.sort_by_key(|statement| statement.number);
        self.lines.extend(here.into_iter().map(|statement| statement.text));
        self.lines.push("}".to_owned());
    }

    pub(super) fn say<'s>(&'s self, row: &'s Row, table: Option<&'s str>) -> Sayer<'s> {
        Sayer { known: &self.known, own: row.cell("name"), table }
    }

    /// The condition of a row, in the form's words.
    fn relevant(&mut self, row: &Row, table: Option<&str>) -> Option<String> {
        let text = row.cell("relevant");
        if text.is_empty() || text.eq_ignore_ascii_case("yes") || text == "true()" {
            return None;
        }
        let said = parse(text).and_then(|xpath| self.say(row, table).condition(&xpath));
        if said.is_none() {
            self.unsaid(row, "relevant");
        }
        said
    }

    /// The label that a field or section is printed with; none where that is its name.
    fn title(&self, row: &Row, name: &str) -> Option<String> {
        let label = row.cell("label");
        let (title, own) = (row.cell("heng_title"), row.cell("heng_name"));
        if !own.is_empty() {
            let base = if title.is_empty() { own } else { title };
            let same = label.replace("$ {", "${") == base
                || label.strip_prefix(base).is_some_and(|rest| rest.starts_with(" (") && rest.ends_with(')'));
            if same || label.is_empty() {
                return Some(title.to_owned()).filter(|title| !title.is_empty());
            }
        }
        let label = label.split_whitespace().collect::<Vec<_>>().join(" ");
        Some(label).filter(|label| !label.is_empty() && label != name)
    }

    /// Whether `heng` wrote a row, and nobody changed it since.
    fn is_sealed(&self, row: &Row) -> bool {
        let list = if let Kind::Select(list, _) = kind(row.cell("type")) { self.sheets.choices.get(&list) } else { None };
        seal(|column| row.cell(column), list.into_iter().flatten().map(|choice| choice.cell("name"))) == row.cell(SEAL)
    }

    fn question(&mut self, row: &Row, kind: &Kind, open: &[Open]) {
        let table = open.iter().rev().find_map(|open| open.repeat.clone());
        let sealed = self.is_sealed(row);
        if sealed {
            for line in row.cell("heng_also").lines() {
                self.written_down(line, table.is_some());
            }
            if row.cell("heng_type") == "note" || row.cell("type") == "calculate" {
                return;
            }
        } else if !row.cell(SEAL).is_empty() {
            let name = row.cell("heng_name");
            let name = if name.is_empty() { row.cell("name") } else { name };
            self.tell(
                Code::H0652,
                row,
                "name",
                (
                    format!("`{name}` 这一行导出以后改过, 按改过的内容读"),
                    format!("the row of `{name}` was changed since it was exported; it is read as it is now"),
                ),
                ("看一看这一项的单位、条件和校验是不是还对", "look whether its unit, conditions and checks are still right"),
            );
        }
        for (language, text) in row.others.clone() {
            self.comment(&format!("{language}: {text}"));
        }
        let name = self.names.get(&row.number).cloned().unwrap_or_default();
        let mut parts: Vec<String> = Vec::new();
        let mut block: Vec<String> = Vec::new();
        let mut checks: Vec<String> = Vec::new();
        let hint = if row.cell("hint").is_empty() { row.cell("guidance_hint") } else { row.cell("hint") };
        if sealed {
            parts.extend([row.cell("heng_type").to_owned(), row.cell("heng_range").to_owned()]);
            parts.extend(Some(row.cell("heng_when")).filter(|when| !when.is_empty()).map(|when| format!("when {when}")));
            block.extend(
                Some(row.cell("heng_pattern"))
                    .filter(|pattern| !pattern.is_empty())
                    .map(|pattern| format!("pattern {}", quoted_text(pattern))),
            );
        } else {
            let Some(asked) = self.asked(row, kind, &name, table.as_deref()) else { return };
            parts.push(asked.0);
            block.extend(asked.1);
            checks = asked.2;
            let own = self.relevant(row, table.as_deref());
            // A table is asked or not as a whole.
            let around = open.iter().rev().take_while(|open| !(open.repeat.is_some() && open.braced)).filter_map(|open| open.when.clone());
            let around: Vec<String> = around.collect();
            let when = conditions(around.into_iter().rev().chain(own));
            parts.extend(when.map(|when| format!("when {when}")));
        }
        parts.extend(self.title(row, &name).map(|title| quoted_text(&title)));
        if !hint.is_empty() {
            block.push(format!("hint {}", quoted_text(hint)));
        }
        parts.retain(|part| !part.is_empty());
        let block = if block.is_empty() { String::new() } else { format!(" {{ {} }}", block.join("; ")) };
        self.lines.push(format!("{}: {}{block}", quoted_name(&name), parts.join(" ")));
        self.lines.extend(checks);
    }

    /// A statement that was written down as `3 办学条件: check …`, or as it is.
    fn written_down(&mut self, line: &str, in_table: bool) {
        let numbered = line.split_once(": ").and_then(|(place, text)| {
            let (number, section) = place.split_once(' ').unwrap_or((place, ""));
            Some(Statement { number: number.parse().ok()?, section: section.to_owned(), text: text.to_owned() })
        });
        match numbered {
            Some(statement) => self.statements.push(statement),
            None if in_table => self.lines.push(line.to_owned()),
            None => self.computed.push(line.to_owned()),
        }
    }

    /// Notes, and what is calculated.
    pub(super) fn unasked(&mut self, row: &Row, kind: &str, name: &str, table: Option<&str>) {
        match kind {
            // A note that `heng` made of a check, and somebody changed.
            "note" if !row.cell(SEAL).is_empty() && !row.cell("relevant").is_empty() => {
                let said = parse(row.cell("relevant")).and_then(|xpath| self.say(row, table).condition(&xpath));
                let label = row.cell("label").trim_start_matches(['⚠', '✗', ' ']);
                let kind = if row.cell("required").is_empty() { "warn" } else { "check" };
                match said {
                    Some(condition) => self.lines.push(format!("{kind} not ({condition}) : {}", quoted_text(label))),
                    None => self.unsaid(row, "relevant"),
                }
            }
            "note" => {
                let label = row.cell("label").to_owned();
                self.comment(&format!("{}: {label}", self.lang.pick("说明", "note")));
            }
            _ => {
                let text = if row.cell("calculation").is_empty() { row.cell("default") } else { row.cell("calculation") };
                let column = if row.cell("calculation").is_empty() { "default" } else { "calculation" };
                let sayer = self.say(row, table);
                let said = parse(text).and_then(|xpath| sayer.value(&xpath).or_else(|| sayer.condition(&xpath)));
                match said {
                    Some(value) => {
                        let title = self.title(row, name).map(|title| format!(" {}", quoted_text(&title))).unwrap_or_default();
                        let statement = format!("compute {} = {value}{title}", quoted_name(name));
                        if table.is_some() { self.lines.push(statement) } else { self.computed.push(statement) }
                    }
                    None => self.unsaid(row, column),
                }
            }
        }
    }
}

/// Several conditions as one.
fn conditions(list: impl Iterator<Item = String>) -> Option<String> {
    let list: Vec<String> = list.collect();
    match list.as_slice() {
        [] => None,
        [only] => Some(only.clone()),
        several => Some(several.iter().map(|one| format!("({one})")).collect::<Vec<_>>().join(" and ")),
    }
}
