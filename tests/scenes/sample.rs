//! The bundled sample against its ground truth.

use crate::{inventory, samples, scan, zhunsheng};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write;
use std::process::Stdio;
use zhunsheng_model::Kind;
use zhunsheng_testkit::{Scores, occurrences, records_by_file, score};

/// Kinds that are read, not checked.
const READ: &[&str] = &["PERSON", "ADDRESS", "ORG", "POSITION"];
/// Files that hold tables only.
const TABULAR: &[&str] =
    &["crm/", "school/", "gov/", "hospital/", "travel/", "geo/", "hr/", "hotel/", "lake/", "db/app"];

struct Mentions {
    valid: Vec<(String, String, String)>,
    /// File, kind and value of what is not valid, with the reason.
    other: BTreeMap<(String, String, String), String>,
}

fn mentions() -> Mentions {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mentions.jsonl");
    let output =
        scan(&samples(), &dir.path().join("out"), &["--reveal", "--mentions", file.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let mut mentions = Mentions { valid: Vec::new(), other: BTreeMap::new() };
    for line in fs::read_to_string(&file).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let key = (field("file"), field("type"), field("value"));
        if line["valid"].as_bool().unwrap() {
            mentions.valid.push(key);
        } else {
            mentions
                .other
                .insert(key, if line["masked"] == true { "masked".to_owned() } else { field("why") });
        }
    }
    mentions
}

fn scores(mentions: &Mentions) -> Scores {
    let truth: Vec<_> = occurrences().into_iter().filter(|o| !o.file.starts_with("img/")).collect();
    score(&truth, mentions.valid.iter().cloned())
}

#[test]
fn identifiers_are_found_as_the_truth_says() {
    let mentions = mentions();
    let scores = scores(&mentions);
    let read = scores.micro(|kind| READ.contains(&kind));
    assert!(read.hit > 4000 && read.f1() >= 0.99, "{:?}\n{:?}", scores.by_kind, scores.differences);
    let micro = scores.micro(|kind| !READ.contains(&kind));
    assert!(micro.f1() >= 0.995, "F1 {:.4}: {:?}\n{:?}", micro.f1(), scores.by_kind, scores.differences);

    // What must not count carries the right reason.
    let (mut right, mut all, mut wrong) = (0, 0, Vec::new());
    for o in occurrences().into_iter().filter(|o| !o.valid && !READ.contains(&o.kind.as_str())) {
        if o.file.starts_with("img/") {
            continue;
        }
        let expected: &[&str] = match o.why.as_deref() {
            _ if o.masked => &["masked"],
            Some("wrong-check") => &["wrong_check"],
            Some("bad-date") => &["impossible_date"],
            Some("bad-region") => &["unknown_place"],
            Some("future") => &["future_date"],
            Some("unallocated segment") => &["unallocated_segment"],
            Some("impossible number") => {
                &["unallocated_segment", "wrong_length", "wrong_form", "not_personal"]
            }
            Some("test value") => &["test_value"],
            Some("placeholder") => &["placeholder"],
            other => panic!("a reason that this test does not know: {other:?}"),
        };
        all += 1;
        let found = mentions.other.get(&(o.file.clone(), o.kind.clone(), o.value.clone()));
        if found.is_some_and(|found| expected.contains(&found.as_str())) {
            right += 1;
        } else {
            wrong.push((o.file, o.kind, o.why, found.cloned()));
        }
    }
    assert!(all > 400, "{all} only");
    assert!(f64::from(right) >= 0.99 * f64::from(all), "{right} of {all}: {wrong:?}");
}

#[test]
fn nothing_valid_stands_in_the_files_without_people() {
    let checked = [
        "CN_ID",
        "PHONE",
        "BANK_CARD",
        "EMAIL",
        "IMEI",
        "VIN",
        "PLATE",
        "PASSPORT",
        "IP",
        "LANDLINE",
        "ICCID",
    ];
    let bad: Vec<_> = mentions()
        .valid
        .into_iter()
        .filter(|(file, kind, _)| file.starts_with("neg/") && checked.contains(&kind.as_str()))
        .collect();
    assert!(bad.is_empty(), "{bad:?}");
}

#[test]
fn records_and_persons_are_counted_as_the_truth_says() {
    let dir = tempfile::tempdir().unwrap();
    let inventory = inventory(&samples(), dir.path(), &[]);
    let truth = records_by_file();
    let found: BTreeMap<String, u64> = inventory["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (file["file"].as_str().unwrap().to_owned(), file["records"].as_u64().unwrap()))
        .collect();
    for (file, records) in truth.iter().filter(|(file, _)| TABULAR.iter().any(|t| file.starts_with(t))) {
        assert_eq!(found.get(file), Some(records), "{file}");
    }
    let persons = inventory["counts"]["persons"].as_u64().unwrap();
    assert!((1502..=1532).contains(&persons), "{persons} persons, 1517 by rule R1 over the true records");
}

/// Files in which people are spoken of in running text, messages and signatures.
const PROSE: &[&str] =
    &["court/", "forum/", "mail/", "chat/业主群", "office/", "logs/app", "archive/备份.zip!"];

/// Name and strong keys of a record.
type Party = (String, Option<String>, BTreeSet<(String, String)>);

/// The records of the prose files as the program forms them.
fn parties() -> Vec<Party> {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("mentions.jsonl");
    let more = ["--reveal", "--mentions", file.to_str().unwrap()];
    assert!(scan(&samples(), &dir.path().join("out"), &more).status.success());
    let mut records: BTreeMap<(String, String, u64), Party> = BTreeMap::new();
    for line in fs::read_to_string(&file).unwrap().lines() {
        let line: Value = serde_json::from_str(line).unwrap();
        let field = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let (file, kind) = (field("file"), Kind::from_id(&field("type")).unwrap());
        if line["valid"] != true || !PROSE.iter().any(|start| file.starts_with(start)) {
            continue;
        }
        // A record is numbered within its document, message or table.
        let piece: Vec<String> =
            ["message", "attachment", "table"].map(|step| line["loc"][step].to_string()).into();
        let key = (file.clone(), piece.join(" "), line["record"].as_u64().unwrap());
        let party = records.entry(key).or_insert_with(|| (file, None, BTreeSet::new()));
        if line["name"] == true {
            party.1 = Some(field("value"));
        }
        if kind.is_strong_key() {
            party.2.insert(normal_key(kind.id(), &field("value")));
        }
    }
    records.into_values().filter(|(_, name, keys)| name.is_some() || !keys.is_empty()).collect()
}

fn normal_key(kind: &str, value: &str) -> (String, String) {
    let mut normal = String::new();
    zhunsheng_detect::normal(Kind::from_id(kind).unwrap(), value, &mut normal);
    (kind.to_owned(), normal)
}

#[test]
fn what_is_said_stands_with_the_person_it_is_said_of() {
    let mut found: BTreeMap<Party, u64> = BTreeMap::new();
    parties().into_iter().for_each(|party| *found.entry(party).or_default() += 1);
    let (mut all, mut wrong) = (0, Vec::new());
    for record in zhunsheng_testkit::records() {
        let named = record.name.is_some() || !record.keys.is_empty();
        if !named || !PROSE.iter().any(|start| record.file.starts_with(start)) {
            continue;
        }
        all += 1;
        let keys = record.keys.iter().map(|(kind, value)| normal_key(kind, value)).collect();
        let party = (record.file, record.name, keys);
        match found.get_mut(&party) {
            Some(count) if *count > 0 => *count -= 1,
            _ => wrong.push(party),
        }
    }
    let surplus: u64 = found.values().sum();
    assert!(all > 300, "{all} records only");
    assert!(wrong.len() * 20 <= all, "{} of {all} records are not formed so: {wrong:?}", wrong.len());
    assert!(surplus * 20 <= all as u64, "{surplus} records are in no truth: {found:?}");
}

#[test]
fn persons_of_the_tabular_files_alone_are_exact() {
    let dir = tempfile::tempdir().unwrap();
    for folder in TABULAR {
        let from = samples().join(folder.trim_end_matches("app"));
        for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
            let name = format!("{}{}", folder.trim_end_matches("app"), entry.file_name().to_str().unwrap());
            if name.starts_with(folder) {
                let to = dir.path().join("in").join(&name);
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::copy(entry.path(), to).unwrap();
            }
        }
    }
    let inventory = inventory(&dir.path().join("in"), &dir.path().join("out"), &[]);
    let tabular: Vec<_> = zhunsheng_testkit::records()
        .into_iter()
        .filter(|record| TABULAR.iter().any(|t| record.file.starts_with(t)))
        .collect();
    assert!(tabular.len() > 2000);
    assert_eq!(inventory["counts"]["records"], tabular.len());
    assert_eq!(inventory["counts"]["persons"], zhunsheng_testkit::persons_by_r1(&tabular));
}

#[test]
fn the_same_input_gives_the_same_bytes_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let key = dir.path().join("key");
    fs::write(&key, "07".repeat(32)).unwrap();
    let run = |threads: &str, memory: &str| {
        let out = dir.path().join(format!("out{threads}{memory}"));
        let more = ["--threads", threads, "--memory", memory, "--key", key.to_str().unwrap()];
        let output = scan(&samples(), &out, &more);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        ["inventory.json", "records.parquet"].map(|name| fs::read(out.join(name)).unwrap())
    };
    let one = run("1", "512M");
    for (threads, memory) in [("2", "512M"), ("5", "512M"), ("2", "64K")] {
        assert!(run(threads, memory) == one, "{threads} threads, {memory}");
    }
}

