//! Where the counter puts what does not fit in memory: one file a run, in a folder of the scan's own.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use zhunsheng_count::{RunId, SpillStore};

/// Runs as files named by their number. Positioned reads and writes: no seek, so readers do not disturb
/// each other.
#[derive(Debug)]
pub(crate) struct FileSpill {
    dir: PathBuf,
    runs: BTreeMap<RunId, (File, u64)>,
}

impl FileSpill {
    /// A store in `dir`, which is made. Runs left there by an interrupted scan are opened when `keep`, else
    /// removed.
    pub(crate) fn open(dir: &Path, keep: bool) -> io::Result<FileSpill> {
        if !keep && dir.exists() {
            fs::remove_dir_all(dir)?;
        }
        fs::create_dir_all(dir)?;
        let mut runs = BTreeMap::new();
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let Some(run) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            let file = OpenOptions::new().read(true).write(true).open(entry.path())?;
            let len = file.metadata()?.len();
            runs.insert(run, (file, len));
        }
        Ok(FileSpill { dir: dir.to_path_buf(), runs })
    }

    fn path(&self, run: RunId) -> PathBuf {
        self.dir.join(run.to_string())
    }
}

impl SpillStore for FileSpill {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()> {
        if !self.runs.contains_key(&run) {
            let mut options = OpenOptions::new();
            options.read(true).write(true).create(true).truncate(true);
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let file = options.open(self.path(run))?;
            self.runs.insert(run, (file, 0));
        }
        if let Some((file, len)) = self.runs.get_mut(&run) {
            file.write_all_at(bytes, *len)?;
            *len += bytes.len() as u64;
        }
        Ok(())
    }

    fn len(&self, run: RunId) -> u64 {
        self.runs.get(&run).map_or(0, |(_, len)| *len)
    }

    fn read(&self, run: RunId, offset: u64, buf: &mut [u8]) -> io::Result<usize> {
        match self.runs.get(&run) {
            None => Ok(0),
            Some((file, _)) => file.read_at(buf, offset),
        }
    }

    fn truncate(&mut self, run: RunId, len: u64) -> io::Result<()> {
        if let Some((file, length)) = self.runs.get_mut(&run) {
            file.set_len(len)?;
            *length = len;
        }
        Ok(())
    }

    fn remove(&mut self, run: RunId) -> io::Result<()> {
        if self.runs.remove(&run).is_some() {
            fs::remove_file(self.path(run))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_appended_read_truncated_and_found_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("spill");
        let mut store = FileSpill::open(&path, false).unwrap();
        store.append(7, b"abc").unwrap();
        store.append(7, b"def").unwrap();
        store.append(2, b"x").unwrap();
        let mut buf = [0; 4];
        assert_eq!(store.read(7, 2, &mut buf).unwrap(), 4);
        assert_eq!(&buf, b"cdef");
        store.truncate(7, 3).unwrap();
        store.append(7, b"!").unwrap();
        store.remove(2).unwrap();
        drop(store);
        let store = FileSpill::open(&path, true).unwrap();
        assert_eq!((store.len(7), store.len(2)), (4, 0));
        assert_eq!(FileSpill::open(&path, false).unwrap().len(7), 0);
    }
}
