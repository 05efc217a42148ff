//! Values that may be known in full, in part or not at all.

use crate::number::{Range, Rational};
use serde::Serialize;
use zhunsheng_model::Date;

/// True, false or unknown (Kleene's three values).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Tri {
    False,
    Unknown,
    True,
}

impl Tri {
    /// True only when both are, false when one is.
    pub fn and(self, other: Tri) -> Tri {
        self.min(other)
    }

    /// True when one is, false only when both are.
    pub fn or(self, other: Tri) -> Tri {
        self.max(other)
    }

    /// The value of the negation (`Tri` has no operator, so that three values are never mistaken for two).
    #[must_use]
    pub fn negated(self) -> Tri {
        match self {
            Tri::False => Tri::True,
            Tri::Unknown => Tri::Unknown,
            Tri::True => Tri::False,
        }
    }

    /// Two values or unknown.
    pub fn from_option(value: Option<bool>) -> Tri {
        value.map_or(Tri::Unknown, Tri::from)
    }
}

impl From<bool> for Tri {
    fn from(value: bool) -> Tri {
        if value { Tri::True } else { Tri::False }
    }
}

/// Bits of the values of a choice or a set, in the order of the schema.
pub type Mask = u128;

/// What is known of a fact.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Value {
    /// A yes-or-no fact.
    Bool(Tri),
    /// A number or an amount in yuan.
    Number(Range<Rational>),
    /// A day.
    Day(Range<Date>),
    /// One of several values: the bits of those still possible.
    Choice(Mask),
    /// Several values at once: bits known to be in, bits known to be out.
    Set {
        /// In.
        has: Mask,
        /// Out.
        lacks: Mask,
    },
}

impl Value {
    /// The value of a condition; unknown for anything that is no condition, which typing rules out.
    pub fn tri(self) -> Tri {
        if let Value::Bool(value) = self { value } else { Tri::Unknown }
    }

    /// The number; unknown for anything else.
    pub fn number(self) -> Range<Rational> {
        if let Value::Number(range) = self { range } else { Range::UNKNOWN }
    }

    /// The day; unknown for anything else.
    pub fn day(self) -> Range<Date> {
        if let Value::Day(range) = self { range } else { Range::UNKNOWN }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_are_those_of_kleene() {
        use Tri::{False, True, Unknown};
        for (a, b, and, or) in [
            (True, True, True, True),
            (True, False, False, True),
            (True, Unknown, Unknown, True),
            (False, Unknown, False, Unknown),
            (Unknown, Unknown, Unknown, Unknown),
            (False, False, False, False),
        ] {
            assert_eq!((a.and(b), b.and(a), a.or(b), b.or(a)), (and, and, or, or));
            // De Morgan.
            assert_eq!(a.and(b).negated(), a.negated().or(b.negated()));
        }
    }
}
