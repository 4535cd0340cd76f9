//! What a rubric also reads (另用的填报), against the second evaluator: random submissions beside the source.

use super::reference::num::{Num, sum};
use super::reference::random::Random;
use super::reference::world::{day, rules_of};
use super::{first, held_against};
use heng::eval::Value;
use heng::model::{Aspect, Slot, Source};
use std::collections::BTreeMap;

/// Schools with marks of assessors, an earlier year and a county's own form beside them.
const BESIDE: &str = r#"
填报表 学校表 { 对象 学校 按 代码; 隶属 县 按 县名; 周期 年度 按 年份; 代码: 文本; 县名: 文本; 年份: 整数; 人数: 整数 0..; 分: 小数(2) }
填报表 评分单 {
  对象 评分 按 编号; 隶属 学校 按 代码
  编号: 文本; 代码: 文本; 角色: 单选 { 自评, 专家, 社会 }; 分数: 小数(1) 0..10; 权: 整数 0..; 有效: 是否; 说明人数: 整数 0.. 当 有效; 项: 单选 { A1, A2, A3 }; 等次: 单选 { 优, 良, 差 }; 日期: 日期
}
填报表 县表 { 对象 县 按 县名; 县名: 文本; 投入: 小数(2) 0..; 达标线: 整数 }
评价体系 学校评估 {
  数据 学校表 简称 校
  另用 学校表 简称 上年 1 期以前
  另用 评分单 简称 单
  总分 20
  设 专家分 = 平均(单.分数) 限于 单.角色 == 专家
  指标 A1 10 { 计分 = 专家分 或 (中位数(单.分数)) 或 0 }
  指标 A2 10 { 取值 校.人数 / 上年.人数; 目标 >= 1; 计分 按比例 }
  指标 B1 { 取值 平均(单.分数, 权重 单.权) 限于 单.有效; 目标 >= 5 }
  指标 B2 { 取值 合计(单.分数 - 校.分) 限于 单.分数 > 校.分 }
  指标 B3 { 取值 个数(单.说明人数) }
  指标 B4 { 取值 占比(单.有效); 目标 >= 50% }
  指标 B5 { 取值 最大(单.分数) - 最小(单.分数); 目标 <= 3 }
  指标 B6 { 取值 标准差(单.分数) }
  指标 B7 { 取值 达标率(单.分数, 校.分) }
  等级 { 高: >= 12; 低: 其他 }
}
评价体系 评定的 {
  数据 学校表 简称 校
  评定 评分单 简称 单 按 项, 角色 {
    自评: 15% 最近按 日期
    专家: 50% 去高低各 1 不少于 3 缺则用 自评
    社会: 35% 中位数 可缺
    容差 20%
  }
  总分 30
  指标 A1 10 { 计分 评定 单.分数 }
  指标 A2 12 { 计分 评定 单.等次 { 优: 100%; 其他: 50% }; 未填 零分 }
  指标 A3 8 { 计分 评定 单.分数; 取整 四舍五入 1 }
  等级 { 高: >= 12; 低: 其他 }
}
评价体系 生均 {
  对象 县
  汇总 评定的 简称 校
  另用 县表 简称 县
  指标 D1 { 取值 县.投入 / 平均(校.总分); 目标 >= 2 }
  结论 { 达标: D1.达标; 未达标: 其他 }
}
评价体系 县级 {
  对象 县
  汇总 学校评估 简称 校
  另用 县表 简称 县
  另用 生均 简称 生均
  指标 C3 { 取值 生均.D1 - 1; 目标 >= 0 }
  指标 C4 { 取值 1; 目标 >= 1; 当 生均.结论 == 达标 }
  指标 C1 { 取值 县.投入 / 合计(校.人数); 目标 >= 1 }
  指标 C2 { 取值 个数(校.代码) 限于 校.总分 >= 县.达标线 }
  结论 { 达标: C1.达标; 未达标: 其他 }
}
"#;

