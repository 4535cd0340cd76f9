//! Stored columns (列的存放): plain arrays, each as narrow as its values allow.
//!
//! A number is a whole mantissa over a power of ten that its field fixes, a text is a code, a day is counted. A cell without a
//! value is an extreme value of its type, and the one beside it stands for an odd cell, of which the block knows more.
//! Not here: rows (`block`), keys and their order (`table`).

/// One column of a block.
#[derive(Clone, Debug)]
pub enum Stored {
    /// Not kept: nothing reads it.
    Dropped,
    /// Each cell is the key of its row; those that are not are odd. Read them with `Table::cell`.
    Keys,
    /// Numbers.
    Numbers(Numbers),
    /// Texts and options, by their places in `Table::dictionary`.
    Words(Codes),
    /// 0 is no, 1 is yes; [`Stored::MISSING_FLAG`], [`Stored::ODD_FLAG`].
    Flags(Vec<u8>),
    /// Days, where the first of January of the year 1 is 1; [`Stored::MISSING_DATE`], [`Stored::ODD_DATE`].
    Dates(Vec<i32>),
}

/// One cell, whatever the width of its column.
#[derive(Clone, Copy, Debug)]
pub(super) enum Plain {
    Missing,
    Odd,
    Number(i64),
    Code(u32),
    Flag(bool),
    Day(i32),
}

impl Stored {
    /// Nothing filled in.
    pub const MISSING_FLAG: u8 = u8::MAX;
    /// Something else, told by `Table::cell`.
    pub const ODD_FLAG: u8 = u8::MAX - 1;
    /// Nothing filled in.
    pub const MISSING_DATE: i32 = i32::MIN;
    /// Something else, told by `Table::cell`.
    pub const ODD_DATE: i32 = i32::MIN + 1;

    /// The mantissa of a cell of a column of numbers; `None` where there is none, or it is odd.
    pub(super) fn mantissa(&self, at: usize) -> Option<i64> {
        match self.get(at)? {
            Plain::Number(mantissa) => Some(mantissa),
            _ => None,
        }
    }

    /// The code of a cell of a column of words; `None` where there is none, or it is odd.
    pub(super) fn code(&self, at: usize) -> Option<u32> {
        match self.get(at)? {
            Plain::Code(code) => Some(code),
            _ => None,
        }
    }

    /// Whether a cell is odd.
    pub(super) fn is_odd(&self, at: usize) -> bool {
        matches!(self.get(at), Some(Plain::Odd))
    }

    pub(super) fn get(&self, at: usize) -> Option<Plain> {
        Some(match self {
            Stored::Dropped | Stored::Keys => return None,
            Stored::Numbers(cells) => match cells.get(at)? {
                Numbers::MISSING => Plain::Missing,
                Numbers::ODD => Plain::Odd,
                mantissa => Plain::Number(mantissa),
            },
            Stored::Words(cells) => match cells.get(at)? {
                Codes::MISSING => Plain::Missing,
                Codes::ODD => Plain::Odd,
                code => Plain::Code(code),
            },
            Stored::Flags(cells) => match *cells.get(at)? {
                Stored::MISSING_FLAG => Plain::Missing,
                Stored::ODD_FLAG => Plain::Odd,
                flag => Plain::Flag(flag == 1),
            },
            Stored::Dates(cells) => match *cells.get(at)? {
                Stored::MISSING_DATE => Plain::Missing,
                Stored::ODD_DATE => Plain::Odd,
                day => Plain::Day(day),
            },
        })
    }

    /// Adds a cell. One of another type than the column's is odd.
    #[inline]
    pub(super) fn push(&mut self, cell: Plain) {
        match self {
            Stored::Dropped | Stored::Keys => {}
            Stored::Numbers(cells) => cells.push(number(cell)),
            Stored::Words(cells) => cells.push(code(cell)),
            Stored::Flags(cells) => cells.push(flag(cell)),
            Stored::Dates(cells) => cells.push(day(cell)),
        }
    }

