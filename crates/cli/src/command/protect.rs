//! `zhunsheng protect`: copies that may leave the house, and the proof that nothing is left in them.

use crate::command::models;
use crate::language::pick;
use crate::{custody, keystore};
use anyhow::{Context, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use zhunsheng_detect::Detector;
use zhunsheng_engine::CarefulReader;
use zhunsheng_evidence::custody::Action;
use zhunsheng_model::{Date, Kind};
use zhunsheng_protect::{Keyring, Policy, Protector};
use zhunsheng_report::Language;
use zhunsheng_rewrite::{Plan, Receipt, RewriteError, TreeOptions, plan_tree, protect_stream, protect_tree};
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "protect";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let path = |name: &'static str, value: &'static str, zh, en| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(t(zh, en))
    };
    let flag =
        |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(zh, en));
    Command::new(NAME)
        .about(t(
            "按策略生成受保护的副本，并重新扫描证明其中不留个人信息",
            "make protected copies by a policy, and scan them again to prove that nothing is left",
        ))
        .arg(
            Arg::new("path")
                .value_name("PATH")
                .num_args(1..)
                .required_unless_present("stream")
                .value_parser(value_parser!(PathBuf))
                .help(t("文件或文件夹", "files or folders")),
        )
        .arg(Arg::new("policy").long("policy").value_name("NAME|FILE").required(true).help(t(
            "策略：share、test-data、court-judgment、waybill、training-data、children，或策略文件",
            "the policy: share, test-data, court-judgment, waybill, training-data, children, or a file",
        )))
        .arg(path("out", "DIR", "输出文件夹；不得已存在", "the folder to make; it must not exist"))
        .arg(keystore::key_arg(lang))
        .args(keystore::passphrase_args(lang))
        .arg(flag("plan", "只说明将怎样处理，不写任何文件", "only say what would happen; write nothing"))
        .arg(models::deep_arg(lang))
        .arg(flag(
            "identifiers-only",
            "不用姓名地址识别器，只处理号码等和有提示词的内容（最快）",
            "without the reader of names and addresses: numbers and what words announce (quickest)",
        ))
        .arg(path("receipt", "FILE", "回执（JSON）写到这里", "write the receipt (JSON) here"))
        .arg(
            flag("stream", "从标准输入读，写到标准输出", "from standard input to standard output")
                .conflicts_with_all(["path", "out", "plan"]),
        )
        .arg(flag(
            "skip-unsupported",
            "不能安全改写的文件和成员不放入副本（记入回执），而不是失败",
            "leave out files and members that cannot be written again (listed in the receipt) instead of failing",
        ))
        .arg(
            Arg::new("date")
                .long("date")
                .value_name("YYYY-MM-DD")
                .help(t("计算年龄的日期", "date at which ages are reckoned")),
        )
        .arg(
            Arg::new("threads")
                .long("threads")
                .value_name("N")
                .value_parser(value_parser!(u16).range(1..=1024))
                .help(t("线程数，默认为处理器核数", "threads; default: one for each core")),
        )
        .arg(custody::log_arg(lang).help(t("把回执记入这个日志", "note the receipt in this log")))
        .arg(custody::who_arg(lang))
        .arg(flag("quiet", "不印摘要", "print no summary").short('q'))
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let rules = Rules::embedded();
    let is_stream = matches.get_flag("stream");
    let is_plan = matches.get_flag("plan");
    let out = matches.get_one::<PathBuf>("out").cloned();
    ensure!(
        out.is_some() || is_stream || is_plan,
        "{}",
        pick(lang, "须给出 --out DIR，或 --plan、--stream", "give --out DIR, or --plan, or --stream")
    );
    let date = match matches.get_one::<String>("date") {
        None => None,
        Some(text) => {
            let wrong = pick(lang, "不是 YYYY-MM-DD 形式的日期", "is not a date such as 2024-03-01");
            Some(Date::parse(text).with_context(|| format!("`{text}` {wrong}"))?)
        }
    };
    let keyring = keystore::keyring(matches, lang)?;
    let name = matches.get_one::<String>("policy").map(String::as_str).unwrap_or_default();
    let protector = protector(name, keyring.as_ref(), rules, date)?;
    let detector = detector(matches, rules, date, lang)?;
    let cancel = cancel_flag()?;
    // Before a long run: what would fail after it.
    let receipt_file = matches.get_one::<PathBuf>("receipt");
    if let Some(file) = receipt_file {
        let folder = custody::folder_of(file);
        ensure!(folder.is_dir() && !file.exists(), "`{}` cannot be written, or exists", file.display());
    }
    let options = TreeOptions {
        paths: matches.get_many::<PathBuf>("path").unwrap_or_default().cloned().collect(),
        out: out.clone().unwrap_or_default(),
        detector: &detector,
        protector: &protector,
        rules_sha256: rules.sha256(),
        skip_unsupported: matches.get_flag("skip-unsupported"),
        threads: matches
            .get_one::<u16>("threads")
            .map_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()), |n| usize::from(*n)),
        cancel: &cancel,
        session: keystore::fresh_secret()?,
    };
    let quiet = matches.get_flag("quiet");
    if is_plan {
        let Some(plan) = unless_stopped(plan_tree(&options))? else { return Ok(stopped(lang)) };
        let mut to = std::io::stdout().lock();
        to.write_all(plan_text(&plan, &protector, lang).as_bytes())?;
        return Ok(ExitCode::SUCCESS);
    }
    let made = match is_stream {
        false => protect_tree(&options),
        true => protect_stream(&options, &mut std::io::stdin().lock(), &mut std::io::stdout().lock()),
    };
    let Some(outcome) = unless_stopped(made)? else { return Ok(stopped(lang)) };
    let receipt = serde_json::to_string_pretty(&outcome.receipt)? + "\n";
    if let Some(file) = receipt_file {
        write_new(file, &receipt)?;
    }
    let mut logged = String::new();
    if let Some(folder) = matches.get_one::<PathBuf>("log") {
        logged = note(matches, folder, &receipt, &outcome.receipt, lang)? + "\n";
    }
    if !quiet && !is_stream {
        let text = summary(&outcome.receipt, out.as_deref(), lang) + &logged;
        std::io::stdout().lock().write_all(text.as_bytes())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The ready policy of that name, or the one in that file, set up.
pub(crate) fn protector(
    name: &str,
    keyring: Option<&Keyring>,
    rules: &Rules,
    date: Option<Date>,
) -> anyhow::Result<Protector> {
    let policy = match Policy::ready(name) {
        Some(policy) => policy?,
        None => {
            let text = std::fs::read_to_string(name)
                .with_context(|| format!("`{name}` is no ready policy and cannot be read as a file"))?;
            Policy::parse(name, &text)?
        }
    };
    Ok(Protector::new(policy, keyring, rules, date)?)
}

fn detector(
    matches: &ArgMatches,
    rules: &Rules,
    date: Option<Date>,
    lang: Language,
) -> anyhow::Result<Detector> {
    let reference = date.unwrap_or_else(|| rules.as_of());
    if matches.get_flag("identifiers-only") {
        return Ok(Detector::without_reader(rules, reference)?);
    }
    Ok(match models::deep(matches, lang)? {
        None => Detector::new(rules, reference)?,
        Some(folder) => {
            Detector::without_reader(rules, reference)?.with_reader(CarefulReader::load(&folder, rules)?)
        }
    })
}

/// Set by Ctrl-C; the second one does not wait.
pub(crate) fn cancel_flag() -> anyhow::Result<Arc<AtomicBool>> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })
    .context("signals cannot be caught")?;
    Ok(cancel)
}

