//! `keep`: the value stays as it is. Said by name in a policy, never the default.

use super::{Context, Entry, Operator, Properties};
use crate::Value;
use crate::error::OperatorError;
use zeroize::Zeroizing;

const NAME: &str = "keep";

pub(super) const ENTRY: Entry =
    Entry { name: NAME, keyed: false, parameters: &[], treats: |_| true, make: |_| Ok(Box::new(Keep)) };

struct Keep;

impl Operator for Keep {
    fn apply(&self, value: Value<'_>, _: &Context<'_>) -> Result<String, OperatorError> {
        Ok(value.raw.to_owned())
    }

    fn reverse(&self, replaced: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Ok(Zeroizing::new(replaced.to_owned()))
    }

    fn properties(&self) -> Properties {
        Properties {
            reversible: true,
            keeps_length: true,
            keeps_alphabet: true,
            consistent: true,
            distinct: true,
            ..Properties::default()
        }
    }
}
