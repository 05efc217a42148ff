//! `tier p2 第二款 when E : fine 0..50000000 or turnover 5%` → [`Tier`].

use crate::block::Entry;
use crate::expr::{Node, NodeKind};
use crate::parse::{self, ParseError};
use crate::ruleset::{Outcome, Tier, Words};

/// Words that begin an outcome other than a text.
const KINDS: &[&str] =
    &["fine", "person", "turnover", "income", "prison", "detention", "surveillance", "order"];

pub(crate) fn tier(entry: &Entry, next: &mut u32) -> Result<Tier, ParseError> {
    let line = entry.line;
    let wrong = |message: &str| (line, message.to_owned(), String::new());
    let text = entry.text();
    let Some((head, outcomes)) = split_colon(&text) else {
        return Err((line, "`:` is missing before what is imposed".to_owned(), String::new()));
    };
    let (names, condition) = match head.split_once(" when ") {
        Some((names, condition)) => (names, Some(condition)),
        None => (head, None),
    };
    let mut words = names.split_whitespace();
    let Some(name) = words.next() else { return Err(wrong("the tier has no name")) };
    let locator = words.collect::<Vec<_>>().join("");
    let when = match condition {
        Some(condition) => parse::expression(&[(line, condition)], next)?,
        None => {
            let id = *next;
            *next += 1;
            Node { id, line, kind: NodeKind::Bool(true) }
        }
    };
    let outcomes =
        split_outcomes(outcomes).iter().map(|part| outcome(part, line)).collect::<Result<_, _>>()?;
    Ok(Tier { name: name.to_owned(), locator, when, outcomes, line })
}

/// The first `:` with blanks beside it, or else the first one.
fn split_colon(text: &str) -> Option<(&str, &str)> {
    text.split_once(" : ").or_else(|| text.split_once(" ： ")).or_else(|| text.split_once([':', '：']))
}

