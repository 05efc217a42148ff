//! `zhunsheng sample`: draws records to be verified by people, and says what their answers prove.

use crate::custody::{file_name, folder_of, log_arg, log_step, sha256, who_arg};
use crate::language::pick;
use crate::rescan;
use anyhow::{Context, bail};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Seek, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_count::CountRules;
use zhunsheng_engine::{RecordKey, Wanted};
use zhunsheng_evidence::custody::{Action, Event};
use zhunsheng_evidence::sample::{By, Drawer, Row, TierLine, assess, read_sheet, write_sheet};
use zhunsheng_model::Kind;
use zhunsheng_report::Language;
use zhunsheng_report::records::{RecordRow, RecordsReader};
use zhunsheng_rules::Rules;
use zhunsheng_verify::{Container, TrustedKeys, Verdict, read_whole, verify_container};

pub(crate) const NAME: &str = "sample";

/// Longest inventory that is read.
const INVENTORY_BYTES_MAX: usize = 1 << 30;

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh, en| pick(lang, zh, en).to_owned();
    Command::new(NAME)
        .about(t("抽样核验：抽取记录、读回核验表", "sampling: draw records, read the filled-in sheet"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("draw")
                .about(t("抽取记录，写出核验表", "draw records and write the sheet to fill in"))
                .arg(
                    Arg::new("source")
                        .value_name("PACKAGE|DIR")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t("证据包，或 scan 的输出文件夹", "a package, or the output folder of a scan")),
                )
                .arg(
                    Arg::new("n")
                        .short('n')
                        .value_name("N")
                        .value_parser(value_parser!(u64).range(1..=100_000))
                        .default_value("384")
                        .help(t("抽取条数", "how many records")),
                )
                .arg(
                    Arg::new("by")
                        .long("by")
                        .value_name("tier|kind|file")
                        .value_parser(["tier", "kind", "file"])
                        .help(t("分层：按档、按种类、按文件", "strata: by tier, kind or file")),
                )
                .arg(Arg::new("seed").long("seed").value_name("S").help(t(
                    "公开的种子，须在数据固定之后取得；默认为证据包或清单的散列值",
                    "the published seed, taken after the data was fixed; default: the hash of the package or inventory",
                )))
                .arg(
                    Arg::new("out")
                        .long("out")
                        .value_name("SHEET.xlsx")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t("写到哪个文件", "file to write")),
                )
                .arg(Arg::new("reveal").long("reveal").action(ArgAction::SetTrue).requires("input").help(t(
                    "核验表写出原值；证据包不含原值，须以 --input 给出原始数据",
                    "write raw values; the package holds none, so the data is read again from --input",
                )))
                .arg(
                    Arg::new("input")
                        .long("input")
                        .value_name("PATH")
                        .action(ArgAction::Append)
                        .requires("reveal")
                        .value_parser(value_parser!(PathBuf))
                        .help(t(
                            "原始数据，依扫描时的次序给出；与证据包不符即拒绝",
                            "the data, in the order of the scan; refused when it is not that of the package",
                        )),
                )
                .arg(log_arg(lang))
                .arg(who_arg(lang)),
        )
        .subcommand(
            Command::new("read")
                .about(t("读回填好的核验表，给出下限和结论", "read the filled-in sheet: bounds and what they mean"))
                .arg(
                    Arg::new("sheet")
                        .value_name("SHEET.xlsx")
                        .required(true)
                        .value_parser(value_parser!(PathBuf))
                        .help(t("填好的核验表", "the filled-in sheet")),
                )
                .arg(log_arg(lang))
                .arg(who_arg(lang)),
        )
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let text = match matches.subcommand() {
        Some(("draw", matches)) => draw(matches, lang)?,
        Some((_, matches)) => read(matches, lang)?,
        None => bail!("no command"),
    };
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// What records are drawn from.
struct Source {
    inventory: Vec<u8>,
    records: File,
    /// A seed that was fixed when the data was.
    seed: String,
    /// Where a log may lie.
    folder: PathBuf,
    /// The package; nothing for the output folder of a scan.
    package: Option<Box<dyn Container>>,
}