    /// How many cells; `None` where there are none to count.
    pub(super) fn len(&self) -> Option<usize> {
        Some(match self {
            Stored::Dropped | Stored::Keys => return None,
            Stored::Numbers(Numbers { cells: Width::Narrow(cells), .. }) => cells.len(),
            Stored::Numbers(Numbers { cells: Width::Wide(cells), .. }) => cells.len(),
            Stored::Words(Codes::Narrow(cells)) | Stored::Flags(cells) => cells.len(),
            Stored::Words(Codes::Wide(cells)) => cells.len(),
            Stored::Dates(cells) => cells.len(),
        })
    }

    /// Puts a cell in the place of another.
    pub(super) fn put(&mut self, at: usize, cell: Plain) {
        fn put<T>(cells: &mut [T], at: usize, cell: T) {
            if let Some(place) = cells.get_mut(at) {
                *place = cell;
            }
        }
        match self {
            Stored::Dropped | Stored::Keys => {}
            Stored::Numbers(cells) => cells.put(at, number(cell)),
            Stored::Words(cells) => cells.put(at, code(cell)),
            Stored::Flags(cells) => put(cells, at, flag(cell)),
            Stored::Dates(cells) => put(cells, at, day(cell)),
        }
    }

    /// The rows for which `keep` says yes.
    pub(super) fn retain(&mut self, keep: &[bool]) {
        match self {
            Stored::Dropped | Stored::Keys => {}
            Stored::Numbers(Numbers { cells: Width::Narrow(cells), .. }) => sift(cells, keep),
            Stored::Numbers(Numbers { cells: Width::Wide(cells), .. }) => sift(cells, keep),
            Stored::Words(Codes::Narrow(cells)) | Stored::Flags(cells) => sift(cells, keep),
            Stored::Words(Codes::Wide(cells)) => sift(cells, keep),
            Stored::Dates(cells) => sift(cells, keep),
        }
    }

    /// Gives back what was set aside for rows that did not come.
    pub(super) fn shrink(&mut self) {
        match self {
            Stored::Dropped | Stored::Keys => {}
            Stored::Numbers(Numbers { cells: Width::Narrow(cells), .. }) => cells.shrink_to_fit(),
            Stored::Numbers(Numbers { cells: Width::Wide(cells), .. }) => cells.shrink_to_fit(),
            Stored::Words(Codes::Narrow(cells)) | Stored::Flags(cells) => cells.shrink_to_fit(),
            Stored::Words(Codes::Wide(cells)) => cells.shrink_to_fit(),
            Stored::Dates(cells) => cells.shrink_to_fit(),
        }
    }
}

#[inline]
fn number(cell: Plain) -> i64 {
    match cell {
        Plain::Number(mantissa) => mantissa,
        Plain::Missing => Numbers::MISSING,
        _ => Numbers::ODD,
    }
}

#[inline]
fn code(cell: Plain) -> u32 {
    match cell {
        Plain::Code(code) => code,
        Plain::Missing => Codes::MISSING,
        _ => Codes::ODD,
    }
}

fn flag(cell: Plain) -> u8 {
    match cell {
        Plain::Flag(flag) => u8::from(flag),
        Plain::Missing => Stored::MISSING_FLAG,
        _ => Stored::ODD_FLAG,
    }
}

fn day(cell: Plain) -> i32 {
    match cell {
        Plain::Day(day) => day,
        Plain::Missing => Stored::MISSING_DATE,
        _ => Stored::ODD_DATE,
    }
}

/// The elements for which `keep` says yes.
fn sift<T>(cells: &mut Vec<T>, keep: &[bool]) {
    let mut flags = keep.iter();
    cells.retain(|_| flags.next().copied().unwrap_or(false));
}

/// Numbers, each a mantissa over `10^places`.
#[derive(Clone, Debug)]
pub struct Numbers {
    places: u32,
    cells: Width,
}

#[derive(Clone, Debug)]
enum Width {
    Narrow(Vec<i32>),
    Wide(Vec<i64>),
}

