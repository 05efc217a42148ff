//! What can go wrong while counting.

use std::io;
use thiserror::Error;

/// Why no inventory could be made. A count is either exact or absent.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum CountError {
    /// The store for data that does not fit the memory failed, most often because the disk is full.
    #[error("cannot {action} the counting store (run {run}); free disk space or give more memory")]
    Spill {
        /// `append to`, `read`, `truncate` or `remove from`.
        action: &'static str,
        /// The run.
        run: u32,
        /// What the store says.
        source: io::Error,
    },
    /// The store gave back other bytes than it was given.
    #[error("the counting store is damaged (run {run}): {detail}")]
    SpillDamaged {
        /// The run.
        run: u32,
        /// What does not fit.
        detail: &'static str,
    },
    /// An earlier call failed, so the state may miss records.
    #[error("the count was given up after an earlier failure")]
    GivenUp,
    /// More records than ordinals.
    #[error("more than {} records in one count; scan in parts and compare the parts", u32::MAX - 1)]
    TooManyRecords,
    /// Batches must agree on the day at which ages are reckoned.
    #[error("a batch was made for the reference date {batch}, the count for {tally}")]
    ReferenceChanged {
        /// Of the batch.
        batch: String,
        /// Of the tally.
        tally: String,
    },
    /// The saved state of an interrupted count cannot be used.
    #[error("the saved state of the count cannot be used: {detail}; start the scan anew without resuming")]
    StateUnusable {
        /// Why.
        detail: &'static str,
    },
    /// The caller asked to stop.
    #[error("the count was stopped")]
    Stopped,
    /// A worker thread ended without a result.
    #[error("a counting thread failed")]
    ThreadFailed,
    /// More acts, data sets or recipients than can be told apart.
    #[error("acts file: more than 64 {what}")]
    TooManyActs {
        /// `data sets` or `recipients`.
        what: &'static str,
    },
    /// The acts file is not as it should be.
    #[error("acts file: line {line}: {detail}")]
    ActsUnreadable {
        /// Line from 1.
        line: usize,
        /// What is wrong and what to do.
        detail: String,
    },
}
