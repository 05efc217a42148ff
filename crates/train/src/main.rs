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

const USAGE: &str = "usage: zhunsheng-train learn | yardstick OUT_DIR | accuracy [YARDSTICK_DIR] | deep MODEL_DIR
                       | teach MODEL_DIR FILE...
  learn      learns the weights that are shipped, from committed files, into crates/tagger/data
  yardstick  learns weights from every set below $ZHUNSHENG_DETECT/ner as well; they are never shipped
  accuracy   measures on $ZHUNSHENG_DETECT and $ZHUNSHENG_LAW, writes docs/accuracy.md
  deep       measures the careful reader with the LAC model in MODEL_DIR on the same, writes docs/accuracy-deep.md
  teach      prints the lines of text files as records labelled by LAC";

fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["learn"] => learn_into(&root.join("crates/tagger/data"), &learn::clean()?),
        ["yardstick", out] => {
            let folder = std::env::var_os("ZHUNSHENG_DETECT").context("ZHUNSHENG_DETECT is not set")?;
            learn_into(Path::new(out), &learn::everything(&PathBuf::from(folder).join("ner"))?)
        }
        ["deep", folder] => deep::report(Path::new(folder), &root.join("docs/accuracy-deep.md")),
        ["teach", folder, texts @ ..] if !texts.is_empty() => deep::teach(Path::new(folder), texts),
        ["accuracy", rest @ ..] => {
            let mut shipped = Tagger::embedded(Rules::embedded())?;
            if let Some(t) = std::env::var("ZHUNSHENG_GATE").ok().and_then(|t| t.parse::<i32>().ok()) {
                shipped = if t == 0 { shipped.ungated() } else { shipped.with_threshold(t) };
            }
            let yardstick = match rest {
                [folder, ..] => {
                    let read = |name| std::fs::read(Path::new(folder).join(name));
                    Some(Tagger::with(Rules::embedded(), &read("weights.bin.gz")?, &read("gate.bin.gz")?)?)
                }
                [] => None,
            };
            let text = accuracy::report(&shipped, yardstick.as_ref())?;
            println!("{text}");
            std::fs::write(root.join("docs/accuracy.md"), text).context("cannot write docs/accuracy.md")
        }
        _ => bail!("{USAGE}"),
    }
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
