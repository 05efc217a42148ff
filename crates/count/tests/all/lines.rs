//! Both sides of every line that the law draws.

use crate::support::*;
use zhunsheng_count::{Act, ActKind, Acts, CountRules, Facts, Lines};
use zhunsheng_model::{Answer, Basis, Criminal, Kind};
use zhunsheng_rules::Rules;

/// `count` records of different people with one more kind beside the telephone number.
fn people(kind: Kind, count: usize) -> Vec<Rec> {
    (0..count)
        .map(|index| {
            let phone = format!("138{index:04}{:04}", kind.index());
            Rec::new(&[(Kind::Phone, &phone), (kind, "某")])
        })
        .collect()
}

fn criminal(records: &[Rec], acts: Acts) -> Criminal {
    count(records, &How { acts, batch: 1000, ..How::default() }).inventory.criminal
}

fn stated(acts: Vec<Act>) -> Acts {
    let facts = Facts {
        tracks_used_in_crime: Some(false),
        knew_of_crime: Some(false),
        punished_before: Some(false),
        other_serious: Some(false),
        grave_harm: Some(false),
        great_loss: Some(false),
        other_very_serious: Some(false),
    };
    Acts { acts, facts, stated: true }
}

fn obtained() -> Act {
    Act { income_fen: Some(0), ..Act::obtaining_everything() }
}

fn sold_from_duty(income_fen: u64) -> Act {
    Act { kind: ActKind::Sold, in_duty_or_service: true, income_fen: Some(income_fen), ..obtained() }
}

fn reasons(criminal: &Criminal) -> Vec<&str> {
    criminal.serious.reasons.iter().map(String::as_str).collect()
}

#[test]
fn each_tier_on_both_sides_of_its_line() {
    for (kind, item, line) in [(Kind::Comms, 3u32, 50usize), (Kind::Health, 4, 500), (Kind::Sex, 5, 5000)] {
        let word = format!("item_{item}");
        for count in [line - 1, line, line + 1] {
            let found = criminal(&people(kind, count), stated(vec![obtained()]));
            let tier = &found.tiers[item as usize - 3];
            assert_eq!((tier.item, tier.threshold, tier.count), (item, line as u64, count as u64));
            assert_eq!(tier.reached, count >= line);
            let answer = if count >= line { Answer::Yes } else { Answer::No };
            assert_eq!(found.serious.answer, answer, "{count} of {line}");
            assert_eq!(reasons(&found).contains(&word.as_str()), count >= line);
            assert_eq!(found.very_serious.answer, Answer::No);
            assert!(tier.kinds.contains(&kind));
            assert_eq!(found.proportion_detail.reached, count >= line);
        }
    }
}

#[test]
fn ten_times_on_both_sides() {
    for (kind, item, line) in [(Kind::Comms, 3u32, 500usize), (Kind::Health, 4, 5000), (Kind::Sex, 5, 50_000)]
    {
        for count in [line - 1, line, line + 1] {
            let found = criminal(&people(kind, count), stated(vec![obtained()]));
            let answer = if count >= line { Answer::Yes } else { Answer::No };
            assert_eq!(found.very_serious.answer, answer, "{count} of {line}");
            let expect = if count >= line {
                vec!["ten_times".to_owned(), format!("item_{item}")]
            } else {
                vec!["no_line_reached".to_owned()]
            };
            assert_eq!(found.very_serious.reasons, expect);
        }
    }
}

