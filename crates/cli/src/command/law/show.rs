//! `law show`: articles, passages, whole instruments, and cases.

use super::{Paint, absent_text, cautions, date_arg, given_date, json_arg, json_text, statute_json, version};
use crate::language::pick;
use anyhow::{anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::fmt::Write as _;
use zhunsheng_law::{Absent, Article, ArticleKey, Case, Law, Locator, Statute, parse_places};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(super) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en);
    Command::new("show")
        .about(t(
            "显示条文：`law show pipl 31`、`law show 个人信息保护法 第十三条 第一款`、`law show pipl 13-17`",
            "show articles: `law show pipl 31`, `law show 个人信息保护法 第十三条 第一款`, `law show pipl 13-17`",
        ))
        .arg(
            Arg::new("law")
                .value_name("LAW")
                .required(true)
                .help(t("法律的名称、简称或代号，或案例代号", "name, short name or slug of a law, or id of a case")),
        )
        .arg(
            Arg::new("place")
                .value_name("ARTICLE")
                .action(ArgAction::Append)
                .num_args(0..)
                .help(t("条、款、项；缺省为全文", "article, paragraph, item; the whole text if left out")),
        )
        .arg(date_arg(lang))
        .arg(json_arg(lang))
}

pub(super) fn run(law: &Law, matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let name = matches.get_one::<String>("law").map(String::as_str).unwrap_or_default();
    let places: Vec<&str> =
        matches.get_many::<String>("place").unwrap_or_default().map(String::as_str).collect();
    let json = matches.get_flag("json");
    if places.is_empty()
        && let Some(case) = law.case(name)
    {
        return if json { json_text(&case_json(case)) } else { Ok(case_text(law, case, lang)) };
    }
    let given = given_date(matches)?;
    let statute = version(law, name, given, lang)?;
    let places = read(&places, lang)?;
    let mut shown: Vec<(&Article, Locator, &str)> = Vec::new();
    for (key, locator) in &places {
        let article = statute.article_of(key).ok_or_else(|| {
            let title = statute.title.clone();
            let absent = if statute.verified() {
                Absent::NoArticle { title, article: key.label() }
            } else {
                Absent::QuotedOnly { title }
            };
            anyhow!(absent_text(&absent, lang))
        })?;
        let text = article.passage_at(*locator).ok_or_else(|| {
            anyhow!(absent_text(
                &Absent::NoPassage {
                    title: statute.title.clone(),
                    label: article.label.clone(),
                    locator: locator.to_string(),
                },
                lang
            ))
        })?;
        shown.push((article, *locator, text));
    }
    let whole = places.is_empty();
    if whole {
        shown.extend(
            statute.articles().iter().map(|article| (article, Locator::default(), article.text.as_str())),
        );
    }
    if json {
        let mut value = statute_json(statute);
        if let Some(object) = value.as_object_mut() {
            object.insert("texts".to_owned(), shown.iter().map(|shown| passage_json(*shown)).collect());
            if whole {
                let quotations =
                    statute.quotations().iter().map(|q| json!({"topic": q.topic, "text": q.text}));
                object.insert("quotations".to_owned(), quotations.collect());
                let annexes = statute.annexes().iter().map(|a| json!({"title": a.title, "text": a.text}));
                object.insert("annexes".to_owned(), annexes.collect());
            }
        }
        return json_text(&value);
    }
    let day = given.unwrap_or_else(|| {
        // A version named by its slug is read for its own time.
        let today = Rules::embedded().as_of();
        if statute.in_force_on(today) { today } else { statute.effective }
    });
    Ok(statute_text(statute, &shown, whole, &cautions(statute, day, lang), lang))
}

/// The places of the command line: 第十三条 and 第一款 may be two words.
fn read(words: &[&str], lang: Language) -> anyhow::Result<Vec<(ArticleKey, Locator)>> {
    let mut joined: Vec<String> = Vec::new();
    for word in words {
        let word = word.trim_matches([',', '，', '、', ' ']);
        let continues = word.starts_with('第') && !word.contains('条') && Locator::parse(word).is_some();
        match joined.last_mut().filter(|_| continues) {
            Some(last) => {
                // `13 第一款` stands for 第十三条第一款.
                if let Some(key) = ArticleKey::parse(last) {
                    *last = key.label();
                }
                last.push_str(word);
            }
            None if word.is_empty() => {}
            None => joined.push(word.to_owned()),
        }
    }
    let mut places = Vec::new();
    for word in &joined {
        match parse_places(word) {
            Some(found) => places.extend(found),
            None => bail!(
                "{}",
                match lang {
                    Language::Zh => format!("`{word}` 不是条号；可写作 31、13-17、253之一、第十三条第一款"),
                    Language::En =>
                        format!("`{word}` is no article; write 31, 13-17, 253之一 or 第十三条第一款"),
                }
            ),
        }
    }
    Ok(places)
}

