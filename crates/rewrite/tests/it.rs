//! Whole trees through the library: what is changed, what is not, and what is refused.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "for tests only"
)]

#[path = "it/corpus.rs"]
mod corpus;
#[path = "it/formats.rs"]
mod formats;

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use zhunsheng_detect::Detector;
use zhunsheng_protect::{Keyring, Policy, Protector, Suite};
use zhunsheng_rewrite::{Outcome, RewriteError, TreeOptions, protect_stream, protect_tree};
use zhunsheng_rules::Rules;

static NEVER: AtomicBool = AtomicBool::new(false);

fn detector() -> &'static Detector {
    static DETECTOR: OnceLock<Detector> = OnceLock::new();
    DETECTOR.get_or_init(|| Detector::new(Rules::embedded(), Rules::embedded().as_of()).unwrap())
}

fn protector(policy: &str) -> Protector {
    let keyring = Keyring::new(Suite::Aes, [7; 32], None);
    let policy = Policy::ready(policy).unwrap().unwrap();
    Protector::new(policy, Some(&keyring), Rules::embedded(), None).unwrap()
}

fn options<'a>(paths: &[&Path], out: &Path, protector: &'a Protector) -> TreeOptions<'a> {
    TreeOptions {
        paths: paths.iter().map(|path| path.to_path_buf()).collect(),
        out: out.to_owned(),
        detector: detector(),
        protector,
        rules_sha256: "",
        skip_unsupported: false,
        threads: 2,
        cancel: &NEVER,
        session: [1; 32],
    }
}

/// One file through the policy `share`; the bytes that come out.
fn shared(name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Outcome), RewriteError> {
    through("share", name, bytes)
}

fn through(policy: &str, name: &str, bytes: &[u8]) -> Result<(Vec<u8>, Outcome), RewriteError> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join(name);
    std::fs::write(&input, bytes).unwrap();
    let out = folder.path().join("out");
    let protector = protector(policy);
    let outcome = protect_tree(&options(&[&input], &out, &protector));
    assert_eq!(std::fs::read(&input).unwrap(), bytes, "the original is untouched");
    assert_eq!(out.exists(), outcome.is_ok(), "the output appears whole or not at all");
    let names: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with('.')), "{names:?}");
    let outcome = outcome?;
    Ok((std::fs::read(out.join(name)).unwrap(), outcome))
}

fn text(name: &str, content: &str) -> String {
    String::from_utf8(shared(name, content.as_bytes()).unwrap().0).unwrap()
}

#[test]
fn a_stream_gives_the_copy_or_nothing() {
    let protector = protector("share");
    let options = options(&[], &PathBuf::new(), &protector);
    let mut out = Vec::new();
    let input = "联系电话：13912345678，请回电。\n";
    let outcome = protect_stream(&options, &mut input.as_bytes(), &mut out).unwrap();
    let made = String::from_utf8(out).unwrap();
    assert!(made.starts_with("联系电话：139") && made.ends_with("，请回电。\n"), "{made}");
    assert!(!made.contains("13912345678"));
    assert_eq!(outcome.receipt.files.len(), 1);
    let mut out = Vec::new();
    let refused = protect_stream(&options, &mut &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..], &mut out);
    assert!(matches!(refused, Err(RewriteError::Unsupported { .. })));
    assert!(out.is_empty());
}

#[test]
fn the_output_is_a_new_folder_apart_from_the_input() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    std::fs::create_dir(&input).unwrap();
    std::fs::write(input.join("a.txt"), "电话 13912345678").unwrap();
    let protector = protector("share");
    let out = |out: &Path| protect_tree(&options(&[&input], out, &protector));
    let link = folder.path().join("link");
    std::os::unix::fs::symlink("nowhere", &link).unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "x").unwrap();
    for wrong in [input.clone(), input.join("out"), link, file.clone(), folder.path().to_owned()] {
        assert!(matches!(out(&wrong), Err(RewriteError::Refused { .. })), "{}", wrong.display());
    }
    assert_eq!(std::fs::read(&file).unwrap(), b"x");
    out(&folder.path().join("out")).unwrap();
    assert!(folder.path().join("out/a.txt").is_file());
    // A folder that cannot be written to, and one that is not there.
    assert!(matches!(out(&folder.path().join("no/such/out")), Err(RewriteError::Write { .. })));
}

#[test]
fn what_cannot_be_written_again_is_refused_by_name_or_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("in");
    std::fs::create_dir(&input).unwrap();
    std::fs::write(input.join("a.txt"), "电话 13912345678").unwrap();
    std::fs::write(input.join("b.png"), b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR").unwrap();
    let protector = protector("share");
    let out = folder.path().join("out");
    let mut options = options(&[&input], &out, &protector);
    let Err(RewriteError::Unsupported { place, .. }) = protect_tree(&options) else { panic!() };
    assert_eq!(place, "b.png");
    assert!(!out.exists());
    options.skip_unsupported = true;
    let outcome = protect_tree(&options).unwrap();
    assert_eq!(outcome.receipt.left_out, ["b.png"]);
    assert!(!out.join("b.png").exists() && out.join("a.txt").exists());
}
