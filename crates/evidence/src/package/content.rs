//! Contents of files: in memory, or where they lie on the disk.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::PathBuf;
use zhunsheng_verify::zip::Crc;
use zhunsheng_verify::{Algorithm, Hash};

/// What goes into a file of the package.
#[derive(Clone, Debug)]
pub enum Content {
    /// These bytes.
    Bytes(Vec<u8>),
    /// What this file holds; it must not change until the package is written.
    Path(PathBuf),
}

/// Size and hashes of a content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest {
    /// Bytes.
    pub size: u64,
    /// SHA-256.
    pub sha256: Hash,
    /// SM3.
    pub sm3: Hash,
    /// CRC-32.
    pub crc: u32,
}

impl Digest {
    /// Of bytes in memory.
    pub fn of(bytes: &[u8]) -> Digest {
        let mut crc = Crc::default();
        crc.update(bytes);
        let (sha256, sm3) = (Algorithm::Sha256.hash(&[bytes]), Algorithm::Sm3.hash(&[bytes]));
        Digest { size: bytes.len() as u64, sha256, sm3, crc: crc.finalize() }
    }

    /// Of everything that can be read, handing it on to `sink`.
    fn pass(read: &mut dyn Read, sink: &mut dyn Write) -> io::Result<Digest> {
        let (mut sha256, mut sm3) = (Algorithm::Sha256.hasher(), Algorithm::Sm3.hasher());
        let (mut crc, mut size, mut buffer) = (Crc::default(), 0, vec![0; 128 << 10]);
        loop {
            let count = match read.read(&mut buffer) {
                Ok(0) => break,
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let piece = buffer.get(..count).unwrap_or_default();
            sha256.update(piece);
            sm3.update(piece);
            crc.update(piece);
            size += count as u64;
            sink.write_all(piece)?;
        }
        Ok(Digest { size, sha256: sha256.finish(), sm3: sm3.finish(), crc: crc.finalize() })
    }
}

impl Content {
    /// Size and hashes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn digest(&self) -> io::Result<Digest> {
        match self {
            Content::Bytes(bytes) => Ok(Digest::of(bytes)),
            Content::Path(path) => Digest::pass(&mut File::open(path)?, &mut io::sink()),
        }
    }

    /// Writes the content, which must still be that of `digest`.
    pub(crate) fn copy(&self, digest: &Digest, out: &mut dyn Write) -> io::Result<()> {
        let Content::Path(path) = self else {
            let Content::Bytes(bytes) = self else { return Ok(()) };
            return out.write_all(bytes);
        };
        if Digest::pass(&mut File::open(path)?, out)? != *digest {
            return Err(io::Error::other(format!("`{}` changed while it was packed", path.display())));
        }
        Ok(())
    }
}
