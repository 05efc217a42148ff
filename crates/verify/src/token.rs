//! What an RFC 3161 time-stamp token stamps.
//!
//! Reads the imprint, the time and the nonce out of a `TimeStampResp`. The signature of the authority is not
//! checked here: that needs its certificates and a full X.509 library; `openssl ts -verify` does it.

/// What was stamped, and when, as the authority states it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imprint {
    /// Object identifier of the hash function, as DER content bytes.
    pub function: Vec<u8>,
    /// The hash.
    pub hash: Vec<u8>,
    /// Time as `YYYYMMDDhhmmss[.fraction]Z`.
    pub time: String,
    /// The nonce of the request, as DER content bytes.
    pub nonce: Option<Vec<u8>>,
}

/// 2.16.840.1.101.3.4.2.1, SHA-256.
pub const SHA256_OID: &[u8] = &[0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01];
/// 1.2.840.113549.1.7.2, signed data.
const SIGNED_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02];
/// 1.2.840.113549.1.9.16.1.4, time-stamp information.
const TST_INFO: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x01, 0x04];

/// One after another, the parts of a DER sequence.
struct Der<'a>(&'a [u8]);

impl<'a> Der<'a> {
    /// Tag and content of the next part.
    fn next(&mut self) -> Option<(u8, &'a [u8])> {
        let (tag, rest) = self.0.split_first()?;
        let (first, mut rest) = rest.split_first()?;
        let mut length = usize::from(*first);
        if length >= 0x80 {
            let (bytes, behind) = rest.split_at_checked(length - 0x80)?;
            length =
                bytes.iter().try_fold(0usize, |n, byte| Some(n.checked_mul(256)? + usize::from(*byte)))?;
            rest = behind;
        }
        let (content, behind) = rest.split_at_checked(length)?;
        self.0 = behind;
        Some((*tag, content))
    }

    /// The content of the next part, which must have that tag.
    fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

/// Reads a `TimeStampResp`; nothing when it is none, or the authority refused.
pub fn imprint(response: &[u8]) -> Option<Imprint> {
    let mut outer = Der(response);
    let mut answer = Der(outer.take(0x30)?);
    outer.0.is_empty().then_some(())?;
    let status = Der(answer.take(0x30)?).take(2)?;
    // 0 granted, 1 granted with changes.
    matches!(status, [0 | 1]).then_some(())?;
    let mut token = Der(answer.take(0x30)?);
    (token.take(6)? == SIGNED_DATA).then_some(())?;
    let mut signed = Der(Der(token.take(0xa0)?).take(0x30)?);
    signed.take(2)?;
    signed.take(0x31)?;
    let mut content = Der(signed.take(0x30)?);
    (content.take(6)? == TST_INFO).then_some(())?;
    let mut info = Der(Der(Der(content.take(0xa0)?).take(4)?).take(0x30)?);
    info.take(2)?;
    info.take(6)?;
    let mut imprint = Der(info.take(0x30)?);
    let function = Der(imprint.take(0x30)?).take(6)?.to_vec();
    let hash = imprint.take(4)?.to_vec();
    info.take(2)?;
    let time = String::from_utf8(info.take(0x18)?.to_vec()).ok()?;
    // Accuracy (a sequence) and ordering (a boolean) may stand before the nonce.
    let integers = std::iter::from_fn(|| info.next()).filter(|(tag, _)| *tag == 2);
    let nonce = integers.last().map(|(_, content)| content.to_vec());
    Some(Imprint { function, hash, time, nonce })
}
