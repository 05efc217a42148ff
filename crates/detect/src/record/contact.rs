//! Numbers that a word for contact announces and that no rule of China's numbering knows: numbers of other
//! countries, and whatever a text gives out as a telephone number.

use crate::{Hit, Scanner};
use zhunsheng_model::{Kind, Reason, State};

/// Words that announce a way to reach somebody.
pub(super) const CONTACT: &[&str] = &[
    "电话",
    "電話",
    "手机",
    "手機",
    "联系",
    "聯繫",
    "聯系",
    "联络",
    "聯絡",
    "连络",
    "連絡",
    "連繫",
    "洽",
    "致电",
    "经纪",
    "經紀",
    "热线",
    "熱線",
    "代表號",
    "传真",
    "傳真",
    "通告",
    "tel:",
    "tel：",
    "经理人",
    "經理人",
    "撥打",
    "拨打",
    "请找",
    "請找",
    "邀约",
    "邀約",
    "咨询",
    "諮詢",
    "洽詢",
    "合作",
    "telephone:",
];

/// Words right before numbers that are no telephone numbers.
const OTHERS: &[&str] =
    &["QQ", "qq", "微信", "群", "邮编", "MSN", "尾", "账", "帐", "卡", "编", "单", "订", "证", "Q"];

/// Bytes behind the word in which a number is looked for; a name may stand between (聯絡：李小姐 0912-…).
const REACH_BYTES: usize = 72;
/// Bytes between one number and the next.
const NEXT_BYTES: usize = 36;
/// A number has so many digits.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;

/// Calling codes of countries and regions by ITU-T E.164, other than China's.
const CALLING_CODES: &[&str] = &[
    "1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47",
    "48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66",
    "81", "82", "84", "90", "91", "92", "93", "94", "95", "98", "351", "352", "353", "354", "355", "356",
    "358", "359", "370", "371", "372", "380", "381", "385", "386", "420", "421", "852", "853", "855", "856",
    "880", "886", "961", "962", "965", "966", "971", "972", "973", "974", "975", "976", "977", "992", "993",
    "994", "995", "996", "998",
];

/// Adds the numbers behind the word for contact that ends at byte `at`.
pub(super) fn add(scanner: &Scanner, text: &str, at: usize, hits: &[Hit], found: &mut Vec<Hit>) {
    let mut from = at;
    let mut reach = REACH_BYTES;
    while let Some((start, end, digits)) = next_number(text, from, reach) {
        let known = hits.iter().skip(hits.partition_point(|hit| (hit.end as usize) <= start));
        let taken = known.take_while(|hit| (hit.start as usize) < end).next();
        if let Some(hit) = taken {
            from = (hit.end as usize).max(end);
        } else {
            from = end;
            let cue = scanner.tables().cues.before(text.as_bytes(), start).set;
            let before = text.get(..start).unwrap_or_default();
            let label = before.trim_end_matches([' ', '：', ':', '号', '號']);
            let inside = before.ends_with(|c: char| c.is_ascii_alphanumeric()) && digits.len() != 11;
            let other = inside
                || OTHERS.iter().any(|word| label.ends_with(word))
                || !cue.is_empty() && !cue.has(Kind::Phone) && !cue.has(Kind::Landline);
            let announced = cue.has(Kind::Phone) || cue.has(Kind::Landline);
            let service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
            if !other && !service && (digits.len() >= 8 || announced) {
                found.extend(hit_of(text, start, end, &digits));
            }
        }
        reach = NEXT_BYTES;
    }
}

/// The hit of a number: valid where a calling code stands before it, else one that nobody can have been given.
fn hit_of(text: &str, start: usize, end: usize, digits: &str) -> Option<Hit> {
    let abroad = text.get(start..end)?.trim_start_matches(['(', '（']).starts_with(['+', '＋'])
        && digits.len() >= 9
        && CALLING_CODES.iter().any(|code| digits.starts_with(code));
    let (kind, state, confidence) = if abroad {
        (Kind::Phone, State::Valid, 70)
    } else {
        (Kind::Landline, State::Invalid(Reason::UnallocatedSegment), 50)
    };
    Some(Hit { kind, state, confidence, start: u32::try_from(start).ok()?, end: u32::try_from(end).ok()? })
}

