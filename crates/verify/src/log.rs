//! A log in a folder: `checkpoint` and `tile/` (c2sp.org/tlog-tiles), all of it.

use crate::bag::malformed;
use crate::container::{Container, Folder, read_whole};
use crate::hash::{Algorithm, Hash};
use crate::merkle::RootBuilder;
use crate::note::{Checkpoint, Note, TrustedKeys};
use crate::package::check_signatures;
use crate::report::{Report, Status, Words};
use crate::say;
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
) -> Result<Vec<Hash>, Words> {
    let (mut leaves, mut rest) = (Vec::new(), entries);
    while let Some((length, behind)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, behind) =
            behind.split_at_checked(length).ok_or_else(|| say!("有条目不完整", "an entry is cut off"))?;
        leaves.push(algorithm.leaf(entry));
        rest = behind;
    }
    if !rest.is_empty() || leaves.len() as u64 != width {
        return Err(say!("条目数不对", "the number of entries is wrong"));
    }
    let wrong = || say!("条目与图块不符", "the entries are not those of the tile");
    tile_check(tile, &leaves).then_some(leaves).ok_or_else(wrong)
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
    let what = ("检查点", "checkpoint");
    let note = fs::read(folder.join("checkpoint")).ok().and_then(|bytes| Note::parse(&bytes));
    let checkpoint = note.as_ref().and_then(|note| Checkpoint::parse(&note.text));
    let (Some(note), Some(checkpoint)) = (note, checkpoint) else {
        report.failed(what, malformed("checkpoint"));
        return (report, None);
    };
    let Checkpoint { origin, size, .. } = &checkpoint;
    report.passed(what, say!("`{origin}` 共 {size} 条", "{size} entries of `{origin}`"));
    check_signatures(&note, &checkpoint, trusted, witnesses_min, &mut report);
    let mut wrong = Vec::new();
    let leaves = check_tiles(folder, &checkpoint, &mut wrong).unwrap_or_else(|words| {
        wrong.push(words);
        Vec::new()
    });
    let good = say!("条目与各层图块逐一相符", "every entry and every tile");
    report.all(("日志条目与树", "entries and tree of the log"), good, &wrong);
    let what = ("与先前检查点一致", "goes on from the earlier checkpoint");
    let old = known.map_or(0, |known| known.size);
    let unknown = say!("未给出先前的检查点", "no earlier checkpoint was given");
    match known {
        None => report.add(what, Status::NotChecked, unknown),
        Some(known) if known.origin != *origin || known.algorithm != checkpoint.algorithm => {
            report.failed(what, say!("先前的检查点属于另一日志", "it is of another log"));
        }
        Some(_) if old > *size => {
            let en = format!("rolled back from {old} to {size} entries");
            report.failed(what, say!("日志被回退：原有 {old} 条，现为 {size} 条", "{en}"));
        }
        // What cannot be read was said above; nothing can be said of what it went on from.
        Some(_) if (leaves.len() as u64) < *size => {}
        Some(known) => {
            let mut builder = RootBuilder::new(checkpoint.algorithm);
            let take = usize::try_from(old).unwrap_or(usize::MAX);
            leaves.iter().take(take).for_each(|leaf| builder.push(*leaf));
            let good = say!("现有 {size} 条，前 {old} 条未变", "{old} of {size} entries");
            let bad = say!("日志分叉：前 {old} 条已被换过", "the first {old} entries are others: forked");
            report.either(what, builder.root() == known.root, good, bad);
        }
    }
    (report, Some(checkpoint))
}

