//! `alias`: people and organisations by the names that published judgments give them.
//!
//! The publication rules (最高人民法院关于人民法院在互联网公布裁判文书的规定, 法释〔2016〕19号, art. 8 and 10)
//! keep the surname and write 某 for the given name, and tell apart names that become equal; of foreign
//! names and of names of ethnic minorities the first character is kept.
//! Organisations are written as the guiding cases do: 某科技公司, without region and brand.
//!
//! Who is who is said by the roster of the document ([`Roster`]), which is read before anything is written:
//! one 张某 alone, several 张某甲, 张某乙 in the order in which they first stand.
//!
//! Parameters: `number`, `stems` (甲乙丙丁, default) or `digits` (张某1, 张某2, the letter of the rules);
//! `surname`, `keep` (default) or `hide` (某甲, 某乙: for minors).
//!
//! What an alias stands for is found in the roster's key table ([`crate::KeyTable`]).

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::error::OperatorError;
use crate::roster::Style;
use zeroize::Zeroizing;
use zhunsheng_model::Kind;

pub(crate) const NAME: &str = "alias";

pub(super) const ENTRY: Entry = Entry {
    name: NAME,
    keyed: false,
    parameters: &["number", "surname"],
    treats: |kind| matches!(kind, Kind::Person | Kind::Org),
    make,
};

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    Ok(Box::new(Alias { kind: setup.kind, style: Style::of(setup.parameters)? }))
}

struct Alias {
    kind: Kind,
    style: Style,
}

impl Operator for Alias {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        let roster = context.roster.ok_or(OperatorError::RosterMissing { operator: NAME })?;
        roster.alias(self.kind, value.key(), self.style).ok_or(OperatorError::NotInDomain {
            operator: NAME,
            kind: self.kind,
            why: "it is not in the roster of the document",
        })
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        Properties { consistent: true, distinct: true, ..Properties::default() }
    }
}
