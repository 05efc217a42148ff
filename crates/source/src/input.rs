//! Bytes to read: from a file, from memory, or from a stream that can only go forward.

use crate::error::SourceError;
use crate::limits::{Level, Meter};
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use tempfile::NamedTempFile;

/// A stream up to this size is held in memory when random access is needed; a bigger one goes to a spool file.
pub const SPOOL_MEMORY_BYTES: u64 = 16 << 20;

/// SHA-256 of a top-level input over the bytes read in order so far.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) hasher: Sha256,
    pub(crate) bytes: u64,
}

enum Body<'a> {
    File { file: File, path: PathBuf },
    Bytes(Cursor<Vec<u8>>),
    Stream(Box<dyn Read + 'a>),
}

/// The bytes of one file, member or attachment.
///
/// Reading goes forward and is counted against the limits. [`Input::peek`] looks ahead without reading;
/// [`Input::into_seekable`] gives random access to the whole from its first byte, whatever was peeked.
pub struct Input<'a> {
    body: Body<'a>,
    /// Bytes taken from the body and not yet read.
    ahead: Vec<u8>,
    ahead_at: usize,
    ended: bool,
    /// The error met while looking ahead, once there was something to hand over first.
    failed: Option<io::Error>,
    size: Option<u64>,
    tally: Option<Rc<RefCell<Tally>>>,
    meter: Option<Rc<Meter>>,
    level: Option<Rc<Level>>,
}

impl<'a> Input<'a> {
    fn new(body: Body<'a>, size: Option<u64>) -> Input<'a> {
        Input {
            body,
            ahead: Vec::new(),
            ahead_at: 0,
            ended: false,
            failed: None,
            size,
            tally: None,
            meter: None,
            level: None,
        }
    }

    /// Bytes held in memory.
    pub fn from_bytes(bytes: Vec<u8>) -> Input<'a> {
        let size = bytes.len() as u64;
        Input::new(Body::Bytes(Cursor::new(bytes)), Some(size))
    }

    /// A stream; `size` in bytes when the container states it (only a hint, never trusted).
    pub fn from_reader(reader: impl Read + 'a, size: Option<u64>) -> Input<'a> {
        Input::new(Body::Stream(Box::new(reader)), size)
    }

    /// An open file, read from its beginning; `path` is where libraries that open files themselves find it.
    ///
    /// # Errors
    /// When the size cannot be told.
    pub fn from_file(file: File, path: PathBuf) -> io::Result<Input<'a>> {
        let size = file.metadata()?.len();
        Ok(Input::new(Body::File { file, path }, Some(size)))
    }

