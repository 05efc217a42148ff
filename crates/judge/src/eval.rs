//! The three-valued evaluator: rules on a matter, with bounds for what is known in part.

use crate::entity::EntityKind;
use crate::expr::{Comparison, Node, NodeKind, Operator, Quantifier, Quantity, Unit};
use crate::matter::{EntityId, Matter};
use crate::number::{Range, Rational};
use crate::ruleset::{Conclusion, Exception, Mode, Rule, RuleSet};
use crate::schema::FactId;
use crate::value::{Tri, Value};
use std::cell::RefCell;
use std::collections::BTreeMap;
use zhunsheng_model::Date;

/// Rules and a matter, and by which day's law it is judged.
pub struct World<'a> {
    /// The rules.
    pub set: &'a RuleSet,
    /// The facts.
    pub matter: &'a Matter,
    /// The day of entities that have none of their own.
    pub fallback: Date,
    /// When given, everything is judged as if done on this day.
    pub as_if: Option<Date>,
    /// A part of an expression that is made true or false: for the check of what decides.
    pub forced: Option<(u32, bool)>,
    derived: RefCell<BTreeMap<(EntityId, FactId), Value>>,
}

/// Which entities the names of an expression mean.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bound {
    ids: [Option<EntityId>; EntityKind::ALL.len()],
    pub(crate) day: Date,
}

impl Bound {
    pub(crate) fn entity(&self, kind: EntityKind) -> Option<EntityId> {
        self.ids.get(kind as usize).copied().flatten()
    }

    fn bind(&mut self, kind: EntityKind, id: EntityId) {
        if let Some(place) = self.ids.get_mut(kind as usize) {
            *place = Some(id);
        }
    }
}

/// What a rule comes to, before it is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outcome3 {
    /// What is concluded.
    pub conclusion: Conclusion,
    /// What would be without exceptions.
    pub without_exceptions: Conclusion,
    /// Whether the rule speaks of the entity.
    pub applies: Tri,
    /// The rule's own condition.
    pub condition: Tri,
    /// Whether an exception takes the entity out.
    pub excepted: Tri,
}

