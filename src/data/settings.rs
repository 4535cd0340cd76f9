//! A region's settings (设置), written in its `heng.toml`.
//!
//! ```toml
//! name = "某县"
//! rubric = "县域优质均衡"              # what a bare `heng run` evaluates
//! data = "data/2024.csv"               # or a list; or a table: "学校基础数据" = "data/2024.csv"
//! database = "heng.db"
//! on = "2024-12-31"
//! period = "2024"
//! lang = "zh"
//! ```
//! Every mistake is told with its place, and the other settings hold.
//! Not here: where the file is found (`region`).

use super::findings::short;
use crate::diag::{Code, Diagnostics, Label, Lang, Origin, Say};
use crate::text::{LineIndex, Name, nearest};
use chrono::NaiveDate;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// The file that makes a folder a region's.
pub const SETTINGS_FILE: &str = "heng.toml";

const KEYS: [&str; 7] = ["name", "rubric", "data", "database", "on", "period", "lang"];

/// What `heng.toml` says. Paths are as written: relative to the folder it stands in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// What the region is called.
    pub name: Option<String>,
    /// The rubric that is meant where none is named.
    pub rubric: Option<String>,
    /// The data that are meant where none are named.
    pub data: Vec<DataFile>,
    /// The archive.
    pub database: Option<PathBuf>,
    /// The day of evaluation.
    pub on: Option<NaiveDate>,
    /// The period that is evaluated.
    pub period: Option<String>,
    /// The language of messages.
    pub lang: Option<Lang>,
}

/// A data file of the settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DataFile {
    /// The form or the rubric's short name that it is for, where one is given.
    pub name: Option<Name>,
    /// Relative to the region's folder.
    pub path: PathBuf,
}

/// H0904. A mistake in the settings.
#[derive(Clone, Debug)]
struct SettingsSlip {
    at: Origin,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Syntax { message: String, unquoted: bool },
    UnknownKey { key: String, near: Option<&'static str> },
    WrongValue { key: String, wanted: Wanted },
}

#[derive(Clone, Copy, Debug)]
enum Wanted {
    Text,
    Files,
    Day,
    Period,
    Lang,
}

impl Settings {
    /// Reads the settings from their text; `file` is the path that is shown.
    pub fn parse(file: &Arc<str>, text: &str) -> (Settings, Diagnostics) {
        let mut reader = Reader { file, lines: LineIndex::new(text), text, found: Vec::new() };
        let (table, errors) = DeTable::parse_recoverable(text);
        for error in errors {
            let span = error.span().unwrap_or(0..0);
            // A name in Chinese must stand in quotes in TOML, and its own message does not say so.
            let unquoted = text.get(span.start..).and_then(|rest| rest.chars().next()).is_some_and(|c| !c.is_ascii());
            reader.tell(span, What::Syntax { message: error.message().to_owned(), unquoted });
        }
        let mut settings = Settings::default();
        table.get_ref().iter().for_each(|(key, value)| reader.entry(key, value, &mut settings));
        // The table is in the order of its keys, what is told in the order of the text.
        reader.found.sort_by_key(|slip| (slip.at.line, slip.at.column));
        let mut found = Diagnostics::new();
        reader.found.into_iter().for_each(|slip| found.push(slip));
        (settings, found)
    }
}

struct Reader<'t> {
    file: &'t Arc<str>,
    lines: LineIndex<'t>,
    text: &'t str,
    found: Vec<SettingsSlip>,
}

type Entry<'t> = Spanned<DeValue<'t>>;

