//! Parquet: every leaf column, row group by row group.
//!
//! A leaf inside structures is named `outer/inner`; the values of a list in one row stand in one cell, a line
//! each.

use crate::error::SourceError;
use crate::format::rows::Rows;
use crate::format::value::{self, Meaning};
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use bytes::Bytes;
use parquet::basic::{ConvertedType, LogicalType, TimeUnit, Type};
use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, Int96};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, RowGroupReader, SerializedFileReader};
use parquet::schema::types::ColumnDescriptor;
use std::ops::Range;

/// Rows decoded at a time.
const BATCH_ROWS: usize = 4096;
/// Columns that are read; wider tables are no data about people.
const COLUMNS_MAX: usize = 20_000;

/// Parquet file.
pub(super) struct Parquet;

impl Format for Parquet {
    fn name(&self) -> &'static str {
        "parquet"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.head.starts_with(b"PAR1") || probe.head.starts_with(b"PARE")
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let source = input.into_seekable(cx.temp_dir())?;
        if source.size_bytes() < 12 {
            return Err(SourceError::truncated("the file ends before its footer"));
        }
        match source.into_std() {
            Ok(open) => {
                let file = open.file.try_clone()?;
                let result = SerializedFileReader::new(file)
                    .map_err(failure)
                    .and_then(|reader| read_file(&reader, cx));
                // The spool file, if it is one, lives to here.
                drop(open);
                result
            }
            Err(source) => {
                let bytes = Bytes::copy_from_slice(source.as_bytes().unwrap_or_default());
                drop(source);
                read_file(&SerializedFileReader::new(bytes).map_err(failure)?, cx)
            }
        }
    }
}

fn read_file(reader: &dyn FileReader, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let metadata = reader.metadata();
    let schema = metadata.file_metadata().schema_descr();
    let columns = schema.columns();
    if columns.len() > COLUMNS_MAX {
        return Err(SourceError::Limit(format!("more than {COLUMNS_MAX} columns")));
    }
    let names = columns.iter().map(|column| name_of(column)).collect();
    let mut rows = Rows::new(cx, &[], Some(names));
    let mut result = Ok(());
    for group in 0..metadata.num_row_groups() {
        let outcome =
            reader.get_row_group(group).map_err(failure).and_then(|group| read_group(&*group, &mut rows, cx));
        match outcome {
            Ok(()) => {}
            Err(error @ (SourceError::Stopped | SourceError::Limit(_))) => return Err(error),
            // The other row groups can be read all the same.
            Err(error) => result = Err(error),
        }
    }
    rows.finish(cx)?;
    result
}

/// The path of a leaf, without the steps that lists and maps need in the format.
fn name_of(column: &ColumnDescriptor) -> String {
    let parts = column.path().parts();
    let is_wrapper = |index: usize, part: &str| {
        index > 0
            && (matches!(part, "list" | "bag" | "key_value") && index + 1 < parts.len()
                || matches!(part, "element" | "item" | "array_element"))
    };
    let kept = parts
        .iter()
        .enumerate()
        .filter(|(index, part)| !is_wrapper(*index, part))
        .map(|(_, part)| part.as_str());
    kept.collect::<Vec<_>>().join("/")
}

fn read_group(group: &dyn RowGroupReader, rows: &mut Rows, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut columns = Vec::new();
    for index in 0..group.num_columns() {
        let reader = group.get_column_reader(index).map_err(failure)?;
        columns.push(Column::new(reader, group.metadata().column(index).column_descr()));
    }
    loop {
        let mut count = None;
        for column in &mut columns {
            let got = column.read().map_err(failure)?;
            if *count.get_or_insert(got) != got {
                return Err(SourceError::malformed("columns of one row group have different lengths"));
            }
        }
        let count = count.unwrap_or(0);
        if count == 0 {
            return Ok(());
        }
        cx.level.take(columns.iter().map(|column| column.text.len() as u64).sum())?;
        for row in 0..count {
            for column in &columns {
                let range = column.cells.get(row).cloned().unwrap_or_default();
                rows.cell(column.text.get(range).unwrap_or_default());
            }
            rows.end_row(cx)?;
        }
    }
}

