//! Kills a writer at random moments: what it acknowledged is there, and the log is clean.

use crate::support::{Numbers, create, open, scale, signer};
use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use zhunsheng_evidence::DiskFiles;
use zhunsheng_evidence::log::{Entry, check};
use zhunsheng_verify::{Checkpoint, KeyKind, Verdict};

const CHILD: &str = "ZHUNSHENG_KILL_CHILD";

/// Runs in the child process only: appends for ever and says after each group what is acknowledged.
#[test]
fn child() {
    let Some(folder) = std::env::var_os(CHILD) else { return };
    let mut log = open(std::path::Path::new(&folder)).unwrap();
    let mut numbers = Numbers(log.size());
    let mut out = std::io::stderr();
    loop {
        let size = log.size();
        let group: Vec<Vec<u8>> = (0..1 + numbers.below(300)).map(|n| content(size + n)).collect();
        let slices: Vec<&[u8]> = group.iter().map(Vec::as_slice).collect();
        let acknowledged = log.append(&slices).unwrap().end;
        writeln!(out, "acknowledged {acknowledged}").unwrap();
        if numbers.below(4) == 0 {
            log.publish().unwrap();
        }
    }
}

fn content(index: u64) -> Vec<u8> {
    format!("entry {index} {}", "x".repeat((index % 200) as usize)).into_bytes()
}

#[test]
fn killed_at_random_moments() {
    // Several runs of the recorded campaign can share the work, each with its own seed.
    let setting = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let kills = setting("ZHUNSHENG_KILLS").unwrap_or(scale(20, 10_000));
    let mut numbers = Numbers(setting("ZHUNSHENG_SEED").unwrap_or(99));
    let mut folder = tempfile::tempdir().unwrap();
    drop(create(folder.path()));
    let (mut entries, mut logs, mut acknowledged, mut seen): (u64, u64, u64, Option<Checkpoint>) =
        (0, 1, 0, None);
    for kill in 0..kills {
        if acknowledged > 10_000 {
            entries += acknowledged;
            (folder, acknowledged, seen) = (tempfile::tempdir().unwrap(), 0, None);
            drop(create(folder.path()));
            logs += 1;
        }
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["kill::child", "--exact", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(numbers.below(60_000)));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in BufReader::new(child.stderr.take().unwrap()).lines() {
            let line = line.unwrap();
            // The last line may be torn by the kill; a torn number only makes the claim smaller.
            match line.strip_prefix("acknowledged ").and_then(|number| number.parse().ok()) {
                Some(number) => acknowledged = acknowledged.max(number),
                None => assert!(!line.contains("panic"), "the writer failed: {line}"),
            }
        }
        let log = open(folder.path()).unwrap();
        assert!(log.size() >= acknowledged, "kill {kill}: {} of {acknowledged} acknowledged", log.size());
        for index in acknowledged.saturating_sub(50)..log.size() {
            let Entry::Open { content: found, .. } = log.entry(index).unwrap() else { panic!("shredded") };
            assert_eq!(found, content(index), "kill {kill}");
        }
        acknowledged = log.size();
        let head = Checkpoint::parse(&log.head().text);
        drop(log);
        let report =
            check(&DiskFiles, folder.path(), signer(KeyKind::Ed25519).verifier(), seen.as_ref()).unwrap();
        assert_ne!(report.verdict(), Verdict::Failed, "kill {kill}\n{report}");
        seen = head;
    }
    println!("{kills} kills, {logs} logs, {} entries: 0 lost, every log clean", entries + acknowledged);
    assert!(entries + acknowledged > 0, "the writer never wrote");
}
