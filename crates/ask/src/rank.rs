//! Scores: what each article has in common with a question, and how much each of these counts.

use crate::corpus::Corpus;
use crate::error::AskError;
use crate::look::look;
use crate::memory::{Memory, Recalled};
use crate::query::Query;
use crate::text::Gram;

/// Names of the features, in the order of their values.
pub const FEATURES: [&str; 25] = [
    "pairs",
    "singles",
    "pairs_share",
    "title",
    "law_prior",
    "law_recalled",
    "article_recalled",
    "article_best",
    "article_near",
    "article_prior",
    "added",
    "added_share",
    "hinted",
    "named",
    "covered",
    "runs",
    "length",
    "frame",
    "interpretation",
    "trial",
    "added_covered",
    "echoed",
    "feedback",
    "law_share",
    "first_share",
];

/// Values of the features of one article for one question.
pub type Values = [f32; FEATURES.len()];

/// Candidates that the first pass keeps.
const CANDIDATES: usize = 300;

/// How much each feature counts.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// First pass: pairs, singles, law_prior, law_recalled, article_recalled, added, hinted.
    pub first: Values,
    /// Second pass.
    pub second: Values,
}

impl Weights {
    /// Reads the table of weights: two tables `first` and `second`, each feature by its name; what is left out is 0.
    ///
    /// # Errors
    /// [`AskError::Table`] for an unknown name or something that is no number.
    pub fn read(text: &str) -> Result<Weights, AskError> {
        let wrong = |detail: String| AskError::Table { table: "weights.toml", detail };
        let table: toml::Table = text.parse().map_err(|e| wrong(format!("{e}")))?;
        let mut weights = Weights { first: [0.0; FEATURES.len()], second: [0.0; FEATURES.len()] };
        for (name, values) in [("first", &mut weights.first), ("second", &mut weights.second)] {
            let part = table.get(name).and_then(|part| part.as_table());
            let part = part.ok_or_else(|| wrong(format!("`{name}` is missing")))?;
            for (feature, value) in part {
                let position = FEATURES.iter().position(|own| own == feature);
                let value = value.as_float().or_else(|| value.as_integer().map(|n| n as f64));
                match (position.and_then(|position| values.get_mut(position)), value) {
                    (Some(place), Some(value)) => *place = value as f32,
                    _ => return Err(wrong(format!("`{name}.{feature}`"))),
                }
            }
        }
        Ok(weights)
    }

    /// Writes the table that [`Weights::read`] reads.
    pub fn write(&self) -> String {
        let mut text = String::new();
        for (name, values) in [("first", &self.first), ("second", &self.second)] {
            text.push_str(&format!("[{name}]\n"));
            for (feature, value) in FEATURES.iter().zip(values) {
                if *value != 0.0 {
                    text.push_str(&format!("{feature} = {value:.4}\n"));
                }
            }
        }
        text
    }
}

/// An article with its features.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Position in the corpus.
    pub doc: u32,
    /// Score of the first pass.
    pub first: f32,
    /// Its features.
    pub values: Values,
}

/// The articles that the first pass keeps, best first, with their features.
pub(crate) fn candidates(
    corpus: &Corpus,
    query: &Query<'_>,
    recalled: &Recalled,
    memory: &Memory,
    weights: &Weights,
) -> Vec<Candidate> {
    let count = corpus.docs.len();
    let dense = |list: &[(Gram, f32)]| {
        let mut scores = vec![0.0f32; count];
        for (gram, weight) in list {
            corpus.body.add(*gram, *weight, &mut scores);
        }
        scores
    };
    let (pairs, singles, added) = (dense(&query.pairs), dense(&query.singles), dense(&query.added));
    let mut titles = vec![0.0f32; corpus.laws.len()];
    for (gram, weight) in &query.pairs {
        corpus.titles.add(*gram, *weight, &mut titles);
    }
    let priors: Vec<f32> = match &corpus.law_weights {
        Some(weights) => weights.clone(),
        None => (0..).take(corpus.laws.len()).map(|law| memory.law_prior(corpus, recalled, law)).collect(),
    };
    // Logarithm of one and five times the sum: a law recalled twice as often is not twice as likely.
    let by_law: Vec<f32> = (0u32..)
        .take(corpus.laws.len())
        .map(|law| (1.0 + 5.0 * recalled.laws.get(&law).copied().unwrap_or_default()).ln())
        .collect();
    let best = |scores: &[f32]| scores.iter().copied().fold(1.0f32, f32::max);
    let (best_pairs, best_added) = (best(&pairs), best(&added));
    let at = |list: &[f32], position: u32| list.get(position as usize).copied().unwrap_or_default();
    let flag = |list: &[u32], law: u32| if list.contains(&law) { 1.0 } else { 0.0 };

    let values = |doc: u32| -> Values {
        let law = corpus.law_of.get(doc as usize).copied().unwrap_or_default();
        let traits = corpus.traits.get(doc as usize).copied().unwrap_or_default();
        let map = |map: &std::collections::BTreeMap<u32, f32>| map.get(&doc).copied().unwrap_or_default();
        [
            at(&pairs, doc),
            at(&singles, doc),
            at(&pairs, doc) / best_pairs,
            at(&titles, law),
            at(&priors, law),
            at(&by_law, law),
            map(&recalled.articles),
            map(&recalled.best),
            map(&recalled.near),
            memory.article_prior(recalled, doc),
            at(&added, doc),
            at(&added, doc) / best_added,
            flag(&query.hinted, law),
            flag(&query.named, law),
            0.0,
            0.0,
            traits.length,
            traits.frame,
            traits.interpretation,
            traits.trial,
            0.0,
            0.0,
            0.0,
            0.0,
            0.0,
        ]
    };
    let first = |doc: u32| -> f32 {
        let values = values(doc);
        values.iter().zip(&weights.first).map(|(value, weight)| value * weight).sum()
    };
    let mut order: Vec<(f32, u32)> = (0u32..).take(count).map(|doc| (first(doc), doc)).collect();
    let better = |a: &(f32, u32), b: &(f32, u32)| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
    if order.len() > CANDIDATES {
        order.select_nth_unstable_by(CANDIDATES, better);
        order.truncate(CANDIDATES);
    }
    order.sort_by(better);
    let top = order.first().map_or(1.0, |(score, _)| score.abs().max(1.0));
    let looks = look(corpus, query, recalled, &order);
    let seen = order.into_iter().zip(looks).map(|((first, doc), look)| {
        let mut values = values(doc);
        for (position, value) in [
            (14, look.covered),
            (15, look.runs),
            (20, look.added_covered),
            (21, look.echoed),
            (22, look.feedback),
            (23, look.law_share),
            (24, first / top),
        ] {
            if let Some(place) = values.get_mut(position) {
                *place = value;
            }
        }
        Candidate { doc, first, values }
    });
    seen.collect()
}

/// The score of the second pass.
pub(crate) fn second(values: &Values, weights: &Weights) -> f32 {
    values.iter().zip(&weights.second).map(|(value, weight)| value * weight).sum()
}
