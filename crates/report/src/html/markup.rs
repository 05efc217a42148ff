//! HTML written as text, with everything that comes from outside escaped.

use crate::tables::{Cell, Table};
use crate::texts::{Text, fill};
use crate::{Language, number};
use std::fmt::Write;
use unicode_width::UnicodeWidthStr;

/// Text for an element or a quoted attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // Not allowed in HTML; `printable` has replaced them where a name is shown.
            '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{7f}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

/// Appends formatted text; writing to memory cannot fail.
macro_rules! put {
    ($out:expr, $($part:tt)*) => {{
        let _ = write!($out, $($part)*);
    }};
}
pub(super) use put;

/// Rows of one table in the page; a page of a million rows would not open.
const ROWS_MAX: usize = 2_000;
/// Shorter tables need no filter.
const ROWS_TO_FILTER: usize = 8;

/// Texts of this many columns of a terminal or fewer are not cut into lines: ids, dates, tiers.
const WIDTH_KEPT_WHOLE: usize = 18;

/// A table that sorts, and filters when it is long; `marks` gives a class for a cell.
pub(super) fn table(
    out: &mut String,
    table: &Table,
    language: Language,
    marks: &dyn Fn(usize, usize) -> Option<&'static str>,
) {
    if table.rows.is_empty() {
        put!(out, "<p class=\"none\">{}</p>\n", escaped(Text::Nothing.of(language)));
        return;
    }
    let filter = if table.rows.len() > ROWS_TO_FILTER { " data-filter" } else { "" };
    put!(out, "<div class=\"scroll\"><table class=\"data\" id=\"{}\"{filter}>\n<thead><tr>", table.id);
    for column in &table.columns {
        let class = if column.numeric { " class=\"n\"" } else { "" };
        put!(out, "<th scope=\"col\"{class}>{}</th>", escaped(&column.title));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (index, row) in table.rows.iter().take(ROWS_MAX).enumerate() {
        out.push_str("<tr>");
        for (at, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            let short =
                matches!(cell, Cell::Text(text) if !column.numeric && text.width() <= WIDTH_KEPT_WHOLE);
            let classes: Vec<&str> = [column.numeric.then_some("n"), short.then_some("w"), marks(index, at)]
                .into_iter()
                .flatten()
                .collect();
            let class = match classes.as_slice() {
                [] => String::new(),
                classes => format!(" class=\"{}\"", classes.join(" ")),
            };
            match cell {
                Cell::Number(value) => {
                    put!(out, "<td{class} data-v=\"{value}\">{}</td>", number::grouped(*value))
                }
                Cell::Text(text) => put!(out, "<td{class}>{}</td>", escaped(text)),
                Cell::Empty => put!(out, "<td{class}></td>"),
            }
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n");
    if table.rows.len() > ROWS_MAX {
        let left = number::grouped((table.rows.len() - ROWS_MAX) as u64);
        put!(
            out,
            "<p class=\"note\">{}</p>\n",
            escaped(&fill(Text::MoreRowsInWorkbook.of(language), &[&left]))
        );
    }
}

/// Base64 with padding (RFC 4648 §4), for the hashes of the content security policy.
pub(super) fn base64(bytes: &[u8]) -> String {
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
    use super::*;

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(escaped("<a href='x'>\"&\u{7}"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;\u{fffd}");
    }

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")]
        {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }
}
