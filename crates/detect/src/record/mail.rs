//! Messages: who signs below is who the head names.

use super::Group;
use crate::Hit;
use std::collections::BTreeMap;
use zhunsheng_model::{Kind, State, Step, TextFragment};

/// Whether the fragment is a message: its parts are headers and bodies, or it begins with header lines.
pub(super) fn is_message(fragment: &TextFragment) -> bool {
    let has_header = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Header(_)));
    if fragment.segments.iter().any(|segment| has_header(&segment.steps)) {
        return true;
    }
    let is_header = |line: &str| {
        [
            "From:",
            "To:",
            "Subject:",
            "Date:",
            "Cc:",
            "发件人:",
            "发件人：",
            "收件人:",
            "收件人：",
            "主题:",
            "主题：",
        ]
        .iter()
        .any(|head| line.get(..head.len()).is_some_and(|start| start.eq_ignore_ascii_case(head)))
    };
    fragment.text.lines().take(6).filter(|line| is_header(line)).count() >= 2
}

/// Joins the records that name the same person: within one message a name stands for one person.
pub(super) fn join_by_name(text: &str, hits: &[Hit], groups: &mut [Group]) {
    let mut by_name: BTreeMap<&str, Group> = BTreeMap::new();
    let mut joined: BTreeMap<u64, Group> = BTreeMap::new();
    for (hit, group) in hits.iter().zip(groups.iter()) {
        if hit.kind == Kind::Person && hit.state == State::Valid {
            let name = text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
            let first = *by_name.entry(name).or_insert(*group);
            // A record that names several people keeps the first one's company.
            joined.entry(group.id).or_insert(first);
        }
    }
    for group in groups.iter_mut() {
        if let Some(first) = joined.get(&group.id) {
            *group = *first;
        }
    }
}
