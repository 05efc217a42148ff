//! Joins the steps into one plan: read, detect, count, report.
//!
//! Knows every step and how to run them on several threads, where the key, the spill files and the results
//! lie, and how an interrupted scan goes on. Knows nothing of how a step does its work, and prints nothing.
//!
//! Start reading at [`scan()`]; `schedule.rs` is the only place with locks.

mod careful;
mod commit;
mod error;
pub mod evidence;
mod journal;
mod key;
mod mentions;
mod output;
mod progress;
mod reveal;
mod scan;
mod schedule;
mod spill;
mod work;

pub use careful::CarefulReader;
pub use error::EngineError;
pub use key::{Key, make_key, parse_key, read_key};
pub use output::report_rules;
pub use progress::{Phase, Progress, Snapshot};
pub use reveal::{RawValues, RecordKey, Wanted};
pub use scan::{InputFile, KeySource, ScanOptions, ScanOutcome, is_resumable, scan, scan_for};
