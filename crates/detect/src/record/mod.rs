//! Text: what stands in it ([`cue`]) and which of it stands together about one person.

mod block;
mod chat;
mod contact;
mod cue;
mod mail;
mod party;
mod prose;

pub(crate) use cue::{CueWords, LOOSE_MAX, add_cued, covered_bytes, details, merge};
pub(crate) use party::is_role;

use crate::matter::Reach;
use crate::read::Bare;
use crate::table::{is_identifier, speaks_against_record, store_normal};
use crate::{Detector, Hit};
use std::sync::Arc;
use zhunsheng_model::{
    Findings, Kind, Locus, Mention, Reason, RecordSpan, Span, State, TextFragment, TextShape,
};

/// The record a hit belongs to, as a number that only tells records apart, and the ordinal it is known by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Group {
    /// Same number: same record.
    pub(crate) id: u64,
    /// Line, message or party, from 1.
    pub(crate) ordinal: u64,
}

/// The group of what belongs to an organisation.
pub(crate) const NOBODY: Group = Group { id: u64::MAX, ordinal: 0 };

/// A name that stands alone, with no cue and nothing else about the person, counts from this confidence on: of
/// the words taken for names where nobody is spoken of, most lie below.
const BARE_NAME_LEAST: u8 = 70;

/// Everything that stands in `fragment`, as records.
pub(crate) fn read(detector: &Detector, fragment: &TextFragment) -> Findings {
    let text = fragment.text.as_str();
    let mut hits = Vec::new();
    let mut bare = Bare::default();
    match fragment.shape {
        TextShape::Code => detector.scanner.scan(text, &mut hits),
        TextShape::Blocks => detector.read_text(text, &mut hits),
        TextShape::Prose | TextShape::Lines => bare = detector.read_prose(text, &mut hits),
    }
    let mut reach = Reach::Line;
    let mut groups = match fragment.shape {
        TextShape::Lines | TextShape::Code => by_line(text, &hits),
        TextShape::Blocks => block::groups(text, &hits),
        TextShape::Prose => {
            if let Some(groups) = chat::groups(text, &hits) {
                groups
            } else if let Some(groups) = party::groups(text, &hits) {
                groups
            } else {
                reach = Reach::Form;
                let mut groups = prose::groups(text, &hits);
                prose::join_names(text, &hits, &mut groups);
                if mail::is_message(fragment) {
                    mail::join_by_name(text, &hits, &mut groups);
                }
                groups
            }
        }
    };
    if matches!(fragment.shape, TextShape::Prose | TextShape::Lines) {
        detector.matters.add(text, reach, &mut hits, &mut groups);
    }
    form(fragment, &hits, &groups, &bare)
}

/// One record a line.
fn by_line(text: &str, hits: &[Hit]) -> Vec<Group> {
    let mut lines = LineCounter::new(text);
    hits.iter()
        .map(|hit| {
            let line = lines.line_at(hit.start as usize);
            Group { id: line, ordinal: line }
        })
        .collect()
}

/// Tells the line of rising byte offsets.
pub(crate) struct LineCounter<'a> {
    text: &'a [u8],
    at: usize,
    line: u64,
}

impl<'a> LineCounter<'a> {
    pub(crate) fn new(text: &'a str) -> LineCounter<'a> {
        LineCounter { text: text.as_bytes(), at: 0, line: 1 }
    }

    /// The line, from 1, of byte `offset`, which must not lie before the last one asked for.
    pub(crate) fn line_at(&mut self, offset: usize) -> u64 {
        if let Some(between) = self.text.get(self.at..offset) {
            self.line += memchr::memchr_iter(b'\n', between).count() as u64;
            self.at = offset;
        }
        self.line
    }
}

/// Puts the hits of each record together, records in the order of their first hit.
fn form(fragment: &TextFragment, hits: &[Hit], groups: &[Group], bare: &Bare) -> Findings {
    let mut findings = Findings::default();
    findings.place = Some(Arc::clone(&fragment.place));
    // Records are few and mostly in order: number them by first appearance, then sort by that number.
    let mut order: Vec<(usize, usize)> = Vec::with_capacity(hits.len());
    let mut known: std::collections::BTreeMap<u64, usize> = std::collections::BTreeMap::new();
    for (index, group) in groups.iter().enumerate().take(hits.len()) {
        let next = known.len();
        order.push((*known.entry(group.id).or_insert(next), index));
    }
    order.sort_unstable();

    let mut rest = order.as_slice();
    while let Some((record, _)) = rest.first() {
        let length = rest.iter().take_while(|(other, _)| other == record).count();
        let (own, others) = rest.split_at(length);
        rest = others;
        let members = || own.iter().filter_map(|(_, index)| Some((hits.get(*index)?, groups.get(*index)?)));
        // Organisations, their numbers, places and the addresses of servers are nobody's information by
        // themselves.
        if own.first().and_then(|(_, index)| groups.get(*index)) == Some(&NOBODY) {
            continue;
        }
        // The address of an office is nobody's, and neither is a word that only may be a name.
        let says_nothing = |hit: &Hit| {
            let no_range = hit.state == State::Invalid(Reason::UnallocatedSegment);
            !is_personal(hit)
                || hit.kind == Kind::Landline && no_range
                || bare.holds(hit) && (hit.kind == Kind::Address || hit.confidence < BARE_NAME_LEAST)
        };
        if members().all(|(hit, _)| says_nothing(hit)) {
            continue;
        }
        let untrue = {
            let masked = members().any(|(hit, _)| hit.state == State::Masked);
            let valid = members().any(|(hit, _)| hit.state == State::Valid && is_identifier(hit.kind));
            let against = members().any(|(hit, _)| match hit.state {
                State::Invalid(reason) => speaks_against_record(hit.kind, reason),
                State::Valid | State::Masked | State::Placeholder => false,
            });
            against && !valid && !masked
        };
        let mentions_start = findings.mentions.len() as u32;
        let mut name = 0;
        let mut ordinal = 0;
        for (hit, group) in members() {
            let value = fragment.text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
            let raw = findings.store(value);
            let state = if untrue && hit.state == State::Valid {
                State::Invalid(Reason::RecordUntrue)
            } else {
                hit.state
            };
            let normal = if state == State::Valid {
                store_normal(&mut findings, hit.kind, value, raw)
            } else {
                Span::default()
            };
            if ordinal == 0 {
                ordinal = group.ordinal;
            }
            if name == 0 && hit.kind == Kind::Person && state == State::Valid {
                name = findings.mentions.len() as u32 + 1;
            }
            let locus = Locus { row: 0, column: 0, start: hit.start, end: hit.end };
            findings.mentions.push(Mention {
                kind: hit.kind,
                state,
                confidence: hit.confidence,
                raw,
                normal,
                locus,
            });
        }
        let mentions_end = findings.mentions.len() as u32;
        findings.records.push(RecordSpan { mentions_start, mentions_end, name, ordinal, role: 0 });
    }
    findings
}

/// Whether the mention is, or pretends to be, personal information by itself.
fn is_personal(hit: &Hit) -> bool {
    let of_nobody = matches!(hit.state, State::Invalid(Reason::ReservedAddress | Reason::NotPersonal));
    let kind_of_nobody = matches!(
        hit.kind,
        Kind::Org | Kind::Uscc | Kind::OrgCode | Kind::BusinessReg | Kind::CaseNo | Kind::Location
    );
    !of_nobody && !kind_of_nobody
}

#[cfg(test)]
mod people_test;
#[cfg(test)]
mod tests;
