//! The findings as text for a terminal.

use crate::explain::Reason;
use crate::finding::{Finding, Report, grouped};
use crate::paper::shortened;
use crate::ruleset::Conclusion;
use crate::value::Tri;
use crate::words::{Lang, conclusion, likewise, severity};
use std::fmt::Write as _;

/// Findings told in full; more are counted.
const TOLD: usize = 40;
/// Questions listed.
const ASKED: usize = 12;

/// The report in a few screens: counts, violations with their reason, the first questions.
pub fn summary(report: &Report, colour: bool, lang: Lang) -> String {
    let t = |zh, en| lang.pick(zh, en);
    let paint = Paint(colour);
    let mut out = String::new();
    let title = if report.title.is_empty() { t("认定意见", "Findings") } else { report.title.as_str() };
    let _ = writeln!(out, "{}", paint.bold(title));
    let _ = writeln!(
        out,
        "{} {}   {} {}   {} {} ({} {})   {} {}\n",
        t("日期", "date"),
        report.date,
        paint.red(t("违法或构成", "violations")),
        report.counts.violation,
        paint.yellow(t("待查明", "open")),
        report.counts.open,
        t("其中尚无任何事实", "nothing known yet of"),
        report.counts.untouched,
        paint.green(t("合法或可以", "lawful")),
        report.counts.lawful,
    );
    let violations: Vec<&Finding> =
        report.findings.iter().filter(|finding| finding.conclusion == Conclusion::Violation).collect();
    let told = grouped(violations);
    for (finding, others) in told.iter().take(TOLD) {
        finding_text(&mut out, finding, others, paint, lang);
    }
    if told.len() > TOLD {
        let _ = writeln!(out, "… {} {}\n", told.len() - TOLD, t("项见报告", "more in the report"));
    }
    for difference in report.differences.iter().take(TOLD) {
        let kind = match difference.kind {
            "found_not_declared" => t("发现而未列明", "found, not declared"),
            _ => t("列明而未发现", "declared, not found"),
        };
        let _ = writeln!(out, "{} {}", paint.yellow(kind), difference.item.of(lang));
    }
    for duty in &report.duties {
        let (zh, en) = conclusion(duty.conclusion, crate::Mode::Requires);
        let because: Vec<&str> = duty.because.iter().map(|words| words.of(lang)).collect();
        let _ = writeln!(
            out,
            "{} {} — {} · {} · {}",
            paint.bold(t("数量触发的义务", "duty by number")),
            duty.name.of(lang),
            because.join(t("；", "; ")),
            duty.article_label,
            t(zh, en),
        );
    }
    if !report.questions.is_empty() {
        let _ = writeln!(
            out,
            "\n{}",
            paint.bold(t(
                "先查明这些（括号内为可由此决定的意见数）",
                "Find out first (findings decided by it)"
            ))
        );
        for question in report.questions.iter().take(ASKED) {
            let _ = writeln!(
                out,
                "  ({}) {}\n      {}",
                question.decides,
                question.ask.of(lang),
                paint.faint(&question.path)
            );
        }
        if report.questions.len() > ASKED {
            let _ = writeln!(
                out,
                "  … {} {}",
                report.questions.len() - ASKED,
                t("项见报告", "more in the report")
            );
        }
    }
    for other in report.other_dates.iter().take(TOLD) {
        let (zh, en) = conclusion(other.conclusion, crate::Mode::Requires);
        let why = match other.why {
            "began" => t("行为开始时的法律", "law when the act began"),
            _ => t("报告日的法律", "law of the day of the report"),
        };
        let _ = writeln!(
            out,
            "\n{} {}：{} {} · {} — {}",
            why,
            other.date,
            lang.pick(&other.entity.zh, &other.entity.en),
            other.name.of(lang),
            other.article_label,
            t(zh, en),
        );
    }
    let _ = writeln!(
        out,
        "\n{}",
        paint.faint(t(
            "规则未经律师审定（unreviewed）；结论供专业人员参考，不代替其判断。",
            "The rules are unreviewed: no lawyer has signed them. For professionals to weigh, not in their place.",
        ))
    );
    out
}

fn finding_text(out: &mut String, finding: &Finding, others: &[&Finding], paint: Paint, lang: Lang) {
    let t = |zh, en| lang.pick(zh, en);
    let (zh, en) = conclusion(finding.conclusion, finding.mode);
    let (sev_zh, sev_en) = severity(finding.severity);
    let _ = writeln!(
        out,
        "{} {} · {} [{}]",
        paint.red(t(zh, en)),
        paint.bold(finding.name.of(lang)),
        lang.pick(&finding.entity.zh, &finding.entity.en),
        t(sev_zh, sev_en),
    );
    let _ = writeln!(out, "  {}", finding.says.of(lang));
    if let Some(likewise) = likewise(others, lang) {
        let _ = writeln!(out, "  {likewise}");
    }
    for quote in finding.quotes.iter().take(2) {
        let _ = writeln!(out, "  {}：“{quote}”", finding.article_label);
    }
    for reason in &finding.reason {
        reason_text(out, reason, 1, paint, lang);
    }
    if let Some(remedy) = &finding.remedy {
        let _ = writeln!(out, "  {} {}", t("怎么办", "to do:"), remedy.of(lang));
    }
    for tier in finding.penalty.iter().filter(|tier| tier.certainty == "applies") {
        let _ = writeln!(
            out,
            "  {} {} ({})",
            t("可能的处罚", "penalty:"),
            tier.words.of(lang),
            tier.article_label
        );
    }
    if !finding.cases.is_empty() {
        let _ = writeln!(out, "  {} {}", t("类案", "cases:"), finding.cases.join(", "));
    }
    if !finding.verified {
        let _ = writeln!(
            out,
            "  {}",
            paint.yellow(t("依据的部分资料未经核实", "rests on data that were not verified"))
        );
    }
    let _ = writeln!(out);
}

fn reason_text(out: &mut String, reason: &Reason, depth: usize, paint: Paint, lang: Lang) {
    let mark = match reason.holds {
        Tri::True => paint.green("✓"),
        Tri::False => paint.red("✗"),
        Tri::Unknown => paint.yellow("?"),
    };
    let text = lang.pick(&reason.zh, &reason.en);
    let source = reason
        .source
        .as_ref()
        .map(|source| paint.faint(&format!(" ← {}", shortened(source, 28))))
        .unwrap_or_default();
    let _ = writeln!(out, "  {}{mark} {text}{source}", "  ".repeat(depth));
    for inner in &reason.because {
        reason_text(out, inner, depth + 1, paint, lang);
    }
}

/// Colours, or none.
#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn red(self, text: &str) -> String {
        self.with("31", text)
    }

    fn yellow(self, text: &str) -> String {
        self.with("33", text)
    }

    fn green(self, text: &str) -> String {
        self.with("32", text)
    }

    fn faint(self, text: &str) -> String {
        self.with("2", text)
    }
}
