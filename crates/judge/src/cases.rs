//! Official cases as tests: facts in, and what the court or authority concluded out.

use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::eval::World;
use crate::explain::explain;
use crate::facts::{read_day, read_facts, read_value};
use crate::matter::{EntityId, Known, Matter};
use crate::number::Rational;
use crate::ruleset::{Conclusion, Rule, RuleSet, Way};
use crate::schema::{FactId, Schema, line_at};
use crate::texts::{Texts, missing_part, parts_of_quotation, without_blanks};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use zhunsheng_model::Date;

/// A case file, read.
#[derive(Clone, Debug)]
pub struct Case {
    /// The file.
    pub file: String,
    /// The id of the case, such as `spc-192`.
    pub id: String,
    /// Its title.
    pub title: String,
    /// The facts.
    pub matter: Matter,
    /// What must come out.
    pub expect: Vec<Expect>,
    /// The articles that expected findings must cite.
    pub cites: Vec<(u32, String, String)>,
    /// The numbers that findings must rest on.
    pub numbers: Vec<(u32, String, i64)>,
    /// Articles that the authority cited and that no finding can cite.
    pub unstated: Vec<(u32, String, String, String)>,
    /// The same facts on another day.
    pub also_on: Vec<(Date, Vec<Expect>)>,
    /// The same facts with some changed.
    pub variations: Vec<Variation>,
}

/// A conclusion that must come out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expect {
    /// Line in the file.
    pub line: u32,
    /// The rule.
    pub rule: String,
    /// The conclusion.
    pub conclusion: Conclusion,
    /// Name or path of the entity; empty where any will do.
    pub entity: String,
}

/// A change of facts and what it leads to.
#[derive(Clone, Debug)]
pub struct Variation {
    /// Line in the file.
    pub line: u32,
    /// What is changed.
    pub name: String,
    /// Why the outcome follows from the holding.
    pub reason: String,
    /// The changed facts.
    pub matter: Matter,
    /// What must come out.
    pub expect: Vec<Expect>,
}

