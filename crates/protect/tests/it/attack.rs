//! The dictionary attack: whoever has every value, every algorithm and no key recovers nothing.
//!
//! The attacker holds the protected values, and a dictionary that contains every true one: far more than a
//! real attacker has. A value counts as recovered when the attack points at the true one. That two masked
//! forms are equal is not counted: a mask shows what it shows.

use crate::support::{Numbers, make, ring};
use sha2_011::{Digest, Sha256};
use std::collections::BTreeMap;
use zhunsheng_model::Kind;
use zhunsheng_protect::operator::{Operator, Parameters};
use zhunsheng_protect::{Context, Keyring, Person, Suite, Value};

const VALUES: usize = 100_000;

/// Values recovered of `truth`, protected by `operator` of a key that the attacker does not have.
fn recovered(name: &str, kind: Kind, suite: Suite, truth: &[String], hashes: &[Vec<String>]) -> usize {
    let secret = Keyring::new(suite, std::array::from_fn(|at| (at * 37 + 11) as u8), None);
    let operator = make(name, kind, &Parameters::none(), Some(&secret)).unwrap();
    let protected = all(&*operator, truth);
    let found: BTreeMap<&str, usize> =
        protected.iter().enumerate().map(|(index, text)| (text.as_str(), index)).collect();
    let hit = |text: &str, index: usize| found.get(text) == Some(&index);
    let mut recovered = 0;

    for (index, codes) in hashes.iter().enumerate() {
        for code in codes {
            let cut = protected[index].len().min(code.len());
            recovered += usize::from(hit(code, index) || (cut > 0 && hit(&code[..cut], index)));
        }
    }

    // The program itself under keys that somebody might try.
    for wrong in [ring(suite, 0), Keyring::new(suite, Sha256::digest("password").into(), None)] {
        let tried = make(name, kind, &Parameters::none(), Some(&wrong)).unwrap();
        for (index, text) in all(&*tried, truth).iter().enumerate() {
            recovered += usize::from(hit(text, index));
        }
        for (index, text) in protected.iter().enumerate() {
            let whose = person(index);
            let context = Context { person: Some(&whose), ..Context::default() };
            let back = tried.reverse(text, &context);
            recovered += usize::from(back.is_ok_and(|back| *back == truth[index]));
        }
    }
    // The protected value must not be the value, nor hold it.
    recovered + protected.iter().zip(truth).filter(|(text, value)| text.contains(value.as_str())).count()
}

/// Hashes without a key, in the writings that people use.
fn hashes(kind: Kind, truth: &[String]) -> Vec<Vec<String>> {
    let code = |digest: &[u8], letters: &[u8; 16]| -> String {
        let nibbles = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        nibbles.map(|nibble| char::from(letters[usize::from(nibble)])).collect()
    };
    let of = |value: &String| {
        let messages = [value.clone(), format!("{}\0{value}", kind.id())];
        let digests = messages
            .iter()
            .flat_map(|message| [Sha256::digest(message).to_vec(), sm3::Sm3::digest(message).to_vec()]);
        digests
            .flat_map(|digest| [b"0123456789abcdef", b"bcdfghjklmnpqrst"].map(|l| code(&digest, l)))
            .collect()
    };
    truth.iter().map(of).collect()
}

fn all(operator: &dyn Operator, values: &[String]) -> Vec<String> {
    let protect = |(index, value): (usize, &String)| {
        let whose = person(index);
        let context = Context { person: Some(&whose), ..Context::default() };
        operator.apply(Value::new(value, value), &context).unwrap()
    };
    values.iter().enumerate().map(protect).collect()
}

fn person(index: usize) -> Person {
    Person { anchor: Some(Person::anchor(Kind::Account, &index.to_string())), ..Person::default() }
}

fn values(kind: Kind, count: usize) -> Vec<String> {
    let mut numbers = Numbers(42);
    (0..count).map(|_| numbers.value(kind)).collect()
}

#[test]
fn of_mobile_numbers_nothing_is_recovered() {
    let truth = values(Kind::Phone, VALUES);
    let hashes = hashes(Kind::Phone, &truth);
    for name in ["pseudonym", "fpe", "encrypt", "synthetic"] {
        assert_eq!(recovered(name, Kind::Phone, Suite::Aes, &truth, &hashes), 0, "{name}");
    }
}

#[test]
fn of_other_identifiers_nothing_is_recovered_in_either_suite() {
    for kind in [Kind::CnId, Kind::BankCard, Kind::Email, Kind::Address, Kind::Person] {
        let truth = values(kind, 2_000);
        let hashes = hashes(kind, &truth);
        for name in ["pseudonym", "fpe", "encrypt", "synthetic"] {
            for suite in Suite::ALL {
                if kind == Kind::Address && name == "fpe" {
                    continue;
                }
                // Invented names are so few that some are drawn twice; that is chance, not recovery.
                let chance = if kind == Kind::Person && name == "synthetic" { 20 } else { 0 };
                let count = recovered(name, kind, *suite, &truth, &hashes);
                assert!(count <= chance, "{name} {} {suite:?}: {count}", kind.id());
            }
        }
    }
}

/// A shift hides a day among the days around it: guessing is right once in 730 times, and no attack does
/// better than that.
#[test]
fn a_shifted_day_is_found_by_chance_alone() {
    let truth = values(Kind::BirthDate, 20_000);
    let count = recovered("date_shift", Kind::BirthDate, Suite::Aes, &truth, &[]);
    // Two wrong keys, forwards and backwards: 4 × 20,000 / 730 = 110 by chance.
    assert!((60..170).contains(&count), "{count}");
}
