//! Published vectors, and FF1 against a slow second implementation.

use super::*;
use crate::keys::{hex, unhex_all};
use aes::cipher::KeyInit;
use num_bigint::BigUint;

fn bytes(text: &str) -> Vec<u8> {
    unhex_all(text).unwrap()
}

fn key32(text: &str) -> [u8; 32] {
    let mut key = [0; 32];
    key.iter_mut().zip(bytes(text)).for_each(|(to, from)| *to = from);
    key
}

#[test]
fn the_block_ciphers_and_hashes_are_those_of_their_standards() {
    // GB/T 32907-2016, example 1.
    let key = key32("0123456789abcdeffedcba9876543210");
    let mut block: [u8; 16] = bytes("0123456789abcdeffedcba9876543210").try_into().unwrap();
    BlockCipher::new(Suite::Sm, &key).encrypt(&mut block);
    assert_eq!(*hex(&block), "681edf34d206965e86b3e94f536e4246");
    // FIPS 197, C.3.
    let key = key32("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    let mut block: [u8; 16] = bytes("00112233445566778899aabbccddeeff").try_into().unwrap();
    BlockCipher::new(Suite::Aes, &key).encrypt(&mut block);
    assert_eq!(*hex(&block), "8ea2b7ca516745bfeafc49904b496089");
}

#[test]
fn the_macs_are_those_of_their_standards() {
    let abc = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".repeat(2);
    let rising = |to: u8| (1..=to).collect::<Vec<u8>>();
    for (suite, key, message, expected) in [
        // RFC 4231, 4.2, 4.3 and 4.7 (a key longer than a block).
        (
            Suite::Aes,
            vec![0x0b; 20],
            b"Hi There".to_vec(),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
        ),
        (
            Suite::Aes,
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
        ),
        (
            Suite::Aes,
            vec![0xaa; 131],
            b"Test Using Larger Than Block-Size Key - Hash Key First".to_vec(),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54",
        ),
        // GM/T 0042-2015, annex D.3.
        (
            Suite::Sm,
            rising(32),
            abc.into_bytes(),
            "ca05e144ed05d1857840d1f318a4a8669e559fc8391f414485bfdf7bb408963a",
        ),
        (
            Suite::Sm,
            rising(37),
            vec![0xcd; 50],
            "220bf579ded555393f0159f66c99877822a3ecf610d1552154b41d44b94db3ae",
        ),
        (
            Suite::Sm,
            vec![0x0b; 32],
            b"Hi There".to_vec(),
            "c0ba18c68b90c88bc07de794bfc7d2c8d19ec31ed8773bc2b390c9604e0be11e",
        ),
        (
            Suite::Sm,
            b"Jefe".to_vec(),
            b"what do ya want for nothing?".to_vec(),
            "2e87f1d16862e6d964b50a5200bf2b10b764faa9680a296a2405f24bec39f882",
        ),
    ] {
        assert_eq!(*hex(&Mac::new(suite, &key).plain(&message)), expected);
    }
}

#[test]
fn parts_do_not_run_together() {
    for suite in Suite::ALL {
        let mac = Mac::new(*suite, b"key");
        assert_ne!(mac.tag(&[b"ab", b"c"]), mac.tag(&[b"a", b"bc"]));
        assert_ne!(mac.tag(&[b"ab"]), mac.tag(&[b"ab", b""]));
        assert_ne!(*derive(*suite, b"s", &[b"ab", b"c"]), *derive(*suite, b"s", &[b"a", b"bc"]));
    }
}

#[test]
fn subkeys_are_those_of_rfc_5869() {
    for suite in Suite::ALL {
        // One block: T(1) = HMAC(HMAC(salt, secret), info | 1).
        let extracted = Mac::new(*suite, b"zhunsheng protect 1").plain(b"secret");
        let mut info = Vec::new();
        feed(&[b"a", b"bc"], |bytes| info.extend_from_slice(bytes));
        info.push(1);
        let expected = Mac::new(*suite, &extracted).plain(&info);
        assert_eq!(*derive(*suite, b"secret", &[b"a", b"bc"]), expected);
    }
}

#[test]
fn authenticated_encryption_is_that_of_its_standards() {
    const PLAIN: &str = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532f\
                         cf0e2449a6b525b16aedf5aa0de657ba637b391aafd255";
    const SEALED: &str = "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7\
                          b08b1056828838c5f61e6393ba7a0abcc9f662898015ad";
    const KEY: &str = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
    const ABOUT: &str = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
    for (suite, key, nonce, about, plain, sealed, tag) in [
        // The test cases 13 to 16 of the GCM submission, AES-256.
        (Suite::Aes, "", "000000000000000000000000", "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"),
        (
            Suite::Aes,
            "",
            "000000000000000000000000",
            "",
            "00000000000000000000000000000000",
            "cea7403d4d606b6e074ec5d3baf39d18",
            "d0d1c8a799996bf0265b98b5d48ab919",
        ),
        (Suite::Aes, KEY, "cafebabefacedbaddecaf888", "", PLAIN, SEALED, "b094dac5d93471bdec1a502270e3cc6c"),
        (
            Suite::Aes,
            KEY,
            "cafebabefacedbaddecaf888",
            ABOUT,
            &PLAIN[..120],
            &SEALED[..120],
            "76fc6ece0f4e1768cddf8853bb2d551b",
        ),
        // RFC 8998, A.1.
        (
            Suite::Sm,
            "0123456789abcdeffedcba9876543210",
            "00001234567800000000abcd",
            ABOUT,
            "aaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbccccccccccccccccddddddddddddddddeeeeeeeeeeeeeeeeffffffffffffffff\
             eeeeeeeeeeeeeeeeaaaaaaaaaaaaaaaa",
            "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735d82710ca5c22f0ccfa7cbf93d496ac15\
             a56834cbcf98c397b4024a2691233b8d",
            "83de3541e4c2b58177e065a9bf7b62ec",
        ),
    ] {
        let cipher = Aead::new(suite, &key32(key));
        let nonce: [u8; 12] = bytes(nonce).try_into().unwrap();
        let made = cipher.seal(&nonce, &bytes(about), &bytes(plain)).unwrap();
        assert_eq!(*hex(&made), [sealed, tag].concat());
        assert_eq!(*hex(&cipher.open(&nonce, &bytes(about), &made).unwrap()), plain);
        // A single bit anywhere is seen.
        for at in 0..made.len() {
            let mut changed = made.clone();
            changed[at] ^= 1;
            assert!(cipher.open(&nonce, &bytes(about), &changed).is_none());
        }
        assert!(cipher.open(&nonce, b"other", &made).is_none());
    }
}

/// The nine samples of NIST for FF1: key, tweak, radix, plain, cipher.
#[test]
fn ff1_is_that_of_the_nine_samples() {
    const KEY: &str = "2b7e151628aed2a6abf7158809cf4f3cef4359d8d580aa4f7f036d6f04fc6a94";
    const TEN: &str = "0123456789";
    const TWEAK: &str = "39383736353433323130";
    const LONG: &str = "0123456789abcdefghi";
    const LONG_TWEAK: &str = "3737373770717273373737";
    for (key_bytes, tweak, radix, plain, sealed) in [
        (16, "", 10, TEN, "2433477484"),
        (16, TWEAK, 10, TEN, "6124200773"),
        (16, LONG_TWEAK, 36, LONG, "a9tv40mll9kdu509eum"),
        (24, "", 10, TEN, "2830668132"),
        (24, TWEAK, 10, TEN, "2496655549"),
        (24, LONG_TWEAK, 36, LONG, "xbj3kv35jrawxv32ysr"),
        (32, "", 10, TEN, "6657667009"),
        (32, TWEAK, 10, TEN, "1001623463"),
        (32, LONG_TWEAK, 36, LONG, "xs8a0azh2avyalyzuwd"),
    ] {
        let key = bytes(KEY);
        let cipher = match key_bytes {
            16 => BlockCipher::Aes128(Box::new(aes::Aes128::new_from_slice(&key[..16]).unwrap())),
            24 => BlockCipher::Aes192(Box::new(aes::Aes192::new_from_slice(&key[..24]).unwrap())),
            _ => BlockCipher::new(Suite::Aes, &key32(KEY)),
        };
        let ff1 = Ff1::with(cipher, radix).unwrap();
        let numerals =
            |text: &str| -> Vec<u16> { text.chars().map(|c| c.to_digit(36).unwrap() as u16).collect() };
        let mut turned = numerals(plain);
        ff1.encrypt(&bytes(tweak), &mut turned).unwrap();
        assert_eq!(turned, numerals(sealed), "{key_bytes} {tweak}");
        ff1.decrypt(&bytes(tweak), &mut turned).unwrap();
        assert_eq!(turned, numerals(plain), "{key_bytes} {tweak}");
    }
}

/// FF1 step by step as the standard writes it, over big numbers and byte strings.
fn slow_ff1(cipher: &BlockCipher, radix: u32, tweak: &[u8], numerals: &[u16]) -> Vec<u16> {
    let number =
        |part: &[u16]| part.iter().fold(BigUint::ZERO, |sum, numeral| sum * radix + u32::from(*numeral));
    let n = numerals.len();
    let (u, v) = (n / 2, n - n / 2);
    let (mut a, mut b) = (numerals[..u].to_vec(), numerals[u..].to_vec());
    // 2^(8 b) is the first power of 256 that holds radix^v.
    let most = BigUint::from(radix).pow(v as u32) - 1_u32;
    let bytes_b = most.to_bytes_be().len();
    let bytes_d = 4 * bytes_b.div_ceil(4) + 4;
    let mut p = vec![1, 2, 1];
    p.extend(&radix.to_be_bytes()[1..]);
    p.extend([10, (u % 256) as u8]);
    p.extend((n as u32).to_be_bytes());
    p.extend((tweak.len() as u32).to_be_bytes());
    for i in 0..10_u8 {
        let mut q = tweak.to_vec();
        while !(q.len() + bytes_b + 1).is_multiple_of(16) {
            q.push(0);
        }
        q.push(i);
        let of_b = number(&b).to_bytes_be();
        let of_b = if number(&b) == BigUint::ZERO { Vec::new() } else { of_b };
        q.extend(vec![0; bytes_b - of_b.len()]);
        q.extend(of_b);
        let mut r = [0_u8; 16];
        for block in p.iter().chain(&q).copied().collect::<Vec<u8>>().chunks(16) {
            r.iter_mut().zip(block).for_each(|(x, y)| *x ^= y);
            cipher.encrypt(&mut r);
        }
        let mut s = r.to_vec();
        let mut j = 1_u128;
        while s.len() < bytes_d {
            let mut block = (u128::from_be_bytes(r) ^ j).to_be_bytes();
            cipher.encrypt(&mut block);
            s.extend(block);
            j += 1;
        }
        let y = BigUint::from_bytes_be(&s[..bytes_d]);
        let m = if i % 2 == 0 { u } else { v };
        let mut c = (number(&a) + y) % BigUint::from(radix).pow(m as u32);
        let mut text = vec![0_u16; m];
        for numeral in text.iter_mut().rev() {
            *numeral = u16::try_from(&c % radix).unwrap();
            c /= radix;
        }
        a = b;
        b = text;
    }
    [a, b].concat()
}

#[test]
fn ff1_equals_a_slow_second_implementation_in_both_suites() {
    let mut state = 7_u64;
    let mut next = |limit: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    };
    for suite in Suite::ALL {
        for radix in [2, 3, 10, 16, 26, 31, 34, 36, 62, 256, 6763, 65_535, 65_536] {
            for _ in 0..60 {
                let key: [u8; 32] = std::array::from_fn(|_| next(256) as u8);
                let ff1 = Ff1::new(*suite, &key, radix).unwrap();
                let shortest = (2..).find(|length| ff1.domain(*length) >= DOMAIN_MIN).unwrap();
                let longest = (2..).find(|half| ff1.domain(*half) > 1 << 96).unwrap() * 2 - 2;
                let length = shortest + next((longest - shortest + 1) as u64) as usize;
                let tweak: Vec<u8> = (0..next(40)).map(|_| next(256) as u8).collect();
                let mut numerals: Vec<u16> = (0..length).map(|_| next(u64::from(radix)) as u16).collect();
                if next(8) == 0 {
                    numerals.fill(if next(2) == 0 { 0 } else { (radix - 1) as u16 });
                }
                let plain = numerals.clone();
                ff1.encrypt(&tweak, &mut numerals).unwrap();
                let slow = slow_ff1(&BlockCipher::new(*suite, &key), radix, &tweak, &plain);
                assert_eq!(numerals, slow, "{suite:?} radix {radix} length {length}");
                ff1.decrypt(&tweak, &mut numerals).unwrap();
                assert_eq!(numerals, plain);
            }
        }
    }
}