/// What the assessors of a school give for an item, by the words of the statement alone: points by role, then the score.
fn assessed(sheets: &[BTreeMap<String, String>], school: &str, item: &str) -> Option<Num> {
    let of = |sheet: &&BTreeMap<String, String>| sheet["代码"] == school && sheet["项"] == item;
    let mark = |sheet: &BTreeMap<String, String>| match (item, sheet["等次"].as_str(), sheet["分数"].as_str()) {
        ("A2", "", _) | ("A1" | "A3", _, "") => None,
        ("A2", level, _) => Some(Num::decimal(if level == "优" { "12" } else { "6" })),
        (.., points) => Some(Num::decimal(points)),
    };
    let all: Vec<&BTreeMap<String, String>> = sheets.iter().filter(of).collect();
    // Nobody may give more than there is.
    let full = Num::decimal(match item {
        "A1" => "10",
        "A2" => "12",
        _ => "8",
    });
    if all.iter().filter_map(|sheet| mark(sheet)).any(|mark| mark.compare(&full).is_gt()) {
        return None;
    }
    let mean = |marks: &[Num]| sum(marks).div(&Num::from_int(marks.len()));
    let sorted = |role: &str| {
        let mut marks: Vec<Num> = all.iter().filter(|sheet| sheet["角色"] == role).filter_map(|sheet| mark(sheet)).collect();
        marks.sort_by(Num::compare);
        marks
    };
    let own: Vec<_> = all.iter().filter(|sheet| sheet["角色"] == "自评" && mark(sheet).is_some() && !sheet["日期"].is_empty()).collect();
    let last = own.iter().map(|sheet| &sheet["日期"]).max();
    let own = mean(&own.iter().filter(|sheet| Some(&sheet["日期"]) == last).filter_map(|sheet| mark(sheet)).collect::<Vec<_>>());
    let experts = sorted("专家");
    let experts = if experts.len() >= 3 { mean(&experts[1..experts.len() - 1]) } else { own.clone() };
    let others = sorted("社会");
    let middle = others.len() / 2;
    let others = match others.len() {
        0 => None,
        odd if odd % 2 == 1 => Some(others[middle].clone()),
        _ => mean(&others[middle - 1..=middle]),
    };
    let share = |mark: &Num, weight: &str| mark.mul(&Num::decimal(weight));
    let two = share(&own?, "0.15").add(&share(&experts?, "0.5"));
    let score = match others {
        Some(others) => two.add(&share(&others, "0.35")),
        None => two.div(&Num::decimal("0.65"))?,
    };
    Some(if item == "A3" { score.round(heng::number::Rounding::HalfUp, 1) } else { score })
}

