//! `law cite`: the citations in a text, resolved by date.

use super::{Paint, absent_text, date_arg, date_of, json_arg, json_text};
use crate::language::pick;
use anyhow::Context;
use clap::{Arg, ArgMatches, Command};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::io::Read as _;
use zhunsheng_law::{Citation, Law, cite};
use zhunsheng_report::Language;

/// Longest text read.
const TEXT_BYTES_MAX: u64 = 64 << 20;

pub(super) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en);
    Command::new("cite")
        .about(t(
            "识别文字中引用的法条并给出原文",
            "find the articles that a text cites and give their words",
        ))
        .arg(
            Arg::new("text")
                .value_name("TEXT|-")
                .required(true)
                .help(t("文字；- 为标准输入", "the text; - reads standard input")),
        )
        .arg(
            Arg::new("within")
                .long("within")
                .value_name("LAW")
                .help(t("“本法”所指的法律", "the law that 本法 means")),
        )
        .arg(date_arg(lang))
        .arg(json_arg(lang))
}

pub(super) fn run(law: &Law, matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let day = date_of(matches)?;
    let given = matches.get_one::<String>("text").map(String::as_str).unwrap_or_default();
    let text = if given == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(TEXT_BYTES_MAX).read_to_end(&mut bytes).context("standard input")?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else {
        given.to_owned()
    };
    let found = cite(law, &text, day, matches.get_one::<String>("within").map(String::as_str));
    if matches.get_flag("json") {
        let rows: Vec<Value> = found.iter().map(|citation| row(&text, citation, lang)).collect();
        return json_text(&json!({"date": day.to_string(), "citations": rows}));
    }
    let paint = Paint::of_stdout();
    let mut shown = String::new();
    let mut failed = 0;
    for citation in &found {
        let place = citation.article.as_ref().map(|key| key.label()).unwrap_or_default();
        match &citation.found {
            Ok(passage) => {
                let head = format!("《{}》{place}{}", passage.statute.short_title, citation.locator);
                let note =
                    passage.statute.amended_after(citation.day).map_or(String::new(), |amended| match lang {
                        Language::Zh => format!("（文本含{amended}的修正）"),
                        Language::En => format!(" (text as amended on {amended})"),
                    });
                let _ =
                    writeln!(shown, "{}  {}{note}", paint.bold(&head), paint.faint(&passage.statute.slug));
                for line in passage.text.lines() {
                    let _ = writeln!(shown, "    {line}");
                }
            }
            Err(absent) => {
                failed += 1;
                let name = citation.name.as_deref().map(|name| format!("《{name}》")).unwrap_or_default();
                let _ = writeln!(shown, "{}", paint.bold(&format!("{name}{place}{}", citation.locator)));
                let _ = writeln!(shown, "    {}", paint.marked(&absent_text(absent, lang)));
            }
        }
    }
    let _ = writeln!(
        shown,
        "{}",
        match lang {
            Language::Zh => format!("共 {} 处引用，{failed} 处未能对应（按 {day} 有效的文本）", found.len()),
            Language::En => format!("{} citations, {failed} not resolved (law of {day})", found.len()),
        }
    );
    Ok(shown)
}

fn row(text: &str, citation: &Citation<'_>, lang: Language) -> Value {
    let mut row = json!({
        "start": citation.range.start,
        "end": citation.range.end,
        "written": text.get(citation.range.clone()),
        "name": citation.name,
        "implied": citation.implied,
        "article": citation.article.as_ref().map(|key| key.to_string()),
        "locator": (!citation.locator.is_whole()).then(|| citation.locator.to_string()),
        "resolved": citation.found.is_ok(),
    });
    let more = match &citation.found {
        Ok(passage) => json!({
            "law": passage.statute.slug,
            "title": passage.statute.title,
            "label": passage.article.map(|article| article.label.as_str()),
            "text": passage.text,
        }),
        Err(absent) => json!({"why": absent_text(absent, lang)}),
    };
    if let (Some(row), Value::Object(more)) = (row.as_object_mut(), more) {
        row.extend(more);
    }
    row
}
