//! The append-only log.
//!
//! A folder with a public and a private part:
//!
//! | file | what |
//! |---|---|
//! | `checkpoint`, `tile/` | what is published, as c2sp.org/tlog-tiles says; an entry is 32 bytes, its commitment |
//! | `key` | the public key |
//! | `private/commitments` | the entries one after another, 32 bytes each |
//! | `private/heads` | a signed checkpoint for each group of appended entries, each after its length |
//! | `private/open/` | salt and content of the entries, apart from everything else so that they can be destroyed |
//!
//! An append is acknowledged when salt, content and commitment are on the disk and a signed checkpoint that
//! covers them is as well. What a crash leaves behind the last signed checkpoint was never acknowledged and
//! is cut off by [`Log::open`]; whatever lies before it must be whole, or the log counts as damaged.
//! The published part follows at [`Log::publish`].
//!
//! Start reading at [`Log::append`].

mod check;
mod group;
mod open;
mod publish;
mod shred;
mod store;

pub use check::check;
pub use group::GroupLog;
pub use publish::{Published, published};

use crate::error::{EvidenceError, Result, at};
use crate::files::{Files, write_all};
use crate::key::{Random, Signer};
use crate::tree::Tree;
use std::any::Any;
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use store::{Slot, record, segment_path};
use zeroize::Zeroize;
use zhunsheng_verify::{Checkpoint, Hash, Note, ProofFile, commitment};

/// A log that can be appended to. One process at a time.
pub struct Log {
    files: Arc<dyn Files>,
    folder: PathBuf,
    signer: Signer,
    random: Random,
    tree: Tree,
    slots: Vec<Slot>,
    /// Bytes of the last segment, of `commitments` and of `heads`.
    segment_bytes: u64,
    heads_bytes: u64,
    head: Note,
    /// The size that is published.
    published: u64,
    broken: bool,
    _lock: Box<dyn Any + Send>,
}

/// An entry as it is read back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Its salt and content.
    Open {
        /// 32 random bytes.
        salt: [u8; 32],
        /// What was logged.
        content: Vec<u8>,
    },
    /// Salt and content were destroyed.
    Shredded,
}

impl Log {
    /// Appends entries as one group; gives their numbers. When this returns, they are on the disk.
    ///
    /// # Errors
    /// When a file cannot be written; the entries may or may not be there after the log is opened again.
    /// Until then every further call gives [`EvidenceError::Broken`].
    pub fn append(&mut self, contents: &[&[u8]]) -> Result<Range<u64>> {
        if self.broken {
            return Err(EvidenceError::Broken);
        }
        let size = self.size();
        if contents.is_empty() {
            return Ok(size..size);
        }
        self.broken = true;
        let appended = self.append_group(contents);
        match appended {
            Ok(()) => self.broken = false,
            Err(_) => self.tree.cut(size),
        }
        appended.map(|()| size..self.size())
    }

    fn append_group(&mut self, contents: &[&[u8]]) -> Result<()> {
        let old_size = self.size();
        // Salt and content first: an entry that stands in the tree can always be opened.
        let mut segments: BTreeMap<PathBuf, (u64, Vec<u8>)> = BTreeMap::new();
        let mut commitments = Vec::with_capacity(contents.len() * 32);
        let mut slots = Vec::with_capacity(contents.len());
        let mut segment_bytes = self.segment_bytes;
        for (index, content) in (old_size..).zip(contents) {
            let length = u32::try_from(content.len()).map_err(|_| EvidenceError::NoEntry(index))?;
            let mut salt = [0; 32];
            (self.random)(&mut salt)?;
            let hash = commitment(self.tree.algorithm(), &salt, content);
            commitments.extend(hash);
            self.tree.push(self.tree.algorithm().leaf(&hash));
            if index.is_multiple_of(store::SEGMENT_ENTRIES) {
                segment_bytes = 0;
            }
            let bytes = record(index, &salt, content);
            slots.push(Slot { position: segment_bytes, length, shredded: false });
            let start = segment_bytes;
            segment_bytes += bytes.len() as u64;
            let segment = segments.entry(segment_path(&self.folder, index)).or_insert((start, Vec::new()));
            segment.1.extend(bytes);
            salt.zeroize();
        }
        for (path, (position, bytes)) in &segments {
            self.write(path, *position, bytes)?;
            self.sync(path)?;
            if *position == 0 {
                self.sync(path.parent().unwrap_or(&self.folder))?;
            }
        }
        let path = self.folder.join(store::COMMITMENTS);
        self.write(&path, old_size * 32, &commitments)?;
        self.sync(&path)?;
        // Only now the signed checkpoint: where it can be read, everything that it covers is on the disk.
        let head = self.sign_head()?;
        let bytes = store::head_frame(&head);
        let path = self.folder.join(store::HEADS);
        self.write(&path, self.heads_bytes, &bytes)?;
        self.sync(&path)?;
        self.heads_bytes += bytes.len() as u64;
        self.segment_bytes = segment_bytes;
        self.slots.extend(slots);
        self.head = head;
        Ok(())
    }

