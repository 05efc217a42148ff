//! Judgments and other papers of procedure: one record a party, wherever in the paper it is spoken of.

use super::{Group, NOBODY};
use crate::Hit;
use std::collections::BTreeMap;
use zhunsheng_model::Kind;

/// Roles in procedure; a longer word stands before one that it ends or begins with.
pub(super) const ROLES: &[&str] = &[
    "委托诉讼代理人",
    "委托代理人",
    "法定代理人",
    "法定代表人",
    "诉讼代理人",
    "附带民事诉讼原告人",
    "申请执行人",
    "被申请执行人",
    "被执行人",
    "被申请人",
    "被上诉人",
    "被告人",
    "被告",
    "原审被告",
    "原审原告",
    "原告",
    "上诉人",
    "申请人",
    "第三人",
    "案外人",
    "被害人",
    "受害人",
    "犯罪嫌疑人",
    "嫌疑人",
    "辩护人",
    "负责人",
    "证人",
    "鉴定人",
    "审判长",
    "代理审判员",
    "审判员",
    "人民陪审员",
    "陪审员",
    "书记员",
    "法官助理",
    "被答辩人",
    "答辩人",
    "被询问人",
    "询问人",
    "被讯问人",
    "讯问人",
    "投诉人",
    "举报人",
    "报案人",
    "具状人",
    "公诉人",
    "检察员",
    "罪犯",
];

/// Roles in which a party signs.
const SIGNERS: &[&str] = &["具状人", "投诉人", "举报人", "报案人", "答辩人", "申请人"];

/// Whether the word is a role in procedure.
pub(crate) fn is_role(word: &str) -> bool {
    ROLES.contains(&word)
}

/// Bytes in which it is looked whether a text is a paper of procedure.
const HEAD_BYTES: usize = 16 << 10;

/// How far before a number the word for its owner is looked for.
const ROLE_REACH_BYTES: usize = 600;

/// Titles that make a paper one of procedure.
const TITLES: &[&str] =
    &["判决书", "裁定书", "调解书", "起诉书", "决定书", "起诉状", "答辩状", "上诉状", "笔录"];

/// Words before another name of the same person.
const ALIASES: &[&str] = &["绰号", "曾用名", "别名", "化名", "又名", "自报", "小名", "网名", "外号", "人称"];

/// The party of each hit; `None` when the text is no paper of procedure.
pub(super) fn groups(text: &str, hits: &[Hit]) -> Option<Vec<Group>> {
    if !is_procedure(text) {
        return None;
    }
    let mut parties: Parties = Parties::default();
    let mut current: Option<u64> = None;
    // The person last spoken of, in whatever paragraph.
    let mut last: Option<u64> = None;
    let mut read_to = 0;
    // Where the person spoken of stands.
    let mut named_at = 0;
    // Whether the paragraph is about an organisation so far.
    let mut organisation = false;
    let mut groups = Vec::with_capacity(hits.len());
    for hit in hits {
        let start = hit.start as usize;
        let between = text.get(read_to..start).unwrap_or_default();
        // A paragraph begins anew; the last role word before the hit says whom it is about.
        if between.contains('\n') {
            current = None;
            organisation = false;
        }
        let paragraph = between.rsplit('\n').next().unwrap_or_default();
        let near = paragraph.ceil_char_boundary(paragraph.len().saturating_sub(ROLE_REACH_BYTES));
        let paragraph = paragraph.get(near..).unwrap_or_default();
        let person = hit.kind == Kind::Person;
        // 法定代理人：吴海涛（原告父亲），电话…: what brackets say names nobody else.
        let outside = if person { paragraph.to_owned() } else { without_brackets(paragraph) };
        let role = last_role(&outside);
        if person {
            let name = text.get(start..hit.end as usize).unwrap_or_default();
            let since = text.get(named_at..start).unwrap_or_default();
            let bracketed = current.is_some() && is_open(since);
            if bracketed && is_alias(paragraph) {
                let party = parties.also(current, name);
                groups.push(Group { id: party, ordinal: party });
                read_to = hit.end as usize;
                continue;
            }
            let before = role.filter(|(_, after)| after.chars().all(is_joint)).map(|(role, _)| role);
            let party = parties.named(before, name);
            if before.is_some() {
                parties.with_roles(paragraph, name, party);
            }
            // 李大海（系李晓梅父亲）: what follows is still said of the first.
            if bracketed && before.is_none() {
                groups.push(Group { id: party, ordinal: party });
                read_to = hit.end as usize;
                continue;
            }
            organisation = false;
            current = Some(party);
            last = current;
            named_at = hit.end as usize;
        } else if let Some((role, after)) = role {
            organisation = is_organisation_named(after);
            if let Some(party) = parties.by_role(role).filter(|_| !organisation) {
                current = Some(party);
            }
        } else if current.is_none() && paragraph.contains(['他', '她']) {
            current = last;
        }
        if organisation && !person && matches!(hit.kind, Kind::Address | Kind::Landline) {
            groups.push(NOBODY);
            read_to = hit.end as usize;
            continue;
        }
        let party = *current.get_or_insert_with(|| parties.nameless());
        groups.push(Group { id: party, ordinal: party });
        read_to = hit.end as usize;
    }
    Some(groups)
}

