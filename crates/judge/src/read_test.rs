//! Lines of a test block → [`Test`].

use crate::block::{Block, Entry};
use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::expr::Word;
use crate::lexer::tokens;
use crate::number::Range;
use crate::parse::{ParseError, Parser};
use crate::ruleset::{Conclusion, Expected, Given, RuleSet, Test, Way};
use crate::schema::{Fact, FactId, Schema, Type};
use crate::value::{Mask, Tri, Value};
use zhunsheng_model::Date;

pub(crate) fn block(
    set: &mut RuleSet,
    file: &str,
    block: &Block,
    effective: Option<Date>,
    problems: &mut Vec<Diagnostic>,
) {
    let subject = block.name();
    let rule = set.rule(&subject).map(|rule| (rule.scope, rule.period.0));
    let defined = set.schema.find(&subject).filter(|id| set.definitions.contains_key(id));
    let (scope, on) = match (rule, defined) {
        (Some((scope, from)), _) => (scope, from.or(effective)),
        (None, Some(fact)) => (set.schema.fact(fact).entity, effective),
        (None, None) => {
            let names = set.rule_index.keys().map(String::as_str);
            let facts = set.definitions.keys().map(|id| set.schema.fact(*id).full.as_str());
            let hint = nearest(&subject, names.chain(facts));
            let message = format!("there is no rule or definition `{subject}`");
            problems.push(Diagnostic::error(file, block.line, "unknown-rule", message).hint(hint));
            return;
        }
    };
    for entry in block.entries.iter().skip(1) {
        match line(entry, &subject, scope, defined.filter(|_| rule.is_none()), &set.schema) {
            Ok((expected, stated, given)) => set.tests.push(Test {
                subject: subject.clone(),
                file: file.to_owned(),
                line: entry.line,
                expected,
                on: stated.or(on),
                given,
            }),
            Err((line, message, hint)) => {
                problems.push(Diagnostic::error(file, line.max(entry.line), "test", message).hint(hint));
            }
        }
    }
    if block.entries.len() == 1 {
        problems.push(Diagnostic::error(file, block.line, "test", "the test block holds no line"));
    }
}

type Line = (Expected, Option<Date>, Vec<Given>);

fn line(
    entry: &Entry,
    subject: &str,
    scope: EntityKind,
    defined: Option<FactId>,
    schema: &Schema,
) -> Result<Line, ParseError> {
    let mut lines: Vec<(u32, &str)> = entry.expression();
    let Some((number, first)) = lines.first().copied() else {
        return Err((entry.line, "the line is empty".to_owned(), String::new()));
    };
    let Some((head, body)) = first.split_once([':', '：']) else {
        let message = format!("`:` is missing after `{}`", entry.key);
        return Err((number, message, "write `violation: fact = value, …`".to_owned()));
    };
    if let Some(first) = lines.first_mut() {
        first.1 = body;
    }
    let (value, on) = head_of(head, number)?;
    let expected = expected(entry.key, value.as_deref(), subject, defined, schema, number)?;
    let tokens = tokens(&lines)?;
    let mut unused = 0;
    let mut parser = Parser::new(&tokens, &mut unused);
    let mut given = Vec::new();
    // `nothing` says that nothing is stated.
    let _ = parser.word("nothing");
    while parser.peek().is_some() {
        if !given.is_empty() {
            parser.expect(",")?;
            if parser.peek().is_none() {
                break;
            }
        }
        given.push(assignment(&mut parser, scope, schema)?);
    }
    Ok((expected, on, given))
}

/// What stands between the key and the colon: a value, and `on DATE`.
fn head_of(head: &str, line: u32) -> Result<(Option<String>, Option<Date>), ParseError> {
    let mut words = head.split_whitespace();
    let mut value = None;
    let mut on = None;
    while let Some(word) = words.next() {
        if word == "on" {
            let day = words.next().unwrap_or_default();
            on = Some(Date::parse(day).ok_or_else(|| (line, format!("`{day}` is no date"), String::new()))?);
        } else if value.replace(word.to_owned()).is_some() {
            return Err((line, format!("`{word}` is not expected before `:`"), String::new()));
        }
    }
    Ok((value, on))
}