/// The mantissas of a column. The least value of the type is nothing filled in, the next one something else, told by
/// `Table::cell`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mantissas<'b> {
    /// All fit half a word.
    Narrow(&'b [i32]),
    /// Some do not.
    Wide(&'b [i64]),
}

impl Numbers {
    /// Nothing filled in, in a wide column.
    pub const MISSING: i64 = i64::MIN;
    /// Something else, in a wide column.
    pub const ODD: i64 = i64::MIN + 1;
    /// Nothing filled in, in a narrow column.
    pub const MISSING_NARROW: i32 = i32::MIN;
    /// Something else, in a narrow column.
    pub const ODD_NARROW: i32 = i32::MIN + 1;

    pub(super) fn new(places: u32, rows: usize) -> Numbers {
        Numbers { places, cells: Width::Narrow(Vec::with_capacity(rows)) }
    }

    /// How many decimals the mantissas have: as many as the field takes, the same in every block.
    pub fn places(&self) -> u32 {
        self.places
    }

    /// The mantissas, one a row.
    pub fn mantissas(&self) -> Mantissas<'_> {
        match &self.cells {
            Width::Narrow(cells) => Mantissas::Narrow(cells),
            Width::Wide(cells) => Mantissas::Wide(cells),
        }
    }

    fn get(&self, at: usize) -> Option<i64> {
        match &self.cells {
            Width::Narrow(cells) => cells.get(at).copied().map(widened),
            Width::Wide(cells) => cells.get(at).copied(),
        }
    }

    #[inline]
    fn push(&mut self, cell: i64) {
        if let (Width::Narrow(cells), Some(narrow)) = (&mut self.cells, narrowed(cell)) {
            return cells.push(narrow);
        }
        self.widen();
        if let Width::Wide(cells) = &mut self.cells {
            cells.push(cell);
        }
    }

    /// Adds cells, the same in either width where they fit a narrow one.
    pub(super) fn extend(&mut self, cells: &[i64], narrow: Option<&[i32]>) {
        match (&mut self.cells, narrow) {
            (Width::Narrow(column), Some(narrow)) => column.extend_from_slice(narrow),
            (Width::Wide(column), _) => column.extend_from_slice(cells),
            _ => cells.iter().for_each(|cell| self.push(*cell)),
        }
    }

    fn put(&mut self, at: usize, cell: i64) {
        if let (Width::Narrow(cells), Some(narrow)) = (&mut self.cells, narrowed(cell)) {
            return cells.get_mut(at).into_iter().for_each(|place| *place = narrow);
        }
        self.widen();
        if let Width::Wide(cells) = &mut self.cells {
            cells.get_mut(at).into_iter().for_each(|place| *place = cell);
        }
    }

    fn widen(&mut self) {
        if let Width::Narrow(cells) = &self.cells {
            let mut wide = Vec::with_capacity(cells.capacity());
            wide.extend(cells.iter().copied().map(widened));
            self.cells = Width::Wide(wide);
        }
    }

    /// The least and the greatest value.
    pub(super) fn range(&self) -> Option<(i64, i64)> {
        fn ends<T: Copy + Ord>(cells: &[T], odd: T, greatest: T) -> Option<(T, T)> {
            // Without branches, so that many are compared at once.
            let low = cells.iter().fold(greatest, |low, cell| low.min(if *cell > odd { *cell } else { greatest }));
            let high = cells.iter().fold(odd, |high, cell| high.max(*cell));
            (high > odd).then_some((low, high))
        }
        match &self.cells {
            Width::Narrow(cells) => ends(cells, Numbers::ODD_NARROW, i32::MAX).map(|(low, high)| (low.into(), high.into())),
            Width::Wide(cells) => ends(cells, Numbers::ODD, i64::MAX),
        }
    }
}

fn widened(cell: i32) -> i64 {
    match cell {
        Numbers::MISSING_NARROW => Numbers::MISSING,
        Numbers::ODD_NARROW => Numbers::ODD,
        value => i64::from(value),
    }
}

