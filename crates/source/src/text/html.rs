//! HTML to text by blocks, and its tables to rows.
//!
//! No tree is built: tags open and close blocks, rows and cells as they come, which is what broken pages need too.

use std::ops::Range;
use zhunsheng_model::CellBuffer;

/// Tables within tables looked at; what is nested deeper belongs to the cell around.
const TABLES_MAX: usize = 32;

/// What a stretch of HTML held.
#[derive(Default)]
pub(crate) struct Found {
    /// Text outside tables, a line for each block.
    pub(crate) text: String,
    /// Where each block begins in `text`.
    pub(crate) blocks: Vec<u32>,
    /// Tables in the order in which they end; long ones in parts.
    pub(crate) tables: Vec<Part>,
}

/// Rows of a table.
pub(crate) struct Part {
    /// Number of the table in the document, from 1.
    pub(crate) number: u32,
    /// Number of the first row, from 1.
    pub(crate) first_row: u64,
    pub(crate) cells: CellBuffer,
}

/// Rows of a table are handed over when they hold so much text.
const PART_BYTES: usize = 1 << 20;

/// A table under construction.
#[derive(Default)]
struct Table {
    number: u32,
    /// Rows handed over already.
    gone: u64,
    cells: CellBuffer,
    /// The open cell's text.
    cell: Option<String>,
    /// Cells of the open row.
    row: Vec<String>,
    widest: usize,
}

impl Table {
    /// The rows so far.
    fn part(&mut self) -> Part {
        let cells = std::mem::take(&mut self.cells);
        let first_row = self.gone + 1;
        self.gone += cells.len() as u64;
        Part { number: self.number, first_row, cells }
    }
}

/// Reads HTML piece by piece.
#[derive(Default)]
pub(crate) struct Reader {
    found: Found,
    tables: Vec<Table>,
    /// The element whose content is no text (`script`, `style`), when inside one.
    skipping: Option<&'static str>,
    table_count: u32,
    /// Whether white space is owed before the next word.
    space: bool,
}

impl Reader {
    /// Reads `html` as far as it can be told what it is; gives the bytes used. With `last`, all of it.
    pub(crate) fn read(&mut self, html: &str, last: bool) -> usize {
        let mut at = 0;
        while at < html.len() {
            let rest = html.get(at..).unwrap_or_default();
            if let Some(name) = self.skipping {
                let Some(end) = find_close(rest, name) else {
                    // Keep what may be the beginning of the closing tag.
                    return if last {
                        html.len()
                    } else {
                        boundary(html, html.len().saturating_sub(16).max(at))
                    };
                };
                self.skipping = None;
                at += end;
                continue;
            }
            match rest.find('<') {
                Some(0) => {}
                Some(text) => {
                    self.text(rest.get(..text).unwrap_or_default());
                    at += text;
                    continue;
                }
                None if last => {
                    self.text(rest);
                    return html.len();
                }
                // An entity may be cut.
                None => {
                    let safe = rest.rfind([' ', '\n', ';']).map_or(0, |end| end + 1);
                    self.text(rest.get(..safe).unwrap_or_default());
                    return at + safe;
                }
            }
            match tag_end(rest) {
                Some(end) => {
                    self.markup(rest.get(..end).unwrap_or_default());
                    at += end;
                }
                None if last || rest.len() > 1 << 20 => {
                    // A lone `<`.
                    self.text("<");
                    at += 1;
                }
                None => return at,
            }
        }
        at
    }

    /// Takes what was found so far, except tables still open.
    pub(crate) fn take(&mut self) -> Found {
        std::mem::take(&mut self.found)
    }

    /// Closes everything and takes the rest.
    pub(crate) fn finish(mut self) -> Found {
        while !self.tables.is_empty() {
            self.end_table();
        }
        self.found
    }

