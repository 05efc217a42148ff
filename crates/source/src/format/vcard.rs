//! Address cards (vCard 2.1 to 4.0): blocks of `KEY:value` lines.

use super::{Format, Probe, text};
use crate::{Context, Input, SourceError};
use encoding_rs::Encoding;
use zhunsheng_model::TextShape;

/// Matches what begins with a card.
pub(super) struct Vcard;

impl Format for Vcard {
    fn name(&self) -> &'static str {
        "vcard"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.text().is_some_and(|head| {
            let start = head.text.trim_start();
            start.get(..11).is_some_and(|start| start.eq_ignore_ascii_case("BEGIN:VCARD"))
        })
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let head = text::head_of(&mut input)?;
        text::read_as(input, &head, TextShape::Blocks, cx)
    }
}

/// Joins folded lines, decodes quoted-printable values (old mobile phones write Chinese so) and drops pictures.
/// The second value tells whether the text is untouched, so that places in it are places in the file.
pub(super) fn unfold(text: String) -> (String, bool) {
    let is_folded = text.contains("\n ") || text.contains("\n\t");
    let upper_has = |word: &str| text.contains(word) || text.contains(word.to_ascii_lowercase().as_str());
    let is_quoted = upper_has("QUOTED-PRINTABLE");
    if !is_folded && !is_quoted {
        return (text, true);
    }
    let mut cards = String::with_capacity(text.len());
    let mut lines = text.lines().peekable();
    while let Some(first) = lines.next() {
        let mut line = first.to_string();
        let (key, _) = line.split_once(':').unwrap_or((&line, ""));
        let key = key.to_ascii_uppercase();
        if key.contains("QUOTED-PRINTABLE") {
            while line.ends_with('=')
                && let Some(next) = lines.next()
            {
                line.pop();
                line.push_str(next);
            }
            line = decode_line(&line);
        } else {
            while let Some(next) = lines.next_if(|next| next.starts_with([' ', '\t'])) {
                line.push_str(next.get(1..).unwrap_or_default());
            }
        }
        if !key.contains("BASE64") && !key.contains("ENCODING=B") {
            cards.push_str(&line);
        }
        cards.push('\n');
    }
    (cards, false)
}

/// `FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B` as `FN;CHARSET=UTF-8:王`.
fn decode_line(line: &str) -> String {
    let Some((key, value)) = line.split_once(':') else { return line.to_string() };
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        let hex = |byte: Option<u8>| byte.and_then(|byte| (byte as char).to_digit(16));
        let ahead = rest.clone();
        match byte {
            b'=' => match (hex(rest.next()), hex(rest.next())) {
                (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
                _ => {
                    bytes.push(byte);
                    rest = ahead;
                }
            },
            _ => bytes.push(byte),
        }
    }
    let parameters: Vec<&str> =
        key.split(';').filter(|part| !part.to_ascii_uppercase().contains("QUOTED-PRINTABLE")).collect();
    let charset = parameters
        .iter()
        .find_map(|part| part.to_ascii_uppercase().strip_prefix("CHARSET=").map(String::from))
        .and_then(|label| Encoding::for_label(label.as_bytes()))
        .unwrap_or(encoding_rs::UTF_8);
    let (value, _, _) = charset.decode(&bytes);
    format!("{}:{}", parameters.join(";"), value.replace(['\r', '\n'], " "))
}

#[cfg(test)]
mod tests {
    use super::unfold;

    #[test]
    fn folded_and_quoted_values_come_out_whole() {
        let card = "BEGIN:VCARD\r\nFN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=E7=8E=8B=\r\n=E5=B0=8F=E6=98=8E\r\n\
                    NOTE:long\r\n  text\r\nPHOTO;ENCODING=BASE64:AAAA\r\n BBBB\r\nEND:VCARD\r\n";
        let (text, untouched) = unfold(card.into());
        assert!(!untouched);
        assert_eq!(text, "BEGIN:VCARD\nFN;CHARSET=UTF-8:王小明\nNOTE:long text\n\nEND:VCARD\n");
        assert_eq!(unfold("TEL:1=\n".into()), ("TEL:1=\n".into(), true));
    }
}
