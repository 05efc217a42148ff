//! Thousands of small sets of records, counted fast and slowly.

use crate::oracle::{Items, Slow, slow};
use crate::support::*;
use std::collections::BTreeMap;
use zhunsheng_count::{Act, ActKind, Acts, Outcome, Tally};
use zhunsheng_model::{Bases, Basis, Inventory, Kind, State};

/// Few names, numbers and addresses, so that they meet in every way: shared telephones, recycled numbers, people
/// of one name, fragments, equal records, records within records.
fn random_records(dice: &mut Dice, count: u64) -> Vec<Rec> {
    let crowd = 1 + dice.roll(1 + count / 2);
    let sets = 1 + dice.roll(3);
    (0..count)
        .map(|_| {
            let mut mentions: Vec<(Kind, String, State)> = Vec::new();
            let who = dice.roll(crowd);
            for _ in 0..=dice.roll(5) {
                let whose = if dice.roll(4) == 0 { dice.roll(crowd) } else { who };
                let mention = match dice.roll(13) {
                    0 | 1 => (Kind::Person, format!("人{}", whose % 5)),
                    2 | 3 => (Kind::CnId, format!("110101{}0101{whose:03}X", 2005 + whose % 10)),
                    4..=6 => (Kind::Phone, format!("138{whose:08}")),
                    7 => (Kind::Email, format!("m{whose}@example.org")),
                    8 => (Kind::Address, format!("某街{}号", whose % 7)),
                    9 => (Kind::Health, format!("病{}", whose % 3)),
                    10 => (Kind::GeoLng, format!("116.{}", whose % 4)),
                    11 => (Kind::BirthDate, format!("{}-05-06", 2006 + whose % 9)),
                    _ => (Kind::Org, format!("公司{}", whose % 2)),
                };
                let state = match dice.roll(12) {
                    0 => State::Masked,
                    1 => State::Invalid(zhunsheng_model::Reason::WrongCheck),
                    _ => State::Valid,
                };
                mentions.push((mention.0, mention.1, state));
            }
            let names: Vec<usize> =
                (0..mentions.len()).filter(|index| mentions[*index].0 == Kind::Person).collect();
            let name = if names.is_empty() || dice.roll(8) == 0 {
                None
            } else {
                Some(names[dice.roll(names.len() as u64) as usize])
            };
            let data_sets = if sets == 1 { 1 } else { 1 | (dice.roll(1 << (sets - 1)) << 1) };
            Rec { mentions, name, data_sets }
        })
        .collect()
}

fn check(records: &[Rec], outcome: &Outcome, expect: &Slow) {
    let Inventory { counts, bases, criminal, pipl, .. } = &outcome.inventory;
    let table = &outcome.table;
    let valid = expect.sets.iter().filter(|set| !set.is_empty()).count() as u64;
    assert_eq!(counts.records, records.len() as u64);
    assert_eq!(counts.records_valid, valid);
    assert_eq!(counts.records_invalid + counts.records_masked, counts.records - valid);
    assert_eq!(*bases, expect.bases());
    let persons: Vec<usize> = (0..table.len()).map(|ordinal| table.person(ordinal) as usize).collect();
    assert_eq!(persons, expect.persons);
    let people = expect.people();
    assert_eq!(counts.persons, people.len() as u64);
    assert_eq!(pipl.persons, people.len() as u64);
    assert_eq!(counts.under_14, people.values().filter(|(.., under_14)| *under_14).count() as u64);
    let mut by_kinds_known = BTreeMap::new();
    for (kinds, ..) in people.values() {
        *by_kinds_known.entry(kinds.len()).or_default() += 1;
    }
    assert_eq!(counts.persons_by_kinds_known, by_kinds_known);
    let distinct: BTreeMap<Kind, u64> = counts
        .by_kind
        .iter()
        .map(|(kind, counts)| (*kind, counts.distinct))
        .filter(|(_, n)| *n > 0)
        .collect();
    assert_eq!(distinct, expect.distinct());
    for (kind, counts) in &counts.by_kind {
        let known = people.values().filter(|(kinds, ..)| kinds.contains(*kind)).count() as u64;
        assert_eq!(counts.persons, known, "persons with {}", kind.id());
        let records =
            (0..expect.sets.len()).filter(|index| expect.kinds(*index).contains(*kind)).count() as u64;
        assert_eq!(counts.records, records, "records with {}", kind.id());
    }
    let mut repeated = 0;
    for index in 0..records.len() {
        let of = table.repeat_of(index as u64) as usize;
        if expect.exact[index] != 0 {
            assert_eq!(of, expect.exact[index]);
        } else if expect.contained[index] {
            assert_eq!(expect.persons[of - 1], expect.persons[index]);
            assert!(expect.sets[index].is_subset(&expect.sets[of - 1]) && of - 1 != index);
            assert!(!expect.contained[of - 1]);
        } else {
            assert_eq!(of, 0);
        }
        repeated += u64::from(of != 0);
    }
    assert_eq!(counts.records_repeated, repeated);
    assert_eq!(
        counts.records_repeated_exactly,
        expect.exact.iter().filter(|first| **first != 0).count() as u64
    );
    assert_eq!(criminal.review, "unreviewed");
    assert_eq!(
        counts.records_without_person,
        (0..records.len()).filter(|i| expect.persons[*i] == 0 && !expect.sets[*i].is_empty()).count() as u64
    );
}

