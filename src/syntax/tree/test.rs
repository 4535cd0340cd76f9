//! Tests (测试) as written.

use super::{Expr, Path};
use crate::text::{At, Name, Span};
use chrono::NaiveDate;

/// A test (测试).
#[derive(Clone, Debug)]
pub struct Test {
    /// What it shows.
    pub title: At<String>,
    /// The rubric.
    pub of: At<Path>,
    /// In order.
    pub body: Vec<TestStmt>,
    /// The `///` lines above it.
    pub doc: Option<String>,
    /// The first line.
    pub span: Span,
    /// To its closing brace.
    pub whole: Span,
}

/// A statement of a test.
#[derive(Clone, Debug)]
pub enum TestStmt {
    /// `on 2024-09-01`
    On(At<NaiveDate>),
    /// `given 校 { 在校生数: 300 }`: one submission.
    Given {
        /// The short name of the form.
        alias: At<Name>,
        /// Its key, where several are given.
        key: Option<At<String>>,
        /// Field and value.
        cells: Vec<(At<Name>, Expr)>,
    },
    /// `data "schools.csv"`
    Data(At<String>),
    /// `expect A1 >= 4`, `expect "庐阳区": B1.met`
    Expect {
        /// Of whom, where there are several.
        subject: Option<At<String>>,
        /// What must hold.
        condition: Expr,
    },
    /// `expect file "expected.csv" by district { total: total }`
    ExpectFile {
        /// The file of expected results.
        file: At<String>,
        /// Its column that names the subject.
        by: At<Name>,
        /// Its columns, each with what it shows.
        columns: Vec<(At<Name>, Expr)>,
    },
}
