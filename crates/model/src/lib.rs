//! The words every step shares: kinds, places, fragments, mentions, records and the inventory.
//!
//! Plain data with public fields where any value is legal. This crate depends on none of ours, opens no
//! file and holds no law: what a kind means is in `rules/kinds/`, what is done with it in the other crates.
//!
//! Start reading at [`Kind`], then [`Fragment`] (what a reader hands over), [`Findings`] (what a detector
//! hands over) and [`Inventory`] (what the counter hands over).

mod date;
mod findings;
mod fragment;
mod inventory;
mod kind;
mod place;
mod problem;

pub use date::Date;
pub use findings::{Findings, Locus, Mention, Reason, RecordSpan, Span, State};
pub use fragment::{
    CellBuffer, Encoding, Fragment, LazyFragment, Segment, TableFragment, TextFragment, TextOrigin, TextShape,
};
pub use inventory::{
    ActCount, Answer, Article6, Bases, Basis, BlockedMerge, Criminal, FileCounts, HalfReading, Input,
    Inventory, InventoryCounts, KindCounts, Merges, Pipl, Proportion, Rejected, SCHEMA_VERSION, Sensitivity,
    SharedKey, TierCount, Verdict,
};
pub use kind::{Group, Kind, KindSet};
pub use place::{Place, Step};
pub use problem::{Problem, ProblemKind};
