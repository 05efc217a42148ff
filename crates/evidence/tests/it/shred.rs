//! Shredding: nothing of the content is left anywhere, and every proof still verifies.

use crate::support::{all_files, create_as, signer};
use std::sync::Arc;
use zhunsheng_evidence::log::{Entry, Log, check};
use zhunsheng_evidence::{DiskFiles, EvidenceError, custody, os_random};
use zhunsheng_verify::text::{base64, hex};
use zhunsheng_verify::{Algorithm, Checkpoint, KeyKind, Verdict, verify_inclusion};

#[test]
fn a_byte_search_finds_nothing_and_proofs_hold() {
    for (kind, algorithm) in [(KeyKind::Ed25519, Algorithm::Sha256), (KeyKind::Sm2, Algorithm::Sm3)] {
        let folder = tempfile::tempdir().unwrap();
        let mut log = create_as(folder.path(), kind, algorithm);
        let secret = "张某甲 110101199003070000 13800138000".as_bytes();
        let mut contents: Vec<Vec<u8>> = (0..600).map(|n| format!("entry {n}").into_bytes()).collect();
        contents[300] = secret.to_vec();
        log.append(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        log.publish().unwrap();
        let Entry::Open { salt, .. } = log.entry(300).unwrap() else { panic!() };
        let before = log.prove(299, log.head()).unwrap();
        let searched = || -> usize {
            let hashes = [Algorithm::Sha256, Algorithm::Sm3].map(|algorithm| algorithm.hash(&[secret]));
            let mut needles =
                vec![secret.to_vec(), salt.to_vec(), hex(&salt).into_bytes(), base64(&salt).into_bytes()];
            for hash in hashes {
                needles.extend([hash.to_vec(), hex(&hash).into_bytes(), base64(&hash).into_bytes()]);
            }
            // Parts of the content and salt, too.
            needles.extend([secret[..12].to_vec(), secret[secret.len() - 11..].to_vec(), salt[..8].to_vec()]);
            let files = all_files(folder.path());
            assert!(files.len() > 8);
            let bytes: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file).unwrap()).collect();
            needles
                .iter()
                .map(|needle| {
                    bytes
                        .iter()
                        .filter(|file| file.windows(needle.len()).any(|window| window == needle))
                        .count()
                })
                .sum()
        };
        assert!(searched() >= 5, "the search works");
        custody::shred(&mut log, 300, "2026-01-01T00:00:00Z", "tester", "test 0").unwrap();
        log.publish().unwrap();
        assert_eq!(searched(), 0);
        assert_eq!(log.entry(300).unwrap(), Entry::Shredded);
        assert!(matches!(log.prove(300, log.head()), Err(EvidenceError::Shredded(300))));

        drop(log);
        let log = Log::open(Arc::new(DiskFiles), folder.path(), signer(kind), os_random).unwrap();
        assert_eq!(searched(), 0);
        let report = check(&DiskFiles, folder.path(), signer(kind).verifier(), None).unwrap();
        assert_ne!(report.verdict(), Verdict::Failed, "{report}");
        // The proof of the neighbour, whose sibling was shredded, made before and made again.
        for proof in [before, log.prove(299, log.head()).unwrap()] {
            let checkpoint = Checkpoint::parse(&proof.checkpoint.text).unwrap();
            let leaf = algorithm.leaf(&zhunsheng_verify::commitment(algorithm, &proof.salt, &contents[299]));
            assert!(verify_inclusion(algorithm, &leaf, 299, checkpoint.size, &proof.path, &checkpoint.root));
        }
        assert!(custody::show(&log, true).unwrap().contains("内容已按记录销毁"));
    }
}

#[test]
fn an_order_to_destroy_cannot_be_destroyed() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = create_as(folder.path(), KeyKind::Ed25519, Algorithm::Sha256);
    log.append(&[b"one", b"two"]).unwrap();
    custody::shred(&mut log, 0, "2026-01-01T00:00:00Z", "tester", "test 0").unwrap();
    assert!(matches!(custody::shred(&mut log, 2, "t", "w", "x"), Err(EvidenceError::Order(2))));
    assert!(matches!(log.shred(2), Err(EvidenceError::Order(2))));
    assert!(matches!(custody::shred(&mut log, 9, "t", "w", "x"), Err(EvidenceError::NoEntry(9))));
    assert_eq!(log.size(), 3);
}

#[test]
fn destroyed_without_an_order_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = create_as(folder.path(), KeyKind::Ed25519, Algorithm::Sha256);
    log.append(&[b"one", b"two"]).unwrap();
    log.publish().unwrap();
    log.shred(1).unwrap();
    let report = check(&DiskFiles, folder.path(), signer(KeyKind::Ed25519).verifier(), None).unwrap();
    assert_eq!(report.verdict(), Verdict::Failed);
    assert!(report.to_string().contains("entry 1 was destroyed and no entry says so"), "{report}");
}
