//! Submissions (填报数据) to one form: a table of rows, stored column by column in blocks.
//!
//! Rows stay in the order in which they were read; [`Table::by_key`] is their order by key, in which everything is computed and
//! shown, so that the order of the input never matters.
//! Not here: how cells are stored (`block`, `stored`), columns of results (`column`), reading files (`data`).

use super::block::{Block, Dictionary, Filling, Shape};
use super::column::{Cell, Column, Value};
use super::stored::{Codes, Stored};
use crate::model::{FieldIx, Form, Source};
use crate::text::Name;
use rayon::prelude::*;
use std::cmp::Ordering;
use std::sync::{Arc, OnceLock};

/// Rows that come one by one are put together in blocks of so many.
const BLOCK_ROWS: usize = 4_096;
/// Fewer keys are sorted sooner than other threads are woken.
const MANY_KEYS: usize = 1 << 16;

/// The bytes at the beginning of a key that are compared as a number.
const START: usize = 12;

/// The order of rows by their keys.
#[derive(Clone, Debug, Default)]
struct Order {
    rows: Vec<u32>,
    /// Whether the keys differ in their first bytes already, each from each other.
    apart: bool,
}

/// Where a row came from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RowOrigin {
    /// The file, by its place in [`Table::files`].
    pub file: u32,
    /// The line in it, from 1; of a JSON file the record.
    pub line: u32,
}

/// Submissions to one form, a column a field.
#[derive(Clone, Debug)]
pub struct Table {
    /// The files they came from.
    pub files: Vec<Arc<str>>,
    /// Keys of submissions that have no row because no part of them is evaluated (不评价); they are left out like those whom a rubric is
    /// not for.
    pub unjudged: Vec<Name>,
    /// Which table it is: results are read with the table that they came from.
    id: Arc<()>,
    shapes: Arc<[Shape]>,
    dictionaries: Vec<Dictionary>,
    key: FieldIx,
    period: Option<FieldIx>,
    blocks: Vec<Block>,
    rows: usize,
    order: OnceLock<Order>,
    ranges: Vec<OnceLock<Option<(i64, i64)>>>,
    beside: Vec<OtherTable>,
}

/// Submissions to another form, or of another period, that are read beside a table.
#[derive(Clone, Debug)]
struct OtherTable {
    of: Source,
    earlier: u32,
    table: Arc<Table>,
}

impl Table {
    /// An empty one for submissions to `form`.
    ///
    /// `used`: the fields whose cells are kept, all without it. The fields that identify a row are kept besides: key, period
    /// and groups.
    pub fn new(form: &Form, used: Option<&[bool]>) -> Table {
        let period = form.period.as_ref().and_then(|period| period.key);
        let kept = |at: FieldIx| {
            let identifies = Some(at) == period || form.groups.iter().any(|group| group.key == Some(at));
            identifies || used.is_none_or(|used| used.get(at.0).copied().unwrap_or(false))
        };
        let shape = |(at, field)| Shape::of(field, kept(FieldIx(at)), FieldIx(at) == form.key);
        Table {
            files: Vec::new(),
            unjudged: Vec::new(),
            id: Arc::new(()),
            shapes: form.fields.iter().enumerate().map(shape).collect(),
            dictionaries: form.fields.iter().map(Dictionary::of).collect(),
            key: form.key,
            period,
            blocks: Vec::new(),
            rows: 0,
            order: OnceLock::new(),
            ranges: vec![OnceLock::new(); form.fields.len()],
            beside: Vec::new(),
        }
    }

    /// The mark of this table and its copies.
    pub(crate) fn id(&self) -> &Arc<()> {
        &self.id
    }

    /// Lays submissions beside these for rubrics that also read them (另用的填报).
    ///
    /// * `of`: the form that they are submissions to, or the rubric that is to judge them first.
    /// * `earlier`: how many periods before these they are of.
    pub fn lay_beside(&mut self, of: Source, earlier: u32, table: Table) {
        self.beside.retain(|other| (other.of, other.earlier) != (of, earlier));
        self.beside.push(OtherTable { of, earlier, table: Arc::new(table) });
    }

