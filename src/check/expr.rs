//! Expressions: names, types and units (式子的检查).
//!
//! Whatever cannot be typed becomes [`Type::Unknown`], which agrees with everything: one mistake, one message.
//! Not here: which names there are ([`Scope`], in `form` and `rubric`), calls (`call`).

use super::call;
use super::core::Core;
use super::mistakes::{names, types};
use crate::model::{Expr, Level, Measure, Node, Type, Unit};
use crate::number::Exact;
use crate::syntax::tree::{self, BinaryOp, CompareOp, ExprKind, Path, Quantity, UnitExpr};
use crate::text::{At, Name, Span, nearest};
use std::sync::Arc;

/// The names that an expression may use.
pub(super) trait Scope<'t> {
    /// What all checks share.
    fn core(&mut self) -> &mut Core<'t>;
    /// What a path stands for; what is wrong with it is told.
    fn path(&mut self, path: &Path, span: Span) -> Found;
    /// Whether a single name means something here, so that it is not taken for an option.
    fn knows(&mut self, name: &Name) -> bool;
    /// What a name stands for in the turn of an `each`.
    fn stands_for(&self, _name: &Name) -> Option<Name> {
        None
    }
    /// The indicators from one code to another, in the order of the rubric; what is wrong with them is told.
    fn codes(&mut self, from: &At<Name>, to: &At<Name>) -> Vec<usize>;
    /// The indicator that a path names, if it names one.
    fn code(&mut self, path: &Path) -> Option<usize>;
    /// The value of an indicator.
    fn indicator_value(&mut self, indicator: usize, span: Span) -> Found;
    /// Sets the indicator that `attained`, `met`, `score` and `value` speak of, and gives back the one before.
    fn speak_of(&mut self, indicator: Option<usize>) -> Option<usize>;
    /// `every section …`, as conditions.
    fn sections(&mut self, span: Span) -> Vec<Expr>;
    /// Whether it is a rubric over a group, whose members statistics are taken of.
    fn has_members(&self) -> bool;
    /// Lets the columns of a table be named alone, if a path names one; `None` ends that.
    fn speak_of_rows(&mut self, _path: Option<&Path>) -> bool {
        false
    }
    /// What the value of a field of the period before stands for; none where nothing has one. What is wrong with it is told.
    fn previous(&mut self, _path: &Path, _span: Span) -> Option<Found> {
        None
    }
    /// The field that counts what a per-head unit is per: `校.在校生数` for `册/生`.
    fn weight_for(&self, unit: &Unit) -> Option<String>;
}

/// What a path stands for.
pub(super) enum Found {
    /// This.
    It(Node, Type, Level),
    /// Nothing; it has been told.
    Wrong,
}