fn expected(
    key: &str,
    value: Option<&str>,
    subject: &str,
    defined: Option<FactId>,
    schema: &Schema,
    line: u32,
) -> Result<Expected, ParseError> {
    let wrong = |message: String, hint: &str| Err((line, message, hint.to_owned()));
    let Some(fact) = defined.map(|id| schema.fact(id)) else {
        if let (Some(conclusion), None) = (Conclusion::from_id(key), value) {
            return Ok(Expected::Conclusion(conclusion));
        }
        return wrong(format!("`{key}` is nothing that a rule concludes"), "violation, lawful, open or none");
    };
    match (key, value, fact.kind) {
        ("true", None, Type::Bool) => Ok(Expected::Value(Value::Bool(Tri::True))),
        ("false", None, Type::Bool) => Ok(Expected::Value(Value::Bool(Tri::False))),
        ("open" | "unknown", None, _) => Ok(Expected::Value(fact.unknown())),
        ("value", Some(text), Type::Int | Type::Number | Type::Money) => match number(text) {
            Some(number) => Ok(Expected::Value(Value::Number(Range::exactly(number)))),
            None => wrong(format!("`{text}` is no number"), "such as `value 27/20:`"),
        },
        ("value", Some(text), Type::Date) => match Date::parse(text) {
            Some(day) => Ok(Expected::Value(Value::Day(Range::exactly(day)))),
            None => wrong(format!("`{text}` is no date"), "such as `value 2021-11-01:`"),
        },
        _ => wrong(
            format!("`{key}` does not fit `{subject}`, which is {}", fact.kind.id()),
            "true, false or unknown for a condition; `value N` for a number or a date",
        ),
    }
}

/// `5`, `1_000`, `27/20`.
fn number(text: &str) -> Option<crate::number::Rational> {
    use crate::number::Rational;
    match text.split_once('/') {
        Some((above, below)) => Rational::parse(above)?.over(Rational::parse(below)?),
        None => Rational::parse(text),
    }
}

fn assignment(parser: &mut Parser<'_>, scope: EntityKind, schema: &Schema) -> Result<Given, ParseError> {
    let mut way: Way = Vec::new();
    loop {
        let line = parser.line();
        let Some(word) = parser.any_word() else {
            return parser.error("a fact is expected, such as `activity.x = true`");
        };
        let Some(kind) = EntityKind::from_id(word) else {
            let entity = way.last().map(|(kind, _)| *kind);
            let Some(entity) = entity else {
                let hint = nearest(word, EntityKind::ALL.iter().map(|kind| kind.id()));
                return Err((line, format!("there is no entity `{word}`"), hint));
            };
            let full = format!("{entity}.{word}");
            let Some(fact) = schema.find(&full) else {
                return Err((line, format!("there is no fact `{full}`"), schema.nearest(&full)));
            };
            let value = value(parser, schema.fact(fact))?;
            return Ok(Given::Fact { way, fact, value });
        };
        let mut number = 1;
        if parser.sign("[") {
            let index = parser.number().and_then(|(number, _)| number.as_whole());
            match index
                .and_then(|index| u32::try_from(index).ok())
                .filter(|index| (1..=100_000).contains(index))
            {
                Some(index) => number = index,
                None => return parser.error("entities are numbered from 1"),
            }
            parser.expect("]")?;
        }
        if !extend(&mut way, kind, number, scope) {
            return Err((line, format!("no `{kind}` stands here"), String::new()));
        }
        if parser.sign(".") {
            continue;
        }
        if !parser.sign("=") {
            return Ok(Given::Exists { way });
        }
        let outer: Way = way.split_last().map(|(_, outer)| outer.to_vec()).unwrap_or_default();
        return match parser.any_word() {
            Some("none") => Ok(Given::None { way: outer, kind }),
            Some("more") => Ok(Given::More { way: outer, kind }),
            _ => parser.error(format!("`{kind} = none` or `{kind} = more` is expected")),
        };
    }
}

/// Adds a step; entities on the way that are not named are the first of their kind.
pub(crate) fn extend(way: &mut Way, kind: EntityKind, number: u32, scope: EntityKind) -> bool {
    let base = match way.last() {
        Some((last, _)) if kind.is_inside(*last) => *last,
        Some(_) => return false,
        None => {
            // The nearest entity on the way to the scope in which such an entity stands.
            let scope_chain: Vec<EntityKind> = scope.chain().collect();
            let Some(base) = kind.chain().find(|outer| scope_chain.contains(outer)) else { return false };
            let mut outer: Vec<EntityKind> = base.chain().collect();
            outer.reverse();
            way.extend(outer.into_iter().map(|kind| (kind, 1)));
            base
        }
    };
    if base == kind {
        if let Some(last) = way.last_mut() {
            last.1 = number;
        }
        return true;
    }
    let mut between: Vec<EntityKind> = kind.chain().take_while(|outer| *outer != base).collect();
    between.reverse();
    way.extend(between.into_iter().map(|kind| (kind, 1)));
    if let Some(last) = way.last_mut() {
        last.1 = number;
    }
    true
}

