//! Tables: how well rows hide among each other, and how to make them hide.
//!
//! A table is what a person could be told by (the *quasi-identifiers*: birth date, sex, address …) and, if wanted,
//! one *sensitive* column (illness, income). Rows that are equal in every quasi-identifier form a *class*; who is
//! known to be in the table by those values is one of its rows.
//!
//! | step | function |
//! |---|---|
//! | read the rows, each distinct value once | [`TableBuilder`] |
//! | say how each column can be made coarser | [`Spec`], [`Ladder`] |
//! | how risky is the table as it stands | [`measure`], [`Risk`] |
//! | the coarsening that loses least and keeps the promise | [`search`] |
//! | which rows are left out then | [`suppressed`] |
//!
//! Full-domain generalisation: a column is made coarser for all rows alike. [`search`] gives the combination of
//! steps with the least loss of all that keep the [`Goal`], not merely a good one.
//!
//! Memory: 1, 2 or 4 bytes a cell (by the number of distinct values), each distinct value once, and 8 to 16 bytes a row
//! while classes are formed. The result is the same on any number of threads.

mod classes;
mod codes;
mod error;
mod goal;
mod ladder;
mod loss;
mod places;
mod risk;
mod search;
mod spec;

pub use classes::{Measure, Threads, measure, suppressed};
pub use codes::{Column, Table, TableBuilder, Values};
pub use error::TableError;
pub use goal::{Closeness, Distance, Diversity, Goal};
pub use ladder::{Ladder, Step};
pub use loss::{ColumnLoss, Loss, losses};
pub use risk::{Advice, Grade, Journalist, Risk, SubsetRisk, advise, grade, subsets};
pub use search::{Found, search};
pub use spec::Spec;

#[cfg(test)]
mod tests;
