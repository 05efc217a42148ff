//! `generalise`: a coarser value that many people share.
//!
//! | kind | parameter `to`, first is default | result |
//! |---|---|---|
//! | birth date | `year`, `month`, `decade`, `age_band` | `1990`, `1990-03`, `1990-1999`, `30-39` |
//! | other dates | `month`, `year`, `decade` | `2024-03` |
//! | age | – | `30-39` |
//! | citizen number | `province`, `year`, `age_band` | `广东省`, `1990`, `30-39` |
//! | address, place | `city`, `province`, `county` | `广东省深圳市` |
//! | income, property | – | `10000-14999` |
//! | coordinates | – | rounded down to `decimals`, default 1 |
//! | network address | – | `114.5.0.0/16`, `2408:8000::/32` |
//!
//! Further parameters: `width` of a band (ages: 10, income: 5000), or `bounds`, the lower ends of the bands
//! in rising order (`[0, 14, 18, 60]`): the last band is open (`60+`), what lies below the first is `<0`.

use super::{Context, Entry, Operator, Properties, Setup};
use crate::Value;
use crate::day;
use crate::division::{Divisions, Level};
use crate::error::OperatorError;
use std::net::IpAddr;
use std::sync::Arc;
use zeroize::Zeroizing;
use zhunsheng_model::{Date, Kind};

const NAME: &str = "generalise";

pub(super) const ENTRY: Entry = Entry {
    name: NAME,
    keyed: false,
    parameters: &["to", "width", "bounds", "decimals"],
    treats: |kind| words(kind).is_some(),
    make,
};

/// The words of `to` for a kind; empty where there is nothing to choose.
fn words(kind: Kind) -> Option<&'static [&'static str]> {
    Some(match kind {
        Kind::BirthDate => &["year", "month", "decade", "age_band"],
        Kind::HotelTime | Kind::Travel | Kind::CallRecord => &["month", "year", "decade"],
        Kind::CnId => &["province", "year", "age_band"],
        Kind::Address | Kind::Location => &["city", "province", "county"],
        Kind::Age | Kind::Salary | Kind::Property | Kind::GeoLng | Kind::GeoLat | Kind::Ip => &[],
        _ => return None,
    })
}

fn make(setup: &Setup<'_>) -> Result<Box<dyn Operator>, OperatorError> {
    let (kind, parameters) = (setup.kind, setup.parameters);
    let words = words(kind).ok_or(OperatorError::Unsupported { operator: NAME, kind })?;
    let to = if words.is_empty() { "" } else { parameters.word(NAME, "to", words)? };
    let width = parameters.number_in(NAME, "width", 1..=1_000_000_000)?;
    let bands = match parameters.rising(NAME, "bounds")? {
        Some(bounds) => Bands::Bounds(bounds),
        None => {
            let default = if matches!(kind, Kind::Salary | Kind::Property) { 5000 } else { 10 };
            Bands::Width(width.unwrap_or(default))
        }
    };
    let decimals =
        parameters.number_in(NAME, "decimals", 0..=4)?.and_then(|n| n.try_into().ok()).unwrap_or(1);
    let divisions = Arc::clone(setup.divisions);
    Ok(Box::new(Generalise { kind, to, bands, decimals, as_of: setup.as_of, divisions }))
}

enum Bands {
    Width(i64),
    Bounds(Vec<i64>),
}

impl Bands {
    /// The band of a number, with its first and last whole number.
    fn of(&self, number: i64) -> String {
        match self {
            Bands::Width(width) => {
                let low = number.div_euclid(*width) * width;
                if *width == 1 { low.to_string() } else { format!("{low}-{}", low.saturating_add(width - 1)) }
            }
            Bands::Bounds(bounds) => {
                let above = bounds.partition_point(|bound| *bound <= number);
                match (above.checked_sub(1).and_then(|at| bounds.get(at)), bounds.get(above)) {
                    (None, Some(high)) => format!("<{high}"),
                    (Some(low), Some(high)) if high - low == 1 => low.to_string(),
                    (Some(low), Some(high)) => format!("{low}-{}", high - 1),
                    (Some(low), None) => format!("{low}+"),
                    (None, None) => String::new(),
                }
            }
        }
    }
}

struct Generalise {
    kind: Kind,
    to: &'static str,
    bands: Bands,
    decimals: usize,
    as_of: Date,
    divisions: Arc<Divisions>,
}

