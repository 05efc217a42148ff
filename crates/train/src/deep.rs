//! Measures the careful reader, and lets LAC label text.

use crate::accuracy::{SETS, counted, found, memory_kilobytes, part};
use crate::data::{self, Record};
use crate::measure::{Counts, compare};
use anyhow::Context as _;
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::path::{Path, PathBuf};
use std::time::Instant;
use zhunsheng_deep::{Deep, Lac};
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;
use zhunsheng_tagger::{Tagged, Tagger};

/// What is to be reached: set, counted type, least F1 in per cent.
const BARS: &[(&str, &str, f64)] = &[
    ("resume", "PERSON", 98.0),
    ("msra", "PERSON", 85.0),
    ("weibo", "PERSON", 56.0),
    ("cluener", "PERSON", 72.0),
    ("bdci-privacy", "PERSON", 70.0),
    ("msra", "PLACE", 76.0),
    ("cluener", "PLACE", 50.0),
    ("bdci-privacy", "PLACE", 48.0),
];

const HEAD: &str = "# Accuracy of the careful reader

Written by `cargo run --release -p zhunsheng-train -- deep MODEL_DIR`; never edited by hand.

What `--deep` finds: the fast tagger and the LAC model read the same passages, and rules say which is believed where.
Scores are of exact spans, in per cent, on the same sets and in the same way as in [accuracy.md](accuracy.md).
*Fast* is the tagger as it is used without `--deep`; *LAC* is the model alone on every sentence.
";

/// Something that finds spans in a text.
type Reader<'a> = &'a dyn Fn(&str, &mut Vec<Tagged>);

/// Measures the careful reader with the model in `folder` and writes the page at `page`.
///
/// While choices are made (`ZHUNSHENG_DEVELOPMENT`), the parts for development are measured and nothing is
/// written.
pub(crate) fn report(folder: &Path, page: &Path) -> anyhow::Result<()> {
    let development = std::env::var_os("ZHUNSHENG_DEVELOPMENT").is_some();
    let rules = Rules::embedded();
    let start = Instant::now();
    let mut deep = Deep::load(folder, rules)?;
    let loaded = start.elapsed().as_secs_f64();
    if let Some(slack) = std::env::var("ZHUNSHENG_GATE").ok().and_then(|slack| slack.parse().ok()) {
        deep = deep.with_slack(slack);
    }
    let mut out = String::from(HEAD);
    if let Some(kilobytes) = memory_kilobytes() {
        writeln!(
            out,
            "\nReady in {loaded:.1} s, its files checked; peak memory until then {} MiB.",
            kilobytes / 1024
        )?;
    }
    let fast = Tagger::embedded(rules)?;
    let lac = Lac::load(folder)?;
    let careful: Reader<'_> = &|text, spans| deep.tag(text, spans);
    match std::env::var_os("ZHUNSHENG_DETECT").map(PathBuf::from) {
        Some(folder) => {
            let readers =
                [careful, &|text, spans| fast.tag(text, spans), &|text, spans| lac.tag(text, spans)];
            sets(&folder.join("ner"), &fast, readers, development, &mut out)?;
            corpus(&folder.join("corpus"), careful, &mut out)?;
        }
        None => eprintln!("SKIPPED: ZHUNSHENG_DETECT is not set, no labelled set is measured"),
    }
    match std::env::var_os("ZHUNSHENG_LAW") {
        Some(pool) => plain(Path::new(&pool), careful, &mut out)?,
        None => eprintln!("SKIPPED: ZHUNSHENG_LAW is not set, plain text is not measured"),
    }
    if let Some(dense) = std::env::var_os("ZHUNSHENG_DENSE") {
        let text = std::fs::read_to_string(dense)?;
        let text = part(&text, 0, 500_000);
        writeln!(out, "Dense text (rows, logs and prose full of people): {:.0} KB/s.", speed(careful, text))?;
    } else {
        eprintln!("SKIPPED: ZHUNSHENG_DENSE is not set, speed on dense text is not measured");
    }
    if let Some(kilobytes) = memory_kilobytes() {
        writeln!(
            out,
            "\nPeak memory of the process that measured all this, with three readers and a second copy of the model: {} MiB.",
            kilobytes / 1024
        )?;
    }
    out.push_str(include_str!("../data/accuracy-deep-notes.md"));
    println!("{out}");
    if development {
        return Ok(());
    }
    std::fs::write(page, out).with_context(|| format!("cannot write {}", page.display()))
}

