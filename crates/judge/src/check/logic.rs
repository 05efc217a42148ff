//! Conditions that can never be otherwise, and pairs of rules that cannot both be kept.
//!
//! Decided by going through every combination of the conditions of an expression: yes-or-no facts, the values of a
//! choice, the values of a set one by one, and numbers and dates by the regions that the lines compared with cut out
//! (below, on and above each). What stands inside a quantifier, derived facts, sums and other reckoned terms count
//! as free: so what is reported is so, and a contradiction that follows only from their inside is not seen.
//! Expressions with more than [`COMBINATIONS`] combinations are left out and counted.

use crate::diagnostic::Diagnostic;
use crate::eval::day_number;
use crate::expr::{Comparison, Node, NodeKind, Quantity};
use crate::number::Rational;
use crate::ruleset::{Mode, Rule, RuleSet};
use crate::schema::Schema;
use std::collections::{BTreeMap, BTreeSet};

/// Most combinations that are gone through for one expression or pair.
const COMBINATIONS: u64 = 40_000;

/// What was found, and how much was left out.
#[derive(Clone, Debug, Default)]
pub struct LogicReport {
    /// Constant conditions and contradicting pairs.
    pub problems: Vec<Diagnostic>,
    /// Expressions decided.
    pub expressions: usize,
    /// Pairs of rules decided.
    pub pairs: usize,
    /// Expressions and pairs with too many combinations.
    pub left_out: usize,
}

/// Goes through all rules, exceptions and definitions, and all pairs of rules of one scope that share a condition.
pub fn logic(set: &RuleSet) -> LogicReport {
    let mut report = LogicReport::default();
    for rule in &set.rules {
        constant_rule(set, rule, &mut report);
    }
    for exception in &set.exceptions {
        let place = (exception.origin.file.as_str(), exception.when.line);
        constant(set, &exception.when, place, &format!("the exception `{}`", exception.id), &mut report);
    }
    for (fact, definitions) in &set.definitions {
        for definition in definitions {
            let is_condition = matches!(set.schema.fact(*fact).kind, crate::schema::Type::Bool);
            if is_condition {
                let place = (definition.origin.file.as_str(), definition.value.line);
                let name = format!("the definition of `{}`", set.schema.fact(*fact).full);
                constant(set, &definition.value, place, &name, &mut report);
            }
        }
    }
    for (at, first) in set.rules.iter().enumerate() {
        for second in set.rules.iter().skip(at + 1) {
            pair(set, first, second, &mut report);
        }
    }
    report.problems.sort();
    report
}

fn constant_rule(set: &RuleSet, rule: &Rule, report: &mut LogicReport) {
    let nodes: Vec<&Node> = rule.applies.iter().chain([&rule.condition]).collect();
    let Some(space) = Space::of(&nodes, &set.schema) else {
        report.left_out += 1;
        return;
    };
    report.expressions += 1;
    let (mut applies_once, mut held, mut failed) = (false, false, false);
    space.each(&mut |point| {
        let applies = rule.applies.as_ref().is_none_or(|node| point.holds(node));
        if applies {
            applies_once = true;
            if point.holds(&rule.condition) { held = true } else { failed = true }
        }
        !(held && failed)
    });
    let mut put = |code, message: String| {
        report.problems.push(Diagnostic::error(&rule.origin.file, rule.condition.line, code, message));
    };
    if !applies_once {
        put("never-applies", format!("`{}` never applies: its `applies` contradicts itself", rule.id));
    } else if !failed && !matches!(rule.condition.kind, NodeKind::Bool(true)) {
        put("always-true", format!("the condition of `{}` is always true where the rule applies", rule.id));
    } else if !held && !matches!(rule.condition.kind, NodeKind::Bool(false)) {
        put("always-false", format!("the condition of `{}` is always false where the rule applies", rule.id));
    }
}

