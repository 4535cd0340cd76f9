//! One thing wrong in a shipped rubric (变异测试): it is told, where it stands, once.
//!
//! Every rubric of `rules/` and `examples/` is changed in one place, two hundred times or in every way there is (`HENG_CASES=100` makes it
//! some five hundred): a name that there is not, a brace less, a bound the other way round, another unit, points gone or changed, bands that overlap, a
//! line gone or twice, a keyword misspelt, a quote less. Every tenth change is read in its whole text, the others in the text of the item
//! that they lie in, with all that speaks of it or that it speaks of. What is surely wrong then (`kinds` has a rule for each) must be told, at the statement that was changed, in at most two messages.
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
#[path = "mutations/world.rs"]
mod world;

use bands::must;
use dice::{Dice, setting};
use heng::data::{Region, library};
use heng::diag::{Lang, place};
use heng::report::diagnostics::concise;
use kinds::{Must, Mutation};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use tokens::Cut;
use world::{Anew, Shelf, World};

/// Of each kind, in percent: what must be told and is, what of it is told at its place, and what is told in at most two messages.
const FLOORS: &[(&str, [u32; 3])] = &[
    ("changed points", [100, 100, 100]),
    ("changed unit", [100, 100, 100]),
    ("deleted brace", [100, 100, 99]),
    ("deleted bracket", [100, 100, 100]),
    ("deleted line", [100, 100, 97]),
    ("doubled line", [100, 100, 99]),
    ("missing points", [100, 100, 95]),
    ("misspelt keyword", [100, 100, 99]),
    ("removed quote", [100, 100, 99]),
    ("shifted band", [100, 100, 100]),
    ("swapped bound", [100, 100, 100]),
    ("swapped range", [100, 100, 100]),
    ("wrong name", [100, 100, 99]),
];

/// The most messages that one mistake may cost.
const MOST: usize = 2;

/// Of so many mutations of a kind one is read in its whole text, where it may reach what follows; to read an item alone takes half as long.
const WHOLE: u64 = 10;

/// So many mutations each text has at least, or all that there are of it.
const LEAST: usize = 200;

/// Every rubric text that is shipped, in its world.
fn worlds() -> Vec<World> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut shelves: Vec<(Vec<(String, String)>, &str)> =
        vec![(library().map(|(path, source)| (path.to_owned(), source.to_owned())).collect(), "national/rules/")];
    for example in ["california", "county", "overlay", "worked-example"] {
        let (texts, _) = Region::open(&root.join("examples").join(example)).unwrap().texts();
        shelves.push((texts.iter().map(|text| (text.path.to_string(), text.source.to_string())).collect(), "rules/"));
    }
    let worlds = shelves.into_par_iter().flat_map(|(all, folder)| {
        let shelf = Shelf::new(&all);
        let own = all.into_par_iter().map(|(path, _)| path).filter(|path| path.starts_with(folder));
        own.map(|path| World::new(&shelf, &path)).collect::<Vec<_>>()
    });
    worlds.collect()
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

fn run(world: &World, mutation: &Mutation, anew: Anew, show: bool) -> (&'static str, Score, Option<String>) {
    let mut source = world.source.clone();
    source.replace_range(mutation.edit.clone(), &mutation.with);
    let told = world.told(&source, anew);
    let found = &told.found;
    let must = match mutation.must {
        Must::Yes => true,
        Must::No => false,
        Must::Bands(_) | Must::Grades(_) => must(mutation, &Cut::new(&source, &[])),
    };
    let places: Vec<Range<usize>> = mutation.places.iter().map(|place| moved(place, mutation)).collect();
    let here = |span| told.here(span).is_some_and(|at| places.iter().any(|place| at.start <= place.end && place.start <= at.end));
    let placed = found.iter().filter_map(|what| place(what.as_ref())).any(here);
    let is_told = !found.is_empty();
    let score = Score {
        tried: 1,
        must: usize::from(must),
        told: usize::from(must && is_told),
        placed: usize::from(must && is_told && placed),
        any: usize::from(is_told),
        few: usize::from(is_told && found.len() <= MOST),
    };
    let bad = must && !(is_told && placed) || found.len() > MOST;
    let shown = (show && bad).then(|| {
        let line = tokens::line_of(&world.source, mutation.edit.start);
        let why = if must && !is_told {
            "NOT TOLD"
        } else if must && !placed {
            "ELSEWHERE"
        } else {
            "TOO MANY"
        };
        let (path, number) = (&world.path, world.source[..line.start].matches('\n').count() + 1);
        let changed = &world.source[mutation.edit.clone()];
        let with = &mutation.with;
        format!(
            "{why} {}: {path}:{number}: {changed:?} -> {with:?} in {:?}\n{}",
            mutation.kind,
            &world.source[line],
            concise(&told.texts, found, Lang::En)
        )
    });
    (mutation.kind, score, shown)
}

