//! The formulas of the workbook against the engine: LibreOffice computes random fillings of each form.
//!
//! Where a formula leaves something open that the engine knows, that is allowed only for what the sheet cannot hold; the other
//! way round, and anything else, is a mistake.

use super::filling::{Filled, every_kind, fillings, first_column, made_up, made_up_before, made_up_table, shipped, submitted};
use calamine::{Data, Range, Reader, Xlsx};
use heng::Lang;
use heng::data::CellReader;
use heng::eval::form::{failed, fill_options, fill_previous, not_asked, values};
use heng::eval::{Cause, Cell, Gap, Previous, RowOrigin, Table, Value};
use heng::model::{Expr, FieldIx, Form, Lowered, Source};
use heng::report::{Submitted, TemplateOptions, filled_template, template_beside};
use std::io::Cursor;
use std::path::Path;
use std::process::Command;

/// Fillings of a made-up form, and of each shipped one: of some fifteen.
const FILLINGS: [usize; 2] = [60, 15];

/// What the engine makes of the submissions: asked, checks and computed values, each of all rows.
struct Known {
    asked: Vec<Option<Vec<u8>>>,
    valid: Vec<Vec<Option<bool>>>,
    checks: Vec<Vec<u8>>,
    computed: Vec<Vec<Cell<Value>>>,
    table: Table,
    /// The same of the rows of each table, those of one submission after those of another.
    own: Vec<Known>,
}

/// * `earlier`: the submissions of the period before.
fn known(form: &Form, rows: &[Vec<String>], tables: &[Vec<Vec<Vec<String>>>], earlier: Option<&Table>) -> Known {
    let mut table = Table::new(form, None);
    let readers: Vec<CellReader> = form.fields.iter().map(|field| CellReader::new(field, false)).collect();
    let mut valid = vec![Vec::new(); form.fields.len()];
    for row in rows {
        let cells: Vec<Cell<Value>> = (0..form.fields.len())
            .map(|at| {
                let name = &form.fields[at].name.it;
                let read = readers[at].read(row.get(at).map_or("", String::as_str));
                valid[at].push(read.as_ref().ok().map_or(Some(false), |value| value.as_ref().map(|_| true)));
                match read {
                    Ok(Some(value)) => Ok(value),
                    Ok(None) => Err(Gap::missing(name)),
                    Err(_) => Err(Gap::undefined(Cause::Refused(name.clone()))),
                }
            })
            .collect();
        table.push_row(&row[form.key.0], RowOrigin::default(), cells);
    }
    fill_options(form, &mut table);
    earlier.into_iter().for_each(|earlier| fill_previous(form, &mut table, earlier));
    let mut own = Vec::new();
    for (at, of) in form.tables.iter().enumerate() {
        let all: Vec<Vec<String>> = rows
            .iter()
            .zip(tables)
            .flat_map(|(row, tables)| {
                let period = form.period.as_ref().and_then(|period| period.key).map(|period| row[period.0].clone());
                let whose: Vec<String> = [String::new(), row[form.key.0].clone()].into_iter().chain(period).collect();
                tables[at].iter().map(move |cells| whose.iter().chain(cells).cloned().collect())
            })
            .enumerate()
            .map(|(number, mut cells): (usize, Vec<String>)| {
                cells[0] = format!("{number:06}");
                cells
            })
            .collect();
        let known = known(&of.rows, &all, &[], None);
        let mut kept = known.table.clone();
        let mut keep = vec![true; all.len()];
        for failure in failed(&of.rows, &kept) {
            if of.rows.checks[failure.check].refuses {
                keep[failure.row] = false;
            }
        }
        kept.retain(&keep);
        table.lay_beside(Source::Form(of.form), 0, kept);
        own.push(known);
    }
    let column = |table: &Table, expr: &Expr| values(form, table, &[expr]).remove(0);
    let mut asked = vec![None; form.fields.len()];
    for at in form.conditional() {
        let codes: Vec<u8> = column(&table, form.fields[at.0].when.as_ref().unwrap()).iter().map(code).collect();
        for (row, code) in codes.iter().enumerate() {
            if matches!(code, 1 | 3) {
                table.put(at, row, not_asked(&form.fields[at.0], &"".into()));
            }
        }
        asked[at.0] = Some(codes);
    }
    let checks = form.checks.iter().map(|check| column(&table, &check.condition).iter().map(code).collect()).collect();
    let computed = form.computed.iter().map(|computed| column(&table, &computed.value)).collect();
    Known { asked, valid, checks, computed, table, own }
}

