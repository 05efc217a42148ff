//! BagIt (RFC 8493): payload and tag manifests in SHA-256 and SM3, sizes, names.

use crate::container::{Container, read_whole};
use crate::hash::{Algorithm, Hash};
use crate::report::{Report, Words};
use crate::say;
use crate::text::{hex, unhex32};
use std::collections::BTreeMap;

/// The declaration that every bag opens with.
const DECLARATION: &[u8] = b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n";
/// Longest tag file that is read.
const TAG_BYTES_MAX: usize = 1 << 30;
/// What the manifests are called, in the order of [`BOTH`].
const MANIFESTS: [[(&str, &str); 2]; 2] = [
    [("数据清单 SHA-256", "payload, SHA-256"), ("标签清单 SHA-256", "tags, SHA-256")],
    [("数据清单 SM3", "payload, SM3"), ("标签清单 SM3", "tags, SM3")],
];
const BOTH: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Sm3];

/// What a bag says about itself.
pub struct BagFacts {
    /// Names and values of `bag-info.txt`, in order.
    pub info: Vec<(String, String)>,
    /// The hash of each tag manifest, SHA-256's by SHA-256 and SM3's by SM3.
    pub tag_manifests: [Hash; 2],
    /// SHA-256 of every file outside `seal/`.
    pub sha256: BTreeMap<String, Hash>,
}

/// Whether a name may stand in a bag: relative, without `.`, `..`, empty parts, backslashes or control characters.
pub fn bag_path_allowed(name: &str) -> bool {
    !name.contains('\\')
        && !name.chars().any(|c| c.is_control() && c != '\n' && c != '\r')
        && name.split('/').all(|part| !matches!(part, "" | "." | ".."))
}

/// A name as it stands in a manifest: `%`, CR and LF are written as `%25`, `%0D` and `%0A`.
pub fn encode_path(name: &str) -> String {
    name.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The name that [`encode_path`] wrote.
pub fn decode_path(text: &str) -> Option<String> {
    let name = text.replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%");
    (encode_path(&name) == text).then_some(name)
}

/// Checks everything outside `seal/`; nothing when the bag cannot even be read.
pub(crate) fn check_bag(container: &mut dyn Container, report: &mut Report) -> Option<BagFacts> {
    let names: Vec<String> =
        container.names().into_iter().filter(|name| !name.starts_with("seal/")).collect();
    let bad = names.iter().filter(|name| !bag_path_allowed(name)).map(|name| name.escape_debug());
    let mut wrong: Vec<Words> = bad
        .map(|name| say!("包内不得有名为 `{name}` 的文件", "the name `{name}` may not stand in a package"))
        .collect();
    // Each file is read once; a file that cannot be read is a fault, and the rest is checked all the same.
    let mut found: BTreeMap<String, ([Hash; 2], u64)> = BTreeMap::new();
    for name in &names {
        let mut hashers = BOTH.map(Algorithm::hasher);
        let mut size = 0u64;
        let read = container.read(name, &mut |piece| {
            hashers.iter_mut().for_each(|hasher| hasher.update(piece));
            size += piece.len() as u64;
        });
        match read {
            Ok(()) => drop(found.insert(name.clone(), (hashers.map(|hasher| hasher.finish()), size))),
            Err(error) => {
                let Words { zh, en } = Words::of(&error);
                wrong.push(say!("`{name}` 无法读取：{zh}", "`{name}` cannot be read: {en}"));
            }
        }
    }
    report.all(("文件可读、名称合规", "files readable, names allowed"), files(names.len()), &wrong);

    let mut tag = |name: &str| read_whole(container, name, TAG_BYTES_MAX).ok();
    let declared = tag("bagit.txt").is_some_and(|bytes| bytes == DECLARATION);
    let info = tag("bag-info.txt").and_then(|bytes| bag_info(&String::from_utf8(bytes).ok()?));
    let is_payload = |name: &str| name.starts_with("data/");
    let payload = found.iter().filter(|(name, _)| is_payload(name));
    let (count, bytes) = payload.fold((0u64, 0u64), |(n, sum), (_, (_, size))| (n + 1, sum + size));
    let oxum = format!("{bytes}.{count}");
    let stated = info.iter().flatten().any(|(name, value)| name == "Payload-Oxum" && *value == oxum);
    let good = say!("数据共 {bytes} 字节、{count} 个文件", "{bytes} bytes in {count} files");
    let size = say!("bag-info.txt 所载大小与实际不符", "bag-info.txt states another size");
    let bad = if declared { size } else { say!("bagit.txt 不是应有的内容", "bagit.txt is wrong") };
    report.either(("BagIt 声明与大小", "BagIt declaration and size"), declared && stated, good, bad);

    let mut tag_manifests = [[0; 32]; 2];
    for ((position, algorithm), [payload_words, tag_words]) in BOTH.into_iter().enumerate().zip(MANIFESTS) {
        let word = algorithm.name();
        let (payload_manifest, tag_manifest) =
            (format!("manifest-{word}.txt"), format!("tagmanifest-{word}.txt"));
        let is_tag = |name: &str| !is_payload(name) && !name.starts_with("tagmanifest-");
        let lists = [(&payload_manifest, true, payload_words), (&tag_manifest, false, tag_words)];
        for (manifest, payload, what) in lists {
            let expected: BTreeMap<&str, &Hash> = found
                .iter()
                .filter(|(name, _)| if payload { is_payload(name) } else { is_tag(name) })
                .filter_map(|(name, (hashes, _))| Some((name.as_str(), hashes.get(position)?)))
                .collect();
            let wrong = match tag(manifest).as_deref().map(manifest_lines) {
                None | Some(None) => vec![malformed(manifest)],
                Some(Some(listed)) => differences(&listed, &expected),
            };
            report.all(what, files(expected.len()), &wrong);
        }
        if let (Some(slot), Some((hashes, _))) = (tag_manifests.get_mut(position), found.get(&tag_manifest)) {
            *slot = hashes.get(position).copied().unwrap_or_default();
        }
    }
    let sha256 = found.into_iter().map(|(name, ([sha256, _], _))| (name, sha256)).collect();
    Some(BagFacts { info: info?, tag_manifests, sha256 })
}

/// Reads `hash, two spaces, name` lines, sorted by name, each name once.
fn manifest_lines(bytes: &[u8]) -> Option<BTreeMap<String, Hash>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut listed = BTreeMap::new();
    for line in text.split_terminator('\n') {
        let (hash, name) = line.split_once("  ")?;
        listed.insert(decode_path(name)?, unhex32(hash)?);
    }
    let again: String =
        listed.iter().map(|(name, hash)| format!("{}  {}\n", hex(hash), encode_path(name))).collect();
    (again == text).then_some(listed)
}