#[test]
fn one_thing_wrong_is_told_where_it_stands_and_once() {
    let (seed, cases) = (setting("HENG_SEED", 20_240_901), setting("HENG_CASES", 20));
    let show = std::env::var("HENG_SHOW").ok();
    println!("HENG_SEED={seed} HENG_CASES={cases}");
    let worlds = worlds();
    let chosen = worlds.par_iter().enumerate().flat_map_iter(|(at, world)| {
        let cut = Cut::new(&world.source, &world.scripts());
        let mut by_kind: BTreeMap<&str, Vec<Mutation>> = BTreeMap::new();
        for mutation in kinds::all(&cut) {
            by_kind.entry(mutation.kind).or_default().push(mutation);
        }
        let mut dice = Dice(seed.wrapping_add(at as u64));
        let mut chosen = Vec::new();
        let least = least(cases).min(by_kind.values().map(Vec::len).sum());
        // So many of each kind; then, in turn, one more of each that has any left.
        for case in 0.. {
            if case >= cases && chosen.len() >= least {
                break;
            }
            for all in by_kind.values_mut().filter(|all| !all.is_empty()) {
                let mutation = all.swap_remove(dice.roll(all.len()));
                let anew = if case % WHOLE == 0 { Anew::Whole } else { world.item_of(&mutation.edit) };
                chosen.push((world, mutation, anew));
            }
        }
        assert!(chosen.len() >= least, "{}: only {} mutations", world.path, chosen.len());
        chosen
    });
    let chosen: Vec<_> = chosen.collect();
    let of = |world: &World| chosen.iter().filter(|(other, ..)| std::ptr::eq(*other, world)).count();
    let fewest = worlds.iter().map(of).min().unwrap();
    let shows = |kind: &str| show.as_deref().is_some_and(|wanted| wanted == "all" || wanted == kind);
    let came: Vec<_> = chosen.par_iter().map(|(world, mutation, anew)| run(world, mutation, *anew, shows(mutation.kind))).collect();
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
    println!("{tried} mutations of {} texts, at least {fewest} of each", worlds.len());
    assert!(scores.keys().all(|kind| FLOORS.iter().any(|(known, _)| known == kind)), "a kind has no floor");
    assert!(slips.is_empty(), "{}", slips.join("\n"));
    assert!(tried >= least(cases) * worlds.len() * 9 / 10, "only {tried} mutations of {} texts", worlds.len());
}

/// How many mutations of a text; of a short run fewer.
fn least(cases: u64) -> usize {
    usize::try_from(cases * 10).unwrap().min(LEAST)
}

/// A count that cannot fall would prove nothing: a change that heng cannot see is found out.
#[test]
fn what_is_not_told_is_noticed() {
    let texts = vec![("a.heng".to_owned(), std::fs::read_to_string(clean()).unwrap())];
    let world = World::new(&Shelf::new(&texts), "a.heng");
    let at = world.source.find("依据").or_else(|| world.source.find("评价体系")).unwrap();
    let line = tokens::line_of(&world.source, at);
    let nothing =
        Mutation { kind: "wrong name", edit: line.end..line.end, with: " ".to_owned(), must: kinds::Must::Yes, places: vec![line] };
    let (_, score, shown) = run(&world, &nothing, Anew::Whole, true);
    assert_eq!((score.must, score.told, score.any), (1, 0, 0));
    assert!(shown.unwrap().starts_with("NOT TOLD"));
}

fn clean() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/clean/rubric_zh.heng")
}
