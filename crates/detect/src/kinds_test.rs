//! The examples in running text of the kinds that the scanner finds, each read by [`Scanner::scan`].

use crate::check::tests::tables;
use crate::{Hit, Scanner};
use std::sync::Arc;
use zhunsheng_model::{Date, Kind, State};
use zhunsheng_rules::{KindRule, Rules};

/// Kinds that the scanner finds by form, check or cue.
const KINDS: [Kind; 47] = [
    Kind::CnId,
    Kind::HmtResidence,
    Kind::ForeignPr,
    Kind::Passport,
    Kind::HkmPermit,
    Kind::TwPermit,
    Kind::HomeReturn,
    Kind::TaiwanCompatriot,
    Kind::Hkid,
    Kind::MacauId,
    Kind::TwId,
    Kind::MilitaryId,
    Kind::PoliceId,
    Kind::DriverLicence,
    Kind::SocialSecurity,
    Kind::MedicalInsurance,
    Kind::DisabilityCert,
    Kind::BirthCert,
    Kind::DoctorLicence,
    Kind::StudentId,
    Kind::Phone,
    Kind::Landline,
    Kind::Email,
    Kind::Wechat,
    Kind::Qq,
    Kind::Password,
    Kind::SmsCode,
    Kind::BankCard,
    Kind::BankAccount,
    Kind::CardSecurity,
    Kind::Plate,
    Kind::Vin,
    Kind::Imei,
    Kind::Meid,
    Kind::Imsi,
    Kind::Iccid,
    Kind::Mac,
    Kind::Ip,
    Kind::GeoLng,
    Kind::GeoLat,
    Kind::BirthDate,
    Kind::Waybill,
    Kind::Uscc,
    Kind::OrgCode,
    Kind::BusinessReg,
    Kind::CaseNo,
    Kind::PropertyCert,
];

fn scan(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    Scanner::new(Arc::clone(tables()), Date::parse("2026-11-23").unwrap()).scan(text, &mut hits);
    hits
}

fn reason_of(state: State) -> Option<&'static str> {
    match state {
        State::Valid => None,
        State::Invalid(reason) => Some(reason.as_str()),
        State::Masked => Some("masked"),
        State::Placeholder => Some("placeholder"),
    }
}

/// What is wrong with the examples of one kind, a line each.
fn faults(rule: &KindRule) -> Vec<String> {
    let mut faults = Vec::new();
    let (mut right, mut wrong) = (0, 0);
    for example in rule.examples.iter().filter(|example| !example.text.is_empty()) {
        let hits = scan(&example.text);
        let of_kind = hits.iter().filter(|hit| hit.kind == rule.kind);
        let found: Vec<&str> = of_kind
            .clone()
            .filter(|hit| hit.state == State::Valid)
            .map(|hit| example.text.get(hit.start as usize..hit.end as usize).unwrap())
            .collect();
        if found != example.find {
            faults.push(format!("{}: `{}` gave {found:?} not {:?}", rule.id, example.text, example.find));
        }
        let reasons: Vec<&str> = of_kind.filter_map(|hit| reason_of(hit.state)).collect();
        if example.reason.as_deref().is_some_and(|reason| !reasons.contains(&reason)) {
            faults.push(format!("{}: `{}` gave {reasons:?} not {:?}", rule.id, example.text, example.reason));
        }
        if example.find.is_empty() {
            wrong += 1;
        } else {
            right += 1;
        }
    }
    if right < 2 || wrong < 2 {
        faults.push(format!(
            "{}: {right} right and {wrong} wrong examples, two of each are asked for",
            rule.id
        ));
    }
    faults
}

#[test]
fn the_examples_of_every_kind_come_out_as_they_say() {
    let faults: Vec<String> = KINDS.iter().flat_map(|kind| faults(Rules::embedded().kind(*kind))).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert!(faults_of_a_wrong_example_are_seen());
}

/// The runner itself can fail: an example with a wrong expectation is a fault.
fn faults_of_a_wrong_example_are_seen() -> bool {
    let mut rule = Rules::embedded().kind(Kind::Phone).clone();
    for example in &mut rule.examples {
        example.find.push("0".to_owned());
    }
    faults(&rule).len() >= rule.examples.len()
}
