//! The cells of one sheet, where they stand in its part, and how a new one is written.

use super::weave::Stand;
use super::xml::{Lexer, Token, attribute, attributes, decode, escape};
use super::{Document, Note};
use crate::error::RewriteError;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// A cell that shows no shared string.
const NOT_SHARED: u32 = u32::MAX;

struct Cell {
    row: u32,
    column: u32,
    start: usize,
    end: usize,
    shared: u32,
}

struct Formula {
    cell: usize,
    range: Range<usize>,
    /// The number under which other cells use it.
    shared: Option<String>,
    is_first: bool,
}

/// New text for a cell.
pub(super) struct Edit {
    /// What the cell shows.
    pub(super) old: String,
    /// What it is to show.
    pub(super) new: String,
    /// For a shared string its number, and the new item.
    pub(super) shared: Option<(u32, String)>,
}

/// A sheet.
pub(super) struct Sheet {
    part: usize,
    /// In order of rows and columns.
    cells: Vec<Cell>,
    formulas: Vec<Formula>,
    edits: BTreeMap<usize, Edit>,
}

impl Sheet {
    /// Finds the cells of a part.
    ///
    /// # Errors
    /// When the part is damaged, or its cells do not stand in their order.
    pub(super) fn read(document: &mut Document, part: usize, place: &str) -> Result<Sheet, RewriteError> {
        let broken = || RewriteError::unreadable(place, "a sheet of the workbook is damaged");
        let xml = document.parts.get(part).map(|part| part.xml.clone()).ok_or_else(broken)?;
        let mut sheet = Sheet { part, cells: Vec::new(), formulas: Vec::new(), edits: BTreeMap::new() };
        let mut rest = Note::default();
        let (mut next_row, mut next_column) = (0u32, 0u32);
        let mut open: Option<(Cell, bool)> = None;
        let (mut in_value, mut formula) = (false, None);
        for token in Lexer::new(&xml) {
            let (range, token) = token.map_err(|_| broken())?;
            match token {
                Token::Open { name: "row", tag, .. } => {
                    if let Some(row) = attribute(tag, "r") {
                        next_row =
                            row.parse::<u32>().ok().and_then(|row| row.checked_sub(1)).ok_or_else(broken)?;
                    }
                    next_column = 0;
                }
                Token::Close("row") => next_row = next_row.saturating_add(1),
                Token::Open { name: "c", tag, empty } => {
                    let (row, column) = match attribute(tag, "r") {
                        Some(at) => reference(&at).ok_or_else(broken)?,
                        None => (next_row, next_column),
                    };
                    next_column = column.saturating_add(1);
                    if sheet.cells.last().is_some_and(|last| (last.row, last.column) >= (row, column)) {
                        let detail = "the cells of a sheet do not stand in their order";
                        return Err(RewriteError::unreadable(place, detail));
                    }
                    let cell = Cell { row, column, start: range.start, end: range.end, shared: NOT_SHARED };
                    if empty {
                        sheet.cells.push(cell);
                    } else {
                        open = Some((cell, attribute(tag, "t").as_deref() == Some("s")));
                    }
                }
                Token::Close("c") => {
                    let (mut cell, _) = open.take().ok_or_else(broken)?;
                    cell.end = range.end;
                    sheet.cells.push(cell);
                }
                Token::Open { name: "v", empty, .. } if open.is_some() => in_value = !empty,
                Token::Close("v") => in_value = false,
                Token::Open { name: "f", tag, empty } if open.is_some() => {
                    let shared = (attribute(tag, "t").as_deref() == Some("shared"))
                        .then(|| attribute(tag, "si").unwrap_or_default());
                    let is_first = attribute(tag, "ref").is_some();
                    let found = Formula { cell: sheet.cells.len(), range, shared, is_first };
                    if empty { sheet.formulas.push(found) } else { formula = Some(found) }
                }
                Token::Close("f") => {
                    if let Some(mut found) = formula.take() {
                        found.range.end = range.end;
                        sheet.formulas.push(found);
                    }
                }
                Token::Text(raw) if open.is_some() => {
                    if let (true, Some((cell, true))) = (in_value, &mut open) {
                        cell.shared = raw.trim().parse().map_err(|_| broken())?;
                    }
                }
                // Beside the cells: headers and footers of pages, lists of allowed values, notes for printing.
                Token::Open { name, tag, empty } => {
                    document.attributes(part, &range, name, tag, &mut rest);
                    if empty {
                        rest.close(name);
                    }
                }
                Token::Text(raw) | Token::CData(raw) if open.is_none() => {
                    if !raw.trim().is_empty()
                        && let Some(owner) = document.parts.get_mut(part)
                    {
                        let stand = match token {
                            Token::CData(_) => Stand::CData,
                            _ => Stand::Text(None),
                        };
                        let node = owner.node(range, stand);
                        let text = owner.text_of(node).to_owned();
                        rest.text(part, node, &text);
                    }
                }
                Token::Close(name) => rest.close(name),
                _ => {}
            }
        }
        document.rest(part, rest);
        Ok(sheet)
    }