    /// Moves the input out of a borrow, leaving an empty one.
    pub(crate) fn take_whole(&mut self) -> Input<'a> {
        std::mem::replace(self, Input::from_bytes(Vec::new()))
    }

    pub(crate) fn tally(&mut self, tally: Rc<RefCell<Tally>>) {
        self.tally = Some(tally);
    }

    pub(crate) fn watch(&mut self, meter: Rc<Meter>, level: Option<Rc<Level>>) {
        // Only a size that no archive header could have made up.
        if !matches!(self.body, Body::Stream(_)) {
            meter.set_size(self.size.unwrap_or(0));
        }
        self.meter = Some(meter);
        self.level = level;
    }

    /// Size in bytes as far as known; for a stream what the container states.
    pub fn size_hint(&self) -> Option<u64> {
        self.size
    }

    /// Looks at the first `n` bytes not yet read, or fewer at the end. Call before reading.
    ///
    /// # Errors
    /// When reading fails or a limit is reached.
    pub fn peek(&mut self, n: usize) -> io::Result<&[u8]> {
        // What lies in memory needs no second copy; nothing is ever put ahead of it.
        let in_memory = matches!(self.body, Body::Bytes(_));
        while !in_memory && self.ahead.len() - self.ahead_at < n && !self.ended {
            let held = self.ahead.len();
            let want = (n - (held - self.ahead_at)).max(8 << 10);
            self.ahead.resize(held + want, 0);
            let got = match self.ahead.get_mut(held..) {
                Some(room) => fetch(&mut self.body, self.tally.as_deref(), room),
                None => Ok(0),
            };
            self.ahead.truncate(held + *got.as_ref().unwrap_or(&0));
            match got {
                Ok(0) => self.ended = true,
                Ok(_) => {}
                // What comes before the damage is read first; the error comes behind it.
                Err(error) if self.ahead.len() > self.ahead_at => {
                    self.ended = true;
                    self.failed = Some(error);
                }
                Err(error) => return Err(error),
            }
        }
        let ahead = match &self.body {
            Body::Bytes(cursor) => cursor.get_ref().get(cursor.position() as usize..),
            _ => self.ahead.get(self.ahead_at..),
        };
        let ahead = ahead.unwrap_or_default();
        Ok(ahead.get(..n.min(ahead.len())).unwrap_or_default())
    }

    /// The whole content, at most `max_bytes`.
    ///
    /// # Errors
    /// When reading fails, and [`SourceError::Limit`] when there is more.
    pub fn into_bytes(mut self, max_bytes: u64) -> Result<Vec<u8>, SourceError> {
        let mut bytes = Vec::new();
        let got = self.by_ref().take(max_bytes.saturating_add(1)).read_to_end(&mut bytes)?;
        if got as u64 > max_bytes {
            return Err(SourceError::Limit(format!("more than {max_bytes} bytes in one piece")));
        }
        Ok(bytes)
    }

    /// Random access to the whole: the file itself, memory up to [`SPOOL_MEMORY_BYTES`], else a spool file in
    /// `temp_dir` (removed when dropped). Position 0 is the first byte. Call before reading.
    ///
    /// # Errors
    /// When reading or spooling fails or a limit is reached.
    pub fn into_seekable(mut self, temp_dir: &Path) -> Result<Seekable, SourceError> {
        match self.body {
            // What was peeked is read again; the digest is completed at the end by the caller.
            Body::File { mut file, path } => {
                file.seek(SeekFrom::Start(0))?;
                if let (Some(level), Some(size)) = (&self.level, self.size) {
                    level.take(size)?;
                }
                Ok(Seekable { kind: Kind::File { file, path }, size_bytes: self.size.unwrap_or(0) })
            }
            Body::Bytes(mut cursor) => {
                let size = cursor.get_ref().len() as u64;
                if let Some(level) = &self.level {
                    level.take(size)?;
                }
                cursor.set_position(0);
                Ok(Seekable { kind: Kind::Bytes(cursor), size_bytes: size })
            }
            Body::Stream(_) => {
                let mut bytes = Vec::new();
                self.by_ref().take(SPOOL_MEMORY_BYTES).read_to_end(&mut bytes)?;
                if (bytes.len() as u64) < SPOOL_MEMORY_BYTES {
                    let size_bytes = bytes.len() as u64;
                    if let Some(meter) = &self.meter {
                        meter.set_size(size_bytes);
                    }
                    return Ok(Seekable { kind: Kind::Bytes(Cursor::new(bytes)), size_bytes });
                }
                let mut spool = new_spool(temp_dir)?;
                spool.write_all(&bytes)?;
                let mut size_bytes = bytes.len() as u64;
                bytes.resize(1 << 20, 0);
                bytes.truncate(1 << 20);
                loop {
                    let got = self.read(&mut bytes)?;
                    if got == 0 {
                        break;
                    }
                    spool.write_all(bytes.get(..got).unwrap_or_default())?;
                    size_bytes += got as u64;
                }
                spool.as_file_mut().flush()?;
                spool.as_file_mut().seek(SeekFrom::Start(0))?;
                if let Some(meter) = &self.meter {
                    meter.set_size(size_bytes);
                }
                Ok(Seekable { kind: Kind::Spool(spool), size_bytes })
            }
        }
    }
}

fn new_spool(temp_dir: &Path) -> io::Result<NamedTempFile> {
    tempfile::Builder::new().prefix("zhunsheng-spool-").tempfile_in(temp_dir)
}

/// Takes the next bytes from the body and notes them in the digest: each byte passes here exactly once.
fn fetch(body: &mut Body<'_>, tally: Option<&RefCell<Tally>>, room: &mut [u8]) -> io::Result<usize> {
    let got = read_some(body, room)?;
    if let Some(tally) = tally {
        let mut tally = tally.borrow_mut();
        tally.hasher.update(room.get(..got).unwrap_or_default());
        tally.bytes += got as u64;
    }
    Ok(got)
}

