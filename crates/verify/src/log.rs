//! A log in a folder: `checkpoint` and `tile/` (c2sp.org/tlog-tiles), all of it.

use crate::container::{Container, Folder, read_whole};
use crate::hash::{Algorithm, Hash};
use crate::merkle::RootBuilder;
use crate::note::{Checkpoint, Note, TrustedKeys};
use crate::package::check_signatures;
use crate::report::Report;
use crate::text::decimal;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

/// Hashes in a full tile.
const WIDTH: u64 = 256;

/// Where a tile stands: `kind` is a level or `entries`, `number` counts from 0, `width` is 1 to 256.
pub fn tile_path(kind: &str, number: u64, width: u64) -> String {
    let mut path = format!("{:03}", number % 1000);
    let mut rest = number / 1000;
    while rest > 0 {
        path = format!("x{:03}/{path}", rest % 1000);
        rest /= 1000;
    }
    let partial = if width == WIDTH { String::new() } else { format!(".p/{width}") };
    format!("tile/{kind}/{path}{partial}")
}

/// The kind, number and width that [`tile_path`] wrote.
fn tile_of(path: &str) -> Option<(String, u64, u64)> {
    let (kind, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let (name, width) = match rest.split_once(".p/") {
        Some((name, width)) => (name, decimal(width).filter(|width| (1..WIDTH).contains(width))?),
        None => (rest, WIDTH),
    };
    let digits: String = name.split('/').map(|part| part.trim_start_matches('x')).collect();
    let number = digits.parse().ok()?;
    (tile_path(kind, number, width) == path).then(|| (kind.to_owned(), number, width))
}

/// Whether a bundle of `width` entries belongs to a tile of level 0; gives the leaf hashes.
///
/// # Errors
/// One sentence that says what is wrong.
pub fn bundle_check(
    algorithm: Algorithm,
    entries: &[u8],
    tile: &[u8],
    width: u64,
) -> Result<Vec<Hash>, &'static str> {
    let (mut leaves, mut rest) = (Vec::new(), entries);
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, behind) = behind.split_at_checked(length).ok_or("an entry is cut off")?;
        leaves.push(algorithm.leaf(entry));
        rest = behind;
    }
    if !rest.is_empty() || leaves.len() as u64 != width {
        return Err("the number of entries is wrong");
    }
    tile_check(tile, &leaves).then_some(leaves).ok_or("the entries are not those of the tile")
}

/// Whether a tile holds exactly these hashes.
pub fn tile_check(tile: &[u8], hashes: &[Hash]) -> bool {
    tile == hashes.as_flattened()
}

/// The root of a full tile.
fn tile_root(algorithm: Algorithm, hashes: &[Hash]) -> Hash {
    let mut builder = RootBuilder::new(algorithm);
    hashes.iter().for_each(|hash| builder.push(*hash));
    builder.root()
}

/// Checks the published part of the log in `folder`: signatures of the checkpoint, every entry, every tile,
/// and that nothing else stands there. With `known`, an earlier checkpoint, also that the log still begins
/// with what it held then: neither rolled back nor forked.
pub fn verify_log(
    folder: &Path,
    trusted: &TrustedKeys,
    witnesses_min: usize,
    known: Option<&Checkpoint>,
) -> (Report, Option<Checkpoint>) {
    let mut report = Report::default();
    let (zh, en) = ("检查点", "checkpoint");
    let note = fs::read(folder.join("checkpoint")).ok().and_then(|bytes| Note::parse(&bytes));
    let checkpoint = note.as_ref().and_then(|note| Checkpoint::parse(&note.text));
    let (Some(note), Some(checkpoint)) = (note, checkpoint) else {
        report.failed(zh, en, "it is missing or not written in the one way allowed");
        return (report, None);
    };
    report.passed(zh, en, format!("{} entries of `{}`", checkpoint.size, checkpoint.origin));
    check_signatures(&note, &checkpoint, trusted, witnesses_min, &mut report);
    let leaves = check_tiles(folder, &checkpoint, &mut report);
    let (zh, en) = ("与先前检查点一致", "goes on from the earlier checkpoint");
    match known {
        None => report.not_checked(zh, en, "no earlier checkpoint was given"),
        Some(known) if known.origin != checkpoint.origin || known.algorithm != checkpoint.algorithm => {
            report.failed(zh, en, "it is of another log");
        }
        Some(known) if known.size > checkpoint.size => {
            report.failed(zh, en, format!("rolled back from {} to {} entries", known.size, checkpoint.size));
        }
        Some(known) => {
            let mut builder = RootBuilder::new(checkpoint.algorithm);
            let size = usize::try_from(known.size).unwrap_or(usize::MAX);
            leaves.iter().take(size).for_each(|leaf| builder.push(*leaf));
            if builder.root() == known.root {
                report.passed(zh, en, format!("{} of {} entries", known.size, checkpoint.size));
            } else {
                report.failed(zh, en, format!("the first {} entries are others: forked", known.size));
            }
        }
    }
    (report, Some(checkpoint))
}

