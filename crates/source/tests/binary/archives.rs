//! zip, tar, 7z and streams of compressed bytes.

use crate::make::{self, Member, TEXT, VALUES};
use crate::{Heap, check_cut, check_flipped, check_whole, read};
use zhunsheng_model::ProblemKind;

const SEVEN: &[u8] = include_bytes!("../samples/7z/people.7z");
const SEVEN_LOCKED: &[u8] = include_bytes!("../samples/7z/locked.7z");
const SEVEN_LOCKED_HEAD: &[u8] = include_bytes!("../samples/7z/locked-head.7z");
const XZ: &[u8] = include_bytes!("../samples/xz/people.csv.xz");
const LZMA: &[u8] = include_bytes!("../samples/lzma/people.csv.lzma");
const ZIP_LOCKED: &[u8] = include_bytes!("../samples/zip/locked.zip");

fn names(heap: &Heap) -> Vec<String> {
    heap.files().into_iter().collect()
}

#[test]
fn names_in_a_zip_are_utf8_or_gbk_and_only_names() {
    let members = [
        Member::new("名单.csv", TEXT),
        Member::new(make::gbk("通讯录.csv"), TEXT),
        Member::new("../../etc/a.csv", TEXT),
        Member::new("dir\\b.csv", TEXT),
        Member::stored("文件夹/", ""),
    ];
    let heap = check_whole("外.zip", &make::zip(&members), VALUES);
    assert_eq!(
        names(&heap),
        ["外.zip!../../etc/a.csv", "外.zip!dir/b.csv", "外.zip!名单.csv", "外.zip!通讯录.csv"]
    );
}

#[test]
fn two_members_of_one_name_are_both_read() {
    let zip = make::zip(&[
        Member::new("a.csv", "张三丰,13800138000\n"),
        Member::new("a.csv", "李四光,13900139000\n"),
    ]);
    check_whole("a.zip", &zip, VALUES);
}

#[test]
fn archives_in_archives_are_named_through() {
    let tar = make::tar(&[(b"export/users.csv", TEXT.as_bytes())]);
    let zip = make::zip(&[
        Member::new("data.tar.gz", make::gzip(&tar)),
        Member::new("b.csv.gz", make::gzip(TEXT.as_bytes())),
    ]);
    let heap = check_whole("outer.zip", &zip, VALUES);
    assert_eq!(names(&heap), ["outer.zip!b.csv.gz!b.csv", "outer.zip!data.tar.gz!export/users.csv"]);
    let formats: Vec<&str> = heap.opened.iter().map(|(_, format)| *format).collect();
    assert_eq!(formats.first(), Some(&"zip"));
    assert!(formats.contains(&"gzip"), "{formats:?}");
}

#[test]
fn every_compression_gives_the_same() {
    let tar = make::tar(&[(b"a.csv", TEXT.as_bytes())]);
    for (name, bytes) in [
        ("a.csv.gz", make::gzip(TEXT.as_bytes())),
        ("a.csv.bz2", make::bzip2(TEXT.as_bytes())),
        ("a.csv.zst", make::zstd(TEXT.as_bytes())),
        ("a.csv.xz", XZ.to_vec()),
        ("a.csv.lzma", LZMA.to_vec()),
    ] {
        let heap = check_whole(name, &bytes, VALUES);
        assert_eq!(names(&heap), [format!("{name}!a.csv")]);
    }
    for (name, bytes) in
        [("a.tar.zst", make::zstd(&tar)), ("a.tbz2", make::bzip2(&tar)), ("a.tgz", make::gzip(&tar))]
    {
        let heap = check_whole(name, &bytes, VALUES);
        assert_eq!(names(&heap), [format!("{name}!a.csv")], "the compression takes no step of its own");
    }
}

#[test]
fn several_streams_one_after_the_other_are_one() {
    let (first, second) = TEXT.split_at(TEXT.find('李').unwrap());
    for (name, pack) in [
        ("a.csv.gz", make::gzip as fn(&[u8]) -> Vec<u8>),
        ("a.csv.bz2", make::bzip2),
        ("a.csv.zst", make::zstd),
    ] {
        let bytes = [pack(first.as_bytes()), pack(second.as_bytes())].concat();
        check_whole(name, &bytes, VALUES);
    }
}

