//! The generated pages under `docs/generated/`.

use anyhow::{Context, ensure};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// Writes every page.
pub(crate) fn write(root: &Path) -> anyhow::Result<()> {
    for (name, text) in pages()? {
        let path = root.join("docs/generated").join(name);
        fs::create_dir_all(path.parent().context("a page stands in a folder")?)?;
        fs::write(&path, text)?;
    }
    Ok(())
}

/// Fails when a page differs from what its source says.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    for (name, text) in pages()? {
        let path = root.join("docs/generated").join(&name);
        let found = fs::read_to_string(&path).unwrap_or_default();
        ensure!(found == text, "`docs/generated/{name}` is stale: run `cargo xtask docs`");
    }
    Ok(())
}

fn pages() -> anyhow::Result<Vec<(String, String)>> {
    Ok(vec![("kinds.md".to_owned(), kinds()?)])
}
fn kinds() -> anyhow::Result<String> {
    Ok(String::new())
}
