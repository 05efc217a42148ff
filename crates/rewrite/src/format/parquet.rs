//! Parquet: every column chunk is written anew, so that statistics, dictionaries and pages hold new values alone.
//!
//! Schema, row groups, compression and the notes of the writer stay. A value in a list is not changed: such a
//! file is refused, as is one whose notes hold a replaced value.

use super::{Change, Hands, Place, Rewriter, Spot};
use crate::content::Content;
use crate::error::RewriteError;
use ::parquet::basic::{ConvertedType, LogicalType, Type};
use ::parquet::column::reader::{ColumnReader, get_typed_column_reader};
use ::parquet::data_type::{
    BoolType, ByteArray, ByteArrayType, DataType, DoubleType, FixedLenByteArrayType, FloatType, Int32Type,
    Int64Type, Int96Type,
};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use ::parquet::schema::types::ColumnDescriptor;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::ControlFlow;
use std::sync::Arc;
use zhunsheng_model::{Fragment, Problem, TableFragment};
use zhunsheng_protect::Slot;
use zhunsheng_source::{ReadOptions, Sink, read_stream};

/// A file up to this size is written again; it is held in memory.
const FILE_BYTES_MAX: u64 = 1 << 30;

/// Parquet file.
pub(super) struct Parquet;

impl Rewriter for Parquet {
    fn formats(&self) -> &'static [&'static str] {
        &["parquet"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        let bytes = Bytes::from(content.bytes(place.name, place.format, FILE_BYTES_MAX)?);
        let failed = |error: ParquetError| failure(&error, place.name);
        let reader = SerializedFileReader::new(bytes.clone()).map_err(failed)?;
        let holds: Vec<Holds> =
            reader.metadata().file_metadata().schema_descr().columns().iter().map(|c| Holds::of(c)).collect();
        let mut taker = Taker {
            name: place.file(),
            hands,
            place: place.name,
            holds: &holds,
            news: BTreeMap::new(),
            olds: BTreeSet::new(),
            result: Ok(()),
        };
        let options = ReadOptions { temp_dir: place.temp.to_owned(), ..ReadOptions::default() };
        read_stream(place.name, &mut bytes.as_ref(), &options, &mut taker);
        taker.result?;
        let written = write(&reader, &holds, &taker.news, &taker.olds, place.name)?;
        out.write_all(&written).map_err(RewriteError::sink)
    }
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Holds {
    Text,
    Integer,
    Day,
    Other,
}

impl Holds {
    fn of(column: &ColumnDescriptor) -> Holds {
        let (logical, converted) = (column.logical_type_ref(), column.converted_type());
        match column.physical_type() {
            Type::INT32 if matches!(logical, Some(LogicalType::Date)) || converted == ConvertedType::DATE => {
                Holds::Day
            }
            Type::INT32 | Type::INT64 => match (logical, converted) {
                (None, ConvertedType::NONE) => Holds::Integer,
                (Some(LogicalType::Integer(of)), _) if of.is_signed => Holds::Integer,
                _ => Holds::Other,
            },
            Type::BYTE_ARRAY if !matches!(logical, Some(LogicalType::Decimal(_))) => match converted {
                ConvertedType::DECIMAL => Holds::Other,
                _ => Holds::Text,
            },
            _ => Holds::Other,
        }
    }

    fn slot(self) -> Slot {
        match self {
            Holds::Text => Slot::Text,
            Holds::Integer | Holds::Other => Slot::Integer,
            Holds::Day => Slot::Date,
        }
    }
}

/// New values by column and row, both from 0; `None` for an empty one.
type News = BTreeMap<usize, BTreeMap<u64, Option<String>>>;

struct Taker<'a> {
    name: Arc<str>,
    hands: &'a mut dyn Hands,
    place: &'a str,
    holds: &'a [Holds],
    news: News,
    olds: BTreeSet<String>,
    result: Result<(), RewriteError>,
}

