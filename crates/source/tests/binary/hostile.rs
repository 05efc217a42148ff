//! Archives that grow without end: a limit is said, nothing crashes, the rest is read.

use crate::make::{self, Member};
use crate::{Heap, read, read_within};
use zhunsheng_model::ProblemKind;
use zhunsheng_source::Limits;

fn limits() -> Limits {
    Limits { ratio: 100, depth: 5, size_bytes: 64 << 20, members: 50 }
}

fn is_limited(heap: &Heap) -> bool {
    heap.kinds().contains(&ProblemKind::LimitExceeded)
}

/// Thirty-two MiB of the same letter, packed small.
fn zeros() -> Vec<u8> {
    vec![b'a'; 32 << 20]
}

#[test]
fn a_bomb_is_stopped_by_ratio_and_what_stands_beside_it_is_read() {
    let members = [
        Member::new("a.csv", make::TEXT),
        Member::new("bomb.txt", zeros()),
        Member::new("z.csv", "王五,13700137000\n"),
    ];
    let heap = read_within("a.zip", &make::zip(&members), Limits { size_bytes: 1 << 40, ..limits() });
    assert!(is_limited(&heap), "{:?}", heap.problems);
    assert!(heap.all_of("a.zip!a.csv").contains("13800138000"));
    assert!(heap.all_of("a.zip!bomb.txt").len() < 24 << 20);
}

#[test]
fn every_compression_has_the_ratio_watched() {
    let zeros = zeros();
    let tar = make::tar(&[(b"a.txt", &zeros)]);
    for (name, bytes) in [
        ("a.txt.gz", make::gzip(&zeros)),
        ("a.txt.bz2", make::bzip2(&zeros)),
        ("a.txt.zst", make::zstd(&zeros)),
        ("a.tar.gz", make::gzip(&tar)),
    ] {
        let heap = read_within(name, &bytes, Limits { size_bytes: 1 << 40, ..limits() });
        assert!(is_limited(&heap), "{name}: {:?}", heap.problems);
    }
    // The other side of the line: the same bytes within generous limits.
    let heap = read_within("a.txt.gz", &make::gzip(&zeros), Limits { ratio: 2000, ..Limits::default() });
    assert!(!is_limited(&heap), "{:?}", heap.problems);
}

#[test]
fn a_workbook_bomb_is_stopped() {
    let shared = format!("<sst><si><t>{}</t></si></sst>", "a".repeat(20 << 20));
    let file = make::zip(&[
        Member::new("[Content_Types].xml", "<Types/>"),
        Member::new("xl/workbook.xml", "<workbook/>"),
        Member::new("xl/sharedStrings.xml", shared),
    ]);
    assert!(is_limited(&read_within("a.xlsx", &file, limits())));
    let text = format!(
        "<w:document><w:body><w:p><w:r><w:t>{}</w:t></w:r></w:p></w:body></w:document>",
        "a".repeat(20 << 20)
    );
    let file =
        make::zip(&[Member::new("[Content_Types].xml", "<Types/>"), Member::new("word/document.xml", text)]);
    let heap = read_within("a.docx", &file, limits());
    assert!(is_limited(&heap), "{:?}", heap.problems);
}

#[test]
fn nesting_ends_at_the_depth_limit() {
    let mut bytes = make::zip(&[Member::new("a.csv", make::TEXT)]);
    for _ in 0..20 {
        bytes = make::zip(&[Member::stored("inner.zip", bytes), Member::new("beside.csv", make::TEXT)]);
    }
    let heap = read_within("a.zip", &bytes, limits());
    assert!(is_limited(&heap), "{:?}", heap.problems);
    assert!(heap.all_of("a.zip!inner.zip!beside.csv").contains("13800138000"));
    assert_eq!(
        heap.problems.len(),
        1 + usize::from(heap.problems.len() > 1),
        "each level is said once at most"
    );
    // Within the limit nothing is said.
    let mut bytes = make::zip(&[Member::new("a.csv", make::TEXT)]);
    for _ in 0..3 {
        bytes = make::gzip(&bytes);
    }
    let heap = read_within("a.zip.gz.gz.gz", &bytes, limits());
    assert!(!is_limited(&heap), "{:?}", heap.problems);
    assert!(heap.all().contains("13800138000"));
}