    /// Gives its files, and those of what lies beside it, other names where `name` knows one.
    pub fn rename_files(&mut self, name: &dyn Fn(&str) -> Option<Arc<str>>) {
        for file in &mut self.files {
            if let Some(other) = name(file) {
                *file = other;
            }
        }
        self.beside.iter_mut().for_each(|other| Arc::make_mut(&mut other.table).rename_files(name));
    }

    /// Lays beside these what lies beside others.
    pub(super) fn beside_of(&mut self, other: &Table) {
        self.beside.clone_from(&other.beside);
    }

    /// The submissions to a form that lie beside these, so many periods earlier; or those that a rubric judges first.
    pub fn beside(&self, of: Source, earlier: u32) -> Option<&Table> {
        self.beside.iter().find(|other| (other.of, other.earlier) == (of, earlier)).map(|other| &*other.table)
    }

    /// How many rows.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whom a row speaks of; empty for a row that is not there.
    pub fn key(&self, row: usize) -> &str {
        self.find_row(row).map_or("", |(block, at)| block.key(at))
    }

    /// Whose submission a row is, or is a part of.
    pub fn submitter(&self, row: usize) -> Name {
        match self.cell(self.key, row) {
            Some(Ok(Value::Word(key))) => key,
            _ => self.key(row).into(),
        }
    }

    /// Where a row came from.
    pub fn origin(&self, row: usize) -> Option<RowOrigin> {
        let (block, at) = self.find_row(row)?;
        Some(RowOrigin { file: block.file, line: block.line(at) })
    }

    /// The cell of a row; `None` where there is no such row, or where the cells of that field are not kept.
    pub fn cell(&self, field: FieldIx, row: usize) -> Option<Cell<Value>> {
        let (block, at) = self.find_row(row)?;
        block.get(self.shapes.get(field.0)?, self.dictionary(field), field.0, at)
    }

