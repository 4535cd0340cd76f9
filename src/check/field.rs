//! Fields (填报项的检查): what may be filled in, its range, digits, unit and options.
//!
//! Not here: conditions and checks, which may use any field (`form`).

use super::core::Core;
use super::mistakes::{forms, names, types};
use crate::model::{Attach, Depends, Details, Field, FieldIx, FieldType, Form, GivenValue, Range, Type, Unit};
use crate::number::Exact;
use crate::syntax::tree::{self, Coded, FieldKind};
use crate::text::{At, Name, Span, nearest};
use std::sync::Arc;

/// More digits than any quantity has.
const MOST_DIGITS: u32 = 30;
/// Signs that part the options, or the files, of one cell.
const PARTING: [char; 7] = ['、', '，', ',', '；', ';', '|', '\n'];

/// A field without its condition, its defaults and what its options depend on.
///
/// * `name`: in the turn of an `each` another one than is written.
pub(super) fn plain(core: &mut Core<'_>, field: &tree::Field, name: At<Name>) -> Field {
    let unit = field.unit.as_ref().and_then(|unit| core.unit(unit));
    if let Some(unit) = &field.unit
        && !matches!(field.kind.it, FieldKind::Integer(_) | FieldKind::Decimal(..) | FieldKind::Money)
    {
        core.tell(types::wrong_field(unit.span, "只有数才带单位", "only a number has a unit"));
    }
    let mut details = Details { locked: field.locked, ..Details::default() };
    let at = field.kind.span;
    let kind = match &field.kind.it {
        FieldKind::Integer(digits) => {
            details.digits = digits_of(core, *digits, at);
            FieldType::Integer(unit.unwrap_or_default())
        }
        FieldKind::Decimal(digits, places) => {
            details.digits = digits_of(core, *digits, at);
            FieldType::Decimal(places_of(core, *places, at), unit.unwrap_or_default())
        }
        FieldKind::Money => {
            let yuan = core.units.get("元").cloned().unwrap_or_else(|| Unit::base(&Name::from("元")));
            FieldType::Decimal(2, unit.unwrap_or(yuan))
        }
        FieldKind::Percent(digits, places) => {
            details.digits = digits_of(core, *digits, at);
            FieldType::Percent(places.map(|places| places_of(core, places, at)))
        }
        FieldKind::Text(least, most) => {
            details.length = (*least, *most);
            if least.zip(*most).is_some_and(|(least, most)| least > most) {
                core.tell(types::wrong_field(at, "字数的前一个数大于后一个", "the length begins above its end"));
            }
            FieldType::Text
        }
        FieldKind::Date => FieldType::Date,
        FieldKind::Year => {
            details.year = true;
            FieldType::Integer(Unit::one())
        }
        FieldKind::YesNo => FieldType::YesNo,
        FieldKind::Choice(options) => FieldType::Choice(options_of(core, field, options, &mut details)),
        FieldKind::Choices(options) => {
            let options = options_of(core, field, options, &mut details);
            if let Some(wrong) = options.iter().find(|option| option.contains(PARTING) || option.as_str() == "无") {
                let (zh, en) = (
                    format!("多选的选项 `{wrong}` 与填写的写法相混: 几项之间用 `、` 隔开，一项也没有写 `无`"),
                    format!("the option `{wrong}` is mistaken for how several are written: parted by `、`, none as `无`"),
                );
                core.tell(types::wrong_field(at, &zh, &en));
            }
            details.several = Some(options);
            FieldType::Text
        }
        // What they depend on is looked for once all fields are there.
        FieldKind::Cascade { cases, .. } => {
            let all = cases.iter().flat_map(|(_, options)| options).fold(Vec::<Name>::new(), |mut all, option| {
                if !all.contains(&option.it) {
                    all.push(option.it.clone());
                }
                all
            });
            FieldType::Choice(all.into())
        }
        FieldKind::Attach(attach) => {
            let megabyte = Exact::from(1 << 20);
            let bytes =
                attach.megabytes.as_ref().and_then(|size| (size * &megabyte).floor().to_i64()).and_then(|size| u64::try_from(size).ok());
            let ending = |ending: &At<Name>| Name::from(ending.it.trim_start_matches('.').to_lowercase());
            details.attach = Some(Attach { accept: attach.accept.iter().map(ending).collect(), files: attach.files, bytes });
            FieldType::Integer(Unit::one())
        }
    };
    let written = &field.range;
    let asked = asked_in(core, field, &kind);
    let unit = asked.as_ref().map(|(unit, _)| unit);
    let mut range = written.as_ref().filter(|_| details.attach.is_none()).and_then(|range| range_of(core, range, &kind, unit));
    if let (Some(range), true) = (written, details.attach.is_some() || details.several.is_some()) {
        core.tell(types::wrong_field(range.span, "这种填报项没有这样的范围", "this kind of field has no such range"));
    }
    if details.year {
        let (least, greatest) = if let Some(Range::Numbers(from, to)) = range { (from, to) } else { (None, None) };
        range = Some(Range::Numbers(least.or_else(|| Some(1900.into())), greatest.or_else(|| Some(2100.into()))));
    }
    if let Some(limit) = details.digits.and_then(|digits| digit_limit(digits, &kind)) {
        let (least, greatest) = if let Some(Range::Numbers(from, to)) = range { (from, to) } else { (None, None) };
        let (least, greatest) =
            (least.map_or(-limit.clone(), |it| it.max(-limit.clone())), greatest.map_or(limit.clone(), |it| it.min(limit)));
        range = Some(Range::Numbers(Some(least), Some(greatest)));
    }
    if let Some((unit, factor)) = asked {
        // Ranges are written in the unit that is asked.
        if let Some(Range::Numbers(from, to)) = &mut range {
            [from, to].into_iter().flatten().for_each(|end| *end = &*end * &factor);
        }
        details.asked_in = Some((unit, factor));
    }
    if let Some(pattern) = &field.pattern {
        if kind != FieldType::Text || details.several.is_some() {
            core.tell(types::wrong_field(pattern.span, "只有文本才有格式", "only a text has a pattern"));
        }
        if let Err(error) = regex_lite::Regex::new(&pattern.it) {
            let (zh, en) = (format!("格式不是正确的正则表达式: {error}"), format!("the pattern is not a regular expression: {error}"));
            core.tell(types::wrong_field(pattern.span, &zh, &en));
        }
    }
    if let Some(han) = field.han {
        details.han = true;
        if kind != FieldType::Text || details.several.is_some() {
            core.tell(types::wrong_field(han, "只有文本才要求汉字", "only a text is asked to be in Chinese"));
        }
    }
    if let Some(label) = &field.label
        && label.it.split(|c| c != '_').filter(|run| run.len() > 1).count() > 1
    {
        core.tell(forms::slots(label.span));
    }
    // In the turns of an `each` a label alone would stand for several fields.
    let turn = name.it.strip_prefix(field.name.it.as_str()).and_then(|behind| behind.strip_prefix('.'));
    let label = field.label.as_ref().map(|label| turn.map_or_else(|| label.it.clone(), |turn| format!("{} ({turn})", label.it)));
    let hint = field.hint.as_ref().map(|hint| hint.it.clone());
    Field { name, kind, range, required: field.required.is_some(), when: None, label, pattern: field.pattern.clone(), hint, details }
}

