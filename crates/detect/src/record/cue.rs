//! Names, addresses and what stands beside them in running text, where a strong cue announces them.
//!
//! A cue is a role word (原告：), a key (`"name":"`), an identifier next to the word (王… 138…) or the form of
//! a signature. Names without a cue are not looked for here.

use super::{contact, party};
use crate::value::{Likeness, Names, address_end, is_han, is_titled};
use crate::{Detector, Hit};
use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use zhunsheng_model::{Kind, Reason, State};
use zhunsheng_rules::Rules;

/// What follows a cue word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Announces {
    /// A name, perhaps after a colon or blank.
    Name,
    /// A name after `=` or `:`.
    NameAsValue,
    /// A name up to the end of the line.
    NameToLineEnd,
    /// An organisation up to the end of the line.
    OrgToLineEnd,
    /// An address.
    Address,
    /// A way to reach somebody.
    Contact,
    /// A name, and a way to reach somebody (联系).
    NameAndContact,
}

/// Words before names, besides those of `context-words.tsv` and the roles in procedure.
const MORE_NAME_CUES: &[&str] = &[
    "联系",
    "转账给",
    "转给",
    "汇给",
    "打给",
    "附上",
    "数据由",
    "这个人，",
    "名叫",
    "我叫",
    "我是",
    "本人",
    "机主",
    "户名",
    "开户名",
    "收款人",
    "付款人",
    "持卡人",
    "名字",
    "真实姓名",
    "客户姓名",
    "乘客",
    "旅客",
    "游客",
    "会员",
    "用户",
];

const KEYS: &[&str] =
    &["name", "user", "contact", "receiver", "sender", "customer", "owner", "buyer", "xm", "realname"];

const ADDRESS_CUES: &[&str] = &[
    "家庭住址",
    "现住址",
    "住址",
    "收货地址",
    "送货地址",
    "收件地址",
    "寄件地址",
    "通讯地址",
    "联系地址",
    "家庭地址",
    "详细地址",
    "地址",
    "住所地",
    "住所",
    "家住",
    "现住",
    "租住在",
    "住在",
    "寄到",
    "送到",
    "寄往",
    "户籍所在地",
    "户籍地址",
    "户籍住址",
    "户籍地",
    "居住地址",
    "现居住地",
    "address",
];

/// Suffixes of organisations, the longer before the shorter.
const ORG_ENDS: &[&str] = &[
    "有限责任公司",
    "股份有限公司",
    "有限公司",
    "公司",
    "律师事务所",
    "会计师事务所",
    "事务所",
    "医院",
    "学校",
    "大学",
    "学院",
    "中学",
    "小学",
    "幼儿园",
    "银行",
    "集团",
    "委员会",
    "研究院",
    "研究所",
    "厂",
    "局",
    "中心",
    "店",
];

/// Characters that may follow a name of which nothing else shows the end.
const AFTER_NAME: &[char] = &[
    '的', '收', '和', '与', '以', '于', '到', '在', '向', '因', '为', '是', '已', '将', '对', '诉', '及',
    '导', '借', '说', '称', '给', '把', '被',
];

/// A name behind a role word without a colon (被告王建国) is no surer than this: the next words of a law often
/// have the form of a name (申请人应当自…), so a reader must see a name there too, where there is one.
pub(crate) const LOOSE_MAX: u8 = 74;

/// Bytes of text that are looked at before an identifier, and after a name.
const NEAR_BYTES: usize = 60;
const DETAILS_BYTES: usize = 900;

/// The cue words, ready to be looked for in one pass.
pub(crate) struct CueWords {
    finder: AhoCorasick,
    announces: Vec<Announces>,
}

