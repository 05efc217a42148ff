//! The report of findings as pieces of a document.

use crate::explain::Reason;
use crate::finding::{Finding, Report, grouped};
use crate::paper::{Piece, shortened};
use crate::ruleset::Conclusion;
use crate::value::Tri;
use crate::words::{Lang, conclusion, likewise, severity};

/// The whole report.
pub(crate) fn report(report: &Report, lang: Lang) -> Vec<Piece> {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    let title = if report.title.is_empty() { t("认定意见", "Findings") } else { report.title.clone() };
    let mut out = vec![Piece::Title(title)];
    out.push(Piece::Field(t("认定日", "date"), report.date.clone()));
    out.push(Piece::Field(
        t("结论", "findings"),
        match lang {
            Lang::Zh => format!(
                "违法或构成 {} 项，待查明 {} 项（其中 {} 项尚无任何事实），合法或可以 {} 项",
                report.counts.violation, report.counts.open, report.counts.untouched, report.counts.lawful
            ),
            Lang::En => format!(
                "{} violations, {} open ({} of which nothing is known yet), {} lawful",
                report.counts.violation, report.counts.open, report.counts.untouched, report.counts.lawful
            ),
        },
    ));
    out.push(Piece::Field(t("规则集 SHA-256", "rules SHA-256"), report.rules_sha256.clone()));
    out.push(Piece::Note(unreviewed(lang).to_owned()));
    for (wanted, heading) in [
        (Conclusion::Violation, t("一、违法或者构成", "1. Violations")),
        (Conclusion::Open, t("二、待查明", "2. Open")),
        (Conclusion::Lawful, t("三、合法或者可以采取", "3. Lawful")),
    ] {
        let found: Vec<&Finding> = report
            .findings
            .iter()
            .filter(|finding| finding.conclusion == wanted && finding.touched)
            .collect();
        out.push(Piece::Heading(1, heading));
        if found.is_empty() {
            out.push(Piece::Text(t("没有。", "None.")));
        } else if wanted == Conclusion::Violation {
            out.extend(grouped(found).into_iter().flat_map(|(one, others)| finding(one, &others, lang)));
        } else {
            out.push(short(&found, lang));
        }
    }
    if report.counts.untouched > 0 {
        out.push(Piece::Note(match lang {
            Lang::Zh => format!(
                "另有 {} 项规则，其所需事实全部不明，未列入本文，见 findings.json。",
                report.counts.untouched
            ),
            Lang::En => format!(
                "{} more rules of whose facts nothing is known are not listed here; see findings.json.",
                report.counts.untouched
            ),
        }));
    }
    if !report.duties.is_empty() {
        out.push(Piece::Heading(1, t("由数量触发的义务", "Duties brought about by numbers")));
        out.push(Piece::Table {
            heads: vec![t("义务", "duty"), t("数量", "number"), t("法条", "article"), t("履行", "met")],
            widths: vec![32, 30, 26, 12],
            rows: report
                .duties
                .iter()
                .map(|duty| {
                    let because: Vec<&str> = duty.because.iter().map(|words| words.of(lang)).collect();
                    let (zh, en) = conclusion(duty.conclusion, crate::Mode::Requires);
                    vec![
                        duty.name.of(lang).to_owned(),
                        because.join("\n"),
                        duty.article_label.clone(),
                        t(zh, en),
                    ]
                })
                .collect(),
        });
    }
    if !report.differences.is_empty() {
        out.push(Piece::Heading(1, t("数据与处理活动记录不一致之处", "Where data and record differ")));
        out.push(Piece::Table {
            heads: vec![
                t("信息种类", "kind"),
                t("情形", "difference"),
                t("人数", "persons"),
                t("处理活动", "activity"),
            ],
            widths: vec![30, 30, 15, 25],
            rows: report
                .differences
                .iter()
                .map(|row| {
                    let kind = match row.kind {
                        "found_not_declared" => {
                            t("数据中发现，记录未列明", "found in the data, not declared")
                        }
                        _ => t("记录列明，数据中未发现", "declared, not found in the data"),
                    };
                    let persons = row.persons.map(|persons| persons.to_string()).unwrap_or_default();
                    vec![row.item.of(lang).to_owned(), kind, persons, row.activities.join("、")]
                })
                .collect(),
        });
    }
    if !report.questions.is_empty() {
        out.push(Piece::Heading(
            1,
            t("待查明的事实（按可决定的意见数排列）", "Facts to find out, by what they decide"),
        ));
        out.push(Piece::Table {
            heads: vec![
                t("问题", "question"),
                t("可决定", "decides"),
                t("涉及", "of"),
                t("判断", "judgement"),
            ],
            widths: vec![64, 12, 12, 12],
            rows: report
                .questions
                .iter()
                .take(QUESTIONS)
                .map(|question| {
                    vec![
                        question.ask.of(lang).to_owned(),
                        question.decides.to_string(),
                        question.findings.to_string(),
                        if question.judgement { t("法律判断", "legal") } else { String::new() },
                    ]
                })
                .collect(),
        });
    }
    other_dates(&mut out, report, lang);
    if !report.conflicts.is_empty() {
        out.push(Piece::Heading(1, t("来源互相矛盾的事实", "Facts on which sources differ")));
        out.push(Piece::Table {
            heads: vec![t("事实", "fact"), t("采用", "kept"), t("未采用", "not kept")],
            widths: vec![40, 30, 30],
            rows: report
                .conflicts
                .iter()
                .map(|row| {
                    let with = |words: &str, source: &Option<String>| match source {
                        Some(source) => format!("{words}\n（{source}）"),
                        None => words.to_owned(),
                    };
                    vec![
                        row.fact.of(lang).to_owned(),
                        with(row.kept.of(lang), &row.kept_source),
                        with(row.dropped.of(lang), &row.dropped_source),
                    ]
                })
                .collect(),
        });
    }
    appendix(&mut out, report, lang);
    out
}

