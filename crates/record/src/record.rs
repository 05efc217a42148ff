//! A record in memory, what is missing in it, and the facts it states.

use crate::Language;
use crate::form::{Field, Form};
use crate::value::Cell;
use std::collections::BTreeMap;
use zhunsheng_judge::{Diagnostic, FACTS_SCHEMA, Matter, Schema, read_facts};
use zhunsheng_model::Kind;

/// A record of processing activities.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// The organisation; its children are activities, systems and incidents.
    pub organisation: Entry,
}

/// One row: the organisation, an activity, an item …
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Position of its section in the form.
    pub section: usize,
    /// What was filled in, by the position of the field; what is not here is unknown.
    pub cells: BTreeMap<usize, Cell>,
    /// What stands in it, by section, then in the order of the file.
    pub children: Vec<Entry>,
    /// Line of the file or row of the sheet, from 1; 0 when neither is known.
    pub line: u32,
}

impl Entry {
    /// Its name; empty when it has none.
    pub fn name(&self) -> &str {
        match self.cells.get(&0) {
            Some(Cell::Text(name)) => name,
            _ => "",
        }
    }

    fn visit<'a>(&'a self, see: &mut impl FnMut(&'a Entry)) {
        see(self);
        for child in &self.children {
            child.visit(see);
        }
    }
}

impl Record {
    /// What a complete record would also say: required fields left out, a record without an activity, an
    /// activity without an item, and names that stand twice. `file` names the record in the messages.
    pub fn gaps(&self, form: &Form, file: &str, language: Language) -> Vec<Diagnostic> {
        let say = |zh: String, en: String| match language {
            Language::Zh => zh,
            Language::En => en,
        };
        let mut gaps = Vec::new();
        self.organisation.visit(&mut |entry| {
            let Some(section) = form.sections().get(entry.section) else { return };
            let name = section.name(language);
            let place = match entry.name() {
                "" => name.to_owned(),
                own => say(format!("{name}“{own}”"), format!("{name} `{own}`")),
            };
            for (at, field) in section.fields.iter().enumerate() {
                if field.required && !entry.cells.contains_key(&at) {
                    let field_name = field.name(language);
                    let message = say(
                        format!("{place}：“{field_name}”没有填写"),
                        format!("{place}: `{field_name}` is not filled in"),
                    );
                    gaps.push(
                        Diagnostic::warning(file, entry.line, "missing", message)
                            .hint(field.question(language).to_owned()),
                    );
                }
            }
            let must_have = match section.key.as_str() {
                "organisation" => Some("activity"),
                "activity" => Some("item"),
                _ => None,
            };
            if let Some(wanted) = must_have
                && let Some((index, child)) =
                    form.children(Some(entry.section)).find(|(_, s)| s.key == wanted)
                && !entry.children.iter().any(|other| other.section == index)
            {
                let wanted = child.name(language);
                let message =
                    say(format!("{place}：没有列出“{wanted}”"), format!("{place}: no `{wanted}` is listed"));
                gaps.push(Diagnostic::warning(file, entry.line, "missing", message));
            }
            for (at, child) in entry.children.iter().enumerate() {
                let twin = |other: &Entry| other.section == child.section && other.name() == child.name();
                if !child.name().is_empty() && entry.children.iter().take(at).any(twin) {
                    let twice = child.name();
                    let message = say(
                        format!("{place}：名称“{twice}”重复"),
                        format!("{place}: the name `{twice}` stands twice"),
                    );
                    gaps.push(Diagnostic::warning(file, child.line, "twice", message));
                }
            }
        });
        gaps
    }

    /// The facts that the record states, with the record as their source.
    pub fn matter(&self, form: &Form, schema: &Schema, file: &str) -> (Matter, Vec<Diagnostic>) {
        read_facts(file, &self.facts(form, file), schema)
    }

    /// The same as a facts file.
    pub fn facts(&self, form: &Form, file: &str) -> String {
        let mut top = toml::Table::new();
        top.insert("schema".to_owned(), FACTS_SCHEMA.into());
        if let Some(Cell::Date(date)) = self.organisation.cells.get(&2) {
            top.insert("date".to_owned(), date.to_string().into());
        }
        top.insert(
            "party".to_owned(),
            toml::Value::Array(vec![table(&self.organisation, form, file).into()]),
        );
        top.to_string()
    }
}

fn table(entry: &Entry, form: &Form, file: &str) -> toml::Table {
    let mut table = toml::Table::new();
    let Some(section) = form.sections().get(entry.section) else { return table };
    if !entry.name().is_empty() {
        table.insert("name".to_owned(), entry.name().into());
    }
    table.insert("source".to_owned(), file.into());
    for (at, cell) in &entry.cells {
        if let Some(field) = section.fields.get(*at).filter(|field| field.fact.is_some()) {
            table.insert(field.key.clone(), fact_value(field, cell));
        }
    }
    // An item of a known name needs no kind of its own.
    if section.key == "item"
        && !table.contains_key("kind")
        && let Some(kind) = kind_named(entry.name())
    {
        table.insert("kind".to_owned(), kind.id().into());
    }
    for (index, child) in form.children(Some(entry.section)) {
        let rows: Vec<toml::Value> = entry
            .children
            .iter()
            .filter(|other| other.section == index)
            .map(|other| toml::Value::Table(self::table(other, form, file)))
            .collect();
        if !rows.is_empty() {
            table.insert(child.entity.clone(), toml::Value::Array(rows));
        }
    }
    table
}

fn fact_value(field: &Field, cell: &Cell) -> toml::Value {
    match cell {
        Cell::Text(text) if field.key == "kind" => match kind_named(text) {
            Some(kind) => kind.id().into(),
            None => text.as_str().into(),
        },
        Cell::Text(text) => text.as_str().into(),
        Cell::Bool(yes) => (*yes).into(),
        Cell::Number(number) => i64::try_from(*number).unwrap_or(i64::MAX).into(),
        Cell::Date(date) => date.to_string().into(),
        Cell::Values(names) if field.kind == zhunsheng_judge::Type::Choice => {
            names.first().map(String::as_str).unwrap_or_default().into()
        }
        Cell::Values(names) => toml::Value::Array(names.iter().map(|name| name.as_str().into()).collect()),
    }
}

/// The kind of personal information of that id or Chinese name.
fn kind_named(name: &str) -> Option<Kind> {
    let by_name = || Kind::ALL.iter().copied().find(|kind| kind.name_zh() == name);
    Kind::from_id(name).or_else(by_name)
}
