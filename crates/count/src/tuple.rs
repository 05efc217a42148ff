//! The fixed-length entries of partitioned runs, and how they are written.
//!
//! A run of tuples is a row of blocks: ordinal of the batch's first record (u32), number of tuples (u32), then
//! the tuples with ordinals relative to it. So a batch is written without touching its tuples, and ordinals are
//! given only when it comes to its turn. All numbers are little-endian.

use crate::CountError;
use crate::spill::{PARTITIONS, RunId};
use std::marker::PhantomData;

/// Bytes before the tuples of a block.
pub(crate) const BLOCK_HEAD: usize = 8;

/// An entry of a partitioned run.
pub(crate) trait Tuple: Sized + Copy {
    /// Bytes when written.
    const BYTES: usize;
    /// The partition it belongs to.
    fn part(&self) -> u8;
    /// Writes it into exactly [`Tuple::BYTES`] bytes.
    fn write(&self, to: &mut [u8]);
    /// Reads it back from as many; `base` is added to the ordinal.
    fn read(from: &[u8], base: u32) -> Option<Self>;
    /// The record it belongs to; 0 for tuples that belong to none.
    fn ordinal(&self) -> u32;
}

/// A citizen number of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct CitizenTuple {
    pub(crate) key: u64,
    /// Signature of the record's whole set of values, 0 where this number is not the record's home.
    pub(crate) signature: u64,
    pub(crate) ordinal: u32,
    pub(crate) part: u8,
}

/// Another strong key of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct KeyTuple {
    /// Hash, the index of the kind in its lowest three bits.
    pub(crate) key: u64,
    /// Short hash of the record's name; 0 for none.
    pub(crate) name: u64,
    pub(crate) ordinal: u32,
    /// Short hash of the record's first citizen number; 0 for none.
    pub(crate) citizen: u64,
    pub(crate) part: u8,
}

/// A value of a kind that is no strong key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ValueTuple {
    /// Hash, the index of the kind in its lowest seven bits.
    pub(crate) value: u64,
    pub(crate) part: u8,
}

/// A record without a citizen number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SignatureTuple {
    pub(crate) key: u64,
    pub(crate) ordinal: u32,
    pub(crate) part: u8,
}

/// Takes `N` bytes off the front.
fn front<const N: usize>(from: &mut &[u8]) -> Option<[u8; N]> {
    let (head, rest) = from.split_first_chunk::<N>()?;
    *from = rest;
    Some(*head)
}

/// Puts `bytes` at the front and moves on.
fn put(to: &mut &mut [u8], bytes: &[u8]) {
    let all = std::mem::take(to);
    if let Some((head, rest)) = all.split_at_mut_checked(bytes.len()) {
        head.copy_from_slice(bytes);
        *to = rest;
    }
}

fn short_bytes(value: u64) -> [u8; 6] {
    let [a, b, c, d, e, f, ..] = value.to_le_bytes();
    [a, b, c, d, e, f]
}

fn from_short([a, b, c, d, e, f]: [u8; 6]) -> u64 {
    u64::from_le_bytes([a, b, c, d, e, f, 0, 0])
}

impl Tuple for CitizenTuple {
    const BYTES: usize = 20;

    fn part(&self) -> u8 {
        self.part
    }

    fn write(&self, mut to: &mut [u8]) {
        put(&mut to, &self.key.to_le_bytes());
        put(&mut to, &self.signature.to_le_bytes());
        put(&mut to, &self.ordinal.to_le_bytes());
    }

    fn read(mut from: &[u8], base: u32) -> Option<CitizenTuple> {
        let from = &mut from;
        Some(CitizenTuple {
            key: u64::from_le_bytes(front(from)?),
            signature: u64::from_le_bytes(front(from)?),
            ordinal: u32::from_le_bytes(front(from)?).checked_add(base)?,
            part: 0,
        })
    }

    fn ordinal(&self) -> u32 {
        self.ordinal
    }
}

impl Tuple for KeyTuple {
    const BYTES: usize = 24;

    fn part(&self) -> u8 {
        self.part
    }

    fn write(&self, mut to: &mut [u8]) {
        put(&mut to, &self.key.to_le_bytes());
        put(&mut to, &short_bytes(self.name));
        put(&mut to, &short_bytes(self.citizen));
        put(&mut to, &self.ordinal.to_le_bytes());
    }

