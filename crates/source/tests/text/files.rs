//! Listing, and files as they lie on disk.

use super::Collected;
use sha2::{Digest, Sha256};
use std::fs;
use std::path::Path;
use zhunsheng_model::ProblemKind;
use zhunsheng_source::{ReadOptions, list, read_file};

fn names(root: &Path) -> Vec<String> {
    list(&[root.to_path_buf()]).files.iter().map(|file| file.name.to_string()).collect()
}

#[test]
fn files_are_listed_in_order_with_hidden_ones() {
    let root = tempfile::tempdir().unwrap();
    for name in ["b.txt", "a/z.csv", "a/.hidden", "a.txt", "中/文.txt"] {
        let path = root.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, name).unwrap();
    }
    assert_eq!(names(root.path()), ["a.txt", "a/.hidden", "a/z.csv", "b.txt", "中/文.txt"]);
    // One file: its own name. Several roots: prefixed, equal names kept apart.
    assert_eq!(names(&root.path().join("a/z.csv")), ["z.csv"]);
    let both = list(&[root.path().join("a"), root.path().join("b.txt"), root.path().join("a")]);
    let both: Vec<_> = both.files.iter().map(|file| file.name.to_string()).collect();
    assert_eq!(both, ["a/.hidden", "a/z.csv", "a~2/.hidden", "a~2/z.csv", "b.txt"]);
    let missing = list(&[root.path().join("none")]);
    assert_eq!((missing.files.len(), missing.problems[0].kind), (0, ProblemKind::ReadFailed));
}

#[cfg(unix)]
#[test]
fn links_are_followed_but_not_in_circles() {
    use std::os::unix::fs::symlink;
    let root = tempfile::tempdir().unwrap();
    let real = root.path().join("real");
    fs::create_dir(&real).unwrap();
    fs::write(real.join("x.txt"), "x").unwrap();
    symlink(&real, root.path().join("again")).unwrap();
    symlink(root.path(), real.join("up")).unwrap();
    symlink("self", root.path().join("self")).unwrap();
    symlink("nowhere", root.path().join("dead")).unwrap();
    let listing = list(&[root.path().to_path_buf()]);
    let names: Vec<_> = listing.files.iter().map(|file| file.name.to_string()).collect();
    assert_eq!(names, ["again/x.txt", "real/x.txt"]);
    let problems: Vec<_> =
        listing.problems.iter().map(|problem| (problem.place.to_string(), problem.kind)).collect();
    assert_eq!(
        problems,
        [
            ("again/up".to_string(), ProblemKind::LinkLoop),
            ("dead".to_string(), ProblemKind::ReadFailed),
            ("real/up".to_string(), ProblemKind::LinkLoop),
            ("self".to_string(), ProblemKind::LinkLoop),
        ]
    );
}

#[cfg(unix)]
#[test]
fn special_files_are_not_opened() {
    let root = tempfile::tempdir().unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(root.path().join("socket")).unwrap();
    let made = std::process::Command::new("mkfifo").arg(root.path().join("pipe")).status();
    let mut kinds = vec![ProblemKind::SpecialFile];
    match made {
        Ok(status) if status.success() => kinds.push(ProblemKind::SpecialFile),
        _ => eprintln!("SKIPPED: no mkfifo here, so no pipe is tried"),
    }
    let listing = list(&[root.path().to_path_buf()]);
    assert_eq!(listing.problems.iter().map(|problem| problem.kind).collect::<Vec<_>>(), kinds);
    assert!(listing.files.is_empty());
}

#[cfg(unix)]
#[test]
fn refused_access_is_a_problem() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("x.txt");
    fs::write(&path, "x").unwrap();
    let file = list(&[root.path().to_path_buf()]).files.remove(0);
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::File::open(&path).is_ok() {
        eprintln!("SKIPPED: this user may read everything, so refused access cannot be tried");
        return;
    }
    let mut sink = Collected::default();
    let outcome = read_file(&file, &ReadOptions::default(), &mut sink);
    assert_eq!((outcome.digest, sink.kinds()), (None, vec![ProblemKind::PermissionDenied]));
}

#[test]
fn the_digest_is_that_of_the_bytes_whatever_was_read() {
    let root = tempfile::tempdir().unwrap();
    let long = "姓名,手机\n".repeat(100_000);
    let cases: &[(&str, &[u8])] = &[
        ("a.csv", b"a,b\n1,2\n3,4\n"),
        ("long.csv", long.as_bytes()),
        ("bom.txt", "\u{FEFF}王".as_bytes()),
        ("empty", b""),
        ("a.png", b"\x89PNG\r\n\x1a\nnot read at all"),
        ("broken.json", b"[{\"a\": 1} oops]"),
        ("a.html", b"<html><p>x"),
    ];
    for (name, bytes) in cases {
        let path = root.path().join(name);
        fs::write(&path, bytes).unwrap();
        let file = list(&[path]).files.remove(0);
        let mut sink = Collected::default();
        let outcome = read_file(&file, &ReadOptions::default(), &mut sink);
        let digest = outcome.digest.unwrap();
        assert_eq!(digest.bytes, bytes.len() as u64, "{name}");
        assert_eq!(digest.sha256[..], Sha256::digest(bytes)[..], "{name}");
        let (_, stream) = super::read_with(name, bytes, 64);
        assert_eq!(stream.digest, Some(digest), "{name}");
    }
}

#[test]
fn the_receiver_can_stop() {
    let text = "a,b\n".repeat(10_000);
    let mut sink = Collected { stop_after: 2, ..Collected::default() };
    let options = ReadOptions { chunk_bytes: 100, ..ReadOptions::default() };
    let outcome = zhunsheng_source::read_stream("x.csv", &mut text.as_bytes(), &options, &mut sink);
    assert!(outcome.stopped && outcome.digest.is_none());
    assert_eq!(sink.lazies, 2);
    assert!(sink.problems.is_empty());
}

/// Fails after some bytes, as a bad disk does.
struct Failing<'a>(&'a [u8]);

impl std::io::Read for Failing<'_> {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        match self.0.is_empty() {
            true => Err(std::io::Error::from_raw_os_error(5)),
            false => self.0.read(room),
        }
    }
}

#[test]
fn what_was_read_before_a_failure_is_kept() {
    let bodies: &[(&str, String)] = &[
        ("x.csv", "王,138\n".repeat(20_000)),
        ("x.txt", "王小明来了。\n".repeat(20_000)),
        ("x.json", format!("[{}", "{\"a\": \"王\"},".repeat(20_000))),
        ("x.sql", "insert into t values ('王');\n".repeat(20_000)),
        ("x.html", format!("<html>{}", "<p>王".repeat(40_000))),
    ];
    for (name, body) in bodies {
        let mut sink = Collected::default();
        let options = ReadOptions::default();
        let outcome = zhunsheng_source::read_stream(name, &mut Failing(body.as_bytes()), &options, &mut sink);
        assert_eq!((outcome.digest, sink.kinds()), (None, vec![ProblemKind::ReadFailed]), "{name}");
        assert!(!sink.problems[0].lost, "{name}");
        let count = format!("{:?}{}", sink.rows(), sink.text()).matches('王').count();
        assert_eq!(count, body.matches('王').count(), "{name}");
    }
}
