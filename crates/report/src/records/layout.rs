//! The columns of `records.parquet` and what is remembered about an encoded column chunk.

use parquet::basic::{Compression, Encoding, ZstdLevel};
use parquet::errors::Result as ParquetResult;
use parquet::file::metadata::{ColumnChunkMetaData, RowGroupMetaData};
use parquet::file::statistics::Statistics;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::{SchemaDescPtr, SchemaDescriptor};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The names of the columns in file order, leaves of `mentions` by their path.
pub const COLUMNS: &[&str] = &[
    "record",
    "file",
    "where",
    "row",
    "role",
    "state",
    "kinds",
    "mentions.list.element.kind",
    "mentions.list.element.state",
    "mentions.list.element.hash",
    "mentions.list.element.masked",
    "person",
    "tier",
    "repeat_of",
];

/// Position of `record`, which is known when a group is appended.
pub(super) const RECORD: usize = 0;
/// Position of `person`, the first of the columns known after counting.
pub(super) const PERSON: usize = 11;

const MESSAGE: &str = "
message record {
  required int64 record;
  required binary file (STRING);
  optional binary where (STRING);
  required int64 row;
  required int32 role;
  required binary state (STRING);
  required binary kinds (STRING);
  required group mentions (LIST) {
    repeated group list {
      required group element {
        required binary kind (STRING);
        required binary state (STRING);
        optional fixed_len_byte_array(16) hash;
        required binary masked (STRING);
      }
    }
  }
  optional int64 person;
  optional int32 tier;
  optional int64 repeat_of;
}";

/// The schema of the file.
pub(super) fn schema() -> ParquetResult<SchemaDescPtr> {
    Ok(Arc::new(SchemaDescriptor::new(Arc::new(parse_message_type(MESSAGE)?))))
}

/// How the pages of a chunk are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Codec {
    /// Not at all: hashes do not get smaller.
    Plain,
    /// Zstandard.
    Zstd,
}

/// How the values of a chunk are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Layout {
    /// Each value as it is.
    Plain,
    /// Distinct values first, then their numbers.
    Dictionary,
    /// Differences between whole numbers.
    Delta,
}

/// One encoded column chunk. Offsets are relative to the buffer it was encoded into until
/// [`ChunkMeta::shift`] has made them absolute.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ChunkMeta {
    /// Position in [`COLUMNS`].
    pub column: usize,
    pub codec: Codec,
    pub layout: Layout,
    pub dictionary_offset: Option<u64>,
    pub data_offset: u64,
    /// Bytes of every page with its header, as written and before compression.
    pub bytes_compressed: u64,
    pub bytes_uncompressed: u64,
    /// Entries (levels), nulls included.
    pub values: u64,
    /// Smallest and largest value and the number of nulls, for whole numbers only.
    pub range: Option<(i64, i64, u64)>,
}

impl ChunkMeta {
    /// Moves the offsets by the place of the buffer in the file.
    pub(super) fn shift(&mut self, by: u64) {
        self.data_offset += by;
        self.dictionary_offset = self.dictionary_offset.map(|offset| offset + by);
    }
}

/// One row group of the file with the chunks written so far.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Group {
    pub rows: u64,
    /// Sorted by column when the group is complete.
    pub chunks: Vec<ChunkMeta>,
}

impl Group {
    /// The group as the Parquet library wants it for the footer.
    pub(super) fn metadata(&self, schema: &SchemaDescPtr) -> ParquetResult<RowGroupMetaData> {
        let chunks: Vec<_> =
            self.chunks.iter().map(|chunk| chunk_metadata(chunk, schema)).collect::<ParquetResult<_>>()?;
        let start =
            self.chunks.iter().map(|chunk| chunk.dictionary_offset.unwrap_or(chunk.data_offset)).min();
        RowGroupMetaData::builder(schema.clone())
            .set_num_rows(signed(self.rows))
            .set_total_byte_size(signed(self.chunks.iter().map(|chunk| chunk.bytes_uncompressed).sum()))
            .set_file_offset(signed(start.unwrap_or(0)))
            .set_column_metadata(chunks)
            .build()
    }
}

fn chunk_metadata(chunk: &ChunkMeta, schema: &SchemaDescPtr) -> ParquetResult<ColumnChunkMetaData> {
    let compression = match chunk.codec {
        Codec::Plain => Compression::UNCOMPRESSED,
        Codec::Zstd => Compression::ZSTD(ZstdLevel::default()),
    };
    let encodings = match chunk.layout {
        Layout::Plain => vec![Encoding::RLE, Encoding::PLAIN],
        Layout::Dictionary => vec![Encoding::RLE, Encoding::PLAIN, Encoding::RLE_DICTIONARY],
        Layout::Delta => vec![Encoding::RLE, Encoding::DELTA_BINARY_PACKED],
    };
    let mut builder = ColumnChunkMetaData::builder(schema.column(chunk.column))
        .set_compression(compression)
        .set_encodings(encodings)
        .set_num_values(signed(chunk.values))
        .set_data_page_offset(signed(chunk.data_offset))
        .set_dictionary_page_offset(chunk.dictionary_offset.map(signed))
        .set_total_compressed_size(signed(chunk.bytes_compressed))
        .set_total_uncompressed_size(signed(chunk.bytes_uncompressed));
    if let Some((min, max, nulls)) = chunk.range {
        builder = builder.set_statistics(Statistics::int64(Some(min), Some(max), None, Some(nulls), false));
    }
    builder.build()
}

/// Sizes and offsets of the format are signed; none of ours comes near the limit.
fn signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_columns_is_the_schema() {
        let schema = schema().unwrap();
        let paths: Vec<String> = schema.columns().iter().map(|column| column.path().string()).collect();
        assert_eq!(paths, COLUMNS);
        assert_eq!(COLUMNS[RECORD], "record");
        assert_eq!(COLUMNS[PERSON..], ["person", "tier", "repeat_of"]);
    }
}
