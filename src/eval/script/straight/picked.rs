//! Scripts with what is easily got wrong.

use super::*;

fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for value in [None, Some("0"), Some("1/3"), Some("0.5"), Some("60"), Some("75.5")] {
        for (a, b) in [(None, Some("2")), (Some("3"), None), (Some("3"), Some("0")), (Some("7"), Some("2")), (Some("0.5"), Some("4"))] {
            for (word, flag) in [(Some("小学"), Some(true)), (Some("初中"), Some(false)), (None, None)] {
                rows.push(row(value, [a, b, Some("5")], word, flag));
            }
        }
    }
    rows
}

/// Each compiles, and comes to what rhai comes to.
const STRAIGHT: &[&str] = &[
    "校.甲",
    "校.甲 / 校.乙",
    // Computed and not used, used on one path only, behind what stops earlier.
    "let r = 校.甲 / 校.乙; 5",
    "let r = 校.甲 / 校.乙; if 校.丙 > 3 { r } else { 0 }",
    "let r = 0; if 校.丙 > 6 { r = 校.甲 / 校.乙; } r",
    "let r = 0; if 校.丙 > 3 { r = 校.甲 / 校.乙; } r",
    "if 校.丙 > 3 { 校.甲 / 校.乙; } 4",
    "校.甲 / 校.乙; if value > 0.3 { 1 } else { 2 }",
    "if value > 0.3 { 1 } else { 2 }; 校.甲 / 校.乙; 3",
    "if value > 0.3 { 1 / 0 } else { 2 }",
    "if value > 0.3 { throw \"停\"; } 2",
    "throw \"停\"",
    // `()`
    "()",
    "if value == () { 0 } else { value }",
    "if value == () || 校.甲 == () || 校.乙 == () || 校.乙 <= 0.0 { 0.0 } else { let r = 校.甲 / 校.乙; if r >= 1.0 { 2.0 } else { r } }",
    "if filled(value) { value } else { 0 }",
    "if !已填(校.甲) { return 0; } 校.甲",
    "value ?? 校.甲 ?? 7",
    "let x = (); x += 1; if x == () { 3 } else { 4 }",
    "if value > 0.3 && 校.甲 > 1 { 1 } else { 2 }",
    "if value == () || value > 0.3 { 1 } else { 2 }",
    "if 校.乙 != 0 && 校.甲 / 校.乙 > 1 { 1 } else { 2 }",
    "if 校.甲 > 1 && 校.甲 / 校.乙 > 1 { 1 } else { 2 }",
    "if 校.甲 > 1 || 1 / 0 > 1 { 1 } else { 2 }",
    "if !(value > 0.3) { 1 } else { 2 }",
    "let f = 校.甲 > 1; if f == () { 9 } else if f { 1 } else { 2 }",
    "if value > 0.3 { 5 }",
    "let x = if value > 0.3 { 5 }; x",
    "max(value, 校.甲) + min(校.甲, 校.乙)",
    // A variable in the first place is read last.
    "let x = 7; x + { x = 3; 1 }",
    "let x = 7; (x + 0) + { x = 3; 1 }",
    "let x = 校.甲; max(x, { x = 100; 1 })",
    "let x = 1; x += { x = 10; 1 }; x",
    // Exact where rhai alone would round or overflow.
    "let x = 7; x /= 2; x",
    "let x = 校.甲; x /= 3; x * 3",
    "let x = 9223372036854775807; x += 1; x",
    "1 / 3 + 1 / 3 + 1 / 3",
    "(1 / 3).round(4)",
    "四舍五入(2.345, 2)",
    "round(校.甲 / 3, 2)",
    "-7 % 2",
    "校.甲 % 校.乙",
    "校.甲 ** 3",
    "2 ** 0",
    // Scopes
    "let a = 1; { let a = 2; a += 1; } a",
    "let a = 1; { a = 2; } a",
    "let a = 1; let a = a + 1; a",
    "value = 3; value + 1",
    "const 上限 = 5; min(上限, 校.甲)",
    "let x = \"a\"; let x = 3; x",
    // Returns
    "if value > 0.3 { return 1; } if 校.甲 > 1 { return 2; } 3",
    "if value > 0.3 { if 校.甲 > 1 { return 1; } } else { return 5; } 校.乙",
    "if value > 0.3 { let r = 校.甲 / 校.乙; if r > 2 { return r; } } 1 / 校.乙; 3",
    "for i in 0..5 { if i > 校.甲 { return i; } } 9",
    "return 校.甲;",
    "return; 5",
    // Loops
    "let s = 0; for i in 0..3 { s += 0.1; } s",
    "let s = 0; for i in [60, 75, 90] { if value >= i { s += 1; } } s",
    "let s = 0; for 档 in [[60, 1], [75, 2]] { if value >= 档[0] { s = 档[1]; } } s",
    "let s = 0; for (x, i) in [5, 6] { s += x * i; } s",
    "let s = 0; for i in 0..5 { if i > 校.甲 { break; } s += i; } s",
    "let s = 0; for i in 0..5 { if i == 校.甲 { continue; } s += i; } s",
    "let s = 0; for i in 0..3 { for j in 0..3 { if j > 校.乙 { break; } if i == j { continue; } s += 10 / 校.乙; } } s",
    "let i = 0; while i < 3 { i += 1; } i",
    "let i = 0; loop { i += 1; if i > 3 { break; } } i",
    "let i = 0; do { i += 1; } while i < 3; i",
    "let i = 0; do { i += 1; if i == 2 { continue; } } until i >= 2; i",
    "let r = 3; for i in r..5 { r += i; } r",
    "let s = 0; for i in 0..points { s += i; } s",
    "let 表 = [1, 2, 4]; 表[1] + 表[-1]",
    // Switch
    "switch 校.段 { \"小学\" => 1, \"初中\" => 2, _ => 3 }",
    "switch 校.段 { \"小学\" | \"初中\" => 1, () => 2 }",
    "switch value { 0..1 => 1, 60..70 => 2, _ => 3 }",
    "switch value { 0 => 1, 0.5 => 2, () => 4, _ => 3 }",
    "switch 校.丙 { 1 if value > 3 => 4, 5 if value > 9 => 3, 5 => 8, _ => 5 }",
    "switch 校.丙 { 5 if 1 / 校.乙 > 9 => 3, 0..=5 => 8, _ => 5 }",
    "switch 校.丙 { 5.0 => 3, _ => 4 }",
    "switch value > 0.3 { true => 1, false => 2, _ => 3 }",
    "switch 校.丙 { 5 => { let x = 校.甲 / 校.乙; x }, _ => 0 }",
    "let s = 0; switch 校.段 { \"小学\" => { s = 1; } _ => { s = 1 / 校.乙; } } s",
    "// \"初中\n switch 校.段 { \"小学\" => 1, _ => 3 }",
    // Functions
    "fn f(x) { x + 1 } f(校.甲) * f(2)",
    "fn f(x) { if x > 1 { return x; } 0 } f(value) + f(校.甲)",
    "fn f(x) { x += 1; x } let y = 3; f(y) + y",
    "fn 折算(x, 上限) { min(x, 上限) } fn g(x) { 折算(x, 5) } g(校.甲)",
    "fn f() { } f(); 3",
    "fn max(x) { 7 } max(1) + max(2, 3)",
    // Words and flags
    "if 校.段 == \"小学\" { 1 } else { 2 }",
    "if 校.段 in [\"小学\", \"大学\"] { 1 } else { 2 }",
    "if 校.甲 !in [3, 0.5] { 1 } else { 2 }",
    "if 校.段 == 3 { 1 } else { 2 }",
    "if 校.段 == 校.甲 { 1 } else { 2 }",
    "if 校.段 != () { 1 } else { 2 }",
    "if 校.住 { 1 } else { 2 }",
    "if 校.住 == true { 1 } else { 2 }",
    "let 有 = 校.住 ?? false; if 有 { 1 } else { 2 }",
    "校.甲.max(2).round(0)",
];

