//! The sheet that people fill in: a workbook with the drawn records and a second page that defines the draw.

use super::draw::{Draw, Drawn};
use crate::error::{EvidenceError, Result};
use calamine::{Data, Reader, Xlsx};
use rust_xlsxwriter::{
    Color, DataValidation, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Workbook,
    XlsxError,
};
use std::collections::BTreeMap;
use std::io::{Read, Seek};

/// What the reader found about a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Answer {
    /// 属实.
    True,
    /// 不实.
    False,
    /// 无法核实.
    Unverifiable,
}

impl Answer {
    const CHOICES: [(&'static str, Answer); 3] =
        [("属实", Answer::True), ("不实", Answer::False), ("无法核实", Answer::Unverifiable)];

    /// Reads what people write into the cell; nothing for an empty cell.
    ///
    /// # Errors
    /// When it is none of the words.
    fn read(text: &str) -> std::result::Result<Option<Answer>, ()> {
        match text.trim().to_lowercase().as_str() {
            "" => Ok(None),
            "属实" | "真实" | "真" | "是" | "true" | "yes" | "t" | "y" | "1" => Ok(Some(Answer::True)),
            "不实" | "不属实" | "虚假" | "假" | "否" | "false" | "no" | "f" | "n" | "0" => {
                Ok(Some(Answer::False))
            }
            "无法核实" | "不能核实" | "不详" | "unverifiable" | "unknown" | "u" | "?" | "？" => {
                Ok(Some(Answer::Unverifiable))
            }
            _ => Err(()),
        }
    }
}

/// What the sheet shows of a drawn record, so that it can be found and verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row {
    /// The record's number.
    pub record: u64,
    /// File.
    pub file: String,
    /// The way from the file to the record.
    pub place: String,
    /// Row, line or message, from 1.
    pub row: u64,
    /// The values, masked unless the caller was told to reveal them: `公民身份号码 110***********1234`, one a line.
    pub values: String,
}

/// A filled-in sheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sheet {
    /// The draw as it was made.
    pub draw: Draw,
    /// The answers by record; a record without one is not here.
    pub answers: BTreeMap<u64, Answer>,
}

const SHEET: &str = "抽样核验 sample";
const DEFINITION: &str = "抽样说明 draw";
const HEAD: [&str; 10] = [
    "序号 no.",
    "记录号 record",
    "档 tier",
    "层 stratum",
    "文件 file",
    "位置 place",
    "行 row",
    "内容 values",
    "核验结论 answer",
    "备注 remark",
];
const WIDTHS: [f64; 10] = [7.0, 10.0, 6.0, 12.0, 32.0, 24.0, 9.0, 48.0, 14.0, 24.0];
/// Longest text of a cell; a draw is written over several.
const CELL_CHARS: usize = 30_000;

/// Writes the sheet of `draw`; `rows` show the drawn records in any order.
///
/// The same draw and rows give the same bytes.
///
/// # Errors
/// [`EvidenceError::Sheet`] when a drawn record has no row, or the workbook cannot be made.
pub fn write_sheet(draw: &Draw, rows: &[Row]) -> Result<Vec<u8>> {
    let by_record: BTreeMap<u64, &Row> = rows.iter().map(|row| (row.record, row)).collect();
    if let Some(missing) = draw.drawn.iter().find(|drawn| !by_record.contains_key(&drawn.record)) {
        return Err(EvidenceError::Sheet(format!("record {} was drawn and is not shown", missing.record)));
    }
    workbook(draw, &by_record).map_err(|error| EvidenceError::Sheet(error.to_string()))
}

