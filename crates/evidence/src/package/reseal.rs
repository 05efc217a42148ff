//! Puts the signatures of witnesses into a package that is already written.
//!
//! A witness signs the checkpoint that the log has published, and the log has published it only once the
//! package is an entry of it. So the proof in the package is made anew from the checkpoint with the
//! signatures; nothing else changes, and `seal/` lies outside the manifests for this very reason.

use super::content::Digest;
use super::sync_folder;
use crate::error::{EvidenceError, Result, at};
use crate::files::{DiskFiles, replace};
use crate::log::{Entry, Log};
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Write};
use std::path::Path;
use zhunsheng_verify::zip::{Member, Zip, directory, local_header};
use zhunsheng_verify::{Container, ENTRY, Folder, Note, PROOF, ProofFile, read_whole};

/// Longest file of the seal.
const SEAL_BYTES_MAX: usize = 4 << 20;

/// Replaces the proof in the package at `path` (a `.zse` or a folder) by one for `checkpoint`, which the log
/// and its witnesses have signed; gives the number of the package's entry.
///
/// The old file stays until the new one is complete.
///
/// # Errors
/// [`EvidenceError::Seal`] when the package is none or is no entry of this log, or when a file cannot be
/// read or written.
pub fn reseal(log: &Log, checkpoint: &Note, path: &Path) -> Result<u64> {
    if path.is_dir() {
        let mut folder = at(path, Folder::open(path))?;
        let (index, proof) = proof(log, checkpoint, path, &mut folder)?;
        let file = path.join(PROOF);
        at(&file, replace(&DiskFiles, &file, &proof))?;
        return Ok(index);
    }
    let file = at(path, File::open(path))?;
    let mut zip = at(path, Zip::open(BufReader::new(file)))?;
    let (index, proof) = proof(log, checkpoint, path, &mut zip)?;
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    let new = path.with_file_name(name);
    let written = rewrite(&mut zip, &proof, &new).and_then(|()| fs::rename(&new, path));
    if written.is_err() {
        // Nothing half-written is left behind; the error that counts is the first one.
        let _ = fs::remove_file(&new);
    }
    at(path, written)?;
    sync_folder(path).map(|()| index)
}

/// The new proof of the package's entry, which must stand in the log as it stands in the package.
fn proof(log: &Log, checkpoint: &Note, path: &Path, container: &mut dyn Container) -> Result<(u64, Vec<u8>)> {
    let refused = |what| EvidenceError::Seal { path: path.to_owned(), what };
    let content = at(path, read_whole(container, ENTRY, SEAL_BYTES_MAX))?;
    let old = at(path, read_whole(container, PROOF, SEAL_BYTES_MAX))?;
    let old = std::str::from_utf8(&old).ok().and_then(ProofFile::parse);
    let index = old.ok_or_else(|| refused("its proof cannot be read"))?.index;
    match log.entry(index) {
        Ok(Entry::Open { content: logged, .. }) if logged == content => {}
        Ok(_) | Err(EvidenceError::NoEntry(_)) => {
            return Err(refused("its entry does not stand in this log"));
        }
        Err(error) => return Err(error),
    }
    Ok((index, log.prove(index, checkpoint)?.text().into_bytes()))
}

/// Copies the package with another proof.
fn rewrite(zip: &mut Zip<BufReader<File>>, proof: &[u8], new: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(new)?);
    let members: Vec<Member> = zip.members().cloned().collect();
    let (mut written, mut offset) = (Vec::new(), 0);
    for mut member in members {
        let replaced = member.name == PROOF;
        if replaced {
            let digest = Digest::of(proof);
            (member.crc, member.size) = (digest.crc, digest.size);
        }
        member.offset = offset;
        let header = local_header(&member);
        out.write_all(&header)?;
        if replaced {
            out.write_all(proof)?;
        } else {
            let mut copied = Ok(());
            zip.read(&member.name, &mut |piece| {
                if copied.is_ok() {
                    copied = out.write_all(piece);
                }
            })?;
            copied?;
        }
        offset += header.len() as u64 + member.size;
        written.push(member);
    }
    out.write_all(&directory(&written, offset))?;
    out.flush()?;
    out.get_ref().sync_all()
}
