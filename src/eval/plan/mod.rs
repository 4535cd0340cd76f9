//! The plan (计划) of an evaluation: a checked rubric, lowered once to a list of nodes, each after those that it reads.
//!
//! What is written twice is one node; parameters are resolved to the day; what is the same for all is computed once.
//! The plan says what is to be computed and not how: `exact` computes it by exact arithmetic, cell by cell, and `fast` by
//! vectors of doubles with proven bounds that falls back to `exact`.

mod expressions;
mod op;
mod scoring;
mod scripts;
mod totals;

pub(crate) use op::{Absences, Calendar, FullMinus, Op, Score, TargetBound, TargetOps, Verdict};

use crate::eval::gap::{Cause, Gap};
use crate::model::{Aspect, Beside, Expr, ExprId, Form, Level, Rubric, Rules, ScriptCode, Slot, Source, StatisticKind, Step, Type};
use crate::number::Exact;
use crate::syntax::tree::Scope;
use crate::text::{Span, Texts};
use chrono::NaiveDate;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt;
use std::sync::Arc;

/// The place of a node in its plan.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub u32);

impl fmt::Debug for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "%{}", self.0)
    }
}

impl NodeId {
    /// As an index.
    pub fn at(self) -> usize {
        self.0 as usize
    }
}

/// What kind of value a node yields.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Number,
    Word,
    Flag,
    Date,
}

impl Kind {
    /// Of values of a type.
    pub fn of(ty: &Type) -> Kind {
        match ty {
            Type::Number(_) | Type::Unknown => Kind::Number,
            Type::Text | Type::Choice(_) | Type::Several(_) => Kind::Word,
            Type::Flag => Kind::Flag,
            Type::Date => Kind::Date,
        }
    }
}

/// A node.
#[derive(Clone, Debug)]
pub(crate) struct Node {
    pub op: Op,
    pub kind: Kind,
    /// For whom it has a value: subjects, or members of subjects. What is the same for all counts as the subject's.
    pub level: Level,
    /// Where it is written first.
    pub span: Span,
}

/// A statistic, with the nodes that it reads.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct StatisticPlan {
    pub kind: StatisticKind,
    pub over: Whom,
    pub weight: Option<NodeId>,
    pub filter: Option<NodeId>,
    pub parameter: Option<NodeId>,
    /// The filter as it is written: whom it refuses has no place in an order.
    pub refused: Arc<str>,
}

/// What a statistic is taken over.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Whom {
    /// The members of each subject.
    Members(NodeId),
    /// The submissions beside the source that belong to each subject, by the place in `Rubric::beside`.
    Rows(u16, NodeId),
    /// The subjects of the run, all of a kind or those of the same group.
    Cohort(NodeId, Scope),
    /// The values listed, of one subject or member.
    List(Box<[NodeId]>),
}

/// A script, with the nodes that it reads.
#[derive(Clone, Debug)]
pub(crate) struct ScriptPlan<'r> {
    pub script: &'r ScriptCode,
    pub inputs: Vec<NodeId>,
    pub full: Exact,
    /// The node that comes to the same, of a script that could be compiled.
    pub straight: Option<NodeId>,
}

/// A target that may count.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TargetPlan {
    /// The exception that it belongs to: whether it holds.
    pub holds: Option<NodeId>,
    /// The option that its case depends on.
    pub by: Option<NodeId>,
    /// Where its cases begin among all of the indicator's.
    pub first: usize,
}

/// What a rubric reads beside its source.
#[derive(Clone, Debug)]
pub(crate) struct BesidePlan<'r> {
    pub beside: &'r Beside,
    /// The form, of submissions.
    pub form: Option<&'r Form>,
    /// Who judges them first, of the results of a rubric.
    pub judge: Option<Judge<'r>>,
}

/// A rubric with all that it takes to evaluate it.
#[derive(Clone, Debug)]
pub(crate) struct Judge<'r> {
    pub rules: &'r Rules,
    pub texts: Texts,
    pub rubric: usize,
    pub on: NaiveDate,
}

/// The plan of one rubric.
#[derive(Clone, Debug)]
pub(crate) struct Plan<'r> {
    pub rubric: &'r Rubric,
    /// What the rubric reads beside its source.
    pub beside: Vec<BesidePlan<'r>>,
    pub nodes: Vec<Node>,
    pub absences: Absences,
    /// Statistics, each after those that it reads, with the expressions that ask for it.
    pub statistics: Vec<(StatisticPlan, Span, Vec<ExprId>)>,
    pub scripts: Vec<ScriptPlan<'r>>,
    /// To whom the rubric applies.
    pub when: Option<NodeId>,
    /// The node of each result.
    pub slots: HashMap<Slot, NodeId>,
    /// Of each indicator, the targets that may count, the one that does first: those of exceptions, then its own.
    pub targets: HashMap<usize, Vec<TargetPlan>>,
    /// The conditions of the alarms of each indicator that has any, in their order.
    pub alarms: HashMap<usize, Vec<NodeId>>,
    /// The conditions of vetoes, in their order.
    pub vetoes: Vec<NodeId>,
    /// The node of each expression, by its id.
    pub expressions: HashMap<ExprId, NodeId>,
}

