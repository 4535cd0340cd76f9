//! Totals on a limit of a grade, sections on their share (总分与等级的临界).

use super::exact::{Q, Random, Want, Way, decimal, q, step, typed, whole};
use super::frame::{Family, Record};
use num_traits::{Signed, Zero};

/// What one submission fills in.
struct Filled {
    x: Q,
    a: Q,
    b: Q,
    y: Q,
    p: Q,
}

const FORM: &str = "form 表 {
  subject 校 by 码
  码: text required
  x: decimal(12)
  a: integer
  b: integer
  y: decimal(12)
  p: percent
}
";

/// Four scores of two sections; the last brings what is aimed at onto its limit, if it can.
fn filled(random: &mut Random, limits: &[Q]) -> Filled {
    let aim = random.of(limits);
    let aim = random.beside(&aim);
    let x = Way::Floor.to(&q(random.from(0, 30_000_000), 1_000_000), random.from(0, 6) as u32);
    let b = whole(random.long(6));
    // b / b · 20 is full marks; often a third or seventh of it.
    let a = match random.below(3) {
        0 => b.clone(),
        1 => Way::Floor.to(&(&b * q(8, 10)), 0),
        _ => Way::Floor.to(&(&b * q(random.from(0, 7), 7)), 0),
    };
    let y = Way::Floor.to(&q(random.from(0, 25_000_000), 1_000_000), random.from(0, 12) as u32);
    let p = (aim - &x - &a / &b * whole(20) - &y) / whole(25);
    let p = Way::HalfEven.to(&p, 36);
    if random.chance(30) {
        // The first section on 80 % of its 50.
        let y = (random.beside(&whole(40)) - &a / &b * whole(20)).max(Q::zero());
        return Filled { x: Way::HalfEven.to(&y, 12), a, b, y: whole(25), p: q(random.from(60, 100), 100) };
    }
    Filled { x, a, b, y, p }
}

pub fn family(random: &mut Random, turn: usize) -> Family {
    let limits = [decimal("90"), decimal("80"), decimal("60")];
    let ((way, name), places) = (random.of(&Way::ALL), random.from(0, 3) as u32);
    let (each, total) = random.of(&[(false, false), (true, false), (false, true)]);
    let rounding = match (each, total) {
        (true, _) => format!("round {name} {places}\n"),
        (_, true) => format!("round total {name} {places}\n"),
        _ => String::new(),
    };
    let rules = format!(
        "{FORM}rubric 甲 {{
  reads 表 as d
  total 100
  {rounding}  section S 50 {{
    indicator A 30 {{ score = d.x }}
    indicator B 20 {{ value d.a / d.b; target >= 1; score proportional }}
  }}
  section T 50 {{
    indicator C 25 {{ score = d.y }}
    indicator D 25 {{ value d.p; score = 25 * d.p }}
  }}
  veto d.p < 0.1 : \"太低\" then 差
  grade {{ 优: >= 90 and every section >= 80%; 良: >= 80; 中: > 60; 差: otherwise }}
}}
"
    );
    let round = |score: Q, does: bool| if does { way.to(&score, places) } else { score };
    let mut aims = limits.to_vec();
    aims.extend([1, -1, 3].map(|halves| &limits[random.below(3)] + step(places) * q(halves, 2)));
    let (mut rows, mut expected) = (Vec::new(), Vec::new());
    while rows.len() < 300 {
        let Filled { x, a, b, y, p } = filled(random, &aims);
        let cells = [("x", typed(&x)), ("a", typed(&a)), ("b", typed(&b)), ("y", typed(&y)), ("p", typed(&(&p * whole(100))))];
        let Some(mut row) = cells.into_iter().map(|(field, text)| Some((field, text?))).collect::<Option<Record>>() else { continue };
        row.insert(0, ("码", format!("{:05}", rows.len())));
        rows.push(row);
        let within = |score: Q, full: i64| (!score.is_negative() && score <= whole(full)).then_some(score);
        let attained = &a / &b;
        let scores = [within(x, 30), Some(attained.min(whole(1)) * whole(20)), within(y, 25), within(&p * whole(25), 25)];
        let scores = scores.map(|score| score.map(|score| round(score, each)));
        let section = |from: usize| Some(scores[from].clone()? + scores[from + 1].clone()?);
        let sections = [section(0), section(2)];
        let sum = sections[0].clone().zip(sections[1].clone()).map(|(one, two)| round(one + two, total));
        let grade = |sum: &Q| {
            let even = sections.iter().flatten().all(|section| *section >= whole(40));
            match () {
                () if *sum >= limits[0] && even => "优",
                () if *sum >= limits[1] => "良",
                () if *sum > limits[2] => "中",
                () => "差",
            }
        };
        let forced = p < q(1, 10);
        let word = if forced { Some("差") } else { sum.as_ref().map(grade) };
        let mut wants: Vec<Want> = scores.iter().cloned().map(Want::number).collect();
        wants.push(Want::number(sum));
        wants.push(word.map_or(Want::Nothing, |word| Want::Word(word.into())));
        expected.push(wants);
    }
    Family {
        what: format!("totals, turn {turn}"),
        rules,
        rubric: "甲",
        outputs: ["A.score", "B.score", "C.score", "D.score", "total", "grade"].map(str::to_owned).into(),
        rows,
        expected,
        grouped: false,
    }
}
