//! Evidence packages: one `.zse` file, or a folder.
//!
//! | file | what |
//! |---|---|
//! | `bagit.txt`, `bag-info.txt` | the BagIt declaration (RFC 8493), and what the package is |
//! | `data/` | inventory, records, report; `inputs.json`, `run.json`, `ro-crate-metadata.json`; the print-outs |
//! | `manifest-*.txt`, `tagmanifest-*.txt` | SHA-256 and SM3 of everything above |
//! | `seal/` | the log entry that names both tag manifests, its proof in the log, the time-stamp |
//!
//! The steps are [`prepare`], a time-stamp if wanted ([`crate::tsa::stamp`] of [`Prepared::to_stamp`]),
//! [`Prepared::seal`], signatures of witnesses if wanted ([`crate::log::Log::add_signature`]), and
//! [`Sealed::write_file`] or [`Sealed::write_folder`]. A `.zse` is a canonical zip, so that no byte of it can
//! change unnoticed.

mod content;
mod docx;
mod listing;
mod metadata;
mod reseal;
mod zip_writer;

pub use content::{Content, Digest};
pub use reseal::reseal;

use crate::custody::{Action, Event};
use crate::error::{EvidenceError, Result, at};
use crate::log::Log;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::Path;
use zhunsheng_verify::text::hex;
use zhunsheng_verify::{Algorithm, ENTRY, Hash, PROOF, TOKEN, bag_path_allowed, encode_path};

/// A file that was examined; it is not in the package, its hashes are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Name relative to what was scanned.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
    /// SM3 in hexadecimal; empty when it was not computed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub sm3: String,
    /// When it was last changed, RFC 3339 in UTC, as the file system says.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub modified: String,
    /// When it was made, where the file system says so.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub created: String,
    /// 类别: 文档, 数据库, 压缩包 …
    pub category: String,
    /// Id of the format: `delimited`, `xlsx` …
    pub format: String,
    /// 文件格式 in words: Excel 工作簿 …; where empty, the id is printed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub format_zh: String,
    /// Where it comes from: a path, a device, an image.
    pub source: String,
    /// How it was obtained.
    pub method: String,
}

/// What the papers say about the case; empty fields become lines to be filled in by hand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Case {
    /// 案由、案号.
    pub case: String,
    /// 提取单位.
    pub unit: String,
    /// 提取地点.
    pub place: String,
    /// 原始存储介质 (kind, serial number, state).
    pub medium: String,
    /// 持有人（提供人）.
    pub holder: String,
}

/// How the result came about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Name of the program.
    pub tool: String,
    /// Its version.
    pub version: String,
    /// SHA-256 over its rules.
    pub rules_sha256: String,
    /// The command line, word by word, without secrets.
    pub command_line: Vec<String>,
    /// What can change results: options, limits, feature switches.
    pub environment: BTreeMap<String, String>,
    /// Seed of samples, where one was given.
    pub seed: String,
    /// When, RFC 3339 in UTC.
    pub time: String,
    /// Who, as they name themselves.
    pub who: String,
    /// SHA-256 of `inventory.json`.
    pub inventory_sha256: String,
}

/// A file of the package.
#[derive(Clone, Debug)]
pub struct Part {
    /// Name below `data/`, such as `inventory.json`.
    pub name: String,
    /// Media type, such as `application/json`.
    pub media_type: String,
    /// What it is, in Chinese and English.
    pub what: (String, String),
    /// Its bytes.
    pub content: Content,
}

/// Everything that goes into a package.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// What was examined.
    pub inputs: Vec<Input>,
    /// The case.
    pub case: Case,
    /// The run.
    pub run: Run,
    /// Inventory, records, report.
    pub parts: Vec<Part>,
}

/// A package that is complete but for its seal.
pub struct Prepared {
    files: BTreeMap<String, (Content, Digest)>,
    run: Run,
}

/// A package with its seal.
pub struct Sealed {
    prepared: Prepared,
    entry: Vec<u8>,
    index: u64,
    token: Option<Vec<u8>>,
}

