//! Turns the bytes of a shown string into characters and widths, by the font that shows them.

use super::cmap::CharMap;
use super::truetype::characters_of_glyphs;
use encoding_rs::Encoding;
use lopdf::{Dictionary, Document, Object, Stream};
use std::collections::BTreeMap;

/// Bytes that one font part (map or font program) may decompress to.
const FONT_BYTES_MAX: usize = 32 << 20;

/// One decoded code.
#[derive(Clone, Copy, Debug)]
pub(super) struct Glyph {
    /// Advance in thousandths of the font size.
    pub(super) width: f64,
    /// Whether the code is the one-byte blank, to which word spacing applies.
    pub(super) is_blank: bool,
}

/// How codes are cut and what they mean without a `/ToUnicode` map.
#[derive(Debug)]
enum Coding {
    /// One byte a code, with its text.
    Simple(Vec<String>),
    /// Two bytes a code, in UTF-16.
    Utf16,
    /// A legacy encoding of one or two bytes (GBK, Big5, Shift_JIS, EUC).
    Legacy(&'static Encoding),
    /// GB 2312 with seven bits a byte.
    SevenBitGb,
    /// Two bytes a code: character ids, with what is known of them.
    Ids(BTreeMap<u16, char>),
    /// A map in the file from codes to character ids.
    Embedded(CharMap, BTreeMap<u16, char>),
}

/// A font as far as its text matters.
#[derive(Debug)]
pub(super) struct Font {
    coding: Coding,
    to_unicode: Option<CharMap>,
    widths: BTreeMap<u32, f64>,
    width_default: f64,
    /// Whether widths are stated by a code that is no character id (predefined maps): then halves and fulls
    /// are guessed.
    widths_by_guess: bool,
}

impl Font {
    /// The font that a resource dictionary describes.
    pub(super) fn load(document: &Document, font: &Dictionary) -> Font {
        let to_unicode = get(document, font, b"ToUnicode")
            .and_then(|object| object.as_stream().ok())
            .map(|stream| CharMap::parse(&plain(stream)))
            .filter(|map| !map.is_empty());
        let descendant = get(document, font, b"DescendantFonts")
            .and_then(|object| object.as_array().ok())
            .and_then(|fonts| dereferenced(document, fonts.first()?)?.as_dict().ok());
        match descendant {
            Some(descendant) => Font::composite(document, font, descendant, to_unicode),
            None => Font::simple(document, font, to_unicode),
        }
    }

    /// A font for text whose font is not to be found: bytes as Latin characters.
    pub(super) fn unknown() -> Font {
        Font {
            coding: Coding::Simple((0..=255u8).map(|byte| char::from(byte).to_string()).collect()),
            to_unicode: None,
            widths: BTreeMap::new(),
            width_default: 500.0,
            widths_by_guess: false,
        }
    }

    /// Decodes `bytes`, handing each code's text and measure to `each`. An undecodable code gives U+FFFD.
    pub(super) fn decode(&self, bytes: &[u8], mut each: impl FnMut(&str, Glyph)) {
        let mut rest = bytes;
        while !rest.is_empty() {
            let length = self.code_length(rest).clamp(1, rest.len());
            let (code_bytes, tail) = rest.split_at(length);
            rest = tail;
            let code = code_bytes.iter().fold(0u32, |code, byte| code << 8 | u32::from(*byte));
            let mapped = self.to_unicode.as_ref().and_then(|map| map.text(length, code));
            let text = match mapped.filter(|text| !text.is_empty() && !text.contains('\0')) {
                Some(text) => text,
                None => self.coded_text(code_bytes, code),
            };
            let width = self.width(code, length, &text);
            each(&text, Glyph { width, is_blank: length == 1 && code == 32 });
        }
    }

    fn code_length(&self, bytes: &[u8]) -> usize {
        let first = bytes.first().copied().unwrap_or_default();
        match &self.coding {
            Coding::Simple(_) => 1,
            Coding::Utf16 if (0xd8..=0xdb).contains(&first) => 4,
            Coding::Utf16 | Coding::Ids(_) | Coding::SevenBitGb => 2,
            Coding::Legacy(_) if first < 0x81 => 1,
            Coding::Legacy(encoding) if *encoding == encoding_rs::GB18030 => match bytes.get(1) {
                Some(b'0'..=b'9') => 4,
                _ => 2,
            },
            Coding::Legacy(_) => 2,
            Coding::Embedded(map, _) => map.code_length(bytes).unwrap_or(2),
        }
    }

