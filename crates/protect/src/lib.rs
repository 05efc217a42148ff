//! Fragment and mentions → what to write instead: operators, keys and policies.
//!
//! Knows what a kind is and what may be shown of it. Must not know files, clocks, random sources or formats:
//! the bytes of a key file, random bytes and the day on which ages are reckoned are handed in, and whoever
//! walks a file asks here what to write for each mention. It does not know the detector either: a mention
//! comes in with its normal form.
//!
//! # How a rewriter uses it
//!
//! ```
//! use zhunsheng_model::{Kind, State};
//! use zhunsheng_protect::{Context, Keyring, MentionView, Policy, Protector, Suite, Tally, Value};
//! use zhunsheng_rules::Rules;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // Once: the policy, the keys (opened by the caller), and an object that all threads share.
//! let policy = Policy::ready("share").expect("it comes with the program")?;
//! let keyring = Keyring::new(Suite::Aes, [7; 32], None);
//! let protector = Protector::new(policy, Some(&keyring), Rules::embedded(), None)?;
//!
//! // For each mention that the detector hands over: `MentionView::of(&findings, &mention)`.
//! let mention = MentionView {
//!     kind: Kind::Phone,
//!     state: State::Valid,
//!     confidence: 95,
//!     value: Value::new("138 0013 8000", "13800138000"),
//! };
//! let replacement = protector.replace(&mention, &Context::default());
//! assert_eq!(replacement.as_str(), "138******8000");
//!
//! // For the receipt.
//! let mut tally = Tally::default();
//! tally.note(mention.kind, &replacement);
//! # Ok(())
//! # }
//! ```
//!
//! The walk of one document:
//!
//! 1. If [`Protector::needs_roster`], read it once and give every fragment's findings to [`Roster::observe`],
//!    in the order of the document; hand the roster in as [`Context::roster`] afterwards.
//! 2. For each record of the findings make [`Person::of`] once and hand it in as [`Context::person`]: it ties
//!    date shifts and invented birth dates to the person, and tells minors.
//! 3. For a column of a table ask [`Protector::column`] first; if it has a rule, every cell goes to
//!    [`Protector::replace_cell`] and its mentions are not looked at.
//! 4. For each mention [`Protector::replace`]; write [`Replacement::text`] over the bytes of
//!    [`zhunsheng_model::Locus`], or an empty value (NULL) where it is `None`. [`Context::slot`] says what the
//!    place can hold.
//! 5. Count into a [`Tally`], and note in a [`Ledger`]; those of several threads are added.
//! 6. Scan the copy, and ask [`Ledger::standing`] of every mention that is found: invented values and bands are
//!    found again and are no leak, whatever else is found fails the proof.
//!
//! The receipt takes [`Protector::policy`] (name, hash), [`Protector::key_ids`], [`Protector::suite`] and the
//! tally. `restore` uses [`Protector::restore_armour`] on every text and [`Protector::restore`] on columns
//! whose kind the receipt names; [`Roster::key_table`] is what brings aliases back.
//!
//! # Where things are
//!
//! | module | holds |
//! |---|---|
//! | [`operator`] | the trait, one file for each operator |
//! | [`policy`] | the policy file and what is wrong with it |
//! | [`keys`] | key versions, the encrypted key file, subkeys |
//! | [`cipher`] | AES and SM4, FF1, GCM, HMAC, HKDF |
//! | `roster` | who is who in a document |
//! | `ledger` | what was written, so that a second scan tells its own from what was left |
//!
//! What k-anonymity and its kin need comes in a module of its own, `table`, beside these.
//!
//! # For a new operator
//!
//! One file in `operator/`, one line in [`operator::OPERATORS`]; `tests/it/operators.rs` then holds it to what
//! its [`operator::Properties`] promise for every kind it treats. It is a pure function of value, context and
//! key; its errors carry no value.

mod check;
mod day;
mod division;
mod error;
mod form;
mod ledger;
mod person;
mod protector;
mod roster;
mod value;

pub mod cipher;
pub mod keys;
pub mod operator;
pub mod policy;
pub mod table;

pub use cipher::Suite;
pub use division::Divisions;
pub use error::{KeyError, OperatorError, PolicyError, ProtectError};
pub use keys::{KeyFile, Keyring};
pub use ledger::{Ledger, Standing};
pub use operator::Context;
pub use person::{Person, Sex};
pub use policy::{ColumnRule, Policy};
pub use protector::{Opened, Protector, Tally};
pub use roster::{KeyTable, Roster};
pub use value::{MentionView, Replacement, Slot, Value};
