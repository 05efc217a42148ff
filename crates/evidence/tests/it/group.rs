//! Many threads on one log; and how fast it is.

use crate::support::{create, create_as, open, scale, signer};
use std::sync::Arc;
use std::time::Instant;
use zhunsheng_evidence::DiskFiles;
use zhunsheng_evidence::log::{Entry, GroupLog, check};
use zhunsheng_verify::{Algorithm, KeyKind, TrustedKeys, Verdict, verify_log};

#[test]
fn every_thread_gets_the_number_of_its_entry() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = create(folder.path());
    log.append(&[b"first"]).unwrap();
    let group = GroupLog::new(log);
    let numbers: Vec<(u64, Vec<u8>)> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|thread| {
                let group = &group;
                scope.spawn(move || {
                    let contents = (0..20).map(|n| format!("{thread}-{n}").into_bytes());
                    contents
                        .map(|content| (group.append(content.clone()).unwrap(), content))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    drop(group.into_log().unwrap());
    let log = open(folder.path()).unwrap();
    assert_eq!(log.size(), 161);
    for (index, expected) in numbers {
        let Entry::Open { content, .. } = log.entry(index).unwrap() else { panic!() };
        assert_eq!(content, expected);
    }
}

/// Seconds that the processors have worked for this process so far, which other work on the machine does not
/// lengthen; 0 where the system does not say.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    // User and system time are the fields 14 and 15; two stand before the bracket, the tick is 10 ms.
    fields.skip(11).take(2).filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0
}

#[test]
fn durable_appends_and_verification_are_timed() {
    let count = scale(5_000, 200_000);
    let folder = tempfile::tempdir().unwrap();
    let group = Arc::new(GroupLog::new(create(folder.path())));
    let start = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..2 {
            let group = &group;
            scope.spawn(move || {
                let mut tickets = std::collections::VecDeque::new();
                for n in 0..count / 2 {
                    tickets.push_back(
                        group.submit(format!("thread {thread} entry {n} of a custody log").into_bytes()),
                    );
                    if tickets.len() >= 1024 {
                        for ticket in tickets.drain(..512) {
                            group.wait(ticket).unwrap();
                        }
                    }
                }
                for ticket in tickets {
                    group.wait(ticket).unwrap();
                }
            });
        }
    });
    let seconds = start.elapsed().as_secs_f64();
    println!(
        "{count} durable appends by 2 threads in {seconds:.2} s: {:.0} entries/s",
        count as f64 / seconds
    );
    let log = Arc::into_inner(group).unwrap().into_log().unwrap();
    assert_eq!(log.size(), count);

    for (kind, algorithm) in [(KeyKind::Ed25519, Algorithm::Sha256), (KeyKind::Sm2, Algorithm::Sm3)] {
        let leaves = scale(3_000, 1_000_000);
        let folder = tempfile::tempdir().unwrap();
        let mut log = create_as(folder.path(), kind, algorithm);
        let content = b"one of many entries".as_slice();
        for _ in 0..leaves / 1000 {
            log.append(&vec![content; 1000]).unwrap();
        }
        log.publish().unwrap();
        drop(log);
        let trusted = TrustedKeys { logs: vec![signer(kind).verifier().clone()], witnesses: vec![] };
        let (start, worked) = (Instant::now(), cpu_seconds());
        let (report, checkpoint) = verify_log(folder.path(), &trusted, 0, None);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "{leaves} leaves ({}) verified in {seconds:.2} s, {:.2} s of processor time",
            algorithm.name(),
            cpu_seconds() - worked
        );
        assert_ne!(report.verdict(), Verdict::Failed, "{report}");
        assert_eq!(checkpoint.unwrap().size, leaves);
        let start = Instant::now();
        let report = check(&DiskFiles, folder.path(), signer(kind).verifier(), None).unwrap();
        println!("  with private part: {:.2} s", start.elapsed().as_secs_f64());
        assert_ne!(report.verdict(), Verdict::Failed, "{report}");
    }
}
