//! What stands in a field, and how people write it.

use crate::Language;
use crate::form::Field;
use zhunsheng_judge::{Choice, Type};
use zhunsheng_model::Date;

/// What stands in a field. A field that nobody filled in, or that says 不清楚, has no cell: it is unknown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// Words.
    Text(String),
    /// 是 or 否.
    Bool(bool),
    /// A count or an amount in yuan.
    Number(u64),
    /// A day.
    Date(Date),
    /// The names of a choice (one) or a set (any number, in the order of the form).
    Values(Vec<String>),
}

const YES: &[&str] = &["是", "有", "√", "yes", "true", "y"];
const NO: &[&str] = &["否", "无", "没有", "×", "no", "false", "n"];
const UNKNOWN: &[&str] = &["", "不清楚", "未知", "unknown", "?", "？"];
/// What parts the values of a set in one cell.
const SEPARATORS: &[char] = &['、', '；', ';', '，', ',', '\n'];

/// What a field can hold, for an error message.
pub(crate) fn wanted(field: &Field) -> String {
    match field.kind {
        Type::Bool => "write 是, 否 or 不清楚 (true, false, unknown)".to_owned(),
        Type::Int | Type::Number => "write a whole number such as 1000".to_owned(),
        Type::Money => "write an amount in yuan such as 5000".to_owned(),
        Type::Date => "write a day such as 2021-11-01".to_owned(),
        Type::Choice | Type::Set => {
            let names: Vec<String> =
                field.values.iter().map(|value| format!("{} ({})", value.zh, value.name)).collect();
            format!("its values: {}", names.join("、"))
        }
        Type::Text => "write words".to_owned(),
    }
}

/// Reads words as the field wants them: nothing for unknown.
///
/// # Errors
/// When the words say nothing that the field can hold.
pub(crate) fn read(field: &Field, words: &str) -> Result<Option<Cell>, String> {
    let words = words.trim();
    if UNKNOWN.contains(&words.to_ascii_lowercase().as_str()) {
        return Ok(None);
    }
    let cell = match field.kind {
        Type::Text => Some(Cell::Text(words.to_owned())),
        Type::Bool => {
            let word = words.to_ascii_lowercase();
            let yes = YES.contains(&word.as_str());
            (yes || NO.contains(&word.as_str())).then_some(Cell::Bool(yes))
        }
        Type::Int | Type::Number | Type::Money => number(words).map(Cell::Number),
        Type::Date => Date::parse(words).map(Cell::Date),
        Type::Choice => one(&field.values, words).map(|name| Cell::Values(vec![name])),
        Type::Set => set(&field.values, words.split(SEPARATORS)),
    };
    cell.map(Some).ok_or_else(|| wanted(field))
}

/// The values of a set in the order of the form; 无 alone is the empty set.
pub(crate) fn set<'a>(values: &[Choice], words: impl Iterator<Item = &'a str>) -> Option<Cell> {
    let words: Vec<&str> = words.map(str::trim).filter(|word| !word.is_empty()).collect();
    if words.iter().all(|word| NO.contains(&word.to_ascii_lowercase().as_str())) {
        return Some(Cell::Values(Vec::new()));
    }
    let mut chosen = Vec::new();
    for word in words {
        chosen.push(one(values, word)?);
    }
    let ordered = values.iter().map(|value| &value.name).filter(|name| chosen.contains(name));
    Some(Cell::Values(ordered.cloned().collect()))
}

fn one(values: &[Choice], word: &str) -> Option<String> {
    let found = values.iter().find(|value| value.zh == word || value.name.eq_ignore_ascii_case(word));
    found.map(|value| value.name.clone())
}

/// `1,000`, `1_000`, `1万`, `1.5万`, `2亿`.
fn number(words: &str) -> Option<u64> {
    let plain: String = words.chars().filter(|letter| !matches!(letter, ',' | '，' | '_' | ' ')).collect();
    let (digits, unit) = match plain.strip_suffix('万') {
        Some(digits) => (digits, 10_000_u64),
        None => match plain.strip_suffix('亿') {
            Some(digits) => (digits, 100_000_000),
            None => (plain.as_str(), 1),
        },
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let whole: u64 = whole.parse().ok()?;
    // Spreadsheets write a whole number as 1000.0.
    let fraction = fraction.trim_end_matches('0');
    let scale = 10_u64.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let parts: u64 = if fraction.is_empty() { 0 } else { fraction.parse().ok()? };
    let parts = parts.checked_mul(unit)?;
    (parts % scale == 0).then_some(())?;
    whole.checked_mul(unit)?.checked_add(parts / scale)
}

impl Cell {
    /// As people write it in that language.
    pub fn words(&self, field: &Field, language: Language) -> String {
        let yes_no = |yes: bool| match (language, yes) {
            (Language::Zh, true) => "是",
            (Language::Zh, false) => "否",
            (Language::En, true) => "yes",
            (Language::En, false) => "no",
        };
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Bool(yes) => yes_no(*yes).to_owned(),
            Cell::Number(number) => number.to_string(),
            Cell::Date(date) => date.to_string(),
            Cell::Values(names) if names.is_empty() && field.kind == Type::Set => match language {
                Language::Zh => "无".to_owned(),
                Language::En => "no".to_owned(),
            },
            Cell::Values(names) => {
                let words: Vec<&str> = names.iter().map(|name| spoken(field, name, language)).collect();
                words.join(if language == Language::Zh { "、" } else { "; " })
            }
        }
    }
}

/// A value's name as people say it.
pub(crate) fn spoken<'a>(field: &'a Field, name: &'a str, language: Language) -> &'a str {
    let value = field.values.iter().find(|value| value.name == name);
    match (language, value) {
        (Language::Zh, Some(value)) if !value.zh.is_empty() => &value.zh,
        _ => name,
    }
}