/// Parts joined by `or`, `and` or `;`, each of which begins with a known word; a text keeps what it holds.
fn split_outcomes(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut words = text.split_whitespace().peekable();
    while let Some(word) = words.next() {
        let begins = |next: Option<&&str>| {
            next.is_some_and(|next| KINDS.contains(&next.trim_end_matches([';', '；'])))
        };
        let joins = matches!(word, "or" | "and" | ";" | "；") && begins(words.peek());
        let ends = word.ends_with([';', '；']) && begins(words.peek());
        if joins && !parts.is_empty() {
            parts.push(String::new());
            continue;
        }
        if parts.is_empty() {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            if !part.is_empty() {
                part.push(' ');
            }
            part.push_str(word.strip_suffix([';', '；']).filter(|_| ends).unwrap_or(word));
        }
        if ends {
            parts.push(String::new());
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

fn outcome(text: &str, line: u32) -> Result<Outcome, ParseError> {
    let wrong = |message: String, hint: &str| (line, message, hint.to_owned());
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let (person, first, rest) = match first {
        "person" => {
            let (first, rest) = rest.split_once(' ').unwrap_or((rest, ""));
            (true, first, rest)
        }
        _ => (false, first, rest),
    };
    let rest = rest.trim();
    match first {
        "fine" if rest == "unlimited" || rest.is_empty() => Ok(Outcome::Fine { low: 0, high: None, person }),
        "fine" => {
            let (low, high) = range(rest).ok_or_else(|| {
                wrong(
                    format!("`{rest}` is no range of yuan"),
                    "such as `fine 0..1000000` or `fine 10万..100万`",
                )
            })?;
            Ok(Outcome::Fine { low, high, person })
        }
        "turnover" => {
            let percent = rest.strip_suffix('%').and_then(|percent| percent.trim().parse().ok());
            let percent =
                percent.ok_or_else(|| wrong(format!("`{rest}` is no share"), "such as `turnover 5%`"))?;
            Ok(Outcome::Turnover { percent })
        }
        "income" => {
            let times = rest.strip_suffix("times").unwrap_or(rest).trim();
            match range(times) {
                Some((low, Some(high))) => Ok(Outcome::Income { low, high, person }),
                _ => Err(wrong(format!("`{rest}` is no number of times"), "such as `income 1..10 times`")),
            }
        }
        "prison" => {
            let years = rest.strip_suffix("years").unwrap_or(rest).trim();
            let (low, high) = range(years).ok_or_else(|| {
                wrong(format!("`{rest}` is no term of years"), "such as `prison 3..7 years`")
            })?;
            Ok(Outcome::Prison { low, high })
        }
        "detention" if rest.is_empty() => Ok(Outcome::Detention { low: None, high: None }),
        "detention" => {
            let days = rest.strip_suffix("days").unwrap_or(rest).trim();
            let (low, high) = range(days).ok_or_else(|| {
                wrong(format!("`{rest}` is no term of days"), "such as `detention 5..15 days`")
            })?;
            Ok(Outcome::Detention { low: Some(low), high })
        }
        "surveillance" => Ok(Outcome::Surveillance),
        _ => {
            let words = text.strip_prefix("order ").unwrap_or(text);
            match words.split_once('|') {
                Some((zh, en)) if !zh.trim().is_empty() && !en.trim().is_empty() => {
                    Ok(Outcome::Order { text: Words { zh: zh.trim().to_owned(), en: en.trim().to_owned() } })
                }
                _ => Err(wrong(
                    format!("`{text}` is no outcome"),
                    "fine A..B, person fine A..B, turnover N%, income A..B times, prison A..B years, detention, \
                     surveillance, or `order 中文 | English`",
                )),
            }
        }
    }
}

/// `0..100万`, `3..7`, `10..` (no upper end), `..5`, `5` (at most).
fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let number = |text: &str| -> Option<u64> {
        let text: String = text.trim().chars().filter(|letter| *letter != '_').collect();
        let (digits, factor) = match text.strip_suffix('万') {
            Some(digits) => (digits, 10_000),
            None => (text.as_str(), 1),
        };
        digits.parse::<u64>().ok()?.checked_mul(factor)
    };
    match text.split_once("..") {
        None => Some((0, Some(number(text)?))),
        Some((low, high)) => {
            let low = if low.trim().is_empty() { 0 } else { number(low)? };
            let high = match high.trim() {
                "" | "life" | "unlimited" => None,
                high => Some(number(high)?),
            };
            high.is_none_or(|high| low <= high).then_some((low, high))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Tier, ParseError> {
        let entry = Entry { key: "tier", line: 3, lines: vec![(3, text.to_owned())] };
        tier(&entry, &mut 0)
    }

    #[test]
    fn the_outcomes_of_a_tier() {
        let tier = read("p2 第二款 when party.serious : fine 0..50000000 or turnover 5%").unwrap();
        assert_eq!((tier.name.as_str(), tier.locator.as_str()), ("p2", "第二款"));
        assert_eq!(tier.when.to_string(), "party.serious");
        assert_eq!(
            tier.outcomes,
            [
                Outcome::Fine { low: 0, high: Some(50_000_000), person: false },
                Outcome::Turnover { percent: 5 }
            ]
        );
        let tier = read("a 第一款 : 责令改正，给予警告 | order to correct or warn").unwrap();
        assert_eq!(tier.when.to_string(), "true");
        assert!(
            matches!(tier.outcomes.as_slice(), [Outcome::Order { text }] if text.en == "order to correct or warn")
        );
        let tier = read("a when true : prison 0..3 years or detention; fine unlimited").unwrap();
        assert_eq!(
            tier.outcomes,
            [
                Outcome::Prison { low: 0, high: Some(3) },
                Outcome::Detention { low: None, high: None },
                Outcome::Fine { low: 0, high: None, person: false }
            ]
        );
        let tier = read("a : person fine 1万..10万; income 1..10 times").unwrap();
        assert_eq!(
            tier.outcomes,
            [
                Outcome::Fine { low: 10_000, high: Some(100_000), person: true },
                Outcome::Income { low: 1, high: 10, person: false }
            ]
        );
    }

    #[test]
    fn mistakes_are_named() {
        assert!(read("a when true fine 0..1").is_err());
        assert!(read("a : fine 5..1").is_err());
        assert!(read("a : 罚款").is_err());
    }
}
