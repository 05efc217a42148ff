//! The summary printed on a terminal: every table of the report that fits 80 to 100 columns.
//!
//! Widths are those of a terminal, where a Chinese character takes two columns. Nothing that comes from
//! outside, such as a file name, can move the cursor.

use crate::tables::{self, Cell, Table};
use crate::texts::{Text, fill, labelled};
use crate::view::View;
use crate::words::{self, printable};
use crate::{Language, number};
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};
use zhunsheng_model::{Answer, Inventory};

/// Rows of a long list that are printed.
const ROWS_MAX: usize = 20;
/// Narrower terminals get lines of this width all the same.
const WIDTH_MIN: usize = 60;

/// The inventory as text with a line feed at the end of each line.
///
/// * `width`: columns of the terminal.
/// * `colour`: whether to use the colours of ANSI terminals.
pub fn summary(inventory: &Inventory, view: &View, width: usize, colour: bool, language: Language) -> String {
    let mut page = Page { out: String::new(), width: width.max(WIDTH_MIN), colour };
    header(&mut page, inventory, view, language);
    page.pairs(&tables::records(inventory, language));
    page.table(&tables::kinds_short(inventory, language), usize::MAX, &|_, _| None, language);
    page.table(&tables::rejected(inventory, language), ROWS_MAX, &|_, _| None, language);
    for merges in tables::merges(inventory, language) {
        page.table_if_any(&merges, language);
    }
    problems(&mut page, inventory, language);
    page.pairs(&tables::pipl(inventory, language));
    page.note(&tables::under_14_note(inventory, language));
    page.table_if_any(&tables::acts(inventory, language), language);
    let chosen = |row: usize, _: usize| {
        let basis = zhunsheng_model::Basis::ALL.get(row);
        (basis == Some(&inventory.criminal.basis)).then_some(Style::Bold)
    };
    page.table(&tables::bases(inventory, language), usize::MAX, &chosen, language);
    // What the reader asked for stands last, where the terminal stops.
    law(&mut page, inventory, language);
    page.out
}

fn header(page: &mut Page, inventory: &Inventory, view: &View, language: Language) {
    let title = format!("{} {}", Text::Title.of(language), printable(&view.tool_version));
    page.paragraph(title.trim_end(), Some(Style::Bold));
    let inputs: Vec<String> = view.inputs.iter().map(|input| printable(input)).collect();
    let input = &inventory.input;
    let counts = fill(
        Text::InputFiles.of(language),
        &[&number::grouped(input.files), &number::bytes(input.bytes), &number::grouped(input.files_inside)],
    );
    let inputs = match language {
        Language::Zh => format!("{}（{counts}）", inputs.join("、")),
        Language::En => format!("{} ({counts})", inputs.join(", ")),
    };
    page.paragraph(&labelled(Text::InputLine.of(language), &inputs, language), None);
    for (label, hash) in
        [(Text::ManifestHash, &input.sha256_of_manifest), (Text::RulesHash, &inventory.rules_sha256)]
    {
        page.paragraph(&labelled(label.of(language), hash, language), Some(Style::Dim));
    }
}

fn law(page: &mut Page, inventory: &Inventory, language: Language) {
    let paint = |row: usize, column: usize| {
        let tier = inventory.criminal.tiers.get(row).filter(|_| column == 5)?;
        Some(if tier.reached { Style::Red } else { Style::Green })
    };
    page.table(&tables::tiers_short(inventory, language), usize::MAX, &paint, language);
    let proportion = tables::proportion(inventory, language);
    let label = Text::Proportion.of(language);
    let style = inventory.criminal.proportion_detail.reached.then_some(Style::Red);
    page.paragraph(&labelled(label, &proportion, language), style);
    for note in tables::tier_notes(inventory, language) {
        page.note(&note);
    }
    if let Some((table, notes)) = tables::half(inventory, language) {
        page.table(&table, usize::MAX, &|_, _| None, language);
        notes.iter().for_each(|note| page.note(note));
    }
    page.heading(Text::VerdictsTitle.of(language));
    let criminal = &inventory.criminal;
    for (question, verdict) in
        [(Text::Serious, &criminal.serious), (Text::VerySerious, &criminal.very_serious)]
    {
        let style = match verdict.answer {
            Answer::Yes => Style::Red,
            Answer::No => Style::Green,
            Answer::Open => Style::Yellow,
        };
        let answer = words::answer(verdict.answer).of(language);
        let sentence = tables::sentence(verdict, language);
        page.paragraph(&labelled(question.of(language), answer, language), Some(style));
        page.indented(&sentence);
    }
    page.paragraph(&tables::review(inventory, language), Some(Style::Yellow));
}

fn problems(page: &mut Page, inventory: &Inventory, language: Language) {
    let table = tables::problems(inventory, language);
    if table.rows.is_empty() {
        page.heading(&table.title);
        page.line(Text::NoProblems.of(language), None);
        return;
    }
    page.table(&table, ROWS_MAX, &|_, _| None, language);
}

