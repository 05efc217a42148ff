//! SQLite, Parquet, Arrow and Avro.

use crate::{Heap, check_cut, check_flipped, check_whole, read};
use zhunsheng_model::{ProblemKind, Step};

macro_rules! samples {
    ($folder:literal, $extension:literal: $($name:literal)*) => {
        &[$(($name, include_bytes!(concat!("../samples/", $folder, "/", $name, $extension)) as &[u8])),*]
    };
}

const SQLITE: &[u8] = include_bytes!("../samples/sqlite/people.sqlite");
const STREAM: &[u8] = include_bytes!("../samples/arrow/stream.arrows");
const VIEW: &[u8] = include_bytes!("../samples/arrow/view.arrow");
const PARQUET: &[(&str, &[u8])] =
    samples!("parquet", ".parquet": "none" "snappy" "gzip" "zstd" "lz4" "brotli");
const ARROW: &[(&str, &[u8])] = samples!("arrow", ".arrow": "none" "lz4" "zstd");
const AVRO: &[(&str, &[u8])] = samples!("avro", ".avro": "null" "deflate" "bzip2" "xz");

fn names(heap: &Heap) -> Vec<String> {
    heap.tables[0].names.as_ref().unwrap().to_vec()
}

/// What the samples of Parquet and Arrow hold.
fn check_columns(name: &str, bytes: &[u8]) {
    let heap = check_whole(name, bytes, &[]);
    assert_eq!(
        names(&heap),
        ["姓名", "phone", "born", "seen", "contact/mail", "contact/qq", "pay", "sex", "ok", "f", "raw"],
        "{name}"
    );
    assert_eq!(
        heap.table(&[]),
        [
            [
                "张三丰",
                "13800138000",
                "1990-03-07",
                "2024-03-01 08:30:00",
                "a@example.com",
                "10001\n10002",
                "8000.50",
                "男",
                "true",
                "1.5",
                "abc"
            ],
            ["", "1", "", "", "", "", "", "", "", "", ""],
            [
                "李四光",
                "13900139000",
                "1992-05-06",
                "2024-03-02 00:00:00",
                "",
                "",
                "-1.05",
                "女",
                "false",
                "2",
                ""
            ],
        ],
        "{name}"
    );
}

#[test]
fn parquet_in_every_compression() {
    PARQUET.iter().for_each(|(name, bytes)| check_columns(&format!("{name}.parquet"), bytes));
}

#[test]
fn arrow_files_streams_and_compressions() {
    ARROW.iter().for_each(|(name, bytes)| check_columns(&format!("{name}.arrow"), bytes));
    check_columns("a.arrows", STREAM);
    let heap = check_whole("a.arrow", VIEW, &[]);
    assert_eq!(heap.table(&[]), [["张三丰", "a\nb"], ["李四光的很长很长很长的名字", ""]]);
}

/// The uncompressed sample with its block packed anew.
fn repacked(codec: &str, pack: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mark = b"0123456789abcdef";
    let plain = AVRO[0].1;
    let head = plain.windows(16).position(|w| w == mark).unwrap() + 16;
    let at = plain.windows(5).position(|w| w == b"\x08null").unwrap();
    let long = |number: usize| {
        let number = number * 2;
        if number < 128 {
            vec![number as u8]
        } else {
            vec![(number & 0x7f) as u8 | 0x80, (number >> 7) as u8]
        }
    };
    // One block: two records, and a size of two bytes.
    let block = pack(&plain[head + 3..plain.len() - 16]);
    [
        &plain[..at],
        &long(codec.len()),
        codec.as_bytes(),
        &plain[at + 5..head],
        &long(2),
        &long(block.len()),
        &block,
        mark,
    ]
    .concat()
}

#[test]
fn avro_in_every_compression() {
    let snappy = repacked("snappy", |bytes| {
        [snap::raw::Encoder::new().compress_vec(bytes).unwrap(), vec![0; 4]].concat()
    });
    let zstandard = repacked("zstandard", crate::make::zstd);
    let more = [("snappy", snappy.as_slice()), ("zstandard", &zstandard)];
    for (name, bytes) in AVRO.iter().chain(&more) {
        let heap = check_whole(&format!("{name}.avro"), bytes, &[]);
        assert_eq!(
            names(&heap),
            [
                "name",
                "phone",
                "born",
                "home/city",
                "home/zip",
                "mails",
                "work/city",
                "work/zip",
                "sex",
                "pay"
            ]
        );
        assert_eq!(
            heap.table(&[]),
            [
                [
                    "张三丰",
                    "13800138000",
                    "1990-03-07",
                    "某某市",
                    "100000",
                    "a@example.com\nb@example.com",
                    "",
                    "",
                    "M",
                    "12.34"
                ],
                ["李四光", "", "1992-05-06", "某某县", "", "", "某某区", "1", "F", "-0.05"],
            ]
        );
    }
}

#[test]
fn sqlite_gives_every_table_in_the_order_of_its_rows() {
    let heap = check_whole("a.sqlite", SQLITE, &[]);
    assert_eq!(names(&heap), ["id", "name", "phone", "note"]);
    assert_eq!(
        heap.table(&[Step::Table("客户 表".into())]),
        [["3", "张三丰", "13800138000", "备注"], ["7", "李四光", "13900139000", ""]]
    );
    assert_eq!(heap.table(&[Step::Table("kv".into())]), [["a", ""], ["b", "1.5"]]);
    assert_eq!(heap.tables.len(), 2, "a view holds nothing of its own");
}

#[test]
fn reading_a_database_leaves_its_folder_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("库 %41?.db");
    std::fs::write(&path, SQLITE).unwrap();
    let before = std::fs::metadata(&path).unwrap().modified().unwrap();
    let file = zhunsheng_source::list(&[folder.path().to_path_buf()]).files.remove(0);
    let mut heap = Heap::default();
    zhunsheng_source::read_file(&file, &zhunsheng_source::ReadOptions::default(), &mut heap);
    assert!(heap.problems.is_empty(), "{:?}", heap.problems);
    assert!(heap.all().contains("13900139000"));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    assert_eq!(std::fs::metadata(&path).unwrap().modified().unwrap(), before);
}

#[test]
fn a_damaged_database_is_said() {
    let mut bytes = SQLITE.to_vec();
    let page = bytes.len() / 512 - 1;
    bytes[512 * page..].fill(0xee);
    let heap = read("a.sqlite", &bytes);
    assert!(heap.kinds().contains(&ProblemKind::Malformed), "{:?}", heap.problems);
}

#[test]
fn cut_short_and_damaged() {
    for (name, bytes, value) in [
        ("a.sqlite", SQLITE, "13900139000"),
        ("a.parquet", PARQUET[3].1, "13900139000"),
        ("b.parquet", PARQUET[0].1, "13900139000"),
        ("a.arrow", ARROW[0].1, "13900139000"),
        ("b.arrow", ARROW[2].1, "13900139000"),
        ("a.arrows", STREAM, "13900139000"),
        ("a.avro", AVRO[0].1, "李四光"),
        ("b.avro", AVRO[1].1, "李四光"),
    ] {
        check_cut(name, bytes, &[value]);
        check_flipped(name, bytes, 200);
    }
}
