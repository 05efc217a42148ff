//! Fenced blocks of a rule file → entries of key and value, before anything is understood.

use crate::diagnostic::{Diagnostic, nearest};

/// The kinds of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum BlockKind {
    Rule,
    Define,
    Exception,
    Penalty,
    Test,
}

impl BlockKind {
    /// Every kind.
    pub const ALL: &'static [BlockKind] =
        &[BlockKind::Rule, BlockKind::Define, BlockKind::Exception, BlockKind::Penalty, BlockKind::Test];

    /// The word after the fence, which is also the key of the first line.
    pub const fn word(self) -> &'static str {
        match self {
            BlockKind::Rule => "rule",
            BlockKind::Define => "define",
            BlockKind::Exception => "exception",
            BlockKind::Penalty => "penalty",
            BlockKind::Test => "test",
        }
    }

    /// The keys that lines of such a block begin with, in the order of the formatted form.
    pub const fn keys(self) -> &'static [&'static str] {
        match self {
            BlockKind::Rule => &[
                "rule",
                "zh",
                "en",
                "scope",
                "binds",
                "locator",
                "quote",
                "from",
                "to",
                "applies",
                "requires",
                "prohibits",
                "allows",
                "constitutes",
                "severity",
                "also",
                "remedy",
                "penalty",
                "cases",
                "says",
                "status",
                "unverified",
            ],
            BlockKind::Define => &["define", "=", "locator", "quote"],
            BlockKind::Exception => {
                &["exception", "to", "when", "locator", "quote", "from", "until", "zh", "en", "also"]
            }
            BlockKind::Penalty => &["penalty", "tier", "quote"],
            BlockKind::Test => {
                &["test", "violation", "lawful", "open", "none", "true", "false", "unknown", "value"]
            }
        }
    }
}

/// One key with its value, which may go over several lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The key.
    pub key: &'static str,
    /// Line of the key.
    pub line: u32,
    /// What stands after the key, line by line; never empty.
    pub lines: Vec<(u32, String)>,
}

impl Entry {
    /// The value on one line: lines of Chinese are joined without a blank.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (_, line) in &self.lines {
            let part = line.trim();
            let wide = |letter: Option<char>| letter.is_none_or(|letter| !letter.is_ascii());
            if !text.is_empty()
                && !part.is_empty()
                && !wide(text.chars().last())
                && !wide(part.chars().next())
            {
                text.push(' ');
            }
            text.push_str(part);
        }
        text
    }

    /// The value without the comment at its end, on one line.
    pub fn word(&self) -> String {
        let text = self.text();
        let plain = text.split_once('#').map_or(text.as_str(), |(before, _)| before);
        plain.trim().to_owned()
    }

    /// The lines as the expression reader wants them.
    pub fn expression(&self) -> Vec<(u32, &str)> {
        self.lines.iter().map(|(line, text)| (*line, text.as_str())).collect()
    }
}

/// One block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Its kind.
    pub kind: BlockKind,
    /// Its line.
    pub line: u32,
    /// Its entries in the order of the file; the first names it.
    pub entries: Vec<Entry>,
}

impl Block {
    /// The name on its first line.
    pub fn name(&self) -> String {
        self.entries.first().map(Entry::word).unwrap_or_default()
    }

    /// The entries of a key.
    pub fn all<'a>(&'a self, key: &'a str) -> impl Iterator<Item = &'a Entry> {
        self.entries.iter().filter(move |entry| entry.key == key)
    }

    /// The one entry of a key.
    pub fn one(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

/// Takes the lines between two fences apart; a line that begins with the block's own key begins a new block.
pub(crate) fn blocks(
    kind: BlockKind,
    fence: u32,
    lines: &[(u32, &str)],
    file: &str,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut open = 0_i32;
    for (line, text) in lines {
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let key =
            if text.starts_with(char::is_whitespace) || open > 0 { None } else { key_of(kind, trimmed) };
        if let Some((key, value)) = key {
            let entry = Entry { key, line: *line, lines: vec![(*line, value.to_owned())] };
            open = balance(value);
            if key == kind.word() {
                found.push(Block { kind, line: *line, entries: vec![entry] });
            } else if let Some(block) = found.last_mut() {
                block.entries.push(entry);
            } else {
                let message = format!("the block must begin with `{} NAME`", kind.word());
                problems.push(Diagnostic::error(file, *line, "block", message));
                return found;
            }
            continue;
        }
        let continues = text.starts_with(char::is_whitespace) || open > 0 || continues(trimmed);
        match found.last_mut().and_then(|block| block.entries.last_mut()).filter(|_| continues) {
            Some(entry) => {
                open += balance(trimmed);
                entry.lines.push((*line, trimmed.to_owned()));
            }
            None => {
                let word = trimmed.split([' ', ':', '：', '\t']).next().unwrap_or_default();
                let message = format!("`{word}` is no key of a `{}` block", kind.word());
                let hint = match nearest(word, kind.keys().iter().copied()) {
                    hint if hint.is_empty() => "indent a line that continues the one before".to_owned(),
                    hint => hint,
                };
                problems.push(Diagnostic::error(file, *line, "key", message).hint(hint));
            }
        }
    }
    if found.is_empty() && !problems.iter().any(|p| p.file == file && p.line >= fence) {
        let message = format!("the `{}` block is empty", kind.word());
        problems.push(Diagnostic::error(file, fence, "block", message));
    }
    found
}

/// The key a line begins with, and what follows it.
fn key_of(kind: BlockKind, line: &str) -> Option<(&'static str, &str)> {
    kind.keys().iter().copied().find_map(|key| {
        let rest = line.strip_prefix(key)?;
        let ends = rest.is_empty()
            || rest.starts_with(char::is_whitespace)
            || key == "="
            || (kind == BlockKind::Test && rest.starts_with([':', '：']));
        ends.then_some((key, rest.trim_start()))
    })
}

fn continues(line: &str) -> bool {
    let first = line.split_whitespace().next().unwrap_or_default();
    matches!(first, "and" | "or" | "not") || line.starts_with([')', '(', '}', '+', '*', '/', ','])
}

/// Brackets opened less brackets closed.
fn balance(line: &str) -> i32 {
    let code = line.split_once('#').map_or(line, |(before, _)| before);
    code.chars().fold(0, |sum, letter| match letter {
        '(' | '{' => sum + 1,
        ')' | '}' => sum - 1,
        _ => sum,
    })
}
