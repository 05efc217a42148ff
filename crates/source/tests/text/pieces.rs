//! A file cut into pieces of any size gives the same cells, text and places as the whole.

use super::{Collected, gb18030, read, read_with, rows, utf16le};
use zhunsheng_model::{Encoding, ProblemKind, TextOrigin};

/// The characters of `bytes` from the first on, as a plain decoder gives them.
fn decoded(bytes: &[u8], encoding: Encoding) -> Vec<char> {
    let decoder = match encoding {
        Encoding::Utf8 => encoding_rs::UTF_8,
        Encoding::Utf16Le => encoding_rs::UTF_16LE,
        Encoding::Gb18030 => encoding_rs::GB18030,
        _ => panic!("not used here"),
    };
    decoder.decode_without_bom_handling(bytes).0.chars().collect()
}

/// Checks that each origin says where in `bytes` its text begins.
fn check_origin(origin: Option<TextOrigin>, text: &str, bytes: &[u8], bom_bytes: usize) {
    let origin = origin.expect("a plain file's fragment states its origin");
    let all = decoded(&bytes[bom_bytes..], origin.encoding);
    let here: String = all[origin.first_char as usize..].iter().take(5).collect();
    let begin: String = text.chars().take(5).collect();
    assert!(here.starts_with(&begin) || begin.starts_with(&here), "character {}", origin.first_char);
    let at_byte: String =
        decoded(&bytes[origin.first_byte as usize..], origin.encoding).into_iter().take(5).collect();
    assert!(at_byte.starts_with(&begin) || begin.starts_with(&at_byte), "byte {}", origin.first_byte);
    let lines = all[..origin.first_char as usize].iter().filter(|c| **c == '\n').count();
    assert_eq!(origin.first_line, lines as u64);
}

fn check_tables(bytes: &[u8], bom_bytes: usize) {
    let whole = read("t.csv", bytes);
    assert_eq!(whole.tables.len(), 1);
    for chunk in [1, 7, 49, 64, 100, 1000] {
        let (cut, outcome) = read_with("t.csv", bytes, chunk);
        assert!(outcome.digest.is_some_and(|digest| digest.bytes == bytes.len() as u64));
        assert_eq!(cut.rows(), whole.rows(), "pieces of {chunk}");
        assert_eq!(cut.kinds(), whole.kinds(), "pieces of {chunk}");
        let mut next_row = 1;
        for table in &cut.tables {
            assert_eq!((table.table, table.first_row), (0, next_row));
            next_row += table.cells.len() as u64;
            check_origin(table.origin, &table.cells.text, bytes, bom_bytes);
        }
        assert!(chunk > 100 || cut.tables.len() > 3, "pieces of {chunk}: {}", cut.tables.len());
    }
}

fn table(lines: usize) -> String {
    let mut text = String::from("编号,姓名,备注\r\n");
    for line in 0..lines {
        match line % 7 {
            0 => text.push_str(&format!("{line},王小明,\"第一行\n第二行, 又一\"\r\n")),
            1 => text.push_str(&format!("{line},\"李\"\"大\"\"海\",\r\n")),
            2 => text.push_str(&format!("{line},5\" 盘,x\n")),
            3 => text.push_str(&format!("{line},𠮷野㐂,y\r\n")),
            _ => text.push_str(&format!("{line},赵,\"z\"\r\n")),
        }
    }
    text
}

#[test]
fn tables_are_the_same_however_they_are_cut() {
    for lines in [48, 49, 50] {
        let text = table(lines);
        check_tables(text.as_bytes(), 0);
        let mut marked = b"\xEF\xBB\xBF".to_vec();
        marked.extend_from_slice(text.as_bytes());
        check_tables(&marked, 3);
        check_tables(&gb18030(&text), 0);
        check_tables(&utf16le(&text), 0);
        let mut marked = b"\xFF\xFE".to_vec();
        marked.extend(utf16le(&text));
        check_tables(&marked, 2);
    }
}

#[test]
fn a_byte_order_mark_is_part_of_no_cell() {
    let found = read("t.csv", "\u{FEFF}姓名,手机\n王,1\n李,2\n".as_bytes());
    assert_eq!(found.rows()[0], ["姓名", "手机"]);
}

#[test]
fn quotes_are_followed_over_the_edge_of_pieces() {
    let mut text = String::from("a,b\n");
    for line in 0..40 {
        text.push_str(&format!("\"x{line}\ny\nz\",\"1\n2,3\"\n"));
    }
    for chunk in 1..80 {
        let (cut, _) = read_with("t.csv", text.as_bytes(), chunk);
        let rows = cut.rows();
        assert_eq!(rows.len(), 41, "pieces of {chunk}");
        assert!(rows[1..].iter().all(|row| row.len() == 2 && row[1] == "1\n2,3"), "pieces of {chunk}");
        assert!(cut.problems.is_empty());
    }
}

#[test]
fn text_is_the_same_however_it_is_cut() {
    let mut text = String::new();
    for paragraph in 0..60 {
        text.push_str(&format!("原告王小明第{paragraph}次陈述，其住址如下。\n电话另附𠮷。\n\n"));
    }
    let check = |bytes: &[u8]| {
        for chunk in [1, 49, 64, 500] {
            let (cut, _) = read_with("a.txt", bytes, chunk);
            assert_eq!(cut.text(), text, "pieces of {chunk}");
            cut.texts.iter().for_each(|part| check_origin(part.origin, &part.text, bytes, 0));
            assert!(cut.texts.len() > 5);
        }
    };
    check(text.as_bytes());
    check(&gb18030(&text));
    check(&utf16le(&text));
    // Pieces end where paragraphs do when they can.
    let (cut, _) = read_with("a.txt", text.as_bytes(), 2000);
    assert!(cut.texts.iter().all(|part| part.text.ends_with("\n\n")));
}

