//! `zhunsheng-verify`: checks an evidence package or a log, offline.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_verify::{
    Checkpoint, Note, Report, TrustedKeys, Verdict, VerifierKey, verify_folder, verify_log, verify_package,
};

const USAGE: &str = "\
usage: zhunsheng-verify [--key KEY]… [--witness KEY]… [--witnesses N] PACKAGE
       zhunsheng-verify --log [--known CHECKPOINT] [--key KEY]… [--witness KEY]… [--witnesses N] FOLDER

KEY is a line `name+id+base64` or a file that holds such lines.
exit code: 0 verified in full, 3 nothing wrong but not everything could be checked, 1 not verified, 2 usage
";

fn main() -> ExitCode {
    match run(std::env::args().skip(1)) {
        Ok(report) => {
            print(&report.to_string());
            match report.verdict() {
                Verdict::Verified => ExitCode::SUCCESS,
                Verdict::VerifiedInPart => ExitCode::from(3),
                Verdict::Failed => ExitCode::from(1),
            }
        }
        Err(message) => {
            print(&format!("{message}\n{USAGE}"));
            ExitCode::from(2)
        }
    }
}

#[expect(clippy::print_stdout, reason = "the report is what this program is for")]
fn print(text: &str) {
    print!("{text}");
}

fn run(mut arguments: impl Iterator<Item = String>) -> Result<Report, String> {
    let (mut trusted, mut witnesses_min, mut log, mut known) = (TrustedKeys::default(), 0, false, None);
    let mut path: Option<PathBuf> = None;
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("`{argument}` needs a value"));
        match argument.as_str() {
            "--key" => trusted.logs.extend(keys(&value()?)?),
            "--witness" => trusted.witnesses.extend(keys(&value()?)?),
            "--witnesses" => witnesses_min = value()?.parse().map_err(|_| "`--witnesses` needs a number")?,
            "--log" => log = true,
            "--known" => known = Some(checkpoint(Path::new(&value()?))?),
            other if other.starts_with("--") => return Err(format!("unknown option `{other}`")),
            other if path.is_none() => path = Some(PathBuf::from(other)),
            other => return Err(format!("one path only, not also `{other}`")),
        }
    }
    let path = path.ok_or("a package or log is missing")?;
    if log {
        return Ok(verify_log(&path, &trusted, witnesses_min, known.as_ref()).0);
    }
    if path.is_dir() {
        return Ok(verify_folder(&path, &trusted, witnesses_min));
    }
    let file =
        File::open(&path).map_err(|error| format!("`{}` cannot be opened: {error}", path.display()))?;
    Ok(verify_package(std::io::BufReader::new(file), &trusted, witnesses_min))
}

fn keys(text: &str) -> Result<Vec<VerifierKey>, String> {
    let lines = std::fs::read_to_string(text).unwrap_or_else(|_| text.to_owned());
    let lines = lines.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(|line| VerifierKey::parse(line).ok_or_else(|| format!("`{line}` is no key"))).collect()
}

fn checkpoint(path: &Path) -> Result<Checkpoint, String> {
    let bytes = std::fs::read(path).map_err(|error| format!("`{}`: {error}", path.display()))?;
    let note = Note::parse(&bytes).and_then(|note| Checkpoint::parse(&note.text));
    note.ok_or_else(|| format!("`{}` is no checkpoint", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(arguments: &[&str]) -> Result<Verdict, String> {
        run(arguments.iter().map(|text| (*text).to_owned())).map(|report| report.verdict())
    }

    #[test]
    fn what_cannot_be_understood_is_a_usage_error() {
        let none: [&[&str]; 6] = [
            &[],
            &["--key"],
            &["--what", "x"],
            &["a", "b"],
            &["--witnesses", "x", "a"],
            &["--key", "no key", "a"],
        ];
        for arguments in none {
            assert!(told(arguments).is_err(), "{arguments:?}");
        }
        assert!(told(&["no such file"]).is_err());
    }

    #[test]
    fn what_is_no_package_or_log_is_not_verified() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src");
        assert_eq!(told(&[folder]), Ok(Verdict::Failed));
        assert_eq!(told(&["--log", folder]), Ok(Verdict::Failed));
        assert_eq!(told(&[concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")]), Ok(Verdict::Failed));
    }
}