fn constant(set: &RuleSet, node: &Node, place: (&str, u32), name: &str, report: &mut LogicReport) {
    let Some(space) = Space::of(&[node], &set.schema) else {
        report.left_out += 1;
        return;
    };
    report.expressions += 1;
    let (mut held, mut failed) = (false, false);
    space.each(&mut |point| {
        if point.holds(node) {
            held = true
        } else {
            failed = true
        }
        !(held && failed)
    });
    if held && failed || matches!(node.kind, NodeKind::Bool(_)) {
        return;
    }
    let (file, line) = place;
    let message = format!("{name} is always {held}");
    report.problems.push(Diagnostic::error(file, line, "constant", message));
}

/// Two rules contradict each other when there are facts on which both apply, and on all such facts one of them is
/// violated; or when whatever the one allows violates the other.
fn pair(set: &RuleSet, a: &Rule, b: &Rule, report: &mut LogicReport) {
    let overlap = {
        let before = |end: Option<zhunsheng_model::Date>, start: Option<zhunsheng_model::Date>| matches!((end, start), (Some(end), Some(start)) if end < start);
        !before(a.period.1, b.period.0) && !before(b.period.1, a.period.0)
    };
    let states = |rule: &Rule| rule.mode != Mode::Constitutes;
    let both_allow = a.mode == Mode::Allows && b.mode == Mode::Allows;
    if a.scope != b.scope || !overlap || !states(a) || !states(b) || both_allow || excepted(set, a, b) {
        return;
    }
    let (own, other) = (keys(&a.condition), keys(&b.condition));
    if own.is_disjoint(&other) {
        return;
    }
    let nodes: Vec<&Node> =
        a.applies.iter().chain([&a.condition]).chain(b.applies.iter()).chain([&b.condition]).collect();
    let Some(space) = Space::of(&nodes, &set.schema) else {
        report.left_out += 1;
        return;
    };
    report.pairs += 1;
    let (mut meet, mut kept) = (false, false);
    space.each(&mut |point| {
        let (Some(a), Some(b)) = (outcome(a, point), outcome(b, point)) else { return true };
        meet = true;
        kept |= a && b;
        !kept
    });
    if meet && !kept {
        let (file, line) = (&a.origin.file, a.condition.line);
        let one_allows = a.mode == Mode::Allows || b.mode == Mode::Allows;
        report.problems.push(if one_allows {
            let (allows, forbids) = if a.mode == Mode::Allows { (a, b) } else { (b, a) };
            let message = format!("whatever `{}` allows violates `{}`", allows.id, forbids.id);
            // A measure against a violation looks the same as leave to commit it: people must look.
            Diagnostic::warning(file, line, "contradiction", message)
                .hint("right for a measure against the violation; else one is an exception to the other")
        } else {
            let message = format!("`{}` and `{}` cannot both be kept where both apply", a.id, b.id);
            Diagnostic::error(file, line, "contradiction", message)
        });
    }
}

/// Nothing where the rule says nothing; whether it is kept (or allows) elsewhere.
fn outcome(rule: &Rule, point: &Point<'_>) -> Option<bool> {
    if !rule.applies.as_ref().is_none_or(|node| point.holds(node)) {
        return None;
    }
    let holds = point.holds(&rule.condition);
    match rule.mode {
        Mode::Requires => Some(holds),
        Mode::Prohibits => Some(!holds),
        Mode::Allows => holds.then_some(true),
        Mode::Constitutes => None,
    }
}

/// Whether an exception names both, or stands between them.
fn excepted(set: &RuleSet, a: &Rule, b: &Rule) -> bool {
    let any = |rule: &Rule| set.exceptions_to(&rule.id).next().is_some();
    any(a) || any(b)
}

fn keys(node: &Node) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    node.walk(&mut |part| {
        if let NodeKind::Fact(name, _) = &part.kind {
            found.insert(name.clone());
        }
    });
    found
}

