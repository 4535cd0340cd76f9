//! The practical limit: a program written by hand for this one rubric, outside this repository.

use super::process;
use super::root;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The limit program, built, with the files that lie beside its folder.
pub struct Limit {
    program: PathBuf,
    /// The folder that its folder lies in: data, generator, expected results.
    beside: PathBuf,
    /// Where data are made and results written.
    work: PathBuf,
}

impl Limit {
    /// Builds the program of a folder, from a copy of it in `target/limit`.
    pub fn build(folder: &Path) -> Result<Limit, String> {
        let work = root().join("target/limit");
        let (source, target) = (work.join("source"), work.join("target"));
        process::copy(folder, &source).map_err(|error| format!("{}: {error}", folder.display()))?;
        let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        cargo.args(["build", "--release", "--quiet"]).current_dir(&source);
        process::run(cargo.env("RUSTFLAGS", "-C target-cpu=native").env("CARGO_TARGET_DIR", &target))?;
        std::fs::create_dir_all(work.join("data")).map_err(|error| error.to_string())?;
        std::fs::create_dir_all(work.join("out")).map_err(|error| error.to_string())?;
        let folder = folder.canonicalize().map_err(|error| error.to_string())?;
        let beside = folder.parent().ok_or("the folder lies in none")?.to_path_buf();
        Ok(Limit { program: target.join("release/bench-core"), beside, work })
    }

    /// The data of so many schools: those beside the folder, else made by the generator there, with the Python of the variable
    /// PYTHON.
    pub fn data(&self, number: usize) -> Result<PathBuf, String> {
        let name = format!("schools_{number}.csv");
        let (there, made) = (self.beside.join(&name), self.work.join("data").join(&name));
        if there.exists() {
            return Ok(there);
        }
        if !made.exists() {
            let python = std::env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
            let mut generate = Command::new(python);
            generate.arg(self.beside.join("gen.py")).arg(number.to_string()).arg(self.work.join("data"));
            process::run(generate.env("PYTHONDONTWRITEBYTECODE", "1")).map_err(|error| format!("no data of {number} schools: {error}"))?;
        }
        Ok(made)
    }

    /// The expected results of so many schools, `schools` or `counties`, where there are any.
    pub fn expected(&self, number: usize, what: &str) -> Option<String> {
        let file = self.beside.join(format!("expected/{number}_{what}.csv"));
        let packed = self.beside.join(format!("expected/{number}_{what}.csv.gz"));
        match std::fs::read_to_string(&file) {
            Ok(text) => Some(text),
            Err(_) if packed.exists() => process::run(Command::new("gzip").arg("-dc").arg(packed)).ok().map(|ended| ended.out),
            Err(_) => None,
        }
    }

    /// Runs a mode of it: what it says of its own times, and the process.
    pub fn run(&self, mode: &str, number: usize, times: usize) -> Result<(Times, process::Ended), String> {
        let data = self.data(number)?;
        let prefix = data.to_string_lossy().replace(&format!("{number}.csv"), "");
        let mut command = Command::new(&self.program);
        command.args([mode, &prefix, &number.to_string()]).arg(self.work.join("out")).arg(times.to_string());
        let ended = process::run(&mut command)?;
        let said: serde_json::Value = serde_json::from_str(&ended.out).map_err(|error| format!("{mode}: {error}"))?;
        let seconds = |name: &str| said.get(name).and_then(serde_json::Value::as_f64).ok_or(format!("{mode} says no {name}"));
        Ok((Times { score: seconds("score_s")?, counties: seconds("county_s")? }, ended))
    }

    /// The grades that a mode wrote, in the order of the data.
    pub fn grades(&self, mode: &str, number: usize) -> Option<Vec<u8>> {
        std::fs::read(self.work.join(format!("out/rust_{mode}_{number}.u8"))).ok()
    }
}

/// What the limit program says of itself, in seconds.
pub struct Times {
    pub score: f64,
    pub counties: f64,
}
