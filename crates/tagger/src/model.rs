//! The weights and the search for the best labels.

use crate::error::TaggerError;
use crate::features::{FEATURES, ROWS};
use crate::label::{LABELS, may_begin, may_end, may_follow, split};
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
    /// `arrivals[to][from]`: the same the other way round.
    arrivals: [Scores; LABELS],
}

/// Buffers of [`Model::decode`].
#[derive(Default)]
pub struct Decoder {
    scores: Vec<Scores>,
    back: Vec<[u8; LABELS]>,
    /// Best score of a path up to each character, by its label; the best of all is left out of the count.
    forward: Vec<Scores>,
    /// The same from the next character to the end.
    backward: Vec<Scores>,
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
        let arrivals = std::array::from_fn(|to| table.map(|row| row[to]));
        Ok(Model { rows, transitions: table, arrivals })
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
        decoder.forward.clear();
        decoder.backward.clear();
        add(&self.rows, features, &mut decoder.scores);
        let Some((first, rest)) = decoder.scores.split_first() else { return };
        let mut best = *first;
        for (label, score) in best.iter_mut().enumerate() {
            if !may_begin(label as u8) {
                *score = NEVER;
            }
        }
        decoder.forward.push(best);
        advance(&self.transitions, rest, &mut decoder.forward, &mut decoder.back);
        let best = decoder.forward.last().copied().unwrap_or(best);
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

    /// How much the best path loses when no label of `class` may stand at the characters from `start` to `end`
    /// (exclusive): the least loss at any one of them.
    ///
    /// `decoder` is as [`Model::decode`] left it.
    pub fn margin(&self, decoder: &mut Decoder, class: usize, start: usize, end: usize) -> i32 {
        if decoder.backward.is_empty() {
            self.backward(decoder);
        }
        let both = decoder.forward.iter().zip(&decoder.backward).skip(start).take(end.saturating_sub(start));
        both.map(|(forward, backward)| {
            let (mut all, mut other) = (i32::MIN, i32::MIN);
            for (label, (f, b)) in forward.iter().zip(backward).enumerate() {
                let score = i32::from(*f) + i32::from(*b);
                all = all.max(score);
                if split(label as u8).is_none_or(|(c, _)| c != class) {
                    other = other.max(score);
                }
            }
            all - other
        })
        .min()
        .unwrap_or(0)
    }

    fn backward(&self, decoder: &mut Decoder) {
        let mut last = [0; LABELS];
        for (label, score) in last.iter_mut().enumerate() {
            if !may_end(label as u8) {
                *score = NEVER;
            }
        }
        decoder.backward.resize(decoder.scores.len(), last);
        retreat(&self.arrivals, &decoder.scores, &mut decoder.backward);
    }
}

/// Adds up the weights of each character.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn add(rows: &[[i8; LABELS]], features: &[[u32; FEATURES]], out: &mut Vec<Scores>) {
    for numbers in features {
        let mut sum = [0i16; LABELS];
        for number in numbers {
            // Rows come from a hash of exactly as many bits as there are rows.
            let weights = &rows[*number as usize & (ROWS - 1)];
            for (total, weight) in sum.iter_mut().zip(weights) {
                *total += i16::from(*weight);
            }
        }
        out.push(sum);
    }
}

/// Goes on from the last of `forward` over `rest`: best score by label, and the label before it.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn advance(
    transitions: &[Scores; LABELS],
    rest: &[Scores],
    forward: &mut Vec<Scores>,
    back: &mut Vec<[u8; LABELS]>,
) {
    let Some(mut best) = forward.last().copied() else { return };
    for scores in rest {
        // Sixteen lanes of sixteen bits: what plain vector instructions can do at once.
        let mut next = [i16::MIN; LABELS];
        let mut origin = [0i16; LABELS];
        for (from, transitions) in transitions.iter().enumerate() {
            let base = best[from];
            for to in 0..LABELS {
                let score = base.saturating_add(transitions[to]);
                origin[to] = if score > next[to] { from as i16 } else { origin[to] };
                next[to] = next[to].max(score);
            }
        }
        // The best path stays at zero, so that sums never leave sixteen bits.
        let top = next.iter().copied().fold(i16::MIN, i16::max);
        for (total, score) in next.iter_mut().zip(scores) {
            *total = total.saturating_sub(top).max(NEVER).saturating_add(*score);
        }
        back.push(origin.map(|label| label as u8));
        best = next;
        forward.push(best);
    }
}

/// Fills `backward` from its last entry to the first.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn retreat(arrivals: &[Scores; LABELS], scores: &[Scores], backward: &mut [Scores]) {
    let Some(mut next) = backward.last().copied() else { return };
    for (slot, scores) in backward.iter_mut().rev().skip(1).zip(scores.iter().rev()) {
        for (total, score) in next.iter_mut().zip(scores) {
            *total = total.saturating_add(*score);
        }
        let mut here = [i16::MIN; LABELS];
        for (to, arrivals) in arrivals.iter().enumerate() {
            let base = next[to];
            for from in 0..LABELS {
                here[from] = here[from].max(base.saturating_add(arrivals[from]));
            }
        }
        let top = here.iter().copied().fold(i16::MIN, i16::max);
        for score in &mut here {
            *score = score.saturating_sub(top).max(NEVER);
        }
        *slot = here;
        next = here;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::label::OUTSIDE;

    /// A model that gives row 1 weight 9 for a person of one character, and row 2 weight 4 for a place of one.
    fn model() -> Model {
        let mut rows = vec![[0; LABELS]; ROWS];
        rows[1][4] = 9;
        rows[2][8] = 4;
        Model::new(rows, [[0; LABELS]; LABELS]).unwrap()
    }

    fn read(features: &[u32]) -> (Vec<u8>, Decoder) {
        let features: Vec<_> = features
            .iter()
            .map(|row| {
                let mut rows = [0; FEATURES];
                rows[0] = *row;
                rows
            })
            .collect();
        let (mut decoder, mut labels) = (Decoder::default(), Vec::new());
        model().decode(&features, &mut decoder, &mut labels);
        (labels, decoder)
    }

    #[test]
    fn the_margin_is_what_another_class_loses() {
        let (labels, mut decoder) = read(&[0, 1, 2, 0]);
        assert_eq!((labels[1], labels[2]), (4, 8));
        assert_eq!(model().margin(&mut decoder, 0, 1, 2), 9);
        assert_eq!(model().margin(&mut decoder, 1, 2, 3), 4);
        // The least of the characters counts, and a class that is not taken has none.
        assert_eq!(model().margin(&mut decoder, 0, 1, 3), 0);
        assert_eq!(model().margin(&mut decoder, 2, 1, 2), 0);
    }

    #[test]
    fn an_empty_sentence_and_one_without_weights_are_outside() {
        assert_eq!(read(&[]).0, Vec::<u8>::new());
        let (labels, mut decoder) = read(&[0, 0]);
        assert_eq!(labels, [OUTSIDE, OUTSIDE]);
        assert_eq!(model().margin(&mut decoder, 0, 0, 2), 0);
    }
}
