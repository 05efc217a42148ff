//! The model put together: text in, names and places out.

use crate::crf::{Chain, Room, Scores};
use crate::error::DeepError;
use crate::network::{Buffers, Network};
use crate::passage::{Passage, passages};
use crate::store::{self, Files};
use crate::weights;
use crate::words::{Class, Tag, Words, read_tags};
use std::path::Path;
use zhunsheng_model::Kind;
use zhunsheng_tagger::Tagged;

/// Characters that are read together. A passage that is longer is read alone.
const TOGETHER_CHARS: usize = 2048;
/// Passages that are read together.
const TOGETHER: usize = 32;

/// The LAC model, ready for use from many threads at once.
pub struct Lac {
    words: Words,
    network: Network,
    chain: Chain,
    tags: Vec<Tag>,
}

/// What the model says of one passage.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reading {
    /// The number of the best tag of each character, as the model's list of tags counts them.
    pub tags: Vec<u8>,
    /// How likely each character begins, or goes on with, a word of a class.
    pub likely: Vec<Likely>,
}

impl Reading {
    /// How likely every character from `from` to `to` belongs to words of the class: that of the least likely.
    pub fn least(&self, class: Class, from: usize, to: usize) -> f32 {
        let likely = self.likely.get(from..to).unwrap_or_default();
        if likely.is_empty() { 0.0 } else { likely.iter().map(|l| l.any(class)).fold(1.0, f32::min) }
    }

    /// How likely just these characters are one word of the class, by the least likely of its characters and of
    /// its end.
    pub fn exactly(&self, class: Class, from: usize, to: usize) -> f32 {
        let at = |row: &[f32; 3]| row.get(class as usize).copied().unwrap_or(0.0);
        let Some(([first, rest @ ..], after)) =
            self.likely.split_at_checked(to).and_then(|(until, after)| Some((until.get(from..)?, after)))
        else {
            return 0.0;
        };
        let inside = rest.iter().map(|l| at(&l.inside)).fold(at(&first.begins), f32::min);
        after.first().map_or(inside, |next| inside.min(1.0 - at(&next.inside)))
    }
}

/// How likely a character begins a word of each of the three classes that are looked for, and goes on with
/// one; 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Likely {
    /// Begins a person, place, organisation.
    pub begins: [f32; 3],
    /// Goes on with one.
    pub inside: [f32; 3],
}

impl Likely {
    /// How likely the character belongs to a word of the class at all.
    pub fn any(&self, class: Class) -> f32 {
        let at = |row: &[f32; 3]| row.get(class as usize).copied().unwrap_or(0.0);
        at(&self.begins) + at(&self.inside)
    }
}

/// Buffers of one call; none of them outlives it, since they hold what was read.
#[derive(Default)]
struct Work {
    numbers: Vec<u16>,
    lengths: Vec<usize>,
    buffers: Buffers,
    scores: Vec<Scores>,
    room: Room,
    shares: Vec<Scores>,
}

impl Lac {
    /// The model from the files in `folder`, which are checked against their hashes first.
    ///
    /// # Errors
    /// [`DeepError`] when a file is missing or is not the one that this program was made for.
    pub fn load(folder: &Path) -> Result<Lac, DeepError> {
        Lac::from_files(&store::read(folder)?)
    }

    fn from_files(files: &Files) -> Result<Lac, DeepError> {
        let words = Words::new(&files.words, &files.forms)?;
        let (side, table) = weights::read_npy(&files.transitions)?;
        let tags = read_tags(&files.tags, side)?;
        let chain = Chain::new(side, &table)?;
        let network = Network::new(&weights::read_onnx(&files.network)?, words.rows(), side)?;
        Ok(Lac { words, network, chain, tags })
    }

