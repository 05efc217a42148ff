//! Workbooks, documents and presentations.

use crate::make::{self, Member};
use crate::{check_cut, check_flipped, check_whole, read};
use rust_xlsxwriter::{Format, Workbook};
use std::io::Write;
use zhunsheng_model::{ProblemKind, Step};

const XLSX: &[u8] = include_bytes!("../samples/xlsx/people.xlsx");
const XLSX_LOCKED: &[u8] = include_bytes!("../samples/xlsx/locked.xlsx");
const DOCX: &[u8] = include_bytes!("../samples/docx/people.docx");
const PPTX: &[u8] = include_bytes!("../samples/pptx/people.pptx");
const ODS: &[u8] = include_bytes!("../samples/ods/people.ods");
const ODT: &[u8] = include_bytes!("../samples/odt/people.odt");

fn sheet(name: &str) -> Vec<Step> {
    vec![Step::Sheet(name.into())]
}

#[test]
fn a_workbook_gives_every_sheet_as_it_is_seen() {
    let heap = check_whole("a.xlsx", XLSX, &["孙七", "13700137000"]);
    assert_eq!(
        heap.table(&sheet("员工花名册")),
        [
            vec!["某某公司员工花名册"],
            vec!["姓名", "证件号码", "手机", "出生日期", "工资"],
            vec!["张三丰", "110101199003074514", "13800138000", "1990-03-07", "8000.5"],
            vec![],
            vec![],
            vec!["李四光", "", "13900139000", "1992-05-06 08:30"],
        ]
    );
    assert_eq!(heap.table(&sheet("隐藏")), [vec![], vec!["", "wangwu@example.com"]]);
    assert_eq!(heap.tables[0].table + 1, heap.tables.last().unwrap().table);
}

#[test]
fn a_big_sheet_comes_in_pieces_that_number_their_rows() {
    let mut book = Workbook::new();
    let sheet_of = book.add_worksheet().set_name("大表").unwrap();
    for row in 0..45_000u32 {
        sheet_of.write(row, 0, format!("某某{row}")).unwrap();
        sheet_of.write(row, 2, 13_900_000_000f64 + f64::from(row)).unwrap();
    }
    sheet_of.write(60_000, 0, "隔很远").unwrap();
    let date = Format::new().set_num_format("yyyy/m/d");
    sheet_of.write_with_format(60_001, 1, 33_305.0, &date).unwrap();
    let bytes = book.save_to_buffer().unwrap();
    let heap = check_whole("a.xlsx", &bytes, &["某某44999", "13900044999", "1991-03-08"]);
    assert!(heap.tables.len() >= 4, "{} fragments", heap.tables.len());
    let rows = heap.table(&sheet("大表"));
    assert_eq!(rows[44_999], ["某某44999", "", "13900044999"]);
    assert_eq!(rows[60_000], ["隔很远"]);
}

#[test]
fn a_document_gives_paragraphs_tables_and_what_stands_around() {
    let heap = check_whole("a.docx", DOCX, &["孙七"]);
    assert_eq!(heap.text(&[]), "原告：张三丰，电话13800138000。\n被告：李四光。\n表后一段。\n");
    let steps: Vec<_> = heap.texts[0].segments.iter().map(|segment| segment.steps.clone()).collect();
    assert_eq!(steps, [[Step::Paragraph(1)], [Step::Paragraph(3)]], "the blank paragraph is counted");
    assert_eq!(heap.table(&[Step::Table("1".into())]), [["姓名", "电话"], ["李四光", "13900139000"]]);
    assert!(heap.text(&[Step::Section("header1".into())]).contains("周八"));
    assert!(heap.text(&[Step::Section("footer1".into())]).contains("010-12345678"));
}

/// A document with that body.
fn docx(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let main = format!("<w:document><w:body>{body}</w:body></w:document>");
    let mut members =
        vec![Member::new("[Content_Types].xml", "<Types/>"), Member::new("word/document.xml", main)];
    members.extend(more.iter().map(|(name, text)| Member::new(name, text)));
    make::zip(&members)
}

