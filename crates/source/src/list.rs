//! From paths to a sorted list of files.

use std::collections::BTreeSet;
use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zhunsheng_model::{Place, Problem, ProblemKind};

/// One file to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SourceFile {
    /// Its name in every output: relative to the scanned folder with `/` between parts, or the file's own name
    /// when a file was given; prefixed with the root's own name when several roots were given.
    pub name: Arc<str>,
    /// Where it lies.
    pub path: PathBuf,
    /// Size in bytes when it was listed.
    pub size_bytes: u64,
}

/// What was found under some paths.
#[derive(Clone, Debug, Default)]
pub struct Listing {
    /// Regular files, sorted by name (byte order).
    pub files: Vec<SourceFile>,
    /// What cannot be listed or is no file, sorted.
    pub problems: Vec<Problem>,
}

/// Lists every regular file under `paths`, hidden ones too.
///
/// Links are followed; one that leads back to a folder on the way to it is noted as
/// [`ProblemKind::LinkLoop`]. Pipes, sockets and devices are noted as [`ProblemKind::SpecialFile`] and not opened.
pub fn list(paths: &[PathBuf]) -> Listing {
    let mut walk = Walk::default();
    let mut taken = BTreeSet::new();
    for root in paths {
        let own = own_name(root);
        // Two roots of the same name stay apart.
        let mut label = own.clone();
        let mut number = 2;
        while !taken.insert(label.clone()) {
            label = format!("{own}~{number}");
            number += 1;
        }
        let prefix = if paths.len() > 1 { label.as_str() } else { "" };
        match fs::metadata(root) {
            Ok(metadata) if metadata.is_dir() => walk.folder(root, prefix, &mut Vec::new()),
            Ok(metadata) => walk.entry(root.clone(), label, &metadata, &mut Vec::new()),
            Err(error) => walk.failed(root, &label, &error),
        }
    }
    walk.listing.files.sort();
    walk.listing.problems.sort();
    walk.listing
}

/// The last part of the path, also of `.` and `..`.
fn own_name(path: &Path) -> String {
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    name(path)
        .or_else(|| name(&fs::canonicalize(path).ok()?))
        .unwrap_or_else(|| path.to_string_lossy().trim_matches('/').to_string())
}

#[derive(Default)]
struct Walk {
    listing: Listing,
}

impl Walk {
    /// `above` holds the real paths of the folders on the way here.
    fn folder(&mut self, folder: &Path, name: &str, above: &mut Vec<PathBuf>) {
        let real = match fs::canonicalize(folder) {
            Ok(real) => real,
            Err(error) => return self.failed(folder, name, &error),
        };
        if above.contains(&real) {
            return self.note(name, ProblemKind::LinkLoop, "a link leads back to a folder above it", true);
        }
        let entries = match fs::read_dir(folder) {
            Ok(entries) => entries,
            Err(error) => return self.failed(folder, name, &error),
        };
        above.push(real);
        let mut names = Vec::new();
        for entry in entries {
            match entry {
                Ok(entry) => names.push(entry.file_name()),
                Err(error) => self.failed(folder, name, &error),
            }
        }
        names.sort();
        for part in names {
            let path = folder.join(&part);
            // A name that is no Unicode is shown with replacement characters; the path stays exact.
            let part = part.to_string_lossy();
            let name = if name.is_empty() { part.into_owned() } else { format!("{name}/{part}") };
            match fs::metadata(&path) {
                Ok(metadata) => self.entry(path, name, &metadata, above),
                Err(error) => self.failed(&path, &name, &error),
            }
        }
        above.pop();
    }

    fn entry(&mut self, path: PathBuf, name: String, metadata: &Metadata, above: &mut Vec<PathBuf>) {
        if metadata.is_dir() {
            self.folder(&path, &name, above);
        } else if metadata.is_file() {
            self.listing.files.push(SourceFile { path, name: name.into(), size_bytes: metadata.len() });
        } else {
            self.note(&name, ProblemKind::SpecialFile, special(metadata), true);
        }
    }

    fn failed(&mut self, path: &Path, name: &str, error: &io::Error) {
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        let (kind, detail) = match error.kind() {
            io::ErrorKind::PermissionDenied => {
                (ProblemKind::PermissionDenied, "access is refused".to_string())
            }
            // The system's own word for a link that leads to itself (ELOOP) has no stable kind.
            _ if is_link && error.raw_os_error() == Some(40) => {
                (ProblemKind::LinkLoop, "a link leads to itself".to_string())
            }
            io::ErrorKind::NotFound if is_link => {
                (ProblemKind::ReadFailed, "a link leads to nothing".to_string())
            }
            kind => (ProblemKind::ReadFailed, format!("it cannot be listed: {kind}")),
        };
        self.note(name, kind, &detail, true);
    }

    fn note(&mut self, name: &str, kind: ProblemKind, detail: &str, lost: bool) {
        let place = Place::file(if name.is_empty() { "." } else { name });
        self.listing.problems.push(Problem { place, kind, detail: detail.to_string(), lost });
    }
}

#[cfg(unix)]
fn special(metadata: &Metadata) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    if kind.is_fifo() {
        "a pipe"
    } else if kind.is_socket() {
        "a socket"
    } else {
        "a device"
    }
}

#[cfg(not(unix))]
fn special(_: &Metadata) -> &'static str {
    "not a regular file"
}
