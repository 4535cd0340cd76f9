//! Statistics of groups on their limits (统计量的临界): coefficients are compared by their squares.

use super::exact::{Q, Random, Want, decimal, power, q, step, typed, whole};
use super::frame::{Family, Record};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};

const FORM: &str = "form 表 {
  subject 校 by 码
  within 县 by 县
  码: text required
  县: text required
  段: choice { 小, 中 } required
  w: integer
  a: integer
  y: decimal(12)
}
rubric 甲 {
  reads 表 as d
  indicator X { value d.a / d.w; target >= 15 }
  conclusion { 达标: X.met; 未达标: otherwise }
}
";

/// One member: weight, what is divided by it, another number; whether it is of the first stage.
#[derive(Clone)]
struct Member {
    w: Option<BigInt>,
    a: Option<BigInt>,
    y: Q,
    first: bool,
}

impl Member {
    fn x(&self) -> Option<Q> {
        let w = self.w.as_ref().filter(|w| !w.is_zero())?;
        Some(Q::new(self.a.clone()?, w.clone()))
    }
}

/// What the rubric's limits are.
struct Limits {
    cv: Q,
    mean: Q,
    gini: Q,
    share: Q,
    median: Q,
    sd: Q,
}

/// A weight as a sum of some.
fn split(random: &mut Random, weight: &BigInt, parts: usize) -> Vec<BigInt> {
    let mut rest = weight.clone();
    let mut list = Vec::new();
    for left in (1..parts).rev() {
        let most: BigInt = &rest - left;
        if most <= BigInt::one() {
            break;
        }
        let part: BigInt = random.long(20) % &most + 1;
        rest -= &part;
        list.push(part);
    }
    list.push(rest);
    list
}

/// Members of two values with weights in the ratio of two numbers, both whole multiples of a scale.
fn of_two(random: &mut Random, (u, v): (Q, Q), (p, r): (i64, i64)) -> Vec<Member> {
    let common = whole(num_integer::Integer::lcm(u.denom(), v.denom()));
    let digits = random.from(1, 13) as u32;
    let scale = common * whole(random.long(digits));
    let digits = random.from(1, 5) as u32;
    let weight = random.long(digits);
    let mut members = Vec::new();
    for (value, share) in [(u, p), (v, r)] {
        let value = (value * &scale).to_integer();
        let parts = random.from(1, 4) as usize;
        for w in split(random, &(&weight * share), parts) {
            members.push(Member { a: Some(&value * &w), w: Some(w), y: Q::zero(), first: true });
        }
    }
    members
}

/// A coefficient of variation on its limit: of u with weight α² and v with weight β², it is αβ|u − v| / (α²u + β²v).
fn on_cv(random: &mut Random, limit: &Q) -> Vec<Member> {
    loop {
        let (alpha, beta) = (random.from(1, 6), random.from(1, 6));
        let (a, b) = (whole(alpha), whole(beta));
        let (u, v) = (&a * &b + limit * &b * &b, &a * &b - limit * &a * &a);
        if v.is_positive() {
            return of_two(random, (u, v), (alpha * alpha, beta * beta));
        }
    }
}

fn on_gini(random: &mut Random, limit: &Q) -> Vec<Member> {
    loop {
        let (above, below) = (random.from(1, 9), random.from(1, 9));
        let share = q(above, above + below);
        let rest = Q::one() - &share;
        let (u, v) = (&rest * (&share + limit), &share * (&rest - limit));
        if v.is_positive() {
            return of_two(random, (u, v), (above, below));
        }
    }
}

/// A standard deviation on its limit: the two values lie apart by it times (α² + β²)/αβ; exact where weights divide them.
fn on_sd(random: &mut Random, limit: &Q) -> Vec<Member> {
    let (alpha, beta) = random.of(&[(1, 1), (1, 2), (2, 1), (1, 3), (2, 3)]);
    let apart = limit * q(alpha * alpha + beta * beta, alpha * beta);
    let digits = random.from(1, 9) as u32;
    let base = whole(random.long(digits));
    let mut members = Vec::new();
    for (value, share) in [(base.clone(), alpha * alpha), (base + apart, beta * beta)] {
        // In units in which the value is whole.
        let w = BigInt::from(share) * 60_000;
        let parts = random.from(1, 3) as usize;
        for w in split(random, &(&w / 60_000_i64), parts) {
            let w = w * 60_000_i64;
            members.push(Member { a: Some((&value * whole(w.clone())).to_integer()), w: Some(w), y: Q::zero(), first: true });
        }
    }
    members
}

