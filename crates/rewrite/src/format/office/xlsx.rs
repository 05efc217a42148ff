//! Workbooks: which part is which sheet, the list of shared strings, comments and drawings.

use super::parts::resolve;
use super::sheet::{Edit, Sheet};
use super::weave::{Lines, Stand, Woven, splice};
use super::xml::{Lexer, Token, attribute, decode, escape};
use super::{Document, Note};
use crate::error::RewriteError;
use crate::format::{Hands, Place, any_slot};
use std::collections::BTreeMap;
use std::ops::Range;
use zhunsheng_model::{Fragment, Step, TableFragment};

/// The cells of a workbook.
pub(super) struct Book {
    /// By the name of the sheet.
    sheets: BTreeMap<String, Sheet>,
    strings: Option<Strings>,
}

/// The list of shared strings.
struct Strings {
    part: usize,
    items: Vec<Item>,
    /// Where further ones go.
    end: usize,
    /// Prefix of the elements, with its colon.
    prefix: String,
    /// The attribute that states how many there are.
    unique: Option<Range<usize>>,
}

struct Item {
    range: Range<usize>,
    uses: u32,
    /// What cells are to show instead, and how many.
    news: BTreeMap<String, u32>,
}

/// Reads everything but the parts that have nothing of their own. Gives the parts that are done.
pub(super) fn read(document: &mut Document, place: &str) -> Result<Vec<usize>, RewriteError> {
    let broken = || RewriteError::unreadable(place, "the workbook is damaged");
    let mut done = Vec::new();
    let part_of = |document: &Document, name: &str| {
        document.parts.iter().position(|part| part.name.eq_ignore_ascii_case(name))
    };
    let workbook = part_of(document, "xl/workbook.xml").ok_or_else(broken)?;
    let rels_name = "xl/_rels/workbook.xml.rels";
    let rels = part_of(document, rels_name).ok_or_else(broken)?;
    let mut targets = BTreeMap::new();
    let mut strings = None;
    for token in Lexer::new(&document.parts.get(rels).ok_or_else(broken)?.xml) {
        let (_, token) = token.map_err(|_| broken())?;
        let Token::Open { name: "Relationship", tag, .. } = token else { continue };
        let (Some(id), Some(target)) = (attribute(tag, "Id"), attribute(tag, "Target")) else { continue };
        let target = resolve(rels_name, &target);
        if attribute(tag, "Type").is_some_and(|kind| kind.ends_with("/sharedStrings")) {
            strings = part_of(document, &target);
        }
        targets.insert(id, target);
    }
    let mut names = Vec::new();
    for token in Lexer::new(&document.parts.get(workbook).ok_or_else(broken)?.xml) {
        let (_, token) = token.map_err(|_| broken())?;
        let Token::Open { name: "sheet", tag, .. } = token else { continue };
        let (Some(name), Some(id)) = (attribute(tag, "name"), attribute(tag, "id")) else { continue };
        names.push((name, targets.get(&id).cloned().unwrap_or_default()));
    }
    let mut strings = match strings {
        Some(index) => {
            done.push(index);
            Some(read_strings(document, index).ok_or_else(broken)?)
        }
        None => None,
    };
    let mut sheets = BTreeMap::new();
    for (name, target) in names {
        let Some(index) = part_of(document, &target) else { continue };
        if !document.parts.get(index).is_some_and(|part| is_sheet(&part.xml)) {
            continue;
        }
        done.push(index);
        let sheet = Sheet::read(document, index, place)?;
        if let Some(strings) = &mut strings {
            for number in sheet.strings() {
                strings.items.get_mut(number as usize).ok_or_else(broken)?.uses += 1;
            }
        }
        sheets.insert(name, sheet);
    }
    for index in 0..document.parts.len() {
        let name = document.parts.get(index).map(|part| part.name.clone()).unwrap_or_default();
        let section = name.strip_prefix("xl/").and_then(|name| name.strip_suffix(".xml")).unwrap_or_default();
        let section = section.rsplit('/').next().unwrap_or(section);
        let kind = section.trim_end_matches(|c: char| c.is_ascii_digit());
        if matches!(kind, "comments" | "comment" | "threadedComment" | "drawing") {
            read_comments(document, index, section, place)?;
            done.push(index);
        }
    }
    document.book = Some(Book { sheets, strings });
    Ok(done)
}

fn is_sheet(xml: &str) -> bool {
    Lexer::new(xml)
        .flatten()
        .find_map(|(_, token)| match token {
            Token::Open { name, .. } => Some(name == "worksheet"),
            _ => None,
        })
        .unwrap_or(false)
}

