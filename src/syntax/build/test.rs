//! Tests (测试).

use super::{Builder, Node, child};
use crate::syntax::grammar::Rule;
use crate::syntax::tree::{Expr, Test, TestStmt};
use crate::text::{At, Name, Span};

impl Builder<'_> {
    pub(super) fn test(&mut self, node: Node<'_>) -> Option<Test> {
        let whole = self.span(&node);
        let title = self.string(child(&node, Rule::string)?)?;
        let of = self.source_path(child(&node, Rule::source_path)?)?;
        let span = Span { end: of.span.end, ..whole };
        Some(Test { title, of, doc: self.doc_above(whole), span, whole, body: self.body(node, Self::test_stmt) })
    }

    fn test_stmt(&mut self, node: Node<'_>) -> Option<TestStmt> {
        Some(match node.as_rule() {
            Rule::test_on => TestStmt::On(self.date(&child(&node, Rule::date)?)?),
            Rule::given => {
                let alias = self.name_in(&node)?;
                let key = child(&node, Rule::string).and_then(|key| self.string(key));
                let cells = self.body(node, Self::given_cell);
                TestStmt::Given { alias, key, cells }
            }
            Rule::test_data => TestStmt::Data(self.string(child(&node, Rule::string)?)?),
            Rule::expect => {
                let subject = child(&node, Rule::string).and_then(|subject| self.string(subject));
                TestStmt::Expect { subject, condition: self.expr(child(&node, Rule::expr)?)? }
            }
            Rule::expect_file => TestStmt::ExpectFile {
                file: self.string(child(&node, Rule::string)?)?,
                by: self.name_in(&node)?,
                columns: self.body(node, Self::named_value),
            },
            _ => return None,
        })
    }

    /// A field, whose name may have two parts: `满意数.学生: 9`.
    fn given_cell(&mut self, node: Node<'_>) -> Option<(At<Name>, Expr)> {
        let path = self.path(child(&node, Rule::path)?)?;
        let name = path.it.0.iter().map(|part| part.it.as_str()).collect::<Vec<_>>().join(".");
        Some((At::new(name.into(), path.span), self.expr(child(&node, Rule::sum)?)?))
    }

    fn named_value(&mut self, node: Node<'_>) -> Option<(At<Name>, Expr)> {
        Some((self.name_in(&node)?, self.expr(child(&node, Rule::sum)?)?))
    }
}
