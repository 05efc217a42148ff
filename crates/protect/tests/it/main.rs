//! Holds operators, keys and policies to what they promise.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "tests stop where something is not as it must be, and print what they measured"
)]

mod attack;
mod keys;
mod operators;
mod policies;
mod support;
