//! Many threads, one log: entries that wait together reach the disk together.

use super::Log;
use crate::error::{EvidenceError, Result};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A log shared by threads. While one group is on its way to the disk, the next one gathers.
pub struct GroupLog {
    state: Mutex<State>,
    changed: Condvar,
    /// Number of the first entry appended through this value.
    first: u64,
}

struct State {
    /// Absent while a group is being written.
    log: Option<Log>,
    waiting: Vec<Vec<u8>>,
    /// Entries handed in, and those acknowledged.
    handed_in: u64,
    acknowledged: u64,
    failed: bool,
}

/// A place in the queue; the entry is not on the disk before [`GroupLog::wait`] has returned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

impl GroupLog {
    /// Takes over a log.
    pub fn new(log: Log) -> GroupLog {
        let first = log.size();
        let state =
            State { log: Some(log), waiting: Vec::new(), handed_in: 0, acknowledged: 0, failed: false };
        GroupLog { state: Mutex::new(state), changed: Condvar::new(), first }
    }

    /// Queues an entry.
    pub fn submit(&self, content: Vec<u8>) -> Ticket {
        let mut state = self.locked();
        state.waiting.push(content);
        state.handed_in += 1;
        Ticket(state.handed_in)
    }

    /// Waits until the entry is on the disk; gives its number.
    ///
    /// # Errors
    /// [`EvidenceError::Broken`] when a group could not be written: nothing from it on is acknowledged.
    pub fn wait(&self, ticket: Ticket) -> Result<u64> {
        let mut state = self.locked();
        loop {
            if state.acknowledged >= ticket.0 {
                return Ok(self.first + ticket.0 - 1);
            }
            if state.failed {
                return Err(EvidenceError::Broken);
            }
            let Some(mut log) = state.log.take() else {
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
                continue;
            };
            // This thread writes the group for everybody who waits.
            let group = std::mem::take(&mut state.waiting);
            drop(state);
            let contents: Vec<&[u8]> = group.iter().map(Vec::as_slice).collect();
            let appended = log.append(&contents);
            state = self.locked();
            state.log = Some(log);
            match appended {
                Ok(_) => state.acknowledged += group.len() as u64,
                Err(_) => state.failed = true,
            }
            self.changed.notify_all();
        }
    }

    /// Queues an entry and waits.
    ///
    /// # Errors
    /// As [`GroupLog::wait`].
    pub fn append(&self, content: Vec<u8>) -> Result<u64> {
        let ticket = self.submit(content);
        self.wait(ticket)
    }

    /// Gives the log back once every queued entry is on the disk.
    ///
    /// # Errors
    /// As [`GroupLog::wait`].
    pub fn into_log(self) -> Result<Log> {
        let last = Ticket(self.locked().handed_in);
        if last.0 > 0 {
            self.wait(last)?;
        }
        let state = self.state.into_inner().unwrap_or_else(PoisonError::into_inner);
        state.log.ok_or(EvidenceError::Broken)
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