fn value(parser: &mut Parser<'_>, fact: &Fact) -> Result<Value, ParseError> {
    let line = parser.line();
    let wrong = |message: String, hint: String| Err((line, message, hint));
    match fact.kind {
        Type::Bool => {
            parser.expect("=")?;
            match parser.any_word() {
                Some("true") => Ok(Value::Bool(Tri::True)),
                Some("false") => Ok(Value::Bool(Tri::False)),
                Some("unknown") => Ok(Value::Bool(Tri::Unknown)),
                _ => wrong(format!("`{}` is true, false or unknown", fact.full), String::new()),
            }
        }
        Type::Int | Type::Number | Type::Money => {
            let sign = bound(parser)?;
            let Some((number, _)) = parser.number() else {
                return wrong(format!("`{}` is a number", fact.full), String::new());
            };
            let lowest = Some(crate::number::Rational::ZERO);
            Ok(Value::Number(match sign {
                Bound::Exactly => Range::exactly(number),
                Bound::AtLeast => Range { low: Some(number), high: None },
                Bound::AtMost => Range { low: lowest, high: Some(number) },
            }))
        }
        Type::Date => {
            let sign = bound(parser)?;
            let Some(day) = parser.date() else {
                return wrong(format!("`{}` is a date, such as 2021-11-01", fact.full), String::new());
            };
            Ok(Value::Day(match sign {
                Bound::Exactly => Range::exactly(day),
                Bound::AtLeast => Range { low: Some(day), high: None },
                Bound::AtMost => Range { low: None, high: Some(day) },
            }))
        }
        Type::Choice => {
            let not = !parser.sign("=");
            let mask = if not && parser.word("in") {
                return Ok(Value::Choice(mask(&parser.braces()?, fact, line)?));
            } else if not {
                parser.expect("!=")?;
                one(parser, fact)?
            } else {
                one(parser, fact)?
            };
            Ok(Value::Choice(if not { fact.all_values() & !mask } else { mask }))
        }
        Type::Set => {
            if parser.sign("=") {
                if parser.word("unknown") {
                    return Ok(fact.unknown());
                }
                let has = several(parser, fact)?;
                return Ok(Value::Set { has, lacks: fact.all_values() & !has });
            }
            if parser.word("has") {
                let _ = parser.word("all") || parser.word("any");
                return Ok(Value::Set { has: several(parser, fact)?, lacks: 0 });
            }
            if parser.word("lacks") {
                return Ok(Value::Set { has: 0, lacks: several(parser, fact)? });
            }
            let hint = "`= {a, b}`, `has a`, `lacks b`".to_owned();
            wrong(format!("`{}` is a set", fact.full), hint)
        }
        Type::Text => wrong(format!("`{}` is a text; no rule reads it", fact.full), String::new()),
    }
}

enum Bound {
    Exactly,
    AtLeast,
    AtMost,
}

fn bound(parser: &mut Parser<'_>) -> Result<Bound, ParseError> {
    if parser.sign("=") {
        Ok(Bound::Exactly)
    } else if parser.sign(">=") {
        Ok(Bound::AtLeast)
    } else if parser.sign("<=") {
        Ok(Bound::AtMost)
    } else {
        parser.error("`=`, `>=` or `<=` is expected")
    }
}

fn one(parser: &mut Parser<'_>, fact: &Fact) -> Result<Mask, ParseError> {
    let line = parser.line();
    match parser.any_word() {
        Some("unknown") => Ok(fact.all_values()),
        Some(name) => mask(&[Word { name: name.to_owned(), bit: 0 }], fact, line),
        None => parser.error(format!("a value of `{}` is expected", fact.full)),
    }
}

fn several(parser: &mut Parser<'_>, fact: &Fact) -> Result<Mask, ParseError> {
    let line = parser.line();
    if let Some(name) = parser.any_word() {
        return mask(&[Word { name: name.to_owned(), bit: 0 }], fact, line);
    }
    mask(&parser.braces()?, fact, line)
}

fn mask(words: &[Word], fact: &Fact, line: u32) -> Result<Mask, ParseError> {
    words.iter().try_fold(0, |mask, word| match fact.bit(&word.name) {
        Some(bit) => Ok(mask | bit),
        None => {
            let hint = nearest(&word.name, fact.values.iter().map(|value| value.name.as_str()));
            Err((line, format!("`{}` has no value `{}`", fact.full, word.name), hint))
        }
    })
}
