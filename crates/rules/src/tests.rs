//! Holds the rule files to their form.

use super::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

#[test]
fn every_kind_has_exactly_one_file_and_every_file_a_kind() {
    let files: BTreeSet<&str> =
        FILES.iter().filter_map(|(file, _)| file.strip_prefix("kinds/")?.strip_suffix(".toml")).collect();
    let kinds: BTreeSet<String> =
        Kind::ALL.iter().map(|kind| kind.id().to_lowercase().replace('_', "-")).collect();
    assert_eq!(files, kinds.iter().map(String::as_str).collect::<BTreeSet<_>>());
}

#[test]
fn every_kind_says_how_it_is_found_and_shows_both_sides() {
    for rule in Rules::embedded().kinds() {
        assert!(!rule.found_by.is_empty(), "{}", rule.id);
        assert!(!rule.basis.is_empty(), "{}", rule.id);
        // Names of places are never reported by themselves, so that kind has no right example.
        let right =
            rule.kind == Kind::Location || rule.examples.iter().any(|example| !example.find.is_empty());
        let wrong = rule.examples.iter().any(|example| example.find.is_empty());
        assert!(right && wrong, "{} needs right and wrong examples", rule.id);
        for example in &rule.examples {
            assert!(
                example.text.is_empty() != example.header.is_empty(),
                "{}: either text or header",
                rule.id
            );
        }
    }
}

#[test]
fn tiers_and_sensitivity_agree_with_the_table_of_types() {
    let rules = Rules::embedded();
    let mut compared = 0;
    for line in rules.lexicon("types.tsv").unwrap().lines().skip(1) {
        let fields: Vec<&str> = line.split('\t').collect();
        let Some(kind) = Kind::from_id(fields[0]) else { continue };
        let rule = rules.kind(kind);
        let tier = match fields[5] {
            "50" => Some(Tier::Item3),
            "500" => Some(Tier::Item4),
            "5000" => Some(Tier::Item5),
            _ => None,
        };
        assert_eq!(rule.tier, tier, "{}", rule.id);
        let sensitive = match fields[4] {
            "yes" => Sensitive::Yes,
            "context" => Sensitive::Context,
            _ => Sensitive::No,
        };
        assert_eq!(rule.sensitive, sensitive, "{}", rule.id);
        compared += 1;
    }
    assert!(compared > 60, "{compared}");
}

#[test]
fn a_lenient_tier_is_never_stricter() {
    for rule in Rules::embedded().kinds() {
        assert!(rule.tier_lenient >= rule.tier, "{}", rule.id);
        assert_eq!(rule.tier.is_none(), rule.tier_lenient.is_none(), "{}", rule.id);
    }
}

#[test]
fn every_lexicon_has_its_head_and_the_rows_its_readme_states() {
    let rules = Rules::embedded();
    let readme = include_str!("../../../rules/lexicon/README.md");
    let stated: BTreeMap<&str, usize> = readme
        .lines()
        .filter_map(|line| {
            let mut cells = line.split('|').map(str::trim).skip(1);
            let (file, rows) = (cells.next()?, cells.next()?);
            Some((file.strip_suffix(".gz").unwrap_or(file), rows.parse().ok()?))
        })
        .collect();
    assert_eq!(stated.keys().copied().collect::<Vec<_>>(), rules.lexicon_names().collect::<Vec<_>>());
    for (name, rows) in stated {
        let text = rules.lexicon(name).unwrap();
        let mut lines = text.lines();
        let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
        assert!(
            head.iter().all(|word| word.starts_with(|c: char| c.is_ascii_lowercase())),
            "{name}: {head:?}"
        );
        assert_eq!(lines.clone().count(), rows, "{name}");
        for line in lines {
            assert!(line.split('\t').count() <= head.len() && !line.is_empty(), "{name}: {line}");
        }
    }
}

