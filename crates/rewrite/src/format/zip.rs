//! zip: members in the order of the directory, with their names (also in GBK), times, attributes and comments.

use super::{Hands, Place, Rewriter};
use crate::content::{Content, ReadSeek, Spooling};
use crate::error::RewriteError;
use std::io::{self, BufReader, Read, SeekFrom, Write};

/// Zip archives.
pub(super) struct Zip;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
/// Bytes of a directory held in memory.
const DIRECTORY_BYTES_MAX: u64 = 256 << 20;
/// Bytes that may come out for each byte in, once more than [`FREE_BYTES`] came out of a member.
const RATIO_MAX: u64 = 200;
const FREE_BYTES: u64 = 64 << 20;
/// Bits of the flags that stay: level of packing, names in UTF-8.
const FLAGS_KEPT: u16 = 0x0806;

impl Rewriter for Zip {
    fn formats(&self) -> &'static [&'static str] {
        &["zip"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let damaged = |detail: &str| RewriteError::unreadable(place.name, detail);
        let mut input = content.open().map_err(|error| RewriteError::read(place.name, error))?;
        let (directory, entries, comment) = directory(&mut *input)
            .map_err(|error| RewriteError::read(place.name, error))?
            .ok_or_else(|| damaged("the archive has no sound directory, or is of the big form"))?;
        let mut written = 0_u64;
        let mut central = Vec::new();
        let mut count = 0_u16;
        let mut at = 0;
        for _ in 0..entries {
            let mut entry = Entry::parse(directory.get(at..).unwrap_or_default())
                .ok_or_else(|| damaged("the directory of the archive is damaged"))?;
            at += entry.size;
            let name = entry.text_name();
            if entry.flags & 0x2041 != 0 {
                return Err(RewriteError::unreadable(
                    &format!("{}!{name}", place.name),
                    "the member is encrypted",
                ));
            }
            let is_link = entry.attributes >> 16 & 0o170_000 == 0o120_000;
            let is_folder = entry.name.ends_with(b"/") || entry.name.ends_with(b"\\");
            let member = unpacked(&mut *input, &entry, &name, place)?;
            let member = match is_link || (is_folder && entry.plain_bytes == 0) {
                true => Some(member),
                false => hands.member(&name, member)?,
            };
            let Some(member) = member else { continue };
            let packed = packed(&member, &mut entry, place)?;
            let header_at =
                u32::try_from(written).map_err(|_| damaged("the copy would be of the big form"))?;
            let local = entry.local();
            out.write_all(&local).map_err(RewriteError::sink)?;
            let mut bytes = packed.open().map_err(|error| RewriteError::read(place.name, error))?;
            io::copy(&mut bytes, &mut *out).map_err(RewriteError::sink)?;
            written += local.len() as u64 + u64::from(entry.packed_bytes);
            entry.push_central(header_at, &mut central);
            count += 1;
        }
        let start = u32::try_from(written).map_err(|_| damaged("the copy would be of the big form"))?;
        let mut end = END.to_vec();
        end.extend_from_slice(&[0; 4]);
        end.extend_from_slice(&count.to_le_bytes());
        end.extend_from_slice(&count.to_le_bytes());
        end.extend_from_slice(&(central.len() as u32).to_le_bytes());
        end.extend_from_slice(&start.to_le_bytes());
        end.extend_from_slice(&(comment.len() as u16).to_le_bytes());
        end.extend_from_slice(&comment);
        out.write_all(&central).and_then(|()| out.write_all(&end)).map_err(RewriteError::sink)
    }
}

/// The bytes of the central directory, the number of its entries, and the comment of the archive.
type Directory = (Vec<u8>, u16, Vec<u8>);

/// The directory of an archive; nothing when it has none.
fn directory(input: &mut dyn ReadSeek) -> io::Result<Option<Directory>> {
    let size = input.seek(SeekFrom::End(0))?;
    let tail_at = size.saturating_sub(22 + 0xffff);
    input.seek(SeekFrom::Start(tail_at))?;
    let mut tail = Vec::new();
    input.read_to_end(&mut tail)?;
    let Some(end) = memchr::memmem::rfind(&tail, END) else { return Ok(None) };
    let record = tail.get(end..).unwrap_or_default();
    let (Some(entries), Some(bytes), Some(start), Some(comment)) =
        (u16_at(record, 10), u32_at(record, 12), u32_at(record, 16), u16_at(record, 20))
    else {
        return Ok(None);
    };
    let sound = entries != 0xffff
        && start != 0xffff_ffff
        && u64::from(bytes) <= DIRECTORY_BYTES_MAX
        && u64::from(start) + u64::from(bytes) == tail_at + end as u64;
    let Some(comment) = record.get(22..22 + usize::from(comment)).filter(|_| sound) else { return Ok(None) };
    input.seek(SeekFrom::Start(u64::from(start)))?;
    let mut directory = vec![0; bytes as usize];
    input.read_exact(&mut directory)?;
    Ok(Some((directory, entries, comment.to_vec())))
}