impl Reader<'_> {
    fn tell(&mut self, span: Range<usize>, what: What) {
        let place = self.lines.position(span.start);
        let text = short(self.text.get(span).unwrap_or(""));
        let at = Origin { line: place.line, column: place.column, text, ..Origin::file(self.file.clone()) };
        self.found.push(SettingsSlip { at, what });
    }

    fn entry(&mut self, key: &Spanned<std::borrow::Cow<'_, str>>, value: &Entry<'_>, settings: &mut Settings) {
        let name = key.get_ref().as_ref();
        match name {
            "name" => settings.name = self.text(name, value),
            "rubric" => settings.rubric = self.text(name, value),
            "data" => settings.data = self.data(value),
            "database" => settings.database = self.text(name, value).map(PathBuf::from),
            "on" => {
                let day = match value.get_ref() {
                    DeValue::String(day) => day.parse().ok(),
                    DeValue::Datetime(day) if day.time.is_none() => day.to_string().parse().ok(),
                    _ => None,
                };
                settings.on = self.expect(name, value, day, Wanted::Day);
            }
            "period" => {
                let period = match value.get_ref() {
                    DeValue::String(period) => Some(period.to_string()),
                    DeValue::Integer(year) if year.radix() == 10 => Some(year.as_str().to_owned()),
                    _ => None,
                };
                settings.period = self.expect(name, value, period, Wanted::Period);
            }
            "lang" => {
                let lang = match value.get_ref().as_str() {
                    Some("zh") => Some(Lang::Zh),
                    Some("en") => Some(Lang::En),
                    _ => None,
                };
                settings.lang = self.expect(name, value, lang, Wanted::Lang);
            }
            _ => self.tell(key.span(), What::UnknownKey { key: name.to_owned(), near: nearest(name, KEYS).and_then(static_key) }),
        }
    }

    fn expect<T>(&mut self, key: &str, value: &Entry<'_>, read: Option<T>, wanted: Wanted) -> Option<T> {
        if read.is_none() {
            self.tell(value.span(), What::WrongValue { key: key.to_owned(), wanted });
        }
        read
    }

    fn text(&mut self, key: &str, value: &Entry<'_>) -> Option<String> {
        let text = value.get_ref().as_str().filter(|text| !text.trim().is_empty()).map(str::to_owned);
        self.expect(key, value, text, Wanted::Text)
    }

    /// A file, a list of files, or a table of names, each with a file or a list.
    fn data(&mut self, value: &Entry<'_>) -> Vec<DataFile> {
        let DeValue::Table(table) = value.get_ref() else {
            return self.files("data", value).into_iter().map(|path| DataFile { name: None, path }).collect();
        };
        // In the order written, not in that of the names.
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        let mut data = Vec::new();
        for (name, value) in entries {
            let paths = self.files(name.get_ref(), value);
            data.extend(paths.into_iter().map(|path| DataFile { name: Some(Name::from(name.get_ref().as_ref())), path }));
        }
        data
    }

    fn files(&mut self, key: &str, value: &Entry<'_>) -> Vec<PathBuf> {
        match value.get_ref() {
            DeValue::String(path) if !path.trim().is_empty() => vec![PathBuf::from(path.as_ref())],
            DeValue::Array(items) => {
                let mut paths = Vec::new();
                for item in items.iter() {
                    let path = item.get_ref().as_str().filter(|path| !path.trim().is_empty()).map(PathBuf::from);
                    paths.extend(self.expect(key, item, path, Wanted::Files));
                }
                paths
            }
            _ => {
                self.tell(value.span(), What::WrongValue { key: key.to_owned(), wanted: Wanted::Files });
                Vec::new()
            }
        }
    }
}

fn static_key(key: &str) -> Option<&'static str> {
    KEYS.into_iter().find(|known| *known == key)
}

impl Say for SettingsSlip {
    fn code(&self) -> Code {
        Code::H0904
    }

    fn headline(&self, lang: Lang) -> String {
        match &self.what {
            What::Syntax { message, .. } => {
                lang.say(format!("设置文件的写法不对: {message}"), format!("the settings cannot be read: {message}"))
            }
            What::UnknownKey { key, .. } => lang.say(format!("没有 `{key}` 这项设置"), format!("there is no setting `{key}`")),
            What::WrongValue { key, wanted } => {
                let text = &self.at.text;
                let wanted = match wanted {
                    Wanted::Text => lang.pick("一段文字", "a text"),
                    Wanted::Files => lang.pick("文件路径，或几个文件路径", "a file or a list of files"),
                    Wanted::Day => lang.pick("日期", "a day"),
                    Wanted::Period => lang.pick("年份或学期", "a year or term"),
                    Wanted::Lang => lang.pick("`zh` 或 `en`", "`zh` or `en`"),
                };
                lang.say(
                    format!("设置 `{key}` 应当是{wanted}，这里是 `{text}`"),
                    format!("the setting `{key}` should be {wanted}, but it is `{text}`"),
                )
            }
        }
    }

