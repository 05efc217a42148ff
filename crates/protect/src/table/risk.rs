//! How easily a row is tied to a person, and what would help.

use super::classes::{Measure, Rows, Scratch, Threads, measure_with};
use super::codes::Table;
use super::ladder::Ladder;
use super::loss::ColumnLoss;

/// Risk figures of a table, from its classes alone.
///
/// * Prosecutor: who looks for a person knows that the person is in the table. The chance to pick the right row of a
///   class of n rows is 1/n.
/// * Journalist: who looks does not know it; the class in the whole population counts.
/// * Marketer: who looks wants as many persons as possible; the share of rows that are rightly tied on average.
#[derive(Clone, Debug, PartialEq)]
pub struct Risk {
    /// Number of rows.
    pub rows: u64,
    /// Number of classes.
    pub classes: u64,
    /// Rows of the smallest class.
    pub smallest: u64,
    /// Rows that stand alone in their class.
    pub unique: u64,
    /// Greatest prosecutor risk, 0 to 1.
    pub prosecutor_highest: f64,
    /// Mean prosecutor risk of the rows, which is the marketer risk when the table is the whole population.
    pub prosecutor_mean: f64,
    /// Rows whose prosecutor risk is above 0.05, 0.1, 0.2, 0.33, 0.5: those in classes of fewer than 20, 10, 5, 3
    /// and 2 rows … as (greatest class size that is still above, rows).
    pub rows_at_risk: Vec<(u64, u64)>,
    /// What is estimated for a population, when its size is given.
    pub journalist: Option<Journalist>,
}

/// Risk figures estimated for a population from which the table is a simple random sample.
///
/// How large a class of f rows is in the population is taken as negative binomial with the sampling fraction (the
/// model of Benedetti and Franconi, 1998); the risk is the expected 1/F given f.
#[derive(Clone, Debug, PartialEq)]
pub struct Journalist {
    /// Persons in the population.
    pub population: u64,
    /// Greatest risk of a row.
    pub highest: f64,
    /// Mean risk of the rows: the marketer risk.
    pub mean: f64,
    /// Expected number of rows that are unique in the population too.
    pub unique_in_population: f64,
}

impl Risk {
    /// The figures of a table with these classes; `population`: persons from whom the rows were drawn at random.
    pub fn of(measure: &Measure, population: Option<u64>) -> Risk {
        let classes = measure.classes();
        let smallest = measure.smallest();
        let highest = if smallest == 0 { 0.0 } else { 1.0 / smallest as f64 };
        Risk {
            rows: measure.rows,
            classes,
            smallest,
            unique: measure.sizes.get(&1).copied().unwrap_or(0),
            prosecutor_highest: highest,
            prosecutor_mean: classes as f64 / measure.rows.max(1) as f64,
            rows_at_risk: [1, 2, 4, 9, 19]
                .into_iter()
                .map(|size| (size, measure.rows_in_classes_below(size + 1)))
                .collect(),
            journalist: population.map(|population| journalist(measure, population)),
        }
    }
}

fn journalist(measure: &Measure, population: u64) -> Journalist {
    let population = population.max(measure.rows);
    let fraction = measure.rows as f64 / population.max(1) as f64;
    let mut result = Journalist { population, highest: 0.0, mean: 0.0, unique_in_population: 0.0 };
    for (size, classes) in &measure.sizes {
        let risk = expected_risk(*size, fraction);
        result.highest = result.highest.max(risk);
        result.mean += risk * (size * classes) as f64;
    }
    result.mean /= measure.rows.max(1) as f64;
    // A row that is alone in the sample is alone in the population with this chance.
    result.unique_in_population = measure.sizes.get(&1).copied().unwrap_or(0) as f64 * fraction;
    result
}

/// E(1/F) of a class of `size` rows of a sample with this fraction: π ∫₀¹ v^(f−1) / (π + (1−π) v) dv.
pub(super) fn expected_risk(size: u64, fraction: f64) -> f64 {
    let (taken, left) = (fraction, 1.0 - fraction);
    if size == 0 || taken <= 0.0 {
        return 0.0;
    }
    if left <= 0.0 {
        return 1.0 / size as f64;
    }
    if taken < 0.5 && size <= 30 {
        // From one size to the next; errors shrink because π < 1 − π.
        let mut risk = -taken * taken.ln() / left;
        for before in 1..size {
            risk = taken / left * (1.0 / before as f64 - risk);
        }
        return risk.clamp(0.0, 1.0 / size as f64);
    }
    // As a series in 1 − π, all of whose terms are positive.
    let size = size as f64;
    let (mut term, mut sum) = (1.0 / size, 0.0);
    let mut number = 0.0;
    while term > 1e-15 * sum && number < 1e6 {
        sum += term;
        number += 1.0;
        term *= left * number / (size + number);
    }
    taken * sum
}

/// A grade of how well persons are hidden. The criteria are this program's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grade {
    /// Every class has at least 20 rows (risk at most 0.05).
    A,
    /// Every class has at least 5 rows (risk at most 0.2).
    B,
    /// Some class is smaller, but at most one row in twenty lies in such a class.
    C,
    /// More rows than that lie in classes of fewer than 5.
    D,
}

