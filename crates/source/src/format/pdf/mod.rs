//! PDF: the text layer, form fields, notes, document properties and attached files.
//!
//! The objects are read by `lopdf`; which text the shown bytes are, and where lines and paragraphs end, is
//! worked out here (`font`, `cmap`, `content`, `layout`).

mod cmap;
mod content;
mod font;
mod layout;
mod lexer;
mod truetype;

use crate::error::SourceError;
use crate::format::{Format, Probe};
use crate::input::Input;
use crate::sink::Context;
use content::Fonts;
use layout::Line;
use lopdf::{Dictionary, Document, LoadOptions, Object, ObjectId};
use std::collections::BTreeSet;
use zhunsheng_model::{ProblemKind, Step, TextFragment, TextShape};

/// A file up to this size is read; it is held in memory.
const FILE_BYTES_MAX: u64 = 1 << 30;
/// Bytes that one object stream may decompress to.
const STREAM_BYTES_MAX: usize = 256 << 20;
/// Text held before it is joined and handed over: paragraphs may run over pages, so many pages go together.
const HELD_BYTES: usize = 8 << 20;

/// Portable Document Format.
pub(super) struct Pdf;

impl Format for Pdf {
    fn name(&self) -> &'static str {
        "pdf"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        // Readers accept up to a kilobyte before the mark.
        let head = probe.head.get(..1024.min(probe.head.len())).unwrap_or_default();
        memchr::memmem::find(head, b"%PDF-").is_some()
    }

    fn read(&self, input: Input<'_>, context: &mut Context<'_>) -> Result<(), SourceError> {
        let bytes = input.into_bytes(FILE_BYTES_MAX)?;
        // Without a filter: the library repairs damaged files only then.
        let options = LoadOptions { max_decompressed_size: Some(STREAM_BYTES_MAX), ..LoadOptions::default() };
        let document =
            Document::load_mem_with_options(&bytes, options).map_err(|error| failure(&error, &bytes))?;
        drop(bytes);
        if document.is_encrypted() && !document.was_encrypted() {
            return Err(SourceError::encrypted("the document needs a password"));
        }
        if document.xref_recovery.is_some() {
            context.problem(
                ProblemKind::Malformed,
                "the table of objects is damaged; objects were found by searching the file",
                false,
            );
        }
        read_pages(&document, context)?;
        read_properties(&document, context)?;
        read_attachments(&document, context)
    }
}

fn failure(error: &lopdf::Error, bytes: &[u8]) -> SourceError {
    use lopdf::Error;
    match error {
        Error::InvalidPassword | Error::Decryption(_) => {
            SourceError::encrypted("the document needs a password")
        }
        Error::Decompress(lopdf::DecompressError::MemoryLimitExceeded { .. }) => {
            SourceError::Limit(format!("a stream grows beyond {STREAM_BYTES_MAX} bytes"))
        }
        _ => {
            let tail = bytes.get(bytes.len().saturating_sub(2048)..).unwrap_or_default();
            match memchr::memmem::find(tail, b"%%EOF") {
                None => SourceError::truncated("the document ends before its table of objects"),
                Some(_) => SourceError::malformed("the objects of the document cannot be read"),
            }
        }
    }
}

fn read_pages(document: &Document, context: &mut Context<'_>) -> Result<(), SourceError> {
    let mut fonts = Fonts::default();
    let mut held: Vec<Line> = Vec::new();
    let mut held_bytes = 0;
    let (mut pages, mut undecoded, mut with_text) = (0u32, BTreeSet::new(), 0u32);
    for (page, number) in document.page_iter().zip(1u32..) {
        pages = number;
        let shown = content::shown(document, page, &mut fonts);
        if shown.lost {
            let detail = "part of the page cannot be read";
            context.problem_at(&[Step::Page(number)], ProblemKind::Malformed, detail, false);
        }
        if shown.spans.iter().any(|span| span.text.contains('\u{fffd}')) {
            undecoded.insert(number);
        }
        with_text += u32::from(!shown.spans.is_empty());
        held_bytes += shown.spans.iter().map(|span| span.text.len() + 64).sum::<usize>();
        held.extend(layout::lines(number, shown.spans));
        if held_bytes > HELD_BYTES {
            hand_over(&held, context)?;
            held.clear();
            held_bytes = 0;
        }
        read_annotations(document, page, number, context)?;
    }
    hand_over(&held, context)?;
    if let Some(first) = undecoded.first() {
        let detail = format!("{} pages use fonts that do not say which text they show", undecoded.len());
        context.problem_at(&[Step::Page(*first)], ProblemKind::BadCharacters, detail, false);
    }
    if pages == 0 {
        return Err(SourceError::malformed("the document has no page that can be read"));
    }
    if with_text < pages {
        let detail =
            format!("{} of {pages} pages hold no text; pictures of text are not read", pages - with_text);
        context.problem(ProblemKind::Unsupported, detail, with_text == 0);
    }
    Ok(())
}

