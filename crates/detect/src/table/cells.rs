//! Reads the cells of planned columns: the path that every row of a large table takes.
//!
//! No allocation per cell: values go straight into the arena, and a value already in its normal form is
//! stored once.

use super::fast::{is_plainly_normal, is_plainly_valid};
use super::plan::{Column, How, TablePlan};
use crate::read::Bare;
use crate::value::{attribute_state, is_masked, is_masked_name, is_placeholder};
use crate::{Detector, Hit, normal};
use std::sync::Arc;
use zhunsheng_model::{Findings, Kind, Locus, Mention, Reason, RecordSpan, Span, State, TableFragment};

/// Everything that stands in the rows of `fragment`.
pub(crate) fn read(detector: &Detector, fragment: &TableFragment, plan: &TablePlan) -> Findings {
    let cells = &fragment.cells;
    let mut reader =
        Reader { detector, findings: Findings::default(), hits: Vec::new(), tally: Tally::default() };
    reader.findings.place = Some(Arc::clone(&fragment.place));
    let columns: usize = plan.people.iter().map(Vec::len).sum();
    reader.findings.arena.reserve(cells.text.len() + cells.text.len() / 8);
    reader.findings.mentions.reserve(cells.len() * columns);
    reader.findings.records.reserve(cells.len() * plan.people.len());

    let mut row_number = fragment.first_row;
    for bounds in cells.rows.windows(2) {
        let (Some(start), Some(end)) = (bounds.first(), bounds.get(1)) else { continue };
        let row = cells.cells.get(*start as usize..*end as usize).unwrap_or_default();
        if row_number <= plan.rows_before_data {
            // The head names columns; a title may name somebody.
            if row_number < plan.rows_before_data {
                reader.title(row.iter().map(|cell| cells.cell_at(cell)));
            }
        } else {
            let data_row = row_number - plan.rows_before_data;
            for (role, columns) in plan.people.iter().enumerate() {
                reader.begin();
                for column in columns {
                    if let Some(range) = row.get(column.index as usize) {
                        reader.cell(column, cells.cell_at(range), data_row);
                    }
                }
                reader.end(data_row, u8::try_from(role).unwrap_or(u8::MAX));
            }
        }
        row_number += 1;
    }
    reader.findings
}

/// What the record under construction holds so far.
#[derive(Clone, Copy, Default)]
struct Tally {
    mentions_start: usize,
    name: u32,
    valid_identifiers: u32,
    untrue_identifiers: u32,
    masked: u32,
}

struct Reader<'a> {
    detector: &'a Detector,
    findings: Findings,
    hits: Vec<Hit>,
    tally: Tally,
}

