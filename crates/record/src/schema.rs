//! The JSON Schema of `record.toml`, from the form.

use crate::RECORD_SCHEMA;
use crate::form::{Field, Form};
use serde_json::{Map, Value, json};
use zhunsheng_judge::Type;

/// The schema, indented, with a newline at its end.
pub fn json_schema(form: &Form) -> String {
    let mut properties = Map::new();
    properties.insert("schema".to_owned(), json!({ "const": RECORD_SCHEMA }));
    for (index, section) in form.children(None) {
        let table = table(form, index);
        both(&mut properties, &section.key, &section.zh, &table);
        for (child, inner) in form.children(Some(index)) {
            let list = json!({ "type": "array", "items": self::table(form, child) });
            both(&mut properties, &inner.key, &inner.zh, &list);
        }
    }
    let schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Record of processing activities (个人信息处理活动记录)",
        "description": "Every name may be the Chinese or the English one. What is left out is unknown.",
        "type": "object",
        "required": ["schema"],
        "additionalProperties": false,
        "properties": properties,
    });
    format!("{schema:#}\n")
}

/// A property under its English and its Chinese name.
fn both(properties: &mut Map<String, Value>, key: &str, zh: &str, value: &Value) {
    properties.insert(key.to_owned(), value.clone());
    properties.insert(zh.to_owned(), value.clone());
}

fn table(form: &Form, section: usize) -> Value {
    let mut properties = Map::new();
    if let Some(own) = form.sections().get(section) {
        for field in &own.fields {
            both(&mut properties, &field.key, &field.zh, &value(field));
        }
        // What stands in the organisation stands at the top of the file.
        if own.parent.is_some() {
            for (child, inner) in form.children(Some(section)) {
                let list = json!({ "type": "array", "items": table(form, child) });
                both(&mut properties, &inner.key, &inner.zh, &list);
            }
        }
    }
    json!({ "type": "object", "additionalProperties": false, "properties": properties })
}

fn value(field: &Field) -> Value {
    let names: Vec<&str> =
        field.values.iter().flat_map(|value| [value.name.as_str(), value.zh.as_str()]).collect();
    let about = if field.ask_en.is_empty() { &field.en } else { &field.ask_en };
    let mut value = match field.kind {
        Type::Text => json!({ "type": "string" }),
        Type::Bool => json!({ "enum": [true, false, "是", "否", "不清楚", "yes", "no", "unknown"] }),
        Type::Int | Type::Number | Type::Money => json!({ "type": "integer", "minimum": 0 }),
        Type::Date => json!({ "type": "string", "format": "date" }),
        Type::Choice => json!({ "enum": names }),
        Type::Set => json!({ "type": "array", "uniqueItems": true, "items": { "enum": names } }),
    };
    if let Some(map) = value.as_object_mut() {
        map.insert("title".to_owned(), Value::String(format!("{} {}", field.zh, field.en)));
        map.insert("description".to_owned(), Value::String(about.clone()));
    }
    value
}
