//! Reads the runs that stand in the order of records: shapes and values.

use crate::CountError;
use crate::shape::Shape;
use crate::spill::{RunId, Runs, Sort};
use crate::tally::{Small, take_number};
use std::ops::Range;
use std::sync::Mutex;

/// Bytes of a run that are read at a time.
const CHUNK: usize = 1 << 20;

/// Reads any stretch of a run, one chunk at a time.
struct ChunkReader<'a> {
    runs: &'a Mutex<Runs>,
    run: RunId,
    chunk: Vec<u8>,
    start: u64,
}

impl ChunkReader<'_> {
    /// At least `min` bytes from `offset` on, if the run has them; more when at hand.
    fn at(&mut self, offset: u64, min: usize) -> Result<&[u8], CountError> {
        let end = self.start + self.chunk.len() as u64;
        if offset < self.start || offset + min as u64 > end {
            let runs = self.runs.lock().map_err(|_| CountError::ThreadFailed)?;
            let left = runs.len(self.run).saturating_sub(offset);
            let size = usize::try_from(left).unwrap_or(usize::MAX).min(CHUNK.max(min));
            self.chunk.resize(size, 0);
            runs.read(self.run, offset, &mut self.chunk)?;
            self.start = offset;
        }
        let skip = usize::try_from(offset - self.start).unwrap_or(usize::MAX);
        Ok(self.chunk.get(skip..).unwrap_or_default())
    }
}

/// Reads the values of records, skipping what is not asked for.
pub(crate) struct ValueReader<'a>(ChunkReader<'a>);

impl<'a> ValueReader<'a> {
    pub(crate) fn new(runs: &'a Mutex<Runs>) -> ValueReader<'a> {
        ValueReader(ChunkReader { runs, run: Sort::Values.run(0), chunk: Vec::new(), start: 0 })
    }

    pub(crate) fn read(&mut self, offset: u64, size: u64, to: &mut Vec<u8>) -> Result<(), CountError> {
        let run = self.0.run;
        let damaged = CountError::SpillDamaged { run, detail: "shorter than it was" };
        let Ok(size) = usize::try_from(size) else { return Err(damaged) };
        let bytes = self.0.at(offset, size)?;
        to.clear();
        to.extend_from_slice(bytes.get(..size).ok_or(damaged)?);
        Ok(())
    }
}

/// Records in a row that look alike: the number of their shape, the shape, their ordinals.
pub(crate) type Alike<'s> = (u32, &'s Shape, Range<u32>);

/// Reads the shapes of records, in order.
pub(crate) struct ShapeReader<'a> {
    reader: ChunkReader<'a>,
    shapes: Vec<Shape>,
    offset: u64,
    next: u32,
    records: u32,
}

impl<'a> ShapeReader<'a> {
    pub(crate) fn new(runs: &'a Mutex<Runs>, small: &Small) -> ShapeReader<'a> {
        ShapeReader {
            reader: ChunkReader { runs, run: Sort::Shapes.run(0), chunk: Vec::new(), start: 0 },
            // A copy, so that the walk may change itself meanwhile; there are few.
            shapes: small.shapes.list().to_vec(),
            offset: 0,
            next: 0,
            records: small.records,
        }
    }

    /// The next records that look alike; nothing at the end.
    pub(crate) fn next(&mut self) -> Result<Option<Alike<'_>>, CountError> {
        let run = self.reader.run;
        let damaged = || CountError::SpillDamaged { run, detail: "an entry is not as it was written" };
        if self.next == self.records {
            return Ok(None);
        }
        // Two numbers of at most five bytes each; fewer stand at the end.
        let mut bytes = self.reader.near(self.offset)?;
        let before = bytes.len();
        let number = take_number(&mut bytes).ok_or_else(damaged)?;
        let run = take_number(&mut bytes).ok_or_else(damaged)?;
        self.offset += (before - bytes.len()) as u64;
        let number = u32::try_from(number).map_err(|_| damaged())?;
        let end = u32::try_from(u64::from(self.next) + run).ok().filter(|end| *end <= self.records);
        let end = end.ok_or_else(damaged)?;
        let range = self.next..end;
        self.next = end;
        let shape = self.shapes.get(number as usize).ok_or_else(damaged)?;
        Ok(Some((number, shape, range)))
    }
}

impl ChunkReader<'_> {
    /// As many bytes from `offset` on as a shape entry may have, or what is left.
    fn near(&mut self, offset: u64) -> Result<&[u8], CountError> {
        const ENTRY: usize = 20;
        let end = self.start + self.chunk.len() as u64;
        if offset >= self.start && offset + ENTRY as u64 > end {
            let left = {
                let runs = self.runs.lock().map_err(|_| CountError::ThreadFailed)?;
                runs.len(self.run).saturating_sub(offset)
            };
            let min = ENTRY.min(usize::try_from(left).unwrap_or(ENTRY));
            return self.at(offset, min);
        }
        self.at(offset, 0)
    }
}
