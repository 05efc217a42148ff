//! Tests of the ranking.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests stand outside the functions that the lint knows as tests"
)]

mod asked;
mod lecard;
mod pools;
mod tables;
