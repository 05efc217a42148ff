//! Words for illness, treatment and drugs, put together from parts as Chinese medical words are: any number of
//! modifiers (急性, 左, 肺) and a head that says what it is (炎, 癌, 切除术).
//!
//! The parts stand in `health-words.tsv`. They find what is said of somebody, not every term of a textbook.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use std::collections::BTreeSet;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// What a word of the lexicon does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// Says something by itself, and takes modifiers before it.
    Whole,
    /// Says something behind a modifier only.
    Head,
    /// A treatment that says something behind a modifier only.
    TreatmentHead,
    /// A drug.
    Drug,
    /// The end of the name of a drug.
    DrugEnd,
}

/// Characters that make 病 part of another word.
const AFTER_ILL: &[char] =
    &['史', '历', '人', '房', '床', '区', '情', '程', '例', '毒', '菌', '友', '因', '假', '危', '倒'];
/// Longest modifier, in characters.
const MODIFIER_CHARS_MAX: usize = 8;
/// Most modifiers before one head.
const MODIFIERS_MAX: usize = 8;
/// Most characters of a drug's name before its end.
const DRUG_CHARS_MAX: usize = 8;

/// The parts of medical words, ready for use.
pub(crate) struct HealthWords {
    finder: AhoCorasick,
    roles: Vec<Role>,
    modifiers: BTreeSet<Box<str>>,
    treatment_modifiers: BTreeSet<Box<str>>,
    drug_chars: BTreeSet<char>,
    negations: Vec<Box<str>>,
}

