//! The published part: tiles, bundles of entries, checkpoint.

use super::{Log, store};
use crate::error::{EvidenceError, Result, at};
use crate::files::{Files, replace, write_all};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use zhunsheng_verify::{Checkpoint, Note, NoteSignature, tile_path};

/// Hashes in a full tile.
const WIDTH: u64 = 256;

/// What a log has published.
pub struct Published {
    /// The signed note, with the signatures of witnesses.
    pub note: Note,
    /// What it says.
    pub checkpoint: Checkpoint,
}

/// Reads the published checkpoint of the log in `folder`; its signature is not checked.
///
/// # Errors
/// When it is missing or cannot be read.
pub fn published(files: &dyn Files, folder: &Path) -> Result<Published> {
    let path = folder.join("checkpoint");
    let bytes = at(&path, files.read(&path))?;
    let note = Note::parse(&bytes);
    let parsed = note.and_then(|note| Some((Checkpoint::parse(&note.text)?, note)));
    let what = "the published checkpoint cannot be read".to_owned();
    let (checkpoint, note) = parsed.ok_or(EvidenceError::Damaged { folder: folder.to_owned(), what })?;
    Ok(Published { note, checkpoint })
}

impl Log {
    /// Publishes the log as it is now: tiles and bundles first, then the checkpoint.
    ///
    /// # Errors
    /// When a file cannot be written; entries acknowledged before stay so.
    pub fn publish(&mut self) -> Result<()> {
        if self.broken {
            return Err(EvidenceError::Broken);
        }
        if self.published == self.size() {
            return Ok(());
        }
        let size = self.size();
        // Whatever is not covered by the published checkpoint is written again: a crash may have torn it.
        let before = if self.published > size { 0 } else { self.published };
        let mut written = BTreeSet::from([self.folder.join("tile")]);
        let entries = self.commitments(before / WIDTH * WIDTH)?;
        let bundle = |hashes: &[[u8; 32]]| -> Vec<u8> {
            hashes.iter().flat_map(|hash| [&[0, 32][..], hash].concat()).collect()
        };
        self.write_tiles("entries", before, size, &entries, bundle, &mut written)?;
        let mut level = 0;
        while size >> (8 * level) > 0 {
            let start = (before >> (8 * level)) / WIDTH * WIDTH;
            let hashes = self.tree.level(8 * level).get(usize::try_from(start).unwrap_or(usize::MAX)..);
            let hashes = hashes.unwrap_or_default();
            let (from, to) = (before >> (8 * level), size >> (8 * level));
            self.write_tiles(&level.to_string(), from, to, hashes, <[_]>::concat, &mut written)?;
            level += 1;
        }
        let tile = self.folder.join("tile");
        at(&tile, self.files.make_folder(&tile))?;
        let written: Vec<PathBuf> = written.into_iter().collect();
        at(&self.folder, self.files.sync_all(&written))?;
        let path = self.folder.join("checkpoint");
        at(&path, replace(&*self.files, &path, &self.head.bytes()))?;
        self.published = size;
        Ok(())
    }

    /// Writes the tiles of one kind that are new since it had `from` hashes; `hashes` begin at the tile in
    /// which number `from` stands.
    fn write_tiles(
        &self,
        kind: &str,
        from: u64,
        to: u64,
        hashes: &[[u8; 32]],
        encode: impl Fn(&[[u8; 32]]) -> Vec<u8>,
        written: &mut BTreeSet<PathBuf>,
    ) -> Result<()> {
        if from == to {
            return Ok(());
        }
        for (number, tile) in (from / WIDTH..).zip(hashes.chunks(WIDTH as usize)) {
            let width = tile.len() as u64;
            let path = self.folder.join(tile_path(kind, number, width));
            let parent = path.parent().unwrap_or(&self.folder).to_owned();
            at(&parent, self.files.make_folder(&parent))?;
            let bytes = encode(tile);
            at(&path, write_all(&*self.files, &path, 0, &bytes))?;
            at(&path, self.files.cut(&path, bytes.len() as u64))?;
            // The names of new files and folders must be on the disk as well.
            written.extend(
                parent.ancestors().take_while(|folder| *folder != self.folder).map(Path::to_path_buf),
            );
            written.insert(path);
            if width == WIDTH {
                // Partial tiles are not needed once the full one is there.
                let partial = self.folder.join(tile_path(kind, number, 1));
                let partial = partial.parent().unwrap_or(&self.folder);
                for name in at(partial, self.files.list(partial))? {
                    let path = partial.join(name);
                    at(&path, self.files.remove(&path))?;
                }
            }
        }
        Ok(())
    }

    /// The entries from number `start` on.
    fn commitments(&self, start: u64) -> Result<Vec<[u8; 32]>> {
        let path = self.folder.join(store::COMMITMENTS);
        let length = usize::try_from((self.size() - start) * 32).unwrap_or(usize::MAX);
        let bytes = at(&path, self.files.read_at(&path, start * 32, length))?;
        Ok(bytes.as_chunks::<32>().0.to_vec())
    }

    /// Adds the signature of a witness to the published checkpoint.
    ///
    /// # Errors
    /// When the log has grown since it was published, or the file cannot be written.
    pub fn add_signature(&mut self, signature: NoteSignature) -> Result<()> {
        if self.broken || self.published != self.size() {
            return Err(EvidenceError::Broken);
        }
        let mut note = self.head.clone();
        // A newer signature of the same key takes the place of the older one.
        note.signatures.retain(|line| (&line.name, line.id) != (&signature.name, signature.id));
        note.signatures.push(signature);
        let path = self.folder.join("checkpoint");
        at(&path, replace(&*self.files, &path, &note.bytes()))?;
        self.head = note;
        Ok(())
    }
}
