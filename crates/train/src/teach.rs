//! Makes the lists and labels that LAC teaches: the kinds of words, and places and organisations in law.
//!
//! The files that go in are named by path and pinned by hash; the same files give the same bytes.

use crate::random::Random;
use anyhow::{Context as _, bail};
use flate2::read::GzDecoder;
use sha2::{Digest as _, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use zhunsheng_deep::Lac;

/// `dict.txt` of jieba 0.42.1.
const DICTIONARY: &str = "7197c3211ddd98962b036cdf40324d1ea2bfaa12bd028e68faa70111a88e12a8";
/// `data/corpus.jsonl` of STARD as packed for this project: articles of law.
const POOL: &str = "48d2324a566dd56442800ec9e99aef89dfa336b097913827c1306d6e88feb90e";
/// `dictionary/TSCharacters.txt` of opencc-python-reimplemented 0.1.7.
const CHARACTERS: &str = "6b5a0a799bea2bb22c001f635eaa3fc2904310f0c08addbff275477a80ecf09a";
/// What a word is read within, besides alone.
const FRAME: (&str, &str) = ("关于", "的消息");
/// Lines of law that LAC labels, and lines without labels.
const LABELLED: usize = 7_000;
const PLAIN: usize = 60_000;
const SEED: u64 = 7;
/// The people whom law names.
const IN_LAW: [&str; 10] =
    ["毛泽东", "邓小平", "马克思", "列宁", "恩格斯", "江泽民", "胡锦涛", "孙中山", "习近平", "白求恩"];

/// The teacher and the names of its tags.
struct Teacher {
    lac: Lac,
    tags: Vec<String>,
}

impl Teacher {
    fn load(folder: &Path) -> anyhow::Result<Teacher> {
        let lac = Lac::load(folder)?;
        let mut tags = vec![String::new(); 256];
        for line in std::fs::read_to_string(folder.join("tag.dic"))?.lines() {
            // A number that stands twice has its later name.
            if let Some((number, name)) = line.split_once('\t')
                && let Some(slot) = number.parse::<usize>().ok().and_then(|n| tags.get_mut(n))
            {
                *slot = name.trim().to_owned();
            }
        }
        Ok(Teacher { lac, tags })
    }

    /// The words of each text: tag, first character, one past the last.
    fn read(&self, texts: &[Vec<char>]) -> Vec<Vec<(&str, usize, usize)>> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = texts.len().div_ceil(threads).max(1);
        let readings = std::thread::scope(|scope| {
            let parts: Vec<_> = texts
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || {
                        let mut readings = Vec::new();
                        for some in part.chunks(20_000) {
                            let some: Vec<&[char]> = some.iter().map(Vec::as_slice).collect();
                            readings.extend(self.lac.read(&some).into_iter().map(|reading| reading.tags));
                        }
                        readings
                    })
                })
                .collect();
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect::<Vec<_>>()
        });
        readings.iter().map(|tags| self.words(tags)).collect()
    }

    fn words(&self, tags: &[u8]) -> Vec<(&str, usize, usize)> {
        let mut words: Vec<(&str, usize, usize)> = Vec::new();
        for (at, tag) in tags.iter().enumerate() {
            let name = self.tags.get(usize::from(*tag)).map_or("", String::as_str);
            match (words.last_mut(), name.rsplit_once('-')) {
                (Some(last), Some((_, "I"))) => last.2 = at + 1,
                (_, Some((word, _))) => words.push((word, at, at + 1)),
                (_, None) => words.push((name, at, at + 1)),
            }
        }
        words
    }
}

