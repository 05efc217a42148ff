//! Which encoding a text is in, decoding, and counting characters.
//!
//! UTF-8 is tried first because other encodings hardly ever look like it. UTF-16 without a byte-order mark is told
//! by where its zero bytes stand. GB18030 and Big5 are told apart by their second bytes; what is left is asked of
//! `chardetng`.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{CoderResult, Decoder};
use zhunsheng_model::Encoding;

/// The beginning of a text.
#[derive(Clone, Debug)]
pub struct TextHead {
    /// How it is written.
    pub encoding: Encoding,
    /// Bytes of the byte-order mark, to be left out.
    pub bom_bytes: usize,
    /// Whether nothing but ASCII was seen, so that a later part decides the encoding.
    pub ascii_only: bool,
    /// The decoded head without its mark; a character cut at its end is left out.
    pub text: String,
}

/// Tells whether `head` is text and in which encoding; `complete` when nothing follows it.
pub(crate) fn sniff(head: &[u8], complete: bool) -> Option<TextHead> {
    let (encoding, bom_bytes) = guess(head, complete)?;
    let body = head.get(bom_bytes..).unwrap_or_default();
    let whole = if complete { body } else { whole_characters(encoding, body) };
    let (text, _) = decode(encoding, whole.to_vec());
    let ascii_only = encoding == Encoding::Utf8 && bom_bytes == 0 && head.is_ascii();
    Some(TextHead { encoding, bom_bytes, ascii_only, text })
}

/// The encoding and the length of the byte-order mark, or `None` when the bytes are no text.
pub(crate) fn guess(head: &[u8], complete: bool) -> Option<(Encoding, usize)> {
    match head {
        [0xEF, 0xBB, 0xBF, ..] => return Some((Encoding::Utf8, 3)),
        [0xFF, 0xFE, 0, 0, ..] => return None,
        [0xFF, 0xFE, ..] => return Some((Encoding::Utf16Le, 2)),
        [0xFE, 0xFF, ..] => return Some((Encoding::Utf16Be, 2)),
        [0x84, 0x31, 0x95, 0x33, ..] => return Some((Encoding::Gb18030, 4)),
        _ => {}
    }
    let zeros = head.iter().filter(|byte| **byte == 0).count();
    let body = if complete { head } else { whole_characters(Encoding::Utf8, head) };
    let is_utf8 = std::str::from_utf8(body).is_ok();
    if zeros > 0
        && let Some(encoding) = utf16_by_zeros(head, zeros, is_utf8)
    {
        return Some((encoding, 0));
    }
    if is_binary(head, zeros) {
        return None;
    }
    if is_utf8 {
        return Some((Encoding::Utf8, 0));
    }
    let utf8 = Utf8Faults::of(body);
    // A few broken characters in much UTF-8: cut log lines, mixed dumps.
    if utf8.good >= 4 * utf8.bad.max(1) {
        return Some((Encoding::Utf8, 0));
    }
    legacy(head, complete).map(|encoding| (encoding, 0))
}

