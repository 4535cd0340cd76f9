//! The commands and their arguments (命令与参数), with help in Chinese or English.
//!
//! One function a command. Not here: what is said about wrong usage (`usage`), what the commands do.

mod archive;

use crate::diag::Lang;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command};
use std::path::PathBuf;

/// The whole command line; all its texts are in `lang`.
pub fn command(lang: Lang) -> Command {
    let text = Text(lang);
    let colors = &["auto", "always", "never"];
    let (zh, en) = ("使用颜色: auto (在终端上), always, never", "colours: auto (on a terminal), always, never");
    // Arguments of a verb come first, those of all verbs after them.
    let language = text.choice("lang", &["zh", "en"], "语言", "LANG", "消息的语言: zh, en", "language of messages: zh, en");
    let color = text.choice("color", colors, "何时", "WHEN", zh, en);
    let version = text.flag("version", "显示版本号", "print the version").short('V').action(ArgAction::Version);
    let verbs = [
        check(lang),
        fmt(lang),
        test(lang),
        run(lang),
        why(lang),
        plan(lang),
        form(lang),
        archive::import(lang),
        archive::db(lang),
        archive::verify(lang),
        explain(lang),
        new(lang),
    ];
    text.verb("heng", "衡: 教育督导评价与填报的规则引擎", "heng: a rules-and-forms engine for education supervision")
        .override_usage(text.pick("heng <命令> [选项]", "heng <COMMAND> [OPTIONS]"))
        .version(env!("CARGO_PKG_VERSION"))
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommand_help_heading(text.pick("命令", "Commands"))
        .arg(language.global(true).display_order(900))
        .arg(color.global(true).display_order(901))
        .arg(text.help())
        .arg(version.display_order(903))
        .after_help(text.pick(
            "没有写路径时，从当前文件夹向上找到 heng.toml 所在的文件夹。\n退出码: 0 完成; 1 有发现; 2 用法不对或文件读写失败。",
            "Without a path, the folder of the nearest heng.toml upwards is taken.\n\
             Exit codes: 0 done; 1 findings; 2 usage, or a file that cannot be read or written.",
        ))
        .subcommands(verbs.map(|verb| verb.arg(text.help())))
}

fn check(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("check", "检查规则和填报表，一次说出所有错误", "check rules and forms, telling all mistakes in one run")
        .override_usage(text.pick("heng check [路径]… [选项]", "heng check [PATH]… [OPTIONS]"))
        .arg(text.paths("paths"))
        .arg(text.format(&["full", "concise", "json", "sarif", "github"]))
        .arg(text.choice("deny", &["warnings"], "什么", "WHAT", "warnings: 有警告也算不通过", "warnings: fail on warnings too"))
}

fn fmt(lang: Lang) -> Command {
    let text = Text(lang);
    let (zh, en) = ("关键词的写法: keep (默认, 不变), zh, en", "spelling of keywords: keep (default), zh, en");
    text.verb("fmt", "按统一的版式排版规则文件, 意思不变", "write rule files in the one layout, meaning the same")
        .override_usage(text.pick("heng fmt [路径 | -]… [选项]", "heng fmt [PATH | -]… [OPTIONS]"))
        .arg(text.paths("paths"))
        .arg(text.switch("check", "不改文件, 列出需要排版的", "change nothing, list the files that would change"))
        .arg(text.switch("diff", "不改文件, 显示会怎样改", "change nothing, show what would change"))
        .arg(text.choice("keywords", &["keep", "zh", "en"], "语言", "LANG", zh, en))
}

fn test(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("test", "运行规则文件里的测试", "run the tests in the rule files")
        .override_usage(text.pick("heng test [路径]… [选项]", "heng test [PATH]… [OPTIONS]"))
        .arg(text.paths("paths"))
        .arg(text.format(&["text", "json"]))
}

