//! The words of the law and of the cases, as the judge needs them.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zhunsheng_law::{Case, Law, Statute, ViolationFound};
use zhunsheng_model::Date;

/// One version of an instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Version {
    /// Name of the version, such as `csl-2016`.
    pub slug: String,
    /// Name shared by all versions, such as `csl`.
    pub work: String,
    /// Full title.
    pub title: String,
    /// Title in everyday use.
    pub short_title: String,
    /// First day in force.
    pub effective: Option<Date>,
    /// Last day in force; nothing when it still is.
    pub until: Option<Date>,
    /// Whether the whole text is at hand.
    pub complete: bool,
}

/// One case as published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseText {
    /// Its id, such as `spc-265`.
    pub id: String,
    /// Its title as published.
    pub title: String,
    /// Number of a guiding case and similar, as a lawyer cites it.
    pub label: String,
    /// `yes`, `no` or `not-applicable`.
    pub violation_found: String,
    /// Field (`holding`, `facts` …) → words.
    pub fields: BTreeMap<String, String>,
    /// (slug, article) of every article cited.
    pub cites: Vec<(String, String)>,
}

/// Where the words of statutes and cases come from.
pub trait Texts {
    /// Every version of every instrument, sorted by slug.
    fn versions(&self) -> Vec<&Version>;
    /// The version of that slug.
    fn version(&self, slug: &str) -> Option<&Version>;
    /// The words of an article by its number, such as `13` or `253之一`.
    fn article(&self, slug: &str, number: &str) -> Option<&str>;
    /// The paragraph or item of an article that a locator such as 第一款第三项 names; nothing when there is none.
    fn passage(&self, slug: &str, number: &str, locator: &str) -> Option<String>;
    /// How an article is headed, such as 第十三条.
    fn label(&self, slug: &str, number: &str) -> Option<&str>;
    /// The number of the article headed so.
    fn number_of(&self, slug: &str, label: &str) -> Option<String>;
    /// Sentences at hand of an instrument whose full text is not.
    fn quotations(&self, slug: &str) -> Vec<&str>;
    /// A case.
    fn case(&self, id: &str) -> Option<&CaseText>;
    /// Every case id, sorted.
    fn case_ids(&self) -> Vec<&str>;
}

/// Texts read from the files of `rules/statutes/` and `rules/cases/`.
#[derive(Debug, Default)]
pub struct TomlTexts {
    versions: BTreeMap<String, Instrument>,
    cases: BTreeMap<String, CaseText>,
}

#[derive(Debug)]
struct Instrument {
    version: Version,
    /// (number, label, text) in order.
    articles: Vec<(String, String, String)>,
    quotations: Vec<String>,
}

#[derive(Deserialize)]
struct RawStatute {
    slug: String,
    work: String,
    title: String,
    short_title: String,
    effective: Option<String>,
    effective_until: Option<String>,
    #[serde(default)]
    complete: bool,
    #[serde(default)]
    article: Vec<RawArticle>,
    #[serde(default)]
    annex: Vec<RawAnnex>,
    #[serde(default)]
    quotation: Vec<RawQuotation>,
}

/// An annex is headed by its first word (附件) and counts as an article of that number.
#[derive(Deserialize)]
struct RawAnnex {
    title: String,
    text: String,
}

#[derive(Deserialize)]
struct RawArticle {
    number: u32,
    #[serde(default)]
    suffix: String,
    #[serde(default)]
    label: String,
    text: String,
}

#[derive(Deserialize)]
struct RawQuotation {
    text: String,
}

#[derive(Deserialize)]
struct RawCase {
    id: String,
    #[serde(default)]
    kind: String,
    number: Option<toml::Value>,
    title: String,
    #[serde(default)]
    violation_found: String,
    #[serde(default)]
    text: BTreeMap<String, toml::Value>,
    #[serde(default)]
    cite: Vec<RawCite>,
}

#[derive(Deserialize)]
struct RawCite {
    law: String,
    article: String,
}

