//! What all tests of the crate share, and the examples of the kinds.

use super::*;
use std::sync::OnceLock;
use zhunsheng_model::{CellBuffer, Kind, Place, Reason, State};
use zhunsheng_rules::FoundBy;

/// The detector by the embedded rules, built once for all tests.
pub(crate) fn detector() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(|| Detector::new(Rules::embedded(), Date::parse("2024-06-01").unwrap()).unwrap())
}

/// An identity number with a right check digit.
pub(crate) fn id(place: &str, birth: &str, order: u32) -> String {
    let body = format!("{place}{birth}{order:03}");
    let check = crate::check::mod_11_2(body.as_bytes()).unwrap();
    format!("{body}{}", char::from(check))
}

/// A mobile number of an allocated segment.
pub(crate) fn phone(number: u32) -> String {
    format!("1391234{number:04}")
}

/// A bank card with a known BIN and a right check digit.
pub(crate) fn card(number: u32) -> String {
    let body = format!("622202{:012}", 3_602_000_000_u64 + u64::from(number));
    (0..10).map(|check| format!("{body}{check}")).find(|card| crate::check::luhn(card.as_bytes())).unwrap()
}

/// The examples of the kinds that only columns and cues find; the scanner's own tests read the others.
#[test]
fn the_examples_of_the_kinds_come_out() {
    let mut wrong = Vec::new();
    let mut read = 0;
    for rule in Rules::embedded().kinds() {
        for example in &rule.examples {
            let (found, states) = if !example.header.is_empty() {
                cell_example(rule.kind, &example.header, &example.cell)
            } else if rule.found_by.iter().all(|by| matches!(by, FoundBy::Cue | FoundBy::Column)) {
                text_example(rule.kind, &example.text)
            } else {
                continue;
            };
            read += 1;
            let reason_given = example.reason.as_ref().is_none_or(|reason| states.contains(reason));
            if found != example.find || !reason_given {
                wrong.push(format!(
                    "{} {}{} {}: {found:?} {states:?}",
                    rule.id, example.text, example.header, example.cell
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(read > 70, "{read}");
}

fn cell_example(kind: Kind, head: &str, cell: &str) -> (Vec<String>, Vec<String>) {
    // A second column names somebody: attributes belong to a person.
    let mut cells = CellBuffer::default();
    cells.push_cell(cell);
    cells.push_cell("11010119900307299X");
    cells.end_row();
    let fragment = TableFragment {
        place: Arc::new(Place::file("t")),
        table: 0,
        names: Some([head.to_owned(), "居民身份证号码".to_owned()].into()),
        first_row: 1,
        cells,
        origin: None,
    };
    let findings = detector().table(&fragment, &detector().plan(&fragment));
    let own = findings.mentions.iter().filter(|mention| mention.locus.column == 1 && mention.kind == kind);
    let values =
        own.clone().filter(|mention| mention.state == State::Valid).map(|m| findings.text(m.raw).to_owned());
    (values.collect(), own.map(|mention| word(mention.state)).collect())
}

fn text_example(kind: Kind, text: &str) -> (Vec<String>, Vec<String>) {
    let fragment = TextFragment {
        place: Arc::new(Place::file("t")),
        text: text.to_owned(),
        shape: zhunsheng_model::TextShape::Prose,
        segments: Vec::new(),
        origin: None,
    };
    let findings = detector().text(&fragment);
    let own = findings.mentions.iter().filter(|mention| mention.kind == kind);
    let values =
        own.clone().filter(|mention| mention.state == State::Valid).map(|m| findings.text(m.raw).to_owned());
    (values.collect(), own.map(|mention| word(mention.state)).collect())
}

fn word(state: State) -> String {
    match state {
        State::Valid => "valid",
        State::Invalid(reason) => Reason::as_str(reason),
        State::Masked => "masked",
        State::Placeholder => "placeholder",
    }
    .to_owned()
}
