//! Days: read in the ways they are written, counted, and written back in the same way.

use zhunsheng_model::Date;

/// A day and how it was written.
pub(crate) struct Written<'a> {
    pub(crate) date: Date,
    /// What stands before, between and behind year, month and day.
    between: [&'a str; 4],
    /// Whether month and day have two digits always.
    padded: bool,
}

impl<'a> Written<'a> {
    /// Reads `1990-03-07`, `1990/3/7`, `1990.3.7`, `1990年3月7日`, `19900307`; what follows (a time) is kept.
    pub(crate) fn parse(text: &'a str) -> Option<Written<'a>> {
        let start = text.find(|c: char| c.is_ascii_digit())?;
        let (before, rest) = text.split_at_checked(start)?;
        let (year, rest) = rest.split_at_checked(digits(rest).min(8))?;
        if year.len() == 8 {
            let date = date(year.get(..4)?, year.get(4..6)?, year.get(6..)?)?;
            // A longer run of digits is no date.
            return (digits(rest) == 0).then_some(Written {
                date,
                between: [before, "", "", rest],
                padded: true,
            });
        }
        let (first, rest) = rest.split_at_checked(rest.find(|c: char| c.is_ascii_digit())?)?;
        let (month, rest) = rest.split_at_checked(digits(rest))?;
        let (second, rest) = rest.split_at_checked(rest.find(|c: char| c.is_ascii_digit())?)?;
        let (day, rest) = rest.split_at_checked(digits(rest))?;
        let separator = |text: &str| matches!(text.trim(), "-" | "/" | "." | "年" | "月");
        if year.len() != 4 || month.len() > 2 || day.len() > 2 || !separator(first) || !separator(second) {
            return None;
        }
        Some(Written {
            date: date(year, month, day)?,
            between: [before, first, second, rest],
            // `6月15日` shows that nothing is filled up, `06-15` that it is; `12月15日` is written as is usual.
            padded: match (month.starts_with('0') || day.starts_with('0'), month.len() + day.len()) {
                (true, _) => true,
                (false, 4) => !first.contains('年'),
                (false, _) => false,
            },
        })
    }

    /// Another day, written in the same way.
    pub(crate) fn with(&self, date: Date) -> String {
        let [before, first, second, after] = self.between;
        let width = if self.padded { 2 } else { 1 };
        let (year, month, day) = (date.year(), date.month(), date.day());
        format!("{before}{year:04}{first}{month:0width$}{second}{day:0width$}{after}")
    }
}

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

fn date(year: &str, month: &str, day: &str) -> Option<Date> {
    Date::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

/// The day that `text` begins with.
pub(crate) fn parse(text: &str) -> Option<Date> {
    Written::parse(text).map(|written| written.date)
}

/// Days since 1 March of year 0, in the Gregorian calendar continued backwards.
pub(crate) fn number(date: Date) -> i64 {
    let month = (i64::from(date.month()) + 9) % 12;
    let year = i64::from(date.year()) - i64::from(date.month() <= 2);
    365 * year + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month * 306 + 5) / 10
        + i64::from(date.day())
        - 1
}

/// The day of a [`number`]; nothing outside the years 1 to 9999.
pub(crate) fn of_number(days: i64) -> Option<Date> {
    // The year is at most one too large or too small after this estimate.
    let mut year = (10_000 * days + 14_780).div_euclid(3_652_425);
    let start = |year: i64| 365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    if days < start(year) {
        year -= 1;
    }
    let of_year = days - start(year);
    let month = (100 * of_year + 52) / 3060;
    let day = of_year - (month * 306 + 5) / 10 + 1;
    let year = year + (month + 2) / 12;
    Date::new(u16::try_from(year).ok()?, u8::try_from((month + 2) % 12 + 1).ok()?, u8::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_day_of_eight_centuries_is_counted_one_by_one() {
        let first = number(Date::new(1600, 1, 1).unwrap());
        let mut last = of_number(first - 1).unwrap();
        for days in first..first + 366 * 800 {
            let date = of_number(days).unwrap();
            assert_eq!(number(date), days);
            assert!(date > last, "{date}");
            last = date;
        }
        let day = |text| number(Date::parse(text).unwrap());
        assert_eq!(day("2000-03-01") - day("2000-02-28"), 2);
        assert_eq!(day("1900-03-01") - day("1900-02-28"), 1);
        assert_eq!(day("2026-11-23") - day("1970-01-01"), 20_780);
        assert_eq!(of_number(number(Date::new(9999, 12, 31).unwrap()) + 1), None);
        assert_eq!(of_number(-400_000), None);
    }

    #[test]
    fn a_day_is_written_back_as_it_was() {
        for text in [
            "1990-03-07",
            "1990/3/7",
            "1990.3.17",
            "1990年3月7日",
            "19900307",
            "1990-03-07 08:30:00",
            "出生于1990年12月31日。",
        ] {
            let written = Written::parse(text).unwrap();
            assert_eq!(written.with(written.date), text);
        }
        let written = Written::parse("1990年3月7日").unwrap();
        assert_eq!(written.with(Date::new(1991, 11, 2).unwrap()), "1991年11月2日");
        let other = |text| Written::parse(text).unwrap().with(Date::new(1991, 4, 2).unwrap());
        assert_eq!(other("2001年6月15日"), "1991年4月2日");
        assert_eq!(other("2001年12月15日"), "1991年4月2日");
        assert_eq!(other("2001-12-15"), "1991-04-02");
        assert_eq!(other("2001/6/15"), "1991/4/2");
        assert_eq!(other("20011215 08:00"), "19910402 08:00");
        for text in ["", "1990", "1990-3", "90-3-7", "1990-13-07", "199003077", "三月七日", "1990x03x07"]
        {
            assert!(Written::parse(text).is_none(), "{text}");
        }
    }
}
