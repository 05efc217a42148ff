//! `records.parquet`: one row a record, no raw value.
//!
//! Most columns are known while a file is scanned, so that [`RecordsEncoder`] turns them into finished
//! column chunks in the scanning threads. Person, tier and repeat-of are known only after everything was
//! counted; [`RecordsFile::finish`] puts their chunks behind the data, where the format allows them to be,
//! and writes the footer. Nothing is read back or written twice.
//!
//! The pages are laid out here rather than by the column writers of the Parquet library, because every
//! repeating value comes as a small number already and need not be looked up again.
//! Start reading at [`RecordRows`], then [`RecordsEncoder`] and [`RecordsFile`].

mod encode;
mod file;
mod layout;
mod page;
mod read;
mod rows;

pub use encode::{EncodedGroup, RecordsEncoder};
pub use file::{LateColumns, RecordsFile};
pub use layout::COLUMNS;
pub use read::{CountedRow, MentionRow, RecordRow, RecordsReader, read_person};
pub use rows::{RecordRows, RecordState};
