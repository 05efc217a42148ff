//! Names of persons, by surname and form.

use std::collections::BTreeMap;
use zhunsheng_rules::Rules;

/// How much a word looks like the name of a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Likeness {
    /// Not at all.
    No,
    /// The form fits, but the surname is rare or the word also means something else.
    Possible,
    /// A usual surname and a fitting form.
    Likely,
}

const HAN_FIRST: u32 = 0x4E00;
const HAN_COUNT: usize = 0x9FFF - 0x4E00 + 1;

/// Words that Tibetan names are made of, two characters each.
const TIBETAN: &[&str] = &[
    "扎西", "次仁", "次旺", "格桑", "卓玛", "洛桑", "旦增", "丹增", "白玛", "德吉", "索朗", "央宗", "顿珠",
    "平措", "罗布", "多吉", "措姆", "旺堆", "尼玛", "达瓦", "米玛", "拉巴", "普布", "巴桑", "边巴", "强巴",
    "仁青", "才让", "卓嘎", "拉姆", "央金", "曲珍", "旺姆", "贡布", "贡嘎", "嘎玛", "群培", "坚赞", "桑珠",
    "曲扎", "旺杰", "伦珠", "朗杰", "江村", "占堆", "欧珠", "赤列", "土登", "阿旺", "益西", "晋美", "云丹",
    "次珍", "玉珍", "桑吉", "才旦", "更登", "班觉", "加措", "嘉措",
];

/// Surnames, words that only look like names, and names of nobody.
pub(crate) struct Names {
    /// Rank of each one-character surname: 0 none, 1 rare, 2 usual.
    one: Vec<u8>,
    /// Two-character surnames, sorted.
    two: Vec<[char; 2]>,
    /// Surnames in Latin letters, lower case, sorted.
    latin: Vec<Box<str>>,
    /// Words that begin with a surname and are no names; `true` for those that a dictionary knows as words.
    not_names: BTreeMap<Box<str>, bool>,
    /// Names used for nobody (张三), sorted.
    tests: Vec<Box<str>>,
}

impl Names {
    pub(crate) fn new(rules: &Rules) -> Names {
        let mut one = vec![0u8; HAN_COUNT];
        let mut two = Vec::new();
        let mut latin: Vec<Box<str>> = Vec::new();
        for line in rows(rules, "surnames.tsv") {
            let mut fields = line.split('\t');
            let (Some(surname), pinyin, _, share) =
                (fields.next(), fields.next(), fields.next(), fields.next())
            else {
                continue;
            };
            if share.is_some_and(|share| !share.is_empty())
                && let Some(pinyin) = pinyin.filter(|pinyin| pinyin.bytes().all(|b| b.is_ascii_lowercase()))
            {
                latin.push(Box::from(pinyin));
            }
            let mut chars = surname.chars();
            match (chars.next(), chars.next(), chars.next()) {
                (Some(first), None, _) => {
                    // A share is stated for the few hundred surnames that people really meet.
                    let rank = if share.is_some_and(|share| !share.is_empty()) { 2 } else { 1 };
                    if let Some(slot) = one.get_mut(slot_of(first)) {
                        *slot = rank;
                    }
                }
                (Some(first), Some(second), None) => two.push([first, second]),
                _ => {}
            }
        }
        two.sort_unstable();
        latin.sort_unstable();
        latin.dedup();
        let not_names = rows(rules, "not-names.tsv")
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (word, _, part_of_speech) = (fields.next()?, fields.next()?, fields.next()?);
                Some((Box::from(word), !part_of_speech.is_empty()))
            })
            .collect();
        let mut tests: Vec<Box<str>> = rows(rules, "test-values.tsv")
            .filter_map(|line| {
                let mut fields = line.split('\t');
                let (kind, value, why) = (fields.next()?, fields.next()?, fields.next()?);
                (kind == "PERSON" && why != "masked" && !value.contains('某')).then(|| Box::from(value))
            })
            .collect();
        tests.extend(
            ["test", "demo", "admin", "example", "tester", "guest", "测试账号", "测试人员", "测试员"]
                .map(Box::from),
        );
        tests.sort_unstable();
        tests.dedup();
        Names { one, two, latin, not_names, tests }
    }

    /// Rank of a one-character surname: 0 none, 1 rare, 2 usual.
    pub(crate) fn rank(&self, surname: char) -> u8 {
        self.one.get(slot_of(surname)).copied().unwrap_or_default()
    }

    /// Number of characters of the surname that `text` begins with; two-character ones first.
    pub(crate) fn surname_chars(&self, text: &str) -> usize {
        let mut chars = text.chars();
        let Some(first) = chars.next() else { return 0 };
        match chars.next() {
            Some(second) if self.two.binary_search(&[first, second]).is_ok() => 2,
            _ => usize::from(self.rank(first) > 0),
        }
    }

    /// How much the whole of `word` looks like a name.
    ///
    /// Han names of two to four characters that begin with a surname, and names with the dot of minority and
    /// foreign names (阿依古丽·买买提).
    pub(crate) fn likeness(&self, word: &str) -> Likeness {
        let mut count = 0;
        let mut dot = false;
        for char in word.chars() {
            count += 1;
            if matches!(char, '·' | '•' | '・') {
                dot = true;
            } else if !is_han(char) {
                return Likeness::No;
            }
        }
        if dot {
            let outer =
                word.chars().next().is_some_and(is_han) && word.chars().next_back().is_some_and(is_han);
            return if outer && (3..=16).contains(&count) { Likeness::Likely } else { Likeness::No };
        }
        if count == 4 && is_tibetan(word) {
            return Likeness::Likely;
        }
        let surname = self.surname_chars(word);
        let given = count - surname.min(count);
        if surname == 0 || !(1..=2).contains(&given) {
            return Likeness::No;
        }
        if self.not_names.contains_key(word) {
            return Likeness::Possible;
        }
        match word.chars().next() {
            Some(first) if surname == 2 || self.rank(first) == 2 => Likeness::Likely,
            _ => Likeness::Possible,
        }
    }

    /// Whether a word is a surname in Latin letters (Wang, wang).
    pub(crate) fn is_latin_surname(&self, word: &str) -> bool {
        let word = word.to_ascii_lowercase();
        self.latin.binary_search_by(|known| known.as_ref().cmp(word.as_str())).is_ok()
    }

    /// Whether the word is listed as one that is no name.
    pub(crate) fn is_not_name(&self, word: &str) -> bool {
        self.not_names.contains_key(word)
    }

    /// Whether the word is a name where nearly only names stand (before a number, above a signature).
    ///
    /// The list of words that are no names also holds real ones (张国成); three characters that no dictionary
    /// knows and that do not end like a place or a thing are taken for one there.
    pub(crate) fn is_name_in_place(&self, word: &str) -> bool {
        const THINGS: &[char] = &[
            '市', '县', '区', '镇', '乡', '村', '路', '街', '巷', '河', '江', '湖', '山', '岛', '港', '桥',
            '站', '报', '会', '社', '局', '科', '部', '院', '厂', '店', '术', '病', '片', '化', '米', '糕',
            '油', '肉', '车', '机', '的', '人', '女', '工',
        ];
        match self.likeness(word) {
            Likeness::Likely => true,
            Likeness::No => false,
            Likeness::Possible => {
                self.not_names.get(word) == Some(&false)
                    && word.chars().count() == 3
                    && word.chars().next().is_some_and(|surname| self.rank(surname) == 2)
                    && !word.ends_with(THINGS)
            }
        }
    }

    /// Whether the name stands for nobody (张三, 测试用户, test).
    pub(crate) fn is_test(&self, name: &str) -> bool {
        let known = |name: &str| self.tests.binary_search_by(|test| test.as_ref().cmp(name)).is_ok();
        if name.is_ascii() {
            // Latin letters: also TEST, Test01.
            let stem = name.trim_end_matches(|c: char| c.is_ascii_digit() || c == '_' || c == '-');
            return !stem.is_empty() && stem.len() <= 8 && known(stem.to_ascii_lowercase().as_str());
        }
        known(name) || name.starts_with("测试") && name.chars().count() <= 6
    }
}

