//! The file itself: groups one after another, then the late columns, then the footer.

use super::encode::EncodedGroup;
use super::layout::{ChunkMeta, Codec, Group, Layout, PERSON, RECORD, schema};
use super::page::{ChunkWriter, Zstd, delta_into, indices_into, levels_into};
use crate::error::{ReportError, Result};
use parquet::file::metadata::{FileMetaData, KeyValue, ParquetMetaData, ParquetMetaDataWriter};
use serde::{Deserialize, Serialize};
use std::io::Write;

/// Names the shape of the file in its own metadata; readers need not know it.
const SHAPE: &str = "zhunsheng.records/1";
/// Written as the application by which the file was made; it holds no program version, so that two versions
/// that find the same write the same.
const CREATED_BY: &str = "zhunsheng version 1.0.0";
const MAGIC: &[u8; 4] = b"PAR1";

/// `records.parquet` being written.
///
/// Groups are appended in the order that the caller wants in the file; the number of a record is its
/// position from 1.
pub struct RecordsFile<W: Write> {
    write: W,
    state: SavedState,
    zstd: Zstd,
}

#[derive(Serialize, Deserialize)]
struct SavedState {
    shape: String,
    position: u64,
    rows: u64,
    groups: Vec<Group>,
}

impl<W: Write> RecordsFile<W> {
    /// Begins a file.
    ///
    /// # Errors
    /// When `write` fails.
    pub fn new(mut write: W) -> Result<RecordsFile<W>> {
        write.write_all(MAGIC)?;
        let state = SavedState { shape: SHAPE.to_owned(), position: 4, rows: 0, groups: Vec::new() };
        Ok(RecordsFile { write, state, zstd: Zstd::new()? })
    }

    /// Goes on with a file that was left. `write` must stand at [`RecordsFile::position`] of the saved file,
    /// with anything behind it cut off.
    ///
    /// # Errors
    /// [`ReportError::State`] when `saved` does not come from [`RecordsFile::save`] of this version.
    pub fn resume(write: W, saved: &[u8]) -> Result<RecordsFile<W>> {
        let state: SavedState =
            serde_json::from_slice(saved).map_err(|_| ReportError::State("it cannot be read"))?;
        if state.shape != SHAPE {
            return Err(ReportError::State("it comes from another version"));
        }
        let rows: u64 = state.groups.iter().map(|group| group.rows).sum();
        if rows != state.rows || state.position < MAGIC.len() as u64 {
            return Err(ReportError::State("its numbers contradict each other"));
        }
        Ok(RecordsFile { write, state, zstd: Zstd::new()? })
    }

    /// What [`RecordsFile::resume`] needs, about 2 KB a group.
    ///
    /// # Errors
    /// Never in practice: plain numbers are written as JSON.
    pub fn save(&self) -> Result<Vec<u8>> {
        Ok(serde_json::to_vec(&self.state)?)
    }

    /// Bytes written so far.
    pub fn position(&self) -> u64 {
        self.state.position
    }

    /// Records appended so far.
    pub fn rows(&self) -> u64 {
        self.state.rows
    }

    /// The records of each group, in order: the cuts at which [`RecordsFile::finish_with`] asks.
    pub fn rows_by_group(&self) -> impl ExactSizeIterator<Item = u64> {
        self.state.groups.iter().map(|group| group.rows)
    }

    /// Makes sure that everything appended has reached `write`'s own buffers.
    ///
    /// # Errors
    /// When `write` fails.
    pub fn flush(&mut self) -> Result<()> {
        Ok(self.write.flush()?)
    }

