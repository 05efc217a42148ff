//! What the model looks at for one character: hashes of the characters, words and marks around it.

use crate::chars::{EDGE, is_han};
use crate::lexicon::{CharFacts, Lexicon};
use crate::segment::{Segmented, Word};

/// Number of features of one character.
pub const FEATURES: usize = 36;
/// Bits of the number of a row.
pub const ROW_BITS: u32 = 19;
/// Number of rows of weights.
pub const ROWS: usize = 1 << ROW_BITS;

/// Characters before and after the sentence that stand for its edge.
const MARGIN: usize = 3;

/// Computes the features of a sentence; holds buffers so that a sentence costs no allocation.
#[derive(Default)]
pub struct Extractor {
    segmented: Segmented,
    padded: Vec<u16>,
    facts: Vec<CharFacts>,
    shape: Vec<u8>,
    foreign_run: Vec<u8>,
    place: Vec<u8>,
    title: Vec<u8>,
    to_suffix: Vec<u8>,
}

impl Extractor {
    /// Writes the rows of every character of `chars` into `rows`, whose earlier content is replaced.
    ///
    /// `blind` hides the lists of personal names, as in [`Segmented::fill`].
    pub fn rows(&mut self, chars: &[u16], lexicon: &Lexicon, blind: bool, rows: &mut Vec<[u32; FEATURES]>) {
        rows.clear();
        let n = chars.len();
        if n == 0 {
            return;
        }
        self.segmented.fill(chars, lexicon, blind);
        self.prepare(chars, lexicon);
        rows.reserve(n);
        for i in 0..n {
            rows.push(self.row(i));
        }
    }

    /// Whether a place of the gazetteer begins at that character of the last sentence.
    pub fn begins_place(&self, i: usize) -> bool {
        self.place.get(i + MARGIN).is_some_and(|mark| mark >> 3 == 1 && mark & 7 < 5)
    }

    fn prepare(&mut self, chars: &[u16], lexicon: &Lexicon) {
        let n = chars.len();
        let edges = || std::iter::repeat_n(EDGE, MARGIN);
        self.padded.clear();
        self.padded.extend(edges().chain(chars.iter().copied()).chain(edges()));
        self.facts.clear();
        self.facts.extend(self.padded.iter().map(|c| lexicon.facts(*c)));
        self.shape.clear();
        self.shape.extend(self.padded.iter().map(|c| shape(*c)));
        let segmented = &self.segmented;
        pad(&mut self.place, &segmented.place);
        pad(&mut self.title, &segmented.title);

        // Length of the run of transliteration characters that a character stands in.
        self.foreign_run.clear();
        self.foreign_run.resize(n + 2 * MARGIN, 0);
        let mut i = MARGIN;
        while i < n + MARGIN {
            let mut end = i;
            let mut point = false;
            while end < n + MARGIN && (self.facts[end].foreign > 0 || (end > i && self.padded[end] == 0xB7)) {
                point |= self.padded[end] == 0xB7;
                end += 1;
            }
            let length = (end - i).min(7) as u8;
            for run in &mut self.foreign_run[i..end] {
                *run = length + if point { 8 } else { 0 };
            }
            i = end.max(i + 1);
        }

        // Distance to the next suffix of an organisation in the same clause, 0 for none.
        self.to_suffix.clear();
        self.to_suffix.resize(n, 0);
        let mut distance = 0u8;
        for i in (0..n).rev() {
            if segmented.suffix[i] > 0 && segmented.words[segmented.word_of[i] as usize].start as usize <= i {
                distance = 1;
            } else if !is_han(chars[i]) && chars[i] != u16::from(b'(') && chars[i] != u16::from(b')') {
                distance = 0;
            } else if distance > 0 {
                distance = if distance >= 15 { 0 } else { distance + 1 };
            }
            self.to_suffix[i] = match distance {
                0..=6 => distance,
                7..=9 => 7,
                _ => 8,
            };
        }
    }