/// Opens the output folder of a scan, or a package whose hashes hold.
fn source(path: &Path, lang: Language) -> anyhow::Result<Source> {
    if path.is_dir() && path.join("inventory.json").is_file() {
        let open = |name: &str| {
            let path = path.join(name);
            File::open(&path).with_context(|| format!("`{}` cannot be read", path.display()))
        };
        let inventory = fs::read(path.join("inventory.json")).context("`inventory.json` cannot be read")?;
        let seed = sha256(&inventory);
        return Ok(Source {
            inventory,
            records: open("records.parquet")?,
            seed,
            folder: path.to_owned(),
            package: None,
        });
    }
    let mut container = super::verify::open(path)?.map_err(|detail| {
        let detail = pick(lang, &detail.zh, &detail.en);
        anyhow::anyhow!("`{}` {} {detail}", path.display(), pick(lang, "不是证据包：", "is no package:"))
    })?;
    let report = verify_container(&mut *container, &TrustedKeys::default(), 0);
    if report.verdict() == Verdict::Failed {
        bail!(
            "`{}`: {}",
            path.display(),
            pick(
                lang,
                "证据包校验不通过，不予抽样",
                "the package does not verify, so nothing is drawn from it"
            )
        );
    }
    let inventory = read_whole(&mut *container, "data/inventory.json", INVENTORY_BYTES_MAX)?;
    let seed = sha256(&read_whole(&mut *container, "tagmanifest-sha256.txt", INVENTORY_BYTES_MAX)?);
    let records = extract(&mut *container, "data/records.parquet")?;
    let folder = if path.is_dir() { path.to_owned() } else { folder_of(path) };
    Ok(Source { inventory, records, seed, folder, package: Some(container) })
}

/// A file of the package as a file without a name.
fn extract(container: &mut dyn Container, name: &str) -> anyhow::Result<File> {
    let mut file = tempfile::tempfile().context("no temporary file")?;
    let mut written = Ok(());
    container.read(name, &mut |piece| {
        if written.is_ok() {
            written = file.write_all(piece);
        }
    })?;
    written?;
    file.rewind()?;
    Ok(file)
}

fn draw(matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let path = matches.get_one::<PathBuf>("source").cloned().unwrap_or_default();
    let out = matches.get_one::<PathBuf>("out").cloned().unwrap_or_default();
    let n = matches.get_one::<u64>("n").copied().unwrap_or_default();
    let by = matches.get_one::<String>("by").and_then(|word| By::from_word(word)).unwrap_or_default();
    let source = source(&path, lang)?;
    let inventory: Value = serde_json::from_slice(&source.inventory)
        .map_err(|_| anyhow::anyhow!("`inventory.json` is no inventory"))?;
    let lines = lines(&inventory)?;
    let seed = matches.get_one::<String>("seed").unwrap_or(&source.seed);

    let rules = CountRules::from_rules(Rules::embedded());
    let reader = RecordsReader::new(source.records)?;
    let mut drawer = Drawer::new(n, by, seed);
    reader.counted(|row| {
        let tier = u8::try_from(row.tier).unwrap_or_default();
        drawer.push(row.record, tier, deciding(&rules, row.kinds, tier), row.file);
    })?;
    let draw = drawer.finish(&sha256(&source.inventory), lines)?;
    let numbers: Vec<u64> = {
        let mut numbers: Vec<u64> = draw.drawn.iter().map(|drawn| drawn.record).collect();
        numbers.sort_unstable();
        numbers
    };
    let records = reader.records(&numbers)?;
    let reveal = matches.get_flag("reveal");
    let rows: Vec<Row> = if reveal {
        let paths = matches.get_many::<PathBuf>("input").unwrap_or_default().cloned().collect();
        revealed(source.package, &source.inventory, &records, paths, lang)?
    } else {
        records.iter().map(shown).collect()
    };
    let sheet = write_sheet(&draw, &rows)?;
    // The draw is logged before anybody can see it, so that a sample cannot be thrown away unnoticed.
    let fill = |event: &mut Event| {
        event.file = file_name(&out);
        event.sha256 = sha256(&sheet);
        for (name, value) in [
            ("seed", draw.seed.clone()),
            ("by", draw.by.as_str().to_owned()),
            ("drawn", draw.drawn.len().to_string()),
            ("draw_sha256", draw.digest()),
            ("inventory_sha256", draw.inventory_sha256.clone()),
        ] {
            event.details.insert(name.to_owned(), value);
        }
        if reveal {
            event.details.insert("revealed".to_owned(), "written into the sheet".to_owned());
        }
    };
    let logged = log_step(matches, &source.folder, Action::Draw, fill, lang)?;
    write(&out, &sheet, reveal).with_context(|| format!("`{}` cannot be written", out.display()))?;

    let population: u64 = draw.cells.iter().map(|cell| cell.population).sum();
    let t = |zh, en| pick(lang, zh, en);
    let mut text = String::new();
    let (drawn, sheet) = (draw.drawn.len(), out.display());
    let _ = match lang {
        Language::Zh => writeln!(text, "已从 {population} 组记录中抽取 {drawn} 组，写入核验表 {sheet}"),
        Language::En => writeln!(text, "drawn {drawn} of {population} records, written to {sheet}"),
    };
    let _ = writeln!(text, "{} {}", t("种子", "seed"), draw.seed);
    let _ = writeln!(text, "{} {}", t("抽样摘要（SHA-256）", "draw sha256"), draw.digest());
    for (tier, counted) in tiers(&inventory) {
        let of_tier = draw.cells.iter().filter(|cell| u64::from(cell.tier) == tier);
        let population: u64 = of_tier.map(|cell| cell.population).sum();
        if population != counted {
            let _ = writeln!(
                text,
                "{}",
                match lang {
                    Language::Zh => format!(
                        "注意：第{tier}项清单计{counted}条，抽样总体为{population}组；抽样以组为单位，结论只及于组"
                    ),
                    Language::En => format!(
                        "note: the inventory counts {counted} items under item {tier}, the draw is from {population} records; the result speaks of records"
                    ),
                }
            );
        }
    }
    if reveal {
        let warning = t(
            "核验表含个人信息原值，仅本机当前用户可读；用后请销毁",
            "the sheet holds raw personal information and is readable by you alone; destroy it after use",
        );
        let _ = writeln!(text, "{warning}");
    }
    let _ = writeln!(text, "{logged}");
    Ok(text)
}

