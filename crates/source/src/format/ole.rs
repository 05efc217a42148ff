//! Compound files: the older Office forms (DOC, XLS, PPT), Outlook messages (MSG), and encrypted newer ones.

use crate::error::SourceError;
use crate::format::ooxml::Lines;
use crate::format::{Format, Probe, doc, workbook};
use crate::input::{Input, Seekable};
use crate::sink::Context;
use cfb::CompoundFile;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use zhunsheng_model::{ProblemKind, Step, TextFragment, TextShape};

/// Bytes of one stream that is held in memory.
pub(super) const STREAM_BYTES_MAX: u64 = 256 << 20;
/// Recipients and attachments of one message.
const PARTS_MAX: usize = 10_000;

type File = CompoundFile<BufReader<Seekable>>;

/// Compound file.
pub(super) struct Ole;

impl Format for Ole {
    fn name(&self) -> &'static str {
        "ole"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        probe.head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1])
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let source = input.into_seekable(cx.temp_dir())?;
        let damaged = || SourceError::malformed("the compound file is damaged");
        let mut file =
            CompoundFile::open(BufReader::new(source)).map_err(|error| match SourceError::from(error) {
                SourceError::Truncated(_) => SourceError::truncated("the compound file ends too early"),
                _ => damaged(),
            })?;
        if file.exists("/EncryptedPackage") || file.exists("/EncryptionInfo") {
            return Err(SourceError::encrypted("the document needs a password"));
        }
        if file.exists("/WordDocument") {
            return doc::read(&mut file, cx);
        }
        if file.exists("/Workbook") || file.exists("/Book") {
            let mut source = file.into_inner().into_inner();
            source.seek(SeekFrom::Start(0))?;
            return workbook::read_xls(source, cx);
        }
        if file.exists("/PowerPoint Document") {
            let bytes = stream(&mut file, Path::new("/PowerPoint Document")).ok_or_else(damaged)?;
            return read_slides(&bytes, cx);
        }
        if file.exists("/__properties_version1.0") {
            return read_message(&mut file, cx);
        }
        Err(SourceError::unsupported("no reader for this kind of compound file"))
    }
}

/// The bytes of a stream, when it is there, readable and not too big.
pub(super) fn stream(file: &mut File, path: &Path) -> Option<Vec<u8>> {
    let stream = file.open_stream(path).ok()?;
    let mut bytes = Vec::new();
    // A chain that breaks gives what comes before.
    let _ = stream.take(STREAM_BYTES_MAX).read_to_end(&mut bytes);
    Some(bytes)
}

/// The text of a presentation: records of text, one after the other.
fn read_slides(bytes: &[u8], cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut lines = Lines::new(Vec::new());
    let mut at = 0usize;
    while let Some(header) = bytes.get(at..at.saturating_add(8)) {
        let short = |i: usize| u16::from_le_bytes([byte(header, i), byte(header, i + 1)]);
        let length = usize::from(short(4)) | usize::from(short(6)) << 16;
        let (is_container, kind) = (short(0) & 0xf == 0xf, short(2));
        at += 8;
        if is_container {
            continue;
        }
        let end = at.saturating_add(length);
        let Some(body) = bytes.get(at..end) else {
            lines.flush(cx)?;
            return Err(SourceError::truncated("the presentation ends within a record"));
        };
        let text = match kind {
            4000 | 4026 => utf16(body),
            4008 => body.iter().map(|byte| char::from(*byte)).collect(),
            _ => String::new(),
        };
        for line in text.split(['\r', '\u{b}', '\n']) {
            lines.push(line, None, cx)?;
        }
        at = end;
    }
    lines.flush(cx)
}

fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or_default()
}

/// UTF-16 with the low byte first.
pub(super) fn utf16(bytes: &[u8]) -> String {
    encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.trim_end_matches('\0').to_owned()
}

/// An Outlook message: head, body, attachments.
fn read_message(file: &mut File, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let root = PathBuf::from("/");
    let heads = [("Subject", "0037"), ("From", "0C1A"), ("From", "5D01"), ("To", "0E04"), ("Cc", "0E03")];
    for (header, id) in heads {
        if let Some(text) = property(file, &root, id) {
            part(cx, Step::Header(header.into()), text)?;
        }
    }
    if let Some(text) = property(file, &root, "1000") {
        part(cx, Step::Part("text".into()), text)?;
    } else if let Some(html) = stream(file, Path::new("/__substg1.0_10130102")) {
        cx.nested_part(&[Step::Part("html".into())], "body.html", Input::from_bytes(html))?;
    }
    let mut folders: Vec<PathBuf> = file
        .read_root_storage()
        .filter(cfb::Entry::is_storage)
        .map(|entry| entry.path().to_path_buf())
        .collect();
    folders.sort();
    if folders.len() > PARTS_MAX {
        cx.problem(ProblemKind::LimitExceeded, format!("more than {PARTS_MAX} parts of one message"), false);
    }
    for folder in folders.into_iter().take(PARTS_MAX) {
        let name = folder.to_string_lossy().into_owned();
        if name.contains("__recip_version1.0_") {
            for id in ["3001", "39FE", "3003"] {
                if let Some(text) = property(file, &folder, id) {
                    part(cx, Step::Header("To".into()), text)?;
                }
            }
        } else if name.contains("__attach_version1.0_") {
            let title = ["3707", "3704", "3001"].into_iter().find_map(|id| property(file, &folder, id));
            let title = title.unwrap_or_else(|| "attachment".into());
            if let Some(bytes) = stream(file, &folder.join("__substg1.0_37010102")) {
                cx.nested_part(&[Step::Attachment(title.clone())], &title, Input::from_bytes(bytes))?;
            } else {
                cx.problem_at(
                    &[Step::Attachment(title)],
                    ProblemKind::Unsupported,
                    "the attachment is no plain file",
                    true,
                );
            }
        }
    }
    Ok(())
}

/// The text property `id` of a folder, Unicode or not.
fn property(file: &mut File, folder: &Path, id: &str) -> Option<String> {
    let unicode = stream(file, &folder.join(format!("__substg1.0_{id}001F"))).map(|bytes| utf16(&bytes));
    let text = unicode.or_else(|| {
        let bytes = stream(file, &folder.join(format!("__substg1.0_{id}001E")))?;
        Some(super::member::name(&bytes))
    });
    text.filter(|text| !text.trim().is_empty())
}

fn part(cx: &mut Context<'_>, step: Step, text: String) -> Result<(), SourceError> {
    let place = cx.place_of(&[step]);
    cx.text(TextFragment { place, text, shape: TextShape::Prose, segments: Vec::new(), origin: None })
}
