//! A whole package: the bag, and the seal that ties it to a log.
//!
//! `seal/` holds the content of the log entry (which names the hashes of both tag manifests and of the
//! time-stamp), the proof that the entry stands in the log, and the time-stamp where there is one.

use crate::bag::{BagFacts, check_bag, files, malformed};
use crate::container::{Container, Folder, read_whole};
use crate::hash::{Algorithm, commitment};
use crate::merkle::verify_inclusion;
use crate::note::{Checkpoint, Note, Signed, TrustedKeys};
use crate::proof_file::ProofFile;
use crate::report::{Report, Status, Words};
use crate::say;
use crate::text::{hex, rfc3339};
use crate::token::{SHA256_OID, imprint};
use crate::zip::Zip;
use serde_json::Value;
use std::io::{self, Read, Seek};
use std::path::Path;

/// The content of the log entry.
pub const ENTRY: &str = "seal/entry.json";
/// The proof that it stands in the log.
pub const PROOF: &str = "seal/proof.tlog-proof";
/// The time-stamp of `tagmanifest-sha256.txt`.
pub const TOKEN: &str = "seal/timestamp.tsr";
/// The files that no manifest lists.
const SPECIAL: [&str; 5] = [ENTRY, PROOF, TOKEN, "tagmanifest-sha256.txt", "tagmanifest-sm3.txt"];
/// Longest file of the seal.
const SEAL_BYTES_MAX: usize = 4 << 20;

/// Checks a package of one file.
///
/// `witnesses_min` is the number of trusted witnesses that must have co-signed the checkpoint.
pub fn verify_package(read: impl Read + Seek, trusted: &TrustedKeys, witnesses_min: usize) -> Report {
    verify_opened(Zip::open(read), trusted, witnesses_min)
}

/// Checks a package that is a folder.
pub fn verify_folder(folder: &Path, trusted: &TrustedKeys, witnesses_min: usize) -> Report {
    verify_opened(Folder::open(folder), trusted, witnesses_min)
}

fn verify_opened<C: Container>(opened: io::Result<C>, trusted: &TrustedKeys, witnesses_min: usize) -> Report {
    let mut report = Report::default();
    match opened {
        Ok(mut container) => return verify_container(&mut container, trusted, witnesses_min),
        Err(error) => report.failed(("容器", "container"), Words::of(&error)),
    }
    report
}

