//! Cases as courts and authorities published them; names of natural persons are masked.

use serde::Deserialize;
use zhunsheng_model::Date;

/// Whether the authority found a violation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ViolationFound {
    /// A violation was found.
    #[serde(rename = "yes")]
    Yes,
    /// The conduct was found lawful, or the claim was dismissed.
    #[serde(rename = "no")]
    No,
    /// The case decides something else.
    #[serde(rename = "not-applicable")]
    NotApplicable,
}

/// One case.
#[derive(Clone, Debug, Deserialize)]
pub struct Case {
    /// Name in files, such as `spc-192`.
    pub id: String,
    /// 指导性案例, 检察公益诉讼典型案例, …
    pub kind: String,
    /// What the record rests on, where that is not the published case itself.
    #[serde(default)]
    pub basis: Option<String>,
    /// Its number within its kind.
    #[serde(default)]
    pub number: Option<u32>,
    /// Its title, names masked.
    pub title: String,
    /// The heading it stands under in a collection.
    #[serde(default)]
    pub heading: Option<String>,
    /// Who published it.
    pub issuer: String,
    /// When it was published.
    #[serde(default, deserialize_with = "crate::statute::date_or_none")]
    pub published: Option<Date>,
    /// Number of the document it was published with.
    #[serde(default)]
    pub document: Option<String>,
    /// The publisher's key words.
    #[serde(default)]
    pub keywords: Vec<String>,
    /// Cause of action or offence.
    #[serde(default)]
    pub cause: Option<String>,
    /// The court, or the procuratorate that brought it.
    #[serde(default)]
    pub court: Option<String>,
    /// What must be known of the court's name.
    #[serde(default)]
    pub court_note: Option<String>,
    /// The authority that decided.
    #[serde(default)]
    pub authority: Option<String>,
    /// Numbers of the files.
    #[serde(default)]
    pub case_numbers: Vec<String>,
    /// Steps of the proceedings with their days.
    #[serde(default)]
    pub dates: Vec<String>,
    /// Whether a violation was found.
    pub violation_found: ViolationFound,
    /// The outcome in our words.
    #[serde(default)]
    pub outcome: Option<String>,
    /// Topics in our words.
    #[serde(default)]
    pub topics: Vec<String>,
    /// The text, word for word except for masked names.
    #[serde(default)]
    pub text: CaseText,
    /// The articles it cites.
    #[serde(default, rename = "cite")]
    pub cites: Vec<Cite>,
    /// The numbers it turns on.
    #[serde(default, rename = "quantity")]
    pub quantities: Vec<Quantity>,
    /// What was ordered.
    #[serde(default, rename = "measure")]
    pub measures: Vec<Measure>,
}

/// Parts of the text of a case; empty where the publication has no such part.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct CaseText {
    /// 裁判要点 or 要旨.
    #[serde(default)]
    pub holding: String,
    /// 基本案情.
    #[serde(default)]
    pub facts: String,
    /// 裁判结果.
    #[serde(default)]
    pub result: String,
    /// 裁判理由 or 履职过程.
    #[serde(default)]
    pub reasoning: String,
    /// 指导意义.
    #[serde(default)]
    pub significance: String,
    /// 相关法条.
    #[serde(default)]
    pub related_provisions: String,
}

impl CaseText {
    /// The parts that are there, with their Chinese names, in reading order.
    pub fn parts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("裁判要点", self.holding.as_str()),
            ("基本案情", &self.facts),
            ("裁判结果", &self.result),
            ("裁判理由", &self.reasoning),
            ("指导意义", &self.significance),
            ("相关规定", &self.related_provisions),
        ]
        .into_iter()
        .filter(|(_, text)| !text.is_empty())
    }
}

/// An article that a case cites.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Cite {
    /// Slug of the statute, such as `fashi-2017-10`.
    pub law: String,
    /// Key of the article, such as `253之一`.
    pub article: String,
    /// Place inside the article, such as 第一款第四项.
    #[serde(default)]
    pub locator: Option<String>,
    /// Why it is listed where the case does not name it.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether the article is held here.
    pub resolved: bool,
}

/// A number that matters in a case.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Quantity {
    /// The number.
    pub value: f64,
    /// Its unit, such as 条.
    pub unit: String,
    /// What it counts, in our words.
    pub meaning: String,
    /// The words of the case.
    #[serde(default)]
    pub quote: Option<String>,
    /// Whether the case gives it as 余 or 约.
    #[serde(default)]
    pub approximate: bool,
}

/// What a court or authority ordered.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Measure {
    /// Its kind, such as 刑罚.
    pub kind: String,
    /// The words of the case.
    pub text: String,
}
