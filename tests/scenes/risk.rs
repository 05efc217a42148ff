//! `zhunsheng risk`: the figures, the generalised copy, and what is refused.

use super::{Value, zhunsheng};
use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;

/// A table of synthetic people: quoted cells, a comma inside one, a blank line, `\r\n`.
fn people(rows: usize) -> String {
    let mut text = String::from("姓名,出生日期,区划,性别,备注,疾病\r\n");
    for row in 0..rows {
        let (year, month) = (1960 + row * 7 % 40, row % 12 + 1);
        text.push_str(&format!(
            "王{row},{year}-{month:02}-{:02},{},\"{}\",\"a, \"\"b\"\" {row}\",{}\r\n",
            row % 28 + 1,
            ["440305", "440306", "440103", "110105"][row % 4],
            ["男", "女"][row / 4 % 2],
            ["感冒", "糖尿病", "高血压"][row % 3]
        ));
        if row == 10 {
            text.push_str("\r\n");
        }
    }
    text
}

fn risk(file: &Path, more: &[&str]) -> Output {
    zhunsheng().arg("risk").arg(file).args(more).output().unwrap()
}

fn json(output: &Output) -> Value {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const QUASI: [&str; 2] = ["--quasi", "出生日期,区划,性别"];

#[test]
fn the_risks_are_told_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    std::fs::write(&file, people(400)).unwrap();
    let told = json(&risk(&file, &[&QUASI[..], &["--json", "--population", "100000"]].concat()));
    assert_eq!(told["rows"], 400);
    assert_eq!(told["quasi"][0]["hierarchy"], "date");
    assert_eq!(told["quasi"][1]["hierarchy"], "division");
    assert!(told["risk"]["unique"].as_u64().unwrap() > 0);
    assert_eq!(told["risk"]["prosecutor"]["highest"], 1.0);
    assert!(told["risk"]["population"]["journalist_highest"].as_f64().unwrap() < 0.1);
    assert_eq!(told["risk"]["grade"], "D");
    assert_eq!(told["subsets"].as_array().unwrap().len(), 7);
    assert_eq!(told["not_listed"], serde_json::json!(["姓名", "备注", "疾病"]));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    for (lang, word) in [("zh", "检察官风险"), ("en", "prosecutor risk")] {
        let output = risk(&file, &[&QUASI[..], &["--lang", lang]].concat());
        let text = String::from_utf8(output.stdout).unwrap();
        assert!(text.contains(word) && text.contains("GB/T 42460-2023"), "{text}");
    }
}

/// The cells of a line of these tables, as they stand.
fn cells(line: &str) -> Vec<String> {
    let (mut cells, mut inside) = (vec![String::new()], false);
    for c in line.chars() {
        match c {
            ',' if !inside => cells.push(String::new()),
            c => {
                inside ^= c == '"';
                cells.last_mut().unwrap().push(c);
            }
        }
    }
    cells
}

