//! Layers (分层): what a rubric changes in the one that it extends.

use super::{Builder, Node, child, has, inner};
use crate::syntax::grammar::Rule;
use crate::syntax::keywords::keyword;
use crate::syntax::tree::{Change, Extends, Guard, LayerStmt, Path};
use crate::text::{At, Name};

impl Builder<'_> {
    pub(super) fn extends(&mut self, node: Node<'_>) -> Option<Extends> {
        let path = self.path(child(&node, Rule::source_path)?)?;
        Some(Extends { path, from: child(&node, Rule::string).and_then(|file| self.string(file)) })
    }

    /// What a rubric extends whose head could not be read, by the words in it: as a layer upon nothing it would lack all that it does not say.
    pub(super) fn extends_in(&self, head: &Node<'_>) -> Option<Extends> {
        let span = self.span(head);
        let known = keyword("kw_extends")?;
        let mut words = self.text.slice(span).split_whitespace();
        words.find(|word| [known.english, known.chinese].contains(word))?;
        let parts = words.next()?.split('/').map(|part| At::new(Name::from(part), span));
        Some(Extends { path: At::new(Path(parts.collect()), span), from: None })
    }

    pub(super) fn guard(&mut self, node: Node<'_>) -> Option<Guard> {
        let (span, locked) = (self.span(&node), has(&node, Rule::kw_locked));
        let mut items = Vec::new();
        for item in inner(node, Rule::guarded) {
            let ends = child(&item, Rule::code_range).unwrap_or(item);
            let mut names = self.names(ends);
            let first = names.next()?;
            items.push((first, names.next()));
        }
        Some(Guard { locked, items, span })
    }

    pub(super) fn layer_stmt(&mut self, node: Node<'_>) -> Option<LayerStmt> {
        let span = self.span(&node);
        let change = match node.as_rule() {
            Rule::tighten => self.tighten(&node)?,
            Rule::replace => Change::Replace(self.indicator(node)?),
            Rule::add => {
                let to = self.name_in(&node);
                let what = self.rubric_stmt(node.into_inner().last()?)?;
                Change::Add { to, what: Box::new(what) }
            }
            Rule::split => {
                let code = self.name_in(&node)?;
                Change::Split { code, parts: self.body(node, Self::rubric_stmt) }
            }
            Rule::weigh => {
                let weights = inner(node, Rule::weight).into_iter();
                Change::Weigh(weights.map(|weight| Some((self.name_in(&weight)?, self.points(&weight)?))).collect::<Option<_>>()?)
            }
            Rule::retitle => Change::Title(self.name_in(&node)?, self.string(child(&node, Rule::string)?)?),
            Rule::reclause => Change::Clause(self.name_in(&node)?, self.string(child(&node, Rule::string)?)?),
            Rule::remove => Change::Remove(self.names(node).collect()),
            _ => return None,
        };
        Some(LayerStmt { change, span })
    }

    fn tighten(&mut self, node: &Node<'_>) -> Option<Change> {
        for (rule, by_total) in [(Rule::grade, true), (Rule::conclusion, false)] {
            if let Some(block) = child(node, rule) {
                return Some(Change::TightenVerdicts { by_total, cases: self.body(block, Self::verdict) });
            }
        }
        let mut target = self.target(child(node, Rule::target)?)?;
        target.tightens = true;
        Some(Change::Tighten { code: self.name_in(node)?, target })
    }
}
