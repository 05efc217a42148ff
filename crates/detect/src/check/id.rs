//! Numbers built like the citizen identity number (GB 11643): place, birth date, order, check character.

use super::Tables;
use super::sums::mod_11_2_holds;
use zhunsheng_model::{Date, Kind, Reason, State};

/// Nobody alive is older; a card with an earlier birth date is an example or a slip.
const AGE_MAX: u16 = 125;

/// What the parts of an identity number say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct IdParts {
    /// Which document it is by its first digits.
    pub(crate) kind: Kind,
    /// The place code was in force at birth or later.
    pub(crate) place: bool,
    /// The birth date is a real day; not in the future; not too long ago.
    pub(crate) date: Result<Date, Reason>,
    /// The year lies in a range that could be meant as one of birth, even where the day is wrong.
    pub(crate) year_plausible: bool,
    /// The check character holds (always for fifteen digits, which have none).
    pub(crate) check: bool,
}

impl IdParts {
    /// Whether every part holds, and if not, the first reason why.
    pub(crate) fn state(self) -> State {
        match self.date {
            _ if !self.place => State::Invalid(Reason::UnknownPlace),
            Err(reason) => State::Invalid(reason),
            Ok(_) if !self.check => State::Invalid(Reason::WrongCheck),
            Ok(_) => State::Valid,
        }
    }

    /// Whether a number without a cue is meant as an identity number: at most one of its parts fails, and
    /// a wrong date still has the year of somebody's birth.
    pub(crate) fn plausible(self) -> bool {
        match self.date {
            Ok(_) => self.place || self.check,
            Err(_) => self.year_plausible && self.place && self.check,
        }
    }
}

/// Two ASCII digits as a number; nothing for other bytes.
fn pair(text: &[u8], at: usize) -> Option<u8> {
    let &[tens, units] = text.get(at..at + 2)? else { return None };
    (tens.is_ascii_digit() && units.is_ascii_digit()).then(|| (tens - b'0') * 10 + (units - b'0'))
}

impl Tables {
    /// Reads 18 characters, 17 digits and a digit or `X`.
    ///
    /// Nothing when the characters are others.
    pub(crate) fn id18(&self, text: &[u8], reference: Date) -> Option<IdParts> {
        let (last, body) = text.split_last()?;
        if body.len() != 17 || !(last.is_ascii_digit() || *last == b'X') {
            return None;
        }
        let year = u16::from(pair(body, 6)?) * 100 + u16::from(pair(body, 8)?);
        let code =
            u32::from(pair(body, 0)?) * 10_000 + u32::from(pair(body, 2)?) * 100 + u32::from(pair(body, 4)?);
        let (month, day) = (pair(body, 10)?, pair(body, 12)?);
        if !body.get(14..)?.iter().all(u8::is_ascii_digit) {
            return None;
        }
        let (kind, place) = match code {
            810_000 | 820_000 | 830_000 => (Kind::HmtResidence, true),
            // The 2023 card for permanent residents: 9, province of acceptance, country (ISO 3166 numeric).
            900_000..=999_999 => {
                let province = code / 1000 % 100 * 10_000;
                (Kind::ForeignPr, self.division_ever(province + 101) || self.division_ever(province + 100))
            }
            _ => (Kind::CnId, self.division(code, year)),
        };
        Some(IdParts {
            kind,
            place,
            date: birth(year, month, day, reference),
            year_plausible: (1900..=reference.year() + 100).contains(&year),
            check: mod_11_2_holds(text),
        })
    }

    /// Reads 15 digits, the first generation of cards: two digits for the year, no check digit.
    pub(crate) fn id15(&self, text: &[u8], reference: Date) -> Option<IdParts> {
        if text.len() != 15 || !text.iter().all(u8::is_ascii_digit) {
            return None;
        }
        // Orders 996–999 were given to people born before 1900.
        let century =
            if matches!(text.get(12..), Some(b"996" | b"997" | b"998" | b"999")) { 1800 } else { 1900 };
        let year = century + u16::from(pair(text, 6)?);
        let code =
            u32::from(pair(text, 0)?) * 10_000 + u32::from(pair(text, 2)?) * 100 + u32::from(pair(text, 4)?);
        let date = birth(year, pair(text, 8)?, pair(text, 10)?, reference);
        // These cards ceased to be made when the eighteen digits came, in 1999.
        Some(IdParts {
            kind: Kind::CnId,
            place: self.division(code, year),
            date,
            year_plausible: true,
            check: true,
        })
    }
}

fn birth(year: u16, month: u8, day: u8, reference: Date) -> Result<Date, Reason> {
    let date = Date::new(year, month, day).ok_or(Reason::ImpossibleDate)?;
    if date > reference {
        return Err(Reason::FutureDate);
    }
    if reference.year() - year > AGE_MAX {
        return Err(Reason::ImpossibleDate);
    }
    Ok(date)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tables;
    use super::*;

    fn state(number: &str) -> Option<State> {
        let reference = Date::parse("2024-03-01").unwrap();
        let parts = match number.len() {
            15 => tables().id15(number.as_bytes(), reference),
            _ => tables().id18(number.as_bytes(), reference),
        };
        parts.map(IdParts::state)
    }

    #[test]
    fn each_part_fails_for_its_own_reason() {
        for (number, expected) in [
            ("11010119900307299X", Some(State::Valid)),
            ("110101199003072990", Some(State::Invalid(Reason::WrongCheck))),
            ("990101196209245040", Some(State::Invalid(Reason::UnknownPlace))),
            ("220681196500008228", Some(State::Invalid(Reason::ImpossibleDate))),
            ("140502209903099856", Some(State::Invalid(Reason::FutureDate))),
            ("440524188001010014", Some(State::Invalid(Reason::ImpossibleDate))),
            ("1101011990030729", None),
            ("11010119900307A99X", None),
            ("610481920427025", Some(State::Valid)),
            ("610481921327025", Some(State::Invalid(Reason::ImpossibleDate))),
        ] {
            assert_eq!(state(number), expected, "{number}");
        }
    }

    #[test]
    fn an_abolished_place_is_valid_for_those_born_before_its_end() {
        // 崇文区 (110103) ended in 2009.
        assert!(tables().division(110_103, 1985));
        assert!(tables().division(110_103, 2009));
        assert!(!tables().division(110_103, 2011));
        assert!(tables().division(110_101, 2020));
        assert!(!tables().division(110_000, 1990), "a province is no place of registration");
    }

    #[test]
    fn other_documents_are_told_by_their_first_digits() {
        let reference = Date::parse("2024-03-01").unwrap();
        let kind =
            |number: &str| tables().id18(number.as_bytes(), reference).map(|parts| (parts.kind, parts.place));
        assert_eq!(kind("810000199408230021"), Some((Kind::HmtResidence, true)));
        assert_eq!(kind("911840199408230021"), Some((Kind::ForeignPr, true)));
        assert_eq!(kind("999840199408230021"), Some((Kind::ForeignPr, false)));
    }
}
