//! Checks over the whole tree: walls between crates, licences, words, format, lints.

use anyhow::{Context, bail, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;

/// Which crates of ours each crate may know: the walls of ARCHITECTURE.md.
const WALLS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("rules", &["model"]),
    ("law", &["model"]),
    ("ask", &["model", "rules", "law"]),
    ("source", &["model"]),
    ("detect", &["model", "rules", "tagger"]),
    ("count", &["model", "rules"]),
    ("report", &["model", "rules"]),
    ("engine", &["model", "rules", "source", "detect", "deep", "count", "report", "evidence"]),
    (
        "cli",
        &[
            "model", "rules", "law", "ask", "source", "detect", "deep", "count", "report", "engine",
            "evidence", "verify", "judge", "record", "protect", "rewrite",
        ],
    ),
    ("protect", &["model", "rules"]),
    ("rewrite", &["model", "rules", "source", "detect", "protect"]),
    ("testkit", &["model"]),
    ("verify", &[]),
    ("evidence", &["model", "rules", "verify"]),
    ("tagger", &["model", "rules"]),
    ("deep", &["model", "rules", "tagger"]),
    ("judge", &["model", "rules", "law"]),
    ("record", &["model", "judge"]),
    ("train", &["model", "rules", "tagger", "deep"]),
];

/// Licences that a dependency may have, alone or as one branch of an `OR`.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Fails when a crate depends on one it must not know (development dependencies may use `testkit`).
pub(crate) fn walls(root: &Path) -> anyhow::Result<()> {
    let mut seen = 0;
    for entry in fs::read_dir(root.join("crates"))? {
        let path = entry?.path();
        let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_owned();
        let allowed = WALLS
            .iter()
            .find(|(crate_name, _)| *crate_name == name)
            .with_context(|| format!("`crates/{name}` has no line in the table of walls"))?
            .1;
        let manifest: toml::Table = fs::read_to_string(path.join("Cargo.toml"))?.parse()?;
        for (section, extra) in [("dependencies", ""), ("dev-dependencies", "testkit")] {
            let Some(table) = manifest.get(section).and_then(|t| t.as_table()) else { continue };
            for dependency in table.keys().filter_map(|key| key.strip_prefix("zhunsheng-")) {
                ensure!(
                    allowed.contains(&dependency) || (!extra.is_empty() && dependency == extra),
                    "`{name}` must not know `{dependency}` ({section})"
                );
            }
        }
        seen += 1;
    }
    ensure!(seen == WALLS.len(), "the table of walls has {} lines for {seen} crates", WALLS.len());
    Ok(())
}

/// Fails when a package in the lock file has a licence that is not allowed.
pub(crate) fn licences(root: &Path) -> anyhow::Result<()> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(root)
        .output()?;
    ensure!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout)?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists packages")?;
    ensure!(packages.len() > 10, "cargo metadata lists {} packages only", packages.len());
    let bad: Vec<String> = packages
        .iter()
        .filter(|package| !allowed(package["license"].as_str().unwrap_or("")))
        .map(|package| format!("{} {}: {}", package["name"], package["version"], package["license"]))
        .collect();
    ensure!(bad.is_empty(), "licences not allowed:\n{}", bad.join("\n"));
    Ok(())
}

/// Whether an SPDX expression can be met with allowed licences: every `AND` part by one of its `OR` parts.
fn allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| {
        part.split(" OR ").any(|licence| LICENCES.contains(&licence.trim_matches(['(', ')', ' '])))
    })
}

/// Fails when a committed text names a path of somebody's machine or an unfinished part.
pub(crate) fn words(root: &Path) -> anyhow::Result<()> {
    let output = Command::new("git").args(["ls-files", "-z"]).current_dir(root).output()?;
    if !output.status.success() {
        eprintln_skip("words: not a git checkout, skipped");
        return Ok(());
    }
    // Built from parts, so that this file does not find itself.
    let forbidden = [["/wo", "rk/"].concat(), ["../sha", "red"].concat(), ["todo", "!("].concat()];
    let mut found = Vec::new();
    for file in String::from_utf8(output.stdout)?.split('\0').filter(|name| !name.is_empty()) {
        let text = ["rs", "md", "toml", "sh", "html", "json", "yml"];
        if !text.iter().any(|ending| file.ends_with(&format!(".{ending}"))) || file.starts_with("samples/") {
            continue;
        }
        let Ok(content) = fs::read_to_string(root.join(file)) else { continue };
        for (number, line) in content.lines().enumerate() {
            if forbidden.iter().any(|word| line.contains(word.as_str())) {
                found.push(format!("{file}:{}: {}", number + 1, line.trim()));
            }
        }
    }
    ensure!(found.is_empty(), "words that do not belong here:\n{}", found.join("\n"));
    Ok(())
}

#[expect(clippy::print_stderr, reason = "a check that is skipped says so")]
fn eprintln_skip(message: &str) {
    eprintln!("{message}");
}

/// `cargo fmt --check`.
pub(crate) fn format(root: &Path) -> anyhow::Result<()> {
    cargo(root, &["fmt", "--all", "--check"])
}

/// `cargo clippy` with warnings as errors.
pub(crate) fn lints(root: &Path) -> anyhow::Result<()> {
    cargo(root, &["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "-D", "warnings"])
}

fn cargo(root: &Path, arguments: &[&str]) -> anyhow::Result<()> {
    let output = Command::new(env!("CARGO")).args(arguments).current_dir(root).output()?;
    if output.status.success() {
        return Ok(());
    }
    bail!(
        "cargo {} failed (rustfmt and clippy come with `rustup component add rustfmt clippy`):\n{}{}",
        arguments.join(" "),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[cfg(test)]
mod tests {
    use super::allowed;

    #[test]
    fn an_expression_is_met_by_one_branch_of_each_part() {
        for good in ["MIT", "MIT OR GPL-3.0", "Apache-2.0/MIT", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(allowed(good), "{good}");
        }
        for bad in ["", "GPL-3.0", "MIT AND GPL-3.0", "(GPL-2.0 OR GPL-3.0) AND MIT"] {
            assert!(!allowed(bad), "{bad}");
        }
    }
}
