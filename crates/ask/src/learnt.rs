//! The tables that the program carries: weights, known questions, lexicon.

use crate::corpus::split_name;
use crate::error::AskError;
use crate::lexicon::Lexicon;
use crate::memory::Known;
use crate::rank::Weights;
use serde::Deserialize;
use std::collections::BTreeMap;
use zhunsheng_rules::Rules;

static WEIGHTS: &str = include_str!("../data/weights.toml");
static WEIGHTS_FOR_LAW: &str = include_str!("../data/weights-law.toml");
static KNOWN: &[u8] = include_bytes!("../data/known.jsonl.gz");

/// The learnt weights, for pools of articles of all kinds.
///
/// # Errors
/// [`AskError::Table`] for a defect of the table that a test shows.
pub fn weights() -> Result<Weights, AskError> {
    Weights::read(WEIGHTS)
}

/// The weights for the embedded law: the learnt ones, save for those that `weights-law.toml` states.
pub(crate) fn weights_for_law() -> Result<Weights, AskError> {
    Weights::read(&format!("{WEIGHTS_FOR_LAW}\n"))
}

/// How readily each law of the embedded law answers questions about personal information, by title.
pub(crate) fn law_weights() -> Result<BTreeMap<String, f32>, AskError> {
    let wrong = |detail: String| AskError::Table { table: "weights-law.toml", detail };
    let table: toml::Table = WEIGHTS_FOR_LAW.parse().map_err(|e| wrong(format!("{e}")))?;
    let laws =
        table.get("laws").and_then(|laws| laws.as_table()).ok_or_else(|| wrong("no `laws`".to_owned()))?;
    laws.iter()
        .map(|(title, value)| {
            let value = value.as_float().ok_or_else(|| wrong(format!("`{title}` is no number")))?;
            Ok((title.clone(), value as f32))
        })
        .collect()
}

/// The known questions.
///
/// # Errors
/// [`AskError`] for a defect of the table that a test shows.
pub fn known() -> Result<Vec<Known>, AskError> {
    #[derive(Deserialize)]
    struct Row {
        question: String,
        articles: Vec<String>,
    }
    let rows: Vec<Row> = crate::bench::read_lines("known questions", KNOWN)?;
    let known = rows.into_iter().map(|row| Known {
        question: row.question,
        articles: row
            .articles
            .iter()
            .map(|name| {
                let (law, label) = split_name(name);
                (law.to_owned(), label.to_owned())
            })
            .collect(),
    });
    Ok(known.collect())
}

/// The lexicon of the rules.
///
/// # Errors
/// [`AskError::Line`] for a defect of the table that a test shows.
pub fn lexicon(rules: &Rules) -> Result<Lexicon, AskError> {
    let table = |name| rules.lexicon(name).unwrap_or_default();
    Lexicon::read(table("lay-terms.tsv"), table("question-words.tsv"))
}
