//! Cuts a text into the passages that are read at once.

use zhunsheng_tagger::chars::ends_sentence;

/// Longest passage, in characters; a longer sentence is cut.
pub(crate) const PASSAGE_CHARS_MAX: usize = 300;

/// A sentence, or as much of a line as has no end of a sentence.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Passage {
    pub(crate) chars: Vec<char>,
    /// Byte offset of each character in the text, and of the end.
    offsets: Vec<u32>,
}

impl Passage {
    /// The bytes of the characters from `from` to `to`.
    pub(crate) fn bytes(&self, from: usize, to: usize) -> Option<(u32, u32)> {
        Some((*self.offsets.get(from)?, *self.offsets.get(to)?))
    }

    /// The character that begins at byte `offset`, or the number of characters when the passage ends there.
    pub(crate) fn at(&self, offset: u32) -> Option<usize> {
        self.offsets.binary_search(&offset).ok()
    }

    /// The first byte of the passage and one past its last.
    pub(crate) fn range(&self) -> (u32, u32) {
        (self.offsets.first().copied().unwrap_or(0), self.offsets.last().copied().unwrap_or(0))
    }
}

/// The passages of `text`, in its order. Lines without Han characters are left out: they hold no Chinese name.
pub(crate) fn passages(text: &str) -> impl Iterator<Item = Passage> {
    let mut at = 0;
    text.split_inclusive('\n')
        .map(move |line| {
            let from = at;
            at += line.len();
            (from, line.trim_end_matches(['\n', '\r']))
        })
        // UTF-8 writes Han characters with bytes from 0xE3.
        .filter(|(_, line)| line.bytes().any(|byte| byte >= 0xE3))
        .flat_map(|(from, line)| sentences(from, line))
}

fn sentences(base: usize, line: &str) -> Vec<Passage> {
    let mut passages = Vec::new();
    let mut passage = Passage::default();
    for (offset, c) in line.char_indices() {
        passage.offsets.push((base + offset) as u32);
        passage.chars.push(c);
        if ends_sentence(c) || passage.chars.len() >= PASSAGE_CHARS_MAX {
            passage.offsets.push((base + offset + c.len_utf8()) as u32);
            passages.push(std::mem::take(&mut passage));
        }
    }
    if !passage.chars.is_empty() {
        passage.offsets.push((base + line.len()) as u32);
        passages.push(passage);
    }
    passages
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn passages_are_sentences_of_bounded_length() {
        let long = "好".repeat(PASSAGE_CHARS_MAX + 1);
        let text = format!("王芳来了。他走了\r\nno Han here\n\n{long}\n");
        let found: Vec<String> = passages(&text)
            .map(|passage| {
                let (start, end) = passage.range();
                let all: String = passage.chars.iter().collect();
                assert_eq!(text.get(start as usize..end as usize), Some(all.as_str()));
                assert_eq!(passage.bytes(0, passage.chars.len()), Some((start, end)));
                assert_eq!(passage.bytes(0, passage.chars.len() + 1), None);
                all
            })
            .collect();
        assert_eq!(found, ["王芳来了。", "他走了", &long[..3 * PASSAGE_CHARS_MAX], "好"]);
    }
}
