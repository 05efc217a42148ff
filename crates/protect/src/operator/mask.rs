//! `mask`: part of the value is covered, as much as the kind asks for.
//!
//! Numbers keep their ends, names the surname, mail addresses the domain, addresses the city, dates the
//! year. Whatever the parameters say, at least a third of the characters are covered (the domain of a mail
//! address excepted), and what two people have in common by a handful of values (sex, ethnic group …) is
//! covered whole.
//!
//! Parameters: `head` and `tail`, characters kept at the ends of a number or word; `cover`, the covering
//! character, default `*`; `stars`, a fixed number of them instead of one for each character; `to`, for
//! addresses: `province`, `city` (default), `county`.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::division::{Divisions, Level};
use crate::error::OperatorError;
use std::sync::Arc;
use zeroize::Zeroizing;
use zhunsheng_model::Kind;

const NAME: &str = "mask";

pub(super) const ENTRY: Entry = Entry {
    name: NAME,
    keyed: false,
    parameters: &["head", "tail", "cover", "stars", "to"],
    treats: |_| true,
    make,
};

/// How a kind is masked.
enum Form {
    /// So many characters at the ends are kept.
    Ends(usize, usize),
    Name,
    Mail,
    Address(Level),
    Network,
    Year,
    Whole,
}

fn form(kind: Kind) -> Form {
    match kind {
        Kind::Phone => Form::Ends(3, 4),
        Kind::Landline => Form::Ends(0, 4),
        Kind::CnId | Kind::HmtResidence | Kind::ForeignPr => Form::Ends(0, 4),
        Kind::BankCard | Kind::BankAccount => Form::Ends(0, 4),
        Kind::Person => Form::Name,
        Kind::Email => Form::Mail,
        Kind::Address => Form::Address(Level::City),
        Kind::Ip => Form::Network,
        Kind::BirthDate => Form::Year,
        Kind::Plate => Form::Ends(2, 1),
        Kind::Wechat | Kind::Qq | Kind::Account => Form::Ends(1, 1),
        Kind::Imei | Kind::Imsi | Kind::Iccid | Kind::Meid | Kind::Mac => Form::Ends(0, 4),
        Kind::Vin | Kind::Waybill | Kind::Uscc | Kind::OrgCode | Kind::BusinessReg => Form::Ends(0, 4),
        Kind::Passport
        | Kind::HkmPermit
        | Kind::TwPermit
        | Kind::HomeReturn
        | Kind::TaiwanCompatriot
        | Kind::Hkid
        | Kind::MacauId
        | Kind::TwId
        | Kind::MilitaryId
        | Kind::PoliceId
        | Kind::DriverLicence
        | Kind::SocialSecurity
        | Kind::MedicalInsurance
        | Kind::DisabilityCert
        | Kind::BirthCert
        | Kind::DoctorLicence
        | Kind::StudentId
        | Kind::PropertyCert => Form::Ends(0, 2),
        Kind::Org | Kind::Occupation => Form::Ends(1, 1),
        _ => Form::Whole,
    }
}

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let parameters = setup.parameters;
    let count = |name| -> Result<Option<usize>, OperatorError> {
        Ok(parameters.number_in(NAME, name, 0..=32)?.and_then(|n| n.try_into().ok()))
    };
    let (head, tail) = (count("head")?, count("tail")?);
    let level = Level::from_word(parameters.word(NAME, "to", &["city", "province", "county"])?);
    let form = match form(setup.kind) {
        Form::Address(default) => Form::Address(level.unwrap_or(default)),
        Form::Ends(a, b) => Form::Ends(head.unwrap_or(a), tail.unwrap_or(b)),
        Form::Whole if head.is_some() || tail.is_some() => {
            Form::Ends(head.unwrap_or_default(), tail.unwrap_or_default())
        }
        form => form,
    };
    let cover = parameters.any_text(NAME, "cover")?.unwrap_or("*");
    let mut letters = cover.chars();
    let (Some(cover), None) = (letters.next(), letters.next()) else {
        let why = "it is one character".to_owned();
        return Err(OperatorError::Parameter { operator: NAME, name: "cover".to_owned(), why });
    };
    let stars = parameters.number_in(NAME, "stars", 1..=16)?.and_then(|n| n.try_into().ok());
    Ok(Box::new(Mask { form, cover, stars, divisions: Arc::clone(setup.divisions) }))
}

