//! What belongs to a name and what only stands at it.

use std::collections::BTreeSet;
use zhunsheng_rules::Rules;

/// Forms of address and offices that follow a name; longer ones stand before those that they end with.
const TITLES: &[&str] = &[
    "先生",
    "女士",
    "小姐",
    "老师",
    "总书记",
    "主席",
    "总理",
    "总统",
    "教授",
    "医生",
    "大夫",
    "同志",
    "太太",
    "夫人",
    "律师",
    "法官",
    "警官",
    "书记",
    "局长",
    "经理",
    "总",
    "老",
    "叔",
    "氏",
    "姐",
    "哥",
    "爷",
    "导",
    "队",
    "姨",
    "嫂",
];

/// Signs that LAC takes into a name and that belong to none.
const NO_PART: &str = "《》〈〉「」『』“”\"'‘’、，,。.：:；;！!？?（）()【】[]<>＜＞｟｠…*#@&/\\|+=~—-_";

/// Signs between the parts of a transliterated name.
const JOINTS: &[char] = &['·', '•', '・', '‧', '∙', '-'];

/// Digits from which on a number is one that somebody can be called at.
const CALLED: usize = 7;

/// Words for what people do with words, right after a name.
const SPEAKING: &[&str] =
    &["说", "介绍", "表示", "指出", "认为", "强调", "宣布", "告诉", "报道", "透露", "坦言", "摄", "主演"];

pub(crate) struct Names {
    surnames: BTreeSet<Vec<char>>,
    /// Those that people really meet, and those of two characters.
    usual: BTreeSet<Vec<char>>,
    /// Words that look like names and are none.
    not_names: BTreeSet<Vec<char>>,
}

impl Names {
    pub(crate) fn new(rules: &Rules) -> Names {
        let rows = |name| rules.lexicon(name).unwrap_or_default().lines().skip(1);
        let mut surnames = BTreeSet::new();
        let mut usual = BTreeSet::new();
        for row in rows("surnames.tsv") {
            let mut fields = row.split('\t');
            let surname: Vec<char> = fields.next().unwrap_or_default().chars().collect();
            // A share is stated for the few hundred surnames that people really meet.
            if surname.len() == 2 || fields.nth(2).is_some_and(|share| !share.is_empty()) {
                usual.insert(surname.clone());
            }
            surnames.insert(surname);
        }
        let words = rows("not-names.tsv").filter_map(|row| row.split('\t').next());
        Names { surnames, usual, not_names: words.map(|word| word.chars().collect()).collect() }
    }

    pub(crate) fn is_han(&self, c: char) -> bool {
        matches!(c as u32, 0x4E00..=0x9FFF | 0x3400..=0x4DBF | 0x20000..=0x323AF | 0x3007)
    }

    pub(crate) fn is_joint(&self, c: char) -> bool {
        JOINTS.contains(&c)
    }

    /// Whether the word has the form of a name: a usual surname and something after it, or parts with a joint.
    pub(crate) fn is_formed(&self, word: &[char]) -> bool {
        let begins = |length: usize| {
            word.len() > length && word.get(..length).is_some_and(|part| self.usual.contains(part))
        };
        begins(1) || begins(2) || word.iter().any(|c| self.is_joint(*c))
    }

    /// Whether the word is listed as one that only looks like a name.
    pub(crate) fn is_not_name(&self, word: &[char]) -> bool {
        self.not_names.contains(word)
    }

    /// Whether a name between these characters is that of a doctrine in a list of doctrines, as laws recite them:
    /// nobody's information.
    pub(crate) fn is_doctrine(&self, before: &[char], after: &[char]) -> bool {
        match after {
            ['强', '军', ..] | ['新', '时', '代', ..] => true,
            ['思', '想', rest @ ..] | ['理', '论', rest @ ..] => {
                before.last() == Some(&'、') || rest.first() == Some(&'、')
            }
            _ => false,
        }
    }

    /// Whether a word for speaking, writing or acting begins `after`.
    pub(crate) fn speaks(&self, after: &[char]) -> bool {
        SPEAKING.iter().any(|word| word.chars().eq(after.iter().copied().take(word.chars().count())))
    }

    /// Words in Latin letters, each with a capital first: `Kate Bell`.
    pub(crate) fn is_latin_name(&self, word: &[char]) -> bool {
        let mut parts = word.split(|c| *c == ' ').peekable();
        parts.peek().is_some()
            && parts.all(|part| match part {
                [first, rest @ ..] if first.is_ascii_uppercase() && !rest.is_empty() => {
                    rest.iter().all(char::is_ascii_alphabetic)
                        && rest.first().is_some_and(char::is_ascii_lowercase)
                }
                _ => false,
            })
    }

