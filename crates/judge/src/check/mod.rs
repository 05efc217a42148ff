//! What is checked beyond reading: what tests and cases exercise, what can be reached, what contradicts.

mod coverage;
mod logic;
mod mutate;
mod runs;
mod scope;

pub use coverage::{Branch, coverage};
pub use logic::{LogicReport, logic};
pub use mutate::{FileScore, MutationReport, Survivor, mutation};
pub use runs::Runs;
pub use scope::{required_articles, unused_facts};
