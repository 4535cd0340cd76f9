//! Units of evaluation that submissions split into (拆分的检查): for each split a form of its own, whose shared fields are
//! shares of what the whole submission has.

use super::answers::with_fields;
use super::core::Core;
use super::expr::{self, made};
use super::mistakes::{names, points};
use crate::model::{Computed, Expr, Field, FieldIx, FieldType, Form, Level, Node, Rules, Split, SplitPart, Type};
use crate::number::Exact;
use crate::syntax::tree::{self, CompareOp, ExprKind, FormStmt};
use crate::text::{At, Name, Span, nearest};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Adds the forms of the units that a form's submissions split into.
///
/// * `of`: the place of the form.
pub(super) fn units(core: &mut Core<'_>, written: &tree::Form, rules: &mut Rules, of: usize, used: &mut Vec<BTreeSet<FieldIx>>) {
    for stmt in &written.body {
        let FormStmt::Split(split) = stmt else { continue };
        let Some(base) = rules.forms.get(of) else { return };
        let (form, read) = Splitter { core, base, split, read: BTreeSet::new() }.form(of);
        if let Some(first) = rules.form(&form.name.it) {
            core.tell(names::duplicate("拆分", "split", &split.name, first.name.span));
            continue;
        }
        rules.forms.push(form);
        used.push(read);
    }
}

struct Splitter<'s, 't> {
    core: &'s mut Core<'t>,
    base: &'s Form,
    split: &'s tree::Split,
    read: BTreeSet<FieldIx>,
}

impl Splitter<'_, '_> {
    fn form(mut self, of: usize) -> (Form, BTreeSet<FieldIx>) {
        let mut form = self.base.clone();
        form.name = At::new(Name::from(format!("{}.{}", self.base.name.it, self.split.name.it)), self.split.name.span);
        form.subject = self.split.name.it.clone();
        let names: Arc<[Name]> = self.split.parts.iter().map(|part| part.name.it.clone()).collect();
        let part = FieldIx(form.fields.len());
        form.fields.push(Field::new(self.split.name.clone(), FieldType::Choice(names.clone())));
        let parts = self.parts();
        let own = self.own(&form, part, &names);
        let shares = self.shares(&form, part, &names, &own, &parts);
        // Whatever is set or shared stands in the place of what the form computes.
        form.computed.retain(|computed| !own.iter().chain(&shares).any(|mine| mine.name.it == computed.name.it));
        form.computed.splice(0..0, own.into_iter().chain(shares));
        form.split = Some(Split { of, parts });
        (form, self.read)
    }

    fn parts(&mut self) -> Vec<SplitPart> {
        let mut parts: Vec<SplitPart> = Vec::new();
        for part in &self.split.parts {
            if let Some(first) = self.split.parts.iter().take_while(|first| first.span != part.span).find(|first| first.name == part.name) {
                self.core.tell(names::duplicate("部分", "part", &part.name, first.name.span));
            }
            let (when, read) = with_fields(self.core, self.base, |scope| expr::flag(scope, &part.when));
            self.read.extend(read);
            parts.push(SplitPart { name: part.name.it.clone(), when, evaluated: !part.not_evaluated });
        }
        if !parts.iter().any(|part| part.evaluated) && !self.core.is_broken(self.split.span) {
            self.core.tell(points::incomplete(
                self.split.span,
                "拆分没有要评价的部分",
                "the split has no part that is evaluated",
                ("如 `小学部 当 小学在校生数 > 0 { … }`", "such as `小学部 when 小学在校生数 > 0 { … }`"),
            ));
        }
        parts
    }

    /// Whether a unit is a certain part.
    fn is(&mut self, form: &Form, part: FieldIx, names: &Arc<[Name]>, name: &Name, span: Span) -> Expr {
        let ty = form.fields.get(part.0).map_or(Type::Unknown, Field::ty);
        let field = made(self.core, Node::Field(part), ty, Level::Subject, span);
        let word = made(self.core, Node::Word(name.clone()), Type::Choice(names.clone()), Level::Constant, span);
        made(self.core, Node::Compare(CompareOp::Eq, Box::new(field), Box::new(word)), Type::Flag, Level::Subject, span)
    }