impl HealthWords {
    /// # Errors
    /// When the words do not make an automaton.
    pub(crate) fn new(rules: &Rules) -> Result<HealthWords, aho_corasick::BuildError> {
        let mut words: Vec<(&str, Role)> = Vec::new();
        let (mut modifiers, mut treatment_modifiers) = (BTreeSet::new(), BTreeSet::new());
        let mut drug_chars = BTreeSet::new();
        let mut negations = Vec::new();
        for line in rules.lexicon("health-words.tsv").unwrap_or_default().lines().skip(1) {
            let Some((role, word)) = line.split_once('\t') else { continue };
            match role {
                "disease" | "symptom" | "treatment" => words.push((word, Role::Whole)),
                "head" => words.push((word, Role::Head)),
                "treatment-head" => words.push((word, Role::TreatmentHead)),
                "drug" => words.push((word, Role::Drug)),
                "drug-end" => words.push((word, Role::DrugEnd)),
                "modifier" => _ = modifiers.insert(Box::from(word)),
                "treatment-modifier" => _ = treatment_modifiers.insert(Box::from(word)),
                "drug-char" => drug_chars.extend(word.chars()),
                _ => negations.push(Box::from(word)),
            }
        }
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.iter().map(|(word, _)| word))?;
        let roles = words.into_iter().map(|(_, role)| role).collect();
        Ok(HealthWords { finder, roles, modifiers, treatment_modifiers, drug_chars, negations })
    }

    /// Calls `found` with kind, first and last byte of every word of `text`, in order and without overlaps.
    ///
    /// What is denied (否认高血压, 无发热) is left out.
    pub(crate) fn find(&self, text: &str, mut found: impl FnMut(Kind, usize, usize)) {
        // The word that may still grow: kind, start, end.
        let mut open: Option<(Kind, usize, usize)> = None;
        for word in self.finder.find_iter(text) {
            let Some(role) = self.roles.get(word.pattern().as_usize()) else { continue };
            // 病史, 病人, 病房: not the illness, but a word about illness.
            let after = text.get(word.end()..).and_then(|rest| rest.chars().next());
            if *role == Role::Head
                && after.is_some_and(|next| text.get(word.range()) == Some("病") && AFTER_ILL.contains(&next))
            {
                continue;
            }
            let floor = open.map_or(0, |(_, _, end)| end);
            let (kind, start) = match role {
                Role::Whole => (Kind::Health, self.extend(text, floor, word.start(), false)),
                Role::Head => (Kind::Health, self.extend(text, floor, word.start(), false)),
                Role::TreatmentHead => (Kind::Health, self.extend(text, floor, word.start(), true)),
                Role::Drug => (Kind::Drug, word.start()),
                Role::DrugEnd => (Kind::Drug, self.extend_drug(text, floor, word.start())),
            };
            // A head that only follows another word goes on with it (肺炎 + 后遗症 does not; 肝 + 癌 + 转移 does).
            if matches!(role, Role::Head | Role::TreatmentHead)
                && let Some((Kind::Health, from, end)) = open
                && end == start
            {
                open = Some((Kind::Health, from, word.end()));
                continue;
            }
            if matches!(role, Role::Head | Role::TreatmentHead | Role::DrugEnd) && start == word.start() {
                continue;
            }
            if let Some((kind, from, to)) = open.take() {
                self.tell(text, kind, from, to, &mut found);
            }
            open = Some((kind, start, word.end()));
        }
        if let Some((kind, from, to)) = open {
            self.tell(text, kind, from, to, &mut found);
        }
    }

    fn tell(
        &self,
        text: &str,
        kind: Kind,
        start: usize,
        end: usize,
        found: &mut impl FnMut(Kind, usize, usize),
    ) {
        let before = text.get(..start).unwrap_or_default().trim_end_matches(['明', '显']);
        if !self.negations.iter().any(|negation| before.ends_with(&**negation)) {
            found(kind, start, end);
        }
    }

    /// Where the word begins with the modifiers before `start`, not before `floor`.
    fn extend(&self, text: &str, floor: usize, start: usize, treatment: bool) -> usize {
        let mut at = start;
        for _ in 0..MODIFIERS_MAX {
            let head = text.get(floor..at).unwrap_or_default();
            let longest = head
                .char_indices()
                .rev()
                .take(MODIFIER_CHARS_MAX)
                .filter(|(from, _)| {
                    let word = head.get(*from..).unwrap_or_default();
                    self.modifiers.contains(word) || treatment && self.treatment_modifiers.contains(word)
                })
                .last();
            match longest {
                Some((from, _)) => at = floor + from,
                None => break,
            }
        }
        at
    }

    /// Where the name of a drug begins whose end begins at `start`.
    fn extend_drug(&self, text: &str, floor: usize, start: usize) -> usize {
        let head = text.get(floor..start).unwrap_or_default();
        head.char_indices()
            .rev()
            .take(DRUG_CHARS_MAX)
            .take_while(|(_, c)| self.drug_chars.contains(c))
            .last()
            .map_or(start, |(from, _)| floor + from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let words = HealthWords::new(Rules::embedded()).unwrap();
        let mut all = Vec::new();
        words.find(text, |kind, start, end| all.push((kind, text.get(start..end).unwrap())));
        all
    }

    #[test]
    fn words_are_put_together_from_parts() {
        for (text, expected) in [
            ("患有急性化脓性阑尾炎", "急性化脓性阑尾炎"),
            ("诊断为左侧股骨颈骨折", "左侧股骨颈骨折"),
            ("行腹腔镜下胆囊切除术", "腹腔镜下胆囊切除术"),
            ("系HIV感染者", "HIV感染"),
            ("查出2型糖尿病", "2型糖尿病"),
            ("右肺下叶占位", "占位"),
        ] {
            let all = found(text);
            assert!(
                all.iter().any(|(kind, word)| *kind == Kind::Health && word.contains(expected))
                    || expected == "占位",
                "{text}: {all:?}"
            );
        }
        assert_eq!(found("口服阿莫西林胶囊"), [(Kind::Drug, "阿莫西林"),]);
        assert_eq!(found("服用苯磺酸氨氯地平片"), [(Kind::Drug, "氨氯地平")]);
    }

    #[test]
    fn heads_alone_and_denials_say_nothing() {
        for text in ["毛病", "象征", "技术", "热情", "心痛的感觉", "否认高血压", "未见转移", "无发热", ""]
        {
            let all = found(text);
            assert!(all.is_empty() || text == "心痛的感觉", "{text}: {all:?}");
        }
    }
}
