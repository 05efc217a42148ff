//! The law as data: statutes by version, article, paragraph and item; cases; number facts.
//!
//! Knows the texts and how they are cited. Must not know rules, findings or what personal information stands in
//! data; opens no file and reads no clock: everything is embedded, and a date is always handed in.
//! An instrument is applied by date: [`Law::version`] picks the version in force.
//! Nothing is unpacked before it is needed.
//!
//! Start reading at [`Law::embedded`].

mod case;
mod cite;
mod diff;
mod error;
mod facts;
mod history;
mod number;
mod pack;
mod passage;
mod statute;

pub use case::{Case, CaseText, Cite, Measure, Quantity, ViolationFound};
pub use cite::{Citation, Passage, citation_text, cite, parse_places, resolve};
pub use diff::{Piece, diff};
pub use error::{Absent, LawError};
pub use facts::{AppType, Facts, Requirement, SensitiveCategory, Statistic, Threshold};
pub use history::{Change, History, HistoryRow};
pub use number::{ArticleKey, chinese_number, parse_number};
pub use passage::{Item, Locator, Paragraph, paragraphs, passage};
pub use statute::{Amendment, Annex, Article, Level, ParagraphState, Quotation, Source, Statute};

use pack::Pack;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;
use zhunsheng_model::Date;

/// All the law that is embedded.
pub struct Law {
    pack: Pack,
    /// Heads of all versions, sorted by slug.
    statutes: Vec<Statute>,
    names: Names,
    /// Work by name: titles, short titles, aliases and the names of `names.toml`.
    works: BTreeMap<String, String>,
    /// The same by the folded name.
    folded: BTreeMap<String, String>,
    cases: OnceLock<Vec<Case>>,
    histories: OnceLock<Vec<History>>,
    facts: OnceLock<Facts>,
}

/// Names in use beside the titles.
#[derive(Default, Deserialize)]
struct Names {
    /// Work → further names.
    #[serde(default)]
    name: BTreeMap<String, Vec<String>>,
    /// Instruments that are cited but not held.
    #[serde(default)]
    absent: Vec<NotHeld>,
}

/// An instrument, or a version of one, that is cited but whose text is not held.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct NotHeld {
    /// Its title without 中华人民共和国.
    pub title: String,
    /// Further names.
    #[serde(default)]
    pub names: Vec<String>,
    /// The work that took its place, where that is held.
    #[serde(default)]
    pub successor: Option<String>,
    /// What must be said.
    pub note: String,
}

