//! The zip of an office document: parts that do not change keep their packed bytes, the others are packed anew.

use crate::error::RewriteError;
use std::io::{Read, Write};
use std::ops::Range;

/// Parts of a package; more is no office document.
const PARTS_MAX: usize = 50_000;
/// Bytes that one part may unpack to.
const PART_BYTES_MAX: u64 = 1 << 30;

struct Member {
    name: Vec<u8>,
    flags: u16,
    method: u16,
    /// Time and date as the directory has them.
    moment: [u8; 4],
    crc: u32,
    size: u64,
    data: Range<usize>,
    state: State,
}

enum State {
    Kept,
    New(Vec<u8>),
    Dropped,
}

/// An office document in memory.
pub(super) struct Package {
    bytes: Vec<u8>,
    members: Vec<Member>,
}

impl Package {
    /// Finds the parts. Bytes that no entry of the directory points at are not taken over.
    ///
    /// # Errors
    /// When the package is damaged, or of a form that office programs do not write (locked, 64-bit, two parts of
    /// one name).
    pub(super) fn open(bytes: Vec<u8>, place: &str) -> Result<Package, RewriteError> {
        let members =
            directory(&bytes).ok_or_else(|| RewriteError::unreadable(place, "the package is damaged"))?;
        let mut names: Vec<&[u8]> = members.iter().map(|member| member.name.as_slice()).collect();
        names.sort_unstable();
        if names.windows(2).any(|pair| pair.first() == pair.last()) {
            return Err(RewriteError::unreadable(place, "two parts of the package have one name"));
        }
        if members.iter().any(|member| member.flags & 0x41 != 0) {
            return Err(RewriteError::unreadable(place, "parts of the package are encrypted"));
        }
        if members.iter().any(|member| !matches!(member.method, 0 | 8)) {
            return Err(RewriteError::unreadable(
                place,
                "a part is packed in a way that packages do not allow",
            ));
        }
        Ok(Package { bytes, members })
    }

    /// A package of new parts.
    #[cfg(test)]
    pub(super) fn of(parts: &[(&str, &[u8])]) -> Package {
        let member = |(name, bytes): &(&str, &[u8])| Member {
            name: name.as_bytes().to_vec(),
            flags: 0,
            method: 8,
            moment: [0, 0, 0x21, 0x5b],
            crc: 0,
            size: 0,
            data: 0..0,
            state: State::New(bytes.to_vec()),
        };
        Package { bytes: Vec::new(), members: parts.iter().map(member).collect() }
    }

    /// The packed bytes of a part.
    #[cfg(test)]
    pub(super) fn packed(&self, name: &str) -> &[u8] {
        let member = self.members.iter().find(|member| member.name == name.as_bytes()).expect("it is there");
        &self.bytes[member.data.clone()]
    }

    /// Names of the parts that are there, with their numbers.
    pub(super) fn names(&self) -> Vec<(usize, String)> {
        let there = |member: &&Member| !matches!(member.state, State::Dropped);
        self.members
            .iter()
            .enumerate()
            .filter(|(_, member)| there(member))
            .map(|(index, member)| (index, String::from_utf8_lossy(&member.name).into_owned()))
            .collect()
    }

    /// The number of a part.
    pub(super) fn find(&self, name: &str) -> Option<usize> {
        self.members
            .iter()
            .position(|member| member.name == name.as_bytes() && !matches!(member.state, State::Dropped))
    }

    /// The unpacked bytes of a part.
    ///
    /// # Errors
    /// When they are damaged.
    pub(super) fn read(&self, index: usize, place: &str) -> Result<Vec<u8>, RewriteError> {
        let broken = || RewriteError::unreadable(place, "a part of the document is damaged");
        let member = self.members.get(index).ok_or_else(broken)?;
        if let State::New(bytes) = &member.state {
            return Ok(bytes.clone());
        }
        let packed = self.bytes.get(member.data.clone()).ok_or_else(broken)?;
        let mut bytes = Vec::new();
        if member.method == 0 {
            bytes.extend_from_slice(packed);
        } else {
            let limit = PART_BYTES_MAX.min(member.size.saturating_add(1));
            let mut decoder = flate2::bufread::DeflateDecoder::new(packed).take(limit);
            decoder.read_to_end(&mut bytes).map_err(|_| broken())?;
        }
        let mut crc = flate2::Crc::new();
        crc.update(&bytes);
        if bytes.len() as u64 != member.size || crc.sum() != member.crc {
            return Err(broken());
        }
        Ok(bytes)
    }

    /// A part as text.
    ///
    /// # Errors
    /// When it is damaged or not UTF-8.
    pub(super) fn text(&self, index: usize, place: &str) -> Result<String, RewriteError> {
        String::from_utf8(self.read(index, place)?)
            .map_err(|_| RewriteError::unreadable(place, "a part of the document is not UTF-8"))
    }

    /// New content for a part.
    pub(super) fn put(&mut self, index: usize, bytes: Vec<u8>) {
        if let Some(member) = self.members.get_mut(index) {
            member.state = State::New(bytes);
        }
    }

