//! The primitives under the operators, in an international and a Chinese suite.
//!
//! | | [`Suite::Aes`] | [`Suite::Sm`] |
//! |---|---|---|
//! | block cipher | AES-256 (FIPS 197) | SM4 (GB/T 32907) |
//! | hash, MAC, key derivation | SHA-256, HMAC (RFC 2104), HKDF (RFC 5869) | the same over SM3 (GB/T 32905) |
//! | authenticated encryption | AES-256-GCM (SP 800-38D) | SM4-GCM (RFC 8998) |
//! | format-preserving encryption | FF1 (SP 800-38G) | FF1 over SM4 |

mod ff1;
#[cfg(test)]
mod tests;

pub use ff1::{DOMAIN_MIN, Ff1, Ff1Error};

use aes::cipher::{Array, BlockCipherEncrypt, KeyInit, consts::U12};
use aes_gcm::AesGcm;
use aes_gcm::aead::{Aead as _, Payload};
use hmac::{Hmac, Mac as _};
use sha2_011::Sha256;
use sm3::Sm3;
use zeroize::Zeroizing;

/// A 32-byte secret that is wiped when dropped.
pub type Key = Zeroizing<[u8; 32]>;

/// A family of primitives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Suite {
    /// AES-256 and SHA-256.
    #[default]
    Aes,
    /// SM4 and SM3.
    Sm,
}

impl Suite {
    /// Every suite.
    pub const ALL: &'static [Suite] = &[Suite::Aes, Suite::Sm];

    /// The word in policies, key files and receipts.
    pub const fn as_str(self) -> &'static str {
        match self {
            Suite::Aes => "aes",
            Suite::Sm => "sm",
        }
    }

    /// The suite of that word.
    pub fn from_word(word: &str) -> Option<Suite> {
        Suite::ALL.iter().copied().find(|suite| suite.as_str() == word)
    }
}

/// A block cipher under one key.
pub(crate) enum BlockCipher {
    Aes(Box<aes::Aes256>),
    Sm(Box<sm4::Sm4>),
    /// The published samples of FF1 use all three key lengths of AES.
    #[cfg(test)]
    Aes128(Box<aes::Aes128>),
    #[cfg(test)]
    Aes192(Box<aes::Aes192>),
}

impl BlockCipher {
    /// SM4 has keys of 128 bits: it takes the first half of the 32 bytes, which are derived for it alone.
    pub(crate) fn new(suite: Suite, key: &[u8; 32]) -> BlockCipher {
        match suite {
            Suite::Aes => BlockCipher::Aes(Box::new(aes::Aes256::new(&Array(*key)))),
            Suite::Sm => BlockCipher::Sm(Box::new(sm4::Sm4::new(&Array(half(key))))),
        }
    }

    pub(crate) fn encrypt(&self, block: &mut [u8; 16]) {
        match self {
            BlockCipher::Aes(cipher) => cipher.encrypt_block(block.into()),
            BlockCipher::Sm(cipher) => cipher.encrypt_block(block.into()),
            #[cfg(test)]
            BlockCipher::Aes128(cipher) => cipher.encrypt_block(block.into()),
            #[cfg(test)]
            BlockCipher::Aes192(cipher) => cipher.encrypt_block(block.into()),
        }
    }
}

fn half(key: &[u8; 32]) -> [u8; 16] {
    let mut half = [0; 16];
    half.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    half
}

/// A message authentication code under one key: HMAC-SHA-256 or HMAC-SM3.
#[derive(Clone)]
pub struct Mac(MacState);

#[derive(Clone)]
enum MacState {
    Aes(Hmac<Sha256>),
    Sm(Hmac<Sm3>),
}

impl Mac {
    /// A code under `key`, of any length.
    pub fn new(suite: Suite, key: &[u8]) -> Mac {
        Mac(match suite {
            Suite::Aes => MacState::Aes(hmac_of(key)),
            Suite::Sm => MacState::Sm(hmac_of(key)),
        })
    }

