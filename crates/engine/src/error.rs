//! What can go wrong in a scan as a whole. A file that cannot be read is no error but a `Problem`.

use std::io;
use std::path::{Path, PathBuf};

/// A scan that could not be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// A path given does not exist.
    #[error("`{}` does not exist", path.display())]
    NoSuchInput {
        /// The path.
        path: PathBuf,
    },
    /// `-` was given together with other paths.
    #[error("standard input (`-`) cannot be scanned together with other paths")]
    StdinNotAlone,
    /// The output cannot be written.
    #[error("`{}` cannot be written", path.display())]
    Output {
        /// The file or folder.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The key cannot be used.
    #[error("key `{}`: {detail}", path.display())]
    Key {
        /// The key file.
        path: PathBuf,
        /// What is wrong, never the key.
        detail: String,
    },
    /// There is nothing to go on with.
    #[error("there is no interrupted scan in `{}`: run without --resume", path.display())]
    NothingToResume {
        /// The output folder.
        path: PathBuf,
    },
    /// The input or the options changed since the interruption.
    #[error("`{}` was begun with other input or options ({what}): run without --resume", path.display())]
    ResumeDiffers {
        /// The output folder.
        path: PathBuf,
        /// What differs.
        what: &'static str,
    },
    /// Counting failed.
    #[error(transparent)]
    Count(#[from] zhunsheng_count::CountError),
    /// Detection could not be set up.
    #[error(transparent)]
    Detect(#[from] zhunsheng_detect::DetectError),
    /// The careful reader could not be made ready.
    #[error(transparent)]
    Deep(#[from] zhunsheng_deep::DeepError),
    /// A report could not be made.
    #[error(transparent)]
    Report(#[from] zhunsheng_report::ReportError),
}

impl EngineError {
    pub(crate) fn output(path: &Path, source: io::Error) -> EngineError {
        EngineError::Output { path: path.to_path_buf(), source }
    }

    pub(crate) fn key(path: &Path, detail: &str) -> EngineError {
        EngineError::Key { path: path.to_path_buf(), detail: detail.to_owned() }
    }
}
