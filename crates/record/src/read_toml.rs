//! `record.toml` → [`Record`].

use crate::RECORD_SCHEMA;
use crate::form::{Field, Form, Section};
use crate::record::{Entry, Record};
use crate::value::{self, Cell};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zhunsheng_judge::{Diagnostic, Type};
use zhunsheng_model::Date;

/// Reads a record; `file` names it in messages. What could be read stands in the record.
pub fn read_toml(file: &str, text: &str, form: &Form) -> (Record, Vec<Diagnostic>) {
    let text = &quote_chinese_keys(text);
    let mut reader = Reader { file, text, form, problems: Vec::new() };
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            reader.error(at, "syntax", error.message().to_owned(), "");
            return (Record::default(), reader.problems);
        }
    };
    let record = reader.top(table.get_ref());
    (record, reader.problems)
}

/// TOML wants Chinese names in quotes; people leave them out. Lines stay where they are.
fn quote_chinese_keys(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 256);
    // Inside a text of several lines nothing is a name.
    let mut inside: Option<&str> = None;
    for line in text.split_inclusive('\n') {
        match inside {
            Some(mark) => {
                if line.contains(mark) {
                    inside = None;
                }
                quoted.push_str(line);
            }
            None => {
                inside = ["\"\"\"", "\'\'\'"].into_iter().find(|mark| line.matches(mark).count() % 2 == 1);
                quote_line(line, &mut quoted);
            }
        }
    }
    quoted
}

fn quote_line(line: &str, quoted: &mut String) {
    let start = line.len() - line.trim_start().len();
    let (blank, rest) = line.split_at(start);
    quoted.push_str(blank);
    let (open, close) = match rest {
        _ if rest.starts_with("[[") => ("[[", "]]"),
        _ if rest.starts_with('[') => ("[", "]"),
        _ => ("", "="),
    };
    let inner = rest.strip_prefix(open).unwrap_or(rest);
    match inner.split_once(close) {
        Some((names, after)) if !names.is_ascii() && !names.contains(['"', '\'', '#']) => {
            quoted.push_str(open);
            for (at, name) in names.split('.').enumerate() {
                let mark = if name.is_ascii() { "" } else { "\"" };
                let dot = if at == 0 { "" } else { "." };
                let space = if open.is_empty() { " " } else { "" };
                quoted.push_str(&format!("{dot}{mark}{}{mark}{space}", name.trim()));
            }
            quoted.push_str(close);
            quoted.push_str(after);
        }
        _ => quoted.push_str(rest),
    }
}

