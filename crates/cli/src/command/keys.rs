//! `zhunsheng keys`: makes, lists, rotates and exports the keys that protect and restore values.

use crate::custody::now;
use crate::keystore;
use crate::language::pick;
use anyhow::{Context, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_model::Date;
use zhunsheng_protect::{Keyring, Suite};
use zhunsheng_report::Language;

pub(crate) const NAME: &str = "keys";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let file = || {
        Arg::new("file")
            .value_name("FILE")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(t("密钥文件", "the key file"))
    };
    let new_passphrase = |name: &'static str, value: &'static str, zh, en| {
        Arg::new(name).long(name).value_name(value).help(t(zh, en))
    };
    Command::new(NAME)
        .about(t("保护与还原所用的密钥", "the keys that protect and restore values"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("new")
                .about(t("生成密钥文件（口令加密）", "make a key file, sealed by a passphrase"))
                .arg(file())
                .arg(
                    Arg::new("suite")
                        .long("suite")
                        .value_name("aes|sm")
                        .value_parser(["aes", "sm"])
                        .default_value("aes")
                        .help(t("算法：AES/SHA-256 或国密 SM4/SM3", "AES and SHA-256, or SM4 and SM3")),
                )
                .args(keystore::passphrase_args(lang)),
        )
        .subcommand(
            Command::new("list")
                .about(t("列出密钥的版本和编号", "list versions and ids of the keys"))
                .arg(file().required(false).help(t(
                    "密钥文件；不给则列出环境变量中的密钥",
                    "the key file; without it the key of the environment is listed",
                )))
                .arg(Arg::new("check").long("check").action(ArgAction::SetTrue).help(t(
                    "并用口令打开核对",
                    "also open the file with its passphrase and compare",
                )))
                .args(keystore::passphrase_args(lang)),
        )
        .subcommand(
            Command::new("rotate")
                .about(t(
                    "加一个新版本并重新加密；旧版本保留，用于还原",
                    "add a version and seal the file anew; old versions stay, to restore what they protected",
                ))
                .arg(file())
                .arg(Arg::new("only-passphrase").long("only-passphrase").action(ArgAction::SetTrue).help(t(
                    "只换口令，不加版本",
                    "change the passphrase only, add no version",
                )))
                .args(keystore::passphrase_args(lang))
                .arg(
                    new_passphrase(
                        "new-passphrase-file",
                        "FILE",
                        "新口令文件；不给则口令不变",
                        "file of the new passphrase; without it the passphrase stays",
                    )
                    .value_parser(value_parser!(PathBuf)),
                )
                .arg(new_passphrase(
                    "new-passphrase-command",
                    "COMMAND",
                    "取新口令的命令",
                    "command that prints the new passphrase",
                )),
        )
        .subcommand(
            Command::new("export")
                .about(t(
                    "输出一个版本的明文密钥，供 ZHUNSHENG_PROTECT_KEY 使用；请妥善保管",
                    "print one version as a bare key, for ZHUNSHENG_PROTECT_KEY; it is not protected any more",
                ))
                .arg(file())
                .arg(
                    Arg::new("version")
                        .long("version")
                        .value_name("N")
                        .value_parser(value_parser!(u32))
                        .help(t("版本；默认最新", "the version; default: the newest")),
                )
                .arg(Arg::new("yes").long("yes").action(ArgAction::SetTrue).help(t(
                    "允许显示在终端上",
                    "allow it to be shown on a terminal",
                )))
                .args(keystore::passphrase_args(lang)),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let Some((name, matches)) = matches.subcommand() else { bail!("no command") };
    let path = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    let text = match name {
        "new" => new(matches, &path, lang)?,
        "list" => list(matches, &path, lang)?,
        "rotate" => rotate(matches, &path, lang)?,
        _ => export(matches, &path, lang)?,
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

fn today() -> Option<Date> {
    now().get(..10).and_then(Date::parse)
}

fn new(matches: &ArgMatches, path: &Path, lang: Language) -> anyhow::Result<String> {
    // Said before a passphrase is asked for.
    ensure!(
        !path.exists(),
        "`{}` {}",
        path.display(),
        pick(lang, "已经存在；不会覆盖密钥文件", "exists already; a key file is never overwritten")
    );
    let suite =
        matches.get_one::<String>("suite").and_then(|word| Suite::from_word(word)).unwrap_or_default();
    let passphrase = keystore::new_passphrase(matches, "", lang)?;
    let keyring = Keyring::new(suite, keystore::fresh_secret()?, today());
    keystore::create(path, &keyring, &passphrase)?;
    let advice = pick(
        lang,
        "没有口令就打不开，丢失后无法还原：请分开保存密钥文件和口令。",
        "Without its passphrase nobody can open it, and what it protected stays protected: \
         keep a copy of both, apart from each other.",
    );
    Ok(lines(&keyring, lang) + advice + "\n")
}

fn list(matches: &ArgMatches, path: &Path, lang: Language) -> anyhow::Result<String> {
    if path.as_os_str().is_empty() {
        let keyring = keystore::keyring(matches, lang)?;
        return match keyring {
            Some(keyring) => Ok(lines(&keyring, lang)),
            None => bail!(
                "{}",
                pick(
                    lang,
                    "没有给出密钥文件，环境变量中也没有密钥",
                    "no key file is given, and the environment holds no key"
                )
            ),
        };
    }
    let (file, _) = keystore::read(path)?;
    if matches.get_flag("check") {
        let passphrase = keystore::passphrase(matches, "", lang)?;
        let keyring = file.open(&passphrase).with_context(|| format!("`{}`", path.display()))?;
        return Ok(lines(&keyring, lang) + pick(lang, "口令正确。\n", "The passphrase opens the file.\n"));
    }
    let mut text = String::new();
    for key in file.keys() {
        text.push_str(&line(key.version, &key.id, file.suite(), key.made, lang));
    }
    Ok(text)
}

fn rotate(matches: &ArgMatches, path: &Path, lang: Language) -> anyhow::Result<String> {
    let old = keystore::passphrase(matches, "", lang)?;
    let changes =
        ["new-passphrase-file", "new-passphrase-command"].iter().any(|name| matches.contains_id(name));
    let only = matches.get_flag("only-passphrase");
    // `--only-passphrase` without a source asks on the terminal.
    let new = if changes || only { keystore::new_passphrase(matches, "new-", lang)? } else { old.clone() };
    let secret = keystore::fresh_secret()?;
    let keyring = keystore::change(path, &old, &new, |ring| {
        if !only {
            ring.rotate(secret, today());
        }
        Ok(())
    })?;
    Ok(lines(&keyring, lang))
}

fn export(matches: &ArgMatches, path: &Path, lang: Language) -> anyhow::Result<String> {
    ensure!(
        matches.get_flag("yes") || !std::io::stdout().is_terminal(),
        "{}",
        pick(
            lang,
            "明文密钥将显示在终端上；确定要这样请加 --yes，或者重定向到文件",
            "the bare key would be shown on the terminal; say --yes for that, or send it to a file"
        )
    );
    let (file, _) = keystore::read(path)?;
    let passphrase = keystore::passphrase(matches, "", lang)?;
    let keyring = file.open(&passphrase).with_context(|| format!("`{}`", path.display()))?;
    let bare = keyring.bare(matches.get_one::<u32>("version").copied())?;
    Ok(format!("{}:{}\n", keyring.suite().as_str(), *bare))
}

fn lines(keyring: &Keyring, lang: Language) -> String {
    keyring.versions().map(|key| line(key.version(), &key.id(), keyring.suite(), key.made(), lang)).collect()
}

fn line(version: u32, id: &str, suite: Suite, made: Option<Date>, lang: Language) -> String {
    let made = made.map_or_else(|| "-".to_owned(), |date| date.to_string());
    format!("{} {version}\t{id}\t{}\t{made}\n", pick(lang, "版本", "version"), suite.as_str())
}
