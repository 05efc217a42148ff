//! The words of SQL dumps: skipping, names, values. Never a syntax tree: a dump is a list of rows with wrapping.

use memchr::{memchr, memchr2};

/// Why a piece of SQL could not be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stop {
    /// The bytes end too early; more are needed.
    More,
    /// It is not what was expected.
    Broken,
}

/// The bytes looked at.
#[derive(Clone, Copy)]
pub(crate) struct Text<'a> {
    pub(crate) bytes: &'a [u8],
    /// Whether nothing follows.
    pub(crate) complete: bool,
    /// Whether a backslash escapes (MySQL) or is a character (standard SQL).
    pub(crate) backslash: bool,
}

impl<'a> Text<'a> {
    pub(crate) fn at(&self, at: usize) -> Option<u8> {
        self.bytes.get(at).copied()
    }

    pub(crate) fn rest(&self, at: usize) -> &'a [u8] {
        self.bytes.get(at..).unwrap_or_default()
    }

    fn more<T>(&self) -> Result<T, Stop> {
        Err(if self.complete { Stop::Broken } else { Stop::More })
    }

    /// Past white space and comments.
    pub(crate) fn skip(&self, mut at: usize) -> Result<usize, Stop> {
        loop {
            match (self.at(at), self.at(at + 1)) {
                (Some(b' ' | b'\t' | b'\r' | b'\n'), _) => at += 1,
                (Some(b'-' | b'/'), None) if !self.complete => return Err(Stop::More),
                (Some(b'-'), Some(b'-')) => match memchr(b'\n', self.rest(at)) {
                    Some(end) => at += end + 1,
                    None if self.complete => return Ok(self.bytes.len()),
                    None => return Err(Stop::More),
                },
                (Some(b'#'), _) if self.backslash => match memchr(b'\n', self.rest(at)) {
                    Some(end) => at += end + 1,
                    None if self.complete => return Ok(self.bytes.len()),
                    None => return Err(Stop::More),
                },
                (Some(b'/'), Some(b'*')) => match memchr::memmem::find(self.rest(at), b"*/") {
                    Some(end) => at += end + 2,
                    None if self.complete => return Ok(self.bytes.len()),
                    None => return Err(Stop::More),
                },
                (None, _) if !self.complete => return Err(Stop::More),
                _ => return Ok(at),
            }
        }
    }

    /// The word at `at` (letters, digits, `_`), which may be empty, and where it ends.
    pub(crate) fn word(&self, at: usize) -> Result<(&'a [u8], usize), Stop> {
        let rest = self.rest(at);
        let size = rest
            .iter()
            .position(|byte| !(byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | 0x80..)))
            .unwrap_or(rest.len());
        if size == rest.len() && !self.complete {
            return Err(Stop::More);
        }
        Ok((rest.get(..size).unwrap_or_default(), at + size))
    }

    /// A name, perhaps quoted and with a schema before it; the last part without quotes.
    pub(crate) fn name(&self, mut at: usize) -> Result<(String, usize), Stop> {
        loop {
            let (name, next) = self.name_part(at)?;
            match self.at(next) {
                Some(b'.') => at = next + 1,
                None if !self.complete => return Err(Stop::More),
                _ => return Ok((name, next)),
            }
        }
    }

    fn name_part(&self, at: usize) -> Result<(String, usize), Stop> {
        let close = match self.at(at) {
            Some(b'`') => b'`',
            Some(b'"') => b'"',
            Some(b'[') => b']',
            Some(_) => {
                let (word, next) = self.word(at)?;
                if word.is_empty() {
                    return Err(Stop::Broken);
                }
                return Ok((String::from_utf8_lossy(word).into_owned(), next));
            }
            None => return self.more(),
        };
        match memchr(close, self.rest(at + 1)) {
            Some(size) if size > 1024 => Err(Stop::Broken),
            Some(size) => {
                let name = self.bytes.get(at + 1..at + 1 + size).unwrap_or_default();
                Ok((String::from_utf8_lossy(name).into_owned(), at + size + 2))
            }
            None => self.more(),
        }
    }

    /// Names in parentheses, from the opening one on.
    pub(crate) fn names(&self, at: usize) -> Result<(Vec<String>, usize), Stop> {
        let mut names = Vec::new();
        let mut at = at + 1;
        loop {
            at = self.skip(at)?;
            let (name, next) = self.name(at)?;
            names.push(name);
            at = self.skip(next)?;
            match self.at(at) {
                Some(b',') => at += 1,
                Some(b')') => return Ok((names, at + 1)),
                Some(_) => return Err(Stop::Broken),
                None => return self.more(),
            }
        }
    }

    /// One past the closing mark of the string whose opening mark stands at `at`, and whether it holds escapes.
    pub(crate) fn string_end(&self, at: usize, backslash: bool) -> Result<(usize, bool), Stop> {
        let mark = self.at(at).unwrap_or(b'\'');
        let mut escaped = false;
        let mut from = at + 1;
        loop {
            let found = match backslash {
                true => memchr2(mark, b'\\', self.rest(from)),
                false => memchr(mark, self.rest(from)),
            };
            let Some(found) = found else { return self.more() };
            let here = from + found;
            if self.at(here) == Some(b'\\') {
                escaped = true;
                from = here + 2;
                continue;
            }
            match self.at(here + 1) {
                Some(next) if next == mark => {
                    escaped = true;
                    from = here + 2;
                }
                None if !self.complete => return Err(Stop::More),
                _ => return Ok((here + 1, escaped)),
            }
        }
    }

    /// One past the `;` that ends the statement at `at`, over strings, comments and `$$` bodies.
    pub(crate) fn statement_end(&self, mut at: usize) -> Result<usize, Stop> {
        loop {
            match self.at(at) {
                None if self.complete => return Ok(self.bytes.len()),
                None => return Err(Stop::More),
                Some(b';') => return Ok(at + 1),
                Some(b'\'' | b'"' | b'`') => {
                    at = self.string_end(at, self.backslash && self.at(at) != Some(b'`'))?.0
                }
                Some(b'-' | b'/' | b'#' | b' ' | b'\t' | b'\r' | b'\n') => {
                    let next = self.skip(at)?;
                    at = next.max(at + 1);
                }
                Some(b'$') => at = self.dollar_end(at)?,
                Some(_) => at += 1,
            }
        }
    }

    fn dollar_end(&self, at: usize) -> Result<usize, Stop> {
        let rest = self.rest(at + 1);
        let size = rest.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_'));
        let Some(size) = size else { return if self.complete { Ok(at + 1) } else { Err(Stop::More) } };
        if rest.get(size) != Some(&b'$') || rest.first().is_some_and(u8::is_ascii_digit) {
            return Ok(at + 1);
        }
        let tag = self.bytes.get(at..at + size + 2).unwrap_or_default();
        match memchr::memmem::find(self.rest(at + tag.len()), tag) {
            Some(end) => Ok(at + end + 2 * tag.len()),
            None => self.more(),
        }
    }
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    /// As it stands.
    Slice(std::ops::Range<usize>),
    /// The content of a string with escapes; the mark around it and whether backslashes escape.
    Escaped(std::ops::Range<usize>, u8, bool),
    /// NULL or DEFAULT.
    Nothing,
}