/// Prints a record for each line of `files`, with the spans that LAC sees: text to learn from.
///
/// The same files give the same bytes, on any machine.
pub(crate) fn teach(folder: &Path, files: &[&str]) -> anyhow::Result<()> {
    let lac = Lac::load(folder)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    for file in files {
        let reader = BufReader::new(File::open(file).with_context(|| format!("cannot open {file}"))?);
        for line in reader.lines() {
            let text = line.with_context(|| format!("cannot read {file}"))?;
            if text.trim().is_empty() {
                continue;
            }
            let spans: Vec<Value> = find(&|text, spans| lac.tag(text, spans), &text, None)
                .into_iter()
                .map(|(start, end, kind)| json!({"start": start, "end": end, "type": kind}))
                .collect();
            serde_json::to_writer(&mut out, &json!({"text": text, "spans": spans, "source": "lac"}))?;
            out.write_all(b"\n")?;
        }
    }
    out.flush().context("standard output cannot be written")
}

/// Type, start and end in characters of what is found; countries are left out where `without` knows them.
fn find(reader: Reader<'_>, text: &str, without: Option<&Tagger>) -> Vec<(usize, usize, String)> {
    let mut spans: Vec<Tagged> = Vec::new();
    reader(text, &mut spans);
    let ends = text.char_indices().map(|(byte, _)| byte).chain([text.len()]);
    let places: BTreeMap<usize, usize> = ends.enumerate().map(|(i, byte)| (byte, i)).collect();
    let at = |byte: u32| places.get(&(byte as usize)).copied().unwrap_or(0);
    let kept = spans.iter().filter(|span| {
        let word = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        span.kind != Kind::Location || without.is_none_or(|tagger| !tagger.lexicon().is_country(word))
    });
    kept.map(|span| (at(span.start), at(span.end), span.kind.id().to_owned())).collect()
}

fn measure(
    reader: Reader<'_>,
    fast: &Tagger,
    set: &str,
    records: &[Record],
) -> BTreeMap<&'static str, Counts> {
    // These sets do not call a country an address.
    let without = matches!(set, "cluener" | "bdci-privacy").then_some(fast);
    compare(records, |text| find(reader, text, without), |kind| counted(set, kind), found)
}

