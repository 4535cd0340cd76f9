//! Forms (填报表).

use super::{Builder, Node, child, has, inner};
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{
    Attach, Check, Coded, Compute, Expr, Field, FieldKind, Form, FormStmt, PeriodLength, Range, Share, Split, SplitPart,
};
use crate::text::{At, Name, Span};

impl Builder<'_> {
    pub(super) fn form(&mut self, node: Node<'_>) -> Option<Form> {
        let head = self.head(&node)?;
        Some(Form { head, body: self.body(node, Self::form_stmt) })
    }

    fn form_stmt(&mut self, node: Node<'_>) -> Option<FormStmt> {
        let span = self.span(&node);
        Some(match node.as_rule() {
            Rule::field => FormStmt::Field(Box::new(self.field(node)?)),
            Rule::version => FormStmt::Version(self.version(&node)?),
            Rule::compute => FormStmt::Compute(self.compute(node)?),
            Rule::units => FormStmt::Split(self.split(node)?),
            Rule::part | Rule::rows => {
                let (head, (when, by)) = (self.head(&node)?, self.asked_of(&node)?);
                let is_part = node.as_rule() == Rule::part;
                let body = self.body(node, Self::form_stmt);
                if is_part { FormStmt::Part { head, when, by, body } } else { FormStmt::Rows { head, when, by, body } }
            }
            Rule::asked_each => {
                let list = inner(node.clone(), Rule::option).into_iter().map(|option| self.option(option));
                let list = list.collect::<Option<Vec<_>>>()?;
                FormStmt::Each { name: self.name_in(&node)?, list, body: self.body(node, Self::form_stmt) }
            }
            Rule::fillers => FormStmt::Fillers(self.names(node).collect()),
            Rule::form_subject => {
                let mut names = self.names(node);
                FormStmt::Subject { kind: names.next()?, key: names.next()? }
            }
            Rule::within => {
                let mut names = self.names(node);
                FormStmt::Within { kind: names.next()?, key: names.next() }
            }
            Rule::period => {
                let length = match () {
                    () if has(&node, Rule::kw_year) => PeriodLength::Year,
                    () if has(&node, Rule::kw_term) => PeriodLength::Term,
                    () => PeriodLength::Month,
                };
                FormStmt::Period { length: At::new(length, span), key: self.name_in(&node) }
            }
            Rule::check_stmt => {
                let refuses = has(&node, Rule::kw_check);
                let condition = self.expr(child(&node, Rule::expr)?)?;
                let message = self.string(child(&node, Rule::string)?)?;
                FormStmt::Check(Check { refuses, condition, message, unless: self.name_in(&node), span })
            }
            _ => return None,
        })
    }

    /// When all that is in a block is asked, and of whom.
    fn asked_of(&mut self, node: &Node<'_>) -> Option<(Option<Expr>, Option<At<Name>>)> {
        let when = match child(node, Rule::field_when) {
            Some(when) => Some(self.expr(child(&when, Rule::expr)?)?),
            None => None,
        };
        Some((when, child(node, Rule::filled_by).and_then(|by| self.name_in(&by))))
    }

    fn compute(&mut self, node: Node<'_>) -> Option<Compute> {
        let value = self.expr(child(&node, Rule::expr)?)?;
        let title = child(&node, Rule::string).and_then(|title| self.string(title));
        Some(Compute { name: self.name_in(&node)?, value, title })
    }

    fn split(&mut self, node: Node<'_>) -> Option<Split> {
        let name = self.name_in(&node)?;
        let span = self.span(&node).to(name.span);
        let span = Span { end: name.span.end, ..span };
        let mut shares = Vec::new();
        let parts = self.body(node, |this, stmt| {
            let span = this.span(&stmt);
            if stmt.as_rule() == Rule::share {
                let mut fields: Vec<_> = this.names(stmt).collect();
                let by = fields.pop()?;
                shares.push(Share { fields, by, span });
                return Some(None);
            }
            let (name, when) = (this.name_in(&stmt)?, this.expr(child(&stmt, Rule::expr)?)?);
            let mut part = SplitPart { name, when, weight: None, not_evaluated: false, set: Vec::new(), span };
            let set = this.body(stmt, |this, it| match it.as_rule() {
                Rule::unit_weight => {
                    let number = child(&it, Rule::number)?;
                    part.weight = Some(At::new(this.number(&number)?, this.span(&number)));
                    Some(None)
                }
                Rule::unit_set => Some(Some((this.name_in(&it)?, this.expr(child(&it, Rule::expr)?)?))),
                _ => {
                    part.not_evaluated = true;
                    Some(None)
                }
            });
            part.set = set.into_iter().flatten().collect();
            Some(Some(part))
        });
        Some(Split { name, parts: parts.into_iter().flatten().collect(), shares, span })
    }

    pub(super) fn version(&mut self, node: &Node<'_>) -> Option<At<String>> {
        let text = child(node, Rule::version_text)?;
        Some(At::new(text.as_str().to_owned(), self.span(&text)))
    }

    pub(super) fn names(&self, node: Node<'_>) -> std::vec::IntoIter<At<Name>> {
        inner(node, Rule::name).into_iter().map(|name| self.name(&name)).collect::<Vec<_>>().into_iter()
    }

    fn field(&mut self, node: Node<'_>) -> Option<Field> {
        let span = self.span(&node);
        let name = self.name_in(&node)?;
        let kind = self.field_kind(child(&node, Rule::field_type)?)?;
        let mut field = Field {
            name,
            kind,
            unit: None,
            range: None,
            required: None,
            when: None,
            otherwise: None,
            default: None,
            by: None,
            asked_in: None,
            han: None,
            locked: false,
            label: None,
            pattern: None,
            hint: None,
            doc: self.doc_above(span),
            span,
        };
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::field_unit => field.unit = child(&part, Rule::unit_expr).and_then(|unit| self.unit(unit)),
                Rule::range => field.range = self.range(part),
                Rule::kw_required => field.required = Some(self.span(&part)),
                Rule::field_when => {
                    field.when = Some(self.expr(child(&part, Rule::expr)?)?);
                    if let Some(value) = child(&part, Rule::factor) {
                        field.otherwise = Some(self.expr(value)?);
                    }
                }
                Rule::field_default => field.default = Some(self.expr(child(&part, Rule::factor)?)?),
                Rule::filled_by => field.by = self.name_in(&part),
                Rule::asked_in => field.asked_in = child(&part, Rule::unit_expr).and_then(|unit| self.unit(unit)),
                Rule::kw_han => field.han = Some(self.span(&part)),
                Rule::kw_lock => field.locked = true,
                Rule::string => field.label = self.string(part),
                Rule::field_block => {
                    let details = self.body(part, |this, detail| {
                        let is_pattern = detail.as_rule() == Rule::pattern;
                        child(&detail, Rule::string).and_then(|text| this.string(text)).map(|text| (is_pattern, text))
                    });
                    for (is_pattern, text) in details {
                        *(if is_pattern { &mut field.pattern } else { &mut field.hint }) = Some(text);
                    }
                }
                _ => {}
            }
        }
        Some(field)
    }

    fn field_kind(&mut self, node: Node<'_>) -> Option<At<FieldKind>> {
        let span = self.span(&node);
        let kind = node.into_inner().next()?;
        let digits: Vec<u32> = inner(kind.clone(), Rule::digits).iter().filter_map(|digits| self.digits(digits)).map(|it| it.it).collect();
        let kind = match kind.as_rule() {
            Rule::integer_type => FieldKind::Integer(digits.first().copied()),
            Rule::kw_money => FieldKind::Money,
            Rule::text_type => self.text_type(&kind)?,
            Rule::kw_date => FieldKind::Date,
            Rule::kw_year_type => FieldKind::Year,
            Rule::kw_yes_no => FieldKind::YesNo,
            Rule::decimal_type => match digits.as_slice() {
                [digits, places] => FieldKind::Decimal(Some(*digits), *places),
                _ => FieldKind::Decimal(None, *digits.first()?),
            },
            Rule::percent_type => match digits.as_slice() {
                [digits, places] => FieldKind::Percent(Some(*digits), Some(*places)),
                _ => FieldKind::Percent(None, digits.first().copied()),
            },
            Rule::choice_type => FieldKind::Choice(self.body(kind, Self::coded)),
            Rule::choices_type => FieldKind::Choices(self.body(kind, Self::coded)),
            Rule::cascade_type => {
                let by = self.name_in(&kind)?;
                let cases = self.body(kind, |this, case| {
                    let mut options = inner(case, Rule::option).into_iter().map(|option| this.option(option));
                    Some((options.next()??, options.collect::<Option<Vec<_>>>()?))
                });
                FieldKind::Cascade { by, cases }
            }
            Rule::attach_type => FieldKind::Attach(child(&kind, Rule::attach_block).map(|block| self.attach(block)).unwrap_or_default()),
            _ => return None,
        };
        Some(At::new(kind, span))
    }

    /// `text`, `text(..200)`, `text(2..)`
    fn text_type(&mut self, node: &Node<'_>) -> Option<FieldKind> {
        let Some(length) = child(node, Rule::text_length) else { return Some(FieldKind::Text(None, None)) };
        let open_start = length.as_str().starts_with('.');
        let digits = inner(length, Rule::digits);
        let mut ends = digits.iter().filter_map(|digits| self.digits(digits)).map(|digits| digits.it);
        let least = if open_start { None } else { ends.next() };
        Some(FieldKind::Text(least, ends.next()))
    }

    fn attach(&mut self, node: Node<'_>) -> Attach {
        let mut attach = Attach::default();
        self.body(node, |this, detail| {
            match detail.as_rule() {
                Rule::most_files => attach.files = this.digits(&child(&detail, Rule::digits)?).map(|files| files.it),
                Rule::most_size => attach.megabytes = this.number(&child(&detail, Rule::number)?),
                _ => {
                    let endings = inner(detail, Rule::option).into_iter().map(|ending| this.option(ending));
                    attach.accept.extend(endings.collect::<Option<Vec<_>>>()?);
                }
            }
            Some(())
        });
        attach
    }

    /// An option of a choice, with or without a code.
    fn coded(&mut self, node: Node<'_>) -> Option<Coded> {
        if node.as_rule() == Rule::option {
            return self.option(node).map(|option| Coded { code: None, option });
        }
        let code = child(&node, Rule::digits)?;
        let at = self.span(&code);
        let folded: String = self.text.slice(at).chars().map(crate::text::fold_char).collect();
        Some(Coded { code: Some(At::new(Name::from(folded), at)), option: self.option(child(&node, Rule::option)?)? })
    }

    /// An option, as a name or a string.
    pub(super) fn option(&mut self, node: Node<'_>) -> Option<At<Name>> {
        match child(&node, Rule::string) {
            Some(string) => self.string(string).map(|text| At::new(Name::from(text.it), text.span)),
            None => self.name_in(&node),
        }
    }

    pub(super) fn range(&mut self, node: Node<'_>) -> Option<At<Range>> {
        let span = self.span(&node);
        let open_start = self.text.slice(span).starts_with(['.', '．']);
        let mut ends = inner(node, Rule::quantity).into_iter().map(|end| self.quantity(end)).collect::<Option<Vec<_>>>()?.into_iter();
        let from = if open_start { None } else { ends.next() };
        Some(At::new(Range { from, to: ends.next() }, span))
    }
}