/// Decides between the encodings that are neither UTF-8 nor UTF-16 by their marks.
fn legacy(head: &[u8], complete: bool) -> Option<Encoding> {
    let pairs = Pairs::of(head, complete);
    let is_pairs = pairs.count > 0 && pairs.broken * 50 <= pairs.count;
    // Japanese texts are full of kana, which stand in two rows of the same table.
    let is_japanese = pairs.kana * 10 > pairs.count * 3;
    if is_pairs && !is_japanese {
        let big5_like = pairs.low_trail * 5 > pairs.count && pairs.big5_common * 10 > pairs.count * 6;
        if big5_like && faults_in(Encoding::Big5, head, complete).is_clean() {
            return Some(Encoding::Big5);
        }
        if pairs.gb_common * 10 > pairs.count * 5 && faults_in(Encoding::Gb18030, head, complete).is_clean() {
            return Some(Encoding::Gb18030);
        }
    }
    if let Some(encoding) = utf16_of_han(head) {
        return Some(encoding);
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(head, complete);
    let encoding = from_whatwg(detector.guess(Some(b"cn"), Utf8Detection::Deny));
    // High bytes everywhere and no structure: compressed or encrypted content, not a text in a one-byte alphabet.
    let high = head.iter().filter(|byte| **byte >= 0x80).count();
    let is_alphabet = !matches!(encoding, Encoding::Gb18030 | Encoding::Big5);
    let faults = faults_in(encoding, head, complete);
    let plausible = if is_alphabet {
        high * 10 < head.len() * 9 && c1_controls(encoding, head) * 50 <= high
    } else {
        true
    };
    (plausible && faults.is_clean()).then_some(encoding)
}

fn from_whatwg(encoding: &'static encoding_rs::Encoding) -> Encoding {
    if encoding == encoding_rs::GBK || encoding == encoding_rs::GB18030 {
        Encoding::Gb18030
    } else if encoding == encoding_rs::BIG5 {
        Encoding::Big5
    } else if encoding == encoding_rs::UTF_8 {
        Encoding::Utf8
    } else {
        Encoding::Other(encoding.name())
    }
}

pub(crate) fn to_whatwg(encoding: Encoding) -> &'static encoding_rs::Encoding {
    match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Utf16Be => encoding_rs::UTF_16BE,
        Encoding::Gb18030 => encoding_rs::GB18030,
        Encoding::Big5 => encoding_rs::BIG5,
        Encoding::Other(name) => {
            encoding_rs::Encoding::for_label(name.as_bytes()).unwrap_or(encoding_rs::UTF_8)
        }
    }
}

/// Controls that no text holds; separators of some dumps (1–3, 28–31) and escape sequences are let through.
fn is_binary(head: &[u8], zeros: usize) -> bool {
    let strange = head.iter().filter(|byte| matches!(**byte, 4..=8 | 0x0E..=0x1A | 0x7F)).count();
    strange * 100 > head.len() || zeros * 2 > head.len()
}

/// C1 controls among what a one-byte alphabet makes of the high bytes: a text has none.
fn c1_controls(encoding: Encoding, head: &[u8]) -> usize {
    let (text, _) = decode(encoding, head.to_vec());
    text.chars().filter(|c| ('\u{80}'..='\u{9F}').contains(c)).count()
}

/// UTF-16 by its zero bytes: they stand on one side only and next to an ASCII character.
fn utf16_by_zeros(head: &[u8], zeros: usize, is_utf8: bool) -> Option<Encoding> {
    // A few zero bytes in what is otherwise UTF-8 are dirt.
    if is_utf8 && zeros * 20 < head.len() {
        return None;
    }
    let mut little = Placed::default();
    let mut big = Placed::default();
    let mut total = 0;
    for unit in head.chunks_exact(2) {
        let &[first, second] = unit else { continue };
        little.add(second, first);
        big.add(first, second);
        total += usize::from(first == 0) + usize::from(second == 0);
    }
    let (encoding, placed) = match little.ascii >= big.ascii {
        true => (Encoding::Utf16Le, little),
        false => (Encoding::Utf16Be, big),
    };
    let well_placed = placed.ascii + placed.han;
    (placed.ascii > 0 && well_placed * 20 >= total * 19 && utf16_plausible(head, encoding) >= 90)
        .then_some(encoding)
}

/// Zero bytes that stand where one of the two orders has them.
#[derive(Clone, Copy, Default)]
struct Placed {
    ascii: usize,
    han: usize,
}

impl Placed {
    fn add(&mut self, high: u8, low: u8) {
        self.ascii += usize::from(high == 0 && matches!(low, b'\t' | b'\n' | b'\r' | b' '..=b'~'));
        // 一 (4E00) and the wide blank (3000) have the zero byte on the other side.
        self.han += usize::from(low == 0 && matches!(high, 0x30 | 0x4E..=0x9F));
    }
}

