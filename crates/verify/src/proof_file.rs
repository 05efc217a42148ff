//! A proof that an entry stands in a log, as one text (c2sp.org/tlog-proof).

use crate::hash::Hash;
use crate::note::Note;
use crate::text::{base64, decimal, unbase64, unbase64_32};

const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// An inclusion proof with its checkpoint. The extra data of ours is the salt of the entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProofFile {
    /// The salt.
    pub salt: [u8; 32],
    /// Number of the entry, from 0.
    pub index: u64,
    /// Sibling hashes from the leaf up.
    pub path: Vec<Hash>,
    /// The signed checkpoint.
    pub checkpoint: Note,
}

impl ProofFile {
    /// Reads a proof; anything that [`ProofFile::text`] would not write is refused.
    pub fn parse(text: &str) -> Option<ProofFile> {
        let (head, note) = text.split_once("\n\n")?;
        let mut lines = head.split('\n');
        (lines.next()? == HEADER).then_some(())?;
        let salt = unbase64(lines.next()?.strip_prefix("extra ")?)?.try_into().ok()?;
        let index = decimal(lines.next()?.strip_prefix("index ")?)?;
        let path = lines.map(unbase64_32).collect::<Option<Vec<Hash>>>()?;
        let proof = ProofFile { salt, index, path, checkpoint: Note::parse(note.as_bytes())? };
        (proof.path.len() <= 63 && proof.text() == text).then_some(proof)
    }

    /// The proof as it is written.
    pub fn text(&self) -> String {
        let path: String = self.path.iter().map(|hash| format!("{}\n", base64(hash))).collect();
        let note = String::from_utf8_lossy(&self.checkpoint.bytes()).into_owned();
        format!("{HEADER}\nextra {}\nindex {}\n{path}\n{note}", base64(&self.salt), self.index)
    }
}
