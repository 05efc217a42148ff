//! What a scan found (`inventory.json`) → facts, and what of it the record of processing activities does not say.

use crate::entity::EntityKind;
use crate::finding::Difference;
use crate::matter::{EntityId, Known, Matter};
use crate::number::{Range, Rational};
use crate::ruleset::Words;
use crate::schema::Schema;
use crate::value::{Tri, Value};
use serde_json::Value as Json;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Kind;

/// An inventory cannot be used.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum InventoryError {
    /// The file is no JSON.
    #[error("the inventory is no JSON: {detail}")]
    Syntax {
        /// What the reader said.
        detail: String,
    },
    /// The file is something else, or of a version that this program does not know.
    #[error("the inventory says `schema_version` {found:?}, and `zhunsheng.inventory/1` is expected")]
    Version {
        /// What it says.
        found: String,
    },
}

/// Where the facts of an inventory come from, as reasons show it.
pub const INVENTORY_SOURCE: &str = "清单 inventory.json";

/// Reads an inventory as a matter: one party with one activity that holds an item for each kind found, and one act
/// with one data set that holds the counts of the criminal interpretation.
///
/// Counts of persons are lower bounds: what was scanned is what there is at least. Kinds of things that are no
/// information of a person (organisations, case numbers, place names) are left out.
///
/// # Errors
/// [`InventoryError`] when the text is no inventory.
pub fn matter_of_inventory(text: &str, schema: &Schema) -> Result<Matter, InventoryError> {
    let json: Json =
        serde_json::from_str(text).map_err(|e| InventoryError::Syntax { detail: e.to_string() })?;
    let version = json.get("schema_version").and_then(Json::as_str).unwrap_or_default();
    if version != "zhunsheng.inventory/1" {
        return Err(InventoryError::Version { found: version.to_owned() });
    }
    let mut matter = Matter::default();
    let party = matter.add(Matter::ROOT, EntityKind::Party);
    let activity = matter.add(party, EntityKind::Activity);
    let number = |pointer: &str| json.pointer(pointer).and_then(Json::as_u64);
    let mut facts = Facts { matter: &mut matter, schema };
    let source = |matter: &mut Matter, id: EntityId| {
        matter.entity_mut(id).source = Some(INVENTORY_SOURCE.to_owned());
    };
    source(facts.matter, party);
    source(facts.matter, activity);
    facts.at_least(party, "persons", number("/counts/persons"));
    facts.yes(activity, "identifiable", number("/counts/persons").is_some_and(|persons| persons > 0));
    facts.at_least(activity, "persons", number("/counts/persons"));
    facts.yes(activity, "child_data", number("/counts/under_14").is_some_and(|persons| persons > 0));
    let kinds = json.pointer("/counts/by_kind").and_then(Json::as_object);
    for (id, counts) in kinds.into_iter().flatten() {
        let valid = counts.get("valid").and_then(Json::as_u64).unwrap_or_default();
        let Some(kind) = Kind::from_id(id).filter(|kind| valid > 0 && is_personal(*kind)) else { continue };
        let item = facts.matter.add(activity, EntityKind::Item);
        source(facts.matter, item);
        facts.matter.entity_mut(item).name = kind.name_zh().to_owned();
        facts.text(item, "kind", kind.id());
        facts.at_least(item, "persons", counts.get("persons").and_then(Json::as_u64));
        facts.choice(item, "category", category(kind));
        facts.yes(item, "found", true);
    }
    let act = facts.matter.add(party, EntityKind::Act);
    let dataset = facts.matter.add(act, EntityKind::Dataset);
    source(facts.matter, act);
    source(facts.matter, dataset);
    facts.exactly(act, "income", number("/criminal/income_yuan"));
    for (index, fact) in ["items_50", "items_500", "items_5000"].into_iter().enumerate() {
        facts.exactly(dataset, fact, number(&format!("/criminal/tiers/{index}/count")));
    }
    facts.yes(dataset, "identifies_persons", number("/counts/persons").is_some_and(|persons| persons > 0));
    Ok(matter)
}

struct Facts<'a> {
    matter: &'a mut Matter,
    schema: &'a Schema,
}