    /// Leaves a part out.
    pub(super) fn remove(&mut self, index: usize) {
        if let Some(member) = self.members.get_mut(index) {
            member.state = State::Dropped;
        }
    }

    /// Writes the package.
    ///
    /// # Errors
    /// When writing fails or the package grows beyond what its form can hold.
    pub(super) fn write(&self, out: &mut dyn Write) -> Result<(), RewriteError> {
        let too_big = || RewriteError::sink(std::io::Error::other("the package grows beyond 4 GiB"));
        let (mut at, mut central, mut count) = (0u64, Vec::new(), 0u16);
        for member in &self.members {
            let packed;
            let (method, crc, size, data): (u16, u32, u64, &[u8]) = match &member.state {
                State::Dropped => continue,
                State::Kept => {
                    let data = self.bytes.get(member.data.clone()).unwrap_or_default();
                    (member.method, member.crc, member.size, data)
                }
                State::New(bytes) => {
                    let mut crc = flate2::Crc::new();
                    crc.update(bytes);
                    let mut encoder =
                        flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::default());
                    encoder.write_all(bytes).map_err(RewriteError::sink)?;
                    packed = encoder.finish().map_err(RewriteError::sink)?;
                    (8, crc.sum(), bytes.len() as u64, &packed)
                }
            };
            let sizes = (u32::try_from(data.len()), u32::try_from(size), u32::try_from(at));
            let (Ok(data_bytes), Ok(size), Ok(offset)) = sizes else { return Err(too_big()) };
            let name_bytes = u16::try_from(member.name.len()).map_err(|_| too_big())?;
            let version = 20u16.to_le_bytes();
            let mut common = Vec::with_capacity(26);
            // Sizes stand before the data, never behind it.
            common.extend((member.flags & !8).to_le_bytes());
            common.extend(method.to_le_bytes());
            common.extend(member.moment);
            common.extend(crc.to_le_bytes());
            common.extend(data_bytes.to_le_bytes());
            common.extend(size.to_le_bytes());
            common.extend(name_bytes.to_le_bytes());
            common.extend(0u16.to_le_bytes());
            let local = [b"PK\x03\x04", &version[..], &common, &member.name].concat();
            out.write_all(&local).and_then(|()| out.write_all(data)).map_err(RewriteError::sink)?;
            at += (local.len() + data.len()) as u64;
            central.extend(b"PK\x01\x02");
            central.extend(version);
            central.extend(version);
            central.extend(&common);
            // Comment, disk, attributes: none.
            central.extend([0; 10]);
            central.extend(offset.to_le_bytes());
            central.extend(&member.name);
            count = count.checked_add(1).ok_or_else(too_big)?;
        }
        let (Ok(length), Ok(start)) = (u32::try_from(central.len()), u32::try_from(at)) else {
            return Err(too_big());
        };
        central.extend(b"PK\x05\x06\0\0\0\0");
        central.extend(count.to_le_bytes());
        central.extend(count.to_le_bytes());
        central.extend(length.to_le_bytes());
        central.extend(start.to_le_bytes());
        central.extend(0u16.to_le_bytes());
        out.write_all(&central).map_err(RewriteError::sink)
    }
}

/// The members that the directory at the end names.
fn directory(bytes: &[u8]) -> Option<Vec<Member>> {
    let tail_start = bytes.len().saturating_sub(22 + 0xffff);
    let end = tail_start + memchr::memmem::rfind(bytes.get(tail_start..)?, b"PK\x05\x06")?;
    let entries = usize::from(u16_at(bytes, end + 10)?);
    let mut at = u32_at(bytes, end + 16)? as usize;
    if entries > PARTS_MAX || entries == 0xffff {
        return None;
    }
    let mut members = Vec::with_capacity(entries);
    for _ in 0..entries {
        if bytes.get(at..at + 4)? != b"PK\x01\x02" {
            return None;
        }
        let (packed, size) = (u32_at(bytes, at + 20)?, u32_at(bytes, at + 24)?);
        let header = u32_at(bytes, at + 42)?;
        if [packed, size, header].contains(&u32::MAX) {
            return None;
        }
        let lengths = (u16_at(bytes, at + 28)?, u16_at(bytes, at + 30)?, u16_at(bytes, at + 32)?);
        let name = bytes.get(at + 46..at + 46 + usize::from(lengths.0))?.to_vec();
        let header = header as usize;
        if bytes.get(header..header + 4)? != b"PK\x03\x04" {
            return None;
        }
        let start =
            header + 30 + usize::from(u16_at(bytes, header + 26)?) + usize::from(u16_at(bytes, header + 28)?);
        let data = start..start.checked_add(packed as usize)?;
        bytes.get(data.clone())?;
        members.push(Member {
            name,
            flags: u16_at(bytes, at + 8)?,
            method: u16_at(bytes, at + 10)?,
            moment: bytes.get(at + 12..at + 16)?.try_into().ok()?,
            crc: u32_at(bytes, at + 16)?,
            size: u64::from(size),
            data,
            state: State::Kept,
        });
        at += 46 + usize::from(lengths.0) + usize::from(lengths.1) + usize::from(lengths.2);
    }
    Some(members)
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
