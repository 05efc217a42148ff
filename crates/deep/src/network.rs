//! The network: two layers of gated recurrent units that read a passage in both directions.

use crate::crf::{Scores, WIDTH};
use crate::error::DeepError;
use crate::math::{Matrix, Scratch, multiply, sigmoid, tanh};
use crate::weights::{NETWORK, Tensor};

/// Numbers that stand for a character in the model's table.
const EMBEDDED: usize = 128;
/// Numbers of memory of one direction of a layer.
const HIDDEN: usize = 128;
/// Update, reset and candidate of one direction.
const GATES: usize = 3 * HIDDEN;
/// The gates of both directions.
const BOTH_GATES: usize = 2 * GATES;
/// What both directions of a layer hand over for a character.
const BOTH_HIDDEN: usize = 2 * HIDDEN;

/// The weights, laid out for reading several passages at once.
pub(crate) struct Network {
    /// What the first layer makes of each character before it looks at its neighbours. The same character
    /// always gives the same, so it is worked out once.
    first: Vec<[f32; BOTH_GATES]>,
    /// The same step of the second layer, for what the first hands over.
    second: Matrix,
    second_bias: Vec<f32>,
    /// Recurrent weights of each layer and direction.
    recurrent: [[Recurrent; 2]; 2],
    out: Matrix,
    out_bias: Vec<f32>,
}

struct Recurrent {
    weights: Matrix,
    bias: Vec<f32>,
}

/// Buffers of [`Network::read`].
#[derive(Default)]
pub(crate) struct Buffers {
    scratch: Scratch,
    /// What the layer below hands over, and the gates made of it.
    below: Vec<f32>,
    gates: Vec<f32>,
    /// Memory of each passage, and what the recurrent weights make of it.
    memory: Vec<f32>,
    recalled: Vec<f32>,
    logits: Vec<f32>,
}

impl Network {
    /// The network from the tensors of its file, for the rows of the table in `used`.
    pub(crate) fn new(tensors: &[Tensor], used: &[usize], tags: usize) -> Result<Network, DeepError> {
        let wrong = |reason| DeepError::Form { name: NETWORK, reason };
        let find = |name: &str, dims: &[usize]| {
            tensors
                .iter()
                .find(|tensor| tensor.name == name && tensor.dims == dims)
                .map(|tensor| tensor.data.as_slice())
                .ok_or(wrong("a tensor is missing or has another shape"))
        };
        let table = tensors
            .iter()
            .find(|tensor| tensor.name == "embedding_0.w_0")
            .filter(|tensor| tensor.dims.get(1..) == Some(&[EMBEDDED]))
            .ok_or(wrong("the table of characters is missing"))?;
        // A weight for output `o` and input `i` of direction `d` stands at `[d][o][i]`.
        let input = |weights: &[f32], inner: usize| {
            Matrix::new(inner, BOTH_GATES, |i, o| weights.get(o * inner + i).copied().unwrap_or_default())
        };
        // Of the twelve parts of a bias the first three of a direction belong to the input, the rest to the
        // memory.
        let part = |bias: &[f32], direction: usize, memory: bool| -> Vec<f32> {
            let from = direction * BOTH_GATES + if memory { GATES } else { 0 };
            bias.get(from..from + GATES).unwrap_or_default().to_vec()
        };
        let recurrent = |weights: &[f32], bias: &[f32]| {
            [0, 1].map(|direction| Recurrent {
                weights: Matrix::new(HIDDEN, GATES, |i, o| {
                    weights.get((direction * GATES + o) * HIDDEN + i).copied().unwrap_or_default()
                }),
                bias: part(bias, direction, true),
            })
        };
        let first_bias = find("helper.concat.9", &[2, BOTH_GATES])?;
        let second_bias = find("helper.concat.18", &[2, BOTH_GATES])?;
        let out_weights = find("linear_0.w_0", &[BOTH_HIDDEN, tags])?;
        let mut out_bias = find("linear_0.b_0", &[tags])?.to_vec();
        out_bias.resize(WIDTH, 0.0);

        let mut rows = Vec::with_capacity(used.len() * EMBEDDED);
        for row in used {
            let from = row * EMBEDDED;
            rows.extend(table.data.get(from..from + EMBEDDED).ok_or(wrong("a character without a row"))?);
        }
        let first = input(find("helper.concat.5", &[2, GATES, EMBEDDED])?, EMBEDDED);
        let bias = [part(first_bias, 0, false), part(first_bias, 1, false)].concat();
        let mut projected = vec![0.0; used.len() * BOTH_GATES];
        multiply(&rows, &first, &bias, &mut projected, &mut Scratch::default());
        Ok(Network {
            first: projected.as_chunks::<BOTH_GATES>().0.to_vec(),
            second: input(find("helper.concat.14", &[2, GATES, BOTH_HIDDEN])?, BOTH_HIDDEN),
            second_bias: [part(second_bias, 0, false), part(second_bias, 1, false)].concat(),
            recurrent: [
                recurrent(find("helper.concat.6", &[2, GATES, HIDDEN])?, first_bias),
                recurrent(find("helper.concat.15", &[2, GATES, HIDDEN])?, second_bias),
            ],
            out: Matrix::new(BOTH_HIDDEN, WIDTH, |i, o| {
                if o < tags { out_weights.get(i * tags + o).copied().unwrap_or_default() } else { 0.0 }
            }),
            out_bias,
        })
    }

