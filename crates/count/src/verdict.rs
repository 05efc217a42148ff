//! Answers drawn from numbers, each with the lines reached or the facts missing, as words and as sentences.

use crate::Acts;
use crate::law::{ByTier, Lines, proportion, proportion_sum, reaches_yuan};
use zhunsheng_model::{Answer, Verdict};

/// The numbers that the lines are held against.
pub(crate) struct Measured {
    pub(crate) counts: ByTier,
    pub(crate) income: Option<u64>,
    /// Items and income of item 8, where it applies.
    pub(crate) insider: Option<(ByTier, Option<u64>)>,
    /// Items and profit of art. 6, where it applies.
    pub(crate) business: Option<(u64, Option<u64>)>,
}

/// A reason in three forms.
struct Reason {
    word: String,
    zh: String,
    en: String,
}

fn reason(word: impl Into<String>, zh: impl Into<String>, en: impl Into<String>) -> Reason {
    Reason { word: word.into(), zh: zh.into(), en: en.into() }
}

const ITEMS: [(&str, &str); 3] = [("item_3", "三"), ("item_4", "四"), ("item_5", "五")];

/// 情节严重 by art. 5 ¶1, or by art. 6.
pub(crate) fn serious(full: &Lines, half: &Lines, acts: &Acts, measured: &Measured) -> Verdict {
    let mut yes = Vec::new();
    let facts = &acts.facts;
    if facts.tracks_used_in_crime == Some(true) {
        yes.push(reason(
            "item_1",
            "符合第一款第一项（行踪轨迹信息被用于犯罪）",
            "item 1 (tracks used in a crime)",
        ));
    }
    if facts.knew_of_crime == Some(true) {
        yes.push(reason(
            "item_2",
            "符合第一款第二项（明知他人利用信息犯罪）",
            "item 2 (knew that the information would serve a crime)",
        ));
    }
    yes.extend(reached(full, 1, &measured.counts, measured.income));
    if let Some((counts, income)) = &measured.insider {
        let found = reached(half, 1, counts, *income);
        if !found.is_empty() {
            yes.push(insider(&found));
        }
    }
    if facts.punished_before == Some(true) {
        yes.push(reason("item_9", "符合第一款第九项（曾受处罚）", "item 9 (punished before)"));
    }
    if facts.other_serious == Some(true) {
        yes.push(reason("item_10", "符合第一款第十项（其他情节严重）", "item 10 (otherwise serious)"));
    }
    if let Some((items, Some(profit))) = measured.business
        && items > 0
        && reaches_yuan(profit, full.business_profit_yuan)
    {
        let (yuan, line) = (money(profit), full.business_profit_yuan);
        yes.push(reason(
            "article_6",
            format!("符合第六条第一款第一项（合法经营而购买、收受，获利{yuan}元，标准{line}元）"),
            format!("article 6 (lawful business, profit {yuan} of {line} yuan)"),
        ));
    }
    let mut open = Vec::new();
    if !acts.stated {
        open.push(reason(
            "needs_acts",
            "行为（获取、出售、提供）",
            "the acts (obtaining, selling, providing)",
        ));
    }
    if measured.income.is_none() {
        open.push(reason("needs_income", "违法所得", "the unlawful income"));
    }
    if matches!(measured.business, Some((1.., None))) {
        open.push(reason("needs_profit", "合法经营的获利", "the profit of the lawful business"));
    }
    for (known, word, zh, en) in [
        (
            facts.tracks_used_in_crime,
            "needs_item_1",
            "行踪轨迹信息是否被用于犯罪",
            "whether tracks were used in a crime",
        ),
        (
            facts.knew_of_crime,
            "needs_item_2",
            "是否明知他人利用信息犯罪",
            "whether a crime by others was known of",
        ),
        (facts.punished_before, "needs_item_9", "是否曾受处罚", "whether there was punishment before"),
        (facts.other_serious, "needs_item_10", "有无其他严重情节", "whether it was otherwise serious"),
    ] {
        if known.is_none() {
            open.push(reason(word, zh, en));
        }
    }
    verdict("情节严重", "serious circumstances (art. 5 ¶1)", yes, open)
}

