//! Signed notes, verifier keys and checkpoints (c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature).

use crate::hash::{Algorithm, Hash};
use crate::text::{base64, decimal, hex, unbase64, unbase64_32, unhex};
use ed25519_dalek::VerifyingKey;
use sm2::dsa::signature::Verifier;

/// Longest note that is read.
const NOTE_BYTES_MAX: usize = 1 << 20;
/// Most signature lines that are read.
const SIGNATURES_MAX: usize = 64;
/// What follows the byte 0xff in the type of an SM2 key; the specification leaves 0xff to such names.
pub const SM2_TYPE: &[u8] = b"\xffzhunsheng.dev/sm2-sm3/v1";
/// The signer's identity that GB/T 35276-2017 prescribes where none was agreed.
pub const SM2_IDENTITY: &str = "1234567812345678";

/// What a key signs with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyKind {
    /// Ed25519 over the text of the note (type 0x01); public key of 32 bytes.
    Ed25519,
    /// Ed25519 co-signature of a witness with the time in seconds since 1970 (type 0x04).
    Cosignature,
    /// SM2 with SM3 (GB/T 32918.2) over the text of the note, type `0xff` and `zhunsheng.dev/sm2-sm3/v1`;
    /// public key uncompressed in 65 bytes, signature r ‖ s in 64, identity `1234567812345678`.
    Sm2,
}

impl KeyKind {
    /// The bytes before the public key in a key text and in the key id.
    pub fn type_bytes(self) -> &'static [u8] {
        match self {
            KeyKind::Ed25519 => &[1],
            KeyKind::Cosignature => &[4],
            KeyKind::Sm2 => SM2_TYPE,
        }
    }
}

#[derive(Clone)]
enum PublicKey {
    Ed25519(VerifyingKey),
    Sm2(Box<sm2::dsa::VerifyingKey>),
}

/// A public key with its name, written `name+id+base64(type, key)`.
#[derive(Clone)]
pub struct VerifierKey {
    name: String,
    kind: KeyKind,
    bytes: Vec<u8>,
    key: PublicKey,
}

impl VerifierKey {
    /// The key of that name; nothing when the name or the key cannot be one.
    pub fn new(name: &str, kind: KeyKind, bytes: &[u8]) -> Option<VerifierKey> {
        if name.is_empty() || name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+') {
            return None;
        }
        let key = match kind {
            KeyKind::Ed25519 | KeyKind::Cosignature => {
                let key = VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
                PublicKey::Ed25519(if key.is_weak() { return None } else { key })
            }
            KeyKind::Sm2 if bytes.len() == 65 && bytes.first() == Some(&4) => {
                let key = sm2::dsa::VerifyingKey::from_sec1_bytes(SM2_IDENTITY, bytes).ok()?;
                PublicKey::Sm2(Box::new(key))
            }
            KeyKind::Sm2 => return None,
        };
        Some(VerifierKey { name: name.to_owned(), kind, bytes: bytes.to_vec(), key })
    }

    /// Reads `name+id+base64(type, key)`; the id must be that of the key.
    pub fn parse(text: &str) -> Option<VerifierKey> {
        let (name, rest) = text.split_once('+')?;
        let (id, coded) = rest.split_once('+')?;
        let bytes = unbase64(coded)?;
        let (kind, key) = [KeyKind::Ed25519, KeyKind::Cosignature, KeyKind::Sm2]
            .into_iter()
            .find_map(|kind| Some((kind, bytes.strip_prefix(kind.type_bytes())?)))?;
        let key = VerifierKey::new(name, kind, key)?;
        (unhex(id)? == key.id()).then_some(key)
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The public key without name and type.
    pub fn public(&self) -> &[u8] {
        &self.bytes
    }

    /// First four bytes of SHA-256 over name, newline, type, key.
    pub fn id(&self) -> [u8; 4] {
        let parts = [self.name.as_bytes(), b"\n", self.kind.type_bytes(), &self.bytes];
        let [a, b, c, d, ..] = Algorithm::Sha256.hash(&parts);
        [a, b, c, d]
    }

    /// The text that [`VerifierKey::parse`] reads.
    pub fn text(&self) -> String {
        let bytes = [self.kind.type_bytes(), &self.bytes].concat();
        format!("{}+{}+{}", self.name, hex(&self.id()), base64(&bytes))
    }

    /// Whether `signature` (the bytes after the key id) is right for the text of a note; with the time for
    /// a co-signature.
    fn check(&self, text: &str, signature: &[u8]) -> Option<Option<u64>> {
        let ed25519 = |key: &VerifyingKey, message: &[u8], bytes: &[u8]| {
            let signature = ed25519_dalek::Signature::from_bytes(bytes.try_into().ok()?);
            key.verify_strict(message, &signature).ok()
        };
        match (&self.key, self.kind) {
            (PublicKey::Ed25519(key), KeyKind::Cosignature) => {
                let (time, signature) = signature.split_first_chunk::<8>()?;
                let time = u64::from_be_bytes(*time);
                let message = cosignature_message(time, text);
                (time < 1 << 63).then_some(())?;
                ed25519(key, message.as_bytes(), signature)?;
                Some(Some(time))
            }
            (PublicKey::Ed25519(key), _) => ed25519(key, text.as_bytes(), signature).map(|()| None),
            (PublicKey::Sm2(key), _) => {
                let signature = sm2::dsa::Signature::from_slice(signature).ok()?;
                key.verify(text.as_bytes(), &signature).ok().map(|()| None)
            }
        }
    }
}

