//! What a report needs besides the inventory.

use zhunsheng_model::Kind;

/// What stands around the numbers of a report. No clock and no machine name: the same inventory and view
/// give the same bytes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct View {
    /// Version of the program, such as `0.1.0`.
    pub tool_version: String,
    /// The command line as given, free of secrets.
    pub command: String,
    /// The inputs as named on the command line.
    pub inputs: Vec<String>,
    /// Masked samples; at most [`View::SAMPLES_PER_KIND`] of a kind are shown.
    pub samples: Vec<Sample>,
}

impl View {
    /// Samples shown of one kind at most.
    pub const SAMPLES_PER_KIND: usize = 5;
}

/// One masked sample.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// What it is.
    pub kind: Kind,
    /// The masked form, never the raw value.
    pub masked: String,
    /// Where it stands.
    pub place: String,
}

/// The law behind the counting, word for word.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportRules {
    /// The articles that the counting rests on, in the order in which they are to be printed.
    pub articles: Vec<ArticleText>,
    /// What courts did where no article says how to count.
    pub practice: Vec<PracticeText>,
}

/// One article, verbatim.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArticleText {
    /// Title of the law or interpretation, with its document number.
    pub title: String,
    /// Such as `第五条`.
    pub number: String,
    /// The text with its paragraphs parted by line feeds.
    pub text: String,
    /// ISO date from which it has been in force.
    pub effective: String,
}

/// One practice rule and the case in which it was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PracticeText {
    /// The case, such as `最高人民法院指导性案例192号` or an id such as `spc-192`.
    pub case: String,
    /// What was done, in Chinese.
    pub rule: String,
}
