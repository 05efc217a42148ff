//! Measures of a ranking against what is known to be relevant.

/// Share of the relevant that stand among the first `k`.
pub fn recall(ranked: &[u32], relevant: &[u32], k: usize) -> f64 {
    if relevant.is_empty() {
        return 0.0;
    }
    let found = relevant.iter().filter(|id| ranked.iter().take(k).any(|own| own == *id)).count();
    found as f64 / relevant.len() as f64
}

/// One divided by the rank of the first relevant among the first `k`; 0 when there is none.
pub fn reciprocal_rank(ranked: &[u32], relevant: &[u32], k: usize) -> f64 {
    let rank = ranked.iter().take(k).position(|id| relevant.contains(id));
    rank.map_or(0.0, |rank| 1.0 / (rank as f64 + 1.0))
}

/// Share of the first `k` that are relevant; a shorter ranking counts as `k` long.
pub fn precision(ranked: &[u32], relevant: &[u32], k: usize) -> f64 {
    if k == 0 {
        return 0.0;
    }
    ranked.iter().take(k).filter(|id| relevant.contains(id)).count() as f64 / k as f64
}

/// Mean of the precision at each relevant that is found, divided by the number of relevant.
pub fn average_precision(ranked: &[u32], relevant: &[u32]) -> f64 {
    let (sum, _) = precisions(ranked, relevant);
    if relevant.is_empty() { 0.0 } else { sum / relevant.len() as f64 }
}

/// The same divided by the number found: what is not found costs nothing. Some published figures are reckoned so.
pub fn average_precision_of_found(ranked: &[u32], relevant: &[u32]) -> f64 {
    let (sum, found) = precisions(ranked, relevant);
    if found > 0.0 { sum / found } else { 0.0 }
}

/// Sum of the precision at each relevant that is found, and how many are.
fn precisions(ranked: &[u32], relevant: &[u32]) -> (f64, f64) {
    let (mut sum, mut found) = (0.0, 0.0);
    for (rank, id) in (1u32..).zip(ranked) {
        if relevant.contains(id) {
            found += 1.0;
            sum += found / f64::from(rank);
        }
    }
    (sum, found)
}

/// Discounted gain of the first `k` against that of the best order: `grade(id)` is 0 for what is not relevant, `all`
/// lists every grade there is.
pub fn ndcg(ranked: &[u32], grade: impl Fn(u32) -> u32, all: &[u32], k: usize) -> f64 {
    let discounted = |grades: &mut dyn Iterator<Item = u32>| -> f64 {
        (2u32..).zip(grades.take(k)).map(|(rank, grade)| f64::from(grade) / f64::from(rank).log2()).sum()
    };
    let mut ideal = all.to_vec();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best = discounted(&mut ideal.into_iter());
    if best > 0.0 { discounted(&mut ranked.iter().map(|id| grade(*id))) / best } else { 0.0 }
}

/// The mean of values; 0 of none.
pub fn mean(values: impl IntoIterator<Item = f64>) -> f64 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in values {
        sum += value;
        count += 1.0;
    }
    if count > 0.0 { sum / count } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Made by hand: 7 and 9 are relevant, 7 stands second and 9 fifth.
    const RANKED: [u32; 6] = [1, 7, 2, 3, 9, 4];

    #[test]
    fn measures_are_those_reckoned_by_hand() {
        let relevant = [7, 9];
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        near(recall(&RANKED, &relevant, 1), 0.0);
        near(recall(&RANKED, &relevant, 2), 0.5);
        near(recall(&RANKED, &relevant, 4), 0.5);
        near(recall(&RANKED, &relevant, 5), 1.0);
        near(reciprocal_rank(&RANKED, &relevant, 10), 0.5);
        near(reciprocal_rank(&RANKED, &relevant, 1), 0.0);
        near(reciprocal_rank(&RANKED, &[8], 10), 0.0);
        near(precision(&RANKED, &relevant, 5), 0.4);
        near(precision(&RANKED, &relevant, 10), 0.2);
        near(average_precision(&RANKED, &relevant), (1.0 / 2.0 + 2.0 / 5.0) / 2.0);
        near(average_precision(&RANKED, &[]), 0.0);
        near(average_precision(&RANKED, &[7, 8]), 0.25);
        near(average_precision_of_found(&RANKED, &[7, 8]), 0.5);
        near(average_precision_of_found(&RANKED, &[8]), 0.0);
        near(mean([1.0, 0.0, 0.5]), 0.5);
    }

    #[test]
    fn gain_is_discounted_by_rank() {
        let grade = |id: u32| match id {
            7 => 3,
            2 => 1,
            _ => 0,
        };
        let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        let best = 3.0 / 2f64.log2() + 1.0 / 3f64.log2();
        near(ndcg(&RANKED, grade, &[3, 1], 10), (3.0 / 3f64.log2() + 1.0 / 4f64.log2()) / best);
        near(ndcg(&[7, 2], grade, &[1, 3], 10), 1.0);
        near(ndcg(&[1], grade, &[3, 1], 10), 0.0);
        near(ndcg(&[], grade, &[], 10), 0.0);
    }
}
