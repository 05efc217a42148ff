//! Strict scores: a mention counts when file, kind and value agree, each occurrence once.

use crate::Occurrence;
use std::collections::BTreeMap;

/// Hits and misses of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Score {
    /// Found and true.
    pub hit: u64,
    /// Found and not true.
    pub wrong: u64,
    /// True and not found.
    pub missed: u64,
}

impl Score {
    /// Harmonic mean of precision and recall; 1 when there is nothing to find and nothing found.
    pub fn f1(self) -> f64 {
        let sum = 2 * self.hit + self.wrong + self.missed;
        if sum == 0 { 1.0 } else { (2 * self.hit) as f64 / sum as f64 }
    }

    fn add(&mut self, other: Score) {
        self.hit += other.hit;
        self.wrong += other.wrong;
        self.missed += other.missed;
    }
}

/// Scores by kind, and what went wrong.
#[derive(Debug, Default)]
pub struct Scores {
    /// By id of the kind.
    pub by_kind: BTreeMap<String, Score>,
    /// File, kind, and by how many found mentions exceed (or, negative, fall short of) the truth.
    pub differences: Vec<(String, String, i64)>,
}

impl Scores {
    /// Over all kinds for which `keep` holds.
    pub fn micro(&self, keep: impl Fn(&str) -> bool) -> Score {
        let mut sum = Score::default();
        self.by_kind.iter().filter(|(kind, _)| keep(kind)).for_each(|(_, score)| sum.add(*score));
        sum
    }
}

/// Compares found mentions (file, kind, value), all taken as valid, with the valid occurrences of the truth.
pub fn score<'a>(
    truth: impl IntoIterator<Item = &'a Occurrence>,
    found: impl IntoIterator<Item = (String, String, String)>,
) -> Scores {
    let mut counts: BTreeMap<(String, String, String), (u64, u64)> = BTreeMap::new();
    for occurrence in truth.into_iter().filter(|occurrence| occurrence.valid) {
        let key = (occurrence.file.clone(), occurrence.kind.clone(), fold(&occurrence.value));
        counts.entry(key).or_default().0 += 1;
    }
    for (file, kind, value) in found {
        counts.entry((file, kind, fold(&value))).or_default().1 += 1;
    }
    let mut scores = Scores::default();
    let mut differences: BTreeMap<(String, String), i64> = BTreeMap::new();
    for ((file, kind, _), (gold, found)) in counts {
        let hit = gold.min(found);
        let score = Score { hit, wrong: found - hit, missed: gold - hit };
        scores.by_kind.entry(kind.clone()).or_default().add(score);
        if gold != found {
            *differences.entry((file, kind)).or_default() += found as i64 - gold as i64;
        }
    }
    scores.differences = differences.into_iter().map(|((file, kind), n)| (file, kind, n)).collect();
    scores
}

/// Blanks, middle dots, hyphens and case do not matter.
fn fold(value: &str) -> String {
    value
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '·' && *c != '-')
        .flat_map(char::to_uppercase)
        .collect()
}
