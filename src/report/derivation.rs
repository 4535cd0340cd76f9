//! Derivations as text (推导过程).

use crate::diag::Lang;
use crate::eval::{Derivation, Role};
use crate::text::width;

/// At most so many members of a statistic are listed.
const MEMBERS: usize = 12;

/// Several derivations one below the other.
pub fn derivations(all: &[Derivation], lang: Lang) -> String {
    let mut text = String::new();
    for derivation in all {
        if !text.is_empty() {
            text.push('\n');
        }
        tell(derivation, 0, lang, &mut text);
    }
    text
}

fn line(indent: usize, label: &str, said: &str, text: &mut String) {
    let label = width::pad(label, 8);
    let body = format!("{}{label} {said}", "  ".repeat(indent));
    text.push_str(body.trim_end());
    text.push('\n');
}

fn tell(step: &Derivation, indent: usize, lang: Lang, text: &mut String) {
    let unit = if step.unit.is_empty() { String::new() } else { format!(" {}", step.unit) };
    match step.role {
        Role::Indicator => {
            let about = [step.clause.as_deref(), step.rule.as_deref()].into_iter().flatten().collect::<Vec<_>>().join(" · ");
            text.push_str(&step.name);
            text.push('\n');
            if !about.is_empty() {
                line(indent + 1, lang.pick("出处", "source"), &about, text);
            }
        }
        Role::Section | Role::Total | Role::Grade | Role::Conclusion => {
            let name =
                if step.name.is_empty() { step.role.title(lang).to_owned() } else { format!("{} {}", step.role.title(lang), step.name) };
            let notes = if step.notes.is_empty() { String::new() } else { format!(" ({})", step.notes.join("; ")) };
            text.push_str(&format!("{name}: {}{notes}\n", step.result));
            if !step.written.is_empty() {
                line(indent + 1, lang.pick("因为", "because"), &step.written, text);
            }
        }
        Role::Veto => text.push_str(&format!("{} {}: {}\n", step.role.title(lang), step.name, step.result)),
        Role::Field | Role::Param | Role::Result if step.written.is_empty() => {
            let place = step.cell.as_ref().or(step.rule.as_ref()).map(|place| format!("  ← {place}")).unwrap_or_default();
            let notes = if step.notes.is_empty() { String::new() } else { format!(" ({})", step.notes.join("; ")) };
            line(indent + 1, step.role.title(lang), &format!("{} = {}{unit}{notes}{place}", step.name, step.result), text);
        }
        Role::Statistic => {
            line(indent + 1, step.role.title(lang), &format!("{} = {}  {}", step.name, step.result, step.notes.join("; ")), text)
        }
        Role::Member => line(indent + 1, "", &format!("{}  {}  {}", step.name, step.result, step.notes.join("; ")), text),
        _ => formula(step, indent, &unit, lang, text),
    }
    let members = step.parts.iter().filter(|part| part.role == Role::Member).count();
    for (at, part) in step.parts.iter().enumerate() {
        if part.role == Role::Member && at >= MEMBERS {
            let more = members - MEMBERS;
            line(indent + 2, "", &lang.say(format!("… 另有 {more} 个"), format!("… and {more} more")), text);
            break;
        }
        let deeper = usize::from(!matches!(step.role, Role::Indicator));
        tell(part, indent + deeper, lang, text);
    }
}

/// A value, target, score or item: the formula, with numbers, and what it comes to.
fn formula(step: &Derivation, indent: usize, unit: &str, lang: Lang, text: &mut String) {
    let label = step.role.title(lang);
    let name = if step.name.is_empty() { String::new() } else { format!("{}: ", step.name) };
    let notes = if step.notes.is_empty() { String::new() } else { format!("  ({})", step.notes.join("; ")) };
    match step.role {
        Role::Attainment => line(indent + 1, label, &format!("{name}{}{unit} → {}{notes}", step.written, step.result), text),
        Role::Score if step.written.contains('\n') => {
            line(indent + 1, label, &format!("{}{notes}", step.result), text);
            for code in step.written.lines() {
                line(indent + 2, "│", code.trim_end(), text);
            }
        }
        _ => {
            let written = if step.written.is_empty() { String::new() } else { format!("{}  ", step.written) };
            line(indent + 1, label, &format!("{name}{written}→ {}{unit}{notes}", step.result), text);
            if !step.with_numbers.is_empty() {
                let exact = step.exact.as_ref().map(|exact| format!(" = {exact}")).unwrap_or_default();
                line(indent + 1, "", &format!("= {}{exact}", step.with_numbers), text);
            }
        }
    }
}
