//! The encodings of Parquet that the records need: bit-packed numbers, differences, pages.
//!
//! The formats are those of the Apache Parquet specification (Encodings.md): the RLE and bit-packing
//! hybrid for levels and dictionary numbers, and DELTA_BINARY_PACKED.

use super::layout::{ChunkMeta, Codec, Layout};
use crate::error::Result;
use bytes::Bytes;
use parquet::basic::Encoding;
use parquet::column::page::{CompressedPage, Page, PageWriter};
use parquet::file::writer::{SerializedPageWriter, TrackedWrite};
use zstd::bulk::Compressor;

/// Level 1: the masked forms shrink to about a half at several hundred MB/s.
const ZSTD_LEVEL: i32 = 1;

/// Writes column chunks into a buffer one after another.
pub(super) struct ChunkWriter {
    out: TrackedWrite<Vec<u8>>,
    chunk: Option<ChunkMeta>,
}

impl ChunkWriter {
    pub(super) fn new(bytes_expected: usize) -> ChunkWriter {
        ChunkWriter { out: TrackedWrite::new(Vec::with_capacity(bytes_expected)), chunk: None }
    }

    /// Begins a chunk; the one before must have been taken by [`ChunkWriter::end`].
    pub(super) fn begin(&mut self, column: usize, codec: Codec, layout: Layout) {
        self.chunk = Some(ChunkMeta {
            column,
            codec,
            layout,
            dictionary_offset: None,
            data_offset: self.out.bytes_written() as u64,
            bytes_compressed: 0,
            bytes_uncompressed: 0,
            values: 0,
            range: None,
        });
    }

    /// Writes the distinct values of a dictionary chunk.
    pub(super) fn dictionary(&mut self, zstd: &mut Zstd, plain: Vec<u8>, entries: u32) -> Result<()> {
        let offset = self.out.bytes_written() as u64;
        self.page(zstd, plain, |buf| Page::DictionaryPage {
            buf,
            num_values: entries,
            encoding: Encoding::PLAIN,
            is_sorted: false,
        })?;
        if let Some(chunk) = &mut self.chunk {
            chunk.dictionary_offset = Some(offset);
            chunk.data_offset = self.out.bytes_written() as u64;
        }
        Ok(())
    }

    /// Writes one data page: levels and values as they are laid out in `body`.
    pub(super) fn data(&mut self, zstd: &mut Zstd, body: Vec<u8>, values: usize) -> Result<()> {
        let encoding = match self.chunk.as_ref().map(|chunk| chunk.layout) {
            Some(Layout::Dictionary) => Encoding::RLE_DICTIONARY,
            Some(Layout::Delta) => Encoding::DELTA_BINARY_PACKED,
            _ => Encoding::PLAIN,
        };
        if let Some(chunk) = &mut self.chunk {
            chunk.values += values as u64;
        }
        self.page(zstd, body, |buf| Page::DataPage {
            buf,
            num_values: values as u32,
            encoding,
            def_level_encoding: Encoding::RLE,
            rep_level_encoding: Encoding::RLE,
            statistics: None,
        })
    }

    fn page(&mut self, zstd: &mut Zstd, body: Vec<u8>, page: impl FnOnce(Bytes) -> Page) -> Result<()> {
        let bytes_plain = body.len();
        let codec = self.chunk.as_ref().map_or(Codec::Plain, |chunk| chunk.codec);
        let body = match codec {
            Codec::Plain => body,
            Codec::Zstd => zstd.0.compress(&body)?,
        };
        let page = CompressedPage::new(page(Bytes::from(body)), bytes_plain);
        let written = SerializedPageWriter::new(&mut self.out).write_page(page)?;
        if let Some(chunk) = &mut self.chunk {
            chunk.bytes_compressed += written.compressed_size as u64;
            chunk.bytes_uncompressed += written.uncompressed_size as u64;
        }
        Ok(())
    }

    /// Ends the chunk; `range` is its smallest and largest value and number of nulls.
    pub(super) fn end(&mut self, range: Option<(i64, i64, u64)>) -> Option<ChunkMeta> {
        let mut chunk = self.chunk.take()?;
        chunk.range = range;
        Some(chunk)
    }

    /// Everything written.
    pub(super) fn into_bytes(self) -> Result<Vec<u8>> {
        Ok(self.out.into_inner()?)
    }
}

