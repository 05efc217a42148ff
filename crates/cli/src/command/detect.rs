//! `zhunsheng detect`: identifiers, names, addresses and places in text on standard input.
//!
//! One line in, one line out: `{"text","spans":[{"start","end","type","valid","confidence"}]}`, offsets in code
//! points, `end` exclusive; `why` tells why a span is not valid, `completeness` (0 to 100) how much of a full
//! dwelling address an address holds. Spans do not overlap and stand in the order of the text.

use crate::command::models;
use crate::language::pick;
use anyhow::Context;
use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Value, json};
use std::io::{BufRead, BufWriter, Write};
use std::process::ExitCode;
use zhunsheng_detect::{Detector, Hit};
use zhunsheng_engine::CarefulReader;
use zhunsheng_model::{Kind, State};
use zhunsheng_report::Language;
use zhunsheng_rules::Rules;

pub(crate) const NAME: &str = "detect";

pub(crate) fn command(lang: Language) -> Command {
    Command::new(NAME)
        .about(pick(
            lang,
            "在标准输入的文本中找个人信息，逐行写出 JSON（含原文）",
            "find personal information in text on standard input, one JSON line each (holds the text)",
        ))
        .arg(Arg::new("plain").long("plain").action(ArgAction::SetTrue).help(pick(
            lang,
            "输入为纯文本，一行一段；默认为 {\"text\"} 的 JSON 行",
            "the input is plain text, one passage a line; default: JSON lines {\"text\"}",
        )))
        .arg(Arg::new("identifiers").long("identifiers").action(ArgAction::SetTrue).help(pick(
            lang,
            "只找证件号、电话等编号和有提示词的姓名地址，不读行文（最快）",
            "find numbers and announced names only, read no prose (the quickest)",
        )))
        .arg(models::deep_arg(lang))
}

pub(crate) fn run(matches: &ArgMatches, lang: Language) -> anyhow::Result<ExitCode> {
    let rules = Rules::embedded();
    let detector = match models::deep(matches, lang)? {
        None if matches.get_flag("identifiers") => Detector::without_reader(rules, rules.as_of())?,
        None => Detector::new(rules, rules.as_of())?,
        Some(folder) => {
            let reader = CarefulReader::load(&folder, rules)?;
            Detector::without_reader(rules, rules.as_of())?.with_reader(reader)
        }
    };
    let plain = matches.get_flag("plain");
    let mut out = BufWriter::new(std::io::stdout().lock());
    for (number, line) in std::io::stdin().lock().split(b'\n').enumerate() {
        let line = line.context("standard input cannot be read")?;
        let line = String::from_utf8_lossy(line.strip_suffix(b"\r").unwrap_or(&line));
        if line.trim().is_empty() && !plain {
            continue;
        }
        let text = if plain {
            line.into_owned()
        } else {
            let value: Value = serde_json::from_str(&line).map_err(|e| {
                anyhow::anyhow!("line {}: not a JSON object: {}", number + 1, e.classify_word())
            })?;
            value
                .get("text")
                .and_then(Value::as_str)
                .with_context(|| format!("line {}: no string `text`; plain text needs --plain", number + 1))?
                .to_owned()
        };
        serde_json::to_writer(&mut out, &answer(&detector, &text, &detector.spans(&text)))?;
        out.write_all(b"\n")?;
    }
    out.flush()?;
    Ok(ExitCode::SUCCESS)
}

/// The line for one text: offsets in code points.
fn answer(detector: &Detector, text: &str, hits: &[Hit]) -> Value {
    let mut spans = Vec::with_capacity(hits.len());
    let (mut byte, mut point) = (0, 0);
    for hit in hits {
        let (start, end) = (hit.start as usize, hit.end as usize);
        point += text.get(byte..start).map_or(0, |before| before.chars().count());
        byte = start;
        let length = text.get(start..end).map_or(0, |inside| inside.chars().count());
        let mut span = json!({
            "start": point,
            "end": point + length,
            "type": hit.kind.id(),
            "valid": hit.state == State::Valid,
            "confidence": f64::from(hit.confidence) / 100.0,
        });
        if let State::Invalid(reason) = hit.state {
            span["why"] = json!(reason.as_str());
        }
        if hit.kind == Kind::Address
            && let Some(completeness) = text.get(start..end).and_then(|word| detector.completeness(word))
        {
            span["completeness"] = json!(completeness);
        }
        spans.push(span);
    }
    json!({ "text": text, "spans": spans })
}

/// The kind of a JSON mistake without the text around it, which may hold values.
trait ClassifyWord {
    fn classify_word(&self) -> &'static str;
}

impl ClassifyWord for serde_json::Error {
    fn classify_word(&self) -> &'static str {
        match self.classify() {
            serde_json::error::Category::Io => "cannot be read",
            serde_json::error::Category::Syntax => "syntax",
            serde_json::error::Category::Data => "wrong type",
            serde_json::error::Category::Eof => "ends too early",
        }
    }
}
