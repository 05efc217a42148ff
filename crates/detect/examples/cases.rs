//! Judges unit cases of another project and prints what we see differently, as Markdown:
//! `ZHUNSHENG_CASES=cases.jsonl cases > docs/cases.md`.
//!
//! A case is one JSON object a line: `{"id","text","type","should_match","expected","note"}`. Every disagreement
//! must have its reason below; one without makes the program fail, so that none slips in unnoticed.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a measuring program speaks to its terminal")]

use std::collections::BTreeMap;
use std::process::ExitCode;
use zhunsheng_detect::{Detector, Hit};
use zhunsheng_model::{Date, Kind, State};
use zhunsheng_rules::Rules;

/// The kinds that a type of the cases stands for.
fn kinds(name: &str) -> &'static [Kind] {
    match name {
        "email" => &[Kind::Email],
        "imei" => &[Kind::Imei],
        "ip_address" => &[Kind::Ip],
        "mac_address" => &[Kind::Mac],
        "bank_card" => &[Kind::BankCard],
        "credit_code" => &[Kind::Uscc],
        "date_of_birth" => &[Kind::BirthDate],
        "id_number" => &[Kind::CnId],
        "license_plate" => &[Kind::Plate],
        "military_id" => &[Kind::MilitaryId],
        "passport" => &[Kind::Passport],
        "phone" => &[Kind::Phone, Kind::Landline],
        "qq" => &[Kind::Qq],
        "wechat" => &[Kind::Wechat],
        "social_security" => &[Kind::SocialSecurity],
        "age" => &[Kind::Age],
        "ethnicity" => &[Kind::Ethnicity],
        "person" => &[Kind::Person],
        "address" => &[Kind::Address],
        "organization" | "school" | "workplace" => &[Kind::Org],
        "job_title" => &[Kind::Position],
        "medical" => &[Kind::Health, Kind::Drug],
        "religion" => &[Kind::Religion],
        "political" => &[Kind::Political],
        "financial" => &[Kind::Salary],
        "biometric" => &[Kind::Biometric],
        // No kind of ours: what is expected differs with a reason, what is not expected cannot be found.
        "self_reference" | "criminal_record" | "sexual_orientation" => &[],
        _ => &[],
    }
}

/// Types whose words are said of somebody: they are looked for although the cases name nobody.
const MATTERS: &[&str] = &["medical", "religion", "political", "financial", "biometric"];

/// Why we see a case differently: by the whole id, or by its beginning.
const REASONS: &[(&str, &str)] = include!("cases_reasons.in");

fn main() -> ExitCode {
    let Some(path) = std::env::var_os("ZHUNSHENG_CASES") else {
        eprintln!("ZHUNSHENG_CASES names no file: nothing was judged");
        return ExitCode::from(2);
    };
    let Some(reference) = Date::new(2026, 11, 23) else { return ExitCode::FAILURE };
    let (text, detector) = match (std::fs::read_to_string(&path), Detector::new(Rules::embedded(), reference))
    {
        (Ok(text), Ok(detector)) => (text, detector),
        _ => {
            eprintln!("the cases or the rules cannot be read");
            return ExitCode::FAILURE;
        }
    };
    let (mut judged, mut unexplained) = (0, 0);
    let mut rows: BTreeMap<String, String> = BTreeMap::new();
    for line in text.lines() {
        let Ok(case) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let field = |name: &str| case.get(name).and_then(|value| value.as_str()).unwrap_or_default();
        let kinds = kinds(field("type"));
        judged += 1;
        let text = field("text");
        let mut hits = detector.spans(text);
        if MATTERS.contains(&field("type")) {
            hits.extend(detector.matters(text));
        }
        let hits: Vec<Hit> = hits.into_iter().filter(|hit| kinds.contains(&hit.kind)).collect();
        let value = |hit: &Hit| text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
        let valid = || hits.iter().filter(|hit| hit.state == State::Valid);
        let should = case.get("should_match").and_then(|value| value.as_bool()).unwrap_or_default();
        let expected = field("expected");
        let agrees = match should {
            true => valid().any(|hit| expected.is_empty() || value(hit) == expected),
            false => valid().next().is_none(),
        };
        if agrees {
            continue;
        }
        let id = field("id");
        let reason = REASONS.iter().find(|(known, _)| id == *known).or_else(|| {
            REASONS
                .iter()
                .find(|(known, _)| known.ends_with('*') && id.starts_with(known.trim_end_matches('*')))
        });
        if reason.is_none() {
            unexplained += 1;
        }
        let ours: Vec<String> = hits
            .iter()
            .map(|hit| match hit.state {
                State::Invalid(why) => format!("{} {}", hit.kind.id(), why.as_str()),
                _ => format!("{} `{}`", hit.kind.id(), value(hit)),
            })
            .collect();
        let ours = if ours.is_empty() { "nothing".to_owned() } else { ours.join(", ") };
        let theirs = match (should, expected) {
            (false, _) => "nothing".to_owned(),
            (true, "") => "a match".to_owned(),
            (true, value) => format!("`{value}`"),
        };
        let reason = reason.map_or("**not explained**", |(_, reason)| reason);
        rows.insert(
            id.to_owned(),
            format!("| {id} | {} | {theirs} | {ours} | {reason} |", text.replace('|', "\\|")),
        );
    }
    println!("# Unit cases of another project that we see differently\n");
    println!(
        "Written by `cargo run -p zhunsheng-detect --example cases`, with `ZHUNSHENG_CASES` naming the cases."
    );
    println!(
        "The cases are fixtures of argus-redact (Apache-2.0): positive and negative examples with made-up values."
    );
    println!(
        "{judged} cases are judged, {} are seen alike, {} differently.\n",
        judged - rows.len(),
        rows.len()
    );
    println!("| case | text | the case expects | we find | why |");
    println!("| --- | --- | --- | --- | --- |");
    for row in rows.values() {
        println!("{row}");
    }
    if unexplained > 0 {
        eprintln!("{unexplained} disagreements have no reason");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
