//! Ctrl-C in the middle of a run (中断): nothing half written stays behind.

use crate::support::{DATA, Folder, RULES};
use std::fmt::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// So many schools that a run is still at it when it is told to stop.
fn many() -> Folder {
    let mut data = String::from(DATA);
    for at in 0..40_000 {
        writeln!(data, "S{at:06},{},{}", 7 + at % 90, 900 + at % 700).unwrap();
    }
    Folder::with(&[
        ("heng.toml", "rubric = \"师资\"\ndata = \"data.csv\"\non = \"2024-12-31\"\n"),
        ("rules.heng", RULES),
        ("data.csv", &data),
    ])
}

fn names(folder: &Folder) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_unfinished_goes_with_the_program() {
    let folder = many();
    folder.write("old.jsonl", "as it was\n");
    let before = names(&folder);
    for signal in ["-INT", "-TERM"] {
        // Whoever runs tests in the background ignores signals, and so would what they run.
        let mut run = Command::new("env");
        run.args(["--default-signal", env!("CARGO_BIN_EXE_heng"), "run", "--out", "old.jsonl"])
            .current_dir(folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut child = run.spawn().unwrap();
        let started = Instant::now();
        while !names(&folder).iter().any(|name| name.ends_with(".part")) {
            assert!(child.try_wait().unwrap().is_none() && started.elapsed() < Duration::from_secs(300), "nothing was begun");
            std::thread::sleep(Duration::from_millis(1));
        }
        assert!(Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap().success());
        // As shells report who was stopped.
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(names(&folder), before, "{signal}");
        assert_eq!(folder.read("old.jsonl"), "as it was\n");
    }
}