#[test]
fn submissions_beside_the_source() {
    let ruled = rules_of(BESIDE);
    assert!(ruled.errors.is_empty(), "{:#?}", ruled.errors);
    let form = |name: &str| ruled.rules.forms.iter().position(|form| *form.name.it == *name).unwrap();
    let (mut cells, mut batched, mut scored) = (0, 0, 0);
    for seed in 0..150 {
        let mut r = Random::new(seed);
        let mut records: BTreeMap<&str, Vec<_>> = BTreeMap::default();
        let some = |r: &mut Random, text: String| if r.chance(16) { String::new() } else { text };
        for school in 0..1 + r.below(6) {
            for (year, name) in [(2024, "学校表"), (2023, "上年")] {
                if year == 2023 && r.chance(20) {
                    continue;
                }
                let (pupils, points) = (r.below(4).to_string(), format!("{}.5", r.below(9)));
                let cells = [
                    ("代码", format!("S{school}")),
                    ("县名", format!("县{}", school % 2)),
                    ("年份", year.to_string()),
                    ("人数", some(&mut r, pupils)),
                    ("分", some(&mut r, points)),
                ];
                records.entry(name).or_default().push(cells.map(|(name, text)| (name.to_owned(), text)).to_vec());
            }
        }
        for sheet in 0..r.below(40) {
            let (points, weight) = (format!("{}.{}", r.below(10), r.below(10)), r.below(4).to_string());
            let (level, day) = (["优", "良", "差"][r.below(3)].to_owned(), format!("2024-01-0{}", 1 + r.below(3)));
            let cells = [
                ("编号", sheet.to_string()),
                ("代码", some(&mut r, format!("S{}", sheet % 4))),
                ("角色", ["自评", "专家", "社会"][r.below(3)].to_owned()),
                ("分数", some(&mut r, points)),
                ("权", some(&mut r, weight)),
                ("有效", if r.chance(33) { "否" } else { "是" }.to_owned()),
                ("说明人数", r.below(9).to_string()),
                ("项", ["A1", "A1", "A2", "A3"][r.below(4)].to_owned()),
                ("等次", some(&mut r, level)),
                ("日期", some(&mut r, day)),
            ];
            records.entry("评分单").or_default().push(cells.map(|(name, text)| (name.to_owned(), text)).to_vec());
        }
        for county in 0..r.below(3) {
            let (money, line) = (r.below(20).to_string(), r.below(20).to_string());
            let cells = [("县名", format!("县{county}")), ("投入", some(&mut r, money)), ("达标线", some(&mut r, line))];
            records.entry("县表").or_default().push(cells.map(|(name, text)| (name.to_owned(), text)).to_vec());
        }
        let read = |name: &str, of: &str| {
            let rows = records.get(of).cloned().unwrap_or_default();
            heng::data::from_records(&ruled.rules.forms[form(name)], rows, &Default::default()).0
        };
        let mut table = read("学校表", "学校表");
        let counties = !r.chance(11);
        let lay = |table: &mut heng::eval::Table| {
            table.lay_beside(Source::Form(form("学校表")), 1, read("学校表", "上年"));
            table.lay_beside(Source::Form(form("评分单")), 0, read("评分单", "评分单"));
            if counties {
                table.lay_beside(Source::Form(form("县表")), 0, read("县表", "县表"));
            }
        };
        let mut other = table.clone();
        lay(&mut other);
        lay(&mut table);
        table.lay_beside(Source::Rubric(ruled.rubric("生均")), 0, other);
        let results = ruled.run(ruled.rubric("评定的"), &table, day(2024, 9, 1));
        let sheets: Vec<BTreeMap<String, String>> =
            records.get("评分单").into_iter().flatten().map(|record| record.iter().cloned().collect()).collect();
        for (row, subject) in results.subjects.iter().enumerate() {
            for (at, item) in ["A1", "A2", "A3"].into_iter().enumerate() {
                let expected = assessed(&sheets, &subject.key, item);
                // What is missing of this one is zero points.
                let expected = if item == "A2" { expected.or(Some(Num::zero())) } else { expected };
                let same = match (results.cell(Slot::Indicator(at, Aspect::Score), row), &expected) {
                    (Some(Ok(Value::Number(score))), Some(expected)) => expected.same_as(&score),
                    (Some(Err(_)), None) => true,
                    _ => false,
                };
                let expected = expected.map(|expected| expected.say());
                assert!(same, "seed {seed}, {} {item}: {:?}, expected {expected:?}", subject.key, results.indicators[at].score);
                scored += usize::from(expected.is_some() && item != "A2");
            }
        }
        for rubric in ["学校评估", "评定的", "生均", "县级"] {
            let compared = held_against(&ruled, ruled.rubric(rubric), &table, day(2024, 9, 1));
            assert!(compared.differences.is_empty(), "seed {seed}, {rubric}:\n{}", first(&compared.differences));
            assert_eq!(compared.not_exact, 0);
            cells += compared.cells;
            batched += compared.batched;
        }
    }
    assert!(scored > 100, "{scored} scores of assessors");
    println!("{cells} cells, {batched} of them in batches");
    assert!(cells > 10_000 && batched > 1_000, "{cells} cells, {batched} batched");
}

/// A form with a table of classes, of which it computes and a rubric asks.
const TABLES: &str = r#"
单位 生
填报表 学校表 {
  对象 学校 按 代码; 代码: 文本; 人数: 整数 生 0..; 设施: 多选 { 食堂, 操场 }; 寄宿生数: 整数 生 当 人数 > 1 否则 0
  表格 班级 { 年级: 单选 { 1 一年级, 2 二年级 }; 人数: 整数 生 0..; 计算 余额 = 45 - 人数 }
  计算 班级数 = 个数(班级)
  计算 一年级生 = 合计(班级.人数) 限于 年级 == 一年级
  计算 班均 = 人数 / 班级数
}
评价体系 班额 {
  数据 学校表 简称 校
  总分 20
  指标 A1 "最大班额" 10 { 取值 最大(班级.人数); 目标 <= 3; 计分 达标满分 }
  指标 A2 "大班" 10 { 取值 占比(班级, 人数 > 2); 目标 <= 50%; 计分 按比例 }
  指标 A3 { 取值 个数(校.班级, 年级 == 一年级 且 人数 > 1); 目标 <= 1 }
  指标 A4 { 取值 校.班均; 目标 <= 2 }
  指标 A5 { 取值 校.一年级生 - 校.寄宿生数; 目标 >= 1 }
  指标 A6 { 取值 合计(班级.余额) + 校.班级数 * 1 生; 目标 >= 0 }
  指标 A7 { 取值 若 校.设施 含 食堂 则 1 否则 0; 目标 >= 1 }
  指标 A8 { 取值 个数(班级.年级); 目标 >= 1 }
  等级 { 高: >= 12; 低: 其他 }
}
"#;

