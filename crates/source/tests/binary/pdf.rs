//! PDF: fonts of every kind that Chinese documents use, lines joined, locked and damaged files.

use crate::{check_cut, check_flipped, check_whole, make, read};
use std::fmt::Write as _;
use zhunsheng_model::{ProblemKind, Step};

const UCS2: &[u8] = include_bytes!("../samples/pdf/ucs2.pdf");
const LOCKED: &[u8] = include_bytes!("../samples/pdf/locked.pdf");
const OWNER_ONLY: &[u8] = include_bytes!("../samples/pdf/owner-only.pdf");

/// Values of the sample, some of them broken at the end of a line.
const VALUES: &[&str] = &[
    "公民身份号码110101199003074514，联系电话13800138000。\n",
    "lisiguang1992@example.com",
    "13900139000",
    "银行卡号6222020200012345678，",
];

/// A document of one page: its objects beside the page, the page's own entries, what it draws.
fn document(objects: &[&str], page: &str, content: &[u8]) -> Vec<u8> {
    let mut all: Vec<Vec<u8>> = vec![
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {page} >>")
            .into_bytes(),
        [format!("<< /Length {} >>\nstream\n", content.len()).as_bytes(), content, b"\nendstream"].concat(),
    ];
    all.extend(objects.iter().map(|object| object.as_bytes().to_vec()));
    let (mut out, mut offsets) = (b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n".to_vec(), Vec::new());
    for (object, number) in all.iter().zip(1..) {
        offsets.push(out.len());
        out.extend(format!("{number} 0 obj\n").bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let start = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", all.len() + 1).bytes());
    offsets.iter().for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    let trailer = format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", all.len() + 1);
    out.extend(trailer.bytes());
    out
}

/// A document that shows `codes` in a composite font of that encoding.
fn composite(encoding: &str, extra: &str, codes: &[u8]) -> Vec<u8> {
    let font = format!(
        "<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /{encoding} {extra} /DescendantFonts [<< \
         /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /DW 1000 /CIDSystemInfo << /Registry (Adobe) \
         /Ordering (GB1) /Supplement 2 >> >>] >>"
    );
    let mut content = String::from("BT /F1 12 Tf 60 700 Td <");
    codes.iter().for_each(|code| write!(content, "{code:02x}").unwrap());
    content.push_str("> Tj ET");
    document(&[&font], "/Resources << /Font << /F1 5 0 R >> >>", content.as_bytes())
}

#[test]
fn lines_are_joined_and_values_are_whole() {
    let heap = check_whole("a.pdf", UCS2, VALUES);
    assert_eq!(heap.text(&[]).lines().count(), 5, "one line a paragraph: {}", heap.text(&[]));
    assert!(heap.text(&[Step::Section("metadata".into())]).contains("王五"));
    let text = heap.texts.iter().find(|text| text.place.steps.is_empty()).unwrap();
    let segment = &text.segments[3];
    assert_eq!(segment.steps, [Step::Page(1), Step::Line(4)]);
    assert!(text.text.is_char_boundary(segment.start as usize));
}

#[test]
fn every_predefined_encoding_gives_the_text() {
    let text = "张三丰13800138000镕";
    let utf16: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let gbk = make::gbk(text);
    for (encoding, codes) in [
        ("UniGB-UCS2-H", &utf16),
        ("UniGB-UTF16-H", &utf16),
        ("GBK-EUC-H", &gbk),
        ("GBKp-EUC-H", &gbk),
        ("GBK2K-H", &gbk),
    ] {
        let heap = check_whole("a.pdf", &composite(encoding, "", codes), &[text]);
        assert_eq!(heap.text(&[]).trim(), text, "{encoding}");
    }
    let gb = make::gbk("张三丰李四光");
    check_whole("a.pdf", &composite("GB-EUC-H", "", &gb), &["张三丰李四光"]);
    let seven: Vec<u8> = gb.iter().map(|byte| byte & 0x7f).collect();
    check_whole("a.pdf", &composite("GB-H", "", &seven), &["张三丰李四光"]);
    let big5 = encoding_rs::BIG5.encode("張三豐").0;
    check_whole("a.pdf", &composite("ETen-B5-H", "", &big5), &["張三豐"]);
}

#[test]
fn glyph_numbers_are_told_by_the_map_or_said_not_to_be() {
    let map = "1 begincodespacerange <0000> <FFFF> endcodespacerange 2 beginbfchar <0007> <5F20> <0008> <4E09> \
               endbfchar 1 beginbfrange <0010> <0019> <0030> endbfrange";
    let stream = format!("<< /Length {} >>\nstream\n{map}\nendstream", map.len());
    let codes = [0, 7, 0, 8, 0, 0x11, 0, 0x13, 0, 0x18];
    let mut file = composite("Identity-H", "/ToUnicode 6 0 R", &codes);
    // The map is one object more than the helper writes: the reader finds it by searching the file.
    let at = file.windows(5).position(|w| w == b"xref\n").unwrap();
    file.splice(at..at, format!("6 0 obj\n{stream}\nendobj\n").bytes());
    let heap = read("a.pdf", &file);
    assert!(heap.all().contains("张三138"), "{}", heap.all());
    assert_eq!(heap.kinds(), [ProblemKind::Malformed], "the moved table of objects is said");
    let heap = read("a.pdf", &composite("Identity-H", "", &[0x12, 0x34, 0x12, 0x35]));
    assert_eq!(heap.kinds(), [ProblemKind::BadCharacters]);
}

#[test]
fn one_byte_fonts_with_their_own_names() {
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /X /FirstChar 1 /Widths [500 500 500 500] /Encoding << \
                /BaseEncoding /WinAnsiEncoding /Differences [1 /uni5F20 /one /three /eight.alt] >> >>";
    let content = b"BT /F1 12 Tf 60 700 Td <01020304> Tj 100 0 Td (mail@example.com) Tj ET";
    let file = document(&[font], "/Resources << /Font << /F1 5 0 R >> >>", content);
    let heap = check_whole("a.pdf", &file, &["张138\tmail@example.com"]);
    assert_eq!(heap.texts.len(), 1);
}

#[test]
fn forms_kerning_rotation_and_fields_are_read() {
    let latin = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>";
    let drawn = "BT /F1 10 Tf 0 1 -1 0 300 100 Tm [(138) -20 (0013) 10 (8000)] TJ ET";
    let form = format!(
        "<< /Type /XObject /Subtype /Form /Resources << >> /Length {} >>\nstream\n{drawn}\nendstream",
        drawn.len()
    );
    let field = "<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V <FEFF5F204E094E30> /Rect [0 0 9 9] >>";
    let note = "<< /Type /Annot /Subtype /Text /Contents (call 13900139000) /Rect [0 0 9 9] >>";
    let page = "/Resources << /Font << /F1 5 0 R >> /XObject << /X 6 0 R >> >> /Annots [7 0 R 8 0 R]";
    let file = document(
        &[latin, &form, field, note],
        page,
        b"q /X Do Q BI /W 1 /H 1 ID \x00\x01 EI BT /F1 9 Tf (after) Tj ET",
    );
    let heap = check_whole("a.pdf", &file, &["13800138000", "after"]);
    let fields = heap.text(&[Step::Page(1), Step::Section("form".into())]);
    assert_eq!(fields, "name：张三丰\ncall 13900139000\n");
}

#[test]
fn a_form_that_draws_itself_ends() {
    let drawn = "/X Do";
    let form =
        format!("<< /Type /XObject /Subtype /Form /Length {} >>\nstream\n{drawn}\nendstream", drawn.len());
    let file = document(&[&form], "/Resources << /XObject << /X 5 0 R >> >>", b"/X Do");
    let heap = read("a.pdf", &file);
    assert!(heap.kinds().contains(&ProblemKind::Malformed), "{:?}", heap.problems);
}

#[test]
fn pages_without_text_and_locked_documents_are_said() {
    let heap = read("a.pdf", &document(&[], "", b"0 0 10 10 re f"));
    assert_eq!(heap.kinds(), [ProblemKind::Unsupported]);
    assert!(heap.problems[0].lost);
    let heap = read("a.pdf", LOCKED);
    assert_eq!(heap.kinds(), [ProblemKind::Encrypted]);
    assert!(heap.texts.is_empty());
    // Without a password for reading the text is open to everyone.
    check_whole("a.pdf", OWNER_ONLY, VALUES);
}

#[test]
fn cut_short_and_damaged() {
    check_cut("a.pdf", UCS2, &["13800138000", "13900139000"]);
    check_flipped("a.pdf", UCS2, 300);
    let file = composite("GBK-EUC-H", "", &make::gbk("张三丰13800138000"));
    check_cut("a.pdf", &file, &["13800138000"]);
    check_flipped("a.pdf", &file, 300);
    check_flipped("a.pdf", OWNER_ONLY, 100);
}