impl CueWords {
    /// # Errors
    /// When the words do not make an automaton.
    pub(crate) fn new(rules: &Rules) -> Result<CueWords, aho_corasick::BuildError> {
        let mut words: Vec<(String, Announces)> = Vec::new();
        let context = rules.lexicon("context-words.tsv").unwrap_or_default().lines().skip(1);
        for line in context {
            let mut fields = line.split('\t');
            if let (Some("PERSON"), Some("before"), Some(word)) =
                (fields.next(), fields.next(), fields.next())
            {
                // One character is no cue: it stands in other words too often.
                if word.chars().count() >= 2 {
                    words.push((word.to_owned(), Announces::Name));
                }
            }
        }
        let mut add =
            |list: &[&str], announces| words.extend(list.iter().map(|word| ((*word).to_owned(), announces)));
        add(MORE_NAME_CUES, Announces::Name);
        add(party::ROLES, Announces::Name);
        add(&["审 判 长", "审 判 员", "书 记 员"], Announces::Name);
        add(KEYS, Announces::NameAsValue);
        add(&["\nFN:", "\nFN;CHARSET=UTF-8:"], Announces::NameToLineEnd);
        add(&["\nORG:", "\nORG;CHARSET=UTF-8:"], Announces::OrgToLineEnd);
        add(ADDRESS_CUES, Announces::Address);
        for word in contact::CONTACT {
            match words.iter_mut().find(|(known, _)| known == word) {
                Some((_, announces)) => *announces = Announces::NameAndContact,
                None => words.push(((*word).to_owned(), Announces::Contact)),
            }
        }
        words.sort_by(|a, b| a.0.cmp(&b.0));
        words.dedup_by(|a, b| a.0 == b.0);
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .ascii_case_insensitive(true)
            .kind(Some(AhoCorasickKind::DFA))
            .build(words.iter().map(|(word, _)| word))?;
        Ok(CueWords { finder, announces: words.into_iter().map(|(_, announces)| announces).collect() })
    }
}

/// Adds to `hits` (sorted, from the scanner) what cues announce in `text`; `hits` stays sorted and free of
/// overlaps.
pub(crate) fn add_cued(detector: &Detector, text: &str, hits: &mut Vec<Hit>) {
    let names = &detector.names;
    let mut found: Vec<Hit> = Vec::new();
    let mut names_known: Vec<(&str, u8)> = Vec::new();
    // Cues for names of which no mark shows the end.
    let mut unsure: Vec<(usize, bool)> = Vec::new();
    for cue in detector.cues.finder.find_iter(text) {
        let Some(announces) = detector.cues.announces.get(cue.pattern().as_usize()) else { continue };
        let rest = text.get(cue.end()..).unwrap_or_default();
        if matches!(announces, Announces::Contact | Announces::NameAndContact) {
            contact::add(&detector.scanner, text, cue.end(), hits, &mut found);
        }
        let hit = match announces {
            Announces::Contact => None,
            Announces::Name | Announces::NameAsValue | Announces::NameAndContact => {
                let joint = match announces {
                    Announces::NameAsValue => skip_assignment(rest),
                    _ => Some(skip_joints(rest)),
                };
                let Some(joint) = joint else { continue };
                let colon = rest.get(..joint).is_some_and(|joint| joint.contains(['：', ':', '=']));
                let at = cue.end() + joint;
                let hit = name_at(names, text, at, &[], true, colon);
                if hit.is_none() && text.get(at..).is_some_and(|rest| names.surname_chars(rest) > 0) {
                    unsure.push((at, colon));
                }
                hit
            }
            Announces::NameToLineEnd => {
                line_value(text, cue.end(), Kind::Person).map(|hit| name_hit(names, text, hit))
            }
            Announces::OrgToLineEnd => line_value(text, cue.end(), Kind::Org),
            Announces::Address if is_of_office(text, cue.start()) => None,
            Announces::Address => address_at(text, cue.end() + skip_joints(rest)),
        };
        found.extend(hit);
    }
    for hit in hits.iter() {
        found.extend(name_beside(names, text, hit));
    }
    signatures(names, text, hits, &mut found);
    // A name whose end a mark shows (原告：张明，) tells the end of the same name elsewhere
    // (被告与张明民间借贷).
    if !unsure.is_empty() {
        names_known = found
            .iter()
            .filter(|hit| hit.kind == Kind::Person && hit.state == State::Valid)
            .filter_map(|hit| Some((text.get(hit.start as usize..hit.end as usize)?, hit.confidence)))
            .collect();
        // The surest of equal names stays.
        names_known.sort_unstable_by_key(|(name, sure)| (*name, std::cmp::Reverse(*sure)));
        names_known.dedup_by_key(|(name, _)| *name);
    }
    for (at, colon) in unsure {
        found.extend(name_at(names, text, at, &names_known, false, colon));
    }
    let people: Vec<Hit> = found.iter().copied().filter(|hit| hit.kind == Kind::Person).collect();
    for person in people {
        details(detector, text, person.end as usize, &mut found);
    }
    merge(hits, found);
}

