//! Inputs to an output folder that appears whole or not at all.
//!
//! The copy is built in a hidden folder beside the output and renamed at the end, after the second scan found
//! nothing. Whatever goes wrong, nothing stands under the final name, and the inputs are only ever read.

use crate::content::Content;
use crate::error::RewriteError;
use crate::pass::{self, Done, Job, Turn};
use crate::plan::{Plan, PlanLine};
use crate::receipt::{ColumnReceipt, FileReceipt, Receipt};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use zhunsheng_detect::Detector;
use zhunsheng_protect::Protector;
use zhunsheng_source::{Listing, SourceFile, list};

/// Times a file is gone over again for what only stands out in the copy.
const ROUNDS_MAX: usize = 4;
/// What is read from a stream at most before it is told what it is.
const STREAM_NAME: &str = "stdin";

/// A run over a tree of files.
pub struct TreeOptions<'a> {
    /// Files and folders.
    pub paths: Vec<PathBuf>,
    /// The folder to make; it must not exist.
    pub out: PathBuf,
    /// Finds.
    pub detector: &'a Detector,
    /// Replaces.
    pub protector: &'a Protector,
    /// SHA-256 of the rule set, for the receipt.
    pub rules_sha256: &'a str,
    /// Leave out what cannot be written again, instead of failing.
    pub skip_unsupported: bool,
    /// Worker threads, at least 1; each works on a file of its own.
    pub threads: usize,
    /// Set by the caller to stop.
    pub cancel: &'a std::sync::atomic::AtomicBool,
    /// A fresh random key for the proof.
    pub session: [u8; 32],
}

/// A finished run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// What was done.
    pub receipt: Receipt,
}

/// Makes the protected copy of `options.paths` in `options.out`.
///
/// # Errors
/// [`RewriteError`]; the output does not exist then.
pub fn protect_tree(options: &TreeOptions<'_>) -> Result<Outcome, RewriteError> {
    let inputs = inputs(options)?;
    let out = checked_out(&options.out, &options.paths)?;
    let folder = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned();
    let building = tempfile::Builder::new()
        .prefix(".zhunsheng-protect-")
        .tempdir_in(&folder)
        .map_err(|error| RewriteError::Write { path: folder.clone(), error })?;
    let tree = building.path().join("tree");
    let spool = building.path().join("spool");
    for made in [&tree, &spool] {
        fs::create_dir(made).map_err(|error| RewriteError::Write { path: made.clone(), error })?;
    }
    let job = job(options, &spool);
    let mut all = Done::new(&job);
    let mut columns = BTreeMap::new();
    let mut files = Vec::new();
    let results = each(options, &inputs, |file| one_file(&job, file, &tree));
    for (file, result) in inputs.iter().zip(results) {
        let Some(mut done) = result? else {
            all.left_out.insert(file.name.to_string());
            continue;
        };
        files.push(done.receipt);
        merge(&mut all, &mut columns, &file.name, &mut done.done);
    }
    if options.cancel.load(Ordering::SeqCst) {
        return Err(RewriteError::Stopped);
    }
    let moved = File::open(&tree).and_then(|folder| folder.sync_all()).and_then(|()| fs::rename(&tree, &out));
    moved.map_err(|error| RewriteError::Write { path: out.clone(), error })?;
    let receipt = receipt(options, &all, columns, files);
    Ok(Outcome { receipt })
}

/// What [`protect_tree`] would do; nothing is written but spool files.
///
/// # Errors
/// [`RewriteError`], as it would end.
pub fn plan_tree(options: &TreeOptions<'_>) -> Result<Plan, RewriteError> {
    let inputs = inputs(options)?;
    let spool = tempfile::tempdir().map_err(RewriteError::sink)?;
    let job = job(options, spool.path());
    let mut all = Done::new(&job);
    let mut columns = BTreeMap::new();
    let results = each(options, &inputs, |file| {
        let mut done = Done::new(&job);
        let content = Content::File(file.path.clone());
        let made = pass::protect(&job, &file.name, &content, Turn::default(), &mut done, &mut io::sink());
        match made {
            Ok(()) => Ok(Some(done)),
            Err(RewriteError::Unsupported { .. }) if options.skip_unsupported => Ok(None),
            Err(error) => Err(error),
        }
    });
    for (file, result) in inputs.iter().zip(results) {
        match result? {
            Some(mut done) => merge(&mut all, &mut columns, &file.name, &mut done),
            None => {
                all.left_out.insert(file.name.to_string());
            }
        }
    }
    let receipt = receipt(options, &all, columns, Vec::new());
    let lines = receipt.columns.iter().cloned().map(|line| PlanLine::of(options.protector, line)).collect();
    Ok(Plan { lines, receipt })
}

