//! An instrument in one version: its head, and its articles, which are unpacked when they are first needed.

use crate::error::Absent;
use crate::number::ArticleKey;
use crate::pack::Pack;
use crate::passage::{self, Item, Locator, Paragraph};
use serde::Deserialize;
use std::fmt;
use std::sync::OnceLock;
use zhunsheng_model::Date;

/// Rank of an instrument, highest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
pub enum Level {
    /// 法律.
    #[serde(rename = "法律")]
    Law,
    /// 行政法规.
    #[serde(rename = "行政法规")]
    AdministrativeRegulation,
    /// 司法解释.
    #[serde(rename = "司法解释")]
    JudicialInterpretation,
    /// 部门规章.
    #[serde(rename = "部门规章")]
    DepartmentalRule,
    /// 部门规章附件.
    #[serde(rename = "部门规章附件")]
    RuleAnnex,
    /// 规范性文件.
    #[serde(rename = "规范性文件")]
    NormativeDocument,
}

impl Level {
    /// The name in Chinese.
    pub fn name_zh(self) -> &'static str {
        match self {
            Level::Law => "法律",
            Level::AdministrativeRegulation => "行政法规",
            Level::JudicialInterpretation => "司法解释",
            Level::DepartmentalRule => "部门规章",
            Level::RuleAnnex => "部门规章附件",
            Level::NormativeDocument => "规范性文件",
        }
    }

    /// The name in English.
    pub fn name_en(self) -> &'static str {
        match self {
            Level::Law => "law",
            Level::AdministrativeRegulation => "administrative regulation",
            Level::JudicialInterpretation => "judicial interpretation",
            Level::DepartmentalRule => "departmental rule",
            Level::RuleAnnex => "annex to a departmental rule",
            Level::NormativeDocument => "normative document",
        }
    }
}

/// How faithful the paragraphs of a text are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
pub enum ParagraphState {
    /// Paragraphs as in the source.
    #[serde(rename = "as-in-source")]
    AsInSource,
    /// Exact wording; the line breaks were rebuilt.
    #[serde(rename = "reconstructed-from-pdf")]
    Rebuilt,
    /// Single sentences only, without articles.
    #[serde(rename = "quoted-only")]
    QuotedOnly,
}

/// Where a text was taken from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub struct Source {
    /// The repository, `owner/name`.
    pub repository: String,
    /// The commit, where the text was taken from one.
    #[serde(default)]
    pub commit: Option<String>,
    /// Files inside the repository.
    #[serde(default)]
    pub paths: Vec<String>,
    /// `git-extract`, `transcribed` or `quoted`.
    pub method: String,
    /// What the source says of its licence.
    #[serde(default)]
    pub license: Option<String>,
}

/// A statute, regulation, rule or judicial interpretation in one version.
#[derive(Deserialize)]
pub struct Statute {
    /// Name of this version in files, such as `csl-2025`.
    pub slug: String,
    /// Name of the instrument, the same for all its versions, such as `csl`.
    pub work: String,
    /// Full title.
    pub title: String,
    /// Title in everyday use.
    pub short_title: String,
    /// Further names in use.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Its rank.
    pub level: Level,
    /// Who issued it.
    pub issuing_body: String,
    /// Number of the document, such as 法释〔2017〕10号.
    #[serde(default)]
    pub document_number: Option<String>,
    /// First adopted.
    #[serde(default, deserialize_with = "date_or_none")]
    pub adopted: Option<Date>,
    /// Last amended, as far as this version goes.
    #[serde(default, deserialize_with = "date_or_none")]
    pub amended: Option<Date>,
    /// Promulgated.
    #[serde(default, deserialize_with = "date_or_none")]
    pub promulgated: Option<Date>,
    /// First day in force.
    #[serde(deserialize_with = "date")]
    pub effective: Date,
    /// Last day in force; none while it is in force.
    #[serde(default, deserialize_with = "date_or_none")]
    pub effective_until: Option<Date>,
    /// As the source states it: 现行有效, 已被修正, 已被修订.
    pub status: String,
    /// Slug of the version before this one, where it is held.
    #[serde(default)]
    pub previous_version: Option<String>,
    /// Slug of the version after this one.
    #[serde(default)]
    pub next_version: Option<String>,
    /// What must be known of this text.
    #[serde(default)]
    pub version_note: Option<String>,
    /// Number of articles.
    pub article_count: u32,
    /// How faithful its paragraphs are.
    pub paragraphs: ParagraphState,
    /// Whether the text is whole.
    pub complete: bool,
    /// Where the text comes from.
    pub source: Source,
    #[serde(skip)]
    body: OnceLock<Body>,
}

