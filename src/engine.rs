//! The engine for programs that embed it (嵌入接口): rules in, submissions in, results and their reasons out.
//!
//! ```
//! use heng::{Date, Engine, Tracing};
//!
//! let engine = Engine::from_text("rules.heng", r#"
//!     unit 师, 生
//!     form 学校 {
//!       subject 学校 by 名称
//!       名称: text required
//!       教师: integer 师 0..
//!       学生: integer 生 0..
//!     }
//!     rubric 师资 {
//!       reads 学校 as 校
//!       indicator A1 "生师比" { value 校.学生 / 校.教师; target <= 19 生/师 }
//!       conclusion { 达标: A1.met; 未达标: otherwise }
//!     }
//! "#);
//! assert_eq!(engine.errors(), 0, "{}", engine.told());
//! let rubric = engine.rubric("师资").ok_or("no such rubric")?;
//! let (table, _, _) = engine.rows(rubric, [[("名称", "一小"), ("教师", "50"), ("学生", "950")]]).ok_or("no form")?;
//! let day = Date::from_ymd_opt(2024, 9, 1).ok_or("no such day")?;
//! let results = engine.evaluate(rubric, &table, day, Tracing::All).ok_or("cannot be evaluated")?;
//! let why = engine.explain(&table, &results, "一小", heng::Lang::Zh).ok_or("no such school")?;
//! assert_eq!(why[0].parts[0].result, "19");
//! # Ok::<(), &str>(())
//! ```
//! Not here: the command line, which is one such program.

use crate::check::{Line, about_data, about_scripts, check_line};
use crate::data::{self, Counts, DataFile, Encoding, FileError, Options, Region, add_library};
use crate::diag::{Code, Diagnostics, Lang, Mistake};
use crate::eval::{
    Batch, Derivation, Evaluation, Explained, Previous, Request, Results, Ruled, Submissions, Table, Tracing, Wanted, evaluate,
    evaluate_in_parts, explain_all, lay_beside, used_fields,
};
use crate::improve::{Improvement, improvement};
use crate::model::{Form, Rubric, Rules, Source, Straightened, bottom_of};
use crate::syntax::parse;
use crate::text::{Name, Text, Texts};
use chrono::NaiveDate;
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// Submissions to one form that a rubric is evaluated on.
#[derive(Clone, Debug)]
pub struct Input<'e> {
    /// The form that is filled in.
    pub form: &'e Form,
    /// Its place in the rules.
    pub at: usize,
    /// Whether it is also read (另用), not only judged.
    pub beside: bool,
    /// How many periods before those that are judged.
    pub earlier: u32,
    /// The names by which a data file may be given for it: of the form, and by which rubrics speak of it.
    pub names: Vec<Name>,
}

impl Input<'_> {
    /// Whether a name means it; of a form of the library without its prefix, too.
    pub fn is_called(&self, name: &str) -> bool {
        self.names.iter().any(|known| **known == *name || known.ends_with(&format!("/{name}")))
    }
}

/// A table of submissions, what is wrong with those that are not in it, how many there were.
type Taken = (Table, Diagnostics, Counts);

/// Submissions that were read, and what is told of them on the way.
struct FilledIn<'e> {
    engine: &'e Engine,
    filled: Vec<((usize, u32), Table)>,
    found: Diagnostics,
    /// The forms whose submissions were split, and what is wrong with that told.
    told: Vec<Name>,
}

impl Submissions for FilledIn<'_> {
    fn filled_in(&mut self, form: usize, earlier: u32) -> Option<Table> {
        self.filled.iter().find(|(of, _)| *of == (form, earlier)).map(|(_, table)| table.clone())
    }

    fn split(&mut self, form: &Form, submissions: Table) -> Table {
        let Engine { rules, texts, .. } = self.engine;
        let (table, found, _) = data::split(rules, texts, form, (submissions, Diagnostics::new(), Counts::default()));
        if !self.told.contains(&form.name.it) {
            self.told.push(form.name.it.clone());
            self.found.append(found);
        }
        table
    }
}

