//! The best tags of a passage, and how likely each is, by a chain of tags.

use crate::error::DeepError;
use crate::math::exp;
use crate::weights::TRANSITIONS;

/// Tags with those that are added so that a row is a whole number of vectors.
pub(crate) const WIDTH: usize = 64;
/// Scores of one character, one for each tag.
pub(crate) type Scores = [f32; WIDTH];
/// A tag that does not exist scores so little that it is never taken.
const NEVER: f32 = -1e9;
/// A weight below this is none: products of such would leave the normal numbers and be slow.
const LEAST: f32 = 1e-30;

/// What a tag at one character scores after a tag at the one before.
pub(crate) struct Chain {
    tags: usize,
    /// `[from][to]`.
    transitions: Vec<Scores>,
    /// e to the power of the transitions, `[from][to]`, and the same with the two exchanged.
    forward: Vec<Scores>,
    backward: Vec<Scores>,
}

/// Buffers of [`Chain::best`] and [`Chain::likely`].
#[derive(Default)]
pub(crate) struct Room {
    back: Vec<[u8; WIDTH]>,
    weights: Vec<Scores>,
    before: Vec<Scores>,
}

impl Chain {
    /// The chain over `tags` tags whose transition from a to b is `table[a * tags + b]`.
    pub(crate) fn new(tags: usize, table: &[f32]) -> Result<Chain, DeepError> {
        if tags == 0 || tags > WIDTH || table.len() != tags * tags {
            return Err(DeepError::Form { name: TRANSITIONS, reason: "as many tags as there are names" });
        }
        let filled = |at: &dyn Fn(usize, usize) -> f32, rest: f32| -> Vec<Scores> {
            (0..tags)
                .map(|from| std::array::from_fn(|to| if to < tags { at(from, to) } else { rest }))
                .collect()
        };
        let at = |from: usize, to: usize| table.get(from * tags + to).copied().unwrap_or(NEVER);
        let weight = |score: f32| Some(exp(score)).filter(|weight| *weight > LEAST).unwrap_or(0.0);
        Ok(Chain {
            tags,
            transitions: filled(&at, NEVER),
            forward: filled(&|from, to| weight(at(from, to)), 0.0),
            backward: filled(&|to, from| weight(at(from, to)), 0.0),
        })
    }

    /// The tags with the greatest sum of scores and transitions; of several, the ones with the lowest numbers,
    /// from the end.
    ///
    /// `path` gets one tag a character; what it held is replaced.
    pub(crate) fn best(&self, scores: &[Scores], room: &mut Room, path: &mut Vec<u8>) {
        path.clear();
        room.back.clear();
        let Some((first, rest)) = scores.split_first() else { return };
        let mut sums = *first;
        for scores in rest {
            let mut next = [f32::NEG_INFINITY; WIDTH];
            let mut back = [0u32; WIDTH];
            for (from, (transitions, sum)) in self.transitions.iter().zip(sums).enumerate() {
                for ((best, from_best), transition) in next.iter_mut().zip(&mut back).zip(transitions) {
                    let score = sum + transition;
                    let better = score > *best;
                    *best = if better { score } else { *best };
                    *from_best = if better { from as u32 } else { *from_best };
                }
            }
            for (sum, (best, score)) in sums.iter_mut().zip(next.iter().zip(scores)) {
                *sum = best + score;
            }
            room.back.push(back.map(|from| from as u8));
        }
        let mut tag = 0;
        let mut top = f32::NEG_INFINITY;
        for (candidate, sum) in sums.iter().enumerate().take(self.tags) {
            if *sum > top {
                (top, tag) = (*sum, candidate);
            }
        }
        path.push(tag as u8);
        for back in room.back.iter().rev() {
            tag = back.get(tag).copied().map_or(0, usize::from);
            path.push(tag as u8);
        }
        path.reverse();
    }

    /// How likely each tag is at each character, 0 to 1, with everything around it weighed.
    ///
    /// `likely` gets one row a character, in their order; what it held is replaced.
    pub(crate) fn likely(&self, scores: &[Scores], room: &mut Room, likely: &mut Vec<Scores>) {
        likely.clear();
        room.before.clear();
        room.weights.clear();
        room.weights.extend(scores.iter().map(|scores| {
            let top = scores.iter().take(self.tags).copied().fold(f32::NEG_INFINITY, f32::max);
            let mut weights = scores.map(|score| exp(score - top));
            weights.iter_mut().skip(self.tags).for_each(|weight| *weight = 0.0);
            weights
        }));
        let mut sums: Option<Scores> = None;
        for weights in &room.weights {
            let mut next = match &sums {
                None => *weights,
                Some(sums) => times(&step(sums, &self.forward), weights),
            };
            normalise(&mut next);
            room.before.push(next);
            sums = Some(next);
        }
        let mut after = [1.0; WIDTH];
        for (before, weights) in room.before.iter().zip(&room.weights).rev() {
            let mut row = times(before, &after);
            normalise(&mut row);
            likely.push(row);
            after = step(&times(&after, weights), &self.backward);
            normalise(&mut after);
        }
        likely.reverse();
    }
}

