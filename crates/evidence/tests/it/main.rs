//! Tests of the whole crate, with the checks of the crate `verify` as judge.
//!
//! Each campaign runs in small with plain `cargo test`. `ZHUNSHENG_FULL=1` runs them at the size that
//! `docs/evidence.md` records.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests stop where something is not as it must be, and print what they measured"
)]

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