impl<'a> World<'a> {
    /// A matter under rules.
    pub fn new(set: &'a RuleSet, matter: &'a Matter, fallback: Date) -> World<'a> {
        World { set, matter, fallback, as_if: None, forced: None, derived: RefCell::default() }
    }

    /// The same as if everything had been done on `day`.
    #[must_use]
    pub fn as_if(self, day: Date) -> World<'a> {
        World { as_if: Some(day), ..self }
    }

    /// The day by whose law an entity is judged.
    pub fn day(&self, id: EntityId) -> Date {
        self.as_if.or_else(|| self.matter.day(id)).unwrap_or(self.fallback)
    }

    pub(crate) fn bound(&self, id: EntityId) -> Bound {
        let mut bound = Bound { ids: [None; EntityKind::ALL.len()], day: self.day(id) };
        for at in self.matter.around(id) {
            bound.bind(self.matter.kind(at), at);
        }
        bound
    }

    /// What the rule concludes of the entity, whether or not it is in force on its day.
    pub fn judge(&self, rule: &Rule, id: EntityId) -> Outcome3 {
        let bound = self.bound(id);
        let applies = rule.applies.as_ref().map_or(Tri::True, |node| self.tri(node, &bound));
        let quiet = Outcome3 {
            conclusion: Conclusion::None,
            without_exceptions: Conclusion::None,
            applies,
            condition: Tri::Unknown,
            excepted: Tri::False,
        };
        if applies == Tri::False {
            return quiet;
        }
        let condition = self.tri(&rule.condition, &bound);
        let bare = conclude(rule.mode, applies, condition);
        if bare == Conclusion::None || bare == Conclusion::Lawful && rule.mode != Mode::Allows {
            return Outcome3 { conclusion: bare, without_exceptions: bare, condition, ..quiet };
        }
        let excepted = self.excepted(&rule.id, &bound);
        let conclusion = match (bare, excepted) {
            (bare, Tri::False) => bare,
            // The measure falls away.
            (_, Tri::True) if rule.mode == Mode::Allows => Conclusion::None,
            (_, Tri::True) if applies == Tri::True => Conclusion::Lawful,
            (_, Tri::True) => Conclusion::None,
            (_, Tri::Unknown) => Conclusion::Open,
        };
        Outcome3 { conclusion, without_exceptions: bare, applies, condition, excepted }
    }

    /// Whether an exception takes the entity out of a rule or an exception.
    pub(crate) fn excepted(&self, id: &str, bound: &Bound) -> Tri {
        self.set.exceptions_to(id).fold(Tri::False, |any, exception| any.or(self.exception(exception, bound)))
    }

    /// Whether an exception holds, its own exceptions heard.
    pub(crate) fn exception(&self, exception: &Exception, bound: &Bound) -> Tri {
        let in_force = exception.period.0.is_none_or(|from| from <= bound.day)
            && exception.period.1.is_none_or(|to| bound.day <= to);
        if !in_force {
            return Tri::False;
        }
        let when = self.tri(&exception.when, bound);
        if when == Tri::False {
            return Tri::False;
        }
        when.and(self.excepted(&exception.id, bound).negated())
    }

    pub(crate) fn tri(&self, node: &Node, bound: &Bound) -> Tri {
        self.value(node, bound).tri()
    }

    /// The value of an expression.
    pub(crate) fn value(&self, node: &Node, bound: &Bound) -> Value {
        match self.forced {
            Some((id, value)) if id == node.id => Value::Bool(Tri::from(value)),
            _ => self.value_as_written(node, bound),
        }
    }

    fn value_as_written(&self, node: &Node, bound: &Bound) -> Value {
        match &node.kind {
            NodeKind::Bool(value) => Value::Bool(Tri::from(*value)),
            NodeKind::Number(number, _) => Value::Number(Range::exactly(*number)),
            NodeKind::Date(date) => Value::Day(Range::exactly(*date)),
            NodeKind::ActDate => Value::Day(Range::exactly(bound.day)),
            NodeKind::Word(word) => Value::Choice(word.bit),
            NodeKind::Fact(_, id) => match id {
                Some(id) => self.fact(*id, bound),
                None => Value::Bool(Tri::Unknown),
            },
            NodeKind::Not(inner) => Value::Bool(self.tri(inner, bound).negated()),
            NodeKind::And(parts) => {
                let all = |all: Tri, part: &Node| {
                    if all == Tri::False { all } else { all.and(self.tri(part, bound)) }
                };
                Value::Bool(parts.iter().fold(Tri::True, all))
            }
            NodeKind::Or(parts) => {
                let any = |any: Tri, part: &Node| {
                    if any == Tri::True { any } else { any.or(self.tri(part, bound)) }
                };
                Value::Bool(parts.iter().fold(Tri::False, any))
            }
            NodeKind::AtLeast(number, parts) => {
                let values: Vec<Tri> = parts.iter().map(|part| self.tri(part, bound)).collect();
                let count = |wanted: &[Tri]| values.iter().filter(|value| wanted.contains(value)).count();
                let number = *number as usize;
                Value::Bool(if count(&[Tri::True]) >= number {
                    Tri::True
                } else if count(&[Tri::True, Tri::Unknown]) < number {
                    Tri::False
                } else {
                    Tri::Unknown
                })
            }
            NodeKind::Compare(comparison, a, b) => {
                Value::Bool(compare(*comparison, self.value(a, bound), self.value(b, bound)))
            }
            NodeKind::In(a, words) => {
                let wanted = words.iter().fold(0, |mask, word| mask | word.bit);
                Value::Bool(is_among(self.value(a, bound), wanted))
            }
            NodeKind::Has(quantity, a, words) => {
                let Value::Set { has, lacks } = self.value(a, bound) else {
                    return Value::Bool(Tri::Unknown);
                };
                let wanted = words.iter().fold(0, |mask, word| mask | word.bit);
                let (all_in, some_in) = (wanted & !has == 0, wanted & has != 0);
                let (all_out, some_out) = (wanted & !lacks == 0, wanted & lacks != 0);
                let known = match quantity {
                    Quantity::Any if some_in => Some(true),
                    Quantity::Any if all_out => Some(false),
                    Quantity::One | Quantity::All if all_in => Some(true),
                    Quantity::One | Quantity::All if some_out => Some(false),
                    _ => None,
                };
                Value::Bool(Tri::from_option(known))
            }
            NodeKind::Over(quantifier, kind, inner) => self.over(*quantifier, *kind, inner, bound),
            NodeKind::Arithmetic(operator, a, b) => {
                let (a, b) = (self.value(a, bound).number(), self.value(b, bound).number());
                Value::Number(match operator {
                    Operator::Plus => a.plus(b),
                    Operator::Minus => a.minus(b),
                    Operator::Times => a.times(b),
                    Operator::Over => a.over(b),
                })
            }
            NodeKind::Age(birth, day) => {
                Value::Number(age(self.value(birth, bound).day(), self.value(day, bound).day()))
            }
            NodeKind::Days(a, b) => {
                Value::Number(days_between(self.value(a, bound).day(), self.value(b, bound).day()))
            }
            NodeKind::After(unit, length, day) => {
                Value::Day(after(*unit, self.value(length, bound).number(), self.value(day, bound).day()))
            }
        }
    }

    /// What is known of a fact of the entity that its name means here.
    pub(crate) fn fact(&self, id: FactId, bound: &Bound) -> Value {
        let fact = self.set.schema.fact(id);
        match bound.entity(fact.entity) {
            Some(entity) => self.fact_of(id, entity),
            None => fact.unknown(),
        }
    }

    /// What is known of a fact of an entity: as given, else as defined.
    pub(crate) fn fact_of(&self, id: FactId, entity: EntityId) -> Value {
        let fact = self.set.schema.fact(id);
        let given = self.matter.value(&self.set.schema, entity, id);
        if !fact.derived || !fact.is_unknown(given) {
            return given;
        }
        let Some(definition) = self.set.definition(id, self.day(entity)) else { return given };
        if let Some(known) = self.derived.borrow().get(&(entity, id)) {
            return *known;
        }
        let value = self.value(&definition.value, &self.bound(entity));
        self.derived.borrow_mut().insert((entity, id), value);
        value
    }

    /// The entities that a quantifier speaks of, the expression's view of each, and whether they are all.
    pub(crate) fn reached(&self, kind: EntityKind, bound: &Bound) -> (Vec<(EntityId, Bound)>, bool) {
        let base = kind.chain().skip(1).find_map(|outer| bound.entity(outer)).unwrap_or(Matter::ROOT);
        let (ids, complete) = self.matter.inside(base, kind);
        let views = ids.into_iter().map(|id| {
            let mut view = *bound;
            for at in self.matter.around(id).take_while(|at| *at != base) {
                view.bind(self.matter.kind(at), at);
            }
            (id, view)
        });
        (views.collect(), complete)
    }

    fn over(&self, quantifier: Quantifier, kind: EntityKind, inner: &Node, bound: &Bound) -> Value {
        let (views, complete) = self.reached(kind, bound);
        let zero = Range::exactly(Rational::ZERO);
        let open_above =
            |range: Range<Rational>| if complete { range } else { Range { high: None, ..range } };
        match quantifier {
            Quantifier::Some => {
                let rest = if complete { Tri::False } else { Tri::Unknown };
                Value::Bool(views.iter().fold(rest, |any, (_, view)| any.or(self.tri(inner, view))))
            }
            Quantifier::Every => {
                let rest = if complete { Tri::True } else { Tri::Unknown };
                Value::Bool(views.iter().fold(rest, |all, (_, view)| all.and(self.tri(inner, view))))
            }
            Quantifier::Count => {
                let one = |tri| match tri {
                    Tri::True => Range::exactly(Rational::ONE),
                    Tri::False => zero,
                    Tri::Unknown => Range { low: Some(Rational::ZERO), high: Some(Rational::ONE) },
                };
                let sum = views.iter().fold(zero, |sum, (_, view)| sum.plus(one(self.tri(inner, view))));
                Value::Number(open_above(sum))
            }
            Quantifier::Sum => {
                let sum =
                    views.iter().fold(zero, |sum, (_, view)| sum.plus(self.value(inner, view).number()));
                Value::Number(open_above(sum))
            }
        }
    }
}

