//! Raw values of a few records, read again from the input for whoever verifies a sample.
//!
//! A package and `records.parquet` hold no raw values. So the input is scanned once more, and the values of
//! the wanted records, and of no others, are kept in memory, from where they are wiped when they go.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Mutex, PoisonError};
use zeroize::Zeroizing;
use zhunsheng_detect::mask;
use zhunsheng_model::{Findings, Kind, RecordSpan, State};

/// What tells a record from the others of the same input: where it stands, and what it shows masked.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RecordKey {
    /// The file, as in every output.
    pub file: String,
    /// The way from the file to the record, as in every output.
    pub place: String,
    /// Whose information it is within the row, from 0.
    pub role: u32,
    /// Id of the kind and masked form of each mention, in the order in which they stand.
    pub masked: Vec<(String, String)>,
}

/// The valid values of a record.
pub type RawValues = Vec<(Kind, Zeroizing<String>)>;

/// The records whose values are wanted, and the values found.
pub struct Wanted {
    places: BTreeMap<String, BTreeSet<String>>,
    found: Mutex<BTreeMap<RecordKey, Vec<RawValues>>>,
}

impl Wanted {
    /// Wants the values of these records.
    pub fn new(keys: impl IntoIterator<Item = RecordKey>) -> Wanted {
        let mut places: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut found = BTreeMap::new();
        for key in keys {
            places.entry(key.file.clone()).or_default().insert(key.place.clone());
            found.insert(key, Vec::new());
        }
        Wanted { places, found: Mutex::new(found) }
    }

    /// Takes the values of a record that stands at a wanted place and looks like a wanted one.
    pub(crate) fn offer(
        &self,
        findings: &Findings,
        record: &RecordSpan,
        file: &str,
        place: fmt::Arguments<'_>,
    ) {
        let Some(places) = self.places.get(file) else { return };
        let place = place.to_string();
        if !places.contains(&place) {
            return;
        }
        let mentions = findings.mentions_of(record);
        let masked = mentions.iter().map(|mention| {
            let mut masked = String::new();
            mask(mention.kind, findings.text(mention.raw), &mut masked);
            (mention.kind.id().to_owned(), masked)
        });
        let key = RecordKey {
            file: file.to_owned(),
            place,
            role: u32::from(record.role),
            masked: masked.collect(),
        };
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = found.get_mut(&key) else { return };
        let valid = mentions.iter().filter(|mention| mention.state == State::Valid);
        let values: RawValues = valid
            .map(|mention| (mention.kind, Zeroizing::new(findings.text(mention.raw).to_owned())))
            .collect();
        if !known.contains(&values) {
            known.push(values);
        }
    }

    /// What was found of a record: once as a rule, more often when records that look the same when masked
    /// stand at the same place, and not at all when the input is another.
    pub fn found(&self, key: &RecordKey) -> Vec<RawValues> {
        let found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        let mut values = found.get(key).cloned().unwrap_or_default();
        // Threads find them in any order.
        values.sort_by(|one, two| {
            let plain = |values: &RawValues| -> Vec<String> {
                values.iter().map(|(_, value)| value.to_string()).collect()
            };
            plain(one).cmp(&plain(two))
        });
        values
    }
}