/// Protects a stream; the copy goes to `out` only after the second scan found nothing in it.
///
/// # Errors
/// [`RewriteError`]; nothing was written to `out` then.
pub fn protect_stream(
    options: &TreeOptions<'_>,
    input: &mut dyn Read,
    out: &mut dyn Write,
) -> Result<Outcome, RewriteError> {
    let folder = tempfile::tempdir().map_err(RewriteError::sink)?;
    let job = job(options, folder.path());
    let mut held = crate::content::Spooling::new(folder.path());
    io::copy(input, &mut held).map_err(|error| RewriteError::read(STREAM_NAME, error))?;
    let content = held.finish().map_err(RewriteError::sink)?;
    let mut done = Done::new(&job);
    let path = folder.path().join("copy");
    let copy = rounds(&job, STREAM_NAME, &content, &mut done, &path)?;
    let file = FileReceipt::of(STREAM_NAME, &content, &copy)?;
    let mut all = Done::new(&job);
    let mut columns = BTreeMap::new();
    merge(&mut all, &mut columns, STREAM_NAME, &mut done);
    let mut reader = copy.open().map_err(|error| RewriteError::read(STREAM_NAME, error))?;
    io::copy(&mut reader, out).and_then(|_| out.flush()).map_err(RewriteError::sink)?;
    Ok(Outcome { receipt: receipt(options, &all, columns, vec![file]) })
}

pub(crate) fn job<'a>(options: &'a TreeOptions<'_>, temp: &'a Path) -> Job<'a> {
    Job {
        detector: options.detector,
        protector: options.protector,
        skip_unsupported: options.skip_unsupported,
        temp,
        cancel: options.cancel,
        session: options.session,
    }
}

/// The files to protect; anything that is none is an error, because the copy would silently lack it.
pub(crate) fn inputs(options: &TreeOptions<'_>) -> Result<Vec<SourceFile>, RewriteError> {
    for path in &options.paths {
        fs::symlink_metadata(path).map_err(|error| RewriteError::read(&path.display().to_string(), error))?;
    }
    let Listing { files, problems } = list(&options.paths);
    match problems.into_iter().next() {
        Some(problem) => Err(RewriteError::unreadable(&problem.place.file, problem.detail)),
        None => Ok(files),
    }
}

/// The output as an absolute path, when nothing stands there and it is apart from every input.
pub(crate) fn checked_out(out: &Path, inputs: &[PathBuf]) -> Result<PathBuf, RewriteError> {
    let refused = |detail| Err(RewriteError::Refused { path: out.to_owned(), detail });
    match fs::symlink_metadata(out) {
        Ok(about) if about.file_type().is_symlink() => {
            return refused("the output is a link; name a new folder");
        }
        Ok(about) if !about.is_dir() => return refused("the output is no folder; name a new folder"),
        Ok(_) => return refused("the output exists already; name a new folder"),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(RewriteError::Write { path: out.to_owned(), error }),
    }
    let Some(name) = out.file_name() else { return refused("the output has no name") };
    let parent = out.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let parent =
        fs::canonicalize(parent).map_err(|error| RewriteError::Write { path: parent.to_owned(), error })?;
    let real = parent.join(name);
    for input in inputs {
        let Ok(input) = fs::canonicalize(input) else { continue };
        if input.is_dir() && real.starts_with(&input) {
            return refused("the output lies in the input");
        }
    }
    Ok(real)
}

/// Where a file of that name lies in the tree under construction.
pub(crate) fn within(tree: &Path, name: &str) -> Result<PathBuf, RewriteError> {
    let relative = Path::new(name);
    if !relative.components().all(|part| matches!(part, Component::Normal(_))) {
        return Err(RewriteError::Refused { path: relative.to_owned(), detail: "the name leads elsewhere" });
    }
    Ok(tree.join(relative))
}

struct FileDone {
    done: Done,
    receipt: FileReceipt,
}

/// Makes the copy of one file; nothing when it is left out.
fn one_file(job: &Job<'_>, file: &SourceFile, tree: &Path) -> Result<Option<FileDone>, RewriteError> {
    let path = within(tree, &file.name)?;
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| RewriteError::Write { path: folder.to_owned(), error })?;
    }
    let content = Content::File(file.path.clone());
    let mut done = Done::new(job);
    if pass::name_is_personal(job, &file.name) {
        let key = (file.name.to_string(), crate::WarningKind::NameOfFile);
        *done.warnings.entry(key).or_default() += 1;
    }
    let copy = match rounds(job, &file.name, &content, &mut done, &path) {
        Ok(copy) => copy,
        Err(RewriteError::Unsupported { .. }) if job.skip_unsupported => {
            let _ = fs::remove_file(&path);
            return Ok(None);
        }
        Err(error) => return Err(error),
    };
    // What may read the original may read the copy.
    if let Ok(about) = fs::metadata(&file.path) {
        fs::set_permissions(&path, about.permissions())
            .map_err(|error| RewriteError::Write { path: path.clone(), error })?;
    }
    let receipt = FileReceipt::of(&file.name, &content, &copy)?;
    Ok(Some(FileDone { done, receipt }))
}

