//! Trains the tagger from committed text and seeded templates, and measures it.
//!
//! Knows the tagger and the rules. Reads the sets to measure on from folders that environment variables name;
//! without them it says so and leaves the measurement out. The weights depend on committed files alone.
//!
//! Start reading at [`main`]; `learn` gathers the text, `accuracy` writes `docs/accuracy.md`.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to its user")]

mod accuracy;
mod data;
mod deep;
mod fill;
mod gate;
mod learn;
mod measure;
mod random;
mod synth;
mod teach;
mod trainer;

use anyhow::{Context as _, bail};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use zhunsheng_rules::Rules;
use zhunsheng_tagger::Tagger;
use zhunsheng_tagger::lexicon::Lexicon;
use zhunsheng_tagger::model::Model;

const USAGE: &str = "usage: zhunsheng-train learn [OUT_DIR] | yardstick OUT_DIR | accuracy [YARDSTICK_DIR]
       zhunsheng-train deep MODEL_DIR | teach MODEL_DIR FILE... | tag
       zhunsheng-train words DICT_TXT POOL MODEL_DIR | law POOL MODEL_DIR | traditional TABLE
  learn      learns the weights that are shipped, from committed files, into crates/tagger/data
  words      makes the list of words from jieba's dict.txt, law and the LAC model
  law        draws lines of law from POOL and labels some with LAC
  traditional  makes the pairs of traditional and simplified characters from OpenCC's table
  tag        prints what is found in the lines of the standard input
  yardstick  learns weights from every set below $ZHUNSHENG_DETECT/ner as well; they are never shipped
  accuracy   measures on $ZHUNSHENG_DETECT and $ZHUNSHENG_LAW, writes docs/accuracy.md
  deep       measures the careful reader with the LAC model in MODEL_DIR on the same, writes docs/accuracy-deep.md
  teach      prints the lines of text files as records labelled by LAC";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["learn"] => learn_into(&root.join("crates/tagger/data"), &learn::clean()?),
        ["learn", out] => learn_into(Path::new(out), &learn::clean()?),
        ["words", dictionary, pool, model] => {
            let words = teach::words(Path::new(dictionary), Path::new(pool), Path::new(model))?;
            pack(&root.join("crates/tagger/data/words.txt.gz"), words.as_bytes())
        }
        ["law", pool, model] => {
            let law = teach::law(Path::new(pool), Path::new(model))?;
            pack(&root.join("crates/train/data/law.jsonl.gz"), law.labelled.as_bytes())?;
            pack(&root.join("crates/train/data/law-plain.txt.gz"), law.plain.as_bytes())
        }
        ["traditional", table] => {
            let pairs = teach::traditional(Path::new(table))?;
            std::fs::write(root.join("crates/tagger/data/traditional.txt"), pairs)
                .context("cannot write the pairs")
        }
        ["tag"] => tag(&shipped()?),
        ["yardstick", out] => {
            let folder = std::env::var_os("ZHUNSHENG_DETECT").context("ZHUNSHENG_DETECT is not set")?;
            learn_into(Path::new(out), &learn::everything(&PathBuf::from(folder).join("ner"))?)
        }
        ["deep", folder] => deep::report(Path::new(folder), &root.join("docs/accuracy-deep.md")),
        ["teach", folder, texts @ ..] if !texts.is_empty() => deep::teach(Path::new(folder), texts),
        ["accuracy", rest @ ..] => {
            let shipped = shipped()?;
            let yardstick = match rest {
                [folder, ..] => Some(from_folder(Path::new(folder))?),
                [] => None,
            };
            let text = accuracy::report(&shipped, yardstick.as_ref())?;
            println!("{text}");
            if std::env::var_os("ZHUNSHENG_DEVELOPMENT").is_some() {
                return Ok(());
            }
            std::fs::write(root.join("docs/accuracy.md"), text).context("cannot write docs/accuracy.md")
        }
        _ => bail!("{USAGE}"),
    }
}

/// The tagger to look at: with the embedded weights or those below `ZHUNSHENG_WEIGHTS`, and with another
/// threshold of the first look (`ZHUNSHENG_GATE`, 0 for none).
fn shipped() -> anyhow::Result<Tagger> {
    let tagger = match std::env::var_os("ZHUNSHENG_WEIGHTS") {
        Some(folder) => from_folder(Path::new(&folder))?,
        None => Tagger::embedded(Rules::embedded())?,
    };
    Ok(match std::env::var("ZHUNSHENG_GATE").ok().and_then(|t| t.parse::<i32>().ok()) {
        Some(0) => tagger.ungated(),
        Some(threshold) => tagger.with_threshold(threshold),
        None => tagger,
    })
}

/// The tagger with the weights below `folder`.
fn from_folder(folder: &Path) -> anyhow::Result<Tagger> {
    let read = |name| std::fs::read(folder.join(name));
    Ok(Tagger::with(Rules::embedded(), &read("weights.bin.gz")?, &read("gate.bin.gz")?)?)
}

/// Prints what is found in each line of the standard input.
fn tag(tagger: &Tagger) -> anyhow::Result<()> {
    for line in std::io::stdin().lines() {
        let line = line?;
        let mut spans = Vec::new();
        tagger.tag(&line, &mut spans);
        for span in spans {
            let word = line.get(span.start as usize..span.end as usize).unwrap_or_default();
            println!("{} {} {word}", span.kind.id(), span.confidence);
        }
    }
    Ok(())
}

/// Learns from `text` and writes the packed weights below `out`.
fn learn_into(out: &Path, text: &learn::Text) -> anyhow::Result<()> {
    let lexicon = Lexicon::embedded(Rules::embedded())?;
    println!("{} sentences and {} of plain law", text.examples.len(), text.plain.len());
    let gate = gate::learn(&text.examples, &text.plain, learn::GATE_PERCENT);
    let mut trainer = trainer::Trainer::new(learn::MARGIN, learn::MISS);
    let all: Vec<data::Example> =
        text.examples.iter().chain(text.plain.iter().take(learn::PLAIN)).cloned().collect();
    trainer.learn(&all, &lexicon, learn::ROUNDS, learn::SEED);
    let weights = trainer.finish(learn::ZERO);
    std::fs::create_dir_all(out)?;
    pack(&out.join("weights.bin.gz"), &Model::write(&weights.rows, &weights.transitions))?;
    pack(&out.join("gate.bin.gz"), &gate.write())
}

/// Writes a gzip file without name and time, so that the same content gives the same bytes.
fn pack(path: &Path, content: &[u8]) -> anyhow::Result<()> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content)?;
    let packed = encoder.finish()?;
    println!("{}: {} bytes", path.display(), packed.len());
    std::fs::write(path, packed).with_context(|| format!("cannot write {}", path.display()))
}
