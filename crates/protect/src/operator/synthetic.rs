//! `synthetic`: an invented value in place of the true one, drawn by the key from lexicons.
//!
//! Equal values have equal replacements in every file and run, and birth date and age go with the invented
//! citizen number of the same person. Nothing invented can belong to a living person, as far as the kind
//! allows to say so:
//!
//! | kind | why it is nobody's |
//! |---|---|
//! | citizen numbers, bank cards, IMEI, VIN, social credit codes | the check digit is wrong |
//! | mobile numbers | a segment never given out |
//! | landlines | no subscriber's number begins with 0 |
//! | mail addresses | `example.com` (RFC 2606) |
//! | network addresses | blocks for documentation (RFC 5737, RFC 3849) |
//! | MAC addresses | the bit for locally administered addresses |
//! | plates, passports | the letter I or O where the authorities use none |
//! | WeChat ids, QQ numbers, accounts | longer than, or not of the form, that is given out |
//! | addresses, organisations | called 示例 (example) |
//!
//! Names, birth dates and ages are those that anybody could have.
//!
//! Parameters: `keep`, a list of `sex`, `age_band` (the same five years of birth), `province`, `issuer` (the
//! first six digits of a card); default `["sex", "age_band", "province"]`.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::cipher::Mac;
use crate::day::{self, Written};
use crate::division::Divisions;
use crate::error::OperatorError;
use crate::form::{compact, consonants, in_layout};
use crate::person::sex_of_number;
use crate::{Sex, Value, check};
use std::sync::Arc;
use zeroize::Zeroizing;
use zhunsheng_model::{Date, Kind};

const NAME: &str = "synthetic";

pub(super) const ENTRY: Entry = Entry {
    name: NAME,
    keyed: true,
    parameters: &["keep"],
    treats: |kind| {
        matches!(
            kind,
            Kind::Person
                | Kind::CnId
                | Kind::HmtResidence
                | Kind::Passport
                | Kind::Phone
                | Kind::Landline
                | Kind::Email
                | Kind::Wechat
                | Kind::Qq
                | Kind::Account
                | Kind::Address
                | Kind::BirthDate
                | Kind::Age
                | Kind::BankCard
                | Kind::Plate
                | Kind::Vin
                | Kind::Imei
                | Kind::Mac
                | Kind::Ip
                | Kind::Uscc
                | Kind::Org
        )
    },
    make,
};

/// Characters of given names, by sex; common ones, so that what is invented reads like a name.
const MALE: &str =
    "伟强磊军勇杰涛明超刚平辉鹏华飞鑫波斌宇浩凯健俊帆帅旭宁龙林欢佳阳建亮成畅洋峰坤毅志振国海东博文昊轩睿";
const FEMALE: &str =
    "芳娜敏静秀丽艳娟霞燕玲桂英玉萍红兰凤洁梅琳素云莲雪荣爱妹香月莺媛瑞凡佳嘉琼勤珍贞莉婷慧莹欣妍雅倩蓉";
const NEUTRAL: &str = "华宁平林文明晓佳雨晨安乐言清远景然子思天一知行心悦可新春秋和泽润之书航逸";
/// The most frequent surnames of the lexicon that are drawn from.
const SURNAMES: usize = 200;

