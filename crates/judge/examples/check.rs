//! `check DIR [-w] [-d]`: reads a folder of rules and lists what is wrong with it.
//!
//! `-w` lists warnings too; `-d` looks deeper: conditions that no test or case decides by, changes that none notices,
//! constant conditions, pairs of rules that contradict each other.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;
use zhunsheng_judge::{
    Case, Diagnostic, Level, Reading, RuleSet, TomlTexts, check, read, read_case, run_case, run_tests,
};
use zhunsheng_model::Date;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]
fn main() -> ExitCode {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let with_warnings = arguments.iter().any(|argument| argument.as_os_str() == "-w");
    let in_depth = arguments.iter().any(|argument| argument.as_os_str() == "-d");
    arguments.retain(|argument| argument.as_os_str() != "-w" && argument.as_os_str() != "-d");
    let root = arguments.first().cloned().unwrap_or_else(|| PathBuf::from("rules/judge"));
    let rules = root.parent().map(Path::to_path_buf).unwrap_or_default();
    let mut law = files(&rules.join("statutes"), "toml");
    law.extend(files(&rules.join("law"), "toml"));
    law.extend(files(&rules.join("cases"), "toml"));
    let texts = match TomlTexts::read(pairs(&law)) {
        Ok(texts) => texts,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(1);
        }
    };
    let (facts, rules) = (files(&root.join("facts"), "toml"), files(&root.join("rules"), "md"));
    let (set, mut problems) = read(pairs(&facts), pairs(&rules), &texts, Reading::InFull);
    problems.extend(run_tests(&set));
    let mut read_cases = Vec::new();
    let cases = files(&root.join("cases"), "toml");
    for (name, text) in &cases {
        let (case, wrong) = read_case(name, text, &set, &texts);
        let usable = wrong.iter().all(|problem| problem.level != Level::Error);
        problems.extend(wrong);
        if let (Some(case), true, Some(today)) = (case, usable, Date::new(2026, 11, 23)) {
            problems.extend(run_case(&case, &set, &texts, today));
            read_cases.push(case);
        }
    }
    if in_depth {
        depth(&set, &read_cases, &mut problems);
    }
    for problem in problems.iter().filter(|problem| with_warnings || problem.level == Level::Error) {
        println!("{problem}");
    }
    let errors = problems.iter().filter(|problem| problem.level == Level::Error).count();
    println!(
        "{} facts, {} rules, {} definitions, {} exceptions, {} penalties, {} tests, {} cases: {errors} errors, {} warnings",
        set.schema.facts().len(),
        set.rules.len(),
        set.definitions.len(),
        set.exceptions.len(),
        set.penalties.len(),
        set.tests.len(),
        cases.len(),
        problems.len() - errors,
    );
    ExitCode::from(u8::from(errors > 0))
}

#[expect(clippy::print_stdout, reason = "a program for the command line")]
fn depth(set: &RuleSet, cases: &[Case], problems: &mut Vec<Diagnostic>) {
    let Some(today) = Date::new(2026, 11, 23) else { return };
    let start = Instant::now();
    let runs = check::Runs::new(set, cases, today);
    let branches = check::coverage(set, &runs);
    let mut undecided = 0;
    for branch in &branches {
        for (decided, side) in [(branch.decides_true, "true"), (branch.decides_false, "false")] {
            if !decided {
                undecided += 1;
                let message = format!("nothing shows `{}` by being {side}: {}", branch.of, branch.condition);
                problems.push(Diagnostic::warning(&branch.file, branch.line, "branch", message));
            }
        }
    }
    println!(
        "{} runs, {} branches, {undecided} not shown ({:?})",
        runs.len(),
        branches.len() * 2,
        start.elapsed()
    );
    let start = Instant::now();
    let report = check::mutation(set, &runs);
    for (file, score) in &report.files {
        println!("  {file}: {} of {} changes noticed", score.noticed, score.made);
    }
    let total = report.total();
    println!("{} of {} changes noticed ({:?})", total.noticed, total.made, start.elapsed());
    for survivor in &report.survivors {
        let message = format!("`{}`: nothing notices that {}", survivor.of, survivor.change);
        problems.push(Diagnostic::warning(&survivor.file, survivor.line, "survivor", message));
    }
    let start = Instant::now();
    let logic = check::logic(set);
    println!(
        "{} expressions and {} pairs gone through, {} left out ({:?})",
        logic.expressions,
        logic.pairs,
        logic.left_out,
        start.elapsed()
    );
    problems.extend(logic.problems);
    problems.extend(check::unused_facts(set));
}

fn files(folder: &Path, ending: &str) -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)
        .map(|entries| entries.filter_map(Result::ok).map(|entry| entry.path()).collect())
        .unwrap_or_default();
    paths.retain(|path| path.extension().is_some_and(|found| found == ending));
    paths.sort();
    let name = |path: &Path| {
        let parent = path.parent().and_then(Path::file_name).unwrap_or_default();
        Path::new(parent).join(path.file_name().unwrap_or_default()).to_string_lossy().into_owned()
    };
    paths.iter().filter_map(|path| Some((name(path), std::fs::read_to_string(path).ok()?))).collect()
}

fn pairs(files: &[(String, String)]) -> impl Iterator<Item = (&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str()))
}
