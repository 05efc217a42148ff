//! The text-like formats, listing and limits, through the public door: bytes in, fragments and problems out.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stderr, reason = "tests")]

mod text;
