//! The combination of steps that loses least of all that keep the goal.
//!
//! Combinations form a lattice: one is above another when no column of it is less coarse. What fails fails for all
//! below it, and what loses more than the best known needs no look. The walk starts at the top and goes down to a
//! combination below which everything fails; pairs of columns then rule out most of the rest; what is left is looked at
//! from the greatest loss below the best, which rules out most at once. When nothing is left, the best is the best.

use super::TableError;
use super::classes::{Part, Rows, Scratch, Threads, Visit, visit};
use super::codes::{Codes, Table};
use super::goal::Goal;
use super::ladder::Ladder;
use super::loss::ColumnLoss;
use std::collections::BTreeMap;

/// Most combinations that are searched: a byte and a number each are held in memory.
const COMBINATIONS_MAX: u128 = 1 << 24;
/// In tables with more rows a sixteenth of the classes is looked at first: most of what fails fails there.
const ROWS_TO_SAMPLE: usize = 1 << 17;

/// What a search finds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The step of each column.
    pub levels: Vec<u8>,
    /// How many combinations there are.
    pub combinations: u64,
    /// How many were looked at; the others were ruled out.
    pub looked_at: u64,
}

/// Finds the combination of steps with the least entropy loss (mean of the columns) of all that keep the goal when
/// at most [`Goal::rows_suppressed_max`] rows are left out; of equal ones the first in the order of the columns.
///
/// * `losses`: of [`super::losses`] for the same table and ladders.
/// * `progress` is told how many combinations are settled, of how many.
///
/// # Errors
/// When nothing keeps the goal, there are too many combinations, or the goal makes no sense.
pub fn search(
    table: &Table,
    ladders: &[Ladder],
    losses: &[ColumnLoss],
    goal: &Goal,
    threads: Threads,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Result<Found, TableError> {
    if goal.k == 0 {
        return Err(TableError::Goal("k is at least 1".into()));
    }
    if goal.needs_sensitive() && table.sensitive.is_none() {
        return Err(TableError::Goal("l-diversity and t-closeness need a sensitive column".into()));
    }
    let lattice = Lattice::new(ladders, losses)?;
    let compact = Compact::new(table, goal, threads);
    let mut search = Search {
        rows: compact.rows(table, goal),
        ladders,
        goal,
        threads,
        scratch: Scratch::default(),
        ruled_out: vec![false; lattice.size],
        known: BTreeMap::new(),
        looked_at: 0,
        lattice,
    };
    search.run(progress)
}

/// The lattice as numbers: mixed radix, the first column counting most.
struct Lattice {
    tops: Vec<u8>,
    /// Number of combinations of the columns behind each.
    strides: Vec<usize>,
    /// Loss of each column at each step.
    units: Vec<Vec<u64>>,
    size: usize,
}

impl Lattice {
    fn new(ladders: &[Ladder], losses: &[ColumnLoss]) -> Result<Lattice, TableError> {
        let tops: Vec<u8> = ladders.iter().map(Ladder::top).collect();
        let combinations = tops.iter().map(|top| u128::from(*top) + 1).fold(1_u128, u128::saturating_mul);
        if combinations > COMBINATIONS_MAX {
            return Err(TableError::TooManyCombinations { combinations, max: COMBINATIONS_MAX });
        }
        let mut strides = vec![1; tops.len()];
        let mut size = 1;
        for (stride, top) in strides.iter_mut().zip(&tops).rev() {
            *stride = size;
            size *= usize::from(*top) + 1;
        }
        let units = losses
            .iter()
            .zip(&tops)
            .map(|(loss, top)| (0..=*top).map(|level| loss.units(level)).collect())
            .collect();
        Ok(Lattice { tops, strides, units, size })
    }

    fn levels(&self, index: usize) -> Vec<u8> {
        let levels = self.strides.iter().zip(&self.tops);
        levels.map(|(stride, top)| (index / stride % (usize::from(*top) + 1)) as u8).collect()
    }

    fn index(&self, levels: &[u8]) -> usize {
        levels.iter().zip(&self.strides).map(|(level, stride)| usize::from(*level) * stride).sum()
    }

    fn loss(&self, index: usize) -> u64 {
        let columns = self.strides.iter().zip(&self.tops).zip(&self.units);
        columns
            .map(|((stride, top), units)| {
                units.get(index / stride % (usize::from(*top) + 1)).copied().unwrap_or(0)
            })
            .sum()
    }

    /// The combinations that are less coarse by one step of one column.
    fn below(&self, index: usize) -> impl Iterator<Item = usize> {
        self.strides
            .iter()
            .zip(&self.tops)
            .filter(move |(stride, top)| !(index / **stride).is_multiple_of(usize::from(**top) + 1))
            .map(move |(stride, _)| index - stride)
    }
}

/// The rows with equal ones joined, where that makes the table much smaller.
struct Compact {
    joined: Option<Joined>,
}

struct Joined {
    quasi: Vec<Codes>,
    sensitive: Option<Codes>,
    weights: Vec<u32>,
}

struct Firsts {
    classes: Vec<(u64, u64)>,
    max: usize,
}

impl Visit for Firsts {
    fn class(&mut self, mixed: u64, rows: u64, _: &[(u32, u64)]) {
        if self.classes.len() < self.max {
            self.classes.push((mixed, rows));
        }
    }
}

impl Compact {
    /// Joins rows that are equal in everything that counts when a third is left at most.
    fn new(table: &Table, goal: &Goal, threads: Threads) -> Compact {
        let max = table.rows / 3;
        if max == 0 {
            return Compact { joined: None };
        }
        let mut rows = Rows { sensitive: None, ..Rows::of(table) };
        let mut levels: Vec<Option<u8>> = vec![Some(0); table.quasi.len()];
        let mut all: Vec<Ladder> = table.quasi.iter().map(Ladder::as_is).collect();
        // The sensitive column is one more to be equal in.
        if let Some(column) = table.sensitive.as_ref().filter(|_| goal.needs_sensitive()) {
            rows.quasi.push(&column.codes);
            levels.push(Some(0));
            all.push(Ladder::as_is(column));
        }
        let make = || Firsts { classes: Vec::new(), max };
        let parts = visit(&rows, &all, &levels, Part::All, threads, &mut Scratch::default(), make);
        let mut classes: Vec<(u64, u64)> = parts.into_iter().flat_map(|part| part.classes).collect();
        if classes.len() >= max {
            return Compact { joined: None };
        }
        classes.sort_unstable();
        let firsts = super::classes::first_rows(&rows, &all, &levels, &classes);
        let take = |codes: &Codes| Codes::of(firsts.iter().map(|row| codes.at(*row as usize)));
        let sensitive = table.sensitive.as_ref().filter(|_| goal.needs_sensitive());
        Compact {
            joined: Some(Joined {
                quasi: table.quasi.iter().map(|column| take(&column.codes)).collect(),
                sensitive: sensitive.map(|column| take(&column.codes)),
                weights: classes.iter().map(|(_, rows)| u32::try_from(*rows).unwrap_or(u32::MAX)).collect(),
            }),
        }
    }

    fn rows<'a>(&'a self, table: &'a Table, goal: &Goal) -> Rows<'a> {
        match &self.joined {
            None => {
                let rows = Rows::of(table);
                Rows { sensitive: rows.sensitive.filter(|_| goal.needs_sensitive()), ..rows }
            }
            Some(joined) => Rows {
                count: joined.weights.len(),
                quasi: joined.quasi.iter().collect(),
                sensitive: joined
                    .sensitive
                    .as_ref()
                    .zip(table.sensitive.as_ref())
                    .map(|(codes, column)| (codes, column.values.len())),
                weights: Some(&joined.weights),
            },
        }
    }
}

/// Rows in classes that fail.
struct Bad<'a> {
    goal: &'a Goal,
    /// Only what classes never lose is asked for.
    lasting: bool,
    rows: u64,
}

