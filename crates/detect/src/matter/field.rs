//! What a form says of somebody: a key, a colon and a value (性别：女), or a clause that is nothing but a value
//! (，中共党员，).

use crate::value::is_placeholder;
use std::collections::BTreeMap;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// What a value must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Value {
    /// A word of the coded values of the kind.
    Coded,
    /// Any short words.
    Words,
    /// Any words up to the end of the sentence.
    Sentence,
    /// Words with a number.
    Sum,
}

/// Keys of forms, with what they announce. A longer key stands before one that it ends with.
const KEYS: &[(&str, Kind, Value)] = &[
    ("性别", Kind::Sex, Value::Coded),
    ("民族", Kind::Ethnicity, Value::Coded),
    ("政治面貌", Kind::Political, Value::Coded),
    ("党派", Kind::Political, Value::Coded),
    ("婚姻状况", Kind::Marital, Value::Coded),
    ("婚姻", Kind::Marital, Value::Coded),
    ("婚否", Kind::Marital, Value::Coded),
    ("宗教信仰", Kind::Religion, Value::Words),
    ("文化程度", Kind::Education, Value::Coded),
    ("最高学历", Kind::Education, Value::Coded),
    ("学历", Kind::Education, Value::Coded),
    ("国籍", Kind::Nationality, Value::Words),
    ("所学专业", Kind::Profession, Value::Words),
    ("职业", Kind::Occupation, Value::Words),
    ("职务", Kind::Position, Value::Words),
    ("职位", Kind::Position, Value::Words),
    ("初步诊断", Kind::Health, Value::Sentence),
    ("临床诊断", Kind::Health, Value::Sentence),
    ("入院诊断", Kind::Health, Value::Sentence),
    ("出院诊断", Kind::Health, Value::Sentence),
    ("诊断", Kind::Health, Value::Sentence),
    ("过敏史", Kind::Health, Value::Sentence),
    ("血型", Kind::Health, Value::Words),
    ("月收入", Kind::Salary, Value::Sum),
    ("年收入", Kind::Salary, Value::Sum),
    ("月薪", Kind::Salary, Value::Sum),
    ("年薪", Kind::Salary, Value::Sum),
    ("工资", Kind::Salary, Value::Sum),
    ("薪资", Kind::Salary, Value::Sum),
];

/// Lists of `coded-values.tsv` and the kind of their values.
const LISTS: &[(&str, Kind)] = &[
    ("sex", Kind::Sex),
    ("ethnic-group", Kind::Ethnicity),
    ("political-affiliation", Kind::Political),
    ("marital-status", Kind::Marital),
    ("education-level", Kind::Education),
    ("religion", Kind::Religion),
];

/// No value of a short field is longer, in characters; a diagnosis may be.
const WORDS_CHARS_MAX: usize = 16;
const SENTENCE_CHARS_MAX: usize = 60;

/// The words that forms hold.
pub(crate) struct Fields {
    /// Kind of each coded value.
    coded: BTreeMap<Box<str>, Kind>,
}

