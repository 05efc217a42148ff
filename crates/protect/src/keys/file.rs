//! The encrypted key file: text of a few lines, opened by a passphrase.
//!
//! Argon2id (RFC 9106) turns the passphrase into a key, under which the secrets are sealed with AES-256-GCM
//! or SM4-GCM. Everything readable in the file is authenticated with the secrets, so nobody without the
//! passphrase can pass off a key under another version or weaken the cost unnoticed. A checksum over the
//! file tells a damaged file from a wrong passphrase.

use super::{KeyVersion, Keyring};
use crate::cipher::{Aead, Key, Suite};
use crate::error::KeyError;
use argon2::{Algorithm, Argon2, Params, Version};
use sha2_011::{Digest, Sha256};
use std::fmt::Write as _;
use zeroize::Zeroizing;
use zhunsheng_model::Date;

const FORMAT: &str = "zhunsheng-keys-1";
const SEALED: &str = "\nsealed = ";
const CHECK: &str = "\ncheck = ";

/// The least number of characters of a passphrase.
pub const PASSPHRASE_CHARS_MIN: usize = 8;

/// What opening a key file costs; the dearer, the dearer is guessing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory in KiB, 8 × `lanes` to 1 GiB.
    pub memory_kib: u32,
    /// Passes over the memory, 1–32.
    pub passes: u32,
    /// Lanes, 1–16.
    pub lanes: u32,
}

impl Default for Cost {
    /// The second recommendation of RFC 9106, section 4: 64 MiB, three passes, four lanes.
    fn default() -> Cost {
        Cost { memory_kib: 64 << 10, passes: 3, lanes: 4 }
    }
}

impl Cost {
    /// A file from elsewhere must not make the program take all memory or run for hours.
    fn check(self) -> Result<Cost, KeyError> {
        match self {
            Cost { memory_kib, .. } if memory_kib > 1 << 20 => Err(KeyError::TooCostly("memory")),
            Cost { passes, .. } if passes > 32 => Err(KeyError::TooCostly("passes")),
            Cost { lanes, .. } if lanes > 16 => Err(KeyError::TooCostly("lanes")),
            cost => Ok(cost),
        }
    }
}

/// Fresh random bytes for one sealing.
pub struct SealRandom {
    /// For Argon2id.
    pub salt: [u8; 16],
    /// For the cipher.
    pub nonce: [u8; 12],
}

/// What can be read from a key file without its passphrase.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedKey {
    /// The version.
    pub version: u32,
    /// The public name of the key.
    pub id: String,
    /// The day it was made, where that was recorded.
    pub made: Option<Date>,
}

/// A key file that was read, not yet opened.
pub struct KeyFile {
    suite: Suite,
    cost: Cost,
    random: SealRandom,
    keys: Vec<ListedKey>,
    sealed: Vec<u8>,
    /// The readable part, authenticated with the secrets.
    head: String,
}

