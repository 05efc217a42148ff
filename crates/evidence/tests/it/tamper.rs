//! Tampering with a log: every byte flipped, entries dropped, swapped, inserted, truncated, rolled back, forked.

use crate::support::{all_files, copy, create, open, scale, signer};
use std::fs;
use std::path::Path;
use zhunsheng_evidence::log::check;
use zhunsheng_evidence::{DiskFiles, custody};
use zhunsheng_verify::{Algorithm, Checkpoint, KeyKind, Verdict, bundle_check, tile_check, tile_path};

const SHA: Algorithm = Algorithm::Sha256;

/// A log of `count` entries in groups, with one entry destroyed; gives its last checkpoint.
fn build(folder: &Path, count: u64, groups: u64) -> Checkpoint {
    let mut log = create(folder);
    for group in 0..groups {
        let contents: Vec<Vec<u8>> =
            (0..count / groups).map(|n| format!("group {group} entry {n}").into_bytes()).collect();
        log.append(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        if group == 1 {
            custody::shred(&mut log, 5, "2026-01-01T00:00:00Z", "tester", "test 0").unwrap();
        }
        if group % 3 == 0 {
            log.publish().unwrap();
        }
    }
    log.publish().unwrap();
    Checkpoint::parse(&log.head().text).unwrap()
}

fn found(folder: &Path, known: &Checkpoint) -> bool {
    let key = signer(KeyKind::Ed25519);
    check(&DiskFiles, folder, key.verifier(), Some(known))
        .map_or(true, |report| report.verdict() == Verdict::Failed)
}

/// Flips the chosen bytes of a file one after another; gives how many flips there were and were found.
fn flip_file(
    folder: &Path,
    known: &Checkpoint,
    path: &Path,
    positions: impl Iterator<Item = usize>,
) -> (u64, u64) {
    let good = fs::read(path).unwrap();
    let (mut flips, mut hits) = (0, 0);
    for position in positions.take_while(|position| *position < good.len()) {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        fs::write(path, &bad).unwrap();
        flips += 1;
        if found(folder, known) {
            hits += 1;
        } else {
            println!("not found: byte {position} of {}", path.display());
        }
    }
    fs::write(path, &good).unwrap();
    (flips, hits)
}

fn log_files(folder: &Path) -> Vec<std::path::PathBuf> {
    all_files(folder).into_iter().filter(|path| !path.ends_with("private/lock")).collect()
}

#[test]
fn every_byte_of_every_file_of_a_small_log() {
    let folder = tempfile::tempdir().unwrap();
    let known = build(folder.path(), 300, 3);
    assert!(!found(folder.path(), &known));
    let stride = scale(173, 1) as usize;
    let (mut flips, mut hits) = (0, 0);
    for (number, path) in log_files(folder.path()).iter().enumerate() {
        let start = if stride == 1 { 0 } else { number % stride };
        let (f, h) = flip_file(folder.path(), &known, path, (start..).step_by(stride));
        (flips, hits) = (flips + f, hits + h);
    }
    println!(
        "log of {} leaves: {hits} of {flips} flipped bytes found (every {stride}th byte of every file)",
        known.size
    );
    assert_eq!(flips, hits);
    assert!(flips > 100);
    assert!(!found(folder.path(), &known), "the log is as before");
}

#[test]
fn bytes_of_a_large_log() {
    let count = scale(1_000, 10_000);
    let folder = tempfile::tempdir().unwrap();
    let known = build(folder.path(), count, 10);
    assert!(!found(folder.path(), &known));
    // Every byte of every bundle and tile of level 0: each must be noticed where the two are compared.
    let stride = scale(31, 1) as usize;
    let (mut flips, mut hits) = (0u64, 0u64);
    for number in 0..known.size.div_ceil(256) {
        let width = (known.size - number * 256).min(256);
        let read = |kind: &str| fs::read(folder.path().join(tile_path(kind, number, width))).unwrap();
        let (mut entries, mut tile) = (read("entries"), read("0"));
        let leaves = bundle_check(SHA, &entries, &tile, width).unwrap();
        for position in (0..entries.len()).step_by(stride) {
            entries[position] ^= 1 << (position % 8);
            flips += 1;
            hits += u64::from(bundle_check(SHA, &entries, &tile, width).is_err());
            entries[position] ^= 1 << (position % 8);
        }
        for position in 0..tile.len() {
            tile[position] ^= 1 << (position % 8);
            flips += 1;
            hits += u64::from(!tile_check(&tile, &leaves));
            tile[position] ^= 1 << (position % 8);
        }
    }
    // Every byte of everything small, and a share of the private files, by the whole check.
    let stride = scale(9_973, 499) as usize;
    for path in log_files(folder.path()) {
        let name = path.to_string_lossy().into_owned();
        let level_0 = name.contains("/tile/0/") || name.contains("/tile/entries/");
        let stride = match () {
            () if level_0 => continue,
            () if name.contains("/private/open/") || name.ends_with("commitments") => stride,
            () => scale(149, 1) as usize,
        };
        let (f, h) = flip_file(folder.path(), &known, &path, (0..).step_by(stride));
        (flips, hits) = (flips + f, hits + h);
    }
    println!("log of {} leaves: {hits} of {flips} flipped bytes found", known.size);
    assert_eq!(flips, hits);
}

#[test]
fn whole_entries_and_files() {
    let count = scale(1_000, 10_000);
    let root = tempfile::tempdir().unwrap();
    let (good, bad) = (root.path().join("good"), root.path().join("bad"));
    let early = root.path().join("early");
    {
        let mut log = create(&good);
        log.append(&vec![b"x".as_slice(); count as usize / 2]).unwrap();
        log.publish().unwrap();
    }
    copy(&good, &early);
    let known = {
        let mut log = open(&good).unwrap();
        let contents: Vec<Vec<u8>> = (0..count / 2).map(|n| format!("entry {n}").into_bytes()).collect();
        log.append(&contents.iter().map(Vec::as_slice).collect::<Vec<_>>()).unwrap();
        log.publish().unwrap();
        Checkpoint::parse(&log.head().text).unwrap()
    };
    assert!(!found(&good, &known));
    let mut tried = 0;
    let mut attempt = |what: &str, change: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&bad);
        copy(&good, &bad);
        change(&bad);
        tried += 1;
        assert!(found(&bad, &known), "{what} is not found");
    };
    // Every file dropped, emptied, cut by a byte, with a byte more, replaced by the next file.
    let files = log_files(&good);
    for (number, path) in files.iter().enumerate() {
        if !(number as u64).is_multiple_of(scale(5, 1)) {
            continue;
        }
        let name = path.strip_prefix(&good).unwrap();
        let what = name.display().to_string();
        let bytes = fs::read(path).unwrap();
        let other = fs::read(&files[(number + 1) % files.len()]).unwrap();
        // A partial tile of an earlier checkpoint may be missing: a wider one has taken its place.
        let folder = name.parent().unwrap();
        let width = |path: &Path| path.file_name().unwrap().to_str().unwrap().parse::<u64>().unwrap_or(0);
        let wider = |other: &Path| other.parent() == path.parent() && width(other) > width(path);
        let superseded =
            folder.extension().is_some_and(|ending| ending == "p") && files.iter().any(|other| wider(other));
        if !superseded {
            attempt(&format!("{what} dropped"), &|log| fs::remove_file(log.join(name)).unwrap());
        }
        attempt(&format!("{what} emptied"), &|log| fs::write(log.join(name), b"").unwrap());
        attempt(&format!("{what} cut"), &|log| fs::write(log.join(name), &bytes[..bytes.len() - 1]).unwrap());
        attempt(&format!("{what} longer"), &|log| {
            fs::write(log.join(name), [bytes.as_slice(), b"x"].concat()).unwrap()
        });
        if bytes != other {
            attempt(&format!("{what} swapped"), &|log| fs::write(log.join(name), &other).unwrap());
        }
    }
    // Entries of a bundle, with the tile of level 0 made to fit, so that only the tree above can tell.
    let refit = |log: &Path, number: u64, edit: &dyn Fn(&mut Vec<[u8; 34]>)| {
        let width = (known.size - number * 256).min(256);
        let bundle = log.join(tile_path("entries", number, width));
        let mut entries: Vec<[u8; 34]> =
            fs::read(&bundle).unwrap().chunks(34).map(|chunk| chunk.try_into().unwrap()).collect();
        edit(&mut entries);
        let tile: Vec<u8> = entries.iter().flat_map(|entry| SHA.leaf(&entry[2..])).collect();
        fs::write(&bundle, entries.concat()).unwrap();
        fs::write(log.join(tile_path("0", number, width)), tile).unwrap();
    };
    let last = known.size.div_ceil(256) - 1;
    for number in [0, 1, last] {
        attempt("swapped entries", &|log| refit(log, number, &|entries| entries.swap(3, 4)));
        attempt("dropped entry", &|log| {
            refit(log, number, &|entries| {
                entries.remove(3);
            })
        });
        attempt("inserted entry", &|log| refit(log, number, &|entries| entries.insert(3, [0; 34])));
        attempt("replaced entry", &|log| refit(log, number, &|entries| entries[3][9] ^= 1));
        attempt("last entry dropped", &|log| {
            refit(log, number, &|entries| {
                entries.pop();
            })
        });
    }
    attempt("stray file", &|log| fs::write(log.join("tile/0/900"), b"x").unwrap());
    attempt("stray partial tile", &|log| {
        fs::create_dir_all(log.join("tile/0/900.p")).unwrap();
        fs::write(log.join("tile/0/900.p/1"), [0; 32]).unwrap();
    });
    attempt("stray segment", &|log| fs::write(log.join("private/open/000000009999"), b"").unwrap());
    attempt("rolled back", &|log| {
        fs::remove_dir_all(log).unwrap();
        copy(&early, log);
    });
    attempt("rolled back, published part only", &|log| {
        fs::remove_dir_all(log.join("tile")).unwrap();
        copy(&early.join("tile"), &log.join("tile"));
        fs::copy(early.join("checkpoint"), log.join("checkpoint")).unwrap();
    });
    attempt("forked by who has the key", &|log| {
        fs::remove_dir_all(log).unwrap();
        copy(&early, log);
        let mut fork = open(log).unwrap();
        fork.append(&vec![b"other".as_slice(); count as usize]).unwrap();
        fork.publish().unwrap();
    });
    attempt("made anew by who has the key", &|log| {
        fs::remove_dir_all(log).unwrap();
        create(log).append(&vec![b"other".as_slice(); count as usize]).unwrap();
        open(log).unwrap().publish().unwrap();
    });
    println!("log of {} leaves: {tried} changes of entries and files, all found", known.size);
}