/// For which of the inputs each file is; `None` for one that is for another form of the same rules.
fn share_out(rules: &Rules, inputs: &[Input<'_>], files: &[DataFile], encoding: Option<Encoding>) -> Vec<Option<usize>> {
    let others = rules.forms.iter().filter(|form| inputs.iter().all(|input| input.form.name != form.name));
    let forms: Vec<&Form> = inputs.iter().map(|input| input.form).chain(others.filter(|form| form.split.is_none())).collect();
    let input = |file: &DataFile| match &file.name {
        Some(name) => inputs.iter().position(|input| input.is_called(name)),
        None if files.len() == 1 => Some(0),
        // What fits none is told as a file of the form that is judged.
        None => Some(data::suited(forms.iter().copied(), &file.path, encoding).unwrap_or(0)),
    };
    let suited: Vec<Option<usize>> = files.iter().map(input).collect();
    // A region may well name the data of all its forms together; but a file that is alone is the one that was meant.
    let judged = suited.contains(&Some(0));
    suited
        .into_iter()
        .map(|at| if judged || at.is_some_and(|at| at < inputs.len()) { at.filter(|at| *at < inputs.len()) } else { Some(0) })
        .collect()
}

/// A form that a rubric also reads, for which there is no file: what rests on it is missing.
fn beside_lacking(input: &Input<'_>) -> Mistake {
    let (form, name) = (&input.form.name.it, input.names.last().map_or("", Name::as_str));
    Mistake::new(Code::H0617, format!("没有另用的 `{form}` 的数据"), format!("there are no data of `{form}`, which is also read"))
        .help(format!("写 `--data {name}=文件.csv`"), format!("write `--data {name}=FILE.csv`"))
}

/// Checked rules, ready to judge.
#[derive(Clone, Debug)]
pub struct Engine {
    texts: Texts,
    rules: Rules,
    /// What is wrong, but for scripts that are slow.
    found: Diagnostics,
    scripts: Vec<Straightened>,
    /// All that there is to tell, once it was asked for.
    told: OnceLock<Diagnostics>,
}

impl Engine {
    /// The rules of a region's folder, with what they use of the built-in library.
    ///
    /// What is wrong with them is in [`Engine::diagnostics`]; whatever could be made of them is there all the same.
    ///
    /// # Errors
    /// H0901, if the folder or its `heng.toml` cannot be read.
    pub fn open(folder: &Path) -> Result<Engine, FileError> {
        let (texts, found) = Region::open(folder)?.texts();
        Ok(Engine::new(texts, found))
    }

    /// The rules of one text, known by a path; the built-in library is there if the text speaks of `national/`.
    pub fn from_text(path: &str, source: &str) -> Engine {
        let mut texts = Texts::new();
        texts.add(path, source);
        add_library(&mut texts, &[]);
        Engine::new(texts, Diagnostics::new())
    }

    /// The rules of texts that are read already, with what was wrong with reading them.
    pub fn new(texts: Texts, found: Diagnostics) -> Engine {
        Engine::of(texts, found, Line::Own)
    }

    /// The same rules where each layer has only what the uppermost above it says, under its own name and read from the same
    /// submissions: what its results are compared with. Without errors only if the layers change nothing that others need.
    #[must_use]
    pub fn uppermost(&self) -> Engine {
        Engine::of(self.texts.clone(), Diagnostics::new(), Line::Uppermost)
    }

    fn of(texts: Texts, mut found: Diagnostics, line: Line) -> Engine {
        let written: Vec<&Text> = texts.iter().filter(|text| !text.path.ends_with(".rhai")).collect();
        let mut trees = Vec::new();
        for (tree, told) in written.into_par_iter().map(parse).collect::<Vec<_>>() {
            trees.push(tree);
            found.append(told);
        }
        let checked = check_line(&texts, &trees, line);
        found.append(checked.found);
        found.sort();
        Engine { texts, rules: checked.rules, found, scripts: checked.scripts, told: OnceLock::new() }
    }

    /// Everything that is wrong with the rules, and which scripts are slow.
    pub fn diagnostics(&self) -> &Diagnostics {
        self.told.get_or_init(|| {
            let mut told = self.found.clone();
            told.append(about_scripts(&self.rules, &self.scripts));
            told.append(about_data(&self.texts, &self.rules, &self.found, &self.scripts));
            told.sort();
            told
        })
    }

    /// How many errors there are; results of rules with errors are not to be trusted.
    pub fn errors(&self) -> usize {
        self.found.errors()
    }

    /// The diagnostics, a line each, in English.
    pub fn told(&self) -> String {
        crate::report::diagnostics::concise(&self.texts, self.diagnostics(), Lang::En)
    }

    /// The texts of the rules.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// The rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// The place of the rubric of a name; those of the library are called `national/…`.
    pub fn rubric(&self, name: &str) -> Option<usize> {
        self.rules.rubrics.iter().position(|rubric| *rubric.name.it == *name)
    }

    /// The rubric at a place.
    pub fn rubric_at(&self, rubric: usize) -> Option<&Rubric> {
        self.rules.rubrics.get(rubric)
    }

    /// The form whose submissions a rubric judges.
    pub fn form(&self, rubric: usize) -> Option<&Form> {
        self.rules.forms.get(bottom_of(&self.rules, self.rules.rubrics.get(rubric)?)?)
    }

    /// The page that a school fills in (网页填报), of the form at a place: one file of HTML that needs no network and tells of
    /// answers what the reader of data tells.
    pub fn form_page(&self, form: usize, lang: Lang) -> Option<String> {
        self.form_page_of(form, None, lang)
    }

    /// The same for one subject, with what it filled in for the period before (上期) beside the inputs and in the checks that speak
    /// of it.
    pub fn form_page_beside(&self, form: usize, previous: &Previous, lang: Lang) -> Option<String> {
        self.form_page_of(form, Some(previous), lang)
    }

    fn form_page_of(&self, form: usize, previous: Option<&Previous>, lang: Lang) -> Option<String> {
        // What is told is made of texts only.
        let words = |form: &Form| serde_json::to_value(data::wordings(form, &self.texts, lang)).unwrap_or_default();
        Some(crate::report::page(self.rules.forms.get(form)?, &words, previous, lang))
    }

    /// The form of what a rubric judges, and the form that is filled in: the same, unless submissions split into units.
    fn forms(&self, rubric: usize) -> Option<(&Form, &Form)> {
        let form = self.form(rubric)?;
        Some((form, form.split.as_ref().and_then(|split| self.rules.forms.get(split.of)).unwrap_or(form)))
    }

    /// Reads submissions for a rubric from data files: a table of those that can be used, what is wrong with the others,
    /// how many there were. Where a rubric also reads other forms, each file is taken for the form that it fits best.
    pub fn read(&self, rubric: usize, files: &[PathBuf], options: &Options<'_>) -> Option<(Table, Diagnostics, Counts)> {
        let unnamed: Vec<DataFile> = files.iter().map(|path| DataFile { name: None, path: path.clone() }).collect();
        self.read_named(rubric, &unnamed, options)
    }

    /// As [`Engine::read`], where files may say by one of [`Input::names`] what they are for.
    pub fn read_named(&self, rubric: usize, files: &[DataFile], options: &Options<'_>) -> Option<(Table, Diagnostics, Counts)> {
        let (form, filled_in) = self.forms(rubric)?;
        let inputs = self.inputs(rubric);
        let of = share_out(&self.rules, &inputs, files, options.encoding);
        let paths = |input: usize| -> Vec<PathBuf> {
            files.iter().zip(&of).filter(|(_, of)| **of == Some(input)).map(|(file, _)| file.path.clone()).collect()
        };
        let paths = |input: usize| {
            let named = paths(input);
            // Earlier submissions stand in the same files, unless they are given apart.
            let shared = named.is_empty() && inputs.get(input).is_some_and(|input| input.form.name == filled_in.name);
            if shared { paths(0) } else { named }
        };
        let mut read = |input: usize, form: &Form, options: &Options<'_>| data::read(form, &paths(input), options);
        self.gather((rubric, form, filled_in), options, &|input| !paths(input).is_empty(), &mut read)
    }

    /// Reads submissions for a rubric from wherever they are: `read` has those to a form, of the period that the options name.
    pub fn read_from(
        &self,
        rubric: usize,
        options: &Options<'_>,
        read: &mut dyn FnMut(&Form, &Options<'_>) -> (Table, Diagnostics, Counts),
    ) -> Option<(Table, Diagnostics, Counts)> {
        let (form, filled_in) = self.forms(rubric)?;
        // Rows of tables stand within their submissions.
        let apart: Vec<bool> = self.inputs(rubric).iter().map(|input| filled_in.tables.iter().all(|rows| rows.form != input.at)).collect();
        let has = |input: usize| apart.get(input).is_some_and(|apart| *apart);
        self.gather((rubric, form, filled_in), options, &has, &mut |_, form, options| read(form, options))
    }

    /// Reads what is judged, and beside it what else is read, each by its place among the inputs.
    fn gather(
        &self,
        (rubric, form, filled_in): (usize, &Form, &Form),
        options: &Options<'_>,
        has: &dyn Fn(usize) -> bool,
        read: &mut dyn FnMut(usize, &Form, &Options<'_>) -> Taken,
    ) -> Option<Taken> {
        let inputs = self.inputs(rubric);
        let used = options.used.map(|used| used.get(..filled_in.fields.len()).unwrap_or(used));
        let options = Options { texts: Some(&self.texts), used, ..*options };
        let judged = data::around(filled_in, &options, &mut |table, options| match table {
            None => Some(read(0, filled_in, options)),
            Some(table) => {
                let at = inputs.iter().position(|input| input.at == table.form).filter(|at| has(*at))?;
                Some(read(at, &table.rows, options))
            }
        })?;
        let (mut table, mut found, counts) = data::split(&self.rules, &self.texts, form, judged);
        let period = match (options.period, counts.periods.as_slice()) {
            (None, [only]) => Some(only.as_str()),
            (period, _) => period,
        };
        let mut filled: Vec<((usize, u32), Table)> = Vec::new();
        for (at, input) in inputs.iter().enumerate() {
            if filled_in.tables.iter().any(|rows| rows.form == input.at) {
                if table.beside(Source::Form(input.at), 0).is_none() {
                    found.push(beside_lacking(input));
                }
                continue;
            }
            if !has(at) {
                found.push(beside_lacking(input));
                continue;
            }
            if at == 0 && !input.beside {
                continue;
            }
            let of_form = input.form.period.as_ref().filter(|period| period.key.is_some());
            let wanted = of_form.zip(period).and_then(|(form, period)| data::earlier(form, period, input.earlier));
            let options = Options { period: wanted.as_deref(), used: None, ..options };
            let (other, told, _) = read(at, input.form, &options);
            // What is wrong with the submissions that are judged is told once.
            if at > 0 {
                found.append(told);
            }
            filled.push(((input.at, input.earlier), other));
        }
        let mut from = FilledIn { engine: self, filled, found, told: Vec::new() };
        lay_beside(&self.rules, rubric, &mut table, &mut from);
        Some((table, from.found, counts))
    }

    /// What a rubric is evaluated on, with the rubrics below and beside it: first the form whose submissions it judges, then what
    /// is also read.
    pub fn inputs(&self, rubric: usize) -> Vec<Input<'_>> {
        let mut inputs = Vec::new();
        self.add_inputs(rubric, None, &mut inputs);
        inputs
    }

    /// Adds the form at the bottom of a rubric, and what the rubrics on the way there also read.
    ///
    /// * `beside`: the name by which another rubric reads the results of this one.
    fn add_inputs<'e>(&'e self, rubric: usize, beside: Option<&Name>, inputs: &mut Vec<Input<'e>>) {
        let mut chain = Vec::new();
        let mut next = self.rules.rubrics.get(rubric);
        while let Some(rubric) = next {
            chain.push(rubric);
            next = match rubric.source {
                Source::Rubric(below) => self.rules.rubrics.get(below),
                Source::Form(_) => None,
            };
        }
        let Some(lowest) = chain.last() else { return };
        if let Source::Form(form) = lowest.source {
            let alias = beside.unwrap_or(&lowest.alias).clone();
            self.add_input((form, 0), Some(alias), beside.is_some(), inputs);
        }
        for other in chain.iter().flat_map(|rubric| &rubric.beside) {
            match other.of {
                Source::Form(form) => self.add_input((form, other.earlier), Some(other.alias.it.clone()), true, inputs),
                Source::Rubric(at) => self.add_inputs(at, Some(&other.alias.it), inputs),
            }
        }
    }

    fn add_input<'e>(&'e self, (form, earlier): (usize, u32), alias: Option<Name>, beside: bool, inputs: &mut Vec<Input<'e>>) {
        let at = self.rules.forms.get(form).and_then(|form| form.split.as_ref()).map_or(form, |split| split.of);
        let Some(form) = self.rules.forms.get(at) else { return };
        match inputs.iter_mut().find(|input| (input.at, input.earlier) == (at, earlier)) {
            Some(known) => {
                known.beside |= beside;
                known.names.extend(alias);
            }
            None => {
                // Of an earlier period the form's name would not say which is meant.
                let named = (earlier == 0).then(|| form.name.it.clone());
                inputs.push(Input { form, at, earlier, beside, names: named.into_iter().chain(alias).collect() });
            }
        }
    }

    /// Which fields of its form a rubric reads, with the rubrics below it: all that has to be kept of submissions to it.
    pub fn fields(&self, rubric: usize, on: NaiveDate) -> Vec<bool> {
        let count = self.form(rubric).map_or(0, |form| form.fields.len());
        let mut used = used_fields(Ruled { rules: &self.rules, texts: &self.texts, rubric, on }, count);
        // Which parts a submission has is asked when it is read.
        for part in self.form(rubric).and_then(|form| form.split.as_ref()).iter().flat_map(|split| &split.parts) {
            for field in part.when.fields() {
                used.get_mut(field.0).into_iter().for_each(|used| *used = true);
            }
        }
        used
    }

    /// Takes submissions for a rubric as a program has them: records of (field, text) pairs.
    pub fn rows<R, P, N, T>(&self, rubric: usize, records: R) -> Option<(Table, Diagnostics, Counts)>
    where
        R: IntoIterator<Item = P>,
        P: IntoIterator<Item = (N, T)>,
        N: AsRef<str>,
        T: AsRef<str>,
    {
        let options = Options { texts: Some(&self.texts), ..Options::default() };
        let (form, filled_in) = self.forms(rubric)?;
        let (table, found, counts) = data::from_records(filled_in, records, &options);
        Some(data::split(&self.rules, &self.texts, form, (table, found, counts)))
    }

    /// Evaluates a rubric, and those below it, on a day. The same arguments give the same results, always.
    pub fn evaluate(&self, rubric: usize, table: &Table, on: NaiveDate, tracing: Tracing) -> Option<Results> {
        evaluate(&Request { rules: &self.rules, texts: &self.texts, rubric, table, on, tracing })
    }

    /// Evaluates as [`Engine::evaluate`] does, without having all results in memory: `something` asks for them part by part.
    pub fn evaluate_in_parts<T>(
        &self,
        rubric: usize,
        table: &Table,
        on: NaiveDate,
        tracing: Tracing,
        something: impl FnOnce(&Evaluation<'_>) -> T,
    ) -> Option<T> {
        evaluate_in_parts(&Request { rules: &self.rules, texts: &self.texts, rubric, table, on, tracing }, something)
    }

    /// A rubric made ready to judge many submissions fast: the same results as [`Engine::evaluate`], of which only those that
    /// are wanted are kept. `None` for a rubric that can only be evaluated whole.
    pub fn batch(&self, rubric: usize, on: NaiveDate, wanted: &Wanted) -> Option<Batch<'_>> {
        Batch::new(Ruled { rules: &self.rules, texts: &self.texts, rubric, on }, wanted)
    }

    /// Why a subject got what it got: every indicator, total and verdict with what it rests on. The results must have
    /// been traced for that subject; `None` if nobody has that key.
    pub fn explain(&self, table: &Table, results: &Results, subject: &str, lang: Lang) -> Option<Vec<Derivation>> {
        let row = results.subject(subject)?;
        Some(explain_all(&self.explained(table, results, lang)?, row))
    }

    /// What would mend what falls short for a subject, by its kind and key: the least changes of the data, each of them tried.
    /// `None` if the rubric does not judge it. The table must have all fields of the form, not only those that the rubric reads.
    pub fn improvement(&self, rubric: usize, table: &Table, on: NaiveDate, kind: &Name, key: &Name) -> Option<Improvement> {
        improvement(&Request { rules: &self.rules, texts: &self.texts, rubric, table, on, tracing: Tracing::Off }, kind, key)
    }

    /// Results with what is needed to explain them.
    pub fn explained<'a>(&'a self, table: &'a Table, results: &'a Results, lang: Lang) -> Option<Explained<'a>> {
        let rubric = self.rules.rubrics.get(results.rubric)?;
        Some(Explained { rules: &self.rules, rubric, texts: &self.texts, table, results, lang, base: None })
    }
}
