//! `fpe`: format-preserving encryption (FF1): a number becomes another number of the same form.
//!
//! | kind | what is encrypted | what tells it from a real one |
//! |---|---|---|
//! | citizen numbers | the 17 digits | the check character is always wrong |
//! | mobile numbers | the 10 digits behind the 1 | it begins with 2, unless `form = "plausible"` |
//! | bank cards, IMEI | all but the last digit | the check digit is always wrong |
//! | social credit codes, VIN | all but the check character | the check character is always wrong |
//! | plates | the serial behind the two region characters | – |
//! | names of Han characters | every character, among the 6,763 of GB 2312 | it is no name |
//! | mail addresses | letters and digits before the @ | – |
//! | other numbers | letters and digits, letters at the head kept | – |
//!
//! A number that begins with 0 goes on to do so, and one that does not goes on not to: it still fits an
//! integer column.
//!
//! Values of which fewer than 10^6 are possible are refused by name ([`OperatorError::DomainTooSmall`]):
//! birth dates, ages, four-digit codes. So is what does not have the form (a wrong check digit would be
//! lost). The kept characters and the form go in as the tweak.
//!
//! Parameters: `form`, for mobile numbers: `safe` (default) or `plausible`, which begins with 1 and may be
//! somebody else's number.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::check;
use crate::cipher::{Ff1, Ff1Error};
use crate::error::OperatorError;
use crate::form::{compact, in_layout};
use std::sync::OnceLock;
use zeroize::Zeroizing;
use zhunsheng_model::Kind;

const NAME: &str = "fpe";

pub(super) const ENTRY: Entry =
    Entry { name: NAME, keyed: true, parameters: &["form"], treats: |kind| shape(kind).is_some(), make };

