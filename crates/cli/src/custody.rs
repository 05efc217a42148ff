//! What the commands about evidence share: the clock, the person, the log with its key, trusted keys.

use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgMatches, value_parser};
use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use zhunsheng_engine::evidence::{TOOL, rfc3339};
use zhunsheng_evidence::custody::{Action, Event, record};
use zhunsheng_evidence::log::Log;
use zhunsheng_evidence::{DiskFiles, EvidenceError, Signer, beijing, os_random};
use zhunsheng_report::Language;
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Algorithm, Check, KeyKind, Report, Status, Verdict, VerifierKey};

/// The secret key of a log, below its folder.
const LOG_KEY: &str = "private/signer";

/// Name and version, as they stand in the log.
pub(crate) fn tool() -> String {
    format!("{TOOL} {}", env!("CARGO_PKG_VERSION"))
}

/// The time of the machine. It stands in logs and packages and decides no result.
#[expect(clippy::disallowed_methods, reason = "custody says when something was done")]
fn clock() -> SystemTime {
    SystemTime::now()
}

/// Now, RFC 3339 in UTC.
pub(crate) fn now() -> String {
    rfc3339(clock())
}

/// Now, in seconds since 1970.
pub(crate) fn now_seconds() -> u64 {
    clock().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// `--who NAME`.
pub(crate) fn who_arg(lang: Language) -> Arg {
    Arg::new("who").long("who").value_name("NAME").help(pick(
        lang,
        "操作人，记入日志；默认为系统用户名",
        "who does it, for the log; default: the user's name",
    ))
}

/// `--log DIR`.
pub(crate) fn log_arg(lang: Language) -> Arg {
    Arg::new("log").long("log").value_name("DIR").value_parser(value_parser!(PathBuf)).help(pick(
        lang,
        "日志文件夹；默认为结果旁的 zhunsheng-log",
        "folder of the log; default: zhunsheng-log beside the results",
    ))
}

/// Who does it: `--who`, or the user's name.
pub(crate) fn who(matches: &ArgMatches) -> String {
    let user = || ["USER", "LOGNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    matches.get_one::<String>("who").cloned().or_else(user).unwrap_or_default()
}

/// Opens the log in `folder`.
pub(crate) fn open_log(folder: &Path) -> anyhow::Result<Log> {
    if !folder.join("key").exists() {
        return Err(EvidenceError::NoLog(folder.to_owned()).into());
    }
    let path = folder.join(LOG_KEY);
    let text = fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let signer = Signer::parse(&text).with_context(|| format!("`{}`", path.display()))?;
    Ok(Log::open(Arc::new(DiskFiles), folder, signer, os_random)?)
}

/// `--log-hash` and `--log-signature`: what a log that has to be made is made of.
pub(crate) fn make_args(lang: Language, hash: &'static str, signature: &'static str) -> [Arg; 2] {
    [
        Arg::new("log-hash").long(hash).value_name("sha256|sm3").value_parser(["sha256", "sm3"]).help(pick(
            lang,
            "新建日志所用散列算法，默认 sha256",
            "hash function of a log that is made; default: sha256",
        )),
        Arg::new("log-signature")
            .long(signature)
            .value_name("ed25519|sm2")
            .value_parser(["ed25519", "sm2"])
            .help(pick(
                lang,
                "新建日志所用签名算法，默认 ed25519",
                "signature scheme of a log that is made; default: ed25519",
            )),
    ]
}

/// What a log is made of; what was not said is nothing.
#[derive(Clone, Copy, Default)]
pub(crate) struct Make {
    hash: Option<Algorithm>,
    signature: Option<KeyKind>,
}

/// The values of [`make_args`], for the commands that have them.
pub(crate) fn make(matches: &ArgMatches) -> Make {
    let word = |name| matches.get_one::<String>(name).map(String::as_str);
    Make {
        hash: word("log-hash").map(|word| if word == "sm3" { Algorithm::Sm3 } else { Algorithm::Sha256 }),
        signature: word("log-signature")
            .map(|word| if word == "sm2" { KeyKind::Sm2 } else { KeyKind::Ed25519 }),
    }
}

/// Refuses a log that is there and is made of something else than was asked for.
pub(crate) fn fits(log: &Log, make: Make) -> anyhow::Result<()> {
    let kind = log.signer().kind();
    let other = make.hash.is_some_and(|hash| hash != log.tree().algorithm())
        || make.signature.is_some_and(|signature| signature != kind);
    if other {
        bail!(
            "`{}` is a log of {} and {}, and cannot be changed to another",
            log.folder().display(),
            log.tree().algorithm().name(),
            if kind == KeyKind::Sm2 { "sm2" } else { "ed25519" }
        );
    }
    Ok(())
}

/// Opens the log in `folder`, or makes one with a fresh key that only its owner can read.
pub(crate) fn open_or_make_log(folder: &Path, make: Make) -> anyhow::Result<Log> {
    match open_log(folder) {
        Err(error) if matches!(error.downcast_ref(), Some(EvidenceError::NoLog(_))) => {}
        other => {
            let log = other?;
            fits(&log, make)?;
            return Ok(log);
        }
    }
    let path = folder.join(LOG_KEY);
    // A crash may have come between key and log; the key is used then.
    let signer = if path.exists() {
        Signer::parse(&fs::read_to_string(&path)?).with_context(|| format!("`{}`", path.display()))?
    } else {
        fresh_key(&path, "zhunsheng-log", make.signature.unwrap_or(KeyKind::Ed25519))?
    };
    let hash = make.hash.unwrap_or_default();
    let log = Log::create(Arc::new(DiskFiles), folder, signer, hash, os_random)?;
    fits(&log, make)?;
    Ok(log)
}

/// Makes a key and writes it to `path` with mode 0600; the name gets random digits, so that no two logs or
/// witnesses have the same.
pub(crate) fn fresh_key(path: &Path, name: &str, kind: KeyKind) -> anyhow::Result<Signer> {
    let mut random = [0; 8];
    os_random(&mut random)?;
    let signer = Signer::generate(&format!("{name}/{}", hex(&random)), kind, os_random)?;
    let written = || -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(Path::new("."));
        let mut make = DirBuilder::new();
        make.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut make, 0o700);
        make.create(folder)?;
        let new = path.with_extension("new");
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&new)?;
        file.write_all(signer.secret_text().as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        // Complete or absent, and never over a key that is there.
        fs::hard_link(&new, path)?;
        fs::remove_file(&new)
    };
    written().with_context(|| format!("`{}` cannot be written", path.display()))?;
    Ok(signer)
}

