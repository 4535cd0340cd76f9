//! Scripts (脚本的检查): they read, every name they use is known, every number they write is exact; and which are slow.
//!
//! Not here: what they compute (`eval::script`).

use super::expr::Scope;
use super::mistakes::{names, points as words, slow};
use super::scope::RubricScope;
use super::straight;
use crate::diag::{Diagnostics, Mistake};
use crate::model::script::{FUNCTIONS, MOST_DIGITS, reader};
use crate::model::{Branch, Branches, Input, NotStraight, Ranged, ScriptCode, Straightened};
use crate::number::Exact;
use crate::syntax::tree::{self, Path};
use crate::text::{At, LineIndex, Name, Position, Span, TextId, nearest};
use rayon::prelude::*;
use rhai::{ASTNode, Expr, Stmt};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Checks a script; nothing is made of one that does not read. `points`: full marks, if they are known.
pub(super) fn script(scope: &mut RubricScope<'_, '_, '_>, written: &tree::Script, at: Span, points: Option<&Exact>) -> Option<ScriptCode> {
    let (code, span) = source(scope, written, at)?;
    let errors = scope.core.found.errors();
    long_numbers(scope, &code, span);
    let ast = match reader().compile(&*code) {
        Ok(ast) => ast,
        Err(error) => {
            let place = place(&code, span, error.1);
            scope.core.tell(words::script(place, &error.0.to_string(), None));
            return None;
        }
    };
    // What the script itself names: variables, loop variables, parameters of its functions.
    let mut locals: BTreeSet<String> = BTreeSet::new();
    let mut used: Vec<(Option<String>, String, rhai::Position)> = Vec::new();
    let mut calls: Vec<(String, rhai::Position)> = Vec::new();
    let own: BTreeSet<String> = ast.iter_functions().map(|function| function.name.to_owned()).collect();
    for function in ast.iter_functions() {
        locals.extend(function.params.iter().map(|param| (*param).to_owned()));
    }
    ast.walk(&mut |nodes: &[ASTNode]| {
        match nodes.last() {
            Some(ASTNode::Stmt(Stmt::Var(var, ..))) => {
                locals.insert(var.0.name.to_string());
            }
            Some(ASTNode::Stmt(Stmt::For(parts, ..))) => {
                locals.insert(parts.0.name.to_string());
                locals.extend(parts.1.iter().map(|counter| counter.name.to_string()));
            }
            Some(ASTNode::Expr(Expr::Dot(both, ..))) => {
                if let Expr::Variable(object, ..) = &both.lhs
                    && let Some((property, at)) = property(&both.rhs)
                {
                    used.push((Some(object.1.to_string()), property, at));
                }
            }
            Some(ASTNode::Expr(Expr::FnCall(call, at) | Expr::MethodCall(call, at)) | ASTNode::Stmt(Stmt::FnCall(call, at)))
                if call.op_token.is_none() =>
            {
                calls.push((call.name.to_string(), *at));
            }
            Some(ASTNode::Expr(Expr::Variable(name, _, at))) => used.push((None, name.1.to_string(), *at)),
            _ => {}
        }
        true
    });
    for (name, position) in calls.iter().filter(|(name, _)| !own.contains(name) && !FUNCTIONS.contains(&name.as_str())) {
        // A function in a variable is called by the variable's name.
        if !locals.contains(name) {
            let near = nearest(name, FUNCTIONS.iter().copied().chain(own.iter().map(String::as_str)));
            scope.core.tell(names::unknown_function(name, place(&code, span, *position), near));
        }
    }
    let mut inputs: Vec<Input> = Vec::new();
    for (object, name, position) in &used {
        // A property of something that the script made itself.
        if object.as_ref().is_some_and(|object| locals.contains(object)) {
            continue;
        }
        let objects = used.iter().filter_map(|(object, ..)| object.as_ref());
        // `校` alone is the object of `校.在校生数`; the property is what is read.
        if locals.contains(name) && object.is_none() || object.is_none() && objects.clone().any(|object| object == name) {
            continue;
        }
        let known = |input: &Input| input.name.as_str() == name && input.object.as_deref() == object.as_deref();
        if inputs.iter().any(known) {
            continue;
        }
        let place = place(&code, span, *position);
        if name == "points" || name == "分值" {
            continue;
        }
        let parts = object.iter().chain([name]).map(|part| At::new(Name::from(part.as_str()), place)).collect();
        let value = scope.of_subject(&tree::Expr { kind: tree::ExprKind::Path(Path(parts)), span: place });
        inputs.push(Input { object: object.as_ref().map(|object| object.as_str().into()), name: name.as_str().into(), value });
    }
    let straight = {
        let (code, inputs, points) = (code.clone(), inputs.clone(), points.cloned());
        Straightened::by(move || {
            let straight::Read { straight, ranged, branches } = straight::compile(&ast, &code, &inputs, points.as_ref());
            let straight = straight.map_err(|(at, why)| {
                let span = at.map_or(span, |at| place(&code, span, at));
                NotStraight { span, why }
            });
            let ranged = ranged.into_iter().map(|ranged| Ranged {
                span: place(&code, span, ranged.at),
                divided: ranged.divided,
                inputs: ranged.inputs.into_iter().collect(),
            });
            let (nodes, list) = branches;
            let list = list.into_iter().map(|branch| Branch { span: place(&code, span, branch.at), path: branch.path }).collect();
            (straight, ranged.collect(), Branches { nodes, list })
        })
    };
    // What is wrong comes first.
    if scope.core.found.errors() == errors {
        scope.core.scripts.push(straight.clone());
    }
    Some(ScriptCode { code, span, inputs, straight })
}

