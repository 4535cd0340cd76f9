//! One thing wrong in a shipped rubric (变异测试): it is told, where it stands, once.
//!
//! Every rubric of `rules/` and `examples/` is changed in one place, about a hundred times (`HENG_CASES=100` makes it some five hundred): a name that there is not, a brace less, a bound the
//! other way round, another unit, points gone or changed, bands that overlap, a line gone or twice, a keyword misspelt, a quote less. What is surely
//! wrong then (`kinds` has a rule for each) must be told, at the statement that was changed, in at most two messages.
//!
//! `HENG_SEED` chooses other places, `HENG_CASES` how many of each kind a text, `HENG_SHOW=kind` prints what is missed, misplaced or told too often.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test stops at the first surprise")]

#[path = "mutations/bands.rs"]
mod bands;
#[path = "support/dice.rs"]
mod dice;
#[path = "mutations/kinds.rs"]
mod kinds;
#[path = "mutations/tokens.rs"]
mod tokens;

use bands::must;
use dice::{Dice, setting};
use heng::check::check;
use heng::data::{Region, library};
use heng::diag::{Code, Diagnostic, Diagnostics, Lang, Severity, place};
use heng::report::diagnostics::concise;
use heng::syntax::{Tree, parse};
use heng::text::{Span, Texts};
use kinds::Mutation;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tokens::Cut;

/// Of each kind, in percent: what must be told and is, what of it is told at its place, and what is told in at most two messages.
const FLOORS: &[(&str, [u32; 3])] = &[
    ("changed points", [100, 100, 98]),
    ("changed unit", [100, 100, 98]),
    ("deleted brace", [100, 99, 98]),
    ("deleted bracket", [100, 99, 98]),
    ("deleted line", [100, 98, 96]),
    ("doubled line", [99, 98, 96]),
    ("missing points", [100, 100, 90]),
    ("misspelt keyword", [100, 99, 98]),
    ("removed quote", [100, 99, 98]),
    ("shifted band", [100, 100, 98]),
    ("swapped bound", [100, 100, 96]),
    ("swapped range", [100, 100, 100]),
    ("wrong name", [100, 99, 98]),
];

/// The most messages that one mistake may cost.
const MOST: usize = 2;

/// A text with all that it speaks of.
struct World {
    texts: Vec<(String, String)>,
    trees: Vec<Tree>,
    /// Which of them is changed.
    changed: usize,
    /// What is told of it unchanged.
    before: Vec<(Code, Option<Span>)>,
}

impl World {
    /// `all`: the texts of a region or the library, of which only those are kept that the text reaches.
    fn new(all: &[(String, String)], path: &str) -> World {
        let names: Vec<Vec<&str>> = all
            .iter()
            .map(|(_, source)| {
                let item = |line| ["form ", "填报表 ", "rubric ", "评价体系 "].into_iter().find_map(|word| str::strip_prefix(line, word));
                source.lines().filter_map(item).filter_map(|rest| rest.split([' ', '{']).next()).collect()
            })
            .collect();
        let mut kept = vec![all.iter().position(|(other, _)| other == path).unwrap()];
        let mut next = 0;
        while let Some(at) = kept.get(next).copied() {
            next += 1;
            for (other, names) in names.iter().enumerate() {
                if !kept.contains(&other) && names.iter().any(|name| all[at].1.contains(name)) {
                    kept.push(other);
                }
            }
        }
        kept.sort_unstable();
        let texts: Vec<(String, String)> = kept.iter().map(|at| all[*at].clone()).collect();
        let changed = texts.iter().position(|(other, _)| other == path).unwrap();
        let mut world = World { texts, trees: Vec::new(), changed, before: Vec::new() };
        let mut read = Texts::new();
        world.trees = world.texts.iter().map(|(path, source)| parse(&read.add(path.as_str(), source.as_str())).0).collect();
        let (_, told) = check(&read, &world.trees);
        // Without the rubrics that speak of it, a form has fields that nothing uses.
        let idle = |what: &&Diagnostic| !matches!(what.code(), Code::H0207 | Code::H0208) && what.code().severity() != Severity::Note;
        assert_eq!(told.iter().filter(idle).count(), 0, "{path} is not clean:\n{}", concise(&read, &told, Lang::En));
        world.before = told.iter().map(|what| (what.code(), place(what.as_ref()))).collect();
        world
    }

