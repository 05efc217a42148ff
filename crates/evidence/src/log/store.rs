//! How entries and heads stand in the private files.

use std::path::{Path, PathBuf};
use zhunsheng_verify::Note;

/// The entries, 32 bytes each.
pub(super) const COMMITMENTS: &str = "private/commitments";
/// The signed checkpoints.
pub(super) const HEADS: &str = "private/heads";
/// The folder of salts and contents.
pub(super) const OPEN: &str = "private/open";
/// Held while the log is open.
pub(super) const LOCK: &str = "private/lock";
/// The public key.
pub(super) const KEY: &str = "key";
/// Entries in one file of salts and contents.
pub(super) const SEGMENT_ENTRIES: u64 = 4096;
/// Bytes before the salt: number (8), state (1), length of the content (4).
pub(super) const HEADER_BYTES: u64 = 13;
/// The state of an entry that is there.
pub(super) const LIVE: u8 = 1;
/// The state of an entry whose salt and content are destroyed, or about to be.
pub(super) const SHREDDED: u8 = 0;

/// Where an entry stands in its segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot {
    /// Of its first byte.
    pub(super) position: u64,
    /// Bytes of the content.
    pub(super) length: u32,
    /// Whether it is destroyed.
    pub(super) shredded: bool,
}

/// The file that holds salt and content of an entry.
pub(super) fn segment_path(folder: &Path, index: u64) -> PathBuf {
    folder.join(format!("{OPEN}/{:012}", index / SEGMENT_ENTRIES))
}

/// An entry as it stands in its segment.
pub(super) fn record(index: u64, salt: &[u8; 32], content: &[u8]) -> Vec<u8> {
    let length = (content.len() as u32).to_be_bytes();
    [&index.to_be_bytes()[..], &[LIVE], &length, salt, content].concat()
}

/// One record of a segment, read back.
pub(super) struct Record<'a> {
    pub(super) slot: Slot,
    pub(super) salt: &'a [u8; 32],
    pub(super) content: &'a [u8],
}

/// The record at `position`, which must be that of entry `index`.
pub(super) fn record_at(segment: &[u8], position: u64, index: u64) -> Option<Record<'_>> {
    let rest = segment.get(usize::try_from(position).ok()?..)?;
    let (number, rest) = rest.split_first_chunk::<8>()?;
    let (state, rest) = rest.split_first()?;
    let (length, rest) = rest.split_first_chunk::<4>()?;
    let (salt, rest) = rest.split_first_chunk::<32>()?;
    let length = u32::from_be_bytes(*length);
    let content = rest.get(..length as usize)?;
    let shredded = match *state {
        LIVE => false,
        SHREDDED => true,
        _ => return None,
    };
    let slot = Slot { position, length, shredded };
    (u64::from_be_bytes(*number) == index).then_some(Record { slot, salt, content })
}

impl Record<'_> {
    /// Where the next record begins.
    pub(super) fn end(&self) -> u64 {
        self.slot.position + HEADER_BYTES + 32 + u64::from(self.slot.length)
    }

    /// Whether nothing of salt and content is left.
    pub(super) fn is_blank(&self) -> bool {
        self.salt.iter().chain(self.content).all(|byte| *byte == 0)
    }
}

/// A signed checkpoint as it stands in `heads`.
pub(super) fn head_frame(head: &Note) -> Vec<u8> {
    let note = head.bytes();
    [&(note.len() as u32).to_be_bytes()[..], &note].concat()
}

/// The heads in order, each with the position of its end; stops at the first that cannot be read.
pub(super) fn heads(bytes: &[u8]) -> Vec<(Note, u64)> {
    let (mut heads, mut rest, mut end) = (Vec::new(), bytes, 0u64);
    while let Some((length, behind)) = rest.split_first_chunk::<4>() {
        let length = u32::from_be_bytes(*length);
        let Some((note, behind)) = behind.split_at_checked(length as usize) else { break };
        let Some(note) = Note::parse(note) else { break };
        end += 4 + u64::from(length);
        heads.push((note, end));
        rest = behind;
    }
    heads
}
