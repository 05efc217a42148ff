//! Other text: one record a line, short lines that belong together as one.

use super::{Group, LineCounter};
use crate::Hit;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::{Kind, State};

/// A line up to this many characters, without the end of a sentence, may be part of a form or a signature.
const SHORT_LINE: usize = 40;

/// The record of each hit.
pub(super) fn groups(text: &str, hits: &[Hit]) -> Vec<Group> {
    let mut lines = LineCounter::new(text);
    let mut groups: Vec<Group> = Vec::with_capacity(hits.len());
    let mut next_id = 0;
    // The record that further short lines may belong to: id, line of its last hit, kinds in it.
    let mut open: Option<(u64, u64, BTreeSet<Kind>)> = None;
    let mut rest = hits;
    while let Some(first) = rest.first() {
        let line = lines.line_at(first.start as usize);
        let (line_start, line_end) = line_around(text, first.start as usize);
        let count =
            rest.iter().take_while(|hit| (hit.start as usize) < line_end.max(line_start + 1)).count().max(1);
        let (own, others) = rest.split_at(count);
        rest = others;

        let line_text = text.get(line_start..line_end).unwrap_or_default();
        let short = line_text.chars().count() <= SHORT_LINE && !line_text.contains(['。', '！', '？']);
        let kinds: BTreeSet<Kind> = own.iter().map(|hit| hit.kind).collect();
        if let Some((id, last, known)) = &mut open {
            let together = short
                && !kinds.contains(&Kind::Person)
                && kinds.is_disjoint(known)
                && no_blank_line(text, *last, line, line_start);
            if together {
                groups.extend(own.iter().map(|_| Group { id: *id, ordinal: *last }));
                known.extend(kinds);
                *last = line;
                continue;
            }
        }
        let parts = split_people(text, own);
        for part in &parts {
            next_id += 1;
            groups.extend(part.iter().map(|_| Group { id: next_id, ordinal: line }));
        }
        open = (short && parts.len() == 1 && kinds.contains(&Kind::Person)).then_some((next_id, line, kinds));
    }
    // The ordinal of a record is the line it begins on.
    let mut firsts: BTreeMap<u64, u64> = BTreeMap::new();
    for group in &mut groups {
        group.ordinal = *firsts.entry(group.id).or_insert(group.ordinal);
    }
    groups
}

/// Puts a record that is nothing but a name to the first one that says more of somebody so named.
pub(super) fn join_names(text: &str, hits: &[Hit], groups: &mut [Group]) {
    let name_of = |hit: &Hit| text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
    let is_name = |hit: &Hit| hit.kind == Kind::Person && hit.state == State::Valid;
    let full: BTreeSet<u64> =
        hits.iter().zip(groups.iter()).filter(|(hit, _)| !is_name(hit)).map(|(_, g)| g.id).collect();
    let mut first: BTreeMap<&str, Group> = BTreeMap::new();
    let mut names: BTreeMap<u64, BTreeSet<&str>> = BTreeMap::new();
    for (hit, group) in hits.iter().zip(groups.iter()).filter(|(hit, _)| is_name(hit)) {
        if full.contains(&group.id) {
            first.entry(name_of(hit)).or_insert(*group);
        } else {
            names.entry(group.id).or_default().insert(name_of(hit));
        }
    }
    for group in groups.iter_mut() {
        let alone = names.get(&group.id).filter(|names| names.len() == 1).and_then(|names| names.first());
        if let Some(known) = alone.and_then(|name| first.get(name)) {
            *group = *known;
        }
    }
}

/// Byte range of the line that holds `offset`, without its end.
fn line_around(text: &str, offset: usize) -> (usize, usize) {
    let start = text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    let end = text.get(offset..).and_then(|after| after.find('\n')).map_or(text.len(), |at| offset + at);
    (start, end)
}

/// Whether no empty line stands between line `from` and line `to`, which begins at `to_start`.
fn no_blank_line(text: &str, from: u64, to: u64, to_start: usize) -> bool {
    let between = to.saturating_sub(from).saturating_sub(1) as usize;
    if between > 4 {
        return false;
    }
    let before = text.get(..to_start.saturating_sub(1)).unwrap_or_default();
    before.rsplit('\n').take(between).all(|line| !line.trim().is_empty())
}

/// Words before the name of somebody who is told from the one spoken of so far.
const RELATIVES: &[&str] = &[
    "父亲",
    "母亲",
    "爸爸",
    "妈妈",
    "丈夫",
    "妻子",
    "老公",
    "老婆",
    "配偶",
    "儿子",
    "女儿",
    "哥哥",
    "姐姐",
    "弟弟",
    "妹妹",
    "爷爷",
    "奶奶",
    "外公",
    "外婆",
    "其父",
    "其母",
    "其夫",
    "其妻",
    "其子",
    "其女",
    "监护人",
    "家长",
    "父",
    "母",
];

/// Splits a line that names several people, each with numbers of his own, at the names; and one that names a
/// relative, before the relative.
fn split_people<'h>(text: &str, hits: &'h [Hit]) -> Vec<&'h [Hit]> {
    let of =
        |kind: Kind| hits.iter().filter(move |hit| hit.kind == kind && hit.state == State::Valid).count();
    let several = of(Kind::Person) >= 2 && (of(Kind::Phone) >= 2 || of(Kind::CnId) >= 2);
    let is_relative = |hit: &Hit| {
        let before =
            text.get(..hit.start as usize).unwrap_or_default().trim_end_matches(['：', ':', '（', '(']);
        RELATIVES.iter().any(|word| before.ends_with(word))
    };
    let begins = |hit: &Hit| hit.kind == Kind::Person && (several || is_relative(hit));
    let mut parts = Vec::new();
    let mut rest = hits;
    while !rest.is_empty() {
        // Each part runs from its name to the next name; what stands before the first name goes to it.
        let first = rest.iter().position(|hit| hit.kind == Kind::Person).unwrap_or(rest.len());
        let next = rest.iter().skip(first + 1).position(begins).map(|at| at + first + 1);
        let (part, others) = rest.split_at(next.unwrap_or(rest.len()));
        parts.push(part);
        rest = others;
    }
    parts
}
