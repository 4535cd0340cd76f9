//! The built-in library (内置规则库): national rubrics and forms, compiled in, known by paths that begin with `national/`.
//!
//! Not here: when a region takes it in (`region`).

use crate::text::Texts;

/// Path and text of each.
static LIBRARY: &[(&str, &str)] = &[
    ("national/forms/义务教育学校.heng", include_str!("../../forms/national/义务教育学校.heng")),
    ("national/forms/优质均衡县.heng", include_str!("../../forms/national/优质均衡县.heng")),
    ("national/forms/优质均衡学校.heng", include_str!("../../forms/national/优质均衡学校.heng")),
    ("national/forms/基本均衡县.heng", include_str!("../../forms/national/基本均衡县.heng")),
    ("national/forms/学前普惠县.heng", include_str!("../../forms/national/学前普惠县.heng")),
    ("national/forms/学前普惠阶梯.heng", include_str!("../../forms/national/学前普惠阶梯.heng")),
    ("national/forms/学校年度目标.heng", include_str!("../../forms/national/学校年度目标.heng")),
    ("national/forms/幼儿园.heng", include_str!("../../forms/national/幼儿园.heng")),
    ("national/forms/薄弱学校.heng", include_str!("../../forms/national/薄弱学校.heng")),
    ("national/forms/责任督学.heng", include_str!("../../forms/national/责任督学.heng")),
    ("national/forms/质量评价县.heng", include_str!("../../forms/national/质量评价县.heng")),
    ("national/forms/质量评价学校.heng", include_str!("../../forms/national/质量评价学校.heng")),
    ("national/rules/优质均衡2017县域.heng", include_str!("../../rules/national/优质均衡2017县域.heng")),
    ("national/rules/优质均衡2017县级申报.heng", include_str!("../../rules/national/优质均衡2017县级申报.heng")),
    ("national/rules/优质均衡2017学校条件.heng", include_str!("../../rules/national/优质均衡2017学校条件.heng")),
    ("national/rules/优质均衡2017学校条件县域.heng", include_str!("../../rules/national/优质均衡2017学校条件县域.heng")),
    ("national/rules/优质均衡2017学部.heng", include_str!("../../rules/national/优质均衡2017学部.heng")),
    ("national/rules/优质均衡2017校际.heng", include_str!("../../rules/national/优质均衡2017校际.heng")),
    ("national/rules/优质均衡2017资源配置.heng", include_str!("../../rules/national/优质均衡2017资源配置.heng")),
    ("national/rules/办园水平示范.heng", include_str!("../../rules/national/办园水平示范.heng")),
    ("national/rules/基本均衡2012县域.heng", include_str!("../../rules/national/基本均衡2012县域.heng")),
    ("national/rules/基本均衡2012县级申报.heng", include_str!("../../rules/national/基本均衡2012县级申报.heng")),
    ("national/rules/基本均衡2012学校.heng", include_str!("../../rules/national/基本均衡2012学校.heng")),
    ("national/rules/学前普惠2020.heng", include_str!("../../rules/national/学前普惠2020.heng")),
    ("national/rules/学前普惠阶梯示例.heng", include_str!("../../rules/national/学前普惠阶梯示例.heng")),
    ("national/rules/年度目标考核示范.heng", include_str!("../../rules/national/年度目标考核示范.heng")),
    ("national/rules/薄弱学校认定.heng", include_str!("../../rules/national/薄弱学校认定.heng")),
    ("national/rules/责任督学考核.heng", include_str!("../../rules/national/责任督学考核.heng")),
    ("national/rules/质量评价2021县域.heng", include_str!("../../rules/national/质量评价2021县域.heng")),
    ("national/rules/质量评价2021学校.heng", include_str!("../../rules/national/质量评价2021学校.heng")),
];

/// Path and text of each text of the library, in their order.
pub fn library() -> impl Iterator<Item = (&'static str, &'static str)> {
    LIBRARY.iter().copied()
}

/// Adds to `texts` what they, or names that are asked for, reach in the library; what is there already is not added again.
///
/// A name that the library does not have reaches all of it, so that what was meant can be told.
pub fn add_library(texts: &mut Texts, asked: &[&str]) {
    let mut names = texts.iter().flat_map(|text| spoken_of(&text.source)).chain(asked.iter().flat_map(|name| spoken_of(name))).peekable();
    if names.peek().is_none() {
        return;
    }
    let declared: Vec<Vec<&str>> = LIBRARY.iter().map(|(_, text)| declared(text).collect()).collect();
    let mut reached = vec![false; LIBRARY.len()];
    for name in names {
        match declared.iter().position(|names| names.contains(&name)) {
            Some(at) => reach(at, &declared, &mut reached),
            None => reached.fill(true),
        }
    }
    for ((path, text), _) in LIBRARY.iter().zip(reached).filter(|(_, reached)| *reached) {
        if !texts.iter().any(|known| *known.path == **path) {
            texts.add(*path, *text);
        }
    }
}

/// A text with all that it needs: inside the library, names stand without their prefix.
fn reach(at: usize, declared: &[Vec<&str>], reached: &mut [bool]) {
    match reached.get_mut(at) {
        Some(known @ false) => *known = true,
        _ => return,
    }
    let Some((_, text)) = LIBRARY.get(at) else { return };
    for (other, names) in declared.iter().enumerate() {
        // A name inside another word reaches too much, never too little.
        if names.iter().any(|name| text.contains(name)) {
            reach(other, declared, reached);
        }
    }
}

/// The names of the forms and rubrics of a text.
fn declared(text: &str) -> impl Iterator<Item = &str> {
    let item = |line| ["form ", "填报表 ", "rubric ", "评价体系 "].into_iter().find_map(|keyword| str::strip_prefix(line, keyword));
    text.lines().filter_map(item).map(|rest| name_at(rest.trim_start()))
}

/// The names behind each `national/` of a text.
fn spoken_of(text: &str) -> impl Iterator<Item = &str> {
    text.split("national/").skip(1).map(name_at)
}

fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    text.get(..end).unwrap_or("")
}
