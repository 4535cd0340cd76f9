//! Forms that speak of the period before (上期), made of others: in their expressions some fields become `previous(…)` of them.

/// * `letters`: what the names of fields begin with of which there is a value of the period before; a digit follows.
/// * `roll`: a number below another one.
pub(crate) fn with_previous(source: &str, letters: &str, roll: &mut dyn FnMut(u64) -> u64) -> String {
    source.lines().map(|line| format!("{}\n", of_line(line, letters, roll))).collect()
}

fn of_line(line: &str, letters: &str, roll: &mut dyn FnMut(u64) -> u64) -> String {
    let begins = |word: &str| line.trim_start().starts_with(word);
    let start = if begins("check ") || begins("warn ") {
        Some(0)
    } else if begins("compute ") {
        line.find(" = ")
    } else {
        line.find(" when ").filter(|_| !begins("table "))
    };
    let Some(start) = start else { return line.to_owned() };
    let end = line.rfind(" : \"").filter(|end| *end > start).unwrap_or(line.len());
    let chars: Vec<char> = line[start..end].chars().collect();
    let mut out = line[..start].to_owned();
    let mut at = 0;
    let word = |at: Option<usize>| at.and_then(|at| chars.get(at)).is_some_and(|c| c.is_alphanumeric() || *c == '_');
    while at < chars.len() {
        let name = letters.contains(chars[at]) && chars.get(at + 1).is_some_and(char::is_ascii_digit);
        if name && !word(at.checked_sub(1)) && !word(Some(at + 2)) {
            let field: String = chars[at..at + 2].iter().collect();
            out.push_str(&if roll(3) == 0 && !out.ends_with("previous(") { format!("previous({field})") } else { field });
            at += 2;
        } else {
            out.push(chars[at]);
            at += 1;
        }
    }
    out + &line[end..]
}
