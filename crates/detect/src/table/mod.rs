//! Tables: what each column holds ([`plan`]) and what stands in the cells ([`read`]).

mod cells;
mod fast;
mod header;
mod plan;
mod role;
mod values;

pub(crate) use cells::{is_identifier, read, speaks_against_record, store_normal};
pub(crate) use header::Heads;
pub use plan::TablePlan;
pub(crate) use plan::plan;

#[cfg(test)]
mod headless_test;
#[cfg(test)]
mod tests;
