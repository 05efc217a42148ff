//! Mail: single messages (EML, MHT) and mailboxes (mbox), with their attachments.

use super::{Format, Probe, html};
use crate::text::{encoding, html as page};
use crate::{Context, Input, SourceError};
use mail_parser::decoders::base64::base64_decode;
use mail_parser::decoders::quoted_printable::quoted_printable_decode;
use mail_parser::{
    Address, Encoding as Transfer, HeaderValue, Message, MessageParser, MessagePart, MimeHeaders, PartType,
};
use memchr::memmem;
use std::io::Read;
use zhunsheng_model::{ProblemKind, Segment, Step, TextFragment, TextShape};

/// A message longer than this is cut: it must be held whole.
const MESSAGE_BYTES_MAX: usize = 256 << 20;

/// Matches mailboxes: messages after lines that begin with `From `.
pub(super) struct Mbox;

impl Format for Mbox {
    fn name(&self) -> &'static str {
        "mbox"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        begins_mbox(probe.head)
    }

    fn read(&self, mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let mut held: Vec<u8> = Vec::new();
        let mut room = vec![0; 1 << 20];
        let mut number = 0;
        // Where the current message begins, and from where on the next has not been looked for.
        let mut start = 0;
        let mut looked = 0;
        loop {
            let message = held.get(start..).unwrap_or_default();
            if let Some(end) = next_message(message, looked.max(1)) {
                number += 1;
                read_numbered(message.get(..end).unwrap_or_default(), number, cx)?;
                start += end;
                looked = 0;
                continue;
            }
            if message.len() > MESSAGE_BYTES_MAX {
                number += 1;
                let detail = format!("a message is longer than {} MiB; it was cut", MESSAGE_BYTES_MAX >> 20);
                cx.problem_at(&[Step::Message(number)], ProblemKind::OverlongPiece, detail, false);
                read_numbered(message, number, cx)?;
                start = held.len();
                looked = 0;
                continue;
            }
            looked = message.len().saturating_sub(8 << 10);
            held.drain(..start);
            start = 0;
            match input.read(&mut room) {
                Ok(0) => return read_numbered(&held, number + 1, cx),
                Ok(got) => held.extend_from_slice(room.get(..got).unwrap_or_default()),
                Err(error) => {
                    read_numbered(&held, number + 1, cx)?;
                    return Err(error.into());
                }
            }
        }
    }
}

/// Matches a message by its header lines.
pub(super) struct Eml;

impl Format for Eml {
    fn name(&self) -> &'static str {
        "eml"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        begins_message(probe.head)
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let bytes = input.into_bytes(MESSAGE_BYTES_MAX as u64)?;
        read_message(&bytes, &[], cx)
    }
}

fn begins_mbox(head: &[u8]) -> bool {
    let Some(rest) = head.strip_prefix(b"From ") else { return false };
    let Some(end) = memchr::memchr(b'\n', rest) else { return false };
    end < 400 && starts_with_header(rest.get(end + 1..).unwrap_or_default())
}

/// Two well-known header lines among the first, and nothing before them that is none.
fn begins_message(head: &[u8]) -> bool {
    const KNOWN: &[&str] = &[
        "from",
        "to",
        "cc",
        "subject",
        "date",
        "message-id",
        "mime-version",
        "received",
        "return-path",
        "delivered-to",
        "reply-to",
        "content-type",
        "x-mailer",
        "x-originating-ip",
        "dkim-signature",
        "sender",
    ];
    let mut known = 0;
    let mut sender = false;
    for line in head.split(|byte| *byte == b'\n').take(60) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.is_empty() {
            break;
        }
        if matches!(line.first(), Some(b' ' | b'\t')) && known > 0 {
            continue;
        }
        if !starts_with_header(line) {
            break;
        }
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        let name = String::from_utf8_lossy(name).to_ascii_lowercase();
        known += usize::from(KNOWN.contains(&name.as_str()));
        // A form with `Date:` and `Subject:` lines is no message yet.
        sender |=
            matches!(name.as_str(), "from" | "received" | "mime-version" | "message-id" | "return-path");
    }
    known >= 2 && sender
}

fn starts_with_header(line: &[u8]) -> bool {
    let size = line.iter().take(80).position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'-'));
    size.is_some_and(|size| size > 0 && line.get(size) == Some(&b':'))
}

/// Where the next message begins: a `From ` line after a blank line, followed by a header line. The first 8 KiB of
/// what follows must be there to tell.
fn next_message(held: &[u8], from: usize) -> Option<usize> {
    let start = from.saturating_sub(8);
    for at in memmem::find_iter(held.get(start..)?, b"\nFrom ") {
        let at = start + at;
        let before = held.get(..at).unwrap_or_default();
        let is_blank = before.ends_with(b"\n") || before.ends_with(b"\n\r");
        if is_blank && begins_mbox(held.get(at + 1..).unwrap_or_default()) {
            return Some(at + 1);
        }
    }
    None
}

