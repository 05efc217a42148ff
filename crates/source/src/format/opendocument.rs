//! OpenDocument: spreadsheets (ODS), texts (ODT) and presentations (ODP), from their `content.xml`.

use crate::error::SourceError;
use crate::format::ooxml::{self, Lines, Node, attribute, optional_part, read_part};
use crate::format::rows::Rows;
use crate::format::zip::{self, Archive};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use quick_xml::events::BytesStart;
use std::io::Read;
use zhunsheng_model::{ProblemKind, Step};

/// A cell or row that is repeated more often than this is filling up to the edge of the sheet.
const REPEATED_MAX: u32 = 1024;

/// OpenDocument.
pub(super) struct OpenDocument;

impl Format for OpenDocument {
    fn name(&self) -> &'static str {
        "opendocument"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        let head = probe.head.get(..256.min(probe.head.len())).unwrap_or_default();
        head.starts_with(b"PK\x03\x04")
            && memchr::memmem::find(head, b"mimetypeapplication/vnd.oasis.opendocument.").is_some()
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut archive = Archive::open(input.into_seekable(cx.temp_dir())?)?;
        let entries = archive.entries()?;
        let Some(content) = entries.iter().find(|entry| entry.is_named("content.xml")) else {
            return zip::read_members(&mut archive, cx);
        };
        let mut locked = false;
        if let Some(manifest) = entries.iter().find(|entry| entry.is_named("META-INF/manifest.xml")) {
            optional_part(&mut archive, manifest, "manifest", cx, |reader, cx| {
                read_part(reader, cx, |node, _| {
                    if let Node::Open(start) = node {
                        locked |= start.local_name().as_ref() == "encryption-data";
                    }
                    Ok(())
                })
            })?;
        }
        if locked || content.is_encrypted() {
            return Err(SourceError::encrypted("the document needs a password"));
        }
        let outcome = archive.member(content).and_then(|reader| read_content(reader, cx));
        if let Err(SourceError::Stopped | SourceError::Limit(_)) = outcome {
            return outcome;
        }
        // Page headers stand among the styles.
        for (part, section) in [("styles.xml", "header"), ("meta.xml", "metadata")] {
            let Some(entry) = entries.iter().find(|entry| entry.is_named(part)) else { continue };
            optional_part(&mut archive, entry, section, cx, |reader, cx| read_plain(reader, section, cx))?;
        }
        ooxml::read_embedded(&mut archive, &entries, &["Pictures/", "Object "], cx)?;
        outcome
    }
}

#[derive(Default)]
struct Cell {
    text: String,
    /// What the cell states beside its text: a date or a number in full.
    value: Option<String>,
    repeated: u32,
}

/// A table under construction.
struct Table {
    rows: Rows,
    /// Cells of the row so far, up to the last that is not empty.
    cells: Vec<String>,
    empty: u32,
    row_repeated: u32,
    row: u64,
    cell: Option<Cell>,
}

fn read_content(reader: impl Read, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut lines = Lines::new(Vec::new());
    let mut line = String::new();
    let mut stack: Vec<Table> = Vec::new();
    let (mut paragraphs, mut tables, mut in_paragraph, mut is_spreadsheet) = (0u32, 0u32, 0u32, false);
    read_part(reader, cx, |node, cx| {
        match node {
            Node::Open(start) => match start.local_name().as_ref() {
                "spreadsheet" => is_spreadsheet = true,
                "p" | "h" => in_paragraph += 1,
                "s" => {
                    let count = attribute(start, "c").and_then(|count| count.parse().ok()).unwrap_or(1usize);
                    line.extend(std::iter::repeat_n(' ', count.min(256)));
                }
                "tab" => line.push('\t'),
                "line-break" => line.push('\n'),
                "table" if stack.len() < 8 => {
                    lines.flush(cx)?;
                    tables += 1;
                    let step = match attribute(start, "name") {
                        Some(name) if is_spreadsheet => Step::Sheet(name),
                        _ => Step::Table(tables.to_string()),
                    };
                    let rows = Rows::new(cx, &[step], None);
                    stack.push(Table {
                        rows,
                        cells: Vec::new(),
                        empty: 0,
                        row_repeated: 1,
                        row: 1,
                        cell: None,
                    });
                }
                "table-row" => {
                    if let Some(table) = stack.last_mut() {
                        table.row_repeated = repeated(start, "number-rows-repeated");
                    }
                }
                "table-cell" | "covered-table-cell" => {
                    if let Some(table) = stack.last_mut() {
                        table.cell = Some(cell(start));
                    }
                }
                _ => {}
            },
            Node::Text(text) if in_paragraph > 0 => line.push_str(text),
            Node::Text(_) => {}
            Node::Close(name) => match name {
                "p" | "h" => {
                    in_paragraph = in_paragraph.saturating_sub(1);
                    let text = std::mem::take(&mut line);
                    match stack.last_mut().and_then(|table| table.cell.as_mut()) {
                        Some(cell) => {
                            if !cell.text.is_empty() {
                                cell.text.push('\n');
                            }
                            cell.text.push_str(&text);
                        }
                        None => {
                            paragraphs = paragraphs.saturating_add(1);
                            lines.push(&text, Some(Step::Paragraph(paragraphs)), cx)?;
                        }
                    }
                }
                "table-cell" | "covered-table-cell" => {
                    if let Some(table) = stack.last_mut() {
                        table.end_cell(cx)?;
                    }
                }
                "table-row" => {
                    if let Some(table) = stack.last_mut() {
                        table.end_row(cx)?;
                    }
                }
                "table" => {
                    if let Some(table) = stack.pop() {
                        table.rows.finish(cx)?;
                    }
                }
                _ => {}
            },
            Node::End => {
                while let Some(mut table) = stack.pop() {
                    table.end_cell(cx)?;
                    if !table.cells.is_empty() {
                        table.end_row(cx)?;
                    }
                    table.rows.finish(cx)?;
                }
                lines.push(&line, None, cx)?;
                lines.flush(cx)?;
            }
        }
        Ok(())
    })
}

