//! What a finished scan hands to an evidence package, and how a package says what to scan again.
//!
//! Start reading at [`package`]; [`repeat`] is the way back.

use crate::scan::{InputFile, ScanOptions, ScanOutcome, hex};
use std::collections::BTreeMap;
use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};
use zhunsheng_count::Acts;
use zhunsheng_evidence::package::{Case, Content, Input, Package, Part, Run};
use zhunsheng_model::{Basis, Date};
use zhunsheng_rules::Rules;

/// The name of the program in packages and logs.
pub const TOOL: &str = "zhunsheng";
/// The log of evidence that lies in the output folder unless another is named.
pub const LOG: &str = crate::output::LOG;
/// The file of a package that holds the acts.
pub const ACTS: &str = "acts.toml";

/// What a package says beside the results.
#[derive(Clone, Debug, Default)]
pub struct Occasion {
    /// The case; empty fields become lines to be filled in by hand.
    pub case: Case,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Who, as they name themselves.
    pub who: String,
    /// The command line, word by word, without secrets.
    pub command_line: Vec<String>,
    /// The acts file as it was read, where there was one.
    pub acts: Option<Vec<u8>>,
}

/// Everything that goes into the package of a finished scan. The results are taken from the output folder
/// when the package is written.
pub fn package(options: &ScanOptions, rules: &Rules, outcome: &ScanOutcome, occasion: Occasion) -> Package {
    let mut parts: Vec<Part> = RESULTS
        .iter()
        .map(|(name, media_type, zh, en)| {
            part(name, media_type, zh, en, Content::Path(options.out.join(name)))
        })
        .collect();
    if let Some(acts) = occasion.acts {
        parts.push(part(ACTS, "application/toml", "行为清单", "list of acts", Content::Bytes(acts)));
    }
    Package {
        inputs: outcome.inputs.iter().map(input).collect(),
        case: occasion.case,
        run: Run {
            tool: TOOL.to_owned(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            rules_sha256: rules.sha256().to_owned(),
            command_line: occasion.command_line,
            environment: environment(options),
            seed: String::new(),
            time: occasion.time,
            who: occasion.who,
            inventory_sha256: String::new(),
        },
        parts,
    }
}

const RESULTS: [(&str, &str, &str, &str); 4] = [
    ("inventory.json", "application/json", "个人信息清单", "inventory of personal information"),
    (
        "records.parquet",
        "application/vnd.apache.parquet",
        "逐组记录（无原值）",
        "records, without raw values",
    ),
    ("report.html", "text/html", "报告", "report"),
    (
        "report.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "报告（表格）",
        "report as workbook",
    ),
];

fn part(name: &str, media_type: &str, zh: &str, en: &str, content: Content) -> Part {
    Part {
        name: name.to_owned(),
        media_type: media_type.to_owned(),
        what: (zh.to_owned(), en.to_owned()),
        content,
    }
}

fn input(file: &InputFile) -> Input {
    let metadata = file.path.as_ref().and_then(|path| fs::metadata(path).ok());
    let time = |time: std::io::Result<SystemTime>| time.ok().map(rfc3339).unwrap_or_default();
    let path = file.path.as_ref().map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.clone()));
    Input {
        path: file.name.clone(),
        size: file.digest.map_or_else(|| metadata.as_ref().map_or(0, fs::Metadata::len), |(_, size)| size),
        sha256: file.digest.map(|(sha256, _)| hex(&sha256)).unwrap_or_default(),
        sm3: String::new(),
        modified: metadata.as_ref().map(|metadata| time(metadata.modified())).unwrap_or_default(),
        created: metadata.as_ref().map(|metadata| time(metadata.created())).unwrap_or_default(),
        category: category(&file.format).to_owned(),
        format: file.format.clone(),
        source: path.map_or_else(|| "标准输入".to_owned(), |path| path.display().to_string()),
        method: match file.digest {
            Some(_) => "只读打开，全文读取",
            None => "只读打开，未能读取到末尾，未计算校验值",
        }
        .to_owned(),
    }
}

