//! Packages, samples and the log: made, checked, tampered with.

use crate::{samples, scan, zhunsheng};
use calamine::{Data, Reader, Xlsx, open_workbook};
use rust_xlsxwriter::Workbook;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use tempfile::TempDir;

/// A scan of the sample with its package.
struct Case {
    dir: TempDir,
}

impl Case {
    fn new() -> Case {
        let case = Case { dir: tempfile::tempdir().unwrap() };
        let package = case.path("p.zse");
        let done = scan(
            &samples(),
            case.dir.path().join("out").as_path(),
            &["--evidence", &package, "--who", "甲", "-q"],
        );
        assert!(done.status.success(), "{}", text(&done));
        case
    }

    fn path(&self, name: &str) -> String {
        self.dir.path().join(name).to_str().unwrap().to_owned()
    }

    fn log(&self) -> String {
        self.path("out/zhunsheng-log")
    }

    /// The public key of the log.
    fn key(&self) -> String {
        self.path("out/zhunsheng-log/key")
    }
}

fn run(arguments: &[&str]) -> Output {
    zhunsheng().args(arguments).output().unwrap()
}

/// Runs it, expecting this exit code; gives what it printed.
fn told(arguments: &[&str], code: i32) -> String {
    let output = run(arguments);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}\n{}", text(&output));
    text(&output)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_package_verifies_with_the_key_in_part_without_it_and_not_when_a_byte_is_flipped() {
    let case = Case::new();
    let (package, key) = (case.path("p.zse"), case.key());
    let report = told(&["verify", &package, "--key", &key], 0);
    assert!(report.contains("verified in full") && !report.contains("not checked"), "{report}");
    let report = told(&["verify", &package], 3);
    assert!(report.contains("no trusted key was given"), "{report}");
    told(&["verify", &package, "--key", &key, "--witnesses", "1"], 1);
    // The key of another log.
    let other = Case::new();
    told(&["verify", &package, "--key", &other.key()], 1);

    let good = fs::read(&package).unwrap();
    for position in [good.len() / 7, good.len() / 2, good.len() - 9] {
        let mut bad = good.clone();
        bad[position] ^= 4;
        let path = case.path("bad.zse");
        fs::write(&path, bad).unwrap();
        let report = told(&["verify", &path, "--key", &key], 1);
        assert!(report.contains("FAILED") && report.contains("NOT verified"), "{report}");
        assert!(!run(&["sample", "draw", &path, "--out", &case.path("s.xlsx")]).status.success());
    }
    let report = told(&["verify", &package, "--lang", "zh", "--key", &key], 0);
    assert!(report.contains("全部验证通过"), "{report}");
}

#[test]
fn another_folder_reproduces_the_inventory_until_a_file_changes() {
    let case = Case::new();
    let (package, key, moved) = (case.path("p.zse"), case.key(), case.dir.path().join("elsewhere/copy"));
    copy(&samples(), &moved);
    let moved_text = moved.to_str().unwrap();
    let report = told(&["verify", &package, "--key", &key, "--input", moved_text], 0);
    assert!(report.contains("inventory reproduced: byte for byte"), "{report}");

    let file = first_file(&moved);
    let name = file.strip_prefix(&moved).unwrap().to_str().unwrap().to_owned();
    let mut bytes = fs::read(&file).unwrap();
    bytes.push(b'\n');
    fs::write(&file, bytes).unwrap();
    let report = told(&["verify", &package, "--key", &key, "--input", moved_text], 1);
    assert!(report.contains(&format!("1 changed: `{name}`")), "{report}");
    fs::remove_file(&file).unwrap();
    let report = told(&["verify", &package, "--key", &key, "--input", moved_text], 1);
    assert!(report.contains(&format!("1 missing: `{name}`")), "{report}");
}

#[test]
fn the_options_of_the_package_are_used_again() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let acts = path("acts.toml");
    fs::write(&acts, "[[act]]\nkind = \"obtained\"\n").unwrap();
    let input = samples().join("crm");
    let options = ["--date", "2011-05-06", "--basis", "person", "--limit-depth", "2", "--threads", "1"];
    for more in [&[][..], &["--acts", &acts]] {
        let package = path("p.zse");
        let arguments = [&options[..], more, &["-q", "--evidence", &package]].concat();
        let done = scan(&input, dir.path(), &arguments);
        assert!(done.status.success(), "{}", text(&done));
        let report = told(&["verify", &package, "--input", input.to_str().unwrap()], 3);
        assert!(report.contains("inventory reproduced: byte for byte"), "{report}");
    }
}

