//! Stores that fail, fill up, or give back other bytes: an error, never another number.

use crate::support::*;
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use zhunsheng_count::{CountError, MemoryStore, RunId, SpillStore, Tally};
use zhunsheng_model::Kind;

fn records(count: usize) -> Vec<Rec> {
    let mut dice = Dice(5);
    (0..count)
        .map(|_| {
            let who = dice.roll(count as u64 / 2);
            let phone = format!("138{:08}", who % 40);
            let citizen = format!("1101011980{who:08}");
            let name = format!("人{}", who % 9);
            let address = format!("某街{}号", dice.roll(50));
            let all = [
                (Kind::Person, name.as_str()),
                (Kind::CnId, citizen.as_str()),
                (Kind::Phone, phone.as_str()),
                (Kind::Address, address.as_str()),
            ];
            let start = dice.roll(3) as usize;
            Rec::new(&all[start..])
        })
        .collect()
}

/// Fails at the n-th call that could fail.
struct Failing {
    inner: MemoryStore,
    calls: Arc<AtomicUsize>,
    fail_at: usize,
}

impl Failing {
    fn call(&self) -> io::Result<()> {
        if self.calls.fetch_add(1, Ordering::SeqCst) >= self.fail_at {
            return Err(io::Error::from(io::ErrorKind::StorageFull));
        }
        Ok(())
    }
}

impl SpillStore for Failing {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()> {
        if let Err(error) = self.call() {
            // As a full disk does: part of it is written.
            self.inner.append(run, &bytes[..bytes.len() / 2])?;
            return Err(error);
        }
        self.inner.append(run, bytes)
    }
    fn len(&self, run: RunId) -> u64 {
        self.inner.len(run)
    }
    fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        self.call()?;
        // Short reads are allowed.
        let end = buffer.len().min(1000);
        self.inner.read(run, offset, &mut buffer[..end])
    }
    fn truncate(&mut self, run: RunId, len: u64) -> io::Result<()> {
        self.call()?;
        self.inner.truncate(run, len)
    }
    fn remove(&mut self, run: RunId) -> io::Result<()> {
        self.call()?;
        self.inner.remove(run)
    }
}

#[test]
fn every_failure_of_the_store_is_an_error_and_none_a_wrong_number() {
    let records = records(300);
    let how = How { memory: 40_000, batch: 20, ..How::default() };
    let expect = count(&records, &how).inventory;
    let (mut failures, mut fail_at) = (0, 0);
    loop {
        let calls = Arc::new(AtomicUsize::new(0));
        let store = Failing { inner: MemoryStore::new(), calls: calls.clone(), fail_at };
        match try_count(&records, &how, Box::new(store)) {
            Err(CountError::Spill { source, .. }) => {
                assert_eq!(source.kind(), io::ErrorKind::StorageFull);
                failures += 1;
            }
            Err(other) => panic!("call {fail_at}: {other}"),
            Ok(outcome) => {
                assert_eq!(outcome.inventory, expect);
                break;
            }
        }
        // Every call at the beginning, then ever larger steps.
        fail_at += 1 + fail_at / 40;
    }
    assert!(failures > 50, "{failures}");
}

#[test]
fn after_a_failure_the_count_is_given_up() {
    let records = records(200);
    let how = How { memory: 0, ..How::default() };
    let store = Failing { inner: MemoryStore::new(), calls: Arc::default(), fail_at: 3 };
    let mut tally = Tally::new(options(&how), Box::new(store));
    let results: Vec<bool> =
        batches(&records, &how).into_iter().map(|batch| tally.append(batch).is_ok()).collect();
    assert!(!results[results.len() - 1]);
    assert!(matches!(tally.checkpoint(), Err(CountError::GivenUp)));
    assert!(matches!(finish(tally, &how), Err(CountError::GivenUp)));
}

/// Gives back other bytes than it was given.
struct Lying {
    inner: MemoryStore,
    at: u64,
}

impl SpillStore for Lying {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()> {
        self.inner.append(run, bytes)
    }
    fn len(&self, run: RunId) -> u64 {
        self.inner.len(run)
    }
    fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(run, offset, buffer)?;
        for (byte, at) in buffer[..count].iter_mut().zip(offset..) {
            *byte = if at % self.at == self.at - 1 { 0xff } else { *byte };
        }
        Ok(count)
    }
    fn truncate(&mut self, run: RunId, len: u64) -> io::Result<()> {
        self.inner.truncate(run, len)
    }
    fn remove(&mut self, run: RunId) -> io::Result<()> {
        self.inner.remove(run)
    }
}

#[test]
fn a_damaged_store_does_not_stop_the_program() {
    let records = records(400);
    let how = How { memory: 0, ..How::default() };
    let mut noticed = 0;
    for at in 1..60 {
        let store = Lying { inner: MemoryStore::new(), at };
        // A changed hash cannot be told from another; a changed ordinal, length or shape can.
        match try_count(&records, &how, Box::new(store)) {
            Err(CountError::SpillDamaged { .. }) => noticed += 1,
            Err(other) => panic!("{other}"),
            Ok(_) => {}
        }
    }
    assert!(noticed > 20, "{noticed}");
}

#[test]
fn a_saved_state_that_does_not_fit_is_refused() {
    let records = records(100);
    let how = How::default();
    let mut tally = Tally::new(options(&how), Box::new(MemoryStore::new()));
    for batch in batches(&records, &how) {
        tally.append(batch).unwrap();
    }
    let state = tally.checkpoint().unwrap();
    let resume = |state: &[u8]| Tally::resume(options(&how), Box::new(MemoryStore::new()), state).err();
    assert!(matches!(resume(&state), Some(CountError::StateUnusable { .. })), "the store is empty");
    assert!(matches!(resume(&state[..state.len() - 1]), Some(CountError::StateUnusable { .. })));
    assert!(matches!(resume(&[]), Some(CountError::StateUnusable { .. })));
    for at in [0, 30, state.len() / 2, state.len() - 1] {
        let mut damaged = state.clone();
        damaged[at] ^= 1;
        assert!(matches!(resume(&damaged), Some(CountError::StateUnusable { .. })), "byte {at}");
    }
}

#[test]
fn errors_name_no_value() {
    let records = records(50);
    let how = How { memory: 0, ..How::default() };
    let store = Failing { inner: MemoryStore::new(), calls: Arc::default(), fail_at: 0 };
    let error = try_count(&records, &how, Box::new(store)).err().unwrap().to_string();
    assert!(error.contains("free disk space") && !error.contains("138"), "{error}");
}

#[test]
fn stopping_stops() {
    use std::ops::ControlFlow;
    let how = How::default();
    let tally = Tally::new(options(&how), Box::new(MemoryStore::new()));
    let (rules, seen) = (rules(), Mutex::new(0));
    let result = tally.finish(
        2,
        zhunsheng_count::FinishOptions {
            rules: &rules,
            rules_sha256: "",
            acts: &how.acts,
            basis: how.basis,
            input: Default::default(),
            problems: Vec::new(),
            files: &[],
            progress: &|_| {
                *seen.lock().unwrap() += 1;
                ControlFlow::Break(())
            },
        },
    );
    assert!(matches!(result, Err(CountError::Stopped)));
    assert!(*seen.lock().unwrap() <= 2);
}
