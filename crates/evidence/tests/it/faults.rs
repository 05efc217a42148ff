//! A fault at every file call of a script of 200 steps: nothing acknowledged is lost, nothing lost is
//! acknowledged.

use crate::memory::{FAULTS, Fault, MemoryFiles};
use crate::support::{NAME, open_with, scale, signer};
use std::path::Path;
use std::sync::Arc;
use zhunsheng_evidence::log::{Entry, Log, check};
use zhunsheng_evidence::{DiskFiles, EvidenceError, custody, os_random};
use zhunsheng_verify::{Algorithm, Checkpoint, KeyKind};

const STEPS: usize = 200;
const FOLDER: &str = "/log";

/// What was acknowledged so far.
#[derive(Clone, Default)]
struct Known {
    entries: Vec<Vec<u8>>,
    shredded: Vec<u64>,
    /// Signed and published, as an outsider saw it.
    published: Option<Checkpoint>,
}

fn contents(step: usize) -> Vec<Vec<u8>> {
    (0..1 + step % 3)
        .map(|n| format!("step {step} entry {n} {}", "·".repeat(step % 40)).into_bytes())
        .collect()
}

/// One step; what it acknowledges goes into `known`.
fn run_step(
    files: &Arc<MemoryFiles>,
    log: &mut Option<Log>,
    step: usize,
    known: &mut Known,
) -> Result<(), EvidenceError> {
    if log.is_none() {
        let folder = Path::new(FOLDER);
        let signer = || signer(KeyKind::Ed25519);
        *log = Some(match Log::open(files.clone(), folder, signer(), os_random) {
            Err(EvidenceError::NoLog(_)) => {
                assert!(known.entries.is_empty(), "a log with acknowledged entries is gone");
                Log::create(files.clone(), folder, signer(), Algorithm::Sha256, os_random)?
            }
            other => other?,
        });
    }
    let open = log.as_mut().unwrap();
    match step % 10 {
        3 => open.publish()?,
        6 => *log = None,
        8 => {
            let index = (step / 10) as u64;
            // An order to destroy cannot itself be destroyed.
            let order =
                String::from_utf8_lossy(&known.entries[index as usize]).contains("\"event\":\"shred\"");
            if order || known.shredded.contains(&index) {
                return Ok(());
            }
            // The order is acknowledged by itself; a shred that fails may or may not have happened.
            let before = open.size();
            let done = custody::shred(open, index, "2026-01-01T00:00:00Z", "tester", "test 0");
            if done.is_ok() {
                let Entry::Open { content, .. } = open.entry(before)? else {
                    panic!("the order is not there")
                };
                known.entries.push(content);
                known.shredded.push(index);
            }
            done?;
        }
        _ => {
            let contents = contents(step);
            let slices: Vec<&[u8]> = contents.iter().map(Vec::as_slice).collect();
            let range = open.append(&slices)?;
            assert_eq!(range.start, known.entries.len() as u64);
            known.entries.extend(contents);
        }
    }
    if step % 10 == 3 {
        known.published = Checkpoint::parse(&log.as_ref().unwrap().head().text);
    }
    Ok(())
}

/// After a fault: open again, and take up what is there beyond what was acknowledged.
fn recover(files: &Arc<MemoryFiles>, known: &mut Known, what: &str) -> Option<Log> {
    files.restart();
    let log = match open_with(files.clone(), Path::new(FOLDER)) {
        Err(EvidenceError::NoLog(_)) if known.entries.is_empty() => return None,
        other => other.unwrap_or_else(|error| panic!("{what}: {error}")),
    };
    assert!(log.size() >= known.entries.len() as u64, "{what}: acknowledged entries are lost");
    for index in 0..log.size() {
        match log.entry(index).unwrap_or_else(|error| panic!("{what}: {error}")) {
            Entry::Open { content, .. } => {
                assert!(!known.shredded.contains(&index), "{what}: entry {index} came back");
                match known.entries.get(index as usize) {
                    Some(expected) => assert_eq!(&content, expected, "{what}: entry {index}"),
                    None => known.entries.push(content),
                }
            }
            Entry::Shredded => {
                if !known.shredded.contains(&index) {
                    known.shredded.push(index);
                }
            }
        }
    }
    if let Some(published) = &known.published {
        assert_eq!(log.checkpoint_at(published.size).as_ref(), Some(published), "{what}: history changed");
    }
    Some(log)
}

