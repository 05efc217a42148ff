//! Types of expressions: every fact is known, every comparison compares like with like.

use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::expr::{Comparison, Node, NodeKind, Quantifier, Word};
use crate::schema::{FactId, Schema, Type};

/// The type of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    Bool,
    Number,
    Day,
    Choice(FactId),
    Set(FactId),
    /// A bare word, which means something only beside a choice.
    Word,
    /// Wrong already; says nothing more.
    Unknown,
}

impl Shape {
    fn name(self) -> &'static str {
        match self {
            Shape::Bool => "a condition",
            Shape::Number => "a number",
            Shape::Day => "a date",
            Shape::Choice(_) => "a choice",
            Shape::Set(_) => "a set",
            Shape::Word => "a bare word",
            Shape::Unknown => "something unknown",
        }
    }
}

/// Checks that `node` is a condition on `scope`, fills in facts and values, and says what is wrong.
pub(crate) fn check_condition(
    node: &mut Node,
    scope: EntityKind,
    schema: &Schema,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) {
    check(node, scope, Shape::Bool, schema, file, problems);
}

/// Checks that `node` has the type of the fact it defines.
pub(crate) fn check_definition(
    node: &mut Node,
    fact: FactId,
    schema: &Schema,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let declared = schema.fact(fact);
    let wanted = match declared.kind {
        Type::Bool => Shape::Bool,
        Type::Int | Type::Number | Type::Money => Shape::Number,
        Type::Date => Shape::Day,
        Type::Choice | Type::Set | Type::Text => {
            problems.push(Diagnostic::error(
                file,
                node.line,
                "type",
                format!("`{}` is {}, which no expression can give", declared.full, declared.kind.id()),
            ));
            return;
        }
    };
    check(node, declared.entity, wanted, schema, file, problems);
}

fn check(
    node: &mut Node,
    scope: EntityKind,
    wanted: Shape,
    schema: &Schema,
    file: &str,
    problems: &mut Vec<Diagnostic>,
) {
    let bound = scope.chain().collect();
    let mut checker = Checker { schema, file, bound, problems };
    checker.expect(node, wanted);
}