/// Items after art. 11, with the acts of [`some_acts`].
fn weigh(items: &Items) -> [u64; 3] {
    let mut counts = [0; 3];
    for (tiers, mask) in items.iter().filter(|(tiers, _)| tiers.strict != 0) {
        // Data set 0 (everything) was obtained and went to 甲; 1 went to 乙 and 甲; 2 to 丙.
        let others = u64::from(mask & 2 != 0) + u64::from(mask & 4 != 0);
        counts[tiers.strict as usize - 3] += 1 + others;
    }
    counts
}

fn some_acts() -> Acts {
    let act = |kind: ActKind, data_set: &str, recipient: &str| Act {
        kind,
        data_set: data_set.to_owned(),
        recipient: (!recipient.is_empty()).then(|| recipient.to_owned()),
        ..Act::obtaining_everything()
    };
    Acts {
        acts: vec![
            act(ActKind::Obtained, "", ""),
            act(ActKind::Sold, "", "甲"),
            act(ActKind::Sold, "b", "乙"),
            act(ActKind::Provided, "b", "甲"),
            act(ActKind::Provided, "c", "丙"),
        ],
        stated: true,
        ..Acts::default()
    }
}

#[test]
fn the_fast_count_equals_the_slow_one() {
    let mut dice = Dice(7);
    let mut joined = 0;
    for round in 0..1000 {
        let size = if round % 50 == 0 { 120 } else { 2 + dice.roll(24) };
        let records = random_records(&mut dice, size);
        let expect = slow(&records);
        let basis = Basis::ALL[round % 4];
        let how = How {
            threads: 1 + round % 3,
            batch: 1 + dice.roll(9) as usize,
            basis,
            acts: some_acts(),
            ..How::default()
        };
        let outcome = count(&records, &how);
        check(&records, &outcome, &expect);
        let criminal = &outcome.inventory.criminal;
        let items = match basis {
            Basis::Seized => expect.seized(),
            Basis::Record => expect.record(),
            Basis::Item => expect.item(),
            Basis::Person => expect.person(),
        };
        let tiers: Vec<u64> = criminal.tiers.iter().map(|tier| tier.count).collect();
        assert_eq!(tiers, weigh(&items), "round {round} {basis:?}");
        let strict_only = items
            .iter()
            .filter(|(tiers, mask)| tiers.strict == 4 && tiers.lenient != 4 && *mask == 1)
            .count() as u64;
        assert!(criminal.tiers[1].count_if_lenient >= strict_only);
        joined += expect.persons.len() - expect.people().len();
    }
    assert!(joined > 5000, "the records must meet often enough to show anything");
}

#[test]
fn budget_threads_batches_and_key_change_nothing() {
    let mut dice = Dice(99);
    for round in 0..25 {
        let records = random_records(&mut dice, 150);
        let base = count(&records, &How { acts: some_acts(), ..How::default() });
        for (memory, threads, batch, key) in
            [(0, 1, 150, 1), (1000, 2, 3, 1), (20_000, 4, 1, 2), (300_000, 3, 40, 3)]
        {
            let how = How { memory, threads, batch, key, acts: some_acts(), ..How::default() };
            let other = count(&records, &how);
            assert_eq!(base.inventory, other.inventory, "round {round}, memory {memory}");
            assert_eq!(base.table, other.table);
        }
    }
}

#[test]
fn the_order_of_records_changes_no_number() {
    let mut dice = Dice(3);
    for _ in 0..100 {
        let mut records = random_records(&mut dice, 40);
        let how = How { acts: some_acts(), ..How::default() };
        let base = count(&records, &how).inventory;
        for last in (1..records.len()).rev() {
            records.swap(last, dice.roll(last as u64 + 1) as usize);
        }
        assert_eq!(base, count(&records, &how).inventory);
    }
}

