//! Expressions of the rule language as a tree.

use crate::entity::EntityKind;
use crate::number::Rational;
use crate::schema::FactId;
use crate::value::Mask;
use std::fmt;
use zhunsheng_model::Date;

/// A part of an expression.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    /// Number of the part, different from that of every other part of the rule set.
    pub id: u32,
    /// Line it begins in.
    pub line: u32,
    /// What it is.
    pub kind: NodeKind,
}

/// What a part of an expression is.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum NodeKind {
    Bool(bool),
    Number(Rational, Spelling),
    Date(Date),
    /// `date`: the day of the act.
    ActDate,
    /// A fact by its full name; the id is filled in by typing.
    Fact(String, Option<FactId>),
    /// A value of a choice or set; the bit is filled in by typing.
    Word(Word),
    Not(Box<Node>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// `choice in {a, b}`.
    In(Box<Node>, Vec<Word>),
    /// `set has a`, `set has any {a, b}`, `set has all {a, b}`.
    Has(Quantity, Box<Node>, Vec<Word>),
    /// `some item (E)`, `every item (E)`, `count item (E)`, `sum dataset (N)`.
    Over(Quantifier, EntityKind, Box<Node>),
    /// `at least 2 of (E, E, E)`.
    AtLeast(u32, Vec<Node>),
    Arithmetic(Operator, Box<Node>, Box<Node>),
    /// `age(birth, day)` in full years.
    Age(Box<Node>, Box<Node>),
    /// `years(3) after day`, `months(6) after day`, `days(15) after day`.
    After(Unit, Box<Node>, Box<Node>),
    /// `days(a, b)`: days from a to b.
    Days(Box<Node>, Box<Node>),
}

/// A value name with its bit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// As written.
    pub name: String,
    /// Its bit; zero before typing.
    pub bit: Mask,
}

/// How a number was written, so that formatting keeps 500万 as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spelling(pub String);

/// A comparison.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    AtMost,
    Greater,
    AtLeast,
}

impl Comparison {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Comparison::Equal => "=",
            Comparison::NotEqual => "!=",
            Comparison::Less => "<",
            Comparison::AtMost => "<=",
            Comparison::Greater => ">",
            Comparison::AtLeast => ">=",
        }
    }
}

/// How many of the values a set must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Quantity {
    One,
    Any,
    All,
}

/// What is asked of all entities of a kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Quantifier {
    Some,
    Every,
    Count,
    Sum,
}

impl Quantifier {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Quantifier::Some => "some",
            Quantifier::Every => "every",
            Quantifier::Count => "count",
            Quantifier::Sum => "sum",
        }
    }
}

/// Arithmetic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

impl Operator {
    /// The sign.
    pub const fn sign(self) -> &'static str {
        match self {
            Operator::Plus => "+",
            Operator::Minus => "-",
            Operator::Times => "*",
            Operator::Over => "/",
        }
    }
}

/// A length of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum Unit {
    Years,
    Months,
    Days,
}

impl Unit {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Unit::Years => "years",
            Unit::Months => "months",
            Unit::Days => "days",
        }
    }
}