#[test]
fn half_on_both_sides() {
    for (kind, item, line) in [(Kind::Comms, 3u32, 25usize), (Kind::Health, 4, 250), (Kind::Sex, 5, 2500)] {
        for count in [line - 1, line, line + 1] {
            let records = people(kind, count);
            let found = criminal(&records, stated(vec![sold_from_duty(0)]));
            let tier = &found.tiers[item as usize - 3];
            assert!(found.half_applied && found.half.is_none());
            assert_eq!((tier.threshold, tier.reached), (line as u64, count >= line));
            assert_eq!(found.serious.answer, if count >= line { Answer::Yes } else { Answer::No });
            assert_eq!(reasons(&found) == ["item_8"], count >= line);
            // Obtained in duty and kept: whole lines. Sold, but not from duty: whole lines.
            let kept = Act { in_duty_or_service: true, ..obtained() };
            let plain = Act { in_duty_or_service: false, ..sold_from_duty(0) };
            for acts in [vec![kept.clone()], vec![plain.clone()]] {
                let found = criminal(&records, stated(acts));
                assert_eq!(found.serious.answer, Answer::No);
                assert!(!found.half_applied);
                assert_eq!(found.tiers[item as usize - 3].threshold, 2 * line as u64);
            }
            // Obtained in duty, then sold: two acts, the items once, half the lines.
            let both = criminal(&records, stated(vec![kept, plain]));
            assert_eq!(both.tiers[item as usize - 3].count, count as u64);
            assert_eq!(both.serious.answer, if count >= line { Answer::Yes } else { Answer::No });
        }
    }
    for count in [249, 250] {
        let found = criminal(&people(Kind::Comms, count), stated(vec![sold_from_duty(0)]));
        assert_eq!(found.very_serious.answer == Answer::Yes, count == 250, "ten times half");
    }
}

#[test]
fn item_8_for_part_of_what_was_obtained() {
    let mut records = people(Kind::Comms, 60);
    for record in &mut records[..25] {
        record.data_sets = 3;
    }
    let acts = |count: usize| {
        let sold = Act { data_set: "duty".to_owned(), ..sold_from_duty(0) };
        let found = criminal(&records[..count], stated(vec![obtained(), sold]));
        (found.serious.answer, found)
    };
    let (answer, found) = acts(49);
    assert_eq!(answer, Answer::Yes, "25 from duty reach half of 50");
    assert_eq!(reasons(&found), ["item_8"]);
    let half = found.half.unwrap();
    assert_eq!((half.counts, half.thresholds), ([25, 0, 0], [25, 250, 2500]));
    assert_eq!((found.tiers[0].threshold, found.tiers[0].count), (50, 49));
    records[0].data_sets = 1;
    let sold = Act { data_set: "duty".to_owned(), ..sold_from_duty(0) };
    let found = criminal(&records[..49], stated(vec![obtained(), sold]));
    assert_eq!(found.serious.answer, Answer::No, "24 do not, and the other 25 do not count by half");

    // Only a part was obtained in duty, everything was sold: the part counts by half, the income does not.
    let duty = Act { data_set: "duty".to_owned(), in_duty_or_service: true, ..obtained() };
    let sold = Act { kind: ActKind::Sold, income_fen: Some(300_000), ..obtained() };
    let found = criminal(&records[..49], stated(vec![duty, sold]));
    assert_eq!(found.serious.answer, Answer::No);
    let half = found.half.unwrap();
    assert_eq!((half.counts[0], half.income_yuan), (24, None));
}

#[test]
fn proportion_is_exact() {
    let mixed = |three: usize, four: usize, five: usize| {
        [people(Kind::Comms, three), people(Kind::Health, four), people(Kind::Sex, five)].concat()
    };
    let found = criminal(&mixed(25, 200, 500), stated(vec![obtained()]));
    assert_eq!(found.proportion, "1");
    assert_eq!(found.proportion_detail.arithmetic, "25/50 + 200/500 + 500/5000");
    assert_eq!(reasons(&found), ["item_6"]);
    let found = criminal(&mixed(25, 200, 499), stated(vec![obtained()]));
    assert_eq!(found.proportion, "4999/5000");
    assert_eq!(found.serious.answer, Answer::No);
    let found = criminal(&mixed(25, 200, 501), stated(vec![obtained()]));
    assert_eq!(found.proportion, "5001/5000");
    assert_eq!(found.serious.answer, Answer::Yes);
    // Item 6 is for what reaches none of items 3 to 5.
    let found = criminal(&mixed(50, 200, 500), stated(vec![obtained()]));
    assert_eq!((reasons(&found), found.proportion.as_str()), (vec!["item_3"], "3/2"));
    // Against half the lines where everything comes from duty.
    for (five, answer) in [(249, Answer::No), (250, Answer::Yes)] {
        let found = criminal(&mixed(20, 25, five), stated(vec![sold_from_duty(0)]));
        assert_eq!((found.serious.answer, found.proportion_detail.reached), (answer, answer == Answer::Yes));
    }
    // Ten times by proportion.
    for (five, answer) in [(4999, Answer::No), (5000, Answer::Yes)] {
        let found = criminal(&mixed(250, 2000, five), stated(vec![obtained()]));
        assert_eq!(found.very_serious.answer, answer);
    }
    assert_eq!(criminal(&[], Acts::default()).proportion, "0");
}

