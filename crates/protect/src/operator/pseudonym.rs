//! `pseudonym`: a keyed code, HMAC-SHA-256 or HMAC-SM3 of the normal form, cut to 80 bits.
//!
//! Without the key nothing can be tried out; with it, the same value has the same code in every file and
//! run, so tables can still be joined. The code is written in consonants: it is no word and holds no digits,
//! so it is never taken for a number. Two of a million values share a code with a chance of 4 in 10^13.
//!
//! Parameters: `length`, letters of the code, 12–64, default 20 (four bits each); `prefix`, what to write
//! before it, default nothing; `by`, `value` (default) or `person`: one code for everything of a person.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::cipher::Mac;
use crate::error::OperatorError;
use crate::form::consonants;
use zeroize::Zeroizing;

const NAME: &str = "pseudonym";

pub(super) const ENTRY: Entry =
    Entry { name: NAME, keyed: true, parameters: &["length", "prefix", "by"], treats: |_| true, make };

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let parameters = setup.parameters;
    let by_person = parameters.word(NAME, "by", &["value", "person"])? == "person";
    let key = setup.key(NAME, "code")?;
    Ok(Box::new(Pseudonym {
        mac: Mac::new(setup.suite, key.as_ref()),
        length: parameters.number_in(NAME, "length", 12..=64)?.and_then(|n| n.try_into().ok()).unwrap_or(20),
        prefix: parameters.any_text(NAME, "prefix")?.unwrap_or_default().to_owned(),
        by_person,
    }))
}

struct Pseudonym {
    mac: Mac,
    length: usize,
    prefix: String,
    by_person: bool,
}

impl Operator for Pseudonym {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        let code = if self.by_person {
            let anchor = context.person.and_then(|person| person.anchor.as_ref());
            let anchor = anchor.ok_or(OperatorError::PersonUnknown { operator: NAME })?;
            self.mac.tag(&[b"person", anchor.as_bytes()])
        } else {
            self.mac.tag(&[b"value", value.key().as_bytes()])
        };
        let mut letters = consonants(&code);
        letters.truncate(self.length);
        Ok([self.prefix.as_str(), &letters].concat())
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        Properties {
            consistent: !self.by_person,
            distinct: !self.by_person,
            keyed: true,
            ..Properties::default()
        }
    }
}
