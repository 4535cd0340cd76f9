//! From pest's pairs to the tree (建树).
//!
//! INVARIANT: the grammar decides what is there; a builder returns `None` only where grammar and builder disagree, and
//! then the whole piece is told as broken rather than lost.
//! Not here: what is wrong with a broken piece (`mend`).

mod expr;
mod form;
mod indicator;
mod judges;
mod layer;
mod rubric;
mod test;

use super::braces::Mended;
use super::grammar::Rule;
use super::layout::{FOLDED, Layout};
use super::mend;
use super::tree::{Head, Item, Param, Tree, UnitDef, UnitExpr};
use crate::diag::{Code, Diagnostics};
use crate::number::Exact;
use crate::text::{At, Name, Span, Text, fold_char};
use chrono::NaiveDate;
use pest::iterators::Pair;

pub(super) type Node<'i> = Pair<'i, Rule>;

/// Builds the tree of `text` from the pairs of its whole file.
pub(super) fn tree(text: &Text, layout: &Layout, file: Node<'_>) -> (Tree, Diagnostics) {
    let mut builder =
        Builder { text, layout, broken: Vec::new(), orphans: Vec::new(), headless: false, lost: 0, found: Diagnostics::new() };
    let mut items = Vec::new();
    let lost = layout.braces.iter().any(|mended| matches!(mended, Mended::LostClose { .. }));
    let mut misplaced = Vec::new();
    for node in file.into_inner() {
        match node.as_rule() {
            Rule::broken_item => misplaced = builder.broken(&node, Rule::file, &misplaced),
            // A brace too many is the shadow of one forgotten earlier in the text.
            Rule::stray_close if !lost => {
                let span = builder.span(&node);
                if builder.lost == 0 && !builder.beheaded(span) {
                    builder.found.push(mend::stray_close(span));
                }
            }
            Rule::stray_close | Rule::EOI => {}
            _ => {
                misplaced.clear();
                let span = builder.span(&node);
                match builder.item(node) {
                    Some(item) => items.push(item),
                    None => builder.disagree(span),
                }
            }
        }
    }
    layout.braces.iter().for_each(|mended| builder.mended(*mended));
    let (comments, scripts) = (layout.comments.clone(), layout.scripts.clone());
    let tree = Tree { text: text.id, items, comments, scripts, broken: builder.broken, headless: builder.headless };
    (tree, builder.found)
}

pub(super) struct Builder<'t> {
    text: &'t Text,
    layout: &'t Layout,
    broken: Vec<Span>,
    /// Pieces that are statements of another block.
    orphans: Vec<Span>,
    /// Whether the head of a block is lost.
    headless: bool,
    lost: usize,
    found: Diagnostics,
}

