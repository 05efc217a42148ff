//! Tokens → expression. Total: every input gives a tree or one error with its line.

use crate::diagnostic::nearest;
use crate::entity::EntityKind;
use crate::expr::{Comparison, Node, NodeKind, Operator, Quantifier, Quantity, Spelling, Unit, Word};
use crate::lexer::{Token, TokenKind, tokens};

/// Deepest nesting; deeper is a mistake and would eat the stack.
const DEPTH_MAX: u32 = 60;

/// Line, message, hint.
pub(crate) type ParseError = (u32, String, String);
type Result<T> = std::result::Result<T, ParseError>;

/// Words that begin or join something and so can be no value.
const KEYWORDS: &[&str] =
    &["and", "or", "not", "in", "has", "any", "all", "of", "true", "false", "some", "every", "count", "sum"];

/// Reads one expression from lines of text; numbers its parts from `next` on.
pub(crate) fn expression(lines: &[(u32, &str)], next: &mut u32) -> Result<Node> {
    let first = lines.first().map_or(0, |(line, _)| *line);
    let tokens = tokens(lines)?;
    if tokens.is_empty() {
        return Err((first, "an expression is missing".to_owned(), String::new()));
    }
    let mut parser = Parser::new(&tokens, next);
    let node = parser.or()?;
    parser.end()?;
    Ok(node)
}

/// Goes through tokens; also used for the lines of tests.
pub(crate) struct Parser<'a> {
    tokens: &'a [Token],
    at: usize,
    depth: u32,
    next: &'a mut u32,
}

