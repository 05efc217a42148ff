//! Scans the input of a package again, with the options that the package states.

use crate::command::models;
use crate::custody::sha256;
use crate::progress;
use anyhow::Context;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::AtomicBool;
use zhunsheng_engine::evidence::{ACTS, repeat};
use zhunsheng_engine::{InputFile, KeySource, Progress, ScanOptions, Wanted, scan_for};
use zhunsheng_model::Basis;
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;
use zhunsheng_source::Limits;
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Container, Words, read_whole, say};

/// Longest description of a run, its inputs or its acts that is read.
const DESCRIPTION_BYTES_MAX: usize = 1 << 30;
/// Differences that are named one by one.
const NAMED: usize = 5;

/// What came out.
pub(crate) struct Again {
    /// SHA-256 of the inventory, in hexadecimal.
    pub(crate) inventory_sha256: String,
    /// How the inputs differ from those that the package lists.
    pub(crate) inputs: Vec<Words>,
    /// How this program differs from the one that made the package.
    pub(crate) program: Vec<Words>,
}

/// Scans `paths`; the values of the `wanted` records go to `wanted`. Gives what the package lacks, where it
/// does not say how it was made.
///
/// # Errors
/// When the scan cannot be carried out.
pub(crate) fn again(
    container: &mut dyn Container,
    paths: Vec<PathBuf>,
    wanted: Option<&Wanted>,
    lang: Language,
) -> anyhow::Result<Result<Again, Words>> {
    let mut json = |name: &str| -> Option<Value> {
        serde_json::from_slice(&read_whole(container, name, DESCRIPTION_BYTES_MAX).ok()?).ok()
    };
    let (Some(run), Some(listed)) = (json("data/run.json"), json("data/inputs.json")) else {
        return Ok(Err(say!(
            "证据包未载明清单是怎样得出的",
            "the package does not say how the inventory was made"
        )));
    };
    let acts_name = format!("data/{ACTS}");
    let acts = if container.names().contains(&acts_name) {
        Some(String::from_utf8_lossy(&read_whole(container, &acts_name, DESCRIPTION_BYTES_MAX)?).into_owned())
    } else {
        None
    };
    let scratch = tempfile::tempdir().context("no temporary folder")?;
    let mut options = ScanOptions {
        paths,
        out: scratch.path().join("out"),
        acts: None,
        date: None,
        deep: models::lac_folder(),
        basis: Basis::default(),
        threads: std::thread::available_parallelism().map_or(1, |n| n.get()),
        memory_bytes: 512 << 20,
        limits: Limits::default(),
        key: KeySource::Fresh,
        mentions: None,
        resume: false,
        lang,
        command_line: String::new(),
        exclude: Vec::new(),
    };
    let environment = run.get("environment").and_then(Value::as_object).into_iter().flatten();
    let environment: BTreeMap<String, String> =
        environment.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect();
    if let Err(what) = repeat(&environment, acts.as_deref(), &mut options) {
        return Ok(Err(say!("证据包所载的 `{what}` 无法使用", "the package states no usable `{what}`")));
    }
    let (rules, progress, cancel) = (Rules::embedded(), Progress::default(), AtomicBool::new(false));
    let outcome =
        progress::shown(&progress, false, lang, || scan_for(&options, rules, &progress, &cancel, wanted))?;
    let outcome = outcome.context("the scan was stopped")?;
    let stated = |name: &str| run.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let mut program = Vec::new();
    if stated("rules_sha256") != rules.sha256() {
        program.push(say!("本程序的规则集与之不同", "this program has other rules"));
    }
    let version = stated("version");
    if version != env!("CARGO_PKG_VERSION") {
        program.push(say!("原由 {version} 版作出", "it was made by version {version}"));
    }
    Ok(Ok(Again {
        inventory_sha256: sha256(&std::fs::read(options.out.join("inventory.json"))?),
        inputs: differences(&listed, &outcome.inputs),
        program,
    }))
}

/// What differs between the inputs that a package lists and those that were read.
fn differences(listed: &Value, read: &[InputFile]) -> Vec<Words> {
    let text =
        |input: &Value, name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let listed: BTreeMap<String, String> = listed
        .as_array()
        .into_iter()
        .flatten()
        .map(|input| (text(input, "path"), text(input, "sha256")))
        .collect();
    let read: BTreeMap<String, String> = read
        .iter()
        .map(|file| {
            let digest = file.digest.map(|(sha256, _)| hex(&sha256)).unwrap_or_default();
            (file.name.clone(), digest)
        })
        .collect();
    let changed = listed.iter().filter(|(name, hash)| read.get(*name).is_some_and(|now| now != *hash));
    let missing = listed.keys().filter(|name| !read.contains_key(*name));
    let added = read.keys().filter(|name| !listed.contains_key(*name));
    let groups: [(&str, &str, Vec<&String>); 3] = [
        ("内容已变", "changed", changed.map(|(name, _)| name).collect()),
        ("缺失", "missing", missing.collect()),
        ("多出", "new", added.collect()),
    ];
    let groups = groups.into_iter().filter(|(_, _, names)| !names.is_empty());
    groups
        .map(|(zh, en, names)| {
            let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > NAMED { " …" } else { "" };
            let (count, chinese, english) = (names.len(), shown.join("、"), shown.join(", "));
            say!("{count} 个文件{zh}：{chinese}{more}", "{count} {en}: {english}{more}")
        })
        .collect()
}

/// Several sentences as one.
pub(crate) fn joined(words: &[Words]) -> Words {
    let all =
        |part: fn(&Words) -> &str, between: &str| words.iter().map(part).collect::<Vec<_>>().join(between);
    Words { zh: all(|words| &words.zh, "；"), en: all(|words| &words.en, "; ") }
}
