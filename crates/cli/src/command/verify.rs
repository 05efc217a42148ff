//! `zhunsheng verify`: checks an evidence package offline, and scans again on request.

use crate::custody::{file_name, folder_of, keys, log_arg, log_step, sha256, told, who_arg};
use crate::language::pick;
use crate::progress;
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::AtomicBool;
use zhunsheng_engine::evidence::{ACTS, repeat};
use zhunsheng_engine::{InputFile, KeySource, Progress, ScanOptions};
use zhunsheng_evidence::custody::Action;
use zhunsheng_model::Basis;
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;
use zhunsheng_source::Limits;
use zhunsheng_verify::text::hex;
use zhunsheng_verify::zip::Zip;
use zhunsheng_verify::{Container, Folder, Report, TrustedKeys, Verdict, read_whole, verify_container};

pub(crate) const NAME: &str = "verify";

/// Longest description of a run, its inputs or its acts that is read.
const DESCRIPTION_BYTES_MAX: usize = 1 << 30;
/// Differences that are named one by one.
const NAMED: usize = 5;

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    Command::new(NAME)
        .about(t(
            "离线校验证据包；退出码 0 全部通过、3 部分未验、1 不通过",
            "check an evidence package offline; exit code 0 in full, 3 in part, 1 not verified",
        ))
        .arg(
            Arg::new("package")
                .value_name("PACKAGE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(t("证据包（.zse 文件或文件夹）", "the package: a .zse file or a folder")),
        )
        .arg(
            Arg::new("key")
                .long("key")
                .value_name("VKEY")
                .action(ArgAction::Append)
                .help(t("可信的日志公钥，或存有公钥的文件", "trusted public key of a log, or a file of keys")),
        )
        .arg(
            Arg::new("witness")
                .long("witness")
                .value_name("VKEY")
                .action(ArgAction::Append)
                .help(t("可信的见证人公钥", "trusted public key of a witness")),
        )
        .arg(
            Arg::new("witnesses")
                .long("witnesses")
                .value_name("K")
                .value_parser(value_parser!(u16))
                .default_value("0")
                .help(t("至少要有几个可信见证人签名", "how many trusted witnesses must have signed")),
        )
        .arg(
            Arg::new("input")
                .long("input")
                .value_name("PATH")
                .action(ArgAction::Append)
                .value_parser(value_parser!(PathBuf))
                .help(t(
                    "重新扫描这些数据，比对清单是否逐字节相同；依原来的次序给出",
                    "scan this data again and compare the inventory byte for byte; in the same order as before",
                )),
        )
        .arg(log_arg(lang))
        .arg(who_arg(lang))
}

/// Opens a package: a `.zse` file, or a folder.
///
/// # Errors
/// When there is none, or it is no canonical zip.
pub(crate) fn open(path: &Path) -> anyhow::Result<Result<Box<dyn Container>, String>> {
    if path.is_dir() {
        return Ok(match Folder::open(path) {
            Ok(folder) => Ok(Box::new(folder)),
            Err(error) => Err(error.to_string()),
        });
    }
    let file = File::open(path).with_context(|| format!("`{}` cannot be opened", path.display()))?;
    Ok(match Zip::open(BufReader::new(file)) {
        Ok(zip) => Ok(Box::new(zip)),
        Err(error) => Err(error.to_string()),
    })
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let path = matches.get_one::<PathBuf>("package").cloned().unwrap_or_default();
    let trusted = TrustedKeys { logs: keys(matches, "key")?, witnesses: keys(matches, "witness")? };
    let witnesses_min = matches.get_one::<u16>("witnesses").copied().unwrap_or_default();
    let mut report = match open(&path)? {
        Ok(mut container) => {
            let mut report = verify_container(&mut *container, &trusted, usize::from(witnesses_min));
            let inputs: Vec<PathBuf> = matches.get_many("input").unwrap_or_default().cloned().collect();
            if !inputs.is_empty() {
                reproduce(&mut *container, inputs, &mut report, lang)?;
            }
            report
        }
        Err(detail) => {
            let mut report = Report::default();
            report.failed("容器", "container", detail);
            report
        }
    };
    report.facts.retain(|(name, _)| name != "Payload-Oxum");
    let (mut text, code) = told(&report, lang);
    let named = report.facts.iter().find(|(name, _)| name == INVENTORY).map(|(_, value)| value.clone());
    let logged = |event: &mut zhunsheng_evidence::custody::Event| {
        event.file = file_name(&path);
        event.details.insert(
            "outcome".to_owned(),
            ["verified", "failed", "", "in part"]
                .get(usize::from(code))
                .copied()
                .unwrap_or_default()
                .to_owned(),
        );
        event.details.extend(named.map(|value| ("inventory_sha256".to_owned(), value)));
    };
    if matches.get_one::<PathBuf>("log").is_some() {
        let line = log_step(matches, &folder_of(&path), Action::Verify, logged, lang)?;
        text.push_str(&line);
        text.push('\n');
    }
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::from(code))
}

