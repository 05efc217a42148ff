//! What the rule files hold: rules, definitions, exceptions, penalties and tests.

use crate::entity::EntityKind;
use crate::expr::Node;
use crate::schema::{FactId, Schema};
use crate::value::Value;
use serde::Serialize;
use std::collections::BTreeMap;
use zhunsheng_model::Date;

/// Chinese and English.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[allow(missing_docs, reason = "the words say it")]
pub struct Words {
    pub zh: String,
    pub en: String,
}

/// Where a block stands: file, line, work and article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Path below `rules/judge/`.
    pub file: String,
    /// Line of the block's first line.
    pub line: u32,
    /// Slug of the version.
    pub slug: String,
    /// Number of the article, such as `13` or `253之一`; empty for what stands above the first article.
    pub article: String,
}

/// An article, as cited.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Citation {
    /// Slug of the version.
    pub law: String,
    /// Number of the article.
    pub article: String,
    /// Paragraph and item, such as 第一款第三项; empty for the whole article.
    pub locator: String,
}

/// How bad a violation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Severity {
    Minor,
    Moderate,
    Serious,
    Criminal,
}

impl Severity {
    /// Every severity, the mildest first.
    pub const ALL: &'static [Severity] =
        &[Severity::Minor, Severity::Moderate, Severity::Serious, Severity::Criminal];

    /// The word used in files.
    pub const fn id(self) -> &'static str {
        match self {
            Severity::Minor => "minor",
            Severity::Moderate => "moderate",
            Severity::Serious => "serious",
            Severity::Criminal => "criminal",
        }
    }
}

/// What a rule concludes of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Conclusion {
    /// Against the law, or the offence or tort is made out.
    Violation,
    /// Facts are missing.
    Open,
    /// In line with the law; of an `allows` rule: the measure may be taken.
    Lawful,
    /// The rule does not speak of this entity.
    None,
}

impl Conclusion {
    /// Every conclusion.
    pub const ALL: &'static [Conclusion] =
        &[Conclusion::Violation, Conclusion::Open, Conclusion::Lawful, Conclusion::None];

    /// The word used in files.
    pub const fn id(self) -> &'static str {
        match self {
            Conclusion::Violation => "violation",
            Conclusion::Open => "open",
            Conclusion::Lawful => "lawful",
            Conclusion::None => "none",
        }
    }

    /// The conclusion of that word.
    pub fn from_id(id: &str) -> Option<Conclusion> {
        Conclusion::ALL.iter().copied().find(|conclusion| conclusion.id() == id)
    }
}

/// How a rule's expression is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// True is lawful, false is a violation.
    Requires,
    /// True is a violation, false is lawful.
    Prohibits,
    /// True: a body may take the measure; false: nothing is said.
    Allows,
    /// True: the offence or tort is made out; false: it is not.
    Constitutes,
}

impl Mode {
    /// Every mode.
    pub const ALL: &'static [Mode] = &[Mode::Requires, Mode::Prohibits, Mode::Allows, Mode::Constitutes];

    /// The word used in files.
    pub const fn id(self) -> &'static str {
        match self {
            Mode::Requires => "requires",
            Mode::Prohibits => "prohibits",
            Mode::Allows => "allows",
            Mode::Constitutes => "constitutes",
        }
    }
}

/// One rule.
#[derive(Clone, Debug)]
pub struct Rule {
    /// Its name, such as `pipl-13-basis`.
    pub id: String,
    /// Where it stands.
    pub origin: Origin,
    /// What it says in a few words.
    pub name: Words,
    /// What it is judged on.
    pub scope: EntityKind,
    /// Who is bound, such as `processor`.
    pub binds: Vec<String>,
    /// Paragraph and item of its article.
    pub locator: String,
    /// Words of the article.
    pub quotes: Vec<(u32, String)>,
    /// When it speaks at all.
    pub applies: Option<Node>,
    /// How the expression is read.
    pub mode: Mode,
    /// The expression.
    pub condition: Node,
    /// First and last day, where the file states them.
    pub stated: (Option<Date>, Option<Date>),
    /// First and last day on which it applies; no last day when the version is still in force.
    pub period: (Option<Date>, Option<Date>),
    /// How bad a violation is.
    pub severity: Severity,
    /// Further articles cited.
    pub also: Vec<Citation>,
    /// What to do.
    pub remedy: Option<Words>,
    /// Names of penalty blocks.
    pub penalties: Vec<String>,
    /// Cases on point.
    pub cases: Vec<String>,
    /// One plain sentence for each conclusion.
    pub says: BTreeMap<Conclusion, Words>,
    /// `unreviewed` until a lawyer has signed.
    pub status: String,
    /// Whether it rests on data that could not be checked.
    pub unverified: bool,
}

impl Rule {
    /// The article it carries.
    pub fn citation(&self) -> Citation {
        Citation {
            law: self.origin.slug.clone(),
            article: self.origin.article.clone(),
            locator: self.locator.clone(),
        }
    }

    /// Whether it applies to acts of that day.
    pub fn in_force(&self, day: Date) -> bool {
        self.period.0.is_none_or(|from| from <= day) && self.period.1.is_none_or(|to| day <= to)
    }
}

/// A fact reckoned from others.
#[derive(Clone, Debug)]
pub struct Definition {
    /// The fact.
    pub fact: FactId,
    /// Where it stands.
    pub origin: Origin,
    /// Paragraph and item.
    pub locator: String,
    /// How it is reckoned.
    pub value: Node,
    /// Words of the article.
    pub quotes: Vec<(u32, String)>,
    /// First and last day of the version it stands in.
    pub period: (Option<Date>, Option<Date>),
}