/// The list of words with their kinds and frequencies, from jieba's dictionary at `dictionary` and the model
/// below `model`: one word a line, sorted.
///
/// A name that the model reads as a word in law, at `pool`, is no name but a noun: law speaks of nobody.
pub(crate) fn words(dictionary: &Path, pool: &Path, model: &Path) -> anyhow::Result<String> {
    let text = String::from_utf8(pinned(dictionary, DICTIONARY)?)?;
    let entries: Vec<(&str, u64, &str)> = text
        .lines()
        .filter_map(|line| {
            let mut fields = line.split(' ');
            Some((fields.next()?, fields.next()?.parse().ok()?, fields.next()?))
        })
        .filter(|(word, frequency, tag)| {
            let length = word.chars().count();
            let rare_long = length > 6 && *frequency <= 5 && !matches!(*tag, "nrt" | "ns" | "nt");
            let rare_idiom = length > 4 && *frequency <= 3 && matches!(*tag, "i" | "l");
            length <= 8 && !rare_long && !rare_idiom
        })
        .collect();
    let teacher = Teacher::load(model)?;
    let alone: Vec<Vec<char>> = entries.iter().map(|(word, ..)| word.chars().collect()).collect();
    let framed: Vec<Vec<char>> =
        entries.iter().map(|(word, ..)| format!("{}{word}{}", FRAME.0, FRAME.1).chars().collect()).collect();
    let (alone, framed) = (teacher.read(&alone), teacher.read(&framed));
    let texts: Vec<Vec<char>> = lines_of_law(pool)?.iter().map(|line| line.chars().collect()).collect();
    let in_law: BTreeSet<String> = teacher
        .read(&texts)
        .iter()
        .zip(&texts)
        .flat_map(|(words, text)| words.iter().filter_map(|(_, from, to)| text.get(*from..*to)))
        .map(|word| word.iter().collect())
        .collect();
    let mut lines = BTreeSet::new();
    let before = FRAME.0.chars().count();
    for (((word, frequency, tag), alone), framed) in entries.iter().zip(&alone).zip(&framed) {
        let length = word.chars().count();
        let one = |words: &[(&str, usize, usize)], from: usize| -> Option<String> {
            let whole = words.iter().find(|(_, start, end)| (*start, *end) == (from, from + length));
            whole.map(|(tag, ..)| (*tag).to_owned())
        };
        // A word of one character says too little of itself.
        let read = if length < 2 { None } else { one(framed, before).or_else(|| one(alone, 0)) };
        let letter = match kind(letter(tag), tag, read.as_deref(), *frequency) {
            'R' | 'r' | 'f' if length > 1 && in_law.contains(*word) && !IN_LAW.contains(word) => 'n',
            letter => letter,
        };
        let level = if *frequency > 0 { (2.0 * (*frequency as f64).log2()).round() as u32 } else { 0 };
        let level = char::from_u32(u32::from(b'0') + level.min(60)).context("level")?;
        lines.insert(format!("{word}{letter}{level}"));
    }
    let mut out = String::new();
    for line in lines {
        out.push_str(&line);
        out.push('\n');
    }
    Ok(out)
}

/// The letter of a tag of the dictionary.
fn letter(tag: &str) -> char {
    match tag {
        "n" | "ng" => 'n',
        "nr" | "nrfg" => 'r',
        "nrt" => 'f',
        "ns" => 's',
        "nt" => 't',
        "nz" => 'z',
        "v" | "vg" | "vi" | "vq" | "vd" => 'v',
        "vn" => 'a',
        "a" | "ad" | "ag" | "an" => 'e',
        "d" | "dg" => 'd',
        "m" | "mg" | "mq" => 'm',
        "q" => 'q',
        "r" | "rr" => 'h',
        "p" => 'p',
        "c" => 'c',
        "u" | "uz" | "uv" | "ul" | "uj" | "ud" | "ug" => 'u',
        "i" => 'i',
        "l" => 'l',
        "j" => 'j',
        "b" => 'b',
        "z" | "zg" | "g" => 'x',
        "y" | "e" => 'y',
        "t" | "tg" | "f" | "s" => 'N',
        _ => 'o',
    }
}

/// The letter of a word: `old` by the dictionary, corrected by what the teacher read.
fn kind(old: char, tag: &str, read: Option<&str>, frequency: u64) -> char {
    match read {
        Some("PER" | "nr") if tag == "nrt" => 'f',
        Some("PER" | "nr") => 'R',
        Some("LOC" | "ns") => 'S',
        Some("ORG" | "nt") => 'T',
        Some("nz") if "rfsnzot".contains(old) => 'z',
        Some("nw") if "rfsnzot".contains(old) => 'w',
        // A name that the teacher reads as another kind of word is that kind of word.
        Some(other) if "rf".contains(old) => match other {
            "n" => 'n',
            "v" => 'v',
            "vn" => 'a',
            "a" | "an" => 'e',
            "d" => 'd',
            "t" | "TIME" | "s" | "f" => 'N',
            "m" => 'm',
            _ => old,
        },
        // A rare name that the teacher does not read as one word is no name worth a word.
        None if old == 'r' && frequency <= 3 => 'o',
        _ => old,
    }
}

/// Lines of law: records with the places and organisations that the teacher sees, and plain lines.
pub(crate) struct Law {
    pub(crate) labelled: String,
    pub(crate) plain: String,
}