fn check_on_disk(files: &MemoryFiles, known: &Known, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    files.dump(folder.path());
    let report = check(
        &DiskFiles,
        &folder.path().join("log"),
        signer(KeyKind::Ed25519).verifier(),
        known.published.as_ref(),
    )
    .unwrap();
    assert_ne!(report.verdict(), zhunsheng_verify::Verdict::Failed, "{what}\n{report}");
}

/// One run: the faulty step, recovery, and a few steps more; gives whether the call came within the step.
fn run(
    from: &MemoryFiles,
    known: &Known,
    opened: bool,
    step: usize,
    call: u64,
    fault: Fault,
    on_disk: bool,
) -> bool {
    let what = format!("step {step} call {call} {fault:?}");
    let files = Arc::new(from.snapshot());
    let mut known = known.clone();
    let mut log = opened.then(|| open_with(files.clone(), Path::new(FOLDER)).unwrap());
    files.arm(call, fault);
    let result = run_step(&files, &mut log, step, &mut known);
    if !files.hit() {
        result.unwrap_or_else(|error| panic!("{what}: {error}"));
        return false;
    }
    if result.is_err()
        && let Some(log) = log.as_mut()
    {
        // After a failed write of entries nothing more is acknowledged until the log is opened again.
        let before = log.size();
        if let Ok(range) = log.append(&[b"after the fault"]) {
            assert!(!files.state_off(), "{what}: acknowledged without power");
            assert_eq!(range.start, before);
            if known.entries.len() as u64 == before {
                known.entries.push(b"after the fault".to_vec());
            } else {
                // An order to shred was acknowledged inside the failed step.
                let Entry::Open { content, .. } = log.entry(before - 1).unwrap() else { panic!("{what}") };
                known.entries.push(content);
                known.entries.push(b"after the fault".to_vec());
            }
        }
    }
    drop(log);
    let mut log = recover(&files, &mut known, &what);
    for more in step + 1..(step + 4).min(STEPS) {
        run_step(&files, &mut log, more, &mut known).unwrap_or_else(|error| panic!("{what}: then {error}"));
    }
    drop(log);
    let log = recover(&files, &mut known, &what);
    drop(log);
    if on_disk {
        check_on_disk(&files, &known, &what);
    }
    true
}

#[test]
fn a_fault_at_every_call() {
    let (stride, on_disk_every) = (scale(11, 1), scale(97, 23));
    let files = Arc::new(MemoryFiles::default());
    let (mut known, mut log, mut faults, mut calls) = (Known::default(), None, 0u64, 0u64);
    for step in 0..STEPS {
        if (step as u64).is_multiple_of(stride) || step == 0 {
            let (before, opened) = (files.snapshot(), log.is_some());
            for fault in FAULTS {
                for call in 0.. {
                    let on_disk = faults.is_multiple_of(on_disk_every);
                    if !run(&before, &known, opened, step, call, fault, on_disk) {
                        break;
                    }
                    faults += 1;
                    calls += u64::from(fault == Fault::Eio);
                }
            }
        }
        run_step(&files, &mut log, step, &mut known).unwrap();
    }
    drop(log);
    drop(open_with(files.clone(), Path::new(FOLDER)).unwrap());
    check_on_disk(&files, &known, "without faults");
    assert!(known.shredded.len() > 10 && known.entries.len() > 200);
    println!(
        "{STEPS} steps, {calls} calls, {faults} faults of {} kinds: 0 lost, 0 false acknowledgements",
        FAULTS.len()
    );
    assert!(faults > 400, "{faults}");
    assert_eq!(NAME, "log.example/custody");
}
