//! `drop`: nothing is left, not even that something stood there.

use super::{Context, Entry, Operator, Properties};
use crate::Value;
use crate::error::OperatorError;
use zeroize::Zeroizing;

pub(crate) const NAME: &str = "drop";

pub(super) const ENTRY: Entry =
    Entry { name: NAME, keyed: false, parameters: &[], treats: |_| true, make: |_| Ok(Box::new(Drop)) };

struct Drop;

impl Operator for Drop {
    fn apply(&self, _: Value<'_>, _: &Context<'_>) -> Result<String, OperatorError> {
        Ok(String::new())
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        Properties { consistent: true, ..Properties::default() }
    }
}
