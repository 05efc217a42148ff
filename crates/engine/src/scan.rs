//! `scan`: from paths to an inventory and its reports.

use crate::careful::CarefulReader;
use crate::commit::{Commit, FileEnd, Payload};
use crate::journal::{self, Journal};
use crate::key::{Key, make_key, parse_key, read_key};
use crate::output::Output;
use crate::progress::{Phase, Progress};
use crate::reveal::Wanted;
use crate::schedule::{Job, Schedule, Seq, Unit};
use crate::spill::FileSpill;
use crate::work::{Plans, Shared, Worker};
use crate::{EngineError, output};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use zeroize::Zeroizing;
use zhunsheng_count::{
    Acts, CountError, CountRules, FinishOptions, KeyedHasher, SpillStore, Tally, TallyOptions,
};
use zhunsheng_deep::store::LAC;
use zhunsheng_detect::Detector;
use zhunsheng_model::{Basis, Date, Fragment, Input, Inventory, Place, Problem};
use zhunsheng_report::records::RecordsFile;
use zhunsheng_report::{Language, View};
use zhunsheng_rules::Rules;
use zhunsheng_source::{Limits, ReadOptions, Sink, SourceFile, list, read_file, read_stream};

/// Bytes of a lazy piece: ten thousand rows and more.
const PIECE_BYTES: usize = 2 << 20;
/// Results that may wait for their turn.
const PARKED_BYTES_MAX: usize = 16 << 20;
/// The name of standard input in every output.
const STDIN: &str = "stdin";

/// Where the key of the keyed hashes comes from.
pub enum KeySource {
    /// A file with 64 hexadecimal digits.
    File(PathBuf),
    /// The digits themselves (from the environment).
    Text(Zeroizing<String>),
    /// The key beside the output, made fresh when there is none.
    Fresh,
}

/// What to scan and how.
pub struct ScanOptions {
    /// Files and folders; `-` is standard input and stands alone.
    pub paths: Vec<PathBuf>,
    /// Folder for the results; made when missing.
    pub out: PathBuf,
    /// The acts of art. 11; `None` is one act of obtaining everything.
    pub acts: Option<Acts>,
    /// Day at which ages are reckoned; `None` is the day of the first act, or else the day that the rules
    /// are stated for.
    pub date: Option<Date>,
    /// What one item is.
    pub basis: Basis,
    /// Folder of the model of the careful reader; `None` reads with the fast tagger alone.
    pub deep: Option<PathBuf>,
    /// Worker threads, at least 1.
    pub threads: usize,
    /// Memory for counting before it spills to disk.
    pub memory_bytes: u64,
    /// How far archives may grow.
    pub limits: Limits,
    /// The key of the keyed hashes.
    pub key: KeySource,
    /// Write every mention with its raw value to this file.
    pub mentions: Option<PathBuf>,
    /// Go on where an interrupted scan stopped.
    pub resume: bool,
    /// Language of the reports.
    pub lang: Language,
    /// The command line, for the report.
    pub command_line: String,
    /// Files and folders that the caller writes itself; they are no input where they lie among it.
    pub exclude: Vec<PathBuf>,
}

/// A finished scan.
pub struct ScanOutcome {
    /// What was counted.
    pub inventory: Inventory,
    /// What stands around the numbers in a report.
    pub view: View,
    /// Names of the files written, in the output folder.
    pub written: Vec<String>,
    /// The files that were read, in the order of their names.
    pub inputs: Vec<InputFile>,
}

/// A file that was read, before anything inside it was unpacked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InputFile {
    /// Its name in every output.
    pub name: String,
    /// Where it lies; `None` for standard input.
    pub path: Option<PathBuf>,
    /// Id of its format, such as `delimited`; empty when it was not told.
    pub format: String,
    /// SHA-256 and bytes; `None` when it could not be read to its end.
    pub digest: Option<([u8; 32], u64)>,
}

/// One input.
enum Item {
    File(SourceFile),
    Stdin,
}

impl Item {
    fn name(&self) -> &str {
        match self {
            Item::File(file) => &file.name,
            Item::Stdin => STDIN,
        }
    }
}

/// Reads, detects, counts and reports.
///
/// Gives `None` when `cancel` was set: what was finished is kept for `resume`.
///
/// # Errors
/// [`EngineError`] when there is no such input, the output cannot be written or the counting store fails.
/// A file that cannot be read is a problem in the inventory, not an error.
pub fn scan(
    options: &ScanOptions,
    rules: &Rules,
    progress: &Progress,
    cancel: &AtomicBool,
) -> Result<Option<ScanOutcome>, EngineError> {
    scan_for(options, rules, progress, cancel, None)
}

