//! Workbooks: XLSX, XLSM, XLSB and XLS by `calamine`; every sheet, hidden ones too.

use crate::error::SourceError;
use crate::format::ooxml::{self, Lines, Node, optional_part, read_part};
use crate::format::rows::Rows;
use crate::format::zip::{self, Archive};
use crate::format::{Format, Probe};
use crate::input::{Input, Seekable};
use crate::sink::Context;
use calamine::{Data, DataRef, ExcelDateTime, Reader, Xls, XlsError, Xlsb, XlsbError, Xlsx, XlsxError};
use std::borrow::Cow;
use std::io::{BufReader, Seek, SeekFrom};
use zhunsheng_model::{ProblemKind, Step};

/// A file of the older form up to this size is read; it is held in memory.
const XLS_BYTES_MAX: u64 = 512 << 20;

/// Excel workbook in a zip.
pub(super) struct Workbook;

impl Format for Workbook {
    fn name(&self) -> &'static str {
        "xlsx"
    }

    fn matches(&self, probe: &Probe<'_>) -> bool {
        zip::head_is_office(probe, "xl/", &["xlsx", "xlsm", "xlsb", "xltx", "xltm"])
    }

    fn read(&self, input: Input<'_>, cx: &mut Context<'_>) -> Result<(), SourceError> {
        let source = input.into_seekable(cx.temp_dir())?;
        read_seekable(source, cx)
    }
}

/// Reads a workbook in a zip; its members as plain files when it is none after all.
pub(super) fn read_seekable(source: Seekable, cx: &mut Context<'_>) -> Result<(), SourceError> {
    let mut archive = Archive::open(source)?;
    let entries = archive.entries()?;
    let is_binary = entries.iter().any(|entry| entry.is_named("xl/workbook.bin"));
    if !is_binary && !entries.iter().any(|entry| entry.is_named("xl/workbook.xml")) {
        return zip::read_members(&mut archive, cx);
    }
    if entries.iter().any(zip::Entry::is_encrypted) {
        return Err(SourceError::encrypted("parts of the workbook are encrypted"));
    }
    // The library holds shared strings in memory and asks no limit: what the parts state counts before.
    let parts = entries.iter().filter(|entry| !entry.text_name().starts_with("xl/media/"));
    cx.level.take(parts.map(zip::Entry::size).fold(0, u64::saturating_add))?;
    ooxml::read_properties(&mut archive, &entries, cx)?;
    for entry in &entries {
        let name = entry.text_name();
        let section = name.strip_prefix("xl/").and_then(|name| name.strip_suffix(".xml")).unwrap_or_default();
        let section = section.rsplit('/').next().unwrap_or(section);
        let kind = section.trim_end_matches(|c: char| c.is_ascii_digit());
        if matches!(kind, "comments" | "comment" | "threadedComment" | "drawing") && !section.is_empty() {
            optional_part(&mut archive, entry, section, cx, |reader, cx| {
                let mut lines = Lines::new(vec![Step::Section(section.into())]);
                let mut line = String::new();
                read_part(reader, cx, |node, cx| {
                    match node {
                        Node::Text(text) => line.push_str(text),
                        // A paragraph, a comment, an author.
                        Node::Close("p" | "comment" | "threadedComment" | "author" | "text") => {
                            lines.push(&line, None, cx)?;
                            line.clear();
                        }
                        Node::End => lines.flush(cx)?,
                        _ => {}
                    }
                    Ok(())
                })
            })?;
        }
    }
    ooxml::read_embedded(&mut archive, &entries, &["xl/embeddings/", "xl/media/"], cx)?;
    let mut source = archive.into_source();
    source.seek(SeekFrom::Start(0))?;
    let source = BufReader::with_capacity(64 << 10, source);
    if is_binary {
        let mut book = Xlsb::new(source).map_err(xlsb_failure)?;
        for name in book.sheet_names() {
            let result = match book.worksheet_cells_reader(&name) {
                Ok(mut cells) => {
                    let mut sheet = Sheet::new(&name, cx);
                    let end = loop {
                        match cells.next_cell() {
                            Ok(Some(cell)) => {
                                sheet.cell(cell.get_position(), &shown(cell.get_value()), cx)?
                            }
                            Ok(None) => break Ok(()),
                            Err(error) => break Err(xlsb_failure(error)),
                        }
                    };
                    sheet.finish(cx)?;
                    end
                }
                Err(error) => Err(xlsb_failure(error)),
            };
            note(result, &name, cx)?;
        }
        return Ok(());
    }
    let mut book = Xlsx::new(source).map_err(xlsx_failure)?;
    for name in book.sheet_names() {
        let result = match book.worksheet_cells_reader(&name) {
            Ok(mut cells) => {
                let mut sheet = Sheet::new(&name, cx);
                let end = loop {
                    match cells.next_cell() {
                        Ok(Some(cell)) => sheet.cell(cell.get_position(), &shown(cell.get_value()), cx)?,
                        Ok(None) => break Ok(()),
                        Err(error) => break Err(xlsx_failure(error)),
                    }
                };
                sheet.finish(cx)?;
                end
            }
            // A chart sheet holds no cells.
            Err(XlsxError::NotAWorksheet(_)) => Ok(()),
            Err(error) => Err(xlsx_failure(error)),
        };
        note(result, &name, cx)?;
    }
    Ok(())
}

