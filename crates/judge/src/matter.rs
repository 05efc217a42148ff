//! A matter: the tree of entities with what is known of each, and from where.

use crate::entity::EntityKind;
use crate::ruleset::Way;
use crate::schema::{FactId, Schema};
use crate::value::Value;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Date;

/// Position of an entity in a [`Matter`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityId(pub usize);

/// What is known of one fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known {
    /// The value, in full or in part.
    pub value: Value,
    /// The words of a text fact.
    pub text: Option<String>,
    /// Where it comes from, when that differs from where the entity comes from.
    pub source: Option<String>,
}

/// One entity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entity {
    /// What it stands in; nothing for the matter itself.
    pub parent: Option<EntityId>,
    /// What stands in it, by kind, in order.
    pub children: BTreeMap<EntityKind, Vec<EntityId>>,
    /// What it is called; may be empty.
    pub name: String,
    /// Where what is known of it comes from.
    pub source: Option<String>,
    /// The day of the act.
    pub date: Option<Date>,
    /// First day of a continuing act.
    pub from: Option<Date>,
    /// Last day of a continuing act.
    pub until: Option<Date>,
    /// What is known.
    pub facts: BTreeMap<FactId, Known>,
    /// Kinds of which there are no more than are listed, even when none is.
    pub none: BTreeSet<EntityKind>,
    /// Kinds of which there may be more than are listed.
    pub more: BTreeSet<EntityKind>,
}

/// Two sources say different things of one fact; the first of them was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conflict {
    /// The entity, in the merged matter.
    pub entity: EntityId,
    /// The fact.
    pub fact: FactId,
    /// What was kept.
    pub kept: Known,
    /// What was not.
    pub dropped: Known,
    /// Where the entity that was not kept comes from.
    pub dropped_source: Option<String>,
}

/// The tree. The first entity is the matter itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matter {
    /// Its title.
    pub title: String,
    entities: Vec<(EntityKind, Entity)>,
}

impl Default for Matter {
    fn default() -> Matter {
        Matter { title: String::new(), entities: vec![(EntityKind::Matter, Entity::default())] }
    }
}

impl Matter {
    /// The matter itself.
    pub const ROOT: EntityId = EntityId(0);