    #[inline]
    fn row(&self, i: usize) -> [u32; FEATURES] {
        let at = i + MARGIN;
        let c = |offset: isize| u64::from(self.padded[at.wrapping_add_signed(offset)]);
        let (m3, m2, m1, c0, p1, p2, p3) = (c(-3), c(-2), c(-1), c(0), c(1), c(2), c(3));

        let words = &self.segmented.words;
        let index = self.segmented.word_of[i] as usize;
        let word = words[index];
        let edge = Word { tag: 31, hash: 7, length: 0, start: 0 };
        let before = if index > 0 { words[index - 1] } else { edge };
        let after = words.get(index + 1).copied().unwrap_or(edge);
        let before2 = if index > 1 { words[index - 2] } else { edge };
        let after2 = words.get(index + 2).copied().unwrap_or(edge);
        let offset = i - word.start as usize;
        let part = match (offset, usize::from(word.length)) {
            (0, 1) => 0u64,
            (0, _) => 1,
            (o, l) if o + 1 == l => 3,
            _ => 2,
        };
        let form = part | u64::from(word.length.min(5)) << 2 | u64::from(word.tag) << 5;
        let tag = |w: Word| u64::from(w.tag) | u64::from(w.length.min(3)) << 5;

        let f = |o: isize| self.facts[at.wrapping_add_signed(o)];
        let name = |o: isize| {
            let f = f(o);
            u64::from(f.surname) | u64::from(f.given_first) << 2 | u64::from(f.given_last) << 4
        };
        let foreign = |o: isize| u64::from(self.foreign_run[at.wrapping_add_signed(o)]);
        let place = |o: isize| u64::from(self.place[at.wrapping_add_signed(o)]);
        let title = |o: isize| u64::from(self.title[at.wrapping_add_signed(o)]);
        let shape = |o: isize| u64::from(self.shape[at.wrapping_add_signed(o)]);
        let double = |o: isize| {
            let k = i.wrapping_add_signed(o);
            u64::from(self.segmented.surname.get(k).copied().unwrap_or(0) > 0)
        };
        let doubles = double(-2) | double(-1) << 1 | double(0) << 2;
        let names = name(-2) | name(-1) << 6 | name(0) << 12 | name(1) << 18 | name(2) << 24;
        let shapes = shape(-2) | shape(-1) << 3 | shape(0) << 6 | shape(1) << 9 | shape(2) << 12;

        [
            h(1, c0, 0),
            h(2, m1, 0),
            h(3, p1, 0),
            h(4, m2, 0),
            h(5, p2, 0),
            h(6, m1 << 16 | c0, 0),
            h(7, c0 << 16 | p1, 0),
            h(8, m2 << 16 | m1, 0),
            h(9, p1 << 16 | p2, 0),
            h(10, m1 << 16 | p1, 0),
            h(11, m2 << 32 | m1 << 16 | c0, 0),
            h(12, m1 << 32 | c0 << 16 | p1, 0),
            h(13, c0 << 32 | p1 << 16 | p2, 0),
            h(14, m3 << 32 | m2 << 16 | m1, 0),
            h(15, p1 << 32 | p2 << 16 | p3, 0),
            h(16, form, tag(before) << 16 | tag(after)),
            h(17, form, 0),
            h(18, word.hash, part),
            h(19, before.hash, form),
            h(20, after.hash, form),
            h(21, before.hash, part << 8 | tag(before2)),
            h(22, after.hash, part << 8 | tag(after2)),
            h(23, form << 16 | tag(before), tag(before2)),
            h(24, form << 16 | tag(after), tag(after2)),
            h(25, names & 0x3FFFF, part << 8 | tag(before)),
            h(26, names >> 12, part << 8 | tag(after)),
            h(27, names >> 6 & 0x3FFFF, doubles << 20 | form),
            h(28, doubles << 30 | names, 0),
            h(
                29,
                foreign(-1) << 8 | foreign(0) << 4 | foreign(1),
                u64::from(f(0).foreign) << 8 | u64::from(f(1).foreign),
            ),
            h(30, foreign(0) << 12 | form, tag(before) << 16 | tag(after)),
            h(31, place(-1) << 16 | place(0) << 8 | place(1), 0),
            h(32, place(0) << 16 | form, u64::from(self.to_suffix[i])),
            h(33, u64::from(self.to_suffix[i]) << 16 | form, place(-1)),
            h(34, title(-1) << 16 | title(0) << 8 | title(1), names >> 12 & 0x3F),
            h(35, shapes, 0),
            h(36, u64::from(self.to_suffix[i]), c0 << 16 | title(-1) << 8 | title(1)),
        ]
    }
}

fn pad(out: &mut Vec<u8>, values: &[u8]) {
    out.clear();
    out.extend([0; MARGIN]);
    out.extend_from_slice(values);
    out.extend([0; MARGIN]);
}

/// Han, digit, letter, blank, bracket and such, other.
const fn shape(c: u16) -> u8 {
    match c {
        0x30 => 1,
        0x61 => 2,
        EDGE => 3,
        0x20 => 4,
        0x2C | 0x3001 | 0x3A => 5,
        0x28 | 0x29 | 0x300A | 0x300B | 0x201C | 0x201D | 0x22 => 6,
        c if is_han(c) => 0,
        _ => 7,
    }
}

/// The row of a feature: its number, its value, and what it is joined with.
#[inline]
const fn h(number: u64, value: u64, with: u64) -> u32 {
    let x = (value ^ number << 57).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    let x = (x ^ x >> 32 ^ with).wrapping_mul(0xD6E8_FEB8_6659_FD93);
    let x = (x ^ x >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (x >> (64 - ROW_BITS)) as u32
}
