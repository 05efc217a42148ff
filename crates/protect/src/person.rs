//! Whose value it is: what ties the replacements of one record together.

use crate::day;
use std::fmt;
use zeroize::Zeroizing;
use zhunsheng_model::{Date, Findings, Kind, RecordSpan, State};

/// The kinds by which a person is known again in another file, best first.
///
/// Names stand last: two people may share one, but a name is better than nothing.
const ANCHORS: &[Kind] = &[
    Kind::CnId,
    Kind::HmtResidence,
    Kind::ForeignPr,
    Kind::Passport,
    Kind::Hkid,
    Kind::TwId,
    Kind::MacauId,
    Kind::Phone,
    Kind::Email,
    Kind::BankCard,
    Kind::Wechat,
    Kind::Qq,
    Kind::SocialSecurity,
    Kind::StudentId,
    Kind::Person,
];

/// Male or female, as the data says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the two values speak for themselves")]
pub enum Sex {
    Male,
    Female,
}

/// What a record tells about its person, as far as operators use it.
///
/// Holds personal information: it is never printed, and the anchor is wiped.
#[derive(Clone, Default)]
pub struct Person {
    /// The identifier that stands for the person in keyed operators, as `KIND` and normal form.
    ///
    /// The same person has the same replacements wherever the same anchor is found; a caller that knows
    /// better who is who (rule R1) may put one anchor for all records of a person.
    pub anchor: Option<Zeroizing<String>>,
    /// The sex, where a citizen number or a field of the record tells it.
    pub sex: Option<Sex>,
    /// The birth date, where a citizen number or a field of the record tells it.
    pub birth: Option<Date>,
}

impl Person {
    /// What `record` of `findings` tells.
    pub fn of(findings: &Findings, record: &RecordSpan) -> Person {
        let mentions = findings.mentions_of(record);
        let valid = |kind: Kind| {
            mentions
                .iter()
                .find(|mention| mention.kind == kind && mention.state == State::Valid)
                .map(|mention| findings.text(mention.normal))
                .filter(|text| !text.is_empty())
        };
        let name = findings
            .name_of(record)
            .filter(|mention| mention.state == State::Valid)
            .map(|mention| findings.text(mention.normal))
            .filter(|text| !text.is_empty());
        let anchor = ANCHORS.iter().find_map(|kind| {
            let text = if *kind == Kind::Person { name.or_else(|| valid(*kind)) } else { valid(*kind) };
            text.map(|text| Person::anchor(*kind, text))
        });
        let number = valid(Kind::CnId);
        let sex = number.and_then(sex_of_number).or_else(|| match valid(Kind::Sex) {
            Some("男") => Some(Sex::Male),
            Some("女") => Some(Sex::Female),
            _ => None,
        });
        let birth =
            number.and_then(Date::of_citizen_number).or_else(|| valid(Kind::BirthDate).and_then(day::parse));
        Person { anchor, sex, birth }
    }

    /// The anchor of a person known by this value.
    pub fn anchor(kind: Kind, normal: &str) -> Zeroizing<String> {
        Zeroizing::new([kind.id(), "\0", normal].concat())
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person")
    }
}

/// The sex in a citizen number of 18 characters: the 17th digit is odd for men (GB 11643).
pub(crate) fn sex_of_number(number: &str) -> Option<Sex> {
    let digit = number.as_bytes().get(16).filter(|byte| byte.is_ascii_digit() && number.len() == 18)?;
    Some(if digit % 2 == 1 { Sex::Male } else { Sex::Female })
}
