//! Values of one submission, each with fields that bring it to a number that is asked for (取值的各种写法).

use super::exact::{Q, Random, Way, magnitude, power, step, typed, whole};
use num_bigint::BigInt;
use num_traits::{One, Signed, Zero};
use std::collections::BTreeMap;

/// Fields of one submission, without those that are not filled in.
pub type Fields = BTreeMap<&'static str, Q>;

/// The form: whole numbers of any length, decimals, percentages with as many decimals as they need.
pub const FORM: &str = "form 表 {
  subject 校 by 码
  within 县 by 县
  码: text required
  县: text
  a: integer
  b: integer
  c: integer
  e: integer
  x: decimal(12)
  y: decimal(12)
  z: decimal(12)
  p: percent
  q: percent
  r: percent
}
";

/// A way to come to a value.
pub struct Shape {
    pub text: &'static str,
    pub of: fn(&Fields) -> Option<Q>,
    /// Fields for which the value is as asked, or as near to it as fields can bring it.
    pub solve: fn(&mut Random, &Q) -> Fields,
}

/// As it is typed into a field.
pub fn cell(field: &str, number: &Q) -> Option<String> {
    match field {
        "p" | "q" | "r" => typed(&(number * whole(100))),
        _ => typed(number),
    }
}

/// The nearest number that a field takes, or one of its neighbours.
fn fit(random: &mut Random, field: &str, number: &Q) -> Q {
    let places = match field {
        "a" | "b" | "c" | "e" => 0,
        "x" | "y" | "z" => 12,
        // 40 digits in all, of a number a hundred times as great.
        _ => (36 - magnitude(number).max(0)).clamp(0, 36) as u32,
    };
    let units = number * whole(power(places));
    if units.is_integer() {
        return number.clone();
    }
    Q::new(random.of(&[Way::Floor, Way::Ceiling, Way::HalfEven]).of(&units), power(places))
}

