//! What a filled-in sheet proves.

use super::bounds::{number_lower, share_lower};
use super::draw::TierLine;
use super::sheet::{Answer, Sheet};
use std::collections::{BTreeMap, BTreeSet};

/// 5 %: the chance, at most, that a bound is above the truth.
const ALPHA: f64 = 0.05;

/// Counts and lower bounds of a tier, or of everything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Bound {
    /// Records that count.
    pub population: u64,
    /// Records drawn.
    pub drawn: u64,
    /// 属实.
    pub right: u64,
    /// 不实.
    pub wrong: u64,
    /// 无法核实, counted as untrue.
    pub unverifiable: u64,
    /// No answer yet, counted as untrue.
    pub unread: u64,
    /// At least so many are true, with 95 %: hypergeometric, without replacement.
    pub lower: u64,
    /// The same by Clopper–Pearson, which does not use that the population is finite.
    pub lower_clopper_pearson: u64,
    /// Cells that the bound is summed over; 1 is a single exact bound.
    pub cells: u64,
}

/// Whether a line still holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineState {
    /// Even the lower bound reaches it.
    Holds,
    /// The count reaches it, the lower bound does not.
    Open,
    /// Not even the count reaches it.
    NotReached,
}

/// A line of art. 5.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// `item_3`, `item_4`, `item_5`, `item_6`; with `_ten_times` for ¶2 item 3.
    pub id: String,
    /// Items needed; nothing for item 6, which adds up shares.
    pub threshold: Option<u64>,
    /// Records counted.
    pub counted: u64,
    /// Lower bound.
    pub lower: u64,
    /// Whether it holds.
    pub state: LineState,
    /// For an open line: how many further draws would settle it if the share of true ones stays as found;
    /// nothing when the line would fall at that share, or for item 6.
    pub more_draws: Option<u64>,
    /// One sentence in Chinese.
    pub zh: String,
    /// One sentence in English.
    pub en: String,
}

/// Everything a filled-in sheet proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assessment {
    /// By tier.
    pub tiers: BTreeMap<u8, Bound>,
    /// Over everything.
    pub overall: Bound,
    /// The lines of art. 5.
    pub lines: Vec<Line>,
    /// For the document, Chinese.
    pub zh: String,
    /// For the document, English.
    pub en: String,
}

/// Computes the bounds of a sheet and what they make of the lines.
pub fn assess(sheet: &Sheet) -> Assessment {
    let cells = cells(sheet);
    // Without strata, all draws together are one simple sample, and so are those of a tier within a stratum.
    let mut strata: BTreeMap<&str, Bound> = BTreeMap::new();
    let mut tiers: BTreeMap<u8, Vec<Bound>> = BTreeMap::new();
    for ((stratum, tier), cell) in &cells {
        add(strata.entry(stratum).or_default(), cell);
        tiers.entry(*tier).or_default().push(*cell);
    }
    let strata: Vec<Bound> = strata.into_values().collect();
    let overall = together(&strata, ALPHA);
    let by_tier: BTreeMap<u8, Bound> =
        tiers.iter().map(|(tier, cells)| (*tier, together(cells, ALPHA))).collect();
    // Item 6 uses the bounds of several tiers at once, so each must be surer.
    let share = ALPHA / tiers.len().max(1) as f64;
    let jointly: BTreeMap<u8, u64> =
        tiers.iter().map(|(tier, cells)| (*tier, together(cells, share).lower)).collect();
    let lines = lines(&sheet.draw.lines, &by_tier, &jointly);
    let (zh, en) = sentences(sheet, &overall, &by_tier, &lines);
    Assessment { tiers: by_tier, overall, lines, zh, en }
}

fn cells(sheet: &Sheet) -> BTreeMap<(&str, u8), Bound> {
    let cells = sheet.draw.cells.iter();
    let mut cells: BTreeMap<(&str, u8), Bound> = cells
        .map(|cell| {
            let bound = Bound { population: cell.population, ..Bound::default() };
            ((cell.stratum.as_str(), cell.tier), bound)
        })
        .collect();
    for drawn in &sheet.draw.drawn {
        let Some(cell) = cells.get_mut(&(drawn.stratum.as_str(), drawn.tier)) else { continue };
        cell.drawn += 1;
        match sheet.answers.get(&drawn.record) {
            Some(Answer::True) => cell.right += 1,
            Some(Answer::False) => cell.wrong += 1,
            Some(Answer::Unverifiable) => cell.unverifiable += 1,
            None => cell.unread += 1,
        }
    }
    cells
}

fn add(sum: &mut Bound, cell: &Bound) {
    sum.population += cell.population;
    sum.drawn += cell.drawn;
    sum.right += cell.right;
    sum.wrong += cell.wrong;
    sum.unverifiable += cell.unverifiable;
    sum.unread += cell.unread;
}