/// Questions listed in a document.
const QUESTIONS: usize = 60;

/// The rules have no signature of a lawyer.
pub(crate) const fn unreviewed(lang: Lang) -> &'static str {
    lang.pick(
        "本文所据规则尚未经律师审定（unreviewed）。结论由事实和规则推出，供专业人员参考，不代替其判断。",
        "The rules behind this paper are unreviewed: no lawyer has signed them. The conclusions follow from facts and \
         rules; they are for professionals to weigh and do not stand in their place.",
    )
}

fn other_dates(out: &mut Vec<Piece>, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    if report.other_dates.is_empty() {
        return;
    }
    out.push(Piece::Heading(1, t("按其他日期的法律", "By the law of another day")));
    out.push(Piece::Note(t(
        "法律依行为日（持续的行为依终了日）适用；下列为其他日期的法律会得出的不同结论。",
        "The law of the day of the act applies, of its end where it went on; these are the answers of other days that differ.",
    )));
    out.push(Piece::Table {
        heads: vec![
            t("日期", "date"),
            t("对象", "of"),
            t("规则", "rule"),
            t("法条", "article"),
            t("结论", "conclusion"),
        ],
        widths: vec![14, 22, 28, 24, 12],
        rows: report
            .other_dates
            .iter()
            .map(|row| {
                let (zh, en) = conclusion(row.conclusion, crate::Mode::Requires);
                vec![
                    row.date.clone(),
                    lang.pick(&row.entity.zh, &row.entity.en).to_owned(),
                    row.name.of(lang).to_owned(),
                    row.article_label.clone(),
                    t(zh, en),
                ]
            })
            .collect(),
    });
}

fn appendix(out: &mut Vec<Piece>, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    out.push(Piece::NewPage);
    out.push(Piece::Heading(1, t("附一　法条原文", "Annex 1. The articles, word for word")));
    for article in cited(report) {
        out.push(Piece::Heading(3, article.label.clone()));
        if article.text.is_empty() {
            out.push(Piece::Note(t("没有全文。", "The full text is not at hand.")));
        }
        out.extend(
            article
                .text
                .lines()
                .filter(|line| !line.trim().is_empty())
                .map(|line| Piece::Quote(line.to_owned())),
        );
    }
    if !report.cases.is_empty() {
        out.push(Piece::Heading(1, t("附二　类案", "Annex 2. Cases on point")));
        for case in &report.cases {
            out.push(Piece::Heading(3, format!("{}　{}", case.label, case.title)));
            out.push(Piece::Quote(case.holding.clone()));
        }
    }
}