/// Writes the sheet; one with raw values can be read by its owner only.
fn write(path: &Path, bytes: &[u8], private: bool) -> std::io::Result<()> {
    if !private {
        return fs::write(path, bytes);
    }
    // A file that is there may be open to others, whatever mode a new one would get.
    match fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)?.write_all(bytes)
}

/// The rows with raw values, read again from the data; refused unless every input has the hash that the
/// package lists and the inventory comes out the same.
fn revealed(
    package: Option<Box<dyn Container>>,
    inventory: &[u8],
    records: &[RecordRow],
    paths: Vec<PathBuf>,
    lang: Language,
) -> anyhow::Result<Vec<Row>> {
    let t = |zh, en| pick(lang, zh, en);
    let Some(mut package) = package else {
        bail!(t(
            "--reveal 须从证据包抽样：扫描输出文件夹未载各文件的校验值",
            "--reveal needs a package: the output folder of a scan lists no hashes of the inputs",
        ));
    };
    let wanted = Wanted::new(records.iter().map(key_of));
    let again = rescan::again(&mut *package, paths, Some(&wanted), lang)?
        .map_err(|lacks| anyhow::anyhow!("{}", pick(lang, &lacks.zh, &lacks.en)))?;
    let same = again.inventory_sha256 == sha256(inventory);
    if !again.inputs.is_empty() || !same {
        let why = rescan::joined(&[again.inputs, again.program].concat());
        bail!(
            "{} {}",
            t(
                "数据与证据包不符，不写原值：",
                "the data is not that of the package, no raw value is written:"
            ),
            pick(lang, &why.zh, &why.en)
        );
    }
    let row = |record: &RecordRow| {
        let found = wanted.found(&key_of(record));
        if found.is_empty() {
            bail!("{} {}", t("原始数据中找不到记录", "not found in the data: record"), record.record);
        }
        let mut values = String::new();
        for (number, one) in found.iter().enumerate() {
            if number > 0 {
                // Records that look the same when masked and stand at the same place: both are shown.
                values.push_str(t("\n—— 或 ——\n", "\n— or —\n"));
            }
            for (position, (kind, value)) in one.iter().enumerate() {
                let _ = write!(
                    values,
                    "{}{} {}",
                    if position > 0 { "\n" } else { "" },
                    kind.name_zh(),
                    value.as_str()
                );
            }
        }
        Ok(Row { values, ..shown(record) })
    };
    records.iter().map(row).collect()
}

/// What tells a record from others when the data is read again.
fn key_of(record: &RecordRow) -> RecordKey {
    let masked = record.mentions.iter().map(|mention| (mention.kind.clone(), mention.masked.clone()));
    RecordKey {
        file: record.file.clone(),
        place: record.place.clone().unwrap_or_default(),
        role: record.role,
        masked: masked.collect(),
    }
}

/// Item and count of each tier of the inventory.
fn tiers(inventory: &Value) -> Vec<(u64, u64)> {
    let tiers = inventory.pointer("/criminal/tiers").and_then(Value::as_array).into_iter().flatten();
    tiers.filter_map(|tier| Some((tier.get("item")?.as_u64()?, tier.get("count")?.as_u64()?))).collect()
}

/// The lines that the inventory was measured against.
fn lines(inventory: &Value) -> anyhow::Result<Vec<TierLine>> {
    let tiers = inventory.pointer("/criminal/tiers").and_then(Value::as_array).into_iter().flatten();
    let lines: Vec<TierLine> = tiers
        .filter_map(|tier| {
            let item = u8::try_from(tier.get("item")?.as_u64()?).ok()?;
            Some(TierLine { tier: item, threshold: tier.get("threshold")?.as_u64()? })
        })
        .collect();
    if lines.is_empty() {
        bail!("`inventory.json` states no tiers");
    }
    Ok(lines)
}

