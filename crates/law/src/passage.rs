//! Paragraphs (款), items (项) and sub-items (目) of an article, and the words that point to them.

use crate::number::{chinese_number, is_number_char, parse_number};
use std::fmt;

/// One paragraph (款) of an article with the items under it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paragraph<'a> {
    /// Its whole text, items included; lines are separated by one newline.
    pub text: &'a str,
    /// Its first line.
    pub lead: &'a str,
    /// Its items (项) in order.
    pub items: Vec<Item<'a>>,
}

/// One item (项), a line that begins with a number in brackets, with the lines that belong to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item<'a> {
    /// The number it bears.
    pub number: u32,
    /// Its whole text, its own number and its sub-items (目) included.
    pub text: &'a str,
    /// Its sub-items (目): number and text.
    pub subitems: Vec<(u32, &'a str)>,
}

impl<'a> Paragraph<'a> {
    /// The item (项) that bears this number.
    pub fn item(&self, number: u32) -> Option<&Item<'a>> {
        self.items.iter().find(|item| item.number == number)
    }
}

/// Splits the text of an article into paragraphs.
///
/// A line that begins with （一）, （二）… is an item of the paragraph before it, a line that begins with `1.` under
/// an item is a sub-item; every other line begins a paragraph, also after items: that is how statutes are counted.
pub fn paragraphs(text: &str) -> Vec<Paragraph<'_>> {
    // Byte ranges first: a paragraph reaches to the end of its last line.
    type Numbered = (u32, usize, usize);
    struct Lines {
        start: usize,
        lead_end: usize,
        end: usize,
        items: Vec<(Numbered, Vec<Numbered>)>,
    }
    let mut found: Vec<Lines> = Vec::new();
    let mut start = 0;
    for line in text.split('\n') {
        let end = start + line.len();
        match (found.last_mut(), item_number(line), subitem_number(line)) {
            (Some(paragraph), Some(number), _) => {
                paragraph.end = end;
                paragraph.items.push(((number, start, end), Vec::new()));
            }
            (Some(paragraph), None, Some(number)) if !paragraph.items.is_empty() => {
                paragraph.end = end;
                if let Some(item) = paragraph.items.last_mut() {
                    item.0.2 = end;
                    item.1.push((number, start, end));
                }
            }
            // An empty line ends nothing and begins nothing.
            (Some(_), None, None) if line.trim().is_empty() => {}
            (_, Some(number), _) => {
                let items = vec![((number, start, end), Vec::new())];
                found.push(Lines { start, lead_end: end, end, items });
            }
            _ => found.push(Lines { start, lead_end: end, end, items: Vec::new() }),
        }
        start = end + 1;
    }
    let slice = |start: usize, end: usize| text.get(start..end).unwrap_or_default();
    let item = |((number, start, end), subitems): (Numbered, Vec<Numbered>)| Item {
        number,
        text: slice(start, end),
        subitems: subitems.into_iter().map(|(number, start, end)| (number, slice(start, end))).collect(),
    };
    found
        .into_iter()
        .map(|lines| Paragraph {
            text: slice(lines.start, lines.end),
            lead: slice(lines.start, lines.lead_end),
            items: lines.items.into_iter().map(item).collect(),
        })
        .collect()
}

/// The number of a line that begins with it in brackets.
fn item_number(line: &str) -> Option<u32> {
    let inner = line.trim_start().strip_prefix(['（', '('])?;
    let (number, _) = inner.split_once(['）', ')'])?;
    parse_number(number)
}

/// The number of a line that begins with ASCII digits and a point.
fn subitem_number(line: &str) -> Option<u32> {
    let (number, _) = line.trim_start().split_once(['.', '．', '、'])?;
    number.chars().all(|c| c.is_ascii_digit()).then(|| parse_number(number)).flatten()
}

/// A place inside an article: 第一款第四项第二目; parts that are not given are open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator {
    /// The paragraph (款), from 1.
    pub paragraph: Option<u32>,
    /// The item (项), from 1.
    pub item: Option<u32>,
    /// The sub-item (目), from 1.
    pub subitem: Option<u32>,
}