/// Reads a workbook of the older, binary form.
pub(super) fn read_xls(source: Seekable, cx: &mut Context<'_>) -> Result<(), SourceError> {
    if source.size_bytes() > XLS_BYTES_MAX {
        return Err(SourceError::Limit(format!(
            "a workbook of this form over {XLS_BYTES_MAX} bytes is not read"
        )));
    }
    let mut book = Xls::new(BufReader::new(source)).map_err(xls_failure)?;
    for name in book.sheet_names() {
        let range = match book.worksheet_range(&name) {
            Ok(range) => range,
            Err(error) => {
                note(Err(xls_failure(error)), &name, cx)?;
                continue;
            }
        };
        let mut sheet = Sheet::new(&name, cx);
        let (first_row, first_column) = range.start().unwrap_or((0, 0));
        for (row, cells) in (first_row..).zip(range.rows()) {
            for (column, cell) in (first_column..).zip(cells) {
                if *cell != Data::Empty {
                    sheet.cell((row, column), &shown_owned(cell), cx)?;
                }
            }
        }
        sheet.finish(cx)?;
    }
    Ok(())
}

/// Notes a damaged sheet; the others are read all the same.
fn note(result: Result<(), SourceError>, sheet: &str, cx: &mut Context<'_>) -> Result<(), SourceError> {
    match result {
        Err(error @ (SourceError::Stopped | SourceError::Limit(_))) => Err(error),
        Err(error) => {
            let kind = error.kind().unwrap_or(ProblemKind::Malformed);
            cx.problem_at(&[Step::Sheet(sheet.into())], kind, error.to_string(), false);
            Ok(())
        }
        Ok(()) => Ok(()),
    }
}

/// A sheet under construction.
struct Sheet {
    rows: Rows,
    /// Row under construction, from 0.
    row: Option<u32>,
    column: u32,
}

impl Sheet {
    fn new(name: &str, cx: &Context<'_>) -> Sheet {
        Sheet { rows: Rows::new(cx, &[Step::Sheet(name.into())], None), row: None, column: 0 }
    }

    fn cell(
        &mut self,
        (row, column): (u32, u32),
        text: &str,
        cx: &mut Context<'_>,
    ) -> Result<(), SourceError> {
        if text.is_empty() {
            return Ok(());
        }
        if self.row != Some(row) {
            if self.row.is_some() {
                self.rows.end_row(cx)?;
            }
            self.rows.skip_to(u64::from(row) + 1, cx)?;
            (self.row, self.column) = (Some(row), 0);
        }
        self.rows.blanks(column.saturating_sub(self.column), cx)?;
        self.rows.cell(text);
        self.column = column.max(self.column).saturating_add(1);
        Ok(())
    }

    fn finish(mut self, cx: &mut Context<'_>) -> Result<(), SourceError> {
        if self.row.is_some() {
            self.rows.end_row(cx)?;
        }
        self.rows.finish(cx)
    }
}

