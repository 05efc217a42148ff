//! Keyed hashes: the only form in which a value leaves the batch.
//!
//! HMAC-SHA-256 (RFC 2104, FIPS 180-4) of `kind id, 0x00, normal value`, cut to its first 128 bits.
//! The two padded key blocks are hashed once; a value of up to 44 bytes then costs two compressions.
//! Why this and not another: `docs/decisions/0030-keyed-hash.md`.

use sha2::compress256;
use sha2::digest::generic_array::GenericArray;
use std::fmt;
use zeroize::Zeroize;
use zhunsheng_model::Kind;

/// Start values of SHA-256 (FIPS 180-4, 5.3.3).
const START: [u32; 8] =
    [0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19];

/// Bytes of a block of SHA-256.
const BLOCK: usize = 64;

/// Makes keyed 128-bit hashes of (kind, value).
///
/// Equal kind and value under an equal key give an equal hash; without the key nothing can be tried out,
/// which matters because every mobile number could otherwise be enumerated in minutes.
#[derive(Clone)]
pub struct KeyedHasher {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl KeyedHasher {
    /// A hasher for `key`.
    pub fn new(key: &[u8; 32]) -> KeyedHasher {
        KeyedHasher { inner: absorb_pad(key, 0x36), outer: absorb_pad(key, 0x5c) }
    }

    /// The hash of `value` as a value of `kind`; `value` is in the form in which equal values are equal.
    pub fn hash(&self, kind: Kind, value: &str) -> u128 {
        let id = kind.id().as_bytes();
        let value = value.as_bytes();
        let mut state = self.inner;
        let mut block = [0u8; BLOCK];
        let mut used = 0;
        for piece in [id, &[0], value] {
            let mut rest = piece;
            while !rest.is_empty() {
                let (now, later) = rest.split_at(rest.len().min(BLOCK - used));
                if let Some(room) = block.get_mut(used..used + now.len()) {
                    room.copy_from_slice(now);
                }
                used += now.len();
                rest = later;
                if used == BLOCK {
                    compress(&mut state, &block);
                    used = 0;
                }
            }
        }
        let message_bytes = (BLOCK + id.len() + 1 + value.len()) as u64;
        finish(&mut state, &mut block, used, message_bytes);

        let mut digest = [0u8; BLOCK];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(state) {
            bytes.copy_from_slice(&word.to_be_bytes());
        }
        let mut state = self.outer;
        finish(&mut state, &mut digest, 32, (BLOCK + 32) as u64);
        block.zeroize();
        let [a, b, c, d, ..] = state;
        u128::from(a) << 96 | u128::from(b) << 64 | u128::from(c) << 32 | u128::from(d)
    }
}

impl fmt::Debug for KeyedHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("KeyedHasher")
    }
}

impl Drop for KeyedHasher {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// The state after the block `key ^ pad`.
fn absorb_pad(key: &[u8; 32], pad: u8) -> [u32; 8] {
    let mut block = [pad; BLOCK];
    for (byte, key) in block.iter_mut().zip(key) {
        *byte ^= key;
    }
    let mut state = START;
    compress(&mut state, &block);
    block.zeroize();
    state
}

/// Pads the last `used` bytes of a message of `message_bytes` bytes and takes them in.
/// What stands in `block` behind `used` is overwritten.
fn finish(state: &mut [u32; 8], block: &mut [u8; BLOCK], used: usize, message_bytes: u64) {
    const LENGTH: usize = BLOCK - 8;
    for (index, byte) in block.iter_mut().enumerate().skip(used) {
        *byte = if index == used { 0x80 } else { 0 };
    }
    if used >= LENGTH {
        compress(state, block);
        block.fill(0);
    }
    for (byte, length) in block.iter_mut().skip(LENGTH).zip((message_bytes * 8).to_be_bytes()) {
        *byte = length;
    }
    compress(state, block);
}

fn compress(state: &mut [u32; 8], block: &[u8; BLOCK]) {
    compress256(state, std::slice::from_ref(GenericArray::from_slice(block)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use sha2::{Digest, Sha256};

    /// HMAC written from its definition, over the plain digest.
    fn slow(key: &[u8; 32], message: &[u8]) -> u128 {
        let mut inner = [0x36u8; 64];
        let mut outer = [0x5cu8; 64];
        for (index, byte) in key.iter().enumerate() {
            inner[index] ^= byte;
            outer[index] ^= byte;
        }
        let digest = Sha256::new().chain_update(inner).chain_update(message).finalize();
        let digest = Sha256::new().chain_update(outer).chain_update(digest).finalize();
        u128::from_be_bytes(digest[..16].try_into().unwrap())
    }

    #[test]
    fn equals_hmac_sha256_for_every_length_around_a_block() {
        let key: [u8; 32] = std::array::from_fn(|index| (index * 7 + 3) as u8);
        let hasher = KeyedHasher::new(&key);
        for length in 0..300 {
            let value: String = (0..length).map(|index| char::from(b'a' + (index % 26) as u8)).collect();
            let message = [b"PHONE\0".as_slice(), value.as_bytes()].concat();
            assert_eq!(hasher.hash(Kind::Phone, &value), slow(&key, &message), "length {length}");
        }
    }

    #[test]
    fn kind_key_and_value_all_matter() {
        let hasher = KeyedHasher::new(&[1; 32]);
        let base = hasher.hash(Kind::Phone, "13800000000");
        assert_eq!(base, hasher.hash(Kind::Phone, "13800000000"));
        assert_ne!(base, hasher.hash(Kind::Qq, "13800000000"));
        assert_ne!(base, hasher.hash(Kind::Phone, "13800000001"));
        assert_ne!(base, KeyedHasher::new(&[2; 32]).hash(Kind::Phone, "13800000000"));
    }

    #[test]
    fn rfc_4231_construction_is_checked_by_a_known_answer() {
        // Computed with another implementation: HMAC-SHA-256, key of 32 bytes 0x0b, message "QQ", 0x00, "10001".
        let hasher = KeyedHasher::new(&[0x0b; 32]);
        assert_eq!(format!("{:032x}", hasher.hash(Kind::Qq, "10001")), KNOWN);
    }

    const KNOWN: &str = "d33bbb225070c7e38c202c51152ec7a2";
}