struct Reader<'a> {
    file: &'a str,
    text: &'a str,
    form: &'a Form,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn line(&self, at: usize) -> u32 {
        let before = self.text.bytes().take(at).filter(|byte| *byte == b'\n').count();
        u32::try_from(before + 1).unwrap_or(u32::MAX)
    }

    fn error(&mut self, at: usize, code: &'static str, message: String, hint: &str) {
        let line = self.line(at);
        self.problems.push(Diagnostic::error(self.file, line, code, message).hint(hint));
    }

    fn top(&mut self, table: &DeTable<'_>) -> Record {
        let mut organisation = Entry { line: 1, ..Entry::default() };
        match table.get("schema").and_then(|value| value.get_ref().as_str()) {
            Some(RECORD_SCHEMA) => {}
            _ => self.error(0, "schema", format!("the file does not say `schema = \"{RECORD_SCHEMA}\"`"), ""),
        }
        // Activities, systems and incidents may stand at the top of the file, beside the organisation.
        for (key, value) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            if name == "schema" {
                continue;
            }
            match self.form.sections().first() {
                Some(first) if first.is_named(name) => match value.get_ref().as_table() {
                    Some(inner) => {
                        organisation.line = self.line(at);
                        self.entry(&mut organisation, inner);
                    }
                    None => self.error(at, "type", format!("`{name}` is a table: `[{name}]`"), ""),
                },
                _ => self.children(&mut organisation, name, at, value),
            }
        }
        organisation.children.sort_by_key(|entry| entry.section);
        Record { organisation }
    }

    fn entry(&mut self, entry: &mut Entry, table: &DeTable<'_>) {
        let form = self.form;
        let Some(section) = form.sections().get(entry.section) else { return };
        for (key, value) in table.iter() {
            let (name, at) = (key.get_ref().as_ref(), key.span().start);
            match section.field(name).and_then(|at| section.fields.get(at).map(|field| (at, field))) {
                Some((place, field)) => {
                    if entry.cells.contains_key(&place) {
                        self.error(
                            at,
                            "twice",
                            format!("`{name}` is said twice, in Chinese and in English"),
                            "",
                        );
                    }
                    self.cell(entry, place, field, value);
                }
                None => self.children(entry, name, at, value),
            }
        }
        entry.children.sort_by_key(|child| child.section);
    }

    fn children(&mut self, entry: &mut Entry, name: &str, at: usize, value: &Spanned<DeValue<'_>>) {
        let form = self.form;
        let Some((section, _)) =
            form.children(Some(entry.section)).find(|(_, section)| section.is_named(name))
        else {
            let own = form.sections().get(entry.section);
            let hint = own.map(|own| self.nearest(own, name)).unwrap_or_default();
            let place = own.map(|own| own.zh.clone()).unwrap_or_default();
            self.error(at, "key", format!("{place} has no field `{name}`"), &hint);
            return;
        };
        let Some(list) = value.get_ref().as_array() else {
            self.error(at, "type", format!("`{name}` is a list of tables: `[[{name}]]`"), "");
            return;
        };
        for element in list.iter() {
            let start = element.span().start;
            match element.get_ref().as_table() {
                Some(inner) => {
                    let mut child = Entry { section, line: self.line(start), ..Entry::default() };
                    self.entry(&mut child, inner);
                    entry.children.push(child);
                }
                None => self.error(start, "type", format!("each `{name}` is a table: `[[{name}]]`"), ""),
            }
        }
    }

    /// The field or section whose name shares most letters with an unknown one.
    fn nearest(&self, section: &Section, name: &str) -> String {
        let fields = section.fields.iter().flat_map(|field| [&field.zh, &field.key]);
        let own = self.form.sections().iter().position(|other| other.key == section.key);
        let children = self.form.children(own).flat_map(|(_, child)| [&child.zh, &child.key]);
        let shared = |known: &str| known.chars().filter(|letter| name.contains(*letter)).count();
        let longest = |known: &str| known.chars().count().max(name.chars().count());
        fields
            .chain(children)
            .filter(|known| shared(known) * 2 > longest(known))
            .max_by_key(|known| (shared(known) * 100 / longest(known).max(1), std::cmp::Reverse(known.len())))
            .map(|known| format!("did you mean `{known}`?"))
            .unwrap_or_default()
    }

    fn cell(&mut self, entry: &mut Entry, place: usize, field: &Field, value: &Spanned<DeValue<'_>>) {
        match read_value(field, value.get_ref()) {
            Ok(Some(cell)) => {
                entry.cells.insert(place, cell);
            }
            Ok(None) => {}
            Err(hint) => {
                let message = format!("`{}` ({}) cannot say this", field.zh, field.key);
                self.error(value.span().start, "value", message, &hint);
            }
        }
    }
}

fn read_value(field: &Field, value: &DeValue<'_>) -> Result<Option<Cell>, String> {
    if let Some(words) = value.as_str() {
        return value::read(field, words);
    }
    let cell = match field.kind {
        Type::Bool => value.as_bool().map(Cell::Bool),
        Type::Int | Type::Number | Type::Money => value
            .as_integer()
            .and_then(|number| number.as_str().replace('_', "").parse().ok())
            .map(Cell::Number),
        Type::Date => value
            .as_datetime()
            .and_then(|time| time.date)
            .and_then(|date| Date::new(date.year, date.month, date.day))
            .map(Cell::Date),
        Type::Set => value.as_array().and_then(|list| {
            let words: Option<Vec<&str>> = list.iter().map(|word| word.get_ref().as_str()).collect();
            value::set(&field.values, words?.into_iter())
        }),
        Type::Choice | Type::Text => None,
    };
    cell.map(Some).ok_or_else(|| value::wanted(field))
}
