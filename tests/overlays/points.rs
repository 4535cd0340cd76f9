//! Random overlays under a guarded grade (等级只许从严): what may lift the total is refused, line by line, and nothing else.

use super::dice::{Dice, setting};
use super::{Random, told};
use heng::Engine;
use heng::diag::Code;

/// The points of a rubric: two items, two bonuses, a penalty, the most that bonuses come to.
struct Points {
    bonuses: [u64; 2],
    penalty: u64,
    cap: Option<u64>,
}

fn base(points: &Points) -> String {
    let Points { bonuses: [first, second], penalty, cap } = points;
    let cap = cap.map_or_else(String::new, |cap| format!("  加分不超过 {cap}\n"));
    format!(
        "填报表 学校 {{\n  对象 学校 按 代码\n  代码: 文本 必填\n  数: 整数 必填\n}}\n\
         评价体系 国家 {{\n  数据 学校 简称 校\n  只许从严 等级\n  锁定 A3\n  总分 20\n{cap}\
         \x20 指标 A1 8 权重 50% {{ 取值 校.数; 目标 >= 10; 计分 达标满分 }}\n\
         \x20 指标 A2 6 {{ 取值 校.数; 目标 >= 20; 计分 达标满分 }}\n\
         \x20 指标 A3 10 {{ 取值 校.数; 目标 >= 30; 计分 达标满分; 乘以 50% 若 非 A2.达标 }}\n\
         \x20 加分 J1 {first} {{ 取值 校.数; 目标 >= 40; 计分 达标满分 }}\n\
         \x20 加分 J2 {second} {{ 取值 校.数; 计分 分档 {{ >= 50: 100%; >= 40: 50%; 其他: 0 }} }}\n\
         \x20 扣减 K1 {penalty} {{ 取值 校.数; 目标 <= 5; 计分 达标满分 }}\n\
         \x20 指标 V {{ 取值 校.数; 目标 <= 60 }}\n\
         \x20 一票否决 非 V.达标 : \"超额\" 结论 不合格\n\
         \x20 等级 {{ 优秀: >= 18; 合格: >= 12; 不合格: 其他 }}\n}}\n"
    )
}

/// Whether a change is told in its own line, at the head of the layer, or not at all.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Here,
    AtHead,
    Nowhere,
}

/// One change, of a kind by its number; no two of one kind stand in one layer.
fn change(kind: usize, points: &Points, random: &mut Random) -> (String, Told) {
    let here = |loosens: bool| if loosens { Told::Here } else { Told::Nowhere };
    let near = |random: &mut Random, now: u64| (now + random.below(4)).saturating_sub(2).max(1);
    match kind {
        0 => {
            let cap = near(random, points.cap.unwrap_or(4));
            (format!("加分不超过 {cap}"), here(points.cap.is_some_and(|above| cap > above)))
        }
        1 => match random.below(3) {
            0 => ("删去 J1".to_owned(), Told::Nowhere),
            1 => ("替换 J1 { 取值 校.数; 目标 >= 40; 计分 达标满分 }".to_owned(), Told::Here),
            _ => {
                let now = near(random, points.bonuses[0]);
                (format!("分值 J1 {now}"), here(now > points.bonuses[0]))
            }
        },
        2 => {
            let now = near(random, points.bonuses[1]);
            (format!("分值 J2 {now}"), here(now > points.bonuses[1]))
        }
        3 => match random.below(3) {
            0 => ("删去 K1".to_owned(), Told::AtHead),
            1 => ("替换 K1 { 取值 校.数; 目标 <= 4; 计分 达标满分 }".to_owned(), Told::Here),
            _ => {
                let now = near(random, points.penalty);
                (format!("分值 K1 {now}"), here(now < points.penalty))
            }
        },
        4 => match random.chance(50) {
            true => ("增加 加分 J9 1 { 取值 校.数; 目标 >= 1; 计分 达标满分 }".to_owned(), Told::Here),
            false => ("增加 扣减 K9 1 { 取值 校.数; 目标 >= 1; 计分 达标满分 }".to_owned(), Told::Nowhere),
        },
        // What is not said of it stays as above, its weight among that; the same marks by another weight are not the same.
        5 => match random.chance(50) {
            true => ("替换 A1 4 权重 100% { 取值 校.数; 目标 >= 10; 计分 达标满分 }".to_owned(), Told::Here),
            false => ("替换 A1 { 取值 校.数; 目标 >= 12; 计分 达标满分 }".to_owned(), Told::Nowhere),
        },
        // The veto above must go on falling.
        6 => {
            let target = random.of(&[59, 60, 61]);
            let told = if target > 60 { Told::AtHead } else { Told::Nowhere };
            (format!("替换 V {{ 取值 校.数; 目标 <= {target} }}"), told)
        }
        // A3 is locked, and half of it hangs on A2.
        _ => {
            let target = random.of(&[19, 20, 21]);
            let told = if target == 20 { Told::Nowhere } else { Told::AtHead };
            (format!("替换 A2 {{ 取值 校.数; 目标 >= {target}; 计分 达标满分 }}"), told)
        }
    }
}

#[test]
fn nothing_lifts_a_guarded_total() {
    let seed = setting("HENG_SEED", 20_240_901);
    let (mut refused, mut accepted) = (0, 0);
    for case in 0..setting("HENG_CASES", 1000) {
        let mut random = Random(Dice(seed.wrapping_add(case.wrapping_mul(0x9E37_79B9_7F4A_7C15))));
        let bonus = |random: &mut Random| 2 + random.below(4);
        let points = Points {
            bonuses: [bonus(&mut random), bonus(&mut random)],
            penalty: bonus(&mut random),
            cap: random.chance(60).then(|| 3 + random.below(4)),
        };
        let mut source = base(&points);
        let head = source.lines().count() + 1;
        source.push_str("评价体系 省 继承 国家 {\n");
        let mut expected = Vec::new();
        for kind in 0..8 {
            if random.chance(75) {
                continue;
            }
            let (text, told) = change(kind, &points, &mut random);
            match told {
                Told::Here => expected.push((source.lines().count() + 1, Code::H0222)),
                Told::AtHead => expected.push((head, Code::H0222)),
                Told::Nowhere => {}
            }
            source.push_str(&format!("  {text}\n"));
        }
        source.push_str("}\n");
        let engine = Engine::from_text("overlay.heng", &source);
        let mut found = told(engine.texts(), engine.diagnostics());
        found.sort();
        expected.sort();
        assert_eq!(found, expected, "case {case}, seed {seed}\n{source}\n{}", engine.told());
        if expected.is_empty() { accepted += 1 } else { refused += 1 }
    }
    println!("{accepted} accepted, {refused} refused");
    assert!(accepted > 200 && refused > 200, "{accepted} accepted, {refused} refused");
}