impl Operator for Generalise {
    fn apply(&self, value: Value<'_>, _: &Context<'_>) -> Result<String, OperatorError> {
        let text = value.key();
        match self.kind {
            Kind::Address | Kind::Location => self.place(text),
            Kind::CnId if self.to == "province" => {
                let province = self.divisions.province_of_code(text);
                province.map(str::to_owned).ok_or_else(|| self.not("its first digits are no province"))
            }
            Kind::CnId => {
                let date = Date::of_citizen_number(text);
                self.date(date.ok_or_else(|| self.not("it holds no day of birth"))?)
            }
            Kind::Age => {
                let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                let age = digits.parse().ok().filter(|age| *age < 200);
                age.map(|age| self.bands.of(age)).ok_or_else(|| self.not("it is no age"))
            }
            Kind::Salary | Kind::Property => {
                money(text).map(|yuan| self.bands.of(yuan)).ok_or_else(|| self.not("it is no amount"))
            }
            Kind::GeoLng | Kind::GeoLat => self.coordinate(text),
            Kind::Ip => network(text).ok_or_else(|| self.not("it is no network address")),
            _ => self.date(day::parse(text).ok_or_else(|| self.not("it is no day"))?),
        }
    }

    fn reverse(&self, _: &str, _: &Context<'_>) -> Result<Zeroizing<String>, OperatorError> {
        Err(OperatorError::NotReversible { operator: NAME })
    }

    fn properties(&self) -> Properties {
        Properties { consistent: true, ..Properties::default() }
    }
}

impl Generalise {
    fn not(&self, why: &'static str) -> OperatorError {
        OperatorError::NotInDomain { operator: NAME, kind: self.kind, why }
    }

    fn date(&self, date: Date) -> Result<String, OperatorError> {
        Ok(match self.to {
            "month" => format!("{:04}-{:02}", date.year(), date.month()),
            "decade" => format!("{:03}0-{:03}9", date.year() / 10, date.year() / 10),
            "age_band" => {
                let age = date.age_at(self.as_of).ok_or_else(|| self.not("it lies in the future"))?;
                self.bands.of(i64::from(age))
            }
            _ => format!("{:04}", date.year()),
        })
    }

    fn place(&self, text: &str) -> Result<String, OperatorError> {
        let level = Level::from_word(self.to).unwrap_or(Level::City);
        let parsed = self.divisions.parse(text);
        // A place that is less exact than asked for is as general as it can be said.
        let known = [Level::County, Level::City, Level::Province].into_iter().filter(|known| *known <= level);
        known
            .filter_map(|level| self.divisions.name_to(&parsed, level))
            .next()
            .ok_or_else(|| self.not("it does not say its province"))
    }

    fn coordinate(&self, text: &str) -> Result<String, OperatorError> {
        let (whole, part) = text.split_once('.').unwrap_or((text, ""));
        let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() || !digits(whole.trim_start_matches('-')) || !digits(part) {
            return Err(self.not("it is no decimal number of degrees"));
        }
        match part.get(..self.decimals.min(part.len())).filter(|kept| !kept.is_empty()) {
            Some(kept) => Ok([whole, ".", kept].concat()),
            None => Ok(whole.to_owned()),
        }
    }
}

/// Whole yuan of `12,345.67元`, `1.5万`, `￥8000`.
fn money(text: &str) -> Option<i64> {
    let mut digits = String::new();
    let mut rest = text.trim().trim_start_matches(['¥', '￥']).trim();
    let end = rest.find(|c: char| !matches!(c, '0'..='9' | ',' | '.')).unwrap_or(rest.len());
    let (number, unit) = rest.split_at_checked(end)?;
    rest = unit.trim();
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    digits.extend(whole.chars().filter(char::is_ascii_digit));
    let scale = if rest.starts_with('万') { 4 } else { 0 };
    digits.extend(part.chars().chain(std::iter::repeat('0')).take(scale));
    if whole.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    digits.parse().ok()
}

/// The block of a network address: 16 bits of version 4, 32 of version 6.
fn network(text: &str) -> Option<String> {
    match text.parse().ok()? {
        IpAddr::V4(address) => {
            let [a, b, ..] = address.octets();
            Some(format!("{a}.{b}.0.0/16"))
        }
        IpAddr::V6(address) => {
            let [a, b, ..] = address.segments();
            Some(format!("{a:x}:{b:x}::/32"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_meet_without_gap_or_overlap() {
        let bands = Bands::Bounds(vec![0, 14, 18, 60]);
        for (number, band) in [
            (-1, "<0"),
            (0, "0-13"),
            (13, "0-13"),
            (14, "14-17"),
            (17, "14-17"),
            (18, "18-59"),
            (59, "18-59"),
            (60, "60+"),
        ] {
            assert_eq!(bands.of(number), band);
        }
        let bands = Bands::Width(10);
        assert_eq!(
            (bands.of(39), bands.of(40), bands.of(-1)),
            ("30-39".into(), "40-49".into(), "-10--1".into())
        );
    }

    #[test]
    fn amounts_are_read_in_yuan() {
        for (text, yuan) in
            [("12,345.67元", 12_345), ("1.5万", 15_000), ("￥8000", 8000), ("0.99", 0), ("3万元", 30_000)]
        {
            assert_eq!(money(text), Some(yuan), "{text}");
        }
        for text in ["", "元", "面议", "1.2.3"] {
            assert_eq!(money(text), None, "{text}");
        }
    }
}