    /// All cells of a field as a column, in the order of the rows; `None` where they are not kept.
    pub fn column(&self, field: FieldIx) -> Option<Column> {
        let shape = self.shapes.get(field.0)?;
        let mut column = shape.results()?;
        for block in &self.blocks {
            for at in 0..block.rows {
                let cell = block.get(shape, self.dictionary(field), field.0, at)?;
                match (&mut column, cell) {
                    (Column::Numbers(cells), Ok(Value::Number(number))) => cells.push(Ok(number)),
                    (Column::Words(cells), Ok(Value::Word(word))) => cells.push(Ok(word)),
                    (Column::Flags(cells), Ok(Value::Flag(flag))) => cells.push(Ok(flag)),
                    (Column::Dates(cells), Ok(Value::Date(day))) => cells.push(Ok(day)),
                    (Column::Numbers(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Words(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Flags(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                    (Column::Dates(cells), cell) => cells.push(Err(shape.gap_of(cell))),
                }
            }
        }
        Some(column)
    }

    /// Puts a cell in the place of another: a gap, an answer that was edited.
    pub fn put(&mut self, field: FieldIx, row: usize, cell: Cell<Value>) {
        let Some(at) = self.block_of(row) else { return };
        let (Some(block), Some(shape), Some(dictionary)) =
            (self.blocks.get_mut(at), self.shapes.get(field.0), self.dictionaries.get_mut(field.0))
        else {
            return;
        };
        block.put(shape, dictionary, field.0, row - block.first, cell);
        self.ranges.get_mut(field.0).into_iter().for_each(|range| *range = OnceLock::new());
        if Some(field) == self.period {
            self.order = OnceLock::new();
        }
    }

    /// The rows for which `keep` says yes, in their order.
    pub fn retain(&mut self, keep: &[bool]) {
        let order = self.order.take();
        let mut first = 0;
        for block in &mut self.blocks {
            let here = keep.get(block.first..).map_or(&[][..], |keep| keep.get(..block.rows).unwrap_or(keep));
            if here.len() < block.rows || here.contains(&false) {
                block.retain(here);
            }
            block.first = first;
            first += block.rows;
        }
        self.blocks.retain(|block| block.rows > 0);
        self.rows = first;
        self.ranges.iter_mut().for_each(|range| *range = OnceLock::new());
        // Those that stay keep their order.
        if let Some(mut order) = order {
            let before = keep.iter().scan(0_u32, |kept, keep| {
                let place = *kept;
                *kept += u32::from(*keep);
                Some(place)
            });
            let places: Vec<u32> = before.collect();
            order.rows.retain(|row| keep.get(*row as usize).copied().unwrap_or(false));
            order.rows.iter_mut().for_each(|row| *row = places.get(*row as usize).copied().unwrap_or(0));
            self.order = OnceLock::from(order);
        }
    }

    /// Adds a row with one cell a field, in the order of the form; fields without a cell are not filled in.
    pub fn push_row(&mut self, key: &str, origin: RowOrigin, cells: impl IntoIterator<Item = Cell<Value>>) {
        let fits = |block: &Block| block.file == origin.file && block.rows < BLOCK_ROWS;
        if !self.blocks.last().is_some_and(fits) {
            let mut block = Block::new(&self.shapes, 0, origin.file);
            block.first = self.rows;
            self.blocks.push(block);
        }
        let Some(block) = self.blocks.last_mut() else { return };
        block.push_row(key, origin.line);
        let at = block.rows - 1;
        let mut cells = cells.into_iter();
        for (field, (shape, dictionary)) in self.shapes.iter().zip(&mut self.dictionaries).enumerate() {
            block.push(shape, dictionary, field, at, cells.next().unwrap_or_else(|| Err(shape.missing.clone())));
        }
        self.rows += 1;
        self.changed();
    }

    /// An empty part of this table, to be filled with rows of a file and appended; there is room for so many.
    pub fn filling(&self, file: u32, rows: usize) -> Filling {
        Filling::new(&self.shapes, &self.dictionaries, rows, file)
    }

    /// Adds the rows of such a part.
    pub fn append(&mut self, filling: Filling) {
        let mut block = filling.finish(&mut self.dictionaries);
        if block.rows > 0 {
            block.first = self.rows;
            self.rows += block.rows;
            self.blocks.push(block);
            self.changed();
        }
    }

    fn changed(&mut self) {
        self.order = OnceLock::new();
        self.ranges.iter_mut().for_each(|range| *range = OnceLock::new());
    }

    /// The rows as they are stored, in the order read.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// What the codes of a field stand for; of a choice its options come first, in the order of the form.
    pub fn dictionary(&self, field: FieldIx) -> &[Name] {
        self.dictionaries.get(field.0).map_or(&[], Dictionary::names)
    }

    /// The least and the greatest mantissa of a field of numbers, odd cells aside; `None` where there is none.
    pub fn range(&self, field: FieldIx) -> Option<(i64, i64)> {
        let range = || {
            let ranges = self.blocks.iter().filter_map(|block| block.range(field));
            ranges.reduce(|(least, greatest), (low, high)| (least.min(low), greatest.max(high)))
        };
        *self.ranges.get(field.0)?.get_or_init(range)
    }

    /// The code of each row's cell of a field of words; none of the dictionary where there is no ordinary cell.
    pub fn codes(&self, field: FieldIx) -> Vec<u32> {
        let mut codes = Vec::with_capacity(self.rows);
        for block in &self.blocks {
            match block.column(field) {
                Stored::Words(Codes::Narrow(cells)) => {
                    let code = |cell: &u8| if *cell < Codes::ODD_NARROW { u32::from(*cell) } else { Codes::MISSING };
                    codes.extend(cells.iter().map(code));
                }
                Stored::Words(Codes::Wide(cells)) => codes.extend(cells),
                _ => codes.extend(std::iter::repeat_n(Codes::MISSING, block.rows)),
            }
        }
        codes
    }

    /// Whether the cells of a field stand in a column of their own: those of keys do not, and those that nobody asked for.
    pub fn keeps(&self, field: FieldIx) -> bool {
        !self.blocks.iter().any(|block| matches!(block.column(field), Stored::Dropped | Stored::Keys))
    }

    /// Whether the cells of a field do not apply to some rows.
    pub(super) fn has_inapplicable(&self, field: FieldIx) -> bool {
        self.blocks.iter().any(|block| block.inapplicable(field, 0..block.rows).next().is_some())
    }

    /// To how many decimals the mantissas of a field of numbers are kept.
    pub fn places(&self, field: FieldIx) -> Option<u32> {
        self.shapes.get(field.0)?.places()
    }

    /// The values of a field, each at least once, neighbours that are the same only once.
    pub fn different(&self, field: FieldIx) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for row in 0..self.rows {
            if let Some(Ok(value)) = self.cell(field, row)
                && values.last() != Some(&value)
            {
                values.push(value);
            }
        }
        values
    }

    /// All rows in the order of their keys, byte by byte; those of one key in the order of their periods, then as they were read.
    pub fn by_key(&self) -> &[u32] {
        &self.order().rows
    }

    fn order(&self) -> &Order {
        self.order.get_or_init(|| self.sorted())
    }

    /// The first row of a key in that order.
    pub fn find(&self, key: &str) -> Option<usize> {
        let order = self.by_key();
        let place = order.partition_point(|row| self.key(*row as usize) < key);
        order.get(place).map(|row| *row as usize).filter(|row| self.key(*row) == key)
    }

    /// Rows that speak of somebody, and a period, of whom an earlier row spoke already: each with that one, in the order read.
    pub fn repeated(&self) -> Vec<(usize, usize)> {
        let mut repeated = Vec::new();
        if self.order().apart {
            return repeated;
        }
        let mut first: Option<(usize, &str)> = None;
        for row in self.by_key().iter().map(|row| *row as usize) {
            let key = self.key(row);
            match first {
                Some((first, known)) if known == key && self.compare(first, row) == Ordering::Equal => repeated.push((row, first)),
                _ => first = Some((row, key)),
            }
        }
        repeated.sort_unstable();
        repeated
    }

    fn sorted(&self) -> Order {
        let of_block = |block: &Block| {
            (0..block.rows).map(|at| start(block.key(at)) | u128::try_from(block.first + at).unwrap_or(u32::MAX.into())).collect::<Vec<_>>()
        };
        let many = self.rows >= MANY_KEYS;
        // The beginning of a key and the row in one number: nothing is equal, and sorting it costs little.
        let blocks: Vec<Vec<u128>> =
            if many { self.blocks.par_iter().map(of_block).collect() } else { self.blocks.iter().map(of_block).collect() };
        let mut rows = blocks.concat();
        if !rows.is_sorted() {
            if many { rows.par_sort_unstable() } else { rows.sort_unstable() }
        }
        let row = |key: &u128| (key & u128::from(u32::MAX)) as usize;
        // Keys that begin alike are looked at whole.
        let mut apart = true;
        for alike in rows.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|alike| alike.len() > 1) {
            apart = false;
            let order = |a: &u128, b: &u128| self.compare(row(a), row(b)).then_with(|| a.cmp(b));
            if alike.len() < MANY_KEYS { alike.sort_unstable_by(order) } else { alike.par_sort_unstable_by(order) }
        }
        Order { rows: rows.iter().map(|key| row(key) as u32).collect(), apart }
    }

    /// By key, then by period.
    fn compare(&self, a: usize, b: usize) -> Ordering {
        let period = |row| self.period.and_then(|field| self.cell(field, row)?.ok()).map(|value| value.word());
        self.key(a).cmp(self.key(b)).then_with(|| period(a).cmp(&period(b)))
    }

    fn block_of(&self, row: usize) -> Option<usize> {
        let holds = |at: &usize| self.blocks.get(*at).is_some_and(|block| (block.first..block.first + block.rows).contains(&row));
        // Blocks are of much the same length.
        let near = row * self.blocks.len() / self.rows.max(1);
        if let Some(found) = [near, near + 1, near.saturating_sub(1)].into_iter().find(holds) {
            return Some(found);
        }
        self.blocks.partition_point(|block| block.first <= row).checked_sub(1).filter(holds)
    }

    fn find_row(&self, row: usize) -> Option<(&Block, usize)> {
        let block = self.blocks.get(self.block_of(row)?)?;
        Some((block, row - block.first))
    }
}

/// The first bytes of a key, as the high part of a number; they sort as it does, but for ties.
fn start(key: &str) -> u128 {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(key.bytes().take(START)).for_each(|(to, byte)| *to = byte);
    u128::from_be_bytes(bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::super::gap::{Cause, Gap};
    use super::super::stored::{Codes, Mantissas};
    use super::*;
    use crate::model::{Field, FieldType, Group, Period, Unit};
    use crate::number::{Exact, Real};
    use crate::syntax::tree::PeriodLength;
    use crate::text::{At, Span};
    use chrono::NaiveDate;

    const KEY: FieldIx = FieldIx(0);
    const COUNTY: FieldIx = FieldIx(1);
    const AREA: FieldIx = FieldIx(2);
    const STAGE: FieldIx = FieldIx(3);
    const CANTEEN: FieldIx = FieldIx(4);
    const BUILT: FieldIx = FieldIx(5);
    const SHARE: FieldIx = FieldIx(6);

    /// 学校代码, 县, 面积 (two decimals), 学段, 有食堂, 建校日期, 达标率.
    fn form() -> Form {
        let stages = FieldType::Choice(["小学", "初中"].map(Name::from).into());
        let kinds = [
            ("学校代码", FieldType::Text),
            ("县", FieldType::Text),
            ("面积", FieldType::Decimal(2, Unit::one())),
            ("学段", stages),
            ("有食堂", FieldType::YesNo),
            ("建校日期", FieldType::Date),
            ("达标率", FieldType::Percent(None)),
        ];
        let at = |name: &str| At::new(Name::from(name), Span::default());
        let field =
            |(name, kind)| Field { name: at(name), kind, range: None, required: false, when: None, label: None, pattern: None, hint: None };
        let groups = vec![Group { kind: "县".into(), key: Some(COUNTY) }];
        let fields = kinds.into_iter().map(field).collect();
        Form {
            name: at("表"),
            title: None,
            version: None,
            subject: "学校".into(),
            key: KEY,
            groups,
            period: None,
            fields,
            checks: Vec::new(),
            computed: Vec::new(),
            split: None,
        }
    }
    fn number(text: &str) -> Cell<Value> {
        Ok(Value::Number(Real::from(Exact::parse(text).unwrap())))
    }
    fn word(text: &str) -> Cell<Value> {
        Ok(Value::Word(text.into()))
    }
    fn missing(name: &str) -> Cell<Value> {
        Err(Gap::missing(&name.into()))
    }
    fn refused(name: &str) -> Cell<Value> {
        Err(Gap::undefined(Cause::Refused(name.into())))
    }
    fn not_asked() -> Cell<Value> {
        Err(Gap::NotApplicable(crate::eval::gap::Unless::Holds("有食堂".into())))
    }
    fn areas(areas: &[Cell<Value>]) -> Table {
        let mut table = Table::new(&form(), None);
        for (row, area) in areas.iter().enumerate() {
            let key = format!("S{row}");
            table.push_row(&key, RowOrigin { file: 0, line: 2 + row as u32 }, [word(&key), word("县"), area.clone()]);
        }
        table
    }
    fn cells(table: &Table, field: FieldIx) -> Vec<Cell<Value>> {
        (0..table.len()).map(|row| table.cell(field, row).unwrap()).collect()
    }

    #[test]
    fn a_cell_comes_back_as_it_was_put_in() {
        let day = |year| Ok(Value::Date(NaiveDate::from_ymd_opt(year, 2, 28).unwrap()));
        let rows = [
            [word("A1"), word("甲"), number("12.50"), word("初中"), Ok(Value::Flag(true)), day(1978), number("0.953")],
            [word("A2"), word("乙"), missing("面积"), missing("学段"), missing("有食堂"), missing("建校日期"), missing("达标率")],
            [word("A3"), refused("县"), refused("面积"), refused("学段"), refused("有食堂"), refused("建校日期"), refused("达标率")],
            [missing("学校代码"), not_asked(), not_asked(), not_asked(), not_asked(), not_asked(), not_asked()],
            [word("别名"), word("甲"), number("0.125"), word("高中"), Ok(Value::Flag(false)), day(-1), number("0.12345678")],
            [refused("学校代码"), missing("面积"), word("五"), number("3"), day(2), word("是"), Ok(Value::Flag(true))],
        ];
        let mut table = Table::new(&form(), None);
        for (row, cells) in rows.iter().enumerate() {
            table.push_row(&format!("A{}", row + 1), RowOrigin::default(), cells.clone());
        }
        let back =
            |table: &Table| (0..rows.len()).map(|row| std::array::from_fn(|at| table.cell(FieldIx(at), row).unwrap())).collect::<Vec<_>>();
        assert_eq!(back(&table), rows);
        assert_eq!(table.key(3), "A4");
        assert_eq!((table.cell(AREA, 6), table.cell(FieldIx(7), 0)), (None, None));
        assert_eq!(table.dictionary(STAGE), ["小学", "初中"].map(Name::from));
        assert_eq!(table.dictionary(COUNTY), ["甲", "乙"].map(Name::from));
        // Each row put in the place of the next.
        for (row, cells) in rows.iter().enumerate() {
            for (at, cell) in cells.iter().enumerate() {
                table.put(FieldIx(at), (row + 1) % rows.len(), cell.clone());
            }
        }
        let mut turned = back(&table);
        turned.rotate_left(1);
        assert_eq!(turned, rows);
    }

    #[test]
    fn numbers_are_narrow_until_one_is_not() {
        let mut table = areas(&[number("21474836.47"), number("-21474836.46"), missing("面积"), refused("面积"), number("0.001")]);
        let mantissas = |table: &Table| match table.blocks().first().unwrap().column(AREA) {
            Stored::Numbers(numbers) => match (numbers.places(), numbers.mantissas()) {
                (2, Mantissas::Narrow(cells)) => Ok(cells.to_vec()),
                (2, Mantissas::Wide(cells)) => Err(cells.to_vec()),
                other => unreachable!("{other:?}"),
            },
            other => unreachable!("{other:?}"),
        };
        assert_eq!(mantissas(&table), Ok(vec![i32::MAX, i32::MIN + 2, i32::MIN, i32::MIN + 1, i32::MIN + 1]));
        assert_eq!(table.range(AREA), Some((i64::from(i32::MIN) + 2, i64::from(i32::MAX))));
        let before = cells(&table, AREA);
        table.put(AREA, 0, number("-21474836.47"));
        let wide = vec![i64::from(i32::MIN) + 1, i64::from(i32::MIN) + 2, i64::MIN, i64::MIN + 1, i64::MIN + 1];
        assert_eq!(mantissas(&table), Err(wide));
        assert_eq!(table.range(AREA), Some((i64::from(i32::MIN) + 1, i64::from(i32::MIN) + 2)));
        assert_eq!(cells(&table, AREA).get(1..), before.get(1..));
        // What no mantissa holds is kept all the same.
        let huge = number("123456789012345678901234567890.12");
        table.put(AREA, 1, huge.clone());
        assert_eq!(table.cell(AREA, 1), Some(huge));
        assert_eq!(areas(&[missing("面积"), refused("面积")]).range(AREA), None);
        assert_eq!(table.range(STAGE), None);
    }

    #[test]
    fn texts_are_coded_in_bytes_until_there_are_too_many() {
        let mut table = Table::new(&form(), None);
        let counties: Vec<String> = (0..300).map(|at| format!("县{at}")).collect();
        for (row, county) in counties.iter().enumerate() {
            table.push_row(&row.to_string(), RowOrigin::default(), [word(""), word(county)]);
            let wide = matches!(table.blocks().first().unwrap().column(COUNTY), Stored::Words(Codes::Wide(_)));
            assert_eq!(wide, row >= 254);
        }
        table.put(COUNTY, 7, missing("县"));
        let Some(Column::Words(column)) = table.column(COUNTY) else { unreachable!("texts") };
        assert!(column.iter().enumerate().all(|(row, cell)| row == 7 || cell.as_ref().unwrap().as_str() == counties.get(row).unwrap()));
        assert_eq!(column.get(7), Some(&Err(Gap::missing(&"县".into()))));
    }

    #[test]
    fn rows_that_stay_keep_everything() {
        let areas_in: Vec<Cell<Value>> = (0..10_000)
            .map(|row| match row % 5 {
                0 => missing("面积"),
                1 => refused("面积"),
                2 => not_asked(),
                3 => number("99999999999"),
                _ => number(&format!("{row}.25")),
            })
            .collect();
        for (modulus, forced) in [(2, false), (3, true), (10_001, true), (1, false)] {
            let mut table = areas(&areas_in);
            let keep: Vec<bool> = (0..10_000).map(|row| (row % modulus == 1) != (row == 5_000)).collect();
            if forced {
                let _ = (table.by_key(), table.range(AREA));
            }
            table.retain(&keep);
            let rows: Vec<usize> = (0..10_000).filter(|row| *keep.get(*row).unwrap()).collect();
            assert_eq!(table.len(), rows.len());
            for (row, old) in rows.iter().enumerate() {
                assert_eq!(table.key(row), format!("S{old}"));
                assert_eq!(table.origin(row), Some(RowOrigin { file: 0, line: 2 + *old as u32 }));
                assert_eq!(table.cell(AREA, row).as_ref(), areas_in.get(*old));
                assert_eq!(table.find(&format!("S{old}")), Some(row));
            }
            let mut sorted: Vec<&str> = (0..table.len()).map(|row| table.key(row)).collect();
            sorted.sort_unstable();
            assert!(table.by_key().iter().map(|row| table.key(*row as usize)).eq(sorted));
            assert_eq!(table.find("S"), None);
        }
    }

    #[test]
    fn keys_sort_by_their_bytes_and_a_subject_by_its_periods() {
        let mut form = form();
        form.period = Some(Period { length: PeriodLength::Year, key: Some(AREA) });
        let mut table = Table::new(&form, Some(&[false; 7]));
        let rows = [
            ("学校甲", "2024"),
            ("12345678", "2024"),
            ("123456789", "9"),
            ("12345678", "2023"),
            ("", "1"),
            ("学校甲", "2024"),
            ("1234567", "1"),
        ];
        for (line, (key, year)) in (1..).zip(rows) {
            table.push_row(key, RowOrigin { file: line % 2, line }, [word(key), word("县"), number(year)]);
        }
        assert_eq!(table.by_key(), [4, 6, 3, 1, 2, 0, 5]);
        assert_eq!(table.repeated(), [(5, 0)]);
        assert_eq!((table.find("12345678"), table.find("1234"), table.find("学校甲")), (Some(3), None, Some(0)));
        assert_eq!(table.origin(6), Some(RowOrigin { file: 1, line: 7 }));
        // What identifies a row is kept, whatever else is used.
        assert!(table.cell(COUNTY, 0).is_some() && table.cell(STAGE, 0).is_none() && table.column(CANTEEN).is_none());
        assert_eq!((table.cell(BUILT, 0), table.cell(SHARE, 0)), (None, None));
        table.put(AREA, 0, number("2025"));
        assert_eq!(table.repeated(), []);
    }

    #[test]
    fn many_keys_sort_as_few_do() {
        let mut table = Table::new(&form(), Some(&[false; 7]));
        let count = MANY_KEYS + 5_000;
        let key = |row: usize| format!("前缀相同{}", row.wrapping_mul(7919) % (count - 100));
        for row in 0..count {
            let key = key(row);
            table.push_row(&key, RowOrigin::default(), [word(&key)]);
        }
        let mut expected: Vec<u32> = (0..count as u32).collect();
        expected.sort_by_key(|row| key(*row as usize));
        assert!(table.by_key() == expected);
        assert_eq!(table.repeated().len(), 100);
    }
}
