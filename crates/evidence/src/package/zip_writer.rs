//! Writes a canonical zip, as `zhunsheng_verify::zip` defines it.

use super::content::{Content, Digest};
use std::collections::BTreeMap;
use std::io::{self, Write};
use zhunsheng_verify::zip::{Member, directory, local_header};

/// Writes `files` as one zip. Their check sums and sizes were worked out before; a file that has changed
/// since is an error.
pub(crate) fn write_zip(files: &BTreeMap<String, (Content, Digest)>, out: &mut dyn Write) -> io::Result<()> {
    let (mut members, mut offset) = (Vec::new(), 0u64);
    for (name, (content, digest)) in files {
        let member = Member { name: name.clone(), crc: digest.crc, size: digest.size, offset };
        let header = local_header(&member);
        out.write_all(&header)?;
        content.copy(digest, out)?;
        offset += header.len() as u64 + digest.size;
        members.push(member);
    }
    out.write_all(&directory(&members, offset))
}

/// A small zip in memory, from names and contents.
pub(crate) fn zip_of(files: &[(&str, &str)]) -> Vec<u8> {
    let files: BTreeMap<String, (Content, Digest)> = files
        .iter()
        .map(|(name, text)| {
            let digest = Digest::of(text.as_bytes());
            ((*name).to_owned(), (Content::Bytes(text.as_bytes().to_vec()), digest))
        })
        .collect();
    let mut bytes = Vec::new();
    // Writing to memory does not fail, and the contents are those just hashed.
    let _ = write_zip(&files, &mut bytes);
    bytes
}
