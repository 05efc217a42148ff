//! Questions in plain words → articles in force and cases, best first, with what they have in common.
//!
//! Knows texts, words and weights. Opens no file and reads no clock: pools and questions are handed in as bytes, a
//! date is handed in. The same question gives the same answer, bit for bit.
//!
//! Start reading at [`Asker::ask`] for the embedded law and at [`Ranker::rank`] for any pool.

mod answer;
pub mod bench;
mod corpus;
mod error;
mod explain;
mod index;
pub mod learnt;
mod lexicon;
mod look;
mod memory;
pub mod metric;
mod query;
mod rank;
mod ranker;
mod text;

pub use answer::{Answer, Asker, Found};
pub use corpus::{Corpus, Doc, split_name};
pub use error::AskError;
pub use explain::Why;
pub use lexicon::Lexicon;
pub use memory::{Known, Memory};
pub use rank::{Candidate, FEATURES, Values, Weights};
pub use ranker::Ranker;
