//! A whole package: the bag, and the seal that ties it to a log.
//!
//! `seal/` holds the content of the log entry (which names the hashes of both tag manifests and of the
//! time-stamp), the proof that the entry stands in the log, and the time-stamp where there is one.

use crate::bag::{BagFacts, check_bag};
use crate::container::{Container, Folder, read_whole};
use crate::hash::{Algorithm, commitment};
use crate::merkle::verify_inclusion;
use crate::note::{Checkpoint, Note, Signed, TrustedKeys};
use crate::proof_file::ProofFile;
use crate::report::Report;
use crate::text::hex;
use crate::token::{SHA256_OID, imprint};
use crate::zip::Zip;
use serde_json::Value;
use std::io::{Read, Seek};
use std::path::Path;

/// The content of the log entry.
pub const ENTRY: &str = "seal/entry.json";
/// The proof that it stands in the log.
pub const PROOF: &str = "seal/proof.tlog-proof";
/// The time-stamp of `tagmanifest-sha256.txt`.
pub const TOKEN: &str = "seal/timestamp.tsr";
/// Longest file of the seal.
const SEAL_BYTES_MAX: usize = 4 << 20;

/// Checks a package of one file.
///
/// `witnesses_min` is the number of trusted witnesses that must have co-signed the checkpoint.
pub fn verify_package(read: impl Read + Seek, trusted: &TrustedKeys, witnesses_min: usize) -> Report {
    match Zip::open(read) {
        Ok(mut zip) => verify_container(&mut zip, trusted, witnesses_min),
        Err(error) => unreadable(&error),
    }
}

/// Checks a package that is a folder.
pub fn verify_folder(folder: &Path, trusted: &TrustedKeys, witnesses_min: usize) -> Report {
    match Folder::open(folder) {
        Ok(mut folder) => verify_container(&mut folder, trusted, witnesses_min),
        Err(error) => unreadable(&error),
    }
}

fn unreadable(error: &std::io::Error) -> Report {
    let mut report = Report::default();
    report.failed("容器", "container", error.to_string());
    report
}

/// Checks a package whose files are at hand.
pub fn verify_container(
    container: &mut dyn Container,
    trusted: &TrustedKeys,
    witnesses_min: usize,
) -> Report {
    let mut report = Report::default();
    report.passed("容器", "container", format!("{} files", container.names().len()));
    let facts = check_bag(container, &mut report);
    let foreign: Vec<String> = container
        .names()
        .into_iter()
        .filter(|name| name.starts_with("seal/") && ![ENTRY, PROOF, TOKEN].contains(&name.as_str()))
        .map(|name| format!("`{name}` does not belong here"))
        .collect();
    report.all("封存文件", "files of the seal", "as they must be", &foreign);
    if let Some(facts) = facts {
        check_seal(container, &facts, trusted, witnesses_min, &mut report);
        report.facts = facts.info;
    } else {
        report.failed("包说明", "description of the package", "bag-info.txt is missing or cannot be read");
    }
    report
}

fn check_seal(
    container: &mut dyn Container,
    facts: &BagFacts,
    trusted: &TrustedKeys,
    witnesses_min: usize,
    report: &mut Report,
) {
    let (zh, en) = ("封存条目", "sealed entry");
    let content = read_whole(container, ENTRY, SEAL_BYTES_MAX).ok();
    let entry: Option<Value> = content.as_ref().and_then(|bytes| serde_json::from_slice(bytes).ok());
    let (Some(content), Some(entry)) = (content, entry) else {
        return report.failed(zh, en, format!("`{ENTRY}` is missing or cannot be read"));
    };
    let states = |name: &str| entry.get(name).and_then(Value::as_str);
    let [sha256, sm3] = facts.tag_manifests.map(|hash| hex(&hash));
    if states("tagmanifest_sha256") == Some(&sha256) && states("tagmanifest_sm3") == Some(&sm3) {
        report.passed(zh, en, format!("names this package, SHA-256 {sha256}"));
    } else {
        report.failed(zh, en, "it names the hashes of another package");
    }
    check_token(container, facts, states("timestamp_sha256"), report);

    let (zh, en) = ("日志包含证明", "proof of inclusion in the log");
    let proof = read_whole(container, PROOF, SEAL_BYTES_MAX).ok();
    let proof = proof.and_then(|bytes| ProofFile::parse(std::str::from_utf8(&bytes).ok()?));
    let parsed = proof.and_then(|proof| Some((Checkpoint::parse(&proof.checkpoint.text)?, proof)));
    let Some((checkpoint, proof)) = parsed else {
        return report.failed(zh, en, format!("`{PROOF}` is missing or not written in the one way allowed"));
    };
    let Checkpoint { size, root, algorithm, .. } = &checkpoint;
    let leaf = algorithm.leaf(&commitment(*algorithm, &proof.salt, &content));
    if verify_inclusion(*algorithm, &leaf, proof.index, *size, &proof.path, root) {
        let detail = format!("entry {} of {size} in `{}`", proof.index, checkpoint.origin);
        report.passed(zh, en, detail);
    } else {
        report.failed(zh, en, "the entry does not lead to the root of the checkpoint");
    }
    check_signatures(&proof.checkpoint, &checkpoint, trusted, witnesses_min, report);
}