/// Whether four characters are two words of Tibetan names (扎西顿珠).
fn is_tibetan(word: &str) -> bool {
    let half = word.char_indices().nth(2).map_or(0, |(at, _)| at);
    word.split_at_checked(half).is_some_and(|(a, b)| TIBETAN.contains(&a) && TIBETAN.contains(&b))
}

fn rows<'a>(rules: &'a Rules, lexicon: &str) -> impl Iterator<Item = &'a str> {
    rules.lexicon(lexicon).unwrap_or_default().lines().skip(1)
}

/// Index of a character in a table over the basic Han block; beyond its end for any other.
fn slot_of(char: char) -> usize {
    (char as u32).wrapping_sub(HAN_FIRST) as usize
}

/// Han characters, the rarer blocks included: rare names stand there.
pub(crate) fn is_han(char: char) -> bool {
    matches!(char as u32, 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x323AF | 0xF900..=0xFAFF | 0x3007)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names::new(Rules::embedded())
    }

    #[test]
    fn names_are_told_from_words() {
        let names = names();
        for name in ["王建国", "欧阳文静", "诸葛明", "李丽", "阿依古丽·买买提", "扎西顿珠"]
        {
            assert_eq!(names.likeness(name), Likeness::Likely, "{name}");
        }
        for word in ["高明", "成功", "时间", "安全"] {
            assert!(names.likeness(word) <= Likeness::Possible, "{word}");
        }
        for word in ["", "王", "王建国的书", "Wang Jianguo", "13800138000", "我们", "·王", "王5"] {
            assert_eq!(names.likeness(word), Likeness::No, "{word}");
        }
    }

    #[test]
    fn where_names_stand_a_doubtful_one_is_taken() {
        let names = names();
        for name in ["王建国", "张国成", "王天成"] {
            assert!(names.is_name_in_place(name), "{name}");
        }
        for word in ["高明", "吴江市", "江苏", "成功", "13800138000", "时间"] {
            assert!(!names.is_name_in_place(word), "{word}");
        }
    }

    #[test]
    fn names_of_nobody_are_known() {
        let names = names();
        for name in ["张三", "李四", "测试用户", "test", "TEST01", "测试2"] {
            assert!(names.is_test(name), "{name}");
        }
        for name in ["张伟", "Testa Rossa", "contest", "1"] {
            assert!(!names.is_test(name), "{name}");
        }
    }

    #[test]
    fn compound_surnames_come_first() {
        let names = names();
        assert_eq!(names.surname_chars("欧阳文静"), 2);
        assert_eq!(names.surname_chars("王建国"), 1);
        assert_eq!(names.surname_chars("的"), 0);
        assert_eq!(names.surname_chars(""), 0);
    }
}
