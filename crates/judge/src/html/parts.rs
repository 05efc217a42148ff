//! Parts of the page: head, charts, cards, trees, questions.

use crate::explain::Reason;
use crate::finding::{Finding, Report};
use crate::paper::{Piece, escaped, shortened};
use crate::ruleset::Conclusion;
use crate::value::Tri;
use crate::words::{Lang, conclusion, likewise, severity};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const STYLE: &str = include_str!("style.css");
/// The one script of a page.
pub(super) const SCRIPT: &str = include_str!("script.js");

pub(super) fn head(out: &mut String, title: &str, lang: Lang) {
    let hash = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n",
        lang.tag(),
        hash(STYLE),
        hash(SCRIPT),
        escaped(title),
    );
}

/// Rows of up to three counts (violation, open, lawful) on one scale.
pub(super) fn bars(out: &mut String, caption: &str, rows: &[(String, [usize; 3])], key: bool, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    let classes = ["violation", "open", "lawful"];
    let most = rows.iter().map(|(_, counts)| counts.iter().sum::<usize>()).max().unwrap_or(0).max(1);
    let _ = write!(out, "<figure><figcaption>{}", escaped(caption));
    if key {
        out.push_str("<span class=\"legend\">");
        for (class, name) in
            classes.iter().zip([t("违法", "violation"), t("待查明", "open"), t("合法", "lawful")])
        {
            let _ = write!(out, "<i class=\"{class}-fill\"></i>{}", escaped(name));
        }
        out.push_str("</span>");
    }
    out.push_str("</figcaption>\n<table class=\"bars\"><tbody>\n");
    for (name, counts) in rows {
        let _ = write!(
            out,
            "<tr><th scope=\"row\">{}</th><td><svg width=\"100%\" height=\"15\" role=\"img\" aria-label=\"{}\">\
             <rect class=\"track\" width=\"100%\" height=\"15\"/>",
            escaped(name),
            counts.iter().map(usize::to_string).collect::<Vec<_>>().join(" / ")
        );
        let mut x = 0;
        for (class, count) in classes.iter().zip(counts) {
            if *count > 0 {
                let width = count * 10_000 / most;
                let _ = write!(
                    out,
                    "<rect class=\"{class}-fill\" x=\"{}.{:02}%\" width=\"{}.{:02}%\" height=\"15\"/>",
                    x / 100,
                    x % 100,
                    width / 100,
                    width % 100
                );
                x += width;
            }
        }
        let shown: Vec<String> = if key {
            counts.iter().map(usize::to_string).collect()
        } else {
            vec![counts.iter().sum::<usize>().to_string()]
        };
        let _ = writeln!(out, "</svg></td><td class=\"n\">{}</td></tr>", shown.join(" / "));
    }
    out.push_str("</tbody></table></figure>\n");
}

