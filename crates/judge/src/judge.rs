//! The judge: every rule in force on every entity of a matter, with reasons, questions and articles.

use crate::cite;
use crate::diagnostic::nearest;
use crate::eval::World;
use crate::explain::{Explanation, Open, Reason, explain};
use crate::finding::{
    ArticleText, CaseRef, Contradiction, Counts, Difference, Duty, EntityRef, FINDINGS_SCHEMA, Finding,
    OtherDate, PenaltyTier, Report,
};
use crate::matter::{Conflict, EntityId, Matter};
use crate::questions::questions;
use crate::ruleset::{Citation, Conclusion, Mode, Rule, RuleSet, Words};
use crate::say;
use crate::schema::FactId;
use crate::texts::Texts;
use crate::value::Tri;
use crate::words;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Date;

/// The guide whose points are for the work paper of an audit: they repeat what other articles ask for.
pub(crate) const AUDIT_GUIDE: &str = "compliance-audit-guide";

/// A matter and what is known about how it was put together.
#[derive(Clone, Debug)]
pub struct Brief<'a> {
    /// The facts.
    pub matter: &'a Matter,
    /// Facts on which sources contradict each other.
    pub conflicts: &'a [Conflict],
    /// What the data and the record do not agree on.
    pub differences: &'a [Difference],
    /// The day of the report.
    pub date: Date,
}

/// Judges a matter.
///
/// * Every rule that is in force on the day of an entity of its scope is applied once to that entity; a rule that
///   says nothing leaves no finding.
/// * The points of the audit guide are left to [`crate::audit`].
/// * The same brief gives the same report.
pub fn judge(set: &RuleSet, texts: &dyn Texts, brief: &Brief<'_>) -> Report {
    let world = World::new(set, brief.matter, brief.date);
    let judged = judged(&world);
    let questions = questions(&world, &judged);
    let mut findings: Vec<Finding> =
        judged.iter().map(|(rule, id, told)| finding(&world, texts, rule, *id, told)).collect();
    let mut counts = Counts::default();
    for finding in &findings {
        match finding.conclusion {
            Conclusion::Violation => {
                counts.violation += 1;
                counts.violations_by_severity.add(finding.severity);
            }
            Conclusion::Open => {
                counts.open += 1;
                counts.untouched += usize::from(!finding.touched);
            }
            Conclusion::Lawful => counts.lawful += 1,
            Conclusion::None => {}
        }
    }
    let order: BTreeMap<&str, usize> = set.rule_index.iter().map(|(id, at)| (id.as_str(), *at)).collect();
    findings.sort_by_key(|finding| {
        let place = order.get(finding.rule.as_str()).copied().unwrap_or_default();
        (
            finding.conclusion,
            !finding.touched,
            std::cmp::Reverse(finding.severity),
            place,
            finding.entity.path.clone(),
        )
    });
    let duties = duties(&world, texts, &judged);
    let other_dates = other_dates(&world, texts, &judged, brief.date);
    let mut cited: BTreeSet<Citation> = BTreeSet::new();
    for finding in &findings {
        cited.extend(finding.articles.iter().cloned());
        cited.extend(finding.penalty.iter().map(|tier| tier.article.clone()));
    }
    cited.extend(other_dates.iter().map(|other| other.article.clone()));
    let cases: BTreeSet<&String> = findings.iter().flat_map(|finding| &finding.cases).collect();
    Report {
        schema_version: FINDINGS_SCHEMA.to_owned(),
        title: brief.matter.title.clone(),
        date: brief.matter.day(Matter::ROOT).unwrap_or(brief.date).to_string(),
        rules_sha256: crate::embedded::rules_sha256(),
        review: "unreviewed".to_owned(),
        counts,
        questions,
        duties,
        differences: brief.differences.to_vec(),
        conflicts: brief.conflicts.iter().map(|conflict| contradiction(&world, conflict)).collect(),
        other_dates,
        articles: article_texts(texts, &cited),
        cases: cases.into_iter().filter_map(|id| case_ref(texts, id)).collect(),
        findings,
    }
}

/// A rule on an entity of which it says something.
pub(crate) type Judged<'a> = (&'a Rule, EntityId, Explanation);

fn judged<'a>(world: &World<'a>) -> Vec<Judged<'a>> {
    let mut found = Vec::new();
    for rule in world.set.rules.iter().filter(|rule| rule.origin.slug != AUDIT_GUIDE) {
        for id in world.matter.of_kind(rule.scope) {
            if rule.in_force(world.day(id)) && world.judge(rule, id).conclusion != Conclusion::None {
                found.push((rule, id, explain(world, rule, id)));
            }
        }
    }
    found
}