/// How a stretch of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Style {
    Bold,
    Dim,
    Red,
    Green,
    Yellow,
}

impl Style {
    const fn code(self) -> &'static str {
        match self {
            Style::Bold => "\u{1b}[1m",
            Style::Dim => "\u{1b}[2m",
            Style::Red => "\u{1b}[1;31m",
            Style::Green => "\u{1b}[32m",
            Style::Yellow => "\u{1b}[33m",
        }
    }
}

struct Page {
    out: String,
    width: usize,
    colour: bool,
}

impl Page {
    fn styled(&mut self, text: &str, style: Option<Style>) {
        match style.filter(|_| self.colour) {
            Some(style) => {
                self.out.push_str(style.code());
                self.out.push_str(text);
                self.out.push_str("\u{1b}[0m");
            }
            None => self.out.push_str(text),
        }
    }

    fn line(&mut self, text: &str, style: Option<Style>) {
        self.styled(text, style);
        self.out.push('\n');
    }

    fn heading(&mut self, text: &str) {
        self.out.push('\n');
        self.paragraph(text, Some(Style::Bold));
        self.line(&"-".repeat(text.width().min(self.width)), Some(Style::Dim));
    }

    fn paragraph(&mut self, text: &str, style: Option<Style>) {
        for line in wrap(text, self.width) {
            self.line(&line, style);
        }
    }

    fn indented(&mut self, text: &str) {
        for line in wrap(text, self.width - 2) {
            self.line(&format!("  {line}"), None);
        }
    }

    fn note(&mut self, text: &str) {
        self.paragraph(text, Some(Style::Dim));
    }

    /// A table of labels and numbers, two pairs a line where they fit.
    fn pairs(&mut self, table: &Table) {
        self.heading(&table.title);
        let pairs: Vec<(String, String)> = table
            .rows
            .iter()
            .map(|row| {
                let mut cells = row.iter().map(Cell::shown);
                (cells.next().unwrap_or_default(), cells.next().unwrap_or_default())
            })
            .collect();
        let label = pairs.iter().map(|(label, _)| label.width()).max().unwrap_or(0);
        let value = pairs.iter().map(|(_, value)| value.width()).max().unwrap_or(0);
        let across = if 2 * (label + 2 + value) + 6 <= self.width { 2 } else { 1 };
        let lines = pairs.len().div_ceil(across);
        for line in 0..lines {
            let mut text = String::new();
            // Down the first column, then down the second, as people read lists.
            for (label_text, value_text) in pairs.iter().skip(line).step_by(lines.max(1)) {
                if !text.is_empty() {
                    text.push_str(&" ".repeat(6));
                }
                text.push_str(&padded(label_text, label, false));
                text.push_str("  ");
                text.push_str(&padded(value_text, value, true));
            }
            self.line(&text, None);
        }
    }

    fn table_if_any(&mut self, table: &Table, language: Language) {
        if !table.rows.is_empty() {
            self.table(table, ROWS_MAX, &|_, _| None, language);
        }
    }

    /// A table with its heading; text columns are wrapped until everything fits.
    fn table(
        &mut self,
        table: &Table,
        rows_max: usize,
        paint: &dyn Fn(usize, usize) -> Option<Style>,
        language: Language,
    ) {
        self.heading(&table.title);
        if table.rows.is_empty() {
            self.line(Text::Nothing.of(language), None);
            return;
        }
        let rows: Vec<Vec<String>> =
            table.rows.iter().take(rows_max).map(|row| row.iter().map(Cell::shown).collect()).collect();
        let widths = widths(table, &rows, self.width);
        let titles: Vec<String> = table.columns.iter().map(|column| column.title.clone()).collect();
        self.row(table, &titles, &widths, &|_| Some(Style::Dim));
        for (index, row) in rows.iter().enumerate() {
            self.row(table, row, &widths, &|column| paint(index, column));
        }
        if table.rows.len() > rows.len() {
            let left = number::grouped((table.rows.len() - rows.len()) as u64);
            let text = if table.id == "problems" { Text::MoreProblems } else { Text::MoreRows };
            self.note(&fill(text.of(language), &[&left]));
        }
    }

    fn row(
        &mut self,
        table: &Table,
        cells: &[String],
        widths: &[usize],
        paint: &dyn Fn(usize) -> Option<Style>,
    ) {
        let wrapped: Vec<Vec<String>> =
            cells.iter().zip(widths).map(|(cell, width)| wrap(cell, *width)).collect();
        let lines = wrapped.iter().map(Vec::len).max().unwrap_or(0);
        for line in 0..lines {
            let last = wrapped.iter().rposition(|cell| cell.get(line).is_some_and(|text| !text.is_empty()));
            for (index, ((cell, width), column)) in wrapped.iter().zip(widths).zip(&table.columns).enumerate()
            {
                if Some(index) > last {
                    break;
                }
                if index > 0 {
                    self.out.push_str("  ");
                }
                let text = cell.get(line).map_or("", String::as_str);
                // The last cell of a line needs no blanks behind it.
                let pad = if Some(index) == last && !column.numeric { text.width() } else { *width };
                self.styled(&padded(text, pad, column.numeric), paint(index).filter(|_| !text.is_empty()));
            }
            self.out.push('\n');
        }
    }
}

