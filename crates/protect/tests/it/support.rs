//! Synthetic values, and operators set up for tests.

use std::sync::{Arc, OnceLock};
use zhunsheng_model::Kind;
use zhunsheng_protect::operator::{self, Operator, Parameters, Setup};
use zhunsheng_protect::{Divisions, Keyring, OperatorError, Suite};
use zhunsheng_rules::Rules;

/// A keyring of one version whose secret is `seed` repeated.
pub(crate) fn ring(suite: Suite, seed: u8) -> Keyring {
    Keyring::new(suite, [seed; 32], None)
}

pub(crate) fn divisions() -> &'static Arc<Divisions> {
    static DIVISIONS: OnceLock<Arc<Divisions>> = OnceLock::new();
    DIVISIONS.get_or_init(|| Arc::new(Divisions::new(Rules::embedded())))
}

/// An operator under `keyring`.
pub(crate) fn make(
    name: &str,
    kind: Kind,
    parameters: &Parameters,
    keyring: Option<&Keyring>,
) -> Result<Box<dyn Operator>, OperatorError> {
    let rules = Rules::embedded();
    let suite = keyring.map(Keyring::suite).unwrap_or_default();
    let setup =
        Setup { kind, parameters, keyring, suite, rules, divisions: divisions(), as_of: rules.as_of() };
    operator::make(name, &setup)
}

/// A stream of numbers that is the same in every run (splitmix64).
pub(crate) struct Numbers(pub(crate) u64);

impl Numbers {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    pub(crate) fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.below(10) as u8)).collect()
    }

    fn letters(&mut self, of: &str, count: usize) -> String {
        let of: Vec<char> = of.chars().collect();
        (0..count).map(|_| of[self.below(of.len() as u64) as usize]).collect()
    }

    /// A value of `kind` in normal form; the check digits are right, so that operators take it.
    pub(crate) fn value(&mut self, kind: Kind) -> String {
        match kind {
            Kind::CnId | Kind::HmtResidence => {
                let areas = ["110105", "440305", "310115", "510104", "650102"];
                let year = 1950 + self.below(70);
                let body = format!(
                    "{}{year}{:02}{:02}{}",
                    areas[self.below(5) as usize],
                    1 + self.below(12),
                    1 + self.below(28),
                    self.digits(3)
                );
                let sum: u32 = body
                    .bytes()
                    .zip([7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2])
                    .map(|(digit, weight)| u32::from(digit - b'0') * weight)
                    .sum();
                body + &"10X98765432"[sum as usize % 11..][..1]
            }
            Kind::Phone => format!("1{}{}", 3 + self.below(7), self.digits(9)),
            Kind::Landline => format!("010{}{}", 2 + self.below(8), self.digits(7)),
            Kind::BankCard => self.luhn("622848", 19),
            Kind::Imei => self.luhn("86", 15),
            Kind::Person => {
                let count = 1 + self.below(2) as usize;
                self.letters("王李张刘陈杨赵黄周吴", 1)
                    + &self.letters("伟芳娜敏静强磊洋勇艳杰娟涛明超", count)
            }
            Kind::Email => {
                let name = self.letters("abcdefghijklmnopqrstuvwxyz", 6) + &self.digits(3);
                name + ["@qq.com", "@163.com", "@example.org"][self.below(3) as usize]
            }
            Kind::Address => {
                let head = ["广东省深圳市南山区", "北京市海淀区", "四川省成都市锦江区", "浙江省杭州市西湖区"];
                format!(
                    "{}科技路{}号{}室",
                    head[self.below(4) as usize],
                    1 + self.below(9999),
                    self.below(9999)
                )
            }
            Kind::Location => {
                let places = ["广东省深圳市南山区", "成都市锦江区", "杭州西湖区", "湖北省武汉市洪山区"];
                places[self.below(4) as usize].to_owned()
            }
            Kind::BirthDate | Kind::HotelTime | Kind::Travel | Kind::Transaction | Kind::CallRecord => {
                format!("{}-{:02}-{:02}", 1950 + self.below(70), 1 + self.below(12), 1 + self.below(28))
            }
            Kind::Age => self.below(100).to_string(),
            Kind::Sex => ["男", "女"][self.below(2) as usize].to_owned(),
            Kind::Salary | Kind::Property => (1000 + self.below(99_000)).to_string(),
            Kind::GeoLng => format!("1{}.{}", self.digits(2), self.digits(6)),
            Kind::GeoLat => format!("3{}.{}", self.digits(1), self.digits(6)),
            Kind::Ip => format!("114.{}.{}.{}", self.below(256), self.below(256), self.below(256)),
            Kind::Mac => {
                let hex = self.letters("0123456789abcdef", 12);
                hex.as_bytes().chunks(2).map(|c| str::from_utf8(c).unwrap()).collect::<Vec<_>>().join(":")
            }
            Kind::Plate => "京A".to_owned() + &self.letters("0123456789ABCDEFGHJKLMNPQRSTUVWXYZ", 5),
            Kind::Vin => self.letters("0123456789ABCDEFGHJKLMNPRSTUVWXYZ", 17),
            Kind::Uscc => {
                const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
                let body = "91".to_owned() + &self.letters(ALPHABET, 15);
                let (mut sum, mut weight) = (0, 1);
                for c in body.chars() {
                    sum += ALPHABET.find(c).unwrap() * weight;
                    weight = weight * 3 % 31;
                }
                let check = (31 - sum % 31) % 31;
                body + &ALPHABET[check..=check]
            }
            Kind::Passport => "E".to_owned() + &self.digits(8),
            Kind::Hkid => "A".to_owned() + &self.digits(7),
            Kind::TwId => "A".to_owned() + &self.digits(9),
            Kind::Wechat | Kind::Account => "wx_".to_owned() + &self.letters("abcdefgh0123456789", 9),
            Kind::Org => self.letters("安博诚达鼎丰富广浩恒", 3) + "科技有限公司",
            Kind::Qq | Kind::SmsCode => format!("{}{}", 1 + self.below(9), self.digits(8)),
            // Numbers of no fixed form: digits, letters of one case or of both among them, separators.
            _ => {
                let count = 7 + self.below(9) as usize;
                match self.below(5) {
                    0 => self.letters("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", count),
                    1 => self.letters("0123456789abcdefghijklmnopqrstuvwxyz", count),
                    2 => self.letters("0123456789ABCXYZabcxyz", count),
                    3 => format!("{}-{}_{}", self.digits(3), self.letters("ABC123", 5), self.digits(2)),
                    _ => self.digits(count),
                }
            }
        }
    }

    fn luhn(&mut self, head: &str, length: usize) -> String {
        let body = head.to_owned() + &self.digits(length - head.len() - 1);
        let sum: u32 = body
            .bytes()
            .rev()
            .enumerate()
            .map(|(index, digit)| {
                let digit = u32::from(digit - b'0') * if index % 2 == 0 { 2 } else { 1 };
                digit / 10 + digit % 10
            })
            .sum();
        body + &((10 - sum % 10) % 10).to_string()
    }
}