    /// Leaves out signs at both ends.
    pub(crate) fn trim(&self, chars: &[char], from: &mut usize, to: &mut usize) {
        let sign = |at: usize| {
            chars.get(at).is_some_and(|c| c.is_whitespace() || NO_PART.contains(*c) || self.is_joint(*c))
        };
        while from < to && sign(*from) {
            *from += 1;
        }
        while from < to && sign(*to - 1) {
            *to -= 1;
        }
    }

    /// Where the name ends when the form of address that it ends with is left out (李先生: after 李).
    ///
    /// Before a telephone number it stays: there `李先生` is what the person is called.
    pub(crate) fn without_title(&self, chars: &[char], from: usize, to: usize) -> usize {
        let Some(word) = chars.get(from..to) else { return to };
        if self.is_called(chars, to) {
            return to;
        }
        for title in TITLES {
            let length = title.chars().count();
            let Some((name, end)) = word.len().checked_sub(length).and_then(|at| word.split_at_checked(at))
            else {
                continue;
            };
            if name.is_empty() || !end.iter().copied().eq(title.chars()) {
                continue;
            }
            // One character may as well be the end of a given name, unless nothing but a surname stands before.
            if length > 1 || name.len() == 1 && self.surnames.contains(name) {
                return from + name.len();
            }
        }
        to
    }

    /// Whether a number to call, or a bracket or colon before one, follows.
    fn is_called(&self, chars: &[char], at: usize) -> bool {
        let rest = chars.get(at..).unwrap_or_default();
        let rest = match rest {
            [' ' | '\u{3000}', rest @ ..] => rest,
            _ => rest,
        };
        let digits = rest.iter().take_while(|c| c.is_ascii_digit()).count();
        let area = (3..=4).contains(&digits) && rest.get(digits) == Some(&'-');
        digits >= CALLED || area || matches!(rest.first(), Some('(' | '（' | ':' | '：' | '+'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn untitled(text: &str, length: usize) -> String {
        let names = Names::new(Rules::embedded());
        let chars: Vec<char> = text.chars().collect();
        chars[..names.without_title(&chars, 0, length)].iter().collect()
    }

    #[test]
    fn a_form_of_address_is_no_part_of_the_name() {
        assert_eq!(untitled("李先生曾任", 3), "李");
        assert_eq!(untitled("王小明先生曾任", 5), "王小明");
        assert_eq!(untitled("朱老对她", 2), "朱");
        assert_eq!(untitled("江总书记指出", 4), "江");
        // The end of a given name, a word that is no surname, a title alone.
        assert_eq!(untitled("陈小哥来了", 3), "陈小哥");
        assert_eq!(untitled("的哥来了", 2), "的哥");
        assert_eq!(untitled("先生来了", 2), "先生");
    }

    #[test]
    fn beside_a_number_to_call_the_form_of_address_stays() {
        for text in ["李先生13800000000", "李先生 0571-88888888", "李先生：", "李先生（", "李先生+86"]
        {
            assert_eq!(untitled(text, 3), "李先生", "{text}");
        }
        for text in ["李先生1999年", "李先生 199 人", "李先生，"] {
            assert_eq!(untitled(text, 3), "李", "{text}");
        }
    }

    #[test]
    fn names_in_latin_letters_are_told_by_their_capitals() {
        let names = Names::new(Rules::embedded());
        let is = |text: &str| names.is_latin_name(&text.chars().collect::<Vec<char>>());
        assert!(is("Anderson") && is("Kate Bell") && is("JamesCameron"));
        assert!(!is("EMBA") && !is("atari") && !is("A") && !is("") && !is("Kate  Bell") && !is("Kate2"));
    }

    #[test]
    fn names_have_a_usual_surname_or_a_joint() {
        let names = Names::new(Rules::embedded());
        let chars = |text: &str| text.chars().collect::<Vec<char>>();
        for word in ["王芳", "欧阳文静", "哈利·波特"] {
            assert!(names.is_formed(&chars(word)), "{word}");
        }
        for word in ["王", "月", "的人", "们来", ""] {
            assert!(!names.is_formed(&chars(word)), "{word}");
        }
        let is = |before: &str, after: &str| names.is_doctrine(&chars(before), &chars(after));
        assert!(is("主义、", "思想指引下") && is("坚持", "理论、科学") && is("贯彻", "新时代中国特色"));
        assert!(!is("学习", "思想深刻") && !is("主义、", "等人") && !is("", ""));
    }

    #[test]
    fn signs_are_trimmed() {
        let names = Names::new(Rules::embedded());
        let chars: Vec<char> = "《王芳》".chars().collect();
        let (mut from, mut to) = (0, 4);
        names.trim(&chars, &mut from, &mut to);
        assert_eq!((from, to), (1, 3));
        let (mut from, mut to) = (3, 4);
        names.trim(&chars, &mut from, &mut to);
        assert_eq!((from, to), (4, 4));
    }
}
