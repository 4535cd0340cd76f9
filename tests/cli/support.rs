//! Runs the built program, and folders for it to run in.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use unicode_width::UnicodeWidthStr;

/// One form, one rubric: whole numbers in, a ratio and a verdict out.
pub const RULES: &str = r#"单位 师, 生
填报表 学校表 "学校情况" {
  对象 学校 按 代码
  代码: 文本 必填
  教师: 整数 师 0..3000 必填
  学生: 小数(2) 生 0..20000 必填
}
评价体系 师资 "师资配备" {
  数据 学校表 简称 校
  指标 A1 "生师比" {
    取值 校.学生 / 校.教师
    目标 <= 19
  }
  结论 {
    达标: A1.达标
    未达标: 其他
  }
}
"#;

/// Three schools: 19 exactly, 20, and one without teachers.
pub const DATA: &str = "代码,教师,学生\n丙校,0,12\n甲校,50,950\n乙校,50,1000\n";

/// A folder for one test, gone afterwards.
pub struct Folder(TempDir);

impl Folder {
    /// An empty one.
    pub fn empty() -> Folder {
        Folder(tempfile::tempdir().unwrap())
    }

    /// A region with [`RULES`] and [`DATA`].
    pub fn region() -> Folder {
        Folder::with(&[
            ("heng.toml", "rubric = \"师资\"\ndata = \"data.csv\"\non = \"2024-12-31\"\n"),
            ("rules.heng", RULES),
            ("data.csv", DATA),
        ])
    }

    /// One with these files.
    pub fn with(files: &[(&str, &str)]) -> Folder {
        let folder = Folder::empty();
        files.iter().for_each(|(name, content)| folder.write(name, content));
        folder
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }

    pub fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.at(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.at(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs the program here.
    pub fn heng(&self, args: &[&str]) -> Done {
        Heng::new(self.path(), args).run()
    }
}

/// A folder of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A run of the program that is about to begin.
pub struct Heng {
    folder: PathBuf,
    args: Vec<String>,
    environment: Vec<(String, String)>,
    seconds: u64,
    mebibytes: u64,
}

impl Heng {
    pub fn new(folder: &Path, args: &[&str]) -> Heng {
        let environment = [("LANG", "zh_CN.UTF-8"), ("COLUMNS", "80")].map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Heng {
            folder: folder.to_owned(),
            args: args.iter().map(|arg| (*arg).to_owned()).collect(),
            environment,
            seconds: 60,
            mebibytes: 2048,
        }
    }

    pub fn env(mut self, name: &str, value: &str) -> Heng {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The most seconds that it may take; 60 if nothing is said.
    pub fn within(mut self, seconds: u64) -> Heng {
        self.seconds = seconds;
        self
    }

    /// The most address space that it may take, in MiB, where the system can hold it to that.
    pub fn memory(mut self, mebibytes: u64) -> Heng {
        self.mebibytes = mebibytes;
        self
    }

    fn command(&self) -> Command {
        let mut command = if cfg!(target_os = "linux") {
            let mut command = Command::new("sh");
            // The shell's own limit passes to what it becomes.
            command.args(["-c", "ulimit -v \"$1\" && shift && exec \"$@\"", "sh"]);
            command.arg((self.mebibytes * 1024).to_string()).arg(env!("CARGO_BIN_EXE_heng"));
            command
        } else {
            Command::new(env!("CARGO_BIN_EXE_heng"))
        };
        for name in ["LANG", "LC_ALL", "LC_MESSAGES", "NO_COLOR", "COLUMNS", "TERM", "TZ"] {
            command.env_remove(name);
        }
        command.args(&self.args).current_dir(&self.folder).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs it to its end.
    pub fn run(&self) -> Done {
        self.watch(None)
    }

    /// Runs it, reading only so many bytes of its standard output before closing the pipe.
    pub fn run_reading(&self, bytes: usize) -> Done {
        self.watch(Some(bytes))
    }

    fn watch(&self, most: Option<usize>) -> Done {
        let started = Instant::now();
        let mut child = self.command().spawn().unwrap();
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let reader = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            match most {
                Some(most) => {
                    bytes.resize(most, 0);
                    let count = out.read(&mut bytes).unwrap();
                    bytes.truncate(count);
                }
                None => {
                    out.read_to_end(&mut bytes).unwrap();
                }
            }
            bytes
        });
        let messages = std::thread::spawn(move || {
            let mut bytes = Vec::new();
            err.read_to_end(&mut bytes).unwrap();
            bytes
        });
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            if started.elapsed() > Duration::from_secs(self.seconds) {
                child.kill().unwrap();
                child.wait().unwrap();
                panic!("heng {:?} is not done after {} seconds", self.args, self.seconds);
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        let took = started.elapsed();
        let text =
            |bytes: Vec<u8>| String::from_utf8(bytes).unwrap_or_else(|_| panic!("heng {:?} writes something else than UTF-8", self.args));
        let (out, err) = (reader.join().unwrap(), text(messages.join().unwrap()));
        // A reader that stops early may stop within a character.
        let out = if most.is_some() { String::from_utf8_lossy(&out).into_owned() } else { text(out) };
        let said = format!("heng {:?}: {status}\n--- out\n{}\n--- err\n{}", self.args, head(&out), head(&err));
        for bad in ["panicked", "RUST_BACKTRACE", "overflowed its stack", "memory allocation"] {
            assert!(!err.contains(bad) && !out.contains(bad), "{said}");
        }
        let code = status.code().unwrap_or_else(|| panic!("ended by a signal: {said}"));
        // Nothing is coloured that nobody looks at.
        assert!(self.args.iter().any(|arg| arg.starts_with("--color")) || !out.contains('\u{1B}') && !err.contains('\u{1B}'), "{said}");
        Done { code, out, err, took, said }
    }
}

fn head(text: &str) -> String {
    let most = 4_000;
    if text.len() <= most {
        text.to_owned()
    } else {
        format!("{} … ({} bytes)", text.chars().take(most / 3).collect::<String>(), text.len())
    }
}

/// A run that is over.
pub struct Done {
    pub code: i32,
    pub out: String,
    pub err: String,
    pub took: Duration,
    said: String,
}

impl Done {
    /// That it ended with this exit code.
    #[track_caller]
    pub fn code(self, code: i32) -> Done {
        assert_eq!(self.code, code, "{}", self.said);
        self
    }

    /// That standard output holds all of these.
    #[track_caller]
    pub fn prints(self, texts: &[&str]) -> Done {
        for text in texts {
            assert!(self.out.contains(text), "`{text}` is not printed: {}", self.said);
        }
        self
    }

    /// That standard error holds all of these.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Done {
        for text in texts {
            assert!(self.err.contains(text), "`{text}` is not said: {}", self.said);
        }
        self
    }

    /// That neither holds any of these.
    #[track_caller]
    pub fn without(self, texts: &[&str]) -> Done {
        for text in texts {
            assert!(!self.out.contains(text) && !self.err.contains(text), "`{text}` should not be there: {}", self.said);
        }
        self
    }

    #[track_caller]
    pub fn prints_nothing(self) -> Done {
        assert!(self.out.is_empty(), "{}", self.said);
        self
    }

    #[track_caller]
    pub fn says_nothing(self) -> Done {
        assert!(self.err.is_empty(), "{}", self.said);
        self
    }

    /// That no line is wider than a terminal of `columns`.
    #[track_caller]
    pub fn fits(self, columns: usize) -> Done {
        for line in self.out.lines().chain(self.err.lines()) {
            assert!(line.width() <= columns, "{} columns: {line}\n{}", line.width(), self.said);
        }
        self
    }

    /// That it came to an end by itself, whatever it said: [`Heng::run`] has seen to that.
    #[track_caller]
    pub fn in_time(self) {
        assert!((0..=2).contains(&self.code), "{}", self.said);
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.said))
    }
}

/// The result table that a run writes, as records.
pub fn table(bytes: &str) -> Vec<Vec<String>> {
    let text = bytes.strip_prefix('\u{FEFF}').unwrap_or_else(|| panic!("there is no byte order mark"));
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect()
}

/// A text in UTF-16, little-endian, with its mark.
pub fn utf16(text: &str) -> Vec<u8> {
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    bytes
}

/// A text in GB18030.
pub fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}
