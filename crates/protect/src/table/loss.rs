//! How much is lost by making columns coarser.
//!
//! The loss by which [`super::search`] chooses is the non-uniform entropy loss: the bits that a column's labels still
//! tell of its values, as they are spread in the table, against all its bits. 0: nothing lost, 1: all. Beside it stands
//! the normalised certainty penalty over distinct values: the share of a column's other values that a label may also
//! stand for.

use super::codes::Table;
use super::ladder::Ladder;

/// One whole loss in the whole numbers by which losses are compared, so that no rounding decides.
const WHOLE: f64 = 1e12;

/// The losses of one column at each of its steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ColumnLoss {
    /// Share of the bits lost, in 10⁻¹²; rises from step to step.
    entropy: Vec<u64>,
    /// Normalised certainty penalty.
    certainty: Vec<f64>,
}

impl ColumnLoss {
    /// Share of the bits lost at a step, 0 to 1.
    pub fn entropy(&self, level: u8) -> f64 {
        self.units(level) as f64 / WHOLE
    }

    /// Share of the other values that a label may stand for, 0 to 1, on average over the rows.
    pub fn certainty(&self, level: u8) -> f64 {
        self.certainty.get(usize::from(level)).copied().unwrap_or(1.0)
    }

    pub(super) fn units(&self, level: u8) -> u64 {
        self.entropy.get(usize::from(level)).copied().unwrap_or(WHOLE as u64)
    }
}

/// The losses of a table that is made coarser and of which rows are left out.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Loss {
    /// Mean share of the bits lost, of all columns, of the rows that are kept.
    pub entropy: f64,
    /// Mean certainty penalty of all cells; 1 for the cells of rows that are left out.
    pub certainty: f64,
    /// Share of the rows that are left out.
    pub suppressed: f64,
}

impl Loss {
    /// The loss at `levels` when `suppressed` of `rows` rows are left out.
    pub fn of(columns: &[ColumnLoss], levels: &[u8], suppressed: u64, rows: u64) -> Loss {
        let mean = |of: &dyn Fn(&ColumnLoss, u8) -> f64| {
            columns.iter().zip(levels).map(|(column, level)| of(column, *level)).sum::<f64>()
                / columns.len().max(1) as f64
        };
        let suppressed = suppressed as f64 / rows.max(1) as f64;
        Loss {
            entropy: mean(&ColumnLoss::entropy),
            certainty: mean(&ColumnLoss::certainty) * (1.0 - suppressed) + suppressed,
            suppressed,
        }
    }
}

/// What each step of each column loses.
pub fn losses(table: &Table, ladders: &[Ladder]) -> Vec<ColumnLoss> {
    table
        .quasi
        .iter()
        .zip(ladders)
        .map(|(column, ladder)| {
            let counts = column.counts(table.rows);
            let all = bits(&counts, table.rows);
            let mut loss = ColumnLoss::default();
            for level in 0..=ladder.top() {
                let (labelled, leaves) = joined(&counts, ladder, level);
                let left = bits(&labelled, table.rows);
                let share = if all > 0.0 { (1.0 - left / all).clamp(0.0, 1.0) } else { 0.0 };
                let units = (share * WHOLE).round() as u64;
                // Steps only join; rounding must not say otherwise.
                let before = loss.entropy.last().copied().unwrap_or(0);
                loss.entropy.push(units.max(before));
                let others = counts.len().saturating_sub(1).max(1) as f64;
                let penalty = labelled
                    .iter()
                    .zip(&leaves)
                    .map(|(rows, leaves)| *rows as f64 * leaves.saturating_sub(1) as f64 / others);
                loss.certainty.push(penalty.sum::<f64>() / table.rows.max(1) as f64);
            }
            loss
        })
        .collect()
}

/// Rows and distinct values of each label.
fn joined(counts: &[u64], ladder: &Ladder, level: u8) -> (Vec<u64>, Vec<u64>) {
    let Some(map) = ladder.map(level) else { return (counts.to_vec(), vec![1; counts.len()]) };
    let mut rows = vec![0; ladder.size(level)];
    let mut leaves = vec![0; ladder.size(level)];
    for (label, count) in map.iter().zip(counts) {
        if let (Some(rows), Some(leaves)) = (rows.get_mut(*label as usize), leaves.get_mut(*label as usize)) {
            *rows += count;
            *leaves += 1;
        }
    }
    (rows, leaves)
}

/// Bits that the values tell, summed over the rows.
fn bits(counts: &[u64], rows: usize) -> f64 {
    let rows = rows.max(1) as f64;
    counts.iter().filter(|count| **count > 0).map(|count| *count as f64 * (rows / *count as f64).log2()).sum()
}
