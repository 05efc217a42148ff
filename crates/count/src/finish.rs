//! From the tally to the inventory: keys, persons, groups, law.

use crate::groups::{Groups, Member, part_of};
use crate::law::Case;
use crate::shape::{Flags, Shape, strong_kinds};
use crate::spill::{PARTITIONS, RunId, Runs, Sort};
use crate::sums::{Mask, PersonLook, Sums};
use crate::tally::{FileTally, Small, take_number};
use crate::unite::{JOBS, KeyCounts, Links, job};
use crate::{Acts, CountError, CountRules, Outcome, RecordTable, Tally, pool};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
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

/// Counts of one shape.
#[derive(Clone, Copy, Debug, Default)]
struct ShapeCounts {
    all: u64,
    /// Not an exact repeat.
    first: u64,
    /// … and counted as a record of its own here, not in a group.
    record: u64,
    /// Its values are counted here: records without a person and persons with one record.
    items: u64,
    /// Persons whose only record it is.
    persons: u64,
    without_person: u64,
}

/// Goes through the records in order.
struct Walk<'a> {
    small: Small,
    runs: &'a Mutex<Runs>,
    /// First the smaller record of the same person, later the number of the person.
    persons: Vec<u32>,
    repeats: Vec<AtomicU32>,
    persons_count: u32,
    /// Persons with more than one record that is no exact repeat of another of theirs, one bit each.
    several: Vec<u64>,
    has_groups: bool,
    masks_differ: bool,
    /// Data sets of exact repeats that their first record lacks: first record, data sets, whether both are of
    /// one person. Sorted.
    extra: Vec<(u32, Mask, bool)>,
    counts: Vec<ShapeCounts>,
    tiers: Vec<u8>,
}

/// How many records are gone through between two reports of progress.
const STRIDE: u64 = 1 << 20;

type Report<'r> = &'r dyn Fn(Phase, u64, u64) -> ControlFlow<()>;