/// 情节特别严重 by art. 5 ¶2.
pub(crate) fn very_serious(
    full: &Lines,
    half: &Lines,
    acts: &Acts,
    measured: &Measured,
    serious: Answer,
) -> Verdict {
    let facts = &acts.facts;
    let factor = full.very_serious_factor;
    let mut ten = reached(full, factor, &measured.counts, measured.income);
    if let Some((counts, income)) = &measured.insider {
        let found = reached(half, factor, counts, *income);
        if !found.is_empty() {
            ten.push(insider(&found));
        }
    }
    let mut yes = Vec::new();
    // ¶2 presupposes an act of ¶1 (实施前款规定的行为).
    if serious == Answer::Yes {
        if facts.grave_harm == Some(true) {
            yes.push(reason("grave_harm", "符合第二款第一项（严重后果）", "¶2 item 1 (grave harm)"));
        }
        if facts.great_loss == Some(true) {
            yes.push(reason(
                "great_loss",
                "符合第二款第二项（重大经济损失或恶劣影响）",
                "¶2 item 2 (great loss)",
            ));
        }
        if facts.other_very_serious == Some(true) {
            yes.push(reason(
                "other_very_serious",
                "符合第二款第四项（其他情节特别严重）",
                "¶2 item 4 (otherwise)",
            ));
        }
    }
    if !ten.is_empty() {
        yes.push(reason(
            "ten_times",
            format!("达到第二款第三项的{factor}倍"),
            format!("¶2 item 3 ({factor} times)"),
        ));
        yes.append(&mut ten);
    }
    let mut open = Vec::new();
    if serious == Answer::Open {
        open.push(reason("needs_serious", "是否情节严重", "whether the circumstances are serious"));
    }
    if serious != Answer::No {
        if measured.income.is_none() {
            open.push(reason("needs_income", "违法所得", "the unlawful income"));
        }
        for (known, word, zh, en) in [
            (facts.grave_harm, "needs_grave_harm", "有无严重后果", "whether there was grave harm"),
            (
                facts.great_loss,
                "needs_great_loss",
                "有无重大经济损失或恶劣影响",
                "whether there was great loss",
            ),
            (facts.other_very_serious, "needs_other_very_serious", "有无其他特别严重情节", "anything else"),
        ] {
            if known.is_none() {
                open.push(reason(word, zh, en));
            }
        }
    }
    verdict("情节特别严重", "very serious circumstances (art. 5 ¶2)", yes, open)
}

fn insider(found: &[Reason]) -> Reason {
    let list = |text: fn(&Reason) -> &str, glue: &str| found.iter().map(text).collect::<Vec<_>>().join(glue);
    reason(
        "item_8",
        format!("按第一款第八项减半：{}", list(|reason| &reason.zh, "、")),
        format!("item 8 at half the lines: {}", list(|reason| &reason.en, ", ")),
    )
}

/// Items 3 to 7 that are reached `factor` times. Item 6 is for what reaches none of items 3 to 5.
fn reached(lines: &Lines, factor: u64, counts: &ByTier, income: Option<u64>) -> Vec<Reason> {
    let times = |line: u64| line.saturating_mul(factor);
    let mut found: Vec<Reason> = ITEMS
        .iter()
        .zip(counts)
        .zip(lines.serious)
        .filter(|((_, count), line)| **count >= times(*line))
        .map(|(((word, numeral), count), line)| {
            let line = times(line);
            let number = word.trim_start_matches("item_");
            reason(
                *word,
                format!("达到第一款第{numeral}项（{count}条，标准{line}条）"),
                format!("item {number} ({count} of {line} items)"),
            )
        })
        .collect();
    let (sum, whole) = proportion_sum(counts, lines);
    if found.is_empty() && sum >= whole * u128::from(factor) {
        let proportion = proportion(counts, lines);
        let (arithmetic, fraction) = (&proportion.arithmetic, &proportion.fraction);
        found.push(reason(
            "item_6",
            format!("达到第一款第六项（{arithmetic} = {fraction}，标准{factor}）"),
            format!("item 6 ({arithmetic} = {fraction} of {factor})"),
        ));
    }
    if let Some(fen) = income.filter(|fen| reaches_yuan(*fen, times(lines.income_yuan))) {
        let (yuan, line) = (money(fen), times(lines.income_yuan));
        found.push(reason(
            "item_7",
            format!("达到第一款第七项（违法所得{yuan}元，标准{line}元）"),
            format!("item 7 (income {yuan} of {line} yuan)"),
        ));
    }
    found
}

fn money(fen: u64) -> String {
    match (fen / 100, fen % 100) {
        (yuan, 0) => yuan.to_string(),
        (yuan, cents) => format!("{yuan}.{cents:02}"),
    }
}

/// One reached line is enough for yes; no needs every fact to be known.
fn verdict(what_zh: &str, what_en: &str, yes: Vec<Reason>, open: Vec<Reason>) -> Verdict {
    let (answer, reasons) = match (yes.is_empty(), open.is_empty()) {
        (false, _) => (Answer::Yes, yes),
        (true, false) => (Answer::Open, open),
        (true, true) => {
            (Answer::No, vec![reason("no_line_reached", "各项标准均未达到", "no line is reached")])
        }
    };
    let zh: Vec<&str> = reasons.iter().map(|reason| reason.zh.as_str()).collect();
    let en: Vec<&str> = reasons.iter().map(|reason| reason.en.as_str()).collect();
    let (reason_zh, reason_en) = match answer {
        Answer::Yes => {
            (format!("属于“{what_zh}”：{}。", zh.join("；")), format!("{what_en}: {}.", en.join("; ")))
        }
        Answer::Open => (
            format!("现有数量未达到“{what_zh}”的标准，尚需查明：{}。", zh.join("、")),
            format!("The numbers alone do not reach {what_en}; still to be found out: {}.", en.join(", ")),
        ),
        Answer::No => (
            format!("未达到“{what_zh}”的标准：{}。", zh.join("；")),
            format!("Not {what_en}: {}.", en.join("; ")),
        ),
    };
    Verdict { answer, reasons: reasons.into_iter().map(|reason| reason.word).collect(), reason_zh, reason_en }
}
