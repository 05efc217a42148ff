//! From the words people use to the words the law uses.

use crate::error::AskError;
use crate::text::folded;
use std::collections::BTreeMap;

/// Lay words with what the law calls them.
pub struct Lexicon {
    /// Entries by the first character of their folded words, longest first.
    entries: BTreeMap<char, Vec<Lay>>,
    /// Words that only make a question of a sentence.
    fillers: BTreeMap<char, Vec<String>>,
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lay {
    /// The words as written in the table.
    pub(crate) words: String,
    folded: String,
    /// What the law calls it.
    pub(crate) terms: Vec<String>,
    /// Titles of laws in which it is treated.
    pub(crate) laws: Vec<String>,
}

impl Lexicon {
    /// Reads the table of lay terms (`words`, `terms` and `laws`, lists separated by ；) and the list of fillers.
    ///
    /// # Errors
    /// [`AskError::Line`] for a row without words or terms.
    pub fn read(lay_terms: &str, fillers: &str) -> Result<Lexicon, AskError> {
        let mut lexicon = Lexicon { entries: BTreeMap::new(), fillers: BTreeMap::new() };
        for (row, line) in (2..).zip(lay_terms.lines().skip(1)) {
            let wrong = |detail: &str| AskError::Line {
                what: "lay-terms.tsv".to_owned(),
                line: row,
                detail: detail.to_owned(),
            };
            let mut cells = line.split('\t');
            let words = cells.next().unwrap_or_default().trim();
            let list = |cell: Option<&str>| -> Vec<String> {
                let items = cell.unwrap_or_default().split('；').map(str::trim);
                items.filter(|item| !item.is_empty()).map(str::to_owned).collect()
            };
            let (terms, laws) = (list(cells.next()), list(cells.next()));
            let own = folded(words);
            let first = own.chars().next().ok_or_else(|| wrong("no words"))?;
            if terms.is_empty() && laws.is_empty() {
                return Err(wrong("neither terms nor laws"));
            }
            lexicon.entries.entry(first).or_default().push(Lay {
                words: words.to_owned(),
                folded: own,
                terms,
                laws,
            });
        }
        for filler in fillers.lines().skip(1).map(folded) {
            if let Some(first) = filler.chars().next() {
                lexicon.fillers.entry(first).or_default().push(filler);
            }
        }
        for list in lexicon.entries.values_mut() {
            list.sort_by(|a, b| b.folded.len().cmp(&a.folded.len()).then_with(|| a.folded.cmp(&b.folded)));
        }
        for list in lexicon.fillers.values_mut() {
            list.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        }
        Ok(lexicon)
    }

    /// The entries whose words stand in the question, each once, in the order they stand there; where one stands
    /// inside another, both count: 邻居的摄像头 says more than 摄像头, but not less.
    pub(crate) fn found(&self, question: &str) -> Vec<&Lay> {
        let text = folded(question);
        let mut found: Vec<&Lay> = Vec::new();
        for (at, first) in text.char_indices() {
            let rest = text.get(at..).unwrap_or_default();
            for lay in self.entries.get(&first).into_iter().flatten() {
                if rest.starts_with(lay.folded.as_str()) && !found.contains(&lay) {
                    found.push(lay);
                }
            }
        }
        found
    }

    /// For each character of the folded question, whether it belongs to words that only make it a question.
    pub(crate) fn filler_mask(&self, folded_question: &str) -> Vec<bool> {
        let chars: Vec<(usize, char)> = folded_question.char_indices().collect();
        let mut mask = vec![false; chars.len()];
        for (index, (at, first)) in chars.iter().enumerate() {
            let rest = folded_question.get(*at..).unwrap_or_default();
            let Some(list) = self.fillers.get(first) else { continue };
            if let Some(filler) = list.iter().find(|filler| rest.starts_with(filler.as_str())) {
                for flag in mask.iter_mut().skip(index).take(filler.chars().count()) {
                    *flag = true;
                }
            }
        }
        mask
    }
}