/// A compressor that is used again and again.
pub(super) struct Zstd(Compressor<'static>);

impl Zstd {
    pub(super) fn new() -> Result<Zstd> {
        Ok(Zstd(Compressor::new(ZSTD_LEVEL)?))
    }
}

/// Appends levels with the length before them, as data pages of version 1 hold them.
pub(super) fn levels_into(out: &mut Vec<u8>, levels: &[u8], width: u32) {
    let start = out.len();
    out.extend_from_slice(&[0; 4]);
    hybrid_into(out, levels, width);
    let length = (out.len() - start - 4) as u32;
    if let Some(prefix) = out.get_mut(start..start + 4) {
        prefix.copy_from_slice(&length.to_le_bytes());
    }
}

/// Appends the numbers of dictionary entries.
pub(super) fn indices_into<T: Copy + PartialEq + Into<u64>>(
    out: &mut Vec<u8>,
    indices: &[T],
    entries: usize,
) {
    let width = usize::BITS - entries.saturating_sub(1).leading_zeros();
    out.push(width as u8);
    hybrid_into(out, indices, width);
}

/// RLE and bit-packing hybrid: one run when every value is the same, one packed run otherwise. What is left
/// of repetition falls to the compressor, which is quicker than to look for runs.
fn hybrid_into<T: Copy + PartialEq + Into<u64>>(out: &mut Vec<u8>, values: &[T], width: u32) {
    let Some(first) = values.first() else { return };
    if values.iter().all(|value| value == first) {
        varint_into(out, (values.len() as u64) << 1);
        let value: u64 = (*first).into();
        let bytes = width.div_ceil(8) as usize;
        out.extend(value.to_le_bytes().iter().take(bytes));
    } else {
        varint_into(out, (values.len().div_ceil(8) as u64) << 1 | 1);
        pack_into(out, values.iter().map(|value| (*value).into()), values.len().next_multiple_of(8), width);
    }
}

/// Packs `count` values of `width` bits (at most 64), lowest bit first; missing ones are zero.
fn pack_into(out: &mut Vec<u8>, values: impl Iterator<Item = u64>, count: usize, width: u32) {
    let end = out.len() + (count * width as usize).div_ceil(8);
    let mut pending: u128 = 0;
    let mut bits = 0;
    for value in values {
        pending |= u128::from(value) << bits;
        bits += width;
        if bits >= 64 {
            out.extend_from_slice(&(pending as u64).to_le_bytes());
            pending >>= 64;
            bits -= 64;
        }
    }
    while bits > 0 {
        out.push(pending as u8);
        pending >>= 8;
        bits = bits.saturating_sub(8);
    }
    out.resize(end, 0);
}

/// Values of a block and of a miniblock of DELTA_BINARY_PACKED.
const DELTA_BLOCK: usize = 128;
const DELTA_MINIBLOCK: usize = 32;

/// Appends whole numbers as packed differences (DELTA_BINARY_PACKED).
pub(super) fn delta_into(out: &mut Vec<u8>, values: &[i64]) {
    varint_into(out, DELTA_BLOCK as u64);
    varint_into(out, (DELTA_BLOCK / DELTA_MINIBLOCK) as u64);
    varint_into(out, values.len() as u64);
    let first = values.first().copied().unwrap_or(0);
    varint_into(out, zigzag(first));
    let mut deltas = [0_i64; DELTA_BLOCK];
    let mut last = first;
    for block in values.get(1..).unwrap_or_default().chunks(DELTA_BLOCK) {
        for (delta, value) in deltas.iter_mut().zip(block) {
            *delta = value.wrapping_sub(last);
            last = *value;
        }
        let used = deltas.get(..block.len()).unwrap_or_default();
        let smallest = used.iter().copied().min().unwrap_or(0);
        varint_into(out, zigzag(smallest));
        let widths = out.len();
        out.extend_from_slice(&[0; DELTA_BLOCK / DELTA_MINIBLOCK]);
        for (index, part) in used.chunks(DELTA_MINIBLOCK).enumerate() {
            let above = |delta: &i64| delta.wrapping_sub(smallest) as u64;
            let all = part.iter().map(above).fold(0, |all, one| all | one);
            let width = u64::BITS - all.leading_zeros();
            if let Some(byte) = out.get_mut(widths + index) {
                *byte = width as u8;
            }
            pack_into(out, part.iter().map(above), DELTA_MINIBLOCK, width);
        }
    }
}

fn zigzag(value: i64) -> u64 {
    (value << 1 ^ value >> 63) as u64
}

fn varint_into(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}
