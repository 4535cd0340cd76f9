//! A region's folder (地区规则目录): where it is, what it says of itself, and the rule texts beneath it.
//!
//! Texts come sorted by path and are known by their paths in the folder, so that every machine reads the same rules in the same
//! order. Links are not followed: a text is read where it stands, once.
//! Not here: what the texts mean (`syntax`, `check`), data (`submissions`).

use super::file::{FileError, rule_text, shown};
use super::findings::Finding;
use super::library::add_library;
use super::settings::{SETTINGS_FILE, Settings};
use crate::diag::Diagnostics;
use crate::syntax::LARGEST_TEXT;
use crate::text::Texts;
use ignore::WalkBuilder;
use std::collections::HashSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// So much of a rule text is read, in bytes; `syntax` tells of one that is larger than it takes, but not by reading a film.
const MOST_READ: u64 = 4 * LARGEST_TEXT as u64;

/// A region's folder.
#[derive(Clone, Debug)]
pub struct Region {
    /// Where it is.
    pub folder: PathBuf,
    /// What its `heng.toml` says.
    pub settings: Settings,
    /// What is wrong with its `heng.toml` (H0904).
    pub found: Diagnostics,
}

impl Region {
    /// The region that `start` lies in: the nearest folder upwards that has a `heng.toml`, if there is one.
    ///
    /// # Errors
    /// H0901, if `start` does not exist or the settings cannot be read.
    pub fn find(start: &Path) -> Result<Option<Region>, FileError> {
        let start = start.canonicalize().map_err(|cause| FileError::new(start, cause))?;
        let folder = start.ancestors().find(|folder| folder.join(SETTINGS_FILE).is_file());
        folder.map(Region::open).transpose()
    }

    /// The region of a folder; without a `heng.toml` nothing is set.
    ///
    /// # Errors
    /// H0901, if the folder or its settings cannot be read.
    pub fn open(folder: &Path) -> Result<Region, FileError> {
        if !folder.is_dir() {
            let cause = std::fs::metadata(folder).err().unwrap_or_else(|| io::ErrorKind::NotADirectory.into());
            return Err(FileError::new(folder, cause));
        }
        let path = folder.join(SETTINGS_FILE);
        let region = |settings, found| Region { folder: folder.to_owned(), settings, found };
        let bytes = match read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == io::ErrorKind::NotFound => return Ok(region(Settings::default(), Diagnostics::new())),
            Err(cause) => return Err(FileError::new(&path, cause)),
        };
        let file: Arc<str> = SETTINGS_FILE.into();
        Ok(match rule_text(bytes) {
            Ok(text) => {
                let (settings, found) = Settings::parse(&file, &text);
                region(settings, found)
            }
            Err(why) => {
                let mut found = Diagnostics::new();
                found.push(Finding::rule_text(&file, why));
                region(Settings::default(), found)
            }
        })
    }

    /// A path of the settings, from where the program stands.
    pub fn path(&self, written: &Path) -> PathBuf {
        let path = self.folder.join(written);
        let here = std::env::current_dir().and_then(|here| here.canonicalize());
        here.ok().and_then(|here| path.strip_prefix(here).ok().map(Path::to_owned)).unwrap_or(path)
    }

    /// All `.heng` and `.rhai` texts beneath the folder, but for hidden folders, `target` and what `.gitignore` names; and what
    /// they reach of the built-in library.
    ///
    /// What cannot be read is told (H0113, H0901) and left out.
    pub fn texts(&self) -> (Texts, Diagnostics) {
        let mut loader = Loader::default();
        loader.folder(&self.folder, &self.folder);
        add_library(&mut loader.texts, &[]);
        (loader.texts, loader.found)
    }
}

/// The texts of files and folders that are named one by one, known by the paths they are named with. Without the library: see
/// [`add_library`].
///
/// A file that is named is read whatever its ending; a folder gives what [`Region::texts`] would. What cannot be read is told
/// (H0113, H0901) and left out; what is named twice is read once.
pub fn load_files<P: AsRef<Path>>(paths: &[P]) -> (Texts, Diagnostics) {
    let mut loader = Loader::default();
    for path in paths.iter().map(AsRef::as_ref) {
        if path.is_dir() { loader.folder(path, Path::new("")) } else { loader.file(path, &shown(path)) }
    }
    (loader.texts, loader.found)
}

#[derive(Default)]
struct Loader {
    texts: Texts,
    found: Diagnostics,
    seen: HashSet<PathBuf>,
}