/// What takes an entity out of rules or of other exceptions.
#[derive(Clone, Debug)]
pub struct Exception {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub origin: Origin,
    /// In a few words.
    pub name: Words,
    /// Paragraph and item.
    pub locator: String,
    /// Names of the rules and exceptions it excepts.
    pub to: Vec<String>,
    /// Its condition, on the scope of what it excepts.
    pub when: Node,
    /// Words of the article.
    pub quotes: Vec<(u32, String)>,
    /// First and last day, where the file states them.
    pub stated: (Option<Date>, Option<Date>),
    /// First and last day on which it applies.
    pub period: (Option<Date>, Option<Date>),
}

/// A penalty article with its tiers.
#[derive(Clone, Debug)]
pub struct Penalty {
    /// Its name.
    pub id: String,
    /// Where it stands.
    pub origin: Origin,
    /// The tiers, in order.
    pub tiers: Vec<Tier>,
    /// Words of the article.
    pub quotes: Vec<(u32, String)>,
}

/// One tier of a penalty.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Its name inside the penalty.
    pub name: String,
    /// Paragraph and item.
    pub locator: String,
    /// When it applies.
    pub when: Node,
    /// What may or must be imposed.
    pub outcomes: Vec<Outcome>,
    /// Line.
    pub line: u32,
}

/// What a penalty consists of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Outcome {
    /// An order or measure, in words.
    Order {
        /// In words.
        text: Words,
    },
    /// A fine in yuan; no upper end where the law names none.
    Fine {
        /// At least; 0 where the law says 以下 only.
        low: u64,
        /// At most.
        high: Option<u64>,
        /// Imposed on the person responsible.
        person: bool,
    },
    /// A share of last year's turnover, in per cent at most.
    Turnover {
        /// Per cent.
        percent: u64,
    },
    /// Times the illegal income.
    Income {
        /// At least so many times.
        low: u64,
        /// At most so many times.
        high: u64,
        /// Imposed on the person responsible.
        person: bool,
    },
    /// Prison in years.
    Prison {
        /// At least.
        low: u64,
        /// At most; nothing for life imprisonment.
        high: Option<u64>,
    },
    /// Detention, in days where it is administrative.
    Detention {
        /// At least so many days.
        low: Option<u64>,
        /// At most so many days.
        high: Option<u64>,
    },
    /// Public surveillance (管制).
    Surveillance,
}

/// What a test expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expected {
    /// A rule concludes so.
    Conclusion(Conclusion),
    /// A definition has this value.
    Value(Value),
}

/// A step on the way to an entity in a test: kind and number from 1.
pub type Way = Vec<(EntityKind, u32)>;

/// What a test states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Given {
    /// A fact of an entity.
    Fact {
        /// The entity.
        way: Way,
        /// The fact.
        fact: FactId,
        /// What is known; several lines about one fact add up.
        value: Value,
    },
    /// There are no (further) entities of a kind.
    None {
        /// In which entity.
        way: Way,
        /// Of which kind.
        kind: EntityKind,
    },
    /// There may be further entities of a kind.
    More {
        /// In which entity.
        way: Way,
        /// Of which kind.
        kind: EntityKind,
    },
    /// There is such an entity.
    Exists {
        /// The entity.
        way: Way,
    },
}

/// One line of a test block.
#[derive(Clone, Debug)]
pub struct Test {
    /// The rule's or the defined fact's name.
    pub subject: String,
    /// Where it stands.
    pub file: String,
    /// Line.
    pub line: u32,
    /// What must come out.
    pub expected: Expected,
    /// The day of the act; by default the rule's first day.
    pub on: Option<Date>,
    /// What is stated.
    pub given: Vec<Given>,
}

/// Everything read from the rule files.
#[derive(Clone, Debug, Default)]
pub struct RuleSet {
    /// The facts.
    pub schema: Schema,
    /// Rules in the order of files and lines.
    pub rules: Vec<Rule>,
    /// Definitions by fact; several where versions of a law define it anew, the earliest first.
    pub definitions: BTreeMap<FactId, Vec<Definition>>,
    /// Exceptions in the order of files and lines.
    pub exceptions: Vec<Exception>,
    /// Penalties by name.
    pub penalties: BTreeMap<String, Penalty>,
    /// Tests in the order of files and lines.
    pub tests: Vec<Test>,
    /// Articles that stand in a file with nothing but prose: (origin, whether prose says why).
    pub silent: Vec<Origin>,
    /// One more than the highest number of an expression's part.
    pub nodes: u32,
    /// Rule's name → position in `rules`.
    pub rule_index: BTreeMap<String, usize>,
    /// Name of a rule or exception → positions in `exceptions` of those that except it.
    pub excepted_by: BTreeMap<String, Vec<usize>>,
}

impl RuleSet {
    /// The rule of that name.
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rule_index.get(id).and_then(|at| self.rules.get(*at))
    }

    /// The definition of a fact that applies to acts of `day`.
    ///
    /// A definition that stands alone applies to every day: it says what a word means, not what was forbidden.
    pub fn definition(&self, fact: FactId, day: Date) -> Option<&Definition> {
        let all = self.definitions.get(&fact)?;
        let last_begun =
            all.iter().rev().find(|definition| definition.period.0.is_none_or(|from| from <= day));
        last_begun.or(all.first())
    }

    /// The exceptions to a rule or an exception.
    pub fn exceptions_to<'a>(&'a self, id: &str) -> impl Iterator<Item = &'a Exception> + use<'a> {
        let places = self.excepted_by.get(id).map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(|at| self.exceptions.get(*at))
    }
}
