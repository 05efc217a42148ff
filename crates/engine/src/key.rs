//! The key of the keyed hashes: given, or made fresh and written beside the output.

use crate::EngineError;
use std::fs::{self, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;
use zeroize::Zeroizing;

/// A 32-byte key; wiped when dropped, never printed.
pub type Key = Zeroizing<[u8; 32]>;

/// Reads a key file: 64 hexadecimal digits, blanks around them allowed.
///
/// # Errors
/// [`EngineError::Key`] when the file cannot be read or is not such a key.
pub fn read_key(path: &Path) -> Result<Key, EngineError> {
    let text = Zeroizing::new(fs::read_to_string(path).map_err(|e| EngineError::key(path, &e.to_string()))?);
    parse_key(&text).ok_or_else(|| EngineError::key(path, "a key is 64 hexadecimal digits"))
}

/// Parses 64 hexadecimal digits.
pub fn parse_key(text: &str) -> Option<Key> {
    let text = text.trim().as_bytes();
    if text.len() != 64 {
        return None;
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    for (byte, pair) in key.iter_mut().zip(text.chunks_exact(2)) {
        let high = char::from(*pair.first()?).to_digit(16)?;
        let low = char::from(*pair.get(1)?).to_digit(16)?;
        *byte = (high * 16 + low) as u8;
    }
    Some(key)
}

/// Makes a key from the operating system's random source and writes it to `path` with mode 0600.
///
/// # Errors
/// [`EngineError::Key`] when the random source or the file fails; an existing file is never overwritten.
pub fn make_key(path: &Path) -> Result<Key, EngineError> {
    let mut key = Zeroizing::new([0_u8; 32]);
    fs::File::open("/dev/urandom")
        .and_then(|mut source| source.read_exact(key.as_mut()))
        .map_err(|e| EngineError::key(Path::new("/dev/urandom"), &e.to_string()))?;
    let mut hex = Zeroizing::new(String::with_capacity(65));
    for byte in key.iter() {
        hex.extend([byte >> 4, byte & 15].map(|digit| char::from_digit(u32::from(digit), 16).unwrap_or('0')));
    }
    hex.push('\n');
    // Complete or absent: half a key would be refused by every later scan.
    let temporary = path.with_extension("key.new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(&temporary).and_then(|mut file| {
        file.write_all(hex.as_bytes())?;
        file.sync_all()?;
        fs::hard_link(&temporary, path)
    });
    let removed = fs::remove_file(&temporary);
    written.and(removed).map_err(|e| EngineError::key(path, &e.to_string()))?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_made_is_read_back_and_is_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("scan.key");
        let key = make_key(&path).unwrap();
        assert_eq!(*read_key(&path).unwrap(), *key);
        assert!(make_key(&path).is_err(), "an existing key must not be overwritten");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn only_64_hexadecimal_digits_are_a_key() {
        assert!(parse_key(&"0f".repeat(32)).is_some());
        assert!(parse_key(&"0f".repeat(31)).is_none());
        assert!(parse_key(&"0g".repeat(32)).is_none());
    }
}