impl Builder<'_> {
    fn item(&mut self, node: Node<'_>) -> Option<Item> {
        match node.as_rule() {
            Rule::form => self.form(node).map(Item::Form),
            Rule::rubric => self.rubric(node).map(Item::Rubric),
            Rule::test => self.test(node).map(Item::Test),
            Rule::param => self.param(node).map(Item::Param),
            Rule::unit_item => {
                let defs = inner(node, Rule::unit_def).into_iter().map(|def| self.unit_def(def));
                defs.collect::<Option<Vec<_>>>().map(Item::Units)
            }
            _ => None,
        }
    }

    fn unit_def(&mut self, node: Node<'_>) -> Option<UnitDef> {
        let name = self.name_in(&node)?;
        let number = child(&node, Rule::number).and_then(|number| self.number(&number));
        let unit = child(&node, Rule::unit_expr).and_then(|unit| self.unit(unit));
        Some(UnitDef { name, equals: number.zip(unit) })
    }

    fn param(&mut self, node: Node<'_>) -> Option<Param> {
        let span = self.span(&node);
        let name = self.name_in(&node)?;
        let unit = child(&node, Rule::unit_expr).and_then(|unit| self.unit(unit));
        let title = child(&node, Rule::string).and_then(|string| self.string(string));
        let mut values = Vec::new();
        if let Some(quantity) = child(&node, Rule::quantity) {
            values.push((None, self.quantity_at(quantity)?));
        }
        if let Some(dated) = child(&node, Rule::dated) {
            values = self.body(dated, |this, entry| {
                let date = child(&entry, Rule::date).and_then(|date| this.date(&date))?;
                let quantity = child(&entry, Rule::quantity).and_then(|quantity| this.quantity_at(quantity))?;
                Some((Some(date), quantity))
            });
        }
        Some(Param { name, unit, values, title, doc: self.doc_above(span), span })
    }

    /// The statements of a block; broken pieces and forgotten braces are told here, once for all blocks.
    fn body<T>(&mut self, block: Node<'_>, mut build: impl FnMut(&mut Self, Node<'_>) -> Option<T>) -> Vec<T> {
        let rule = block.as_rule();
        let start = block.as_span().start();
        let mut built = Vec::new();
        let mut misplaced = Vec::new();
        for node in block.into_inner() {
            match node.as_rule() {
                Rule::broken => misplaced = self.broken(&node, rule, &misplaced),
                Rule::bad_head => {
                    let span = self.span(&node);
                    self.broken.push(span);
                    self.found.push(mend::bad_head(self.text, span, rule));
                }
                // A text may end where a statement does, inside a block.
                Rule::opening | Rule::EOI => {}
                Rule::lost_close => {
                    let head = self.first_line(start);
                    let here = self.span(&node);
                    self.lost += 1;
                    // What seems to lack in it may stand behind the place where it should have ended.
                    self.broken.push(head);
                    self.found.push(mend::lost_close(head, here, self.text));
                }
                head if is_head(rule, head) => {}
                _ => {
                    misplaced.clear();
                    let span = self.span(&node);
                    match build(self, node) {
                        Some(it) => built.push(it),
                        None => self.disagree(span),
                    }
                }
            }
        }
        built
    }

    /// Tells what is wrong with a piece. Gives back the blocks that it is at home in, if it only stands in the wrong one: of several such in a row the
    /// first is told, because one lost line leaves behind all that stood below it.
    fn broken(&mut self, node: &Node<'_>, around: Rule, before: &[Rule]) -> Vec<Rule> {
        let span = self.span(node);
        self.broken.push(span);
        let told = mend::explain(self.text, self.layout, span, around);
        let misplaced = !told.is_empty() && told.iter().all(|what| matches!(what.code(), Code::H0102 | Code::H0103));
        let homes = if misplaced { mend::homes(self.text, span) } else { Vec::new() };
        if misplaced {
            self.orphans.push(span);
        }
        let shared: Vec<Rule> = homes.iter().filter(|home| before.contains(home)).copied().collect();
        if shared.is_empty() {
            self.found.append(told);
            return homes;
        }
        shared
    }

    /// Whether what stands before a `}` too many has lost its head: that is told there, and the brace with it.
    fn beheaded(&mut self, close: Span) -> bool {
        let left = |orphan: &Span| {
            let between = self.layout.text.get(orphan.end as usize..close.start as usize);
            between.is_some_and(|between| between.trim().is_empty())
        };
        let found = self.orphans.iter().any(left);
        self.headless |= found;
        found
    }

    /// Tells of a brace that was mended.
    fn mended(&mut self, mended: Mended) {
        let at = |start: usize, end: usize| Span::new(self.text.id, start, end);
        let slip = match mended {
            Mended::LostClose { open, before } => {
                self.lost += 1;
                let line = self.text.source.get(..open).map_or(0, |text| text.rfind('\n').map_or(0, |end| end + 1));
                let blanks = self.text.source.get(line..open).map_or(0, |line| line.len() - line.trim_start().len());
                let head = self.first_line(line + blanks);
                self.broken.push(head);
                mend::lost_close(head, at(before, before), self.text)
            }
            Mended::LostOpen { at: end } => {
                let before = self.layout.text.get(..end).unwrap_or("").trim_end_matches([' ', char::from(FOLDED)]);
                let last = before.chars().next_back().map_or(0, char::len_utf8);
                let place = at(before.len() - last, before.len());
                self.broken.push(place);
                mend::lost_open(place)
            }
            Mended::Stray(span) => {
                self.broken.push(span);
                if self.beheaded(span) {
                    return;
                }
                mend::stray_close(span)
            }
            // What the line lacks is told where it is read.
            Mended::Inline { .. } => return,
        };
        self.found.push(slip);
    }

    fn disagree(&mut self, span: Span) {
        self.broken.push(span);
        self.found.push(mend::unreadable(span));
    }

    fn first_line(&self, start: usize) -> Span {
        let rest = self.text.source.get(start..).unwrap_or("");
        let length = rest
            .find(['\n', '{', '｛'])
            .map_or(rest.len(), |at| at + rest.get(at..).map_or(0, |r| r.chars().next().filter(|c| *c != '\n').map_or(0, char::len_utf8)));
        Span::new(self.text.id, start, start + length)
    }

    fn span(&self, node: &Node<'_>) -> Span {
        let span = node.as_span();
        // A full-width sign reaches over what fills its place.
        let filled = self.layout.text.as_bytes().iter().skip(span.end()).take_while(|byte| **byte == FOLDED).count();
        let written = self.text.source.get(span.start()..span.end() + filled).unwrap_or("");
        Span::new(self.text.id, span.start(), span.start() + written.trim_end().len())
    }

    fn head(&mut self, node: &Node<'_>) -> Option<Head> {
        let name = self.name_in(node)?;
        let title = child(node, Rule::string).and_then(|string| self.string(string));
        let whole = self.span(node);
        let end = title.as_ref().map_or(name.span, |title| title.span);
        let span = Span { end: end.end, ..whole };
        Some(Head { name, title, doc: self.doc_above(whole), span, whole })
    }

    /// The `///` lines that stand directly above a place.
    fn doc_above(&self, span: Span) -> Option<String> {
        let mut end = span.start as usize;
        let mut lines = Vec::new();
        for comment in self.layout.comments.iter().rev().filter(|comment| comment.doc && comment.alone) {
            if comment.span.end as usize > end {
                continue;
            }
            let between = self.text.source.get(comment.span.end as usize..end).unwrap_or("x");
            if !between.trim().is_empty() || between.matches('\n').count() > 1 {
                break;
            }
            lines.push(self.text.slice(comment.span).trim_start_matches('/').trim().to_owned());
            end = comment.span.start as usize;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    fn name_in(&self, node: &Node<'_>) -> Option<At<Name>> {
        child(node, Rule::name).map(|name| self.name(&name))
    }

    fn name(&self, node: &Node<'_>) -> At<Name> {
        let span = self.span(node);
        At::new(Name::from(self.text.slice(span).trim_matches('`')), span)
    }

    fn string(&self, node: Node<'_>) -> Option<At<String>> {
        let span = self.span(&node);
        let inside = node.into_inner().next()?;
        let mut value = String::new();
        let mut chars = inside.as_str().chars();
        while let Some(c) = chars.next() {
            match c {
                '\\' => match chars.next() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    // An escape that means nothing is kept as written: patterns are full of them.
                    Some(other @ ('"' | '\\' | '”')) => value.push(other),
                    Some(other) => value.extend(['\\', other]),
                    None => value.push('\\'),
                },
                other => value.push(other),
            }
        }
        Some(At::new(value, span))
    }

    fn number(&mut self, node: &Node<'_>) -> Option<Exact> {
        let span = self.span(node);
        let folded: String = self.text.slice(span).chars().map(fold_char).collect();
        match Exact::parse(&folded) {
            Ok(number) => Some(number),
            Err(_) => {
                self.found.push(mend::number_too_long(span));
                Some(Exact::ZERO)
            }
        }
    }

    fn digits(&self, node: &Node<'_>) -> Option<At<u32>> {
        let span = self.span(node);
        let folded: String = self.text.slice(span).chars().map(fold_char).collect();
        Some(At::new(folded.parse().unwrap_or(u32::MAX), span))
    }

    fn date(&mut self, node: &Node<'_>) -> Option<At<NaiveDate>> {
        let span = self.span(node);
        match NaiveDate::parse_from_str(self.text.slice(span), "%Y-%m-%d") {
            Ok(date) => Some(At::new(date, span)),
            Err(_) => {
                self.found.push(mend::no_such_day(span, self.text.slice(span)));
                Some(At::new(NaiveDate::default(), span))
            }
        }
    }

    fn unit(&self, node: Node<'_>) -> Option<At<UnitExpr>> {
        let span = self.span(&node);
        let mut below = false;
        let mut factors = Vec::new();
        for part in node.into_inner() {
            match part.as_rule() {
                // 元/生/年 is 元 for each 生 and 年: what once went below stays below only for its own word.
                Rule::unit_op => below = part.as_str() == "/",
                _ => factors.push((self.name_in(&part)?, below)),
            }
        }
        Some(At::new(UnitExpr { factors }, span))
    }
}

