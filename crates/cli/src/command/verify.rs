//! `zhunsheng verify`: checks an evidence package offline, and scans again on request.

use crate::custody::{file_name, folder_of, keys, log_arg, log_step, told, who_arg};
use crate::language::pick;
use crate::rescan;
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::fs::File;
use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_evidence::custody::Action;
use zhunsheng_report::Language;
use zhunsheng_verify::zip::Zip;
use zhunsheng_verify::{
    Container, Folder, Report, Status, TrustedKeys, Verdict, Words, say, verify_container,
};

pub(crate) const NAME: &str = "verify";

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
                .visible_alias("require")
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
pub(crate) fn open(path: &Path) -> anyhow::Result<Result<Box<dyn Container>, Words>> {
    if path.is_dir() {
        return Ok(match Folder::open(path) {
            Ok(folder) => Ok(Box::new(folder)),
            Err(error) => Err(Words::of(&error)),
        });
    }
    let file = File::open(path).with_context(|| format!("`{}` cannot be opened", path.display()))?;
    Ok(match Zip::open(BufReader::new(file)) {
        Ok(zip) => Ok(Box::new(zip)),
        Err(error) => Err(Words::of(&error)),
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
            report.failed(("容器", "container"), detail);
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
    let what = ("清单重现", "inventory reproduced");
    // What the package says of itself is only worth following when its hashes hold.
    if report.verdict() == Verdict::Failed {
        let detail = say!("证据包本身校验不通过，未重新扫描", "the package itself does not hold");
        report.add(what, Status::NotChecked, detail);
        return Ok(());
    }
    let expected = report.facts.iter().find(|(name, _)| name == INVENTORY).map(|(_, value)| value.clone());
    let Some(expected) = expected else {
        report.failed(what, say!("证据包未载明清单的校验值", "the package does not name its inventory"));
        return Ok(());
    };
    let again = match rescan::again(container, paths, None, lang)? {
        Ok(again) => again,
        Err(lacks) => {
            report.failed(what, lacks);
            return Ok(());
        }
    };
    let made = &again.inventory_sha256;
    if *made == expected {
        report.passed(what, say!("逐字节相同，SHA-256 {made}", "byte for byte, SHA-256 {made}"));
        return Ok(());
    }
    let mut why = [again.inputs, again.program].concat();
    if why.is_empty() {
        why.push(say!("检材全部相同", "every input is the same"));
    }
    let Words { zh, en } = rescan::joined(&why);
    report.failed(what, say!("所得清单的 SHA-256 为 {made}：{zh}", "it comes out as SHA-256 {made}: {en}"));
    Ok(())
}
