//! Where something stands: a file, the way into it, and the spot inside.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// One step from a file down to a part of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// A sheet of a workbook.
    Sheet(String),
    /// A table of a database or dump, or the n-th table of a document (its number as text).
    Table(String),
    /// A page, from 1.
    Page(u32),
    /// A slide, from 1.
    Slide(u32),
    /// A paragraph of a document, from 1.
    Paragraph(u32),
    /// A line, from 1.
    Line(u64),
    /// A message of a mailbox, from 1.
    Message(u32),
    /// A header line of a message.
    Header(String),
    /// A body part of a message (`text`, `html`).
    Part(String),
    /// An attachment, by its name.
    Attachment(String),
    /// A JSON pointer.
    Json(String),
    /// A named part of a document: `footnotes`, `comments`, `header`, `metadata` …
    Section(String),
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Step::Sheet(name) => write!(f, "sheet {name}"),
            Step::Table(name) => write!(f, "table {name}"),
            Step::Page(n) => write!(f, "page {n}"),
            Step::Slide(n) => write!(f, "slide {n}"),
            Step::Paragraph(n) => write!(f, "paragraph {n}"),
            Step::Line(n) => write!(f, "line {n}"),
            Step::Message(n) => write!(f, "message {n}"),
            Step::Header(name) => write!(f, "header {name}"),
            Step::Part(name) => write!(f, "part {name}"),
            Step::Attachment(name) => write!(f, "attachment {name}"),
            Step::Json(pointer) => write!(f, "json {pointer}"),
            Step::Section(name) => write!(f, "section {name}"),
        }
    }
}

/// The place of a fragment: the file (members of archives as `outer.zip!inner.tar.gz!path`, with `/`
/// between folders, relative to what was scanned) and the steps into it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The file, as named in every output.
    pub file: Arc<str>,
    /// From the file to the part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

impl Place {
    /// The whole of `file`.
    pub fn file(file: impl Into<Arc<str>>) -> Place {
        Place { file: file.into(), steps: Vec::new() }
    }

    /// One step further in.
    #[must_use]
    pub fn step(&self, step: Step) -> Place {
        let mut place = self.clone();
        place.steps.push(step);
        place
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        self.steps.iter().try_for_each(|step| write!(f, " · {step}"))
    }
}
