//! SQLite databases: rows are changed in a copy, which is then written anew, so that no freed page keeps an old
//! value.
//!
//! Rows are found again in the order in which `source` reads them, and each must show what `source` read. What
//! keeps values in forms of its own (virtual tables such as text indexes) is refused, and so is a definition in
//! which a replaced value stands.

use super::{Change, Hands, Place, Rewriter, Spot, any_slot};
use crate::content::Content;
use crate::error::RewriteError;
use rusqlite::config::DbConfig;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags, params_from_iter};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::path::Path;
use std::sync::Arc;
use zhunsheng_model::{Fragment, Problem, Step, TableFragment};
use zhunsheng_source::{ReadOptions, Sink, SourceFile, read_file};

/// SQLite database.
pub(super) struct Sqlite;

impl Rewriter for Sqlite {
    fn formats(&self) -> &'static [&'static str] {
        &["sqlite"]
    }

    fn rewrite(
        &self,
        content: &Content,
        place: &Place<'_>,
        hands: &mut dyn Hands,
        out: &mut dyn Write,
    ) -> Result<(), RewriteError> {
        if let Content::File(path) = content {
            let mut log = path.clone().into_os_string();
            log.push("-wal");
            if Path::new(&log).metadata().is_ok_and(|log| log.len() > 0) {
                let detail = "changes in the write-ahead log beside the database would be lost";
                return Err(RewriteError::unreadable(place.name, detail));
            }
        }
        let io = |error| RewriteError::read(place.name, error);
        let folder =
            tempfile::Builder::new().prefix("zhunsheng-spool-").tempdir_in(place.temp).map_err(io)?;
        // One copy is read, the other one changed; neither is the user's file.
        let (read, written) = (folder.path().join("read"), folder.path().join("written"));
        for copy in [&read, &written] {
            let mut file = std::fs::File::create(copy).map_err(io)?;
            std::io::copy(&mut content.open().map_err(io)?, &mut file).map_err(io)?;
        }
        let mut copy = Copy::open(&read, &written, place.name)?;
        let mut taker =
            Taker { name: place.file(), copy: &mut copy, hands, place: place.name, result: Ok(()) };
        let options = ReadOptions { temp_dir: place.temp.to_owned(), ..ReadOptions::default() };
        let size_bytes = content.size_bytes().map_err(io)?;
        let file = SourceFile { path: read.clone(), name: place.file(), size_bytes };
        read_file(&file, &options, &mut taker);
        taker.result?;
        let done = folder.path().join("done");
        copy.finish(&done, place.name)?;
        let mut done = std::fs::File::open(&done).map_err(io)?;
        std::io::copy(&mut done, out).map_err(RewriteError::sink)?;
        Ok(())
    }
}

struct Taker<'a> {
    name: Arc<str>,
    copy: &'a mut Copy,
    hands: &'a mut dyn Hands,
    place: &'a str,
    result: Result<(), RewriteError>,
}

impl Sink for Taker<'_> {
    fn opened(&mut self, _: &zhunsheng_model::Place, _: &'static str) {}

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        self.result = match &fragment {
            Fragment::Table(table) if table.place.file == self.name => self
                .hands
                .changes(&fragment, &any_slot)
                .and_then(|changes| self.copy.change(table, &changes, self.place)),
            _ => Err(RewriteError::NoPlace { place: self.place.to_owned() }),
        };
        if self.result.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    }

    fn problem(&mut self, problem: Problem) {
        if self.result.is_ok() {
            self.result = Err(RewriteError::unreadable(self.place, problem.detail));
        }
    }
}

/// How the rows of a table are found.
enum Key {
    /// By their number, under the name that no column takes.
    Number(&'static str),
    /// By the columns of the primary key, from 0.
    Columns(Vec<usize>),
}

struct Table {
    quoted: String,
    key: Key,
    columns: Vec<String>,
    /// Columns that are reckoned from others.
    generated: BTreeSet<usize>,
    /// The row number up to which rows were handed over, and how many these are.
    last: Option<i64>,
    rows: u64,
}

/// The database under work.
struct Copy {
    read: Connection,
    written: Connection,
    tables: BTreeMap<String, Table>,
    values: BTreeSet<String>,
}

impl Copy {
    fn open(read: &Path, written: &Path, place: &str) -> Result<Copy, RewriteError> {
        let failed = |error| failure(&error, place);
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let read = Connection::open_with_flags(read, flags).map_err(failed)?;
        let written = Connection::open_with_flags(written, flags).map_err(failed)?;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL TABLE%'";
        if written.query_row(sql, [], |row| row.get::<_, i64>(0)).map_err(failed)? > 0 {
            let format = "sqlite with virtual tables".to_owned();
            return Err(RewriteError::Unsupported { place: place.to_owned(), format });
        }
        // What would happen on a change of the owner's (a trigger that keeps old values) must not happen here.
        for (switch, value) in [
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
        ] {
            written.set_db_config(switch, value).map_err(failed)?;
        }
        let settings = "PRAGMA foreign_keys=OFF; PRAGMA ignore_check_constraints=ON; \
                        PRAGMA secure_delete=ON; PRAGMA synchronous=OFF; BEGIN";
        written.execute_batch(settings).map_err(failed)?;
        Ok(Copy { read, written, tables: BTreeMap::new(), values: BTreeSet::new() })
    }

