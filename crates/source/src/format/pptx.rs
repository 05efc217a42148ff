//! PPTX: slides with their tables, speaker notes, comments, properties.

use crate::error::SourceError;
use crate::format::ooxml::{self, Lines, Node, attribute, optional_part, read_part};
use crate::format::rows::Rows;
use crate::format::zip::{self, Archive, Entry};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use std::io::Read;
use zhunsheng_model::Step;

/// Presentation in XML.
pub(super) struct Pptx;

impl Format for Pptx {
    fn name(&self) -> &'static str {
        "pptx"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        zip::head_is_office(probe, "ppt/", &["pptx", "pptm", "ppsx", "potx"])
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut archive = Archive::open(input.into_seekable(cx.temp_dir())?)?;
        read_archive(&mut archive, cx)
    }
}

/// Reads the presentation whose parts `archive` holds; its members as plain files when it is none after all.
pub(super) fn read_archive(archive: &mut Archive, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let entries = archive.entries()?;
    if !entries.iter().any(|entry| entry.is_named("ppt/presentation.xml")) {
        return zip::read_members(archive, cx);
    }
    let mut parts: Vec<(u32, u8, &Entry)> = entries.iter().filter_map(part_of).collect();
    // By number of the slide, its notes and comments behind it.
    parts.sort_by_key(|(slide, kind, _)| (*slide, *kind));
    for (slide, kind, entry) in parts {
        let mut steps = vec![Step::Slide(slide)];
        match kind {
            1 => steps.push(Step::Section("notes".into())),
            2 => steps.push(Step::Section("comments".into())),
            _ => {}
        }
        optional_part(archive, entry, &format!("slide {slide}"), cx, |reader, cx| {
            read_slide(reader, &steps, cx)
        })?;
    }
    ooxml::read_properties(archive, &entries, cx)?;
    ooxml::read_embedded(archive, &entries, &["ppt/embeddings/", "ppt/media/"], cx)
}

/// The slide a part belongs to, and whether it is the slide (0), its notes (1) or comments (2).
fn part_of(entry: &Entry) -> Option<(u32, u8, &Entry)> {
    let name = entry.text_name();
    let kinds = [("ppt/slides/slide", 0), ("ppt/notesSlides/notesSlide", 1), ("ppt/comments/comment", 2)];
    kinds.into_iter().find_map(|(prefix, kind)| {
        let number = name.strip_prefix(prefix)?.strip_suffix(".xml")?.parse().ok()?;
        Some((number, kind, entry))
    })
}

fn read_slide(reader: impl Read, steps: &[Step], cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut lines = Lines::new(steps.to_vec());
    let mut table: Option<Rows> = None;
    let (mut tables, mut cell, mut line) = (0u32, String::new(), String::new());
    let (mut in_text, mut fallback) = (false, 0u32);
    read_part(reader, cx, |node, cx| {
        match node {
            Node::Open(start) => {
                let name = start.local_name();
                fallback += u32::from(name.as_ref() == "Fallback");
                match name.as_ref() {
                    "t" | "text" => in_text = fallback == 0,
                    "br" => line.push('\n'),
                    "cmAuthor" => lines.push(&attribute(start, "name").unwrap_or_default(), None, cx)?,
                    "tbl" if table.is_none() => {
                        lines.flush(cx)?;
                        tables += 1;
                        table =
                            Some(Rows::new(cx, &[steps, &[Step::Table(tables.to_string())]].concat(), None));
                    }
                    _ => {}
                }
            }
            Node::Text(text) if in_text => line.push_str(text),
            Node::Text(_) => {}
            Node::Close("t") => in_text = false,
            Node::Close(name @ ("p" | "text")) => {
                in_text = in_text && name != "text";
                if table.is_some() {
                    cell.push_str(&line);
                    cell.push('\n');
                } else {
                    lines.push(&line, None, cx)?;
                }
                line.clear();
            }
            Node::Close("tc") => {
                if let Some(rows) = &mut table {
                    rows.cell(cell.trim_end_matches('\n'));
                }
                cell.clear();
            }
            Node::Close("tr") => {
                if let Some(rows) = &mut table {
                    rows.end_row(cx)?;
                }
            }
            Node::Close("tbl") => {
                if let Some(rows) = table.take() {
                    rows.finish(cx)?;
                }
            }
            Node::Close("Fallback") => fallback = fallback.saturating_sub(1),
            Node::Close(_) => {}
            Node::End => {
                if let Some(mut rows) = table.take() {
                    if !cell.is_empty() {
                        rows.cell(cell.trim_end_matches('\n'));
                        rows.end_row(cx)?;
                    }
                    rows.finish(cx)?;
                }
                lines.push(&line, None, cx)?;
                lines.flush(cx)?;
            }
        }
        Ok(())
    })
}
