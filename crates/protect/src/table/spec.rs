//! How the values of a column are made coarser, step by step.
//!
//! | written | steps |
//! |---|---|
//! | `date` | day → month → year → 5 years → 10 years → `*` |
//! | `division` | address or division code → county → city → province → `*` |
//! | `id` | citizen number → birth date and county → year and county → 5 years and city → 10 years and province → `*` |
//! | `prefix:4,3,2` | so many first characters, the others `*` → `*` |
//! | `band:5,10,50` | bands of numbers of these widths, each a multiple of the one before → `*` |
//! | `tree` | the columns of a table that is given: value, parent, grandparent … → `*` |
//! | `suppress` | value → `*` |
//! | `keep` | never made coarser |
//!
//! What does not have the form that a hierarchy asks for (an empty cell, no date) becomes `*` at the first step.

use super::TableError;
use super::codes::Column;
use super::goal;
use crate::day;
use zhunsheng_model::Date;

/// The hierarchy of one column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spec {
    /// Days of birth and others.
    Date,
    /// Addresses, or codes of GB/T 2260 and longer ones that begin with them.
    Division,
    /// Citizen numbers of 18 characters.
    Id,
    /// Numbers of first characters that are kept, falling.
    Prefix(Vec<usize>),
    /// Widths of bands, each a multiple of the one before.
    Band(Vec<u64>),
    /// For each value its parent, grandparent and so on: all lines of one length.
    Tree(Vec<Vec<String>>),
    /// All or nothing.
    Suppress,
    /// As it stands.
    Keep,
}

/// Distinct values looked at to guess a hierarchy.
const SAMPLE: usize = 1000;
const BIRTH: &[&str] = &["出生", "生日", "birth", "dob", "csrq", "日期", "date"];
const ID: &[&str] = &["身份证", "身份号码", "证件号", "id_card", "idcard", "id_no", "idno", "sfzh"];
const POSTCODE: &[&str] = &["邮编", "邮政编码", "postcode", "postal", "zip", "yzbm"];
const PLACE: &[&str] = &[
    "地址",
    "住址",
    "籍贯",
    "户籍",
    "区划",
    "行政区",
    "所在地",
    "居住地",
    "address",
    "region",
    "division",
    "county",
    "city",
    "district",
    "dizhi",
];

impl Spec {
    /// Reads a hierarchy as written above; a tree cannot be written in a line.
    ///
    /// # Errors
    /// When the word is not known or its numbers make no hierarchy.
    pub fn parse(column: &str, text: &str) -> Result<Spec, TableError> {
        let wrong = |why: &str| TableError::Spec {
            column: column.to_owned(),
            spec: text.to_owned(),
            why: why.to_owned(),
        };
        let (word, numbers) = text.split_once(':').map_or((text, None), |(word, rest)| (word, Some(rest)));
        let numbers: Option<Vec<u64>> = numbers
            .map(|numbers| {
                numbers
                    .split(',')
                    .map(|number| {
                        number.trim().parse().ok().filter(|number| *number > 0 && *number < 1 << 50)
                    })
                    .collect::<Option<Vec<u64>>>()
                    .ok_or_else(|| wrong("whole numbers above 0 with commas between them are expected"))
            })
            .transpose()?;
        let plain = |spec: Spec| match numbers {
            None => Ok(spec),
            Some(_) => Err(wrong("this hierarchy takes no numbers")),
        };
        match word {
            "date" => plain(Spec::Date),
            "division" => plain(Spec::Division),
            "id" => plain(Spec::Id),
            "suppress" => plain(Spec::Suppress),
            "keep" => plain(Spec::Keep),
            "prefix" => {
                let lengths = numbers
                    .clone()
                    .ok_or_else(|| wrong("write the lengths that are kept: `prefix:4,3,2`"))?;
                if !lengths.is_sorted_by(|a, b| a > b) || lengths.first().is_some_and(|first| *first > 100) {
                    return Err(wrong("the lengths fall, from at most 100"));
                }
                Ok(Spec::Prefix(lengths.into_iter().map(|length| length as usize).collect()))
            }
            "band" => {
                let widths =
                    numbers.clone().ok_or_else(|| wrong("write the widths of the bands: `band:5,10,50`"))?;
                if !widths.is_sorted_by(|a, b| a < b && b % a == 0) {
                    return Err(wrong("each width is a multiple of the one before"));
                }
                Ok(Spec::Band(widths))
            }
            "tree" => Err(wrong("a tree is a file: `tree:FILE`")),
            _ => Err(wrong("there are date, division, id, prefix, band, tree, suppress and keep")),
        }
    }

    /// A fitting hierarchy by the name of the column and its values.
    pub fn guess(column: &Column) -> Spec {
        let name = column.name.to_lowercase();
        let named = |words: &[&str]| words.iter().any(|word| name.contains(word));
        let sample: Vec<&str> =
            column.values.iter().map(str::trim).filter(|value| !value.is_empty()).take(SAMPLE).collect();
        if sample.is_empty() {
            return Spec::Suppress;
        }
        // Nine in ten is enough: tables hold dirt.
        let most = |holds: &dyn Fn(&str) -> bool| {
            sample.iter().filter(|value| holds(value)).count() * 10 >= sample.len() * 9
        };
        let digits = |value: &str, length: usize| {
            value.len() == length && value.bytes().all(|byte| byte.is_ascii_digit())
        };
        if most(&|value| Date::of_citizen_number(value).is_some())
            || (named(ID) && most(&|value| value.len() == 18))
        {
            return Spec::Id;
        }
        if most(&|value| day::parse(value).is_some())
            && (named(BIRTH) || !most(&|value| value.bytes().all(|byte| byte.is_ascii_digit())))
        {
            return Spec::Date;
        }
        if named(POSTCODE) {
            return Spec::Prefix(vec![4, 3, 2]);
        }
        if named(PLACE) {
            return Spec::Division;
        }
        if most(&|value| digits(value, 6)) && sample.len() > 20 {
            return Spec::Prefix(vec![4, 2]);
        }
        let mut numbers: Vec<f64> = sample.iter().filter_map(|value| goal::number(value)).collect();
        if numbers.len() * 10 >= sample.len() * 9 && numbers.len() > 5 {
            numbers.sort_by(f64::total_cmp);
            let at =
                |percent: usize| numbers.get((numbers.len() - 1) * percent / 100).copied().unwrap_or(0.0);
            let wide = at(95) - at(5);
            let exponent = (wide / 20.0).max(1.0).log10().floor().clamp(0.0, 14.0) as u32;
            let step = 10_u64.pow(exponent);
            let widths = [step, step * 5, step * 10, step * 50];
            return Spec::Band(widths.into_iter().filter(|width| *width > 1).collect());
        }
        Spec::Suppress
    }

    /// As [`Spec::parse`] reads it.
    pub fn written(&self) -> String {
        fn joined<N: ToString>(numbers: &[N]) -> String {
            numbers.iter().map(ToString::to_string).collect::<Vec<_>>().join(",")
        }
        match self {
            Spec::Date => "date".into(),
            Spec::Division => "division".into(),
            Spec::Id => "id".into(),
            Spec::Prefix(lengths) => format!("prefix:{}", joined(lengths)),
            Spec::Band(widths) => format!("band:{}", joined(widths)),
            Spec::Tree(_) => "tree".into(),
            Spec::Suppress => "suppress".into(),
            Spec::Keep => "keep".into(),
        }
    }
}
