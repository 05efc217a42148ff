//! `report.xlsx`: the tables of the report, one sheet each, for people who work in Excel.
//!
//! Every text is written as a text, so that nothing found in a file name can become a formula, and no
//! address becomes a link. The same inventory gives the same bytes: the date of creation is fixed.

use crate::Language;
use crate::error::Result;
use crate::number;
use crate::tables::{self, Cell, Table};
use crate::texts::{Text, fill, semicolon};
use crate::view::View;
use crate::words::printable;
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook, Worksheet,
};
use unicode_width::UnicodeWidthStr;
use zhunsheng_model::{Answer, Inventory};

/// Rows of a sheet at most; Excel takes 1,048,576.
const ROWS_MAX: usize = 1_000_000;
/// Letters of a cell at most; Excel takes 32,767 UTF-16 units, and a letter may be two.
const LETTERS_MAX: usize = 16_000;

/// The bytes of the workbook.
///
/// # Errors
/// When the workbook cannot be formed, which does not depend on what stands in the cells.
pub fn xlsx(inventory: &Inventory, view: &View, language: Language) -> Result<Vec<u8>> {
    let mut book = Workbook::new();
    let properties = DocProperties::new()
        .set_title(Text::Title.of(language))
        .set_creation_datetime(&ExcelDateTime::from_ymd(2000, 1, 1)?);
    book.set_properties(&properties);
    let formats = Formats::new();
    summary(book.add_worksheet(), inventory, view, language, &formats)?;
    let [done, blocked, shared] = tables::merges(inventory, language);
    let merged = one_above_the_other(&[done, blocked, shared], Text::Figure.of(language));
    for (name, table) in [
        (Text::SheetKinds, tables::kinds(inventory, language)),
        (Text::SheetRejected, tables::rejected(inventory, language)),
        (Text::SheetBases, tables::bases(inventory, language)),
        (Text::SheetTiers, tables::tiers(inventory, language)),
        (Text::SheetActs, tables::acts(inventory, language)),
        (Text::SheetPipl, tables::pipl(inventory, language)),
        (Text::SheetHistogram, tables::histogram(inventory, language)),
        (Text::SheetMerges, merged),
        (Text::SheetFiles, tables::files(inventory, language)),
        (Text::SheetFileKinds, tables::file_kinds(inventory, language)),
        (Text::SheetProblems, tables::problems(inventory, language)),
        (Text::SheetSamples, tables::samples(view, language)),
    ] {
        sheet(book.add_worksheet(), name.of(language), &table, &formats)?;
    }
    Ok(book.save_to_buffer()?)
}

struct Formats {
    title: Format,
    head: Format,
    section: Format,
    text: Format,
    wrapped: Format,
    number: Format,
    bold: Format,
    reached: Format,
    open: Format,
}

impl Formats {
    fn new() -> Formats {
        let text = Format::new().set_align(FormatAlign::Top);
        Formats {
            title: Format::new().set_bold().set_font_size(16),
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::VerticalCenter)
                .set_background_color(Color::RGB(0xE8_EC_EF))
                .set_border_bottom(FormatBorder::Thin),
            section: Format::new().set_bold().set_font_size(12).set_border_bottom(FormatBorder::Thin),
            wrapped: text.clone().set_text_wrap(),
            number: text.clone().set_num_format("#,##0"),
            bold: text.clone().set_bold(),
            reached: text.clone().set_bold().set_font_color(Color::RGB(0xA6_1B_1B)),
            open: text.clone().set_bold().set_font_color(Color::RGB(0x8A_5A_00)),
            text,
        }
    }
}

/// The first sheet: what was read, the key figures, the verdicts.
fn summary(
    sheet: &mut Worksheet,
    inventory: &Inventory,
    view: &View,
    language: Language,
    formats: &Formats,
) -> Result<()> {
    sheet.set_name(Text::SheetSummary.of(language))?;
    sheet.set_column_width(0, 34)?;
    sheet.set_column_width(1, 22)?;
    sheet.set_column_width(2, 90)?;
    print_setup(sheet);
    sheet.write_string_with_format(0, 0, Text::Title.of(language), &formats.title)?;
    sheet.write_string_with_format(1, 0, tables::review(inventory, language), &formats.open)?;
    let mut row = 3;
    let input = &inventory.input;
    let read = fill(
        Text::InputFiles.of(language),
        &[&number::grouped(input.files), &number::bytes(input.bytes), &number::grouped(input.files_inside)],
    );
    for (label, value) in [
        (Text::InputLine, view.inputs.join(semicolon(language))),
        (Text::InputLine, read),
        (Text::ManifestHash, input.sha256_of_manifest.clone()),
        (Text::ReferenceDate, inventory.pipl.reference_date.clone()),
        (Text::ToolVersion, view.tool_version.clone()),
        (Text::RulesHash, inventory.rules_sha256.clone()),
        (Text::CommandLine, view.command.clone()),
        (Text::SchemaVersion, inventory.schema_version.clone()),
    ] {
        sheet.write_string_with_format(row, 0, label.of(language), &formats.text)?;
        sheet.write_string_with_format(row, 1, cell_text(&printable(&value)), &formats.text)?;
        row += 1;
    }
    for table in [
        tables::records(inventory, language),
        tables::bases(inventory, language),
        tables::tiers_short(inventory, language),
        tables::pipl(inventory, language),
    ] {
        row += 1;
        sheet.write_string_with_format(row, 0, &table.title, &formats.section)?;
        row += 1;
        for cells in &table.rows {
            row = summary_row(sheet, row, &table, cells, formats, language)?;
        }
    }
    row += 1;
    sheet.write_string_with_format(row, 0, Text::Proportion.of(language), &formats.bold)?;
    sheet.write_string_with_format(
        row,
        2,
        cell_text(&tables::proportion(inventory, language)),
        &formats.wrapped,
    )?;
    row += 1;
    let mut notes = tables::tier_notes(inventory, language);
    if let Some((half, half_notes)) = tables::half(inventory, language) {
        sheet.write_string_with_format(row, 0, &half.title, &formats.section)?;
        row += 1;
        for cells in &half.rows {
            row = summary_row(sheet, row, &half, cells, formats, language)?;
        }
        notes.extend(half_notes);
    }
    for note in notes {
        sheet.write_string_with_format(row, 2, cell_text(&note), &formats.wrapped)?;
        row += 1;
    }
    let criminal = &inventory.criminal;
    let verdicts = tables::verdicts(inventory, language);
    for (cells, verdict) in verdicts.rows.iter().zip([&criminal.serious, &criminal.very_serious]) {
        let format = match verdict.answer {
            Answer::Yes => &formats.reached,
            Answer::Open => &formats.open,
            Answer::No => &formats.bold,
        };
        for (column, (cell, format)) in
            cells.iter().zip([&formats.bold, format, &formats.wrapped]).enumerate()
        {
            sheet.write_string_with_format(row, column as u16, cell_text(&cell.shown()), format)?;
        }
        row += 1;
    }
    Ok(())
}

