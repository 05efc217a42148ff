//! Writes every form of report of a made-up inventory to a folder, to look at:
//! `cargo run -p zhunsheng-report --example render -- FOLDER`.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "a program for the person who looks"
)]

#[path = "../tests/it/sample.rs"]
mod sample;

use std::path::Path;
use zhunsheng_report::{Language, html, json, terminal, workbook};

fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| "target/report".to_owned());
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    let (inventory, view, rules) = (sample::inventory(), sample::view(), sample::rules());
    std::fs::write(folder.join("inventory.json"), json::inventory(&inventory).unwrap()).unwrap();
    for language in Language::ALL {
        let tag = language.tag();
        let page = html::report(&inventory, &view, *language, &rules);
        std::fs::write(folder.join(format!("report-{tag}.html")), page).unwrap();
        let book = workbook::xlsx(&inventory, &view, *language).unwrap();
        std::fs::write(folder.join(format!("report-{tag}.xlsx")), book).unwrap();
        println!("{}", terminal::summary(&inventory, &view, 96, false, *language));
    }
}
