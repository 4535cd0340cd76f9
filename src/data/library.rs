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

/// Adds the library to `texts`; what is there already is not added again.
pub fn add_library(texts: &mut Texts) {
    for (path, text) in library() {
        if !texts.iter().any(|known| *known.path == *path) {
            texts.add(path, text);
        }
    }
}
