//! [`Record`] → a workbook: a sheet of instructions, then one sheet for each section with drop-down lists.

use crate::Language;
use crate::form::{Field, Form, Section};
use crate::record::{Entry, Record};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook,
    Worksheet, XlsxError,
};
use zhunsheng_judge::Type;

/// Rows with drop-down lists below the head.
const ROWS: u32 = 500;
/// Excel takes this many letters for the whole list of a drop-down.
const LIST_MAX: usize = 255;

/// The bytes of the workbook; the same record gives the same bytes.
///
/// # Errors
/// When the workbook cannot be formed, which does not depend on what stands in the record.
pub fn write_xlsx(record: &Record, form: &Form, language: Language) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let title = match language {
        Language::Zh => "个人信息处理活动记录",
        Language::En => "Record of processing activities",
    };
    let fixed = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title(title).set_creation_datetime(&fixed));
    instructions(book.add_worksheet(), form, language)?;
    for (index, section) in form.sections().iter().enumerate() {
        let sheet = book.add_worksheet();
        head(sheet, section, form, language)?;
        let mut row = 2;
        rows(sheet, &record.organisation, "", index, form, language, &mut row)?;
    }
    book.save_to_buffer()
}

fn instructions(sheet: &mut Worksheet, form: &Form, language: Language) -> Result<(), XlsxError> {
    let (name, lines) = match language {
        Language::Zh => (
            "说明",
            [
                "个人信息处理活动记录",
                "每张工作表是记录的一部分；第一行是字段，第二行是填写说明，从第三行起填写。",
                "带 * 的字段必填。是否类字段填 是、否 或者 不清楚；不清楚的在判断时列为待查明的事实。",
                "多选字段用顿号分开；一个都没有填 无。",
                "信息项、接收方、出境、权利请求的第一列填所属处理活动的名称。",
                "填好后：zhunsheng record import 记录.xlsx --out record.toml",
            ],
        ),
        Language::En => (
            "instructions",
            [
                "Record of processing activities",
                "Each sheet is a part of the record: fields in the first row, what to fill in in the second, entries from the third.",
                "Fields with * are required. Yes/no fields take yes, no or unknown; what is unknown is listed as open.",
                "Several values are parted by `;`; none at all is `no`.",
                "The first column of items, recipients, transfers and requests names the activity they belong to.",
                "Then: zhunsheng record import FILE.xlsx --out record.toml",
            ],
        ),
    };
    sheet.set_name(name)?;
    sheet.set_column_width(0, 100)?;
    let large = Format::new().set_bold().set_font_size(16);
    let plain = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    for (row, line) in (0_u32..).zip(lines) {
        sheet.write_string_with_format(row, 0, line, if row == 0 { &large } else { &plain })?;
    }
    for (row, section) in (7_u32..).zip(form.sections()) {
        sheet.write_string_with_format(row, 0, format!("{} — {}", section.zh, section.en), &plain)?;
    }
    Ok(())
}

/// Whether rows of the section begin with the name of what they stand in.
fn has_owner(section: &Section, form: &Form) -> bool {
    section
        .parent
        .and_then(|parent| form.sections().get(parent))
        .is_some_and(|parent| parent.parent.is_some())
}

fn head(sheet: &mut Worksheet, section: &Section, form: &Form, language: Language) -> Result<(), XlsxError> {
    let name = match language {
        Language::Zh => section.zh.as_str(),
        Language::En => section.key.as_str(),
    };
    sheet.set_name(name)?;
    let bold = Format::new()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::VerticalCenter)
        .set_background_color(Color::RGB(0xDD_E7_F3))
        .set_border(FormatBorder::Thin);
    let small = Format::new()
        .set_font_size(9)
        .set_font_color(Color::RGB(0x55_55_55))
        .set_text_wrap()
        .set_align(FormatAlign::Top)
        .set_border(FormatBorder::Thin);
    let mut column: u16 = 0;
    if let Some(parent) = section.parent.and_then(|parent| form.sections().get(parent))
        && has_owner(section, form)
    {
        let label = match language {
            Language::Zh => parent.zh.as_str(),
            Language::En => parent.key.as_str(),
        };
        sheet.write_string_with_format(0, column, format!("{label} *"), &bold)?;
        let say = match language {
            Language::Zh => "所属处理活动的名称",
            Language::En => "name of the activity",
        };
        sheet.write_string_with_format(1, column, say, &small)?;
        sheet.set_column_width(column, 24)?;
        column += 1;
    }
    for field in &section.fields {
        let star = if field.required { " *" } else { "" };
        let label = format!("{}{star}", field.name(language));
        sheet.write_string_with_format(0, column, label, &bold)?;
        sheet.write_string_with_format(1, column, explain(field, language), &small)?;
        sheet.set_column_width(column, if field.kind == Type::Bool { 14 } else { 24 })?;
        if let Some(list) = list(field, language) {
            let validation = DataValidation::new().allow_list_strings(&list)?.ignore_blank(true);
            sheet.add_data_validation(2, column, 1 + ROWS, column, &validation)?;
        }
        column += 1;
    }
    sheet.set_row_height(0, 32)?;
    sheet.set_row_height(1, 90)?;
    sheet.set_freeze_panes(2, 1)?;
    Ok(())
}

/// What to fill in.
fn explain(field: &Field, language: Language) -> String {
    let mut say = field.question(language).to_owned();
    if field.kind == Type::Set {
        let names: Vec<&str> =
            field.values.iter().map(|value| crate::value::spoken(field, &value.name, language)).collect();
        let mark = if language == Language::Zh { "可多选：" } else { " Any of: " };
        say.push_str(mark);
        say.push_str(&names.join(if language == Language::Zh { "、" } else { "; " }));
    }
    say
}

/// The words of the drop-down list, where the field has one.
fn list(field: &Field, language: Language) -> Option<Vec<String>> {
    let words: Vec<String> = match (field.kind, language) {
        (Type::Bool, Language::Zh) => ["是", "否", "不清楚"].map(str::to_owned).to_vec(),
        (Type::Bool, Language::En) => ["yes", "no", "unknown"].map(str::to_owned).to_vec(),
        (Type::Choice, _) => field
            .values
            .iter()
            .map(|value| crate::value::spoken(field, &value.name, language).to_owned())
            .collect(),
        _ => return None,
    };
    let letters: usize = words.iter().map(|word| word.chars().count() + 1).sum();
    // A comma would part one value into two.
    (letters <= LIST_MAX && !words.iter().any(|word| word.contains(','))).then_some(words)
}

fn rows(
    sheet: &mut Worksheet,
    entry: &Entry,
    owner: &str,
    wanted: usize,
    form: &Form,
    language: Language,
    row: &mut u32,
) -> Result<(), XlsxError> {
    let Some(section) = form.sections().get(entry.section) else { return Ok(()) };
    if entry.section == wanted {
        let mut column: u16 = 0;
        if has_owner(section, form) {
            sheet.write_string(*row, column, owner)?;
            column += 1;
        }
        for (at, field) in section.fields.iter().enumerate() {
            if let Some(cell) = entry.cells.get(&at) {
                sheet.write_string(*row, column, cell.words(field, language))?;
            }
            column += 1;
        }
        *row += 1;
        return Ok(());
    }
    for child in &entry.children {
        rows(sheet, child, entry.name(), wanted, form, language, row)?;
    }
    Ok(())
}