fn digits_of(core: &mut Core<'_>, digits: Option<u32>, at: Span) -> Option<u32> {
    if digits.is_some_and(|digits| digits > MOST_DIGITS) {
        core.tell(types::wrong_field(at, "整数部分最多 30 位", "at most 30 digits before the point"));
    }
    digits.map(|digits| digits.min(MOST_DIGITS))
}

fn places_of(core: &mut Core<'_>, places: u32, at: Span) -> u32 {
    if places > 12 {
        core.tell(types::wrong_field(at, "小数最多 12 位", "at most 12 decimals"));
    }
    places.min(12)
}

/// The greatest number with so many digits before the point, and as many decimals as the field takes.
fn digit_limit(digits: u32, kind: &FieldType) -> Option<Exact> {
    let places = match kind {
        FieldType::Decimal(places, _) | FieldType::Percent(Some(places)) => *places,
        FieldType::Percent(None) => 12,
        _ => 0,
    };
    let nines = |count: u32| "9".repeat(count as usize);
    let limit = Exact::parse(&format!("0{}.{}0", nines(digits), nines(places))).ok()?;
    if matches!(kind, FieldType::Percent(_)) { limit.checked_div(&Exact::from(100)) } else { Some(limit) }
}

/// The unit that a number is filled in in, and how many of its own unit one of that is.
fn asked_in(core: &mut Core<'_>, field: &tree::Field, kind: &FieldType) -> Option<(Unit, Exact)> {
    let written = field.asked_in.as_ref()?;
    let asked = core.unit(written)?;
    let (FieldType::Integer(unit) | FieldType::Decimal(_, unit)) = kind else {
        core.tell(types::wrong_field(written.span, "只有数才有填报单位", "only a number is asked in a unit"));
        return None;
    };
    if !asked.converts_to(unit) {
        let own = field.unit.as_ref().map_or(field.kind.span, |unit| unit.span);
        core.tell(types::no_conversion(&asked, unit, written.span, own));
        return None;
    }
    asked.scale().checked_div(&unit.scale()).map(|factor| (asked, factor))
}

