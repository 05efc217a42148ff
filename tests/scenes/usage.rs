//! Options, languages, standard input, `detect`.

use crate::{inventory, people, scan, zhunsheng};
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::process::Stdio;

fn with_input(arguments: &[&str], input: &str) -> std::process::Output {
    let mut child = zhunsheng()
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[test]
fn detect_gives_offsets_in_code_points() {
    let output = with_input(&["detect"], "{\"text\":\"联系电话：13912340001。\"}\n");
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let span = &line["spans"][0];
    assert_eq!((&span["start"], &span["end"], &span["type"]), (&5.into(), &16.into(), &"PHONE".into()));
    assert_eq!(span["valid"], true);
    let plain = with_input(&["detect", "--plain"], "手机13912340001\n无\n");
    let lines: Vec<Value> =
        String::from_utf8(plain.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["spans"][0]["start"], 2);
    assert_eq!(lines[1]["spans"].as_array().unwrap().len(), 0);
}

#[test]
fn detect_says_which_line_is_no_json_without_repeating_it() {
    let output = with_input(&["detect"], "{\"text\":\"a\"}\n13912340001\n");
    assert_eq!(output.status.code(), Some(1));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("line 2") && !error.contains("139"), "{error}");
}

#[test]
fn standard_input_is_scanned() {
    let dir = tempfile::tempdir().unwrap();
    let output = with_input(&["scan", "-", "--out", dir.path().to_str().unwrap()], &people(10));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let inventory: Value =
        serde_json::from_slice(&fs::read(dir.path().join("inventory.json")).unwrap()).unwrap();
    assert_eq!(inventory["counts"]["persons"], 10);
    assert_eq!(inventory["files"][0]["file"], "stdin");
}

#[test]
fn the_lines_of_article_5_are_reached_at_the_number_itself() {
    let dir = tempfile::tempdir().unwrap();
    for (rows, reached) in [(4999, false), (5000, true), (5001, true)] {
        let input = dir.path().join(format!("{rows}.csv"));
        fs::write(&input, people(rows)).unwrap();
        let inventory = inventory(&input, &dir.path().join("out"), &[]);
        assert_eq!(inventory["bases"]["record"], rows);
        assert_eq!(inventory["counts"]["persons"], rows);
        let tier = &inventory["criminal"]["tiers"][2];
        assert_eq!(
            (&tier["item"], &tier["threshold"], &tier["count"]),
            (&5.into(), &5000.into(), &rows.into())
        );
        assert_eq!(tier["reached"], reached, "{rows}");
        assert_eq!(inventory["criminal"]["serious"]["answer"], if reached { "yes" } else { "open" });
    }
}

#[test]
fn acts_count_each_recipient_and_obtaining_once() {
    let dir = tempfile::tempdir().unwrap();
    let (input, acts) = (dir.path().join("people.csv"), dir.path().join("acts.toml"));
    fs::write(&input, people(3000)).unwrap();
    fs::write(
        &acts,
        "[[act]]\nkind = \"obtained\"\n\n[[act]]\nkind = \"sold\"\nrecipient = \"甲公司\"\n\n\
         [[act]]\nkind = \"provided\"\nrecipient = \"乙公司\"\ndate = 2024-03-01\n",
    )
    .unwrap();
    let inventory = inventory(&input, &dir.path().join("out"), &["--acts", acts.to_str().unwrap()]);
    assert_eq!(inventory["criminal"]["items_by_acts"]["record"], 6000);
    assert_eq!(inventory["criminal"]["serious"]["answer"], "yes");
    fs::write(&acts, "[[act]]\nkind = \"obtained\"\ncolour = 1\n").unwrap();
    let output = scan(&input, &dir.path().join("out"), &["--acts", acts.to_str().unwrap()]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("line 3"), "{:?}", output);
}

#[test]
fn wrong_use_is_told_and_leaves_nothing_behind() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("out");
    let missing = scan(&dir.path().join("no such file"), &out, &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no such file"));
    assert!(!out.join("inventory.json").exists());
    let input = dir.path().join("a.csv");
    fs::write(&input, people(2)).unwrap();
    for (more, code) in [
        (&["--date", "2024-02-30"][..], 1),
        (&["--mentions", "m.jsonl"], 1),
        (&["--resume"], 1),
        (&["--basis", "rows"], 2),
        (&["--memory", "0"], 2),
        (&["--threads", "0"], 2),
    ] {
        let output = scan(&input, &out, more);
        assert_eq!(output.status.code(), Some(code), "{more:?}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn the_program_speaks_chinese_and_english() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("a.csv");
    fs::write(&input, people(3)).unwrap();
    let zh = scan(&input, &dir.path().join("zh"), &["--lang", "zh"]);
    let en = scan(&input, &dir.path().join("en"), &[]);
    let (zh, en) = (String::from_utf8(zh.stdout).unwrap(), String::from_utf8(en.stdout).unwrap());
    assert!(zh.contains("公民身份号码") && zh.contains("结果写在"), "{zh}");
    assert!(en.contains("citizen identity number") && en.contains("Results are in"), "{en}");
    let help = zhunsheng().args(["scan", "--help", "--lang", "zh"]).output().unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("输出文件夹"));
}

#[test]
fn the_output_of_an_earlier_scan_is_not_input() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.csv"), people(5)).unwrap();
    let out = dir.path().join("out");
    let first = inventory(dir.path(), &out, &[]);
    let second = inventory(dir.path(), &out, &[]);
    assert_eq!(first, second);
    assert_eq!(second["input"]["files"], 1);
}
