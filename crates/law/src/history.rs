//! Which article of a later version answers to which of an earlier one.

use serde::Deserialize;

/// The articles of two versions set side by side.
///
/// The matching is computed from the texts, not official.
#[derive(Clone, Debug, Deserialize)]
pub struct History {
    /// The instrument, such as `csl`.
    pub work: String,
    /// Slug of the earlier version.
    pub old_version: String,
    /// Slug of the later version.
    pub new_version: String,
    /// How the articles were matched.
    pub method: String,
    /// One row a pair, in the order of the later version.
    #[serde(rename = "map")]
    pub rows: Vec<HistoryRow>,
}

/// What became of an article.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum Change {
    /// The same words.
    #[serde(rename = "same")]
    Same,
    /// Other words.
    #[serde(rename = "amended")]
    Amended,
    /// No article of the later version is like it.
    #[serde(rename = "removed-or-split")]
    RemovedOrSplit,
    /// No article of the earlier version is like it.
    #[serde(rename = "new-or-merged")]
    NewOrMerged,
}

/// One pair of articles.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct HistoryRow {
    /// Label in the earlier version; none for a new article.
    #[serde(default)]
    pub old: Option<String>,
    /// Label in the later version; none for an article that is gone.
    #[serde(default)]
    pub new: Option<String>,
    /// What became of it.
    pub change: Change,
    /// How alike the two texts are, 0 to 1; below 0.6 an `amended` pair is doubtful.
    #[serde(default)]
    pub similarity: Option<f64>,
}
