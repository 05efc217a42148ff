//! An inverted index over short texts, scored with BM25.

use crate::text::{Gram, grams};
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// How soon a repeated gram stops adding.
const K1: f32 = 1.2;
/// How much a long text is held back.
const B: f32 = 0.75;

/// Which texts hold which gram.
pub(crate) struct Index {
    terms: HashMap<Gram, u32, BuildHasherDefault<GramHasher>>,
    /// Where the postings of each term begin; one more than there are terms.
    starts: Vec<u32>,
    /// Text and how often it holds the term.
    postings: Vec<(u32, u16)>,
    /// For each text, K1 × (1 − B + B × length / mean length).
    brakes: Vec<f32>,
}

/// Grams are spread well enough by one multiplication; they never come from an adversary who could gain by it.
#[derive(Default)]
pub(crate) struct GramHasher(u64);

impl Hasher for GramHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let mixed = (self.0 ^ value).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        self.0 = mixed ^ (mixed >> 29);
    }
}

impl Index {
    /// Indexes texts in their order; a text is known by its position.
    pub(crate) fn new<'t>(texts: impl Iterator<Item = &'t str>) -> Index {
        let mut terms: HashMap<Gram, u32, BuildHasherDefault<GramHasher>> = HashMap::default();
        let mut counts: Vec<u32> = Vec::new();
        let mut flat: Vec<(u32, u32, u16)> = Vec::new();
        let mut lengths: Vec<u32> = Vec::new();
        let mut own: Vec<Gram> = Vec::new();
        for (text, position) in texts.zip(0u32..) {
            own.clear();
            grams(text, |gram| own.push(gram));
            lengths.push(u32::try_from(own.len()).unwrap_or(u32::MAX));
            own.sort_unstable();
            for run in own.chunk_by(|a, b| a == b) {
                let Some(gram) = run.first() else { continue };
                let next = u32::try_from(counts.len()).unwrap_or(u32::MAX);
                let term = *terms.entry(*gram).or_insert(next);
                if term == next {
                    counts.push(0);
                }
                if let Some(count) = counts.get_mut(term as usize) {
                    *count += 1;
                }
                flat.push((term, position, u16::try_from(run.len()).unwrap_or(u16::MAX)));
            }
        }
        let mut starts = Vec::with_capacity(counts.len() + 1);
        let mut next = Vec::with_capacity(counts.len());
        let mut sum = 0u32;
        for count in &counts {
            starts.push(sum);
            next.push(sum);
            sum += count;
        }
        starts.push(sum);
        let mut postings = vec![(0u32, 0u16); flat.len()];
        for (term, position, times) in flat {
            let Some(place) = next.get_mut(term as usize) else { continue };
            if let Some(posting) = postings.get_mut(*place as usize) {
                *posting = (position, times);
            }
            *place += 1;
        }
        let total: u64 = lengths.iter().map(|length| u64::from(*length)).sum();
        let mean = (total as f32 / lengths.len().max(1) as f32).max(1.0);
        let brakes = lengths.iter().map(|length| K1 * (1.0 - B + B * *length as f32 / mean)).collect();
        Index { terms, starts, postings, brakes }
    }

    /// How many texts there are.
    pub(crate) fn len(&self) -> usize {
        self.brakes.len()
    }

    /// The texts that hold the gram.
    fn postings(&self, gram: Gram) -> &[(u32, u16)] {
        let range = || {
            let term = *self.terms.get(&gram)? as usize;
            let (start, end) = (*self.starts.get(term)? as usize, *self.starts.get(term + 1)? as usize);
            self.postings.get(start..end)
        };
        range().unwrap_or_default()
    }

    /// How rare the gram is: the logarithm of how many texts there are for one that holds it.
    pub(crate) fn rarity(&self, gram: Gram) -> f32 {
        let held = self.postings(gram).len() as f32;
        (1.0 + (self.len() as f32 - held + 0.5) / (held + 0.5)).ln()
    }

    /// Adds to `scores` what every text scores for a gram of the given weight.
    pub(crate) fn add(&self, gram: Gram, weight: f32, scores: &mut [f32]) {
        let postings = self.postings(gram);
        if postings.is_empty() {
            return;
        }
        let weight = weight * self.rarity(gram) * (K1 + 1.0);
        for (position, times) in postings {
            let (Some(score), Some(brake)) =
                (scores.get_mut(*position as usize), self.brakes.get(*position as usize))
            else {
                continue;
            };
            let times = f32::from(*times);
            *score += weight * times / (times + brake);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rare_gram_weighs_more_and_a_short_text_scores_higher() {
        let texts = ["甲乙丙丁", "甲乙丙丁戊己庚辛", "甲壬癸", "甲"];
        let index = Index::new(texts.into_iter());
        let gram = |text: &str| {
            let mut last = 0;
            grams(text, |gram| last = gram);
            last
        };
        assert!(index.rarity(gram("乙")) > index.rarity(gram("甲")));
        let mut scores = vec![0.0; 4];
        index.add(gram("丙丁"), 1.0, &mut scores);
        assert!(scores[0] > scores[1] && scores[1] > 0.0, "{scores:?}");
        assert_eq!((scores[2], scores[3]), (0.0, 0.0));
        // What BM25 says, reckoned by hand: 2 of 4 texts hold it, lengths 7 and 15 of a mean of 7.25.
        let mean = (7.0 + 15.0 + 5.0 + 1.0) / 4.0;
        let expected = (1.0f32 + 2.5 / 2.5).ln() * 2.2 / (1.0 + 1.2 * (0.25 + 0.75 * 7.0 / mean));
        assert!((scores[0] - expected).abs() < 1e-5);
        index.add(gram("子"), 1.0, &mut scores);
        assert_eq!(scores[3], 0.0);
    }
}