/// What is unpacked on first use.
#[derive(Debug, Default, Deserialize)]
struct Body {
    articles: Vec<Article>,
    annexes: Vec<Annex>,
    quotations: Vec<Quotation>,
    amendments: Vec<Amendment>,
}

/// One article (条), word for word.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Article {
    /// Its number.
    pub number: u32,
    /// 之一, 之二… where it was put in later.
    #[serde(default)]
    pub suffix: Option<String>,
    /// Its number as written, such as 第二百五十三条之一.
    pub label: String,
    /// The chapter and section it stands in.
    #[serde(default)]
    pub chapter: Option<String>,
    /// Whether part of its text is missing in the source.
    #[serde(default)]
    pub incomplete: bool,
    /// Its text without the label; paragraphs and items are lines.
    pub text: String,
}

/// An annex.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Annex {
    /// Its title.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// A sentence of an instrument whose full text is not held.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Quotation {
    /// What it is about, in our words.
    pub topic: String,
    /// The sentence.
    pub text: String,
}

/// A line of the history of an instrument.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Amendment {
    /// As in the source.
    pub entry: String,
}

impl Statute {
    /// The articles in order; empty where only single sentences are held.
    pub fn articles(&self) -> &[Article] {
        &self.body().articles
    }

    /// The annexes.
    pub fn annexes(&self) -> &[Annex] {
        &self.body().annexes
    }

    /// The sentences held of an instrument without its full text.
    pub fn quotations(&self) -> &[Quotation] {
        &self.body().quotations
    }

    /// Adoption and amendments as the source lists them.
    pub fn amendments(&self) -> &[Amendment] {
        &self.body().amendments
    }

    /// The article of that number: `31`, `253之一`, `第二百五十三条之一`.
    pub fn article(&self, key: &str) -> Option<&Article> {
        self.article_of(&ArticleKey::parse(key)?)
    }

    /// The article of that key.
    pub fn article_of(&self, key: &ArticleKey) -> Option<&Article> {
        self.articles().iter().find(|article| article.key() == *key)
    }

    /// The words at a place: `passage("253之一", "第一款")`; in the annex, `passage("附件", "重大网络安全事件")` is
    /// the part under that heading.
    ///
    /// # Errors
    /// [`Absent`] when there is no such article, no such passage, or only single sentences are held.
    pub fn passage(&self, article: &str, locator: &str) -> Result<&str, Absent> {
        if article == "附件"
            && let Some(annex) = self.annexes().first()
        {
            return annex.part(locator).ok_or_else(|| Absent::NoPassage {
                title: self.title.clone(),
                label: annex.title.clone(),
                locator: locator.to_owned(),
            });
        }
        let found = self.article(article).ok_or_else(|| self.no_article(article))?;
        found.passage(locator).ok_or_else(|| self.no_passage(found, locator))
    }

    pub(crate) fn no_article(&self, article: &str) -> Absent {
        if self.paragraphs == ParagraphState::QuotedOnly {
            return Absent::QuotedOnly { title: self.title.clone() };
        }
        Absent::NoArticle { title: self.title.clone(), article: article.to_owned() }
    }

