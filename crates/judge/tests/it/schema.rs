//! `findings.json` against its published JSON Schema.

use crate::{cases, today};
use serde_json::{Value, json};
use zhunsheng_judge::{Brief, LawTexts, embedded, json, judge};

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/schema/findings.v1.json")).unwrap()
}

/// Checks the keywords that the schema uses and refuses any other, so that none is passed over in silence.
fn check(value: &Value, rule: &Value, root: &Value, at: &str, wrong: &mut Vec<String>) {
    if let Some(target) = rule.get("$ref") {
        let pointer = target.as_str().unwrap().strip_prefix('#').unwrap();
        check(value, root.pointer(pointer).unwrap(), root, at, wrong);
    }
    for (keyword, asked) in rule.as_object().unwrap() {
        let fits = match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "$ref" | "title" | "description" => true,
            "type" => match asked.as_str().unwrap() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "integer" => value.is_u64(),
                "boolean" => value.is_boolean(),
                other => panic!("type {other} is not checked"),
            },
            "const" => value == asked,
            "enum" => asked.as_array().unwrap().contains(value),
            "minimum" => value.as_u64() >= asked.as_u64(),
            "pattern" => {
                assert_eq!(asked, "^[0-9a-f]{64}$");
                let text = value.as_str().unwrap_or_default();
                text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
            }
            "required" => {
                asked.as_array().unwrap().iter().all(|name| value.get(name.as_str().unwrap()).is_some())
            }
            "items" => {
                for (index, value) in value.as_array().into_iter().flatten().enumerate() {
                    check(value, asked, root, &format!("{at}/{index}"), wrong);
                }
                true
            }
            "properties" => {
                for (name, value) in value.as_object().into_iter().flatten() {
                    match asked.get(name) {
                        Some(rule) => check(value, rule, root, &format!("{at}/{name}"), wrong),
                        None => wrong.push(format!("{at}/{name}: is not in the schema")),
                    }
                }
                true
            }
            "additionalProperties" => asked == &Value::Bool(false),
            other => panic!("keyword {other} is not checked"),
        };
        if !fits {
            wrong.push(format!("{at}: {keyword}"));
        }
    }
}

fn wrongs(value: &Value) -> Vec<String> {
    let schema = schema();
    let mut wrong = Vec::new();
    check(value, &schema, &schema, "", &mut wrong);
    wrong
}

fn findings(id: &str) -> Value {
    let case = cases().0.iter().find(|case| case.id == id).unwrap();
    let brief = Brief { matter: &case.matter, conflicts: &[], differences: &[], date: today() };
    let report = judge(embedded(), LawTexts::embedded(), &brief);
    serde_json::from_str(&json::findings(&report).unwrap()).unwrap()
}

#[test]
fn the_findings_of_cases_are_as_the_schema_says() {
    for id in ["spc-192", "spc-262", "spc-266", "spp-141"] {
        let wrong = wrongs(&findings(id));
        assert!(wrong.is_empty(), "{id}: {:?}", wrong.iter().take(5).collect::<Vec<_>>());
    }
}

#[test]
fn what_the_schema_forbids_is_found() {
    for (pointer, value) in [
        ("/counts/violation", json!("many")),
        ("/findings/0/conclusion", json!("perhaps")),
        ("/findings/0/reason/0/holds", json!(true)),
        ("/rules_sha256", json!("abc")),
        ("/questions/0/ask", json!({"zh": "？"})),
    ] {
        let mut changed = findings("spc-266");
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(!wrongs(&changed).is_empty(), "{pointer}");
    }
}
