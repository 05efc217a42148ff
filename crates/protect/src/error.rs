//! What can go wrong; no message carries a personal value, a key or a passphrase.

use thiserror::Error;
use zhunsheng_model::Kind;

/// Why an operator cannot be set up, or cannot treat a value.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum OperatorError {
    /// No operator has that name.
    #[error("there is no operator `{name}`; there are {known}", known = crate::operator::names())]
    UnknownOperator {
        /// What was asked for.
        name: String,
    },
    /// An unkeyed hash of an identifier can be undone by trying every identifier.
    #[error(
        "operator `{name}` is refused: an unkeyed hash is undone by trying every value; use `pseudonym` with a key"
    )]
    UnkeyedHash {
        /// What was asked for.
        name: String,
    },
    /// The operator has nothing to offer for the kind.
    #[error("operator `{operator}` cannot treat {kind}", kind = kind.id())]
    Unsupported {
        /// The operator.
        operator: &'static str,
        /// The kind.
        kind: Kind,
    },
    /// A parameter is missing, unknown or out of range.
    #[error("operator `{operator}`, parameter `{name}`: {why}")]
    Parameter {
        /// The operator.
        operator: &'static str,
        /// The parameter.
        name: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// The operator needs a key and none was given.
    #[error("operator `{operator}` needs a key; make one with `zhunsheng keys new`")]
    KeyMissing {
        /// The operator.
        operator: &'static str,
    },
    /// The value was replaced under a key version that the key file does not hold.
    #[error("the key file holds no version {version}")]
    KeyVersionUnknown {
        /// The version that is asked for.
        version: u32,
    },
    /// So few values are possible that all could be tried.
    #[error(
        "operator `{operator}` refuses {kind}: {size} possible values, at least {needed} are needed",
        kind = kind.id(),
        needed = crate::cipher::DOMAIN_MIN
    )]
    DomainTooSmall {
        /// The operator.
        operator: &'static str,
        /// The kind.
        kind: Kind,
        /// How many values there are.
        size: u128,
    },
    /// The value does not have the form on which the operator works.
    #[error("operator `{operator}` cannot treat a {kind} of this form: {why}", kind = kind.id())]
    NotInDomain {
        /// The operator.
        operator: &'static str,
        /// The kind.
        kind: Kind,
        /// What is missing.
        why: &'static str,
    },
    /// The operator acts by person and the record does not tell whose the value is.
    #[error("operator `{operator}` needs to know whose value it is")]
    PersonUnknown {
        /// The operator.
        operator: &'static str,
    },
    /// The operator names people within a document and none was given.
    #[error("operator `{operator}` needs the roster of the document")]
    RosterMissing {
        /// The operator.
        operator: &'static str,
    },
    /// What the operator did cannot be undone.
    #[error("what operator `{operator}` did cannot be undone")]
    NotReversible {
        /// The operator.
        operator: &'static str,
    },
    /// The text was not made with this key, or was changed since.
    #[error("the key does not fit, or the protected value was changed")]
    WrongKey,
}

impl OperatorError {
    /// Whether the fault lies in the value at hand, so that the rule's `otherwise` can stand in.
    pub fn is_of_the_value(&self) -> bool {
        matches!(
            self,
            OperatorError::NotInDomain { .. }
                | OperatorError::DomainTooSmall { .. }
                | OperatorError::PersonUnknown { .. }
                | OperatorError::RosterMissing { .. }
        )
    }
}

/// Why keys cannot be used.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyError {
    /// The passphrase does not open the key file.
    #[error("the passphrase does not open this key file; nothing was changed")]
    WrongPassphrase,
    /// The file is no key file.
    #[error("this is no key file: {0}")]
    NotAKeyFile(&'static str),
    /// The file was changed or cut since it was written.
    #[error("the key file is damaged: its checksum does not fit; use a copy")]
    Damaged,
    /// The key file asks for more memory or time than any honest file does.
    #[error("the key file asks for more work than is allowed: {0}")]
    TooCostly(&'static str),
    /// A passphrase that is too short.
    #[error("a passphrase has at least {min} characters")]
    PassphraseTooShort {
        /// The least number of characters.
        min: usize,
    },
    /// A bare key that is not 64 hexadecimal digits.
    #[error("a bare key is 64 hexadecimal digits")]
    NotAKey,
    /// A version that is already there.
    #[error("the key file holds version {version} already")]
    VersionRepeated {
        /// The version.
        version: u32,
    },
    /// A version that is not there.
    #[error("the key file holds no version {version}")]
    VersionUnknown {
        /// The version.
        version: u32,
    },
    /// The primitive refused its input; happens with no honest file.
    #[error("the cipher refuses this input")]
    Refused,
}

/// What is wrong with a policy file.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{file}:{line}: {message}{}", hint.as_ref().map(|hint| format!("; {hint}")).unwrap_or_default())]
pub struct PolicyError {
    /// The file as the user named it.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

/// Why a protector cannot be made.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProtectError {
    /// The policy cannot be read.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A key cannot be used.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// An operator of the policy cannot be set up.
    #[error("policy `{policy}`, line {line}: {error}")]
    Operator {
        /// The policy.
        policy: String,
        /// The line of the rule, from 1.
        line: usize,
        /// Why.
        error: OperatorError,
    },
}
