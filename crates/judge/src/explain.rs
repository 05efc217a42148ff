//! Why a rule concludes what it does: a tree of reasons, down to facts and where they come from.

use crate::entity::EntityKind;
use crate::eval::{Bound, Outcome3, World};
use crate::expr::{Node, NodeKind, Quantifier};
use crate::matter::EntityId;
use crate::ruleset::{Citation, Conclusion, Definition, Exception, Mode, Rule};
use crate::say;
use crate::schema::FactId;
use crate::value::{Tri, Value};
use serde::Serialize;
use std::collections::BTreeSet;

/// One step of a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Reason {
    /// What sort of step: `applies`, `condition`, `exception`, `all`, `any`, `at_least`, `not` (the fact or condition that must not be), `some`, `every`,
    /// `entity`, `comparison`, `fact`, `definition`, `list`, `fixed`.
    pub step: &'static str,
    /// Whether it holds; for a number or a date, whether it is exactly known.
    pub holds: Tri,
    /// In Chinese, one sentence.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// Path of the entity of a fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Name of the fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fact: Option<String>,
    /// Where the fact comes from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The article that a definition or an exception carries.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<Citation>,
    /// Words of that article.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub quotes: Vec<String>,
    /// Whether the fact is itself a legal judgement that the user made.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub judgement: bool,
    /// Whether the fact rests on data that could not be checked.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unverified: bool,
    /// What it rests on: only what decided, or, where it is open, what is missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Reason>,
}

/// Something that is not known and could decide.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Open {
    /// A fact of an entity.
    Fact(EntityId, FactId),
    /// Which entities of a kind there are in an entity.
    List(EntityId, EntityKind),
}

impl Open {
    /// The path of what is open, such as `party[1].activity[1].notice_given` or `party[1].activity[1].item[]`.
    pub fn path(&self, world: &World<'_>) -> String {
        match self {
            Open::Fact(id, fact) => {
                format!("{}.{}", world.matter.path(*id), world.set.schema.fact(*fact).name)
            }
            Open::List(id, kind) => format!("{}.{kind}[]", world.matter.path(*id)),
        }
    }
}

/// A conclusion with its reason and what hangs on it.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// What is concluded.
    pub outcome: Outcome3,
    /// The tree: whether the rule applies, its condition, its exceptions.
    pub reasons: Vec<Reason>,
    /// Articles of the rule, of the definitions and exceptions that decided, and of the penalties.
    pub citations: Vec<Citation>,
    /// What is not known and could decide.
    pub open: BTreeSet<Open>,
    /// Known facts that the reason rests on.
    pub leaves: BTreeSet<(EntityId, FactId)>,
    /// Whether a fact rests on data that could not be checked.
    pub unverified: bool,
}

/// Entities that are told one by one; more are counted.
const TOLD: usize = 8;

/// Judges an entity and tells why.
pub fn explain(world: &World<'_>, rule: &Rule, id: EntityId) -> Explanation {
    let outcome = world.judge(rule, id);
    let bound = world.bound(id);
    let mut teller = Teller {
        world,
        scope: id,
        citations: Vec::new(),
        open: BTreeSet::new(),
        leaves: BTreeSet::new(),
        unverified: false,
    };
    let mut reasons = Vec::new();
    if let Some(applies) = &rule.applies {
        let mut reason = teller.node(applies, &bound);
        reason = wrap("applies", "适用前提", "the rule applies where", reason);
        reasons.push(reason);
    }
    if outcome.applies != Tri::False {
        let reason = teller.node(&rule.condition, &bound);
        let (zh, en) = match rule.mode {
            Mode::Requires => ("法律要求", "the law requires"),
            Mode::Prohibits => ("法律禁止", "the law forbids"),
            Mode::Allows => ("可以采取的条件", "the measure may be taken where"),
            Mode::Constitutes => ("构成要件", "what makes it out"),
        };
        reasons.push(wrap("condition", zh, en, reason));
    }
    let asked = matches!(outcome.without_exceptions, Conclusion::Violation | Conclusion::Open)
        || rule.mode == Mode::Allows && outcome.without_exceptions == Conclusion::Lawful;
    if asked {
        for exception in world.set.exceptions_to(&rule.id) {
            reasons.extend(teller.exception(exception, &bound, outcome.conclusion));
        }
    }
    let mut citations = vec![rule.citation()];
    citations.extend(rule.also.iter().cloned());
    citations.append(&mut teller.citations);
    for penalty in rule.penalties.iter().filter_map(|id| world.set.penalties.get(id)) {
        citations.push(Citation {
            law: penalty.origin.slug.clone(),
            article: penalty.origin.article.clone(),
            locator: String::new(),
        });
    }
    let mut seen = BTreeSet::new();
    citations.retain(|citation| seen.insert(citation.clone()));
    let open = if outcome.conclusion == Conclusion::Open { teller.open } else { BTreeSet::new() };
    let unverified = rule.unverified || teller.unverified;
    Explanation { outcome, reasons, citations, open, leaves: teller.leaves, unverified }
}

