//! The report of `risk` as one page without script: the text, and the class sizes as a chart.

use super::show::{Told, bins};
use crate::language::pick;
use std::fmt::Write;
use zhunsheng_protect::table::Measure;
use zhunsheng_report::Language;

const STYLE: &str = "body{font:16px/1.6 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;\
color:#1b1f24;background:#fff}pre{white-space:pre-wrap;font:14px/1.5 ui-monospace,monospace}\
svg{width:100%;height:auto}rect{fill:#2f6f9f}text{font-size:13px;fill:currentColor}\
@media(prefers-color-scheme:dark){body{color:#e6e6e6;background:#16181b}rect{fill:#6fb1e0}}";

/// The whole page.
pub(super) fn page(told: &Told<'_>, lang: Language) -> String {
    let title = pick(lang, "重标识风险报告", "Re-identification risk");
    let mut out = String::new();
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{title}</h1>\n",
        lang.tag()
    );
    chart(
        &mut out,
        pick(lang, "处理前：各等价类大小的行数", "Rows by size of their class, before"),
        &told.measure,
    );
    if let Some(outcome) = &told.result {
        chart(
            &mut out,
            pick(lang, "处理后：各等价类大小的行数", "Rows by size of their class, afterwards"),
            &outcome.left,
        );
    }
    let _ = write!(out, "<pre>{}</pre>\n</body>\n</html>\n", escaped(&told.text(lang)));
    out
}

fn chart(out: &mut String, title: &str, measure: &Measure) {
    let bins = bins(measure);
    let most = bins.iter().map(|(_, _, rows)| *rows).max().unwrap_or(0).max(1);
    let _ = write!(
        out,
        "<figure><figcaption>{title}</figcaption>\n<svg viewBox=\"0 0 640 {}\" role=\"img\" aria-label=\"{title}\">\n",
        bins.len() * 26
    );
    for (at, (name, _, rows)) in bins.iter().enumerate() {
        let width = u128::from(*rows) * 440 / u128::from(most);
        let width = if *rows > 0 { width.max(1) } else { 0 };
        let y = at * 26;
        let _ = writeln!(
            out,
            "<text x=\"60\" y=\"{}\" text-anchor=\"end\">{name}</text>\
             <rect x=\"70\" y=\"{}\" width=\"{width}\" height=\"18\"/><text x=\"{}\" y=\"{}\">{rows}</text>",
            y + 18,
            y + 4,
            76 + width,
            y + 18
        );
    }
    out.push_str("</svg></figure>\n");
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
