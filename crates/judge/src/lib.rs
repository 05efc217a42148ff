//! The rule language and the judge: facts → findings, each with its article, its cases and its reason.
//!
//! Knows the fact schema, the rules and the words of the law, all handed in or embedded. Opens no file, asks
//! no clock and no network: the same facts give the same findings, byte for byte.
//!
//! Start reading at [`read()`] (rule files → [`RuleSet`]), then [`Matter`] and [`judge()`].

pub mod assess;
pub mod audit;
mod block;
mod cases;
pub mod check;
mod cite;
mod diagnostic;
pub mod docs;
pub mod docx;
mod embedded;
mod entity;
mod eval;
mod explain;
mod expr;
mod facts;
mod finding;
mod format;
pub mod html;
mod inventory;
pub mod json;
mod judge;
mod lexer;
mod markdown;
mod matter;
mod number;
mod paper;
mod parse;
mod pieces;
mod prove;
mod questions;
mod read;
mod read_join;
mod read_penalty;
mod read_test;
mod ruleset;
mod say;
mod schema;
pub mod terminal;
mod texts;
mod types;
mod value;
mod words;

pub use block::{Block, BlockKind, Entry};
pub use cases::{Case, Expect, Variation, read_case, run_case};
pub use diagnostic::{Diagnostic, Level};
pub use embedded::{case_files, embedded, embedded_in_full, fact_files, rule_files, rules_sha256};
pub use entity::EntityKind;
pub use eval::{Outcome3, World};
pub use explain::{Explanation, Open, Reason, explain};
pub use expr::{Comparison, Node, NodeKind, Operator, Quantifier, Quantity, Spelling, Unit, Word};
pub use facts::{FACTS_SCHEMA, read_facts};
pub use finding::*;
pub use format::format;
pub use inventory::{
    INVENTORY_SOURCE, InventoryError, compare, count_act, matter_of_inventory, settle, without_acts,
};
pub use judge::{Brief, judge, rule_named};
pub use matter::{Conflict, Entity, EntityId, Known, Matter};
pub use number::{Range, Rational};
pub use paper::Piece;
pub use prove::{Came, holds, matter_of, run_on, run_tests};
pub use read::{Reading, read};
pub use ruleset::{
    Citation, Conclusion, Definition, Exception, Expected, Given, Mode, Origin, Outcome, Penalty, Rule,
    RuleSet, Severity, Test, Tier, Way, Words,
};
pub use schema::{Choice, Fact, FactId, Passage, Schema, Type};
pub use texts::{CaseText, LawTexts, Texts, TomlTexts, Version};
pub use value::{Mask, Tri, Value};
pub use words::{Lang, conclusion as conclusion_words, severity as severity_words};