/// The same, and gives the raw values of the `wanted` records to `wanted`.
///
/// # Errors
/// As [`scan`].
pub fn scan_for(
    options: &ScanOptions,
    rules: &Rules,
    progress: &Progress,
    cancel: &AtomicBool,
    wanted: Option<&Wanted>,
) -> Result<Option<ScanOutcome>, EngineError> {
    let output = Output::open(&options.out)?;
    let result = run(options, &output, rules, progress, cancel, wanted);
    if !matches!(result, Ok(Some(_))) && !is_resumable(&options.out) {
        // Nothing to go on from: a full disk needs its space back. The first failure is the one to tell.
        let _ = fs::remove_dir_all(output.work_dir());
    }
    result
}

/// Whether an interrupted scan into `out` left a state to go on from.
pub fn is_resumable(out: &Path) -> bool {
    journal::has_state(&output::work_dir(out))
}

fn run(
    options: &ScanOptions,
    output: &Output,
    rules: &Rules,
    progress: &Progress,
    cancel: &AtomicBool,
    wanted: Option<&Wanted>,
) -> Result<Option<ScanOutcome>, EngineError> {
    let (items, listing_problems) = items(options, output)?;
    let everything = Acts::default();
    let acts = options.acts.as_ref().unwrap_or(&everything);
    let reference = options.date.or(acts.first_date()).unwrap_or(rules.as_of());
    let shared = Shared {
        detector: detector(options, rules, reference)?,
        hasher: KeyedHasher::new(&*key(options, output)?),
        reference,
        acts,
        reveal: options.mentions.is_some(),
        wanted,
        cancel,
    };
    let fingerprint = fingerprint(options, rules, reference, acts, &items);
    let bytes_total = items.iter().map(|item| if let Item::File(f) = item { f.size_bytes } else { 0 }).sum();
    progress.begin(Phase::Reading, bytes_total);
    progress.set_files(items.len() as u64);

    let (mut commit, files_done) = begin(options, output, reference, fingerprint, progress)?;
    for item in items.iter().take(files_done as usize) {
        progress.file_done();
        progress.add(if let Item::File(file) = item { file.size_bytes } else { 0 });
    }
    read_all(options, output, &items, files_done, &shared, &mut commit, progress)?;
    if cancel.load(Ordering::SeqCst) {
        return Ok(None);
    }

    commit.flush()?;
    let input = input(&items, &commit);
    let inputs = input_files(&items, &commit);
    let mut problems = commit.problems;
    problems.extend(listing_problems);
    progress.begin(Phase::Counting, 1);
    let counted = commit.tally.finish(
        options.threads,
        FinishOptions {
            rules: &CountRules::from_rules(rules),
            rules_sha256: rules.sha256(),
            acts,
            basis: options.basis,
            input,
            problems,
            files: &commit.files,
            progress: &|step| {
                progress.set(step.done, step.total);
                if cancel.load(Ordering::Relaxed) {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            },
        },
    );
    let counted = match counted {
        // Counting has no state to go on from; the checkpoints of the reading still stand.
        Err(CountError::Stopped) => return Ok(None),
        other => other?,
    };
    progress.begin(Phase::Writing, 1);
    output::finish_records(commit.records, &counted.table)
        .map_err(|error| output::report_error(&output.work("records.parquet"), error))?;
    if let Some((path, writer, _)) = commit.mentions {
        writer.into_inner().map_err(|e| EngineError::output(&path, e.into_error()))?;
    }
    let view = View {
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        command: options.command_line.clone(),
        inputs: options.paths.iter().map(|path| path.display().to_string()).collect(),
        samples: commit.samples,
    };
    let written =
        output.publish(&counted.inventory, &view, options.lang, rules, options.mentions.as_deref())?;
    Ok(Some(ScanOutcome { inventory: counted.inventory, view, written, inputs }))
}

/// The inputs in the order in which they are read.
fn items(options: &ScanOptions, output: &Output) -> Result<(Vec<Item>, Vec<Problem>), EngineError> {
    if options.paths.iter().any(|path| path.as_os_str() == "-") {
        return match options.paths.len() {
            1 => Ok((vec![Item::Stdin], Vec::new())),
            _ => Err(EngineError::StdinNotAlone),
        };
    }
    for path in &options.paths {
        if fs::symlink_metadata(path).is_err() {
            return Err(EngineError::NoSuchInput { path: path.clone() });
        }
    }
    let listing = list(&options.paths);
    // The results of this scan, or of one before, are not part of the input.
    let own = fs::canonicalize(&options.out).ok();
    let excluded: Vec<PathBuf> =
        options.exclude.iter().filter_map(|path| fs::canonicalize(path).ok()).collect();
    let inside = |file: &SourceFile| {
        fs::canonicalize(&file.path).is_ok_and(|path| {
            own.as_ref().is_some_and(|own| path.starts_with(own) && output.is_own(&path, own))
                || excluded.iter().any(|excluded| path.starts_with(excluded))
        })
    };
    let files = listing.files.into_iter().filter(|file| !inside(file)).map(Item::File).collect();
    Ok((files, listing.problems))
}

fn key(options: &ScanOptions, output: &Output) -> Result<Key, EngineError> {
    match &options.key {
        KeySource::File(path) => read_key(path),
        KeySource::Text(text) => parse_key(text)
            .ok_or_else(|| EngineError::key(Path::new("ZHUNSHENG_KEY"), "a key is 64 hexadecimal digits")),
        KeySource::Fresh => {
            let path = output.key_path();
            if path.exists() { read_key(&path) } else { make_key(&path) }
        }
    }
}

/// The detector with the reader that was asked for.
fn detector(options: &ScanOptions, rules: &Rules, reference: Date) -> Result<Detector, EngineError> {
    match &options.deep {
        None => Ok(Detector::new(rules, reference)?),
        Some(folder) => {
            let reader = CarefulReader::load(folder, rules)?;
            Ok(Detector::without_reader(rules, reference)?.with_reader(reader))
        }
    }
}

/// Everything that decides the result, so that a scan is only resumed with the same.
fn fingerprint(options: &ScanOptions, rules: &Rules, reference: Date, acts: &Acts, items: &[Item]) -> String {
    let mut hash = Sha256::new();
    let mut text = format!(
        "{} {} {reference} {:?} {acts:?} {:?} {:?}\n",
        env!("CARGO_PKG_VERSION"),
        rules.sha256(),
        options.limits,
        options.mentions,
        // The files of the model are pinned: where they lie decides nothing.
        options.deep.as_ref().map(|_| LAC.id)
    );
    for item in items {
        let stamp = match item {
            Item::File(file) => fs::metadata(&file.path).and_then(|meta| meta.modified()).ok(),
            Item::Stdin => None,
        };
        let size = if let Item::File(file) = item { file.size_bytes } else { 0 };
        let _ = writeln!(text, "{} {size} {stamp:?}", item.name());
        hash.update(&text);
        text.clear();
    }
    hex(&hash.finalize())
}

/// The commit, fresh or as an interrupted scan left it, and the number of files already done.
fn begin<'a>(
    options: &ScanOptions,
    output: &Output,
    reference: Date,
    fingerprint: String,
    progress: &'a Progress,
) -> Result<(Commit<'a>, u32), EngineError> {
    let tally_options = TallyOptions { memory_bytes: options.memory_bytes, ..TallyOptions::new(reference) };
    let records_path = output.work("records.parquet");
    let spill_dir = output.work("spill");
    let spill = |keep| -> Result<Box<dyn SpillStore>, EngineError> {
        let store = FileSpill::open(&spill_dir, keep).map_err(|e| EngineError::output(&spill_dir, e))?;
        Ok(Box::new(store))
    };
    let mentions_path = options.mentions.as_ref().map(|_| output.work("mentions.jsonl"));
    if !options.resume {
        output.clear_work()?;
        let records = RecordsFile::new(BufWriter::new(create(&records_path)?))?;
        let mentions = match mentions_path {
            None => None,
            Some(path) => Some((path.clone(), BufWriter::new(create(&path)?), 0)),
        };
        let tally = Tally::new(tally_options, spill(false)?);
        let journal = Journal::new(&output.work_dir(), fingerprint);
        return Ok((Commit::new(tally, records, records_path, mentions, journal, progress)?, 0));
    }
    let found = journal::recover(&output.work_dir(), &options.out, &fingerprint)?;
    let records = reopen(&records_path, found.saved.records_bytes)?;
    let records = RecordsFile::resume(BufWriter::new(records), &found.records)?;
    let mentions = match mentions_path {
        None => None,
        Some(path) => {
            let bytes = found.saved.mentions_bytes;
            Some((path.clone(), BufWriter::new(reopen(&path, bytes)?), bytes))
        }
    };
    let tally = Tally::resume(tally_options, spill(true)?, &found.tally)?;
    let journal = Journal::new(&output.work_dir(), fingerprint);
    let mut commit = Commit::new(tally, records, records_path, mentions, journal, progress)?;
    commit.restore(&found.saved);
    Ok((commit, found.saved.files_done))
}

