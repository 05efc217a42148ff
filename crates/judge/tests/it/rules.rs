//! The rule files.

use crate::{cases, errors, full, today};
use std::collections::BTreeMap;
use zhunsheng_judge::{LawTexts, Reading, check, fact_files};
use zhunsheng_judge::{Level, format, read, rule_files, run_tests};

#[test]
fn they_read_without_an_error_and_quote_the_law_word_for_word() {
    let (set, problems) = full();
    assert_eq!(errors(problems), "");
    assert!(set.rules.len() > 100, "{} rules", set.rules.len());
}

#[test]
fn their_tests_come_out_as_they_say() {
    assert_eq!(errors(&run_tests(&full().0)), "");
}

#[test]
fn a_changed_word_of_a_quotation_is_found() {
    let (file, text) = rule_files().iter().find(|(file, _)| *file == "rules/found.md").unwrap();
    let changed = text.replacen("quote 处理的个人信息种类", "quote 处理的个人信息类别", 1);
    assert_ne!(changed, **text);
    let files = [(*file, changed.as_str())];
    let (_, problems) =
        read(fact_files().iter().copied(), files.into_iter(), LawTexts::embedded(), Reading::InFull);
    let found: Vec<_> = problems.iter().filter(|problem| problem.code == "quote").collect();
    assert_eq!(found.len(), 1, "{}", errors(&problems));
}

#[test]
fn every_condition_decides_both_ways_and_changes_are_noticed() {
    let set = &full().0;
    let runs = check::Runs::new(set, &cases().0, today());
    let branches = check::coverage(set, &runs);
    let missing: Vec<String> = branches
        .iter()
        .flat_map(|branch| {
            let told = |side: &str| {
                format!("{}:{}: `{}` {side}: {}", branch.file, branch.line, branch.of, branch.condition)
            };
            [(!branch.decides_true).then(|| told("true")), (!branch.decides_false).then(|| told("false"))]
        })
        .flatten()
        .collect();
    let report = check::mutation(set, &runs);
    let total = report.total();
    println!(
        "{} branches, {} not decided; {} of {} changes noticed",
        branches.len() * 2,
        missing.len(),
        total.noticed,
        total.made
    );
    assert_eq!(missing.join("\n"), "");
    let low: BTreeMap<_, _> =
        report.files.iter().filter(|(_, score)| score.noticed * 100 < score.made * 95).collect();
    assert!(low.is_empty(), "below 95 %: {low:?}\n{:#?}", report.survivors);
}

#[test]
fn no_condition_is_constant_and_no_two_rules_exclude_each_other() {
    let report = check::logic(&full().0);
    assert_eq!(errors(&report.problems), "");
    assert!(report.expressions > 100 && report.pairs > 100, "{report:?}");
    assert!(report.left_out * 20 < report.expressions, "{} left out", report.left_out);
}

#[test]
fn the_articles_that_must_be_covered_are() {
    let text = include_str!("../../../../rules/judge/cover.toml");
    assert_eq!(errors(&check::required_articles(&full().0, "cover.toml", text)), "");
}

#[test]
fn formatting_is_reached_at_once_and_changes_no_rule() {
    let formatted: Vec<(&str, String)> =
        rule_files().iter().map(|(file, text)| (*file, format(text))).collect();
    for (file, text) in &formatted {
        assert_eq!(&format(text), text, "{file}");
    }
    let files = formatted.iter().map(|(file, text)| (*file, text.as_str()));
    let (set, problems) = read(fact_files().iter().copied(), files, LawTexts::embedded(), Reading::InFull);
    assert!(problems.iter().all(|problem| problem.level != Level::Error), "{}", errors(&problems));
    let shown = |set: &zhunsheng_judge::RuleSet| -> Vec<String> {
        let rule = |rule: &zhunsheng_judge::Rule| {
            let applies = rule.applies.as_ref().map(ToString::to_string);
            format!("{} {applies:?} {} {:?} {:?}", rule.id, rule.condition, rule.says, rule.period)
        };
        set.rules.iter().map(rule).collect()
    };
    assert_eq!(shown(&set), shown(&full().0));
    assert_eq!(set.tests.len(), full().0.tests.len());
}

#[test]
fn the_packed_facts_are_those_of_the_files() {
    let shown = |set: &zhunsheng_judge::RuleSet| -> Vec<String> {
        set.schema.facts().iter().map(|fact| format!("{fact:?}")).collect()
    };
    assert_eq!(shown(zhunsheng_judge::embedded()), shown(&full().0));
}
