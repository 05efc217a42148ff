//! The acts that are counted (法释〔2017〕10号 art. 5, 6 and 11), and the facts beside them.

use crate::CountError;
use serde::Deserialize;
use std::collections::BTreeSet;
use zhunsheng_model::Date;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActKind {
    /// 获取.
    Obtained,
    /// 出售.
    Sold,
    /// 提供.
    Provided,
}

impl ActKind {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            ActKind::Obtained => "obtained",
            ActKind::Sold => "sold",
            ActKind::Provided => "provided",
        }
    }

    /// Whether information went to somebody else.
    pub const fn gives(self) -> bool {
        matches!(self, ActKind::Sold | ActKind::Provided)
    }
}

/// One act.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Act {
    /// What was done.
    pub kind: ActKind,
    /// Path of the file or folder that the act was about, as paths stand in the outputs; empty for everything.
    pub data_set: String,
    /// To whom (art. 11 ¶2). One who is not named is not shown to be another than those who are.
    pub recipient: Option<String>,
    /// When.
    pub date: Option<Date>,
    /// 在履行职责或者提供服务过程中获得 (item 8).
    pub in_duty_or_service: bool,
    /// 违法所得 in fen (item 7).
    pub income_fen: Option<u64>,
    /// 为合法经营活动 (art. 6).
    pub lawful_business: bool,
    /// 获利 in fen (art. 6 item 1).
    pub profit_fen: Option<u64>,
}

impl Act {
    /// Obtaining everything that was scanned.
    pub fn obtaining_everything() -> Act {
        Act {
            kind: ActKind::Obtained,
            data_set: String::new(),
            recipient: None,
            date: None,
            in_duty_or_service: false,
            income_fen: None,
            lawful_business: false,
            profit_fen: None,
        }
    }
}

/// What no data can show. Each is true, false, or not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// ¶1 item 1: 出售或者提供行踪轨迹信息，被他人用于犯罪.
    pub tracks_used_in_crime: Option<bool>,
    /// ¶1 item 2: 知道或者应当知道他人利用公民个人信息实施犯罪.
    pub knew_of_crime: Option<bool>,
    /// ¶1 item 9 and art. 6 item 2: 曾因侵犯公民个人信息受过刑事处罚或者二年内受过行政处罚.
    pub punished_before: Option<bool>,
    /// ¶1 item 10 and art. 6 item 3: 其他情节严重的情形.
    pub other_serious: Option<bool>,
    /// ¶2 item 1: 死亡、重伤、精神失常或者被绑架等严重后果.
    pub grave_harm: Option<bool>,
    /// ¶2 item 2: 重大经济损失或者恶劣社会影响.
    pub great_loss: Option<bool>,
    /// ¶2 item 4: 其他情节特别严重的情形.
    pub other_very_serious: Option<bool>,
}

/// The acts and facts of one case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acts {
    /// The acts, in the order of the file.
    pub acts: Vec<Act>,
    /// What no data can show.
    pub facts: Facts,
    /// Whether somebody stated them; without a file one obtaining of everything is assumed.
    pub stated: bool,
}

impl Default for Acts {
    fn default() -> Acts {
        Acts { acts: vec![Act::obtaining_everything()], facts: Facts::default(), stated: false }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActsFile {
    #[serde(default)]
    facts: Facts,
    #[serde(default)]
    act: Vec<ActEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ActEntry {
    kind: toml::Spanned<String>,
    #[serde(default)]
    data_set: String,
    recipient: Option<String>,
    date: Option<toml::Spanned<toml::Value>>,
    #[serde(default)]
    in_duty_or_service: bool,
    income_yuan: Option<toml::Spanned<toml::Value>>,
    #[serde(default)]
    lawful_business: bool,
    profit_yuan: Option<toml::Spanned<toml::Value>>,
}

impl Acts {
    /// Reads an acts file:
    ///
    /// ```toml
    /// [facts]                        # what no data can show; leave out what is not known
    /// punished_before = false
    ///
    /// [[act]]
    /// kind = "sold"                  # obtained, sold or provided
    /// data_set = "crm/"              # path prefix; left out: everything
    /// recipient = "某公司"
    /// date = "2024-03-01"
    /// in_duty_or_service = true
    /// income_yuan = 9266.5
    /// ```
    ///
    /// # Errors
    /// [`CountError::ActsUnreadable`] with the line, and [`CountError::TooManyActs`].
    pub fn parse(text: &str) -> Result<Acts, CountError> {
        let file: ActsFile = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| line_of(text, span.start));
            CountError::ActsUnreadable { line, detail: with_hint(error.message()) }
        })?;
        let mut acts = Vec::with_capacity(file.act.len());
        for entry in file.act {
            acts.push(act_of(text, entry)?);
        }
        if acts.is_empty() {
            acts.push(Act::obtaining_everything());
        }
        let acts = Acts { acts, facts: file.facts, stated: true };
        if acts.data_sets().len() > 64 {
            return Err(CountError::TooManyActs { what: "data sets" });
        }
        let recipients: BTreeSet<_> = acts.acts.iter().filter_map(|act| act.recipient.as_deref()).collect();
        let unnamed = acts.acts.iter().filter(|act| act.kind.gives() && act.recipient.is_none()).count();
        if recipients.len() + unnamed > 64 {
            return Err(CountError::TooManyActs { what: "recipients" });
        }
        Ok(acts)
    }