/// Makes every file of the package but the seal. The same package gives the same files.
///
/// # Errors
/// [`EvidenceError::Name`] when two parts have the same name or one cannot stand in a package, or when a part
/// cannot be read.
pub fn prepare(package: &Package) -> Result<Prepared> {
    let mut inputs = package.inputs.clone();
    inputs.sort_by(|one, two| one.path.cmp(&two.path));
    let mut run = package.run.clone();
    let mut files = BTreeMap::new();
    for part in &package.parts {
        let name = format!("data/{}", part.name);
        if !bag_path_allowed(&name) || RESERVED.contains(&part.name.as_str()) || files.contains_key(&name) {
            return Err(EvidenceError::Name(part.name.clone()));
        }
        let digest = match &part.content {
            Content::Path(path) => at(path, part.content.digest())?,
            Content::Bytes(bytes) => Digest::of(bytes),
        };
        if part.name == "inventory.json" && run.inventory_sha256.is_empty() {
            run.inventory_sha256 = hex(&digest.sha256);
        }
        files.insert(name, (part.content.clone(), digest));
    }
    let mut add = |name: &str, bytes: Vec<u8>| {
        let digest = Digest::of(&bytes);
        files.insert(name.to_owned(), (Content::Bytes(bytes), digest));
    };
    add("data/inputs.json", json(&inputs));
    add("data/run.json", json(&run));
    add("data/case.json", json(&package.case));
    add("data/extraction-list.html", listing::html(&package.case, &run, &inputs).into_bytes());
    add("data/extraction-list.docx", docx::docx(&package.case, &run, &inputs));
    let described: Vec<(String, Digest)> =
        files.iter().map(|(name, (_, digest))| (name.clone(), *digest)).collect();
    let metadata = metadata::ro_crate(package, &run, &described);
    let mut add = |name: &str, bytes: Vec<u8>| {
        let digest = Digest::of(&bytes);
        files.insert(name.to_owned(), (Content::Bytes(bytes), digest));
    };
    add("data/ro-crate-metadata.json", json(&metadata));
    let manifests = [Algorithm::Sha256, Algorithm::Sm3].map(|algorithm| {
        (
            format!("manifest-{}.txt", algorithm.name()),
            manifest(&files, algorithm, |name| name.starts_with("data/")),
        )
    });
    let payload = files.values().map(|(_, digest)| digest.size);
    let oxum = format!("{}.{}", payload.sum::<u64>(), files.len());
    files.insert("bagit.txt".to_owned(), bytes("BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"));
    files.insert(
        "bag-info.txt".to_owned(),
        bytes(&metadata::bag_info(&package.case, &run, inputs.len(), &oxum)),
    );
    files.extend(manifests.map(|(name, text)| (name, bytes(&text))));
    let tag_manifests = [Algorithm::Sha256, Algorithm::Sm3].map(|algorithm| {
        let name = format!("tagmanifest-{}.txt", algorithm.name());
        (name, manifest(&files, algorithm, |name| !name.starts_with("data/")))
    });
    files.extend(tag_manifests.map(|(name, text)| (name, bytes(&text))));
    Ok(Prepared { files, run })
}

/// Names below `data/` that are made here.
const RESERVED: [&str; 6] = [
    "inputs.json",
    "run.json",
    "case.json",
    "extraction-list.html",
    "extraction-list.docx",
    "ro-crate-metadata.json",
];

fn bytes(text: &str) -> (Content, Digest) {
    (Content::Bytes(text.as_bytes().to_vec()), Digest::of(text.as_bytes()))
}

