//! Where data goes that does not fit the memory: the store that is handed in, and the runs kept in it.
//!
//! A run is a string of bytes that only grows. This crate opens no file: the engine gives a store of files,
//! tests and small inputs use [`MemoryStore`]. Runs hold keyed hashes and ordinals, never a value.

use crate::CountError;
use std::collections::BTreeMap;
use std::io;

/// Names a run. Ids are small and dense: below [`RUNS`].
pub type RunId = u32;

/// Number of run ids that a count may use. Not all are in use at once, and most calls go to few of them, so
/// that a store of files need not keep a handle to each.
pub const RUNS: u32 = 5 * PARTITIONS + 2;

/// Number of parts that the tuples of one sort are divided into by their hash.
pub(crate) const PARTITIONS: u32 = 128;

/// Keeps byte strings that grow at the end.
pub trait SpillStore: Send {
    /// Adds `bytes` at the end of `run`, which need not exist yet.
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()>;
    /// Bytes in `run`; 0 for one that does not exist.
    fn len(&self, run: RunId) -> u64;
    /// Copies from `offset` into `buffer`; returns how many bytes, 0 only at the end.
    fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Cuts `run` to `len` bytes.
    fn truncate(&mut self, run: RunId, len: u64) -> io::Result<()>;
    /// Removes `run`; the space can be used again. Removing what does not exist is no error.
    fn remove(&mut self, run: RunId) -> io::Result<()>;
}

/// A store in memory.
#[derive(Default)]
pub struct MemoryStore {
    runs: BTreeMap<RunId, Vec<u8>>,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> MemoryStore {
        MemoryStore::default()
    }
}

impl SpillStore for MemoryStore {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()> {
        self.runs.entry(run).or_default().extend_from_slice(bytes);
        Ok(())
    }

    fn len(&self, run: RunId) -> u64 {
        self.runs.get(&run).map_or(0, |bytes| bytes.len() as u64)
    }

    fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let rest = self
            .runs
            .get(&run)
            .and_then(|bytes| bytes.get(usize::try_from(offset).ok()?..))
            .unwrap_or_default();
        let count = rest.len().min(buffer.len());
        for (to, from) in buffer.iter_mut().zip(rest) {
            *to = *from;
        }
        Ok(count)
    }

    fn truncate(&mut self, run: RunId, len: u64) -> io::Result<()> {
        if let (Some(bytes), Ok(len)) = (self.runs.get_mut(&run), usize::try_from(len)) {
            bytes.truncate(len);
        }
        Ok(())
    }

    fn remove(&mut self, run: RunId) -> io::Result<()> {
        self.runs.remove(&run);
        Ok(())
    }
}

/// What a run holds. A sort takes [`PARTITIONS`] ids, or one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Sort {
    /// Citizen identity numbers: key, record, signature of the record.
    Citizen,
    /// Other strong keys: key, record, name, first citizen number.
    Key,
    /// Distinct values of all other kinds.
    Value,
    /// Signatures of records without a citizen number.
    Signature,
    /// Records of persons with several records, by person.
    Person,
    /// The values of every record, in the order of records.
    Values,
    /// The shape of every record, in the order of records.
    Shapes,
}

impl Sort {
    /// The sorts that are partitioned by hash while records come in.
    pub(crate) const HASHED: [Sort; 4] = [Sort::Citizen, Sort::Key, Sort::Value, Sort::Signature];

    /// The run of `part`.
    pub(crate) const fn run(self, part: u32) -> RunId {
        match self {
            Sort::Citizen => part,
            Sort::Key => PARTITIONS + part,
            Sort::Value => 2 * PARTITIONS + part,
            Sort::Signature => 3 * PARTITIONS + part,
            Sort::Person => 4 * PARTITIONS + part,
            Sort::Values => 5 * PARTITIONS,
            Sort::Shapes => 5 * PARTITIONS + 1,
        }
    }
}

/// Runs whose ends are held in memory until the budget is used up.
pub(crate) struct Runs {
    store: Box<dyn SpillStore>,
    ends: Vec<Vec<u8>>,
    /// Bytes that each run has in the store.
    stored: Vec<u64>,
    /// Bytes held, and bytes of memory they are held in.
    filled: usize,
    reserved: usize,
    budget: usize,
}

