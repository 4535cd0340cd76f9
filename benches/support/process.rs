//! Other programs: how long they took, and how much memory they ever had.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A process that has ended.
pub struct Ended {
    pub took: Duration,
    /// The most memory that it had (VmHWM), in bytes; none where that cannot be read.
    pub peak: Option<u64>,
    pub out: String,
}

/// Runs a program to its end.
///
/// # Errors
/// That it cannot be started, or ended with another code than 0, with the first lines of what it said.
pub fn run(command: &mut Command) -> Result<Ended, String> {
    let program = command.get_program().to_string_lossy().into_owned();
    let start = Instant::now();
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.map_err(|error| format!("{program}: {error}"))?;
    let status = format!("/proc/{}/status", child.id());
    let output = std::thread::scope(|scope| {
        let waiting = scope.spawn(move || child.wait_with_output());
        // The kernel keeps the high-water mark only as long as the process lives, so it is asked until then.
        let mut peak = None;
        while !waiting.is_finished() {
            peak = high_water(&status).or(peak);
            std::thread::sleep(Duration::from_micros(500));
        }
        waiting.join().map(|output| (output, start.elapsed(), peak))
    });
    let (output, took, peak) = output.map_err(|_| format!("{program}: lost"))?;
    let output = output.map_err(|error| format!("{program}: {error}"))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        let first: Vec<&str> = said.lines().take(3).collect();
        return Err(format!("{program}: {}: {}", output.status, first.join(" / ")));
    }
    Ok(Ended { took, peak, out: String::from_utf8_lossy(&output.stdout).into_owned() })
}

fn high_water(status: &str) -> Option<u64> {
    let text = std::fs::read_to_string(status).ok()?;
    let line = text.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}

/// Copies a folder; what cannot be read is an error.
///
/// # Errors
/// Those of the file system.
pub fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_name() == "target" {
            continue;
        } else if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if std::fs::read(&target).ok() != Some(std::fs::read(entry.path())?) {
            // An unchanged file keeps its time, so that nothing is built twice. Only its content is taken: the source may
            // be read-only.
            std::fs::write(&target, std::fs::read(entry.path())?)?;
        }
    }
    Ok(())
}
