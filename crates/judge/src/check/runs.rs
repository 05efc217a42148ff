//! Everything that can show a rule to be wrong: tests in rule files and expectations of cases.

use crate::cases::{Case, Expect};
use crate::eval::World;
use crate::matter::{EntityId, Matter};
use crate::prove::{holds, matter_of, run_on};
use crate::ruleset::{Conclusion, Expected, RuleSet, Test};
use crate::schema::FactId;
use crate::value::{Tri, Value};
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Date;

/// Tests and expectations, ready to be run many times.
#[derive(Debug)]
pub struct Runs {
    runs: Vec<Run>,
    /// Rule or defined fact → runs that can tell something about it, its own first.
    by_subject: BTreeMap<String, Vec<usize>>,
}

#[derive(Debug)]
enum Run {
    Test {
        test: Test,
        matter: Matter,
    },
    Case {
        rule: usize,
        entities: Vec<EntityId>,
        matter: Matter,
        conclusion: Conclusion,
        on: Option<Date>,
        day: Date,
    },
}

/// A part of the rule set whose change tests should notice.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A rule, by position.
    Rule(usize),
    /// An exception, by position.
    Exception(usize),
    /// A definition of a fact, by position among those of the fact.
    Definition(FactId, usize),
}

impl Runs {
    /// Puts together what tests and cases state.
    pub fn new(set: &RuleSet, cases: &[Case], today: Date) -> Runs {
        let mut runs = Vec::new();
        let mut by_subject: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for test in &set.tests {
            let Ok(matter) = matter_of(set, test) else { continue };
            by_subject.entry(test.subject.clone()).or_default().push(runs.len());
            runs.push(Run::Test { test: test.clone(), matter });
        }
        for case in cases {
            let mut add = |expect: &[Expect], matter: &Matter, on: Option<Date>| {
                for expect in expect {
                    let Some(rule) = set.rule_index.get(&expect.rule).copied() else { continue };
                    let Some(scope) = set.rules.get(rule).map(|rule| rule.scope) else { continue };
                    let fits = |id: &EntityId| {
                        expect.entity.is_empty()
                            || matter.entity(*id).name == expect.entity
                            || matter.path(*id) == expect.entity
                    };
                    let entities = matter.of_kind(scope).into_iter().filter(fits).collect();
                    by_subject.entry(expect.rule.clone()).or_default().push(runs.len());
                    runs.push(Run::Case {
                        rule,
                        entities,
                        matter: matter.clone(),
                        conclusion: expect.conclusion,
                        on,
                        day: today,
                    });
                }
            };
            add(&case.expect, &case.matter, None);
            for (day, expect) in &case.also_on {
                add(expect, &case.matter, Some(*day));
            }
            for variation in &case.variations {
                add(&variation.expect, &variation.matter, None);
            }
        }
        Runs { runs, by_subject }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.runs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty()
    }

    /// Whether a run comes out as it says.
    pub(super) fn holds(&self, set: &RuleSet, run: usize) -> bool {
        match self.runs.get(run) {
            Some(Run::Test { test, matter }) => holds(test.expected, run_on(set, test, matter, None)),
            Some(Run::Case { conclusion, .. }) => {
                let came = self.conclusions(set, run, None);
                match conclusion {
                    Conclusion::None => came.iter().all(|came| *came == Conclusion::None),
                    conclusion => came.contains(conclusion),
                }
            }
            None => true,
        }
    }

    /// Whether a run is decided, and whether forcing a part of an expression changes what it comes to.
    pub(super) fn changes(&self, set: &RuleSet, run: usize, forced: (u32, bool)) -> bool {
        match self.runs.get(run) {
            Some(Run::Test { test, matter }) => {
                run_on(set, test, matter, None) != run_on(set, test, matter, Some(forced))
            }
            Some(Run::Case { .. }) => {
                self.conclusions(set, run, None) != self.conclusions(set, run, Some(forced))
            }
            None => false,
        }
    }

