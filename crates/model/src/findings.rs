//! What a detector hands over: mentions and the records they form.

use crate::{Kind, Place};
use serde::Serialize;
use std::fmt;
use std::sync::Arc;
use zeroize::Zeroize;

/// Why a mention that has the form of its kind is not valid. `as_str` is the word in every output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Reason {
    /// The check digit is wrong.
    WrongCheck,
    /// No such day in the calendar.
    ImpossibleDate,
    /// A date after the date of the scan's reference (birth in the future).
    FutureDate,
    /// No such administrative division at that time.
    UnknownPlace,
    /// A number range that was never given out.
    UnallocatedSegment,
    /// A number range that no person holds (Internet of things, emergency, service lines).
    NotPersonal,
    /// Too long or too short.
    WrongLength,
    /// The cell does not have the form that its column announces.
    WrongForm,
    /// A value known from tests, examples and standards.
    TestValue,
    /// A private, loopback or documentation address.
    ReservedAddress,
    /// The value itself could be true, but every identifier of its record is not.
    RecordUntrue,
}

impl Reason {
    /// Every reason, in order.
    pub const ALL: &'static [Reason] = &[
        Reason::WrongCheck,
        Reason::ImpossibleDate,
        Reason::FutureDate,
        Reason::UnknownPlace,
        Reason::UnallocatedSegment,
        Reason::NotPersonal,
        Reason::WrongLength,
        Reason::WrongForm,
        Reason::TestValue,
        Reason::ReservedAddress,
        Reason::RecordUntrue,
    ];

    /// The word used in files and schemas.
    pub const fn as_str(self) -> &'static str {
        match self {
            Reason::WrongCheck => "wrong_check",
            Reason::ImpossibleDate => "impossible_date",
            Reason::FutureDate => "future_date",
            Reason::UnknownPlace => "unknown_place",
            Reason::UnallocatedSegment => "unallocated_segment",
            Reason::NotPersonal => "not_personal",
            Reason::WrongLength => "wrong_length",
            Reason::WrongForm => "wrong_form",
            Reason::TestValue => "test_value",
            Reason::ReservedAddress => "reserved_address",
            Reason::RecordUntrue => "record_untrue",
        }
    }
}

/// Whether a mention counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum State {
    /// It passes every check of its kind.
    Valid,
    /// It does not.
    Invalid(Reason),
    /// Part of it is covered (138****5678, 张某).
    Masked,
    /// It stands for "nothing" (无, N/A, -).
    Placeholder,
}

/// A byte range in [`Findings::arena`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

/// Where a mention stands inside its fragment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Locus {
    /// Data row from 1 (title and header lines not counted) in a table; 0 in a text.
    pub row: u64,
    /// Column from 1 in a table; 0 in a text.
    pub column: u32,
    /// Byte range in the fragment's text, or within the cell when only part of the cell is the mention.
    pub start: u32,
    /// One past the last byte; `start == end == 0` means the whole cell.
    pub end: u32,
}

/// One place where something looks like a kind (出现).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Mention {
    /// What it looks like.
    pub kind: Kind,
    /// Whether it counts.
    pub state: State,
    /// How sure the detector is, 0–100.
    pub confidence: u8,
    /// The value as it stands.
    pub raw: Span,
    /// The value in the form in which equal values are equal (15-digit identity numbers turned into 18,
    /// no blanks, upper or lower case as the kind asks). Empty unless valid.
    pub normal: Span,
    /// Where it stands in the fragment.
    pub locus: Locus,
}

/// What stands together about one person (组): a range of mentions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RecordSpan {
    /// First mention of the record.
    pub mentions_start: u32,
    /// One past the last.
    pub mentions_end: u32,
    /// The index of the mention that is the person's own name, plus one; 0 when none is.
    pub name: u32,
    /// Data row from 1, or number of the line, message or party in a text (from 1).
    pub ordinal: u64,
    /// Whose information it is within a row that holds several people: 0 the first, 1 the second …
    pub role: u8,
}

/// Everything found in one fragment, in the order of the fragment.
///
/// Mentions of one record stand together. The arena holds raw values: this type has no `Debug`, no
/// `Serialize`, and wipes the arena when it is dropped.
#[derive(Default)]
pub struct Findings {
    /// Place of the fragment.
    pub place: Option<Arc<Place>>,
    /// Holds the values.
    pub arena: String,
    /// The mentions.
    pub mentions: Vec<Mention>,
    /// The records; every mention belongs to exactly one.
    pub records: Vec<RecordSpan>,
}

impl Findings {
    /// The text of a span.
    pub fn text(&self, span: Span) -> &str {
        self.arena.get(span.start as usize..span.end as usize).unwrap_or_default()
    }

    /// Copies `value` into the arena.
    pub fn store(&mut self, value: &str) -> Span {
        let start = self.arena.len() as u32;
        self.arena.push_str(value);
        Span { start, end: self.arena.len() as u32 }
    }

    /// The mentions of `record`.
    pub fn mentions_of(&self, record: &RecordSpan) -> &[Mention] {
        self.mentions.get(record.mentions_start as usize..record.mentions_end as usize).unwrap_or_default()
    }

    /// The mention that is the name of the person of `record`.
    pub fn name_of(&self, record: &RecordSpan) -> Option<&Mention> {
        self.mentions.get((record.name as usize).checked_sub(1)?)
    }
}

impl fmt::Debug for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Findings({} mentions in {} records)", self.mentions.len(), self.records.len())
    }
}

impl Drop for Findings {
    fn drop(&mut self) {
        self.arena.zeroize();
    }
}