fn workbook(draw: &Draw, rows: &BTreeMap<u64, &Row>) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let created = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_title("抽样核验表").set_creation_datetime(&created));
    let bold = Format::new()
        .set_bold()
        .set_border(FormatBorder::Thin)
        .set_background_color(Color::RGB(0x00E8_EEF4))
        .set_text_wrap();
    let plain = Format::new().set_border(FormatBorder::Thin).set_text_wrap().set_align(FormatAlign::Top);
    let answer = plain.clone().set_background_color(Color::RGB(0x00FF_F9DB));

    let sheet = book.add_worksheet().set_name(SHEET)?;
    for ((column, head), width) in (0u16..).zip(HEAD).zip(WIDTHS) {
        sheet.write_string_with_format(0, column, head, &bold)?;
        sheet.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let mut last = 0;
    for (number, Drawn { record, tier, stratum }) in (1u32..).zip(&draw.drawn) {
        let Some(row) = rows.get(record) else { continue };
        let texts = [
            number.to_string(),
            record.to_string(),
            tier.to_string(),
            stratum.clone(),
            row.file.clone(),
            row.place.clone(),
            row.row.to_string(),
            row.values.clone(),
        ];
        // Everything as text: a value that begins with `=` must not become a formula.
        for (column, text) in (0u16..).zip(texts) {
            let text: String = text.chars().take(CELL_CHARS).collect();
            sheet.write_string_with_format(number, column, text, &plain)?;
        }
        sheet.write_blank(number, 8, &answer)?;
        sheet.write_blank(number, 9, &plain)?;
        last = number;
    }
    let choices = DataValidation::new()
        .allow_list_strings(&Answer::CHOICES.map(|(word, _)| word))?
        .set_error_message("属实 true · 不实 false · 无法核实 unverifiable")?;
    sheet.add_data_validation(1, 8, last.max(1), 8, &choices)?;

    let sheet = book.add_worksheet().set_name(DEFINITION)?;
    sheet.set_column_width(0, 28.0)?.set_column_width(1, 90.0)?;
    let definition = serde_json::to_string(draw).unwrap_or_default();
    let characters: Vec<char> = definition.chars().collect();
    let mut lines = vec![
        ("方法 method".to_owned(), draw.method.clone()),
        ("种子 seed".to_owned(), draw.seed.clone()),
        ("分层 by".to_owned(), draw.by.as_str().to_owned()),
        ("应抽 asked".to_owned(), draw.asked.to_string()),
        ("实抽 drawn".to_owned(), draw.drawn.len().to_string()),
        ("清单 inventory sha256".to_owned(), draw.inventory_sha256.clone()),
        ("抽样摘要 draw sha256".to_owned(), draw.digest()),
        (
            "填写说明 how to fill in".to_owned(),
            "在“核验结论”列选择：属实、不实、无法核实。请勿增删行或改动其他列。 Choose an answer for each row; change nothing else."
                .to_owned(),
        ),
    ];
    lines.extend(characters.chunks(CELL_CHARS).map(|part| ("draw".to_owned(), part.iter().collect())));
    for (row, (name, value)) in (0u32..).zip(&lines) {
        sheet.write_string_with_format(row, 0, name, &bold)?;
        sheet.write_string_with_format(row, 1, value, &plain)?;
    }
    book.save_to_buffer()
}

/// Reads a filled-in sheet.
///
/// # Errors
/// [`EvidenceError::Sheet`] when it is no such sheet, when rows were added, dropped or changed, or when an
/// answer cannot be understood; the message names the row.
pub fn read_sheet(read: impl Read + Seek) -> Result<Sheet> {
    let bad = |message: String| EvidenceError::Sheet(message);
    let mut book: Xlsx<_> = Xlsx::new(read).map_err(|error| bad(error.to_string()))?;
    let mut rows = |name: &str| -> Result<Vec<Vec<String>>> {
        let range = book.worksheet_range(name).map_err(|error| bad(error.to_string()))?;
        Ok(range.rows().map(|row| row.iter().map(text_of).collect()).collect())
    };
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();

    let definition = rows(DEFINITION)?;
    let json: String =
        definition.iter().filter(|row| cell(row, 0) == "draw").map(|row| cell(row, 1)).collect();
    let draw: Draw =
        serde_json::from_str(&json).map_err(|_| bad("the draw on its second page was changed".into()))?;
    let digest = definition.iter().find(|row| cell(row, 0).ends_with("draw sha256")).map(|row| cell(row, 1));
    if digest != Some(draw.digest()) {
        return Err(bad("the draw on its second page was changed".into()));
    }

    let mut answers = BTreeMap::new();
    let filled = rows(SHEET)?;
    let mut drawn = draw.drawn.iter();
    for (number, row) in (2..).zip(filled.iter().skip(1)) {
        if row.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        let Some(Drawn { record, tier, stratum }) = drawn.next() else {
            return Err(bad(format!("row {number} was added")));
        };
        if [cell(row, 1), cell(row, 2), cell(row, 3)]
            != [record.to_string(), tier.to_string(), stratum.clone()]
        {
            return Err(bad(format!(
                "row {number} must be record {record} of tier {tier}; rows were moved or changed"
            )));
        }
        match Answer::read(&cell(row, 8)) {
            Ok(Some(answer)) => drop(answers.insert(*record, answer)),
            Ok(None) => {}
            Err(()) => {
                return Err(bad(format!("the answer in row {number} is none of 属实, 不实, 无法核实")));
            }
        }
    }
    if let Some(Drawn { record, .. }) = drawn.next() {
        return Err(bad(format!("the row of record {record} is missing")));
    }
    Ok(Sheet { draw, answers })
}

fn text_of(data: &Data) -> String {
    match data {
        Data::String(text) => text.clone(),
        Data::Empty => String::new(),
        Data::Bool(true) => "true".to_owned(),
        Data::Bool(false) => "false".to_owned(),
        other => other.to_string(),
    }
}
