//! Colours, borders and fonts (样式), chosen so that they can be told apart on a screen and in a black-and-white print.

use super::shown;
use crate::diag::Lang;
use crate::model::Field;
use rust_xlsxwriter::{Color, ConditionalFormatFormula, Format, FormatAlign, FormatBorder, FormatPattern, Worksheet, XlsxError};

/// To be filled in and required.
const REQUIRED: u32 = 0x00FF_E699;
/// May be filled in.
const OPTIONAL: u32 = 0x00F2_F8FF;
/// Not asked.
const NOT_ASKED: u32 = 0x00D0_CECE;
/// Wrong.
const WRONG: u32 = 0x00F8_9B9B;
/// Computed.
const COMPUTED: u32 = 0x00E9_E9E9;
/// Last period's answers.
const LAST: u32 = 0x00F7_F7F7;
/// Behind the labels of what one of several parties fills in.
const FILLERS: [u32; 4] = [0x00E2_EFDA, 0x00E4_DFEC, 0x00FC_E4D6, 0x00DD_EBF7];
const HEAD: u32 = 0x001F_4E78;
const LINE: u32 = 0x00A6_A6A6;

/// All formats of a workbook.
pub(super) struct Styles {
    pub title: Format,
    pub subtitle: Format,
    pub status: Format,
    pub head: Format,
    pub label: Format,
    pub mark: Format,
    pub words: Format,
    pub unit: Format,
    pub hint: Format,
    pub message: Format,
    pub computed: Format,
    pub last: Format,
    pub band: Format,
    pub plain: Format,
    pub count: Format,
    base: Format,
}

impl Styles {
    pub(super) fn new(lang: Lang) -> Styles {
        let font = Format::new().set_font_name(lang.pick("微软雅黑", "Calibri")).set_font_size(10).set_align(FormatAlign::VerticalCenter);
        let boxed = font.clone().set_border(FormatBorder::Thin).set_border_color(Color::RGB(LINE));
        let wrapped = boxed.clone().set_text_wrap();
        Styles {
            title: font.clone().set_font_size(16).set_bold().set_font_color(Color::RGB(HEAD)),
            subtitle: font.clone().set_font_color(Color::RGB(0x0059_5959)),
            status: font.clone().set_bold().set_font_color(Color::RGB(0x00C0_0000)),
            head: wrapped
                .clone()
                .set_bold()
                .set_align(FormatAlign::Center)
                .set_font_color(Color::White)
                .set_background_color(Color::RGB(HEAD)),
            label: wrapped.clone().set_indent(1),
            mark: font.clone().set_font_color(Color::RGB(0x00C0_0000)).set_bold(),
            words: font.clone(),
            unit: boxed.clone().set_align(FormatAlign::Center).set_font_color(Color::RGB(0x0059_5959)),
            hint: wrapped.clone().set_font_color(Color::RGB(0x0059_5959)).set_font_size(9),
            message: wrapped.clone().set_font_color(Color::RGB(0x00C0_0000)).set_font_size(9),
            computed: boxed.clone().set_background_color(Color::RGB(COMPUTED)),
            last: wrapped.clone().set_indent(1).set_font_color(Color::RGB(0x0059_5959)).set_background_color(Color::RGB(LAST)),
            band: wrapped.clone().set_bold().set_align(FormatAlign::Center).set_background_color(Color::RGB(0x00DD_EBF7)),
            plain: font.clone().set_text_wrap(),
            count: boxed.clone().set_align(FormatAlign::Center),
            base: boxed,
        }
    }

    /// The format of an input cell; none: of any.
    pub(super) fn input(&self, field: Option<&Field>) -> Format {
        let input = self.base.clone().set_unlocked().set_background_color(Color::RGB(OPTIONAL));
        match field {
            Some(field) => {
                let input = input.set_num_format(shown::number_format(field));
                if shown::is_number(field) {
                    input.set_align(FormatAlign::Right)
                } else {
                    input.set_align(FormatAlign::Left).set_text_wrap()
                }
            }
            None => input,
        }
    }