fn some(random: &mut Random, count: i64) -> Vec<Member> {
    let member = |random: &mut Random| {
        let digits = random.from(1, 9) as u32;
        let w = random.long(digits);
        let a: BigInt = random.long(digits + 2);
        Member { a: Some(a), w: Some(w), y: random.number(2, 6), first: random.chance(70) }
    };
    (0..count).map(|_| member(random)).collect()
}

/// A mean of ratios weighted with their divisors is the ratio of the sums.
fn on_mean(random: &mut Random, limit: &Q) -> Vec<Member> {
    let count = random.from(2, 7);
    let mut members = some(random, count);
    let all: BigInt = members.iter().flat_map(|member| &member.w).sum();
    let last = members.len() - 1;
    let rest: BigInt = members[..last].iter().flat_map(|member| &member.a).sum();
    members[last].a = Some(random.about(&(limit * whole(all))).to_integer() - rest);
    members
}

/// Four of five at 15 or above, by number or by weight.
fn on_share(random: &mut Random) -> Vec<Member> {
    let fives = random.from(1, 3);
    let digits = random.from(1, 15) as u32;
    let w = random.long(digits);
    let mut members = Vec::new();
    for at in 0..5 * fives {
        let passes = at >= fives + i64::from(random.chance(10)) - i64::from(random.chance(10));
        let w: BigInt = if random.chance(80) { w.clone() } else { &w + random.from(0, 2) };
        let a: BigInt = &w * 15 + if passes { random.of(&[0, 0, 1]) } else { -1 };
        members.push(Member { a: Some(a), w: Some(w), y: Q::zero(), first: true });
    }
    members
}

fn on_median(random: &mut Random, limit: &Q) -> Vec<Member> {
    let count = random.from(1, 8);
    let mut members = some(random, count);
    let apart = random.number(1, 6).abs();
    for (at, member) in members.iter_mut().enumerate() {
        let by = &apart * whole((at / 2 + 1) as i64);
        member.y = if at % 2 == 0 { limit - by } else { limit + by };
    }
    if count % 2 == 1 {
        members[0].y = limit.clone();
    }
    if random.chance(60) {
        let at = random.below(members.len());
        let places = random.from(4, 12) as u32;
        members[at].y += step(places) * whole(random.of(&[1, -1]));
    }
    members
}

/// Values with weights, and what is made of them.
struct Sample(Vec<(Q, Q)>);

impl Sample {
    fn weight(&self) -> Q {
        self.0.iter().map(|(_, w)| w).sum()
    }

    fn sum(&self) -> Q {
        self.0.iter().map(|(x, w)| x * w).sum()
    }

    fn mean(&self) -> Option<Q> {
        let weight = self.weight();
        (!weight.is_zero()).then(|| self.sum() / weight)
    }

    fn variance(&self) -> Option<Q> {
        let mean = self.mean()?;
        let squares: Q = self.0.iter().map(|(x, w)| (x - &mean) * (x - &mean) * w).sum();
        Some(squares / self.weight())
    }

    /// The square of the coefficient of variation, and whether that is below zero.
    fn cv(&self) -> Option<(bool, Q)> {
        let mean = self.mean().filter(|mean| !mean.is_zero())?;
        Some((mean.is_negative(), self.variance()? / (&mean * &mean)))
    }

    /// As it is defined: over all pairs.
    fn gini(&self) -> Option<Q> {
        let mean = self.mean().filter(|mean| !mean.is_zero())?;
        let weight = self.weight();
        let mut pairs = Q::zero();
        for (x, w) in &self.0 {
            for (y, v) in &self.0 {
                pairs += (x - y).abs() * w * v;
            }
        }
        Some(pairs / (&weight * &weight) / (mean * whole(2)))
    }

    fn median(&self) -> Option<Q> {
        let mut values: Vec<&Q> = self.0.iter().map(|(x, _)| x).collect();
        values.sort();
        let middle = values.len() / 2;
        let upper = (*values.get(middle)?).clone();
        Some(if values.len() % 2 == 1 { upper } else { (upper + values[middle - 1]) / whole(2) })
    }

