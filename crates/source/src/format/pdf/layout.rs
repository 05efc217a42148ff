//! Joins shown strings to lines, and lines to paragraphs.
//!
//! A value that is broken at the end of a line must come out whole, and must not be glued to what follows a
//! paragraph. So a line is joined to the next where the next line's first word would not have fitted on it,
//! or where it has exactly as many characters as the fullest lines of its column have.

use super::content::Span;
use std::collections::BTreeMap;
use zhunsheng_model::{Segment, Step};

/// Characters that end a sentence: what follows begins anew.
const SENTENCE_ENDS: &[char] = &['。', '！', '？', '!', '?', '；', ';'];

/// A line of a page.
#[derive(Clone, Debug)]
pub(super) struct Line {
    page: u32,
    /// Number of the line on its page, from 1.
    number: u64,
    x: f64,
    end: f64,
    y: f64,
    size: f64,
    turn: u8,
    text: String,
    /// Whether it consists of cells side by side.
    has_cells: bool,
}

/// The lines of page `page` (from 1), in the order they are drawn.
pub(super) fn lines(page: u32, spans: Vec<Span>) -> Vec<Line> {
    let mut lines: Vec<Line> = Vec::new();
    let mut last: Option<(f64, f64, String)> = None;
    for span in spans {
        // Bold faked by drawing the same string twice, a hair apart.
        let near = |a: f64, b: f64| (a - b).abs() < 0.35 * span.size;
        let again = last
            .as_ref()
            .is_some_and(|(x, y, text)| near(*x, span.x) && near(*y, span.y) && *text == span.text);
        if again {
            continue;
        }
        last = Some((span.x, span.y, span.text.clone()));
        match lines.last_mut() {
            Some(line) if line.takes(&span) => line.append(&span),
            _ => {
                drop_redrawn(&mut lines);
                lines.push(Line {
                    page,
                    number: 0,
                    x: span.x,
                    end: span.end,
                    y: span.y,
                    size: span.size,
                    turn: span.turn,
                    text: span.text,
                    has_cells: false,
                });
            }
        }
    }
    drop_redrawn(&mut lines);
    lines.retain(|line| !line.text.trim().is_empty());
    for (line, number) in lines.iter_mut().zip(1..) {
        line.number = number;
    }
    lines
}

/// Drops the last line when one of the two before it is the same at the same place.
fn drop_redrawn(lines: &mut Vec<Line>) {
    if let Some((line, before)) = lines.split_last() {
        let near = |a: f64, b: f64| (a - b).abs() < 0.5 * line.size;
        let same = |other: &Line| other.text == line.text && near(other.x, line.x) && near(other.y, line.y);
        if before.iter().rev().take(2).any(same) {
            lines.pop();
        }
    }
}

impl Line {
    fn takes(&self, span: &Span) -> bool {
        let size = self.size.max(span.size);
        self.turn == span.turn && (self.y - span.y).abs() < 0.5 * size && span.x - self.end > -1.2 * size
    }

    fn append(&mut self, span: &Span) {
        let size = self.size.max(span.size);
        let gap = span.x - self.end;
        let (before, after) = (self.text.chars().next_back(), span.text.chars().next());
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
        let is_blank = |c: Option<char>| c.is_some_and(char::is_whitespace);
        if gap > 1.5 * size {
            self.text.push('\t');
            self.has_cells = true;
        } else if is_blank(before) || is_blank(after) {
            // The blank is there already.
        } else if gap > 0.6 * size || (gap > 0.25 * size && is_word(before) && is_word(after)) {
            self.text.push(' ');
        }
        self.text.push_str(&span.text);
        self.end = self.end.max(span.end);
        self.size = size;
    }

    fn chars(&self) -> usize {
        self.text.chars().count()
    }
}

/// What the lines of one column (lines that begin at about the same place) have in common.
#[derive(Clone, Copy, Debug)]
struct Column {
    left: f64,
    right: f64,
    /// Lines that end near `right`.
    full: usize,
    chars_max: usize,
    /// Lines of `chars_max` characters.
    at_chars_max: usize,
}

/// Width of the strip in which lines begin to be of one column: a first line is indented by two letters.
const COLUMN_STRIP: f64 = 30.0;