    fn table(&mut self, name: &str) -> rusqlite::Result<&mut Table> {
        if !self.tables.contains_key(name) {
            let quoted = quote(name);
            let (mut columns, mut generated, mut primary) = (Vec::new(), BTreeSet::new(), Vec::new());
            let mut statement = self.read.prepare(&format!("PRAGMA table_xinfo({quoted})"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let hidden: i64 = row.get("hidden")?;
                let order: i64 = row.get("pk")?;
                if hidden == 1 {
                    continue;
                }
                if hidden > 1 {
                    generated.insert(columns.len());
                }
                if order > 0 {
                    primary.push((order, columns.len()));
                }
                columns.push(row.get::<_, String>("name")?);
            }
            let free = ["rowid", "_rowid_", "oid"]
                .into_iter()
                .find(|free| !columns.iter().any(|column| column.eq_ignore_ascii_case(free)));
            let has_number =
                free.is_some_and(|free| self.read.prepare(&format!("SELECT {free} FROM {quoted}")).is_ok());
            primary.sort_unstable();
            let key = match free.filter(|_| has_number) {
                Some(free) => Key::Number(free),
                None => Key::Columns(primary.into_iter().map(|(_, column)| column).collect()),
            };
            let table = Table { quoted, key, columns, generated, last: None, rows: 0 };
            self.tables.insert(name.to_owned(), table);
        }
        self.tables.get_mut(name).ok_or(rusqlite::Error::QueryReturnedNoRows)
    }

    /// Makes the changes in a fragment of a table.
    fn change(
        &mut self,
        fragment: &TableFragment,
        changes: &[Change],
        place: &str,
    ) -> Result<(), RewriteError> {
        let lost = || RewriteError::NoPlace { place: place.to_owned() };
        let failed = |error| failure(&error, place);
        let Some(Step::Table(name)) = fragment.place.steps.last() else { return Err(lost()) };
        let table = self.table(name).map_err(failed)?;
        if table.rows + 1 != fragment.first_row {
            return Err(lost());
        }
        let count = fragment.cells.len();
        let sql = match &table.key {
            Key::Number(number) => {
                let from = table.last.map_or(String::new(), |last| format!("WHERE {number} > {last} "));
                format!("SELECT *, {number} FROM {} {from}ORDER BY {number} LIMIT {count}", table.quoted)
            }
            Key::Columns(_) => format!("SELECT * FROM {} LIMIT {count} OFFSET {}", table.quoted, table.rows),
        };
        table.rows += count as u64;
        let name = name.clone();
        let Some(table) = self.tables.get(&name) else { return Err(lost()) };
        let columns = table.columns.len();
        let mut by_row: BTreeMap<usize, BTreeMap<usize, Vec<&Change>>> = BTreeMap::new();
        for change in changes {
            let Spot::Cell(row, column) = change.spot else { return Err(lost()) };
            by_row.entry(row).or_default().entry(column).or_default().push(change);
        }
        let mut statement = self.read.prepare(&sql).map_err(failed)?;
        let mut rows = statement.query([]).map_err(failed)?;
        let (mut at, mut last, mut updates) = (0, None, BTreeMap::new());
        while let Some(row) = rows.next().map_err(failed)? {
            let cells = fragment.cells.row(at);
            if cells.len() != columns {
                return Err(lost());
            }
            let edits = by_row.get(&at);
            let (mut sets, mut values) = (Vec::new(), Vec::new());
            for (column, cell) in cells.enumerate() {
                let value = row.get_ref(column).map_err(failed)?;
                if !shows(value, cell) {
                    return Err(lost());
                }
                let Some(edits) = edits.and_then(|edits| edits.get(&column)) else { continue };
                for edit in edits {
                    let old = cell.get(edit.range.clone()).ok_or_else(lost)?;
                    if old.len() >= 6 && !edit.new.as_ref().is_some_and(|new| new.contains(old)) {
                        self.values.insert(old.to_owned());
                    }
                }
                if !table.generated.contains(&column) {
                    sets.push(format!("{}=?", quote(table.columns.get(column).ok_or_else(lost)?)));
                    values.push(new_value(value, cell, edits));
                }
            }
            let wheres = match &table.key {
                Key::Number(number) => {
                    let key: i64 = row.get(columns).map_err(failed)?;
                    last = Some(key);
                    values.push(Value::Integer(key));
                    format!("{number}=?")
                }
                Key::Columns(keys) => {
                    let mut wheres = Vec::new();
                    for key in keys {
                        wheres.push(format!("{} IS ?", quote(table.columns.get(*key).ok_or_else(lost)?)));
                        values.push(row.get(*key).map_err(failed)?);
                    }
                    wheres.join(" AND ")
                }
            };
            at += 1;
            if sets.is_empty() {
                continue;
            }
            let sql = format!("UPDATE {} SET {} WHERE {wheres}", table.quoted, sets.join(","));
            // Rows of one table change in few ways.
            let update = match updates.entry(sql) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => {
                    let update = self.written.prepare(free.key()).map_err(failed)?;
                    free.insert(update)
                }
            };
            if update.execute(params_from_iter(values)).map_err(failed)? != 1 {
                return Err(lost());
            }
        }
        if at != count {
            return Err(lost());
        }
        drop(rows);
        drop(statement);
        drop(updates);
        if let Some(table) = self.tables.get_mut(&name) {
            table.last = last;
        }
        Ok(())
    }

