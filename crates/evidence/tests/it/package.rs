//! Packages: written, verified, tampered with.

use crate::support::{NAME, all_files, copy, create, create_as, scale, signer};
use std::fs;
use std::io::{Cursor, Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use zhunsheng_evidence::log::Log;
use zhunsheng_evidence::package::{Case, Content, Input, Package, Part, Run, prepare, reseal};
use zhunsheng_evidence::witness::Witness;
use zhunsheng_evidence::{DiskFiles, EvidenceError, Signer, os_random, tsa};
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Algorithm, KeyKind, Report, TrustedKeys, Verdict, verify_folder, verify_package};

fn part(name: &str, content: Content) -> Part {
    let what = ("部分".to_owned(), "a part".to_owned());
    Part { name: name.to_owned(), media_type: "application/octet-stream".to_owned(), what, content }
}

fn sample(records: &Path) -> Package {
    fs::write(records, b"PAR1 not really PAR1").unwrap();
    let input = |path: &str| Input {
        path: path.to_owned(),
        size: 12,
        sha256: hex(&Algorithm::Sha256.hash(&[path.as_bytes()])),
        sm3: hex(&Algorithm::Sm3.hash(&[path.as_bytes()])),
        modified: "2026-01-01T00:00:00Z".to_owned(),
        category: "数据表".to_owned(),
        format: "csv".to_owned(),
        source: "/mnt/disk <1>".to_owned(),
        method: "只读挂载后读取".to_owned(),
        ..Input::default()
    };
    Package {
        inputs: vec![input("b/名单.csv"), input("a.csv")],
        case: Case { case: "（2026）测试1号".to_owned(), ..Case::default() },
        run: Run {
            tool: "zhunsheng".to_owned(),
            version: "0.1.0".to_owned(),
            rules_sha256: "ab".repeat(32),
            command_line: ["zhunsheng", "scan", "data"].map(str::to_owned).to_vec(),
            environment: [("basis".to_owned(), "record".to_owned())].into(),
            seed: "2026".to_owned(),
            time: "2026-11-23T00:00:00Z".to_owned(),
            who: "测试员".to_owned(),
            inventory_sha256: String::new(),
        },
        parts: vec![
            part("inventory.json", Content::Bytes(b"{}\n".to_vec())),
            part("records.parquet", Content::Path(records.to_owned())),
            part("report.html", Content::Bytes("<p>报告</p>".as_bytes().to_vec())),
            part("sub/名.txt", Content::Bytes(Vec::new())),
        ],
    }
}

fn witness_key() -> Signer {
    Signer::from_seed("witness.example/w", KeyKind::Cosignature, &[9; 32]).unwrap()
}

fn trusted(kind: KeyKind) -> TrustedKeys {
    let witnesses = vec![witness_key().verifier().clone()];
    TrustedKeys { logs: vec![signer(kind).verifier().clone()], witnesses }
}

/// Writes a sealed and witnessed package; gives the log.
fn write(root: &Path, kind: KeyKind, algorithm: Algorithm, token: Option<Vec<u8>>, out: &Path) -> Log {
    let mut log = create_as(&root.join("log"), kind, algorithm);
    log.append(&[b"something before"]).unwrap();
    let prepared = prepare(&sample(&root.join("records"))).unwrap();
    let sealed = prepared.seal(&mut log, token).unwrap();
    let witness_key = witness_key();
    let witness = Witness { files: &DiskFiles, folder: &root.join("memory"), signer: &witness_key };
    let line = witness.sign(log.head(), signer(kind).verifier(), &[], 1_790_000_000).unwrap();
    log.add_signature(line).unwrap();
    if out.extension().is_some() {
        sealed.write_file(&log, out).unwrap()
    } else {
        sealed.write_folder(&log, out).unwrap()
    }
    log
}

fn verify(bytes: &[u8], trusted: &TrustedKeys) -> Report {
    verify_package(Cursor::new(bytes), trusted, 1)
}

