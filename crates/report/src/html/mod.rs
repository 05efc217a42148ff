//! `report.html`: one file that needs no network, reads on screens light and dark, and prints on A4.
//!
//! A content security policy forbids every request and every script and style but the two in the file, which
//! it names by their hashes. Without script everything is there; with it tables sort and filter.

mod charts;
mod markup;

use crate::tables::{self, Table};
use crate::texts::{Text, fill, semicolon};
use crate::view::{ReportRules, View};
use crate::words::{self, printable};
use crate::{Language, number};
use markup::{base64, escaped, put, table};
use sha2::{Digest, Sha256};
use std::fmt::Write;
use zhunsheng_model::{Answer, Basis, Inventory};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The whole page.
pub fn report(inventory: &Inventory, view: &View, language: Language, rules: &ReportRules) -> String {
    let mut out = String::with_capacity(256 << 10);
    head(&mut out, language);
    put!(
        out,
        "<body data-filter=\"{}\" data-sort=\"{}\">\n",
        escaped(Text::FilterHint.of(language)),
        escaped(Text::SortHint.of(language))
    );
    masthead(&mut out, inventory, view, language);
    out.push_str("<main>\n");
    key_figures(&mut out, inventory, language);
    law(&mut out, inventory, language);
    people(&mut out, inventory, language);
    found(&mut out, inventory, language);
    sources(&mut out, inventory, view, language);
    grounds(&mut out, inventory, rules, language);
    out.push_str("</main>\n");
    put!(
        out,
        "<footer><p>{}</p><p>{} {} · {}</p></footer>\n",
        escaped(Text::NoRawValue.of(language)),
        escaped(Text::Product.of(language)),
        escaped(&printable(&view.tool_version)),
        escaped(&inventory.schema_version)
    );
    put!(out, "<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn head(out: &mut String, language: Language) {
    let hash = |text: &str| base64(&Sha256::digest(text.as_bytes()));
    put!(
        out,
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'sha256-{}'; \
         script-src 'sha256-{}'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{}</title>\n<style>{STYLE}</style>\n</head>\n",
        language.tag(),
        hash(STYLE),
        hash(SCRIPT),
        escaped(Text::Title.of(language)),
    );
}

fn masthead(out: &mut String, inventory: &Inventory, view: &View, language: Language) {
    let input = &inventory.input;
    let inputs: Vec<String> = view.inputs.iter().map(|input| printable(input)).collect();
    let counts = fill(
        Text::InputFiles.of(language),
        &[&number::grouped(input.files), &number::bytes(input.bytes), &number::grouped(input.files_inside)],
    );
    put!(out, "<header>\n<h1>{}</h1>\n<dl>\n", escaped(Text::Title.of(language)));
    for (label, value, class) in [
        (Text::InputLine, inputs.join(semicolon(language)), ""),
        (Text::FilesTitle, counts, ""),
        (Text::ReferenceDate, inventory.pipl.reference_date.clone(), ""),
        (Text::ManifestHash, input.sha256_of_manifest.clone(), " class=\"mono\""),
        (Text::RulesHash, inventory.rules_sha256.clone(), " class=\"mono\""),
        (Text::ToolVersion, view.tool_version.clone(), ""),
        (Text::CommandLine, view.command.clone(), " class=\"mono\""),
    ] {
        let value = if value.is_empty() { Text::NotGiven.of(language).to_owned() } else { printable(&value) };
        put!(out, "<div><dt>{}</dt><dd{class}>{}</dd></div>\n", escaped(label.of(language)), escaped(&value));
    }
    put!(
        out,
        "</dl>\n<p class=\"banner\" role=\"note\">{}</p>\n</header>\n",
        escaped(&tables::review(inventory, language))
    );
}

fn section(out: &mut String, id: &str, title: &str) {
    put!(out, "<section id=\"s-{id}\">\n<h2>{}</h2>\n", escaped(title));
}

fn note(out: &mut String, text: &str) {
    put!(out, "<p class=\"note\">{}</p>\n", escaped(text));
}

fn plain_table(out: &mut String, shown: &Table, language: Language) {
    table(out, shown, language, &|_, _| None);
}

fn titled_table(out: &mut String, shown: &Table, language: Language) {
    put!(out, "<h3>{}</h3>\n", escaped(&shown.title));
    plain_table(out, shown, language);
}

fn key_figures(out: &mut String, inventory: &Inventory, language: Language) {
    section(out, "figures", Text::KeyFigures.of(language));
    let counts = &inventory.counts;
    let mut tiles = vec![
        (Text::RecordsAll.of(language).to_owned(), counts.records, false),
        (Text::PersonsAll.of(language).to_owned(), counts.persons, false),
        (Text::SensitivePersons.of(language).to_owned(), counts.sensitive_persons, false),
        (Text::Under14.of(language).to_owned(), counts.under_14, false),
    ];
    for basis in Basis::ALL {
        let label = fill(Text::ItemsBy.of(language), &[words::basis(*basis).of(language)]);
        let chosen = *basis == inventory.criminal.basis;
        tiles.push((label, tables::items_by(&inventory.bases, *basis), chosen));
    }
    out.push_str("<ul class=\"tiles\">\n");
    for (label, value, chosen) in tiles {
        let (class, mark) = if chosen {
            (" class=\"chosen\"", format!("<small>{}</small>", escaped(Text::BasisChosen.of(language))))
        } else {
            ("", String::new())
        };
        put!(
            out,
            "<li{class}><span>{}{mark}</span><b>{}</b></li>\n",
            escaped(&label),
            number::grouped(value)
        );
    }
    out.push_str("</ul>\n</section>\n");
}

fn law(out: &mut String, inventory: &Inventory, language: Language) {
    let criminal = &inventory.criminal;
    section(out, "tiers", Text::TiersTitle.of(language));
    out.push_str("<div class=\"verdicts\">\n");
    for (question, verdict) in
        [(Text::Serious, &criminal.serious), (Text::VerySerious, &criminal.very_serious)]
    {
        let class = match verdict.answer {
            Answer::Yes => "yes",
            Answer::No => "no",
            Answer::Open => "open",
        };
        put!(
            out,
            "<div class=\"{class}\"><h3>{}</h3><b>{}</b><p>{}</p></div>\n",
            escaped(question.of(language)),
            escaped(words::answer(verdict.answer).of(language)),
            escaped(&tables::sentence(verdict, language))
        );
    }
    out.push_str("</div>\n");
    charts::tiers(out, inventory, language);
    let marks = |row: usize, column: usize| {
        let tier = criminal.tiers.get(row).filter(|_| column == 5)?;
        Some(if tier.reached { "reached" } else { "below" })
    };
    table(out, &tables::tiers_chosen(inventory, language), language, &marks);
    put!(
        out,
        "<p class=\"sum\"><b>{}</b> {}</p>\n",
        escaped(Text::Proportion.of(language)),
        escaped(&tables::proportion(inventory, language))
    );
    tables::tier_notes(inventory, language).iter().for_each(|text| note(out, text));
    if let Some((half, notes)) = tables::half(inventory, language) {
        titled_table(out, &half, language);
        notes.iter().for_each(|text| note(out, text));
    }
    titled_table(out, &tables::tiers_by_basis(inventory, language), language);
    let bases = tables::bases(inventory, language);
    put!(out, "<h3>{}</h3>\n", escaped(&bases.title));
    let chosen = |row: usize, _: usize| (Basis::ALL.get(row) == Some(&criminal.basis)).then_some("chosen");
    table(out, &bases, language, &chosen);
    let acts = tables::acts(inventory, language);
    if !acts.rows.is_empty() {
        titled_table(out, &acts, language);
    }
    out.push_str("</section>\n");
}

fn people(out: &mut String, inventory: &Inventory, language: Language) {
    section(out, "people", Text::RecordsAndPersons.of(language));
    out.push_str("<div class=\"pair\"><div>\n");
    titled_table(out, &tables::records(inventory, language), language);
    out.push_str("</div><div>\n");
    titled_table(out, &tables::pipl(inventory, language), language);
    out.push_str("</div></div>\n");
    note(out, &tables::under_14_note(inventory, language));
    put!(out, "<h3>{}</h3>\n", escaped(Text::HistogramTitle.of(language)));
    charts::histogram(out, inventory, language);
    let merges = tables::merges(inventory, language);
    if merges.iter().any(|table| !table.rows.is_empty()) {
        put!(out, "<h3>{}</h3>\n<div class=\"pair\">\n", escaped(Text::MergesTitle.of(language)));
        for merge in merges.iter().filter(|table| !table.rows.is_empty()) {
            put!(out, "<div><h4>{}</h4>\n", escaped(&merge.title));
            plain_table(out, merge, language);
            out.push_str("</div>\n");
        }
        out.push_str("</div>\n");
    }
    out.push_str("</section>\n");
}

fn found(out: &mut String, inventory: &Inventory, language: Language) {
    section(out, "kinds", Text::Kinds.of(language));
    charts::kinds(out, inventory, language);
    plain_table(out, &tables::kinds(inventory, language), language);
    titled_table(out, &tables::rejected(inventory, language), language);
    out.push_str("</section>\n");
}

fn sources(out: &mut String, inventory: &Inventory, view: &View, language: Language) {
    section(out, "files", Text::FilesTitle.of(language));
    put!(out, "<h3>{}</h3>\n", escaped(Text::HeatTitle.of(language)));
    charts::heat(out, inventory, language);
    plain_table(out, &tables::files(inventory, language), language);
    out.push_str("</section>\n");

    let problems = tables::problems(inventory, language);
    section(out, "problems", &problems.title);
    if problems.rows.is_empty() {
        put!(out, "<p>{}</p>\n", escaped(Text::NoProblems.of(language)));
    } else {
        plain_table(out, &problems, language);
    }
    out.push_str("</section>\n");

    let samples = tables::samples(view, language);
    if !samples.rows.is_empty() {
        section(out, "samples", &samples.title);
        note(out, Text::NoRawValue.of(language));
        plain_table(out, &samples, language);
        out.push_str("</section>\n");
    }
}

fn grounds(out: &mut String, inventory: &Inventory, rules: &ReportRules, language: Language) {
    if rules.articles.is_empty() && rules.practice.is_empty() {
        return;
    }
    section(out, "rules", Text::RulesTitle.of(language));
    note(out, &tables::review(inventory, language));
    if !rules.articles.is_empty() {
        note(out, Text::VerbatimHint.of(language));
    }
    for article in &rules.articles {
        put!(
            out,
            "<article lang=\"zh-CN\"><h3>{} <span>{}</span></h3>\n<p class=\"note\" lang=\"{}\">{}</p>\n",
            escaped(&article.title),
            escaped(&article.number),
            language.tag(),
            escaped(&fill(Text::InForceFrom.of(language), &[&article.effective]))
        );
        for paragraph in article.text.lines().filter(|line| !line.trim().is_empty()) {
            put!(out, "<p>{}</p>\n", escaped(paragraph));
        }
        out.push_str("</article>\n");
    }
    if !rules.practice.is_empty() {
        put!(out, "<h3>{}</h3>\n<dl class=\"practice\">\n", escaped(Text::PracticeTitle.of(language)));
        for practice in &rules.practice {
            put!(
                out,
                "<div><dt>{}</dt><dd>{}</dd></div>\n",
                escaped(&practice.case),
                escaped(&practice.rule)
            );
        }
        out.push_str("</dl>\n");
    }
    out.push_str("</section>\n");
}