/// One finding.
pub(super) fn card(
    out: &mut String,
    finding: &Finding,
    others: &[&Finding],
    laws: &BTreeMap<(&str, &str), &str>,
    unfolded: bool,
    lang: Lang,
) {
    let t = |zh, en| lang.pick(zh, en);
    let class = finding.conclusion.id();
    let (zh, en) = conclusion(finding.conclusion, finding.mode);
    let (sev_zh, sev_en) = severity(finding.severity);
    let _ = write!(
        out,
        "<div class=\"finding {class}\"><div class=\"head\"><h3>{}</h3><span class=\"badge {class}\">{}</span>",
        escaped(finding.name.of(lang)),
        escaped(t(zh, en))
    );
    if finding.conclusion != Conclusion::Lawful {
        let _ = write!(out, "<span class=\"badge soft\">{}</span>", escaped(t(sev_zh, sev_en)));
    }
    if !finding.verified {
        let _ =
            write!(out, "<span class=\"badge open\">{}</span>", escaped(t("资料未核实", "unverified data")));
    }
    let _ = write!(
        out,
        "</div>\n<p class=\"of\">{} · {}</p>\n<p class=\"says\">{}</p>\n",
        escaped(lang.pick(&finding.entity.zh, &finding.entity.en)),
        escaped(&finding.date),
        escaped(finding.says.of(lang))
    );
    if let Some(likewise) = likewise(others, lang) {
        let _ = writeln!(out, "<p class=\"of\">{}</p>", escaped(&likewise));
    }
    let link = format!(
        "<a href=\"#{}\">{}</a>",
        escaped(&anchor(&finding.article.law, &finding.article.article)),
        escaped(&finding.article_label)
    );
    for quote in &finding.quotes {
        let _ = writeln!(out, "<blockquote lang=\"zh-CN\">{link}：“{}”</blockquote>", escaped(quote));
    }
    out.push_str("<div class=\"rows\">\n");
    let mut row = |label: &str, value: String| {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{value}</dd></div>", escaped(label));
    };
    if let Some(reason) = &finding.date_reason {
        row(t("适用的法律", "law applied"), escaped(reason.of(lang)));
    }
    if let Some(remedy) = &finding.remedy {
        row(t("怎么办", "to do"), escaped(remedy.of(lang)));
    }
    for tier in &finding.penalty {
        let label = match tier.certainty {
            "applies" => t("可能的处罚", "penalty"),
            _ => t("视情节的处罚", "possible penalty"),
        };
        row(
            label,
            format!(
                "{} <span class=\"src\">{}</span>",
                escaped(tier.words.of(lang)),
                escaped(&tier.article_label)
            ),
        );
    }
    if !finding.cases.is_empty() {
        let links: Vec<String> =
            finding.cases.iter().map(|id| format!("<a href=\"#case-{0}\">{0}</a>", escaped(id))).collect();
        row(t("类案", "cases"), links.join(" · "));
    }
    if finding.conclusion == Conclusion::Violation {
        let others: Vec<String> = finding
            .articles
            .iter()
            .skip(1)
            .filter_map(|citation| {
                laws.get(&(citation.law.as_str(), citation.article.as_str())).map(|label| (citation, label))
            })
            .map(|(citation, label)| {
                format!(
                    "<a href=\"#{}\">{}</a>",
                    escaped(&anchor(&citation.law, &citation.article)),
                    escaped(label)
                )
            })
            .collect();
        if !others.is_empty() {
            row(t("并引", "also cited"), others.join(" · "));
        }
    }
    out.push_str("</div>\n");
    let open = if unfolded { " open" } else { "" };
    let _ = write!(
        out,
        "<details{open}><summary>{}</summary>\n<ul class=\"tree\">\n",
        escaped(t("理由", "reason"))
    );
    for reason in &finding.reason {
        tree(out, reason, lang);
    }
    out.push_str("</ul></details>\n</div>\n");
}

fn tree(out: &mut String, reason: &Reason, lang: Lang) {
    let class = match reason.holds {
        Tri::True => "t",
        Tri::False => "f",
        Tri::Unknown => "u",
    };
    let _ = write!(out, "<li class=\"{class}\"><span>{}</span>", escaped(lang.pick(&reason.zh, &reason.en)));
    if reason.judgement {
        let _ =
            write!(out, " <span class=\"cite\">{}</span>", escaped(lang.pick("法律判断", "legal judgement")));
    }
    if let Some(source) = &reason.source {
        // The whole of a long source is one hover away, and in the JSON.
        let short = shortened(source, 40);
        let _ =
            write!(out, " <span class=\"src\" title=\"{}\">← {}</span>", escaped(source), escaped(&short));
    }
    if let Some(quote) = reason.quotes.first() {
        let _ = write!(out, " <span class=\"src\" lang=\"zh-CN\">“{}”</span>", escaped(quote));
    }
    if !reason.because.is_empty() {
        out.push_str("<ul>");
        for inner in &reason.because {
            tree(out, inner, lang);
        }
        out.push_str("</ul>");
    }
    out.push_str("</li>\n");
}

/// Questions shown in the page.
const QUESTIONS: usize = 150;

