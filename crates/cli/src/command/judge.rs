//! `zhunsheng judge`: facts from an inventory, a record of processing activities and answers → findings.

use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_judge::{
    Brief, Conflict, Diagnostic, Difference, EntityKind, Lang, LawTexts, Level, Matter, Report, compare,
    count_act, docx, embedded, html, json, judge, matter_of_inventory, read_facts, settle, terminal,
    without_acts,
};
use zhunsheng_judge::{assess, audit};
use zhunsheng_model::Date;
use zhunsheng_record::{Form, read_toml, read_xlsx};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "judge";

/// Something was found that is against the law.
const VIOLATIONS: u8 = 3;

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let path = |name: &'static str, value: &'static str, zh, en| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(t(zh, en))
    };
    let flag =
        |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(zh, en));
    Command::new(NAME)
        .about(t(
            "依法认定：事实 → 违法、合法、待查明，附法条、理由、类案；有违法的以 3 退出",
            "judge facts by the law: violation, lawful or open, with articles, reasons and cases; exit code 3 when \
             something is against the law",
        ))
        .arg(path("inventory", "DIR|FILE", "scan 的输出文件夹或 inventory.json", "output of a scan, or inventory.json"))
        .arg(path("record", "FILE", "处理活动记录 (record.toml、.xlsx)", "record of processing activities"))
        .arg(path("facts", "FILE", "事实文件 (facts.toml)", "facts file (facts.toml)"))
        .arg(Arg::new("date").long("date").value_name("YYYY-MM-DD").help(t(
            "认定日；没有自己日期的行为适用该日施行的法律",
            "day of the report; acts without a day of their own are judged by the law of this day",
        )))
        .arg(path("out", "DIR", "输出文件夹", "folder for the results").default_value("zhunsheng-findings"))
        .arg(flag("audit", "另出合规审计底稿（审计指引逐项）", "also write the work paper of a compliance audit"))
        .arg(flag("assess", "另出个人信息保护影响评估报告", "also write an impact assessment report"))
        .arg(flag("quiet", "不印结果", "print nothing").short('q'))
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let set = embedded();
    let date = match matches.get_one::<String>("date") {
        Some(text) => Date::parse(text).with_context(|| {
            format!(
                "`{text}` {}",
                pick(lang, "不是日期，应写成 2026-11-23", "is no date, such as 2026-11-23")
            )
        })?,
        None => Rules::embedded().as_of(),
    };
    let facts = gather(matches, lang)?;
    let brief =
        Brief { matter: &facts.matter, conflicts: &facts.conflicts, differences: &facts.differences, date };
    let report = judge(set, LawTexts::embedded(), &brief);
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let spoken = spoken(lang);
    let written = write(&out, &report, &brief, matches, spoken)?;
    if !matches.get_flag("quiet") {
        let mut screen = std::io::stdout().lock();
        let colour = screen.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        screen.write_all(terminal::summary(&report, colour, spoken).as_bytes())?;
        writeln!(screen, "{} {}", pick(lang, "结果写在", "Results are in"), out.display())?;
        for name in written {
            writeln!(screen, "  {name}")?;
        }
    }
    Ok(ExitCode::from(if report.counts.violation > 0 { VIOLATIONS } else { 0 }))
}

/// The language of the judge's own texts.
pub(crate) const fn spoken(lang: Language) -> Lang {
    match lang {
        Language::Zh => Lang::Zh,
        Language::En => Lang::En,
    }
}

/// Everything that is known of the matter.
struct Gathered {
    matter: Matter,
    conflicts: Vec<Conflict>,
    differences: Vec<Difference>,
}

