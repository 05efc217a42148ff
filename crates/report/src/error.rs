//! What can go wrong while a report is written.

use parquet::errors::ParquetError;
use rust_xlsxwriter::XlsxError;

/// Why a report file could not be written or read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReportError {
    /// Writing bytes failed.
    #[error("report cannot be written: {0}")]
    Write(#[from] std::io::Error),
    /// The Parquet file cannot be formed or read.
    #[error("records file: {0}")]
    Parquet(#[from] ParquetError),
    /// The workbook cannot be formed.
    #[error("workbook: {0}")]
    Workbook(#[from] XlsxError),
    /// The inventory cannot be written as JSON.
    #[error("json: {0}")]
    Json(#[from] serde_json::Error),
    /// The columns known after counting do not have one value for each record.
    #[error("records file holds {records} records, but {given} values were given for column `{column}`")]
    WrongLength {
        /// The column.
        column: &'static str,
        /// Records in the file.
        records: u64,
        /// Values given.
        given: u64,
    },
    /// A saved state does not belong to this version or was damaged.
    #[error("saved state of the records file cannot be used: {0}")]
    State(&'static str),
}

/// The result of every function of this crate that can fail.
pub type Result<T> = std::result::Result<T, ReportError>;