#[test]
fn income_on_both_sides() {
    let one = people(Kind::Sex, 1);
    for (fen, serious, very) in [
        (499_999, false, false),
        (500_000, true, false),
        (500_001, true, false),
        (4_999_999, true, false),
        (5_000_000, true, true),
    ] {
        let sold = Act { kind: ActKind::Sold, income_fen: Some(fen), ..obtained() };
        let found = criminal(&one, stated(vec![sold]));
        assert_eq!(found.serious.answer == Answer::Yes, serious, "{fen}");
        assert_eq!(found.very_serious.answer == Answer::Yes, very, "{fen}");
        assert_eq!(reasons(&found).contains(&"item_7"), serious);
    }
    for (fen, serious) in [(249_999, false), (250_000, true), (250_001, true)] {
        let found = criminal(&one, stated(vec![sold_from_duty(fen)]));
        assert_eq!(found.serious.answer == Answer::Yes, serious, "{fen} from duty");
    }
    // The income of several acts adds up.
    let sold = |fen| Act { kind: ActKind::Sold, income_fen: Some(fen), ..obtained() };
    assert_eq!(criminal(&one, stated(vec![sold(250_000), sold(249_999)])).serious.answer, Answer::No);
    assert_eq!(criminal(&one, stated(vec![sold(250_000), sold(250_000)])).serious.answer, Answer::Yes);
}

#[test]
fn without_acts_the_answer_is_yes_or_open() {
    let found = criminal(&people(Kind::Comms, 49), Acts::default());
    assert_eq!(found.serious.answer, Answer::Open);
    assert!(reasons(&found).contains(&"needs_acts") && reasons(&found).contains(&"needs_item_9"));
    assert_eq!(found.very_serious.answer, Answer::Open);
    let found = criminal(&people(Kind::Comms, 50), Acts::default());
    assert_eq!(found.serious.answer, Answer::Yes);
    assert_eq!(found.very_serious.answer, Answer::Open);
    assert!(
        found.serious.reason_zh.contains("第一款第三项（50条，标准50条）"),
        "{}",
        found.serious.reason_zh
    );
    assert!(found.serious.reason_en.contains("item 3 (50 of 50 items)"), "{}", found.serious.reason_en);
}

#[test]
fn one_fact_is_enough_and_one_unknown_keeps_it_open() {
    let one = people(Kind::Sex, 1);
    let mut acts = stated(vec![obtained()]);
    assert_eq!(criminal(&one, acts.clone()).serious.answer, Answer::No);
    acts.facts.punished_before = Some(true);
    assert_eq!(reasons(&criminal(&one, acts.clone())), ["item_9"]);
    acts.facts.punished_before = None;
    let found = criminal(&one, acts.clone());
    assert_eq!((found.serious.answer, reasons(&found)), (Answer::Open, vec!["needs_item_9"]));
    // ¶2 presupposes ¶1.
    acts.facts.grave_harm = Some(true);
    assert_eq!(criminal(&one, acts.clone()).very_serious.answer, Answer::Open);
    acts.facts.punished_before = Some(true);
    assert_eq!(criminal(&one, acts).very_serious.answer, Answer::Yes);
}