/// The form of the values of a kind.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// All but the last character are encrypted in the alphabet; the last is a check that is made wrong.
    Checked(&'static str, Check),
    /// 11 digits beginning with 1.
    Mobile,
    /// So many characters at the head are kept; the rest is encrypted in the alphabet.
    Tail(usize, &'static str),
    /// Letters and digits in the smallest alphabet that holds them; so many leading letters are kept.
    Any(usize),
    /// What stands before the @.
    Mail,
    /// Han characters of GB 2312.
    Han,
    /// Named so that it is refused with its number of values.
    Few(u128),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Check {
    Citizen,
    Luhn,
    SocialCredit,
}

const DIGITS: &str = "0123456789";
const UPPER: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
const LOWER: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const MIXED: &str = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const HEX: &str = "0123456789abcdef";
/// Plates and vehicle numbers use no I and no O.
const PLATE: &str = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const SOCIAL_CREDIT: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";

fn shape(kind: Kind) -> Option<Shape> {
    Some(match kind {
        Kind::CnId | Kind::HmtResidence => Shape::Checked(DIGITS, Check::Citizen),
        Kind::BankCard | Kind::Imei => Shape::Checked(DIGITS, Check::Luhn),
        Kind::Uscc => Shape::Checked(SOCIAL_CREDIT, Check::SocialCredit),
        Kind::Phone => Shape::Mobile,
        Kind::Plate => Shape::Tail(2, PLATE),
        Kind::Mac => Shape::Tail(0, HEX),
        Kind::Vin => Shape::Tail(0, PLATE),
        Kind::Email => Shape::Mail,
        Kind::Person => Shape::Han,
        Kind::Passport
        | Kind::HkmPermit
        | Kind::TwPermit
        | Kind::HomeReturn
        | Kind::TaiwanCompatriot
        | Kind::Hkid
        | Kind::MacauId
        | Kind::TwId => Shape::Any(1),
        Kind::ForeignPr
        | Kind::MilitaryId
        | Kind::PoliceId
        | Kind::DriverLicence
        | Kind::SocialSecurity
        | Kind::MedicalInsurance
        | Kind::DisabilityCert
        | Kind::BirthCert
        | Kind::DoctorLicence
        | Kind::StudentId
        | Kind::Landline
        | Kind::Wechat
        | Kind::Qq
        | Kind::Account
        | Kind::SmsCode
        | Kind::CardSecurity
        | Kind::BankAccount
        | Kind::PropertyCert
        | Kind::Imsi
        | Kind::Iccid
        | Kind::Meid
        | Kind::Waybill
        | Kind::OrgCode
        | Kind::BusinessReg
        | Kind::CaseNo => Shape::Any(0),
        // Two centuries of days; about as many ages as people have years.
        Kind::BirthDate => Shape::Few(73_050),
        Kind::Age => Shape::Few(150),
        Kind::Sex => Shape::Few(2),
        Kind::Ethnicity => Shape::Few(58),
        _ => return None,
    })
}

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let kind = setup.kind;
    let plausible = setup.parameters.word(NAME, "form", &["safe", "plausible"])? == "plausible";
    let shape = shape(kind).ok_or(OperatorError::Unsupported { operator: NAME, kind })?;
    let alphabets: Vec<Alphabet> = match shape {
        Shape::Few(size) => return Err(OperatorError::DomainTooSmall { operator: NAME, kind, size }),
        Shape::Han => vec![Alphabet::new(han())],
        Shape::Mobile => vec![Alphabet::new(DIGITS)],
        Shape::Checked(letters, _) | Shape::Tail(_, letters) => vec![Alphabet::new(letters)],
        Shape::Any(_) | Shape::Mail => [DIGITS, UPPER, LOWER, MIXED].map(Alphabet::new).into(),
    };
    let mut versions = Vec::new();
    for (version, key) in setup.keys(NAME, "ff1")? {
        let ciphers: Result<Vec<Ff1>, Ff1Error> =
            alphabets.iter().map(|alphabet| Ff1::new(setup.suite, &key, alphabet.radix())).collect();
        let ciphers = ciphers.map_err(|_| OperatorError::Unsupported { operator: NAME, kind })?;
        versions.push((version, ciphers));
    }
    Ok(Box::new(Fpe { kind, shape, plausible, alphabets, versions }))
}

struct Fpe {
    kind: Kind,
    shape: Shape,
    plausible: bool,
    alphabets: Vec<Alphabet>,
    /// One cipher an alphabet for each version of the key, newest first.
    versions: Vec<(u32, Vec<Ff1>)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Encrypt,
    Decrypt,
}

impl Operator for Fpe {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        let replaced = self.turn(value.key(), context, Way::Encrypt)?;
        // Mail addresses and names are treated as they stand; the rest is put into the layout of the raw value.
        Ok(match self.shape {
            Shape::Mail | Shape::Han => replaced,
            _ => {
                let made = in_layout(value.raw, &replaced);
                if made == replaced && self.kind == Kind::Mac {
                    in_layout(value.key(), &replaced)
                } else {
                    made
                }
            }
        })
    }

    fn reverse(&self, replaced: &str, context: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        let mut value = Zeroizing::new(self.turn(replaced, context, Way::Decrypt)?);
        if self.kind == Kind::Mac {
            // The normal form of a MAC address has colons.
            let pairs: Vec<&str> =
                (0..value.len()).step_by(2).filter_map(|at| value.get(at..value.len().min(at + 2))).collect();
            let joined = pairs.join(":");
            value = Zeroizing::new(joined);
        }
        Ok(value)
    }

    fn properties(&self) -> Properties {
        let nobodys = match self.shape {
            Shape::Checked(..) => true,
            Shape::Mobile => !self.plausible,
            _ => false,
        };
        Properties {
            reversible: true,
            keeps_length: true,
            keeps_alphabet: true,
            consistent: true,
            distinct: true,
            keyed: true,
            nobodys,
        }
    }
}

impl Fpe {
    fn not(&self, why: &'static str) -> OperatorError {
        OperatorError::NotInDomain { operator: NAME, kind: self.kind, why }
    }

    fn turn(&self, text: &str, context: &Context<'_>, way: Way) -> Result<String, OperatorError> {
        let version = match context.key_version {
            None => self.versions.first(),
            Some(version) => self.versions.iter().find(|(known, _)| *known == version),
        };
        let (_, ciphers) =
            version.ok_or(OperatorError::KeyVersionUnknown { version: context.key_version.unwrap_or(0) })?;
        match self.shape {
            Shape::Checked(_, check) => self.checked(&compact(text), check, ciphers, way),
            Shape::Mobile => self.mobile(&compact(text), ciphers, way),
            Shape::Tail(head, letters) => {
                let mut text = compact(text);
                if letters == HEX {
                    text.make_ascii_lowercase();
                }
                self.tail(&text, head, ciphers, way)
            }
            Shape::Any(head) => self.any(text, head, ciphers, way),
            Shape::Mail => {
                let (local, domain) = text.rsplit_once('@').ok_or_else(|| self.not("it has no @"))?;
                Ok([&self.any(local, 0, ciphers, way)?, "@", domain].concat())
            }
            Shape::Han => self.run(text.trim(), 0, b"han", ciphers, way),
            Shape::Few(size) => Err(OperatorError::DomainTooSmall { operator: NAME, kind: self.kind, size }),
        }
    }

