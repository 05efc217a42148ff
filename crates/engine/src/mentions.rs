//! `--mentions`: one JSON line for each mention, with its raw value. Only made when it was asked for.
//!
//! `record` numbers the records within the piece of input that `loc` names (a table, a message, a document):
//! equal numbers stand together about one person, and `name` marks the mention that is the person's own name.

use serde_json::{Map, Value, json};
use zhunsheng_model::{
    CellBuffer, Encoding, Findings, Fragment, Mention, Place, State, Step, TableFragment, TextFragment,
    TextOrigin,
};

/// Appends a line for each mention of `findings`, which were found in `fragment`.
pub(crate) fn write(fragment: &Fragment, findings: &Findings, lines: &mut String) {
    let Some(place) = &findings.place else { return };
    let mut records = findings.records.iter().zip(1_u64..).peekable();
    for (index, mention) in (0_u32..).zip(&findings.mentions) {
        while records.next_if(|(record, _)| record.mentions_end <= index).is_some() {}
        let mut loc = steps(place);
        match fragment {
            Fragment::Text(text) => text_loc(text, mention, &mut loc),
            Fragment::Table(table) => table_loc(table, mention, &mut loc),
            Fragment::Lazy(_) => {}
        }
        let mut line = json!({
            "file": &*place.file,
            "type": mention.kind.id(),
            "value": findings.text(mention.raw),
            "valid": mention.state == State::Valid,
        });
        match mention.state {
            State::Invalid(reason) => line["why"] = json!(reason.as_str()),
            State::Placeholder => line["why"] = json!("placeholder"),
            State::Masked => line["masked"] = json!(true),
            State::Valid => {}
        }
        if let Some((record, number)) = records.peek() {
            line["record"] = json!(number);
            if record.name == index + 1 {
                line["name"] = json!(true);
            }
        }
        line["loc"] = Value::Object(loc);
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
}

fn steps(place: &Place) -> Map<String, Value> {
    let mut loc = Map::new();
    place.steps.iter().for_each(|step| add_step(step, &mut loc));
    loc
}

fn add_step(step: &Step, loc: &mut Map<String, Value>) {
    let (key, value) = match step {
        Step::Sheet(name) => ("sheet", json!(name)),
        Step::Table(name) => ("table", json!(name)),
        Step::Page(n) => ("page", json!(n)),
        Step::Slide(n) => ("slide", json!(n)),
        Step::Paragraph(n) => ("paragraph", json!(n)),
        Step::Line(n) => ("line", json!(n)),
        Step::Message(n) => ("message", json!(n)),
        Step::Header(name) => ("header", json!(name)),
        Step::Part(name) => ("part", json!(name)),
        Step::Attachment(name) => ("attachment", json!(name)),
        Step::Json(pointer) => ("json", json!(pointer)),
        Step::Section(name) => ("section", json!(name)),
    };
    loc.insert(key.to_owned(), value);
}

/// Characters of the file (and bytes, where the text is the file itself), or of the part it stands in.
fn text_loc(text: &TextFragment, mention: &Mention, loc: &mut Map<String, Value>) {
    let (start, end) = (mention.locus.start as usize, mention.locus.end as usize);
    let segment = text.segments.iter().take_while(|segment| segment.start as usize <= start).last();
    let base = match segment {
        Some(segment) => {
            segment.steps.iter().for_each(|step| add_step(step, loc));
            segment.start as usize
        }
        None => 0,
    };
    let first = text.origin.filter(|_| segment.is_none()).map_or(0, |origin| origin.first_char);
    let before = points(&text.text, base, start) + first;
    loc.insert("char".to_owned(), json!([before, before + points(&text.text, start, end)]));
    if let (Some(origin), None) = (&text.origin, segment)
        && let Some(bytes) = bytes_of(&text.text, start, end, origin)
    {
        loc.insert("byte".to_owned(), json!(bytes));
    }
}

fn table_loc(table: &TableFragment, mention: &Mention, loc: &mut Map<String, Value>) {
    let locus = &mention.locus;
    loc.insert("row".to_owned(), json!(locus.row));
    loc.insert("col".to_owned(), json!(locus.column));
    if let Some(name) =
        table.names.as_ref().and_then(|names| names.get(locus.column.checked_sub(1)? as usize))
    {
        loc.insert("name".to_owned(), json!(name));
    }
    // Within a cell the range counts from the cell; finding the cell again needs the physical row, which
    // only tables with stated names share with the data row.
    if locus.end > locus.start && table.names.is_some() {
        let row = (locus.row.saturating_sub(table.first_row)) as usize;
        if let Some(cell) = cell(&table.cells, row, locus.column) {
            let before = points(cell, 0, locus.start as usize);
            let after = before + points(cell, locus.start as usize, locus.end as usize);
            loc.insert("char".to_owned(), json!([before, after]));
        }
    }
}

fn cell(cells: &CellBuffer, row: usize, column: u32) -> Option<&str> {
    cells.row(row).nth(column.checked_sub(1)? as usize)
}

fn points(text: &str, start: usize, end: usize) -> u64 {
    text.get(start..end).map_or(0, |part| part.chars().count() as u64)
}

/// The bytes of the file that hold the mention, where the encoding allows to reckon them.
fn bytes_of(text: &str, start: usize, end: usize, origin: &TextOrigin) -> Option<[u64; 2]> {
    let length = |part: &str| -> Option<u64> {
        Some(match origin.encoding {
            Encoding::Utf8 => part.len() as u64,
            Encoding::Utf16Le | Encoding::Utf16Be => part.encode_utf16().count() as u64 * 2,
            // One byte for ASCII, four for what GBK lacks, two for the rest.
            Encoding::Gb18030 => part
                .chars()
                .map(|c| {
                    if c.is_ascii() {
                        1
                    } else if in_gbk(c) {
                        2
                    } else {
                        4
                    }
                })
                .sum(),
            Encoding::Big5 => part.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum(),
            Encoding::Other(_) => return None,
        })
    };
    let first = origin.first_byte + length(text.get(..start)?)?;
    Some([first, first + length(text.get(start..end)?)?])
}

/// Whether GB18030 writes the character in two bytes. Holds for Han of the first plane and the marks that
/// Chinese text is written with.
fn in_gbk(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fa5}' | '\u{3000}'..='\u{3029}' | '\u{ff01}'..='\u{ff5e}' | '\u{2014}'..='\u{2026}' | '\u{b7}' | '\u{d7}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_reckoned_in_the_encoding_of_the_file() {
        let text = "姓名：王五，电话13900000001";
        let start = text.find("139").unwrap();
        let origin = |encoding| TextOrigin { encoding, first_byte: 3, first_char: 0, first_line: 0 };
        let at = |encoding| bytes_of(text, start, start + 11, &origin(encoding));
        assert_eq!(at(Encoding::Utf8), Some([3 + 24, 3 + 35]));
        assert_eq!(at(Encoding::Gb18030), Some([3 + 16, 3 + 27]));
        assert_eq!(at(Encoding::Utf16Le), Some([3 + 16, 3 + 38]));
        assert_eq!(at(Encoding::Other("koi8-r")), None);
    }
}
