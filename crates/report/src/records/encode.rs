//! Turns the records of one row group into column chunks, in the scanning threads.

use super::layout::{ChunkMeta, Codec, Layout};
use super::page::{ChunkWriter, Zstd, delta_into, indices_into, levels_into};
use super::rows::{RecordRows, RecordState, state_words};
use crate::error::Result;
use std::collections::HashMap;
use std::ops::Range;
use zhunsheng_model::{Kind, KindSet};

/// The chunks of one row group that are known while scanning.
pub struct EncodedGroup {
    pub(super) rows: u64,
    pub(super) bytes: Vec<u8>,
    pub(super) chunks: Vec<ChunkMeta>,
}

impl EncodedGroup {
    /// Number of records.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes that the group adds to the file now.
    pub fn size_bytes(&self) -> usize {
        self.bytes.len()
    }
}

/// Entries of one page at most: large enough to compress well, small enough to be read piece by piece.
const PAGE_ENTRIES: usize = 65_536;

/// Encodes row groups; each thread has its own.
pub struct RecordsEncoder {
    zstd: Zstd,
    state_words: Vec<String>,
    bytes_last: usize,
}

impl RecordsEncoder {
    /// An encoder that can be used for any number of groups.
    ///
    /// # Errors
    /// When the compressor cannot be made.
    pub fn new() -> Result<RecordsEncoder> {
        Ok(RecordsEncoder { zstd: Zstd::new()?, state_words: state_words(), bytes_last: 0 })
    }

    /// Encodes every record of `rows`; the same rows give the same bytes.
    ///
    /// # Errors
    /// When a page grows beyond 2 GiB.
    pub fn encode(&mut self, rows: &RecordRows) -> Result<EncodedGroup> {
        let mut writer = ChunkWriter::new(self.bytes_last + self.bytes_last / 8);
        let zstd = &mut self.zstd;
        let pages = pages_of(rows);
        let mut chunks = Vec::new();
        let mut done = |chunk: Option<ChunkMeta>| chunks.extend(chunk);

        let files: Vec<&str> = rows.files.iter().map(String::as_str).collect();
        done(dictionary_chunk(&mut writer, zstd, 1, &files, &rows.file, &pages)?);
        done(places(&mut writer, zstd, rows, &pages)?);
        done(numbers(&mut writer, zstd, &rows.row, &pages)?);
        done(roles(&mut writer, zstd, &rows.role, &pages)?);
        let states: Vec<&str> = RecordState::ALL.iter().map(|state| state.as_str()).collect();
        done(dictionary_chunk(&mut writer, zstd, 5, &states, &rows.state, &pages)?);
        done(kinds(&mut writer, zstd, &rows.kinds, &pages)?);

        let levels = list_levels(rows, &pages);
        let ids: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
        done(mention_dictionary(&mut writer, zstd, 7, &ids, &rows.mention_kind, &pages, &levels)?);
        let words: Vec<&str> = self.state_words.iter().map(String::as_str).collect();
        done(mention_dictionary(&mut writer, zstd, 8, &words, &rows.mention_state, &pages, &levels)?);
        done(hashes(&mut writer, zstd, rows, &pages, &levels)?);
        done(masked(&mut writer, zstd, rows, &pages, &levels)?);

        let bytes = writer.into_bytes()?;
        self.bytes_last = bytes.len();
        Ok(EncodedGroup { rows: rows.len() as u64, bytes, chunks })
    }
}

/// The records and mentions of one page.
struct PageRange {
    records: Range<usize>,
    mentions: Range<usize>,
}

/// Cuts the records into pages; a record is never cut.
fn pages_of(rows: &RecordRows) -> Vec<PageRange> {
    let mut pages = Vec::new();
    let (mut first_record, mut first_mention, mut last) = (0, 0, 0);
    for (index, end) in rows.mentions_end.iter().enumerate() {
        let end = *end as usize;
        let full = index - first_record >= PAGE_ENTRIES || end - first_mention > PAGE_ENTRIES;
        if full && index > first_record {
            pages.push(PageRange { records: first_record..index, mentions: first_mention..last });
            (first_record, first_mention) = (index, last);
        }
        last = end;
    }
    pages.push(PageRange { records: first_record..rows.len(), mentions: first_mention..last });
    pages
}

