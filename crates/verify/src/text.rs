//! Hexadecimal, base64 and decimal numbers, each with exactly one spelling of a value.
//!
//! A second spelling of the same value would be a change of a file that nobody notices, so it is refused.

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    let digit = |n: u8| char::from(if n < 10 { b'0' + n } else { b'a' + n - 10 });
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Reads lower-case hexadecimal.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    pairs.iter().map(|[high, low]| Some(digit(*high)? << 4 | digit(*low)?)).collect()
}

/// Reads 32 bytes of lower-case hexadecimal.
pub fn unhex32(text: &str) -> Option<[u8; 32]> {
    unhex(text)?.try_into().ok()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 of RFC 4648 §4, padded.
pub fn base64(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let byte = |index: usize| u32::from(chunk.get(index).copied().unwrap_or(0));
        let number = byte(0) << 16 | byte(1) << 8 | byte(2);
        for position in 0..4u32 {
            let six = (number >> (18 - 6 * position)) & 63;
            let padding = position as usize > chunk.len();
            let letter = ALPHABET.get(six as usize).copied().unwrap_or(b'=');
            text.push(if padding { '=' } else { char::from(letter) });
        }
    }
    text
}

/// Reads padded base64; anything that [`base64`] would not write is refused.
pub fn unbase64(text: &str) -> Option<Vec<u8>> {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let mut bytes = Vec::with_capacity(groups.len() * 3);
    for group in groups {
        let padding = group.iter().rev().take_while(|byte| **byte == b'=').count().min(2);
        let mut number = 0u32;
        for (position, byte) in group.iter().enumerate() {
            let six = match byte {
                b'A'..=b'Z' => byte - b'A',
                b'a'..=b'z' => byte - b'a' + 26,
                b'0'..=b'9' => byte - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                b'=' if position >= 4 - padding => 0,
                _ => return None,
            };
            number = number << 6 | u32::from(six);
        }
        let three = [(number >> 16) as u8, (number >> 8) as u8, number as u8];
        bytes.extend(three.into_iter().take(3 - padding));
    }
    // One spelling only: padding in the middle and bits behind the end do not survive writing it again.
    (base64(&bytes) == text).then_some(bytes)
}

/// Reads 32 bytes of base64.
pub fn unbase64_32(text: &str) -> Option<[u8; 32]> {
    unbase64(text)?.try_into().ok()
}

/// Reads a decimal number without sign or leading zeros.
pub fn decimal(text: &str) -> Option<u64> {
    let number: u64 = text.parse().ok()?;
    (number.to_string() == text).then_some(number)
}

/// Seconds since 1970 as a date and time in UTC, `2026-11-23T08:00:00Z`.
pub fn rfc3339(seconds: u64) -> String {
    // Days since 1 March of the year 0, in eras of 400 years; a year begins in March, so that the leap day is
    // its last day.
    let (days, second) = (seconds / 86_400 + 719_468, seconds % 86_400);
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let (year, day) = (year + era * 400 + u64::from(month >= 10), day - (153 * month + 2) / 5 + 1);
    let (hour, minute, second, month) = (second / 3_600, second / 60 % 60, second % 60, (month + 2) % 12 + 1);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        // As `date -u -d @… +%FT%TZ` gives them.
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_399, "2000-02-28T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_800, "2000-03-01T00:00:00Z"),
            (1_735_689_599, "2024-12-31T23:59:59Z"),
            (1_735_689_600, "2025-01-01T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(seconds), text);
        }
        // The largest time of a co-signature.
        assert!(rfc3339((1 << 63) - 1).ends_with('Z'));
    }

    #[test]
    fn base64_known_answers_and_one_spelling() {
        // RFC 4648 §10.
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
            assert_eq!(unbase64(coded).as_deref(), Some(plain.as_bytes()));
        }
        for bad in ["Zg", "Zg=", "Zh==", "Zm9=", "====", "Zg==Zg==", "Zm 9", "Zm9v\n", "Z===", "é9v"] {
            assert_eq!(unbase64(bad), None, "{bad}");
        }
    }

    #[test]
    fn hexadecimal_and_decimal_have_one_spelling() {
        assert_eq!(unhex("00ff"), Some(vec![0, 255]));
        for bad in ["0", "0F", "0g", "é", " 0"] {
            assert_eq!(unhex(bad), None, "{bad}");
        }
        assert_eq!(decimal("18446744073709551615"), Some(u64::MAX));
        for bad in ["", "00", "01", "+1", "-1", " 1", "18446744073709551616"] {
            assert_eq!(decimal(bad), None, "{bad}");
        }
    }
}
