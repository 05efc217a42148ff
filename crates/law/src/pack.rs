//! Reads the packed file that the build script writes: named parts, each compressed by itself.

use crate::error::LawError;
use serde::de::DeserializeOwned;
use std::io::Read as _;

static BYTES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/law.bin"));

/// Where each part lies, sorted by name.
pub(crate) struct Pack {
    parts: Vec<Part>,
}

struct Part {
    name: &'static str,
    packed: &'static [u8],
    plain_bytes: usize,
}

impl Pack {
    /// Reads the table of parts; unpacks nothing.
    pub(crate) fn embedded() -> Result<Pack, LawError> {
        read_table(BYTES).ok_or_else(|| LawError::Missing { part: "table".to_owned() })
    }

    /// Unpacks and reads one part.
    pub(crate) fn read<T: DeserializeOwned>(&self, name: &str) -> Result<T, LawError> {
        let broken = |detail: String| LawError::Broken { part: name.to_owned(), detail };
        let part = self
            .parts
            .binary_search_by(|part| part.name.cmp(name))
            .ok()
            .and_then(|index| self.parts.get(index))
            .ok_or_else(|| LawError::Missing { part: name.to_owned() })?;
        let mut plain = Vec::with_capacity(part.plain_bytes);
        flate2::read::DeflateDecoder::new(part.packed)
            .read_to_end(&mut plain)
            .map_err(|e| broken(e.to_string()))?;
        serde_json::from_slice(&plain).map_err(|e| broken(e.to_string()))
    }
}

fn read_table(bytes: &'static [u8]) -> Option<Pack> {
    let (count, mut rest) = number(bytes)?;
    let mut table = Vec::with_capacity(count);
    for _ in 0..count {
        let (length, after) = number(rest)?;
        let (name, after) = after.split_at_checked(length)?;
        let (packed, after) = number(after)?;
        let (plain_bytes, after) = number(after)?;
        table.push((std::str::from_utf8(name).ok()?, packed, plain_bytes));
        rest = after;
    }
    let mut parts = Vec::with_capacity(count);
    for (name, length, plain_bytes) in table {
        let (packed, after) = rest.split_at_checked(length)?;
        parts.push(Part { name, packed, plain_bytes });
        rest = after;
    }
    rest.is_empty().then_some(Pack { parts })
}

fn number(bytes: &'static [u8]) -> Option<(usize, &'static [u8])> {
    let (head, rest) = bytes.split_first_chunk::<4>()?;
    Some((u32::from_le_bytes(*head) as usize, rest))
}