type Columns = BTreeMap<(u32, u8, i64), Column>;

fn strip(x: f64) -> i64 {
    (x / COLUMN_STRIP).floor() as i64
}

fn columns(lines: &[Line]) -> Columns {
    let mut columns = Columns::new();
    for line in lines {
        let column = columns.entry((line.page, line.turn, strip(line.x))).or_insert(Column {
            left: line.x,
            right: line.end,
            full: 0,
            chars_max: 0,
            at_chars_max: 0,
        });
        column.left = column.left.min(line.x);
        column.right = column.right.max(line.end);
        column.chars_max = column.chars_max.max(line.chars());
    }
    for line in lines {
        if let Some(column) = columns.get_mut(&(line.page, line.turn, strip(line.x))) {
            column.full += usize::from(column.right - line.end < 1.5 * line.size);
            column.at_chars_max += usize::from(line.chars() == column.chars_max);
        }
    }
    columns
}

/// The column of a line: its own strip and the two beside it.
fn column_of(columns: &Columns, line: &Line) -> Column {
    let at = strip(line.x);
    let mut found: Option<Column> = None;
    for near in [at, at - 1, at + 1] {
        let Some(other) = columns.get(&(line.page, line.turn, near)).copied() else { continue };
        let Some(column) = &mut found else {
            found = Some(other);
            continue;
        };
        if (other.left - line.x).abs() > 2.5 * line.size {
            continue;
        }
        column.left = column.left.min(other.left);
        if other.right > column.right + 1.5 * line.size {
            (column.right, column.full) = (other.right, other.full);
        } else if other.right > column.right - 1.5 * line.size {
            column.right = column.right.max(other.right);
            column.full += other.full;
        }
        if other.chars_max > column.chars_max {
            (column.chars_max, column.at_chars_max) = (other.chars_max, other.at_chars_max);
        } else if other.chars_max == column.chars_max {
            column.at_chars_max += other.at_chars_max;
        }
    }
    found.unwrap_or(Column { left: line.x, right: line.end, full: 0, chars_max: 0, at_chars_max: 0 })
}

/// Whether `next` goes on in the paragraph of `line`.
fn goes_on(columns: &Columns, line: &Line, next: &Line) -> bool {
    let size = line.size.max(next.size);
    let sizes_differ = line.size.min(next.size) < 0.8 * size;
    let next_page = next.page == line.page + 1;
    let drop = line.y - next.y;
    let apart =
        if next_page { false } else { next.page != line.page || !(0.5 * size..2.6 * size).contains(&drop) };
    if line.turn != next.turn || sizes_differ || apart || line.has_cells || next.has_cells {
        return false;
    }
    if line.text.trim_end().ends_with(SENTENCE_ENDS) {
        return false;
    }
    let column = column_of(columns, line);
    // A line that begins further in than the one before, or as far in as a first line does, begins a paragraph.
    let indented = next.x - column.left > 1.2 * size && next.x - column.left < 4.5 * size;
    if next.x > line.x + 0.6 * size || next.x < line.x - 4.5 * size || indented {
        return false;
    }
    let chars = line.chars();
    if chars >= 15 && chars == column.chars_max && column.at_chars_max >= 2 {
        return true;
    }
    let width = line.end - line.x;
    let is_wide = width >= 8.0 * size && (column.full >= 2 || width >= 24.0 * size);
    is_wide && column.right - line.end < first_word_width(next) + 0.3 * size
}

/// Width of what cannot be broken at the beginning of a line: a run of Latin letters and digits, or one letter.
fn first_word_width(line: &Line) -> f64 {
    let text = line.text.trim_start();
    let run = text.chars().take_while(|c| c.is_ascii_graphic()).count();
    if run > 0 { run.min(40) as f64 * 0.55 * line.size } else { line.size }
}

/// Text of lines joined to paragraphs, with the page and number of each line.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) text: String,
    pub(super) segments: Vec<Segment>,
}