fn hit(kind: Kind, state: State, confidence: u8, start: usize, end: usize) -> Option<Hit> {
    let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
    (start < end).then_some(Hit { kind, state, confidence, start, end })
}

/// Bytes of blanks, colons, brackets and 是/为 between a cue and its value.
fn skip_joints(rest: &str) -> usize {
    let mut skipped = 0;
    for char in rest.chars().take(4) {
        if matches!(char, '：' | ':' | ' ' | '\t' | '\u{3000}' | '是' | '“' | '"' | '（' | '(' | '=' | '为')
        {
            skipped += char.len_utf8();
        } else {
            break;
        }
    }
    skipped
}

/// Bytes between a key and its value (`":"`, `=`, `: '`); `None` when nothing assigns.
fn skip_assignment(rest: &str) -> Option<usize> {
    let joint = rest
        .bytes()
        .take(5)
        .take_while(|b| matches!(b, b'"' | b'\'' | b':' | b'=' | b' ' | b'\\' | b'>'))
        .count();
    rest.get(..joint)?.contains(['=', ':']).then_some(joint)
}

/// The name that begins at byte `at`.
///
/// With `sure_only`, only when a mark, a blank or the end shows where it ends. `after_colon`: the cue leaves no
/// doubt that a name follows, so a rare surname is enough.
fn name_at(
    names: &Names,
    text: &str,
    at: usize,
    known: &[(&str, u8)],
    sure_only: bool,
    after_colon: bool,
) -> Option<Hit> {
    let rest = text.get(at..)?;
    if let Some((end, sure)) = known_name(rest, known) {
        return hit(Kind::Person, State::Valid, if sure > LOOSE_MAX { 90 } else { LOOSE_MAX }, at, at + end);
    }
    let surname = names.surname_chars(rest);
    if surname == 0 {
        return None;
    }
    if let Some(end) = masked_end(rest, surname) {
        return hit(Kind::Person, State::Masked, 90, at, at + end);
    }
    for given in [2, 1] {
        let Some((end, _)) = rest
            .char_indices()
            .nth(surname + given)
            .or_else(|| (rest.chars().count() == surname + given).then_some((rest.len(), ' ')))
        else {
            continue;
        };
        let Some(word) = rest.get(..end) else { continue };
        if !word.chars().all(is_han) {
            continue;
        }
        let next = rest.get(end..).and_then(|rest| rest.chars().next());
        let ends = next.is_none_or(|next| !is_han(next) && !next.is_ascii_alphanumeric() && next != '·');
        let particle = next.is_some_and(|next| AFTER_NAME.contains(&next));
        if !ends && (sure_only || !particle) {
            continue;
        }
        let likeness = names.likeness(word);
        // 李警官 says which surname, not who.
        if ends && is_titled(word) {
            return hit(Kind::Person, State::Masked, 80, at, at + end);
        }
        if names.is_test(word) {
            return hit(Kind::Person, State::Invalid(Reason::TestValue), 80, at, at + end);
        }
        let enough = if after_colon { Likeness::Possible } else { Likeness::Likely };
        if likeness >= enough && (after_colon || !names.is_not_name(word)) {
            let confidence = match (after_colon, ends) {
                (true, true) => 85,
                (true, false) => 80,
                (false, true) => LOOSE_MAX,
                (false, false) => LOOSE_MAX - 4,
            };
            return hit(Kind::Person, State::Valid, confidence, at, at + end);
        }
        if ends {
            return None;
        }
    }
    None
}

/// End of the longest of the `known` names (sorted) that `rest` begins with, and how sure the name is.
fn known_name(rest: &str, known: &[(&str, u8)]) -> Option<(usize, u8)> {
    if known.is_empty() {
        return None;
    }
    let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).take(4);
    ends.filter_map(|end| {
        let word = rest.get(..end)?;
        let index = known.binary_search_by_key(&word, |(name, _)| name).ok()?;
        Some((end, known.get(index)?.1))
    })
    .last()
}

/// End of a covered name: surname, 某 or stars, and what tells it from others so covered (张某甲).
fn masked_end(rest: &str, surname: usize) -> Option<usize> {
    let start = rest.char_indices().nth(surname)?.0;
    let covered = covered_bytes(rest.get(start..)?);
    (covered > 0).then_some(start + covered)
}

