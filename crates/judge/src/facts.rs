//! A facts file (`zhunsheng.facts/1`) → [`Matter`]: given by users, and the form of the official cases.

use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::matter::{EntityId, Known, Matter};
use crate::number::{Range, Rational};
use crate::schema::{Fact, FactId, Schema, Type, line_at};
use crate::value::{Mask, Tri, Value};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zhunsheng_model::Date;

/// The schema that a facts file names.
pub const FACTS_SCHEMA: &str = "zhunsheng.facts/1";

/// Top-level tables of a case file, which say nothing about the matter.
const CASE_KEYS: &[&str] = &[
    "schema",
    "title",
    "date",
    "from",
    "until",
    "source",
    "case",
    "decided",
    "note",
    "expect",
    "cites",
    "number",
    "unstated",
    "also_on",
    "variation",
];

/// Reads a facts file. What could be read stands in the matter; what could not is among the problems.
pub fn read_facts(file: &str, text: &str, schema: &Schema) -> (Matter, Vec<Diagnostic>) {
    let mut matter = Matter::default();
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            return (matter, vec![Diagnostic::error(file, line, "syntax", error.message().to_owned())]);
        }
    };
    let mut reader = Reader { file, text, schema, matter: &mut matter, problems: Vec::new() };
    reader.top(table.get_ref());
    let problems = reader.problems;
    (matter, problems)
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    schema: &'a Schema,
    matter: &'a mut Matter,
    problems: Vec<Diagnostic>,
}