/// UTF-16 without any ASCII character: nearly every unit is Han or Chinese punctuation.
fn utf16_of_han(head: &[u8]) -> Option<Encoding> {
    if head.len() < 8 {
        return None;
    }
    [Encoding::Utf16Le, Encoding::Utf16Be].into_iter().find(|encoding| utf16_plausible(head, *encoding) >= 97)
}

/// Percentage of units that a Chinese text holds.
fn utf16_plausible(head: &[u8], encoding: Encoding) -> usize {
    let mut good = 0;
    let mut total = 0;
    for unit in head.chunks_exact(2) {
        let &[first, second] = unit else { continue };
        let unit = match encoding {
            Encoding::Utf16Be => u16::from_be_bytes([first, second]),
            _ => u16::from_le_bytes([first, second]),
        };
        total += 1;
        if matches!(unit, 0x09 | 0x0A | 0x0D | 0x20..=0x7E | 0xA0..=0x24F | 0x370..=0x4FF
            | 0x2010..=0x206F | 0x2100..=0x22FF | 0x2460..=0x25FF | 0x3000..=0x30FF | 0x3400..=0x9FFF
            | 0xD800..=0xDFFF | 0xF900..=0xFAFF | 0xFF00..=0xFFEF)
        {
            good += 1;
        }
    }
    usize::checked_div(good * 100, total).unwrap_or(0)
}

/// How much of a text breaks the rules of an encoding.
#[derive(Clone, Copy, Debug, Default)]
struct Faults {
    /// Characters beyond ASCII.
    good: usize,
    /// Places that are no character.
    bad: usize,
}

impl Faults {
    fn is_clean(self) -> bool {
        self.bad == 0 || self.bad * 100 <= self.good
    }
}

fn faults_in(encoding: Encoding, bytes: &[u8], complete: bool) -> Faults {
    let whole = if complete { bytes } else { whole_characters(encoding, bytes) };
    let (text, bad) = decode(encoding, whole.to_vec());
    let mut good = 0;
    for c in text.chars() {
        // Private use is how unassigned pairs come out.
        good += usize::from(
            !c.is_ascii() && c != char::REPLACEMENT_CHARACTER && !('\u{E000}'..='\u{F8FF}').contains(&c),
        );
    }
    Faults {
        good,
        bad: bad as usize + text.chars().filter(|c| ('\u{E000}'..='\u{F8FF}').contains(c)).count(),
    }
}

struct Utf8Faults;

impl Utf8Faults {
    fn of(bytes: &[u8]) -> Faults {
        let mut faults = Faults::default();
        for chunk in bytes.utf8_chunks() {
            faults.good += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
            faults.bad += usize::from(!chunk.invalid().is_empty());
        }
        faults
    }
}

/// Statistics over two-byte characters.
#[derive(Default)]
struct Pairs {
    count: usize,
    broken: usize,
    /// Second byte below 0xA1: every second character of Big5, hardly any of common Chinese in GB18030.
    low_trail: usize,
    kana: usize,
    /// Common characters and punctuation of GB 2312.
    gb_common: usize,
    /// Common characters and punctuation of Big5.
    big5_common: usize,
}

