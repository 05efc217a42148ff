//! `zhunsheng risk`: how easily the rows of a table are tied to persons, and a copy in which they are not.
//!
//! Without a goal (`--k`, `--l`, `--t`) the risks are told. With one the hierarchies' combination that loses least is
//! searched, and with `--out` the table is written: quasi-identifiers coarser, rows that would stand out as `*`,
//! everything else byte for byte as it was. What was written is read again and checked before it gets its name.

mod file;
mod html;
mod progress;
mod show;

use crate::language::pick;
use anyhow::{Context, bail, ensure};
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use file::TableFile;
use progress::Watch;
use show::{Outcome, Told};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use zhunsheng_protect::Divisions;
use zhunsheng_protect::table::{
    Closeness, Distance, Diversity, Goal, Ladder, Loss, Risk, Spec, Table, TableBuilder, Threads, advise,
    losses, measure, search, subsets, suppressed,
};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "risk";

/// Columns that are combined to see what they tell, and most combinations looked at.
const SUBSET_COLUMNS: usize = 3;
const SUBSETS_MAX: usize = 500;
/// What a suppressed cell says.
const ALL: &str = "*";

pub(crate) fn command(lang: Language) -> Command {
    let t = |zh: &'static str, en: &'static str| pick(lang, zh, en).to_owned();
    let columns = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name("COL,…")
            .value_delimiter(',')
            .action(ArgAction::Append)
            .help(t(zh, en))
    };
    let path = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(t(zh, en))
    };
    let number = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name).long(name).value_name("N").value_parser(value_parser!(u64).range(1..)).help(t(zh, en))
    };
    let share = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name).long(name).value_name("0–1").value_parser(parse_share).help(t(zh, en))
    };
    let flag = |name: &'static str, zh: &'static str, en: &'static str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(zh, en))
    };
    Command::new(NAME)
        .about(t(
            "评估表格的重标识风险；按 k-匿名、l-多样性、t-接近泛化",
            "how easily the rows of a table are tied to persons; k-anonymity, l-diversity, t-closeness",
        ))
        .arg(
            Arg::new("file")
                .value_name("FILE.csv")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help(t("带表头的表（CSV、TSV 等文本）", "a table with a header (CSV, TSV and the like)")),
        )
        .arg(
            columns("quasi", "准标识符：别处也能知道的列（出生日期、性别、地址……）", "quasi-identifiers: what others may know (birth date, sex, address …)")
                .required(true),
        )
        .arg(Arg::new("sensitive").long("sensitive").value_name("COL").help(t(
            "敏感列：不应被推知的内容（--l、--t 需要）",
            "the sensitive column: what must not be learnt (for --l and --t)",
        )))
        .arg(columns("remove", "整列以 * 代替的列（姓名、号码等直接标识符）", "columns written as * throughout (names, numbers)"))
        .arg(
            Arg::new("hierarchy").long("hierarchy").value_name("COL=…").action(ArgAction::Append).help(t(
                "某列的泛化层次：date、division、id、prefix:4,3,2、band:5,10,50、tree:FILE、suppress、keep；默认按列名和值推定",
                "how a column is made coarser: date, division, id, prefix:4,3,2, band:5,10,50, tree:FILE, suppress, keep; default: by its name and values",
            )),
        )
        .arg(number("population", "这些行所出自的总体人数", "persons from whom the rows were drawn"))
        .arg(number("k", "每个等价类至少的行数", "least number of rows of a class"))
        .arg(number("l", "每个等价类至少有几个不同的敏感值", "least number of distinct sensitive values of a class"))
        .arg(flag("entropy", "l 按熵计", "l by entropy").requires("l"))
        .arg(share("t", "敏感值的分布与全表相差至多（推土机距离）", "greatest earth mover's distance of a class from the table"))
        .arg(
            Arg::new("distance").long("distance").value_name("equal|ordered").value_parser(["equal", "ordered"]).help(t(
                "敏感值之间的距离；默认：全是数字即有序，否则相等",
                "distance between sensitive values; default: ordered when all are numbers, else equal",
            )),
        )
        .arg(share("suppress", "至多隐去的行的比例，默认 0", "greatest share of rows suppressed, default 0"))
        .arg(path("out", "写出泛化后的表", "write the generalised table").conflicts_with("plan"))
        .arg(flag("force", "覆盖已有的文件", "replace existing files"))
        .arg(flag("plan", "只显示方案，不写出", "show the solution, write nothing"))
        .arg(flag("json", "以 JSON 输出", "print JSON"))
        .arg(path("html", "写出 HTML 报告", "write the report as HTML"))
        .arg(
            Arg::new("threads").long("threads").value_name("N").value_parser(value_parser!(u16).range(1..)).help(t(
                "线程数；结果与之无关",
                "number of threads; the result does not depend on it",
            )),
        )
}