impl Table {
    fn end_cell(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let text = cell.value.unwrap_or(cell.text);
        if text.is_empty() {
            self.empty = self.empty.saturating_add(cell.repeated);
            return Ok(());
        }
        cx.level.take(u64::from(self.empty))?;
        self.cells.extend((0..std::mem::take(&mut self.empty)).map(|_| String::new()));
        for _ in 0..cell.repeated.min(REPEATED_MAX) {
            cx.level.take(text.len() as u64)?;
            self.cells.push(text.clone());
        }
        Ok(())
    }

    fn end_row(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.empty = 0;
        let cells = std::mem::take(&mut self.cells);
        let repeated = std::mem::replace(&mut self.row_repeated, 1);
        if !cells.is_empty() {
            self.rows.skip_to(self.row, cx)?;
            if repeated > REPEATED_MAX {
                let detail =
                    "a row is repeated more often than people write it; it is read once for a thousand";
                cx.problem(ProblemKind::LimitExceeded, detail, false);
            }
            for _ in 0..repeated.min(REPEATED_MAX) {
                cx.level.take(cells.iter().map(|cell| cell.len() as u64 + 1).sum())?;
                cells.iter().for_each(|cell| self.rows.cell(cell));
                self.rows.end_row(cx)?;
            }
        }
        self.row = self.row.saturating_add(u64::from(repeated));
        Ok(())
    }
}

fn cell(start: &BytesStart<'_>) -> Cell {
    let value = match attribute(start, "value-type").as_deref() {
        // The shown text may leave out the year, or digits.
        Some("date") => {
            attribute(start, "date-value").map(|date| date.replace('T', " ").replace(" 00:00:00", ""))
        }
        Some("float") => attribute(start, "value").map(|value| match value.parse::<f64>() {
            // More digits than a number keeps stay as they are written.
            Ok(number) if value.len() <= 15 || value.contains(['e', 'E']) => {
                super::workbook::shown_number(number)
            }
            _ => value,
        }),
        _ => None,
    };
    Cell { text: String::new(), value, repeated: repeated(start, "number-columns-repeated") }
}

fn repeated(start: &BytesStart<'_>, name: &str) -> u32 {
    attribute(start, name).and_then(|count| count.parse().ok()).unwrap_or(1).max(1)
}

/// Text of a part without structure, a line an element.
fn read_plain(reader: impl Read, section: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut lines = Lines::new(vec![Step::Section(section.into())]);
    let mut line = String::new();
    read_part(reader, cx, |node, cx| {
        match node {
            Node::Open(_) => {}
            Node::Text(text) => line.push_str(text),
            Node::Close(
                "p" | "h" | "initial-creator" | "creator" | "title" | "subject" | "description" | "keyword",
            ) => {
                lines.push(&line, None, cx)?;
                line.clear();
            }
            // Numbers and settings between are no text of the document.
            Node::Close("span" | "a") => {}
            Node::Close(_) => line.clear(),
            Node::End => lines.flush(cx)?,
        }
        Ok(())
    })
}
