//! Random scripts in random rubrics (随机体系中的随机脚本).

#[path = "../../../src/eval/script/straight/writer.rs"]
mod writer;

use super::{Known, Random};
use writer::{Reads, Writer};

/// A script that comes to a number, mostly within full marks.
pub(super) fn script(r: &mut Random, known: &Known, value: bool) -> String {
    // Whole names only: an object that is a number as well would not be found in the script.
    let score = r.k(".score", ".得分");
    let plain = |name: &&String| name.starts_with("d.") || name.ends_with(score) || name.starts_with('L');
    let mut numbers: Vec<String> = known.atoms.iter().filter(plain).cloned().collect();
    numbers.extend(["d.a", "d.c", "线", "points", "分值"].map(str::to_owned));
    if value {
        numbers.extend(["value".to_owned(), "value".to_owned()]);
    }
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let mut flags = texts(&["d.f", "d.g == true", "d.学段 == \"p\"", "d.等次 != \"B\"", "d.学段 == ()", "d.等次 in [\"A\", \"C\"]"]);
    let met = r.k("met", "达标");
    flags.extend(known.targeted.iter().map(|code| format!("{code}.{met}")));
    let choice = r.pick(&["d.学段", "d.等次"]).to_owned();
    let options = texts(&["\"p\"", "\"q\" | \"A\"", "\"B\"", "()", "\"r\" | \"D\"", "1"]);
    let (seed, within) = (r.next(), r.chance(80));
    let reads = || Reads { numbers: numbers.clone(), flags: flags.clone(), choice: choice.clone(), options: options.clone() };
    // Now and then something is written that rhai does not read, such as a constant condition.
    let mut written = (0..100).map(|at| {
        let (before, result) = Writer::new(writer::Random(seed.wrapping_add(at)), reads()).parts();
        if within && !result.starts_with("return") {
            return format!("{before}min(points, max(0, ({result})))");
        }
        format!("{before}{result}")
    });
    let reader = heng::model::script::reader();
    let code = written.find(|code| code.len() < 1_500 && reader.compile(code).is_ok()).unwrap_or_else(|| "points".to_owned());
    let word = r.k("script", "脚本");
    format!("{word} {{\n{code}\n}}")
}
