//! Telephone, card and device numbers, and addresses of machines: checks over digits without separators.

use super::Tables;
use super::sums::luhn;
use super::tables::Segment;
use std::net::{Ipv4Addr, Ipv6Addr};
use zhunsheng_model::{Kind, Reason, State};

/// The number that ASCII digits spell; the caller hands over at most nineteen of them.
pub(crate) fn number_of(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number: u64, digit| {
        number.wrapping_mul(10).wrapping_add(u64::from(digit.wrapping_sub(b'0')))
    })
}

/// How much speaks for a card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CardParts {
    /// The Luhn sum holds.
    pub(crate) luhn: bool,
    /// A bank gave out cards that begin like this one, of this length.
    pub(crate) bin: bool,
    /// The first digits belong to one of the international card schemes, in the right length.
    pub(crate) scheme: bool,
}

impl Tables {
    /// Checks eleven digits as a mobile number.
    pub(crate) fn phone(&self, digits: &[u8]) -> State {
        let Some(head) = digits.get(..5).filter(|_| digits.len() == 11) else {
            // Numbers of machines have thirteen digits.
            let machine = digits.len() == 13
                && digits
                    .get(..5)
                    .is_some_and(|head| self.segment(number_of(head) as u32) == Segment::NotPersonal);
            return State::Invalid(if machine { Reason::NotPersonal } else { Reason::WrongLength });
        };
        match self.segment(number_of(head) as u32) {
            _ if self.is_test_digits(Kind::Phone, digits) => State::Invalid(Reason::TestValue),
            Segment::Personal => State::Valid,
            Segment::NotPersonal => State::Invalid(Reason::NotPersonal),
            Segment::Unallocated => State::Invalid(Reason::UnallocatedSegment),
        }
    }

    /// Whether digits that begin with 0 are an area code and a subscriber's number; the length of the code.
    pub(crate) fn landline(&self, digits: &[u8]) -> Option<usize> {
        let code = self.area_code(digits)?;
        let subscriber = digits.get(code..)?;
        // Eight digits in the large cities, seven elsewhere; some places have either.
        let right = matches!(subscriber.len(), 7 | 8) && matches!(subscriber.first(), Some(b'2'..=b'8'));
        // Three-digit area codes have had eight digits since the nineties.
        (right && (code == 4 || subscriber.len() == 8)).then_some(code)
    }

    /// Checks digits as a card number.
    pub(crate) fn card(&self, digits: &[u8]) -> CardParts {
        let luhn = luhn(digits);
        // The lists of BINs have gaps in their lengths: six known digits and a Luhn sum outweigh them.
        let bin =
            self.bin(digits).is_some_and(|bin| bin.fits || luhn && bin.places >= 6 && digits.len() >= 16);
        CardParts { luhn, bin, scheme: scheme(digits) }
    }

    /// The state of a card number that its column or a cue announces.
    pub(crate) fn card_state(&self, digits: &[u8]) -> State {
        if !(13..=19).contains(&digits.len()) {
            return State::Invalid(Reason::WrongLength);
        }
        if self.is_test_digits(Kind::BankCard, digits) {
            return State::Invalid(Reason::TestValue);
        }
        let parts = self.card(digits);
        match parts {
            CardParts { luhn: true, bin, scheme } if bin || scheme => State::Valid,
            CardParts { luhn: false, .. } => State::Invalid(Reason::WrongCheck),
            _ => State::Invalid(Reason::UnallocatedSegment),
        }
    }
}

/// Whether the number has the beginning and length of an international card scheme.
fn scheme(digits: &[u8]) -> bool {
    let head = |places: usize| digits.get(..places).map_or(0, number_of);
    match digits.len() {
        13 | 16 | 19 if head(1) == 4 => true,
        16 => {
            (51..=55).contains(&head(2))
                || (2221..=2720).contains(&head(4))
                || (3528..=3589).contains(&head(4))
        }
        15 => matches!(head(2), 34 | 37),
        14 => matches!(head(2), 36 | 38) || (300..=305).contains(&head(3)),
        _ => false,
    }
}

/// Whether fifteen digits are an IMEI by their Luhn digit.
pub(crate) fn imei_holds(digits: &[u8]) -> bool {
    digits.len() == 15 && luhn(digits) && digits.iter().any(|digit| *digit != b'0')
}

/// Whether fifteen digits are an IMSI of a Chinese network.
pub(crate) fn imsi_holds(digits: &[u8]) -> bool {
    digits.len() == 15
        && digits.starts_with(b"460")
        && matches!(
            digits.get(3..5),
            Some(
                b"00"
                    | b"01"
                    | b"02"
                    | b"03"
                    | b"04"
                    | b"05"
                    | b"06"
                    | b"07"
                    | b"08"
                    | b"09"
                    | b"11"
                    | b"13"
                    | b"15"
                    | b"20"
            )
        )
}

/// Whether characters have the form of a Chinese SIM card number, and whether its Luhn digit holds.
///
/// Nineteen characters may be printed without the check digit, twenty may hold letters: such numbers have
/// the form and nothing to check.
pub(crate) fn iccid(text: &[u8]) -> Option<bool> {
    let issuer = matches!(
        text.get(4..6),
        Some(b"00" | b"01" | b"02" | b"03" | b"04" | b"06" | b"07" | b"08" | b"09" | b"11" | b"15")
    );
    (text.starts_with(b"8986") && issuer && matches!(text.len(), 19 | 20)).then(|| luhn(text))
}