impl Pairs {
    fn of(bytes: &[u8], complete: bool) -> Pairs {
        let mut pairs = Pairs::default();
        let mut at = 0;
        while let Some(&lead) = bytes.get(at) {
            if lead < 0x80 {
                at += 1;
                continue;
            }
            match bytes.get(at + 1) {
                Some(&trail)
                    if (0x81..=0xFE).contains(&lead) && trail >= 0x40 && trail != 0x7F && trail != 0xFF =>
                {
                    pairs.count += 1;
                    pairs.low_trail += usize::from(trail < 0xA1);
                    pairs.kana += usize::from(matches!(lead, 0xA4 | 0xA5) && trail >= 0xA1);
                    pairs.gb_common +=
                        usize::from(trail >= 0xA1 && matches!(lead, 0xA1 | 0xA3 | 0xB0..=0xF7));
                    pairs.big5_common += usize::from(matches!(lead, 0xA1..=0xC6));
                    at += 2;
                }
                // Four bytes in GB18030.
                Some(0x30..=0x39)
                    if matches!(bytes.get(at + 2), Some(0x81..=0xFE))
                        && matches!(bytes.get(at + 3), Some(0x30..=0x39)) =>
                {
                    pairs.count += 1;
                    at += 4;
                }
                None if !complete => break,
                _ => {
                    pairs.broken += 1;
                    at += 1;
                }
            }
        }
        pairs
    }
}

/// `bytes` without a character cut at the end.
fn whole_characters(encoding: Encoding, bytes: &[u8]) -> &[u8] {
    let keep = match encoding {
        Encoding::Utf8 => {
            let tail = bytes.len().saturating_sub(3);
            let cut = bytes.get(tail..).unwrap_or_default().iter().rposition(|byte| *byte >= 0xC0);
            match cut {
                Some(at) => match std::str::from_utf8(bytes.get(tail + at..).unwrap_or_default()) {
                    Err(error) if error.error_len().is_none() => tail + at,
                    _ => bytes.len(),
                },
                None => bytes.len(),
            }
        }
        Encoding::Utf16Le | Encoding::Utf16Be => bytes.len() & !1,
        // The last line end cannot be inside a character of any encoding read here.
        _ => memchr::memrchr2(b'\n', b'\r', bytes).map_or(bytes.len(), |at| at + 1),
    };
    bytes.get(..keep).unwrap_or(bytes)
}

/// Decodes; the second value is the number of places that are no character and were replaced.
pub(crate) fn decode(encoding: Encoding, bytes: Vec<u8>) -> (String, u64) {
    if encoding == Encoding::Utf8 {
        return match String::from_utf8(bytes) {
            Ok(text) => (text, 0),
            Err(error) => {
                let bytes = error.as_bytes();
                let bad = bytes.utf8_chunks().filter(|chunk| !chunk.invalid().is_empty()).count();
                (String::from_utf8_lossy(bytes).into_owned(), bad as u64)
            }
        };
    }
    let mut decoder = to_whatwg(encoding).new_decoder_without_bom_handling();
    let mut text = String::new();
    let bad = decode_step(&mut decoder, &bytes, true, &mut text);
    (text, bad)
}

/// Decodes the next bytes of a stream; returns the number of replaced places.
pub(crate) fn decode_step(decoder: &mut Decoder, mut bytes: &[u8], last: bool, text: &mut String) -> u64 {
    let mut bad = 0;
    loop {
        text.reserve(
            decoder.max_utf8_buffer_length_without_replacement(bytes.len()).unwrap_or(bytes.len() * 3) + 16,
        );
        let (result, read) = decoder.decode_to_string_without_replacement(bytes, text, last);
        bytes = bytes.get(read..).unwrap_or_default();
        match result {
            encoding_rs::DecoderResult::InputEmpty => return bad,
            encoding_rs::DecoderResult::OutputFull => {}
            encoding_rs::DecoderResult::Malformed(..) => {
                text.push(char::REPLACEMENT_CHARACTER);
                bad += 1;
            }
        }
    }
}

/// A decoder for a stream in `encoding`.
pub(crate) fn decoder(encoding: Encoding) -> Decoder {
    to_whatwg(encoding).new_decoder_without_bom_handling()
}

