//! `zhunsheng log`: makes, shows and checks the log, logs what is handed over, destroys the content of an
//! entry, witnesses and proves.

use crate::custody::{
    file_name, fresh_key, keys, make, make_args, now, now_seconds, open_log, open_or_make_log, told, tool,
    who, who_arg,
};
use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_evidence::custody::{Action, Event, record, show, shred};
use zhunsheng_evidence::log::{check, published};
use zhunsheng_evidence::package::{Content, reseal};
use zhunsheng_evidence::witness::{Witness, published_tree};
use zhunsheng_evidence::{DiskFiles, EvidenceError, Signer};
use zhunsheng_report::Language;
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Checkpoint, KeyKind, Note, NoteSignature, Status, VerifierKey, say};

pub(crate) const NAME: &str = "log";

/// The secret key of a witness, in the folder of its memory.
const WITNESS_KEY: &str = "witness.key";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let dir = || {
        Arg::new("dir")
            .value_name("DIR")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(t("日志文件夹", "folder of the log"))
    };
    let entry = || {
        Arg::new("entry")
            .value_name("N")
            .required(true)
            .value_parser(value_parser!(u64))
            .help(t("条目号，从 0 起", "number of the entry, from 0"))
    };
    let file = |name: &'static str, zh, en| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(t(zh, en))
    };
    Command::new(NAME)
        .about(t(
            "监管日志：谁在何时做了什么，不能悄悄改动",
            "the custody log: who did what when, in a form that cannot be changed unnoticed",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("init")
                .about(t(
                    "新建日志及其密钥；scan --evidence 会自行新建，需要国密算法时先用此命令",
                    "make a log and its key; scan --evidence makes one by itself",
                ))
                .arg(dir())
                .args(make_args(lang, "hash", "signature")),
        )
        .subcommand(Command::new("show").about(t("逐条列出", "list the entries")).arg(dir()))
        .subcommand(
            Command::new("export")
                .about(t(
                    "登记移交：把证据包、核验表等交给谁",
                    "log that a package or sheet is handed over, and to whom",
                ))
                .arg(dir())
                .arg(
                    Arg::new("file")
                        .value_name("FILE")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t("移交的文件", "what is handed over")),
                )
                .arg(
                    Arg::new("to")
                        .long("to")
                        .value_name("NAME")
                        .required(true)
                        .help(t("接收方", "who gets it")),
                )
                .arg(
                    Arg::new("remark")
                        .long("remark")
                        .value_name("TEXT")
                        .help(t("说明，如移送文书号", "a remark, such as the number of a letter")),
                )
                .arg(who_arg(lang)),
        )
        .subcommand(
            Command::new("check")
                .about(t("检查整个日志", "check the whole log"))
                .arg(dir())
                .arg(key_arg(
                    "key",
                    "可信的日志公钥；默认用日志旁的公钥",
                    "public key of the log; default: the one beside it",
                    lang,
                ))
                .arg(file("known", "先前留存的检查点", "a checkpoint kept from earlier")),
        )
        .subcommand(
            Command::new("shred")
                .about(t(
                    "销毁一个条目的盐值和内容；全部证明仍然成立",
                    "destroy salt and content of an entry; every proof goes on to hold",
                ))
                .arg(dir())
                .arg(entry())
                .arg(who_arg(lang)),
        )
        .subcommand(
            Command::new("prove")
                .about(t("写出条目在日志中的证明", "write the proof that an entry stands in the log"))
                .arg(dir())
                .arg(entry())
                .arg(file("out", "写到文件，默认为标准输出", "file to write; default: standard output")),
        )
        .subcommand(
            Command::new("witness")
                .about(t(
                    "见证：确认检查点与上次所见一致后签名",
                    "as a witness, sign a checkpoint that goes on from the last one seen",
                ))
                .arg(dir())
                .arg(
                    Arg::new("memory")
                        .long("memory")
                        .value_name("DIR")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t(
                            "见证人自己的文件夹：密钥和上次所见",
                            "the witness's own folder: its key and what it last saw",
                        )),
                )
                .arg(key_arg(
                    "key",
                    "日志公钥；默认用日志旁的公钥",
                    "public key of the log; default: the one beside it",
                    lang,
                ))
                .arg(file(
                    "out",
                    "签名写到文件，默认为标准输出",
                    "file for the signature; default: standard output",
                )),
        )
        .subcommand(
            Command::new("cosign")
                .about(t("把见证签名加到检查点上", "add the signature of a witness to the checkpoint"))
                .arg(dir())
                .arg(
                    Arg::new("signature")
                        .value_name("FILE")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t("log witness 写出的文件", "what log witness wrote")),
                )
                .arg(file(
                    "package",
                    "同时把见证签名写进此证据包（.zse 或文件夹）",
                    "also put the signatures into this package (a .zse or a folder)",
                )),
        )
}