#[test]
fn a_package_verifies_as_file_and_folder_with_either_algorithm() {
    for (kind, algorithm) in [(KeyKind::Ed25519, Algorithm::Sha256), (KeyKind::Sm2, Algorithm::Sm3)] {
        for name in ["package.zse", "package"] {
            let root = tempfile::tempdir().unwrap();
            let out = root.path().join(name);
            drop(write(root.path(), kind, algorithm, None, &out));
            let report = |trusted: &TrustedKeys, min| match out.is_dir() {
                true => verify_folder(&out, trusted, min),
                false => verify_package(fs::File::open(&out).unwrap(), trusted, min),
            };
            let found = report(&trusted(kind), 1);
            // All of it; a time-stamp this package does not have.
            assert_eq!(found.verdict(), Verdict::Verified, "{found}");
            assert_eq!(found.to_string().matches("没有 none").count(), 1, "{found}");
            // The co-signature that is there cannot be checked without the key of the witness.
            let log_only = TrustedKeys { witnesses: Vec::new(), ..trusted(kind) };
            assert_eq!(report(&log_only, 0).verdict(), Verdict::VerifiedInPart);
            assert!(found.facts.iter().any(|(name, value)| name == "Zhunsheng-Seed" && value == "2026"));
            assert_eq!(report(&TrustedKeys::default(), 0).verdict(), Verdict::VerifiedInPart);
            assert_eq!(report(&TrustedKeys::default(), 1).verdict(), Verdict::Failed);
            assert_eq!(report(&trusted(kind), 2).verdict(), Verdict::Failed);
            let stranger = Signer::from_seed(NAME, kind, &[1; 32]).unwrap();
            let strangers = TrustedKeys { logs: vec![stranger.verifier().clone()], witnesses: vec![] };
            assert_eq!(report(&strangers, 0).verdict(), Verdict::Failed);
        }
    }
}

#[test]
fn the_same_package_is_the_same_but_for_its_seal() {
    let root = tempfile::tempdir().unwrap();
    let package = sample(&root.path().join("records"));
    let mut turned = package.clone();
    turned.inputs.reverse();
    turned.parts.reverse();
    let one = prepare(&package).unwrap();
    assert_eq!(one.to_stamp(), prepare(&turned).unwrap().to_stamp());
    assert_eq!(one.sha256(), Algorithm::Sha256.hash(&[one.to_stamp()]));
    turned.run.seed.push('x');
    assert_ne!(one.to_stamp(), prepare(&turned).unwrap().to_stamp());
}

#[test]
fn names_and_changes_while_packing_are_refused() {
    let root = tempfile::tempdir().unwrap();
    let records = root.path().join("records");
    for name in ["../x", "/x", "a//b", "run.json", "inventory.json", ""] {
        let mut package = sample(&records);
        package.parts.push(part(name, Content::Bytes(vec![])));
        assert!(matches!(prepare(&package), Err(EvidenceError::Name(_))), "{name}");
    }
    let mut log = create(&root.path().join("log"));
    let sealed = prepare(&sample(&records)).unwrap().seal(&mut log, None).unwrap();
    fs::write(&records, b"PAR1 something el PAR1").unwrap();
    let out = root.path().join("p.zse");
    assert!(sealed.write_file(&log, &out).is_err());
    assert_eq!(
        all_files(root.path()).iter().filter(|path| path.to_string_lossy().contains("zse")).count(),
        0
    );
}

#[test]
fn every_changed_byte_of_a_package_is_found() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("package.zse");
    let token = time_stamp(root.path(), &sample(&root.path().join("records")));
    drop(write(root.path(), KeyKind::Ed25519, Algorithm::Sha256, token, &out));
    let (good, trusted) = (fs::read(&out).unwrap(), trusted(KeyKind::Ed25519));
    assert_ne!(verify(&good, &trusted).verdict(), Verdict::Failed);
    let stride = scale(211, 1) as usize;
    let (mut tried, mut missed) = (0, 0);
    let mut attempt = |what: &str, bytes: &[u8]| {
        tried += 1;
        if verify(bytes, &trusted).verdict() != Verdict::Failed {
            missed += 1;
            println!("not found: {what}");
        }
    };
    for position in (0..good.len()).step_by(stride) {
        let mut bad = good.clone();
        bad[position] ^= 1 << (position % 8);
        attempt(&format!("byte {position} flipped"), &bad);
        if position % (3 * stride) == 0 {
            attempt(&format!("cut at {position}"), &good[..position]);
            bad = good.clone();
            bad.insert(position, b'x');
            attempt(&format!("byte inserted at {position}"), &bad);
            bad = good.clone();
            bad.remove(position);
            attempt(&format!("byte dropped at {position}"), &bad);
        }
    }
    println!("package of {} bytes: {tried} changes, {missed} missed", good.len());
    assert_eq!(missed, 0);
}