#[test]
fn long_names_in_tar() {
    let long = format!("{}/名单.csv", "很长的文件夹名字".repeat(12));
    let pax = |text: &str| {
        let record = |length: usize| format!("{length} path={text}\n");
        let length = (1..).map(|n| record(n).len()).find(|n| record(*n).len() == *n).unwrap();
        record(length)
    };
    let gnu = [
        make::tar_member(b"././@LongLink", b'L', long.as_bytes()),
        make::tar_member(b"short", b'0', TEXT.as_bytes()),
        vec![0; 1024],
    ]
    .concat();
    let px = [
        make::tar_member(b"x", b'x', pax(&long).as_bytes()),
        make::tar_member(b"short", b'0', TEXT.as_bytes()),
        vec![0; 1024],
    ]
    .concat();
    let gbk = make::tar(&[(&make::gbk("名单.csv"), TEXT.as_bytes())]);
    assert_eq!(names(&check_whole("a.tar", &gnu, VALUES)), [format!("a.tar!{long}")]);
    assert_eq!(names(&check_whole("a.tar", &px, VALUES)), [format!("a.tar!{long}")]);
    assert_eq!(names(&check_whole("a.tar", &gbk, VALUES)), ["a.tar!名单.csv"]);
}

#[test]
fn seven_zip() {
    let heap = check_whole("a.7z", SEVEN, VALUES);
    assert_eq!(names(&heap), ["a.7z!名单/people.csv", "a.7z!说明.txt"]);
}

#[test]
fn what_is_encrypted_is_said() {
    for (name, bytes) in [("a.zip", ZIP_LOCKED), ("a.7z", SEVEN_LOCKED), ("b.7z", SEVEN_LOCKED_HEAD)] {
        let heap = read(name, bytes);
        assert!(heap.kinds().contains(&ProblemKind::Encrypted), "{name}: {:?}", heap.problems);
        assert!(!heap.all().contains("13800138000"));
    }
    // An encrypted member does not keep the others from being read.
    let members = [Member { flags: 1, ..Member::new("locked.csv", TEXT) }, Member::new("open.csv", TEXT)];
    let heap = read("a.zip", &make::zip(&members));
    assert_eq!(heap.kinds(), [ProblemKind::Encrypted]);
    assert_eq!(heap.problems[0].place.file.as_ref(), "a.zip!locked.csv");
    assert!(heap.all_of("a.zip!open.csv").contains("13900139000"));
}

#[test]
fn a_zip_without_its_directory_is_searched() {
    for flags in [0, 8] {
        let member = |name: &str| Member { flags, ..Member::new(name, TEXT) };
        let zip = make::zip(&[member("a.csv"), member("b.csv"), Member::new("c.csv", "最后\n")]);
        let directory = zip.windows(4).position(|w| w == b"PK\x01\x02").unwrap();
        let heap = read("a.zip", &zip[..directory]);
        assert_eq!(heap.kinds(), [ProblemKind::Truncated]);
        assert_eq!(names(&heap), ["a.zip!a.csv", "a.zip!b.csv", "a.zip!c.csv"], "flags {flags}");
        assert!(heap.all_of("a.zip!b.csv").contains("13900139000"));
        // Cut within the last member: the others are whole.
        let heap = read("a.zip", &zip[..directory - 20]);
        assert!(heap.all_of("a.zip!b.csv").contains("13900139000"));
    }
}

#[test]
fn a_wrong_checksum_is_said() {
    let mut zip = make::zip(&[Member::stored("a.csv", TEXT)]);
    let at = zip.windows(11).position(|w| w == b"13800138000").unwrap();
    zip[at] = b'2';
    let heap = read("a.zip", &zip);
    assert_eq!(heap.kinds(), [ProblemKind::Malformed]);
    assert!(heap.all().contains("13900139000"), "what is there is read all the same");
}

#[test]
fn a_program_before_the_archive_does_not_hide_it() {
    // Read as zip only when it begins as one; the shift matters when a stub is a zip member itself.
    let inner = make::zip(&[Member::new("a.csv", TEXT)]);
    let outer = [make::zip(&[Member::stored("stub", "x")]), inner].concat();
    let heap = read("a.zip", &outer);
    assert!(heap.all().contains("13800138000"), "{:?} {:?}", heap.problems, heap.opened);
}

#[test]
fn cut_short_and_damaged() {
    let people: String = (0..300).map(|n| format!("某某{n},139{:08}\n", n * 7919 % 100_000_000)).collect();
    let last = format!("139{:08}", 299 * 7919);
    let tar = make::tar(&[(b"a.csv", people.as_bytes())]);
    for (name, bytes) in [
        ("a.zip", make::zip(&[Member::new("a.csv", &people)])),
        ("a.tar", tar.clone()),
        ("a.tar.gz", make::gzip(&tar)),
        ("a.csv.gz", make::gzip(people.as_bytes())),
        ("a.csv.bz2", make::bzip2(people.as_bytes())),
        ("a.csv.zst", make::zstd(people.as_bytes())),
    ] {
        check_cut(name, &bytes, &[&last]);
        check_flipped(name, &bytes, 100);
    }
    for (name, bytes) in [("a.csv.xz", XZ), ("a.7z", SEVEN), ("a.csv.lzma", LZMA)] {
        check_cut(name, bytes, VALUES);
        check_flipped(name, bytes, 100);
    }
}
