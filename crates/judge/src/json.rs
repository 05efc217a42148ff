//! `findings.json`: the report as JSON, keys in a fixed order.

use crate::finding::Report;
use serde::Serialize;

/// The report, indented, with a line feed at the end.
///
/// # Errors
/// When serialisation fails, which plain data does not.
pub fn findings(report: &Report) -> Result<String, serde_json::Error> {
    any(report)
}

/// Any paper, indented, with a line feed at the end.
///
/// # Errors
/// As [`findings`].
pub fn any<T: Serialize>(paper: &T) -> Result<String, serde_json::Error> {
    let mut text = serde_json::to_string_pretty(paper)?;
    text.push('\n');
    Ok(text)
}
