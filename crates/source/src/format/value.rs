//! Values of typed columns as text: days, moments, decimals, bytes.

use std::fmt::Write as _;

/// How a whole number is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// As a number.
    Number,
    /// As an unsigned number of 64 bits.
    Unsigned,
    /// Days since 1970-01-01.
    Days,
    /// Units since 1970-01-01 00:00; the number of units in a second.
    Moment(i64),
    /// Units since midnight; the number of units in a second.
    Time(i64),
    /// With so many digits behind the point.
    Decimal(u32),
}

/// Writes a whole number as it is meant.
pub(super) fn write_integer(text: &mut String, value: i128, meaning: Meaning) {
    // Writing to a string does not fail.
    let _ = match meaning {
        Meaning::Number => write!(text, "{value}"),
        Meaning::Unsigned => write!(text, "{}", value as u64),
        Meaning::Days => {
            write_day(text, i64::try_from(value).unwrap_or(i64::MAX));
            Ok(())
        }
        Meaning::Moment(unit) => {
            let value = i64::try_from(value).unwrap_or(i64::MAX);
            let seconds = value.div_euclid(unit);
            write_day(text, seconds.div_euclid(86_400));
            text.push(' ');
            write_time(text, seconds.rem_euclid(86_400));
            Ok(())
        }
        Meaning::Time(unit) => {
            write_time(text, i64::try_from(value).unwrap_or(0).div_euclid(unit).rem_euclid(86_400));
            Ok(())
        }
        Meaning::Decimal(0) => write!(text, "{value}"),
        Meaning::Decimal(scale) => {
            let digits = value.unsigned_abs().to_string();
            let scale = scale.min(64) as usize;
            let digits = format!("{digits:0>width$}", width = scale + 1);
            let (whole, part) = digits.split_at(digits.len() - scale);
            write!(text, "{}{whole}.{part}", if value < 0 { "-" } else { "" })
        }
    };
}

/// `YYYY-MM-DD` of a day counted from 1970-01-01, in the Gregorian calendar.
fn write_day(text: &mut String, days: i64) {
    // Years beyond 9999 are no dates of people.
    let days = days.clamp(-719_162, 2_932_896) + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    let _ = write!(text, "{year:04}-{month:02}-{day:02}");
}

fn write_time(text: &mut String, seconds: i64) {
    let _ = write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
}

/// Writes a floating-point number; whole ones without a point.
pub(super) fn write_float(text: &mut String, value: f64) {
    let _ = write!(text, "{value}");
}

/// Writes bytes that are text, and nothing for those that are not.
pub(super) fn write_bytes(text: &mut String, bytes: &[u8]) {
    if let Ok(found) = std::str::from_utf8(bytes)
        && !found.contains('\0')
    {
        text.push_str(found);
    }
}

/// The whole number of a two's-complement big-endian field of up to 16 bytes.
pub(super) fn big_endian(bytes: &[u8]) -> Option<i128> {
    let first = bytes.first()?;
    let start = if first & 0x80 != 0 { -1i128 } else { 0 };
    (bytes.len() <= 16).then(|| bytes.iter().fold(start, |number, byte| number << 8 | i128::from(*byte)))
}

/// Writes 16 bytes as a UUID.
pub(super) fn write_uuid(text: &mut String, bytes: &[u8]) {
    for (index, byte) in bytes.iter().enumerate() {
        if matches!(index, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: i128, meaning: Meaning) -> String {
        let mut text = String::new();
        write_integer(&mut text, value, meaning);
        text
    }

    #[test]
    fn days_moments_and_decimals() {
        assert_eq!(shown(0, Meaning::Days), "1970-01-01");
        assert_eq!(shown(-1, Meaning::Days), "1969-12-31");
        assert_eq!(shown(11_016, Meaning::Days), "2000-02-29");
        assert_eq!(shown(11_017, Meaning::Days), "2000-03-01");
        assert_eq!(shown(1_709_251_199_999, Meaning::Moment(1000)), "2024-02-29 23:59:59");
        assert_eq!(shown(86_399, Meaning::Time(1)), "23:59:59");
        assert_eq!(shown(-5, Meaning::Decimal(2)), "-0.05");
        assert_eq!(shown(12_345, Meaning::Decimal(2)), "123.45");
        assert_eq!(shown(-1, Meaning::Unsigned), "18446744073709551615");
    }

    #[test]
    fn big_endian_fields_keep_their_sign() {
        assert_eq!(big_endian(&[0xff, 0xfe]), Some(-2));
        assert_eq!(big_endian(&[0x01, 0x00]), Some(256));
        assert_eq!(big_endian(&[]), None);
    }
}
