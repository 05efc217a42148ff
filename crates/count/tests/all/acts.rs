//! Acts: reading them, and art. 6 and 11.

use crate::support::*;
use zhunsheng_count::{Act, ActKind, Acts, CountError};
use zhunsheng_model::{Answer, Basis, Criminal, Date, Kind};

fn line_of(text: &str) -> (usize, String) {
    match Acts::parse(text) {
        Err(CountError::ActsUnreadable { line, detail }) => (line, detail),
        other => panic!("{other:?}"),
    }
}

#[test]
fn reads_what_is_written() {
    let acts = Acts::parse(
        r#"
        [facts]
        punished_before = false
        grave_harm = true

        [[act]]
        kind = "obtained"
        data_set = "crm/"
        date = 2024-01-31
        in_duty_or_service = true

        [[act]]
        kind = "sold"
        data_set = "./crm"
        recipient = " 甲公司 "
        date = "2024-03-01"
        income_yuan = 9266.5

        [[act]]
        kind = "obtained"
        data_set = "list.csv"
        lawful_business = true
        profit_yuan = 49_999
        "#,
    )
    .unwrap();
    assert!(acts.stated);
    assert_eq!(
        (acts.facts.punished_before, acts.facts.grave_harm, acts.facts.knew_of_crime),
        (Some(false), Some(true), None)
    );
    assert_eq!(acts.acts.len(), 3);
    assert_eq!(acts.acts[1].recipient.as_deref(), Some("甲公司"));
    assert_eq!(acts.acts[1].income_fen, Some(926_650));
    assert_eq!(acts.acts[2].profit_fen, Some(4_999_900));
    assert_eq!(acts.first_date(), Date::new(2024, 1, 31));
    assert_eq!(acts.data_sets(), ["crm", "list.csv"]);
    for (path, mask) in [
        ("crm/a.csv", 1),
        ("crm", 1),
        ("crm.zip!a", 0),
        ("crm2/a.csv", 0),
        ("list.csv", 2),
        ("x/list.csv", 0),
        ("list.csv!inner", 2),
    ] {
        assert_eq!(acts.data_sets_of(path), mask, "{path}");
    }
    assert_eq!(Acts::default().data_sets_of("anything/at all"), 1);
    assert_eq!(Acts::parse("").unwrap().acts, [Act::obtaining_everything()]);
}

#[test]
fn says_where_it_is_wrong_and_what_to_do() {
    assert_eq!(line_of("[[act]]\nkind = \"stolen\"\n").0, 2);
    assert!(line_of("[[act]]\nkind = \"stolen\"\n").1.contains("obtained, sold or provided"));
    let (line, detail) = line_of("[[act]]\nkind = \"sold\"\nrecipent = \"甲\"\n");
    assert_eq!(line, 3);
    assert!(detail.ends_with("did you mean `recipient`?"), "{detail}");
    let (line, detail) = line_of("[facts]\n\npunish_before = true\n");
    assert_eq!(line, 3);
    assert!(detail.ends_with("did you mean `punished_before`?"), "{detail}");
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\n\ndate = \"2024-02-30\"\n").0, 4);
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\nincome_yuan = -1\n").0, 3);
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\nincome_yuan = 0.001\n").0, 3);
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\nincome_yuan = nan\n").0, 3);
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\nincome_yuan = \"many\"\n").0, 3);
    assert_eq!(line_of("[[act]]\nkind = \"sold\"\nlawful_business = true\n").0, 2);
    assert_eq!(line_of("[[act]]\nrecipient = \"甲\"\n").0, 1);
    assert_eq!(line_of("[[act]\n").0, 1);
    let many: String =
        (0..65).map(|index| format!("[[act]]\nkind = \"obtained\"\ndata_set = \"d{index}\"\n")).collect();
    assert!(matches!(Acts::parse(&many), Err(CountError::TooManyActs { .. })));
    let enough: String =
        (0..64).map(|index| format!("[[act]]\nkind = \"obtained\"\ndata_set = \"d{index}\"\n")).collect();
    assert_eq!(Acts::parse(&enough).unwrap().data_sets_of("d9/x").count_ones(), 1);
}

fn people(count: usize) -> Vec<Rec> {
    (0..count).map(|index| Rec::of(Kind::Phone, &format!("138{index:08}"))).collect()
}

fn act(kind: ActKind, data_set: &str, recipient: Option<&str>) -> Act {
    Act {
        kind,
        data_set: data_set.to_owned(),
        recipient: recipient.map(str::to_owned),
        ..Act::obtaining_everything()
    }
}

