//! `inventory.json` against its published JSON Schema.

use crate::sample;
use serde_json::{Map, Value, json};
use zhunsheng_model::{Kind, ProblemKind, Reason};
use zhunsheng_report::json;

fn schema() -> Value {
    serde_json::from_str(include_str!("../../../../docs/schema/inventory.v1.json")).unwrap()
}

fn sample_json() -> Value {
    serde_json::from_slice(&json::inventory(&sample::inventory()).unwrap()).unwrap()
}

/// Checks the keywords that the schema uses and refuses any other, so that none is passed over in silence.
fn check(value: &Value, rule: &Value, root: &Value, at: &str, wrong: &mut Vec<String>) {
    let mut fail = |what: &str| wrong.push(format!("{at}: {what}"));
    for (keyword, asked) in rule.as_object().unwrap() {
        match keyword.as_str() {
            "$schema" | "$id" | "$defs" | "title" | "description" => {}
            "type" => {
                let is = match asked.as_str().unwrap() {
                    "object" => value.is_object(),
                    "array" => value.is_array(),
                    "string" => value.is_string(),
                    "integer" => value.is_u64(),
                    "boolean" => value.is_boolean(),
                    other => panic!("type {other} is not checked"),
                };
                if !is {
                    fail("wrong type");
                }
            }
            "const" if value != asked => fail("not the constant"),
            "enum" if !asked.as_array().unwrap().contains(value) => fail("not in the list"),
            "const" | "enum" => {}
            "minimum" if value.as_u64() < asked.as_u64() => fail("too small"),
            "minItems" if value.as_array().map(Vec::len) < asked.as_u64().map(|n| n as usize) => {
                fail("too few")
            }
            "maxItems" if value.as_array().map(Vec::len) > asked.as_u64().map(|n| n as usize) => {
                fail("too many")
            }
            "minProperties" if value.as_object().map(Map::len) < asked.as_u64().map(|n| n as usize) => {
                fail("empty")
            }
            "maxProperties" if value.as_object().map(Map::len) > asked.as_u64().map(|n| n as usize) => {
                fail("too many")
            }
            "minimum" | "minItems" | "maxItems" | "minProperties" | "maxProperties" => {}
            "pattern" => {
                let text = value.as_str().unwrap_or_default();
                let fits = match asked.as_str().unwrap() {
                    "^[0-9a-f]{64}$" => {
                        text.len() == 64
                            && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
                    }
                    "^[0-9]+$" => !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit()),
                    other => panic!("pattern {other} is not checked"),
                };
                if !fits {
                    fail("not of the pattern");
                }
            }
            "required" => {
                for name in asked.as_array().unwrap() {
                    if value.get(name.as_str().unwrap()).is_none() {
                        fail(&format!("{name} is missing"));
                    }
                }
            }
            "$ref" => {
                let target = asked.as_str().unwrap().strip_prefix('#').unwrap();
                check(value, root.pointer(target).unwrap(), root, at, wrong);
                return check_rest(value, rule, root, at, wrong);
            }
            "items" | "properties" | "additionalProperties" | "propertyNames" => {}
            other => panic!("keyword {other} is not checked"),
        }
    }
    check_rest(value, rule, root, at, wrong);
}

/// What stands inside arrays and objects.
fn check_rest(value: &Value, rule: &Value, root: &Value, at: &str, wrong: &mut Vec<String>) {
    if let (Some(items), Some(values)) = (rule.get("items"), value.as_array()) {
        for (index, value) in values.iter().enumerate() {
            check(value, items, root, &format!("{at}/{index}"), wrong);
        }
    }
    let Some(object) = value.as_object() else { return };
    for (name, value) in object {
        let below = format!("{at}/{name}");
        if let Some(names) = rule.get("propertyNames") {
            check(&Value::String(name.clone()), names, root, &below, wrong);
        }
        match rule.get("properties").and_then(|known| known.get(name)) {
            Some(rule) => check(value, rule, root, &below, wrong),
            None => match rule.get("additionalProperties") {
                Some(Value::Bool(false)) => wrong.push(format!("{below}: is not in the schema")),
                Some(rule) if rule.is_object() => check(value, rule, root, &below, wrong),
                _ => {}
            },
        }
    }
}

fn wrongs(value: &Value) -> Vec<String> {
    let schema = schema();
    let mut wrong = Vec::new();
    check(value, &schema, &schema, "", &mut wrong);
    wrong
}

#[test]
fn the_sample_is_as_the_schema_says_with_every_field_in_it() {
    assert_eq!(wrongs(&sample_json()), Vec::<String>::new());
}

#[test]
fn what_the_schema_forbids_is_found() {
    let changes: [(&str, Value); 6] = [
        ("/counts/persons", json!("many")),
        ("/counts/by_kind/PERSON/distinct", json!(-1)),
        ("/criminal/serious/answer", json!("perhaps")),
        ("/criminal/tiers/0/kinds/0", json!("NO_SUCH_KIND")),
        ("/rules_sha256", json!("abc")),
        ("/problems/0/place", json!({"file": "a", "path": "b"})),
    ];
    for (pointer, value) in changes {
        let mut changed = sample_json();
        *changed.pointer_mut(pointer).unwrap() = value;
        assert!(!wrongs(&changed).is_empty(), "{pointer}");
    }
    let mut short = sample_json();
    short["counts"].as_object_mut().unwrap().remove("under_14");
    assert_eq!(wrongs(&short), ["/counts: \"under_14\" is missing"]);
}

#[test]
fn every_object_of_the_schema_is_closed_and_every_field_explained() {
    fn walk(rule: &Value, at: &str) {
        let Some(object) = rule.as_object() else { return };
        if let Some(properties) = object.get("properties").and_then(Value::as_object) {
            assert!(object.contains_key("additionalProperties"), "{at}");
            for (name, property) in properties {
                let below = format!("{at}/{name}");
                assert!(property.get("description").is_some() || property.get("$ref").is_some(), "{below}");
                walk(property, &below);
            }
        }
        ["items", "additionalProperties"]
            .iter()
            .filter_map(|name| object.get(*name))
            .for_each(|rule| walk(rule, at));
    }
    let schema = schema();
    walk(&schema, "");
    schema["$defs"].as_object().unwrap().iter().for_each(|(name, rule)| walk(rule, name));
}

#[test]
fn the_closed_lists_are_those_of_the_program() {
    let schema = schema();
    let ids: Vec<&str> = Kind::ALL.iter().map(|kind| kind.id()).collect();
    assert_eq!(schema["$defs"]["kind"]["enum"], json!(ids));
    let mut reasons: Vec<&str> = Reason::ALL.iter().map(|reason| reason.as_str()).collect();
    reasons.extend(["masked", "placeholder"]);
    assert_eq!(schema["properties"]["rejected"]["items"]["properties"]["reason"]["enum"], json!(reasons));
    let problems = &schema["properties"]["problems"]["items"]["properties"]["kind"]["enum"];
    for kind in [ProblemKind::Encrypted, ProblemKind::OverlongPiece, ProblemKind::BadCharacters] {
        assert!(problems.as_array().unwrap().contains(&serde_json::to_value(kind).unwrap()));
    }
}

#[test]
fn the_bytes_are_the_same_each_time_and_end_with_a_line_feed() {
    let bytes = json::inventory(&sample::inventory()).unwrap();
    assert_eq!(bytes, json::inventory(&sample::inventory()).unwrap());
    assert!(bytes.ends_with(b"}\n"));
}