    fn coded_text(&self, bytes: &[u8], code: u32) -> String {
        let known = |ids: &BTreeMap<u16, char>, id: u32| {
            u16::try_from(id).ok().and_then(|id| ids.get(&id)).copied().unwrap_or('\u{fffd}').to_string()
        };
        match &self.coding {
            Coding::Simple(table) => table.get(code as usize).cloned().unwrap_or_default(),
            Coding::Utf16 => {
                let units: Vec<u16> = bytes
                    .chunks_exact(2)
                    .map(|pair| pair.iter().fold(0, |u, b| u << 8 | u16::from(*b)))
                    .collect();
                String::from_utf16_lossy(&units)
            }
            Coding::Legacy(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            Coding::SevenBitGb => {
                let eight: Vec<u8> = bytes.iter().map(|byte| byte | 0x80).collect();
                encoding_rs::GB18030.decode_without_bom_handling(&eight).0.into_owned()
            }
            Coding::Ids(ids) => known(ids, code),
            Coding::Embedded(map, ids) => {
                map.id(bytes.len(), code).map_or_else(|| known(ids, code), |id| known(ids, id))
            }
        }
    }

    fn width(&self, code: u32, length: usize, text: &str) -> f64 {
        if self.widths_by_guess {
            let half = text.chars().next().is_some_and(|c| c.is_ascii());
            return if half { 500.0 } else { self.width_default };
        }
        let id = match &self.coding {
            Coding::Embedded(map, _) => map.id(length, code).unwrap_or(code),
            _ => code,
        };
        self.widths.get(&id).copied().unwrap_or(self.width_default)
    }

    fn simple(document: &Document, font: &Dictionary, to_unicode: Option<CharMap>) -> Font {
        let encoding = get(document, font, b"Encoding");
        let legacy = match encoding {
            Some(Object::Name(name)) => predefined(name),
            _ => None,
        };
        let first = get(document, font, b"FirstChar").and_then(|o| o.as_i64().ok()).unwrap_or(0);
        let widths = get(document, font, b"Widths").and_then(|object| object.as_array().ok());
        let widths = widths.into_iter().flatten().take(256).enumerate().filter_map(|(index, width)| {
            let code = u32::try_from(first.checked_add(index as i64)?).ok()?;
            Some((code, number(dereferenced(document, width)?)?))
        });
        Font {
            coding: legacy.unwrap_or_else(|| Coding::Simple(simple_table(document, encoding))),
            to_unicode,
            widths: widths.collect(),
            width_default: 500.0,
            widths_by_guess: false,
        }
    }

    fn composite(
        document: &Document,
        font: &Dictionary,
        descendant: &Dictionary,
        to_unicode: Option<CharMap>,
    ) -> Font {
        let ids = || character_ids(document, descendant);
        let (coding, widths_by_guess) = match get(document, font, b"Encoding") {
            Some(Object::Name(name)) => match predefined(name) {
                Some(coding) => (coding, true),
                None => (Coding::Ids(ids()), false),
            },
            Some(Object::Stream(stream)) => {
                let map = CharMap::parse(&plain(stream));
                let base = map.base.clone().or_else(|| {
                    get(document, &stream.dict, b"UseCMap").and_then(|o| Some(o.as_name().ok()?.to_vec()))
                });
                match base.as_deref().and_then(predefined) {
                    Some(coding) if map.is_empty() => (coding, true),
                    _ => (Coding::Embedded(map, ids()), false),
                }
            }
            _ => (Coding::Ids(ids()), false),
        };
        let mut widths = BTreeMap::new();
        if let Some(list) = get(document, descendant, b"W").and_then(|object| object.as_array().ok()) {
            read_widths(document, list, &mut widths);
        }
        let width_default = get(document, descendant, b"DW").and_then(number).unwrap_or(1000.0);
        Font { coding, to_unicode, widths, width_default, widths_by_guess }
    }
}

/// The coding of a predefined map, by its name; nothing for `Identity` and unknown names.
fn predefined(name: &[u8]) -> Option<Coding> {
    let name = std::str::from_utf8(name).ok()?;
    let has = |part: &str| name.contains(part);
    Some(match name {
        "GB-H" | "GB-V" | "GBT-H" | "GBT-V" => Coding::SevenBitGb,
        _ if has("UCS2") || has("UTF16") => Coding::Utf16,
        _ if name.starts_with("GB") => Coding::Legacy(encoding_rs::GB18030),
        _ if has("B5") => Coding::Legacy(encoding_rs::BIG5),
        _ if has("RKSJ") => Coding::Legacy(encoding_rs::SHIFT_JIS),
        _ if name.starts_with("KSC") => Coding::Legacy(encoding_rs::EUC_KR),
        "EUC-H" | "EUC-V" => Coding::Legacy(encoding_rs::EUC_JP),
        _ => return None,
    })
}

/// What is known of the character ids of a font: its embedded TrueType table, or the Latin part that all
/// Adobe collections begin with.
fn character_ids(document: &Document, descendant: &Dictionary) -> BTreeMap<u16, char> {
    let descriptor = get(document, descendant, b"FontDescriptor").and_then(|object| object.as_dict().ok());
    let program = descriptor.and_then(|descriptor| {
        [&b"FontFile2"[..], b"FontFile3"]
            .into_iter()
            .find_map(|key| get(document, descriptor, key).and_then(|object| object.as_stream().ok()))
    });
    let glyphs = program.map(|stream| characters_of_glyphs(&plain(stream))).unwrap_or_default();
    match get(document, descendant, b"CIDToGIDMap") {
        Some(Object::Stream(stream)) => plain(stream)
            .chunks_exact(2)
            .zip(0..=u16::MAX)
            .filter_map(|(pair, id)| {
                let glyph = pair.iter().fold(0, |glyph, byte| glyph << 8 | u16::from(*byte));
                Some((id, *glyphs.get(&glyph)?))
            })
            .collect(),
        _ if !glyphs.is_empty() => glyphs,
        _ => (1..=95u16).filter_map(|id| Some((id, char::from_u32(u32::from(id) + 31)?))).collect(),
    }
}

/// The text of each byte of a one-byte font.
fn simple_table(document: &Document, encoding: Option<&Object>) -> Vec<String> {
    let (base, differences) = match encoding {
        Some(Object::Name(name)) => (name.clone(), None),
        Some(Object::Dictionary(dictionary)) => (
            get(document, dictionary, b"BaseEncoding")
                .and_then(|object| object.as_name().ok())
                .unwrap_or(b"StandardEncoding")
                .to_vec(),
            get(document, dictionary, b"Differences").and_then(|object| object.as_array().ok()),
        ),
        _ => (b"WinAnsiEncoding".to_vec(), None),
    };
    let base = Object::Name(base);
    let mut table: Vec<String> = (0..=255u8).map(|byte| byte_text(document, &base, byte)).collect();
    let mut code = 0usize;
    for entry in differences.into_iter().flatten() {
        match entry {
            Object::Integer(first) => code = usize::try_from(*first).unwrap_or(256),
            Object::Name(name) => {
                if let Some((slot, text)) = table.get_mut(code).zip(glyph_text(document, name)) {
                    *slot = text;
                }
                code = code.saturating_add(1);
            }
            _ => {}
        }
    }
    table
}

/// The text of a byte in an encoding object as the library knows it.
fn byte_text(document: &Document, encoding: &Object, byte: u8) -> String {
    let mut font = Dictionary::new();
    font.set("Type", Object::Name(b"Font".to_vec()));
    font.set("Encoding", encoding.clone());
    let decoded = font
        .get_font_encoding_with_limit(document, FONT_BYTES_MAX)
        .and_then(|encoding| Document::decode_text(&encoding, &[byte]));
    match decoded {
        Ok(text) if !text.is_empty() => text,
        _ if byte.is_ascii() => char::from(byte).to_string(),
        _ => String::new(),
    }
}

/// The text of a glyph name: `uniXXXX`, `uXXXXX`, or a name of the Adobe list.
fn glyph_text(document: &Document, name: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(name).ok()?;
    let text = text.split_once('.').map_or(text, |(stem, _)| if stem.is_empty() { text } else { stem });
    let hex = text.strip_prefix("uni").or_else(|| text.strip_prefix('u')).filter(|hex| hex.len() >= 4);
    if let Some(character) = hex.and_then(|hex| char::from_u32(u32::from_str_radix(hex, 16).ok()?)) {
        return Some(character.to_string());
    }
    let mut encoding = Dictionary::new();
    let names = vec![Object::Integer(1), Object::Name(text.as_bytes().to_vec())];
    encoding.set("Differences", Object::Array(names));
    let text = byte_text(document, &Object::Dictionary(encoding), 1);
    (text != "\u{1}").then_some(text)
}

/// Reads a `/W` list: `first [w w …]` and `first last w`.
fn read_widths(document: &Document, list: &[Object], widths: &mut BTreeMap<u32, f64>) {
    let mut items = list.iter().filter_map(|object| dereferenced(document, object));
    while let Some(first) = items.next().and_then(number) {
        let first = first.max(0.0) as u32;
        match items.next() {
            Some(Object::Array(each)) => {
                for (id, width) in (first..).zip(each) {
                    widths.extend(dereferenced(document, width).and_then(number).map(|width| (id, width)));
                }
            }
            Some(last) => {
                let last = number(last).unwrap_or(0.0).max(0.0) as u32;
                let Some(width) = items.next().and_then(number) else { return };
                widths.extend((first..=last.min(first.saturating_add(0xffff))).map(|id| (id, width)));
            }
            None => return,
        }
    }
}

/// The number an object holds.
pub(super) fn number(object: &Object) -> Option<f64> {
    match object {
        Object::Integer(value) => Some(*value as f64),
        Object::Real(value) => Some(f64::from(*value)).filter(|value| value.is_finite()),
        _ => None,
    }
}

/// What stands under `key`, references followed.
pub(super) fn get<'a>(document: &'a Document, dictionary: &'a Dictionary, key: &[u8]) -> Option<&'a Object> {
    dereferenced(document, dictionary.get(key).ok()?)
}

/// What a reference leads to, or the object itself.
pub(super) fn dereferenced<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Object> {
    document.dereference(object).ok().map(|(_, object)| object)
}

fn plain(stream: &Stream) -> Vec<u8> {
    stream.get_plain_content_with_limit(FONT_BYTES_MAX).unwrap_or_default()
}
