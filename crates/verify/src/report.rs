//! What was checked, what failed and what could not be checked.

use std::fmt;

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
    pub detail: String,
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
    /// Adds a check that holds.
    pub fn passed(&mut self, zh: &'static str, en: &'static str, detail: impl Into<String>) {
        self.checks.push(Check { what: (zh, en), status: Status::Passed, detail: detail.into() });
    }

    /// Adds a check that does not hold.
    pub fn failed(&mut self, zh: &'static str, en: &'static str, detail: impl Into<String>) {
        self.checks.push(Check { what: (zh, en), status: Status::Failed, detail: detail.into() });
    }

    /// Adds a check that could not be made.
    pub fn not_checked(&mut self, zh: &'static str, en: &'static str, detail: impl Into<String>) {
        self.checks.push(Check { what: (zh, en), status: Status::NotChecked, detail: detail.into() });
    }

    /// Notes a part that may be there and is not.
    pub fn absent(&mut self, zh: &'static str, en: &'static str, detail: impl Into<String>) {
        self.checks.push(Check { what: (zh, en), status: Status::Absent, detail: detail.into() });
    }

    /// Adds a check that holds when nothing is listed in `wrong`.
    pub fn all(&mut self, zh: &'static str, en: &'static str, good: impl Into<String>, wrong: &[String]) {
        match wrong {
            [] => self.passed(zh, en, good),
            [first] => self.failed(zh, en, first.as_str()),
            [first, ..] => self.failed(zh, en, format!("{first} (and {} more)", wrong.len() - 1)),
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
            writeln!(f, "说明 stated       {name}: {value}")?;
        }
        f.write_str(match self.verdict() {
            Verdict::Verified => "结论：全部验证通过 / verified in full\n",
            Verdict::VerifiedInPart => "结论：已验部分相符，另有未验部分 / nothing wrong, not all checked\n",
            Verdict::Failed => "结论：验证不通过 / NOT verified\n",
        })
    }
}
