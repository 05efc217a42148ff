//! Passports, permits and certificates: forms of letters and digits. None but the identity cards of Hong
//! Kong and Taiwan has a check digit that is published, so these forms ask for a cue or a column.

use super::sums::{hkid_holds, tw_id_holds};

fn digits(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}

/// A letter as documents use them: no I, no O.
fn letter(byte: u8) -> bool {
    byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O')
}

/// A Chinese passport, those of the two special administrative regions included.
pub(crate) fn is_passport(text: &[u8]) -> bool {
    let &[a, b, ref rest @ ..] = text else { return false };
    if rest.len() != 7 || !digits(rest) {
        return false;
    }
    match (a, b) {
        (b'E' | b'G' | b'D' | b'S' | b'P' | b'H' | b'K', b'0'..=b'9') => true,
        (b'D' | b'S' | b'P', b'E') | (b'1', b'4' | b'5') | (b'K', b'J') | (b'M', b'A' | b'B') => true,
        (b'E', b) => letter(b),
        _ => false,
    }
}

/// A passport of another state: up to two letters and six to eight digits.
pub(crate) fn is_foreign_passport(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let rest = text.get(letters..).unwrap_or_default();
    letters <= 2 && (6..=8).contains(&rest.len()) && text.len() >= 7 && digits(rest)
}

/// 往来港澳通行证: `C` and a letter or digit and seven digits (2014 on), `W` and eight digits.
pub(crate) fn is_hkm_permit(text: &[u8]) -> bool {
    match text {
        [b'C', second, rest @ ..] => {
            rest.len() == 7 && (second.is_ascii_digit() || letter(*second)) && digits(rest)
        }
        [b'W', rest @ ..] => rest.len() == 8 && digits(rest),
        _ => false,
    }
}

/// 往来台湾通行证: `L` or `T` and eight digits.
pub(crate) fn is_tw_permit(text: &[u8]) -> bool {
    matches!(text, [b'L' | b'T', rest @ ..] if rest.len() == 8 && digits(rest))
}

/// 回乡证: `H` or `M`, eight digits of the person, on older cards two more for the renewals.
pub(crate) fn is_home_return(text: &[u8]) -> bool {
    matches!(text, [b'H' | b'M', rest @ ..] if matches!(rest.len(), 8 | 10) && digits(rest))
}

/// 台胞证: eight digits, or ten and a letter in brackets on the old book (given here without brackets).
pub(crate) fn is_taiwan_compatriot(text: &[u8]) -> bool {
    match text {
        [head @ .., last] if text.len() == 11 => digits(head) && last.is_ascii_uppercase(),
        _ => matches!(text.len(), 8 | 10) && digits(text),
    }
}

/// 澳门身份证: seven digits and a check digit whose rule is not published.
pub(crate) fn is_macau_id(text: &[u8]) -> bool {
    text.len() == 8 && matches!(text.first(), Some(b'1' | b'5' | b'7')) && digits(text)
}

/// The form of a Hong Kong identity card without brackets; whether its check character holds.
pub(crate) fn hkid(text: &[u8]) -> Option<bool> {
    let letters = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let [middle @ .., last] = text.get(letters..)? else { return None };
    let form = matches!(letters, 1 | 2) && middle.len() == 6 && digits(middle);
    (form && (last.is_ascii_digit() || *last == b'A')).then(|| hkid_holds(text))
}

/// The form of a Taiwan identity card; whether its check digit holds.
pub(crate) fn tw_id(text: &[u8]) -> Option<bool> {
    let &[first, second, ref rest @ ..] = text else { return None };
    let form = first.is_ascii_uppercase()
        && matches!(second, b'1' | b'2' | b'8' | b'9')
        && rest.len() == 8
        && digits(rest);
    form.then(|| tw_id_holds(text))
}