    /// The value of the part that a unit is; all are of one type.
    fn by_part(&mut self, form: &Form, part: FieldIx, names: &Arc<[Name]>, values: Vec<(Name, Expr)>, span: Span) -> Expr {
        let mut values = values;
        let Some((_, last)) = values.pop() else { return expr::wrong(self.core, span) };
        let ty = last.ty.clone();
        let cases: Vec<_> = values.into_iter().map(|(name, value)| (self.is(form, part, names, &name, span), value)).collect();
        if cases.is_empty() {
            return last;
        }
        made(self.core, Node::Choose(cases, Box::new(last)), ty, Level::Subject, span)
    }

    /// What the parts are said to be: an expression, or names that are the options of a choice of its own.
    fn own(&mut self, form: &Form, part: FieldIx, names: &Arc<[Name]>) -> Vec<Computed> {
        let mut set: Vec<At<Name>> = Vec::new();
        for (name, _) in self.split.parts.iter().flat_map(|part| &part.set) {
            if !set.iter().any(|known| known.it == name.it) {
                set.push(name.clone());
            }
        }
        let mut own = Vec::new();
        for name in set {
            let values: Vec<(&tree::SplitPart, Option<&tree::Expr>)> = self
                .split
                .parts
                .iter()
                .map(|part| (part, part.set.iter().find(|(known, _)| known.it == name.it).map(|(_, value)| value)))
                .collect();
            if let Some((lacks, _)) = values.iter().find(|(part, value)| value.is_none() && !part.not_evaluated)
                && !self.core.is_broken(lacks.span)
            {
                self.core.tell(points::incomplete(
                    lacks.name.span,
                    &format!("`{}` 没有写 `{}`", lacks.name.it, name.it),
                    &format!("`{}` does not say its `{}`", lacks.name.it, name.it),
                    (&format!("补上 `{} = …`", name.it), &format!("add `{} = …`", name.it)),
                ));
            }
            let word = |value: &tree::Expr| match &value.kind {
                ExprKind::Path(tree::Path(path)) => match path.as_slice() {
                    [word] if self.base.field(&word.it).is_none() && self.base.computed(&word.it).is_none() => Some(word.it.clone()),
                    _ => None,
                },
                _ => None,
            };
            let written: Vec<_> = values.iter().filter_map(|(part, value)| Some((part.name.it.clone(), (*value)?))).collect();
            let words: Option<Vec<Name>> = written.iter().map(|(_, value)| word(value)).collect();
            let mut checked = Vec::new();
            match words {
                Some(words) => {
                    let mut options: Vec<Name> = Vec::new();
                    words.iter().for_each(|word| {
                        if !options.contains(word) {
                            options.push(word.clone());
                        }
                    });
                    let ty = Type::Choice(options.into());
                    for ((of, value), word) in written.iter().zip(words) {
                        checked.push((of.clone(), made(self.core, Node::Word(word), ty.clone(), Level::Constant, value.span)));
                    }
                }
                None => {
                    for (of, value) in written {
                        let (value, read) = with_fields(self.core, self.base, |scope| expr::expr(scope, value));
                        self.read.extend(read);
                        let value = match checked.first() {
                            Some((_, first)) => {
                                let first: &Expr = first;
                                let value = expr::expect(self.core, value, &first.ty);
                                expr::unify(self.core, first, &value);
                                value
                            }
                            None => value,
                        };
                        checked.push((of, value));
                    }
                }
            }
            let value = self.by_part(form, part, names, checked, name.span);
            own.push(Computed { name, title: None, value, shared: false });
        }
        own
    }

