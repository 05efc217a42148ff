//! Reads and checks the `rules/` folder, which is embedded into the program; holds no data itself.
//!
//! Knows the form of the files: kinds, law, lexicons. Must not know what is done with them, opens no file
//! at run time and reads no clock.
//!
//! Start reading at [`Rules::embedded`].

mod error;
mod header;
mod kind;
mod law;

pub use error::RulesError;
pub use header::HeaderWord;
pub use kind::{Example, FoundBy, KindRule, Sensitive, Tier};
pub use law::{Article, CaseRule, Criminal, Line, ReckoningRule, Statute};

use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::io::Read as _;
use std::sync::OnceLock;
use zhunsheng_model::{Date, Kind};

/// Every rule file by its path below `rules/`, sorted.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/files.rs"));

const CRIMINAL_FILE: &str = "law/criminal-thresholds.toml";
const EDITION_FILE: &str = "law/edition.toml";
const INTERPRETATION_FILE: &str = "law/fashi-2017-10.toml";

/// The rules: kinds, law and lexicons.
#[derive(Debug)]
pub struct Rules {
    /// One a kind, in the order of [`Kind::ALL`].
    kinds: Vec<KindRule>,
    interpretation: Statute,
    criminal: Criminal,
    lexicons: Vec<Lexicon>,
    as_of: Date,
    sha256: String,
}

#[derive(Debug)]
struct Lexicon {
    /// File name without folder and without `.gz`.
    name: &'static str,
    file: &'static str,
    bytes: &'static [u8],
    /// Unpacked on first use: a run that needs no bank cards does not pay for their list.
    text: OnceLock<String>,
}

impl Rules {
    /// The rules embedded into the program.
    ///
    /// Read once, on first use; lexicons are unpacked one by one on first use.
    ///
    /// # Panics
    /// When the embedded files are wrong: a defect of the program that its own tests show, not of the input.
    #[expect(clippy::panic, reason = "the rules are part of the program; a test reads them all")]
    pub fn embedded() -> &'static Rules {
        static RULES: OnceLock<Rules> = OnceLock::new();
        RULES.get_or_init(|| match Rules::read(FILES) {
            Ok(rules) => rules,
            Err(error) => panic!("embedded rules cannot be used: {error}"),
        })
    }

    /// Reads rules from `files` (path below `rules/`, content), sorted by path.
    ///
    /// # Errors
    /// [`RulesError`] naming the first file that cannot be used.
    pub fn read(files: &'static [(&'static str, &'static [u8])]) -> Result<Rules, RulesError> {
        let mut kinds: Vec<KindRule> = Vec::with_capacity(Kind::ALL.len());
        let mut lexicons = Vec::new();
        for (file, bytes) in files {
            match file.split_once('/') {
                Some(("kinds", _)) => {
                    let rule = kind::parse(file, text_of(file, bytes)?)?;
                    if kinds.iter().any(|known| known.kind == rule.kind) {
                        return Err(RulesError::Repeated { file: (*file).to_owned(), kind: rule.id });
                    }
                    kinds.push(rule);
                }
                Some(("lexicon", name)) => lexicons.push(Lexicon {
                    name: name.strip_suffix(".gz").unwrap_or(name),
                    file,
                    bytes,
                    text: OnceLock::new(),
                }),
                _ => {}
            }
        }
        kinds.sort_by_key(|rule| rule.kind);
        if let Some(kind) = Kind::ALL.iter().find(|kind| !kinds.iter().any(|rule| rule.kind == **kind)) {
            return Err(RulesError::MissingKind {
                kind: kind.id(),
                file: format!("{}.toml", kind.id().to_lowercase().replace('_', "-")),
            });
        }
        lexicons.sort_by_key(|lexicon| lexicon.name);
        let file = |name: &'static str| {
            let (_, bytes) =
                files.iter().find(|(file, _)| *file == name).ok_or(RulesError::MissingFile { file: name })?;
            text_of(name, bytes)
        };
        let interpretation = law::parse_statute(INTERPRETATION_FILE, file(INTERPRETATION_FILE)?)?;
        let criminal = law::parse_criminal(CRIMINAL_FILE, file(CRIMINAL_FILE)?, &interpretation)?;
        let as_of = law::parse_edition(EDITION_FILE, file(EDITION_FILE)?)?;
        Ok(Rules { kinds, interpretation, criminal, lexicons, as_of, sha256: sha256(files) })
    }

    /// The day the rules are stated for: ages are reckoned on it where no other day is given.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// What the rules say of `kind`.
    #[expect(clippy::indexing_slicing, reason = "`read` makes sure that every kind has its rule, in order")]
    pub fn kind(&self, kind: Kind) -> &KindRule {
        &self.kinds[kind.index()]
    }

    /// Every kind's rule, in the order of [`Kind::ALL`].
    pub fn kinds(&self) -> &[KindRule] {
        &self.kinds
    }

    /// The text of a lexicon by its file name without `.gz`, such as `surnames.tsv`; with its head row.
    ///
    /// `None` when there is no such lexicon.
    pub fn lexicon(&self, name: &str) -> Option<&str> {
        let name = name.strip_suffix(".gz").unwrap_or(name);
        let index = self.lexicons.binary_search_by(|lexicon| lexicon.name.cmp(name)).ok()?;
        let lexicon = self.lexicons.get(index)?;
        // A packed file that cannot be unpacked is a defect that a test over all lexicons shows.
        Some(lexicon.text.get_or_init(|| unpack(lexicon.file, lexicon.bytes).unwrap_or_default()))
    }

    /// Names of all lexicons, sorted.
    pub fn lexicon_names(&self) -> impl Iterator<Item = &'static str> + '_ {
        self.lexicons.iter().map(|lexicon| lexicon.name)
    }

    /// The head words of columns.
    pub fn header_words(&self) -> impl Iterator<Item = HeaderWord<'_>> {
        header::header_words(self.lexicon("column-headers.tsv").unwrap_or_default())
    }

    /// The numbers of 法释〔2017〕10号 and the rules for reckoning with them.
    pub fn criminal(&self) -> &Criminal {
        &self.criminal
    }

    /// 法释〔2017〕10号, word for word.
    pub fn interpretation(&self) -> &Statute {
        &self.interpretation
    }

    /// Article `number` of 法释〔2017〕10号.
    pub fn article(&self, number: u32) -> Option<&Article> {
        self.interpretation.article(number)
    }

    /// SHA-256 over every rule file in the order of their paths, in hexadecimal: each file goes in as its
    /// path, its length and its bytes.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }
}

fn text_of(file: &str, bytes: &'static [u8]) -> Result<&'static str, RulesError> {
    std::str::from_utf8(bytes).map_err(|_| RulesError::NotText { file: file.to_owned() })
}

fn unpack(file: &str, bytes: &[u8]) -> Result<String, RulesError> {
    let mut text = String::new();
    if file.ends_with(".gz") {
        flate2::read::GzDecoder::new(bytes)
            .read_to_string(&mut text)
            .map_err(|e| RulesError::Packed { file: file.to_owned(), detail: e.to_string() })?;
    } else {
        text.push_str(std::str::from_utf8(bytes).map_err(|_| RulesError::NotText { file: file.to_owned() })?);
    }
    Ok(text)
}

fn sha256(files: &[(&str, &[u8])]) -> String {
    let mut hash = Sha256::new();
    for (file, bytes) in files {
        hash.update(file.as_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests;