/// Decodes a piece of a file whose other pieces are in `encoding`. A piece that is no UTF-8 at all while it is
/// sound GB18030 (files glued together) is taken as that.
pub(crate) fn decode_piece(encoding: Encoding, bytes: Vec<u8>) -> (String, Encoding, u64) {
    if encoding != Encoding::Utf8 || std::str::from_utf8(&bytes).is_ok() {
        let (text, bad) = decode(encoding, bytes);
        return (text, encoding, bad);
    }
    let faults = Utf8Faults::of(&bytes);
    if faults.bad > faults.good && legacy(&bytes, true) == Some(Encoding::Gb18030) {
        let (text, bad) = decode(Encoding::Gb18030, bytes);
        return (text, Encoding::Gb18030, bad);
    }
    let (text, bad) = decode(encoding, bytes);
    (text, encoding, bad)
}

/// Number of characters (code points) that `bytes` decode to.
pub(crate) fn count_chars(encoding: Encoding, bytes: &[u8]) -> u64 {
    match encoding {
        Encoding::Utf8 => count_utf8(bytes),
        Encoding::Gb18030 | Encoding::Big5 => count_pairs(bytes, encoding == Encoding::Gb18030),
        _ => {
            let mut decoder = decoder(encoding);
            let mut text = String::new();
            let mut count = 0;
            let mut rest = bytes;
            loop {
                text.clear();
                text.reserve(64 << 10);
                let (result, read, _) = decoder.decode_to_string(rest, &mut text, true);
                count += text.chars().count() as u64;
                rest = rest.get(read..).unwrap_or_default();
                if result == CoderResult::InputEmpty {
                    return count;
                }
            }
        }
    }
}

/// Counts bytes that do not continue a character. Small blocks keep the sum in one byte a lane, which the compiler
/// turns into vector code.
fn count_utf8(bytes: &[u8]) -> u64 {
    bytes
        .chunks(192)
        .map(|block| {
            u64::from(block.iter().map(|byte| u8::from((*byte as i8) >= -64)).fold(0, u8::wrapping_add))
        })
        .sum()
}

/// Number of bytes that `text` (UTF-8) takes in `encoding`.
pub(crate) fn encoded_bytes(encoding: Encoding, text: &[u8]) -> u64 {
    match encoding {
        Encoding::Utf8 => text.len() as u64,
        Encoding::Utf16Le | Encoding::Utf16Be => {
            let pairs = text.iter().filter(|byte| **byte >= 0xF0).count() as u64;
            2 * (count_utf8(text) + pairs)
        }
        other => {
            let text = String::from_utf8_lossy(text);
            to_whatwg(other).encode(&text).0.len() as u64
        }
    }
}

/// The last place in `bytes` between two characters, beyond the first.
pub(crate) fn boundary(encoding: Encoding, bytes: &[u8]) -> usize {
    match encoding {
        Encoding::Gb18030 | Encoding::Big5 => {
            let mut at = 0;
            loop {
                let size = pair_bytes(bytes, at, encoding == Encoding::Gb18030);
                if size == 0 || at + size > bytes.len() {
                    return if at == 0 { bytes.len() } else { at };
                }
                at += size;
            }
        }
        _ => match whole_characters(Encoding::Utf8, bytes).len() {
            0 => bytes.len(),
            end => end,
        },
    }
}

/// Bytes of the character at `at`; 0 beyond the end.
fn pair_bytes(bytes: &[u8], at: usize, four_bytes: bool) -> usize {
    match (bytes.get(at), bytes.get(at + 1)) {
        (None, _) => 0,
        (Some(0x81..=0xFE), Some(0x30..=0x39)) if four_bytes => 4,
        (Some(0x81..=0xFE), Some(0x40..=0xFE)) => 2,
        _ => 1,
    }
}

