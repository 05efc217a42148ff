//! Every value of an outside corpus must come out of its binary files.
//!
//! `ZHUNSHENG_CORPUS` names a folder with `files/` and `truth/occurrences.jsonl.gz`.

use crate::{Heap, read};
use std::collections::BTreeMap;
use std::io::Read;
use zhunsheng_model::Step;

#[test]
fn every_value_of_the_corpus_is_read() {
    let Ok(corpus) = std::env::var("ZHUNSHENG_CORPUS") else {
        println!(
            "SKIPPED: ZHUNSHENG_CORPUS names no corpus; the values of its binary files are not compared"
        );
        return;
    };
    let packed = std::fs::read(format!("{corpus}/truth/occurrences.jsonl.gz")).unwrap();
    let mut truth = String::new();
    flate2::read::GzDecoder::new(&packed[..]).read_to_string(&mut truth).unwrap();
    let mut heaps: BTreeMap<String, Heap> = BTreeMap::new();
    let (mut found, mut missing, mut misplaced) = (BTreeMap::<String, u32>::new(), Vec::new(), Vec::new());
    for line in truth.lines() {
        let truth: serde_json::Value = serde_json::from_str(line).unwrap();
        let file = truth["file"].as_str().unwrap();
        let value = truth["value"].as_str().unwrap();
        let outer = file.split('!').next().unwrap();
        let kinds = [".xlsx", ".docx", ".pdf", ".sqlite", ".parquet", ".zip"];
        if !kinds.iter().any(|kind| outer.ends_with(kind)) {
            continue;
        }
        let heap = heaps.entry(outer.to_owned()).or_insert_with(|| {
            let bytes = std::fs::read(format!("{corpus}/files/{outer}")).unwrap();
            let heap = read(outer, &bytes);
            assert!(heap.problems.is_empty(), "{outer}: {:?}", heap.problems);
            heap
        });
        if !heap.all_of(file).contains(value) {
            missing.push(format!("{file} {}", truth["loc"]));
            continue;
        }
        *found.entry(file.to_owned()).or_default() += 1;
        if !is_in_place(heap, file, &truth["loc"], value) {
            misplaced.push(format!("{file} {}", truth["loc"]));
        }
    }
    println!("{found:#?}");
    assert!(missing.is_empty(), "{} missing: {missing:#?}", missing.len());
    assert!(misplaced.is_empty(), "{} misplaced: {misplaced:#?}", misplaced.len());
}

/// Whether the value stands where the truth says; true where the truth says nothing that can be compared here.
fn is_in_place(heap: &Heap, file: &str, loc: &serde_json::Value, value: &str) -> bool {
    let number = |key: &str| loc[key].as_u64();
    let table = |steps: &[Step], row: u64, column: u64| {
        let rows = heap.table(steps);
        rows.get(row as usize - 1)
            .and_then(|row| row.get(column as usize - 1))
            .is_some_and(|cell| cell.contains(value))
    };
    if let (Some(sheet), Some(row), Some(column)) = (loc["sheet"].as_str(), number("row"), number("col")) {
        let row = row + number("first_data_row").map_or(0, |first| first - 1);
        return table(&[Step::Sheet(sheet.into())], row, column);
    }
    if let (Some(name), Some(row), Some(column)) = (loc["table"].as_str(), number("rowid"), number("col")) {
        return table(&[Step::Table(name.into())], row, column);
    }
    if let (Some(name), Some(row), Some(column)) = (number("table"), number("row"), number("col")) {
        return table(&[Step::Table(name.to_string())], row, column);
    }
    if let (Some(name), Some(row)) = (loc["col"].as_str(), number("row")) {
        let fragment = heap.tables.iter().find(|table| &*table.place.file == file).unwrap();
        let column = fragment.names.as_ref().unwrap().iter().position(|own| own == name).unwrap() as u64 + 1;
        return table(&[], row, column);
    }
    if let (Some(paragraph), Some(range), None) =
        (number("paragraph"), loc["char"].as_array(), number("page"))
    {
        let start = range[0].as_u64().unwrap() as usize;
        return heap.texts.iter().any(|text| {
            let step = vec![Step::Paragraph(paragraph as u32)];
            let Some(at) = text.segments.iter().position(|segment| segment.steps == step) else {
                return false;
            };
            let begin = text.segments[at].start as usize;
            let skipped: usize = text.text[begin..].chars().take(start).map(char::len_utf8).sum();
            text.text[begin + skipped..].starts_with(value)
        });
    }
    true
}