/// Writes the copy to `path`, scans it, and goes over it again while something stands out in it; what is still
/// found in the end is an error.
fn rounds(
    job: &Job<'_>,
    name: &str,
    content: &Content,
    done: &mut Done,
    path: &Path,
) -> Result<Content, RewriteError> {
    write_new(job, name, content, Turn::default(), done, path)?;
    let copy = Content::File(path.to_owned());
    for round in 0.. {
        // The proof: the copy as it lies on the disk.
        let found = pass::prove(job, name, &copy, &done.ledger)?;
        let Some(error) = left(found) else { break };
        if round == ROUNDS_MAX {
            return Err(error);
        }
        let again = path.with_extension("zhunsheng-again");
        write_new(job, name, &copy, Turn { is_again: true, ..Turn::default() }, done, &again)?;
        fs::rename(&again, path).map_err(|error| RewriteError::Write { path: path.to_owned(), error })?;
    }
    Ok(copy)
}

fn write_new(
    job: &Job<'_>,
    name: &str,
    content: &Content,
    turn: Turn,
    done: &mut Done,
    path: &Path,
) -> Result<(), RewriteError> {
    let failed = |error| RewriteError::Write { path: path.to_owned(), error };
    let file = OpenOptions::new().write(true).create_new(true).open(path).map_err(failed)?;
    let mut out = BufWriter::with_capacity(256 << 10, file);
    pass::protect(job, name, content, turn, done, &mut out).map_err(|error| error.with_path(path))?;
    let file = out.into_inner().map_err(|error| failed(error.into_error()))?;
    file.sync_data().map_err(failed)
}

/// The error for what the proof found.
fn left(found: Vec<pass::Left>) -> Option<RewriteError> {
    let first = found.first()?;
    Some(RewriteError::Left {
        place: first.place.clone(),
        count: found.iter().map(|left| left.count).sum(),
        kind: first.kind.id(),
    })
}

/// Runs `work` on every file, on several threads; results in the order of the files. After an error the rest is
/// not begun.
fn each<T: Send>(
    options: &TreeOptions<'_>,
    files: &[SourceFile],
    work: impl Fn(&SourceFile) -> Result<T, RewriteError> + Sync,
) -> Vec<Result<T, RewriteError>> {
    let next = AtomicUsize::new(0);
    let failed = std::sync::atomic::AtomicBool::new(false);
    let results: Mutex<BTreeMap<usize, Result<T, RewriteError>>> = Mutex::new(BTreeMap::new());
    let threads = options.threads.clamp(1, files.len().max(1));
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::SeqCst);
                    let Some(file) = files.get(index) else { return };
                    if failed.load(Ordering::SeqCst) {
                        return;
                    }
                    let result = if options.cancel.load(Ordering::SeqCst) {
                        Err(RewriteError::Stopped)
                    } else {
                        work(file)
                    };
                    if result.is_err() {
                        failed.store(true, Ordering::SeqCst);
                    }
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    results.insert(index, result);
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    // The first error in the order of the files is the one to tell.
    if let Some(index) = results.iter().find(|(_, result)| result.is_err()).map(|(index, _)| *index) {
        return results.remove(&index).into_iter().collect();
    }
    results.into_values().collect()
}

fn merge(
    all: &mut Done,
    columns: &mut BTreeMap<(String, String, &'static str, &'static str), u64>,
    file: &str,
    done: &mut Done,
) {
    all.tally.add(&done.tally);
    let empty = zhunsheng_protect::Ledger::new(&[0; 32]);
    all.ledger.add(std::mem::replace(&mut done.ledger, empty));
    all.warnings.append(&mut done.warnings);
    all.left_out.append(&mut done.left_out);
    for ((column, kind, operator), count) in std::mem::take(&mut done.columns) {
        *columns.entry((file.to_owned(), column, kind.id(), operator)).or_default() += count;
    }
}

fn receipt(
    options: &TreeOptions<'_>,
    all: &Done,
    columns: BTreeMap<(String, String, &'static str, &'static str), u64>,
    files: Vec<FileReceipt>,
) -> Receipt {
    let mut receipt = Receipt::of(options.protector, options.rules_sha256, &all.tally);
    receipt.files = files;
    receipt.warnings = all.warnings().collect();
    receipt.left_out = all.left_out.iter().cloned().collect();
    let columns = columns.into_iter();
    receipt.columns = columns
        .map(|((file, column, kind, operator), count)| ColumnReceipt { file, column, kind, operator, count })
        .collect();
    receipt
}

impl FileReceipt {
    fn of(name: &str, before: &Content, after: &Content) -> Result<FileReceipt, RewriteError> {
        let digest = |content: &Content| -> io::Result<(String, u64)> {
            let mut reader = content.open()?;
            let mut hasher = Sha256::new();
            let mut room = vec![0; 1 << 16];
            let mut bytes = 0;
            loop {
                let got = reader.read(&mut room)?;
                if got == 0 {
                    break;
                }
                hasher.update(room.get(..got).unwrap_or_default());
                bytes += got as u64;
            }
            let hex = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
            Ok((hex, bytes))
        };
        let failed = |error| RewriteError::read(name, error);
        let (sha256_before, bytes_before) = digest(before).map_err(failed)?;
        let (sha256_after, bytes_after) = digest(after).map_err(failed)?;
        let file = name.to_owned();
        Ok(FileReceipt { file, bytes_before, sha256_before, bytes_after, sha256_after })
    }
}