impl Taker<'_> {
    fn take(&mut self, table: &TableFragment, changes: &[Change]) -> Option<()> {
        let mut at = 0;
        while let Some(first) = changes.get(at) {
            let Spot::Cell(row, column) = first.spot else { return None };
            let cell = table.cells.row(row).nth(column)?;
            let (mut text, mut from, mut is_null) = (String::new(), 0, false);
            while let Some(change) = changes.get(at).filter(|change| change.spot == first.spot) {
                let old = cell.get(change.range.clone())?;
                is_null |= change.new.is_none() && old.len() == cell.len();
                let new = change.new.as_deref().unwrap_or_default();
                if old.len() >= 6 && !new.contains(old) {
                    self.olds.insert(old.to_owned());
                }
                text.push_str(cell.get(from..change.range.start)?);
                text.push_str(new);
                from = change.range.end;
                at += 1;
            }
            text.push_str(cell.get(from..)?);
            if text != cell {
                let row = table.first_row - 1 + row as u64;
                self.news.entry(column).or_default().insert(row, (!is_null).then_some(text));
            }
        }
        Some(())
    }
}

impl Sink for Taker<'_> {
    fn opened(&mut self, _: &zhunsheng_model::Place, _: &'static str) {}

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        let lost = || RewriteError::NoPlace { place: self.place.to_owned() };
        self.result = match &fragment {
            Fragment::Table(table) if table.place.file == self.name => {
                let holds = self.holds;
                let slots = |_: usize, column: usize| holds.get(column).map_or(Slot::Text, |h| h.slot());
                match self.hands.changes(&fragment, &slots) {
                    Ok(changes) => self.take(table, &changes).ok_or_else(lost),
                    Err(error) => Err(error),
                }
            }
            _ => Err(lost()),
        };
        if self.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn problem(&mut self, problem: Problem) {
        if self.result.is_ok() {
            self.result = Err(RewriteError::unreadable(self.place, problem.detail));
        }
    }
}

fn write(
    reader: &SerializedFileReader<Bytes>,
    holds: &[Holds],
    news: &News,
    olds: &BTreeSet<String>,
    place: &str,
) -> Result<Vec<u8>, RewriteError> {
    let failed = |error: ParquetError| failure(&error, place);
    let lost = || RewriteError::NoPlace { place: place.to_owned() };
    let metadata = reader.metadata();
    let file = metadata.file_metadata();
    let notes = file.key_value_metadata().cloned();
    let in_notes = |old: &String| {
        notes
            .iter()
            .flatten()
            .any(|note| note.value.as_ref().is_some_and(|value| value.contains(old.as_str())))
    };
    if olds.iter().any(in_notes) {
        return Err(RewriteError::unreadable(place, "a replaced value stands in the notes of the file"));
    }
    let mut properties = WriterProperties::builder().set_key_value_metadata(notes.clone());
    if metadata.num_row_groups() > 0 {
        for column in metadata.row_group(0).columns() {
            properties =
                properties.set_column_compression(column.column_path().clone(), column.compression());
        }
    }
    let schema = file.schema_descr().root_schema_ptr();
    let mut writer =
        SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties.build())).map_err(failed)?;
    let none = BTreeMap::new();
    let mut first = 0u64;
    for number in 0..metadata.num_row_groups() {
        let group = reader.get_row_group(number).map_err(failed)?;
        let mut new_group = writer.next_row_group().map_err(failed)?;
        let rows = usize::try_from(metadata.row_group(number).num_rows()).map_err(|_| lost())?;
        for index in 0..group.num_columns() {
            let column = group.get_column_reader(index).map_err(failed)?;
            let mut new_column = new_group.next_column().map_err(failed)?.ok_or_else(lost)?;
            let edits = Edits {
                news: news.get(&index).unwrap_or(&none),
                first,
                rows,
                descriptor: group.metadata().column(index).column_descr(),
                place,
            };
            let holds = holds.get(index).copied().unwrap_or(Holds::Other);
            edits.copy_any(column, &mut new_column, holds)?;
            new_column.close().map_err(failed)?;
        }
        new_group.close().map_err(failed)?;
        first += rows as u64;
    }
    writer.into_inner().map_err(failed)
}

struct Edits<'a> {
    news: &'a BTreeMap<u64, Option<String>>,
    /// Number of the first row of the group, from 0.
    first: u64,
    rows: usize,
    descriptor: &'a ColumnDescriptor,
    place: &'a str,
}