impl Visit for Bad<'_> {
    fn class(&mut self, _: u64, rows: u64, spread: &[(u32, u64)]) {
        let holds =
            if self.lasting { self.goal.holds_lasting(rows, spread) } else { self.goal.holds(rows, spread) };
        if !holds {
            self.rows += rows;
        }
    }
}

struct Search<'a> {
    rows: Rows<'a>,
    ladders: &'a [Ladder],
    goal: &'a Goal,
    threads: Threads,
    scratch: Scratch,
    lattice: Lattice,
    ruled_out: Vec<bool>,
    /// What was looked at and keeps the goal.
    known: BTreeMap<usize, bool>,
    looked_at: u64,
}

impl Search<'_> {
    fn run(&mut self, progress: &(dyn Fn(u64, u64) + Sync)) -> Result<Found, TableError> {
        let total = self.lattice.size as u64;
        let top = self.lattice.size - 1;
        let monotone = self.goal.is_monotone();
        if !self.keeps(top, !monotone) {
            return Err(self.unreachable());
        }
        // Everything first with what rules out for good; without suppression that is the whole goal.
        let mut best = self.descend(top, !monotone);
        self.pairs(!monotone, progress);
        let mut order: Vec<(u64, u32)> = Vec::with_capacity(self.lattice.size);
        order.extend((0..self.lattice.size).map(|index| (self.lattice.loss(index), index as u32)));
        order.sort_unstable();
        let place = |index: usize, order: &[(u64, u32)], lattice: &Lattice| {
            order.partition_point(|other| *other < (lattice.loss(index), index as u32))
        };
        let mut at = place(best, &order, &self.lattice);
        while let Some((_, index)) = at.checked_sub(1).and_then(|at| order.get(at)).copied() {
            at -= 1;
            let index = index as usize;
            progress(total - at as u64, total);
            if self.is_ruled_out(index) || !self.keeps(index, !monotone) {
                continue;
            }
            best = self.descend(index, !monotone);
            at = place(best, &order, &self.lattice);
        }
        if !monotone {
            // The rest of the goal can come and go, so that every combination is looked at from the least loss.
            let from = place(best, &order, &self.lattice);
            let rest = order.get(from..).unwrap_or_default();
            let mut found = None;
            for (number, (_, index)) in rest.iter().enumerate() {
                progress(number as u64, rest.len() as u64);
                let index = *index as usize;
                if !self.is_ruled_out(index) && self.look(index, false) {
                    found = Some(index);
                    break;
                }
            }
            best = found.ok_or_else(|| self.unreachable())?;
        }
        progress(total, total);
        Ok(Found { levels: self.lattice.levels(best), combinations: total, looked_at: self.looked_at })
    }

    fn unreachable(&self) -> TableError {
        let rows: u64 = self
            .rows
            .weights
            .map_or(self.rows.count as u64, |weights| weights.iter().map(|weight| u64::from(*weight)).sum());
        let why = if rows < self.goal.k {
            format!("the table has {rows} rows, fewer than k = {}", self.goal.k)
        } else if self.ladders.iter().any(|ladder| ladder.size(ladder.top()) > 1) {
            "a column whose hierarchy does not end in `*` keeps rows apart; use another hierarchy, or let more rows be suppressed".into()
        } else {
            "the whole table as one class does not keep it; lower l, or raise t".into()
        };
        TableError::Unreachable { why }
    }

    fn is_ruled_out(&self, index: usize) -> bool {
        self.ruled_out.get(index).copied().unwrap_or(true)
    }

    /// Goes down, by the step that wins back most, until everything below fails.
    fn descend(&mut self, from: usize, lasting: bool) -> usize {
        let mut at = from;
        loop {
            let mut below: Vec<(u64, usize)> =
                self.lattice.below(at).map(|index| (self.lattice.loss(index), index)).collect();
            below.sort_unstable();
            match below
                .into_iter()
                .find(|(_, index)| !self.is_ruled_out(*index) && self.keeps(*index, lasting))
            {
                Some((_, index)) => at = index,
                None => return at,
            }
        }
    }

    /// Looks at each pair of columns alone, the others at their tops: a pair that fails rules out much.
    fn pairs(&mut self, lasting: bool, progress: &(dyn Fn(u64, u64) + Sync)) {
        let tops = self.lattice.tops.clone();
        if tops.len() < 3 {
            return;
        }
        for first in 0..tops.len() {
            for second in first + 1..tops.len() {
                progress((first * tops.len() + second) as u64, (tops.len() * tops.len()) as u64);
                self.pair(&tops, first, second, lasting);
            }
        }
    }

    /// Walks along the line between what fails and what does not.
    fn pair(&mut self, tops: &[u8], first: usize, second: usize, lasting: bool) {
        let (Some(first_top), Some(second_top)) = (tops.get(first), tops.get(second)) else { return };
        let (mut one, mut other) = (0, *second_top);
        loop {
            let mut levels = tops.to_vec();
            if let Some(level) = levels.get_mut(first) {
                *level = one;
            }
            if let Some(level) = levels.get_mut(second) {
                *level = other;
            }
            let index = self.lattice.index(&levels);
            if self.is_ruled_out(index) || !self.keeps(index, lasting) {
                one += 1;
                if one > *first_top {
                    return;
                }
            } else if other == 0 {
                return;
            } else {
                other -= 1;
            }
        }
    }

    /// Looks at a combination; when it fails, it and all below are ruled out.
    fn keeps(&mut self, index: usize, lasting: bool) -> bool {
        if let Some(known) = self.known.get(&index) {
            return *known;
        }
        let keeps = self.look(index, lasting);
        if keeps {
            self.known.insert(index, true);
        } else {
            self.rule_out(index);
        }
        keeps
    }

    /// Marks everything at or below `index`. What lies below something marked is marked already.
    fn rule_out(&mut self, index: usize) {
        let mut open = vec![index];
        while let Some(index) = open.pop() {
            match self.ruled_out.get_mut(index) {
                Some(mark) if !*mark => *mark = true,
                _ => continue,
            }
            open.extend(self.lattice.below(index));
        }
    }

    /// Whether no more rows than allowed lie in classes that fail.
    fn look(&mut self, index: usize, lasting: bool) -> bool {
        self.looked_at += 1;
        let levels: Vec<Option<u8>> = self.lattice.levels(index).into_iter().map(Some).collect();
        let mut bad = 0;
        let parts: &[Part] =
            if self.rows.count > ROWS_TO_SAMPLE { &[Part::First, Part::Rest] } else { &[Part::All] };
        for part in parts {
            let make = || Bad { goal: self.goal, lasting, rows: 0 };
            let visitors =
                visit(&self.rows, self.ladders, &levels, *part, self.threads, &mut self.scratch, make);
            bad += visitors.iter().map(|visitor| visitor.rows).sum::<u64>();
            if bad > self.goal.rows_suppressed_max {
                return false;
            }
        }
        true
    }
}