pub(crate) fn unless_stopped<T>(made: Result<T, RewriteError>) -> anyhow::Result<Option<T>> {
    match made {
        Ok(made) => Ok(Some(made)),
        Err(RewriteError::Stopped) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

#[expect(clippy::print_stderr, reason = "the user who interrupts wants to know what is left")]
pub(crate) fn stopped(lang: Language) -> ExitCode {
    eprintln!("{}", pick(lang, "已中断；未写出任何副本", "interrupted; no copy was written"));
    ExitCode::from(130)
}

/// Writes a file that must not exist.
pub(crate) fn write_new(file: &Path, text: &str) -> anyhow::Result<()> {
    let write = || -> std::io::Result<()> {
        let mut to = std::fs::OpenOptions::new().write(true).create_new(true).open(file)?;
        to.write_all(text.as_bytes())?;
        to.sync_all()
    };
    write().with_context(|| format!("`{}` cannot be written", file.display()))
}

/// Notes what was done in the log; gives what to say about it.
fn note(
    matches: &ArgMatches,
    folder: &Path,
    text: &str,
    receipt: &Receipt,
    lang: Language,
) -> anyhow::Result<String> {
    let keys: Vec<&str> = receipt.keys.iter().map(|key| key.id.as_str()).collect();
    let details = [
        ("command", NAME.to_owned()),
        ("policy", receipt.policy.name.clone()),
        ("policy_sha256", receipt.policy.sha256.clone()),
        ("files", receipt.files.len().to_string()),
        ("values", receipt.values().to_string()),
        ("keys", keys.join(" ")),
    ];
    custody::log_step(
        matches,
        folder,
        Action::Export,
        |event| {
            event.sha256 = custody::sha256(text.as_bytes());
            event.details.extend(details.map(|(name, value)| (name.to_owned(), value)));
        },
        lang,
    )
}

fn kind_name(id: &str, lang: Language) -> &'static str {
    Kind::from_id(id).map_or("", |kind| pick(lang, kind.name_zh(), kind.name_en()))
}

fn summary(receipt: &Receipt, out: Option<&Path>, lang: Language) -> String {
    let t = |zh, en| pick(lang, zh, en);
    let mut text = format!(
        "{} {}\n",
        t("受保护的副本写在", "The protected copy is in"),
        out.map(|out| out.display().to_string()).unwrap_or_default()
    );
    for counted in &receipt.replaced {
        let name = kind_name(counted.kind, lang);
        text += &format!("  {:>9}  {:<18} {:<12} {name}\n", counted.count, counted.kind, counted.operator);
    }
    text += &format!(
        "{}\n",
        t("再次扫描未发现应保护而未保护的内容。", "The second scan found nothing that had to be protected.")
    );
    for warning in &receipt.warnings {
        let what = warning_text(warning.kind, lang);
        text += &format!("{} {}：{what} ({})\n", t("注意", "note"), warning.place, warning.count);
    }
    text
}

fn warning_text(kind: zhunsheng_rewrite::WarningKind, lang: Language) -> &'static str {
    use zhunsheng_rewrite::WarningKind as W;
    let (zh, en) = match kind {
        W::NameOfFile => {
            ("文件名本身像个人信息，文件名未改", "the name of the file looks personal; names are kept")
        }
        W::NotInEncoding => ("原编码没有的字写作 *", "characters that the encoding lacks became *"),
        W::NumberBecameText => ("JSON 数字改成了字符串", "numbers in JSON became strings"),
        W::FormulaDropped => ("去掉了公式，保留其值", "formulas were dropped, their values stay"),
        W::PartDropped => ("去掉了无法保护的部分", "parts that cannot be protected were dropped"),
        W::LeftOut => ("不能安全改写，未放入副本", "cannot be written again safely and was left out"),
        W::FoundLater => {
            ("第二遍才显出的值，也已处理", "values that stood out only in the copy were replaced too")
        }
        W::BadCharacters => ("有些字节不成字，原样保留", "bytes that are no character stay as they are"),
    };
    pick(lang, zh, en)
}

fn plan_text(plan: &Plan, protector: &Protector, lang: Language) -> String {
    let t = |zh, en| pick(lang, zh, en);
    let policy = protector.policy();
    let title = pick(lang, policy.title.as_str(), policy.title_en.as_str());
    let mut text = format!("{} {} — {title}\n", t("策略", "policy"), policy.name);
    if plan.lines.is_empty() {
        text += t("没有要处理的内容。\n", "Nothing would be changed.\n");
    }
    let mut file = None;
    for line in &plan.lines {
        if file != Some(&line.file) {
            text += &format!("{}\n", line.file);
            file = Some(&line.file);
        }
        let column = if line.column.is_empty() { t("（正文）", "(text)") } else { &line.column };
        let sample = line.sample.as_ref().map(|(old, new)| format!("  {old} → {new}")).unwrap_or_default();
        let name = kind_name(line.kind, lang);
        text += &format!("  {column}  {name}  {}  ×{}{sample}\n", line.operator, line.count);
    }
    for left_out in &plan.receipt.left_out {
        text += &format!("{} {left_out}\n", t("不放入副本：", "left out:"));
    }
    text += t("示例值均为虚构。\n", "The sample values are invented.\n");
    text
}
