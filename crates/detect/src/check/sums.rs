//! Check digits, as pure functions over ASCII bytes. Every function answers `false` or `None` for bytes that
//! are not of its alphabet.

/// Value of an ASCII digit.
const fn digit(byte: u8) -> Option<u32> {
    if byte.is_ascii_digit() { Some((byte - b'0') as u32) } else { None }
}

/// Luhn (ISO/IEC 7812-1 annex B) over all digits, the last one being the check digit.
pub(crate) fn luhn(digits: &[u8]) -> bool {
    // Twice a digit with its figures added up is twice the digit, less nine from five on.
    let twice = |digit: u8| u32::from(digit) * 2 - if digit > 4 { 9 } else { 0 };
    let value = |byte: &u8| byte.wrapping_sub(b'0');
    let mut sum = 0;
    let mut wrong = digits.is_empty();
    for pair in digits.rchunks(2) {
        let (left, right) = match pair {
            [left, right] => (value(left), value(right)),
            [right] => (0, value(right)),
            _ => (0, 0),
        };
        wrong |= left > 9 || right > 9;
        sum += twice(left) + u32::from(right);
    }
    sum.is_multiple_of(10) && !wrong
}

/// The ISO 7064 MOD 11-2 check character of the first 17 digits (GB 11643-1999).
pub(crate) fn mod_11_2(digits: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let mut sum = 0;
    for (byte, weight) in digits.get(..17)?.iter().zip(WEIGHTS) {
        sum += digit(*byte)? * weight;
    }
    b"10X98765432".get((sum % 11) as usize).copied()
}

/// Whether 18 characters end with their MOD 11-2 check character (`X` in upper case).
pub(crate) fn mod_11_2_holds(text: &[u8]) -> bool {
    text.len() == 18 && mod_11_2(text).is_some_and(|check| text.last() == Some(&check))
}

/// ISO 7064 MOD 11,10 over 15 digits (business registration numbers, GS 15-2006).
pub(crate) fn mod_11_10_holds(digits: &[u8]) -> bool {
    let mut product = 10;
    let Some((last, body)) = digits.split_last() else { return false };
    for byte in body {
        let Some(value) = digit(*byte) else { return false };
        let sum = (product + value) % 10;
        product = (if sum == 0 { 10 } else { sum }) * 2 % 11;
    }
    digit(*last).is_some_and(|check| (product + check) % 10 == 1)
}

/// The alphabet of GB 32100-2015: no I, O, S, V, Z.
const USCC: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Whether 18 characters are a unified social credit code by its check character (GB 32100-2015).
pub(crate) fn uscc_holds(text: &[u8]) -> bool {
    const WEIGHTS: [usize; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
    let value = |byte: u8| USCC.iter().position(|known| *known == byte);
    let [body @ .., last] = text else { return false };
    if body.len() != 17 {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in body.iter().zip(WEIGHTS) {
        let Some(value) = value(*byte) else { return false };
        sum += value * weight;
    }
    value(*last) == Some((31 - sum % 31) % 31)
}

/// Whether nine characters are an organisation code (GB 11714), without its hyphen.
pub(crate) fn org_code_holds(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];
    let [body @ .., last] = text else { return false };
    if body.len() != 8 {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in body.iter().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return false,
        };
        sum += u32::from(value) * weight;
    }
    let check = match 11 - sum % 11 {
        10 => b'X',
        11 => b'0',
        other => b'0' + other as u8,
    };
    *last == check
}

/// Whether 17 characters are a vehicle identification number by its ninth place (ISO 3779, GB 16735).
pub(crate) fn vin_holds(text: &[u8]) -> bool {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if text.len() != 17 {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in text.iter().zip(WEIGHTS) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'H' => byte - b'A' + 1,
            b'J'..=b'N' => byte - b'J' + 1,
            b'P' => 7,
            b'R' => 9,
            b'S'..=b'Z' => byte - b'S' + 2,
            _ => return false,
        };
        sum += u32::from(value) * weight;
    }
    let check = if sum % 11 == 10 { b'X' } else { b'0' + (sum % 11) as u8 };
    text.get(8) == Some(&check)
}

