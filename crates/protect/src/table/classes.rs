//! Classes: rows that are equal in every quasi-identifier at given steps.
//!
//! Each row gets one 64-bit number that stands for its values without collision (mixed radix, then a bijection);
//! rows are spread over partitions by it, and each partition is counted within the cache.

use super::codes::{Codes, Table};
use super::goal::Goal;
use super::ladder::Ladder;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::ops::Range;

/// How many threads may work; the result does not depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Threads(NonZeroUsize);

impl Threads {
    /// At least one.
    pub fn new(threads: usize) -> Threads {
        Threads(NonZeroUsize::new(threads).unwrap_or(NonZeroUsize::MIN))
    }

    fn count(self) -> usize {
        self.0.get()
    }
}

/// Up to this many combinations of values are counted in an array.
const DENSE_MAX: u64 = 1 << 22;
/// About how many rows a partition holds.
const PARTITION_ROWS: usize = 8 << 10;
/// Numbers are computed for so many rows at once.
const BLOCK: usize = 2 << 10;

/// A bijection that spreads numbers over all 64 bits.
pub(super) fn mix(number: u64) -> u64 {
    let mut x = number;
    x ^= x >> 32;
    x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^= x >> 32;
    x = x.wrapping_mul(0xD6E8_FEB8_6659_FD93);
    x ^ (x >> 32)
}

/// Which part of the classes is looked at: a class lies in one part with all its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    All,
    /// One in sixteen.
    First,
    /// The other fifteen.
    Rest,
}

impl Part {
    fn holds(self, mixed: u64) -> bool {
        match self {
            Part::All => true,
            Part::First => mixed & 15 == 0,
            Part::Rest => mixed & 15 != 0,
        }
    }
}

/// Is told of every class.
pub(super) trait Visit: Send {
    /// A class with its number, its rows, and how often each sensitive value stands in it (by number of the value,
    /// empty when that was not asked for).
    fn class(&mut self, mixed: u64, rows: u64, spread: &[(u32, u64)]);
}

/// The rows to be looked at, each standing for as many rows of the table as its weight says.
pub(super) struct Rows<'a> {
    pub(super) count: usize,
    pub(super) quasi: Vec<&'a Codes>,
    pub(super) sensitive: Option<(&'a Codes, usize)>,
    pub(super) weights: Option<&'a [u32]>,
}

impl<'a> Rows<'a> {
    pub(super) fn of(table: &'a Table) -> Rows<'a> {
        Rows {
            count: table.rows,
            quasi: table.quasi.iter().map(|column| &column.codes).collect(),
            sensitive: table.sensitive.as_ref().map(|column| (&column.codes, column.values.len())),
            weights: None,
        }
    }

    fn weight(&self, row: usize) -> u32 {
        self.weights.map_or(1, |weights| weights.get(row).copied().unwrap_or(0))
    }
}

/// What a code adds to the number of its row.
enum Lut {
    Direct(u64),
    Table(Vec<u64>),
}

/// How the numbers of the rows are computed.
struct Plan<'a> {
    parts: Vec<(Source<'a>, Lut)>,
    /// How many numbers there may be.
    size: u64,
}

enum Source<'a> {
    Given(&'a Codes),
    Made(Codes),
}

impl<'a> Plan<'a> {
    /// `levels`: the step of each column, nothing for a column that is left out.
    fn new(rows: &Rows<'a>, ladders: &[Ladder], levels: &[Option<u8>]) -> Plan<'a> {
        let mut plan = Plan { parts: Vec::new(), size: 1 };
        for ((codes, ladder), level) in rows.quasi.iter().zip(ladders).zip(levels) {
            let Some(level) = level else { continue };
            let size = ladder.size(*level) as u64;
            if size <= 1 {
                continue;
            }
            if plan.size.checked_mul(size).is_none() {
                plan = plan.folded(rows.count);
            }
            let factor = plan.size;
            let lut = match ladder.map(*level) {
                None => Lut::Direct(factor),
                Some(map) => Lut::Table(map.iter().map(|label| u64::from(*label) * factor).collect()),
            };
            plan.parts.push((Source::Given(codes), lut));
            plan.size = plan.size.saturating_mul(size);
        }
        plan
    }

    /// The same classes with one column that numbers them: where the product of all columns would not fit.
    fn folded(self, count: usize) -> Plan<'a> {
        let mut numbers = vec![0; count];
        self.fill(0, &mut numbers);
        let mut all = numbers.clone();
        all.sort_unstable();
        all.dedup();
        let codes = numbers
            .iter()
            .map(|number| all.binary_search(number).map_or(0, |at| u32::try_from(at).unwrap_or(0)));
        let codes = Codes::of(codes);
        Plan { parts: vec![(Source::Made(codes), Lut::Direct(1))], size: all.len().max(1) as u64 }
    }