type Entry<'a, 'i> = (&'a str, usize, &'a Spanned<DeValue<'i>>);

fn entries<'a, 'i>(table: &'a DeTable<'i>) -> impl Iterator<Item = Entry<'a, 'i>> {
    table.iter().map(|(key, value)| (key.get_ref().as_ref(), key.span().start, value))
}

impl Reader<'_> {
    fn error(&mut self, at: usize, code: &'static str, message: impl Into<String>, hint: impl Into<String>) {
        let line = line_at(self.text, at);
        self.problems.push(Diagnostic::error(self.file, line, code, message).hint(hint));
    }

    fn top(&mut self, table: &DeTable<'_>) {
        match table.get("schema").and_then(|value| value.get_ref().as_str()) {
            Some(FACTS_SCHEMA) => {}
            _ => self.error(0, "schema", format!("the file does not say `schema = \"{FACTS_SCHEMA}\"`"), ""),
        }
        for (key, at, value) in entries(table) {
            match key {
                "title" => match value.get_ref().as_str() {
                    Some(title) => self.matter.title = title.to_owned(),
                    None => self.error(at, "type", "`title` is a text", ""),
                },
                "date" | "from" | "until" => self.day(Matter::ROOT, key, at, value),
                "source" => self.source(Matter::ROOT, at, value),
                "matter" => match value.get_ref().as_table() {
                    Some(inner) => self.entity(Matter::ROOT, inner),
                    None => self.error(at, "type", "`matter` is a table: `[matter]`", ""),
                },
                key if CASE_KEYS.contains(&key) => {}
                key => match EntityKind::from_id(key) {
                    Some(kind) if kind.parent() == Some(EntityKind::Matter) => {
                        self.children(Matter::ROOT, kind, at, value);
                    }
                    Some(kind) => {
                        let outer = kind.parent().map_or("", EntityKind::id);
                        let message = format!("`{key}` stands in `{outer}`");
                        self.error(at, "entity", message, format!("write `[[…{outer}.{key}]]`"));
                    }
                    None => {
                        let known = EntityKind::Matter.children().map(EntityKind::id);
                        let hint = nearest(key, known.chain(CASE_KEYS.iter().copied()));
                        self.error(
                            at,
                            "key",
                            format!("`{key}` means nothing at the top of a facts file"),
                            hint,
                        );
                    }
                },
            }
        }
    }

    fn children(&mut self, parent: EntityId, kind: EntityKind, at: usize, value: &Spanned<DeValue<'_>>) {
        let Some(list) = value.get_ref().as_array() else {
            // One entity may be written as a table.
            match value.get_ref().as_table() {
                Some(inner) => {
                    let id = self.matter.add(parent, kind);
                    self.entity(id, inner);
                }
                None => self.error(at, "type", format!("`{kind}` is a list of tables: `[[…{kind}]]`"), ""),
            }
            return;
        };
        for element in list.iter() {
            match element.get_ref().as_table() {
                Some(inner) => {
                    let id = self.matter.add(parent, kind);
                    self.entity(id, inner);
                }
                None => self.error(element.span().start, "type", format!("each `{kind}` is a table"), ""),
            }
        }
    }

    fn entity(&mut self, id: EntityId, table: &DeTable<'_>) {
        let kind = self.matter.kind(id);
        for (key, at, value) in entries(table) {
            match key {
                "name" => match value.get_ref().as_str() {
                    Some(name) => self.matter.entity_mut(id).name = name.to_owned(),
                    None => self.error(at, "type", "`name` is a text", ""),
                },
                "source" => self.source(id, at, value),
                "note" => {}
                "date" | "from" | "until" => self.day(id, key, at, value),
                "none" | "more" => self.kinds(id, key, at, value),
                key => {
                    if let Some(child) = EntityKind::from_id(key) {
                        if child.parent() == Some(kind) {
                            self.children(id, child, at, value);
                        } else {
                            let outer = child.parent().map_or("", EntityKind::id);
                            self.error(
                                at,
                                "entity",
                                format!("`{key}` stands in `{outer}`, not in `{kind}`"),
                                "",
                            );
                        }
                        continue;
                    }
                    let full = format!("{kind}.{key}");
                    match self.schema.find(&full) {
                        Some(fact) => self.fact(id, fact, value),
                        None => {
                            let names = self.schema.facts().iter().filter(|fact| fact.entity == kind);
                            let hint = nearest(key, names.map(|fact| fact.name.as_str()));
                            let elsewhere = self.schema.facts().iter().find(|fact| fact.name == key);
                            let hint = match elsewhere {
                                Some(fact) if hint.is_empty() => format!("`{}` is one", fact.full),
                                _ => hint,
                            };
                            self.error(at, "unknown-fact", format!("there is no fact `{full}`"), hint);
                        }
                    }
                }
            }
        }
        let entity = self.matter.entity(id);
        if let (Some(from), Some(until)) = (entity.from, entity.until)
            && from > until
        {
            let message = format!("a {kind} ends on {until} and begins on {from}");
            self.problems.push(Diagnostic::error(self.file, 0, "date", message));
        }
    }

    fn source(&mut self, id: EntityId, at: usize, value: &Spanned<DeValue<'_>>) {
        match value.get_ref().as_str() {
            Some(source) => self.matter.entity_mut(id).source = Some(source.to_owned()),
            None => self.error(at, "type", "`source` is a text", ""),
        }
    }

    fn day(&mut self, id: EntityId, key: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let Some(date) = read_day(value.get_ref()) else {
            self.error(at, "date", format!("`{key}` is a date such as 2021-11-01"), "");
            return;
        };
        let entity = self.matter.entity_mut(id);
        match key {
            "date" => entity.date = Some(date),
            "from" => entity.from = Some(date),
            _ => entity.until = Some(date),
        }
    }

    fn kinds(&mut self, id: EntityId, key: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let kind = self.matter.kind(id);
        let names: Vec<&str> = value
            .get_ref()
            .as_array()
            .map(|list| list.iter().filter_map(|name| name.get_ref().as_str()).collect())
            .unwrap_or_default();
        if names.is_empty() {
            self.error(at, "type", format!("`{key}` is a list of entities, such as `[\"item\"]`"), "");
        }
        for name in names {
            match EntityKind::from_id(name).filter(|child| child.parent() == Some(kind)) {
                Some(child) => {
                    let entity = self.matter.entity_mut(id);
                    if key == "none" {
                        entity.none.insert(child)
                    } else {
                        entity.more.insert(child)
                    };
                }
                None => {
                    let hint = nearest(name, kind.children().map(EntityKind::id));
                    self.error(at, "entity", format!("no `{name}` stands in a {kind}"), hint);
                }
            }
        }
    }

    fn fact(&mut self, id: EntityId, fact: FactId, value: &Spanned<DeValue<'_>>) {
        let declared = self.schema.fact(fact);
        match read_value(declared, value.get_ref()) {
            Ok((value, text)) => {
                let known = Known { value, text, source: None };
                // A key stands once in a table, so nothing can be in the way.
                let _ = self.matter.learn(id, fact, known);
            }
            Err((message, hint)) => self.error(value.span().start, "value", message, hint),
        }
    }
}

type Wrong = (String, String);