/// A cell as people see it.
fn shown<'a>(value: &'a DataRef<'_>) -> Cow<'a, str> {
    match value {
        DataRef::Empty => Cow::Borrowed(""),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => {
            Cow::Borrowed(text)
        }
        DataRef::SharedString(text) => Cow::Borrowed(text),
        DataRef::Int(number) => Cow::Owned(number.to_string()),
        DataRef::Float(number) => Cow::Owned(shown_number(*number)),
        DataRef::Bool(truth) => Cow::Borrowed(if *truth { "TRUE" } else { "FALSE" }),
        DataRef::DateTime(moment) => Cow::Owned(shown_moment(moment)),
        DataRef::Error(error) => Cow::Owned(error.to_string()),
    }
}

fn shown_owned(value: &Data) -> Cow<'_, str> {
    match value {
        Data::Empty => Cow::Borrowed(""),
        Data::String(text) | Data::DateTimeIso(text) | Data::DurationIso(text) => Cow::Borrowed(text),
        Data::Int(number) => Cow::Owned(number.to_string()),
        Data::Float(number) => Cow::Owned(shown_number(*number)),
        Data::Bool(truth) => Cow::Borrowed(if *truth { "TRUE" } else { "FALSE" }),
        Data::DateTime(moment) => Cow::Owned(shown_moment(moment)),
        Data::Error(error) => Cow::Owned(error.to_string()),
    }
}

/// A number with at most 15 significant digits, as a workbook shows it; whole numbers without point or power.
pub(super) fn shown_number(number: f64) -> String {
    let rounded: f64 = format!("{number:.14e}").parse().unwrap_or(number);
    // Minus nothing is nothing.
    if rounded == 0.0 { "0".into() } else { rounded.to_string() }
}

/// `YYYY-MM-DD`, `YYYY-MM-DD HH:MM`, `YYYY-MM-DD HH:MM:SS`; a time or duration alone without a date.
fn shown_moment(moment: &ExcelDateTime) -> String {
    let value = moment.as_f64();
    if moment.is_duration() || (0.0..1.0).contains(&value) {
        let seconds = (value * 86_400.0).round().clamp(0.0, 1e15) as u64;
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        return match seconds {
            0 => format!("{hours:02}:{minutes:02}"),
            _ => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        };
    }
    let (year, month, day, hour, minute, second, _) = moment.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    match (hour, minute, second) {
        (0, 0, 0) => date,
        (_, _, 0) => format!("{date} {hour:02}:{minute:02}"),
        _ => format!("{date} {hour:02}:{minute:02}:{second:02}"),
    }
}

fn broken() -> SourceError {
    SourceError::malformed("the workbook is damaged")
}

fn locked() -> SourceError {
    SourceError::encrypted("the workbook needs a password")
}

fn xlsx_failure(error: XlsxError) -> SourceError {
    match error {
        XlsxError::Password => locked(),
        XlsxError::XmlEof(_) => SourceError::truncated("a sheet ends too early"),
        XlsxError::Io(error) => super::member::decoder_error(error, "the workbook"),
        _ => broken(),
    }
}

fn xlsb_failure(error: XlsbError) -> SourceError {
    match error {
        XlsbError::Password => locked(),
        XlsbError::Io(error) => super::member::decoder_error(error, "the workbook"),
        _ => broken(),
    }
}

fn xls_failure(error: XlsError) -> SourceError {
    match error {
        XlsError::Password => locked(),
        XlsError::Io(error) => super::member::decoder_error(error, "the workbook"),
        _ => broken(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use calamine::ExcelDateTimeType::{DateTime, TimeDelta};

    #[test]
    fn numbers_as_people_see_them() {
        assert_eq!(shown_number(13_800_138_000.0), "13800138000");
        assert_eq!(shown_number(-0.5), "-0.5");
        assert_eq!(shown_number(-0.0), "0");
        assert_eq!(shown_number(0.1 + 0.2), "0.3");
        assert_eq!(shown_number(6.222_021_234_567_891e18), "6222021234567890000");
    }

    #[test]
    fn moments_as_dates_and_times() {
        let shown = |value: f64, kind| shown_moment(&ExcelDateTime::new(value, kind, false));
        assert_eq!(shown(45_943.0, DateTime), "2025-10-13");
        assert_eq!(shown(45_943.5, DateTime), "2025-10-13 12:00");
        assert_eq!(shown(45_943.541_694_444, DateTime), "2025-10-13 13:00:02");
        assert_eq!(shown(0.25, DateTime), "06:00");
        assert_eq!(shown(1.5, TimeDelta), "36:00");
    }
}