impl<'a> Walk<'a> {
    fn new(small: Small, links: Links, runs: &'a Mutex<Runs>) -> Result<Walk<'a>, CountError> {
        let masks: BTreeSet<Mask> = small.shapes.list().iter().map(|shape| shape.data_sets).collect();
        Ok(Walk {
            runs,
            // The same memory: a number takes as much room as a number that threads share.
            persons: links.parents.into_iter().map(AtomicU32::into_inner).collect(),
            repeats: links.repeats,
            persons_count: 0,
            several: Vec::new(),
            has_groups: false,
            masks_differ: masks.len() > 1,
            extra: Vec::new(),
            counts: vec![ShapeCounts::default(); small.shapes.list().len()],
            tiers: Vec::new(),
            small,
        })
    }

    /// Numbers persons from 1 in the order of their first records.
    fn number_persons(&mut self, report: Report<'_>) -> Result<(), CountError> {
        let strong = strong_kinds();
        let mut shapes = ShapeReader::new(self.runs, &self.small);
        let total = u64::from(self.small.records);
        // Shape of each record, only where data sets must be compared.
        let mut shape_of: Vec<u32> = Vec::new();
        while let Some((number, shape, range)) = shapes.next()? {
            let keyed = shape.kinds.0 & strong.0 != 0;
            if self.masks_differ {
                shape_of.resize(range.end as usize, number);
            }
            if range.start as u64 / STRIDE != range.end as u64 / STRIDE {
                continue_or_stop(report(Phase::Persons, u64::from(range.end) / 2, total))?;
            }
            for record in range {
                let index = record as usize;
                let parent = self.persons.get(index).copied().unwrap_or(record);
                let mut person = 0;
                if keyed {
                    if parent == record {
                        self.persons_count += 1;
                        person = self.persons_count;
                        if self.several.len() <= person as usize / 64 {
                            self.several.push(0);
                        }
                    } else {
                        // A parent is smaller, so it already has its number.
                        person = self.persons.get(parent as usize).copied().unwrap_or(0);
                    }
                }
                if let Some(slot) = self.persons.get_mut(index) {
                    *slot = person;
                }
                let first = self.first_of(index);
                let same = first.is_none_or(|first| self.persons.get(first) == Some(&person));
                if let (true, Some(first)) = (self.masks_differ, first) {
                    let known = shape_of.get(first).and_then(|number| self.shape(*number));
                    let missing = shape.data_sets & !known.map_or(0, |shape| shape.data_sets);
                    if missing != 0 {
                        self.extra.push((first as u32, missing, same));
                    }
                }
                if keyed && parent != record && !(first.is_some() && same) {
                    if let Some(bits) = self.several.get_mut(person as usize / 64) {
                        *bits |= 1 << (person % 64);
                    }
                    self.has_groups = true;
                }
            }
        }
        self.extra.sort_unstable();
        Ok(())
    }

    /// Counts what can be counted record by record, and sends the rest to the groups.
    fn account(&mut self, rules: &CountRules, report: Report<'_>) -> Result<Sums, CountError> {
        let mut sums = Sums::default();
        let tiers: Vec<u8> = self
            .small
            .shapes
            .list()
            .iter()
            .map(|shape| rules.tiers_of(shape.kinds, crate::sums::is_tied(shape.kinds)).strict)
            .collect();
        self.tiers = Vec::with_capacity(self.small.records as usize);
        let mut counts = std::mem::take(&mut self.counts);
        let mut shapes = ShapeReader::new(self.runs, &self.small);
        let mut values = ValueReader::new(self.runs);
        let mut extra = self.extra.iter().peekable();
        let mut offset = 0u64;
        let total = u64::from(self.small.records);
        let mut bytes = Vec::new();
        while let Some((number, shape, range)) = shapes.next()? {
            let records = u64::from(range.end - range.start);
            if range.start as u64 / STRIDE != range.end as u64 / STRIDE {
                continue_or_stop(report(Phase::Persons, total / 2 + u64::from(range.end) / 2, total))?;
            }
            self.tiers.resize(range.end as usize, tiers.get(number as usize).copied().unwrap_or(0));
            let Some(count) = counts.get_mut(number as usize) else { continue };
            count.all += records;
            if !shape.is_valid() {
                continue;
            }
            let size = shape.values() * 8;
            for record in range {
                let index = record as usize;
                let at = offset;
                offset += size;
                let (mut own, mut all) = (shape.data_sets, shape.data_sets);
                while let Some((_, mask, same)) = extra.next_if(|(first, ..)| *first == record) {
                    all |= mask;
                    own |= if *same { *mask } else { 0 };
                }
                let person = self.persons.get(index).copied().unwrap_or(0);
                let first = self.first_of(index);
                if first.is_none() {
                    count.first += 1;
                    if all != shape.data_sets {
                        // Taken out of the sum by shape again, see below.
                        sums.add_seized(shape, all, 1);
                        count.first -= 1;
                    }
                }
                if person == 0 {
                    count.without_person += 1;
                    if first.is_none() {
                        self.stands_alone(&mut sums, count, shape, own, all, true, false);
                    }
                    continue;
                }
                if first.is_some_and(|first| self.persons.get(first) == Some(&person)) {
                    continue;
                }
                let several = self.several.get(person as usize / 64).copied().unwrap_or(0);
                if several >> (person % 64) & 1 == 0 {
                    self.stands_alone(&mut sums, count, shape, own, all, first.is_none(), true);
                    continue;
                }
                values.read(at, size, &mut bytes)?;
                let member = Member {
                    person,
                    ordinal: record,
                    shape: number,
                    mask_own: own,
                    mask_all: all,
                    is_repeat: first.is_some(),
                };
                let run = Sort::Person.run(part_of(person, self.persons_count));
                let mut buffer = Vec::with_capacity(64 + bytes.len());
                member.write(&bytes, &mut buffer);
                self.runs.lock().map_err(|_| CountError::ThreadFailed)?.append(run, &buffer)?;
            }
        }
        for (count, shape) in counts.iter().zip(self.small.shapes.list()) {
            let mask = shape.data_sets;
            if count.first > 0 {
                sums.add_seized(shape, mask, count.first);
            }
            if count.record > 0 {
                sums.add_record(shape, mask, count.record);
            }
            if count.items > 0 {
                sums.add_items(shape, mask, count.items);
            }
            if count.persons > 0 {
                let look = PersonLook { kinds: shape.kinds, under_14: shape.flags.under_14(), mask };
                sums.add_person(look, count.persons);
            }
        }
        self.counts = counts;
        let mut runs = self.runs.lock().map_err(|_| CountError::ThreadFailed)?;
        runs.remove(Sort::Values.run(0))?;
        if runs.is_spilled() {
            runs.spill(true)?;
        }
        Ok(sums)
    }

    /// A record that is all there is of its person, or that has none.
    #[expect(clippy::too_many_arguments, reason = "called twice, from one place that knows all of them")]
    fn stands_alone(
        &self,
        sums: &mut Sums,
        count: &mut ShapeCounts,
        shape: &Shape,
        own: Mask,
        all: Mask,
        is_first: bool,
        is_person: bool,
    ) {
        if is_first && all == shape.data_sets {
            count.record += 1;
        } else if is_first {
            sums.add_record(shape, all, 1);
        }
        if own == shape.data_sets {
            count.items += 1;
            count.persons += u64::from(is_person);
        } else {
            sums.add_items(shape, own, 1);
            if is_person {
                let look = PersonLook { kinds: shape.kinds, under_14: shape.flags.under_14(), mask: own };
                sums.add_person(look, 1);
            }
        }
    }

    fn shape(&self, number: u32) -> Option<&Shape> {
        self.small.shapes.list().get(number as usize)
    }

    /// The record that this one repeats exactly.
    fn first_of(&self, index: usize) -> Option<usize> {
        let repeat = self.repeats.get(index).map_or(0, |slot| slot.load(Relaxed));
        (repeat as usize).checked_sub(1)
    }

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

fn continue_or_stop(flow: ControlFlow<()>) -> Result<(), CountError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(CountError::Stopped),
    }
}

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
struct ValueReader<'a>(ChunkReader<'a>);

