//! Where messages go (终端): standard output and standard error, and what is known of them.
//!
//! Results go to [`Terminal::out`], messages and progress to [`Terminal::err`]. A reader who stops reading is no error.
//! Not here: what is written.

use crate::diag::{Diagnostics, Lang};
use crate::report::diagnostics::{Look, full};
use crate::text::Texts;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::{Arc, Mutex};

/// Standard output and standard error of a run.
pub struct Terminal {
    /// The language of messages.
    pub lang: Lang,
    /// Who sits at it, as far as the environment says.
    pub user: String,
    out: Stream,
    err: Stream,
    width: usize,
}

impl std::fmt::Debug for Terminal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terminal").field("lang", &self.lang).field("width", &self.width).finish_non_exhaustive()
    }
}

struct Stream {
    to: Box<dyn Write + Send>,
    /// Whether a person looks at it.
    terminal: bool,
    color: bool,
    /// What went wrong with writing, after which nothing more is written.
    failed: Option<io::Error>,
}

impl Stream {
    fn new(to: impl Write + Send + 'static, terminal: bool) -> Stream {
        Stream { to: Box::new(to), terminal, color: terminal, failed: None }
    }

    fn write(&mut self, text: &[u8]) {
        if self.failed.is_none() {
            self.failed = self.to.write_all(text).err();
        }
    }

    fn flush(&mut self) {
        if self.failed.is_none() {
            self.failed = self.to.flush().err();
        }
    }

    /// What went wrong, unless it is only that nobody reads any more.
    fn trouble(&self) -> Option<&io::Error> {
        self.failed.as_ref().filter(|error| error.kind() != ErrorKind::BrokenPipe)
    }
}

struct Printing<'t>(&'t mut Stream);

impl Write for Printing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Terminal {
    /// That of this process.
    pub fn of_process() -> Terminal {
        let (out, err) = (io::stdout(), io::stderr());
        let (out_seen, err_seen) = (out.is_terminal(), err.is_terminal());
        let size = console::Term::stdout().size_checked().or_else(|| console::Term::stderr().size_checked());
        Terminal {
            lang: Lang::default(),
            user: String::new(),
            out: Stream::new(io::BufWriter::new(out), out_seen),
            err: Stream::new(err, err_seen),
            width: size.filter(|_| out_seen).map_or(80, |(_, columns)| usize::from(columns)),
        }
    }

    /// One that keeps what is written, for tests.
    pub fn captured() -> (Terminal, Captured, Captured) {
        let (out, err) = (Captured::default(), Captured::default());
        let (lang, user) = (Lang::default(), String::new());
        let terminal = Terminal { lang, user, out: Stream::new(out.clone(), false), err: Stream::new(err.clone(), false), width: 80 };
        (terminal, out, err)
    }

    /// Takes the language, and what the environment says of the user, colours (`NO_COLOR`, `TERM`) and width (`COLUMNS`).
    pub(super) fn settle(&mut self, lang: Lang, environment: &dyn Fn(&str) -> Option<String>) {
        self.lang = lang;
        self.user =
            ["USER", "USERNAME", "LOGNAME"].iter().find_map(|name| environment(name).filter(|user| !user.is_empty())).unwrap_or_default();
        let refused = environment("NO_COLOR").is_some_and(|value| !value.is_empty()) || environment("TERM").as_deref() == Some("dumb");
        if refused {
            self.out.color = false;
            self.err.color = false;
        }
        if let Some(columns) = environment("COLUMNS").and_then(|columns| columns.parse().ok()) {
            self.width = columns;
        }
        self.width = self.width.clamp(40, 200);
    }

    /// `--color always|never|auto`
    pub(super) fn force_color(&mut self, when: &str) {
        for stream in [&mut self.out, &mut self.err] {
            stream.color = match when {
                "always" => true,
                "never" => false,
                _ => stream.color,
            };
        }
    }

    /// Writes a result.
    pub fn out(&mut self, text: &str) {
        self.out.write(text.as_bytes());
    }

    /// Where a result goes that is written bit by bit. What goes wrong is told in the end.
    pub(super) fn printing(&mut self) -> impl Write + '_ {
        Printing(&mut self.out)
    }

    /// Writes a message, as a line of its own, in the language.
    pub fn say(&mut self, zh: impl Into<String>, en: impl Into<String>) {
        let line = format!("{}\n", self.lang.say(zh, en));
        self.err(&line);
    }

    /// Writes a message.
    pub fn err(&mut self, text: &str) {
        // What was written before is read before.
        self.out.flush();
        self.err.write(text.as_bytes());
    }

    /// Writes diagnostics as a message, not as the result.
    pub fn tell(&mut self, texts: &Texts, found: &Diagnostics) {
        let look = Look { color: self.err.color, width: self.width };
        self.err(&full(texts, found, self.lang, look));
    }

    /// How results are shown.
    pub fn look(&self) -> Look {
        Look { color: self.out.color, width: self.width }
    }

    /// A bar for `steps` steps of some work; hidden unless a person looks on. It clears itself when finished.
    pub fn progress(&self, steps: usize, zh: &str, en: &str) -> ProgressBar {
        let target = if self.err.terminal { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let bar = ProgressBar::with_draw_target(Some(u64::try_from(steps).unwrap_or(u64::MAX)), target);
        if let Ok(style) = ProgressStyle::with_template("{msg} {bar:32} {pos}/{len}") {
            bar.set_style(style);
        }
        bar.with_message(self.lang.say(zh, en))
    }

    /// Writes out what is left; gives back the exit code that this comes to.
    pub(super) fn finish(&mut self) -> u8 {
        self.out.flush();
        self.err.flush();
        let Some(error) = self.out.trouble().map(ToString::to_string) else {
            return super::DONE;
        };
        self.say(format!("结果没有写完: {error}"), format!("the result could not be written: {error}"));
        super::TROUBLE
    }
}

/// What was written to a captured terminal.
#[derive(Clone, Debug, Default)]
pub struct Captured(Arc<Mutex<Vec<u8>>>);

impl Captured {
    /// All of it, as text.
    pub fn text(&self) -> String {
        self.0.lock().map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }
}

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Ok(mut kept) = self.0.lock() {
            kept.extend_from_slice(bytes);
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Fails(ErrorKind);
    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(self.0.into())
        }
    }

    #[test]
    fn a_closed_pipe_is_no_trouble_but_a_full_disk_is() {
        for (kind, code) in [(ErrorKind::BrokenPipe, 0), (ErrorKind::StorageFull, 2)] {
            let (mut terminal, _, err) = Terminal::captured();
            terminal.out = Stream::new(Fails(kind), false);
            terminal.out("结果\n");
            assert_eq!(terminal.finish(), code);
            assert_eq!(err.text().is_empty(), code == 0);
        }
    }

    #[test]
    fn no_color_is_honoured() {
        let (mut terminal, ..) = Terminal::captured();
        terminal.out.color = true;
        terminal.settle(Lang::Zh, &|name| (name == "NO_COLOR").then(|| "1".to_owned()));
        assert!(!terminal.look().color);
        terminal.force_color("always");
        assert!(terminal.look().color);
    }
}
