//! Calendar dates and the age of fourteen.

use std::fmt;

/// A day of the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

impl Date {
    /// That day, if the calendar has it (years 1 to 9999).
    pub fn new(year: u16, month: u8, day: u8) -> Option<Date> {
        let fits = (1..=9999).contains(&year) && (1..=12).contains(&month);
        (fits && (1..=days_in(year, month)).contains(&day)).then_some(Date { year, month, day })
    }

    /// Reads `2008-02-29`, `2008/2/29`, `2008.2.29`, `2008年2月29日` or `20080229`.
    ///
    /// Anything else, a month alone included, gives nothing: an age is never guessed.
    pub fn parse(text: &str) -> Option<Date> {
        let text = text.trim();
        if text.len() == 8 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            let number: u32 = text.parse().ok()?;
            return Date::new((number / 10_000) as u16, (number / 100 % 100) as u8, (number % 100) as u8);
        }
        let text = text.strip_suffix('日').unwrap_or(text);
        let mut parts = text.split(['-', '/', '.', '年', '月']);
        let year = parts.next().filter(|part| part.len() == 4)?;
        let (month, day) = (parts.next()?, parts.next()?);
        if parts.next().is_some() || ![year, month, day].iter().all(|part| is_number(part)) {
            return None;
        }
        Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    }

    /// The birth date inside an 18-digit citizen identity number.
    pub fn of_citizen_number(number: &str) -> Option<Date> {
        if number.len() != 18 {
            return None;
        }
        Date::parse(number.get(6..14)?)
    }

    /// Year, month and day.
    pub const fn parts(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Whether someone born on `self` is under fourteen (不满十四周岁) on `day`.
    ///
    /// On the fourteenth birthday itself the person is no longer under fourteen.
    /// A year without 29 February has its corresponding day on the last day of that month
    /// (民法典 art. 202), so someone born on 29 February turns fourteen on the 28th then.
    pub fn under_14_on(self, day: Date) -> bool {
        let year = self.year + 14;
        let last = days_in(year, self.month);
        (day.year, day.month, day.day) < (year, self.month, self.day.min(last))
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

fn is_number(part: &str) -> bool {
    (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn days_in(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn both_sides_of_the_fourteenth_birthday() {
        for (born, day, under) in [
            ("2010-11-23", "2024-11-22", true),
            ("2010-11-23", "2024-11-23", false),
            ("2010-11-23", "2024-11-24", false),
            // 2022 has no 29 February; 2024 has.
            ("2008-02-29", "2022-02-27", true),
            ("2008-02-29", "2022-02-28", false),
            ("2008-02-29", "2022-03-01", false),
            ("2008-02-28", "2022-02-27", true),
            ("2008-02-28", "2022-02-28", false),
            ("2010-01-01", "2023-12-31", true),
            ("2010-01-01", "2024-01-01", false),
            ("2010-12-31", "2024-12-30", true),
        ] {
            assert_eq!(date(born).under_14_on(date(day)), under, "{born} on {day}");
        }
    }

    #[test]
    fn reads_the_usual_forms_and_nothing_else() {
        for text in ["2008-02-29", "2008/2/29", "2008.2.29", "2008年2月29日", "20080229", " 2008-02-29 "] {
            assert_eq!(Date::parse(text), Date::new(2008, 2, 29), "{text}");
        }
        for text in [
            "2009-02-29",
            "2008-13-01",
            "2008-00-10",
            "2008-02",
            "08-02-29",
            "2008年2月",
            "",
            "生日",
            "2008-2-29-1",
        ] {
            assert_eq!(Date::parse(text), None, "{text}");
        }
        assert_eq!(Date::of_citizen_number("110101200802290011"), Date::new(2008, 2, 29));
        assert_eq!(Date::of_citizen_number("11010120080229001"), None);
    }
}
