//! Makes a log, or opens one and repairs what a crash left behind.

use super::store::{self, Slot, heads, record_at, segment_path};
use super::{Log, Published, published};
use crate::error::{EvidenceError, Result, at};
use crate::files::{Files, replace};
use crate::key::{Random, Signer};
use crate::tree::Tree;
use std::any::Any;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zhunsheng_verify::{Algorithm, Checkpoint, Note, Signed, commitment};

impl Log {
    /// Makes an empty log in `folder`; the name of the key is the name of the log.
    ///
    /// # Errors
    /// [`EvidenceError::LogExists`], or when a file cannot be written. Where a crash stopped it halfway, it
    /// can be called again.
    pub fn create(
        files: Arc<dyn Files>,
        folder: &Path,
        signer: Signer,
        algorithm: Algorithm,
        random: Random,
    ) -> Result<Log> {
        let open = folder.join(store::OPEN);
        at(&open, files.make_folder(&open))?;
        let lock = lock(&*files, folder)?;
        if is_log(&*files, folder)? {
            return Err(EvidenceError::LogExists(folder.to_owned()));
        }
        for name in files.list(&open).map_err(|error| EvidenceError::File { path: open.clone(), error })? {
            // Left from a crash while the log was being made: nothing was ever acknowledged.
            let path = open.join(name);
            at(&path, files.remove(&path))?;
        }
        let text = format!("{}\n", signer.verifier().text());
        let key = folder.join(store::KEY);
        at(&key, replace(&*files, &key, text.as_bytes()))?;
        let commitments = folder.join(store::COMMITMENTS);
        at(&commitments, replace(&*files, &commitments, &[]))?;
        let mut log = Log {
            files,
            folder: folder.to_owned(),
            signer,
            random,
            tree: Tree::new(algorithm),
            slots: Vec::new(),
            segment_bytes: 0,
            heads_bytes: 0,
            head: Note { text: String::new(), signatures: Vec::new() },
            published: u64::MAX,
            broken: false,
            _lock: lock,
        };
        log.head = log.sign_head()?;
        let frame = store::head_frame(&log.head);
        let path = folder.join(store::HEADS);
        at(&path, replace(&*log.files, &path, &frame))?;
        log.heads_bytes = frame.len() as u64;
        for path in [&open, &folder.join("private"), folder] {
            log.sync(path)?;
        }
        log.publish()?;
        Ok(log)
    }

    /// Opens a log to append to it. What was never acknowledged is cut off; what was is checked, contents
    /// included; what was not published yet is.
    ///
    /// # Errors
    /// [`EvidenceError::NoLog`], [`EvidenceError::Locked`], [`EvidenceError::Damaged`] when an acknowledged
    /// entry is missing or changed or the key is another, or when a file cannot be read or written.
    pub fn open(files: Arc<dyn Files>, folder: &Path, signer: Signer, random: Random) -> Result<Log> {
        if !is_log(&*files, folder)? {
            return Err(EvidenceError::NoLog(folder.to_owned()));
        }
        let lock = lock(&*files, folder)?;
        let damaged =
            |what: &str| EvidenceError::Damaged { folder: folder.to_owned(), what: what.to_owned() };

        let heads_path = folder.join(store::HEADS);
        let bytes = at(&heads_path, files.read(&heads_path))?;
        let mut found = heads(&bytes);
        // A crash tears at most the last head; one that can be read and is not signed is that.
        let signed = |note: &Note| matches!(note.signed_by(signer.verifier()), Signed::Right(_));
        if found.last().is_some_and(|(note, _)| !signed(note)) {
            found.pop();
        }
        let Some((head, heads_bytes)) = found.pop().filter(|(note, _)| signed(note)) else {
            return Err(damaged("no checkpoint is signed by this key"));
        };
        let checkpoint = Checkpoint::parse(&head.text)
            .filter(|checkpoint| checkpoint.origin == signer.verifier().name())
            .ok_or_else(|| damaged("the last checkpoint is of another log"))?;
        let Checkpoint { size, root, algorithm, .. } = checkpoint;
        // What is cut off is cut only when everything was found whole: damage must stay to be seen.
        let mut left_over = LeftOver::default();
        if bytes.len() as u64 > heads_bytes {
            left_over.cut.push((heads_path, heads_bytes));
        }
        let tree = read_commitments(&*files, folder, size, algorithm, &mut left_over)?;
        if tree.root(size) != Some(root) {
            return Err(damaged("the entries do not lead to the root of the last checkpoint"));
        }
        let (slots, segment_bytes) = read_segments(&*files, folder, &tree, &mut left_over)?;
        let mut log = Log {
            files,
            folder: folder.to_owned(),
            signer,
            random,
            tree,
            slots,
            segment_bytes,
            heads_bytes,
            head,
            published: u64::MAX,
            broken: false,
            _lock: lock,
        };
        log.take_up_published()?;
        left_over.remove(&*log.files)?;
        log.publish()?;
        log.finish_shredding()?;
        Ok(log)
    }