impl TomlTexts {
    /// Reads statutes and cases; files of any other shape are passed over.
    ///
    /// # Errors
    /// The name of the first file that says it is a statute or a case and cannot be read, and why.
    pub fn read<'a>(files: impl Iterator<Item = (&'a str, &'a str)>) -> Result<TomlTexts, String> {
        let mut texts = TomlTexts::default();
        for (name, text) in files {
            let wrong = |e: toml::de::Error| format!("{name}: {}", e.message());
            if text.contains("\"zhunsheng.statute/1\"") {
                let raw: RawStatute = toml::from_str(text).map_err(wrong)?;
                let instrument = Instrument {
                    version: Version {
                        slug: raw.slug.clone(),
                        work: raw.work,
                        title: raw.title,
                        short_title: raw.short_title,
                        effective: raw.effective.as_deref().and_then(Date::parse),
                        until: raw.effective_until.as_deref().and_then(Date::parse),
                        complete: raw.complete,
                    },
                    articles: raw
                        .article
                        .into_iter()
                        .map(|article| {
                            (format!("{}{}", article.number, article.suffix), article.label, article.text)
                        })
                        .chain(raw.annex.into_iter().map(|annex| {
                            let label = annex_label(&annex.title).to_owned();
                            (label.clone(), label, annex.text)
                        }))
                        .collect(),
                    quotations: raw.quotation.into_iter().map(|quotation| quotation.text).collect(),
                };
                texts.versions.insert(raw.slug, instrument);
            } else if text.contains("\"zhunsheng.case/1\"") {
                let raw: RawCase = toml::from_str(text).map_err(wrong)?;
                let fields = raw.text.into_iter().filter_map(|(name, value)| match value {
                    toml::Value::String(words) => Some((name, words)),
                    _ => None,
                });
                let number = match raw.number {
                    Some(toml::Value::Integer(number)) => format!("第{number}号"),
                    Some(toml::Value::String(number)) => number,
                    _ => String::new(),
                };
                let case = CaseText {
                    id: raw.id.clone(),
                    title: raw.title,
                    label: format!("{}{number}", raw.kind),
                    violation_found: raw.violation_found,
                    fields: fields.collect(),
                    cites: raw.cite.into_iter().map(|cite| (cite.law, cite.article)).collect(),
                };
                texts.cases.insert(raw.id, case);
            }
        }
        Ok(texts)
    }
}

impl Texts for TomlTexts {
    fn versions(&self) -> Vec<&Version> {
        self.versions.values().map(|instrument| &instrument.version).collect()
    }

    fn version(&self, slug: &str) -> Option<&Version> {
        self.versions.get(slug).map(|instrument| &instrument.version)
    }

    fn article(&self, slug: &str, number: &str) -> Option<&str> {
        let articles = &self.versions.get(slug)?.articles;
        articles.iter().find(|(known, _, _)| known == number).map(|(_, _, text)| text.as_str())
    }

    fn passage(&self, slug: &str, number: &str, locator: &str) -> Option<String> {
        let text = self.article(slug, number)?;
        zhunsheng_law::passage(text, zhunsheng_law::Locator::parse(locator)?).map(str::to_owned)
    }

    fn label(&self, slug: &str, number: &str) -> Option<&str> {
        let articles = &self.versions.get(slug)?.articles;
        articles.iter().find(|(known, _, _)| known == number).map(|(_, label, _)| label.as_str())
    }

    fn number_of(&self, slug: &str, label: &str) -> Option<String> {
        let articles = &self.versions.get(slug)?.articles;
        articles.iter().find(|(_, known, _)| known == label).map(|(number, _, _)| number.clone())
    }

    fn quotations(&self, slug: &str) -> Vec<&str> {
        self.versions
            .get(slug)
            .map(|instrument| instrument.quotations.iter().map(String::as_str).collect())
            .unwrap_or_default()
    }

    fn case(&self, id: &str) -> Option<&CaseText> {
        self.cases.get(id)
    }

    fn case_ids(&self) -> Vec<&str> {
        self.cases.keys().map(String::as_str).collect()
    }
}

/// Texts of the law that is embedded into the program.
#[derive(Debug)]
pub struct LawTexts {
    law: LawRef,
    versions: BTreeMap<&'static str, Version>,
    cases: OnceLock<BTreeMap<&'static str, CaseText>>,
}

/// The law has no `Debug`: its texts would flood any message.
struct LawRef(&'static Law);

impl std::fmt::Debug for LawRef {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Law")
    }
}

