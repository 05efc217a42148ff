//! Arithmetic that gives the same bits on every machine.
//!
//! Every sum is taken in the same order whatever the width of the vectors, no product is fused with a sum, and
//! the exponential is a polynomial of its own: a library's would differ from system to system. So a processor
//! with wider vectors is only quicker.

/// Columns of a panel: what one step of the inner loop works on. With four rows they just fit the registers of
/// AVX2.
const PANEL: usize = 16;
/// Rows that share one reading of a panel.
const ROWS: usize = 4;

/// A matrix laid out for [`multiply`]: panels of sixteen columns, within a panel row by row.
pub(crate) struct Matrix {
    panels: Vec<[f32; PANEL]>,
    rows: usize,
    columns: usize,
}

impl Matrix {
    /// The matrix of `rows` × `columns` whose entry at row r and column c is `at(r, c)`; columns are filled up
    /// with zeros to a multiple of sixteen.
    pub(crate) fn new(rows: usize, columns: usize, at: impl Fn(usize, usize) -> f32) -> Matrix {
        let mut panels = Vec::with_capacity(rows * columns.div_ceil(PANEL));
        for first in (0..columns).step_by(PANEL) {
            for row in 0..rows {
                let mut cells = [0.0; PANEL];
                for (offset, cell) in cells.iter_mut().enumerate() {
                    if first + offset < columns {
                        *cell = at(row, first + offset);
                    }
                }
                panels.push(cells);
            }
        }
        Matrix { panels, rows, columns: columns.next_multiple_of(PANEL) }
    }

    /// Columns with those that were filled up.
    #[cfg(test)]
    pub(crate) fn columns(&self) -> usize {
        self.columns
    }
}

/// Room for [`multiply`].
#[derive(Default)]
pub(crate) struct Scratch {
    packed: Vec<[f32; ROWS]>,
}

/// `out = bias + x · matrix`, for as many rows as `x` has; `out` has a row of `matrix.columns()` for each.
#[multiversion::multiversion(targets("x86_64+avx2"))]
pub(crate) fn multiply(x: &[f32], matrix: &Matrix, bias: &[f32], out: &mut [f32], scratch: &mut Scratch) {
    let (inner, columns) = (matrix.rows, matrix.columns);
    let mut blocks = x.chunks_exact(inner * ROWS);
    let mut results = out.chunks_exact_mut(columns * ROWS);
    for (block, result) in blocks.by_ref().zip(results.by_ref()) {
        // Side by side, so that the inner loop reads in one direction.
        scratch.packed.clear();
        scratch.packed.resize(inner, [0.0; ROWS]);
        for (lane, row) in block.chunks_exact(inner).enumerate() {
            for (cell, value) in scratch.packed.iter_mut().zip(row) {
                if let Some(slot) = cell.get_mut(lane) {
                    *slot = *value;
                }
            }
        }
        for ((index, panel), bias) in
            matrix.panels.chunks_exact(inner).enumerate().zip(bias.as_chunks::<PANEL>().0)
        {
            let sums = dot(&scratch.packed, panel, bias);
            for (row, sum) in result.chunks_exact_mut(columns).zip(sums) {
                if let Some(cells) = row.get_mut(index * PANEL..(index + 1) * PANEL) {
                    cells.copy_from_slice(&sum);
                }
            }
        }
    }
    let rest = results.into_remainder();
    for (row, result) in blocks.remainder().chunks_exact(inner).zip(rest.chunks_exact_mut(columns)) {
        let row = row.as_chunks::<1>().0;
        for ((panel, bias), cells) in
            matrix.panels.chunks_exact(inner).zip(bias.as_chunks::<PANEL>().0).zip(result.as_chunks_mut().0)
        {
            let [sum] = dot(row, panel, bias);
            *cells = sum;
        }
    }
}