struct Checker<'a> {
    schema: &'a Schema,
    file: &'a str,
    /// Entities of which there is one here: the scope, what it stands in, and what quantifiers go through.
    bound: Vec<EntityKind>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Checker<'_> {
    fn error(&mut self, node: &Node, code: &'static str, message: String, hint: String) -> Shape {
        self.problems.push(Diagnostic::error(self.file, node.line, code, message).hint(hint));
        Shape::Unknown
    }

    fn expect(&mut self, node: &mut Node, wanted: Shape) {
        let shape = self.infer(node);
        if shape == wanted || shape == Shape::Unknown {
            return;
        }
        if let NodeKind::Word(word) = &node.kind {
            let name = word.name.clone();
            self.not_a_fact(node, &name);
            return;
        }
        let hint = match shape {
            Shape::Choice(_) => "compare it: `= value` or `in {a, b}`",
            Shape::Set(_) => "ask for a value: `has value`",
            Shape::Number | Shape::Day if wanted == Shape::Bool => "compare it: `>= …`",
            _ => "",
        };
        let message = format!("`{node}` is {}, not {}", shape.name(), wanted.name());
        self.error(node, "type", message, hint.to_owned());
    }

    fn not_a_fact(&mut self, node: &Node, name: &str) -> Shape {
        let bound = self.bound.clone();
        let with_entity = self
            .schema
            .facts()
            .iter()
            .find(|fact| fact.name == name && bound.contains(&fact.entity))
            .map(|fact| format!("did you mean `{}`?", fact.full));
        let hint =
            with_entity.unwrap_or_else(|| "a fact is an entity and a name, such as `activity.x`".to_owned());
        self.error(node, "unknown-fact", format!("`{name}` is no fact"), hint)
    }

    fn infer(&mut self, node: &mut Node) -> Shape {
        let line_node = Node { id: node.id, line: node.line, kind: NodeKind::Bool(true) };
        match &mut node.kind {
            NodeKind::Bool(_) => Shape::Bool,
            NodeKind::Number(..) => Shape::Number,
            NodeKind::Date(_) | NodeKind::ActDate => Shape::Day,
            NodeKind::Word(_) => Shape::Word,
            NodeKind::Fact(name, id) => {
                let name = name.clone();
                match self.schema.find(&name) {
                    Some(found) => {
                        *id = Some(found);
                        self.fact(&line_node, found)
                    }
                    None => {
                        let hint = self.schema.nearest(&name);
                        self.error(&line_node, "unknown-fact", format!("there is no fact `{name}`"), hint)
                    }
                }
            }
            NodeKind::Not(inner) => {
                self.expect(inner, Shape::Bool);
                Shape::Bool
            }
            NodeKind::And(parts) | NodeKind::Or(parts) | NodeKind::AtLeast(_, parts) => {
                parts.iter_mut().for_each(|part| self.expect(part, Shape::Bool));
                Shape::Bool
            }
            NodeKind::Compare(comparison, a, b) => {
                self.compare(&line_node, *comparison, a, b);
                Shape::Bool
            }
            NodeKind::In(a, words) => {
                match self.infer(a) {
                    Shape::Choice(fact) => self.words(&line_node, words, fact),
                    Shape::Unknown => {}
                    shape => {
                        let message = format!("`{a}` is {}; `in` asks about a choice", shape.name());
                        self.error(&line_node, "type", message, String::new());
                    }
                }
                Shape::Bool
            }
            NodeKind::Has(_, a, words) => {
                match self.infer(a) {
                    Shape::Set(fact) => self.words(&line_node, words, fact),
                    Shape::Unknown => {}
                    shape => {
                        let message = format!("`{a}` is {}; `has` asks about a set", shape.name());
                        self.error(&line_node, "type", message, String::new());
                    }
                }
                Shape::Bool
            }
            NodeKind::Over(quantifier, kind, inner) => {
                let (quantifier, kind) = (*quantifier, *kind);
                let before = self.bound.clone();
                if !kind.chain().skip(1).any(|outer| before.contains(&outer)) {
                    // Everything stands in the matter, so this cannot be; kept for kinds added later.
                    self.error(
                        &line_node,
                        "scope",
                        format!("no `{kind}` can be reached from here"),
                        String::new(),
                    );
                }
                for outer in kind.chain() {
                    if !self.bound.contains(&outer) {
                        self.bound.push(outer);
                    }
                }
                self.expect(inner, if quantifier == Quantifier::Sum { Shape::Number } else { Shape::Bool });
                self.bound = before;
                match quantifier {
                    Quantifier::Some | Quantifier::Every => Shape::Bool,
                    Quantifier::Count | Quantifier::Sum => Shape::Number,
                }
            }
            NodeKind::Arithmetic(_, a, b) => {
                self.expect(a, Shape::Number);
                self.expect(b, Shape::Number);
                Shape::Number
            }
            NodeKind::Age(a, b) | NodeKind::Days(a, b) => {
                self.expect(a, Shape::Day);
                self.expect(b, Shape::Day);
                Shape::Number
            }
            NodeKind::After(_, length, day) => {
                self.expect(length, Shape::Number);
                self.expect(day, Shape::Day);
                Shape::Day
            }
        }
    }

    fn fact(&mut self, node: &Node, id: FactId) -> Shape {
        let fact = self.schema.fact(id);
        if !self.bound.contains(&fact.entity) {
            let (entity, full) = (fact.entity, fact.full.clone());
            return self.error(
                node,
                "scope",
                format!("`{full}` is a fact of each {entity}, and it is not said which"),
                format!("write `some {entity} (…)` or `every {entity} (…)` around it"),
            );
        }
        match fact.kind {
            Type::Bool => Shape::Bool,
            Type::Int | Type::Number | Type::Money => Shape::Number,
            Type::Date => Shape::Day,
            Type::Choice => Shape::Choice(id),
            Type::Set => Shape::Set(id),
            Type::Text => {
                let full = fact.full.clone();
                self.error(
                    node,
                    "type",
                    format!("`{full}` is a text; rules do not compare texts"),
                    String::new(),
                )
            }
        }
    }

    fn compare(&mut self, at: &Node, comparison: Comparison, a: &mut Node, b: &mut Node) {
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        let (left, right) = (self.infer(a), self.infer(b));
        match (left, right) {
            (Shape::Unknown, _) | (_, Shape::Unknown) => {}
            (Shape::Number, Shape::Number) | (Shape::Day, Shape::Day) => {}
            (Shape::Bool, Shape::Bool) if equality => {}
            (Shape::Choice(fact), Shape::Word) if equality => {
                if let NodeKind::Word(word) = &mut b.kind {
                    self.words(at, std::slice::from_mut(word), fact);
                }
            }
            (Shape::Set(_), Shape::Word) => {
                let message = format!("`{a}` is a set and may have several values");
                self.error(at, "type", message, format!("write `{a} has {b}`"));
            }
            (Shape::Word, _) => {
                let name = a.to_string();
                self.not_a_fact(at, &name);
            }
            (_, Shape::Word) => {
                let name = b.to_string();
                self.not_a_fact(at, &name);
            }
            (left, right) => {
                let message = format!(
                    "`{a}` is {} and `{b}` is {}: `{}` does not compare them",
                    left.name(),
                    right.name(),
                    comparison.sign()
                );
                self.error(at, "type", message, String::new());
            }
        }
    }

    fn words(&mut self, at: &Node, words: &mut [Word], fact: FactId) {
        let fact = self.schema.fact(fact);
        for word in words {
            match fact.bit(&word.name) {
                Some(bit) => word.bit = bit,
                None => {
                    let mut hint = nearest(&word.name, fact.values.iter().map(|value| value.name.as_str()));
                    if hint.is_empty() {
                        let names: Vec<&str> =
                            fact.values.iter().map(|value| value.name.as_str()).take(12).collect();
                        hint = format!("its values: {}", names.join(", "));
                    }
                    let message = format!("`{}` has no value `{}`", fact.full, word.name);
                    self.problems.push(Diagnostic::error(self.file, at.line, "value", message).hint(hint));
                }
            }
        }
    }
}
