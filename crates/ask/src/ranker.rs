//! Joins the parts: a question goes in, ranked articles come out.

use crate::corpus::Corpus;
use crate::lexicon::Lexicon;
use crate::memory::Memory;
use crate::query::Query;
use crate::rank::{self, Candidate, Weights};

/// Everything that a ranking needs.
#[derive(Clone, Copy)]
pub struct Ranker<'a> {
    /// The articles.
    pub corpus: &'a Corpus,
    /// Known questions.
    pub memory: &'a Memory,
    /// Lay words.
    pub lexicon: &'a Lexicon,
    /// Weights of the features.
    pub weights: &'a Weights,
    /// Whether a known question of the same words is left out, as if it had never been seen: set when known questions
    /// are asked to measure.
    pub but_itself: bool,
}

impl Ranker<'_> {
    /// Candidates of the first pass with their features, best first. The first 2,000 characters are read.
    pub fn candidates(&self, question: &str) -> Vec<Candidate> {
        let question = crate::text::read_part(question);
        let query = Query::new(question, self.corpus, self.lexicon);
        let recalled = self.memory.recall(self.corpus, question, self.but_itself);
        rank::candidates(self.corpus, &query, &recalled, self.memory, self.weights)
    }

    /// Positions of the articles in the corpus with their scores, best first.
    pub fn rank(&self, question: &str) -> Vec<(u32, f32)> {
        let mut scored: Vec<(u32, f32)> = self
            .candidates(question)
            .iter()
            .map(|candidate| (candidate.doc, rank::second(&candidate.values, self.weights)))
            .collect();
        // A stable sort: where the second pass sees no difference, the first one decides.
        scored.sort_by(|a, b| b.1.total_cmp(&a.1));
        scored
    }
}
