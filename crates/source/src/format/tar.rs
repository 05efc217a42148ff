//! tar: the old form, ustar, GNU and pax long names.

use crate::error::SourceError;
use crate::format::member::{self, Exact, fill};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use std::io::{self, Read};
use zhunsheng_model::ProblemKind;

const BLOCK: usize = 512;
/// Bytes of a long name or an extended header; real ones have a few hundred.
const HEADER_BYTES_MAX: u64 = 1 << 20;
/// Blank blocks after the end mark that are passed over in search of a further archive.
const BLANK_BLOCKS_MAX: u32 = 4096;

/// Tape archive.
pub(super) struct Tar;

impl Format for Tar {
    fn name(&self) -> &'static str {
        "tar"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        is_tar(probe.head)
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        read_from(&mut input, cx)
    }
}

/// Whether `head` begins with a tar header: its checksum is right.
pub(super) fn is_tar(head: &[u8]) -> bool {
    head.get(..BLOCK).is_some_and(|block| Header(block).is_sound())
}

/// Reads the members of an archive from a stream.
pub(super) fn read_from(input: &mut dyn Read, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut block = [0; BLOCK];
    let mut next = Extended::default();
    let (mut blank, mut members) = (0u32, 0u64);
    loop {
        let got = fill(input, &mut block)?;
        if got == 0 {
            break;
        }
        if got < BLOCK {
            return Err(SourceError::truncated("the archive ends within a header"));
        }
        if block.iter().all(|byte| *byte == 0) {
            blank += 1;
            if blank > BLANK_BLOCKS_MAX {
                return Ok(());
            }
            continue;
        }
        let header = Header(&block);
        if !header.is_sound() {
            return Err(SourceError::malformed(if members == 0 || blank == 0 {
                "a header of the archive is damaged; what follows is not read"
            } else {
                "bytes after the end of the archive are not read"
            }));
        }
        blank = 0;
        let stated = header.size().ok_or_else(|| SourceError::malformed("a member has no valid size"))?;
        let kind = header.kind();
        if matches!(kind, b'L' | b'K' | b'x' | b'g') {
            let text = read_extended(input, stated)?;
            match kind {
                b'L' => next.name = Some(text),
                b'x' => next.read_pax(&text),
                _ => {}
            }
            continue;
        }
        let extended = std::mem::take(&mut next);
        let size = extended.size.unwrap_or(stated);
        let name = member::name(&extended.name.unwrap_or_else(|| header.name()));
        let is_file = matches!(kind, 0 | b'0' | b'7' | b'S') && !(size == 0 && name.ends_with('/'));
        // Links and folders have no bytes, whatever their header states.
        let size = if matches!(kind, b'1' | b'2' | b'5') { 0 } else { size };
        if !is_file {
            skip(input, padded(size), cx)?;
            continue;
        }
        members += 1;
        let mut left = size;
        cx.nested(
            &name,
            Input::from_reader(
                Counted { reader: Exact::new(&mut *input, size), left: &mut left },
                Some(size),
            ),
        )?;
        skip(input, padded(size).saturating_sub(size - left), cx)?;
    }
    if blank == 0 {
        cx.problem(ProblemKind::Truncated, "the archive has no end mark; members may be missing", false);
    }
    Ok(())
}

struct Header<'a>(&'a [u8]);

impl Header<'_> {
    fn field(&self, start: usize, length: usize) -> &[u8] {
        let field = self.0.get(start..start + length).unwrap_or_default();
        field.split(|byte| *byte == 0).next().unwrap_or_default()
    }

    /// Whether the checksum is that of the block, in either of the two ways in use.
    fn is_sound(&self) -> bool {
        let Some(stated) = octal(self.field(148, 8)) else { return false };
        let mut sums = (0u64, 0i64);
        for (index, byte) in self.0.iter().enumerate() {
            let byte = if (148..156).contains(&index) { b' ' } else { *byte };
            sums.0 += u64::from(byte);
            sums.1 += i64::from(byte as i8);
        }
        stated == sums.0 || i64::try_from(stated) == Ok(sums.1)
    }

    fn size(&self) -> Option<u64> {
        number(self.0.get(124..136)?)
    }

    fn kind(&self) -> u8 {
        self.0.get(156).copied().unwrap_or_default()
    }

    fn name(&self) -> Vec<u8> {
        let mut name = Vec::new();
        let is_ustar = self.0.get(257..263) == Some(b"ustar\0");
        let prefix = if is_ustar { self.field(345, 155) } else { &[] };
        if !prefix.is_empty() {
            name.extend_from_slice(prefix);
            name.push(b'/');
        }
        name.extend_from_slice(self.field(0, 100));
        name
    }
}

