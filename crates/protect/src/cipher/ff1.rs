//! FF1, format-preserving encryption (NIST SP 800-38G, with the least domain of its revision 1).
//!
//! Ten rounds of a Feistel network over numbers. The halves are kept as integers: the values at hand have at
//! most some twenty characters, so each half fits a machine word or two and no big numbers are needed.

use super::{BlockCipher, Suite};
use thiserror::Error;

/// The least number of possible values (SP 800-38G revision 1, section 5.1): fewer could all be tried.
pub const DOMAIN_MIN: u128 = 1_000_000;

const ROUNDS: u8 = 10;
/// A half may have no more values than 12 bytes hold, so that a round's output fits 128 bits.
const HALF_MAX: u128 = 1 << 96;

/// Why FF1 does not take an input.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum Ff1Error {
    /// The radix is not in 2..=65536.
    #[error("a radix lies between 2 and 65536")]
    Radix,
    /// Fewer than [`DOMAIN_MIN`] values are possible.
    #[error("{size} possible values are too few")]
    DomainTooSmall {
        /// How many there are.
        size: u128,
    },
    /// More characters than two halves of 96 bits hold.
    #[error("the value is too long")]
    TooLong,
    /// A numeral is not below the radix.
    #[error("a numeral is not below the radix")]
    Numeral,
    /// The tweak has more bytes than its length field counts.
    #[error("the tweak is too long")]
    Tweak,
}

/// FF1 under one key and radix.
pub struct Ff1 {
    cipher: BlockCipher,
    radix: u32,
}

impl Ff1 {
    /// FF1 over AES-256 or SM4; SM4 takes the first half of the key.
    ///
    /// # Errors
    /// [`Ff1Error::Radix`].
    pub fn new(suite: Suite, key: &[u8; 32], radix: u32) -> Result<Ff1, Ff1Error> {
        Ff1::with(BlockCipher::new(suite, key), radix)
    }

    pub(crate) fn with(cipher: BlockCipher, radix: u32) -> Result<Ff1, Ff1Error> {
        if !(2..=65_536).contains(&radix) {
            return Err(Ff1Error::Radix);
        }
        Ok(Ff1 { cipher, radix })
    }

    /// How many values of `length` numerals there are; the largest number where there are more.
    pub fn domain(&self, length: usize) -> u128 {
        u32::try_from(length)
            .ok()
            .and_then(|length| u128::from(self.radix).checked_pow(length))
            .unwrap_or(u128::MAX)
    }

    /// Encrypts `numerals` (each below the radix) in place.
    ///
    /// # Errors
    /// [`Ff1Error`]; the numerals are unchanged then.
    pub fn encrypt(&self, tweak: &[u8], numerals: &mut [u16]) -> Result<(), Ff1Error> {
        let plan = self.plan(tweak, numerals)?;
        let (mut a, mut b) = self.halves(&plan, numerals)?;
        for round in 0..ROUNDS {
            let modulus = plan.modulus(round);
            let c = add(a, self.round(&plan, tweak, round, b) % modulus, modulus);
            a = b;
            b = c;
        }
        self.write(&plan, a, b, numerals);
        Ok(())
    }

    /// Undoes [`Ff1::encrypt`].
    ///
    /// # Errors
    /// As [`Ff1::encrypt`].
    pub fn decrypt(&self, tweak: &[u8], numerals: &mut [u16]) -> Result<(), Ff1Error> {
        let plan = self.plan(tweak, numerals)?;
        let (mut a, mut b) = self.halves(&plan, numerals)?;
        for round in (0..ROUNDS).rev() {
            let modulus = plan.modulus(round);
            let c = add(b, modulus - self.round(&plan, tweak, round, a) % modulus, modulus);
            b = a;
            a = c;
        }
        self.write(&plan, a, b, numerals);
        Ok(())
    }