#[test]
fn tables_of_a_form() {
    let ruled = rules_of(TABLES);
    assert!(ruled.errors.is_empty(), "{:#?}", ruled.errors);
    let rubric = ruled.rubric("班额");
    let (form, rows_form) = (&ruled.rules.forms[0], &ruled.rules.forms[ruled.rules.forms[0].tables[0].form]);
    let (mut cells, mut counted) = (0, 0);
    for seed in 0..120 {
        let mut r = Random::new(seed);
        let some = |r: &mut Random, text: String| if r.chance(16) { String::new() } else { text };
        let schools: Vec<_> = (0..1 + r.below(6))
            .map(|school| {
                let (pupils, boarders) = (r.below(5).to_string(), r.below(3).to_string());
                let kept = ["食堂", "操场、食堂", "无", "操场", ""][r.below(5)].to_owned();
                let cells = [("代码", format!("S{school}")), ("人数", some(&mut r, pupils)), ("设施", kept), ("寄宿生数", boarders)];
                cells.map(|(name, text)| (name.to_owned(), text)).to_vec()
            })
            .collect();
        let classes: Vec<_> = (0..r.below(24))
            .map(|class| {
                let (grade, pupils) = (["1", "2", "一年级", ""][r.below(4)].to_owned(), r.below(5).to_string());
                let cells = [("代码", format!("S{}", class % 5)), ("年级", grade), ("人数", some(&mut r, pupils))];
                cells.map(|(name, text)| (name.to_owned(), text)).to_vec()
            })
            .collect();
        let of = |school: &str, column: &str| -> Vec<String> {
            let own = classes.iter().filter(|class| class[0].1 == school);
            own.map(|class| class.iter().find(|(name, _)| name == column).unwrap().1.clone()).collect()
        };
        let mut table = heng::data::from_records(form, schools.clone(), &Default::default()).0;
        let rows = heng::data::from_records(rows_form, classes.clone(), &Default::default()).0;
        assert_eq!(rows.len(), classes.len());
        table.lay_beside(Source::Form(form.tables[0].form), 0, rows);
        let compared = held_against(&ruled, rubric, &table, day(2024, 9, 1));
        assert!(compared.differences.is_empty(), "seed {seed}:\n{}", first(&compared.differences));
        cells += compared.cells;
        // By the words alone: the classes of a school, whether filled in or not, and the pupils of the first grade.
        let results = ruled.run(rubric, &table, day(2024, 9, 1));
        for (row, subject) in results.subjects.iter().enumerate() {
            let value = |at| match results.cell(Slot::Indicator(at, Aspect::Value), row) {
                Some(Ok(Value::Number(number))) => Some(number),
                _ => None,
            };
            let (grades, pupils) = (of(&subject.key, "年级"), of(&subject.key, "人数"));
            let filled = grades.iter().filter(|grade| !grade.is_empty()).count();
            assert!(value(7).is_some_and(|count| Num::from_int(filled).same_as(&count)), "seed {seed}, {}", subject.key);
            let large = grades
                .iter()
                .zip(&pupils)
                .filter(|(grade, pupils)| matches!(grade.as_str(), "1" | "一年级") && pupils.parse().is_ok_and(|pupils: usize| pupils > 1));
            let large = large.count();
            assert!(value(2).is_some_and(|count| Num::from_int(large).same_as(&count)), "seed {seed}, {}: {large}", subject.key);
            let room: Vec<Num> =
                pupils.iter().filter(|text| !text.is_empty()).map(|text| Num::decimal("45").sub(&Num::decimal(text))).collect();
            let room = sum(&room).add(&Num::from_int(pupils.len()));
            assert!(value(5).is_some_and(|value| room.same_as(&value)), "seed {seed}, {}: {:?}", subject.key, value(5));
            counted += 1;
        }
    }
    assert!(cells > 3_000 && counted > 300, "{cells} cells, {counted} schools");
}
