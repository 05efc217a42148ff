//! Names and bytes of archive members.

use crate::error::SourceError;
use std::io::{self, Read};

/// The name of a member as text: UTF-8 when it is, else GB18030 (what Chinese Windows writes without saying
/// so). Backslashes become slashes; the name is only a name and is never used as a path.
pub(super) fn name(raw: &[u8]) -> String {
    match std::str::from_utf8(raw) {
        Ok(text) if is_plausible(text) => clean(text),
        _ => clean(&encoding_rs::GB18030.decode_without_bom_handling(raw).0),
    }
}

/// The name of a member that the archive states to be in UTF-8.
pub(super) fn utf8_name(raw: &[u8]) -> String {
    std::str::from_utf8(raw).map_or_else(|_| name(raw), clean)
}

/// Whether a name that happens to be UTF-8 was meant to be: 通讯录 in GBK is three two-byte letters of UTF-8
/// (a combining mark, a Cyrillic letter and a fraction), which no name mixes. Letters of one script are meant.
fn is_plausible(text: &str) -> bool {
    let script = |c: char| match c as u32 {
        0xc0..=0x24f => Some(1),
        0x370..=0x3ff => Some(2),
        0x400..=0x4ff => Some(3),
        _ => None,
    };
    let mut pairs = text.chars().filter(|c| c.len_utf8() == 2).map(script).peekable();
    let first = pairs.peek().copied();
    text.chars().any(|c| c.len_utf8() > 2) || pairs.all(|script| script.is_some() && Some(script) == first)
}

fn clean(text: &str) -> String {
    text.trim_end_matches('\0').replace('\\', "/").replace(|c: char| c.is_control(), "\u{fffd}")
}

/// Passes bytes through and fails when they end before `size`, so that a member cut short is not read as whole.
pub(super) struct Exact<R> {
    reader: R,
    left: u64,
}

impl<R: Read> Exact<R> {
    /// A reader of exactly `size` bytes of `reader`.
    pub(super) fn new(reader: R, size: u64) -> Exact<R> {
        Exact { reader, left: size }
    }
}

impl<R: Read> Read for Exact<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let most = usize::try_from(self.left).unwrap_or(usize::MAX).min(room.len());
        let Some(room) = room.get_mut(..most).filter(|room| !room.is_empty()) else { return Ok(0) };
        let got = self.reader.read(room)?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left = self.left.saturating_sub(got as u64);
        Ok(got)
    }
}

/// Fills `room` as far as bytes come; the number of bytes read.
pub(super) fn fill<R: Read + ?Sized>(reader: &mut R, room: &mut [u8]) -> io::Result<usize> {
    let mut held = 0;
    while let Some(rest) = room.get_mut(held..).filter(|rest| !rest.is_empty()) {
        match reader.read(rest) {
            Ok(0) => break,
            Ok(got) => held += got,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(held)
}

/// What a decoder's error means: a limit, an early end, or broken content.
pub(super) fn decoder_error(error: io::Error, what: &str) -> SourceError {
    match SourceError::from(error) {
        SourceError::Malformed(_) => SourceError::malformed(format!("{what} is damaged")),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_in_utf8_and_gbk() {
        assert_eq!(name("通讯录.txt".as_bytes()), "通讯录.txt");
        assert_eq!(name(&[0xcd, 0xa8, 0xd1, 0xb6, 0xc2, 0xbc]), "通讯录");
        assert_eq!(name("résumé.pdf".as_bytes()), "résumé.pdf");
        assert_eq!(utf8_name(&[0xcd, 0xa8]), "\u{368}");
        assert_eq!(name(b"..\\a\nb"), "../a\u{fffd}b");
    }

    #[test]
    fn a_member_cut_short_is_an_early_end() {
        let mut text = Vec::new();
        let error = Exact::new(&b"abc"[..], 4).read_to_end(&mut text).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(Exact::new(&b"abcd"[..], 3).read_to_end(&mut Vec::new()).unwrap(), 3);
    }
}