/// The fact that names the inventory.
const INVENTORY: &str = "Zhunsheng-Inventory-SHA256";

/// Scans again with the options of the package and compares the inventory.
fn reproduce(
    container: &mut dyn Container,
    paths: Vec<PathBuf>,
    report: &mut Report,
    lang: Language,
) -> anyhow::Result<()> {
    let (zh, en) = ("清单重现", "inventory reproduced");
    // What the package says of itself is only worth following when its hashes hold.
    if report.verdict() == Verdict::Failed {
        report.not_checked(zh, en, "the package itself does not hold");
        return Ok(());
    }
    let expected = report.facts.iter().find(|(name, _)| name == INVENTORY).map(|(_, value)| value.clone());
    let mut json = |name: &str| -> Option<Value> {
        serde_json::from_slice(&read_whole(container, name, DESCRIPTION_BYTES_MAX).ok()?).ok()
    };
    let (run, inputs) = (json("data/run.json"), json("data/inputs.json"));
    let (Some(expected), Some(run), Some(inputs)) = (expected, run, inputs) else {
        report.failed(zh, en, "the package does not say how the inventory was made");
        return Ok(());
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
        report.failed(zh, en, format!("the package states no usable `{what}`"));
        return Ok(());
    }
    let (rules, progress, cancel) = (Rules::embedded(), Progress::default(), AtomicBool::new(false));
    let outcome = progress::shown(&progress, false, lang, || {
        zhunsheng_engine::scan(&options, rules, &progress, &cancel)
    })?;
    let outcome = outcome.context("the scan was stopped")?;
    let made = sha256(&std::fs::read(options.out.join("inventory.json"))?);
    if made == expected {
        report.passed(zh, en, format!("byte for byte, SHA-256 {made}"));
        return Ok(());
    }
    let mut why = differences(&inputs, &outcome.inputs);
    let stated = |name: &str| run.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    if stated("rules_sha256") != rules.sha256() {
        why.push("this program has other rules".to_owned());
    }
    if stated("version") != env!("CARGO_PKG_VERSION") {
        why.push(format!("it was made by version {}", stated("version")));
    }
    if why.is_empty() {
        why.push("every input is the same".to_owned());
    }
    report.failed(zh, en, format!("it comes out as SHA-256 {made}: {}", why.join("; ")));
    Ok(())
}

/// What differs between the inputs that a package lists and those that were read.
fn differences(listed: &Value, read: &[InputFile]) -> Vec<String> {
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
    let groups: [(&str, Vec<&String>); 3] = [
        ("changed", changed.map(|(name, _)| name).collect()),
        ("missing", missing.collect()),
        ("new", added.collect()),
    ];
    groups
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .map(|(what, names)| {
            let shown: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
            let more = if names.len() > NAMED { " …" } else { "" };
            format!("{} {what}: {}{more}", names.len(), shown.join(", "))
        })
        .collect()
}
