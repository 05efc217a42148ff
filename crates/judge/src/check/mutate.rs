//! Changes rules on purpose and sees whether a test or a case notices.
//!
//! Every number ±1, every date ±1 day, every comparison with its neighbour, `and` and `or` swapped, each part of
//! them and each `not` dropped, `some` and `every` swapped, each value of a set of values dropped, each exception
//! dropped. Penalties are outside: nothing concludes from them.

use super::coverage::owners;
use super::runs::{Owner, Runs};
use crate::eval::{day_number, day_of_number};
use crate::expr::{Comparison, Node, NodeKind, Quantifier, Quantity, Spelling};
use crate::number::Rational;
use crate::ruleset::RuleSet;
use std::collections::BTreeMap;
use zhunsheng_model::Date;

/// How many changes were noticed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MutationReport {
    /// By file.
    pub files: BTreeMap<String, FileScore>,
    /// Changes that nothing noticed, in the order of files and lines.
    pub survivors: Vec<Survivor>,
}

/// The score of a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FileScore {
    /// Changes made.
    pub made: usize,
    /// Changes noticed.
    pub noticed: usize,
}

/// A change that nothing noticed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Survivor {
    /// The file.
    pub file: String,
    /// The line.
    pub line: u32,
    /// The rule, exception or fact.
    pub of: String,
    /// What was changed.
    pub change: String,
}

impl MutationReport {
    /// All changes together.
    pub fn total(&self) -> FileScore {
        self.files.values().fold(FileScore::default(), |sum, file| FileScore {
            made: sum.made + file.made,
            noticed: sum.noticed + file.noticed,
        })
    }
}

/// One change.
enum Change {
    /// A part of an expression becomes another.
    Node { id: u32, line: u32, becomes: Node, told: String },
    /// The first or last day that the file states moves.
    Period { first: bool, line: u32, day: Date, told: String },
    /// The exception goes.
    Drop { line: u32 },
}

/// Makes every change, each alone.
pub fn mutation(set: &RuleSet, runs: &Runs) -> MutationReport {
    let through = runs.through(set);
    let work: Vec<(Owner, String, String, Vec<Change>)> = owners(set)
        .into_iter()
        .map(|(owner, nodes, file, of)| {
            let changes = changes(set, &owner, &nodes);
            (owner, file, of, changes)
        })
        .collect();
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get()).min(8);
    let share = work.len().div_ceil(threads).max(1);
    let parts: Vec<MutationReport> = std::thread::scope(|scope| {
        let handles: Vec<_> = work
            .chunks(share)
            .map(|part| {
                let through = &through;
                scope.spawn(move || {
                    let mut changed = set.clone();
                    let mut report = MutationReport::default();
                    for (owner, file, of, changes) in part {
                        let relevant = through.get(owner).map(Vec::as_slice).unwrap_or_default();
                        for change in changes {
                            let undo = apply(&mut changed, owner, change);
                            let noticed = relevant.iter().any(|run| !runs.holds(&changed, *run));
                            revert(&mut changed, owner, undo);
                            let score = report.files.entry(file.clone()).or_default();
                            score.made += 1;
                            score.noticed += usize::from(noticed);
                            if !noticed {
                                let (line, change) = told(change);
                                report.survivors.push(Survivor {
                                    file: file.clone(),
                                    line,
                                    of: of.clone(),
                                    change,
                                });
                            }
                        }
                    }
                    report
                })
            })
            .collect();
        handles.into_iter().filter_map(|handle| handle.join().ok()).collect()
    });
    let mut whole = MutationReport::default();
    for part in parts {
        for (file, score) in part.files {
            let sum = whole.files.entry(file).or_default();
            sum.made += score.made;
            sum.noticed += score.noticed;
        }
        whole.survivors.extend(part.survivors);
    }
    whole.survivors.sort();
    whole
}

fn told(change: &Change) -> (u32, String) {
    match change {
        Change::Node { line, told, .. } | Change::Period { line, told, .. } => (*line, told.clone()),
        Change::Drop { line } => (*line, "the exception dropped".to_owned()),
    }
}

fn changes(set: &RuleSet, owner: &Owner, nodes: &[&Node]) -> Vec<Change> {
    let mut found = Vec::new();
    for node in nodes {
        node.walk(&mut |part| node_changes(part, &mut found));
    }
    let (stated, line) = match owner {
        Owner::Rule(at) => set.rules.get(*at).map(|rule| (rule.stated, rule.origin.line)),
        Owner::Exception(at) => set.exceptions.get(*at).map(|exception| {
            found.push(Change::Drop { line: exception.origin.line });
            (exception.stated, exception.origin.line)
        }),
        Owner::Definition(..) => None,
    }
    .unwrap_or_default();
    for (first, day) in [(true, stated.0), (false, stated.1)] {
        for (by, day) in [-1, 1].into_iter().filter_map(|by| Some((by, moved(day?, by)?))) {
            let what = if first { "from" } else { "to" };
            found.push(Change::Period {
                first,
                line,
                day,
                told: format!("`{what}` moved by {by} day to {day}"),
            });
        }
    }
    found
}

fn moved(day: Date, by: i64) -> Option<Date> {
    day_of_number(day_number(day) + by)
}