const ROADS: &[&str] =
    &["示例路", "示例街", "示例大道", "示例巷", "示例东路", "示例西路", "示例南街", "示例北街"];

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    const WORDS: &[&str] = &["sex", "age_band", "province", "issuer"];
    let keep = setup.parameters.words(NAME, "keep", WORDS)?;
    let keep = keep.unwrap_or_else(|| vec!["sex", "age_band", "province"]);
    // Citizen number, birth date and age of a person must agree, so they share a key; the others do not.
    let shared = matches!(setup.kind, Kind::CnId | Kind::HmtResidence | Kind::BirthDate | Kind::Age);
    let key = if shared {
        let ring = setup.keyring.ok_or(OperatorError::KeyMissing { operator: NAME })?;
        let version = ring.newest().version();
        let usage = crate::keys::Usage { operator: NAME, kind: Kind::CnId.id(), purpose: "person" };
        ring.subkey(version, setup.suite, &usage).map_err(|_| OperatorError::KeyVersionUnknown { version })?
    } else {
        setup.key(NAME, "draw")?
    };
    let lexicon = |name| setup.rules.lexicon(name).unwrap_or_default();
    let column = |name, columns: fn(&[&str]) -> Option<String>| -> Vec<String> {
        lexicon(name)
            .lines()
            .skip(1)
            .filter_map(|line| columns(&line.split('\t').collect::<Vec<_>>()))
            .collect()
    };
    let list = match setup.kind {
        Kind::Person => {
            let mut all = column("surnames.tsv", |row| Some((*row.first()?).to_owned()));
            all.retain(|surname| surname.chars().count() == 1);
            all.truncate(SURNAMES);
            all
        }
        Kind::Phone => column("mobile-segments.tsv", |row| match row {
            [segment, "11", "unallocated", ..] => Some((*segment).to_owned()),
            _ => None,
        }),
        Kind::BankCard => {
            column("bank-bin.tsv", |row| Some((*row.first()?).to_owned()).filter(|bin| bin.len() == 6))
        }
        Kind::Landline => column("area-codes.tsv", |row| Some((*row.first()?).to_owned())),
        _ => Vec::new(),
    };
    if list.is_empty() && matches!(setup.kind, Kind::Person | Kind::Phone | Kind::BankCard | Kind::Landline) {
        // The rules are part of the program and hold these lists; without them nothing safe can be drawn.
        return Err(OperatorError::Unsupported { operator: NAME, kind: setup.kind });
    }
    let has = |word| keep.contains(&word);
    Ok(Box::new(Synthetic {
        kind: setup.kind,
        mac: Mac::new(setup.suite, key.as_ref()),
        keep_sex: has("sex"),
        keep_age: has("age_band"),
        keep_province: has("province"),
        keep_issuer: has("issuer"),
        as_of: setup.as_of,
        list,
        divisions: Arc::clone(setup.divisions),
    }))
}

struct Synthetic {
    kind: Kind,
    mac: Mac,
    keep_sex: bool,
    keep_age: bool,
    keep_province: bool,
    keep_issuer: bool,
    as_of: Date,
    /// Surnames, segments, issuers or area codes.
    list: Vec<String>,
    divisions: Arc<Divisions>,
}

impl Operator for Synthetic {
    fn apply(&self, value: Value<'_>, context: &Context<'_>) -> Result<String, OperatorError> {
        let key = value.key();
        // What is drawn must not be the value itself; a second drawing is as likely to be it as the first.
        for attempt in 0..8 {
            let drawn = self.drawn(value, key, context, attempt)?;
            if drawn != value.raw && drawn != key {
                return Ok(drawn);
            }
        }
        Err(self.not("nothing else could be drawn"))
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        let by_value = !matches!(self.kind, Kind::BirthDate | Kind::Age | Kind::Person);
        Properties {
            consistent: by_value,
            keeps_length: matches!(
                self.kind,
                Kind::CnId
                    | Kind::HmtResidence
                    | Kind::Phone
                    | Kind::BankCard
                    | Kind::Imei
                    | Kind::Vin
                    | Kind::Uscc
                    | Kind::Qq
            ),
            nobodys: !matches!(self.kind, Kind::Person | Kind::BirthDate | Kind::Age),
            keyed: true,
            ..Properties::default()
        }
    }
}

impl Synthetic {
    fn not(&self, why: &'static str) -> OperatorError {
        OperatorError::NotInDomain { operator: NAME, kind: self.kind, why }
    }

