//! What can go wrong when a pool, questions or learnt tables are read.

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AskError {
    /// The file is no gzip file, or damaged.
    #[error("{what} cannot be unpacked: {detail}")]
    Packed {
        /// Which file.
        what: String,
        /// What the reader said.
        detail: String,
    },
    /// A line has another form.
    #[error("{what}, line {line}: {detail}")]
    Line {
        /// Which file.
        what: String,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        detail: String,
    },
    /// A table of the program has another form: a defect that its tests show.
    #[error("table `{table}` cannot be read: {detail}")]
    Table {
        /// Which table.
        table: &'static str,
        /// What is wrong.
        detail: String,
    },
}