fn check_token(container: &mut dyn Container, facts: &BagFacts, stated: Option<&str>, report: &mut Report) {
    let (zh, en) = ("时间戳", "time-stamp");
    let token = container.names().iter().any(|name| name == TOKEN);
    match (stated, token) {
        (None, false) => return report.absent(zh, en, "the package has none"),
        (Some(_), false) => return report.failed(zh, en, "the entry names one and it is missing"),
        (None, true) => return report.failed(zh, en, "there is one that the entry does not name"),
        (Some(_), true) => {}
    }
    let token = read_whole(container, TOKEN, SEAL_BYTES_MAX).unwrap_or_default();
    let same = stated == Some(hex(&Algorithm::Sha256.hash(&[&token])).as_str());
    let stamped = facts.sha256.get("tagmanifest-sha256.txt").map(|hash| hash.as_slice());
    match imprint(&token) {
        Some(found) if same && found.function == SHA256_OID && Some(found.hash.as_slice()) == stamped => {
            report.passed(zh, en, format!("stamps this package, states {}", found.time));
            let how = "openssl ts -verify -data tagmanifest-sha256.txt -in seal/timestamp.tsr -CAfile CA";
            report.not_checked("时间戳机构签名", "signature of the time-stamp authority", how);
        }
        _ => report.failed(zh, en, "it does not stamp this package"),
    }
}

/// Checks who signed a checkpoint: a trusted log with the name of the origin, and enough trusted witnesses.
pub(crate) fn check_signatures(
    note: &Note,
    checkpoint: &Checkpoint,
    trusted: &TrustedKeys,
    witnesses_min: usize,
    report: &mut Report,
) {
    let (zh, en) = ("日志签名", "signature of the log");
    let of_log = trusted.logs.iter().filter(|key| key.name() == checkpoint.origin);
    let signed = of_log.map(|key| note.signed_by(key)).filter(|signed| *signed != Signed::Absent);
    let signed: Vec<Signed> = signed.collect();
    if trusted.logs.is_empty() {
        report.not_checked(zh, en, "no trusted key was given");
    } else if signed.contains(&Signed::Wrong) {
        report.failed(zh, en, "it is wrong");
    } else if signed.is_empty() {
        report.failed(zh, en, format!("no trusted key signed for `{}`", checkpoint.origin));
    } else {
        report.passed(zh, en, format!("by `{}`", checkpoint.origin));
    }

    let (zh, en) = ("见证签名", "signatures of witnesses");
    let (mut right, mut names, mut seen) = (0, Vec::new(), Vec::new());
    for key in &trusted.witnesses {
        // One witness counts once, however often its key is listed; a log is no witness of itself.
        if seen.contains(&key.text()) || trusted.logs.iter().any(|log| log.public() == key.public()) {
            continue;
        }
        seen.push(key.text());
        match note.signed_by(key) {
            Signed::Absent => {}
            Signed::Wrong => return report.failed(zh, en, format!("that of `{}` is wrong", key.name())),
            Signed::Right(time) => {
                right += 1;
                let time = time.map_or(", no time".to_owned(), |time| format!(" at {time} s"));
                names.push(format!("{}{time}", key.name()));
            }
        }
    }
    let detail = format!("{right} of at least {witnesses_min}: {}", names.join(", "));
    if right < witnesses_min {
        report.failed(zh, en, detail);
    } else if seen.is_empty() && note.signatures.len() < 2 {
        report.absent(zh, en, "nobody but the log signed, and no witness was asked for");
    } else if seen.is_empty() {
        report.not_checked(zh, en, "no trusted witness was given");
    } else {
        report.passed(zh, en, detail);
    }
}