fn json(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

fn manifest(
    files: &BTreeMap<String, (Content, Digest)>,
    algorithm: Algorithm,
    belongs: impl Fn(&str) -> bool,
) -> String {
    let listed = files.iter().filter(|(name, _)| belongs(name));
    let lines = listed.map(|(name, (_, digest))| {
        let hash = match algorithm {
            Algorithm::Sha256 => &digest.sha256,
            Algorithm::Sm3 => &digest.sm3,
        };
        format!("{}  {}\n", hex(hash), encode_path(name))
    });
    lines.collect()
}

impl Prepared {
    /// What a time-stamp authority is asked to stamp: `tagmanifest-sha256.txt`, which covers everything.
    pub fn to_stamp(&self) -> &[u8] {
        match self.files.get("tagmanifest-sha256.txt") {
            Some((Content::Bytes(bytes), _)) => bytes,
            _ => &[],
        }
    }

    /// SHA-256 of `tagmanifest-sha256.txt`: the name by which papers may call the package.
    pub fn sha256(&self) -> Hash {
        Algorithm::Sha256.hash(&[self.to_stamp()])
    }

    /// Logs the package and publishes the log. `token` is the answer of a time-stamp authority.
    ///
    /// # Errors
    /// As [`Log::append`] and [`Log::publish`].
    pub fn seal(self, log: &mut Log, token: Option<Vec<u8>>) -> Result<Sealed> {
        let hash = |name: &str, pick: fn(&Digest) -> Hash| {
            self.files.get(name).map(|(_, digest)| hex(&pick(digest))).unwrap_or_default()
        };
        let tool = format!("{} {}", self.run.tool, self.run.version);
        let mut event = Event::new(Action::Package, &self.run.time, &self.run.who, &tool);
        let details = &mut event.details;
        let sha256 = hash("tagmanifest-sha256.txt", |digest| digest.sha256);
        details.insert("tagmanifest_sha256".to_owned(), sha256);
        details.insert("tagmanifest_sm3".to_owned(), hash("tagmanifest-sm3.txt", |digest| digest.sm3));
        details.insert("inventory_sha256".to_owned(), self.run.inventory_sha256.clone());
        if let Some(token) = &token {
            details.insert("timestamp_sha256".to_owned(), hex(&Algorithm::Sha256.hash(&[token])));
        }
        let entry = event.content();
        let index = log.append(&[&entry])?.start;
        log.publish()?;
        Ok(Sealed { prepared: self, entry, index, token })
    }
}

impl Sealed {
    /// The number of the package's entry in the log.
    pub fn index(&self) -> u64 {
        self.index
    }

    fn files(self, log: &Log) -> Result<BTreeMap<String, (Content, Digest)>> {
        let proof = log.prove(self.index, log.head())?;
        let mut files = self.prepared.files;
        let mut add = |name: &str, bytes: Vec<u8>| {
            let digest = Digest::of(&bytes);
            files.insert(name.to_owned(), (Content::Bytes(bytes), digest));
        };
        add(ENTRY, self.entry);
        add(PROOF, proof.text().into_bytes());
        if let Some(token) = self.token {
            add(TOKEN, token);
        }
        Ok(files)
    }

    /// Writes the package as one file; the old file of that name stays until the new one is complete.
    ///
    /// # Errors
    /// When a file cannot be read or written, or a part has changed since it was hashed.
    pub fn write_file(self, log: &Log, path: &Path) -> Result<()> {
        let files = self.files(log)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".new");
        let new = path.with_file_name(name);
        let written = write_new(&files, &new).and_then(|()| fs::rename(&new, path));
        if written.is_err() {
            // Nothing half-written is left behind; the error that counts is the first one.
            let _ = fs::remove_file(&new);
        }
        at(path, written)?;
        sync_folder(path)
    }

    /// Writes the package as a folder, which must not exist.
    ///
    /// # Errors
    /// When the folder exists, a file cannot be read or written, or a part has changed since it was hashed.
    pub fn write_folder(self, log: &Log, folder: &Path) -> Result<()> {
        let files = self.files(log)?;
        at(folder, fs::create_dir(folder))?;
        for (name, (content, digest)) in &files {
            let path = folder.join(name);
            at(&path, fs::create_dir_all(path.parent().unwrap_or(folder)))?;
            let write = || {
                let mut file = File::create_new(&path)?;
                content.copy(digest, &mut file)?;
                file.sync_all()
            };
            at(&path, write())?;
        }
        sync_folder(folder)
    }
}

fn write_new(files: &BTreeMap<String, (Content, Digest)>, new: &Path) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(
        1 << 20,
        OpenOptions::new().create(true).truncate(true).write(true).open(new)?,
    );
    zip_writer::write_zip(files, &mut out)?;
    out.flush()?;
    out.get_ref().sync_all()
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    // Folders can be opened and synced on Unix only; elsewhere the rename itself is all there is.
    if cfg!(unix) { at(folder, File::open(folder).and_then(|folder| folder.sync_all())) } else { Ok(()) }
}
