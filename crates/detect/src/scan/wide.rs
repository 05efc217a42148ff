//! Full-width letters and digits: found quickly, folded line by line.

use std::ops::Range;

/// A line is folded at most this far to either side of the first full-width digit.
const LINE_MAX: usize = 4096;

/// The next line of `text` from `from` on that holds a full-width digit.
pub(super) fn next_line(text: &str, from: usize) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let at = from + find(bytes.get(from..)?)?;
    let floor = at.saturating_sub(LINE_MAX).max(from);
    let start =
        bytes.get(floor..at)?.iter().rposition(|byte| *byte == b'\n').map_or(floor, |i| floor + i + 1);
    let ceiling = (at + LINE_MAX).min(bytes.len());
    let end = bytes.get(at..ceiling)?.iter().position(|byte| *byte == b'\n').map_or(ceiling, |i| at + i + 1);
    // The limits may have cut a character; the digit itself lies between.
    Some(text.ceil_char_boundary(start)..text.floor_char_boundary(end))
}

/// Where the first full-width digit (`EF BC 90` to `EF BC 99`) begins.
fn find(bytes: &[u8]) -> Option<usize> {
    const BLOCK: usize = 64;
    let mut at = 0;
    while let (Some(a), Some(b), Some(c)) =
        (bytes.get(at..at + BLOCK), bytes.get(at + 1..at + BLOCK + 1), bytes.get(at + 2..at + BLOCK + 2))
    {
        let mut hit = 0;
        for ((a, b), c) in a.iter().zip(b).zip(c) {
            hit |= u8::from(*a == 0xef) & u8::from(*b == 0xbc) & u8::from(c.wrapping_sub(0x90) < 10);
        }
        if hit != 0 {
            break;
        }
        at += BLOCK;
    }
    let rest = bytes.get(at..)?;
    rest.windows(3).position(|w| matches!(w, [0xef, 0xbc, 0x90..=0x99])).map(|i| at + i)
}

/// A line with ASCII for full-width characters, and the way back.
pub(super) struct Folded {
    pub(super) text: String,
    /// Offset in the original of every byte of `text`, and of its end.
    origin: Vec<u32>,
}

impl Folded {
    /// The offset in the original of an offset in the folded text.
    pub(super) fn original(&self, offset: u32) -> u32 {
        self.origin.get(offset as usize).or(self.origin.last()).copied().unwrap_or(0)
    }
}

pub(super) fn fold_line(line: &str) -> Folded {
    let mut folded =
        Folded { text: String::with_capacity(line.len()), origin: Vec::with_capacity(line.len() + 1) };
    for (offset, c) in line.char_indices() {
        let c = match c {
            '\u{ff10}'..='\u{ff19}'
            | '\u{ff21}'..='\u{ff3a}'
            | '\u{ff41}'..='\u{ff5a}'
            | '＋'
            | '－'
            | '＠'
            | '．' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            '　' => ' ',
            _ => c,
        };
        folded.text.push(c);
        folded.origin.resize(folded.text.len(), offset as u32);
    }
    folded.origin.push(line.len() as u32);
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_with_full_width_digits_are_taken() {
        let text = "甲，乙：丙\n电话１３９\n完";
        let line = next_line(text, 0).unwrap();
        assert_eq!(text.get(line.clone()), Some("电话１３９\n"));
        assert_eq!(next_line(text, line.end), None);
        let long = "，".repeat(3000) + "９" + &"：".repeat(3000);
        let line = next_line(&long, 0).unwrap();
        assert!(long.get(line).is_some_and(|line| line.contains('９') && line.len() <= 2 * LINE_MAX));
    }

    #[test]
    fn offsets_lead_back_to_the_original() {
        let folded = fold_line("电话１３Ａ　x");
        assert_eq!(folded.text, "电话13A x");
        assert_eq!(
            (folded.original(0), folded.original(6), folded.original(7), folded.original(8)),
            (0, 6, 9, 12)
        );
        assert_eq!(folded.original(11), 19);
    }
}
