//! What was checked, what failed and what could not be checked.

use std::fmt;
use std::io;

/// A sentence in Chinese and in English.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Words {
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// Makes [`Words`] of two format texts.
#[macro_export]
macro_rules! say {
    ($zh:literal, $en:literal) => {
        $crate::Words { zh: format!($zh), en: format!($en) }
    };
}

impl Words {
    /// The words of an error made from words; the text of any other error.
    pub fn of(error: &io::Error) -> Words {
        let words = error.get_ref().and_then(|inner| inner.downcast_ref::<Words>());
        words.cloned().unwrap_or_else(|| say!("{error}", "{error}"))
    }
}

impl fmt::Display for Words {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.zh == self.en { f.write_str(&self.en) } else { write!(f, "{} / {}", self.zh, self.en) }
    }
}

impl std::error::Error for Words {}

impl From<Words> for io::Error {
    fn from(words: Words) -> io::Error {
        io::Error::new(io::ErrorKind::InvalidData, words)
    }
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It holds.
    Passed,
    /// It does not hold.
    Failed,
    /// It could not be made: something to check against was not given.
    NotChecked,
    /// There is nothing to check: the package does without this part.
    Absent,
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was checked, in Chinese and English.
    pub what: (&'static str, &'static str),
    /// How it ended.
    pub status: Status,
    /// Why, or what was found; never the content of a file.
    pub detail: Words,
}

/// The whole answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Every check was made and holds.
    Verified,
    /// Nothing failed, but not everything could be checked.
    VerifiedInPart,
    /// Something does not hold.
    Failed,
}

/// Every check in the order in which it was made, and facts the package states about itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The checks.
    pub checks: Vec<Check>,
    /// What the package says about itself (tool version, seed …); covered by the checks of its hashes.
    pub facts: Vec<(String, String)>,
}

impl Report {
    /// Adds a check.
    pub fn add(&mut self, what: (&'static str, &'static str), status: Status, detail: Words) {
        self.checks.push(Check { what, status, detail });
    }

    /// Adds a check that holds.
    pub fn passed(&mut self, what: (&'static str, &'static str), detail: Words) {
        self.add(what, Status::Passed, detail);
    }

    /// Adds a check that does not hold.
    pub fn failed(&mut self, what: (&'static str, &'static str), detail: Words) {
        self.add(what, Status::Failed, detail);
    }

    /// Adds a check that holds or does not.
    pub fn either(&mut self, what: (&'static str, &'static str), holds: bool, good: Words, bad: Words) {
        if holds { self.passed(what, good) } else { self.failed(what, bad) }
    }

    /// Adds a check that holds when nothing is listed in `wrong`.
    pub fn all(&mut self, what: (&'static str, &'static str), good: Words, wrong: &[Words]) {
        let more = wrong.len().saturating_sub(1);
        match wrong {
            [] => self.passed(what, good),
            [one] => self.failed(what, one.clone()),
            [Words { zh, en }, ..] => {
                self.failed(what, say!("{zh}（另有{more}处）", "{en} (and {more} more)"))
            }
        }
    }

    /// The whole answer.
    pub fn verdict(&self) -> Verdict {
        let has = |status| self.checks.iter().any(|check| check.status == status);
        if has(Status::Failed) || self.checks.is_empty() {
            Verdict::Failed
        } else if has(Status::NotChecked) {
            Verdict::VerifiedInPart
        } else {
            Verdict::Verified
        }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Check { what: (zh, en), status, detail } in &self.checks {
            let word = match status {
                Status::Passed => "通过 passed     ",
                Status::Failed => "不符 FAILED     ",
                Status::NotChecked => "未验 not checked",
                Status::Absent => "没有 none       ",
            };
            writeln!(f, "{word}  {zh} / {en}: {detail}")?;
        }
        for (name, value) in &self.facts {
            writeln!(f, "自述 stated       {name}: {value}")?;
        }
        f.write_str(match self.verdict() {
            Verdict::Verified => "结论：全部验证通过 / verified in full\n",
            Verdict::VerifiedInPart => {
                "结论：已验部分全部相符，另有未验部分 / nothing wrong, not all checked\n"
            }
            Verdict::Failed => "结论：验证不通过 / NOT verified\n",
        })
    }
}