impl Fields {
    pub(crate) fn new(rules: &Rules) -> Fields {
        let mut coded = BTreeMap::new();
        for line in rules.lexicon("coded-values.tsv").unwrap_or_default().lines().skip(1) {
            let mut fields = line.split('\t');
            let (Some(list), _, Some(value)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            if let Some((_, kind)) = LISTS.iter().find(|(name, _)| *name == list && value != "其他") {
                coded.entry(Box::from(value)).or_insert(*kind);
            }
        }
        for (value, kind) in [
            ("离异", Kind::Marital),
            ("丧偶", Kind::Marital),
            ("再婚", Kind::Marital),
            ("文盲", Kind::Education),
            ("小学", Kind::Education),
            ("初中", Kind::Education),
            ("高中", Kind::Education),
            ("中专", Kind::Education),
            ("大专", Kind::Education),
            ("本科", Kind::Education),
            ("硕士", Kind::Education),
            ("博士", Kind::Education),
            ("党员", Kind::Political),
            ("团员", Kind::Political),
        ] {
            coded.entry(Box::from(value)).or_insert(kind);
        }
        Fields { coded }
    }

    /// Calls `found` with kind, first and last byte of every field of `line`, in order.
    pub(crate) fn find(&self, line: &str, mut found: impl FnMut(Kind, usize, usize)) {
        let mut at = 0;
        for clause in line.split_inclusive(is_end) {
            let start = at;
            at += clause.len();
            let clause = clause.trim_end_matches(is_end);
            // A blank parts the fields of a form (性别：女  年龄：34岁), but also a key from its value.
            let mut from = start;
            for part in clause.split_inclusive([' ', '\u{3000}', '\t']) {
                self.field(line, from, from + part.len(), &mut found);
                from += part.len();
            }
        }
    }

    fn field(&self, line: &str, start: usize, end: usize, found: &mut impl FnMut(Kind, usize, usize)) {
        let part = line.get(start..end).unwrap_or_default();
        if let Some((key, value)) = part.split_once(['：', ':']) {
            let Some((_, kind, form)) = KEYS.iter().find(|(word, ..)| key.trim_end().ends_with(word)) else {
                return;
            };
            let from = start + (part.len() - value.len());
            let rest = line.get(from..).unwrap_or_default();
            let blank = rest.len() - rest.trim_start_matches([' ', '\u{3000}']).len();
            let from = from + blank;
            let rest = rest.get(blank..).unwrap_or_default();
            let stop = match form {
                Value::Sentence => rest.find(['。', '；', ';', '\n', '\r', '\t']).or_else(|| rest.find("  ")),
                _ => rest.find(|c: char| is_end(c) || c == ' ' || c == '\u{3000}'),
            };
            let value = rest.get(..stop.unwrap_or(rest.len())).unwrap_or_default().trim_end();
            let limit = if *form == Value::Sentence { SENTENCE_CHARS_MAX } else { WORDS_CHARS_MAX };
            let fits = !value.is_empty()
                && value.chars().count() <= limit
                && !is_placeholder(value)
                && match form {
                    Value::Coded => self.coded(value) == Some(*kind),
                    Value::Words | Value::Sentence => value.chars().any(char::is_alphabetic),
                    Value::Sum => value.bytes().any(|byte| byte.is_ascii_digit()),
                };
            if fits {
                found(*kind, from, from + value.len());
            }
            return;
        }
        let value = part.trim_matches([' ', '\u{3000}', '\t']);
        let from = start + (part.len() - part.trim_start_matches([' ', '\u{3000}', '\t']).len());
        // Sex and ethnic group are read at the name already; a lone word for a school says too little.
        if let Some(kind @ (Kind::Political | Kind::Marital)) = self.coded(value)
            && value != "群众"
        {
            found(kind, from, from + value.len());
        } else if let Some(stem) = ["文化程度", "文化", "学历"].iter().find_map(|end| value.strip_suffix(end))
            && self.coded(stem) == Some(Kind::Education)
        {
            found(Kind::Education, from, from + stem.len());
        }
    }

    fn coded(&self, value: &str) -> Option<Kind> {
        let known = |value: &str| self.coded.get(value).copied();
        known(value).or_else(|| match value {
            "男" | "女" | "男性" | "女性" => Some(Kind::Sex),
            "中共党员" | "共青团员" | "预备党员" => Some(Kind::Political),
            _ => value.strip_suffix("学历").and_then(known).filter(|kind| *kind == Kind::Education),
        })
    }
}

fn is_end(c: char) -> bool {
    matches!(c, '，' | ',' | '。' | '；' | ';' | '（' | '(' | '）' | ')' | '、' | '|' | '\n' | '\r')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<(Kind, &str)> {
        let mut all = Vec::new();
        Fields::new(Rules::embedded())
            .find(line, |kind, start, end| all.push((kind, line.get(start..end).unwrap())));
        all
    }

    #[test]
    fn fields_of_a_form() {
        assert_eq!(
            found("姓名：赵小兰  性别：女  年龄：34岁 民族: 汉族"),
            [(Kind::Sex, "女"), (Kind::Ethnicity, "汉族")]
        );
        assert_eq!(found("政治面貌：中共党员"), [(Kind::Political, "中共党员")]);
        assert_eq!(found("诊断：1.支气管肺炎 2.高血压2级"), [(Kind::Health, "1.支气管肺炎 2.高血压2级")]);
        assert_eq!(found("月薪：8000元，包住"), [(Kind::Salary, "8000元")]);
        assert_eq!(found("，初中文化，已婚，"), [(Kind::Education, "初中"), (Kind::Marital, "已婚")]);
    }

    #[test]
    fn what_is_no_value_is_no_field() {
        for line in
            ["性别：不限", "民族：无", "诊断：", "过敏史：无", "学历：不限", "大学，小学，群众", "工资：面议"]
        {
            assert_eq!(found(line), [], "{line}");
        }
    }
}