impl Reader<'_> {
    fn begin(&mut self) {
        self.tally = Tally { mentions_start: self.findings.mentions.len(), ..Tally::default() };
    }

    /// Closes the record: what stands beside identifiers that are all untrue is untrue as well.
    fn end(&mut self, ordinal: u64, role: u8) {
        let mentions_end = self.findings.mentions.len();
        let Tally { mentions_start, mut name, valid_identifiers, untrue_identifiers, masked } = self.tally;
        if mentions_end == mentions_start {
            return;
        }
        if untrue_identifiers > 0 && valid_identifiers == 0 && masked == 0 {
            for mention in self.findings.mentions.iter_mut().skip(mentions_start) {
                if mention.state == State::Valid {
                    mention.state = State::Invalid(Reason::RecordUntrue);
                    mention.normal = Span::default();
                }
            }
            name = 0;
        }
        self.findings.records.push(RecordSpan {
            mentions_start: mentions_start as u32,
            mentions_end: mentions_end as u32,
            name,
            ordinal,
            role,
        });
    }

    fn cell(&mut self, column: &Column, cell: &str, row: u64) {
        let cell = trim(cell);
        if cell.is_empty() {
            return;
        }
        let locus = Locus { row, column: column.index + 1, start: 0, end: 0 };
        match column.how {
            How::Identifier(kind, others) => self.identifier(kind, others, cell, locus),
            How::Name => self.name(cell, locus),
            How::Address => {
                let plain = is_plainly_valid(self.detector, Kind::Address, cell);
                let state = if plain { State::Valid } else { address_state(cell) };
                self.push(Kind::Address, state, 90, cell, locus);
            }
            How::Attribute(kind) => self.attribute(kind, cell, locus),
            How::AttributeAndText(kind) => {
                self.attribute(kind, cell, locus);
                self.text(cell, locus);
            }
            How::Text => self.text(cell, locus),
        }
    }

    fn identifier(&mut self, kind: Kind, others: &[Kind], cell: &str, locus: Locus) {
        if is_plainly_valid(self.detector, kind, cell) {
            return self.push(kind, State::Valid, 100, cell, locus);
        }
        let scanner = &self.detector.scanner;
        let first = scanner.check_cell(kind, cell);
        if first == State::Valid {
            return self.push(kind, first, 100, cell, locus);
        }
        if is_placeholder(cell) {
            return self.push(kind, State::Placeholder, 100, cell, locus);
        }
        for other in others {
            if may_be(kind, *other, cell) && scanner.check_cell(*other, cell) == State::Valid {
                return self.push(*other, State::Valid, 95, cell, locus);
            }
        }
        if kind != Kind::Password && (first == State::Masked || is_masked(cell)) {
            return self.push(kind, State::Masked, 100, cell, locus);
        }
        // Several values or a remark in one cell (13…/13…, 13…（父亲）).
        if matches!(first, State::Invalid(Reason::WrongForm | Reason::WrongLength))
            && self.several(kind, cell, locus)
        {
            return;
        }
        self.push(kind, first, 100, cell, locus);
    }

    /// Reads the cell as text; whether a valid value of `kind` or one that goes for it stood there.
    fn several(&mut self, kind: Kind, cell: &str, locus: Locus) -> bool {
        if cell.len() < 12 || !cell.contains(|c: char| !c.is_ascii_alphanumeric()) {
            return false;
        }
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        self.detector.scanner.scan(cell, &mut hits);
        hits.retain(|hit| {
            hit.state == State::Valid
                && (hit.kind == kind || hit.kind.is_strong_key() || hit.kind == Kind::Landline)
        });
        for hit in &hits {
            self.part(hit, cell, locus);
        }
        let any = !hits.is_empty();
        self.hits = hits;
        any
    }

    fn name(&mut self, cell: &str, locus: Locus) {
        let plain = is_plainly_valid(self.detector, Kind::Person, cell);
        let state = if plain { State::Valid } else { name_state(self.detector, cell) };
        if state == State::Valid && self.tally.name == 0 {
            self.tally.name = self.findings.mentions.len() as u32 + 1;
        }
        self.push(Kind::Person, state, 95, cell, locus);
    }

    fn attribute(&mut self, kind: Kind, cell: &str, locus: Locus) {
        if kind == Kind::Account {
            // Many sign in with a number or address that says more than an account name.
            for better in [Kind::Phone, Kind::Email] {
                if self.detector.scanner.check_cell(better, cell) == State::Valid {
                    return self.push(better, State::Valid, 90, cell, locus);
                }
            }
        }
        self.push(kind, attribute_state(kind, cell), 90, cell, locus);
    }

    fn text(&mut self, cell: &str, locus: Locus) {
        if !may_hold_something(cell) {
            return;
        }
        let mut hits = std::mem::take(&mut self.hits);
        hits.clear();
        let prose = cell.len() > 30 && !cell.is_ascii();
        let bare = if prose && is_sentence(cell) {
            self.detector.read_prose(cell, &mut hits)
        } else {
            self.detector.read_text(cell, &mut hits);
            Bare::default()
        };
        for hit in &hits {
            // Somebody whom a remark speaks of is not the one the row is about.
            let bare_name = hit.kind == Kind::Person && bare.holds(hit);
            if bare_name && (self.tally.name != 0 || hit.confidence < CELL_NAME_LEAST) {
                continue;
            }
            let whole = hit.start == 0 && hit.end as usize == cell.len();
            let sure = matches!(hit.kind, Kind::CnId | Kind::Phone | Kind::Email | Kind::BankCard);
            let keep = match hit.state {
                // A cell that is nothing but a value, in a column that does not hold its kind, must speak
                // for itself: version numbers look like addresses of computers.
                State::Valid => sure || !whole,
                State::Masked => !whole,
                State::Invalid(Reason::TestValue) => sure && (prose || whole),
                State::Invalid(_) => sure && prose,
                State::Placeholder => false,
            };
            if keep {
                if hit.kind == Kind::Person && hit.state == State::Valid && self.tally.name == 0 {
                    self.tally.name = self.findings.mentions.len() as u32 + 1;
                }
                self.part(hit, cell, locus);
            }
        }
        self.hits = hits;
    }

    /// A title line: text above the head, outside the data rows.
    fn title<'c>(&mut self, cells: impl Iterator<Item = &'c str>) {
        self.begin();
        for (index, cell) in cells.enumerate() {
            let column = Column { index: index as u32, how: How::Text };
            self.cell(&column, cell, 0);
        }
        self.end(0, 0);
    }

    /// A value that is part of a cell.
    fn part(&mut self, hit: &Hit, cell: &str, locus: Locus) {
        let Some(raw) = cell.get(hit.start as usize..hit.end as usize) else { return };
        let locus =
            if raw.len() == cell.len() { locus } else { Locus { start: hit.start, end: hit.end, ..locus } };
        self.push(hit.kind, hit.state, hit.confidence, raw, locus);
    }

    #[inline]
    fn push(&mut self, kind: Kind, state: State, confidence: u8, value: &str, locus: Locus) {
        let raw = self.findings.store(value);
        let normal = if state == State::Valid {
            store_normal(&mut self.findings, kind, value, raw)
        } else {
            Span::default()
        };
        if is_identifier(kind) {
            match state {
                State::Valid => self.tally.valid_identifiers += 1,
                State::Invalid(reason) if speaks_against_record(kind, reason) => {
                    self.tally.untrue_identifiers += 1
                }
                State::Invalid(_) => {}
                State::Masked => self.tally.masked += 1,
                State::Placeholder => {}
            }
        } else if state == State::Masked {
            self.tally.masked += 1;
        }
        self.findings.mentions.push(Mention { kind, state, confidence, raw, normal, locus });
    }
}