#[test]
fn every_changed_file_of_a_folder_is_found() {
    let root = tempfile::tempdir().unwrap();
    let (good, bad) = (root.path().join("package"), root.path().join("bad"));
    drop(write(root.path(), KeyKind::Ed25519, Algorithm::Sha256, None, &good));
    let trusted = trusted(KeyKind::Ed25519);
    let attempt = |what: &str, change: &dyn Fn(&Path)| {
        let _ = fs::remove_dir_all(&bad);
        copy(&good, &bad);
        assert_ne!(verify_folder(&bad, &trusted, 1).verdict(), Verdict::Failed);
        change(&bad);
        let report = verify_folder(&bad, &trusted, 1);
        assert_eq!(report.verdict(), Verdict::Failed, "{what}\n{report}");
    };
    let files: Vec<PathBuf> =
        all_files(&good).iter().map(|path| path.strip_prefix(&good).unwrap().to_owned()).collect();
    assert!(files.len() >= 17, "{files:?}");
    for (number, name) in files.iter().enumerate() {
        let bytes = fs::read(good.join(name)).unwrap();
        let next = &files[(number + 1) % files.len()];
        attempt("dropped", &|folder| fs::remove_file(folder.join(name)).unwrap());
        attempt("longer", &|folder| {
            fs::write(folder.join(name), [bytes.as_slice(), b"\n"].concat()).unwrap()
        });
        attempt("swapped", &|folder| {
            fs::write(folder.join(name), fs::read(good.join(next)).unwrap()).unwrap()
        });
        attempt("renamed", &|folder| {
            fs::rename(folder.join(name), folder.join(format!("{}x", name.display()))).unwrap()
        });
    }
    for stray in ["data/stray", "stray", "seal/stray", "tagmanifest-md5.txt"] {
        attempt(stray, &|folder| fs::write(folder.join(stray), b"x").unwrap());
    }
    #[cfg(unix)]
    attempt("link", &|folder| std::os::unix::fs::symlink("/etc/hostname", folder.join("data/link")).unwrap());
    // Everything recomputed but the log: the forger has no key.
    attempt("forged manifests", &|folder| {
        let other = root.path().join("other");
        let _ = fs::remove_dir_all(&other);
        let mut package = sample(&root.path().join("records"));
        package.parts[0].content = Content::Bytes(b"{\"forged\":1}".to_vec());
        let forger = Signer::from_seed(NAME, KeyKind::Ed25519, &[5; 32]).unwrap();
        let files = std::sync::Arc::new(DiskFiles);
        let log = root.path().join("forged-log");
        let _ = fs::remove_dir_all(&log);
        let mut log = Log::create(files, &log, forger, Algorithm::Sha256, os_random).unwrap();
        prepare(&package).unwrap().seal(&mut log, None).unwrap().write_folder(&log, &other).unwrap();
        fs::remove_dir_all(folder).unwrap();
        copy(&other, folder);
    });
}