/// The sum of the cells' bounds, each with its share of `alpha`, so that all hold together.
fn together(cells: &[Bound], alpha: f64) -> Bound {
    let count = cells.len().max(1);
    let confidence = 1.0 - alpha / count as f64;
    let mut sum = Bound { cells: count as u64, ..Bound::default() };
    for cell in cells {
        add(&mut sum, cell);
        sum.lower += number_lower(cell.right, cell.drawn, cell.population, confidence);
        let share = share_lower(cell.right, cell.drawn, confidence);
        // A hair below, so that rounding in the last bit never lifts the bound by one.
        sum.lower_clopper_pearson +=
            ((cell.population as f64 * share * (1.0 - 1e-12)).ceil() as u64).max(cell.right);
    }
    sum
}

fn lines(known: &[TierLine], tiers: &BTreeMap<u8, Bound>, jointly: &BTreeMap<u8, u64>) -> Vec<Line> {
    let mut lines = Vec::new();
    for (factor, suffix) in [(1, ""), (10, "_ten_times")] {
        for TierLine { tier, threshold } in known {
            let threshold = threshold.saturating_mul(factor);
            let bound = tiers.get(tier).copied().unwrap_or_default();
            let state = state(bound.lower >= threshold, bound.population >= threshold);
            let more_draws = if state == LineState::Open { more_draws(&bound, threshold) } else { None };
            let place = place(*tier, factor);
            let (zh, en) = line_sentences(&place, threshold, &bound, state, more_draws);
            lines.push(Line {
                id: format!("item_{tier}{suffix}"),
                threshold: Some(threshold),
                counted: bound.population,
                lower: bound.lower,
                state,
                more_draws,
                zh,
                en,
            });
        }
        if known.len() > 1 {
            lines.push(proportion(known, tiers, jointly, factor, suffix));
        }
    }
    lines
}

fn state(lower_reaches: bool, count_reaches: bool) -> LineState {
    match (lower_reaches, count_reaches) {
        (true, _) => LineState::Holds,
        (false, true) => LineState::Open,
        (false, false) => LineState::NotReached,
    }
}

/// Item 6: Σ lower/threshold ≥ factor, in whole numbers.
fn proportion(
    known: &[TierLine],
    tiers: &BTreeMap<u8, Bound>,
    jointly: &BTreeMap<u8, u64>,
    factor: u64,
    suffix: &str,
) -> Line {
    let product: u128 = known.iter().map(|line| u128::from(line.threshold.max(1))).product();
    let reaches = |number: &dyn Fn(u8) -> u64| {
        let sum: u128 = known
            .iter()
            .map(|line| u128::from(number(line.tier)) * (product / u128::from(line.threshold.max(1))))
            .sum();
        sum >= product * u128::from(factor)
    };
    let lower = |tier: u8| jointly.get(&tier).copied().unwrap_or_default();
    let counted = |tier: u8| tiers.get(&tier).map_or(0, |bound| bound.population);
    let state = state(reaches(&lower), reaches(&counted));
    let arithmetic: Vec<String> =
        known.iter().map(|line| format!("{}/{}", lower(line.tier), line.threshold)).collect();
    let arithmetic = arithmetic.join(" + ");
    let place = place(6, factor);
    let (zh_state, en_state) = words(state);
    Line {
        id: format!("item_6{suffix}"),
        threshold: None,
        counted: known.iter().map(|line| counted(line.tier)).sum(),
        lower: known.iter().map(|line| lower(line.tier)).sum(),
        state,
        more_draws: None,
        zh: format!("{}（合计达到{factor}）：各档下限同时成立时为 {arithmetic}，{zh_state}。", place.0),
        en: format!(
            "{} (sum of at least {factor}): with the joint lower bounds {arithmetic}, {en_state}.",
            place.1
        ),
    }
}

fn place(item: u8, factor: u64) -> (String, String) {
    let number = ["三", "四", "五", "六"].get(usize::from(item).saturating_sub(3)).unwrap_or(&"");
    match factor {
        1 => (format!("第五条第一款第{number}项"), format!("art. 5 para. 1 item {item}")),
        _ => (
            format!("第五条第二款第三项（第一款第{number}项的十倍）"),
            format!("art. 5 para. 2 item 3 (ten times item {item})"),
        ),
    }
}

fn words(state: LineState) -> (&'static str, &'static str) {
    match state {
        LineState::Holds => ("仍达到标准", "the line is still reached"),
        LineState::Open => ("尚不能确认达到标准", "open: the line cannot be confirmed yet"),
        LineState::NotReached => ("未达到标准", "the line is not reached"),
    }
}

