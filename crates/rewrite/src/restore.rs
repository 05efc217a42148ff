//! The way back for whoever holds the key: sealed values anywhere, and columns under format-preserving encryption.
//!
//! A sealed value says itself what it is. An encrypted number looks like any other, so only columns are
//! restored that the receipt names. What was masked or generalised has no way back.

use crate::content::Content;
use crate::error::{RewriteError, WarningKind};
use crate::format::{self, Change, Hands, Place, Slots, Spot};
use crate::pass::{self, Job, Plans};
use crate::tree::{TreeOptions, checked_out, inputs, job, within};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::atomic::Ordering;
use zhunsheng_model::{Fragment, Kind};
use zhunsheng_protect::{Context, OperatorError};

/// What was restored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Restored {
    /// Files written.
    pub files: u64,
    /// Values brought back.
    pub values: u64,
    /// Cells of the named columns that could not be brought back and stay as they are.
    pub unchanged: u64,
}

/// The columns to restore, by top-level file and head: kind and the version of the key they are under.
pub type RestoreColumns = BTreeMap<(String, String), (Kind, Option<u32>)>;

/// Writes `options.paths` to `options.out` with every value brought back that can be.
///
/// # Errors
/// [`RewriteError`]: a wrong key among them. The output does not exist then, and the inputs are only read.
pub fn restore_tree(options: &TreeOptions<'_>, columns: &RestoreColumns) -> Result<Restored, RewriteError> {
    let files = inputs(options)?;
    let out = checked_out(&options.out, &options.paths)?;
    let folder = out.parent().unwrap_or(Path::new("."));
    let building = tempfile::Builder::new()
        .prefix(".zhunsheng-restore-")
        .tempdir_in(folder)
        .map_err(|error| RewriteError::Write { path: folder.to_owned(), error })?;
    let (tree, spool) = (building.path().join("tree"), building.path().join("spool"));
    for made in [&tree, &spool] {
        fs::create_dir(made).map_err(|error| RewriteError::Write { path: made.clone(), error })?;
    }
    let job = job(options, &spool);
    let mut restored = Restored::default();
    for file in &files {
        let path = within(&tree, &file.name)?;
        let failed = |error| RewriteError::Write { path: path.clone(), error };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed)?;
        }
        let to = OpenOptions::new().write(true).create_new(true).open(&path).map_err(failed)?;
        let mut to = BufWriter::with_capacity(256 << 10, to);
        let content = Content::File(file.path.clone());
        restore(&job, &file.name, &file.name, &content, columns, &mut restored, &mut to)
            .map_err(|error| error.with_path(&path))?;
        let to = to.into_inner().map_err(|error| failed(error.into_error()))?;
        to.sync_data().map_err(failed)?;
        if let Ok(about) = fs::metadata(&file.path) {
            fs::set_permissions(&path, about.permissions()).map_err(failed)?;
        }
        restored.files += 1;
    }
    let moved = File::open(&tree).and_then(|folder| folder.sync_all()).and_then(|()| fs::rename(&tree, &out));
    moved.map_err(|error| RewriteError::Write { path: out.clone(), error })?;
    Ok(restored)
}

fn restore(
    job: &Job<'_>,
    top: &str,
    name: &str,
    content: &Content,
    columns: &RestoreColumns,
    restored: &mut Restored,
    out: &mut dyn Write,
) -> Result<(), RewriteError> {
    let format = pass::sniff(content, name)?;
    let rewriter = format::rewriter(format)
        .ok_or_else(|| RewriteError::Unsupported { place: name.to_owned(), format: format.to_owned() })?;
    let place = Place { name, format, temp: job.temp };
    let mut hands = Restoring { job, top, name, columns, restored, plans: Plans::default() };
    rewriter.rewrite(content, &place, &mut hands, out)
}

struct Restoring<'a> {
    job: &'a Job<'a>,
    /// The top-level file, by which the receipt names columns.
    top: &'a str,
    name: &'a str,
    columns: &'a RestoreColumns,
    restored: &'a mut Restored,
    plans: Plans,
}

impl Restoring<'_> {
    /// Opens everything sealed in `text`.
    fn sealed(&mut self, spot: Spot, text: &str, changes: &mut Vec<Change>) -> Result<bool, RewriteError> {
        let failed = |error| RewriteError::Operator { place: self.name.to_owned(), error };
        let opened = self.job.protector.restore_armour(text).map_err(failed)?;
        self.restored.values += opened.len() as u64;
        let any = !opened.is_empty();
        changes.extend(opened.into_iter().map(|(range, value)| Change {
            spot,
            range,
            new: Some(value.as_str().to_owned()),
        }));
        Ok(any)
    }
}

impl Hands for Restoring<'_> {
    fn changes(&mut self, fragment: &Fragment, _: Slots<'_>) -> Result<Vec<Change>, RewriteError> {
        if self.job.cancel.load(Ordering::Relaxed) {
            return Err(RewriteError::Stopped);
        }
        let mut changes = Vec::new();
        let table = match fragment {
            Fragment::Text(text) => {
                self.sealed(Spot::Text, &text.text, &mut changes)?;
                return Ok(changes);
            }
            Fragment::Table(table) => table,
            Fragment::Lazy(_) => return Ok(changes),
        };
        let (before, heads) = self.plans.heads(self.job, table);
        let kinds: Vec<Option<(Kind, Option<u32>)>> = heads
            .iter()
            .map(|head| self.columns.get(&(self.top.to_owned(), head.clone())).copied())
            .collect();
        for row in 0..table.cells.len() {
            let is_data = table.first_row + row as u64 > before;
            for (column, cell) in table.cells.row(row).enumerate() {
                let spot = Spot::Cell(row, column);
                if self.sealed(spot, cell, &mut changes)? || !is_data || cell.trim().is_empty() {
                    continue;
                }
                let Some((kind, key_version)) = kinds.get(column).copied().flatten() else { continue };
                let context = Context { key_version, ..Context::default() };
                match self.job.protector.restore(kind, cell.trim(), &context) {
                    Ok(value) => {
                        self.restored.values += 1;
                        let new = Some(value.as_str().to_owned());
                        changes.push(Change { spot, range: 0..cell.len(), new });
                    }
                    Err(error @ (OperatorError::WrongKey | OperatorError::KeyMissing { .. })) => {
                        return Err(RewriteError::Operator { place: self.name.to_owned(), error });
                    }
                    Err(_) => self.restored.unchanged += 1,
                }
            }
        }
        Ok(changes)
    }

    fn member(&mut self, name: &str, content: Content) -> Result<Option<Content>, RewriteError> {
        let full = format!("{}!{name}", self.name);
        let mut copy = crate::content::Spooling::new(self.job.temp);
        restore(self.job, self.top, &full, &content, self.columns, self.restored, &mut copy)?;
        copy.finish().map(Some).map_err(RewriteError::sink)
    }

    fn warn(&mut self, _: WarningKind, _: u64) {}
}