#[test]
fn a_time_stamp_that_cannot_be_had_costs_the_stamp_and_not_the_package() {
    let dir = tempfile::tempdir().unwrap();
    let (package, input) = (dir.path().join("p.zse"), samples().join("crm"));
    let with = |url: &str, file: &Path| {
        let options = ["-q", "--evidence", file.to_str().unwrap(), "--tsa", url];
        scan(&input, &dir.path().join("out"), &options)
    };
    // A port of this machine at which nobody listens any more.
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let done = with(&format!("http://127.0.0.1:{port}/"), &package);
    assert_eq!(done.status.code(), Some(1));
    assert!(text(&done).contains("was written without a time-stamp"), "{}", text(&done));
    let key = dir.path().join("out/zhunsheng-log/key");
    told(&["verify", package.to_str().unwrap(), "--key", key.to_str().unwrap()], 0);
    // What cannot work is refused before anything is read.
    assert_eq!(with("https://tsa.example/", &package).status.code(), Some(2));
    fs::remove_file(dir.path().join("out/inventory.json")).unwrap();
    assert_eq!(with("http://tsa.example/", &dir.path().join("none/p.zse")).status.code(), Some(1));
    assert!(!dir.path().join("out/inventory.json").exists());
}

/// The first file below a folder, by name.
fn first_file(folder: &Path) -> PathBuf {
    let mut entries: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    let first = entries.into_iter().next().unwrap();
    if first.is_dir() { first_file(&first) } else { first }
}

/// Writes the sheet again with an answer for each row.
fn fill_in(sheet: &str, filled: &str, mut answer: impl FnMut(usize, &str) -> &'static str) {
    let mut book: Xlsx<_> = open_workbook(sheet).unwrap();
    let mut out = Workbook::new();
    for (number, (name, range)) in book.worksheets().into_iter().enumerate() {
        let page = out.add_worksheet().set_name(&name).unwrap();
        for (row, cells) in range.rows().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let text = match cell {
                    _ if number == 0 && row > 0 && column == 8 => {
                        answer(row, &cells[2].to_string()).to_owned()
                    }
                    Data::Empty => continue,
                    cell => cell.to_string(),
                };
                page.write_string(row as u32, column as u16, text).unwrap();
            }
        }
    }
    out.save(filled).unwrap();
}

#[test]
fn a_draw_is_filled_in_read_and_logged() {
    let case = Case::new();
    let (sheet, filled, log) = (case.path("s.xlsx"), case.path("filled.xlsx"), case.log());
    let (package, out) = (case.path("p.zse"), case.path("out"));
    let drawn =
        told(&["sample", "draw", &package, "-n", "90", "--by", "tier", "--out", &sheet, "--log", &log], 0);
    assert!(drawn.contains("drawn 90 of 3508 records") && !drawn.contains("note:"), "{drawn}");
    let first = fs::read(&sheet).unwrap();
    told(&["sample", "draw", &package, "-n", "90", "--by", "tier", "--out", &sheet], 0);
    assert_eq!(first, fs::read(&sheet).unwrap(), "the same draw gives the same sheet");

    // Thirty of each tier; every record true but one of tier 5.
    let mut untrue = 0;
    fill_in(&sheet, &filled, |_, tier| {
        untrue += usize::from(tier == "5");
        if tier == "5" && untrue == 1 { "不实" } else { "属实" }
    });
    let told_en = told(&["sample", "read", &filled, "--log", &log], 0);
    // One-sided 95 % lower bounds, hypergeometric: all 30 of 580, 30 of 916, 29 of 30 of 2012.
    for (tier, population, right, wrong) in [("3", 580, 30, 0), ("4", 916, 30, 0), ("5", 2012, 29, 1)] {
        let line = told_en.lines().find(|line| line.starts_with(&format!("{tier} "))).unwrap();
        let lower = lower_bound(population, 30, right);
        let numbers: Vec<u64> = line.split_whitespace().map(|number| number.parse().unwrap()).collect();
        assert_eq!(numbers[1..], [population, 30, right, wrong, 0, 0, lower], "{line}");
    }
    assert!(
        told_en.contains("item 3 (50 items)") && told_en.contains("the line is still reached"),
        "{told_en}"
    );
    let told_zh = told(&["sample", "read", &filled, "--lang", "zh"], 0);
    assert!(told_zh.contains("属实89条，不实1条"), "{told_zh}");
    let shown = told(&["log", "show", &log], 0);
    let entries: Vec<&str> = shown.lines().filter(|line| line.starts_with("entry ")).collect();
    for (line, (number, word)) in entries.iter().zip([(0, "package"), (1, "draw"), (2, "read")]) {
        assert!(line.starts_with(&format!("entry {number}  {word}  ")), "{shown}");
    }
    assert!(entries.len() == 3 && entries[0].ends_with("  甲"), "{shown}");
    let shown = told(&["log", "show", &log, "--lang", "zh"], 0);
    for words in [
        "第 0 号  封存  20",
        "（北京时间）  甲",
        "第 1 号  抽样",
        "抽取组数：90",
        "分层方式：按档",
        "不实：1",
    ] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }

    // What was changed in the sheet is noticed.
    fill_in(&sheet, &filled, |row, _| if row == 7 { "大概" } else { "属实" });
    assert!(told(&["sample", "read", &filled], 1).contains("row 8"));
    // A draw from the folder of the scan is another one: its seed is the hash of the inventory.
    told(&["sample", "draw", &out, "-n", "90", "--by", "tier", "--out", &sheet], 0);
    assert_ne!(first, fs::read(&sheet).unwrap());
}

