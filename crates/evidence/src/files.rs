//! Files as the log needs them; handed in, so that a test can make any call fail.

use std::any::Any;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// Calls on files. Every one may fail, and may have been carried out in part when it does.
pub trait Files: Send + Sync {
    /// The whole file.
    ///
    /// # Errors
    /// As the operating system says.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;

    /// `length` bytes from `position`.
    ///
    /// # Errors
    /// Also when the file ends earlier.
    fn read_at(&self, path: &Path, position: u64, length: usize) -> io::Result<Vec<u8>>;

    /// Writes at `position`, making the file when there is none; gives how many bytes were written.
    ///
    /// # Errors
    /// As the operating system says.
    fn write(&self, path: &Path, position: u64, bytes: &[u8]) -> io::Result<usize>;

    /// Cuts the file to `length` bytes.
    ///
    /// # Errors
    /// As the operating system says.
    fn cut(&self, path: &Path, length: u64) -> io::Result<()>;

    /// Waits until a file or the list of a folder is on the disk.
    ///
    /// # Errors
    /// As the operating system says; what was written may then be lost.
    fn sync(&self, path: &Path) -> io::Result<()>;

    /// Waits until all of `paths` are on the disk; they are in the same file system.
    ///
    /// # Errors
    /// As [`Files::sync`].
    fn sync_all(&self, paths: &[PathBuf]) -> io::Result<()> {
        paths.iter().try_for_each(|path| self.sync(path))
    }

    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    /// As the operating system says.
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Removes a file.
    ///
    /// # Errors
    /// As the operating system says.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes a folder and those above it.
    ///
    /// # Errors
    /// As the operating system says.
    fn make_folder(&self, path: &Path) -> io::Result<()>;

    /// The names in a folder, sorted; none when there is no folder.
    ///
    /// # Errors
    /// As the operating system says.
    fn list(&self, path: &Path) -> io::Result<Vec<String>>;

    /// Holds a file for this process alone until the result is dropped; nothing when another has it.
    ///
    /// # Errors
    /// As the operating system says.
    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Any + Send>>>;
}

/// The files of the operating system.
pub struct DiskFiles;

impl Files for DiskFiles {
    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        fs::read(path)
    }

    fn read_at(&self, path: &Path, position: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(position))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    fn write(&self, path: &Path, position: u64, bytes: &[u8]) -> io::Result<usize> {
        let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        file.seek(SeekFrom::Start(position))?;
        file.write(bytes)
    }

    fn cut(&self, path: &Path, length: u64) -> io::Result<()> {
        OpenOptions::new().write(true).open(path)?.set_len(length)
    }

    /// A file is opened again for this. Linux since 4.16 keeps a write error that nobody has seen yet for
    /// the next one who opens the file, so an error between writing and this call is not lost.
    fn sync(&self, path: &Path) -> io::Result<()> {
        File::open(path)?.sync_all()
    }

    fn sync_all(&self, paths: &[PathBuf]) -> io::Result<()> {
        // Past a few files one call for the whole file system is cheaper than one each.
        #[cfg(target_os = "linux")]
        if let [first, _, _, _, _, _, _, _, ..] = paths {
            return Ok(rustix::fs::syncfs(File::open(first)?)?);
        }
        paths.iter().try_for_each(|path| self.sync(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> io::Result<()> {
        fs::remove_file(path)
    }

    fn make_folder(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    fn list(&self, path: &Path) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(path) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
        let mut names: Vec<String> = names.collect::<io::Result<_>>()?;
        names.sort_unstable();
        Ok(names)
    }

    fn lock(&self, path: &Path) -> io::Result<Option<Box<dyn Any + Send>>> {
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Box::new(file))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }
}

/// Writes all of `bytes` at `position`, however many calls it takes.
pub(crate) fn write_all(files: &dyn Files, path: &Path, position: u64, bytes: &[u8]) -> io::Result<()> {
    let mut done = 0;
    if bytes.is_empty() {
        // The file must be there even when nothing goes into it.
        return files.write(path, position, bytes).map(|_| ());
    }
    while let Some(rest) = bytes.get(done..).filter(|rest| !rest.is_empty()) {
        match files.write(path, position + done as u64, rest) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(count) => done += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Puts a whole new file in the place of `path`, so that a crash leaves the old or the new, never a mixture.
pub(crate) fn replace(files: &dyn Files, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    if let Ok(left_over) = files.read(&new)
        && left_over.len() > bytes.len()
    {
        files.cut(&new, 0)?;
    }
    write_all(files, &new, 0, bytes)?;
    files.sync(&new)?;
    files.rename(&new, path)?;
    files.sync(path.parent().unwrap_or(Path::new(".")))
}
