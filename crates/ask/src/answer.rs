//! Asking the embedded law: articles in force on a day and cases, with the best passage and why each was found.

use crate::corpus::{Corpus, Doc};
use crate::error::AskError;
use crate::explain::{Why, explain};
use crate::lexicon::Lexicon;
use crate::memory::{Known, Memory};
use crate::query::Query;
use crate::rank::{self, Weights};
use crate::{Ranker, learnt};
use std::ops::Range;
use zhunsheng_law::{Article, Case, Law, Locator, Statute};
use zhunsheng_model::Date;
use zhunsheng_rules::Rules;

/// Characters of a case's facts that are searched where it has no holding.
const FACTS_CHARS: usize = 400;
/// Weight of a law that the table of weights does not name.
const OTHER_LAW: f32 = -1.0;
/// The law of the corpus that stands for all cases.
const CASES: &str = "案例";

/// The embedded law, ready for questions about one day.
pub struct Asker<'l> {
    found: Vec<Found<'l>>,
    corpus: Corpus,
    memory: Memory,
    known: Vec<Known>,
    lexicon: Lexicon,
    weights: Weights,
}

/// What an answer points to.
#[derive(Clone, Copy, Debug)]
pub enum Found<'l> {
    /// An article of the version in force.
    Article(&'l Statute, &'l Article),
    /// A case.
    Case(&'l Case),
}

/// One answer.
#[derive(Clone, Debug)]
pub struct Answer<'l> {
    /// The article or case.
    pub found: Found<'l>,
    /// Its score: only the order within one question means something.
    pub score: f32,
    /// The passage that has most in common with the question.
    pub passage: String,
    /// Where the passage stands in the article; whole for a case.
    pub locator: Locator,
    /// Byte ranges of the passage to highlight.
    pub marks: Vec<Range<usize>>,
    /// Why it was found.
    pub why: Why,
}

impl<'l> Asker<'l> {
    /// Indexes the articles in force on `day` and all cases.
    ///
    /// # Errors
    /// [`AskError`] when an embedded table is wrong: a defect that the tests show.
    pub fn new(law: &'l Law, rules: &Rules, day: Date) -> Result<Asker<'l>, AskError> {
        let mut found = Vec::new();
        let mut docs = Vec::new();
        for statute in law.statutes().iter().filter(|statute| statute.in_force_on(day)) {
            let title = statute.title.replace("中华人民共和国", "");
            for article in statute.articles() {
                docs.push(Doc {
                    law: title.clone(),
                    label: article.label.clone(),
                    text: article.text.clone(),
                });
                found.push(Found::Article(statute, article));
            }
        }
        for case in law.cases() {
            docs.push(Doc { law: CASES.to_owned(), label: case.id.clone(), text: case_text(case) });
            found.push(Found::Case(case));
        }
        let weights = learnt::law_weights()?;
        let corpus =
            Corpus::new(docs).with_law_weights(|title| weights.get(title).copied().unwrap_or(OTHER_LAW));
        let known = learnt::known()?;
        Ok(Asker {
            memory: Memory::new(&corpus, &known),
            known,
            lexicon: learnt::lexicon(rules)?,
            weights: learnt::weights_for_law()?,
            found,
            corpus,
        })
    }

    /// The best `k` answers, best first; none for a question without words. The first 2,000 characters are read.
    pub fn ask(&self, question: &str, k: usize) -> Vec<Answer<'l>> {
        let question = crate::text::read_part(question);
        let query = Query::new(question, &self.corpus, &self.lexicon);
        if query.singles.is_empty() {
            return Vec::new();
        }
        let recalled = self.memory.recall(&self.corpus, question, false);
        let mut scored: Vec<(u32, f32)> =
            rank::candidates(&self.corpus, &query, &recalled, &self.memory, &self.weights)
                .iter()
                .map(|candidate| (candidate.doc, rank::second(&candidate.values, &self.weights)))
                .collect();
        scored.sort_by(|a, b| b.1.total_cmp(&a.1));
        let answers = scored.into_iter().take(k).filter_map(|(doc, score)| {
            let found = *self.found.get(doc as usize)?;
            let text = &self.corpus.docs.get(doc as usize)?.text;
            let (locator, passage) = match found {
                Found::Article(_, article) => self.best_passage(article, &query),
                Found::Case(_) => (Locator::default(), self.best_sentences(text, &query)),
            };
            let like =
                recalled.most_like(doc).and_then(|entry| self.known.get(entry)).map(|k| k.question.as_str());
            let (marks, why) = explain(&passage, text, question, &query, &self.lexicon, like);
            Some(Answer { found, score, passage, locator, marks, why })
        });
        answers.collect()
    }

