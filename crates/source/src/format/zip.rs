//! zip, its directory and its members.
//!
//! Read here and not by a library, because a scanner must see every member: libraries key members by name (two
//! of one name become one) and give up when the directory at the end is missing. Here a member is read where the
//! directory points, and when there is no directory the file is searched for members.

use crate::error::SourceError;
use crate::format::member::{self, Exact, fill};
use crate::format::{Format, Probe, docx, pptx, workbook};
use crate::input::{Input, Seekable};
use crate::sink::Context;
use std::cell::Cell;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use zhunsheng_model::ProblemKind;

const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const END: &[u8; 4] = b"PK\x05\x06";
/// Where the end record may begin, at most, before the end of the file.
const END_BYTES_MAX: u64 = 22 + 0xffff;
/// Memory that an lzma member's dictionary may take, in KiB.
const DICTIONARY_KIB: u32 = 256 << 10;

/// Zip archive.
pub(super) struct Zip;

impl Format for Zip {
    fn name(&self) -> &'static str {
        "zip"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        [&LOCAL[..], END, b"PK\x07\x08"].iter().any(|magic| probe.head.starts_with(magic))
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut archive = Archive::open(input.into_seekable(cx.temp_dir())?)?;
        // An office document whose telling member stands too far in for its format to know it.
        if let Some(directory) = archive.directory
            && let Some(office) = office_kind(&mut archive, directory)?
        {
            return match office {
                Office::Docx => docx::read_archive(&mut archive, cx),
                Office::Pptx => pptx::read_archive(&mut archive, cx),
                Office::Workbook => workbook::read_seekable(archive.into_source(), cx),
            };
        }
        read_members(&mut archive, cx)
    }
}

/// Reads every member as a file of its own.
pub(super) fn read_members(archive: &mut Archive, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let Some(directory) = archive.directory else {
        cx.problem(
            ProblemKind::Truncated,
            "the archive has no directory at its end; members were found by searching the file",
            false,
        );
        return read_by_search(archive, 0, cx);
    };
    let (mut at, mut searched_from) = (directory.start, 0);
    for number in 0..directory.entries {
        let (entry, next) = match archive.entry(at) {
            Ok(found) => found,
            Err(error @ (SourceError::Malformed(_) | SourceError::Truncated(_))) => {
                let kind = error.kind().unwrap_or(ProblemKind::Malformed);
                let detail = format!(
                    "the directory of the archive is damaged after {number} members; the rest was searched for"
                );
                cx.problem(kind, detail, false);
                return read_by_search(archive, searched_from, cx);
            }
            Err(error) => return Err(error),
        };
        at = next;
        searched_from = searched_from.max(entry.header.saturating_add(30).saturating_add(entry.packed));
        read_member(archive, &entry, cx)?;
    }
    Ok(())
}

fn read_member(archive: &mut Archive, entry: &Entry, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let name = entry.text_name();
    if entry.is_folder_or_link(&name) {
        return Ok(());
    }
    if entry.is_encrypted() {
        cx.problem_member(&name, ProblemKind::Encrypted, "the member is encrypted");
        return Ok(());
    }
    match archive.member(entry) {
        Ok(reader) => cx.nested(&name, Input::from_reader(reader, Some(entry.size))),
        Err(error) => {
            if let Some(kind) = error.kind() {
                cx.problem_member(&name, kind, error.to_string());
            }
            Ok(())
        }
    }
}

