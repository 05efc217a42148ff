//! Reads chosen records back, for `explain`, and all that count, for draws.

use super::layout::{PERSON, RECORD, schema};
use crate::error::{ReportError, Result};
use parquet::column::reader::get_typed_column_reader;
use parquet::data_type::{ByteArray, ByteArrayType, DataType, FixedLenByteArrayType, Int32Type, Int64Type};
use parquet::file::reader::{ChunkReader, FileReader, RowGroupReader, SerializedFileReader};
use parquet::file::statistics::Statistics;
use std::collections::BTreeSet;

/// One mention of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentionRow {
    /// Id of the kind, such as `CN_ID`.
    pub kind: String,
    /// `valid`, `masked`, `placeholder` or `invalid:` and the reason.
    pub state: String,
    /// Keyed hash of the normal form; valid mentions only.
    pub hash: Option<[u8; 16]>,
    /// The masked form.
    pub masked: String,
}

/// One record as it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecordRow {
    /// Position in the file, from 1.
    pub record: u64,
    /// As in every output.
    pub file: String,
    /// The way from the file to the record.
    pub place: Option<String>,
    /// Row, line, message or party, from 1.
    pub row: u64,
    /// Whose information it is within the row, from 0.
    pub role: u32,
    /// `valid`, `invalid` or `masked`.
    pub state: String,
    /// Ids of the kinds with a valid mention, in the order of `Kind::ALL`, parted by commas.
    pub kinds: String,
    /// In the order in which they stand.
    pub mentions: Vec<MentionRow>,
    /// Number of the person.
    pub person: Option<u64>,
    /// 3, 4 or 5.
    pub tier: Option<u32>,
    /// Number of the record that it repeats.
    pub repeat_of: Option<u64>,
}

/// What a draw needs of a record that counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CountedRow<'a> {
    /// Position in the file, from 1.
    pub record: u64,
    /// 3, 4 or 5.
    pub tier: u32,
    /// As in [`RecordRow::kinds`].
    pub kinds: &'a str,
    /// As in every output.
    pub file: &'a str,
}

/// Every record of `person`, in file order.
///
/// # Errors
/// When the file cannot be read or is no `records.parquet`.
pub fn read_person(file: impl ChunkReader + 'static, person: u64) -> Result<Vec<RecordRow>> {
    RecordsReader::new(file)?.person(person)
}

/// A finished `records.parquet`.
pub struct RecordsReader<R: ChunkReader + 'static>(SerializedFileReader<R>);

