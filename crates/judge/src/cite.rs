//! How a lawyer cites an article.

use crate::ruleset::Citation;
use crate::texts::Texts;

/// 《个人信息保护法》第十三条第一款; with the year of the version where a law has several.
pub(crate) fn label(texts: &dyn Texts, citation: &Citation) -> String {
    let Some(version) = texts.version(&citation.law) else {
        return format!("{} {}", citation.law, citation.article);
    };
    let several = texts.versions().iter().filter(|other| other.work == version.work).count() > 1;
    let year = match version.effective.filter(|_| several) {
        Some(day) => format!("（{} 年起施行）", day.year()),
        None => String::new(),
    };
    if citation.article.is_empty() {
        return format!("《{}》{year}", version.short_title);
    }
    let article = match texts.label(&citation.law, &citation.article) {
        Some(label) => label.trim_end_matches('、').to_owned(),
        None => article_label(&citation.article),
    };
    let article = if article.starts_with(['第', '附']) { article } else { format!("第{article}项") };
    format!("《{}》{year}{article}{}", version.short_title, citation.locator)
}

/// `253之一` → 第二百五十三条之一.
fn article_label(number: &str) -> String {
    let digits: String = number.chars().take_while(char::is_ascii_digit).collect();
    let suffix = number.get(digits.len()..).unwrap_or_default();
    match digits.parse() {
        Ok(value) => format!("第{}条{suffix}", chinese(value)),
        Err(_) => number.to_owned(),
    }
}

/// 253 → 二百五十三.
fn chinese(number: u32) -> String {
    let digit = |n: u32| "零一二三四五六七八九".chars().nth(n as usize).unwrap_or('零');
    let mut out = String::new();
    let mut gap = false;
    for (unit, name) in [(1_000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let n = number / unit % 10;
        if n == 0 {
            gap = !out.is_empty();
            continue;
        }
        if gap {
            out.push('零');
            gap = false;
        }
        if !(n == 1 && unit == 10 && out.is_empty()) {
            out.push(digit(n));
        }
        out.push_str(name);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_in_the_law() {
        for (number, label) in [
            ("13", "第十三条"),
            ("20", "第二十条"),
            ("101", "第一百零一条"),
            ("110", "第一百一十条"),
            ("1034", "第一千零三十四条"),
            ("253之一", "第二百五十三条之一"),
        ] {
            assert_eq!(article_label(number), label);
        }
    }
}