impl Locator {
    /// Reads `第一款第四项`, `第二项`, `第1款第(四)项`; an empty text points to the whole article.
    ///
    /// Nothing when the text says anything else.
    pub fn parse(text: &str) -> Option<Locator> {
        let mut locator = Locator::default();
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (number, unit, after) = step(rest)?;
            match unit {
                '款' if locator == Locator::default() => locator.paragraph = Some(number),
                '项' if locator.item.is_none() && locator.subitem.is_none() => locator.item = Some(number),
                '目' if locator.subitem.is_none() => locator.subitem = Some(number),
                _ => return None,
            }
            rest = after.trim_start();
        }
        Some(locator)
    }

    /// Whether it points to the whole article.
    pub fn is_whole(&self) -> bool {
        *self == Locator::default()
    }
}

/// Reads 第 number unit at the start of `text`: the number, the unit and the rest.
pub(crate) fn step(text: &str) -> Option<(u32, char, &str)> {
    let rest = text.strip_prefix('第').unwrap_or(text);
    let rest = rest.strip_prefix(['（', '(']).unwrap_or(rest);
    let end = rest.find(|c| !is_number_char(c)).unwrap_or(rest.len());
    let (number, rest) = rest.split_at_checked(end)?;
    let number = parse_number(number)?;
    let rest = rest.strip_prefix(['）', ')']).unwrap_or(rest);
    let unit = rest.chars().next()?;
    Some((number, unit, rest.get(unit.len_utf8()..)?))
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, unit) in [(self.paragraph, '款'), (self.item, '项'), (self.subitem, '目')] {
            if let Some(number) = number {
                write!(f, "第{}{unit}", chinese_number(number))?;
            }
        }
        Ok(())
    }
}

/// The words of `text`, the text of an article, at that place.
///
/// Where the locator names an item without its paragraph, the first paragraph that has such an item is meant:
/// an article of one paragraph is cited so.
pub fn passage(text: &str, locator: Locator) -> Option<&str> {
    if locator.is_whole() {
        return Some(text);
    }
    let paragraphs = paragraphs(text);
    let paragraph = match (locator.paragraph, locator.item) {
        (Some(number), _) => paragraphs.get((number as usize).checked_sub(1)?)?,
        (None, Some(item)) => paragraphs.iter().find(|paragraph| paragraph.item(item).is_some())?,
        (None, None) => paragraphs.first()?,
    };
    let Some(number) = locator.item else {
        // A sub-item belongs to an item.
        return locator.subitem.is_none().then_some(paragraph.text);
    };
    let item = paragraph.item(number)?;
    match locator.subitem {
        Some(number) => item.subitems.iter().find(|(n, _)| *n == number).map(|(_, text)| *text),
        None => Some(item.text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "有下列情形之一的：\n（一）甲；\n（二）乙：\n1.子；\n2.丑；\n（三）丙。\n前款规定的期限为三年。\n另一款：\n(一)丁。";

    #[test]
    fn a_paragraph_is_not_a_line() {
        let found = paragraphs(TEXT);
        assert_eq!(found.len(), 3);
        assert_eq!(found[0].lead, "有下列情形之一的：");
        assert_eq!(found[0].items.iter().map(|item| item.number).collect::<Vec<_>>(), [1, 2, 3]);
        assert_eq!(found[1].text, "前款规定的期限为三年。");
        assert!(found[1].items.is_empty());
        assert_eq!(found[0].items[1].text, "（二）乙：\n1.子；\n2.丑；");
        assert!(found[0].text.ends_with("（三）丙。"));
    }

    #[test]
    fn passages_are_found_and_missing_ones_are_not() {
        let at = |locator: &str| passage(TEXT, Locator::parse(locator).unwrap());
        assert_eq!(at(""), Some(TEXT));
        assert_eq!(at("第一款第三项"), Some("（三）丙。"));
        assert_eq!(at("第一款第二项第二目"), Some("2.丑；"));
        assert_eq!(at("第三项"), Some("（三）丙。"));
        assert_eq!(at("第三款第一项"), Some("(一)丁。"));
        assert_eq!(at("第二款"), Some("前款规定的期限为三年。"));
        for missing in ["第四款", "第一款第四项", "第二款第一项", "第一款第一项第一目"]
        {
            assert_eq!(at(missing), None, "{missing}");
        }
    }

    #[test]
    fn locators_are_read_and_written() {
        for text in ["第一款第四项", "第二项", "第三款", "第一款第二项第三目", ""] {
            assert_eq!(Locator::parse(text).unwrap().to_string(), text);
        }
        assert_eq!(Locator::parse("第1款第(四)项").unwrap().to_string(), "第一款第四项");
        for text in ["第一条", "第四项第一款", "第一款第一款", "第款", "前款"] {
            assert_eq!(Locator::parse(text), None, "{text}");
        }
    }
}
