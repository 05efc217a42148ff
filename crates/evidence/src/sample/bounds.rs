//! Exact confidence bounds for a share and for a number in a finite population.
//!
//! Accurate to about 1e-12: the densities are computed by Loader's saddle-point method ("Fast and accurate
//! computation of binomial probabilities", 2000), which loses nothing for large numbers, and the incomplete
//! beta function by its continued fraction (Abramowitz and Stegun 26.5.8).

/// `ln(2π)`.
const LN_2PI: f64 = 1.837_877_066_409_345_3;

/// What Stirling's formula leaves over: `ln Γ(n+1) − [(n+½) ln n − n + ½ ln 2π]`, for n > 0.
fn stirling_rest(n: f64) -> f64 {
    if n < 16.0 {
        // Shift upwards until the series is exact: Γ(n+1) = Γ(n+k+1) / ((n+1)…(n+k)).
        let (mut product, mut m) = (1.0, n);
        while m < 16.0 {
            m += 1.0;
            product *= m;
        }
        let main = |n: f64| (n + 0.5) * n.ln() - n;
        return stirling_rest(m) + main(m) - main(n) - f64::ln(product);
    }
    let square = n * n;
    let series = 1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - (1.0 / 1188.0) / square) / square) / square)
            / square;
    series / n
}

/// `x ln(x/m) + m − x` without cancellation when x and m are close.
fn deviance(x: f64, m: f64) -> f64 {
    if (x - m).abs() < 0.1 * (x + m) {
        let v = (x - m) / (x + m);
        let mut sum = (x - m) * v;
        let mut term = 2.0 * x * v;
        for j in 1..1000 {
            term *= v * v;
            let next = sum + term / f64::from(2 * j + 1);
            if next == sum {
                return sum;
            }
            sum = next;
        }
        return sum;
    }
    x * (x / m).ln() + m - x
}

/// Binomial density `n!/(x!(n−x)!) p^x q^(n−x)`; also for numbers that are not whole.
fn binomial_density(x: f64, n: f64, p: f64, q: f64) -> f64 {
    if p <= 0.0 {
        return if x == 0.0 { 1.0 } else { 0.0 };
    }
    if q <= 0.0 {
        return if x == n { 1.0 } else { 0.0 };
    }
    if x == 0.0 {
        return if n == 0.0 { 1.0 } else { (n * f64::ln_1p(-p)).exp() };
    }
    if x == n {
        return (n * f64::ln_1p(-q)).exp();
    }
    if x < 0.0 || x > n {
        return 0.0;
    }
    let exponent = stirling_rest(n)
        - stirling_rest(x)
        - stirling_rest(n - x)
        - deviance(x, n * p)
        - deviance(n - x, n * q);
    let factor = LN_2PI + x.ln() + f64::ln_1p(-x / n);
    (exponent - 0.5 * factor).exp()
}

/// The regularised incomplete beta function I_x(a, b), for a, b > 0 and 0 ≤ x ≤ 1.
pub fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta_fraction(1.0 - x, x, b, a);
    }
    incomplete_beta_fraction(x, 1.0 - x, a, b)
}

/// I_x(a, b) by its continued fraction, which converges fast for x below the mean; y = 1 − x.
fn incomplete_beta_fraction(x: f64, y: f64, a: f64, b: f64) -> f64 {
    // x^a y^b / (a B(a,b)) by the binomial density.
    let front = binomial_density(a, a + b, x, y) * b / (a + b);
    let tiny = 1e-300;
    let nonzero = |number: f64| if number.abs() < tiny { tiny } else { number };
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut fraction = d;
    for step in 1..100_000 {
        let m = f64::from(step);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        let mut change = 1.0;
        for term in [even, odd] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            change = c * d;
            fraction *= change;
        }
        if (change - 1.0).abs() < 1e-16 {
            break;
        }
    }
    front * fraction
}

/// The x for which I_x(a, b) = p, by halving until no number lies between.
fn incomplete_beta_inverse(p: f64, a: f64, b: f64) -> f64 {
    let (mut low, mut high) = (0.0, 1.0);
    loop {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            return middle;
        }
        if incomplete_beta(middle, a, b) < p { low = middle } else { high = middle }
    }
}

/// One-sided lower Clopper–Pearson bound of a share: `x` successes in `n` draws with replacement.
///
/// With confidence 0.975 this is the lower end of the two-sided 95 % interval.
pub fn share_lower(x: u64, n: u64, confidence: f64) -> f64 {
    if x == 0 || n == 0 {
        return 0.0;
    }
    incomplete_beta_inverse(1.0 - confidence, x as f64, (n.saturating_sub(x) + 1) as f64)
}

/// One-sided upper Clopper–Pearson bound of a share.
pub fn share_upper(x: u64, n: u64, confidence: f64) -> f64 {
    if n == 0 || x >= n { 1.0 } else { 1.0 - share_lower(n - x, n, confidence) }
}

