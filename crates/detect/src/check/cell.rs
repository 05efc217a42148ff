//! Judging a whole cell whose column says what it is.

use super::account::{is_code_word, is_qq, is_wechat};
use super::number::{iccid, imei_holds, imsi_holds, ipv4_state, ipv6_state};
use super::sums::{mod_11_10_holds, org_code_holds, uscc_holds, vin_holds};
use super::{Tables, document};
use crate::normal::{Dated, fold, read_date};
use crate::scan::Scanner;
use zhunsheng_model::{Kind, Reason, State};

/// Whether a cell stands for "nothing".
pub(crate) fn is_placeholder(cell: &str) -> bool {
    const WORDS: [&str; 30] = [
        "",
        "无",
        "無",
        "-",
        "--",
        "---",
        "—",
        "——",
        "/",
        "\\",
        "\\N",
        "N/A",
        "n/a",
        "NA",
        "n.a.",
        "#N/A",
        "null",
        "nil",
        "none",
        "暂无",
        "未知",
        "不详",
        "没有",
        "空",
        "未填",
        "未填写",
        "无信息",
        "?",
        "？",
        "unknown",
    ];
    let cell = cell.trim();
    WORDS.iter().any(|word| cell.eq_ignore_ascii_case(word)) || cell.chars().all(|c| matches!(c, '0' | '-'))
}

/// Whether part of the cell is covered: two asterisks or more, or four X in a row among digits.
fn is_masked(cell: &str) -> bool {
    let stars = cell.chars().filter(|c| matches!(c, '*' | '＊' | '×' | '●' | '•' | '█')).count();
    let bytes = cell.as_bytes();
    stars >= 2
        || stars == 1 && !cell.is_ascii()
        || bytes.windows(4).any(|four| matches!(four, b"XXXX" | b"xxxx"))
            && bytes.iter().any(u8::is_ascii_digit)
}

fn when(holds: bool, reason: Reason) -> State {
    if holds { State::Valid } else { State::Invalid(reason) }
}

