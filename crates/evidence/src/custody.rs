//! Custody: who did what when, as entries of the log.
//!
//! The content of an entry is one JSON object with the members in the order below; the time is handed in by
//! the caller. It holds names and hashes of files, no personal information of the data examined.

use crate::error::{EvidenceError, Result};
use crate::log::{Entry, Log};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// 封存: an evidence package was made.
    Package,
    /// 抽样: a sample was drawn.
    Draw,
    /// 核验结果: a filled-in sheet was read.
    Read,
    /// 校验: a package was verified.
    Verify,
    /// 导出: something was handed out.
    Export,
    /// 扫描: data was scanned.
    Scan,
    /// 销毁: salt and content of an entry are destroyed.
    Shred,
    /// 见证: a witness signed.
    Witness,
    /// 备注: a note by hand.
    Remark,
}

impl Action {
    /// In Chinese.
    pub const fn name_zh(self) -> &'static str {
        match self {
            Action::Package => "封存",
            Action::Draw => "抽样",
            Action::Read => "读取抽样结果",
            Action::Verify => "校验",
            Action::Export => "导出",
            Action::Scan => "扫描",
            Action::Shred => "销毁条目内容",
            Action::Witness => "见证",
            Action::Remark => "备注",
        }
    }

    /// As it stands in the entry.
    pub const fn as_str(self) -> &'static str {
        match self {
            Action::Package => "package",
            Action::Draw => "draw",
            Action::Read => "read",
            Action::Verify => "verify",
            Action::Export => "export",
            Action::Scan => "scan",
            Action::Shred => "shred",
            Action::Witness => "witness",
            Action::Remark => "remark",
        }
    }
}

/// One step of custody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// What.
    pub event: Action,
    /// When, RFC 3339 in UTC, as the clock of the machine says.
    pub time: String,
    /// Who, as they name themselves.
    pub who: String,
    /// With which program and version.
    pub tool: String,
    /// Name of the file concerned, where there is one.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub file: String,
    /// SHA-256 of that file, in hexadecimal.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sha256: String,
    /// Number of the entry concerned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entry: Option<u64>,
    /// Anything else, such as seed, number of draws, outcome.
    #[serde(default, flatten)]
    pub details: BTreeMap<String, String>,
}

impl Event {
    /// A step without a file.
    pub fn new(event: Action, time: &str, who: &str, tool: &str) -> Event {
        Event {
            event,
            time: time.to_owned(),
            who: who.to_owned(),
            tool: tool.to_owned(),
            file: String::new(),
            sha256: String::new(),
            entry: None,
            details: BTreeMap::new(),
        }
    }

    /// The bytes that are logged.
    pub fn content(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Logs a step; when this returns, it is on the disk. The log is not published yet.
///
/// # Errors
/// As [`Log::append`].
pub fn record(log: &mut Log, event: &Event) -> Result<u64> {
    Ok(log.append(&[&event.content()])?.start)
}

/// Destroys the content of an entry, and logs first who did it when.
///
/// # Errors
/// As [`Log::append`] and [`Log::shred`].
pub fn shred(log: &mut Log, index: u64, time: &str, who: &str, tool: &str) -> Result<()> {
    if let Entry::Open { content, .. } = log.entry(index)?
        && shredded_by(&content).is_some()
    {
        return Err(EvidenceError::Order(index));
    }
    let event = Event { entry: Some(index), ..Event::new(Action::Shred, time, who, tool) };
    record(log, &event)?;
    log.shred(index)
}

/// The entry that a logged content orders to be destroyed.
pub(crate) fn shredded_by(content: &[u8]) -> Option<u64> {
    let event: Event = serde_json::from_slice(content).ok()?;
    event.entry.filter(|_| event.event == Action::Shred)
}

/// One line for each entry, to be read by people; `log show`.
///
/// # Errors
/// When an entry cannot be read.
pub fn show(log: &Log) -> Result<String> {
    let mut text = String::new();
    for index in 0..log.size() {
        let line = match log.entry(index)? {
            Entry::Shredded => "（内容已销毁 / content destroyed）".to_owned(),
            Entry::Open { content, .. } => match serde_json::from_slice::<Event>(&content) {
                Ok(event) => line(&event),
                Err(_) => format!("（其他内容 / other content，{} bytes）", content.len()),
            },
        };
        text.push_str(&format!("{index:>6}  {line}\n"));
    }
    Ok(text)
}

fn line(event: &Event) -> String {
    let Event { event, time, who, tool, file, sha256, entry, details } = event;
    let mut line = format!("{time}  {} {}  {who}  [{tool}]", event.name_zh(), event.as_str());
    if !file.is_empty() {
        line.push_str(&format!("  {file}"));
    }
    if !sha256.is_empty() {
        line.push_str(&format!("  sha256 {sha256}"));
    }
    if let Some(entry) = entry {
        line.push_str(&format!("  #{entry}"));
    }
    details.iter().for_each(|(name, value)| line.push_str(&format!("  {name}={value}")));
    line.chars().map(|c| if c.is_control() { '�' } else { c }).collect()
}
