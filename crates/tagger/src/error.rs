//! What can go wrong while the tagger is made ready.

/// Why the tagger cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TaggerError {
    /// A lexicon that the tagger needs is not among the rules.
    #[error("lexicon `{name}` is missing from the rules")]
    MissingLexicon {
        /// File name of the lexicon.
        name: &'static str,
    },
    /// Packed data cannot be unpacked.
    #[error("tagger data `{name}` cannot be unpacked: {detail}")]
    Packed {
        /// What the data are.
        name: &'static str,
        /// The reason given by the decoder.
        detail: String,
    },
    /// The weights do not have the form that this program reads.
    #[error("weights cannot be used: {reason}")]
    Weights {
        /// What does not fit.
        reason: &'static str,
    },
}
