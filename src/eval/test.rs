//! Tests of rules (规则测试): the submissions they give, the results they expect.
//!
//! Not here: reading the files that a test names (`data`).

use super::beside::{Submissions, lay_beside};
use super::column::{Cell, Column, Value};
use super::derivation::show;
use super::exact::{Below, Cells, Subjects, Tier};
use super::form::{asked, fill_options, leave_out};
use super::gap::Gap;
use super::plan::{Lowering, NodeId};
use super::results::Results;
use super::run::{Request, evaluate};
use super::script::Scripts;
use super::split::units;
use super::table::{RowOrigin, Table};
use super::trace::Tracing;
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::model::{Aspect, Expectation, Expr, FieldIx, Form, Given, GivenValue, Level, Node, Rules, Slot, Source, Test, bottom_of};
use crate::number::{Exact, Rounding};
use crate::text::{At, Name, Span, Texts};
use chrono::NaiveDate;
use std::collections::BTreeMap;

/// What a test reads from files.
#[derive(Clone, Debug, Default)]
pub struct TestFiles {
    /// The submissions of its data files.
    pub table: Option<Table>,
    /// Each file of expected results: its rows, header and cell.
    pub expected: BTreeMap<String, Vec<BTreeMap<String, String>>>,
}

/// At most so many failures are told of one file of expected results.
const MOST_TOLD: usize = 10;

/// Runs a test; what does not hold is told.
pub fn run_test(rules: &Rules, texts: &Texts, test: &Test, files: &TestFiles) -> Diagnostics {
    let mut found = Diagnostics::new();
    let Some(rubric) = rules.rubrics.get(test.rubric) else { return found };
    let Some((bottom, form)) = bottom_of(rules, rubric).and_then(|at| Some((at, rules.forms.get(at)?))) else { return found };
    let judged_at = form.split.as_ref().map_or(bottom, |split| split.of);
    let filled_in = rules.forms.get(judged_at).unwrap_or(form);
    let judged: Vec<&Given> = test.given.iter().filter(|given| given.beside.is_none()).collect();
    let mut beside = GivenBeside { rules, test, judged_at };
    let mut table = files.table.clone().unwrap_or_else(|| units(rules, form, beside.table(filled_in, &judged)).table);
    lay_beside(rules, test.rubric, &mut table, &mut beside);
    let on = test.on.unwrap_or_default();
    let request = Request { rules, texts, rubric: test.rubric, table: &table, on: day(rules, test.on, on), tracing: Tracing::Off };
    let Some(results) = evaluate(&request) else { return found };
    // What is expected is computed by the plan of the rubric, to which it is added.
    let mut lowering = Lowering::of_rubric(rules, texts, rubric, request.on);
    for expectation in &test.expectations {
        match expectation {
            Expectation::Holds { condition, .. } => _ = lowering.expr(condition, Level::Subject),
            Expectation::File { columns, .. } => columns.iter().for_each(|(_, value)| _ = lowering.expr(value, Level::Subject)),
        }
    }
    let plan = lowering.plan;
    let (scripts, below) = (Scripts::new(&plan), results.below.as_deref());
    let subjects = Subjects::new(results.subjects.clone(), below.is_none());
    let tier = Tier::new(&plan, &table, &subjects, below.map(|below| below as &dyn Below), &scripts);
    let mut checker = Checker { tier: &tier, request: &request, results: &results, found: &mut found, title: &test.title.it };
    for expectation in &test.expectations {
        match expectation {
            Expectation::Holds { subject, condition } => checker.holds(subject.as_ref(), condition),
            Expectation::File { file, by, columns } => {
                let rows = files.expected.get(&file.it).map(Vec::as_slice).unwrap_or_default();
                checker.file(file, by, columns, rows);
            }
        }
    }
    found
}

/// The day of a test that names none: the last one from which a parameter has a new value, so that all have one.
fn day(rules: &Rules, on: Option<NaiveDate>, fallback: NaiveDate) -> NaiveDate {
    let last = rules.params.iter().flat_map(|param| &param.values).filter_map(|(from, _)| *from).max();
    on.or(last).unwrap_or(fallback)
}

/// What a test gives beside those that are judged.
struct GivenBeside<'t> {
    rules: &'t Rules,
    test: &'t Test,
    /// The form of those that are judged, as it is filled in.
    judged_at: usize,
}

impl Submissions for GivenBeside<'_> {
    fn filled_in(&mut self, form: usize, earlier: u32) -> Option<Table> {
        let mut given: Vec<&Given> = self.test.given.iter().filter(|given| (given.form, given.beside) == (form, Some(earlier))).collect();
        // What lies beside and is of the form that is judged is the same submissions, as it is where they come from a file.
        if given.is_empty() && (form, earlier) == (self.judged_at, 0) {
            given.extend(self.test.given.iter().filter(|given| given.beside.is_none()));
        }
        self.rules.forms.get(form).filter(|_| !given.is_empty()).map(|form| self.table(form, &given))
    }

    fn split(&mut self, form: &Form, submissions: Table) -> Table {
        units(self.rules, form, submissions).table
    }
}

