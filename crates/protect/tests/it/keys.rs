//! The key file, versions and subkeys.

use crate::support::ring;
use sha2_011::{Digest, Sha256};
use std::collections::BTreeSet;
use zhunsheng_model::{Date, Kind};
use zhunsheng_protect::keys::{Cost, SealRandom, Usage};
use zhunsheng_protect::operator::OPERATORS;
use zhunsheng_protect::{KeyError, KeyFile, Keyring, Suite};

const CHEAP: Cost = Cost { memory_kib: 64, passes: 1, lanes: 1 };
const PASSPHRASE: &str = "朝辞白帝彩云间";

fn sealed(keyring: &Keyring, passphrase: &str) -> String {
    KeyFile::seal(keyring, passphrase, CHEAP, &SealRandom { salt: [5; 16], nonce: [6; 12] }).unwrap()
}

/// Seven Han characters are enough to look at; the least length is eight.
fn long() -> String {
    PASSPHRASE.to_owned() + "千里"
}

fn bare(keyring: &Keyring) -> Vec<String> {
    keyring.versions().map(|key| keyring.bare(Some(key.version())).unwrap().to_string()).collect()
}

#[test]
fn what_is_sealed_is_opened_by_its_passphrase_alone() {
    for suite in Suite::ALL {
        let mut keyring = Keyring::new(*suite, [0xa7; 32], Date::new(2026, 11, 23));
        keyring.rotate([0xb8; 32], Date::new(2027, 1, 2));
        keyring.rotate([0xc9; 32], None);
        let text = sealed(&keyring, &long());
        assert!(!text.contains(&"a7".repeat(8)) && !text.contains(&"b8".repeat(8)));
        let file = KeyFile::parse(&text).unwrap();
        assert_eq!((file.suite(), file.cost()), (*suite, CHEAP));
        let listed: Vec<_> = file.keys().iter().map(|key| (key.version, key.id.clone(), key.made)).collect();
        let known: Vec<_> = keyring.versions().map(|key| (key.version(), key.id(), key.made())).collect();
        assert_eq!(listed, known);
        let opened = file.open(&long()).unwrap();
        assert_eq!(bare(&opened), bare(&keyring));
        assert_eq!(opened.newest().version(), 3);
        assert_eq!(opened.newest().made(), None);
        for wrong in ["", " ", PASSPHRASE, "朝辞白帝彩云间千里 ", "朝辞白帝彩云間千里"] {
            assert_eq!(file.open(wrong).err(), Some(KeyError::WrongPassphrase));
        }
        // Line ends of another system change nothing.
        assert!(KeyFile::parse(&text.replace('\n', "\r\n")).unwrap().open(&long()).is_ok());
        // Sealing again with other random bytes gives another text that opens to the same keys.
        let again =
            KeyFile::seal(&opened, &long(), CHEAP, &SealRandom { salt: [8; 16], nonce: [9; 12] }).unwrap();
        assert_ne!(again, text);
        assert_eq!(bare(&KeyFile::parse(&again).unwrap().open(&long()).unwrap()), bare(&keyring));
    }
}

#[test]
fn a_damaged_file_is_told_from_a_wrong_passphrase() {
    let text = sealed(&ring(Suite::Aes, 1), &long());
    for at in 0..text.len() {
        let mut bytes = text.clone().into_bytes();
        bytes[at] ^= 1;
        let Ok(changed) = String::from_utf8(bytes) else { continue };
        let error = KeyFile::parse(&changed).map(|file| file.open(&long()).map(|ring| bare(&ring)));
        match error {
            Err(KeyError::Damaged | KeyError::NotAKeyFile(_)) => {}
            // The last line break does not count.
            Ok(Ok(_)) => assert!(at + 1 == text.len(), "byte {at} can be changed unnoticed"),
            other => panic!("byte {at}: {other:?}"),
        }
        let cut: String = text.chars().take(at).collect();
        assert!(KeyFile::parse(&cut).is_err() || at + 1 == text.len(), "cut at {at}");
    }
}