/// What follows from whether a rule applies and whether its condition holds.
pub(crate) fn conclude(mode: Mode, applies: Tri, condition: Tri) -> Conclusion {
    use Conclusion::{Lawful, None, Open, Violation};
    let condition = if mode == Mode::Prohibits { condition.negated() } else { condition };
    match (mode, applies, condition) {
        (_, Tri::False, _) => None,
        (Mode::Allows, _, _) => match applies.and(condition) {
            Tri::True => Lawful,
            Tri::False => None,
            Tri::Unknown => Open,
        },
        (Mode::Constitutes, Tri::True, Tri::True) => Violation,
        (Mode::Constitutes, Tri::True, Tri::False) => Lawful,
        (Mode::Constitutes, Tri::Unknown, Tri::False) => None,
        (Mode::Requires | Mode::Prohibits, Tri::True, Tri::True) => Lawful,
        (Mode::Requires | Mode::Prohibits, Tri::True, Tri::False) => Violation,
        (Mode::Requires | Mode::Prohibits, Tri::Unknown, Tri::True) => None,
        _ => Open,
    }
}

fn compare(comparison: Comparison, a: Value, b: Value) -> Tri {
    let (equal, less, greater) = match (a, b) {
        (Value::Bool(a), Value::Bool(b)) => {
            let equal = if a == Tri::Unknown || b == Tri::Unknown { None } else { Some(a == b) };
            (equal, None, None)
        }
        (Value::Number(a), Value::Number(b)) => (a.equals(b), a.less(b), b.less(a)),
        (Value::Day(a), Value::Day(b)) => (a.equals(b), a.less(b), b.less(a)),
        (choice @ Value::Choice(_), Value::Choice(bit)) => match is_among(choice, bit) {
            Tri::True => (Some(true), None, None),
            Tri::False => (Some(false), None, None),
            Tri::Unknown => (None, None, None),
        },
        _ => (None, None, None),
    };
    let not = |value: Option<bool>| value.map(|value| !value);
    Tri::from_option(match comparison {
        Comparison::Equal => equal,
        Comparison::NotEqual => not(equal),
        Comparison::Less => less,
        Comparison::AtLeast => not(less),
        Comparison::Greater => greater,
        Comparison::AtMost => not(greater),
    })
}

