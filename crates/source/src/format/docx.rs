//! DOCX: paragraphs, tables, headers and footers, notes, comments, text boxes, deleted text, properties.

use crate::error::SourceError;
use crate::format::ooxml::{self, Lines, Node, attribute, optional_part, read_part};
use crate::format::rows::Rows;
use crate::format::zip::{self, Archive, Entry};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use std::io::Read;
use zhunsheng_model::Step;

/// Columns that one cell may span; more is a damaged file.
const SPAN_MAX: usize = 64;

/// Word document in XML.
pub(super) struct Docx;

impl Format for Docx {
    fn name(&self) -> &'static str {
        "docx"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        zip::head_is_office(probe, "word/document", &["docx", "docm", "dotx", "dotm"])
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut archive = Archive::open(input.into_seekable(cx.temp_dir())?)?;
        read_archive(&mut archive, cx)
    }
}

/// Reads the document whose parts `archive` holds; its members as plain files when it is none after all.
pub(super) fn read_archive(archive: &mut Archive, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let entries = archive.entries()?;
    let Some(main) = entries.iter().find(|entry| entry.is_named("word/document.xml")) else {
        return zip::read_members(archive, cx);
    };
    let reader = archive.member(main)?;
    let mut damage = read_body(reader, &[], cx).err();
    if let Some(SourceError::Stopped | SourceError::Limit(_)) = damage {
        return damage.map_or(Ok(()), Err);
    }
    for entry in &entries {
        let Some(section) = section_of(entry) else { continue };
        optional_part(archive, entry, &section, cx, |reader, cx| {
            read_body(reader, &[Step::Section(section.clone())], cx)
        })?;
    }
    ooxml::read_properties(archive, &entries, cx)?;
    ooxml::read_embedded(archive, &entries, &["word/embeddings/", "word/media/"], cx)?;
    damage.take().map_or(Ok(()), Err)
}

/// The section that a part beside the body is, such as `header1` or `comments`.
fn section_of(entry: &Entry) -> Option<String> {
    let name = entry.text_name();
    let stem = name.strip_prefix("word/")?.strip_suffix(".xml")?;
    let kind = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(kind, "header" | "footer" | "footnotes" | "endnotes" | "comments").then(|| stem.to_owned())
}

/// A paragraph under construction.
#[derive(Default)]
struct Paragraph {
    text: String,
    deleted: String,
}

struct Table {
    rows: Rows,
    cell: String,
    span: usize,
}

/// Where the reader is.
struct Body {
    steps: Vec<Step>,
    lines: Lines,
    boxes: Lines,
    deleted: Lines,
    /// Paragraphs within paragraphs (text boxes) stack up.
    paragraphs: Vec<Paragraph>,
    /// Paragraphs directly in the body so far.
    count: u32,
    tables: u32,
    table: Option<Table>,
    table_depth: u32,
    box_depth: u32,
    /// Depth within a second rendering of the same thing.
    fallback_depth: u32,
    deleted_depth: u32,
    in_text: bool,
}

fn read_body(reader: impl Read, steps: &[Step], cx: &mut Context<'_>) -> Result<(), SourceError> {
    let section = |name: &str| [steps, &[Step::Section(name.into())]].concat();
    let mut body = Body {
        steps: steps.to_vec(),
        lines: Lines::new(steps.to_vec()),
        boxes: Lines::new(section("textbox")),
        deleted: Lines::new(section("deleted")),
        paragraphs: Vec::new(),
        count: 0,
        tables: 0,
        table: None,
        table_depth: 0,
        box_depth: 0,
        fallback_depth: 0,
        deleted_depth: 0,
        in_text: false,
    };
    read_part(reader, cx, |node, cx| match node {
        Node::Open(start) => {
            let name = start.local_name();
            match name.as_ref() {
                "comment" => {
                    if let Some(author) = attribute(start, "author") {
                        body.lines.push(&author, None, cx)?;
                    }
                    Ok(())
                }
                "gridSpan" => {
                    body.span(attribute(start, "val"));
                    Ok(())
                }
                name => body.open(name, cx),
            }
        }
        Node::Close(name) => body.close(name, cx),
        Node::Text(text) => {
            body.text(text);
            Ok(())
        }
        Node::End => body.finish(cx),
    })
}

