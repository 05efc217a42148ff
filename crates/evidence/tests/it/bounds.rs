//! How often the lower bounds hold.

use crate::support::{Numbers, scale};
use std::collections::BTreeMap;
use zhunsheng_evidence::sample::bounds::{number_lower, share_lower};

#[test]
fn simulated_coverage() {
    let draws = scale(2_000, 100_000);
    let mut numbers = Numbers(2026);
    for (population, good, n) in
        [(60_101u64, 58_899u64, 384u64), (5_300, 5_000, 384), (500, 490, 100), (52, 50, 30), (1_000, 500, 50)]
    {
        let (mut exact, mut clopper) = (0, 0);
        let mut bounds: BTreeMap<u64, (u64, f64)> = BTreeMap::new();
        for _ in 0..draws {
            // Without replacement: each next record is good with the share of good ones left.
            let (mut good_left, mut left, mut found) = (good, population, 0);
            for _ in 0..n {
                if numbers.below(left) < good_left {
                    good_left -= 1;
                    found += 1;
                }
                left -= 1;
            }
            let (lower, share) = *bounds
                .entry(found)
                .or_insert_with(|| (number_lower(found, n, population, 0.95), share_lower(found, n, 0.95)));
            exact += u64::from(lower <= good);
            clopper += u64::from(share <= good as f64 / population as f64);
        }
        let rate = |count: u64| count as f64 / draws as f64;
        println!(
            "N={population} M={good} n={n}: hypergeometric {:.4}, Clopper–Pearson {:.4}",
            rate(exact),
            rate(clopper)
        );
        // The true coverage is at least 0.95; three standard errors of the simulation are allowed for.
        let error = 3.0 * (0.95f64 * 0.05 / draws as f64).sqrt();
        assert!(rate(exact) >= 0.95 - error && rate(clopper) >= 0.95 - error);
    }
}

/// No simulation: the chance of every outcome added up.
#[test]
fn exact_coverage() {
    use zhunsheng_evidence::sample::bounds::tail_at_least;
    for (population, n) in [(100u64, 20u64), (60, 45), (300, 10)] {
        for good in 0..=population {
            let covered: f64 = (0..=n)
                .filter(|found| *found <= good && n - found <= population - good)
                .filter(|found| number_lower(*found, n, population, 0.95) <= good)
                .map(|found| {
                    tail_at_least(found, n, good, population) - tail_at_least(found + 1, n, good, population)
                })
                .sum();
            assert!(covered >= 0.95 - 1e-9, "N={population} M={good} n={n}: {covered}");
        }
    }
}