/// Widths of the columns: what each needs, text columns made narrower, widest first, until all fit.
fn widths(table: &Table, rows: &[Vec<String>], width: usize) -> Vec<usize> {
    const TEXT_MIN: usize = 8;
    let mut widths: Vec<usize> = table.columns.iter().map(|column| column.title.width()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.width());
        }
    }
    let gaps = 2 * widths.len().saturating_sub(1);
    while widths.iter().sum::<usize>() + gaps > width {
        let widest = widths
            .iter_mut()
            .zip(&table.columns)
            .filter(|(width, column)| !column.numeric && **width > TEXT_MIN)
            .max_by_key(|(width, _)| **width);
        match widest {
            Some((widest, _)) => *widest -= 1,
            None => break,
        }
    }
    widths
}

/// `text` with blanks up to `width` columns, at the left for numbers.
fn padded(text: &str, width: usize, numeric: bool) -> String {
    let blanks = " ".repeat(width.saturating_sub(text.width()));
    if numeric { blanks + text } else { text.to_owned() + &blanks }
}

/// Cuts `text` into lines of at most `width` columns, at blanks and between Chinese characters; never leaves
/// closing punctuation at the beginning of a line unless nothing else is possible.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(2);
    let mut lines = vec![String::new()];
    let mut used = 0;
    for piece in pieces(text) {
        let piece_width = piece.width();
        if used + piece.trim_end().width() > width && used > 0 {
            start_line(&mut lines);
            used = 0;
        }
        if piece_width <= width || piece.trim_end().width() <= width {
            push(&mut lines, piece);
            used += piece_width;
            continue;
        }
        // A word longer than the line, such as a path, is cut where it must be.
        for letter in piece.chars() {
            let letter_width = letter.width().unwrap_or(0);
            if used + letter_width > width {
                start_line(&mut lines);
                used = 0;
            }
            push(&mut lines, letter.encode_utf8(&mut [0; 4]));
            used += letter_width;
        }
    }
    lines.iter_mut().for_each(|line| line.truncate(line.trim_end().len()));
    lines
}

fn start_line(lines: &mut Vec<String>) {
    lines.push(String::new());
}

fn push(lines: &mut [String], text: &str) {
    if let Some(line) = lines.last_mut() {
        line.push_str(text);
    }
}

/// The pieces of a text that may not be parted: words with the blanks behind them, single Chinese characters
/// with the punctuation behind them.
fn pieces(text: &str) -> Vec<&str> {
    const CLOSING: &str = "，。、；：？！）》」』】〕”’…,.;:?!)]}%";
    const OPENING: &str = "（《「『【〔“‘([{";
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut before: Option<char> = None;
    for (index, letter) in text.char_indices() {
        let may_part = before.is_some_and(|before| {
            let wide = |letter: char| letter.width() == Some(2);
            before == ' ' || (wide(before) || wide(letter)) && letter != ' '
        });
        let glued = CLOSING.contains(letter) || before.is_some_and(|before| OPENING.contains(before));
        if may_part && !glued && index > start {
            pieces.extend(text.get(start..index));
            start = index;
        }
        before = Some(letter);
    }
    pieces.extend(text.get(start..).filter(|rest| !rest.is_empty()));
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_by_columns_and_keep_every_letter() {
        let text = "查获的每条记录，去掉查证不实和重复的 (see art. 11) /very/long/path/客户名单.xlsx";
        for width in [4, 7, 10, 23, 40, 200] {
            let lines = wrap(text, width);
            assert!(lines.iter().all(|line| line.width() <= width), "{width}: {lines:?}");
            let plain = |text: &str| text.replace(' ', "");
            assert_eq!(plain(&lines.concat()), plain(text));
        }
        assert_eq!(wrap("", 10), [""]);
    }

    #[test]
    fn punctuation_stays_with_the_letter_before_it() {
        assert_eq!(wrap("一二三，四五", 6), ["一二", "三，四", "五"]);
        assert_eq!(wrap("ab cd", 2), ["ab", "cd"]);
    }

    #[test]
    fn a_table_that_is_too_wide_is_narrowed_and_numbers_are_kept_whole() {
        let columns = vec![
            crate::tables::Column { title: "a".to_owned(), numeric: false },
            crate::tables::Column { title: "n".to_owned(), numeric: true },
        ];
        let table = Table { id: "t", title: "T".to_owned(), columns, rows: Vec::new() };
        let rows = vec![vec!["x".repeat(100), "1,234,567".to_owned()]];
        assert_eq!(widths(&table, &rows, 40), [29, 9]);
        assert_eq!(widths(&table, &rows, 200), [100, 9]);
    }
}