impl<R: ChunkReader + 'static> RecordsReader<R> {
    /// Reads the footer.
    ///
    /// # Errors
    /// When the file cannot be read or its columns are not those of a `records.parquet`.
    pub fn new(file: R) -> Result<RecordsReader<R>> {
        let file = SerializedFileReader::new(file)?;
        let found = file.metadata().file_metadata().schema_descr_ptr();
        if found.columns() != schema()?.columns() {
            return Err(ReportError::State("its columns are not those of records.parquet"));
        }
        Ok(RecordsReader(file))
    }

    /// Number of records.
    pub fn rows(&self) -> u64 {
        self.0.metadata().file_metadata().num_rows().unsigned_abs()
    }

    /// Every record of `person`, in file order. Reads the column of persons, and of the groups in which the
    /// person stands the records of that person.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn person(&self, person: u64) -> Result<Vec<RecordRow>> {
        let wanted = i64::try_from(person).unwrap_or(0);
        let mut found = Vec::new();
        for (index, group) in self.0.metadata().row_groups().iter().enumerate() {
            let range = group.columns().get(PERSON).and_then(|column| column.statistics());
            if !may_hold(range, wanted) {
                continue;
            }
            let group = self.0.get_row_group(index)?;
            let rows = rows_of(group.as_ref(), wanted)?;
            if !rows.is_empty() {
                found.append(&mut pick_rows(group.as_ref(), &rows)?);
            }
        }
        Ok(found)
    }

    /// The records of these numbers (from 1, ascending); numbers beyond the end give nothing.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn records(&self, numbers: &[u64]) -> Result<Vec<RecordRow>> {
        let mut found = Vec::new();
        let mut first = 1;
        for index in 0..self.0.metadata().num_row_groups() {
            let end = first + self.0.metadata().row_group(index).num_rows().unsigned_abs();
            let rows: Vec<usize> = numbers
                .iter()
                .filter(|number| (first..end).contains(number))
                .map(|number| (number - first) as usize)
                .collect();
            if !rows.is_empty() {
                found.append(&mut pick_rows(self.0.get_row_group(index)?.as_ref(), &rows)?);
            }
            first = end;
        }
        Ok(found)
    }

    /// Hands on every record that counts: it has a tier and repeats no other. One row group at a time.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn counted(&self, mut each: impl FnMut(CountedRow<'_>)) -> Result<()> {
        for index in 0..self.0.metadata().num_row_groups() {
            let group = self.0.get_row_group(index)?;
            let group = group.as_ref();
            let tiers = flat::<Int32Type>(group, PERSON + 1)?;
            let repeats = flat::<Int64Type>(group, PERSON + 2)?;
            let records = flat::<Int64Type>(group, RECORD)?;
            let files = flat::<ByteArrayType>(group, 1)?;
            let kinds = flat::<ByteArrayType>(group, 6)?;
            let rows = tiers.iter().zip(&repeats).zip(records.iter().zip(files.iter().zip(&kinds)));
            for ((tier, repeat), row) in rows {
                let (Some(tier), None, (Some(record), (Some(file), Some(kinds)))) = (tier, repeat, row)
                else {
                    continue;
                };
                each(CountedRow {
                    record: record.unsigned_abs(),
                    tier: tier.unsigned_abs(),
                    kinds: borrowed(kinds)?,
                    file: borrowed(file)?,
                });
            }
        }
        Ok(())
    }

    /// The numbers of the records that hold a valid mention with one of these keyed hashes, ascending.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn holders(&self, hashes: &BTreeSet<[u8; 16]>) -> Result<Vec<u64>> {
        let mut found = Vec::new();
        let mut number = 0;
        for index in 0..self.0.metadata().num_row_groups() {
            let group = self.0.get_row_group(index)?;
            let column = group.get_column_reader(HASH)?;
            let mut reader = get_typed_column_reader::<FixedLenByteArrayType>(column);
            let (mut known, mut starts, mut values) = (Vec::new(), Vec::new(), Vec::new());
            let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
            reader.read_records(rows, Some(&mut known), Some(&mut starts), &mut values)?;
            let mut values = values.iter();
            for (known, start) in known.iter().zip(&starts) {
                number += u64::from(*start == 0);
                let hash = if *known == 2 { values.next() } else { None };
                let hash = hash.and_then(|hash| <[u8; 16]>::try_from(hash.data()).ok());
                if hash.is_some_and(|hash| hashes.contains(&hash)) && found.last() != Some(&number) {
                    found.push(number);
                }
            }
        }
        Ok(found)
    }
}

/// Position of the column of hashes.
const HASH: usize = 9;

fn may_hold(range: Option<&Statistics>, wanted: i64) -> bool {
    match range {
        Some(Statistics::Int64(range)) => {
            range.min_opt().is_none_or(|min| *min <= wanted)
                && range.max_opt().is_none_or(|max| *max >= wanted)
        }
        _ => true,
    }
}

/// The positions in the group of the records of a person.
fn rows_of(group: &dyn RowGroupReader, wanted: i64) -> Result<Vec<usize>> {
    let mut reader = get_typed_column_reader::<Int64Type>(group.get_column_reader(PERSON)?);
    let (mut levels, mut persons) = (Vec::new(), Vec::new());
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    reader.read_records(rows, Some(&mut levels), None, &mut persons)?;
    let mut persons = persons.into_iter();
    let mut found = Vec::new();
    for (row, level) in levels.iter().enumerate() {
        if *level == 1 && persons.next() == Some(wanted) {
            found.push(row);
        }
    }
    Ok(found)
}

/// What one record holds in one column: its values, and a level for each entry.
struct Picked<T> {
    values: Vec<T>,
    levels: Vec<i16>,
}

/// Reads the values of `rows` (ascending) and passes over the others.
fn pick<T: DataType>(group: &dyn RowGroupReader, column: usize, rows: &[usize]) -> Result<Vec<Picked<T::T>>> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
    let mut at = 0;
    let mut picked = Vec::with_capacity(rows.len());
    for row in rows {
        reader.skip_records(row.saturating_sub(at))?;
        let mut one = Picked { values: Vec::new(), levels: Vec::new() };
        reader.read_records(1, Some(&mut one.levels), Some(&mut Vec::new()), &mut one.values)?;
        at = row + 1;
        picked.push(one);
    }
    Ok(picked)
}

