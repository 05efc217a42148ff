//! What survives an interruption: two slots, written in turn, of which the newer complete one counts.

use crate::EngineError;
use serde::{Deserialize, Serialize};
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use zhunsheng_model::Problem;

/// SHA-256 and length of a file that was read to its end.
pub(crate) type Digest = Option<([u8; 32], u64)>;

/// The state of a scan between two files, beside what the counter and the records file save themselves.
#[derive(Serialize, Deserialize)]
pub(crate) struct Saved {
    pub(crate) files_done: u32,
    pub(crate) records_bytes: u64,
    pub(crate) mentions_bytes: u64,
    pub(crate) files: Vec<(String, String)>,
    pub(crate) digests: Vec<Digest>,
    pub(crate) samples: Vec<(String, String, String)>,
    pub(crate) problems: Vec<Problem>,
}

/// A state read back.
pub(crate) struct Recovered {
    pub(crate) saved: Saved,
    pub(crate) tally: Vec<u8>,
    pub(crate) records: Vec<u8>,
}

#[derive(Serialize, Deserialize)]
struct Slot {
    /// Grows with every write; the larger one is newer.
    turn: u64,
    /// What the scan was begun with.
    fingerprint: String,
    saved: Saved,
}

/// Writes states of one scan.
pub(crate) struct Journal {
    dir: PathBuf,
    fingerprint: String,
    turn: u64,
}

impl Journal {
    /// A journal in `dir`; `fingerprint` tells scans with other input or options apart.
    pub(crate) fn new(dir: &Path, fingerprint: String) -> Journal {
        let turn = slots(dir).map(|(_, slot)| slot.turn + 1).max().unwrap_or(0);
        Journal { dir: dir.to_path_buf(), fingerprint, turn }
    }

    /// Makes `saved` the state to go on from. Atomic: until it is complete, the one before counts.
    pub(crate) fn write(&mut self, saved: &Saved, tally: &[u8], records: &[u8]) -> Result<(), EngineError> {
        #[derive(Serialize)]
        struct Head<'a> {
            turn: u64,
            fingerprint: &'a str,
            saved: &'a Saved,
        }
        let head = Head { turn: self.turn, fingerprint: &self.fingerprint, saved };
        let path = self.dir.join(format!("state.{}", self.turn % 2));
        let written = serde_json::to_vec(&head).map_err(io::Error::other).and_then(|head| {
            let temporary = path.with_extension("new");
            let mut file = File::create(&temporary)?;
            for part in [&head, tally, records] {
                file.write_all(&(part.len() as u64).to_le_bytes())?;
                file.write_all(part)?;
            }
            file.sync_all()?;
            fs::rename(&temporary, &path)
        });
        written.map_err(|source| EngineError::output(&path, source))?;
        self.turn += 1;
        Ok(())
    }
}

/// The newest complete state in `dir`.
///
/// # Errors
/// [`EngineError::NothingToResume`] when there is none, [`EngineError::ResumeDiffers`] when it belongs to a
/// scan with another fingerprint.
pub(crate) fn recover(dir: &Path, out: &Path, fingerprint: &str) -> Result<Recovered, EngineError> {
    let (path, slot) = slots(dir)
        .max_by_key(|(_, slot)| slot.turn)
        .ok_or_else(|| EngineError::NothingToResume { path: out.to_path_buf() })?;
    if slot.fingerprint != fingerprint {
        return Err(EngineError::ResumeDiffers { path: out.to_path_buf(), what: "files, rules or options" });
    }
    let mut parts = parts(&path).unwrap_or_default().into_iter().skip(1);
    match (parts.next(), parts.next()) {
        (Some(tally), Some(records)) => Ok(Recovered { saved: slot.saved, tally, records }),
        _ => Err(EngineError::NothingToResume { path: out.to_path_buf() }),
    }
}

/// Whether `dir` holds a complete state.
pub(crate) fn has_state(dir: &Path) -> bool {
    slots(dir).next().is_some()
}

fn slots(dir: &Path) -> impl Iterator<Item = (PathBuf, Slot)> + use<> {
    let paths = [dir.join("state.0"), dir.join("state.1")];
    paths.into_iter().filter_map(|path| {
        let parts = parts(&path)?;
        let slot = serde_json::from_slice(parts.first()?).ok()?;
        (parts.len() == 3).then_some((path, slot))
    })
}

/// The length-prefixed parts of a slot; `None` when it is missing or cut off.
fn parts(path: &Path) -> Option<Vec<Vec<u8>>> {
    let bytes = fs::read(path).ok()?;
    let mut rest = bytes.as_slice();
    let mut parts = Vec::new();
    while !rest.is_empty() {
        let (head, tail) = rest.split_first_chunk::<8>()?;
        let (part, tail) = tail.split_at_checked(usize::try_from(u64::from_le_bytes(*head)).ok()?)?;
        parts.push(part.to_vec());
        rest = tail;
    }
    Some(parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn saved(files_done: u32) -> Saved {
        Saved {
            files_done,
            records_bytes: 4,
            mentions_bytes: 0,
            files: vec![("a.csv".to_owned(), "csv".to_owned())],
            digests: vec![Some(([7; 32], 3)), None],
            samples: Vec::new(),
            problems: Vec::new(),
        }
    }

    #[test]
    fn the_newest_complete_state_counts() {
        let dir = tempfile::tempdir().unwrap();
        let out = Path::new("out");
        let mut journal = Journal::new(dir.path(), "f".to_owned());
        assert!(matches!(recover(dir.path(), out, "f"), Err(EngineError::NothingToResume { .. })));
        for files_done in [1, 2, 3] {
            journal.write(&saved(files_done), b"tally", b"records").unwrap();
            let found = recover(dir.path(), out, "f").unwrap();
            assert_eq!(found.saved.files_done, files_done);
            assert_eq!((found.tally.as_slice(), found.records.as_slice()), (&b"tally"[..], &b"records"[..]));
        }
        // State 3 stands in slot 0; cut off, it gives way to state 2.
        let newest = dir.path().join("state.0");
        let bytes = fs::read(&newest).unwrap();
        for cut in [0, 7, bytes.len() / 2, bytes.len() - 1] {
            fs::write(&newest, &bytes[..cut]).unwrap();
            assert_eq!(recover(dir.path(), out, "f").unwrap().saved.files_done, 2, "cut at {cut}");
        }
        assert!(matches!(recover(dir.path(), out, "g"), Err(EngineError::ResumeDiffers { .. })));
        assert_eq!(Journal::new(dir.path(), "f".to_owned()).turn, 2);
    }
}