fn wrap(step: &'static str, zh: &str, en: &str, inner: Reason) -> Reason {
    Reason { zh: zh.to_owned(), en: en.to_owned(), because: vec![inner.clone()], ..plain(step, inner.holds) }
}

fn plain(step: &'static str, holds: Tri) -> Reason {
    Reason {
        step,
        holds,
        zh: String::new(),
        en: String::new(),
        entity: None,
        fact: None,
        source: None,
        article: None,
        quotes: Vec::new(),
        judgement: false,
        unverified: false,
        because: Vec::new(),
    }
}

struct Teller<'a, 'w> {
    world: &'a World<'w>,
    /// The entity that is judged; facts of others are told with their names.
    scope: EntityId,
    citations: Vec<Citation>,
    open: BTreeSet<Open>,
    leaves: BTreeSet<(EntityId, FactId)>,
    unverified: bool,
}

impl Teller<'_, '_> {
    fn exception(&mut self, exception: &Exception, bound: &Bound, conclusion: Conclusion) -> Option<Reason> {
        let holds = self.world.exception(exception, bound);
        // An exception that does not hold is no news, unless it is one that people would ask about.
        if holds == Tri::False && conclusion != Conclusion::Violation {
            return None;
        }
        let article = citation(&exception.origin.slug, &exception.origin.article, &exception.locator);
        if holds == Tri::True {
            self.citations.push(article.clone());
        }
        let when = self.node(&exception.when, bound);
        let mut because = vec![when];
        if holds != self.world.tri(&exception.when, bound) {
            for inner in self.world.set.exceptions_to(&exception.id) {
                because.extend(self.exception(inner, bound, Conclusion::Violation));
            }
        }
        Some(Reason {
            zh: format!("例外：{}", exception.name.zh),
            en: format!("exception: {}", exception.name.en),
            article: Some(article),
            quotes: exception.quotes.iter().map(|(_, words)| words.clone()).collect(),
            because,
            ..plain("exception", holds)
        })
    }

    fn node(&mut self, node: &Node, bound: &Bound) -> Reason {
        let holds = self.world.tri(node, bound);
        match &node.kind {
            NodeKind::Bool(value) => {
                let (zh, en) = if *value { ("一概如此", "always") } else { ("一概不", "never") };
                Reason { zh: zh.to_owned(), en: en.to_owned(), ..plain("fixed", Tri::from(*value)) }
            }
            NodeKind::Not(inner) => self.not(inner, holds, bound),
            NodeKind::And(parts) => {
                self.parts("all", "下列各项均须成立", "all of the following", parts, holds, bound)
            }
            NodeKind::Or(parts) => {
                self.parts("any", "下列任一项成立即可", "any of the following", parts, holds, bound)
            }
            NodeKind::AtLeast(number, parts) => {
                let zh = format!("下列各项至少 {number} 项成立");
                let en = format!("at least {number} of the following");
                let because = parts.iter().map(|part| self.node(part, bound)).collect();
                Reason { zh, en, because, ..plain("at_least", holds) }
            }
            NodeKind::Over(quantifier @ (Quantifier::Some | Quantifier::Every), kind, inner) => {
                self.over(*quantifier, *kind, inner, holds, bound)
            }
            NodeKind::Fact(_, Some(id)) => self.fact(*id, bound),
            _ => self.comparison(node, holds, bound),
        }
    }

    /// What must not be the case; one fact and its negation are told in one line.
    fn not(&mut self, inner: &Node, holds: Tri, bound: &Bound) -> Reason {
        let told = self.node(inner, bound);
        let named = match &inner.kind {
            NodeKind::Fact(_, Some(id)) => {
                let fact = self.world.set.schema.fact(*id);
                bound.entity(fact.entity).map(|of| say::fact_name(self.world, fact, of, self.scope))
            }
            _ => None,
        };
        if let Some((name_zh, name_en)) = named {
            let (zh, en) = match holds {
                Tri::True => (format!("没有「{name_zh}」的情形"), format!("not so: {name_en}")),
                Tri::False => (format!("存在「{name_zh}」的情形"), format!("it is so: {name_en}")),
                Tri::Unknown => {
                    (format!("是否存在「{name_zh}」的情形，不明"), format!("not known whether: {name_en}"))
                }
            };
            return Reason { step: "not", holds, zh, en, ..told };
        }
        if told.step == "comparison" {
            let (zh, en) = (format!("须不属于：{}", told.zh), format!("must not be: {}", told.en));
            return Reason { step: "not", holds, zh, en, ..told };
        }
        Reason {
            zh: "下列情形须不存在".to_owned(),
            en: "the following must not be the case".to_owned(),
            because: vec![told],
            ..plain("not", holds)
        }
    }

