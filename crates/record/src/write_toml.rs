//! [`Record`] → `record.toml`, with every field: those not filled in as comments with their question.

use crate::form::{Field, Form, Section};
use crate::record::{Entry, Record};
use crate::value::{Cell, spoken};
use crate::{Language, RECORD_SCHEMA};
use std::fmt::Write as _;
use zhunsheng_judge::Type;

/// The text of the file. A record without entries gives the template: one empty entry of each section.
pub fn write_toml(record: &Record, form: &Form, language: Language) -> String {
    let mut text = match language {
        Language::Zh => String::from(
            "# 个人信息处理活动记录\n# 每个字段可以写中文名或者英文名；不清楚的留空（保留 # 号），判断时列为待查明的事实。\n",
        ),
        Language::En => String::from(
            "# Record of processing activities\n# Every field may have its Chinese or English name; leave what is unknown as a comment: it is listed as open.\n",
        ),
    };
    let _ = writeln!(text, "schema = \"{RECORD_SCHEMA}\"");
    let mut writer = Writer { text, form, language };
    writer.entry(&record.organisation, "");
    writer.text
}

/// TOML wants names that are not ASCII in quotes.
fn quoted_name(name: &str) -> String {
    if name.is_ascii() { name.to_owned() } else { format!("\"{name}\"") }
}

struct Writer<'a> {
    text: String,
    form: &'a Form,
    language: Language,
}

impl Writer<'_> {
    fn entry(&mut self, entry: &Entry, path: &str) {
        let form = self.form;
        let Some(section) = form.sections().get(entry.section) else { return };
        let name = section.name(self.language);
        let name = quoted_name(name);
        let own = if path.is_empty() { name } else { format!("{path}.{name}") };
        let head = if section.parent.is_none() { format!("[{own}]") } else { format!("[[{own}]]") };
        let _ = writeln!(self.text, "\n# {} {}\n{head}", section.zh, section.en);
        for (at, field) in section.fields.iter().enumerate() {
            self.field(field, entry.cells.get(&at));
        }
        // The children of the organisation stand at the top of the file, so that the names stay short.
        let inner = if section.parent.is_none() { "" } else { own.as_str() };
        for (index, child) in form.children(Some(entry.section)) {
            let mut any = false;
            for row in entry.children.iter().filter(|row| row.section == index) {
                self.entry(row, inner);
                any = true;
            }
            if !any {
                self.empty(child, inner);
            }
        }
    }

    /// A section nobody filled in, as comments.
    fn empty(&mut self, section: &Section, path: &str) {
        let mut inner = Writer { text: String::new(), form: self.form, language: self.language };
        let at = self.form.sections().iter().position(|other| other.key == section.key).unwrap_or_default();
        inner.entry(&Entry { section: at, ..Entry::default() }, path);
        for line in inner.text.lines() {
            let mark = if line.is_empty() || line.starts_with('#') { "" } else { "# " };
            let _ = writeln!(self.text, "{mark}{line}");
        }
    }

    fn field(&mut self, field: &Field, cell: Option<&Cell>) {
        let name = quoted_name(field.name(self.language));
        match cell {
            Some(cell) => {
                let _ = writeln!(self.text, "{name} = {}", self.value(field, cell));
            }
            None => {
                let star = match (field.required, self.language) {
                    (false, _) => "",
                    (true, Language::Zh) => "（必填）",
                    (true, Language::En) => " (required)",
                };
                let _ = writeln!(
                    self.text,
                    "# {name} = {}  # {}{star}",
                    self.example(field),
                    field.question(self.language)
                );
            }
        }
    }

    fn quoted(words: &str) -> String {
        toml::Value::String(words.to_owned()).to_string()
    }

    fn value(&self, field: &Field, cell: &Cell) -> String {
        let say = |name: &String| Self::quoted(spoken(field, name, self.language));
        match cell {
            Cell::Text(text) => Self::quoted(text),
            Cell::Bool(yes) => yes.to_string(),
            Cell::Number(number) => number.to_string(),
            Cell::Date(date) => date.to_string(),
            Cell::Values(names) if field.kind == Type::Choice => names.first().map(say).unwrap_or_default(),
            Cell::Values(names) => {
                let names: Vec<String> = names.iter().map(say).collect();
                format!("[{}]", names.join(", "))
            }
        }
    }

    /// What a value would look like.
    fn example(&self, field: &Field) -> String {
        match field.kind {
            Type::Bool => "true / false".to_owned(),
            Type::Int | Type::Number | Type::Money => "0".to_owned(),
            Type::Date => "2021-11-01".to_owned(),
            Type::Text => "\"\"".to_owned(),
            Type::Choice | Type::Set => {
                let names: Vec<String> = field
                    .values
                    .iter()
                    .map(|value| Self::quoted(spoken(field, &value.name, self.language)))
                    .collect();
                let (open, close, between) =
                    if field.kind == Type::Set { ("[", "]", ", ") } else { ("", "", " / ") };
                format!("{open}{}{close}", names.join(between))
            }
        }
    }
}
