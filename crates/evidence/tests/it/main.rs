//! Tests of the whole crate, with the checks of the crate `verify` as judge.
//!
//! Each campaign runs in small with plain `cargo test`. `ZHUNSHENG_FULL=1` runs them at the size that
//! `docs/evidence.md` records.

mod bounds;
mod faults;
mod group;
mod kill;
mod lying;
mod memory;
mod package;
mod sheet;
mod shred;
mod support;
mod tamper;
mod tree;
mod witness;
