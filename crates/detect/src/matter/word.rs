//! Words for belief, standing and journeys.

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// Words for belief besides the names of religions: who believes, and what believers do.
const BELIEF: &[&str] = &[
    "佛教徒",
    "基督徒",
    "基督教徒",
    "天主教徒",
    "伊斯兰教徒",
    "道教徒",
    "穆斯林",
    "信徒",
    "教徒",
    "阿訇",
    "神父",
    "牧师",
    "喇嘛",
    "活佛",
    "受洗",
    "皈依",
    "朝觐",
    "信佛",
    "信教",
    "信奉",
];

/// What stands for a body.
const BODY: &[&str] =
    &["人脸", "面部", "指纹", "掌纹", "声纹", "虹膜", "耳廓", "步态", "DNA", "基因", "静脉"];
/// What makes a word for a part of the body a record of it.
const BODY_DATA: &[&str] = &[
    "识别特征",
    "特征",
    "信息",
    "数据",
    "样本",
    "图像",
    "照片",
    "比对",
    "鉴定",
    "检测",
    "模板",
    "编码",
    "图谱",
];

/// Words before a sum that somebody earns.
const INCOMES: &[&str] = &["月薪", "年薪", "月收入", "年收入", "月工资", "工资收入", "每月工资"];

/// Words that are looked for.
pub(crate) struct MatterWords {
    finder: AhoCorasick,
    kinds: Vec<Kind>,
}

impl MatterWords {
    /// # Errors
    /// When the words do not make an automaton.
    pub(crate) fn new(rules: &Rules) -> Result<MatterWords, aho_corasick::BuildError> {
        let mut words: Vec<(String, Kind)> = Vec::new();
        for line in rules.lexicon("coded-values.tsv").unwrap_or_default().lines().skip(1) {
            let mut fields = line.split('\t');
            let (Some(list), _, Some(value)) = (fields.next(), fields.next(), fields.next()) else {
                continue;
            };
            match list {
                "religion" if !value.starts_with('无') => words.push((value.to_owned(), Kind::Religion)),
                "disability-type" => words.push((value.to_owned(), Kind::Health)),
                _ => {}
            }
        }
        words.extend(BELIEF.iter().map(|word| ((*word).to_owned(), Kind::Religion)));
        words.extend(
            BODY.iter().flat_map(|part| {
                BODY_DATA.iter().map(move |data| (format!("{part}{data}"), Kind::Biometric))
            }),
        );
        words.extend(["次列车", "次高铁", "次动车", "航班"].map(|word| (word.to_owned(), Kind::Travel)));
        words.extend(
            ["中共党员", "共产党员", "共青团员", "预备党员"].map(|word| (word.to_owned(), Kind::Political)),
        );
        words.extend(INCOMES.iter().map(|word| ((*word).to_owned(), Kind::Salary)));
        words.sort();
        words.dedup_by(|a, b| a.0 == b.0);
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(words.iter().map(|(word, _)| word))?;
        Ok(MatterWords { finder, kinds: words.into_iter().map(|(_, kind)| kind).collect() })
    }

    /// Calls `found` with kind, first and last byte of every word of `text`.
    pub(crate) fn find(&self, text: &str, mut found: impl FnMut(Kind, usize, usize)) {
        for word in self.finder.find_iter(text) {
            let Some(kind) = self.kinds.get(word.pattern().as_usize()).copied() else { continue };
            let range = match kind {
                Kind::Travel => ride(text, word.start(), word.end()),
                Kind::Salary => sum(text, word.end()),
                _ => Some((word.start(), word.end())),
            };
            if let Some((start, end)) = range {
                found(kind, start, end);
            }
        }
    }
}

/// The sum behind a word for income: 月薪2万元, 年收入约50万.
fn sum(text: &str, at: usize) -> Option<(usize, usize)> {
    let rest = text.get(at..)?;
    let skipped = rest.len() - rest.trim_start_matches(['约', '为', '是', '共', '达', ' ', '：', ':']).len();
    let rest = rest.get(skipped..)?;
    let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || matches!(byte, b',' | b'.')).count();
    let unit: usize = rest
        .get(digits..)?
        .chars()
        .take(3)
        .take_while(|c| matches!(c, '万' | '千' | '元' | '余' | 'k' | 'K'))
        .map(char::len_utf8)
        .sum();
    (digits > 0 && unit > 0).then_some((at + skipped, at + skipped + digits + unit))
}

/// The number of a train before 次列车 (G1234), or of a flight on either side of 航班 (CA1234).
fn ride(text: &str, start: usize, end: usize) -> Option<(usize, usize)> {
    let before = text.get(..start)?.trim_end();
    let number = before.len() - before.bytes().rev().take_while(u8::is_ascii_alphanumeric).count();
    let is_ride = |word: &str| {
        let digits = word.trim_start_matches(|c: char| c.is_ascii_alphanumeric() && !c.is_ascii_digit());
        (2..=6).contains(&word.len())
            && (1..=4).contains(&digits.len())
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && word.len() - digits.len() <= 2
    };
    if before.get(number..).is_some_and(is_ride) {
        return Some((number, before.len()));
    }
    let rest = text.get(end..)?;
    let skipped = rest.len() - rest.trim_start_matches(['号', '：', ':', ' ']).len();
    let length = rest.get(skipped..)?.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let (from, to) = (end + skipped, end + skipped + length);
    let word = text.get(from..to)?;
    (is_ride(word) && word.starts_with(|c: char| c.is_ascii_alphabetic())).then_some((from, to))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(Kind, &str)> {
        let mut all = Vec::new();
        MatterWords::new(Rules::embedded())
            .unwrap()
            .find(text, |kind, start, end| all.push((kind, text.get(start..end).unwrap())));
        all
    }

    #[test]
    fn belief_bodies_and_journeys_are_found() {
        assert_eq!(found("她是虔诚的基督徒"), [(Kind::Religion, "基督徒")]);
        assert_eq!(
            found("采集其指纹信息和DNA样本"),
            [(Kind::Biometric, "指纹信息"), (Kind::Biometric, "DNA样本")]
        );
        assert_eq!(
            found("乘坐G1234次列车，再转CA981航班"),
            [(Kind::Travel, "G1234"), (Kind::Travel, "CA981")]
        );
        assert_eq!(found("航班号：MU5101"), [(Kind::Travel, "MU5101")]);
        assert_eq!(found("月薪2万元，年收入约50万"), [(Kind::Salary, "2万元"), (Kind::Salary, "50万")]);
        assert_eq!(found("视力残疾"), [(Kind::Health, "视力残疾")]);
    }

    #[test]
    fn other_words_are_not() {
        for text in [
            "礼拜五去教堂附近",
            "指纹锁",
            "人脸识别门禁",
            "本次列车晚点",
            "航班延误",
            "基因工程",
            "月薪面议",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }
}