    /// Appends a group; an empty one leaves the file as it is.
    ///
    /// # Errors
    /// When `write` fails; the file is then of no use.
    pub fn append(&mut self, group: EncodedGroup) -> Result<()> {
        if group.rows == 0 {
            return Ok(());
        }
        let first = self.state.rows + 1;
        let numbers: Vec<i64> = (first..first + group.rows).map(|number| number as i64).collect();
        let mut chunks = group.chunks;
        let mut writer = ChunkWriter::new(1 << 12);
        writer.begin(RECORD, Codec::Zstd, Layout::Delta);
        let mut body = Vec::new();
        delta_into(&mut body, &numbers);
        writer.data(&mut self.zstd, body, numbers.len())?;
        let range = (first as i64, (first + group.rows - 1) as i64, 0);
        let record = writer.end(Some(range));

        chunks.iter_mut().for_each(|chunk| chunk.shift(self.state.position));
        self.put(&group.bytes)?;
        self.put_chunks(writer, record.into_iter().collect(), &mut chunks)?;
        chunks.sort_by_key(|chunk| chunk.column);
        self.state.rows += group.rows;
        self.state.groups.push(Group { rows: group.rows, chunks });
        Ok(())
    }

    /// Writes the columns known after counting and the footer, and gives the writer back.
    ///
    /// One entry a record in file order.
    /// * `person`: number of the person from 1, 0 for none.
    /// * `tier`: 3, 4 or 5, 0 for none.
    /// * `repeat_of`: number of the record that it repeats, 0 for none.
    ///
    /// # Errors
    /// [`ReportError::WrongLength`] when a column does not have one entry a record; when `write` fails.
    pub fn finish(self, person: &[u32], tier: &[u8], repeat_of: &[u32]) -> Result<W> {
        let records = self.state.rows;
        let lengths = [("person", person.len()), ("tier", tier.len()), ("repeat_of", repeat_of.len())];
        for (column, given) in lengths {
            if given as u64 != records {
                return Err(ReportError::WrongLength { column, records, given: given as u64 });
            }
        }
        let mut at = 0;
        self.finish_with(|rows, late| {
            let range = at..at + rows as usize;
            at = range.end;
            late.person.extend_from_slice(person.get(range.clone()).unwrap_or_default());
            late.tier.extend_from_slice(tier.get(range.clone()).unwrap_or_default());
            late.repeat_of.extend_from_slice(repeat_of.get(range).unwrap_or_default());
            Ok(())
        })
    }

    /// Like [`RecordsFile::finish`], for callers that do not hold every value in memory: `fill` is called once
    /// a group, in order, with the number of its records and empty columns to fill.
    ///
    /// # Errors
    /// [`ReportError::WrongLength`] when a column does not get one entry a record; when `fill` or `write`
    /// fails.
    pub fn finish_with(
        mut self,
        mut fill: impl FnMut(u64, &mut LateColumns) -> std::io::Result<()>,
    ) -> Result<W> {
        let mut late = LateColumns::default();
        let mut groups = std::mem::take(&mut self.state.groups);
        for group in &mut groups {
            late.clear();
            fill(group.rows, &mut late)?;
            late.check(group.rows)?;
            let mut writer = ChunkWriter::new(late.person.len() * 8);
            let chunks = late.encode(&mut writer, &mut self.zstd)?;
            self.put_chunks(writer, chunks, &mut group.chunks)?;
        }
        self.put_footer(&groups)?;
        self.write.flush()?;
        Ok(self.write)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.write.write_all(bytes)?;
        self.state.position += bytes.len() as u64;
        Ok(())
    }

    /// Writes what `writer` holds and adds its chunks, moved to their place, to `into`.
    fn put_chunks(
        &mut self,
        writer: ChunkWriter,
        mut chunks: Vec<ChunkMeta>,
        into: &mut Vec<ChunkMeta>,
    ) -> Result<()> {
        chunks.iter_mut().for_each(|chunk| chunk.shift(self.state.position));
        self.put(&writer.into_bytes()?)?;
        into.append(&mut chunks);
        Ok(())
    }

