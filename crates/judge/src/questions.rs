//! What is open, and what each answer would decide: by trying it out.

use crate::eval::World;
use crate::explain::Open;
use crate::finding::{Question, QuestionValue, QuotedCase};
use crate::judge::{Judged, entity_ref};
use crate::matter::{EntityId, Known, Matter};
use crate::number::{Range, Rational};
use crate::ruleset::{Conclusion, Rule, Words};
use crate::say;
use crate::schema::{Fact, Type};
use crate::texts::{LawTexts, Texts};
use crate::value::{Tri, Value};
use std::collections::BTreeMap;
use zhunsheng_model::Date;

/// More than any line that the law draws.
const VERY_MANY: i128 = 1_000_000_000_000;

/// Every open fact with the findings it would decide, those that decide most first.
pub(crate) fn questions(world: &World<'_>, judged: &[Judged<'_>]) -> Vec<Question> {
    let mut asked: BTreeMap<Open, Vec<(&Rule, EntityId)>> = BTreeMap::new();
    for (rule, id, told) in judged {
        if told.outcome.conclusion == Conclusion::Open {
            for open in &told.open {
                asked.entry(*open).or_default().push((*rule, *id));
            }
        }
    }
    let mut found: Vec<Question> =
        asked.iter().map(|(open, findings)| question(world, *open, findings)).collect();
    found.sort_by(|a, b| (b.decides, b.findings, &a.path).cmp(&(a.decides, a.findings, &b.path)));
    found
}

fn question(world: &World<'_>, open: Open, findings: &[(&Rule, EntityId)]) -> Question {
    let mut decided = vec![false; findings.len()];
    for answer in answers(world, open) {
        let trial = World::new(world.set, &answer, world.fallback);
        for ((rule, id), decided) in findings.iter().zip(&mut decided) {
            *decided |= trial.judge(rule, *id).conclusion != Conclusion::Open;
        }
    }
    let mut rules: Vec<String> = findings.iter().map(|(rule, _)| rule.id.clone()).collect();
    rules.sort();
    rules.dedup();
    let (entity, fact) = match open {
        Open::Fact(id, fact) => (id, Some(world.set.schema.fact(fact))),
        Open::List(id, _) => (id, None),
    };
    let ask = match open {
        Open::Fact(id, fact) => ask(world, id, world.set.schema.fact(fact)),
        Open::List(id, kind) => {
            let (zh, en) = say::entity(world, id);
            Words {
                zh: format!("{zh}有哪些{}？没有的，请写明没有。", kind.zh()),
                en: format!("Which {}s are there in {en}? If there are none, say so.", kind.en()),
            }
        }
    };
    let passages = fact.map(|fact| {
        let texts = LawTexts::embedded();
        let quoted = |passage: &crate::schema::Passage| QuotedCase {
            case: passage.case.clone(),
            title: texts.case(&passage.case).map(|case| case.title.clone()).unwrap_or_default(),
            quote: passage.quote.clone(),
        };
        fact.passages.iter().map(quoted).collect()
    });
    let value = |value: &crate::schema::Choice| QuestionValue {
        name: value.name.clone(),
        zh: value.zh.clone(),
        en: value.en.clone(),
    };
    Question {
        path: open.path(world),
        fact: fact.map(|fact| fact.full.clone()).unwrap_or_default(),
        entity: entity_ref(world, entity),
        ask,
        answer: fact.map_or("list", |fact| fact.kind.id()).to_owned(),
        values: fact.map(|fact| fact.values.iter().map(value).collect()).unwrap_or_default(),
        judgement: fact.is_some_and(|fact| fact.judgement),
        passages: passages.unwrap_or_default(),
        findings: findings.len(),
        decides: decided.iter().filter(|decided| **decided).count(),
        rules,
    }
}

/// The question of the schema; for a fact that has none, one made of its words.
fn ask(world: &World<'_>, id: EntityId, fact: &Fact) -> Words {
    let or = |ask: &str, otherwise: String| if ask.is_empty() { otherwise } else { ask.to_owned() };
    let words = Words {
        zh: or(&fact.ask_zh, format!("{}？", fact.zh)),
        en: or(&fact.ask_en, format!("{}?", fact.en)),
    };
    if world.matter.of_kind(fact.entity).len() < 2 {
        return words;
    }
    let (zh, en) = say::entity(world, id);
    Words { zh: format!("{zh}：{}", words.zh), en: format!("{en}: {}", words.en) }
}

/// The matter with each answer that could make a difference.
fn answers(world: &World<'_>, open: Open) -> Vec<Matter> {
    let (id, fact) = match open {
        Open::List(id, kind) => {
            let mut none = world.matter.clone();
            none.entity_mut(id).none.insert(kind);
            none.entity_mut(id).more.remove(&kind);
            return vec![none];
        }
        Open::Fact(id, fact) => (id, fact),
    };
    let declared = world.set.schema.fact(fact);
    let before = world.fact_of(fact, id);
    let with = |value: Value| {
        // An answer must fit what is known already.
        let value = crate::matter::meet(before, value)?;
        let mut matter = world.matter.clone();
        matter.entity_mut(id).facts.insert(fact, Known { value, text: None, source: None });
        Some(matter)
    };
    values(declared).into_iter().filter_map(with).collect()
}

fn values(fact: &Fact) -> Vec<Value> {
    let number = |n| Value::Number(Range::exactly(Rational::whole(n)));
    match fact.kind {
        Type::Bool => vec![Value::Bool(Tri::True), Value::Bool(Tri::False)],
        Type::Int | Type::Number | Type::Money => vec![number(0), number(VERY_MANY)],
        Type::Date => {
            let ends = [Date::new(1, 1, 1), Date::new(9999, 12, 31)];
            ends.into_iter().flatten().map(|day| Value::Day(Range::exactly(day))).collect()
        }
        Type::Choice => (0..fact.values.len()).map(|at| Value::Choice(1 << at)).collect(),
        Type::Set => {
            let all = fact.all_values();
            let one = (0..fact.values.len()).map(|at| Value::Set { has: 1 << at, lacks: all & !(1 << at) });
            [Value::Set { has: 0, lacks: all }, Value::Set { has: all, lacks: 0 }]
                .into_iter()
                .chain(one)
                .collect()
        }
        Type::Text => Vec::new(),
    }
}
