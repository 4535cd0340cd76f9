//! Taking in a workbook (收工作簿): its rows, put together from all its sheets, to the intake.
//!
//! A submission that is spread over several sheets is joined by its key and period; what stands on two of them must be the
//! same. Everything that is told names the sheet and the cell.
//! Not here: which columns are which fields (`layout`), what a row comes to (`batch`).

use super::layout::{Headed, Template, groups};
use super::read::{SheetRow, Shown, Workbook};
use super::tables;
use super::told::About;
use crate::data::batch::{Batch, Raw, RawRow};
use crate::data::cells::{clean, fold};
use crate::data::findings::{What, short};
use crate::data::heading::is_total;
use crate::data::intake::{Intake, Seat, Seats, Spot};
use crate::diag::Origin;
use crate::model::FieldType;
use crate::text::nearest;
use std::collections::HashMap;
use std::sync::Arc;

/// The sheet with all findings in a workbook that is given back with remarks.
pub const SUMMARY_SHEET: &str = "问题汇总";

/// Rows come in batches, so that no array has to be moved while it grows.
const BATCH_ROWS: usize = 4_096;

/// Takes in the submissions of a workbook.
pub(in crate::data) fn take(intake: &mut Intake<'_>, book: &Workbook) {
    let template = Template::of(book);
    if let Some(template) = &template
        && !is_of_this_form(intake, book, template)
    {
        return;
    }
    if book.outside {
        let file = open(intake, Seats { path: book.path.clone(), sheets: Vec::new(), fields: Vec::new(), rows: HashMap::new() });
        about(intake, file, Spot::default(), About::Outside);
    }
    match template {
        Some(template) if template.vertical => vertical(intake, book, &template),
        Some(template) => {
            sheets(intake, book, Headed::of_template(&intake.known, book, &template));
            tables::of_template(intake, book, &template, None);
        }
        None => {
            // What was written into a workbook that was given back is no data.
            let of_table = tables::by_name(intake, book);
            let visible = book.sheets.iter().filter(|sheet| !sheet.hidden && &*sheet.name != SUMMARY_SHEET);
            let visible = visible.filter(|sheet| !of_table.contains(&sheet.name));
            let headed = visible.filter_map(|sheet| Headed::of(&intake.known, intake.fitting.as_ref(), sheet)).collect();
            sheets(intake, book, headed);
        }
    }
}

/// Opens a file of rows, which is (a part of) a workbook.
pub(super) fn open(intake: &mut Intake<'_>, seats: Seats) -> u32 {
    let name: Arc<str> = match seats.sheets.first() {
        Some(sheet) => format!("{}!{sheet}", seats.path).into(),
        None => seats.path.clone(),
    };
    let file = intake.open(name);
    intake.seats.insert(file, seats);
    file
}

fn about(intake: &mut Intake<'_>, file: u32, spot: Spot, what: About) {
    intake.tell_at(file, spot, What::Book(Box::new(what)));
}

/// Whether the template is that of the form; of another version it still is.
fn is_of_this_form(intake: &mut Intake<'_>, book: &Workbook, template: &Template) -> bool {
    let form = intake.plan.form;
    let version = form.version.clone().unwrap_or_default();
    let bare = |name: &str| name.rsplit('/').next().unwrap_or(name).to_owned();
    let other = bare(&template.form) != bare(&form.name.it);
    if !other && template.version == version {
        return true;
    }
    let seats = Seats { path: book.path.clone(), sheets: Vec::new(), fields: Vec::new(), rows: HashMap::new() };
    let file = open(intake, seats);
    let what = match other {
        true => About::AnotherForm { found: template.form.clone(), wanted: form.name.it.clone() },
        false => About::AnotherVersion { found: template.version.clone(), wanted: version },
    };
    about(intake, file, Spot::default(), what);
    !other
}

