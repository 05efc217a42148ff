//! The marks of an XML part with the bytes where they stand, so that only what changes is written anew.

use std::ops::Range;

/// The part is not well formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Broken;

/// One mark of a part. Names are without prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// An element begins; `tag` stands between the angle brackets.
    Open { name: &'a str, tag: &'a str, empty: bool },
    /// An element ends.
    Close(&'a str),
    /// Text between tags, as it is written.
    Text(&'a str),
    /// The text of a CDATA section.
    CData(&'a str),
    /// Comments, declarations, instructions.
    Other,
}

/// Walks over the marks of a part.
pub(super) struct Lexer<'a> {
    xml: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(xml: &'a str) -> Lexer<'a> {
        Lexer { xml, at: 0 }
    }

    fn until(&self, from: usize, end: &str) -> Result<usize, Broken> {
        let rest = self.xml.get(from..).ok_or(Broken)?;
        memchr::memmem::find(rest.as_bytes(), end.as_bytes()).map(|found| from + found).ok_or(Broken)
    }

    fn tag_end(&self, from: usize) -> Result<usize, Broken> {
        let mut quote = None;
        for (index, byte) in self.xml.as_bytes().get(from..).ok_or(Broken)?.iter().enumerate() {
            match (quote, byte) {
                (None, b'>') => return Ok(from + index),
                (None, b'"' | b'\'') => quote = Some(*byte),
                (Some(open), byte) if open == *byte => quote = None,
                _ => {}
            }
        }
        Err(Broken)
    }

    fn step(&mut self) -> Result<Option<(Range<usize>, Token<'a>)>, Broken> {
        let start = self.at;
        let rest = self.xml.get(start..).unwrap_or_default();
        if rest.is_empty() {
            return Ok(None);
        }
        if !rest.starts_with('<') {
            let length = memchr::memchr(b'<', rest.as_bytes()).unwrap_or(rest.len());
            self.at = start + length;
            return Ok(Some((start..self.at, Token::Text(rest.get(..length).ok_or(Broken)?))));
        }
        if rest.starts_with("<![CDATA[") {
            let end = self.until(start, "]]>")?;
            self.at = end + 3;
            return Ok(Some((start + 9..end, Token::CData(self.xml.get(start + 9..end).ok_or(Broken)?))));
        }
        let closing = match () {
            () if rest.starts_with("<!--") => Some("-->"),
            () if rest.starts_with("<?") => Some("?>"),
            () if rest.starts_with("<!") => Some(">"),
            () => None,
        };
        if let Some(closing) = closing {
            // A document type may declare names for text, which no office document does.
            if rest.starts_with("<!DOCTYPE") {
                return Err(Broken);
            }
            self.at = self.until(start, closing)? + closing.len();
            return Ok(Some((start..self.at, Token::Other)));
        }
        let end = self.tag_end(start + 1)?;
        self.at = end + 1;
        let tag = self.xml.get(start + 1..end).ok_or(Broken)?;
        let token = if let Some(name) = tag.strip_prefix('/') {
            Token::Close(local(name.trim_end()))
        } else {
            let (tag, empty) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
            let name = tag.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
            Token::Open { name: local(name), tag, empty }
        };
        Ok(Some((start..self.at, token)))
    }
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Result<(Range<usize>, Token<'a>), Broken>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.step() {
            Ok(found) => found.map(Ok),
            Err(broken) => {
                self.at = self.xml.len();
                Some(Err(broken))
            }
        }
    }
}

/// A name without its prefix.
pub(super) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, name)| name)
}

/// The attributes of a tag: name without prefix, and the bytes of the value within the tag.
pub(super) fn attributes(tag: &str) -> Vec<(&str, Range<usize>)> {
    let mut found = Vec::new();
    let mut at = tag.find(|c: char| c.is_ascii_whitespace()).unwrap_or(tag.len());
    while let Some(rest) = tag.get(at..) {
        let Some(equals) = rest.find('=') else { break };
        let name = rest.get(..equals).unwrap_or_default().trim();
        let after = rest.get(equals + 1..).unwrap_or_default();
        let blanks = after.len() - after.trim_start().len();
        let Some(quote) = after.trim_start().chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            break;
        };
        let start = at + equals + 1 + blanks + 1;
        let Some(length) = tag.get(start..).and_then(|value| value.find(quote)) else { break };
        found.push((local(name), start..start + length));
        at = start + length + 1;
    }
    found
}

/// The decoded value of one attribute.
pub(super) fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, range) = attributes(tag).into_iter().find(|(known, _)| *known == name)?;
    tag.get(range).map(decode)
}

/// Text as it is meant: references resolved, line ends as one character.
pub(super) fn decode(raw: &str) -> String {
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some(at) = rest.find(['&', '\r']) {
        text.push_str(rest.get(..at).unwrap_or_default());
        rest = rest.get(at..).unwrap_or_default();
        if let Some(after) = rest.strip_prefix('\r') {
            text.push('\n');
            rest = after.strip_prefix('\n').unwrap_or(after);
            continue;
        }
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| Some((end, rest.get(1..end)?))) {
            Some((end, name)) => {
                text.extend(referenced(name));
                rest = rest.get(end + 1..).unwrap_or_default();
            }
            None => {
                text.push('&');
                rest = rest.get(1..).unwrap_or_default();
            }
        }
    }
    text.push_str(rest);
    text
}

fn referenced(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16),
            None => number.parse(),
        };
        return code.ok().and_then(char::from_u32);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

/// Text as it is written between tags or within double or single quotation marks.
pub(super) fn escape(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&apos;"),
            '\r' => written.push_str("&#13;"),
            '\t' | '\n' => written.push(c),
            // The format has no way to say these.
            c if c < ' ' || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => written.push(c),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_stand_where_they_stand() {
        let xml = "<?xml?><w:p a=\"x>y\"><t>A&amp;B</t><![CDATA[<c>]]><w:br/></w:p>";
        let all: Vec<_> = Lexer::new(xml).map(|token| token.expect("well formed")).collect();
        assert_eq!(all[1].1, Token::Open { name: "p", tag: "w:p a=\"x>y\"", empty: false });
        assert_eq!(&xml[all[3].0.clone()], "A&amp;B");
        assert_eq!(all[5].1, Token::CData("<c>"));
        assert!(matches!(all[6].1, Token::Open { name: "br", empty: true, .. }));
        assert!(Lexer::new("<a").any(|token| token.is_err()));
        assert!(Lexer::new("<!DOCTYPE a [<!ENTITY b 'c'>]><a/>").any(|token| token.is_err()));
    }

    #[test]
    fn text_and_attributes_are_decoded_and_written_again() {
        assert_eq!(decode("A&amp;&#x5f20;&#65;\r\n&x"), "A&张A\n&x");
        assert_eq!(escape("<张&\">"), "&lt;张&amp;&quot;&gt;");
        assert_eq!(decode(&escape("<'\"&\r张>")), "<'\"&\r张>");
        let tag = "w:c r = 'A1' w:t=\"s&lt;\"";
        assert_eq!(attribute(tag, "t").as_deref(), Some("s<"));
        assert_eq!(attribute(tag, "r").as_deref(), Some("A1"));
        assert_eq!(attribute(tag, "s"), None);
    }
}
