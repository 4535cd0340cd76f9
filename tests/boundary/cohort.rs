//! Ranks of values that tie or nearly do (名次与百分位的并列).

use super::exact::{Q, Random, Want, decimal, q, step, typed, whole};
use super::frame::{Family, Record};
use num_bigint::BigInt;
use num_traits::Signed;

const RULES: &str = "form 表 {
  subject 校 by 码
  within 县 by 县
  码: text required
  县: text required
  a: integer
  b: integer
  p: percent
}
rubric 甲 {
  reads 表 as d
  indicator V { value d.p or d.a / d.b }
  indicator R { value rank(V, over all) }
  indicator A { value rank_ascending(V, over all) }
  indicator P { value percentile_rank(V, over all) }
  indicator G { value rank(V, over group) }
  indicator M { value median(V, over group) }
  let m = if V >= M then 1 else 0
  let same = if V == M then 1 else 0
}
";

/// A value near one that others have too, as it is typed: a quotient, or a decimal as long as a field takes.
fn near(random: &mut Random, base: &Q) -> (Q, Record) {
    if random.chance(50) {
        let digits = random.from(1, 18) as u32;
        let b = random.long(digits) * base.denom();
        let a = random.about(&(base * whole(b.clone())));
        let row = vec![("a", typed(&a).unwrap()), ("b", b.to_string())];
        return (a / whole(b), row);
    }
    let places = random.from(10, 36) as u32;
    let cut = super::exact::Way::HalfUp.to(base, places);
    let by = step(places) * whole(random.of(&[0, 0, 1, -1]));
    let value = cut + by;
    (value.clone(), vec![("p", typed(&(value * whole(100))).unwrap())])
}

/// How many are above, how many below, how many are the same, itself included.
fn standing(values: &[&Q], of: &Q) -> [usize; 3] {
    let count = |order: std::cmp::Ordering| values.iter().filter(|value| (**value).cmp(of) == order).count();
    [count(std::cmp::Ordering::Greater), count(std::cmp::Ordering::Less), count(std::cmp::Ordering::Equal)]
}

fn median(values: &[&Q]) -> Q {
    let mut values = values.to_vec();
    values.sort();
    let middle = values.len() / 2;
    if values.len() % 2 == 1 { values[middle].clone() } else { (values[middle] + values[middle - 1]) / whole(2) }
}

pub fn family(random: &mut Random, turn: usize) -> Family {
    let bases = [q(1, 3), q(2, 3), decimal("0.85"), q(42, 10), q(1, 7), q(0, 1), q(-1, 3)];
    let bases: Vec<Q> = (0..3).map(|_| random.of(&bases)).collect();
    let (mut rows, mut subjects): (Vec<Record>, Vec<(usize, Option<Q>)>) = (Vec::new(), Vec::new());
    for at in 0..200 {
        let (county, base) = (random.below(12), random.of(&bases));
        let (value, cells) = if random.chance(3) {
            (None, vec![("a", BigInt::from(1).to_string()), ("b", "0".to_owned())])
        } else {
            let (value, cells) = near(random, &base);
            (Some(value), cells)
        };
        let mut row: Record = vec![("码", format!("{at:04}")), ("县", format!("{county:02}"))];
        row.extend(cells);
        rows.push(row);
        subjects.push((county, value));
    }
    let all: Vec<&Q> = subjects.iter().filter_map(|(_, value)| value.as_ref()).collect();
    let of_county = |county: usize| -> Vec<&Q> {
        subjects.iter().filter(|(other, _)| *other == county).filter_map(|(_, value)| value.as_ref()).collect()
    };
    let number = |count: usize| Want::Number(whole(count as i64));
    let expected = subjects.iter().map(|(county, value)| {
        let near = of_county(*county);
        let middle = (!near.is_empty()).then(|| median(&near));
        let Some(value) = value else {
            let mut wants = vec![Want::Nothing; 5];
            wants.push(Want::number(middle));
            wants.extend([Want::Nothing, Want::Nothing]);
            return wants;
        };
        let [above, below, same] = standing(&all, value);
        let share = Q::new((2 * below + same).into(), (2 * all.len()).into());
        let flag = |holds: fn(&Q, &Q) -> bool| Want::flag(middle.as_ref().map(|middle| holds(value, middle)));
        vec![
            Want::Number(value.clone()),
            number(above + 1),
            number(below + 1),
            Want::Number(share),
            number(standing(&near, value)[0] + 1),
            Want::number(middle.clone()),
            flag(|value, middle| value >= middle),
            flag(|value, middle| !(value - middle).is_positive() && value == middle),
        ]
    });
    let expected = expected.collect();
    Family {
        what: format!("ranks, turn {turn}"),
        rules: RULES.to_owned(),
        rubric: "甲",
        outputs: ["V", "R", "A", "P", "G", "M", "let m", "let same"].map(str::to_owned).into(),
        rows,
        expected,
        grouped: false,
    }
}
