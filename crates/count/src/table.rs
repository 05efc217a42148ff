//! What the counter hands over: the inventory, and a row for every record.

use zhunsheng_model::Inventory;

/// The result of a count.
#[derive(Debug)]
pub struct Outcome {
    /// The numbers.
    pub inventory: Inventory,
    /// What became of each record.
    pub table: RecordTable,
}

/// For every record by its ordinal (from 0, in the order of the input): person, repeat and tier.
///
/// Takes nine bytes a record.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct RecordTable {
    pub(crate) persons: Vec<u32>,
    pub(crate) repeats: Vec<u32>,
    pub(crate) tiers: Vec<u8>,
}

impl RecordTable {
    /// Number of records.
    pub fn len(&self) -> u64 {
        self.persons.len() as u64
    }

    /// Whether there is no record.
    pub fn is_empty(&self) -> bool {
        self.persons.is_empty()
    }

    /// Number of the person, from 1 in the order of first records; 0 when no strong key ties the record to one.
    pub fn person(&self, ordinal: u64) -> u32 {
        at(&self.persons, ordinal)
    }

    /// Ordinal plus one of the record that says all that this one says; 0 when it is no repeat.
    pub fn repeat_of(&self, ordinal: u64) -> u32 {
        at(&self.repeats, ordinal)
    }

    /// Item 3, 4 or 5 of 法释〔2017〕10号 art. 5 ¶1 by the stricter reading; 0 when it does not count.
    pub fn tier(&self, ordinal: u64) -> u8 {
        at(&self.tiers, ordinal)
    }
}

fn at<T: Copy + Default>(column: &[T], ordinal: u64) -> T {
    usize::try_from(ordinal).ok().and_then(|ordinal| column.get(ordinal)).copied().unwrap_or_default()
}
