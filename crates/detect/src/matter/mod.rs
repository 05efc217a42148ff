//! Matters of people in running text: health, belief, standing, journeys, and the fields of forms.
//!
//! None of them is anybody's information by itself, so they are looked for only in lines that name or number
//! somebody, and in the lines of a form or medical record that follow such a line; each goes to the record of
//! the person it is said of.

mod field;
mod health;
mod word;

pub(crate) use field::Fields;
pub(crate) use health::HealthWords;

use crate::Hit;
use crate::record::Group;
use word::MatterWords;
use zhunsheng_model::{Kind, State};
use zhunsheng_rules::Rules;

/// Lines behind a name that may still be about its person, in a form or a medical record.
const LINES_MAX: usize = 24;
/// A line up to this many characters may be one of a form.
const SHORT_LINE: usize = 60;
/// Words that make a text a medical record.
const MEDICAL: &[&str] =
    &["病历", "主诉", "现病史", "既往史", "入院记录", "出院记录", "出院小结", "诊断证明", "体检报告", "门诊"];

/// Finds matters of people.
pub(crate) struct Matters {
    health: HealthWords,
    fields: Fields,
    words: MatterWords,
}

/// How far from a person something may be said of him.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// In the same line only: logs, messages.
    Line,
    /// Also in the lines of a form that follow.
    Form,
}

impl Matters {
    /// # Errors
    /// When the words do not make an automaton.
    pub(crate) fn new(rules: &Rules) -> Result<Matters, aho_corasick::BuildError> {
        Ok(Matters {
            health: HealthWords::new(rules)?,
            fields: Fields::new(rules),
            words: MatterWords::new(rules)?,
        })
    }

    /// Everything in `text` that would be said of somebody, whether or not anybody is named; sorted, without
    /// overlaps.
    pub(crate) fn find(&self, text: &str) -> Vec<Hit> {
        let mut found = Vec::new();
        let add = |confidence: u8| {
            move |found: &mut Vec<Hit>, kind: Kind, start: usize, end: usize| {
                if let (Ok(start), Ok(end)) = (u32::try_from(start), u32::try_from(end))
                    && start < end
                {
                    found.push(Hit { kind, state: State::Valid, confidence, start, end });
                }
            }
        };
        let (field, word) = (add(80), add(65));
        self.fields.find(text, |kind, start, end| field(&mut found, kind, start, end));
        self.words.find(text, |kind, start, end| word(&mut found, kind, start, end));
        self.health.find(text, |kind, start, end| word(&mut found, kind, start, end));
        // A field is surer than the words in it; of equally sure ones the longer stays.
        found.sort_by_key(|hit| {
            (std::cmp::Reverse(hit.confidence), std::cmp::Reverse(hit.end - hit.start), hit.start)
        });
        let mut kept: Vec<Hit> = Vec::with_capacity(found.len());
        for hit in found {
            let at = kept.partition_point(|known| known.end <= hit.start);
            if kept.get(at).is_none_or(|known| known.start >= hit.end) {
                kept.insert(at, hit);
            }
        }
        kept
    }

    /// Adds what `text` says of the people in `hits`, each with the group of the person; both stay sorted.
    pub(crate) fn add(&self, text: &str, reach: Reach, hits: &mut Vec<Hit>, groups: &mut Vec<Group>) {
        let mut more: Vec<(Hit, Group)> = Vec::new();
        let medical = reach == Reach::Form && MEDICAL.iter().any(|word| text.contains(word));
        // The person of a line above, and how many lines on.
        let mut above: Option<(Group, usize)> = None;
        let mut rest = 0;
        let mut at = 0;
        while at < text.len() {
            // Lines without hits and without a person above are gone over at once.
            if above.is_none() {
                let Some(next) = hits.get(rest) else { break };
                let skipped = text.get(at..next.start as usize).and_then(|part| part.rfind('\n'));
                at += skipped.map_or(0, |end| end + 1);
            }
            let line = text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()).unwrap_or_default();
            if line.is_empty() {
                break;
            }
            let end = at + line.len();
            let count = hits
                .get(rest..)
                .unwrap_or_default()
                .iter()
                .take_while(|hit| (hit.start as usize) < end)
                .count();
            let own = hits.get(rest..rest + count).unwrap_or_default();
            let own_groups = groups.get(rest..rest + count).unwrap_or_default();
            rest += count;
            self.line(line, at, own, own_groups, above, medical, &mut more);
            let named = own.iter().zip(own_groups).rfind(|(hit, _)| hit.kind == Kind::Person);
            above = match (reach, named, above) {
                (Reach::Line, ..) => None,
                (_, Some((_, group)), _) => Some((*group, 0)),
                (_, None, Some((group, lines))) if lines < LINES_MAX => Some((group, lines + 1)),
                _ => None,
            };
            at = end;
        }
        if more.is_empty() {
            return;
        }
        let mut all: Vec<(Hit, Group)> = hits.drain(..).zip(groups.drain(..)).collect();
        all.extend(more);
        all.sort_by_key(|(hit, _)| (hit.start, hit.end));
        (*hits, *groups) = all.into_iter().unzip();
    }

    #[expect(clippy::too_many_arguments, reason = "the state of one pass over the lines of a text")]
    fn line(
        &self,
        line: &str,
        base: usize,
        own: &[Hit],
        groups: &[Group],
        above: Option<(Group, usize)>,
        medical: bool,
        more: &mut Vec<(Hit, Group)>,
    ) {
        // Han characters begin with these bytes; without any there is nothing to read.
        if !line.bytes().any(|byte| (0xE4..=0xE9).contains(&byte)) {
            return;
        }
        let anchored = own.iter().any(is_anchor);
        let of_above = above.filter(|_| medical || line.chars().count() <= SHORT_LINE);
        if !anchored && of_above.is_none() {
            return;
        }
        for mut hit in self.find(line) {
            hit.start += base as u32;
            hit.end += base as u32;
            if own.iter().any(|known| known.start < hit.end && hit.start < known.end) {
                continue;
            }
            // What a form says below a name: its fields, and in a medical record everything.
            let group = if anchored {
                let before =
                    own.iter().zip(groups).rfind(|(other, _)| is_anchor(other) && other.start < hit.start);
                before
                    .or_else(|| own.iter().zip(groups).find(|(other, _)| is_anchor(other)))
                    .map(|(_, group)| *group)
            } else {
                of_above.filter(|_| medical || hit.confidence >= 80).map(|(group, _)| group)
            };
            if let Some(group) = group {
                more.push((hit, group));
            }
        }
    }
}

/// Whether the hit stands for a person.
fn is_anchor(hit: &Hit) -> bool {
    match hit.state {
        State::Valid => hit.kind == Kind::Person || hit.kind.is_strong_key(),
        State::Masked => hit.kind == Kind::Person,
        State::Invalid(_) | State::Placeholder => false,
    }
}