    /// A run that is open tells nothing of what decides: forcing what is unknown always changes it.
    pub(super) fn is_decided(&self, run: usize) -> bool {
        match self.runs.get(run) {
            Some(Run::Test { test, .. }) => match test.expected {
                Expected::Conclusion(conclusion) => conclusion != Conclusion::Open,
                Expected::Value(Value::Bool(value)) => value != Tri::Unknown,
                Expected::Value(Value::Number(range)) => range.as_exact().is_some(),
                Expected::Value(Value::Day(range)) => range.as_exact().is_some(),
                Expected::Value(_) => false,
            },
            Some(Run::Case { conclusion, .. }) => *conclusion != Conclusion::Open,
            None => false,
        }
    }

    fn conclusions(&self, set: &RuleSet, run: usize, forced: Option<(u32, bool)>) -> Vec<Conclusion> {
        let Some(Run::Case { rule, entities, matter, on, day, .. }) = self.runs.get(run) else {
            return Vec::new();
        };
        let Some(rule) = set.rules.get(*rule) else { return Vec::new() };
        let mut world = World::new(set, matter, *day);
        world.as_if = *on;
        world.forced = forced;
        let judged = |id: &EntityId| {
            if rule.in_force(world.day(*id)) { world.judge(rule, *id).conclusion } else { Conclusion::None }
        };
        entities.iter().map(judged).collect()
    }

    /// For each owner, the runs that go through it: those of rules that use it, its own first.
    pub(super) fn through(&self, set: &RuleSet) -> BTreeMap<Owner, Vec<usize>> {
        let mut found: BTreeMap<Owner, Vec<usize>> = BTreeMap::new();
        let mut own: BTreeMap<Owner, Vec<usize>> = BTreeMap::new();
        for (subject, runs) in &self.by_subject {
            let (owners, direct) = uses(set, subject);
            for owner in owners {
                let list = if direct.contains(&owner) { &mut own } else { &mut found };
                list.entry(owner).or_default().extend_from_slice(runs);
            }
        }
        for (owner, mut runs) in own {
            let rest = found.remove(&owner).unwrap_or_default();
            runs.extend(rest);
            found.insert(owner, runs);
        }
        found
    }
}

/// Everything that what a rule or a defined fact comes to can depend on, and its own parts among it.
fn uses(set: &RuleSet, subject: &str) -> (BTreeSet<Owner>, BTreeSet<Owner>) {
    let mut owners = BTreeSet::new();
    let mut direct = BTreeSet::new();
    let mut facts: Vec<FactId> = Vec::new();
    if let Some(at) = set.rule_index.get(subject).copied() {
        owners.insert(Owner::Rule(at));
        direct.insert(Owner::Rule(at));
        if let Some(rule) = set.rules.get(at) {
            facts.extend(rule.applies.iter().chain([&rule.condition]).flat_map(|node| node.facts()));
        }
        let mut names = vec![subject.to_owned()];
        while let Some(name) = names.pop() {
            for at in set.excepted_by.get(&name).into_iter().flatten() {
                if owners.insert(Owner::Exception(*at)) {
                    direct.insert(Owner::Exception(*at));
                    if let Some(exception) = set.exceptions.get(*at) {
                        facts.extend(exception.when.facts());
                        names.push(exception.id.clone());
                    }
                }
            }
        }
    } else if let Some(fact) = set.schema.find(subject) {
        facts.push(fact);
        let count = set.definitions.get(&fact).map_or(0, Vec::len);
        direct.extend((0..count).map(|at| Owner::Definition(fact, at)));
    }
    let mut seen = BTreeSet::new();
    while let Some(fact) = facts.pop() {
        if !seen.insert(fact) {
            continue;
        }
        for (at, definition) in set.definitions.get(&fact).into_iter().flatten().enumerate() {
            owners.insert(Owner::Definition(fact, at));
            facts.extend(definition.value.facts());
        }
    }
    (owners, direct)
}