/// The id of the kind that puts a record into its tier; the first one where a combination does (the
/// information of an identity card).
fn deciding<'a>(rules: &CountRules, kinds: &'a str, tier: u8) -> &'a str {
    let is_deciding =
        |id: &&str| Kind::from_id(id).is_some_and(|kind| rules.tiers_of_kind(kind, true).strict == tier);
    kinds.split(',').find(is_deciding).or_else(|| kinds.split(',').next()).unwrap_or_default()
}

/// What the sheet shows of a record: valid values only, masked.
fn shown(record: &RecordRow) -> Row {
    let mut values = String::new();
    for mention in record.mentions.iter().filter(|mention| mention.state == "valid") {
        let name = Kind::from_id(&mention.kind).map_or(mention.kind.as_str(), |kind| kind.name_zh());
        if !values.is_empty() {
            values.push('\n');
        }
        let _ = write!(values, "{name} {}", mention.masked);
    }
    Row {
        record: record.record,
        file: record.file.clone(),
        place: record.place.clone().unwrap_or_default(),
        row: record.row,
        values,
    }
}

fn read(matches: &ArgMatches, lang: Language) -> anyhow::Result<String> {
    let path = matches.get_one::<PathBuf>("sheet").cloned().unwrap_or_default();
    let bytes = fs::read(&path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let sheet = read_sheet(std::io::Cursor::new(&bytes))?;
    let found = assess(&sheet);
    let t = |zh, en| pick(lang, zh, en);
    let mut text = format!("{}\n\n", t(&found.zh, &found.en));
    let heads = [
        t("档", "tier"),
        t("总体", "records"),
        t("抽取", "drawn"),
        t("属实", "true"),
        t("不实", "untrue"),
        t("无法核实", "unknown"),
        t("未核验", "unread"),
        t("属实下限", "at least"),
    ];
    table_row(&mut text, &heads.map(str::to_owned));
    let everything = [(t("合计", "all").to_owned(), &found.overall)];
    let name = |tier: &u8| match (lang, tier) {
        (Language::Zh, 3) => "第三项".to_owned(),
        (Language::Zh, 4) => "第四项".to_owned(),
        (Language::Zh, 5) => "第五项".to_owned(),
        _ => tier.to_string(),
    };
    let tiers = found.tiers.iter().map(|(tier, bound)| (name(tier), bound)).chain(everything);
    for (name, bound) in tiers {
        let numbers = [
            bound.population,
            bound.drawn,
            bound.right,
            bound.wrong,
            bound.unverifiable,
            bound.unread,
            bound.lower,
        ]
        .map(|number| number.to_string());
        let [population, drawn, right, wrong, unverifiable, unread, lower] = numbers;
        table_row(&mut text, &[name, population, drawn, right, wrong, unverifiable, unread, lower]);
    }
    text.push('\n');
    for line in &found.lines {
        let _ = writeln!(text, "{}", t(&line.zh, &line.en));
    }
    let _ = writeln!(
        text,
        "\n{} {}",
        t("清单校验值（SHA-256）", "inventory sha256"),
        sheet.draw.inventory_sha256
    );
    let _ = writeln!(text, "{} {}", t("抽样摘要（SHA-256）", "draw sha256"), sheet.draw.digest());
    let fill = |event: &mut Event| {
        event.file = file_name(&path);
        event.sha256 = sha256(&bytes);
        for (name, value) in [
            ("draw_sha256", sheet.draw.digest()),
            ("true", found.overall.right.to_string()),
            ("untrue", found.overall.wrong.to_string()),
            ("unverifiable", found.overall.unverifiable.to_string()),
            ("unread", found.overall.unread.to_string()),
            ("at_least_true", found.overall.lower.to_string()),
        ] {
            event.details.insert(name.to_owned(), value);
        }
    };
    let logged = log_step(matches, &folder_of(&path), Action::Read, fill, lang)?;
    let _ = writeln!(text, "{logged}");
    Ok(text)
}

/// A row of the table, in columns as wide as a terminal shows them: a Han character takes two places.
fn table_row(text: &mut String, cells: &[String; 8]) {
    for (cell, width) in cells.iter().zip([8usize, 10, 8, 8, 8, 10, 8, 10]) {
        let taken: usize = cell.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
        let space = " ".repeat(width.saturating_sub(taken));
        // The first column stands on the left, numbers on the right.
        let _ = if text.is_empty() || text.ends_with('\n') {
            write!(text, "{cell}{space}")
        } else {
            write!(text, "{space}{cell}")
        };
    }
    text.push('\n');
}
