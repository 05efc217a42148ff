//! The lines of 法释〔2017〕10号, and what counts make of them. A reading of numbers, not a judgment: whether
//! anything was unlawful at all is for others to say.

use crate::acts::{holds, trimmed};
use crate::rules::Tiers;
use crate::sums::{Mask, Sums, is_tied};
use crate::verdict::{self, Measured};
use crate::{Act, ActKind, Acts, CountRules};
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::{
    ActCount, Article6, Bases, Basis, Criminal, HalfReading, Kind, KindSet, Proportion, TierCount,
};
use zhunsheng_rules::Criminal as CriminalRules;

/// The lines of art. 5 and 6. 以上 includes the number itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lines {
    /// Items 3, 4 and 5 of ¶1: items (条) from which 情节严重 begins.
    pub serious: [u64; 3],
    /// Item 7: 违法所得 in yuan.
    pub income_yuan: u64,
    /// Item 8: numerator and denominator of the share.
    pub insider_share: (u64, u64),
    /// ¶2 item 3.
    pub very_serious_factor: u64,
    /// Art. 6 ¶1 item 1: 获利 in yuan.
    pub business_profit_yuan: u64,
}

impl Default for Lines {
    fn default() -> Lines {
        Lines {
            serious: [50, 500, 5_000],
            income_yuan: 5_000,
            insider_share: (1, 2),
            very_serious_factor: 10,
            business_profit_yuan: 50_000,
        }
    }
}

impl Lines {
    /// The lines as the rules state them; art. 6 (五万元以上) is not among the tables and taken from its text.
    pub fn from_rules(criminal: &CriminalRules) -> Lines {
        let [three, four, five] = &criminal.tiers;
        Lines {
            serious: [three.serious, four.serious, five.serious],
            income_yuan: criminal.income.serious,
            insider_share: criminal.insider_share,
            very_serious_factor: criminal.ten_times_factor,
            ..Lines::default()
        }
    }

    /// The lines of item 8, rounded up: a half is reached only by a number that is at least half.
    pub(crate) fn halved(&self) -> Lines {
        let (numerator, denominator) = self.insider_share;
        let share = |line: u64| (line * numerator).div_ceil(denominator.max(1));
        Lines { serious: self.serious.map(share), income_yuan: share(self.income_yuan), ..self.clone() }
    }
}

/// Counts by tier 3, 4, 5 for one basis or purpose.
pub(crate) type ByTier = [u64; 3];

/// What the acts make of an item that stands in certain data sets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Weight {
    /// How often it counts: once for each recipient, once when nobody received it, never without an act.
    all: u64,
    /// How often it counts under item 8.
    insider: u64,
    /// Every act about it is obtaining for lawful business: art. 6 takes the place of art. 5 for item 5.
    business: bool,
}

/// Counts, acts and rules together.
pub(crate) struct Case<'a> {
    pub(crate) rules: &'a CountRules,
    pub(crate) acts: &'a Acts,
    pub(crate) basis: Basis,
    pub(crate) sums: &'a Sums,
}

/// Weighted counts of every basis.
#[derive(Default)]
struct Weighed {
    /// By tier and basis, what art. 5 counts.
    tiers: [Bases; 3],
    /// By tier, in the chosen basis: those that the lenient reading would put elsewhere.
    only_strict: ByTier,
    /// By tier, in the chosen basis: those of item 8.
    insider: ByTier,
    /// In the chosen basis: those of art. 6.
    business: u64,
    /// Of all acts, art. 6 included.
    all: Bases,
    /// By act, in the chosen basis.
    by_act: Vec<u64>,
    /// Kinds that put something into a tier.
    kinds: [KindSet; 3],
}

