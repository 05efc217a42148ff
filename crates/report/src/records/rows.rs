//! The records of one row group, column by column, as the scanning threads fill them.

use std::collections::HashMap;
use std::fmt::{self, Write};
use zhunsheng_model::{Kind, KindSet, Reason, State};

/// Whether a record counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum RecordState {
    /// At least one mention is valid.
    Valid,
    /// Every identifier is untrue, a test value or a placeholder.
    Invalid,
    /// Masked mentions only.
    Masked,
}

impl RecordState {
    /// Every state, in order.
    pub const ALL: &'static [RecordState] = &[RecordState::Valid, RecordState::Invalid, RecordState::Masked];

    /// The word used in the file.
    pub const fn as_str(self) -> &'static str {
        match self {
            RecordState::Valid => "valid",
            RecordState::Invalid => "invalid",
            RecordState::Masked => "masked",
        }
    }
}

/// Records in the order in which they stand, with their mentions; reusable.
///
/// Holds no raw value: a mention is its kind, its state, a keyed hash and a masked form.
#[derive(Default)]
pub struct RecordRows {
    pub(super) files: Vec<String>,
    file_index: HashMap<String, u32>,
    pub(super) file: Vec<u32>,
    /// Length-prefixed texts of the records that have one.
    pub(super) place: Vec<u8>,
    pub(super) place_known: Vec<u8>,
    pub(super) row: Vec<i64>,
    pub(super) role: Vec<u8>,
    pub(super) state: Vec<u8>,
    pub(super) kinds: Vec<KindSet>,
    /// Number of mentions up to and including the record.
    pub(super) mentions_end: Vec<u32>,
    pub(super) mention_kind: Vec<u8>,
    pub(super) mention_state: Vec<u8>,
    /// 16 bytes for each mention whose hash is known, in order.
    pub(super) hashes: Vec<u8>,
    /// 1 no hash, 2 hash: the definition level of the column.
    pub(super) hash_level: Vec<u8>,
    /// Length-prefixed masked forms.
    pub(super) masked: Vec<u8>,
}

/// Records after which a row group is full.
const RECORDS_MAX: usize = 131_072;
/// Mentions after which a row group is full.
const MENTIONS_MAX: usize = 1 << 20;
/// Bytes of text after which a row group is full.
const TEXT_BYTES_MAX: usize = 16 << 20;

impl RecordRows {
    /// No record yet.
    pub fn new() -> RecordRows {
        RecordRows::default()
    }

    /// Number of records.
    pub fn len(&self) -> usize {
        self.file.len()
    }

    /// Whether no record is held.
    pub fn is_empty(&self) -> bool {
        self.file.is_empty()
    }

    /// Number of mentions.
    pub fn mentions(&self) -> usize {
        self.mention_kind.len()
    }

    /// Whether the rows should be encoded before more are added.
    ///
    /// A row group of about 131,072 records reads well in every tool; each group adds about 1.5 KB to the
    /// footer, so that a group for each small file would be wasteful.
    pub fn is_full(&self) -> bool {
        self.len() >= RECORDS_MAX
            || self.mentions() >= MENTIONS_MAX
            || self.masked.len() + self.place.len() >= TEXT_BYTES_MAX
    }

    /// Removes every record and keeps the memory.
    pub fn clear(&mut self) {
        self.files.clear();
        self.file_index.clear();
        self.file.clear();
        self.place.clear();
        self.place_known.clear();
        self.row.clear();
        self.role.clear();
        self.state.clear();
        self.kinds.clear();
        self.mentions_end.clear();
        self.mention_kind.clear();
        self.mention_state.clear();
        self.hashes.clear();
        self.hash_level.clear();
        self.masked.clear();
    }

    /// Begins a record.
    ///
    /// * `file`: as in every output.
    /// * `place`: the way from the file to the record, such as `row 12` or `sheet 员工花名册 row 3`
    ///   (`format_args!("row {row}")` needs no allocation); nothing written means no place.
    /// * `row`: row, line, message or party from 1.
    /// * `role`: whose information it is within the row, from 0.
    pub fn push_record(
        &mut self,
        file: &str,
        place: impl fmt::Display,
        row: u64,
        role: u8,
        state: RecordState,
    ) {
        let index = self.index_of(file);
        self.file.push(index);
        let known = push_text(&mut self.place, place);
        self.place_known.push(u8::from(known));
        self.row.push(i64::try_from(row).unwrap_or(i64::MAX));
        self.role.push(role);
        self.state.push(state as u8);
        self.kinds.push(KindSet::EMPTY);
        self.mentions_end.push(self.mention_kind.len() as u32);
    }

    /// Adds the records of `other` behind these.
    pub fn extend(&mut self, other: &RecordRows) {
        let mentions = self.mention_kind.len() as u32;
        let files: Vec<u32> = other.files.iter().map(|file| self.index_of(file)).collect();
        self.file
            .extend(other.file.iter().map(|index| files.get(*index as usize).copied().unwrap_or_default()));
        self.place.extend_from_slice(&other.place);
        self.place_known.extend_from_slice(&other.place_known);
        self.row.extend_from_slice(&other.row);
        self.role.extend_from_slice(&other.role);
        self.state.extend_from_slice(&other.state);
        self.kinds.extend_from_slice(&other.kinds);
        self.mentions_end.extend(other.mentions_end.iter().map(|end| end + mentions));
        self.mention_kind.extend_from_slice(&other.mention_kind);
        self.mention_state.extend_from_slice(&other.mention_state);
        self.hashes.extend_from_slice(&other.hashes);
        self.hash_level.extend_from_slice(&other.hash_level);
        self.masked.extend_from_slice(&other.masked);
    }

