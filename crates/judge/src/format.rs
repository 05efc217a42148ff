//! The formatted form of rule files: one blank between key and value, expressions as the reader prints them, broken at
//! `and` and `or` where they are long. Comments, prose and the order of lines stay as they are.

use crate::block::BlockKind;
use crate::expr::{Node, NodeKind};
use crate::parse;

/// Longest line that an expression is printed on.
const WIDTH: usize = 110;

/// The file in its formatted form. A block that cannot be read stays as it is; formatting twice changes nothing more.
pub fn format(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut lines = text.lines();
    let mut blank = true;
    while let Some(line) = lines.next() {
        let line = line.trim_end();
        if let Some(info) = line.strip_prefix("```") {
            let kind = BlockKind::ALL.iter().find(|kind| kind.word() == info.trim());
            let mut body = Vec::new();
            let mut closed = false;
            for inner in lines.by_ref() {
                if inner.starts_with("```") {
                    closed = true;
                    break;
                }
                body.push(inner.trim_end());
            }
            out.push_str("```");
            out.push_str(info.trim());
            out.push('\n');
            match kind {
                Some(kind) => block(&mut out, *kind, &body),
                None => body.iter().for_each(|line| put(&mut out, line)),
            }
            if closed {
                put(&mut out, "```");
            }
            blank = false;
            continue;
        }
        // No two blank lines one after the other.
        if line.is_empty() && blank {
            continue;
        }
        blank = line.is_empty();
        put(&mut out, line);
    }
    while out.ends_with("\n\n") {
        out.pop();
    }
    out
}

fn put(out: &mut String, line: &str) {
    out.push_str(line);
    out.push('\n');
}

/// One entry: its key, what follows it, and the lines that continue it.
struct Raw<'a> {
    key: Option<&'static str>,
    first: &'a str,
    more: Vec<&'a str>,
}

fn block(out: &mut String, kind: BlockKind, body: &[&str]) {
    let mut entries: Vec<Raw<'_>> = Vec::new();
    let mut open = 0_i32;
    for line in body.iter().filter(|line| !line.is_empty()) {
        let trimmed = line.trim();
        let is_comment = trimmed.starts_with('#');
        let key =
            if line.starts_with(char::is_whitespace) || open > 0 { None } else { key_of(kind, trimmed) };
        match (key, entries.last_mut()) {
            (Some((key, value)), _) => {
                open = balance(value);
                entries.push(Raw { key: Some(key), first: value, more: Vec::new() });
            }
            (None, Some(entry)) if !is_comment => {
                open += balance(trimmed);
                entry.more.push(trimmed);
            }
            _ => entries.push(Raw { key: None, first: trimmed, more: Vec::new() }),
        }
    }
    for entry in &entries {
        write(out, kind, entry);
    }
}

fn key_of(kind: BlockKind, line: &str) -> Option<(&'static str, &str)> {
    kind.keys().iter().copied().find_map(|key| {
        let rest = line.strip_prefix(key)?;
        let ends = rest.is_empty()
            || rest.starts_with(char::is_whitespace)
            || key == "="
            || (kind == BlockKind::Test && rest.starts_with([':', '：']));
        ends.then_some((key, rest.trim()))
    })
}

fn balance(line: &str) -> i32 {
    let code = line.split_once('#').map_or(line, |(before, _)| before);
    code.chars().fold(0, |sum, letter| match letter {
        '(' | '{' => sum + 1,
        ')' | '}' => sum - 1,
        _ => sum,
    })
}

fn write(out: &mut String, kind: BlockKind, entry: &Raw<'_>) {
    let Some(key) = entry.key else {
        put(out, entry.first);
        return;
    };
    let is_expression =
        matches!(key, "applies" | "requires" | "prohibits" | "allows" | "constitutes" | "when" | "=");
    let has_comment = entry.first.contains('#') || entry.more.iter().any(|line| line.contains('#'));
    if is_expression && !has_comment {
        let lines: Vec<(u32, &str)> =
            std::iter::once(entry.first).chain(entry.more.iter().copied()).map(|line| (0, line)).collect();
        if let Ok(node) = parse::expression(&lines, &mut 0) {
            expression(out, key, &node);
            return;
        }
    }
    let test_line = kind == BlockKind::Test && key != "test";
    let between =
        if entry.first.is_empty() || test_line && entry.first.starts_with([':', '：']) { "" } else { " " };
    put(out, &format!("{key}{between}{}", entry.first));
    entry.more.iter().for_each(|line| put(out, &format!("  {line}")));
}

fn expression(out: &mut String, key: &str, node: &Node) {
    let whole = format!("{key} {node}");
    let (parts, word) = match &node.kind {
        NodeKind::And(parts) => (parts, "and"),
        NodeKind::Or(parts) => (parts, "or"),
        _ => {
            put(out, &whole);
            return;
        }
    };
    if whole.chars().count() <= WIDTH {
        put(out, &whole);
        return;
    }
    // Each part on its own line; inner `or` keeps the brackets that the whole had.
    let shown = |part: &Node| match (&node.kind, &part.kind) {
        (NodeKind::And(_), NodeKind::Or(_)) => format!("({part})"),
        _ => part.to_string(),
    };
    for (at, part) in parts.iter().enumerate() {
        if at == 0 {
            put(out, &format!("{key} {}", shown(part)));
        } else {
            put(out, &format!("  {word} {}", shown(part)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::format;

    #[test]
    fn the_form_is_reached_at_once() {
        let text = "# 法 {x}\n\n\n## 第一条  \n```rule\nrule   a-1\nzh  名\napplies a.b   and( c.d or e.f )\nrequires a.b  # why\n  and c.d\nquote 甲\n\n  乙\n```\n\n```test\ntest a-1\nviolation:  a.b = true\nlawful on 2021-01-01: a.b = false\n```\n\n";
        let once = format(text);
        assert_eq!(
            once,
            "# 法 {x}\n\n## 第一条\n```rule\nrule a-1\nzh 名\napplies a.b and (c.d or e.f)\nrequires a.b  # why\n  and c.d\nquote 甲\n  乙\n```\n\n```test\ntest a-1\nviolation:  a.b = true\nlawful on 2021-01-01: a.b = false\n```\n"
        );
        assert_eq!(format(&once), once);
    }

    #[test]
    fn a_long_expression_is_broken_and_stays_the_same() {
        let part = "activity.a_fact_with_a_rather_long_name";
        let text =
            format!("```rule\nrequires {part} and ({part} or {part}) and not {part} and {part}\n```\n");
        let once = format(&text);
        assert_eq!(once.lines().count(), 6);
        assert_eq!(format(&once), once);
    }
}
