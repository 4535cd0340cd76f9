//! What a value is held against, each with the numbers at which something turns (目标与计分方法, 及其临界值).

use super::exact::{Q, Random, Want, Way, decimal, q, step, typed, whole};
use num_traits::{One, Signed, Zero};

/// What a rubric says of a value, and what must come of one.
pub struct Judge {
    pub what: &'static str,
    /// The body of the rubric, after `reads`.
    pub body: String,
    pub outputs: Vec<String>,
    /// Where something turns.
    pub critical: Vec<Q>,
    pub expect: Box<dyn Fn(Option<Q>) -> Vec<Want>>,
}

/// A bound as it is written, and what it is.
#[derive(Clone)]
pub struct Bound {
    pub text: String,
    pub is: Q,
}

const BOUNDS: &[&str] = &[
    "0.85",
    "4.2",
    "1",
    "19",
    "0.6",
    "3.57",
    "0.06",
    "12.5",
    "100",
    "60",
    "0",
    "5.3",
    "0.333333333333333333",
    "0.3333333333333333333333333333333333333333",
    "0.000000000001",
    "0.000000000000000001",
    "1000000000000000000",
    "123456789012345678.9",
    "9007199254740993",
    "0.1",
    "0.30000000000000000000000000000000000001",
    "33.33",
    "-0.5",
    "-4.2",
];

/// A bound of targets: a short decimal, a long one, a third.
pub fn bound(random: &mut Random) -> Bound {
    if random.chance(12) {
        let (n, d) = random.of(&[(1, 3), (2, 3), (1, 7), (22, 7), (10, 9), (355, 113)]);
        return Bound { text: format!("{n} / {d}"), is: q(n, d) };
    }
    literal(random)
}

/// One that can be written as a number.
pub fn literal(random: &mut Random) -> Bound {
    let text = random.of(BOUNDS).to_owned();
    if random.chance(70) {
        return Bound { is: decimal(&text), text };
    }
    let (before, places) = (random.from(0, 6) as u32, random.from(1, 15) as u32);
    let is = random.number(before, places).abs();
    Bound { text: typed(&is).unwrap(), is }
}

/// A positive one that is neither very long nor very small.
fn moderate(random: &mut Random) -> Bound {
    loop {
        let bound = literal(random);
        if bound.is > q(1, 1_000_000) && bound.is < whole(1_000_000) {
            return bound;
        }
    }
}

fn written(number: &Q) -> String {
    typed(number).unwrap()
}

