//! The record of processing activities (个人信息处理活动记录): read, checked, written, and the facts it states.
//!
//! One form ([`Form`]) gives sections and fields; a record is `record.toml` or a workbook with a sheet for each
//! section. Field names and values may be Chinese or English. What a field that names a fact says goes to the
//! judge; the other fields are for the file. Opens no file.
//!
//! Start reading at [`Form`].

mod form;
mod read_toml;
mod read_xlsx;
mod record;
mod schema;
mod value;
mod write_toml;
mod write_xlsx;

#[cfg(test)]
mod tests;

pub use form::{Field, Form, FormError, Section};
pub use read_toml::read_toml;
pub use read_xlsx::{WorkbookError, read_xlsx};
pub use record::{Entry, Record};
pub use schema::json_schema;
pub use value::Cell;
pub use write_toml::write_toml;
pub use write_xlsx::write_xlsx;

/// What `schema` says in a `record.toml`.
pub const RECORD_SCHEMA: &str = "zhunsheng.record/1";

/// The language that a template or file is written in; both are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Language {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}
