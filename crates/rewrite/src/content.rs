//! The bytes of a file or member, wherever they lie: on disk, in memory, or in a spool file that goes when it is
//! dropped.

use crate::error::RewriteError;
use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::NamedTempFile;

/// Up to so many bytes of a member are held in memory; more go to a spool file.
const MEMORY_BYTES: usize = 16 << 20;

/// Bytes that can be read several times.
#[derive(Clone)]
pub enum Content {
    /// A file of the user; never written to.
    File(PathBuf),
    /// In memory.
    Bytes(Arc<Vec<u8>>),
    /// In a spool file.
    Spool(Arc<NamedTempFile>),
}

/// What can be read at any place.
pub trait ReadSeek: Read + Seek + Send {}
impl<T: Read + Seek + Send> ReadSeek for T {}

impl Content {
    /// Content in memory.
    pub fn of(bytes: Vec<u8>) -> Content {
        Content::Bytes(Arc::new(bytes))
    }

    /// Opens it at its first byte.
    ///
    /// # Errors
    /// Of the operating system.
    pub fn open(&self) -> io::Result<Box<dyn ReadSeek + '_>> {
        Ok(match self {
            Content::File(path) => Box::new(BufReader::with_capacity(256 << 10, File::open(path)?)),
            Content::Bytes(bytes) => Box::new(Cursor::new(bytes.as_slice())),
            Content::Spool(spool) => Box::new(BufReader::with_capacity(256 << 10, spool.reopen()?)),
        })
    }

    /// Number of bytes.
    ///
    /// # Errors
    /// Of the operating system.
    pub fn size_bytes(&self) -> io::Result<u64> {
        Ok(match self {
            Content::File(path) => std::fs::metadata(path)?.len(),
            Content::Bytes(bytes) => bytes.len() as u64,
            Content::Spool(spool) => spool.as_file().metadata()?.len(),
        })
    }

    /// All of it.
    ///
    /// # Errors
    /// [`RewriteError::TooBig`] beyond `bytes_max`, or when reading fails.
    pub fn bytes(&self, place: &str, format: &'static str, bytes_max: u64) -> Result<Vec<u8>, RewriteError> {
        let read = || -> io::Result<Option<Vec<u8>>> {
            if self.size_bytes()? > bytes_max {
                return Ok(None);
            }
            let mut bytes = Vec::new();
            self.open()?.take(bytes_max.saturating_add(1)).read_to_end(&mut bytes)?;
            Ok((bytes.len() as u64 <= bytes_max).then_some(bytes))
        };
        match read() {
            Ok(Some(bytes)) => Ok(bytes),
            Ok(None) => Err(RewriteError::TooBig { place: place.to_owned(), format, bytes_max }),
            Err(error) => Err(RewriteError::read(place, error)),
        }
    }
}

/// Takes bytes, and gives them back as [`Content`]; big ones go to a spool file in `folder`.
pub(crate) struct Spooling<'a> {
    folder: &'a Path,
    bytes: Vec<u8>,
    file: Option<NamedTempFile>,
}

impl<'a> Spooling<'a> {
    pub(crate) fn new(folder: &'a Path) -> Spooling<'a> {
        Spooling { folder, bytes: Vec::new(), file: None }
    }

    pub(crate) fn finish(mut self) -> io::Result<Content> {
        Ok(match self.file.take() {
            None => Content::of(self.bytes),
            Some(mut file) => {
                file.write_all(&self.bytes)?;
                file.flush()?;
                Content::Spool(Arc::new(file))
            }
        })
    }
}

impl Write for Spooling<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > MEMORY_BYTES {
            let file = match &mut self.file {
                Some(file) => file,
                None => {
                    let new = tempfile::Builder::new().prefix("zhunsheng-spool-").tempfile_in(self.folder)?;
                    self.file.insert(new)
                }
            };
            file.write_all(&self.bytes)?;
            self.bytes.clear();
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