/// The permanent residence card for foreigners before 2023: country, place, birth, order, check.
pub(crate) fn is_foreign_pr_old(text: &[u8]) -> bool {
    let (Some(country), Some(rest)) = (text.get(..3), text.get(3..)) else { return false };
    let two = |at: usize| rest.get(at..at + 2).map_or(0, super::number::number_of);
    text.len() == 15
        && country.iter().all(u8::is_ascii_uppercase)
        && digits(rest)
        && (1..=12).contains(&two(6))
        && (1..=31).contains(&two(8))
        && (11..=82).contains(&two(0))
}

/// 出生医学证明: a letter and nine digits.
pub(crate) fn is_birth_cert(text: &[u8]) -> bool {
    matches!(text, [first, rest @ ..] if first.is_ascii_uppercase() && rest.len() == 9 && digits(rest))
}

/// 社保卡号: eight or nine digits, with a letter or check character at either end.
pub(crate) fn is_social_security(text: &[u8]) -> bool {
    let inner = text.get(1..text.len().saturating_sub(1)).unwrap_or_default();
    let edges = text.first().into_iter().chain(text.last());
    (8..=12).contains(&text.len()) && digits(inner) && edges.into_iter().all(u8::is_ascii_alphanumeric)
}

/// A number of a hospital or insurer: a few letters, then six to twenty digits.
pub(crate) fn is_medical(text: &[u8]) -> bool {
    let letters = text.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
    let rest = text.get(letters..).unwrap_or_default();
    letters <= 4 && (6..=20).contains(&rest.len()) && digits(rest)
}

/// A student number of one school: letters and digits, digits at the end.
pub(crate) fn is_student_number(text: &[u8]) -> bool {
    (6..=20).contains(&text.len())
        && text.iter().all(u8::is_ascii_alphanumeric)
        && text.iter().filter(|byte| byte.is_ascii_digit()).count() >= 5
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(is: fn(&[u8]) -> bool, right: &[&str], wrong: &[&str]) {
        right.iter().for_each(|text| assert!(is(text.as_bytes()), "{text}"));
        wrong.iter().for_each(|text| assert!(!is(text.as_bytes()), "{text}"));
    }

    #[test]
    fn each_form_takes_its_own_and_leaves_the_next() {
        check(
            is_passport,
            &["E12345678", "EA1234567", "G12345678", "PE1234567", "141234567", "KJ1234567", "MA1234567"],
            &["EI1234567", "E1234567", "E123456789", "V20250101", "161234567", "e12345678"],
        );
        check(
            is_hkm_permit,
            &["C12345678", "CA1234567", "W12345678"],
            &["CO1234567", "WA1234567", "C1234567"],
        );
        check(is_tw_permit, &["L12345678", "T12345678"], &["L1234567", "E12345678"]);
        check(is_home_return, &["H12345678", "M1234567801"], &["H123456780", "X12345678"]);
        check(is_taiwan_compatriot, &["12345678", "1234567890", "1234567890B"], &["123456789", "12345678B"]);
        check(is_macau_id, &["12345678", "72345678"], &["22345678", "1234567"]);
        check(is_foreign_pr_old, &["USA110175010112"], &["USA110175130112", "US1110175010112"]);
        check(is_birth_cert, &["T123456789"], &["T12345678", "1123456789"]);
        check(
            is_social_security,
            &["A12345678", "123456789", "12345678X"],
            &["A1234", "AB1234567", "A-2345678"],
        );
        check(is_medical, &["MZ00123456", "1234567"], &["MZ12345", "ABCDE123456"]);
    }

    #[test]
    fn cards_with_a_check_character_tell_whether_it_holds() {
        assert_eq!(hkid(b"A1234563"), Some(true));
        assert_eq!(hkid(b"A1234564"), Some(false));
        assert_eq!(hkid(b"ABC1234563"), None);
        assert_eq!(tw_id(b"A123456789"), Some(true));
        assert_eq!(tw_id(b"A123456780"), Some(false));
        assert_eq!(tw_id(b"A323456789"), None);
    }
}