fn create(path: &Path) -> Result<File, EngineError> {
    let mut open = OpenOptions::new();
    open.write(true).create(true).truncate(true);
    std::os::unix::fs::OpenOptionsExt::mode(&mut open, 0o600);
    open.open(path).map_err(|e| EngineError::output(path, e))
}

/// Opens what an interrupted scan was writing and cuts off what came after the checkpoint.
fn reopen(path: &Path, bytes: u64) -> Result<File, EngineError> {
    OpenOptions::new()
        .write(true)
        .open(path)
        .and_then(|mut file| {
            file.set_len(bytes)?;
            file.seek(SeekFrom::Start(bytes))?;
            Ok(file)
        })
        .map_err(|e| EngineError::output(path, e))
}

/// Runs the workers until every file is read or something fails.
fn read_all(
    options: &ScanOptions,
    output: &Output,
    items: &[Item],
    files_done: u32,
    shared: &Shared<'_>,
    commit: &mut Commit<'_>,
    progress: &Progress,
) -> Result<(), EngineError> {
    let schedule = Schedule::new(files_done, items.len() as u32, options.threads, PARKED_BYTES_MAX);
    let temp_dir = output.work("temp");
    fs::create_dir_all(&temp_dir).map_err(|e| EngineError::output(&temp_dir, e))?;
    let read_options = ReadOptions { limits: options.limits, temp_dir, chunk_bytes: PIECE_BYTES };
    let pool = Pool {
        schedule: &schedule,
        commit: Mutex::new(commit),
        failure: Mutex::new(None),
        shared,
        items,
        read_options: &read_options,
        progress,
    };
    thread::scope(|scope| {
        for _ in 1..options.threads {
            scope.spawn(|| pool.run());
        }
        pool.run();
    });
    pool.failure.into_inner().unwrap_or_else(PoisonError::into_inner).map_or(Ok(()), Err)
}

