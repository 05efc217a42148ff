//! The same count made slowly: every record against every other, sets of strings, no hashes.

use crate::support::{Rec, reference, rules};
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_count::{CountRules, Tiers};
use zhunsheng_model::{Bases, Date, Kind, KindSet, State};

type Value = (Kind, String);

pub(crate) struct Slow {
    /// Number of the person of each record, from 1; 0 for none.
    pub(crate) persons: Vec<usize>,
    /// First record with the same values, plus one.
    pub(crate) exact: Vec<usize>,
    /// Records that add nothing to another of their person.
    pub(crate) contained: Vec<bool>,
    pub(crate) sets: Vec<BTreeSet<Value>>,
    pub(crate) masks: Vec<u64>,
}

pub(crate) fn slow(records: &[Rec]) -> Slow {
    let valid = |record: &Rec| -> Vec<Value> {
        let valid = record.mentions.iter().filter(|(_, _, state)| *state == State::Valid);
        valid.map(|(kind, value, _)| (*kind, value.clone())).collect()
    };
    let lists: Vec<Vec<Value>> = records.iter().map(valid).collect();
    let sets: Vec<BTreeSet<Value>> = lists.iter().map(|list| list.iter().cloned().collect()).collect();
    let name = |record: &Rec| -> Option<String> {
        let (_, value, state) = &record.mentions[record.name?];
        (*state == State::Valid).then(|| value.clone())
    };
    let names: Vec<Option<String>> = records.iter().map(name).collect();
    let citizens: Vec<Option<String>> = lists
        .iter()
        .map(|list| list.iter().find(|(kind, _)| *kind == Kind::CnId).map(|(_, value)| value.clone()))
        .collect();

    // Rule R1: label every record by itself, then let labels run together until nothing moves.
    let mut holders: BTreeMap<&Value, Vec<usize>> = BTreeMap::new();
    for (index, set) in sets.iter().enumerate() {
        for value in set.iter().filter(|(kind, _)| kind.is_strong_key()) {
            holders.entry(value).or_default().push(index);
        }
    }
    let mut labels: Vec<usize> = (0..records.len()).collect();
    let mut pairs = Vec::new();
    for ((kind, _), records) in &holders {
        let shown =
            |of: &[Option<String>]| records.iter().filter_map(|r| of[*r].clone()).collect::<BTreeSet<_>>();
        let clean = *kind == Kind::CnId || (shown(&names).len() <= 1 && shown(&citizens).len() <= 1);
        for a in records {
            for b in records {
                if clean || (names[*a].is_some() && names[*a] == names[*b]) {
                    pairs.push((*a, *b));
                }
            }
        }
    }
    loop {
        let before = labels.clone();
        for (a, b) in &pairs {
            let least = labels[*a].min(labels[*b]);
            labels[*a] = least;
            labels[*b] = least;
        }
        if labels == before {
            break;
        }
    }
    let mut numbers: BTreeMap<usize, usize> = BTreeMap::new();
    let mut persons = Vec::new();
    for (index, set) in sets.iter().enumerate() {
        let keyed = set.iter().any(|(kind, _)| kind.is_strong_key());
        let next = numbers.len() + 1;
        persons.push(if keyed { *numbers.entry(labels[index]).or_insert(next) } else { 0 });
    }

    let exact = (0..records.len())
        .map(|index| {
            let first = (0..index).find(|other| !sets[index].is_empty() && sets[*other] == sets[index]);
            first.map_or(0, |first| first + 1)
        })
        .collect();
    let contained = (0..records.len())
        .map(|index| {
            persons[index] != 0
                && (0..records.len()).any(|other| {
                    persons[other] == persons[index]
                        && sets[other].len() > sets[index].len()
                        && sets[index].is_subset(&sets[other])
                })
        })
        .collect();
    let masks = records.iter().map(|record| record.data_sets).collect();
    Slow { persons, exact, contained, sets, masks }
}

/// One counted item: its tiers and the data sets that hold it.
pub(crate) type Items = Vec<(Tiers, u64)>;

impl Slow {
    pub(crate) fn kinds(&self, index: usize) -> KindSet {
        self.sets[index].iter().map(|(kind, _)| *kind).collect()
    }

    fn tied(&self, index: usize) -> bool {
        let kinds = self.kinds(index);
        self.persons[index] != 0 || kinds.contains(Kind::Person)
    }

    fn tiers(&self, rules: &CountRules, index: usize) -> Tiers {
        rules.tiers_of(self.kinds(index), self.tied(index))
    }

