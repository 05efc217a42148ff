//! An averaged perceptron over whole sentences, with labels that may be known only in part.

use crate::data::Example;
use crate::random::Random;
use zhunsheng_tagger::features::{Extractor, FEATURES, ROWS};
use zhunsheng_tagger::label::{LABELS, OUTSIDE, may_begin, may_end, may_follow};
use zhunsheng_tagger::lexicon::Lexicon;

const NEVER: f32 = -1e9;

/// Weights while they are learnt.
pub(crate) struct Trainer {
    weights: Vec<[f32; LABELS]>,
    sums: Vec<[f32; LABELS]>,
    transitions: [[f32; LABELS]; LABELS],
    transition_sums: [[f32; LABELS]; LABELS],
    /// Number of sentences seen.
    time: f32,
    /// What a wrong label is given in advance, so that right ones win by a margin.
    margin: f32,
    /// What is added when a name is missed.
    miss: f32,
}

/// Weights in whole numbers, ready for the tagger.
pub(crate) struct Weights {
    pub(crate) rows: Vec<[i8; LABELS]>,
    pub(crate) transitions: [[i16; LABELS]; LABELS],
}

struct Prepared {
    rows: Vec<[u32; FEATURES]>,
    allowed: Vec<u16>,
}

impl Trainer {
    pub(crate) fn new(margin: f32, miss: f32) -> Trainer {
        Trainer {
            weights: vec![[0.0; LABELS]; ROWS],
            sums: vec![[0.0; LABELS]; ROWS],
            transitions: [[0.0; LABELS]; LABELS],
            transition_sums: [[0.0; LABELS]; LABELS],
            time: 1.0,
            margin,
            miss,
        }
    }

    /// Learns from `examples` in an order drawn from `seed`, `rounds` times over.
    pub(crate) fn learn(&mut self, examples: &[Example], lexicon: &Lexicon, rounds: usize, seed: u64) {
        let mut extractor = Extractor::default();
        let prepared: Vec<Prepared> = examples
            .iter()
            .map(|example| {
                let mut rows = Vec::new();
                extractor.rows(&example.chars, lexicon, example.blind, &mut rows);
                Prepared { rows, allowed: example.allowed.clone() }
            })
            .collect();
        let mut order: Vec<usize> = (0..prepared.len()).collect();
        let mut random = Random::new(seed);
        for round in 0..rounds {
            random.shuffle(&mut order);
            let mut wrong = 0usize;
            for index in &order {
                let sentence = &prepared[*index];
                wrong += usize::from(self.step(&sentence.rows, &sentence.allowed));
            }
            println!("round {}: {wrong} of {} sentences wrong", round + 1, prepared.len());
        }
    }

    fn step(&mut self, rows: &[[u32; FEATURES]], allowed: &[u16]) -> bool {
        if rows.is_empty() {
            return false;
        }
        self.time += 1.0;
        let scores: Vec<[f32; LABELS]> = rows
            .iter()
            .map(|features| {
                let mut sum = [0.0; LABELS];
                for row in features {
                    for (total, weight) in sum.iter_mut().zip(&self.weights[*row as usize]) {
                        *total += weight;
                    }
                }
                sum
            })
            .collect();
        let Some(gold) = self.best(&scores, |i| allowed[i], |_, _| 0.0) else { return false };
        let Some(found) = self.best(
            &scores,
            |_| u16::MAX,
            |i, label| {
                if allowed[i] >> label & 1 == 1 {
                    0.0
                } else if label == OUTSIDE {
                    self.margin + self.miss
                } else {
                    self.margin
                }
            },
        ) else {
            return false;
        };
        if gold == found {
            return false;
        }
        for (i, features) in rows.iter().enumerate() {
            let (g, f) = (usize::from(gold[i]), usize::from(found[i]));
            if g == f {
                continue;
            }
            for row in features {
                let row = *row as usize;
                self.weights[row][g] += 1.0;
                self.weights[row][f] -= 1.0;
                self.sums[row][g] += self.time;
                self.sums[row][f] -= self.time;
            }
        }
        for (path, sign) in [(&gold, 1.0), (&found, -1.0)] {
            for pair in path.windows(2) {
                let (from, to) = (usize::from(pair[0]), usize::from(pair[1]));
                self.transitions[from][to] += sign;
                self.transition_sums[from][to] += sign * self.time;
            }
        }
        true
    }

