//! Tasks of the workspace: `cargo xtask docs` writes `docs/generated/`, `cargo xtask tidy` runs the checks.
//!
//! Each check is also a test of this package, so that `cargo test --workspace` alone checks everything.

mod docs;
mod tidy;

use anyhow::{Context, bail};
use std::path::{Path, PathBuf};

fn main() -> anyhow::Result<()> {
    let root = root()?;
    match std::env::args().nth(1).as_deref() {
        Some("docs") => docs::write(&root),
        Some("tidy") => {
            tidy::walls(&root)?;
            tidy::licences(&root)?;
            tidy::words(&root)?;
            tidy::format(&root)?;
            tidy::lints(&root)?;
            docs::check(&root)
        }
        other => bail!("cargo xtask docs | tidy, not `{}`", other.unwrap_or("")),
    }
}

/// The root of the workspace.
fn root() -> anyhow::Result<PathBuf> {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    Ok(here.parent().context("xtask stands in the workspace")?.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crates_keep_to_their_walls() {
        tidy::walls(&root().unwrap()).unwrap();
    }

    #[test]
    fn every_dependency_has_an_allowed_licence() {
        tidy::licences(&root().unwrap()).unwrap();
    }

    #[test]
    fn the_project_speaks_of_itself_alone() {
        tidy::words(&root().unwrap()).unwrap();
    }

    #[test]
    fn the_code_is_formatted() {
        tidy::format(&root().unwrap()).unwrap();
    }

    #[test]
    fn the_code_has_no_lint_warnings() {
        tidy::lints(&root().unwrap()).unwrap();
    }

    #[test]
    fn generated_pages_are_fresh() {
        docs::check(&root().unwrap()).unwrap();
    }
}