impl Runs {
    /// Runs in `store`, with at most about `budget` bytes in memory.
    pub(crate) fn new(store: Box<dyn SpillStore>, budget: usize) -> Runs {
        Runs {
            store,
            ends: vec![Vec::new(); RUNS as usize],
            stored: vec![0; RUNS as usize],
            filled: 0,
            reserved: 0,
            budget,
        }
    }

    /// Adds to a run; spills everything held first when the budget leaves no room for it.
    pub(crate) fn append(&mut self, run: RunId, bytes: &[u8]) -> Result<(), CountError> {
        let Some(end) = self.ends.get(run as usize) else { return Ok(()) };
        let growth = |end: &Vec<u8>| {
            let need = end.len() + bytes.len();
            // As vectors do, so that adding stays cheap.
            if need > end.capacity() { need.max(2 * end.capacity()) - end.capacity() } else { 0 }
        };
        if self.reserved + growth(end) > self.budget && self.filled > 0 && growth(end) > 0 {
            self.spill(false)?;
        }
        if let Some(end) = self.ends.get_mut(run as usize) {
            let (before, more) = (end.capacity(), growth(end));
            if more > 0 {
                end.reserve_exact(before + more - end.len());
                self.reserved += end.capacity() - before;
            }
            end.extend_from_slice(bytes);
            self.filled += bytes.len();
        }
        Ok(())
    }

    /// Adds a head and what follows it to a run.
    pub(crate) fn append_block(&mut self, run: RunId, head: &[u8], bytes: &[u8]) -> Result<(), CountError> {
        // A spill may fall between the two: runs are strings of bytes, so that does no harm.
        self.append(run, head)?;
        self.append(run, bytes)
    }

    /// Moves everything held into the store. Well-filled buffers are kept to be filled again, since what comes
    /// next is mostly like what came before; `free` gives them back too.
    pub(crate) fn spill(&mut self, free: bool) -> Result<(), CountError> {
        for (run, (end, stored)) in self.ends.iter_mut().zip(&mut self.stored).enumerate() {
            let run = run as RunId;
            let filled = end.len();
            if filled > 0 {
                self.store.append(run, end).map_err(|source| CountError::Spill {
                    action: "append to",
                    run,
                    source,
                })?;
                *stored += filled as u64;
                end.clear();
            }
            if free || filled < end.capacity() / 4 {
                *end = Vec::new();
            }
        }
        self.filled = 0;
        self.reserved = self.ends.iter().map(Vec::capacity).sum();
        Ok(())
    }

    /// Whether anything stands in the store.
    pub(crate) fn is_spilled(&self) -> bool {
        self.stored.iter().any(|stored| *stored > 0)
    }

    /// Bytes of `run`, held and stored.
    pub(crate) fn len(&self, run: RunId) -> u64 {
        let held = self.ends.get(run as usize).map_or(0, Vec::len) as u64;
        held + self.stored.get(run as usize).copied().unwrap_or(0)
    }

    /// Bytes of each run in the store, for a saved state. Only meaningful right after [`Runs::spill`].
    pub(crate) fn stored(&self) -> &[u64] {
        &self.stored
    }

    /// Goes back to what a saved state knows of.
    pub(crate) fn restore(&mut self, stored: Vec<u64>) -> Result<(), CountError> {
        for (run, len) in stored.iter().enumerate() {
            let run = run as RunId;
            let there = self.store.len(run);
            if there < *len {
                return Err(CountError::StateUnusable {
                    detail: "the counting store holds less than was saved",
                });
            }
            if there > *len {
                self.store.truncate(run, *len).map_err(|source| CountError::Spill {
                    action: "truncate",
                    run,
                    source,
                })?;
            }
        }
        self.stored = stored;
        Ok(())
    }

    /// Takes a whole run out: it is empty afterwards.
    pub(crate) fn take(&mut self, run: RunId) -> Result<Vec<u8>, CountError> {
        let end = self.release(run);
        let stored = self.stored.get_mut(run as usize).map(std::mem::take).unwrap_or(0);
        if stored == 0 {
            return Ok(end);
        }
        let size =
            usize::try_from(stored).map_err(|_| CountError::SpillDamaged { run, detail: "too long" })?;
        let mut bytes = Vec::with_capacity(size + end.len());
        bytes.resize(size, 0);
        self.read_stored(run, 0, &mut bytes)?;
        bytes.extend_from_slice(&end);
        self.store.remove(run).map_err(|source| CountError::Spill { action: "remove from", run, source })?;
        Ok(bytes)
    }