fn fields<const N: usize>(of: [(&'static str, Q); N]) -> Fields {
    of.into_iter().collect()
}

/// A divisor: whole, seldom below zero, often a multiple of the denominator of what is asked for.
fn divisor(random: &mut Random, of: &Q, digits: u32) -> Q {
    let digits = random.from(1, i64::from(digits)) as u32;
    let number = random.long(digits) * if random.chance(10) { -1 } else { 1 };
    if random.chance(70) { whole(number * of.denom()) } else { whole(number) }
}

/// A number with short reciprocal.
fn smooth(random: &mut Random) -> Q {
    let (two, five) = (random.from(0, 4) as usize, random.from(0, 4) as usize);
    let number = whole(num_traits::pow(BigInt::from(2), two) * num_traits::pow(BigInt::from(5), five));
    let by = whole(power(random.from(0, 3) as u32));
    if random.chance(50) { number } else { number / by }
}

fn quotient(a: &Q, b: &Q) -> Option<Q> {
    (!b.is_zero()).then(|| a / b)
}

fn get(fields: &Fields, name: &str) -> Option<Q> {
    fields.get(name).cloned()
}

pub const SHAPES: &[Shape] = &[
    Shape {
        text: "d.p",
        of: |f| get(f, "p"),
        solve: |r, at| {
            let at = r.beside(at);
            fields([("p", fit(r, "p", &at))])
        },
    },
    Shape {
        text: "d.x",
        of: |f| get(f, "x"),
        solve: |r, at| {
            let at = r.beside(at);
            fields([("x", fit(r, "x", &at))])
        },
    },
    Shape {
        text: "d.x + d.y + d.z",
        of: |f| Some(get(f, "x")? + get(f, "y")? + get(f, "z")?),
        solve: |r, at| {
            let (x, y) = (r.number(5, 12), r.number(2, 7));
            let z = r.beside(at) - &x - &y;
            fields([("z", fit(r, "z", &z)), ("x", x), ("y", y)])
        },
    },
    Shape {
        text: "d.p + d.q - d.r",
        of: |f| Some(get(f, "p")? + get(f, "q")? - get(f, "r")?),
        solve: |r, at| {
            let (p, q) = (r.number(3, 20), r.number(1, 26));
            let last = &p + &q - r.beside(at);
            fields([("r", fit(r, "r", &last)), ("p", p), ("q", q)])
        },
    },
    Shape {
        text: "d.x - d.y",
        of: |f| Some(get(f, "x")? - get(f, "y")?),
        solve: |r, at| {
            let y = r.number(6, 12);
            let x = r.beside(at) + &y;
            fields([("x", fit(r, "x", &x)), ("y", y)])
        },
    },
    Shape {
        text: "d.a / d.b",
        of: |f| quotient(&get(f, "a")?, &get(f, "b")?),
        solve: |r, at| {
            let b = divisor(r, at, 7);
            let a = r.about(&(at * &b));
            fields([("a", a), ("b", b)])
        },
    },
    Shape {
        text: "d.a / d.b",
        of: |f| quotient(&get(f, "a")?, &get(f, "b")?),
        solve: |r, at| {
            let b = divisor(r, at, 18);
            let a = r.about(&(at * &b));
            fields([("a", a), ("b", b)])
        },
    },
    Shape {
        text: "d.x / 3 + d.y / 3 + d.z / 3",
        of: |f| Some(get(f, "x")? / whole(3) + get(f, "y")? / whole(3) + get(f, "z")? / whole(3)),
        solve: |r, at| {
            let (x, y) = (r.number(2, 9), r.number(2, 12));
            let z = r.beside(at) * whole(3) - &x - &y;
            fields([("z", fit(r, "z", &z)), ("x", x), ("y", y)])
        },
    },
    Shape {
        text: "d.x * d.y",
        of: |f| Some(get(f, "x")? * get(f, "y")?),
        solve: |r, at| {
            let y = smooth(r);
            let x = r.beside(at) / &y;
            fields([("x", fit(r, "x", &x)), ("y", y)])
        },
    },
    Shape {
        text: "d.p * d.a",
        of: |f| Some(get(f, "p")? * get(f, "a")?),
        solve: |r, at| {
            let a = Way::Ceiling.to(&smooth(r), 0);
            let p = r.beside(at) / &a;
            fields([("p", fit(r, "p", &p)), ("a", a)])
        },
    },
    Shape {
        text: "d.a / d.b * 100",
        of: |f| Some(quotient(&get(f, "a")?, &get(f, "b")?)? * whole(100)),
        solve: |r, at| {
            let at = at / whole(100);
            let b = divisor(r, &at, 9);
            let a = r.about(&(&at * &b));
            fields([("a", a), ("b", b)])
        },
    },
    Shape {
        text: "(d.a / d.b) / (d.c / d.e)",
        of: |f| quotient(&quotient(&get(f, "a")?, &get(f, "b")?)?, &quotient(&get(f, "c")?, &get(f, "e")?)?),
        solve: |r, at| {
            let (c, e) = (whole(r.long(5)), whole(r.long(4)));
            let b = divisor(r, at, 5) * if r.chance(70) { e.clone() } else { Q::one() };
            let a = r.about(&(at * &b * &c / &e));
            fields([("a", a), ("b", b), ("c", c), ("e", e)])
        },
    },
    Shape {
        text: "mean(d.x, d.y, d.z)",
        of: |f| Some((get(f, "x")? + get(f, "y")? + get(f, "z")?) / whole(3)),
        solve: |r, at| {
            let (x, y) = (r.number(2, 2), r.number(2, 12));
            let z = r.beside(at) * whole(3) - &x - &y;
            fields([("z", fit(r, "z", &z)), ("x", x), ("y", y)])
        },
    },
    Shape {
        text: "(d.x + d.y) / d.a",
        of: |f| quotient(&(get(f, "x")? + get(f, "y")?), &get(f, "a")?),
        solve: |r, at| {
            let (a, x) = (divisor(r, at, 4), r.number(3, 6));
            let y = r.beside(at) * &a - &x;
            fields([("y", fit(r, "y", &y)), ("a", a), ("x", x)])
        },
    },
    Shape {
        text: "d.x / d.y",
        of: |f| quotient(&get(f, "x")?, &get(f, "y")?),
        solve: |r, at| {
            let y = r.number(3, 4);
            let x = r.beside(at) * &y;
            fields([("x", fit(r, "x", &x)), ("y", y)])
        },
    },
    Shape {
        text: "sum(d.a, d.b) / (d.c + d.e)",
        of: |f| quotient(&(get(f, "a")? + get(f, "b")?), &(get(f, "c")? + get(f, "e")?)),
        solve: |r, at| {
            let (all, a) = (divisor(r, at, 8), whole(r.long(6)));
            let c = Way::Floor.to(&(&all / whole(3)), 0);
            let b = r.about(&(at * &all)) - &a;
            fields([("b", b), ("e", &all - &c), ("a", a), ("c", c)])
        },
    },
    Shape {
        text: "max(min(d.p, d.q), d.r)",
        of: |f| Some(get(f, "p")?.min(get(f, "q")?).max(get(f, "r")?)),
        solve: |r, at| {
            let [p, q, last] = [(); 3].map(|()| {
                let at = r.beside(at);
                fit(r, "p", &at)
            });
            fields([("p", p), ("q", q), ("r", last)])
        },
    },
    Shape {
        text: "if d.a >= d.b then d.p else d.x",
        of: |f| if get(f, "a")? >= get(f, "b")? { get(f, "p") } else { get(f, "x") },
        solve: |r, at| {
            let a = whole(r.long(17));
            let (b, one, two) = (r.about(&a), r.beside(at), r.beside(at));
            fields([("p", fit(r, "p", &one)), ("x", fit(r, "x", &two)), ("a", a), ("b", b)])
        },
    },
    Shape {
        text: "abs(d.x - d.y)",
        of: |f| Some((get(f, "x")? - get(f, "y")?).abs()),
        solve: |r, at| {
            let y = r.number(6, 12);
            let by = r.beside(at);
            let x = if r.chance(50) { &y + by } else { &y - by };
            fields([("x", fit(r, "x", &x)), ("y", y)])
        },
    },
    Shape {
        text: "d.p or d.x",
        of: |f| get(f, "p").or_else(|| get(f, "x")),
        solve: |r, at| {
            let (one, two) = (r.beside(at), r.beside(at));
            let both = fields([("p", fit(r, "p", &one)), ("x", fit(r, "x", &two))]);
            if r.chance(50) { both } else { both.into_iter().filter(|(name, _)| *name == "x").collect() }
        },
    },
    Shape {
        text: "d.a / d.b - d.c / d.e",
        of: |f| Some(quotient(&get(f, "a")?, &get(f, "b")?)? - quotient(&get(f, "c")?, &get(f, "e")?)?),
        solve: |r, at| {
            let (c, e) = (whole(r.long(5)), whole(r.long(5)));
            let sum = at + &c / &e;
            let b = divisor(r, &sum, 6);
            let a = r.about(&(&sum * &b));
            fields([("a", a), ("b", b), ("c", c), ("e", e)])
        },
    },
    Shape {
        text: "d.x * d.y + d.p",
        of: |f| Some(get(f, "x")? * get(f, "y")? + get(f, "p")?),
        solve: |r, at| {
            let (x, y) = (r.number(4, 8), r.number(4, 8));
            let p = r.beside(at) - &x * &y;
            fields([("p", fit(r, "p", &p)), ("x", x), ("y", y)])
        },
    },
    Shape {
        text: "d.c / (d.b / d.a)",
        of: |f| quotient(&get(f, "c")?, &quotient(&get(f, "b")?, &get(f, "a")?)?),
        solve: |r, at| {
            let (b, c) = (divisor(r, at, 6), whole(r.long(3)));
            let b = b * &c;
            let a = r.about(&(at * &b / &c));
            fields([("a", a), ("b", b), ("c", c)])
        },
    },
    // Cells that fit no machine word, and what is left of them.
    Shape {
        text: "(d.a - d.b) / d.c",
        of: |f| quotient(&(get(f, "a")? - get(f, "b")?), &get(f, "c")?),
        solve: |r, at| {
            let (b, c) = (whole(r.long(36)), divisor(r, at, 18));
            let a = &b + r.about(&(at * &c));
            fields([("a", a), ("b", b), ("c", c)])
        },
    },
    Shape {
        text: "d.x * 1000000000000000000 / d.a",
        of: |f| quotient(&(get(f, "x")? * whole(power(18))), &get(f, "a")?),
        solve: |r, at| {
            let digits = r.from(15, 30) as u32;
            let a = divisor(r, at, digits);
            let x = r.beside(at) * &a * step(18);
            fields([("x", fit(r, "x", &x)), ("a", a)])
        },
    },
];
