//! The subcommands: one file each, one line in [`COMMANDS`].

mod ask;
mod detect;
mod explain;
mod judge;
mod keys;
mod law;
mod log;
pub(crate) mod models;
mod protect;
mod record;
mod restore;
mod risk;
mod rules;
mod sample;
mod scan;
mod verify;

use crate::language::pick;
use clap::{Arg, ArgMatches, Command};
use std::process::ExitCode;
use zhunsheng_report::Language;

/// A subcommand: its options and what it does.
struct Entry {
    name: &'static str,
    command: fn(Language) -> Command,
    run: fn(&ArgMatches, Language) -> anyhow::Result<ExitCode>,
}

const COMMANDS: &[Entry] = &[
    Entry { name: scan::NAME, command: scan::command, run: scan::run },
    Entry { name: detect::NAME, command: detect::command, run: detect::run },
    Entry { name: explain::NAME, command: explain::command, run: explain::run },
    Entry { name: verify::NAME, command: verify::command, run: verify::run },
    Entry { name: sample::NAME, command: sample::command, run: sample::run },
    Entry { name: record::NAME, command: record::command, run: record::run },
    Entry { name: protect::NAME, command: protect::command, run: protect::run },
    Entry { name: risk::NAME, command: risk::command, run: risk::run },
    Entry { name: restore::NAME, command: restore::command, run: restore::run },
    Entry { name: keys::NAME, command: keys::command, run: keys::run },
    Entry { name: rules::NAME, command: rules::command, run: rules::run },
    Entry { name: judge::NAME, command: judge::command, run: judge::run },
    Entry { name: models::NAME, command: models::command, run: models::run },
    Entry { name: log::NAME, command: log::command, run: log::run },
    Entry { name: law::NAME, command: law::command, run: law::run },
    Entry { name: ask::NAME, command: ask::command, run: ask::run },
];

/// The whole command line.
pub(crate) fn program(lang: Language) -> Command {
    let program = Command::new("zhunsheng")
        .version(env!("CARGO_PKG_VERSION"))
        .about(pick(
            lang,
            "准绳：按中国法律发现、清点、保护个人信息",
            "Zhunsheng: finds, counts and protects personal information as Chinese law counts it",
        ))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("lang")
                .long("lang")
                .value_name("zh|en")
                .value_parser(["zh", "en"])
                .global(true)
                .help(pick(lang, "界面语言，默认随系统", "language; default: the locale's")),
        );
    COMMANDS.iter().fold(program, |program, entry| program.subcommand((entry.command)(lang)))
}

/// Runs the subcommand that was given.
pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let given = matches.subcommand();
    let entry = given.and_then(|(name, _)| COMMANDS.iter().find(|entry| entry.name == name));
    match (entry, given) {
        (Some(entry), Some((_, matches))) => (entry.run)(matches, lang),
        _ => anyhow::bail!("no command"),
    }
}