fn code(cell: &Cell<Value>) -> u8 {
    match cell {
        Ok(Value::Flag(true)) => 4,
        Ok(_) => 1,
        Err(Gap::NotApplicable(_)) => 3,
        Err(_) => 2,
    }
}

/// What is compared, and what differs.
#[derive(Default)]
struct Comparison {
    compared: usize,
    /// Left open, of made-up and of shipped forms.
    open: [usize; 2],
    slips: Vec<String>,
    which: usize,
    name: String,
}

impl Comparison {
    fn differ(&mut self, what: String, expected: u8, found: Option<u8>) {
        self.compared += 1;
        match found {
            Some(found) if found == expected => {}
            // Why something is not known may differ where a division by zero stands beside what is not asked.
            Some(2) => self.open[self.which] += 1,
            Some(3) if expected == 2 => self.open[self.which] += 1,
            found => self.slips.push(format!("{}: {what}: {expected}, not {found:?}", self.name)),
        }
    }

    fn value(&mut self, what: String, known: &Cell<Value>, found: &str) {
        if !same_value(known, found) && !found.is_empty() {
            self.differ(format!("{what} is {known:?}, not {found:?}"), 4, None);
        }
    }

    /// Rows of a sheet with a row each.
    ///
    /// * `from`: the first field that stands there; `first`: of the rows that are known those from this one on.
    fn rows(&mut self, form: &Form, sheet: &Range<Data>, from: usize, rows: &[Vec<String>], known: &Known, first: usize) {
        let asked: Vec<usize> = (from..form.fields.len()).filter(|at| form.fields[*at].is_asked()).collect();
        let (fields, computed) = (asked.len(), form.computed.len());
        let hidden = 1 + fields + computed;
        for (at_row, filled_in) in rows.iter().enumerate() {
            let at = |column: usize| sheet.get((4 + at_row, column));
            let small = |column: usize| at(column).and_then(|cell| cell.to_string().parse::<u8>().ok());
            let row = first + at_row;
            for ((place, field), text) in asked.iter().copied().enumerate().zip(filled_in) {
                let name = &form.fields[field].name.it;
                let asked = known.asked[field].as_ref().map(|asked| asked[row]);
                if let Some(asked) = asked {
                    self.differ(format!("row {row}, {name} asked"), asked, small(hidden + 1 + place));
                }
                let needless = || {
                    let otherwise = not_asked(&form.fields[field], &"".into());
                    let read = CellReader::new(&form.fields[field], false).read(text);
                    if otherwise.is_ok() && read.is_ok_and(|value| value == otherwise.ok()) { 3 } else { 4 }
                };
                let state = match (asked, known.valid[field][row]) {
                    (Some(1 | 3), None) => 3,
                    (Some(1 | 3), Some(_)) => needless(),
                    (_, Some(true)) => 0,
                    (_, Some(false)) => 5,
                    (None | Some(4), None) if form.fields[field].required || form.key.0 == field => 2,
                    (_, None) => 1,
                };
                // What is not decided on the sheet is neither required nor grey there.
                if asked.is_none() || asked == small(hidden + 1 + place) {
                    self.differ(format!("row {row}, state of {name} {text:?}"), state, small(hidden + 1 + 3 * fields + place));
                }
            }
            for check in 0..form.checks.len() {
                let found = match at(hidden + 1 + 4 * fields + check) {
                    None | Some(Data::Empty) => Some(2),
                    Some(cell) => cell.to_string().parse().ok(),
                };
                self.differ(format!("row {row}, {}", form.checks[check].message), known.checks[check][row], found);
            }
            for (position, (value, name)) in known.computed.iter().zip(&form.computed).enumerate() {
                let found = at(1 + fields + position).map(ToString::to_string).unwrap_or_default();
                self.value(format!("row {row}, {}", name.name.it), &value[row], &found);
            }
        }
    }
}

