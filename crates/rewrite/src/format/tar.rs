//! tar: members in order, with their names, times, owners and modes; only sizes and check sums change.

use super::{Hands, Place, Rewriter};
use crate::content::{Content, Spooling};
use crate::error::RewriteError;
use std::io::{self, Read, Write};

/// Tape archives.
pub(super) struct Tar;

const BLOCK: usize = 512;
/// Bytes of a long name or an extended header.
const EXTENDED_BYTES_MAX: u64 = 1 << 20;

impl Rewriter for Tar {
    fn formats(&self) -> &'static [&'static str] {
        &["tar"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let read = |error| RewriteError::read(place.name, error);
        let damaged = |detail: &str| RewriteError::unreadable(place.name, detail);
        let mut input = content.open().map_err(read)?;
        let mut block = [0; BLOCK];
        // Headers that belong to the next member, as they are, and the name they give.
        let mut ahead: Vec<u8> = Vec::new();
        let mut long_name: Option<Vec<u8>> = None;
        loop {
            match input.read_exact(&mut block) {
                Ok(()) => {}
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
                Err(error) => return Err(read(error)),
            }
            if block.iter().all(|byte| *byte == 0) {
                break;
            }
            let size = number(block.get(124..136).unwrap_or_default())
                .ok_or_else(|| damaged("a member has no size"))?;
            if !is_sound(&block) {
                return Err(damaged("a header of the archive is damaged"));
            }
            let kind = block.get(156).copied().unwrap_or_default();
            let body = if matches!(kind, b'1'..=b'6') { 0 } else { size };
            if matches!(kind, b'L' | b'K' | b'x' | b'g') {
                if body > EXTENDED_BYTES_MAX {
                    return Err(damaged("a name in the archive is longer than any real name"));
                }
                let mut text = Vec::new();
                (&mut input).take(padded(body)).read_to_end(&mut text).map_err(read)?;
                ahead.extend_from_slice(&block);
                ahead.extend_from_slice(&text);
                text.truncate(body as usize);
                match kind {
                    b'L' => long_name = Some(text),
                    b'x' => {
                        if memchr::memmem::find(&text, b" size=").is_some()
                            || memchr::memmem::find(&text, b"GNU.sparse").is_some()
                        {
                            return Err(damaged(
                                "members of more than 8 GiB or with holes cannot be written again",
                            ));
                        }
                        if let Some(at) = memchr::memmem::find(&text, b" path=") {
                            let rest = text.get(at + 6..).unwrap_or_default();
                            long_name = rest.split(|byte| *byte == b'\n').next().map(<[u8]>::to_vec);
                        }
                    }
                    _ => {}
                }
                continue;
            }
            let name = long_name.take().unwrap_or_else(|| name_of(&block));
            let header = std::mem::take(&mut ahead);
            if !matches!(kind, 0 | b'0' | b'7') {
                if body > 0 {
                    return Err(damaged("a member of a special kind cannot be written again"));
                }
                out.write_all(&header).and_then(|()| out.write_all(&block)).map_err(RewriteError::sink)?;
                continue;
            }
            let mut held = Spooling::new(place.temp);
            let got = io::copy(&mut (&mut input).take(size), &mut held).map_err(read)?;
            let rest = padded(size) - size;
            let skipped = io::copy(&mut (&mut input).take(rest), &mut io::sink()).map_err(read)?;
            if got != size || skipped != rest {
                return Err(damaged("the archive ends within a member"));
            }
            let member = held.finish().map_err(RewriteError::sink)?;
            let text = super::zip::text_of_name(&name, false);
            let Some(member) = hands.member(&text, member)? else { continue };
            let size = member.size_bytes().map_err(read)?;
            set_size(&mut block, size).ok_or_else(|| damaged("a member is too big"))?;
            out.write_all(&header).and_then(|()| out.write_all(&block)).map_err(RewriteError::sink)?;
            let mut bytes = member.open().map_err(read)?;
            io::copy(&mut bytes, &mut *out).map_err(RewriteError::sink)?;
            let rest = (padded(size) - size) as usize;
            out.write_all([0; BLOCK].get(..rest).unwrap_or_default()).map_err(RewriteError::sink)?;
        }
        out.write_all(&[0; 2 * BLOCK]).map_err(RewriteError::sink)
    }
}

fn padded(size: u64) -> u64 {
    size.div_ceil(BLOCK as u64).saturating_mul(BLOCK as u64)
}

fn until_zero(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

fn name_of(block: &[u8]) -> Vec<u8> {
    let mut name = Vec::new();
    if block.get(257..263) == Some(b"ustar\0") {
        let prefix = until_zero(block.get(345..500).unwrap_or_default());
        if !prefix.is_empty() {
            name.extend_from_slice(prefix);
            name.push(b'/');
        }
    }
    name.extend_from_slice(until_zero(block.get(..100).unwrap_or_default()));
    name
}

/// Octal digits; other forms (base 256) are for members of more than 8 GiB.
fn number(field: &[u8]) -> Option<u64> {
    let digits = until_zero(field).trim_ascii();
    digits.iter().try_fold(0u64, |sum, byte| {
        (b'0'..=b'7').contains(byte).then(|| sum.checked_mul(8)?.checked_add(u64::from(byte - b'0')))?
    })
}

fn sum_of(block: &[u8]) -> u64 {
    let byte =
        |(index, byte): (usize, &u8)| u64::from(if (148..156).contains(&index) { b' ' } else { *byte });
    block.iter().enumerate().map(byte).sum()
}

fn is_sound(block: &[u8]) -> bool {
    block.get(148..156).and_then(number) == Some(sum_of(block))
}

fn set_size(block: &mut [u8; BLOCK], size: u64) -> Option<()> {
    let digits = format!("{size:011o}\0");
    (digits.len() == 12).then_some(())?;
    block.get_mut(124..136)?.copy_from_slice(digits.as_bytes());
    let sum = format!("{:06o}\0 ", sum_of(block));
    block.get_mut(148..156)?.copy_from_slice(sum.as_bytes());
    Some(())
}
