//! Witnesses sign what goes on from what they saw, and nothing else.

use crate::support::{create, open, signer};
use zhunsheng_evidence::log::published;
use zhunsheng_evidence::witness::{Witness, published_tree};
use zhunsheng_evidence::{DiskFiles, EvidenceError, Signer};
use zhunsheng_verify::{KeyKind, TrustedKeys, Verdict, VerifierKey, verify_log};

#[test]
fn growth_is_signed_and_rollback_and_fork_are_not() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two, memory) =
        (folder.path().join("log"), folder.path().join("fork"), folder.path().join("memory"));
    let key = signer(KeyKind::Ed25519).verifier().clone();
    let witness_key = Signer::from_seed("witness.example/w", KeyKind::Cosignature, &[9; 32]).unwrap();
    let witness = Witness { files: &DiskFiles, folder: &memory, signer: &witness_key };
    let sign = |log: &std::path::Path, time: u64| {
        let published = published(&DiskFiles, log).unwrap();
        let tree = published_tree(&DiskFiles, log, &published.checkpoint).unwrap();
        let last = witness.last(&published.checkpoint.origin).unwrap().map_or(0, |last| last.size);
        let proof = tree.consistency(last, published.checkpoint.size).unwrap_or_default();
        witness.sign(&published.note, &key, &proof, time)
    };
    let mut log = create(&one);
    log.append(&[b"a", b"b", b"c"]).unwrap();
    log.publish().unwrap();
    sign(&one, 1).unwrap();
    crate::support::copy(&one, &two);
    log.append(&vec![b"d".as_slice(); 700]).unwrap();
    log.publish().unwrap();
    let line = sign(&one, 1_790_000_000).unwrap();
    log.add_signature(line.clone()).unwrap();
    log.add_signature(line).unwrap();
    drop(log);
    // The same key, another history: shorter, then as long, then longer.
    assert!(matches!(sign(&two, 3), Err(EvidenceError::Witness("the log is shorter than it was"))));
    let mut fork = open(&two).unwrap();
    fork.append(&vec![b"e".as_slice(); 700]).unwrap();
    fork.publish().unwrap();
    assert!(matches!(sign(&two, 4), Err(EvidenceError::Witness("the log does not go on from what it was"))));
    fork.append(&vec![b"e".as_slice(); 700]).unwrap();
    fork.publish().unwrap();
    assert!(matches!(sign(&two, 5), Err(EvidenceError::Witness("the log does not go on from what it was"))));
    drop(fork);

    let verify = |witnesses: Vec<VerifierKey>, min| {
        let trusted = TrustedKeys { logs: vec![key.clone()], witnesses };
        verify_log(&one, &trusted, min, None).0
    };
    let trusted = vec![witness_key.verifier().clone()];
    assert_ne!(verify(trusted.clone(), 1).verdict(), Verdict::Failed);
    assert!(verify(trusted.clone(), 1).to_string().contains("witness.example/w 2026-09-21T14:13:20Z"));
    // The same witness listed twice is one witness; the log is none.
    assert_eq!(verify([trusted.clone(), trusted.clone()].concat(), 2).verdict(), Verdict::Failed);
    assert_eq!(verify(vec![key.clone()], 1).verdict(), Verdict::Failed);
    let other = Signer::from_seed("witness.example/w", KeyKind::Cosignature, &[8; 32]).unwrap();
    assert_eq!(verify(vec![other.verifier().clone()], 1).verdict(), Verdict::Failed);
    assert!(open(&one).unwrap().head().signatures.len() == 2, "the signature survives opening");
}

#[test]
fn a_checkpoint_that_the_log_did_not_sign_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let log = create(&folder.path().join("log"));
    let sm2 = Signer::from_seed("w", KeyKind::Sm2, &[3; 32]).unwrap();
    let witness = Witness { files: &DiskFiles, folder: &folder.path().join("m"), signer: &sm2 };
    let key = signer(KeyKind::Ed25519).verifier().clone();
    let mut note = log.head().clone();
    assert!(witness.sign(&note, &key, &[], 0).is_ok());
    note.signatures[0].signature[3] ^= 1;
    assert!(witness.sign(&note, &key, &[], 0).is_err());
    note.signatures.clear();
    assert!(witness.sign(&note, &key, &[], 0).is_err());
}