    /// The best path among allowed labels; nothing when there is none.
    fn best(
        &self,
        scores: &[[f32; LABELS]],
        allowed: impl Fn(usize) -> u16,
        extra: impl Fn(usize, u8) -> f32,
    ) -> Option<Vec<u8>> {
        let n = scores.len();
        let mut back = vec![[0u8; LABELS]; n];
        let mut best = [NEVER; LABELS];
        for label in 0..LABELS as u8 {
            if may_begin(label) && allowed(0) >> label & 1 == 1 {
                best[usize::from(label)] = scores[0][usize::from(label)] + extra(0, label);
            }
        }
        for i in 1..n {
            let mut next = [NEVER; LABELS];
            for to in 0..LABELS as u8 {
                if allowed(i) >> to & 1 == 0 {
                    continue;
                }
                let mut top = NEVER;
                for from in 0..LABELS as u8 {
                    if best[usize::from(from)] > NEVER && may_follow(from, to) {
                        let score =
                            best[usize::from(from)] + self.transitions[usize::from(from)][usize::from(to)];
                        if score > top {
                            top = score;
                            back[i][usize::from(to)] = from;
                        }
                    }
                }
                if top > NEVER {
                    next[usize::from(to)] = top + scores[i][usize::from(to)] + extra(i, to);
                }
            }
            best = next;
        }
        let (mut label, mut top) = (None, NEVER);
        for candidate in 0..LABELS as u8 {
            if may_end(candidate) && best[usize::from(candidate)] > top {
                top = best[usize::from(candidate)];
                label = Some(candidate);
            }
        }
        let mut label = label?;
        let mut path = vec![0; n];
        for i in (0..n).rev() {
            path[i] = label;
            label = back[i][usize::from(label)];
        }
        Some(path)
    }

    /// Averages the weights over all steps and rounds them to whole numbers.
    ///
    /// `zero` is the share of the largest weight below which a weight becomes 0.
    pub(crate) fn finish(&self, zero: f32) -> Weights {
        let average = |w: f32, s: f32| w - s / self.time;
        let mut sizes: Vec<f32> = self
            .weights
            .iter()
            .zip(&self.sums)
            .flat_map(|(w, s)| w.iter().zip(s).map(|(w, s)| average(*w, *s).abs()))
            .filter(|size| *size > 0.0)
            .collect();
        sizes.sort_by(f32::total_cmp);
        let top = sizes.get(sizes.len() * 9995 / 10_000).copied().unwrap_or(1.0).max(1e-6);
        let scale = 100.0 / top;
        println!("{} weights, scale {scale}", sizes.len());
        let round = |value: f32| {
            let value = value * scale;
            if value.abs() < zero { 0.0 } else { value.round() }
        };
        let rows = self
            .weights
            .iter()
            .zip(&self.sums)
            .map(|(w, s)| {
                let mut row = [0i8; LABELS];
                for (slot, (w, s)) in row.iter_mut().zip(w.iter().zip(s)) {
                    *slot = round(average(*w, *s)).clamp(-127.0, 127.0) as i8;
                }
                row
            })
            .collect();
        let mut transitions = [[0i16; LABELS]; LABELS];
        for (row, (w, s)) in transitions.iter_mut().zip(self.transitions.iter().zip(&self.transition_sums)) {
            for (slot, (w, s)) in row.iter_mut().zip(w.iter().zip(s)) {
                *slot = (average(*w, *s) * scale).round().clamp(-30_000.0, 30_000.0) as i16;
            }
        }
        Weights { rows, transitions }
    }
}
