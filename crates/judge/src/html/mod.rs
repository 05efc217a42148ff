//! `findings.html`: one file that needs no network, reads on screens light and dark, and prints on A4.
//!
//! A content security policy forbids every request and every script and style but the two in the file, which it
//! names by their hashes. Without script everything is there; with it findings can be searched and reasons unfolded.

mod parts;

use crate::finding::{Finding, Report, grouped};
use crate::paper::{Piece, escaped};
use crate::pieces::{cited, unreviewed};
use crate::ruleset::{Conclusion, Severity};
use crate::words::{Lang, conclusion, severity};
use parts::{bars, card, head, questions};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Findings of one conclusion shown as cards; a page of thousands would not open.
const CARDS: usize = 600;

/// The whole page.
pub fn report(report: &Report, lang: Lang) -> String {
    let t = |zh, en| lang.pick(zh, en);
    let title = if report.title.is_empty() { t("认定意见", "Findings") } else { report.title.as_str() };
    let mut out = String::with_capacity(256 << 10);
    head(&mut out, title, lang);
    masthead(&mut out, report, title, lang);
    out.push_str("<main>\n");
    let laws: BTreeMap<(&str, &str), &str> =
        report.articles.iter().map(|a| ((a.law.as_str(), a.article.as_str()), a.label.as_str())).collect();
    for (wanted, id, heading) in [
        (Conclusion::Violation, "violation", t("违法或者构成", "Violations")),
        (Conclusion::Open, "open", t("待查明", "Open")),
        (Conclusion::Lawful, "lawful", t("合法或者可以采取", "Lawful")),
    ] {
        section(&mut out, report, wanted, id, heading, &laws, lang);
        if wanted == Conclusion::Violation {
            tables(&mut out, report, lang);
        }
    }
    texts(&mut out, report, lang);
    out.push_str("</main>\n");
    let _ = write!(
        out,
        "<footer><p>{}</p><p>{} · <span class=\"mono\">{}</span></p></footer>\n<script>{}</script>\n</body>\n</html>\n",
        escaped(unreviewed(lang)),
        escaped(&report.schema_version),
        escaped(&report.rules_sha256),
        parts::SCRIPT
    );
    out
}

fn masthead(out: &mut String, report: &Report, title: &str, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    let _ = write!(out, "<body>\n<header>\n<h1>{}</h1>\n<dl>\n", escaped(title));
    for (label, value, class) in [
        (t("认定日", "date"), report.date.as_str(), ""),
        (t("规则集 SHA-256", "rules SHA-256"), report.rules_sha256.as_str(), " class=\"mono\""),
    ] {
        let _ = writeln!(out, "<div><dt>{}</dt><dd{class}>{}</dd></div>", escaped(label), escaped(value));
    }
    let _ = write!(
        out,
        "</dl>\n<p class=\"banner\" role=\"note\">{}</p>\n<ul class=\"tiles\">\n",
        escaped(unreviewed(lang))
    );
    let untouched = match lang {
        Lang::Zh => format!("其中 {} 项尚无任何事实", report.counts.untouched),
        Lang::En => format!("of {} nothing is known yet", report.counts.untouched),
    };
    for (class, label, number, small) in [
        ("violation", t("违法或者构成", "violations"), report.counts.violation, String::new()),
        ("open", t("待查明", "open"), report.counts.open, untouched),
        ("lawful", t("合法或者可以采取", "lawful"), report.counts.lawful, String::new()),
        ("", t("由数量触发的义务", "duties by number"), report.duties.len(), String::new()),
        ("", t("待查明的事实", "facts to find out"), report.questions.len(), String::new()),
    ] {
        let small = if small.is_empty() { small } else { format!("<small>{}</small>", escaped(&small)) };
        let _ =
            writeln!(out, "<li class=\"{class}\"><span>{}</span><b>{number}</b>{small}</li>", escaped(label));
    }
    out.push_str("</ul>\n");
    charts(out, report, lang);
    out.push_str("</header>\n");
}

fn charts(out: &mut String, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    out.push_str("<div class=\"charts\">\n");
    let by_severity: Vec<(String, [usize; 3])> = Severity::ALL
        .iter()
        .rev()
        .map(|one| {
            let (zh, en) = severity(*one);
            (t(zh, en).to_owned(), [report.counts.violations_by_severity.of(*one), 0, 0])
        })
        .collect();
    bars(out, t("违法或者构成，按严重程度", "violations by severity"), &by_severity, false, lang);
    let mut by_law: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    let titles: BTreeMap<&str, &str> = report
        .articles
        .iter()
        .map(|article| {
            (article.law.as_str(), article.label.split_once('》').map_or(article.title.as_str(), |(t, _)| t))
        })
        .collect();
    for finding in report.findings.iter().filter(|finding| finding.touched) {
        let counts = by_law.entry(finding.article.law.as_str()).or_default();
        let at = match finding.conclusion {
            Conclusion::Violation => 0,
            Conclusion::Open => 1,
            _ => 2,
        };
        if let Some(count) = counts.get_mut(at) {
            *count += 1;
        }
    }
    let mut rows: Vec<(String, [usize; 3])> = by_law
        .into_iter()
        .map(|(law, counts)| {
            (titles.get(law).copied().unwrap_or(law).trim_start_matches('《').to_owned(), counts)
        })
        .collect();
    rows.sort_by_key(|(name, counts)| (std::cmp::Reverse(*counts), name.clone()));
    bars(
        out,
        t("按法律（不含尚无任何事实的）", "by law (without those of which nothing is known)"),
        &rows,
        true,
        lang,
    );
    out.push_str("</div>\n");
}