#[test]
fn the_copy_keeps_the_goal_and_everything_else() {
    let folder = tempfile::tempdir().unwrap();
    for (name, encode) in [
        ("utf8", (|text: &str| text.as_bytes().to_vec()) as fn(&str) -> Vec<u8>),
        ("bom", |text| [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat()),
        ("gbk", |text| {
            let mut out = Vec::new();
            zhunsheng_source::edit::encode(zhunsheng_model::Encoding::Gb18030, text, '?', &mut out);
            out
        }),
        ("utf16", |text| {
            [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
        }),
    ] {
        let (file, out) =
            (folder.path().join(format!("{name}.csv")), folder.path().join(format!("{name}-out.csv")));
        let text = people(400);
        std::fs::write(&file, encode(&text)).unwrap();
        let out_text = out.to_str().unwrap();
        let goal = [
            "--sensitive",
            "疾病",
            "--k",
            "5",
            "--l",
            "2",
            "--suppress",
            "0.05",
            "--remove",
            "姓名",
            "--json",
        ];
        let told = json(&risk(&file, &[&QUASI[..], &goal, &["--out", out_text]].concat()));
        let written = std::fs::read(&out).unwrap();
        // Encoding the plain text again gives the bytes, so that encoding and mark are kept.
        let plain = match name {
            "utf16" => {
                let units: Vec<u16> =
                    written.chunks_exact(2).map(|unit| u16::from_le_bytes([unit[0], unit[1]])).collect();
                String::from_utf16(&units).unwrap().trim_start_matches('\u{feff}').to_owned()
            }
            "gbk" => zhunsheng_source::edit::decode(zhunsheng_model::Encoding::Gb18030, written.clone()).0,
            _ => String::from_utf8(written.clone()).unwrap().trim_start_matches('\u{feff}').to_owned(),
        };
        assert_eq!(encode(&plain), written, "{name}");
        let (before, after): (Vec<&str>, Vec<&str>) =
            (text.split("\r\n").collect(), plain.split("\r\n").collect());
        assert_eq!(before.len(), after.len());
        assert_eq!((before[0], after[12]), (after[0], ""));
        let (mut classes, mut gone) = (BTreeMap::<Vec<String>, Vec<String>>::new(), 0);
        for (before, after) in before.iter().zip(&after).skip(1).filter(|(line, _)| !line.is_empty()) {
            let (before, after) = (cells(before), cells(after));
            assert_eq!(after[0], "*");
            if after.iter().all(|cell| cell == "*") {
                gone += 1;
                continue;
            }
            assert_eq!(before[4..], after[4..], "{name}");
            assert!(after[3].starts_with('"'));
            classes.entry(after[1..4].to_vec()).or_default().push(after[5].clone());
        }
        assert_eq!(told["solution"]["rows_suppressed"], gone);
        assert!(gone <= 20 && !classes.is_empty());
        for values in classes.values() {
            let mut distinct = values.clone();
            distinct.sort();
            distinct.dedup();
            assert!(values.len() >= 5 && distinct.len() >= 2);
        }
        // A second time with another number of threads: the same bytes.
        let again = folder.path().join("again.csv");
        let more = ["--out", again.to_str().unwrap(), "--threads", "3", "--force"];
        json(&risk(&file, &[&QUASI[..], &goal, &more].concat()));
        assert_eq!(std::fs::read(&again).unwrap(), written);
    }
}

#[test]
fn what_makes_no_sense_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    std::fs::write(&file, people(40)).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let taken = folder.path().join("taken.csv");
    std::fs::write(&taken, "x").unwrap();
    let taken = taken.to_str().unwrap();
    for (options, why) in [
        (vec!["--quasi", "不在"], "has no column `不在`"),
        (vec!["--quasi", "性别", "--remove", "性别"], "named twice"),
        (vec!["--quasi", "性别", "--out", "o.csv"], "needs a goal"),
        (vec!["--quasi", "性别", "--k", "3", "--out", &path], "is the input"),
        (vec!["--quasi", "性别", "--k", "3", "--out", taken], "exists already"),
        (vec!["--quasi", "性别", "--k", "99"], "fewer than k = 99"),
        (vec!["--quasi", "性别", "--l", "2"], "need a sensitive column"),
        (
            vec!["--quasi", "性别", "--sensitive", "疾病", "--t", "0.1", "--distance", "ordered"],
            "needs numbers",
        ),
        (vec!["--quasi", "性别", "--hierarchy", "性别=band:3,4"], "multiple of the one before"),
        (vec!["--quasi", "性别", "--hierarchy", "区划=division"], "is no column of `--quasi`"),
    ] {
        let output = risk(&file, &options);
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{options:?} {error}");
        assert!(error.contains(why), "{options:?} {error}");
    }
    assert_eq!(std::fs::read_to_string(taken).unwrap(), "x");
    // A ragged row is named, not guessed at.
    std::fs::write(&file, people(40).replacen("王5,", "王5,多,", 1)).unwrap();
    let error = String::from_utf8(risk(&file, &["--quasi", "性别"]).stderr).unwrap();
    assert!(error.contains("row 7 ") && error.contains("has 7 cells, the header has 6"), "{error}");
    std::fs::write(&file, "plain text\n").unwrap();
    let error = String::from_utf8(risk(&file, &["--quasi", "性别"]).stderr).unwrap();
    assert!(error.contains("table in text") || error.contains("no column"), "{error}");
}
