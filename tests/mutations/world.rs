//! A text with all that it speaks of (一个文本和它所说到的): read once, and then only what is changed in it.

use heng::check::check;
use heng::diag::{Code, Diagnostic, Diagnostics, Lang, Severity, place};
use heng::report::diagnostics::concise;
use heng::syntax::tree::Item;
use heng::syntax::{Tree, parse};
use heng::text::{Span, Text, TextId, Texts};
use rayon::prelude::*;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// What stands in a rubric text where something new begins.
const ITEMS: &[&str] = &["form ", "填报表 ", "rubric ", "评价体系 ", "test ", "测试 ", "unit ", "单位 ", "param ", "参数 "];
const NAMED: &[&str] = &["form ", "填报表 ", "rubric ", "评价体系 "];
const TESTS: &[&str] = &["test ", "测试 "];

/// The texts of a region or the library, read.
pub struct Shelf {
    texts: Texts,
    pieces: Vec<Piece>,
}

impl Shelf {
    pub fn new(all: &[(String, String)]) -> Shelf {
        let mut texts = Texts::new();
        let added: Vec<Text> = all.iter().map(|(path, source)| texts.add(path.as_str(), source.as_str())).collect();
        let pieces = added.into_par_iter().map(|text| {
            let mut piece = Piece::new(&text, None);
            // What they test has nothing to do with a text that speaks of them.
            piece.tree.items.retain(|item| !matches!(item, Item::Test(_)));
            piece
        });
        Shelf { pieces: pieces.collect(), texts }
    }
}

/// A text, or an item of the one that is changed.
#[derive(Clone)]
struct Piece {
    /// Of the own text, where it stands there.
    own: Option<Range<usize>>,
    source: Arc<str>,
    /// The forms and rubrics in it.
    names: Vec<String>,
    tree: Tree,
}

impl Piece {
    fn new(text: &Text, own: Option<Range<usize>>) -> Piece {
        Piece { own, source: text.source.clone(), names: names(&text.source), tree: parse(text).0 }
    }

    fn speaks_of(&self, other: &Piece) -> bool {
        other.names.iter().any(|name| self.source.contains(name))
    }

    /// Units and parameters, which anybody may use.
    fn for_all(&self) -> bool {
        self.names.is_empty() && !self.source.lines().any(|line| TESTS.iter().any(|word| line.starts_with(word)))
    }
}

/// How much is read anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anew {
    /// The whole text.
    Whole,
    /// One item of it, by its place, with those that it speaks of and that speak of it.
    Item(usize),
}

impl Anew {
    /// Its place among what is found out once.
    fn place(self) -> usize {
        match self {
            Anew::Whole => 0,
            Anew::Item(item) => item + 1,
        }
    }
}

type Known = Vec<(Code, Option<Span>)>;

/// A text with all that it speaks of.
pub struct World {
    pub path: String,
    pub source: String,
    /// The items of the own text, then the other texts.
    pieces: Vec<Piece>,
    texts: Texts,
    /// What is there beside the whole, then beside each item, where that is read anew.
    beside: Vec<OnceLock<Vec<usize>>>,
    /// What is told of it unchanged, in the same order.
    before: Vec<OnceLock<Known>>,
}

/// What is told of a text that was changed.
pub struct Told {
    pub texts: Texts,
    pub found: Diagnostics,
    /// Where the pieces of the own text begin in it.
    own: Vec<(TextId, usize)>,
}

impl Told {
    /// A place in the own text, as bytes of it.
    pub fn here(&self, span: Span) -> Option<Range<usize>> {
        let (_, start) = self.own.iter().find(|(text, _)| *text == span.text)?;
        Some(span.start as usize + start..span.end as usize + start)
    }
}

/// Where the items of a text begin and end, each with the comments above it; what stands before the first belongs to it.
fn items(source: &str) -> Vec<Range<usize>> {
    let (mut starts, mut byte, mut comments) = (Vec::new(), 0, None);
    for line in source.split_inclusive('\n') {
        if ITEMS.iter().any(|word| line.starts_with(word)) {
            starts.push(comments.unwrap_or(byte));
        }
        comments = line.starts_with("//").then(|| comments.unwrap_or(byte));
        byte += line.len();
    }
    if let Some(first) = starts.first_mut() {
        *first = 0;
    }
    let ends = starts.iter().skip(1).copied().chain([source.len()]);
    starts.iter().copied().zip(ends).map(|(start, end)| start..end).collect()
}

fn names(source: &str) -> Vec<String> {
    let named = |line: &str| NAMED.iter().find_map(|word| line.strip_prefix(word)).map(str::to_owned);
    let first = |rest: String| rest.split([' ', '{']).next().unwrap_or_default().to_owned();
    source.lines().filter_map(named).map(first).collect()
}