/// The sums over all tags from which, or to which, a step goes.
fn step(sums: &Scores, weights: &[Scores]) -> Scores {
    let mut next = [0.0; WIDTH];
    for (sum, weights) in sums.iter().zip(weights) {
        for (total, weight) in next.iter_mut().zip(weights) {
            *total += sum * weight;
        }
    }
    next
}

fn times(a: &Scores, b: &Scores) -> Scores {
    let mut product = *a;
    product.iter_mut().zip(b).for_each(|(a, b)| *a *= b);
    product
}

/// Makes the sum 1, and weights next to nothing nothing.
fn normalise(row: &mut Scores) {
    let sum: f32 = row.iter().sum();
    let factor = 1.0 / sum.max(LEAST);
    for cell in row {
        let share = *cell * factor;
        *cell = if share > LEAST { share } else { 0.0 };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(values: [f32; 3]) -> Scores {
        std::array::from_fn(|i| values.get(i).copied().unwrap_or(0.0))
    }

    /// Every path of three tags with its sum.
    fn paths(table: &[f32], scores: &[[f32; 3]]) -> Vec<(Vec<u8>, f32)> {
        let mut paths: Vec<(Vec<u8>, f32)> = vec![(Vec::new(), 0.0)];
        for scores in scores {
            paths = paths
                .iter()
                .flat_map(|(path, sum)| {
                    (0..3u8).map(move |tag| {
                        let step = path.last().map_or(0.0, |last| table[usize::from(last * 3 + tag)]);
                        let mut longer = path.clone();
                        longer.push(tag);
                        (longer, sum + step + scores[usize::from(tag)])
                    })
                })
                .collect();
        }
        paths
    }

    #[test]
    fn the_best_path_and_the_shares_are_those_of_trying_every_path() {
        let table = [0.5, -1.0, 0.25, -2.0, 1.0, 0.0, 0.75, 0.5, -0.5];
        let chain = Chain::new(3, &table).unwrap();
        let mut seed = 7u32;
        for length in [1, 2, 3, 6] {
            for _ in 0..50 {
                let scores: Vec<[f32; 3]> = (0..length)
                    .map(|_| {
                        std::array::from_fn(|_| {
                            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                            (seed >> 24) as f32 / 64.0
                        })
                    })
                    .collect();
                let rows: Vec<Scores> = scores.iter().map(|scores| row(*scores)).collect();
                let all = paths(&table, &scores);
                let top = all.iter().map(|(_, sum)| *sum).fold(f32::MIN, f32::max);
                let mut path = Vec::new();
                chain.best(&rows, &mut Room::default(), &mut path);
                let (_, sum) = all.iter().find(|(known, _)| *known == path).unwrap();
                assert!((top - sum).abs() < 1e-4, "{path:?} {sum} {top}");

                let mut likely = Vec::new();
                chain.likely(&rows, &mut Room::default(), &mut likely);
                let whole: f64 = all.iter().map(|(_, sum)| f64::from(*sum).exp()).sum();
                for (at, likely) in likely.iter().enumerate() {
                    for tag in 0..3u8 {
                        let with = all.iter().filter(|(path, _)| path[at] == tag);
                        let share = with.map(|(_, sum)| f64::from(*sum).exp()).sum::<f64>() / whole;
                        assert!((f64::from(likely[usize::from(tag)]) - share).abs() < 1e-4);
                    }
                    assert_eq!(likely[3..], [0.0; WIDTH - 3]);
                }
            }
        }
    }

    #[test]
    fn of_equal_paths_the_lowest_tags_are_taken() {
        let chain = Chain::new(3, &[0.0; 9]).unwrap();
        let mut path = vec![9];
        chain.best(&[row([0.0, 1.0, 1.0]), row([2.0, 2.0, 2.0])], &mut Room::default(), &mut path);
        assert_eq!(path, [1, 0]);
        chain.best(&[], &mut Room::default(), &mut path);
        assert!(path.is_empty());
        assert!(Chain::new(3, &[0.0; 8]).is_err());
        assert!(Chain::new(65, &[0.0; 65 * 65]).is_err());
    }
}