#[test]
fn no_report_holds_a_raw_value() {
    let dir = tempfile::tempdir().unwrap();
    let output = scan(&samples(), dir.path(), &["--basis", "item"]);
    assert!(output.status.success());
    let identifiers: Vec<String> = occurrences()
        .into_iter()
        .filter(|o| {
            o.valid && ["CN_ID", "PHONE", "BANK_CARD", "EMAIL", "QQ", "WECHAT"].contains(&o.kind.as_str())
        })
        .map(|o| o.value)
        .collect();
    assert!(identifiers.len() > 1000);
    let mut texts = vec![String::from_utf8_lossy(&output.stdout).into_owned()];
    for name in ["inventory.json", "report.html", "records.parquet"] {
        texts.push(String::from_utf8_lossy(&fs::read(dir.path().join(name)).unwrap()).into_owned());
    }
    for text in texts {
        assert!(text.len() > 1000);
        assert!(
            !identifiers.iter().any(|value| text.contains(value.as_str())),
            "a raw value stands in a report"
        );
    }
}

#[test]
fn one_person_can_be_explained() {
    let dir = tempfile::tempdir().unwrap();
    inventory(&samples(), dir.path(), &[]);
    let output = zhunsheng().args(["explain", "--person", "1"]).arg(dir.path()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("CN_ID") || text.contains("PHONE"), "{text}");
    let missing = zhunsheng().args(["explain", "--person", "99999999"]).arg(dir.path()).output().unwrap();
    assert_eq!(missing.status.code(), Some(1));
}