fn passage_json((article, locator, text): (&Article, Locator, &str)) -> Value {
    json!({
        "article": article.key().to_string(),
        "label": article.label,
        "locator": (!locator.is_whole()).then(|| locator.to_string()),
        "chapter": article.chapter,
        "incomplete": article.incomplete,
        "text": text,
    })
}

fn statute_text(
    statute: &Statute,
    shown: &[(&Article, Locator, &str)],
    whole: bool,
    cautions: &[String],
    lang: Language,
) -> String {
    let paint = Paint::of_stdout();
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    let _ = writeln!(text, "{}", paint.bold(&statute.title));
    let number = statute.document_number.as_deref().map(|number| format!("{number} · ")).unwrap_or_default();
    let level = t(statute.level.name_zh(), statute.level.name_en());
    let until = match statute.effective_until {
        Some(until) => format!("{} – {until}", statute.effective),
        None => format!("{}{}", statute.effective, t(" 起施行", " –")),
    };
    let line = format!("{level} · {number}{} · {until} · {}", statute.issuing_body, statute.slug);
    let _ = writeln!(text, "{}", paint.faint(&line));
    for caution in cautions {
        let _ = writeln!(text, "{}", paint.marked(&format!("{} {caution}", t("注意：", "note:"))));
    }
    let mut chapter = None;
    for (article, locator, passage) in shown {
        if whole && article.chapter.as_deref() != chapter {
            chapter = article.chapter.as_deref();
            let _ = writeln!(text, "\n{}", paint.bold(chapter.unwrap_or_default()));
        }
        let missing = if article.incomplete { t("（文本不完整）", " (not complete)") } else { "" };
        let _ = writeln!(text, "\n{}{locator}{missing}", paint.bold(&article.label));
        for line in passage.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    if whole {
        for quotation in statute.quotations() {
            let _ = writeln!(text, "\n{}\n    {}", paint.bold(&quotation.topic), quotation.text);
        }
        for annex in statute.annexes() {
            let _ = writeln!(text, "\n{}", paint.bold(&annex.title));
            for line in annex.text.lines() {
                let _ = writeln!(text, "    {line}");
            }
        }
    }
    text
}

fn case_json(case: &Case) -> Value {
    json!({
        "id": case.id,
        "kind": case.kind,
        "number": case.number,
        "title": case.title,
        "issuer": case.issuer,
        "published": case.published.map(|day| day.to_string()),
        "court": case.court,
        "authority": case.authority,
        "case_numbers": case.case_numbers,
        "outcome": case.outcome,
        "keywords": case.keywords,
        "cites": case.cites.iter().map(|cite| json!({
            "law": cite.law,
            "article": cite.article,
            "locator": cite.locator,
            "resolved": cite.resolved,
        })).collect::<Vec<_>>(),
        "text": case.text.parts().map(|(name, text)| json!({"part": name, "text": text})).collect::<Vec<_>>(),
    })
}

fn case_text(law: &Law, case: &Case, lang: Language) -> String {
    let paint = Paint::of_stdout();
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    let _ = writeln!(text, "{}", paint.bold(&case.title));
    let number = case.number.map(|number| number.to_string()).unwrap_or_default();
    let published = case.published.map(|day| format!(" · {day}")).unwrap_or_default();
    let line = format!("{}{number} · {}{published} · {}", case.kind, case.issuer, case.id);
    let _ = writeln!(text, "{}", paint.faint(&line));
    if let Some(basis) = &case.basis {
        let _ = writeln!(text, "{} {basis}", t("依据：", "rests on:"));
    }
    if let Some(outcome) = &case.outcome {
        let _ = writeln!(text, "{} {outcome}", t("结果：", "outcome:"));
    }
    for (part, words) in case.text.parts() {
        let _ = writeln!(text, "\n{}", paint.bold(part));
        for line in words.lines() {
            let _ = writeln!(text, "    {line}");
        }
    }
    if !case.cites.is_empty() {
        let _ = writeln!(text, "\n{}", paint.bold(t("引用法条", "Articles cited")));
    }
    for cite in &case.cites {
        let title = law.statute(&cite.law).map_or(cite.law.as_str(), |statute| statute.short_title.as_str());
        let label = ArticleKey::parse(&cite.article).map_or(cite.article.clone(), |key| key.label());
        let locator = cite.locator.as_deref().unwrap_or_default();
        let missing = if cite.resolved { "" } else { t("（未收录）", " (not held)") };
        let _ = writeln!(text, "    《{title}》{label}{locator}{missing}");
    }
    text
}
