//! The fact schema: every fact that rules may name, with its type, its question and its words.

use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::number::{Range, Rational};
use crate::value::{Mask, Tri, Value};
use serde::Deserialize;
use std::collections::BTreeMap;
use toml::Spanned;
use zhunsheng_model::Kind;

/// Position of a fact in [`Schema::facts`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FactId(pub u16);

/// What a fact can be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Type {
    Bool,
    Int,
    /// A fraction, such as the proportional sum of 法释〔2017〕10号 art. 5 ¶1 item 6.
    Number,
    Money,
    Date,
    Choice,
    Set,
    Text,
}

impl Type {
    /// The word used in files.
    pub const fn id(self) -> &'static str {
        match self {
            Type::Bool => "bool",
            Type::Int => "int",
            Type::Number => "number",
            Type::Money => "money",
            Type::Date => "date",
            Type::Choice => "choice",
            Type::Set => "set",
            Type::Text => "text",
        }
    }

    const ALL: &'static [Type] =
        &[Type::Bool, Type::Int, Type::Number, Type::Money, Type::Date, Type::Choice, Type::Set, Type::Text];
}

/// One value of a choice or a set.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// The word used in files.
    pub name: String,
    /// In Chinese.
    #[serde(default)]
    pub zh: String,
    /// In English.
    #[serde(default)]
    pub en: String,
}

/// Words of a case in which a court decided a fact that is itself a legal judgement.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Passage {
    /// The case.
    pub case: String,
    /// The field of its text.
    pub field: String,
    /// The words.
    pub quote: String,
}

/// One fact.
#[derive(Clone, Debug)]
pub struct Fact {
    /// What it is about.
    pub entity: EntityKind,
    /// Its name without the entity.
    pub name: String,
    /// Its name with the entity, such as `activity.notice_given`.
    pub full: String,
    /// Its type.
    pub kind: Type,
    /// Values of a choice or a set.
    pub values: Vec<Choice>,
    /// A short statement in Chinese, such as 处理前已告知.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// The question to ask, in Chinese.
    pub ask_zh: String,
    /// The same in English.
    pub ask_en: String,
    /// Whether a `define` block gives it where nobody has.
    pub derived: bool,
    /// Whether it is itself a legal judgement, which the user makes.
    pub judgement: bool,
    /// Where courts made that judgement.
    pub passages: Vec<Passage>,
    /// Whether the data it rests on were checked.
    pub verified: bool,
    /// File and line.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
}

impl Fact {
    /// What is known when nothing is: numbers are not negative, a choice is one of its values.
    pub fn unknown(&self) -> Value {
        match self.kind {
            Type::Bool => Value::Bool(Tri::Unknown),
            Type::Int | Type::Number | Type::Money => {
                Value::Number(Range { low: Some(Rational::ZERO), high: None })
            }
            Type::Date => Value::Day(Range::UNKNOWN),
            Type::Choice => Value::Choice(self.all_values()),
            Type::Set | Type::Text => Value::Set { has: 0, lacks: 0 },
        }
    }

    /// Bits of all values.
    pub fn all_values(&self) -> Mask {
        match self.values.len() {
            0 => 0,
            n if n >= 128 => Mask::MAX,
            n => (1 << n) - 1,
        }
    }

    /// The bit of a value.
    pub fn bit(&self, name: &str) -> Option<Mask> {
        self.values.iter().position(|value| value.name == name).map(|at| 1 << at)
    }

    /// Whether `value` says nothing beyond [`Fact::unknown`].
    pub fn is_unknown(&self, value: Value) -> bool {
        value == self.unknown()
    }
}

