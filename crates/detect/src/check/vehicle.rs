//! Licence plates (GA 36) without their separators.

use super::tables::{PROVINCES, Tables};
use zhunsheng_model::{Kind, Reason, State};

/// Characters behind four others on plates of police, learners, trailers and border traffic.
pub(crate) const SUFFIXES: [char; 9] = ['警', '学', '挂', '港', '澳', '领', '试', '超', '使'];

/// Which province a plate begins with.
pub(crate) fn province(first: char) -> Option<usize> {
    PROVINCES.iter().position(|known| *known == first)
}

/// Whether `tail` is what may stand behind province and office: five characters, or six with the letter of
/// a new-energy vehicle in the first or last place.
pub(crate) fn is_plate_tail(tail: &[u8]) -> bool {
    let known =
        |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'O');
    let digits = |part: &[u8]| part.iter().all(u8::is_ascii_digit);
    // D A B C E run on electricity alone, F G H J K also on something else.
    let energy = |byte: &u8| matches!(byte, b'A'..=b'H' | b'J' | b'K');
    match tail {
        [_, _, _, _, _] => {
            tail.iter().all(known) && tail.iter().filter(|byte| byte.is_ascii_uppercase()).count() <= 2
        }
        [first, second, rest @ ..] if rest.len() == 4 => {
            energy(first) && known(second) && digits(rest)
                || tail.split_last().is_some_and(|(last, head)| energy(last) && digits(head))
        }
        _ => false,
    }
}

impl Tables {
    /// Checks a plate in upper case without separators.
    pub(crate) fn plate(&self, text: &str) -> State {
        let wrong = State::Invalid(Reason::WrongForm);
        let mut chars = text.chars();
        let Some(first) = chars.next() else { return wrong };
        let rest = chars.as_str();
        let Some(index) = province(first) else {
            return if is_special(text) { State::Valid } else { wrong };
        };
        let Some((office, tail)) = rest.split_at_checked(1) else { return wrong };
        let letter = office.bytes().next().unwrap_or_default();
        if !letter.is_ascii_uppercase() {
            return wrong;
        }
        let body = tail.strip_suffix(SUFFIXES);
        let form = match body {
            Some(body) => body.len() == 4 && body.bytes().all(|byte| byte.is_ascii_alphanumeric()),
            None => is_plate_tail(tail.as_bytes()),
        };
        if !form {
            return wrong;
        }
        if self.is_test(Kind::Plate, text) {
            return State::Invalid(Reason::TestValue);
        }
        // 粤Z stands on cars of Hong Kong and Macau, O (never printed in lists) on those of authorities.
        let office = self.plate_office(index, letter) || matches!(letter, b'Z' | b'O') || body.is_some();
        if office { State::Valid } else { State::Invalid(Reason::UnallocatedSegment) }
    }
}

/// Plates without a province in front: armed police (`WJ` and a province), embassies, the forces.
fn is_special(text: &str) -> bool {
    if let Some(rest) = text.strip_prefix("WJ") {
        let rest = rest.strip_prefix(PROVINCES).unwrap_or(rest);
        return (5..=6).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric());
    }
    if let Some(rest) = text.strip_prefix('使').or_else(|| text.strip_suffix('使')) {
        return rest.len() == 6 && rest.bytes().all(|byte| byte.is_ascii_digit());
    }
    let bytes = text.as_bytes();
    let (Some(office), Some(number)) = (bytes.get(..2), bytes.get(2..)) else { return false };
    // The arms and theatre commands; I, Q and W are not given out.
    office.iter().all(|byte| byte.is_ascii_uppercase() && !matches!(byte, b'I' | b'Q' | b'W'))
        && number.len() == 5
        && number.iter().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::super::tests::tables;
    use super::*;

    #[test]
    fn plates_of_every_series_are_known() {
        for plate in [
            "京A8K325",
            "粤B12C45",
            "津YDG4852",
            "蒙DS426Y",
            "京AD12346",
            "沪A12346D",
            "粤Z1234港",
            "京A1234警",
            "京A1234学",
            "WJ京12345",
            "使014578",
            "VA12345",
        ] {
            assert_eq!(tables().plate(plate), State::Valid, "{plate}");
        }
    }

    #[test]
    fn what_no_office_gives_out_is_told_apart() {
        for (plate, reason) in [
            ("京A12345", Reason::TestValue),
            ("京A1234", Reason::WrongForm),
            ("京AI2345", Reason::WrongForm),
            ("京AABC45", Reason::WrongForm),
            ("中A12345", Reason::WrongForm),
            ("藏Y12346", Reason::UnallocatedSegment),
            ("京AL12345", Reason::WrongForm),
        ] {
            assert_eq!(tables().plate(plate), State::Invalid(reason), "{plate}");
        }
    }
}
