//! Fixed words: conclusions, severities, penalties, in Chinese and English.

use crate::number::Rational;
use crate::ruleset::{Conclusion, Mode, Outcome, Rule, Severity, Words};
use crate::say::grouped;

/// The language that people are spoken to in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Lang {
    /// 中文.
    #[default]
    Zh,
    /// English.
    En,
}

impl Lang {
    /// The tag of BCP 47.
    pub const fn tag(self) -> &'static str {
        match self {
            Lang::Zh => "zh-CN",
            Lang::En => "en",
        }
    }

    /// The text in this language.
    pub const fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Lang::Zh => zh,
            Lang::En => en,
        }
    }
}

impl Words {
    /// The text in a language.
    pub fn of(&self, lang: Lang) -> &str {
        lang.pick(&self.zh, &self.en)
    }
}

/// The names of further entities of which the same is said.
pub(crate) fn likewise(others: &[&crate::finding::Finding], lang: Lang) -> Option<String> {
    if others.is_empty() {
        return None;
    }
    let names: Vec<&str> = others.iter().map(|one| lang.pick(&one.entity.zh, &one.entity.en)).collect();
    Some(match lang {
        Lang::Zh => format!("另有 {} 个对象相同：{}", names.len(), names.join("、")),
        Lang::En => format!("likewise of {} more: {}", names.len(), names.join(", ")),
    })
}

/// What a conclusion of a rule is called.
pub fn conclusion(conclusion: Conclusion, mode: Mode) -> (&'static str, &'static str) {
    match (conclusion, mode) {
        (Conclusion::Violation, Mode::Constitutes) => ("构成", "made out"),
        (Conclusion::Lawful, Mode::Constitutes) => ("不构成", "not made out"),
        (Conclusion::Lawful, Mode::Allows) => ("可以采取", "may be done"),
        (Conclusion::Violation, _) => ("违法", "violation"),
        (Conclusion::Lawful, _) => ("合法", "lawful"),
        (Conclusion::Open, _) => ("待查明", "open"),
        (Conclusion::None, _) => ("不适用", "does not apply"),
    }
}

/// What a severity is called.
pub const fn severity(severity: Severity) -> (&'static str, &'static str) {
    match severity {
        Severity::Minor => ("轻微", "minor"),
        Severity::Moderate => ("一般", "moderate"),
        Severity::Serious => ("严重", "serious"),
        Severity::Criminal => ("刑事", "criminal"),
    }
}

/// The sentence for a rule that has none of its own.
pub(crate) fn default_sentence(rule: &Rule, conclusion: Conclusion) -> Words {
    let (zh, en) = (&rule.name.zh, &rule.name.en);
    let (zh, en) = match (conclusion, rule.mode) {
        (Conclusion::Violation, Mode::Constitutes) => (format!("构成：{zh}。"), format!("Made out: {en}.")),
        (Conclusion::Violation, _) => (format!("不符合「{zh}」。"), format!("Not in line with “{en}”.")),
        (Conclusion::Lawful, Mode::Constitutes) => {
            (format!("不构成：{zh}。"), format!("Not made out: {en}."))
        }
        (Conclusion::Lawful, Mode::Allows) => (format!("可以：{zh}。"), format!("May be done: {en}.")),
        (Conclusion::Lawful, _) => (format!("符合「{zh}」。"), format!("In line with “{en}”.")),
        (Conclusion::Open, Mode::Allows) => (
            format!("能否「{zh}」，取决于尚未查明的事实。"),
            format!("Whether “{en}” depends on facts not known yet."),
        ),
        (Conclusion::Open, Mode::Constitutes) => (
            format!("是否构成「{zh}」，取决于尚未查明的事实。"),
            format!("Whether “{en}” is made out depends on facts not known yet."),
        ),
        (Conclusion::Open | Conclusion::None, _) => (
            format!("是否符合「{zh}」，取决于尚未查明的事实。"),
            format!("Whether “{en}” is met depends on facts not known yet."),
        ),
    };
    Words { zh, en }
}