impl LawTexts {
    /// The embedded law; articles and cases are unpacked when they are asked for.
    pub fn embedded() -> &'static LawTexts {
        static TEXTS: OnceLock<LawTexts> = OnceLock::new();
        TEXTS.get_or_init(|| {
            let law = Law::embedded();
            let version = |statute: &'static Statute| {
                let version = Version {
                    slug: statute.slug.clone(),
                    work: statute.work.clone(),
                    title: statute.title.clone(),
                    short_title: statute.short_title.clone(),
                    effective: Some(statute.effective),
                    until: statute.effective_until,
                    complete: statute.complete,
                };
                (statute.slug.as_str(), version)
            };
            let versions = law.statutes().iter().map(version).collect();
            LawTexts { law: LawRef(law), versions, cases: OnceLock::new() }
        })
    }

    fn cases(&self) -> &BTreeMap<&'static str, CaseText> {
        self.cases.get_or_init(|| {
            let text = |case: &'static Case| {
                let number = case.number.map(|number| format!("第{number}号")).unwrap_or_default();
                let text = CaseText {
                    id: case.id.clone(),
                    title: case.title.clone(),
                    label: format!("{}{number}", case.kind),
                    violation_found: match case.violation_found {
                        ViolationFound::Yes => "yes",
                        ViolationFound::No => "no",
                        ViolationFound::NotApplicable => "not-applicable",
                    }
                    .to_owned(),
                    fields: case
                        .text
                        .parts()
                        .map(|(name, words)| (name.to_owned(), words.to_owned()))
                        .collect(),
                    cites: case.cites.iter().map(|cite| (cite.law.clone(), cite.article.clone())).collect(),
                };
                (case.id.as_str(), text)
            };
            self.law.0.cases().iter().map(text).collect()
        })
    }
}

impl Texts for LawTexts {
    fn versions(&self) -> Vec<&Version> {
        self.versions.values().collect()
    }

    fn version(&self, slug: &str) -> Option<&Version> {
        self.versions.get(slug)
    }

    fn article(&self, slug: &str, number: &str) -> Option<&str> {
        let statute = self.law.0.statute(slug)?;
        if number.starts_with("附件") {
            let annex = statute.annexes().iter().find(|annex| annex_label(&annex.title) == number)?;
            return Some(&annex.text);
        }
        statute.article(number).map(|article| article.text.as_str())
    }

    fn passage(&self, slug: &str, number: &str, locator: &str) -> Option<String> {
        let article = self.law.0.statute(slug)?.article(number)?;
        article.passage(locator).map(str::to_owned)
    }

    fn label(&self, slug: &str, number: &str) -> Option<&str> {
        let statute = self.law.0.statute(slug)?;
        if number.starts_with("附件") {
            let annex = statute.annexes().iter().find(|annex| annex_label(&annex.title) == number)?;
            return Some(annex_label(&annex.title));
        }
        statute.article(number).map(|article| article.label.as_str())
    }

    fn number_of(&self, slug: &str, label: &str) -> Option<String> {
        let article = self.law.0.statute(slug)?.articles().iter().find(|article| article.label == label)?;
        Some(format!("{}{}", article.number, article.suffix.as_deref().unwrap_or_default()))
    }

    fn quotations(&self, slug: &str) -> Vec<&str> {
        let statute = self.law.0.statute(slug);
        statute.map(|s| s.quotations().iter().map(|q| q.text.as_str()).collect()).unwrap_or_default()
    }

    fn case(&self, id: &str) -> Option<&CaseText> {
        self.cases().get(id)
    }

    fn case_ids(&self) -> Vec<&str> {
        self.cases().keys().copied().collect()
    }
}

/// 附件 of `附件 网络安全事件分级指南`.
fn annex_label(title: &str) -> &str {
    title.split_whitespace().next().unwrap_or(title)
}

/// The words of a quotation that must stand in a text: the parts between `……`, without blanks.
pub(crate) fn parts_of_quotation(quote: &str) -> impl Iterator<Item = String> + '_ {
    quote.split("……").map(without_blanks).filter(|part| !part.is_empty())
}

/// Line breaks and blanks differ between a text and its quotation; nothing else may.
pub(crate) fn without_blanks(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_whitespace()).collect()
}

/// The first part of `quote` that does not stand in `text`.
pub(crate) fn missing_part(quote: &str, text: &str) -> Option<String> {
    let text = without_blanks(text);
    parts_of_quotation(quote).find(|part| !text.contains(part.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quotation_may_leave_words_out_and_may_not_change_one() {
        let text = "个人信息处理者应当\n采取措施，\n（一）制定制度；";
        assert_eq!(missing_part("个人信息处理者应当采取措施……制定制度", text), None);
        assert_eq!(missing_part("个人信息处理者可以", text), Some("个人信息处理者可以".to_owned()));
    }
}
