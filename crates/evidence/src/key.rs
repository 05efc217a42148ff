//! Signing keys of logs and witnesses: Ed25519 or SM2.

use crate::error::{EvidenceError, Result};
use sm2::dsa::signature::Signer as _;
use zeroize::{Zeroize, Zeroizing};
use zhunsheng_verify::text::{base64, hex, unbase64, unhex};
use zhunsheng_verify::{KeyKind, NoteSignature, SM2_IDENTITY, VerifierKey, cosignature_message};

/// Fills a buffer with random bytes; handed in, so that tests can repeat themselves.
pub type Random = fn(&mut [u8]) -> Result<()>;

/// Random bytes of the operating system.
///
/// # Errors
/// [`EvidenceError::Random`] when it gives none.
pub fn os_random(buffer: &mut [u8]) -> Result<()> {
    getrandom::fill(buffer).map_err(|_| EvidenceError::Random)
}

/// A secret key with its name. It is neither shown nor compared; its bytes are wiped when it goes.
pub struct Signer {
    kind: KeyKind,
    secret: Secret,
    verifier: VerifierKey,
}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Sm2(Box<sm2::dsa::SigningKey>),
}

impl Signer {
    /// A fresh key. [`KeyKind::Cosignature`] is for witnesses, the others sign notes.
    ///
    /// # Errors
    /// When there are no random numbers, or `name` is empty or holds spaces or `+`.
    pub fn generate(name: &str, kind: KeyKind, random: Random) -> Result<Signer> {
        let mut seed = Zeroizing::new([0; 32]);
        // For SM2 about one seed in 2^32 is no key; for Ed25519 every seed is one.
        for _ in 0..8 {
            random(&mut *seed)?;
            if let Some(signer) = Signer::from_seed(name, kind, &seed) {
                return Ok(signer);
            }
        }
        Err(EvidenceError::Key)
    }

    /// The key of a 32-byte seed.
    pub fn from_seed(name: &str, kind: KeyKind, seed: &[u8; 32]) -> Option<Signer> {
        let (secret, public) = match kind {
            KeyKind::Ed25519 | KeyKind::Cosignature => {
                let key = ed25519_dalek::SigningKey::from_bytes(seed);
                let public = key.verifying_key().to_bytes().to_vec();
                (Secret::Ed25519(Box::new(key)), public)
            }
            KeyKind::Sm2 => {
                use sm2::elliptic_curve::sec1::ToSec1Point;
                let secret = sm2::SecretKey::from_slice(seed).ok()?;
                let public = secret.public_key().as_affine().to_sec1_point(false).as_bytes().to_vec();
                (Secret::Sm2(Box::new(sm2::dsa::SigningKey::new(SM2_IDENTITY, &secret).ok()?)), public)
            }
        };
        Some(Signer { kind, secret, verifier: VerifierKey::new(name, kind, &public)? })
    }

    /// Reads what [`Signer::secret_text`] wrote.
    ///
    /// # Errors
    /// [`EvidenceError::Key`] when it is none, or its id is not that of the key.
    pub fn parse(text: &str) -> Result<Signer> {
        let parsed = || {
            let rest = text.trim().strip_prefix("PRIVATE+KEY+")?;
            let (name, rest) = rest.split_once('+')?;
            let (id, coded) = rest.split_once('+')?;
            let bytes = Zeroizing::new(unbase64(coded)?);
            [KeyKind::Ed25519, KeyKind::Cosignature, KeyKind::Sm2].into_iter().find_map(|kind| {
                let seed = bytes.strip_prefix(kind.type_bytes())?.try_into().ok()?;
                Signer::from_seed(name, kind, seed)
                    .filter(|signer| unhex(id) == Some(signer.verifier.id().into()))
            })
        };
        parsed().ok_or(EvidenceError::Key)
    }

    /// The key as one line; to be kept in a file that only its owner can read.
    pub fn secret_text(&self) -> Zeroizing<String> {
        let mut seed: [u8; 32] = match &self.secret {
            Secret::Ed25519(key) => key.to_bytes(),
            Secret::Sm2(key) => key.to_bytes().into(),
        };
        let bytes = Zeroizing::new([self.kind.type_bytes(), &seed].concat());
        seed.zeroize();
        let coded = Zeroizing::new(base64(&bytes));
        let (name, id) = (self.verifier.name(), hex(&self.verifier.id()));
        Zeroizing::new(format!("PRIVATE+KEY+{name}+{id}+{}", *coded))
    }

