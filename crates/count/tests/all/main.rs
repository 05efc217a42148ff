//! The counter against a slow oracle, both sides of every line, and stores that fail.

mod acts;
mod differential;
mod faults;
mod lines;
mod oracle;
mod support;
