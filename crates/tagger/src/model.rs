//! The weights and the search for the best labels.

use crate::error::TaggerError;
use crate::features::{FEATURES, ROWS};
use crate::label::{LABELS, may_begin, may_end, may_follow};
use flate2::read::GzDecoder;
use std::io::Read as _;

const MAGIC: &[u8; 8] = b"ZSTAG\0\0\x01";
/// A path that is not allowed scores so little that no weights make up for it.
const NEVER: i16 = -20_000;

/// Scores of one character, one for each label.
pub type Scores = [i16; LABELS];

/// Weights of a linear model with transitions between labels.
pub struct Model {
    rows: Vec<[i8; LABELS]>,
    /// `transitions[from][to]`.
    transitions: [Scores; LABELS],
}

/// Buffers of [`Model::decode`].
#[derive(Default)]
pub struct Decoder {
    scores: Vec<Scores>,
    back: Vec<[u8; LABELS]>,
}

impl Decoder {
    /// Scores of the characters of the last sentence, without transitions.
    pub fn scores(&self) -> &[Scores] {
        &self.scores
    }
}

impl Model {
    /// Puts a model together.
    ///
    /// Transitions that [`may_follow`] forbids are never taken, whatever they weigh.
    ///
    /// # Errors
    /// [`TaggerError::Weights`] when the number of rows is wrong.
    pub fn new(rows: Vec<[i8; LABELS]>, transitions: [[i16; LABELS]; LABELS]) -> Result<Model, TaggerError> {
        if rows.len() != ROWS {
            return Err(TaggerError::Weights { reason: "wrong number of rows" });
        }
        let mut table = [[NEVER; LABELS]; LABELS];
        for (from, (row, weights)) in table.iter_mut().zip(transitions).enumerate() {
            for (to, (cell, weight)) in row.iter_mut().zip(weights).enumerate() {
                if may_follow(from as u8, to as u8) {
                    *cell = weight.clamp(-5_000, 5_000);
                }
            }
        }
        Ok(Model { rows, transitions: table })
    }

    /// Reads weights as [`Model::write`] wrote them, packed with gzip.
    ///
    /// # Errors
    /// [`TaggerError`] when they are damaged or made for another number of rows or labels.
    pub fn read(packed: &[u8]) -> Result<Model, TaggerError> {
        let mut bytes = Vec::with_capacity(ROWS * LABELS + 1024);
        GzDecoder::new(packed)
            .read_to_end(&mut bytes)
            .map_err(|e| TaggerError::Packed { name: "weights", detail: e.to_string() })?;
        let wrong = TaggerError::Weights { reason: "wrong head or length" };
        let Some(body) = bytes.strip_prefix(MAGIC) else { return Err(wrong) };
        if body.len() != LABELS * LABELS * 2 + ROWS * LABELS {
            return Err(wrong);
        }
        let (head, body) = body.split_at(LABELS * LABELS * 2);
        let mut transitions = [[0i16; LABELS]; LABELS];
        let cells = transitions.iter_mut().flatten();
        for (cell, pair) in cells.zip(head.chunks_exact(2)) {
            if let [low, high] = pair {
                *cell = i16::from_le_bytes([*low, *high]);
            }
        }
        // One column after the other packs better than one row after the other.
        let mut rows = vec![[0i8; LABELS]; ROWS];
        for (label, column) in body.chunks_exact(ROWS).enumerate() {
            for (row, weight) in rows.iter_mut().zip(column) {
                row[label] = *weight as i8;
            }
        }
        Model::new(rows, transitions)
    }

    /// The weights as bytes, not yet packed.
    pub fn write(rows: &[[i8; LABELS]], transitions: &[[i16; LABELS]; LABELS]) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend(transitions.iter().flatten().flat_map(|w| w.to_le_bytes()));
        for label in 0..LABELS {
            bytes.extend(rows.iter().map(|row| row[label] as u8));
        }
        bytes
    }

    /// Finds the best labels of a sentence.
    ///
    /// * `features`: rows of every character, as the extractor gives them.
    /// * `labels`: one a character afterwards; earlier content is replaced.
    pub fn decode(&self, features: &[[u32; FEATURES]], decoder: &mut Decoder, labels: &mut Vec<u8>) {
        labels.clear();
        decoder.scores.clear();
        decoder.back.clear();
        for rows in features {
            let mut sum = [0i16; LABELS];
            for row in rows {
                // Rows come from a hash of exactly as many bits as there are rows.
                let weights = &self.rows[*row as usize & (ROWS - 1)];
                for (total, weight) in sum.iter_mut().zip(weights) {
                    *total += i16::from(*weight);
                }
            }
            decoder.scores.push(sum);
        }
        let Some((first, rest)) = decoder.scores.split_first() else { return };
        let mut best = *first;
        for (label, score) in best.iter_mut().enumerate() {
            if !may_begin(label as u8) {
                *score = NEVER;
            }
        }
        for scores in rest {
            // Sixteen lanes of sixteen bits: what the plainest vector instructions can do at once.
            let mut next = [i16::MIN; LABELS];
            let mut back = [0i16; LABELS];
            for (from, transitions) in self.transitions.iter().enumerate() {
                let base = best[from];
                for to in 0..LABELS {
                    let score = base.saturating_add(transitions[to]);
                    back[to] = if score > next[to] { from as i16 } else { back[to] };
                    next[to] = next[to].max(score);
                }
            }
            // The best path stays at zero, so that sums never leave sixteen bits.
            let top = next.iter().copied().fold(i16::MIN, i16::max);
            for (total, score) in next.iter_mut().zip(scores) {
                *total = total.saturating_sub(top).max(NEVER).saturating_add(*score);
            }
            decoder.back.push(back.map(|label| label as u8));
            best = next;
        }
        let mut label = 0u8;
        let mut top = i16::MIN;
        for (candidate, score) in best.iter().enumerate() {
            if may_end(candidate as u8) && *score > top {
                top = *score;
                label = candidate as u8;
            }
        }
        labels.resize(decoder.scores.len(), 0);
        for (slot, back) in
            labels.iter_mut().rev().zip(decoder.back.iter().rev().map(Some).chain(std::iter::once(None)))
        {
            *slot = label;
            if let Some(back) = back {
                label = back[usize::from(label)];
            }
        }
    }
}