/// The log that `--log` names, or the one beside `results` where there is one.
pub(crate) fn log_beside(matches: &ArgMatches, results: &Path) -> Option<PathBuf> {
    let beside = results.join(zhunsheng_engine::evidence::LOG);
    matches.get_one::<PathBuf>("log").cloned().or_else(|| beside.join("key").exists().then_some(beside))
}

/// Logs a step and publishes the log; says so, also where there is no log.
pub(crate) fn log_step(
    matches: &ArgMatches,
    results: &Path,
    action: Action,
    fill: impl FnOnce(&mut Event),
    lang: Language,
) -> anyhow::Result<String> {
    let Some(folder) = log_beside(matches, results) else {
        return Ok(pick(lang, "未记入日志（未给 --log）", "not logged: no --log was given").to_owned());
    };
    let mut log = open_or_make_log(&folder, Make::default())?;
    let mut event = Event::new(action, &now(), &who(matches), &tool());
    fill(&mut event);
    let index = record(&mut log, &event)?;
    log.publish()?;
    Ok(format!("{} #{index} {}", pick(lang, "已记入日志", "logged as entry"), folder.display()))
}

/// Trusted keys: lines `name+id+base64`, or files that hold such lines.
pub(crate) fn keys(matches: &ArgMatches, option: &str) -> anyhow::Result<Vec<VerifierKey>> {
    let mut keys = Vec::new();
    for given in matches.get_many::<String>(option).unwrap_or_default() {
        let lines = fs::read_to_string(given).unwrap_or_else(|_| given.clone());
        let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        for line in lines {
            match VerifierKey::parse(line) {
                Some(key) => keys.push(key),
                // Never the line itself: somebody may have given the secret key.
                None => bail!("--{option}: not a public key `name+id+base64`, nor a file of such lines"),
            }
        }
    }
    Ok(keys)
}

/// What a package states of itself, in words.
const FACTS: [(&str, &str, &str); 12] = [
    ("Source-Organization", "提取单位", "organisation"),
    ("External-Identifier", "案由、案号", "case"),
    ("External-Description", "内容", "what it is"),
    ("Bagging-Date", "封装日期（UTC）", "date"),
    ("Bag-Software-Agent", "工具及版本", "made by"),
    ("Zhunsheng-Time", "封装时间", "time"),
    ("Zhunsheng-Who", "操作人", "by whom"),
    ("Zhunsheng-Inputs", "检材数", "inputs"),
    ("Zhunsheng-Rules-SHA256", "规则集校验值（SHA-256）", "SHA-256 of the rules"),
    ("Zhunsheng-Inventory-SHA256", "检验结果清单校验值（SHA-256）", "SHA-256 of the inventory"),
    ("Zhunsheng-Command-Line", "命令", "command"),
    ("Zhunsheng-Seed", "种子", "seed"),
];

/// The report as lines, and the exit code: 0 verified in full, 3 nothing wrong but not everything could be
/// checked, 1 not verified.
pub(crate) fn told(report: &Report, lang: Language) -> (String, u8) {
    let mut text = String::new();
    for Check { what: (zh, en), status, detail } in &report.checks {
        let word = match status {
            Status::Passed => pick(lang, "通过", "passed     "),
            Status::Failed => pick(lang, "不符", "FAILED     "),
            Status::NotChecked => pick(lang, "未验", "not checked"),
            Status::Absent => pick(lang, "没有", "none       "),
        };
        let detail = pick(lang, &detail.zh, &detail.en);
        text.push_str(&format!("{word}  {}{}{detail}\n", pick(lang, zh, en), pick(lang, "：", ": ")));
    }
    for (name, value) in &report.facts {
        let words = FACTS.iter().find(|(known, ..)| known == name);
        let name = words.map_or(name.as_str(), |(_, zh, en)| pick(lang, zh, en));
        let value = match lang {
            Language::Zh => beijing(value),
            Language::En => value.clone(),
        };
        text.push_str(&format!(
            "{}  {name}{}{value}\n",
            pick(lang, "自述", "stated     "),
            pick(lang, "：", ": ")
        ));
    }
    let (zh, en, code) = match report.verdict() {
        Verdict::Verified => ("结论：全部验证通过", "verified in full", 0),
        Verdict::VerifiedInPart => {
            ("结论：已验部分全部相符，另有未验部分", "what was checked holds; not everything was checked", 3)
        }
        Verdict::Failed => ("结论：验证不通过", "NOT verified", 1),
    };
    text.push_str(&format!("{}\n", pick(lang, zh, en)));
    (text, code)
}

/// The folder in which a file lies.
pub(crate) fn folder_of(path: &Path) -> PathBuf {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}

/// SHA-256 in hexadecimal.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    hex(&Algorithm::Sha256.hash(&[bytes]))
}

/// The name of a file without its folder.
pub(crate) fn file_name(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}