/// What headers before a member's own say of it.
#[derive(Default)]
struct Extended {
    name: Option<Vec<u8>>,
    size: Option<u64>,
}

impl Extended {
    /// Reads pax records: `length key=value\n`.
    fn read_pax(&mut self, mut text: &[u8]) {
        while let Some(blank) = text.iter().position(|byte| *byte == b' ') {
            let (length, _) = text.split_at(blank);
            let length = std::str::from_utf8(length).ok().and_then(|digits| digits.parse::<usize>().ok());
            let Some(record) = length.and_then(|length| text.get(blank + 1..length)) else { return };
            text = text.get(blank + 1 + record.len()..).unwrap_or_default();
            let record = record.strip_suffix(b"\n").unwrap_or(record);
            if let Some(path) = record.strip_prefix(b"path=") {
                self.name = Some(path.to_vec());
            } else if let Some(size) = record.strip_prefix(b"size=") {
                self.size = std::str::from_utf8(size).ok().and_then(|digits| digits.parse().ok());
            }
        }
    }
}

/// A number in octal digits, or in base 256 for big ones.
fn number(field: &[u8]) -> Option<u64> {
    match field.split_first()? {
        (first, rest) if first & 0x80 != 0 => {
            let start = u64::from(first & 0x7f);
            rest.iter().try_fold(start, |number, byte| number.checked_mul(256)?.checked_add(u64::from(*byte)))
        }
        _ => octal(field.split(|byte| *byte == 0).next().unwrap_or_default()),
    }
}

fn octal(digits: &[u8]) -> Option<u64> {
    let digits = digits.trim_ascii();
    digits.iter().try_fold(0u64, |number, byte| {
        (b'0'..=b'7').contains(byte).then(|| number.checked_mul(8)?.checked_add(u64::from(byte - b'0')))?
    })
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

fn read_extended(input: &mut dyn Read, size: u64) -> Result<Vec<u8>, SourceError> {
    if size > HEADER_BYTES_MAX {
        return Err(SourceError::malformed("a name in the archive is longer than any real name"));
    }
    let mut text = Vec::new();
    input.take(padded(size)).read_to_end(&mut text)?;
    if (text.len() as u64) < padded(size) {
        return Err(SourceError::truncated("the archive ends within a long name"));
    }
    text.truncate(size as usize);
    while text.last() == Some(&0) {
        text.pop();
    }
    Ok(text)
}

/// Passes over `size` bytes; they count against the limits, since a stream of nothing can be unpacked too.
fn skip(input: &mut dyn Read, size: u64, cx: &Context<'_>) -> Result<(), SourceError> {
    let mut left = size;
    let mut room = [0; 16 << 10];
    while left > 0 {
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(room.len());
        let got = fill(input, room.get_mut(..most).unwrap_or_default())?;
        if got == 0 {
            return Err(SourceError::truncated("the archive ends within a member"));
        }
        cx.level.take(got as u64)?;
        left -= got as u64;
    }
    Ok(())
}

/// Counts down what is read.
struct Counted<'a, R> {
    reader: R,
    left: &'a mut u64,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(room)?;
        *self.left = self.left.saturating_sub(got as u64);
        Ok(got)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_both_forms() {
        assert_eq!(number(b"00000000017\0"), Some(15));
        assert_eq!(number(b"\x80\0\0\0\0\0\0\0\0\0\x01\x02"), Some(258));
        assert_eq!(number(b"0000008"), None);
    }

    #[test]
    fn pax_records_give_path_and_size() {
        let mut extended = Extended::default();
        extended.read_pax("21 path=某某/a.csv\n12 size=345\n".as_bytes());
        assert_eq!(extended.name.as_deref(), Some("某某/a.csv".as_bytes()));
        assert_eq!(extended.size, Some(345));
    }
}