/// How the bytes of a column are meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ByteMeaning {
    Text,
    Decimal(u32),
    Uuid,
    Half,
}

/// A leaf column and the cells of the current batch.
struct Column {
    reader: ColumnReader,
    integers: Meaning,
    bytes: ByteMeaning,
    max_def: i16,
    is_repeated: bool,
    text: String,
    cells: Vec<Range<usize>>,
}

impl Column {
    fn new(reader: ColumnReader, column: &ColumnDescriptor) -> Column {
        Column {
            reader,
            integers: integer_meaning(column),
            bytes: byte_meaning(column),
            max_def: column.max_def_level(),
            is_repeated: column.max_rep_level() > 0,
            text: String::new(),
            cells: Vec::new(),
        }
    }

    /// Decodes the next batch; the number of rows.
    fn read(&mut self) -> Result<usize, ParquetError> {
        let (integers, meaning) = (self.integers, self.bytes);
        let cells = Cells {
            max_def: self.max_def,
            is_repeated: self.is_repeated,
            text: &mut self.text,
            cells: &mut self.cells,
        };
        let integer = |text: &mut String, value: i128| value::write_integer(text, value, integers);
        let bytes = |text: &mut String, bytes: &ByteArray| write_bytes(text, bytes.data(), meaning);
        match &mut self.reader {
            ColumnReader::BoolColumnReader(reader) => {
                cells.fill(reader, |text, value: &bool| text.push_str(if *value { "true" } else { "false" }))
            }
            ColumnReader::Int32ColumnReader(reader) => {
                cells.fill(reader, |text, value: &i32| match integers {
                    Meaning::Unsigned => integer(text, i128::from(*value as u32)),
                    _ => integer(text, i128::from(*value)),
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                cells.fill(reader, |text, value: &i64| integer(text, i128::from(*value)))
            }
            ColumnReader::Int96ColumnReader(reader) => cells.fill(reader, |text, value: &Int96| {
                value::write_integer(text, i128::from(value.to_seconds()), Meaning::Moment(1));
            }),
            ColumnReader::FloatColumnReader(reader) => {
                // By way of its own digits, so that no digits appear that the number does not have.
                cells.fill(reader, |text, value: &f32| {
                    value::write_float(text, value.to_string().parse().unwrap_or(f64::NAN))
                })
            }
            ColumnReader::DoubleColumnReader(reader) => {
                cells.fill(reader, |text, value: &f64| value::write_float(text, *value))
            }
            ColumnReader::ByteArrayColumnReader(reader) => cells.fill(reader, bytes),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                cells.fill(reader, |text, value| write_bytes(text, value.data(), meaning))
            }
        }
    }
}

struct Cells<'a> {
    max_def: i16,
    is_repeated: bool,
    text: &'a mut String,
    cells: &'a mut Vec<Range<usize>>,
}

impl Cells<'_> {
    fn fill<T: DataType>(
        self,
        reader: &mut ColumnReaderImpl<T>,
        mut write: impl FnMut(&mut String, &T::T),
    ) -> Result<usize, ParquetError> {
        let (mut defs, mut reps, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let (records, _, levels) =
            reader.read_records(BATCH_ROWS, Some(&mut defs), Some(&mut reps), &mut values)?;
        self.text.clear();
        self.cells.clear();
        let mut values = values.iter();
        for level in 0..levels {
            let continues = self.is_repeated && reps.get(level).is_some_and(|rep| *rep > 0);
            let is_value = self.max_def == 0 || defs.get(level).is_some_and(|def| *def == self.max_def);
            let start = self.text.len();
            if !continues {
                self.cells.push(start..start);
            }
            if is_value && let (Some(value), Some(cell)) = (values.next(), self.cells.last_mut()) {
                if cell.end > cell.start {
                    self.text.push('\n');
                }
                write(self.text, value);
                cell.end = self.text.len();
            }
        }
        Ok(records)
    }
}

