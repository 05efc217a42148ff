//! Questions whose articles are known: a question like one of them is answered by its articles first.

use crate::corpus::Corpus;
use crate::index::GramHasher;
use crate::text::{Gram, folded, grams, is_single};
use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

/// Weight of a single character against a pair.
const SINGLE: f32 = 0.5;
/// Share of an article that stands next to a known one, by distance.
const NEAR: [f32; 3] = [1.0, 0.5, 0.25];
/// Share of a question that every law has before any is seen.
const SMALL: f32 = 0.02;

/// Likeness from which two questions are much alike.
const MUCH: f32 = 0.4;

/// A question with the articles that answer it, by title of the law and label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The question.
    pub question: String,
    /// Titles and labels.
    pub articles: Vec<(String, String)>,
}

/// Known questions bound to a corpus.
pub struct Memory {
    entries: Vec<Entry>,
    /// For each gram, the entries that hold it with their weight.
    holders: HashMap<Gram, Vec<(u32, f32)>, BuildHasherDefault<GramHasher>>,
    /// For each law, how many questions it answers: an entry with n articles gives each 1/n.
    law_counts: Vec<f32>,
    /// For each article that is known, the same.
    article_counts: BTreeMap<u32, f32>,
}

struct Entry {
    /// Position among the questions that were given.
    source: usize,
    folded: String,
    articles: Vec<u32>,
    /// Laws of all its articles, also those whose label the corpus lacks, with their share.
    laws: Vec<(u32, f32)>,
}

/// What the known questions say of the articles, for one question.
#[derive(Default)]
pub(crate) struct Recalled {
    /// Squared likeness of the questions that an article answers, summed up.
    pub(crate) articles: BTreeMap<u32, f32>,
    /// The highest likeness.
    pub(crate) best: BTreeMap<u32, f32>,
    /// For each article, its entry of the highest likeness.
    best_entry: BTreeMap<u32, (f32, usize)>,
    /// The same as `articles` for neighbours in the law.
    pub(crate) near: BTreeMap<u32, f32>,
    /// Squared likeness by law, summed up.
    pub(crate) laws: BTreeMap<u32, f32>,
    /// Counts to take away because their entries were left out.
    out_laws: BTreeMap<u32, f32>,
    out_articles: BTreeMap<u32, f32>,
}

impl Recalled {
    /// The articles that are recalled most, at most `count`, with their weight.
    pub(crate) fn strongest(&self, count: usize) -> Vec<(u32, f32)> {
        let mut all: Vec<(u32, f32)> = self.articles.iter().map(|(doc, weight)| (*doc, *weight)).collect();
        all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        all.truncate(count);
        all
    }

    /// The known question, by its position, that the article answers and that is much like the one asked.
    pub(crate) fn most_like(&self, article: u32) -> Option<usize> {
        self.best_entry.get(&article).filter(|(likeness, _)| *likeness >= MUCH).map(|(_, source)| *source)
    }
}

impl Memory {
    /// Binds known questions to a corpus; what the corpus lacks is left out.
    pub fn new(corpus: &Corpus, known: &[Known]) -> Memory {
        let mut memory = Memory {
            entries: Vec::new(),
            holders: HashMap::default(),
            law_counts: vec![0.0; corpus.laws.len()],
            article_counts: BTreeMap::new(),
        };
        for (source, known) in known.iter().enumerate() {
            let share = 1.0 / known.articles.len().max(1) as f32;
            let mut entry =
                Entry { source, folded: folded(&known.question), articles: Vec::new(), laws: Vec::new() };
            for (title, label) in &known.articles {
                let Some(law) = corpus.law(title) else { continue };
                match entry.laws.iter_mut().find(|(own, _)| *own == law) {
                    Some((_, sum)) => *sum += share,
                    None => entry.laws.push((law, share)),
                }
                entry.articles.extend(corpus.place(law, label));
            }
            if entry.laws.is_empty() {
                continue;
            }
            for (law, share) in &entry.laws {
                if let Some(count) = memory.law_counts.get_mut(*law as usize) {
                    *count += share;
                }
            }
            for article in &entry.articles {
                *memory.article_counts.entry(*article).or_default() += share;
            }
            let position = u32::try_from(memory.entries.len()).unwrap_or(u32::MAX);
            for (gram, weight) in vector(corpus, &known.question) {
                memory.holders.entry(gram).or_default().push((position, weight));
            }
            memory.entries.push(entry);
        }
        memory
    }