/// The next number in `text` that begins within `reach` bytes from `from`: its range and its digits.
fn next_number(text: &str, from: usize, reach: usize) -> Option<(usize, usize, String)> {
    let window = text.get(from..)?;
    let window = window.get(..window.floor_char_boundary(reach)).unwrap_or_default();
    let window = window.split(['\n', '。', '；', ';', '！']).next().unwrap_or_default();
    let mut skip_to = 0;
    for (offset, c) in window.char_indices() {
        let start = from + offset;
        if start < skip_to || !(c.is_ascii_digit() || matches!(c, '+' | '＋' | '(' | '（')) {
            continue;
        }
        let (end, digits) = number_at(text, start);
        skip_to = end;
        if DIGITS.contains(&digits.len()) && !is_date(text.get(start..end).unwrap_or_default()) {
            return Some((start, end, digits));
        }
    }
    None
}

/// Digits with the marks that part them, from byte `start`: where they end, and the digits.
fn number_at(text: &str, start: usize) -> (usize, String) {
    let rest = text.get(start..).unwrap_or_default();
    let mut digits = String::new();
    let mut end = start;
    let mut marks = 0;
    // An open bracket must be closed within the number.
    let mut open = false;
    for (offset, c) in rest.char_indices().take(40) {
        match c {
            '0'..='9' => {
                digits.push(c);
                marks = 0;
                if !open {
                    end = start + offset + 1;
                }
            }
            '+' | '＋' if digits.is_empty() => {}
            '(' | '（' if !open && marks == 0 => open = true,
            ')' | '）' if open => open = false,
            '-' | '－' | '﹣' | '–' | '‐' | ' ' | '#' if !digits.is_empty() && marks < 2 => marks += 1,
            _ => break,
        }
    }
    let digits = text.get(start..end).unwrap_or_default().chars().filter(char::is_ascii_digit).collect();
    (end.max(start + 1), digits)
}

/// `2024-03-01`, `2005-2009`.
fn is_date(word: &str) -> bool {
    let mut parts = word.split(['-', '.', '–', ' ']);
    let year = parts
        .next()
        .is_some_and(|part| part.len() == 4 && (part.starts_with("19") || part.starts_with("20")));
    year && parts.next().is_some_and(|part| matches!(part.len(), 1 | 2 | 4))
}

#[cfg(test)]
mod tests {
    use crate::tests::detector;
    use zhunsheng_model::{Kind, State};

    fn found(text: &str) -> Vec<(&str, bool)> {
        let numbers = |kind| matches!(kind, Kind::Phone | Kind::Landline);
        let hits = detector().spans(text).into_iter().filter(|hit| numbers(hit.kind));
        hits.map(|hit| (text.get(hit.start as usize..hit.end as usize).unwrap(), hit.state == State::Valid))
            .collect()
    }

    #[test]
    fn numbers_abroad_and_odd_ones_are_told_apart() {
        assert_eq!(found("工作聯絡：+852 6123 4567"), [("+852 6123 4567", true)]);
        assert_eq!(found("电话：+81-90-1234-5678，谢谢"), [("+81-90-1234-5678", true)]);
        assert_eq!(found("通告聯繫范小姐0912-345-678，電郵"), [("0912-345-678", false)]);
        assert_eq!(
            found("聯絡：（02）27654321/+852 61234567"),
            [("（02）27654321", false), ("+852 61234567", true)]
        );
    }

    #[test]
    fn other_numbers_near_a_word_for_contact_stay_out() {
        for text in [
            "联系QQ283924809",
            "联系时间2024-03-01 08:00",
            "联系我们，地址第12345号",
            "联系单号：20240301123456789012",
            "经纪公司成立于2005-2009年",
            "+852 6123 4567",
        ] {
            assert!(found(text).is_empty(), "{text}: {:?}", found(text));
        }
    }
}
