//! A day of the Gregorian calendar.

use std::fmt;

/// A day that exists in the Gregorian calendar, from year 1 to year 9999.
///
/// The fields are private so that a `Date` is always a real day; ordering is that of the calendar.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// The day of that year, month (from 1) and day (from 1); nothing when the calendar has no such day.
    pub const fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        if year == 0
            || year > 9999
            || month == 0
            || month > 12
            || day == 0
            || day > days_in_month(year, month)
        {
            return None;
        }
        Some(Date { year, month, day })
    }

    /// Reads `YYYY-MM-DD`, exactly ten ASCII characters.
    pub fn parse(text: &str) -> Option<Date> {
        let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
        let &[y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2] = bytes else { return None };
        let number = |digits: &[u8]| {
            digits.iter().try_fold(0u16, |sum, digit| {
                digit.is_ascii_digit().then(|| sum * 10 + u16::from(digit - b'0'))
            })
        };
        let month = u8::try_from(number(&[m1, m2])?).ok()?;
        let day = u8::try_from(number(&[d1, d2])?).ok()?;
        Date::new(number(&[y1, y2, y3, y4])?, month, day)
    }

    /// The year, 1–9999.
    pub const fn year(self) -> u16 {
        self.year
    }

    /// The month, 1–12.
    pub const fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, 1–31.
    pub const fn day(self) -> u8 {
        self.day
    }

    /// The same day `years` years earlier; 29 February becomes 28 February where the year has none.
    ///
    /// Nothing before year 1.
    pub const fn years_before(self, years: u16) -> Option<Date> {
        let Some(year) = self.year.checked_sub(years) else { return None };
        match Date::new(year, self.month, self.day) {
            Some(date) => Some(date),
            None => Date::new(year, self.month, 28),
        }
    }

    /// Full years of age (周岁) on `on` of somebody born on this day; nothing when `on` is earlier.
    ///
    /// The age is reached on the day *after* the birthday: the first day of a period is not counted (民法典
    /// art. 201 ¶1) and it ends with the corresponding day, or the last day of the month where there is none
    /// (art. 202).
    pub const fn age_at(self, on: Date) -> Option<u16> {
        if on.before(self) {
            return None;
        }
        let years = on.year - self.year;
        let reached = on.month > self.month || (on.month == self.month && on.day > self.day);
        Some(if reached || years == 0 { years } else { years - 1 })
    }

    /// Whether somebody born on this day is under fourteen (不满十四周岁) on `day`; the birthday itself still is.
    pub fn under_14_on(self, day: Date) -> bool {
        self.age_at(day).is_none_or(|age| age < 14)
    }

    /// The birth date inside an 18-digit citizen number.
    pub fn of_citizen_number(number: &str) -> Option<Date> {
        let digits = number.get(6..14).filter(|_| number.len() == 18)?;
        Date::new(
            digits.get(..4)?.parse().ok()?,
            digits.get(4..6)?.parse().ok()?,
            digits.get(6..)?.parse().ok()?,
        )
    }

    const fn before(self, other: Date) -> bool {
        self.number() < other.number()
    }

    const fn number(self) -> u32 {
        self.year as u32 * 512 + self.month as u32 * 32 + self.day as u32
    }
}

/// Days of a month, 28–31; 0 for a month that does not exist.
const fn days_in_month(year: u16, month: u8) -> u8 {
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => 29,
        2 => 28,
        _ => 0,
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_sides_of_the_fourteenth_birthday() {
        for (born, day, under) in [
            ("2010-11-23", "2024-11-22", true),
            ("2010-11-23", "2024-11-23", true),
            ("2010-11-23", "2024-11-24", false),
            // 2022 has no 29 February: its last day of the month stands for it.
            ("2008-02-29", "2022-02-27", true),
            ("2008-02-29", "2022-02-28", true),
            ("2008-02-29", "2022-03-01", false),
            ("2010-01-01", "2024-01-01", true),
            ("2010-01-01", "2024-01-02", false),
            ("2010-12-31", "2024-12-31", true),
            ("2010-12-31", "2025-01-01", false),
        ] {
            assert_eq!(date(born).under_14_on(date(day)), under, "{born} on {day}");
        }
        assert_eq!(Date::of_citizen_number("11010520101123002X"), Date::new(2010, 11, 23));
        assert_eq!(Date::of_citizen_number("110105201013230021"), None);
        assert_eq!(Date::of_citizen_number("110105101123002"), None);
    }

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn only_real_days_exist() {
        for text in ["2000-02-29", "2024-02-29", "1990-12-31", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(text).to_string(), text);
        }
        for text in [
            "1900-02-29",
            "2023-02-29",
            "2024-02-30",
            "1990-13-01",
            "1990-00-10",
            "1990-04-31",
            "1990-01-00",
            "0000-01-01",
            "1990-1-01",
            "1990/01/01",
            "19900101",
            "",
            "１990-01-0",
            "1990-01-01 ",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_order_is_that_of_the_calendar() {
        assert!(date("1999-12-31") < date("2000-01-01"));
        assert!(date("2000-01-31") < date("2000-02-01"));
        assert!(date("2000-02-01") < date("2000-02-02"));
    }

    #[test]
    fn an_age_is_reached_on_the_day_after_the_birthday() {
        let birth = date("2010-06-15");
        assert_eq!(birth.age_at(date("2024-06-14")), Some(13));
        assert_eq!(birth.age_at(date("2024-06-15")), Some(13));
        assert_eq!(birth.age_at(date("2024-06-16")), Some(14));
        assert_eq!(birth.age_at(date("2010-06-15")), Some(0));
        assert_eq!(birth.age_at(date("2010-06-14")), None);
        assert_eq!(date("2008-02-29").age_at(date("2022-02-28")), Some(13));
        assert_eq!(date("2008-02-29").age_at(date("2022-03-01")), Some(14));
    }

    #[test]
    fn years_before_keeps_the_day_where_there_is_one() {
        assert_eq!(date("2024-06-15").years_before(14), Some(date("2010-06-15")));
        assert_eq!(date("2024-02-29").years_before(14), Some(date("2010-02-28")));
        assert_eq!(date("2024-02-29").years_before(4), Some(date("2020-02-29")));
        assert_eq!(date("0003-01-01").years_before(3), None);
    }
}