fn node_changes(node: &Node, found: &mut Vec<Change>) {
    let mut put = |kind: NodeKind| {
        let becomes = Node { kind, ..node.clone() };
        let told = format!("`{node}` becomes `{becomes}`");
        found.push(Change::Node { id: node.id, line: node.line, becomes, told });
    };
    match &node.kind {
        NodeKind::Number(number, _) => {
            for other in [number.minus(Rational::ONE), number.plus(Rational::ONE)].into_iter().flatten() {
                put(NodeKind::Number(other, Spelling(other.to_string())));
            }
        }
        NodeKind::Date(day) => {
            [-1, 1].into_iter().filter_map(|by| moved(*day, by)).for_each(|day| put(NodeKind::Date(day)))
        }
        NodeKind::Compare(comparison, a, b) => {
            let other = match comparison {
                Comparison::Equal => Comparison::NotEqual,
                Comparison::NotEqual => Comparison::Equal,
                Comparison::Less => Comparison::AtMost,
                Comparison::AtMost => Comparison::Less,
                Comparison::Greater => Comparison::AtLeast,
                Comparison::AtLeast => Comparison::Greater,
            };
            put(NodeKind::Compare(other, a.clone(), b.clone()));
        }
        NodeKind::And(parts) => {
            put(NodeKind::Or(parts.clone()));
            without_each(parts).into_iter().for_each(|rest| put(NodeKind::And(rest)));
        }
        NodeKind::Or(parts) => {
            put(NodeKind::And(parts.clone()));
            without_each(parts).into_iter().for_each(|rest| put(NodeKind::Or(rest)));
        }
        NodeKind::AtLeast(number, parts) => {
            let most = u32::try_from(parts.len()).unwrap_or(u32::MAX);
            [number.saturating_sub(1), number + 1]
                .into_iter()
                .filter(|other| (1..=most).contains(other))
                .for_each(|other| put(NodeKind::AtLeast(other, parts.clone())));
        }
        NodeKind::Not(inner) => put(inner.kind.clone()),
        NodeKind::Over(Quantifier::Some, kind, inner) => {
            put(NodeKind::Over(Quantifier::Every, *kind, inner.clone()))
        }
        NodeKind::Over(Quantifier::Every, kind, inner) => {
            put(NodeKind::Over(Quantifier::Some, *kind, inner.clone()))
        }
        NodeKind::In(a, words) if words.len() > 1 => {
            without_each(words).into_iter().for_each(|rest| put(NodeKind::In(a.clone(), rest)));
        }
        NodeKind::Has(quantity @ (Quantity::Any | Quantity::All), a, words) if words.len() > 1 => {
            without_each(words).into_iter().for_each(|rest| put(NodeKind::Has(*quantity, a.clone(), rest)));
        }
        _ => {}
    }
}

/// The list without its first, without its second …
fn without_each<T: Clone>(list: &[T]) -> Vec<Vec<T>> {
    let without =
        |at: usize| list.iter().enumerate().filter(|(i, _)| *i != at).map(|(_, part)| part.clone()).collect();
    (0..list.len()).map(without).collect()
}

/// What puts a change back.
enum Undo {
    Node { id: u32, was: Node },
    Period { first: bool, was: Option<Date> },
    Drop(BTreeMap<String, Vec<usize>>),
    Nothing,
}

fn apply(set: &mut RuleSet, owner: &Owner, change: &Change) -> Undo {
    match change {
        Change::Node { id, becomes, .. } => swap(set, owner, *id, becomes),
        Change::Period { first, day, .. } => set_period(set, owner, *first, Some(*day)),
        Change::Drop { .. } => {
            let was = set.excepted_by.clone();
            if let Owner::Exception(at) = owner {
                set.excepted_by.values_mut().for_each(|list| list.retain(|other| other != at));
            }
            Undo::Drop(was)
        }
    }
}

fn revert(set: &mut RuleSet, owner: &Owner, undo: Undo) {
    match undo {
        Undo::Node { id, was } => {
            swap(set, owner, id, &was);
        }
        Undo::Period { first, was } => {
            set_period(set, owner, first, was);
        }
        Undo::Drop(was) => set.excepted_by = was,
        Undo::Nothing => {}
    }
}

fn swap(set: &mut RuleSet, owner: &Owner, id: u32, becomes: &Node) -> Undo {
    let mut undo = Undo::Nothing;
    for root in roots(set, owner) {
        root.walk_mut(&mut |node| {
            // Only the outermost part of that number: what it becomes may hold it again.
            if node.id == id && matches!(undo, Undo::Nothing) {
                let was = std::mem::replace(node, Node { id, ..becomes.clone() });
                undo = Undo::Node { id, was };
            }
        });
    }
    undo
}

fn roots<'a>(set: &'a mut RuleSet, owner: &Owner) -> Vec<&'a mut Node> {
    match owner {
        Owner::Rule(at) => match set.rules.get_mut(*at) {
            Some(rule) => rule.applies.iter_mut().chain([&mut rule.condition]).collect(),
            None => Vec::new(),
        },
        Owner::Exception(at) => set.exceptions.get_mut(*at).map(|one| &mut one.when).into_iter().collect(),
        Owner::Definition(fact, at) => {
            let one = set.definitions.get_mut(fact).and_then(|all| all.get_mut(*at));
            one.map(|one| &mut one.value).into_iter().collect()
        }
    }
}

fn set_period(set: &mut RuleSet, owner: &Owner, first: bool, day: Option<Date>) -> Undo {
    let period = match owner {
        Owner::Rule(at) => set.rules.get_mut(*at).map(|rule| &mut rule.period),
        Owner::Exception(at) => set.exceptions.get_mut(*at).map(|exception| &mut exception.period),
        Owner::Definition(..) => None,
    };
    let Some(period) = period else { return Undo::Nothing };
    let end = if first { &mut period.0 } else { &mut period.1 };
    let was = std::mem::replace(end, day);
    Undo::Period { first, was }
}
