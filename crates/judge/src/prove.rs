//! Runs the tests that stand in the rule files.

use crate::diagnostic::Diagnostic;
use crate::eval::World;
use crate::matter::{Known, Matter};
use crate::ruleset::{Conclusion, Expected, Given, RuleSet, Test};
use crate::value::Value;
use zhunsheng_model::Date;

/// The day of a test of which neither the test nor its rule says one.
const DAY: Date = match Date::new(2026, 1, 1) {
    Some(day) => day,
    None => unreachable!(),
};

/// What a test came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Came {
    /// A rule concluded so.
    Conclusion(Conclusion),
    /// A definition has this value.
    Value(Value),
}

/// The facts of a test as a matter: one entity on each step to the scope.
///
/// # Errors
/// When two lines contradict each other: the name of the fact.
pub fn matter_of(set: &RuleSet, test: &Test) -> Result<Matter, String> {
    let mut matter = Matter::default();
    let scope = match set.rule(&test.subject) {
        Some(rule) => rule.scope,
        None => {
            set.schema.find(&test.subject).map_or(crate::EntityKind::Matter, |id| set.schema.fact(id).entity)
        }
    };
    let mut way: crate::ruleset::Way = scope.chain().map(|kind| (kind, 1)).collect();
    way.reverse();
    matter.make(&way);
    matter.entity_mut(Matter::ROOT).date = test.on;
    for given in &test.given {
        match given {
            Given::Fact { way, fact, value } => {
                let id = matter.make(way);
                let known = Known { value: *value, text: None, source: None };
                matter.learn(id, *fact, known).map_err(|_| set.schema.fact(*fact).full.clone())?;
            }
            Given::None { way, kind } => {
                let id = matter.make(way);
                matter.entity_mut(id).none.insert(*kind);
            }
            Given::More { way, kind } => {
                let id = matter.make(way);
                matter.entity_mut(id).more.insert(*kind);
            }
            Given::Exists { way } => {
                matter.make(way);
            }
        }
    }
    Ok(matter)
}

/// What a test comes to; `forced` makes one part of an expression true or false.
pub fn run_on(set: &RuleSet, test: &Test, matter: &Matter, forced: Option<(u32, bool)>) -> Came {
    let day = test.on.unwrap_or(DAY);
    let mut world = World::new(set, matter, day);
    world.forced = forced;
    if let Some(rule) = set.rule(&test.subject) {
        let Some(id) = matter.of_kind(rule.scope).first().copied() else {
            return Came::Conclusion(Conclusion::None);
        };
        let conclusion = if rule.in_force(day) { world.judge(rule, id).conclusion } else { Conclusion::None };
        return Came::Conclusion(conclusion);
    }
    let fact = set.schema.find(&test.subject);
    let entity = fact.and_then(|fact| matter.of_kind(set.schema.fact(fact).entity).first().copied());
    match (fact, entity) {
        (Some(fact), Some(entity)) => Came::Value(world.fact_of(fact, entity)),
        _ => Came::Conclusion(Conclusion::None),
    }
}

/// Whether a test came out as it says.
pub fn holds(expected: Expected, came: Came) -> bool {
    match (expected, came) {
        (Expected::Conclusion(expected), Came::Conclusion(came)) => expected == came,
        // Unknown means that it is not fully known.
        (Expected::Value(Value::Number(expected)), Came::Value(Value::Number(came))) => {
            expected.as_exact() == came.as_exact()
        }
        (Expected::Value(Value::Day(expected)), Came::Value(Value::Day(came))) => {
            expected.as_exact() == came.as_exact()
        }
        (Expected::Value(expected), Came::Value(came)) => expected == came,
        _ => false,
    }
}

/// Runs every test and names those that come out otherwise.
pub fn run_tests(set: &RuleSet) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for test in &set.tests {
        let matter = match matter_of(set, test) {
            Ok(matter) => matter,
            Err(fact) => {
                let message = format!("`{fact}` is stated twice and differently");
                problems.push(Diagnostic::error(&test.file, test.line, "test", message));
                continue;
            }
        };
        let came = run_on(set, test, &matter, None);
        if !holds(test.expected, came) {
            let message = format!(
                "`{}` comes out as {}, not as {}",
                test.subject,
                shown(came),
                shown(match test.expected {
                    Expected::Conclusion(conclusion) => Came::Conclusion(conclusion),
                    Expected::Value(value) => Came::Value(value),
                })
            );
            problems.push(Diagnostic::error(&test.file, test.line, "test-fails", message));
        }
    }
    problems
}

fn shown(came: Came) -> String {
    use crate::value::Tri;
    match came {
        Came::Conclusion(conclusion) => conclusion.id().to_owned(),
        Came::Value(Value::Bool(Tri::True)) => "true".to_owned(),
        Came::Value(Value::Bool(Tri::False)) => "false".to_owned(),
        Came::Value(Value::Number(range)) => match range.as_exact() {
            Some(number) => number.to_string(),
            None => "unknown".to_owned(),
        },
        Came::Value(Value::Day(range)) => match range.as_exact() {
            Some(day) => day.to_string(),
            None => "unknown".to_owned(),
        },
        Came::Value(_) => "unknown".to_owned(),
    }
}
