//! Keys: versions of one secret, and the subkeys that operators draw from them.
//!
//! A [`Keyring`] holds one or more versions. New values are protected under the newest one; older ones are
//! kept to restore what was protected under them. No version is used as a key itself: [`Keyring::subkey`]
//! derives a key of its own for each operator, kind and purpose, so no key serves two uses.
//!
//! Reading and writing files is not done here; [`KeyFile`] turns keys into text and back, and whoever calls
//! it hands in the random bytes.

mod file;

pub(crate) use file::hex;
#[cfg(test)]
pub(crate) use file::unhex_all;
pub use file::{Cost, KeyFile, ListedKey, PASSPHRASE_CHARS_MIN, SealRandom};

use crate::cipher::{Key, Suite, derive};
use crate::error::KeyError;
use std::fmt;
use zeroize::Zeroizing;
use zhunsheng_model::Date;

/// One version of the secret.
#[derive(Clone)]
pub struct KeyVersion {
    /// From 1, each rotation one more.
    version: u32,
    /// The day it was made, where that was recorded.
    made: Option<Date>,
    secret: Key,
}

impl KeyVersion {
    /// The version, from 1.
    pub fn version(&self) -> u32 {
        self.version
    }

    /// The day it was made, where that was recorded.
    pub fn made(&self) -> Option<Date> {
        self.made
    }

    /// A public name of the key, eight hexadecimal digits derived from it; it tells nothing about the key.
    pub fn id(&self) -> String {
        let name = derive(Suite::Aes, self.secret.as_ref(), &[b"key id"]);
        name.iter().take(4).fold(String::with_capacity(8), |mut id, byte| {
            id.push(hex_digit(byte >> 4));
            id.push(hex_digit(byte & 15));
            id
        })
    }
}

fn hex_digit(nibble: u8) -> char {
    char::from_digit(u32::from(nibble), 16).unwrap_or('0')
}

/// The versions of a key, oldest first; never empty. Neither shown nor compared; wiped when dropped.
#[derive(Clone)]
pub struct Keyring {
    suite: Suite,
    newest: KeyVersion,
    older: Vec<KeyVersion>,
}

impl Keyring {
    /// A keyring of one version, 1, with a fresh secret from the caller's random source.
    pub fn new(suite: Suite, secret: [u8; 32], made: Option<Date>) -> Keyring {
        let newest = KeyVersion { version: 1, made, secret: Zeroizing::new(secret) };
        Keyring { suite, newest, older: Vec::new() }
    }

    /// Reads a bare key, `[VERSION:]` and 64 hexadecimal digits, as it stands in an environment variable.
    ///
    /// # Errors
    /// [`KeyError::NotAKey`].
    pub fn parse_bare(suite: Suite, text: &str) -> Result<Keyring, KeyError> {
        let text = text.trim();
        let (version, digits) = match text.split_once(':') {
            Some((version, digits)) => {
                (version.parse().ok().filter(|version| *version > 0).ok_or(KeyError::NotAKey)?, digits)
            }
            None => (1, text),
        };
        let secret = file::unhex::<32>(digits).ok_or(KeyError::NotAKey)?;
        Ok(Keyring { suite, newest: KeyVersion { version, made: None, secret }, older: Vec::new() })
    }

    /// The bare form of one version, as [`Keyring::parse_bare`] reads it: the secret itself, unprotected.
    ///
    /// # Errors
    /// [`KeyError::VersionUnknown`].
    pub fn bare(&self, version: Option<u32>) -> Result<Zeroizing<String>, KeyError> {
        let version = version.unwrap_or(self.newest.version);
        let key = self.version(version).ok_or(KeyError::VersionUnknown { version })?;
        Ok(Zeroizing::new(format!("{version}:{}", *file::hex(key.secret.as_ref()))))
    }

    /// Adds a version with a fresh secret; it becomes the newest.
    pub fn rotate(&mut self, secret: [u8; 32], made: Option<Date>) {
        let version = self.newest.version.saturating_add(1);
        let newest = KeyVersion { version, made, secret: Zeroizing::new(secret) };
        self.older.push(std::mem::replace(&mut self.newest, newest));
    }

    /// The suite the keys were made for.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// The version under which new values are protected.
    pub fn newest(&self) -> &KeyVersion {
        &self.newest
    }

    /// Every version, oldest first.
    pub fn versions(&self) -> impl Iterator<Item = &KeyVersion> {
        self.older.iter().chain(Some(&self.newest))
    }

    /// One version.
    pub fn version(&self, version: u32) -> Option<&KeyVersion> {
        self.versions().find(|key| key.version == version)
    }

    /// The key for one use: operator, kind (or any other field) and purpose, in one version.
    ///
    /// * Deterministic; two different uses, suites or versions give two independent keys (HKDF, RFC 5869).
    ///
    /// # Errors
    /// [`KeyError::VersionUnknown`].
    pub fn subkey(&self, version: u32, suite: Suite, usage: &Usage<'_>) -> Result<Key, KeyError> {
        let key = self.version(version).ok_or(KeyError::VersionUnknown { version })?;
        let Usage { operator, kind, purpose } = usage;
        let info = [&b"use"[..], suite.as_str().as_bytes(), operator.as_bytes(), kind.as_bytes()];
        let [a, b, c, d] = info;
        Ok(derive(suite, key.secret.as_ref(), &[a, b, c, d, purpose.as_bytes()]))
    }

    fn add(&mut self, key: KeyVersion) -> Result<(), KeyError> {
        let version = key.version;
        if self.version(version).is_some() {
            return Err(KeyError::VersionRepeated { version });
        }
        if version > self.newest.version {
            self.older.push(std::mem::replace(&mut self.newest, key));
        } else {
            self.older.push(key);
        }
        self.older.sort_by_key(KeyVersion::version);
        Ok(())
    }
}

impl fmt::Debug for Keyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Keyring({} versions)", self.older.len() + 1)
    }
}

/// What a subkey is for.
#[derive(Clone, Copy, Debug)]
pub struct Usage<'a> {
    /// The operator.
    pub operator: &'a str,
    /// The id of the kind, or another field that keeps the uses of one operator apart.
    pub kind: &'a str,
    /// What the operator does with it, where it needs more than one key.
    pub purpose: &'a str,
}