    /// Copies `buffer.len()` bytes from `offset` on.
    pub(crate) fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> Result<(), CountError> {
        let stored = self.stored.get(run as usize).copied().unwrap_or(0);
        let from_store =
            usize::try_from(stored.saturating_sub(offset)).unwrap_or(usize::MAX).min(buffer.len());
        let (first, second) = buffer.split_at_mut(from_store);
        if !first.is_empty() {
            self.read_stored(run, offset, first)?;
        }
        if !second.is_empty() {
            let start =
                usize::try_from((offset + from_store as u64).saturating_sub(stored)).unwrap_or(usize::MAX);
            let held = self
                .ends
                .get(run as usize)
                .and_then(|end| end.get(start..start.checked_add(second.len())?))
                .ok_or(CountError::SpillDamaged { run, detail: "shorter than it was" })?;
            second.copy_from_slice(held);
        }
        Ok(())
    }

    /// Removes a run that is not needed any more.
    pub(crate) fn remove(&mut self, run: RunId) -> Result<(), CountError> {
        drop(self.release(run));
        if self.stored.get_mut(run as usize).map(std::mem::take).unwrap_or(0) > 0 {
            self.store.remove(run).map_err(|source| CountError::Spill {
                action: "remove from",
                run,
                source,
            })?;
        }
        Ok(())
    }

    /// Takes out what is held of a run.
    fn release(&mut self, run: RunId) -> Vec<u8> {
        let end = self.ends.get_mut(run as usize).map(std::mem::take).unwrap_or_default();
        self.filled -= end.len();
        self.reserved -= end.capacity();
        end
    }

    /// Removes every run.
    pub(crate) fn clear(&mut self) -> Result<(), CountError> {
        (0..RUNS).try_for_each(|run| self.remove(run))
    }

    fn read_stored(&self, run: RunId, mut offset: u64, mut buffer: &mut [u8]) -> Result<(), CountError> {
        while !buffer.is_empty() {
            let count = self.store.read(run, offset, buffer).map_err(|source| CountError::Spill {
                action: "read",
                run,
                source,
            })?;
            if count == 0 || count > buffer.len() {
                return Err(CountError::SpillDamaged { run, detail: "shorter than it was" });
            }
            offset += count as u64;
            buffer = buffer.get_mut(count..).unwrap_or_default();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_read_back_whole_and_in_parts_within_the_budget() {
        for budget in [0, 100, 5_000, 1 << 20] {
            let mut runs = Runs::new(Box::new(MemoryStore::new()), budget);
            let mut expect = vec![Vec::new(); 3];
            for step in 0..4_000usize {
                let run = step / 5 % 3;
                let bytes: Vec<u8> = (0..step % 11).map(|byte| (byte * 31 + step) as u8).collect();
                runs.append(run as RunId, &bytes).unwrap();
                expect[run].extend_from_slice(&bytes);
                assert!(runs.reserved <= budget + 60, "{} of {budget}", runs.reserved);
                assert_eq!(runs.reserved, runs.ends.iter().map(Vec::capacity).sum::<usize>());
            }
            assert_eq!(runs.is_spilled(), budget < 1 << 20);
            for (run, expect) in expect.iter().enumerate() {
                assert_eq!(runs.len(run as RunId), expect.len() as u64);
                for (start, size) in [(0, 10), (expect.len() / 2, 400), (expect.len() - 7, 7), (3, 0)] {
                    let mut buffer = vec![0; size];
                    runs.read(run as RunId, start as u64, &mut buffer).unwrap();
                    assert_eq!(buffer, expect[start..start + size]);
                }
                let mut beyond = [0; 8];
                assert!(runs.read(run as RunId, expect.len() as u64 - 7, &mut beyond).is_err());
                assert_eq!(runs.take(run as RunId).unwrap(), *expect);
                assert_eq!(runs.len(run as RunId), 0);
            }
            assert_eq!((runs.filled, runs.reserved), (0, runs.ends.iter().map(Vec::capacity).sum()));
        }
    }
}
