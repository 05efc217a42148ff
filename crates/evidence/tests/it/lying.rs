//! A server that lies: changed proofs and checkpoints, of which none may be accepted.

use crate::support::{NAME, Numbers, create_as, scale, signer};
use zhunsheng_evidence::Signer;
use zhunsheng_evidence::log::Entry;
use zhunsheng_verify::{
    Algorithm, Checkpoint, Hash, KeyKind, Note, ProofFile, Signed, VerifierKey, commitment,
    verify_consistency, verify_inclusion,
};

/// What a careful reader does with a proof.
fn accepts(key: &VerifierKey, content: &[u8], proof: &[u8]) -> bool {
    let Some(proof) = std::str::from_utf8(proof).ok().and_then(ProofFile::parse) else { return false };
    let Some(checkpoint) = Checkpoint::parse(&proof.checkpoint.text) else { return false };
    let Checkpoint { size, root, algorithm, origin } = &checkpoint;
    let leaf = algorithm.leaf(&commitment(*algorithm, &proof.salt, content));
    origin == key.name()
        && matches!(proof.checkpoint.signed_by(key), Signed::Right(_))
        && verify_inclusion(*algorithm, &leaf, proof.index, *size, &proof.path, root)
}

fn mutate_text(numbers: &mut Numbers, good: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = good.to_vec();
    let at = numbers.below(bytes.len() as u64) as usize;
    let to = at + numbers.below((bytes.len() - at) as u64 + 1) as usize;
    match numbers.below(8) {
        0 => bytes[at] ^= 1 << numbers.below(8),
        1 => bytes[at] = numbers.next() as u8,
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, numbers.next() as u8),
        4 => bytes.truncate(at),
        5 => {
            // Lines swapped, dropped or doubled.
            let mut lines: Vec<&[u8]> = good.split(|byte| *byte == b'\n').collect();
            let (one, two) =
                (numbers.below(lines.len() as u64) as usize, numbers.below(lines.len() as u64) as usize);
            match numbers.below(3) {
                0 => lines.swap(one, two),
                1 => drop(lines.remove(one)),
                _ => lines.insert(two, lines[one]),
            }
            bytes = lines.join(&b'\n');
        }
        6 => {
            // Lines of another proof of the same log.
            let mut lines: Vec<&[u8]> = good.split(|byte| *byte == b'\n').collect();
            let others: Vec<&[u8]> = other.split(|byte| *byte == b'\n').collect();
            let at = numbers.below(lines.len().min(others.len()) as u64) as usize;
            lines[at] = others[at];
            bytes = lines.join(&b'\n');
        }
        _ => {
            let piece: Vec<u8> = bytes[at..to].to_vec();
            let put = numbers.below(bytes.len() as u64) as usize;
            bytes.splice(put..put, piece);
        }
    }
    bytes
}

/// A change of the parsed proof: valid in form, so that only the checks themselves can refuse it.
fn mutate_parts(numbers: &mut Numbers, good: &ProofFile, other: &ProofFile, forger: &Signer) -> ProofFile {
    let mut proof = good.clone();
    let mut checkpoint = Checkpoint::parse(&proof.checkpoint.text).unwrap();
    let pick = |numbers: &mut Numbers, length: usize| numbers.below(length.max(1) as u64) as usize;
    match numbers.below(10) {
        0 => proof.index = numbers.below(checkpoint.size + 3),
        1 => proof.salt[pick(numbers, 32)] ^= 1 << numbers.below(8),
        2 => drop(proof.path.pop()),
        3 => {
            let at = pick(numbers, proof.path.len());
            proof.path.insert(at, [numbers.next() as u8; 32]);
        }
        4 => {
            let (one, two) = (pick(numbers, proof.path.len()), pick(numbers, proof.path.len()));
            proof.path.swap(one, two);
        }
        5 => {
            let at = pick(numbers, proof.path.len());
            proof.path[at][pick(numbers, 32)] ^= 1 << numbers.below(8);
        }
        6 => (proof.path, proof.index) = (other.path.clone(), other.index),
        7 => {
            checkpoint.size = numbers.below(checkpoint.size * 2);
            proof.checkpoint.text = checkpoint.text();
        }
        8 => {
            // The forger signs what they like, with their own key under the name of the log.
            checkpoint.root[pick(numbers, 32)] ^= 1 << numbers.below(8);
            let text = checkpoint.text();
            let mut line = forger.sign(&text, 0).unwrap();
            if numbers.below(2) == 0 {
                line.id = good.checkpoint.signatures[0].id;
            }
            proof.checkpoint = Note { text, signatures: vec![line] };
        }
        _ => {
            let signature = &mut proof.checkpoint.signatures[0].signature;
            let at = pick(numbers, signature.len());
            signature[at] ^= 1 << numbers.below(8);
        }
    }
    proof
}

