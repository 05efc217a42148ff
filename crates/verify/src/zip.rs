//! Canonical zip: the one way to write given files as a zip, so that no byte of it can change unnoticed.
//!
//! Members stand in the order of their names, stored without compression, dated 1980-01-01, readable by
//! everybody, without comments or gaps; zip64 fields are used where a number does not fit, and only there.
//! The reader works out what the headers must be from names, sizes, check sums and positions, and refuses a
//! file in which a byte of a header is another. Every zip program can open such a file.

pub use crc32fast::Hasher as Crc;

use crate::container::{Container, pump};
use crate::say;
use std::collections::BTreeMap;
use std::io::{self, Read, Seek, SeekFrom};

/// Largest number that a 32-bit field may hold; one more means "see the zip64 field".
const FIELD_MAX: u64 = 0xffff_fffe;
/// Largest central directory that is read.
const DIRECTORY_BYTES_MAX: u64 = 256 << 20;

/// One member.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its name, with `/` between folders.
    pub name: String,
    /// CRC-32 of its bytes.
    pub crc: u32,
    /// Number of its bytes.
    pub size: u64,
    /// Where its local header begins.
    pub offset: u64,
}

fn field(number: u64) -> [u8; 4] {
    u32::try_from(number.min(FIELD_MAX + 1)).unwrap_or(u32::MAX).to_le_bytes()
}

/// What version, flags (UTF-8 names), method, time, date, check sum and sizes are written as.
fn common(member: &Member) -> Vec<u8> {
    let version: u16 = if member.size > FIELD_MAX || member.offset > FIELD_MAX { 45 } else { 20 };
    let mut bytes = version.to_le_bytes().to_vec();
    bytes.extend([0, 8, 0, 0, 0, 0, 0x21, 0]);
    bytes.extend(member.crc.to_le_bytes());
    bytes.extend(field(member.size));
    bytes.extend(field(member.size));
    bytes.extend((member.name.len() as u16).to_le_bytes());
    bytes
}

fn extra(numbers: &[u64]) -> Vec<u8> {
    let large: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    let header = if large.is_empty() { Vec::new() } else { vec![1, 0, large.len() as u8, 0] };
    [header, large].concat()
}

/// The bytes before the content of a member.
pub fn local_header(member: &Member) -> Vec<u8> {
    let sizes = [member.size; 2];
    let extra = extra(if member.size > FIELD_MAX { &sizes } else { &[] });
    let length = (extra.len() as u16).to_le_bytes();
    [b"PK\x03\x04", common(member).as_slice(), &length, member.name.as_bytes(), &extra].concat()
}