/// Joins what the inputs say. Answers go before the record, the record before what was counted.
fn gather(matches: &ArgMatches, lang: Language) -> anyhow::Result<Gathered> {
    let schema = &embedded().schema;
    let inventory = matches.get_one::<PathBuf>("inventory").map(|path| read_inventory(path)).transpose()?;
    let record = matches.get_one::<PathBuf>("record").map(|path| read_record(path)).transpose()?;
    let answers = matches.get_one::<PathBuf>("facts").map(|path| read_answers(path)).transpose()?;
    if inventory.is_none() && record.is_none() && answers.is_none() {
        bail!(pick(
            lang,
            "没有事实：至少给出 --inventory、--record、--facts 之一",
            "no facts: give at least one of --inventory, --record and --facts"
        ));
    }
    let compared = inventory.is_some() && record.is_some();
    let mut differences = Vec::new();
    let known = match (&inventory, record) {
        (Some(found), Some(declared)) => {
            let (joined, found_differences) = compare(found, &declared, schema);
            differences = found_differences;
            Some(joined)
        }
        (None, Some(declared)) => Some(declared),
        _ => None,
    };
    let mut conflicts = Vec::new();
    let mut matter = match (answers, known) {
        (Some(mut answers), Some(known)) => {
            conflicts = answers.merge(&known);
            answers
        }
        (Some(matter), None) | (None, Some(matter)) => matter,
        (None, None) => Matter::default(),
    };
    if let Some(found) = inventory {
        let counted = count_act(&found, &mut matter);
        // Where nobody is accused of an act, the data are judged as a processing activity.
        if !compared && !counted {
            conflicts.extend(matter.merge(&without_acts(found)));
        }
    }
    settle(&mut matter, schema, compared);
    if matter.of_kind(EntityKind::Party).is_empty() && matter.of_kind(EntityKind::Proceeding).is_empty() {
        bail!(pick(lang, "事实中没有任何主体", "the facts name no party"));
    }
    Ok(Gathered { matter, conflicts, differences })
}

fn read_inventory(path: &Path) -> anyhow::Result<Matter> {
    let file = if path.is_dir() { path.join("inventory.json") } else { path.to_path_buf() };
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let matter = matter_of_inventory(&text, &embedded().schema);
    matter.with_context(|| format!("`{}` cannot be used", file.display()))
}

/// A record as TOML or as a workbook, by its ending.
fn read_record(path: &Path) -> anyhow::Result<Matter> {
    let schema = &embedded().schema;
    let form = Form::new(schema)?;
    let file = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("`{file}` cannot be read"))?;
    let is_workbook = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("xlsx"));
    let (record, mut problems) = if is_workbook {
        read_xlsx(&file, &bytes, &form)?
    } else {
        let text = String::from_utf8(bytes).with_context(|| format!("`{file}` is not UTF-8 text"))?;
        read_toml(&file, &text, &form)
    };
    let (matter, wrong) = record.matter(&form, schema, &file);
    problems.extend(wrong);
    refuse(&problems)?;
    Ok(matter)
}

fn read_answers(path: &Path) -> anyhow::Result<Matter> {
    let text =
        std::fs::read_to_string(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let (matter, problems) = read_facts(&path.display().to_string(), &text, &embedded().schema);
    refuse(&problems)?;
    Ok(matter)
}

/// A file with mistakes is not judged: a wrong name would silently leave a fact unknown.
fn refuse(problems: &[Diagnostic]) -> anyhow::Result<()> {
    let errors: Vec<String> =
        problems.iter().filter(|problem| problem.level == Level::Error).map(ToString::to_string).collect();
    if errors.is_empty() { Ok(()) } else { bail!("{}", errors.join("\n")) }
}

fn write(
    out: &Path,
    report: &Report,
    brief: &Brief<'_>,
    matches: &ArgMatches,
    lang: Lang,
) -> anyhow::Result<Vec<String>> {
    std::fs::create_dir_all(out).with_context(|| format!("`{}` cannot be made", out.display()))?;
    let mut written = Vec::new();
    let mut put = |name: &str, bytes: &[u8]| -> anyhow::Result<()> {
        let path = out.join(name);
        std::fs::write(&path, bytes).with_context(|| format!("`{}` cannot be written", path.display()))?;
        written.push(name.to_owned());
        Ok(())
    };
    put("findings.json", json::findings(report)?.as_bytes())?;
    put("findings.html", html::report(report, lang).as_bytes())?;
    put("findings.docx", &docx::report(report, lang)?)?;
    if matches.get_flag("audit") {
        let paper = audit::paper(embedded(), LawTexts::embedded(), brief);
        put("audit.json", json::any(&paper)?.as_bytes())?;
        put("audit.html", audit::html(&paper, lang).as_bytes())?;
        put("audit.docx", &audit::docx(&paper, lang)?)?;
    }
    if matches.get_flag("assess") {
        let paper = assess::paper(embedded(), LawTexts::embedded(), brief.matter, report, brief.date);
        put("assessment.json", json::any(&paper)?.as_bytes())?;
        put("assessment.html", assess::html(&paper, lang).as_bytes())?;
        put("assessment.docx", &assess::docx(&paper, lang)?)?;
    }
    Ok(written)
}