#[test]
fn libreoffice_says_what_the_engine_says() {
    if Command::new("soffice").arg("--version").output().is_err() {
        eprintln!("soffice is not installed: skipped");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut cases: Vec<(Form, Vec<Filled>, usize, Option<Table>)> = Vec::new();
    let mut forms = shipped();
    let shipped = forms.len();
    forms.extend((1..=3).map(made_up));
    forms.push(every_kind());
    forms.extend((1..=2).map(made_up_table));
    let alone_only = forms.len();
    forms.extend((1..=3).map(made_up_before));
    for (number, form) in forms.into_iter().enumerate() {
        // With last period's answers beside, each in a workbook of its own.
        let beside = number >= alone_only;
        let many = if beside {
            12
        } else if form.tables.is_empty() {
            FILLINGS[usize::from(number < shipped)]
        } else {
            6
        };
        let filled = fillings(&form, number as u64 + 7, many);
        let earlier = beside.then(|| {
            let before: Vec<Vec<String>> = fillings(&form, number as u64 + 70, many).into_iter().map(|(row, _)| row).collect();
            known(&form, &before, &[], None).table
        });
        let entries: Vec<Submitted> = filled.iter().map(|filled| submitted(&form, filled)).collect();
        let options = TemplateOptions { rows: Some(u32::try_from(many).unwrap()), lang: Lang::Zh };
        if !beside {
            std::fs::write(folder.path().join(format!("r{number}.xlsx")), filled_template(&form, &options, &entries).unwrap()).unwrap();
        }
        // A few of them each in a workbook of its own; what is taken of tables is said there only.
        let alone = if form.tables.is_empty() && !beside { 2 } else { many };
        for (row, entries) in entries.iter().take(alone).enumerate() {
            let options = TemplateOptions { rows: None, lang: Lang::Zh };
            let one = std::slice::from_ref(entries);
            let bytes = match earlier.as_ref().and_then(|earlier| Previous::of(&form, earlier, &filled[row].0[form.key.0])) {
                Some(previous) => template_beside(&form, &options, &previous, one).unwrap(),
                None => filled_template(&form, &options, one).unwrap(),
            };
            std::fs::write(folder.path().join(format!("v{number}-{row}.xlsx")), bytes).unwrap();
        }
        cases.push((form, filled, alone, earlier));
    }
    recalculate(folder.path());
    let mut all = Comparison::default();
    // How much of what is taken of tables is known.
    let (mut of_tables, mut known_of_tables) = (0, 0);
    let (mut of_before, mut known_of_before) = (0, 0);
    for (number, (form, filled, alone, earlier)) in cases.iter().enumerate() {
        let rows: Vec<Vec<String>> = filled.iter().map(|(row, _)| row.clone()).collect();
        let tables: Vec<_> = filled.iter().map(|(_, tables)| tables.clone()).collect();
        let known = known(form, &rows, &tables, earlier.as_ref());
        (all.which, all.name) = (usize::from(number < shipped), form.name.it.to_string());
        if form.tables.is_empty() && earlier.is_none() {
            let sheet = read(&folder.path().join("out").join(format!("r{number}.xlsx")), "填报");
            all.rows(form, &sheet, 0, &rows, &known, 0);
        }
        let mut first = vec![0; form.tables.len()];
        for row in 0..*alone {
            let path = folder.path().join("out").join(format!("v{number}-{row}.xlsx"));
            let sheet = read(&path, "校验与计算");
            let text = |at: usize, column: usize| sheet.get((at, column)).map(ToString::to_string).unwrap_or_default();
            for check in 0..form.checks.len() {
                let reads_before = |at: &FieldIx| matches!(form.fields[at.0].details.lowered, Some(Lowered::Previous(_)));
                if earlier.is_some() && form.checks[check].fields.iter().any(reads_before) {
                    of_before += 1;
                    known_of_before += usize::from(text(3 + check, 4) != "交上去后检查");
                }
                all.differ(
                    format!("alone {row}, {}", form.checks[check].message),
                    known.checks[check][row],
                    text(3 + check, 6).parse().ok(),
                );
            }
            let lines = form.checks.len() + form.tables.iter().map(|table| table.rows.checks.len()).sum::<usize>();
            for (at, (value, computed)) in known.computed.iter().zip(&form.computed).enumerate() {
                let found = text(3 + lines + 2 + at, 4);
                if !form.tables.is_empty() {
                    of_tables += 1;
                    known_of_tables += usize::from(found != "交上去后检查");
                }
                if found != "交上去后检查" {
                    all.value(format!("alone {row}, {}", computed.name.it), &value[row], &found);
                    // What has a value shows it.
                    assert!(value[row].is_err() || !found.is_empty(), "{row}: {} of {}", computed.name.it, form.name.it);
                }
            }
            for (at, table) in form.tables.iter().enumerate() {
                let own = &filled[row].1[at];
                all.rows(&table.rows, &read(&path, &table.name.it), first_column(form), own, &known.own[at], first[at]);
                first[at] += own.len();
            }
        }
    }
    let Comparison { compared, open, slips, .. } = all;
    assert!(slips.is_empty(), "{} of {compared} differ:\n{}", slips.len(), slips[..slips.len().min(40)].join("\n"));
    // The made-up forms ask for more than a sheet can say; the shipped ones must not.
    println!("{open:?} of {compared} are left open; {known_of_tables} of {of_tables} values over tables are said");
    assert!(compared > 15_000 && open[0] * 4 < compared && open[1] == 0, "{open:?} of {compared} are left open");
    assert!(known_of_tables * 20 > of_tables * 19, "{known_of_tables} of {of_tables}");
    println!("{known_of_before} of {of_before} checks over the period before are said");
    assert!(of_before > 200 && known_of_before * 10 > of_before * 8, "{known_of_before} of {of_before}");
}

fn same_value(known: &Cell<Value>, found: &str) -> bool {
    match known {
        Ok(Value::Number(number)) => {
            let number = number.to_f64();
            found.parse::<f64>().is_ok_and(|found| (found - number).abs() <= 1e-9 * number.abs().max(1e-3))
        }
        Ok(Value::Flag(flag)) => found == if *flag { "是" } else { "否" },
        Ok(value) => found == value.word().as_str(),
        Err(_) => found.is_empty(),
    }
}

/// LibreOffice computes every workbook of a folder anew, into `out`.
fn recalculate(folder: &Path) {
    let profile = folder.join("profile");
    std::fs::create_dir_all(profile.join("user")).unwrap();
    let always = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>"#;
    std::fs::write(profile.join("user/registrymodifications.xcu"), always).unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    files.sort();
    let done = Command::new("soffice")
        .arg(format!("-env:UserInstallation=file://{}", profile.display()))
        .args(["--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir"])
        .arg(folder.join("out"))
        .args(files)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn read(path: &Path, sheet: &str) -> Range<Data> {
    let mut book: Xlsx<Cursor<Vec<u8>>> = Xlsx::new(Cursor::new(std::fs::read(path).unwrap())).unwrap();
    let range = book.worksheet_range(sheet).unwrap();
    // From the first cell on, whatever is empty there.
    let (rows, columns) = range.end().unwrap();
    range.range((0, 0), (rows, columns))
}
