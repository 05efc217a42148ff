//! The `zhunsheng` program: one file per subcommand, printing and exit codes.
//!
//! Exit codes: 0 done · 1 failed · 2 wrong use · 3 `--strict` and something could not be read, or `verify`
//! and not everything could be checked, or `judge` found something against the law · 130 interrupted (go on
//! with `--resume`).

mod command;
mod custody;
mod keystore;
mod language;
mod progress;
mod rescan;

use std::process::ExitCode;

fn main() -> ExitCode {
    let lang = language::from_arguments_or_locale();
    let matches = match command::program(lang).try_get_matches() {
        Ok(matches) => matches,
        Err(error) => {
            // clap prints help and version to standard output and mistakes to standard error.
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    match command::run(&matches, lang) {
        Ok(code) => code,
        Err(error) => {
            print_error(&error, lang);
            ExitCode::from(1)
        }
    }
}

#[expect(clippy::print_stderr, reason = "the one place where a failure is shown")]
fn print_error(error: &anyhow::Error, lang: zhunsheng_report::Language) {
    // A reader that has gone away (`| head`) is no failure worth a line.
    if error.chain().any(|e| {
        e.downcast_ref::<std::io::Error>().is_some_and(|e| e.kind() == std::io::ErrorKind::BrokenPipe)
    }) {
        return;
    }
    eprintln!("{}: {error:#}", language::pick(lang, "错误", "error"));
}