    fn sign_head(&self) -> Result<Note> {
        let text = self.checkpoint_at(self.tree.size()).ok_or(EvidenceError::Broken)?.text();
        let signature = self.signer.sign(&text, 0)?;
        Ok(Note { text, signatures: vec![signature] })
    }

    /// Number of entries.
    pub fn size(&self) -> u64 {
        self.slots.len() as u64
    }

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The name of the log and its key.
    pub fn signer(&self) -> &Signer {
        &self.signer
    }

    /// The tree, for proofs.
    pub fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The last signed checkpoint.
    pub fn head(&self) -> &Note {
        &self.head
    }

    /// The state of the log when it had `size` entries.
    pub fn checkpoint_at(&self, size: u64) -> Option<Checkpoint> {
        let root = self.tree.root(size)?;
        let origin = self.signer.verifier().name().to_owned();
        Some(Checkpoint { origin, size, root, algorithm: self.tree.algorithm() })
    }

    /// Salt and content of an entry.
    ///
    /// # Errors
    /// [`EvidenceError::NoEntry`], [`EvidenceError::Damaged`] when what is read is not what was logged, or
    /// when the file cannot be read.
    pub fn entry(&self, index: u64) -> Result<Entry> {
        let slot = self.slot(index)?;
        if slot.shredded {
            return Ok(Entry::Shredded);
        }
        let path = segment_path(&self.folder, index);
        let length = 32 + slot.length as usize;
        let body = at(&path, self.files.read_at(&path, slot.position + store::HEADER_BYTES, length))?;
        let (salt, content) = body.split_first_chunk::<32>().ok_or(EvidenceError::NoEntry(index))?;
        let hash = commitment(self.tree.algorithm(), salt, content);
        if self.leaf(index) != Some(self.tree.algorithm().leaf(&hash)) {
            return Err(self.damaged(format!("the content of entry {index} is not what was logged")));
        }
        Ok(Entry::Open { salt: *salt, content: content.to_vec() })
    }

    /// The proof that an entry stands in the log as it is now, with `checkpoint` as signed note (the head,
    /// or the head with the signatures of witnesses).
    ///
    /// # Errors
    /// When the entry is missing or shredded, or the checkpoint is not of this log.
    pub fn prove(&self, index: u64, checkpoint: &Note) -> Result<ProofFile> {
        let Entry::Open { salt, .. } = self.entry(index)? else { return Err(EvidenceError::Shredded(index)) };
        let size = Checkpoint::parse(&checkpoint.text)
            .filter(|parsed| self.checkpoint_at(parsed.size).as_ref() == Some(parsed))
            .ok_or_else(|| self.damaged("the checkpoint is of another log".to_owned()))?
            .size;
        let path = self.tree.inclusion(index, size).ok_or(EvidenceError::NoEntry(index))?;
        Ok(ProofFile { salt, index, path, checkpoint: checkpoint.clone() })
    }

    fn slot(&self, index: u64) -> Result<Slot> {
        let slot = usize::try_from(index).ok().and_then(|index| self.slots.get(index));
        slot.copied().ok_or(EvidenceError::NoEntry(index))
    }

    fn leaf(&self, index: u64) -> Option<Hash> {
        self.tree.level(0).get(usize::try_from(index).ok()?).copied()
    }

    fn write(&self, path: &Path, position: u64, bytes: &[u8]) -> Result<()> {
        at(path, write_all(&*self.files, path, position, bytes))
    }

    fn sync(&self, path: &Path) -> Result<()> {
        at(path, self.files.sync(path))
    }

    fn damaged(&self, what: String) -> EvidenceError {
        EvidenceError::Damaged { folder: self.folder.clone(), what }
    }
}