/// Checks a package whose files are at hand.
pub fn verify_container(
    container: &mut dyn Container,
    trusted: &TrustedKeys,
    witnesses_min: usize,
) -> Report {
    let mut report = Report::default();
    report.passed(("容器", "container"), files(container.names().len()));
    let facts = check_bag(container, &mut report);
    let mut strays = container.names();
    strays.retain(|name| name.starts_with("seal/") || name.starts_with("tagmanifest-"));
    strays.retain(|name| !SPECIAL.contains(&name.as_str()));
    let foreign = |name: &String| say!("`{name}` 不属于证据包", "`{name}` does not belong here");
    let strays: Vec<Words> = strays.iter().map(foreign).collect();
    report.all(("无清单外文件", "no file outside the manifests"), say!("没有", "none"), &strays);
    if let Some(facts) = facts {
        check_seal(container, &facts, trusted, witnesses_min, &mut report);
        report.facts = facts.info;
    } else {
        report.failed(("包说明", "description of the package"), malformed("bag-info.txt"));
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
    let what = ("封存条目", "sealed entry");
    let content = read_whole(container, ENTRY, SEAL_BYTES_MAX).ok();
    let entry: Option<Value> = content.as_ref().and_then(|bytes| serde_json::from_slice(bytes).ok());
    let (Some(content), Some(entry)) = (content, entry) else {
        return report.failed(what, malformed(ENTRY));
    };
    let states = |name: &str| entry.get(name).and_then(Value::as_str);
    let [sha256, sm3] = facts.tag_manifests.map(|hash| hex(&hash));
    let same = states("tagmanifest_sha256") == Some(&sha256) && states("tagmanifest_sm3") == Some(&sm3);
    let good = say!("所指即本证据包，SHA-256 {sha256}", "names this package, SHA-256 {sha256}");
    report.either(
        what,
        same,
        good,
        say!("所载校验值不是本证据包的", "it names the hashes of another package"),
    );
    check_token(container, facts, states("timestamp_sha256"), report);

    let what = ("日志包含证明", "proof of inclusion in the log");
    let proof = read_whole(container, PROOF, SEAL_BYTES_MAX).ok();
    let proof = proof.and_then(|bytes| ProofFile::parse(std::str::from_utf8(&bytes).ok()?));
    let parsed = proof.and_then(|proof| Some((Checkpoint::parse(&proof.checkpoint.text)?, proof)));
    let Some((checkpoint, proof)) = parsed else {
        return report.failed(what, malformed(PROOF));
    };
    let (Checkpoint { size, root, algorithm, origin }, index) = (&checkpoint, proof.index);
    let leaf = algorithm.leaf(&commitment(*algorithm, &proof.salt, &content));
    let holds = verify_inclusion(*algorithm, &leaf, index, *size, &proof.path, root);
    let good = say!("`{origin}` 第 {index} 号，共 {size} 条", "entry {index} of {size} in `{origin}`");
    let bad = say!("与检查点的根值不符", "the entry does not lead to the root of the checkpoint");
    report.either(what, holds, good, bad);
    check_signatures(&proof.checkpoint, &checkpoint, trusted, witnesses_min, report);
}

fn check_token(container: &mut dyn Container, facts: &BagFacts, stated: Option<&str>, report: &mut Report) {
    let what = ("时间戳", "time-stamp");
    let token = container.names().iter().any(|name| name == TOKEN);
    let wrong = match (stated, token) {
        (None, false) => {
            return report.add(what, Status::Absent, say!("本包没有时间戳", "the package has none"));
        }
        (Some(_), false) => say!("封存条目载明有时间戳，但缺失", "the entry names one and it is missing"),
        (None, true) => say!("有一个封存条目未载明的时间戳", "there is one that the entry does not name"),
        (Some(_), true) => say!("它盖的不是本证据包", "it does not stamp this package"),
    };
    let token = read_whole(container, TOKEN, SEAL_BYTES_MAX).unwrap_or_default();
    let same = stated == Some(hex(&Algorithm::Sha256.hash(&[&token])).as_str());
    let stamped = facts.sha256.get("tagmanifest-sha256.txt").map(|hash| hash.as_slice());
    match imprint(&token) {
        Some(found) if same && found.function == SHA256_OID && Some(found.hash.as_slice()) == stamped => {
            let time = found.time;
            report.passed(what, say!("盖于本证据包，所载时间 {time}", "stamps this package, states {time}"));
            let how = "openssl ts -verify -data tagmanifest-sha256.txt -in seal/timestamp.tsr -CAfile CA";
            let what = ("时间戳机构签名", "signature of the time-stamp authority");
            report.add(what, Status::NotChecked, say!("请用此命令验证：{how}", "to be checked by: {how}"));
        }
        _ => report.failed(what, wrong),
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
    let (what, origin) = (("日志签名", "signature of the log"), &checkpoint.origin);
    let of_log = trusted.logs.iter().filter(|key| key.name() == *origin).map(|key| note.signed_by(key));
    let signed: Vec<Signed> = of_log.filter(|signed| *signed != Signed::Absent).collect();
    if trusted.logs.is_empty() {
        report.add(what, Status::NotChecked, say!("未给出可信公钥", "no trusted key was given"));
    } else if signed.contains(&Signed::Wrong) {
        report.failed(what, say!("签名不对", "it is wrong"));
    } else if signed.is_empty() {
        report.failed(what, say!("可信公钥均未签署 `{origin}`", "no trusted key signed for `{origin}`"));
    } else {
        report.passed(what, say!("由 `{origin}` 签名", "by `{origin}`"));
    }

    let what = ("见证签名", "signatures of witnesses");
    let (mut right, mut names, mut seen) = (0, Vec::new(), Vec::new());
    for key in &trusted.witnesses {
        // One witness counts once, however often its key is listed; a log is no witness of itself.
        if seen.contains(&key.text()) || trusted.logs.iter().any(|log| log.public() == key.public()) {
            continue;
        }
        seen.push(key.text());
        let name = key.name();
        match note.signed_by(key) {
            Signed::Absent => {}
            Signed::Wrong => {
                return report.failed(what, say!("`{name}` 签名不对", "that of `{name}` is wrong"));
            }
            Signed::Right(time) => {
                right += 1;
                let time = time.map_or_else(String::new, |time| format!(" {}", rfc3339(time)));
                names.push(format!("{name}{time}"));
            }
        }
    }
    let who = names.join(", ");
    let detail =
        say!("{right} 名，要求 {witnesses_min} 名：{who}", "{right} of at least {witnesses_min}: {who}");
    if right < witnesses_min {
        report.failed(what, detail);
    } else if seen.is_empty() && note.signatures.len() < 2 {
        let en = "nobody but the log signed, and no witness was asked for";
        report.add(what, Status::Absent, say!("除日志本身外无人签名，也未要求见证", "{en}"));
    } else if seen.is_empty() {
        report.add(what, Status::NotChecked, say!("未给出可信见证人", "no trusted witness was given"));
    } else {
        report.passed(what, detail);
    }
}
