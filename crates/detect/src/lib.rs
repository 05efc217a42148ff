//! Fragment → mentions: finds what looks like personal information, checks it, and tells what stands
//! together about one person.
//!
//! Knows the kinds, their checks, columns and cues. Must not know files, clocks, the law or how anything is
//! counted; everything it needs comes from [`Rules`] and the fragment.
//!
//! Start reading at [`Detector`]; identifiers are in `check` and `scan`, columns in `table`, text in
//! `record`, names and addresses in `value`, `read` holds what a reader of names adds, `matter`
//! what is said of people.

mod check;
mod error;
mod mask;
mod matter;
mod normal;
mod read;
mod record;
mod scan;
mod table;
mod value;

pub use check::{Tables, TablesError};
pub use error::DetectError;
pub use mask::mask;
pub use normal::normal;
pub use read::NameReader;
pub use scan::{Hit, Scanner};
pub use table::TablePlan;
pub use zhunsheng_tagger::Tagged;

use matter::{Matters, Reach};
use record::CueWords;
use std::sync::Arc;
use table::Heads;
use value::Names;
use zhunsheng_model::{Date, Findings, Kind, TableFragment, TextFragment};
use zhunsheng_rules::Rules;
use zhunsheng_tagger::Tagger;

/// Finds personal information in fragments. Made once and shared by all threads.
pub struct Detector {
    pub(crate) scanner: Scanner,
    pub(crate) tables: Arc<Tables>,
    pub(crate) heads: Heads,
    pub(crate) names: Names,
    pub(crate) cues: CueWords,
    pub(crate) matters: Matters,
    pub(crate) reader: Option<Box<dyn NameReader>>,
}

impl Detector {
    /// A detector by `rules` that also reads names and addresses with the fast tagger; a birth after
    /// `reference` is in the future.
    ///
    /// # Errors
    /// When a lexicon does not have the form that the detector reads.
    pub fn new(rules: &Rules, reference: Date) -> Result<Detector, DetectError> {
        let tagger = Tagger::embedded(rules)?;
        Ok(Detector::without_reader(rules, reference)?.with_reader(tagger))
    }

    /// A detector that finds identifiers and what cues announce, and reads nothing else: the quickest one.
    ///
    /// # Errors
    /// When a lexicon does not have the form that the detector reads.
    pub fn without_reader(rules: &Rules, reference: Date) -> Result<Detector, DetectError> {
        let tables = Arc::new(Tables::new(rules)?);
        Ok(Detector {
            scanner: Scanner::new(Arc::clone(&tables), reference),
            tables,
            heads: Heads::new(rules),
            names: Names::new(rules),
            cues: CueWords::new(rules)?,
            matters: Matters::new(rules)?,
            reader: None,
        })
    }

    /// The same detector with another reader of names; the reader it had is dropped.
    #[must_use]
    pub fn with_reader(mut self, reader: impl NameReader + 'static) -> Detector {
        self.reader = Some(Box::new(reader));
        self
    }

    /// How much of a full dwelling address `address` holds, 0 to 100; nothing when no reader can tell.
    pub fn completeness(&self, address: &str) -> Option<u8> {
        self.reader.as_ref()?.completeness(address)
    }

    /// Everything that stands in a text, as records.
    ///
    /// * Input: a text of at most 4 GiB.
    /// * Output: the mentions of one record stand together, records in the order of their first mention;
    ///   places are byte ranges in the text.
    pub fn text(&self, fragment: &TextFragment) -> Findings {
        record::read(self, fragment)
    }

    /// What the columns of a table hold, from its first fragment: title lines, head, kind and person of each
    /// column.
    pub fn plan(&self, first: &TableFragment) -> TablePlan {
        table::plan(self, first)
    }

    /// Everything that stands in rows of a table planned by [`Detector::plan`].
    ///
    /// * Output: one record for each person of a row of whom something stands there, in the order of rows.
    pub fn table(&self, fragment: &TableFragment, plan: &TablePlan) -> Findings {
        table::read(self, fragment, plan)
    }

    /// The mentions in a text, sorted and free of overlaps; byte offsets.
    pub fn spans(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        self.read_text(text, &mut hits);
        if let Some(reader) = &self.reader {
            read::add_all(reader.as_ref(), &self.names, text, &mut hits);
        }
        let mut groups = vec![record::Group::default(); hits.len()];
        self.matters.add(text, Reach::Form, &mut hits, &mut groups);
        hits
    }

    /// What `text` would say of somebody's health, belief or standing, whether or not it names anybody; byte
    /// offsets. [`Detector::text`] and [`Detector::spans`] look for it beside people only.
    pub fn matters(&self, text: &str) -> Vec<Hit> {
        self.matters.find(text)
    }

    /// Identifiers, and what cues announce.
    pub(crate) fn read_text(&self, text: &str, hits: &mut Vec<Hit>) {
        self.scanner.scan(text, hits);
        record::add_cued(self, text, hits);
    }

    /// What [`Detector::read_text`] finds, and the names and addresses that the reader finds besides; the names
    /// that nothing announces are told.
    pub(crate) fn read_prose(&self, text: &str, hits: &mut Vec<Hit>) -> read::Bare {
        self.read_text(text, hits);
        match &self.reader {
            Some(reader) => {
                let bare = read::add_personal(reader.as_ref(), &self.names, text, hits);
                // What stands between commas behind a name that was read, as behind a cued one.
                let mut found = Vec::new();
                for name in hits.iter().filter(|hit| hit.kind == Kind::Person && bare.holds(hit)) {
                    record::details(self, text, name.end as usize, &mut found);
                }
                if !found.is_empty() {
                    record::merge(hits, found);
                }
                bare
            }
            None => read::Bare::default(),
        }
    }

    pub(crate) fn is_ethnic_group(&self, word: &str) -> bool {
        self.tables.is_ethnic_group(word)
    }
}

#[cfg(test)]
mod kinds_test;
#[cfg(test)]
mod tests;