/// Bytes of 某 and stars that `text` begins with, and of the sign that numbers covered names.
pub(crate) fn covered_bytes(text: &str) -> usize {
    const NUMBERS: &[char] = &['甲', '乙', '丙', '丁', '戊', '己', '庚', '辛'];
    let covered: usize =
        text.chars().take(3).take_while(|c| matches!(c, '某' | '*' | '＊' | '×')).map(char::len_utf8).sum();
    let after = text.get(covered..).and_then(|rest| rest.chars().next());
    covered + after.filter(|c| covered > 0 && NUMBERS.contains(c)).map_or(0, char::len_utf8)
}

/// The rest of a line as one value.
fn line_value(text: &str, at: usize, kind: Kind) -> Option<Hit> {
    let rest = text.get(at..)?;
    let end = rest.find(['\r', '\n']).unwrap_or(rest.len());
    let value = rest.get(..end)?.trim_end_matches([' ', ';']);
    (!value.is_empty() && value.len() <= 120).then(|| hit(kind, State::Valid, 90, at, at + value.len()))?
}

fn name_hit(names: &Names, text: &str, mut hit: Hit) -> Hit {
    let name = text.get(hit.start as usize..hit.end as usize).unwrap_or_default();
    if names.is_test(name) {
        hit.state = State::Invalid(Reason::TestValue);
    }
    hit
}

fn address_at(text: &str, at: usize) -> Option<Hit> {
    let rest = text.get(at..)?;
    let at = at + (rest.len() - rest.trim_start_matches(['在', '于', '为', '是']).len());
    let rest = text.get(at..)?;
    let end = address_end(rest)?;
    hit(Kind::Address, State::Valid, 85, at, at + end)
}

/// Whether 地址 follows a word for an office or company (本院地址, 公司地址), which is nobody's home.
fn is_of_office(text: &str, cue: usize) -> bool {
    const OFFICES: &[&str] = &[
        "本院",
        "我院",
        "法院",
        "本局",
        "公司",
        "我司",
        "单位",
        "学校",
        "医院",
        "注册",
        "办公",
        "经营",
        "企业",
        "机构",
        "商户",
        "店铺",
        "门店",
        "办事处",
        "服务",
        "IP",
        "网络",
        "邮件",
        "电子邮件",
        "网站",
        "登录",
    ];
    let before = text.get(..cue).unwrap_or_default();
    OFFICES.iter().any(|word| before.ends_with(word))
}

/// A name right before an identifier: `王明 138…`, `王明收 138…`, `王明 <a@b.cn>`.
fn name_beside(names: &Names, text: &str, identifier: &Hit) -> Option<Hit> {
    if !matches!(
        identifier.kind,
        Kind::Phone | Kind::CnId | Kind::Email | Kind::BankCard | Kind::Passport | Kind::Landline
    ) {
        return None;
    }
    let before = text.get(..identifier.start as usize)?;
    // A name and what joins it to a number are short; a line may be very long.
    let near = before.get(before.ceil_char_boundary(before.len().saturating_sub(NEAR_BYTES))..)?;
    let line = near.rsplit('\n').next().unwrap_or_default();
    let joined =
        line.trim_end_matches([' ', '\t', '\u{3000}', ',', '，', '、', '|', '<', '"', '\'', ':', '：', ';']);
    if joined.len() == line.len() {
        return None;
    }
    let stem = joined
        .strip_suffix('收')
        .or_else(|| joined.strip_suffix("（收）"))
        .or_else(|| joined.strip_suffix("(收)"))
        .unwrap_or(joined);
    let length: usize =
        stem.chars().rev().take_while(|c| is_han(*c) || *c == '·').take(6).map(char::len_utf8).sum();
    let start = stem.len() - length;
    let word = stem.get(start..)?;
    let whole = line.len() - joined.len();
    if whole > 8 || !names.is_name_in_place(word) {
        return None;
    }
    let at = before.len() - line.len() + start;
    let state = if names.is_test(word) { State::Invalid(Reason::TestValue) } else { State::Valid };
    hit(Kind::Person, state, 75, at, at + word.len())
}

