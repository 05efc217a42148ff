//! Heads of columns: how a head is written, what it announces and whose information it says it is.

use std::collections::BTreeMap;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// What a column announces by its head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Topic {
    /// One kind.
    Kind(Kind),
    /// A document of identity, which one shows in each cell (证件号码).
    Document,
    /// A telephone, mobile or landline (联系电话).
    Telephone,
    /// Any way to reach somebody (联系方式).
    Contact,
    /// A bank card or a bank account (账号).
    BankNumber,
    /// Both coordinates in one cell.
    GeoPair,
    /// Text to be read as text: messages, places.
    Text,
    /// A number that somebody gave for his own list (编号, user_id): identifies nobody outside it.
    Serial,
    /// Nothing personal.
    NotPersonal,
}

impl Topic {
    /// By the word in `column-headers.tsv`; every word of the file is one of these (a test holds it to that).
    fn from_word(word: &str) -> Option<Topic> {
        Some(match word {
            "DOCUMENT_NO" => Topic::Document,
            "TELEPHONE" => Topic::Telephone,
            "CONTACT_NO" => Topic::Contact,
            "BANK_NUMBER" => Topic::BankNumber,
            "GEO_PAIR" => Topic::GeoPair,
            "CONTENT" | "PLACE" => Topic::Text,
            "SERIAL" | "DEVICE_ID" | "ENGINE" => Topic::Serial,
            "NOT_PII" | "BANK_NAME" | "NICKNAME" => Topic::NotPersonal,
            kind => Topic::Kind(Kind::from_id(kind)?),
        })
    }
}

/// What one head says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct HeadReading {
    /// The topics it may announce, the likeliest first.
    pub(crate) topics: Vec<Topic>,
    /// 0–100: how much the head says by itself.
    pub(crate) weight: u8,
}

/// The head words, ready to be looked up.
pub(crate) struct Heads {
    words: BTreeMap<Box<str>, Vec<(u8, Topic)>>,
}

impl Heads {
    pub(crate) fn new(rules: &Rules) -> Heads {
        let mut words: BTreeMap<Box<str>, Vec<(u8, Topic)>> = BTreeMap::new();
        for head in rules.header_words() {
            if let Some(topic) = Topic::from_word(head.topic) {
                words.entry(plain(head.word).into()).or_default().push((head.weight, topic));
            }
        }
        for topics in words.values_mut() {
            // Stable: topics of equal weight stay in the order of the file.
            topics.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        }
        Heads { words }
    }

    /// What `head` announces; nothing when no word of it is known.
    pub(crate) fn read(&self, head: &str) -> Option<HeadReading> {
        let bare = without_remarks(head);
        // The last segment of a JSON pointer names the value.
        let leaf = bare.rsplit('/').find(|part| !part.is_empty() && !is_index(part)).unwrap_or(bare);
        for candidate in [bare, leaf] {
            if let Some(reading) = self.look_up(&plain(candidate), 0) {
                return Some(reading);
            }
        }
        let tokens = tokens(leaf);
        // receiver_mobile_1 → mobile_1, mobile: fewer words in front, then fewer behind.
        for first in 0..tokens.len() {
            for last in (first + 1..=tokens.len()).rev() {
                let Some(part) = tokens.get(first..last) else { continue };
                let dropped_behind = tokens.get(last..).unwrap_or_default();
                if !dropped_behind.iter().all(|token| is_filler(token)) {
                    continue;
                }
                if let Some(reading) = self.look_up(&part.concat(), if first > 0 { 10 } else { 5 }) {
                    return Some(reading);
                }
            }
        }
        self.read_han_ending(&plain(leaf))
    }

    /// 学生身份证号 → 身份证号: the longest known ending of at least two Han characters.
    fn read_han_ending(&self, head: &str) -> Option<HeadReading> {
        if head.is_ascii() || head.chars().count() > 16 {
            return None;
        }
        let stem = head.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, '一' | '二' | '三'));
        // What stands before the ending says whose it is and is short; a long one makes it a value.
        stem.char_indices().map(|(at, _)| at).take(6).find_map(|at| {
            let ending = stem.get(at..)?;
            (ending.chars().count() >= 2).then(|| self.look_up(ending, 10))?
        })
    }

    fn look_up(&self, word: &str, less: u8) -> Option<HeadReading> {
        let topics = self.words.get(word)?;
        Some(HeadReading {
            topics: topics.iter().map(|(_, topic)| *topic).collect(),
            weight: topics.first().map(|(weight, _)| *weight).unwrap_or_default().saturating_sub(less),
        })
    }
}

