//! The form of the record: sections and fields, from `rules/judge/record.toml` and the fact schema.

use crate::Language;
use serde::Deserialize;
use zhunsheng_judge::{Choice, Schema, Type};

const FORM: &str = include_str!("../../../rules/judge/record.toml");

/// Why the embedded form cannot be used; a test holds that it can.
#[derive(Debug, thiserror::Error)]
pub enum FormError {
    /// It is not TOML of the shape expected.
    #[error("the form of the record cannot be read: {0}")]
    Shape(#[from] toml::de::Error),
    /// A field names a fact that the schema does not have.
    #[error("the form of the record names no fact `{0}`")]
    Fact(String),
    /// A section stands in one that does not come before it.
    #[error("the form of the record has no section `{0}` before its child")]
    Parent(String),
}

/// The sections in order; the first is the organisation.
#[derive(Clone, Debug)]
pub struct Form {
    sections: Vec<Section>,
}

/// A part of the record: the organisation, its activities, their items …
#[derive(Clone, Debug)]
pub struct Section {
    /// The English name in files, which is that of the entity, except for the organisation.
    pub key: String,
    /// The Chinese name in files and of the sheet.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// The entity of the facts file.
    pub entity: String,
    /// The section it stands in.
    pub parent: Option<usize>,
    /// Its fields; the first is the name.
    pub fields: Vec<Field>,
}

/// A field of a section.
#[derive(Clone, Debug)]
pub struct Field {
    /// The English name in files.
    pub key: String,
    /// The Chinese name in files and in the head of the sheet.
    pub zh: String,
    /// What it is, in English.
    pub en: String,
    /// What stands in it.
    pub kind: Type,
    /// The values of a choice or a set.
    pub values: Vec<Choice>,
    /// Whether a record that leaves it out is incomplete.
    pub required: bool,
    /// The fact it states.
    pub fact: Option<String>,
    /// What to fill in, in Chinese.
    pub ask_zh: String,
    /// The same in English.
    pub ask_en: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawForm {
    #[serde(rename = "schema")]
    _schema: String,
    section: Vec<RawSection>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawSection {
    key: String,
    zh: String,
    en: String,
    entity: String,
    parent: Option<String>,
    fields: Vec<RawField>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawField {
    key: Option<String>,
    fact: Option<String>,
    zh: String,
    en: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    #[serde(default)]
    required: bool,
}

impl Form {
    /// The form with the types and questions of the facts.
    ///
    /// # Errors
    /// When the embedded form and the schema do not fit together.
    pub fn new(schema: &Schema) -> Result<Form, FormError> {
        let raw: RawForm = toml::from_str(FORM)?;
        let mut sections: Vec<Section> = Vec::new();
        for section in raw.section {
            let parent = match section.parent {
                Some(name) => Some(
                    sections
                        .iter()
                        .position(|known| known.key == name)
                        .ok_or_else(|| FormError::Parent(name.clone()))?,
                ),
                None => None,
            };
            let fields: Result<Vec<Field>, FormError> =
                section.fields.into_iter().map(|field| field.complete(schema)).collect();
            sections.push(Section {
                key: section.key,
                zh: section.zh,
                en: section.en,
                entity: section.entity,
                parent,
                fields: fields?,
            });
        }
        Ok(Form { sections })
    }

    /// The sections, parents before children.
    pub fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// The sections that stand directly in that one, or at the top.
    pub fn children(&self, parent: Option<usize>) -> impl Iterator<Item = (usize, &Section)> {
        self.sections.iter().enumerate().filter(move |(_, section)| section.parent == parent)
    }
}

impl RawField {
    fn complete(self, schema: &Schema) -> Result<Field, FormError> {
        let Some(full) = self.fact else {
            let kind = if self.kind.as_deref() == Some("date") { Type::Date } else { Type::Text };
            return Ok(Field {
                key: self.key.unwrap_or_default(),
                zh: self.zh,
                en: self.en.unwrap_or_default(),
                kind,
                values: Vec::new(),
                required: self.required,
                fact: None,
                ask_zh: String::new(),
                ask_en: String::new(),
            });
        };
        let fact = match schema.find(&full) {
            Some(id) => schema.fact(id),
            None => return Err(FormError::Fact(full)),
        };
        Ok(Field {
            key: fact.name.clone(),
            zh: self.zh,
            en: fact.en.clone(),
            kind: fact.kind,
            values: fact.values.clone(),
            required: self.required,
            fact: Some(full),
            ask_zh: fact.ask_zh.clone(),
            ask_en: fact.ask_en.clone(),
        })
    }
}

impl Section {
    /// Whether a table of a file, or a sheet, of that name is this section.
    pub fn is_named(&self, name: &str) -> bool {
        name == self.zh || name == self.key
    }

    /// The position of the field of that name, Chinese or English.
    pub fn field(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.zh == name || field.key == name)
    }

    /// Its name in files of that language.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.key,
        }
    }
}

impl Field {
    /// Its name in files of that language.
    pub fn name(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => &self.key,
        }
    }

    /// What to fill in.
    pub fn question(&self, language: Language) -> &str {
        match language {
            Language::Zh if self.ask_zh.is_empty() => &self.zh,
            Language::Zh => &self.ask_zh,
            Language::En if self.ask_en.is_empty() => &self.en,
            Language::En => &self.ask_en,
        }
    }
}
