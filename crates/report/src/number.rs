//! Numbers as people read them.

/// With a comma between each three digits: `1,234,567`.
pub(crate) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// In at most four characters, cut off and not rounded: `999`, `1.2k`, `34k`, `5.6M`.
pub(crate) fn compact(number: u64) -> String {
    let (unit, sign) = match number {
        0..1_000 => return number.to_string(),
        1_000..1_000_000 => (1_000, 'k'),
        1_000_000..1_000_000_000 => (1_000_000, 'M'),
        1_000_000_000..1_000_000_000_000 => (1_000_000_000, 'G'),
        _ => (1_000_000_000_000, 'T'),
    };
    let whole = number / unit;
    let tenth = number % unit / (unit / 10);
    if whole < 10 && tenth > 0 { format!("{whole}.{tenth}{sign}") } else { format!("{whole}{sign}") }
}

/// `part` of `whole` in per cent with one digit, cut off: `12.3%`; nothing of nothing is `0%`.
pub(crate) fn percent(part: u64, whole: u64) -> String {
    let Some(tenths) = (u128::from(part) * 1_000).checked_div(u128::from(whole)) else {
        return "0%".to_owned();
    };
    if tenths.is_multiple_of(10) {
        format!("{}%", grouped((tenths / 10) as u64))
    } else {
        format!("{}.{}%", grouped((tenths / 10) as u64), tenths % 10)
    }
}

/// Bytes with a unit of 1,000: `3.4 MB`.
pub(crate) fn bytes(number: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];
    let (mut unit, mut scale) = (0, 1_u64);
    while number / scale >= 1_000 && unit + 1 < units.len() {
        unit += 1;
        scale *= 1_000;
    }
    let name = units.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{number} {name}")
    } else {
        format!("{}.{} {name}", number / scale, number % scale / (scale / 10))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_parted() {
        let cases = [(0, "0"), (999, "999"), (1_000, "1,000"), (81_000_000, "81,000,000")];
        for (number, text) in cases {
            assert_eq!(grouped(number), text);
        }
        assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
    }

    #[test]
    fn compact_numbers_have_four_characters_at_most() {
        let cases = [(999, "999"), (1_000, "1k"), (1_250, "1.2k"), (9_999, "9.9k"), (10_000, "10k")];
        for (number, text) in cases {
            assert_eq!(compact(number), text);
        }
        for number in [999_999, 1_000_000, 12_345_678, 999_999_999_999, 999_000_000_000_000] {
            assert!(compact(number).len() <= 4, "{number}");
        }
    }

    #[test]
    fn per_cent_is_cut_off_so_that_a_line_not_reached_is_not_shown_as_reached() {
        assert_eq!(percent(4_999, 5_000), "99.9%");
        assert_eq!(percent(5_000, 5_000), "100%");
        assert_eq!(percent(1, 0), "0%");
        assert_eq!(percent(u64::MAX, 1).chars().last(), Some('%'));
    }

    #[test]
    fn bytes_have_a_unit() {
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(12_345_678), "12.3 MB");
    }
}
