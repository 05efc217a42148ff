//! How texts are cut: single Han characters, pairs of them, and words of letters and digits.

/// A unit of a text: one or two Han characters, or a word of letters and digits.
pub(crate) type Gram = u64;

/// Set in a gram that stands for a word of letters and digits.
const WORD: u64 = 1 << 63;

/// Whether the gram is a single Han character.
pub(crate) fn is_single(gram: Gram) -> bool {
    gram & WORD == 0 && gram >> 21 == 0
}

/// One character as it is compared: full-width letters and digits as ASCII, letters in lower case.
pub(crate) fn fold(c: char) -> char {
    let narrow = match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        other => other,
    };
    narrow.to_ascii_lowercase()
}

/// A text as it is compared: folded, without anything but letters, digits and Han characters.
pub(crate) fn folded(text: &str) -> String {
    text.chars().map(fold).filter(|c| c.is_alphanumeric()).collect()
}

/// Characters of a question that are read; a whole file pasted in as a question would take minutes.
const QUESTION_CHARS_MAX: usize = 2000;

/// The part of a question that is read.
pub(crate) fn read_part(question: &str) -> &str {
    let end = question.char_indices().nth(QUESTION_CHARS_MAX).map_or(question.len(), |(at, _)| at);
    question.get(..end).unwrap_or(question)
}

/// Calls `each` for every gram of `text`, in order.
pub(crate) fn grams(text: &str, mut each: impl FnMut(Gram)) {
    let mut last: Option<char> = None;
    let mut word: Option<u64> = None;
    for c in text.chars().map(fold) {
        if c.is_ascii_alphanumeric() {
            // A word is known by a hash of its letters; two words in one place do no harm.
            let hash = word.unwrap_or(0xcbf2_9ce4_8422_2325);
            word = Some((hash ^ u64::from(u32::from(c))).wrapping_mul(0x0100_0000_01b3));
            last = None;
            continue;
        }
        if let Some(hash) = word.take() {
            each(hash | WORD);
        }
        if !c.is_alphanumeric() {
            last = None;
            continue;
        }
        each(single(c));
        if let Some(before) = last {
            each(pair(before, c));
        }
        last = Some(c);
    }
    if let Some(hash) = word {
        each(hash | WORD);
    }
}

fn single(c: char) -> Gram {
    u64::from(u32::from(c))
}

/// The gram of two neighbours.
pub(crate) fn pair(first: char, second: char) -> Gram {
    u64::from(u32::from(first)) << 21 | u64::from(u32::from(second))
}

/// The characters of a gram; nothing for a word of letters.
pub(crate) fn spelled(gram: Gram) -> Option<String> {
    if gram & WORD != 0 {
        return None;
    }
    let last = char::from_u32(u32::try_from(gram & 0x1f_ffff).ok()?)?;
    if is_single(gram) {
        return Some(last.to_string());
    }
    let first = char::from_u32(u32::try_from(gram >> 21).ok()?)?;
    Some([first, last].iter().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(text: &str) -> Vec<String> {
        let mut found = Vec::new();
        grams(text, |gram| found.push(spelled(gram).unwrap_or_else(|| "word".to_owned())));
        found
    }

    #[test]
    fn a_text_is_cut_into_characters_pairs_and_words() {
        assert_eq!(cut("个人信息"), ["个", "人", "个人", "信", "人信", "息", "信息"]);
        assert_eq!(cut("用App拍照"), ["用", "word", "拍", "照", "拍照"]);
        assert_eq!(cut("甲，乙"), ["甲", "乙"]);
        assert_eq!(cut(""), Vec::<String>::new());
    }

    #[test]
    fn width_and_case_do_not_matter() {
        let all = |text: &str| {
            let mut found = Vec::new();
            grams(text, |gram| found.push(gram));
            found
        };
        assert_eq!(all("ＡPP号"), all("app号"));
        assert_ne!(all("app号"), all("apq号"));
        assert_eq!(folded("《Ａ、法》 第1条？"), "a法第1条");
    }
}
