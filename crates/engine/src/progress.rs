//! How far a scan has come: read by whoever draws a bar, never by the scan itself.

use std::sync::atomic::{AtomicU8, AtomicU64, Ordering};

/// What the scan is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Phase {
    /// Reading and detecting; the unit of work is a byte.
    Reading = 0,
    /// Merging and counting.
    Counting = 1,
    /// Writing the reports.
    Writing = 2,
}

/// Shared counters.
#[derive(Debug, Default)]
pub struct Progress {
    phase: AtomicU8,
    total: AtomicU64,
    done: AtomicU64,
    files_total: AtomicU64,
    files_done: AtomicU64,
    records: AtomicU64,
}

/// The counters at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Snapshot {
    /// What the scan is doing.
    pub phase: Phase,
    /// Units of work of the phase.
    pub total: u64,
    /// Units done; may pass `total` where archives unpack to more than their size.
    pub done: u64,
    /// Files to read.
    pub files_total: u64,
    /// Files read.
    pub files_done: u64,
    /// Records found so far.
    pub records: u64,
}

impl Progress {
    /// The counters now.
    pub fn snapshot(&self) -> Snapshot {
        let read = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Snapshot {
            phase: match self.phase.load(Ordering::Relaxed) {
                0 => Phase::Reading,
                1 => Phase::Counting,
                _ => Phase::Writing,
            },
            total: read(&self.total),
            done: read(&self.done),
            files_total: read(&self.files_total),
            files_done: read(&self.files_done),
            records: read(&self.records),
        }
    }

    pub(crate) fn begin(&self, phase: Phase, total: u64) {
        self.done.store(0, Ordering::Relaxed);
        self.total.store(total, Ordering::Relaxed);
        self.phase.store(phase as u8, Ordering::Relaxed);
    }

    pub(crate) fn set_files(&self, files: u64) {
        self.files_total.store(files, Ordering::Relaxed);
    }

    pub(crate) fn add(&self, done: u64) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }

    pub(crate) fn set(&self, done: u64, total: u64) {
        self.total.store(total, Ordering::Relaxed);
        self.done.store(done, Ordering::Relaxed);
    }

    pub(crate) fn file_done(&self) {
        self.files_done.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn add_records(&self, records: u64) {
        self.records.fetch_add(records, Ordering::Relaxed);
    }
}