/// 类别 of a format, as the police rules of 2019 want each item of the list to have one.
fn category(format: &str) -> &'static str {
    match format {
        "delimited" | "xlsx" | "opendocument" | "workbook" | "xls" | "xlsb" => "电子表格",
        "parquet" | "arrow" | "avro" | "sqlite" | "sql" => "数据库",
        "docx" | "pptx" | "pdf" | "ole" | "doc" | "html" => "文档",
        "mbox" | "eml" | "vcard" => "通信信息",
        "zip" | "tar" | "7z" | "gzip" | "gz" | "bzip2" | "bz2" | "xz" | "zstd" => "压缩包",
        "text" | "json" => "文本",
        _ => "其他",
    }
}

/// The options that can change `inventory.json`; threads, memory, key and language cannot.
fn environment(options: &ScanOptions) -> BTreeMap<String, String> {
    let limits = &options.limits;
    let mut environment: BTreeMap<String, String> = [
        ("basis", options.basis.as_str().to_owned()),
        ("limit-ratio", limits.ratio.to_string()),
        ("limit-depth", limits.depth.to_string()),
        ("limit-size", limits.size_bytes.to_string()),
        ("limit-members", limits.members.to_string()),
    ]
    .into_iter()
    .map(|(name, value)| (name.to_owned(), value))
    .collect();
    if let Some(date) = options.date {
        environment.insert("date".to_owned(), date.to_string());
    }
    environment
}

/// Sets the options that a package was made with, from the `environment` of its `run.json` and its acts.
///
/// Gives the name of what cannot be read, if any.
pub fn repeat(
    environment: &BTreeMap<String, String>,
    acts: Option<&str>,
    options: &mut ScanOptions,
) -> Result<(), &'static str> {
    let number = |name: &'static str| {
        environment.get(name).and_then(|value| value.parse::<u64>().ok()).filter(|n| *n > 0).ok_or(name)
    };
    options.limits.ratio = number("limit-ratio")?;
    options.limits.depth = u32::try_from(number("limit-depth")?).map_err(|_| "limit-depth")?;
    options.limits.size_bytes = number("limit-size")?;
    options.limits.members = number("limit-members")?;
    let basis = environment.get("basis").map(String::as_str);
    options.basis = Basis::ALL.iter().copied().find(|known| Some(known.as_str()) == basis).ok_or("basis")?;
    options.date = match environment.get("date") {
        None => None,
        Some(text) => Some(Date::parse(text).ok_or("date")?),
    };
    options.acts = match acts {
        None => None,
        Some(text) => Some(Acts::parse(text).map_err(|_| ACTS)?),
    };
    Ok(())
}

/// A point in time as RFC 3339 in UTC, to the second.
pub fn rfc3339(time: SystemTime) -> String {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        // The second in which it lies began before it.
        Err(before) => {
            let before = before.duration();
            -(i64::try_from(before.as_secs()).unwrap_or(i64::MAX - 1) + i64::from(before.subsec_nanos() > 0))
        }
    };
    let (days, second) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    // Days since 1 March of the year 0, in eras of 400 years; a year begins in March, so that the leap day is
    // its last day.
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    format!("{:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z", year + era * 400)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn times_are_those_of_the_calendar() {
        let at = |seconds: u64| rfc3339(UNIX_EPOCH + Duration::from_secs(seconds));
        // As `date -u -d @… +%FT%TZ` gives them.
        assert_eq!(at(0), "1970-01-01T00:00:00Z");
        assert_eq!(at(951_782_399), "2000-02-28T23:59:59Z");
        assert_eq!(at(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(at(951_868_800), "2000-03-01T00:00:00Z");
        assert_eq!(at(1_735_689_599), "2024-12-31T23:59:59Z");
        assert_eq!(at(4_107_542_400), "2100-03-01T00:00:00Z");
        assert_eq!(rfc3339(UNIX_EPOCH - Duration::from_millis(1)), "1969-12-31T23:59:59Z");
    }
}
