//! `zhunsheng record`: the record of processing activities, as `record.toml` and as a workbook.

use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_judge::{Diagnostic, Level};
use zhunsheng_record::{Form, Record, read_toml, read_xlsx, write_toml, write_xlsx};
use zhunsheng_report::Language;

pub(crate) const NAME: &str = "record";

pub(crate) fn command(lang: Language) -> Command {
    let file = |zh, en| {
        Arg::new("file")
            .value_name("FILE")
            .required(true)
            .value_parser(value_parser!(PathBuf))
            .help(pick(lang, zh, en))
    };
    let out = |required| {
        Arg::new("out")
            .long("out")
            .value_name("FILE")
            .required(required)
            .value_parser(value_parser!(PathBuf))
            .help(pick(lang, "写入的文件（.toml 或 .xlsx）", "file to write (.toml or .xlsx)"))
    };
    let force = || {
        Arg::new("force").long("force").action(ArgAction::SetTrue).help(pick(
            lang,
            "覆盖已有的文件",
            "replace an existing file",
        ))
    };
    Command::new(NAME)
        .about(pick(
            lang,
            "处理活动记录：新建、检查、从 Excel 导入、导出",
            "the record of processing activities: new, check, import from Excel, export",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("new")
                .about(pick(lang, "新建空白记录（TOML 或 Excel）", "write an empty record (TOML or Excel)"))
                .arg(out(true))
                .arg(force()),
        )
        .subcommand(
            Command::new("check")
                .about(pick(
                    lang,
                    "检查记录：错误和没有填写的必填项",
                    "check a record: errors, and required fields left out",
                ))
                .arg(file("记录（.toml 或 .xlsx）", "the record (.toml or .xlsx)"))
                .arg(Arg::new("strict").long("strict").action(ArgAction::SetTrue).help(pick(
                    lang,
                    "有未填的必填项即以 3 退出",
                    "exit with 3 when required fields are left out",
                ))),
        )
        .subcommand(
            Command::new("import")
                .about(pick(
                    lang,
                    "把填好的 Excel 转成 record.toml",
                    "turn a filled-in workbook into record.toml",
                ))
                .arg(file("填好的 Excel（.xlsx）", "the filled-in workbook (.xlsx)"))
                .arg(out(true))
                .arg(force()),
        )
        .subcommand(
            Command::new("export")
                .about(pick(lang, "把 record.toml 转成 Excel", "turn record.toml into a workbook"))
                .arg(file("记录（.toml）", "the record (.toml)"))
                .arg(out(true))
                .arg(force()),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let form = Form::new(&zhunsheng_judge::embedded().schema)?;
    match matches.subcommand() {
        Some(("new", matches)) => {
            write(&Record::default(), &form, matches, lang)?;
            Ok(ExitCode::SUCCESS)
        }
        Some(("check", matches)) => check(&form, matches, lang),
        Some((_, matches)) => {
            let (record, problems) = open(path(matches, "file"), &form)?;
            let wrong = show(&problems)?;
            if wrong {
                bail!(
                    "{}",
                    pick(lang, "记录有错误，没有写入文件", "the record has errors; nothing was written")
                );
            }
            write(&record, &form, matches, lang)?;
            Ok(ExitCode::SUCCESS)
        }
        None => bail!("no command"),
    }
}

fn path<'a>(matches: &'a ArgMatches, name: &str) -> &'a Path {
    matches.get_one::<PathBuf>(name).map(PathBuf::as_path).unwrap_or(Path::new(""))
}

fn is_workbook(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
}

/// Reads a record by the ending of its name.
///
/// # Errors
/// When the file cannot be read, or is no workbook.
pub(crate) fn open(path: &Path, form: &Form) -> anyhow::Result<(Record, Vec<Diagnostic>)> {
    let name = path.display().to_string();
    let bytes = std::fs::read(path).with_context(|| format!("`{name}` cannot be read"))?;
    if is_workbook(path) {
        return Ok(read_xlsx(&name, &bytes, form)?);
    }
    let text = String::from_utf8(bytes).with_context(|| format!("`{name}` is not UTF-8"))?;
    Ok(read_toml(&name, text.trim_start_matches('\u{feff}'), form))
}

fn language(lang: Language) -> zhunsheng_record::Language {
    match lang {
        Language::Zh => zhunsheng_record::Language::Zh,
        Language::En => zhunsheng_record::Language::En,
    }
}

fn write(record: &Record, form: &Form, matches: &ArgMatches, lang: Language) -> anyhow::Result<()> {
    let out = path(matches, "out");
    if out.exists() && !matches.get_flag("force") {
        bail!(
            "`{}` {}",
            out.display(),
            pick(lang, "已经存在；用 --force 覆盖", "exists already; `--force` replaces it")
        );
    }
    let bytes = if is_workbook(out) {
        write_xlsx(record, form, language(lang))?
    } else {
        write_toml(record, form, language(lang)).into_bytes()
    };
    // Never half a file under the final name.
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("`{}` cannot be written to", folder.display()))?;
    file.write_all(&bytes)?;
    file.persist(out).with_context(|| format!("`{}` cannot be written", out.display()))?;
    writeln!(std::io::stdout(), "{} {}", pick(lang, "已写入", "written:"), out.display())?;
    Ok(())
}

/// Prints the problems; says whether one of them is an error.
fn show(problems: &[Diagnostic]) -> anyhow::Result<bool> {
    let mut err = std::io::stderr().lock();
    for problem in problems {
        writeln!(err, "{problem}")?;
    }
    Ok(problems.iter().any(|problem| problem.level == Level::Error))
}

fn check(form: &Form, matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let path = path(matches, "file");
    let (record, mut problems) = open(path, form)?;
    let gaps = record.gaps(form, &path.display().to_string(), language(lang));
    let missing = gaps.len();
    problems.extend(gaps);
    let wrong = show(&problems)?;
    let errors = problems.len() - missing;
    let message = match lang {
        Language::Zh => format!("{errors} 处错误，{missing} 处没有填写或者重复"),
        Language::En => format!("{errors} errors, {missing} fields left out or said twice"),
    };
    writeln!(std::io::stdout(), "{message}")?;
    Ok(ExitCode::from(match (wrong, missing) {
        (true, _) => 1,
        (false, 1..) if matches.get_flag("strict") => 3,
        _ => 0,
    }))
}
