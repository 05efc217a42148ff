//! The tables that the program carries.

use std::collections::BTreeSet;
use zhunsheng_ask::learnt;
use zhunsheng_rules::Rules;

#[test]
fn the_learnt_tables_can_be_read() {
    let known = learnt::known().unwrap();
    assert!(known.len() > 900, "{}", known.len());
    for known in &known {
        assert!(!known.question.trim().is_empty() && !known.articles.is_empty());
        assert!(known.articles.iter().all(|(law, label)| !law.is_empty() && label.starts_with('第')));
    }
    let weights = learnt::weights().unwrap();
    assert!(weights.second.iter().any(|weight| *weight != 0.0));
    assert!(weights.first.iter().chain(&weights.second).all(|weight| weight.is_finite()));
}

#[test]
fn the_lexicon_names_each_lay_word_once() {
    let table = Rules::embedded().lexicon("lay-terms.tsv").unwrap();
    let mut seen = BTreeSet::new();
    for line in table.lines().skip(1) {
        assert_eq!(line.split('\t').count(), 3, "{line}");
        assert!(seen.insert(line.split('\t').next().unwrap()), "{line}");
    }
    assert!(seen.len() >= 300, "{}", seen.len());
    learnt::lexicon(Rules::embedded()).unwrap();
}

#[test]
fn the_weights_for_the_law_name_laws_that_are_held() {
    let table: toml::Table = include_str!("../../data/weights-law.toml").parse().unwrap();
    let law = zhunsheng_law::Law::embedded();
    for (title, _) in table["laws"].as_table().unwrap() {
        assert!(title == "案例" || law.work(title).is_some(), "{title}");
    }
}
