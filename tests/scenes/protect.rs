//! `zhunsheng protect`: copies, plans, streams, and what a broken machine leaves behind.

use super::{people, samples, zhunsheng};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn protect(path: &Path, out: &Path, more: &[&str]) -> Output {
    let mut command = zhunsheng();
    command.arg("protect").arg(path).args(["--policy", "share", "--out"]).arg(out).args(more);
    command.output().unwrap()
}

fn hidden(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name());
    names.map(|name| name.to_string_lossy().into_owned()).filter(|name| name.starts_with('.')).collect()
}

#[test]
fn a_copy_holds_no_value_and_the_same_shape() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("人员.csv");
    let before = people(50);
    std::fs::write(&input, &before).unwrap();
    let (out, receipt) = (folder.path().join("out"), folder.path().join("receipt.json"));
    let output = protect(&input, &out, &["--receipt", receipt.to_str().unwrap()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let after = std::fs::read_to_string(out.join("人员.csv")).unwrap();
    assert_eq!(before.lines().count(), after.lines().count());
    assert!(after.starts_with("姓名,身份证号,手机号\n"));
    for (old, new) in before.lines().zip(after.lines()).skip(1) {
        for (old, new) in old.split(',').zip(new.split(',')) {
            assert_ne!(old, new);
            assert!(!after.contains(old) || old.chars().count() < 3, "{old}");
        }
    }
    let text = std::fs::read_to_string(&receipt).unwrap();
    let receipt: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(receipt["left"], 0);
    assert_eq!(receipt["policy"]["name"], "share");
    assert!(
        receipt["replaced"]
            .as_array()
            .unwrap()
            .iter()
            .any(|line| line["kind"] == "PHONE" && line["count"] == 50)
    );
    assert!(!text.contains("13900000001"));
    // The same again: the output exists now.
    let output = protect(&input, &out, &[]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("exists already"));
    assert_eq!(std::fs::read_to_string(out.join("人员.csv")).unwrap(), after);
}

#[test]
fn the_bundled_samples_come_out_proved() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = protect(&samples(), &out, &["--skip-unsupported"]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stdout).contains("second scan found nothing"));
    assert!(hidden(folder.path()).is_empty());
}

#[test]
fn a_plan_writes_nothing_and_shows_invented_values() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.csv");
    std::fs::write(&input, people(5)).unwrap();
    let output =
        zhunsheng().arg("protect").arg(&input).args(["--policy", "share", "--plan"]).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("手机号  mobile telephone number  mask  ×5  13800138000 → 138"), "{text}");
    assert!(!text.contains("13900000001"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_stream_goes_through() {
    let mut command = zhunsheng();
    command.args(["protect", "--policy", "share", "--stream"]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all("电话：13900000001。\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("电话：139") && text.ends_with("。\n") && !text.contains("13900000001"),
        "{text}"
    );
}

#[test]
fn a_full_disk_a_kill_and_a_read_only_folder_leave_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("a.csv");
    let before = people(9000);
    std::fs::write(&input, &before).unwrap();
    let out = folder.path().join("out");
    let run = |script: &str| {
        let mut command = Command::new("bash");
        command.arg("-c").arg(script).env("LC_ALL", "en_US.UTF-8");
        command.env("Z", env!("CARGO_BIN_EXE_zhunsheng")).env("IN", &input).env("OUT", &out);
        command.output().unwrap()
    };
    // No file may grow beyond 64 KiB; the signal is ignored, so that writing fails as on a full disk.
    let full = run("trap '' XFSZ; ulimit -f 64; \"$Z\" protect \"$IN\" --policy share --out \"$OUT\"");
    assert_eq!(full.status.code(), Some(1), "{}", String::from_utf8_lossy(&full.stderr));
    assert!(String::from_utf8_lossy(&full.stderr).contains("cannot be written"));
    assert!(!out.exists() && hidden(folder.path()).is_empty());
    let killed = run("\"$Z\" protect \"$IN\" --policy share --out \"$OUT\" & sleep 0.2; kill -9 $!; wait $!");
    assert!(!killed.status.success() && !out.exists());
    let stopped = run(
        "\"$Z\" protect \"$IN\" --policy share --out \"$OUT\" & sleep 0.3; kill -INT $!; wait $!; echo $?",
    );
    // A job in the background of a script may have the signal ignored; then the copy is whole.
    let code = String::from_utf8_lossy(&stopped.stdout).trim().lines().last().unwrap_or_default().to_owned();
    assert!(code == "0" && out.exists() || code == "130" && !out.exists(), "{code}");
    let missing = protect(&input, Path::new("/proc/nowhere/out"), &[]);
    assert_eq!(missing.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&input).unwrap(), before);
}

#[test]
fn what_was_encrypted_comes_back_with_the_key_and_only_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let (input, policy) = (folder.path().join("a.csv"), folder.path().join("own.toml"));
    let before = people(40);
    std::fs::write(&input, &before).unwrap();
    std::fs::write(
        &policy,
        "name = \"own\"\ntitle = \"自定\"\ntitle_en = \"own\"\n[default]\noperator = \"keep\"\n\
         [[rule]]\nkinds = [\"PHONE\"]\noperator = \"fpe\"\n[[rule]]\nkinds = [\"CN_ID\"]\noperator = \"encrypt\"\n",
    )
    .unwrap();
    let (out, receipt) = (folder.path().join("out"), folder.path().join("receipt.json"));
    let run = |command: &str, path: &Path, out: &Path, key: &str, more: &[&str]| {
        let mut run = zhunsheng();
        run.arg(command).arg(path).arg("--policy").arg(&policy).arg("--out").arg(out).args(more);
        run.env("ZHUNSHENG_PROTECT_KEY", key.repeat(32)).output().unwrap()
    };
    let receipt = receipt.to_str().unwrap();
    let output = run("protect", &input, &out, "ab", &["--receipt", receipt]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let copy = out.join("a.csv");
    let sealed = std::fs::read_to_string(&copy).unwrap();
    for line in before.lines().skip(1) {
        let (id, phone) = line.split_once(',').unwrap().1.split_once(',').unwrap();
        assert!(!sealed.contains(id) && !sealed.contains(phone), "{line}");
    }
    let back = folder.path().join("back");
    let output = run("restore", &copy, &back, "ab", &["--receipt", receipt]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(std::fs::read_to_string(back.join("a.csv")).unwrap(), before);
    let wrong = folder.path().join("wrong");
    let output = run("restore", &copy, &wrong, "cd", &["--receipt", receipt]);
    assert_eq!(output.status.code(), Some(1));
    assert!(!wrong.exists());
    assert_eq!(std::fs::read_to_string(&copy).unwrap(), sealed);
}
