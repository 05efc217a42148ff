//! A question as it is looked up.

use crate::corpus::Corpus;
use crate::lexicon::{Lay, Lexicon};
use crate::text::{Gram, fold, grams, is_single};

/// Weight of a gram that lies inside words such as 怎么办.
const FILLER: f32 = 0.3;
/// Terms of the lexicon add no more than these.
const TERMS_MAX: usize = 24;

/// A question cut into weighted grams, with what the lexicon adds.
pub(crate) struct Query<'a> {
    /// Single characters and words, each once.
    pub(crate) singles: Vec<(Gram, f32)>,
    /// Pairs, each once.
    pub(crate) pairs: Vec<(Gram, f32)>,
    /// The lexicon's entries that stand in the question.
    pub(crate) lay: Vec<&'a Lay>,
    /// Grams of the terms that the lexicon adds, with their weight.
    pub(crate) added: Vec<(Gram, f32)>,
    /// Positions of the laws that the lexicon names.
    pub(crate) hinted: Vec<u32>,
    /// Positions of the laws whose title stands in the question.
    pub(crate) named: Vec<u32>,
    /// Characters of the question as compared, in runs between marks.
    pub(crate) runs: Vec<Vec<char>>,
}

impl<'a> Query<'a> {
    pub(crate) fn new(question: &str, corpus: &Corpus, lexicon: &'a Lexicon) -> Query<'a> {
        let runs: Vec<Vec<char>> = question
            .split(|c: char| !fold(c).is_alphanumeric())
            .filter(|run| !run.is_empty())
            .map(|run| run.chars().map(fold).collect())
            .collect();
        let mut singles: Vec<(Gram, f32)> = Vec::new();
        let mut pairs: Vec<(Gram, f32)> = Vec::new();
        for run in &runs {
            let text: String = run.iter().collect();
            let mask = lexicon.filler_mask(&text);
            // A part of the run that is wholly filler or wholly not keeps its grams whole; a pair across both is not.
            let mut at = 0;
            while at < run.len() {
                let filler = mask.get(at).copied().unwrap_or_default();
                let length = mask.iter().skip(at).take_while(|flag| **flag == filler).count().max(1);
                let part: String = run.iter().skip(at).take(length).collect();
                let weight = if filler { FILLER } else { 1.0 };
                grams(&part, |gram| {
                    let list = if is_single(gram) || crate::text::spelled(gram).is_none() {
                        &mut singles
                    } else {
                        &mut pairs
                    };
                    list.push((gram, weight));
                });
                at += length;
            }
        }
        merge(&mut singles);
        merge(&mut pairs);
        let lay = lexicon.found(question);
        let mut added: Vec<(Gram, f32)> = Vec::new();
        let mut hinted: Vec<u32> = Vec::new();
        let mut terms: Vec<&str> = Vec::new();
        for entry in &lay {
            for term in &entry.terms {
                if !terms.contains(&term.as_str()) && terms.len() < TERMS_MAX {
                    terms.push(term);
                }
            }
            hinted.extend(entry.laws.iter().filter_map(|title| corpus.law(title)));
        }
        for term in &terms {
            grams(term, |gram| {
                if !is_single(gram) {
                    added.push((gram, 1.0));
                }
            });
        }
        merge(&mut added);
        hinted.sort_unstable();
        hinted.dedup();
        let text: String = runs.iter().flatten().collect();
        let mut named: Vec<u32> = Vec::new();
        for (law, position) in corpus.laws.iter().zip(0u32..) {
            let title = crate::text::folded(&law.title);
            if title.chars().count() >= 2 && text.contains(&title) {
                named.push(position);
            }
        }
        Query { singles, pairs, lay, added, hinted, named, runs }
    }
}

/// Each gram once, with its highest weight; sorted.
fn merge(list: &mut Vec<(Gram, f32)>) {
    list.sort_by(|a, b| a.0.cmp(&b.0).then(b.1.total_cmp(&a.1)));
    list.dedup_by_key(|(gram, _)| *gram);
}