/// Checks an expression.
pub(super) fn expr<'t>(scope: &mut dyn Scope<'t>, written: &tree::Expr) -> Expr {
    let span = written.span;
    match &written.kind {
        ExprKind::Quantity(quantity) => number(scope.core(), quantity, span),
        ExprKind::Text(text) => made(scope.core(), Node::Word(text.as_str().into()), Type::Text, Level::Constant, span),
        ExprKind::Flag(flag, _) => made(scope.core(), Node::Flag(*flag), Type::Flag, Level::Constant, span),
        ExprKind::Date(day) => made(scope.core(), Node::Date(*day), Type::Date, Level::Constant, span),
        ExprKind::Path(path) => match scope.path(path, span) {
            Found::It(node, ty, level) => made(scope.core(), node, ty, level, span),
            Found::Wrong => wrong(scope.core(), span),
        },
        ExprKind::CodeRange(..) => {
            scope.core().tell(types::arguments("..", span, "全部(A1..A7, 达成度 >= 85%)", "every(A1..A7, attained >= 85%)"));
            wrong(scope.core(), span)
        }
        ExprKind::Call { name, args, filter } => call::call(scope, name, args, filter.as_deref(), span),
        ExprKind::Binary { op, left, right } => binary(scope, op, left, right, span),
        ExprKind::Not(inner) => {
            let inner = flag(scope, inner);
            let level = inner.level;
            made(scope.core(), Node::Not(Box::new(inner)), Type::Flag, level, span)
        }
        ExprKind::Negate(inner) => {
            let inner = numeric(scope, inner);
            let (ty, level) = (inner.ty.clone(), inner.level);
            made(scope.core(), Node::Negate(Box::new(inner)), ty, level, span)
        }
        ExprKind::In { what, list } => is_in(scope, what, list, span),
        ExprKind::Has { what, option } => has(scope, what, option, span),
        ExprKind::Convert { what, unit } => convert(scope, what, unit, span),
        ExprKind::Choose { cases, otherwise } => choose(scope, cases, otherwise, span),
        ExprKind::EverySection { op, bound } => {
            let sections = scope.sections(span);
            let holds = sections.into_iter().map(|section| {
                let bound = number(scope.core(), bound, span);
                let (level, node) = (section.level, Node::Compare(op.it, Box::new(section), Box::new(bound)));
                made(scope.core(), node, Type::Flag, level, span)
            });
            let holds: Vec<_> = holds.collect();
            made(scope.core(), Node::Every(holds), Type::Flag, Level::Subject, span)
        }
    }
}

/// An expression node of a type and level.
pub(super) fn made(core: &mut Core<'_>, node: Node, ty: Type, level: Level, span: Span) -> Expr {
    Expr { node, ty, level, span, id: core.id() }
}

/// In the place of what could not be checked.
pub(super) fn wrong(core: &mut Core<'_>, span: Span) -> Expr {
    made(core, Node::Wrong, Type::Unknown, Level::Constant, span)
}

/// A number with its unit.
pub(super) fn number(core: &mut Core<'_>, quantity: &Quantity, span: Span) -> Expr {
    let ty = match &quantity.unit {
        _ if quantity.percent => Type::share(),
        Some(unit) => core.unit(unit).map_or(Type::Unknown, Type::number),
        None => Type::bare(),
    };
    if let Some(day) = quantity.date {
        return made(core, Node::Date(day), Type::Date, Level::Constant, span);
    }
    made(core, Node::Number(quantity.number.clone()), ty, Level::Constant, span)
}

/// An expression that must be yes or no.
pub(super) fn flag<'t>(scope: &mut dyn Scope<'t>, written: &tree::Expr) -> Expr {
    let checked = expr(scope, written);
    expect(scope.core(), checked, &Type::Flag)
}

/// An expression that must be a number.
pub(super) fn numeric<'t>(scope: &mut dyn Scope<'t>, written: &tree::Expr) -> Expr {
    let checked = expr(scope, written);
    expect(scope.core(), checked, &Type::plain())
}

/// `checked`, or what stands in its place if it is of another kind.
pub(super) fn expect(core: &mut Core<'_>, checked: Expr, wanted: &Type) -> Expr {
    if same_kind(&checked.ty, wanted) {
        return checked;
    }
    core.tell(types::mismatch(wanted, &checked.ty, checked.span));
    wrong(core, checked.span)
}

fn same_kind(found: &Type, wanted: &Type) -> bool {
    matches!(found, Type::Unknown) || matches!(wanted, Type::Unknown) || std::mem::discriminant(found) == std::mem::discriminant(wanted)
}