impl GivenBeside<'_> {
    /// Submissions that the test gives, as a table, with the rows of their tables.
    fn table(&self, form: &Form, given: &[&Given]) -> Table {
        let rows = form.tables.iter().filter_map(|table| {
            let given: Vec<&Given> = self.test.given.iter().filter(|given| (given.form, given.beside) == (table.form, Some(0))).collect();
            Some((table.form, given)).filter(|(_, given)| !given.is_empty()).map(|(at, given)| (at, self.table(&table.rows, &given)))
        });
        given_table(form, given, rows.collect())
    }
}

/// The submissions written in a test, as a table.
///
/// * `rows`: the rows of tables of the form that are given, which conditions may read.
fn given_table(form: &Form, given: &[&Given], rows: Vec<(usize, Table)>) -> Table {
    let mut table = Table::new(form, None);
    for (row, given) in given.iter().enumerate() {
        let cell = |field: FieldIx| given.cells.iter().find(|(other, _)| *other == field).map(|(_, value)| &value.it);
        let written = given.key.as_ref().map(|key| Name::from(key.it.as_str()));
        let filled = match cell(form.key) {
            Some(GivenValue::Word(word)) => Some(word.clone()),
            _ => None,
        };
        let key = written.or(filled).unwrap_or_else(|| (row + 1).to_string().into());
        let cells = form.fields.iter().enumerate();
        // INVARIANT: what a test gives a field is of its type, `check` has seen to that.
        let cells = cells.map(|(at, field)| cell(FieldIx(at)).map(Value::from).ok_or_else(|| Gap::missing(&field.name.it)));
        table.push_row(&key, RowOrigin::default(), cells);
    }
    fill_options(form, &mut table);
    rows.into_iter().for_each(|(at, rows)| table.lay_beside(Source::Form(at), 0, rows));
    for field in form.conditional() {
        if let Some(answers) = asked(form, &table, field) {
            leave_out(form, &mut table, field, &answers, &"".into());
        }
    }
    table
}

struct Checker<'c, 'a> {
    tier: &'c Tier<'c>,
    request: &'c Request<'a>,
    results: &'a Results,
    found: &'c mut Diagnostics,
    title: &'c str,
}

impl<'a> Checker<'_, 'a> {
    /// The cells that an expression rests on, and its node, for a subject.
    fn cells(&self, expr: &Expr, row: usize) -> Option<(Vec<Option<Cell<Value>>>, NodeId)> {
        let node = *self.tier.plan.expressions.get(&expr.id)?;
        Some((self.tier.cells(&self.tier.plan.cone([node]), Level::Subject, row), node))
    }

    fn holds(&mut self, subject: Option<&At<String>>, condition: &Expr) {
        let rows: Vec<usize> = match subject {
            None => (0..self.results.subjects.len()).collect(),
            Some(key) => self.results.subject(&key.it).into_iter().collect(),
        };
        if rows.is_empty() {
            let (zh, en) = match subject {
                Some(key) => (format!("测试里没有 `{}`", key.it), format!("the test has no `{}`", key.it)),
                None => ("没有一个评价对象".to_owned(), "there is nobody to judge".to_owned()),
            };
            let at = subject.map_or(condition.span, |key| key.span);
            self.found.push(Mistake::new(Code::H0503, zh, en).here(at, "这里期望", "expected here"));
        }
        for row in rows {
            let Some((cells, node)) = self.cells(condition, row) else { continue };
            let cells = Cells(&cells);
            let cell = cells.flag(node);
            if cell == Ok(true) {
                continue;
            }
            let key = self.results.subjects.get(row).map(|subject| subject.key.to_string()).unwrap_or_default();
            let words = |lang: Lang| {
                let values = sub_values(self, condition, row, &cells, lang);
                let whole = match &cell {
                    Err(gap) => gap.say(lang),
                    Ok(_) => lang.say("不成立", "does not hold"),
                };
                (whole, values.join(lang.pick("，", ", ")))
            };
            let ((zh, values_zh), (en, values_en)) = (words(Lang::Zh), words(Lang::En));
            let title = self.title;
            let headline = |whole: &str| format!("{title} · {key}: {whole}");
            let mistake = Mistake::new(Code::H0503, headline(&zh), headline(&en)).here(condition.span, zh, en);
            self.found.push(if values_zh.is_empty() {
                mistake
            } else {
                mistake.help(format!("实际: {values_zh}"), format!("actually: {values_en}"))
            });
        }
    }

    fn file(&mut self, file: &At<String>, by: &At<Name>, columns: &[(At<Name>, Expr)], rows: &[BTreeMap<String, String>]) {
        if rows.is_empty() {
            let (zh, en) = (format!("`{}` 里没有期望的结果", file.it), format!("`{}` holds no expected results", file.it));
            self.found.push(Mistake::new(Code::H0503, zh, en).here(file.span, "这里期望", "expected here"));
        }
        let nodes: Vec<NodeId> = columns.iter().filter_map(|(_, value)| self.tier.plan.expressions.get(&value.id).copied()).collect();
        let computed = self.tier.columns(&nodes, Level::Subject);
        let mut told = 0;
        for expected in rows {
            let Some(key) = expected.get(by.it.as_str()) else {
                let (zh, en) = (format!("`{}` 没有 `{}` 这一列", file.it, by.it), format!("`{}` has no column `{}`", file.it, by.it));
                self.found.push(Mistake::new(Code::H0503, zh, en).here(by.span, "这里用到", "used here"));
                return;
            };
            let row = self.results.subject(key);
            for ((name, value), column) in columns.iter().zip(&computed) {
                let wanted = expected.get(name.it.as_str()).map_or("", |cell| cell.trim());
                let cell = row.and_then(|row| column.get(row));
                if cell.is_some_and(|cell| agrees(cell, wanted)) {
                    continue;
                }
                told += 1;
                if told > MOST_TOLD {
                    return;
                }
                let actual = |lang: Lang| match cell {
                    Some(Ok(value)) => show(value, Some(12), lang),
                    Some(Err(gap)) => gap.say(lang),
                    None => lang.say("没有这个对象", "nobody of that key"),
                };
                let (zh, en) = (
                    format!("{key} 的 `{}` 应当是 {wanted}，算得 {}", name.it, actual(Lang::Zh)),
                    format!("`{}` of {key} should be {wanted}, and is {}", name.it, actual(Lang::En)),
                );
                let place: Span = name.span.to(value.span);
                self.found.push(Mistake::new(Code::H0503, zh, en).here(place, "这里期望", "expected here"));
            }
        }
    }
}

