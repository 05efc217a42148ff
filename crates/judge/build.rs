//! Writes the lists of rule, fact and case files, so that a new file in `rules/judge/` is embedded without a line of
//! code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let missing = |name| io::Error::other(format!("cargo did not set {name}"));
    let crate_dir =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let root = crate_dir.join("../../rules/judge").canonicalize()?;
    let mut text = String::new();
    for (name, folder, ending) in
        [("FACTS", "facts", "toml"), ("RULES", "rules", "md"), ("CASES", "cases", "toml")]
    {
        list(&mut text, name, &root.join(folder), ending)?;
    }
    fs::write(out_dir.join("embedded.rs"), text)?;
    fs::write(out_dir.join("facts.json"), pack(&root.join("facts"))?)
}

/// Every fact with its file and the line it begins in. A file that cannot be read as TOML is left out here: the
/// crate's tests read the files themselves and name the mistake.
fn pack(folder: &Path) -> io::Result<String> {
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?.iter().map(|e| e.path()).collect();
    files.retain(|path| path.extension().is_some_and(|found| found == "toml"));
    files.sort();
    let mut packed = Vec::new();
    for path in &files {
        let text = fs::read_to_string(path)?;
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let mut lines =
            text.lines().zip(1_u32..).filter(|(line, _)| line.trim() == "[[fact]]").map(|(_, at)| at);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        for fact in table.get("fact").and_then(toml::Value::as_array).into_iter().flatten() {
            packed.push(serde_json::json!({
                "file": format!("facts/{name}"),
                "line": lines.next().unwrap_or_default(),
                "fact": fact,
            }));
        }
    }
    serde_json::to_string(&packed).map_err(io::Error::other)
}

fn list(text: &mut String, name: &str, folder: &Path, ending: &str) -> io::Result<()> {
    println!("cargo::rerun-if-changed={}", folder.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            println!("cargo::rerun-if-changed={}", path.display());
            files.push(path);
        }
    }
    // The order of a directory is the file system's own.
    files.sort();
    let add = |text: &mut String, line: &str| writeln!(text, "{line}").map_err(io::Error::other);
    add(text, &format!("static {name}: &[(&str, &str)] = &["))?;
    let parent = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    for path in &files {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        let shown = format!("{parent}/{file}");
        add(text, &format!("    ({shown:?}, include_str!({:?})),", path.to_string_lossy()))?;
    }
    add(text, "];")
}
