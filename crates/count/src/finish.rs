//! From the tally to the inventory: keys, persons, groups, law.

use crate::groups::Groups;
use crate::law::Case;
use crate::shape::Flags;
use crate::spill::PARTITIONS;
use crate::sums::Sums;
use crate::tally::{FileTally, Small};
use crate::unite::{JOBS, KeyCounts, Links, job};
use crate::walk::Walk;
use crate::{Acts, CountError, CountRules, Outcome, RecordTable, Tally, pool};
use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::AtomicU32;
use std::sync::{Arc, Mutex};
use zhunsheng_model::{
    Basis, FileCounts, Input, Inventory, InventoryCounts, Kind, KindCounts, KindSet, Pipl, Problem, Reason,
    Rejected, SCHEMA_VERSION, Sensitivity,
};
use zhunsheng_rules::Sensitive;

/// Name and format of a file, at the place of its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileName {
    /// As in `Place::file`.
    pub name: Arc<str>,
    /// Such as `csv`.
    pub format: Arc<str>,
}

/// What finishing works on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Sorting keys, repeats and distinct values.
    Keys,
    /// Numbering persons.
    Persons,
    /// Persons with several records.
    Groups,
}

/// How far finishing has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// At what.
    pub phase: Phase,
    /// Units done of this phase.
    pub done: u64,
    /// Units of this phase.
    pub total: u64,
}

/// What finishing must know beside the batches.
pub struct FinishOptions<'a> {
    /// Tiers and lines.
    pub rules: &'a CountRules,
    /// SHA-256 over every rule file, for the inventory.
    pub rules_sha256: &'a str,
    /// The acts.
    pub acts: &'a Acts,
    /// The basis that the lines are counted on.
    pub basis: Basis,
    /// What was read.
    pub input: Input,
    /// What could not be read, in any order.
    pub problems: Vec<Problem>,
    /// By file number.
    pub files: &'a [FileName],
    /// Called now and then from any thread; `Break` stops with [`CountError::Stopped`].
    pub progress: &'a (dyn Fn(Progress) -> ControlFlow<()> + Sync),
}

impl Tally {
    /// Merges records into persons by rule R1 and counts.
    ///
    /// * Output: exact numbers, the same for any number of threads and any budget; persons are numbered in the
    ///   order of their first records, everything else does not depend on the order of the input.
    /// * Memory: eight bytes a record for the links, one for the tier, and one partition (1/128 of the keys) a
    ///   thread. A person's records are held together, so one person with most of a huge input needs them all.
    ///
    /// # Errors
    /// [`CountError`] when the store fails or gives back other bytes, or when the caller stops. There is never
    /// a count that is only nearly right.
    pub fn finish(self, threads: usize, options: FinishOptions<'_>) -> Result<Outcome, CountError> {
        self.check()?;
        let Tally { mut runs, mut small, .. } = self;
        small.close_shape_run(&mut runs)?;
        small.files.close();
        if runs.is_spilled() {
            // What is held would stand beside the links otherwise.
            runs.spill(true)?;
        }
        let links = Links::new(small.records);
        let runs = Mutex::new(runs);
        let report = |phase, done: u64, total: u64| (options.progress)(Progress { phase, done, total });
        let keys = pool::fold(
            threads,
            JOBS,
            |number| job(number, &runs, &links),
            KeyCounts::add,
            |done| report(Phase::Keys, u64::from(done), u64::from(JOBS)),
        )?;

        let mut walk = Walk::new(small, links, &runs)?;
        walk.number_persons(&report)?;
        let mut sums = walk.account(options.rules, &report)?;
        if walk.has_groups {
            let groups = Groups {
                runs: &runs,
                shapes: walk.small.shapes.list(),
                repeats: &walk.repeats,
                masks_differ: walk.masks_differ,
            };
            let more = pool::fold(
                threads,
                PARTITIONS,
                |part| groups.job(part),
                Sums::add,
                |done| report(Phase::Groups, u64::from(done), u64::from(PARTITIONS)),
            )?;
            sums.add(more);
        }
        runs.lock().map_err(|_| CountError::ThreadFailed)?.clear()?;
        Ok(walk.outcome(options, &keys, &sums))
    }
}

