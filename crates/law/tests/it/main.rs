//! Tests of the embedded law.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests stand outside the functions that the lint knows as tests"
)]

mod cite;
mod data;
mod lookup;
mod source;
