//! What can go wrong while the model is fetched or made ready.

use std::path::{Path, PathBuf};

/// Why the model cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DeepError {
    /// The model was never fetched, or only in part.
    #[error("model `{model}` is not there: `{path}` is missing")]
    Missing {
        /// Name and version of the model.
        model: &'static str,
        /// The file that is missing.
        path: PathBuf,
    },
    /// A file is not the one that this program was made for.
    #[error("`{path}` is not the file of model `{model}`: its SHA-256 is {found}")]
    WrongFile {
        /// Name and version of the model.
        model: &'static str,
        /// The file.
        path: PathBuf,
        /// What its content hashes to, hexadecimal.
        found: String,
    },
    /// A file or folder cannot be read or written.
    #[error("`{path}` cannot be used: {source}")]
    File {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system says.
        source: std::io::Error,
    },
    /// The tagger cannot be made ready.
    #[error(transparent)]
    Tagger(#[from] zhunsheng_tagger::TaggerError),
    /// A file does not hold what it should.
    #[error("model file `{name}` does not have the form that this program reads: {reason}")]
    Form {
        /// The file.
        name: &'static str,
        /// What does not fit.
        reason: &'static str,
    },
}

impl DeepError {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> DeepError {
        DeepError::File { path: path.to_owned(), source }
    }
}
