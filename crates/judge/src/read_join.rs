//! Joins what rule files name with what it names: exceptions, penalties, definitions.

use crate::diagnostic::{Diagnostic, nearest};
use crate::entity::EntityKind;
use crate::read::Reader;
use crate::ruleset::RuleSet;
use crate::schema::FactId;
use crate::types;
use std::collections::{BTreeMap, BTreeSet};

impl Reader<'_> {
    /// Joins what is named with what it names.
    pub(super) fn join(&mut self) {
        self.join_exceptions();
        self.join_penalties();
        self.derived_without_definition();
        self.cycles();
    }

    fn join_exceptions(&mut self) {
        let mut by_id: BTreeMap<String, usize> = BTreeMap::new();
        for at in 0..self.set.exceptions.len() {
            let Some(exception) = self.set.exceptions.get(at) else { continue };
            let (id, file, line) =
                (exception.id.clone(), exception.origin.file.clone(), exception.origin.line);
            if self.set.rule(&id).is_some() || by_id.contains_key(&id) {
                self.error(&file, line, "repeated", format!("the name `{id}` is taken already"));
            }
            by_id.insert(id, at);
        }
        let names: Vec<String> = self.set.rule_index.keys().chain(by_id.keys()).cloned().collect();
        for at in 0..self.set.exceptions.len() {
            let Some(exception) = self.set.exceptions.get(at) else { continue };
            let (to, file, line) =
                (exception.to.clone(), exception.origin.file.clone(), exception.origin.line);
            for target in to {
                if !names.contains(&target) {
                    let hint = nearest(&target, names.iter().map(String::as_str));
                    let message = format!("there is no rule or exception `{target}`");
                    self.problems.push(Diagnostic::error(&file, line, "unknown-rule", message).hint(hint));
                    continue;
                }
                self.set.excepted_by.entry(target).or_default().push(at);
            }
        }
        // The condition is read on the scope of each rule at the end of the chain.
        for at in 0..self.set.exceptions.len() {
            let scopes = self.scopes(at, &by_id, 0);
            let Some(exception) = self.set.exceptions.get(at) else { continue };
            let (file, line) = (exception.origin.file.clone(), exception.origin.line);
            match scopes {
                None => self.error(&file, line, "cycle", "the exception excepts itself"),
                Some(scopes) => {
                    let mut when = exception.when.clone();
                    for scope in &scopes {
                        types::check_condition(
                            &mut when,
                            *scope,
                            &self.set.schema,
                            &file,
                            &mut self.problems,
                        );
                    }
                    if let Some(exception) = self.set.exceptions.get_mut(at) {
                        exception.when = when;
                    }
                }
            }
        }
    }

    /// Scopes of the rules that an exception ends at; nothing when it goes in a circle.
    fn scopes(&self, at: usize, by_id: &BTreeMap<String, usize>, depth: u32) -> Option<BTreeSet<EntityKind>> {
        if depth > 20 {
            return None;
        }
        let mut scopes = BTreeSet::new();
        for target in self.set.exceptions.get(at).map(|exception| exception.to.as_slice()).unwrap_or_default()
        {
            if let Some(rule) = self.set.rule(target) {
                scopes.insert(rule.scope);
            } else if let Some(other) = by_id.get(target) {
                scopes.extend(self.scopes(*other, by_id, depth + 1)?);
            }
        }
        Some(scopes)
    }

    fn join_penalties(&mut self) {
        let mut scopes: BTreeMap<String, BTreeSet<EntityKind>> = BTreeMap::new();
        let mut unknown = Vec::new();
        for rule in &self.set.rules {
            for penalty in &rule.penalties {
                if self.set.penalties.contains_key(penalty) {
                    scopes.entry(penalty.clone()).or_default().insert(rule.scope);
                } else {
                    let hint = nearest(penalty, self.set.penalties.keys().map(String::as_str));
                    let message = format!("there is no penalty `{penalty}`");
                    let (file, line) = (&rule.origin.file, rule.origin.line);
                    unknown.push(Diagnostic::error(file, line, "penalty", message).hint(hint));
                }
            }
        }
        self.problems.extend(unknown);
        for (id, penalty) in &mut self.set.penalties {
            let Some(scopes) = scopes.get(id) else {
                let (file, line) = (&penalty.origin.file, penalty.origin.line);
                let message = format!("no rule names the penalty `{id}`");
                self.problems.push(Diagnostic::warning(file, line, "penalty", message));
                continue;
            };
            for tier in &mut penalty.tiers {
                for scope in scopes {
                    let file = &penalty.origin.file;
                    types::check_condition(
                        &mut tier.when,
                        *scope,
                        &self.set.schema,
                        file,
                        &mut self.problems,
                    );
                }
            }
        }
    }

    fn derived_without_definition(&mut self) {
        for id in self.set.schema.ids() {
            let fact = self.set.schema.fact(id);
            if fact.derived && !self.set.definitions.contains_key(&id) {
                let message =
                    format!("`{}` is declared as derived and no `define` block gives it", fact.full);
                self.problems.push(Diagnostic::warning(&fact.file, fact.line, "derived", message));
            }
        }
    }

    /// A definition that leads back to itself could not be reckoned.
    fn cycles(&mut self) {
        // 0 not seen, 1 on the way, 2 done.
        let mut state: BTreeMap<FactId, u8> = BTreeMap::new();
        let ids: Vec<_> = self.set.definitions.keys().copied().collect();
        let mut circles = Vec::new();
        for id in ids {
            let mut way = Vec::new();
            visit(&self.set, id, &mut state, &mut way, &mut circles);
        }
        for circle in circles {
            let names: Vec<&str> = circle.iter().map(|id| self.set.schema.fact(*id).full.as_str()).collect();
            let message = format!("definitions go in a circle: {}", names.join(" → "));
            let definition = circle.first().and_then(|id| self.set.definitions.get(id)?.first());
            let Some(definition) = definition else { continue };
            let (file, line) = (definition.origin.file.clone(), definition.origin.line);
            self.error(&file, line, "cycle", message);
            // Left in, evaluation would not end.
            for id in circle {
                self.set.definitions.remove(&id);
            }
        }
    }
}

fn visit(
    set: &RuleSet,
    id: FactId,
    state: &mut BTreeMap<FactId, u8>,
    way: &mut Vec<FactId>,
    circles: &mut Vec<Vec<FactId>>,
) {
    match state.get(&id) {
        Some(2) => return,
        Some(1) => {
            let from = way.iter().position(|known| *known == id).unwrap_or(0);
            circles.push(way.iter().skip(from).copied().collect());
            return;
        }
        _ => {}
    }
    let Some(definitions) = set.definitions.get(&id) else { return };
    state.insert(id, 1);
    way.push(id);
    for next in definitions.iter().flat_map(|definition| definition.value.facts()) {
        visit(set, next, state, way, circles);
    }
    way.pop();
    state.insert(id, 2);
}