/// Every text of a workbook's first page.
fn texts(sheet: &str) -> Vec<String> {
    let mut book: Xlsx<_> = open_workbook(sheet).unwrap();
    let (_, range) = book.worksheets().into_iter().next().unwrap();
    range.rows().map(|row| row[7].to_string()).collect()
}

#[test]
fn raw_values_come_from_the_data_of_the_package_and_from_no_other() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (data, package, out, sheet, log) =
        (dir.path().join("data"), path("p.zse"), dir.path().join("out"), path("s.xlsx"), path("log"));
    fs::create_dir(&data).unwrap();
    fs::write(data.join("people.csv"), crate::people(120)).unwrap();
    // Two people on one line of a text, who look the same when masked.
    let one = crate::citizen("11010519800302011");
    fs::write(data.join("note.txt"), format!("王伟，{one}，13912345678；电话13900005678也可联系。\n"))
        .unwrap();
    let done = scan(&data, &out, &["-q", "--evidence", &package, "--log", &log]);
    assert!(done.status.success(), "{}", text(&done));
    let moved = dir.path().join("moved");
    copy(&data, &moved);
    let draw = ["sample", "draw", &package, "-n", "500", "--out", &sheet, "--log", &log];
    let reveal = [&draw[..], &["--reveal", "--input", moved.to_str().unwrap()]].concat();

    told(&draw, 0);
    let masked = texts(&sheet);
    let shown = told(&reveal, 0);
    assert!(shown.contains("destroy it after use"), "{shown}");
    let raw = texts(&sheet);
    assert_eq!(masked.len(), raw.len());
    assert!(masked.iter().all(|text| !text.contains("1390000")));
    let people = crate::people(120);
    let (rows, mut mobiles): (Vec<&str>, usize) = (people.lines().skip(1).collect(), 0);
    for row in rows {
        let [name, id, mobile] = row.split(',').collect::<Vec<_>>().try_into().unwrap();
        let found = raw.iter().filter(|text| text.contains(id)).collect::<Vec<_>>();
        assert_eq!(found.len(), 1, "{row}");
        assert!(found[0].contains(name), "{row} {found:?}");
        // A number of zeros only is a placeholder and no value.
        mobiles += usize::from(found[0].contains(mobile));
    }
    assert!(mobiles > 100, "{mobiles}");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(&sheet).unwrap().permissions().mode() & 0o777, 0o600);
    }
    // The sheet with raw values is read like any other.
    told(&["sample", "read", &sheet], 0);
    assert!(told(&["log", "show", &log], 0).contains("raw values: written into the sheet"));

    // One byte more in one file: refused, and no sheet written.
    fs::remove_file(&sheet).unwrap();
    fs::write(moved.join("people.csv"), format!("{people}\n")).unwrap();
    let refused = told(&reveal, 1);
    assert!(refused.contains("no raw value is written: 1 changed: `people.csv`"), "{refused}");
    assert!(!Path::new(&sheet).exists());
    // The folder of a scan names no hashes; without the data there is nothing to read from.
    let folder = [&["sample", "draw", out.to_str().unwrap(), "--out", &sheet][..], &reveal[9..]].concat();
    assert!(told(&folder, 1).contains("--reveal needs a package"));
    told(&[&draw[..], &["--reveal"]].concat(), 2);
    assert!(!Path::new(&sheet).exists());
}

