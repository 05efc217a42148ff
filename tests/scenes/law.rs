//! `law` and `ask` as the guide shows them.

use crate::zhunsheng;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

fn run(arguments: &[&str]) -> (String, String, Option<i32>) {
    let output = zhunsheng().args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

fn json(arguments: &[&str]) -> Value {
    let (out, error, code) = run(arguments);
    assert_eq!(code, Some(0), "{error}");
    serde_json::from_str(&out).unwrap()
}

#[test]
fn an_article_is_shown_by_every_form_of_its_name() {
    for arguments in [
        ["law", "show", "pipl", "31", "--lang=en"],
        ["law", "show", "个人信息保护法", "第三十一条", "--lang=en"],
        ["law", "show", "个保法", "31", "--lang=en"],
    ] {
        let (out, _, code) = run(&arguments);
        assert_eq!(code, Some(0));
        assert!(out.contains("第三十一条") && out.contains("不满十四周岁"), "{out}");
    }
    let (out, ..) = run(&["law", "show", "pipl", "31", "第一款"]);
    assert!(out.contains("第三十一条第一款") && !out.contains("专门的个人信息处理规则"), "{out}");
    let (out, ..) = run(&["law", "show", "pipl", "13-17"]);
    assert_eq!(out.lines().filter(|line| line.starts_with("第十")).count(), 5, "{out}");
    // Nothing is coloured where the output is no terminal.
    assert!(!out.contains('\u{1b}'));
}

#[test]
fn the_date_decides_the_version() {
    for (date, slug) in [("2025-12-31", "csl-2016"), ("2026-01-01", "csl-2025")] {
        assert_eq!(json(&["law", "show", "csl", "21", "--date", date, "--json"])["law"], Value::Null);
        assert_eq!(json(&["law", "show", "csl", "21", "--date", date, "--json"])["slug"], slug);
    }
    assert_eq!(json(&["law", "show", "csl-2016", "21", "--json"])["slug"], "csl-2016");
    let (out, ..) = run(&["law", "show", "criminal-law", "253之一", "--date", "2012-01-01"]);
    assert!(out.contains("2023-12-29"), "{out}");
}

#[test]
fn what_is_not_held_fails_and_says_why() {
    for (arguments, words) in [
        (vec!["law", "show", "pipl", "99"], "no article"),
        (vec!["law", "show", "pipl", "31", "第三款"], "has no 第三款"),
        (vec!["law", "show", "pipl", "31", "--date", "2020-01-01"], "takes effect on 2021-11-01"),
        (vec!["law", "show", "合同法", "52"], "is not held"),
        (vec!["law", "show", "no-such-law"], "law list"),
        (vec!["law", "show", "children-pi-provisions", "9"], "single sentences"),
        (vec!["law", "show", "pipl", "x"], "is no article"),
        (vec!["law", "show", "pipl", "--date", "2020-13-01"], "is no date"),
        (vec!["law", "diff", "csl", "--from", "1999"], "csl-2016, csl-2025"),
        (vec!["law", "diff", "csl", "300"], "neither version"),
        (vec!["ask", "？"], "no words"),
    ] {
        let (out, error, code) = run(&arguments);
        assert_eq!((code, out.as_str()), (Some(1), ""), "{arguments:?} {error}");
        assert!(error.contains(words), "{arguments:?}: {error}");
    }
    let (_, error, code) = run(&["law", "show", "pipl", "99", "--lang=zh"]);
    assert!(code == Some(1) && error.contains("没有“第九十九条”"), "{error}");
    for wrong in [vec!["law"], vec!["law", "search"], vec!["ask"], vec!["ask", "-k", "0", "问"]] {
        assert_eq!(run(&wrong).2, Some(2), "{wrong:?}");
    }
}

#[test]
fn two_versions_are_compared() {
    let (out, _, code) = run(&["law", "diff", "aucl", "13", "--from", "2019", "--to", "2025"]);
    assert_eq!(code, Some(0));
    assert!(out.contains("第十二条 → 第十三条") && out.contains("{+") && out.contains("[-"), "{out}");
    let value = json(&["law", "diff", "aucl", "13", "--json"]);
    let row = value["rows"].as_array().unwrap().iter().find(|row| row["new"] == "第十三条").unwrap();
    let joined = |left_out: &str| -> String {
        let pieces = row["pieces"].as_array().unwrap().iter().filter(|piece| piece.get(left_out).is_none());
        pieces.filter_map(|piece| piece.as_object()?.values().next()?.as_str()).collect()
    };
    let text = |slug: &str, article: &str| {
        json(&["law", "show", slug, article, "--json"])["texts"][0]["text"].as_str().unwrap().to_owned()
    };
    assert_eq!(joined("removed"), text("aucl-2025", "13"));
    assert_eq!(joined("added"), text("aucl-2019", "12"));
}

#[test]
fn words_are_searched_and_citations_found() {
    let value = json(&["law", "search", "单独同意", "人脸", "--json"]);
    let articles = value["articles"].as_array().unwrap();
    assert!(!articles.is_empty());
    for article in articles {
        let text = article["text"].as_str().unwrap();
        assert!(text.contains("单独同意") && text.contains("人脸"));
    }
    let mut child = zhunsheng()
        .args(["law", "cite", "-", "--json"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let text = "依照《中华人民共和国刑法》第二百五十三条之一第一款、第三款和合同法第五十二条";
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = value["citations"].as_array().unwrap();
    let resolved: Vec<bool> = found.iter().map(|row| row["resolved"].as_bool().unwrap()).collect();
    assert_eq!(resolved, [true, true, false]);
    assert_eq!((&found[1]["article"], &found[1]["locator"]), (&"253之一".into(), &"第三款".into()));
    assert!(found[2]["why"].as_str().unwrap().contains("合同法"));
}

#[test]
fn a_question_gets_one_ranked_list() {
    let value = json(&["ask", "--json", "-k", "5", "邻居的摄像头对着我家门"]);
    let results = value["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    assert_eq!((&results[0]["law"], &results[0]["article"]), (&"civil-code".into(), &"1033".into()));
    for (rank, result) in (1u64..).zip(results) {
        assert_eq!(result["rank"], rank);
        assert!(!result["passage"].as_str().unwrap().is_empty());
    }
    let (out, _, code) = run(&["ask", "邻居的摄像头对着我家门"]);
    assert!(code == Some(0) && out.contains("私密空间") && !out.contains('\u{1b}'), "{out}");
}

#[test]
fn another_pool_is_measured() {
    let dir = tempfile::tempdir().unwrap();
    let (pool, questions) = (dir.path().join("pool.jsonl"), dir.path().join("questions.jsonl"));
    let article =
        |id: u32, text: &str| format!("{{\"id\": {id}, \"name\": \"甲法第{id}条\", \"text\": \"{text}\"}}\n");
    std::fs::write(
        &pool,
        article(1, "饲养的动物造成他人损害的，动物饲养人应当承担侵权责任。")
            + &article(2, "承租人应当支付租金。"),
    )
    .unwrap();
    let question = |id: u32, text: &str, right: u32, own: bool| {
        format!(
            "{{\"id\": {id}, \"question\": \"{text}\", \"relevant\": [{right}], \"personal_information\": {own}}}\n"
        )
    };
    std::fs::write(&questions, question(1, "被狗咬了找谁", 1, true) + &question(2, "租客不交租金", 2, false))
        .unwrap();
    let arguments = ["ask", "--json", "--bench", pool.to_str().unwrap(), questions.to_str().unwrap()];
    let value = json(&arguments);
    assert_eq!((&value["pool"], &value["learnt_from"]), (&2.into(), &0.into()));
    assert_eq!(value["all"]["questions"], 2);
    assert_eq!(value["all"]["mrr@10"], 1.0);
    assert_eq!(value["personal_information"]["questions"], 1);
    std::fs::write(&questions, "{\"id\": 1}\n").unwrap();
    let (_, error, code) = run(&arguments);
    assert!(code == Some(1) && error.contains("line 1"), "{error}");
}