    fn markup(&mut self, tag: &str) {
        if tag.starts_with("<!") || tag.starts_with("<?") {
            return;
        }
        let inside = tag.trim_start_matches('<').trim_end_matches('>');
        let (closing, inside) = match inside.strip_prefix('/') {
            Some(inside) => (true, inside),
            None => (false, inside),
        };
        let end = inside
            .find(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == ':'))
            .unwrap_or(inside.len());
        let (name, attributes) = inside.split_at_checked(end).unwrap_or((inside, ""));
        if name.is_empty() {
            return self.text(tag);
        }
        let name = name.to_ascii_lowercase();
        match (name.as_str(), closing) {
            ("script", false) if !attributes.ends_with('/') => self.skipping = Some("script"),
            ("style", false) if !attributes.ends_with('/') => self.skipping = Some("style"),
            ("table", false) if self.tables.len() < TABLES_MAX => {
                self.table_count += 1;
                self.tables.push(Table { number: self.table_count, ..Table::default() });
                self.space = false;
            }
            ("table", true) => self.end_table(),
            ("tr", _) => self.end_row(),
            ("td" | "th", false) => {
                self.end_cell();
                if let Some(table) = self.tables.last_mut() {
                    table.cell = Some(String::new());
                }
                self.space = false;
            }
            ("td" | "th", true) => self.end_cell(),
            ("br", _) => self.line_break(),
            (
                "p" | "div" | "li" | "ul" | "ol" | "dl" | "dt" | "dd" | "h1" | "h2" | "h3" | "h4" | "h5"
                | "h6" | "section" | "article" | "header" | "footer" | "blockquote" | "pre" | "title"
                | "body" | "head" | "html" | "hr" | "form" | "option" | "select" | "textarea" | "caption"
                | "thead" | "tbody" | "tfoot" | "main" | "nav" | "aside" | "address" | "fieldset" | "legend"
                | "center" | "figure" | "figcaption",
                _,
            ) => self.line_break(),
            (
                "span" | "b" | "i" | "em" | "strong" | "font" | "u" | "a" | "sup" | "sub" | "wbr" | "o:p",
                _,
            ) => {}
            _ => self.space = true,
        }
        if !closing {
            self.attributes(&name, attributes);
        }
    }

    /// Content that stands in attributes: prefilled fields, links to addresses and numbers.
    fn attributes(&mut self, name: &str, attributes: &str) {
        for (key, value) in Attributes(attributes) {
            let is_content = match key.to_ascii_lowercase().as_str() {
                "value" => matches!(name, "input" | "option" | "button"),
                "content" => name == "meta",
                "alt" | "title" | "placeholder" => true,
                "href" => {
                    let start = value.get(..7).unwrap_or(value).to_ascii_lowercase();
                    start.starts_with("mailto:") || start.starts_with("tel:") || start.starts_with("sms:")
                }
                _ => false,
            };
            if is_content && !value.trim().is_empty() {
                self.space = true;
                self.text(value);
                self.space = true;
            }
        }
    }

    fn text(&mut self, text: &str) {
        let mut decoded = String::new();
        let text = if text.contains('&') {
            decode_entities(text, &mut decoded);
            decoded.as_str()
        } else {
            text
        };
        let is_blank = |c: char| c.is_ascii_whitespace() || c == '\u{A0}';
        for (number, word) in text.split(is_blank).enumerate() {
            self.space |= number > 0;
            if word.is_empty() {
                continue;
            }
            let space = std::mem::take(&mut self.space);
            let found = &mut self.found;
            let out = match self.tables.last_mut() {
                Some(table) => match &mut table.cell {
                    Some(cell) => cell,
                    // Text between rows belongs to no cell.
                    None => start_block(found),
                },
                None => start_block(found),
            };
            if space && !out.is_empty() && !out.ends_with('\n') {
                out.push(' ');
            }
            out.push_str(word);
        }
    }

    fn line_break(&mut self) {
        self.space = false;
        let out = match self.tables.last_mut().and_then(|table| table.cell.as_mut()) {
            Some(cell) => cell,
            None => &mut self.found.text,
        };
        if !out.is_empty() && !out.ends_with('\n') {
            out.push('\n');
        }
    }

    fn end_cell(&mut self) {
        if let Some(table) = self.tables.last_mut()
            && let Some(cell) = table.cell.take()
        {
            table.row.push(cell.trim_end().to_string());
        }
        self.space = false;
    }

    fn end_row(&mut self) {
        self.end_cell();
        if let Some(table) = self.tables.last_mut() {
            if table.row.is_empty() {
                return;
            }
            table.widest = table.widest.max(table.row.len());
            for cell in table.row.drain(..) {
                table.cells.push_cell(&cell);
            }
            table.cells.end_row();
            if table.cells.text.len() >= PART_BYTES && table.widest >= 2 {
                self.found.tables.push(table.part());
            }
        }
    }

    fn end_table(&mut self) {
        self.end_row();
        let Some(mut table) = self.tables.pop() else { return };
        if table.cells.is_empty() {
            return;
        }
        if table.widest >= 2 {
            self.found.tables.push(table.part());
            return;
        }
        // One column is a frame around text.
        for row in 0..table.cells.len() {
            for cell in table.cells.row(row) {
                let out = match self.tables.last_mut().and_then(|table| table.cell.as_mut()) {
                    Some(cell) => cell,
                    None => start_block(&mut self.found),
                };
                out.push_str(cell);
                out.push('\n');
            }
        }
    }
}

