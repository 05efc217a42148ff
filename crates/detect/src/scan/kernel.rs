//! The loop over tokens.

use super::Hit;
use super::cue::Cue;
use crate::check::Tables;
use zhunsheng_model::{Date, Kind, State};

/// Classes of ASCII bytes; the classes of a token are the union over its bytes.
pub(super) mod class {
    /// `0`–`9`
    pub(crate) const DIGIT: u8 = 1;
    /// `a`–`f`, `A`–`F`
    pub(crate) const HEX: u8 = 2;
    /// `g`–`z`, `G`–`Z`
    pub(crate) const LETTER: u8 = 4;
    /// Set besides for lower-case letters.
    pub(crate) const LOWER: u8 = 8;
}

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => class::DIGIT,
            b'a'..=b'f' => class::HEX | class::LOWER,
            b'A'..=b'F' => class::HEX,
            b'g'..=b'z' => class::LETTER | class::LOWER,
            b'G'..=b'Z' => class::LETTER,
            _ => 0,
        };
        byte += 1;
    }
    table
}

static CLASSES: [u8; 256] = classes();

/// Confidence by what speaks for a hit.
pub(super) mod sure {
    /// A check digit or a list, and a cue.
    pub(crate) const CHECKED_CUED: u8 = 99;
    /// A check digit or a list alone.
    pub(crate) const CHECKED: u8 = 90;
    /// A form and a cue.
    pub(crate) const SHAPED_CUED: u8 = 85;
    /// A form that little else has.
    pub(crate) const SHAPED: u8 = 70;
    /// A form and a place in the text that speak for it, no more.
    pub(crate) const WEAK: u8 = 50;
}

/// One pass over one text.
pub(super) struct Kernel<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) text: &'a str,
    pub(super) tables: &'a Tables,
    pub(super) reference: Date,
    /// Added to every offset.
    base: u32,
    hits: &'a mut Vec<Hit>,
}