fn read_numbered(bytes: &[u8], number: u32, cx: &mut Context<'_>) -> Result<(), SourceError> {
    if bytes.trim_ascii().is_empty() {
        return Ok(());
    }
    // Without the `From ` line; `>From ` in the text stands for `From `.
    let start = match bytes.starts_with(b"From ") {
        true => memchr::memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1),
        false => 0,
    };
    let mut message = Vec::with_capacity(bytes.len());
    for line in bytes.get(start..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n') {
        let marks = line.iter().take_while(|byte| **byte == b'>').count();
        let quoted = marks > 0 && line.get(marks..).is_some_and(|rest| rest.starts_with(b"From "));
        message.extend_from_slice(line.get(usize::from(quoted)..).unwrap_or_default());
    }
    read_message(&message, &[Step::Message(number)], cx)
}

fn read_message(bytes: &[u8], steps: &[Step], cx: &mut Context<'_>) -> Result<(), SourceError> {
    let fixed = utf8_headers(bytes);
    let bytes = fixed.as_deref().unwrap_or(bytes);
    let Some(message) = MessageParser::default().parse(bytes) else {
        cx.problem_at(steps, ProblemKind::Malformed, "not a message", true);
        return Ok(());
    };
    let with = |more: Step| {
        let mut steps = steps.to_vec();
        steps.push(more);
        steps
    };
    // Headers and body are one text: who signs below is who the head names.
    let mut whole = String::new();
    let mut segments = Vec::new();
    let mut add = |step: Step, text: &str| {
        if text.trim().is_empty() {
            return;
        }
        if !whole.is_empty() && !whole.ends_with('\n') {
            whole.push('\n');
        }
        segments.push(Segment { start: whole.len() as u32, steps: vec![step] });
        whole.push_str(text);
    };
    for (name, text) in headers(&message) {
        add(Step::Header(name.into()), &text);
    }
    let mut plain = String::new();
    for (number, id) in message.text_body.iter().enumerate() {
        let Some(part) = message.parts.get(*id as usize) else { continue };
        if matches!(part.body, PartType::Text(_)) {
            let text = part_text(part, bytes);
            plain.push_str(&text);
            add(part_step("text", number), &text);
        }
    }
    if !segments.is_empty() {
        let place = cx.place_of(steps);
        cx.text(TextFragment { place, text: whole, shape: TextShape::Prose, segments, origin: None })?;
    }
    for (number, id) in message.html_body.iter().enumerate() {
        let Some(part) = message.parts.get(*id as usize) else { continue };
        if matches!(part.body, PartType::Html(_)) {
            let found = page::read_all(&part_text(part, bytes));
            if !is_repeat(&found, &plain) {
                let place = cx.place_of(steps);
                html::hand_over(
                    found,
                    &place,
                    &[part_step("html", number)],
                    &mut html::Counts::default(),
                    cx,
                )?;
            }
        }
    }
    for (number, id) in message.attachments.iter().enumerate() {
        let Some(part) = message.parts.get(*id as usize) else { continue };
        if matches!(part.body, PartType::Multipart(_)) {
            continue;
        }
        let name = match part.attachment_name().filter(|name| !name.trim().is_empty()) {
            Some(name) => name.to_string(),
            None => format!("part-{}", number + 1),
        };
        let input = Input::from_bytes(part_bytes(part, bytes));
        cx.nested_part(&with(Step::Attachment(name.clone())), &name, input)?;
    }
    Ok(())
}

fn part_step(name: &str, number: usize) -> Step {
    Step::Part(if number == 0 { name.to_string() } else { format!("{name}-{}", number + 1) })
}

/// Whether the page says only what the plain text of the same message says, as mail programs send it.
fn is_repeat(found: &page::Found, plain: &str) -> bool {
    let words = |text: &str| text.chars().filter(|c| c.is_alphanumeric()).collect::<String>();
    if plain.is_empty() {
        return false;
    }
    let mut all = words(plain);
    all.retain(|c| c.is_alphanumeric());
    let tables = found
        .tables
        .iter()
        .map(|part| &part.cells)
        .flat_map(|cells| cells.cells.iter().map(|cell| cells.cell_at(cell)));
    page::blocks(found)
        .filter_map(|range| found.text.get(range))
        .chain(tables)
        .all(|part| all.contains(words(part).as_str()))
}

