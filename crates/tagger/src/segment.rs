//! Cuts a sentence into the words that are cheapest together, and marks places and titles in it.

use crate::lexicon::{Entry, Lexicon, TAG_FOREIGN, TAG_PERSON, TAG_PERSON_SURE, WORD_CHARS_MAX, Walk};

/// A word of a sentence.
#[derive(Clone, Copy, Debug, Default)]
pub struct Word {
    /// First character.
    pub start: u32,
    /// Number of characters, 1 to [`WORD_CHARS_MAX`].
    pub length: u8,
    /// Number of its part of speech.
    pub tag: u8,
    /// Hash of its characters.
    pub hash: u64,
}

/// What the lexicons say of a sentence.
#[derive(Default)]
pub struct Segmented {
    /// The words in order; they cover the sentence.
    pub words: Vec<Word>,
    /// The word that each character is in.
    pub word_of: Vec<u32>,
    /// For each character: part (1 begin, 2 inside, 3 end) × 8 + level of the longest place here, else 0.
    pub place: Vec<u8>,
    /// For each character: part of the longest title here, else 0.
    pub title: Vec<u8>,
    /// For each character: length of the longest organisation suffix that begins here, else 0.
    pub suffix: Vec<u8>,
    /// Length of the surname of two characters that begins here, else 0.
    pub surname: Vec<u8>,
    best: Vec<(u32, u8, u8)>,
    places: Vec<(u8, u8)>,
    titles: Vec<u8>,
}

impl Segmented {
    /// Cuts `chars`, whose earlier content is replaced.
    ///
    /// `blind` leaves personal names out of the list of words, so that training also sees names that no
    /// list holds.
    pub fn fill(&mut self, chars: &[u16], lexicon: &Lexicon, blind: bool) {
        let n = chars.len();
        self.best.clear();
        self.best.resize(n + 1, (0, 0, 0));
        reset(&mut self.suffix, n);
        reset(&mut self.surname, n);
        reset(&mut self.titles, n);
        self.places.clear();
        self.places.resize(n, (0, 0));
        for i in (0..n).rev() {
            let single = lexicon.single(chars[i]);
            let mut best = (u32::from(single.cost) + self.best[i + 1].0, 1u8, single.tag);
            if single.org_suffix {
                self.suffix[i] = 1;
            }
            let mut walk = Walk::START.step(chars[i]);
            for length in 2..=WORD_CHARS_MAX.min(n - i) {
                walk = walk.step(chars[i + length - 1]);
                if !lexicon.may_begin(walk) {
                    break;
                }
                let Some(entry) = lexicon.word(walk) else { continue };
                self.mark(i, length as u8, entry);
                if blind && matches!(entry.tag, TAG_PERSON | TAG_FOREIGN | TAG_PERSON_SURE) {
                    continue;
                }
                let cost = u32::from(entry.cost) + self.best[i + length].0;
                if cost < best.0 {
                    best = (cost, length as u8, entry.tag);
                }
            }
            self.best[i] = best;
        }
        self.collect(chars);
        spread(&mut self.place, self.places.iter().map(|(length, level)| (*length, *level)));
        spread(&mut self.title, self.titles.iter().map(|length| (*length, 0)));
    }

    fn mark(&mut self, i: usize, length: u8, entry: Entry) {
        if entry.place > 0 {
            self.places[i] = (length, entry.place);
        }
        if entry.title {
            self.titles[i] = length;
        }
        if entry.org_suffix {
            self.suffix[i] = length;
        }
        if entry.surname {
            self.surname[i] = length;
        }
    }

    fn collect(&mut self, chars: &[u16]) {
        self.words.clear();
        self.word_of.clear();
        let mut i = 0;
        while i < chars.len() {
            let (_, length, tag) = self.best[i];
            let end = i + usize::from(length);
            let hash = chars[i..end].iter().fold(0x1234_5678u64, |h, c| {
                (h.rotate_left(7) ^ u64::from(*c)).wrapping_mul(0x9E37_79B9_7F4A_7C15)
            });
            self.word_of.resize(end, self.words.len() as u32);
            self.words.push(Word { start: i as u32, length, tag, hash });
            i = end;
        }
    }
}

fn reset(values: &mut Vec<u8>, n: usize) {
    values.clear();
    values.resize(n, 0);
}

/// Turns (length, level) by first character into a mark for each character, the first longest first.
fn spread(marks: &mut Vec<u8>, found: impl ExactSizeIterator<Item = (u8, u8)>) {
    let n = found.len();
    reset(marks, n);
    let mut until = 0;
    for (i, (length, level)) in found.enumerate() {
        if length == 0 || i < until {
            continue;
        }
        until = i + usize::from(length);
        for (offset, mark) in marks[i..until.min(n)].iter_mut().enumerate() {
            let part = match offset {
                0 => 1,
                o if i + o + 1 == until => 3,
                _ => 2,
            };
            *mark = part * 8 + level;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::folded;
    use zhunsheng_rules::Rules;

    fn words(text: &str) -> Vec<String> {
        let lexicon = Lexicon::embedded(Rules::embedded()).unwrap();
        let chars: Vec<char> = text.chars().collect();
        let mut segmented = Segmented::default();
        segmented.fill(&folded(text), &lexicon, false);
        segmented
            .words
            .iter()
            .map(|w| chars[w.start as usize..w.start as usize + usize::from(w.length)].iter().collect())
            .collect()
    }

    #[test]
    fn sentences_are_cut_into_words() {
        assert_eq!(words("他在北京市工作"), ["他", "在", "北京市", "工作"]);
        assert_eq!(words("中华人民共和国"), ["中华人民共和国"]);
        assert_eq!(words(""), Vec::<String>::new());
    }

    #[test]
    fn marks_cover_the_longest_place() {
        let mut marks = Vec::new();
        spread(&mut marks, [(0, 0), (3, 2), (2, 1), (0, 0), (2, 4), (0, 0)].into_iter());
        assert_eq!(marks, [0, 10, 18, 26, 12, 28]);
    }
}