/// Whether a bracket is open at the end of `text`.
fn is_open(text: &str) -> bool {
    let last = |marks: [char; 2]| text.rfind(marks);
    last(['（', '(']).is_some_and(|open| last(['）', ')']).is_none_or(|close| close < open))
}

/// Whether another name of the same person follows.
fn is_alias(before: &str) -> bool {
    let before = before.trim_end_matches(['“', '"', '：', ':', '‘', '「', ' ']);
    ALIASES.iter().any(|word| before.ends_with(word))
}

/// Whether the name of an organisation follows the role: 被告：飞鸟公司，住所地….
fn is_organisation_named(after_role: &str) -> bool {
    let owner =
        after_role.trim_start_matches(is_joint).split(['，', ',', '。', '；']).next().unwrap_or_default();
    super::cue::is_organisation(owner)
}

/// The text without what stands in closed brackets.
fn without_brackets(text: &str) -> String {
    let mut outside = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find(['（', '(']) {
        let (before, inside) = rest.split_at_checked(open).unwrap_or((rest, ""));
        outside.push_str(before);
        match inside.find(['）', ')']).and_then(|close| inside.get(close..)) {
            Some(after) => rest = after.trim_start_matches(['）', ')']),
            None => {
                outside.push_str(inside);
                return outside;
            }
        }
    }
    outside.push_str(rest);
    outside
}

#[derive(Default)]
struct Parties {
    count: u64,
    by_role_and_name: BTreeMap<(Option<&'static str>, String), u64>,
    /// The party first named so, under whatever role.
    by_name: BTreeMap<String, u64>,
    /// The party first named under each role.
    by_role: BTreeMap<&'static str, u64>,
}

impl Parties {
    /// The party of that name: the one under the same role, or, without a role, the one first so named.
    fn named(&mut self, role: Option<&'static str>, name: &str) -> u64 {
        let key = (role, name.to_owned());
        let known = self.by_role_and_name.get(&key).copied();
        let anybody = role.is_none_or(|role| SIGNERS.contains(&role));
        let known = known.or_else(|| if anybody { self.by_name.get(name).copied() } else { None });
        let party = known.unwrap_or_else(|| self.nameless());
        self.by_role_and_name.insert(key, party);
        self.by_name.entry(name.to_owned()).or_insert(party);
        if let Some(role) = role {
            self.by_role.entry(role).or_insert(party);
        }
        party
    }

    /// Another name of the party.
    fn also(&mut self, party: Option<u64>, name: &str) -> u64 {
        let party = party.unwrap_or_else(|| self.nameless());
        self.by_name.entry(name.to_owned()).or_insert(party);
        party
    }

    /// 上诉人（原审被告）：王建国: the party under every role that stands before its name.
    fn with_roles(&mut self, before: &str, name: &str, party: u64) {
        let clause = before.rsplit(['，', '。', '；', '、']).next().unwrap_or_default();
        for role in ROLES.iter().copied().filter(|role| clause.contains(role)) {
            self.by_role_and_name.entry((Some(role), name.to_owned())).or_insert(party);
            self.by_role.entry(role).or_insert(party);
        }
    }

    fn by_role(&self, role: &'static str) -> Option<u64> {
        self.by_role.get(role).copied()
    }

    fn nameless(&mut self) -> u64 {
        self.count += 1;
        self.count
    }
}

fn is_procedure(text: &str) -> bool {
    // The parties stand at the beginning of a paper.
    let text = text.get(..text.floor_char_boundary(HEAD_BYTES)).unwrap_or_default();
    let head: String = text.chars().take(400).filter(|c| !c.is_whitespace()).collect();
    let titled = TITLES.iter().any(|title| head.contains(title));
    let mut announced: Vec<&str> = Vec::new();
    for (at, _) in text.match_indices(['：', ':']) {
        let before = text.get(..at).unwrap_or_default();
        if let Some(role) = ROLES.iter().find(|role| before.ends_with(**role))
            && !announced.contains(role)
        {
            announced.push(role);
        }
    }
    let begins_line =
        || text.lines().any(|line| ROLES.iter().any(|role| line.trim_start().starts_with(role)));
    announced.len() >= 2 || titled && (!announced.is_empty() || begins_line())
}

/// The last role word in `text` and what follows it.
fn last_role(text: &str) -> Option<(&'static str, &str)> {
    let mut best: Option<(usize, usize, &'static str)> = None;
    for role in ROLES.iter().copied() {
        let found =
            text.rfind(role).map(|at| (at + role.len(), role.len(), role)).or_else(|| spaced(text, role));
        if let Some(found) = found
            && best.is_none_or(|known| (known.0, known.1) < (found.0, found.1))
        {
            best = Some(found);
        }
    }
    let (end, _, role) = best?;
    Some((role, text.get(end..).unwrap_or_default()))
}

/// `审 判 员`: the role written with a blank between its characters, at the end of `text`.
fn spaced(text: &str, role: &'static str) -> Option<(usize, usize, &'static str)> {
    if role.chars().count() > 3 || !text.contains(' ') {
        return None;
    }
    let spaced: String = role.chars().flat_map(|c| [c, ' ']).collect();
    let spaced = spaced.trim_end();
    text.rfind(spaced).map(|at| (at + spaced.len(), role.len(), role))
}

fn is_joint(char: char) -> bool {
    char.is_whitespace() || matches!(char, '：' | ':' | '（' | '(' | '）' | ')' | '　')
}