#[test]
fn deleted_text_boxes_notes_and_comments_are_read_once() {
    let boxed = "<w:r><mc:AlternateContent><mc:Choice><w:txbxContent><w:p><w:r><w:t>框内13700137000</w:t></w:r></w:p>\
                 </w:txbxContent></mc:Choice><mc:Fallback><w:txbxContent><w:p><w:r><w:t>框内13700137000</w:t></w:r></w:p>\
                 </w:txbxContent></mc:Fallback></mc:AlternateContent></w:r>";
    let body = format!(
        "<w:p><w:r><w:t>电话</w:t></w:r><w:del><w:r><w:delText>13600136000</w:delText></w:r></w:del><w:ins><w:r>\
         <w:t>13800138000&amp;&#24352;</w:t></w:r></w:ins>{boxed}<w:r><w:instrText>HYPERLINK</w:instrText></w:r></w:p>\
         <w:tbl><w:tr><w:tc><w:tcPr><w:gridSpan w:val=\"2\"/></w:tcPr><w:p><w:r><w:t>跨两列</w:t></w:r></w:p></w:tc>\
         <w:tc><w:p><w:r><w:t>内</w:t></w:r></w:p><w:tbl><w:tr><w:tc><w:p><w:r><w:t>层</w:t></w:r></w:p></w:tc></w:tr>\
         </w:tbl></w:tc></w:tr></w:tbl>"
    );
    let note = "<w:footnotes><w:footnote><w:p><w:r><w:t>注：13900139000</w:t></w:r></w:p></w:footnote></w:footnotes>";
    let comment = "<w:comments><w:comment w:author=\"赵六\"><w:p><w:r><w:t>核对</w:t></w:r></w:p></w:comment></w:comments>";
    let file = docx(
        &body,
        &[
            ("word/footnotes.xml", note),
            ("word/comments.xml", comment),
            ("word/embeddings/a.csv", make::TEXT),
        ],
    );
    let heap = check_whole("a.docx", &file, make::VALUES);
    assert_eq!(heap.text(&[]).lines().next(), Some("电话13800138000&张"));
    assert_eq!(heap.text(&[Step::Section("deleted".into())]), "13600136000\n");
    assert_eq!(heap.text(&[Step::Section("textbox".into())]), "框内13700137000\n");
    assert_eq!(heap.text(&[Step::Section("footnotes".into())]), "注：13900139000\n");
    assert_eq!(heap.text(&[Step::Section("comments".into())]), "赵六\n核对\n");
    assert_eq!(heap.table(&[Step::Table("1".into())]), [["跨两列", "", "内\n层"]]);
    assert!(heap.all_of("a.docx!word/embeddings/a.csv").contains("李四光"));
    assert!(!heap.all().contains("HYPERLINK"));
}

#[test]
fn an_office_document_is_known_when_its_parts_come_late() {
    let filler = Member::stored("word/media/big.bin", vec![7u8; 100_000]);
    let rest = docx("<w:p><w:r><w:t>张三丰13800138000</w:t></w:r></w:p>", &[]);
    let heap = read("a.bin", &rest);
    assert_eq!(heap.opened[0].1, "docx");
    let main = "<w:document><w:body><w:p><w:r><w:t>张三</w:t></w:r><w:r><w:t>丰</w:t></w:r></w:p></w:body></w:document>";
    let late = make::zip(&[
        filler,
        Member::new("[Content_Types].xml", "<Types/>"),
        Member::new("word/document.xml", main),
    ]);
    let heap = read("a.bin", &late);
    assert_eq!(heap.text(&[]), "张三丰\n", "{:?}", heap.opened);
}

#[test]
fn a_presentation_gives_slides_notes_and_tables() {
    let heap = check_whole("a.pptx", PPTX, &["孙七"]);
    assert_eq!(heap.text(&[Step::Slide(1)]), "通讯录\n");
    let table = [Step::Slide(1), Step::Table("1".into())];
    assert_eq!(heap.table(&table), [["姓名", "电话"], ["李四光", "13900139000"]]);
    assert!(heap.text(&[Step::Slide(1), Step::Section("notes".into())]).contains("13800138000"));
}

#[test]
fn opendocument_gives_full_values_and_no_endless_rows() {
    let heap = check_whole("a.ods", ODS, &[]);
    assert_eq!(
        heap.table(&sheet("名单")),
        [vec!["姓名", "电话"], vec![], vec![], vec!["张三丰", "", "13800138000", "1990-03-07"]]
    );
    let heap = check_whole("a.odt", ODT, &["联系人：张三丰，电话13800138000。"]);
    assert_eq!(heap.texts[0].segments[0].steps, [Step::Paragraph(1)]);
}