impl Edits<'_> {
    fn copy_any(
        &self,
        column: ColumnReader,
        new: &mut SerializedColumnWriter<'_>,
        holds: Holds,
    ) -> Result<(), RewriteError> {
        let number = |text: &str| match holds {
            Holds::Integer => text.parse::<i64>().ok(),
            Holds::Day => days(text),
            Holds::Text | Holds::Other => None,
        };
        match &column {
            ColumnReader::BoolColumnReader(_) => self.copy::<BoolType>(column, new, |_| None),
            ColumnReader::Int32ColumnReader(_) => {
                self.copy::<Int32Type>(column, new, |text| i32::try_from(number(text)?).ok())
            }
            ColumnReader::Int64ColumnReader(_) => self.copy::<Int64Type>(column, new, number),
            ColumnReader::Int96ColumnReader(_) => self.copy::<Int96Type>(column, new, |_| None),
            ColumnReader::FloatColumnReader(_) => {
                self.copy::<FloatType>(column, new, |text| text.parse().ok())
            }
            ColumnReader::DoubleColumnReader(_) => {
                self.copy::<DoubleType>(column, new, |text| text.parse().ok())
            }
            ColumnReader::ByteArrayColumnReader(_) => self.copy::<ByteArrayType>(column, new, |text| {
                (holds == Holds::Text).then(|| ByteArray::from(text.as_bytes().to_vec()))
            }),
            ColumnReader::FixedLenByteArrayColumnReader(_) => {
                self.copy::<FixedLenByteArrayType>(column, new, |_| None)
            }
        }
    }

    fn copy<T: DataType>(
        &self,
        column: ColumnReader,
        new: &mut SerializedColumnWriter<'_>,
        value_of: impl Fn(&str) -> Option<T::T>,
    ) -> Result<(), RewriteError> {
        let failed = |error: ParquetError| failure(&error, self.place);
        let lost = || RewriteError::NoPlace { place: self.place.to_owned() };
        let (max_def, max_rep) = (self.descriptor.max_def_level(), self.descriptor.max_rep_level());
        let mut reader = get_typed_column_reader::<T>(column);
        let (mut defs, mut reps, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut records = 0;
        while records < self.rows {
            let left = self.rows - records;
            let (got, _, _) =
                reader.read_records(left, Some(&mut defs), Some(&mut reps), &mut values).map_err(failed)?;
            if got == 0 {
                return Err(lost());
            }
            records += got;
        }
        let news: Vec<_> = self.news.range(self.first..self.first + self.rows as u64).collect();
        if !news.is_empty() {
            if max_rep > 0 {
                let detail = "a value in a list of a column cannot be changed";
                return Err(RewriteError::unreadable(self.place, detail));
            }
            let is_optional = self.descriptor.self_type().is_optional();
            let (mut kept, mut old) = (Vec::with_capacity(values.len()), values.into_iter());
            for row in 0..self.rows {
                let is_value = max_def == 0 || defs.get(row) == Some(&max_def);
                if !is_value {
                    continue;
                }
                let value = old.next().ok_or_else(lost)?;
                let Some(new) = self.news.get(&(self.first + row as u64)) else {
                    kept.push(value);
                    continue;
                };
                match (new.as_deref().and_then(&value_of), defs.get_mut(row)) {
                    (Some(new), _) => kept.push(new),
                    // What the column cannot hold goes.
                    (None, Some(def)) if is_optional => *def = max_def - 1,
                    _ => kept.push(value_of("").or_else(|| value_of("0")).ok_or_else(lost)?),
                }
            }
            values = kept;
        }
        let defs = (max_def > 0).then_some(defs.as_slice());
        let reps = (max_rep > 0).then_some(reps.as_slice());
        new.typed::<T>().write_batch(&values, defs, reps).map_err(failed)?;
        Ok(())
    }
}

/// Days from 1970-01-01 of a `YYYY-MM-DD`.
fn days(text: &str) -> Option<i64> {
    let mut parts = text.split('-').map(|part| part.parse::<i64>().ok());
    let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || parts.next().is_some() {
        return None;
    }
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let number = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some(number + (153 * month + 2) / 5 + day - 1 - 719_468)
}