    pub(super) fn part(&self) -> usize {
        self.part
    }

    /// Numbers of the shared strings that cells show, one for each cell.
    pub(super) fn strings(&self) -> impl Iterator<Item = u32> + '_ {
        self.cells.iter().map(|cell| cell.shared).filter(|shared| *shared != NOT_SHARED)
    }

    /// The cell at a row and column, from 0.
    pub(super) fn find(&self, row: u32, column: u32) -> Option<usize> {
        self.cells.binary_search_by_key(&(row, column), |cell| (cell.row, cell.column)).ok()
    }

    /// The shared string that a cell shows.
    pub(super) fn shared(&self, cell: usize) -> Option<u32> {
        self.cells.get(cell).map(|cell| cell.shared).filter(|shared| *shared != NOT_SHARED)
    }

    /// Notes new text for a cell; whether the cell shows now what it should.
    #[must_use]
    pub(super) fn edit(&mut self, xml: &str, cell: usize, edit: Edit) -> bool {
        let Some(found) = self.cells.get(cell) else { return false };
        let raw = xml.get(found.start..found.end).unwrap_or_default();
        // Strings must be the ones that are replaced; numbers and days are shown in forms of their own.
        let is_same = match edit.shared {
            Some(_) => true,
            None => Raw::of(raw).is_some_and(|raw| match raw.kind.as_deref() {
                Some("str") => raw.value == edit.old || raw.value.contains("_x"),
                _ => true,
            }),
        };
        if is_same {
            self.edits.insert(cell, edit);
        }
        is_same
    }

    /// Writes the new cells down; the number of formulas that were dropped.
    pub(super) fn finish(
        &mut self,
        document: &mut Document,
        numbers: &BTreeMap<(u32, String), usize>,
    ) -> u64 {
        let sweep = std::mem::take(&mut document.sweep);
        let Some(part) = document.parts.get_mut(self.part) else { return 0 };
        let mut dropped: BTreeSet<usize> = BTreeSet::new();
        for (index, formula) in self.formulas.iter().enumerate() {
            let text = decode(part.xml.get(formula.range.clone()).unwrap_or_default());
            if self.edits.contains_key(&formula.cell) || sweep.clean(&text).is_some() {
                dropped.insert(index);
            }
        }
        // Without the first one the others of a shared formula say nothing.
        let lost: BTreeSet<&String> = dropped
            .iter()
            .filter_map(|index| self.formulas.get(*index))
            .filter(|formula| formula.is_first)
            .filter_map(|formula| formula.shared.as_ref())
            .collect();
        for (index, formula) in self.formulas.iter().enumerate() {
            if formula.shared.as_ref().is_some_and(|shared| lost.contains(shared)) {
                dropped.insert(index);
            }
        }
        for index in &dropped {
            if let Some(formula) = self.formulas.get(*index) {
                part.splices.push((formula.range.clone(), String::new()));
            }
        }
        for (cell, edit) in &self.edits {
            let Some(cell) = self.cells.get(*cell) else { continue };
            let raw = part.xml.get(cell.start..cell.end).unwrap_or_default();
            let number = edit.shared.as_ref().and_then(|key| numbers.get(key));
            part.splices.push((cell.start..cell.end, written(raw, edit, number.copied())));
        }
        document.sweep = sweep;
        dropped.len() as u64
    }
}

/// What stands in the mark-up of a cell.
struct Raw {
    prefix: String,
    reference: Option<String>,
    style: Option<String>,
    kind: Option<String>,
    value: String,
}

impl Raw {
    fn of(xml: &str) -> Option<Raw> {
        let mut raw: Option<Raw> = None;
        let mut in_value = false;
        for token in Lexer::new(xml) {
            match token.ok()?.1 {
                Token::Open { name: "c", tag, .. } => {
                    let full = tag.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
                    let value = |wanted: &str| {
                        let (_, range) = attributes(tag).into_iter().find(|(name, _)| *name == wanted)?;
                        tag.get(range).map(str::to_owned)
                    };
                    raw = Some(Raw {
                        prefix: full.strip_suffix('c').unwrap_or_default().to_owned(),
                        reference: value("r"),
                        style: value("s"),
                        kind: value("t"),
                        value: String::new(),
                    });
                }
                Token::Open { name: "v", empty, .. } => in_value = !empty,
                Token::Close("v") => in_value = false,
                Token::Text(text) if in_value => raw.as_mut()?.value.push_str(&decode(text)),
                _ => {}
            }
        }
        raw
    }
}

