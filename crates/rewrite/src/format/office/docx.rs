//! The text of a DOCX body as `source` puts it together, with the way back to the runs it comes from.

use super::weave::{Lines, Stand, Woven};
use super::xml::{Lexer, Token, attribute};
use super::{Document, Note, Streams};
use crate::error::RewriteError;
use zhunsheng_model::Step;

/// As many columns as `source` lets one cell span.
const SPAN_MAX: usize = 64;

/// The section that a part beside the body is, such as `header1` or `comments`; `None` for parts that hold no
/// body.
fn section_of(name: &str) -> Option<&str> {
    let stem = name.strip_prefix("word/")?.strip_suffix(".xml")?;
    let kind = stem.trim_end_matches(|c: char| c.is_ascii_digit());
    matches!(kind, "header" | "footer" | "footnotes" | "endnotes" | "comments").then_some(stem)
}

/// Reads the body and the parts beside it. Gives the parts that are done.
pub(super) fn read(document: &mut Document, place: &str) -> Result<Vec<usize>, RewriteError> {
    let mut done = Vec::new();
    for index in 0..document.parts.len() {
        let name = document.parts.get(index).map(|part| part.name.clone()).unwrap_or_default();
        let steps = match section_of(&name) {
            Some(section) => vec![Step::Section(section.to_owned())],
            None if name == "word/document.xml" => Vec::new(),
            None => continue,
        };
        read_body(document, index, steps, place)?;
        done.push(index);
    }
    Ok(done)
}

#[derive(Default)]
struct Paragraph {
    text: Woven,
    deleted: Woven,
}

struct Table {
    rows: Vec<Vec<Woven>>,
    row: Vec<Woven>,
    cell: Woven,
    span: usize,
}

/// Where the reader is; the same turns as in `source`.
struct Body {
    steps: Vec<Step>,
    lines: Lines,
    boxes: Lines,
    deleted: Lines,
    paragraphs: Vec<Paragraph>,
    tables: u32,
    table: Option<Table>,
    table_depth: u32,
    box_depth: u32,
    fallback_depth: u32,
    deleted_depth: u32,
    in_text: bool,
    streams: Streams,
}

fn read_body(
    document: &mut Document,
    index: usize,
    steps: Vec<Step>,
    place: &str,
) -> Result<(), RewriteError> {
    let broken = || RewriteError::unreadable(place, "a part of the document is damaged");
    let mut body = Body {
        steps: steps.clone(),
        lines: Lines::default(),
        boxes: Lines::default(),
        deleted: Lines::default(),
        paragraphs: Vec::new(),
        tables: 0,
        table: None,
        table_depth: 0,
        box_depth: 0,
        fallback_depth: 0,
        deleted_depth: 0,
        in_text: false,
        streams: Streams::default(),
    };
    let mut rest = Note::default();
    let xml = document.parts.get(index).map(|part| part.xml.clone()).unwrap_or_default();
    let mut open_end = None;
    for token in Lexer::new(&xml) {
        let (range, token) = token.map_err(|_| broken())?;
        match token {
            Token::Open { name, tag, empty } => {
                open_end = matches!(name, "t" | "delText")
                    .then_some(range.end - 1)
                    .filter(|_| attribute(tag, "space").as_deref() != Some("preserve"));
                let authors = document.attributes(index, &range, name, tag, &mut rest);
                match name {
                    "comment" => {
                        if let Some(node) = authors {
                            let text = document.parts.get(index).map(|part| part.text_of(node).to_owned());
                            let mut line = Woven::default();
                            line.node(index, node, &text.unwrap_or_default());
                            body.lines.push(&line);
                        }
                    }
                    "gridSpan" => body.span(attribute(tag, "val")),
                    name => body.open(name),
                }
                if empty {
                    body.close(name);
                    rest.close(name);
                }
            }
            Token::Close(name) => {
                body.close(name);
                rest.close(name);
                open_end = None;
            }
            Token::Text(_) | Token::CData(_) => {
                let stand = match token {
                    Token::CData(_) => Stand::CData,
                    _ => Stand::Text(open_end),
                };
                let Some(part) = document.parts.get_mut(index) else { continue };
                let is_read = body.in_text && body.fallback_depth == 0 && !body.paragraphs.is_empty();
                if !is_read && part.xml.get(range.clone()).is_none_or(|raw| raw.trim().is_empty()) {
                    continue;
                }
                let node = part.node(range, stand);
                let text = part.text_of(node).to_owned();
                if is_read {
                    body.push_node(index, node, &text);
                } else {
                    rest.text(index, node, &text);
                }
            }
            Token::Other => {}
        }
    }
    body.finish();
    document.streams.add(body.streams);
    document.rest(index, rest);
    Ok(())
}