impl<'a> ValueReader<'a> {
    fn new(runs: &'a Mutex<Runs>) -> ValueReader<'a> {
        ValueReader(ChunkReader { runs, run: Sort::Values.run(0), chunk: Vec::new(), start: 0 })
    }

    fn read(&mut self, offset: u64, size: u64, to: &mut Vec<u8>) -> Result<(), CountError> {
        let run = self.0.run;
        let damaged = CountError::SpillDamaged { run, detail: "shorter than it was" };
        let Ok(size) = usize::try_from(size) else { return Err(damaged) };
        let bytes = self.0.at(offset, size)?;
        to.clear();
        to.extend_from_slice(bytes.get(..size).ok_or(damaged)?);
        Ok(())
    }
}

/// Reads the shapes of records, in order.
struct ShapeReader<'a> {
    reader: ChunkReader<'a>,
    shapes: Vec<Shape>,
    offset: u64,
    next: u32,
    records: u32,
}

impl<'a> ShapeReader<'a> {
    fn new(runs: &'a Mutex<Runs>, small: &Small) -> ShapeReader<'a> {
        ShapeReader {
            reader: ChunkReader { runs, run: Sort::Shapes.run(0), chunk: Vec::new(), start: 0 },
            // A copy, so that the walk may change itself meanwhile; there are few.
            shapes: small.shapes.list().to_vec(),
            offset: 0,
            next: 0,
            records: small.records,
        }
    }

    /// The next records of one shape: its number, itself, and their ordinals.
    fn next(&mut self) -> Result<Option<(u32, &Shape, std::ops::Range<u32>)>, CountError> {
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