/// Whether an article was law on that day. A judicial interpretation also speaks of acts before it took effect.
fn may_be_cited(texts: &dyn Texts, citation: &Citation, day: Date) -> bool {
    let Some(version) = texts.version(&citation.law) else { return true };
    let begun = version.effective.is_none_or(|effective| effective <= day);
    let over = version.until.is_some_and(|until| until < day);
    !over && (begun || citation.law.starts_with("fashi-"))
}

fn finding(world: &World<'_>, texts: &dyn Texts, rule: &Rule, id: EntityId, told: &Explanation) -> Finding {
    let conclusion = told.outcome.conclusion;
    let day = world.day(id);
    let penalty =
        if conclusion == Conclusion::Lawful { Vec::new() } else { penalties(world, texts, rule, id) };
    Finding {
        rule: rule.id.clone(),
        name: rule.name.clone(),
        mode: rule.mode,
        conclusion,
        says: sentence(world, rule, id, told),
        entity: entity_ref(world, id),
        date: day.to_string(),
        date_reason: date_reason(world, id, day),
        article: rule.citation(),
        article_label: cite::label(texts, &rule.citation()),
        quotes: rule.quotes.iter().map(|(_, words)| words.clone()).collect(),
        articles: told
            .citations
            .iter()
            .filter(|citation| may_be_cited(texts, citation, day))
            .cloned()
            .collect(),
        severity: rule.severity,
        binds: rule.binds.clone(),
        reason: told.reasons.clone(),
        cases: rule.cases.clone(),
        remedy: rule.remedy.clone().filter(|_| conclusion != Conclusion::Lawful),
        penalty,
        touched: touched(world, rule, id),
        open_facts: told.open.iter().map(|open| open.path(world)).collect(),
        review: rule.status.clone(),
        verified: !told.unverified,
    }
}

/// Whether anything that the rule asks about is known.
fn touched(world: &World<'_>, rule: &Rule, id: EntityId) -> bool {
    let bound = world.bound(id);
    let mut seen = BTreeSet::new();
    let mut asked: Vec<FactId> =
        rule.applies.iter().chain([&rule.condition]).flat_map(|node| node.facts()).collect();
    while let Some(fact) = asked.pop() {
        if !seen.insert(fact) {
            continue;
        }
        let declared = world.set.schema.fact(fact);
        let of = match bound.entity(declared.entity) {
            Some(of) => vec![of],
            None => world.matter.of_kind(declared.entity),
        };
        let known = |of: &EntityId| !declared.is_unknown(world.matter.value(&world.set.schema, *of, fact));
        if of.iter().any(known) {
            return true;
        }
        let definition = world.set.definition(fact, world.day(id));
        asked.extend(definition.into_iter().flat_map(|definition| definition.value.facts()));
    }
    false
}

pub(crate) fn entity_ref(world: &World<'_>, id: EntityId) -> EntityRef {
    let (zh, en) = say::entity(world, id);
    EntityRef { path: world.matter.path(id), kind: world.matter.kind(id).id().to_owned(), zh, en }
}

/// The law in force at the end of a continuing act applies.
fn date_reason(world: &World<'_>, id: EntityId, day: Date) -> Option<Words> {
    let began = world.matter.began(id).filter(|_| world.as_if.is_none())?;
    Some(Words {
        zh: format!("行为自 {began} 持续至 {day}，适用行为终了时施行的法律"),
        en: format!("the act went on from {began} to {day}: the law in force at its end applies"),
    })
}

/// The rule's own sentence, or one made of its name.
pub(crate) fn sentence(world: &World<'_>, rule: &Rule, id: EntityId, told: &Explanation) -> Words {
    let conclusion = told.outcome.conclusion;
    if let Some(words) = rule.says.get(&conclusion) {
        let excepted = told.outcome.without_exceptions != conclusion;
        if !(excepted && conclusion == Conclusion::Lawful) {
            return Words { zh: filled(world, id, &words.zh, true), en: filled(world, id, &words.en, false) };
        }
    }
    if told.outcome.without_exceptions == Conclusion::Violation && conclusion == Conclusion::Lawful {
        let bound = world.bound(id);
        let holding = world
            .set
            .exceptions_to(&rule.id)
            .find(|exception| world.exception(exception, &bound) == Tri::True);
        if let Some(exception) = holding {
            return Words {
                zh: format!("虽不合「{}」的一般规定，但属于例外：{}。", rule.name.zh, exception.name.zh),
                en: format!("An exception to “{}” applies: {}.", rule.name.en, exception.name.en),
            };
        }
    }
    words::default_sentence(rule, conclusion)
}

