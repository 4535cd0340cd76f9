//! What is said when the arguments are not understood (用法错误). clap knows what is wrong, but says it in English.

use super::{DONE, TROUBLE, Terminal};
use crate::diag::Lang;
use clap::error::{ContextKind, ContextValue, ErrorKind};

/// Tells it, and gives back the exit code. Help and version, which clap hands over as errors too, are results.
pub(super) fn tell(error: &clap::Error, terminal: &mut Terminal) -> u8 {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => {
            let text = error.render().to_string();
            terminal.out(&text);
            DONE
        }
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let text = error.render().to_string();
            terminal.err(&text);
            TROUBLE
        }
        kind => {
            let lang = terminal.lang;
            let mut text = format!("{}{}\n", lang.pick("用法不对: ", "error: "), headline(kind, error, lang));
            if let Some(near) = near(error) {
                text.push_str(&lang.say(format!("  是不是 {near}?\n"), format!("  did you mean {near}?\n")));
            }
            if kind == ErrorKind::InvalidValue
                && let Some(values) = list(error, ContextKind::ValidValue)
            {
                text.push_str(&lang.say(format!("  可以写: {values}\n"), format!("  one of: {values}\n")));
            }
            text.push_str(lang.pick("  用法见 `heng --help`\n", "  see `heng --help`\n"));
            terminal.err(&text);
            TROUBLE
        }
    }
}

fn headline(kind: ErrorKind, error: &clap::Error, lang: Lang) -> String {
    let of = |kind| list(error, kind).unwrap_or_default();
    let argument = of(ContextKind::InvalidArg);
    match kind {
        ErrorKind::InvalidSubcommand => {
            let verb = of(ContextKind::InvalidSubcommand);
            lang.say(format!("没有 {verb} 这个命令"), format!("there is no command {verb}"))
        }
        ErrorKind::MissingSubcommand => lang.say("没有写命令", "a command is missing"),
        ErrorKind::UnknownArgument => lang.say(format!("没有 {argument} 这个参数"), format!("there is no argument {argument}")),
        ErrorKind::MissingRequiredArgument => lang.say(format!("缺少 {argument}"), format!("{argument} is missing")),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation | ErrorKind::NoEquals => {
            let value = of(ContextKind::InvalidValue);
            if value.is_empty() || value == "``" {
                lang.say(format!("{argument} 后面缺少值"), format!("{argument} needs a value"))
            } else {
                lang.say(format!("{argument} 不能是 {value}"), format!("{argument} cannot be {value}"))
            }
        }
        ErrorKind::ArgumentConflict => {
            let prior = of(ContextKind::PriorArg);
            if prior.is_empty() || prior == argument {
                lang.say(format!("{argument} 只能写一次"), format!("{argument} can be given once only"))
            } else {
                lang.say(format!("{argument} 不能和 {prior} 一起写"), format!("{argument} cannot be given together with {prior}"))
            }
        }
        ErrorKind::InvalidUtf8 => lang.say("参数不是 UTF-8", "an argument is not UTF-8"),
        ErrorKind::TooManyValues | ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => {
            lang.say(format!("{argument} 的值的个数不对"), format!("the number of values of {argument} is not right"))
        }
        // What is new in clap is better told in English than not at all.
        _ => error.to_string().lines().next().unwrap_or("").trim_start_matches("error: ").to_owned(),
    }
}

/// What clap takes for meant.
fn near(error: &clap::Error) -> Option<String> {
    [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .find_map(|kind| list(error, kind))
}

/// A fact of the error, in backticks.
fn list(error: &clap::Error, kind: ContextKind) -> Option<String> {
    match error.get(kind)? {
        ContextValue::String(one) => Some(format!("`{one}`")),
        ContextValue::Strings(all) if !all.is_empty() => Some(all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")),
        _ => None,
    }
}