    /// Shared fields: the whole times the part's weighted number over the weighted numbers of all parts that there are.
    fn shares(&mut self, form: &Form, part: FieldIx, names: &Arc<[Name]>, own: &[Computed], parts: &[SplitPart]) -> Vec<Computed> {
        let mut shares: Vec<Computed> = Vec::new();
        for share in &self.split.shares {
            let by = own.iter().find(|known| known.name.it == share.by.it);
            if let Some(by) = by
                && !matches!(by.value.ty, Type::Number(_) | Type::Unknown)
            {
                self.core.tell(super::mistakes::types::mismatch(&Type::plain(), &by.value.ty, share.by.span));
                continue;
            }
            if by.is_none() {
                let near = nearest(&share.by.it, own.iter().map(|known| known.name.it.as_str()));
                let mistake = names::unknown(names::Kind::Field, &share.by.it, share.by.span, near);
                self.core.tell_unknown(&share.by.it, mistake);
                continue;
            }
            // What each part's number is, without asking which part the unit is.
            let mut heads: Vec<(Name, Expr)> = Vec::new();
            for written in &self.split.parts {
                let Some((_, value)) = written.set.iter().find(|(known, _)| known.it == share.by.it) else {
                    // Of the others it is told where all parts are held against each other.
                    if !written.not_evaluated {
                        continue;
                    }
                    self.core.tell(points::incomplete(
                        written.name.span,
                        &format!("`{}` 没有写 `{}`，不知道怎样分摊", written.name.it, share.by.it),
                        &format!("`{}` does not say its `{}`, by which it shares", written.name.it, share.by.it),
                        (&format!("补上 `{} = …`", share.by.it), &format!("add `{} = …`", share.by.it)),
                    ));
                    continue;
                };
                let (value, read) = with_fields(self.core, self.base, |scope| expr::numeric(scope, value));
                self.read.extend(read);
                let weight = written.weight.as_ref().map_or(Exact::ONE, |weight| weight.it.clone());
                let (ty, span) = (value.ty.clone(), share.span);
                heads.push((written.name.it.clone(), made(self.core, Node::Scale(Box::new(value), weight), ty, Level::Subject, span)));
            }
            let Some(all) = self.all_heads(&heads, parts, share.span) else { continue };
            for field in &share.fields {
                let Some((at, found)) = self.base.field(&field.it) else {
                    let near = nearest(&field.it, self.base.fields.iter().map(|field| field.name.it.as_str()));
                    self.core.tell_unknown(&field.it, names::unknown(names::Kind::Field, &field.it, field.span, near));
                    continue;
                };
                if !matches!(found.ty(), Type::Number(_)) {
                    self.core.tell(super::mistakes::types::mismatch(&Type::plain(), &found.ty(), field.span));
                    continue;
                }
                self.read.insert(at);
                let ty = found.ty();
                let mut id = || self.core.id();
                let copies: Vec<(Name, Expr)> =
                    heads.iter().map(|(name, head)| (name.clone(), head.copied(Level::Subject, &Node::Field, &mut id))).collect();
                let all = all.copied(Level::Subject, &Node::Field, &mut id);
                let head = self.by_part(form, part, names, copies, share.span);
                let whole = made(self.core, Node::Field(at), ty.clone(), Level::Subject, field.span);
                let product = made(self.core, Node::Mul(Box::new(whole), Box::new(head)), ty.clone(), Level::Subject, share.span);
                let value = made(self.core, Node::Div(Box::new(product), Box::new(all)), ty, Level::Subject, share.span);
                shares.push(Computed { name: field.clone(), title: None, value, shared: true });
            }
        }
        self.read.extend(shares.iter().flat_map(|share| share.value.fields()).filter(|field| *field != part));
        shares
    }

    /// The sum of the weighted numbers of the parts that a submission has.
    fn all_heads(&mut self, heads: &[(Name, Expr)], parts: &[SplitPart], span: Span) -> Option<Expr> {
        let mut sum: Option<Expr> = None;
        for ((_, head), part) in heads.iter().zip(parts) {
            let ty = head.ty.clone();
            let mut id = || self.core.id();
            let (when, head) =
                (part.when.copied(Level::Subject, &Node::Field, &mut id), head.copied(Level::Subject, &Node::Field, &mut id));
            let none = made(self.core, Node::Number(Exact::ZERO), ty.clone(), Level::Constant, span);
            let there = made(self.core, Node::Choose(vec![(when, head)], Box::new(none)), ty.clone(), Level::Subject, span);
            sum = Some(match sum {
                None => there,
                Some(sum) => {
                    expr::unify(self.core, &sum, &there);
                    made(self.core, Node::Add(Box::new(sum), Box::new(there)), ty, Level::Subject, span)
                }
            });
        }
        sum
    }
}