/// An expression where one of `options` is expected: a single name or text is taken for an option.
pub(super) fn option<'t>(scope: &mut dyn Scope<'t>, written: &tree::Expr, options: &Arc<[Name]>) -> Expr {
    let span = written.span;
    let name = match &written.kind {
        ExprKind::Path(Path(names)) if names.len() == 1 => names.first().map(|name| name.it.clone()),
        ExprKind::Text(text) => Some(Name::from(text.as_str())),
        ExprKind::Flag(_, spelling) => Some(spelling.clone()),
        _ => None,
    };
    let Some(name) = name else { return expr(scope, written) };
    let name = scope.stands_for(&name).unwrap_or(name);
    if !options.contains(&name) {
        if matches!(written.kind, ExprKind::Path(_)) && scope.knows(&name) {
            return expr(scope, written);
        }
        let near = nearest(&name, options.iter().map(Name::as_str));
        let mistake = names::unknown_option(&name, span, near, options);
        scope.core().tell_unknown(&name, mistake);
        return wrong(scope.core(), span);
    }
    made(scope.core(), Node::Word(name), Type::Choice(options.clone()), Level::Constant, span)
}

fn binary<'t>(scope: &mut dyn Scope<'t>, op: &At<BinaryOp>, left: &tree::Expr, right: &tree::Expr, span: Span) -> Expr {
    match op.it {
        BinaryOp::Or => or(scope, left, right, span),
        BinaryOp::And => {
            let (left, right) = (flag(scope, left), flag(scope, right));
            let level = left.level.max(right.level);
            made(scope.core(), Node::All(vec![left, right]), Type::Flag, level, span)
        }
        BinaryOp::Compare(op) => {
            let (left, right) = pair(scope, left, right);
            compare(scope, op, left, right, span)
        }
        BinaryOp::Add | BinaryOp::Sub => {
            let (left, right) = (numeric(scope, left), numeric(scope, right));
            let ty = unify(scope.core(), &left, &right);
            let level = left.level.max(right.level);
            let (left, right) = (Box::new(left), Box::new(right));
            let node = if op.it == BinaryOp::Add { Node::Add(left, right) } else { Node::Sub(left, right) };
            made(scope.core(), node, ty, level, span)
        }
        BinaryOp::Mul | BinaryOp::Div => {
            let (left, right) = (numeric(scope, left), numeric(scope, right));
            let ty = product(&left, &right, op.it == BinaryOp::Mul);
            let level = left.level.max(right.level);
            let (left, right) = (Box::new(left), Box::new(right));
            let node = if op.it == BinaryOp::Mul { Node::Mul(left, right) } else { Node::Div(left, right) };
            made(scope.core(), node, ty, level, span)
        }
    }
}

/// `or` between conditions, or a default behind a value.
fn or<'t>(scope: &mut dyn Scope<'t>, left: &tree::Expr, right: &tree::Expr, span: Span) -> Expr {
    let left = expr(scope, left);
    let right = match &left.ty {
        Type::Choice(options) => option(scope, right, &options.clone()),
        _ => expr(scope, right),
    };
    let level = left.level.max(right.level);
    if matches!((&left.ty, &right.ty), (Type::Flag | Type::Unknown, Type::Flag))
        || matches!((&left.ty, &right.ty), (Type::Flag, Type::Unknown))
    {
        return made(scope.core(), Node::Any(vec![left, right]), Type::Flag, level, span);
    }
    let right = expect(scope.core(), right, &left.ty);
    let ty = match &left.ty {
        Type::Number(_) => unify(scope.core(), &left, &right),
        other => other.clone(),
    };
    made(scope.core(), Node::Default(Box::new(left), Box::new(right)), ty, level, span)
}

/// Two sides of a comparison; where one is a choice, a name on the other is one of its options.
fn pair<'t>(scope: &mut dyn Scope<'t>, left: &tree::Expr, right: &tree::Expr) -> (Expr, Expr) {
    let bare = |side: &tree::Expr| matches!(&side.kind, ExprKind::Path(Path(names)) if names.len() == 1);
    if bare(left) && !bare(right) {
        let right = expr(scope, right);
        let left = match &right.ty {
            Type::Choice(options) => option(scope, left, &options.clone()),
            _ => expr(scope, left),
        };
        return (left, right);
    }
    let left = expr(scope, left);
    let right = match &left.ty {
        Type::Choice(options) => option(scope, right, &options.clone()),
        // The mistake on the left is told; a name on the right was most likely one of its options.
        Type::Unknown if bare(right) => wrong(scope.core(), right.span),
        Type::Several(_) => {
            let mistake = types::several(left.span, scope.core().texts.slice(left.span), scope.core().texts.slice(right.span));
            scope.core().tell(mistake);
            wrong(scope.core(), right.span)
        }
        _ => expr(scope, right),
    };
    (left, right)
}

