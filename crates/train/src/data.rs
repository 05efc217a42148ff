//! Labelled text: records of a set, cut into sentences, with what is known of every character.

use anyhow::{Context as _, bail};
use flate2::read::GzDecoder;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use zhunsheng_tagger::chars::{ends_sentence, fold};
use zhunsheng_tagger::label::{CLASSES, LABELS, of_span, split};

/// A span of a class (0 person, 1 place or address, 2 organisation, 3 position), in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    pub(crate) start: usize,
    pub(crate) end: usize,
    pub(crate) class: usize,
}

/// A record as the sets hold it.
pub(crate) struct Record {
    pub(crate) text: String,
    /// Start, end (characters) and type as the set names it.
    pub(crate) spans: Vec<(usize, usize, String)>,
}

/// One sentence to learn from.
#[derive(Clone)]
pub(crate) struct Example {
    /// Folded characters.
    pub(crate) chars: Vec<u16>,
    /// For each character the labels it may have, one bit each.
    pub(crate) allowed: Vec<u16>,
    /// Whether the lists of names are hidden while this sentence is learnt.
    pub(crate) blind: bool,
}

/// Reads a set of records, packed or not.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<Record>> {
    let file = File::open(path).with_context(|| format!("cannot open {}", path.display()))?;
    let reader: Box<dyn std::io::Read> = if path.extension().is_some_and(|e| e == "gz") {
        Box::new(GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut records = Vec::new();
    for line in BufReader::new(reader).lines() {
        let value: serde_json::Value = serde_json::from_str(&line?)?;
        let text = value["text"].as_str().context("record without text")?.to_owned();
        let mut spans = Vec::new();
        for span in value["spans"].as_array().context("record without spans")? {
            let number = |key: &str| span[key].as_u64().and_then(|n| usize::try_from(n).ok());
            let (Some(start), Some(end), Some(kind)) =
                (number("start"), number("end"), span["type"].as_str())
            else {
                bail!("span without start, end or type in {}", path.display());
            };
            spans.push((start, end, kind.to_owned()));
        }
        records.push(Record { text, spans });
    }
    Ok(records)
}

/// Bits of every label of the classes in `classes` (one bit each).
pub(crate) fn labels_of(classes: u8) -> u16 {
    (0..LABELS as u8)
        .filter(|label| split(*label).is_some_and(|(class, _)| classes >> class & 1 == 1))
        .fold(0, |bits, label| bits | 1 << label)
}

/// Cuts a text into sentences to learn from.
///
/// `complete` has a bit for every class that is labelled throughout: a character outside all spans may
/// still belong to a class that the set does not label. A mark of class [`CLASSES`] or above leaves its
/// characters open.
pub(crate) fn examples(text: &str, marks: &[Mark], complete: u8, blind: bool, out: &mut Vec<Example>) {
    let open = 1 | labels_of(!complete);
    let mut allowed: Vec<u16> = vec![open; text.chars().count()];
    for mark in marks {
        let length = mark.end.saturating_sub(mark.start);
        let labels: Option<Vec<u8>> = (0..length).map(|i| of_span(mark.class, i, length)).collect();
        for (i, slot) in allowed.iter_mut().skip(mark.start).take(length).enumerate() {
            *slot = match &labels {
                Some(labels) if mark.class < CLASSES => labels.get(i).map_or(1, |l| 1 << l),
                _ => u16::MAX,
            };
        }
    }
    let mut chars = Vec::new();
    let mut masks = Vec::new();
    for (c, mask) in text.chars().zip(allowed) {
        chars.push(fold(c));
        masks.push(mask);
        let outside = mask & 1 == 1;
        if outside && (ends_sentence(c) || chars.len() > 300) {
            out.push(Example {
                chars: std::mem::take(&mut chars),
                allowed: std::mem::take(&mut masks),
                blind,
            });
        }
    }
    if !chars.is_empty() {
        out.push(Example { chars, allowed: masks, blind });
    }
}

/// The class that a type of the sets is learnt as; nothing for types that are not learnt.
pub(crate) fn class_of(kind: &str) -> Option<usize> {
    Some(match kind {
        "PERSON" => 0,
        "LOCATION" | "ADDRESS" => 1,
        "ORG" => 2,
        "POSITION" => 3,
        _ => return None,
    })
}