/// Checks entries and tiles against the root of the checkpoint; gives the leaf hashes.
fn check_tiles(folder: &Path, checkpoint: &Checkpoint, wrong: &mut Vec<Words>) -> Result<Vec<Hash>, Words> {
    let Checkpoint { algorithm, size, .. } = *checkpoint;
    let bundles = level_0(folder, checkpoint)?;
    let mut expected = BTreeSet::new();
    for number in 0..size.div_ceil(WIDTH) {
        let width = (size - number * WIDTH).min(WIDTH);
        expected.insert(tile_path("entries", number, width));
        expected.insert(tile_path("0", number, width));
    }
    let mut levels = vec![bundles.iter().flat_map(|(leaves, _)| leaves).copied().collect::<Vec<Hash>>()];
    // Each level above holds the roots of the full tiles below.
    while let Some(below) = levels.last()
        && below.len() as u64 >= WIDTH
    {
        let (level, tiles) = (levels.len(), below.as_chunks::<{ WIDTH as usize }>().0);
        let hashes: Vec<Hash> = match level {
            1 => bundles.iter().take(tiles.len()).map(|(_, root)| *root).collect(),
            _ => tiles.iter().map(|tile| tile_root(algorithm, tile)).collect(),
        };
        for (number, tile) in (0u64..).zip(hashes.chunks(WIDTH as usize)) {
            let path = tile_path(&level.to_string(), number, tile.len() as u64);
            if !fs::read(folder.join(&path)).is_ok_and(|bytes| tile_check(&bytes, tile)) {
                wrong.push(say!(
                    "`{path}` 缺失或与下层不符",
                    "`{path}` is missing or not what stands below it"
                ));
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
        wrong.push(say!("与检查点的根值不符", "the entries do not lead to the root of the checkpoint"));
    }
    strays(folder, &expected, wrong);
    Ok(levels.swap_remove(0))
}

/// Reads every bundle with its tile of level 0, on every core; gives leaf hashes and root of each.
fn level_0(folder: &Path, checkpoint: &Checkpoint) -> Result<Vec<(Vec<Hash>, Hash)>, Words> {
    let Checkpoint { algorithm, size, .. } = *checkpoint;
    let read = |number: u64| {
        let width = (size - number * WIDTH).min(WIDTH);
        let path = tile_path("entries", number, width);
        let entries = fs::read(folder.join(&path)).unwrap_or_default();
        let tile = fs::read(folder.join(tile_path("0", number, width))).unwrap_or_default();
        let leaves = bundle_check(algorithm, &entries, &tile, width);
        let leaves = leaves.map_err(|Words { zh, en }| say!("`{path}`：{zh}", "`{path}`: {en}"))?;
        let root = tile_root(algorithm, &leaves);
        Ok((leaves, root))
    };
    let bundles = size.div_ceil(WIDTH);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = bundles.div_ceil(threads).max(1);
    // A size that is a lie stops at the first bundle that is not there.
    let part = |start: u64| (start..bundles.min(start + share)).map(read).collect::<Result<Vec<_>, Words>>();
    let parts = std::thread::scope(|scope| {
        let starts = (0..bundles).step_by(usize::try_from(share).unwrap_or(usize::MAX));
        let parts: Vec<_> = starts.map(|start| scope.spawn(move || part(start))).collect();
        let stopped = |_| Err(say!("检查线程中止", "a thread of the check stopped"));
        let parts = parts.into_iter().map(|part| part.join().unwrap_or_else(stopped));
        parts.collect::<Result<Vec<_>, Words>>()
    });
    parts.map(|parts| parts.into_iter().flatten().collect())
}

/// Files below `tile/` that do not belong to this checkpoint. Partial tiles of earlier checkpoints may stay;
/// they must be the beginning of the tile as it is now.
fn strays(folder: &Path, expected: &BTreeSet<String>, wrong: &mut Vec<Words>) {
    let mut container = match Folder::open(&folder.join("tile")) {
        Ok(container) => container,
        Err(_) if expected.is_empty() => return,
        Err(error) => {
            let Words { zh, en } = Words::of(&error);
            return wrong.push(say!("`tile` 无法列出：{zh}", "`tile` cannot be listed: {en}"));
        }
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
            wrong.push(say!("`{path}` 不属于本日志", "`{path}` does not belong to the log"));
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