    fn draw(&self, what: &str, about: &str, attempt: u8) -> Draw<'_> {
        Draw {
            mac: &self.mac,
            what: what.to_owned(),
            about: Zeroizing::new(about.to_owned()),
            attempt,
            turn: 0,
        }
    }

    fn drawn(
        &self,
        value: Value<'_>,
        key: &str,
        context: &Context<'_>,
        attempt: u8,
    ) -> Result<String, OperatorError> {
        let mut draw = self.draw("value", key, attempt);
        let text = match self.kind {
            Kind::Person => self.name(key, context, &mut draw),
            Kind::CnId | Kind::HmtResidence => {
                let number =
                    self.citizen(&compact(key), attempt).ok_or_else(|| self.not("no place is known"))?;
                in_layout(value.raw, &number)
            }
            Kind::BirthDate => {
                let written = Written::parse(value.raw.trim()).ok_or_else(|| self.not("it is no day"))?;
                written.with(self.birth(written.date, key, context).ok_or_else(|| self.not("it is no day"))?)
            }
            Kind::Age => self.age(key, &mut draw)?,
            Kind::Phone => in_layout(
                value.raw,
                &[draw.of(&self.list), &draw.digits(11)].concat().chars().take(11).collect::<String>(),
            ),
            Kind::Landline => self.landline(key, &mut draw),
            Kind::Email => ["user-", &draw.letters(10), "@example.com"].concat(),
            // Ids that can be chosen have at most 20 characters.
            Kind::Wechat | Kind::Account => ["example_", &draw.letters(16)].concat(),
            Kind::Qq => ["0", &draw.digits(key.chars().count().clamp(5, 12) - 1)].concat(),
            Kind::BankCard => {
                let old = compact(key);
                let length = old.len().clamp(16, 19);
                let issuer = old.get(..6).filter(|_| self.keep_issuer).unwrap_or_else(|| draw.of(&self.list));
                in_layout(value.raw, &self.failing_luhn(issuer, length, &mut draw))
            }
            Kind::Imei => in_layout(value.raw, &self.failing_luhn("00", 15, &mut draw)),
            Kind::Vin => vehicle(&mut draw).ok_or_else(|| self.not("it cannot be made"))?,
            Kind::Uscc => credit_code(&mut draw).ok_or_else(|| self.not("it cannot be made"))?,
            Kind::Plate => plate(key, &mut draw),
            Kind::Passport => ["EI", &draw.digits(7)].concat(),
            Kind::Mac => {
                let bytes = draw.bytes();
                let mut octets: Vec<String> =
                    bytes.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
                // Locally administered, one station.
                if let (Some(octet), Some(byte)) = (octets.first_mut(), bytes.first()) {
                    *octet = format!("{:02x}", byte & 0xfc | 2);
                }
                octets.join(":")
            }
            Kind::Ip if key.contains(':') => {
                let [a, b, c, d, ..] = draw.bytes();
                format!("2001:db8:{:x}:{:x}::1", u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]))
            }
            Kind::Ip => {
                let block = draw.pick(&["192.0.2.", "198.51.100.", "203.0.113."]);
                format!("{block}{}", 1 + draw.below(254))
            }
            Kind::Address => self.address(key, &mut draw)?,
            Kind::Org => organisation(key, &mut draw),
            kind => return Err(OperatorError::Unsupported { operator: NAME, kind }),
        };
        Ok(text)
    }

    /// A name of as many characters as a name has; foreign names become Chinese ones.
    fn name(&self, key: &str, context: &Context<'_>, draw: &mut Draw<'_>) -> String {
        let sex = context.person.and_then(|person| person.sex).filter(|_| self.keep_sex);
        let given = match sex {
            Some(Sex::Male) => MALE,
            Some(Sex::Female) => FEMALE,
            None => NEUTRAL,
        };
        let given: Vec<char> = given.chars().collect();
        let mut name = draw.of(&self.list).to_owned();
        let count = if key.chars().count() == 2 { 1 } else { 2 };
        name.extend((0..count).map(|_| draw.pick(&given)));
        name
    }

    /// The invented number in place of a citizen number, with a wrong check character.
    fn citizen(&self, number: &str, attempt: u8) -> Option<String> {
        let mut draw = self.draw("citizen", number, attempt);
        let province = number.get(..2).filter(|_| self.keep_province);
        let mut counties = self.divisions.counties_of(province);
        if counties.is_empty() {
            counties = self.divisions.counties_of(None);
        }
        let area = draw.of_counties(counties).map(|(code, _)| code.as_str());
        let birth = self.birth_of_number(number)?;
        let sex = sex_of_number(number).filter(|_| self.keep_sex);
        let last = match sex {
            Some(Sex::Male) => draw.pick(&['1', '3', '5', '7', '9']),
            Some(Sex::Female) => draw.pick(&['0', '2', '4', '6', '8']),
            None => draw.pick(&['0', '1', '2', '3', '4', '5', '6', '7', '8', '9']),
        };
        // A code that is nobody's own shows in the check alone; the rest stays well-formed.
        let body = format!(
            "{}{:04}{:02}{:02}{}{last}",
            area.or_else(|| number.get(..6))?,
            birth.year(),
            birth.month(),
            birth.day(),
            draw.digits(2)
        );
        let right = check::citizen(body.as_bytes())?;
        Some(body + &draw.other(b"0123456789", right).to_string())
    }

    /// The invented birth date that goes with a citizen number.
    fn birth_of_number(&self, number: &str) -> Option<Date> {
        let mut draw = self.draw("birth", number, 0);
        match Date::of_citizen_number(number) {
            Some(date) => self.near(date, &mut draw),
            None => day::of_number(day::number(Date::new(1960, 1, 1)?) + draw.below(16_000)),
        }
    }

    fn birth(&self, date: Date, key: &str, context: &Context<'_>) -> Option<Date> {
        let anchor = context.person.and_then(|person| person.anchor.as_ref());
        let number = anchor.and_then(|anchor| anchor.strip_prefix("CN_ID\0"));
        match number {
            Some(number) if Date::of_citizen_number(number) == Some(date) => self.birth_of_number(number),
            _ => {
                let who = anchor.map_or(key, |anchor| anchor.as_str());
                let mut draw = self.draw("birth", &[who, "\0", &date.to_string()].concat(), 0);
                self.near(date, &mut draw)
            }
        }
    }

    /// Another day of the same five years, or of all years that living people are born in.
    fn near(&self, date: Date, draw: &mut Draw<'_>) -> Option<Date> {
        let first = if self.keep_age { date.year() / 5 * 5 } else { self.as_of.year().checked_sub(80)? };
        let years = if self.keep_age { 5 } else { 75 };
        let start = day::number(Date::new(first.max(1), 1, 1)?);
        // Nobody is born after the day on which ages are reckoned.
        let end = day::number(Date::new(first + years, 1, 1)?);
        let end = if date <= self.as_of { end.min(day::number(self.as_of) + 1) } else { end };
        // Any day but the true one.
        let (drawn, own) = (start + draw.below((end - start - 1).max(1)), day::number(date));
        day::of_number(if (start..end).contains(&own) && drawn >= own { drawn + 1 } else { drawn })
    }

    fn age(&self, key: &str, draw: &mut Draw<'_>) -> Result<String, OperatorError> {
        let age: i64 =
            key.parse().ok().filter(|age| (0..200).contains(age)).ok_or_else(|| self.not("it is no age"))?;
        let drawn = if self.keep_age { age / 5 * 5 + draw.below(5) } else { 1 + draw.below(80) };
        Ok(drawn.to_string())
    }

    fn landline(&self, key: &str, draw: &mut Draw<'_>) -> String {
        let digits: String = key.chars().take_while(|c| *c != '-').filter(char::is_ascii_digit).collect();
        let area =
            self.list.iter().filter(|code| digits.starts_with(code.as_str())).max_by_key(|code| code.len());
        let local = digits.len().saturating_sub(area.map_or(0, String::len)).clamp(7, 8);
        let area = match area {
            Some(area) if self.keep_province => [area.as_str(), "-"].concat(),
            Some(_) => [draw.of(&self.list), "-"].concat(),
            None => String::new(),
        };
        [&area, "0", &draw.digits(local - 1)].concat()
    }

    fn failing_luhn(&self, head: &str, length: usize, draw: &mut Draw<'_>) -> String {
        let mut number = head.to_owned();
        number.push_str(&draw.digits(length.saturating_sub(head.len() + 1)));
        let right = check::luhn(number.as_bytes()).unwrap_or(b'0');
        number.push(draw.other(b"0123456789", right));
        number
    }

    fn address(&self, key: &str, draw: &mut Draw<'_>) -> Result<String, OperatorError> {
        let parsed = self.divisions.parse(key);
        let province = self.divisions.province_code(&parsed).filter(|_| self.keep_province);
        let counties = self.divisions.counties_of(province);
        let (_, county) = draw.of_counties(counties).ok_or_else(|| self.not("no place is known"))?;
        let road = draw.pick(ROADS);
        Ok(format!("{county}{road}{}号{}室", 1 + draw.below(999), 101 + draw.below(899)))
    }
}