/// One submission, an answer a cell.
fn vertical(intake: &mut Intake<'_>, book: &Workbook, template: &Template) {
    let count = intake.plan.form.fields.len();
    let names: Vec<String> = template.cells.iter().map(|cell| cell.field.clone()).collect();
    let mut seats = Seats { path: book.path.clone(), sheets: Vec::new(), fields: vec![None; count], rows: HashMap::new() };
    let mut cells: Vec<Option<Shown<'_>>> = vec![None; count];
    for cell in &template.cells {
        let (Some(field), Some(sheet)) = (intake.known.find(&cell.field), book.sheet(&cell.sheet)) else { continue };
        let at = seats.sheets.iter().position(|name| *name == sheet.name).unwrap_or_else(|| {
            seats.sheets.push(sheet.name.clone());
            seats.sheets.len() - 1
        });
        let kind = intake.plan.form.fields.get(field).map(|field| &field.kind);
        if let (Some(seat), Some(place), Some(kind)) = (seats.fields.get_mut(field), cells.get_mut(field), kind) {
            *seat = Some((at, Some(cell.row as usize), cell.column as usize + 1));
            *place = Some(sheet.row(cell.row).map_or_else(Shown::default, |row| row.shown(cell.column, kind)));
        }
    }
    let key_row =
        template.cells.iter().find(|cell| intake.known.find(&cell.field) == Some(intake.plan.form.key.0)).map_or(0, |cell| cell.row);
    let spots: Vec<Spot> = template
        .cells
        .iter()
        .map(|cell| Spot { line: cell.row as usize, column: cell.column as usize + 1, sheet: Some(cell.sheet.as_str().into()) })
        .collect();
    let file = open(intake, seats);
    if intake.header(file, &names, &|at| spots.get(at).cloned().unwrap_or_default()).is_none() {
        return;
    }
    let blank = cells.iter().flatten().all(|cell| clean(cell.text()).is_empty());
    if blank {
        return intake.tell_at(file, Spot::default(), What::NoData { header_only: true });
    }
    let Some(seats) = intake.seats.remove(&file) else { return };
    let mut batch = batch(intake, file, &seats);
    batch.row(&BookRow { line: key_row as usize, cells: &cells, seats: &seats, places: &[] });
    intake.append(batch);
    intake.seats.insert(file, seats);
    tables::of_template(intake, book, template, Some(tables::Whose { at: (file, key_row), cells: &cells }));
}

pub(super) fn batch<'p>(intake: &Intake<'p>, file: u32, seats: &Seats) -> Batch<'p> {
    let batch = Batch::new(intake.plan, &intake.table, file, 0).asked_by(&intake.questions);
    match seats.sheets.first() {
        Some(sheet) => batch.of_sheet(seats.path.clone(), sheet.clone()),
        None => batch,
    }
}

/// Sheets with a row for each submission, or for a part of it.
fn sheets(intake: &mut Intake<'_>, book: &Workbook, headed: Vec<Headed<'_>>) {
    let form = intake.plan.form;
    let alone = form.fields.len() == 1;
    let has_key = |headed: &Headed<'_>| {
        let mut fields = headed.fields.iter().flatten();
        headed.fields.contains(&Some(form.key.0)) && (alone || fields.any(|field| *field != form.key.0))
    };
    let (usable, others): (Vec<_>, Vec<_>) = headed.into_iter().partition(has_key);
    if usable.is_empty() {
        // The sheet that comes nearest is told about as if it were the only one.
        let best = others.into_iter().reduce(|best, other| if other.has().len() > best.has().len() { other } else { best });
        match best {
            Some(best) => rows(intake, book, &[best]),
            None => nothing(intake, book),
        }
        return;
    }
    for other in others.iter().filter(|other| other.has().len() > 1) {
        let seats = Seats { path: book.path.clone(), sheets: vec![other.sheet.name.clone()], fields: Vec::new(), rows: HashMap::new() };
        let file = open(intake, seats);
        let key = form.fields.get(form.key.0).map_or_else(|| "".into(), |field| field.name.it.clone());
        about(intake, file, Spot { line: other.head as usize, column: 0, sheet: None }, About::NoKey { key });
    }
    for group in groups(usable, form.key.0) {
        rows(intake, book, &group);
    }
}

/// No sheet has a column that is a field.
fn nothing(intake: &mut Intake<'_>, book: &Workbook) {
    let first = book.sheets.iter().find(|sheet| !sheet.hidden).or(book.sheets.first());
    let sheets = first.map(|sheet| sheet.name.clone()).into_iter().collect();
    let file = open(intake, Seats { path: book.path.clone(), sheets, fields: Vec::new(), rows: HashMap::new() });
    let head = first.and_then(|sheet| sheet.rows().next());
    match head {
        None => intake.tell(file, 0, 0, What::NoData { header_only: false }),
        Some(head) => {
            let line = head.number as usize;
            // None of these is a field, and that is what is told.
            _ = intake.header(file, &head.texts(), &|at| Spot::from((line, at + 1)));
        }
    }
}

/// A column of a sheet that has a field which an earlier sheet has, too.
struct Again {
    sheet: usize,
    field: usize,
    column: u32,
}

