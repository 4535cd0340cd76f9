//! Indicators (指标): targets and ways of scoring.

use super::{Builder, Node, child, has, inner};
use crate::number::Exact;
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{
    Adjust, Alarm, AlarmWhen, Band, BandOf, CaseItem, CaseLine, Exception, ExceptionStmt, Expr, ExprKind, FirstCase, Indicator,
    IndicatorStmt, Knot, Level, Part, Script, Steps, Target, TargetCase, Times, Way,
};
use crate::text::{At, Name, Span};

impl Builder<'_> {
    pub(super) fn indicator(&mut self, node: Node<'_>) -> Option<Indicator> {
        let head = self.head(&node)?;
        let (points, weight) = (self.points(&node), self.weight(&node));
        let kind = node.clone().into_inner().next()?;
        let part = match kind.as_rule() {
            Rule::kw_bonus => Part::Bonus,
            Rule::kw_penalty => Part::Penalty,
            _ => Part::Base,
        };
        let part = At::new(part, self.span(&kind));
        let clause = child(&node, Rule::clause).and_then(|clause| child(&clause, Rule::string)).and_then(|text| self.string(text));
        Some(Indicator { head, part, points, weight, clause, body: self.body(node, Self::indicator_stmt) })
    }

    fn indicator_stmt(&mut self, node: Node<'_>) -> Option<IndicatorStmt> {
        Some(match node.as_rule() {
            Rule::value => IndicatorStmt::Value(self.expr(child(&node, Rule::expr)?)?),
            Rule::target => IndicatorStmt::Target(self.target(node)?),
            Rule::score => {
                let way = node.into_inner().find(|part| part.as_rule() != Rule::kw_score)?;
                let span = self.span(&way);
                IndicatorStmt::Score(At::new(self.way(way)?, span))
            }
            Rule::adjust => IndicatorStmt::Adjust(self.adjust(node)?),
            Rule::exception => IndicatorStmt::Exception(self.exception(node)?),
            Rule::alarm => IndicatorStmt::Alarm(self.alarm(node)?),
            Rule::let_stmt => IndicatorStmt::Let(self.let_stmt(&node)?),
            Rule::when_stmt => IndicatorStmt::When(self.expr(child(&node, Rule::expr)?)?),
            Rule::missing => IndicatorStmt::Missing(self.missing(&node)),
            Rule::inapplicable => IndicatorStmt::Inapplicable(self.inapplicable(&node)),
            Rule::round => IndicatorStmt::Round(self.round(node)?),
            Rule::decimals => IndicatorStmt::Decimals(self.digits(&child(&node, Rule::digits)?)?),
            _ => return None,
        })
    }

    fn adjust(&mut self, node: Node<'_>) -> Option<Adjust> {
        let span = self.span(&node);
        let factor = match child(&node, Rule::percent) {
            Some(percent) => self.percent(&percent)?,
            None => At::new(Exact::ZERO, self.span(&child(&node, Rule::kw_zero)?)),
        };
        Some(Adjust { factor, when: self.expr(child(&node, Rule::expr)?)?, label: self.label(&node), span })
    }

    fn alarm(&mut self, node: Node<'_>) -> Option<Alarm> {
        let when = match child(&node, Rule::percent) {
            Some(percent) => AlarmWhen::ByTarget(self.percent(&percent)?),
            None => AlarmWhen::If(self.expr(child(&node, Rule::expr)?)?),
        };
        Some(Alarm { level: self.name(&child(&node, Rule::name)?), when, label: self.label(&node), span: self.span(&node) })
    }

    fn exception(&mut self, node: Node<'_>) -> Option<Exception> {
        let title = self.string(child(&node, Rule::string)?)?;
        let when = self.expr(child(&node, Rule::expr)?)?;
        let span = Span { end: when.span.end, ..self.span(&node) };
        let until = match child(&node, Rule::until).and_then(|until| child(&until, Rule::date)) {
            Some(date) => Some(self.date(&date)?),
            None => None,
        };
        let body = self.body(node, |this, stmt| {
            Some(match stmt.as_rule() {
                Rule::target => ExceptionStmt::Target(this.target(stmt)?),
                _ => ExceptionStmt::Exempt(this.span(&stmt)),
            })
        });
        Some(Exception { title, when, until, body, span })
    }

    /// `60%` as a number.
    pub(super) fn percent(&mut self, percent: &Node<'_>) -> Option<At<Exact>> {
        let number = child(percent, Rule::number).and_then(|number| self.number(&number))?;
        Some(At::new(number * Exact::from_ratio(1, 100)?, self.span(percent)))
    }

    /// What a section or indicator counts for.
    pub(super) fn weight(&mut self, node: &Node<'_>) -> Option<At<Exact>> {
        let weighted = child(node, Rule::weighted)?;
        match child(&weighted, Rule::percent) {
            Some(percent) => self.percent(&percent),
            None => {
                let number = child(&weighted, Rule::number)?;
                Some(At::new(self.number(&number)?, self.span(&number)))
            }
        }
    }

    pub(super) fn target(&mut self, node: Node<'_>) -> Option<Target> {
        let span = self.span(&node);
        if let Some(one) = child(&node, Rule::target_one) {
            let case = self.target_case(&one, Vec::new(), span)?;
            return Some(Target { by: None, cases: vec![case], tightens: false, span });
        }
        let block = child(&node, Rule::target_by)?;
        let by = self.path(child(&block, Rule::path)?)?;
        let cases = self.body(block, |this, case| {
            let span = this.span(&case);
            let options = this.options(case.clone())?;
            this.target_case(&child(&case, Rule::target_one)?, options, span)
        });
        Some(Target { by: Some(by), cases, tightens: false, span })
    }

    fn target_case(&mut self, node: &Node<'_>, options: Vec<At<Name>>, span: Span) -> Option<TargetCase> {
        let op = self.compare_op(child(node, Rule::compare_op)?)?;
        let bound = self.expr(child(node, Rule::sum)?)?;
        Some(TargetCase { options, op, bound, span })
    }

    fn options(&mut self, node: Node<'_>) -> Option<Vec<At<Name>>> {
        inner(node, Rule::option).into_iter().map(|option| self.option(option)).collect()
    }

    fn way(&mut self, node: Node<'_>) -> Option<Way> {
        Some(match node.as_rule() {
            Rule::all_or_none => Way::AllOrNone,
            Rule::bands => Way::Bands { by_attained: has(&node, Rule::kw_by_attained), bands: self.body(node, Self::band) },
            Rule::linear => Way::Linear(self.body(node, |this, knot| {
                let at = this.quantity_at(child(&knot, Rule::quantity)?)?;
                Some(Knot { at, marks: this.marks(&knot)?, span: this.span(&knot) })
            })),
            Rule::proportional => {
                let floor = match child(&node, Rule::percent) {
                    Some(percent) => Some(self.percent(&percent)?),
                    None => None,
                };
                Way::Proportional { floor }
            }
            Rule::full_minus => self.full_minus(&node)?,
            Rule::deduct => Way::Deduct(self.body(node, Self::case_line)),
            Rule::checklist => Way::Checklist(self.body(node, Self::case_line)),
            Rule::first => Way::First(self.body(node, Self::first_case)),
            Rule::levels => Way::Levels(self.body(node, Self::level)),
            Rule::judged => {
                let path = child(&node, Rule::path)?;
                let span = self.span(&path);
                let field = Expr { kind: ExprKind::Path(self.path(path)?.it), span };
                Way::Judged { field, levels: child(&node, Rule::judged_levels).map(|levels| self.body(levels, Self::level)) }
            }
            Rule::script => match child(&node, Rule::string) {
                Some(file) => Way::Script(Script::File(self.string(file)?)),
                None => {
                    let span = self.span(&node);
                    let inside = self.layout.scripts.iter().find(|script| span.start <= script.start && script.end <= span.end);
                    Way::Script(Script::Inline(*inside?))
                }
            },
            Rule::formula => Way::Formula(self.expr(child(&node, Rule::expr)?)?),
            _ => return None,
        })
    }

    fn level(&mut self, node: Node<'_>) -> Option<Level> {
        let (span, marks) = (self.span(&node), self.marks(&node)?);
        Some(Level { options: self.options(node)?, marks, span })
    }

    fn band(&mut self, node: Node<'_>) -> Option<Band> {
        let span = self.span(&node);
        let marks = self.marks(&node)?;
        let first = node.into_inner().next()?;
        let of = match first.as_rule() {
            Rule::band_compare => {
                BandOf::Compare(self.compare_op(child(&first, Rule::compare_op)?)?, self.quantity_at(child(&first, Rule::quantity)?)?)
            }
            Rule::band_range => BandOf::Range(self.range(first)?),
            _ => BandOf::Else,
        };
        Some(Band { of, marks, span })
    }

    fn full_minus(&mut self, node: &Node<'_>) -> Option<Way> {
        let inside = child(node, Rule::minus_per).or_else(|| child(node, Rule::each_off))?;
        let number = child(&inside, Rule::number)?;
        let steps = match () {
            () if has(node, Rule::kw_whole_steps) => Steps::Whole,
            () if has(node, Rule::kw_started_steps) => Steps::Started,
            () => Steps::Linear,
        };
        Some(Way::FullMinus {
            minus: At::new(self.number(&number)?, self.span(&number)),
            step: self.quantity_at(child(&inside, Rule::quantity)?)?,
            below: has(&inside, Rule::kw_below) || has(&inside, Rule::kw_each_below),
            steps,
        })
    }

    fn case_line(&mut self, node: Node<'_>) -> Option<CaseLine> {
        Some(match node.as_rule() {
            Rule::highest => CaseLine::Highest(self.body(node, Self::case_item)),
            _ => CaseLine::Item(self.case_item(node)?),
        })
    }

    fn case_item(&mut self, node: Node<'_>) -> Option<CaseItem> {
        let span = self.span(&node);
        let (marks, label) = (self.marks(&node)?, self.label(&node));
        let times = match child(&node, Rule::list) {
            Some(list) => {
                let of = inner(list, Rule::expr).into_iter().map(|one| self.expr(one)).collect::<Option<Vec<_>>>()?;
                if has(&node, Rule::kw_each_missing) { Times::EachMissing(of) } else { Times::EachOf(of) }
            }
            None => {
                let what = self.expr(child(&node, Rule::expr)?)?;
                if has(&node, Rule::kw_each_time) { Times::Each(what) } else { Times::If(what) }
            }
        };
        Some(CaseItem { marks, times, label, span })
    }

    fn first_case(&mut self, node: Node<'_>) -> Option<FirstCase> {
        let span = self.span(&node);
        let when = match child(&node, Rule::expr) {
            Some(when) => Some(self.expr(when)?),
            None => None,
        };
        Some(FirstCase { marks: self.marks(&node)?, when, label: self.label(&node), span })
    }

    fn label(&self, node: &Node<'_>) -> Option<At<String>> {
        child(node, Rule::string).and_then(|label| self.string(label))
    }
}