fn line_sentences(
    place: &(String, String),
    threshold: u64,
    bound: &Bound,
    state: LineState,
    more: Option<u64>,
) -> (String, String) {
    let (zh_state, en_state) = words(state);
    let Bound { population, lower, .. } = bound;
    let mut zh = format!("{}（{threshold}条）：计数{population}条，属实下限{lower}条，{zh_state}", place.0);
    let mut en =
        format!("{} ({threshold} items): {population} counted, at least {lower} true, {en_state}", place.1);
    match (state, more) {
        (LineState::Open, Some(more)) => {
            zh.push_str(&format!("；属实比例不变时，再抽{more}条可以确认"));
            en.push_str(&format!("; {more} more draws would settle it if the share of true ones stays"));
        }
        (LineState::Open, None) => {
            zh.push_str("；按现有属实比例，增加抽样不能确认达到");
            en.push_str("; at the share found, more draws would not confirm it");
        }
        _ => {}
    }
    (format!("{zh}。"), format!("{en}."))
}

/// The smallest number of further draws after which the bound reaches `threshold`, if true ones go on to be
/// found at the same rate (rounded down). For a sum of cells the cells are taken as one.
fn more_draws(bound: &Bound, threshold: u64) -> Option<u64> {
    let Bound { population, drawn, right, .. } = *bound;
    // Nothing drawn yet says nothing about the rate.
    (drawn > 0).then_some(())?;
    let reaches = |n: u64| {
        let found = (u128::from(right) * u128::from(n) / u128::from(drawn)) as u64;
        number_lower(found, n, population, 1.0 - ALPHA) >= threshold
    };
    reaches(population).then_some(())?;
    let (mut low, mut high) = (drawn, population);
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if reaches(middle) { high = middle } else { low = middle }
    }
    Some(high - drawn)
}

fn sentences(
    sheet: &Sheet,
    overall: &Bound,
    tiers: &BTreeMap<u8, Bound>,
    lines: &[Line],
) -> (String, String) {
    let seed = &sheet.draw.seed;
    let Bound { population, drawn, right, wrong, unverifiable, unread, .. } = overall;
    let mut zh = format!(
        "以公开种子“{seed}”从{population}条记录中随机抽取{drawn}条核验：属实{right}条，不实{wrong}条，无法核实{unverifiable}条"
    );
    let mut en = format!(
        "With the published seed \"{seed}\", {drawn} of {population} records were drawn at random and verified: {right} true, {wrong} untrue, {unverifiable} not verifiable"
    );
    if *unread > 0 {
        zh.push_str(&format!("，尚未核验{unread}条"));
        en.push_str(&format!(", {unread} not read yet"));
    }
    zh.push_str("。无法核实和尚未核验的按不实计。在95%置信水平（单侧，无放回抽样超几何分布精确下限）下，");
    en.push_str(". What was not verified counts as untrue. With 95 % confidence (one-sided, exact hypergeometric bound without replacement) ");
    zh.push_str(&format!("属实的不少于{}条", overall.lower));
    en.push_str(&format!("at least {} are true", overall.lower));
    let several = tiers.values().chain([overall]).any(|bound| bound.cells > 1);
    for (tier, bound) in tiers {
        let (zh_place, en_place) = place(*tier, 1);
        zh.push_str(&format!("；其中{zh_place}的{}条，属实不少于{}条", bound.population, bound.lower));
        en.push_str(&format!("; of the {} of {en_place} at least {}", bound.population, bound.lower));
    }
    zh.push('。');
    en.push('.');
    if several {
        zh.push_str("分层抽样各层的下限按邦费罗尼法同时成立后相加。");
        en.push_str(" The bounds of strata hold jointly (Bonferroni) and were added.");
    }
    let states: BTreeSet<_> =
        lines.iter().map(|line| (line.id.as_str(), line.state == LineState::NotReached)).collect();
    for line in lines.iter().filter(|line| !states.contains(&(line.id.as_str(), true))) {
        zh.push_str(&line.zh);
        en.push_str(&format!(" {}", line.en));
    }
    (zh, en)
}

#[cfg(test)]
mod tests {
    use super::super::draw::{By, Drawer};
    use super::*;

    /// A sheet over `population` records of a tier, of which `wrong` of the drawn are answered untrue.
    fn sheet(population: &[(u8, u64)], n: u64, by: By, wrong: u64) -> Sheet {
        let mut drawer = Drawer::new(n, by, "seed");
        let mut record = 0;
        for (tier, count) in population {
            for _ in 0..*count {
                record += 1;
                drawer.push(record, *tier, "PHONE", "a.csv");
            }
        }
        let lines = [(3, 50), (4, 500), (5, 5000)].map(|(tier, threshold)| TierLine { tier, threshold });
        let draw = drawer.finish("00", lines.to_vec()).unwrap();
        let answers =
            draw.drawn.iter().zip(0..).map(|(drawn, number)| {
                (drawn.record, if number < wrong { Answer::False } else { Answer::True })
            });
        Sheet { answers: answers.collect(), draw }
    }

