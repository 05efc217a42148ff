//! `zhunsheng scan`: from a heap of files to an inventory.

use crate::command::models;
use crate::language::pick;
use crate::{custody, progress};
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zhunsheng_count::Acts;
use zhunsheng_engine::evidence::{self, Occasion};
use zhunsheng_engine::{KeySource, Progress, ScanOptions, ScanOutcome};
use zhunsheng_evidence::package::{Case, prepare};
use zhunsheng_evidence::{os_random, tsa};
use zhunsheng_model::{Basis, Date};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;
use zhunsheng_source::Limits;
use zhunsheng_verify::text::hex;

pub(crate) const NAME: &str = "scan";

pub(crate) fn command(lang: Language) -> Command {
    let text = |zh, en| pick(lang, zh, en).to_owned();
    let path = |name: &'static str, value: &'static str, zh, en| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(text(zh, en))
    };
    let flag =
        |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(text(zh, en));
    let limits = Limits::default();
    Command::new(NAME)
        .about(text(
            "清点数据中的个人信息：种类、条数、人数、档次",
            "count the personal information in data: kinds, items, persons, tiers",
        ))
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .num_args(1..)
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(text("文件或文件夹；- 为标准输入", "files or folders; - for standard input")),
        )
        .arg(path("out", "DIR", "输出文件夹", "folder for the results").default_value("zhunsheng-out"))
        .arg(path("acts", "FILE", "行为清单 (acts.toml)", "list of acts (acts.toml)"))
        .arg(
            Arg::new("date").long("date").value_name("YYYY-MM-DD").help(text(
                "计算年龄的日期（行为日）",
                "date at which ages are reckoned (the day of the act)",
            )),
        )
        .arg(
            Arg::new("basis")
                .long("basis")
                .value_name("seized|record|item|person")
                .value_parser(Basis::ALL.iter().map(|basis| basis.as_str()).collect::<Vec<_>>())
                .default_value(Basis::default().as_str())
                .help(text("一条按什么算", "what one item is")),
        )
        .arg(
            Arg::new("threads")
                .long("threads")
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..=1024))
                .help(text("线程数，默认为处理器核数", "threads; default: one for each core")),
        )
        .arg(
            Arg::new("memory")
                .long("memory")
                .value_name("SIZE")
                .value_parser(parse_size)
                .default_value("512M")
                .help(text("清点所用内存上限，如 512M、2G", "memory for counting, such as 512M or 2G")),
        )
        .arg(models::deep_arg(lang))
        .arg(path("key", "FILE", "散列密钥（64 位十六进制）", "key of the hashes (64 hexadecimal digits)"))
        .arg(path("mentions", "FILE", "逐处写出原值（须 --reveal）", "write every mention (needs --reveal)"))
        .arg(flag("reveal", "允许写出原值", "allow raw values to be written"))
        .arg(path("evidence", "FILE.zse", "另写出证据包", "also write an evidence package"))
        .arg(custody::log_arg(lang))
        .args(custody::make_args(lang, "log-hash", "log-signature"))
        .arg(Arg::new("tsa").long("tsa").value_name("URL").value_parser(parse_tsa).requires("evidence").help(
            text("向时间戳机构（http://…）取时间戳", "ask this time-stamp authority (http://…) for a stamp"),
        ))
        .arg(
            Arg::new("case")
                .long("case")
                .value_name("NUMBER")
                .help(text("案由、案号，写入提取固定清单", "number of the case, for the papers")),
        )
        .arg(custody::who_arg(lang))
        .arg(flag("resume", "接着上次中断处", "go on where an interrupted scan stopped"))
        .arg(flag("strict", "有读不了的即以 3 退出", "exit with 3 when anything could not be read"))
        .arg(flag("quiet", "不印表格", "print no table").short('q'))
        .arg(limit(
            "limit-ratio",
            "N",
            limits.ratio.to_string(),
            text("压缩比上限", "largest compression ratio"),
        ))
        .arg(limit("limit-depth", "N", limits.depth.to_string(), text("嵌套层数上限", "deepest nesting")))
        .arg(
            Arg::new("limit-size")
                .long("limit-size")
                .value_name("SIZE")
                .value_parser(parse_size)
                .default_value(format!("{}G", limits.size_bytes >> 30))
                .help(text("一个文件解出的字节上限", "most bytes unpacked from one file")),
        )
        .arg(limit(
            "limit-members",
            "N",
            limits.members.to_string(),
            text("一个文件内成员数上限", "most members of one file"),
        ))
}

