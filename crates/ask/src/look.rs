//! The closer look at the candidates of the first pass: what their texts hold, and what the likely ones have in common.

use crate::corpus::Corpus;
use crate::memory::Recalled;
use crate::query::Query;
use crate::text::{Gram, fold, pair};
use std::collections::{BTreeMap, BTreeSet};

/// Candidates that are taken for answers when the others are compared with them.
const LIKELY: usize = 8;
/// Candidates whose laws are counted.
const LAWS_OF: usize = 40;
/// Grams of a sketch.
const SKETCH: usize = 60;
/// Articles of known questions that are sketched, at most.
const ECHOES: usize = 16;

/// What a closer look at one candidate finds.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Share of the question's rarity that the text holds.
    pub(crate) covered: f32,
    /// The same for the terms that the lexicon adds.
    pub(crate) added_covered: f32,
    /// Logarithm of how many threes of neighbouring characters it shares with the question.
    pub(crate) runs: f32,
    /// Likeness with the articles of known questions like this one.
    pub(crate) echoed: f32,
    /// Likeness with the likely candidates.
    pub(crate) feedback: f32,
    /// Share of its law among the first candidates.
    pub(crate) law_share: f32,
}

/// Looks at candidates, best first, given as score of the first pass and position.
pub(crate) fn look(
    corpus: &Corpus,
    query: &Query<'_>,
    recalled: &Recalled,
    order: &[(f32, u32)],
) -> Vec<Look> {
    let held: Vec<BTreeSet<Gram>> = order.iter().map(|(_, doc)| pairs_of(corpus, *doc)).collect();
    let weigh = |list: &[(Gram, f32)]| -> Vec<(Gram, f32)> {
        list.iter().map(|(gram, weight)| (*gram, corpus.body.rarity(*gram) * weight)).collect()
    };
    let (own, added) = (weigh(&query.pairs), weigh(&query.added));
    let share = |list: &[(Gram, f32)], held: &BTreeSet<Gram>| -> f32 {
        let all: f32 = list.iter().map(|(_, rarity)| rarity).sum();
        let there: f32 = list.iter().filter(|(gram, _)| held.contains(gram)).map(|(_, rarity)| rarity).sum();
        if all > 0.0 { there / all } else { 0.0 }
    };
    let top = order.first().map_or(0.0, |(score, _)| *score);
    let likely = order.iter().zip(&held).take(LIKELY);
    // A candidate a few points behind the best is much less likely to be an answer.
    let feedback = sketch(corpus, likely.map(|((score, _), held)| (((score - top) / 6.0).exp(), held)));
    let echoes: Vec<(f32, BTreeSet<Gram>)> =
        recalled.strongest(ECHOES).into_iter().map(|(doc, weight)| (weight, pairs_of(corpus, doc))).collect();
    let echo = sketch(corpus, echoes.iter().map(|(weight, held)| (*weight, held)));
    let mut laws: BTreeMap<u32, f32> = BTreeMap::new();
    let law_of = |doc: u32| corpus.law_of.get(doc as usize).copied().unwrap_or_default();
    for (rank, (_, doc)) in (1u16..).zip(order.iter().take(LAWS_OF)) {
        *laws.entry(law_of(*doc)).or_default() += 1.0 / f32::from(rank).sqrt();
    }
    let all_laws: f32 = laws.values().sum::<f32>().max(f32::MIN_POSITIVE);
    order
        .iter()
        .zip(&held)
        .map(|((_, doc), held)| Look {
            covered: share(&own, held),
            added_covered: share(&added, held),
            runs: (1.0 + shared_threes(corpus, query, *doc) as f32).ln(),
            echoed: likeness(&echo, held),
            feedback: likeness(&feedback, held),
            law_share: laws.get(&law_of(*doc)).copied().unwrap_or_default() / all_laws,
        })
        .collect()
}

fn pairs_of(corpus: &Corpus, doc: u32) -> BTreeSet<Gram> {
    let Some(doc) = corpus.docs.get(doc as usize) else { return BTreeSet::new() };
    let mut last: Option<char> = None;
    let mut held = BTreeSet::new();
    for c in doc.text.chars().map(fold) {
        let own = c.is_alphanumeric().then_some(c);
        if let (Some(before), Some(c)) = (last, own) {
            held.insert(pair(before, c));
        }
        last = own;
    }
    held
}

/// The grams that weighted texts have most in common and others have not, of length 1.
fn sketch<'t>(
    corpus: &Corpus,
    texts: impl Iterator<Item = (f32, &'t BTreeSet<Gram>)>,
) -> BTreeMap<Gram, f32> {
    let mut sum: BTreeMap<Gram, f32> = BTreeMap::new();
    for (weight, held) in texts {
        // A long text says less with each of its grams.
        let weight = weight / (held.len() as f32 + 20.0).sqrt();
        for gram in held {
            *sum.entry(*gram).or_default() += weight;
        }
    }
    let mut best: Vec<(Gram, f32)> =
        sum.into_iter().map(|(gram, weight)| (gram, weight * corpus.body.rarity(gram))).collect();
    best.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    best.truncate(SKETCH);
    let length = best.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    best.into_iter().map(|(gram, weight)| (gram, weight / length)).collect()
}

fn likeness(sketch: &BTreeMap<Gram, f32>, held: &BTreeSet<Gram>) -> f32 {
    let shared: f32 = sketch.iter().filter(|(gram, _)| held.contains(gram)).map(|(_, weight)| weight).sum();
    shared / (held.len() as f32 + 20.0).sqrt()
}

fn shared_threes(corpus: &Corpus, query: &Query<'_>, doc: u32) -> usize {
    let Some(doc) = corpus.docs.get(doc as usize) else { return 0 };
    let chars: Vec<char> = doc.text.chars().map(fold).collect();
    let threes: BTreeSet<&[char]> = chars.windows(3).collect();
    query.runs.iter().map(|run| run.windows(3).filter(|three| threes.contains(three)).count()).sum()
}