    /// Of conditions joined, those that decided; where it is open, those that are.
    fn parts(
        &mut self,
        step: &'static str,
        zh: &str,
        en: &str,
        parts: &[Node],
        holds: Tri,
        bound: &Bound,
    ) -> Reason {
        let decisive = |value: Tri| value == holds;
        let told: Vec<&Node> = parts.iter().filter(|part| decisive(self.world.tri(part, bound))).collect();
        if let [only] = told.as_slice() {
            return self.node(only, bound);
        }
        let because = told.into_iter().map(|part| self.node(part, bound)).collect();
        Reason { zh: zh.to_owned(), en: en.to_owned(), because, ..plain(step, holds) }
    }

    fn over(
        &mut self,
        quantifier: Quantifier,
        kind: EntityKind,
        inner: &Node,
        holds: Tri,
        bound: &Bound,
    ) -> Reason {
        let (views, complete) = self.world.reached(kind, bound);
        let is_some = quantifier == Quantifier::Some;
        let (step, zh, en) = if is_some {
            ("some", format!("有{}具备下列情形", kind.zh()), format!("there is a {} such that", kind.en()))
        } else {
            ("every", format!("每一{}均具备下列情形", kind.zh()), format!("each {} is such that", kind.en()))
        };
        let mut because = Vec::new();
        let mut left = 0_usize;
        for (id, view) in &views {
            if self.world.tri(inner, view) != holds {
                continue;
            }
            let reason = self.node(inner, view);
            if because.len() >= TOLD {
                left += 1;
                continue;
            }
            let (zh, en) = say::entity(self.world, *id);
            let named = Reason {
                entity: Some(self.world.matter.path(*id)),
                zh,
                en,
                because: vec![reason],
                ..plain("entity", holds)
            };
            because.push(named);
        }
        if left > 0 {
            let (zh, en) = (format!("另有 {left} 项相同"), format!("{left} more likewise"));
            because.push(Reason { zh, en, ..plain("list", holds) });
        }
        if !complete && holds == Tri::Unknown {
            because.push(self.list(kind, bound));
        }
        Reason { zh, en, because, ..plain(step, holds) }
    }

