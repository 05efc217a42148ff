//! Destroys salt and content of an entry, so that nobody can tell any more what it was.

use super::{Entry, Log, store};
use crate::custody;
use crate::error::{EvidenceError, Result, at};

impl Log {
    /// Overwrites salt and content with zeros. Every proof goes on to hold, because the tree is made of
    /// commitments, and without the salt a commitment says nothing about the content.
    ///
    /// The mark comes first and is on the disk before anything is overwritten, so that a crash in between is
    /// finished by the next [`Log::open`] and never looks like damage. The length of the content stays known.
    /// What the disk itself keeps of overwritten blocks is beyond a file: use a disk that is encrypted.
    ///
    /// # Errors
    /// [`EvidenceError::NoEntry`], [`EvidenceError::Order`] for an entry that orders a destruction, or when the file cannot be written.
    pub fn shred(&mut self, index: u64) -> Result<()> {
        if self.broken {
            return Err(EvidenceError::Broken);
        }
        let slot = self.slot(index)?;
        if let Entry::Open { content, .. } = self.entry(index)?
            && custody::shredded_by(&content).is_some()
        {
            return Err(EvidenceError::Order(index));
        }
        let path = store::segment_path(&self.folder, index);
        if !slot.shredded {
            self.write(&path, slot.position + 8, &[store::SHREDDED])?;
            self.sync(&path)?;
            if let Some(slot) = usize::try_from(index).ok().and_then(|index| self.slots.get_mut(index)) {
                slot.shredded = true;
            }
        }
        self.write(&path, slot.position + store::HEADER_BYTES, &vec![0; 32 + slot.length as usize])?;
        self.sync(&path)
    }

    /// Goes on where a crash stopped [`Log::shred`].
    pub(super) fn finish_shredding(&mut self) -> Result<()> {
        let shredded = (0u64..).zip(&self.slots).filter(|(_, slot)| slot.shredded);
        let indexes: Vec<u64> = shredded.map(|(index, _)| index).collect();
        for index in indexes {
            let path = store::segment_path(&self.folder, index);
            let slot = self.slot(index)?;
            let length = 32 + slot.length as usize;
            let body = at(&path, self.files.read_at(&path, slot.position + store::HEADER_BYTES, length))?;
            if body.iter().any(|byte| *byte != 0) {
                self.shred(index)?;
            }
        }
        Ok(())
    }
}
