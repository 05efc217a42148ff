//! From mentions to an inventory: how many items (条), records, persons, and what the criminal interpretation
//! (法释〔2017〕10号) and the Personal Information Protection Law draw from these numbers.
//!
//! Works in bounded memory and gives the same result for any number of threads and any budget. Opens no file,
//! reads no clock and draws nothing at random: the store for what does not fit the memory is handed in
//! ([`SpillStore`]), the key of the hashes too ([`KeyedHasher`]). Must not know where findings come from.
//! Holds no value of personal information beyond the call that hashes it.
//!
//! The way: [`Batch::build`] in worker threads, one a fragment; [`Tally::append`] in the order of the input;
//! [`Tally::finish`] once, which merges records into persons by rule R1 and hands over an [`Outcome`].
//! Start reading at [`Tally`]; the rule itself is in `unite.rs`, the law in `law.rs` and `rules.rs`.

mod acts;
mod batch;
mod error;
mod explain;
mod finish;
mod groups;
mod hasher;
mod law;
mod pool;
mod reader;
mod rules;
mod shape;
mod spill;
mod state;
mod sums;
mod table;
mod tally;
mod tuple;
mod unite;
mod verdict;
mod walk;

pub use acts::{Act, ActKind, Acts, Facts};
pub use batch::{Batch, BatchContext};
pub use error::CountError;
pub use explain::{Blocked, ExplainRow, ExplainValue, Explanation, Join, JoinedBy, explain};
pub use finish::{FileName, FinishOptions, Phase, Progress};
pub use hasher::KeyedHasher;
pub use law::Lines;
pub use rules::{CountRules, KindReading, Tiers};
pub use spill::{MemoryStore, RUNS, RunId, SpillStore};
pub use table::{Outcome, RecordTable};
pub use tally::{Tally, TallyOptions};
