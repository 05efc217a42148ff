//! `zhunsheng explain`: which keys joined the records of one person, masked.

use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgMatches, Command, value_parser};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use zhunsheng_count::{ExplainRow, ExplainValue, Explanation, JoinedBy, explain};
use zhunsheng_model::Kind;
use zhunsheng_report::Language;
use zhunsheng_report::records::{RecordRow, RecordsReader};

pub(crate) const NAME: &str = "explain";

/// Records of a person that are listed one by one.
const RECORDS_LISTED: usize = 200;

pub(crate) fn command(lang: Language) -> Command {
    Command::new(NAME)
        .about(pick(
            lang,
            "说明某人的各组信息为何算作一人（只显示遮盖后的值）",
            "show why records count as one person (masked values only)",
        ))
        .arg(
            Arg::new("dir").value_name("DIR").required(true).value_parser(value_parser!(PathBuf)).help(pick(
                lang,
                "scan 的输出文件夹",
                "output folder of a scan",
            )),
        )
        .arg(
            Arg::new("person")
                .long("person")
                .value_name("N")
                .required(true)
                .value_parser(value_parser!(u32).range(1..))
                .help(pick(lang, "人的序号", "number of the person")),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    let person = matches.get_one::<u32>("person").copied().unwrap_or_default();
    let path = dir.join("records.parquet");
    let file = File::open(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let reader = RecordsReader::new(file)?;
    let own = reader.person(u64::from(person))?;
    if own.is_empty() {
        bail!(
            "{} {person}: {}",
            pick(lang, "没有第", "no person"),
            pick(lang, "号人", "the numbers begin at 1 and end with the count of persons")
        );
    }
    // Keys that others hold too look clean without the records of the others.
    let keys: BTreeSet<[u8; 16]> = own
        .iter()
        .flat_map(|row| &row.mentions)
        .filter(|mention| Kind::from_id(&mention.kind).is_some_and(Kind::is_strong_key))
        .filter_map(|mention| mention.hash)
        .collect();
    let rows = reader.records(&reader.holders(&keys)?)?;
    let explanation = explain(person, &rows.iter().map(explain_row).collect::<Vec<_>>());
    let text = print(person, &explanation, &own, lang);
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn explain_row(row: &RecordRow) -> ExplainRow {
    let mut named = false;
    let values = row.mentions.iter().filter(|mention| mention.state == "valid").filter_map(|mention| {
        let kind = Kind::from_id(&mention.kind)?;
        // A record names its own person first.
        let is_name = kind == Kind::Person && !named;
        named |= is_name;
        Some(ExplainValue {
            kind,
            hash: u128::from_be_bytes(mention.hash?),
            masked: mention.masked.clone(),
            is_name,
        })
    });
    let values = values.collect();
    ExplainRow {
        person: row.person.and_then(|person| u32::try_from(person).ok()).unwrap_or(0),
        ordinal: row.record,
        place: place(row),
        values,
    }
}

fn place(row: &RecordRow) -> String {
    match &row.place {
        Some(place) => format!("{} · {place}", row.file),
        None => row.file.clone(),
    }
}

fn print(person: u32, explanation: &Explanation, own: &[RecordRow], lang: Language) -> String {
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{} {person} · {} {}\n",
        t("第", "Person"),
        explanation.records.len(),
        t("组信息", "records 组"),
    );
    let repeats: BTreeMap<u64, u64> =
        own.iter().filter_map(|row| Some((row.record, row.repeat_of?))).collect();
    for row in own.iter().take(RECORDS_LISTED) {
        let _ = write!(text, "  #{:<8} {}", row.record, place(row));
        if let Some(first) = repeats.get(&row.record) {
            let _ = write!(text, "  ({} #{first})", t("重复于", "repeats"));
        }
        let _ = writeln!(text);
        for mention in &row.mentions {
            if mention.state == "valid" {
                let kind = Kind::from_id(&mention.kind).map_or("", |kind| t(kind.name_zh(), kind.name_en()));
                let _ = writeln!(text, "      {:<16} {}  {kind}", mention.kind, mention.masked);
            }
        }
    }
    if own.len() > RECORDS_LISTED {
        let _ = writeln!(text, "  … {} {}", own.len() - RECORDS_LISTED, t("组未列出", "more"));
    }
    let _ = writeln!(text, "\n{}", t("合并依据（规则 R1）", "Joined by (rule R1)"));
    if explanation.joins.is_empty() {
        let _ = writeln!(text, "  {}", t("只有一组，无须合并", "one record only, nothing to join"));
    }
    for join in &explanation.joins {
        let why = match join.by {
            JoinedBy::CitizenNumber => t("公民身份号码相同", "same citizen number"),
            JoinedBy::CleanKey => {
                t("持有者姓名、身份号码均不冲突", "no second name or citizen number among its holders")
            }
            JoinedBy::SameName => t("同号且同名", "same key and same name"),
        };
        let _ = writeln!(text, "  {} {}  {why}: {}", join.kind.id(), join.masked, numbers(&join.records));
    }
    if !explanation.blocked.is_empty() {
        let _ = writeln!(text, "\n{}", t("未合并", "Not joined"));
    }
    for blocked in &explanation.blocked {
        let why = match blocked.reason {
            "several_names" => t("该号下有不同姓名", "held under several names"),
            "several_identity_numbers" => t("该号下有不同身份号码", "held with several citizen numbers"),
            _ => t("该号下姓名、身份号码均有不同", "held under several names and citizen numbers"),
        };
        let _ = writeln!(
            text,
            "  {} {}  {why}: {} | {} {}",
            blocked.kind.id(),
            blocked.masked,
            numbers(&blocked.records),
            t("他人", "others"),
            numbers(&blocked.others),
        );
    }
    text
}

/// The first record numbers of a list.
fn numbers(records: &[u64]) -> String {
    let mut text = records.iter().take(12).map(|n| format!("#{n}")).collect::<Vec<_>>().join(" ");
    if records.len() > 12 {
        let _ = write!(text, " … ({})", records.len());
    }
    text
}