/// A comparison of two checked sides.
pub(super) fn compare<'t>(scope: &mut dyn Scope<'t>, op: CompareOp, left: Expr, right: Expr, span: Span) -> Expr {
    let core = scope.core();
    let choices = matches!((&left.ty, &right.ty), (Type::Choice(_) | Type::Text, Type::Choice(_) | Type::Text));
    if !same_kind(&left.ty, &right.ty) && !choices {
        core.tell(types::sides_differ((&left.ty, left.span), (&right.ty, right.span)));
        return made(core, Node::Wrong, Type::Flag, left.level.max(right.level), span);
    }
    let ordered = matches!(op, CompareOp::Eq | CompareOp::Ne);
    if !ordered && !matches!(left.ty, Type::Number(_) | Type::Date | Type::Unknown) {
        core.tell(types::no_order(&left.ty, left.span));
    }
    if matches!(left.ty, Type::Number(_)) {
        unify(core, &left, &right);
        suspicious(core, &left, &right);
        suspicious(core, &right, &left);
    }
    let level = left.level.max(right.level);
    made(core, Node::Compare(op, Box::new(left), Box::new(right)), Type::Flag, level, span)
}

/// A share beside a number that no share reaches.
fn suspicious(core: &mut Core<'_>, share: &Expr, number: &Expr) {
    let (Type::Number(left), Type::Number(right), Node::Number(value)) = (&share.ty, &number.ty, &number.node) else { return };
    if left.share && !left.scaled && right.unit.is_none() && *value > Exact::ONE {
        core.tell(types::suspicious(value, number.span, share.span));
    }
}

/// The type of a sum or the common type of two sides: units must agree, and a bare number takes the other's.
pub(super) fn unify(core: &mut Core<'_>, left: &Expr, right: &Expr) -> Type {
    let (Type::Number(a), Type::Number(b)) = (&left.ty, &right.ty) else {
        return if left.ty == Type::Unknown { right.ty.clone() } else { left.ty.clone() };
    };
    let share = a.share && (b.share || b.unit.is_none()) || b.share && a.unit.is_none();
    match (&a.unit, &b.unit) {
        (Some(left_unit), Some(right_unit)) if left_unit != right_unit => {
            let constant = match &right.node {
                Node::Number(number) => Some(number),
                _ => None,
            };
            let written = core.texts.slice(left.span);
            core.tell(types::unit_mismatch((left_unit, left.span), (right_unit, right.span), constant, written));
            Type::Unknown
        }
        (unit, other) => Type::Number(Measure { unit: unit.clone().or(other.clone()), share, scaled: a.scaled || b.scaled }),
    }
}

fn product(left: &Expr, right: &Expr, times: bool) -> Type {
    let (Type::Number(a), Type::Number(b)) = (&left.ty, &right.ty) else { return Type::Unknown };
    let one = Unit::one();
    let (left_unit, right_unit) = (a.unit.as_ref().unwrap_or(&one), b.unit.as_ref().unwrap_or(&one));
    let unit = if times { left_unit.times(right_unit) } else { left_unit.per(right_unit) };
    let bare = a.unit.is_none() && b.unit.is_none();
    let scaled = a.scaled || b.scaled || (!bare && (a.unit.is_none() || b.unit.is_none()));
    // Teachers with a degree ÷ teachers is a share; a bare number in it says that it is meant otherwise.
    let like = !times && right.level != Level::Constant && a.unit.is_some() && a.unit == b.unit && !left_unit.is_one();
    let shares = times && a.share && b.share;
    Type::Number(Measure { unit: (!bare).then_some(unit), share: !scaled && (like || shares), scaled })
}