    /// The 32 bytes over `parts`, each led by its length so that no two lists of parts run together.
    pub fn tag(&self, parts: &[&[u8]]) -> [u8; 32] {
        match &self.0 {
            MacState::Aes(mac) => {
                let mut mac = mac.clone();
                feed(parts, |bytes| mac.update(bytes));
                mac.finalize().into_bytes().0
            }
            MacState::Sm(mac) => {
                let mut mac = mac.clone();
                feed(parts, |bytes| mac.update(bytes));
                mac.finalize().into_bytes().0
            }
        }
    }

    /// The plain code of one message, as the standards define it.
    pub fn plain(&self, message: &[u8]) -> [u8; 32] {
        match &self.0 {
            MacState::Aes(mac) => mac.clone().chain_update(message).finalize().into_bytes().0,
            MacState::Sm(mac) => mac.clone().chain_update(message).finalize().into_bytes().0,
        }
    }
}

fn feed(parts: &[&[u8]], mut update: impl FnMut(&[u8])) {
    for part in parts {
        update(&(part.len() as u64).to_be_bytes());
        update(part);
    }
}

/// An HMAC takes a key of any length.
fn hmac_of<M: hmac::KeyInit>(key: &[u8]) -> M {
    #[expect(clippy::expect_used, reason = "RFC 2104: HMAC is defined for keys of any length")]
    <M as hmac::KeyInit>::new_from_slice(key).expect("any length")
}

/// A subkey: HKDF over `secret` with `info` parts, each led by its length.
///
/// * `info` names the one use of the subkey: two different lists give two independent keys.
pub fn derive(suite: Suite, secret: &[u8], info: &[&[u8]]) -> Key {
    let mut context = Vec::with_capacity(64);
    feed(info, |bytes| context.extend_from_slice(bytes));
    let mut key = Key::default();
    let salt = Some(&b"zhunsheng protect 1"[..]);
    // 32 bytes are far below the 255 blocks that RFC 5869 allows.
    let _ = match suite {
        Suite::Aes => hkdf::Hkdf::<Sha256>::new(salt, secret).expand(&context, key.as_mut()),
        Suite::Sm => hkdf::Hkdf::<Sm3>::new(salt, secret).expand(&context, key.as_mut()),
    };
    key
}

/// Authenticated encryption under one key: AES-256-GCM or SM4-GCM.
pub struct Aead(AeadState);

enum AeadState {
    Aes(Box<AesGcm<aes::Aes256, U12>>),
    Sm(Box<AesGcm<sm4::Sm4, U12>>),
}

impl Aead {
    /// Bytes of the nonce.
    pub const NONCE_BYTES: usize = 12;
    /// Bytes of the tag at the end of what [`Aead::seal`] returns.
    pub const TAG_BYTES: usize = 16;

    /// A cipher under `key`; SM4 uses its first half.
    pub fn new(suite: Suite, key: &[u8; 32]) -> Aead {
        Aead(match suite {
            Suite::Aes => AeadState::Aes(Box::new(AesGcm::new(&Array(*key)))),
            Suite::Sm => AeadState::Sm(Box::new(AesGcm::new(&Array(half(key))))),
        })
    }

    /// Encrypts `plain`, and authenticates `about` with it. A nonce must never meet two different messages.
    ///
    /// Nothing when the message is longer than GCM allows (64 GiB).
    pub fn seal(&self, nonce: &[u8; 12], about: &[u8], plain: &[u8]) -> Option<Vec<u8>> {
        let payload = Payload { msg: plain, aad: about };
        match &self.0 {
            AeadState::Aes(cipher) => cipher.encrypt(&Array(*nonce), payload).ok(),
            AeadState::Sm(cipher) => cipher.encrypt(&Array(*nonce), payload).ok(),
        }
    }

    /// Decrypts what [`Aead::seal`] made; nothing when key, nonce, `about` or a single bit differs.
    pub fn open(&self, nonce: &[u8; 12], about: &[u8], sealed: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload { msg: sealed, aad: about };
        let plain = match &self.0 {
            AeadState::Aes(cipher) => cipher.decrypt(&Array(*nonce), payload).ok(),
            AeadState::Sm(cipher) => cipher.decrypt(&Array(*nonce), payload).ok(),
        };
        plain.map(Zeroizing::new)
    }
}
