//! Pages and schemas that are written from the facts and the rules.

use crate::entity::EntityKind;
use crate::ruleset::{Rule, RuleSet};
use crate::schema::{Fact, Schema, Type};
use crate::texts::Texts;
use crate::words;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;

/// Every fact with its question, as a page.
pub fn facts_page(set: &RuleSet) -> String {
    let schema = &set.schema;
    let mut out = String::from(
        "# Facts (事实)\n\nWritten from `rules/judge/facts/` by `cargo xtask docs`.\n\
         A facts file (`zhunsheng.facts/1`) states them under their entity; what is left out is unknown.\n\
         Numbers and dates may be bounds: `{ at_least = 500 }`, `{ at_most = 9 }`.\n\
         A list without members is unknown; `none = [\"transfer\"]` says that there are none, `more = [\"item\"]` that there may be more.\n\
         *Judgement* marks facts that are themselves legal judgements: the user decides them.\n\
         *Derived* facts follow from others where nobody states them.\n",
    );
    for kind in EntityKind::ALL {
        let facts: Vec<&Fact> = schema.facts().iter().filter(|fact| fact.entity == *kind).collect();
        if facts.is_empty() {
            continue;
        }
        let _ = write!(
            out,
            "\n## {} ({})\n\n`{}`, {}.\n\n| fact | type | 问题 | question |\n|---|---|---|---|\n",
            kind.zh(),
            kind.en(),
            kind.id(),
            kind.parent().map_or("one".to_owned(), |parent| format!("in `{}`", parent.id()))
        );
        for fact in facts {
            let mut marks = vec![fact.kind.id()];
            marks.extend(fact.judgement.then_some("judgement"));
            marks.extend(fact.derived.then_some("derived"));
            marks.extend((!fact.verified).then_some("unverified data"));
            let ask = |ask: &str, otherwise: &str| cell(if ask.is_empty() { otherwise } else { ask });
            let values: Vec<String> =
                fact.values.iter().map(|value| format!("`{}` {}", value.name, value.zh)).collect();
            let values =
                if values.is_empty() { String::new() } else { format!("<br>{}", cell(&values.join("、"))) };
            let _ = writeln!(
                out,
                "| `{}` | {} | {}{values} | {} |",
                fact.full,
                marks.join(", "),
                ask(&fact.ask_zh, &fact.zh),
                ask(&fact.ask_en, &fact.en),
            );
        }
    }
    out
}

/// Every rule with its article, as a page.
pub fn rules_page(set: &RuleSet, texts: &dyn Texts) -> String {
    let mut out = String::from(
        "# Rules (规则)\n\nWritten from `rules/judge/rules/` by `cargo xtask docs`; every rule is `unreviewed`.\n",
    );
    let mut slug = "";
    for rule in &set.rules {
        if rule.origin.slug != slug {
            slug = &rule.origin.slug;
            let title = texts.version(slug).map_or(slug, |version| version.title.as_str());
            let _ = write!(
                out,
                "\n## {title} (`{slug}`)\n\n| rule | article | 规则 | rule | mode | severity |\n|---|---|---|---|---|---|\n"
            );
        }
        let _ = writeln!(
            out,
            "| `{}` | {}{} | {} | {} | {} | {} |",
            rule.id,
            rule.origin.article,
            cell(&rule.locator),
            cell(&rule.name.zh),
            cell(&rule.name.en),
            rule.mode.id(),
            rule.severity.id(),
        );
    }
    out
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}

/// The JSON Schema of a facts file.
pub fn facts_schema(schema: &Schema) -> Value {
    let mut definitions = Map::new();
    for kind in EntityKind::ALL {
        definitions.insert(kind.id().to_owned(), entity_schema(schema, *kind));
    }
    let list =
        |kind: EntityKind| json!({ "type": "array", "items": { "$ref": format!("#/$defs/{}", kind.id()) } });
    let mut properties = Map::new();
    properties.insert("schema".to_owned(), json!({ "const": crate::FACTS_SCHEMA }));
    properties.insert("title".to_owned(), json!({ "type": "string" }));
    for day in ["date", "from", "until"] {
        properties.insert(day.to_owned(), json!({ "type": "string", "format": "date" }));
    }
    properties.insert("source".to_owned(), json!({ "type": "string" }));
    properties.insert("matter".to_owned(), json!({ "$ref": "#/$defs/matter" }));
    for kind in EntityKind::Matter.children() {
        properties.insert(kind.id().to_owned(), list(kind));
    }
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "zhunsheng.facts.v1",
        "title": "Zhunsheng facts (事实)",
        "description": "Facts of a matter as a tree of entities. What is left out is unknown.",
        "type": "object",
        "properties": properties,
        "required": ["schema"],
        "$defs": definitions,
    })
}