    fn line<'a>(assessment: &'a Assessment, id: &str) -> &'a Line {
        assessment.lines.iter().find(|line| line.id == id).unwrap()
    }

    #[test]
    fn one_tier_gives_one_exact_bound() {
        let found = assess(&sheet(&[(5, 6000)], 384, By::Nothing, 4));
        assert_eq!(found.overall.right, 380);
        assert_eq!(found.overall.lower, number_lower(380, 384, 6000, 0.95));
        assert_eq!(found.tiers[&5], found.overall);
        assert!(found.overall.lower_clopper_pearson <= found.overall.lower);
        assert_eq!(line(&found, "item_5").state, LineState::Holds);
        assert_eq!(line(&found, "item_5_ten_times").state, LineState::NotReached);
        assert!(found.zh.contains("属实380条") && found.en.contains("380 true"));
    }

    #[test]
    fn both_sides_of_a_line() {
        // Everything read and true: the bound is the count itself.
        for (count, expected) in
            [(4999, LineState::NotReached), (5000, LineState::Holds), (5001, LineState::Holds)]
        {
            let found = assess(&sheet(&[(5, count)], count, By::Nothing, 0));
            assert_eq!(line(&found, "item_5").state, expected, "{count}");
        }
        // 5 001 of which two are untrue, all read: 4 999 is below.
        let found = assess(&sheet(&[(5, 5001)], 5001, By::Nothing, 2));
        assert_eq!(line(&found, "item_5").lower, 4999);
        assert_eq!(line(&found, "item_5").state, LineState::Open);
        assert_eq!(line(&found, "item_5").more_draws, None);
        let found = assess(&sheet(&[(5, 5001)], 5001, By::Nothing, 1));
        assert_eq!(line(&found, "item_5").state, LineState::Holds);
    }

    #[test]
    fn further_draws_settle_an_open_line_and_one_fewer_do_not() {
        let found = assess(&sheet(&[(5, 5100)], 100, By::Nothing, 0));
        let open = line(&found, "item_5");
        assert_eq!(open.state, LineState::Open);
        let more = open.more_draws.unwrap();
        let enough = assess(&sheet(&[(5, 5100)], 100 + more, By::Nothing, 0));
        assert_eq!(line(&enough, "item_5").state, LineState::Holds);
        let fewer = assess(&sheet(&[(5, 5100)], 99 + more, By::Nothing, 0));
        assert_eq!(line(&fewer, "item_5").state, LineState::Open);
    }

    #[test]
    fn strata_are_summed_with_joint_confidence() {
        let found = assess(&sheet(&[(3, 60), (5, 4000)], 120, By::Tier, 0));
        // Tier 3 is read whole, tier 5 by 60 draws; per tier the bound is single.
        assert_eq!(found.tiers[&3].lower, 60);
        assert_eq!(found.tiers[&5].lower, number_lower(60, 60, 4000, 0.95));
        assert_eq!(found.overall.cells, 2);
        assert_eq!(found.overall.lower, 60 + number_lower(60, 60, 4000, 0.975));
        assert_eq!(line(&found, "item_3").state, LineState::Holds);
        // 60/50 is more than 1 already.
        assert_eq!(line(&found, "item_6").state, LineState::Holds);
        let less = assess(&sheet(&[(3, 49), (5, 100)], 149, By::Nothing, 0));
        assert_eq!(line(&less, "item_6").state, LineState::Holds, "49/50 + 100/5000 is exactly 1");
        let less = assess(&sheet(&[(3, 49), (5, 99)], 148, By::Nothing, 0));
        assert_eq!(line(&less, "item_6").state, LineState::NotReached);
    }

    #[test]
    fn what_was_not_verified_counts_as_untrue() {
        let mut sheet = sheet(&[(5, 200)], 200, By::Nothing, 0);
        let records: Vec<u64> = sheet.answers.keys().copied().take(3).collect();
        sheet.answers.insert(records[0], Answer::Unverifiable);
        sheet.answers.remove(&records[1]);
        sheet.answers.insert(records[2], Answer::False);
        let found = assess(&sheet).overall;
        assert_eq!((found.right, found.wrong, found.unverifiable, found.unread), (197, 1, 1, 1));
        assert_eq!(found.lower, 197);
    }
}
