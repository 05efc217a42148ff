//! What can be wrong when a detector is made.

use crate::check::TablesError;

/// A detector cannot be made from the rules.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DetectError {
    /// A lexicon does not have the form that the detector reads.
    #[error("detector cannot be made: {0}")]
    Tables(#[from] TablesError),
    /// The cue words do not make an automaton.
    #[error("detector cannot be made: cue words cannot be used: {0}")]
    Cues(#[from] aho_corasick::BuildError),
    /// The tagger that reads names cannot be used.
    #[error("detector cannot be made: {0}")]
    Tagger(#[from] zhunsheng_tagger::TaggerError),
}
