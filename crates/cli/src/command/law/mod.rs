//! `zhunsheng law`: the texts of the law by date, compared, searched, and found in citations.

mod cite;
mod diff;
mod list;
mod search;
mod show;

use crate::language::pick;
use anyhow::{Context, anyhow};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use zhunsheng_law::{Absent, Law, Statute};
use zhunsheng_model::Date;
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "law";

pub(crate) fn command(lang: Language) -> Command {
    Command::new(NAME)
        .about(pick(
            lang,
            "查阅法律条文：按日期显示、比较、检索、识别引用",
            "read the law: by date, compared, searched, cited",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(show::command(lang))
        .subcommand(list::command(lang))
        .subcommand(diff::command(lang))
        .subcommand(search::command(lang))
        .subcommand(cite::command(lang))
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let law = Law::embedded();
    let text = match matches.subcommand() {
        Some(("show", matches)) => show::run(law, matches, lang)?,
        Some(("list", matches)) => list::run(law, matches, lang)?,
        Some(("diff", matches)) => diff::run(law, matches, lang)?,
        Some(("search", matches)) => search::run(law, matches, lang)?,
        Some(("cite", matches)) => cite::run(law, matches, lang)?,
        _ => return Err(anyhow!("no command")),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// `--json`.
pub(crate) fn json_arg(lang: Language) -> Arg {
    Arg::new("json").long("json").action(ArgAction::SetTrue).help(pick(lang, "以 JSON 输出", "print JSON"))
}

/// `--date`.
pub(crate) fn date_arg(lang: Language) -> Arg {
    Arg::new("date").long("date").value_name("YYYY-MM-DD").help(pick(
        lang,
        "适用哪一天有效的文本，默认为规则集所述之日",
        "the day whose law applies; default: the day the rules are stated for",
    ))
}

/// The day of `--date`, if given.
pub(crate) fn given_date(matches: &ArgMatches) -> anyhow::Result<Option<Date>> {
    let Some(text) = matches.get_one::<String>("date") else { return Ok(None) };
    let date = Date::parse(text).with_context(|| format!("`{text}` is no date; write it as 2025-12-31"))?;
    Ok(Some(date))
}

/// The day of `--date`, else that of the rules.
pub(crate) fn date_of(matches: &ArgMatches) -> anyhow::Result<Date> {
    Ok(given_date(matches)?.unwrap_or(Rules::embedded().as_of()))
}

/// The version meant by `name`: a slug of one version names it, unless a date is given; else the date decides.
fn version<'a>(law: &'a Law, name: &str, given: Option<Date>, lang: Language) -> anyhow::Result<&'a Statute> {
    if given.is_none()
        && let Some(statute) = law.statute(name)
    {
        return Ok(statute);
    }
    law.in_force(name, given.unwrap_or(Rules::embedded().as_of())).map_err(|absent| told(&absent, lang))
}

/// Why there is no text, in the language asked for.
fn told(absent: &Absent, lang: Language) -> anyhow::Error {
    anyhow!(absent_text(absent, lang))
}

/// Why there is no text, in the language asked for.
pub(crate) fn absent_text(absent: &Absent, lang: Language) -> String {
    if lang == Language::En {
        let hint = match absent {
            Absent::Unknown { .. } => "; see `zhunsheng law list`",
            _ => "",
        };
        return format!("{absent}{hint}");
    }
    match absent {
        Absent::Unknown { name } => format!("未收录名为“{name}”的文件；可用 `zhunsheng law list` 查看全部"),
        Absent::NotHeld { title, note } => format!("未收录《{title}》的文本：{note}"),
        Absent::NotYet { title, date, effective } => {
            format!("未收录《{title}》{date}有效的文本：所收录的最早文本自{effective}起施行")
        }
        Absent::Ended { title, date, until } => {
            format!("未收录《{title}》{date}有效的文本：所收录的文本有效至{until}")
        }
        Absent::QuotedOnly { title } => format!("《{title}》只收录个别语句，未收录条文"),
        Absent::Unnamed { article } => format!("{article}之前没有写明是哪部法律"),
        Absent::NoArticle { title, article } => format!("《{title}》没有“{article}”"),
        Absent::NoPassage { title, label, locator } => format!("《{title}》{label}没有{locator}"),
        other => other.to_string(),
    }
}

/// What must be said of a text before it is relied on; empty for a whole text in force.
fn cautions(statute: &Statute, day: Date, lang: Language) -> Vec<String> {
    let mut cautions = Vec::new();
    if !statute.verified() {
        cautions.push(
            pick(lang, "只收录个别语句，未核对全文", "single sentences only, not compared with a full text")
                .to_owned(),
        );
    } else if !statute.complete {
        cautions.push(pick(lang, "文本不完整", "the text is not complete").to_owned());
    }
    if let Some(amended) = statute.amended_after(day) {
        cautions.push(match lang {
            Language::Zh => format!("文本含{amended}的修正；{day}的条文可能不同"),
            Language::En => format!(
                "the text contains the amendment of {amended}; on {day} an article may have read otherwise"
            ),
        });
    }
    if let Some(until) = statute.effective_until {
        cautions.push(match lang {
            Language::Zh => format!("该文本有效至{until}"),
            Language::En => format!("this version was in force until {until}"),
        });
    }
    cautions.extend(statute.version_note.clone());
    cautions
}

/// A version in one JSON object, without its articles.
fn statute_json(statute: &Statute) -> Value {
    json!({
        "slug": statute.slug,
        "work": statute.work,
        "title": statute.title,
        "short_title": statute.short_title,
        "level": statute.level.name_zh(),
        "issuing_body": statute.issuing_body,
        "document_number": statute.document_number,
        "effective": statute.effective.to_string(),
        "effective_until": statute.effective_until.map(|day| day.to_string()),
        "status": statute.status,
        "articles": statute.article_count,
        "complete": statute.complete,
        "verified": statute.verified(),
        "note": statute.version_note,
    })
}

/// JSON as text, with a newline.
pub(crate) fn json_text(value: &Value) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(value)?;
    text.push('\n');
    Ok(text)
}

/// Colours of the terminal; none where the output goes elsewhere or `NO_COLOR` is set.
#[derive(Clone, Copy)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    pub(crate) fn of_stdout() -> Paint {
        let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Paint { on: std::io::stdout().is_terminal() && !refused }
    }

    pub(crate) fn is_on(self) -> bool {
        self.on
    }

    fn paint(self, code: &str, text: &str) -> String {
        if self.on { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    pub(crate) fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.paint("2", text)
    }

    pub(crate) fn marked(self, text: &str) -> String {
        self.paint("1;33", text)
    }

    fn removed(self, text: &str) -> String {
        self.paint("9;31", text)
    }

    fn added(self, text: &str) -> String {
        self.paint("32", text)
    }
}
