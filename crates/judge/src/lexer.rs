//! Letters of an expression → words, numbers, dates and signs.

use crate::number::Rational;
use zhunsheng_model::Date;

/// One token with the line it stands in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) line: u32,
    pub(crate) kind: TokenKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A word: letters, digits, `_`, and `-` between them.
    Word(String),
    /// A number and how it was written.
    Number(Rational, String),
    Date(Date),
    Sign(&'static str),
}

/// Longer signs first.
const SIGNS: &[&str] =
    &["!=", "<=", ">=", "..", "(", ")", "{", "}", "[", "]", ",", "=", "<", ">", "+", "-", "*", "/", ".", "%"];

/// Signs that a Chinese keyboard gives, and what is meant.
const FULL_WIDTH: &[(char, &str)] = &[
    ('（', "("),
    ('）', ")"),
    ('，', ","),
    ('、', ","),
    ('＝', "="),
    ('＞', ">"),
    ('＜', "<"),
    ('≥', ">="),
    ('≤', "<="),
    ('≠', "!="),
    ('。', "."),
    ('｛', "{"),
    ('｝', "}"),
    ('：', ":"),
    ('×', "*"),
    ('÷', "/"),
];

/// What could not be read: line, message, hint.
pub(crate) type LexError = (u32, String, String);

/// Reads `lines` (number, text); everything from `#` to the end of a line is a comment.
pub(crate) fn tokens(lines: &[(u32, &str)]) -> Result<Vec<Token>, LexError> {
    let mut found = Vec::new();
    for (line, text) in lines {
        line_tokens(*line, text, &mut found)?;
    }
    Ok(found)
}

fn line_tokens(line: u32, text: &str, found: &mut Vec<Token>) -> Result<(), LexError> {
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let mut push = |kind| found.push(Token { line, kind });
        if first.is_whitespace() {
            rest = rest.trim_start();
        } else if first == '#' {
            break;
        } else if let Some(date) = rest.get(..10).and_then(Date::parse) {
            push(TokenKind::Date(date));
            rest = rest.get(10..).unwrap_or_default();
        } else if first.is_ascii_digit() {
            let (number, spelling, after) = number(rest)
                .ok_or_else(|| (line, format!("`{rest}` does not begin with a number"), String::new()))?;
            push(TokenKind::Number(number, spelling));
            rest = after;
        } else if first.is_alphabetic() || first == '_' {
            let (word, after) = word(rest);
            push(TokenKind::Word(word.to_owned()));
            rest = after;
        } else if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            push(TokenKind::Sign(sign));
            rest = rest.get(sign.len()..).unwrap_or_default();
        } else {
            let meant = FULL_WIDTH.iter().find(|(wide, _)| *wide == first);
            let hint = meant.map(|(_, sign)| format!("write `{sign}`")).unwrap_or_default();
            return Err((line, format!("`{first}` means nothing in an expression"), hint));
        }
    }
    Ok(())
}

/// A number with `_`, a decimal part and 万 or 亿.
fn number(text: &str) -> Option<(Rational, String, &str)> {
    let mut end = 0;
    let mut point = false;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next_is_digit = letters.peek().is_some_and(|(_, next)| next.is_ascii_digit());
        match letter {
            '0'..='9' => {}
            '_' if next_is_digit => {}
            '.' if next_is_digit && !point => point = true,
            _ => break,
        }
        end = at + letter.len_utf8();
    }
    let (digits, after) = text.split_at_checked(end)?;
    let mut value = Rational::parse(digits)?;
    let mut spelling = digits.to_owned();
    let mut rest = after;
    for (unit, factor) in [('万', 10_000), ('亿', 100_000_000)] {
        if let Some(after) = rest.strip_prefix(unit) {
            value = value.times(Rational::whole(factor))?;
            spelling.push(unit);
            rest = after;
        }
    }
    Some((value, spelling, rest))
}

/// Letters, digits and `_`; `-` only between two of them, so that `a - b` is a difference and `a-b` one word.
fn word(text: &str) -> (&str, &str) {
    let inside = |letter: char| letter.is_alphanumeric() || letter == '_';
    let mut end = 0;
    let mut letters = text.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let next_inside = letters.peek().is_some_and(|(_, next)| inside(*next));
        if !(inside(letter) || letter == '-' && next_inside) {
            break;
        }
        end = at + letter.len_utf8();
    }
    text.split_at_checked(end).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kinds(text: &str) -> Vec<TokenKind> {
        tokens(&[(1, text)]).unwrap().into_iter().map(|token| token.kind).collect()
    }

    #[test]
    fn numbers_dates_words_and_signs() {
        let number = |n: i128, spelling: &str| TokenKind::Number(Rational::whole(n), spelling.to_owned());
        let word = |text: &str| TokenKind::Word(text.to_owned());
        assert_eq!(
            kinds("1_000万 2亿 5 # 6"),
            [number(10_000_000, "1_000万"), number(200_000_000, "2亿"), number(5, "5")]
        );
        assert_eq!(kinds("2021-11-01"), [TokenKind::Date(Date::parse("2021-11-01").unwrap())]);
        assert_eq!(
            kinds("a.b-c >= 0..3"),
            [
                word("a"),
                TokenKind::Sign("."),
                word("b-c"),
                TokenKind::Sign(">="),
                number(0, "0"),
                TokenKind::Sign(".."),
                number(3, "3")
            ]
        );
        assert_eq!(kinds("a - b").len(), 3);
        assert_eq!(kinds("征信信息"), [word("征信信息")]);
    }

    #[test]
    fn a_wide_sign_is_named_with_what_to_write() {
        let (_, message, hint) = tokens(&[(1, "a ≥ 5")]).unwrap_err();
        assert_eq!((message.as_str(), hint.as_str()), ("`≥` means nothing in an expression", "write `>=`"));
        assert!(tokens(&[(1, "\u{0}")]).is_err());
    }
}
