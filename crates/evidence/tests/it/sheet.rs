//! Sheets: written, filled in, read back; and what was changed is noticed.

use calamine::{Reader, Xlsx};
use rust_xlsxwriter::Workbook;
use std::io::Cursor;
use zhunsheng_evidence::custody::{self, Action, Event};
use zhunsheng_evidence::sample::{
    Answer, By, Draw, Drawer, LineState, Row, TierLine, assess, read_sheet, write_sheet,
};

fn draw() -> (Draw, Vec<Row>) {
    let mut drawer = Drawer::new(30, By::Tier, "彩票 2026138");
    for record in 1..=5_000u64 {
        let tier = if record % 100 == 0 { 3 } else { 5 };
        drawer.push(record, tier, "PHONE", "名单.csv");
    }
    let lines = [(3, 50), (4, 500), (5, 5000)].map(|(tier, threshold)| TierLine { tier, threshold });
    let draw = drawer.finish(&"0".repeat(64), lines.to_vec()).unwrap();
    let rows = draw.drawn.iter().map(|drawn| Row {
        record: drawn.record,
        file: "名单.csv".to_owned(),
        place: "sheet 1".to_owned(),
        row: drawn.record + 1,
        values: "=1+1 手机号码 138****0000".to_owned(),
    });
    let rows = rows.collect();
    (draw, rows)
}

type Cells = Vec<(String, Vec<Vec<String>>)>;

fn cells(bytes: &[u8]) -> Cells {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).unwrap();
    let names = book.sheet_names();
    names
        .into_iter()
        .map(|name| {
            let range = book.worksheet_range(&name).unwrap();
            let rows = range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect();
            (name, rows)
        })
        .collect()
}

/// The sheet as an office program would save it after `edit`.
fn saved(cells: &Cells, edit: impl Fn(&mut Cells)) -> Vec<u8> {
    let mut cells = cells.clone();
    edit(&mut cells);
    let mut book = Workbook::new();
    for (name, rows) in &cells {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (r, row) in rows.iter().enumerate() {
            for (c, text) in row.iter().enumerate() {
                sheet.write_string(r as u32, c as u16, text).unwrap();
            }
        }
    }
    book.save_to_buffer().unwrap()
}

#[test]
fn filled_in_and_read_back() {
    let (draw, rows) = draw();
    let bytes = write_sheet(&draw, &rows).unwrap();
    assert_eq!(bytes, write_sheet(&draw, &rows).unwrap(), "the same draw gives the same bytes");
    let empty = read_sheet(Cursor::new(&bytes)).unwrap();
    assert_eq!(empty.draw, draw);
    assert!(empty.answers.is_empty());
    assert_eq!(assess(&empty).overall.unread, 30);

    let cells = cells(&bytes);
    assert!(cells[0].1[1][7].starts_with("=1+1"), "a value is text, not a formula");
    let words = ["属实", " 不实 ", "无法核实", "TRUE", "否", "unknown", ""];
    let filled = saved(&cells, |cells| {
        for (number, row) in cells[0].1.iter_mut().enumerate().skip(1) {
            row.resize(10, String::new());
            row[8] = words[(number - 1) % words.len()].to_owned();
        }
    });
    let sheet = read_sheet(Cursor::new(filled)).unwrap();
    let count = |answer| sheet.answers.values().filter(|given| **given == answer).count();
    assert_eq!((count(Answer::True), count(Answer::False), count(Answer::Unverifiable)), (9, 9, 8));
    assert_eq!(sheet.answers.len(), 26);

    let all_true = saved(&cells, |cells| {
        for row in cells[0].1.iter_mut().skip(1) {
            row.resize(10, String::new());
            row[8] = "属实".to_owned();
        }
    });
    let found = assess(&read_sheet(Cursor::new(all_true)).unwrap());
    assert_eq!(found.overall.right, 30);
    let line = found.lines.iter().find(|line| line.id == "item_3").unwrap();
    assert_eq!((line.counted, line.state), (50, LineState::Open));
    // 48 of 50 must be read: with 49 true ones of 50, 48 draws all true have the chance 49/1225 = 4 %, and 47
    // draws 6 %. 15 were drawn.
    assert_eq!(line.more_draws, Some(33));
    assert!(found.zh.contains("彩票 2026138") && found.en.contains("at least"));
}

#[test]
fn what_was_changed_is_noticed() {
    let (draw, rows) = draw();
    let bytes = write_sheet(&draw, &rows).unwrap();
    let cells = cells(&bytes);
    assert!(read_sheet(Cursor::new(saved(&cells, |_| {}))).is_ok());
    type Edit = fn(&mut Cells);
    let edits: [(&str, Edit); 9] = [
        ("a row dropped", |cells| drop(cells[0].1.remove(4))),
        ("the last row dropped", |cells| drop(cells[0].1.pop())),
        ("rows swapped", |cells| cells[0].1.swap(3, 4)),
        ("a row doubled", |cells| {
            let row = cells[0].1[5].clone();
            cells[0].1.push(row);
        }),
        ("a record changed", |cells| cells[0].1[2][1] = "77".to_owned()),
        ("a tier changed", |cells| cells[0].1[2][2] = "4".to_owned()),
        ("a word that is none", |cells| {
            cells[0].1[2].resize(10, String::new());
            cells[0].1[2][8] = "也许".to_owned();
        }),
        ("the population changed", |cells| {
            for row in &mut cells[1].1 {
                row[1] = row[1].replace("4950", "495000");
            }
        }),
        ("the seed changed", |cells| {
            for row in &mut cells[1].1 {
                row[1] = row[1].replace("2026138", "2026139");
            }
        }),
    ];
    for (what, edit) in edits {
        assert!(read_sheet(Cursor::new(saved(&cells, edit))).is_err(), "{what}");
    }
    assert!(read_sheet(Cursor::new(b"not a workbook")).is_err());
    assert!(write_sheet(&draw, &rows[1..]).is_err(), "a drawn record that is not shown");
}

#[test]
fn custody_is_logged_and_shown() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = crate::support::create(folder.path());
    for (action, who) in
        [(Action::Draw, "甲"), (Action::Read, "乙"), (Action::Verify, "丙"), (Action::Export, "丁\n")]
    {
        let mut event = Event::new(action, "2026-11-23T01:02:03Z", who, "zhunsheng 0.1.0");
        event.file = "样本.xlsx".to_owned();
        event.details.insert("seed".to_owned(), "2026".to_owned());
        custody::record(&mut log, &event).unwrap();
    }
    let zh = custody::show(&log, true).unwrap();
    assert_eq!(zh.lines().count(), 4 * 4, "{zh}");
    for words in [
        "第 0 号  抽样  2026年11月23日09时02分03秒（北京时间）  甲",
        "第 1 号  读取抽样结果",
        "第 2 号  校验",
        "第 3 号  导出",
        "丁\u{fffd}",
        "文件：样本.xlsx",
        "种子：2026",
    ] {
        assert!(zh.contains(words), "{words}\n{zh}");
    }
    let en = custody::show(&log, false).unwrap();
    for words in
        ["entry 0  draw  2026-11-23T01:02:03Z  甲", "entry 3  export", "file: 样本.xlsx", "seed: 2026"]
    {
        assert!(en.contains(words), "{words}\n{en}");
    }
    assert!(!en.contains("抽样"), "{en}");
}
