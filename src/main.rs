fn main() {
    let mut texts = heng::text::Texts::new();
    let path = std::env::args().nth(1).unwrap();
    let text = texts.add(path.as_str(), std::fs::read_to_string(&path).unwrap());
    let (tree, found) = heng::syntax::parse(&text);
    println!("{:#?}", tree.items.len());
    for d in &found {
        let p = texts.position(heng::diag::place(d.as_ref()).unwrap());
        println!("{}:{}: {} {} | {:?}", p.line, p.column, d.code(), d.headline(heng::diag::Lang::Zh), d.help(heng::diag::Lang::Zh));
    }
}