    fn plan(&self, tweak: &[u8], numerals: &[u16]) -> Result<Plan, Ff1Error> {
        let length = numerals.len();
        let size = self.domain(length);
        if length < 2 || size < DOMAIN_MIN {
            return Err(Ff1Error::DomainTooSmall { size });
        }
        let left = length / 2;
        let right = length - left;
        let right_size = self.domain(right);
        if right_size > HALF_MAX {
            return Err(Ff1Error::TooLong);
        }
        let tweak_bytes = u32::try_from(tweak.len()).map_err(|_| Ff1Error::Tweak)?;
        let length = u32::try_from(length).map_err(|_| Ff1Error::TooLong)?;
        // `b` of the standard: bytes that hold any right half.
        let number_bytes = (128 - (right_size - 1).leading_zeros()).div_ceil(8) as usize;
        let [_, radix @ ..] = self.radix.to_be_bytes();
        let [.., left_low] = left.to_be_bytes();
        let mut first = [0_u8; 16];
        let fixed = [&[1, 2, 1][..], &radix, &[ROUNDS, left_low]].concat();
        let fields = fixed.iter().copied().chain(length.to_be_bytes()).chain(tweak_bytes.to_be_bytes());
        first.iter_mut().zip(fields).for_each(|(to, from)| *to = from);
        self.cipher.encrypt(&mut first);
        Ok(Plan {
            left,
            left_size: self.domain(left),
            right_size,
            number_bytes,
            // `d` of the standard: bytes of a round's output.
            output_bytes: 4 * number_bytes.div_ceil(4) + 4,
            first,
        })
    }

    fn halves(&self, plan: &Plan, numerals: &[u16]) -> Result<(u128, u128), Ff1Error> {
        if numerals.iter().any(|numeral| u32::from(*numeral) >= self.radix) {
            return Err(Ff1Error::Numeral);
        }
        let number = |part: &[u16]| {
            part.iter().fold(0_u128, |sum, numeral| sum * u128::from(self.radix) + u128::from(*numeral))
        };
        let (left, right) = numerals.split_at(plan.left);
        Ok((number(left), number(right)))
    }

    fn write(&self, plan: &Plan, a: u128, b: u128, numerals: &mut [u16]) {
        let radix = u128::from(self.radix);
        let put = |part: &mut [u16], mut number: u128| {
            for numeral in part.iter_mut().rev() {
                // Below the radix, which is at most 65536.
                *numeral = (number % radix) as u16;
                number /= radix;
            }
        };
        let (left, right) = numerals.split_at_mut(plan.left);
        put(left, a);
        put(right, b);
    }

    /// The output of the round function as a number: a CBC-MAC over tweak, round and the other half.
    fn round(&self, plan: &Plan, tweak: &[u8], round: u8, half: u128) -> u128 {
        let mut state = plan.first;
        let padding = (16 - (tweak.len() + plan.number_bytes + 1) % 16) % 16;
        let half = half.to_be_bytes();
        let number = half.get(16 - plan.number_bytes..).unwrap_or_default();
        if tweak.len() + plan.number_bytes < 16 {
            // The common case: everything fits one block.
            for (byte, tweak) in state.iter_mut().zip(tweak) {
                *byte ^= tweak;
            }
            for (byte, tail) in state.iter_mut().rev().zip(number.iter().rev().chain(Some(&round))) {
                *byte ^= tail;
            }
            self.cipher.encrypt(&mut state);
        } else {
            let zeros = std::iter::repeat_n(0, padding);
            let tail = zeros.chain(Some(round)).chain(number.iter().copied());
            for (index, byte) in tweak.iter().copied().chain(tail).enumerate() {
                if let Some(cell) = state.get_mut(index % 16) {
                    *cell ^= byte;
                }
                if index % 16 == 15 {
                    self.cipher.encrypt(&mut state);
                }
            }
        }
        u128::from_be_bytes(state) >> (8 * (16 - plan.output_bytes.min(16)))
    }
}

/// What depends on the length of the value and of the tweak alone.
struct Plan {
    left: usize,
    left_size: u128,
    right_size: u128,
    number_bytes: usize,
    output_bytes: usize,
    /// The cipher over the block `P` of the standard.
    first: [u8; 16],
}

impl Plan {
    fn modulus(&self, round: u8) -> u128 {
        if round.is_multiple_of(2) { self.left_size } else { self.right_size }
    }
}

/// `a + b` modulo `modulus`; `a` is below it and `b` at most equal to it, and it is at most 2^96.
fn add(a: u128, b: u128, modulus: u128) -> u128 {
    let sum = a + b;
    if sum >= modulus { sum - modulus } else { sum }
}
