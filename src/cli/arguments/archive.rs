//! The arguments of the commands of the archive (档案库命令的参数).

use super::{ArgAction, Command, Lang, PathBuf, Text};
use clap::Arg;

pub(super) fn import(lang: Lang) -> Command {
    let text = Text(lang);
    let form = text.positional("form", "填报表", "FORM", "名称或规则文件", "a name or a file with one form");
    text.verb("import", "校验填报数据并存入档案库, 有错就一份也不存", "validate submissions and put them into the archive, all or nothing")
        .override_usage(
            text.pick("heng import [填报表] [--data 文件]… [--db 文件] [选项]", "heng import [FORM] [--data FILE]… [--db FILE] [OPTIONS]"),
        )
        .arg(form)
        .args(text.reading().into_iter().filter(|arg| arg.get_id() != "on"))
        .arg(text.switch("draft", "只存为草稿, 不算报送", "as drafts that are not handed in yet"))
        .arg(text.by())
}

pub(super) fn verify(lang: Lang) -> Command {
    let text = Text(lang);
    let run = text.positional("run", "编号", "RUN", "哪一次评价", "which run").required(true).value_parser(clap::value_parser!(i64));
    text.verb(
        "verify",
        "用档案里存的规则和数据重算一次评价, 逐字节比较",
        "repeat a stored run from the archive alone and compare byte for byte",
    )
    .override_usage(text.pick("heng verify <编号> [--db 文件]", "heng verify <RUN> [--db FILE]"))
    .arg(run)
    .arg(text.db())
}

pub(super) fn db(lang: Lang) -> Command {
    let text = Text(lang);
    let form = || text.option("form", "填报表", "FORM", "这张填报表", "of this form");
    let period = || text.option("period", "周期", "P", "这一周期, 如 2024", "of this period, such as 2024");
    let subject = || text.option("subject", "代码", "ID", "学校 (评价对象) 的代码", "the school (subject), by its key");
    let run = || text.option("run", "编号", "N", "这一次评价", "this run").value_parser(clap::value_parser!(i64));
    let whom = || subject().action(ArgAction::Append).num_args(1..).required(true);
    let to = |zh, en| text.option("out", "文件", "FILE", zh, en).value_parser(clap::value_parser!(PathBuf)).required(true);
    let to_file = || {
        Arg::new("to")
            .value_name(text.pick("文件", "FILE"))
            .value_parser(clap::value_parser!(PathBuf))
            .required(true)
            .help(text.pick("备份写到这个文件", "where the copy goes"))
            .help_heading(text.pick("参数", "Arguments"))
    };
    let verb = |name: &'static str, zh, en, usage_zh: &'static str, usage_en: &'static str| {
        text.verb(name, zh, en).override_usage(text.pick(usage_zh, usage_en)).arg(text.db())
    };
    let verbs = [
        verb("list", "列出档案里有什么", "what the archive holds", "heng db list [选项]", "heng db list [OPTIONS]")
            .args([form(), period()]),
        verb(
            "show",
            "显示一份填报或一次评价",
            "one submission, or one run",
            "heng db show --subject 代码 | --run 编号 [选项]",
            "heng db show --subject ID | --run N [OPTIONS]",
        )
        .args([subject(), form(), period(), run()])
        .arg(
            text.option("version", "版次", "N", "第几版; 默认最新", "which version; default: the latest")
                .value_parser(clap::value_parser!(i64)),
        ),
        verb(
            "history",
            "日志; 或一个对象的来龙去脉",
            "the log, or all that happened to one subject",
            "heng db history [--subject 代码]",
            "heng db history [--subject ID]",
        )
        .arg(subject()),
        verb(
            "export",
            "导出填报、评价结果或一个对象的档案",
            "write submissions, results, or the file of one subject",
            "heng db export --out 文件 [选项]",
            "heng db export --out FILE [OPTIONS]",
        )
        .args([to("以 .csv .json .jsonl .md 结尾", "ends in .csv, .json, .jsonl or .md"), subject(), form(), period(), run()]),
        verb(
            "return",
            "退回填报, 写明原因",
            "return submissions, with a reason",
            "heng db return --subject 代码… --reason 原因 [选项]",
            "heng db return --subject ID… --reason TEXT [OPTIONS]",
        )
        .args([whom(), form(), period(), text.by()])
        .arg(text.option("reason", "原因", "TEXT", "退回的原因", "why").required(true)),
        verb(
            "approve",
            "通过填报",
            "approve submissions",
            "heng db approve --subject 代码… [选项]",
            "heng db approve --subject ID… [OPTIONS]",
        )
        .args([whom().required(false), form(), period(), text.by()])
        .arg(text.switch("all", "全部已报送的", "all that are submitted")),
        verb(
            "backup",
            "备份档案库, 不用停",
            "copy the archive while it is in use",
            "heng db backup <文件> [--db 文件]",
            "heng db backup <FILE> [--db FILE]",
        )
        .arg(to_file()),
        verb(
            "verify",
            "核验档案有没有损坏或被改动",
            "see whether anything was damaged or changed",
            "heng db verify [--db 文件]",
            "heng db verify [--db FILE]",
        )
        .arg(text.option(
            "seal",
            "校验值",
            "HASH",
            "曾经记下的日志校验值, 应仍在日志里",
            "a hash of the log that was noted once and must be in it",
        )),
        verb(
            "vacuum",
            "整理档案库, 收回空间",
            "rewrite the archive without what is free in it",
            "heng db vacuum [--db 文件]",
            "heng db vacuum [--db FILE]",
        ),
    ];
    text.verb("db", "查看、审核、导出、备份、核验档案库", "list, decide, export, back up and verify what the archive holds")
        .override_usage(text.pick("heng db <命令> [选项]", "heng db <COMMAND> [OPTIONS]"))
        .disable_help_subcommand(true)
        .subcommand_required(true)
        .subcommand_help_heading(text.pick("命令", "Commands"))
        .subcommands(verbs.map(|verb| verb.arg(text.help())))
}