    /// A ranker over the same articles, for measuring.
    pub fn ranker(&self) -> Ranker<'_> {
        Ranker {
            corpus: &self.corpus,
            memory: &self.memory,
            lexicon: &self.lexicon,
            weights: &self.weights,
            but_itself: false,
        }
    }

    /// The paragraph or item with the most rarity in common with the question; a short article whole.
    fn best_passage(&self, article: &Article, query: &Query<'_>) -> (Locator, String) {
        const WHOLE_CHARS: usize = 120;
        let paragraphs = article.paragraphs();
        let mut pieces: Vec<(Locator, String)> = Vec::new();
        for (paragraph, number) in paragraphs.iter().zip(1u32..) {
            let place = (paragraphs.len() > 1).then_some(number);
            let whole = Locator { paragraph: place, item: None, subitem: None };
            if paragraph.items.is_empty() || paragraph.text.chars().count() <= WHOLE_CHARS {
                pieces.push((whole, paragraph.text.to_owned()));
                continue;
            }
            pieces.push((whole, paragraph.lead.to_owned()));
            for item in &paragraph.items {
                // An item alone is no sentence: its paragraph's first line goes before it.
                let locator = Locator { item: Some(item.number), ..whole };
                pieces.push((locator, format!("{}\n{}", paragraph.lead, item.text)));
            }
        }
        let mut best: Option<(f32, Locator, String)> = None;
        for (locator, text) in pieces {
            // Length is a burden: a longer piece must bring more.
            let worth = self.shared(&text, query) / (text.chars().count() as f32 + 30.0).sqrt();
            if best.as_ref().is_none_or(|(most, ..)| worth > *most) {
                best = Some((worth, locator, text));
            }
        }
        best.map_or((Locator::default(), article.text.clone()), |(_, locator, text)| (locator, text))
    }

    /// The sentence of a case with the most in common, and the one after it.
    fn best_sentences(&self, text: &str, query: &Query<'_>) -> String {
        let sentences: Vec<&str> = text.split_inclusive('。').collect();
        let worth =
            |sentence: &&str| self.shared(sentence, query) / (sentence.chars().count() as f32 + 30.0).sqrt();
        let mut best = (0usize, f32::MIN);
        for (position, sentence) in sentences.iter().enumerate() {
            let worth = worth(sentence);
            if worth > best.1 {
                best = (position, worth);
            }
        }
        sentences.get(best.0).copied().unwrap_or(text).trim().to_owned()
    }

    /// Rarity of the pairs that a text shares with the question and with what the lexicon adds.
    fn shared(&self, text: &str, query: &Query<'_>) -> f32 {
        let mut held = Vec::new();
        crate::text::grams(text, |gram| held.push(gram));
        held.sort_unstable();
        let weigh = |list: &[(u64, f32)], part: f32| -> f32 {
            let own = list.iter().filter(|(gram, _)| held.binary_search(gram).is_ok());
            own.map(|(gram, weight)| self.corpus.body.rarity(*gram) * weight * part).sum()
        };
        weigh(&query.pairs, 1.0) + weigh(&query.added, 0.5)
    }
}

/// What of a case is searched: its words about itself and its holding.
fn case_text(case: &Case) -> String {
    let mut text = case.title.clone();
    text.push('。');
    for word in case.keywords.iter().chain(&case.topics).chain(&case.outcome) {
        text.push_str(word);
        text.push('。');
    }
    if case.text.holding.is_empty() {
        text.extend(case.text.facts.chars().take(FACTS_CHARS));
    } else {
        text.push_str(&case.text.holding);
    }
    text
}
