//! What kind of text it is: log, vCard, source code, or prose.

use zhunsheng_model::TextShape;

/// Lines looked at.
const SAMPLE_LINES: usize = 300;

/// Tells the kind of text by its beginning.
pub(crate) fn shape_of(head: &str) -> TextShape {
    let lines = sample(head);
    if lines.is_empty() {
        return TextShape::Prose;
    }
    if lines.first().is_some_and(|line| line.eq_ignore_ascii_case("BEGIN:VCARD")) {
        return TextShape::Blocks;
    }
    let share =
        |test: &dyn Fn(&str) -> bool| lines.iter().filter(|line| test(line)).count() * 100 / lines.len();
    if share(&is_log_line) >= 60 {
        return TextShape::Lines;
    }
    if looks_like_code(&lines) {
        return TextShape::Code;
    }
    // Lists: short lines with a number, without the marks of sentences.
    let is_entry = |line: &str| {
        line.chars().count() <= 120
            && longest_digit_run(line) >= 6
            && !line.contains(['。', '；', '！', '？'])
            && !line.trim_end().ends_with('.')
    };
    if lines.len() >= 2 && share(&is_entry) >= 70 {
        return TextShape::Lines;
    }
    TextShape::Prose
}

/// The first lines that are not blank; without the last one, which may be cut.
pub(crate) fn sample(head: &str) -> Vec<&str> {
    let mut lines: Vec<&str> = head
        .split(['\n', '\r'])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take(SAMPLE_LINES + 1)
        .collect();
    if lines.len() > 1 && (lines.len() > SAMPLE_LINES || !head.ends_with(['\n', '\r'])) {
        lines.pop();
    }
    lines
}

/// Led by a time or an address, or made of `key=value`.
pub(crate) fn is_log_line(line: &str) -> bool {
    let line = line.trim_start();
    if let Some(rest) = after_time(line) {
        // A time alone, or with a name, heads a chat message; a log goes on on the same line.
        return rest.chars().filter(|c| !c.is_whitespace()).count() > 12;
    }
    if after_address(line).is_some_and(|rest| rest.starts_with([' ', '\t', ':', ',']) && rest.len() > 12) {
        return true;
    }
    line.split([' ', '\t', ',', ';', '&', '|']).filter(|part| is_key_value(part)).count() >= 3
}

fn is_key_value(part: &str) -> bool {
    part.split_once('=').is_some_and(|(key, value)| {
        !value.is_empty()
            && !key.is_empty()
            && key.len() <= 40
            && key
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b'"'))
    })
}

/// What follows a leading date and time (`2024-03-01 08:00:00.123`, `[01/Mar/2024:…]`, `Mar  1 10:00:00`).
pub(crate) fn after_time(line: &str) -> Option<&str> {
    let line = line.trim_start_matches(['[', '(', '<']);
    let bytes = line.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let year_first = (0..4).all(is_digit) && matches!(bytes.get(4), Some(b'-' | b'/' | b'.')) && is_digit(5);
    let month_first = bytes.len() > 15
        && ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
            .iter()
            .any(|month| line.starts_with(month))
        && bytes.get(3) == Some(&b' ');
    let day_first = is_digit(0)
        && is_digit(1)
        && matches!(bytes.get(2), Some(b'/' | b'-'))
        && line.get(3..6).is_some_and(|month| month.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    if !(year_first || month_first || day_first) {
        return None;
    }
    // To the end of the clock time; without a clock time it is a date column or a diary.
    let clock =
        line.char_indices().take(30).find(|(at, c)| *c == ':' && is_digit(at + 1) && is_digit(at + 2))?.0;
    let rest = line.get(clock..)?;
    let end = rest
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, ':' | '.' | ',' | '+' | 'Z' | ']' | ')' | '>')));
    Some(end.map_or("", |end| rest.get(end..).unwrap_or_default()))
}

fn after_address(line: &str) -> Option<&str> {
    let end = line.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(line.len());
    let (address, rest) = line.split_at_checked(end)?;
    let mut parts = 0;
    for part in address.split('.') {
        if part.is_empty() || part.len() > 3 {
            return None;
        }
        parts += 1;
    }
    (parts == 4).then_some(rest)
}

/// Source code by the way its lines begin and end.
pub(crate) fn looks_like_code(lines: &[&str]) -> bool {
    const STARTS: &[&str] = &[
        "import ",
        "from ",
        "def ",
        "class ",
        "function ",
        "var ",
        "let ",
        "const ",
        "if ",
        "if(",
        "for ",
        "for(",
        "return",
        "#include",
        "public ",
        "private ",
        "protected ",
        "static ",
        "package ",
        "use ",
        "fn ",
        "pub ",
        "//",
        "/*",
        "* ",
        "*/",
        "# ",
        "#!",
        "@",
        "}",
        "{",
        "else",
        "elif ",
        "try",
        "except",
        "catch",
        "while ",
        "print(",
        "echo ",
        "export ",
        "self.",
        "this.",
        "end",
        "</",
        "<?",
    ];
    let mut starts = 0;
    let mut marks = 0;
    for line in lines {
        let is_start = STARTS.iter().any(|start| line.starts_with(start));
        let assigns = line.split_once(" = ").is_some_and(|(name, _)| {
            !name.is_empty()
                && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.[]: \"'".contains(&byte))
        });
        starts += usize::from(is_start || assigns);
        marks += usize::from(
            line.ends_with([';', '{', '}', ':', '(', ')', ']']) || assigns || line.starts_with("//"),
        );
    }
    // Markdown has the first signs too, but not the second.
    starts * 100 >= lines.len() * 30 && marks * 100 >= lines.len() * 40
}

fn longest_digit_run(line: &str) -> usize {
    line.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_are_told_apart() {
        let cases = [
            (
                "2024-03-01 08:00:00.000 INFO  [exec-0] c.s.UserService - sync batch id=1, cost=3ms\n",
                TextShape::Lines,
            ),
            (
                "58.81.254.53 - - [01/Mar/2024:00:00:00 +0800] \"GET / HTTP/1.1\" 200 80605\n",
                TextShape::Lines,
            ),
            ("ts=1709251200 user=abc action=login ok\n", TextShape::Lines),
            ("王小明　13800138000\n李大海　13900139000\n", TextShape::Lines),
            ("BEGIN:VCARD\nVERSION:3.0\nFN:王小明\nEND:VCARD\n", TextShape::Blocks),
            ("# -*- coding: utf-8 -*-\nPHONE = 1\nTEST = \"x\"\ndef f(a):\n    return a\n", TextShape::Code),
            (
                "2024-03-01 08:00  云淡风轻0\n物业让登记：陈琦尹 车牌\n\n2024-03-01 09:07  阳光1\n收到\n",
                TextShape::Prose,
            ),
            ("# 版本说明\n\n- 升级到 3.11.0.2，兼容 2.7.18.4；见第 1.2.3.4 节。\n", TextShape::Prose),
            ("原告：王小明，男，2002年8月23日出生，公民身份号码110105194912310021。\n", TextShape::Prose),
            ("", TextShape::Prose),
        ];
        for (text, shape) in cases {
            assert_eq!(shape_of(text), shape, "{text}");
        }
    }
}