impl<'a> Parser<'a> {
    pub(crate) fn new(tokens: &'a [Token], next: &'a mut u32) -> Parser<'a> {
        Parser { tokens, at: 0, depth: 0, next }
    }

    pub(crate) fn peek(&self) -> Option<&'a TokenKind> {
        self.tokens.get(self.at).map(|token| &token.kind)
    }

    pub(crate) fn line(&self) -> u32 {
        let token = self.tokens.get(self.at).or(self.tokens.last());
        token.map_or(0, |token| token.line)
    }

    pub(crate) fn error<T>(&self, message: impl Into<String>) -> Result<T> {
        Err((self.line(), message.into(), String::new()))
    }

    fn found(&self) -> String {
        match self.peek() {
            None => "the end".to_owned(),
            Some(TokenKind::Word(word)) => format!("`{word}`"),
            Some(TokenKind::Number(_, spelling)) => format!("`{spelling}`"),
            Some(TokenKind::Date(date)) => format!("`{date}`"),
            Some(TokenKind::Sign(sign)) => format!("`{sign}`"),
        }
    }

    pub(crate) fn end(&self) -> Result<()> {
        match self.peek() {
            None => Ok(()),
            Some(TokenKind::Word(word)) => {
                let hint = nearest(word, ["and", "or", "in", "has"].into_iter());
                Err((self.line(), format!("`{word}` stands where `and`, `or` or the end is expected"), hint))
            }
            Some(_) => {
                self.error(format!("{} stands where `and`, `or` or the end is expected", self.found()))
            }
        }
    }

    pub(crate) fn sign(&mut self, sign: &str) -> bool {
        let here = matches!(self.peek(), Some(TokenKind::Sign(found)) if *found == sign);
        self.at += usize::from(here);
        here
    }

    pub(crate) fn expect(&mut self, sign: &str) -> Result<()> {
        if self.sign(sign) {
            Ok(())
        } else {
            self.error(format!("`{sign}` is expected, not {}", self.found()))
        }
    }

    pub(crate) fn word(&mut self, word: &str) -> bool {
        let here = matches!(self.peek(), Some(TokenKind::Word(found)) if found == word);
        self.at += usize::from(here);
        here
    }

    fn expect_word(&mut self, word: &str) -> Result<()> {
        if self.word(word) {
            Ok(())
        } else {
            self.error(format!("`{word}` is expected, not {}", self.found()))
        }
    }

    pub(crate) fn any_word(&mut self) -> Option<&'a str> {
        let Some(TokenKind::Word(word)) = self.peek() else { return None };
        self.at += 1;
        Some(word)
    }

    pub(crate) fn number(&mut self) -> Option<(crate::number::Rational, &'a str)> {
        let Some(TokenKind::Number(number, spelling)) = self.peek() else { return None };
        self.at += 1;
        Some((*number, spelling))
    }

    pub(crate) fn date(&mut self) -> Option<zhunsheng_model::Date> {
        let Some(TokenKind::Date(date)) = self.peek() else { return None };
        self.at += 1;
        Some(*date)
    }

    fn node(&mut self, line: u32, kind: NodeKind) -> Node {
        let id = *self.next;
        *self.next += 1;
        Node { id, line, kind }
    }

    fn deeper<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        if self.depth >= DEPTH_MAX {
            return self.error("the expression is nested too deeply");
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Node> {
        self.deeper(|p| p.chain("or", Self::and, NodeKind::Or))
    }

    fn and(&mut self) -> Result<Node> {
        self.chain("and", Self::not, NodeKind::And)
    }

    fn chain(
        &mut self,
        word: &str,
        read: fn(&mut Self) -> Result<Node>,
        join: fn(Vec<Node>) -> NodeKind,
    ) -> Result<Node> {
        let line = self.line();
        let first = read(self)?;
        let mut parts = vec![first];
        while self.word(word) {
            parts.push(read(self)?);
        }
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => Ok(only),
            (_, last) => {
                parts.extend(last);
                Ok(self.node(line, join(parts)))
            }
        }
    }

    fn not(&mut self) -> Result<Node> {
        let line = self.line();
        if self.word("not") {
            let inner = self.deeper(Self::not)?;
            return Ok(self.node(line, NodeKind::Not(Box::new(inner))));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Node> {
        let line = self.line();
        let left = self.sum()?;
        let signs = [
            ("=", Comparison::Equal),
            ("!=", Comparison::NotEqual),
            ("<=", Comparison::AtMost),
            (">=", Comparison::AtLeast),
            ("<", Comparison::Less),
            (">", Comparison::Greater),
        ];
        for (sign, comparison) in signs {
            if self.sign(sign) {
                let right = self.sum()?;
                return Ok(self.node(line, NodeKind::Compare(comparison, Box::new(left), Box::new(right))));
            }
        }
        if self.word("in") {
            let words = self.braces()?;
            return Ok(self.node(line, NodeKind::In(Box::new(left), words)));
        }
        if self.word("has") {
            let quantity = match () {
                () if self.word("any") => Quantity::Any,
                () if self.word("all") => Quantity::All,
                () => Quantity::One,
            };
            let words = if quantity == Quantity::One { vec![self.value()?] } else { self.braces()? };
            return Ok(self.node(line, NodeKind::Has(quantity, Box::new(left), words)));
        }
        Ok(left)
    }

    fn value(&mut self) -> Result<Word> {
        match self.any_word() {
            Some(name) if !KEYWORDS.contains(&name) => Ok(Word { name: name.to_owned(), bit: 0 }),
            Some(name) => {
                self.at -= 1;
                self.error(format!("a value is expected, not `{name}`"))
            }
            None => self.error(format!("a value is expected, not {}", self.found())),
        }
    }

    pub(crate) fn braces(&mut self) -> Result<Vec<Word>> {
        self.expect("{")?;
        let mut words = Vec::new();
        while !self.sign("}") {
            if !words.is_empty() {
                self.expect(",")?;
                if self.sign("}") {
                    break;
                }
            }
            words.push(self.value()?);
        }
        Ok(words)
    }

    fn sum(&mut self) -> Result<Node> {
        self.arithmetic(Self::product, &[("+", Operator::Plus), ("-", Operator::Minus)])
    }

    fn product(&mut self) -> Result<Node> {
        self.arithmetic(Self::primary, &[("*", Operator::Times), ("/", Operator::Over)])
    }

    fn arithmetic(
        &mut self,
        read: fn(&mut Self) -> Result<Node>,
        signs: &[(&str, Operator)],
    ) -> Result<Node> {
        let line = self.line();
        let mut left = read(self)?;
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.sign(sign)) {
            let right = read(self)?;
            left = self.node(line, NodeKind::Arithmetic(*operator, Box::new(left), Box::new(right)));
        }
        Ok(left)
    }

    fn primary(&mut self) -> Result<Node> {
        let line = self.line();
        if self.sign("(") {
            let inner = self.or()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if let Some((number, spelling)) = self.number() {
            return Ok(self.node(line, NodeKind::Number(number, Spelling(spelling.to_owned()))));
        }
        if let Some(date) = self.date() {
            return Ok(self.node(line, NodeKind::Date(date)));
        }
        let Some(word) = self.any_word() else {
            return self.error(format!("a fact, a number or `(` is expected, not {}", self.found()));
        };
        match word {
            "true" => Ok(self.node(line, NodeKind::Bool(true))),
            "false" => Ok(self.node(line, NodeKind::Bool(false))),
            "date" => Ok(self.node(line, NodeKind::ActDate)),
            "some" => self.over(line, Quantifier::Some),
            "every" => self.over(line, Quantifier::Every),
            "count" => self.over(line, Quantifier::Count),
            "sum" => self.over(line, Quantifier::Sum),
            "at" => {
                self.expect_word("least")?;
                self.at_least(line)
            }
            "age" => {
                let (a, b) = self.two()?;
                Ok(self.node(line, NodeKind::Age(a, b)))
            }
            "years" => self.after(line, Unit::Years),
            "months" => self.after(line, Unit::Months),
            "days" => self.after(line, Unit::Days),
            word if KEYWORDS.contains(&word) => {
                self.at -= 1;
                self.error(format!("a fact, a number or `(` is expected, not `{word}`"))
            }
            word => {
                if !self.sign(".") {
                    return Ok(self.node(line, NodeKind::Word(Word { name: word.to_owned(), bit: 0 })));
                }
                let Some(name) = self.any_word() else {
                    return self.error(format!("the name of a fact is expected after `{word}.`"));
                };
                Ok(self.node(line, NodeKind::Fact(format!("{word}.{name}"), None)))
            }
        }
    }

    fn over(&mut self, line: u32, quantifier: Quantifier) -> Result<Node> {
        let Some(name) = self.any_word() else {
            return self
                .error(format!("`{}` is followed by an entity, as in `{0} item (…)`", quantifier.word()));
        };
        let Some(kind) = EntityKind::from_id(name) else {
            self.at -= 1;
            let hint = nearest(name, EntityKind::ALL.iter().map(|kind| kind.id()));
            return Err((self.line(), format!("there is no entity `{name}`"), hint));
        };
        self.expect("(")?;
        let inner = self.or()?;
        self.expect(")")?;
        Ok(self.node(line, NodeKind::Over(quantifier, kind, Box::new(inner))))
    }

    fn at_least(&mut self, line: u32) -> Result<Node> {
        let number = self.number().and_then(|(number, _)| number.as_whole());
        let Some(number) = number.and_then(|number| u32::try_from(number).ok()) else {
            return self.error("`at least` is followed by a whole number, as in `at least 2 of (…)`");
        };
        self.expect_word("of")?;
        self.expect("(")?;
        let mut parts = vec![self.or()?];
        while self.sign(",") {
            parts.push(self.or()?);
        }
        self.expect(")")?;
        if number == 0 || number as usize > parts.len() {
            return self
                .error(format!("`at least {number} of` {} conditions is never in doubt", parts.len()));
        }
        Ok(self.node(line, NodeKind::AtLeast(number, parts)))
    }

    fn two(&mut self) -> Result<(Box<Node>, Box<Node>)> {
        self.expect("(")?;
        let a = self.deeper(Self::sum)?;
        self.expect(",")?;
        let b = self.deeper(Self::sum)?;
        self.expect(")")?;
        Ok((Box::new(a), Box::new(b)))
    }

    fn after(&mut self, line: u32, unit: Unit) -> Result<Node> {
        self.expect("(")?;
        let first = Box::new(self.deeper(Self::sum)?);
        if unit == Unit::Days && self.sign(",") {
            let second = Box::new(self.deeper(Self::sum)?);
            self.expect(")")?;
            return Ok(self.node(line, NodeKind::Days(first, second)));
        }
        self.expect(")")?;
        self.expect_word("after")?;
        let day = Box::new(self.deeper(Self::primary)?);
        Ok(self.node(line, NodeKind::After(unit, first, day)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Node> {
        expression(&[(7, text)], &mut 0)
    }

    #[test]
    fn what_is_printed_reads_the_same() {
        for text in [
            "activity.a and (activity.b or not activity.c)",
            "some item (item.kind in {FACE, CN_ID}) and activity.n >= 500万",
            "sum dataset (dataset.a / 50 + dataset.b / 500) >= 1",
            "a.b - (c.d - e.f) * 2 = 3",
            "at least 2 of (a.b, c.d or e.f, not g.h)",
            "age(item.birth, date) < 14",
            "years(3) after incident.day <= date and days(a.b, date) > 15",
            "activity.basis has consent or activity.basis has any {a, b} or activity.basis has all {c}",
            "not (a.b and c.d) or count act (true) > 1",
            "party.since >= 2021-11-01",
        ] {
            let node = read(text).unwrap();
            assert_eq!(node.to_string(), text);
        }
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("", "missing"),
            ("a.b and", "not the end"),
            ("a.b c.d", "`and`, `or` or the end"),
            ("(a.b", "`)` is expected"),
            ("some itm (a.b)", "no entity `itm`"),
            ("at least 3 of (a.b)", "never in doubt"),
            ("a.b in c", "`{` is expected"),
            ("a. and b.c", "and"),
        ] {
            match read(text) {
                Err((_, message, _)) => assert!(message.contains(part), "{text}: {message}"),
                Ok(node) => assert!(text.starts_with("a. "), "{text}: {node}"),
            }
        }
        let deep = format!("{}a.b{}", "(".repeat(1_000), ")".repeat(1_000));
        assert!(read(&deep).unwrap_err().1.contains("deeply"));
        assert!(read(&"not ".repeat(1_000)).unwrap_err().1.contains("deeply"));
    }

    #[test]
    fn no_cut_of_an_expression_panics() {
        let text = "some item (item.kind in {FACE, CN_ID}) and days(a.b, 2021-01-01) >= 500万 or not x.y has all {c}";
        for (end, _) in text.char_indices() {
            let _ = read(text.get(..end).unwrap());
            let _ = read(text.get(end..).unwrap());
        }
    }
}