/// The products of the columns of a panel with `N` rows; each sum runs from the first entry to the last.
#[inline(always)]
fn dot<const N: usize>(x: &[[f32; N]], panel: &[[f32; PANEL]], bias: &[f32; PANEL]) -> [[f32; PANEL]; N] {
    let mut sums = [*bias; N];
    for (values, weights) in x.iter().zip(panel) {
        for (sum, value) in sums.iter_mut().zip(values) {
            for (total, weight) in sum.iter_mut().zip(weights) {
                *total += value * weight;
            }
        }
    }
    sums
}

/// e to the power of x, for |x| up to 87; beyond that as at 87. Off by less than three units of the last place.
#[inline(always)]
#[expect(clippy::excessive_precision, reason = "the constants as they were fitted")]
pub(crate) fn exp(x: f32) -> f32 {
    /// Adding it leaves the nearest whole number in the lowest bits.
    const ROUND: f32 = 12_582_912.0;
    let x = x.clamp(-87.0, 87.0);
    let rounded = x * std::f32::consts::LOG2_E + ROUND;
    let whole = rounded - ROUND;
    let rest = x - whole * 0.693_359_375 + whole * 2.121_944_4e-4;
    let power = 1.987_569_15e-4 * rest + 1.398_199_95e-3;
    let power = power * rest + 8.333_451_9e-3;
    let power = power * rest + 4.166_579_6e-2;
    let power = power * rest + 1.666_666_55e-1;
    let power = power * rest + 5.000_000_1e-1;
    let power = power * rest * rest + rest + 1.0;
    power * f32::from_bits((rounded.to_bits() << 23).wrapping_add(127 << 23))
}

/// 1 / (1 + e⁻ˣ).
#[inline(always)]
pub(crate) fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + exp(-x))
}

/// The hyperbolic tangent.
#[inline(always)]
pub(crate) fn tanh(x: f32) -> f32 {
    2.0 * sigmoid(2.0 * x) - 1.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_product_is_the_plain_sum_whatever_the_number_of_rows() {
        let (inner, columns) = (5, 11);
        let at = |r: usize, c: usize| ((r * 7 + c * 3) % 13) as f32 / 7.0 - 0.8;
        let matrix = Matrix::new(inner, columns, at);
        let bias: Vec<f32> = (0..16).map(|c| c as f32 / 3.0).collect();
        for rows in [0, 1, 3, 4, 5, 9] {
            let x: Vec<f32> = (0..rows * inner).map(|i| (i % 9) as f32 / 5.0 - 0.7).collect();
            let mut out = vec![0.0; rows * matrix.columns()];
            multiply(&x, &matrix, &bias, &mut out, &mut Scratch::default());
            for row in 0..rows {
                for column in 0..columns {
                    let mut sum = bias[column];
                    for k in 0..inner {
                        sum += x[row * inner + k] * at(k, column);
                    }
                    // To the bit: the order of the sum is the same.
                    assert_eq!(out[row * matrix.columns() + column], sum, "{rows} {row} {column}");
                }
            }
        }
    }

    #[test]
    fn the_curves_are_those_of_the_library_within_rounding() {
        for step in -8_000..=8_000 {
            let x = step as f32 / 100.0;
            let exact = f64::from(x).exp();
            assert!((f64::from(exp(x)) / exact - 1.0).abs() < 3e-7, "exp {x}");
            assert!((f64::from(sigmoid(x)) - 1.0 / (1.0 + f64::from(-x).exp())).abs() < 2e-7, "sigmoid {x}");
            assert!((f64::from(tanh(x)) - f64::from(x).tanh()).abs() < 3e-7, "tanh {x}");
        }
        assert_eq!(exp(-1000.0), exp(-87.0));
        assert_eq!(exp(1000.0), exp(87.0));
    }

    #[test]
    fn the_bits_are_the_same_on_every_machine() {
        let bits: Vec<u32> = [-20.5f32, -1.0, -0.1, 0.0, 0.3, 2.0, 33.3].map(|x| exp(x).to_bits()).to_vec();
        assert_eq!(bits, EXP_BITS);
    }

    const EXP_BITS: [u32; 7] =
        [816566744, 1052531378, 1063756653, 1065353216, 1068288044, 1089237798, 1468252666];
}
