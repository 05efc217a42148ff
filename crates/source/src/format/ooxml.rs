//! What documents made of XML parts in a zip have in common: parts, properties, embedded files.

use crate::error::SourceError;
use crate::format::zip::{Archive, Entry};
use crate::input::Input;
use crate::limits::Level;
use crate::sink::Context;
use quick_xml::Reader;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::io::{self, BufReader, Read};
use std::rc::Rc;
use zhunsheng_model::{ProblemKind, Segment, Step, TextFragment, TextShape};

/// An event of a part, as far as text matters. Names are without prefix.
pub(super) enum Node<'a> {
    /// An element begins.
    Open(&'a BytesStart<'a>),
    /// An element ends.
    Close(&'a str),
    /// Text between tags.
    Text(&'a str),
    /// The part ends.
    End,
}

/// Reads a part and hands every node to `each`, to the end or the first error.
///
/// # Errors
/// When the part is damaged; what came before was handed over.
pub(super) fn read_part(
    reader: impl Read,
    cx: &mut Context<'_>,
    mut each: impl FnMut(Node<'_>, &mut Context<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let metered = Metered { reader, level: Rc::clone(&cx.level) };
    let mut xml = Reader::from_reader(BufReader::with_capacity(64 << 10, metered));
    let config = xml.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    let mut room = Vec::new();
    let mut depth = 0usize;
    loop {
        room.clear();
        match xml.read_event_into(&mut room) {
            Ok(Event::Start(start)) => {
                depth += 1;
                each(Node::Open(&start), cx)?;
            }
            Ok(Event::End(end)) => {
                depth = depth.saturating_sub(1);
                each(Node::Close(end.local_name().as_ref()), cx)?;
            }
            Ok(Event::Text(text)) => each(Node::Text(&text.xml10_content()), cx)?,
            Ok(Event::CData(text)) => each(Node::Text(&text.xml10_content()), cx)?,
            Ok(Event::GeneralRef(reference)) => {
                if let Some(character) = referenced(&reference) {
                    each(Node::Text(character.encode_utf8(&mut [0; 4])), cx)?;
                }
            }
            Ok(Event::Eof) => {
                each(Node::End, cx)?;
                return if depth == 0 {
                    Ok(())
                } else {
                    Err(SourceError::truncated("a part of the document ends too early"))
                };
            }
            Ok(_) => {}
            Err(error) => {
                each(Node::End, cx)?;
                return Err(match error {
                    quick_xml::Error::Io(error) => {
                        // The message of the error is not shown: it may hold content.
                        io_error(&error)
                    }
                    _ => SourceError::malformed("a part of the document is damaged"),
                });
            }
        }
    }
}

fn io_error(error: &io::Error) -> SourceError {
    if let Some(hit) = error.get_ref().and_then(|inner| inner.downcast_ref::<crate::limits::LimitHit>()) {
        return (*hit).into();
    }
    match error.kind() {
        io::ErrorKind::UnexpectedEof => SourceError::truncated("a part of the document ends too early"),
        _ => SourceError::malformed("a part of the document is damaged"),
    }
}

fn referenced(reference: &BytesRef<'_>) -> Option<char> {
    if let Ok(Some(character)) = reference.resolve_char_ref() {
        return Some(character);
    }
    Some(match reference.xml10_content().as_ref() {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        _ => return None,
    })
}

/// The value of the attribute with that name, prefix or not.
pub(super) fn attribute(start: &BytesStart<'_>, name: &str) -> Option<String> {
    let attribute =
        start.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    Some(match attribute.normalized_value(quick_xml::XmlVersion::Explicit1_0) {
        Ok(value) => value.into_owned(),
        Err(_) => attribute.value.as_ref().to_owned(),
    })
}

/// Counts unpacked bytes against the limits.
struct Metered<R> {
    reader: R,
    level: Rc<Level>,
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        let got = self.reader.read(room)?;
        self.level.take(got as u64).map_err(io::Error::other)?;
        Ok(got)
    }
}

/// Lines of text with a place each, handed over in fragments of bounded size.
pub(super) struct Lines {
    steps: Vec<Step>,
    text: String,
    segments: Vec<Segment>,
}

impl Lines {
    /// Lines of the part at `steps`.
    pub(super) fn new(steps: Vec<Step>) -> Lines {
        Lines { steps, text: String::new(), segments: Vec::new() }
    }

    /// Appends a line; `step` is its own place.
    ///
    /// # Errors
    /// When the receiver wants no more.
    pub(super) fn push(
        &mut self,
        line: &str,
        step: Option<Step>,
        cx: &mut Context<'_>,
    ) -> Result<(), SourceError> {
        if line.trim().is_empty() {
            return Ok(());
        }
        if let Some(step) = step {
            self.segments.push(Segment { start: self.text.len() as u32, steps: vec![step] });
        }
        self.text.push_str(line);
        self.text.push('\n');
        if self.text.len() >= cx.chunk_bytes() { self.flush(cx) } else { Ok(()) }
    }

    /// Hands over what is held.
    ///
    /// # Errors
    /// When the receiver wants no more.
    pub(super) fn flush(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        if self.text.is_empty() {
            return Ok(());
        }
        let place = cx.place_of(&self.steps);
        let (text, segments) = (std::mem::take(&mut self.text), std::mem::take(&mut self.segments));
        cx.text(TextFragment { place, text, shape: TextShape::Prose, segments, origin: None })
    }
}

/// Reads a part by its entry, noting what is wrong as a problem of section `name`; the rest of the document is
/// read all the same.
///
/// # Errors
/// Only what ends the reading of the whole file.
pub(super) fn optional_part(
    archive: &mut Archive,
    entry: &Entry,
    name: &str,
    cx: &mut Context<'_>,
    read: impl FnOnce(Box<dyn Read + '_>, &mut Context<'_>) -> Result<(), SourceError>,
) -> Result<(), SourceError> {
    let result = match archive.member(entry) {
        Ok(reader) => read(reader, cx),
        Err(error) => Err(error),
    };
    match result {
        Err(error @ (SourceError::Stopped | SourceError::Limit(_))) => Err(error),
        Err(error) => {
            if let Some(kind) = error.kind() {
                cx.problem_at(&[Step::Section(name.into())], kind, error.to_string(), false);
            }
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// Author, title and the like.
///
/// # Errors
/// See [`optional_part`].
pub(super) fn read_properties(
    archive: &mut Archive,
    entries: &[Entry],
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let Some(entry) = entries.iter().find(|entry| entry.is_named("docProps/core.xml")) else { return Ok(()) };
    optional_part(archive, entry, "metadata", cx, |reader, cx| {
        let mut lines = Lines::new(vec![Step::Section("metadata".into())]);
        let mut value = String::new();
        read_part(reader, cx, |node, cx| {
            match node {
                Node::Open(_) => value.clear(),
                Node::Text(text) => value.push_str(text),
                Node::Close(
                    "creator" | "lastModifiedBy" | "title" | "subject" | "description" | "keywords",
                ) => {
                    lines.push(&value, None, cx)?;
                    value.clear();
                }
                Node::Close(_) => value.clear(),
                Node::End => lines.flush(cx)?,
            }
            Ok(())
        })
    })
}

/// Embedded files and pictures: members of the document.
///
/// # Errors
/// See [`Context::nested`].
pub(super) fn read_embedded(
    archive: &mut Archive,
    entries: &[Entry],
    folders: &[&str],
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    for entry in entries {
        let name = entry.text_name();
        if !folders.iter().any(|folder| name.starts_with(folder))
            || name.ends_with('/')
            || name.ends_with(".rels")
        {
            continue;
        }
        if entry.is_encrypted() {
            cx.problem_member(&name, ProblemKind::Encrypted, "the member is encrypted");
            continue;
        }
        match archive.member(entry) {
            Ok(reader) => cx.nested(&name, Input::from_reader(reader, Some(entry.size())))?,
            Err(error) => {
                if let Some(kind) = error.kind() {
                    cx.problem_member(&name, kind, error.to_string());
                }
            }
        }
    }
    Ok(())
}
