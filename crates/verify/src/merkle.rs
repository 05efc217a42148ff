//! Roots and proofs of Merkle trees, as RFC 9162 §2.1 writes them out.

use crate::hash::{Algorithm, Hash};

/// The root that an inclusion proof leads to (RFC 9162 §2.1.3.2); nothing when the proof has the wrong
/// length for `index` (from 0) and `size`.
pub fn inclusion_root(
    algorithm: Algorithm,
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut node, mut last, mut root) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return None;
        }
        if node & 1 == 1 || node == last {
            root = algorithm.node(sibling, &root);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            root = algorithm.node(&root, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    (last == 0).then_some(root)
}

/// Whether `proof` shows that `leaf` is leaf number `index` (from 0) of the tree of `size` leaves with `root`.
pub fn verify_inclusion(
    algorithm: Algorithm,
    leaf: &Hash,
    index: u64,
    size: u64,
    proof: &[Hash],
    root: &Hash,
) -> bool {
    inclusion_root(algorithm, leaf, index, size, proof).as_ref() == Some(root)
}

/// Whether `proof` shows that the tree of `old_size` is the beginning of the tree of `new_size`
/// (RFC 9162 §2.1.4.2). The empty tree is the beginning of every tree, with an empty proof.
pub fn verify_consistency(
    algorithm: Algorithm,
    old_size: u64,
    new_size: u64,
    old_root: &Hash,
    new_root: &Hash,
    proof: &[Hash],
) -> bool {
    if old_size > new_size {
        return false;
    }
    if old_size == new_size {
        return proof.is_empty() && old_root == new_root;
    }
    if old_size == 0 {
        return proof.is_empty() && *old_root == algorithm.empty();
    }
    let mut proof = proof.iter();
    let (mut node, mut last) = (old_size - 1, new_size - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    let start = if old_size.is_power_of_two() { Some(old_root) } else { proof.next() };
    let Some(start) = start else { return false };
    let (mut old, mut new) = (*start, *start);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old = algorithm.node(sibling, &old);
            new = algorithm.node(sibling, &new);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new = algorithm.node(&new, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old == *old_root && new == *new_root
}

/// Builds a root from leaves, or from whole subtrees, as they come from left to right.
#[derive(Clone)]
pub struct RootBuilder {
    algorithm: Algorithm,
    /// Height and hash of each perfect subtree, the tallest first.
    stack: Vec<(u32, Hash)>,
}

impl RootBuilder {
    /// A tree without leaves.
    pub fn new(algorithm: Algorithm) -> RootBuilder {
        RootBuilder { algorithm, stack: Vec::new() }
    }

    /// Adds a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        self.push_subtree(0, leaf);
    }

    /// Adds the root of a perfect subtree of `2^height` leaves; none may be taller than one before it.
    pub fn push_subtree(&mut self, mut height: u32, mut hash: Hash) {
        while let Some(&(top, left)) = self.stack.last()
            && top == height
        {
            self.stack.pop();
            hash = self.algorithm.node(&left, &hash);
            height += 1;
        }
        self.stack.push((height, hash));
    }

    /// The root of what was added.
    pub fn root(&self) -> Hash {
        let mut subtrees = self.stack.iter().rev().map(|(_, hash)| *hash);
        let Some(last) = subtrees.next() else { return self.algorithm.empty() };
        subtrees.fold(last, |right, left| self.algorithm.node(&left, &right))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{hex, unhex};

    /// The eight entries and the roots of the trees of 1 to 8 leaves that the reference implementation of
    /// RFC 6962 publishes as its test vectors.
    const ENTRIES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn leaf(index: usize) -> Hash {
        Algorithm::Sha256.leaf(&unhex(ENTRIES[index]).unwrap())
    }

    fn hash(text: &str) -> Hash {
        unhex(text).unwrap().try_into().unwrap()
    }

    #[test]
    fn roots_of_the_published_vectors() {
        let mut builder = RootBuilder::new(Algorithm::Sha256);
        for (index, root) in ROOTS.iter().enumerate() {
            builder.push(leaf(index));
            assert_eq!(hex(&builder.root()), *root, "{} leaves", index + 1);
        }
    }

    #[test]
    fn proofs_of_the_published_vectors() {
        let root = |size: usize| hash(ROOTS[size - 1]);
        let inclusion: [(u64, u64, &[&str]); 4] = [
            (0, 1, &[]),
            (
                0,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                5,
                8,
                &[
                    "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
            (2, 3, &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
        ];
        for (index, size, proof) in inclusion {
            let proof: Vec<Hash> = proof.iter().map(|text| hash(text)).collect();
            let leaf = leaf(index as usize);
            assert!(verify_inclusion(Algorithm::Sha256, &leaf, index, size, &proof, &root(size as usize)));
            assert!(!verify_inclusion(
                Algorithm::Sha256,
                &leaf,
                index + 1,
                size,
                &proof,
                &root(size as usize)
            ));
        }
        let consistency: [(u64, u64, &[&str]); 3] = [
            (1, 1, &[]),
            (
                1,
                8,
                &[
                    "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                    "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
                    "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
                ],
            ),
            (
                6,
                8,
                &[
                    "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
                    "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
                    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                ],
            ),
        ];
        for (old, new, proof) in consistency {
            let proof: Vec<Hash> = proof.iter().map(|text| hash(text)).collect();
            let (first, second) = (root(old as usize), root(new as usize));
            assert!(verify_consistency(Algorithm::Sha256, old, new, &first, &second, &proof), "{old} {new}");
            assert!(!verify_consistency(Algorithm::Sha256, old, new, &second, &first, &proof) || old == new);
        }
    }

    #[test]
    fn edges() {
        let sha = Algorithm::Sha256;
        let (empty, one) = (sha.empty(), leaf(0));
        assert!(!verify_inclusion(sha, &one, 0, 0, &[], &empty));
        assert!(!verify_inclusion(sha, &one, 1, 1, &[], &one));
        assert!(!verify_inclusion(sha, &one, 0, 1, &[one], &one));
        assert!(verify_consistency(sha, 0, 0, &empty, &empty, &[]));
        assert!(verify_consistency(sha, 0, 5, &empty, &one, &[]));
        assert!(!verify_consistency(sha, 0, 5, &one, &one, &[]));
        assert!(!verify_consistency(sha, 2, 1, &one, &one, &[]));
        assert!(!verify_consistency(sha, 3, 5, &one, &one, &[]));
    }
}