/// What an expression can be made of: each variable with the number of its cases.
struct Space {
    variables: Vec<(Key, u32)>,
    index: BTreeMap<Key, usize>,
    /// For numbers and dates: the lines, sorted.
    lines: BTreeMap<String, Vec<Rational>>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    /// Anything that is free: a fact, or a part that is not looked into.
    Free(String),
    /// Which value a choice has: bits of those named; the last case is any other.
    Choice(String),
    /// Whether a set has a value.
    Bit(String, u128),
    /// Where a term lies among its lines.
    Region(String),
}

/// One combination.
struct Point<'a> {
    space: &'a Space,
    cases: Vec<u32>,
    choices: &'a BTreeMap<String, Vec<u128>>,
}

impl Space {
    fn of(nodes: &[&Node], schema: &Schema) -> Option<SpaceWith> {
        let mut builder =
            Builder { schema, variables: BTreeMap::new(), lines: BTreeMap::new(), choices: BTreeMap::new() };
        nodes.iter().for_each(|node| builder.condition(node));
        builder.finish()
    }
}

/// A space with the values of choices that are told apart.
struct SpaceWith {
    space: Space,
    choices: BTreeMap<String, Vec<u128>>,
}

impl SpaceWith {
    /// Goes through all combinations until `visit` says to stop.
    fn each(&self, visit: &mut dyn FnMut(&Point<'_>) -> bool) {
        let mut point =
            Point { space: &self.space, cases: vec![0; self.space.variables.len()], choices: &self.choices };
        loop {
            if !visit(&point) {
                return;
            }
            let mut carry = true;
            for (case, (_, count)) in point.cases.iter_mut().zip(&self.space.variables) {
                if carry {
                    *case += 1;
                    carry = *case >= *count;
                    if carry {
                        *case = 0;
                    }
                }
            }
            if carry {
                return;
            }
        }
    }
}

struct Builder<'a> {
    schema: &'a Schema,
    variables: BTreeMap<Key, u32>,
    lines: BTreeMap<String, Vec<Rational>>,
    choices: BTreeMap<String, Vec<u128>>,
}

impl Builder<'_> {
    fn condition(&mut self, node: &Node) {
        match &node.kind {
            NodeKind::Bool(_) => {}
            NodeKind::Not(inner) => self.condition(inner),
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::AtLeast(_, parts) => {
                parts.iter().for_each(|part| self.condition(part));
            }
            NodeKind::Compare(_, a, b) => match (line_of(b), &b.kind) {
                (Some(line), _) => {
                    let term = a.to_string();
                    self.lines.entry(term.clone()).or_default().push(line);
                    self.variables.insert(Key::Region(term), 0);
                }
                (None, NodeKind::Word(word)) => self.choice(a, word.bit),
                (None, NodeKind::Bool(_)) => self.condition(a),
                _ => {
                    self.variables.insert(Key::Free(node.to_string()), 2);
                }
            },
            NodeKind::In(a, words) => words.iter().for_each(|word| self.choice(a, word.bit)),
            NodeKind::Has(_, a, words) => {
                for word in words {
                    self.variables.insert(Key::Bit(a.to_string(), word.bit), 2);
                }
            }
            _ => {
                self.variables.insert(Key::Free(node.to_string()), 2);
            }
        }
    }

    fn choice(&mut self, a: &Node, bit: u128) {
        let term = a.to_string();
        let bits = self.choices.entry(term.clone()).or_default();
        if !bits.contains(&bit) {
            bits.push(bit);
        }
        // One case more for all values that are not named, where there are any.
        let values = match &a.kind {
            NodeKind::Fact(_, Some(id)) => self.schema.fact(*id).values.len(),
            _ => usize::MAX,
        };
        let count = bits.len() + usize::from(values > bits.len());
        self.variables.insert(Key::Choice(term), u32::try_from(count).unwrap_or(u32::MAX));
    }

    fn finish(mut self) -> Option<SpaceWith> {
        for (term, lines) in &mut self.lines {
            lines.sort();
            lines.dedup();
            // Below, on, between …, above; numbers are never below zero.
            let count = u32::try_from(2 * lines.len() + 1).ok()?;
            self.variables.insert(Key::Region(term.clone()), count);
        }
        self.variables.values().try_fold(1_u64, |product, count| {
            product.checked_mul(u64::from(*count)).filter(|product| *product <= COMBINATIONS)
        })?;
        let variables: Vec<(Key, u32)> = self.variables.into_iter().collect();
        let index = variables.iter().enumerate().map(|(at, (key, _))| (key.clone(), at)).collect();
        Some(SpaceWith { space: Space { variables, index, lines: self.lines }, choices: self.choices })
    }
}