/// The mark-up of a cell with its new text.
fn written(xml: &str, edit: &Edit, number: Option<usize>) -> String {
    let Some(raw) = Raw::of(xml) else { return String::new() };
    let prefix = &raw.prefix;
    let mut head = format!("<{prefix}c");
    for (name, value) in [("r", &raw.reference), ("s", &raw.style)] {
        if let Some(value) = value {
            head.push_str(&format!(" {name}=\"{value}\""));
        }
    }
    if edit.new.is_empty() {
        return format!("{head}/>");
    }
    let with_value =
        |kind: &str, value: &str| format!("{head}{kind}><{prefix}v>{value}</{prefix}v></{prefix}c>");
    match (raw.kind.as_deref(), number) {
        (Some("s"), Some(number)) => return with_value(" t=\"s\"", &number.to_string()),
        (Some("str"), _) => return with_value(" t=\"str\"", &escape(&edit.new)),
        (Some("n") | None, _) => {
            if is_number(&edit.old) && is_number(&edit.new) {
                return with_value("", &edit.new);
            }
            if let Some(value) = moved_day(&raw.value, &edit.old, &edit.new) {
                return with_value("", &value);
            }
        }
        _ => {}
    }
    format!(
        "{head} t=\"inlineStr\"><{prefix}is><{prefix}t xml:space=\"preserve\">{}</{prefix}t></{prefix}is></{prefix}c>",
        escape(&edit.new)
    )
}

/// Whether a text is a whole number that a cell can hold without losing a digit.
fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    (1..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && (digits.len() == 1 || !digits.starts_with('0'))
}

/// The number of a day when the cell showed the day `old` and is to show `new`.
fn moved_day(value: &str, old: &str, new: &str) -> Option<String> {
    let value: f64 = value.trim().parse().ok()?;
    let moved = value + (day_number(new)? - day_number(old)?) as f64;
    // Before March 1900 workbooks count a day that there never was.
    (moved >= 61.0 && value >= 61.0).then(|| moved.to_string())
}

/// Days of a `YYYY-MM-DD` from a fixed day.
fn day_number(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let number = |range: Range<usize>| text.get(range)?.parse::<i64>().ok();
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    Some(year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day)
}

/// Row and column from 0 of a reference such as `AB12`.
fn reference(text: &str) -> Option<(u32, u32)> {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let column = text.get(..letters)?.bytes().try_fold(0u32, |column, letter| {
        column.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)
    })?;
    Some((text.get(letters..)?.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_and_days() {
        assert_eq!(reference("A1"), Some((0, 0)));
        assert_eq!(reference("AB12"), Some((11, 27)));
        assert_eq!(reference("12"), None);
        assert_eq!(moved_day("45943", "2025-10-13", "2025-11-01").as_deref(), Some("45962"));
        assert_eq!(moved_day("45943", "2025-10-13", "某日"), None);
        assert_eq!(day_number("2000-03-01").zip(day_number("2000-02-29")).map(|(a, b)| a - b), Some(1));
    }

    #[test]
    fn a_new_cell_keeps_reference_and_style() {
        let edit = |old: &str, new: &str| Edit { old: old.into(), new: new.into(), shared: None };
        let number = "<c r=\"B2\" s=\"3\"><f>A1</f><v>13800138000</v></c>";
        assert_eq!(
            written(number, &edit("13800138000", "13900139000"), None),
            "<c r=\"B2\" s=\"3\"><v>13900139000</v></c>"
        );
        assert!(written(number, &edit("13800138000", "138****8000"), None).contains("t=\"inlineStr\""));
        assert_eq!(written(number, &edit("13800138000", ""), None), "<c r=\"B2\" s=\"3\"/>");
        let text = "<x:c r=\"A1\" t=\"str\"><x:f>B1&amp;C1</x:f><x:v>张三</x:v></x:c>";
        assert_eq!(
            written(text, &edit("张三", "<某>"), None),
            "<x:c r=\"A1\" t=\"str\"><x:v>&lt;某&gt;</x:v></x:c>"
        );
    }
}
