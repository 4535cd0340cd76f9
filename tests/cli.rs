//! The program as its users meet it (端到端测试): arguments and files in; exit code, standard output and standard error out.
//!
//! Each test drives the built binary in a folder of its own. Whatever is run, [`support`] sees to it that it ended by itself
//! and in time, without a panic, and within its memory.
//! Not here: what the numbers are (`golden`), how each mistake in a rule is told (`corpus`).

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "cli/beside.rs"]
mod beside;
#[path = "cli/check.rs"]
mod check;
#[path = "cli/data.rs"]
mod data;
#[path = "cli/explain.rs"]
mod explain;
#[path = "cli/fmt.rs"]
mod fmt;
#[path = "cli/form.rs"]
mod form;
#[path = "cli/form_interchange.rs"]
mod form_interchange;
#[path = "cli/form_template.rs"]
mod form_template;
#[path = "cli/large.rs"]
mod large;
#[path = "cli/new.rs"]
mod new;
#[path = "cli/plan.rs"]
mod plan;
#[path = "cli/rules.rs"]
mod rules;
#[path = "cli/run.rs"]
mod run;
#[path = "cli/scripts.rs"]
mod scripts;
#[path = "cli/stop.rs"]
mod stop;
#[path = "cli/support.rs"]
mod support;
#[path = "cli/test.rs"]
mod test;
#[path = "cli/why.rs"]
mod why;
#[path = "cli/wide.rs"]
mod wide;
