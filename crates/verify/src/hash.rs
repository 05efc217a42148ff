//! The two hash functions, SHA-256 and SM3, with the prefixes of RFC 6962.

use sha2_011::{Digest, Sha256};
use sm3::Sm3;

/// 32 bytes of SHA-256 or SM3.
pub type Hash = [u8; 32];

/// Which hash function a tree uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Algorithm {
    /// SHA-256 (FIPS 180-4), the function of RFC 6962.
    #[default]
    Sha256,
    /// SM3 (GB/T 32905-2016).
    Sm3,
}

/// Hashes bytes as they come.
pub enum Hasher {
    /// SHA-256.
    Sha256(Sha256),
    /// SM3.
    Sm3(Sm3),
}

impl Hasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Sha256(hasher) => hasher.update(bytes),
            Hasher::Sm3(hasher) => hasher.update(bytes),
        }
    }

    /// The hash of everything added.
    pub fn finish(self) -> Hash {
        match self {
            Hasher::Sha256(hasher) => hasher.finalize().into(),
            Hasher::Sm3(hasher) => hasher.finalize().into(),
        }
    }
}

impl Algorithm {
    /// `sha256` or `sm3`, the word used in manifests and checkpoints.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "sha256",
            Algorithm::Sm3 => "sm3",
        }
    }

    /// A hasher that has seen nothing.
    pub fn hasher(self) -> Hasher {
        match self {
            Algorithm::Sha256 => Hasher::Sha256(Sha256::new()),
            Algorithm::Sm3 => Hasher::Sm3(Sm3::new()),
        }
    }

    /// The hash of `parts` one after another.
    pub fn hash(self, parts: &[&[u8]]) -> Hash {
        let mut hasher = self.hasher();
        parts.iter().for_each(|part| hasher.update(part));
        hasher.finish()
    }

    /// Hash of a leaf: 0x00 and the entry (RFC 6962 §2.1).
    pub fn leaf(self, entry: &[u8]) -> Hash {
        self.hash(&[&[0], entry])
    }

    /// Hash of an inner node: 0x01, left, right (RFC 6962 §2.1).
    pub fn node(self, left: &Hash, right: &Hash) -> Hash {
        let mut bytes = [1; 65];
        bytes[1..33].copy_from_slice(left);
        bytes[33..].copy_from_slice(right);
        self.hash(&[&bytes])
    }

    /// Root of the tree without leaves: the hash of nothing.
    pub fn empty(self) -> Hash {
        self.hash(&[])
    }
}

/// What stands in the log for an entry: hash of a fixed word, 32 random bytes of salt, and the content.
///
/// Without the salt nobody can tell from the commitment what the content was, not even by trying every
/// possible content; so destroying salt and content erases the entry while the log stays provable.
pub fn commitment(algorithm: Algorithm, salt: &[u8; 32], content: &[u8]) -> Hash {
    algorithm.hash(&[b"zhunsheng.commitment/1\n", salt, content])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::hex;

    #[test]
    fn known_answers() {
        // RFC 6962 (empty root), and GB/T 32905-2016 appendix A.1: SM3 of "abc".
        assert_eq!(
            hex(&Algorithm::Sha256.empty()),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        assert_eq!(
            hex(&Algorithm::Sm3.hash(&[b"a", b"bc"])),
            "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
        );
    }

    #[test]
    fn salt_content_and_function_each_change_the_commitment() {
        let one = commitment(Algorithm::Sha256, &[1; 32], b"x");
        assert_ne!(one, commitment(Algorithm::Sha256, &[2; 32], b"x"));
        assert_ne!(one, commitment(Algorithm::Sha256, &[1; 32], b"y"));
        assert_ne!(one, commitment(Algorithm::Sm3, &[1; 32], b"x"));
    }
}