    /// It is not said which entities of a kind there are.
    fn list(&mut self, kind: EntityKind, bound: &Bound) -> Reason {
        let base = kind.chain().skip(1).find_map(|outer| bound.entity(outer));
        let base = base.unwrap_or(crate::matter::Matter::ROOT);
        // The first step on the way down that is not said to be complete is what is missing.
        let mut way: Vec<EntityKind> =
            kind.chain().take_while(|between| *between != self.world.matter.kind(base)).collect();
        way.reverse();
        let mut missing = (base, kind);
        let mut level = vec![base];
        'down: for step in way {
            let mut next = Vec::new();
            for at in level {
                let entity = self.world.matter.entity(at);
                let children = entity.children.get(&step).cloned().unwrap_or_default();
                if entity.more.contains(&step) || children.is_empty() && !entity.none.contains(&step) {
                    missing = (at, step);
                    break 'down;
                }
                next.extend(children);
            }
            level = next;
        }
        let (id, kind) = missing;
        self.open.insert(Open::List(id, kind));
        let (zh, en) = say::entity(self.world, id);
        Reason {
            zh: format!("{zh}：是否还有（未列出的）{}，尚不清楚", kind.zh()),
            en: format!("{en}: it is not said which {}s there are", kind.en()),
            entity: Some(self.world.matter.path(id)),
            ..plain("list", Tri::Unknown)
        }
    }

    /// A fact that is a condition.
    fn fact(&mut self, id: FactId, bound: &Bound) -> Reason {
        let fact = self.world.set.schema.fact(id);
        let Some(entity) = bound.entity(fact.entity) else { return plain("fact", Tri::Unknown) };
        self.leaf(id, entity)
    }

    /// A fact of an entity: as given, or as defined with why.
    fn leaf(&mut self, id: FactId, entity: EntityId) -> Reason {
        let set = self.world.set;
        let fact = set.schema.fact(id);
        let given = self.world.matter.value(&set.schema, entity, id);
        let value = self.world.fact_of(id, entity);
        let holds = match value {
            Value::Bool(tri) => tri,
            value => Tri::from_option(say::is_exact(value, fact).then_some(true)),
        };
        let (zh, en) = say::fact(self.world, id, entity, self.scope);
        let mut reason = Reason {
            zh,
            en,
            entity: Some(self.world.matter.path(entity)),
            fact: Some(fact.full.clone()),
            judgement: fact.judgement,
            unverified: !fact.verified,
            ..plain("fact", holds)
        };
        self.unverified |= !fact.verified;
        let is_given = !fact.is_unknown(given);
        match set.definition(id, self.world.day(entity)).filter(|_| fact.derived && !is_given) {
            Some(definition) => self.definition(definition, entity, &mut reason),
            None => {
                if is_given {
                    self.leaves.insert((entity, id));
                    let known = self.world.matter.entity(entity).facts.get(&id);
                    let own = known.and_then(|known| known.source.clone());
                    let around = || {
                        self.world
                            .matter
                            .around(entity)
                            .find_map(|at| self.world.matter.entity(at).source.clone())
                    };
                    reason.source = own.or_else(around);
                }
                if !say::is_exact(value, fact) {
                    self.open.insert(Open::Fact(entity, id));
                }
            }
        }
        reason
    }

    fn definition(&mut self, definition: &Definition, entity: EntityId, reason: &mut Reason) {
        let article = citation(&definition.origin.slug, &definition.origin.article, &definition.locator);
        self.citations.push(article.clone());
        reason.step = "definition";
        reason.article = (!article.article.is_empty()).then_some(article);
        reason.quotes = definition.quotes.iter().map(|(_, words)| words.clone()).collect();
        let bound = self.world.bound(entity);
        let inner = match definition.value.kind {
            NodeKind::Number(..)
            | NodeKind::Arithmetic(..)
            | NodeKind::Over(Quantifier::Count | Quantifier::Sum, ..) => {
                self.numbers(&definition.value, &bound)
            }
            _ => vec![self.node(&definition.value, &bound)],
        };
        reason.because = inner;
    }

    /// A comparison with the facts that stand in it.
    fn comparison(&mut self, node: &Node, holds: Tri, bound: &Bound) -> Reason {
        let (zh, en) = say::condition(self.world, node, bound, self.scope);
        let because = self.numbers(node, bound);
        // One plain fact is told by the sentence itself.
        if let [only] = because.as_slice()
            && only.step == "fact"
        {
            return Reason { step: "comparison", holds, zh, en, ..only.clone() };
        }
        Reason { zh, en, because, ..plain("comparison", holds) }
    }

    /// The facts that a number, a date or a choice is made of.
    fn numbers(&mut self, node: &Node, bound: &Bound) -> Vec<Reason> {
        match &node.kind {
            NodeKind::Fact(_, Some(id)) => {
                let entity = bound.entity(self.world.set.schema.fact(*id).entity);
                entity.map(|entity| self.leaf(*id, entity)).into_iter().collect()
            }
            NodeKind::Over(quantifier @ (Quantifier::Count | Quantifier::Sum), kind, inner) => {
                let (views, complete) = self.world.reached(*kind, bound);
                let mut told = Vec::new();
                for (at, (id, view)) in views.iter().enumerate() {
                    let (zh, en) = say::entity(self.world, *id);
                    let because = match quantifier {
                        Quantifier::Count => vec![self.node(inner, view)],
                        _ => self.numbers(inner, view),
                    };
                    let holds = match quantifier {
                        Quantifier::Count => self.world.tri(inner, view),
                        _ => {
                            Tri::from_option(self.world.value(inner, view).number().as_exact().map(|_| true))
                        }
                    };
                    if at >= TOLD {
                        continue;
                    }
                    let entity = Some(self.world.matter.path(*id));
                    told.push(Reason { zh, en, entity, because, ..plain("entity", holds) });
                }
                if views.len() > TOLD {
                    let left = views.len() - TOLD;
                    let (zh, en) = (format!("另有 {left} 项"), format!("{left} more"));
                    told.push(Reason { zh, en, ..plain("list", Tri::Unknown) });
                }
                if !complete {
                    told.push(self.list(*kind, bound));
                }
                told
            }
            NodeKind::Over(..)
            | NodeKind::And(_)
            | NodeKind::Or(_)
            | NodeKind::Not(_)
            | NodeKind::AtLeast(..) => {
                vec![self.node(node, bound)]
            }
            _ => node.children().into_iter().flat_map(|child| self.numbers(child, bound)).collect(),
        }
    }
}

fn citation(law: &str, article: &str, locator: &str) -> Citation {
    Citation { law: law.to_owned(), article: article.to_owned(), locator: locator.to_owned() }
}
