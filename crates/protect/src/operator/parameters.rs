//! The parameters of an operator, as a policy states them.

use crate::error::OperatorError;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parameter {
    /// A text.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// Several texts.
    Texts(Vec<String>),
    /// Several whole numbers.
    Numbers(Vec<i64>),
}

/// Parameters by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parameters(pub BTreeMap<String, Parameter>);

impl Parameters {
    /// No parameters: every operator has defaults.
    pub fn none() -> Parameters {
        Parameters::default()
    }

    /// The same with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: Parameter) -> Parameters {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// The same with one more text.
    #[must_use]
    pub fn text(self, name: &str, value: &str) -> Parameters {
        self.with(name, Parameter::Text(value.to_owned()))
    }

    /// The same with one more number.
    #[must_use]
    pub fn number(self, name: &str, value: i64) -> Parameters {
        self.with(name, Parameter::Number(value))
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// One of `words`, or the first of them where the parameter is not there.
    pub(crate) fn word(
        &self,
        operator: &'static str,
        name: &str,
        words: &[&'static str],
    ) -> Result<&'static str, OperatorError> {
        let first = words.first().copied().unwrap_or_default();
        let found = match self.0.get(name) {
            None => Some(first),
            Some(Parameter::Text(text)) => words.iter().copied().find(|word| word == text),
            Some(_) => None,
        };
        found.ok_or_else(|| error(operator, name, format!("it is one of `{}`", words.join("`, `"))))
    }

    /// A text, or nothing where the parameter is not there.
    pub(crate) fn any_text(&self, operator: &'static str, name: &str) -> Result<Option<&str>, OperatorError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Parameter::Text(text)) => Ok(Some(text)),
            Some(_) => Err(error(operator, name, "it is a text in quotes".to_owned())),
        }
    }

    /// A number of `range`, or nothing where the parameter is not there.
    pub(crate) fn number_in(
        &self,
        operator: &'static str,
        name: &str,
        range: RangeInclusive<i64>,
    ) -> Result<Option<i64>, OperatorError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Parameter::Number(number)) if range.contains(number) => Ok(Some(*number)),
            Some(_) => {
                let (low, high) = range.into_inner();
                Err(error(operator, name, format!("it is a whole number from {low} to {high}")))
            }
        }
    }

    /// Words of `words`, or nothing where the parameter is not there.
    pub(crate) fn words(
        &self,
        operator: &'static str,
        name: &str,
        words: &[&'static str],
    ) -> Result<Option<Vec<&'static str>>, OperatorError> {
        let given: Vec<&String> = match self.0.get(name) {
            None => return Ok(None),
            Some(Parameter::Texts(texts)) => texts.iter().collect(),
            Some(Parameter::Text(text)) => vec![text],
            // `[]` holds neither texts nor numbers.
            Some(Parameter::Numbers(numbers)) if numbers.is_empty() => Vec::new(),
            Some(_) => return Err(error(operator, name, "it is a list of texts".to_owned())),
        };
        let known: Option<Vec<&'static str>> =
            given.iter().map(|text| words.iter().copied().find(|word| *word == text.as_str())).collect();
        match known {
            Some(known) => Ok(Some(known)),
            None => Err(error(operator, name, format!("its words are `{}`", words.join("`, `")))),
        }
    }

    /// Numbers in rising order, or nothing where the parameter is not there.
    pub(crate) fn rising(
        &self,
        operator: &'static str,
        name: &str,
    ) -> Result<Option<Vec<i64>>, OperatorError> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Parameter::Numbers(numbers))
                if !numbers.is_empty() && numbers.is_sorted_by(|a, b| a < b) =>
            {
                Ok(Some(numbers.clone()))
            }
            Some(_) => Err(error(operator, name, "it is a list of rising whole numbers".to_owned())),
        }
    }
}

fn error(operator: &'static str, name: &str, why: String) -> OperatorError {
    OperatorError::Parameter { operator, name: name.to_owned(), why }
}