impl Facts<'_> {
    /// States a fact, where the schema has it: the schema decides what rules read.
    fn set(&mut self, id: EntityId, name: &str, value: impl FnOnce(&crate::schema::Fact) -> Option<Value>) {
        let full = format!("{}.{name}", self.matter.kind(id));
        let Some(fact) = self.schema.find(&full) else { return };
        if let Some(value) = value(self.schema.fact(fact)) {
            let known = Known { value, text: None, source: None };
            // Each fact is stated once.
            let _ = self.matter.learn(id, fact, known);
        }
    }

    fn at_least(&mut self, id: EntityId, name: &str, number: Option<u64>) {
        let low = number.map(|number| Rational::whole(i128::from(number)));
        self.set(id, name, |_| low.map(|low| Value::Number(Range { low: Some(low), high: None })));
    }

    fn exactly(&mut self, id: EntityId, name: &str, number: Option<u64>) {
        let number = number.map(|number| Rational::whole(i128::from(number)));
        self.set(id, name, |_| number.map(|number| Value::Number(Range::exactly(number))));
    }

    /// What was found is there; what was not found may be elsewhere.
    fn yes(&mut self, id: EntityId, name: &str, found: bool) {
        self.set(id, name, |_| found.then_some(Value::Bool(Tri::True)));
    }

    fn choice(&mut self, id: EntityId, name: &str, value: Option<&str>) {
        self.set(id, name, |fact| fact.bit(value?).map(Value::Choice));
    }

    fn text(&mut self, id: EntityId, name: &str, text: &str) {
        let full = format!("{}.{name}", self.matter.kind(id));
        let Some(fact) = self.schema.find(&full) else { return };
        let known =
            Known { value: self.schema.fact(fact).unknown(), text: Some(text.to_owned()), source: None };
        let _ = self.matter.learn(id, fact, known);
    }
}

/// Things that are told apart from personal information and are none themselves.
const fn is_personal(kind: Kind) -> bool {
    !matches!(
        kind,
        Kind::Org
            | Kind::Uscc
            | Kind::OrgCode
            | Kind::BusinessReg
            | Kind::CaseNo
            | Kind::Location
            | Kind::Waybill
    )
}

/// The category of PIPL art. 28 that a kind belongs to whatever the context; nothing where the context decides.
const fn category(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Biometric => Some("biometric"),
        Kind::Religion => Some("religion"),
        Kind::Health | Kind::Drug | Kind::MedicalInsurance => Some("health"),
        Kind::DisabilityCert => Some("specific_identity"),
        Kind::BankCard | Kind::BankAccount | Kind::CardSecurity => Some("financial_account"),
        Kind::GeoLat | Kind::GeoLng | Kind::Travel => Some("trajectory"),
        _ => None,
    }
}

/// The kinds that a declared item means: by its `kind` (an id of the scanner or its Chinese name) or by its name.
fn kinds_of(matter: &Matter, schema: &Schema, item: EntityId) -> Vec<Kind> {
    let entity = matter.entity(item);
    let stated = schema.find("item.kind").and_then(|fact| entity.facts.get(&fact)?.text.clone());
    let words: Vec<&str> = [stated.as_deref().unwrap_or_default(), entity.name.as_str()]
        .into_iter()
        .filter(|word| !word.is_empty())
        .collect();
    let exact: Vec<Kind> = words.iter().filter_map(|word| Kind::from_id(word)).collect();
    if !exact.is_empty() {
        return exact;
    }
    let named = |kind: &Kind| {
        let mut names = kind.name_zh().split('、');
        names.any(|name| {
            words.iter().any(|word| *word == name || word.contains(name) && name.chars().count() > 1)
        })
    };
    Kind::ALL.iter().copied().filter(named).collect()
}

/// Sets what was found against what is declared.
///
/// * `found` is the matter of an inventory, `declared` that of a record; the result is one matter in which declared
///   items know whether they were found, and one activity more holds what is not declared.
/// * A kind that is declared in several activities counts as found in each; its persons are stated where one alone
///   declares it.
pub fn compare(found: &Matter, declared: &Matter, schema: &Schema) -> (Matter, Vec<Difference>) {
    let mut joined = declared.clone();
    let party = match joined.of_kind(EntityKind::Party).first() {
        Some(party) => *party,
        None => joined.add(Matter::ROOT, EntityKind::Party),
    };
    let declared_items = joined.of_kind(EntityKind::Item);
    let mut by_kind: BTreeMap<Kind, Vec<EntityId>> = BTreeMap::new();
    for item in &declared_items {
        for kind in kinds_of(&joined, schema, *item) {
            by_kind.entry(kind).or_default().push(*item);
        }
    }
    let persons_fact = schema.find("item.persons");
    let persons = |item: EntityId| {
        let known = found.entity(item).facts.get(&persons_fact?)?;
        u64::try_from(known.value.number().low?.as_whole()?).ok()
    };
    let mut differences = Vec::new();
    let mut seen: BTreeSet<Kind> = BTreeSet::new();
    let mut extra: Option<EntityId> = None;
    for item in found.of_kind(EntityKind::Item) {
        let kinds = kinds_of(found, schema, item);
        seen.extend(kinds.iter().copied());
        let places: Vec<EntityId> =
            kinds.iter().filter_map(|kind| by_kind.get(kind)).flatten().copied().collect();
        if places.is_empty() {
            let activity = *extra.get_or_insert_with(|| {
                let id = joined.add(party, EntityKind::Activity);
                joined.entity_mut(id).name = "扫描发现而记录未列明的信息".to_owned();
                joined.entity_mut(id).source = Some(INVENTORY_SOURCE.to_owned());
                id
            });
            let new = joined.add(activity, EntityKind::Item);
            let theirs = found.entity(item).clone();
            let own = joined.entity_mut(new);
            (own.name, own.source, own.facts) = (theirs.name.clone(), theirs.source, theirs.facts);
            state(&mut joined, schema, new, "declared", false, None);
            differences.push(Difference {
                kind: "found_not_declared",
                item: item_words(&theirs.name, &kinds),
                persons: persons(item),
                activities: Vec::new(),
            });
            continue;
        }
        for place in &places {
            state(&mut joined, schema, *place, "found", true, Some(INVENTORY_SOURCE));
            state(&mut joined, schema, *place, "declared", true, None);
            if let [only] = places.as_slice() {
                for (fact, known) in &found.entity(item).facts {
                    let known = Known { source: Some(INVENTORY_SOURCE.to_owned()), ..known.clone() };
                    // What the record states is kept where the two differ.
                    let _ = joined.learn(*only, *fact, known);
                }
            }
        }
    }
    for item in declared_items {
        let kinds = kinds_of(&joined, schema, item);
        if kinds.is_empty() || kinds.iter().any(|kind| seen.contains(kind)) {
            continue;
        }
        state(&mut joined, schema, item, "found", false, Some(INVENTORY_SOURCE));
        state(&mut joined, schema, item, "declared", true, None);
        let activity = joined.entity(item).parent.map(|id| joined.entity(id).name.clone());
        differences.push(Difference {
            kind: "declared_not_found",
            item: item_words(&joined.entity(item).name, &kinds),
            persons: None,
            activities: activity.into_iter().filter(|name| !name.is_empty()).collect(),
        });
    }
    differences.sort();
    merge_counts(found, &mut joined, party);
    (joined, differences)
}