/// The text outside tables; notes a new block at the beginning of a line.
fn start_block(found: &mut Found) -> &mut String {
    if found.text.is_empty() || found.text.ends_with('\n') {
        let start = found.text.len() as u32;
        if found.blocks.last() != Some(&start) {
            found.blocks.push(start);
        }
    }
    &mut found.text
}

/// One past the `>` of the tag or comment at the beginning of `text`; quoted attribute values may hold `>`.
fn tag_end(text: &str) -> Option<usize> {
    if text.starts_with("<!--") {
        return text.find("-->").map(|at| at + 3);
    }
    let next = text.as_bytes().get(1)?;
    if !(next.is_ascii_alphabetic() || matches!(next, b'/' | b'!' | b'?')) {
        // Not a tag; the caller takes it as text.
        return Some(1);
    }
    let mut quote = None;
    let mut after_equals = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match (quote, byte) {
            (None, b'>') => return Some(at + 1),
            (None, b'"' | b'\'') if after_equals => quote = Some(byte),
            (Some(open), _) if byte == open => quote = None,
            // A quotation mark that nobody closes must not swallow the page.
            (Some(_), _) if at > 64 << 10 => return text.find('>').map(|at| at + 1),
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            after_equals = byte == b'=';
        }
    }
    None
}

fn find_close(text: &str, name: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(at) = text.get(from..)?.find("</") {
        let start = from + at;
        let word = text.get(start + 2..start + 2 + name.len());
        if word.is_some_and(|word| word.eq_ignore_ascii_case(name)) {
            return Some(start);
        }
        from = start + 2;
    }
    None
}

fn boundary(text: &str, mut at: usize) -> usize {
    while at > 0 && !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// `key="value"` pairs.
struct Attributes<'a>(&'a str);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<(&'a str, &'a str)> {
        let (key, rest) = self.0.split_once('=')?;
        let key = key.split_ascii_whitespace().next_back().unwrap_or_default();
        let rest = rest.trim_start();
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, rest) = match quote {
            Some(quote) => {
                let inside = rest.get(1..).unwrap_or_default();
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            None => rest.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((rest, "")),
        };
        self.0 = rest;
        Some((key, value))
    }
}

/// Appends `text` with character references replaced.
pub(crate) fn decode_entities(text: &str, out: &mut String) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        match entity(rest) {
            Some((c, used)) => {
                out.push(c);
                rest = rest.get(used..).unwrap_or_default();
            }
            None => out.push('&'),
        }
    }
    out.push_str(rest);
}