/// Rows that are known by the first of these sheets.
fn rows(intake: &mut Intake<'_>, book: &Workbook, group: &[Headed<'_>]) {
    let form = intake.plan.form;
    let mut fields: Vec<Option<Seat>> = vec![None; form.fields.len()];
    let (mut names, mut places, mut again) = (Vec::new(), Vec::new(), Vec::new());
    for (sheet, headed) in group.iter().enumerate() {
        let filled = |column: u32| headed.sheet.rows_from(headed.head + 1).any(|row| row.cell(column).is_some());
        for (at, name) in headed.names.iter().enumerate() {
            let column = u32::try_from(at).unwrap_or(u32::MAX);
            let field = headed.fields.get(at).copied().flatten();
            // A column that only keeps others apart.
            if name.is_empty() && !filled(column) {
                continue;
            }
            let seat = field.and_then(|field| fields.get_mut(field));
            match (field, seat) {
                (Some(field), Some(Some((first, ..)))) if *first != sheet => {
                    again.push(Again { sheet, field, column });
                    continue;
                }
                (_, Some(seat)) if seat.is_none() => *seat = Some((sheet, None, at + 1)),
                _ => {}
            }
            names.push(name.clone());
            places.push((headed, at + 1));
        }
    }
    let sheets: Vec<Arc<str>> = group.iter().map(|headed| headed.sheet.name.clone()).collect();
    let file = open(intake, Seats { path: book.path.clone(), sheets, fields, rows: HashMap::new() });
    let spot = |at: usize| {
        let place = places.get(at);
        let spot = |(headed, column): &(&Headed<'_>, usize)| Spot {
            line: headed.head as usize,
            column: *column,
            sheet: Some(headed.sheet.name.clone()),
        };
        place.map(spot).unwrap_or_default()
    };
    if intake.header(file, &names, &spot).is_none() {
        return;
    }
    let Some(mut seats) = intake.seats.remove(&file) else { return };
    let read = intake.counts.read;
    let others = Others::of(intake, group);
    let mut used: Vec<Vec<bool>> = others.iter().map(|other| vec![false; other.rows.len()]).collect();
    let mut filling = batch(intake, file, &seats);
    let mut told: Vec<(Origin, What)> = Vec::new();
    for row in group.first().into_iter().flat_map(|first| first.sheet.rows_from(first.head + 1)) {
        let mut places = vec![Some(row)];
        let unfilled = |headed: &&Headed<'_>| {
            let filled = |(column, field): (u32, &Option<usize>)| field.is_some() && !clean(&row.text(column, None)).is_empty();
            headed.made && !(0..).zip(&headed.fields).any(filled)
        };
        if group.first().is_some_and(|first| unfilled(&first)) {
            continue;
        }
        let key = if others.is_empty() { None } else { identity(intake, group.first(), row) };
        for (other, used) in others.iter().zip(&mut used) {
            let free =
                key.as_ref().and_then(|key| other.by_key.get(key)).and_then(|rows| rows.iter().find(|at| used.get(**at) == Some(&false)));
            places.push(free.and_then(|at| {
                used.get_mut(*at).into_iter().for_each(|used| *used = true);
                other.rows.get(*at).copied()
            }));
        }
        let known = key.as_ref().is_some_and(|(key, _)| !key.is_empty() && !is_total(key));
        for (at, other) in others.iter().enumerate().filter(|(at, _)| known && matches!(places.get(at + 1), Some(None))) {
            let key = key.as_ref().map_or("", |(key, _)| key.as_str());
            let place = seats.place(row.number as usize, form.key.0);
            told.push((origin(&seats, place, key), other.lacks(key, group.get(at + 1), used.get(at))));
        }
        let cells = cells(form.fields.iter().map(|field| &field.kind), &seats, &places);
        if let Some(rows) = more_rows(&places) {
            seats.rows.insert(row.number as usize, rows);
        }
        let cells = agreed(cells, &again, &places, &seats, group, intake, &mut told);
        filling.row(&BookRow { line: row.number as usize, cells: &cells, seats: &seats, places: &places });
        if filling.rows.rows() >= BATCH_ROWS {
            let next = batch(intake, file, &seats);
            intake.append(std::mem::replace(&mut filling, next));
        }
    }
    intake.append(filling);
    intake.seats.insert(file, seats);
    for (at, what) in told {
        intake.tell_origin(file, at, what);
    }
    // What stands on another sheet only.
    for (at, (other, used)) in others.iter().zip(&used).enumerate() {
        let left: Vec<SheetRow<'_>> = other.rows.iter().zip(used).filter(|(_, used)| !**used).map(|(row, _)| *row).collect();
        if let (false, Some(headed)) = (left.is_empty(), group.get(at + 1)) {
            left_over(intake, book, headed, group.first(), &left);
        }
    }
    if intake.counts.read == read {
        intake.tell(file, 0, 0, What::NoData { header_only: true });
    }
}