impl KeyFile {
    /// The text of a key file that holds `keyring`, sealed under `passphrase`.
    ///
    /// # Errors
    /// [`KeyError::PassphraseTooShort`], [`KeyError::TooCostly`].
    pub fn seal(
        keyring: &Keyring,
        passphrase: &str,
        cost: Cost,
        random: &SealRandom,
    ) -> Result<String, KeyError> {
        if passphrase.chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(KeyError::PassphraseTooShort { min: PASSPHRASE_CHARS_MIN });
        }
        let cost = cost.check()?;
        let mut text = String::from(
            "# Keys of Zhunsheng, sealed by a passphrase. Keep file and passphrase apart from the data.\n",
        );
        let Cost { memory_kib, passes, lanes } = cost;
        let (salt, nonce) = (hex(&random.salt), hex(&random.nonce));
        // Writing into a string cannot fail.
        let _ = write!(
            text,
            "format = \"{FORMAT}\"\nsuite = \"{}\"\nkdf = \"argon2id\"\nmemory_kib = {memory_kib}\n\
             passes = {passes}\nlanes = {lanes}\nsalt = \"{}\"\nnonce = \"{}\"\nkeys = [\n",
            keyring.suite().as_str(),
            *salt,
            *nonce
        );
        // Exactly as large as needed: a buffer that grows leaves copies of its content behind.
        let mut secrets = Zeroizing::new(Vec::with_capacity(keyring.versions().count() * 36));
        for key in keyring.versions() {
            let made = key.made().map(|date| format!(" {date}")).unwrap_or_default();
            let _ = writeln!(text, "  \"{} {}{made}\",", key.version(), key.id());
            secrets.extend_from_slice(&key.version().to_be_bytes());
            secrets.extend_from_slice(key.secret.as_ref());
        }
        text.push(']');
        let wrap = stretch(passphrase, cost, &random.salt)?;
        let sealed = Aead::new(keyring.suite(), &wrap)
            .seal(&random.nonce, text.as_bytes(), &secrets)
            .ok_or(KeyError::Refused)?;
        let _ = write!(text, "{SEALED}\"{}\"", *hex(&sealed));
        let check = hex(&Sha256::digest(&text));
        let _ = writeln!(text, "{CHECK}\"{}\"", *check);
        Ok(text)
    }

    /// Reads the text of a key file.
    ///
    /// # Errors
    /// [`KeyError::NotAKeyFile`], [`KeyError::Damaged`], [`KeyError::TooCostly`].
    pub fn parse(text: &str) -> Result<KeyFile, KeyError> {
        const NOT: fn(&'static str) -> KeyError = KeyError::NotAKeyFile;
        // A copy that passed through an editor may have other line ends.
        let text = text.replace("\r\n", "\n");
        let table: toml::Table = text.parse().map_err(|_| NOT("it is not TOML"))?;
        let word = |name| table.get(name).and_then(toml::Value::as_str);
        if word("format") != Some(FORMAT) {
            return Err(NOT("it does not say `format = \"zhunsheng-keys-1\"`"));
        }
        let (covered, check) = text.rsplit_once(CHECK).ok_or(NOT("it has no `check`"))?;
        if check.trim() != format!("\"{}\"", *hex(&Sha256::digest(covered))) {
            return Err(KeyError::Damaged);
        }
        let (head, _) = covered.rsplit_once(SEALED).ok_or(NOT("it has no `sealed`"))?;
        let number = |name| {
            table.get(name).and_then(toml::Value::as_integer).and_then(|number| u32::try_from(number).ok())
        };
        let cost = || {
            Some(Cost {
                memory_kib: number("memory_kib")?,
                passes: number("passes")?,
                lanes: number("lanes")?,
            })
        };
        let bytes = |name| word(name).ok_or(NOT("a field is missing"));
        let list = table.get("keys").and_then(toml::Value::as_array).ok_or(NOT("it has no `keys`"))?;
        Ok(KeyFile {
            suite: word("suite").and_then(Suite::from_word).ok_or(NOT("it names no known suite"))?,
            cost: cost().ok_or(NOT("it does not state its cost"))?.check()?,
            random: SealRandom {
                salt: *unhex(bytes("salt")?).ok_or(NOT("its salt is not hexadecimal"))?,
                nonce: *unhex(bytes("nonce")?).ok_or(NOT("its nonce is not hexadecimal"))?,
            },
            keys: list
                .iter()
                .map(|line| line.as_str().and_then(listed))
                .collect::<Option<_>>()
                .ok_or(NOT("a line of `keys` cannot be read"))?,
            sealed: unhex_all(bytes("sealed")?).ok_or(NOT("`sealed` is not hexadecimal"))?,
            head: head.to_owned(),
        })
    }

    /// The versions that the file says it holds; not authenticated before [`KeyFile::open`].
    pub fn keys(&self) -> &[ListedKey] {
        &self.keys
    }

    /// The suite it is sealed with and made for.
    pub fn suite(&self) -> Suite {
        self.suite
    }

    /// What opening it costs.
    pub fn cost(&self) -> Cost {
        self.cost
    }

    /// Opens the file.
    ///
    /// # Errors
    /// [`KeyError::WrongPassphrase`]: the file itself is whole, [`KeyFile::parse`] has made sure of that.
    pub fn open(&self, passphrase: &str) -> Result<Keyring, KeyError> {
        let wrap = stretch(passphrase, self.cost, &self.random.salt)?;
        let secrets = Aead::new(self.suite, &wrap)
            .open(&self.random.nonce, self.head.as_bytes(), &self.sealed)
            .ok_or(KeyError::WrongPassphrase)?;
        let mut ring: Option<Keyring> = None;
        for entry in secrets.chunks(36) {
            let (version, secret) = entry.split_at_checked(4).ok_or(KeyError::Damaged)?;
            let version = u32::from_be_bytes(version.try_into().map_err(|_| KeyError::Damaged)?);
            let secret: Key = Zeroizing::new(secret.try_into().map_err(|_| KeyError::Damaged)?);
            let made = self.keys.iter().find(|key| key.version == version).and_then(|key| key.made);
            let key = KeyVersion { version, made, secret };
            match &mut ring {
                None => ring = Some(Keyring { suite: self.suite, newest: key, older: Vec::new() }),
                Some(ring) => ring.add(key)?,
            }
        }
        ring.ok_or(KeyError::NotAKeyFile("it holds no key"))
    }
}

/// `VERSION ID [YYYY-MM-DD]`.
fn listed(line: &str) -> Option<ListedKey> {
    let mut words = line.split(' ');
    let version = words.next()?.parse().ok()?;
    let id = words.next()?.to_owned();
    let made = match words.next() {
        Some(day) => Some(Date::parse(day)?),
        None => None,
    };
    Some(ListedKey { version, id, made })
}

/// The key that a passphrase stands for.
fn stretch(passphrase: &str, cost: Cost, salt: &[u8]) -> Result<Key, KeyError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32))
        .map_err(|_| KeyError::NotAKeyFile("its cost is out of range"))?;
    let mut key = Key::default();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, key.as_mut())
        .map_err(|_| KeyError::Refused)?;
    Ok(key)
}

/// Lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(bytes.len() * 2));
    for byte in bytes {
        text.push(super::hex_digit(byte >> 4));
        text.push(super::hex_digit(byte & 15));
    }
    text
}

pub(crate) fn unhex<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let bytes = Zeroizing::new(unhex_all(text)?);
    Some(Zeroizing::new(bytes.as_slice().try_into().ok()?))
}

pub(crate) fn unhex_all(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| {
            let [high, low] = pair else { return None };
            let digit = |byte: u8| char::from(byte).to_digit(16);
            u8::try_from(digit(*high)? * 16 + digit(*low)?).ok()
        })
        .collect()
}