impl Body {
    fn open(&mut self, name: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
        if name == "Fallback" || self.fallback_depth > 0 {
            self.fallback_depth += u32::from(name == "Fallback");
            return Ok(());
        }
        match name {
            "p" => self.paragraphs.push(Paragraph::default()),
            "t" | "delText" => self.in_text = true,
            "tab" => self.push("\t"),
            "br" | "cr" => self.push("\n"),
            "noBreakHyphen" => self.push("-"),
            "del" | "moveFrom" => self.deleted_depth += 1,
            "txbxContent" => self.box_depth += 1,
            "tbl" if self.box_depth == 0 => {
                self.table_depth += 1;
                if self.table_depth == 1 {
                    self.lines.flush(cx)?;
                    self.tables += 1;
                    let steps = [&self.steps[..], &[Step::Table(self.tables.to_string())]].concat();
                    self.table =
                        Some(Table { rows: Rows::new(cx, &steps, None), cell: String::new(), span: 1 });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
        if self.fallback_depth > 0 {
            self.fallback_depth -= u32::from(name == "Fallback");
            return Ok(());
        }
        match name {
            "p" => return self.end_paragraph(cx),
            "t" | "delText" => self.in_text = false,
            "del" | "moveFrom" => {
                self.deleted_depth = self.deleted_depth.saturating_sub(1);
                if let Some(paragraph) = self.paragraphs.last_mut().filter(|p| !p.deleted.is_empty()) {
                    paragraph.deleted.push('\n');
                }
            }
            "txbxContent" => self.box_depth = self.box_depth.saturating_sub(1),
            "tc" if self.table_depth == 1 && self.box_depth == 0 => {
                if let Some(table) = &mut self.table {
                    table.rows.cell(table.cell.trim_end_matches('\n'));
                    (1..table.span).for_each(|_| table.rows.cell(""));
                    table.cell.clear();
                    table.span = 1;
                }
            }
            "tr" if self.table_depth == 1 && self.box_depth == 0 => {
                if let Some(table) = &mut self.table {
                    table.rows.end_row(cx)?;
                }
            }
            "tbl" if self.box_depth == 0 => {
                self.table_depth = self.table_depth.saturating_sub(1);
                if self.table_depth == 0
                    && let Some(table) = self.table.take()
                {
                    table.rows.finish(cx)?;
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn span(&mut self, value: Option<String>) {
        if let (1, Some(table), Some(span)) =
            (self.table_depth, &mut self.table, value.and_then(|value| value.parse::<usize>().ok()))
        {
            table.span = span.clamp(1, SPAN_MAX);
        }
    }

    fn text(&mut self, text: &str) {
        if self.in_text && self.fallback_depth == 0 {
            self.push(text);
        }
    }

    fn push(&mut self, text: &str) {
        if let Some(paragraph) = self.paragraphs.last_mut() {
            if self.deleted_depth > 0 {
                paragraph.deleted.push_str(text)
            } else {
                paragraph.text.push_str(text)
            }
        }
    }

    fn end_paragraph(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let Some(paragraph) = self.paragraphs.pop() else { return Ok(()) };
        for piece in paragraph.deleted.split('\n') {
            self.deleted.push(piece, None, cx)?;
        }
        if self.box_depth > 0 {
            return self.boxes.push(&paragraph.text, None, cx);
        }
        if let Some(table) = &mut self.table {
            table.cell.push_str(&paragraph.text);
            table.cell.push('\n');
            return Ok(());
        }
        self.count = self.count.saturating_add(1);
        self.lines.push(&paragraph.text, Some(Step::Paragraph(self.count)), cx)
    }

    /// Hands over everything, also when the part ended in the middle.
    fn finish(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.box_depth = 0;
        while !self.paragraphs.is_empty() {
            self.end_paragraph(cx)?;
        }
        if let Some(mut table) = self.table.take() {
            if !table.cell.is_empty() {
                table.rows.cell(table.cell.trim_end_matches('\n'));
                table.rows.end_row(cx)?;
            }
            table.rows.finish(cx)?;
        }
        self.lines.flush(cx)?;
        self.boxes.flush(cx)?;
        self.deleted.flush(cx)
    }
}