/// Header lines that name people, and the subject, decoded.
fn headers(message: &Message<'_>) -> Vec<(&'static str, String)> {
    const NAMES: &[&str] = &["From", "Sender", "To", "Cc", "Bcc", "Reply-To", "Subject"];
    let mut found = Vec::new();
    for name in NAMES {
        let mut text = String::new();
        for header in message.headers().iter().filter(|header| header.name().eq_ignore_ascii_case(name)) {
            let value = match &header.value {
                HeaderValue::Address(address) => addresses(address),
                HeaderValue::Text(text) => text.to_string(),
                HeaderValue::TextList(list) => list.join(", "),
                _ => continue,
            };
            if !text.is_empty() {
                text.push_str(", ");
            }
            text.push_str(&value);
        }
        found.push((*name, text));
    }
    found
}

fn addresses(address: &Address<'_>) -> String {
    let one = |addr: &mail_parser::Addr<'_>| match (addr.name.as_deref(), addr.address.as_deref()) {
        (Some(name), Some(address)) => format!("{name} <{address}>"),
        (Some(one), None) | (None, Some(one)) => one.to_string(),
        (None, None) => String::new(),
    };
    address.iter().map(one).collect::<Vec<_>>().join(", ")
}

/// The content of a part as it was attached.
fn part_bytes(part: &MessagePart<'_>, raw: &[u8]) -> Vec<u8> {
    // What states its alphabet was decoded by it; nothing else knows it.
    if let (PartType::Text(text) | PartType::Html(text), true) = (&part.body, states_charset(part)) {
        return text.as_bytes().to_vec();
    }
    match &part.body {
        PartType::Binary(bytes) | PartType::InlineBinary(bytes) => return bytes.to_vec(),
        _ => {}
    }
    let body = raw.get(part.offset_body as usize..part.offset_end as usize).unwrap_or_default();
    let decoded = match part.encoding {
        Transfer::None => None,
        Transfer::Base64 => {
            let plain: Vec<u8> = body.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
            base64_decode(&plain)
        }
        Transfer::QuotedPrintable => quoted_printable_decode(body),
    };
    decoded.unwrap_or_else(|| match &part.body {
        PartType::Text(text) | PartType::Html(text) if part.encoding != Transfer::None => {
            text.as_bytes().to_vec()
        }
        _ => body.to_vec(),
    })
}

/// The text of a part; one without a stated alphabet is told by its bytes.
fn part_text(part: &MessagePart<'_>, raw: &[u8]) -> String {
    let known = match &part.body {
        PartType::Text(text) | PartType::Html(text) => text.as_ref(),
        _ => return String::new(),
    };
    if states_charset(part) {
        return known.to_string();
    }
    let bytes = part_bytes(part, raw);
    match encoding::sniff(&bytes, true) {
        Some(head) => head.text,
        None => known.to_string(),
    }
}

fn states_charset(part: &MessagePart<'_>) -> bool {
    part.content_type()
        .and_then(|kind| kind.attribute("charset"))
        .is_some_and(|charset| !charset.eq_ignore_ascii_case("us-ascii") && !charset.trim().is_empty())
}

/// Header lines written in GB18030 without any mark, as UTF-8; `None` when there is nothing to change.
fn utf8_headers(bytes: &[u8]) -> Option<Vec<u8>> {
    let unix = memmem::find(bytes, b"\n\n").map(|at| at + 1);
    let dos = memmem::find(bytes, b"\r\n\r\n").map(|at| at + 2);
    let end = match (unix, dos) {
        (Some(unix), Some(dos)) => unix.min(dos),
        (one, other) => one.or(other)?,
    };
    let head = bytes.get(..end)?;
    if std::str::from_utf8(head).is_ok() {
        return None;
    }
    let text = encoding::sniff(head, true)?.text;
    let mut fixed = text.into_bytes();
    fixed.extend_from_slice(bytes.get(end..)?);
    Some(fixed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_told_by_their_headers() {
        assert!(begins_message(b"Received: by x\r\n\tid 1\r\nFrom: a@b.cn\r\nSubject: x\r\n\r\nhi"));
        assert!(begins_message(b"From: a@b.cn\nTo: c@d.cn\n\n"));
        assert!(!begins_message(b"Subject: x\nDate: y\n\nform"));
        assert!(!begins_message("姓名: 王\nFrom: a\nTo: b\n".as_bytes()));
        assert!(begins_mbox(b"From x Fri Mar  1 10:00:00 2024\nSubject: x\n"));
        assert!(!begins_mbox(b"From here on it is prose\nand goes on\n"));
    }

    #[test]
    fn a_line_that_begins_with_from_ends_no_message() {
        let held = b"From a\nSubject: x\n\nFrom here on: no\nprose\n\nFrom b\nSubject: y\n\n";
        assert_eq!(next_message(held, 1), Some(43));
        assert_eq!(next_message(&held[..42], 1), None);
    }
}
