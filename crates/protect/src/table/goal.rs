//! What classes must keep: k-anonymity, l-diversity, t-closeness.

use super::TableError;
use super::codes::Table;

/// How many values of the sensitive column a class must hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Diversity {
    /// At least so many distinct values.
    Distinct(u64),
    /// The entropy of the values is at least that of so many equally frequent ones.
    Entropy(u64),
}

/// How far apart values of the sensitive column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distance {
    /// Any two are equally far apart.
    Equal,
    /// As far as the number of values between them, in the order of their numbers.
    Ordered,
}

/// The spread of the sensitive values in a class may differ from that in the whole table by so much: earth mover's
/// distance, from 0 to 1.
#[derive(Clone, Debug)]
pub struct Closeness {
    threshold: f64,
    distance: Distance,
    /// Place of each value in the order, by number of the value.
    ranks: Vec<u32>,
    /// Share of each value in the table, by rank.
    shares: Vec<f64>,
    /// Shares of all values up to each, and the sums of these.
    sums: Vec<f64>,
    sums_of_sums: Vec<f64>,
}

/// Differences below this come from rounding.
const ROUNDING: f64 = 1e-9;

impl Closeness {
    /// `threshold` from 0 to 1, for the sensitive column of `table` as it stands, suppressed rows included.
    ///
    /// # Errors
    /// When the threshold is out of range, there is no sensitive column, or [`Distance::Ordered`] is asked for and
    /// not every value is a number.
    pub fn new(table: &Table, threshold: f64, distance: Distance) -> Result<Closeness, TableError> {
        if !(0.0..=1.0).contains(&threshold) {
            return Err(TableError::Goal("t is a number from 0 to 1".into()));
        }
        let Some(column) = &table.sensitive else {
            return Err(TableError::Goal("t-closeness needs a sensitive column".into()));
        };
        let values = column.values.len();
        let mut order: Vec<usize> = (0..values).collect();
        if distance == Distance::Ordered {
            let numbers: Option<Vec<f64>> = column.values.iter().map(number).collect();
            let Some(numbers) = numbers else {
                return Err(TableError::Goal(format!(
                    "the ordered distance needs numbers, and not every value of column `{}` is one; use the equal distance",
                    column.name
                )));
            };
            order.sort_by(|a, b| {
                let key = |at: &usize| numbers.get(*at).copied().unwrap_or(0.0);
                key(a).total_cmp(&key(b)).then(a.cmp(b))
            });
        }
        let counts = column.counts(table.rows);
        let rows = table.rows.max(1) as f64;
        let mut closeness = Closeness {
            threshold,
            distance,
            ranks: vec![0; values],
            shares: Vec::with_capacity(values),
            sums: Vec::with_capacity(values),
            sums_of_sums: Vec::with_capacity(values),
        };
        let (mut sum, mut sum_of_sums) = (0_u64, 0.0);
        for (rank, value) in order.into_iter().enumerate() {
            if let Some(place) = closeness.ranks.get_mut(value) {
                *place = rank as u32;
            }
            let count = counts.get(value).copied().unwrap_or(0);
            sum += count;
            closeness.shares.push(count as f64 / rows);
            closeness.sums.push(sum as f64 / rows);
            sum_of_sums += sum as f64 / rows;
            closeness.sums_of_sums.push(sum_of_sums);
        }
        Ok(closeness)
    }

    /// The earth mover's distance of a class from the table.
    pub fn distance(&self, rows: u64, spread: &[(u32, u64)]) -> f64 {
        let rows = rows.max(1) as f64;
        let ranked = spread.iter().map(|(value, count)| {
            (self.ranks.get(*value as usize).map_or(0, |rank| *rank as usize), *count as f64 / rows)
        });
        match self.distance {
            Distance::Equal => {
                let (mut apart, mut there) = (0.0, 0.0);
                for (rank, share) in ranked {
                    let whole = self.shares.get(rank).copied().unwrap_or(0.0);
                    apart += (share - whole).abs();
                    there += whole;
                }
                (apart + (1.0 - there)) / 2.0
            }
            Distance::Ordered => {
                let mut ranked: Vec<(usize, f64)> = ranked.collect();
                ranked.sort_by_key(|(rank, _)| *rank);
                let (mut from, mut level, mut work) = (0, 0.0, 0.0);
                for (rank, share) in ranked {
                    work += self.between(from, rank, level);
                    level += share;
                    from = rank;
                }
                work += self.between(from, self.sums.len(), level);
                work / (self.sums.len().saturating_sub(1).max(1)) as f64
            }
        }
    }