    fn source(&self) -> &str {
        &self.texts[self.changed].1
    }

    /// All that is told with another text in the place of the one that is changed; notes do not count.
    fn told(&self, source: &str) -> (Texts, Diagnostics) {
        let mut texts = Texts::new();
        let mut changed = None;
        for (at, (path, own)) in self.texts.iter().enumerate() {
            let text = texts.add(path.as_str(), if at == self.changed { source } else { own.as_str() });
            changed = changed.or((at == self.changed).then_some(text));
        }
        let mut trees = self.trees.clone();
        let (tree, mut found) = parse(&changed.unwrap());
        trees[self.changed] = tree;
        let (_, told) = check(&texts, &trees);
        found.append(told);
        found.sort();
        found.retain(|what| what.code().severity() != Severity::Note && !self.before.contains(&(what.code(), place(what.as_ref()))));
        (texts, found)
    }
}

/// Every rubric text that is shipped, in its world.
fn worlds() -> Vec<World> {
    let library: Vec<(String, String)> = library().map(|(path, source)| (path.to_owned(), source.to_owned())).collect();
    let mut worlds: Vec<(Vec<(String, String)>, String)> = Vec::new();
    for (path, _) in library.iter().filter(|(path, _)| path.contains("/rules/")) {
        worlds.push((library.clone(), path.clone()));
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for example in ["california", "county", "overlay", "worked-example"] {
        let (texts, _) = Region::open(&root.join("examples").join(example)).unwrap().texts();
        let all: Vec<(String, String)> = texts.iter().map(|text| (text.path.to_string(), text.source.to_string())).collect();
        let own = all.iter().map(|(path, _)| path.clone()).filter(|path| path.starts_with("rules/"));
        worlds.extend(own.collect::<Vec<_>>().into_iter().map(|path| (all.clone(), path)));
    }
    worlds.into_par_iter().map(|(all, path)| World::new(&all, &path)).collect()
}

/// What came of the mutations of one kind.
#[derive(Clone, Copy, Default)]
struct Score {
    tried: usize,
    must: usize,
    told: usize,
    placed: usize,
    /// Of those that something is told of.
    any: usize,
    few: usize,
}

/// A place of the text before a change, in the text behind it.
fn moved(place: &Range<usize>, mutation: &Mutation) -> Range<usize> {
    let (removed, added) = (mutation.edit.len(), mutation.with.len());
    let end = |at: usize| if at >= mutation.edit.end { at - removed + added } else { at.min(mutation.edit.start) };
    let start = if place.start > mutation.edit.start { end(place.start) } else { place.start };
    start..end(place.end).max(start)
}

fn run(world: &World, mutation: &Mutation, show: bool) -> (&'static str, Score, Option<String>) {
    let mut source = world.source().to_owned();
    source.replace_range(mutation.edit.clone(), &mutation.with);
    let (texts, found) = world.told(&source);
    let must = must(mutation, &Cut::new(&source, &[]));
    let places: Vec<Range<usize>> = mutation.places.iter().map(|place| moved(place, mutation)).collect();
    let here = |span: Span| {
        let (start, end) = (span.start as usize, span.end as usize);
        let own = texts.get(span.text).is_some_and(|text| *text.source == *source);
        own && places.iter().any(|place| start <= place.end && place.start <= end)
    };
    let placed = found.iter().filter_map(|what| place(what.as_ref())).any(here);
    let told = !found.is_empty();
    let score = Score {
        tried: 1,
        must: usize::from(must),
        told: usize::from(must && told),
        placed: usize::from(must && told && placed),
        any: usize::from(told),
        few: usize::from(told && found.len() <= MOST),
    };
    let bad = must && !(told && placed) || found.len() > MOST;
    let shown = (show && bad).then(|| {
        let line = tokens::line_of(world.source(), mutation.edit.start);
        let why = if must && !told {
            "NOT TOLD"
        } else if must && !placed {
            "ELSEWHERE"
        } else {
            "TOO MANY"
        };
        let (path, number) = (&world.texts[world.changed].0, world.source()[..line.start].matches('\n').count() + 1);
        let changed = &world.source()[mutation.edit.clone()];
        let with = &mutation.with;
        format!(
            "{why} {}: {path}:{number}: {changed:?} -> {with:?} in {:?}\n{}",
            mutation.kind,
            &world.source()[line],
            concise(&texts, &found, Lang::En)
        )
    });
    (mutation.kind, score, shown)
}

#[test]
fn one_thing_wrong_is_told_where_it_stands_and_once() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 12));
    let show = std::env::var("HENG_SHOW").ok();
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let worlds = worlds();
    let mut chosen: Vec<(&World, Mutation)> = Vec::new();
    for (at, world) in worlds.iter().enumerate() {
        let scripts: Vec<Range<usize>> = world.trees[world.changed].scripts.iter().map(|span| span.range()).collect();
        let cut = Cut::new(world.source(), &scripts);
        let mut by_kind: BTreeMap<&str, Vec<Mutation>> = BTreeMap::new();
        for mutation in kinds::all(&cut) {
            by_kind.entry(mutation.kind).or_default().push(mutation);
        }
        let mut dice = Dice(seed.wrapping_add(at as u64));
        for mut all in by_kind.into_values() {
            for _ in 0..cases {
                if !all.is_empty() {
                    let place = dice.roll(all.len());
                    chosen.push((world, all.swap_remove(place)));
                }
            }
        }
    }
    let came: Vec<_> = chosen
        .par_iter()
        .map(|(world, mutation)| run(world, mutation, show.as_deref().is_some_and(|kind| kind == "all" || kind == mutation.kind)))
        .collect();
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for (kind, score, shown) in came {
        let sum = scores.entry(kind).or_default();
        sum.tried += score.tried;
        sum.must += score.must;
        sum.told += score.told;
        sum.placed += score.placed;
        sum.any += score.any;
        sum.few += score.few;
        if let Some(shown) = shown {
            println!("{shown}");
        }
    }
    println!("{:<18} {:>6} {:>6} {:>7} {:>7} {:>7}", "", "tried", "wrong", "told", "placed", "few");
    let percent = |part: usize, whole: usize| part as f64 * 100.0 / (whole.max(1) as f64);
    let mut slips = Vec::new();
    for (kind, floors) in FLOORS {
        let Some(score) = scores.get(kind) else {
            slips.push(format!("{kind}: none was tried"));
            continue;
        };
        let rates = [percent(score.told, score.must), percent(score.placed, score.told), percent(score.few, score.any)];
        let [told, placed, few] = rates;
        println!("{kind:<18} {:>6} {:>6} {told:>6.1}% {placed:>6.1}% {few:>6.1}%", score.tried, score.must);
        if rates.iter().zip(floors).any(|(rate, floor)| *rate < f64::from(*floor)) {
            slips.push(format!("{kind}: {told:.1} % told, {placed:.1} % at its place, {few:.1} % in few messages; at least {floors:?}"));
        }
    }
    let tried: usize = scores.values().map(|score| score.tried).sum();
    println!("{tried} mutations of {} texts", worlds.len());
    assert!(scores.keys().all(|kind| FLOORS.iter().any(|(known, _)| known == kind)), "a kind has no floor");
    assert!(slips.is_empty(), "{}", slips.join("\n"));
    assert!(tried >= 80 * worlds.len(), "only {tried} mutations of {} texts", worlds.len());
}

/// A count that cannot fall would prove nothing: a change that heng cannot see is found out.
#[test]
fn what_is_not_told_is_noticed() {
    let texts = vec![("a.heng".to_owned(), std::fs::read_to_string(clean()).unwrap())];
    let world = World::new(&texts, "a.heng");
    let at = world.source().find("依据").or_else(|| world.source().find("评价体系")).unwrap();
    let line = tokens::line_of(world.source(), at);
    let nothing =
        Mutation { kind: "wrong name", edit: line.end..line.end, with: " ".to_owned(), must: kinds::Must::Yes, places: vec![line] };
    let (_, score, shown) = run(&world, &nothing, true);
    assert_eq!((score.must, score.told, score.any), (1, 0, 0));
    assert!(shown.unwrap().starts_with("NOT TOLD"));
}

fn clean() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/clean/rubric_zh.heng")
}
