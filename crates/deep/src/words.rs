//! Which row of the network a character has.

use crate::error::DeepError;
use std::collections::BTreeMap;

/// Name of the file with the words that have a row.
pub(crate) const WORDS: &str = "word.dic";
/// Name of the file with the characters that are read as another: traditional and full-width forms.
pub(crate) const FORMS: &str = "q2b.dic";
/// Name of the file with the tags.
pub(crate) const TAGS: &str = "tag.dic";
/// Characters of the basic plane.
const BASIC: usize = 1 << 16;

/// Finds the row of a character. The model was made for words too, but reads one character at a time, so that
/// only the rows of single characters are ever used: they are numbered anew, from 0.
pub(crate) struct Words {
    basic: Vec<u16>,
    other: BTreeMap<char, u16>,
    /// The number that each used row has in the network's table.
    rows: Vec<usize>,
}

impl Words {
    /// Puts the table together from the contents of the two files.
    pub(crate) fn new(words: &str, forms: &str) -> Result<Words, DeepError> {
        let wrong = |name, reason| DeepError::Form { name, reason };
        let mut ids: BTreeMap<&str, usize> = BTreeMap::new();
        for (id, word) in pairs(words) {
            let id = id.parse().map_err(|_| wrong(WORDS, "a word without a number"))?;
            ids.insert(word, id);
        }
        let unknown = *ids.get("OOV").ok_or(wrong(WORDS, "no row for unknown characters"))?;
        let single = |text: &str| {
            let mut chars = text.chars();
            chars.next().filter(|_| chars.as_str().is_empty())
        };
        let mut of_char: BTreeMap<char, usize> =
            ids.iter().filter_map(|(word, id)| Some((single(word)?, *id))).collect();
        for (form, plain) in pairs(forms) {
            if let Some(c) = single(form) {
                of_char.insert(c, ids.get(plain).copied().unwrap_or(unknown));
            }
        }
        // The row of unknown characters comes first.
        let mut table = Words { basic: vec![0; BASIC], other: BTreeMap::new(), rows: vec![unknown] };
        let mut numbers: BTreeMap<usize, u16> = BTreeMap::from([(unknown, 0)]);
        for (c, id) in of_char {
            let next = u16::try_from(table.rows.len()).map_err(|_| wrong(WORDS, "too many characters"))?;
            let number = *numbers.entry(id).or_insert(next);
            if number == next {
                table.rows.push(id);
            }
            match table.basic.get_mut(c as usize) {
                Some(slot) => *slot = number,
                None => {
                    table.other.insert(c, number);
                }
            }
        }
        Ok(table)
    }

    /// The number of the row of `c`; 0 for characters that the model does not know.
    pub(crate) fn number(&self, c: char) -> u16 {
        match self.basic.get(c as usize) {
            Some(number) => *number,
            None => self.other.get(&c).copied().unwrap_or(0),
        }
    }

    /// The rows of the network's table that are used, by number.
    pub(crate) fn rows(&self) -> &[usize] {
        &self.rows
    }
}

/// What a tag says of a character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Tag {
    /// What the word is.
    pub(crate) class: Class,
    /// Whether the word began before this character.
    pub(crate) inside: bool,
}

/// What a word is, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Class {
    /// A personal name.
    Person,
    /// A place.
    Place,
    /// An organisation.
    Org,
    /// Anything else.
    Other,
}

/// The first `count` tags by number, from the content of their file.
///
/// A number that stands twice has its later name; one without a name begins a word of no class.
pub(crate) fn read_tags(text: &str, count: usize) -> Result<Vec<Tag>, DeepError> {
    let wrong = |reason| DeepError::Form { name: TAGS, reason };
    let mut tags = vec![Tag { class: Class::Other, inside: false }; count];
    for (id, name) in pairs(text) {
        let slot = id.parse::<usize>().ok().and_then(|id| tags.get_mut(id));
        let (word, inside) = match name.rsplit_once('-') {
            Some((word, "I")) => (word, true),
            Some((word, "B")) => (word, false),
            _ => (name, false),
        };
        let class = match word {
            "PER" | "nr" => Class::Person,
            "LOC" | "ns" => Class::Place,
            "ORG" | "nt" => Class::Org,
            _ => Class::Other,
        };
        *slot.ok_or(wrong("a number that is none, or too great"))? = Tag { class, inside };
    }
    Ok(tags)
}

/// The two fields of every line that has two.
fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split('\n').filter_map(|line| line.split_once('\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_are_found_in_their_plain_form() {
        let words =
            Words::new("0\t \n1\t国\n2\t中国\n3\ta\n4\tOOV\n5\t𠮷\n", "國\t国\nａ\ta\n㎏\tkg\n").unwrap();
        let row = |c| words.rows()[usize::from(words.number(c))];
        assert_eq!(['国', '國', 'a', 'ａ', ' ', '𠮷'].map(row), [1, 1, 3, 3, 0, 5]);
        // Unknown: never seen, a form of something unknown, and a character of a word only.
        assert_eq!(['龘', '㎏', '中', '\u{10FFFF}'].map(row), [4, 4, 4, 4]);
        assert_eq!(words.rows().len(), 5);
        assert!(Words::new("0\t国\n", "").is_err());
        assert!(Words::new("x\t国\n1\tOOV\n", "").is_err());
    }

    #[test]
    fn tags_are_read_with_their_class() {
        let tags = read_tags("0\tn-B\n1\tnr-B\n2\tnr-I\n3\tns-I\n1\tPER-B\n4\tO\n", 6).unwrap();
        let tag = |class, inside| Tag { class, inside };
        assert_eq!(
            tags,
            [
                tag(Class::Other, false),
                tag(Class::Person, false),
                tag(Class::Person, true),
                tag(Class::Place, true),
                tag(Class::Other, false),
                tag(Class::Other, false)
            ]
        );
        for wrong in ["6\tn-B\n", "x\tn-B\n", "-1\tn-B\n"] {
            assert!(read_tags(wrong, 6).is_err(), "{wrong:?}");
        }
    }
}
