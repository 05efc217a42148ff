//! The formats, each in its own file, and how one is chosen: by content; the name only breaks ties.

use crate::error::SourceError;
use crate::input::Input;
use crate::sink::Context;
use crate::text::encoding::{self, TextHead};
use std::cell::OnceCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use zhunsheng_model::ProblemKind;

mod arrow;
mod avro;
mod compress;
mod delimited;
mod doc;
mod docx;
mod html;
mod json;
mod mail;
mod member;
mod ole;
mod ooxml;
mod opendocument;
mod parquet;
mod pdf;
mod pptx;
mod rows;
mod sevenz;
mod sql;
mod sqlite;
mod tar;
mod text;
mod unsupported;
mod value;
mod vcard;
mod workbook;
mod zip;

/// Bytes at the beginning of an input by which its format is told.
pub const HEAD_BYTES: usize = 64 << 10;

/// What is known of an input before it is read.
pub struct Probe<'a> {
    /// The first [`HEAD_BYTES`] bytes, fewer when the input is shorter.
    pub head: &'a [u8],
    /// Name without folders; only to break ties.
    pub name: &'a str,
    /// Whether `head` is all there is.
    pub complete: bool,
    text: OnceCell<Option<TextHead>>,
}

impl<'a> Probe<'a> {
    /// A probe of an input that begins with `head`.
    pub fn new(head: &'a [u8], name: &'a str, complete: bool) -> Probe<'a> {
        Probe { head, name, complete, text: OnceCell::new() }
    }

    /// The head as text, when it is text in an encoding we know.
    pub fn text(&self) -> Option<&TextHead> {
        self.text.get_or_init(|| encoding::sniff(self.head, self.complete)).as_ref()
    }

    /// Whether the name ends in `.extension` (lower case expected), in any case.
    pub fn has_extension(&self, extension: &str) -> bool {
        self.name.rsplit_once('.').is_some_and(|(_, end)| end.eq_ignore_ascii_case(extension))
    }
}

/// A file format.
pub trait Format: Sync {
    /// Its name in every output, lower case.
    fn name(&self) -> &'static str;
    /// Whether an input is of this format.
    fn matches(&self, probe: &Probe<'_>) -> bool;
    /// Reads all of it.
    ///
    /// # Errors
    /// When the rest cannot be read; what was handed over before stays. Becomes a problem at the context's place.
    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError>;
}

/// Every format, in the order in which they are asked: the first that matches reads.
pub static FORMATS: &[&dyn Format] = &[
    // Told by magic numbers; documents that are zip archives come before the archive.
    &docx::Docx,
    &pptx::Pptx,
    &workbook::Workbook,
    &opendocument::OpenDocument,
    &zip::Zip,
    &ole::Ole,
    &pdf::Pdf,
    &sqlite::Sqlite,
    &parquet::Parquet,
    &arrow::Arrow,
    &avro::Avro,
    &sevenz::SevenZip,
    &compress::GZIP,
    &compress::BZIP2,
    &compress::XZ,
    &compress::LZIP,
    &compress::ZSTD,
    &tar::Tar,
    &compress::LZMA,
    &unsupported::Unsupported,
    // Told by their text.
    &mail::Mbox,
    &mail::Eml,
    &vcard::Vcard,
    &html::Html,
    &json::Json,
    &sql::Sql,
    &delimited::Delimited,
    &text::Text,
];

/// Chooses the format of `input` and reads it; what is wrong is noted at the place of `cx` and returned.
pub(crate) fn read(mut input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let before = cx.fragments;
    let outcome = catch_unwind(AssertUnwindSafe(|| choose_and_read(&mut input, cx)));
    let result = match outcome {
        Ok(result) => result,
        // A defect of a reader (ours or a library's) must not end the scan; its message may hold content.
        Err(_) => Err(SourceError::malformed("the reader gave up on this content")),
    };
    if let Err(error) = &result
        && let Some(mut kind) = error.kind()
    {
        let mut detail = error.to_string();
        if let Some(hit) = cx.budget.peek_hit() {
            kind = ProblemKind::LimitExceeded;
            detail = hit.to_string();
        }
        let lost = cx.fragments == before;
        cx.problem(kind, detail, lost);
    }
    result
}

fn choose_and_read(input: &mut Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let format = {
        let name = cx.name.to_string();
        let head = input.peek(HEAD_BYTES)?;
        if head.is_empty() {
            cx.sink.opened(&cx.place, "empty");
            return Ok(());
        }
        let probe = Probe::new(head, &name, head.len() < HEAD_BYTES);
        FORMATS.iter().find(|format| format.matches(&probe))
    };
    let Some(format) = format else {
        cx.sink.opened(&cx.place, "unknown");
        return Err(SourceError::unsupported("neither text nor a known format"));
    };
    cx.sink.opened(&cx.place, format.name());
    format.read(input.take_whole(), cx)
}
