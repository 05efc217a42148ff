//! The workbook.

use crate::sample;
use std::io::Read;
use zhunsheng_report::{Language, workbook};

/// The text of one member of the workbook.
pub(crate) fn member(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

fn sheets(bytes: &[u8]) -> Vec<String> {
    (1..=13).map(|number| member(bytes, &format!("xl/worksheets/sheet{number}.xml"))).collect()
}

#[test]
fn the_bytes_are_the_same_each_time_and_hold_no_time_of_writing() {
    let make = || workbook::xlsx(&sample::inventory(), &sample::view(), Language::Zh).unwrap();
    assert_eq!(make(), make());
    let core = member(&make(), "docProps/core.xml");
    assert!(core.contains("2000-01-01T00:00:00Z"));
    assert_eq!(core.matches("T00:00:00Z").count(), 2, "created and modified");
}

#[test]
fn there_is_a_sheet_for_each_table_with_filter_and_frozen_head() {
    for language in Language::ALL {
        let bytes = workbook::xlsx(&sample::inventory(), &sample::view(), *language).unwrap();
        let names = member(&bytes, "xl/workbook.xml");
        assert_eq!(names.matches("<sheet ").count(), 13);
        for sheet in &sheets(&bytes)[1..] {
            assert!(sheet.contains("<autoFilter ") && sheet.contains("state=\"frozen\""));
        }
    }
}

#[test]
fn numbers_are_numbers_and_texts_from_outside_never_formulas_or_links() {
    let mut inventory = sample::inventory();
    let names = ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "https://example.com/", "{=1}"];
    for (file, name) in inventory.files.iter_mut().zip(names) {
        file.file = name.to_owned();
    }
    let bytes = workbook::xlsx(&inventory, &sample::view(), Language::Zh).unwrap();
    for sheet in sheets(&bytes) {
        assert!(!sheet.contains("<f>") && !sheet.contains("<f ") && !sheet.contains("<hyperlink"));
    }
    let texts = member(&bytes, "xl/sharedStrings.xml");
    assert!(texts.contains(">=1+1<") && texts.contains(">@SUM(A1)<"));
    let kinds = &sheets(&bytes)[1];
    assert!(kinds.contains("<v>61204</v>"));
}

#[test]
fn a_number_that_excel_cannot_hold_stands_as_text() {
    let mut inventory = sample::inventory();
    inventory.counts.records = (1 << 53) + 1;
    let bytes = workbook::xlsx(&inventory, &sample::view(), Language::Zh).unwrap();
    assert!(member(&bytes, "xl/sharedStrings.xml").contains("9,007,199,254,740,993"));
}