/// What a witness signs: two lines and the text of the note.
pub fn cosignature_message(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// The keys the reader of a package trusts.
#[derive(Clone, Default)]
pub struct TrustedKeys {
    /// Keys of logs.
    pub logs: Vec<VerifierKey>,
    /// Keys of witnesses.
    pub witnesses: Vec<VerifierKey>,
}

/// What a note says about one key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signed {
    /// No line of this key.
    Absent,
    /// A line of this key that is wrong.
    Wrong,
    /// Signed; with the time in seconds since 1970 for a co-signature.
    Right(Option<u64>),
}

/// One signature line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoteSignature {
    /// Name of the key.
    pub name: String,
    /// Id of the key.
    pub id: [u8; 4],
    /// What follows the id.
    pub signature: Vec<u8>,
}

/// A text and its signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// The signed text with its last newline.
    pub text: String,
    /// The signature lines, in order.
    pub signatures: Vec<NoteSignature>,
}

impl Note {
    /// Reads a note; anything that [`Note::bytes`] would not write is refused.
    pub fn parse(bytes: &[u8]) -> Option<Note> {
        if bytes.len() > NOTE_BYTES_MAX {
            return None;
        }
        let whole = std::str::from_utf8(bytes).ok()?;
        if whole.bytes().any(|byte| byte < 32 && byte != b'\n') {
            return None;
        }
        let (text, lines) = whole.rsplit_once("\n\n")?;
        let lines = lines.strip_suffix('\n')?;
        let mut signatures = Vec::new();
        for line in lines.split('\n') {
            let (name, coded) = line.strip_prefix("— ")?.split_once(' ')?;
            let bytes = unbase64(coded)?;
            let (id, signature) = bytes.split_first_chunk::<4>()?;
            // Each key signs once: a second line of the same key says nothing and could only confuse.
            let twice = signatures.iter().any(|line: &NoteSignature| line.name == name && line.id == *id);
            if twice || name.is_empty() || name.contains('+') || name.chars().any(char::is_whitespace) {
                return None;
            }
            signatures.push(NoteSignature { name: name.to_owned(), id: *id, signature: signature.to_vec() });
            if signature.is_empty() || signatures.len() > SIGNATURES_MAX {
                return None;
            }
        }
        Some(Note { text: format!("{text}\n"), signatures })
    }

    /// The note as it is written.
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = format!("{}\n", self.text).into_bytes();
        for NoteSignature { name, id, signature } in &self.signatures {
            let coded = base64(&[id, signature.as_slice()].concat());
            bytes.extend(format!("— {name} {coded}\n").bytes());
        }
        bytes
    }

    /// What the note says about `key`; every line of the key must be right.
    pub fn signed_by(&self, key: &VerifierKey) -> Signed {
        let id = key.id();
        let mut signed = Signed::Absent;
        for line in self.signatures.iter().filter(|line| line.name == key.name && line.id == id) {
            match key.check(&self.text, &line.signature) {
                Some(time) => signed = Signed::Right(time),
                None => return Signed::Wrong,
            }
        }
        signed
    }
}

/// The state of a log: origin, number of entries, root.
///
/// A tree of SM3 says so by the extension line `hash sm3`; without the line it is SHA-256, as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the log.
    pub origin: String,
    /// Number of entries.
    pub size: u64,
    /// Root of the tree.
    pub root: Hash,
    /// The hash function of the tree.
    pub algorithm: Algorithm,
}

impl Checkpoint {
    /// Reads the text of a note; other extension lines than ours are refused.
    pub fn parse(text: &str) -> Option<Checkpoint> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        let origin = lines.next().filter(|line| !line.is_empty())?.to_owned();
        let size = decimal(lines.next()?).filter(|size| *size < 1 << 63)?;
        let root = unbase64_32(lines.next()?)?;
        let algorithm = match (lines.next(), lines.next()) {
            (None, None) => Algorithm::Sha256,
            (Some("hash sm3"), None) => Algorithm::Sm3,
            _ => return None,
        };
        Some(Checkpoint { origin, size, root, algorithm })
    }

    /// The text to be signed.
    pub fn text(&self) -> String {
        let extension = match self.algorithm {
            Algorithm::Sha256 => "",
            Algorithm::Sm3 => "hash sm3\n",
        };
        format!("{}\n{}\n{}\n{extension}", self.origin, self.size, base64(&self.root))
    }
}
