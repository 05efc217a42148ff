//! One fragment's findings, made ready for the tally: hashed, de-duplicated within each record, and laid out
//! by partition. Made in worker threads; no batch knows of another.

use crate::KeyedHasher;
use crate::shape::{Flags, Shape, Shapes};
use crate::spill::PARTITIONS;
use crate::tuple::{CitizenTuple, KeyTuple, Parts, SignatureTuple, ValueTuple};
use zhunsheng_model::{Date, Findings, Kind, KindSet, Mention, Reason, RecordSpan, State};

/// What a batch must know beside the findings.
#[derive(Clone, Copy, Debug)]
pub struct BatchContext<'a> {
    /// Makes the hashes; the same for every batch of a count.
    pub hasher: &'a KeyedHasher,
    /// Number of the file in [`crate::FinishOptions::files`].
    pub file: u32,
    /// Data sets the file belongs to: [`crate::Acts::data_sets_of`]. With the default acts that is bit 0.
    pub data_sets: u64,
    /// The day at which ages are reckoned; the same for every batch of a count.
    pub reference: Date,
    /// Whether to keep the hash of every mention for [`Batch::take_hashes`].
    pub keep_hashes: bool,
}

/// The findings of one fragment, ready for [`crate::Tally::append`]. Holds no value, only keyed hashes.
pub struct Batch {
    pub(crate) reference: Date,
    pub(crate) file: u32,
    pub(crate) records: u32,
    pub(crate) kinds: Vec<KindTally>,
    pub(crate) shapes: Vec<Shape>,
    /// Index in `shapes` and how many records in a row have it.
    pub(crate) shape_runs: Vec<(u32, u32)>,
    pub(crate) citizens: Parts<CitizenTuple>,
    pub(crate) keys: Parts<KeyTuple>,
    pub(crate) values: Parts<ValueTuple>,
    pub(crate) signatures: Parts<SignatureTuple>,
    /// The distinct values of each valid record, record after record, sorted within each.
    pub(crate) record_values: Vec<u64>,
    hashes: Vec<u128>,
}

/// Number of states in [`KindTally::invalid`].
pub(crate) const REASONS: usize = Reason::ALL.len();

/// Mentions of one kind by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct KindTally {
    pub(crate) valid: u64,
    pub(crate) masked: u64,
    pub(crate) placeholder: u64,
    pub(crate) invalid: [u64; REASONS],
}

impl KindTally {
    pub(crate) fn add(&mut self, other: &KindTally) {
        self.valid += other.valid;
        self.masked += other.masked;
        self.placeholder += other.placeholder;
        for (sum, more) in self.invalid.iter_mut().zip(other.invalid) {
            *sum += more;
        }
    }

    fn count(&mut self, state: State) {
        match state {
            State::Valid => self.valid += 1,
            State::Masked => self.masked += 1,
            State::Placeholder => self.placeholder += 1,
            State::Invalid(reason) => {
                if let Some(count) = self.invalid.get_mut(reason as usize) {
                    *count += 1;
                }
            }
        }
    }
}

/// What a record consists of, while it is being read. Reused from record to record.
#[derive(Default)]
struct Reading {
    values: Vec<(u128, Kind)>,
    flags: Flags,
    kinds: KindSet,
    first_citizen: u64,
    name: u64,
    masked: bool,
    invalid: bool,
}