/// A required column whose values are given by number.
fn dictionary_chunk<T: Copy + PartialEq + Into<u64>>(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    column: usize,
    words: &[&str],
    indices: &[T],
    pages: &[PageRange],
) -> Result<Option<ChunkMeta>> {
    writer.begin(column, Codec::Zstd, Layout::Dictionary);
    writer.dictionary(zstd, plain_words(words), words.len() as u32)?;
    for page in pages {
        let part = indices.get(page.records.clone()).unwrap_or_default();
        let mut body = Vec::with_capacity(part.len() + 16);
        indices_into(&mut body, part, words.len());
        writer.data(zstd, body, part.len())?;
    }
    Ok(writer.end(None))
}

fn plain_words(words: &[&str]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(words.iter().map(|word| word.len() + 4).sum());
    for word in words {
        plain.extend_from_slice(&(word.len() as u32).to_le_bytes());
        plain.extend_from_slice(word.as_bytes());
    }
    plain
}

fn places(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    rows: &RecordRows,
    pages: &[PageRange],
) -> Result<Option<ChunkMeta>> {
    writer.begin(2, Codec::Zstd, Layout::Plain);
    let mut rest = rows.place.as_slice();
    for page in pages {
        let known = rows.place_known.get(page.records.clone()).unwrap_or_default();
        let texts = take_texts(&mut rest, known.iter().filter(|known| **known == 1).count());
        let mut body = Vec::with_capacity(texts.len() + known.len() / 8 + 16);
        levels_into(&mut body, known, 1);
        body.extend_from_slice(texts);
        writer.data(zstd, body, known.len())?;
    }
    Ok(writer.end(None))
}

/// Cuts the next `count` length-prefixed texts off `rest`.
fn take_texts<'a>(rest: &mut &'a [u8], count: usize) -> &'a [u8] {
    let mut end = 0;
    for _ in 0..count {
        let Some(prefix) = rest.get(end..).and_then(|text| text.first_chunk::<4>()) else { break };
        end += 4 + u32::from_le_bytes(*prefix) as usize;
    }
    let (texts, after) = rest.split_at_checked(end).unwrap_or((rest, &[]));
    *rest = after;
    texts
}

fn numbers(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    values: &[i64],
    pages: &[PageRange],
) -> Result<Option<ChunkMeta>> {
    writer.begin(3, Codec::Zstd, Layout::Delta);
    for page in pages {
        let part = values.get(page.records.clone()).unwrap_or_default();
        let mut body = Vec::with_capacity(part.len() / 8 + 64);
        delta_into(&mut body, part);
        writer.data(zstd, body, part.len())?;
    }
    let range = values.iter().min().zip(values.iter().max()).map(|(min, max)| (*min, *max, 0));
    Ok(writer.end(range))
}

/// Roles are few: the dictionary is every role up to the highest.
fn roles(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    roles: &[u8],
    pages: &[PageRange],
) -> Result<Option<ChunkMeta>> {
    let entries = roles.iter().max().map_or(1, |highest| usize::from(*highest) + 1);
    writer.begin(4, Codec::Zstd, Layout::Dictionary);
    let plain = (0..entries as u32).flat_map(u32::to_le_bytes).collect();
    writer.dictionary(zstd, plain, entries as u32)?;
    for page in pages {
        let part = roles.get(page.records.clone()).unwrap_or_default();
        let mut body = Vec::with_capacity(part.len() / 8 + 16);
        indices_into(&mut body, part, entries);
        writer.data(zstd, body, part.len())?;
    }
    Ok(writer.end(None))
}

/// The kinds of each record as `CN_ID,PHONE`; distinct sets are few.
fn kinds(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    sets: &[KindSet],
    pages: &[PageRange],
) -> Result<Option<ChunkMeta>> {
    let mut numbers: HashMap<KindSet, u32> = HashMap::new();
    let mut words: Vec<String> = Vec::new();
    let mut indices = Vec::with_capacity(sets.len());
    let mut last = None;
    for set in sets {
        let index = match last {
            Some((before, index)) if before == *set => index,
            _ => *numbers.entry(*set).or_insert_with(|| {
                words.push(set.iter().map(Kind::id).collect::<Vec<_>>().join(","));
                words.len() as u32 - 1
            }),
        };
        last = Some((*set, index));
        indices.push(index);
    }
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    dictionary_chunk(writer, zstd, 6, &words, &indices, pages)
}

/// Repetition and definition levels of the mentions, encoded once a page: three columns share them.
///
/// An empty list is one entry with definition level 0, so that entries can be more than mentions.
struct ListLevels {
    /// Repetition levels, encoded, then definition levels of required leaves, encoded.
    required: Vec<Vec<u8>>,
    /// The same for the optional leaf.
    optional: Vec<Vec<u8>>,
    entries: Vec<usize>,
}