    /// By weight, how many are at a limit or above.
    fn share(&self, limit: &Q) -> Option<Q> {
        let weight = self.weight();
        let held: Q = self.0.iter().filter(|(x, _)| x >= limit).map(|(_, w)| w).sum();
        (!weight.is_zero()).then(|| held / weight)
    }
}

fn sample(members: &[Member], keep: impl Fn(&Member) -> bool, of: impl Fn(&Member) -> Option<(Q, Q)>) -> Sample {
    Sample(members.iter().filter(|member| keep(member)).filter_map(of).collect())
}

fn weighted(member: &Member) -> Option<(Q, Q)> {
    Some((member.x()?, whole(member.w.clone()?)))
}

fn alone(member: &Member) -> Option<(Q, Q)> {
    Some((member.x()?, Q::one()))
}

/// Root against limit, by squares: at most, below, equal.
fn root_against((negative, square): &(bool, Q), limit: &Q) -> [bool; 3] {
    let limit = limit * limit;
    [*negative || *square <= limit, *negative && !square.is_zero() || *square < limit, !negative && *square == limit]
}

fn expected(members: &[Member], limits: &Limits) -> Vec<Want> {
    let all = |_: &Member| true;
    let mut wants = Vec::new();
    let cv = sample(members, all, weighted).cv();
    let against = cv.as_ref().map(|cv| root_against(cv, &limits.cv));
    wants.push(cv.map_or(Want::Nothing, |(negative, square)| Want::Root(negative, square)));
    wants.extend([0, 1, 2].map(|at| Want::flag(against.map(|against| against[at]))));
    let first = sample(members, |member| member.first, alone).cv();
    wants.push(Want::flag(first.as_ref().map(|cv| root_against(cv, &limits.cv)[0])));
    wants.push(first.map_or(Want::Nothing, |(negative, square)| Want::Root(negative, square)));
    let mean = sample(members, all, weighted).mean();
    wants.push(Want::flag(mean.as_ref().map(|mean| *mean >= limits.mean)));
    wants.push(Want::flag(mean.as_ref().map(|mean| *mean == limits.mean)));
    wants.push(Want::number(mean));
    let gini = sample(members, all, weighted).gini();
    wants.push(Want::flag(gini.as_ref().map(|gini| *gini <= limits.gini)));
    wants.push(Want::number(gini));
    let share = sample(members, all, alone).share(&whole(15));
    wants.push(Want::flag(share.as_ref().map(|share| *share >= limits.share)));
    wants.push(Want::number(share.clone()));
    wants.push(Want::flag(sample(members, all, weighted).share(&whole(15)).map(|share| share >= limits.share)));
    wants.push(Want::flag(share.map(|share| share > limits.share)));
    let median = sample(members, all, |member| Some((member.y.clone(), Q::one()))).median();
    wants.push(Want::flag(median.as_ref().map(|median| *median >= limits.median)));
    wants.push(Want::number(median));
    let sd = sample(members, all, weighted).variance();
    wants.push(Want::flag(sd.as_ref().map(|square| *square <= &limits.sd * &limits.sd)));
    wants.push(sd.map_or(Want::Nothing, |square| Want::Root(false, square)));
    wants.push(Want::number(Some(sample(members, all, weighted).sum())));
    let limit = &limits.cv;
    let concluded = against.zip(sample(members, all, weighted).gini());
    let word = concluded.map(|(against, gini)| if against[0] && gini <= limits.gini { "均衡" } else { "不均衡" });
    // One no is enough; here both are undefined together.
    debug_assert!(limit.is_positive());
    wants.push(word.map_or(Want::Nothing, |word| Want::Word(word.into())));
    wants
}