/// A piece on its way to another worker: the fragment and the plans of its file.
type Task = (Fragment, Arc<Plans>);

/// What the workers of one scan share.
struct Pool<'a, 'b> {
    schedule: &'a Schedule<Task, Payload>,
    commit: Mutex<&'a mut Commit<'b>>,
    failure: Mutex<Option<EngineError>>,
    shared: &'a Shared<'a>,
    items: &'a [Item],
    read_options: &'a ReadOptions,
    progress: &'a Progress,
}

impl Pool<'_, '_> {
    /// One worker.
    fn run(&self) {
        let mut worker = match Worker::new(self.shared) {
            Ok(worker) => worker,
            Err(error) => return self.fail(error),
        };
        loop {
            match self.schedule.next() {
                Job::Done => return,
                Job::Piece(seq, task) => self.piece(&mut worker, seq, task),
                Job::Open(file) => {
                    self.open(&mut worker, file);
                    self.schedule.reader_done();
                }
            }
        }
    }

    fn fail(&self, error: EngineError) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
        self.schedule.stop();
    }

    fn piece(&self, worker: &mut Worker<'_>, seq: Seq, (fragment, plans): Task) {
        let bytes = fragment_bytes(&fragment);
        match worker.make(fragment, &plans) {
            Err(error) => self.fail(error),
            Ok(made) => {
                let size_bytes = made.size_bytes();
                self.submit(Unit { seq, last: false, size_bytes, payload: Payload::Made(made) });
                self.progress.add(bytes);
            }
        }
    }

    fn submit(&self, unit: Unit<Payload>) {
        let result = self.schedule.submit(unit, |_, payload| {
            self.commit.lock().unwrap_or_else(PoisonError::into_inner).take(payload)
        });
        if let Err(error) = result {
            self.fail(error);
        }
    }

    /// Reads one file and works on its pieces, or hands them to idle workers.
    fn open(&self, worker: &mut Worker<'_>, file: u32) {
        let Some(item) = self.items.get(file as usize) else { return };
        let mut sink = FileSink {
            pool: self,
            worker,
            file,
            piece: 0,
            plans: Arc::new(Plans::default()),
            end: FileEnd::default(),
            bytes: 0,
        };
        let outcome = match item {
            Item::File(source) => read_file(source, self.read_options, &mut sink),
            Item::Stdin => read_stream(STDIN, &mut std::io::stdin().lock(), self.read_options, &mut sink),
        };
        let (piece, bytes, mut end) = (sink.piece, sink.bytes, sink.end);
        if outcome.stopped {
            return;
        }
        end.digest = outcome.digest.map(|digest| (digest.sha256, digest.bytes));
        // What was skipped inside the file counts as done, too.
        self.progress.add(end.digest.map_or(0, |(_, size)| size).saturating_sub(bytes));
        let seq = Seq { file, piece };
        self.submit(Unit { seq, last: true, size_bytes: 256, payload: Payload::End(end) });
    }
}