fn run(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("run", "用填报数据计算评价结果", "evaluate submitted data")
        .override_usage(text.pick("heng run [评价体系] [--data 文件]… [选项]", "heng run [RUBRIC] [--data FILE]… [OPTIONS]"))
        .arg(text.rubric())
        .args(text.reading())
        .arg(text.option("out", "文件", "FILE", "结果写入文件", "write the results to a file").value_parser(clap::value_parser!(PathBuf)))
        .arg(text.format(&["table", "csv", "json"]))
        .arg(text.switch("wide", "结果写成宽表: 一个对象一行", "write a wide table: one row a subject"))
        .arg(
            text.option(
                "derivations",
                "文件",
                "FILE",
                "保存每个结果的推导过程, 供日后查问",
                "keep how every result came about, to be asked later",
            )
            .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(text.switch("stats", "说明有多少格要精确定夺 (同 --wide)", "say how much had to be settled exactly (as --wide)"))
        .arg(text.switch(
            "compare-base",
            "同时给出最上层 (如国家) 标准下的结果",
            "show the results by the uppermost layer beside one's own",
        ))
        .arg(text.by())
        .arg(text.switch("explain-plan", "打印计算计划, 不写结果", "print the plan of the computation and write nothing"))
}

fn why(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("why", "说明一个学校的结果是怎样算出来的", "show how one school's result came about")
        .override_usage(
            text.pick(
                "heng why [评价体系] [--data 文件]… --subject 代码 [选项]",
                "heng why [RUBRIC] [--data FILE]… --subject ID [OPTIONS]",
            ),
        )
        .arg(text.rubric())
        .args(text.reading())
        .arg(text.option("subject", "代码", "ID", "学校 (评价对象) 的代码", "the school (subject), by its key").required(true))
        .arg(text.option("indicator", "编号", "CODE", "只说明这一项指标", "this indicator only"))
        .arg(
            text.option(
                "derivations",
                "文件",
                "FILE",
                "查问 `heng run --derivations` 保存的推导",
                "ask a file that `heng run --derivations` kept",
            )
            .value_parser(clap::value_parser!(PathBuf)),
        )
        .arg(
            text.option("run", "编号", "N", "档案库里存的那次评价", "the run that the archive has stored")
                .value_parser(clap::value_parser!(i64)),
        )
        .arg(text.format(&["text", "json"]))
}

fn plan(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("plan", "指出短板, 和最少改动多少数据就能改善", "what falls short, and the least change of the data that would mend it")
        .override_usage(text.pick(
            "heng plan [评价体系] [--data 文件]… [--subject 代码] [选项]",
            "heng plan [RUBRIC] [--data FILE]… [--subject ID] [OPTIONS]",
        ))
        .arg(text.rubric())
        .args(text.reading())
        .arg(text.option("subject", "代码", "ID", "只看这所学校 (评价对象); 默认全部", "this school (subject) only; all without it"))
        .arg(text.format(&["text", "json"]))
}

fn form(lang: Lang) -> Command {
    let text = Text(lang);
    let verbs =
        [form_template(lang), form_check(lang), form_dictionary(lang), form_schema(lang), form_xlsform(lang), form_from_xlsform(lang)];
    text.verb(
        "form",
        "填报表: 填报的工作簿和网页, 检查交上来的填报, 数据字典, 互换",
        "forms: workbooks and pages to fill in, checks of what comes back, interchange",
    )
    .override_usage(text.pick("heng form <命令> [选项]", "heng form <COMMAND> [OPTIONS]"))
    .subcommand_required(true)
    .disable_help_subcommand(true)
    .subcommand_help_heading(text.pick("命令", "Commands"))
    .subcommands(verbs.map(|verb| verb.arg(text.help())))
}

fn form_template(lang: Lang) -> Command {
    let text = Text(lang);
    let usage = (
        "heng form template [填报表] --out 文件.xlsx|文件.html|文件夹/ [选项]",
        "heng form template [FORM] --out FILE.xlsx|FILE.html|FOLDER/ [OPTIONS]",
    );
    let (zh, en) =
        (".xlsx: 一行一个填报对象, 共这么多行; 默认一个文件填一个对象", ".xlsx: a row for each of so many; otherwise a file for one");
    text.verb("template", "做一张 .xlsx 或 .html 填报模板, 边填边检查", "make an .xlsx or .html to fill in, which checks as one types")
        .override_usage(text.pick(usage.0, usage.1))
        .arg(text.form())
        .arg(text.out())
        .arg(text.option("rows", "行数", "N", zh, en).value_parser(clap::value_parser!(u32)))
        .arg(text.previous("上一周期的填报, 印在填写栏旁边", "submissions of the period before, to stand beside the inputs"))
        .arg(text.db().help(text.pick("从档案库取上一周期的填报, 与 --period 同写", "the period before from an archive; with --period")))
        .arg(text.option("period", "周期", "P", "要填哪一周期, 如 2024", "the period to be filled in, such as 2024"))
        .arg(text.option("subject", "代码", "ID", "做给这所学校 (填报对象)", "for this school (subject)"))
        .arg(text.format(&["xlsx", "html"]).help(text.pick(
            "文件夹里放哪一种: xlsx (默认), html; 一个对象一个文件",
            "what goes into a folder, a file for each subject: xlsx (default), html",
        )))
        .arg(text.option("encoding", "编码", "E", "数据文件的编码: utf-8, gb18030", "encoding of the data files: utf-8, gb18030"))
}

fn form_check(lang: Lang) -> Command {
    let text = Text(lang);
    let (zh, en) = (
        "填报文件 (.xlsx .csv .json .jsonl) 或文件夹; 表格的行写 表格=文件",
        "submissions (.xlsx .csv .json .jsonl), or folders of them; TABLE=FILE for rows of a table",
    );
    let data = text.option("data", "文件", "FILE", zh, en).action(ArgAction::Append).num_args(1..).required(true);
    let (zh, en) =
        ("把问题标在工作簿里交回: 文件, 有几个输入时是文件夹", "give workbooks back with remarks: a file, or a folder for several");
    let annotate = text.option("annotate", "文件", "OUT", zh, en);
    let (zh, en) = ("上一周期的填报, 供与上期比较的校验用", "submissions of the period before, for checks that compare with them");
    let previous = text.previous(zh, en);
    let (zh, en) = ("只看这一周期的填报, 如 2024", "submissions of this period only, such as 2024");
    text.verb("check", "检查填报数据, 说出每一处问题在哪一格", "check submissions, telling the cell of everything that is wrong")
        .override_usage(text.pick("heng form check <填报表> --data 文件… [选项]", "heng form check <FORM> --data FILE… [OPTIONS]"))
        .arg(text.positional("form", "填报表", "FORM", "名称或规则文件", "a name or a rule file").required(true))
        .arg(data)
        .arg(previous)
        .arg(text.format(&["full", "concise", "json"]))
        .arg(annotate.value_parser(clap::value_parser!(PathBuf)))
        .arg(text.option("period", "周期", "P", zh, en))
        .arg(text.option("encoding", "编码", "E", "数据文件的编码: utf-8, gb18030", "encoding of the data files: utf-8, gb18030"))
}

fn form_dictionary(lang: Lang) -> Command {
    let text = Text(lang);
    let usage = ("heng form dictionary [填报表] --out 文件", "heng form dictionary [FORM] --out FILE");
    text.verb("dictionary", "数据字典: 每项的类型, 范围, 校验, 用处 (.md, .xlsx)", "the data dictionary of a form (.md, .xlsx)")
        .override_usage(text.pick(usage.0, usage.1))
        .arg(text.form())
        .arg(text.out())
}

fn form_schema(lang: Lang) -> Command {
    let text = Text(lang);
    let usage = ("heng form schema [填报表] --out 文件.json", "heng form schema [FORM] --out FILE.json");
    text.verb("schema", "填报数据的 JSON Schema, 供别的程序检查", "the JSON Schema of submissions, for other programs")
        .override_usage(text.pick(usage.0, usage.1))
        .arg(text.form())
        .arg(text.out())
}

fn form_xlsform(lang: Lang) -> Command {
    let text = Text(lang);
    let usage = ("heng form xlsform [填报表] --out 文件.xlsx", "heng form xlsform [FORM] --out FILE.xlsx");
    text.verb("xlsform", "导出为 XLSForm, 供 ODK, Enketo, Kobo 填报", "the form as an XLSForm, for ODK, Enketo, Kobo")
        .override_usage(text.pick(usage.0, usage.1))
        .arg(text.form())
        .arg(text.out())
}

fn form_from_xlsform(lang: Lang) -> Command {
    let text = Text(lang);
    let usage = ("heng form from-xlsform <文件.xlsx> --out 文件.heng", "heng form from-xlsform <FILE.xlsx> --out FILE.heng");
    let file = text.positional("xlsform", "文件.xlsx", "FILE.xlsx", "XLSForm", "an XLSForm").required(true);
    text.verb("from-xlsform", "由 XLSForm 导入填报表", "a form from an XLSForm")
        .override_usage(text.pick(usage.0, usage.1))
        .arg(file.value_parser(clap::value_parser!(PathBuf)))
        .arg(text.out())
}

fn explain(lang: Lang) -> Command {
    let text = Text(lang);
    text.verb("explain", "说明一个诊断代码; 不写代码时列出全部", "explain a diagnostic code; list all codes without one")
        .override_usage(text.pick("heng explain [代码]", "heng explain [CODE]"))
        .arg(text.positional("code", "代码", "CODE", "如 H0301, unit-mismatch, 单位不符", "such as H0301 or unit-mismatch"))
}

fn new(lang: Lang) -> Command {
    let text = Text(lang);
    let folder = text.positional("dir", "文件夹", "DIR", "新的或空的文件夹", "a new or empty folder");
    text.verb("new", "建立一个地区的起始文件夹", "make a region's starter folder")
        .override_usage(text.pick("heng new <文件夹>", "heng new <DIR>"))
        .arg(folder.required(true).value_parser(clap::value_parser!(PathBuf)))
}

/// Makes arguments whose texts are in one language.
#[derive(Clone, Copy)]
struct Text(Lang);

impl Text {
    fn pick(self, zh: &'static str, en: &'static str) -> &'static str {
        self.0.pick(zh, en)
    }

    fn verb(self, name: &'static str, zh: &'static str, en: &'static str) -> Command {
        let usage = self.pick("用法", "Usage");
        Command::new(name)
            .about(self.pick(zh, en))
            .help_template(format!("{{about}}\n\n{usage}: {{usage}}\n\n{{all-args}}{{after-help}}"))
            .disable_help_flag(true)
    }

    fn help(self) -> Arg {
        self.flag("help", "显示帮助", "print help").short('h').action(ArgAction::Help).display_order(902)
    }

    /// `--name`
    fn flag(self, name: &'static str, zh: &'static str, en: &'static str) -> Arg {
        Arg::new(name).long(name).help(self.pick(zh, en)).help_heading(self.pick("选项", "Options"))
    }

    /// `--name`, there or not
    fn switch(self, name: &'static str, zh: &'static str, en: &'static str) -> Arg {
        self.flag(name, zh, en).action(ArgAction::SetTrue)
    }

    /// `--name VALUE`
    fn option(self, name: &'static str, value_zh: &'static str, value: &'static str, zh: &'static str, en: &'static str) -> Arg {
        self.flag(name, zh, en).action(ArgAction::Set).value_name(self.pick(value_zh, value))
    }

    fn positional(self, name: &'static str, value_zh: &'static str, value: &'static str, zh: &'static str, en: &'static str) -> Arg {
        let heading = self.pick("参数", "Arguments");
        Arg::new(name).action(ArgAction::Set).value_name(self.pick(value_zh, value)).help(self.pick(zh, en)).help_heading(heading)
    }

    /// An option that takes one of a few values. clap would list them in English, so the help text does.
    fn choice(
        self,
        name: &'static str,
        values: &'static [&'static str],
        value_zh: &'static str,
        value: &'static str,
        zh: &'static str,
        en: &'static str,
    ) -> Arg {
        self.option(name, value_zh, value, zh, en).value_parser(PossibleValuesParser::new(values)).hide_possible_values(true)
    }

    /// `--format`, whose first value is the default.
    fn format(self, values: &'static [&'static str]) -> Arg {
        let first = values.first().copied().unwrap_or_default();
        let (others, default) = (values.get(1..).unwrap_or_default().join(", "), self.pick("默认", "default"));
        let help = format!("{}: {first} ({default}), {others}", self.pick("输出格式", "format of the output"));
        self.choice("format", values, "格式", "FORMAT", "", "").help(help).default_value(first).hide_default_value(true)
    }

    fn paths(self, name: &'static str) -> Arg {
        self.positional(name, "路径", "PATH", "规则文件或文件夹", "rule files or folders")
            .action(ArgAction::Append)
            .num_args(0..)
            .value_parser(clap::value_parser!(PathBuf))
    }

    /// The archive.
    fn db(self) -> Arg {
        let (zh, en) = ("档案库; 默认由 heng.toml 指定", "the archive; default: as heng.toml says");
        self.option("db", "文件", "FILE", zh, en).value_parser(clap::value_parser!(PathBuf))
    }

    /// Who is at work.
    fn by(self) -> Arg {
        self.option("by", "姓名", "NAME", "经办人, 记入档案; 默认当前用户", "who does it, for the archive; default: the user")
    }

    fn rubric(self) -> Arg {
        self.positional(
            "rubric",
            "评价体系",
            "RUBRIC",
            "名称或规则文件; 默认由 heng.toml 指定",
            "a name or a rule file; default: as heng.toml says",
        )
    }

    fn form(self) -> Arg {
        let (zh, en) =
            ("名称、文件, 或内置的 national/…; 只有一张时可以不写", "a name, a file or national/…; not needed where there is one only");
        self.positional("form", "填报表", "FORM", zh, en)
    }

    /// The file that is made.
    fn out(self) -> Arg {
        self.option("out", "文件", "FILE", "写入的文件", "the file to write").required(true).value_parser(clap::value_parser!(PathBuf))
    }

    /// Submissions of the period before.
    fn previous(self, zh: &'static str, en: &'static str) -> Arg {
        let files = self.option("previous", "文件", "FILE", zh, en).action(ArgAction::Append).num_args(1..);
        files.value_parser(clap::value_parser!(PathBuf))
    }

    /// What `run`, `why` and `plan` read.
    fn reading(self) -> [Arg; 5] {
        [
            self.db(),
            self.option(
                "data",
                "文件",
                "FILE",
                "填报数据; 有几张填报表时写 名称=文件",
                "submitted data; NAME=FILE where there are several forms",
            )
            .action(ArgAction::Append)
            .num_args(1..),
            self.option("period", "周期", "P", "只用这一周期的填报, 如 2024", "submissions of this period only, such as 2024"),
            self.option(
                "on",
                "日期",
                "DATE",
                "评价日, 如 2024-09-01; 默认今天",
                "the day of evaluation, such as 2024-09-01; default: today",
            ),
            self.option("encoding", "编码", "E", "数据文件的编码: utf-8, gb18030", "encoding of the data files: utf-8, gb18030"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_commands_hold_together() {
        command(Lang::Zh).debug_assert();
        command(Lang::En).debug_assert();
    }

    #[test]
    fn no_english_is_left_in_chinese_help() {
        let mut zh = command(Lang::Zh);
        fn pages_of(command: &mut Command, pages: &mut Vec<String>) {
            pages.push(command.render_help().to_string());
            command.get_subcommands_mut().for_each(|verb| pages_of(verb, pages));
        }
        let mut pages = Vec::new();
        pages_of(&mut zh, &mut pages);
        for page in pages {
            for english in ["Usage", "Options", "Arguments", "Commands", "Print", "[default", "possible"] {
                assert!(!page.contains(english), "{english}: {page}");
            }
        }
    }
}