/// The state of an IPv4 address.
pub(crate) fn ipv4_state(address: Ipv4Addr) -> State {
    let [a, b, c, _] = address.octets();
    let reserved = address.is_private()
        || address.is_loopback()
        || address.is_link_local()
        || address.is_documentation()
        || address.is_unspecified()
        || a >= 224
        || a == 0
        || (a, b & 0xc0) == (100, 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b & 0xfe) == (198, 18);
    if reserved { State::Invalid(Reason::ReservedAddress) } else { State::Valid }
}

/// The state of an IPv6 address: only global unicast addresses are anybody's.
pub(crate) fn ipv6_state(address: Ipv6Addr) -> State {
    let [a, b, ..] = address.segments();
    let documentation = (a, b) == (0x2001, 0x0db8) || a == 0x3fff && b < 0x1000;
    if a & 0xe000 == 0x2000 && !documentation {
        State::Valid
    } else {
        State::Invalid(Reason::ReservedAddress)
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::tables;
    use super::*;

    #[test]
    fn a_mobile_number_is_judged_by_its_range() {
        let state = |digits: &str| tables().phone(digits.as_bytes());
        assert_eq!(state("13912340001"), State::Valid);
        assert_eq!(state("17012345679"), State::Valid, "virtual operators serve persons");
        assert_eq!(state("14512345679"), State::Valid, "data cards belong to persons");
        assert_eq!(state("17401234567"), State::Valid, "so do satellite telephones");
        assert_eq!(state("17406234567"), State::Invalid(Reason::NotPersonal), "emergency services");
        assert_eq!(state("1064812345678"), State::Invalid(Reason::NotPersonal), "a machine");
        assert_eq!(state("14212345678"), State::Invalid(Reason::UnallocatedSegment));
        assert_eq!(state("12012345678"), State::Invalid(Reason::UnallocatedSegment));
        assert_eq!(state("13800138000"), State::Invalid(Reason::TestValue));
        assert_eq!(state("1391234000"), State::Invalid(Reason::WrongLength));
        assert_eq!(state("139123400012"), State::Invalid(Reason::WrongLength));
    }

    #[test]
    fn a_landline_needs_an_area_code_that_exists() {
        let code = |digits: &str| tables().landline(digits.as_bytes());
        assert_eq!(code("01062345678"), Some(3));
        assert_eq!(code("075523456781"), Some(4));
        assert_eq!(code("03102345678"), Some(4));
        assert_eq!(code("01012345"), None);
        assert_eq!(code("01012345678"), None, "no subscriber's number begins with 1");
        assert_eq!(code("02602345678"), None, "there is no area code 026");
    }

    #[test]
    fn a_card_needs_a_bank_and_a_luhn_digit() {
        assert_eq!(tables().card_state(b"6226678713213799"), State::Valid);
        assert_eq!(tables().card_state(b"6226678713213798"), State::Invalid(Reason::WrongCheck));
        assert_eq!(tables().card_state(b"4111111111111111"), State::Invalid(Reason::TestValue));
        assert_eq!(tables().card_state(b"7777777777777771"), State::Invalid(Reason::UnallocatedSegment));
        assert_eq!(tables().card_state(b"622667871321"), State::Invalid(Reason::WrongLength));
    }

    #[test]
    fn addresses_that_nobody_has_are_reserved() {
        let v4 = |text: &str| ipv4_state(text.parse().unwrap());
        for text in [
            "10.1.2.3",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "127.0.0.1",
            "203.0.113.7",
            "198.51.100.23",
            "192.0.2.1",
            "0.0.0.0",
            "255.255.255.255",
            "224.0.0.1",
            "100.64.0.1",
            "169.254.1.1",
        ] {
            assert_eq!(v4(text), State::Invalid(Reason::ReservedAddress), "{text}");
        }
        for text in ["172.32.0.1", "172.15.0.1", "100.128.0.1", "223.255.255.254", "8.8.8.8", "192.169.0.1"] {
            assert_eq!(v4(text), State::Valid, "{text}");
        }
        assert_eq!(ipv6_state("2408:8000::1".parse().unwrap()), State::Valid);
        for text in ["::1", "fe80::1", "2001:db8::1", "fd00::1"] {
            assert_eq!(ipv6_state(text.parse().unwrap()), State::Invalid(Reason::ReservedAddress), "{text}");
        }
    }

    #[test]
    fn device_numbers_are_told_by_form_and_check() {
        assert!(
            imei_holds(b"862544361318714")
                && !imei_holds(b"862544361318715")
                && !imei_holds(b"000000000000000")
        );
        assert!(
            imsi_holds(b"460001234567890")
                && !imsi_holds(b"460121234567890")
                && !imsi_holds(b"46000123456789")
        );
        assert_eq!(iccid(b"89860012345678901233"), Some(luhn(b"89860012345678901233")));
        assert_eq!(iccid(b"89870012345678901233"), None);
    }
}
