//! Broken files, full disks, interruptions: nothing is lost in silence.

use crate::{inventory, people, scan, zhunsheng};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// The problems of an inventory as `file kind`.
fn problems(inventory: &serde_json::Value) -> Vec<String> {
    let problem = |p: &serde_json::Value| {
        format!("{} {}", p["place"]["file"].as_str().unwrap(), p["kind"].as_str().unwrap())
    };
    inventory["problems"].as_array().unwrap().iter().map(problem).collect()
}

#[test]
fn one_broken_file_is_a_problem_and_the_rest_is_counted() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    fs::create_dir(&input).unwrap();
    fs::write(input.join("people.csv"), people(20)).unwrap();
    let zip = fs::read(crate::samples().join("archive/备份.zip")).unwrap();
    fs::write(input.join("broken.zip"), &zip[..zip.len() / 2]).unwrap();
    let out = dir.path().join("out");
    let counted = inventory(&input, &out, &[]);
    assert!(problems(&counted).iter().any(|p| p.starts_with("broken.zip")), "{:?}", problems(&counted));
    assert!(counted["counts"]["persons"].as_u64().unwrap() >= 20);
    assert_eq!(scan(&input, &out, &["--strict"]).status.code(), Some(3));
    fs::remove_file(input.join("broken.zip")).unwrap();
    assert_eq!(scan(&input, &out, &["--strict"]).status.code(), Some(0));
}

#[test]
fn links_special_files_nul_bytes_and_ragged_rows_are_survived() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    fs::create_dir(&input).unwrap();
    std::os::unix::fs::symlink(&input, input.join("again")).unwrap();
    assert!(Command::new("mkfifo").arg(input.join("pipe")).status().unwrap().success());
    fs::write(input.join("nul.txt"), b"\x00\x00 tel 13912340001\x00\n").unwrap();
    let mut ragged = people(20);
    ragged.push_str("only one cell\na,b,c,d,e,f\n");
    fs::write(input.join("ragged.csv"), ragged).unwrap();
    fs::write(input.join("empty.csv"), b"").unwrap();
    let counted = inventory(&input, &dir.path().join("out"), &[]);
    let problems = problems(&counted).join("\n");
    assert!(problems.contains("link_loop") && problems.contains("special_file"), "{problems}");
    assert!(problems.contains("ragged.csv ragged_rows"), "{problems}");
    assert!(counted["counts"]["persons"].as_u64().unwrap() >= 20);
}

#[test]
fn a_full_disk_ends_the_scan_with_an_error_and_no_result() {
    let dir = tempfile::tempdir().unwrap();
    let (input, out) = (dir.path().join("people.csv"), dir.path().join("out"));
    fs::write(&input, people(3000)).unwrap();
    // A limit on the size of files stands for the full disk: each write beyond it fails.
    for blocks in [0, 16, 64] {
        let script =
            format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" scan \"$1\" --out \"$2\" --memory 16K");
        let output = Command::new("bash")
            .args(["-c", &script, env!("CARGO_BIN_EXE_zhunsheng")])
            .args([&input, &out])
            .env("LC_ALL", "en_US.UTF-8")
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(1), "{blocks}: {}", String::from_utf8_lossy(&output.stderr));
        assert!(String::from_utf8_lossy(&output.stderr).contains("error"), "{blocks}");
        assert!(!out.join("inventory.json").exists() && !out.join("records.parquet").exists());
        assert!(!out.join(".zhunsheng-work").exists(), "what cannot be resumed must give its space back");
    }
    assert_eq!(inventory(&input, &out, &[])["counts"]["persons"], 3000);
}

#[test]
fn a_read_only_output_is_told() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("people.csv");
    fs::write(&input, people(3)).unwrap();
    let output = scan(&input, Path::new("/proc/no-such-place"), &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("/proc/no-such-place"));
}

#[test]
fn an_interrupted_scan_resumes_from_the_last_finished_file() {
    let dir = tempfile::tempdir().unwrap();
    let input = dir.path().join("in");
    fs::create_dir(&input).unwrap();
    // Files large enough that a checkpoint follows each.
    let table = people(5000);
    let (head, rows) = table.split_once('\n').unwrap();
    for file in 0..4 {
        let mut text = format!("{head}\n");
        while text.len() < 66 << 20 {
            text.push_str(rows);
        }
        fs::write(input.join(format!("{file}.csv")), text).unwrap();
    }
    let key = dir.path().join("key");
    fs::write(&key, "07".repeat(32)).unwrap();
    let more = ["--key", key.to_str().unwrap(), "--memory", "1M"];
    let whole = dir.path().join("whole");
    inventory(&input, &whole, &more);

    let out = dir.path().join("out");
    let mut child = zhunsheng()
        .arg("scan")
        .arg(&input)
        .arg("--out")
        .arg(&out)
        .args(more)
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let begun = Instant::now();
    while !out.join(".zhunsheng-work/state.0").exists() {
        assert!(child.try_wait().unwrap().is_none(), "the scan ended before it could be interrupted");
        assert!(begun.elapsed() < Duration::from_secs(300), "no checkpoint");
        std::thread::sleep(Duration::from_millis(5));
    }
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("--resume"));
    assert!(!out.join("inventory.json").exists());

    // Other options are refused, the same go on, and the result is the same.
    assert_eq!(scan(&input, &out, &["--resume", "--date", "2020-01-01"]).status.code(), Some(1));
    let resumed = [&more[..], &["--resume"]].concat();
    inventory(&input, &out, &resumed);
    for name in ["inventory.json", "records.parquet"] {
        assert!(fs::read(out.join(name)).unwrap() == fs::read(whole.join(name)).unwrap(), "{name} differs");
    }
    assert!(!out.join(".zhunsheng-work").exists());
}