    /// Compares the published checkpoint with the log, without writing.
    fn take_up_published(&mut self) -> Result<()> {
        let path = self.folder.join("checkpoint");
        let missing = matches!(self.files.read(&path), Err(error) if error.kind() == io::ErrorKind::NotFound);
        if missing && self.size() == 0 {
            return Ok(());
        }
        let Published { note, checkpoint } = published(&*self.files, &self.folder)?;
        if checkpoint.size > self.size() {
            let what = format!("rolled back from {} to {} entries", checkpoint.size, self.size());
            return Err(self.damaged(what));
        }
        if self.checkpoint_at(checkpoint.size) != Some(checkpoint.clone())
            || !matches!(note.signed_by(self.signer.verifier()), Signed::Right(_))
        {
            return Err(self.damaged("the published checkpoint is of another log".to_owned()));
        }
        self.published = checkpoint.size;
        if checkpoint.size == self.size() {
            self.head = note;
        }
        Ok(())
    }
}

/// Whether a log was ever acknowledged in `folder`.
fn is_log(files: &dyn Files, folder: &Path) -> Result<bool> {
    let private = folder.join("private");
    Ok(at(&private, files.list(&private))?.iter().any(|name| name == "heads"))
}

fn lock(files: &dyn Files, folder: &Path) -> Result<Box<dyn Any + Send>> {
    let path = folder.join(store::LOCK);
    at(&path, files.lock(&path))?.ok_or_else(|| EvidenceError::Locked(folder.to_owned()))
}

/// What a crash left behind the last acknowledged entry.
#[derive(Default)]
struct LeftOver {
    cut: Vec<(PathBuf, u64)>,
    remove: Vec<PathBuf>,
}

impl LeftOver {
    fn remove(self, files: &dyn Files) -> Result<()> {
        for (path, length) in &self.cut {
            at(path, files.cut(path, *length))?;
            at(path, files.sync(path))?;
        }
        for path in &self.remove {
            at(path, files.remove(path))?;
        }
        match self.remove.first().and_then(|path| path.parent()) {
            Some(folder) => at(folder, files.sync(folder)),
            None => Ok(()),
        }
    }
}

/// The tree of the first `size` entries; what stands behind them was never acknowledged.
fn read_commitments(
    files: &dyn Files,
    folder: &Path,
    size: u64,
    algorithm: Algorithm,
    left_over: &mut LeftOver,
) -> Result<Tree> {
    let path = folder.join(store::COMMITMENTS);
    let bytes = at(&path, files.read(&path))?;
    if bytes.len() as u64 > size * 32 {
        left_over.cut.push((path, size * 32));
    }
    let mut tree = Tree::new(algorithm);
    let entries = bytes.as_chunks::<32>().0.iter();
    entries
        .take(usize::try_from(size).unwrap_or(usize::MAX))
        .for_each(|hash| tree.push(algorithm.leaf(hash)));
    if tree.size() != size {
        let what = format!("{} of {size} entries are left", tree.size());
        return Err(EvidenceError::Damaged { folder: folder.to_owned(), what });
    }
    Ok(tree)
}

/// Where every entry stands, and the bytes of the last segment.
fn read_segments(
    files: &dyn Files,
    folder: &Path,
    tree: &Tree,
    left_over: &mut LeftOver,
) -> Result<(Vec<Slot>, u64)> {
    let (size, algorithm) = (tree.size(), tree.algorithm());
    let mut slots = Vec::new();
    let (mut segment, mut position, mut path) = (Vec::new(), 0, segment_path(folder, 0));
    for (index, leaf) in (0u64..).zip(tree.level(0)) {
        if index.is_multiple_of(store::SEGMENT_ENTRIES) {
            if segment.len() as u64 > position {
                let what = format!("`{}` is longer than its entries", path.display());
                return Err(EvidenceError::Damaged { folder: folder.to_owned(), what });
            }
            path = segment_path(folder, index);
            (segment, position) = (at(&path, files.read(&path))?, 0);
        }
        let record = record_at(&segment, position, index).filter(|record| {
            record.slot.shredded
                || algorithm.leaf(&commitment(algorithm, record.salt, record.content)) == *leaf
        });
        let Some(record) = record else {
            let what = format!("salt or content of entry {index} is missing or changed");
            return Err(EvidenceError::Damaged { folder: folder.to_owned(), what });
        };
        position = record.end();
        slots.push(record.slot);
    }
    if segment.len() as u64 > position {
        left_over.cut.push((path, position));
    }
    // A group that was never acknowledged may have begun further segments.
    let folder = folder.join(store::OPEN);
    let kept = size.div_ceil(store::SEGMENT_ENTRIES);
    for name in at(&folder, files.list(&folder))? {
        if name.parse().is_ok_and(|number: u64| number >= kept) {
            left_over.remove.push(folder.join(name));
        }
    }
    Ok((slots, position))
}
