//! Times as papers in China write them.
//!
//! Logs and packages hold times as RFC 3339 in UTC; the papers show them in the one time of China, eight
//! hours ahead, and say so.

/// Seconds that China's time is ahead of UTC.
const AHEAD: i64 = 8 * 3_600;

/// `2026-11-23T03:09:15Z` as `2026年11月23日11时09分15秒（北京时间）`; any other text as it is.
pub fn beijing(rfc3339: &str) -> String {
    let Some(seconds) = seconds(rfc3339) else { return rfc3339.to_owned() };
    let Ok(seconds) = u64::try_from(seconds + AHEAD) else { return rfc3339.to_owned() };
    let text = zhunsheng_verify::text::rfc3339(seconds);
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    format!(
        "{}年{}月{}日{}时{}分{}秒（北京时间）",
        part(0, 4),
        part(5, 7).trim_start_matches('0'),
        part(8, 10).trim_start_matches('0'),
        part(11, 13),
        part(14, 16),
        part(17, 19)
    )
}

/// The same in short, `2026-11-23 11:09:15`; what stands beside says that it is the time of China.
pub(crate) fn beijing_short(rfc3339: &str) -> String {
    let seconds = seconds(rfc3339).and_then(|seconds| u64::try_from(seconds + AHEAD).ok());
    let text = seconds.map(zhunsheng_verify::text::rfc3339);
    text.map_or_else(|| rfc3339.to_owned(), |text| text.replace('T', " ").replace('Z', ""))
}

/// Seconds since 1970 of a time that is written `YYYY-MM-DDThh:mm:ssZ`.
fn seconds(text: &str) -> Option<i64> {
    let number = |from: usize, to: usize| -> Option<i64> {
        let digits = text.get(from..to)?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then(|| digits.parse().ok())?
    };
    let mark = |at: usize, mark: u8| text.as_bytes().get(at) == Some(&mark);
    let marks = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':'), (19, b'Z')];
    (text.len() == 20 && marks.into_iter().all(|(at, byte)| mark(at, byte))).then_some(())?;
    let (year, month, day) = (number(0, 4)?, number(5, 7)?, number(8, 10)?);
    // A year begins in March, so that the leap day is its last day.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1 - 719_468;
    let seconds = days * 86_400 + number(11, 13)? * 3_600 + number(14, 16)? * 60 + number(17, 19)?;
    // A day that the calendar lacks does not come out as it went in.
    (u64::try_from(seconds).ok().map(zhunsheng_verify::text::rfc3339).as_deref() == Some(text))
        .then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_hours_later_also_over_the_end_of_a_year() {
        assert_eq!(beijing("2026-11-23T03:09:15Z"), "2026年11月23日11时09分15秒（北京时间）");
        assert_eq!(beijing("2025-12-31T15:59:59Z"), "2025年12月31日23时59分59秒（北京时间）");
        assert_eq!(beijing("2025-12-31T16:00:00Z"), "2026年1月1日00时00分00秒（北京时间）");
        assert_eq!(beijing("2024-02-28T16:00:00Z"), "2024年2月29日00时00分00秒（北京时间）");
        assert_eq!(beijing("2023-02-28T16:00:00Z"), "2023年3月1日00时00分00秒（北京时间）");
        assert_eq!(beijing("1970-01-01T00:00:00Z"), "1970年1月1日08时00分00秒（北京时间）");
        assert_eq!(beijing_short("2025-12-31T16:00:00Z"), "2026-01-01 00:00:00");
        assert_eq!(beijing_short("today"), "today");
        for other in ["", "today", "2025-02-29T00:00:00Z", "2025-01-01 00:00:00Z", "2025-01-01T24:00:00Z"] {
            assert_eq!(beijing(other), other);
        }
    }
}