    /// About how many bytes the rows hold.
    pub fn size_bytes(&self) -> usize {
        self.len() * 40 + self.mentions() * 4 + self.place.len() + self.hashes.len() + self.masked.len()
    }

    /// Changes the state of the record pushed last, for callers that know it only after its mentions.
    pub fn set_state(&mut self, state: RecordState) {
        if let Some(last) = self.state.last_mut() {
            *last = state as u8;
        }
    }

    /// Adds a mention to the record pushed last; without a record it is dropped.
    ///
    /// * `hash`: keyed hash of the normal form; only stored when `state` is valid.
    /// * `masked`: the masked form, never the raw value.
    pub fn push_mention(&mut self, kind: Kind, state: State, hash: [u8; 16], masked: &str) {
        let (Some(kinds), Some(end)) = (self.kinds.last_mut(), self.mentions_end.last_mut()) else {
            return;
        };
        *end += 1;
        self.mention_kind.push(kind as u8);
        self.mention_state.push(state_index(state));
        if state == State::Valid {
            kinds.insert(kind);
            self.hashes.extend_from_slice(&hash);
            self.hash_level.push(2);
        } else {
            self.hash_level.push(1);
        }
        self.masked.extend_from_slice(&(masked.len() as u32).to_le_bytes());
        self.masked.extend_from_slice(masked.as_bytes());
    }

    fn index_of(&mut self, file: &str) -> u32 {
        // Records of one file follow each other, so the last one is nearly always right.
        if let Some(last) = self.file.last()
            && self.files.get(*last as usize).is_some_and(|name| name == file)
        {
            return *last;
        }
        if let Some(index) = self.file_index.get(file) {
            return *index;
        }
        let index = self.files.len() as u32;
        self.files.push(file.to_owned());
        self.file_index.insert(file.to_owned(), index);
        index
    }
}

/// Position of a state in the list of [`state_words`].
fn state_index(state: State) -> u8 {
    match state {
        State::Valid => 0,
        State::Masked => 1,
        State::Placeholder => 2,
        State::Invalid(reason) => 3 + reason as u8,
    }
}

/// The words for the states of a mention: `valid`, `masked`, `placeholder`, `invalid:` and the reason.
pub(super) fn state_words() -> Vec<String> {
    let mut words = vec!["valid".to_owned(), "masked".to_owned(), "placeholder".to_owned()];
    words.extend(Reason::ALL.iter().map(|reason| format!("invalid:{}", reason.as_str())));
    words
}

/// Appends length (four bytes, little end first) and bytes, the plain encoding of Parquet; appends nothing
/// when the text is empty.
fn push_text(buffer: &mut Vec<u8>, text: impl fmt::Display) -> bool {
    let start = buffer.len();
    buffer.extend_from_slice(&[0; 4]);
    // Writing into memory cannot fail; a `Display` that gives up leaves what it has written.
    let _ = write!(Appender(buffer), "{text}");
    let length = (buffer.len() - start - 4) as u32;
    if length == 0 {
        buffer.truncate(start);
        return false;
    }
    if let Some(prefix) = buffer.get_mut(start..start + 4) {
        prefix.copy_from_slice(&length.to_le_bytes());
    }
    true
}

struct Appender<'a>(&'a mut Vec<u8>);

impl Write for Appender<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.extend_from_slice(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_their_words_agree() {
        let words = state_words();
        assert_eq!(words.get(usize::from(state_index(State::Valid))).map(String::as_str), Some("valid"));
        for reason in Reason::ALL {
            let word = words.get(usize::from(state_index(State::Invalid(*reason))));
            assert_eq!(word, Some(&format!("invalid:{}", reason.as_str())));
        }
        assert_eq!(words.len(), 3 + Reason::ALL.len());
    }

    #[test]
    fn rows_added_behind_others_are_as_if_pushed_there() {
        let push = |rows: &mut RecordRows, file: &str, row: u64| {
            rows.push_record(file, format_args!("row {row}"), row, 0, RecordState::Valid);
            rows.push_mention(Kind::Phone, State::Valid, [row as u8; 16], "138****0000");
            rows.push_mention(Kind::Person, State::Masked, [0; 16], "王*");
        };
        let (mut whole, mut first, mut second) = (RecordRows::new(), RecordRows::new(), RecordRows::new());
        for (file, row) in [("a", 1), ("b", 2)] {
            push(&mut whole, file, row);
            push(&mut first, file, row);
        }
        for (file, row) in [("b", 3), ("a", 4), ("c", 5)] {
            push(&mut whole, file, row);
            push(&mut second, file, row);
        }
        first.extend(&second);
        assert_eq!(first.files, whole.files);
        assert_eq!(first.file, whole.file);
        assert_eq!(first.mentions_end, whole.mentions_end);
        assert_eq!(first.hashes, whole.hashes);
        assert_eq!((first.place, first.masked, first.kinds), (whole.place, whole.masked, whole.kinds));
    }

    #[test]
    fn a_mention_without_a_record_is_dropped_and_an_invalid_one_has_no_hash() {
        let mut rows = RecordRows::new();
        rows.push_mention(Kind::Phone, State::Valid, [1; 16], "138****0000");
        assert_eq!(rows.mentions(), 0);
        rows.push_record("a.csv", format_args!("row {}", 1), 1, 0, RecordState::Valid);
        rows.push_mention(Kind::Phone, State::Invalid(Reason::TestValue), [1; 16], "138****0000");
        assert!(rows.hashes.is_empty());
        rows.push_mention(Kind::Phone, State::Valid, [1; 16], "138****0000");
        assert_eq!(rows.hashes.len(), 16);
    }
}