    fn put_footer(&mut self, groups: &[Group]) -> Result<()> {
        let schema = schema()?;
        let row_groups: Vec<_> =
            groups.iter().map(|group| group.metadata(&schema)).collect::<std::result::Result<_, _>>()?;
        let shape = KeyValue::new("zhunsheng.shape".to_owned(), SHAPE.to_owned());
        let rows = i64::try_from(self.state.rows).unwrap_or(i64::MAX);
        let file =
            FileMetaData::new(2, rows, Some(CREATED_BY.to_owned()), Some(vec![shape]), schema.clone(), None);
        let metadata = ParquetMetaData::new(file, row_groups);
        let mut footer = Vec::new();
        // Written to memory first: the footer holds offsets of the whole file and needs none of its own.
        ParquetMetaDataWriter::new(&mut footer, &metadata).finish()?;
        self.put(&footer)
    }
}

/// The columns of one group that are known after counting; see [`RecordsFile::finish`] for the values.
#[derive(Default)]
pub struct LateColumns {
    /// Number of the person from 1, 0 for none.
    pub person: Vec<u32>,
    /// 3, 4 or 5, 0 for none.
    pub tier: Vec<u8>,
    /// Number of the record repeated, 0 for none.
    pub repeat_of: Vec<u32>,
}

impl LateColumns {
    fn clear(&mut self) {
        self.person.clear();
        self.tier.clear();
        self.repeat_of.clear();
    }

    fn check(&self, records: u64) -> Result<()> {
        let lengths =
            [("person", self.person.len()), ("tier", self.tier.len()), ("repeat_of", self.repeat_of.len())];
        match lengths.into_iter().find(|(_, given)| *given as u64 != records) {
            Some((column, given)) => Err(ReportError::WrongLength { column, records, given: given as u64 }),
            None => Ok(()),
        }
    }

    fn encode(&self, writer: &mut ChunkWriter, zstd: &mut Zstd) -> Result<Vec<ChunkMeta>> {
        let mut chunks = Vec::new();
        chunks.extend(optional_numbers(writer, zstd, PERSON, &self.person)?);
        chunks.extend(tiers(writer, zstd, &self.tier)?);
        chunks.extend(optional_numbers(writer, zstd, PERSON + 2, &self.repeat_of)?);
        Ok(chunks)
    }
}

/// A column of numbers in which 0 stands for nothing.
fn optional_numbers(
    writer: &mut ChunkWriter,
    zstd: &mut Zstd,
    column: usize,
    numbers: &[u32],
) -> Result<Option<ChunkMeta>> {
    let levels: Vec<u8> = numbers.iter().map(|number| u8::from(*number != 0)).collect();
    let known: Vec<i64> =
        numbers.iter().filter(|number| **number != 0).map(|number| i64::from(*number)).collect();
    let mut body = Vec::with_capacity(numbers.len() * 4 + 64);
    levels_into(&mut body, &levels, 1);
    delta_into(&mut body, &known);
    writer.begin(column, Codec::Zstd, Layout::Delta);
    writer.data(zstd, body, numbers.len())?;
    let nulls = (numbers.len() - known.len()) as u64;
    let range = known.iter().min().zip(known.iter().max()).map(|(min, max)| (*min, *max, nulls));
    Ok(writer.end(range))
}

/// The dictionary of tiers is fixed; entry `n` is tier `n`, and 0 stands for nothing.
fn tiers(writer: &mut ChunkWriter, zstd: &mut Zstd, tiers: &[u8]) -> Result<Option<ChunkMeta>> {
    let levels: Vec<u8> = tiers.iter().map(|tier| u8::from(*tier != 0)).collect();
    let known: Vec<u8> = tiers.iter().copied().filter(|tier| *tier != 0).collect();
    let entries = known.iter().max().map_or(1, |highest| usize::from(*highest) + 1);
    let mut body = Vec::with_capacity(tiers.len() + 64);
    levels_into(&mut body, &levels, 1);
    indices_into(&mut body, &known, entries);
    writer.begin(PERSON + 1, Codec::Zstd, Layout::Dictionary);
    writer.dictionary(zstd, (0..entries as u32).flat_map(u32::to_le_bytes).collect(), entries as u32)?;
    writer.data(zstd, body, tiers.len())?;
    Ok(writer.end(None))
}
