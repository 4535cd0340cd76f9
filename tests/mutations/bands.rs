//! Bands and grades (分档与等级), read from the words of a text: which values each takes, and whether one takes none or none takes some.

use super::kinds::{Must, Mutation, SCORES, is};
use super::tokens::{Block, Cut, Kind};

/// What values a band takes, and its numbers as written.
pub struct Band {
    takes: Takes,
    pub written: Vec<String>,
}

enum Takes {
    Rest,
    Compare(String, f64),
    Range(Option<f64>, Option<f64>),
}

fn number(word: &str) -> Option<f64> {
    match word.strip_suffix('%') {
        Some(share) => share.parse::<f64>().ok().map(|share| share / 100.0),
        None => word.parse().ok(),
    }
}

/// The bands of a block, if it is one of bands.
pub fn bands_of(cut: &Cut<'_>, block: &Block) -> Option<Vec<Band>> {
    let head: Vec<&str> = cut.statement_of(block.head).map(|at| cut.word(at)).collect();
    if !is(&block.opens, SCORES) || !head.iter().any(|word| is(word, &["分档", "bands"])) {
        return None;
    }
    cases(cut, block).into_iter().map(|case| band(cut, &case)).collect()
}

/// The statements of a block, each as its tokens.
fn cases(cut: &Cut<'_>, block: &Block) -> Vec<Vec<usize>> {
    let inside = cut.inside(&(block.at.start + 1..block.at.end - 1)).collect::<Vec<_>>();
    let parted = inside.split(|at| cut.kind(*at) == Some(Kind::Line) || cut.word(*at) == ";");
    parted.filter(|part| !part.is_empty()).map(<[usize]>::to_vec).collect()
}

fn band(cut: &Cut<'_>, case: &[usize]) -> Option<Band> {
    let before: Vec<usize> = case.iter().copied().take_while(|at| cut.word(*at) != ":").collect();
    let numbers: Vec<usize> = before.iter().copied().filter(|at| cut.kind(*at) == Some(Kind::Number)).collect();
    let written = numbers.iter().map(|at| cut.word(*at).to_owned()).collect();
    let value = |at: Option<&usize>| at.and_then(|at| number(cut.word(*at)));
    let dots = before.iter().position(|at| cut.word(*at) == "..");
    let takes = match (cut.word(*before.first()?), dots) {
        ("其他" | "else", _) => Takes::Rest,
        (op @ (">=" | ">" | "<=" | "<" | "=="), _) => Takes::Compare(op.to_owned(), value(numbers.first())?),
        (_, Some(dots)) => {
            let side = |at: &&usize, low: bool| before.iter().position(|other| other == *at).is_some_and(|place| (place < dots) == low);
            Takes::Range(value(numbers.iter().find(|at| side(at, true))), value(numbers.iter().find(|at| side(at, false))))
        }
        _ => return None,
    };
    Some(Band { takes, written })
}

impl Takes {
    fn holds(&self, value: f64) -> bool {
        match self {
            Takes::Rest => true,
            Takes::Compare(op, bound) => match op.as_str() {
                ">=" => value >= *bound,
                ">" => value > *bound,
                "<=" => value <= *bound,
                "<" => value < *bound,
                _ => value.total_cmp(bound).is_eq(),
            },
            Takes::Range(from, to) => from.is_none_or(|from| value >= from) && to.is_none_or(|to| value < to),
        }
    }

    fn bounds(&self) -> Vec<f64> {
        match self {
            Takes::Rest => Vec::new(),
            Takes::Compare(_, bound) => vec![*bound],
            Takes::Range(from, to) => from.iter().chain(to).copied().collect(),
        }
    }
}

/// Values at, between and around all bounds.
fn samples(bands: &[Band]) -> Vec<f64> {
    let mut bounds: Vec<f64> = bands.iter().flat_map(|band| band.takes.bounds()).collect();
    bounds.sort_by(f64::total_cmp);
    let between = bounds.windows(2).map(|pair| f64::midpoint(pair[0], pair[1]));
    let ends = bounds.first().into_iter().map(|low| low - 1.0).chain(bounds.last().map(|high| high + 1.0));
    let mut all: Vec<f64> = between.chain(ends).collect();
    all.extend(bounds);
    all
}

/// Whether bands leave a value without one, or one without a value, or two ranges share values.
fn faulty(bands: &[Band]) -> bool {
    let samples = samples(bands);
    let first = |value: f64| bands.iter().position(|band| band.takes.holds(value));
    let gap = samples.iter().any(|value| first(*value).is_none());
    let dead = (0..bands.len()).any(|at| !samples.iter().any(|value| first(*value) == Some(at)));
    let is_range = |band: &&Band| matches!(band.takes, Takes::Range(..));
    let shared = samples.iter().any(|value| bands.iter().filter(is_range).filter(|band| band.takes.holds(*value)).count() > 1);
    gap || dead || shared
}

/// Whether a mutation must be told, once it is made.
pub fn must(mutation: &Mutation, mutated: &Cut<'_>) -> bool {
    let block_at = |start: usize| mutated.blocks.iter().find(|block| block.at.start == start);
    match mutation.must {
        Must::Yes => true,
        Must::No => false,
        Must::Bands(start) => block_at(start).and_then(|block| bands_of(mutated, block)).is_some_and(|bands| faulty(&bands)),
        Must::Grades(start) => block_at(start).is_some_and(|block| {
            let simple = |case: &Vec<usize>| {
                let behind: Vec<usize> = case.iter().copied().skip_while(|at| mutated.word(*at) != ":").skip(1).collect();
                match behind.as_slice() {
                    [one] if is(mutated.word(*one), &["其他", "otherwise"]) => Some(Band { takes: Takes::Rest, written: vec![] }),
                    [op, bound] => {
                        let takes = Takes::Compare(mutated.word(*op).to_owned(), number(mutated.word(*bound))?);
                        Some(Band { takes, written: vec![] })
                    }
                    _ => None,
                }
            };
            let Some(bands) = cases(mutated, block).iter().map(simple).collect::<Option<Vec<_>>>() else { return false };
            let totals: Vec<f64> = samples(&bands).into_iter().filter(|total| *total >= 0.0).chain([0.0]).collect();
            let first = |value: f64| bands.iter().position(|band| band.takes.holds(value));
            (0..bands.len().saturating_sub(1)).any(|at| !totals.iter().any(|total| first(*total) == Some(at)))
        }),
    }
}