fn options_of(core: &mut Core<'_>, field: &tree::Field, options: &[Coded], details: &mut Details) -> Arc<[Name]> {
    let mut seen: Vec<Name> = Vec::new();
    for Coded { code, option } in options {
        if seen.contains(&option.it) {
            core.tell(types::option_twice(&option.it, option.span));
            continue;
        }
        seen.push(option.it.clone());
        let Some(code) = code else { continue };
        if details.codes.iter().any(|(known, _)| *known == code.it) || options.iter().any(|other| other.option.it == code.it) {
            let (zh, en) = (format!("代码 `{}` 写了两次", code.it), format!("the code `{}` is listed twice", code.it));
            core.tell(types::wrong_field(code.span, &zh, &en));
        }
        details.codes.push((code.it.clone(), option.it.clone()));
    }
    if seen.is_empty() && !core.is_broken(field.span) {
        core.tell(types::wrong_field(field.kind.span, "单选没有选项", "a choice without options"));
    }
    Arc::from(seen)
}

/// What the options of a choice depend on, once all fields are there.
pub(super) fn depends(core: &mut Core<'_>, form: &Form, by: &At<Name>, cases: &[(At<Name>, Vec<At<Name>>)], at: Span) -> Option<Depends> {
    let Some((on, parent)) = form.field(&by.it) else {
        let near = nearest(&by.it, form.fields.iter().map(|field| field.name.it.as_str()));
        core.tell_unknown(&by.it, names::unknown(names::Kind::Field, &by.it, by.span, near));
        return None;
    };
    let FieldType::Choice(options) = &parent.kind else {
        core.tell(types::wrong_field(by.span, "选项只能随另一个单选而变", "options depend on another choice only"));
        return None;
    };
    let mut seen: Vec<&At<Name>> = Vec::new();
    for (case, own) in cases {
        if !options.contains(&case.it) {
            let near = nearest(&case.it, options.iter().map(Name::as_str));
            core.tell_unknown(&case.it, names::unknown_option(&case.it, case.span, near, options));
        }
        if seen.iter().any(|first| first.it == case.it) {
            core.tell(types::option_twice(&case.it, case.span));
        }
        seen.push(case);
        for (at, option) in own.iter().enumerate() {
            if own.iter().take(at).any(|first| first.it == option.it) {
                core.tell(types::option_twice(&option.it, option.span));
            }
        }
    }
    let lacks: Vec<&Name> = options.iter().filter(|option| !seen.iter().any(|case| case.it == **option)).collect();
    if !lacks.is_empty() && !core.is_broken(at) {
        core.tell(forms::options_incomplete(at, by, &lacks));
    }
    let options = cases.iter().map(|(case, own)| (case.it.clone(), own.iter().map(|option| option.it.clone()).collect()));
    Some(Depends { on, options: options.collect() })
}

