//! Declarations of units (单位) and parameters (参数).

use super::core::Core;
use super::mistakes::{names, types};
use crate::model::{Measure, Param, Type, Unit};
use crate::syntax::Tree;
use crate::syntax::tree::{self, Item, UnitDef};
use crate::text::{Name, Span};
use std::collections::BTreeMap;

/// Reads all unit declarations of all texts; the order in which they are written does not matter.
pub(super) fn declare(core: &mut Core<'_>, trees: &[Tree]) {
    let mut defs: BTreeMap<Name, &UnitDef> = BTreeMap::new();
    for def in
        trees.iter().flat_map(|tree| &tree.items).filter_map(|item| if let Item::Units(defs) = item { Some(defs) } else { None }).flatten()
    {
        match defs.get(&def.name.it) {
            // Several files of a region may each say which units they use, as long as they agree.
            Some(first) if first.equals != def.equals => core.tell(names::duplicate("单位", "unit", &def.name, first.name.span)),
            Some(_) => {}
            None => {
                defs.insert(def.name.it.clone(), def);
            }
        }
    }
    for def in defs.values() {
        let mut on_the_way = Vec::new();
        resolve(core, &defs, def, &mut on_the_way);
    }
}

fn resolve(core: &mut Core<'_>, defs: &BTreeMap<Name, &UnitDef>, def: &UnitDef, on_the_way: &mut Vec<(Name, Span)>) {
    let name = &def.name.it;
    if core.units.get(name).is_some() {
        return;
    }
    if on_the_way.iter().any(|(seen, _)| seen == name) || on_the_way.len() > 64 {
        let path: Vec<_> = on_the_way.iter().map(|(name, _)| name.to_string()).chain([name.to_string()]).collect();
        core.tell(names::cycle(&path, def.name.span));
        core.units.declare(name.clone(), Unit::base(name));
        return;
    }
    let unit = match &def.equals {
        None => Unit::base(name),
        Some((number, of)) => {
            on_the_way.push((name.clone(), def.name.span));
            for (word, _) in &of.it.factors {
                if let Some(inner) = defs.get(&word.it) {
                    resolve(core, defs, inner, on_the_way);
                }
            }
            on_the_way.pop();
            let of = core.unit(of).unwrap_or_else(|| Unit::base(name));
            Unit::derived(name, number, &of)
        }
    };
    core.units.declare(name.clone(), unit);
}

/// Reads all parameters.
pub(super) fn parameters(core: &mut Core<'_>, trees: &[Tree]) {
    for param in trees.iter().flat_map(|tree| &tree.items).filter_map(|item| if let Item::Param(param) = item { Some(param) } else { None })
    {
        if let Some(first) = core.params.iter().find(|first| first.name == param.name).map(|first| first.name.span) {
            core.tell(names::duplicate("参数", "parameter", &param.name, first));
            continue;
        }
        let checked = parameter(core, param);
        core.params.push(checked);
    }
}

fn parameter(core: &mut Core<'_>, param: &tree::Param) -> Param {
    let declared = param.unit.as_ref().and_then(|unit| core.unit(unit));
    let mut ty = declared.map_or(Type::bare(), Type::number);
    let mut values: Vec<_> = Vec::new();
    for (from, quantity) in &param.values {
        if quantity.it.date.is_some() {
            core.tell(types::mismatch(&Type::plain(), &Type::Date, quantity.span));
        }
        if quantity.it.percent && ty == Type::bare() {
            ty = Type::share();
        }
        if let Some(written) = &quantity.it.unit
            && let Some(unit) = core.unit(written)
        {
            match ty.unit().cloned() {
                Some(declared) if declared != unit => {
                    let place = param.unit.as_ref().map_or(param.name.span, |unit| unit.span);
                    core.tell(types::unit_mismatch((&declared, place), (&unit, quantity.span), Some(&quantity.it.number), ""));
                }
                Some(_) => {}
                None => ty = Type::Number(Measure { unit: Some(unit), share: false, scaled: false }),
            }
        }
        let from_day = from.as_ref().map(|from| from.it);
        if let Some((_, first)) = values.iter().find(|(day, _)| *day == from_day) {
            let first: &crate::text::At<crate::number::Exact> = first;
            core.tell(names::repeated("自 …", "from …", quantity.span, first.span));
            continue;
        }
        values.push((from_day, crate::text::At::new(quantity.it.number.clone(), quantity.span)));
    }
    values.sort_by_key(|(from, _)| *from);
    if values.is_empty() && !core.is_broken(param.span) {
        core.tell(names::missing_statement(&param.name.it, param.span, "= 数值", "= value"));
    }
    Param { name: param.name.clone(), ty, values, title: param.title.as_ref().map(|title| title.it.clone()) }
}