impl<'a> Kernel<'a> {
    pub(super) fn new(
        tables: &'a Tables,
        reference: Date,
        text: &'a str,
        base: u32,
        hits: &'a mut Vec<Hit>,
    ) -> Kernel<'a> {
        Kernel { bytes: text.as_bytes(), text, tables, reference, base, hits }
    }

    /// Finds everything.
    pub(super) fn run(mut self) {
        let bytes = self.bytes;
        let mut at = 0;
        while let Some(start) = next_token(bytes, at) {
            let mut union = 0;
            let mut end = start;
            for byte in bytes.get(start..).unwrap_or_default() {
                let class = CLASSES[usize::from(*byte)];
                if class == 0 {
                    break;
                }
                union |= class;
                end += 1;
            }
            // What is tried may read on behind the token; the pass goes on where that ends.
            at = self.token(start, end, union).max(end);
        }
    }

    /// Tries the kinds that a token may be; returns where to go on.
    #[inline]
    fn token(&mut self, start: usize, end: usize, union: u8) -> usize {
        if self.at(end) == b'@'
            && let Some(next) = self.email(start, end)
        {
            return next;
        }
        match union {
            class::DIGIT => self.digits(start, end),
            _ if union & class::DIGIT == 0 => self.letters(start, end, union),
            _ => self.mixed(start, end, union),
        }
    }

    /// The byte at `index`, 0 outside the text.
    #[inline]
    pub(super) fn at(&self, index: usize) -> u8 {
        self.bytes.get(index).copied().unwrap_or(0)
    }

    /// The byte before `index`, 0 outside the text.
    #[inline]
    pub(super) fn before(&self, index: usize) -> u8 {
        index.checked_sub(1).map_or(0, |i| self.at(i))
    }

    /// The bytes of a range; none when it leaves the text.
    #[inline]
    pub(super) fn slice(&self, start: usize, end: usize) -> &'a [u8] {
        self.bytes.get(start..end).unwrap_or_default()
    }

    /// The text of a range; empty when it does not stand on character boundaries.
    pub(super) fn text_of(&self, start: usize, end: usize) -> &'a str {
        self.text.get(start..end).unwrap_or_default()
    }

    /// Whether the text goes on with `word` at `index`.
    pub(super) fn follows(&self, index: usize, word: &str) -> bool {
        self.bytes.get(index..).is_some_and(|rest| rest.starts_with(word.as_bytes()))
    }

    /// Whether the text before `index` ends with `word`.
    pub(super) fn precedes(&self, index: usize, word: &str) -> bool {
        self.bytes.get(..index).is_some_and(|head| head.ends_with(word.as_bytes()))
    }

    /// What announces a value that begins at `start`. The byte before tells most times that nothing does.
    #[inline]
    pub(super) fn cue(&self, start: usize) -> Cue {
        match self.before(start) {
            0x80..
            | b' '
            | b':'
            | b'='
            | b'"'
            | b'\''
            | b'('
            | b'['
            | b'\t'
            | b'>'
            | b'#'
            | b'*'
            | b'`'
            | b'|' => self.tables.cues.before(self.bytes, start),
            b'+' | b'\\' | b'~' => self.tables.cues.before(self.bytes, start - 1),
            _ => Cue::NONE,
        }
    }

    /// Notes a hit. Hits stay sorted by where they begin: a field found beside an identifier goes before it.
    #[inline]
    pub(super) fn push(&mut self, kind: Kind, state: State, confidence: u8, start: usize, end: usize) {
        let hit =
            Hit { kind, state, confidence, start: self.base + start as u32, end: self.base + end as u32 };
        if self.hits.last().is_none_or(|last| last.start <= hit.start) {
            self.hits.push(hit);
        } else {
            let later = self.hits.iter().rev().take_while(|other| other.start > hit.start).count();
            self.hits.insert(self.hits.len() - later, hit);
        }
    }

    /// Where the last hit ends.
    pub(super) fn last_end(&self) -> usize {
        self.hits.last().map_or(0, |hit| hit.end.saturating_sub(self.base) as usize)
    }

    /// One past the digits that begin at `start`.
    #[inline]
    pub(super) fn digits_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| byte.is_ascii_digit()).count()
    }

    /// One past the letters and digits that begin at `start`.
    pub(super) fn token_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        start + rest.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count()
    }
}

/// Where the next ASCII letter or digit stands, from `at` on.
///
/// Words of eight bytes whose high bits are all set are Chinese and skipped; where several follow one another,
/// blocks are skipped by a loop without branches, which the compiler turns into vector instructions.
#[inline]
fn next_token(bytes: &[u8], at: usize) -> Option<usize> {
    const BLOCK: usize = 64;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let mut at = at;
    loop {
        for _ in 0..4 {
            let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) else {
                let rest = bytes.get(at..)?;
                return rest
                    .iter()
                    .position(|byte| CLASSES[usize::from(*byte)] != 0)
                    .map(|offset| at + offset);
            };
            // One bit for each ASCII byte, the first one lowest.
            let mut ascii = !u64::from_le_bytes(*word) & HIGH;
            while ascii != 0 {
                let offset = (ascii.trailing_zeros() / 8) as usize;
                if CLASSES[usize::from(word[offset % 8])] != 0 {
                    return Some(at + offset);
                }
                ascii &= ascii - 1;
            }
            at += 8;
        }
        while let Some(block) = bytes.get(at..at + BLOCK) {
            let mut any = 0;
            for byte in block {
                // `| 0x20` folds upper into lower case; both tests are one comparison each.
                any |=
                    u8::from((byte | 0x20).wrapping_sub(b'a') < 26) | u8::from(byte.wrapping_sub(b'0') < 10);
            }
            if any != 0 {
                break;
            }
            at += BLOCK;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_token_is_found_wherever_it_stands() {
        for gap in 0..200 {
            let text = "，".repeat(gap) + "a";
            assert_eq!(next_token(text.as_bytes(), 0), Some(3 * gap));
            assert_eq!(next_token("。".repeat(gap).as_bytes(), 0), None);
        }
        assert_eq!(next_token(b"ab c", 2), Some(3));
        assert_eq!(next_token(b"@[`{/:", 0), None);
    }
}