/// Whether a choice is one of `wanted`.
fn is_among(choice: Value, wanted: u128) -> Tri {
    let Value::Choice(possible) = choice else { return Tri::Unknown };
    if possible & !wanted == 0 {
        Tri::True
    } else if possible & wanted == 0 {
        Tri::False
    } else {
        Tri::Unknown
    }
}

/// Full years (Civil Code 201, 202); nobody is younger than zero.
fn age(birth: Range<Date>, on: Range<Date>) -> Range<Rational> {
    let years = |birth: Date, on: Date| Rational::whole(birth.age_at(on).map_or(0, i128::from));
    Range {
        low: birth.high.zip(on.low).map(|(birth, on)| years(birth, on)).or(Some(Rational::ZERO)),
        high: birth.low.zip(on.high).map(|(birth, on)| years(birth, on)),
    }
}

fn days_between(a: Range<Date>, b: Range<Date>) -> Range<Rational> {
    let days = |from: Date, to: Date| Rational::whole(i128::from(day_number(to) - day_number(from)));
    Range {
        low: a.high.zip(b.low).map(|(from, to)| days(from, to)),
        high: a.low.zip(b.high).map(|(from, to)| days(from, to)),
    }
}

fn after(unit: Unit, length: Range<Rational>, day: Range<Date>) -> Range<Date> {
    let end = |day: Option<Date>, length: Option<Rational>| {
        let length = i64::try_from(length?.as_whole()?).ok()?;
        later(unit, day?, length)
    };
    Range { low: end(day.low, length.low), high: end(day.high, length.high) }
}

/// The day so much later; the last day of the month where it has no such day (Civil Code 202).
fn later(unit: Unit, day: Date, length: i64) -> Option<Date> {
    let months = match unit {
        Unit::Days => return day_of_number(day_number(day).checked_add(length)?),
        Unit::Months => length,
        Unit::Years => length.checked_mul(12)?,
    };
    let count = (i64::from(day.year()) * 12 + i64::from(day.month()) - 1).checked_add(months)?;
    let year = u16::try_from(count.div_euclid(12)).ok()?;
    let month = u8::try_from(count.rem_euclid(12) + 1).ok()?;
    (28..=day.day()).rev().chain([day.day().min(28)]).find_map(|day| Date::new(year, month, day))
}

/// Days since 0000-03-01 of the Gregorian calendar.
pub(crate) fn day_number(day: Date) -> i64 {
    let month = i64::from(day.month());
    let year = i64::from(day.year()) - i64::from(month <= 2);
    let month_from_march = (month + 9).rem_euclid(12);
    year * 365 + year.div_euclid(4) - year.div_euclid(100)
        + year.div_euclid(400)
        + (month_from_march * 153 + 2) / 5
        + i64::from(day.day())
        - 1
}

