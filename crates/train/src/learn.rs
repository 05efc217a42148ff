//! Gathers the text to learn from.

use crate::data::{self, Example, Mark};
use crate::fill::Stock;
use crate::random::Random;
use crate::synth;
use anyhow::Context as _;
use flate2::read::GzDecoder;
use std::io::Read as _;
use std::path::Path;
use zhunsheng_rules::Rules;

/// Number of sentences made from templates.
const SENTENCES: usize = 240_000;
/// Share of them that come from whole sentences rather than short templates, in per cent.
const NATURAL: usize = 20;
/// Share of them that come from templates of many kinds of text, in per cent.
const GENRES: usize = 42;
/// Share of them for which the lists of names are hidden, in per cent.
const BLIND: usize = 30;
/// How often the labelled encyclopaedia is read.
const UNER_TIMES: usize = 3;
/// How many sentences of law the model reads; the first look reads all.
pub(crate) const PLAIN: usize = 100_000;
/// Seed of everything that is drawn.
pub(crate) const SEED: u64 = 20_240_301;
/// How often everything is read.
pub(crate) const ROUNDS: usize = 3;
/// Margin of the perceptron.
pub(crate) const MARGIN: f32 = 12.0;
/// Extra margin against missed names.
pub(crate) const MISS: f32 = 15.0;
/// Weights below this size, in units of the rounded weights, become 0.
pub(crate) const ZERO: f32 = 0.6;
/// Share of clauses with a name that the first look must open, in per cent.
pub(crate) const GATE_PERCENT: f32 = 99.0;

/// Text to learn from.
pub(crate) struct Text {
    /// Text with names.
    pub(crate) examples: Vec<Example>,
    /// Law: in it the first look has nothing to open for.
    pub(crate) plain: Vec<Example>,
}

/// The text that shipped weights are learnt from: templates, the UNER training texts and law.
pub(crate) fn clean() -> anyhow::Result<Text> {
    let stock = Stock::new(Rules::embedded(), include_str!("../data/entities.txt"))?;
    let lines = |text: &'static str| -> Vec<&'static str> {
        text.lines().filter(|line| !line.starts_with('#')).collect()
    };
    let templates = lines(include_str!("../data/templates.txt"));
    let prose = lines(include_str!("../data/prose.txt"));
    let genres = lines(include_str!("../data/genres.txt"));
    let mut random = Random::new(SEED);
    let mut examples = Vec::new();
    for _ in 0..SENTENCES {
        let kind = match random.below(100) {
            0..NATURAL => &prose,
            n if n < NATURAL + GENRES => &genres,
            _ => &templates,
        };
        let template = random.pick(kind);
        let sentence = synth::sentence(template, &stock, &mut random);
        let blind = random.chance(BLIND);
        data::examples(&sentence.text, &sentence.marks, 0b1111, blind, &mut examples);
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data");
    for _ in 0..UNER_TIMES {
        add_set(&folder.join("uner-gsd.train.jsonl.gz"), 0b0101, false, &mut examples)?;
    }
    let mut plain = Vec::new();
    add_set(&folder.join("law.jsonl.gz"), 0b0111, true, &mut plain)?;
    let mut law = String::new();
    GzDecoder::new(include_bytes!("../data/law-plain.txt.gz").as_slice()).read_to_string(&mut law)?;
    for line in law.lines() {
        // Nobody labelled places and organisations here; that there are no persons is known.
        data::examples(line, &[], 0b0001, false, &mut plain);
    }
    Ok(Text { examples, plain })
}

/// The same and every labelled set below `folder`: a yardstick, never shipped.
pub(crate) fn everything(folder: &Path) -> anyhow::Result<Text> {
    let mut text = clean()?;
    for (set, complete) in [
        ("resume.train", 0b1101u8),
        ("resume.dev", 0b1101),
        ("cluener.train", 0b1111),
        ("bdci-privacy.train", 0b1111),
        ("weibo.train", 0b0111),
        ("weibo.dev", 0b0111),
        ("msra.dev", 0b0111),
        ("peoples-daily.dev", 0b0111),
        ("uner-gsd.dev", 0b0111),
    ] {
        for _ in 0..2 {
            add_set(&folder.join(format!("{set}.jsonl.gz")), complete, false, &mut text.examples)?;
        }
    }
    Ok(text)
}

/// Adds a set; `nobody` leaves out persons, which a labeller imagined in a text that has none.
fn add_set(path: &Path, complete: u8, nobody: bool, out: &mut Vec<Example>) -> anyhow::Result<()> {
    let records = data::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    for record in records {
        let marks: Vec<Mark> = record
            .spans
            .iter()
            .filter_map(|(start, end, kind)| {
                let class = data::class_of(kind)?;
                (!(nobody && class == 0)).then_some(Mark { start: *start, end: *end, class })
            })
            .collect();
        data::examples(&record.text, &marks, complete, false, out);
    }
    Ok(())
}
