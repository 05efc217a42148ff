//! What whoever writes a file again must know of how it was read: encodings, quotation marks, the head.
//!
//! The rules are those of the readers themselves, so that what is written stands where it was read.

use crate::format::{FORMATS, HEAD_BYTES, Probe};
use crate::text::encoding;
use zhunsheng_model::Encoding;

pub use crate::text::encoding::TextHead;
pub use crate::text::split::{Quote, follow_quote};

/// The name of the format as which an input that begins with `head` is read; `None` when it is neither text nor
/// a known format, `empty` when it holds nothing.
///
/// * `name`: only to break ties; `complete`: nothing follows `head`, which else has [`HEAD_BYTES`].
pub fn format_of(head: &[u8], name: &str, complete: bool) -> Option<&'static str> {
    if head.is_empty() {
        return Some("empty");
    }
    let head = head.get(..HEAD_BYTES).unwrap_or(head);
    let probe = Probe::new(head, name, complete);
    FORMATS.iter().find(|format| format.matches(&probe)).map(|format| format.name())
}

/// What the beginning of a text tells; `None` when it is no text.
pub fn sniff(head: &[u8], complete: bool) -> Option<TextHead> {
    encoding::sniff(head, complete)
}

/// Decodes a whole text or piece; the encoding may turn out to be another one (files glued together). The last
/// value is the number of places that are no character and became U+FFFD.
pub fn decode(encoding: Encoding, bytes: Vec<u8>) -> (String, Encoding, u64) {
    encoding::decode_piece(encoding, bytes)
}

/// Number of bytes that `text` takes in `encoding`.
pub fn encoded_bytes(encoding: Encoding, text: &str) -> u64 {
    encoding::encoded_bytes(encoding, text.as_bytes())
}

/// Appends `text` as it is written in `encoding`; what the encoding has no bytes for becomes `instead`, which is
/// ASCII. Gives the number of such characters.
pub fn encode(encoding: Encoding, text: &str, instead: char, out: &mut Vec<u8>) -> u64 {
    match encoding {
        Encoding::Utf8 => out.extend_from_slice(text.as_bytes()),
        Encoding::Utf16Le => out.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
        Encoding::Utf16Be => out.extend(text.encode_utf16().flat_map(u16::to_be_bytes)),
        other => {
            let whatwg = encoding::to_whatwg(other);
            let (bytes, _, lossy) = whatwg.encode(text);
            if !lossy {
                out.extend_from_slice(&bytes);
                return 0;
            }
            let mut lost = 0;
            for c in text.chars() {
                let one = c.to_string();
                let (bytes, _, lossy) = whatwg.encode(&one);
                if lossy {
                    lost += 1;
                    out.extend(instead.to_string().bytes());
                } else {
                    out.extend_from_slice(&bytes);
                }
            }
            return lost;
        }
    }
    0
}