    /// Writes the database anew to `path`.
    fn finish(self, path: &Path, place: &str) -> Result<(), RewriteError> {
        let failed = |error| failure(&error, place);
        // Samples of indexes are copies of values.
        for name in ["sqlite_stat3", "sqlite_stat4"] {
            let sql = "SELECT count(*) FROM sqlite_schema WHERE name = ?1";
            if self.written.query_row(sql, [name], |row| row.get::<_, i64>(0)).map_err(failed)? > 0 {
                self.written.execute(&format!("DELETE FROM {name}"), []).map_err(failed)?;
            }
        }
        {
            let mut statement = self
                .written
                .prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")
                .map_err(failed)?;
            let mut rows = statement.query([]).map_err(failed)?;
            while let Some(row) = rows.next().map_err(failed)? {
                let sql: String = row.get(0).map_err(failed)?;
                if self.values.iter().any(|value| sql.contains(value.as_str())) {
                    let detail = "a replaced value stands in a definition of the database";
                    return Err(RewriteError::unreadable(place, detail));
                }
            }
        }
        self.written.execute_batch("COMMIT").map_err(failed)?;
        let path = path.to_str().ok_or_else(|| RewriteError::NoPlace { place: place.to_owned() })?;
        self.written.execute("VACUUM INTO ?1", [path]).map_err(failed)?;
        Ok(())
    }
}

/// Whether `source` shows a value as `cell`.
fn shows(value: ValueRef<'_>, cell: &str) -> bool {
    match value {
        ValueRef::Null => cell.is_empty(),
        ValueRef::Integer(number) => number.to_string() == cell,
        ValueRef::Real(number) => number.to_string() == cell,
        ValueRef::Text(text) => String::from_utf8_lossy(text) == cell,
        // Of binary values `source` shows text alone, and of long ones the beginning.
        ValueRef::Blob(bytes) => cell.is_empty() || bytes.starts_with(cell.as_bytes()),
    }
}

/// The value with its changes, of the same type where that can hold it.
fn new_value(value: ValueRef<'_>, cell: &str, edits: &[&Change]) -> Value {
    if edits.iter().any(|edit| edit.new.is_none() && edit.range == (0..cell.len())) {
        return Value::Null;
    }
    let (mut text, mut at) = (String::new(), 0);
    for edit in edits {
        let Range { start, end } = edit.range;
        text.push_str(cell.get(at..start).unwrap_or_default());
        text.push_str(edit.new.as_deref().unwrap_or_default());
        at = end;
    }
    text.push_str(cell.get(at..).unwrap_or_default());
    match value {
        ValueRef::Integer(_) => match text.parse::<i64>() {
            Ok(number) if number.to_string() == text => Value::Integer(number),
            _ => Value::Text(text),
        },
        ValueRef::Real(_) => match text.parse::<f64>() {
            Ok(number) if number.to_string() == text => Value::Real(number),
            _ => Value::Text(text),
        },
        ValueRef::Blob(bytes) => {
            let rest = bytes.get(cell.len()..).unwrap_or_default();
            Value::Blob([text.as_bytes(), rest].concat())
        }
        ValueRef::Text(_) | ValueRef::Null => Value::Text(text),
    }
}

fn quote(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The library's messages may hold values; these do not.
fn failure(error: &rusqlite::Error, place: &str) -> RewriteError {
    let detail = match error.sqlite_error_code() {
        Some(ErrorCode::ConstraintViolation) => {
            "a replacement breaks a rule of the database (unique, not null, type)"
        }
        Some(ErrorCode::NotADatabase) => "the database is encrypted or its head is damaged",
        Some(ErrorCode::DiskFull) => "no room for the copy of the database",
        _ => "the database is damaged or uses what is not known",
    };
    RewriteError::unreadable(place, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{Values, left, rewritten, shown};

    const PAIRS: &[(&str, &str)] =
        &[("王小明", "王某"), ("13800138000", "138****8000"), ("11010519491231002X", "1101***")];

    fn made(sql: &str) -> Vec<u8> {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("a.db");
        let database = Connection::open(&path).expect("open");
        database.execute_batch(sql).expect("made");
        drop(database);
        std::fs::read(&path).expect("read")
    }

    const MAKE: &str = "PRAGMA page_size=1024; CREATE TABLE p(name TEXT, phone INTEGER, note BLOB, n REAL);
        CREATE TABLE log(old TEXT);
        CREATE TABLE w(id TEXT PRIMARY KEY, name TEXT, sure AS (name || id) STORED) WITHOUT ROWID;
        CREATE INDEX i ON p(name, phone); CREATE VIEW v AS SELECT name FROM p;
        CREATE TRIGGER t AFTER UPDATE ON p BEGIN INSERT INTO log VALUES (old.name); END;
        INSERT INTO p VALUES ('王小明', 13800138000, x'e78e8be5b08fe6988eefbc81', 1.5), ('甲', 5, NULL, NULL);
        INSERT INTO w VALUES ('11010519491231002X', '王小明'), ('2', '乙');
        CREATE TABLE gone(a TEXT); INSERT INTO gone SELECT '王小明13800138000' FROM p; DROP TABLE gone;
        INSERT INTO p SELECT '王小明', 7, NULL, 2 FROM p; DELETE FROM p WHERE phone = 7;";

    #[test]
    fn no_page_keeps_a_value() {
        let before = made(MAKE);
        let values: Vec<&str> = PAIRS.iter().map(|(old, _)| *old).collect();
        assert_eq!(left(&before, &values).len(), 3, "the dropped table holds the number as text");
        let after = rewritten(before.clone(), "sqlite", &mut Values::of(PAIRS)).expect("written");
        assert!(left(&after, &values).is_empty());
        let number = 13_800_138_000i64.to_be_bytes();
        assert!(memchr::memmem::find(&before, &number[2..]).is_some());
        assert!(memchr::memmem::find(&after, &number[2..]).is_none());
        let lines = shown(&after);
        assert!(lines.contains(&"file · table p 1: 王某|138****8000|王某！|1.5".to_owned()), "{lines:?}");
        assert!(lines.contains(&"file · table p 2: 甲|5||".to_owned()), "{lines:?}");
        assert!(lines.contains(&"file · table w 1: 1101***|王某|王某1101***".to_owned()), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("table log 1")), "triggers must not fire");
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("b.db");
        std::fs::write(&path, &after).expect("written");
        let database = Connection::open(&path).expect("open");
        let one = |sql: &str| database.query_row(sql, [], |row| row.get::<_, String>(0)).expect("a row");
        assert_eq!(one("PRAGMA integrity_check"), "ok");
        assert_eq!(
            one(
                "SELECT group_concat(name, ' ') FROM (SELECT name FROM sqlite_schema WHERE type IN ('index','view','trigger') AND sql NOT NULL ORDER BY 1)"
            ),
            "i t v"
        );
        assert_eq!(one("SELECT name FROM v WHERE name = '王某'"), "王某");
        assert_eq!(one("SELECT typeof(note) FROM p WHERE note NOT NULL"), "blob");
        assert_eq!(rewritten(before, "sqlite", &mut Values::of(PAIRS)).expect("written"), after);
    }

    #[test]
    fn what_cannot_be_held_is_refused() {
        let unique = made("CREATE TABLE a(b TEXT UNIQUE); INSERT INTO a VALUES ('王小明'), ('王某');");
        assert!(rewritten(unique, "sqlite", &mut Values::of(PAIRS)).is_err());
        let view = made(
            "CREATE TABLE a(b TEXT); INSERT INTO a VALUES ('王小明'); CREATE VIEW v AS SELECT * FROM a WHERE b = '王小明';",
        );
        assert!(rewritten(view, "sqlite", &mut Values::of(PAIRS)).is_err());
        let index = made("CREATE VIRTUAL TABLE a USING fts5(b); INSERT INTO a VALUES ('王小明');");
        let refused = rewritten(index, "sqlite", &mut Values::of(PAIRS));
        assert!(matches!(refused, Err(RewriteError::Unsupported { .. })));
    }
}
