//! Takes batches in, one after the other, and keeps what finishing needs.

use crate::batch::KindTally;
use crate::shape::Shapes;
use crate::spill::{Runs, Sort, SpillStore};
use crate::tuple::{Parts, Tuple, block_head};
use crate::{Batch, CountError};
use std::collections::BTreeMap;
use zhunsheng_model::{Date, Kind};

/// How to count.
#[derive(Clone, Copy, Debug)]
pub struct TallyOptions {
    /// Memory for what is not yet in the store. The table of records (nine bytes a record) comes on top.
    pub memory_bytes: u64,
    /// The day at which ages are reckoned.
    pub reference: Date,
}

impl TallyOptions {
    /// 512 MiB.
    pub const MEMORY_BYTES: u64 = 512 << 20;

    /// The usual budget, and ages at `reference`.
    pub fn new(reference: Date) -> TallyOptions {
        TallyOptions { memory_bytes: TallyOptions::MEMORY_BYTES, reference }
    }
}

/// A count under way.
///
/// Batches are appended in the order of the input, by one thread at a time; the order decides nothing but the
/// numbers of records and persons. Small inputs stay in memory, large ones go to the store.
pub struct Tally {
    pub(crate) runs: Runs,
    pub(crate) small: Small,
    seen: Seen,
    /// Set when a call failed half-way: from then on no number would be right.
    broken: bool,
}

/// The part of a tally that is small whatever the input, and that a saved state holds.
pub(crate) struct Small {
    pub(crate) reference: Date,
    pub(crate) records: u32,
    pub(crate) shapes: Shapes,
    /// Shape of the latest records, and how many of them have it; not yet written to its run.
    pub(crate) shape_run: (u32, u32),
    pub(crate) kinds: Vec<KindTally>,
    pub(crate) files: FileLog,
}

/// What each file held, written down tightly since there may be millions.
#[derive(Default)]
pub(crate) struct FileLog {
    /// Rows of numbers (see [`put_number`]): file, records, number of kinds, then kind and count.
    pub(crate) bytes: Vec<u8>,
    current: Option<FileTally>,
}

/// Counts of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileTally {
    pub(crate) file: u32,
    pub(crate) records: u64,
    pub(crate) valid: BTreeMap<Kind, u64>,
}

impl FileTally {
    pub(crate) fn add_valid(&mut self, more: &BTreeMap<Kind, u64>) {
        for (kind, count) in more {
            *self.valid.entry(*kind).or_default() += count;
        }
    }
}

impl FileLog {
    /// What was saved.
    pub(crate) fn from_bytes(bytes: Vec<u8>) -> FileLog {
        FileLog { bytes, current: None }
    }

    fn add(&mut self, batch: &Batch) {
        if self.current.as_ref().is_none_or(|current| current.file != batch.file) {
            self.close();
            self.current = Some(FileTally { file: batch.file, ..FileTally::default() });
        }
        if let Some(current) = &mut self.current {
            current.records += u64::from(batch.records);
            for (kind, tally) in Kind::ALL.iter().zip(&batch.kinds).filter(|(_, tally)| tally.valid > 0) {
                *current.valid.entry(*kind).or_default() += tally.valid;
            }
        }
    }

    /// Writes the file under way down.
    pub(crate) fn close(&mut self) {
        let Some(file) = self.current.take() else { return };
        put_number(&mut self.bytes, u64::from(file.file));
        put_number(&mut self.bytes, file.records);
        put_number(&mut self.bytes, file.valid.len() as u64);
        for (kind, count) in file.valid {
            put_number(&mut self.bytes, kind.index() as u64);
            put_number(&mut self.bytes, count);
        }
    }

    /// Calls `with` for every entry; a file may have several.
    pub(crate) fn each(&self, mut with: impl FnMut(FileTally)) {
        let mut rest = self.bytes.as_slice();
        while let Some(file) = take_file(&mut rest) {
            with(file);
        }
    }
}

fn take_file(from: &mut &[u8]) -> Option<FileTally> {
    let mut file = FileTally {
        file: u32::try_from(take_number(from)?).ok()?,
        records: take_number(from)?,
        valid: BTreeMap::new(),
    };
    for _ in 0..take_number(from)? {
        let kind = Kind::ALL.get(usize::try_from(take_number(from)?).ok()?)?;
        file.valid.insert(*kind, take_number(from)?);
    }
    Some(file)
}

/// Appends a number in seven-bit groups, lowest first, the top bit set on all but the last.
pub(crate) fn put_number(to: &mut Vec<u8>, mut number: u64) {
    while number > 127 {
        to.push(number as u8 | 128);
        number >>= 7;
    }
    to.push(number as u8);
}

/// Takes a number written by [`put_number`] off the front.
pub(crate) fn take_number(from: &mut &[u8]) -> Option<u64> {
    let mut number = 0u64;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = from.split_first()?;
        *from = rest;
        number |= u64::from(byte & 127) << shift;
        if byte & 128 == 0 {
            return Some(number);
        }
    }
    None
}

/// Values seen lately, so that the most frequent ones do not go to the store again and again. Forgetting is
/// harmless: the exact count is made from the store.
#[derive(Default)]
struct Seen {
    slots: Vec<u64>,
    kept: Vec<u8>,
}

/// Small inputs need no memory of what was seen.
const SEEN_FROM_RECORDS: u32 = 4096;
const SEEN_SLOTS: usize = 1 << 15;