fn parse_share(text: &str) -> Result<f64, String> {
    let share = text.parse().ok().filter(|share| (0.0..=1.0).contains(share));
    share.ok_or_else(|| "a number from 0 to 1 is expected".to_owned())
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let list = |name| -> Vec<&str> {
        matches
            .get_many::<String>(name)
            .unwrap_or_default()
            .map(|text| text.trim())
            .filter(|text| !text.is_empty())
            .collect()
    };
    let path = |name: &str| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let number = |name: &str| matches.get_one::<u64>(name).copied();
    let share = |name: &str| matches.get_one::<f64>(name).copied();
    let input = path("file").unwrap_or(Path::new(""));
    let quasi = list("quasi");
    let sensitive = matches.get_one::<String>("sensitive").map(|name| name.trim());
    let removed = list("remove");
    let wanted: Vec<&str> = quasi.iter().chain(&sensitive).chain(&removed).copied().collect();
    for (at, name) in wanted.iter().enumerate() {
        ensure!(!wanted.iter().take(at).any(|other| other == name), "column `{name}` is named twice");
    }
    let aimed = number("k").is_some() || number("l").is_some() || share("t").is_some();
    ensure!(aimed || path("out").is_none(), "`--out` needs a goal: `--k`, and perhaps `--l` or `--t`");
    for out in [path("out"), path("html")].into_iter().flatten() {
        ensure!(
            out.canonicalize().ok().is_none_or(|out| Some(out) != input.canonicalize().ok()),
            "`{}` is the input",
            out.display()
        );
        ensure!(
            !out.exists() || matches.get_flag("force"),
            "`{}` exists already; `--force` replaces it",
            out.display()
        );
    }
    let threads = matches
        .get_one::<u16>("threads")
        .map_or_else(|| std::thread::available_parallelism().map_or(1, |n| n.get()), |n| usize::from(*n));
    let threads = Threads::new(threads);
    let file = TableFile::open(input, &wanted)?;
    let watch = Watch::default();
    let work = || -> anyhow::Result<String> {
        let counted = quasi.len() + usize::from(sensitive.is_some());
        let positions = file.positions.get(..counted).unwrap_or_default();
        let table = read(&file, &quasi, sensitive, positions, &watch)?;
        ensure!(table.rows > 0, "`{}` has no rows", input.display());
        let divisions = Divisions::new(Rules::embedded());
        let specs = specs(&table, &list("hierarchy"))?;
        let ladders: Vec<Ladder> = table
            .quasi
            .iter()
            .zip(&specs)
            .map(|(column, spec)| Ladder::new(column, spec, &divisions))
            .collect::<Result<_, _>>()?;
        let losses = losses(&table, &ladders);
        let k = number("k").unwrap_or(if aimed { 1 } else { 5 });
        let as_is = vec![0; table.quasi.len()];
        let whole: Vec<Option<u8>> = as_is.iter().copied().map(Some).collect();
        let population = number("population");
        let measured = measure(&table, &ladders, &whole, threads);
        watch.phase(progress::Phase::Subsets);
        let subsets = match aimed {
            true => Vec::new(),
            false => {
                subsets(&table, &ladders, &as_is, (SUBSET_COLUMNS, SUBSETS_MAX), threads, &|done, of| {
                    watch.done(done, of)
                })
            }
        };
        let mut told = Told {
            file: input.display().to_string(),
            table: &table,
            specs: &specs,
            ladders: &ladders,
            losses: &losses,
            risk: Risk::of(&measured, population),
            measure: measured,
            subsets,
            advice: advise(&table, &ladders, &as_is, &losses, k, threads),
            k,
            result: None,
            untouched: file.untouched(&wanted),
        };
        let goal = if aimed { Some(goal(matches, &table, k)?) } else { None };
        if let Some(goal) = &goal {
            watch.phase(progress::Phase::Searching);
            let found = search(&table, &ladders, &losses, goal, threads, &|done, of| watch.done(done, of))?;
            let (gone, left) = suppressed(&table, &ladders, &found.levels, goal, threads);
            let count = gone.iter().filter(|gone| **gone).count() as u64;
            if let Some(out) = path("out") {
                watch.phase(progress::Phase::Writing);
                let removed = file.positions.get(counted..).unwrap_or_default();
                let coarse =
                    Coarse { table: &table, ladders: &ladders, levels: &found.levels, gone: &gone, removed };
                write(&file, &coarse, out, (goal, count), &watch)?;
            }
            told.result = Some(Outcome {
                goal,
                suppressed: count,
                loss: Loss::of(&losses, &found.levels, count, table.rows as u64),
                risk: Risk::of(&left, population),
                advice: advise(&table, &ladders, &found.levels, &losses, k, threads),
                left,
                found,
                out: path("out").map(|out| out.display().to_string()),
            });
        }
        if let Some(out) = path("html") {
            save(out, html::page(&told, lang).as_bytes())?;
        }
        Ok(match matches.get_flag("json") {
            true => serde_json::to_string_pretty(&told.json())? + "\n",
            false => told.text(lang),
        })
    };
    let text = progress::shown(&watch, lang, work)?;
    std::io::stdout().lock().write_all(text.as_bytes())?;
    Ok(ExitCode::SUCCESS)
}