impl Walk<'_> {
    fn outcome(self, options: FinishOptions<'_>, keys: &KeyCounts, sums: &Sums) -> Outcome {
        let FinishOptions { rules, rules_sha256, acts, basis, input, mut problems, files, .. } = options;
        let case = Case { rules, acts, basis, sums };
        let shapes = self.small.shapes.list();
        let mut counts = InventoryCounts { records: u64::from(self.small.records), ..Default::default() };
        let mut records_by_kind: BTreeMap<Kind, u64> = BTreeMap::new();
        for (count, shape) in self.counts.iter().zip(shapes) {
            if shape.is_valid() {
                counts.records_valid += count.all;
                counts.records_without_person += count.without_person;
                for kind in shape.kinds.iter() {
                    *records_by_kind.entry(kind).or_default() += count.all;
                }
            } else if shape.flags.has(Flags::MASKED) {
                counts.records_masked += count.all;
            } else {
                counts.records_invalid += count.all;
            }
        }
        let exact = counts.records_valid - sums.seized.values().sum::<u64>();
        counts.records_repeated_exactly = exact;
        counts.records_repeated = exact + sums.contained;
        let people = People::of(sums, rules);
        counts.persons = u64::from(self.persons_count);
        counts.under_14 = people.sensitivity.persons_under_14;
        counts.sensitive_persons = people.sensitive;
        counts.persons_by_kinds_known = people.by_kinds_known;
        let mut rejected = Vec::new();
        for (kind, tally) in Kind::ALL.iter().zip(&self.small.kinds) {
            let invalid = tally.invalid.iter().sum();
            let mentions = tally.valid + tally.masked + tally.placeholder + invalid;
            if mentions == 0 {
                continue;
            }
            counts.by_kind.insert(
                *kind,
                KindCounts {
                    mentions,
                    valid: tally.valid,
                    distinct: keys.distinct.get(kind).copied().unwrap_or(0),
                    invalid,
                    masked: tally.masked,
                    placeholder: tally.placeholder,
                    records: records_by_kind.get(kind).copied().unwrap_or(0),
                    persons: people.by_kind.get(kind).copied().unwrap_or(0),
                },
            );
            let reasons = Reason::ALL.iter().map(|reason| reason.as_str()).zip(tally.invalid);
            let others = [("masked", tally.masked), ("placeholder", tally.placeholder)];
            for (reason, mentions) in reasons.chain(others).filter(|(_, mentions)| *mentions > 0) {
                rejected.push(Rejected { kind: *kind, reason: reason.to_owned(), mentions });
            }
        }
        rejected.sort_by(|a, b| (a.kind, &a.reason).cmp(&(b.kind, &b.reason)));
        problems.sort();
        let inventory = Inventory {
            schema_version: SCHEMA_VERSION.to_owned(),
            rules_sha256: rules_sha256.to_owned(),
            input,
            bases: case.bases(),
            criminal: case.criminal(),
            pipl: Pipl {
                reference_date: self.small.reference.to_string(),
                persons: counts.persons,
                sensitive: people.sensitivity,
            },
            counts,
            rejected,
            merges: keys.merges(),
            files: file_counts(&self.small, files),
            problems,
        };
        let table = RecordTable {
            persons: self.persons,
            repeats: self.repeats.into_iter().map(AtomicU32::into_inner).collect(),
            tiers: self.tiers,
        };
        Outcome { inventory, table }
    }
}

/// Persons in numbers.
#[derive(Default)]
struct People {
    sensitive: u64,
    sensitivity: Sensitivity,
    by_kinds_known: BTreeMap<u32, u64>,
    by_kind: BTreeMap<Kind, u64>,
}

impl People {
    fn of(sums: &Sums, rules: &CountRules) -> People {
        let with = |wanted: Sensitive| -> KindSet {
            Kind::ALL.iter().copied().filter(|kind| rules.kind(*kind).sensitive == wanted).collect()
        };
        let (always, sometimes) = (with(Sensitive::Yes), with(Sensitive::Context));
        let mut people = People::default();
        for (look, count) in &sums.person {
            let meets = |set: KindSet| look.kinds.0 & set.0 != 0;
            *people.by_kinds_known.entry(look.kinds.len()).or_default() += count;
            for kind in look.kinds.iter() {
                *people.by_kind.entry(kind).or_default() += count;
                if rules.kind(kind).sensitive != Sensitive::No {
                    *people.sensitivity.by_kind.entry(kind).or_default() += count;
                }
            }
            people.sensitive += if meets(always) || look.under_14 { *count } else { 0 };
            people.sensitivity.persons_sensitive_kind += if meets(always) { *count } else { 0 };
            people.sensitivity.persons_context_kind += if meets(sometimes) { *count } else { 0 };
            people.sensitivity.persons_under_14 += if look.under_14 { *count } else { 0 };
        }
        people
    }
}

/// The files with a record, by name.
fn file_counts(small: &Small, names: &[FileName]) -> Vec<FileCounts> {
    let mut by_name: BTreeMap<(&str, &str), FileTally> = BTreeMap::new();
    let unnamed = String::new();
    small.files.each(|file| {
        let name = names.get(file.file as usize);
        let key = name.map_or((unnamed.as_str(), unnamed.as_str()), |name| (&*name.name, &*name.format));
        let sum = by_name.entry(key).or_default();
        sum.records += file.records;
        sum.add_valid(&file.valid);
    });
    by_name
        .into_iter()
        .filter(|(_, file)| file.records > 0)
        .map(|((name, format), file)| FileCounts {
            file: name.to_owned(),
            format: format.to_owned(),
            records: file.records,
            valid_by_kind: file.valid.into_iter().collect(),
        })
        .collect()
}
