//! `law list`: every instrument and version held.

use super::{date_arg, given_date, json_arg, json_text, statute_json};
use crate::language::pick;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::Value;
use std::fmt::Write as _;
use zhunsheng_law::{Law, Statute};
use zhunsheng_report::Language;

pub(super) fn command(lang: Language) -> Command {
    Command::new("list")
        .about(pick(lang, "列出收录的法律文件和案例", "list the instruments and cases held"))
        .arg(Arg::new("cases").long("cases").action(ArgAction::SetTrue).help(pick(
            lang,
            "列出案例",
            "list the cases",
        )))
        .arg(date_arg(lang))
        .arg(json_arg(lang))
}

pub(super) fn run(law: &Law, matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let json = matches.get_flag("json");
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    if matches.get_flag("cases") {
        if json {
            let cases = law.cases().iter().map(|case| {
                serde_json::json!({"id": case.id, "kind": case.kind, "title": case.title, "outcome": case.outcome})
            });
            return json_text(&cases.collect());
        }
        for case in law.cases() {
            let _ = writeln!(text, "{:<26} {}", case.id, case.title);
        }
        return Ok(text);
    }
    let day = given_date(matches)?;
    let mut statutes: Vec<&Statute> =
        law.statutes().iter().filter(|statute| day.is_none_or(|day| statute.in_force_on(day))).collect();
    statutes.sort_by_key(|statute| (statute.level, statute.work.as_str(), statute.effective));
    if json {
        return json_text(&statutes.into_iter().map(statute_json).collect::<Value>());
    }
    let mut level = None;
    for statute in &statutes {
        if level != Some(statute.level) {
            level = Some(statute.level);
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", t(statute.level.name_zh(), statute.level.name_en()));
        }
        let until = statute.effective_until.map_or("          ".to_owned(), |day| day.to_string());
        let flag = match (statute.verified(), statute.complete) {
            (false, _) => t("（仅个别语句）", " (single sentences)"),
            (true, false) => t("（不完整）", " (not complete)"),
            (true, true) => "",
        };
        let _ = writeln!(
            text,
            "  {:<36} {} – {until}  {:>4}  {}{flag}",
            statute.slug, statute.effective, statute.article_count, statute.short_title
        );
    }
    let _ = writeln!(
        text,
        "\n{}",
        match lang {
            Language::Zh => format!("共 {} 个文本；各列：代号、施行期间、条数、简称", statutes.len()),
            Language::En =>
                format!("{} texts; columns: slug, days in force, articles, short title", statutes.len()),
        }
    );
    Ok(text)
}