/// The rows of the sheets after the first, by key and period.
struct Others<'b> {
    rows: Vec<SheetRow<'b>>,
    by_key: HashMap<(String, String), Vec<usize>>,
}

impl<'b> Others<'b> {
    fn of(intake: &Intake<'_>, group: &[Headed<'b>]) -> Vec<Others<'b>> {
        let of = |headed: &Headed<'b>| {
            let rows: Vec<SheetRow<'b>> = headed.sheet.rows_from(headed.head + 1).collect();
            let mut by_key: HashMap<(String, String), Vec<usize>> = HashMap::new();
            for (at, row) in rows.iter().enumerate() {
                if let Some(key) = identity(intake, Some(headed), *row) {
                    by_key.entry(key).or_default().push(at);
                }
            }
            Others { rows, by_key }
        };
        group.iter().skip(1).map(of).collect()
    }

    /// That this key does not stand there.
    fn lacks(&self, key: &str, headed: Option<&Headed<'_>>, used: Option<&Vec<bool>>) -> What {
        let free = |rows: &Vec<usize>| rows.iter().any(|at| used.and_then(|used| used.get(*at)) == Some(&false));
        let mut keys: Vec<&str> = self.by_key.iter().filter(|(_, rows)| free(rows)).map(|((key, _), _)| key.as_str()).collect();
        keys.sort_unstable();
        // Looking for what is alike among thousands would take longer than reading them.
        keys.truncate(500);
        let sheet = headed.map_or("", |headed| &headed.sheet.name).to_owned();
        let near = nearest(key, keys).map(|near| short(near).to_string());
        What::Book(Box::new(About::NotOnSheet { key: short(key).to_string(), sheet, near }))
    }
}

/// Key and period of a row, as they are compared; no period where the sheet has none.
fn identity(intake: &Intake<'_>, headed: Option<&Headed<'_>>, row: SheetRow<'_>) -> Option<(String, String)> {
    let form = intake.plan.form;
    let column = |field: usize| {
        let at = headed?.fields.iter().position(|other| *other == Some(field))?;
        let text = row.text(u32::try_from(at).ok()?, form.fields.get(field).map(|field| &field.kind));
        Some(fold(clean(&text)).into_owned())
    };
    Some((column(form.key.0)?, intake.plan.period.and_then(column).unwrap_or_default()))
}

/// The cells of a row by field.
fn cells<'b, 'f>(kinds: impl Iterator<Item = &'f FieldType>, seats: &Seats, places: &[Option<SheetRow<'b>>]) -> Vec<Option<Shown<'b>>> {
    let cell = |(seat, kind): (&Option<Seat>, &FieldType)| {
        let (sheet, _, column) = (*seat)?;
        let column = u32::try_from(column.checked_sub(1)?).ok()?;
        let row = places.get(sheet).copied().flatten();
        Some(row.map_or_else(Shown::default, |row| row.shown(column, kind)))
    };
    seats.fields.iter().zip(kinds).map(cell).collect()
}