fn read_some(body: &mut Body<'_>, room: &mut [u8]) -> io::Result<usize> {
    loop {
        let got = match body {
            Body::File { file, .. } => file.read(room),
            Body::Bytes(cursor) => cursor.read(room),
            Body::Stream(reader) => reader.read(room),
        };
        match got {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A broken reader may claim more than there is room for.
            got => return got.map(|n| n.min(room.len())),
        }
    }
}

impl Read for Input<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let ahead = self.ahead.get(self.ahead_at..).unwrap_or_default();
        let got = if ahead.is_empty() {
            if let Some(error) = self.failed.take().filter(|_| !room.is_empty()) {
                return Err(error);
            }
            if self.ended { 0 } else { fetch(&mut self.body, self.tally.as_deref(), room)? }
        } else {
            let n = ahead.len().min(room.len());
            if let (Some(to), Some(from)) = (room.get_mut(..n), ahead.get(..n)) {
                to.copy_from_slice(from);
            }
            self.ahead_at += n;
            if self.ahead_at >= self.ahead.len() {
                self.ahead = Vec::new();
                self.ahead_at = 0;
            }
            n
        };
        if let Some(meter) = &self.meter {
            meter.add(got as u64);
        }
        if let Some(level) = &self.level {
            level.take(got as u64).map_err(io::Error::other)?;
        }
        Ok(got)
    }
}

enum Kind {
    File { file: File, path: PathBuf },
    Bytes(Cursor<Vec<u8>>),
    Spool(NamedTempFile),
}

/// Random access to the bytes of one input.
pub struct Seekable {
    kind: Kind,
    size_bytes: u64,
}

impl Seekable {
    /// Size in bytes.
    pub fn size_bytes(&self) -> u64 {
        self.size_bytes
    }

    /// The bytes, when they are in memory.
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match &self.kind {
            Kind::Bytes(cursor) => Some(cursor.get_ref()),
            _ => None,
        }
    }

    /// Where the bytes lie on disk, for libraries that open files themselves; spools to `temp_dir` when they
    /// are in memory. The file lives as long as the result.
    ///
    /// # Errors
    /// When spooling fails.
    pub fn into_local_file(self, temp_dir: &Path) -> Result<LocalFile, SourceError> {
        match self.kind {
            Kind::File { path, .. } => Ok(LocalFile { path, spool: None }),
            Kind::Spool(spool) => Ok(LocalFile { path: spool.path().to_path_buf(), spool: Some(spool) }),
            Kind::Bytes(cursor) => {
                let mut spool = new_spool(temp_dir)?;
                spool.write_all(cursor.get_ref())?;
                spool.flush()?;
                Ok(LocalFile { path: spool.path().to_path_buf(), spool: Some(spool) })
            }
        }
    }

    /// The open file (position at its beginning), when the bytes lie on disk.
    ///
    /// # Errors
    /// The input itself when the bytes are in memory, or when the handle cannot be doubled.
    pub fn into_std(mut self) -> Result<OpenFile, Seekable> {
        if self.seek(SeekFrom::Start(0)).is_err() {
            return Err(self);
        }
        match self.kind {
            Kind::File { file, .. } => Ok(OpenFile { file, _spool: None }),
            Kind::Spool(spool) => match spool.as_file().try_clone() {
                Ok(file) => Ok(OpenFile { file, _spool: Some(spool) }),
                Err(_) => Err(Seekable { kind: Kind::Spool(spool), size_bytes: self.size_bytes }),
            },
            kind => Err(Seekable { kind, size_bytes: self.size_bytes }),
        }
    }
}

/// A file on disk that lives as long as this value.
pub struct LocalFile {
    path: PathBuf,
    spool: Option<NamedTempFile>,
}

impl LocalFile {
    /// Where it lies.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Whether it is a copy made for this reading (else it is the user's own file: never write to it).
    pub fn is_spool(&self) -> bool {
        self.spool.is_some()
    }
}

/// An open file; a spool file is removed when this is dropped.
pub struct OpenFile {
    /// The handle.
    pub file: File,
    _spool: Option<NamedTempFile>,
}

impl Read for Seekable {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::File { file, .. } => file.read(room),
            Kind::Bytes(cursor) => cursor.read(room),
            Kind::Spool(spool) => spool.read(room),
        }
    }
}

impl Seek for Seekable {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        match &mut self.kind {
            Kind::File { file, .. } => file.seek(to),
            Kind::Bytes(cursor) => cursor.seek(to),
            Kind::Spool(spool) => spool.seek(to),
        }
    }
}