fn criminal(records: &[Rec], acts: Vec<Act>) -> Criminal {
    let acts = Acts { acts, stated: true, ..Acts::default() };
    count(records, &How { acts, batch: 500, ..How::default() }).inventory.criminal
}

#[test]
fn article_11() {
    use ActKind::{Obtained, Provided, Sold};
    let records = people(10);
    for (acts, items) in [
        // ¶1: obtained and then sold is not counted twice.
        (vec![act(Obtained, "", None), act(Sold, "", Some("甲"))], 10),
        (vec![act(Obtained, "", None), act(Sold, "", None), act(Provided, "", None)], 10),
        // ¶2: given to different ones adds up; twice to the same one does not.
        (vec![act(Sold, "", Some("甲")), act(Sold, "", Some("乙"))], 20),
        (vec![act(Sold, "", Some("甲")), act(Provided, "", Some("甲"))], 10),
        (
            vec![
                act(Obtained, "", None),
                act(Sold, "", Some("甲")),
                act(Sold, "", Some("乙")),
                act(Sold, "", Some("丙")),
            ],
            30,
        ),
        // One who is not named is not shown to be another.
        (vec![act(Sold, "", Some("甲")), act(Sold, "", None)], 10),
    ] {
        let found = criminal(&records, acts.clone());
        assert_eq!(found.items_by_acts.record, items, "{acts:?}");
        assert_eq!(found.tiers[2].count, items);
        assert!(found.acts.iter().all(|act| act.items == 10));
    }
}

#[test]
fn acts_about_parts() {
    use ActKind::{Obtained, Sold};
    // "a" is bit 0, "b" bit 1: the first four lie in both, three in b only, three in neither.
    let mut records = people(10);
    for (index, record) in records.iter_mut().enumerate() {
        record.data_sets = [3, 3, 3, 3, 2, 2, 2, 0, 0, 0][index];
    }
    let found = criminal(
        &records,
        vec![act(Obtained, "b", None), act(Sold, "a", Some("甲")), act(Sold, "b", Some("乙"))],
    );
    assert_eq!(found.items_by_acts.record, 4 * 2 + 3, "what no act is about is not counted");
    assert_eq!(found.acts.iter().map(|act| act.items).collect::<Vec<_>>(), [7, 4, 7]);

    // The same information in two files, each given to another: one item, two recipients.
    let twice = [people(1)[0].clone().in_sets(1), people(1)[0].clone().in_sets(2)];
    let acts = vec![act(Sold, "a", Some("甲")), act(Sold, "b", Some("乙"))];
    for basis in Basis::ALL {
        let how = How {
            acts: Acts { acts: acts.clone(), stated: true, ..Acts::default() },
            basis: *basis,
            ..How::default()
        };
        let found = count(&twice, &how).inventory;
        assert_eq!(found.bases.record, 1);
        assert_eq!(found.criminal.tiers[2].count, 2, "{basis:?}");
        assert_eq!(found.criminal.items_by_acts.person, 2);
    }
}

#[test]
fn article_6_is_its_own_path() {
    let bought = |profit: Option<u64>| Act {
        lawful_business: true,
        profit_fen: profit,
        income_fen: Some(0),
        ..Act::obtaining_everything()
    };
    let records = people(6000);
    // 6,000 items would reach item 5, but art. 6 asks for profit.
    for (fen, reached) in [(4_999_999, false), (5_000_000, true), (5_000_001, true)] {
        let found = criminal(&records, vec![bought(Some(fen))]);
        let article = found.article_6.clone().unwrap();
        assert_eq!((article.items, article.reached), (6000, reached));
        assert_eq!(found.tiers[2].count, 0);
        assert_eq!(found.serious.answer == Answer::Yes, reached);
        assert_eq!(found.serious.reasons.contains(&"article_6".to_owned()), reached);
    }
    let found = criminal(&records, vec![bought(None)]);
    assert_eq!(found.serious.answer, Answer::Open);
    assert!(found.serious.reasons.contains(&"needs_profit".to_owned()));
    // ¶2: sold on, art. 5 applies.
    let found = criminal(&records, vec![bought(Some(0)), act(ActKind::Sold, "", Some("甲"))]);
    assert_eq!((found.tiers[2].count, found.serious.answer), (6000, Answer::Yes));
    // Art. 6 is about information of item 5 only.
    let tracks: Vec<Rec> = (0..50)
        .map(|index| Rec::new(&[(Kind::Phone, &format!("138{index:08}")), (Kind::Comms, "某")]))
        .collect();
    let found = criminal(&tracks, vec![bought(Some(0))]);
    assert_eq!((found.tiers[0].count, found.article_6.unwrap().items), (50, 0));
    assert_eq!(found.serious.answer, Answer::Yes);
}