#[test]
fn a_log_of_chinese_standards_and_a_hand_over() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let (log, package, key) = (path("log"), path("p.zse"), path("log/key"));
    let input = samples().join("crm");
    let options = ["-q", "--evidence", &package, "--log", &log];
    let with = |more: &[&str]| scan(&input, &dir.path().join("out"), &[&options[..], more].concat());
    assert!(
        told(&["log", "init", &log, "--hash", "sm3", "--signature", "sm2"], 0).contains("zhunsheng-log/")
    );
    told(&["log", "init", &log], 1);
    // A log stays what it is.
    let refused = with(&["--log-hash", "sha256"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(text(&refused).contains("is a log of sm3 and sm2"), "{}", text(&refused));
    let done = with(&["--log-hash", "sm3", "--log-signature", "sm2"]);
    assert!(done.status.success(), "{}", text(&done));
    assert!(fs::read_to_string(path("log/checkpoint")).unwrap().contains("\nhash sm3\n"));
    told(&["verify", &package, "--key", &key], 0);
    told(&["log", "check", &log, "--key", &key, "--known", &path("log/checkpoint")], 0);

    let shown = told(&["log", "export", &log, &package, "--to", "某检察院", "--who", "甲"], 0);
    let sha256 = sha256(&package);
    assert!(shown.contains(&sha256), "{shown}");
    let shown = told(&["log", "show", &log, "--lang", "zh"], 0);
    for words in ["第 1 号  导出", "接收方：某检察院", "文件：p.zse", &sha256] {
        assert!(shown.contains(words), "{words}\n{shown}");
    }
    told(&["log", "export", &log, &package], 2);
    told(&["log", "export", &path("no log"), &package, "--to", "乙"], 1);
}

#[test]
fn the_list_says_in_words_what_each_input_is_and_names_both_hashes() {
    let case = Case::new();
    let open = fs::read(case.path("p.zse")).unwrap();
    let text = String::from_utf8_lossy(&open);
    // Members are stored as they are, so the texts stand in the file.
    for words in
        ["Excel 工作簿", "分隔符文本表格", "PDF 文档", "SQLite 数据库", "（北京时间）", "\"sm3\": \""]
    {
        assert!(text.contains(words), "{words}");
    }
    let inputs = text.matches("\"format_zh\": \"").count();
    assert!(inputs > 20 && text.matches("\"sm3\": \"").count() == inputs, "{inputs}");
    assert!(!text.contains("<td>delimited</td>") && !text.contains("<td>xlsx</td>"));
}

/// The smallest number of true ones among `population` for which finding `right` or more in `drawn` is not
/// rarer than 5 %, added up term by term in logarithms.
fn lower_bound(population: u64, drawn: u64, right: u64) -> u64 {
    let log = |n: u64| -> f64 { (1..=n).map(|i| (i as f64).ln()).sum() };
    let choose = |n: u64, k: u64| log(n) - log(k) - log(n - k);
    let all = choose(population, drawn);
    let tail = |truth: u64| -> f64 {
        (right..=drawn.min(truth))
            .filter(|k| drawn - k <= population - truth)
            .map(|k| (choose(truth, k) + choose(population - truth, drawn - k) - all).exp())
            .sum()
    };
    (right..=population).find(|truth| tail(*truth) > 0.05).unwrap()
}

#[test]
fn what_is_destroyed_is_gone_and_the_log_stays_whole() {
    let case = Case::new();
    let (log, key, package) = (case.log(), case.key(), case.path("p.zse"));
    let checkpoint = case.path("kept");
    fs::copy(Path::new(&log).join("checkpoint"), &checkpoint).unwrap();
    let sheet = case.path("抽样表.xlsx");
    told(&["sample", "draw", &package, "-n", "5", "--seed", "开奖号码", "--out", &sheet, "--log", &log], 0);
    told(&["log", "check", &log, "--key", &key, "--known", &checkpoint], 0);
    assert!(holds(Path::new(&log), "开奖号码".as_bytes()));

    told(&["log", "shred", &log, "1", "--who", "乙"], 0);
    assert!(!holds(Path::new(&log), "开奖号码".as_bytes()));
    let report = told(&["log", "check", &log, "--key", &key, "--known", &checkpoint], 0);
    assert!(report.contains("1 destroyed as logged"), "{report}");
    let shown = told(&["log", "show", &log], 0);
    assert!(
        shown.contains("entry 1  content destroyed as logged") && shown.contains("entry 2  shred  "),
        "{shown}"
    );
    // The package is proved by its own entry as before; the destroyed one and the order to destroy are fixed.
    told(&["verify", &package, "--key", &key], 0);
    assert!(told(&["log", "prove", &log, "0"], 0).contains("zhunsheng-log/"));
    for arguments in [["log", "prove", &log, "1"], ["log", "shred", &log, "2"], ["log", "shred", &log, "9"]] {
        told(&arguments, 1);
    }
    // Without the key nobody can write, and a changed byte is found.
    let heads = Path::new(&log).join("private/heads");
    let mut bytes = fs::read(&heads).unwrap();
    bytes[40] ^= 1;
    fs::write(&heads, bytes).unwrap();
    told(&["log", "check", &log, "--key", &key], 1);
}

/// SHA-256 of a file, in hexadecimal.
fn sha256(path: &str) -> String {
    let hash = zhunsheng_verify::Algorithm::Sha256.hash(&[&fs::read(path).unwrap()]);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether any file below the folder holds these bytes.
fn holds(folder: &Path, wanted: &[u8]) -> bool {
    fs::read_dir(folder).unwrap().any(|entry| {
        let path = entry.unwrap().path();
        if path.is_dir() {
            return holds(&path, wanted);
        }
        fs::read(&path).unwrap().windows(wanted.len()).any(|window| window == wanted)
    })
}

#[test]
fn a_witness_signs_growth_and_refuses_a_log_that_was_rolled_back() {
    let case = Case::new();
    let (log, key, memory) = (case.log(), case.key(), case.path("witness"));
    let (before, line) = (case.dir.path().join("before"), case.path("line"));
    copy(Path::new(&log), &before);
    let witness = ["log", "witness", &log, "--memory", &memory, "--out", &line];
    let told_key = told(&witness, 0);
    let witness_key = told_key.lines().last().unwrap();
    told(&["log", "cosign", &log, &line], 0);
    told(&["sample", "draw", &case.path("p.zse"), "--out", &case.path("s.xlsx"), "--log", &log], 0);
    told(&witness, 0);
    told(&["log", "cosign", &log, &line], 0);
    told(&["log", "check", &log, "--key", &key], 3);
    let published = fs::read_to_string(Path::new(&log).join("checkpoint")).unwrap();
    assert!(published.contains("zhunsheng-witness/") && witness_key.starts_with("zhunsheng-witness/"));
    // The package was written before the witness signed; its proof is renewed.
    let package = case.path("p.zse");
    let verify = |k: &str, code| {
        told(&["verify", &package, "--key", &key, "--witness", witness_key, "--require", k], code)
    };
    assert!(verify("1", 1).contains("0 of at least 1"));
    let shown = told(&["log", "cosign", &log, &line, "--package", &package], 0);
    assert!(shown.contains("(entry 0)"), "{shown}");
    assert!(verify("1", 0).contains("1 of at least 1: zhunsheng-witness/"));
    verify("2", 1);
    told(&["verify", &package, "--key", &key], 3);
    let other = Case::new();
    let refused = told(&["log", "cosign", &log, &line, "--package", &other.path("p.zse")], 1);
    assert!(refused.contains("does not stand in this log"), "{refused}");
    let refused = told(&["log", "witness", before.to_str().unwrap(), "--memory", &memory], 1);
    assert!(refused.contains("shorter than it was"), "{refused}");
    #[cfg(unix)]
    for file in [Path::new(&log).join("private/signer"), Path::new(&memory).join("witness.key")] {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn what_the_program_wrote_is_no_input() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("a.csv"), crate::people(3)).unwrap();
    let package = dir.path().join("p.zse");
    let options = ["-q", "--evidence", package.to_str().unwrap()];
    let one = crate::inventory(dir.path(), &dir.path().join("out"), &options);
    let two = crate::inventory(dir.path(), &dir.path().join("out"), &options);
    assert_eq!(one["input"]["files"], 1);
    assert_eq!(one, two);
    // The package of an earlier scan is input like anything else when it is not the one to be written.
    let three = crate::inventory(dir.path(), &dir.path().join("out"), &["-q"]);
    assert_eq!(three["input"]["files"], 2);
}