#[test]
fn tiers_follow_the_set_of_kinds() {
    let tiers = |kinds: &[Kind]| {
        let kinds: zhunsheng_model::KindSet = kinds.iter().copied().collect();
        let tied = kinds.contains(Kind::Person) || kinds.iter().any(Kind::is_strong_key);
        let tiers = rules().tiers_of(kinds, tied);
        (tiers.strict, tiers.lenient)
    };
    use Kind::*;
    assert_eq!(tiers(&[Person, CnId]), (5, 5));
    assert_eq!(tiers(&[Person, CnId, Address]), (4, 5), "the information of an identity card (case 193)");
    assert_eq!(tiers(&[Person, CnId, Biometric]), (4, 4));
    assert_eq!(tiers(&[Person, CnId, Address, Biometric]), (4, 4));
    assert_eq!(tiers(&[Person, Address, Phone]), (5, 5));
    assert_eq!(tiers(&[CnId, Address]), (5, 5));
    assert_eq!(tiers(&[Person, CnId, Address, Comms]), (3, 3));
    assert_eq!(tiers(&[Biometric]), (4, 4), "face information (case 192)");
    assert_eq!(tiers(&[GeoLng, GeoLat]), (5, 5), "nobody's position");
    assert_eq!(tiers(&[GeoLng, GeoLat, Person]), (3, 3));
    assert_eq!(tiers(&[GeoLng, GeoLat, Phone]), (3, 3));
    assert_eq!(tiers(&[GeoLng, GeoLat, Address]), (5, 5));
    assert_eq!(tiers(&[BankCard, Person]), (3, 5));
    assert_eq!(tiers(&[Org, Uscc, Location]), (0, 0));
    assert_eq!(tiers(&[Org, Phone]), (5, 5));
    assert_eq!(tiers(&[]), (0, 0));
}

#[test]
fn what_may_be_read_otherwise_is_counted_beside() {
    let found = criminal(&[people(Kind::Property, 30), people(Kind::Comms, 30)].concat(), Acts::default());
    assert_eq!((found.tiers[0].count, found.tiers[0].count_if_lenient), (60, 30));
    assert_eq!(found.tiers[2].count_if_lenient, 0);
}

#[test]
fn records_of_organisations_and_places_do_not_count() {
    let records = [
        Rec::new(&[(Kind::Org, "某公司"), (Kind::Uscc, "9111")]),
        Rec::of(Kind::Location, "某地"),
        Rec::new(&[(Kind::Org, "某公司"), (Kind::Phone, "13800000001")]),
    ];
    for basis in Basis::ALL {
        let inventory = count(&records, &How { basis: *basis, ..How::default() }).inventory;
        assert_eq!(inventory.counts.records_valid, 3);
        assert_eq!((inventory.bases.seized, inventory.bases.record), (1, 1));
        assert_eq!((inventory.bases.item, inventory.bases.person), (1, 1));
        assert_eq!(inventory.criminal.tiers[2].count, 1);
        let tier_basis = inventory.criminal.tiers[2].by_basis;
        assert_eq!((tier_basis.seized, tier_basis.item), (1, 1));
    }
}

#[test]
fn fourteen_by_number_before_birth_date() {
    // The reference date is 2024-03-01.
    let number = |born: &str| format!("110101{born}001X");
    for (born, under) in [("20100227", false), ("20100228", false), ("20100301", true), ("20100302", true)] {
        let record = Rec::of(Kind::CnId, &number(born));
        assert_eq!(count(&[record], &How::default()).inventory.counts.under_14, u64::from(under), "{born}");
        let date = format!("{}-{}-{}", &born[..4], &born[4..6], &born[6..]);
        let record = Rec::new(&[(Kind::Phone, "13800000001"), (Kind::BirthDate, &date)]);
        let inventory = count(&[record], &How::default()).inventory;
        assert_eq!(inventory.counts.under_14, u64::from(under), "{born}");
        assert_eq!(
            inventory.counts.sensitive_persons,
            u64::from(under),
            "under 14 is sensitive (PIPL art. 28)"
        );
    }
    // Two records of one person: the number decides, whichever record it is in.
    let adult = Rec::new(&[(Kind::CnId, &number("19800101")), (Kind::Phone, "13800000001")]);
    let child = Rec::new(&[(Kind::Phone, "13800000001"), (Kind::BirthDate, "2015-01-01")]);
    assert_eq!(count(&[child.clone(), adult], &How::default()).inventory.counts.under_14, 0);
    assert_eq!(count(&[child], &How::default()).inventory.counts.under_14, 1);
    // A birth date of nobody known counts no person.
    assert_eq!(
        count(&[Rec::of(Kind::BirthDate, "2015-01-01")], &How::default()).inventory.counts.under_14,
        0
    );
}

#[test]
fn the_lines_are_those_of_the_rules() {
    let rules = CountRules::from_rules(Rules::embedded());
    assert_eq!(rules.lines, Lines::default());
    let article = Rules::embedded().article(6).unwrap();
    assert!(article.text.contains("获利五万元以上"), "the one line that no table holds");
}