impl Text<'_> {
    /// The row whose opening parenthesis stands at `at`; one past the closing one.
    pub(crate) fn row(&self, at: usize, values: &mut Vec<Value>) -> Result<usize, Stop> {
        let mut at = at + 1;
        loop {
            at = self.skip(at)?;
            let (value, next) = self.value(at)?;
            values.push(value);
            match self.at(next) {
                Some(b',') => at = next + 1,
                Some(b')') => return Ok(next + 1),
                Some(_) => return Err(Stop::Broken),
                None => return self.more(),
            }
        }
    }

    /// The value at `at` and where the `,` or `)` after it stands.
    fn value(&self, start: usize) -> Result<(Value, usize), Stop> {
        // A string, perhaps after a word (N'…', E'…', _utf8'…') and before a cast.
        let mut at = start;
        let mut backslash = self.backslash;
        if !matches!(self.at(at), Some(b'\'' | b'"')) {
            let (word, next) = self.word(at)?;
            let is_prefix = matches!(self.at(next), Some(b'\''))
                && (word.len() == 1 || word.starts_with(b"_") || word.eq_ignore_ascii_case(b"date"));
            if is_prefix {
                backslash |= word.eq_ignore_ascii_case(b"e");
                at = next;
            } else if word.starts_with(b"_")
                && self.at(next) == Some(b' ')
                && self.at(next + 1) == Some(b'\'')
            {
                at = next + 1;
            }
        }
        if let Some(mark @ (b'\'' | b'"')) = self.at(at) {
            let (end, escaped) = self.string_end(at, backslash)?;
            let inside = at + 1..end - 1;
            let after = self.skip(end)?;
            let value = match escaped {
                true => Value::Escaped(inside, mark, backslash),
                false => Value::Slice(inside),
            };
            match self.at(after) {
                Some(b',' | b')') => return Ok((value, after)),
                Some(b':') => return Ok((value, self.expression_end(after)?)),
                None => return self.more(),
                Some(_) => {}
            }
        }
        let end = self.expression_end(start)?;
        let text = self.bytes.get(start..end).unwrap_or_default();
        let size = text.trim_ascii_end().len();
        let text = text.get(..size).unwrap_or_default();
        if text.eq_ignore_ascii_case(b"NULL") || text.eq_ignore_ascii_case(b"DEFAULT") {
            return Ok((Value::Nothing, end));
        }
        Ok((Value::Slice(start..start + size), end))
    }

    /// Where the `,` or `)` after an expression stands.
    fn expression_end(&self, mut at: usize) -> Result<usize, Stop> {
        let mut depth = 0_u32;
        loop {
            match self.at(at) {
                None => return self.more(),
                Some(b'\'' | b'"') => {
                    at = self.string_end(at, self.backslash)?.0;
                    continue;
                }
                Some(b',') if depth == 0 => return Ok(at),
                Some(b')') if depth == 0 => return Ok(at),
                Some(b')') => depth -= 1,
                Some(b'(') => depth += 1,
                // A statement ends; the row was not closed.
                Some(b';') if depth == 0 => return Err(Stop::Broken),
                Some(_) => {}
            }
            at += 1;
        }
    }

    /// The columns of the table that `CREATE TABLE …` from `at` (the opening parenthesis) on makes.
    pub(crate) fn columns(&self, at: usize) -> Result<Vec<String>, Stop> {
        const NO_COLUMNS: &[&str] = &[
            "primary",
            "key",
            "unique",
            "constraint",
            "index",
            "foreign",
            "check",
            "fulltext",
            "spatial",
            "exclude",
            "like",
            "period",
        ];
        let mut columns = Vec::new();
        let mut at = at + 1;
        loop {
            at = self.skip(at)?;
            let is_quoted = matches!(self.at(at), Some(b'`' | b'"' | b'['));
            if self.at(at) == Some(b')') {
                return Ok(columns);
            }
            let (name, next) = self.name(at)?;
            if is_quoted || !NO_COLUMNS.iter().any(|word| name.eq_ignore_ascii_case(word)) {
                columns.push(name);
            }
            at = self.expression_end(next)?;
            if self.at(at) == Some(b')') {
                return Ok(columns);
            }
            at += 1;
        }
    }
}

