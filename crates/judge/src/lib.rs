//! The rule language and the judge: facts → findings, each with its article, its cases and its reason.
//!
//! Knows the fact schema, the rules and the words of the law, all handed in or embedded. Opens no file, asks
//! no clock and no network: the same facts give the same findings, byte for byte.
//!
//! Start reading at [`read()`] (rule files → [`RuleSet`]).

mod block;
mod diagnostic;
mod entity;
mod expr;
mod lexer;
mod markdown;
mod number;
mod parse;
mod read;
mod read_penalty;
mod read_test;
mod ruleset;
mod schema;
mod texts;
mod types;
mod value;

pub use block::{Block, BlockKind, Entry};
pub use diagnostic::{Diagnostic, Level};
pub use entity::EntityKind;
pub use expr::{Comparison, Node, NodeKind, Operator, Quantifier, Quantity, Spelling, Unit, Word};
pub use number::{Range, Rational};
pub use read::read;
pub use ruleset::{
    Citation, Conclusion, Definition, Exception, Expected, Given, Mode, Origin, Outcome, Penalty, Rule,
    RuleSet, Severity, Test, Tier, Way, Words,
};
pub use schema::{Choice, Fact, FactId, Passage, Schema, Type};
pub use texts::{CaseText, Texts, TomlTexts, Version};
pub use value::{Mask, Tri, Value};
