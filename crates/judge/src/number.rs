//! Exact fractions, and ranges of them: numbers that are known only as bounds.

use std::cmp::Ordering;
use std::fmt;

/// A fraction in lowest terms with a positive denominator. Every operation is exact or says that it cannot be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rational {
    above: i128,
    below: i128,
}

impl Rational {
    /// Zero.
    pub const ZERO: Rational = Rational { above: 0, below: 1 };
    /// One.
    pub const ONE: Rational = Rational { above: 1, below: 1 };

    /// The whole number.
    pub const fn whole(number: i128) -> Rational {
        Rational { above: number, below: 1 }
    }

    /// `above / below` in lowest terms; nothing when `below` is zero or a part does not fit.
    pub fn new(above: i128, below: i128) -> Option<Rational> {
        if below == 0 || above == i128::MIN || below == i128::MIN {
            return None;
        }
        let divisor = gcd(above.unsigned_abs(), below.unsigned_abs());
        let divisor = i128::try_from(divisor).ok().filter(|divisor| *divisor > 0)?;
        let sign = below.signum();
        Some(Rational { above: sign * (above / divisor), below: sign * (below / divisor) })
    }

    /// The number if it is whole.
    pub const fn as_whole(self) -> Option<i128> {
        if self.below == 1 { Some(self.above) } else { None }
    }

    /// Whether the number is below zero.
    pub const fn is_negative(self) -> bool {
        self.above < 0
    }

    /// Whether the number is zero.
    pub const fn is_zero(self) -> bool {
        self.above == 0
    }

    /// The sum; nothing when it does not fit 128 bits.
    pub fn plus(self, other: Rational) -> Option<Rational> {
        let above = self.above.checked_mul(other.below)?.checked_add(other.above.checked_mul(self.below)?)?;
        Rational::new(above, self.below.checked_mul(other.below)?)
    }

    /// The difference; nothing when it does not fit 128 bits.
    pub fn minus(self, other: Rational) -> Option<Rational> {
        self.plus(other.negated())
    }

    /// The product; nothing when it does not fit 128 bits.
    pub fn times(self, other: Rational) -> Option<Rational> {
        // Crosswise reduction first keeps the factors small.
        let left = Rational::new(self.above, other.below)?;
        let right = Rational::new(other.above, self.below)?;
        Rational::new(left.above.checked_mul(right.above)?, left.below.checked_mul(right.below)?)
    }

    /// The quotient; nothing for a division by zero or when it does not fit 128 bits.
    pub fn over(self, other: Rational) -> Option<Rational> {
        self.times(Rational::new(other.below, other.above)?)
    }

    /// The number with its sign turned.
    pub const fn negated(self) -> Rational {
        Rational { above: -self.above, below: self.below }
    }

    /// Reads digits with `_` between them and an optional decimal part.
    pub fn parse(text: &str) -> Option<Rational> {
        let (whole, tenths) = text.split_once('.').map_or((text, ""), |parts| parts);
        let digits: String = whole.chars().chain(tenths.chars()).filter(|c| *c != '_').collect();
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        let places = u32::try_from(tenths.chars().filter(|c| *c != '_').count()).ok()?;
        Rational::new(digits.parse().ok()?, 10_i128.checked_pow(places)?)
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

impl PartialOrd for Rational {
    fn partial_cmp(&self, other: &Rational) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Rational {
    /// Compares whole parts, then the remainders upside down: exact, and without a product that could overflow.
    fn cmp(&self, other: &Rational) -> Ordering {
        let (mut a, mut b) = (*self, *other);
        let mut turned = false;
        loop {
            let (whole_a, whole_b) = (a.above.div_euclid(a.below), b.above.div_euclid(b.below));
            let (rest_a, rest_b) = (a.above.rem_euclid(a.below), b.above.rem_euclid(b.below));
            let order = whole_a.cmp(&whole_b);
            let decided = match (order, rest_a, rest_b) {
                (Ordering::Equal, 0, 0) => Some(Ordering::Equal),
                (Ordering::Equal, 0, _) => Some(Ordering::Less),
                (Ordering::Equal, _, 0) => Some(Ordering::Greater),
                (Ordering::Equal, _, _) => None,
                (order, _, _) => Some(order),
            };
            if let Some(order) = decided {
                return if turned { order.reverse() } else { order };
            }
            a = Rational { above: a.below, below: rest_a };
            b = Rational { above: b.below, below: rest_b };
            turned = !turned;
        }
    }
}

impl fmt::Display for Rational {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.below == 1 { write!(f, "{}", self.above) } else { write!(f, "{}/{}", self.above, self.below) }
    }
}

/// What is known of a number or a day: a lowest and a highest value, both possible; nothing is no bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Range<T> {
    /// At least this.
    pub low: Option<T>,
    /// At most this.
    pub high: Option<T>,
}

impl<T: Copy + Ord> Range<T> {
    /// Nothing is known.
    pub const UNKNOWN: Range<T> = Range { low: None, high: None };