struct Mask {
    form: Form,
    cover: char,
    stars: Option<usize>,
    divisions: Arc<Divisions>,
}

impl Operator for Mask {
    fn apply(&self, value: Value<'_>, _: &Context<'_>) -> Result<String, OperatorError> {
        let text = value.raw.trim();
        let mut out = String::with_capacity(text.len());
        match &self.form {
            Form::Ends(head, tail) => self.ends(text, *head, *tail, &mut out),
            Form::Name => self.name(text, &mut out),
            Form::Mail => self.mail(text, &mut out),
            Form::Address(level) => self.address(text, *level, &mut out),
            Form::Network => self.network(text, &mut out),
            Form::Year => self.year(text, &mut out),
            Form::Whole => self.cover(text.chars().count(), &mut out),
        }
        Ok(out)
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        let by_character = matches!(self.form, Form::Ends(..) | Form::Name | Form::Year | Form::Whole);
        Properties {
            keeps_length: by_character && self.stars.is_none(),
            consistent: true,
            ..Properties::default()
        }
    }
}

impl Mask {
    fn cover(&self, count: usize, out: &mut String) {
        out.extend(std::iter::repeat_n(self.cover, self.stars.unwrap_or(count).max(1)));
    }

    /// Keeps up to `head` and `tail` characters, fewer when less than a third would be covered.
    fn ends(&self, text: &str, head: usize, tail: usize, out: &mut String) {
        let count = text.chars().count();
        let room = count * 2 / 3;
        let head = head.min(room);
        let tail = tail.min(room - head);
        out.extend(text.chars().take(head));
        self.cover(count - head - tail, out);
        out.extend(text.chars().skip(count - tail));
    }

    fn name(&self, text: &str, out: &mut String) {
        let count = text.chars().count();
        // Surnames of two characters are kept whole in names of four; one character may be the whole name.
        let kept = match count {
            0 | 1 => 0,
            4.. if !text.is_ascii() && !text.contains('·') => 2,
            _ => 1,
        };
        out.extend(text.chars().take(kept));
        self.cover(count - kept, out);
    }

    fn mail(&self, text: &str, out: &mut String) {
        match text.split_once('@') {
            Some((local, domain)) => {
                let count = local.chars().count();
                out.extend(local.chars().take(usize::from(count > 2)));
                out.extend(std::iter::repeat_n(self.cover, self.stars.unwrap_or(3)));
                out.push('@');
                out.push_str(domain);
            }
            None => self.cover(text.chars().count(), out),
        }
    }

    /// Keeps what stands before the end of the level, or of the deepest level above it that is there.
    fn address(&self, text: &str, level: Level, out: &mut String) {
        let parsed = self.divisions.parse(text);
        let end = parsed.ends.iter().take(level as usize + 1).flatten().max().copied().unwrap_or(0);
        // An address that is nothing but a city is as vague as what would be left of it.
        out.push_str(text.get(..end).unwrap_or_default());
        out.extend(std::iter::repeat_n(self.cover, self.stars.unwrap_or(3)));
    }

    /// Keeps the first half of the parts of an address of version 4, the first two parts of version 6.
    fn network(&self, text: &str, out: &mut String) {
        let separator = if text.contains(':') { ':' } else { '.' };
        let mut parts = text.split(separator);
        match (parts.next(), parts.next(), parts.next()) {
            (Some(first), Some(second), Some(_)) => {
                for part in [first, second] {
                    out.push_str(part);
                    out.push(separator);
                }
                out.extend(std::iter::repeat_n(self.cover, self.stars.unwrap_or(3)));
            }
            _ => self.cover(text.chars().count(), out),
        }
    }

    /// Keeps the year; the digits of month and day are covered.
    fn year(&self, text: &str, out: &mut String) {
        let year = text.bytes().take_while(u8::is_ascii_digit).count();
        if year < 4 || text.chars().count() <= 4 {
            return self.cover(text.chars().count(), out);
        }
        out.extend(text.chars().take(4));
        out.extend(
            text.chars().skip(4).map(|c| if c.is_alphanumeric() && !is_unit(c) { self.cover } else { c }),
        );
    }
}

fn is_unit(c: char) -> bool {
    matches!(c, '年' | '月' | '日' | '号')
}