#[test]
fn the_papers_hold_what_must_be_signed() {
    let root = tempfile::tempdir().unwrap();
    let out = root.path().join("package");
    drop(write(root.path(), KeyKind::Ed25519, Algorithm::Sha256, None, &out));
    let html = fs::read_to_string(out.join("data/extraction-list.html")).unwrap();
    let docx =
        String::from_utf8_lossy(&fs::read(out.join("data/extraction-list.docx")).unwrap()).into_owned();
    for page in [&html, &docx] {
        for word in [
            "电子数据提取固定清单",
            "类别",
            "文件格式",
            "完整性校验值",
            "b/名单.csv",
            "数据表",
            "只读挂载后读取",
            "/mnt/disk &lt;1&gt;",
            "见证人签名",
            "持有人（提供人）签名",
            "提取人（侦查人员）签名",
            "（2026）测试1号",
            &hex(&Algorithm::Sm3.hash(&["a.csv".as_bytes()])),
        ] {
            assert!(page.contains(word), "{word}");
        }
    }
    assert!(!html.contains("<script") && !html.contains("http"));
    let crate_json: serde_json::Value =
        serde_json::from_slice(&fs::read(out.join("data/ro-crate-metadata.json")).unwrap()).unwrap();
    let graph = crate_json["@graph"].as_array().unwrap();
    for part in graph[1]["hasPart"].as_array().unwrap() {
        let id = part["@id"].as_str().unwrap();
        assert_eq!(graph.iter().filter(|entity| entity["@id"] == id).count(), 1, "{id}");
    }
    assert!(graph.iter().any(|entity| entity["@id"] == "sub/%E5%90%8D.txt"));
}

/// A time-stamp authority of OpenSSL behind a local port. Gives nothing, loudly, where there is no OpenSSL.
fn time_stamp(root: &Path, package: &Package) -> Option<Vec<u8>> {
    let root = root.join("tsa");
    fs::create_dir_all(&root).unwrap();
    let openssl = |arguments: &[&str]| {
        Command::new("openssl")
            .args(arguments)
            .current_dir(&root)
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !openssl(&["version"]) {
        println!("SKIPPED: no `openssl`, time-stamps are not tested");
        return None;
    }
    fs::write(
        root.join("tsa.cnf"),
        "[req]\ndistinguished_name=dn\nx509_extensions=v3\nprompt=no\n[dn]\nCN=Test TSA\n[v3]\n\
         basicConstraints=CA:FALSE\nkeyUsage=digitalSignature\nextendedKeyUsage=critical,timeStamping\n\
         [tsa]\ndefault_tsa=t\n[t]\nserial=serial\nsigner_cert=cert.pem\nsigner_key=key.pem\nsigner_digest=sha256\n\
         default_policy=1.2.3.4\ndigests=sha256\naccuracy=secs:1\nordering=yes\ness_cert_id_alg=sha256\n",
    )
    .unwrap();
    fs::write(root.join("serial"), "01\n").unwrap();
    assert!(openssl(&[
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-days",
        "2",
        "-config",
        "tsa.cnf",
    ]));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/tsr", listener.local_addr().unwrap());
    let folder = root.clone();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
        let body = loop {
            let count = stream.read(&mut buffer).unwrap();
            request.extend_from_slice(&buffer[..count]);
            let text = String::from_utf8_lossy(&request).into_owned();
            let length = text
                .lines()
                .find_map(|line| line.strip_prefix("Content-Length: ")?.trim().parse::<usize>().ok());
            let end = request.windows(4).position(|window| window == b"\r\n\r\n");
            if let (Some(length), Some(end)) = (length, end)
                && request.len() >= end + 4 + length
            {
                break request[end + 4..].to_vec();
            }
        };
        fs::write(folder.join("request.tsq"), body).unwrap();
        let done = Command::new("openssl")
            .args(["ts", "-reply", "-queryfile", "request.tsq", "-config", "tsa.cnf", "-out", "answer.tsr"])
            .current_dir(&folder)
            .output()
            .unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        let answer = fs::read(folder.join("answer.tsr")).unwrap();
        write!(
            stream,
            "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\nContent-Length: {}\r\n\r\n",
            answer.len()
        )
        .unwrap();
        stream.write_all(&answer).unwrap();
    });
    let prepared = prepare(package).unwrap();
    let token = tsa::stamp(&url, prepared.to_stamp(), tsa::http_post, os_random).unwrap();
    server.join().unwrap();
    fs::write(root.join("tagmanifest-sha256.txt"), prepared.to_stamp()).unwrap();
    fs::write(root.join("token.tsr"), &token).unwrap();
    assert!(
        openssl(&[
            "ts",
            "-verify",
            "-data",
            "tagmanifest-sha256.txt",
            "-in",
            "token.tsr",
            "-CAfile",
            "cert.pem"
        ]),
        "the command that `verify` names does verify it"
    );
    // The answer to another question is refused.
    let replay = |_: &str, _: &[u8]| -> zhunsheng_evidence::Result<Vec<u8>> { Ok(vec![0x30, 0]) };
    assert!(tsa::stamp(&url, b"x", replay, os_random).is_err());
    Some(token)
}