    /// Exactly this.
    pub const fn exactly(value: T) -> Range<T> {
        Range { low: Some(value), high: Some(value) }
    }

    /// The value when it is exactly known.
    pub fn as_exact(self) -> Option<T> {
        self.low.filter(|low| self.high == Some(*low))
    }

    /// The smallest range that holds both.
    pub fn hull(self, other: Range<T>) -> Range<T> {
        let both = |a: Option<T>, b: Option<T>, pick: fn(T, T) -> T| Some(pick(a?, b?));
        Range { low: both(self.low, other.low, T::min), high: both(self.high, other.high, T::max) }
    }

    /// What both ranges allow; nothing when they exclude each other.
    pub fn meet(self, other: Range<T>) -> Option<Range<T>> {
        let both = |a: Option<T>, b: Option<T>, pick: fn(T, T) -> T| match (a, b) {
            (Some(a), Some(b)) => Some(pick(a, b)),
            (a, b) => a.or(b),
        };
        let met = Range { low: both(self.low, other.low, T::max), high: both(self.high, other.high, T::min) };
        match (met.low, met.high) {
            (Some(low), Some(high)) if low > high => None,
            _ => Some(met),
        }
    }

    /// Whether every value of `self` is below every value of `other` (`Some(true)`), none is (`Some(false)`), or
    /// neither is known.
    pub fn less(self, other: Range<T>) -> Option<bool> {
        if let (Some(high), Some(low)) = (self.high, other.low)
            && high < low
        {
            return Some(true);
        }
        if let (Some(low), Some(high)) = (self.low, other.high)
            && low >= high
        {
            return Some(false);
        }
        None
    }

    /// Whether the values are equal, three-valued.
    pub fn equals(self, other: Range<T>) -> Option<bool> {
        if let (Some(a), Some(b)) = (self.as_exact(), other.as_exact()) {
            return Some(a == b);
        }
        if self.less(other) == Some(true) || other.less(self) == Some(true) { Some(false) } else { None }
    }
}

impl Range<Rational> {
    /// The sum.
    pub fn plus(self, other: Self) -> Self {
        let end = |a: Option<Rational>, b: Option<Rational>| a?.plus(b?);
        Range { low: end(self.low, other.low), high: end(self.high, other.high) }
    }

    /// The difference.
    pub fn minus(self, other: Self) -> Self {
        self.plus(Range { low: other.high.map(Rational::negated), high: other.low.map(Rational::negated) })
    }

    /// The product.
    pub fn times(self, other: Self) -> Self {
        let not_negative = |range: Self| range.low.is_some_and(|low| !low.is_negative());
        if not_negative(self) && not_negative(other) {
            // Zero times anything is zero, also where the other has no upper bound.
            let high = match (self.high, other.high) {
                (Some(a), Some(b)) => a.times(b),
                (Some(zero), None) | (None, Some(zero)) if zero.is_zero() => Some(Rational::ZERO),
                _ => None,
            };
            return Range { low: self.low.zip(other.low).and_then(|(a, b)| a.times(b)), high };
        }
        let (Some(a), Some(b), Some(c), Some(d)) = (self.low, self.high, other.low, other.high) else {
            return Range::UNKNOWN;
        };
        corners([a.times(c), a.times(d), b.times(c), b.times(d)])
    }

