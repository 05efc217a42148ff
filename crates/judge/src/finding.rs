//! What the judge hands over: `findings.json`. Plain data, sorted, the same bytes for the same facts.

use crate::explain::Reason;
use crate::ruleset::{Citation, Conclusion, Mode, Outcome, Severity, Words};
use serde::Serialize;

/// Version of the shape of `findings.json`; the JSON Schema of the same number is in `docs/schema/`.
pub const FINDINGS_SCHEMA: &str = "zhunsheng.findings/1";

/// Everything that the judge found in a matter.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// [`FINDINGS_SCHEMA`].
    pub schema_version: String,
    /// Title of the matter.
    pub title: String,
    /// The day of the report: what has no day of its own is judged by the law of this day.
    pub date: String,
    /// SHA-256 over the rule and fact files.
    pub rules_sha256: String,
    /// Always `unreviewed` until a lawyer has signed the rules.
    pub review: String,
    /// Findings by conclusion and severity.
    pub counts: Counts,
    /// The findings: violations first, the worst first; then what is open, then what is lawful.
    pub findings: Vec<Finding>,
    /// What would decide most, first.
    pub questions: Vec<Question>,
    /// Duties that a number brings about.
    pub duties: Vec<Duty>,
    /// What was found and not declared, and declared and not found.
    pub differences: Vec<Difference>,
    /// Facts on which two sources contradict each other.
    pub conflicts: Vec<Contradiction>,
    /// What another day's law would make of the same facts, where that is another answer.
    pub other_dates: Vec<OtherDate>,
    /// The articles cited, word for word, as in force for the acts.
    pub articles: Vec<ArticleText>,
    /// The cases on point.
    pub cases: Vec<CaseRef>,
}

/// How many findings there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Counts {
    pub violation: usize,
    pub open: usize,
    /// Of the open ones, those of which nothing at all is known yet.
    pub untouched: usize,
    pub lawful: usize,
    /// Violations by severity, the mildest first.
    pub violations_by_severity: SeverityCounts,
}

/// Violations by severity.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct SeverityCounts {
    pub minor: usize,
    pub moderate: usize,
    pub serious: usize,
    pub criminal: usize,
}

impl SeverityCounts {
    /// The count of a severity.
    pub const fn of(&self, severity: Severity) -> usize {
        match severity {
            Severity::Minor => self.minor,
            Severity::Moderate => self.moderate,
            Severity::Serious => self.serious,
            Severity::Criminal => self.criminal,
        }
    }

    pub(crate) fn add(&mut self, severity: Severity) {
        match severity {
            Severity::Minor => self.minor += 1,
            Severity::Moderate => self.moderate += 1,
            Severity::Serious => self.serious += 1,
            Severity::Criminal => self.criminal += 1,
        }
    }
}

/// An entity, as findings name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct EntityRef {
    /// Such as `party[1].activity[2]`.
    pub path: String,
    /// Such as `activity`.
    pub kind: String,
    /// In Chinese, such as 处理活动「注册」.
    pub zh: String,
    /// The same in English.
    pub en: String,
}

/// What one rule concludes of one entity.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// The rule.
    pub rule: String,
    /// What the rule says, in a few words.
    pub name: Words,
    /// How the rule is meant.
    pub mode: Mode,
    /// What it concludes.
    pub conclusion: Conclusion,
    /// One plain sentence.
    pub says: Words,
    /// Of what.
    pub entity: EntityRef,
    /// The day by whose law it is judged.
    pub date: String,
    /// Why that day, where the act went on over time.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_reason: Option<Words>,
    /// The article the rule stands under.
    pub article: Citation,
    /// How a lawyer cites it, such as 《个人信息保护法》第十三条第一款.
    pub article_label: String,
    /// Words of the article that the rule rests on.
    pub quotes: Vec<String>,
    /// Every article cited, the rule's own first.
    pub articles: Vec<Citation>,
    /// How bad a violation is.
    pub severity: Severity,
    /// Who is bound.
    pub binds: Vec<String>,
    /// Why.
    pub reason: Vec<Reason>,
    /// Cases on point.
    pub cases: Vec<String>,
    /// What to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<Words>,
    /// What may follow.
    pub penalty: Vec<PenaltyTier>,
    /// Whether anything that the rule asks about is known.
    pub touched: bool,
    /// Paths of what is not known and could decide.
    pub open_facts: Vec<String>,
    /// Review status of the rule.
    pub review: String,
    /// Whether all data it rests on were checked.
    pub verified: bool,
}