impl Case<'_> {
    /// Items by basis over everything, whatever the acts.
    pub(crate) fn bases(&self) -> Bases {
        let mut bases = Bases::default();
        self.each(|basis, tiers, _, _, count| {
            if tiers.strict != 0 {
                *of(&mut bases, basis) += count;
            }
        });
        bases
    }

    /// Calls `with` for every group of items that look alike: basis, tiers, kinds, data sets, how many.
    fn each(&self, mut with: impl FnMut(Basis, Tiers, KindSet, Mask, u64)) {
        for (basis, looks) in [(Basis::Seized, &self.sums.seized), (Basis::Record, &self.sums.record)] {
            for ((kinds, mask), count) in looks {
                with(basis, self.rules.tiers_of(*kinds, is_tied(*kinds)), *kinds, *mask, *count);
            }
        }
        for ((kind, tied, mask), count) in &self.sums.item {
            let kinds = [*kind].into_iter().collect();
            with(Basis::Item, self.rules.tiers_of_kind(*kind, *tied), kinds, *mask, *count);
        }
        for (look, count) in &self.sums.person {
            with(Basis::Person, self.rules.tiers_of(look.kinds, true), look.kinds, look.mask, *count);
        }
    }

    fn weighed(&self) -> Weighed {
        let weights = Weights::new(self.acts);
        let mut known: BTreeMap<Mask, Weight> = BTreeMap::new();
        let mut weighed = Weighed { by_act: vec![0; self.acts.acts.len()], ..Weighed::default() };
        self.each(|basis, tiers, kinds, mask, count| {
            let Some(index) = (tiers.strict as usize).checked_sub(3).filter(|index| *index < 3) else {
                return;
            };
            let weight = *known.entry(mask).or_insert_with(|| weights.of(mask));
            *of(&mut weighed.all, basis) += weight.all * count;
            let business = weight.business && tiers.strict == 5;
            if !business && let Some(bases) = weighed.tiers.get_mut(index) {
                *of(bases, basis) += weight.all * count;
            }
            if basis != self.basis {
                return;
            }
            for (sum, bit) in weighed.by_act.iter_mut().zip(&weights.bits) {
                *sum += if mask & bit != 0 { count } else { 0 };
            }
            if business {
                weighed.business += weight.all * count;
                return;
            }
            add(&mut weighed.insider, index, weight.insider * count);
            if tiers.lenient != tiers.strict {
                add(&mut weighed.only_strict, index, weight.all * count);
            }
            if let (true, Some(set)) = (weight.all > 0, weighed.kinds.get_mut(index)) {
                *set = set.union(self.reaching(kinds, tiers.strict));
            }
        });
        weighed
    }

    /// Those of `kinds` that put an item into its tier.
    fn reaching(&self, kinds: KindSet, tier: u8) -> KindSet {
        let tied = is_tied(kinds);
        let alone: KindSet =
            kinds.iter().filter(|kind| self.rules.tiers_of_kind(*kind, tied).strict == tier).collect();
        if !alone.is_empty() {
            return alone;
        }
        // No kind does so alone: it is the set of an identity card.
        kinds
            .iter()
            .filter(|kind| matches!(kind, Kind::Person | Kind::CnId | Kind::Address | Kind::Biometric))
            .collect()
    }

    /// Art. 5, 6 and 11 applied.
    pub(crate) fn criminal(&self) -> Criminal {
        let weighed = self.weighed();
        let counts: ByTier = weighed.tiers.map(|bases| value(&bases, self.basis));
        let full = &self.rules.lines;
        let half = full.halved();
        let insider_acts = weighed.insider != [0; 3]
            || self.acts.acts.iter().any(|act| act.kind.gives() && is_insider(act, &self.acts.acts));
        // When everything was obtained in duty or service and given away, its lines are the lines.
        let only_insider = insider_acts && weighed.insider == counts;
        let lines = if only_insider { &half } else { full };

        let tiers = self.tier_counts(&weighed, &counts, lines);
        let proportion = proportion(&counts, lines);
        let income = income_fen(self.acts, |act| !act.lawful_business);
        let insider_income =
            income_fen(self.acts, |act| act.kind.gives() && is_insider(act, &self.acts.acts));
        let business_acts = self.acts.acts.iter().any(|act| act.lawful_business);
        let profit = self
            .acts
            .acts
            .iter()
            .filter(|act| act.lawful_business)
            .filter_map(|act| act.profit_fen)
            .reduce(u64::saturating_add);
        let measured = Measured {
            counts,
            income,
            insider: insider_acts.then_some((weighed.insider, insider_income)),
            business: business_acts.then_some((weighed.business, profit)),
        };
        let serious = verdict::serious(full, &half, self.acts, &measured);
        let very_serious = verdict::very_serious(full, &half, self.acts, &measured, serious.answer);
        Criminal {
            basis: self.basis,
            tiers,
            proportion: proportion.fraction.clone(),
            proportion_detail: proportion,
            half_applied: insider_acts,
            half: (insider_acts && !only_insider).then(|| HalfReading {
                thresholds: half.serious,
                counts: weighed.insider,
                proportion: self::proportion(&weighed.insider, &half),
                income_yuan: insider_income.map(|fen| fen / 100),
            }),
            article_6: business_acts.then(|| Article6 {
                items: weighed.business,
                profit_yuan: profit.map(|fen| fen / 100),
                profit_line_yuan: full.business_profit_yuan,
                reached: profit.is_some_and(|fen| reaches_yuan(fen, full.business_profit_yuan)),
            }),
            income_yuan: income.map(|fen| fen / 100),
            serious,
            very_serious,
            acts: self
                .acts
                .acts
                .iter()
                .zip(&weighed.by_act)
                .map(|(act, items)| ActCount {
                    act: act.kind.as_str().to_owned(),
                    data_set: act.data_set.clone(),
                    recipient: act.recipient.clone(),
                    date: act.date.map(|date| date.to_string()),
                    items: *items,
                })
                .collect(),
            items_by_acts: weighed.all,
            review: "unreviewed".to_owned(),
        }
    }

    fn tier_counts(&self, weighed: &Weighed, counts: &ByTier, lines: &Lines) -> Vec<TierCount> {
        let rows = (3..=5).zip(counts).zip(lines.serious).zip(weighed.tiers);
        rows.zip(weighed.only_strict)
            .zip(weighed.kinds)
            .map(|(((((item, count), threshold), by_basis), only_strict), kinds)| TierCount {
                item,
                threshold,
                count: *count,
                reached: *count >= threshold,
                by_basis,
                count_if_lenient: only_strict,
                kinds: kinds.iter().collect(),
            })
            .collect()
    }
}