/// The line that a term is compared with: a number or a day.
fn line_of(node: &Node) -> Option<Rational> {
    match &node.kind {
        NodeKind::Number(number, _) => Some(*number),
        NodeKind::Date(day) => Some(Rational::whole(i128::from(day_number(*day)))),
        _ => None,
    }
}

impl Point<'_> {
    fn case(&self, key: &Key) -> u32 {
        self.space.index.get(key).and_then(|at| self.cases.get(*at)).copied().unwrap_or_default()
    }

    fn holds(&self, node: &Node) -> bool {
        match &node.kind {
            NodeKind::Bool(value) => *value,
            NodeKind::Not(inner) => !self.holds(inner),
            NodeKind::And(parts) => parts.iter().all(|part| self.holds(part)),
            NodeKind::Or(parts) => parts.iter().any(|part| self.holds(part)),
            NodeKind::AtLeast(number, parts) => {
                parts.iter().filter(|part| self.holds(part)).count() >= *number as usize
            }
            NodeKind::Compare(comparison, a, b) => match (line_of(b), &b.kind) {
                (Some(line), _) => self.compares(*comparison, &a.to_string(), line),
                (None, NodeKind::Word(word)) => {
                    self.is_value(&a.to_string(), word.bit) == (*comparison == Comparison::Equal)
                }
                (None, NodeKind::Bool(value)) => {
                    (self.holds(a) == *value) == (*comparison == Comparison::Equal)
                }
                _ => self.case(&Key::Free(node.to_string())) == 1,
            },
            NodeKind::In(a, words) => {
                let term = a.to_string();
                words.iter().any(|word| self.is_value(&term, word.bit))
            }
            NodeKind::Has(quantity, a, words) => {
                let term = a.to_string();
                let mut has = words.iter().map(|word| self.case(&Key::Bit(term.clone(), word.bit)) == 1);
                match quantity {
                    Quantity::Any => has.any(|has| has),
                    Quantity::One | Quantity::All => has.all(|has| has),
                }
            }
            _ => self.case(&Key::Free(node.to_string())) == 1,
        }
    }

    fn is_value(&self, term: &str, bit: u128) -> bool {
        let case = self.case(&Key::Choice(term.to_owned()));
        let bits = self.choices.get(term).map(Vec::as_slice).unwrap_or_default();
        bits.get(case as usize) == Some(&bit)
    }

    /// Regions are numbered: 0 below the first line, 1 on it, 2 between it and the second, 3 on the second …
    fn compares(&self, comparison: Comparison, term: &str, line: Rational) -> bool {
        let lines = self.space.lines.get(term).map(Vec::as_slice).unwrap_or_default();
        let at = lines.iter().position(|known| *known == line).unwrap_or_default();
        let on = u32::try_from(2 * at + 1).unwrap_or(u32::MAX);
        let region = self.case(&Key::Region(term.to_owned()));
        match comparison {
            Comparison::Equal => region == on,
            Comparison::NotEqual => region != on,
            Comparison::Less => region < on,
            Comparison::AtMost => region <= on,
            Comparison::Greater => region > on,
            Comparison::AtLeast => region >= on,
        }
    }
}