fn integer_meaning(column: &ColumnDescriptor) -> Meaning {
    let per_second = |unit: &TimeUnit| match unit {
        TimeUnit::MILLIS => 1_000,
        TimeUnit::MICROS => 1_000_000,
        TimeUnit::NANOS => 1_000_000_000,
    };
    match column.logical_type_ref() {
        Some(LogicalType::Date) => return Meaning::Days,
        Some(LogicalType::Timestamp(of)) => return Meaning::Moment(per_second(&of.unit)),
        Some(LogicalType::Time(of)) => return Meaning::Time(per_second(&of.unit)),
        Some(LogicalType::Decimal(of)) => return Meaning::Decimal(of.scale.max(0) as u32),
        Some(LogicalType::Integer(of)) if !of.is_signed => return Meaning::Unsigned,
        _ => {}
    }
    match column.converted_type() {
        ConvertedType::DATE => Meaning::Days,
        ConvertedType::TIME_MILLIS => Meaning::Time(1_000),
        ConvertedType::TIME_MICROS => Meaning::Time(1_000_000),
        ConvertedType::TIMESTAMP_MILLIS => Meaning::Moment(1_000),
        ConvertedType::TIMESTAMP_MICROS => Meaning::Moment(1_000_000),
        ConvertedType::DECIMAL => Meaning::Decimal(column.type_scale().max(0) as u32),
        ConvertedType::UINT_8 | ConvertedType::UINT_16 | ConvertedType::UINT_32 | ConvertedType::UINT_64 => {
            Meaning::Unsigned
        }
        _ => Meaning::Number,
    }
}

fn byte_meaning(column: &ColumnDescriptor) -> ByteMeaning {
    match (column.logical_type_ref(), column.converted_type()) {
        (Some(LogicalType::Uuid), _) => ByteMeaning::Uuid,
        (Some(LogicalType::Float16), _) => ByteMeaning::Half,
        (Some(LogicalType::Decimal(of)), _) => ByteMeaning::Decimal(of.scale.max(0) as u32),
        (_, ConvertedType::DECIMAL) if column.physical_type() != Type::INT32 => {
            ByteMeaning::Decimal(column.type_scale().max(0) as u32)
        }
        _ => ByteMeaning::Text,
    }
}

fn write_bytes(text: &mut String, bytes: &[u8], meaning: ByteMeaning) {
    match meaning {
        ByteMeaning::Text => value::write_bytes(text, bytes),
        ByteMeaning::Uuid => value::write_uuid(text, bytes),
        ByteMeaning::Decimal(scale) => {
            if let Some(number) = value::big_endian(bytes) {
                value::write_integer(text, number, Meaning::Decimal(scale));
            }
        }
        // Half-precision numbers hold no identifier.
        ByteMeaning::Half => {}
    }
}

fn failure(error: ParquetError) -> SourceError {
    match error {
        ParquetError::EOF(_) | ParquetError::NeedMoreData(_) | ParquetError::NeedMoreDataRange(_) => {
            SourceError::truncated("the file ends before its footer or within a column")
        }
        ParquetError::NYI(detail) if detail.contains("ncrypt") => {
            SourceError::encrypted("the file is encrypted")
        }
        ParquetError::General(detail) if detail.contains("ncrypt") => {
            SourceError::encrypted("the file is encrypted")
        }
        ParquetError::NYI(_) => {
            SourceError::unsupported("the file uses an encoding or compression that is not known")
        }
        ParquetError::General(detail) if detail.contains("Disabled feature") => {
            SourceError::unsupported("the file uses a compression that is not known")
        }
        _ => SourceError::malformed("the file is damaged"),
    }
}
