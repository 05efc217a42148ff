//! The law files: articles word for word, and the numbers that the criminal interpretation draws.

use crate::error::RulesError;
use serde::Deserialize;
use zhunsheng_model::Date;

/// A statute or judicial interpretation, word for word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Statute {
    /// Short name used in files, such as `fashi-2017-10`.
    pub slug: String,
    /// Full title.
    pub title: String,
    /// Title in everyday use.
    pub short_title: String,
    /// Number of the document, such as 法释〔2017〕10号.
    pub document_number: String,
    /// ISO date of promulgation.
    pub promulgated: String,
    /// ISO date from which it is in force.
    pub effective: String,
    /// As the source states it, such as 现行有效.
    pub status: String,
    /// The articles in order.
    #[serde(rename = "article")]
    pub articles: Vec<Article>,
}

impl Statute {
    /// The article of that number.
    pub fn article(&self, number: u32) -> Option<&Article> {
        self.articles.iter().find(|article| article.number == number)
    }
}

/// One article.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Article {
    /// Its number.
    pub number: u32,
    /// Its number as written, such as 第五条.
    pub label: String,
    /// Its text; paragraphs and items are lines.
    pub text: String,
}

/// One line of 法释〔2017〕10号 art. 5: a number of items or yuan.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Line {
    /// Where it stands, such as 第一款第三项.
    pub locator: String,
    /// What it counts.
    pub category: String,
    /// The number from which 情节严重 begins (以上 includes it).
    pub serious: u64,
    /// The number from which 情节特别严重 begins.
    pub very_serious: u64,
    /// 条 or 元.
    pub unit: String,
    /// The kinds of information it names.
    pub kinds: Vec<String>,
    /// The words of the article.
    pub quote: String,
}

/// A rule of reckoning with its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReckoningRule {
    /// Short name, such as `proportional-sum`.
    pub id: String,
    /// Where it stands.
    pub locator: String,
    /// The words of the article.
    pub quote: String,
}

/// What a guiding case adds.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct CaseRule {
    /// The case, such as `spc-193`.
    pub case: String,
    /// The rule in one sentence.
    pub rule: String,
}

/// The numbers of 法释〔2017〕10号 art. 5 and the rules of art. 5 and 11 for reckoning with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Criminal {
    /// Items 3, 4 and 5 of art. 5 ¶1, in that order.
    pub tiers: [Line; 3],
    /// Item 7: 违法所得, in yuan.
    pub income: Line,
    /// Item 6: the proportional sum.
    pub proportion: ReckoningRule,
    /// Item 8: information obtained in duty or service.
    pub insider: ReckoningRule,
    /// The share of item 8 as numerator and denominator: 1 and 2.
    pub insider_share: (u64, u64),
    /// ¶2 item 3.
    pub ten_times: ReckoningRule,
    /// The factor of ¶2 item 3: 10.
    pub ten_times_factor: u64,
    /// Art. 11 ¶3: bulk data count as seized, less what is shown untrue or repeated.
    pub dedup: ReckoningRule,
    /// Art. 11 ¶1: obtained and then sold or provided counts once.
    pub no_double: ReckoningRule,
    /// Art. 11 ¶2: different recipients add up.
    pub per_recipient: ReckoningRule,
    /// What guiding cases add.
    pub cases: Vec<CaseRule>,
}

impl Criminal {
    /// Item `item` (3, 4 or 5) of art. 5 ¶1.
    pub fn tier(&self, item: u32) -> Option<&Line> {
        self.tiers.get(item.checked_sub(3)? as usize)
    }
}

#[derive(Deserialize)]
struct CriminalFile {
    tier: Vec<Line>,
    rule: Vec<RawRule>,
    case_rule: Vec<CaseRule>,
}

#[derive(Clone, Deserialize)]
struct RawRule {
    id: String,
    locator: String,
    factor: Option<f64>,
    quote: String,
}

pub(crate) fn parse_statute(file: &str, text: &str) -> Result<Statute, RulesError> {
    toml::from_str(text).map_err(|e| RulesError::Syntax { file: file.to_owned(), detail: e.to_string() })
}

/// The day the rules are stated for.
pub(crate) fn parse_edition(file: &str, text: &str) -> Result<Date, RulesError> {
    #[derive(Deserialize)]
    struct Edition {
        as_of: String,
    }
    let edition: Edition = toml::from_str(text)
        .map_err(|e| RulesError::Syntax { file: file.to_owned(), detail: e.to_string() })?;
    Date::parse(&edition.as_of).ok_or_else(|| RulesError::Law {
        file: file.to_owned(),
        detail: format!("`{}` is not a date", edition.as_of),
    })
}

pub(crate) fn parse_criminal(file: &str, text: &str, law: &Statute) -> Result<Criminal, RulesError> {
    let wrong = |detail: String| RulesError::Law { file: file.to_owned(), detail };
    let raw: CriminalFile = toml::from_str(text)
        .map_err(|e| RulesError::Syntax { file: file.to_owned(), detail: e.to_string() })?;

    let quotes = raw.tier.iter().map(|line| (&line.locator, &line.quote));
    let quotes = quotes.chain(raw.rule.iter().map(|rule| (&rule.locator, &rule.quote)));
    for (locator, quote) in quotes {
        if !law.articles.iter().any(|article| article.text.contains(quote.as_str())) {
            return Err(wrong(format!("the words quoted for {locator} do not stand in {}", law.slug)));
        }
    }
    let line = |locator: &str| {
        raw.tier
            .iter()
            .find(|line| line.locator == locator)
            .cloned()
            .ok_or_else(|| wrong(format!("{locator} is missing")))
    };
    let find = |id: &str| {
        raw.rule
            .iter()
            .find(|rule| rule.id == id)
            .cloned()
            .ok_or_else(|| wrong(format!("rule `{id}` is missing")))
    };
    let rule = |id: &str| {
        find(id).map(|rule| ReckoningRule { id: rule.id, locator: rule.locator, quote: rule.quote })
    };
    // The file writes the factors as numbers; counting needs them exact, so only those that the article
    // has (一半, 十倍) are accepted.
    if find("insider-half")?.factor != Some(0.5) {
        return Err(wrong("the factor of `insider-half` must be 0.5 (一半)".to_owned()));
    }
    if find("ten-times")?.factor != Some(10.0) {
        return Err(wrong("the factor of `ten-times` must be 10 (十倍)".to_owned()));
    }
    Ok(Criminal {
        tiers: [line("第一款第三项")?, line("第一款第四项")?, line("第一款第五项")?],
        income: line("第一款第七项")?,
        proportion: rule("proportional-sum")?,
        insider: rule("insider-half")?,
        insider_share: (1, 2),
        ten_times: rule("ten-times")?,
        ten_times_factor: 10,
        dedup: rule("count-dedup")?,
        no_double: rule("count-no-double")?,
        per_recipient: rule("count-per-recipient")?,
        cases: raw.case_rule.clone(),
    })
}
