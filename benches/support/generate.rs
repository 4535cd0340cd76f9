//! Made-up schools of the shape of the common benchmark: the same columns, norms that are met exactly, gaps.
//!
//! The same number of schools gives the same text, on any machine: whole numbers and a small generator of its own. The
//! figures are not those of the benchmark's files, so nothing can be compared with its results.

use std::fmt::Write as _;

/// Where the figures of a column come from; all in units of the last decimal.
enum From {
    Students,
    Classes,
    /// Around a norm for each unit of another column, in ten-thousandths: of 小学, of 初中.
    Norm(&'static str, [i64; 2]),
    /// So many thousandths, at least and at most, of another column.
    Of(&'static str, [i64; 2]),
    Between([i64; 2]),
    /// Below a target in hundredths, of 小学 and of 初中, more or less.
    Near([i64; 2]),
}
use From::{Between, Classes, Near, Norm, Of, Students};

/// Name, decimals, source. What a column is taken from stands above it.
const NUMBERS: [(&str, u32, From); 47] = [
    ("students", 0, Students),
    ("classes", 0, Classes),
    ("teachers", 0, Norm("students", [526, 741])),
    ("teachers_degree", 0, Norm("students", [420, 530])),
    ("teachers_backbone", 0, Norm("students", [100, 100])),
    ("teachers_arts", 0, Norm("students", [90, 90])),
    ("site_area", 2, Norm("students", [185_000, 221_000])),
    ("build_area", 2, Norm("students", [62_000, 79_000])),
    ("aux_area", 2, Norm("students", [45_000, 58_000])),
    ("sport_area", 2, Norm("students", [75_000, 102_000])),
    ("dorm_area", 2, Of("students", [0, 4500])),
    ("canteen_area", 2, Norm("students", [12_000, 13_000])),
    ("green_area", 2, Norm("students", [25_000, 32_000])),
    ("equip_value", 2, Norm("students", [20_000_000, 25_000_000])),
    ("equip_new", 2, Of("students", [0, 280_000])),
    ("books", 0, Norm("students", [200_000, 300_000])),
    ("books_new", 0, Of("students", [0, 1600])),
    ("ebooks", 0, Of("students", [0, 14_000])),
    ("computers", 0, Norm("students", [1000, 1250])),
    ("tablets", 0, Norm("students", [500, 600])),
    ("mm_rooms", 0, Norm("classes", [10_000, 10_500])),
    ("net_rooms", 0, Of("classes", [200, 1300])),
    ("labs", 0, Norm("classes", [1500, 2500])),
    ("music_rooms", 0, Norm("classes", [500, 600])),
    ("bandwidth", 0, Norm("students", [5000, 6000])),
    ("budget", 2, Norm("students", [16_500_000, 18_500_000])),
    ("train_fund", 2, Of("budget", [15, 85])),
    ("train_hours", 1, Norm("teachers", [720_000, 720_000])),
    ("boarders", 0, Between([0, 600])),
    ("dorm_beds", 0, Of("boarders", [850, 1200])),
    ("toilets", 0, Of("classes", [400, 1300])),
    ("nurses", 0, Between([0, 4])),
    ("guards", 0, Of("classes", [50, 300])),
    ("max_class", 0, Between([35, 60])),
    ("homework", 0, Between([35, 105])),
    ("myopia", 2, Between([1500, 7500])),
    ("dropout", 2, Between([0, 120])),
    ("exam_pass", 2, Near([9500, 9000])),
    ("grad_rate", 2, Near([10_000, 9800])),
    ("fitness", 2, Near([9200, 9000])),
    ("sat_parent", 2, Near([9000, 8800])),
    ("sat_student", 2, Near([9000, 8800])),
    ("attend", 2, Near([9900, 9800])),
    ("enroll", 2, Near([10_000, 10_000])),
    ("vaccine", 2, Near([9800, 9500])),
    ("course_open", 2, Near([10_000, 10_000])),
    ("quality", 2, Near([8500, 8000])),
];

/// Name, options, how many schools in a thousand have each.
const CHOICES: [(&str, &[(&str, i64)]); 10] = [
    ("fire_safe", &[("是", 930), ("否", 70)]),
    ("food_permit", &[("是", 930), ("否", 70)]),
    ("plan_public", &[("是", 930), ("否", 70)]),
    ("complaint_box", &[("是", 930), ("否", 70)]),
    ("library_open", &[("全天", 550), ("部分", 300), ("不开", 150)]),
    ("psych", &[("专职", 550), ("兼职", 300), ("无", 150)]),
    ("inclusive", &[("资源教室", 550), ("随班就读", 300), ("无", 150)]),
    ("patrol", &[("每日", 550), ("每周", 300), ("无", 150)]),
    ("accident", &[("是", 4), ("否", 996)]),
    ("fraud", &[("是", 4), ("否", 996)]),
];

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number from `low` to `high`, both included.
    fn between(&mut self, [low, high]: [i64; 2]) -> i64 {
        let width = (high - low + 1).unsigned_abs();
        low + i64::try_from(self.next() % width).unwrap()
    }

    /// Yes, so many times in a thousand.
    fn chance(&mut self, thousandths: i64) -> bool {
        self.between([0, 999]) < thousandths
    }
}

/// The text of a CSV file of so many schools, of about 120 a county.
pub fn schools(number: usize) -> String {
    let mut random = Random(number as u64);
    let mut text = String::from("id,county,stage");
    NUMBERS.iter().for_each(|(name, ..)| write!(text, ",{name}").unwrap());
    CHOICES.iter().for_each(|(name, _)| write!(text, ",{name}").unwrap());
    text.push('\n');
    let counties = (number / 120).max(1);
    for row in 0..number {
        let stage = usize::from(random.chance(350));
        let county = 110_000 + row * counties / number;
        write!(text, "{},{county},{}", row + 1, ["小学", "初中"][stage]).unwrap();
        school(&mut random, stage, &mut text);
        text.push('\n');
    }
    text
}

fn school(random: &mut Random, stage: usize, text: &mut String) {
    let quality = random.between([800, 1350]);
    let mut known: Vec<i64> = Vec::with_capacity(NUMBERS.len());
    for (name, decimals, from) in &NUMBERS {
        let one = 10_i64.pow(*decimals);
        let of = |other: &str| {
            let at = NUMBERS.iter().position(|(name, ..)| *name == other).unwrap();
            (known[at], 10_i64.pow(NUMBERS[at].1))
        };
        let figure = match from {
            Students => 60 + random.between([0, 1500]) * random.between([0, 1500]) / 1000,
            Classes => of("students").0.unsigned_abs().div_ceil(random.between([34, 52]).unsigned_abs()).cast_signed(),
            Norm(other, norms) => {
                let (base, _) = of(other);
                let just = norms[stage] * base * one;
                // Schools report just the norm, or just 85 % of it.
                match random.between([0, 99]) {
                    0..3 => just / 10_000,
                    3 => just / 10_000 * 85 / 100,
                    _ => just / 1000 * quality / 1000 * random.between([700, 1300]) / 10_000,
                }
            }
            Of(other, range) => {
                let (base, unit) = of(other);
                base * one / unit * random.between(*range) / 1000
            }
            Between(range) => random.between(*range),
            Near(targets) => (targets[stage] + random.between([-700, 500])).min(10_000),
        };
        known.push(figure);
        text.push(',');
        let empty = *name != "students" && random.chance(15);
        match (empty, decimals) {
            (true, _) => {}
            (false, 0) => write!(text, "{figure}").unwrap(),
            (false, 1) => write!(text, "{}.{}", figure / 10, figure % 10).unwrap(),
            (false, _) => write!(text, "{}.{:02}", figure / 100, figure % 100).unwrap(),
        }
    }
    for (name, options) in CHOICES {
        text.push(',');
        if !matches!(name, "accident" | "fraud") && random.chance(10) {
            continue;
        }
        let mut drawn = random.between([0, 999]);
        let chosen = options.iter().find(|(_, share)| {
            drawn -= share;
            drawn < 0
        });
        text.push_str(chosen.map_or("", |(option, _)| option));
    }
}