/// The children of `node` that are `rule`.
fn inner(node: Node<'_>, rule: Rule) -> Vec<Node<'_>> {
    node.into_inner().filter(|child| child.as_rule() == rule).collect()
}

/// The first child of `node` that is `rule`.
fn child<'i>(node: &Node<'i>, rule: Rule) -> Option<Node<'i>> {
    node.clone().into_inner().find(|child| child.as_rule() == rule)
}

/// Whether `node` has a child that is `rule`.
fn has(node: &Node<'_>, rule: Rule) -> bool {
    child(node, rule).is_some()
}

/// What stands at the head of a block and is read there, not as one of its statements.
fn is_head(around: Rule, node: Rule) -> bool {
    match around {
        Rule::form => matches!(node, Rule::kw_form | Rule::name | Rule::string),
        Rule::part | Rule::rows => {
            matches!(node, Rule::kw_part | Rule::kw_rows | Rule::name | Rule::string | Rule::field_when | Rule::filled_by)
        }
        Rule::asked_each => {
            matches!(node, Rule::kw_each | Rule::kw_in | Rule::name | Rule::option | Rule::open_bracket | Rule::close_bracket)
        }
        Rule::units => matches!(node, Rule::kw_split | Rule::name),
        Rule::unit_part => matches!(node, Rule::name | Rule::kw_when | Rule::expr),
        Rule::rubric => matches!(node, Rule::kw_rubric | Rule::name | Rule::string | Rule::extends),
        Rule::section => matches!(node, Rule::kw_section | Rule::name | Rule::string | Rule::points | Rule::weighted),
        Rule::indicator | Rule::replace => matches!(
            node,
            Rule::kw_indicator
                | Rule::kw_replace
                | Rule::kw_bonus
                | Rule::kw_penalty
                | Rule::name
                | Rule::string
                | Rule::points
                | Rule::clause
                | Rule::weighted
        ),
        Rule::exception => matches!(node, Rule::kw_exception | Rule::kw_when | Rule::string | Rule::expr | Rule::until),
        Rule::split => matches!(node, Rule::kw_split | Rule::kw_into | Rule::name),
        Rule::each => {
            matches!(node, Rule::kw_each | Rule::kw_in | Rule::name | Rule::path | Rule::open_bracket | Rule::close_bracket)
        }
        Rule::judges => matches!(node, Rule::kw_judges | Rule::kw_as | Rule::kw_by | Rule::source_path | Rule::name | Rule::comma),
        Rule::target_by => matches!(node, Rule::kw_by | Rule::path),
        Rule::test => matches!(node, Rule::kw_test | Rule::kw_of | Rule::string | Rule::source_path),
        Rule::given => matches!(node, Rule::kw_given | Rule::name | Rule::string),
        Rule::expect_file => {
            matches!(node, Rule::kw_expect | Rule::kw_file | Rule::kw_by | Rule::name | Rule::string)
        }
        Rule::grade => node == Rule::kw_grade,
        Rule::conclusion => node == Rule::kw_conclusion,
        Rule::bands => matches!(node, Rule::kw_bands | Rule::kw_by_attained),
        Rule::linear => node == Rule::kw_linear,
        Rule::deduct => node == Rule::kw_deduct,
        Rule::checklist => node == Rule::kw_checklist,
        Rule::highest => node == Rule::kw_highest,
        Rule::first => node == Rule::kw_first,
        Rule::levels => node == Rule::kw_levels,
        Rule::choice_type | Rule::choices_type | Rule::cascade_type => {
            matches!(node, Rule::kw_choice | Rule::kw_choices | Rule::kw_by | Rule::name)
        }
        _ => false,
    }
}
