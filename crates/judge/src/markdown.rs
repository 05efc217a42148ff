//! A literate rule file → articles with their quotations and blocks.

use crate::block::{Block, BlockKind, blocks};
use crate::diagnostic::{Diagnostic, nearest};
use crate::texts::Texts;

/// What stands under one heading of an article.
#[derive(Clone, Debug)]
pub(crate) struct Section {
    /// Slug of the version.
    pub(crate) slug: String,
    /// Number of the article; empty above the first.
    pub(crate) article: String,
    /// Line of the heading.
    pub(crate) line: u32,
    /// Quotations: line and words.
    pub(crate) quotes: Vec<(u32, String)>,
    /// Blocks in order.
    pub(crate) blocks: Vec<Block>,
    /// Whether a reader finds prose here.
    pub(crate) prose: bool,
}

/// Reads one file.
pub(crate) fn sections(
    file: &str,
    text: &str,
    texts: &dyn Texts,
    in_full: bool,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Section> {
    let mut found: Vec<Section> = Vec::new();
    let mut slug = String::new();
    let mut lines = text.lines().zip(1_u32..).peekable();
    while let Some((line, number)) = lines.next() {
        if let Some(words) = line.strip_prefix('>') {
            // Line by line: what stands between two quoted lines of an article may be left out.
            if let Some(section) = found.last_mut().filter(|_| !words.trim().is_empty()) {
                section.quotes.push((number, words.trim().to_owned()));
            }
            continue;
        }
        if let Some(info) = line.strip_prefix("```") {
            let mut body = Vec::new();
            let mut closed = false;
            for (inner, inner_number) in lines.by_ref() {
                if inner.starts_with("```") {
                    closed = true;
                    break;
                }
                body.push((inner_number, inner));
            }
            if !closed {
                problems.push(Diagnostic::error(
                    file,
                    number,
                    "fence",
                    "the block has no end: ``` is missing",
                ));
            }
            if in_full || info.trim() != BlockKind::Test.word() {
                fence(file, number, info.trim(), &body, found.last_mut(), problems);
            }
        } else if let Some(heading) = line.strip_prefix("# ") {
            slug = work(file, number, heading, texts, problems).unwrap_or_default();
            found.push(Section::new(&slug, "", number));
        } else if let Some(heading) = line.strip_prefix("## ") {
            if slug.is_empty() {
                let message = "an article stands under no work";
                let hint = "begin the file with `# 个人信息保护法 {pipl}`";
                problems.push(Diagnostic::error(file, number, "work", message).hint(hint));
                continue;
            }
            if let Some(article) = article(file, number, &slug, heading.trim(), texts, in_full, problems) {
                found.push(Section::new(&slug, &article, number));
            }
        } else if !line.trim().is_empty()
            && !line.starts_with('#')
            && let Some(section) = found.last_mut()
        {
            section.prose = true;
        }
    }
    found
}

impl Section {
    fn new(slug: &str, article: &str, line: u32) -> Section {
        Section {
            slug: slug.to_owned(),
            article: article.to_owned(),
            line,
            quotes: Vec::new(),
            blocks: Vec::new(),
            prose: false,
        }
    }
}

fn fence(
    file: &str,
    number: u32,
    info: &str,
    body: &[(u32, &str)],
    section: Option<&mut Section>,
    problems: &mut Vec<Diagnostic>,
) {
    let Some(kind) = BlockKind::ALL.iter().copied().find(|kind| kind.word() == info) else {
        let hint = nearest(info, BlockKind::ALL.iter().map(|kind| kind.word()));
        if !hint.is_empty() {
            let message = format!("there are no `{info}` blocks");
            problems.push(Diagnostic::error(file, number, "fence", message).hint(hint));
        }
        return;
    };
    let Some(section) = section.filter(|section| !section.slug.is_empty()) else {
        problems.push(Diagnostic::error(file, number, "work", "a block stands under no work"));
        return;
    };
    if section.article.is_empty()
        && matches!(kind, BlockKind::Rule | BlockKind::Exception | BlockKind::Penalty)
    {
        let message = format!("a `{info}` block stands under no article");
        problems.push(Diagnostic::error(file, number, "article", message));
        return;
    }
    section.blocks.extend(blocks(kind, number, body, file, problems));
}

/// The slug in `# 个人信息保护法 {pipl}`.
fn work(
    file: &str,
    number: u32,
    heading: &str,
    texts: &dyn Texts,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let slug = heading.trim().strip_suffix('}').and_then(|rest| rest.rsplit_once('{')).map(|(_, slug)| slug);
    let Some(slug) = slug else {
        let message = "the heading names no work";
        problems.push(
            Diagnostic::error(file, number, "work", message).hint("end it with the slug, as in `{pipl}`"),
        );
        return None;
    };
    if texts.version(slug).is_none() {
        let versions = texts.versions();
        let hint = nearest(slug, versions.iter().map(|version| version.slug.as_str()));
        problems.push(
            Diagnostic::error(file, number, "work", format!("there is no statute `{slug}`")).hint(hint),
        );
        return None;
    }
    Some(slug.to_owned())
}

/// The number of the article in `## 第十三条 …`; nothing for a heading of a chapter.
fn article(
    file: &str,
    number: u32,
    slug: &str,
    heading: &str,
    texts: &dyn Texts,
    in_full: bool,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let label = heading.split_whitespace().next().unwrap_or_default();
    let Some(article) = number_in_label(label).or_else(|| texts.number_of(slug, label)) else {
        let is_chapter = label.starts_with('第') && label.contains(['章', '节', '编']);
        if !is_chapter {
            let message = format!("`{label}` is no article");
            let hint = "write it as in the law, such as `## 第十三条`";
            problems.push(Diagnostic::error(file, number, "article", message).hint(hint));
        }
        return None;
    };
    // Of some instruments only sentences are at hand.
    if in_full
        && texts.article(slug, &article).is_none()
        && texts.version(slug).is_some_and(|version| version.complete)
    {
        let message = format!("`{slug}` has no article {article}");
        problems.push(Diagnostic::error(file, number, "article", message));
        return None;
    }
    Some(article)
}

/// 第二百五十三条之一 → `253之一`; 二、 → `2`; 附件 stays as it is.
pub(crate) fn number_in_label(label: &str) -> Option<String> {
    if let Some(rest) = label.strip_prefix('第') {
        let (digits, suffix) = rest.split_once('条')?;
        let suffix_known = suffix.is_empty() || suffix.starts_with('之');
        return Some(format!("{}{}", chinese_number(digits)?, if suffix_known { suffix } else { "" }));
    }
    if label.starts_with("附件") {
        return Some(label.to_owned());
    }
    let digits = label.strip_suffix('、')?;
    Some(chinese_number(digits)?.to_string())
}

/// 二百五十三 → 253.
pub(crate) fn chinese_number(text: &str) -> Option<u32> {
    if text.is_empty() {
        return None;
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) {
        return text.parse().ok();
    }
    let mut sum = 0_u32;
    let mut digit = None;
    for letter in text.chars() {
        let unit = match letter {
            '十' => 10,
            '百' => 100,
            '千' => 1_000,
            _ => {
                let value = "零一二三四五六七八九".chars().position(|known| known == letter)?;
                digit = Some(u32::try_from(value).ok()?);
                continue;
            }
        };
        sum = sum.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
    }
    sum.checked_add(digit.unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_give_numbers() {
        for (label, number) in [
            ("第十三条", Some("13")),
            ("第二百五十三条之一", Some("253之一")),
            ("第一千零三十四条", Some("1034")),
            ("第一百条", Some("100")),
            ("二十七、", Some("27")),
            ("第二章", None),
            ("总则", None),
        ] {
            assert_eq!(number_in_label(label).as_deref(), number, "{label}");
        }
    }
}