#[inline]
fn narrowed(cell: i64) -> Option<i32> {
    match i32::try_from(cell) {
        Ok(value) if value > Numbers::ODD_NARROW => Some(value),
        _ if cell == Numbers::MISSING => Some(Numbers::MISSING_NARROW),
        _ if cell == Numbers::ODD => Some(Numbers::ODD_NARROW),
        _ => None,
    }
}

/// Places in a dictionary. The greatest value of the type is nothing filled in, the one before it something else, told by
/// `Table::cell`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Codes {
    /// All fit a byte.
    Narrow(Vec<u8>),
    /// Some do not.
    Wide(Vec<u32>),
}

impl Codes {
    /// Nothing filled in, in a wide column.
    pub const MISSING: u32 = u32::MAX;
    /// Something else, in a wide column.
    pub const ODD: u32 = u32::MAX - 1;
    /// Nothing filled in, in a narrow column.
    pub const MISSING_NARROW: u8 = u8::MAX;
    /// Something else, in a narrow column.
    pub const ODD_NARROW: u8 = u8::MAX - 1;

    fn get(&self, at: usize) -> Option<u32> {
        match self {
            Codes::Narrow(cells) => cells.get(at).copied().map(widened_code),
            Codes::Wide(cells) => cells.get(at).copied(),
        }
    }

    #[inline]
    fn push(&mut self, code: u32) {
        if let (Codes::Narrow(cells), Some(narrow)) = (&mut *self, narrowed_code(code)) {
            return cells.push(narrow);
        }
        self.widen();
        if let Codes::Wide(cells) = self {
            cells.push(code);
        }
    }

    /// Adds codes: narrow ones as long as they are.
    #[inline]
    pub(super) fn extend(&mut self, mut codes: impl Iterator<Item = u32>) {
        if let Codes::Narrow(column) = self {
            loop {
                let Some(code) = codes.next() else { return };
                match narrowed_code(code) {
                    Some(code) => column.push(code),
                    None => break self.push(code),
                }
            }
        }
        codes.for_each(|code| self.push(code));
    }

    fn put(&mut self, at: usize, code: u32) {
        if let (Codes::Narrow(cells), Some(narrow)) = (&mut *self, narrowed_code(code)) {
            return cells.get_mut(at).into_iter().for_each(|place| *place = narrow);
        }
        self.widen();
        if let Codes::Wide(cells) = self {
            cells.get_mut(at).into_iter().for_each(|place| *place = code);
        }
    }

    fn widen(&mut self) {
        if let Codes::Narrow(cells) = self {
            let mut wide = Vec::with_capacity(cells.capacity());
            wide.extend(cells.iter().copied().map(widened_code));
            *self = Codes::Wide(wide);
        }
    }

    /// Puts `codes[code]` in the place of each code.
    pub(super) fn translate(&mut self, codes: &[u32]) {
        if codes.iter().enumerate().all(|(at, code)| at == *code as usize) {
            return;
        }
        if codes.iter().any(|code| narrowed_code(*code).is_none()) {
            self.widen();
        }
        let new = |code: u32| if code >= Codes::ODD { code } else { codes.get(code as usize).copied().unwrap_or(Codes::ODD) };
        match self {
            Codes::Narrow(cells) => {
                cells.iter_mut().for_each(|cell| *cell = narrowed_code(new(widened_code(*cell))).unwrap_or(Codes::ODD_NARROW));
            }
            Codes::Wide(cells) => cells.iter_mut().for_each(|cell| *cell = new(*cell)),
        }
    }
}

fn widened_code(code: u8) -> u32 {
    match code {
        Codes::MISSING_NARROW => Codes::MISSING,
        Codes::ODD_NARROW => Codes::ODD,
        code => u32::from(code),
    }
}

#[inline]
fn narrowed_code(code: u32) -> Option<u8> {
    match u8::try_from(code) {
        Ok(code) if code < Codes::ODD_NARROW => Some(code),
        _ if code == Codes::MISSING => Some(Codes::MISSING_NARROW),
        _ if code == Codes::ODD => Some(Codes::ODD_NARROW),
        _ => None,
    }
}