/// Whoever changes the readable part and mends the checksum is found out when the file is opened.
#[test]
fn the_readable_part_is_authenticated() {
    let mut keyring = Keyring::new(Suite::Aes, [1; 32], Date::new(2026, 11, 23));
    keyring.rotate([2; 32], None);
    let text = sealed(&keyring, &long());
    for (from, to) in [
        ("2026-11-23", "2020-01-01"),
        ("passes = 1", "passes = 2"),
        ("\"1 ", "\"7 "),
        ("# Keys", "# Sleutels"),
        ("nonce = \"06", "nonce = \"07"),
    ] {
        assert!(text.contains(from), "{from}");
        let changed = text.replace(from, to);
        let (covered, _) = changed.rsplit_once("\ncheck = ").unwrap();
        let check: String = Sha256::digest(covered).iter().map(|byte| format!("{byte:02x}")).collect();
        let mended = format!("{covered}\ncheck = \"{check}\"\n");
        let file = KeyFile::parse(&mended).unwrap();
        assert_eq!(file.open(&long()).err(), Some(KeyError::WrongPassphrase), "{from}");
    }
}

#[test]
fn what_is_no_key_file_is_refused_and_nothing_takes_all_memory() {
    for text in ["", "hello", "format = 1", "format = \"zhunsheng-keys-1\"", "[a]\nb = 1"] {
        assert!(matches!(KeyFile::parse(text), Err(KeyError::NotAKeyFile(_))), "{text}");
    }
    let random = || SealRandom { salt: [5; 16], nonce: [6; 12] };
    for (cost, what) in [
        (Cost { memory_kib: (1 << 20) + 1, ..CHEAP }, "memory"),
        (Cost { passes: 33, ..CHEAP }, "passes"),
        (Cost { lanes: 17, ..CHEAP }, "lanes"),
    ] {
        let made = KeyFile::seal(&ring(Suite::Aes, 1), &long(), cost, &random());
        assert_eq!(made.err(), Some(KeyError::TooCostly(what)));
    }
    let short = KeyFile::seal(&ring(Suite::Aes, 1), PASSPHRASE, CHEAP, &random());
    assert_eq!(short.err(), Some(KeyError::PassphraseTooShort { min: 8 }));
    assert!(KeyFile::seal(&ring(Suite::Aes, 1), &(PASSPHRASE.to_owned() + "千"), CHEAP, &random()).is_ok());
    assert_eq!(Cost::default(), Cost { memory_kib: 65_536, passes: 3, lanes: 4 });
}

#[test]
fn a_bare_key_is_read_back() {
    let keyring = ring(Suite::Sm, 0x5a);
    let text = keyring.bare(None).unwrap();
    assert_eq!(*text, format!("1:{}", "5a".repeat(32)));
    for text in [text.as_str(), &"5a".repeat(32), &format!(" {}\n", "5A".repeat(32))] {
        assert_eq!(bare(&Keyring::parse_bare(Suite::Sm, text).unwrap()), bare(&keyring));
    }
    let third = Keyring::parse_bare(Suite::Sm, &format!("3:{}", "5a".repeat(32))).unwrap();
    assert_eq!(third.newest().version(), 3);
    for text in [
        "",
        "5a",
        &"5g".repeat(32),
        &"5a".repeat(33),
        &format!("0:{}", "5a".repeat(32)),
        &format!("x:{}", "5a".repeat(32)),
    ] {
        assert_eq!(Keyring::parse_bare(Suite::Sm, text).err(), Some(KeyError::NotAKey), "{text}");
    }
    assert_eq!(keyring.bare(Some(2)).err(), Some(KeyError::VersionUnknown { version: 2 }));
    assert!(!format!("{keyring:?}").contains("5a"), "keys are never printed");
}

#[test]
fn no_key_serves_two_uses() {
    let mut keyring = ring(Suite::Aes, 1);
    keyring.rotate([2; 32], None);
    let mut seen = BTreeSet::new();
    for version in [1, 2] {
        for suite in Suite::ALL {
            for entry in OPERATORS {
                for kind in Kind::ALL {
                    for purpose in ["value", "nonce", "ff1", "code", "draw"] {
                        let usage = Usage { operator: entry.name, kind: kind.id(), purpose };
                        let key = keyring.subkey(version, *suite, &usage).unwrap();
                        // SM4 takes the first half alone.
                        assert!(seen.insert(key[..16].to_vec()));
                    }
                }
            }
        }
    }
    let usage = Usage { operator: "fpe", kind: "PHONE", purpose: "ff1" };
    assert_eq!(keyring.subkey(3, Suite::Aes, &usage).err(), Some(KeyError::VersionUnknown { version: 3 }));
    // Where one field ends and the next begins is part of the use.
    let other = Usage { operator: "fpeP", kind: "HONE", purpose: "ff1" };
    assert_ne!(
        *keyring.subkey(1, Suite::Aes, &usage).unwrap(),
        *keyring.subkey(1, Suite::Aes, &other).unwrap()
    );
}
