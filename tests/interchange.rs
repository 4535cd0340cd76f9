//! What forms are exchanged as (表的互换): JSON Schema, XLSForm.

#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "interchange/forms.rs"]
mod forms;
#[path = "interchange/from_xlsform.rs"]
mod from_xlsform;
#[path = "interchange/schema.rs"]
mod schema;
#[path = "interchange/xlsform.rs"]
mod xlsform;
#[path = "interchange/xpath.rs"]
mod xpath;

use std::path::Path;
use std::process::Command;

/// A python that can import a module: `HENG_PYXFORM` names one, else `python3`; none where that has no such module.
fn python(module: &str) -> Option<Command> {
    let named = std::env::var("HENG_PYXFORM").ok();
    let python = named.as_deref().unwrap_or("python3");
    let has = Command::new(python).args(["-c", &format!("import {module}")]).output().is_ok_and(|done| done.status.success());
    if !has {
        println!("no python with {module}: skipped");
    }
    has.then(|| Command::new(python))
}

/// What a script of these tests prints, for the files of a folder.
fn run(mut python: Command, script: &str, folder: &Path) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interchange").join(script);
    let done = python.arg(script).arg(folder).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    String::from_utf8(done.stdout).unwrap()
}
