//! Custody: who did what when, as entries of the log.
//!
//! The content of an entry is one JSON object with the members in the order below; the time is handed in by
//! the caller. It holds names and hashes of files, no personal information of the data examined.

use crate::error::{EvidenceError, Result};
use crate::log::{Entry, Log};
use crate::time::beijing;
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

/// Every entry as a few lines to be read by people, in Chinese or in English; `log show`.
///
/// # Errors
/// When an entry cannot be read.
pub fn show(log: &Log, chinese: bool) -> Result<String> {
    let t = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let mut text = String::new();
    for index in 0..log.size() {
        let told = match log.entry(index)? {
            Entry::Shredded => vec![
                t("内容已按记录销毁，此处只留承诺值", "content destroyed as logged; its commitment is left")
                    .to_owned(),
            ],
            Entry::Open { content, .. } => match serde_json::from_slice::<Event>(&content) {
                Ok(event) => lines(&event, chinese),
                Err(_) => {
                    let what = t("非本程序记载的内容，字节数：", "content of another program, bytes:");
                    vec![format!("{what} {}", content.len())]
                }
            },
        };
        let number = if chinese { format!("第 {index} 号") } else { format!("entry {index}") };
        for (row, line) in told.iter().enumerate() {
            let line: String = line.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }).collect();
            let lead = if row == 0 { format!("{number}  ") } else { "        ".to_owned() };
            text.push_str(&format!("{lead}{line}\n"));
        }
    }
    Ok(text)
}

/// First what, when and who, then one fact a line.
fn lines(event: &Event, chinese: bool) -> Vec<String> {
    let t = |zh: &'static str, en: &'static str| if chinese { zh } else { en };
    let Event { event, time, who, tool, file, sha256, entry, details } = event;
    let time = if chinese { beijing(time) } else { time.clone() };
    let who = if who.is_empty() { t("（未记操作人）", "(nobody named)") } else { who };
    let mut lines = vec![format!("{}  {time}  {who}", t(event.name_zh(), event.as_str()))];
    let mut fact = |name: &str, value: &str| {
        if !value.is_empty() {
            lines.push(format!("{name}{}{value}", t("：", ": ")));
        }
    };
    fact(t("文件", "file"), file);
    fact(t("文件校验值（SHA-256）", "SHA-256 of the file"), sha256);
    if let Some(entry) = entry {
        fact(
            t("所涉条目", "entry concerned"),
            &if chinese { format!("第 {entry} 号") } else { entry.to_string() },
        );
    }
    for (name, value) in details {
        let known = DETAILS.iter().find(|(known, ..)| known == name);
        let word = VALUES.iter().find(|(known, _)| known == value && chinese);
        let name = known.map_or(name.as_str(), |(_, zh, en)| t(zh, en));
        fact(name, word.map_or(value.as_str(), |(_, zh)| zh));
    }
    fact(t("程序", "program"), tool);
    lines
}

/// The further facts of entries, in words.
const DETAILS: [(&str, &str, &str); 18] = [
    ("at_least_true", "属实下限", "true at least"),
    ("by", "分层方式", "strata by"),
    ("draw_sha256", "抽样摘要（SHA-256）", "SHA-256 of the draw"),
    ("drawn", "抽取组数", "records drawn"),
    ("input", "重新扫描", "scanned again"),
    ("inventory_sha256", "检验结果清单校验值（SHA-256）", "SHA-256 of the inventory"),
    ("outcome", "结果", "outcome"),
    ("remark", "说明", "remark"),
    ("revealed", "原值", "raw values"),
    ("seed", "种子", "seed"),
    ("tagmanifest_sha256", "证据包校验值（SHA-256）", "SHA-256 of the package"),
    ("tagmanifest_sm3", "证据包校验值（SM3）", "SM3 of the package"),
    ("timestamp_sha256", "时间戳校验值（SHA-256）", "SHA-256 of the time-stamp"),
    ("to", "接收方", "handed to"),
    ("true", "属实", "true"),
    ("unread", "未核验", "not read"),
    ("untrue", "不实", "untrue"),
    ("unverifiable", "无法核实", "unverifiable"),
];

/// Values that are words of ours.
const VALUES: [(&str, &str); 8] = [
    ("nothing", "不分层"),
    ("tier", "按档"),
    ("kind", "按种类"),
    ("file", "按文件"),
    ("verified", "全部验证通过"),
    ("in part", "已验部分相符，另有未验部分"),
    ("failed", "验证不通过"),
    ("written into the sheet", "已写入核验表"),
];