#[test]
fn no_changed_proof_is_accepted() {
    let total = scale(6_000, 1_030_000);
    let mut numbers = Numbers(5);
    let (mut tried, mut accepted) = (0u64, 0u64);
    for (kind, algorithm, share) in
        [(KeyKind::Ed25519, Algorithm::Sha256, 9), (KeyKind::Sm2, Algorithm::Sm3, 1)]
    {
        let folder = tempfile::tempdir().unwrap();
        let mut log = create_as(folder.path(), kind, algorithm);
        let contents: Vec<Vec<u8>> = (0..777).map(|n| format!("entry {n}").into_bytes()).collect();
        log.append(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        log.publish().unwrap();
        let key = signer(kind).verifier().clone();
        let forger = Signer::from_seed(NAME, kind, &[66; 32]).unwrap();
        let sizes: Vec<u64> = vec![1, 2, 256, 700, 776];
        for round in 0..total / 10 * share / 100 {
            let index = numbers.below(777);
            let other = (index + 1 + numbers.below(776)) % 777;
            let prove = |index| log.prove(index, log.head()).unwrap();
            let (good, other) = (prove(index), prove(other));
            let text = good.text().into_bytes();
            let content = &contents[index as usize];
            assert!(accepts(&key, content, &text), "the true proof is accepted");
            assert!(matches!(log.entry(index).unwrap(), Entry::Open { .. }));
            for _ in 0..60 {
                let bad = mutate_text(&mut numbers, &text, other.text().as_bytes());
                if bad != text {
                    tried += 1;
                    if accepts(&key, content, &bad) {
                        accepted += 1;
                        println!("accepted:\n{}", String::from_utf8_lossy(&bad));
                    }
                }
            }
            for _ in 0..30 {
                let bad = mutate_parts(&mut numbers, &good, &other, &forger);
                if bad != good {
                    tried += 1;
                    accepted += u64::from(accepts(&key, content, bad.text().as_bytes()));
                }
            }
            // Consistency proofs: other roots, sizes, hashes.
            let old = sizes[round as usize % sizes.len()];
            let (old_root, new_root) = (log.tree().root(old).unwrap(), log.tree().root(777).unwrap());
            let path = log.tree().consistency(old, 777).unwrap();
            assert!(verify_consistency(algorithm, old, 777, &old_root, &new_root, &path));
            for _ in 0..12 {
                let (mut sizes, mut roots, mut bad): (_, _, Vec<Hash>) =
                    ((old, 777), (old_root, new_root), path.clone());
                match numbers.below(6) {
                    0 => sizes.0 = numbers.below(777),
                    1 => roots.0[numbers.below(32) as usize] ^= 1 << numbers.below(8),
                    2 => roots.1[numbers.below(32) as usize] ^= 1 << numbers.below(8),
                    3 => drop(bad.pop()),
                    4 => bad.push([numbers.next() as u8; 32]),
                    _ => {
                        let at = numbers.below(bad.len() as u64) as usize;
                        bad[at][numbers.below(32) as usize] ^= 1 << numbers.below(8);
                    }
                }
                if (sizes, roots, &bad) != ((old, 777), (old_root, new_root), &path) {
                    tried += 1;
                    accepted +=
                        u64::from(verify_consistency(algorithm, sizes.0, sizes.1, &roots.0, &roots.1, &bad));
                }
            }
        }
    }
    println!("{tried} changed proofs and checkpoints: {accepted} accepted");
    assert_eq!(accepted, 0);
    assert!(tried >= total * 9 / 10, "{tried}");
}