/// What the directory says of a member.
struct Entry {
    made_by: u16,
    needs: u16,
    flags: u16,
    method: u16,
    /// Time and date, as they are.
    time: [u8; 4],
    crc: u32,
    packed_bytes: u32,
    plain_bytes: u32,
    internal: u16,
    attributes: u32,
    header_at: u32,
    name: Vec<u8>,
    extra: Vec<u8>,
    comment: Vec<u8>,
    /// Bytes of the entry in the directory.
    size: usize,
}

impl Entry {
    fn parse(bytes: &[u8]) -> Option<Entry> {
        if !bytes.starts_with(CENTRAL) {
            return None;
        }
        let (name, extra, comment) = (u16_at(bytes, 28)?, u16_at(bytes, 30)?, u16_at(bytes, 32)?);
        let name_end = 46 + usize::from(name);
        let extra_end = name_end + usize::from(extra);
        let end = extra_end + usize::from(comment);
        Some(Entry {
            made_by: u16_at(bytes, 4)?,
            needs: u16_at(bytes, 6)?,
            flags: u16_at(bytes, 8)?,
            method: u16_at(bytes, 10)?,
            time: bytes.get(12..16)?.try_into().ok()?,
            crc: u32_at(bytes, 16)?,
            packed_bytes: u32_at(bytes, 20)?,
            plain_bytes: u32_at(bytes, 24)?,
            internal: u16_at(bytes, 36)?,
            attributes: u32_at(bytes, 38)?,
            header_at: u32_at(bytes, 42)?,
            name: bytes.get(46..name_end)?.to_vec(),
            extra: kept_extra(bytes.get(name_end..extra_end)?),
            comment: bytes.get(extra_end..end)?.to_vec(),
            size: end,
        })
    }

    fn text_name(&self) -> String {
        text_of_name(&self.name, self.flags & 0x800 != 0)
    }

    /// The header before the member's bytes.
    fn local(&self) -> Vec<u8> {
        let mut header = LOCAL.to_vec();
        self.push_shared(&mut header);
        header.extend_from_slice(&(self.name.len() as u16).to_le_bytes());
        header.extend_from_slice(&(self.extra.len() as u16).to_le_bytes());
        header.extend_from_slice(&self.name);
        header.extend_from_slice(&self.extra);
        header
    }

    fn push_shared(&self, out: &mut Vec<u8>) {
        for field in [self.needs, self.flags & FLAGS_KEPT, self.method] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&self.time);
        for field in [self.crc, self.packed_bytes, self.plain_bytes] {
            out.extend_from_slice(&field.to_le_bytes());
        }
    }

    fn push_central(&self, header_at: u32, out: &mut Vec<u8>) {
        out.extend_from_slice(CENTRAL);
        out.extend_from_slice(&self.made_by.to_le_bytes());
        self.push_shared(out);
        for length in [self.name.len(), self.extra.len(), self.comment.len(), 0] {
            out.extend_from_slice(&(length as u16).to_le_bytes());
        }
        out.extend_from_slice(&self.internal.to_le_bytes());
        out.extend_from_slice(&self.attributes.to_le_bytes());
        out.extend_from_slice(&header_at.to_le_bytes());
        out.extend_from_slice(&self.name);
        out.extend_from_slice(&self.extra);
        out.extend_from_slice(&self.comment);
    }
}

/// Extra fields that stay true: not those of sizes, nor owners' ids that differ between the two headers.
fn kept_extra(mut extra: &[u8]) -> Vec<u8> {
    let mut kept = Vec::new();
    while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
        let end = 4 + usize::from(length);
        // The name in UTF-8, which goes with a name in GBK.
        if id == 0x7075 {
            kept.extend_from_slice(extra.get(..end).unwrap_or_default());
        }
        extra = extra.get(end..).unwrap_or_default();
    }
    kept
}

