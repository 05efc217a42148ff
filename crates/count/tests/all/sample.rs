//! The records of the bundled sample, as its ground truth lists them, merged by rule R1.

use crate::support::*;
use flate2::read::GzDecoder;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use zhunsheng_model::{Kind, State};

struct True {
    file: String,
    component: String,
    rec: Rec,
}

fn records() -> Vec<True> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/truth/records.jsonl.gz");
    let lines = BufReader::new(GzDecoder::new(File::open(path).unwrap())).lines();
    lines
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
            let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
            let mut mentions: Vec<(Kind, String, State)> = Vec::new();
            if let Some(name) = text(&line["name"]) {
                mentions.push((Kind::Person, name, State::Valid));
            }
            let name = (!mentions.is_empty()).then_some(0);
            for key in line["keys"].as_array().unwrap() {
                let kind = Kind::from_id(key[0].as_str().unwrap()).unwrap();
                let mut value = text(&key[1]).unwrap();
                if kind == Kind::CnId && value.len() == 15 {
                    value = eighteen(&value);
                }
                mentions.push((kind, value, State::Valid));
            }
            let rec = Rec { mentions, name, data_sets: 1 };
            True {
                file: text(&line["file"]).unwrap(),
                component: text(&line["component"]).unwrap_or_default(),
                rec,
            }
        })
        .collect()
}

/// The 18-digit form of a 15-digit number (GB 11643).
fn eighteen(old: &str) -> String {
    let body = format!("{}19{}", &old[..6], &old[6..]);
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{body}{}", b"10X98765432"[sum as usize % 11] as char)
}

#[test]
fn persons_of_the_sample_are_those_of_its_ledger() {
    let records = records();
    assert_eq!(records.len(), 4224);
    let all: Vec<Rec> = records.iter().map(|record| record.rec.clone()).collect();
    let how = How { batch: 100, ..How::default() };
    let outcome = count(&all, &how);
    assert_eq!(outcome.inventory.counts.persons, 1520);
    // The same records are together, not only as many persons.
    let (mut there, mut back) = (BTreeMap::new(), BTreeMap::new());
    let mut keyed = 0;
    for (index, record) in records.iter().enumerate() {
        let person = outcome.table.person(index as u64);
        let has_key = record.rec.mentions.iter().any(|(kind, ..)| kind.is_strong_key());
        assert_eq!(person != 0, has_key);
        if has_key {
            keyed += 1;
            assert_eq!(*there.entry(person).or_insert(&record.component), &record.component);
            assert_eq!(*back.entry(&record.component).or_insert(person), person);
        }
    }
    assert_eq!(keyed, 3551);

    let no_pictures: Vec<Rec> = records
        .iter()
        .filter(|record| !record.file.starts_with("img/"))
        .map(|record| record.rec.clone())
        .collect();
    assert_eq!(no_pictures.len(), 4196);
    assert_eq!(count(&no_pictures, &how).inventory.counts.persons, 1517);
}
