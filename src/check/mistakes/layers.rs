//! Layers (分层): what one may not change in the rubric that it extends (H022x).

use crate::diag::{Code, Diagnostic, Label, Lang, Mistake, Say};
use crate::number::Exact;
use crate::text::{At, Name, Span};

/// A place in a layer, with the name of that layer and what it says there.
#[derive(Clone, Debug)]
pub(in crate::check) struct Line {
    pub layer: Name,
    pub at: Span,
    pub says: String,
}

impl Line {
    fn own(&self) -> (String, String) {
        let Line { layer, says, .. } = self;
        (format!("本层 `{layer}`: {says}"), format!("this layer, `{layer}`: {says}"))
    }

    fn upper(&self) -> (String, String) {
        let Line { layer, says, .. } = self;
        (format!("上层 `{layer}`: {says}，以此为准"), format!("the layer above, `{layer}`: {says}, which holds"))
    }
}

fn lines(mistake: Mistake, own: &Line, upper: &Line) -> Mistake {
    let ((zh, en), (upper_zh, upper_en)) = (own.own(), upper.upper());
    mistake.here(own.at, zh, en).there(upper.at, upper_zh, upper_en)
}

/// A layer asks for less than the one above it.
pub(in crate::check) fn loosened(what: &str, own: &Line, upper: &Line) -> Mistake {
    let mistake = Mistake::new(
        Code::H0220,
        format!("`{what}` 比上层放宽了，下层只能收紧"),
        format!("`{what}` asks for less than the layer above: a layer can only tighten"),
    );
    let says = &upper.says;
    lines(mistake, own, upper)
        .help(format!("写 `{says}` 或更严的，或删去这一处"), format!("write `{says}` or something stricter, or delete this"))
}

/// It cannot be told whether a layer asks for no less than the one above it.
pub(in crate::check) fn undecided(what: &str, own: &Line, upper: &Line) -> Mistake {
    let mistake = Mistake::new(
        Code::H0221,
        format!("无法判定 `{what}` 是否不低于上层"),
        format!("whether `{what}` is as strict as the layer above cannot be decided"),
    );
    lines(mistake, own, upper).help(
        "用与上层相同的比较方向和写定的数; 结论的条件照抄上层，只改其中的数或用 `且` 添条件",
        "compare in the same direction with fixed numbers; of a conclusion keep the condition, change its numbers or add to it with `and`",
    )
}

/// A layer touches what the one above it has locked, or loosens what may only become stricter.
pub(in crate::check) fn guarded(what: &str, at: Span, (guard, locked): (Span, bool), layer: &Name) -> Mistake {
    let mistake = match locked {
        true => Mistake::new(Code::H0222, format!("`{what}` 已锁定，下层不能改动"), format!("`{what}` is locked: no layer may touch it")),
        false => Mistake::new(
            Code::H0222,
            format!("`{what}` 只许从严，不能这样改"),
            format!("`{what}` may only be made stricter, and not be changed in this way"),
        ),
    };
    let mistake = mistake.here(at, "本层在这里改它", "this layer changes it here").there(
        guard,
        format!("上层 `{layer}` 在这里规定，以此为准"),
        format!("the layer above, `{layer}`, says so here, which holds"),
    );
    match locked {
        true => mistake.help("删去这一处", "delete this"),
        false => mistake.help(format!("写 `收紧 {what} …`，或删去这一处"), format!("write `tighten {what} …`, or delete this")),
    }
}

/// A layer changes, by way of something else, what may only become stricter.
pub(in crate::check) fn reached(what: &str, at: Span, (guard, locked): (Span, bool), layer: &Name) -> Mistake {
    let zh = if locked { "已锁定" } else { "只许从严" };
    let en = if locked { "locked" } else { "only to be made stricter" };
    Mistake::new(
        Code::H0222,
        format!("这一层间接改动了{zh}的 `{what}`"),
        format!("this layer changes `{what}`, which is {en}, by way of something else"),
    )
    .here(at, "它用到的指标或数据在这一层里变了", "what it rests on is another in this layer")
    .there(guard, format!("上层 `{layer}` 在这里规定，以此为准"), format!("the layer above, `{layer}`, says so here, which holds"))
    .help(
        "保持它用到的指标不变 (例外也不能放宽)，另增指标",
        "leave what it rests on as it is, exceptions included, and add an indicator of your own",
    )
}