/// Takes over the counts of the party and of the data set.
fn merge_counts(found: &Matter, joined: &mut Matter, party: EntityId) {
    let Some(theirs) = found.of_kind(EntityKind::Party).first().copied() else { return };
    for (fact, known) in found.entity(theirs).facts.clone() {
        let known = Known { source: Some(INVENTORY_SOURCE.to_owned()), ..known };
        let _ = joined.learn(party, fact, known);
    }
}

fn item_words(name: &str, kinds: &[Kind]) -> Words {
    let en: Vec<&str> = kinds.iter().map(|kind| kind.name_en()).collect();
    let zh: Vec<&str> = kinds.iter().map(|kind| kind.name_zh()).collect();
    Words {
        zh: if name.is_empty() || Kind::from_id(name).is_some() { zh.join("、") } else { name.to_owned() },
        en: en.join(", "),
    }
}

fn state(matter: &mut Matter, schema: &Schema, id: EntityId, name: &str, value: bool, source: Option<&str>) {
    let full = format!("{}.{name}", matter.kind(id));
    if let Some(fact) = schema.find(&full) {
        let known =
            Known { value: Value::Bool(Tri::from(value)), text: None, source: source.map(str::to_owned) };
        let _ = matter.learn(id, fact, known);
    }
}

/// Says of a matter that no record was compared with data, where nobody has said otherwise; the rules on what was
/// found and declared then keep silent.
pub fn settle(matter: &mut Matter, schema: &Schema, compared: bool) {
    state(matter, schema, Matter::ROOT, "record_compared", compared, None);
}

/// Puts the counts of an inventory into the one act and the one data set of a matter, where there is one act.
///
/// Gives whether it did.
pub fn count_act(found: &Matter, matter: &mut Matter) -> bool {
    let acts = matter.of_kind(EntityKind::Act);
    let (found_acts, found_sets) = (found.of_kind(EntityKind::Act), found.of_kind(EntityKind::Dataset));
    let (Some(own_act), Some(act), Some(dataset)) = (found_acts.first(), acts.first(), found_sets.first())
    else {
        return false;
    };
    if acts.len() != 1 {
        return false;
    }
    let datasets = matter.entity(*act).children.get(&EntityKind::Dataset).cloned().unwrap_or_default();
    let own = match datasets.as_slice() {
        [] => matter.add(*act, EntityKind::Dataset),
        [only] => *only,
        _ => return false,
    };
    for (from, to) in [(*own_act, *act), (*dataset, own)] {
        for (fact, known) in found.entity(from).facts.clone() {
            let known = Known { source: Some(INVENTORY_SOURCE.to_owned()), ..known };
            // What the facts file states is kept.
            let _ = matter.learn(to, fact, known);
        }
    }
    true
}

/// Leaves acts and their data sets out: for matters in which nobody is accused.
#[must_use]
pub fn without_acts(mut found: Matter) -> Matter {
    for party in found.of_kind(EntityKind::Party) {
        found.drop_children(party, &BTreeSet::from([EntityKind::Act]));
    }
    found
}
