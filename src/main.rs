fn main() {
    let mut texts = heng::text::Texts::new();
    let mut trees = Vec::new();
    let mut all = heng::diag::Diagnostics::new();
    for path in std::env::args().skip(1) {
        let text = texts.add(path.as_str(), std::fs::read_to_string(&path).unwrap());
        let (tree, found) = heng::syntax::parse(&text);
        trees.push(tree);
        all.append(found);
    }
    let (rules, found) = heng::check::check(&texts, &trees);
    all.append(found);
    println!("{} forms {} rubrics {} tests", rules.forms.len(), rules.rubrics.len(), rules.tests.len());
    for d in &all {
        let Some(span) = heng::diag::place(d.as_ref()) else { continue };
        let p = texts.position(span);
        println!("{}:{}:{}: {} {} | {:?}", texts.get(span.text).unwrap().path, p.line, p.column, d.code(), d.headline(heng::diag::Lang::Zh), d.help(heng::diag::Lang::Zh));
    }
}