#[test]
fn an_interrupted_count_goes_on_where_it_was_saved() {
    let mut dice = Dice(21);
    for round in 0..30 {
        let records = random_records(&mut dice, 120);
        let how =
            How { memory: if round % 2 == 0 { 0 } else { 1 << 20 }, acts: some_acts(), ..How::default() };
        let base = count(&records, &how);
        let stop = dice.roll(15) as usize;
        let store = SharedStore::default();
        let mut tally = Tally::new(options(&how), Box::new(store.clone()));
        let mut saved = tally.checkpoint().unwrap();
        for (index, batch) in batches(&records, &how).into_iter().enumerate() {
            if index == stop {
                saved = tally.checkpoint().unwrap();
            }
            tally.append(batch).unwrap();
        }
        // What was appended after the save is lost with the process; some of it stands in the store.
        tally.checkpoint().unwrap();
        drop(tally);
        let mut tally = Tally::resume(options(&how), Box::new(store), &saved).unwrap();
        let stop = if batches(&records, &how).len() > stop { stop } else { 0 };
        for batch in batches(&records, &how).into_iter().skip(stop) {
            tally.append(batch).unwrap();
        }
        let again = finish(tally, &how).unwrap();
        assert_eq!(base.inventory, again.inventory);
        assert_eq!(base.table, again.table);
    }
}

#[test]
fn a_person_with_many_records_is_not_counted_by_comparing_all_with_all() {
    // 30,000 records of one person; half of them say only part of what another says.
    let mut records = Vec::new();
    for index in 0..15_000 {
        let mail = format!("m{index}@example.org");
        let address = format!("某街{index}号");
        let full = [
            (Kind::CnId, "11010119800101001X"),
            (Kind::Email, mail.as_str()),
            (Kind::Address, address.as_str()),
        ];
        records.push(Rec::new(&full[..2]));
        records.push(Rec::new(&full));
    }
    let outcome = count(&records, &How { batch: 5000, ..How::default() });
    let bases = outcome.inventory.bases;
    assert_eq!(bases, Bases { seized: 30_000, record: 15_000, item: 30_001, person: 1 });
    assert_eq!(outcome.table.repeat_of(0), 2);
    assert_eq!(outcome.table.repeat_of(1), 0);
}

#[test]
fn citizen_numbers_of_a_key_are_the_first_of_each_record() {
    // The second record holds two citizen numbers; only its first one stands against the telephone number.
    let one = Rec::new(&[(Kind::Phone, "13800000001"), (Kind::CnId, "11010119800101001X")]);
    let two = Rec::new(&[
        (Kind::CnId, "11010119800101001X"),
        (Kind::CnId, "110101198001010028"),
        (Kind::Phone, "13800000001"),
    ]);
    let three = Rec::of(Kind::Phone, "13800000001");
    let outcome = count(&[one.clone(), two.clone(), three.clone()], &How::default());
    assert_eq!(outcome.inventory.counts.persons, 1);
    assert!(outcome.inventory.merges.blocked.is_empty());
    let mut other = two;
    other.mentions.swap(0, 1);
    let outcome = count(&[one, other, three], &How::default());
    assert_eq!(outcome.inventory.counts.persons, 2, "the number alone stays apart");
    let blocked = &outcome.inventory.merges.blocked[0];
    assert_eq!((blocked.kind, blocked.reason.as_str()), (Kind::Phone, "several_identity_numbers"));
    assert_eq!((blocked.keys, blocked.records), (1, 3));
}

#[test]
fn a_key_of_a_hundred_records_under_two_names_is_shared() {
    let record = |name: &str, index: usize| {
        let mail = format!("m{index}@example.org");
        Rec::new(&[(Kind::Person, name), (Kind::Phone, "13800000001"), (Kind::Email, &mail)])
    };
    for size in [99usize, 100, 101] {
        let records: Vec<Rec> =
            (0..size).map(|index| record(if index == 0 { "张一" } else { "李二" }, index)).collect();
        let merges = count(&records, &How::default()).inventory.merges;
        let shared: Vec<u64> = merges.shared.iter().map(|shared| shared.records_max).collect();
        assert_eq!(shared, if size >= 100 { vec![size as u64] } else { vec![] });
        assert_eq!(merges.done.get(&Kind::Phone), Some(&1), "those of one name are united all the same");
        // One name only: clean, however many records.
        let records: Vec<Rec> = (0..size).map(|index| record("李二", index)).collect();
        let inventory = count(&records, &How::default()).inventory;
        assert!(inventory.merges.shared.is_empty());
        assert_eq!(inventory.counts.persons, 1);
    }
}

#[test]
fn what_was_seen_lately_is_neither_counted_twice_nor_lost() {
    // Enough records for the memory of frequent values to be at work; every third address is met again and again.
    let records: Vec<Rec> = (0..12_000u64)
        .map(|index| {
            let address =
                if index % 3 == 0 { format!("某街{}号", index % 40) } else { format!("某路{index}号") };
            Rec::of(Kind::Address, &address)
        })
        .collect();
    let counts = count(&records, &How { batch: 100, ..How::default() }).inventory.counts;
    assert_eq!(counts.by_kind[&Kind::Address].distinct, 40 + 8_000);
    assert_eq!(counts.records_repeated_exactly, 12_000 - 8_040);
}