/// Which of these scripts are run for one subject after the other, and why.
pub(super) fn slow(scripts: &[Straightened]) -> Diagnostics {
    // Each is a piece of work of its own, the longest part of a check.
    let told: Vec<Mistake> = scripts.par_iter().filter_map(|script| script.get().err().map(slow::slow)).collect();
    let mut found = Diagnostics::new();
    told.into_iter().for_each(|told| found.push(told));
    found
}

/// The first property behind a dot.
fn property(rhs: &Expr) -> Option<(String, rhai::Position)> {
    match rhs {
        Expr::Property(property, at) => Some((property.2.to_string(), *at)),
        Expr::Dot(both, ..) | Expr::Index(both, ..) => property(&both.lhs),
        _ => None,
    }
}

/// The text of a script and its place; of a file beside the rubric, the place is in that file.
fn source(scope: &mut RubricScope<'_, '_, '_>, written: &tree::Script, at: Span) -> Option<(Arc<str>, Span)> {
    match written {
        tree::Script::Inline(span) => Some((Arc::from(scope.core.texts.slice(*span)), *span)),
        tree::Script::File(file) => {
            let beside = scope.core.texts.get(at.text).map(|text| text.path.to_string()).unwrap_or_default();
            let folder = beside.rsplit_once('/').map_or("", |(folder, _)| folder);
            let path = if folder.is_empty() { file.it.clone() } else { format!("{folder}/{}", file.it) };
            let found = scope.core.texts.iter().find(|text| *text.path == *path);
            match found {
                Some(text) => Some((text.source.clone(), text.span())),
                None => {
                    scope.core.tell(words::script_file(&file.it, file.span));
                    None
                }
            }
        }
    }
}

/// A place in a script, widened to the word that stands there.
fn place(code: &str, span: Span, position: rhai::Position) -> Span {
    let (Some(line), column) = (position.line(), position.position().unwrap_or(1)) else { return span };
    let start = LineIndex::new(code).offset(Position { line, column }).min(code.len());
    let rest = code.get(start..).unwrap_or("");
    let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
    let length = if word == 0 { rest.chars().next().map_or(0, char::len_utf8) } else { word };
    offset(span.text, span.start as usize + start, length)
}

fn offset(text: TextId, start: usize, length: usize) -> Span {
    Span::new(text, start, start + length)
}

/// A script with its comments and strings blanked, of the same length.
fn without_words(code: &str) -> String {
    let mut bare = String::with_capacity(code.len());
    let mut inside: Option<char> = None;
    let mut escaped = false;
    let mut chars = code.chars().peekable();
    while let Some(c) = chars.next() {
        let ends = match inside {
            Some('/') => c == '\n',
            Some('*') => c == '*' && chars.peek() == Some(&'/'),
            Some(quote) => c == quote && !escaped,
            None => false,
        };
        escaped = inside.is_some() && c == '\\' && !escaped;
        match inside {
            None => {
                inside = match (c, chars.peek()) {
                    ('"' | '`' | '\'', _) => Some(c),
                    ('/', Some('/')) => Some('/'),
                    ('/', Some('*')) => Some('*'),
                    _ => None,
                };
                bare.push(if inside.is_some() { ' ' } else { c });
            }
            Some(_) => {
                bare.extend(std::iter::repeat_n(' ', c.len_utf8()));
                if ends {
                    inside = None;
                }
            }
        }
    }
    bare
}

/// Numbers of more digits than a script can hold exactly are refused rather than rounded.
fn long_numbers(scope: &mut RubricScope<'_, '_, '_>, code: &str, span: Span) {
    let mut start = None;
    let bare = without_words(code);
    for (at, c) in bare.char_indices().chain([(code.len(), ' ')]) {
        let digit = c.is_ascii_digit() || (start.is_some() && matches!(c, '.' | '_'));
        match (digit, start) {
            (true, None) => start = Some(at),
            (false, Some(from)) => {
                let number = code.get(from..at).unwrap_or("");
                if number.chars().filter(char::is_ascii_digit).count() > MOST_DIGITS {
                    let help =
                        (format!("脚本中的数最多 {MOST_DIGITS} 位"), format!("a number in a script has at most {MOST_DIGITS} digits"));
                    scope.core().tell(words::script(offset(span.text, span.start as usize + from, at - from), "数字太长", Some(help)));
                }
                start = None;
            }
            _ => {}
        }
    }
}
