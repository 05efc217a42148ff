//! The committed texts are those of the pack they were taken from, word for word.

use std::path::Path;
use toml::{Table, Value};

/// Parts of a case that are not official texts and are not carried.
const LEFT_OUT: [&str; 2] = ["commentary", "interpretation"];

#[test]
fn texts_equal_the_pack_they_come_from() {
    let Some(pack) = std::env::var_os("ZHUNSHENG_LAW") else {
        eprintln!("SKIPPED: ZHUNSHENG_LAW names no legal data pack, so the texts are not compared with it");
        return;
    };
    let pack = Path::new(&pack);
    let rules = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules"));
    let mut compared = 0;
    for file in names(&pack.join("statutes")) {
        let theirs = read(&pack.join("statutes").join(&file));
        let own = rules.join("statutes").join(&file);
        let ours = read(&if own.exists() { own } else { rules.join("law").join(&file) });
        for key in [
            "slug",
            "title",
            "effective",
            "effective_until",
            "status",
            "article",
            "annex",
            "quotation",
            "history",
        ] {
            assert_eq!(ours.get(key), theirs.get(key), "{file} {key}");
        }
        compared += 1;
    }
    for file in names(&pack.join("statutes/history")) {
        let path = Path::new("statutes/history").join(&file);
        assert_eq!(read(&rules.join(&path)), read(&pack.join(&path)), "{file}");
        compared += 1;
    }
    for file in names(&pack.join("cases")) {
        // A general comment without a case.
        if file == "spp-2026-0.toml" {
            continue;
        }
        let (ours, mut theirs) =
            (read(&rules.join("cases").join(&file)), read(&pack.join("cases").join(&file)));
        if let Some(Value::Table(text)) = theirs.get_mut("text") {
            text.retain(|key, _| !LEFT_OUT.contains(&key));
        }
        for key in ["id", "title", "text", "cite", "measure", "outcome", "dates", "case_numbers"] {
            assert_eq!(ours.get(key), theirs.get(key), "{file} {key}");
        }
        compared += 1;
    }
    for (file, key) in [
        ("children-pi-requirements", "requirement"),
        ("necessary-pi-by-app-type", "app_type"),
        ("numeric-thresholds", "threshold"),
        ("sensitive-pi", "category"),
    ] {
        let path = format!("facts/{file}.toml");
        assert_eq!(read(&rules.join(&path))[key], read(&pack.join(&path))[key], "{file}");
        compared += 1;
    }
    assert_eq!(
        read(&rules.join("facts/statistics.toml"))["stat"],
        read(&pack.join("statistics.toml"))["stat"]
    );
    assert_eq!(compared, 59 + 5 + 32 + 4);
}

fn names(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".toml")).collect();
    names.sort();
    names
}

fn read(path: &Path) -> Table {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).parse().unwrap()
}
