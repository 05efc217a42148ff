//! Reads a policy file, with line and hint for everything that is wrong.

use super::{Action, ColumnRule, Policy, Rule, When};
use crate::cipher::Suite;
use crate::error::PolicyError;
use crate::keys::hex;
use crate::operator::{self, OPERATORS, Parameter, Parameters};
use sha2_011::{Digest, Sha256};
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zhunsheng_model::{Group, Kind, KindSet};

const TOP: &[&str] = &["name", "title", "title_en", "suite", "confidence_min", "default", "rule", "column"];

struct Source<'a> {
    file: &'a str,
    text: &'a str,
}

pub(super) fn parse(file: &str, text: &str) -> Result<Policy, PolicyError> {
    let source = Source { file, text };
    let root = DeTable::parse(text)
        .map_err(|error| source.error(error.span().unwrap_or(0..0), error.message().to_owned(), None))?;
    source.only(root.get_ref(), TOP, "")?;
    let top = root.get_ref();
    let name = source.text_of(top, "name")?.map(|(text, _)| text);
    let name = name.ok_or_else(|| {
        source.error(0..0, "the policy has no `name`".to_owned(), Some("add `name = \"…\"`".to_owned()))
    })?;
    let suite = match source.text_of(top, "suite")? {
        None => None,
        Some((word, span)) => Some(Suite::from_word(&word).ok_or_else(|| {
            source.error(span, format!("there is no suite `{word}`"), Some("it is `aes` or `sm`".to_owned()))
        })?),
    };
    let confidence_min = match top.get("confidence_min") {
        None => 0,
        Some(value) => integer(value.get_ref())
            .and_then(|n| u8::try_from(n).ok())
            .filter(|n| *n <= 100)
            .ok_or_else(|| {
                source.error(
                    value.span(),
                    "`confidence_min` is a whole number from 0 to 100".to_owned(),
                    None,
                )
            })?,
    };
    let default = match top.get("default") {
        None => {
            let hint = "add `[default]` with `operator = \"redact\"`: every kind must be treated somehow";
            return Err(source.error(
                0..0,
                "the policy has no `[default]`".to_owned(),
                Some(hint.to_owned()),
            ));
        }
        Some(value) => source.action(source.table(value, "default")?, value.span(), &[])?,
    };
    if default.when != When::Always {
        return Err(source.error(
            source.span_of(top, "default"),
            "the default treats everybody".to_owned(),
            None,
        ));
    }
    let mut rules = Vec::new();
    for value in source.list(top, "rule")? {
        rules.push(source.rule(source.table(value, "rule")?, value.span())?);
    }
    let mut columns = Vec::new();
    for (index, value) in source.list(top, "column")?.into_iter().enumerate() {
        columns.push(source.column(source.table(value, "column")?, value.span(), index)?);
    }
    let title = source.text_of(top, "title")?.map_or_else(|| name.clone(), |(text, _)| text);
    let title_en = source.text_of(top, "title_en")?.map_or_else(|| name.clone(), |(text, _)| text);
    let sha256 = hex(&Sha256::digest(text)).to_string();
    Ok(Policy { name, title, title_en, suite, confidence_min, default, rules, columns, sha256 })
}