/// Whether a Hong Kong identity card number (one or two letters, six digits, check character) holds.
pub(crate) fn hkid_holds(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    if !(letters == 1 || letters == 2) || text.len() != letters + 7 {
        return false;
    }
    // A blank stands before a single letter and counts 36.
    let mut sum: u32 = if letters == 1 { 36 * 9 } else { 0 };
    let weights = (2..=9).rev().skip(2 - letters);
    for (byte, weight) in text.iter().zip(weights) {
        let value = match byte {
            b'0'..=b'9' => byte - b'0',
            b'A'..=b'Z' => byte - b'A' + 10,
            _ => return false,
        };
        sum += u32::from(value) * weight;
    }
    let check = match (11 - sum % 11) % 11 {
        10 => b'A',
        other => b'0' + other as u8,
    };
    text.last() == Some(&check)
}

/// Whether a Taiwan identity card number (letter, sex or class, eight digits) holds.
pub(crate) fn tw_id_holds(text: &[u8]) -> bool {
    // 10 A … 33 Z in the order in which the letters were given out.
    const LETTERS: &[u8; 26] = b"ABCDEFGHJKLMNPQRSTUVXYWZIO";
    const WEIGHTS: [u32; 9] = [8, 7, 6, 5, 4, 3, 2, 1, 1];
    let [letter, rest @ ..] = text else { return false };
    let Some(place) = LETTERS.iter().position(|known| known == letter) else { return false };
    if rest.len() != 9 || !matches!(rest.first(), Some(b'1' | b'2' | b'8' | b'9')) {
        return false;
    }
    let number = place as u32 + 10;
    let mut sum = number / 10 + number % 10 * 9;
    for (byte, weight) in rest.iter().zip(WEIGHTS) {
        let Some(value) = digit(*byte) else { return false };
        sum += value * weight;
    }
    sum.is_multiple_of(10)
}

/// Whether nine digits carry the check digit of a UPU S10 item number (`EE123456785CN`).
pub(crate) fn s10_holds(digits: &[u8]) -> bool {
    const WEIGHTS: [u32; 8] = [8, 6, 4, 2, 3, 5, 9, 7];
    let [body @ .., last] = digits else { return false };
    if body.len() != 8 {
        return false;
    }
    let mut sum = 0;
    for (byte, weight) in body.iter().zip(WEIGHTS) {
        let Some(value) = digit(*byte) else { return false };
        sum += value * weight;
    }
    let check = match 11 - sum % 11 {
        10 => 0,
        11 => 5,
        other => other,
    };
    digit(*last) == Some(check)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each number holds, and no longer holds when its last place is changed.
    fn both_sides(holds: fn(&[u8]) -> bool, numbers: &[&str]) {
        for number in numbers {
            assert!(holds(number.as_bytes()), "{number}");
            let mut changed = number.as_bytes().to_vec();
            if let Some(last) = changed.last_mut() {
                *last = if *last == b'7' { b'8' } else { b'7' };
            }
            assert!(!holds(&changed), "{number} with another last place");
        }
        assert!(!holds(b""));
    }

    #[test]
    fn published_examples_hold_and_their_neighbours_do_not() {
        both_sides(luhn, &["4111111111111111", "490154203237518", "6200000000000005", "0"]);
        // The two examples printed in GB 11643-1999.
        both_sides(mod_11_2_holds, &["11010519491231002X", "440524188001010014"]);
        both_sides(uscc_holds, &["91350100M000100Y43"]);
        both_sides(vin_holds, &[]);
        assert!(vin_holds(b"1M8GDM9AXKP042788") && !vin_holds(b"1M8GDM9A1KP042788"));
        assert!(vin_holds(b"11111111111111111") && !vin_holds(b"11111111211111111"));
        both_sides(hkid_holds, &["A1234563", "AB9876543", "G123456A"]);
        both_sides(tw_id_holds, &["A123456789"]);
        both_sides(s10_holds, &["473124829"]);
        both_sides(mod_11_10_holds, &["110108000000016"]);
        both_sides(org_code_holds, &["D2143569X"]);
    }

    #[test]
    fn bytes_of_another_alphabet_never_hold() {
        for holds in [luhn, mod_11_2_holds, uscc_holds, vin_holds, hkid_holds, tw_id_holds, s10_holds] {
            assert!(!holds("身份证号码身份".as_bytes()));
            assert!(!holds(b"I0O..-/ab,;12345x"));
        }
    }
}