impl Batch {
    /// Makes a batch of `findings`.
    ///
    /// The order of records is kept. Costs about 0.1 µs a mention, nearly all of it hashing.
    pub fn build(findings: &Findings, context: &BatchContext<'_>) -> Batch {
        let mut builder = Builder {
            context,
            findings,
            kinds: vec![KindTally::default(); Kind::ALL.len()],
            shapes: Shapes::default(),
            shape_runs: Vec::new(),
            citizens: Vec::with_capacity(findings.records.len()),
            keys: Vec::with_capacity(findings.records.len()),
            values: Vec::with_capacity(findings.records.len()),
            signatures: Vec::new(),
            record_values: Vec::with_capacity(findings.mentions.len()),
            hashes: vec![0; if context.keep_hashes { findings.mentions.len() } else { 0 }],
            reading: Reading::default(),
        };
        for (ordinal, record) in findings.records.iter().enumerate() {
            builder.record(ordinal as u32, record);
        }
        Batch {
            reference: context.reference,
            file: context.file,
            records: findings.records.len() as u32,
            kinds: builder.kinds,
            shapes: builder.shapes.into_list(),
            shape_runs: builder.shape_runs,
            citizens: Parts::new(&builder.citizens),
            keys: Parts::new(&builder.keys),
            values: Parts::new(&builder.values),
            signatures: Parts::new(&builder.signatures),
            record_values: builder.record_values,
            hashes: builder.hashes,
        }
    }

    /// Gives the batch the number of its file, where that was not known when the batch was made.
    pub fn set_file(&mut self, file: u32) {
        self.file = file;
    }

    /// About how many bytes the batch holds.
    pub fn size_bytes(&self) -> usize {
        // Four tuples of 8 to 40 bytes a record, and eight bytes a value.
        self.records as usize * 96 + self.record_values.len() * 8
    }

    /// Number of records.
    pub fn records(&self) -> u32 {
        self.records
    }

    /// The keyed hash of every mention in the order of the findings, 0 for those that are not valid; empty
    /// unless [`BatchContext::keep_hashes`] was set. Leaves nothing behind.
    pub fn take_hashes(&mut self) -> Vec<u128> {
        std::mem::take(&mut self.hashes)
    }
}

struct Builder<'a> {
    context: &'a BatchContext<'a>,
    findings: &'a Findings,
    kinds: Vec<KindTally>,
    shapes: Shapes,
    shape_runs: Vec<(u32, u32)>,
    citizens: Vec<CitizenTuple>,
    keys: Vec<KeyTuple>,
    values: Vec<ValueTuple>,
    signatures: Vec<SignatureTuple>,
    record_values: Vec<u64>,
    hashes: Vec<u128>,
    reading: Reading,
}

