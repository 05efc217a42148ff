//! Exported chats: a line with date, time and nickname, then what was written.

use super::Group;
use crate::Hit;
use zhunsheng_model::Kind;

/// The message of each hit; `None` when the text is no chat.
pub(super) fn groups(text: &str, hits: &[Hit]) -> Option<Vec<Group>> {
    let mut starts: Vec<usize> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if is_head(line.trim_end()) {
            starts.push(offset);
        }
        offset += line.len();
    }
    if starts.len() < 2 {
        return None;
    }
    // Who writes stands in the head; whom a message names from there on is somebody else.
    let mut groups = Vec::with_capacity(hits.len());
    let (mut last, mut sender, mut other) = (0, false, false);
    for hit in hits {
        let start = hit.start as usize;
        let message = starts.partition_point(|head| *head <= start) as u64;
        if message != last {
            (last, sender, other) = (message, false, false);
        }
        if hit.kind == Kind::Person {
            let head = starts.get((message as usize).wrapping_sub(1)).copied().unwrap_or_default();
            let in_head = text.get(head..start).is_some_and(|before| !before.contains('\n'));
            other |= sender && !in_head;
            sender |= in_head;
        }
        groups.push(Group { id: message * 2 + u64::from(other), ordinal: message });
    }
    Some(groups)
}

/// `2024-03-01 08:00  nick`, `2024/3/1 8:00:05 nick(12345)`, `[2024年3月1日 08:00] nick:`, `nick 2024-03-01 08:00`.
fn is_head(line: &str) -> bool {
    if line.len() > 120 || line.contains(['。', '，']) {
        return false;
    }
    let start = line.trim_start_matches(['[', '【', '(', '—', '-', ' ']);
    if let Some(rest) = date_time(start) {
        // Something must follow that is a name, not a log message: short, and no sentence.
        let rest = rest.trim_start_matches([']', '】', ')']);
        return rest.chars().count() <= 40 && !rest.contains(['=', '{']);
    }
    // The nickname first.
    line.char_indices()
        .filter(|(at, c)| c.is_ascii_digit() && *at > 0)
        .take(24)
        .filter_map(|(at, _)| line.get(at..))
        .any(|rest| date_time(rest).is_some_and(|rest| rest.trim().is_empty()))
}

/// What follows a date and a time of day, when `text` begins with both.
fn date_time(text: &str) -> Option<&str> {
    let rest = number(text, 4, 4)?;
    let rest = rest.strip_prefix(['-', '/', '.', '年'])?;
    let rest = number(rest, 1, 2)?;
    let rest = rest.strip_prefix(['-', '/', '.', '月'])?;
    let rest = number(rest, 1, 2)?;
    let rest = rest.strip_prefix('日').unwrap_or(rest);
    let rest = rest.strip_prefix([' ', 'T', '\u{3000}'])?.trim_start();
    let rest = ["上午", "下午", "晚上", "凌晨", "中午"]
        .iter()
        .find_map(|word| rest.strip_prefix(word))
        .unwrap_or(rest);
    let rest = number(rest.trim_start(), 1, 2)?;
    let rest = rest.strip_prefix([':', '：'])?;
    let rest = number(rest, 2, 2)?;
    Some(match rest.strip_prefix([':', '：']) {
        Some(seconds) => number(seconds, 2, 2)?,
        None => rest,
    })
}

/// What follows `min` to `max` digits.
fn number(text: &str, min: usize, max: usize) -> Option<&str> {
    let digits = text.bytes().take(max).take_while(u8::is_ascii_digit).count();
    if digits < min { None } else { text.get(digits..) }
}

#[cfg(test)]
mod tests {
    use super::is_head;

    #[test]
    fn heads_of_messages_are_told_from_other_lines() {
        for line in [
            "2024-03-01 08:00  阳光12",
            "2024/3/1 8:05:09 张老师(10001)",
            "[2024年3月1日 08:00] 小鱼:",
            "云淡风轻 2024-03-01 08:00:01",
        ] {
            assert!(is_head(line), "{line}");
        }
        for line in [
            "2024-03-01 08:00:01.000 INFO [main] c.s.UserService - pay ok, user=a",
            "今天停水到18:30",
            "2024年3月1日，本院立案",
            "",
            "2024-03-01",
        ] {
            assert!(!is_head(line), "{line}");
        }
    }
}