fn entity(text: &str) -> Option<(char, usize)> {
    let size = text.bytes().take(12).take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'#').count();
    let name = text.get(..size)?;
    let used = size + usize::from(text.as_bytes().get(size) == Some(&b';'));
    let number = name.strip_prefix('#').and_then(|digits| match digits.strip_prefix(['x', 'X']) {
        Some(hex) => u32::from_str_radix(hex, 16).ok(),
        None => digits.parse().ok(),
    });
    if let Some(number) = number {
        return Some((
            char::from_u32(number).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER),
            used,
        ));
    }
    let c = match name {
        "nbsp" => '\u{A0}',
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        "apos" => '\'',
        "ensp" | "emsp" | "thinsp" => ' ',
        "middot" => '·',
        "mdash" => '—',
        "ndash" => '–',
        "hellip" => '…',
        "ldquo" => '“',
        "rdquo" => '”',
        "lsquo" => '‘',
        "rsquo" => '’',
        "yen" => '¥',
        "copy" => '©',
        "reg" => '®',
        "times" => '×',
        "bull" => '•',
        _ => return None,
    };
    // Without its semicolon a name may be part of an address: `?a=1&lt=2`.
    (used > size).then_some((c, used))
}

/// The blocks of `found` as ranges of its text.
pub(crate) fn blocks(found: &Found) -> impl Iterator<Item = Range<usize>> + '_ {
    let ends = found.blocks.iter().skip(1).map(|start| *start as usize).chain(Some(found.text.len()));
    found.blocks.iter().map(|start| *start as usize).zip(ends).map(|(start, end)| start..end)
}

/// Reads a whole page.
pub(crate) fn read_all(html: &str) -> Found {
    let mut reader = Reader::default();
    reader.read(html, true);
    reader.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(cells: &CellBuffer) -> Vec<Vec<&str>> {
        (0..cells.len()).map(|row| cells.row(row).collect()).collect()
    }

    #[test]
    fn blocks_are_lines_and_tables_are_rows() {
        let found = read_all(
            "<!DOCTYPE html><html><head><title>名单</title><style>p{a:b}</style><script>if(a<b){x='<p>'}</script></head>\
             <body><p>王<b>小明</b>&nbsp;电话&#65306;138</p><div>a &lt; b &amp;amp; c</div>\
             <table><tr><th>姓名<th>手机</tr><tr><td>李<br>海</td><td>139</td></tr></table>\
             <a href='mailto:a@b.cn'>写信</a><input type=text value=\"王>李\"></body></html>",
        );
        assert_eq!(found.text.trim_end(), "名单\n王小明 电话：138\na < b &amp; c\nmailto:a@b.cn 写信 王>李");
        assert_eq!(found.tables.len(), 1);
        assert_eq!(rows(&found.tables[0].cells), [["姓名", "手机"], ["李\n海", "139"]]);
        let lines: Vec<_> = blocks(&found).map(|range| found.text[range].trim_end()).collect();
        assert_eq!(lines, ["名单", "王小明 电话：138", "a < b &amp; c", "mailto:a@b.cn 写信 王>李"]);
    }

    #[test]
    fn frames_and_nested_tables_come_apart() {
        let found =
            read_all("<table><tr><td>外<table><tr><td>1</td><td>2</td></tr></table>后</td></tr></table>");
        assert_eq!(found.text, "外后\n");
        assert_eq!(rows(&found.tables[0].cells), [["1", "2"]]);
        assert_eq!(found.tables[0].number, 2);
    }

    #[test]
    fn any_cut_gives_the_same() {
        let html = "<p>王小明&amp;李</p><!-- <p>x</p> --><table><tr><td a='>'>甲</td><td>乙</td></tr></table><script>1</script>末 < 尾";
        let whole = read_all(html);
        for cut in 0..html.len() {
            if !html.is_char_boundary(cut) {
                continue;
            }
            let mut reader = Reader::default();
            let used = reader.read(&html[..cut], false);
            reader.read(&html[used..], true);
            let found = reader.finish();
            assert_eq!(found.text, whole.text, "{cut}");
            assert_eq!(rows(&found.tables[0].cells), rows(&whole.tables[0].cells), "{cut}");
        }
    }

    #[test]
    fn broken_pages_lose_nothing() {
        assert_eq!(read_all("a <3 b <p>c").text, "a <3 b\nc");
        assert_eq!(read_all("<td>x</td> y").text, "x y");
        assert_eq!(read_all("&#0;&#xFFFFFFFF;&bogus;&").text, "\u{FFFD}\u{FFFD}&bogus;&");
    }
}