fn key_arg(name: &'static str, zh: &'static str, en: &'static str, lang: Language) -> Arg {
    Arg::new(name).long(name).value_name("VKEY").action(ArgAction::Append).help(pick(lang, zh, en).to_owned())
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let Some((name, matches)) = matches.subcommand() else { bail!("no command") };
    let dir = matches.get_one::<PathBuf>("dir").cloned().unwrap_or_default();
    match name {
        "init" => init(matches, &dir, lang)?,
        "show" => print(&show(&open_log(&dir)?, lang == Language::Zh)?)?,
        "export" => export(matches, &dir, lang)?,
        "check" => {
            let known = match matches.get_one::<PathBuf>("known") {
                None => None,
                Some(path) => Some(checkpoint(path)?),
            };
            let mut report = check(&DiskFiles, &dir, &log_key(matches, &dir)?, known.as_ref())?;
            if matches.get_many::<String>("key").is_none() {
                // Whoever replaces a whole log replaces the key beside it as well.
                let detail = say!(
                    "用的是日志旁的公钥；请以 --key 给出",
                    "the one beside the log was used; give --key"
                );
                report.add(("公钥来源", "origin of the key"), Status::NotChecked, detail);
            }
            let (text, code) = told(&report, lang);
            print(&text)?;
            return Ok(ExitCode::from(code));
        }
        "shred" => {
            let index = entry(matches);
            let mut log = open_log(&dir)?;
            shred(&mut log, index, &now(), &who(matches), &tool())?;
            log.publish()?;
            print(&format!("{} #{index}\n", pick(lang, "已销毁条目内容", "content destroyed of entry")))?;
        }
        "prove" => {
            let log = open_log(&dir)?;
            // The published checkpoint carries the signatures of witnesses.
            let note = published(&DiskFiles, &dir)?.note;
            write_out(matches, log.prove(entry(matches), &note)?.text().as_bytes())?;
        }
        "witness" => witness(matches, &dir, lang)?,
        _ => {
            let path = matches.get_one::<PathBuf>("signature").cloned().unwrap_or_default();
            let mut log = open_log(&dir)?;
            log.publish()?;
            log.add_signature(signature(&path, &dir)?)?;
            print(pick(lang, "已加上见证签名\n", "the signature of the witness was added\n"))?;
            if let Some(package) = matches.get_one::<PathBuf>("package") {
                let index = reseal(&log, log.head(), package)?;
                print(&match lang {
                    Language::Zh => format!("已写进证据包 {}（第 {index} 号条目）\n", package.display()),
                    Language::En => format!("put into {} (entry {index})\n", package.display()),
                })?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Makes a log.
fn init(matches: &ArgMatches, dir: &Path, lang: Language) -> anyhow::Result<()> {
    if dir.join("key").exists() {
        return Err(EvidenceError::LogExists(dir.to_owned()).into());
    }
    let log = open_or_make_log(dir, make(matches))?;
    let key = log.signer().verifier().text();
    print(&format!(
        "{} {}\n{}\n{key}\n",
        pick(lang, "已新建日志", "made the log"),
        dir.display(),
        pick(lang, "日志公钥（请另行告知对方）：", "public key of the log (hand it over apart):")
    ))
}

/// Logs that a file is handed over, with its hash as it is now.
fn export(matches: &ArgMatches, dir: &Path, lang: Language) -> anyhow::Result<()> {
    let path = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    if path.is_dir() {
        bail!("`{}` is a folder; hand over one file, such as a .zse", path.display());
    }
    let digest = Content::Path(path.clone()).digest();
    let digest = digest.with_context(|| format!("`{}` cannot be read", path.display()))?;
    let mut log = open_log(dir)?;
    let mut event = Event::new(Action::Export, &now(), &who(matches), &tool());
    event.file = file_name(&path);
    event.sha256 = hex(&digest.sha256);
    for name in ["to", "remark"] {
        let value = matches.get_one::<String>(name).cloned();
        event.details.extend(value.map(|value| (name.to_owned(), value)));
    }
    let index = record(&mut log, &event)?;
    log.publish()?;
    print(&format!(
        "{} #{index}\nSHA-256 {}\nSM3     {}\n",
        pick(lang, "已登记移交，条目", "logged as handed over, entry"),
        hex(&digest.sha256),
        hex(&digest.sm3)
    ))
}

fn witness(matches: &ArgMatches, dir: &Path, lang: Language) -> anyhow::Result<()> {
    let memory = matches.get_one::<PathBuf>("memory").cloned().unwrap_or_default();
    let key_path = memory.join(WITNESS_KEY);
    let signer = if key_path.exists() {
        Signer::parse(&fs::read_to_string(&key_path)?).with_context(|| format!("`{}`", key_path.display()))?
    } else {
        fresh_key(&key_path, "zhunsheng-witness", KeyKind::Cosignature)?
    };
    let witness = Witness { files: &DiskFiles, folder: &memory, signer: &signer };
    let found = published(&DiskFiles, dir)?;
    let tree = published_tree(&DiskFiles, dir, &found.checkpoint)?;
    let proof = match witness.last(&found.checkpoint.origin)? {
        // A proof that cannot be made is no proof; the witness refuses it and says why.
        Some(last) => tree.consistency(last.size, found.checkpoint.size).unwrap_or_default(),
        None => Vec::new(),
    };
    // The log's own line is what the witness needs; the lines of others are not remembered with it.
    let line = witness.sign(&found.note, &log_key(matches, dir)?, &proof, now_seconds())?;
    let note = Note { text: found.note.text, signatures: vec![line] };
    write_out(matches, &note.bytes())?;
    if matches.get_one::<PathBuf>("out").is_some() {
        let key = signer.verifier().text();
        print(&format!("{}\n{key}\n", pick(lang, "见证人公钥：", "public key of the witness:")))?;
    }
    Ok(())
}

/// The signature that a witness wrote for the checkpoint as it is published.
fn signature(path: &Path, dir: &Path) -> anyhow::Result<NoteSignature> {
    let bytes = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let note = Note::parse(&bytes).with_context(|| format!("`{}` is no signature", path.display()))?;
    let published = published(&DiskFiles, dir)?.note;
    match note.signatures.as_slice() {
        [line] if note.text == published.text => Ok(line.clone()),
        _ => bail!("`{}` signs another checkpoint than the published one", path.display()),
    }
}

fn log_key(matches: &ArgMatches, dir: &Path) -> anyhow::Result<VerifierKey> {
    match keys(matches, "key")?.as_slice() {
        [] => {
            let path = dir.join("key");
            let text =
                fs::read_to_string(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
            VerifierKey::parse(text.trim()).with_context(|| format!("`{}` is no key", path.display()))
        }
        [key] => Ok(key.clone()),
        _ => bail!("a log has one key"),
    }
}

fn checkpoint(path: &Path) -> anyhow::Result<Checkpoint> {
    let bytes = fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    Note::parse(&bytes)
        .and_then(|note| Checkpoint::parse(&note.text))
        .with_context(|| format!("`{}` is no checkpoint", path.display()))
}

fn entry(matches: &ArgMatches) -> u64 {
    matches.get_one::<u64>("entry").copied().unwrap_or_default()
}

fn write_out(matches: &ArgMatches, bytes: &[u8]) -> anyhow::Result<()> {
    match matches.get_one::<PathBuf>("out") {
        None => std::io::stdout().lock().write_all(bytes)?,
        Some(path) => {
            fs::write(path, bytes).with_context(|| format!("`{}` cannot be written", path.display()))?;
        }
    }
    Ok(())
}

fn print(text: &str) -> anyhow::Result<()> {
    Ok(std::io::stdout().lock().write_all(text.as_bytes())?)
}
