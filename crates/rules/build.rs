//! Writes the list of rule files, so that a new file in `rules/` is embedded without a line of code.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let missing = |name| io::Error::other(format!("cargo did not set {name}"));
    let crate_dir =
        PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or_else(|| missing("CARGO_MANIFEST_DIR"))?);
    let out_dir = PathBuf::from(env::var_os("OUT_DIR").ok_or_else(|| missing("OUT_DIR"))?);
    let root = crate_dir.join("../../rules").canonicalize()?;

    let mut files = Vec::new();
    for folder in ["kinds", "law", "lexicon"] {
        let folder_path = root.join(folder);
        println!("cargo::rerun-if-changed={}", folder_path.display());
        for entry in fs::read_dir(&folder_path)? {
            let path = entry?.path();
            if is_rule_file(&path) {
                println!("cargo::rerun-if-changed={}", path.display());
                files.push(path);
            }
        }
    }
    // The order of a directory is the file system's own; the hash over all rule files needs a fixed one.
    files.sort();

    let mut list = String::from("&[\n");
    for path in &files {
        let name = path.strip_prefix(&root).map_err(io::Error::other)?;
        let name = name.to_string_lossy().replace('\\', "/");
        writeln!(list, "    ({name:?}, include_bytes!({:?})),", path.to_string_lossy())
            .map_err(io::Error::other)?;
    }
    list.push_str("]\n");
    fs::write(out_dir.join("files.rs"), list)
}

/// Documentation beside the data is no rule.
fn is_rule_file(path: &Path) -> bool {
    matches!(path.extension().and_then(|e| e.to_str()), Some("toml" | "tsv" | "gz"))
}