/// Reads the columns at `positions`: the quasi-identifiers, then perhaps the sensitive one.
fn read(
    file: &TableFile,
    quasi: &[&str],
    sensitive: Option<&str>,
    positions: &[usize],
    watch: &Watch,
) -> anyhow::Result<Table> {
    watch.phase(progress::Phase::Reading);
    let total = file.size_bytes()?;
    let quotes = file.quotes();
    let names = quasi.iter().map(|name| (*name).to_owned()).collect();
    let mut builder = TableBuilder::new(names, sensitive.map(str::to_owned));
    let mut rooms: Vec<Vec<u8>> = vec![Vec::new(); positions.len()];
    file.rows(&|done| watch.done(done, total), |row| {
        if row.is_data {
            let cells = positions.iter().zip(&mut rooms);
            builder.push(cells.map(|(position, room)| row.value(*position, quotes, room)))?;
        }
        Ok(())
    })?;
    Ok(builder.finish(&|bytes| file.decode(bytes)))
}

/// The hierarchy of each column: as given, else by its name and values.
fn specs(table: &Table, given: &[&str]) -> anyhow::Result<Vec<Spec>> {
    let mut specs: Vec<Option<Spec>> = vec![None; table.quasi.len()];
    for text in given {
        let (name, spec) =
            text.split_once('=').with_context(|| format!("`--hierarchy {text}` is not written as COL=…"))?;
        let at = table.quasi.iter().position(|column| column.name == name.trim());
        let place = at
            .and_then(|at| specs.get_mut(at))
            .with_context(|| format!("`--hierarchy {text}`: `{name}` is no column of `--quasi`"))?;
        *place = Some(match spec.strip_prefix("tree:") {
            Some(path) => Spec::Tree(tree(Path::new(path))?),
            None => Spec::parse(name.trim(), spec.trim())?,
        });
    }
    let columns = table.quasi.iter().zip(specs);
    Ok(columns.map(|(column, spec)| spec.unwrap_or_else(|| Spec::guess(column))).collect())
}