impl Body {
    fn open(&mut self, name: &str) {
        if name == "Fallback" || self.fallback_depth > 0 {
            self.fallback_depth += u32::from(name == "Fallback");
            return;
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
                    self.tables += 1;
                    self.table =
                        Some(Table { rows: Vec::new(), row: Vec::new(), cell: Woven::default(), span: 1 });
                }
            }
            _ => {}
        }
    }

    fn close(&mut self, name: &str) {
        if self.fallback_depth > 0 {
            self.fallback_depth -= u32::from(name == "Fallback");
            return;
        }
        match name {
            "p" => self.end_paragraph(),
            "t" | "delText" => self.in_text = false,
            "del" | "moveFrom" => {
                self.deleted_depth = self.deleted_depth.saturating_sub(1);
                if let Some(paragraph) = self.paragraphs.last_mut().filter(|p| !p.deleted.text.is_empty()) {
                    paragraph.deleted.plain("\n");
                }
            }
            "txbxContent" => self.box_depth = self.box_depth.saturating_sub(1),
            "tc" if self.table_depth == 1 && self.box_depth == 0 => {
                if let Some(table) = &mut self.table {
                    table.row.push(table.cell.trimmed());
                    (1..table.span).for_each(|_| table.row.push(Woven::default()));
                    table.cell.clear();
                    table.span = 1;
                }
            }
            "tr" if self.table_depth == 1 && self.box_depth == 0 => {
                if let Some(table) = &mut self.table {
                    let row = std::mem::take(&mut table.row);
                    table.rows.push(row);
                }
            }
            "tbl" if self.box_depth == 0 => {
                self.table_depth = self.table_depth.saturating_sub(1);
                if self.table_depth == 0
                    && let Some(table) = self.table.take()
                {
                    self.end_table(table);
                }
            }
            _ => {}
        }
    }

    fn end_table(&mut self, table: Table) {
        let mut steps = self.steps.clone();
        steps.push(Step::Table(self.tables.to_string()));
        self.streams.tables.insert(steps, table.rows);
    }

    fn span(&mut self, value: Option<String>) {
        if let (1, Some(table), Some(span)) =
            (self.table_depth, &mut self.table, value.and_then(|value| value.parse::<usize>().ok()))
        {
            table.span = span.clamp(1, SPAN_MAX);
        }
    }

    fn current(&mut self) -> Option<&mut Woven> {
        let is_deleted = self.deleted_depth > 0;
        self.paragraphs.last_mut().map(|p| if is_deleted { &mut p.deleted } else { &mut p.text })
    }

    fn push(&mut self, mark: &str) {
        if let Some(woven) = self.current() {
            woven.plain(mark);
        }
    }

    fn push_node(&mut self, part: usize, node: usize, text: &str) {
        if let Some(woven) = self.current() {
            woven.node(part, node, text);
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.paragraphs.pop() else { return };
        for piece in paragraph.deleted.lines() {
            self.deleted.push(&piece);
        }
        if self.box_depth > 0 {
            self.boxes.push(&paragraph.text);
        } else if let Some(table) = &mut self.table {
            table.cell.append(&paragraph.text);
            table.cell.plain("\n");
        } else {
            self.lines.push(&paragraph.text);
        }
    }

    fn finish(&mut self) {
        self.box_depth = 0;
        while !self.paragraphs.is_empty() {
            self.end_paragraph();
        }
        if let Some(mut table) = self.table.take() {
            if !table.cell.text.is_empty() {
                table.row.push(table.cell.trimmed());
                let row = std::mem::take(&mut table.row);
                table.rows.push(row);
            }
            self.end_table(table);
        }
        let section = |name: &str| [&self.steps[..], &[Step::Section(name.into())]].concat();
        for (steps, lines) in [
            (self.steps.clone(), std::mem::take(&mut self.lines)),
            (section("textbox"), std::mem::take(&mut self.boxes)),
            (section("deleted"), std::mem::take(&mut self.deleted)),
        ] {
            self.streams.texts.entry(steps).or_default().0.append(&lines.woven);
        }
    }
}
