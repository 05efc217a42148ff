//! Sex, ethnic group and age in the fields beside a birth date or identity number:
//! `，男，1980年3月1日出生，汉族，`. They are looked for nowhere else in running text.

use super::kernel::{Kernel, sure};
use zhunsheng_model::{Kind, State};

/// How many fields are looked at on either side.
const FIELDS_MAX: usize = 4;
/// No field of interest is longer, in bytes.
const FIELD_LEN_MAX: usize = 48;

fn is_separator(c: char) -> bool {
    matches!(c, '，' | ',' | '、' | '；' | ';' | '（' | '(' | '）' | ')' | ' ' | '\u{3000}' | '\t' | '|')
}

fn is_end(c: char) -> bool {
    matches!(c, '。' | '\n' | '\r' | '“' | '”' | '{' | '}')
}

impl Kernel<'_> {
    /// Looks at the fields that end before `at`.
    pub(super) fn fields_before(&mut self, at: usize) {
        let mut end = at;
        for _ in 0..FIELDS_MAX {
            let floor = self.text.ceil_char_boundary(end.saturating_sub(FIELD_LEN_MAX));
            let window = self.text_of(floor, end);
            let trimmed = window.trim_end_matches(is_separator);
            let field_end = floor + trimmed.len();
            let Some((index, c)) = trimmed.char_indices().rev().find(|(_, c)| is_separator(*c) || is_end(*c))
            else {
                if floor == 0 {
                    self.field(0, field_end);
                }
                return;
            };
            self.field(floor + index + c.len_utf8(), field_end);
            if is_end(c) {
                return;
            }
            end = floor + index;
        }
    }

    /// Looks at the fields that begin behind `at`.
    pub(super) fn fields_after(&mut self, at: usize) {
        let mut start = at;
        for _ in 0..FIELDS_MAX {
            let ceiling = self.text.floor_char_boundary((start + FIELD_LEN_MAX).min(self.text.len()));
            let window = self.text_of(start, ceiling);
            let skipped = window.len() - window.trim_start_matches(is_separator).len();
            let field_start = start + skipped;
            let rest = self.text_of(field_start, ceiling);
            let len = rest.find(|c| is_separator(c) || is_end(c)).unwrap_or(rest.len());
            self.field(field_start, field_start + len);
            if len == rest.len() || rest.get(len..).and_then(|rest| rest.chars().next()).is_some_and(is_end) {
                return;
            }
            start = field_start + len;
        }
    }

    fn field(&mut self, start: usize, end: usize) {
        let field = self.text_of(start, end);
        let value = ["性别", "民族", "年龄"]
            .iter()
            .find_map(|name| field.strip_prefix(name))
            .map_or(field, |rest| rest.trim_start_matches(['：', ':', ' ', '为']));
        let first = end - value.len();
        if matches!(value, "男" | "女" | "男性" | "女性") {
            self.push(Kind::Sex, State::Valid, sure::SHAPED_CUED, first, end);
        } else if (value.ends_with('族') || first > start) && self.tables.is_ethnic_group(value) {
            self.push(Kind::Ethnicity, State::Valid, sure::SHAPED_CUED, first, end);
        } else if let Some(number) = value.strip_suffix("周岁").or_else(|| value.strip_suffix('岁')) {
            let digits = number.strip_prefix("现年").unwrap_or(number);
            if digits.parse::<u16>().is_ok_and(|age| age <= 130) {
                self.push(
                    Kind::Age,
                    State::Valid,
                    sure::SHAPED_CUED,
                    end - value.len() + number.len() - digits.len(),
                    end,
                );
            }
        }
    }
}
