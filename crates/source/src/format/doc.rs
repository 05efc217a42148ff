//! DOC (Word 6 to 2003): the text by its piece table, paragraph by paragraph.

use crate::error::SourceError;
use crate::format::ole;
use crate::format::ooxml::Lines;
use crate::input::Seekable;
use crate::sink::Context;
use cfb::CompoundFile;
use std::io::BufReader;
use std::path::Path;
use zhunsheng_model::Step;

/// Reads the document of a compound file that holds one: body, notes, headers, comments in one sequence, as the
/// file keeps them. Cells of a table are parted by tabs, rows by line ends.
pub(super) fn read(
    file: &mut CompoundFile<BufReader<Seekable>>,
    cx: &mut Context<'_>,
) -> Result<(), SourceError> {
    let damaged = || SourceError::malformed("the document is damaged");
    let main = ole::stream(file, Path::new("/WordDocument")).ok_or_else(damaged)?;
    let flags =
        u16_at(&main, 0x0a).ok_or_else(|| SourceError::truncated("the document ends within its head"))?;
    if flags & 0x0100 != 0 {
        return Err(SourceError::encrypted("the document needs a password"));
    }
    let version = u16_at(&main, 2).unwrap_or_default();
    let mut writer = Writer::default();
    if version < 0xc1 {
        // Word 6 and 95: one run of bytes in the code page of the system it was written on.
        let (start, end) =
            (u32_at(&main, 0x18).ok_or_else(damaged)?, u32_at(&main, 0x1c).ok_or_else(damaged)?);
        let bytes = main.get(start as usize..(end as usize).min(main.len())).ok_or_else(damaged)?;
        writer.push(&encoding_rs::GB18030.decode_without_bom_handling(bytes).0, cx)?;
        return writer.finish(cx);
    }
    let table = if flags & 0x0200 != 0 { "/1Table" } else { "/0Table" };
    let table = ole::stream(file, Path::new(table)).ok_or_else(damaged)?;
    let (start, length) =
        (u32_at(&main, 0x1a2).ok_or_else(damaged)?, u32_at(&main, 0x1a6).ok_or_else(damaged)?);
    let start = start as usize;
    let pieces =
        table.get(start..start.saturating_add(length as usize).min(table.len())).ok_or_else(damaged)?;
    let mut whole = true;
    for (characters, offset, is_narrow) in piece_list(pieces).ok_or_else(damaged)? {
        let bytes = if is_narrow { characters } else { characters.saturating_mul(2) };
        let end = offset.saturating_add(bytes).min(main.len());
        whole &= end - offset.min(end) == bytes;
        let bytes = main.get(offset.min(end)..end).unwrap_or_default();
        let text = match is_narrow {
            true => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
            false => encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0.into_owned(),
        };
        writer.push(&text, cx)?;
    }
    writer.finish(cx)?;
    if whole { Ok(()) } else { Err(SourceError::truncated("the text of the document ends too early")) }
}

/// The pieces in reading order: number of characters, byte offset, whether one byte a character.
fn piece_list(mut bytes: &[u8]) -> Option<Vec<(usize, usize, bool)>> {
    // Property runs come first.
    while bytes.first() == Some(&1) {
        let length = usize::from(u16_at(bytes, 1)?);
        bytes = bytes.get(3 + length..)?;
    }
    if bytes.first() != Some(&2) {
        return None;
    }
    let length = u32_at(bytes, 1)? as usize;
    let bytes = bytes.get(5..)?;
    let bytes = bytes.get(..length.min(bytes.len()))?;
    let count = bytes.len().checked_sub(4)? / 12;
    let mut pieces = Vec::new();
    for index in 0..count {
        let (from, to) = (u32_at(bytes, index * 4)?, u32_at(bytes, index * 4 + 4)?);
        let stated = u32_at(bytes, (count + 1) * 4 + index * 8 + 2)?;
        let is_narrow = stated & 0x4000_0000 != 0;
        let offset = (stated & 0x3fff_ffff) as usize;
        pieces.push((to.checked_sub(from)? as usize, if is_narrow { offset / 2 } else { offset }, is_narrow));
    }
    Some(pieces)
}

/// Turns the characters of the file into lines.
#[derive(Default)]
struct Writer {
    lines: Option<Lines>,
    line: String,
    count: u32,
    /// For each open field whether its instruction (not its result) is being read.
    fields: Vec<bool>,
    after_cell: bool,
}

impl Writer {
    fn push(&mut self, text: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
        for character in text.chars() {
            let was_cell = std::mem::replace(&mut self.after_cell, character == '\u{7}');
            match character {
                '\u{13}' => self.fields.push(true),
                '\u{14}' => {
                    if let Some(field) = self.fields.last_mut() {
                        *field = false;
                    }
                }
                '\u{15}' => {
                    self.fields.pop();
                }
                _ if self.fields.contains(&true) => {}
                '\r' | '\u{c}' => self.end_line(cx)?,
                // Two cell ends in a row end the row of the table.
                '\u{7}' if was_cell => self.end_line(cx)?,
                '\u{7}' => self.line.push('\t'),
                '\u{b}' => self.line.push('\n'),
                '\u{1e}' => self.line.push('-'),
                '\t' => self.line.push('\t'),
                c if c.is_control() => {}
                c => self.line.push(c),
            }
        }
        Ok(())
    }

    fn end_line(&mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.count = self.count.saturating_add(1);
        let lines = self.lines.get_or_insert_with(|| Lines::new(Vec::new()));
        lines.push(self.line.trim_end_matches('\t'), Some(Step::Paragraph(self.count)), cx)?;
        self.line.clear();
        Ok(())
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        self.end_line(cx)?;
        self.lines.map_or(Ok(()), |mut lines| lines.flush(cx))
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(bytes.get(at..at.checked_add(2)?)?.try_into().ok()?))
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(bytes.get(at..at.checked_add(4)?)?.try_into().ok()?))
}