/// Every fact, sorted by entity and name.
#[derive(Clone, Debug, Default)]
pub struct Schema {
    facts: Vec<Fact>,
    by_name: BTreeMap<String, FactId>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    #[serde(default)]
    #[allow(dead_code, reason = "named so that the file may state it")]
    schema: Option<String>,
    #[serde(default)]
    #[allow(dead_code, reason = "a title for readers")]
    title: Option<String>,
    #[serde(default)]
    fact: Vec<Spanned<RawFact>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFact {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    zh: String,
    #[serde(default)]
    en: String,
    #[serde(default)]
    ask_zh: String,
    #[serde(default)]
    ask_en: String,
    #[serde(default)]
    values: Vec<Choice>,
    /// `kinds`: the values are the kinds of personal information.
    #[serde(default)]
    values_from: Option<String>,
    #[serde(default)]
    derived: bool,
    #[serde(default)]
    judgement: bool,
    #[serde(default)]
    passages: Vec<Passage>,
    #[serde(default = "yes")]
    verified: bool,
    #[serde(default)]
    #[allow(dead_code, reason = "a remark for readers of the file")]
    note: Option<String>,
}

#[derive(Deserialize)]
struct PackedFact {
    file: String,
    line: u32,
    fact: RawFact,
}

const fn yes() -> bool {
    true
}

/// Names that every entity has, which no fact may take.
pub(crate) const RESERVED: &[&str] = &["name", "source", "date", "from", "until", "none", "more"];

impl Schema {
    /// Reads the files (name, content) of `facts/`.
    pub fn read<'a>(
        files: impl Iterator<Item = (&'a str, &'a str)>,
        problems: &mut Vec<Diagnostic>,
    ) -> Schema {
        let mut facts: Vec<Fact> = Vec::new();
        for (file, text) in files {
            match toml::from_str::<RawFile>(text) {
                Ok(raw) => {
                    for fact in raw.fact {
                        let line = line_at(text, fact.span().start);
                        facts.extend(read_fact(file, line, fact.into_inner(), problems));
                    }
                }
                Err(error) => {
                    let line = error.span().map_or(0, |span| line_at(text, span.start));
                    problems.push(Diagnostic::error(file, line, "syntax", error.message().to_owned()));
                }
            }
        }
        Schema::of(facts, problems)
    }

    /// Reads the facts as the build script packs them: `[{"file": …, "line": …, "fact": {…}}, …]`. JSON is read several
    /// times as fast as TOML, and the program reads the facts at every start.
    pub(crate) fn packed(json: &str, problems: &mut Vec<Diagnostic>) -> Schema {
        let packed: Vec<PackedFact> = match serde_json::from_str(json) {
            Ok(packed) => packed,
            Err(error) => {
                problems.push(Diagnostic::error("facts", 0, "syntax", error.to_string()));
                return Schema::default();
            }
        };
        let read = |one: PackedFact| read_fact(&one.file, one.line, one.fact, problems);
        let facts = packed.into_iter().filter_map(read).collect();
        Schema::of(facts, problems)
    }

    fn of(mut facts: Vec<Fact>, problems: &mut Vec<Diagnostic>) -> Schema {
        facts.sort_by(|a, b| (a.entity, &a.name, &a.file, a.line).cmp(&(b.entity, &b.name, &b.file, b.line)));
        let mut schema = Schema::default();
        for fact in facts {
            let id = FactId(u16::try_from(schema.facts.len()).unwrap_or(u16::MAX));
            if let Some(first) = schema.by_name.get(&fact.full).and_then(|id| schema.facts.get(id.0 as usize))
            {
                let message = format!("fact `{}` is declared a second time", fact.full);
                problems.push(
                    Diagnostic::error(&fact.file, fact.line, "repeated", message)
                        .hint(format!("the first is at {}:{}", first.file, first.line)),
                );
                continue;
            }
            schema.by_name.insert(fact.full.clone(), id);
            schema.facts.push(fact);
        }
        schema
    }

    /// Every fact, sorted by entity and name.
    pub fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// The fact of that full name, such as `activity.notice_given`.
    pub fn find(&self, full: &str) -> Option<FactId> {
        self.by_name.get(full).copied()
    }

    /// The fact of that id; ids come from this schema.
    #[expect(
        clippy::indexing_slicing,
        reason = "a `FactId` is made by `read` alone, from a position in `facts`"
    )]
    pub fn fact(&self, id: FactId) -> &Fact {
        &self.facts[usize::from(id.0)]
    }

    /// Every id.
    pub fn ids(&self) -> impl Iterator<Item = FactId> + use<> {
        (0..u16::try_from(self.facts.len()).unwrap_or(u16::MAX)).map(FactId)
    }

    /// The hint for a name that is not known.
    pub(crate) fn nearest(&self, full: &str) -> String {
        nearest(full, self.facts.iter().map(|fact| fact.full.as_str()))
    }
}

