//! `encrypt`: authenticated encryption of the value, AES-256-GCM or SM4-GCM, as text that fits a cell.
//!
//! The armour is `zs1`, `a` or `s` for the suite, the key version, `.`, four letters for the kind and the
//! rest in letters: nonce, ciphertext and tag. It holds no digit behind the version, so it is never taken
//! for a number, and it says itself what is needed to open it. Kind, suite and version are authenticated.
//!
//! The nonce is derived from kind and value under a key of its own, so that equal values have equal
//! replacements (tables can be joined on them) and no nonce ever meets two values: like SIV, this shows
//! which values are equal and nothing more. Whoever wants not even that hands in a random nonce
//! ([`Context::nonce`]).
//!
//! What is encrypted is the value as it stands, not its normal form: `restore` gives every byte back.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::cipher::{Aead, Mac, Suite};
use crate::error::OperatorError;
use crate::form;
use crate::keys::{Keyring, Usage};
use sha2_011::{Digest, Sha256};
use std::ops::Range;
use zeroize::Zeroizing;
use zhunsheng_model::Kind;

const NAME: &str = "encrypt";
const MARK: &str = "zs1";
/// Letters that stand for the kind.
const TAG_LETTERS: usize = 4;

pub(super) const ENTRY: Entry = Entry { name: NAME, keyed: true, parameters: &[], treats: |_| true, make };

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let keyring = setup.keyring.ok_or(OperatorError::KeyMissing { operator: NAME })?;
    let newest = keyring.newest().version();
    Ok(Box::new(Encrypt {
        kind: setup.kind,
        suite: setup.suite,
        version: newest,
        head: head(setup.suite, newest, setup.kind),
        cipher: cipher(keyring, setup.suite, newest, setup.kind)?,
        nonces: Mac::new(setup.suite, setup.key(NAME, "nonce")?.as_ref()),
        keyring: keyring.clone(),
    }))
}

struct Encrypt {
    kind: Kind,
    suite: Suite,
    version: u32,
    head: String,
    cipher: Aead,
    nonces: Mac,
    keyring: Keyring,
}

impl Operator for Encrypt {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        let nonce = context.nonce.unwrap_or_else(|| {
            let mut nonce = [0; Aead::NONCE_BYTES];
            let tag = self.nonces.tag(&[value.raw.as_bytes()]);
            nonce.iter_mut().zip(tag).for_each(|(to, from)| *to = from);
            nonce
        });
        let sealed = self.cipher.seal(&nonce, self.head.as_bytes(), value.raw.as_bytes());
        let sealed = sealed.ok_or(OperatorError::NotInDomain {
            operator: NAME,
            kind: self.kind,
            why: "it is longer than the cipher allows",
        })?;
        Ok([self.head.as_str(), &form::letters(&[&nonce[..], &sealed].concat())].concat())
    }

    fn reverse(&self, replaced: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        let found = Armour::parse(replaced).ok_or(OperatorError::WrongKey)?;
        if found.kind != self.kind {
            return Err(OperatorError::WrongKey);
        }
        if found.version == self.version && found.suite == self.suite {
            return found.open(&self.cipher);
        }
        opens(&self.keyring, &found)
    }

    fn properties(&self) -> Properties {
        Properties {
            reversible: true,
            consistent: true,
            distinct: true,
            keyed: true,
            ..Properties::default()
        }
    }
}

fn cipher(keyring: &Keyring, suite: Suite, version: u32, kind: Kind) -> Result<Aead, OperatorError> {
    let usage = Usage { operator: NAME, kind: kind.id(), purpose: "value" };
    let key =
        keyring.subkey(version, suite, &usage).map_err(|_| OperatorError::KeyVersionUnknown { version })?;
    Ok(Aead::new(suite, &key))
}

fn head(suite: Suite, version: u32, kind: Kind) -> String {
    let suite = match suite {
        Suite::Aes => 'a',
        Suite::Sm => 's',
    };
    format!("{MARK}{suite}{version}.{}", kind_letters(kind))
}

/// Four letters that stand for the kind whatever its place in the list: a test holds them apart.
fn kind_letters(kind: Kind) -> String {
    let mut letters = form::consonants(&Sha256::digest(kind.id()));
    letters.truncate(TAG_LETTERS);
    letters
}

/// A value that `encrypt` sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Armour {
    /// What it is.
    pub kind: Kind,
    /// What it is sealed with.
    pub suite: Suite,
    /// The version of the key.
    pub version: u32,
    sealed: Vec<u8>,
}

impl Armour {
    /// Reads the armour that `text` consists of.
    pub fn parse(text: &str) -> Option<Armour> {
        let rest = text.strip_prefix(MARK)?;
        let (head, body) = rest.split_once('.')?;
        let (suite, version) = head.split_at_checked(1)?;
        let suite = match suite {
            "a" => Suite::Aes,
            "s" => Suite::Sm,
            _ => return None,
        };
        let (tag, letters) = body.split_at_checked(TAG_LETTERS)?;
        let kind = Kind::ALL.iter().copied().find(|kind| kind_letters(*kind) == tag)?;
        let sealed = form::of_letters(letters)?;
        let version = version.parse().ok().filter(|_| !version.starts_with(['0', '+']))?;
        let armour = Armour { kind, suite, version, sealed };
        (armour.sealed.len() >= Aead::NONCE_BYTES + Aead::TAG_BYTES).then_some(armour)
    }

    fn open(&self, cipher: &Aead) -> Result<Zeroizing<String>, OperatorError> {
        let (nonce, sealed) = self.sealed.split_first_chunk().ok_or(OperatorError::WrongKey)?;
        let about = head(self.suite, self.version, self.kind);
        let plain = cipher.open(nonce, about.as_bytes(), sealed).ok_or(OperatorError::WrongKey)?;
        let text = std::str::from_utf8(&plain).map_err(|_| OperatorError::WrongKey)?;
        Ok(Zeroizing::new(text.to_owned()))
    }
}

/// Opens an armour with whatever version of `keyring` it names.
///
/// # Errors
/// [`OperatorError::KeyVersionUnknown`], [`OperatorError::WrongKey`].
pub fn opens(keyring: &Keyring, armour: &Armour) -> Result<Zeroizing<String>, OperatorError> {
    armour.open(&cipher(keyring, armour.suite, armour.version, armour.kind)?)
}

/// Where armours stand in `text`, as byte ranges, with what they are.
pub fn armour(text: &str) -> Vec<(Range<usize>, Armour)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find(MARK)).map(|at| from + at) {
        let rest = text.get(at..).unwrap_or_default();
        // Mark, suite and version have at most 14 characters.
        let head = rest.bytes().take(16).position(|byte| byte == b'.').map_or(0, |dot| dot + 1);
        let body = rest.bytes().skip(head).take_while(|byte| form::is_letter(*byte)).count();
        match rest.get(..head + body).and_then(Armour::parse) {
            Some(armour) => {
                found.push((at..at + head + body, armour));
                from = at + head + body;
            }
            None => from = at + MARK.len(),
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_kind_has_letters_of_its_own_that_never_change() {
        let all: BTreeSet<String> = Kind::ALL.iter().map(|kind| kind_letters(*kind)).collect();
        assert_eq!(all.len(), Kind::ALL.len());
        // Written once and pinned: files sealed long ago must still open.
        for (kind, letters) in PINNED {
            assert_eq!(kind_letters(*kind), *letters);
        }
    }

    const PINNED: &[(Kind, &str)] =
        &[(Kind::Person, "sgkt"), (Kind::CnId, "qldr"), (Kind::Phone, "dggj"), (Kind::Location, "sqgs")];
}
