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
    let set = zhunsheng_judge::embedded();
    let mut schema = serde_json::to_string_pretty(&zhunsheng_judge::docs::facts_schema(&set.schema))?;
    schema.push('\n');
    Ok(vec![
        ("kinds.md".to_owned(), kinds()?),
        ("facts.md".to_owned(), zhunsheng_judge::docs::facts_page(set)),
        (
            "rules.md".to_owned(),
            zhunsheng_judge::docs::rules_page(set, zhunsheng_judge::LawTexts::embedded()),
        ),
        ("facts.v1.schema.json".to_owned(), schema),
    ])
}

/// One row a kind, and a section with its examples.
fn kinds() -> anyhow::Result<String> {
    let rules = Rules::embedded();
    let mut page = String::from(
        "# Kinds (种类)\n\n\
         Written from `rules/kinds/` by `cargo xtask docs`.\n\
         The tier is the item of 法释〔2017〕10号 article 5 ¶1 by the stricter reading; all rules are `unreviewed`.\n\n\
         | id | 名称 | name | tier | PIPL art. 28 | found by |\n|---|---|---|---|---|---|\n",
    );
    for kind in Kind::ALL {
        let rule = rules.kind(*kind);
        let tier = rule.tier.map_or("–".to_owned(), |tier| tier.item().to_string());
        let tier = match rule.tier_lenient {
            lenient if lenient == rule.tier => tier,
            Some(lenient) => format!("{tier} (lenient {})", lenient.item()),
            None => format!("{tier} (lenient –)"),
        };
        let found_by: Vec<String> =
            rule.found_by.iter().map(|way| format!("{way:?}").to_lowercase()).collect();
        writeln!(
            page,
            "| `{}` | {} | {} | {tier} | {} | {} |",
            kind.id(),
            kind.name_zh(),
            kind.name_en(),
            format!("{:?}", rule.sensitive).to_lowercase(),
            found_by.join(", ")
        )?;
    }
    for kind in Kind::ALL {
        let rule = rules.kind(*kind);
        writeln!(page, "\n## {} {}\n", kind.id(), kind.name_zh())?;
        if !rule.basis.is_empty() {
            writeln!(page, "Basis: {}.", rule.basis.join("; "))?;
        }
        if !rule.note.is_empty() {
            writeln!(page, "{}", rule.note.trim())?;
        }
    }
    Ok(page)
}