/// Joins `lines`; hands over the text in pieces of about `piece_bytes`, cut between paragraphs.
pub(super) fn join<E>(
    lines: &[Line],
    piece_bytes: usize,
    mut each: impl FnMut(Joined) -> Result<(), E>,
) -> Result<(), E> {
    let columns = columns(lines);
    let mut joined = Joined::default();
    for (index, line) in lines.iter().enumerate() {
        let start = joined.text.len() as u32;
        joined.segments.push(Segment { start, steps: vec![Step::Page(line.page), Step::Line(line.number)] });
        joined.text.push_str(line.text.trim_end_matches(['\n', '\r']));
        match lines.get(index + 1) {
            Some(next) if goes_on(&columns, line, next) => {
                if is_latin(&line.text) && is_latin(&next.text) {
                    joined.text.push(' ');
                }
            }
            _ => {
                joined.text.push('\n');
                if joined.text.len() >= piece_bytes {
                    each(std::mem::take(&mut joined))?;
                }
            }
        }
    }
    if joined.text.is_empty() { Ok(()) } else { each(joined) }
}

/// Whether a line is Latin prose, in which a line ends between two words.
fn is_latin(text: &str) -> bool {
    let letters = text.chars().filter(char::is_ascii_alphabetic).count();
    letters * 2 > text.chars().count() && text.trim().contains(' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A page written in lines of size 10, 20 points apart, one letter 10 points wide.
    fn page(lines: &[(f64, &str)]) -> Vec<Span> {
        let each = lines.iter().zip(0..).map(|((x, text), row)| Span {
            x: *x,
            end: x + text.chars().map(|c| if c.is_ascii() { 5.0 } else { 10.0 }).sum::<f64>(),
            y: 800.0 - 20.0 * f64::from(row),
            size: 10.0,
            turn: 0,
            text: (*text).to_owned(),
        });
        each.collect()
    }

    fn text(pages: &[&[(f64, &str)]]) -> String {
        let lines: Vec<Line> = pages.iter().zip(1..).flat_map(|(p, n)| lines(n, page(p))).collect();
        let mut text = String::new();
        let end: Result<(), ()> = join(&lines, 1 << 20, |joined| {
            text.push_str(&joined.text);
            Ok(())
        });
        end.unwrap();
        text
    }

    #[test]
    fn a_number_broken_at_the_line_end_is_whole_and_paragraphs_stay_apart() {
        let found = text(&[&[
            (70.0, "原告张三丰，男，汉族，住某某市某某区某某街道某某路一号，身份号码110101"),
            (50.0, "199003074514，电话13800138000"),
            (70.0, "被告李四光，女，汉族，住某某市某某区某某街道某某路二号某某小区某栋某单元"),
            (50.0, "三零一室。"),
        ]]);
        assert!(found.contains("110101199003074514"), "{found}");
        assert!(found.contains("13800138000\n被告"), "{found}");
        assert!(found.contains("单元三零一室。\n"), "{found}");
    }

    #[test]
    fn a_paragraph_goes_on_on_the_next_page() {
        let body = "某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某某";
        let found = text(&[&[(50.0, body), (50.0, body)], &[(50.0, "张三。"), (50.0, body)]]);
        assert!(found.contains("某张三。\n"), "{found}");
    }

    #[test]
    fn a_list_of_short_lines_is_not_joined() {
        let found = text(&[&[(50.0, "13800138000"), (50.0, "13900139000"), (50.0, "13700137000")]]);
        assert_eq!(found, "13800138000\n13900139000\n13700137000\n");
        let form = text(&[&[
            (50.0, "姓名：张三丰"),
            (50.0, "公民身份号码：110101199003074514"),
            (50.0, "13800138000"),
        ]]);
        assert!(form.contains("110101199003074514\n13800138000"), "{form}");
    }

    #[test]
    fn cells_side_by_side_are_kept_apart_and_faked_bold_is_read_once() {
        let cell = |x: f64, text: &str| Span {
            x,
            end: x + 10.0 * text.chars().count() as f64,
            y: 700.0,
            size: 10.0,
            turn: 0,
            text: text.into(),
        };
        let spans = vec![cell(50.0, "张三"), cell(50.3, "张三"), cell(70.0, "丰"), cell(150.0, "女")];
        let lines = lines(1, spans);
        assert_eq!(lines.len(), 1);
        assert_eq!(lines[0].text, "张三丰\t女");
    }
}
