//! Derivations as text (推导过程).

use crate::diag::Lang;
use crate::eval::{Derivation, Role};
use crate::text::width;

/// At most so many members of a statistic are listed.
const MEMBERS: usize = 12;

/// Several derivations one below the other, in lines of at most `width` columns.
pub fn derivations(all: &[Derivation], lang: Lang, width: usize) -> String {
    let mut sheet = Sheet { text: String::new(), lang, width };
    for derivation in all {
        if !sheet.text.is_empty() {
            sheet.text.push('\n');
        }
        sheet.tell(derivation, 0);
    }
    sheet.text
}

/// What is being written.
struct Sheet {
    text: String,
    lang: Lang,
    width: usize,
}

impl Sheet {
    /// A label and what is said, broken where it is too long, so that it goes on under its beginning.
    fn line(&mut self, indent: usize, label: &str, said: &str) {
        let margin = "  ".repeat(indent);
        self.wrapped(&format!("{margin}{} ", width::pad(label, 8)), &format!("{margin}{:9}", ""), said);
    }

    fn wrapped(&mut self, first: &str, rest: &str, said: &str) {
        let options = textwrap::Options::new(self.width).initial_indent(first).subsequent_indent(rest);
        for line in textwrap::wrap(said, options) {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    fn tell(&mut self, step: &Derivation, indent: usize) {
        let lang = self.lang;
        let unit = if step.unit.is_empty() { String::new() } else { format!(" {}", step.unit) };
        match step.role {
            Role::Indicator => {
                let about = [step.clause.as_deref(), step.layer.as_deref(), step.rule.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(" · ");
                self.wrapped("", "  ", &step.name);
                if !about.is_empty() {
                    self.line(indent + 1, lang.pick("出处", "source"), &about);
                }
            }
            Role::Section | Role::Total | Role::Grade | Role::Conclusion => {
                let name = if step.name.is_empty() {
                    step.role.title(lang).to_owned()
                } else {
                    format!("{} {}", step.role.title(lang), step.name)
                };
                let notes = if step.notes.is_empty() { String::new() } else { format!(" ({})", step.notes.join("; ")) };
                self.wrapped("", "  ", &format!("{name}: {}{notes}", step.result));
                if !step.written.is_empty() {
                    self.line(indent + 1, lang.pick("因为", "because"), &step.written);
                }
            }
            Role::Veto => self.wrapped("", "  ", &format!("{} {}: {}", step.role.title(lang), step.name, step.result)),
            Role::Field | Role::Param | Role::Result if step.written.is_empty() => {
                let place = step.cell.as_ref().or(step.rule.as_ref()).map(|place| format!("  ← {place}")).unwrap_or_default();
                let notes = if step.notes.is_empty() { String::new() } else { format!(" ({})", step.notes.join("; ")) };
                self.line(indent + 1, step.role.title(lang), &format!("{} = {}{unit}{notes}{place}", step.name, step.result));
            }
            Role::Statistic => {
                self.line(indent + 1, step.role.title(lang), &format!("{} = {}  {}", step.name, step.result, step.notes.join("; ")))
            }
            Role::Member => {
                let from = step.cell.as_ref().map(|cell| format!("  ← {cell}")).unwrap_or_default();
                self.line(indent + 1, "", &format!("{}  {}  {}{from}", step.name, step.result, step.notes.join("; ")));
            }
            _ => self.formula(step, indent, &unit),
        }
        let members = step.parts.iter().filter(|part| part.role == Role::Member).count();
        for (at, part) in step.parts.iter().enumerate() {
            if part.role == Role::Member && at >= MEMBERS {
                let more = members - MEMBERS;
                self.line(indent + 2, "", &lang.say(format!("… 另有 {more} 个"), format!("… and {more} more")));
                break;
            }
            let deeper = usize::from(!matches!(step.role, Role::Indicator));
            self.tell(part, indent + deeper);
        }
    }

    /// A value, target, score or item: the formula, with numbers, and what it comes to.
    fn formula(&mut self, step: &Derivation, indent: usize, unit: &str) {
        let lang = self.lang;
        let label = step.role.title(lang);
        let name = if step.name.is_empty() { String::new() } else { format!("{}: ", step.name) };
        let notes = if step.notes.is_empty() { String::new() } else { format!("  ({})", step.notes.join("; ")) };
        match step.role {
            Role::Attainment => {
                let layer =
                    step.layer.as_ref().zip(step.rule.as_ref()).map(|(layer, rule)| format!("  ← {layer} {rule}")).unwrap_or_default();
                self.line(indent + 1, label, &format!("{name}{}{unit} → {}{notes}{layer}", step.written, step.result));
            }
            Role::Score if step.written.contains('\n') => {
                self.line(indent + 1, label, &format!("{}{notes}", step.result));
                for code in step.written.lines() {
                    self.line(indent + 2, "│", code.trim_end());
                }
            }
            _ => {
                let written = if step.written.is_empty() { String::new() } else { format!("{}  ", step.written) };
                self.line(indent + 1, label, &format!("{name}{written}→ {}{unit}{notes}", step.result));
                if !step.with_numbers.is_empty() {
                    let exact = step.exact.as_ref().map(|exact| format!(" = {exact}")).unwrap_or_default();
                    self.line(indent + 1, "", &format!("= {}{exact}", step.with_numbers));
                }
            }
        }
    }
}
