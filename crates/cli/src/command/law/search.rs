//! `law search`: articles that hold all the words given.

use super::{Paint, date_arg, date_of, json_arg, json_text};
use crate::language::pick;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::{Value, json};
use std::fmt::Write as _;
use zhunsheng_law::{Article, Law, Statute};
use zhunsheng_report::Language;

/// Characters shown on each side of the first word found.
const AROUND: usize = 40;

pub(super) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en);
    Command::new("search")
        .about(t("检索含有全部词语的条文", "find articles that hold all the words"))
        .arg(
            Arg::new("words")
                .value_name("WORDS")
                .required(true)
                .action(ArgAction::Append)
                .num_args(1..)
                .help(t("词语，须全部出现", "words; all must stand in the article")),
        )
        .arg(Arg::new("law").long("law").value_name("LAW").help(t("只检索这部法律", "search this law only")))
        .arg(
            Arg::new("limit")
                .long("limit")
                .short('n')
                .value_name("N")
                .value_parser(value_parser!(usize))
                .default_value("20")
                .help(t("最多显示几条", "show at most N")),
        )
        .arg(date_arg(lang))
        .arg(json_arg(lang))
}

pub(super) fn run(law: &Law, matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let day = date_of(matches)?;
    let words: Vec<&str> = matches
        .get_many::<String>("words")
        .unwrap_or_default()
        .flat_map(|word| word.split_whitespace())
        .collect();
    let only = matches.get_one::<String>("law");
    let mut statutes: Vec<&Statute> = match only {
        Some(name) => vec![super::version(law, name, super::given_date(matches)?, lang)?],
        None => law.statutes().iter().filter(|statute| statute.in_force_on(day)).collect(),
    };
    statutes.sort_by_key(|statute| (statute.level, statute.slug.as_str()));
    let mut found: Vec<(usize, &Statute, &Article)> = Vec::new();
    for statute in statutes {
        for article in statute.articles() {
            if words.iter().all(|word| article.text.contains(word)) {
                let times = words.iter().map(|word| article.text.matches(word).count()).sum();
                found.push((times, statute, article));
            }
        }
    }
    // Most mentions first; a stable sort keeps rank and order of articles within equals.
    found.sort_by_key(|(times, ..)| std::cmp::Reverse(*times));
    let all = found.len();
    found.truncate(matches.get_one::<usize>("limit").copied().unwrap_or(20));
    if matches.get_flag("json") {
        let rows: Vec<Value> = found
            .iter()
            .map(|(times, statute, article)| {
                json!({"law": statute.slug, "title": statute.title, "article": article.key().to_string(), "label": article.label, "mentions": times, "text": article.text})
            })
            .collect();
        return json_text(&json!({"words": words, "date": day.to_string(), "found": all, "articles": rows}));
    }
    let paint = Paint::of_stdout();
    let mut text = String::new();
    for (_, statute, article) in &found {
        let head = format!("《{}》{}", statute.short_title, article.label);
        let _ = writeln!(text, "{}  {}", paint.bold(&head), paint.faint(&statute.slug));
        let _ = writeln!(text, "    {}", snippet(&article.text, &words, paint));
    }
    let _ = writeln!(
        text,
        "{}",
        match (lang, all > found.len()) {
            (Language::Zh, false) => format!("共 {all} 条（{day} 有效的文本）"),
            (Language::Zh, true) =>
                format!("共 {all} 条（{day} 有效的文本），显示前 {} 条；用 --limit 增加", found.len()),
            (Language::En, false) => format!("{all} articles (law of {day})"),
            (Language::En, true) =>
                format!("{all} articles (law of {day}), {} shown; more with --limit", found.len()),
        }
    );
    Ok(text)
}

/// The words around the first one found, each word marked.
fn snippet(text: &str, words: &[&str], paint: Paint) -> String {
    let line = text.replace('\n', " ");
    let first = words.iter().filter_map(|word| line.find(word)).min().unwrap_or(0);
    let before: Vec<char> = line.get(..first).unwrap_or_default().chars().collect();
    let start = before.len().saturating_sub(AROUND / 2);
    let shown: String = line.chars().skip(start).take(AROUND * 2).collect();
    let mut marked = shown.clone();
    if paint.is_on() {
        for word in words {
            marked = marked.replace(word, &paint.marked(word));
        }
    }
    let head = if start > 0 { "…" } else { "" };
    let tail = if line.chars().count() > start + AROUND * 2 { "…" } else { "" };
    format!("{head}{marked}{tail}")
}
