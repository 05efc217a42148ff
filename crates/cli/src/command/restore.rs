//! `zhunsheng restore`: brings back what was sealed or encrypted, for whoever holds the key.

use crate::command::protect::{cancel_flag, protector, stopped, unless_stopped};
use crate::language::pick;
use crate::{custody, keystore};
use anyhow::{Context, ensure};
use clap::{Arg, ArgMatches, Command, value_parser};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_detect::Detector;
use zhunsheng_evidence::custody::Action;
use zhunsheng_model::Kind;
use zhunsheng_report::Language;
use zhunsheng_rewrite::{RestoreColumns, TreeOptions, restore_tree};
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "restore";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let path = |name: &'static str, value: &'static str, zh, en| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(t(zh, en))
    };
    Command::new(NAME)
        .about(t(
            "用密钥还原已加密的值（遮盖和概化的不能还原）",
            "bring back encrypted values with the key (what was masked or generalised has no way back)",
        ))
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .num_args(1..)
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(t("受保护的文件或文件夹", "protected files or folders")),
        )
        .arg(
            path("out", "DIR", "输出文件夹；不得已存在", "the folder to make; it must not exist")
                .required(true),
        )
        .arg(
            Arg::new("policy")
                .long("policy")
                .value_name("NAME|FILE")
                .required(true)
                .help(t("保护时所用的策略", "the policy that the copy was made by")),
        )
        .arg(path(
            "receipt",
            "FILE",
            "保护回执；据以还原保形加密的列",
            "the receipt of the copy: it names the columns under format-preserving encryption",
        ))
        .arg(keystore::key_arg(lang))
        .args(keystore::passphrase_args(lang))
        .arg(custody::log_arg(lang).help(t("把还原记入这个日志", "note in this log who restored what")))
        .arg(custody::who_arg(lang))
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let rules = Rules::embedded();
    let keyring = keystore::keyring(matches, lang)?;
    ensure!(
        keyring.is_some(),
        "{}",
        pick(lang, "还原须有密钥：--key FILE", "restoring needs the key: --key FILE")
    );
    let name = matches.get_one::<String>("policy").map(String::as_str).unwrap_or_default();
    let protector = protector(name, keyring.as_ref(), rules, None)?;
    let columns = match matches.get_one::<PathBuf>("receipt") {
        None => BTreeMap::new(),
        Some(file) => columns(file, &protector.policy().sha256)?,
    };
    let detector = Detector::without_reader(rules, rules.as_of())?;
    let cancel = cancel_flag()?;
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let options = TreeOptions {
        paths: matches.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect(),
        out: out.clone(),
        detector: &detector,
        protector: &protector,
        rules_sha256: rules.sha256(),
        skip_unsupported: false,
        threads: 1,
        cancel: &cancel,
        session: keystore::fresh_secret()?,
    };
    let Some(restored) = unless_stopped(restore_tree(&options, &columns))? else { return Ok(stopped(lang)) };
    let mut text = format!(
        "{} {} ({} {})\n",
        pick(lang, "还原写在", "The restored files are in"),
        out.display(),
        restored.values,
        pick(lang, "个值", "values")
    );
    if restored.unchanged > 0 {
        let what =
            pick(lang, "个值不能还原，保持原样", "values could not be brought back and stay as they are");
        text += &format!("{} {what}\n", restored.unchanged);
    }
    if let Some(folder) = matches.get_one::<PathBuf>("log") {
        let details = [
            ("command", NAME.to_owned()),
            ("policy", protector.policy().name.clone()),
            ("files", restored.files.to_string()),
            ("values", restored.values.to_string()),
        ];
        let details = details.map(|(name, value)| (name.to_owned(), value));
        let fill = |event: &mut zhunsheng_evidence::custody::Event| event.details.extend(details);
        text += &custody::log_step(matches, folder, Action::Export, fill, lang)?;
        text.push('\n');
    }
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// The columns under format-preserving encryption that a receipt names.
fn columns(file: &Path, policy_sha256: &str) -> anyhow::Result<RestoreColumns> {
    let text =
        std::fs::read_to_string(file).with_context(|| format!("`{}` cannot be read", file.display()))?;
    let receipt: serde_json::Value =
        serde_json::from_str(&text).with_context(|| format!("`{}` is no receipt", file.display()))?;
    ensure!(
        receipt["policy"]["sha256"] == policy_sha256,
        "`{}` is the receipt of another policy",
        file.display()
    );
    let key = receipt["keys"].as_array().and_then(|keys| keys.last()?["version"].as_u64());
    let key = key.and_then(|version| u32::try_from(version).ok());
    let mut columns = RestoreColumns::new();
    for line in receipt["columns"].as_array().into_iter().flatten() {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let kind = Kind::from_id(&text("kind"));
        if let Some(kind) = kind.filter(|_| text("operator") == "fpe" && !text("column").is_empty()) {
            columns.insert((text("file"), text("column")), (kind, key));
        }
    }
    Ok(columns)
}