/// The grade of a table with these classes.
pub fn grade(measure: &Measure) -> Grade {
    let below = |size| measure.rows_in_classes_below(size);
    if below(20) == 0 {
        Grade::A
    } else if below(5) == 0 {
        Grade::B
    } else if below(5).saturating_mul(20) <= measure.rows {
        Grade::C
    } else {
        Grade::D
    }
}

/// What some of the columns alone tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubsetRisk {
    /// Numbers of the columns.
    pub columns: Vec<usize>,
    /// Rows that these columns alone make unique.
    pub unique: u64,
    /// Rows in classes of fewer than 5 by these columns.
    pub below_five: u64,
    /// Rows of the smallest class.
    pub smallest: u64,
}

/// The risk by every combination of up to `columns_max` columns, as they stand at `levels`; those that make most rows
/// unique first. At most `most` combinations are looked at, small ones first.
pub fn subsets(
    table: &Table,
    ladders: &[Ladder],
    levels: &[u8],
    (columns_max, most): (usize, usize),
    threads: Threads,
    progress: &(dyn Fn(u64, u64) + Sync),
) -> Vec<SubsetRisk> {
    let mut all: Vec<Vec<usize>> = Vec::new();
    let mut last: Vec<Vec<usize>> = vec![Vec::new()];
    for _ in 0..columns_max.min(levels.len()) {
        last = last
            .iter()
            .flat_map(|set| {
                let from = set.last().map_or(0, |last| last + 1);
                (from..levels.len()).map(|column| [set.as_slice(), &[column]].concat())
            })
            .take(most.saturating_sub(all.len()))
            .collect();
        all.extend(last.iter().cloned());
    }
    let rows = Rows { sensitive: None, ..Rows::of(table) };
    let mut scratch = Scratch::default();
    let total = all.len() as u64;
    let mut risks: Vec<SubsetRisk> = Vec::new();
    for columns in all {
        progress(risks.len() as u64, total);
        let chosen: Vec<Option<u8>> = levels
            .iter()
            .enumerate()
            .map(|(number, level)| columns.contains(&number).then_some(*level))
            .collect();
        let measure = measure_with(&rows, ladders, &chosen, threads, &mut scratch);
        risks.push(SubsetRisk {
            unique: measure.sizes.get(&1).copied().unwrap_or(0),
            below_five: measure.rows_in_classes_below(5),
            smallest: measure.smallest(),
            columns,
        });
    }
    risks.sort_by(|a, b| {
        (b.unique, b.below_five, a.columns.len(), &a.columns).cmp(&(
            a.unique,
            a.below_five,
            b.columns.len(),
            &b.columns,
        ))
    });
    risks
}

/// What making one column coarser by a step would bring.
#[derive(Clone, Debug, PartialEq)]
pub struct Advice {
    /// Number of the column.
    pub column: usize,
    /// The step it would take.
    pub level: u8,
    /// Rows in classes of fewer than k afterwards.
    pub below_k: u64,
    /// Share of the column's bits that would be lost in addition.
    pub loss: f64,
}

/// For each column that can be made coarser from `levels` what its next step brings; the one that frees most rows for
/// what it loses first. Empty when every class has k rows already.
pub fn advise(
    table: &Table,
    ladders: &[Ladder],
    levels: &[u8],
    losses: &[ColumnLoss],
    k: u64,
    threads: Threads,
) -> Vec<Advice> {
    let rows = Rows { sensitive: None, ..Rows::of(table) };
    let mut scratch = Scratch::default();
    let mut look = |levels: &[u8]| {
        let levels: Vec<Option<u8>> = levels.iter().copied().map(Some).collect();
        let measure = measure_with(&rows, ladders, &levels, threads, &mut scratch);
        (measure.rows_in_classes_below(k), measure.classes())
    };
    let now = look(levels);
    if now.0 == 0 {
        return Vec::new();
    }
    let mut all: Vec<(Advice, u64)> = Vec::new();
    for (column, (ladder, loss)) in ladders.iter().zip(losses).enumerate() {
        let Some(level) = levels.get(column).copied().filter(|level| *level < ladder.top()) else { continue };
        let mut next = levels.to_vec();
        if let Some(place) = next.get_mut(column) {
            *place = level + 1;
        }
        let lost = loss.entropy(level + 1) - loss.entropy(level);
        let (below_k, classes) = look(&next);
        all.push((Advice { column, level: level + 1, below_k, loss: lost }, classes));
    }
    // Compared in whole numbers: rows freed for a thousandth of the bits; where none are, classes joined.
    let worth = |(advice, classes): &(Advice, u64)| {
        let price = ((advice.loss * 1000.0).round() as u64).max(1);
        let freed = now.0.saturating_sub(advice.below_k).saturating_mul(1000) / price;
        (freed, now.1.saturating_sub(*classes).saturating_mul(1000) / price)
    };
    all.sort_by(|a, b| worth(b).cmp(&worth(a)).then(a.0.column.cmp(&b.0.column)));
    all.into_iter().map(|(advice, _)| advice).collect()
}