    /// What the known questions say for `question`; with `but_itself`, a known question of the same words is left out
    /// as if it had never been seen.
    pub(crate) fn recall(&self, corpus: &Corpus, question: &str, but_itself: bool) -> Recalled {
        let mut likeness = vec![0.0f32; self.entries.len()];
        for (gram, weight) in vector(corpus, question) {
            for (entry, own) in self.holders.get(&gram).into_iter().flatten() {
                if let Some(sum) = likeness.get_mut(*entry as usize) {
                    *sum += weight * own;
                }
            }
        }
        let own = folded(question);
        let mut recalled = Recalled::default();
        for (entry, likeness) in self.entries.iter().zip(likeness) {
            let share = 1.0 / entry.articles.len().max(1) as f32;
            if but_itself && entry.folded == own {
                for (law, share) in &entry.laws {
                    *recalled.out_laws.entry(*law).or_default() += share;
                }
                for article in &entry.articles {
                    *recalled.out_articles.entry(*article).or_default() += share;
                }
                continue;
            }
            if likeness <= 0.0 {
                continue;
            }
            let squared = likeness * likeness;
            for (law, share) in &entry.laws {
                *recalled.laws.entry(*law).or_default() += squared * share;
            }
            for article in &entry.articles {
                *recalled.articles.entry(*article).or_default() += squared;
                let best = recalled.best.entry(*article).or_default();
                if likeness > *best {
                    *best = likeness;
                    recalled.best_entry.insert(*article, (likeness, entry.source));
                }
                let law = corpus.law_of.get(*article as usize);
                for (distance, part) in (1u32..).zip(NEAR) {
                    for near in [article.checked_sub(distance), article.checked_add(distance)] {
                        let Some(near) = near.filter(|near| corpus.law_of.get(*near as usize) == law) else {
                            continue;
                        };
                        *recalled.near.entry(near).or_default() += squared * part;
                    }
                }
            }
        }
        recalled
    }

    /// How readily a law answers questions at all: the logarithm of its share for each of its articles, the square
    /// root of their number taken, since a long law is not read article by article.
    pub(crate) fn law_prior(&self, corpus: &Corpus, recalled: &Recalled, law: u32) -> f32 {
        let seen = self.law_counts.get(law as usize).copied().unwrap_or_default();
        let seen = (seen - recalled.out_laws.get(&law).copied().unwrap_or_default()).max(0.0);
        let articles = corpus.laws.get(law as usize).map_or(1, |entry| entry.articles.max(1)) as f32;
        ((seen + SMALL) / articles.sqrt()).ln()
    }

    /// How often an article answers questions at all.
    pub(crate) fn article_prior(&self, recalled: &Recalled, article: u32) -> f32 {
        let seen = self.article_counts.get(&article).copied().unwrap_or_default();
        let seen = seen - recalled.out_articles.get(&article).copied().unwrap_or_default();
        (1.0 + seen.max(0.0)).ln()
    }
}

/// The grams of a question with their weights, of length 1.
fn vector(corpus: &Corpus, question: &str) -> Vec<(Gram, f32)> {
    let mut own: Vec<Gram> = Vec::new();
    grams(question, |gram| own.push(gram));
    own.sort_unstable();
    own.dedup();
    let mut weighed: Vec<(Gram, f32)> = own
        .into_iter()
        .map(|gram| (gram, corpus.body.rarity(gram) * if is_single(gram) { SINGLE } else { 1.0 }))
        .collect();
    let length = weighed.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    for (_, weight) in &mut weighed {
        *weight /= length;
    }
    weighed
}