/// Receives the fragments of one file.
struct FileSink<'p, 'a, 'b, 'w, 's> {
    pool: &'p Pool<'a, 'b>,
    worker: &'w mut Worker<'s>,
    file: u32,
    piece: u64,
    plans: Arc<Plans>,
    end: FileEnd,
    bytes: u64,
}

/// Pieces smaller than this are not worth handing to another worker.
const SHARED_BYTES_MIN: u64 = 128 << 10;

impl Sink for FileSink<'_, '_, '_, '_, '_> {
    fn opened(&mut self, place: &Place, format: &'static str) {
        self.end.opened.push((Arc::clone(&place.file), format));
    }

    fn problem(&mut self, problem: Problem) {
        self.end.problems.push(problem);
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        let pool = self.pool;
        if pool.shared.cancel.load(Ordering::Relaxed) {
            pool.schedule.stop();
        }
        if pool.schedule.stopped() {
            return ControlFlow::Break(());
        }
        let seq = Seq { file: self.file, piece: self.piece };
        self.piece += 1;
        let bytes = fragment_bytes(&fragment);
        self.bytes += bytes;
        let task = (fragment, Arc::clone(&self.plans));
        // The first piece makes the plan of its table, which the others need; the reader has it at once.
        let mine = if seq.piece > 0 && bytes >= SHARED_BYTES_MIN {
            pool.schedule.offer(seq, task)
        } else {
            Some(task)
        };
        if let Some(task) = mine {
            pool.piece(self.worker, seq, task);
        }
        pool.schedule.throttle(self.file, |seq, task| pool.piece(self.worker, seq, task));
        ControlFlow::Continue(())
    }
}

fn fragment_bytes(fragment: &Fragment) -> u64 {
    match fragment {
        Fragment::Text(text) => text.text.len() as u64,
        Fragment::Table(table) => table.cells.text.len() as u64,
        Fragment::Lazy(lazy) => lazy.size_bytes() as u64,
    }
}

fn input_files(items: &[Item], commit: &Commit<'_>) -> Vec<InputFile> {
    let formats: BTreeMap<&str, &str> =
        commit.files.iter().map(|file| (&*file.name, &*file.format)).collect();
    items
        .iter()
        .zip(&commit.digests)
        .map(|(item, digest)| InputFile {
            name: item.name().to_owned(),
            path: if let Item::File(file) = item { Some(file.path.clone()) } else { None },
            format: formats.get(item.name()).copied().unwrap_or_default().to_owned(),
            digest: *digest,
        })
        .collect()
}

/// What was read, with the hash over the sorted manifest.
fn input(items: &[Item], commit: &Commit<'_>) -> Input {
    let mut lines: Vec<String> = Vec::with_capacity(items.len());
    let mut bytes = 0;
    for (item, digest) in items.iter().zip(&commit.digests) {
        match digest {
            Some((sha256, size)) => {
                bytes += size;
                lines.push(format!("{}  {size}  {}\n", hex(sha256), item.name()));
            }
            None => lines.push(format!("-  -  {}\n", item.name())),
        }
    }
    lines.sort_unstable();
    let mut hash = Sha256::new();
    lines.iter().for_each(|line| hash.update(line));
    let files = items.len() as u64;
    let inside =
        commit.files.iter().filter(|file| items.binary_search_by(|i| i.name().cmp(&file.name)).is_err());
    Input { files, bytes, files_inside: inside.count() as u64, sha256_of_manifest: hex(&hash.finalize()) }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
