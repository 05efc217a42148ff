//! A document of headings, paragraphs and tables: written as DOCX or as a plain page.

/// A piece of a document, from top to bottom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The title of the document.
    Title(String),
    /// A heading: level from 1 to 3.
    Heading(u8, String),
    /// A paragraph.
    Text(String),
    /// A paragraph in a smaller, softer form.
    Note(String),
    /// Words of a law or a case.
    Quote(String),
    /// A label with its text.
    Field(String, String),
    /// Lines that stand in one another: depth from 0.
    Tree(Vec<(usize, String)>),
    /// A table: heads, shares of the width in per cent, rows.
    Table {
        /// One for each column.
        heads: Vec<String>,
        /// One for each column; together 100.
        widths: Vec<u32>,
        /// As many cells as heads; lines of a cell are parted by line feeds.
        rows: Vec<Vec<String>>,
    },
    /// The next piece begins a page.
    NewPage,
}

/// Characters that XML 1.0 does not allow are shown as U+FFFD; `<`, `>`, `&` and quotes are written as entities.
pub(crate) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\t' | '\n' | '\r' => out.push(letter),
            '\0'..='\u{1f}' | '\u{7f}' | '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(letter),
        }
    }
    out
}

/// The first letters of a text, with a sign where more was cut off.
pub(crate) fn shortened(text: &str, letters: usize) -> String {
    match text.char_indices().nth(letters) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or(text)),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{escaped, shortened};

    #[test]
    fn a_long_text_is_cut_between_letters() {
        assert_eq!(shortened("个人信息", 2), "个人…");
        assert_eq!(shortened("个人信息", 4), "个人信息");
    }

    #[test]
    fn nothing_from_outside_becomes_markup() {
        assert_eq!(escaped("<a b='c'>\"&\u{7}"), "&lt;a b=&#39;c&#39;&gt;&quot;&amp;\u{fffd}");
    }
}
