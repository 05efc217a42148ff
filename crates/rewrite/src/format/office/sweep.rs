//! Values that were replaced, to find them once more where no fragment has them.

use super::weave::Part;
use super::xml::{Broken, Lexer, Token, attributes as attributes_of, decode};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// Letters and digits that a value without Chinese characters must have, so that a width or an offset is never
/// taken for it.
const LETTERS_MIN: usize = 10;
/// Chinese characters that a value must have.
const HAN_MIN: usize = 2;

/// The values and what was written for them.
#[derive(Default)]
pub(super) struct Sweep {
    values: BTreeMap<String, String>,
    lengths: BTreeSet<usize>,
}

impl Sweep {
    /// Notes that `old` was replaced by `new`; what is too short to be told from other things is left out.
    pub(super) fn note(&mut self, old: &str, new: &str) {
        let old = old.trim();
        let han = old.chars().filter(|c| ('\u{3400}'..='\u{9fff}').contains(c)).count();
        let letters = old.chars().filter(char::is_ascii_alphanumeric).count();
        let tells = han >= HAN_MIN || letters >= LETTERS_MIN || old.contains('@') && letters >= 4;
        if tells && !new.contains(old) && !self.values.contains_key(old) {
            self.lengths.insert(old.len());
            self.values.insert(old.to_owned(), new.to_owned());
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The text with every value replaced; `None` when it holds none.
    pub(super) fn clean(&self, text: &str) -> Option<String> {
        if self.lengths.first().is_none_or(|least| text.len() < *least) {
            return None;
        }
        let (mut written, mut at, mut hit) = (String::new(), 0, false);
        while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
            let found = self.lengths.iter().rev().find_map(|length| {
                let new = self.values.get(rest.get(..*length)?)?;
                let before = text.get(..at).and_then(|text| text.chars().next_back());
                let after = rest.get(*length..).and_then(|text| text.chars().next());
                let first = rest.chars().next();
                let last = rest.get(..*length).and_then(|text| text.chars().next_back());
                let joins = |a: Option<char>, b: Option<char>| {
                    a.zip(b).is_some_and(|(a, b)| a.is_ascii_digit() && b.is_ascii_digit())
                };
                (!joins(before, first) && !joins(last, after)).then_some((*length, new))
            });
            match found {
                Some((length, new)) => {
                    written.push_str(new);
                    at += length;
                    hit = true;
                }
                None => {
                    let c = rest.chars().next().unwrap_or_default();
                    written.push(c);
                    at += c.len_utf8();
                }
            }
        }
        hit.then_some(written)
    }

    /// Whether bytes that are no XML hold a value, as UTF-8 or in 16-bit units.
    pub(super) fn is_in_bytes(&self, bytes: &[u8]) -> bool {
        if self.values.is_empty() {
            return false;
        }
        let wide = |skip: usize| {
            let units = bytes.get(skip..).unwrap_or_default().chunks_exact(2);
            let units = units.filter_map(|pair| Some(u16::from_le_bytes(pair.try_into().ok()?)));
            char::decode_utf16(units).map(|c| c.unwrap_or('\0')).collect::<String>()
        };
        self.clean(&String::from_utf8_lossy(bytes)).is_some()
            || self.clean(&wide(0)).is_some()
            || self.clean(&wide(1)).is_some()
    }
}

/// Attributes of a part that hold a value, with what they are to hold.
///
/// # Errors
/// When the part is not well formed.
pub(super) fn attributes(part: &Part, sweep: &Sweep) -> Result<Vec<(Range<usize>, String)>, Broken> {
    let known: BTreeSet<usize> =
        part.nodes.iter().filter(|node| node.changed().is_some()).map(|node| node.range.start).collect();
    let mut found = Vec::new();
    for token in Lexer::new(&part.xml) {
        let (range, token) = token?;
        let Token::Open { name, tag, .. } = token else { continue };
        // The cells of a sheet: their attributes are numbers, and there may be millions.
        if matches!(name, "c" | "row" | "v" | "f") {
            continue;
        }
        for (_, value) in attributes_of(tag) {
            let at = range.start + 1 + value.start..range.start + 1 + value.end;
            if known.contains(&at.start) {
                continue;
            }
            if let Some(new) = tag.get(value).and_then(|raw| sweep.clean(&decode(raw))) {
                found.push((at, new));
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_values_that_can_be_told_are_swept() {
        let mut sweep = Sweep::default();
        sweep.note("13800138000", "138****8000");
        sweep.note("王小明", "王某");
        sweep.note("123456", "***");
        sweep.note("男", "*");
        assert_eq!(sweep.clean("电话13800138000，王小明").as_deref(), Some("电话138****8000，王某"));
        assert_eq!(sweep.clean("138001380001"), None);
        assert_eq!(sweep.clean("w=123456 男"), None);
        let wide: Vec<u8> = "x王小明".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert!(sweep.is_in_bytes(&wide));
        assert!(!sweep.is_in_bytes(wide.get(..6).expect("there")));
    }
}