/// A value that the form itself gives a field: what it offers, or what counts where it is not asked.
pub(super) fn fixed(core: &mut Core<'_>, form: &Form, at: FieldIx, value: &tree::Expr) -> Option<GivenValue> {
    let field = form.fields.get(at.0)?;
    if field.details.several.is_some() || field.details.attach.is_some() {
        core.tell(types::wrong_field(value.span, "多选和附件没有默认值", "several choices and attachments have no such value"));
        return None;
    }
    let name = At::new(field.name.it.clone(), value.span);
    let (_, given) = super::test::given(core, form, &name, value, true)?;
    let mut given = given.it;
    if let (GivenValue::Number(number), Some((_, factor))) = (&mut given, &field.details.asked_in) {
        *number = &*number * factor;
    }
    let outside = match (&given, &field.range) {
        (GivenValue::Number(number), Some(Range::Numbers(least, greatest))) => {
            least.as_ref().is_some_and(|least| number < least) || greatest.as_ref().is_some_and(|greatest| number > greatest)
        }
        (GivenValue::Date(day), Some(Range::Dates(first, last))) => {
            first.is_some_and(|first| *day < first) || last.is_some_and(|last| *day > last)
        }
        _ => false,
    };
    let broken = matches!(&given, GivenValue::Number(number) if !field.has_decimals_of(number));
    Some(given).filter(|_| {
        if outside || broken {
            core.tell(forms::default_refused(value.span, &field.name));
        }
        !outside && !broken
    })
}

/// * `asked`: the unit that its ends are written in, where it is not the field's own.
fn range_of(core: &mut Core<'_>, range: &At<tree::Range>, kind: &FieldType, asked: Option<&Unit>) -> Option<Range> {
    let (from, to) = (&range.it.from, &range.it.to);
    let ends = [from, to].into_iter().flatten();
    match kind {
        FieldType::Date if ends.clone().all(|end| end.date.is_some()) => {
            let (from, to) = (from.as_ref().and_then(|end| end.date), to.as_ref().and_then(|end| end.date));
            if from.zip(to).is_some_and(|(from, to)| from > to) {
                core.tell(types::wrong_field(range.span, "范围的前一个日期晚于后一个", "the range begins after it ends"));
            }
            Some(Range::Dates(from, to))
        }
        FieldType::Integer(unit) | FieldType::Decimal(_, unit) if ends.clone().all(|end| end.date.is_none()) => {
            let unit = asked.unwrap_or(unit);
            for end in ends {
                if let Some(written) = &end.unit
                    && let Some(found) = core.unit(written)
                    && found != *unit
                {
                    core.tell(types::unit_mismatch((unit, range.span), (&found, written.span), Some(&end.number), ""));
                }
            }
            Some(numbers(core, range, from, to))
        }
        FieldType::Percent(_) if ends.clone().all(|end| end.date.is_none()) => {
            // A percentage is asked in percents, so `0..100` means 0 % to 100 %.
            let hundredth = |end: &Option<tree::Quantity>| {
                end.as_ref().map(|end| tree::Quantity {
                    number: if end.percent { end.number.clone() } else { &end.number * &Exact::from_ratio(1, 100).unwrap_or_default() },
                    ..end.clone()
                })
            };
            Some(numbers(core, range, &hundredth(from), &hundredth(to)))
        }
        _ => {
            core.tell(types::wrong_field(range.span, "这种填报项没有这样的范围", "this kind of field has no such range"));
            None
        }
    }
}

fn numbers(core: &mut Core<'_>, range: &At<tree::Range>, from: &Option<tree::Quantity>, to: &Option<tree::Quantity>) -> Range {
    let number = |end: &Option<tree::Quantity>| end.as_ref().map(|end| end.number.clone());
    let (from, to) = (number(from), number(to));
    if from.as_ref().zip(to.as_ref()).is_some_and(|(from, to)| from > to) {
        core.tell(types::wrong_field(range.span, "范围的前一个数大于后一个", "the range begins above its end"));
    }
    Range::Numbers(from, to)
}

/// The type of a field that holds a group's name, for `校.县代码` and the like.
pub(super) fn field_type(form: &Form, at: FieldIx) -> Type {
    form.fields.get(at.0).map_or(Type::Unknown, Field::ty)
}