    /// The scores of every tag for every character.
    ///
    /// * `characters`: numbers of the passages' characters, one passage after the other; `lengths`: how many
    ///   each has, the longest first.
    /// * `scores` gets a row a character, in the same order; what it held is replaced. A passage gets the same
    ///   scores, to the bit, whatever it is read together with.
    pub(crate) fn read(
        &self,
        characters: &[u16],
        lengths: &[usize],
        buffers: &mut Buffers,
        scores: &mut Vec<Scores>,
    ) {
        let Buffers { scratch, below, gates, memory, recalled, logits } = buffers;
        gates.clear();
        for number in characters {
            match self.first.get(usize::from(*number)) {
                Some(row) => gates.extend_from_slice(row),
                None => gates.resize(gates.len() + BOTH_GATES, 0.0),
            }
        }
        below.clear();
        below.resize(characters.len() * BOTH_HIDDEN, 0.0);
        for (layer, directions) in self.recurrent.iter().enumerate() {
            if layer > 0 {
                multiply(below, &self.second, &self.second_bias, gates, scratch);
            }
            for (direction, recurrent) in directions.iter().enumerate() {
                walk(recurrent, direction, lengths, gates, below, memory, recalled, scratch);
            }
        }
        logits.clear();
        logits.resize(characters.len() * WIDTH, 0.0);
        multiply(below, &self.out, &self.out_bias, logits, scratch);
        scores.clear();
        scores.extend_from_slice(logits.as_chunks::<WIDTH>().0);
    }
}

/// Goes through all passages side by side, forwards (0) or backwards (1), and writes what is remembered at each
/// character into its half of `out`.
#[expect(clippy::too_many_arguments, reason = "the buffers of one call, taken apart")]
fn walk(
    recurrent: &Recurrent,
    direction: usize,
    lengths: &[usize],
    gates: &[f32],
    out: &mut [f32],
    memory: &mut Vec<f32>,
    recalled: &mut Vec<f32>,
    scratch: &mut Scratch,
) {
    memory.clear();
    memory.resize(lengths.len() * HIDDEN, 0.0);
    recalled.clear();
    recalled.resize(lengths.len() * GATES, 0.0);
    let longest = lengths.first().copied().unwrap_or(0);
    for step in 0..longest {
        // The longest come first, so those that still go on stand together.
        let going = lengths.partition_point(|length| *length > step);
        let (Some(memory), Some(recalled)) =
            (memory.get_mut(..going * HIDDEN), recalled.get_mut(..going * GATES))
        else {
            return;
        };
        multiply(memory, &recurrent.weights, &recurrent.bias, recalled, scratch);
        let mut first = 0;
        let states = memory.as_chunks_mut::<HIDDEN>().0.iter_mut().zip(recalled.as_chunks::<GATES>().0);
        for (length, (state, recalled)) in lengths.iter().zip(states) {
            let at = first + if direction == 0 { step } else { length - 1 - step };
            first += length;
            let from = at * BOTH_GATES + direction * GATES;
            let to = at * BOTH_HIDDEN + direction * HIDDEN;
            let (Some(gates), Some(out)) = (
                gates.get(from..from + GATES).and_then(|gates| gates.first_chunk()),
                out.get_mut(to..to + HIDDEN),
            ) else {
                return;
            };
            remember(state, gates, recalled);
            out.copy_from_slice(state);
        }
    }
}

/// One step of a gated recurrent unit.
#[multiversion::multiversion(targets("x86_64+avx2"))]
fn remember(state: &mut [f32; HIDDEN], gates: &[f32; GATES], recalled: &[f32; GATES]) {
    let mut keep = [0.0; HIDDEN];
    let mut reset = [0.0; HIDDEN];
    let (update_in, rest) = gates.split_at(HIDDEN);
    let (reset_in, candidate_in) = rest.split_at(HIDDEN);
    let (update_from, rest) = recalled.split_at(HIDDEN);
    let (reset_from, candidate_from) = rest.split_at(HIDDEN);
    for ((keep, new), old) in keep.iter_mut().zip(update_in).zip(update_from) {
        *keep = sigmoid(new + old);
    }
    for ((reset, new), old) in reset.iter_mut().zip(reset_in).zip(reset_from) {
        *reset = sigmoid(new + old);
    }
    for ((reset, new), old) in reset.iter_mut().zip(candidate_in).zip(candidate_from) {
        *reset = tanh(new + *reset * old);
    }
    for ((state, candidate), keep) in state.iter_mut().zip(reset).zip(keep) {
        *state = (1.0 - keep) * candidate + keep * *state;
    }
}
