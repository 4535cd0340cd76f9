//! What a table gives back, and in which order.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use super::order::MANY_KEYS;
use super::*;
use crate::eval::gap::{Cause, Gap, Unless};
use crate::eval::stored::{Codes, Mantissas};
use crate::model::{Field, FieldType, Group, Period, Unit};
use crate::number::{Exact, Real};
use crate::syntax::tree::PeriodLength;
use crate::text::{At, Span};
use chrono::NaiveDate;

const KEY: FieldIx = FieldIx(0);
const COUNTY: FieldIx = FieldIx(1);
const AREA: FieldIx = FieldIx(2);
const STAGE: FieldIx = FieldIx(3);
const CANTEEN: FieldIx = FieldIx(4);
const BUILT: FieldIx = FieldIx(5);
const SHARE: FieldIx = FieldIx(6);

/// 学校代码, 县, 面积 (two decimals), 学段, 有食堂, 建校日期, 达标率.
fn form() -> Form {
    let stages = FieldType::Choice(["小学", "初中"].map(Name::from).into());
    let kinds = [
        ("学校代码", FieldType::Text),
        ("县", FieldType::Text),
        ("面积", FieldType::Decimal(2, Unit::one())),
        ("学段", stages),
        ("有食堂", FieldType::YesNo),
        ("建校日期", FieldType::Date),
        ("达标率", FieldType::Percent(None)),
    ];
    let at = |name: &str| At::new(Name::from(name), Span::default());
    let field = |(name, kind)| Field::new(at(name), kind);
    let groups = vec![Group { kind: "县".into(), key: Some(COUNTY) }];
    let fields = kinds.into_iter().map(field).collect();
    Form { groups, ..Form::new(at("表"), "学校".into(), KEY, fields) }
}
fn number(text: &str) -> Cell<Value> {
    Ok(Value::Number(Real::from(Exact::parse(text).unwrap())))
}
fn word(text: &str) -> Cell<Value> {
    Ok(Value::Word(text.into()))
}
fn missing(name: &str) -> Cell<Value> {
    Err(Gap::missing(&name.into()))
}
fn refused(name: &str) -> Cell<Value> {
    Err(Gap::undefined(Cause::Refused(name.into())))
}
fn not_asked() -> Cell<Value> {
    Err(Gap::NotApplicable(Unless::Holds("有食堂".into())))
}
fn areas(areas: &[Cell<Value>]) -> Table {
    let mut table = Table::new(&form(), None);
    for (row, area) in areas.iter().enumerate() {
        let key = format!("S{row}");
        table.push_row(&key, RowOrigin { file: 0, line: 2 + row as u32 }, [word(&key), word("县"), area.clone()]);
    }
    table
}
fn cells(table: &Table, field: FieldIx) -> Vec<Cell<Value>> {
    (0..table.len()).map(|row| table.cell(field, row).unwrap()).collect()
}

#[test]
fn a_cell_comes_back_as_it_was_put_in() {
    let day = |year| Ok(Value::Date(NaiveDate::from_ymd_opt(year, 2, 28).unwrap()));
    let rows = [
        [word("A1"), word("甲"), number("12.50"), word("初中"), Ok(Value::Flag(true)), day(1978), number("0.953")],
        [word("A2"), word("乙"), missing("面积"), missing("学段"), missing("有食堂"), missing("建校日期"), missing("达标率")],
        [word("A3"), refused("县"), refused("面积"), refused("学段"), refused("有食堂"), refused("建校日期"), refused("达标率")],
        [missing("学校代码"), not_asked(), not_asked(), not_asked(), not_asked(), not_asked(), not_asked()],
        [word("别名"), word("甲"), number("0.125"), word("高中"), Ok(Value::Flag(false)), day(-1), number("0.12345678")],
        [refused("学校代码"), missing("面积"), word("五"), number("3"), day(2), word("是"), Ok(Value::Flag(true))],
    ];
    let mut table = Table::new(&form(), None);
    for (row, cells) in rows.iter().enumerate() {
        table.push_row(&format!("A{}", row + 1), RowOrigin::default(), cells.clone());
    }
    let back =
        |table: &Table| (0..rows.len()).map(|row| std::array::from_fn(|at| table.cell(FieldIx(at), row).unwrap())).collect::<Vec<_>>();
    assert_eq!(back(&table), rows);
    assert_eq!(table.key(3), "A4");
    assert_eq!((table.cell(AREA, 6), table.cell(FieldIx(7), 0)), (None, None));
    assert_eq!(table.dictionary(STAGE), ["小学", "初中"].map(Name::from));
    assert_eq!(table.dictionary(COUNTY), ["甲", "乙"].map(Name::from));
    // Each row put in the place of the next.
    for (row, cells) in rows.iter().enumerate() {
        for (at, cell) in cells.iter().enumerate() {
            table.put(FieldIx(at), (row + 1) % rows.len(), cell.clone());
        }
    }
    let mut turned = back(&table);
    turned.rotate_left(1);
    assert_eq!(turned, rows);
}