/// A tree: on each line a value, its parent, its grandparent … with commas, semicolons or tabs between them.
fn tree(path: &Path) -> anyhow::Result<Vec<Vec<String>>> {
    let bytes = std::fs::read(path).with_context(|| format!("`{}` cannot be read", path.display()))?;
    let text = String::from_utf8(bytes).with_context(|| format!("`{}` is not UTF-8", path.display()))?;
    let text = text.trim_start_matches('\u{feff}');
    let delimiter = ['\t', ';', ','].into_iter().find(|c| text.contains(*c)).unwrap_or(',');
    Ok(text
        .lines()
        .filter(|line| !line.trim().is_empty())
        .map(|line| line.split(delimiter).map(|node| node.trim().trim_matches('"').to_owned()).collect())
        .collect())
}

fn goal(matches: &ArgMatches, table: &Table, k: u64) -> anyhow::Result<Goal> {
    let diversity = matches.get_one::<u64>("l").map(|l| match matches.get_flag("entropy") {
        true => Diversity::Entropy(*l),
        false => Diversity::Distinct(*l),
    });
    let closeness = match matches.get_one::<f64>("t") {
        None => None,
        Some(t) => Some(match matches.get_one::<String>("distance").map(String::as_str) {
            Some("equal") => Closeness::new(table, *t, Distance::Equal)?,
            Some(_) => Closeness::new(table, *t, Distance::Ordered)?,
            None => Closeness::new(table, *t, Distance::Ordered)
                .or_else(|_| Closeness::new(table, *t, Distance::Equal))?,
        }),
    };
    let share = matches.get_one::<f64>("suppress").copied().unwrap_or(0.0);
    // 0.07 × 100 rows are 7 rows, though the product of the floats lies below.
    let rows_suppressed_max = (share * table.rows as f64 + 1e-9).floor() as u64;
    Ok(Goal { k, diversity, closeness, rows_suppressed_max })
}

/// What is written.
struct Coarse<'a> {
    table: &'a Table,
    ladders: &'a [Ladder],
    levels: &'a [u8],
    gone: &'a [bool],
    /// Positions of the columns that are taken out.
    removed: &'a [usize],
}

fn write(
    file: &TableFile,
    coarse: &Coarse<'_>,
    out: &Path,
    (goal, gone): (&Goal, u64),
    watch: &Watch,
) -> anyhow::Result<()> {
    let mut temporary = temporary(out)?;
    let total = file.size_bytes()?;
    // Each label is encoded once.
    let labels: Vec<Vec<Vec<u8>>> = coarse
        .ladders
        .iter()
        .zip(coarse.levels)
        .map(|(ladder, level)| ladder.labels(*level).map(|label| file.encode(label)).collect())
        .collect();
    let columns = coarse.table.quasi.len();
    // Of each position the quasi-identifier that stands there.
    let places: Vec<(usize, usize)> = file
        .positions
        .iter()
        .copied()
        .take(columns)
        .enumerate()
        .map(|(column, position)| (position, column))
        .collect();
    let (mut rows, mut done) = (Vec::with_capacity(5 << 20), Vec::new());
    let mut number = 0;
    done.extend(file.mark()?);
    file.rows(&|read| watch.done(read, total), |row| {
        if !row.is_data {
            rows.extend_from_slice(row.bytes);
        } else {
            let is_gone = *coarse.gone.get(number).context("the table grew while it was read")?;
            for position in 0..row.cells.len() {
                if position > 0 {
                    rows.extend_from_slice(file.delimiter());
                }
                if is_gone || coarse.removed.contains(&position) {
                    rows.extend_from_slice(ALL.as_bytes());
                    continue;
                }
                let column = places.iter().find(|(place, _)| *place == position).map(|(_, column)| *column);
                let label = column.and_then(|column| {
                    let ladder = coarse.ladders.get(column)?;
                    let code = coarse.table.quasi.get(column)?.code(number);
                    let label = ladder.label_number(*coarse.levels.get(column)?, code)?;
                    labels.get(column)?.get(label)
                });
                match label {
                    Some(label) => cell(file, row.cell(position), label, &mut rows)?,
                    None => rows.extend_from_slice(row.cell(position)),
                }
            }
            rows.extend_from_slice(row.bytes.get(row.line_end..).unwrap_or_default());
            number += 1;
        }
        if rows.len() > 4 << 20 {
            file.restore(&rows, &mut done);
            temporary.write_all(&done)?;
            rows.clear();
            done.clear();
        }
        Ok(())
    })?;
    ensure!(number == coarse.table.rows, "the table shrank while it was read");
    file.restore(&rows, &mut done);
    temporary.write_all(&done)?;
    temporary.flush()?;
    check(file, temporary.path(), coarse, (goal.k, gone), watch)?;
    finish(temporary, out)
}