    /// Sum of the distances of `level` from the cumulative shares of the ranks `from..to`.
    fn between(&self, from: usize, to: usize, level: f64) -> f64 {
        let sums = self.sums.get(from..to).unwrap_or_default();
        let middle = from + sums.partition_point(|sum| *sum <= level);
        let upto =
            |at: usize| at.checked_sub(1).and_then(|at| self.sums_of_sums.get(at)).copied().unwrap_or(0.0);
        let below = level * (middle - from) as f64 - (upto(middle) - upto(from));
        let above = (upto(to) - upto(middle)) - level * (to - middle) as f64;
        below.max(0.0) + above.max(0.0)
    }
}

/// What every class must keep, and how many rows may be left out for it.
#[derive(Clone, Debug)]
pub struct Goal {
    /// Least number of rows of a class.
    pub k: u64,
    /// Values of the sensitive column in a class.
    pub diversity: Option<Diversity>,
    /// Spread of the sensitive column in a class.
    pub closeness: Option<Closeness>,
    /// Most rows that may be suppressed.
    pub rows_suppressed_max: u64,
}

impl Goal {
    /// Whether the classes' sensitive values matter.
    pub fn needs_sensitive(&self) -> bool {
        self.diversity.is_some() || self.closeness.is_some()
    }

    /// Whether a class keeps the goal.
    pub fn holds(&self, rows: u64, spread: &[(u32, u64)]) -> bool {
        self.holds_lasting(rows, spread)
            && match self.diversity {
                Some(Diversity::Entropy(l)) => entropy(rows, spread) >= (l as f64).ln() - ROUNDING,
                _ => true,
            }
            && self
                .closeness
                .as_ref()
                .is_none_or(|closeness| closeness.distance(rows, spread) <= closeness.threshold + ROUNDING)
    }

    /// The part of the goal that a class never loses when others are joined to it: its size and number of values.
    pub(super) fn holds_lasting(&self, rows: u64, spread: &[(u32, u64)]) -> bool {
        let values = match self.diversity {
            Some(Diversity::Distinct(l) | Diversity::Entropy(l)) => l,
            None => 0,
        };
        rows >= self.k && (spread.len() as u64 >= values || self.diversity.is_none())
    }

    /// Whether making columns coarser can never push rows out: then what fails at a step fails at all finer ones.
    /// Joining a good class with a bad one can spoil entropy and closeness, which matters once rows may be left out.
    pub(super) fn is_monotone(&self) -> bool {
        let spoils = self.closeness.is_some() || matches!(self.diversity, Some(Diversity::Entropy(_)));
        !spoils || self.rows_suppressed_max == 0
    }
}

fn entropy(rows: u64, spread: &[(u32, u64)]) -> f64 {
    let rows = rows.max(1) as f64;
    spread.iter().map(|(_, count)| *count as f64 / rows).map(|share| -share * share.ln()).sum()
}

/// A number as people write it: `12,345.6`, `1.5万`, `￥800元`.
pub(super) fn number(text: &str) -> Option<f64> {
    let text = text.trim().trim_start_matches(['¥', '￥']).trim();
    let end = text.find(|c: char| !matches!(c, '0'..='9' | ',' | '.' | '-' | '+')).unwrap_or(text.len());
    let (digits, unit) = text.split_at_checked(end)?;
    let factor = match unit.trim() {
        "" | "元" | "岁" | "%" | "％" => 1.0,
        "万" | "万元" => 10_000.0,
        _ => return None,
    };
    let digits: String = digits.chars().filter(|c| *c != ',').collect();
    let number: f64 = digits.parse().ok()?;
    number.is_finite().then_some(number * factor)
}
