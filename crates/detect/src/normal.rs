//! The form of a value in which equal values are equal.

use crate::check::mod_11_2;
use zhunsheng_model::{Date, Kind};

/// Appends `text` with full-width ASCII as ASCII and the various hyphens and blanks as `-` and ` `.
pub(crate) fn fold(text: &str, out: &mut String) {
    out.extend(text.chars().map(|c| match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        _ => c,
    }));
}

/// What a text says as a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dated {
    /// A day of the calendar.
    Day(Date),
    /// A year and a month only.
    Month,
    /// It has the form of a date, and there is no such day.
    Impossible,
    /// Not a date.
    NotADate,
}

/// Reads `1990-03-07`, `1990/3/7`, `1990.3.7`, `1990年3月7日`, `19900307`, `1990年3月`, each with a time behind it
/// or without.
pub(crate) fn read_date(text: &str) -> Dated {
    let mut parts = [0_u32; 3];
    let mut lens = [0_usize; 3];
    let mut part = 0;
    for c in text.chars() {
        match c {
            '0'..='9' => {
                let (Some(value), Some(len)) = (parts.get_mut(part), lens.get_mut(part)) else { break };
                *value = value.wrapping_mul(10).wrapping_add(c as u32 - '0' as u32);
                *len += 1;
                if *len > 8 {
                    return Dated::NotADate;
                }
            }
            '-' | '/' | '.' | '年' | '月' if lens.get(part).is_some_and(|len| *len > 0) => part += 1,
            '日' | '号' | ' ' | 'T' if part == 2 && lens.get(2).is_some_and(|len| *len > 0) => break,
            ' ' if part == 0 && lens.first() == Some(&8) => break,
            ' ' => {}
            _ => return Dated::NotADate,
        }
    }
    let (year, month, day) = match (parts, lens) {
        ([compact, 0, 0], [8, 0, 0]) => (compact / 10_000, compact / 100 % 100, compact % 100),
        ([year, month, day], [4, 1..=2, 1..=2]) => (year, month, day),
        ([year, month, _], [4, 1..=2, 0]) if (1..=12).contains(&month) && year > 0 => return Dated::Month,
        _ => return Dated::NotADate,
    };
    let date = u16::try_from(year).ok().zip(u8::try_from(month).ok()).zip(u8::try_from(day).ok());
    date.and_then(|((year, month), day)| Date::new(year, month, day)).map_or(Dated::Impossible, Dated::Day)
}

/// Appends the form of `raw` in which equal values of `kind` are equal.
///
/// Identity numbers of fifteen digits become those of eighteen; telephone and card numbers lose their
/// separators and country prefix; mail addresses and account names are written in lower case, dates as
/// `YYYY-MM-DD`, plates without separators in upper case; names and addresses lose their blanks.
/// `normal` of a normal form is the same form.
pub fn normal(kind: Kind, raw: &str, out: &mut String) {
    let mut folded = String::with_capacity(raw.len());
    fold(raw.trim(), &mut folded);
    let text = folded.trim();
    match kind {
        Kind::CnId | Kind::HmtResidence | Kind::ForeignPr => {
            let from = out.len();
            push_compact_upper(text, out);
            let compact = out.get(from..).unwrap_or_default();
            if compact.len() == 15 && compact.bytes().all(|byte| byte.is_ascii_digit()) {
                let century = if compact.ends_with(|c| c >= '6') && compact.get(12..14) == Some("99") {
                    "18"
                } else {
                    "19"
                };
                let body = [compact.get(..6), Some(century), compact.get(6..)]
                    .map(Option::unwrap_or_default)
                    .concat();
                if let Some(check) = mod_11_2(body.as_bytes()) {
                    out.truncate(from);
                    out.push_str(&body);
                    out.push(char::from(check));
                }
            }
        }
        Kind::Phone => {
            let text = text.strip_suffix(".0").unwrap_or(text);
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            let local = ["0086", "086", "86", "0"]
                .iter()
                .find_map(|prefix| digits.strip_prefix(prefix).filter(|rest| rest.len() == 11))
                .unwrap_or(&digits);
            out.push_str(local);
        }
        Kind::Landline => push_landline(text, out),
        Kind::BankCard | Kind::BankAccount | Kind::Imei | Kind::Imsi | Kind::Qq | Kind::PoliceId => {
            out.extend(text.chars().filter(char::is_ascii_alphanumeric));
        }
        Kind::Email | Kind::Wechat => out.extend(text.chars().map(|c| c.to_ascii_lowercase())),
        Kind::Account | Kind::Password | Kind::SmsCode => out.push_str(text),
        Kind::Mac => {
            let hex = text.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_lowercase());
            for (index, digit) in hex.enumerate() {
                if index > 0 && index % 2 == 0 {
                    out.push(':');
                }
                out.push(digit);
            }
        }
        Kind::Ip => match text.trim_matches(['[', ']']).parse::<std::net::IpAddr>() {
            Ok(address) => out.push_str(&address.to_canonical().to_string()),
            Err(_) => out.push_str(text),
        },
        Kind::BirthDate => match read_date(text) {
            Dated::Day(date) => out.push_str(&date.to_string()),
            _ => out.push_str(text),
        },
        Kind::Sex => out.push_str(match text {
            "男" | "男性" | "M" | "m" | "1" => "男",
            "女" | "女性" | "F" | "f" | "2" => "女",
            _ if text.eq_ignore_ascii_case("male") => "男",
            _ if text.eq_ignore_ascii_case("female") => "女",
            other => other,
        }),
        Kind::Age => {
            let digits: String = text.chars().filter(char::is_ascii_digit).collect();
            out.push_str(if digits.is_empty() { text } else { &digits });
        }
        Kind::Person => out.extend(text.chars().filter(|c| !c.is_whitespace() || text.is_ascii())),
        Kind::Address | Kind::Org | Kind::Location => out.extend(text.chars().filter(|c| !c.is_whitespace())),
        Kind::Passport
        | Kind::HkmPermit
        | Kind::TwPermit
        | Kind::HomeReturn
        | Kind::TaiwanCompatriot
        | Kind::Hkid
        | Kind::MacauId
        | Kind::TwId
        | Kind::MilitaryId
        | Kind::DriverLicence
        | Kind::SocialSecurity
        | Kind::MedicalInsurance
        | Kind::DisabilityCert
        | Kind::BirthCert
        | Kind::DoctorLicence
        | Kind::StudentId
        | Kind::Plate
        | Kind::Vin
        | Kind::Meid
        | Kind::Iccid
        | Kind::Waybill
        | Kind::Uscc
        | Kind::OrgCode
        | Kind::BusinessReg => push_compact_upper(text, out),
        _ => {
            // Runs of blanks become one blank, so that line breaks inside a value do not matter.
            for (index, word) in text.split_whitespace().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                out.push_str(word);
            }
        }
    }
}