/// Each is run by rhai, for the reason given.
const SLOW: &[(&str, &str)] = &[
    ("let n = 校.甲; while n > 0 { n -= 1; } n", "Loop"),
    ("for i in 0..校.丙 { } 3", "Loop"),
    ("fn f(x) { if x > 3 { x } else { f(x + 1) } } f(1)", "Recursion"),
    ("let a = [1]; a.push(2); 3", "Function"),
    ("\"abc\".len()", "Function"),
    ("round(校.甲, 校.丙)", "Function"),
    ("let m = #{a: 1}; m.a", "Construct(Map)"),
    ("let f = |x| x + 1; f.call(3)", "Construct(Closure)"),
    ("try { 1 / 0 } catch { 3 }", "Construct(Try)"),
    ("let a = [1]; a[0] = 2; 3", "Construct(Change)"),
    ("if value > 0.3 { 1 } else { \"无\" }", "Mixed"),
    ("校.段 + 1", "Operator"),
    ("2 ** 校.丙", "Operator"),
    ("fn f(x) { x + points } f(1)", "Name"),
    ("let x = (value > 0.3) && (if 校.甲 > 1 { value = 3; true } else { false }); if x { value } else { 2 }", "Aside"),
    ("let x = 校.甲; for i in 0..100 { x *= 校.甲; } x", "TooLarge"),
    ("let s = 0; for i in 0..100000 { s += 校.甲; } s", "TooLong"),
    ("let s = 0; for i in 0..900 { if value > i { s += 1; } s -= 1; } s", "TooLong"),
];

#[test]
fn picked_scripts_come_to_the_same() {
    let engine = engine();
    let codes: Vec<String> = STRAIGHT.iter().map(|code| (*code).to_owned()).collect();
    let rows = rows();
    let mut slips = Vec::new();
    for script in scripts(&codes) {
        match script.straight.get() {
            Ok(straight) => slips.extend(difference(&engine, &script, straight, &rows)),
            Err(not) => slips.push(format!("{}: {not:?}", script.code)),
        }
    }
    assert!(slips.is_empty(), "{} of {}:\n{}", slips.len(), codes.len(), slips.join("\n\n"));
}

#[test]
fn what_is_not_sure_is_refused() {
    let codes: Vec<String> = SLOW.iter().map(|(code, _)| (*code).to_owned()).collect();
    for (script, (code, reason)) in scripts(&codes).iter().zip(SLOW) {
        let why: Option<WhyNot> = script.straight.get().err().map(|not| not.why.clone());
        assert!(why.as_ref().is_some_and(|why| format!("{why:?}").starts_with(reason)), "{code}: {why:?}");
    }
}

#[test]
fn programs_stay_small() {
    // A guard, one division and its bands: nothing is looked at twice.
    let code = "if 校.甲 == () || 校.乙 == () || 校.乙 <= 0.0 { 0.0 } else { let r = 校.甲 / 校.乙; if r >= 1.0 { 2.0 } else if r >= 0.85 { 2.0 * r } else { 0.0 } }";
    let scripts = scripts(&[code.to_owned()]);
    let straight = scripts[0].straight.get().unwrap();
    assert!(straight.nodes.len() <= 22, "{straight:#?}");
    assert!(!straight.nodes.iter().any(|node| matches!(node, crate::model::ScriptNode::Strict { .. })), "{straight:#?}");
    assert!(straight.most_bits >= 1_000, "{}", straight.most_bits);
}