#[test]
fn numbers_are_narrow_until_one_is_not() {
    let mut table = areas(&[number("21474836.47"), number("-21474836.46"), missing("面积"), refused("面积"), number("0.001")]);
    let mantissas = |table: &Table| match table.blocks().first().unwrap().column(AREA) {
        Stored::Numbers(numbers) => match (numbers.places(), numbers.mantissas()) {
            (2, Mantissas::Narrow(cells)) => Ok(cells.to_vec()),
            (2, Mantissas::Wide(cells)) => Err(cells.to_vec()),
            other => unreachable!("{other:?}"),
        },
        other => unreachable!("{other:?}"),
    };
    assert_eq!(mantissas(&table), Ok(vec![i32::MAX, i32::MIN + 2, i32::MIN, i32::MIN + 1, i32::MIN + 1]));
    assert_eq!(table.range(AREA), Some((i64::from(i32::MIN) + 2, i64::from(i32::MAX))));
    let before = cells(&table, AREA);
    table.put(AREA, 0, number("-21474836.47"));
    let wide = vec![i64::from(i32::MIN) + 1, i64::from(i32::MIN) + 2, i64::MIN, i64::MIN + 1, i64::MIN + 1];
    assert_eq!(mantissas(&table), Err(wide));
    assert_eq!(table.range(AREA), Some((i64::from(i32::MIN) + 1, i64::from(i32::MIN) + 2)));
    assert_eq!(cells(&table, AREA).get(1..), before.get(1..));
    // What no mantissa holds is kept all the same.
    let huge = number("123456789012345678901234567890.12");
    table.put(AREA, 1, huge.clone());
    assert_eq!(table.cell(AREA, 1), Some(huge));
    assert_eq!(areas(&[missing("面积"), refused("面积")]).range(AREA), None);
    assert_eq!(table.range(STAGE), None);
}

#[test]
fn texts_are_coded_in_bytes_until_there_are_too_many() {
    let mut table = Table::new(&form(), None);
    let counties: Vec<String> = (0..300).map(|at| format!("县{at}")).collect();
    for (row, county) in counties.iter().enumerate() {
        table.push_row(&row.to_string(), RowOrigin::default(), [word(""), word(county)]);
        let wide = matches!(table.blocks().first().unwrap().column(COUNTY), Stored::Words(Codes::Wide(_)));
        assert_eq!(wide, row >= 254);
    }
    table.put(COUNTY, 7, missing("县"));
    let Some(Column::Words(column)) = table.column(COUNTY) else { unreachable!("texts") };
    assert!(column.iter().enumerate().all(|(row, cell)| row == 7 || cell.as_ref().unwrap().as_str() == counties.get(row).unwrap()));
    assert_eq!(column.get(7), Some(&Err(Gap::missing(&"县".into()))));
}

#[test]
fn rows_that_stay_keep_everything() {
    let areas_in: Vec<Cell<Value>> = (0..10_000)
        .map(|row| match row % 5 {
            0 => missing("面积"),
            1 => refused("面积"),
            2 => not_asked(),
            3 => number("99999999999"),
            _ => number(&format!("{row}.25")),
        })
        .collect();
    for (modulus, forced) in [(2, false), (3, true), (10_001, true), (1, false)] {
        let mut table = areas(&areas_in);
        let keep: Vec<bool> = (0..10_000).map(|row| (row % modulus == 1) != (row == 5_000)).collect();
        if forced {
            let _ = (table.by_key(), table.range(AREA));
        }
        table.retain(&keep);
        let rows: Vec<usize> = (0..10_000).filter(|row| *keep.get(*row).unwrap()).collect();
        assert_eq!(table.len(), rows.len());
        for (row, old) in rows.iter().enumerate() {
            assert_eq!(table.key(row), format!("S{old}"));
            assert_eq!(table.origin(row), Some(RowOrigin { file: 0, line: 2 + *old as u32 }));
            assert_eq!(table.cell(AREA, row).as_ref(), areas_in.get(*old));
            assert_eq!(table.find(&format!("S{old}")), Some(row));
        }
        let mut sorted: Vec<&str> = (0..table.len()).map(|row| table.key(row)).collect();
        sorted.sort_unstable();
        assert!(table.by_key().iter().map(|row| table.key(*row as usize)).eq(sorted));
        assert_eq!(table.find("S"), None);
    }
}

#[test]
fn keys_sort_by_their_bytes_and_a_subject_by_its_periods() {
    let mut form = form();
    form.period = Some(Period { length: PeriodLength::Year, key: Some(AREA) });
    let mut table = Table::new(&form, Some(&[false; 7]));
    let rows = [
        ("学校甲", "2024"),
        ("12345678", "2024"),
        ("123456789", "9"),
        ("12345678", "2023"),
        ("", "1"),
        ("学校甲", "2024"),
        ("1234567", "1"),
    ];
    for (line, (key, year)) in (1..).zip(rows) {
        table.push_row(key, RowOrigin { file: line % 2, line }, [word(key), word("县"), number(year)]);
    }
    assert_eq!(table.by_key(), [4, 6, 3, 1, 2, 0, 5]);
    assert_eq!(table.repeated(), [(5, 0)]);
    assert_eq!((table.find("12345678"), table.find("1234"), table.find("学校甲")), (Some(3), None, Some(0)));
    assert_eq!(table.origin(6), Some(RowOrigin { file: 1, line: 7 }));
    // What identifies a row is kept, whatever else is used.
    assert!(table.cell(COUNTY, 0).is_some() && table.cell(STAGE, 0).is_none() && table.column(CANTEEN).is_none());
    assert_eq!((table.cell(BUILT, 0), table.cell(SHARE, 0)), (None, None));
    table.put(AREA, 0, number("2025"));
    assert_eq!(table.repeated(), []);
}

#[test]
fn many_keys_sort_as_few_do() {
    let mut table = Table::new(&form(), Some(&[false; 7]));
    let count = MANY_KEYS + 5_000;
    let key = |row: usize| format!("前缀相同{}", row.wrapping_mul(7919) % (count - 100));
    for row in 0..count {
        let key = key(row);
        table.push_row(&key, RowOrigin::default(), [word(&key)]);
    }
    let mut expected: Vec<u32> = (0..count as u32).collect();
    expected.sort_by_key(|row| key(*row as usize));
    assert!(table.by_key() == expected);
    assert_eq!(table.repeated().len(), 100);
}