fn list_levels(rows: &RecordRows, pages: &[PageRange]) -> ListLevels {
    let mut all = ListLevels { required: Vec::new(), optional: Vec::new(), entries: Vec::new() };
    let (mut repetition, mut required, mut optional) = (Vec::new(), Vec::new(), Vec::new());
    for page in pages {
        repetition.clear();
        required.clear();
        optional.clear();
        let mut start = page.mentions.start;
        for end in rows.mentions_end.get(page.records.clone()).unwrap_or_default() {
            let end = *end as usize;
            repetition.push(0);
            if end == start {
                required.push(0);
                optional.push(0);
            } else {
                repetition.resize(repetition.len() + end - start - 1, 1);
                required.resize(required.len() + end - start, 1);
                optional.extend_from_slice(rows.hash_level.get(start..end).unwrap_or_default());
            }
            start = end;
        }
        let mut encoded = Vec::with_capacity(repetition.len() / 2 + 32);
        levels_into(&mut encoded, &repetition, 1);
        let mut with_hash = encoded.clone();
        levels_into(&mut encoded, &required, 1);
        // The optional leaf is one level deeper and needs two bits.
        levels_into(&mut with_hash, &optional, 2);
        all.required.push(encoded);
        all.optional.push(with_hash);
        all.entries.push(repetition.len());
    }
    all
}

/// A required leaf of the mentions whose values are given by number; the dictionary holds the words used.
fn mention_dictionary(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    column: usize,
    words: &[&str],
    indices: &[u8],
    pages: &[PageRange],
    levels: &ListLevels,
) -> Result<Option<ChunkMeta>> {
    let mut used = [false; 256];
    for index in indices {
        if let Some(used) = used.get_mut(usize::from(*index)) {
            *used = true;
        }
    }
    let mut number = [0_u8; 256];
    let mut kept = Vec::new();
    for ((word, used), number) in words.iter().zip(used).zip(&mut number) {
        if used {
            *number = kept.len() as u8;
            kept.push(*word);
        }
    }
    if kept.is_empty() {
        // Not every reader takes a dictionary without an entry.
        kept.extend(words.first());
    }
    writer.begin(column, Codec::Zstd, Layout::Dictionary);
    writer.dictionary(zstd, plain_words(&kept), kept.len() as u32)?;
    let mut part = Vec::new();
    for ((page, levels), entries) in pages.iter().zip(&levels.required).zip(&levels.entries) {
        part.clear();
        let mentions = indices.get(page.mentions.clone()).unwrap_or_default();
        part.extend(mentions.iter().map(|index| number.get(usize::from(*index)).copied().unwrap_or(0)));
        let mut body = Vec::with_capacity(levels.len() + part.len() + 16);
        body.extend_from_slice(levels);
        indices_into(&mut body, &part, kept.len());
        writer.data(zstd, body, *entries)?;
    }
    Ok(writer.end(None))
}

fn hashes(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    rows: &RecordRows,
    pages: &[PageRange],
    levels: &ListLevels,
) -> Result<Option<ChunkMeta>> {
    writer.begin(9, Codec::Plain, Layout::Plain);
    let mut rest = rows.hashes.as_slice();
    for ((page, levels), entries) in pages.iter().zip(&levels.optional).zip(&levels.entries) {
        let known = rows.hash_level.get(page.mentions.clone()).unwrap_or_default();
        let bytes = 16 * known.iter().filter(|level| **level == 2).count();
        let (hashes, after) = rest.split_at_checked(bytes).unwrap_or((rest, &[]));
        rest = after;
        let mut body = Vec::with_capacity(levels.len() + hashes.len());
        body.extend_from_slice(levels);
        body.extend_from_slice(hashes);
        writer.data(zstd, body, *entries)?;
    }
    Ok(writer.end(None))
}

fn masked(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    rows: &RecordRows,
    pages: &[PageRange],
    levels: &ListLevels,
) -> Result<Option<ChunkMeta>> {
    writer.begin(10, Codec::Zstd, Layout::Plain);
    let mut rest = rows.masked.as_slice();
    for ((page, levels), entries) in pages.iter().zip(&levels.required).zip(&levels.entries) {
        let texts = take_texts(&mut rest, page.mentions.len());
        let mut body = Vec::with_capacity(levels.len() + texts.len());
        body.extend_from_slice(levels);
        body.extend_from_slice(texts);
        writer.data(zstd, body, *entries)?;
    }
    Ok(writer.end(None))
}