/// Draws lines from the articles with odd numbers at `pool` and labels some with the model below `model`.
pub(crate) fn law(pool: &Path, model: &Path) -> anyhow::Result<Law> {
    let mut lines = lines_of_law(pool)?;
    Random::new(SEED).shuffle(&mut lines);
    let (labelled, rest) = lines.split_at(LABELLED.min(lines.len()));
    let texts: Vec<Vec<char>> = labelled.iter().map(|line| line.chars().collect()).collect();
    let mut law = Law { labelled: String::new(), plain: String::new() };
    for (line, words) in labelled.iter().zip(Teacher::load(model)?.read(&texts)) {
        let spans: Vec<serde_json::Value> = words
            .iter()
            .filter_map(|(tag, start, end)| {
                let kind = match *tag {
                    "LOC" | "ns" => "LOCATION",
                    "ORG" | "nt" => "ORG",
                    _ => return None,
                };
                Some(serde_json::json!({"start": start, "end": end, "type": kind}))
            })
            .collect();
        law.labelled += &serde_json::json!({"text": line, "spans": spans}).to_string();
        law.labelled.push('\n');
    }
    for line in rest.iter().take(PLAIN) {
        law.plain += line;
        law.plain.push('\n');
    }
    Ok(law)
}

/// The different lines of the articles with odd numbers, sorted; the others stay unseen, for measuring.
fn lines_of_law(pool: &Path) -> anyhow::Result<Vec<String>> {
    pinned(pool, POOL)?;
    let mut lines = BTreeSet::new();
    for line in BufReader::new(GzDecoder::new(File::open(pool)?)).lines() {
        let value: serde_json::Value = serde_json::from_str(&line?)?;
        if value["id"].as_u64().is_none_or(|id| id % 2 == 0) {
            continue;
        }
        for line in value["text"].as_str().unwrap_or_default().lines().map(str::trim) {
            let digits = line.as_bytes().split(|b| !b.is_ascii_digit()).map(<[u8]>::len).max().unwrap_or(0);
            if (12..=120).contains(&line.chars().count()) && !line.contains('@') && digits < 7 {
                lines.insert(line.to_owned());
            }
        }
    }
    Ok(lines.into_iter().collect())
}

/// Pairs of a traditional character and the simplified one it stands for, from OpenCC's `TSCharacters.txt`.
///
/// Left out are characters that are also written in simplified text, and those beyond the basic plane.
pub(crate) fn traditional(table: &Path) -> anyhow::Result<String> {
    let text = String::from_utf8(pinned(table, CHARACTERS)?)?;
    let mut pairs = BTreeMap::new();
    for line in text.lines() {
        let Some((from, to)) = line.split_once('\t') else { continue };
        let (mut from, targets) = (from.chars(), to.split(' '));
        let Some(c) = from.next().filter(|_| from.as_str().is_empty()) else { continue };
        let targets: Vec<char> = targets.filter_map(|t| t.chars().next()).collect();
        if let Some(first) = targets.first()
            && !targets.contains(&c)
            && [c, *first].iter().all(|c| u16::try_from(u32::from(*c)).is_ok())
        {
            pairs.insert(c, *first);
        }
    }
    let mut out = String::new();
    for (index, (from, to)) in pairs.iter().enumerate() {
        out.extend([*from, *to]);
        if index % 20 == 19 || index + 1 == pairs.len() {
            out.push('\n');
        }
    }
    Ok(out)
}

/// The content of a file that must have the hash `wanted`.
fn pinned(path: &Path, wanted: &str) -> anyhow::Result<Vec<u8>> {
    let content = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let found: String = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    if found != wanted {
        bail!("{} has SHA-256 {found}, wanted is {wanted}", path.display());
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_teacher_corrects_names_and_leaves_common_words() {
        assert_eq!(kind('r', "nr", Some("PER"), 9), 'R');
        assert_eq!(kind('f', "nrt", Some("PER"), 9), 'f');
        assert_eq!(kind('n', "n", Some("LOC"), 9), 'S');
        assert_eq!(kind('r', "nr", Some("vn"), 9), 'a');
        assert_eq!(kind('n', "n", Some("vn"), 9), 'n');
        assert_eq!(kind('r', "nr", None, 3), 'o');
        assert_eq!(kind('r', "nr", None, 4), 'r');
    }

    #[test]
    fn a_file_with_another_hash_is_refused() {
        assert!(pinned(Path::new(file!()).file_name().map_or(Path::new("x"), Path::new), POOL).is_err());
    }
}