    pub(crate) fn no_passage(&self, article: &Article, locator: &str) -> Absent {
        Absent::NoPassage {
            title: self.title.clone(),
            label: article.label.clone(),
            locator: locator.to_owned(),
        }
    }

    /// Whether this version is in force on that day.
    pub fn in_force_on(&self, day: Date) -> bool {
        self.effective <= day && self.effective_until.is_none_or(|until| day <= until)
    }

    /// Whether the text was taken from a text of the whole instrument, not from quotations.
    ///
    /// Findings that rest on an unverified text must say so.
    pub fn verified(&self) -> bool {
        self.paragraphs != ParagraphState::QuotedOnly
    }

    /// The amendment after `day` that the text already contains, where it has one.
    ///
    /// Some laws, such as the criminal law, are held in their newest wording only but took effect long ago: for a
    /// day before the last amendment an article may have read otherwise.
    pub fn amended_after(&self, day: Date) -> Option<Date> {
        self.amended.filter(|amended| *amended > day && self.effective <= day)
    }

    fn body(&self) -> &Body {
        self.body.get_or_init(|| {
            let read = || Pack::embedded()?.read::<Body>(&format!("statute/{}", self.slug));
            // A part that cannot be read is a defect of the program that a test over all statutes shows.
            read().unwrap_or_default()
        })
    }
}

impl fmt::Debug for Statute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Statute({})", self.slug)
    }
}

impl Annex {
    /// The part under the heading `一、…` that names `heading` first; the whole annex for an empty one.
    pub fn part(&self, heading: &str) -> Option<&str> {
        if heading.is_empty() {
            return Some(&self.text);
        }
        let mut start = None;
        let mut at: usize = 0;
        for line in self.text.split('\n') {
            let number = line.split_once('、').map_or("", |(before, _)| before).chars().next_back();
            if number.is_some_and(|c| "一二三四五六七八九十".contains(c)) {
                if let Some(start) = start {
                    return self.text.get(start..at.saturating_sub(1));
                }
                if line.contains(&format!("、{heading}")) {
                    start = Some(at);
                }
            }
            at += line.len() + 1;
        }
        self.text.get(start?..)
    }
}

impl Article {
    /// Its number with its suffix.
    pub fn key(&self) -> ArticleKey {
        let suffix = self.suffix.as_deref().and_then(|text| crate::parse_number(text.strip_prefix('之')?));
        ArticleKey { number: self.number, suffix }
    }

    /// The paragraphs (款) with their items.
    pub fn paragraphs(&self) -> Vec<Paragraph<'_>> {
        passage::paragraphs(&self.text)
    }

    /// Paragraph (款) `number`, from 1; its items included.
    pub fn paragraph(&self, number: u32) -> Option<&str> {
        passage::passage(&self.text, Locator { paragraph: Some(number), ..Locator::default() })
    }

    /// Item (项) `item` of paragraph `paragraph`, both from 1.
    pub fn item(&self, paragraph: u32, item: u32) -> Option<&str> {
        let locator = Locator { paragraph: Some(paragraph), item: Some(item), subitem: None };
        passage::passage(&self.text, locator)
    }

    /// The item with its sub-items.
    pub fn item_parts(&self, paragraph: u32, item: u32) -> Option<Item<'_>> {
        self.paragraphs().get((paragraph as usize).checked_sub(1)?)?.item(item).cloned()
    }

    /// The words at `第一款第四项`; the whole article for an empty locator.
    pub fn passage(&self, locator: &str) -> Option<&str> {
        self.passage_at(Locator::parse(locator)?)
    }

    /// The words at a place.
    pub fn passage_at(&self, locator: Locator) -> Option<&str> {
        passage::passage(&self.text, locator)
    }
}

pub(crate) fn date<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
    let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
    Date::parse(&text).ok_or_else(|| serde::de::Error::custom(format!("`{text}` is not a date")))
}

pub(crate) fn date_or_none<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Date>, D::Error> {
    date(deserializer).map(Some)
}