fn limit(name: &'static str, value: &'static str, default: String, help: String) -> Arg {
    Arg::new(name)
        .long(name)
        .value_name(value)
        .value_parser(value_parser!(u64).range(1..))
        .default_value(default)
        .help(help)
}

/// `512M`, `2G`, `1048576`: bytes, with K, M, G, T as powers of 1024.
fn parse_size(text: &str) -> Result<u64, String> {
    let text = text.trim();
    let (digits, shift) = match text.char_indices().last() {
        Some((at, 'k' | 'K')) => (text.split_at(at).0, 10),
        Some((at, 'm' | 'M')) => (text.split_at(at).0, 20),
        Some((at, 'g' | 'G')) => (text.split_at(at).0, 30),
        Some((at, 't' | 'T')) => (text.split_at(at).0, 40),
        _ => (text, 0),
    };
    digits
        .parse::<u64>()
        .ok()
        .and_then(|number| number.checked_mul(1 << shift))
        .filter(|bytes| *bytes > 0)
        .ok_or_else(|| "a size is a number with K, M, G or T, such as 512M".to_owned())
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let rules = Rules::embedded();
    let options = options(matches, lang)?;
    if let Some(file) = matches.get_one::<PathBuf>("evidence") {
        can_seal(file, &log_folder(matches, &options.out), custody::make(matches))?;
    }
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    ctrlc::set_handler(move || {
        // The second Ctrl-C does not wait for the checkpoint.
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .context("signals cannot be caught")?;
    let progress = Progress::default();
    let outcome = progress::shown(&progress, matches.get_flag("quiet"), lang, || {
        zhunsheng_engine::scan(&options, rules, &progress, &cancel)
    })?;
    let mut out = std::io::stdout().lock();
    let Some(outcome) = outcome else {
        #[expect(clippy::print_stderr, reason = "the user who interrupts wants to know how to go on")]
        {
            let message = if zhunsheng_engine::is_resumable(&options.out) {
                pick(
                    lang,
                    "已中断；加 --resume 再运行即接着做",
                    "interrupted; run again with --resume to go on",
                )
            } else {
                pick(lang, "已中断；尚无可接着做的部分", "interrupted before anything could be kept")
            };
            eprintln!("{message}");
        }
        return Ok(ExitCode::from(130));
    };
    if !matches.get_flag("quiet") {
        let width = terminal_width();
        let colour = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
        out.write_all(
            zhunsheng_report::terminal::summary(&outcome.inventory, &outcome.view, width, colour, lang)
                .as_bytes(),
        )?;
        writeln!(out, "{} {}", pick(lang, "结果写在", "Results are in"), options.out.display(),)?;
        for name in &outcome.written {
            writeln!(out, "  {name}")?;
        }
    }
    if let Some(file) = matches.get_one::<PathBuf>("evidence") {
        let text = seal(matches, file, &options, rules, &outcome, lang)?;
        if !matches.get_flag("quiet") {
            out.write_all(text.as_bytes())?;
        }
    }
    let problems = !outcome.inventory.problems.is_empty();
    Ok(ExitCode::from(if problems && matches.get_flag("strict") { 3 } else { 0 }))
}

/// Fails before a long scan on what would fail after it.
fn can_seal(file: &Path, log: &Path, make: custody::Make) -> anyhow::Result<()> {
    let folder = custody::folder_of(file);
    if !folder.is_dir() || file.is_dir() {
        bail!("`{}` cannot be written", file.display());
    }
    if log.join("key").exists() {
        custody::fits(&custody::open_log(log)?, make)?;
    }
    Ok(())
}

/// `http://…`: what a time-stamp authority can be asked by.
fn parse_tsa(text: &str) -> Result<String, String> {
    let given = text.strip_prefix("http://").is_some_and(|rest| !rest.is_empty());
    given.then(|| text.to_owned()).ok_or_else(|| "the address must begin with `http://`".to_owned())
}

/// Writes the evidence package of a finished scan; gives what to say about it.
fn seal(
    matches: &ArgMatches,
    file: &Path,
    options: &ScanOptions,
    rules: &Rules,
    outcome: &ScanOutcome,
    lang: Language,
) -> anyhow::Result<String> {
    let acts = match matches.get_one::<PathBuf>("acts") {
        None => None,
        Some(path) => {
            Some(std::fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?)
        }
    };
    let occasion = Occasion {
        case: Case {
            case: matches.get_one::<String>("case").cloned().unwrap_or_default(),
            ..Case::default()
        },
        time: custody::now(),
        who: custody::who(matches),
        // No option takes a secret itself: keys come from files or the environment.
        command_line: std::env::args().collect(),
        acts,
    };
    let prepared = prepare(&evidence::package(options, rules, outcome, occasion)?)?;
    let token = match matches.get_one::<String>("tsa") {
        None => Ok(None),
        Some(url) => tsa::stamp(url, prepared.to_stamp(), tsa::http_post, os_random).map(Some),
    };
    // A long scan is not thrown away because an authority does not answer.
    let (token, unstamped) = match token {
        Ok(token) => (token, None),
        Err(error) => (None, Some(error)),
    };
    let folder = log_folder(matches, &options.out);
    let mut log = custody::open_or_make_log(&folder, custody::make(matches))?;
    let sha256 = hex(&prepared.sha256());
    let sealed = prepared.seal(&mut log, token)?;
    let index = sealed.index();
    sealed.write_file(&log, file)?;
    if let Some(error) = unstamped {
        return Err(error).context(format!(
            "`{}` {}",
            file.display(),
            pick(lang, "已写出，但没有时间戳", "was written without a time-stamp")
        ));
    }
    let key = log.signer().verifier().text();
    let t = |zh, en| pick(lang, zh, en);
    Ok(format!(
        "{} {}\n  {} {sha256}\n  {} #{index} {}\n  {} {key}\n",
        t("证据包", "Evidence package"),
        file.display(),
        t("封存校验值", "sealed as"),
        t("已记入日志", "logged as entry"),
        folder.display(),
        t("日志公钥（请另行告知对方）", "public key of the log (hand it over apart from the package)"),
    ))
}

/// The log that `--log` names, or the one in the output folder.
fn log_folder(matches: &ArgMatches, out: &Path) -> PathBuf {
    matches.get_one::<PathBuf>("log").cloned().unwrap_or_else(|| out.join(evidence::LOG))
}

fn terminal_width() -> usize {
    std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100)
}

fn options(matches: &ArgMatches, lang: Language) -> anyhow::Result<ScanOptions> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let number = |name: &str| matches.get_one::<u64>(name).copied().unwrap_or_default();
    let reveal = matches.get_flag("reveal");
    let mentions = path("mentions");
    if mentions.is_some() && !reveal {
        bail!(pick(
            lang,
            "--mentions 会写出原值，须同时给出 --reveal",
            "--mentions writes raw values and needs --reveal",
        ));
    }
    let acts = match path("acts") {
        None => None,
        Some(file) => {
            let text = std::fs::read_to_string(&file)
                .with_context(|| format!("`{}` cannot be read", file.display()))?;
            Some(Acts::parse(&text).with_context(|| format!("`{}`", file.display()))?)
        }
    };
    let date = match matches.get_one::<String>("date") {
        None => None,
        Some(text) => Some(Date::parse(text).with_context(|| {
            format!(
                "`{text}` {}",
                pick(lang, "不是 YYYY-MM-DD 形式的日期", "is not a date such as 2024-03-01")
            )
        })?),
    };
    let basis = matches.get_one::<String>("basis").map(String::as_str);
    let threads = matches
        .get_one::<u16>("threads")
        .map_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()), |n| usize::from(*n));
    let key = match (path("key"), std::env::var("ZHUNSHENG_KEY").ok()) {
        (Some(file), _) => KeySource::File(file),
        (None, Some(text)) => KeySource::Text(text.into()),
        (None, None) => KeySource::Fresh,
    };
    Ok(ScanOptions {
        paths: matches.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect(),
        out: path("out").unwrap_or_default(),
        acts,
        date,
        deep: models::deep(matches, lang)?,
        basis: Basis::ALL.iter().copied().find(|b| Some(b.as_str()) == basis).unwrap_or_default(),
        threads,
        memory_bytes: number("memory"),
        limits: Limits {
            ratio: number("limit-ratio"),
            depth: number("limit-depth") as u32,
            size_bytes: number("limit-size"),
            members: number("limit-members"),
        },
        key,
        mentions,
        resume: matches.get_flag("resume"),
        lang,
        command_line: command_line(),
        exclude: path("evidence").into_iter().chain(path("log")).collect(),
    })
}

/// The command line as it stands in the report.
fn command_line() -> String {
    std::env::args().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::parse_size;

    #[test]
    fn sizes_are_powers_of_1024() {
        assert_eq!(parse_size("512M"), Ok(512 << 20));
        assert_eq!(parse_size("2g"), Ok(2 << 30));
        assert_eq!(parse_size("17"), Ok(17));
        for wrong in ["", "0", "M", "1.5G", "-1", "99999999999T", "十"] {
            assert!(parse_size(wrong).is_err(), "{wrong}");
        }
    }
}