#[test]
fn cards_are_not_cut() {
    let card = "BEGIN:VCARD\nFN:王小明\nTEL:13800138000\nEND:VCARD\n";
    let (cut, _) = read_with("c.vcf", card.repeat(40).as_bytes(), 300);
    assert!(cut.texts.len() > 3);
    assert!(
        cut.texts.iter().all(|part| part.text.starts_with("BEGIN") && part.text.ends_with("END:VCARD\n"))
    );
    assert_eq!(cut.text(), card.repeat(40));
}

#[test]
fn the_encoding_is_decided_where_it_shows() {
    let mut bytes = "id,name\n".as_bytes().to_vec();
    (0..20_000).for_each(|line| bytes.extend(format!("{line},abc\n").bytes()));
    let ascii = bytes.len();
    bytes.extend(gb18030("1,王小明与李大海\n2,赵家庄\n"));
    assert!(ascii > 64 << 10);
    let (cut, _) = read_with("t.csv", &bytes, 4096);
    let rows = cut.rows();
    assert_eq!(rows[rows.len() - 2..], [["1", "王小明与李大海"], ["2", "赵家庄"]]);
    assert!(cut.problems.is_empty());
}

#[test]
fn broken_characters_are_told_once_with_their_number() {
    let mut bytes = Vec::new();
    for line in 0..100 {
        bytes.extend(format!("{line},王小明在此\n").bytes());
        if line % 10 == 0 {
            bytes.extend(b"x,a\xFFb\n");
        }
    }
    let (cut, _) = read_with("t.csv", &bytes, 100);
    assert_eq!(cut.kinds(), [ProblemKind::BadCharacters]);
    assert_eq!(cut.problems[0].detail, "10 places are no character; they were replaced");
    assert!(!cut.problems[0].lost);
    assert_eq!(cut.rows().len(), 110);
}

#[test]
fn ragged_rows_are_told_once_with_their_number() {
    let mut text = String::new();
    (0..100).for_each(|line| text.push_str(if line % 20 == 5 { "a,b\n" } else { "a,b,c\n" }));
    let (cut, _) = read_with("t.csv", text.as_bytes(), 64);
    assert_eq!(cut.kinds(), [ProblemKind::RaggedRows]);
    assert_eq!(cut.problems[0].detail, "5 of 100 rows do not have 3 cells");
    assert_eq!(cut.rows().len(), 100);
}

#[test]
fn a_line_of_any_length_is_read_in_bounded_pieces() {
    let long = |bytes: usize| {
        let word = "王小明13800138000 ";
        let mut text = word.repeat(bytes / word.len() + 1);
        text.truncate(bytes / word.len() * word.len());
        text
    };
    let cases = [(20 << 20, true), ((16 << 20) - 4096, false)];
    for (bytes, is_cut) in cases {
        let text = long(bytes);
        let found = read("a.txt", text.as_bytes());
        assert_eq!(found.kinds().contains(&ProblemKind::OverlongPiece), is_cut, "{bytes}");
        assert!(found.text() == text);
        assert!(found.texts.iter().all(|part| part.text.len() <= (16 << 20) && part.text.ends_with(' ')));
    }
    // Without any place to cut: between two characters.
    let text = "王".repeat(6 << 20);
    let found = read("a.txt", text.as_bytes());
    assert!(found.text() == text && found.texts.len() == 2);
    assert_eq!(found.kinds(), [ProblemKind::OverlongPiece]);
}

#[test]
fn json_lines_are_the_same_however_they_are_cut() {
    let mut text = String::new();
    for line in 0..60 {
        match line % 5 {
            4 => text.push_str(&format!("{{\"phone\": {line}, \"new{line}\": [{{\"a\": 1}}]}}\n")),
            _ => text.push_str(&format!("{{\"phone\": \"{line}\", \"name\": \"\\u738b\"}}\n")),
        }
    }
    let by_line = |found: &Collected| {
        let mut cells = Vec::new();
        for table in &found.tables {
            let names = table.names.clone().unwrap();
            for (index, row) in rows(table).into_iter().enumerate() {
                for (name, cell) in names.iter().zip(row).filter(|(_, cell)| !cell.is_empty()) {
                    cells.push((table.place.to_string(), table.first_row + index as u64, name.clone(), cell));
                }
            }
        }
        cells.sort();
        cells
    };
    let whole = read("a.jsonl", text.as_bytes());
    assert_eq!(by_line(&whole).len(), 48 * 2 + 12 * 2);
    for chunk in [1, 64, 300] {
        let (cut, _) = read_with("a.jsonl", text.as_bytes(), chunk);
        assert_eq!(by_line(&cut), by_line(&whole), "pieces of {chunk}");
        assert!(cut.problems.is_empty());
    }
}

#[test]
fn dumps_are_the_same_however_they_are_cut() {
    let dump = super::formats::MYSQL;
    let whole = read("a.sql", dump.as_bytes());
    for chunk in [1, 16, 64, 300] {
        let (cut, _) = read_with("a.sql", dump.as_bytes(), chunk);
        assert_eq!(cut.rows(), whole.rows(), "pieces of {chunk}");
        for table in &cut.tables {
            let origin = table.origin.unwrap();
            assert!(dump[origin.first_byte as usize..].starts_with(table.cells.text.get(..1).unwrap()));
            assert_eq!(origin.first_char as usize, dump[..origin.first_byte as usize].chars().count());
        }
    }
}
