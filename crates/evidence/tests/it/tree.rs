//! The tree against a second implementation that does literally what RFC 6962 §2.1 says.

use crate::support::{Numbers, scale};
use zhunsheng_evidence::Tree;
use zhunsheng_verify::{Algorithm, Hash, verify_consistency, verify_inclusion};

/// The largest power of two smaller than `n`.
fn k(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

fn mth(algorithm: Algorithm, d: &[Hash]) -> Hash {
    match d {
        [] => algorithm.hash(&[]),
        [one] => *one,
        _ => {
            let (left, right) = d.split_at(k(d.len()));
            algorithm.hash(&[&[1], &mth(algorithm, left), &mth(algorithm, right)])
        }
    }
}

fn path(algorithm: Algorithm, m: usize, d: &[Hash]) -> Vec<Hash> {
    if d.len() == 1 {
        return vec![];
    }
    let k = k(d.len());
    let (left, right) = d.split_at(k);
    let (mut path, other) =
        if m < k { (path(algorithm, m, left), right) } else { (path(algorithm, m - k, right), left) };
    path.push(mth(algorithm, other));
    path
}

fn subproof(algorithm: Algorithm, m: usize, d: &[Hash], whole: bool) -> Vec<Hash> {
    if m == d.len() {
        return if whole { vec![] } else { vec![mth(algorithm, d)] };
    }
    let k = k(d.len());
    let (left, right) = d.split_at(k);
    let (mut proof, other) = if m <= k {
        (subproof(algorithm, m, left, whole), right)
    } else {
        (subproof(algorithm, m - k, right, false), left)
    };
    proof.push(mth(algorithm, other));
    proof
}

fn leaves(algorithm: Algorithm, count: u64) -> Vec<Hash> {
    (0..count).map(|n| algorithm.leaf(&n.to_be_bytes())).collect()
}

/// `roots` are those of the slow implementation, by number of leaves.
fn check_pair(tree: &Tree, leaves: &[Hash], roots: &[Hash], index: u64, size: u64) {
    let algorithm = tree.algorithm();
    let first = &leaves[..size as usize];
    let root = roots[size as usize];
    assert_eq!(tree.root(size), Some(root));
    let proof = tree.inclusion(index, size).unwrap();
    assert_eq!(proof, path(algorithm, index as usize, first), "inclusion {index} {size}");
    let leaf = &leaves[index as usize];
    assert!(verify_inclusion(algorithm, leaf, index, size, &proof, &root));
    assert!(!verify_inclusion(algorithm, leaf, index ^ 1, size, &proof, &root) || size == 1);
    assert!(!verify_inclusion(
        algorithm,
        &leaves[(index as usize + 1) % leaves.len()],
        index,
        size,
        &proof,
        &root
    ));
    let old = index + 1;
    let old_root = roots[old as usize];
    let proof = tree.consistency(old, size).unwrap();
    if old < size {
        assert_eq!(proof, subproof(algorithm, old as usize, first, true), "consistency {old} {size}");
        assert!(!verify_consistency(algorithm, old, size, &root, &old_root, &proof));
    }
    assert!(verify_consistency(algorithm, old, size, &old_root, &root, &proof));
}

#[test]
fn every_pair_of_a_small_tree_in_both_hash_functions() {
    for algorithm in [Algorithm::Sha256, Algorithm::Sm3] {
        let leaves = leaves(algorithm, 40);
        let mut tree = Tree::new(algorithm);
        leaves.iter().for_each(|leaf| tree.push(*leaf));
        let roots: Vec<Hash> = (0..=40).map(|size| mth(algorithm, &leaves[..size])).collect();
        for size in 1..=40 {
            for index in 0..size {
                check_pair(&tree, &leaves, &roots, index, size);
            }
        }
        assert_eq!(tree.inclusion(3, 3), None);
        assert_eq!(tree.inclusion(0, 41), None);
        assert_eq!(tree.consistency(5, 4), None);
        assert_eq!(tree.root(41), None);
        assert_eq!(tree.root(0), Some(algorithm.empty()));
        assert_eq!(tree.consistency(0, 4), Some(vec![]));
    }
}

#[test]
fn random_pairs_against_the_slow_implementation() {
    let (pairs, size_max) = (scale(400, 1_000_000), scale(300, 520));
    let leaves = leaves(Algorithm::Sha256, size_max);
    let mut tree = Tree::new(Algorithm::Sha256);
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    let roots: Vec<Hash> = (0..=leaves.len()).map(|size| mth(Algorithm::Sha256, &leaves[..size])).collect();
    let mut numbers = Numbers(1);
    for _ in 0..pairs {
        let size = 1 + numbers.below(size_max);
        let index = numbers.below(size);
        check_pair(&tree, &leaves, &roots, index, size);
    }
    println!("{pairs} random pairs, size up to {size_max}: all equal");
}

#[test]
fn a_tree_that_was_cut_is_the_tree_that_never_grew() {
    let leaves = leaves(Algorithm::Sha256, 70);
    for size in 0..=70 {
        let mut cut = Tree::new(Algorithm::Sha256);
        leaves.iter().for_each(|leaf| cut.push(*leaf));
        cut.cut(size);
        assert_eq!(cut.size(), size);
        assert_eq!(cut.root(size), Some(mth(Algorithm::Sha256, &leaves[..size as usize])));
        cut.push(leaves[0]);
        let longer = [&leaves[..size as usize], &leaves[..1]].concat();
        assert_eq!(cut.root(size + 1), Some(mth(Algorithm::Sha256, &longer)));
    }
}
