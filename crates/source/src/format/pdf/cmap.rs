//! Character maps: which bytes are one code, and which text or character id a code stands for.

use super::lexer::{Lexer, Token};
use std::collections::BTreeMap;

/// Entries kept of one map: the whole of Unicode's first plane and some; a hostile map stops there.
const ENTRIES_MAX: usize = 1 << 18;

/// A range of codes that stand for consecutive targets.
#[derive(Clone, Debug)]
struct Run {
    last: u32,
    target: Target,
}

#[derive(Clone, Debug)]
enum Target {
    /// UTF-16 units; the last one counts up.
    Text(Vec<u16>),
    /// A character id that counts up.
    Id(u32),
}

/// A character map written in the file (`/ToUnicode` or an embedded `/Encoding`).
#[derive(Clone, Debug, Default)]
pub(super) struct CharMap {
    /// For each length of a code in bytes: first and last code of that length.
    spaces: Vec<(usize, u32, u32)>,
    /// By (length in bytes, first code): the run that begins there.
    runs: BTreeMap<(usize, u32), Run>,
    /// The predefined map that it builds on.
    pub(super) base: Option<Vec<u8>>,
}

impl CharMap {
    /// Reads a map; damaged parts are passed over.
    pub(super) fn parse(bytes: &[u8]) -> CharMap {
        let mut map = CharMap::default();
        let mut lexer = Lexer::new(bytes);
        let mut last_name = None;
        while let Some(token) = lexer.next() {
            match token {
                Token::Name(name) => last_name = Some(name),
                Token::Word(word) => match word.as_slice() {
                    b"usecmap" => map.base = last_name.take(),
                    b"begincodespacerange" => map.read_spaces(&mut lexer),
                    b"beginbfchar" | b"begincidchar" => map.read_entries(&mut lexer, false),
                    b"beginbfrange" | b"begincidrange" => map.read_entries(&mut lexer, true),
                    _ => {}
                },
                _ => {}
            }
        }
        map
    }

    /// Whether it maps nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// The length in bytes of the code that begins `bytes`, when the map tells.
    pub(super) fn code_length(&self, bytes: &[u8]) -> Option<usize> {
        let mut code = 0u32;
        for (index, byte) in bytes.iter().take(4).enumerate() {
            code = code << 8 | u32::from(*byte);
            let length = index + 1;
            let inside = |(size, first, last): &(usize, u32, u32)| {
                *size == length
                    && (0..length).all(|i| {
                        let of = |value: u32| value >> (8 * i) & 0xff;
                        (of(*first)..=of(*last)).contains(&of(code))
                    })
            };
            if self.spaces.iter().any(inside) {
                return Some(length);
            }
        }
        self.spaces.iter().map(|(size, ..)| *size).min()
    }

    /// The text a code stands for.
    pub(super) fn text(&self, length: usize, code: u32) -> Option<String> {
        let (offset, run) = self.run(length, code)?;
        match &run.target {
            Target::Text(units) => {
                let mut units = units.clone();
                if let Some(last) = units.last_mut() {
                    *last = last.wrapping_add(offset as u16);
                }
                Some(String::from_utf16_lossy(&units))
            }
            Target::Id(_) => None,
        }
    }

    /// The character id a code stands for.
    pub(super) fn id(&self, length: usize, code: u32) -> Option<u32> {
        let (offset, run) = self.run(length, code)?;
        match run.target {
            Target::Id(first) => Some(first.wrapping_add(offset)),
            Target::Text(_) => None,
        }
    }

    /// The run that holds the code. Many files state codes of the map with another length than the font
    /// uses, so a code is looked for under every length.
    fn run(&self, length: usize, code: u32) -> Option<(u32, &Run)> {
        [length, 2, 1, 3, 4].into_iter().find_map(|size| {
            let ((_, first), run) = self.runs.range((size, 0)..=(size, code)).next_back()?;
            (code <= run.last).then(|| (code - first, run))
        })
    }

    fn read_spaces(&mut self, lexer: &mut Lexer<'_>) {
        while let (Some(Token::Text(first)), Some(Token::Text(last))) = (lexer.next(), lexer.next()) {
            if (1..=4).contains(&first.len()) && first.len() == last.len() && self.spaces.len() < 256 {
                self.spaces.push((first.len(), number(&first), number(&last)));
            }
        }
    }

    fn read_entries(&mut self, lexer: &mut Lexer<'_>, ranges: bool) {
        while let Some(Token::Text(first)) = lexer.next() {
            if first.is_empty() || first.len() > 4 || self.runs.len() >= ENTRIES_MAX {
                return;
            }
            let (size, code) = (first.len(), number(&first));
            let last = if ranges {
                match lexer.next() {
                    Some(Token::Text(last)) => number(&last),
                    _ => return,
                }
            } else {
                code
            };
            match lexer.next() {
                Some(Token::Text(text)) => {
                    self.insert(size, code, last, Target::Text(units(&text)));
                }
                Some(Token::Number(id)) => self.insert(size, code, last, Target::Id(id.max(0.0) as u32)),
                Some(Token::ArrayStart) => {
                    let mut at = code;
                    while let Some(Token::Text(text)) = lexer.next() {
                        if at <= last && self.runs.len() < ENTRIES_MAX {
                            self.insert(size, at, at, Target::Text(units(&text)));
                        }
                        at = at.saturating_add(1);
                    }
                }
                _ => return,
            }
        }
    }

    fn insert(&mut self, size: usize, first: u32, last: u32, target: Target) {
        self.runs.insert((size, first), Run { last: last.max(first), target });
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.iter().take(4).fold(0, |number, byte| number << 8 | u32::from(*byte))
}

fn units(bytes: &[u8]) -> Vec<u16> {
    if let [byte] = bytes {
        return vec![u16::from(*byte)];
    }
    bytes
        .chunks_exact(2)
        .take(64)
        .map(|pair| pair.iter().fold(0, |unit, b| unit << 8 | u16::from(*b)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chars_ranges_and_lists() {
        let map = CharMap::parse(
            b"/CIDInit /ProcSet findresource begin 1 begincodespacerange <0000> <FFFF> endcodespacerange
              2 beginbfchar <0001> <5F20> <0002> <D83DDE00> endbfchar
              2 beginbfrange <0010> <0012> <0041> <0020> <0021> [<4E09> <56DB>] endbfrange end",
        );
        assert_eq!(map.code_length(&[0, 1, 0]), Some(2));
        assert_eq!(map.text(2, 1).as_deref(), Some("张"));
        assert_eq!(map.text(2, 2).as_deref(), Some("😀"));
        assert_eq!(map.text(2, 0x12).as_deref(), Some("C"));
        assert_eq!(map.text(2, 0x13), None);
        assert_eq!(map.text(2, 0x21).as_deref(), Some("四"));
    }

    #[test]
    fn codes_of_mixed_length() {
        let map = CharMap::parse(
            b"2 begincodespacerange <00> <80> <8140> <FEFE> endcodespacerange
              1 begincidrange <20> <7e> 814 endcidrange",
        );
        assert_eq!(map.code_length(b"A"), Some(1));
        assert_eq!(map.code_length(&[0xd5, 0xc5]), Some(2));
        assert_eq!(map.id(1, 0x21), Some(815));
    }
}