/// What to find out, with what each answer decides.
pub(super) fn questions(out: &mut String, report: &Report, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    if report.questions.is_empty() {
        return;
    }
    let _ = write!(
        out,
        "<section id=\"s-questions\">\n<h2>{}</h2>\n<p class=\"note\">{}</p>\n<div class=\"scroll\"><table class=\"data\">\
         <thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"n\">{}</th><th scope=\"col\" class=\"n\">{}</th></tr></thead>\n<tbody>\n",
        escaped(t("先查明什么", "What to find out first")),
        escaped(t(
            "逐项试填每一种回答：「可决定」是至少有一种回答能使其不再待查明的意见数。",
            "Each answer is tried: “decides” counts the findings that at least one answer settles.",
        )),
        escaped(t("问题", "question")),
        escaped(t("可决定", "decides")),
        escaped(t("涉及", "of")),
    );
    for question in report.questions.iter().take(QUESTIONS) {
        let _ = write!(out, "<tr><td>{}", escaped(question.ask.of(lang)));
        if question.judgement {
            let _ = write!(
                out,
                " <span class=\"cite\">{}</span>",
                escaped(t("法律判断，由您作出", "a legal judgement: yours"))
            );
        }
        let _ = write!(out, "<br><span class=\"src mono\">{}</span>", escaped(&question.path));
        if !question.passages.is_empty() {
            let _ = write!(
                out,
                "<details><summary>{}</summary>",
                escaped(t("法院如何判断", "how courts judged it"))
            );
            for passage in &question.passages {
                let _ = write!(
                    out,
                    "<blockquote lang=\"zh-CN\">“{}” <span class=\"src\">{} {}</span></blockquote>",
                    escaped(&passage.quote),
                    escaped(&passage.case),
                    escaped(&passage.title)
                );
            }
            out.push_str("</details>");
        }
        let _ = writeln!(
            out,
            "</td><td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            question.decides, question.findings
        );
    }
    out.push_str("</tbody></table></div>\n");
    if report.questions.len() > QUESTIONS {
        let left = report.questions.len() - QUESTIONS;
        let _ = writeln!(
            out,
            "<p class=\"note\">… {left} {}</p>",
            escaped(t("项见 findings.json", "more in findings.json"))
        );
    }
    out.push_str("</section>\n");
}

/// The place of an article in the page.
pub(super) fn anchor(law: &str, article: &str) -> String {
    format!("a-{law}-{article}")
}

/// A piece of a document.
pub(super) fn piece(out: &mut String, piece: &Piece) {
    let _ = match piece {
        Piece::Title(text) => writeln!(out, "<h1>{}</h1>", escaped(text)),
        Piece::Heading(1, text) => writeln!(out, "<section></section><h2>{}</h2>", escaped(text)),
        Piece::Heading(_, text) => writeln!(out, "<h3>{}</h3>", escaped(text)),
        Piece::Text(text) => writeln!(out, "<p>{}</p>", lines(text)),
        Piece::Note(text) => writeln!(out, "<p class=\"note\">{}</p>", lines(text)),
        Piece::Quote(text) => writeln!(out, "<blockquote lang=\"zh-CN\">{}</blockquote>", lines(text)),
        Piece::Field(label, text) => {
            writeln!(
                out,
                "<div class=\"rows\"><div><dt>{}</dt><dd>{}</dd></div></div>",
                escaped(label),
                lines(text)
            )
        }
        Piece::Tree(rows) => {
            out.push_str("<div class=\"tree\">");
            for (depth, text) in rows {
                let indent = "\u{2003}".repeat(*depth);
                let _ = write!(out, "{indent}{}<br>", escaped(text));
            }
            writeln!(out, "</div>")
        }
        Piece::Table { heads, rows, .. } => {
            out.push_str("<div class=\"scroll\"><table class=\"data\"><thead><tr>");
            for head in heads {
                let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(head));
            }
            out.push_str("</tr></thead>\n<tbody>\n");
            for row in rows {
                out.push_str("<tr>");
                for cell in row {
                    let class = match cell.as_str() {
                        "不符合" | "违法" | "not met" | "violation" => " class=\"violation\"",
                        "待查明" | "open" => " class=\"open\"",
                        "符合" | "合法" | "met" | "lawful" => " class=\"lawful\"",
                        _ => "",
                    };
                    let _ = write!(out, "<td{class}>{}</td>", lines(cell));
                }
                out.push_str("</tr>\n");
            }
            writeln!(out, "</tbody></table></div>")
        }
        Piece::NewPage => writeln!(out, "<hr>"),
    };
}

fn lines(text: &str) -> String {
    text.lines().map(escaped).collect::<Vec<_>>().join("<br>")
}

/// Base64 with padding (RFC 4648 §4), for the hashes of the content security policy.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let mut group = [0; 3];
        for (to, from) in group.iter_mut().zip(chunk) {
            *to = *from;
        }
        let bits = u32::from_be_bytes([0, group[0], group[1], group[2]]);
        for position in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * position) & 63) as usize).copied();
            out.push(if position <= chunk.len() { letter.map_or('=', char::from) } else { '=' });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::base64;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
