//! Witnesses: who signs a checkpoint says that it goes on from the last one that they saw.

use crate::error::{EvidenceError, Result, at};
use crate::files::{Files, replace};
use crate::key::Signer;
use crate::tree::Tree;
use std::path::{Path, PathBuf};
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{
    Algorithm, Checkpoint, Hash, Note, NoteSignature, Signed, VerifierKey, tile_path, verify_consistency,
};

/// A witness with its memory: one file for each log, named by the hash of the log's name.
pub struct Witness<'a> {
    /// Calls on files.
    pub files: &'a dyn Files,
    /// Where the last checkpoints are kept. Whoever can change this folder can make the witness forget.
    pub folder: &'a Path,
    /// Its key.
    pub signer: &'a Signer,
}

impl Witness<'_> {
    /// The last checkpoint that was signed for the log of that name.
    ///
    /// # Errors
    /// When the file is there and cannot be read.
    pub fn last(&self, origin: &str) -> Result<Option<Checkpoint>> {
        let path = self.path(origin);
        match self.files.read(&path) {
            Ok(bytes) => Note::parse(&bytes)
                .and_then(|note| Checkpoint::parse(&note.text))
                .filter(|checkpoint| checkpoint.origin == origin)
                .map(Some)
                .ok_or(EvidenceError::Witness("its memory of this log cannot be read")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(EvidenceError::File { path, error }),
        }
    }

    /// Signs `note` when the log signed it and `proof` shows that it goes on from the last one; the first
    /// checkpoint of a log is taken on trust. What was signed is remembered before the signature is given.
    ///
    /// # Errors
    /// [`EvidenceError::Witness`] with the reason, or when its memory cannot be read or written.
    pub fn sign(&self, note: &Note, log: &VerifierKey, proof: &[Hash], time: u64) -> Result<NoteSignature> {
        let checkpoint =
            Checkpoint::parse(&note.text).ok_or(EvidenceError::Witness("this is no checkpoint"))?;
        if checkpoint.origin != log.name() || !matches!(note.signed_by(log), Signed::Right(_)) {
            return Err(EvidenceError::Witness("the log did not sign this checkpoint"));
        }
        at(self.folder, self.files.make_folder(self.folder))?;
        if let Some(last) = self.last(&checkpoint.origin)? {
            if last.size > checkpoint.size {
                return Err(EvidenceError::Witness("the log is shorter than it was"));
            }
            let Checkpoint { size, root, algorithm, .. } = checkpoint;
            if last.algorithm != algorithm
                || !verify_consistency(algorithm, last.size, size, &last.root, &root, proof)
            {
                return Err(EvidenceError::Witness("the log does not go on from what it was"));
            }
        }
        let signature = self.signer.sign(&note.text, time)?;
        let path = self.path(&checkpoint.origin);
        at(&path, replace(self.files, &path, &note.bytes()))?;
        Ok(signature)
    }

    fn path(&self, origin: &str) -> PathBuf {
        self.folder.join(format!("{}.checkpoint", hex(&Algorithm::Sha256.hash(&[origin.as_bytes()]))))
    }
}

/// The tree of a published log, from its tiles of level 0, so that a witness can be given its proof.
/// Nothing is checked here: a wrong tile gives a wrong proof, which the witness refuses.
///
/// # Errors
/// When a tile cannot be read.
pub fn published_tree(files: &dyn Files, folder: &Path, checkpoint: &Checkpoint) -> Result<Tree> {
    let mut tree = Tree::new(checkpoint.algorithm);
    for number in 0..checkpoint.size.div_ceil(256) {
        let width = (checkpoint.size - number * 256).min(256);
        let path = folder.join(tile_path("0", number, width));
        let bytes = at(&path, files.read(&path))?;
        bytes.as_chunks::<32>().0.iter().for_each(|hash| tree.push(*hash));
    }
    Ok(tree)
}