/// Finds the items of the list.
fn read_strings(document: &Document, part: usize) -> Option<Strings> {
    let xml = &document.parts.get(part)?.xml;
    let mut strings = Strings { part, items: Vec::new(), end: 0, prefix: String::new(), unique: None };
    let mut start = None;
    for token in Lexer::new(xml) {
        let (range, token) = token.ok()?;
        match token {
            Token::Open { name: "sst", tag, empty } => {
                if empty {
                    return None;
                }
                let full = tag.split(|c: char| c.is_ascii_whitespace()).next().unwrap_or_default();
                strings.prefix = full.strip_suffix("sst").unwrap_or_default().to_owned();
                let unique = super::xml::attributes(tag).into_iter().find(|(name, _)| *name == "uniqueCount");
                strings.unique =
                    unique.map(|(_, value)| range.start + 1 + value.start..range.start + 1 + value.end);
            }
            Token::Open { name: "si", empty: true, .. } => {
                strings.items.push(Item { range, uses: 0, news: BTreeMap::new() });
            }
            Token::Open { name: "si", .. } => start = Some(range.start),
            Token::Close("si") => {
                let range = start.take()?..range.end;
                strings.items.push(Item { range, uses: 0, news: BTreeMap::new() });
            }
            Token::Close("sst") => strings.end = range.start,
            _ => {}
        }
    }
    (strings.end > 0).then_some(strings)
}

/// Comments and drawings: lines as `source` makes them.
fn read_comments(
    document: &mut Document,
    index: usize,
    section: &str,
    place: &str,
) -> Result<(), RewriteError> {
    let broken = || RewriteError::unreadable(place, "a part of the document is damaged");
    let xml = document.parts.get(index).map(|part| part.xml.clone()).unwrap_or_default();
    let (mut lines, mut line, mut rest) = (Lines::default(), Woven::default(), Note::default());
    let (mut is_author, mut open_end) = (false, None);
    for token in Lexer::new(&xml) {
        let (range, token) = token.map_err(|_| broken())?;
        match token {
            Token::Open { name, tag, .. } => {
                is_author = name == "author";
                open_end = (name == "t")
                    .then_some(range.end - 1)
                    .filter(|_| attribute(tag, "space").as_deref() != Some("preserve"));
                document.attributes(index, &range, name, tag, &mut rest);
            }
            Token::Close(name) => {
                if matches!(name, "p" | "comment" | "threadedComment" | "author" | "text") {
                    lines.push(&line);
                    line.clear();
                }
                is_author = false;
                open_end = None;
            }
            Token::Text(_) | Token::CData(_) => {
                let stand = match token {
                    Token::CData(_) => Stand::CData,
                    _ => Stand::Text(open_end),
                };
                let node = if is_author {
                    document.author(index, range, stand)
                } else {
                    document.parts.get_mut(index).map(|part| part.node(range, stand))
                };
                let node = node.ok_or_else(broken)?;
                let text = document.parts.get(index).map(|part| part.text_of(node).to_owned());
                line.node(index, node, &text.unwrap_or_default());
            }
            Token::Other => {}
        }
    }
    // An author stands once more before what he says.
    let steps = vec![Step::Section(section.to_owned())];
    document.streams.texts.entry(steps).or_default().0.append(&lines.woven);
    document.rest(index, rest);
    let authors = document.authors.clone();
    if let Some(part) = document.parts.get_mut(index) {
        for node in 0..part.nodes.len() {
            let text = part.text_of(node);
            let bare = text.trim().trim_end_matches([':', '：']);
            if let Some(number) = authors.get(bare).filter(|_| !bare.is_empty()) {
                let new = text.replace(bare, &format!("Author {number}"));
                part.fix(node, &new);
            }
        }
    }
    Ok(())
}

impl Book {
    /// Takes rows of a sheet to the hands, and notes the new cells.
    pub(super) fn protect(
        &mut self,
        document: &mut Document,
        table: &TableFragment,
        fragment: &Fragment,
        hands: &mut dyn Hands,
        place: &Place<'_>,
    ) -> Result<(), RewriteError> {
        let lost = || RewriteError::NoPlace { place: place.name.to_owned() };
        let Some(Step::Sheet(name)) = table.place.steps.first() else { return Err(lost()) };
        let sheet = self.sheets.get_mut(name).ok_or_else(lost)?;
        let changes = hands.changes(fragment, &any_slot)?;
        let mut at = 0;
        while let Some(first) = changes.get(at) {
            let same = |change: &&crate::format::Change| change.spot == first.spot;
            let count = changes.get(at..).unwrap_or_default().iter().take_while(same).count();
            let of_cell = changes.get(at..at + count).unwrap_or_default();
            at += count;
            let crate::format::Spot::Cell(row, column) = first.spot else { return Err(lost()) };
            let old = table.cells.row(row).nth(column).ok_or_else(lost)?;
            let edits: Vec<(Range<usize>, String)> = of_cell
                .iter()
                .map(|change| (change.range.clone(), change.new.clone().unwrap_or_default()))
                .collect();
            for (range, new) in &edits {
                document.sweep.note(old.get(range.clone()).ok_or_else(lost)?, new);
            }
            let new = splice(old, edits.clone());
            if new == old {
                continue;
            }
            let row = u32::try_from(table.first_row - 1 + row as u64).map_err(|_| lost())?;
            let column = u32::try_from(column).map_err(|_| lost())?;
            let xml = document.parts.get(sheet.part()).map_or("", |part| part.xml.as_str());
            let cell = sheet.find(row, column).ok_or_else(lost)?;
            let shared = match sheet.shared(cell) {
                Some(number) => {
                    let strings = self.strings.as_mut().ok_or_else(lost)?;
                    let item = strings.items.get_mut(number as usize).ok_or_else(lost)?;
                    let xml = document.parts.get(strings.part).map_or("", |part| part.xml.as_str());
                    let old_xml = xml.get(item.range.clone()).ok_or_else(lost)?;
                    let new_xml = string_item(old_xml, old, &edits, &new, &strings.prefix);
                    *item.news.entry(new_xml.clone()).or_default() += 1;
                    Some((number, new_xml))
                }
                None => None,
            };
            if !sheet.edit(xml, cell, Edit { old: old.to_owned(), new, shared }) {
                return Err(lost());
            }
        }
        Ok(())
    }

