//! Which branches of rules tests and cases exercise: each condition must decide an outcome by being true, and
//! another by being false.

use super::runs::{Owner, Runs};
use crate::expr::Node;
use crate::ruleset::RuleSet;

/// One condition of a rule, an exception or a definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The rule, exception or fact.
    pub of: String,
    /// The condition.
    pub condition: String,
    /// Whether some run comes out as it does because the condition is true.
    pub decides_true: bool,
    /// Whether some run comes out as it does because the condition is false.
    pub decides_false: bool,
}

/// Every condition with what decides by it.
///
/// A condition decides a run by being true when the run, which is not open, comes out otherwise as soon as the
/// condition is made false; and the other way round.
pub fn coverage(set: &RuleSet, runs: &Runs) -> Vec<Branch> {
    let through = runs.through(set);
    let mut found = Vec::new();
    for (owner, nodes, file, of) in owners(set) {
        let relevant = through.get(&owner).map(Vec::as_slice).unwrap_or_default();
        for atom in nodes.iter().flat_map(|node| node.atoms()) {
            let decides = |value: bool| {
                relevant.iter().any(|run| runs.is_decided(*run) && runs.changes(set, *run, (atom.id, value)))
            };
            found.push(Branch {
                file: file.clone(),
                line: atom.line,
                of: of.clone(),
                condition: atom.to_string(),
                decides_true: decides(false),
                decides_false: decides(true),
            });
        }
    }
    found
}

/// Rules, exceptions and definitions with their expressions: owner, expressions, file, name.
pub(super) fn owners(set: &RuleSet) -> Vec<(Owner, Vec<&Node>, String, String)> {
    let mut found = Vec::new();
    for (at, rule) in set.rules.iter().enumerate() {
        let nodes = rule.applies.iter().chain([&rule.condition]).collect();
        found.push((Owner::Rule(at), nodes, rule.origin.file.clone(), rule.id.clone()));
    }
    for (at, exception) in set.exceptions.iter().enumerate() {
        let file = exception.origin.file.clone();
        found.push((Owner::Exception(at), vec![&exception.when], file, exception.id.clone()));
    }
    for (fact, definitions) in &set.definitions {
        for (at, definition) in definitions.iter().enumerate() {
            let name = set.schema.fact(*fact).full.clone();
            let file = definition.origin.file.clone();
            found.push((Owner::Definition(*fact, at), vec![&definition.value], file, name));
        }
    }
    found
}
