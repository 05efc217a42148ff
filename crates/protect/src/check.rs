//! Check digits: to make numbers that fail them.

/// The check character of GB 11643 over 17 digits.
pub(crate) fn citizen(digits: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    if digits.len() != 17 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    b"10X98765432".get(sum as usize % 11).copied()
}

/// The check digit of ISO/IEC 7812 (Luhn) over the digits before it.
pub(crate) fn luhn(digits: &[u8]) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let digit = u32::from(digit - b'0');
            if index % 2 == 0 { digit * 2 / 10 + digit * 2 % 10 } else { digit }
        })
        .sum();
    Some(b'0' + (10 - sum % 10) as u8 % 10)
}

/// The check character of GB 32100 (unified social credit code) over its first 17 characters.
pub(crate) fn uscc(characters: &[u8]) -> Option<u8> {
    const ALPHABET: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";
    if characters.len() != 17 {
        return None;
    }
    let mut sum = 0;
    let mut weight = 1;
    for character in characters {
        sum += ALPHABET.iter().position(|known| known == character)? * weight;
        weight = weight * 3 % 31;
    }
    ALPHABET.get((31 - sum % 31) % 31).copied()
}

/// The check character (position 9) of a vehicle identification number of 17 characters (GB 16735).
pub(crate) fn vin(characters: &[u8]) -> Option<u8> {
    const WEIGHTS: [u32; 17] = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    if characters.len() != 17 {
        return None;
    }
    let value = |c: u8| match c {
        b'0'..=b'9' => Some(u32::from(c - b'0')),
        b'A'..=b'H' => Some(u32::from(c - b'A') + 1),
        b'J'..=b'N' => Some(u32::from(c - b'J') + 1),
        b'P' => Some(7),
        b'R' => Some(9),
        b'S'..=b'Z' => Some(u32::from(c - b'S') + 2),
        _ => None,
    };
    let mut sum = 0;
    for (c, weight) in characters.iter().zip(WEIGHTS) {
        sum += value(*c)? * weight;
    }
    b"0123456789X".get(sum as usize % 11).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_numbers_have_known_checks() {
        // The example of GB 11643, and numbers that circulate as examples of their standards.
        assert_eq!(citizen(b"11010519491231002"), Some(b'X'));
        assert_eq!(citizen(b"4401018001010"), None);
        assert_eq!(luhn(b"7992739871"), Some(b'3'));
        assert_eq!(luhn(b"411111111111111"), Some(b'1'));
        assert_eq!(uscc(b"91350100M000100Y4"), Some(b'3'));
        assert_eq!(vin(b"1M8GDM9AXKP042788"), Some(b'X'));
        assert_eq!(vin(b"IM8GDM9AXKP042788"), None);
    }
}
