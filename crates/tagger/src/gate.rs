//! A first look at every clause that is cheap enough for text without people.
//!
//! A small linear model over pairs of characters says where a name may begin; only clauses in which it does
//! anywhere are read by the tagger.

use crate::error::TaggerError;

/// Bits of the number of a row.
const BITS: u32 = 17;
/// Number of rows.
pub const GATE_ROWS: usize = 1 << BITS;
/// Number of features of a character.
pub const GATE_FEATURES: usize = 6;

/// Rows of the character `c` between `before` and `after`, `after2`.
#[inline]
pub const fn gate_rows(before: u16, c: u16, after: u16, after2: u16) -> [usize; GATE_FEATURES] {
    [
        row(1, c as u32, 0),
        row(2, before as u32, c as u32),
        row(3, c as u32, after as u32),
        row(4, after as u32, after2 as u32),
        row(5, before as u32, after as u32),
        row(6, before as u32 ^ (c as u32).rotate_left(9), after as u32),
    ]
}

#[inline]
const fn row(number: u32, a: u32, b: u32) -> usize {
    let x = (a << 16 | b).wrapping_add(number.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0x9E37_79B1);
    ((x ^ x >> 15).wrapping_mul(0x2C1B_3C6D) >> (32 - BITS)) as usize
}

/// Weights of the first look.
pub struct Gate {
    weights: Vec<i8>,
    threshold: i32,
}

impl Gate {
    /// Puts a gate together; it opens where the weights add up to `threshold` or more.
    ///
    /// # Errors
    /// [`TaggerError::Weights`] when the number of weights is wrong.
    pub fn new(weights: Vec<i8>, threshold: i32) -> Result<Gate, TaggerError> {
        if weights.len() != GATE_ROWS {
            return Err(TaggerError::Weights { reason: "wrong number of gate rows" });
        }
        Ok(Gate { weights, threshold })
    }

    /// Changes the threshold.
    pub fn set_threshold(&mut self, threshold: i32) {
        self.threshold = threshold;
    }

    /// What the weights add up to at a character.
    #[inline]
    pub fn score(&self, before: u16, c: u16, after: u16, after2: u16) -> i32 {
        gate_rows(before, c, after, after2)
            .iter()
            // Rows come from a hash of exactly as many bits as there are weights.
            .map(|row| i32::from(self.weights[row & (GATE_ROWS - 1)]))
            .sum()
    }

    /// Whether a name may begin anywhere in `chars`.
    #[inline]
    pub fn opens(&self, chars: &[u16]) -> bool {
        self.opens_by(chars, 0)
    }

    /// The same with a threshold that is lower by `slack`.
    #[inline]
    pub fn opens_by(&self, chars: &[u16], slack: i32) -> bool {
        let n = chars.len();
        (0..n).any(|i| {
            let at = |k: usize| chars.get(k).copied().unwrap_or(crate::chars::EDGE);
            let before = if i > 0 { at(i - 1) } else { crate::chars::EDGE };
            self.score(before, chars[i], at(i + 1), at(i + 2)) >= self.threshold - slack
        })
    }
}
