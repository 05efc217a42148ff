//! `judge` and `rules`: exit codes, what is written, the same bytes again.

use super::zhunsheng;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

const FACTS: &str = "schema = \"zhunsheng.facts/1\"
title = \"小程序注册\"
date = 2024-06-01

[[party]]
name = \"某科技公司\"
kind = \"organisation\"
role = \"processor\"
persons = 10_000_001

[[party.activity]]
name = \"注册\"
processes_pi = true
household = false
no_notice_ground = []
notice_given = false
source = \"访谈\"
";

const INVENTORY: &str = r#"{ "schema_version": "zhunsheng.inventory/1",
    "counts": { "persons": 12, "under_14": 0, "by_kind": { "PHONE": { "valid": 12, "persons": 12 } } },
    "criminal": { "tiers": [ { "count": 0 }, { "count": 0 }, { "count": 12 } ] } }"#;

fn judge(dir: &Path, out: &str, more: &[&str]) -> Output {
    zhunsheng().current_dir(dir).args(["judge", "--out", out]).args(more).output().unwrap()
}

#[test]
fn a_violation_makes_the_exit_code_three_and_everything_is_written_twice_the_same() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("facts.toml"), FACTS).unwrap();
    let arguments = ["--facts", "facts.toml", "--date", "2026-11-23", "--audit", "--assess"];
    for out in ["a", "b"] {
        let output = judge(dir.path(), out, &arguments);
        assert_eq!(output.status.code(), Some(3), "{}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stdout).contains("violations"));
    }
    let names =
        ["findings.json", "findings.html", "findings.docx", "audit.docx", "assessment.docx", "audit.html"];
    for name in names {
        let read = |out: &str| std::fs::read(dir.path().join(out).join(name)).unwrap();
        assert_eq!(read("a"), read("b"), "{name}");
        assert!(read("a").len() > 1_000, "{name}");
    }
    let json = std::fs::read_to_string(dir.path().join("a/findings.json")).unwrap();
    let findings: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(findings["schema_version"], "zhunsheng.findings/1");
    let notice = findings["findings"].as_array().unwrap().iter().find(|finding| {
        finding["conclusion"] == "violation"
            && finding["article"]["law"] == "pipl"
            && finding["article"]["article"] == "17"
    });
    assert!(notice.is_some(), "no notice was given, and nothing says so");
}

#[test]
fn an_inventory_alone_is_judged_without_accusing_anybody() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::create_dir(dir.path().join("scan")).unwrap();
    std::fs::write(dir.path().join("scan/inventory.json"), INVENTORY).unwrap();
    let output = judge(dir.path(), "out", &["--inventory", "scan"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let json = std::fs::read_to_string(dir.path().join("out/findings.json")).unwrap();
    let findings: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(findings["counts"]["violation"], 0);
    assert!(findings["counts"]["open"].as_u64() > Some(0));
    assert!(!json.contains("\"rule\": \"criminal-253-1\""), "an act was made up");
}

#[test]
fn mistakes_are_named_and_are_no_finding() {
    let dir = tempfile::tempdir().unwrap();
    std::fs::write(dir.path().join("bad.toml"), "schema = \"zhunsheng.facts/1\"\n[[party]]\npersns = 5\n")
        .unwrap();
    std::fs::write(dir.path().join("bad.json"), "{}").unwrap();
    for (arguments, told) in [
        (vec!["--facts", "bad.toml"], "did you mean `persons`?"),
        (vec!["--inventory", "bad.json"], "zhunsheng.inventory/1"),
        (vec!["--facts", "absent.toml"], "absent.toml"),
        (vec![], "--facts"),
        (vec!["--facts", "bad.toml", "--date", "yesterday"], "yesterday"),
    ] {
        let output = judge(dir.path(), "out", &arguments);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(said.contains(told), "{arguments:?}: {said}");
    }
    assert!(!dir.path().join("out").exists());
}

#[test]
fn the_rules_of_the_program_are_sound_and_can_be_looked_at() {
    let run = |arguments: &[&str]| {
        let output = zhunsheng().arg("rules").args(arguments).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let (code, said) = run(&["check"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("0 errors"), "{said}");
    let (code, said) = run(&["show", "pipl-17-found-not-declared"]);
    assert_eq!(code, Some(0));
    assert!(said.contains("requires item.declared"), "{said}");
    assert_eq!(run(&["show", "no-such-rule"]).0, Some(1));
    assert!(run(&["list", "--law", "dsl"]).1.lines().count() > 5);
    assert!(run(&["facts"]).1.contains("activity.notice_given"));
    let (_, schema) = run(&["facts", "--schema"]);
    assert_eq!(serde_json::from_str::<Value>(&schema).unwrap()["$id"], "zhunsheng.facts.v1");
}

#[test]
fn a_rule_file_is_formatted_once() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("a.md");
    std::fs::write(&file, "# 法 {pipl}\n\n\n```rule\nrule  x-1\napplies a.b   and c.d\n```\n").unwrap();
    let run = |arguments: &[&str]| {
        zhunsheng().args(["rules", "fmt"]).args(arguments).arg(&file).output().unwrap().status.code()
    };
    assert_eq!(run(&["--check"]), Some(1));
    assert_eq!(run(&[]), Some(0));
    assert_eq!(run(&["--check"]), Some(0));
    assert!(std::fs::read_to_string(&file).unwrap().contains("rule x-1\napplies a.b and c.d\n"));
}