    /// The numbers of the rows from `start`.
    fn fill(&self, start: usize, numbers: &mut [u64]) {
        numbers.fill(0);
        for (source, lut) in &self.parts {
            let codes = match source {
                Source::Given(codes) => codes,
                Source::Made(codes) => codes,
            };
            match codes {
                Codes::U8(codes) => add(lut, codes.get(start..).unwrap_or_default(), numbers),
                Codes::U16(codes) => add(lut, codes.get(start..).unwrap_or_default(), numbers),
                Codes::U32(codes) => add(lut, codes.get(start..).unwrap_or_default(), numbers),
            }
        }
    }

    fn each(&self, range: Range<usize>, mut see: impl FnMut(usize, u64)) {
        let mut block = vec![0; BLOCK.min(range.len())];
        let mut start = range.start;
        while start < range.end {
            let length = BLOCK.min(range.end - start);
            let numbers = block.get_mut(..length).unwrap_or_default();
            self.fill(start, numbers);
            for (at, number) in numbers.iter().enumerate() {
                see(start + at, *number);
            }
            start += length;
        }
    }
}

fn add<C: Copy + Into<u32>>(lut: &Lut, codes: &[C], numbers: &mut [u64]) {
    match lut {
        Lut::Direct(factor) => {
            for (number, code) in numbers.iter_mut().zip(codes) {
                let code: u32 = (*code).into();
                *number += u64::from(code) * factor;
            }
        }
        Lut::Table(table) => {
            for (number, code) in numbers.iter_mut().zip(codes) {
                let code: u32 = (*code).into();
                *number += table.get(code as usize).copied().unwrap_or(0);
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Item {
    mixed: u64,
    sensitive: u32,
    weight: u32,
}

/// Buffers that are used again for every look at the table: of each thread, of each partition.
#[derive(Default)]
pub(super) struct Scratch {
    plain: Vec<Vec<Vec<u64>>>,
    rich: Vec<Vec<Vec<Item>>>,
}

/// Shows every class of a part to as many visitors as there are threads.
pub(super) fn visit<V: Visit>(
    rows: &Rows<'_>,
    ladders: &[Ladder],
    levels: &[Option<u8>],
    part: Part,
    threads: Threads,
    scratch: &mut Scratch,
    make: impl Fn() -> V + Sync,
) -> Vec<V> {
    let plan = Plan::new(rows, ladders, levels);
    let values = rows.sensitive.map_or(1, |(_, values)| values.max(1)) as u64;
    let dense = plan
        .size
        .checked_mul(values)
        .filter(|size| *size <= DENSE_MAX && *size <= (rows.count as u64 / 2).max(1 << 10));
    if let Some(size) = dense {
        return vec![dense_classes(rows, &plan, part, threads, (size, values), make())];
    }
    let count = threads.count();
    let bits = (rows.count / PARTITION_ROWS).max(1).ilog2().clamp(1, 12);
    let shift = 64 - bits;
    let partitions = 1_usize << bits;
    if rows.sensitive.is_none() && rows.weights.is_none() {
        let parts = &mut scratch.plain;
        scatter(parts, rows.count, (count, partitions), |range, parts| {
            plan.each(range, |_, number| {
                let mixed = mix(number);
                if part.holds(mixed)
                    && let Some(to) = parts.get_mut((mixed >> shift) as usize)
                {
                    to.push(mixed);
                }
            });
        });
        let parts = &*parts;
        return gather(count, make, |thread, visitor| {
            let mut counts = Counts::default();
            for partition in (thread..partitions).step_by(count) {
                let pieces = parts.iter().filter_map(|part| part.get(partition));
                counts.clear(pieces.clone().map(Vec::len).sum());
                pieces.flatten().for_each(|mixed| counts.add(*mixed, 1));
                counts.each(|mixed, rows| visitor.class(mixed, rows, &[]));
            }
        });
    }
    let parts = &mut scratch.rich;
    scatter(parts, rows.count, (count, partitions), |range, parts| {
        plan.each(range, |row, number| {
            let mixed = mix(number);
            if part.holds(mixed)
                && let Some(to) = parts.get_mut((mixed >> shift) as usize)
            {
                let sensitive = rows.sensitive.map_or(0, |(codes, _)| codes.at(row));
                to.push(Item { mixed, sensitive, weight: rows.weight(row) });
            }
        });
    });
    let parts = &*parts;
    gather(count, make, |thread, visitor| {
        let mut counts = Counts::default();
        let mut items: Vec<Item> = Vec::new();
        for partition in (thread..partitions).step_by(count) {
            let pieces = parts.iter().filter_map(|part| part.get(partition));
            if rows.sensitive.is_none() {
                counts.clear(pieces.clone().map(Vec::len).sum());
                pieces.flatten().for_each(|item| counts.add(item.mixed, u64::from(item.weight)));
                counts.each(|mixed, rows| visitor.class(mixed, rows, &[]));
            } else {
                items.clear();
                pieces.for_each(|piece| items.extend_from_slice(piece));
                sorted_classes(&mut items, visitor);
            }
        }
    })
}

/// Few combinations: an array of counts.
fn dense_classes<V: Visit>(
    rows: &Rows<'_>,
    plan: &Plan<'_>,
    part: Part,
    threads: Threads,
    (size, values): (u64, u64),
    mut visitor: V,
) -> V {
    let count_in = |range: Range<usize>| {
        let mut counts = vec![0_u32; size as usize];
        plan.each(range, |row, number| {
            let sensitive = rows.sensitive.map_or(0, |(codes, _)| u64::from(codes.at(row)));
            if let Some(count) = counts.get_mut((number * values + sensitive) as usize) {
                *count += rows.weight(row);
            }
        });
        counts
    };
    let mut all = vec![0_u32; 0];
    for counts in on_threads(threads.count(), rows.count, count_in) {
        if all.is_empty() {
            all = counts;
        } else {
            all.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    let mut spread = Vec::new();
    for (number, counts) in all.chunks(values as usize).enumerate() {
        let mixed = mix(number as u64);
        let total: u64 = counts.iter().map(|count| u64::from(*count)).sum();
        if total == 0 || !part.holds(mixed) {
            continue;
        }
        if rows.sensitive.is_some() {
            spread.clear();
            let there = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            spread.extend(there.map(|(value, count)| (value as u32, u64::from(*count))));
        }
        visitor.class(mixed, total, &spread);
    }
    visitor
}

fn sorted_classes(items: &mut [Item], visitor: &mut impl Visit) {
    items.sort_unstable_by_key(|item| (item.mixed, item.sensitive));
    let mut spread: Vec<(u32, u64)> = Vec::new();
    for class in items.chunk_by(|a, b| a.mixed == b.mixed) {
        spread.clear();
        let mut rows = 0;
        for same in class.chunk_by(|a, b| a.sensitive == b.sensitive) {
            let weight = same.iter().map(|item| u64::from(item.weight)).sum::<u64>();
            rows += weight;
            spread.extend(same.first().map(|item| (item.sensitive, weight)));
        }
        if let Some(first) = class.first() {
            visitor.class(first.mixed, rows, &spread);
        }
    }
}

/// Counts of the numbers of one partition.
#[derive(Default)]
struct Counts {
    keys: Vec<u64>,
    counts: Vec<u64>,
}

impl Counts {
    /// Room for `items` different numbers.
    fn clear(&mut self, items: usize) {
        let size = (items * 2).next_power_of_two().max(16);
        self.keys.resize(size, 0);
        self.counts.clear();
        self.counts.resize(size, 0);
    }

    fn add(&mut self, key: u64, weight: u64) {
        let mask = self.counts.len() - 1;
        let mut at = (key >> 4) as usize & mask;
        while let (Some(slot), Some(count)) = (self.keys.get_mut(at), self.counts.get_mut(at)) {
            if *count == 0 || *slot == key {
                *slot = key;
                *count += weight;
                return;
            }
            at = (at + 1) & mask;
        }
    }

    fn each(&self, mut see: impl FnMut(u64, u64)) {
        let mask = self.counts.len() - 1;
        for (key, count) in self.keys.iter().take(mask + 1).zip(&self.counts).filter(|(_, count)| **count > 0)
        {
            see(*key, *count);
        }
    }
}

fn scatter<T: Send>(
    parts: &mut Vec<Vec<Vec<T>>>,
    rows: usize,
    (threads, partitions): (usize, usize),
    fill: impl Fn(Range<usize>, &mut [Vec<T>]) + Sync,
) {
    parts.resize_with(threads, Vec::new);
    for part in parts.iter_mut() {
        part.iter_mut().for_each(Vec::clear);
        part.resize_with(partitions, Vec::new);
    }
    let share = rows.div_ceil(threads).max(1);
    std::thread::scope(|scope| {
        for (thread, part) in parts.iter_mut().enumerate() {
            let range = (thread * share).min(rows)..((thread + 1) * share).min(rows);
            let fill = &fill;
            scope.spawn(move || fill(range, part));
        }
    });
}

fn gather<V: Visit>(
    threads: usize,
    make: impl Fn() -> V + Sync,
    work: impl Fn(usize, &mut V) + Sync,
) -> Vec<V> {
    let mut visitors: Vec<V> = (0..threads).map(|_| make()).collect();
    std::thread::scope(|scope| {
        for (thread, visitor) in visitors.iter_mut().enumerate() {
            let work = &work;
            scope.spawn(move || work(thread, visitor));
        }
    });
    visitors
}

fn on_threads<R: Send>(threads: usize, rows: usize, work: impl Fn(Range<usize>) -> R + Sync) -> Vec<R> {
    let share = rows.div_ceil(threads).max(1);
    let mut results: Vec<Option<R>> = (0..threads).map(|_| None).collect();
    std::thread::scope(|scope| {
        for (thread, result) in results.iter_mut().enumerate() {
            let range = (thread * share).min(rows)..((thread + 1) * share).min(rows);
            let work = &work;
            scope.spawn(move || *result = Some(work(range)));
        }
    });
    results.into_iter().flatten().collect()
}

/// What the classes of a table look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// Number of rows.
    pub rows: u64,
    /// Number of classes by number of rows in them.
    pub sizes: BTreeMap<u64, u64>,
}

impl Measure {
    /// Number of classes.
    pub fn classes(&self) -> u64 {
        self.sizes.values().sum()
    }

    /// Rows of the smallest class; 0 in a table without rows.
    pub fn smallest(&self) -> u64 {
        self.sizes.keys().next().copied().unwrap_or(0)
    }

    /// Rows that lie in classes of fewer than `size` rows.
    pub fn rows_in_classes_below(&self, size: u64) -> u64 {
        self.sizes.range(..size).map(|(size, classes)| size * classes).sum()
    }

    /// Discernibility: for each row the number of rows it cannot be told from, summed up; `suppressed` rows cannot
    /// be told from any.
    pub fn discernibility(&self, suppressed: u64) -> u128 {
        let all = u128::from(self.rows + suppressed);
        let kept: u128 =
            self.sizes.iter().map(|(size, classes)| u128::from(*size).pow(2) * u128::from(*classes)).sum();
        kept + u128::from(suppressed) * all
    }
}

#[derive(Default)]
struct Histogram {
    small: Vec<u64>,
    large: BTreeMap<u64, u64>,
}

impl Visit for Histogram {
    fn class(&mut self, _: u64, rows: u64, _: &[(u32, u64)]) {
        match self.small.get_mut(rows as usize) {
            Some(count) => *count += 1,
            None => *self.large.entry(rows).or_default() += 1,
        }
    }
}

/// The classes of `table` when each column is at the step that `levels` says; a column without a step is left out.
pub fn measure(table: &Table, ladders: &[Ladder], levels: &[Option<u8>], threads: Threads) -> Measure {
    let rows = Rows { sensitive: None, ..Rows::of(table) };
    measure_with(&rows, ladders, levels, threads, &mut Scratch::default())
}

pub(super) fn measure_with(
    rows: &Rows<'_>,
    ladders: &[Ladder],
    levels: &[Option<u8>],
    threads: Threads,
    scratch: &mut Scratch,
) -> Measure {
    let make = || Histogram { small: vec![0; 1 << 10], large: BTreeMap::new() };
    let mut all = Measure::default();
    for part in visit(rows, ladders, levels, Part::All, threads, scratch, make) {
        let small = part.small.into_iter().enumerate().map(|(size, classes)| (size as u64, classes));
        for (size, classes) in small.chain(part.large).filter(|(_, classes)| *classes > 0) {
            *all.sizes.entry(size).or_default() += classes;
            all.rows += size * classes;
        }
    }
    all
}

/// The first row of each class, in the order of the sorted `classes`.
pub(super) fn first_rows(
    rows: &Rows<'_>,
    ladders: &[Ladder],
    levels: &[Option<u8>],
    classes: &[(u64, u64)],
) -> Vec<u32> {
    let plan = Plan::new(rows, ladders, levels);
    let mut firsts = vec![u32::MAX; classes.len()];
    plan.each(0..rows.count, |row, number| {
        let mixed = mix(number);
        let at = classes.partition_point(|(class, _)| *class < mixed);
        if let Some(first) = firsts.get_mut(at).filter(|first| **first == u32::MAX) {
            *first = row as u32;
        }
    });
    firsts
}

struct Failing<'a> {
    goal: &'a Goal,
    keys: Vec<u64>,
}

impl Visit for Failing<'_> {
    fn class(&mut self, mixed: u64, rows: u64, spread: &[(u32, u64)]) {
        if !self.goal.holds(rows, spread) {
            self.keys.push(mixed);
        }
    }
}

/// Which rows lie in classes that do not keep the goal at these steps, and the classes that are left.
pub fn suppressed(
    table: &Table,
    ladders: &[Ladder],
    levels: &[u8],
    goal: &Goal,
    threads: Threads,
) -> (Vec<bool>, Measure) {
    let levels: Vec<Option<u8>> = levels.iter().copied().map(Some).collect();
    let mut rows = Rows::of(table);
    if !goal.needs_sensitive() {
        rows.sensitive = None;
    }
    let mut scratch = Scratch::default();
    let make = || Failing { goal, keys: Vec::new() };
    let failing: HashSet<u64> = visit(&rows, ladders, &levels, Part::All, threads, &mut scratch, make)
        .into_iter()
        .flat_map(|part| part.keys)
        .collect();
    drop(scratch);
    let plan = Plan::new(&rows, ladders, &levels);
    let marked = on_threads(threads.count(), rows.count, |range| {
        let mut out = vec![false; range.len()];
        let start = range.start;
        plan.each(range, |row, number| {
            if let Some(out) = out.get_mut(row - start) {
                *out = failing.contains(&mix(number));
            }
        });
        out
    })
    .concat();
    let left: Vec<u32> = marked.iter().map(|out| u32::from(!*out)).collect();
    let rows = Rows { sensitive: None, weights: Some(&left), ..Rows::of(table) };
    let mut left = measure_with(&rows, ladders, &levels, threads, &mut Scratch::default());
    left.sizes.remove(&0);
    (marked, left)
}