    /// The data sets that the acts name, sorted; a data set's place in this list is its bit in a mask.
    pub fn data_sets(&self) -> Vec<&str> {
        let sets: BTreeSet<&str> = self.acts.iter().map(|act| trimmed(&act.data_set)).collect();
        sets.into_iter().collect()
    }

    /// The data sets that the file at `path` belongs to, one bit each: what [`crate::BatchContext::data_sets`]
    /// wants to know.
    pub fn data_sets_of(&self, path: &str) -> u64 {
        self.data_sets()
            .iter()
            .enumerate()
            .filter(|(_, set)| holds(set, path))
            .fold(0, |mask, (bit, _)| mask | 1u64.checked_shl(bit as u32).unwrap_or(0))
    }

    /// The earliest date of an act: the day at which ages are reckoned when no other is given.
    pub fn first_date(&self) -> Option<Date> {
        self.acts.iter().filter_map(|act| act.date).min()
    }
}

/// A data set named `./crm/` or `crm` is the same as `crm`.
pub(crate) fn trimmed(set: &str) -> &str {
    let set = set.trim_start_matches("./").trim_end_matches('/');
    if set == "." { "" } else { set }
}

/// Whether `path` is `set`, or lies in the folder or archive of that name.
pub(crate) fn holds(set: &str, path: &str) -> bool {
    match path.strip_prefix(set) {
        Some(rest) => set.is_empty() || rest.is_empty() || rest.starts_with(['/', '!']),
        None => false,
    }
}

fn act_of(text: &str, entry: ActEntry) -> Result<Act, CountError> {
    let wrong = |at: usize, detail: String| CountError::ActsUnreadable { line: line_of(text, at), detail };
    let kind = match entry.kind.get_ref().as_str() {
        "obtained" => ActKind::Obtained,
        "sold" => ActKind::Sold,
        "provided" => ActKind::Provided,
        other => {
            return Err(wrong(
                entry.kind.span().start,
                format!("unknown kind of act `{other}`; write obtained, sold or provided"),
            ));
        }
    };
    let date = match entry.date {
        None => None,
        Some(value) => {
            let at = value.span().start;
            let written = match value.into_inner() {
                toml::Value::String(text) => text,
                toml::Value::Datetime(date) => date.to_string(),
                other => other.to_string(),
            };
            let date = Date::parse(written.get(..10).unwrap_or(&written));
            Some(date.ok_or_else(|| wrong(at, format!("`{written}` is no date; write it as 2024-03-01")))?)
        }
    };
    let money = |value: Option<toml::Spanned<toml::Value>>| match value {
        None => Ok(None),
        Some(value) => {
            let at = value.span().start;
            fen(value.get_ref()).map(Some).ok_or_else(|| {
                wrong(at, "an amount of yuan is a number of 0 or more with at most two decimals".to_owned())
            })
        }
    };
    let (income_fen, profit_fen) = (money(entry.income_yuan)?, money(entry.profit_yuan)?);
    if entry.lawful_business && kind != ActKind::Obtained {
        return Err(wrong(
            entry.kind.span().start,
            "lawful_business (art. 6) is about obtaining; art. 5 applies to what was sold or provided"
                .to_owned(),
        ));
    }
    let recipient = entry.recipient.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    Ok(Act {
        kind,
        data_set: entry.data_set,
        recipient,
        date,
        in_duty_or_service: entry.in_duty_or_service,
        income_fen,
        lawful_business: entry.lawful_business,
        profit_fen,
    })
}

/// Yuan as fen, exactly or not at all.
fn fen(value: &toml::Value) -> Option<u64> {
    match value {
        toml::Value::Integer(yuan) => u64::try_from(*yuan).ok()?.checked_mul(100),
        toml::Value::Float(yuan) => {
            let fen = yuan * 100.0;
            // Below 2^53 every number of fen is exact; the bound also refuses NaN.
            let exact = (0.0..9e15).contains(&fen) && (fen - fen.round()).abs() < 1e-4;
            exact.then_some(fen.round() as u64)
        }
        _ => None,
    }
}

fn line_of(text: &str, at: usize) -> usize {
    1 + text.bytes().take(at).filter(|byte| *byte == b'\n').count()
}

/// Adds the nearest known word to a message about an unknown one.
fn with_hint(message: &str) -> String {
    let message = message.lines().next().unwrap_or_default();
    let mut words = message.split('`').skip(1).step_by(2);
    let Some(unknown) = words.next().filter(|_| message.starts_with("unknown field")) else {
        return message.to_owned();
    };
    let near = words.map(|word| (distance(unknown, word), word)).min();
    match near {
        Some((steps, word)) if steps <= 1 + word.len() / 3 => format!("{message}; did you mean `{word}`?"),
        _ => message.to_owned(),
    }
}

/// Letters to change, add or take away to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (index, a) in from.chars().enumerate() {
        let mut next = vec![index + 1];
        for ((b, above), above_left) in to.iter().zip(row.iter().skip(1)).zip(&row) {
            let left = next.last().copied().unwrap_or(0);
            next.push((above + 1).min(left + 1).min(above_left + usize::from(a != *b)));
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}