type Op = (&'static str, fn(&Q, &Q) -> bool);

const OPS: [Op; 6] =
    [(">=", |a, b| a >= b), (">", |a, b| a > b), ("<=", |a, b| a <= b), ("<", |a, b| a < b), ("==", |a, b| a == b), ("!=", |a, b| a != b)];

/// Six indicators with the six comparisons.
fn six(value: &str, bound: &str) -> (String, Vec<String>) {
    let mut body = String::new();
    let mut outputs = Vec::new();
    for (at, (op, _)) in OPS.iter().enumerate() {
        body += &format!("indicator A{at} {{ value {value}; target {op} {bound} }}\nlet m{at} = if A{at}.met then 1 else 0\n");
        outputs.push(format!("let m{at}"));
    }
    (body, outputs)
}

pub fn comparisons(random: &mut Random, value: &str) -> Judge {
    let bound = bound(random);
    let (body, mut outputs) = six(value, &bound.text);
    outputs.extend(["A0", "A0.attained", "A2.attained", "A1.met"].map(str::to_owned));
    let at = bound.is.clone();
    let attained = |above: &Q, below: &Q, met: bool| if below.is_zero() { whole(i32::from(met)) } else { above / below };
    let expect = move |value: Option<Q>| {
        let mut wants: Vec<Want> = OPS.iter().map(|(_, op)| Want::flag(value.as_ref().map(|value| op(value, &at)))).collect();
        wants.push(Want::number(value.clone()));
        wants.push(Want::number(value.as_ref().map(|value| attained(value, &at, *value >= at))));
        wants.push(Want::number(value.as_ref().map(|value| attained(&at, value, *value <= at))));
        wants.push(value.map_or(Want::Nothing, |value| Want::Word(if value > at { "是" } else { "否" }.to_owned())));
        wants
    };
    Judge { what: "comparisons", body, outputs, critical: vec![bound.is], expect: Box::new(expect) }
}

pub fn compared_rounded(random: &mut Random, value: &str) -> Judge {
    let (bound, places) = (bound(random), random.from(0, 6) as u32);
    let (body, outputs) = six(value, &bound.text);
    let half = step(places) / whole(2);
    let near = Way::HalfEven.to(&bound.is, places);
    let critical = vec![bound.is.clone(), &near + &half, &near - &half, &near + &half * whole(3), near];
    let at = bound.is;
    let expect = move |value: Option<Q>| {
        let value = value.map(|value| Way::HalfEven.to(&value, places));
        OPS.iter().map(|(_, op)| Want::flag(value.as_ref().map(|value| op(value, &at)))).collect()
    };
    Judge { what: "compare rounded", body: format!("compare rounded {places}\n{body}"), outputs, critical, expect: Box::new(expect) }
}

/// Full marks, and how a score is rounded.
struct Rounds(Option<(Way, u32)>, String);

impl Rounds {
    fn any(random: &mut Random, percent: usize) -> Rounds {
        if !random.chance(percent) {
            return Rounds(None, String::new());
        }
        let ((way, name), places) = (random.of(&Way::ALL), random.from(0, 3) as u32);
        Rounds(Some((way, places)), format!("; round {name} {places}"))
    }

    fn of(&self, score: Q) -> Q {
        match self.0 {
            Some((way, places)) => way.to(&score, places),
            None => score,
        }
    }

    /// A score between two at which the rounding turns, or the first of them if there is none.
    fn turn(&self, random: &mut Random, low: &Q, high: &Q) -> Option<Q> {
        let (way, places) = self.0?;
        let part = low + (high - low) * q(random.from(1, 99), 100);
        let unit = step(places);
        let base = Way::Floor.to(&part, places);
        Some(if matches!(way, Way::HalfUp | Way::HalfEven) { base + unit / whole(2) } else { base })
    }
}

pub fn all_or_nothing(random: &mut Random, value: &str) -> Judge {
    let bound = bound(random);
    let (op, holds) = random.of(&OPS);
    let body = format!("indicator A 8.5 {{ value {value}; target {op} {}; score all or nothing }}", bound.text);
    let at = bound.is.clone();
    let expect = move |value: Option<Q>| {
        let score = value.map(|value| if holds(&value, &at) { q(17, 2) } else { Q::zero() });
        vec![Want::number(score.clone()), Want::number(score)]
    };
    Judge {
        what: "all or nothing",
        body,
        outputs: vec!["A.score".into(), "total".into()],
        critical: vec![bound.is],
        expect: Box::new(expect),
    }
}

/// Three limits in ascending order.
fn ascending(random: &mut Random) -> [Bound; 3] {
    loop {
        let mut limits = [(); 3].map(|()| literal(random));
        limits.sort_by(|a, b| a.is.cmp(&b.is));
        if limits.windows(2).all(|pair| pair[0].is < pair[1].is) {
            return limits;
        }
    }
}

pub fn bands(random: &mut Random, value: &str) -> Judge {
    let limits = ascending(random);
    let points = [q(0, 1), q(random.from(1, 5), 2), q(random.from(30, 79), 10), q(10, 1)];
    let [low, middle, high] = limits.clone();
    let [_, p1, p2, p3] = points.clone().map(|points| written(&points));
    let (text, upper_closed) = match random.below(3) {
        0 => (format!(">= {}: {p3}; >= {}: {p2}; >= {}: {p1}; else: 0", high.text, middle.text, low.text), false),
        1 => (format!("{}..{}: {p2}; {}..{}: {p1}; >= {}: {p3}; else: 0", middle.text, high.text, low.text, middle.text, high.text), false),
        _ => (format!("<= {}: 0; <= {}: {p1}; <= {}: {p2}; else: {p3}", low.text, middle.text, high.text), true),
    };
    let body = format!("indicator A 10 {{ value {value}; score bands {{ {text} }} }}");
    let critical = limits.iter().map(|limit| limit.is.clone()).collect();
    let expect = move |value: Option<Q>| {
        let band = |value: &Q| limits.iter().filter(|limit| if upper_closed { *value > limit.is } else { *value >= limit.is }).count();
        vec![Want::number(value.as_ref().map(|value| points[band(value)].clone())), Want::number(value)]
    };
    Judge { what: "bands", body, outputs: vec!["A.score".into(), "A".into()], critical, expect: Box::new(expect) }
}

pub fn linear(random: &mut Random, value: &str) -> Judge {
    let limits = ascending(random);
    let mut points = vec![q(0, 1), q(random.from(1, 29), 3), q(10, 1)];
    points[1] = Way::Floor.to(&points[1], random.from(1, 4) as u32);
    if random.chance(30) {
        points.reverse();
    }
    let rounds = Rounds::any(random, 60);
    let knots: Vec<(Q, Q)> = limits.iter().map(|limit| limit.is.clone()).zip(points).collect();
    let text: Vec<String> = knots.iter().zip(&limits).map(|((_, points), limit)| format!("{}: {}", limit.text, written(points))).collect();
    let body = format!("indicator A 10 {{ value {value}; score linear {{ {} }}{} }}", text.join("; "), rounds.1);
    let mut critical: Vec<Q> = knots.iter().map(|(at, _)| at.clone()).collect();
    for pair in knots.windows(2) {
        let [(from, low), (to, high)] = pair else { unreachable!() };
        for _ in 0..3 {
            critical.extend(rounds.turn(random, low, high).map(|score| from + (score - low) * (to - from) / (high - low)));
        }
    }
    let expect = move |value: Option<Q>| {
        let score = value.map(|value| {
            let (first, last) = (&knots[0], &knots[knots.len() - 1]);
            let pair = knots.windows(2).find(|pair| pair[0].0 <= value && value < pair[1].0);
            match pair {
                Some([(from, low), (to, high)]) => low + (&value - from) * (high - low) / (to - from),
                _ if value < first.0 => first.1.clone(),
                _ => last.1.clone(),
            }
        });
        vec![Want::number(score.map(|score| rounds.of(score)))]
    };
    Judge { what: "linear", body, outputs: vec!["A.score".into()], critical, expect: Box::new(expect) }
}

pub fn proportional(random: &mut Random, value: &str) -> Judge {
    let bound = moderate(random);
    let floor = random.of(&[q(6, 10), q(85, 100), q(1, 8), Q::one(), decimal("0.333333333333333333")]);
    let full = random.of(&[q(10, 1), q(15, 2), q(8, 1)]);
    let rounds = Rounds::any(random, 60);
    let lower = random.chance(40);
    let (op, percent) = (if lower { random.of(&["<=", "<"]) } else { random.of(&[">=", ">"]) }, written(&(&floor * whole(100))));
    let body = format!(
        "indicator A {} {{ value {value}; target {op} {}; score proportional, zero below {percent}%{} }}",
        written(&full),
        bound.text,
        rounds.1
    );
    let value_of = |share: &Q| if lower { &bound.is / share } else { &bound.is * share };
    let mut critical = vec![value_of(&floor), bound.is.clone()];
    for _ in 0..4 {
        let share = rounds.turn(random, &(&floor * &full), &full).map(|score| score / &full);
        critical.extend(share.filter(|share| !share.is_zero()).map(|share| value_of(&share)));
    }
    let (at, strict) = (bound.is, op.len() == 1);
    let expect = move |value: Option<Q>| {
        let attained = value.map(|value| {
            let (above, below) = if lower { (&at, &value) } else { (&value, &at) };
            if below.is_zero() { whole(i32::from(if strict { value < at } else { value <= at })) } else { above / below }
        });
        let score = attained.as_ref().map(|attained| {
            let none = *attained < floor || attained.is_negative();
            rounds.of(if none { Q::zero() } else { attained.clone().min(Q::one()) * &full })
        });
        vec![Want::number(score), Want::number(attained)]
    };
    Judge { what: "proportional", body, outputs: vec!["A.score".into(), "A.attained".into()], critical, expect: Box::new(expect) }
}

pub fn full_minus(random: &mut Random, value: &str) -> Judge {
    let (bound, below) = (moderate(random), random.chance(60));
    let size = random.of(&[decimal("0.01"), decimal("1"), decimal("0.05"), decimal("0.3"), decimal("2.5"), decimal("0.000000001")]);
    let minus = random.of(&[decimal("0.2"), decimal("0.5"), decimal("1"), decimal("0.3"), decimal("3.333")]);
    let (steps, name) = random.of(&[(0, ""), (1, ", whole steps"), (2, ", started steps")]);
    let rounds = Rounds::any(random, 30);
    let places = random.chance(30).then(|| random.from(0, 4) as u32);
    let strict = random.chance(30);
    let op = match (below, strict) {
        (true, true) => ">",
        (true, false) => ">=",
        (false, true) => "<",
        (false, false) => "<=",
    };
    let body = format!(
        "{}indicator A 10 {{ value {value}; target {op} {}; score full, minus {} per {} {}{name}{} }}",
        places.map_or(String::new(), |places| format!("compare rounded {places}\n")),
        bound.text,
        written(&minus),
        written(&size),
        if below { "below" } else { "above" },
        rounds.1
    );
    let to = |steps: Q| if below { &bound.is - steps * &size } else { &bound.is + steps * &size };
    let mut critical = vec![bound.is.clone(), to(whole(10) / &minus)];
    critical.extend((1..5).map(|steps| to(whole(steps))));
    if let Some(places) = places {
        critical.extend([1, -1].map(|sign| Way::HalfEven.to(&bound.is, places) + step(places) * q(sign, 2)));
    }
    if steps == 0 {
        critical.extend((0..3).filter_map(|_| rounds.turn(random, &Q::zero(), &whole(10))).map(|score| to((whole(10) - score) / &minus)));
    }
    let at = bound.is;
    let expect = move |value: Option<Q>| {
        let score = value.map(|value| {
            let compared = places.map_or(value.clone(), |places| Way::HalfEven.to(&value, places));
            let met = match (below, strict) {
                (true, true) => compared > at,
                (true, false) => compared >= at,
                (false, true) => compared < at,
                (false, false) => compared <= at,
            };
            let short = if below { &at - &value } else { &value - &at };
            if met || !short.is_positive() {
                return whole(10);
            }
            let count = match steps {
                0 => short / &size,
                1 => (short / &size).floor(),
                _ => (short / &size).ceil(),
            };
            (whole(10) - count * &minus).max(Q::zero())
        });
        vec![Want::number(score.map(|score| rounds.of(score)))]
    };
    Judge { what: "full minus", body, outputs: vec!["A.score".into()], critical, expect: Box::new(expect) }
}

/// The value itself is the score: its ends, its rounding, the total, the grade, what is concluded of attainment.
pub fn formula(random: &mut Random, value: &str) -> Judge {
    let full = random.of(&[whole(100), whole(10), decimal("8.5")]);
    let rounds = Rounds::any(random, 70);
    let share = random.of(&[decimal("0.85"), decimal("0.6"), decimal("0.9")]);
    let bound = &full * random.of(&[decimal("0.9"), decimal("0.42")]);
    let [good, fair] = [decimal("0.8"), decimal("0.6")].map(|share| &full * share);
    let body = format!(
        "indicator A {} {{ value {value}; target >= {}; score = {value}{} }}
         grade {{ 好: >= {}; 中: > {}; 差: otherwise }}
         conclusion {{ 足: A.attained >= {}; 缺: otherwise }}",
        written(&full),
        written(&bound),
        rounds.1,
        written(&good),
        written(&fair),
        written(&share)
    );
    let mut critical = vec![Q::zero(), full.clone(), good.clone(), fair.clone(), &share * &bound];
    critical.extend((0..6).filter_map(|_| rounds.turn(random, &Q::zero(), &full)));
    if let Some((_, places)) = rounds.0 {
        critical.extend([&good - step(places) / whole(2), &fair + step(places) / whole(2)]);
    }
    let expect = move |value: Option<Q>| {
        let score = value.clone().filter(|score| !score.is_negative() && *score <= full).map(|score| rounds.of(score));
        let grade = |total: &Q| {
            if *total >= good {
                "好"
            } else if *total > fair {
                "中"
            } else {
                "差"
            }
        };
        let attained = value.map(|value| value / &bound);
        let concluded = attained.as_ref().map(|attained| if *attained >= share { "足" } else { "缺" });
        vec![
            Want::number(score.clone()),
            Want::number(score.clone()),
            score.as_ref().map_or(Want::Nothing, |total| Want::Word(grade(total).into())),
            concluded.map_or(Want::Nothing, |word| Want::Word(word.into())),
            Want::number(attained),
        ]
    };
    Judge {
        what: "formula",
        body,
        outputs: ["A.score", "total", "grade", "conclusion", "A.attained"].map(str::to_owned).into(),
        critical,
        expect: Box::new(expect),
    }
}

/// Rounding where it stands in an expression.
pub fn rounded(random: &mut Random, value: &str) -> Judge {
    let places = random.from(0, 9) as u32;
    let bound = moderate(random);
    let at = Way::HalfUp.to(&bound.is, places);
    let text = written(&at);
    let body = format!(
        "indicator R {{ value round({value}, {places}); target >= {text} }}
         indicator F {{ value floor({value}); target >= {text} }}
         indicator C {{ value ceil({value}); target <= {text} }}
         let m0 = if R.met then 1 else 0
         let m1 = if F.met then 1 else 0
         let m2 = if C.met then 1 else 0"
    );
    let unit = step(places);
    let mut critical = vec![at.floor(), at.ceil()];
    critical.extend([1, -1, 3, -3, 21].map(|halves| &at + &unit * q(halves, 2)));
    let expect = move |value: Option<Q>| {
        let of = |way: Way, places: u32| value.as_ref().map(|value| way.to(value, places));
        let [round, floor, ceil] = [of(Way::HalfUp, places), of(Way::Floor, 0), of(Way::Ceiling, 0)];
        vec![
            Want::flag(round.as_ref().map(|round| *round >= at)),
            Want::flag(floor.as_ref().map(|floor| *floor >= at)),
            Want::flag(ceil.as_ref().map(|ceil| *ceil <= at)),
            Want::number(round),
            Want::number(floor),
            Want::number(ceil),
        ]
    };
    let outputs = ["let m0", "let m1", "let m2", "R", "F", "C"].map(str::to_owned).into();
    Judge { what: "rounded", body, outputs, critical, expect: Box::new(expect) }
}

pub type Make = fn(&mut Random, &str) -> Judge;

pub const JUDGES: [Make; 9] = [comparisons, compared_rounded, all_or_nothing, bands, linear, proportional, full_minus, formula, rounded];
