//! Makes everything that happened provable: a tamper-evident log, evidence packages, samples, papers.
//!
//! Knows `verify` and nothing of scanning; opens no input other than its own log, packages and
//! sheets. Time, random numbers, files and the network are handed in.
//!
//! Start reading at [`log`], then [`package`], [`sample`] and [`custody`]. What is made here is checked by
//! the crate `verify`, which knows nothing of this one.

pub mod custody;
mod error;
mod files;
mod key;
pub mod log;
pub mod package;
pub mod sample;
mod time;
mod tree;
pub mod tsa;
pub mod witness;

pub use error::{EvidenceError, Result};
pub use files::{DiskFiles, Files};
pub use key::{Random, Signer, os_random};
pub use time::beijing;
pub use tree::Tree;