    /// The same of one that is filled in for good.
    pub(super) fn settled(&self, input: Format) -> Format {
        input.set_locked().set_background_color(Color::RGB(COMPUTED))
    }

    /// The format of last period's answer to a field.
    pub(super) fn last_of(&self, field: &Field) -> Format {
        self.last.clone().set_align(if shown::is_number(field) { FormatAlign::Right } else { FormatAlign::Left })
    }

    /// The format of a label, by who fills the field in.
    pub(super) fn label_of(&self, filler: Option<usize>) -> Format {
        let colour = filler.and_then(|filler| FILLERS.get(filler % FILLERS.len()));
        colour.map_or_else(|| self.label.clone(), |colour| self.label.clone().set_background_color(Color::RGB(*colour)))
    }

    /// The legend: a sample of each colour with what it means.
    ///
    /// * `last`: with last period's answers.
    pub(super) fn legend(&self, last: bool, lang: Lang) -> Vec<(Format, &'static str)> {
        let colour = |colour: u32| self.base.clone().set_background_color(Color::RGB(colour));
        let computed = if last {
            lang.pick("自动计算, 或已经填好, 不能改", "computed, or filled in already; cannot be changed")
        } else {
            lang.pick("自动计算, 不能改", "computed, cannot be changed")
        };
        let last = last.then(|| (self.last.clone(), lang.pick("上期填报的内容, 供对照, 不能改", "last period's answers, to compare with")));
        let legend = [
            (colour(REQUIRED), lang.pick("必填, 还没有填", "required, not filled in yet")),
            (colour(OPTIONAL), lang.pick("可以填写: 已填好的, 或可以不填的", "to fill in: done, or optional")),
            (grey(), lang.pick("按前面的填写, 这一项不用填", "not asked, by what was filled in before")),
            (
                colour(WRONG).set_bold(),
                lang.pick("填得不对, 或不用填却填了: 看旁边的提示", "wrong, or filled in though not asked: see the message"),
            ),
            (colour(COMPUTED), computed),
        ];
        legend.into_iter().chain(last).collect()
    }

    /// Colours input cells by their states: `state` is the cell of the first one's, relative.
    pub(super) fn colour_inputs(&self, sheet: &mut Worksheet, first: (u32, u16), last: (u32, u16), state: &str) -> Result<(), XlsxError> {
        let fill = |colour: u32| Format::new().set_background_color(Color::RGB(colour));
        let rules =
            [(format!("={state}=2"), fill(REQUIRED)), (format!("={state}=3"), grey()), (format!("={state}>=4"), fill(WRONG).set_bold())];
        for (rule, format) in rules {
            let rule = ConditionalFormatFormula::new().set_rule(rule.as_str()).set_format(format);
            sheet.add_conditional_format(first.0, first.1, last.0, last.1, &rule)?;
        }
        Ok(())
    }

    /// Colours what fails: a line whose code is 1.
    pub(super) fn colour_failed(&self, sheet: &mut Worksheet, first: (u32, u16), last: (u32, u16), code: &str) -> Result<(), XlsxError> {
        let format = Format::new().set_background_color(Color::RGB(WRONG)).set_bold();
        let rule = ConditionalFormatFormula::new().set_rule(format!("={code}=1").as_str()).set_format(format);
        sheet.add_conditional_format(first.0, first.1, last.0, last.1, &rule)?;
        Ok(())
    }
}

/// Hatched, so that it is seen on paper too.
fn grey() -> Format {
    Format::new().set_pattern(FormatPattern::LightUp).set_background_color(Color::RGB(NOT_ASKED)).set_foreground_color(Color::RGB(LINE))
}

/// How many lines a text takes in a column of so many Latin letters.
pub(super) fn lines(text: &str, width: f64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a text of a form")]
    let line = |line: &str| (crate::text::width::columns(line) as f64 * 1.1 / width).ceil().max(1.0);
    text.lines().map(line).sum::<f64>().max(1.0)
}