impl Node {
    /// The parts directly below.
    pub fn children(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Bool(_)
            | NodeKind::Number(..)
            | NodeKind::Date(_)
            | NodeKind::ActDate
            | NodeKind::Fact(..)
            | NodeKind::Word(_) => Vec::new(),
            NodeKind::Not(a) | NodeKind::In(a, _) | NodeKind::Has(_, a, _) | NodeKind::Over(_, _, a) => {
                vec![a]
            }
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::AtLeast(_, parts) => {
                parts.iter().collect()
            }
            NodeKind::Compare(_, a, b)
            | NodeKind::Arithmetic(_, a, b)
            | NodeKind::Age(a, b)
            | NodeKind::After(_, a, b)
            | NodeKind::Days(a, b) => vec![a, b],
        }
    }

    /// The parts directly below, to change.
    pub fn children_mut(&mut self) -> Vec<&mut Node> {
        match &mut self.kind {
            NodeKind::Bool(_)
            | NodeKind::Number(..)
            | NodeKind::Date(_)
            | NodeKind::ActDate
            | NodeKind::Fact(..)
            | NodeKind::Word(_) => Vec::new(),
            NodeKind::Not(a) | NodeKind::In(a, _) | NodeKind::Has(_, a, _) | NodeKind::Over(_, _, a) => {
                vec![a]
            }
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::AtLeast(_, parts) => {
                parts.iter_mut().collect()
            }
            NodeKind::Compare(_, a, b)
            | NodeKind::Arithmetic(_, a, b)
            | NodeKind::Age(a, b)
            | NodeKind::After(_, a, b)
            | NodeKind::Days(a, b) => vec![a, b],
        }
    }

    /// Every part, this one first.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Node)) {
        visit(self);
        for child in self.children() {
            child.walk(visit);
        }
    }

    /// Every part, to change; this one first.
    pub fn walk_mut(&mut self, visit: &mut dyn FnMut(&mut Node)) {
        visit(self);
        for child in self.children_mut() {
            child.walk_mut(visit);
        }
    }

    /// Every fact named, in order.
    pub fn facts(&self) -> Vec<FactId> {
        let mut found = Vec::new();
        self.walk(&mut |node| {
            if let NodeKind::Fact(_, Some(id)) = node.kind {
                found.push(id);
            }
        });
        found
    }

    /// Conditions that have no condition inside that is joined by a connective: comparisons, facts, `in`, `has`.
    pub fn atoms(&self) -> Vec<&Node> {
        let mut found = Vec::new();
        self.collect_atoms(&mut found);
        found
    }

    fn collect_atoms<'a>(&'a self, found: &mut Vec<&'a Node>) {
        match &self.kind {
            NodeKind::Not(inner) => inner.collect_atoms(found),
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::AtLeast(_, parts) => {
                parts.iter().for_each(|part| part.collect_atoms(found));
            }
            NodeKind::Over(Quantifier::Some | Quantifier::Every, _, inner) => inner.collect_atoms(found),
            NodeKind::Bool(_) => {}
            NodeKind::Compare(..) => {
                found.push(self);
                // `count item (E) >= 2` has conditions inside.
                self.walk(&mut |node| {
                    if let NodeKind::Over(Quantifier::Count, _, inner) = &node.kind {
                        inner.collect_atoms(found);
                    }
                });
            }
            _ => found.push(self),
        }
    }

    /// Binding strength, the loosest first.
    const fn level(&self) -> u8 {
        match &self.kind {
            NodeKind::Or(_) => 1,
            NodeKind::And(_) => 2,
            NodeKind::Not(_) => 3,
            NodeKind::Compare(..) | NodeKind::In(..) | NodeKind::Has(..) => 4,
            NodeKind::Arithmetic(Operator::Plus | Operator::Minus, ..) => 5,
            NodeKind::Arithmetic(Operator::Times | Operator::Over, ..) => 6,
            _ => 7,
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, outer: u8) -> fmt::Result {
        let parens = self.level() < outer;
        if parens {
            f.write_str("(")?;
        }
        self.write_bare(f)?;
        if parens {
            f.write_str(")")?;
        }
        Ok(())
    }

    fn write_bare(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.level();
        match &self.kind {
            NodeKind::Bool(value) => write!(f, "{value}"),
            NodeKind::Number(_, spelling) => f.write_str(&spelling.0),
            NodeKind::Date(date) => write!(f, "{date}"),
            NodeKind::ActDate => f.write_str("date"),
            NodeKind::Fact(name, _) => f.write_str(name),
            NodeKind::Word(word) => f.write_str(&word.name),
            NodeKind::Not(inner) => {
                f.write_str("not ")?;
                inner.write(f, level)
            }
            NodeKind::And(parts) => joined(f, parts, " and ", level + 1),
            NodeKind::Or(parts) => joined(f, parts, " or ", level + 1),
            NodeKind::Compare(comparison, a, b) => {
                a.write(f, level + 1)?;
                write!(f, " {} ", comparison.sign())?;
                b.write(f, level + 1)
            }
            NodeKind::In(a, words) => {
                a.write(f, level + 1)?;
                f.write_str(" in ")?;
                braces(f, words)
            }
            NodeKind::Has(quantity, a, words) => {
                a.write(f, level + 1)?;
                match quantity {
                    Quantity::One => {
                        f.write_str(" has ")?;
                        words.iter().try_for_each(|word| f.write_str(&word.name))
                    }
                    Quantity::Any => {
                        f.write_str(" has any ")?;
                        braces(f, words)
                    }
                    Quantity::All => {
                        f.write_str(" has all ")?;
                        braces(f, words)
                    }
                }
            }
            NodeKind::Over(quantifier, kind, inner) => {
                write!(f, "{} {kind} (", quantifier.word())?;
                inner.write(f, 0)?;
                f.write_str(")")
            }
            NodeKind::AtLeast(number, parts) => {
                write!(f, "at least {number} of (")?;
                joined(f, parts, ", ", 0)?;
                f.write_str(")")
            }
            NodeKind::Arithmetic(operator, a, b) => {
                a.write(f, level)?;
                write!(f, " {} ", operator.sign())?;
                b.write(f, level + 1)
            }
            NodeKind::Age(a, b) => call(f, "age", a, b),
            NodeKind::Days(a, b) => call(f, "days", a, b),
            NodeKind::After(unit, length, day) => {
                write!(f, "{}(", unit.word())?;
                length.write(f, 0)?;
                f.write_str(") after ")?;
                day.write(f, 7)
            }
        }
    }
}

fn joined(f: &mut fmt::Formatter<'_>, parts: &[Node], between: &str, level: u8) -> fmt::Result {
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            f.write_str(between)?;
        }
        part.write(f, level)?;
    }
    Ok(())
}

fn braces(f: &mut fmt::Formatter<'_>, words: &[Word]) -> fmt::Result {
    f.write_str("{")?;
    for (at, word) in words.iter().enumerate() {
        if at > 0 {
            f.write_str(", ")?;
        }
        f.write_str(&word.name)?;
    }
    f.write_str("}")
}

fn call(f: &mut fmt::Formatter<'_>, name: &str, a: &Node, b: &Node) -> fmt::Result {
    write!(f, "{name}(")?;
    a.write(f, 0)?;
    f.write_str(", ")?;
    b.write(f, 0)?;
    f.write_str(")")
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, 0)
    }
}