fn section(
    out: &mut String,
    report: &Report,
    wanted: Conclusion,
    id: &str,
    heading: &str,
    laws: &BTreeMap<(&str, &str), &str>,
    lang: Lang,
) {
    let t = |zh, en| lang.pick(zh, en);
    let of = |touched: bool| -> Vec<&Finding> {
        let fits =
            |f: &&Finding| f.conclusion == wanted && (f.touched || wanted != Conclusion::Open) == touched;
        report.findings.iter().filter(fits).collect()
    };
    let (known, unknown) = (of(true), of(false));
    let _ = write!(out, "<section id=\"s-{id}\">\n<h2>{} · {}</h2>\n", escaped(heading), known.len());
    if known.is_empty() {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", escaped(t("没有。", "None.")));
    }
    if known.len() > 1 {
        let _ = writeln!(
            out,
            "<div class=\"tools\" hidden><input type=\"search\" placeholder=\"{0}\" aria-label=\"{0}\">\
             <button type=\"button\" aria-pressed=\"false\">{1}</button></div>",
            escaped(t("查找法条、主体、文字", "search article, entity, words")),
            escaped(t("展开全部理由", "unfold all reasons"))
        );
    }
    let cards = grouped(known);
    for (finding, others) in cards.iter().take(CARDS) {
        card(out, finding, others, laws, wanted == Conclusion::Violation, lang);
    }
    if cards.len() > CARDS {
        let left = cards.len() - CARDS;
        let more = t("项未列出，见 findings.json", "more, in findings.json");
        let _ = writeln!(out, "<p class=\"note\">{left} {}</p>", escaped(more));
    }
    if !unknown.is_empty() {
        let _ = write!(
            out,
            "<details><summary>{} · {}</summary>\n<div class=\"scroll\"><table class=\"data\"><tbody>\n",
            escaped(t("所需事实全部不明的规则", "Rules of whose facts nothing is known")),
            unknown.len()
        );
        for finding in unknown.iter().take(CARDS) {
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td>{}</td><td>{}</td></tr>",
                escaped(finding.name.of(lang)),
                escaped(lang.pick(&finding.entity.zh, &finding.entity.en)),
                escaped(&finding.article_label)
            );
        }
        out.push_str("</tbody></table></div></details>\n");
    }
    out.push_str("</section>\n");
}