impl Scanner {
    /// Judges `cell` (one whole cell) as a value of `kind`, because its column says so.
    ///
    /// Digits may hold blanks, hyphens, full-width digits and a country prefix. Kinds without a form of
    /// their own (names, addresses, sums of money …) are valid unless they are placeholders, masked or
    /// known test values.
    pub fn check_cell(&self, kind: Kind, cell: &str) -> State {
        if is_placeholder(cell) && kind != Kind::Age {
            return State::Placeholder;
        }
        if is_masked(cell) && kind != Kind::Password {
            return State::Masked;
        }
        let tables = &*self.tables;
        let mut folded = String::with_capacity(cell.len());
        fold(cell.trim(), &mut folded);
        let compact: String =
            folded.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{b7}' | '•' | '(' | ')')).collect();
        let compact = compact.to_uppercase();
        let bytes = compact.as_bytes();
        let digits_only = !bytes.is_empty() && bytes.iter().all(u8::is_ascii_digit);
        match kind {
            Kind::CnId | Kind::HmtResidence | Kind::ForeignPr => self.id_cell(kind, bytes),
            Kind::Phone => phone_cell(tables, bytes),
            Kind::Landline => landline_cell(tables, &folded),
            Kind::Email => tables.email(folded.trim()),
            Kind::BankCard if digits_only => tables.card_state(bytes),
            Kind::BankCard => State::Invalid(Reason::WrongForm),
            Kind::Plate => tables.plate(&compact),
            Kind::Passport => {
                when(document::is_passport(bytes) || document::is_foreign_passport(bytes), Reason::WrongForm)
            }
            Kind::HkmPermit => when(document::is_hkm_permit(bytes), Reason::WrongForm),
            Kind::TwPermit => when(document::is_tw_permit(bytes), Reason::WrongForm),
            Kind::HomeReturn => when(document::is_home_return(bytes), Reason::WrongForm),
            Kind::TaiwanCompatriot => when(document::is_taiwan_compatriot(bytes), Reason::WrongForm),
            Kind::MacauId => when(document::is_macau_id(bytes), Reason::WrongForm),
            Kind::Hkid => checked(document::hkid(bytes)),
            Kind::TwId => checked(document::tw_id(bytes)),
            Kind::BirthCert => when(document::is_birth_cert(bytes), Reason::WrongForm),
            Kind::DisabilityCert => self.disability_cell(bytes),
            Kind::DoctorLicence => when(digits_only && bytes.len() == 15, Reason::WrongForm),
            Kind::PoliceId => when(digits_only && (6..=8).contains(&bytes.len()), Reason::WrongForm),
            Kind::DriverLicence if digits_only && bytes.len() == 12 => State::Valid,
            Kind::DriverLicence => self.id_cell(Kind::CnId, bytes),
            Kind::SocialSecurity if bytes.len() == 18 => self.id_cell(Kind::CnId, bytes),
            Kind::SocialSecurity => when(document::is_social_security(bytes), Reason::WrongForm),
            Kind::MedicalInsurance if bytes.len() == 18 && digits_only => State::Valid,
            Kind::MedicalInsurance => when(document::is_medical(bytes), Reason::WrongForm),
            Kind::StudentId => when(document::is_student_number(bytes), Reason::WrongForm),
            Kind::Wechat => {
                let raw = folded.trim().as_bytes();
                // People also give the mobile number that their account was opened with.
                when(is_wechat(raw) || is_qq(raw) || tables.phone(raw) == State::Valid, Reason::WrongForm)
            }
            Kind::Qq => when(is_qq(bytes), Reason::WrongForm),
            Kind::SmsCode => when(
                (4..=8).contains(&bytes.len()) && bytes.iter().all(u8::is_ascii_alphanumeric),
                Reason::WrongForm,
            ),
            Kind::Password => when(!is_code_word(folded.trim()), Reason::TestValue),
            Kind::Vin if bytes.len() != 17 => State::Invalid(Reason::WrongLength),
            Kind::Vin => when(vin_holds(bytes), Reason::WrongCheck),
            Kind::Imei if !digits_only => State::Invalid(Reason::WrongForm),
            Kind::Imei if bytes.len() == 16 => State::Valid,
            Kind::Imei if bytes.len() != 15 => State::Invalid(Reason::WrongLength),
            Kind::Imei => when(imei_holds(bytes), Reason::WrongCheck),
            Kind::Meid => when(
                matches!(bytes.len(), 14 | 15) && bytes.iter().all(u8::is_ascii_hexdigit),
                Reason::WrongForm,
            ),
            Kind::Imsi => when(imsi_holds(bytes), Reason::WrongForm),
            Kind::Iccid => match iccid(bytes) {
                None => State::Invalid(Reason::WrongForm),
                Some(holds) => when(holds || bytes.len() == 19 || !digits_only, Reason::WrongCheck),
            },
            Kind::Mac => mac_cell(bytes),
            Kind::Ip => ip_cell(folded.trim()),
            Kind::Uscc if bytes.len() == 18 => when(uscc_holds(bytes), Reason::WrongCheck),
            Kind::Uscc => State::Invalid(Reason::WrongLength),
            Kind::OrgCode => when(org_code_holds(bytes), Reason::WrongCheck),
            Kind::BusinessReg if bytes.len() == 15 => when(mod_11_10_holds(bytes), Reason::WrongCheck),
            Kind::BusinessReg if bytes.len() == 18 => when(uscc_holds(bytes), Reason::WrongCheck),
            Kind::BusinessReg => State::Invalid(Reason::WrongLength),
            Kind::GeoLng => coordinate(&folded, 180.0),
            Kind::GeoLat => coordinate(&folded, 90.0),
            Kind::BirthDate => match read_date(folded.trim()) {
                Dated::Day(date) => when(date <= self.reference, Reason::FutureDate),
                Dated::Month => State::Valid,
                Dated::Impossible => State::Invalid(Reason::ImpossibleDate),
                Dated::NotADate => State::Invalid(Reason::WrongForm),
            },
            Kind::Age => {
                let number = folded.trim().trim_end_matches(['岁', '周']).trim().parse::<u16>();
                when(number.is_ok_and(|age| age <= 130), Reason::WrongForm)
            }
            Kind::Sex => when(
                matches!(
                    folded.trim(),
                    "男" | "女" | "男性" | "女性" | "M" | "F" | "m" | "f" | "1" | "2" | "0" | "9"
                ) || ["male", "female"].iter().any(|word| folded.trim().eq_ignore_ascii_case(word)),
                Reason::WrongForm,
            ),
            Kind::Ethnicity => {
                let word = folded.trim();
                let code = word.parse::<u8>().is_ok_and(|code| (1..=58).contains(&code) || code >= 97);
                when(tables.is_ethnic_group(word) || code, Reason::WrongForm)
            }
            Kind::Waybill => when(
                (8..=24).contains(&bytes.len())
                    && bytes.iter().all(u8::is_ascii_alphanumeric)
                    && bytes.iter().filter(|byte| byte.is_ascii_digit()).count() >= 8,
                Reason::WrongForm,
            ),
            _ if tables.is_test(kind, folded.trim()) => State::Invalid(Reason::TestValue),
            _ => State::Valid,
        }
    }

