//! Units of measure (计量单位): `师/百生`, `平方米/生`, `元`.

use crate::number::Exact;
use crate::text::Name;
use std::collections::BTreeMap;
use std::fmt;

/// A unit: words with their powers as written, and what they come to in base units.
///
/// Two units are the same when they come to the same; `百生` and `生` do not. The unit of a bare ratio is [`Unit::one`].
#[derive(Clone, Debug, Default)]
pub struct Unit {
    words: BTreeMap<Name, i32>,
    base: BTreeMap<Name, i32>,
    scale: Option<Exact>,
}

impl PartialEq for Unit {
    fn eq(&self, other: &Unit) -> bool {
        self.base == other.base && self.scale() == other.scale()
    }
}
impl Eq for Unit {}

impl Unit {
    /// The unit of a bare number.
    pub fn one() -> Unit {
        Unit::default()
    }

    /// A word that is a unit by itself.
    pub fn base(name: &Name) -> Unit {
        let one = BTreeMap::from([(name.clone(), 1)]);
        Unit { words: one.clone(), base: one, scale: None }
    }

    /// A word that stands for `times` of `other`.
    pub fn derived(name: &Name, times: &Exact, other: &Unit) -> Unit {
        Unit { words: BTreeMap::from([(name.clone(), 1)]), base: other.base.clone(), scale: Some(times * &other.scale()) }
    }

    /// The words that it is written with.
    pub fn words(&self) -> impl Iterator<Item = &Name> {
        self.words.keys()
    }

    /// What it comes to in base units: `元` of 万元.
    #[must_use]
    pub fn in_base(&self) -> Unit {
        Unit { words: self.base.clone(), base: self.base.clone(), scale: None }
    }

    /// How many base units one of it is.
    pub fn scale(&self) -> Exact {
        self.scale.clone().unwrap_or(Exact::ONE)
    }

    /// Whether it is no unit at all: a bare number.
    pub fn is_one(&self) -> bool {
        self.base.is_empty() && self.scale() == Exact::ONE
    }

    /// Whether both measure the same thing, so that one can be converted into the other.
    pub fn converts_to(&self, other: &Unit) -> bool {
        self.base == other.base
    }

    /// The product of two units.
    #[must_use]
    pub fn times(&self, other: &Unit) -> Unit {
        self.combine(other, 1, &self.scale() * &other.scale())
    }

    /// The quotient of two units.
    #[must_use]
    pub fn per(&self, other: &Unit) -> Unit {
        let scale = self.scale().checked_div(&other.scale()).unwrap_or(Exact::ONE);
        self.combine(other, -1, scale)
    }

    fn combine(&self, other: &Unit, sign: i32, scale: Exact) -> Unit {
        let join = |left: &BTreeMap<Name, i32>, right: &BTreeMap<Name, i32>| {
            let mut powers = left.clone();
            for (name, power) in right {
                *powers.entry(name.clone()).or_default() += sign * power;
            }
            powers.retain(|_, power| *power != 0);
            powers
        };
        let scale = Some(scale).filter(|scale| *scale != Exact::ONE);
        Unit { words: join(&self.words, &other.words), base: join(&self.base, &other.base), scale }
    }

    /// The words below the line, as `生` in `平方米/生`.
    pub fn denominators(&self) -> impl Iterator<Item = &Name> {
        self.base.iter().filter(|(_, power)| **power < 0).map(|(name, _)| name)
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |sign: i32| {
            let words = self.words.iter().filter(move |(_, power)| power.signum() == sign);
            words.flat_map(|(name, power)| std::iter::repeat_n(name.as_str(), power.unsigned_abs() as usize)).collect::<Vec<_>>()
        };
        let (above, below) = (side(1), side(-1));
        let mut text = if above.is_empty() && !below.is_empty() { "1".to_owned() } else { above.join("·") };
        for word in below {
            text.push('/');
            text.push_str(word);
        }
        f.pad(&text)
    }
}

/// The units that are declared.
#[derive(Clone, Debug, Default)]
pub struct UnitTable {
    units: BTreeMap<Name, Unit>,
}

impl UnitTable {
    /// The unit of a word.
    pub fn get(&self, name: &str) -> Option<&Unit> {
        self.units.get(name)
    }

    /// Declares a word; the first declaration stays.
    pub fn declare(&mut self, name: Name, unit: Unit) {
        self.units.entry(name).or_insert(unit);
    }

    /// All words.
    pub fn names(&self) -> impl Iterator<Item = &Name> {
        self.units.keys()
    }
}
