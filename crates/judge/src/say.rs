//! Expressions and values in plain words, Chinese and English.

use crate::entity::EntityKind;
use crate::eval::{Bound, World};
use crate::expr::{Comparison, Node, NodeKind, Operator, Quantifier, Quantity, Unit, Word};
use crate::matter::{EntityId, Matter};
use crate::number::{Range, Rational};
use crate::schema::{Fact, FactId, Type};
use crate::value::{Mask, Tri, Value};
use std::fmt::Display;

/// Chinese and English.
pub(crate) type Pair = (String, String);

/// An entity by kind and name, such as 处理活动「注册」.
pub(crate) fn entity(world: &World<'_>, id: EntityId) -> Pair {
    let kind = world.matter.kind(id);
    let name = &world.matter.entity(id).name;
    if id == Matter::ROOT {
        return ("本事项".to_owned(), "the matter".to_owned());
    }
    if !name.is_empty() {
        return (format!("{}「{name}」", kind.zh()), format!("{} “{name}”", kind.en()));
    }
    let path = world.matter.path(id);
    let number = path.rsplit_once('[').map_or("", |(_, number)| number.trim_end_matches(']'));
    (format!("{}（{number}）", kind.zh()), format!("{} {number}", kind.en()))
}

/// A fact with its value, such as 处理前已告知：否.
pub(crate) fn fact(world: &World<'_>, id: FactId, of: EntityId, scope: EntityId) -> Pair {
    let fact = world.set.schema.fact(id);
    let value = world.fact_of(id, of);
    let (zh, en) = value_words(value, fact);
    let (zh_name, en_name) = fact_name(world, fact, of, scope);
    let text = world.matter.entity(of).facts.get(&id).and_then(|known| known.text.clone());
    let (zh, en) = text.map_or((zh, en), |text| (text.clone(), text));
    (format!("{zh_name}：{zh}"), format!("{en_name}: {en}"))
}

/// The fact's words; with the entity's name where that is not plain.
pub(crate) fn fact_name(world: &World<'_>, fact: &Fact, of: EntityId, scope: EntityId) -> Pair {
    let plain = of == scope
        || world.matter.of_kind(fact.entity).len() == 1
        || world.matter.entity(of).name.is_empty();
    if plain {
        return (fact.zh.clone(), fact.en.clone());
    }
    let name = &world.matter.entity(of).name;
    (format!("「{name}」{}", fact.zh), format!("“{name}”: {}", fact.en))
}

/// Whether a value leaves nothing open.
pub(crate) fn is_exact(value: Value, fact: &Fact) -> bool {
    match value {
        Value::Bool(tri) => tri != Tri::Unknown,
        Value::Number(range) => range.as_exact().is_some(),
        Value::Day(range) => range.as_exact().is_some(),
        Value::Choice(mask) => mask.count_ones() == 1,
        Value::Set { has, lacks } => fact.kind == Type::Text || has | lacks == fact.all_values(),
    }
}

/// A value in words.
pub(crate) fn value_words(value: Value, fact: &Fact) -> Pair {
    let unknown = || ("不明".to_owned(), "not known".to_owned());
    match value {
        Value::Bool(Tri::True) => ("是".to_owned(), "yes".to_owned()),
        Value::Bool(Tri::False) => ("否".to_owned(), "no".to_owned()),
        Value::Bool(Tri::Unknown) => unknown(),
        Value::Number(range) if fact.is_unknown(Value::Number(range)) => unknown(),
        Value::Number(range) => {
            let (zh, en) = range_words(range, grouped);
            if fact.kind == Type::Money { (format!("{zh} 元"), format!("{en} yuan")) } else { (zh, en) }
        }
        Value::Day(range) => {
            if range == Range::UNKNOWN {
                unknown()
            } else {
                range_words(range, |day| day.to_string())
            }
        }
        Value::Choice(mask) if mask == fact.all_values() && fact.values.len() > 1 => unknown(),
        Value::Choice(mask) => {
            let (zh, en) = names(fact, mask);
            (zh.join("或者"), en.join(" or "))
        }
        Value::Set { has: 0, lacks: 0 } => unknown(),
        Value::Set { has, lacks } => {
            let (mut zh, mut en) = names(fact, has);
            if zh.is_empty() {
                zh.push("无已知项".to_owned());
                en.push("none known".to_owned());
            }
            let (mut zh, mut en) = (zh.join("、"), en.join(", "));
            if has == 0 && lacks == fact.all_values() {
                return ("无".to_owned(), "none".to_owned());
            }
            if has | lacks != fact.all_values() {
                zh.push_str("（其余不明）");
                en.push_str(" (the rest is not known)");
            }
            (zh, en)
        }
    }
}

