//! `check DIR [-w]`: reads a folder of rules and lists what is wrong with it; `-w` lists warnings too.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_judge::{Level, Reading, TomlTexts, read, read_case, run_case, run_tests};
use zhunsheng_model::Date;

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a program for the command line")]
fn main() -> ExitCode {
    let mut arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let with_warnings = arguments.iter().any(|argument| argument.as_os_str() == "-w");
    arguments.retain(|argument| argument.as_os_str() != "-w");
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
    let cases = files(&root.join("cases"), "toml");
    for (name, text) in &cases {
        let (case, wrong) = read_case(name, text, &set, &texts);
        let usable = wrong.iter().all(|problem| problem.level != Level::Error);
        problems.extend(wrong);
        if let (Some(case), true, Some(today)) = (case, usable, Date::new(2026, 11, 23)) {
            problems.extend(run_case(&case, &set, &texts, today));
        }
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
