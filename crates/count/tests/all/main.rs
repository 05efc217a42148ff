//! The counter against a slow oracle, both sides of every line, and stores that fail.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests stand outside the functions that the lint knows as tests"
)]

mod acts;
mod differential;
mod faults;
mod lines;
mod oracle;
mod sample;
mod support;