/// The member's own bytes.
fn unpacked(
    input: &mut dyn ReadSeek,
    entry: &Entry,
    name: &str,
    place: &Place<'_>,
) -> Result<Content, RewriteError> {
    let full = || format!("{}!{name}", place.name);
    let read = |error| RewriteError::read(&full(), error);
    let mut header = [0; 30];
    input.seek(SeekFrom::Start(u64::from(entry.header_at))).map_err(read)?;
    input.read_exact(&mut header).map_err(read)?;
    let (Some(name_bytes), Some(extra_bytes), true) =
        (u16_at(&header, 26), u16_at(&header, 28), header.starts_with(LOCAL))
    else {
        return Err(RewriteError::unreadable(&full(), "the header of the member is damaged"));
    };
    let data = u64::from(entry.header_at) + 30 + u64::from(name_bytes) + u64::from(extra_bytes);
    input.seek(SeekFrom::Start(data)).map_err(read)?;
    let packed = input.take(u64::from(entry.packed_bytes));
    let limit = FREE_BYTES.max(u64::from(entry.packed_bytes).saturating_mul(RATIO_MAX));
    let mut held = Spooling::new(place.temp);
    let mut check = flate2::Crc::new();
    let mut reader: Box<dyn Read + '_> = match entry.method {
        0 => Box::new(packed),
        8 => Box::new(flate2::bufread::DeflateDecoder::new(BufReader::new(packed))),
        method => {
            let format = format!("zip with packing method {method}");
            return Err(RewriteError::Unsupported { place: full(), format });
        }
    };
    let mut room = vec![0; 64 << 10];
    let mut got = 0_u64;
    loop {
        let read = reader.read(&mut room);
        let n = read.map_err(|_| RewriteError::unreadable(&full(), "the packed bytes are damaged"))?;
        let Some(bytes) = room.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
        got += n as u64;
        if got > limit {
            return Err(RewriteError::unreadable(&full(), "far more bytes come out than go in"));
        }
        check.update(bytes);
        held.write_all(bytes).map_err(RewriteError::sink)?;
    }
    if check.sum() != entry.crc || got != u64::from(entry.plain_bytes) {
        return Err(RewriteError::unreadable(&full(), "the bytes are not those that the directory states"));
    }
    held.finish().map_err(RewriteError::sink)
}

/// Packs a member as it was packed; sizes and check sum go into the entry.
fn packed(member: &Content, entry: &mut Entry, place: &Place<'_>) -> Result<Content, RewriteError> {
    let read = |error| RewriteError::read(place.name, error);
    let big = || RewriteError::unreadable(place.name, "a member of the copy would be of the big form");
    let mut check = flate2::Crc::new();
    let mut reader = member.open().map_err(read)?;
    let mut room = vec![0; 64 << 10];
    let packer = |held| flate2::write::DeflateEncoder::new(held, flate2::Compression::default());
    let mut packer = (entry.method == 8).then(|| packer(Spooling::new(place.temp)));
    loop {
        let n = reader.read(&mut room).map_err(read)?;
        let Some(bytes) = room.get(..n).filter(|bytes| !bytes.is_empty()) else { break };
        check.update(bytes);
        if let Some(packer) = &mut packer {
            packer.write_all(bytes).map_err(RewriteError::sink)?;
        }
    }
    let content = match packer {
        Some(packer) => {
            let held = packer.finish().map_err(RewriteError::sink)?;
            held.finish().map_err(RewriteError::sink)?
        }
        None => member.clone(),
    };
    entry.crc = check.sum();
    entry.plain_bytes = u32::try_from(member.size_bytes().map_err(read)?).map_err(|_| big())?;
    entry.packed_bytes = u32::try_from(content.size_bytes().map_err(read)?).map_err(|_| big())?;
    entry.needs = entry.needs.max(20);
    Ok(content)
}

/// The name of a member as text, by the same rule as in reading: UTF-8 when it is said or looks like it, else
/// GB18030.
pub(super) fn text_of_name(raw: &[u8], is_utf8: bool) -> String {
    let text = match std::str::from_utf8(raw) {
        Ok(text) if is_utf8 || text.is_ascii() || text.chars().any(|c| c.len_utf8() > 2) => text.to_owned(),
        _ => encoding_rs::GB18030.decode_without_bom_handling(raw).0.into_owned(),
    };
    text.trim_end_matches('\0').replace('\\', "/").replace(|c: char| c.is_control(), "\u{fffd}")
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at + 2)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?))
}