    fn checked(&self, text: &str, check: Check, ciphers: &[Ff1], way: Way) -> Result<String, OperatorError> {
        let length = text.len();
        let fits = match (check, self.kind) {
            (Check::Citizen | Check::SocialCredit, _) => length == 18,
            (Check::Luhn, Kind::Imei) => length == 15,
            (Check::Luhn, _) => (13..=19).contains(&length),
        };
        if !fits || !text.is_ascii() {
            return Err(self.not("it has another length"));
        }
        let (body, last) = text.split_at_checked(length - 1).ok_or_else(|| self.not("it is empty"))?;
        let expected = |body: &str, wrong: bool| -> Option<char> {
            let right = match check {
                Check::Citizen => check::citizen(body.as_bytes()),
                Check::Luhn => check::luhn(body.as_bytes()),
                Check::SocialCredit => check::uscc(body.as_bytes()),
            }?;
            let circle: &[u8] = match check {
                Check::Citizen => b"0123456789X",
                Check::Luhn => DIGITS.as_bytes(),
                Check::SocialCredit => SOCIAL_CREDIT.as_bytes(),
            };
            // The wrong one is the fifth after the right one: fixed, so that it carries nothing.
            let at = circle.iter().position(|known| *known == right)?;
            circle.get((at + if wrong { 5 } else { 0 }) % circle.len()).copied().map(char::from)
        };
        let stands = last.chars().next();
        if expected(body, way == Way::Decrypt) != stands {
            return Err(self.not(match way {
                Way::Encrypt => "its check digit is wrong",
                Way::Decrypt => "it was not made by this operator",
            }));
        }
        let mut turned = body.to_owned();
        loop {
            turned = self.run(&turned, 0, b"checked", ciphers, way)?;
            if leads_alike(body, &turned) {
                break;
            }
        }
        turned.extend(expected(&turned, way == Way::Encrypt));
        Ok(turned)
    }

    fn mobile(&self, text: &str, ciphers: &[Ff1], way: Way) -> Result<String, OperatorError> {
        let marked = if self.plausible { "1" } else { "2" };
        let (from, to) = if way == Way::Encrypt { ("1", marked) } else { (marked, "1") };
        let rest = text.strip_prefix(from).filter(|rest| rest.len() == 10);
        let rest = rest.ok_or_else(|| self.not("it is no mobile number of 11 digits"))?;
        Ok([to, &self.run(rest, 0, b"mobile", ciphers, way)?].concat())
    }

    fn tail(&self, text: &str, head: usize, ciphers: &[Ff1], way: Way) -> Result<String, OperatorError> {
        let split = text.char_indices().nth(head).map(|(at, _)| at);
        let (kept, rest) = split
            .and_then(|at| text.split_at_checked(at))
            .ok_or_else(|| self.not("it is shorter than what is kept"))?;
        Ok([kept, &self.run(rest, 0, kept.as_bytes(), ciphers, way)?].concat())
    }

    /// Encrypts the letters and digits of `text` where they stand, in the smallest alphabet that holds them.
    ///
    /// The result must need the same alphabet and keep as many letters, or it could not be undone: FF1 is
    /// repeated until it does (cycle walking keeps it a permutation).
    fn any(&self, text: &str, head: usize, ciphers: &[Ff1], way: Way) -> Result<String, OperatorError> {
        let is_code = |c: char| c.is_ascii_alphanumeric();
        // `军字第…号` says nothing of a person; in a name that somebody chose, every letter may.
        let worded = matches!(
            self.kind,
            Kind::CaseNo | Kind::PropertyCert | Kind::MilitaryId | Kind::DoctorLicence | Kind::DriverLicence
        );
        if !worded && text.chars().any(|c| c.is_alphanumeric() && !c.is_ascii()) {
            return Err(self.not("it holds other letters than those of ASCII"));
        }
        let mut code: String = text.chars().filter(|c| is_code(*c)).collect();
        let kept: usize = code.bytes().take(head).take_while(u8::is_ascii_alphabetic).count();
        // Where fewer letters are kept than could be, a letter in front would be taken for one of them.
        let digit_first = kept < head;
        let head: String = code.drain(..kept).collect();
        let class = class_of(&code);
        let number = class == 0 && head.is_empty();
        let mut turned = code.clone();
        loop {
            turned = self.run(&turned, class, head.as_bytes(), ciphers, way)?;
            let letter_first = turned.starts_with(|c: char| c.is_ascii_alphabetic());
            let alike = !number || leads_alike(&code, &turned);
            if class_of(&turned) == class && !(digit_first && letter_first) && alike {
                break;
            }
        }
        let mut next = head.chars().chain(turned.chars());
        Ok(text.chars().map(|c| if is_code(c) { next.next().unwrap_or(c) } else { c }).collect())
    }

