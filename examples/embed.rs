//! The engine inside another program: `cargo run --example embed`, from the repository root.

use heng::{Date, Engine, Lang, Options, Tracing, report};
use std::{error::Error, path::Path};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("examples/worked-example");
    let engine = Engine::open(folder)?;
    if engine.errors() > 0 {
        return Err(engine.told().into());
    }
    let rubric = engine.rubric("图书校际差异").ok_or("no such rubric")?;
    let files = [folder.join("data/schools.csv")];
    let (schools, found, _) = engine.read(rubric, &files, &Options::default()).ok_or("it reads no form")?;
    println!("{} schools, {} mistakes in the data", schools.len(), found.errors());

    let day = Date::from_ymd_opt(2024, 12, 31).ok_or("no such day")?;
    let results = engine.evaluate(rubric, &schools, day, Tracing::All).ok_or("not evaluated")?;
    print!("{}", report::summary(&engine.explained(&schools, &results, Lang::En).ok_or("no rubric")?, 80));
    let why = engine.explain(&schools, &results, "全县", Lang::En).ok_or("no such county")?;
    let coefficient: Vec<_> = why.into_iter().filter(|step| step.name.starts_with("CV")).collect();
    print!("\n{}", report::derivations(&coefficient, Lang::En, 100));
    Ok(())
}
