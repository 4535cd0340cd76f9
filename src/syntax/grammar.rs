//! The pest parser itself (文法), generated from `keywords.pest` and `grammar.pest`.
//!
//! Not here: what surrounds it (`layout`), what its pairs mean (`build`), what is said when it fails (`mend`).
#![allow(missing_docs, reason = "generated: one variant a grammar rule, explained in the grammar")]

#[derive(pest_derive::Parser)]
#[grammar = "syntax/keywords.pest"]
#[grammar = "syntax/grammar.pest"]
pub(crate) struct Grammar;
