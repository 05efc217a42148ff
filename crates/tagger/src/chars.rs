//! Characters as the model sees them: two bytes each, digits and letters folded, full width made half.

/// Stands for every digit.
pub const DIGIT: u16 = b'0' as u16;
/// Stands for every Latin letter.
pub const LETTER: u16 = b'a' as u16;
/// Stands before the first and after the last character.
pub const EDGE: u16 = 1;
/// Stands for every character beyond the basic plane.
const RARE: u16 = 2;

/// The character as the model sees it.
pub fn fold(c: char) -> u16 {
    let code = c as u32;
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
        assert!(is_han(fold('王')) && !is_han(fold('a')) && !is_han(fold('·')));
        assert_eq!(fold('😀'), 2);
    }
}
