//! A filled-in workbook → [`Record`].

use crate::form::{Form, Section};
use crate::record::{Entry, Record};
use crate::value;
use calamine::{Data, Range, Reader as _, Xlsx, open_workbook_from_rs};
use std::io::Cursor;
use zhunsheng_judge::Diagnostic;

/// Why a workbook cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum WorkbookError {
    /// It is no workbook that can be opened.
    #[error("the workbook cannot be opened: {0}")]
    Open(#[from] calamine::XlsxError),
    /// None of its sheets is a part of the record.
    #[error("no sheet of the workbook is a part of the record; `zhunsheng record new` makes the form")]
    NoSheet,
}

/// Reads a workbook; `file` names it in messages, whose lines are rows of the sheet.
///
/// # Errors
/// When it is no workbook, or none of the record.
pub fn read_xlsx(file: &str, bytes: &[u8], form: &Form) -> Result<(Record, Vec<Diagnostic>), WorkbookError> {
    let mut book: Xlsx<_> = open_workbook_from_rs(Cursor::new(bytes))?;
    let names = book.sheet_names();
    let mut organisation = Entry { line: 3, ..Entry::default() };
    let mut problems = Vec::new();
    let mut known = 0;
    for (index, section) in form.sections().iter().enumerate() {
        let Some(name) = names.iter().find(|name| section.is_named(name.trim())) else { continue };
        known += 1;
        let sheet = book.worksheet_range(name)?;
        let mut reader = SheetReader { file, name, form, problems: &mut problems };
        reader.read(&sheet, index, section, &mut organisation);
    }
    if known == 0 {
        return Err(WorkbookError::NoSheet);
    }
    Ok((Record { organisation }, problems))
}

struct SheetReader<'a> {
    file: &'a str,
    name: &'a str,
    form: &'a Form,
    problems: &'a mut Vec<Diagnostic>,
}

/// What a column holds.
enum Column {
    Owner,
    Field(usize),
}

impl SheetReader<'_> {
    fn error(&mut self, row: usize, code: &'static str, message: &str, hint: String) {
        let line = u32::try_from(row + 1).unwrap_or(u32::MAX);
        let place = format!("{}[{}]", self.file, self.name);
        self.problems.push(Diagnostic::error(&place, line, code, message.to_owned()).hint(hint));
    }

    fn read(&mut self, sheet: &Range<Data>, index: usize, section: &Section, organisation: &mut Entry) {
        let parent = section.parent.and_then(|parent| self.form.sections().get(parent));
        // A sheet may begin below or beside its first cell.
        let (top, left) = sheet.start().map_or((0, 0), |(row, column)| (row as usize, column as usize));
        let mut columns: Vec<(usize, Column)> = Vec::new();
        for (row, cells) in sheet.rows().enumerate() {
            let row = row + top;
            if columns.is_empty() {
                columns = self.head(cells, row, section, parent);
                continue;
            }
            let texts: Vec<String> = cells.iter().map(words).collect();
            if row == 1 || texts.iter().all(|text| text.trim().is_empty()) {
                continue;
            }
            let mut entry =
                Entry { section: index, line: u32::try_from(row + 1).unwrap_or(0), ..Entry::default() };
            let mut owner = String::new();
            for (at, column) in &columns {
                let text = texts.get(*at).map(|text| text.trim()).unwrap_or_default();
                match column {
                    Column::Owner => owner = text.to_owned(),
                    Column::Field(place) => {
                        let Some(field) = section.fields.get(*place) else { continue };
                        match value::read(field, text) {
                            Ok(Some(cell)) => {
                                entry.cells.insert(*place, cell);
                            }
                            Ok(None) => {}
                            Err(hint) => {
                                let column = column_name(*at + left);
                                let message = format!("{column}{}: `{}` cannot say this", row + 1, field.zh);
                                self.error(row, "value", &message, hint);
                            }
                        }
                    }
                }
            }
            self.place(entry, &owner, section, organisation, row);
        }
    }

    fn head(
        &mut self,
        cells: &[Data],
        row: usize,
        section: &Section,
        parent: Option<&Section>,
    ) -> Vec<(usize, Column)> {
        let mut columns = Vec::new();
        for (at, cell) in cells.iter().enumerate() {
            let text = words(cell);
            let name = text.trim().trim_end_matches('*').trim();
            if name.is_empty() {
                continue;
            }
            if let Some(place) = section.field(name) {
                columns.push((at, Column::Field(place)));
            } else if parent.is_some_and(|parent| parent.is_named(name)) {
                columns.push((at, Column::Owner));
            } else {
                self.error(row, "key", &format!("no field is called `{name}`"), String::new());
            }
        }
        columns
    }

    fn place(&mut self, entry: Entry, owner: &str, section: &Section, organisation: &mut Entry, row: usize) {
        match section.parent {
            None => {
                let children = std::mem::take(&mut organisation.children);
                *organisation = Entry { children, ..entry };
            }
            Some(0) => organisation.children.push(entry),
            Some(parent) => {
                let is_owner = |other: &&mut Entry| other.section == parent && other.name() == owner;
                match organisation.children.iter_mut().find(is_owner) {
                    Some(found) => found.children.push(entry),
                    None => {
                        let name = self.form.sections().get(parent).map(|parent| parent.zh.clone());
                        let message = format!("there is no {} called `{owner}`", name.unwrap_or_default());
                        self.error(row, "owner", &message, "write its name as on its own sheet".to_owned());
                    }
                }
            }
        }
    }
}

fn words(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Bool(yes) => if *yes { "是" } else { "否" }.to_owned(),
        Data::DateTime(time) => {
            let (year, month, day, ..) = time.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

/// 0 → A, 26 → AA.
fn column_name(mut column: usize) -> String {
    let mut name = String::new();
    loop {
        name.insert(0, char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            return name;
        }
        column = column / 26 - 1;
    }
}