/// A vehicle number whose check character is wrong.
fn vehicle(draw: &mut Draw<'_>) -> Option<String> {
    let mut characters = [b'0'; 17];
    for cell in &mut characters {
        *cell = draw.pick(b"0123456789ABCDEFGHJKLMNPRSTUVWXYZ");
    }
    let right = check::vin(&characters)?;
    *characters.get_mut(8)? = u8::try_from(draw.other(b"0123456789X", right)).ok()?;
    String::from_utf8(characters.to_vec()).ok()
}

/// A social credit code whose check character is wrong.
fn credit_code(draw: &mut Draw<'_>) -> Option<String> {
    let mut body = ["91", &draw.digits(6)].concat();
    while body.len() < 17 {
        body.push(char::from(draw.pick(b"0123456789ABCDEFGHJKLMNPQRTUWXY")));
    }
    let right = check::uscc(body.as_bytes())?;
    Some(body + &draw.other(b"0123456789ABCDEFGHJKLMNPQRTUWXY", right).to_string())
}

/// A plate with the letter I, which none has; one place more for new-energy plates.
fn plate(key: &str, draw: &mut Draw<'_>) -> String {
    let mut text: String = key.chars().take(2).collect();
    let rest = key.chars().count().saturating_sub(2).clamp(5, 6);
    text.push('I');
    text.push_str(&draw.digits(rest - 1));
    text
}

