//! HTML pages: text by blocks, tables as rows.

use super::{Format, Probe, text};
use crate::text::feed::Feed;
use crate::text::html::{self, Part, Reader};
use crate::{Context, Input, SourceError};
use std::collections::BTreeMap;
use std::sync::Arc;
use zhunsheng_model::{Place, ProblemKind, Segment, Step, TableFragment, TextFragment, TextShape};

/// Matches pages and pieces of pages.
pub(super) struct Html;

impl Format for Html {
    fn name(&self) -> &'static str {
        "html"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some_and(|head| is_html(&head.text))
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let head = text::head_of(&mut input)?;
        let mut feed = Feed::new(input, &head, cx.chunk_bytes())?;
        let mut reader = Reader::default();
        let place = Arc::clone(cx.place());
        let mut counts = Counts::default();
        let mut bad = 0;
        let mut used = 0;
        let failure = loop {
            let failure = feed.advance(used).err();
            let ended = feed.ended || failure.is_some();
            let window = &feed.window;
            // Only whole characters, except at the end.
            let valid = match std::str::from_utf8(window) {
                Ok(text) => std::borrow::Cow::Borrowed(text),
                Err(error) if error.error_len().is_none() && !ended => {
                    String::from_utf8_lossy(window.get(..error.valid_up_to()).unwrap_or_default())
                }
                Err(_) => String::from_utf8_lossy(window),
            };
            if let std::borrow::Cow::Owned(_) = valid {
                // Replaced characters are of another length than what they stand for.
                bad += window.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
                let text = valid.into_owned();
                feed.window = text.into_bytes();
                used = reader.read(std::str::from_utf8(&feed.window).unwrap_or_default(), ended);
            } else {
                used = reader.read(&valid, ended);
            }
            hand_over(reader.take(), &place, &[], &mut counts, cx)?;
            if ended {
                break failure;
            }
        };
        hand_over(reader.finish(), &place, &[], &mut counts, cx)?;
        let bad = bad as u64 + feed.bad;
        if bad > 0 {
            let detail = format!("{bad} places are no character; they were replaced");
            cx.problem(ProblemKind::BadCharacters, detail, false);
        }
        failure.map_or(Ok(()), Err)
    }
}

/// What was handed over of a page so far.
#[derive(Default)]
pub(super) struct Counts {
    blocks: u32,
    /// Table numbers in the file by numbers in the page.
    tables: BTreeMap<u32, u32>,
}

/// Hands over what was found at `steps` of `place`.
pub(super) fn hand_over(
    found: html::Found,
    place: &Arc<Place>,
    steps: &[Step],
    counts: &mut Counts,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let with = |more: &[Step]| {
        let mut place = Place::clone(place);
        place.steps.extend_from_slice(steps);
        place.steps.extend_from_slice(more);
        Arc::new(place)
    };
    let mut segments = Vec::new();
    for range in html::blocks(&found) {
        counts.blocks += 1;
        segments.push(Segment { start: range.start as u32, steps: vec![Step::Paragraph(counts.blocks)] });
    }
    if !found.text.trim().is_empty() {
        cx.text(TextFragment {
            place: with(&[]),
            text: found.text,
            shape: TextShape::Prose,
            segments,
            origin: None,
        })?;
    }
    for Part { number, first_row, cells } in found.tables {
        let table = *counts.tables.entry(number).or_insert_with(|| cx.next_table());
        let place = with(&[Step::Table(number.to_string())]);
        cx.table(TableFragment { place, table, names: None, first_row, cells, origin: None })?;
    }
    Ok(())
}

/// Begins with a tag, and tags of a page are near.
fn is_html(head: &str) -> bool {
    let start = head.trim_start();
    if !start.starts_with('<') {
        return false;
    }
    let near: String = start.chars().take(4096).collect::<String>().to_ascii_lowercase();
    let is_page = ["<!doctype html", "<html", "<head>", "<body"].iter().any(|tag| near.contains(tag));
    let is_piece = ["<table", "<div", "<p>", "<p ", "<meta ", "<h1"].iter().any(|tag| near.starts_with(tag));
    is_page || is_piece
}

#[cfg(test)]
mod tests {
    use super::is_html;

    #[test]
    fn pages_are_told_from_other_markup() {
        assert!(is_html("\n<!DOCTYPE HTML><x>"));
        assert!(is_html("<?xml version='1.0'?>\n<html xmlns='x'>"));
        assert!(is_html("<table border=1><tr>"));
        assert!(!is_html("<?xml version='1.0'?><people><p>x</p></people>"));
        assert!(!is_html("1 < 2 <html>"));
    }
}