    /// The quotient; nothing is known of it when the divisor may be zero.
    pub fn over(self, other: Self) -> Self {
        let positive = other.low.is_some_and(|low| low > Rational::ZERO);
        let negative = other.high.is_some_and(Rational::is_negative);
        if positive && self.low.is_some_and(|low| !low.is_negative()) {
            let low = match other.high {
                Some(divisor) => self.low.and_then(|low| low.over(divisor)),
                None => Some(Rational::ZERO),
            };
            return Range { low, high: self.high.zip(other.low).and_then(|(a, b)| a.over(b)) };
        }
        let (Some(a), Some(b), Some(c), Some(d)) = (self.low, self.high, other.low, other.high) else {
            return Range::UNKNOWN;
        };
        if positive || negative {
            corners([a.over(c), a.over(d), b.over(c), b.over(d)])
        } else {
            Range::UNKNOWN
        }
    }
}

/// The hull of the four corners; no bound when one of them could not be reckoned.
fn corners(values: [Option<Rational>; 4]) -> Range<Rational> {
    let [Some(a), Some(b), Some(c), Some(d)] = values else { return Range::UNKNOWN };
    Range { low: Some(a.min(b).min(c).min(d)), high: Some(a.max(b).max(c).max(d)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn r(above: i128, below: i128) -> Rational {
        Rational::new(above, below).unwrap()
    }

    #[test]
    fn fractions_are_exact() {
        let sum = r(3, 50).plus(r(120, 500)).and_then(|s| s.plus(r(3_500, 5_000)));
        assert_eq!(sum, Some(Rational::ONE));
        assert!(r(3, 50).plus(r(120, 500)).and_then(|s| s.plus(r(3_499, 5_000))).unwrap() < Rational::ONE);
        assert_eq!(r(-4, -6).to_string(), "2/3");
        assert_eq!(Rational::new(1, 0), None);
        assert_eq!(Rational::parse("1_000.50"), Some(r(2001, 2)));
        assert_eq!(Rational::parse("x"), None);
    }

    #[test]
    fn the_order_is_that_of_the_numbers_also_where_products_overflow() {
        let values = [r(-7, 3), r(-2, 1), r(-1, 3), Rational::ZERO, r(1, 3), r(1, 2), r(2, 3), r(5, 2)];
        for (i, a) in values.iter().enumerate() {
            for (j, b) in values.iter().enumerate() {
                assert_eq!(a.cmp(b), i.cmp(&j), "{a} {b}");
            }
        }
        let big = i128::MAX;
        assert!(r(big, big - 1) < r(big - 1, big - 2));
    }

    #[test]
    fn ranges_reckon_with_what_is_known() {
        let at_least = |n| Range { low: Some(Rational::whole(n)), high: None };
        let exactly = |n| Range::exactly(Rational::whole(n));
        assert_eq!(at_least(500).less(exactly(500)), Some(false));
        assert_eq!(at_least(499).less(exactly(500)), None);
        assert_eq!(exactly(499).less(exactly(500)), Some(true));
        assert_eq!(at_least(50).over(exactly(50)).low, Some(Rational::ONE));
        assert_eq!(exactly(1).over(exactly(0)), Range::UNKNOWN);
        assert_eq!(exactly(0).times(at_least(0)), exactly(0));
        assert_eq!(at_least(3).plus(at_least(4)).low, Some(Rational::whole(7)));
        assert_eq!(exactly(3).minus(at_least(1)).high, Some(Rational::whole(2)));
        assert_eq!(exactly(3).equals(at_least(4)), Some(false));
        assert_eq!(exactly(4).equals(at_least(4)), None);
        assert_eq!(exactly(-2).times(exactly(3)), exactly(-6));
    }
}