/// Fills `{fact}` with what is known of it.
fn filled(world: &World<'_>, id: EntityId, text: &str, zh: bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((name, after)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        rest = after;
        let bound = world.bound(id);
        let found = world.set.schema.find(name).and_then(|fact| {
            let declared = world.set.schema.fact(fact);
            let of = bound.entity(declared.entity)?;
            let text = world.matter.entity(of).facts.get(&fact).and_then(|known| known.text.clone());
            let (in_zh, in_en) = say::value_words(world.fact_of(fact, of), declared);
            Some(text.unwrap_or(if zh { in_zh } else { in_en }))
        });
        out.push_str(&found.unwrap_or_else(|| format!("{{{name}}}")));
    }
    out.push_str(rest);
    out
}

fn penalties(world: &World<'_>, texts: &dyn Texts, rule: &Rule, id: EntityId) -> Vec<PenaltyTier> {
    let bound = world.bound(id);
    let mut found = Vec::new();
    for penalty in rule.penalties.iter().filter_map(|name| world.set.penalties.get(name)) {
        for tier in &penalty.tiers {
            let certainty = match world.tri(&tier.when, &bound) {
                Tri::True => "applies",
                Tri::Unknown => "possible",
                Tri::False => continue,
            };
            let article = Citation {
                law: penalty.origin.slug.clone(),
                article: penalty.origin.article.clone(),
                locator: tier.locator.clone(),
            };
            found.push(PenaltyTier {
                id: format!("{}/{}", penalty.id, tier.name),
                article_label: cite::label(texts, &article),
                article,
                certainty,
                outcomes: tier.outcomes.clone(),
                words: words::outcomes(&tier.outcomes, penalty.origin.slug.starts_with("criminal-law")),
            });
        }
    }
    found
}

/// Duties whose precondition rests on a number that reaches its line.
fn duties(world: &World<'_>, texts: &dyn Texts, judged: &[Judged<'_>]) -> Vec<Duty> {
    let mut found = Vec::new();
    for (rule, id, told) in judged {
        if rule.mode != Mode::Requires || told.outcome.applies != Tri::True {
            continue;
        }
        let mut because = Vec::new();
        for reason in told.reasons.iter().filter(|reason| reason.step == "applies") {
            numbers_reached(reason, &mut because);
        }
        because.dedup();
        if !because.is_empty() {
            found.push(Duty {
                rule: rule.id.clone(),
                name: rule.name.clone(),
                article_label: cite::label(texts, &rule.citation()),
                entity: entity_ref(world, *id),
                conclusion: told.outcome.conclusion,
                because,
            });
        }
    }
    found
}

fn numbers_reached(reason: &Reason, found: &mut Vec<Words>) {
    if reason.step == "comparison"
        && reason.holds == Tri::True
        && reason.zh.chars().any(|c| c.is_ascii_digit())
    {
        found.push(Words { zh: reason.zh.clone(), en: reason.en.clone() });
    }
    reason.because.iter().for_each(|inner| numbers_reached(inner, found));
}

/// What the law of another day would make of the facts, where it is another answer than that of the same law.
fn other_dates(world: &World<'_>, texts: &dyn Texts, judged: &[Judged<'_>], today: Date) -> Vec<OtherDate> {
    let work = |rule: &Rule| {
        let version = texts.version(&rule.origin.slug);
        version.map_or_else(|| rule.origin.slug.clone(), |version| version.work.clone())
    };
    let mut answers: BTreeSet<(EntityId, String, Conclusion)> = BTreeSet::new();
    for (rule, id, told) in judged {
        answers.insert((*id, work(rule), told.outcome.conclusion));
    }
    let mut found = Vec::new();
    for rule in world.set.rules.iter().filter(|rule| rule.origin.slug != AUDIT_GUIDE) {
        for id in world.matter.of_kind(rule.scope) {
            let day = world.day(id);
            if rule.in_force(day) {
                continue;
            }
            let began = world.matter.began(id).filter(|began| *began < day);
            let others = [("began", began), ("report_date", Some(today).filter(|today| *today > day))];
            for (why, other) in others {
                let Some(other) = other.filter(|other| rule.in_force(*other)) else { continue };
                let then = World::new(world.set, world.matter, world.fallback).as_if(other);
                let conclusion = then.judge(rule, id).conclusion;
                let told = matches!(conclusion, Conclusion::Violation)
                    || conclusion == Conclusion::Lawful
                        && answers.contains(&(id, work(rule), Conclusion::Violation));
                if !told || answers.contains(&(id, work(rule), conclusion)) {
                    continue;
                }
                found.push(OtherDate {
                    why,
                    date: other.to_string(),
                    entity: entity_ref(world, id),
                    rule: rule.id.clone(),
                    name: rule.name.clone(),
                    conclusion,
                    article_label: cite::label(texts, &rule.citation()),
                    article: rule.citation(),
                });
            }
        }
    }
    found
}