/// Whether so much money reaches a line in yuan.
pub(crate) fn reaches_yuan(fen: u64, line: u64) -> bool {
    u128::from(fen) >= u128::from(line) * 100
}

/// Σ count / line, exactly.
pub(crate) fn proportion(counts: &ByTier, lines: &Lines) -> Proportion {
    let (sum, whole) = proportion_sum(counts, lines);
    let divisor = greatest_common_divisor(sum, whole);
    let (sum, whole) = (sum / divisor, whole / divisor);
    Proportion {
        fraction: if whole == 1 { sum.to_string() } else { format!("{sum}/{whole}") },
        arithmetic: counts
            .iter()
            .zip(lines.serious)
            .map(|(count, line)| format!("{count}/{line}"))
            .collect::<Vec<_>>()
            .join(" + "),
        reached: sum >= whole,
    }
}

/// The same as numerator and denominator, not reduced.
pub(crate) fn proportion_sum(counts: &ByTier, lines: &Lines) -> (u128, u128) {
    let whole = lines.serious.iter().fold(1u128, |whole, line| {
        let line = u128::from(*line).max(1);
        whole / greatest_common_divisor(whole, line) * line
    });
    let sum = counts
        .iter()
        .zip(lines.serious)
        .map(|(count, line)| u128::from(*count) * (whole / u128::from(line).max(1)))
        .sum();
    (sum, whole)
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

fn income_fen(acts: &Acts, which: impl Fn(&Act) -> bool) -> Option<u64> {
    let stated = acts.acts.iter().filter(|act| which(act)).filter_map(|act| act.income_fen);
    stated.reduce(u64::saturating_add)
}

/// Whether all that `act` is about was obtained in duty or service: it says so itself, or obtaining a data set
/// that holds it does.
fn is_insider(act: &Act, acts: &[Act]) -> bool {
    act.in_duty_or_service
        || acts.iter().any(|other| {
            other.kind == ActKind::Obtained
                && other.in_duty_or_service
                && holds(trimmed(&other.data_set), trimmed(&act.data_set))
        })
}

/// The acts, ready to be asked for the weight of a mask.
struct Weights<'a> {
    acts: &'a [Act],
    /// Bit of the data set of each act.
    bits: Vec<Mask>,
}

impl<'a> Weights<'a> {
    fn new(acts: &'a Acts) -> Weights<'a> {
        let sets = acts.data_sets();
        let bit = |act: &Act| {
            let place = sets.binary_search(&trimmed(&act.data_set)).unwrap_or(usize::MAX);
            u32::try_from(place).ok().and_then(|place| 1u64.checked_shl(place)).unwrap_or(0)
        };
        Weights { bits: acts.acts.iter().map(bit).collect(), acts: &acts.acts }
    }

    /// Art. 11: obtained and then sold counts once, each further recipient adds one.
    fn of(&self, mask: Mask) -> Weight {
        let about: Vec<&Act> = self
            .acts
            .iter()
            .zip(&self.bits)
            .filter(|(_, bit)| mask & **bit != 0)
            .map(|(act, _)| act)
            .collect();
        if about.is_empty() {
            return Weight::default();
        }
        let duty = about.iter().any(|act| act.kind == ActKind::Obtained && act.in_duty_or_service);
        let given: Vec<&Act> = about.iter().copied().filter(|act| act.kind.gives()).collect();
        let insider: Vec<&Act> = given.iter().copied().filter(|act| duty || act.in_duty_or_service).collect();
        Weight {
            all: recipients(&given).max(1),
            insider: if insider.is_empty() { 0 } else { recipients(&insider).max(1) },
            business: about.iter().all(|act| act.lawful_business),
        }
    }
}

/// Distinct named recipients. One who is not named is not shown to be another.
fn recipients(given: &[&Act]) -> u64 {
    given.iter().filter_map(|act| act.recipient.as_deref()).collect::<BTreeSet<_>>().len() as u64
}

fn of(bases: &mut Bases, basis: Basis) -> &mut u64 {
    match basis {
        Basis::Seized => &mut bases.seized,
        Basis::Record => &mut bases.record,
        Basis::Item => &mut bases.item,
        Basis::Person => &mut bases.person,
    }
}

fn value(bases: &Bases, basis: Basis) -> u64 {
    let mut bases = *bases;
    *of(&mut bases, basis)
}

fn add(counts: &mut ByTier, index: usize, more: u64) {
    if let Some(count) = counts.get_mut(index) {
        *count += more;
    }
}