/// A Word document of the older form: two pieces, one in each width.
fn doc() -> Vec<u8> {
    let wide: Vec<u8> = "张三丰，电话\u{13}LINK x\u{14}138\u{15}00138000\r姓名\u{7}电话\u{7}\u{7}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let narrow = b"lisiguang@example.com\r";
    let mut main = vec![0u8; 0x200];
    main[..2].copy_from_slice(&0xa5ecu16.to_le_bytes());
    main[2..4].copy_from_slice(&0xc1u16.to_le_bytes());
    main[0x0a..0x0c].copy_from_slice(&0x0200u16.to_le_bytes());
    let (first, second) = (main.len() as u32, (main.len() + wide.len()) as u32);
    main.extend(&wide);
    main.extend(narrow);
    let characters = (wide.len() / 2) as u32;
    let mut pieces = Vec::new();
    [0, characters, characters + narrow.len() as u32].iter().for_each(|at| pieces.extend(at.to_le_bytes()));
    for at in [first, (second * 2) | 0x4000_0000] {
        pieces.extend([0, 0]);
        pieces.extend(at.to_le_bytes());
        pieces.extend([0, 0]);
    }
    let mut table = vec![1, 2, 0, 9, 9, 2];
    table.extend((pieces.len() as u32).to_le_bytes());
    table.extend(pieces);
    main[0x1a6..0x1aa].copy_from_slice(&(table.len() as u32).to_le_bytes());
    compound(&[("/WordDocument", &main), ("/1Table", &table)])
}

/// A compound file of those streams.
fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = cfb::CompoundFile::create(std::io::Cursor::new(Vec::new())).unwrap();
    for (path, bytes) in streams {
        if let Some((folder, _)) = path.rsplit_once('/').filter(|(folder, _)| !folder.is_empty()) {
            file.create_storage_all(folder).unwrap();
        }
        file.create_stream(path).unwrap().write_all(bytes).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}

fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn an_old_document_is_read_by_its_pieces() {
    let heap = check_whole("a.doc", &doc(), &[]);
    assert_eq!(heap.text(&[]), "张三丰，电话13800138000\n姓名\t电话\nlisiguang@example.com\n");
    assert_eq!(heap.texts[0].segments[1].steps, [Step::Paragraph(2)]);
}

#[test]
fn old_presentations_and_messages() {
    let record = |kind: u16, body: &[u8]| {
        let head =
            [&0u16.to_le_bytes()[..], &kind.to_le_bytes(), &(body.len() as u32).to_le_bytes()].concat();
        [&head[..], body].concat()
    };
    let inner = [record(4000, &utf16("张三丰\r13800138000")), record(4008, b"a@example.com")].concat();
    let mut slide = record(1006, &inner);
    slide[0] = 0x0f;
    let heap = check_whole("a.ppt", &compound(&[("/PowerPoint Document", &slide)]), &[]);
    assert_eq!(heap.text(&[]), "张三丰\n13800138000\na@example.com\n");
    let message = compound(&[
        ("/__properties_version1.0", b"x"),
        ("/__substg1.0_0037001F", &utf16("名单")),
        ("/__substg1.0_1000001F", &utf16("联系张三丰")),
        ("/__recip_version1.0_#00000000/__substg1.0_39FE001F", &utf16("b@example.com")),
        ("/__attach_version1.0_#00000000/__substg1.0_3707001F", &utf16("名单.csv")),
        ("/__attach_version1.0_#00000000/__substg1.0_37010102", make::TEXT.as_bytes()),
    ]);
    let heap = check_whole("a.msg", &message, &["名单", "联系张三丰", "b@example.com", "13900139000"]);
    assert_eq!(heap.text(&[Step::Part("text".into())]), "联系张三丰");
}

#[test]
fn locked_documents_are_said() {
    for (name, bytes) in [
        ("a.xlsx", XLSX_LOCKED.to_vec()),
        ("a.docx", compound(&[("/EncryptionInfo", b"x"), ("/EncryptedPackage", b"y")])),
        ("a.doc", {
            let mut main = vec![0u8; 0x200];
            main[0x0b] = 1;
            compound(&[("/WordDocument", &main)])
        }),
    ] {
        let heap = read(name, &bytes);
        assert_eq!(heap.kinds(), [ProblemKind::Encrypted], "{name}: {:?}", heap.problems);
        assert!(heap.problems[0].lost && heap.all().is_empty());
    }
}

#[test]
fn cut_short_and_damaged() {
    let (doc, docx) = (doc(), docx("<w:p><w:r><w:t>张三丰13800138000</w:t></w:r></w:p>", &[]));
    for (name, bytes, value) in [
        ("a.xlsx", XLSX, "wangwu@example.com"),
        ("a.docx", DOCX, "13900139000"),
        ("b.docx", &docx, "13800138000"),
        ("a.pptx", PPTX, "13900139000"),
        ("a.ods", ODS, "13800138000"),
        ("a.doc", &doc, "lisiguang"),
    ] {
        check_cut(name, bytes, &[value]);
        check_flipped(name, bytes, 80);
    }
}
