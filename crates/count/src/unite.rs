//! Rule R1: which records are about one person. Also exact repeats and distinct values, since all of them are
//! found by bringing equal hashes together.
//!
//! Strong keys are citizen number, mobile number, e-mail, bank card, WeChat, QQ and passport. A citizen number
//! unites all its records. Another key is clean when its records show at most one name and at most one citizen
//! number (the first of each record); a clean key unites all its records, any other only those of one name, and
//! nameless ones stay apart. Names alone never unite. The connected components are the persons.
//!
//! Every partition holds all tuples of its keys, so partitions are worked on in any order by any thread; the
//! union is kept in one array that threads share, whose roots are the first records whatever the order.

use crate::CountError;
use crate::batch::STRONG;
use crate::spill::{PARTITIONS, Runs, Sort};
use crate::tuple::{CitizenTuple, KeyTuple, SignatureTuple, Tuple, ValueTuple, read_blocks};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use zhunsheng_model::{BlockedMerge, Kind, Merges, SharedKey};

/// Records that hold a key from which on it is called shared.
const SHARED_FROM_RECORDS: u64 = 100;

/// What is known of records by ordinal, filled by many threads.
pub(crate) struct Links {
    /// A record of the same person with a smaller ordinal, or the record itself.
    pub(crate) parents: Vec<AtomicU32>,
    /// Ordinal plus one of the first record with the same set of values; 0 for first ones.
    pub(crate) repeats: Vec<AtomicU32>,
}

impl Links {
    /// Every record by itself.
    pub(crate) fn new(records: u32) -> Links {
        Links {
            parents: (0..records).map(AtomicU32::new).collect(),
            repeats: (0..records).map(|_| AtomicU32::new(0)).collect(),
        }
    }

    fn find(&self, mut record: u32) -> u32 {
        loop {
            let Some(slot) = self.parents.get(record as usize) else { return record };
            let parent = slot.load(Relaxed);
            if parent == record {
                return record;
            }
            let above = self.parents.get(parent as usize).map_or(parent, |slot| slot.load(Relaxed));
            if above != parent {
                // Halving the path; whether another thread was faster does not matter.
                let _ = slot.compare_exchange(parent, above, Relaxed, Relaxed);
            }
            record = above;
        }
    }

    /// Puts two records into one person. Roots only ever point to smaller ones, so no cycle can come about.
    fn unite(&self, a: u32, b: u32) {
        loop {
            let (a, b) = (self.find(a), self.find(b));
            if a == b {
                return;
            }
            let (low, high) = (a.min(b), a.max(b));
            let Some(slot) = self.parents.get(high as usize) else { return };
            if slot.compare_exchange(high, low, Relaxed, Relaxed).is_ok() {
                return;
            }
        }
    }

    fn repeat(&self, record: u32, first: u32) {
        if let Some(slot) = self.repeats.get(record as usize) {
            slot.store(first + 1, Relaxed);
        }
    }
}

/// Why a key does not unite all its records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Unclean {
    SeveralNames,
    SeveralCitizens,
    Both,
}

impl Unclean {
    /// The word in files.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Unclean::SeveralNames => "several_names",
            Unclean::SeveralCitizens => "several_identity_numbers",
            Unclean::Both => "both",
        }
    }

    /// Decides whether a key is clean.
    pub(crate) const fn of(several_names: bool, several_citizens: bool) -> Option<Unclean> {
        match (several_names, several_citizens) {
            (false, false) => None,
            (true, false) => Some(Unclean::SeveralNames),
            (false, true) => Some(Unclean::SeveralCitizens),
            (true, true) => Some(Unclean::Both),
        }
    }
}

/// What was seen of keys and values. Sums, so the order of adding does not matter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct KeyCounts {
    /// Distinct values by kind.
    pub(crate) distinct: BTreeMap<Kind, u64>,
    done: BTreeMap<Kind, u64>,
    /// Keys and records.
    blocked: BTreeMap<(Kind, Unclean), (u64, u64)>,
    /// Keys, and records of the greatest.
    shared: BTreeMap<Kind, (u64, u64)>,
}

impl KeyCounts {
    pub(crate) fn add(&mut self, other: KeyCounts) {
        for (kind, count) in other.distinct {
            *self.distinct.entry(kind).or_default() += count;
        }
        for (kind, count) in other.done {
            *self.done.entry(kind).or_default() += count;
        }
        for (kind, (keys, records)) in other.blocked {
            let sum = self.blocked.entry(kind).or_default();
            *sum = (sum.0 + keys, sum.1 + records);
        }
        for (kind, (keys, records)) in other.shared {
            let sum = self.shared.entry(kind).or_default();
            *sum = (sum.0 + keys, sum.1.max(records));
        }
    }

    /// As the inventory shows it.
    pub(crate) fn merges(&self) -> Merges {
        Merges {
            done: self.done.clone(),
            blocked: self
                .blocked
                .iter()
                .map(|((kind, why), (keys, records))| BlockedMerge {
                    kind: *kind,
                    reason: why.as_str().to_owned(),
                    keys: *keys,
                    records: *records,
                })
                .collect(),
            shared: self
                .shared
                .iter()
                .map(|(kind, (keys, records_max))| SharedKey {
                    kind: *kind,
                    keys: *keys,
                    records_max: *records_max,
                })
                .collect(),
        }
    }
}

