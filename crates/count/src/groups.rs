//! Persons with several records: what is known of each together, and which of their records add nothing.

use crate::CountError;
use crate::shape::{Flags, Shape};
use crate::spill::{PARTITIONS, Runs, Sort};
use crate::sums::{Mask, PersonLook, Sums};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering::Relaxed};
use zhunsheng_model::{Kind, KindSet};

/// A record on its way to the other records of its person.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member {
    pub(crate) person: u32,
    pub(crate) ordinal: u32,
    pub(crate) shape: u32,
    /// Data sets that hold this record or an equal one of the same person.
    pub(crate) mask_own: Mask,
    /// Data sets that hold this record or any equal one.
    pub(crate) mask_all: Mask,
    /// An equal record of another person comes first, so this one is no item of its own.
    pub(crate) is_repeat: bool,
}

/// Bytes of a member without its values.
const MEMBER_BYTES: usize = 33;

impl Member {
    /// Puts the member and its values behind `to`.
    pub(crate) fn write(&self, values: &[u8], to: &mut Vec<u8>) {
        to.extend_from_slice(&self.person.to_le_bytes());
        to.extend_from_slice(&self.ordinal.to_le_bytes());
        to.extend_from_slice(&self.shape.to_le_bytes());
        to.extend_from_slice(&self.mask_own.to_le_bytes());
        to.extend_from_slice(&self.mask_all.to_le_bytes());
        to.push(u8::from(self.is_repeat));
        to.extend_from_slice(&((values.len() / 8) as u32).to_le_bytes());
        to.extend_from_slice(values);
    }

    fn read(from: &mut &[u8]) -> Option<(Member, usize)> {
        let (head, rest) = from.split_first_chunk::<MEMBER_BYTES>()?;
        let number = |at: usize| -> Option<[u8; 4]> { head.get(at..at + 4)?.try_into().ok() };
        let long = |at: usize| -> Option<[u8; 8]> { head.get(at..at + 8)?.try_into().ok() };
        let member = Member {
            person: u32::from_le_bytes(number(0)?),
            ordinal: u32::from_le_bytes(number(4)?),
            shape: u32::from_le_bytes(number(8)?),
            mask_own: u64::from_le_bytes(long(12)?),
            mask_all: u64::from_le_bytes(long(20)?),
            is_repeat: *head.get(28)? != 0,
        };
        *from = rest;
        Some((member, u32::from_le_bytes(number(29)?) as usize))
    }
}

/// The partition of a person: persons with neighbouring numbers stand together.
pub(crate) fn part_of(person: u32, persons: u32) -> u32 {
    (u64::from(person.saturating_sub(1)) * u64::from(PARTITIONS) / u64::from(persons.max(1))) as u32
}

/// What every job reads.
pub(crate) struct Groups<'a> {
    pub(crate) runs: &'a Mutex<Runs>,
    pub(crate) shapes: &'a [Shape],
    pub(crate) repeats: &'a [AtomicU32],
    /// Whether records differ in their data sets at all.
    pub(crate) masks_differ: bool,
}

/// A record among those of its person.
#[derive(Clone, Copy)]
struct Record<'a> {
    member: Member,
    shape: &'a Shape,
    values: &'a [u64],
    /// One bit for each value: what lacks a bit of it cannot hold it.
    bits: u64,
}

/// Memory used again from person to person.
struct Scratch {
    items: Vec<(u64, Mask)>,
    /// Items by kind, all in the data sets of `mask`.
    counts: [u64; 128],
    mask: Mask,
}

impl Scratch {
    /// Adds the counts to the sums and begins anew.
    fn move_to(&mut self, sums: &mut Sums) {
        for (kind, count) in Kind::ALL.iter().zip(&mut self.counts).filter(|(_, count)| **count > 0) {
            *sums.item.entry((*kind, true, self.mask)).or_default() += std::mem::take(count);
        }
    }
}