/// Finds members by their own headers, from byte `from`.
fn read_by_search(archive: &mut Archive, from: u64, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut at = from;
    while let Some(start) = archive.find(at, LOCAL)? {
        at = start + 4;
        let Some((entry, data)) = archive.local_entry(start)? else { continue };
        let name = entry.text_name();
        let size_is_known = !entry.has_descriptor() || entry.packed > 0;
        if entry.is_encrypted() || size_is_known || entry.method == 0 {
            let mut entry = entry;
            if !size_is_known {
                // Stored and of unknown size: up to what looks like the next header.
                let end = match archive.find(data, b"PK\x07\x08")? {
                    Some(end) => end,
                    None => archive.find(data, LOCAL)?.unwrap_or(archive.size),
                };
                entry.packed = end.saturating_sub(data);
                entry.size = entry.packed;
            }
            at = data.saturating_add(entry.packed).min(archive.size);
            read_member(archive, &entry, cx)?;
            continue;
        }
        // Packed and of unknown size: the packed bytes say themselves where they end.
        let taken = Cell::new(0u64);
        let result = match archive.open_member(&entry, data, Some(&taken)) {
            Ok(reader) => cx.nested(&name, Input::from_reader(reader, None)),
            Err(error) => {
                if let Some(kind) = error.kind() {
                    cx.problem_member(&name, kind, error.to_string());
                }
                Ok(())
            }
        };
        result?;
        at = data + taken.get();
    }
    Ok(())
}

/// The office documents that are zip archives.
enum Office {
    Docx,
    Pptx,
    Workbook,
}