/// Lines that are nothing but a name, with a line below that holds a number or an organisation.
fn signatures(names: &Names, text: &str, hits: &[Hit], found: &mut Vec<Hit>) {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let word = line.trim();
        let start = at + (line.len() - line.trim_start().len());
        at += line.len();
        if !(6..=12).contains(&word.len()) || !names.is_name_in_place(word) {
            continue;
        }
        // The next two lines, as far as they are not empty.
        let below = text.get(at..).unwrap_or_default();
        let mut below_end = at;
        let mut org = None;
        for next in below.split_inclusive('\n').take(2) {
            let trimmed = next.trim();
            if trimmed.is_empty() {
                break;
            }
            let org_start = below_end + (next.len() - next.trim_start().len());
            if trimmed.chars().count() <= 30 && ORG_ENDS.iter().any(|end| trimmed.ends_with(end)) {
                org = org.or(hit(Kind::Org, State::Valid, 75, org_start, org_start + trimmed.len()));
            }
            below_end += next.len();
        }
        let first_below = hits.partition_point(|hit| (hit.start as usize) < at);
        let numbered = hits.get(first_below).is_some_and(|hit| (hit.start as usize) < below_end);
        if numbered {
            found.extend(hit(Kind::Person, State::Valid, 80, start, start + word.len()));
            found.extend(org);
        }
    }
}

/// What follows a name between commas: sex, ethnic group, home, place of work (，男，汉族，住…，在…上班).
pub(crate) fn details(detector: &Detector, text: &str, from: usize, found: &mut Vec<Hit>) {
    let rest = text.get(from..).unwrap_or_default();
    if !rest.starts_with(['，', ',', '（', '(']) {
        return;
    }
    let rest = rest.get(..rest.floor_char_boundary(DETAILS_BYTES)).unwrap_or_default();
    let sentence = rest.find(['。', '\n', ';', '；']).unwrap_or(rest.len());
    let sentence = rest.get(..sentence).unwrap_or_default();
    let mut at = from;
    for part in sentence.split_inclusive(['，', ',', '（', '(', '）', ')']).take(14) {
        let start = at;
        at += part.len();
        let word = part.trim_end_matches(['，', ',', '（', '(', '）', ')']);
        let end = start + word.len();
        if matches!(word, "男" | "女" | "男性" | "女性") {
            found.extend(hit(Kind::Sex, State::Valid, 90, start, end));
        } else if word.ends_with('族') && detector.is_ethnic_group(word) {
            found.extend(hit(Kind::Ethnicity, State::Valid, 90, start, end));
        } else if let Some(home) =
            ["现住", "住址", "家住", "户籍地", "住所地", "住"].iter().find(|cue| word.starts_with(**cue))
        {
            let home = start + home.len();
            found.extend(address_at(text, home + skip_joints(text.get(home..).unwrap_or_default())));
        } else if let Some(work) =
            ["就职于", "供职于", "任职于", "系", "在"].iter().find_map(|cue| word.strip_prefix(cue))
        {
            let work_start = end - work.len();
            let stem = ["上班", "工作", "任职", "就职", "职工", "员工"]
                .iter()
                .find_map(|after| work.strip_suffix(after))
                .unwrap_or(work);
            if ORG_ENDS.iter().any(|suffix| stem.ends_with(suffix)) {
                found.extend(hit(Kind::Org, State::Valid, 80, work_start, work_start + stem.len()));
            }
        } else if let Some(stem) =
            ["实习律师", "律师", "法律工作者"].iter().find_map(|title| word.strip_suffix(title))
            && ["事务所", "服务所"].iter().any(|suffix| stem.ends_with(suffix))
        {
            found.extend(hit(Kind::Org, State::Valid, 85, start, start + stem.len()));
        }
    }
}

/// Whether the words are the name of an organisation, as its end tells.
pub(super) fn is_organisation(words: &str) -> bool {
    ORG_ENDS.iter().any(|end| words.ends_with(end))
}

/// Puts `found` among `hits`: the scanner's own hits win, then the surer, then the longer.
pub(crate) fn merge(hits: &mut Vec<Hit>, mut found: Vec<Hit>) {
    found.sort_by_key(|hit| (hit.start, std::cmp::Reverse(hit.confidence), std::cmp::Reverse(hit.end)));
    let mut kept: Vec<Hit> = Vec::with_capacity(found.len());
    for hit in found {
        if kept.last().is_some_and(|last| hit.start < last.end) {
            continue;
        }
        let after = hits.partition_point(|known| known.end <= hit.start);
        if hits.get(after).is_some_and(|known| known.start < hit.end) {
            continue;
        }
        kept.push(hit);
    }
    if !kept.is_empty() {
        hits.extend(kept);
        hits.sort_by_key(|hit| (hit.start, hit.end));
    }
}
