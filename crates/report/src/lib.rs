//! Shows an inventory to people and programs: terminal, HTML, workbook, JSON and Parquet.
//!
//! Everything is handed in and everything is handed back as text, bytes or through a `Write`: this crate
//! opens no file, asks no clock and knows nothing of how the numbers came about. The same inventory gives
//! the same bytes. It never sees a raw value of personal information: the samples and records that it
//! gets are masked and hashed already.
//!
//! Start reading at [`View`]; then [`terminal::summary`], [`html::report`], [`workbook::xlsx`],
//! [`json::inventory`] and [`records`].

mod details;
mod error;
pub mod html;
pub mod json;
mod lang;
mod number;
pub mod records;
mod tables;
pub mod terminal;
mod texts;
mod view;
mod words;
pub mod workbook;

pub use error::{ReportError, Result};
pub use lang::Language;
pub use view::{ArticleText, PracticeText, ReportRules, Sample, View};