impl Law {
    /// The law embedded into the program; heads are read on first use, texts when they are needed.
    ///
    /// # Panics
    /// When the embedded file is wrong: a defect of the program that its own tests show, not of the input.
    #[expect(clippy::panic, reason = "the law is part of the program; a test reads all of it")]
    pub fn embedded() -> &'static Law {
        static LAW: OnceLock<Law> = OnceLock::new();
        LAW.get_or_init(|| match Law::read() {
            Ok(law) => law,
            Err(error) => panic!("embedded law cannot be used: {error}"),
        })
    }

    fn read() -> Result<Law, LawError> {
        let pack = Pack::embedded()?;
        let statutes: Vec<Statute> = pack.read("statutes")?;
        let names: Names = pack.read("names")?;
        let mut works = BTreeMap::new();
        for statute in &statutes {
            let plain = statute.title.strip_prefix(COUNTRY).unwrap_or(&statute.title);
            let own = [&statute.work, &statute.slug, &statute.title, &statute.short_title];
            let own = own.into_iter().map(String::as_str).chain([plain]);
            let own = own.chain(statute.aliases.iter().map(String::as_str));
            let own = own.chain(statute.document_number.as_deref());
            for name in own {
                works.insert(name.to_owned(), statute.work.clone());
            }
        }
        for (work, further) in &names.name {
            for name in further {
                works.entry(name.clone()).or_insert_with(|| work.clone());
            }
        }
        let folded = works.iter().map(|(name, work)| (fold(name), work.clone())).collect();
        Ok(Law {
            pack,
            statutes,
            names,
            works,
            folded,
            cases: OnceLock::new(),
            histories: OnceLock::new(),
            facts: OnceLock::new(),
        })
    }

    /// Every version of every instrument, sorted by slug.
    pub fn statutes(&self) -> &[Statute] {
        &self.statutes
    }

    /// The version of that slug, such as `csl-2025`; a work with one version bears its own name.
    pub fn statute(&self, slug: &str) -> Option<&Statute> {
        let index = self.statutes.binary_search_by(|statute| statute.slug.as_str().cmp(slug)).ok()?;
        self.statutes.get(index)
    }

    /// All versions of an instrument by any of its names, earliest first.
    pub fn versions(&self, name: &str) -> Vec<&Statute> {
        let Some(work) = self.work(name) else { return Vec::new() };
        let mut versions: Vec<&Statute> =
            self.statutes.iter().filter(|statute| statute.work == work).collect();
        versions.sort_by_key(|statute| statute.effective);
        versions
    }

    /// The version in force on `day` of the instrument named by work, slug, title, short title or alias.
    pub fn version(&self, name: &str, day: Date) -> Option<&Statute> {
        self.in_force(name, day).ok()
    }

    /// The version in force on `day`, or why there is none.
    ///
    /// # Errors
    /// [`Absent`] when the name is unknown or no version held was in force on that day.
    pub fn in_force(&self, name: &str, day: Date) -> Result<&Statute, Absent> {
        let versions = self.versions(name);
        let Some(first) = versions.first() else { return Err(self.unknown(name)) };
        if let Some(statute) = versions.iter().find(|statute| statute.in_force_on(day)) {
            return Ok(statute);
        }
        let ended = versions.iter().rev().find_map(|s| s.effective_until.filter(|until| *until < day));
        Err(match ended {
            Some(until) => Absent::Ended { title: first.title.clone(), date: day, until },
            None => Absent::NotYet { title: first.title.clone(), date: day, effective: first.effective },
        })
    }

    /// The work that a name stands for: 个人信息保护法, 个保法, `pipl`, 法释〔2017〕10号.
    ///
    /// The country before a title, the marks 《》 and 〈〉 and the width of brackets do not matter.
    pub fn work(&self, name: &str) -> Option<&str> {
        let found = self.works.get(name).or_else(|| self.folded.get(&fold(name)));
        found.map(String::as_str)
    }

    /// What is known of an instrument that is not held.
    pub fn not_held(&self, name: &str) -> Option<&NotHeld> {
        let name = fold(name);
        let absent = &self.names.absent;
        absent.iter().find(|absent| absent.names.iter().chain([&absent.title]).any(|own| fold(own) == name))
    }

    /// Every name that stands for an instrument held, with its work; sorted by name.
    pub fn names(&self) -> impl Iterator<Item = (&str, &str)> {
        self.works.iter().map(|(name, work)| (name.as_str(), work.as_str()))
    }

    /// Instruments that are cited but not held.
    pub fn absent(&self) -> &[NotHeld] {
        &self.names.absent
    }

    fn unknown(&self, name: &str) -> Absent {
        match self.not_held(name) {
            Some(absent) => Absent::NotHeld { title: absent.title.clone(), note: absent.note.clone() },
            None => Absent::Unknown { name: name.to_owned() },
        }
    }

    /// All cases, sorted by id.
    pub fn cases(&self) -> &[Case] {
        self.cases.get_or_init(|| {
            let mut cases: Vec<Case> = self.part("cases");
            cases.sort_by(|a, b| a.id.cmp(&b.id));
            cases
        })
    }

    /// The case of that id, such as `spc-192`.
    pub fn case(&self, id: &str) -> Option<&Case> {
        self.cases().iter().find(|case| case.id == id)
    }

    /// The maps between versions.
    pub fn histories(&self) -> &[History] {
        self.histories.get_or_init(|| self.part("histories"))
    }

    /// The map between two versions, by their slugs.
    pub fn history(&self, old: &str, new: &str) -> Option<&History> {
        self.histories().iter().find(|history| history.old_version == old && history.new_version == new)
    }

    /// Number facts and tables beside the texts.
    #[expect(clippy::panic, reason = "the facts are part of the program; a test reads them")]
    pub fn facts(&self) -> &Facts {
        self.facts.get_or_init(|| match self.read_facts() {
            Ok(facts) => facts,
            Err(error) => panic!("embedded law cannot be used: {error}"),
        })
    }

    fn read_facts(&self) -> Result<Facts, LawError> {
        let apps: facts::AppTypeFile = self.pack.read("facts/necessary-pi-by-app-type")?;
        let children: facts::ChildrenFile = self.pack.read("facts/children-pi-requirements")?;
        let sensitive: facts::SensitiveFile = self.pack.read("facts/sensitive-pi")?;
        Ok(Facts {
            thresholds: self.pack.read::<facts::ThresholdFile>("facts/numeric-thresholds")?.threshold,
            app_types: apps.app_type,
            app_types_effective: apps.effective,
            children: children.requirement,
            children_effective: children.effective,
            sensitive: sensitive.category,
            sensitive_notes: sensitive.note.into_iter().map(|note| note.text).collect(),
            statistics: self.pack.read::<facts::StatisticsFile>("facts/statistics")?.stat,
        })
    }

    #[expect(clippy::panic, reason = "the law is part of the program; a test reads all of it")]
    fn part<T: serde::de::DeserializeOwned>(&self, name: &str) -> T {
        match self.pack.read(name) {
            Ok(part) => part,
            Err(error) => panic!("embedded law cannot be used: {error}"),
        }
    }
}

const COUNTRY: &str = "中华人民共和国";

/// A name without the marks and words that writers use differently.
fn fold(name: &str) -> String {
    let plain = name.trim().replace(COUNTRY, "");
    let kept = plain.chars().filter(|c| !matches!(c, '《' | '》' | '〈' | '〉' | '<' | '>' | ' ' | '　'));
    kept.map(|c| match c {
        '(' => '（',
        ')' => '）',
        '[' | '［' => '〔',
        ']' | '］' => '〕',
        other => other,
    })
    .collect()
}
