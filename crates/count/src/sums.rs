//! Items by every basis, grouped by what decides their tier and by the data sets that hold them.

use crate::shape::Shape;
use std::collections::BTreeMap;
use zhunsheng_model::{Kind, KindSet};

/// Data sets, one bit each.
pub(crate) type Mask = u64;

/// A person in numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PersonLook {
    /// Every kind known of the person.
    pub(crate) kinds: KindSet,
    pub(crate) under_14: bool,
    pub(crate) mask: Mask,
}

/// How many items of each look there are. Sums, so the order of adding does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sums {
    /// Records less exact repeats.
    pub(crate) seized: BTreeMap<(KindSet, Mask), u64>,
    /// Records less those that add nothing.
    pub(crate) record: BTreeMap<(KindSet, Mask), u64>,
    /// Distinct values, by kind and whether they are tied to somebody.
    pub(crate) item: BTreeMap<(Kind, bool, Mask), u64>,
    /// Persons.
    pub(crate) person: BTreeMap<PersonLook, u64>,
    /// Records found to add nothing to another of their person, exact repeats not counted.
    pub(crate) contained: u64,
}

/// Whether a name or a strong key stands among `kinds`.
pub(crate) fn is_tied(kinds: KindSet) -> bool {
    kinds.contains(Kind::Person) || kinds.iter().any(Kind::is_strong_key)
}

impl Sums {
    pub(crate) fn add(&mut self, other: Sums) {
        fn merge<K: Ord>(to: &mut BTreeMap<K, u64>, from: BTreeMap<K, u64>) {
            for (key, count) in from {
                *to.entry(key).or_default() += count;
            }
        }
        merge(&mut self.seized, other.seized);
        merge(&mut self.record, other.record);
        merge(&mut self.item, other.item);
        merge(&mut self.person, other.person);
        self.contained += other.contained;
    }

    pub(crate) fn add_seized(&mut self, shape: &Shape, mask: Mask, count: u64) {
        *self.seized.entry((shape.kinds, mask)).or_default() += count;
    }

    pub(crate) fn add_record(&mut self, shape: &Shape, mask: Mask, count: u64) {
        *self.record.entry((shape.kinds, mask)).or_default() += count;
    }

    /// The values of `count` records that stand alone.
    pub(crate) fn add_items(&mut self, shape: &Shape, mask: Mask, count: u64) {
        let tied = is_tied(shape.kinds);
        for (kind, values) in shape.values_by_kind() {
            *self.item.entry((kind, tied, mask)).or_default() += values * count;
        }
    }

    pub(crate) fn add_person(&mut self, look: PersonLook, count: u64) {
        *self.person.entry(look).or_default() += count;
    }
}