/// `示例某某科技有限公司`: the ending of the organisation stays.
fn organisation(key: &str, draw: &mut Draw<'_>) -> String {
    const ENDINGS: &[&str] = &[
        "股份有限公司",
        "有限责任公司",
        "有限公司",
        "公司",
        "集团",
        "医院",
        "学校",
        "大学",
        "学院",
        "中学",
        "小学",
        "中心",
        "事务所",
    ];
    let ending = ENDINGS.iter().find(|ending| key.ends_with(**ending)).copied().unwrap_or("单位");
    let letters: Vec<char> =
        "安博诚达鼎丰富广浩恒华汇嘉金锦康联隆美铭宁鹏启瑞盛泰通万祥新信兴旭扬宜裕远泽中卓".chars().collect();
    let brand: String = (0..3).map(|_| draw.pick(&letters)).collect();
    ["示例", &brand, ending].concat()
}

/// Numbers drawn by the key from what they are about.
struct Draw<'a> {
    mac: &'a Mac,
    what: String,
    about: Zeroizing<String>,
    attempt: u8,
    turn: u32,
}

impl Draw<'_> {
    fn bytes(&mut self) -> [u8; 32] {
        let turn = self.turn.to_be_bytes();
        self.turn += 1;
        self.mac.tag(&[self.what.as_bytes(), self.about.as_bytes(), &[self.attempt], &turn])
    }

    /// A number from 0 to `limit - 1`; 0 where the limit is not positive.
    fn below(&mut self, limit: i64) -> i64 {
        let [a, b, c, d, e, f, g, h, ..] = self.bytes();
        let drawn = u64::from_be_bytes([a, b, c, d, e, f, g, h]);
        // The bias is below limit / 2^64.
        let scaled = (u128::from(drawn) * u128::from(limit.max(0).unsigned_abs())) >> 64;
        i64::try_from(scaled).unwrap_or(0)
    }

    /// One of `choices`, which are not empty; the default where they are.
    fn pick<T: Copy + Default>(&mut self, choices: &[T]) -> T {
        let at = self.below(i64::try_from(choices.len()).unwrap_or(i64::MAX));
        usize::try_from(at).ok().and_then(|at| choices.get(at)).copied().unwrap_or_default()
    }

    fn of<'b>(&mut self, list: &'b [String]) -> &'b str {
        let at = self.below(i64::try_from(list.len()).unwrap_or(i64::MAX));
        usize::try_from(at).ok().and_then(|at| list.get(at)).map_or("", String::as_str)
    }

    fn of_counties<'b>(&mut self, counties: &'b [(String, String)]) -> Option<&'b (String, String)> {
        let at = self.below(i64::try_from(counties.len()).unwrap_or(i64::MAX));
        usize::try_from(at).ok().and_then(|at| counties.get(at))
    }

    fn digits(&mut self, count: usize) -> String {
        let mut text = String::with_capacity(count + 32);
        while text.len() < count {
            // 256 is no multiple of ten: values above 249 would make low digits likelier.
            text.extend(
                self.bytes().iter().filter(|byte| **byte < 250).map(|byte| char::from(b'0' + byte % 10)),
            );
        }
        text.truncate(count);
        text
    }

    fn letters(&mut self, count: usize) -> String {
        let mut text = consonants(&self.bytes());
        text.truncate(count);
        text
    }

    /// One of `circle` that is not `right`.
    fn other(&mut self, circle: &[u8], right: u8) -> char {
        let others: Vec<u8> = circle.iter().copied().filter(|c| *c != right).collect();
        char::from(self.pick(&others))
    }
}
