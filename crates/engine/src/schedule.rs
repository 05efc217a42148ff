//! Who works on what, and in which order results are taken: the only place with locks.
//!
//! Files are opened in order. A worker that reads a large file hands pieces of it to idle workers. Results
//! (units) are committed strictly in input order by whichever worker completes the next one, so everything
//! after this point is as deterministic as on one thread.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// Position of a unit in the input: file, then piece of the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Seq {
    pub(crate) file: u32,
    pub(crate) piece: u64,
}

/// What a worker does next.
pub(crate) enum Job<T> {
    /// Open and read the file of that number.
    Open(u32),
    /// Work on a piece of a file that another worker reads.
    Piece(Seq, T),
    /// Nothing is left.
    Done,
}

/// A finished piece of work.
pub(crate) struct Unit<P> {
    pub(crate) seq: Seq,
    /// Whether the file ends with it.
    pub(crate) last: bool,
    /// Memory it holds while it waits for its turn.
    pub(crate) size_bytes: usize,
    pub(crate) payload: P,
}

struct State<T, P> {
    queue: BTreeMap<Seq, T>,
    next_file: u32,
    readers: usize,
    expected: Seq,
    parked: BTreeMap<Seq, Unit<P>>,
    parked_bytes: usize,
    draining: bool,
}

/// The schedule of one scan. `T` is a piece handed to another worker, `P` what a unit carries.
pub(crate) struct Schedule<T, P> {
    state: Mutex<State<T, P>>,
    changed: Condvar,
    stop: AtomicBool,
    files: u32,
    threads: usize,
    parked_bytes_max: usize,
}

