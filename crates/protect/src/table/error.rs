//! What can go wrong with a table; no message carries a value of it.

use thiserror::Error;

/// Why a table cannot be measured or generalised.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TableError {
    /// A hierarchy that is not known or not well formed.
    #[error("hierarchy `{spec}` of column `{column}`: {why}")]
    Spec {
        /// The column.
        column: String,
        /// The hierarchy as given.
        spec: String,
        /// What is wrong, and what would be right.
        why: String,
    },
    /// A tree in which one value or node has two parents.
    #[error("the tree of column `{column}`, line {line}: {why}")]
    Tree {
        /// The column.
        column: String,
        /// The line of the tree, from 1.
        line: usize,
        /// What is wrong.
        why: String,
    },
    /// A value that a given tree does not hold.
    #[error("the tree of column `{column}` lacks {missing} of its values")]
    NotInTree {
        /// The column.
        column: String,
        /// How many distinct values are missing.
        missing: usize,
    },
    /// More distinct values than are held.
    #[error(
        "column `{column}` holds too many long distinct values; a column that names each row is no quasi-identifier: remove it"
    )]
    TooManyValues {
        /// The column.
        column: String,
    },
    /// More rows than are counted.
    #[error("the table has more than {max} rows")]
    TooManyRows {
        /// The most rows.
        max: u64,
    },
    /// More combinations of steps than are searched.
    #[error(
        "there are {combinations} combinations of steps, at most {max} are searched; use fewer columns or steps"
    )]
    TooManyCombinations {
        /// How many.
        combinations: u128,
        /// The most.
        max: u128,
    },
    /// Nothing keeps the goal, not even with every step taken.
    #[error("no combination of steps keeps the goal: {why}")]
    Unreachable {
        /// Why, and what would help.
        why: String,
    },
    /// Parameters of the goal that make no sense.
    #[error("{0}")]
    Goal(String),
}