fn push_compact_upper(text: &str, out: &mut String) {
    let separator = |c: &char| c.is_whitespace() || matches!(c, '-' | '\u{b7}' | '•' | '(' | ')' | '.');
    out.extend(text.chars().filter(|c| !separator(c)).map(|c| c.to_ascii_uppercase()));
}

/// Area code and number in digits; an extension behind a hyphen.
fn push_landline(text: &str, out: &mut String) {
    let groups = text.split(|c: char| !c.is_ascii_digit()).filter(|group| !group.is_empty());
    let mut groups: Vec<&str> = groups.collect();
    let mut digits = String::new();
    if groups.first() == Some(&"86") {
        groups.remove(0);
        if !groups.first().is_some_and(|group| group.starts_with('0')) {
            digits.push('0');
        }
    }
    for group in groups {
        // A full number has ten digits or more with its area code, seven or more without.
        let full = if digits.starts_with('0') { digits.len() >= 10 } else { digits.len() >= 7 };
        if full && !digits.contains('-') {
            digits.push('-');
        }
        digits.push_str(group);
    }
    out.push_str(&digits);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: Kind, raw: &str) -> String {
        let mut out = String::new();
        normal(kind, raw, &mut out);
        out
    }

    #[test]
    fn equal_values_get_equal_forms() {
        for (kind, raws, expected) in [
            (
                Kind::CnId,
                &["110101900307299", "11010119900307299x", "110101 19900307 299X"][..],
                "11010119900307299X",
            ),
            (
                Kind::Phone,
                &[
                    "13912340001",
                    "+86 139-1234-0001",
                    "86-13912340001",
                    "１３９１２３４０００１",
                    "8613912340001",
                ][..],
                "13912340001",
            ),
            (
                Kind::Landline,
                &["010-62345678", "(010)62345678", "+86-10-62345678", "010 6234 5678"][..],
                "01062345678",
            ),
            (Kind::Landline, &["010-62345678-8001", "010-62345678转8001"][..], "01062345678-8001"),
            (Kind::BankCard, &["6226 6787 1321 3799", "6226678713213799"][..], "6226678713213799"),
            (Kind::Email, &["Zhang@QQ.com", "zhang@qq.com "][..], "zhang@qq.com"),
            (
                Kind::BirthDate,
                &["1990年3月7日", "1990-03-07", "1990/3/7", "19900307", "1990-03-07 00:00:00"][..],
                "1990-03-07",
            ),
            (Kind::Plate, &["京a·8K325", "京A 8K325", "京A8K325"][..], "京A8K325"),
            (Kind::Mac, &["AA-BB-CC-DD-EE-01", "aa:bb:cc:dd:ee:01"][..], "aa:bb:cc:dd:ee:01"),
            (Kind::Ip, &["2408:8000:0:0:0:0:0:1", "2408:8000::1"][..], "2408:8000::1"),
            (Kind::Person, &["张　三", "张 三", "张三"][..], "张三"),
            (Kind::Person, &["John Smith"][..], "John Smith"),
            (Kind::Sex, &["男", "M", "male"][..], "男"),
            (Kind::Hkid, &["A123456(3)", "a123456（3）"][..], "A1234563"),
        ] {
            for raw in raws {
                assert_eq!(form(kind, raw), expected, "{kind:?} {raw}");
            }
        }
    }

    #[test]
    fn a_normal_form_is_its_own_normal_form() {
        let samples = [
            "110101900307299",
            "+86 139-1234-0001",
            "010-62345678转8001",
            "Zhang@QQ.com",
            "1990年3月7日",
            "京a·8K325",
            "AA-BB-CC-DD-EE-01",
            "2408:8000:0:0:0:0:0:1",
            "张　三",
            "",
            "  ",
            "86 86 86",
            "0013912340001",
            "１９９０",
            "::ffff:1.2.3.4",
            "8613912340001.0",
            "08613912340001",
        ];
        for kind in Kind::ALL {
            for sample in samples {
                let once = form(*kind, sample);
                assert_eq!(form(*kind, &once), once, "{kind:?} {sample}");
            }
        }
    }

    #[test]
    fn dates_are_read_in_every_form_and_nothing_else() {
        assert_eq!(read_date("1990年3月"), Dated::Month);
        assert_eq!(read_date("2023-02-29"), Dated::Impossible);
        assert_eq!(read_date("1990-13-07"), Dated::Impossible);
        for text in ["", "1990", "90-3-7", "199003077", "三月七日", "1990--7"] {
            assert_eq!(read_date(text), Dated::NotADate, "{text}");
        }
    }
}
