//! SQLite databases: every table, in the order of its rows.

use crate::error::SourceError;
use crate::format::rows::Rows;
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::fmt::Write as _;
use std::path::Path;
use zhunsheng_model::{ProblemKind, Step};

/// Bytes of a binary value that are looked at for text.
const BLOB_BYTES_MAX: usize = 1 << 20;

/// SQLite database.
pub(super) struct Sqlite;

impl Format for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.head.starts_with(b"SQLite format 3\0")
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let file = input.into_seekable(cx.temp_dir())?.into_local_file(cx.temp_dir())?;
        let database = open(file.path())?;
        for name in tables(&database)? {
            let steps = [Step::Table(name.clone())];
            match read_table(&database, &name, cx) {
                Err(error @ (SourceError::Stopped | SourceError::Limit(_))) => return Err(error),
                Err(error) => {
                    let kind = error.kind().unwrap_or(ProblemKind::Malformed);
                    cx.problem_at(&steps, kind, error.to_string(), false);
                }
                Ok(()) => {}
            }
        }
        let wal = Path::new(&format!("{}-wal", file.path().display())).metadata();
        if !file.is_spool() && wal.is_ok_and(|wal| wal.len() > 0) {
            let detail = "changes in the write-ahead log beside the database are not read with it";
            cx.problem(ProblemKind::Unsupported, detail, false);
        }
        Ok(())
    }
}

/// Opens a database so that nothing on disk changes: read-only, no lock, no journal.
fn open(path: &Path) -> Result<Connection, SourceError> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => {
                uri.push(char::from(*byte))
            }
            _ => {
                // Writing to a string does not fail.
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri.push_str("?mode=ro&immutable=1");
    let flags =
        OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, flags).map_err(failure)
}

/// Names of the tables that hold rows of their own, in the order of their making.
fn tables(database: &Connection) -> Result<Vec<String>, SourceError> {
    // Virtual tables have no pages of their own; the tables behind them are read.
    let sql = "SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid";
    let mut statement = database.prepare(sql).map_err(failure)?;
    let names = statement.query_map([], |row| row.get::<_, String>(0)).map_err(failure)?;
    names.collect::<Result<_, _>>().map_err(failure)
}

fn read_table(database: &Connection, name: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let quoted = format!("\"{}\"", name.replace('"', "\"\""));
    // Tables without row numbers have a primary key, in whose order they are stored.
    let by_row = database.prepare(&format!("SELECT * FROM {quoted} ORDER BY rowid"));
    let mut statement = match by_row {
        Ok(statement) => statement,
        Err(_) => database.prepare(&format!("SELECT * FROM {quoted}")).map_err(failure)?,
    };
    let names: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let columns = names.len();
    let mut rows = Rows::new(cx, &[Step::Table(name.to_owned())], Some(names));
    let mut found = statement.query([]).map_err(failure)?;
    let end = loop {
        match found.next() {
            Ok(Some(row)) => {
                for column in 0..columns {
                    match row.get_ref(column) {
                        Ok(ValueRef::Integer(number)) => rows.cell(&number.to_string()),
                        Ok(ValueRef::Real(number)) => rows.cell(&number.to_string()),
                        Ok(ValueRef::Text(text)) => rows.cell(&String::from_utf8_lossy(text)),
                        Ok(ValueRef::Blob(bytes)) => rows.cell(text_of(bytes)),
                        Ok(ValueRef::Null) | Err(_) => rows.cell(""),
                    }
                }
                rows.end_row(cx)?;
            }
            Ok(None) => break Ok(()),
            Err(error) => break Err(failure(error)),
        }
    };
    rows.finish(cx)?;
    end
}

/// A binary value as text, when it is text.
fn text_of(bytes: &[u8]) -> &str {
    let bytes = bytes.get(..BLOB_BYTES_MAX).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => text,
        _ => "",
    }
}

fn failure(error: rusqlite::Error) -> SourceError {
    match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => {
            SourceError::encrypted("the database is encrypted or its head is damaged")
        }
        Some(ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
            SourceError::Denied("access is refused".into())
        }
        Some(ErrorCode::SystemIoFailure) => SourceError::truncated("the database ends too early"),
        _ => SourceError::malformed("the database is damaged"),
    }
}