/// Label, number, and everything else of the row behind it.
fn summary_row(
    sheet: &mut Worksheet,
    row: u32,
    table: &Table,
    cells: &[Cell],
    formats: &Formats,
    language: Language,
) -> Result<u32> {
    let mut rest = Vec::new();
    let mut number_written = false;
    for (index, (cell, column)) in cells.iter().zip(&table.columns).enumerate() {
        match cell {
            Cell::Text(text) if index == 0 => {
                sheet.write_string_with_format(row, 0, cell_text(text), &formats.text)?;
            }
            Cell::Number(value) if !number_written => {
                write_number(sheet, row, 1, *value, formats)?;
                number_written = true;
            }
            Cell::Empty => {}
            other => rest.push(if column.numeric {
                format!("{} {}", column.title, other.shown())
            } else {
                other.shown()
            }),
        }
    }
    if !rest.is_empty() {
        sheet.write_string_with_format(
            row,
            2,
            cell_text(&rest.join(semicolon(language))),
            &formats.wrapped,
        )?;
    }
    Ok(row + 1)
}

/// One table: header frozen, filter on, widths after the content.
fn sheet(sheet: &mut Worksheet, name: &str, table: &Table, formats: &Formats) -> Result<()> {
    sheet.set_name(name)?;
    print_setup(sheet);
    let rows = table.rows.get(..table.rows.len().min(ROWS_MAX)).unwrap_or_default();
    for (index, column) in table.columns.iter().enumerate() {
        let at = u16::try_from(index).unwrap_or(u16::MAX);
        sheet.write_string_with_format(0, at, &column.title, &formats.head)?;
        let widest = rows
            .iter()
            .take(1_000)
            .filter_map(|row| row.get(index))
            .map(|cell| cell.shown().width())
            .chain([column.title.width() + 3])
            .max()
            .unwrap_or(8);
        sheet.set_column_width(at, widest.clamp(8, 60) as f64 + 1.5)?;
    }
    for (index, cells) in rows.iter().enumerate() {
        let row = index as u32 + 1;
        for (at, cell) in cells.iter().enumerate() {
            let at = u16::try_from(at).unwrap_or(u16::MAX);
            match cell {
                Cell::Number(value) => write_number(sheet, row, at, *value, formats)?,
                Cell::Text(text) => {
                    let format = if text.width() > 60 { &formats.wrapped } else { &formats.text };
                    sheet.write_string_with_format(row, at, cell_text(text), format)?;
                }
                Cell::Empty => {}
            }
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    sheet.set_repeat_rows(0, 0)?;
    if !rows.is_empty() && !table.columns.is_empty() {
        sheet.autofilter(0, 0, rows.len() as u32, table.columns.len() as u16 - 1)?;
    }
    Ok(())
}

/// A number as Excel can hold it exactly; above 2^53 as text.
fn write_number(sheet: &mut Worksheet, row: u32, column: u16, value: u64, formats: &Formats) -> Result<()> {
    if value <= 1 << 53 {
        sheet.write_number_with_format(row, column, value as f64, &formats.number)?;
    } else {
        sheet.write_string_with_format(row, column, number::grouped(value), &formats.text)?;
    }
    Ok(())
}

fn print_setup(sheet: &mut Worksheet) {
    sheet.set_paper_size(9);
    sheet.set_landscape();
    sheet.set_print_fit_to_pages(1, 0);
}

/// Three tables of unlike columns on one sheet: the title of each goes into a column of its own.
fn one_above_the_other(tables: &[Table], heading: &str) -> Table {
    let mut columns: Vec<tables::Column> = Vec::new();
    for column in tables.iter().flat_map(|table| &table.columns) {
        if !columns.contains(column) {
            columns.push(column.clone());
        }
    }
    let mut rows = Vec::new();
    for table in tables {
        for row in &table.rows {
            let mut cells = vec![Cell::Text(table.title.clone())];
            cells.extend(columns.iter().map(|wanted| {
                let at = table.columns.iter().position(|column| column == wanted);
                at.and_then(|at| row.get(at)).cloned().unwrap_or(Cell::Empty)
            }));
            rows.push(cells);
        }
    }
    let title = tables.first().map(|table| table.title.clone()).unwrap_or_default();
    columns.insert(0, tables::Column { title: heading.to_owned(), numeric: false });
    Table { id: "merges", title, columns, rows }
}

/// A text that Excel takes: not too long.
fn cell_text(text: &str) -> String {
    text.chars().take(LETTERS_MAX).collect()
}