/// The articles of violations and of what is partly known; those of rules of which nothing is known stay in the JSON.
pub(crate) fn cited(report: &Report) -> Vec<&crate::finding::ArticleText> {
    let mut wanted: std::collections::BTreeSet<(&str, &str)> = std::collections::BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.touched) {
        let own = [&finding.article].into_iter();
        let rest: Vec<_> = if finding.conclusion == Conclusion::Violation {
            finding.articles.iter().chain(finding.penalty.iter().map(|tier| &tier.article)).collect()
        } else {
            Vec::new()
        };
        wanted.extend(own.chain(rest).map(|citation| (citation.law.as_str(), citation.article.as_str())));
    }
    wanted.extend(
        report.other_dates.iter().map(|row| (row.article.law.as_str(), row.article.article.as_str())),
    );
    let is_wanted = |article: &&crate::finding::ArticleText| {
        wanted.contains(&(article.law.as_str(), article.article.as_str()))
    };
    report.articles.iter().filter(is_wanted).collect()
}

/// One finding in full.
pub(crate) fn finding(finding: &Finding, others: &[&Finding], lang: Lang) -> Vec<Piece> {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    let (zh, en) = conclusion(finding.conclusion, finding.mode);
    let (sev_zh, sev_en) = severity(finding.severity);
    let mut out = vec![Piece::Heading(
        2,
        format!(
            "{}（{}）　{}",
            finding.name.of(lang),
            t(sev_zh, sev_en),
            lang.pick(&finding.entity.zh, &finding.entity.en)
        ),
    )];
    out.push(Piece::Text(finding.says.of(lang).to_owned()));
    out.extend(likewise(others, lang).map(Piece::Note));
    out.push(Piece::Field(t("结论", "conclusion"), t(zh, en)));
    out.push(Piece::Field(t("法条", "article"), finding.article_label.clone()));
    out.extend(finding.quotes.iter().map(|quote| Piece::Quote(format!("“{quote}”"))));
    if let Some(reason) = &finding.date_reason {
        out.push(Piece::Field(t("适用的法律", "law applied"), reason.of(lang).to_owned()));
    }
    out.push(Piece::Field(t("理由", "reason"), String::new()));
    let mut lines = Vec::new();
    for reason in &finding.reason {
        tree(reason, 0, lang, &mut lines);
    }
    out.push(Piece::Tree(lines));
    if let Some(remedy) = &finding.remedy {
        out.push(Piece::Field(t("怎么办", "to do"), remedy.of(lang).to_owned()));
    }
    for tier in &finding.penalty {
        let label = match tier.certainty {
            "applies" => t("可能的处罚", "penalty"),
            _ => t("视情节可能的处罚", "penalty, depending on facts not known"),
        };
        out.push(Piece::Field(label, format!("{}（{}）", tier.words.of(lang), tier.article_label)));
    }
    if !finding.cases.is_empty() {
        out.push(Piece::Field(t("类案", "cases"), finding.cases.join("、")));
    }
    if !finding.verified {
        out.push(Piece::Note(t(
            "本项所据的部分资料未经核实。",
            "Part of the data behind this finding was not verified.",
        )));
    }
    out
}

/// A table of findings that need no more than a line.
fn short(findings: &[&Finding], lang: Lang) -> Piece {
    let t = |zh, en| lang.pick(zh, en).to_owned();
    Piece::Table {
        heads: vec![t("规则", "rule"), t("对象", "of"), t("法条", "article"), t("说明", "says")],
        widths: vec![25, 20, 22, 33],
        rows: findings
            .iter()
            .map(|finding| {
                vec![
                    finding.name.of(lang).to_owned(),
                    lang.pick(&finding.entity.zh, &finding.entity.en).to_owned(),
                    finding.article_label.clone(),
                    finding.says.of(lang).to_owned(),
                ]
            })
            .collect(),
    }
}

/// The lines of a reason.
pub(crate) fn tree(reason: &Reason, depth: usize, lang: Lang, lines: &mut Vec<(usize, String)>) {
    let mark = match reason.holds {
        Tri::True => "✓",
        Tri::False => "✗",
        Tri::Unknown => "？",
    };
    let source = reason.source.as_ref().map(|source| lang_source(source, lang)).unwrap_or_default();
    lines.push((depth, format!("{mark} {}{source}", lang.pick(&reason.zh, &reason.en))));
    for inner in &reason.because {
        tree(inner, depth + 1, lang, lines);
    }
}

fn lang_source(source: &str, lang: Lang) -> String {
    let source = &shortened(source, 60);
    match lang {
        Lang::Zh => format!("（来源：{source}）"),
        Lang::En => format!(" (source: {source})"),
    }
}