pub fn family(random: &mut Random, turn: usize) -> Family {
    let limits = Limits {
        cv: random.of(&["0.45", "0.50", "0.55", "0.65"].map(decimal)),
        mean: random.of(&["4.2", "19", "0.85", "15", "0.333333333333333333"].map(decimal)),
        gini: random.of(&["0.2", "0.3", "0.35", "0.4"].map(decimal)),
        share: decimal("0.8"),
        median: random.of(&["4.2", "60", "0.85", "0"].map(decimal)),
        sd: random.of(&["1", "0.5", "12.5", "4.2"].map(decimal)),
    };
    let [cv, mean, gini, share, median, sd] =
        [&limits.cv, &limits.mean, &limits.gini, &limits.share, &limits.median, &limits.sd].map(|limit| typed(limit).unwrap());
    let rules = format!(
        "{FORM}rubric 乙 {{
  subject 县
  over 甲 as 校
  indicator V {{ value cv(校.X, weight 校.w); target <= {cv} }}
  indicator V1 {{ value cv(校.X, weight 校.w); target < {cv} }}
  indicator V2 {{ value cv(校.X, weight 校.w); target == {cv} }}
  indicator U {{ value cv(校.X, weight 1) where 校.段 == 小; target <= {cv} }}
  indicator M {{ value mean(校.X, weight 校.w); target >= {mean} }}
  indicator M1 {{ value mean(校.X, weight 校.w); target == {mean} }}
  indicator G {{ value gini(校.X, weight 校.w); target <= {gini} }}
  indicator P {{ value share(校.conclusion == 达标); target >= {share} }}
  indicator P1 {{ value pass_rate(校.X, 15, weight 校.w); target >= {share} }}
  indicator P2 {{ value pass_rate(校.X, 15, weight 1); target > {share} }}
  indicator N {{ value median(校.y); target >= {median} }}
  indicator S {{ value sd(校.X, weight 校.w); target <= {sd} }}
  indicator Q {{ value sum(校.X, weight 校.w) }}
  let v0 = if V.met then 1 else 0
  let v1 = if V1.met then 1 else 0
  let v2 = if V2.met then 1 else 0
  let u = if U.met then 1 else 0
  let m0 = if M.met then 1 else 0
  let m1 = if M1.met then 1 else 0
  let g = if G.met then 1 else 0
  let p0 = if P.met then 1 else 0
  let p1 = if P1.met then 1 else 0
  let p2 = if P2.met then 1 else 0
  let n = if N.met then 1 else 0
  let s = if S.met then 1 else 0
  conclusion {{ 均衡: V.met and G.met; 不均衡: otherwise }}
}}
"
    );
    let outputs = "V,let v0,let v1,let v2,let u,U,let m0,let m1,M,let g,G,let p0,P,let p1,let p2,let n,N,let s,S,Q,conclusion";
    let (mut rows, mut wants): (Vec<Record>, _) = (Vec::new(), Vec::new());
    for group in 0..150 {
        let mut members = match random.below(8) {
            0 | 1 => on_cv(random, &limits.cv),
            2 => on_mean(random, &limits.mean),
            3 => on_gini(random, &limits.gini),
            4 => on_share(random),
            5 => on_median(random, &limits.median),
            6 => on_sd(random, &limits.sd),
            _ => {
                let count = random.from(1, 6);
                some(random, count)
            }
        };
        let at = random.below(members.len());
        match random.below(10) {
            // Beside the limit by one in the last place of one member.
            0..=3 => members[at].a = members[at].a.clone().map(|a| a + random.of(&[1, -1])),
            // Who has no weight, or no value, is left out.
            4 => members.push(Member { w: None, a: Some(power(3)), y: Q::zero(), first: true }),
            5 => members.push(Member { w: Some(BigInt::zero()), a: Some(power(3)), y: Q::zero(), first: false }),
            6 => members.push(Member { w: Some(power(3)), a: None, y: limits.median.clone(), first: false }),
            _ => {}
        }
        random.shuffle(&mut members);
        for (at, member) in members.iter().enumerate() {
            let mut row: Record = vec![
                ("码", format!("{group:04}-{at}")),
                ("县", format!("{group:04}")),
                ("段", if member.first { "小" } else { "中" }.to_owned()),
            ];
            row.extend(member.w.as_ref().map(|w| ("w", w.to_string())));
            row.extend(member.a.as_ref().map(|a| ("a", a.to_string())));
            row.push(("y", typed(&member.y).unwrap()));
            rows.push(row);
        }
        wants.push(expected(&members, &limits));
    }
    Family {
        what: format!("groups, turn {turn}"),
        rules,
        rubric: "乙",
        outputs: outputs.split(',').map(str::to_owned).collect(),
        rows,
        expected: wants,
        grouped: true,
    }
}