/// Appends a label in place of `cell`, in quotation marks where the cell stood in some or the label needs them.
fn cell(file: &TableFile, cell: &[u8], label: &[u8], rows: &mut Vec<u8>) -> anyhow::Result<()> {
    let special = |byte: &u8| matches!(byte, b'"' | b'\n' | b'\r');
    let delimiter = file.delimiter();
    let hurts = label.iter().any(special)
        || (!delimiter.is_empty() && memchr::memmem::find(label, delimiter).is_some());
    if !file.quotes() {
        ensure!(!hurts, "a label holds what stands between cells; use another hierarchy for that column");
        rows.extend_from_slice(label);
    } else if hurts || cell.first() == Some(&b'"') {
        rows.push(b'"');
        for byte in label {
            rows.extend(std::iter::repeat_n(*byte, if *byte == b'"' { 2 } else { 1 }));
        }
        rows.push(b'"');
    } else {
        rows.extend_from_slice(label);
    }
    Ok(())
}

/// Reads what was written and holds it to the goal's k, as whoever gets the file would.
fn check(
    file: &TableFile,
    written: &Path,
    coarse: &Coarse<'_>,
    (k, gone): (u64, u64),
    watch: &Watch,
) -> anyhow::Result<()> {
    watch.phase(progress::Phase::Checking);
    let again = file.at(written);
    let names: Vec<&str> = coarse.table.quasi.iter().map(|column| column.name.as_str()).collect();
    let positions = file.positions.get(..names.len()).unwrap_or_default();
    let table = read(&again, &names, None, positions, watch)?;
    watch.phase(progress::Phase::Checking);
    let ladders: Vec<Ladder> = table
        .quasi
        .iter()
        .map(|column| Ladder::new(column, &Spec::Keep, &Divisions::new(Rules::embedded())))
        .collect::<Result<_, _>>()?;
    let mut classes = measure(&table, &ladders, &vec![Some(0); names.len()], Threads::new(1));
    // The suppressed rows are one class, and tell nothing.
    let stars = (0..table.rows)
        .filter(|row| table.quasi.iter().all(|column| column.values.at(column.code(*row)) == ALL))
        .count() as u64;
    if stars > 0
        && let Some(count) = classes.sizes.get_mut(&stars)
    {
        *count -= 1;
    }
    let below: u64 = classes.rows_in_classes_below(k);
    ensure!(
        table.rows == coarse.table.rows && below == 0 && stars >= gone,
        "the written table does not keep the goal; it was removed"
    );
    Ok(())
}

fn temporary(out: &Path) -> anyhow::Result<tempfile::NamedTempFile> {
    let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    tempfile::NamedTempFile::new_in(folder)
        .with_context(|| format!("`{}` cannot be written to", folder.display()))
}

fn finish(file: tempfile::NamedTempFile, out: &Path) -> anyhow::Result<()> {
    file.as_file().sync_all()?;
    match file.persist(out) {
        Ok(_) => Ok(()),
        Err(error) => bail!("`{}` cannot be written: {}", out.display(), error.error),
    }
}

/// Never half a file under the final name.
fn save(out: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut file = temporary(out)?;
    file.write_all(bytes)?;
    finish(file, out)
}