/// A value of a facts file as that of a fact.
pub(crate) fn read_value(fact: &Fact, value: &DeValue<'_>) -> Result<(Value, Option<String>), Wrong> {
    let wrong = |hint: &str| Err((format!("`{}` is {}", fact.full, article(fact.kind)), hint.to_owned()));
    if value.as_str() == Some("unknown") && fact.kind != Type::Text {
        return Ok((fact.unknown(), None));
    }
    let plain = |value: Value| Ok((value, None));
    match fact.kind {
        Type::Bool => match value.as_bool() {
            Some(known) => plain(Value::Bool(Tri::from(known))),
            None => wrong("write true or false"),
        },
        Type::Int | Type::Number | Type::Money => {
            let low = Some(Rational::ZERO);
            match bounds(value, number) {
                Some(range) if range.low.is_none() => plain(Value::Number(Range { low, ..range })),
                Some(range) if range.low.is_some_and(Rational::is_negative) => {
                    wrong("no number is below zero")
                }
                Some(range) => plain(Value::Number(range)),
                None => wrong("write 500, or { at_least = 500 }, { at_most = 9 }"),
            }
        }
        Type::Date => match bounds(value, read_day) {
            Some(range) => plain(Value::Day(range)),
            None => wrong("write 2021-11-01, or { at_least = 2021-11-01 }"),
        },
        Type::Choice => {
            let mask = match (value.as_str(), value.as_table()) {
                (Some(name), _) => one(fact, name)?,
                (None, Some(table)) => match (table.get("one_of"), table.get("not")) {
                    (Some(list), None) => several(fact, list.get_ref())?,
                    (None, Some(list)) => fact.all_values() & !several(fact, list.get_ref())?,
                    _ => return wrong("write \"a\", or { one_of = [\"a\", \"b\"] }, { not = [\"a\"] }"),
                },
                _ => return wrong("write one of its values in quotes"),
            };
            plain(Value::Choice(mask))
        }
        Type::Set => match value.as_table() {
            Some(table) => {
                let part = |name: &str| match table.get(name) {
                    Some(list) => several(fact, list.get_ref()),
                    None => Ok(0),
                };
                let known = |key: &str| matches!(key, "has" | "lacks");
                if !entries(table).all(|(key, _, _)| known(key)) {
                    return wrong("write [\"a\"], or { has = [\"a\"], lacks = [\"b\"] }");
                }
                let (has, lacks) = (part("has")?, part("lacks")?);
                if has & lacks != 0 {
                    return wrong("a value is both in `has` and in `lacks`");
                }
                plain(Value::Set { has, lacks })
            }
            None => {
                let has = several(fact, value)?;
                plain(Value::Set { has, lacks: fact.all_values() & !has })
            }
        },
        Type::Text => match value.as_str() {
            Some(text) => Ok((Value::Set { has: 0, lacks: 0 }, Some(text.to_owned()))),
            None => wrong("write it in quotes"),
        },
    }
}

const fn article(kind: Type) -> &'static str {
    match kind {
        Type::Bool => "true or false",
        Type::Int => "a whole number",
        Type::Number => "a number",
        Type::Money => "an amount in yuan",
        Type::Date => "a date",
        Type::Choice => "one of its values",
        Type::Set => "a list of its values",
        Type::Text => "a text",
    }
}

/// A value, or a table with `at_least` and `at_most`.
fn bounds<T: Copy + Ord>(value: &DeValue<'_>, read: fn(&DeValue<'_>) -> Option<T>) -> Option<Range<T>> {
    let Some(table) = value.as_table() else { return read(value).map(Range::exactly) };
    let known = |key: &str| matches!(key, "at_least" | "at_most");
    if table.is_empty() || !entries(table).all(|(key, _, _)| known(key)) {
        return None;
    }
    let end = |name: &str| match table.get(name) {
        Some(value) => read(value.get_ref()).map(Some),
        None => Some(None),
    };
    let range = Range { low: end("at_least")?, high: end("at_most")? };
    match (range.low, range.high) {
        (Some(low), Some(high)) if low > high => None,
        _ => Some(range),
    }
}

fn number(value: &DeValue<'_>) -> Option<Rational> {
    if let Some(integer) = value.as_integer() {
        let digits: String = integer.as_str().chars().filter(|letter| *letter != '_').collect();
        return (integer.radix() == 10).then(|| digits.parse().ok().map(Rational::whole))?;
    }
    if let Some(float) = value.as_float() {
        // Read as written, so that 0.1 is a tenth.
        return Rational::parse(float.as_str());
    }
    // `27/20`.
    let (above, below) = value.as_str()?.split_once('/')?;
    Rational::parse(above.trim())?.over(Rational::parse(below.trim())?)
}

/// A day as TOML writes it, or in quotes.
pub(crate) fn read_day(value: &DeValue<'_>) -> Option<Date> {
    if let Some(text) = value.as_str() {
        return Date::parse(text);
    }
    let date = value.as_datetime()?.date?;
    Date::new(date.year, date.month, date.day)
}

fn one(fact: &Fact, name: &str) -> Result<Mask, Wrong> {
    fact.bit(name).ok_or_else(|| {
        let mut hint = nearest(name, fact.values.iter().map(|value| value.name.as_str()));
        if hint.is_empty() {
            let names: Vec<&str> = fact.values.iter().map(|value| value.name.as_str()).take(12).collect();
            hint = format!("its values: {}", names.join(", "));
        }
        (format!("`{}` has no value `{name}`", fact.full), hint)
    })
}

fn several(fact: &Fact, value: &DeValue<'_>) -> Result<Mask, Wrong> {
    if let Some(name) = value.as_str() {
        return one(fact, name);
    }
    let wrong = || (format!("`{}` is a list of its values", fact.full), "write [\"a\", \"b\"]".to_owned());
    let list = value.as_array().ok_or_else(wrong)?;
    list.iter().try_fold(0, |mask, element| {
        let name = element.get_ref().as_str().ok_or_else(wrong)?;
        Ok(mask | one(fact, name)?)
    })
}