/// Duties, differences, questions, other dates, contradictions.
fn tables(out: &mut String, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    if !report.duties.is_empty() {
        open_table(
            out,
            "duties",
            t("由数量触发的义务", "Duties brought about by numbers"),
            &[t("义务", "duty"), t("数量", "number"), t("法条", "article"), t("履行", "met")],
        );
        for duty in &report.duties {
            let because: Vec<String> = duty.because.iter().map(|words| escaped(words.of(lang))).collect();
            let (zh, en) = conclusion(duty.conclusion, crate::Mode::Requires);
            let _ = writeln!(
                out,
                "<tr><td>{}<br><span class=\"src\">{}</span></td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
                escaped(duty.name.of(lang)),
                escaped(lang.pick(&duty.entity.zh, &duty.entity.en)),
                because.join("<br>"),
                escaped(&duty.article_label),
                duty.conclusion.id(),
                escaped(t(zh, en))
            );
        }
        close_table(out);
    }
    if !report.differences.is_empty() {
        open_table(
            out,
            "differences",
            t("数据与处理活动记录不一致之处", "Where data and record differ"),
            &[
                t("信息种类", "kind"),
                t("情形", "difference"),
                t("人数", "persons"),
                t("处理活动", "activity"),
            ],
        );
        for row in &report.differences {
            let (class, kind) = match row.kind {
                "found_not_declared" => {
                    ("violation", t("数据中发现，记录未列明", "found in the data, not declared"))
                }
                _ => ("open", t("记录列明，数据中未发现", "declared, not found in the data")),
            };
            let persons = row.persons.map(|persons| persons.to_string()).unwrap_or_default();
            let _ = writeln!(
                out,
                "<tr><td>{}</td><td class=\"{class}\">{}</td><td class=\"n\">{persons}</td><td>{}</td></tr>",
                escaped(row.item.of(lang)),
                escaped(kind),
                escaped(&row.activities.join("、"))
            );
        }
        close_table(out);
    }
    questions(out, report, lang);
    if !report.other_dates.is_empty() {
        open_table(
            out,
            "dates",
            t("按其他日期的法律", "By the law of another day"),
            &[
                t("日期", "date"),
                t("对象", "of"),
                t("规则", "rule"),
                t("法条", "article"),
                t("结论", "conclusion"),
            ],
        );
        for row in &report.other_dates {
            let why = match row.why {
                "began" => t("行为开始时", "when the act began"),
                _ => t("认定日", "day of the report"),
            };
            let (zh, en) = conclusion(row.conclusion, crate::Mode::Requires);
            let _ = writeln!(
                out,
                "<tr><td>{}<br><span class=\"src\">{}</span></td><td>{}</td><td>{}</td><td>{}</td><td class=\"{}\">{}</td></tr>",
                escaped(&row.date),
                escaped(why),
                escaped(lang.pick(&row.entity.zh, &row.entity.en)),
                escaped(row.name.of(lang)),
                escaped(&row.article_label),
                row.conclusion.id(),
                escaped(t(zh, en))
            );
        }
        close_table(out);
    }
    if !report.conflicts.is_empty() {
        open_table(
            out,
            "conflicts",
            t("来源互相矛盾的事实", "Facts on which sources differ"),
            &[t("事实", "fact"), t("采用", "kept"), t("未采用", "not kept")],
        );
        for row in &report.conflicts {
            let with = |words: &str, source: &Option<String>| {
                let source = source.as_deref().unwrap_or_default();
                format!("{}<br><span class=\"src\">{}</span>", escaped(words), escaped(source))
            };
            let _ = writeln!(
                out,
                "<tr><td>{}<br><span class=\"src\">{}</span></td><td>{}</td><td>{}</td></tr>",
                escaped(row.fact.of(lang)),
                escaped(&row.path),
                with(row.kept.of(lang), &row.kept_source),
                with(row.dropped.of(lang), &row.dropped_source)
            );
        }
        close_table(out);
    }
}

fn open_table(out: &mut String, id: &str, title: &str, heads: &[&str]) {
    let _ = write!(
        out,
        "<section id=\"s-{id}\">\n<h2>{}</h2>\n<div class=\"scroll\"><table class=\"data\"><thead><tr>",
        escaped(title)
    );
    for head in heads {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
}

fn close_table(out: &mut String) {
    out.push_str("</tbody></table></div>\n</section>\n");
}

fn texts(out: &mut String, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    let articles = cited(report);
    if !articles.is_empty() {
        let _ = write!(
            out,
            "<section id=\"s-articles\">\n<h2>{}</h2>\n",
            escaped(t("法条原文", "The articles, word for word"))
        );
        for article in articles {
            let _ = writeln!(
                out,
                "<article lang=\"zh-CN\" id=\"{}\"><h3>{}</h3>",
                escaped(&parts::anchor(&article.law, &article.article)),
                escaped(&article.label)
            );
            let (from, until) =
                (article.effective.as_deref().unwrap_or("?"), article.until.as_deref().unwrap_or(""));
            let _ = writeln!(out, "<p class=\"note\">{} · {from} – {until}</p>", escaped(&article.title));
            if article.text.is_empty() || !article.complete {
                let _ = writeln!(
                    out,
                    "<p class=\"note\">{}</p>",
                    escaped(t(
                        "没有全文，只有所引文句。",
                        "The full text is not at hand, only the sentences quoted."
                    ))
                );
            }
            for line in article.text.lines().filter(|line| !line.trim().is_empty()) {
                let _ = writeln!(out, "<p>{}</p>", escaped(line));
            }
            out.push_str("</article>\n");
        }
        out.push_str("</section>\n");
    }
    if !report.cases.is_empty() {
        let _ = write!(out, "<section id=\"s-cases\">\n<h2>{}</h2>\n", escaped(t("类案", "Cases on point")));
        for case in &report.cases {
            let _ = writeln!(
                out,
                "<article lang=\"zh-CN\" id=\"case-{}\"><h3>{} {}</h3>\n<p>{}</p></article>",
                escaped(&case.id),
                escaped(&case.label),
                escaped(&case.title),
                escaped(&case.holding)
            );
        }
        out.push_str("</section>\n");
    }
}

/// A page of pieces: for papers that are documents first.
pub fn page(pieces: &[Piece], lang: Lang) -> String {
    let title = pieces.iter().find_map(|piece| match piece {
        Piece::Title(title) => Some(title.as_str()),
        _ => None,
    });
    let mut out = String::with_capacity(64 << 10);
    head(&mut out, title.unwrap_or("准绳"), lang);
    out.push_str("<body>\n<main>\n");
    for piece in pieces {
        parts::piece(&mut out, piece);
    }
    let _ = write!(out, "</main>\n<script>{}</script>\n</body>\n</html>\n", parts::SCRIPT);
    out
}
