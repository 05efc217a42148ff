//! Facts that nothing uses, and articles that must carry a rule and carry none.

use crate::diagnostic::Diagnostic;
use crate::ruleset::RuleSet;
use crate::schema::FactId;
use serde::Deserialize;
use std::collections::BTreeSet;

/// Facts that no expression names.
pub fn unused_facts(set: &RuleSet) -> Vec<Diagnostic> {
    let mut used: BTreeSet<FactId> = BTreeSet::new();
    for rule in &set.rules {
        used.extend(rule.applies.iter().chain([&rule.condition]).flat_map(|node| node.facts()));
        for words in rule.says.values() {
            used.extend(crate::read::placeholders(&words.zh).filter_map(|name| set.schema.find(name)));
        }
    }
    used.extend(set.exceptions.iter().flat_map(|exception| exception.when.facts()));
    used.extend(set.definitions.values().flatten().flat_map(|definition| definition.value.facts()));
    used.extend(set.penalties.values().flat_map(|penalty| &penalty.tiers).flat_map(|tier| tier.when.facts()));
    // Descriptions (who, what kind) are for readers and for matching.
    let described = |name: &str| matches!(name, "party.role" | "item.kind");
    let unused = set.schema.ids().filter(|id| !used.contains(id)).map(|id| set.schema.fact(id));
    unused
        .filter(|fact| !described(&fact.full))
        .map(|fact| {
            let message = format!("no rule uses the fact `{}`", fact.full);
            Diagnostic::warning(&fact.file, fact.line, "unused-fact", message)
        })
        .collect()
}

#[derive(Deserialize)]
struct Required {
    cover: Vec<Cover>,
}

#[derive(Deserialize)]
struct Cover {
    law: String,
    #[serde(default)]
    articles: String,
}

/// Reads the list of articles that must be covered (`[[cover]] law = …, articles = "4-9, 13"`), and names those under
/// which nothing stands. No articles: the law must carry at least one rule.
///
/// An article under which only prose stands counts: the prose says why no rule carries it.
pub fn required_articles(set: &RuleSet, file: &str, text: &str) -> Vec<Diagnostic> {
    let required: Required = match toml::from_str(text) {
        Ok(required) => required,
        Err(error) => return vec![Diagnostic::error(file, 0, "syntax", error.message().to_owned())],
    };
    let mut carried: BTreeSet<(&str, &str)> = BTreeSet::new();
    let origins = set
        .rules
        .iter()
        .map(|rule| &rule.origin)
        .chain(set.exceptions.iter().map(|exception| &exception.origin))
        .chain(set.definitions.values().flatten().map(|definition| &definition.origin))
        .chain(set.penalties.values().map(|penalty| &penalty.origin))
        .chain(&set.silent);
    carried.extend(origins.map(|origin| (origin.slug.as_str(), origin.article.as_str())));
    let mut problems = Vec::new();
    for cover in &required.cover {
        if cover.articles.is_empty() {
            if !carried.iter().any(|(law, _)| *law == cover.law) {
                let message = format!("no rule stands under `{}`", cover.law);
                problems.push(Diagnostic::error(file, 0, "uncovered", message));
            }
            continue;
        }
        for part in cover.articles.split(',').map(str::trim) {
            let range = part
                .split_once('-')
                .and_then(|(a, b)| Some((a.parse::<u32>().ok()?, b.parse::<u32>().ok()?)));
            let numbers = match range {
                Some((first, last)) => (first..=last).map(|number| number.to_string()).collect(),
                None => vec![part.to_owned()],
            };
            for number in numbers {
                if !carried.contains(&(cover.law.as_str(), number.as_str())) {
                    let message = format!("nothing stands under {} {number}", cover.law);
                    problems.push(Diagnostic::error(file, 0, "uncovered", message));
                }
            }
        }
    }
    problems
}
