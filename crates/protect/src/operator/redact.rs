//! `redact`: the name of the kind in place of the value.
//!
//! Parameters: `text`, what to write instead (`{kind}` stands for the kind's Chinese name, `{id}` for its
//! id); default `[{kind}]`.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::error::OperatorError;
use zeroize::Zeroizing;

pub(crate) const NAME: &str = "redact";

pub(super) const ENTRY: Entry =
    Entry { name: NAME, keyed: false, parameters: &["text"], treats: |_| true, make };

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let form = setup.parameters.any_text(NAME, "text")?.unwrap_or("[{kind}]");
    let text = form.replace("{kind}", setup.kind.name_zh()).replace("{id}", setup.kind.id());
    Ok(Box::new(Redact { text }))
}

struct Redact {
    text: String,
}

impl Operator for Redact {
    fn apply(&self, _: Value<'_>, _: &Context<'_>) -> Result<String, OperatorError> {
        Ok(self.text.clone())
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        Properties { consistent: true, ..Properties::default() }
    }
}
