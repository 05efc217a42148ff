//! What several tests need.

use std::path::Path;
use std::sync::Arc;
use zhunsheng_evidence::log::Log;
use zhunsheng_evidence::{DiskFiles, Files, Signer, os_random};
use zhunsheng_verify::{Algorithm, KeyKind};

/// `small` in plain tests, `full` when the campaigns are recorded.
pub(crate) fn scale(small: u64, full: u64) -> u64 {
    if std::env::var_os("ZHUNSHENG_FULL").is_some() { full } else { small }
}

/// SplitMix64: the same numbers in every run.
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end.max(1)
    }
}

pub(crate) const NAME: &str = "log.example/custody";

pub(crate) fn signer(kind: KeyKind) -> Signer {
    Signer::from_seed(NAME, kind, &[7; 32]).unwrap()
}

pub(crate) fn create(folder: &Path) -> Log {
    create_as(folder, KeyKind::Ed25519, Algorithm::Sha256)
}

pub(crate) fn create_as(folder: &Path, kind: KeyKind, algorithm: Algorithm) -> Log {
    Log::create(Arc::new(DiskFiles), folder, signer(kind), algorithm, os_random).unwrap()
}

pub(crate) fn open(folder: &Path) -> zhunsheng_evidence::Result<Log> {
    open_with(Arc::new(DiskFiles), folder)
}

pub(crate) fn open_with(files: Arc<dyn Files>, folder: &Path) -> zhunsheng_evidence::Result<Log> {
    Log::open(files, folder, signer(KeyKind::Ed25519), os_random)
}

/// Copies a folder.
pub(crate) fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Every file below a folder.
pub(crate) fn all_files(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            files.extend(all_files(&entry.path()));
        } else {
            files.push(entry.path());
        }
    }
    files.sort();
    files
}
