//! The page that a school fills in (网页填报): one .html file made of a form, that checks as one types and needs no network.
//!
//! The form stands in the page as data ([`fields`], expressions as trees); `script/` computes with it by the rules of the engine
//! (exact numbers, three states) and tells what the reader would tell, in the reader's words. What it cannot say exactly is left to
//! the import, and said so. Nothing of a form becomes markup or program: the data are escaped, and the policy of the page lets only
//! its own two scripts and its own style in.
//! Not here: what is told of an answer (`data::wordings`), writing files (`cli`).

mod expression;
mod fields;
mod pattern;
mod words;

pub use fields::FormWords;

use crate::diag::Lang;
use crate::eval::Previous;
use crate::model::Form;
use crate::syntax::tree::PeriodLength;
use hmac_sha256::Hash;
use serde_json::{Value as Json, json};
use words::word;

/// Computes and checks; knows nothing of the page, so that tests run it alone.
const ENGINE: &str = concat!(
    "\"use strict\";\n",
    include_str!("script/number.js"),
    include_str!("script/read.js"),
    include_str!("script/evaluate.js"),
    include_str!("script/judge.js"),
    include_str!("script/files.js"),
);
/// What one sees and does.
const PAGE: &str = concat!("\"use strict\";\n", include_str!("script/inputs.js"), include_str!("script/page.js"));
const STYLE: &str = include_str!("page.css");

/// The page of a form.
///
/// * `words`: what is told of submissions to a form, [`crate::data::wordings`] as JSON.
/// * `previous`: what one subject filled in for the period before; the page is for that one then.
pub fn page(form: &Form, words: FormWords<'_>, previous: Option<&Previous>, lang: Lang) -> String {
    let title = form.title.clone().unwrap_or_else(|| form.name.it.to_string());
    let data = json!({
        "form": fields::form(form, words, previous, lang),
        "title": title,
        "version": form.version,
        "about": about(form, previous, lang),
        "fillers": form.fillers.iter().map(|name| name.as_str()).collect::<Vec<_>>(),
        "words": words::words(lang),
    });
    let policy = format!(
        "default-src 'none'; script-src 'sha256-{}' 'sha256-{}'; style-src 'sha256-{}'; base-uri 'none'; form-action 'none'",
        digest(ENGINE),
        digest(PAGE),
        digest(STYLE),
    );
    let (language, title, no_script) = (lang.pick("zh-CN", "en"), escaped(&title), escaped(word("no_script", lang)));
    let (skip, data) = (escaped(word("skip", lang)), harmless(&data));
    format!(
        "<!DOCTYPE html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"generator\" content=\"heng {version}\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#form\">{skip}</a>\n\
         <div id=\"page\"><h1>{title}</h1><p>{no_script}</p></div>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n<script id=\"engine\">{ENGINE}</script>\n\
         <script id=\"script\">{PAGE}</script>\n</body>\n</html>\n",
        version = env!("CARGO_PKG_VERSION"),
    )
}

/// What a form says of itself, in one line.
fn about(form: &Form, previous: Option<&Previous>, lang: Lang) -> Vec<String> {
    let mut facts = Vec::new();
    facts.extend(form.version.as_ref().map(|version| lang.say(format!("版本 {version}"), format!("version {version}"))));
    facts.push(lang.say(format!("填报对象: {}", form.subject), format!("filled in for each {}", form.subject)));
    if let Some(period) = &form.period {
        let (zh, en) = match period.length {
            PeriodLength::Year => ("年度", "year"),
            PeriodLength::Term => ("学期", "term"),
            PeriodLength::Month => ("月度", "month"),
        };
        facts.push(lang.say(format!("周期: {zh}"), format!("each {en}")));
    }
    if !form.fillers.is_empty() {
        let by = lang.list(form.fillers.iter().map(|name| name.as_str()));
        facts.push(lang.say(format!("填报方: {by}"), format!("filled in by {by}")));
    }
    if let Some(Previous { key, period, .. }) = previous {
        let of = period.as_ref().map(|period| format!(" ({period})")).unwrap_or_default();
        facts.push(lang.say(format!("上期: {key}{of}"), format!("last period: {key}{of}")));
    }
    facts
}

/// JSON that no reader of HTML takes for anything else.
fn harmless(data: &Json) -> String {
    let escape = |text: String, c: char| text.replace(c, &format!("\\u{:04x}", u32::from(c)));
    ['<', '>', '&', '\u{2028}', '\u{2029}'].into_iter().fold(data.to_string(), escape)
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// The SHA-256 of a text in base 64, as content security policies name scripts.
fn digest(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let hash = Hash::hash(text.as_bytes());
    let letter = |bits: u32| LETTERS.get((bits & 63) as usize).map_or('=', |letter| char::from(*letter));
    let mut out = String::new();
    for piece in hash.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, at| bits << 8 | u32::from(piece.get(at).copied().unwrap_or(0)));
        for at in 0..4 {
            out.push(if at <= piece.len() { letter(bits >> (18 - 6 * at)) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_named_by_their_digests() {
        assert_eq!(digest(""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(digest("abc"), "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=");
    }

    #[test]
    fn data_are_no_markup() {
        let data = harmless(&json!({ "label": "</script><img onerror=x>&\u{2028}" }));
        assert_eq!(data, r#"{"label":"\u003c/script\u003e\u003cimg onerror=x\u003e\u0026\u2028"}"#);
    }
}