fn is_in<'t>(scope: &mut dyn Scope<'t>, what: &tree::Expr, list: &[tree::Expr], span: Span) -> Expr {
    let what = expr(scope, what);
    let mut level = what.level;
    let mut checked = Vec::new();
    for item in list {
        let item = match &what.ty {
            Type::Choice(options) => option(scope, item, &options.clone()),
            Type::Unknown => wrong(scope.core(), item.span),
            _ => expr(scope, item),
        };
        let item = expect(scope.core(), item, &what.ty);
        if matches!(what.ty, Type::Number(_)) {
            unify(scope.core(), &what, &item);
        }
        level = level.max(item.level);
        checked.push(item);
    }
    made(scope.core(), Node::In(Box::new(what), checked), Type::Flag, level, span)
}

/// `校.设施 has 食堂`: the field of yes or no that the option has.
fn has<'t>(scope: &mut dyn Scope<'t>, what: &tree::Expr, option: &At<Name>, span: Span) -> Expr {
    let whole = expr(scope, what);
    let (Type::Several(options), ExprKind::Path(path)) = (&whole.ty, &what.kind) else {
        if whole.ty != Type::Unknown {
            let several = Type::Several(Arc::from([]));
            scope.core().tell(types::mismatch(&several, &whole.ty, what.span));
        }
        return wrong(scope.core(), span);
    };
    let name = scope.stands_for(&option.it).unwrap_or_else(|| option.it.clone());
    if !options.contains(&name) {
        let near = nearest(&name, options.iter().map(Name::as_str));
        let mistake = names::unknown_option(&name, option.span, near, options);
        scope.core().tell_unknown(&name, mistake);
        return wrong(scope.core(), span);
    }
    let path = Path(path.0.iter().cloned().chain([At::new(name, option.span)]).collect());
    match scope.path(&path, span) {
        Found::It(node, ty, level) => made(scope.core(), node, ty, level, span),
        Found::Wrong => wrong(scope.core(), span),
    }
}

fn convert<'t>(scope: &mut dyn Scope<'t>, what: &tree::Expr, unit: &At<UnitExpr>, span: Span) -> Expr {
    let what = numeric(scope, what);
    let Some(to) = scope.core().unit(unit) else { return wrong(scope.core(), span) };
    let Some(from) = what.ty.unit().cloned() else {
        // A bare number is simply said to be in that unit.
        let level = what.level;
        return made(scope.core(), Node::Scale(Box::new(what), Exact::ONE), Type::number(to), level, span);
    };
    if !from.converts_to(&to) {
        scope.core().tell(types::no_conversion(&from, &to, what.span, unit.span));
        return wrong(scope.core(), span);
    }
    let factor = from.scale().checked_div(&to.scale()).unwrap_or(Exact::ONE);
    let level = what.level;
    made(scope.core(), Node::Scale(Box::new(what), factor), Type::number(to), level, span)
}

fn choose<'t>(scope: &mut dyn Scope<'t>, cases: &[(tree::Expr, tree::Expr)], otherwise: &tree::Expr, span: Span) -> Expr {
    let mut last = expr(scope, otherwise);
    let mut level = last.level;
    let mut checked = Vec::new();
    for (condition, value) in cases {
        let condition = flag(scope, condition);
        let value = expr(scope, value);
        let value = expect(scope.core(), value, &last.ty);
        if matches!(last.ty, Type::Number(_)) {
            last.ty = unify(scope.core(), &value, &last);
        }
        level = level.max(condition.level).max(value.level);
        checked.push((condition, value));
    }
    let ty = last.ty.clone();
    made(scope.core(), Node::Choose(checked, Box::new(last)), ty, level, span)
}