impl Loader {
    /// Adds the texts beneath `folder`, known by their paths below `root`.
    fn folder(&mut self, folder: &Path, root: &Path) {
        // Only what lies with the rules decides what is read: no settings of the machine or the user.
        let walk = WalkBuilder::new(folder)
            .standard_filters(false)
            .hidden(true)
            .parents(true)
            .git_ignore(true)
            .require_git(false)
            .follow_links(false)
            .filter_entry(|entry| !(entry.file_name() == "target" && entry.file_type().is_some_and(|kind| kind.is_dir())))
            .build();
        let mut paths = Vec::new();
        for entry in walk {
            match entry {
                Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) && is_rule(entry.path()) => paths.push(entry.into_path()),
                Ok(_) => {}
                Err(error) => {
                    let text = error.to_string();
                    let cause = error.into_io_error().unwrap_or_else(|| io::Error::other(text));
                    self.found.push(FileError::new(folder, cause));
                }
            }
        }
        let mut paths: Vec<_> = paths.into_iter().map(|path| (shown(path.strip_prefix(root).unwrap_or(&path)), path)).collect();
        paths.sort();
        paths.iter().for_each(|(name, path)| self.file(path, name));
    }

    fn file(&mut self, path: &Path, name: &Arc<str>) {
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        if !self.seen.insert(canonical) {
            return;
        }
        match read(path).map(rule_text) {
            Ok(Ok(text)) => drop(self.texts.add(name.clone(), text)),
            Ok(Err(why)) => self.found.push(Finding::rule_text(name, why)),
            Err(cause) => self.found.push(FileError::new(Path::new(name.as_ref()), cause)),
        }
    }
}

fn is_rule(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending == "heng" || ending == "rhai")
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MOST_READ).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::diag::Lang;
    use std::fs::{create_dir_all, write};

    fn paths(texts: &Texts) -> Vec<&str> {
        texts.iter().map(|text| &*text.path).collect()
    }

    #[test]
    fn a_region_is_found_upwards_and_read_in_order() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in ["rules", "forms/x", ".git", "target", "out"] {
            create_dir_all(at(path)).unwrap();
        }
        write(at("heng.toml"), "name = '某县'\n").unwrap();
        write(at(".gitignore"), "out/\n").unwrap();
        write(at("rules/b.heng"), "\u{FEFF}unit 师\n").unwrap();
        for path in ["rules/a.rhai", "forms/x/z.heng", "forms/y.txt", ".git/h.heng", "target/t.heng", "out/o.heng"] {
            write(at(path), "").unwrap();
        }
        let region = Region::find(&at("forms/x")).unwrap().unwrap();
        assert_eq!(region.settings.name.as_deref(), Some("某县"));
        let (texts, found) = region.texts();
        assert!(found.is_empty());
        assert_eq!(paths(&texts), ["forms/x/z.heng", "rules/a.rhai", "rules/b.heng"]);
        assert_eq!(&*texts.iter().last().unwrap().source, "unit 师\n");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_not_followed() {
        let (folder, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        write(outside.path().join("x.heng"), "").unwrap();
        write(folder.path().join("a.heng"), "").unwrap();
        for (target, link) in [(folder.path(), "loop"), (outside.path(), "away"), (&outside.path().join("x.heng"), "x.heng")] {
            std::os::unix::fs::symlink(target, folder.path().join(link)).unwrap();
        }
        let (texts, found) = Region::open(folder.path()).unwrap().texts();
        assert_eq!((paths(&texts), found.len()), (vec!["a.heng"], 0));
    }

    #[test]
    fn what_is_no_utf8_is_told_and_the_rest_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (gbk, ..) = encoding_rs::GB18030.encode("填报表 学校 { }");
        write(folder.path().join("a.heng"), gbk).unwrap();
        write(folder.path().join("b.heng"), b"\xFF\xFEa\0").unwrap();
        write(folder.path().join("c.heng"), b"PK\x03\x04\0\0").unwrap();
        write(folder.path().join("d.heng"), "unit 师").unwrap();
        let (texts, found) = Region::open(folder.path()).unwrap().texts();
        assert_eq!(paths(&texts), ["d.heng"]);
        let told: Vec<_> = found.iter().map(|what| format!("{} {}", what.code(), what.headline(Lang::En))).collect();
        assert!(told.first().unwrap().starts_with("H0113 the rule text is not UTF-8 but probably GB18030"), "{told:?}");
        assert_eq!(told.len(), 3);
    }

    #[test]
    fn named_files_are_read_once_and_missing_ones_told() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.txt");
        write(&path, "unit 师").unwrap();
        let (texts, found) = load_files(&[path.clone(), path, folder.path().join("none.heng")]);
        assert_eq!(paths(&texts).len(), 1);
        assert_eq!(found.iter().map(|what| what.code().as_str()).collect::<Vec<_>>(), ["H0901"]);
        assert!(Region::open(&folder.path().join("none")).is_err());
    }
}