#[derive(Deserialize)]
struct RawCase {
    #[serde(default)]
    case: String,
    #[serde(default)]
    title: String,
    #[serde(default)]
    expect: Vec<Spanned<RawExpect>>,
    #[serde(default)]
    cites: Vec<Spanned<RawCite>>,
    #[serde(default)]
    number: Vec<Spanned<RawNumber>>,
    #[serde(default)]
    unstated: Vec<Spanned<RawUnstated>>,
    #[serde(default)]
    also_on: Vec<Spanned<RawAlso>>,
    #[serde(default)]
    variation: Vec<Spanned<RawVariation>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawExpect {
    rule: String,
    conclusion: String,
    #[serde(default)]
    entity: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawCite {
    law: String,
    article: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawNumber {
    fact: String,
    value: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawUnstated {
    law: String,
    article: String,
    #[serde(default)]
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawAlso {
    date: toml::Value,
    expect: Vec<Spanned<RawExpect>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawVariation {
    name: String,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    #[allow(dead_code, reason = "read with its places from the untyped table")]
    set: BTreeMap<String, toml::Value>,
    expect: Vec<Spanned<RawExpect>>,
}

/// Reads a case file; nothing when it is no TOML.
pub fn read_case(
    file: &str,
    text: &str,
    set: &RuleSet,
    texts: &dyn Texts,
) -> (Option<Case>, Vec<Diagnostic>) {
    let (matter, mut problems) = read_facts(file, text, &set.schema);
    let raw: RawCase = match toml::from_str(text) {
        Ok(raw) => raw,
        Err(error) => {
            let line = error.span().map_or(0, |span| line_at(text, span.start));
            problems.push(Diagnostic::error(file, line, "syntax", error.message().to_owned()));
            return (None, problems);
        }
    };
    let mut reader = Reader { file, set, problems };
    let line = |at: usize| line_at(text, at);
    if raw.case.is_empty() {
        reader.error(1, "case", "the file does not say which case it is (`case = \"spc-192\"`)");
    } else if texts.case(&raw.case).is_none() && !texts.case_ids().is_empty() {
        reader.error(1, "case", format!("there is no case `{}`", raw.case));
    }
    let expect = reader.expect(text, raw.expect);
    if expect.is_empty() {
        reader.error(1, "case", "the case expects nothing (`[[expect]]`)");
    }
    let also_on = raw.also_on.into_iter().filter_map(|also| {
        let (at, also) = (also.span().start, also.into_inner());
        let date = match &also.date {
            toml::Value::Datetime(day) => day.date.and_then(|day| Date::new(day.year, day.month, day.day)),
            toml::Value::String(day) => Date::parse(day),
            _ => None,
        };
        if date.is_none() {
            reader.error(line(at), "date", "`also_on` needs a date");
        }
        Some((date?, reader.expect(text, also.expect)))
    });
    let also_on = also_on.collect();
    let table = DeTable::parse(text).map(Spanned::into_inner).unwrap_or_default();
    let changes = changes(&table);
    let mut variations = Vec::new();
    for (index, variation) in raw.variation.into_iter().enumerate() {
        let (at, variation) = (line(variation.span().start), variation.into_inner());
        if variation.reason.is_empty() {
            reader.error(at, "variation", format!("the variation `{}` has no reason", variation.name));
        }
        let mut changed = matter.clone();
        if let Some(table) = changes.get(index).copied().flatten() {
            reader.change(text, &mut changed, table);
        }
        if changed == matter {
            reader.error(at, "variation", format!("the variation `{}` changes nothing", variation.name));
        }
        let expect = reader.expect(text, variation.expect);
        variations.push(Variation {
            line: at,
            name: variation.name,
            reason: variation.reason,
            matter: changed,
            expect,
        });
    }
    let case = Case {
        file: file.to_owned(),
        id: raw.case,
        title: raw.title,
        expect,
        cites: raw
            .cites
            .into_iter()
            .map(|cite| (line(cite.span().start), cite.get_ref().law.clone(), cite.get_ref().article.clone()))
            .collect(),
        numbers: raw
            .number
            .into_iter()
            .map(|number| (line(number.span().start), number.get_ref().fact.clone(), number.get_ref().value))
            .collect(),
        unstated: raw
            .unstated
            .into_iter()
            .map(|row| {
                let at = line(row.span().start);
                let row = row.into_inner();
                (at, row.law, row.article, row.reason)
            })
            .collect(),
        also_on,
        variations,
        matter,
    };
    (Some(case), reader.problems)
}

/// The `set` table of each variation.
fn changes<'a, 'i>(table: &'a DeTable<'i>) -> Vec<Option<&'a DeTable<'i>>> {
    let list = table.get("variation").and_then(|list| list.get_ref().as_array());
    let rows = list.into_iter().flat_map(|list| list.iter());
    rows.map(|row| row.get_ref().as_table()?.get("set")?.get_ref().as_table()).collect()
}

struct Reader<'a> {
    file: &'a str,
    set: &'a RuleSet,
    problems: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn error(&mut self, line: u32, code: &'static str, message: impl Into<String>) {
        self.problems.push(Diagnostic::error(self.file, line, code, message));
    }

    fn expect(&mut self, text: &str, raw: Vec<Spanned<RawExpect>>) -> Vec<Expect> {
        let mut found = Vec::new();
        for expect in raw {
            let line = line_at(text, expect.span().start);
            let expect = expect.into_inner();
            let Some(conclusion) = Conclusion::from_id(&expect.conclusion) else {
                self.error(
                    line,
                    "expect",
                    format!("`{}` is nothing that a rule concludes", expect.conclusion),
                );
                continue;
            };
            if self.set.rule(&expect.rule).is_none() {
                let hint = nearest(&expect.rule, self.set.rule_index.keys().map(String::as_str));
                let message = format!("there is no rule `{}`", expect.rule);
                self.problems.push(Diagnostic::error(self.file, line, "unknown-rule", message).hint(hint));
                continue;
            }
            found.push(Expect { line, rule: expect.rule, conclusion, entity: expect.entity });
        }
        found
    }

    /// Sets facts as a variation says.
    fn change(&mut self, text: &str, matter: &mut Matter, table: &DeTable<'_>) {
        for (key, value) in table.iter() {
            let line = line_at(text, key.span().start);
            if let Err((message, hint)) = set_fact(matter, &self.set.schema, key.get_ref(), value.get_ref()) {
                self.problems.push(Diagnostic::error(self.file, line, "variation", message).hint(hint));
            }
        }
    }
}

/// Sets one fact by its path, such as `party[1].act[2].income`; also `date`, `from`, `until`, `none`, `more`.
fn set_fact(
    matter: &mut Matter,
    schema: &Schema,
    path: &str,
    value: &DeValue<'_>,
) -> Result<(), (String, String)> {
    let wrong = |message: String| (message, String::new());
    let (way, name) = parse_path(path).ok_or_else(|| wrong(format!("`{path}` is no path to a fact")))?;
    let kind = way.last().map_or(EntityKind::Matter, |(kind, _)| *kind);
    let name = name.ok_or_else(|| wrong(format!("`{path}` names no fact")))?;
    match name {
        "date" | "from" | "until" => {
            let day = read_day(value).ok_or_else(|| wrong(format!("`{path}` is a date")))?;
            let id = matter.make(&way);
            let entity = matter.entity_mut(id);
            match name {
                "date" => (entity.date, entity.from, entity.until) = (Some(day), None, None),
                "from" => entity.from = Some(day),
                _ => entity.until = Some(day),
            }
        }
        "none" | "more" => {
            let words = value.as_array().map(|list| list.iter().filter_map(|word| word.get_ref().as_str()));
            let kinds: BTreeSet<EntityKind> =
                words.into_iter().flatten().filter_map(EntityKind::from_id).collect();
            let id = matter.make(&way);
            if name == "none" {
                matter.drop_children(id, &kinds);
                matter.entity_mut(id).none = kinds;
            } else {
                matter.entity_mut(id).more = kinds;
            }
        }
        name => {
            let full = format!("{kind}.{name}");
            let fact = schema
                .find(&full)
                .ok_or_else(|| (format!("there is no fact `{full}`"), schema.nearest(&full)))?;
            let (value, text) = read_value(schema.fact(fact), value)?;
            let id = matter.make(&way);
            matter.entity_mut(id).facts.insert(fact, Known { value, text, source: None });
        }
    }
    Ok(())
}

/// `party[1].act[2].income` → the way and the name; no name where the path ends at an entity.
pub(crate) fn parse_path(path: &str) -> Option<(Way, Option<&str>)> {
    let mut way: Way = Vec::new();
    let mut parts = path.split('.').peekable();
    while let Some(part) = parts.next() {
        let (word, number) = match part.split_once('[') {
            Some((word, rest)) => (word, rest.strip_suffix(']')?.parse().ok()?),
            None => (part, 1),
        };
        let Some(kind) = EntityKind::from_id(word) else {
            return (parts.peek().is_none() && !way.is_empty()).then_some((way, Some(word)));
        };
        let outer = way.last().map_or(EntityKind::Matter, |(kind, _)| *kind);
        if kind != EntityKind::Matter && kind.parent() != Some(outer) || number == 0 || number > 100_000 {
            return None;
        }
        way.push((kind, number));
    }
    Some((way, None))
}

/// Runs a case: everything that does not come out as it says.
pub fn run_case(case: &Case, set: &RuleSet, texts: &dyn Texts, fallback: Date) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let world = World::new(set, &case.matter, fallback);
    let mut cited: BTreeSet<(String, String)> = BTreeSet::new();
    let mut rested_on: BTreeSet<(EntityId, FactId)> = BTreeSet::new();
    for expect in &case.expect {
        for (rule, id) in meant(set, &case.matter, expect) {
            let told = explain(&world, rule, id);
            cited.extend(
                told.citations.iter().map(|citation| (citation.law.clone(), citation.article.clone())),
            );
            rested_on.extend(told.leaves);
        }
    }
    problems.extend(compare(&case.file, "", &case.expect, &world));
    for (line, law, article) in &case.cites {
        if !cited.contains(&(law.clone(), article.clone())) {
            let message = format!("no expected finding cites {law} {article}");
            problems.push(Diagnostic::error(&case.file, *line, "cites", message));
        }
    }
    for (line, _, _, reason) in &case.unstated {
        if reason.trim().is_empty() {
            problems.push(Diagnostic::error(&case.file, *line, "unstated", "the reason is missing"));
        }
    }
    if let Some(published) = texts.case(&case.id) {
        for (law, article) in &published.cites {
            let stated = case.cites.iter().any(|(_, l, a)| l == law && a == article)
                || case.unstated.iter().any(|(_, l, a, _)| l == law && a == article);
            if !stated {
                let message = format!(
                    "the authority cited {law} {article}: it stands neither in `cites` nor in `unstated`"
                );
                problems.push(Diagnostic::error(&case.file, 1, "cites", message));
            }
        }
    }
    for (line, path, value) in &case.numbers {
        if let Some(message) = number(case, set, path, *value, &rested_on) {
            problems.push(Diagnostic::error(&case.file, *line, "number", message));
        }
    }
    problems.extend(sources(case, texts));
    for (day, expect) in &case.also_on {
        let world = World::new(set, &case.matter, fallback).as_if(*day);
        problems.extend(compare(&case.file, &format!(" on {day}"), expect, &world));
    }
    for variation in &case.variations {
        let world = World::new(set, &variation.matter, fallback);
        problems.extend(compare(&case.file, &format!(" in `{}`", variation.name), &variation.expect, &world));
    }
    problems
}

/// The entities that an expectation speaks of.
fn meant<'a>(set: &'a RuleSet, matter: &Matter, expect: &Expect) -> Vec<(&'a Rule, EntityId)> {
    let Some(rule) = set.rule(&expect.rule) else { return Vec::new() };
    let fits = |id: &EntityId| {
        expect.entity.is_empty()
            || matter.entity(*id).name == expect.entity
            || matter.path(*id) == expect.entity
    };
    matter.of_kind(rule.scope).into_iter().filter(fits).map(|id| (rule, id)).collect()
}

fn compare(file: &str, where_: &str, expect: &[Expect], world: &World<'_>) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for wanted in expect {
        let entities = meant(world.set, world.matter, wanted);
        let came: Vec<Conclusion> = entities
            .iter()
            .map(|(rule, id)| {
                let in_force = rule.in_force(world.day(*id));
                if in_force { world.judge(rule, *id).conclusion } else { Conclusion::None }
            })
            .collect();
        let right = match wanted.conclusion {
            Conclusion::None => came.iter().all(|came| *came == Conclusion::None),
            conclusion => came.contains(&conclusion),
        };
        if right {
            continue;
        }
        let mut hint = String::new();
        if entities.is_empty() {
            hint = match wanted.entity.as_str() {
                "" => "the matter has no such entity".to_owned(),
                name => format!("there is no entity `{name}` of the rule's scope"),
            };
        } else if came.contains(&Conclusion::Open) {
            let open = entities.iter().flat_map(|(rule, id)| explain(world, rule, *id).open);
            let names: BTreeSet<String> = open.map(|open| open.path(world)).collect();
            hint = format!("unknown: {}", names.into_iter().take(12).collect::<Vec<_>>().join(", "));
        }
        let came: Vec<&str> = came.iter().map(|came| came.id()).collect();
        let message = format!(
            "`{}`{where_} comes out as {}, not as {}",
            wanted.rule,
            if came.is_empty() { "nothing".to_owned() } else { came.join(", ") },
            wanted.conclusion.id()
        );
        problems.push(Diagnostic::error(file, wanted.line, "case-fails", message).hint(hint));
    }
    problems
}

fn number(
    case: &Case,
    set: &RuleSet,
    path: &str,
    value: i64,
    rested_on: &BTreeSet<(EntityId, FactId)>,
) -> Option<String> {
    let (way, name) = parse_path(path)?;
    let kind = way.last().map_or(EntityKind::Matter, |(kind, _)| *kind);
    let full = format!("{kind}.{}", name?);
    let (Some(id), Some(fact)) = (case.matter.find(&way), set.schema.find(&full)) else {
        return Some(format!("there is no `{path}`"));
    };
    let known = case.matter.value(&set.schema, id, fact).number();
    let wanted = Rational::whole(i128::from(value));
    if known.low != Some(wanted) && known.high != Some(wanted) {
        return Some(format!("`{path}` is not {value}"));
    }
    (!rested_on.contains(&(id, fact))).then(|| format!("no expected finding rests on `{path}`"))
}

/// Every `source` must be words of the case.
fn sources(case: &Case, texts: &dyn Texts) -> Vec<Diagnostic> {
    let Some(published) = texts.case(&case.id) else { return Vec::new() };
    let all: Vec<&str> = published.fields.values().map(String::as_str).collect();
    let mut problems = Vec::new();
    for id in case.matter.ids() {
        let Some(source) = &case.matter.entity(id).source else { continue };
        let words = source.split_once('：').map(|(_, words)| words).filter(|words| !words.is_empty());
        let stands = |words: &str| all.iter().any(|field| missing_part(words, field).is_none());
        // The parts of a source may come from several fields.
        let spread = |words: &str| {
            parts_of_quotation(words).all(|part| all.iter().any(|f| without_blanks(f).contains(&part)))
        };
        if !stands(source) && !spread(source) && !words.is_some_and(spread) {
            let message = format!("the source of {} is no words of the case: {source}", case.matter.path(id));
            problems.push(Diagnostic::error(&case.file, 1, "source", message));
        }
    }
    problems
}