/// The numbers of the row on each sheet, where there are several.
fn more_rows(places: &[Option<SheetRow<'_>>]) -> Option<Vec<Option<usize>>> {
    (places.len() > 1).then(|| places.iter().map(|row| row.map(|row| row.number as usize)).collect())
}

fn origin(seats: &Seats, place: Option<Spot>, text: &str) -> Origin {
    let Spot { line, column, sheet } = place.unwrap_or_default();
    Origin { line, column, sheet, text: short(text), ..Origin::file(seats.path.clone()) }
}

/// The cells with what only stands on a later sheet; what stands on two is to be the same.
fn agreed<'b>(
    mut cells: Vec<Option<Shown<'b>>>,
    again: &[Again],
    places: &[Option<SheetRow<'b>>],
    seats: &Seats,
    group: &[Headed<'_>],
    intake: &Intake<'_>,
    told: &mut Vec<(Origin, What)>,
) -> Vec<Option<Shown<'b>>> {
    let form = intake.plan.form;
    for Again { sheet, field, column } in again.iter().filter(|again| again.field != form.key.0) {
        let (Some(Some(row)), Some(field_of), Some(cell)) = (places.get(*sheet), form.fields.get(*field), cells.get_mut(*field)) else {
            continue;
        };
        let here = row.shown(*column, &field_of.kind);
        let Some(first) = cell else { continue };
        if clean(here.text()).is_empty() || fold(clean(here.text())) == fold(clean(first.text())) {
            continue;
        }
        if clean(first.text()).is_empty() {
            *first = here;
            continue;
        }
        let of_first = places.first().copied().flatten().and_then(|row| seats.place(row.number as usize, *field));
        let at = origin(seats, of_first, "").cell().unwrap_or_default();
        let spot = Spot {
            line: row.number as usize,
            column: *column as usize + 1,
            sheet: group.get(*sheet).map(|headed| headed.sheet.name.clone()),
        };
        let what = About::Differs { field: field_of.name.it.clone(), first: short(clean(first.text())).to_string(), at };
        let field = Some(field_of.name.it.as_str().into());
        told.push((Origin { field, ..origin(seats, Some(spot), clean(here.text())) }, What::Book(Box::new(what))));
    }
    cells
}

/// Rows whose key the first sheet of their group does not have.
fn left_over(intake: &mut Intake<'_>, book: &Workbook, headed: &Headed<'_>, first: Option<&Headed<'_>>, left: &[SheetRow<'_>]) {
    let form = intake.plan.form;
    let mut fields: Vec<Option<Seat>> = vec![None; form.fields.len()];
    for (at, field) in headed.fields.iter().enumerate() {
        if let Some(seat) = field.and_then(|field| fields.get_mut(field)) {
            *seat = Some((0, None, at + 1));
        }
    }
    let seats = Seats { path: book.path.clone(), sheets: vec![headed.sheet.name.clone()], fields, rows: HashMap::new() };
    let file = open(intake, seats);
    let Some(seats) = intake.seats.remove(&file) else { return };
    let mut filling = batch(intake, file, &seats);
    let mut told = Vec::new();
    for row in left {
        let mut cells = cells(form.fields.iter().map(|field| &field.kind), &seats, &[Some(*row)]);
        // What stands on the other sheets is empty here, and told as such.
        cells.iter_mut().for_each(|cell| _ = cell.get_or_insert_default());
        if let Some((key, _)) = identity(intake, Some(headed), *row).filter(|(key, _)| !key.is_empty() && !is_total(key)) {
            let sheet = first.map_or("", |first| &first.sheet.name).to_owned();
            let what = What::Book(Box::new(About::NotOnSheet { key: short(&key).to_string(), sheet, near: None }));
            told.push((origin(&seats, seats.place(row.number as usize, form.key.0), &key), what));
        }
        filling.row(&BookRow { line: row.number as usize, cells: &cells, seats: &seats, places: &[] });
    }
    intake.append(filling);
    intake.seats.insert(file, seats);
    for (at, what) in told {
        intake.tell_origin(file, at, what);
    }
}

/// A row that is put together.
pub(super) struct BookRow<'r, 'b> {
    pub line: usize,
    pub cells: &'r [Option<Shown<'b>>],
    pub seats: &'r Seats,
    pub places: &'r [Option<SheetRow<'r>>],
}

impl BookRow<'_, '_> {
    fn spot(&self, field: usize) -> Spot {
        let found = self.seats.fields.get(field).copied().flatten().map(|(sheet, row, column)| {
            let on_sheet =
                if sheet == 0 { Some(self.line) } else { self.places.get(sheet).copied().flatten().map(|row| row.number as usize) };
            match row.or(on_sheet) {
                Some(line) => Spot { line, column, sheet: self.seats.sheets.get(sheet).cloned() },
                None => self.whole(),
            }
        });
        found.unwrap_or_else(|| self.whole())
    }

    fn whole(&self) -> Spot {
        Spot { line: self.line, column: 0, sheet: self.seats.sheets.first().cloned() }
    }
}

impl RawRow for BookRow<'_, '_> {
    fn line(&self) -> usize {
        self.line
    }
    fn cell(&self, field: usize) -> Raw<'_> {
        match self.cells.get(field) {
            Some(Some(cell)) => Raw::Text(cell.text()),
            _ => Raw::NoColumn,
        }
    }
    fn number(&self, field: usize) -> Option<f64> {
        self.cells.get(field)?.as_ref()?.number()
    }
    fn place(&self, field: usize) -> (usize, usize) {
        let spot = self.spot(field);
        (spot.line, spot.column)
    }
    fn sheet(&self, field: usize) -> Option<Arc<str>> {
        self.spot(field).sheet
    }
}