impl<T, P> Schedule<T, P> {
    /// A schedule over the files `first..files`.
    pub(crate) fn new(first: u32, files: u32, threads: usize, parked_bytes_max: usize) -> Schedule<T, P> {
        Schedule {
            state: Mutex::new(State {
                queue: BTreeMap::new(),
                next_file: first,
                readers: 0,
                expected: Seq { file: first, piece: 0 },
                parked: BTreeMap::new(),
                parked_bytes: 0,
                draining: false,
            }),
            changed: Condvar::new(),
            stop: AtomicBool::new(false),
            files,
            threads,
            parked_bytes_max,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State<T, P>> {
        // A worker that panicked has already failed the scan; the state itself is never left half-changed.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Makes every worker stop at its next step.
    pub(crate) fn stop(&self) {
        self.stop.store(true, Ordering::SeqCst);
        let _state = self.lock();
        self.changed.notify_all();
    }

    /// Whether [`Schedule::stop`] was called.
    pub(crate) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// The next job; waits while there may still be one.
    pub(crate) fn next(&self) -> Job<T> {
        let mut state = self.lock();
        loop {
            if self.stopped() {
                return Job::Done;
            }
            if let Some((seq, task)) = state.queue.pop_first() {
                return Job::Piece(seq, task);
            }
            // Opening far ahead of the file that is being committed would only park results.
            let ahead = state.next_file.saturating_sub(state.expected.file) as usize;
            let room = state.parked_bytes < self.parked_bytes_max && ahead < 64 * self.threads;
            if state.next_file < self.files && (room || state.readers == 0) {
                let file = state.next_file;
                state.next_file += 1;
                state.readers += 1;
                return Job::Open(file);
            }
            if state.next_file == self.files && state.readers == 0 {
                self.changed.notify_all();
                return Job::Done;
            }
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Says that the worker has read its file to the end.
    pub(crate) fn reader_done(&self) {
        let mut state = self.lock();
        state.readers -= 1;
        self.changed.notify_all();
    }

    /// Hands a piece to another worker, or gives it back when all have enough to do.
    pub(crate) fn offer(&self, seq: Seq, task: T) -> Option<T> {
        if self.threads < 2 {
            return Some(task);
        }
        let mut state = self.lock();
        if state.queue.len() >= 2 * (self.threads - 1) {
            return Some(task);
        }
        state.queue.insert(seq, task);
        self.changed.notify_all();
        None
    }

    /// Holds the reader of `file` back while results ahead of the turn fill the memory. The reader works on
    /// pieces of the queue meanwhile; the file whose turn it is never waits, so the scan always goes on.
    pub(crate) fn throttle(&self, file: u32, mut help: impl FnMut(Seq, T)) {
        loop {
            let mut state = self.lock();
            if self.stopped() || state.expected.file >= file || state.parked_bytes < self.parked_bytes_max {
                return;
            }
            if let Some((seq, task)) = state.queue.pop_first() {
                drop(state);
                help(seq, task);
            } else {
                drop(self.changed.wait(state).unwrap_or_else(PoisonError::into_inner));
            }
        }
    }

    /// Takes a finished unit and commits, in order, every unit whose turn has come.
    ///
    /// `commit` runs on one thread at a time.
    pub(crate) fn submit<E>(
        &self,
        unit: Unit<P>,
        mut commit: impl FnMut(Seq, P) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut state = self.lock();
        state.parked_bytes += unit.size_bytes;
        state.parked.insert(unit.seq, unit);
        if state.draining {
            return Ok(());
        }
        state.draining = true;
        loop {
            let expected = state.expected;
            let Some(unit) = state.parked.remove(&expected) else { break };
            drop(state);
            let result = if self.stopped() { Ok(()) } else { commit(unit.seq, unit.payload) };
            state = self.lock();
            state.parked_bytes -= unit.size_bytes;
            state.expected = if unit.last {
                Seq { file: unit.seq.file + 1, piece: 0 }
            } else {
                Seq { file: unit.seq.file, piece: unit.seq.piece + 1 }
            };
            self.changed.notify_all();
            if let Err(error) = result {
                state.draining = false;
                drop(state);
                self.stop();
                return Err(error);
            }
        }
        state.draining = false;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    /// Runs `files` files of `pieces` pieces on `threads` threads and gives the order of the commits.
    fn run(files: u32, pieces: u64, threads: usize, parked_bytes_max: usize) -> Vec<(u32, u64)> {
        let schedule: Schedule<u64, u64> = Schedule::new(0, files, threads, parked_bytes_max);
        let committed = Mutex::new(Vec::new());
        let at_once = AtomicUsize::new(0);
        let commit = |seq: Seq, _| {
            assert_eq!(at_once.fetch_add(1, Ordering::SeqCst), 0, "two commits at once");
            committed.lock().unwrap().push((seq.file, seq.piece));
            at_once.fetch_sub(1, Ordering::SeqCst);
            Ok::<(), ()>(())
        };
        let work = |seq: Seq, last: bool| {
            if seq.piece % 3 == 1 {
                std::thread::yield_now();
            }
            schedule.submit(Unit { seq, last, size_bytes: 10, payload: 0 }, commit).unwrap();
        };
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    loop {
                        match schedule.next() {
                            Job::Done => return,
                            Job::Piece(seq, _) => work(seq, false),
                            Job::Open(file) => {
                                for piece in 0..pieces {
                                    let seq = Seq { file, piece };
                                    if schedule.offer(seq, piece).is_some() {
                                        work(seq, false);
                                    }
                                    schedule.throttle(file, |seq, _| work(seq, false));
                                }
                                work(Seq { file, piece: pieces }, true);
                                schedule.reader_done();
                            }
                        }
                    }
                });
            }
        });
        committed.into_inner().unwrap()
    }

    #[test]
    fn units_are_committed_in_input_order_on_any_number_of_threads() {
        let expected: Vec<_> = (0..40).flat_map(|file| (0..=20).map(move |piece| (file, piece))).collect();
        for threads in [1, 2, 3, 8] {
            for parked_bytes_max in [1, 50, usize::MAX] {
                assert_eq!(run(40, 20, threads, parked_bytes_max), expected, "{threads} threads");
            }
        }
    }

    #[test]
    fn a_failed_commit_stops_everything() {
        let schedule: Schedule<(), ()> = Schedule::new(0, 2, 1, 100);
        let unit = Unit { seq: Seq { file: 0, piece: 0 }, last: true, size_bytes: 1, payload: () };
        assert_eq!(schedule.submit(unit, |_, ()| Err("disk full")), Err("disk full"));
        assert!(matches!(schedule.next(), Job::Done));
    }
}
