//! Numbers as Chinese statutes write them: 一千二百六十, and the keys of articles: 253之一.

/// Reads a number written in Chinese or ASCII or full-width digits, from 1 to 9999.
///
/// Accepts 十二, 二十, 一百零三, 一千二百六十, 二〇一七 and 31; nothing when a character does not belong to a number.
pub fn parse_number(text: &str) -> Option<u32> {
    let mut total = 0u32;
    let mut digit: Option<u32> = None;
    let mut plain: Option<u32> = None;
    let mut units = false;
    for c in text.chars() {
        let value = digit_of(c);
        if let Some(value) = value {
            digit = Some(value);
            plain = Some(plain.unwrap_or(0).checked_mul(10)?.checked_add(value)?);
            continue;
        }
        let unit = match c {
            '十' => 10,
            '百' => 100,
            '千' => 1000,
            _ => return None,
        };
        units = true;
        // 十二 begins without a digit.
        total = total.checked_add(digit.take().unwrap_or(1).checked_mul(unit)?)?;
    }
    let number = if units { total.checked_add(digit.unwrap_or(0))? } else { plain? };
    (1..=9999).contains(&number).then_some(number)
}

/// Whether the character can stand in a number that [`parse_number`] reads.
pub(crate) fn is_number_char(c: char) -> bool {
    digit_of(c).is_some() || matches!(c, '十' | '百' | '千')
}

fn digit_of(c: char) -> Option<u32> {
    Some(match c {
        '零' | '〇' => 0,
        '一' => 1,
        '二' | '两' => 2,
        '三' => 3,
        '四' => 4,
        '五' => 5,
        '六' => 6,
        '七' => 7,
        '八' => 8,
        '九' => 9,
        '0'..='9' => u32::from(c) - u32::from('0'),
        '０'..='９' => u32::from(c) - u32::from('０'),
        _ => return None,
    })
}

/// Writes a number from 1 to 9999 as statutes do: 12 → 十二, 1034 → 一千零三十四.
pub fn chinese_number(number: u32) -> String {
    const DIGITS: [char; 10] = ['零', '一', '二', '三', '四', '五', '六', '七', '八', '九'];
    let digit = |n: u32| DIGITS.get(n as usize).copied().unwrap_or('零');
    let mut text = String::new();
    let mut skipped = false;
    for (unit, name) in [(1000, "千"), (100, "百"), (10, "十"), (1, "")] {
        let value = number / unit % 10;
        if value == 0 {
            skipped = !text.is_empty();
            continue;
        }
        if skipped {
            text.push('零');
            skipped = false;
        }
        // 十二, but 一百一十二.
        if !(unit == 10 && value == 1 && text.is_empty()) {
            text.push(digit(value));
        }
        text.push_str(name);
    }
    text
}

/// The number of an article with its suffix.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ArticleKey {
    /// The number, 1 to 9999.
    pub number: u32,
    /// The n of 之n where the article was put in later: 253之一 has 1.
    pub suffix: Option<u32>,
}

impl ArticleKey {
    /// Reads `253之一`, `第二百五十三条之一`, `253-1`, `二百五十三`, `31`.
    pub fn parse(text: &str) -> Option<ArticleKey> {
        let text = text.trim();
        let text = text.strip_prefix('第').unwrap_or(text);
        let (number, suffix) = match text.split_once(['之', '-', '－']) {
            Some((number, suffix)) => (number, Some(suffix)),
            None => (text, None),
        };
        let number = number.strip_suffix('条').unwrap_or(number);
        let suffix = match suffix {
            Some(suffix) => Some(parse_number(suffix)?),
            None => None,
        };
        Some(ArticleKey { number: parse_number(number)?, suffix })
    }

    /// As a statute writes it: 第二百五十三条之一.
    pub fn label(&self) -> String {
        let suffix = self.suffix.map(|n| format!("之{}", chinese_number(n))).unwrap_or_default();
        format!("第{}条{suffix}", chinese_number(self.number))
    }
}

impl std::fmt::Display for ArticleKey {
    /// As data files write it: `253之一`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.number)?;
        match self.suffix {
            Some(suffix) => write!(f, "之{}", chinese_number(suffix)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_that_is_written_is_read_again() {
        for number in 1..=9999 {
            assert_eq!(parse_number(&chinese_number(number)), Some(number));
        }
        for (text, number) in
            [("十", 10), ("二十", 20), ("一百零三", 103), ("31", 31), ("３１", 31), ("二〇一七", 2017)]
        {
            assert_eq!(parse_number(text), Some(number), "{text}");
        }
        for text in ["", "条", "零", "0", "一条", "10000", "九九九九九"] {
            assert_eq!(parse_number(text), None, "{text}");
        }
        assert_eq!(chinese_number(1034), "一千零三十四");
        assert_eq!(chinese_number(110), "一百一十");
        assert_eq!(chinese_number(12), "十二");
        assert_eq!(chinese_number(1001), "一千零一");
    }

    #[test]
    fn keys_of_articles_are_read_in_every_form() {
        let key = ArticleKey { number: 253, suffix: Some(1) };
        for text in ["253之一", "第二百五十三条之一", "253-1", "二百五十三之一", "第253条之1"]
        {
            assert_eq!(ArticleKey::parse(text).as_ref(), Some(&key), "{text}");
        }
        assert_eq!(key.label(), "第二百五十三条之一");
        assert_eq!(key.to_string(), "253之一");
        for text in ["之一", "第条", "abc", "3之"] {
            assert_eq!(ArticleKey::parse(text), None, "{text}");
        }
    }
}
