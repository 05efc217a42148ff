//! Checks a whole log, public and private part, without changing it.

use super::store::{self, heads, record_at, segment_path};
use crate::custody;
use crate::error::{Result, at};
use crate::files::Files;
use crate::tree::Tree;
use std::collections::BTreeSet;
use std::path::Path;
use zhunsheng_verify::{
    Checkpoint, Hash, Report, Signed, TrustedKeys, VerifierKey, Words, commitment, say, verify_log,
};

/// Checks everything: the published part by [`verify_log`], then every signed head, every commitment, every
/// salt and content, and that what was destroyed was destroyed by an entry that says so.
///
/// * `known`: an earlier checkpoint; without one a log that was rolled back to an earlier published state
///   cannot be told from one that never grew.
///
/// # Errors
/// When a private file cannot be read.
pub fn check(
    files: &dyn Files,
    folder: &Path,
    key: &VerifierKey,
    known: Option<&Checkpoint>,
) -> Result<Report> {
    let trusted = TrustedKeys { logs: vec![key.clone()], witnesses: Vec::new() };
    let (mut report, published) = verify_log(folder, &trusted, 0, known);
    let Some(published) = published else { return Ok(report) };

    let path = folder.join(store::COMMITMENTS);
    let bytes = at(&path, files.read(&path))?;
    let (commitments, rest) = bytes.as_chunks::<32>();
    let mut tree = Tree::new(published.algorithm);
    commitments.iter().for_each(|hash| tree.push(published.algorithm.leaf(hash)));
    let same =
        rest.is_empty() && tree.size() == published.size && tree.root(tree.size()) == Some(published.root);
    let size = tree.size();
    let bad = say!("与已公布的不一致", "they are not those published");
    report.either(("承诺值", "commitments"), same, say!("{size} 个", "{size}"), bad);

    let path = folder.join(store::HEADS);
    let wrong = wrong_heads(&at(&path, files.read(&path))?, &tree, key);
    let good = say!("均有签名，前后相续", "all signed, each the beginning of the next");
    report.all(("历次签名检查点", "signed heads"), good, &wrong);

    let key_path = folder.join(store::KEY);
    let stated = at(&key_path, files.read(&key_path))?;
    let same = stated == format!("{}\n", key.text()).into_bytes();
    let bad = say!("日志旁的公钥是另一个", "the public key beside the log is another");
    report.either(("公钥文件", "public key file"), same, say!("与所用公钥一致", "as given"), bad);

    let (wrong, shredded) = wrong_contents(files, folder, commitments, &tree)?;
    let good =
        say!("{size} 条，其中 {shredded} 条已按记录销毁", "{size} entries, {shredded} destroyed as logged");
    report.all(("盐值与内容", "salts and contents"), good, &wrong);
    Ok(report)
}

fn wrong_heads(bytes: &[u8], tree: &Tree, key: &VerifierKey) -> Vec<Words> {
    let heads = heads(bytes);
    let mut wrong = Vec::new();
    let mut last = None;
    for (number, (note, _)) in heads.iter().enumerate() {
        let checkpoint = Checkpoint::parse(&note.text);
        let fits = checkpoint.as_ref().is_some_and(|checkpoint| {
            checkpoint.origin == key.name()
                && tree.root(checkpoint.size) == Some(checkpoint.root)
                && checkpoint.algorithm == tree.algorithm()
                && last < Some(checkpoint.size)
        });
        // The published checkpoint may carry more signatures, a head carries exactly one.
        if !fits || note.signatures.len() != 1 || note.signed_by(key) != Signed::Right(None) {
            wrong.push(say!(
                "第 {number} 个检查点未签名或不属于本日志",
                "head {number} is not signed or not of this log"
            ));
        }
        last = checkpoint.map(|checkpoint| checkpoint.size);
    }
    if heads.last().is_none_or(|(_, end)| *end != bytes.len() as u64) || last != Some(tree.size()) {
        wrong
            .push(say!("最后一个检查点不完整或不属于本日志", "the last head is torn or not that of the log"));
    }
    wrong
}

/// What is wrong with salts and contents, and how many were destroyed by an entry that says so.
fn wrong_contents(
    files: &dyn Files,
    folder: &Path,
    commitments: &[Hash],
    tree: &Tree,
) -> Result<(Vec<Words>, usize)> {
    let (mut wrong, mut blank, mut ordered) = (Vec::new(), BTreeSet::new(), BTreeSet::new());
    let (mut segment, mut position) = (Vec::new(), 0u64);
    for (index, hash) in (0u64..).zip(commitments) {
        if index.is_multiple_of(store::SEGMENT_ENTRIES) {
            if segment.len() as u64 != position {
                let last = index.saturating_sub(1);
                wrong.push(say!("第 {last} 号条目之后有多余字节", "there are bytes behind entry {last}"));
            }
            let path = segment_path(folder, index);
            (segment, position) = (at(&path, files.read(&path))?, 0);
        }
        let Some(record) = record_at(&segment, position, index) else {
            wrong.push(say!("找不到第 {index} 号条目", "entry {index} cannot be found"));
            return Ok((wrong, blank.len()));
        };
        position = record.end();
        if record.slot.shredded {
            blank.insert(index);
            if !record.is_blank() {
                let en = format!("entry {index} is marked as destroyed and is still there");
                wrong.push(say!("第 {index} 号条目标为已销毁，内容却仍在", "{en}"));
            }
        } else if commitment(tree.algorithm(), record.salt, record.content) != *hash {
            let en = format!("salt or content of entry {index} was changed");
            wrong.push(say!("第 {index} 号条目的盐值或内容已被改动", "{en}"));
        } else {
            ordered.extend(custody::shredded_by(record.content));
        }
    }
    if segment.len() as u64 != position {
        wrong.push(say!("最后一个条目之后有多余字节", "there are bytes behind the last entry"));
    }
    let open = folder.join(store::OPEN);
    let segments = tree.size().div_ceil(store::SEGMENT_ENTRIES);
    if at(&open, files.list(&open))?.len() as u64 != segments {
        let open = store::OPEN;
        let en = format!("`{open}` holds other files than those of the entries");
        wrong.push(say!("`{open}` 内的文件与条目不对应", "{en}"));
    }
    let unordered = blank.difference(&ordered);
    wrong.extend(unordered.map(|index| {
        let en = format!("entry {index} was destroyed and no entry says so");
        say!("第 {index} 号条目已销毁，却没有条目记载此事", "{en}")
    }));
    Ok((wrong, blank.len()))
}