fn contradiction(world: &World<'_>, conflict: &Conflict) -> Contradiction {
    let fact = world.set.schema.fact(conflict.fact);
    let words = |known: &crate::matter::Known| {
        let (zh, en) = say::value_words(known.value, fact);
        Words { zh, en }
    };
    Contradiction {
        path: Open::Fact(conflict.entity, conflict.fact).path(world),
        fact: Words { zh: fact.zh.clone(), en: fact.en.clone() },
        kept: words(&conflict.kept),
        kept_source: conflict.kept.source.clone(),
        dropped: words(&conflict.dropped),
        dropped_source: conflict.dropped.source.clone().or_else(|| conflict.dropped_source.clone()),
    }
}

fn article_texts(texts: &dyn Texts, cited: &BTreeSet<Citation>) -> Vec<ArticleText> {
    let whole: BTreeSet<(&str, &str)> =
        cited.iter().map(|citation| (citation.law.as_str(), citation.article.as_str())).collect();
    let mut found: Vec<ArticleText> = whole
        .into_iter()
        .filter(|(_, article)| !article.is_empty())
        .filter_map(|(law, article)| {
            let version = texts.version(law)?;
            let citation =
                Citation { law: law.to_owned(), article: article.to_owned(), locator: String::new() };
            let text = match texts.article(law, article) {
                Some(text) => text.to_owned(),
                None => texts.quotations(law).join("\n"),
            };
            Some(ArticleText {
                law: law.to_owned(),
                article: article.to_owned(),
                title: version.title.clone(),
                label: cite::label(texts, &citation),
                effective: version.effective.map(|day| day.to_string()),
                until: version.until.map(|day| day.to_string()),
                text,
                complete: version.complete,
            })
        })
        .collect();
    found.sort_by_key(|article| {
        let digits: String = article.article.chars().take_while(char::is_ascii_digit).collect();
        (article.law.clone(), digits.parse::<u32>().unwrap_or_default(), article.article.clone())
    });
    found
}

fn case_ref(texts: &dyn Texts, id: &str) -> Option<CaseRef> {
    let case = texts.case(id)?;
    let field = |name: &str| case.fields.get(name).filter(|words| !words.is_empty()).cloned();
    Some(CaseRef {
        id: case.id.clone(),
        label: case.label.clone(),
        title: case.title.clone(),
        holding: field("holding").or_else(|| field("facts")).unwrap_or_default(),
    })
}

/// The rule of that name, or what to say when there is none.
///
/// # Errors
/// A sentence with the nearest name.
pub fn rule_named<'a>(set: &'a RuleSet, id: &str) -> Result<&'a Rule, String> {
    set.rule(id).ok_or_else(|| {
        let hint = nearest(id, set.rule_index.keys().map(String::as_str));
        format!("there is no rule `{id}` {hint}").trim_end().to_owned()
    })
}

#[cfg(test)]
mod citation_tests {
    use super::*;
    use crate::texts::LawTexts;

    #[test]
    fn a_law_is_cited_from_the_day_it_took_effect_until_it_ended() {
        let texts = LawTexts::embedded();
        let cited = |law: &str, day: &str| {
            let citation = Citation { law: law.to_owned(), article: "2".to_owned(), locator: String::new() };
            may_be_cited(texts, &citation, Date::parse(day).unwrap())
        };
        assert!(!cited("civil-code", "2020-12-31") && cited("civil-code", "2021-01-01"));
        assert!(cited("aucl-2019", "2025-10-14") && !cited("aucl-2019", "2025-10-15"));
        assert!(cited("fashi-2022-9", "2019-05-31"), "an interpretation also speaks of acts before it");
    }
}
