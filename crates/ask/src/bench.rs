//! Measuring with somebody else's pool of articles and questions.

use crate::corpus::{Doc, split_name};
use crate::error::AskError;
use serde::Deserialize;
use std::io::Read as _;

/// Unpacked bytes of a pool or of questions, at most.
const BYTES_MAX: u64 = 1 << 31;

/// An article of a pool.
#[derive(Clone, Debug, Deserialize)]
pub struct PoolRow {
    /// Its number; questions refer to it.
    pub id: u32,
    /// Title of the law and label.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// A question with the articles that answer it.
#[derive(Clone, Debug, Deserialize)]
pub struct QuestionRow {
    /// Its number.
    pub id: u32,
    /// The question.
    pub question: String,
    /// Numbers of the articles.
    pub relevant: Vec<u32>,
    /// Whether it is about personal information.
    #[serde(default)]
    pub personal_information: bool,
}

impl PoolRow {
    /// The article as it is indexed.
    pub fn doc(&self) -> Doc {
        let (law, label) = split_name(&self.name);
        Doc {
            law: law.replace("中华人民共和国", ""), label: label.to_owned(), text: self.text.clone()
        }
    }
}

/// Reads lines of JSON, packed with gzip or plain.
///
/// # Errors
/// [`AskError`] when the bytes cannot be unpacked or a line has another form.
pub fn read_lines<T: serde::de::DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<Vec<T>, AskError> {
    let packed = |detail: String| AskError::Packed { what: what.to_owned(), detail };
    let mut text = String::new();
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut reader = flate2::read::MultiGzDecoder::new(bytes).take(BYTES_MAX);
        reader.read_to_string(&mut text).map_err(|e| packed(e.to_string()))?;
    } else {
        text.push_str(std::str::from_utf8(bytes).map_err(|e| packed(e.to_string()))?);
    }
    let lines = (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty());
    lines
        .map(|(line, json)| {
            serde_json::from_str(json).map_err(|e| AskError::Line {
                what: what.to_owned(),
                line,
                detail: e.to_string(),
            })
        })
        .collect()
}

/// Measures over a set of questions.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Measures {
    /// How many questions.
    pub questions: usize,
    /// Recall among the first five.
    pub recall_5: f64,
    /// Recall among the first ten.
    pub recall_10: f64,
    /// Recall among the first hundred.
    pub recall_100: f64,
    /// Mean reciprocal rank within the first ten.
    pub mrr_10: f64,
}

/// Measures rankings against what is relevant: pairs of ranked and relevant ids.
pub fn measure(rankings: &[(Vec<u32>, &[u32])]) -> Measures {
    use crate::metric::{mean, recall, reciprocal_rank};
    let recall_at = |k| mean(rankings.iter().map(|(ranked, relevant)| recall(ranked, relevant, k)));
    Measures {
        questions: rankings.len(),
        recall_5: recall_at(5),
        recall_10: recall_at(10),
        recall_100: recall_at(100),
        mrr_10: mean(rankings.iter().map(|(ranked, relevant)| reciprocal_rank(ranked, relevant, 10))),
    }
}
