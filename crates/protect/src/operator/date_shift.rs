//! `date_shift`: every date of a person is moved by the same number of days, drawn by the key.
//!
//! The time between two dates of a person stays true (admission and discharge, visits), the days do not.
//! A date whose person is not known is refused, and the rule's `otherwise` stands in.
//!
//! Parameters: `days`, the farthest shift in days, 7–3650, default 365; never 0, earlier or later.
//!
//! A shift is undone for whoever holds the key and can say whose date it was ([`Context::person`]).

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::cipher::Mac;
use crate::day::{self, Written};
use crate::error::OperatorError;
use zeroize::Zeroizing;
use zhunsheng_model::Kind;

const NAME: &str = "date_shift";

pub(super) const ENTRY: Entry = Entry {
    name: NAME,
    keyed: true,
    parameters: &["days"],
    treats: |kind| {
        matches!(
            kind,
            Kind::BirthDate | Kind::HotelTime | Kind::Travel | Kind::Transaction | Kind::CallRecord
        )
    },
    make,
};

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let days = setup.parameters.number_in(NAME, "days", 7..=3650)?.unwrap_or(365);
    let ring = setup.keyring.ok_or(OperatorError::KeyMissing { operator: NAME })?;
    let mut shifts = Vec::new();
    // One key for dates of every kind: the time between two dates of a person must stay true.
    let usage = crate::keys::Usage { operator: NAME, kind: "", purpose: "shift" };
    for key in ring.versions() {
        let version = key.version();
        let subkey = ring
            .subkey(version, setup.suite, &usage)
            .map_err(|_| OperatorError::KeyVersionUnknown { version })?;
        shifts.push((version, Mac::new(setup.suite, subkey.as_ref())));
    }
    shifts.reverse();
    Ok(Box::new(DateShift { shifts, days, kind: setup.kind }))
}

struct DateShift {
    /// Newest version first.
    shifts: Vec<(u32, Mac)>,
    days: i64,
    kind: Kind,
}

impl Operator for DateShift {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        self.moved(value.raw.trim(), context, 1)
    }

    fn reverse(&self, replaced: &str, context: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        self.moved(replaced, context, -1).map(Zeroizing::new)
    }

    fn properties(&self) -> Properties {
        Properties { reversible: true, keyed: true, ..Properties::default() }
    }
}

impl DateShift {
    fn moved(&self, text: &str, context: &Context<'_>, sign: i64) -> Result<String, OperatorError> {
        let anchor = context.person.and_then(|person| person.anchor.as_ref());
        let anchor = anchor.ok_or(OperatorError::PersonUnknown { operator: NAME })?;
        let not = |why| OperatorError::NotInDomain { operator: NAME, kind: self.kind, why };
        let mac = match context.key_version {
            None => self.shifts.first(),
            Some(version) => self.shifts.iter().find(|(known, _)| *known == version),
        };
        let (_, mac) =
            mac.ok_or(OperatorError::KeyVersionUnknown { version: context.key_version.unwrap_or(0) })?;
        let [a, b, c, d, e, f, g, h, ..] = mac.tag(&[anchor.as_bytes()]);
        // 1..=days, and the lowest bit says whether earlier or later.
        let drawn = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        let days = i64::try_from((drawn >> 1) % self.days.unsigned_abs()).unwrap_or(0) + 1;
        let days = if drawn & 1 == 0 { days } else { -days } * sign;
        let written = Written::parse(text).ok_or_else(|| not("it is no day"))?;
        let date = day::of_number(day::number(written.date) + days);
        Ok(written.with(date.ok_or_else(|| not("the shifted day lies outside the calendar"))?))
    }
}