#[test]
fn the_number_of_members_and_the_size_have_limits() {
    let members: Vec<Member> = (0..60).map(|n| Member::new(format!("{n}.csv"), make::TEXT)).collect();
    let heap = read_within("a.zip", &make::zip(&members), limits());
    assert!(is_limited(&heap));
    assert_eq!(heap.files().len(), 50);
    let heap = read_within("a.zip", &make::zip(&members[..50]), limits());
    assert!(!is_limited(&heap), "{:?}", heap.problems);
    let noise: Vec<u8> = {
        let mut random = crate::Random(7);
        (0..2 << 20).map(|_| b"0123456789abcdef"[random.below(16) as usize]).collect()
    };
    let members = [Member::new("a.txt", &noise), Member::new("b.txt", &noise)];
    assert!(is_limited(&read_within(
        "a.zip",
        &make::zip(&members),
        Limits { size_bytes: 3 << 20, ..limits() }
    )));
    assert!(!is_limited(&read_within(
        "a.zip",
        &make::zip(&members),
        Limits { size_bytes: 5 << 20, ..limits() }
    )));
}

#[test]
fn members_that_lie_on_each_other_do_not_multiply_without_end() {
    // One member, listed 200 times in the directory.
    let big = vec![b'b'; 1 << 20];
    let zip = make::zip(&[Member::new("a.txt", &big)]);
    let start = zip.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
    let end = zip.windows(4).position(|w| w == b"PK\x05\x06").unwrap();
    let entry = &zip[start..end];
    let mut file = zip[..start].to_vec();
    file.extend(entry.repeat(200));
    let mut tail = zip[end..].to_vec();
    tail[8..10].copy_from_slice(&200u16.to_le_bytes());
    tail[10..12].copy_from_slice(&200u16.to_le_bytes());
    tail[12..16].copy_from_slice(&((entry.len() * 200) as u32).to_le_bytes());
    file.extend(tail);
    let heap = read_within("a.zip", &file, Limits { members: 1_000_000, size_bytes: 1 << 40, ..limits() });
    assert!(is_limited(&heap), "{} problems", heap.problems.len());
}

#[test]
fn headers_that_promise_too_much_cost_nothing() {
    // A long name of 8 GiB, a stream of nothing, an archive of blanks.
    let mut long = make::tar_member(b"././@LongLink", b'L', b"x");
    long[124..136].copy_from_slice(b"77777777777\0");
    long[148..156].fill(b' ');
    let sum: u32 = long[..512].iter().map(|byte| u32::from(*byte)).sum();
    long[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    assert_eq!(read("a.tar", &long).kinds(), [ProblemKind::Malformed]);
    let blanks = [make::tar(&[(b"a.csv", make::TEXT.as_bytes())]), vec![0; 8 << 20]].concat();
    let heap = read("a.tar.gz", &make::gzip(&blanks));
    assert!(heap.all().contains("13800138000") && heap.problems.is_empty(), "{:?}", heap.problems);
    let far = make::zip(&[
        Member::new("[Content_Types].xml", "<Types/>"),
        Member::new(
            "_rels/.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument\" Target=\"xl/workbook.xml\"/></Relationships>",
        ),
        Member::new(
            "xl/workbook.xml",
            "<workbook><sheets><sheet name=\"s\" r:id=\"r1\"/></sheets></workbook>",
        ),
        Member::new(
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"r1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        Member::new(
            "xl/worksheets/sheet1.xml",
            "<worksheet><sheetData><row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>最远</t></is></c></row></sheetData></worksheet>",
        ),
    ]);
    let heap = read("a.xlsx", &far);
    assert!(heap.all().contains("最远"), "{:?}", heap.problems);
    assert_eq!(heap.tables[0].first_row, 1_048_576);
}