fn differences(listed: &BTreeMap<String, Hash>, found: &BTreeMap<&str, &Hash>) -> Vec<Words> {
    let mut wrong = Vec::new();
    for (name, hash) in listed {
        match found.get(name.as_str()) {
            None => wrong.push(say!("清单所列的 `{name}` 缺失", "`{name}` is listed and missing")),
            Some(other) if *other != hash => wrong.push(say!("`{name}` 已被改动", "`{name}` was changed")),
            Some(_) => {}
        }
    }
    let unlisted = found.keys().filter(|name| !listed.contains_key(**name));
    wrong.extend(unlisted.map(|name| say!("`{name}` 不在清单内", "`{name}` is not listed")));
    wrong
}

pub(crate) fn files(count: usize) -> Words {
    say!("{count} 个文件", "{count} files")
}

/// What is said of a file that is not there or cannot be read.
pub(crate) fn malformed(name: &str) -> Words {
    say!("`{name}` 缺失或写法不合规范", "`{name}` is missing or not written in the one way allowed")
}

fn bag_info(text: &str) -> Option<Vec<(String, String)>> {
    let lines = text.strip_suffix('\n')?.split('\n');
    lines.map(|line| line.split_once(": ").map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_spelling() {
        for good in ["data/a", "data/准绳.csv", "data/a b", "data/..a", "data/a%b", "data/a\nb"] {
            assert!(bag_path_allowed(good), "{good}");
            assert_eq!(decode_path(&encode_path(good)).as_deref(), Some(good));
        }
        for bad in ["", "/a", "a/", "a//b", "../a", "a/./b", "a\\b", "a\0b"] {
            assert!(!bag_path_allowed(bad), "{bad}");
        }
        assert_eq!(decode_path("a%41"), None);
        assert_eq!(decode_path("a%0a"), None);
        assert_eq!(decode_path("%250A").as_deref(), Some("%0A"));
    }
}