/// What may be imposed, in one sentence; `criminal` for what a court imposes for an offence.
pub(crate) fn outcomes(outcomes: &[Outcome], criminal: bool) -> Words {
    let parts: Vec<Words> = outcomes.iter().map(|one| outcome(one, criminal)).collect();
    let zh: Vec<&str> = parts.iter().map(|part| part.zh.as_str()).collect();
    let en: Vec<&str> = parts.iter().map(|part| part.en.as_str()).collect();
    Words { zh: zh.join("；"), en: en.join("; ") }
}

fn outcome(outcome: &Outcome, criminal: bool) -> Words {
    // 罚金 is imposed by a court for an offence, 罚款 by an authority.
    let fine = if criminal { "罚金" } else { "罚款" };
    let whose =
        |person: bool| if person { ("对直接责任人员", "the persons responsible: ") } else { ("", "") };
    let (zh, en) = match outcome {
        Outcome::Order { text } => return text.clone(),
        Outcome::Fine { low, high, person } => {
            let (zh_who, en_who) = whose(*person);
            let (zh, en) = match (low, high) {
                (0, Some(high)) => (format!("{}以下", yuan_zh(*high)), format!("up to {}", yuan_en(*high))),
                (low, Some(high)) => (
                    format!("{}以上{}以下", yuan_zh(*low), yuan_zh(*high)),
                    format!("{} to {}", yuan_en(*low), yuan_en(*high)),
                ),
                (0, None) => (String::new(), "without a stated limit".to_owned()),
                (low, None) => (format!("{}以上", yuan_zh(*low)), format!("from {}", yuan_en(*low))),
            };
            (format!("{zh_who}{zh}{fine}"), format!("{en_who}fine {en}"))
        }
        Outcome::Turnover { percent } => (
            format!("上一年度营业额 {percent}% 以下罚款"),
            format!("fine up to {percent}% of last year's turnover"),
        ),
        Outcome::Income { low, high, person } => {
            let (zh_who, en_who) = whose(*person);
            (
                format!("{zh_who}违法所得 {low} 倍以上 {high} 倍以下罚款"),
                format!("{en_who}fine of {low} to {high} times the illegal income"),
            )
        }
        Outcome::Prison { low: 0, high: Some(high) } => {
            (format!("{high} 年以下有期徒刑"), format!("up to {high} years in prison"))
        }
        Outcome::Prison { low, high: Some(high) } => {
            (format!("{low} 年以上 {high} 年以下有期徒刑"), format!("{low} to {high} years in prison"))
        }
        Outcome::Prison { low, high: None } => {
            (format!("{low} 年以上有期徒刑或者无期徒刑"), format!("{low} years to life in prison"))
        }
        Outcome::Detention { low: Some(low), high: Some(high) } => {
            (format!("{low} 日以上 {high} 日以下拘留"), format!("{low} to {high} days of detention"))
        }
        Outcome::Detention { .. } => ("拘役".to_owned(), "criminal detention".to_owned()),
        Outcome::Surveillance => ("管制".to_owned(), "public surveillance".to_owned()),
    };
    Words { zh, en }
}

/// 1000000 → 100 万元.
fn yuan_zh(amount: u64) -> String {
    if amount >= 100_000_000 && amount.is_multiple_of(100_000_000) {
        format!("{} 亿元", amount / 100_000_000)
    } else if amount >= 10_000 && amount.is_multiple_of(10_000) {
        format!("{} 万元", amount / 10_000)
    } else {
        format!("{} 元", grouped(Rational::whole(i128::from(amount))))
    }
}

fn yuan_en(amount: u64) -> String {
    format!("{} yuan", grouped(Rational::whole(i128::from(amount))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_told_as_in_the_law() {
        let words = outcomes(
            &[
                Outcome::Fine { low: 0, high: Some(50_000_000), person: false },
                Outcome::Turnover { percent: 5 },
                Outcome::Fine { low: 10_000, high: Some(100_000), person: true },
            ],
            false,
        );
        assert_eq!(
            words.zh,
            "5000 万元以下罚款；上一年度营业额 5% 以下罚款；对直接责任人员1 万元以上10 万元以下罚款"
        );
        assert!(words.en.contains("up to 50,000,000 yuan"));
    }
}
