//! The form of a value: separators around its characters, and letters without digits for coded output.

/// Puts the characters of `replaced` where the letters and digits of `raw` stand, so that separators are
/// kept: `138 1234 5678` → `210 9876 5432`.
///
/// Gives `replaced` itself where the numbers of characters differ (a citizen number of 15 digits whose
/// normal form has 18).
pub(crate) fn in_layout(raw: &str, replaced: &str) -> String {
    let raw = raw.trim();
    if raw.chars().filter(|c| c.is_alphanumeric()).count() != replaced.chars().count() {
        return replaced.to_owned();
    }
    let mut next = replaced.chars();
    raw.chars().map(|c| if c.is_alphanumeric() { next.next().unwrap_or(c) } else { c }).collect()
}

/// The letters and digits of `text`, full-width ones as ASCII, letters in upper case.
pub(crate) fn compact(text: &str) -> String {
    let folded = text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        _ => c,
    });
    folded.filter(|c| c.is_alphanumeric()).map(|c| c.to_ascii_uppercase()).collect()
}

/// Sixteen consonants: coded output spells no word and holds no digits, so that it is never taken for a
/// number of any kind.
const NIBBLES: &[u8; 16] = b"bcdfghjklmnpqrst";

/// Two consonants a byte.
pub(crate) fn consonants(bytes: &[u8]) -> String {
    let letter = |nibble: u8| NIBBLES.get(usize::from(nibble)).copied().map_or('b', char::from);
    bytes.iter().flat_map(|byte| [letter(byte >> 4), letter(byte & 15)]).collect()
}

/// The 32 letters of the armour: five bits each.
const LETTERS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyzABCDEF";

/// Five bits a letter, most significant first, the last letter filled up with zeros.
pub(crate) fn letters(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 8 / 5 + 1);
    let (mut held, mut bits) = (0_u32, 0);
    let mut push = |value: u32| text.push(LETTERS.get(value as usize).copied().map_or('a', char::from));
    for byte in bytes {
        held = held << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            push(held >> bits & 31);
        }
        held &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(held << (5 - bits) & 31);
    }
    text
}

/// Undoes [`letters`]; nothing where a letter is foreign or the filling is not zero.
pub(crate) fn of_letters(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 5 / 8);
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let value = LETTERS.iter().position(|known| *known == letter)?;
        held = held << 5 | value as u32;
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push((held >> bits & 255) as u8);
        }
        held &= (1 << bits) - 1;
    }
    (held == 0 && bits < 5).then_some(bytes)
}

/// Whether a byte is a letter of the armour.
pub(crate) fn is_letter(byte: u8) -> bool {
    LETTERS.contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_are_read_back_and_hold_no_digit() {
        for length in 0..70_u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(73).wrapping_add(length)).collect();
            let text = letters(&bytes);
            assert!(text.bytes().all(|byte| byte.is_ascii_alphabetic()));
            assert_eq!(of_letters(&text).as_deref(), Some(&bytes[..]), "{length}");
        }
        assert_eq!(of_letters("ab1"), None);
        assert_eq!(of_letters("aF"), None, "the filling must be zero");
    }

    #[test]
    fn separators_stay_where_they_are() {
        assert_eq!(in_layout("138 1234-5678", "21098765432"), "210 9876-5432");
        assert_eq!(in_layout("(010) 6234", "9998765"), "(999) 8765");
        assert_eq!(in_layout("110101900307299", "110101199003072990"), "110101199003072990");
        assert_eq!(compact("京a·８K-325"), "京A8K325");
    }
}
