//! Splits PostScript-like text (content streams and character maps) into tokens.
//!
//! It never fails: what it cannot make sense of is skipped, so that a damaged stream still gives the text
//! before and after the damage.

/// One token.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// A number.
    Number(f64),
    /// A name without its slash, escapes resolved.
    Name(Vec<u8>),
    /// A string in either form, escapes resolved.
    Text(Vec<u8>),
    /// An operator or keyword.
    Word(Vec<u8>),
    /// `[`.
    ArrayStart,
    /// `]`.
    ArrayEnd,
    /// `<<`.
    DictStart,
    /// `>>`.
    DictEnd,
}

/// Reads tokens from bytes.
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Starts at the first byte.
    pub(super) fn new(bytes: &'a [u8]) -> Lexer<'a> {
        Lexer { bytes, at: 0 }
    }

    /// The next token, or nothing at the end.
    pub(super) fn next(&mut self) -> Option<Token> {
        loop {
            self.skip_blanks();
            let byte = self.peek()?;
            self.at += 1;
            match byte {
                b'[' | b'{' => return Some(Token::ArrayStart),
                b']' | b'}' => return Some(Token::ArrayEnd),
                b'(' => return Some(Token::Text(self.literal())),
                b'<' if self.peek() == Some(b'<') => {
                    self.at += 1;
                    return Some(Token::DictStart);
                }
                b'<' => return Some(Token::Text(self.hex())),
                b'>' if self.peek() == Some(b'>') => {
                    self.at += 1;
                    return Some(Token::DictEnd);
                }
                b'>' | b')' => {}
                b'/' => return Some(Token::Name(self.name())),
                _ => {
                    self.at -= 1;
                    return Some(self.word());
                }
            }
        }
    }

    /// Passes over the data of an inline image, from behind `ID` to behind `EI`.
    pub(super) fn skip_inline_image(&mut self) {
        self.at += 1;
        while let Some(byte) = self.peek() {
            let before = self.at.checked_sub(1).and_then(|i| self.bytes.get(i)).copied().unwrap_or(b' ');
            if byte == b'E'
                && is_blank(before)
                && self.bytes.get(self.at + 1) == Some(&b'I')
                && self.bytes.get(self.at + 2).is_none_or(|b| is_blank(*b))
                && self.looks_like_operators(self.at + 2)
            {
                self.at += 2;
                return;
            }
            self.at += 1;
        }
    }

    /// Whether the bytes after a possible `EI` are text, not image data.
    fn looks_like_operators(&self, from: usize) -> bool {
        let after = self.bytes.get(from..).unwrap_or_default();
        after.iter().take(16).all(|b| is_blank(*b) || (0x20..0x7f).contains(b))
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip_blanks(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                while self.peek().is_some_and(|b| b != b'\n' && b != b'\r') {
                    self.at += 1;
                }
            } else if is_blank(byte) {
                self.at += 1;
            } else {
                break;
            }
        }
    }

    fn name(&mut self) -> Vec<u8> {
        let mut name = Vec::new();
        while let Some(byte) = self.peek().filter(|b| !is_blank(*b) && !is_delimiter(*b)) {
            self.at += 1;
            let escaped = (byte == b'#')
                .then(|| Some((hex_digit(self.peek()?)?, hex_digit(*self.bytes.get(self.at + 1)?)?)))
                .flatten();
            match escaped {
                Some((high, low)) => {
                    name.push(high << 4 | low);
                    self.at += 2;
                }
                None => name.push(byte),
            }
        }
        name
    }

    fn word(&mut self) -> Token {
        let start = self.at;
        while self.peek().is_some_and(|b| !is_blank(b) && !is_delimiter(b)) {
            self.at += 1;
        }
        let word = self.bytes.get(start..self.at).unwrap_or_default();
        match number(word) {
            Some(number) => Token::Number(number),
            None => Token::Word(word.to_vec()),
        }
    }

    fn hex(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut high = None;
        while let Some(byte) = self.peek() {
            self.at += 1;
            if byte == b'>' {
                break;
            }
            let Some(digit) = hex_digit(byte) else { continue };
            match high.take() {
                None => high = Some(digit),
                Some(first) => text.push(first << 4 | digit),
            }
        }
        if let Some(first) = high {
            text.push(first << 4);
        }
        text
    }

    fn literal(&mut self) -> Vec<u8> {
        let mut text = Vec::new();
        let mut depth = 1usize;
        while let Some(byte) = self.peek() {
            self.at += 1;
            match byte {
                b'(' => depth += 1,
                b')' => {
                    depth -= 1;
                    if depth == 0 {
                        break;
                    }
                }
                b'\\' => {
                    self.escape(&mut text);
                    continue;
                }
                _ => {}
            }
            text.push(byte);
        }
        text
    }

    fn escape(&mut self, text: &mut Vec<u8>) {
        let Some(byte) = self.peek() else { return };
        self.at += 1;
        match byte {
            b'n' => text.push(b'\n'),
            b'r' => text.push(b'\r'),
            b't' => text.push(b'\t'),
            b'b' => text.push(8),
            b'f' => text.push(12),
            b'0'..=b'7' => {
                let mut value = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit) = self.peek().filter(|b| (b'0'..=b'7').contains(b)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                text.push((value & 0xff) as u8);
            }
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'\n' => {}
            other => text.push(other),
        }
    }
}

/// The number a word writes, if it writes one.
fn number(word: &[u8]) -> Option<f64> {
    let first = *word.first()?;
    if !(first.is_ascii_digit() || matches!(first, b'+' | b'-' | b'.')) {
        return None;
    }
    let text = std::str::from_utf8(word).ok()?;
    // Some producers write `--5` or `5-3`: keep the part that is a number.
    let text = text.trim_start_matches('-');
    let value: f64 = match text.parse() {
        Ok(value) => value,
        Err(_) => text.split_at_checked(text.rfind('-')?)?.0.parse().ok()?,
    };
    value.is_finite().then_some(if first == b'-' { -value } else { value })
}

pub(super) fn hex_digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 12 | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &[u8]) -> Vec<Token> {
        let mut lexer = Lexer::new(text);
        std::iter::from_fn(|| lexer.next()).collect()
    }

    #[test]
    fn every_form_of_string_number_and_name() {
        assert_eq!(
            tokens(b"/A#20b (a\\(b(c)\\051\\n) <4e0> -1.5 .5 --3 [ % note\n Tj"),
            [
                Token::Name(b"A b".to_vec()),
                Token::Text(b"a(b(c))\n".to_vec()),
                Token::Text(vec![0x4e, 0x00]),
                Token::Number(-1.5),
                Token::Number(0.5),
                Token::Number(-3.0),
                Token::ArrayStart,
                Token::Word(b"Tj".to_vec()),
            ]
        );
    }

    #[test]
    fn an_inline_image_is_passed_over_even_when_its_data_holds_ei() {
        let mut lexer = Lexer::new(b"ID \x01 EI \xff\xfe\x00 EI\nQ (x) Tj");
        assert_eq!(lexer.next(), Some(Token::Word(b"ID".to_vec())));
        lexer.skip_inline_image();
        assert_eq!(lexer.next(), Some(Token::Word(b"Q".to_vec())));
    }
}