fn sets(
    folder: &Path,
    fast: &Tagger,
    readers: [Reader<'_>; 3],
    development: bool,
    out: &mut String,
) -> anyhow::Result<()> {
    out.push_str("\n## Labelled sets\n\n| set | type | spans | precision | recall | F1 | overlap | bar | reached | fast F1 | LAC F1 |\n");
    out.push_str("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | --- | ---: | ---: |\n");
    for (set, part) in SETS {
        let part = match (development, *set) {
            (false, _) => part,
            (true, "cluener" | "bdci-privacy") => "train",
            (true, "uner-pud" | "pii-bench-zh" | "pii-bench-zh-chat") => continue,
            (true, _) => "dev",
        };
        let path = folder.join(format!("{set}.{part}.jsonl.gz"));
        if !path.exists() {
            eprintln!("SKIPPED: {} is not there", path.display());
            continue;
        }
        let mut records = data::read(&path)?;
        if development {
            records.truncate(2000);
        }
        let [careful, tagger, lac] = readers.map(|reader| measure(reader, fast, set, &records));
        for (kind, c) in careful.iter().filter(|(_, c)| c.gold > 0) {
            let bar = BARS.iter().find(|(s, k, _)| s == set && k == kind).map(|(_, _, bar)| *bar);
            let reached = bar.map_or("", |bar| if c.f1() >= bar { "yes" } else { "no" });
            let bar = bar.map_or(String::new(), |bar| format!("{bar:.0}"));
            let f1 = |counts: &BTreeMap<&str, Counts>| counts.get(kind).map_or(0.0, Counts::f1);
            writeln!(
                out,
                "| {set} | {kind} | {} | {:.1} | {:.1} | {:.1} | {:.1} | {bar} | {reached} | {:.1} | {:.1} |",
                c.gold,
                c.precision(),
                c.recall(),
                c.f1(),
                c.overlap(),
                f1(&tagger),
                f1(&lac)
            )?;
        }
    }
    out.push_str("\nBar for recall by overlap: MSRA PERSON 94.\n");
    Ok(())
}

/// The prose files of the corpus that are plain text: values by file, as a multiset.
fn corpus(folder: &Path, reader: Reader<'_>, out: &mut String) -> anyhow::Result<()> {
    type Values = BTreeMap<(String, String, String), usize>;
    let truth = folder.join("truth/occurrences.jsonl.gz");
    if !truth.exists() {
        eprintln!("SKIPPED: {} is not there", truth.display());
        return Ok(());
    }
    let mut gold = Values::new();
    let mut files = BTreeSet::new();
    for line in BufReader::new(GzDecoder::new(File::open(&truth)?)).lines() {
        let value: Value = serde_json::from_str(&line?)?;
        let field = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        let (file, kind) = (field("file"), field("type"));
        let prose =
            ["court/", "chat/", "forum/"].iter().any(|f| file.starts_with(f)) && file.ends_with(".txt");
        if prose && matches!(kind.as_str(), "PERSON" | "ADDRESS") {
            files.insert(file.clone());
            if value["valid"].as_bool() == Some(true) {
                *gold.entry((file, kind, field("value"))).or_default() += 1;
            }
        }
    }
    let mut pred = Values::new();
    for file in &files {
        let bytes =
            std::fs::read(folder.join("files").join(file)).with_context(|| format!("cannot read {file}"))?;
        let text = match String::from_utf8(bytes) {
            Ok(text) => text,
            Err(e) => encoding_rs::GB18030.decode(e.as_bytes()).0.into_owned(),
        };
        let mut spans = Vec::new();
        reader(&text, &mut spans);
        for span in spans {
            let word = text.get(span.start as usize..span.end as usize).unwrap_or_default();
            if matches!(span.kind, Kind::Person | Kind::Address) && !word.contains('某') {
                *pred.entry((file.clone(), span.kind.id().to_owned(), word.to_owned())).or_default() += 1;
            }
        }
    }
    out.push_str("\n## Prose files of the synthetic corpus\n\nPlain-text judgments, a chat and a forum; values compared file by file. Bar: F1 97.\n\n| type | values | precision | recall | F1 |\n| --- | ---: | ---: | ---: | ---: |\n");
    for kind in ["PERSON", "ADDRESS"] {
        let of = |values: &Values| values.iter().filter(|(k, _)| k.1 == kind).map(|(_, n)| n).sum();
        let both = gold.iter().filter(|(k, _)| k.1 == kind);
        let right = both.map(|(k, n)| *n.min(pred.get(k).unwrap_or(&0))).sum();
        let c = Counts { gold: of(&gold), found: of(&pred), right, touched: 0 };
        writeln!(out, "| {kind} | {} | {:.1} | {:.1} | {:.1} |", c.gold, c.precision(), c.recall(), c.f1())?;
        if std::env::var_os("ZHUNSHENG_SHOW").is_some() {
            for (key, n) in pred.iter().filter(|(k, n)| k.1 == kind && gold.get(*k).unwrap_or(&0) < n) {
                println!("extra {n} {key:?}");
            }
            for (key, n) in gold.iter().filter(|(k, n)| k.1 == kind && pred.get(*k).unwrap_or(&0) < n) {
                println!("missed {n} {key:?}");
            }
        }
    }
    Ok(())
}

/// False names in law, and speed on it.
fn plain(pool: &Path, reader: Reader<'_>, out: &mut String) -> anyhow::Result<()> {
    let mut text = String::new();
    for line in BufReader::new(GzDecoder::new(File::open(pool)?)).lines() {
        let value: Value = serde_json::from_str(&line?)?;
        // The same half as the fast tagger is measured on.
        if value["id"].as_u64().is_none_or(|id| id % 2 == 1) {
            continue;
        }
        for line in value["text"].as_str().unwrap_or_default().lines() {
            let digits = line.as_bytes().split(|b| !b.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0);
            if !line.contains('@') && digits < 7 {
                text.push_str(line);
                text.push('\n');
            }
        }
    }
    let mut spans = Vec::new();
    let start = Instant::now();
    reader(&text, &mut spans);
    let seconds = start.elapsed().as_secs_f64();
    let megabytes = text.len() as f64 / 1e6;
    let names: Vec<&Tagged> = spans.iter().filter(|span| span.kind == Kind::Person).collect();
    if std::env::var_os("ZHUNSHENG_SHOW").is_some() {
        for name in &names {
            let at = |byte: usize| text.floor_char_boundary(byte.min(text.len()));
            let (from, to) = (name.start as usize, name.end as usize);
            let part =
                |from: usize, to: usize| text.get(at(from)..at(to)).unwrap_or_default().replace('\n', "/");
            println!(
                "false name {} {}[{}]{}",
                name.confidence,
                part(from.saturating_sub(30), from),
                part(from, to),
                part(to, to + 30)
            );
        }
    }
    let sure = names.iter().filter(|name| name.confidence >= 70).count();
    writeln!(
        out,
        "\n## Text without people\n\nLaw articles that training did not see: {megabytes:.1} MB, {} false names, {:.1} per MB (bar 5); {:.1} per MB with a confidence of 70 or more, which a bare name needs to be counted by `scan`.\n\n## Speed\n\nOn one thread. Law: {:.0} KB/s.",
        names.len(),
        names.len() as f64 / megabytes,
        sure as f64 / megabytes,
        megabytes * 1e3 / seconds
    )?;
    Ok(())
}

/// Kilobytes a second: the better of two readings.
fn speed(reader: Reader<'_>, text: &str) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..2 {
        let start = Instant::now();
        reader(text, &mut Vec::new());
        best = best.min(start.elapsed().as_secs_f64());
    }
    text.len() as f64 / 1e3 / best
}