/// Which office document the archive is, by the members that every such document has.
fn office_kind(archive: &mut Archive, directory: Directory) -> Result<Option<Office>, SourceError> {
    let (mut at, mut has_types, mut found) = (directory.start, false, None);
    // They have a few hundred members at most; an archive of a million is none.
    for _ in 0..directory.entries.min(5_000) {
        let Ok((entry, next)) = archive.entry(at) else { break };
        at = next;
        match entry.name.as_slice() {
            b"[Content_Types].xml" => has_types = true,
            b"word/document.xml" => found = Some(Office::Docx),
            b"ppt/presentation.xml" => found = Some(Office::Pptx),
            b"xl/workbook.xml" | b"xl/workbook.bin" => found = Some(Office::Workbook),
            _ => {}
        }
        if has_types && found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// Whether `head` begins a zip in which a member under `folder` and the list of content types stand.
pub(super) fn head_is_office(probe: &Probe<'_>, folder: &str, extensions: &[&str]) -> bool {
    if !probe.head.starts_with(LOCAL) {
        return false;
    }
    let has = |name: &str| memchr::memmem::find(probe.head, name.as_bytes()).is_some();
    let is_package = has("[Content_Types].xml") || has("_rels/.rels");
    is_package && (has(folder) || extensions.iter().any(|extension| probe.has_extension(extension)))
}

#[derive(Clone, Copy, Debug)]
struct Directory {
    start: u64,
    entries: u64,
}

/// What a header says of a member.
#[derive(Clone, Debug, Default)]
pub(super) struct Entry {
    name: Vec<u8>,
    /// The name in UTF-8 from the Info-ZIP field.
    unicode_name: Option<Vec<u8>>,
    flags: u16,
    method: u16,
    crc: u32,
    packed: u64,
    size: u64,
    header: u64,
    mode: u32,
}

impl Entry {
    /// Whether the member has exactly that name.
    pub(super) fn is_named(&self, name: &str) -> bool {
        self.name == name.as_bytes()
    }

    /// Unpacked size as the directory states it.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    /// The name as text.
    pub(super) fn text_name(&self) -> String {
        match &self.unicode_name {
            Some(name) => member::utf8_name(name),
            None if self.flags & 0x800 != 0 => member::utf8_name(&self.name),
            None => member::name(&self.name),
        }
    }

    /// Whether a password is needed.
    pub(super) fn is_encrypted(&self) -> bool {
        self.flags & 0x41 != 0 || self.method == 99
    }

    /// Whether sizes follow the data.
    fn has_descriptor(&self) -> bool {
        self.flags & 8 != 0
    }

    fn is_folder_or_link(&self, name: &str) -> bool {
        name.ends_with('/') && self.size == 0 || self.mode & 0o170_000 == 0o120_000
    }

    /// Reads extra fields: 64-bit sizes and the Unicode name.
    fn read_extra(&mut self, mut extra: &[u8]) {
        while let (Some(id), Some(length)) = (u16_at(extra, 0), u16_at(extra, 2)) {
            let end = 4 + usize::from(length);
            let field = extra.get(4..end).unwrap_or_default();
            match id {
                1 => {
                    let mut numbers =
                        field.chunks_exact(8).filter_map(|b| b.try_into().ok().map(u64::from_le_bytes));
                    for value in [&mut self.size, &mut self.packed, &mut self.header] {
                        if *value == 0xffff_ffff {
                            *value = numbers.next().unwrap_or(*value);
                        }
                    }
                }
                0x7075 => {
                    self.unicode_name = field.get(5..).map(<[u8]>::to_vec).filter(|name| !name.is_empty())
                }
                0x9901 => self.flags |= 1,
                _ => {}
            }
            extra = extra.get(end..).unwrap_or_default();
        }
    }
}

/// A zip file.
pub(super) struct Archive {
    source: Seekable,
    size: u64,
    directory: Option<Directory>,
    /// Bytes before the archive proper (a self-extracting program).
    shift: u64,
}

impl Archive {
    /// Finds the directory, if there is one.
    pub(super) fn open(mut source: Seekable) -> Result<Archive, SourceError> {
        let size = source.seek(SeekFrom::End(0))?;
        let mut archive = Archive { source, size, directory: None, shift: 0 };
        let tail_start = size.saturating_sub(END_BYTES_MAX);
        let tail = archive.bytes_at(tail_start, (size - tail_start) as usize)?;
        let Some(end) = memchr::memmem::rfind(&tail, END) else { return Ok(archive) };
        let record = tail.get(end..).unwrap_or_default();
        let fields = (u16_at(record, 10), u32_at(record, 12), u32_at(record, 16));
        let (Some(entries), Some(length), Some(start)) = fields else { return Ok(archive) };
        let (mut entries, mut length, mut start) = (u64::from(entries), u64::from(length), u64::from(start));
        let mut end = tail_start + end as u64;
        let is_big = entries == 0xffff || length == 0xffff_ffff || start == 0xffff_ffff;
        if is_big && let Some(big) = archive.big_end(end)? {
            (entries, length, start, end) = big;
        }
        // Everything is shifted when a program stands before the archive.
        let Some(real_start) = end.checked_sub(length) else { return Ok(archive) };
        if archive.bytes_at(start, 4)? == CENTRAL || entries == 0 {
            archive.directory = Some(Directory { start, entries });
        } else if archive.bytes_at(real_start, 4)? == CENTRAL {
            archive.shift = real_start.saturating_sub(start);
            archive.directory = Some(Directory { start: real_start, entries });
        }
        Ok(archive)
    }

    /// The end record of archives with big numbers: entries, length and start of the directory, and where the
    /// record stands.
    fn big_end(&mut self, end: u64) -> Result<Option<(u64, u64, u64, u64)>, SourceError> {
        let Some(locator) = end.checked_sub(20) else { return Ok(None) };
        let locator = self.bytes_at(locator, 20)?;
        if !locator.starts_with(b"PK\x06\x07") {
            return Ok(None);
        }
        let Some(at) = u64_at(&locator, 8) else { return Ok(None) };
        let record = self.bytes_at(at, 56)?;
        if !record.starts_with(b"PK\x06\x06") {
            return Ok(None);
        }
        let fields = (u64_at(&record, 32), u64_at(&record, 40), u64_at(&record, 48));
        Ok(if let (Some(entries), Some(length), Some(start)) = fields {
            Some((entries, length, start, at))
        } else {
            None
        })
    }

    /// The file itself, from its first byte.
    pub(super) fn into_source(self) -> Seekable {
        self.source
    }

    /// Every entry of the directory, as far as it can be read; nothing without a directory.
    pub(super) fn entries(&mut self) -> Result<Vec<Entry>, SourceError> {
        let mut entries = Vec::new();
        let Some(directory) = self.directory else { return Ok(entries) };
        let mut at = directory.start;
        for _ in 0..directory.entries.min(100_000) {
            let Ok((entry, next)) = self.entry(at) else { break };
            entries.push(entry);
            at = next;
        }
        Ok(entries)
    }

    /// The entry of the directory at `at`, and where the next begins.
    fn entry(&mut self, at: u64) -> Result<(Entry, u64), SourceError> {
        let fixed = self.bytes_at(at, 46)?;
        if fixed.len() < 46 {
            return Err(SourceError::truncated("the directory of the archive ends too early"));
        }
        if !fixed.starts_with(CENTRAL) {
            return Err(SourceError::malformed("the directory of the archive is damaged"));
        }
        let short = |at: usize| u16_at(&fixed, at).unwrap_or_default();
        let long = |at: usize| u32_at(&fixed, at).unwrap_or_default();
        let (name, extra, comment) = (usize::from(short(28)), usize::from(short(30)), usize::from(short(32)));
        let text = self.bytes_at(at + 46, name + extra)?;
        if text.len() < name + extra {
            return Err(SourceError::truncated("the directory of the archive ends too early"));
        }
        let (name, extra_bytes) = text.split_at(name);
        let mut entry = Entry {
            name: name.to_vec(),
            unicode_name: None,
            flags: short(8),
            method: short(10),
            crc: long(16),
            packed: u64::from(long(20)),
            size: u64::from(long(24)),
            header: u64::from(long(42)),
            // The mode counts only when the archive was made on a system that has one.
            mode: if short(4) >> 8 == 3 { long(38) >> 16 } else { 0 },
        };
        entry.read_extra(extra_bytes);
        entry.header = entry.header.saturating_add(self.shift);
        Ok((entry, at + 46 + text.len() as u64 + comment as u64))
    }

    /// The entry that a member's own header at `at` describes, and where its data begins.
    fn local_entry(&mut self, at: u64) -> Result<Option<(Entry, u64)>, SourceError> {
        let fixed = self.bytes_at(at, 30)?;
        if fixed.len() < 30 || !fixed.starts_with(LOCAL) {
            return Ok(None);
        }
        let short = |at: usize| u16_at(&fixed, at).unwrap_or_default();
        let long = |at: usize| u32_at(&fixed, at).unwrap_or_default();
        let (name, extra) = (usize::from(short(26)), usize::from(short(28)));
        let text = self.bytes_at(at + 30, name + extra)?;
        if text.len() < name + extra || name == 0 {
            return Ok(None);
        }
        let (name_bytes, extra_bytes) = text.split_at(name);
        let mut entry = Entry {
            name: name_bytes.to_vec(),
            flags: short(6),
            method: short(8),
            crc: long(14),
            packed: u64::from(long(18)),
            size: u64::from(long(22)),
            ..Entry::default()
        };
        entry.read_extra(extra_bytes);
        entry.header = at;
        Ok(Some((entry, at + 30 + text.len() as u64)))
    }

    /// The unpacked bytes of a member.
    ///
    /// # Errors
    /// When its header is not there or its method is not known.
    pub(super) fn member(&mut self, entry: &Entry) -> Result<Box<dyn Read + '_>, SourceError> {
        let Some((_, data)) = self.local_entry(entry.header)? else {
            return Err(if entry.header >= self.size {
                SourceError::truncated("the member lies beyond the end of the archive")
            } else {
                SourceError::malformed("the member's own header is damaged")
            });
        };
        self.open_member(entry, data, None)
    }

    fn open_member<'a>(
        &'a mut self,
        entry: &Entry,
        data: u64,
        taken: Option<&'a Cell<u64>>,
    ) -> Result<Box<dyn Read + 'a>, SourceError> {
        self.source.seek(SeekFrom::Start(data))?;
        let known = taken.is_none();
        let packed: Box<dyn Read + 'a> = if known {
            Box::new(Exact::new(&mut self.source, entry.packed))
        } else {
            Box::new(&mut self.source)
        };
        let packed = Taken { reader: BufReader::with_capacity(32 << 10, packed), taken };
        let unpacked: Box<dyn Read + 'a> = match entry.method {
            0 => Box::new(packed),
            8 => Box::new(flate2::bufread::DeflateDecoder::new(packed)),
            9 => Box::new(deflate64::Deflate64Decoder::with_buffer(packed)),
            12 => Box::new(bzip2::bufread::BzDecoder::new(packed)),
            14 => lzma(packed, entry)?,
            93 | 20 => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(packed)?;
                decoder.window_log_max(28)?;
                Box::new(decoder)
            }
            95 => Box::new(lzma_rust2::XzReader::new_mem_limit(packed, true, DICTIONARY_KIB)),
            method => {
                return Err(SourceError::unsupported(format!(
                    "compression method {method} of the archive is not known"
                )));
            }
        };
        Ok(if known {
            let crc = flate2::Crc::new();
            Box::new(Checked { reader: unpacked, crc, stated: entry.crc, left: entry.size })
        } else {
            unpacked
        })
    }

    /// Where `magic` next stands at or after `from`.
    fn find(&mut self, from: u64, magic: &[u8; 4]) -> Result<Option<u64>, SourceError> {
        const WINDOW: usize = 1 << 20;
        let mut at = from;
        while at < self.size {
            let window = self.bytes_at(at, WINDOW)?;
            if let Some(found) = memchr::memmem::find(&window, magic) {
                return Ok(Some(at + found as u64));
            }
            if window.len() < WINDOW {
                return Ok(None);
            }
            at += (WINDOW - 3) as u64;
        }
        Ok(None)
    }

    /// Up to `length` bytes from `at`; fewer at the end.
    fn bytes_at(&mut self, at: u64, length: usize) -> Result<Vec<u8>, SourceError> {
        if at >= self.size {
            return Ok(Vec::new());
        }
        let length = length.min(usize::try_from(self.size - at).unwrap_or(usize::MAX));
        self.source.seek(SeekFrom::Start(at))?;
        let mut bytes = vec![0; length];
        let got = fill(&mut self.source, &mut bytes)?;
        bytes.truncate(got);
        Ok(bytes)
    }
}