    fn id_cell(&self, kind: Kind, bytes: &[u8]) -> State {
        if self.tables.is_test_digits(Kind::CnId, bytes) {
            return State::Invalid(Reason::TestValue);
        }
        if kind == Kind::ForeignPr && document::is_foreign_pr_old(bytes) {
            return State::Valid;
        }
        let parts = match bytes.len() {
            18 => self.tables.id18(bytes, self.reference),
            15 => self.tables.id15(bytes, self.reference),
            _ => {
                let number = bytes.split_last().is_some_and(|(_, head)| head.iter().all(u8::is_ascii_digit));
                return State::Invalid(if number { Reason::WrongLength } else { Reason::WrongForm });
            }
        };
        parts.map_or(State::Invalid(Reason::WrongForm), |parts| parts.state())
    }

    fn disability_cell(&self, bytes: &[u8]) -> State {
        let (Some(id), Some([b'1'..=b'7', b'1'..=b'4'])) = (bytes.get(..18), bytes.get(18..)) else {
            return State::Invalid(Reason::WrongForm);
        };
        self.id_cell(Kind::CnId, id)
    }
}

fn checked(holds: Option<bool>) -> State {
    match holds {
        None => State::Invalid(Reason::WrongForm),
        Some(holds) => when(holds, Reason::WrongCheck),
    }
}

fn phone_cell(tables: &Tables, bytes: &[u8]) -> State {
    let bytes = bytes.strip_prefix(b"+").unwrap_or(bytes);
    // Spreadsheets that take the number for a decimal write `13912340001.0`.
    let bytes = bytes.strip_suffix(b".0").unwrap_or(bytes);
    if !bytes.iter().all(u8::is_ascii_digit) {
        return State::Invalid(Reason::WrongForm);
    }
    let local = match bytes.len() {
        13 => bytes.strip_prefix(b"86"),
        14 => bytes.strip_prefix(b"086"),
        15 => bytes.strip_prefix(b"0086"),
        12 => bytes.strip_prefix(b"0").filter(|rest| rest.starts_with(b"1")),
        _ => None,
    };
    tables.phone(local.unwrap_or(bytes))
}

fn landline_cell(tables: &Tables, folded: &str) -> State {
    let main = folded.split(['转', '#', 'x', 'X']).next().unwrap_or_default().trim();
    // What stands behind the last hyphen may be an extension: `010-62345678-8001`.
    let forms = [Some(main), main.rsplit_once('-').map(|(head, _)| head)];
    for form in forms.into_iter().flatten() {
        let digits: Vec<u8> = form.bytes().filter(u8::is_ascii_digit).collect();
        let digits = match digits.strip_prefix(b"86") {
            Some(rest) if rest.len() >= 9 => [b"0", rest.strip_prefix(b"0").unwrap_or(rest)].concat(),
            _ => digits,
        };
        let local = matches!(digits.len(), 7 | 8) && matches!(digits.first(), Some(b'2'..=b'8'));
        // Some write a mobile number into the column for landlines.
        if local || tables.landline(&digits).is_some() || tables.phone(&digits) == State::Valid {
            return State::Valid;
        }
    }
    let digits: Vec<u8> = main.bytes().filter(u8::is_ascii_digit).collect();
    let hotline = digits.starts_with(b"400") || digits.starts_with(b"800") || digits.len() <= 6;
    State::Invalid(if hotline { Reason::NotPersonal } else { Reason::WrongForm })
}

fn mac_cell(bytes: &[u8]) -> State {
    let hex: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b':' | b'.')).collect();
    if hex.len() != 12 || !hex.iter().all(u8::is_ascii_hexdigit) {
        return State::Invalid(Reason::WrongForm);
    }
    let reserved = hex.iter().all(|byte| *byte == b'0') || hex.iter().all(|byte| *byte == b'F');
    when(!reserved, Reason::ReservedAddress)
}

