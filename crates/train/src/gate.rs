//! Learns the first look: where a name may begin.

use crate::data::Example;
use crate::learn::SEED;
use crate::random::Random;
use zhunsheng_tagger::chars::EDGE;
use zhunsheng_tagger::gate::{GATE_FEATURES, GATE_ROWS, Gate, gate_rows};
use zhunsheng_tagger::label::{Part, split};

/// Weights and threshold of the first look.
pub(crate) struct GateWeights {
    pub(crate) weights: Vec<i8>,
    pub(crate) threshold: i16,
}

impl GateWeights {
    /// The bytes that the tagger reads, not yet packed.
    pub(crate) fn write(&self) -> Vec<u8> {
        let mut bytes = self.threshold.to_le_bytes().to_vec();
        bytes.extend(self.weights.iter().map(|w| *w as u8));
        bytes
    }
}

/// Classes for which the gate must open at character `i`, in `plain` text none.
fn wanted(example: &Example, i: usize) -> bool {
    let mask = example.allowed[i];
    if !mask.is_power_of_two() {
        return false;
    }
    matches!(split(mask.trailing_zeros() as u8), Some((_, Part::Begin | Part::Single)))
}

fn around(chars: &[u16], i: usize) -> [usize; GATE_FEATURES] {
    let at = |k: Option<usize>| k.and_then(|k| chars.get(k)).copied().unwrap_or(EDGE);
    gate_rows([at(i.checked_sub(2)), at(i.checked_sub(1)), chars[i], at(Some(i + 1)), at(Some(i + 2))])
}

/// Learns from `examples`, and from `plain` in which nothing is wanted, by logistic regression.
///
/// The threshold is set so that `percent` of a hundred clauses with a name are opened.
pub(crate) fn learn(examples: &[Example], plain: &[Example], percent: f32) -> GateWeights {
    let mut weights = vec![0f32; GATE_ROWS];
    let mut random = Random::new(SEED);
    let mut order: Vec<(&Example, bool)> =
        examples.iter().map(|e| (e, false)).chain(plain.iter().map(|e| (e, true))).collect();
    for round in 0..4 {
        let rate = 0.08 / (1.0 + round as f32);
        random.shuffle(&mut order);
        for (example, nothing) in &order {
            for i in 0..example.chars.len() {
                let rows = around(&example.chars, i);
                let score: f32 = rows.iter().map(|row| weights[*row]).sum();
                let target = f32::from(!*nothing && wanted(example, i));
                let chance = 1.0 / (1.0 + (-score).exp());
                let step = rate * (target - chance);
                if step.abs() > 1e-3 {
                    for row in rows {
                        weights[row] += step;
                    }
                }
            }
        }
    }
    let weights: Vec<i8> = weights.iter().map(|w| (w * 16.0).round().clamp(-127.0, 127.0) as i8).collect();
    // The best score of a clause decides; persons count, since places of people stand beside them.
    let mut best = Vec::new();
    for example in examples.iter().step_by(7) {
        for clause in clauses(example) {
            let person = |i: usize| example.allowed[i].trailing_zeros() == 1;
            if clause.clone().any(|i| wanted(example, i) && person(i)) {
                best.push(clause.map(|i| score(&weights, &example.chars, i)).max().unwrap_or(i32::MIN));
            }
        }
    }
    best.sort_unstable();
    let lost = (best.len() as f32 * (1.0 - percent / 100.0)) as usize;
    let threshold = best.get(lost).copied().unwrap_or(0).clamp(-30_000, 30_000) as i16;
    let gate = Gate::new(weights.clone(), i32::from(threshold));
    let share = |list: &[Example]| {
        let (mut open, mut all) = (0usize, 0usize);
        for example in list {
            for clause in clauses(example) {
                all += clause.len();
                if gate.as_ref().is_ok_and(|gate| gate.opens(&example.chars[clause.clone()])) {
                    open += clause.len();
                }
            }
        }
        100.0 * open as f64 / all.max(1) as f64
    };
    println!(
        "gate: threshold {threshold}, opens {:.1} % of dense and {:.1} % of plain text",
        share(examples),
        share(plain)
    );
    GateWeights { weights, threshold }
}

fn score(weights: &[i8], chars: &[u16], i: usize) -> i32 {
    around(chars, i).iter().map(|row| i32::from(weights[*row])).sum()
}

fn clauses(example: &Example) -> impl Iterator<Item = std::ops::Range<usize>> {
    let mut start = 0;
    let chars = &example.chars;
    std::iter::from_fn(move || {
        if start >= chars.len() {
            return None;
        }
        let end = chars[start..]
            .iter()
            .position(|c| matches!(c, 0x2C | 0x3A | 0x20))
            .map_or(chars.len(), |i| start + i + 1);
        let range = start..end;
        start = end;
        Some(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Mark, examples};

    #[test]
    fn the_first_look_opens_for_names_and_not_for_law() {
        let (mut named, mut plain) = (Vec::new(), Vec::new());
        for name in ["王小明", "李建国", "张丽华"] {
            let text = format!("证人{name}到庭作证");
            examples(&text, &[Mark { start: 2, end: 5, class: 0 }], 0b1111, false, &mut named);
            examples("为了保护公民的合法权益", &[], 0b0001, false, &mut plain);
        }
        let learnt = learn(&named, &plain, 99.0);
        let gate = Gate::new(learnt.weights.clone(), i32::from(learnt.threshold)).unwrap();
        assert!(gate.opens(&named[0].chars));
        assert!(!gate.opens(&plain[0].chars));
        assert!(learn(&named, &plain, 99.0).weights == learnt.weights);
    }
}