impl Source<'_> {
    fn error(&self, span: Range<usize>, message: String, hint: Option<String>) -> PolicyError {
        let before = self.text.as_bytes().get(..span.start).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count();
        PolicyError { file: self.file.to_owned(), line, message, hint }
    }

    fn line(&self, span: &Range<usize>) -> usize {
        self.error(span.clone(), String::new(), None).line
    }

    /// Refuses keys that are not of `known`.
    fn only(&self, table: &DeTable<'_>, known: &[&str], what: &str) -> Result<(), PolicyError> {
        for key in table.keys() {
            let word = key.get_ref().as_ref();
            if !known.contains(&word) {
                let message = format!("{what}there is no `{word}` here");
                let hint = suggestion(word, known.iter().copied())
                    .unwrap_or_else(|| format!("there are `{}`", known.join("`, `")));
                return Err(self.error(key.span(), message, Some(hint)));
            }
        }
        Ok(())
    }

    fn span_of(&self, table: &DeTable<'_>, key: &str) -> Range<usize> {
        table.get(key).map_or(0..0, Spanned::span)
    }

    fn text_of(&self, table: &DeTable<'_>, key: &str) -> Result<Option<(String, Range<usize>)>, PolicyError> {
        match table.get(key) {
            None => Ok(None),
            Some(value) => match value.get_ref().as_str() {
                Some(text) => Ok(Some((text.to_owned(), value.span()))),
                None => Err(self.error(value.span(), format!("`{key}` is a text in quotes"), None)),
            },
        }
    }

    fn table<'a, 'b>(
        &self,
        value: &'a Spanned<DeValue<'b>>,
        key: &str,
    ) -> Result<&'a DeTable<'b>, PolicyError> {
        value.get_ref().as_table().ok_or_else(|| {
            let hint =
                if key == "default" { "write `[default]`" } else { "write `[[rule]]` or `[[column]]`" };
            self.error(value.span(), format!("`{key}` is no table"), Some(hint.to_owned()))
        })
    }

    fn list<'a, 'b>(
        &self,
        top: &'a DeTable<'b>,
        key: &str,
    ) -> Result<Vec<&'a Spanned<DeValue<'b>>>, PolicyError> {
        match top.get(key) {
            None => Ok(Vec::new()),
            Some(value) => match value.get_ref().as_array() {
                Some(array) => Ok(array.iter().collect()),
                None => {
                    let hint = format!("write `[[{key}]]` with two brackets");
                    Err(self.error(value.span(), format!("`{key}` is no list of tables"), Some(hint)))
                }
            },
        }
    }

    /// The texts of a list, each with its place.
    fn texts(&self, table: &DeTable<'_>, key: &str) -> Result<Vec<(String, Range<usize>)>, PolicyError> {
        let Some(value) = table.get(key) else { return Ok(Vec::new()) };
        let not = |span| self.error(span, format!("`{key}` is a list of texts"), None);
        let array = value.get_ref().as_array().ok_or_else(|| not(value.span()))?;
        array
            .iter()
            .map(|entry| {
                let text = entry.get_ref().as_str().ok_or_else(|| not(entry.span()))?;
                Ok((text.to_owned(), entry.span()))
            })
            .collect()
    }

    fn rule(&self, table: &DeTable<'_>, span: Range<usize>) -> Result<Rule, PolicyError> {
        let mut named = KindSet::EMPTY;
        for (id, span) in self.texts(table, "kinds")? {
            named.insert(self.kind(&id, span)?);
        }
        let mut kinds = named;
        for (word, span) in self.texts(table, "groups")? {
            let group = |kind: &&Kind| format!("{:?}", kind.group()) == word;
            let of_group: KindSet = Kind::ALL.iter().filter(group).copied().collect();
            if of_group.is_empty() {
                let groups = GROUPS.iter().map(|group| format!("{group:?}")).collect::<Vec<_>>();
                let hint = suggestion(&word, groups.iter().map(String::as_str))
                    .unwrap_or_else(|| format!("there are `{}`", groups.join("`, `")));
                return Err(self.error(span, format!("there is no group `{word}`"), Some(hint)));
            }
            kinds = kinds.union(of_group);
        }
        if kinds.is_empty() {
            let hint = "add `kinds = [\"PHONE\"]` or `groups = [\"Contact\"]`".to_owned();
            return Err(self.error(span, "the rule names no kind".to_owned(), Some(hint)));
        }
        let action = self.action(table, span.clone(), &["kinds", "groups"])?;
        let entry = self.entry(table, &action.operator)?;
        if let Some(kind) = named.iter().find(|kind| !(entry.treats)(*kind)) {
            let message = format!("operator `{}` cannot treat {}", entry.name, kind.id());
            return Err(self.error(span, message, Some("give that kind a rule of its own".to_owned())));
        }
        Ok(Rule { kinds, named, action })
    }

    fn column(
        &self,
        table: &DeTable<'_>,
        span: Range<usize>,
        index: usize,
    ) -> Result<ColumnRule, PolicyError> {
        let action = self.action(table, span.clone(), &["name", "file", "kind"])?;
        let name = self.text_of(table, "name")?.ok_or_else(|| {
            self.error(
                span.clone(),
                "the column rule has no `name`".to_owned(),
                Some("add `name = \"备注\"`".to_owned()),
            )
        })?;
        let file = self.text_of(table, "file")?.map_or_else(|| "*".to_owned(), |(text, _)| text);
        let kind = match self.text_of(table, "kind")? {
            Some((id, span)) => self.kind(&id, span)?,
            // Neither operator asks what the cell is.
            None if matches!(action.operator.as_str(), "keep" | "drop") => Kind::Comms,
            None => {
                let hint =
                    format!("add `kind = \"COMMS\"` or another: `{}` goes by the kind", action.operator);
                return Err(self.error(span, "the column rule has no `kind`".to_owned(), Some(hint)));
            }
        };
        let entry = self.entry(table, &action.operator)?;
        if !(entry.treats)(kind) {
            return Err(self.error(
                span,
                format!("operator `{}` cannot treat {}", entry.name, kind.id()),
                None,
            ));
        }
        Ok(ColumnRule { name: name.0, file, kind, action, index })
    }

    fn kind(&self, id: &str, span: Range<usize>) -> Result<Kind, PolicyError> {
        Kind::from_id(id).ok_or_else(|| {
            let hint = suggestion(id, Kind::ALL.iter().map(|kind| kind.id()))
                .unwrap_or_else(|| "`zhunsheng explain kinds` lists them".to_owned());
            self.error(span, format!("there is no kind `{id}`"), Some(hint))
        })
    }

    fn entry(&self, table: &DeTable<'_>, name: &str) -> Result<&'static operator::Entry, PolicyError> {
        operator::entry(name).map_err(|error| {
            let names = OPERATORS.iter().map(|entry| entry.name);
            self.error(self.span_of(table, "operator"), error.to_string(), suggestion(name, names))
        })
    }

    fn action(
        &self,
        table: &DeTable<'_>,
        span: Range<usize>,
        others: &[&str],
    ) -> Result<Action, PolicyError> {
        let (operator, _) = self.text_of(table, "operator")?.ok_or_else(|| {
            let hint = format!("add `operator = \"…\"`: {}", operator::names());
            self.error(span.clone(), "no operator is named".to_owned(), Some(hint))
        })?;
        let entry = self.entry(table, &operator)?;
        let otherwise = match self.text_of(table, "otherwise")? {
            None => "redact".to_owned(),
            Some((name, span)) => {
                // What stands in must be able to treat anything.
                const ANY: &[&str] = &["drop", "encrypt", "mask", "pseudonym", "redact"];
                if !ANY.contains(&name.as_str()) {
                    let hint = Some(format!("it is one of `{}`", ANY.join("`, `")));
                    return Err(self.error(span, format!("`{name}` cannot stand in for every value"), hint));
                }
                name
            }
        };
        let when = match self.text_of(table, "when")? {
            None => When::Always,
            Some((word, span)) => match word.as_str() {
                "always" => When::Always,
                "minor" => When::Minor,
                "under_14" => When::Under14,
                _ => {
                    let hint = Some("it is `always`, `minor` or `under_14`".to_owned());
                    return Err(self.error(span, format!("there is no `{word}`"), hint));
                }
            },
        };
        let own = ["operator", "otherwise", "when"];
        let known: Vec<&str> = own.iter().chain(others).chain(entry.parameters).copied().collect();
        self.only(table, &known, &format!("operator `{operator}`: "))?;
        let mut parameters = BTreeMap::new();
        for (key, value) in table {
            let word = key.get_ref().as_ref();
            if entry.parameters.contains(&word) {
                parameters.insert(word.to_owned(), self.parameter(word, value)?);
            }
        }
        let parameters = Parameters(parameters);
        Ok(Action { operator, parameters, otherwise, when, line: self.line(&span) })
    }

    fn parameter(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Result<Parameter, PolicyError> {
        let found = match value.get_ref() {
            DeValue::String(text) => Some(Parameter::Text(text.to_string())),
            DeValue::Boolean(flag) => Some(Parameter::Flag(*flag)),
            DeValue::Array(array) => {
                let texts: Option<Vec<String>> =
                    array.iter().map(|entry| entry.get_ref().as_str().map(str::to_owned)).collect();
                let numbers: Option<Vec<i64>> = array.iter().map(|entry| integer(entry.get_ref())).collect();
                numbers.map(Parameter::Numbers).or(texts.map(Parameter::Texts))
            }
            other => integer(other).map(Parameter::Number),
        };
        found.ok_or_else(|| {
            let message =
                format!("`{key}` is neither text, whole number, yes or no, nor a list of one of these");
            self.error(value.span(), message, None)
        })
    }
}

fn integer(value: &DeValue<'_>) -> Option<i64> {
    let number = value.as_integer()?;
    i64::from_str_radix(number.as_str(), number.radix()).ok()
}

const GROUPS: &[Group] = &[
    Group::Id,
    Group::Contact,
    Group::Account,
    Group::Attribute,
    Group::Financial,
    Group::Location,
    Group::Stay,
    Group::Communications,
    Group::Health,
    Group::Biometric,
    Group::Vehicle,
    Group::Device,
    Group::Other,
];

/// `did you mean …?` where one of `known` is near.
fn suggestion<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let word = word.to_lowercase();
    let near = known.map(|name| (distance(&word, &name.to_lowercase()), name)).min()?;
    let (far, name) = near;
    (far <= 1 + word.chars().count() / 4).then(|| format!("did you mean `{name}`?"))
}

/// Insertions, deletions and changes between two words.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            left = (left + 1).min(above + 1).min(diagonal + usize::from(x != *y));
            *cell = left;
            diagonal = above;
        }
    }
    row.last().copied().unwrap_or_default()
}