/// Appends the content of a string with its escapes taken out.
pub(crate) fn push_unescaped(out: &mut String, text: &str, mark: u8, backslash: bool) {
    let mark = mark as char;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        if c == mark {
            // Doubled.
            let _ = chars.next_if_eq(&mark);
            out.push(c);
        } else if c == '\\' && backslash {
            match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('0') => out.push('\0'),
                Some('b') => out.push('\u{8}'),
                Some('Z') => out.push('\u{1A}'),
                Some(other) => out.push(other),
                None => out.push('\\'),
            }
        } else {
            out.push(c);
        }
    }
}

/// Appends a cell of COPY text with its escapes taken out.
pub(crate) fn push_copied(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\\') {
        out.push_str(before);
        let mut chars = after.chars();
        let digits = |text: &str, radix: u32, most: usize| {
            text.chars().take(most).take_while(|c| c.is_digit(radix)).count()
        };
        let octal = digits(after, 8, 3);
        let hex = after.strip_prefix('x').map_or(0, |hex| digits(hex, 16, 2));
        if octal > 0 {
            push_code(out, after.get(..octal).unwrap_or_default(), 8);
            rest = after.get(octal..).unwrap_or_default();
            continue;
        }
        if hex > 0 {
            push_code(out, after.get(1..=hex).unwrap_or_default(), 16);
            rest = after.get(hex + 1..).unwrap_or_default();
            continue;
        }
        match chars.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some('b') => out.push('\u{8}'),
            Some('f') => out.push('\u{C}'),
            Some('v') => out.push('\u{B}'),
            Some(other) => out.push(other),
            None => out.push('\\'),
        }
        rest = chars.as_str();
    }
    out.push_str(rest);
}