impl Builder<'_> {
    fn record(&mut self, ordinal: u32, record: &RecordSpan) {
        let mut reading = std::mem::take(&mut self.reading);
        reading.values.clear();
        reading = Reading { values: reading.values, ..Reading::default() };
        let name = (record.name as usize).checked_sub(1);
        for (offset, mention) in self.findings.mentions_of(record).iter().enumerate() {
            let index = record.mentions_start as usize + offset;
            self.mention(&mut reading, mention, index, name == Some(index));
        }
        reading.values.sort_unstable();
        reading.values.dedup();
        self.shape(&reading);
        if !reading.values.is_empty() {
            self.tuples(ordinal, &reading);
        }
        self.reading = reading;
    }

    fn mention(&mut self, reading: &mut Reading, mention: &Mention, index: usize, is_name: bool) {
        if let Some(tally) = self.kinds.get_mut(mention.kind.index()) {
            tally.count(mention.state);
        }
        match mention.state {
            State::Valid => {}
            State::Masked => reading.masked = true,
            State::Invalid(_) => reading.invalid = true,
            State::Placeholder => {}
        }
        if mention.state != State::Valid {
            return;
        }
        let value = self.findings.text(mention.normal);
        let hash = self.context.hasher.hash(mention.kind, value);
        if let Some(kept) = self.hashes.get_mut(index) {
            *kept = hash;
        }
        reading.values.push((hash, mention.kind));
        reading.kinds.insert(mention.kind);
        match mention.kind {
            Kind::CnId => {
                if reading.first_citizen == 0 {
                    reading.first_citizen = short(hash);
                }
                if let Some(born) = Date::of_citizen_number(value) {
                    reading.flags.set(Flags::CITIZEN_DATE);
                    if born.under_14_on(self.context.reference) {
                        reading.flags.set(Flags::CITIZEN_UNDER_14);
                    }
                }
            }
            Kind::BirthDate
                if Date::parse(value).is_some_and(|born| born.under_14_on(self.context.reference)) =>
            {
                reading.flags.set(Flags::BIRTH_UNDER_14);
            }
            Kind::Person if is_name => reading.name = short(hash),
            _ => {}
        }
    }

    /// Notes what the record looks like.
    fn shape(&mut self, reading: &Reading) {
        let mut shape = Shape {
            kinds: reading.kinds,
            more: Vec::new(),
            data_sets: self.context.data_sets,
            flags: reading.flags,
        };
        if reading.values.is_empty() && reading.masked && !reading.invalid {
            shape.flags.set(Flags::MASKED);
        }
        if reading.values.len() > reading.kinds.len() as usize {
            let mut counts = [0u32; 128];
            for (_, kind) in &reading.values {
                if let Some(count) = counts.get_mut(kind.index()) {
                    *count += 1;
                }
            }
            shape.more = counts
                .iter()
                .enumerate()
                .filter(|(_, count)| **count > 1)
                .map(|(index, count)| (index as u8, count - 1))
                .collect();
        }
        // Neighbours mostly look alike.
        let last = self.shape_runs.last().copied();
        let number = match last {
            Some((number, _)) if self.shapes.list().get(number as usize) == Some(&shape) => number,
            _ => self.shapes.number(&shape),
        };
        match self.shape_runs.last_mut() {
            Some((same, run)) if *same == number => *run += 1,
            _ => self.shape_runs.push((number, 1)),
        }
    }

    fn tuples(&mut self, ordinal: u32, reading: &Reading) {
        // The sum of keyed hashes tells sets apart whatever the order of their members.
        let signature = reading.values.iter().fold(0u128, |sum, (hash, _)| sum.wrapping_add(*hash));
        let mut home = false;
        let first_value = self.record_values.len();
        for (hash, kind) in &reading.values {
            let (hash, kind) = (*hash, *kind);
            let value = hash as u64 & !127 | kind.index() as u64;
            self.record_values.push(value);
            match strong_index(kind) {
                None => self.values.push(ValueTuple { part: part_of(hash), value }),
                Some(0) => {
                    // Values are sorted by hash: the smallest citizen number is the record's home, where it
                    // meets the records that are equal to it.
                    let signature = if home { 0 } else { (signature as u64).max(1) };
                    home = true;
                    self.citizens.push(CitizenTuple {
                        part: part_of(hash),
                        key: hash as u64,
                        ordinal,
                        signature,
                    });
                }
                Some(index) => self.keys.push(KeyTuple {
                    part: part_of(hash),
                    key: hash as u64 & !7 | index,
                    ordinal,
                    name: reading.name,
                    citizen: reading.first_citizen,
                }),
            }
        }
        if let Some(values) = self.record_values.get_mut(first_value..) {
            values.sort_unstable();
        }
        if !home {
            self.signatures.push(SignatureTuple { part: part_of(signature), key: signature as u64, ordinal });
        }
    }
}

/// Strong kinds have three bits in a key; the citizen number is 0.
pub(crate) fn strong_index(kind: Kind) -> Option<u64> {
    STRONG.iter().position(|strong| *strong == kind).map(|index| index as u64)
}

/// The strong kinds by index.
pub(crate) const STRONG: [Kind; 7] =
    [Kind::CnId, Kind::Phone, Kind::Email, Kind::BankCard, Kind::Wechat, Kind::Qq, Kind::Passport];

/// Bits of the hash that neither keys nor short hashes use.
fn part_of(hash: u128) -> u8 {
    ((hash >> 64) as u32 % PARTITIONS) as u8
}

/// 48 bits that tell names or citizen numbers apart within the records of one key; 0 means none.
fn short(hash: u128) -> u64 {
    ((hash >> 80) as u64).max(1)
}