fn ip_cell(text: &str) -> State {
    if let Ok(address) = text.parse() {
        return ipv4_state(address);
    }
    match text.trim_matches(['[', ']']).parse() {
        Ok(address) => ipv6_state(address),
        Err(_) => text
            .rsplit_once(':')
            .and_then(|(host, _)| host.parse().ok())
            .map_or(State::Invalid(Reason::WrongForm), ipv4_state),
    }
}

fn coordinate(text: &str, limit: f64) -> State {
    let number = text.trim().trim_end_matches(['°', 'E', 'N', 'W', 'S', 'e', 'n']).parse::<f64>();
    when(number.is_ok_and(|degrees| degrees.abs() <= limit && degrees != 0.0), Reason::WrongForm)
}

#[cfg(test)]
mod tests {
    use super::super::tests::tables;
    use super::*;
    use std::sync::Arc;
    use zhunsheng_model::Date;

    fn check(kind: Kind, cell: &str) -> State {
        Scanner::new(Arc::clone(tables()), Date::parse("2024-03-01").unwrap()).check_cell(kind, cell)
    }

    #[test]
    fn numbers_may_be_written_in_many_ways() {
        for cell in [
            "13912340001",
            "139 1234 0001",
            "139-1234-0001",
            "+86 13912340001",
            "86-13912340001",
            "１３９１２３４０００１",
            "+8613912340001",
            "008613912340001",
            " 13912340001 ",
            "13912340001.0",
        ] {
            assert_eq!(check(Kind::Phone, cell), State::Valid, "{cell}");
        }
        for cell in [
            "11010119900307299x",
            "110101 19900307 299X",
            "１１０１０１１９９００３０７２９９Ｘ",
            "610481920427025",
        ] {
            assert_eq!(check(Kind::CnId, cell), State::Valid, "{cell}");
        }
        assert_eq!(check(Kind::BankCard, "6226 6787 1321 3799"), State::Valid);
        assert_eq!(check(Kind::Plate, "京a·8k325"), State::Valid);
        assert_eq!(check(Kind::Landline, "(010)62345678-8001"), State::Valid);
        assert_eq!(check(Kind::Mac, "AA-bb-CC-dd-EE-01"), State::Valid);
    }

    #[test]
    fn each_failure_has_its_reason() {
        for (kind, cell, reason) in [
            (Kind::Phone, "1391234000", Reason::WrongLength),
            (Kind::Phone, "139123400011", Reason::WrongLength),
            (Kind::Phone, "14212340001", Reason::UnallocatedSegment),
            (Kind::Phone, "11111111111", Reason::TestValue),
            (Kind::Phone, "张三", Reason::WrongForm),
            (Kind::CnId, "110101199003072990", Reason::WrongCheck),
            (Kind::CnId, "111111111111111111", Reason::TestValue),
            (Kind::CnId, "1101011990030729", Reason::WrongLength),
            (Kind::Email, "test@example.com", Reason::TestValue),
            (Kind::Ip, "192.168.1.1", Reason::ReservedAddress),
            (Kind::Person, "张三", Reason::TestValue),
            (Kind::Landline, "400-810-6666", Reason::NotPersonal),
            (Kind::BirthDate, "2023-02-29", Reason::ImpossibleDate),
            (Kind::BirthDate, "2024-03-02", Reason::FutureDate),
            (Kind::Vin, "1M8GDM9A1KP042788", Reason::WrongCheck),
            (Kind::Sex, "汉族", Reason::WrongForm),
        ] {
            assert_eq!(check(kind, cell), State::Invalid(reason), "{kind:?} {cell}");
        }
    }

    #[test]
    fn nothing_and_covered_values_are_told_apart() {
        for cell in ["", "无", "-", "N/A", "null", "\\N", "暂无", "0"] {
            assert_eq!(check(Kind::Phone, cell), State::Placeholder, "{cell}");
        }
        for (kind, cell) in [
            (Kind::Phone, "138****5678"),
            (Kind::CnId, "110101********299X"),
            (Kind::Person, "张**"),
            (Kind::Person, "张*"),
            (Kind::BankCard, "6226XXXXXXXX3799"),
            (Kind::Email, "z***@qq.com"),
        ] {
            assert_eq!(check(kind, cell), State::Masked, "{cell}");
        }
        assert_eq!(check(Kind::BirthDate, "2024-03-01"), State::Valid);
        assert_eq!(check(Kind::Person, "李雷"), State::Valid);
    }
}