    fn read(mut from: &[u8], base: u32) -> Option<KeyTuple> {
        let from = &mut from;
        Some(KeyTuple {
            key: u64::from_le_bytes(front(from)?),
            name: from_short(front(from)?),
            citizen: from_short(front(from)?),
            ordinal: u32::from_le_bytes(front(from)?).checked_add(base)?,
            part: 0,
        })
    }

    fn ordinal(&self) -> u32 {
        self.ordinal
    }
}

impl Tuple for ValueTuple {
    const BYTES: usize = 8;

    fn part(&self) -> u8 {
        self.part
    }

    fn write(&self, mut to: &mut [u8]) {
        put(&mut to, &self.value.to_le_bytes());
    }

    fn read(mut from: &[u8], _base: u32) -> Option<ValueTuple> {
        Some(ValueTuple { value: u64::from_le_bytes(front(&mut from)?), part: 0 })
    }

    fn ordinal(&self) -> u32 {
        0
    }
}

impl Tuple for SignatureTuple {
    const BYTES: usize = 12;

    fn part(&self) -> u8 {
        self.part
    }

    fn write(&self, mut to: &mut [u8]) {
        put(&mut to, &self.key.to_le_bytes());
        put(&mut to, &self.ordinal.to_le_bytes());
    }

    fn read(mut from: &[u8], base: u32) -> Option<SignatureTuple> {
        let from = &mut from;
        Some(SignatureTuple {
            key: u64::from_le_bytes(front(from)?),
            ordinal: u32::from_le_bytes(front(from)?).checked_add(base)?,
            part: 0,
        })
    }

    fn ordinal(&self) -> u32 {
        self.ordinal
    }
}

/// Tuples of one batch, written, part after part.
pub(crate) struct Parts<T> {
    bytes: Vec<u8>,
    /// Number of tuples in each part; empty when there is no tuple.
    counts: Vec<u32>,
    tuple: PhantomData<T>,
}

impl<T: Tuple> Parts<T> {
    /// Sorts `tuples` by their part, keeping their order within each.
    pub(crate) fn new(tuples: &[T]) -> Parts<T> {
        if tuples.is_empty() {
            return Parts { bytes: Vec::new(), counts: Vec::new(), tuple: PhantomData };
        }
        let mut counts = vec![0u32; PARTITIONS as usize];
        for tuple in tuples {
            if let Some(count) = counts.get_mut(usize::from(tuple.part())) {
                *count += 1;
            }
        }
        let mut next = Vec::with_capacity(counts.len());
        let mut start = 0usize;
        for count in &counts {
            next.push(start);
            start += *count as usize * T::BYTES;
        }
        let mut bytes = vec![0u8; start];
        for tuple in tuples {
            if let Some(at) = next.get_mut(usize::from(tuple.part())) {
                if let Some(to) = bytes.get_mut(*at..*at + T::BYTES) {
                    tuple.write(to);
                }
                *at += T::BYTES;
            }
        }
        Parts { bytes, counts, tuple: PhantomData }
    }

    /// The parts that hold anything: number, number of tuples, their bytes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, u32, &[u8])> {
        let mut rest = self.bytes.as_slice();
        self.counts.iter().enumerate().filter_map(move |(part, count)| {
            let (now, later) = rest.split_at_checked(*count as usize * T::BYTES)?;
            rest = later;
            (*count > 0).then_some((part as u32, *count, now))
        })
    }
}

/// The first bytes of a block.
pub(crate) fn block_head(base: u32, count: u32) -> [u8; BLOCK_HEAD] {
    (u64::from(count) << 32 | u64::from(base)).to_le_bytes()
}

/// Reads a run of blocks back. Every ordinal is below `records`.
pub(crate) fn read_blocks<T: Tuple>(run: RunId, bytes: &[u8], records: u32) -> Result<Vec<T>, CountError> {
    let damaged = || CountError::SpillDamaged { run, detail: "an entry is not as it was written" };
    let mut tuples = Vec::with_capacity(bytes.len() / T::BYTES);
    let mut rest = bytes;
    while !rest.is_empty() {
        let head = u64::from_le_bytes(front(&mut rest).ok_or_else(damaged)?);
        let (base, count) = (head as u32, (head >> 32) as usize);
        let (block, later) =
            count.checked_mul(T::BYTES).and_then(|size| rest.split_at_checked(size)).ok_or_else(damaged)?;
        rest = later;
        for bytes in block.chunks_exact(T::BYTES) {
            let tuple = T::read(bytes, base).filter(|tuple| tuple.ordinal() < records).ok_or_else(damaged)?;
            tuples.push(tuple);
        }
    }
    Ok(tuples)
}
