//! What goes into an operator and what comes out.

use std::fmt;
use zhunsheng_model::{Findings, Kind, Mention, Reason, State};

/// A value as it stands and in its normal form (the form in which equal values are equal).
///
/// Holds personal information: there is no way to print it.
#[derive(Clone, Copy)]
pub struct Value<'a> {
    /// As it stands in the data.
    pub raw: &'a str,
    /// In normal form; empty when the detector gave none, because the value is not valid.
    pub normal: &'a str,
}

impl<'a> Value<'a> {
    /// A value with its normal form, which may be empty.
    pub fn new(raw: &'a str, normal: &'a str) -> Value<'a> {
        Value { raw, normal }
    }

    /// The normal form where there is one, else the value without blanks around it: what keyed operators
    /// work on, so that one value written in two ways has one replacement.
    pub fn key(self) -> &'a str {
        if self.normal.is_empty() { self.raw.trim() } else { self.normal }
    }
}

impl fmt::Debug for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Value")
    }
}

/// A mention as the protector needs it.
#[derive(Clone, Copy, Debug)]
pub struct MentionView<'a> {
    /// What it is.
    pub kind: Kind,
    /// Whether it counts.
    pub state: State,
    /// How sure the detector is, 0–100.
    pub confidence: u8,
    /// The value.
    pub value: Value<'a>,
}

impl<'a> MentionView<'a> {
    /// The view of `mention`, which is one of `findings`.
    pub fn of(findings: &'a Findings, mention: &Mention) -> MentionView<'a> {
        MentionView {
            kind: mention.kind,
            state: mention.state,
            confidence: mention.confidence,
            value: Value::new(findings.text(mention.raw), findings.text(mention.normal)),
        }
    }

    /// Whether there is nothing to protect: it is covered already, stands for nothing, or is an address of
    /// networks and servers (127.0.0.1) that no person has.
    pub fn is_bare(&self) -> bool {
        match self.state {
            State::Masked | State::Placeholder | State::Invalid(Reason::ReservedAddress) => true,
            State::Invalid(Reason::NotPersonal) => self.kind == Kind::Ip,
            State::Valid | State::Invalid(_) => false,
        }
    }
}

/// What the place of the value can hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Slot {
    /// Any text.
    #[default]
    Text,
    /// A whole number without leading zero: an integer column, a number in JSON.
    Integer,
    /// A day: a date column of a database.
    Date,
}

/// What to write in place of a mention.
#[derive(Clone, PartialEq, Eq)]
pub struct Replacement {
    /// The text to write; `None` where the place can hold only an empty value (NULL, an empty cell).
    pub text: Option<String>,
    /// Whether the value stays as it is; `text` is the value itself then.
    pub kept: bool,
    /// The operator that made it: the rule's, or the one that stood in.
    pub operator: &'static str,
    /// Whether the rule's `otherwise` stood in because its operator could not treat the value.
    pub stood_in: bool,
    /// Whether [`crate::Protector::restore`] can undo it.
    pub reversible: bool,
}

impl Replacement {
    /// The text to write; nothing where the place stays empty.
    pub fn as_str(&self) -> &str {
        self.text.as_deref().unwrap_or_default()
    }
}

impl fmt::Debug for Replacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Replacement by {}", self.operator)
    }
}