fn read_fact(file: &str, line: u32, raw: RawFact, problems: &mut Vec<Diagnostic>) -> Option<Fact> {
    let full = raw.name;
    let Some((entity_name, name)) = full.split_once('.') else {
        problems.push(Diagnostic::error(
            file,
            line,
            "name",
            format!("`{full}` must be an entity and a name, such as `activity.{full}`"),
        ));
        return None;
    };
    let Some(entity) = EntityKind::from_id(entity_name) else {
        problems.push(
            Diagnostic::error(file, line, "entity", format!("there is no entity `{entity_name}`"))
                .hint(nearest(entity_name, EntityKind::ALL.iter().map(|kind| kind.id()))),
        );
        return None;
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty() || !name.chars().all(plain) {
        problems.push(Diagnostic::error(
            file,
            line,
            "name",
            format!("`{full}`: a fact's name has small letters, digits and `_` only"),
        ));
        return None;
    }
    if RESERVED.contains(&name) || EntityKind::from_id(name).is_some() {
        problems.push(Diagnostic::error(
            file,
            line,
            "name",
            format!("`{full}`: every entity has this name already"),
        ));
        return None;
    }
    let Some(kind) = Type::ALL.iter().copied().find(|kind| kind.id() == raw.kind) else {
        problems.push(
            Diagnostic::error(file, line, "type", format!("there is no type `{}`", raw.kind))
                .hint(nearest(&raw.kind, Type::ALL.iter().map(|kind| kind.id()))),
        );
        return None;
    };
    let mut values = raw.values;
    match raw.values_from.as_deref() {
        Some("kinds") => values.extend(Kind::ALL.iter().map(|kind| Choice {
            name: kind.id().to_owned(),
            zh: kind.name_zh().to_owned(),
            en: kind.name_en().to_owned(),
        })),
        Some(other) => {
            let message = format!("values cannot be taken from `{other}`");
            problems.push(Diagnostic::error(file, line, "values", message).hint("only `kinds` is known"));
        }
        None => {}
    }
    let wants_values = matches!(kind, Type::Choice | Type::Set);
    if wants_values == values.is_empty() || values.len() > 128 {
        let message = format!("`{full}`: a choice or a set has 1 to 128 values, nothing else has any");
        problems.push(Diagnostic::error(file, line, "values", message));
        return None;
    }
    for (at, value) in values.iter().enumerate() {
        if values.iter().take(at).any(|other| other.name == value.name) {
            let message = format!("`{full}`: value `{}` stands twice", value.name);
            problems.push(Diagnostic::error(file, line, "values", message));
        }
        if value.name.is_empty() || !value.name.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-') {
            let message = format!("`{full}`: value `{}` must be letters, digits, `_` and `-`", value.name);
            problems.push(Diagnostic::error(file, line, "values", message));
        }
    }
    if raw.zh.is_empty() || raw.en.is_empty() {
        problems.push(Diagnostic::error(file, line, "words", format!("`{full}` needs `zh` and `en`")));
    }
    if (raw.ask_zh.is_empty() || raw.ask_en.is_empty()) && !raw.derived {
        problems.push(Diagnostic::warning(
            file,
            line,
            "words",
            format!("`{full}` has no question (`ask_zh`, `ask_en`)"),
        ));
    }
    if raw.judgement && raw.passages.is_empty() {
        problems.push(Diagnostic::warning(
            file,
            line,
            "passages",
            format!("`{full}` is a legal judgement and shows no passage in which a court made it"),
        ));
    }
    Some(Fact {
        entity,
        name: name.to_owned(),
        full: full.clone(),
        kind,
        values,
        zh: raw.zh,
        en: raw.en,
        ask_zh: raw.ask_zh,
        ask_en: raw.ask_en,
        derived: raw.derived,
        judgement: raw.judgement,
        passages: raw.passages,
        verified: raw.verified,
        file: file.to_owned(),
        line,
    })
}

/// The line, from 1, in which byte `at` stands.
pub(crate) fn line_at(text: &str, at: usize) -> u32 {
    let before = text.as_bytes().get(..at).unwrap_or(text.as_bytes());
    u32::try_from(before.iter().filter(|byte| **byte == b'\n').count()).unwrap_or(u32::MAX - 1) + 1
}