/// The list of members that stands behind their contents; `position` is where it begins.
pub fn directory(members: &[Member], position: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        let sizes = if member.size > FIELD_MAX { vec![member.size, member.size] } else { Vec::new() };
        let offset = if member.offset > FIELD_MAX { vec![member.offset] } else { Vec::new() };
        let extra = extra(&[sizes, offset].concat());
        bytes.extend(b"PK\x01\x02\x2d\x03");
        bytes.extend(common(member));
        bytes.extend((extra.len() as u16).to_le_bytes());
        // No comment, first disk, no internal attributes; outside: a plain file with mode 0644.
        bytes.extend([0, 0, 0, 0, 0, 0]);
        bytes.extend((0o100_644u32 << 16).to_le_bytes());
        bytes.extend(field(member.offset));
        bytes.extend(member.name.as_bytes());
        bytes.extend(extra);
    }
    let (count, size) = (members.len() as u64, bytes.len() as u64);
    if count >= 0xffff || size > FIELD_MAX || position > FIELD_MAX {
        bytes.extend(b"PK\x06\x06");
        bytes.extend(44u64.to_le_bytes());
        bytes.extend([45, 3, 45, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        [count, count, size, position].iter().for_each(|number| bytes.extend(number.to_le_bytes()));
        bytes.extend(b"PK\x06\x07\0\0\0\0");
        bytes.extend((position + size).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
    }
    let count = (count.min(0xffff) as u16).to_le_bytes();
    bytes.extend(b"PK\x05\x06\0\0\0\0");
    bytes.extend([count, count].concat());
    bytes.extend([field(size), field(position)].concat());
    bytes.extend([0, 0]);
    bytes
}

/// A canonical zip opened for reading.
pub struct Zip<R> {
    read: R,
    members: BTreeMap<String, Member>,
}

impl<R: Read + Seek> Zip<R> {
    /// Reads the list of members and checks that every header is the one and only that can stand there.
    ///
    /// # Errors
    /// When `read` fails or is no canonical zip.
    pub fn open(mut read: R) -> io::Result<Zip<R>> {
        let length = read.seek(SeekFrom::End(0))?;
        let position = directory_position(&mut read, length)?;
        let near = position <= length && length - position <= DIRECTORY_BYTES_MAX;
        must(near, "成员目录的位置不对", "the list of members is out of place")?;
        let listed = bytes_at(&mut read, position, length - position)?;
        let members = members(&listed);
        let same = directory(&members, position) == listed;
        must(same, "成员目录写法不合规范", "the list of members is not written in the one way allowed")?;
        let mut next = 0u64;
        for member in &members {
            let header = local_header(member);
            let (name, start) = (&member.name, header.len() as u64);
            if member.offset != next
                || next.saturating_add(start) > position
                || bytes_at(&mut read, next, start)? != header
            {
                return Err(say!("`{name}` 的头部不是应有的内容", "the header of `{name}` is another").into());
            }
            next = (next + start).saturating_add(member.size);
        }
        must(
            next == position,
            "成员与目录之间有多余字节",
            "there are bytes between the members and their list",
        )?;
        let sorted = members.is_sorted_by(|one, two| one.name < two.name);
        must(sorted, "成员未按名称排序", "the members are not in the order of their names")?;
        Ok(Zip { read, members: members.into_iter().map(|member| (member.name.clone(), member)).collect() })
    }

    /// The members, in the order of their names.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }
}

impl<R: Read + Seek> Container for Zip<R> {
    fn names(&self) -> Vec<String> {
        self.members.keys().cloned().collect()
    }

    fn read(&mut self, name: &str, sink: &mut dyn FnMut(&[u8])) -> io::Result<()> {
        let member = self.members.get(name).ok_or_else(|| say!("没有成员 `{name}`", "no member `{name}`"))?;
        self.read.seek(SeekFrom::Start(member.offset + local_header(member).len() as u64))?;
        let mut crc = Crc::default();
        let done = pump(&mut self.read, member.size, &mut |piece| {
            crc.update(piece);
            sink(piece);
        })?;
        if done != member.size || crc.finalize() != member.crc {
            return Err(say!("`{name}` 的校验和不符", "the check sum of `{name}` is wrong").into());
        }
        Ok(())
    }
}

fn must(holds: bool, zh: &str, en: &str) -> io::Result<()> {
    if holds { Ok(()) } else { Err(say!("{zh}", "{en}").into()) }
}

fn bytes_at(read: &mut (impl Read + Seek), position: u64, length: u64) -> io::Result<Vec<u8>> {
    read.seek(SeekFrom::Start(position))?;
    let mut bytes = Vec::new();
    read.take(length).read_to_end(&mut bytes)?;
    must(bytes.len() as u64 == length, "文件不完整", "the file ends too early").map(|()| bytes)
}

/// Where the list of members begins, as the last bytes of the file say.
fn directory_position(read: &mut (impl Read + Seek), length: u64) -> io::Result<u64> {
    must(length >= 22, "文件太短，不是 zip", "too short for a zip")?;
    let end = length - 22;
    let last = bytes_at(read, end, 22)?;
    let zip = last.starts_with(b"PK\x05\x06");
    must(zip, "文件末尾不是无注释的 zip 应有的内容", "the file does not end as a zip without comment")?;
    let small = number(&last, 16, 4).unwrap_or(0);
    let Some(start) = end.checked_sub(76) else { return Ok(small) };
    let large = bytes_at(read, start, 76)?;
    let zip64 = large.starts_with(b"PK\x06\x06") && large.get(56..60) == Some(b"PK\x06\x07");
    Ok(if zip64 { number(&large, 48, 8).unwrap_or(small) } else { small })
}

fn number(bytes: &[u8], position: usize, length: usize) -> Option<u64> {
    let bytes = bytes.get(position..position.checked_add(length)?)?;
    Some(bytes.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
}

/// The members as listed; stops where the list ends. What is wrong shows when the list is written again.
fn members(listed: &[u8]) -> Vec<Member> {
    let (mut members, mut rest) = (Vec::new(), listed);
    while let Some((member, length)) = next_member(rest) {
        members.push(member);
        rest = rest.get(length..).unwrap_or_default();
    }
    members
}

fn next_member(rest: &[u8]) -> Option<(Member, usize)> {
    rest.starts_with(b"PK\x01\x02").then_some(())?;
    let get = |position, length| number(rest, position, length);
    let (name_length, extra_length) = (get(28, 2)? as usize, get(30, 2)? as usize);
    let name = std::str::from_utf8(rest.get(46..46 + name_length)?).ok()?.to_owned();
    let (mut size, mut offset, mut at) = (get(24, 4)?, get(42, 4)?, 46 + name_length + 4);
    if size > FIELD_MAX {
        size = get(at, 8)?;
        at += 16;
    }
    if offset > FIELD_MAX {
        offset = get(at, 8)?;
    }
    let crc = u32::try_from(get(16, 4)?).ok()?;
    Some((Member { name, crc, size, offset }, 46 + name_length + extra_length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn written(files: &[(&str, &[u8])]) -> Vec<u8> {
        let (mut bytes, mut members) = (Vec::new(), Vec::new());
        for (name, content) in files {
            let mut crc = Crc::default();
            crc.update(content);
            let offset = bytes.len() as u64;
            let size = content.len() as u64;
            let member = Member { name: (*name).to_owned(), crc: crc.clone().finalize(), size, offset };
            bytes.extend(local_header(&member));
            bytes.extend(*content);
            members.push(member);
        }
        let position = bytes.len() as u64;
        bytes.extend(directory(&members, position));
        bytes
    }

    fn whole(bytes: &[u8]) -> io::Result<Vec<(String, Vec<u8>)>> {
        let mut zip = Zip::open(Cursor::new(bytes))?;
        let names = zip.names();
        names
            .into_iter()
            .map(|name| crate::container::read_whole(&mut zip, &name, 1 << 20).map(|bytes| (name, bytes)))
            .collect()
    }

    #[test]
    fn crc_known_answer() {
        let mut crc = Crc::default();
        crc.update(b"1234");
        crc.update(b"56789");
        assert_eq!(crc.clone().finalize(), 0xcbf4_3926);
    }

    #[test]
    fn every_changed_dropped_or_added_byte_is_found() {
        let good = written(&[("a.txt", b"one"), ("b/c.txt", b""), ("b/准.txt", "二".as_bytes())]);
        assert_eq!(whole(&good).unwrap().len(), 3);
        for position in 0..good.len() {
            for flip in [1u8, 0x20, 0xff] {
                let mut bytes = good.clone();
                bytes[position] ^= flip;
                assert!(whole(&bytes).is_err(), "byte {position}");
            }
            assert!(whole(&good[..position]).is_err(), "cut at {position}");
            let mut longer = good.clone();
            longer.insert(position, 0);
            assert!(whole(&longer).is_err(), "inserted at {position}");
        }
        assert!(whole(&[good.as_slice(), b"x"].concat()).is_err());
        assert!(whole(&written(&[("b", b"1"), ("a", b"2")])).is_err(), "order");
        assert!(whole(&written(&[("a", b"1"), ("a", b"2")])).is_err(), "twice");
    }

    #[test]
    fn large_numbers_are_written_as_zip64_and_read_back() {
        for (size, offset) in [(FIELD_MAX, 0), (FIELD_MAX + 1, 5), (3, FIELD_MAX + 1), (u64::MAX, u64::MAX)] {
            let member = Member { name: "x".to_owned(), crc: 7, size, offset };
            let listed = directory(std::slice::from_ref(&member), 10);
            assert_eq!(members(&listed), std::slice::from_ref(&member));
            let end = Cursor::new([vec![0; 100], directory(&[member], FIELD_MAX + 1 + size % 7)].concat());
            let length = end.get_ref().len() as u64;
            assert_eq!(directory_position(&mut end.clone(), length).unwrap(), FIELD_MAX + 1 + size % 7);
        }
    }
}
