//! What a record looks like apart from its values: few different ones exist, so each is kept once.

use std::collections::HashMap;
use zhunsheng_model::{Kind, KindSet};

/// Everything about a record that is not a value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Shape {
    /// Kinds with a valid mention; empty when the record is not valid.
    pub(crate) kinds: KindSet,
    /// Kinds with more than one distinct value: how many more. Sorted by kind.
    pub(crate) more: Vec<(u8, u32)>,
    /// Data sets it belongs to, one bit each.
    pub(crate) data_sets: u64,
    /// What is known of the age, and why a record is not valid.
    pub(crate) flags: Flags,
}

/// Small facts of a record, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Flags(pub(crate) u8);

impl Flags {
    /// A citizen number with a date stands in it.
    pub(crate) const CITIZEN_DATE: Flags = Flags(1);
    /// … and the date is that of someone under 14.
    pub(crate) const CITIZEN_UNDER_14: Flags = Flags(2);
    /// A birth date under 14.
    pub(crate) const BIRTH_UNDER_14: Flags = Flags(4);
    /// Nothing in it is valid, and what is there is masked.
    pub(crate) const MASKED: Flags = Flags(8);

    pub(crate) const fn has(self, flag: Flags) -> bool {
        self.0 & flag.0 == flag.0
    }

    pub(crate) fn set(&mut self, flag: Flags) {
        self.0 |= flag.0;
    }

    /// The flags of both.
    pub(crate) const fn union(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }

    /// Whether the person is under 14: by an identity number if there is one, else by a birth date, which
    /// may be somebody else's in the same row.
    pub(crate) const fn under_14(self) -> bool {
        if self.has(Flags::CITIZEN_DATE) {
            self.has(Flags::CITIZEN_UNDER_14)
        } else {
            self.has(Flags::BIRTH_UNDER_14)
        }
    }
}

/// The kinds that rule R1 identifies a person by.
pub(crate) fn strong_kinds() -> KindSet {
    Kind::ALL.iter().copied().filter(|kind| kind.is_strong_key()).collect()
}

impl Shape {
    /// Whether any mention counts.
    pub(crate) const fn is_valid(&self) -> bool {
        !self.kinds.is_empty()
    }

    /// Number of distinct values.
    pub(crate) fn values(&self) -> u64 {
        u64::from(self.kinds.len()) + self.more.iter().map(|(_, more)| u64::from(*more)).sum::<u64>()
    }

    /// Number of distinct values by kind.
    pub(crate) fn values_by_kind(&self) -> impl Iterator<Item = (Kind, u64)> + '_ {
        self.kinds.iter().map(|kind| {
            let more = self.more.iter().find(|(index, _)| usize::from(*index) == kind.index());
            (kind, 1 + more.map_or(0, |(_, more)| u64::from(*more)))
        })
    }
}

/// Shapes by number, in the order in which they were first seen.
#[derive(Default)]
pub(crate) struct Shapes {
    list: Vec<Shape>,
    numbers: HashMap<Shape, u32>,
}

impl Shapes {
    /// The number of `shape`.
    pub(crate) fn number(&mut self, shape: &Shape) -> u32 {
        if let Some(number) = self.numbers.get(shape) {
            return *number;
        }
        let number = self.list.len() as u32;
        self.list.push(shape.clone());
        self.numbers.insert(shape.clone(), number);
        number
    }

    /// All, by number.
    pub(crate) fn list(&self) -> &[Shape] {
        &self.list
    }

    /// The list alone.
    pub(crate) fn into_list(self) -> Vec<Shape> {
        self.list
    }
}
