//! Many schools: 20,000 rows, and 100,000 with `HENG_BIG=1`, within bounded time and memory.

use crate::support::{Folder, Heng, repository, table};
use std::fmt::Write as _;

fn rows() -> usize {
    if std::env::var("HENG_BIG").is_ok_and(|big| big == "1") { 100_000 } else { 20_000 }
}

/// The five schools of the worked example again and again: the county is bigger, its difference coefficient is not.
#[test]
fn the_worked_example_many_times() {
    let rows = rows();
    let schools = [(45, 279, "6.20"), (37, 137, "3.70"), (89, 935, "10.51"), (76, 160, "2.11"), (55, 402, "7.31")];
    let mut data = String::from("school,students,books,printed_books_per_student\n");
    for at in 0..rows {
        let (students, books, printed) = schools[at % schools.len()];
        writeln!(data, "S{at:06},{students},{books},{printed}").unwrap();
    }
    let folder = Folder::with(&[("many.csv", &data)]);
    let (many, out) = (folder.at("many.csv"), folder.at("out.csv"));
    let args = ["run", "--data", many.to_str().unwrap(), "--out", out.to_str().unwrap()];
    let seconds = if rows > 20_000 { 300 } else { 60 };
    let done = Heng::new(&repository("examples/worked-example"), &args).within(seconds).memory(2048).run().code(0);
    eprintln!("{rows} schools: {:.1} s", done.took.as_secs_f64());
    done.prints(&["0.515257", "0.288377", "0.143630", "不均衡"]);
    let results = table(&folder.read("out.csv"));
    // The county's five indicators and its verdict, and two indicators of each school.
    assert_eq!(results.len(), 1 + 6 + 2 * rows);
}

/// One county's schools in many counties: every county comes out as the first.
#[test]
fn one_county_many_times() {
    let counties = rows() / 400;
    let example = std::fs::read_to_string(repository("examples/county/data/schools.csv")).unwrap();
    let mut lines = example.trim_start_matches('\u{FEFF}').lines();
    let mut data = format!("{}\n", lines.next().unwrap());
    let schools: Vec<Vec<&str>> = lines.take(20).map(|line| line.split(',').collect()).collect();
    for county in 0..counties {
        for (at, school) in schools.iter().enumerate() {
            let code = format!("{:06}{at:04}", 100_000 + county);
            writeln!(data, "{code},{},{:06},县{county},{}", school[1], 100_000 + county, school[4..].join(",")).unwrap();
        }
    }
    let folder = Folder::with(&[("many.csv", &data)]);
    let many = folder.at("many.csv");
    let args = ["run", "--data", many.to_str().unwrap(), "--format", "csv"];
    let done = Heng::new(&repository("examples/county"), &args).within(60).memory(2048).run().code(0);
    eprintln!("{} schools in {counties} counties: {:.1} s", counties * 20, done.took.as_secs_f64());
    let results = table(&done.out);
    let of = |key: &str| -> Vec<Vec<String>> {
        let own = |row: &&Vec<String>| row[1] == "县" && row[2] == key;
        // What is noted names schools, which are other ones in each county.
        results.iter().filter(own).map(|row| row[4..14].to_vec()).collect()
    };
    let first = of("100000");
    assert!(first.len() > 20 && first.iter().any(|row| row[0] == "V1.小学" && row[2] == "scored"), "{first:?}");
    for county in 1..counties {
        assert_eq!(of(&format!("{:06}", 100_000 + county)), first);
    }
}