/// A statement about the whole rubric would change what is locked or may only become stricter.
pub(in crate::check) fn frozen(zh: &str, en: &str, at: Span, guard: Span, layer: &Name) -> Mistake {
    Mistake::new(
        Code::H0222,
        format!("上层有锁定或只许从严的内容，下层不能改 `{zh}`"),
        format!("the layer above guards some of its content, so a layer cannot change `{en}`"),
    )
    .here(at, "改了它，受保护的结果也会变", "with this the guarded results would change, too")
    .there(guard, format!("上层 `{layer}` 在这里规定，以此为准"), format!("the layer above, `{layer}`, says so here, which holds"))
    .help("删去这一处", "delete this")
}

/// A layer lifts the total that a guarded verdict goes by, beside what the items earn.
pub(in crate::check) fn lifts(code: &Name, at: Span, (guard, locked): (Span, bool), layer: &Name) -> Mistake {
    let (zh, en) = if locked { ("已锁定", "locked") } else { ("只许从严", "only to be made stricter") };
    Mistake::new(
        Code::H0222,
        format!("总分评定的结果{zh}，而 `{code}` 可能使总分变高"),
        format!("what the total leads to is {en}, and with `{code}` the total may be higher"),
    )
    .here(
        at,
        "本层增加、提高或改写了加分，或减少、改写了扣减",
        "this layer adds, raises or rewrites a bonus, or lessens or rewrites a penalty",
    )
    .there(guard, format!("上层 `{layer}` 在这里规定，以此为准"), format!("the layer above, `{layer}`, says so here, which holds"))
    .help("加分和扣减照上层，删去这一处", "leave bonuses and penalties as they are above, and delete this")
}

/// A layer's statement where nothing is extended.
pub(in crate::check) fn no_layer(at: Span, name: &Name) -> Mistake {
    Mistake::new(
        Code::H0223,
        "这种语句只能写在继承别的评价体系的一层里",
        "this statement belongs into a layer, a rubric that extends another",
    )
    .here(at, format!("`{name}` 没有写继承哪个评价体系"), format!("`{name}` does not say what it extends"))
    .help(format!("写 `评价体系 {name} 继承 … {{`"), format!("write `rubric {name} extends … {{`"))
}

/// An indicator in a layer that does not say that it is added.
pub(in crate::check) fn not_added(code: &Name, at: Span) -> Mistake {
    Mistake::new(
        Code::H0223,
        format!("这一层里的 `{code}` 没有写明是增加还是替换"),
        format!("this layer does not say whether `{code}` is added or replaces another"),
    )
    .here(at, "这里", "here")
    .help(
        format!("新的写 `增加 指标 {code} …`; 换掉上层的写 `替换 {code} …`"),
        format!("write `add indicator {code} …`, or `replace {code} …` for the one above"),
    )
}

/// There is no target to tighten, or no verdict of that kind.
pub(in crate::check) fn nothing_to_tighten(code: &str, at: Span, upper: Span) -> Mistake {
    Mistake::new(Code::H0223, format!("上层的 `{code}` 没有可以收紧的内容"), format!("`{code}` has nothing to tighten in the layer above"))
        .here(at, "这里收紧", "tightened here")
        .there(upper, "上层在这里", "the layer above")
        .help(
            "只有目标、等级和结论可以收紧; 别的用 `替换`",
            "only targets, grades and conclusions are tightened; for the rest use `replace`",
        )
}