    fn is_valid(&self, index: usize) -> bool {
        !self.sets[index].is_empty()
    }

    /// Data sets of all records with the same values.
    fn mask_of_equals(&self, index: usize) -> u64 {
        let equals = (0..self.sets.len()).filter(|other| self.sets[*other] == self.sets[index]);
        equals.fold(0, |mask, other| mask | self.masks[other])
    }

    pub(crate) fn seized(&self) -> Items {
        let rules = rules();
        (0..self.sets.len())
            .filter(|index| self.is_valid(*index) && self.exact[*index] == 0)
            .map(|index| (self.tiers(&rules, index), self.mask_of_equals(index)))
            .collect()
    }

    pub(crate) fn record(&self) -> Items {
        let rules = rules();
        (0..self.sets.len())
            .filter(|index| self.is_valid(*index) && self.exact[*index] == 0 && !self.contained[*index])
            .map(|index| {
                let mut mask = self.mask_of_equals(index);
                for other in 0..self.sets.len() {
                    let same = self.persons[other] == self.persons[index] && self.persons[other] != 0;
                    if same && self.sets[other].is_subset(&self.sets[index]) && self.exact[other] == 0 {
                        mask |= self.mask_of_equals(other);
                    }
                }
                (self.tiers(&rules, index), mask)
            })
            .collect()
    }

    pub(crate) fn item(&self) -> Items {
        let rules = rules();
        let mut items: BTreeMap<(usize, usize, &Value), (Tiers, u64)> = BTreeMap::new();
        for index in 0..self.sets.len() {
            // Records without a person stand for themselves, after exact repeats.
            let own = match (self.persons[index], self.exact[index]) {
                (0, 0) => index + 1,
                (0, first) => first,
                _ => 0,
            };
            for value in &self.sets[index] {
                let tiers = rules.tiers_of_kind(value.0, self.tied(index));
                let entry = items.entry((self.persons[index], own, value)).or_insert((tiers, 0));
                entry.1 |= if own == 0 { self.masks[index] } else { self.mask_of_equals(index) };
            }
        }
        // A record without a person is asked for the data sets of those of its own kind only.
        items.into_values().collect()
    }

    pub(crate) fn person(&self) -> Items {
        let rules = rules();
        self.people().values().map(|(kinds, mask, _)| (rules.tiers_of(*kinds, true), *mask)).collect()
    }

    /// Kinds, data sets and whether under 14, by person.
    pub(crate) fn people(&self) -> BTreeMap<usize, (KindSet, u64, bool)> {
        let mut people = BTreeMap::new();
        for person in self.persons.iter().copied().filter(|person| *person != 0) {
            let records: Vec<usize> =
                (0..self.sets.len()).filter(|index| self.persons[*index] == person).collect();
            let kinds = records.iter().fold(KindSet::EMPTY, |kinds, index| kinds.union(self.kinds(*index)));
            let mask = records.iter().fold(0, |mask, index| mask | self.masks[*index]);
            let values: BTreeSet<&Value> = records.iter().flat_map(|index| &self.sets[*index]).collect();
            let dates = |wanted: Kind, read: fn(&str) -> Option<Date>| -> Vec<Date> {
                values
                    .iter()
                    .filter(|(kind, _)| *kind == wanted)
                    .filter_map(|(_, value)| read(value))
                    .collect()
            };
            let young = |dates: &[Date]| dates.iter().any(|date| date.under_14_on(reference()));
            let by_number = dates(Kind::CnId, Date::of_citizen_number);
            let under_14 = if by_number.is_empty() {
                young(&dates(Kind::BirthDate, Date::parse))
            } else {
                young(&by_number)
            };
            people.insert(person, (kinds, mask, under_14));
        }
        people
    }

    pub(crate) fn bases(&self) -> Bases {
        let counted = |items: Items| items.iter().filter(|(tiers, _)| tiers.strict != 0).count() as u64;
        Bases {
            seized: counted(self.seized()),
            record: counted(self.record()),
            item: counted(self.item()),
            person: counted(self.person()),
        }
    }

    /// Distinct values by kind.
    pub(crate) fn distinct(&self) -> BTreeMap<Kind, u64> {
        let values: BTreeSet<&Value> = self.sets.iter().flatten().collect();
        let mut distinct = BTreeMap::new();
        for (kind, _) in values {
            *distinct.entry(*kind).or_default() += 1;
        }
        distinct
    }
}
