//! The official cases.

use crate::{cases, errors, full, today};
use zhunsheng_judge::{LawTexts, Texts, run_case};

#[test]
fn every_case_comes_out_as_the_court_or_authority_decided() {
    let (found, problems) = cases();
    assert_eq!(errors(problems), "");
    let failed: Vec<_> =
        found.iter().flat_map(|case| run_case(case, &full().0, LawTexts::embedded(), today())).collect();
    assert_eq!(errors(&failed), "");
}

#[test]
fn every_case_that_is_held_is_stated_with_variations() {
    let (found, _) = cases();
    let missing: Vec<&str> = LawTexts::embedded()
        .case_ids()
        .into_iter()
        .filter(|id| *id != "spp-2026-0" && !found.iter().any(|case| case.id == *id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    let variations: usize = found.iter().map(|case| case.variations.len()).sum();
    assert!(variations >= 60, "{variations} variations");
    for id in ["spc-262", "spc-267"] {
        let case = found.iter().find(|case| case.id == id).unwrap();
        assert!(case.also_on.iter().any(|(day, _)| *day == today()), "{id} is not judged by today's law");
    }
}

#[test]
fn a_wrong_expectation_is_found() {
    let (found, _) = cases();
    let mut case = found.iter().find(|case| case.id == "spc-193").unwrap().clone();
    for expect in &mut case.expect {
        expect.conclusion = zhunsheng_judge::Conclusion::Lawful;
    }
    let failed = run_case(&case, &full().0, LawTexts::embedded(), today());
    assert!(failed.iter().filter(|problem| problem.code == "case-fails").count() >= case.expect.len());
}
