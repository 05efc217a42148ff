//! From paths and bytes to fragments: text or cells with the place they come from.
//!
//! The only crate that opens inputs. It knows formats, encodings, archives and limits; it knows nothing of kinds
//! of personal information, of counting or of law, and keeps nothing of what it reads.
//!
//! Start reading at [`list()`] (which files there are), then [`read_file`] (one file to a [`Sink`]), then
//! [`format::Format`] and the list [`format::FORMATS`]: a new format is one file and one line there.

pub mod edit;
mod error;
pub mod format;
mod input;
mod limits;
mod list;
mod sink;
mod text;

pub use error::SourceError;
pub use input::{Input, LocalFile, OpenFile, SPOOL_MEMORY_BYTES, Seekable};
pub use limits::Limits;
pub use list::{Listing, SourceFile, list};
pub use sink::{CellForm, Context, Layout, ReadOptions, Sink};

use crate::input::Tally;
use crate::limits::{Budget, Level, Meter};
use sha2::Digest;
use std::cell::{Cell, RefCell};
use std::fs::File;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;
use zhunsheng_model::{Place, Problem, ProblemKind};

/// Identity of a top-level input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileDigest {
    /// SHA-256 over exactly the bytes of the file.
    pub sha256: [u8; 32],
    /// Number of bytes.
    pub bytes: u64,
}

/// How the reading of a top-level input ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadOutcome {
    /// `None` when the bytes could not be read to their end, or the receiver stopped.
    pub digest: Option<FileDigest>,
    /// Whether the receiver stopped the reading.
    pub stopped: bool,
}

/// Reads one file and everything inside it.
///
/// Whatever is wrong is a [`Problem`] handed to `sink`; the rest is read. Bounded memory: a few pieces of
/// [`ReadOptions::chunk_bytes`], and what a format's library needs.
pub fn read_file(file: &SourceFile, options: &ReadOptions, sink: &mut dyn Sink) -> ReadOutcome {
    let place = Place::file(Arc::clone(&file.name));
    let input = File::open(&file.path)
        .and_then(|open| Ok((open.try_clone()?, Input::from_file(open, file.path.clone())?)));
    match input {
        Ok((again, input)) => read_input(&file.name, input, Some(again), options, sink),
        Err(error) => {
            sink.problem(failure(place, &error));
            ReadOutcome { digest: None, stopped: false }
        }
    }
}

/// Reads a stream (standard input) and everything inside it; `name` is its name in every output.
pub fn read_stream(
    name: &str,
    reader: &mut dyn Read,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> ReadOutcome {
    // The tail is hashed after the format is done, which may stop before the end.
    let shared = Rc::new(RefCell::new(reader));
    let input = Input::from_reader(SharedReader(Rc::clone(&shared)), None);
    let mut rest = SharedReader(shared);
    read_top(name, input, Some(&mut rest), options, sink)
}

struct SharedReader<'a>(Rc<RefCell<&'a mut dyn Read>>);

impl Read for SharedReader<'_> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        self.0.borrow_mut().read(room)
    }
}

fn read_input(
    name: &str,
    input: Input<'_>,
    again: Option<File>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> ReadOutcome {
    let mut again = again;
    read_top(name, input, again.as_mut().map(|file| file as &mut dyn Rest), options, sink)
}

/// The bytes of the top-level input that its format did not read.
trait Rest {
    /// Feeds what follows after `tally.bytes` bytes.
    fn finish(&mut self, tally: &mut Tally) -> io::Result<()>;
}

impl Rest for File {
    fn finish(&mut self, tally: &mut Tally) -> io::Result<()> {
        use std::io::{Seek, SeekFrom};
        // The handle shares its position with the one that the format used; it is done by now.
        self.seek(SeekFrom::Start(tally.bytes))?;
        drain(self, tally)
    }
}

impl Rest for SharedReader<'_> {
    fn finish(&mut self, tally: &mut Tally) -> io::Result<()> {
        drain(self, tally)
    }
}

fn drain(reader: &mut dyn Read, tally: &mut Tally) -> io::Result<()> {
    let mut room = vec![0; 1 << 20];
    loop {
        match reader.read(&mut room) {
            Ok(0) => return Ok(()),
            Ok(got) => {
                tally.hasher.update(room.get(..got).unwrap_or_default());
                tally.bytes += got as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn read_top(
    name: &str,
    mut input: Input<'_>,
    rest: Option<&mut dyn Rest>,
    options: &ReadOptions,
    sink: &mut dyn Sink,
) -> ReadOutcome {
    let tally = Rc::new(RefCell::new(Tally::default()));
    let meter = Rc::new(Meter::default());
    input.tally(Rc::clone(&tally));
    input.watch(Rc::clone(&meter), None);
    let budget = Rc::new(Budget::new(options.limits, Rc::clone(&meter)));
    let level = Rc::new(Level::new(Rc::clone(&budget), meter, 1));
    let base: Arc<str> = name.into();
    let place = Arc::new(Place::file(Arc::clone(&base)));
    let mut cx = Context {
        place,
        name: name.rsplit('/').next().unwrap_or(name).into(),
        base,
        depth: 0,
        options,
        budget,
        level,
        sink,
        tables: Rc::new(Cell::new(0)),
        fragments: 0,
    };
    let result = format::read(input, &mut cx);
    if matches!(result, Err(SourceError::Stopped)) {
        return ReadOutcome { digest: None, stopped: true };
    }
    let mut tally = tally.borrow_mut();
    let finished = rest.map_or(Ok(()), |rest| rest.finish(&mut tally));
    match finished {
        Ok(()) => {
            let sha256 = std::mem::take(&mut tally.hasher).finalize().into();
            ReadOutcome { digest: Some(FileDigest { sha256, bytes: tally.bytes }), stopped: false }
        }
        Err(error) => {
            // Said already when the format itself met the error.
            if result.is_ok() {
                cx.sink.problem(failure(Place::clone(&cx.place), &error));
            }
            ReadOutcome { digest: None, stopped: false }
        }
    }
}

fn failure(place: Place, error: &io::Error) -> Problem {
    let (kind, detail) = match error.kind() {
        io::ErrorKind::PermissionDenied => (ProblemKind::PermissionDenied, "access is refused".to_string()),
        kind => (ProblemKind::ReadFailed, format!("reading failed: {kind}")),
    };
    Problem { place, kind, detail, lost: true }
}
