//! `zhunsheng rules`: checks, lists, shows and formats the rules of the judge, and lists its facts.

use super::judge::spoken;
use crate::language::pick;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_judge::{
    Case, Diagnostic, LawTexts, Level, Reading, RuleSet, case_files, check, docs, embedded, fact_files,
    format, read, read_case, rule_files, rule_named, run_case, run_tests,
};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "rules";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    let dir = || {
        Arg::new("dir").value_name("DIR").value_parser(value_parser!(PathBuf)).help(t(
            "规则文件夹（含 facts、rules、cases）；不给则为程序自带的规则",
            "folder with facts, rules and cases; default: the rules of the program",
        ))
    };
    let flag =
        |name: &'static str, zh, en| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(zh, en));
    Command::new(NAME)
        .about(t("认定规则：检查、列出、显示、整理格式；事实清单", "the rules of the judge: check, list, show, format; its facts"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("check")
                .about(t(
                    "检查规则：引文、类型、测试、案例、覆盖、变异、矛盾；有错误以 1 退出",
                    "check the rules: quotations, types, tests, cases, coverage, mutation, contradictions; exit code 1 on errors",
                ))
                .arg(dir())
                .arg(flag("warnings", "也列出警告", "list warnings too").short('w')),
        )
        .subcommand(Command::new("list").about(t("列出规则", "list the rules")).arg(
            Arg::new("law").long("law").value_name("SLUG").help(t("只列一部法律的", "those of one law only")),
        ))
        .subcommand(
            Command::new("show")
                .about(t("显示一条规则", "show one rule"))
                .arg(Arg::new("id").value_name("ID").required(true)),
        )
        .subcommand(
            Command::new("facts")
                .about(t("列出事实及其问题", "list the facts with their questions"))
                .arg(flag("schema", "输出事实文件的 JSON Schema", "print the JSON Schema of facts files")),
        )
        .subcommand(
            Command::new("fmt")
                .about(t("整理规则文件的格式", "format rule files"))
                .arg(
                    Arg::new("file")
                        .value_name("FILE|DIR")
                        .num_args(1..)
                        .required(true)
                        .value_parser(value_parser!(PathBuf)),
                )
                .arg(flag("check", "只检查，不改；有未整理的以 1 退出", "change nothing; exit code 1 when a file is not formatted")),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let mut screen = std::io::stdout().lock();
    let (text, code) = match matches.subcommand() {
        Some(("check", matches)) => check_rules(matches, lang)?,
        Some(("list", matches)) => (list(matches, lang), 0),
        Some(("show", matches)) => {
            let id = matches.get_one::<String>("id").cloned().unwrap_or_default();
            let rule = rule_named(embedded(), &id).map_err(anyhow::Error::msg)?;
            (docs::rule_text(embedded(), rule, LawTexts::embedded(), spoken(lang)), 0)
        }
        Some(("facts", matches)) if matches.get_flag("schema") => {
            (format!("{}\n", serde_json::to_string_pretty(&docs::facts_schema(&embedded().schema))?), 0)
        }
        Some(("facts", _)) => (facts(lang), 0),
        Some(("fmt", matches)) => format_files(matches, lang)?,
        _ => bail!("no command"),
    };
    screen.write_all(text.as_bytes())?;
    Ok(ExitCode::from(code))
}

fn list(matches: &ArgMatches, lang: Language) -> String {
    let wanted = matches.get_one::<String>("law");
    let mut text = String::new();
    for rule in embedded().rules.iter().filter(|rule| wanted.is_none_or(|law| *law == rule.origin.slug)) {
        let name = rule.name.of(spoken(lang));
        let _ = writeln!(
            text,
            "{:<40} {} {}{}  {name}",
            rule.id, rule.origin.slug, rule.origin.article, rule.locator
        );
    }
    text
}

fn facts(lang: Language) -> String {
    let mut text = String::new();
    for fact in embedded().schema.facts() {
        let (ask, otherwise) = match lang {
            Language::Zh => (&fact.ask_zh, &fact.zh),
            Language::En => (&fact.ask_en, &fact.en),
        };
        let ask = if ask.is_empty() { otherwise } else { ask };
        let mark = if fact.judgement { pick(lang, "（法律判断）", " (legal judgement)") } else { "" };
        let _ = writeln!(text, "{:<44} {:<7} {ask}{mark}", fact.full, fact.kind.id());
    }
    text
}

/// Name and content of files.
type Files = Vec<(String, String)>;

fn check_rules(matches: &ArgMatches, lang: Language) -> anyhow::Result<(String, u8)> {
    let own = |files: &[(&str, &str)]| -> Files {
        files.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
    };
    let (facts, rules, cases) = match matches.get_one::<PathBuf>("dir") {
        Some(dir) => {
            (folder(dir, "facts", "toml")?, folder(dir, "rules", "md")?, folder(dir, "cases", "toml")?)
        }
        None => (own(fact_files()), own(rule_files()), own(case_files())),
    };
    if facts.is_empty() || rules.is_empty() {
        bail!(pick(lang, "文件夹中没有 facts 或 rules", "the folder holds no facts or no rules"));
    }
    let texts = LawTexts::embedded();
    let (set, mut problems) = read(pairs(&facts), pairs(&rules), texts, Reading::InFull);
    let mut text = String::new();
    let usable = |problems: &[Diagnostic]| problems.iter().all(|problem| problem.level != Level::Error);
    let (mut read_cases, mut variations) = (Vec::new(), 0);
    if usable(&problems) {
        problems.extend(run_tests(&set));
        for (name, content) in &cases {
            let (case, wrong) = read_case(name, content, &set, texts);
            let can_run = usable(&wrong);
            problems.extend(wrong);
            if let Some(case) = case.filter(|_| can_run) {
                problems.extend(run_case(&case, &set, texts, Rules::embedded().as_of()));
                variations += case.variations.len();
                read_cases.push(case);
            }
        }
        depth(&set, &read_cases, &mut problems, &mut text, lang);
    }
    problems.sort();
    let with_warnings = matches.get_flag("warnings");
    for problem in problems.iter().filter(|problem| with_warnings || problem.level == Level::Error) {
        let _ = writeln!(text, "{problem}");
    }
    let errors = problems.iter().filter(|problem| problem.level == Level::Error).count();
    let warnings = problems.len() - errors;
    let counts = (set.rules.len(), set.schema.facts().len(), set.tests.len(), read_cases.len());
    let _ = match lang {
        Language::Zh => writeln!(
            text,
            "规则 {} 条，事实 {} 项，测试 {} 行，案例 {} 个（变式 {variations} 个）：错误 {errors}，警告 {warnings}",
            counts.0, counts.1, counts.2, counts.3
        ),
        Language::En => writeln!(
            text,
            "{} rules, {} facts, {} lines of tests, {} cases ({variations} variations): {errors} errors, {warnings} warnings",
            counts.0, counts.1, counts.2, counts.3
        ),
    };
    Ok((text, u8::from(errors > 0)))
}

/// What takes running the rules many times: coverage, mutation, constants and contradictions.
fn depth(set: &RuleSet, cases: &[Case], problems: &mut Vec<Diagnostic>, text: &mut String, lang: Language) {
    let runs = check::Runs::new(set, cases, Rules::embedded().as_of());
    let branches = check::coverage(set, &runs);
    let mut missing = 0;
    for branch in &branches {
        for (decided, side) in [(branch.decides_true, "true"), (branch.decides_false, "false")] {
            if !decided {
                missing += 1;
                let message = format!(
                    "no test or case decides `{}` by this being {side}: {}",
                    branch.of, branch.condition
                );
                problems.push(Diagnostic::warning(&branch.file, branch.line, "branch", message));
            }
        }
    }
    let report = check::mutation(set, &runs);
    for survivor in &report.survivors {
        let message = format!("`{}`: nothing notices that {}", survivor.of, survivor.change);
        problems.push(Diagnostic::warning(&survivor.file, survivor.line, "survivor", message));
    }
    for (file, score) in &report.files {
        let share = pick(lang, "条变异被发现", "changes noticed");
        let _ = writeln!(text, "{file:<28} {} / {} {share}", score.noticed, score.made);
    }
    let (total, sides) = (report.total(), branches.len() * 2);
    let _ = writeln!(
        text,
        "{}: {} / {sides}  {}: {} / {}",
        pick(lang, "分支覆盖", "branches decided"),
        sides - missing,
        pick(lang, "变异", "changes noticed"),
        total.noticed,
        total.made
    );
    let logic = check::logic(set);
    let _ = writeln!(
        text,
        "{}: {} · {}: {} · {}: {}",
        pick(lang, "逐一枚举的条件", "conditions gone through"),
        logic.expressions,
        pick(lang, "规则对", "pairs of rules"),
        logic.pairs,
        pick(lang, "组合过多未查", "left out for too many combinations"),
        logic.left_out
    );
    problems.extend(logic.problems);
    problems.extend(check::unused_facts(set));
}

fn pairs(files: &Files) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}