impl Tally {
    /// A count of nothing yet, spilling to `store`.
    pub fn new(options: TallyOptions, store: Box<dyn SpillStore>) -> Tally {
        Tally::with(
            store,
            options,
            Small {
                reference: options.reference,
                records: 0,
                shapes: Shapes::default(),
                shape_run: (0, 0),
                kinds: vec![KindTally::default(); Kind::ALL.len()],
                files: FileLog::default(),
            },
        )
    }

    pub(crate) fn with(store: Box<dyn SpillStore>, options: TallyOptions, small: Small) -> Tally {
        // Vectors double when they grow, so that memory in use may be twice what is filled for a moment.
        let budget = usize::try_from(options.memory_bytes / 2).unwrap_or(usize::MAX);
        Tally { runs: Runs::new(store, budget), small, seen: Seen::default(), broken: false }
    }

    /// Records so far; the next one gets this ordinal.
    pub fn records(&self) -> u64 {
        u64::from(self.small.records)
    }

    /// Adds a batch and returns the ordinal of its first record.
    ///
    /// # Errors
    /// [`CountError::Spill`] when the store fails, [`CountError::TooManyRecords`],
    /// [`CountError::ReferenceChanged`]. After an error the count cannot go on: [`CountError::GivenUp`].
    pub fn append(&mut self, batch: Batch) -> Result<u64, CountError> {
        self.check()?;
        if batch.reference != self.small.reference {
            return Err(CountError::ReferenceChanged {
                batch: batch.reference.to_string(),
                tally: self.small.reference.to_string(),
            });
        }
        let base = self.small.records;
        // The two largest numbers stay free: ordinals plus one must fit too.
        let after = base.checked_add(batch.records).filter(|after| *after < u32::MAX);
        let Some(after) = after else { return Err(CountError::TooManyRecords) };
        self.broken = true;
        self.add_tuples(Sort::Citizen, base, &batch.citizens)?;
        self.add_tuples(Sort::Key, base, &batch.keys)?;
        self.add_tuples(Sort::Signature, base, &batch.signatures)?;
        self.add_values(base, &batch)?;
        self.add_shapes(&batch)?;
        for (sum, more) in self.small.kinds.iter_mut().zip(&batch.kinds) {
            sum.add(more);
        }
        self.small.files.add(&batch);
        self.small.records = after;
        self.broken = false;
        Ok(u64::from(base))
    }

    /// Fails when an earlier call failed.
    pub(crate) fn check(&self) -> Result<(), CountError> {
        if self.broken { Err(CountError::GivenUp) } else { Ok(()) }
    }

    /// Runs `work`; should it fail, nothing can be counted any more.
    pub(crate) fn guarded<T>(
        &mut self,
        work: impl FnOnce(&mut Tally) -> Result<T, CountError>,
    ) -> Result<T, CountError> {
        self.check()?;
        self.broken = true;
        let done = work(self)?;
        self.broken = false;
        Ok(done)
    }

    fn add_tuples<T: Tuple>(&mut self, sort: Sort, base: u32, parts: &Parts<T>) -> Result<(), CountError> {
        for (part, count, bytes) in parts.iter() {
            self.runs.append_block(sort.run(part), &block_head(base, count), bytes)?;
        }
        Ok(())
    }

    fn add_values(&mut self, base: u32, batch: &Batch) -> Result<(), CountError> {
        let mut kept = std::mem::take(&mut self.seen.kept);
        if base >= SEEN_FROM_RECORDS && self.seen.slots.is_empty() {
            self.seen.slots = vec![0; SEEN_SLOTS];
        }
        for (part, _, bytes) in batch.values.iter() {
            kept.clear();
            for value in bytes.as_chunks::<8>().0 {
                if self.seen.is_new(u64::from_le_bytes(*value), part) {
                    kept.extend_from_slice(value);
                }
            }
            let count = (kept.len() / 8) as u32;
            if count > 0 {
                self.runs.append_block(Sort::Value.run(part), &block_head(base, count), &kept)?;
            }
        }
        kept.clear();
        for value in &batch.record_values {
            kept.extend_from_slice(&value.to_le_bytes());
        }
        self.runs.append(Sort::Values.run(0), &kept)?;
        self.seen.kept = kept;
        Ok(())
    }

    fn add_shapes(&mut self, batch: &Batch) -> Result<(), CountError> {
        let numbers: Vec<u32> = batch.shapes.iter().map(|shape| self.small.shapes.number(shape)).collect();
        for (index, run) in &batch.shape_runs {
            let number = numbers.get(*index as usize).copied().unwrap_or_default();
            if number == self.small.shape_run.0 {
                self.small.shape_run.1 += run;
            } else {
                self.small.close_shape_run(&mut self.runs)?;
                self.small.shape_run = (number, *run);
            }
        }
        Ok(())
    }
}

impl Small {
    /// Writes the run of equal shapes under way down.
    pub(crate) fn close_shape_run(&mut self, runs: &mut Runs) -> Result<(), CountError> {
        let (number, run) = std::mem::take(&mut self.shape_run);
        if run == 0 {
            return Ok(());
        }
        let mut bytes = Vec::with_capacity(10);
        put_number(&mut bytes, u64::from(number));
        put_number(&mut bytes, u64::from(run));
        runs.append(Sort::Shapes.run(0), &bytes)
    }
}

impl Seen {
    fn is_new(&mut self, value: u64, part: u32) -> bool {
        // The part belongs to the value: it is made of bits that the value lacks.
        let mixed = (value ^ u64::from(part) << 57).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        match self.slots.get_mut((mixed >> 49) as usize) {
            Some(slot) if *slot == mixed => false,
            Some(slot) => {
                *slot = mixed;
                true
            }
            None => true,
        }
    }
}