/// Checks entries and tiles against the root of the checkpoint; gives the leaf hashes.
fn check_tiles(folder: &Path, checkpoint: &Checkpoint, report: &mut Report) -> Vec<Hash> {
    let algorithm = checkpoint.algorithm;
    let mut wrong = Vec::new();
    let mut expected = BTreeSet::new();
    let mut levels = vec![level_0(folder, checkpoint, &mut wrong)];
    let leaves = levels.first().cloned().unwrap_or_default();
    for number in 0..checkpoint.size.div_ceil(WIDTH) {
        let width = (checkpoint.size - number * WIDTH).min(WIDTH);
        expected.insert(tile_path("entries", number, width));
        expected.insert(tile_path("0", number, width));
    }
    // Each level above holds the roots of the full tiles below.
    while let Some(below) = levels.last()
        && below.len() as u64 >= WIDTH
    {
        let level = levels.len();
        let hashes: Vec<Hash> =
            below.as_chunks::<{ WIDTH as usize }>().0.iter().map(|tile| tile_root(algorithm, tile)).collect();
        for (number, tile) in (0u64..).zip(hashes.chunks(WIDTH as usize)) {
            let path = tile_path(&level.to_string(), number, tile.len() as u64);
            if !fs::read(folder.join(&path)).is_ok_and(|bytes| tile_check(&bytes, tile)) {
                wrong.push(format!("`{path}` is missing or not what stands below it"));
            }
            expected.insert(path);
        }
        levels.push(hashes);
    }
    let mut builder = RootBuilder::new(algorithm);
    for (level, hashes) in levels.iter().enumerate().rev() {
        let full = if level + 1 < levels.len() { hashes.len() - hashes.len() % WIDTH as usize } else { 0 };
        hashes.iter().skip(full).for_each(|hash| builder.push_subtree(level as u32 * 8, *hash));
    }
    if wrong.is_empty() && builder.root() != checkpoint.root {
        wrong.push("the entries do not lead to the root of the checkpoint".to_owned());
    }
    strays(folder, &expected, &mut wrong);
    let good = format!("{} entries, {} files", checkpoint.size, expected.len());
    report.all("日志条目与树", "entries and tree of the log", good, &wrong);
    leaves
}

