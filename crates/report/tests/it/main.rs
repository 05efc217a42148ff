//! The reports of a made-up inventory, seen from outside.

#![allow(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod pages;
mod records;
mod sample;
mod schema;
mod workbook;