fn count_pairs(bytes: &[u8], four_bytes: bool) -> u64 {
    let mut count = 0;
    let mut at = 0;
    loop {
        match pair_bytes(bytes, at, four_bytes) {
            0 => break,
            size => at += size,
        }
        count += 1;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encode(encoding: Encoding, text: &str) -> Vec<u8> {
        match encoding {
            Encoding::Utf8 => text.as_bytes().to_vec(),
            Encoding::Utf16Le => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            Encoding::Utf16Be => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            other => to_whatwg(other).encode(text).0.into_owned(),
        }
    }

    fn sniffed(bytes: &[u8]) -> Option<Encoding> {
        sniff(bytes, true).map(|head| head.encoding)
    }

    #[test]
    fn each_encoding_is_told_from_the_others() {
        let chinese = "王小明\t手机13800138000\n住址：江西省赣州市石城县丰山乡中山路276号\n";
        let traditional = "陳大文\t電話0912345678\n地址：臺北市大安區忠孝東路四段一號，請於上班時間來電\n";
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Utf16Be, Encoding::Gb18030] {
            assert_eq!(sniffed(&encode(encoding, chinese)), Some(encoding), "{encoding:?}");
        }
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Big5] {
            assert_eq!(sniffed(&encode(encoding, traditional)), Some(encoding), "{encoding:?}");
        }
        assert_eq!(sniffed(&encode(Encoding::Utf16Le, "姓名手机")), Some(Encoding::Utf16Le));
        assert_eq!(sniffed(&encode(Encoding::Utf16Be, "姓名手机号")), Some(Encoding::Utf16Be));
        assert_eq!(sniffed(&encode(Encoding::Gb18030, "姓名,手机")), Some(Encoding::Gb18030));
        assert_eq!(sniffed(&encode(Encoding::Gb18030, "㐂𠮷 朱镕基\n王喆,1")), Some(Encoding::Gb18030));
        assert_eq!(sniffed(b"only ascii, bush hid the facts"), Some(Encoding::Utf8));
    }

    #[test]
    fn zero_bytes_are_dirt_or_utf16_and_rubbish_is_no_text() {
        assert_eq!(sniffed(b"name,phone\nab\0cd,13800138000\n"), Some(Encoding::Utf8));
        assert_eq!(sniffed(&encode(Encoding::Utf16Le, "name,phone\n")), Some(Encoding::Utf16Le));
        let mut state = 1_u64;
        let noise: Vec<u8> = (0..4096)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (state >> 56) as u8
            })
            .collect();
        assert_eq!(sniffed(&noise), None);
        assert_eq!(sniffed(&[0; 100]), None);
    }

    #[test]
    fn a_character_cut_at_the_end_of_the_head_is_no_fault() {
        let bytes = encode(Encoding::Utf8, "姓名手机");
        for cut in 1..=bytes.len() {
            assert_eq!(sniff(&bytes[..cut], false).map(|head| head.encoding), Some(Encoding::Utf8), "{cut}");
        }
        assert_eq!(sniff(&bytes[..10], false).map(|head| head.text), Some("姓名手".into()));
    }

    #[test]
    fn characters_are_counted_as_they_decode() {
        let text = "a王㐂𠮷b\n".repeat(100);
        for encoding in [Encoding::Utf8, Encoding::Utf16Le, Encoding::Gb18030] {
            assert_eq!(count_chars(encoding, &encode(encoding, &text)), 600, "{encoding:?}");
        }
        assert_eq!(count_chars(Encoding::Big5, &encode(Encoding::Big5, "陳a")), 2);
        assert_eq!(count_chars(Encoding::Other("windows-1252"), &[0xE9, b'a']), 2);
    }

    #[test]
    fn broken_characters_are_counted_and_glued_files_are_decoded() {
        assert_eq!(decode(Encoding::Utf8, b"a\xFFb".to_vec()), ("a\u{FFFD}b".into(), 1));
        let glued = encode(Encoding::Gb18030, "王小明,手机号码,住址\n");
        assert_eq!(
            decode_piece(Encoding::Utf8, glued),
            ("王小明,手机号码,住址\n".into(), Encoding::Gb18030, 0)
        );
    }
}