    /// Writes the new cells and strings down; the number of formulas that were dropped.
    pub(super) fn finish(&mut self, document: &mut Document) -> u64 {
        let mut numbers: BTreeMap<(u32, String), usize> = BTreeMap::new();
        if let Some(strings) = &mut self.strings
            && let Some(part) = document.parts.get_mut(strings.part)
        {
            let mut more = String::new();
            let mut count = strings.items.len();
            for (number, item) in strings.items.iter().enumerate() {
                let empty = format!("<{0}si><{0}t/></{0}si>", strings.prefix);
                // A string that no cell shows is left from former times, and nobody looked at it.
                if item.uses == 0 {
                    if part.xml.get(item.range.clone()) != Some(empty.as_str()) {
                        part.splices.push((item.range.clone(), empty));
                    }
                    continue;
                }
                let edited: u32 = item.news.values().sum();
                let mut own = edited == item.uses;
                for new in item.news.keys() {
                    let number_of_new = if own {
                        own = false;
                        part.splices.push((item.range.clone(), new.clone()));
                        number
                    } else {
                        more.push_str(new);
                        count += 1;
                        count - 1
                    };
                    numbers.insert((number as u32, new.clone()), number_of_new);
                }
            }
            if !more.is_empty() {
                part.splices.push((strings.end..strings.end, more));
                if let Some(unique) = strings.unique.clone() {
                    part.splices.push((unique, count.to_string()));
                }
            }
        }
        let mut formulas = 0;
        for sheet in self.sheets.values_mut() {
            formulas += sheet.finish(document, &numbers);
        }
        formulas
    }
}

/// The item of the list for a cell whose text was `old`: runs keep their form where the text is found in them.
fn string_item(xml: &str, old: &str, edits: &[(Range<usize>, String)], new: &str, prefix: &str) -> String {
    rich_item(xml, old, edits).unwrap_or_else(|| {
        format!("<{prefix}si><{prefix}t xml:space=\"preserve\">{}</{prefix}t></{prefix}si>", escape(new))
    })
}

fn rich_item(xml: &str, old: &str, edits: &[(Range<usize>, String)]) -> Option<String> {
    let mut part = super::weave::Part::new(0, String::new(), xml.to_owned());
    let (mut woven, mut in_text, mut phonetic, mut open_end) = (Woven::default(), false, None, None);
    for token in Lexer::new(xml) {
        let (range, token) = token.ok()?;
        match token {
            Token::Open { name: "rPh" | "phoneticPr", empty: true, .. } => {
                part.splices.push((range, String::new()))
            }
            // How the old text is said.
            Token::Open { name: "rPh" | "phoneticPr", .. } => phonetic = Some(range.start),
            Token::Close("rPh" | "phoneticPr") => {
                part.splices.push((phonetic.take()?..range.end, String::new()))
            }
            Token::Open { name: "t", tag, empty } => {
                in_text = !empty;
                open_end =
                    Some(range.end - 1).filter(|_| attribute(tag, "space").as_deref() != Some("preserve"));
            }
            Token::Close("t") => in_text = false,
            Token::Text(raw) if in_text && phonetic.is_none() => {
                if open_end.is_some() && raw.trim() != raw || decode(raw).contains("_x") {
                    return None;
                }
                let node = part.node(range, Stand::Text(open_end));
                woven.node(0, node, part.text_of(node));
            }
            Token::CData(_) => return None,
            _ => {}
        }
    }
    if woven.text != old {
        return None;
    }
    let mut parts = [part];
    for (range, new) in edits {
        woven.apply(range.clone(), new, &mut parts).then_some(())?;
    }
    let [part] = &parts;
    part.render()
}
