//! A Merkle tree in memory: roots and proofs for every size it ever had (RFC 6962 §2.1).

use zhunsheng_verify::{Algorithm, Hash};

/// Leaf hashes and the hashes of every perfect subtree: 64 bytes an entry.
#[derive(Clone)]
pub struct Tree {
    algorithm: Algorithm,
    /// `levels[h][i]` is the root of leaves `i·2^h .. (i+1)·2^h`.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// A tree without leaves.
    pub fn new(algorithm: Algorithm) -> Tree {
        Tree { algorithm, levels: vec![Vec::new()] }
    }

    /// The hash function.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Number of leaves.
    pub fn size(&self) -> u64 {
        self.level(0).len() as u64
    }

    /// The roots of the perfect subtrees of `2^height` leaves, from left to right.
    pub fn level(&self, height: usize) -> &[Hash] {
        self.levels.get(height).map(Vec::as_slice).unwrap_or_default()
    }

    /// Adds a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for height in 0.. {
            if self.levels.len() == height {
                self.levels.push(Vec::new());
            }
            let Some(level) = self.levels.get_mut(height) else { return };
            level.push(hash);
            match level.as_slice() {
                [.., left, right] if level.len().is_multiple_of(2) => hash = self.algorithm.node(left, right),
                _ => return,
            }
        }
    }

    /// Forgets every leaf from number `size` on.
    pub fn cut(&mut self, size: u64) {
        for (height, level) in self.levels.iter_mut().enumerate() {
            level.truncate(usize::try_from(size >> height).unwrap_or(usize::MAX));
        }
    }

    /// The root of the first `size` leaves; nothing when there are fewer.
    pub fn root(&self, size: u64) -> Option<Hash> {
        if size == 0 {
            return Some(self.algorithm.empty());
        }
        (size <= self.size()).then(|| self.subtree(0, size)).flatten()
    }

    /// The proof that leaf `index` stands in the first `size` leaves (RFC 6962 §2.1.1).
    pub fn inclusion(&self, index: u64, size: u64) -> Option<Vec<Hash>> {
        (index < size && size <= self.size()).then_some(())?;
        let (mut from, mut to, mut path) = (0, size, Vec::new());
        while to - from > 1 {
            let middle = from + split(to - from);
            if index < middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(path)
    }

    /// The proof that the first `old` leaves begin the first `new` leaves (RFC 6962 §2.1.2).
    pub fn consistency(&self, old: u64, new: u64) -> Option<Vec<Hash>> {
        (old <= new && new <= self.size()).then_some(())?;
        if old == 0 || old == new {
            return Some(Vec::new());
        }
        let (mut from, mut to, mut path) = (0, new, Vec::new());
        // Whether the subtree at hand is all that the old tree was, so that its root is known already.
        let mut whole = true;
        while to != old {
            let middle = from + split(to - from);
            if old <= middle {
                path.push(self.subtree(middle, to)?);
                to = middle;
            } else {
                path.push(self.subtree(from, middle)?);
                from = middle;
                whole = false;
            }
        }
        if !whole {
            path.push(self.subtree(from, to)?);
        }
        path.reverse();
        Some(path)
    }

    /// The root of leaves `from .. to`, where `from` is a multiple of the largest power of two below the width.
    fn subtree(&self, from: u64, to: u64) -> Option<Hash> {
        let width = to - from;
        if width.is_power_of_two() {
            let height = width.trailing_zeros();
            return self.level(height as usize).get(usize::try_from(from >> height).ok()?).copied();
        }
        let middle = from + split(width);
        Some(self.algorithm.node(&self.subtree(from, middle)?, &self.subtree(middle, to)?))
    }
}

/// The largest power of two below `width` (which is 2 or more).
fn split(width: u64) -> u64 {
    1 << (u64::BITS - 1 - (width - 1).leading_zeros())
}