#[test]
fn ff1_refuses_small_domains_and_foreign_numerals() {
    let ff1 = |radix| Ff1::new(Suite::Aes, &[1; 32], radix);
    assert_eq!(ff1(1).err(), Some(Ff1Error::Radix));
    assert_eq!(ff1(65_537).err(), Some(Ff1Error::Radix));
    // Both sides of 10^6.
    let ten = ff1(10).unwrap();
    assert_eq!(ten.encrypt(b"", &mut [1; 5]), Err(Ff1Error::DomainTooSmall { size: 100_000 }));
    assert_eq!(ten.encrypt(b"", &mut [1; 6]), Ok(()));
    assert_eq!(ten.decrypt(b"", &mut [1; 5]), Err(Ff1Error::DomainTooSmall { size: 100_000 }));
    let thousand = ff1(1000).unwrap();
    assert_eq!(thousand.encrypt(b"", &mut [1; 2]), Ok(()));
    assert_eq!(ff1(999).unwrap().encrypt(b"", &mut [1; 2]), Err(Ff1Error::DomainTooSmall { size: 998_001 }));
    assert_eq!(ff1(65_536).unwrap().encrypt(b"", &mut [1]), Err(Ff1Error::DomainTooSmall { size: 65_536 }));
    let mut numerals = [1, 2, 3, 4, 5, 10];
    assert_eq!(ten.encrypt(b"", &mut numerals), Err(Ff1Error::Numeral));
    assert_eq!(numerals, [1, 2, 3, 4, 5, 10], "what is refused stays as it is");
    assert_eq!(ten.encrypt(b"", &mut [1; 56]), Ok(()));
    assert_eq!(ten.encrypt(b"", &mut [1; 58]), Err(Ff1Error::TooLong));
}

#[test]
fn ff1_is_a_permutation_of_a_whole_domain() {
    for suite in Suite::ALL {
        let ff1 = Ff1::new(*suite, &[9; 32], 10).unwrap();
        let mut seen = vec![false; 1_000_000];
        // A tenth of the domain shows a repeat with certainty enough, in a tenth of the time.
        for number in (0..1_000_000_u32).step_by(10) {
            let mut numerals: [u16; 6] =
                std::array::from_fn(|at| (number / 10_u32.pow(5 - at as u32) % 10) as u16);
            ff1.encrypt(b"tweak", &mut numerals).unwrap();
            let turned = numerals.iter().fold(0_usize, |sum, numeral| sum * 10 + usize::from(*numeral));
            assert!(!std::mem::replace(&mut seen[turned], true));
        }
    }
}