fn pick_rows(group: &dyn RowGroupReader, rows: &[usize]) -> Result<Vec<RecordRow>> {
    let number = |column| pick::<Int64Type>(group, column, rows);
    let text = |column| pick::<ByteArrayType>(group, column, rows);
    let small = |column| pick::<Int32Type>(group, column, rows);
    let (records, files, places, row_numbers) = (number(RECORD)?, text(1)?, text(2)?, number(3)?);
    let (roles, states, kinds) = (small(4)?, text(5)?, text(6)?);
    let (mention_kinds, mention_states, masked) = (text(7)?, text(8)?, text(10)?);
    let hashes = pick::<FixedLenByteArrayType>(group, HASH, rows)?;
    let (persons, tiers, repeats) = (number(PERSON)?, small(PERSON + 1)?, number(PERSON + 2)?);

    let first_text = |column: &[Picked<ByteArray>], index| -> Result<Option<String>> {
        let value = column.get(index).and_then(|one: &Picked<ByteArray>| one.values.first());
        value.map(as_text).transpose()
    };
    let first_number = |column: &[Picked<i64>], index| {
        column.get(index).and_then(|one: &Picked<i64>| one.values.first()).map(|number| number.unsigned_abs())
    };
    let first_small = |column: &[Picked<i32>], index| {
        column.get(index).and_then(|one: &Picked<i32>| one.values.first()).map(|number| number.unsigned_abs())
    };
    (0..rows.len())
        .map(|index| {
            let mentions = match (
                mention_kinds.get(index),
                mention_states.get(index),
                hashes.get(index),
                masked.get(index),
            ) {
                (Some(kinds), Some(states), Some(hashes), Some(masked)) => {
                    mentions_of(kinds, states, hashes, masked)?
                }
                _ => Vec::new(),
            };
            Ok(RecordRow {
                record: first_number(&records, index).unwrap_or(0),
                file: first_text(&files, index)?.unwrap_or_default(),
                place: first_text(&places, index)?,
                row: first_number(&row_numbers, index).unwrap_or(0),
                role: first_small(&roles, index).unwrap_or(0),
                state: first_text(&states, index)?.unwrap_or_default(),
                kinds: first_text(&kinds, index)?.unwrap_or_default(),
                mentions,
                person: first_number(&persons, index),
                tier: first_small(&tiers, index),
                repeat_of: first_number(&repeats, index),
            })
        })
        .collect()
}

fn mentions_of(
    kinds: &Picked<ByteArray>,
    states: &Picked<ByteArray>,
    hashes: &Picked<parquet::data_type::FixedLenByteArray>,
    masked: &Picked<ByteArray>,
) -> Result<Vec<MentionRow>> {
    let mut known = hashes.values.iter();
    let mut hash = hashes.levels.iter().map(|level| match level {
        2 => known.next().and_then(|hash| <[u8; 16]>::try_from(hash.data()).ok()),
        _ => None,
    });
    kinds
        .values
        .iter()
        .zip(&states.values)
        .zip(&masked.values)
        .map(|((kind, state), masked)| {
            Ok(MentionRow {
                kind: as_text(kind)?,
                state: as_text(state)?,
                hash: hash.next().flatten(),
                masked: as_text(masked)?,
            })
        })
        .collect()
}

/// A column of one value a record, which may be missing.
fn flat<T: DataType>(group: &dyn RowGroupReader, column: usize) -> Result<Vec<Option<T::T>>> {
    let mut reader = get_typed_column_reader::<T>(group.get_column_reader(column)?);
    let (mut levels, mut values) = (Vec::new(), Vec::new());
    let rows = usize::try_from(group.metadata().num_rows()).unwrap_or(usize::MAX);
    reader.read_records(rows, Some(&mut levels), None, &mut values)?;
    // A column in which nothing may be missing has no levels.
    if levels.is_empty() {
        return Ok(values.into_iter().map(Some).collect());
    }
    let mut values = values.into_iter();
    Ok(levels.iter().map(|level| if *level == 0 { None } else { values.next() }).collect())
}

fn as_text(value: &ByteArray) -> Result<String> {
    borrowed(value).map(str::to_owned)
}

fn borrowed(value: &ByteArray) -> Result<&str> {
    match value.as_utf8() {
        Ok(text) => Ok(text),
        // The library's message would quote the bytes.
        Err(_) => Err(ReportError::State("a text in it is not UTF-8")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::layout::COLUMNS;

    #[test]
    fn the_positions_used_here_are_those_of_the_columns() {
        let by_position = [(1, "file"), (2, "where"), (3, "row"), (4, "role"), (5, "state"), (6, "kinds")];
        for (position, name) in by_position {
            assert_eq!(COLUMNS[position], name);
        }
        assert!(COLUMNS[7].ends_with("kind") && COLUMNS[8].ends_with("state"));
        assert!(COLUMNS[super::HASH].ends_with("hash") && COLUMNS[10].ends_with("masked"));
    }
}