fn entity_schema(schema: &Schema, kind: EntityKind) -> Value {
    let mut properties = Map::new();
    for name in ["name", "source", "note"] {
        properties.insert(name.to_owned(), json!({ "type": "string" }));
    }
    for day in ["date", "from", "until"] {
        properties.insert(day.to_owned(), json!({ "type": "string", "format": "date" }));
    }
    let children: Vec<&str> = kind.children().map(EntityKind::id).collect();
    if !children.is_empty() {
        for name in ["none", "more"] {
            properties.insert(name.to_owned(), json!({ "type": "array", "items": { "enum": children } }));
        }
    }
    for child in &children {
        properties.insert(
            (*child).to_owned(),
            json!({ "type": "array", "items": { "$ref": format!("#/$defs/{child}") } }),
        );
    }
    for fact in schema.facts().iter().filter(|fact| fact.entity == kind) {
        let mut rule = value_schema(fact);
        if let Some(object) = rule.as_object_mut() {
            let ask = if fact.ask_zh.is_empty() { &fact.zh } else { &fact.ask_zh };
            object.insert("description".to_owned(), json!(format!("{ask} | {}", fact.en)));
        }
        properties.insert(fact.name.clone(), rule);
    }
    json!({
        "title": format!("{} ({})", kind.zh(), kind.en()),
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    })
}

fn value_schema(fact: &Fact) -> Value {
    let names: Vec<&str> = fact.values.iter().map(|value| value.name.as_str()).collect();
    let list = json!({ "type": "array", "items": { "enum": names } });
    let bounds = |of: Value| {
        json!({ "anyOf": [of, {
            "type": "object",
            "properties": { "at_least": of, "at_most": of },
            "minProperties": 1,
            "additionalProperties": false
        }] })
    };
    match fact.kind {
        Type::Bool => json!({ "type": "boolean" }),
        Type::Int => bounds(json!({ "type": "integer", "minimum": 0 })),
        Type::Number | Type::Money => bounds(json!({ "type": "number", "minimum": 0 })),
        Type::Date => bounds(json!({ "type": "string", "format": "date" })),
        Type::Choice => json!({ "anyOf": [{ "enum": names }, {
            "type": "object",
            "properties": { "one_of": list, "not": list },
            "minProperties": 1,
            "maxProperties": 1,
            "additionalProperties": false
        }] }),
        Type::Set => json!({ "anyOf": [list, {
            "type": "object",
            "properties": { "has": list, "lacks": list },
            "additionalProperties": false
        }] }),
        Type::Text => json!({ "type": "string" }),
    }
}

/// One rule, for a terminal.
pub fn rule_text(set: &RuleSet, rule: &Rule, texts: &dyn Texts, lang: crate::Lang) -> String {
    let t = |zh, en| lang.pick(zh, en);
    let mut out = String::new();
    let (sev_zh, sev_en) = words::severity(rule.severity);
    let _ = writeln!(out, "{}  {}", rule.id, rule.name.of(lang));
    let _ = writeln!(
        out,
        "{}  {}:{}",
        crate::cite::label(texts, &rule.citation()),
        rule.origin.file,
        rule.origin.line
    );
    for (_, quote) in &rule.quotes {
        let _ = writeln!(out, "  “{quote}”");
    }
    let _ = writeln!(
        out,
        "{}: {} · {}: {} · {}: {}",
        t("对象", "scope"),
        rule.scope,
        t("约束", "binds"),
        rule.binds.join(", "),
        t("严重程度", "severity"),
        t(sev_zh, sev_en)
    );
    let day = |day: Option<zhunsheng_model::Date>| day.map(|day| day.to_string()).unwrap_or_default();
    let _ = writeln!(out, "{}: {} – {}", t("施行", "in force"), day(rule.period.0), day(rule.period.1));
    if let Some(applies) = &rule.applies {
        let _ = writeln!(out, "applies {applies}");
    }
    let _ = writeln!(out, "{} {}", rule.mode.id(), rule.condition);
    for exception in set.exceptions_to(&rule.id) {
        let _ = writeln!(
            out,
            "{} {}: {}  when {}",
            t("例外", "exception"),
            exception.id,
            exception.name.of(lang),
            exception.when
        );
    }
    for (conclusion, words) in &rule.says {
        let _ = writeln!(out, "{}: {}", conclusion.id(), words.of(lang));
    }
    if let Some(remedy) = &rule.remedy {
        let _ = writeln!(out, "{}: {}", t("怎么办", "to do"), remedy.of(lang));
    }
    for penalty in rule.penalties.iter().filter_map(|id| set.penalties.get(id)) {
        for tier in &penalty.tiers {
            let criminal = penalty.origin.slug.starts_with("criminal-law");
            let words = words::outcomes(&tier.outcomes, criminal);
            let _ = writeln!(
                out,
                "{} {}/{} when {}: {}",
                t("处罚", "penalty"),
                penalty.id,
                tier.name,
                tier.when,
                words.of(lang)
            );
        }
    }
    if !rule.cases.is_empty() {
        let _ = writeln!(out, "{}: {}", t("类案", "cases"), rule.cases.join(", "));
    }
    let _ = writeln!(out, "{}: {}", t("审定", "review"), rule.status);
    out
}