    /// What the model says of each passage, in their order.
    ///
    /// A passage gets the same reading, to the bit, whatever it is read together with, on any machine.
    pub fn read(&self, passages: &[&[char]]) -> Vec<Reading> {
        let mut readings = vec![Reading::default(); passages.len()];
        // Passages of much the same length keep each other company to the end.
        let mut order: Vec<usize> = (0..passages.len()).collect();
        let length = |index: &usize| passages.get(*index).map_or(0, |passage| passage.len());
        order.sort_by_key(|index| std::cmp::Reverse(length(index)));
        let mut work = Work::default();
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let mut chars = 0;
            let together = rest
                .iter()
                .take(TOGETHER)
                .take_while(|index| {
                    chars += length(index);
                    chars <= TOGETHER_CHARS
                })
                .count();
            let (batch, others) = rest.split_at(together.max(1));
            rest = others;
            self.batch(passages, batch, &mut work, &mut readings);
        }
        readings
    }

    fn batch(&self, passages: &[&[char]], batch: &[usize], work: &mut Work, readings: &mut [Reading]) {
        work.numbers.clear();
        work.lengths.clear();
        for passage in batch.iter().filter_map(|index| passages.get(*index)) {
            work.numbers.extend(passage.iter().map(|c| self.words.number(*c)));
            work.lengths.push(passage.len());
        }
        self.network.read(&work.numbers, &work.lengths, &mut work.buffers, &mut work.scores);
        let mut from = 0;
        for (index, length) in batch.iter().zip(&work.lengths) {
            let scores = work.scores.get(from..from + length).unwrap_or_default();
            from += length;
            let Some(reading) = readings.get_mut(*index) else { continue };
            self.chain.best(scores, &mut work.room, &mut reading.tags);
            self.chain.likely(scores, &mut work.room, &mut work.shares);
            reading.likely = work.shares.iter().map(|shares| self.classes(shares)).collect();
        }
    }

    fn classes(&self, shares: &Scores) -> Likely {
        let mut likely = Likely::default();
        for (tag, share) in self.tags.iter().zip(shares) {
            let row = if tag.inside { &mut likely.inside } else { &mut likely.begins };
            if let Some(sum) = row.get_mut(tag.class as usize) {
                *sum += share;
            }
        }
        likely
    }

    /// The words that a reading makes of its passage, in characters: class, first and one past the last.
    pub fn words(&self, reading: &Reading) -> Vec<(Class, usize, usize)> {
        let mut words: Vec<(Class, usize, usize)> = Vec::new();
        for (at, tag) in reading.tags.iter().enumerate() {
            let Some(tag) = self.tags.get(usize::from(*tag)) else { continue };
            match words.last_mut() {
                // A word goes on whatever class it goes on with: the first character names it.
                Some(last) if tag.inside => last.2 = at + 1,
                _ => words.push((tag.class, at, at + 1)),
            }
        }
        words
    }

    /// Finds names, places and organisations in `text` with this model alone; every sentence is read.
    ///
    /// * Output: `spans` gets what is found, in the order of the text, without overlaps; what it held before
    ///   stays. Offsets are bytes of `text`, always between characters.
    /// * The same text gives the same spans, on any machine and with any number of threads.
    pub fn tag(&self, text: &str, spans: &mut Vec<Tagged>) {
        let passages: Vec<Passage> = passages(text).collect();
        let chars: Vec<&[char]> = passages.iter().map(|passage| passage.chars.as_slice()).collect();
        for (passage, reading) in passages.iter().zip(self.read(&chars)) {
            for (class, from, to) in self.words(&reading) {
                let kind = match class {
                    Class::Person => Kind::Person,
                    Class::Place => Kind::Location,
                    Class::Org => Kind::Org,
                    Class::Other => continue,
                };
                if let Some((start, end)) = passage.bytes(from, to) {
                    let confidence = (reading.least(class, from, to) * 100.0).clamp(1.0, 99.0) as u8;
                    spans.push(Tagged { kind, start, end, confidence });
                }
            }
        }
    }
}
