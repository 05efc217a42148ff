//! Goes through the records in order: numbers the persons, counts what stands alone, and sends the records of
//! persons with several to their groups.

use crate::groups::{Member, part_of};
use crate::reader::{ShapeReader, ValueReader};
use crate::shape::{Shape, strong_kinds};
use crate::spill::{Runs, Sort};
use crate::sums::{Mask, PersonLook, Sums};
use crate::tally::Small;
use crate::unite::Links;
use crate::{CountError, CountRules, Phase};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};

/// Counts of one shape.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct ShapeCounts {
    pub(crate) all: u64,
    /// Not an exact repeat.
    pub(crate) first: u64,
    /// … and counted as a record of its own here, not in a group.
    pub(crate) record: u64,
    /// Its values are counted here: records without a person and persons with one record.
    pub(crate) items: u64,
    /// Persons whose only record it is.
    pub(crate) persons: u64,
    pub(crate) without_person: u64,
}

/// Goes through the records in order.
pub(crate) struct Walk<'a> {
    pub(crate) small: Small,
    pub(crate) runs: &'a Mutex<Runs>,
    /// First the smaller record of the same person, later the number of the person.
    pub(crate) persons: Vec<u32>,
    pub(crate) repeats: Vec<AtomicU32>,
    pub(crate) persons_count: u32,
    /// Persons with more than one record that is no exact repeat of another of theirs, one bit each.
    pub(crate) several: Vec<u64>,
    pub(crate) has_groups: bool,
    pub(crate) masks_differ: bool,
    /// Data sets of exact repeats that their first record lacks: first record, data sets, whether both are of
    /// one person. Sorted.
    pub(crate) extra: Vec<(u32, Mask, bool)>,
    pub(crate) counts: Vec<ShapeCounts>,
    pub(crate) tiers: Vec<u8>,
}

/// How many records are gone through between two reports of progress.
const STRIDE: u64 = 1 << 20;

type Report<'r> = &'r dyn Fn(Phase, u64, u64) -> ControlFlow<()>;

impl<'a> Walk<'a> {
    pub(crate) fn new(small: Small, links: Links, runs: &'a Mutex<Runs>) -> Result<Walk<'a>, CountError> {
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
    pub(crate) fn number_persons(&mut self, report: Report<'_>) -> Result<(), CountError> {
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
    pub(crate) fn account(&mut self, rules: &CountRules, report: Report<'_>) -> Result<Sums, CountError> {
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
        let (mut bytes, mut buffer) = (Vec::new(), Vec::new());
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
                buffer.clear();
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
}

fn continue_or_stop(flow: ControlFlow<()>) -> Result<(), CountError> {
    match flow {
        ControlFlow::Continue(()) => Ok(()),
        ControlFlow::Break(()) => Err(CountError::Stopped),
    }
}