#[test]
fn a_record_far_down_a_long_file_is_named_by_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("long.log");
    let filler =
        "2024-03-01 08:00:00.000 INFO nothing of interest stands in this line of the log, only words\n";
    let mut text = filler.repeat(59_998);
    text.push_str("2024-03-01 09:00:00.000 INFO send sms to 13912340001, code=482913\n");
    assert!(text.len() > 5 << 20, "the file is read in several pieces");
    fs::write(&input, text).unwrap();
    let out = dir.path().join("out");
    assert_eq!(inventory(&input, &out, &[])["counts"]["persons"], 1);
    let output = zhunsheng().args(["explain", "--person", "1"]).arg(&out).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("long.log · line 59999"), "{text}");
}

#[test]
fn names_places_and_addresses_in_prose_are_told_apart() {
    let text = "😀王建国昨天从湖北省荆州市回来，现住浙江省杭州市西湖区文三路90号3幢201室。";
    let found = |more: &[&str]| {
        let mut child = zhunsheng()
            .args(["detect", "--plain"])
            .args(more)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let line: Value = serde_json::from_slice(&output.stdout).unwrap();
        let word = |span: &Value| {
            let at = |key: &str| span[key].as_u64().unwrap() as usize;
            let word: String = text.chars().skip(at("start")).take(at("end") - at("start")).collect();
            format!("{} {word}", span["type"].as_str().unwrap())
        };
        let spans = line["spans"].as_array().unwrap();
        let complete = spans.iter().filter_map(|span| span["completeness"].as_u64()).collect::<Vec<_>>();
        (spans.iter().map(word).collect::<Vec<_>>(), complete)
    };
    let (words, complete) = found(&[]);
    assert_eq!(
        words,
        [
            "PERSON 王建国",
            "LOCATION 湖北省",
            "LOCATION 荆州市",
            "ADDRESS 浙江省杭州市西湖区文三路90号3幢201室"
        ]
    );
    assert!(complete.len() == 1 && complete[0] >= 85, "{complete:?}");
    // Without a reader only what a cue announces.
    assert_eq!(found(&["--identifiers"]).0, ["ADDRESS 浙江省杭州市西湖区文三路90号3幢201室"]);
}