/// A tier of a penalty that applies or may apply.
#[derive(Clone, Debug, Serialize)]
pub struct PenaltyTier {
    /// The penalty and the tier, such as `pipl-66/p1`.
    pub id: String,
    /// Its article.
    pub article: Citation,
    /// How a lawyer cites it.
    pub article_label: String,
    /// `applies`, or `possible` where facts are missing.
    pub certainty: &'static str,
    /// What may be imposed.
    pub outcomes: Vec<Outcome>,
    /// The same in one sentence.
    pub words: Words,
}

/// A fact to find out.
#[derive(Clone, Debug, Serialize)]
pub struct Question {
    /// Path of the fact.
    pub path: String,
    /// Name of the fact, such as `activity.notice_given`; empty for a list of entities.
    pub fact: String,
    /// Of what.
    pub entity: EntityRef,
    /// The question.
    pub ask: Words,
    /// The type of the answer.
    pub answer: String,
    /// The values of a choice or a set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<QuestionValue>,
    /// Whether the answer is itself a legal judgement.
    pub judgement: bool,
    /// Where courts made it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub passages: Vec<QuotedCase>,
    /// Open findings that name it.
    pub findings: usize,
    /// Open findings that would be decided by one answer or another.
    pub decides: usize,
    /// The rules of those findings.
    pub rules: Vec<String>,
}

/// A value that a question may be answered with.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct QuestionValue {
    pub name: String,
    pub zh: String,
    pub en: String,
}

/// Words of a case.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct QuotedCase {
    pub case: String,
    pub title: String,
    pub quote: String,
}

/// A duty that a number brings about.
#[derive(Clone, Debug, Serialize)]
pub struct Duty {
    /// The rule.
    pub rule: String,
    /// What it says.
    pub name: Words,
    /// How a lawyer cites its article.
    pub article_label: String,
    /// Of what.
    pub entity: EntityRef,
    /// Whether the duty is met.
    pub conclusion: Conclusion,
    /// The number and the line it reaches, in words.
    pub because: Vec<Words>,
}

/// A kind of information that the data and the record do not agree on.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Difference {
    /// `found_not_declared` or `declared_not_found`.
    pub kind: &'static str,
    /// The kind of information.
    pub item: Words,
    /// Persons of whom it was found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub persons: Option<u64>,
    /// Activities that declare it.
    pub activities: Vec<String>,
}

/// Two sources say different things.
#[derive(Clone, Debug, Serialize)]
pub struct Contradiction {
    /// Path of the fact.
    pub path: String,
    /// The fact in words.
    pub fact: Words,
    /// What was kept, and where it comes from.
    pub kept: Words,
    /// Where it comes from.
    pub kept_source: Option<String>,
    /// What was not kept.
    pub dropped: Words,
    /// Where it comes from.
    pub dropped_source: Option<String>,
}

/// What a rule that is not in force on the day of the act would conclude.
#[derive(Clone, Debug, Serialize)]
pub struct OtherDate {
    /// `began`: the law when a continuing act began; `report_date`: the law of the day of the report.
    pub why: &'static str,
    /// The day.
    pub date: String,
    /// Of what.
    pub entity: EntityRef,
    /// The rule.
    pub rule: String,
    /// What it says.
    pub name: Words,
    /// What it would conclude.
    pub conclusion: Conclusion,
    /// How a lawyer cites its article.
    pub article_label: String,
    /// Its article.
    pub article: Citation,
}

/// An article, word for word.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ArticleText {
    /// Slug of the version.
    pub law: String,
    /// Number.
    pub article: String,
    /// Full title of the law.
    pub title: String,
    /// Such as 《个人信息保护法》第十三条.
    pub label: String,
    /// First day in force.
    pub effective: Option<String>,
    /// Last day in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// The words; empty where they are not at hand.
    pub text: String,
    /// Whether the full text of the law is at hand.
    pub complete: bool,
}

/// A case on point.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct CaseRef {
    /// Its id.
    pub id: String,
    /// Its kind and number.
    pub label: String,
    /// Its title, with names masked.
    pub title: String,
    /// What it holds; the facts where it states no holding.
    pub holding: String,
}

/// Findings that say the same of several entities, told once: the first, and the others.
pub(crate) fn grouped<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
) -> Vec<(&'a Finding, Vec<&'a Finding>)> {
    let mut found: Vec<(&Finding, Vec<&Finding>)> = Vec::new();
    for finding in findings {
        let same = |first: &Finding| {
            first.rule == finding.rule && first.says == finding.says && first.date == finding.date
        };
        // Findings of one rule stand together.
        match found.last_mut().filter(|(first, _)| same(first)) {
            Some((_, others)) => others.push(finding),
            None => found.push((finding, Vec::new())),
        }
    }
    found
}