    /// The entity of that id; ids come from this matter.
    #[expect(
        clippy::indexing_slicing,
        reason = "an `EntityId` is made by `add` alone, and nothing is taken out"
    )]
    pub fn entity(&self, id: EntityId) -> &Entity {
        &self.entities[id.0].1
    }

    /// The same, to change.
    #[expect(
        clippy::indexing_slicing,
        reason = "an `EntityId` is made by `add` alone, and nothing is taken out"
    )]
    pub fn entity_mut(&mut self, id: EntityId) -> &mut Entity {
        &mut self.entities[id.0].1
    }

    /// The kind of an entity.
    #[expect(
        clippy::indexing_slicing,
        reason = "an `EntityId` is made by `add` alone, and nothing is taken out"
    )]
    pub fn kind(&self, id: EntityId) -> EntityKind {
        self.entities[id.0].0
    }

    /// Every entity, parents before children.
    pub fn ids(&self) -> impl Iterator<Item = EntityId> + use<> {
        (0..self.entities.len()).map(EntityId)
    }

    /// Every entity of a kind, in order.
    pub fn of_kind(&self, kind: EntityKind) -> Vec<EntityId> {
        self.inside(Matter::ROOT, kind).0
    }

    /// Adds an entity of `kind` to `parent`, which must be of the kind that it stands in.
    pub fn add(&mut self, parent: EntityId, kind: EntityKind) -> EntityId {
        debug_assert_eq!(kind.parent(), Some(self.kind(parent)));
        let id = EntityId(self.entities.len());
        self.entities.push((kind, Entity { parent: Some(parent), ..Entity::default() }));
        self.entity_mut(parent).children.entry(kind).or_default().push(id);
        id
    }

    /// The entity at the end of a way from the matter; made, with all on the way, where it is not there yet.
    pub fn make(&mut self, way: &Way) -> EntityId {
        let mut at = Matter::ROOT;
        for (kind, number) in way {
            if *kind == EntityKind::Matter {
                continue;
            }
            loop {
                let there = self.entity(at).children.get(kind).map(Vec::as_slice).unwrap_or_default();
                let index = usize::try_from(*number).unwrap_or(usize::MAX).saturating_sub(1);
                if let Some(found) = there.get(index) {
                    at = *found;
                    break;
                }
                self.add(at, *kind);
            }
        }
        at
    }

    /// Takes the entities of some kinds out of what they stand in.
    pub fn drop_children(&mut self, id: EntityId, kinds: &BTreeSet<EntityKind>) {
        self.entity_mut(id).children.retain(|kind, _| !kinds.contains(kind));
    }

    /// The entity at the end of a way, where there is one.
    pub fn find(&self, way: &Way) -> Option<EntityId> {
        way.iter().filter(|(kind, _)| *kind != EntityKind::Matter).try_fold(
            Matter::ROOT,
            |at, (kind, number)| {
                let index = usize::try_from(*number).ok()?.checked_sub(1)?;
                self.entity(at).children.get(kind)?.get(index).copied()
            },
        )
    }

    /// Every entity of `kind` inside `outer`, and whether that is all of them.
    pub fn inside(&self, outer: EntityId, kind: EntityKind) -> (Vec<EntityId>, bool) {
        let mut way: Vec<EntityKind> =
            kind.chain().take_while(|between| *between != self.kind(outer)).collect();
        way.reverse();
        let mut found = vec![outer];
        let mut complete = true;
        for step in way {
            let mut next = Vec::new();
            for at in found {
                let entity = self.entity(at);
                let children = entity.children.get(&step).map(Vec::as_slice).unwrap_or_default();
                // A list without members says nothing, unless it is said that there are none.
                complete &= !entity.more.contains(&step);
                complete &= !children.is_empty() || entity.none.contains(&step);
                next.extend_from_slice(children);
            }
            found = next;
        }
        (found, complete)
    }

    /// What stands around an entity, from the inside out, itself first.
    pub fn around(&self, id: EntityId) -> impl Iterator<Item = EntityId> + '_ {
        std::iter::successors(Some(id), |id| self.entity(*id).parent)
    }

    /// `party[1].act[2]`; `matter` for the matter itself.
    pub fn path(&self, id: EntityId) -> String {
        let mut parts = Vec::new();
        for at in self.around(id) {
            let Some(parent) = self.entity(at).parent else { break };
            let kind = self.kind(at);
            let siblings = self.entity(parent).children.get(&kind).map(Vec::as_slice).unwrap_or_default();
            let number = siblings.iter().position(|other| *other == at).unwrap_or_default() + 1;
            parts.push(format!("{kind}[{number}]"));
        }
        if parts.is_empty() {
            return EntityKind::Matter.id().to_owned();
        }
        parts.reverse();
        parts.join(".")
    }

    /// The day at which an entity is judged: its own, or the end of a continuing act, or that of what it stands in.
    pub fn day(&self, id: EntityId) -> Option<Date> {
        self.around(id).find_map(|at| {
            let entity = self.entity(at);
            entity.until.or(entity.date).or(entity.from)
        })
    }

    /// The day on which a continuing act began, where it has a beginning and an end.
    pub fn began(&self, id: EntityId) -> Option<Date> {
        self.around(id).find_map(|at| {
            let entity = self.entity(at);
            if entity.date.is_some() || entity.until.is_some() || entity.from.is_some() {
                Some(entity.from.filter(|_| entity.until.is_some()))
            } else {
                None
            }
        })?
    }

    /// The value of a fact; what is known when nothing is, where it is not given.
    pub fn value(&self, schema: &Schema, id: EntityId, fact: FactId) -> Value {
        self.entity(id).facts.get(&fact).map_or_else(|| schema.fact(fact).unknown(), |known| known.value)
    }

    /// Adds what is known of a fact; values that say more narrow each other down.
    ///
    /// # Errors
    /// The value already there, when the two exclude each other.
    pub fn learn(&mut self, id: EntityId, fact: FactId, known: Known) -> Result<(), Box<Known>> {
        let entity = self.entity_mut(id);
        match entity.facts.get(&fact) {
            None => {
                entity.facts.insert(fact, known);
                Ok(())
            }
            Some(before) => match meet(before.value, known.value) {
                Some(value) => {
                    let text = before.text.clone().or(known.text);
                    let source = if value == before.value { before.source.clone() } else { known.source };
                    entity.facts.insert(fact, Known { value, text, source });
                    Ok(())
                }
                None => Err(Box::new(before.clone())),
            },
        }
    }

    /// Takes over what another source says. Entities of one name are the same, and so are single entities of which
    /// one has no name. Where both speak of a fact and exclude each other, `self` is kept.
    pub fn merge(&mut self, other: &Matter) -> Vec<Conflict> {
        if self.title.is_empty() {
            self.title.clone_from(&other.title);
        }
        let mut conflicts = Vec::new();
        self.merge_entity(Matter::ROOT, other, Matter::ROOT, &mut conflicts);
        conflicts
    }

    fn merge_entity(&mut self, own: EntityId, other: &Matter, id: EntityId, conflicts: &mut Vec<Conflict>) {
        let theirs = other.entity(id);
        {
            let mine = self.entity_mut(own);
            if mine.name.is_empty() {
                mine.name.clone_from(&theirs.name);
            }
            if mine.date.is_none() && mine.until.is_none() && mine.from.is_none() {
                (mine.date, mine.from, mine.until) = (theirs.date, theirs.from, theirs.until);
            }
            // Complete is what one source says is complete; open is what neither says is.
            mine.none.extend(theirs.none.iter().copied());
            mine.more.extend(theirs.more.iter().copied());
        }
        for (fact, known) in &theirs.facts {
            let source = known.source.clone().or_else(|| theirs.source.clone());
            let known = Known { source, ..known.clone() };
            let own_source = self.entity(own).source.clone();
            if let Some(before) = self.entity_mut(own).facts.get_mut(fact)
                && before.source.is_none()
            {
                before.source = own_source;
            }
            if let Err(kept) = self.learn(own, *fact, known.clone()) {
                let dropped_source = theirs.source.clone();
                conflicts.push(Conflict {
                    entity: own,
                    fact: *fact,
                    kept: *kept,
                    dropped: known,
                    dropped_source,
                });
            }
        }
        if self.entity(own).source.is_none() && self.entity(own).facts.len() == theirs.facts.len() {
            self.entity_mut(own).source.clone_from(&theirs.source);
        }
        for (kind, children) in &theirs.children {
            let mine: Vec<EntityId> = self.entity(own).children.get(kind).cloned().unwrap_or_default();
            let single = mine.len() == 1 && children.len() == 1;
            for child in children {
                let name = &other.entity(*child).name;
                let same = mine.iter().copied().find(|id| {
                    let known = &self.entity(*id).name;
                    known == name && !name.is_empty() || single && (known.is_empty() || name.is_empty())
                });
                let at = match same {
                    Some(at) => at,
                    None => {
                        let at = self.add(own, *kind);
                        self.entity_mut(at).source.clone_from(&other.entity(*child).source);
                        at
                    }
                };
                self.merge_entity(at, other, *child, conflicts);
            }
        }
    }
}

/// What two statements say together; nothing when they exclude each other.
pub(crate) fn meet(a: Value, b: Value) -> Option<Value> {
    use crate::value::Tri;
    match (a, b) {
        (Value::Bool(Tri::Unknown), other) | (other, Value::Bool(Tri::Unknown)) => Some(other),
        (Value::Bool(a), Value::Bool(b)) => (a == b).then_some(Value::Bool(a)),
        (Value::Number(a), Value::Number(b)) => a.meet(b).map(Value::Number),
        (Value::Day(a), Value::Day(b)) => a.meet(b).map(Value::Day),
        (Value::Choice(a), Value::Choice(b)) => Some(Value::Choice(a & b)).filter(|_| a & b != 0),
        (Value::Set { has: a, lacks: b }, Value::Set { has: c, lacks: d }) => {
            let (has, lacks) = (a | c, b | d);
            (has & lacks == 0).then_some(Value::Set { has, lacks })
        }
        _ => None,
    }
}
