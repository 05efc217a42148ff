//! Facts beside the texts: numeric lines, necessary information by kind of app, requirements for children's
//! information, sensitive categories, and the figures of two studies.

use serde::Deserialize;
use zhunsheng_model::Date;

/// All facts.
#[derive(Clone, Debug)]
pub struct Facts {
    /// Numbers that articles draw.
    pub thresholds: Vec<Threshold>,
    /// 常见类型移动互联网应用程序必要个人信息范围规定 art. 5: 39 kinds of app.
    pub app_types: Vec<AppType>,
    /// From when [`Facts::app_types`] apply.
    pub app_types_effective: Date,
    /// 儿童个人信息网络保护规定: what its articles require.
    pub children: Vec<Requirement>,
    /// From when [`Facts::children`] apply.
    pub children_effective: Date,
    /// Categories of sensitive personal information, PIPL art. 28.
    pub sensitive: Vec<SensitiveCategory>,
    /// What must be known when sensitive information is told apart.
    pub sensitive_notes: Vec<String>,
    /// Figures of a study of civil cases and one of administrative penalties.
    pub statistics: Vec<Statistic>,
}

/// A number that an article draws.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Threshold {
    /// Slug of the statute.
    pub law: String,
    /// Key of the article.
    pub article: String,
    /// Place inside the article.
    #[serde(default)]
    pub locator: Option<String>,
    /// The number.
    pub value: f64,
    /// Its unit.
    pub unit: String,
    /// What it is, in our words.
    pub meaning: String,
    /// The words of the article.
    pub quote: String,
}

/// Necessary information of one kind of app.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct AppType {
    /// Number in art. 5, 1 to 39.
    pub number: u32,
    /// Such as 地图导航类.
    pub name: String,
    /// The basic service.
    pub basic_service: String,
    /// The necessary information; empty when none is.
    pub necessary: Vec<String>,
    /// Whether the basic service must work without any personal information.
    pub none_needed: bool,
    /// Whether the row was confirmed against an official text; where it was not, that must be shown.
    pub verified: bool,
}

/// A requirement, in our words.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Requirement {
    /// The article it is understood to stand in.
    pub article: String,
    /// The requirement: not a quotation unless `verified`.
    pub text: String,
    /// Whether its key sentence was confirmed against an official text.
    pub verified: bool,
}

/// A category of sensitive personal information.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct SensitiveCategory {
    /// Short name, such as `biometric`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Kinds of information that belong to it.
    pub examples: Vec<String>,
}

/// A figure of a study.
#[derive(Clone, Debug, PartialEq, Deserialize)]
pub struct Statistic {
    /// Which study and part.
    pub group: String,
    /// What is counted.
    pub key: String,
    /// A number or a date as text.
    pub value: serde_json::Value,
    /// Its unit.
    pub unit: String,
    /// What it is a share of.
    #[serde(default)]
    pub denominator: Option<u32>,
    /// The words of the study.
    pub quote: String,
    /// A remark.
    #[serde(default)]
    pub note: Option<String>,
    /// Whether the figures of the study agree with each other.
    #[serde(default)]
    pub consistency: Option<String>,
}

#[derive(Deserialize)]
pub(crate) struct ThresholdFile {
    pub(crate) threshold: Vec<Threshold>,
}

#[derive(Deserialize)]
pub(crate) struct AppTypeFile {
    #[serde(deserialize_with = "crate::statute::date")]
    pub(crate) effective: Date,
    pub(crate) app_type: Vec<AppType>,
}

#[derive(Deserialize)]
pub(crate) struct ChildrenFile {
    #[serde(deserialize_with = "crate::statute::date")]
    pub(crate) effective: Date,
    pub(crate) requirement: Vec<Requirement>,
}

#[derive(Deserialize)]
pub(crate) struct SensitiveFile {
    pub(crate) category: Vec<SensitiveCategory>,
    pub(crate) note: Vec<Note>,
}

#[derive(Deserialize)]
pub(crate) struct Note {
    pub(crate) text: String,
}

#[derive(Deserialize)]
pub(crate) struct StatisticsFile {
    pub(crate) stat: Vec<Statistic>,
}