fn push_code(out: &mut String, digits: &str, radix: u32) {
    let code = u32::from_str_radix(digits, radix).unwrap_or(0xFFFD);
    out.push(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(sql: &str, backslash: bool) -> Text<'_> {
        Text { bytes: sql.as_bytes(), complete: true, backslash }
    }

    fn row(sql: &str, backslash: bool) -> Result<Vec<String>, Stop> {
        let text = text(sql, backslash);
        let mut values = Vec::new();
        let end = text.row(0, &mut values)?;
        assert_eq!(end, sql.len());
        Ok(values
            .into_iter()
            .map(|value| match value {
                Value::Slice(range) => sql[range].to_string(),
                Value::Escaped(range, mark, backslash) => {
                    let mut out = String::new();
                    push_unescaped(&mut out, &sql[range], mark, backslash);
                    out
                }
                Value::Nothing => "∅".into(),
            })
            .collect())
    }

    #[test]
    fn values_of_every_dialect_come_out() {
        assert_eq!(
            row(r"(1, 'it''s', 'a\'b\n', NULL , -2.5)", true).unwrap(),
            ["1", "it's", "a'b\n", "∅", "-2.5"]
        );
        assert_eq!(
            row(r"('a\', E'b\'c', N'王', 'x'::text, default)", false).unwrap(),
            ["a\\", "b'c", "王", "x", "∅"]
        );
        assert_eq!(
            row("(CAST(N'2020' AS DateTime2), to_date('a,b)', 'c'), 0x1F, _utf8mb4'王')", false).unwrap(),
            ["CAST(N'2020' AS DateTime2)", "to_date('a,b)', 'c')", "0x1F", "王"]
        );
        assert_eq!(row(r#"("a""b", /* , */ 'x')"#, true).unwrap(), ["a\"b", "x"]);
        assert_eq!(row("()", true).unwrap(), [""]);
        assert_eq!(row("(1, 'a", true), Err(Stop::Broken));
        let open = Text { complete: false, ..text("(1, 'a'", true) };
        assert_eq!(open.row(0, &mut Vec::new()), Err(Stop::More));
    }

    #[test]
    fn names_and_columns_come_out() {
        let sql = text(
            "(`id` int, \"real name\" varchar(64) DEFAULT 'a,b' COMMENT 'x)', PRIMARY KEY (`id`), `key` text)",
            true,
        );
        assert_eq!(sql.columns(0).unwrap(), ["id", "real name", "key"]);
        assert_eq!(text("[dbo].[用户] (", true).name(0).unwrap().0, "用户");
        assert_eq!(text("(a, `b`,\"c\")", true).names(0).unwrap().0, ["a", "b", "c"]);
    }

    #[test]
    fn statements_end_after_their_strings() {
        let sql = text("SELECT 'a;b', $x$ ; $x$ -- ;\n;next", false);
        assert_eq!(sql.statement_end(0), Ok(30));
        assert_eq!(text("SELECT 1", false).statement_end(0), Ok(8));
    }

    #[test]
    fn copied_cells_are_unescaped() {
        let mut out = String::new();
        push_copied(&mut out, r"a\tb\\c\x41\101王\");
        assert_eq!(out, "a\tb\\cAA王\\");
    }
}