/// The log refuses to go on from what was changed, and does not repair it away.
#[test]
fn opening_does_not_hide_damage() {
    let folder = tempfile::tempdir().unwrap();
    let known = build(folder.path(), 300, 3);
    let files = log_files(folder.path());
    for name in ["private/commitments", "private/heads", "private/open/000000000000", "checkpoint"] {
        let path = files.iter().find(|path| path.ends_with(name)).unwrap();
        let good = fs::read(path).unwrap();
        for position in [0, good.len() / 3, good.len() / 2, good.len() - 1] {
            let mut bad = good.clone();
            bad[position] ^= 1;
            fs::write(path, &bad).unwrap();
            let opened = open(folder.path());
            assert!(opened.is_err() || found(folder.path(), &known), "{name} byte {position}");
            drop(opened);
            assert_eq!(fs::read(path).unwrap(), bad, "{name} was written while it was damaged");
            fs::write(path, &good).unwrap();
        }
    }
    assert!(open(folder.path()).is_ok());
}

#[test]
fn two_writers_are_kept_apart() {
    let folder = tempfile::tempdir().unwrap();
    let log = create(folder.path());
    assert!(matches!(open(folder.path()), Err(zhunsheng_evidence::EvidenceError::Locked(_))));
    drop(log);
    assert!(open(folder.path()).is_ok());
}