#[test]
fn a_time_stamp_is_kept_and_checked() {
    let root = tempfile::tempdir().unwrap();
    let package = sample(&root.path().join("records"));
    let Some(token) = time_stamp(root.path(), &package) else { return };
    let out = root.path().join("package");
    drop(write(root.path(), KeyKind::Ed25519, Algorithm::Sha256, Some(token), &out));
    let trusted = trusted(KeyKind::Ed25519);
    let report = verify_folder(&out, &trusted, 1);
    assert_eq!(report.verdict(), Verdict::VerifiedInPart, "{report}");
    assert!(report.to_string().contains("stamps this package"), "{report}");
    // A token of something else, even if the log entry named it.
    let other = tempfile::tempdir().unwrap();
    let mut changed = package.clone();
    changed.run.seed = "other".to_owned();
    let token = time_stamp(other.path(), &changed).unwrap();
    let out = other.path().join("package");
    drop(write(other.path(), KeyKind::Ed25519, Algorithm::Sha256, Some(token), &out));
    let report = verify_folder(&out, &trusted, 1);
    assert_eq!(report.verdict(), Verdict::Failed);
    assert!(report.to_string().contains("does not stamp this package"), "{report}");
}

/// The way of the command line: the package is written first, a witness signs later.
#[test]
fn signatures_of_witnesses_are_put_into_a_package_that_is_written() {
    for (kind, algorithm) in [(KeyKind::Ed25519, Algorithm::Sha256), (KeyKind::Sm2, Algorithm::Sm3)] {
        for name in ["package.zse", "package"] {
            let root = tempfile::tempdir().unwrap();
            let out = root.path().join(name);
            let mut log = create_as(&root.path().join("log"), kind, algorithm);
            let sealed =
                prepare(&sample(&root.path().join("records"))).unwrap().seal(&mut log, None).unwrap();
            if name == "package" {
                sealed.write_folder(&log, &out).unwrap();
            } else {
                sealed.write_file(&log, &out).unwrap();
            }
            // The log goes on before the witness comes.
            log.append(&[b"later"]).unwrap();
            log.publish().unwrap();
            let check = |min| match out.is_dir() {
                true => verify_folder(&out, &trusted(kind), min),
                false => verify_package(fs::File::open(&out).unwrap(), &trusted(kind), min),
            };
            assert_eq!(check(1).verdict(), Verdict::Failed);
            let witness_key = witness_key();
            let memory = root.path().join("memory");
            let witness = Witness { files: &DiskFiles, folder: &memory, signer: &witness_key };
            let line = witness.sign(log.head(), signer(kind).verifier(), &[], 1_790_000_000).unwrap();
            log.add_signature(line).unwrap();
            let before = fs::read(root.path().join("package/data/inputs.json")).ok();
            assert_eq!(reseal(&log, log.head(), &out).unwrap(), 0);
            assert_eq!(check(1).verdict(), Verdict::Verified, "{}", check(1));
            assert!(check(1).to_string().contains("2026-09-21T14:13:20Z"));
            assert_eq!(check(2).verdict(), Verdict::Failed);
            assert_eq!(before, fs::read(root.path().join("package/data/inputs.json")).ok());
            // A log in which the package does not stand.
            let mut other = create_as(&root.path().join("other"), kind, algorithm);
            other.append(&[b"something else"]).unwrap();
            let refused = reseal(&other, other.head(), &out);
            assert!(matches!(refused, Err(EvidenceError::Seal { .. })), "{refused:?}");
            assert_eq!(check(1).verdict(), Verdict::Verified, "a refusal changes nothing");
        }
    }
}