#[test]
fn quotes_of_the_thresholds_stand_in_the_articles() {
    let rules = Rules::embedded();
    let criminal = rules.criminal();
    let article = |number| rules.article(number).unwrap().text.as_str();
    for line in criminal.tiers.iter().chain([&criminal.income]) {
        assert!(article(5).contains(&line.quote), "{}", line.locator);
    }
    for rule in [&criminal.proportion, &criminal.insider, &criminal.ten_times] {
        assert!(article(5).contains(&rule.quote), "{}", rule.id);
    }
    for rule in [&criminal.dedup, &criminal.no_double, &criminal.per_recipient] {
        assert!(article(11).contains(&rule.quote), "{}", rule.id);
    }
    let numbers: Vec<(u64, u64)> =
        criminal.tiers.iter().map(|line| (line.serious, line.very_serious)).collect();
    assert_eq!(numbers, [(50, 500), (500, 5_000), (5_000, 50_000)]);
    assert_eq!((criminal.income.serious, criminal.income.unit.as_str()), (5_000, "元"));
    assert_eq!(criminal.tier(4).unwrap().serious, 500);
    assert_eq!(criminal.tier(2), None);
    assert_eq!(criminal.tier(6), None);
    assert_eq!(rules.interpretation().articles.len(), 13);
    assert_eq!(rules.interpretation().effective, "2017-06-01");
    assert_eq!(rules.article(14), None);
}

#[test]
fn a_quotation_that_does_not_stand_in_the_law_is_refused() {
    let law = law::parse_statute("law/x.toml", content(INTERPRETATION_FILE)).unwrap();
    let right = content(CRIMINAL_FILE);
    assert!(law::parse_criminal("law/y.toml", right, &law).is_ok());
    for (from, to) in [
        ("五十条以上的；", "六十条以上的；"),
        ("factor = 0.5", "factor = 0.6"),
        ("factor = 10", "factor = 9"),
        ("count-dedup", "count-dedupe"),
    ] {
        assert!(right.contains(from));
        let wrong = right.replace(from, to);
        assert!(
            matches!(law::parse_criminal("law/y.toml", &wrong, &law), Err(RulesError::Law { .. })),
            "{to}"
        );
    }
}

#[test]
fn what_is_missing_or_doubled_is_refused() {
    let without = |name: &str| -> &'static [(&'static str, &'static [u8])] {
        Vec::leak(FILES.iter().copied().filter(|(file, _)| *file != name).collect())
    };
    assert!(matches!(
        Rules::read(without("kinds/phone.toml")),
        Err(RulesError::MissingKind { kind: "PHONE", .. })
    ));
    assert!(matches!(Rules::read(without(CRIMINAL_FILE)), Err(RulesError::MissingFile { .. })));
    let mut doubled: Vec<(&'static str, &'static [u8])> = FILES.to_vec();
    doubled.push(("kinds/phone-again.toml", content("kinds/phone.toml").as_bytes()));
    assert!(matches!(Rules::read(Vec::leak(doubled)), Err(RulesError::Repeated { kind: "PHONE", .. })));
}

#[test]
fn the_hash_depends_on_names_contents_and_borders() {
    let hash = sha256(&[("a", b"12"), ("b", b"3")]);
    assert_eq!(hash.len(), 64);
    for other in
        [[("a", b"1" as &[u8]), ("b", b"23")], [("a", b"12"), ("c", b"3")], [("b", b"3"), ("a", b"12")]]
    {
        assert_ne!(sha256(&other), hash);
    }
    assert_eq!(Rules::embedded().sha256(), sha256(FILES));
}

#[test]
fn unknown_lexicons_are_not_found_and_packed_ones_are_unpacked() {
    let rules = Rules::embedded();
    assert_eq!(rules.lexicon("no-such.tsv"), None);
    assert!(rules.lexicon("admin-divisions.tsv").unwrap().contains("\n110000\t北京市"));
    assert_eq!(rules.lexicon("admin-divisions.tsv.gz"), rules.lexicon("admin-divisions.tsv"));
    assert!(matches!(unpack("lexicon/x.tsv.gz", b"not gzip"), Err(RulesError::Packed { .. })));
}

#[test]
fn reading_is_quick() {
    // The bar is 30 ms in a release build; the best of three leaves room for a busy machine.
    let best = (0..3)
        .map(|_| {
            let start = Instant::now();
            assert!(Rules::read(FILES).is_ok());
            start.elapsed()
        })
        .min();
    assert!(best < Some(Duration::from_millis(150)), "{best:?}");
}

fn content(name: &str) -> &'static str {
    let (_, bytes) = FILES.iter().find(|(file, _)| *file == name).unwrap();
    std::str::from_utf8(bytes).unwrap()
}
