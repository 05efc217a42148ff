//! Checks an evidence package or a log, offline, from the file alone.
//!
//! This crate is kept small so that the other side can read all of it: it knows no other crate of the
//! project, opens no network, reads no clock and writes nothing.
//!
//! Start reading at [`verify_package`], then [`verify_log`]. The formats are public ones: BagIt (RFC 8493),
//! Merkle trees (RFC 6962, RFC 9162), and signed notes, checkpoints, co-signatures, tiles and proofs as
//! published by C2SP. What is our own is said where it stands: canonical zip ([`zip`]), the `hash` line of a
//! checkpoint ([`Checkpoint`]), the SM2 key type ([`KeyKind::Sm2`]) and the commitment ([`commitment`]).

mod bag;
mod container;
mod hash;
mod log;
mod merkle;
mod note;
mod package;
mod proof_file;
mod report;
pub mod text;
mod token;
pub mod zip;

pub use bag::{BagFacts, bag_path_allowed, decode_path, encode_path};
pub use container::{Container, Folder, read_whole};
pub use hash::{Algorithm, Hash, Hasher, commitment};
pub use log::{bundle_check, tile_check, tile_path, verify_log};
pub use merkle::{RootBuilder, inclusion_root, verify_consistency, verify_inclusion};
pub use note::{
    Checkpoint, KeyKind, Note, NoteSignature, SM2_IDENTITY, SM2_TYPE, Signed, TrustedKeys, VerifierKey,
    cosignature_message,
};
pub use package::{ENTRY, PROOF, TOKEN, verify_container, verify_folder, verify_package};
pub use proof_file::ProofFile;
pub use report::{Check, Report, Status, Verdict, Words};
pub use token::{Imprint, SHA256_OID, imprint};

#[cfg(test)]
mod tests {
    /// Lines of code: without tests, comments and empty lines.
    #[test]
    fn the_crate_stays_small_enough_to_be_read() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let lines: usize = files
            .map(|path| {
                let text = std::fs::read_to_string(path).unwrap();
                let code = text.lines().take_while(|line| *line != "#[cfg(test)]").map(str::trim);
                code.filter(|line| !line.is_empty() && !line.starts_with("//")).count()
            })
            .sum();
        assert!((1_000..1_500).contains(&lines), "{lines} lines of code");
    }
}
