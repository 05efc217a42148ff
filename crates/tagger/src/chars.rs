//! Characters as the model sees them: two bytes each, digits and letters folded, full width made half.

use std::sync::LazyLock;

/// Pairs of a traditional character and the simplified one that is read in its place; lines mean nothing.
static TRADITIONAL: &str = include_str!("../data/traditional.txt");

/// What each character of the basic plane is read as.
static FOLDED: LazyLock<Box<[u16]>> = LazyLock::new(|| {
    let mut table: Vec<u16> = (0..=u16::MAX).map(|code| plain(u32::from(code))).collect();
    let chars: Vec<char> = TRADITIONAL.lines().flat_map(str::chars).collect();
    for pair in chars.chunks_exact(2) {
        if let [from, to] = pair
            && let (Some(slot), Ok(to)) = (table.get_mut(*from as usize), u16::try_from(u32::from(*to)))
        {
            *slot = to;
        }
    }
    table.into_boxed_slice()
});

/// Stands for every digit.
pub const DIGIT: u16 = b'0' as u16;
/// Stands for every Latin letter.
pub const LETTER: u16 = b'a' as u16;
/// Stands before the first and after the last character.
pub const EDGE: u16 = 1;
/// Stands for every character beyond the basic plane.
const RARE: u16 = 2;

/// The character as the model sees it.
///
/// Traditional characters are read as the simplified ones that stand for them alone; one that is also written
/// in simplified text (乾, 著) stays as it is.
#[inline]
pub fn fold(c: char) -> u16 {
    FOLDED.get(c as usize).copied().unwrap_or(RARE)
}

fn plain(code: u32) -> u16 {
    let code = match code {
        0xFF01..=0xFF5E => code - 0xFEE0,
        0x3000 | 0x00A0 => 0x20,
        // Points between the parts of a transliterated name.
        0x2022 | 0x2027 | 0x30FB | 0xFF65 => 0x00B7,
        _ => code,
    };
    match code {
        0x30..=0x39 => DIGIT,
        0x41..=0x5A | 0x61..=0x7A => LETTER,
        0x09 | 0x0D => 0x20,
        _ => u16::try_from(code).unwrap_or(RARE),
    }
}

/// Whether a folded character is Han.
pub const fn is_han(c: u16) -> bool {
    matches!(c, 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x3007)
}

/// Whether a character ends a sentence: the model reads one sentence at a time.
pub const fn ends_sentence(c: char) -> bool {
    matches!(c, '\n' | '。' | '！' | '？' | '；' | '!' | '?' | ';' | '…')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_letters_and_width_are_folded() {
        assert_eq!(fold('7'), DIGIT);
        assert_eq!(fold('７'), DIGIT);
        assert_eq!(fold('Ｚ'), LETTER);
        assert_eq!(fold('，'), u16::from(b','));
        assert_eq!(fold('•'), fold('·'));
        assert_eq!(fold('王'), '王' as u16);
        assert_eq!(fold('張'), '张' as u16);
        assert_eq!(fold('乾'), '乾' as u16);
        assert!(is_han(fold('王')) && !is_han(fold('a')) && !is_han(fold('·')));
        assert_eq!(fold('😀'), 2);
    }
}