/// The library's messages may hold values; these do not.
fn failure(error: &ParquetError, place: &str) -> RewriteError {
    let detail = match error {
        ParquetError::EOF(_) => "the file ends before its footer or within a column",
        ParquetError::NYI(_) => "the file uses what is not known",
        _ => "the file is damaged or uses what is not known",
    };
    RewriteError::unreadable(place, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{Values, left, rewritten, shown};
    use ::parquet::basic::{Compression, ZstdLevel};
    use ::parquet::schema::parser::parse_message_type;

    const SCHEMA: &str =
        "message a { optional binary name (UTF8); required int64 phone; optional int32 born (DATE);
        optional group tags (LIST) { repeated group list { optional binary element (UTF8); } } }";

    fn made() -> Vec<u8> {
        let schema = Arc::new(parse_message_type(SCHEMA).expect("schema"));
        let zstd = Compression::ZSTD(ZstdLevel::default());
        let properties = Arc::new(WriterProperties::builder().set_compression(zstd).build());
        let mut writer = SerializedFileWriter::new(Vec::new(), schema, properties).expect("writer");
        let text = |text: &str| ByteArray::from(text.as_bytes().to_vec());
        for _ in 0..2 {
            let mut group = writer.next_row_group().expect("group");
            let mut column = group.next_column().expect("ok").expect("column");
            let names = [text("王小明"), text("电话13800138000")];
            column.typed::<ByteArrayType>().write_batch(&names, Some(&[1, 0, 1]), None).expect("ok");
            column.close().expect("ok");
            let mut column = group.next_column().expect("ok").expect("column");
            column.typed::<Int64Type>().write_batch(&[13_800_138_000, 5, 6], None, None).expect("ok");
            column.close().expect("ok");
            let mut column = group.next_column().expect("ok").expect("column");
            column.typed::<Int32Type>().write_batch(&[11_016, 0], Some(&[1, 1, 0]), None).expect("ok");
            column.close().expect("ok");
            let mut column = group.next_column().expect("ok").expect("column");
            let tags = [text("李丽华"), text("甲")];
            let levels = (Some(&[3i16, 3, 0, 0][..]), Some(&[0i16, 1, 0, 0][..]));
            column.typed::<ByteArrayType>().write_batch(&tags, levels.0, levels.1).expect("ok");
            column.close().expect("ok");
            group.close().expect("ok");
        }
        writer.into_inner().expect("written")
    }

    #[test]
    fn no_page_and_no_statistic_keeps_a_value() {
        let before = made();
        let pairs = [("王小明", "王某"), ("13800138000", "13900139000"), ("2000-02-29", "2001-03-01")];
        let after = rewritten(before.clone(), "parquet", &mut Values::of(&pairs)).expect("written");
        let number = 13_800_138_000i64.to_le_bytes();
        assert!(!left(&before, &["王小明"]).is_empty() && memchr::memmem::find(&before, &number).is_some());
        assert!(left(&after, &["王小明", "13800138000"]).is_empty());
        assert!(memchr::memmem::find(&after, &number).is_none());
        let mut wanted = shown(&before);
        for line in &mut wanted {
            pairs.iter().for_each(|(old, new)| *line = line.replace(old, new));
        }
        assert_eq!(shown(&after), wanted);
        let (old, new) = (Bytes::from(before), Bytes::from(after));
        let (old, new) =
            (SerializedFileReader::new(old).expect("opens"), SerializedFileReader::new(new).expect("opens"));
        assert_eq!(old.metadata().num_row_groups(), new.metadata().num_row_groups());
        for column in new.metadata().row_group(1).columns() {
            assert!(matches!(column.compression(), Compression::ZSTD(_)));
        }
    }

    #[test]
    fn what_a_column_cannot_hold_goes_and_lists_are_refused() {
        let masked = [("13800138000", "138****8000"), ("2000-02-29", "某日")];
        let after = rewritten(made(), "parquet", &mut Values::of(&masked)).expect("written");
        let lines = shown(&after);
        assert!(
            lines.iter().any(|line| line.ends_with(" 1: 王小明|0||李丽华") || line.contains("王小明|0||")),
            "{lines:?}"
        );
        assert!(rewritten(made(), "parquet", &mut Values::of(&[("李丽华", "李某")])).is_err());
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("2000-02-29"), Some(11_016));
        assert_eq!(days("2000-13-01"), None);
    }
}
