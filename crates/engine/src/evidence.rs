//! What a finished scan hands to an evidence package, and how a package says what to scan again.
//!
//! Start reading at [`package`]; [`repeat`] is the way back.

use crate::scan::{InputFile, ScanOptions, ScanOutcome, hex};
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};
use std::{fs, io, thread};
use zhunsheng_count::Acts;
use zhunsheng_deep::store::LAC;
use zhunsheng_evidence::EvidenceError;
use zhunsheng_evidence::package::{Case, Content, Input, Package, Part, Run};
use zhunsheng_model::{Basis, Date};
use zhunsheng_rules::Rules;

/// The name of the program in packages and logs.
pub const TOOL: &str = "zhunsheng";
/// The log of evidence that lies in the output folder unless another is named.
pub const LOG: &str = crate::output::LOG;
/// The file of a package that holds the acts.
pub const ACTS: &str = "acts.toml";

/// The option that names the model of the careful reader.
const DEEP: &str = "deep";

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
///
/// Every input is read once more, for its SM3 and to see that it is still the one that was scanned.
///
/// # Errors
/// When an input can no longer be read, or is another than the one that was scanned.
pub fn package(
    options: &ScanOptions,
    rules: &Rules,
    outcome: &ScanOutcome,
    occasion: Occasion,
) -> zhunsheng_evidence::Result<Package> {
    let mut parts: Vec<Part> = RESULTS
        .iter()
        .map(|(name, media_type, zh, en)| {
            part(name, media_type, zh, en, Content::Path(options.out.join(name)))
        })
        .collect();
    if let Some(acts) = occasion.acts {
        parts.push(part(ACTS, "application/toml", "行为清单", "list of acts", Content::Bytes(acts)));
    }
    Ok(Package {
        inputs: inputs(&outcome.inputs, options.threads)?,
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
    })
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

/// The list of inputs, on so many threads.
fn inputs(files: &[InputFile], threads: usize) -> zhunsheng_evidence::Result<Vec<Input>> {
    let (next, threads) = (AtomicUsize::new(0), threads.clamp(1, files.len().max(1)));
    let work = || {
        let mut done = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(file) = files.get(index) else { return Ok(done) };
            done.push((index, input(file)?));
        }
    };
    let mut inputs: Vec<(usize, Input)> = thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let stopped = |_| {
            let error = io::Error::other("a thread stopped");
            Err(EvidenceError::File { path: PathBuf::new(), error })
        };
        let parts = workers.into_iter().map(|worker| worker.join().unwrap_or_else(stopped));
        parts
            .collect::<zhunsheng_evidence::Result<Vec<_>>>()
            .map(|parts| parts.into_iter().flatten().collect())
    })?;
    inputs.sort_unstable_by_key(|(index, _)| *index);
    Ok(inputs.into_iter().map(|(_, input)| input).collect())
}

fn input(file: &InputFile) -> zhunsheng_evidence::Result<Input> {
    let metadata = file.path.as_ref().and_then(|path| fs::metadata(path).ok());
    let time = |time: io::Result<SystemTime>| time.ok().map(rfc3339).unwrap_or_default();
    let mut sm3 = String::new();
    if let (Some(path), Some((sha256, size))) = (&file.path, file.digest) {
        let failed = |error| EvidenceError::File { path: path.clone(), error };
        let again = Content::Path(path.clone()).digest().map_err(failed)?;
        if (again.sha256, again.size) != (sha256, size) {
            return Err(failed(io::Error::other("it changed after it was scanned")));
        }
        sm3 = hex(&again.sm3);
    }
    let path = file.path.as_ref().map(|path| fs::canonicalize(path).unwrap_or_else(|_| path.clone()));
    let (category, format_zh) = words(&file.format);
    Ok(Input {
        path: file.name.clone(),
        size: file.digest.map_or_else(|| metadata.as_ref().map_or(0, fs::Metadata::len), |(_, size)| size),
        sha256: file.digest.map(|(sha256, _)| hex(&sha256)).unwrap_or_default(),
        sm3,
        modified: metadata.as_ref().map(|metadata| time(metadata.modified())).unwrap_or_default(),
        created: metadata.as_ref().map(|metadata| time(metadata.created())).unwrap_or_default(),
        category: category.to_owned(),
        format: file.format.clone(),
        format_zh: format_zh.to_owned(),
        source: path.map_or_else(|| "标准输入".to_owned(), |path| path.display().to_string()),
        method: match (&file.path, file.digest) {
            (Some(_), Some(_)) => "以只读方式打开并完整读取，两次读取校验值一致",
            (None, Some(_)) => "自标准输入完整读取",
            (_, None) => "以只读方式打开，未能读至末尾，未计算校验值",
        }
        .to_owned(),
    })
}

/// 类别 and 文件格式 of a format in words, as the police rules of 2019 want them for each item of the list.
fn words(format: &str) -> (&'static str, &'static str) {
    match format {
        "delimited" => ("电子表格", "分隔符文本表格（CSV、TSV 等）"),
        "xlsx" => ("电子表格", "Excel 工作簿"),
        "opendocument" => ("文档", "OpenDocument 文件"),
        "parquet" => ("数据库", "Parquet 数据文件"),
        "arrow" => ("数据库", "Arrow 数据文件"),
        "avro" => ("数据库", "Avro 数据文件"),
        "sqlite" => ("数据库", "SQLite 数据库"),
        "sql" => ("数据库", "SQL 数据库转储"),
        "docx" => ("文档", "Word 文档"),
        "pptx" => ("文档", "PowerPoint 演示文稿"),
        "ole" => ("文档", "早期 Office 文件（Word、Excel）或 Outlook 邮件"),
        "pdf" => ("文档", "PDF 文档"),
        "html" => ("网页", "HTML 网页"),
        "mbox" => ("电子邮件", "mbox 邮箱文件"),
        "eml" => ("电子邮件", "EML 邮件"),
        "vcard" => ("通讯录", "vCard 名片"),
        "zip" => ("压缩包", "ZIP 压缩文件"),
        "tar" => ("压缩包", "TAR 归档文件"),
        "7z" => ("压缩包", "7z 压缩文件"),
        "gzip" => ("压缩包", "gzip 压缩文件"),
        "bzip2" => ("压缩包", "bzip2 压缩文件"),
        "xz" => ("压缩包", "xz 压缩文件"),
        "lzma" => ("压缩包", "LZMA 压缩文件"),
        "lzip" => ("压缩包", "lzip 压缩文件"),
        "zstd" => ("压缩包", "Zstandard 压缩文件"),
        "json" => ("文本", "JSON 文本"),
        "text" => ("文本", "纯文本"),
        "unsupported" => ("其他", "本工具不读取的格式"),
        _ => ("其他", "未识别的格式"),
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
    if options.deep.is_some() {
        environment.insert(DEEP.to_owned(), model());
    }
    environment
}

/// The model of the careful reader with the hash of its files.
fn model() -> String {
    format!("{} sha256:{}", LAC.id, LAC.sha256())
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
    // The caller says where the model would lie; the package, whether it was used.
    options.deep = match environment.get(DEEP) {
        None => None,
        Some(stated) if *stated == model() => Some(options.deep.take().ok_or(DEEP)?),
        Some(_) => return Err(DEEP),
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
