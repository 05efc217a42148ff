//! What the values of a column say it holds, when its head says nothing or something else.

use crate::Detector;
use crate::value::{Likeness, is_address, is_masked, is_masked_name, is_placeholder};
use std::collections::BTreeSet;
use zhunsheng_model::{Kind, Reason, State};

/// How a sample of cells fits a kind. Empty cells and placeholders are not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fit {
    /// Cells that say something.
    pub(crate) cells: usize,
    /// Cells that pass every check.
    pub(crate) valid: usize,
    /// Cells with the form of the kind that fail a check, and masked ones.
    pub(crate) shaped: usize,
}

impl Fit {
    /// Share of cells that pass, in per cent; 0 of nothing.
    pub(crate) fn valid_percent(self) -> usize {
        (self.valid * 100).checked_div(self.cells).unwrap_or_default()
    }

    /// Share of cells that have the form, in per cent; 0 of nothing.
    pub(crate) fn percent(self) -> usize {
        ((self.valid + self.shaped) * 100).checked_div(self.cells).unwrap_or_default()
    }
}

/// How `cells` fit `kind`.
pub(crate) fn fit(detector: &Detector, kind: Kind, cells: &[&str]) -> Fit {
    let mut fit = Fit::default();
    for cell in says_something(cells) {
        fit.cells += 1;
        match cell_state(detector, kind, cell) {
            State::Valid => fit.valid += 1,
            State::Invalid(Reason::WrongForm | Reason::WrongLength) | State::Placeholder => {}
            State::Invalid(_) => fit.shaped += 1,
            State::Masked => fit.shaped += 1,
        }
    }
    fit
}

fn cell_state(detector: &Detector, kind: Kind, cell: &str) -> State {
    match kind {
        Kind::Person => {
            if is_masked_name(cell) {
                State::Masked
            } else if detector.names.likeness(cell) == Likeness::Likely || is_pinyin_name(detector, cell) {
                State::Valid
            } else if detector.names.likeness(cell) == Likeness::Possible || is_latin_name(cell) {
                State::Invalid(Reason::TestValue)
            } else {
                State::Invalid(Reason::WrongForm)
            }
        }
        Kind::Address => {
            if is_address(cell) {
                State::Valid
            } else if is_masked(cell) && cell.chars().count() >= 4 && !cell.is_ascii() {
                State::Masked
            } else {
                State::Invalid(Reason::WrongForm)
            }
        }
        _ => match detector.scanner.check_cell(kind, cell) {
            State::Invalid(_) if is_masked(cell) => State::Masked,
            state => state,
        },
    }
}

/// Words of Latin letters as names are written: two to four, each beginning with a capital.
fn is_latin_name(cell: &str) -> bool {
    let words = cell.split([' ', ',']).filter(|word| !word.is_empty());
    let count = words.clone().count();
    (2..=4).contains(&count)
        && words.clone().all(|word| {
            word.starts_with(|c: char| c.is_ascii_uppercase())
                && word.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '-' | '.' | '\''))
        })
}

/// A Chinese name in Latin letters: two or three words, the first or last a usual surname (Wang Jianguo).
fn is_pinyin_name(detector: &Detector, cell: &str) -> bool {
    let mut words = cell.split([' ', ',']).filter(|word| !word.is_empty());
    let (Some(first), Some(last)) = (words.clone().next(), words.next_back()) else { return false };
    cell.len() <= 30
        && words.clone().count() >= 1
        && is_latin_name(cell)
        && (detector.names.is_latin_surname(first) || detector.names.is_latin_surname(last))
}

pub(crate) fn says_something<'a>(cells: &'a [&'a str]) -> impl Iterator<Item = &'a str> + Clone {
    cells.iter().map(|cell| cell.trim()).filter(|cell| !cell.is_empty() && !is_placeholder(cell))
}

/// Kinds that values alone can show, the surest first, each with the share of valid cells (per cent) and the
/// number of cells that it takes.
///
/// A check digit of one in ten passes by chance, so kinds that are digits and a check digit ask for nearly
/// the whole column; an identity number also carries a place and a date.
const BY_VALUE: &[(Kind, usize, usize)] = &[
    (Kind::CnId, 50, 1),
    (Kind::Email, 50, 1),
    (Kind::Phone, 60, 1),
    (Kind::Imei, 90, 3),
    (Kind::BankCard, 75, 2),
    (Kind::Plate, 70, 2),
    (Kind::Mac, 80, 2),
    (Kind::Ip, 90, 3),
    (Kind::Vin, 80, 2),
    (Kind::Uscc, 80, 2),
    (Kind::Address, 70, 1),
];

/// The kind that the values show by themselves.
pub(crate) fn kind_by_values(detector: &Detector, cells: &[&str]) -> Option<Kind> {
    for (kind, percent, cells_min) in BY_VALUE {
        let fit = fit(detector, *kind, cells);
        if fit.cells >= *cells_min && fit.valid > 0 && fit.valid_percent() >= *percent {
            return Some(*kind);
        }
    }
    is_names(detector, cells).then_some(Kind::Person).or_else(|| is_sexes(cells).then_some(Kind::Sex))
}

/// Whether a column without head holds names: usual surnames, fitting forms, and not the same few words.
fn is_names(detector: &Detector, cells: &[&str]) -> bool {
    let fit = fit(detector, Kind::Person, cells);
    if fit.cells == 0 || fit.valid_percent() < 70 {
        return false;
    }
    let distinct: BTreeSet<&str> = says_something(cells).collect();
    distinct.len() * 5 >= fit.cells
}

/// Whether a column without head holds 男 and 女 and nothing else.
fn is_sexes(cells: &[&str]) -> bool {
    let cells: BTreeSet<&str> = says_something(cells).collect();
    !cells.is_empty() && cells.iter().all(|cell| matches!(*cell, "男" | "女" | "男性" | "女性"))
}

/// Whether every cell is a number, a date or a code that no text stands in: nothing to read there.
pub(crate) fn is_bare_numbers(cells: &[&str]) -> bool {
    says_something(cells).all(|cell| {
        cell.bytes().all(|b| {
            b.is_ascii_digit() || matches!(b, b'.' | b':' | b'-' | b'/' | b' ' | b'+' | b'T' | b'Z' | b',')
        })
    })
}

/// Whether every cell is one code without a blank (SKU-A-001, a hash, a UUID).
pub(crate) fn is_codes(cells: &[&str]) -> bool {
    says_something(cells).all(|cell| {
        cell.bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':' | b'/' | b'+' | b'='))
            && !cell.contains("://")
    })
}