/// Reads every bundle with its tile of level 0, on every core; gives the leaf hashes.
fn level_0(folder: &Path, checkpoint: &Checkpoint, wrong: &mut Vec<String>) -> Vec<Hash> {
    let bundles = checkpoint.size.div_ceil(WIDTH);
    let read = |number: u64| {
        let width = (checkpoint.size - number * WIDTH).min(WIDTH);
        let path = tile_path("entries", number, width);
        let entries = fs::read(folder.join(&path)).unwrap_or_default();
        let tile = fs::read(folder.join(tile_path("0", number, width))).unwrap_or_default();
        bundle_check(checkpoint.algorithm, &entries, &tile, width)
            .map_err(|message| format!("`{path}`: {message}"))
    };
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = bundles.div_ceil(threads).max(1);
    let parts = std::thread::scope(|scope| {
        let starts = (0..bundles).step_by(usize::try_from(share).unwrap_or(usize::MAX));
        let parts: Vec<_> = starts
            .map(|start| {
                let end = (start + share).min(bundles);
                scope.spawn(move || {
                    // A size that is a lie stops at the first bundle that is not there.
                    let mut leaves = Vec::new();
                    for number in start..end {
                        match read(number) {
                            Ok(more) => leaves.extend(more),
                            Err(message) => return (leaves, Some(message)),
                        }
                    }
                    (leaves, None)
                })
            })
            .collect();
        let lost = || (Vec::new(), Some("a thread of the check stopped".to_owned()));
        parts.into_iter().map(|part| part.join().unwrap_or_else(|_| lost())).collect::<Vec<_>>()
    });
    let mut leaves = Vec::new();
    for (more, message) in parts {
        leaves.extend(more);
        wrong.extend(message);
    }
    leaves
}

/// Files below `tile/` that do not belong to this checkpoint. Partial tiles of earlier checkpoints may stay;
/// they must be the beginning of the tile as it is now.
fn strays(folder: &Path, expected: &BTreeSet<String>, wrong: &mut Vec<String>) {
    let mut container = match Folder::open(&folder.join("tile")) {
        Ok(container) => container,
        Err(_) if expected.is_empty() => return,
        Err(error) => return wrong.push(format!("`tile` cannot be listed: {error}")),
    };
    for name in container.names() {
        let path = format!("tile/{name}");
        if expected.contains(&path) {
            continue;
        }
        let earlier =
            tile_of(&path).filter(|(_, _, width)| *width < WIDTH).and_then(|(kind, number, width)| {
                let now = (width + 1..=WIDTH).map(|width| tile_path(&kind, number, width));
                let now = now.into_iter().find(|path| expected.contains(path))?;
                let (old, now) =
                    (read_whole(&mut container, &name, 1 << 26).ok()?, fs::read(folder.join(now)).ok()?);
                let items = if kind == "entries" { entry_count(&old)? } else { old.len() as u64 / 32 };
                (items == width && now.starts_with(&old)).then_some(())
            });
        if earlier.is_none() {
            wrong.push(format!("`{path}` does not belong to the log"));
        }
    }
}

fn entry_count(bundle: &[u8]) -> Option<u64> {
    let (mut count, mut rest) = (0, bundle);
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        rest = behind.get(usize::from(u16::from_be_bytes(*length))..)?;
        count += 1;
    }
    rest.is_empty().then_some(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_tiles() {
        for (kind, number, width, path) in [
            ("0", 0, 256, "tile/0/000"),
            ("1", 5, 255, "tile/1/005.p/255"),
            ("entries", 1_234_067, 256, "tile/entries/x001/x234/067"),
            ("0", 999, 1, "tile/0/999.p/1"),
            ("0", 1000, 256, "tile/0/x001/000"),
        ] {
            assert_eq!(tile_path(kind, number, width), path);
            assert_eq!(tile_of(path), Some((kind.to_owned(), number, width)));
        }
        for bad in
            ["tile/0/0", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01", "tile/0/x000/001", "x"]
        {
            assert_eq!(tile_of(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bundle_must_hold_exactly_its_entries() {
        let sha = Algorithm::Sha256;
        let entries = [0, 1, b'a', 0, 2, b'b', b'c'];
        let tile = [sha.leaf(b"a"), sha.leaf(b"bc")].concat();
        assert_eq!(bundle_check(sha, &entries, &tile, 2).unwrap().len(), 2);
        assert!(bundle_check(sha, &entries, &tile, 1).is_err());
        assert!(bundle_check(sha, &entries[..6], &tile, 2).is_err());
        assert!(bundle_check(sha, &[&entries[..], &[0]].concat(), &tile, 2).is_err());
        assert!(bundle_check(sha, &entries, &tile[1..], 2).is_err());
    }
}