fn hand_over(lines: &[Line], context: &mut Context<'_>) -> Result<(), SourceError> {
    layout::join(lines, context.chunk_bytes(), |joined| {
        let place = context.place_of(&[]);
        let (text, segments) = (joined.text, joined.segments);
        context.text(TextFragment { place, text, shape: TextShape::Prose, segments, origin: None })
    })
}

/// Notes on a page and what is filled into form fields.
fn read_annotations(
    document: &Document,
    page: ObjectId,
    number: u32,
    context: &mut Context<'_>,
) -> Result<(), SourceError> {
    let mut text = String::new();
    for annotation in document.get_page_annotations(page).unwrap_or_default() {
        let own = [(b"Contents".as_slice(), None), (b"V", Some(b"T".as_slice()))];
        for (key, label) in own {
            // A field's value may stand on its parent.
            let holder = if annotation.has(key) { Some(annotation) } else { parent(document, annotation) };
            let Some(value) = holder.and_then(|holder| text_of(document, holder, key)) else { continue };
            if let Some(label) = label.and_then(|label| text_of(document, annotation, label)) {
                text.push_str(&label);
                text.push('：');
            }
            text.push_str(&value);
            text.push('\n');
        }
    }
    part(context, &[Step::Page(number), Step::Section("form".into())], text)
}

fn parent<'a>(document: &'a Document, dictionary: &'a Dictionary) -> Option<&'a Dictionary> {
    font::get(document, dictionary, b"Parent")?.as_dict().ok()
}

fn text_of(document: &Document, dictionary: &Dictionary, key: &[u8]) -> Option<String> {
    let object = font::get(document, dictionary, key)?;
    let text = lopdf::decode_text_string(object).ok()?;
    Some(text.replace('\r', "\n")).filter(|text| !text.trim().is_empty())
}

/// Title, author, subject, keywords.
fn read_properties(document: &Document, context: &mut Context<'_>) -> Result<(), SourceError> {
    let Some(info) = font::get(document, &document.trailer, b"Info").and_then(|object| object.as_dict().ok())
    else {
        return Ok(());
    };
    let mut text = String::new();
    for key in ["Title", "Author", "Subject", "Keywords"] {
        if let Some(value) = text_of(document, info, key.as_bytes()) {
            text.push_str(&value);
            text.push('\n');
        }
    }
    part(context, &[Step::Section("metadata".into())], text)
}

fn part(context: &mut Context<'_>, steps: &[Step], text: String) -> Result<(), SourceError> {
    if text.trim().is_empty() {
        return Ok(());
    }
    let place = context.place_of(steps);
    context.text(TextFragment { place, text, shape: TextShape::Prose, segments: Vec::new(), origin: None })
}

/// Files attached to the document, in the order of their objects.
fn read_attachments(document: &Document, context: &mut Context<'_>) -> Result<(), SourceError> {
    for object in document.objects.values() {
        let Object::Dictionary(dictionary) = object else { continue };
        let Some(files) = font::get(document, dictionary, b"EF").and_then(|files| files.as_dict().ok())
        else {
            continue;
        };
        let stream = [b"UF".as_slice(), b"F"]
            .into_iter()
            .find_map(|key| font::get(document, files, key).and_then(|object| object.as_stream().ok()));
        let Some(stream) = stream else { continue };
        let name = [b"UF".as_slice(), b"F"].into_iter().find_map(|key| text_of(document, dictionary, key));
        let name = name.unwrap_or_else(|| "attachment".into());
        match stream.get_plain_content_with_limit(STREAM_BYTES_MAX) {
            Ok(bytes) => {
                let steps = [Step::Attachment(name.clone())];
                context.nested_part(&steps, &name, Input::from_bytes(bytes))?;
            }
            Err(_) => {
                context.problem_member(&name, ProblemKind::Malformed, "the attached file cannot be unpacked")
            }
        }
    }
    Ok(())
}