/// New points, where the marks of the score are written as points.
pub(in crate::check) fn marks_stay(code: &Name, at: Span, way: Span, best: &Exact, points: &Exact) -> Mistake {
    Mistake::new(
        Code::H0223,
        format!("`{code}` 的分值改成 {points}，而各档写的分数最高仍是 {best}"),
        format!("`{code}` now has {points} points, and the best of its marks is still {best}"),
    )
    .here(at, "这里改了分值", "the points are changed here")
    .there(way, "上层的计分", "the score in the layer above")
    .help(format!("用 `替换 {code} {{ … }}` 重写计分"), format!("write the score anew with `replace {code} {{ … }}`"))
}

/// A source by another short name.
pub(in crate::check) fn other_alias(own: &At<Name>, upper: &At<Name>) -> Mistake {
    Mistake::new(
        Code::H0223,
        format!("上层的式子里写的是 `{}`，这里却简称 `{}`", upper.it, own.it),
        format!("the layer above speaks of `{}`, and this one calls it `{}`", upper.it, own.it),
    )
    .here(own.span, "这里的简称", "the short name here")
    .there(upper.span, "上层的简称", "the short name above")
    .help(format!("写 `简称 {}`", upper.it), format!("write `as {}`", upper.it))
}

/// The parts of a split indicator do not have its points.
pub(in crate::check) fn split_sum(code: &Name, (whole, upper): (&Exact, Span), at: Span, parts: &[(String, Exact)]) -> Mistake {
    let found: Exact = parts.iter().map(|(_, points)| points.clone()).sum();
    let list = parts.iter().map(|(code, points)| format!("{code} {points}")).collect::<Vec<_>>().join(" + ");
    Mistake::new(
        Code::H0401,
        format!("`{code}` 的分值是 {whole}，拆成的各项加起来是 {found}"),
        format!("`{code}` has {whole} points, what it is split into adds up to {found}"),
    )
    .here(at, list.clone(), list)
    .there(upper, format!("上层的分值 {whole}，以此为准"), format!("{whole} points in the layer above, which hold"))
    .help("改各项的分值", "change the points of the parts")
}

/// A path to a text that a layer may not be built upon.
pub(in crate::check) fn refused(path: &At<String>, why_zh: &str, why_en: &str) -> Mistake {
    Mistake::new(Code::H0224, format!("不能继承 `{}`: {why_zh}", path.it), format!("cannot extend `{}`: {why_en}", path.it))
        .here(path.span, "这里", "here")
        .help(
            "只能继承本地区文件夹里的文件 (从本文件所在的文件夹写起) 和内置的 `national/…`",
            "a layer extends texts of the region's folder, named from the folder of this text, and the built-in `national/…` only",
        )
}

/// Layers that extend each other.
pub(in crate::check) fn cycle(names: &[String], at: Span) -> Mistake {
    let path = names.join(" → ");
    Mistake::new(Code::H0209, format!("互相继承: {path}"), format!("these extend each other: {path}"))
        .here(at, "从这里开始", "beginning here")
        .help("最上面的一层不继承任何体系", "the uppermost layer extends nothing")
}

/// What is wrong with the text of another layer, once this one lies upon it.
#[derive(Debug)]
pub(in crate::check) struct InLayer {
    pub inner: Diagnostic,
    pub layer: At<Name>,
}

impl Say for InLayer {
    fn code(&self) -> Code {
        self.inner.code()
    }
    fn headline(&self, lang: Lang) -> String {
        self.inner.headline(lang)
    }
    fn labels(&self, lang: Lang) -> Vec<Label> {
        let name = &self.layer.it;
        let here = lang.say(format!("`{name}` 叠加在上层之后"), format!("with `{name}` laid upon it"));
        let there = self.inner.labels(lang).into_iter().map(|label| Label { primary: false, ..label });
        std::iter::once(Label::here(self.layer.span, here)).chain(there).collect()
    }
    fn help(&self, lang: Lang) -> Option<String> {
        self.inner.help(lang)
    }
    fn source(&self) -> Option<String> {
        self.inner.source()
    }
}
