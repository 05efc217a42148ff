//! One file of `rules/kinds/`: what a kind is in law and how it is found.

use crate::error::{RulesError, did_you_mean};
use serde::Deserialize;
use zhunsheng_model::Kind;

/// Whether a kind is sensitive personal information (个人信息保护法 art. 28).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitive {
    /// Whatever the context.
    Yes,
    /// In some contexts.
    Context,
    /// Not by itself.
    No,
}

/// A way in which a kind is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FoundBy {
    /// The value has a form of its own.
    Shape,
    /// The value carries a check digit or lies in a list of known ranges.
    Check,
    /// A word before or after the value announces it.
    Cue,
    /// The column of a table says so.
    Column,
}

/// The item of 法释〔2017〕10号 art. 5 ¶1 that a kind is counted under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tier {
    /// 第三项: 50.
    Item3,
    /// 第四项: 500.
    Item4,
    /// 第五项: 5 000.
    Item5,
}

impl Tier {
    /// Number of the item in the article.
    pub const fn item(self) -> u32 {
        match self {
            Tier::Item3 => 3,
            Tier::Item4 => 4,
            Tier::Item5 => 5,
        }
    }
}

/// A text and what must be found of the kind in it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Example {
    /// The text that is read, or empty when `header` and `cell` are given.
    #[serde(default)]
    pub text: String,
    /// Head of the column when the example is a cell.
    #[serde(default)]
    pub header: String,
    /// The cell.
    #[serde(default)]
    pub cell: String,
    /// The valid values found, in order; none when nothing must be found.
    #[serde(default)]
    pub find: Vec<String>,
    /// The reason of the invalid mention that must be found, one of the words of `Reason`, or `masked`,
    /// `placeholder`.
    #[serde(default)]
    pub reason: Option<String>,
    /// Why the example is there.
    #[serde(default)]
    pub note: String,
}

/// What the rules say of one kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindRule {
    /// The kind.
    pub kind: Kind,
    /// Its id, such as `CN_ID`.
    pub id: &'static str,
    /// Articles and standards that name it.
    pub basis: Vec<String>,
    /// Tier by the stricter reading (从严); `None` when the kind is no personal information by itself.
    pub tier: Option<Tier>,
    /// Tier by the more lenient reading; equals `tier` where there is only one reading.
    pub tier_lenient: Option<Tier>,
    /// Sensitive under 个人信息保护法 art. 28.
    pub sensitive: Sensitive,
    /// How it is found.
    pub found_by: Vec<FoundBy>,
    /// What a reader should know.
    pub note: String,
    /// Right and wrong examples.
    pub examples: Vec<Example>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KindFile {
    id: String,
    #[serde(default)]
    basis: Vec<String>,
    tier: u32,
    tier_lenient: Option<u32>,
    sensitive: String,
    found_by: Vec<String>,
    #[serde(default)]
    note: String,
    #[serde(default)]
    example: Vec<Example>,
}

/// Reads one kind file.
///
/// # Errors
/// When the text is not TOML, lacks a field, or uses a word outside its list.
pub(crate) fn parse(file: &str, text: &str) -> Result<KindRule, RulesError> {
    let raw: KindFile = toml::from_str(text)
        .map_err(|e| RulesError::Syntax { file: file.to_owned(), detail: e.to_string() })?;
    let kind = Kind::from_id(&raw.id).ok_or_else(|| RulesError::UnknownKind {
        file: file.to_owned(),
        name: raw.id.clone(),
        hint: did_you_mean(&raw.id, Kind::ALL.iter().map(|kind| kind.id())),
    })?;
    let tier = tier(file, "tier", raw.tier)?;
    let tier_lenient = match raw.tier_lenient {
        Some(item) => self::tier(file, "tier_lenient", item)?,
        None => tier,
    };
    let found_by =
        raw.found_by.iter().map(|word| one_of(file, "found_by", word, FOUND_BY)).collect::<Result<_, _>>()?;
    Ok(KindRule {
        kind,
        id: kind.id(),
        basis: raw.basis,
        tier,
        tier_lenient,
        sensitive: one_of(file, "sensitive", &raw.sensitive, SENSITIVE)?,
        found_by,
        note: raw.note,
        examples: raw.example,
    })
}

const FOUND_BY: &[(&str, FoundBy)] = &[
    ("shape", FoundBy::Shape),
    ("check", FoundBy::Check),
    ("cue", FoundBy::Cue),
    ("column", FoundBy::Column),
];

const SENSITIVE: &[(&str, Sensitive)] =
    &[("yes", Sensitive::Yes), ("context", Sensitive::Context), ("no", Sensitive::No)];

fn one_of<T: Copy>(file: &str, field: &'static str, word: &str, list: &[(&str, T)]) -> Result<T, RulesError> {
    list.iter().find(|(known, _)| *known == word).map(|(_, value)| *value).ok_or_else(|| {
        RulesError::UnknownWord {
            file: file.to_owned(),
            field,
            value: word.to_owned(),
            hint: did_you_mean(word, list.iter().map(|(known, _)| *known)),
        }
    })
}

/// A tier is written as the number of its item or as its threshold; 0 says "no personal information by itself".
fn tier(file: &str, field: &'static str, number: u32) -> Result<Option<Tier>, RulesError> {
    match number {
        0 => Ok(None),
        3 | 50 => Ok(Some(Tier::Item3)),
        4 | 500 => Ok(Some(Tier::Item4)),
        5 | 5000 => Ok(Some(Tier::Item5)),
        other => Err(RulesError::UnknownWord {
            file: file.to_owned(),
            field,
            value: other.to_string(),
            hint: "; items 3, 4 and 5 have a number of items, 0 stands for none".to_owned(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(id: &str, tier: &str, sensitive: &str, found_by: &str) -> String {
        format!("id = \"{id}\"\ntier = {tier}\nsensitive = \"{sensitive}\"\nfound_by = [\"{found_by}\"]\n")
    }

    #[test]
    fn a_file_is_read() -> Result<(), RulesError> {
        let rule = parse("kinds/x.toml", &file("PHONE", "5", "no", "check"))?;
        assert_eq!(
            (rule.kind, rule.tier, rule.tier_lenient),
            (Kind::Phone, Some(Tier::Item5), Some(Tier::Item5))
        );
        assert_eq!(rule.found_by, [FoundBy::Check]);
        assert_eq!(parse("kinds/x.toml", &file("ORG", "0", "no", "cue"))?.tier, None);
        Ok(())
    }

    #[test]
    fn wrong_words_are_named_with_the_nearest_right_one() {
        let message = |text: &str| parse("kinds/x.toml", text).map(|_| ()).map_err(|e| e.to_string());
        assert_eq!(
            message(&file("PHONNE", "5", "no", "check")),
            Err("kinds/x.toml: unknown kind `PHONNE`; did you mean `PHONE`?".to_owned())
        );
        assert_eq!(
            message(&file("PHONE", "5", "contxt", "check")),
            Err("kinds/x.toml: `sensitive` cannot be `contxt`; did you mean `context`?".to_owned())
        );
        assert!(message(&file("PHONE", "6", "no", "check")).is_err());
        assert!(message("id = ").is_err());
        assert!(
            message(&(file("PHONE", "5", "no", "check") + "colour = 1\n")).is_err(),
            "unknown fields are mistakes"
        );
    }
}