    fn labels(&self, _lang: Lang) -> Vec<Label> {
        Vec::new()
    }

    fn help(&self, lang: Lang) -> Option<String> {
        match &self.what {
            What::Syntax { unquoted: true, .. } => Some(lang.say(
                "中文名称要加双引号: `\"学校基础数据\" = \"data.csv\"`",
                "put names that are not ASCII in double quotes: `\"学校基础数据\" = \"data.csv\"`",
            )),
            What::Syntax { .. } => None,
            What::UnknownKey { near: Some(near), .. } => Some(lang.say(format!("是不是 `{near}`?"), format!("did you mean `{near}`?"))),
            What::UnknownKey { .. } => {
                let keys = lang.list(KEYS.map(|key| format!("`{key}`")));
                Some(lang.say(format!("可以写: {keys}"), format!("there are: {keys}")))
            }
            What::WrongValue { key, wanted } => {
                let example = match wanted {
                    Wanted::Text => "\"…\"",
                    Wanted::Files => "[\"data/2024.csv\"]",
                    Wanted::Day => "\"2024-12-31\"",
                    Wanted::Period => "\"2024\"",
                    Wanted::Lang => "\"zh\"",
                };
                Some(lang.say(format!("写 `{key} = {example}`"), format!("write `{key} = {example}`")))
            }
        }
    }

    fn origin(&self) -> Option<Origin> {
        Some(self.at.clone())
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn parse(text: &str) -> (Settings, Vec<String>) {
        let (settings, found) = Settings::parse(&"heng.toml".into(), text);
        let line = |what: &crate::diag::Diagnostic| {
            let at = what.origin().unwrap();
            format!("{}:{} {} {}", at.line, at.column, what.headline(Lang::Zh), what.help(Lang::Zh).unwrap_or_default())
        };
        (settings, found.iter().map(line).collect())
    }

    #[test]
    fn everything_can_be_set() {
        let (settings, found) = parse(
            "name = '某县'\nrubric = '优质均衡'\ndatabase = 'a.db'\non = 2024-12-31\nperiod = 2024\nlang = 'en'\n\
             [data]\n'学校' = 'b.csv'\n'县' = ['c.csv', 'd.json']\n",
        );
        assert!(found.is_empty(), "{found:?}");
        let named = |name: &str, path: &str| DataFile { name: Some(name.into()), path: path.into() };
        assert_eq!(settings.data, [named("学校", "b.csv"), named("县", "c.csv"), named("县", "d.json")]);
        assert_eq!((settings.on.unwrap().to_string().as_str(), settings.period.as_deref()), ("2024-12-31", Some("2024")));
        assert_eq!((settings.lang, settings.name.as_deref()), (Some(Lang::En), Some("某县")));
        assert_eq!(parse("data = 'x.csv'").0.data, [DataFile { name: None, path: "x.csv".into() }]);
    }

    #[test]
    fn every_mistake_is_told_in_the_order_of_the_text_and_the_rest_holds() {
        let (settings, found) = parse("rubrik = 'x'\non = '2024-2-30'\nlang = 'de'\ndata = [1]\nname = '某县'\n");
        assert_eq!(settings.name.as_deref(), Some("某县"));
        assert_eq!(
            found,
            [
                "1:1 没有 `rubrik` 这项设置 是不是 `rubric`?",
                "2:6 设置 `on` 应当是日期，这里是 `'2024-2-30'` 写 `on = \"2024-12-31\"`",
                "3:8 设置 `lang` 应当是`zh` 或 `en`，这里是 `'de'` 写 `lang = \"zh\"`",
                "4:9 设置 `data` 应当是文件路径，或几个文件路径，这里是 `1` 写 `data = [\"data/2024.csv\"]`",
            ]
        );
        let (_, found) = parse("名称 = 'x'\n");
        assert!(found.first().unwrap().contains("加双引号"), "{found:?}");
    }
}