fn names(fact: &Fact, mask: Mask) -> (Vec<String>, Vec<String>) {
    let chosen = fact.values.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1).map(|(_, value)| value);
    let word = |words: &str, name: &str| if words.is_empty() { name.to_owned() } else { words.to_owned() };
    chosen.map(|value| (word(&value.zh, &value.name), word(&value.en, &value.name))).unzip()
}

fn range_words<T: Copy + Ord + Display>(range: Range<T>, show: impl Fn(T) -> String) -> Pair {
    match (range.low, range.high) {
        (Some(low), Some(high)) if low == high => (show(low), show(low)),
        (Some(low), Some(high)) => {
            (format!("{} 至 {}", show(low), show(high)), format!("{} to {}", show(low), show(high)))
        }
        (Some(low), None) => (format!("至少 {}", show(low)), format!("at least {}", show(low))),
        (None, Some(high)) => (format!("至多 {}", show(high)), format!("at most {}", show(high))),
        (None, None) => ("不明".to_owned(), "not known".to_owned()),
    }
}

/// With a comma between each three digits; fractions stay fractions.
pub(crate) fn grouped(number: Rational) -> String {
    let Some(whole) = number.as_whole() else { return number.to_string() };
    let digits = whole.unsigned_abs().to_string();
    let mut out = String::from(if whole < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A comparison in words with the values found, such as 条数（100）≥ 500.
pub(crate) fn condition(world: &World<'_>, node: &Node, bound: &Bound, scope: EntityId) -> Pair {
    match &node.kind {
        NodeKind::Compare(comparison, a, b) => {
            let (zh_a, en_a) = term(world, a, bound, scope);
            let (zh_b, en_b) = term(world, b, bound, scope);
            let day = matches!(world.value(a, bound), Value::Day(_));
            let (zh, en) = sign(*comparison, day);
            if let (NodeKind::Fact(_, Some(id)), NodeKind::Word(word)) = (&a.kind, &b.kind) {
                let (zh_w, en_w) = word_names(world.set.schema.fact(*id), std::slice::from_ref(word));
                let not = *comparison == Comparison::NotEqual;
                let (zh, en) = if not { ("不是", "is not") } else { ("是", "is") };
                return (format!("{zh_a}{zh}{zh_w}"), format!("{en_a} {en} {en_w}"));
            }
            (format!("{zh_a} {zh} {zh_b}"), format!("{en_a} {en} {en_b}"))
        }
        NodeKind::In(a, words) => {
            let (zh_a, en_a) = term(world, a, bound, scope);
            let (zh, en) = words_of(world, a, words);
            let (zh_one, en_one) = if words.len() == 1 { ("", "") } else { ("其中之一：", "one of: ") };
            (format!("{zh_a}是{zh_one}{zh}"), format!("{en_a} is {en_one}{en}"))
        }
        NodeKind::Has(quantity, a, words) => {
            let (zh_a, en_a) = term(world, a, bound, scope);
            let (zh, en) = words_of(world, a, words);
            let (zh_how, en_how) = match quantity {
                Quantity::One => ("包括", "includes"),
                Quantity::Any => ("包括其中之一：", "includes one of"),
                Quantity::All => ("包括其中全部：", "includes all of"),
            };
            (format!("{zh_a}{zh_how}{zh}"), format!("{en_a} {en_how} {en}"))
        }
        _ => term(world, node, bound, scope),
    }
}

const fn sign(comparison: Comparison, day: bool) -> (&'static str, &'static str) {
    match (comparison, day) {
        (Comparison::Equal, _) => ("等于", "is"),
        (Comparison::NotEqual, _) => ("不等于", "is not"),
        (Comparison::Less, false) => ("不足", "is less than"),
        (Comparison::AtMost, false) => ("不超过", "is at most"),
        (Comparison::Greater, false) => ("超过", "is more than"),
        (Comparison::AtLeast, false) => ("达到（以上，含本数）", "reaches"),
        (Comparison::Less, true) => ("早于", "is before"),
        (Comparison::AtMost, true) => ("不晚于", "is not after"),
        (Comparison::Greater, true) => ("晚于", "is after"),
        (Comparison::AtLeast, true) => ("不早于", "is not before"),
    }
}

fn words_of(world: &World<'_>, a: &Node, words: &[Word]) -> Pair {
    match &a.kind {
        NodeKind::Fact(_, Some(id)) => word_names(world.set.schema.fact(*id), words),
        _ => {
            let names: Vec<&str> = words.iter().map(|word| word.name.as_str()).collect();
            (names.join("、"), names.join(", "))
        }
    }
}

fn word_names(fact: &Fact, words: &[Word]) -> Pair {
    let mask = words.iter().fold(0, |mask, word| mask | word.bit);
    let (zh, en) = names(fact, mask);
    (zh.join("、"), en.join(", "))
}

/// A term in words; a fact is followed by its value.
fn term(world: &World<'_>, node: &Node, bound: &Bound, scope: EntityId) -> Pair {
    match &node.kind {
        NodeKind::Number(number, _) => (grouped(*number), grouped(*number)),
        NodeKind::Date(day) => (day.to_string(), day.to_string()),
        NodeKind::ActDate => {
            (format!("行为日（{}）", bound.day), format!("the day of the act ({})", bound.day))
        }
        NodeKind::Bool(true) => ("是".to_owned(), "yes".to_owned()),
        NodeKind::Bool(false) => ("否".to_owned(), "no".to_owned()),
        NodeKind::Word(word) => (word.name.clone(), word.name.clone()),
        NodeKind::Fact(name, id) => {
            let Some(fact) = id.map(|id| world.set.schema.fact(id)) else {
                return (name.clone(), name.clone());
            };
            let Some((of, id)) = bound.entity(fact.entity).zip(*id) else {
                return (fact.zh.clone(), fact.en.clone());
            };
            let (zh_name, en_name) = fact_name(world, fact, of, scope);
            let (zh, en) = value_words(world.fact_of(id, of), fact);
            (format!("{zh_name}（{zh}）"), format!("{en_name} ({en})"))
        }
        NodeKind::Over(quantifier, kind, inner) => {
            let found = world.value(node, bound).number();
            let (zh_n, en_n) = range_words(found, grouped);
            let (zh_inner, en_inner) = bare(world, inner);
            match quantifier {
                Quantifier::Sum => {
                    let zh = format!("各{}的{zh_inner}之和（{zh_n}）", kind.zh());
                    (zh, format!("the sum over each {} of {en_inner} ({en_n})", kind.en()))
                }
                Quantifier::Count => {
                    let zh = format!("{zh_inner}的{}的数目（{zh_n}）", kind.zh());
                    (zh, format!("the number of {}s with {en_inner} ({en_n})", kind.en()))
                }
                Quantifier::Some => {
                    (format!("有{}：{zh_inner}", kind.zh()), format!("some {}: {en_inner}", kind.en()))
                }
                Quantifier::Every => {
                    (format!("每一{}：{zh_inner}", kind.zh()), format!("each {}: {en_inner}", kind.en()))
                }
            }
        }
        NodeKind::Arithmetic(operator, a, b) => {
            let (zh_a, en_a) = term(world, a, bound, scope);
            let (zh_b, en_b) = term(world, b, bound, scope);
            let sign = match operator {
                Operator::Plus => "+",
                Operator::Minus => "−",
                Operator::Times => "×",
                Operator::Over => "÷",
            };
            (format!("{zh_a} {sign} {zh_b}"), format!("{en_a} {sign} {en_b}"))
        }
        NodeKind::Age(birth, day) => {
            let (zh_n, en_n) = range_words(world.value(node, bound).number(), grouped);
            let ((zh_b, en_b), (zh_d, en_d)) =
                (term(world, birth, bound, scope), term(world, day, bound, scope));
            (format!("{zh_b}至{zh_d}的周岁（{zh_n}）"), format!("full years from {en_b} to {en_d} ({en_n})"))
        }
        NodeKind::Days(a, b) => {
            let (zh_n, en_n) = range_words(world.value(node, bound).number(), grouped);
            let ((zh_a, en_a), (zh_b, en_b)) = (term(world, a, bound, scope), term(world, b, bound, scope));
            (format!("{zh_a}至{zh_b}的日数（{zh_n}）"), format!("days from {en_a} to {en_b} ({en_n})"))
        }
        NodeKind::After(unit, length, day) => {
            let ((zh_l, en_l), (zh_d, en_d)) =
                (term(world, length, bound, scope), term(world, day, bound, scope));
            let zh_unit = match unit {
                Unit::Years => "年",
                Unit::Months => "个月",
                Unit::Days => "日",
            };
            (format!("{zh_d}之后 {zh_l} {zh_unit}"), format!("{en_l} {} after {en_d}", unit.word()))
        }
        _ => bare(world, node),
    }
}

/// An expression in words, without values: what is inside a quantifier has many.
pub(crate) fn bare(world: &World<'_>, node: &Node) -> Pair {
    let schema = &world.set.schema;
    let join = |parts: &[Node], zh: &str, en: &str| {
        let (zhs, ens): (Vec<String>, Vec<String>) = parts.iter().map(|part| bare(world, part)).unzip();
        (zhs.join(zh), ens.join(en))
    };
    match &node.kind {
        NodeKind::Fact(name, id) => match id.map(|id| schema.fact(id)) {
            Some(fact) => (fact.zh.clone(), fact.en.clone()),
            None => (name.clone(), name.clone()),
        },
        NodeKind::Number(number, _) => (grouped(*number), grouped(*number)),
        NodeKind::Date(day) => (day.to_string(), day.to_string()),
        NodeKind::ActDate => ("行为日".to_owned(), "the day of the act".to_owned()),
        NodeKind::Bool(true) => ("列明".to_owned(), "listed".to_owned()),
        NodeKind::Bool(false) => ("不存在".to_owned(), "never".to_owned()),
        NodeKind::Word(word) => (word.name.clone(), word.name.clone()),
        NodeKind::Not(inner) => {
            let (zh, en) = bare(world, inner);
            (format!("非（{zh}）"), format!("not ({en})"))
        }
        NodeKind::And(parts) => join(parts, "且", " and "),
        NodeKind::Or(parts) => join(parts, "或者", " or "),
        NodeKind::AtLeast(number, parts) => {
            let (zh, en) = join(parts, "、", ", ");
            (format!("至少 {number} 项：{zh}"), format!("at least {number} of {en}"))
        }
        NodeKind::Compare(comparison, a, b) => {
            let ((zh_a, en_a), (zh_b, en_b)) = (bare(world, a), bare(world, b));
            let (zh_b, en_b) = match (&a.kind, &b.kind) {
                (NodeKind::Fact(_, Some(id)), NodeKind::Word(word)) => {
                    word_names(schema.fact(*id), std::slice::from_ref(word))
                }
                _ => (zh_b, en_b),
            };
            let (zh, en) = sign(*comparison, false);
            (format!("{zh_a} {zh} {zh_b}"), format!("{en_a} {en} {en_b}"))
        }
        NodeKind::In(a, words) => {
            let ((zh_a, en_a), (zh, en)) = (bare(world, a), words_of(world, a, words));
            (format!("{zh_a}是{zh}"), format!("{en_a} is {en}"))
        }
        NodeKind::Has(_, a, words) => {
            let ((zh_a, en_a), (zh, en)) = (bare(world, a), words_of(world, a, words));
            (format!("{zh_a}包括{zh}"), format!("{en_a} includes {en}"))
        }
        NodeKind::Over(quantifier, kind, inner) => {
            let (zh, en) = bare(world, inner);
            over_words(*quantifier, *kind, &zh, &en)
        }
        NodeKind::Arithmetic(operator, a, b) => {
            let ((zh_a, en_a), (zh_b, en_b)) = (bare(world, a), bare(world, b));
            let sign = operator.sign();
            (format!("{zh_a} {sign} {zh_b}"), format!("{en_a} {sign} {en_b}"))
        }
        NodeKind::Age(a, _) => {
            let (zh, en) = bare(world, a);
            (format!("按{zh}计算的周岁"), format!("full years since {en}"))
        }
        NodeKind::Days(a, b) => {
            let ((zh_a, en_a), (zh_b, en_b)) = (bare(world, a), bare(world, b));
            (format!("{zh_a}至{zh_b}的日数"), format!("days from {en_a} to {en_b}"))
        }
        NodeKind::After(unit, length, day) => {
            let ((zh_l, en_l), (zh_d, en_d)) = (bare(world, length), bare(world, day));
            (format!("{zh_d}之后 {zh_l}（{}）", unit.word()), format!("{en_l} {} after {en_d}", unit.word()))
        }
    }
}

fn over_words(quantifier: Quantifier, kind: EntityKind, zh: &str, en: &str) -> Pair {
    let (k_zh, k_en) = (kind.zh(), kind.en());
    match quantifier {
        Quantifier::Some => (format!("有{k_zh}：{zh}"), format!("some {k_en}: {en}")),
        Quantifier::Every => (format!("每一{k_zh}：{zh}"), format!("each {k_en}: {en}")),
        Quantifier::Count => (format!("{zh}的{k_zh}的数目"), format!("the number of {k_en}s with {en}")),
        Quantifier::Sum => (format!("各{k_zh}的{zh}之和"), format!("the sum over each {k_en} of {en}")),
    }
}