/// Files of a folder below `dir` by their ending, sorted; none where there is no such folder.
fn folder(dir: &Path, name: &str, ending: &str) -> anyhow::Result<Files> {
    let path = dir.join(name);
    if !path.is_dir() {
        return Ok(Files::new());
    }
    let mut found = Files::new();
    for file in files_with(&path, ending)? {
        let text =
            std::fs::read_to_string(&file).with_context(|| format!("`{}` cannot be read", file.display()))?;
        let short = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        found.push((format!("{name}/{short}"), text));
    }
    Ok(found)
}

fn files_with(folder: &Path, ending: &str) -> anyhow::Result<Vec<PathBuf>> {
    let entries =
        std::fs::read_dir(folder).with_context(|| format!("`{}` cannot be read", folder.display()))?;
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|found| found == ending) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn format_files(matches: &ArgMatches, lang: Language) -> anyhow::Result<(String, u8)> {
    let only_check = matches.get_flag("check");
    let mut text = String::new();
    let mut changed = 0;
    for given in matches.get_many::<PathBuf>("file").unwrap_or_default() {
        let files = if given.is_dir() { files_with(given, "md")? } else { vec![given.clone()] };
        for file in files {
            let before = std::fs::read_to_string(&file)
                .with_context(|| format!("`{}` cannot be read", file.display()))?;
            let after = format(&before);
            if before == after {
                continue;
            }
            changed += 1;
            let _ = writeln!(text, "{}", file.display());
            if !only_check {
                std::fs::write(&file, after)
                    .with_context(|| format!("`{}` cannot be written", file.display()))?;
            }
        }
    }
    let what = match only_check {
        true => pick(lang, "个文件未整理", "files are not formatted"),
        false => pick(lang, "个文件已整理", "files formatted"),
    };
    let _ = writeln!(text, "{changed} {what}");
    Ok((text, u8::from(only_check && changed > 0)))
}