/// Number of jobs that [`job`] takes: one for each partition of each sort.
pub(crate) const JOBS: u32 = PARTITIONS * Sort::HASHED.len() as u32;

/// Works on one partition of one sort.
pub(crate) fn job(number: u32, runs: &Mutex<Runs>, links: &Links) -> Result<KeyCounts, CountError> {
    // Neighbouring jobs are of different sorts, so that the largest partitions are not all loaded at once.
    let sorts = Sort::HASHED.len() as u32;
    let part = number / sorts;
    let mut counts = KeyCounts::default();
    match Sort::HASHED.get((number % sorts) as usize) {
        Some(Sort::Citizen) => citizens(load(Sort::Citizen, part, runs, links)?, links, &mut counts),
        Some(Sort::Key) => keys(load(Sort::Key, part, runs, links)?, links, &mut counts),
        Some(Sort::Value) => values(load(Sort::Value, part, runs, links)?, &mut counts),
        Some(Sort::Signature) => signatures(load(Sort::Signature, part, runs, links)?, links),
        _ => {}
    }
    Ok(counts)
}

fn load<T: Tuple>(sort: Sort, part: u32, runs: &Mutex<Runs>, links: &Links) -> Result<Vec<T>, CountError> {
    let run = sort.run(part);
    let bytes = runs.lock().map_err(|_| CountError::ThreadFailed)?.take(run)?;
    read_blocks(run, &bytes, links.parents.len() as u32)
}

fn citizens(mut tuples: Vec<CitizenTuple>, links: &Links, counts: &mut KeyCounts) {
    tuples.sort_unstable();
    let (mut distinct, mut done) = (0, 0);
    for group in tuples.chunk_by(|a, b| a.key == b.key) {
        distinct += 1;
        if let [first, rest @ ..] = group
            && !rest.is_empty()
        {
            done += 1;
            for tuple in rest {
                links.unite(first.ordinal, tuple.ordinal);
            }
            for equal in group.chunk_by(|a, b| a.signature == b.signature) {
                if let [first, rest @ ..] = equal
                    && first.signature != 0
                {
                    rest.iter().for_each(|tuple| links.repeat(tuple.ordinal, first.ordinal));
                }
            }
        }
    }
    note(&mut counts.distinct, Kind::CnId, distinct);
    note(&mut counts.done, Kind::CnId, done);
}

fn keys(mut tuples: Vec<KeyTuple>, links: &Links, counts: &mut KeyCounts) {
    tuples.sort_unstable();
    let mut distinct = [0u64; STRONG.len()];
    for group in tuples.chunk_by(|a, b| a.key == b.key) {
        let Some(first) = group.first() else { continue };
        let index = (first.key & 7) as usize;
        if let Some(distinct) = distinct.get_mut(index) {
            *distinct += 1;
        }
        if let (true, Some(kind)) = (group.len() > 1, STRONG.get(index)) {
            key(*kind, group, links, counts);
        }
    }
    for (kind, distinct) in STRONG.iter().zip(distinct) {
        note(&mut counts.distinct, *kind, distinct);
    }
}

/// Rule R1 on the records of one key that several records hold, sorted by name.
fn key(kind: Kind, group: &[KeyTuple], links: &Links, counts: &mut KeyCounts) {
    let several = |known: &mut u64, next: u64| {
        let differs = next != 0 && *known != 0 && *known != next;
        *known = if *known == 0 { next } else { *known };
        differs
    };
    let (mut name, mut citizen) = (0, 0);
    let (mut names, mut citizens) = (false, false);
    for tuple in group {
        names |= several(&mut name, tuple.name);
        citizens |= several(&mut citizen, tuple.citizen);
    }
    let records = group.len() as u64;
    let unclean = Unclean::of(names, citizens);
    let mut joined = false;
    for (a, b) in group.iter().zip(group.iter().skip(1)) {
        if unclean.is_none() || (a.name == b.name && a.name != 0) {
            links.unite(a.ordinal, b.ordinal);
            joined = true;
        }
    }
    if joined {
        note(&mut counts.done, kind, 1);
    }
    if let Some(why) = unclean {
        let sum = counts.blocked.entry((kind, why)).or_default();
        *sum = (sum.0 + 1, sum.1 + records);
    }
    if names && records >= SHARED_FROM_RECORDS {
        let sum = counts.shared.entry(kind).or_default();
        *sum = (sum.0 + 1, sum.1.max(records));
    }
}

fn values(tuples: Vec<ValueTuple>, counts: &mut KeyCounts) {
    let mut values: Vec<u64> = tuples.into_iter().map(|tuple| tuple.value).collect();
    values.sort_unstable();
    values.dedup();
    let mut distinct = [0u64; 128];
    for value in values {
        if let Some(distinct) = distinct.get_mut((value & 127) as usize) {
            *distinct += 1;
        }
    }
    for (kind, distinct) in Kind::ALL.iter().zip(distinct) {
        note(&mut counts.distinct, *kind, distinct);
    }
}

fn signatures(mut tuples: Vec<SignatureTuple>, links: &Links) {
    tuples.sort_unstable();
    for group in tuples.chunk_by(|a, b| a.key == b.key) {
        if let [first, rest @ ..] = group {
            rest.iter().for_each(|tuple| links.repeat(tuple.ordinal, first.ordinal));
        }
    }
}

fn note(counts: &mut BTreeMap<Kind, u64>, kind: Kind, count: u64) {
    if count > 0 {
        *counts.entry(kind).or_default() += count;
    }
}