impl<'r> Plan<'r> {
    /// The plan of a rubric on a day.
    pub fn new(rules: &'r Rules, texts: &Texts, rubric: &'r Rubric, on: NaiveDate) -> Plan<'r> {
        Lowering::of_rubric(rules, texts, rubric, on).plan
    }

    /// A node.
    pub fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.at())
    }

    /// The nodes that an operation reads, those of its statistic or script included where they are of the same row.
    pub fn operands(&self, op: &Op) -> Vec<NodeId> {
        match op {
            Op::OfList(at) => match self.statistics.get(*at) {
                Some((StatisticPlan { over: Whom::List(list), weight, parameter, .. }, ..)) => {
                    list.iter().copied().chain(*weight).chain(*parameter).collect()
                }
                _ => Vec::new(),
            },
            Op::Script(at) => {
                self.scripts.get(*at).map(|script| script.inputs.iter().copied().chain(script.straight).collect()).unwrap_or_default()
            }
            op => op.operands(),
        }
    }

    /// Everything that some nodes rest on within a row, themselves included, in the order of computation. What lies
    /// behind a statistic is not of the row.
    pub fn cone(&self, of: impl IntoIterator<Item = NodeId>) -> Vec<NodeId> {
        let mut needed = vec![false; self.nodes.len()];
        let mut open: Vec<NodeId> = of.into_iter().collect();
        while let Some(id) = open.pop() {
            if let Some(seen @ false) = needed.get_mut(id.at())
                && let Some(node) = self.node(id)
            {
                *seen = true;
                // The subject's value is of another row.
                if !matches!(node.op, Op::OfSubject(_)) {
                    open.extend(self.operands(&node.op));
                }
            }
        }
        let ids = (0_u32..).map(NodeId);
        ids.zip(needed).filter(|(_, needed)| *needed).map(|(id, _)| id).collect()
    }

    /// The nodes of an indicator's results, in the order value, target, attained, met, score.
    pub fn aspect(&self, indicator: usize, aspect: Aspect) -> Option<NodeId> {
        self.slots.get(&Slot::Indicator(indicator, aspect)).copied()
    }
}

/// The making of a plan.
pub(crate) struct Lowering<'r, 't> {
    rules: &'r Rules,
    texts: &'t Texts,
    on: NaiveDate,
    pub plan: Plan<'r>,
    known: HashMap<(Op, Level), NodeId>,
}

impl<'r, 't> Lowering<'r, 't> {
    /// The whole of a rubric, to which more can be added.
    pub fn of_rubric(rules: &'r Rules, texts: &'t Texts, rubric: &'r Rubric, on: NaiveDate) -> Lowering<'r, 't> {
        let mut lowering = Lowering::new(rules, texts, rubric, on);
        if let Some(when) = &rubric.when {
            let when = lowering.expr(when, Level::Subject);
            lowering.plan.when = Some(when);
        }
        for step in &rubric.steps {
            lowering.step(*step);
        }
        // Nothing rests on alarms, so they come last and may speak of everything.
        for (at, indicator) in rubric.indicators.iter().enumerate().filter(|(_, indicator)| !indicator.alarms.is_empty()) {
            let alarms = indicator.alarms.iter().map(|alarm| lowering.expr(&alarm.when, Level::Subject)).collect();
            lowering.plan.alarms.insert(at, alarms);
        }
        lowering
    }

    /// Nothing yet, over the fields and results of a rubric.
    pub fn new(rules: &'r Rules, texts: &'t Texts, rubric: &'r Rubric, on: NaiveDate) -> Lowering<'r, 't> {
        let beside = rubric.beside.iter().map(|beside| BesidePlan {
            beside,
            form: if let Source::Form(at) = beside.of { rules.forms.get(at) } else { None },
            judge: match beside.of {
                Source::Rubric(rubric) => Some(Judge { rules, texts: texts.clone(), rubric, on }),
                Source::Form(_) => None,
            },
        });
        let plan = Plan {
            rubric,
            beside: beside.collect(),
            nodes: Vec::new(),
            absences: Vec::new(),
            statistics: Vec::new(),
            scripts: Vec::new(),
            when: None,
            slots: HashMap::new(),
            targets: HashMap::new(),
            alarms: HashMap::new(),
            vetoes: Vec::new(),
            expressions: HashMap::new(),
        };
        Lowering { rules, texts, on, plan, known: HashMap::new() }
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Let(at) => {
                if let Some(named) = self.plan.rubric.lets.get(at) {
                    let level = named.value.level.max(Level::Subject);
                    let node = self.expr(&named.value, level);
                    self.plan.slots.insert(Slot::Let(at), node);
                }
            }
            Step::Value(at) => self.value(at),
            Step::Target(at) => self.judged(at),
            Step::Score(at) => self.score(at),
            Step::Section(at) => self.section(at),
            Step::Total => self.total(),
            Step::Grade => self.verdicts(true),
            Step::Conclusion => self.verdicts(false),
        }
    }

    /// The node of an operation: the one that is there, or a new one.
    fn node(&mut self, op: Op, kind: Kind, level: Level, span: Span) -> NodeId {
        let level = level.max(Level::Subject);
        match self.known.entry((op, level)) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => {
                let id = NodeId(u32::try_from(self.plan.nodes.len()).unwrap_or(u32::MAX));
                self.plan.nodes.push(Node { op: new.key().0.clone(), kind, level, span });
                *new.insert(id)
            }
        }
    }

    fn number(&mut self, number: Exact, level: Level, span: Span) -> NodeId {
        self.node(Op::Number(number), Kind::Number, level, span)
    }

    /// A node without a value, for a reason that is the same for all.
    fn absent(&mut self, cause: Cause, kind: Kind, level: Level, span: Span) -> NodeId {
        self.plan.absences.push(Gap::undefined(cause));
        self.node(Op::Absent(self.plan.absences.len() - 1), kind, level, span)
    }

    fn written(&self, expr: &Expr) -> Arc<str> {
        self.texts.slice(expr.span).into()
    }
}
