//! A first look at every clause that is cheap enough for text without people.
//!
//! A small linear model over pairs of characters says where a name may begin; only clauses in which it does
//! anywhere are read by the tagger.

use crate::chars::EDGE;
use crate::error::TaggerError;

/// Bits of the number of a row.
const BITS: u32 = 18;
/// Number of rows.
pub const GATE_ROWS: usize = 1 << BITS;
/// Number of features of a character.
pub const GATE_FEATURES: usize = 9;

/// Rows of the third of five characters in a row.
#[inline]
pub const fn gate_rows(around: [u16; 5]) -> [usize; GATE_FEATURES] {
    let [before2, before, c, after, after2] = around;
    [
        row(1, c as u64),
        row(2, (before as u64) << 16 | c as u64),
        row(3, (c as u64) << 16 | after as u64),
        row(4, (after as u64) << 16 | after2 as u64),
        row(5, (before as u64) << 16 | after as u64),
        row(6, (before as u64) << 32 | (c as u64) << 16 | after as u64),
        row(7, (c as u64) << 32 | (after as u64) << 16 | after2 as u64),
        row(8, (before2 as u64) << 32 | (before as u64) << 16 | c as u64),
        row(9, (before2 as u64) << 16 | before as u64),
    ]
}

#[inline]
const fn row(number: u64, value: u64) -> usize {
    let x = (value ^ number << 56).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    ((x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> (64 - BITS)) as usize
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

    /// What the weights add up to at the third of five characters in a row.
    #[inline]
    pub fn score(&self, around: [u16; 5]) -> i32 {
        gate_rows(around)
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
        let mut around = [EDGE, EDGE, EDGE, chars.first().copied().unwrap_or(EDGE), EDGE];
        around[4] = chars.get(1).copied().unwrap_or(EDGE);
        (0..chars.len()).any(|i| {
            around.rotate_left(1);
            around[4] = chars.get(i + 2).copied().unwrap_or(EDGE);
            self.score(around) >= self.threshold - slack
        })
    }
}