    /// What it signs with.
    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The public key.
    pub fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    /// Signs the text of a note; `time` (seconds since 1970) is used by co-signatures only.
    ///
    /// # Errors
    /// [`EvidenceError::Key`] when SM2 finds no signature, which happens once in 2^255 times.
    pub fn sign(&self, text: &str, time: u64) -> Result<NoteSignature> {
        let message = match self.kind {
            KeyKind::Cosignature => cosignature_message(time, text),
            KeyKind::Ed25519 | KeyKind::Sm2 => text.to_owned(),
        };
        let mut signature = match self.kind {
            KeyKind::Cosignature => time.to_be_bytes().to_vec(),
            KeyKind::Ed25519 | KeyKind::Sm2 => Vec::new(),
        };
        match &self.secret {
            Secret::Ed25519(key) => signature.extend(key.sign(message.as_bytes()).to_bytes()),
            Secret::Sm2(key) => {
                let made: sm2::dsa::Signature =
                    key.try_sign(message.as_bytes()).map_err(|_| EvidenceError::Key)?;
                signature.extend(made.to_bytes());
            }
        }
        Ok(NoteSignature { name: self.verifier.name().to_owned(), id: self.verifier.id(), signature })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhunsheng_verify::{Note, Signed};

    #[test]
    fn what_is_signed_is_verified_and_nothing_else() {
        for kind in [KeyKind::Ed25519, KeyKind::Cosignature, KeyKind::Sm2] {
            let signer = Signer::generate("log.example/a", kind, os_random).unwrap();
            let again = Signer::parse(&signer.secret_text()).unwrap();
            assert_eq!(again.verifier().text(), signer.verifier().text());
            let text = "log.example/a\n7\nhello\n".to_owned();
            let signature = again.sign(&text, 1_700_000_000).unwrap();
            let note = Note { text, signatures: vec![signature] };
            let note = Note::parse(&note.bytes()).unwrap();
            let time = (kind == KeyKind::Cosignature).then_some(1_700_000_000);
            assert_eq!(note.signed_by(signer.verifier()), Signed::Right(time));
            let key = VerifierKey::parse(&signer.verifier().text()).unwrap();
            assert_eq!(note.signed_by(&key), Signed::Right(time));

            let other = Signer::generate("log.example/a", kind, os_random).unwrap();
            assert_eq!(note.signed_by(other.verifier()), Signed::Absent);
            let mut changed = note.clone();
            changed.text = changed.text.replace('7', "8");
            assert_eq!(changed.signed_by(&key), Signed::Wrong);
            let mut changed = note.clone();
            changed.signatures[0].signature[20] ^= 1;
            assert_eq!(changed.signed_by(&key), Signed::Wrong);
        }
    }

    #[test]
    fn the_published_example_of_a_note_verifies() {
        // The key and note that golang.org/x/mod/sumdb/note gives in its documentation.
        let key =
            VerifierKey::parse("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW").unwrap();
        let note = "If you think cryptography is the answer to your problem,\n\
                    then you don't know what your problem is.\n\n\
                    — PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let note = Note::parse(note.as_bytes()).unwrap();
        assert_eq!(note.signed_by(&key), Signed::Right(None));
    }

    #[test]
    fn keys_that_are_none_are_refused() {
        let signer = Signer::generate("a", KeyKind::Ed25519, os_random).unwrap();
        let text = signer.secret_text();
        assert!(Signer::parse(&text.replace("+a+", "+b+")).is_err());
        assert!(Signer::parse("").is_err());
        assert!(Signer::generate("a b", KeyKind::Ed25519, os_random).is_err());
        assert!(Signer::generate("a+b", KeyKind::Sm2, os_random).is_err());
        assert!(Signer::from_seed("a", KeyKind::Sm2, &[0xff; 32]).is_none());
    }
}