impl World {
    /// Of the texts on a shelf only those are kept that this one reaches.
    pub fn new(shelf: &Shelf, path: &str) -> World {
        let mut texts = shelf.texts.clone();
        let whole = texts.iter().find(|text| *text.path == *path).unwrap().clone();
        let source = whole.source.to_string();
        let own = items(&source).into_iter().map(|item| Piece::new(&texts.add(path, &source[item.clone()]), Some(item)));
        let mut pieces: Vec<Piece> = own.collect();
        let mut waiting: Vec<&Piece> = shelf.pieces.iter().filter(|piece| piece.tree.text != whole.id).collect();
        let mut next = 0;
        while next < pieces.len() {
            let (reached, rest): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|other| pieces[next].speaks_of(other));
            pieces.extend(reached.into_iter().cloned());
            (waiting, next) = (rest, next + 1);
        }
        let beside = (0..=pieces.len()).map(|_| OnceLock::new()).collect();
        let before = (0..=pieces.len()).map(|_| OnceLock::new()).collect();
        let world = World { path: path.to_owned(), source, pieces, texts, beside, before };
        // Without the rubrics that speak of it, a form has fields that nothing uses.
        let told = world.read(&world.source, Anew::Whole, 0);
        let idle = |what: &&Diagnostic| !matches!(what.code(), Code::H0207 | Code::H0208) && what.code().severity() != Severity::Note;
        assert_eq!(told.found.iter().filter(idle).count(), 0, "{path} is not clean:\n{}", concise(&told.texts, &told.found, Lang::En));
        world
    }

    /// The scripts of the text.
    pub fn scripts(&self) -> Vec<Range<usize>> {
        let own = self.pieces.iter().filter_map(|piece| Some((piece.own.as_ref()?.start, &piece.tree.scripts)));
        own.flat_map(|(start, scripts)| scripts.iter().map(move |span| span.start as usize + start..span.end as usize + start)).collect()
    }

    /// What has to be read anew where some bytes change: an item if they lie in one.
    pub fn item_of(&self, edit: &Range<usize>) -> Anew {
        let holds = |own: &Range<usize>| own.start < edit.start && edit.end < own.end;
        self.pieces.iter().position(|piece| piece.own.as_ref().is_some_and(holds)).map_or(Anew::Whole, Anew::Item)
    }

    /// The pieces that are there beside what is read anew.
    fn beside(&self, anew: Anew) -> Vec<usize> {
        let Anew::Item(item) = anew else { return (0..self.pieces.len()).filter(|at| self.pieces[*at].own.is_none()).collect() };
        let mut kept = vec![item];
        let reach = |next: usize, kept: &mut Vec<usize>, speaks: &dyn Fn(&Piece, &Piece) -> bool| {
            let more = (0..self.pieces.len()).filter(|at| !kept.contains(at) && speaks(&self.pieces[next], &self.pieces[*at]));
            let more: Vec<usize> = more.collect();
            kept.extend(more);
        };
        let mut next = 0;
        while let Some(at) = kept.get(next).copied() {
            reach(at, &mut kept, &|this, other| other.own.is_some() && other.speaks_of(this));
            next += 1;
        }
        next = 0;
        while let Some(at) = kept.get(next).copied() {
            reach(at, &mut kept, &|this, other| other.for_all() || this.speaks_of(other));
            next += 1;
        }
        kept.retain(|at| *at != item);
        kept.sort_unstable();
        kept
    }

    /// Reads the text anew, which is longer by `more` bytes.
    fn read(&self, source: &str, anew: Anew, more: isize) -> Told {
        let mut texts = self.texts.clone();
        let own = match anew {
            Anew::Whole => 0..source.len(),
            Anew::Item(item) => {
                let before = self.pieces[item].own.clone().unwrap();
                before.start..before.end.saturating_add_signed(more)
            }
        };
        let changed = texts.add(self.path.as_str(), &source[own.clone()]);
        let (tree, mut found) = parse(&changed);
        let mut places = vec![(changed.id, own.start)];
        let mut trees = vec![tree];
        for piece in self.beside[anew.place()].get_or_init(|| self.beside(anew)).iter().map(|at| &self.pieces[*at]) {
            if let Some(place) = &piece.own {
                places.push((piece.tree.text, if place.start < own.start { place.start } else { place.start.saturating_add_signed(more) }));
            }
            trees.push(piece.tree.clone());
        }
        trees.sort_by_key(|tree| tree.text);
        let (_, told) = check(&texts, &trees);
        found.append(told);
        found.sort();
        Told { texts, found, own: places }
    }

    /// All that is told with another text in the place of the one that is changed; notes do not count, nor what is told anyway.
    pub fn told(&self, source: &str, anew: Anew) -> Told {
        let more = isize::try_from(source.len()).unwrap() - isize::try_from(self.source.len()).unwrap();
        let mut told = self.read(source, anew, more);
        let before = self.before[anew.place()].get_or_init(|| {
            let told = self.read(&self.source, anew, 0);
            told.found.iter().map(|what| (what.code(), place(what.as_ref()))).collect()
        });
        told.found.retain(|what| what.code().severity() != Severity::Note && !before.contains(&(what.code(), place(what.as_ref()))));
        told
    }
}