impl Groups<'_> {
    /// Works on one partition.
    pub(crate) fn job(&self, part: u32) -> Result<Sums, CountError> {
        let run = Sort::Person.run(part);
        let damaged = || CountError::SpillDamaged { run, detail: "an entry is not as it was written" };
        let bytes = self.runs.lock().map_err(|_| CountError::ThreadFailed)?.take(run)?;
        let mut sums = Sums::default();
        let mut rest = bytes.as_slice();
        let mut members = Vec::new();
        let mut values: Vec<u64> = Vec::with_capacity(bytes.len() / 8);
        while !rest.is_empty() {
            let (member, count) = Member::read(&mut rest).ok_or_else(damaged)?;
            let start = values.len();
            let (now, later) = rest.split_at_checked(count.saturating_mul(8)).ok_or_else(damaged)?;
            rest = later;
            values.extend(now.as_chunks::<8>().0.iter().map(|value| u64::from_le_bytes(*value)));
            members.push((member, start, values.len()));
        }
        drop(bytes);
        let mut records = Vec::with_capacity(members.len());
        for (member, start, end) in members {
            let shape = self.shapes.get(member.shape as usize).ok_or_else(damaged)?;
            let values = values.get(start..end).ok_or_else(damaged)?;
            let bits = values.iter().fold(0, |bits, value| bits | 1u64 << (value >> 7 & 63));
            records.push(Record { member, shape, values, bits });
        }
        let mut scratch = Scratch { items: Vec::new(), mask: 0, counts: [0; 128] };
        records.sort_unstable_by_key(|record| (record.member.person, record.member.ordinal));
        for group in records.chunk_by_mut(|a, b| a.member.person == b.member.person) {
            self.person(group, &mut scratch, &mut sums);
        }
        scratch.move_to(&mut sums);
        Ok(sums)
    }

    fn person(&self, group: &mut [Record<'_>], scratch: &mut Scratch, sums: &mut Sums) {
        let mut look = PersonLook { kinds: KindSet::EMPTY, under_14: false, mask: 0 };
        let mut flags = Flags::default();
        let mut items = std::mem::take(&mut scratch.items);
        items.clear();
        for record in &*group {
            look.kinds = look.kinds.union(record.shape.kinds);
            look.mask |= record.member.mask_own;
            flags = flags.union(record.shape.flags);
            items.extend(record.values.iter().map(|value| (*value, record.member.mask_own)));
        }
        look.under_14 = flags.under_14();
        sums.add_person(look, 1);

        items.sort_unstable();
        for same in items.chunk_by(|a, b| a.0 == b.0) {
            let mask = same.iter().fold(0, |mask, (_, more)| mask | more);
            let kind = same.first().map_or(0, |(value, _)| (value & 127) as usize);
            if mask != scratch.mask {
                scratch.move_to(sums);
                scratch.mask = mask;
            }
            if let Some(count) = scratch.counts.get_mut(kind) {
                *count += 1;
            }
        }
        scratch.items = items;

        let containers = self.containers(group);
        for (record, container) in group.iter().zip(&containers) {
            match container {
                Some(ordinal) => {
                    if !record.member.is_repeat {
                        sums.contained += 1;
                        if let Some(slot) = self.repeats.get(record.member.ordinal as usize) {
                            slot.store(ordinal + 1, Relaxed);
                        }
                    }
                }
                None if record.member.is_repeat => {}
                None => sums.add_record(record.shape, record.member.mask_all, 1),
            }
        }
    }

    /// Sorts the records of one person by size, greatest first, and says of each which record holds all its
    /// values and more: the greatest, of equally great ones the first. Records that hold others are thereby held
    /// in the data sets of those too.
    ///
    /// No two records have equal sets: exact repeats have been left out, or are of another person.
    /// A record is looked up by its rarest value among greater records only, so that a person with a million
    /// records costs about a million look-ups unless all values are shared by many.
    fn containers(&self, group: &mut [Record<'_>]) -> Vec<Option<u32>> {
        group.sort_by(|a, b| {
            b.values.len().cmp(&a.values.len()).then(a.member.ordinal.cmp(&b.member.ordinal))
        });
        let index = (group.len() > 16).then(|| {
            let mut index: Vec<(u64, u32)> = Vec::with_capacity(group.iter().map(|r| r.values.len()).sum());
            for (rank, record) in group.iter().enumerate() {
                index.extend(record.values.iter().map(|value| (*value, rank as u32)));
            }
            index.sort_unstable();
            index
        });
        let mut found = vec![None; group.len()];
        let mut masks: Vec<(usize, Mask)> = Vec::new();
        for (rank, record) in group.iter().enumerate() {
            let mut look = |candidate: usize| {
                let Some(other) = group.get(candidate) else { return true };
                if other.values.len() <= record.values.len() {
                    return true;
                }
                if record.bits & !other.bits == 0 && holds(other.values, record.values) {
                    if let Some(found) = found.get_mut(rank)
                        && found.is_none()
                    {
                        *found = Some(other.member.ordinal);
                    }
                    masks.push((candidate, record.member.mask_all));
                    return !self.masks_differ;
                }
                false
            };
            match &index {
                None => {
                    let _ = (0..rank).any(&mut look);
                }
                Some(index) => {
                    let holders = |value: u64| {
                        let start = index.partition_point(|(other, _)| *other < value);
                        let rest = index.get(start..).unwrap_or_default();
                        let count = rest.partition_point(|(other, _)| *other == value);
                        rest.get(..count).unwrap_or_default()
                    };
                    let rarest =
                        record.values.iter().map(|value| holders(*value)).min_by_key(|list| list.len());
                    let _ = rarest.unwrap_or_default().iter().any(|(_, candidate)| look(*candidate as usize));
                }
            }
        }
        for (rank, mask) in masks {
            if let Some(record) = group.get_mut(rank) {
                record.member.mask_all |= mask;
            }
        }
        found
    }
}

/// Whether sorted `all` holds every one of sorted `some`.
fn holds(all: &[u64], some: &[u64]) -> bool {
    let mut rest = all;
    some.iter().all(|value| {
        // Skips far ahead first, since one of the two may be much longer.
        let mut step = 1;
        while rest.get(step).is_some_and(|other| other < value) {
            step *= 2;
        }
        let end = rest.len().min(step + 1);
        let skip = rest.get(..end).unwrap_or_default().partition_point(|other| other < value);
        rest = rest.get(skip..).unwrap_or_default();
        rest.first() == Some(value)
    })
}