/// P(X ≥ x) for a draw of `n` without replacement from `population` of which `good` are good.
pub fn tail_at_least(x: u64, n: u64, good: u64, population: u64) -> f64 {
    let bad = population - good.min(population);
    let lowest = n.saturating_sub(bad);
    let highest = n.min(good);
    if x <= lowest {
        return 1.0;
    }
    if x > highest {
        return 0.0;
    }
    let share = n as f64 / population as f64;
    let other = (population - n) as f64 / population as f64;
    let density = |x: u64| {
        binomial_density(x as f64, good as f64, share, other)
            * binomial_density((n - x) as f64, bad as f64, share, other)
            / binomial_density(n as f64, population as f64, share, other)
    };
    // Sum away from the middle, each term from the one before, so that nothing is lost by cancelling.
    let mean = n as f64 * good as f64 / population as f64;
    let upwards = x as f64 > mean;
    let (mut at, end) = if upwards { (x, highest) } else { (x - 1, lowest) };
    let mut term = density(at);
    let mut sum = term;
    while at != end && term > sum * 1e-18 {
        let ratio = |k: u64| {
            // density(k + 1) / density(k)
            ((good - k) as f64 / (k + 1) as f64) * ((n - k) as f64 / (bad + k + 1 - n) as f64)
        };
        if upwards {
            term *= ratio(at);
            at += 1;
        } else {
            at -= 1;
            term /= ratio(at);
        }
        sum += term;
    }
    if upwards { sum.min(1.0) } else { (1.0 - sum).max(0.0) }
}

/// One-sided lower bound of the number of good ones in `population`, exact by the hypergeometric
/// distribution: the smallest number for which finding `x` or more good ones in `n` draws without
/// replacement is not rarer than `1 − confidence`.
pub fn number_lower(x: u64, n: u64, population: u64, confidence: f64) -> u64 {
    let (n, x) = (n.min(population), x.min(n));
    let (mut low, mut high) = (x, population - (n - x));
    while low < high {
        let middle = low + (high - low) / 2;
        if tail_at_least(x, n, middle, population) > 1.0 - confidence {
            high = middle
        } else {
            low = middle + 1
        }
    }
    low
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two-sided 95 % intervals as R's `binom.test` gives them. The first is the example of its manual page,
    /// the others were computed apart from this program with 60 digits.
    #[test]
    fn clopper_pearson_is_that_of_the_tables() {
        for (x, n, low, high) in TABLE {
            assert!((share_lower(*x, *n, 0.975) - low).abs() < 1e-9, "{x} {n}");
            assert!((share_upper(*x, *n, 0.975) - high).abs() < 1e-9, "{x} {n}");
        }
    }

    include!("bounds_table.rs");

    #[test]
    fn hypergeometric_tails_and_bounds_are_those_of_the_tables() {
        for (x, n, good, population, tail) in TAILS {
            let found = tail_at_least(*x, *n, *good, *population);
            assert!(
                (found - tail).abs() <= 1e-11 * tail.max(1e-3),
                "{x} {n} {good} {population} {found} {tail}"
            );
        }
        for (x, n, population, lower) in NUMBERS {
            assert_eq!(number_lower(*x, *n, *population, 0.95), *lower, "{x} {n} {population}");
        }
    }

    #[test]
    fn edges() {
        assert_eq!(share_lower(0, 10, 0.95), 0.0);
        assert_eq!(share_upper(10, 10, 0.95), 1.0);
        assert!((share_lower(10, 10, 0.95) - 0.05f64.powf(0.1)).abs() < 1e-14);
        assert_eq!(number_lower(0, 0, 100, 0.95), 0);
        assert_eq!(number_lower(100, 100, 100, 0.95), 100);
        assert_eq!(number_lower(60, 100, 100, 0.95), 60);
        assert_eq!(number_lower(0, 50, 100, 0.95), 0);
        assert_eq!(number_lower(1, 1, 1, 0.95), 1);
        // One of two drawn and good: with 1 good of 2 that happens half the time.
        assert_eq!(number_lower(1, 1, 2, 0.95), 1);
    }

    #[test]
    fn the_incomplete_beta_function_is_exact_where_there_is_a_closed_form() {
        for x in [1e-9, 0.01, 0.3, 0.5, 0.77, 0.999_999] {
            for n in [1.0, 2.0, 7.0, 100.0, 20_000.0] {
                let close = |found: f64, exact: f64| {
                    assert!((found - exact).abs() < 1e-12, "{x} {n} {found} {exact}")
                };
                close(incomplete_beta(x, n, 1.0), x.powf(n));
                close(incomplete_beta(x, 1.0, n), -f64::exp_m1(n * f64::ln_1p(-x)));
                close(incomplete_beta(x, n, n) + incomplete_beta(1.0 - x, n, n), 1.0);
            }
        }
        assert!((incomplete_beta(0.5, 1e6, 1e6) - 0.5).abs() < 1e-12);
    }
}