    fn run(
        &self,
        text: &str,
        alphabet: usize,
        tweak: &[u8],
        ciphers: &[Ff1],
        way: Way,
    ) -> Result<String, OperatorError> {
        let (Some(alphabet), Some(cipher)) = (self.alphabets.get(alphabet), ciphers.get(alphabet)) else {
            return Err(self.not("it has no alphabet"));
        };
        let mut numerals: Zeroizing<Vec<u16>> = Zeroizing::new(Vec::with_capacity(text.len()));
        for c in text.chars() {
            numerals.push(alphabet.numeral(c).ok_or_else(|| self.not("it holds another character"))?);
        }
        let turned = match way {
            Way::Encrypt => cipher.encrypt(tweak, &mut numerals),
            Way::Decrypt => cipher.decrypt(tweak, &mut numerals),
        };
        turned.map_err(|error| match error {
            Ff1Error::DomainTooSmall { size } => {
                OperatorError::DomainTooSmall { operator: NAME, kind: self.kind, size }
            }
            _ => self.not("it is too long"),
        })?;
        Ok(numerals.iter().map(|numeral| alphabet.letter(*numeral)).collect())
    }
}

/// Whether two numbers of the same length both begin with 0 or both do not, so that a number in an integer
/// column stays one of as many digits.
///
/// Short numbers are all alike: those that begin with 0 would be too few.
fn leads_alike(one: &str, other: &str) -> bool {
    one.len() < 7 || one.starts_with('0') == other.starts_with('0')
}

/// The place in `[DIGITS, UPPER, LOWER, MIXED]` of the smallest alphabet that holds `code`.
fn class_of(code: &str) -> usize {
    let upper = code.bytes().any(|byte| byte.is_ascii_uppercase());
    let lower = code.bytes().any(|byte| byte.is_ascii_lowercase());
    usize::from(upper) + 2 * usize::from(lower)
}

/// The characters of an alphabet in order, and the way back.
struct Alphabet {
    letters: Vec<char>,
    /// Numeral of each ASCII character.
    ascii: Box<[Option<u16>; 128]>,
    /// Sorted characters beyond ASCII with their numerals.
    others: Vec<(char, u16)>,
}

impl Alphabet {
    fn new(letters: &str) -> Alphabet {
        let letters: Vec<char> = letters.chars().collect();
        let mut ascii = Box::new([None; 128]);
        let mut others = Vec::new();
        for (numeral, letter) in (0_u16..).zip(&letters) {
            match ascii.get_mut(*letter as usize) {
                Some(cell) => *cell = Some(numeral),
                None => others.push((*letter, numeral)),
            }
        }
        others.sort_unstable();
        Alphabet { letters, ascii, others }
    }

    fn radix(&self) -> u32 {
        self.letters.len() as u32
    }

    fn numeral(&self, letter: char) -> Option<u16> {
        match self.ascii.get(letter as usize) {
            Some(numeral) => *numeral,
            None => {
                let at = self.others.binary_search_by_key(&letter, |(known, _)| *known).ok()?;
                self.others.get(at).map(|(_, numeral)| *numeral)
            }
        }
    }

    fn letter(&self, numeral: u16) -> char {
        self.letters.get(usize::from(numeral)).copied().unwrap_or('\u{fffd}')
    }
}

/// The 6,763 Han characters of GB 2312 (rows 16 to 87), in the order of the standard.
fn han() -> &'static str {
    static HAN: OnceLock<String> = OnceLock::new();
    HAN.get_or_init(|| {
        let rows = (0xb0..=0xf7_u8).flat_map(|row| (0xa1..=0xfe_u8).map(move |cell| [row, cell]));
        // Row 55 ends five cells early; what GBK puts there is outside GB 2312.
        let bytes: Vec<u8> = rows.filter(|[row, cell]| !(*row == 0xd7 && *cell >= 0xfa)).flatten().collect();
        encoding_rs::GBK.decode_without_bom_handling(&bytes).0.into_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_code_list_of_names_is_that_of_the_standard() {
        let all: Vec<char> = han().chars().collect();
        assert_eq!(all.len(), 6763);
        assert_eq!((all.first(), all.last()), (Some(&'啊'), Some(&'齄')));
        assert!(all.iter().all(|c| ('\u{4e00}'..='\u{9fff}').contains(c)));
        let mut sorted = all.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(sorted.len(), all.len());
    }
}
