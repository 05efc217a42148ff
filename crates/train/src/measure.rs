//! Precision, recall and F1 of exact spans, and recall by overlap.

use crate::data::Record;
use std::collections::BTreeMap;

/// Counts of one type.
#[derive(Clone, Copy, Default)]
pub(crate) struct Counts {
    pub(crate) gold: usize,
    pub(crate) found: usize,
    pub(crate) right: usize,
    /// Gold spans that a found span of the same type touches.
    pub(crate) touched: usize,
}

impl Counts {
    pub(crate) fn precision(&self) -> f64 {
        share(self.right, self.found)
    }
    pub(crate) fn recall(&self) -> f64 {
        share(self.right, self.gold)
    }
    pub(crate) fn overlap(&self) -> f64 {
        share(self.touched, self.gold)
    }
    pub(crate) fn f1(&self) -> f64 {
        share(2 * self.right, self.gold + self.found)
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { 100.0 * part as f64 / whole as f64 }
}

/// Compares what `find` finds in each record with the record's spans.
///
/// `name` turns a type of the set or of `find` into the type that is counted, or leaves it out.
pub(crate) fn compare(
    records: &[Record],
    mut find: impl FnMut(&str) -> Vec<(usize, usize, String)>,
    gold_name: impl Fn(&str) -> Option<&'static str>,
    found_name: impl Fn(&str) -> Option<&'static str>,
) -> BTreeMap<&'static str, Counts> {
    let mut counts: BTreeMap<&'static str, Counts> = BTreeMap::new();
    for record in records {
        let found: Vec<_> =
            find(&record.text).into_iter().filter_map(|(s, e, t)| Some((s, e, found_name(&t)?))).collect();
        let gold: Vec<_> =
            record.spans.iter().filter_map(|(s, e, t)| Some((*s, *e, gold_name(t)?))).collect();
        for span in &found {
            counts.entry(span.2).or_default().found += 1;
        }
        for span in &gold {
            let entry = counts.entry(span.2).or_default();
            entry.gold += 1;
            entry.right += usize::from(found.contains(span));
            entry.touched += usize::from(found.iter().any(|f| f.2 == span.2 && f.0 < span.1 && span.0 < f.1));
        }
    }
    counts
}