/// Whether a result is what a file of expected results says, to the decimals that it gives.
fn agrees(cell: &Cell<Value>, wanted: &str) -> bool {
    let decimals = wanted.split_once('.').map_or(0, |(_, decimals)| u32::try_from(decimals.len()).unwrap_or(0));
    match cell {
        Err(_) => wanted.is_empty(),
        Ok(Value::Number(number)) => Exact::parse(wanted).is_ok_and(|wanted| number.round(Rounding::HalfUp, decimals) == wanted),
        Ok(Value::Word(word)) => word.as_str() == wanted,
        Ok(Value::Flag(flag)) => match wanted.to_lowercase().as_str() {
            "yes" | "true" | "是" | "1" => *flag,
            "no" | "false" | "否" | "0" => !*flag,
            _ => false,
        },
        Ok(Value::Date(day)) => day.to_string() == wanted,
    }
}

/// What the parts of a condition came to, so that a failure can be understood without running anything again.
fn sub_values(checker: &Checker<'_, '_>, expr: &Expr, row: usize, cells: &Cells<'_>, lang: Lang) -> Vec<String> {
    let (texts, rubric) = (checker.request.texts, checker.tier.plan.rubric);
    let leaf = matches!(expr.node, Node::Slot(_) | Node::Field(_) | Node::Param(_));
    if leaf {
        let Some(node) = checker.tier.plan.expressions.get(&expr.id) else { return Vec::new() };
        let shown = match cells.get(*node) {
            Ok(value) => show(&value, None, lang),
            Err(gap) => gap.say(lang),
        };
        let mut values = vec![format!("{} = {shown}", texts.slice(expr.span))];
        // Whether a target is met says little without the value and the target.
        if let Node::Slot(Slot::Indicator(at, aspect)) = &expr.node
            && *aspect != Aspect::Value
            && let (Some(indicator), Some(found)) = (rubric.indicators.get(*at), checker.results.indicators.get(*at))
        {
            let code = &indicator.code.it;
            let mut add = |name: String, column: Option<&Column>| {
                if let Some(Ok(value)) = column.and_then(|column| column.get(row)) {
                    values.push(format!("{name} = {}", show(&value, None, lang)));
                }
            };
            add(code.to_string(), found.value.as_ref());
            add(format!("{code}.{}", lang.pick("目标", "target")), found.target.as_ref().filter(|_| *aspect != Aspect::Target));
        }
        return values;
    }
    let mut values: Vec<String> = expr.children().into_iter().flat_map(|inner| sub_values(checker, inner, row, cells, lang)).collect();
    values.dedup();
    values
}
