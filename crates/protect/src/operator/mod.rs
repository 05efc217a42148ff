//! The operators: one file each, one line in [`OPERATORS`]; one suite in `tests/it/operators.rs` runs over all.
//!
//! An operator is set up once for a kind, its parameters and its keys ([`Entry::make`]), and then treats any
//! number of values. It is a pure function of the value, the context and the key: no clock, no random
//! source, no state, so the same person is treated the same in every file, in every run, on every thread.

mod alias;
mod date_shift;
mod drop;
mod encrypt;
mod fpe;
mod generalise;
mod keep;
mod mask;
mod parameters;
mod pseudonym;
mod redact;
mod synthetic;

pub use encrypt::{Armour, armour, opens};
pub use parameters::{Parameter, Parameters};

use crate::cipher::{Key, Suite};
use crate::division::Divisions;
use crate::error::OperatorError;
use crate::keys::{Keyring, Usage};
use crate::roster::Roster;
use crate::{Person, Slot, Value};
use std::sync::Arc;
use zeroize::Zeroizing;
use zhunsheng_model::{Date, Kind};
use zhunsheng_rules::Rules;

/// Replaces values of one kind.
pub trait Operator: Send + Sync {
    /// The replacement of `value`.
    ///
    /// # Errors
    /// When the value does not have the form the operator needs ([`OperatorError::is_of_the_value`]); never
    /// with a raw value in the message.
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError>;

    /// The normal form of the value that `replaced` stands for.
    ///
    /// # Errors
    /// [`OperatorError::NotReversible`] unless [`Properties::reversible`]; [`OperatorError::WrongKey`] where
    /// the operator can tell that the key is not the one.
    fn reverse(&self, replaced: &str, context: &Context<'_>) -> Result<Zeroizing<String>, OperatorError>;

    /// What it promises.
    fn properties(&self) -> Properties;
}

/// What an operator promises for its kind; the common suite holds it to that.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Properties {
    /// [`Operator::reverse`] gives the normal form back under the same key (and person).
    pub reversible: bool,
    /// A value in normal form keeps its number of characters.
    pub keeps_length: bool,
    /// Digits become digits, letters letters or digits, Han characters Han characters.
    pub keeps_alphabet: bool,
    /// Equal values have equal replacements, whoever and wherever they are.
    pub consistent: bool,
    /// Different values have different replacements.
    pub distinct: bool,
    /// A key goes in.
    pub keyed: bool,
    /// The replacement belongs to nobody: it fails its check digit or lies in a range never given out.
    pub nobodys: bool,
}

/// What a value stands in.
#[derive(Clone, Copy, Default)]
pub struct Context<'a> {
    /// Whose it is.
    pub person: Option<&'a Person>,
    /// The people of the document, for operators that tell them apart ([`crate::Protector::needs_roster`]).
    pub roster: Option<&'a Roster>,
    /// What the place can hold.
    pub slot: Slot,
    /// The head of the column; nothing in a text.
    pub column: Option<&'a str>,
    /// For [`Operator::reverse`]: the version the value was protected under, where it does not say so itself.
    pub key_version: Option<u32>,
    /// A nonce from the caller's random source for `encrypt`. Without it the nonce is derived from the
    /// value, so that equal values have equal replacements.
    pub nonce: Option<[u8; 12]>,
}

/// What an operator is set up with.
#[derive(Clone, Copy)]
pub struct Setup<'a> {
    /// The kind to treat.
    pub kind: Kind,
    /// From the policy.
    pub parameters: &'a Parameters,
    /// The keys; operators that need none do without.
    pub keyring: Option<&'a Keyring>,
    /// The suite of the policy or of the keys.
    pub suite: Suite,
    /// Lexicons.
    pub rules: &'a Rules,
    /// The division tree.
    pub divisions: &'a Arc<Divisions>,
    /// The day on which ages are reckoned.
    pub as_of: Date,
}

impl Setup<'_> {
    /// The subkeys of this operator, kind and purpose, newest version first.
    fn keys(&self, operator: &'static str, purpose: &str) -> Result<Vec<(u32, Key)>, OperatorError> {
        let ring = self.keyring.ok_or(OperatorError::KeyMissing { operator })?;
        let usage = Usage { operator, kind: self.kind.id(), purpose };
        let mut keys = Vec::new();
        for key in ring.versions() {
            let version = key.version();
            let subkey = ring
                .subkey(version, self.suite, &usage)
                .map_err(|_| OperatorError::KeyVersionUnknown { version })?;
            keys.push((version, subkey));
        }
        keys.reverse();
        Ok(keys)
    }

    /// The subkey of the newest version.
    fn key(&self, operator: &'static str, purpose: &str) -> Result<Key, OperatorError> {
        let mut keys = self.keys(operator, purpose)?;
        if keys.is_empty() {
            return Err(OperatorError::KeyMissing { operator });
        }
        Ok(keys.swap_remove(0).1)
    }
}

/// One line of the list of operators.
pub struct Entry {
    /// The word in policies, receipts and reports.
    pub name: &'static str,
    /// Whether it needs a key.
    pub keyed: bool,
    /// Names of its parameters.
    pub parameters: &'static [&'static str],
    /// Whether it can do anything for a kind.
    pub treats: fn(Kind) -> bool,
    /// Sets it up.
    pub make: fn(&Setup<'_>) -> Result<Box<dyn Operator>, OperatorError>,
}

/// Every operator.
pub static OPERATORS: &[Entry] = &[
    alias::ENTRY,
    date_shift::ENTRY,
    drop::ENTRY,
    encrypt::ENTRY,
    fpe::ENTRY,
    generalise::ENTRY,
    keep::ENTRY,
    mask::ENTRY,
    pseudonym::ENTRY,
    redact::ENTRY,
    synthetic::ENTRY,
];

/// Words by which people ask for an unkeyed hash.
const HASHES: &[&str] =
    &["hash", "md5", "sha1", "sha256", "sha512", "sha-1", "sha-256", "sm3", "blake3", "digest"];

/// The operator of that name.
///
/// # Errors
/// [`OperatorError::UnkeyedHash`] for a hash without a key, [`OperatorError::UnknownOperator`] for anything
/// else that is none.
pub fn entry(name: &str) -> Result<&'static Entry, OperatorError> {
    if let Some(entry) = OPERATORS.iter().find(|entry| entry.name == name) {
        return Ok(entry);
    }
    let name = name.to_owned();
    Err(if HASHES.contains(&name.to_ascii_lowercase().as_str()) {
        OperatorError::UnkeyedHash { name }
    } else {
        OperatorError::UnknownOperator { name }
    })
}

/// Sets up the operator of that name; checks that it treats the kind and knows its parameters.
///
/// # Errors
/// [`OperatorError`] with what is wrong and what would be right.
pub fn make(name: &str, setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let entry = entry(name)?;
    if let Some(unknown) = setup.parameters.names().find(|name| !entry.parameters.contains(name)) {
        let known = entry.parameters.join("`, `");
        let why = if known.is_empty() {
            "it takes no parameters".to_owned()
        } else {
            format!("there is none of that name; there are `{known}`")
        };
        return Err(OperatorError::Parameter { operator: entry.name, name: unknown.to_owned(), why });
    }
    if !(entry.treats)(setup.kind) {
        return Err(OperatorError::Unsupported { operator: entry.name, kind: setup.kind });
    }
    (entry.make)(setup)
}

/// The names of all operators, for messages.
pub(crate) fn names() -> String {
    let quoted: Vec<String> = OPERATORS.iter().map(|entry| format!("`{}`", entry.name)).collect();
    quoted.join(", ")
}