/// Lower case, half width, without blanks and joints: the form in which heads are compared.
pub(crate) fn plain(head: &str) -> String {
    head.chars()
        .filter_map(|char| {
            let char = match char {
                '\u{FF01}'..='\u{FF5E}' => char::from_u32(char as u32 - 0xFEE0).unwrap_or(char),
                _ => char,
            };
            let joint = char.is_whitespace()
                || matches!(
                    char,
                    '_' | '-' | '.' | '`' | '"' | '\'' | '*' | ':' | '：' | '/' | '\u{FEFF}' | '[' | ']'
                );
            (!joint).then(|| char.to_ascii_lowercase())
        })
        .collect()
}

/// Without a remark in brackets (手机号（必填）) and marks at the ends.
fn without_remarks(head: &str) -> &str {
    let head = head.trim_matches(|c: char| {
        c.is_whitespace() || matches!(c, '\u{FEFF}' | '*' | '`' | '"' | '\'' | ':' | '：')
    });
    match head.find(['(', '（', '【']) {
        Some(at) if at > 0 => head.get(..at).unwrap_or(head).trim_end(),
        _ => head,
    }
}

/// Words of a head: split at joints and where camel case begins a word.
pub(crate) fn tokens(head: &str) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut before_lower = false;
    for char in head.chars() {
        if !char.is_alphanumeric() {
            if !word.is_empty() {
                tokens.push(std::mem::take(&mut word));
            }
            before_lower = false;
            continue;
        }
        if char.is_ascii_uppercase() && before_lower && !word.is_empty() {
            tokens.push(std::mem::take(&mut word));
        }
        before_lower = char.is_ascii_lowercase() || char.is_ascii_digit();
        word.push(char.to_ascii_lowercase());
    }
    if !word.is_empty() {
        tokens.push(word);
    }
    tokens
}

fn is_index(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit() || byte == b'*' || byte == b'-')
}

fn is_filler(token: &str) -> bool {
    matches!(token, "no" | "num" | "number" | "value" | "str" | "text" | "raw" | "info") || is_index(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn topics(head: &str) -> Vec<Topic> {
        Heads::new(Rules::embedded()).read(head).unwrap_or_default().topics
    }

    #[test]
    fn heads_are_read_however_they_are_written() {
        let cases: &[(&str, Topic)] = &[
            ("姓名", Topic::Kind(Kind::Person)),
            (" 姓 名（必填）", Topic::Kind(Kind::Person)),
            ("学生身份证号", Topic::Kind(Kind::CnId)),
            ("证件号", Topic::Document),
            ("receiver_mobile", Topic::Kind(Kind::Phone)),
            ("receiverMobile", Topic::Kind(Kind::Phone)),
            ("profile/realName", Topic::Kind(Kind::Person)),
            ("profile/contact/mobile", Topic::Kind(Kind::Phone)),
            ("list/0/idCard", Topic::Kind(Kind::CnId)),
            ("real_name", Topic::Kind(Kind::Person)),
            ("last_ip", Topic::Kind(Kind::Ip)),
            ("wx", Topic::Kind(Kind::Wechat)),
            ("sjh", Topic::Kind(Kind::Phone)),
            ("工资卡号", Topic::Kind(Kind::BankCard)),
            ("实发工资", Topic::Kind(Kind::Salary)),
            ("联系电话2", Topic::Telephone),
            ("Ｅ－ｍａｉｌ", Topic::Kind(Kind::Email)),
            ("order_no", Topic::Serial),
            ("备注", Topic::NotPersonal),
            ("lng", Topic::Kind(Kind::GeoLng)),
        ];
        for (head, topic) in cases {
            assert_eq!(topics(head).first(), Some(topic), "{head}");
        }
        for head in ["", "k", "v", "世界文化遗产景区", "13800138000", "王建国"] {
            assert!(topics(head).is_empty(), "{head}");
        }
    }

    #[test]
    fn every_topic_of_the_list_is_known() {
        for head in Rules::embedded().header_words() {
            assert!(Topic::from_word(head.topic).is_some(), "{} {}", head.topic, head.word);
        }
        assert_eq!(Topic::from_word("NO_TOPIC"), None);
    }

    #[test]
    fn words_of_a_head() {
        assert_eq!(tokens("receiverPhone_no"), ["receiver", "phone", "no"]);
        assert_eq!(tokens("IDCard"), ["idcard"]);
    }
}