/// Stores the normal form of a valid value; one that is normal already is stored once.
pub(crate) fn store_normal(findings: &mut Findings, kind: Kind, value: &str, raw: Span) -> Span {
    if is_plainly_normal(kind, value) {
        return raw;
    }
    let start = findings.arena.len();
    normal(kind, value, &mut findings.arena);
    if findings.arena.get(start..) == Some(value) {
        findings.arena.truncate(start);
        return raw;
    }
    Span { start: start as u32, end: findings.arena.len() as u32 }
}

/// Kinds that identify somebody or something by a number or name of its own: with none of them true, a
/// record is untrue.
pub(crate) fn is_identifier(kind: Kind) -> bool {
    use zhunsheng_model::Group;
    match kind.group() {
        Group::Id => kind != Kind::Person,
        Group::Contact => kind != Kind::Address,
        Group::Vehicle | Group::Device => true,
        Group::Financial => matches!(kind, Kind::BankCard | Kind::BankAccount),
        _ => kind == Kind::Waybill,
    }
}

/// Whether an invalid value shows that its record is nobody's: a wrong number of a person does, the address of
/// a computer in the office or a service line does not.
pub(crate) fn speaks_against_record(kind: Kind, reason: Reason) -> bool {
    kind.is_strong_key() && !matches!(reason, Reason::NotPersonal | Reason::ReservedAddress)
}

/// The state of a cell in a column of names.
pub(crate) fn name_state(detector: &Detector, cell: &str) -> State {
    if is_placeholder(cell) {
        State::Placeholder
    } else if is_masked_name(cell) {
        State::Masked
    } else if detector.names.is_test(cell) {
        State::Invalid(Reason::TestValue)
    } else if cell.len() > 120
        || !cell.chars().any(char::is_alphabetic)
        || cell.bytes().filter(u8::is_ascii_digit).count() > 3
    {
        State::Invalid(Reason::WrongForm)
    } else if cell.chars().count() == 1 {
        State::Invalid(Reason::WrongLength)
    } else {
        State::Valid
    }
}

/// The state of a cell in a column of addresses.
pub(crate) fn address_state(cell: &str) -> State {
    if is_placeholder(cell) {
        State::Placeholder
    } else if cell.contains('*') || cell.contains('＊') || (cell.len() < 30 && cell.contains('某')) {
        State::Masked
    } else if cell.chars().any(char::is_alphabetic) && cell.chars().nth(1).is_some() {
        State::Valid
    } else {
        State::Invalid(Reason::WrongForm)
    }
}

/// Whether `cell` in a column of `kind` may be `other` instead.
fn may_be(kind: Kind, other: Kind, cell: &str) -> bool {
    match (kind, other) {
        // A short telephone number under 手机 is a mobile number cut off, not a landline without area code.
        (Kind::Phone, Kind::Landline) => cell.starts_with(['0', '(', '（', '+']) || cell.contains('-'),
        _ => true,
    }
}

/// A name that is only read in a cell must be this sure: cells hold many titles and products.
const CELL_NAME_LEAST: u8 = 80;

/// Whether the cell holds a sentence, not a title, a list or the name of a product.
fn is_sentence(cell: &str) -> bool {
    cell.contains(['，', '。'])
}

/// Whether a short cell is worth reading: every identifier needs a digit or an @, every cue a few words.
fn may_hold_something(cell: &str) -> bool {
    cell.len() >= 24 || cell.len() >= 5 && cell.bytes().any(|byte| byte.is_ascii_digit() || byte == b'@')
}

/// Without blanks at the ends; most cells have none, which one look at two bytes tells.
#[inline]
fn trim(cell: &str) -> &str {
    let plain = |byte: &u8| {
        byte.is_ascii_graphic() || (*byte >= 0x80 && *byte != 0xE3 && *byte != 0xC2 && *byte != 0xEF)
    };
    match (cell.as_bytes().first(), cell.as_bytes().last()) {
        // The last byte of a wide blank (U+3000) is 0x80.
        (Some(first), Some(last)) if plain(first) && last.is_ascii_graphic() => cell,
        _ => cell.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\u{200B}'),
    }
}
