//! `zhunsheng keys`: the key file as a user meets it, also when something goes wrong.

use super::zhunsheng;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Output;

const PASSPHRASE: &str = "a passphrase of the tests";

fn keys(arguments: &[&str], passphrase: Option<&str>) -> Output {
    let mut command = zhunsheng();
    command.arg("keys").args(arguments).env_remove("ZHUNSHENG_PROTECT_KEY");
    match passphrase {
        Some(text) => command.env("ZHUNSHENG_PASSPHRASE", text),
        None => command.env_remove("ZHUNSHENG_PASSPHRASE"),
    };
    command.output().unwrap()
}

fn told(output: &Output) -> (bool, String) {
    let text = [&output.stdout[..], &output.stderr[..]].concat();
    (output.status.success(), String::from_utf8(text).unwrap())
}

fn made(folder: &Path, suite: &str) -> PathBuf {
    let path = folder.join("keys.toml");
    let (right, text) = told(&keys(&["new", path.to_str().unwrap(), "--suite", suite], Some(PASSPHRASE)));
    assert!(right, "{text}");
    path
}

#[test]
fn a_key_file_is_made_listed_rotated_and_exported() {
    for suite in ["aes", "sm"] {
        let folder = tempfile::tempdir().unwrap();
        let path = made(folder.path(), suite);
        let file = path.to_str().unwrap();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        let (right, listed) = told(&keys(&["list", file], None));
        assert!(right && listed.starts_with("version 1\t") && listed.contains(suite), "{listed}");

        let (right, rotated) = told(&keys(&["rotate", file], Some(PASSPHRASE)));
        assert!(
            right && rotated.starts_with(listed.trim_end()) && rotated.contains("version 2\t"),
            "{rotated}"
        );
        let (right, checked) = told(&keys(&["list", file, "--check"], Some(PASSPHRASE)));
        assert!(right && checked.starts_with(&rotated), "{checked}");

        let first = told(&keys(&["export", file, "--version", "1"], Some(PASSPHRASE)));
        let newest = told(&keys(&["export", file], Some(PASSPHRASE)));
        assert!(
            first.0
                && first.1.starts_with(&format!("{suite}:1:"))
                && first.1.trim().len() == suite.len() + 67
        );
        assert!(newest.0 && newest.1.starts_with(&format!("{suite}:2:")));
        assert!(!fs::read_to_string(&path).unwrap().contains(&first.1.trim()[suite.len() + 3..]));
        // What is exported is read back from the environment and has the same id.
        let output =
            zhunsheng().args(["keys", "list"]).env("ZHUNSHENG_PROTECT_KEY", first.1.trim()).output().unwrap();
        let id = listed.split('\t').nth(1).unwrap();
        assert!(told(&output).1.contains(id), "{}", told(&output).1);
        // Nothing else is left in the folder.
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn a_wrong_passphrase_says_so_and_harms_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path(), "aes");
    let file = path.to_str().unwrap();
    let before = fs::read(&path).unwrap();
    for arguments in [&["rotate", file][..], &["export", file], &["list", file, "--check"]] {
        let (right, text) = told(&keys(arguments, Some("another passphrase")));
        assert!(!right && text.contains("passphrase does not open"), "{text}");
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    let (right, text) = told(&keys(&["new", file], Some(PASSPHRASE)));
    assert!(!right && text.contains("never overwritten"), "{text}");
    let (right, text) = told(&keys(&["new", folder.path().join("b").to_str().unwrap()], Some("short")));
    assert!(!right && text.contains("at least 8"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let mut damaged = before.clone();
    damaged[200] ^= 1;
    fs::write(&path, damaged).unwrap();
    let (right, text) = told(&keys(&["export", file], Some(PASSPHRASE)));
    assert!(!right && text.contains("damaged"), "{text}");
}

#[test]
fn a_file_that_others_can_read_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path(), "aes");
    let file = path.to_str().unwrap();
    for mode in [0o640, 0o604, 0o644] {
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
        let (right, text) = told(&keys(&["export", file], Some(PASSPHRASE)));
        assert!(!right && text.contains("chmod 600"), "{text}");
    }
    fs::set_permissions(&path, fs::Permissions::from_mode(0o400)).unwrap();
    assert!(told(&keys(&["export", file], Some(PASSPHRASE))).0);

    let secret = folder.path().join("passphrase");
    fs::write(&secret, format!("{PASSPHRASE}\nsecond line\n")).unwrap();
    let with_file = ["export", file, "--passphrase-file", secret.to_str().unwrap()];
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(!told(&keys(&with_file, None)).0);
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(told(&keys(&with_file, None)).0);
}

#[test]
fn the_passphrase_is_changed_and_comes_from_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path(), "sm");
    let file = path.to_str().unwrap();
    // The key file may stand behind a link, which stays one.
    let link = folder.path().join("link");
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let arguments = [
        "rotate",
        link.to_str().unwrap(),
        "--only-passphrase",
        "--passphrase-command",
        "echo 'a passphrase of the tests'",
        "--new-passphrase-command",
        "echo 新的口令也要够长",
    ];
    let (right, text) = told(&keys(&arguments, None));
    assert!(right && text.contains("version 1") && !text.contains("version 2"), "{text}");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(!told(&keys(&["export", file], Some(PASSPHRASE))).0);
    assert!(told(&keys(&["export", file], Some("新的口令也要够长"))).0);
    for failing in ["false", "true", "exit 3; echo x"] {
        let (right, text) = told(&keys(&["export", file, "--passphrase-command", failing], None));
        assert!(!right && text.contains("passphrase command"), "{text}");
    }
}

#[test]
fn a_folder_that_cannot_be_written_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = made(folder.path(), "aes");
    let before = fs::read(&path).unwrap();
    let (right, text) = told(&keys(&["new", "/proc/nowhere/keys.toml"], Some(PASSPHRASE)));
    assert!(!right && text.contains("cannot be written"), "{text}");
    // Another program holds the file.
    let held = fs::File::open(&path).unwrap();
    held.lock().unwrap();
    let (right, text) = told(&keys(&["rotate", path.to_str().unwrap()], Some(PASSPHRASE)));
    assert!(!right && text.contains("another program"), "{text}");
    assert_eq!(fs::read(&path).unwrap(), before);
    drop(held);
    assert!(told(&keys(&["rotate", path.to_str().unwrap()], Some(PASSPHRASE))).0);
}
