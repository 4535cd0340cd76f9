//! What people and machines get to read (报告): diagnostics rendered for terminals, CI systems and editors.
//!
//! Everything here turns values into texts. Not here: writing them anywhere (`cli`), reading data (`data`), and what is
//! said in a diagnostic (`diag` and whoever found it).

pub mod diagnostics;
