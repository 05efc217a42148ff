//! Packs the law files of `rules/` into one file of compressed parts that the program embeds.
//!
//! A part is read when it is first needed: a run that needs one statute unpacks one statute.
//! The names of natural persons in case texts are replaced here by the masked forms that each case file
//! states, so that the program holds none of them.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::{env, fs};

/// The one statute that stands with the counting rules, which read it too.
const INTERPRETATION: &str = "law/fashi-2017-10.toml";

fn main() -> io::Result<()> {
    let missing = |name| io::Error::other(format!("cargo did not set {name}"));
    let crate_dir =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let root = crate_dir.join("../../rules").canonicalize()?;

    let mut parts: BTreeMap<String, Value> = BTreeMap::new();
    let mut heads = Vec::new();
    let interpretation = root.join(INTERPRETATION);
    println!("cargo::rerun-if-changed={}", interpretation.display());
    let mut files = toml_files(&root.join("statutes"))?;
    files.push(interpretation);
    let mut names = json!({});
    for file in files {
        let mut table = read(&file)?;
        if file.file_name().is_some_and(|name| name == "names.toml") {
            names = Value::Object(table);
            continue;
        }
        let mut body = Map::new();
        for (key, name) in [
            ("article", "articles"),
            ("annex", "annexes"),
            ("quotation", "quotations"),
            ("history", "amendments"),
        ] {
            body.insert(name.to_owned(), table.remove(key).unwrap_or_else(|| json!([])));
        }
        let slug = table.get("slug").and_then(Value::as_str).unwrap_or_default().to_owned();
        parts.insert(format!("statute/{slug}"), Value::Object(body));
        heads.push(Value::Object(table));
    }
    heads.sort_by(|a, b| a["slug"].as_str().cmp(&b["slug"].as_str()));
    parts.insert("statutes".to_owned(), Value::Array(heads));
    parts.insert("names".to_owned(), names);

    let mut histories = Vec::new();
    for file in toml_files(&root.join("statutes/history"))? {
        histories.push(Value::Object(read(&file)?));
    }
    parts.insert("histories".to_owned(), Value::Array(histories));

    let mut cases = Vec::new();
    for file in toml_files(&root.join("cases"))? {
        cases.push(masked(read(&file)?));
    }
    parts.insert("cases".to_owned(), Value::Array(cases));

    for file in toml_files(&root.join("facts"))? {
        let name = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        parts.insert(format!("facts/{name}"), Value::Object(read(&file)?));
    }
    fs::write(out_dir.join("law.bin"), pack(&parts)?)
}

/// The TOML files of a folder, sorted: the order of a directory is the file system's own.
fn toml_files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "toml") {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> io::Result<Map<String, Value>> {
    let wrong = |detail: String| io::Error::other(format!("{}: {detail}", path.display()));
    let table: toml::Table = fs::read_to_string(path)?.parse().map_err(|e| wrong(format!("{e}")))?;
    match serde_json::to_value(table) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(wrong("not a table".to_owned())),
        Err(e) => Err(wrong(e.to_string())),
    }
}

/// The case with every name that it lists replaced by the form that is shown.
fn masked(mut case: Map<String, Value>) -> Value {
    let mut masks: Vec<(String, String)> = Vec::new();
    for mask in case.remove("mask").as_ref().and_then(Value::as_array).into_iter().flatten() {
        if let (Some(name), Some(shown)) = (mask["name"].as_str(), mask["shown"].as_str()) {
            masks.push((name.to_owned(), shown.to_owned()));
        }
    }
    // A name that begins with another one goes first.
    masks.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut case = Value::Object(case);
    replace(&mut case, &masks);
    case
}

fn replace(value: &mut Value, masks: &[(String, String)]) {
    match value {
        Value::String(text) => {
            for (name, shown) in masks {
                if text.contains(name.as_str()) {
                    *text = text.replace(name.as_str(), shown);
                }
            }
        }
        Value::Array(values) => values.iter_mut().for_each(|value| replace(value, masks)),
        Value::Object(values) => values.values_mut().for_each(|value| replace(value, masks)),
        _ => {}
    }
}

/// Number of parts; then for each its name, its packed length and its plain length; then the packed parts.
///
/// Numbers are four bytes, little end first; a name is preceded by its length.
fn pack(parts: &BTreeMap<String, Value>) -> io::Result<Vec<u8>> {
    let number = |n: usize| u32::try_from(n).map(u32::to_le_bytes).map_err(io::Error::other);
    let mut head = number(parts.len())?.to_vec();
    let mut packed = Vec::new();
    for (name, value) in parts {
        let plain = serde_json::to_vec(value)?;
        let mut encoder = flate2::write::DeflateEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(&plain)?;
        let part = encoder.finish()?;
        head.extend(number(name.len())?);
        head.extend(name.as_bytes());
        head.extend(number(part.len())?);
        head.extend(number(plain.len())?);
        packed.extend(part);
    }
    head.extend(packed);
    Ok(head)
}