/// An lzma member: a small header of its own, then raw lzma.
fn lzma<'a>(mut packed: impl BufRead + 'a, entry: &Entry) -> Result<Box<dyn Read + 'a>, SourceError> {
    let mut header = [0; 9];
    if fill(&mut packed, &mut header)? < 9 {
        return Err(SourceError::truncated("the member ends within its header"));
    }
    let dictionary = u32_at(&header, 5).unwrap_or_default();
    let properties = header.get(4).copied().unwrap_or_default();
    if dictionary > DICTIONARY_KIB.saturating_mul(1024) {
        return Err(SourceError::Limit(format!("unpacking needs more than {DICTIONARY_KIB} KiB of memory")));
    }
    let size = if entry.flags & 2 == 0 { entry.size } else { u64::MAX };
    Ok(Box::new(lzma_rust2::LzmaReader::new_with_props(packed, size, properties, dictionary, None)?))
}

/// Counts the bytes that a decoder takes.
struct Taken<'a, R> {
    reader: R,
    taken: Option<&'a Cell<u64>>,
}

impl<R: BufRead> Read for Taken<'_, R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(room)?;
        self.note(got);
        Ok(got)
    }
}

impl<R: BufRead> BufRead for Taken<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.reader.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.note(amount);
        self.reader.consume(amount);
    }
}

impl<R> Taken<'_, R> {
    fn note(&self, amount: usize) {
        if let Some(taken) = self.taken {
            taken.set(taken.get() + amount as u64);
        }
    }
}

/// Fails at the end when the checksum or the size is not what the directory states.
struct Checked<R> {
    reader: R,
    crc: flate2::Crc,
    stated: u32,
    left: u64,
}

impl<R: Read> Read for Checked<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.left == 0 {
            // More than stated is not hidden: it is read, and the checksum tells.
            let got = self.reader.read(room).unwrap_or(0);
            self.crc.update(room.get(..got).unwrap_or_default());
            if got == 0 && !room.is_empty() && self.crc.sum() != self.stated {
                return Err(io::ErrorKind::InvalidData.into());
            }
            return Ok(got);
        }
        let got = self.reader.read(room)?;
        if got == 0 && !room.is_empty() {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.crc.update(room.get(..got).unwrap_or_default());
        self.left = self.left.saturating_sub(got as u64);
        Ok(got)
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}

fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    Some(u64::from_le_bytes(bytes.get(at..at.checked_add(8)?)?.try_into().ok()?))
}