/// The day of that number.
pub(crate) fn day_of_number(number: i64) -> Option<Date> {
    let estimate = (number + 60).div_euclid(366).max(0);
    let first = u16::try_from(estimate.max(1)).ok()?;
    // Estimates are low by some years at most in 10,000.
    let mut year = first;
    while let Some(next) = year.checked_add(1).and_then(|year| Date::new(year, 1, 1)) {
        if day_number(next) > number {
            break;
        }
        year += 1;
    }
    let mut month = 1;
    while let Some(next) = Date::new(year, month + 1, 1) {
        if day_number(next) > number {
            break;
        }
        month += 1;
    }
    let day = number - day_number(Date::new(year, month, 1)?) + 1;
    Date::new(year, month, u8::try_from(day).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> Date {
        Date::parse(text).unwrap()
    }

    #[test]
    fn what_a_rule_concludes() {
        use Conclusion::{Lawful, None, Open, Violation};
        use Tri::{False, True, Unknown};
        for (mode, table) in [
            // Rows: applies true, unknown; columns: condition true, false, unknown.
            (Mode::Requires, [[Lawful, Violation, Open], [None, Open, Open]]),
            (Mode::Prohibits, [[Violation, Lawful, Open], [Open, None, Open]]),
            (Mode::Allows, [[Lawful, None, Open], [Open, None, Open]]),
            (Mode::Constitutes, [[Violation, Lawful, Open], [Open, None, Open]]),
        ] {
            for (applies, row) in [True, Unknown].into_iter().zip(table) {
                for (condition, expected) in [True, False, Unknown].into_iter().zip(row) {
                    assert_eq!(
                        conclude(mode, applies, condition),
                        expected,
                        "{mode:?} {applies:?} {condition:?}"
                    );
                }
            }
            assert_eq!(conclude(mode, False, Unknown), None);
        }
    }

    #[test]
    fn days_are_counted_through_leap_years() {
        let mut number = day_number(date("1999-12-31"));
        for day in ["2000-01-01", "2000-01-02"] {
            number += 1;
            assert_eq!(day_number(date(day)), number);
        }
        assert_eq!(day_number(date("2000-03-01")) - day_number(date("2000-02-28")), 2);
        assert_eq!(day_number(date("2100-03-01")) - day_number(date("2100-02-28")), 1);
        for day in
            ["0001-01-01", "0001-12-31", "1600-02-29", "2024-02-29", "2024-12-31", "2025-01-01", "9999-12-31"]
        {
            assert_eq!(day_of_number(day_number(date(day))), Some(date(day)), "{day}");
        }
        let start = day_number(date("1995-01-01"));
        for number in start..start + 3_000 {
            let day = day_of_number(number).unwrap();
            assert_eq!(day_number(day), number, "{day}");
        }
    }

    #[test]
    fn a_term_ends_on_the_corresponding_day() {
        for (unit, day, length, end) in [
            (Unit::Years, "2024-02-29", 1, "2025-02-28"),
            (Unit::Years, "2024-02-29", 4, "2028-02-29"),
            (Unit::Months, "2025-01-31", 1, "2025-02-28"),
            (Unit::Months, "2025-11-15", 3, "2026-02-15"),
            (Unit::Days, "2025-12-30", 3, "2026-01-02"),
        ] {
            assert_eq!(later(unit, date(day), length), Some(date(end)), "{day} + {length}");
        }
    }

    #[test]
    fn an_age_is_bounded_by_what_is_known_of_the_birth() {
        let exactly = |text| Range::exactly(date(text));
        let born_2010 = Range { low: Some(date("2010-01-01")), high: Some(date("2010-12-31")) };
        let found = age(born_2010, exactly("2024-06-15"));
        assert_eq!((found.low, found.high), (Some(Rational::whole(13)), Some(Rational::whole(14))));
        let found = age(exactly("2010-06-15"), exactly("2024-06-15"));
        assert_eq!(found.as_exact(), Some(Rational::whole(13)));
        assert_eq!(age(Range::UNKNOWN, exactly("2024-06-15")).low, Some(Rational::ZERO));
    }
}
