//! The data hold together: everything can be read, counted, quoted and is masked.

use std::collections::BTreeSet;
use zhunsheng_law::{Absent, Change, Law, Locator};

#[test]
fn every_statute_has_the_articles_it_states() {
    let law = Law::embedded();
    assert_eq!(law.statutes().len(), 59);
    let mut articles = 0;
    for statute in law.statutes() {
        assert_eq!(statute.articles().len(), statute.article_count as usize, "{}", statute.slug);
        let mut keys = BTreeSet::new();
        for article in statute.articles() {
            assert!(!article.text.trim().is_empty(), "{} {}", statute.slug, article.label);
            assert!(keys.insert(article.key()), "{} {} twice", statute.slug, article.label);
            assert_eq!(statute.article(&article.key().to_string()), Some(article));
            // The paragraphs cover the text: none of its words is lost.
            let joined = article.paragraphs().iter().map(|p| p.text).collect::<Vec<_>>().join("\n");
            assert_eq!(joined, article.text.trim_end_matches('\n'), "{} {}", statute.slug, article.label);
        }
        articles += statute.articles().len();
        assert_eq!(statute.articles().is_empty(), !statute.verified(), "{}", statute.slug);
        assert_eq!(statute.quotations().is_empty(), statute.verified(), "{}", statute.slug);
    }
    assert_eq!(articles, 5188);
    assert_eq!(law.statutes().iter().map(|statute| statute.annexes().len()).sum::<usize>(), 2);
}

#[test]
fn labels_say_the_number_of_the_article() {
    for statute in Law::embedded().statutes() {
        for article in statute.articles() {
            if article.label.starts_with('第') && article.label.contains('条') {
                assert_eq!(article.label, article.key().label(), "{}", statute.slug);
            }
        }
    }
}

#[test]
fn versions_follow_each_other_without_gap_or_overlap() {
    let law = Law::embedded();
    let mut pairs = 0;
    for old in law.statutes() {
        let Some(next) = &old.next_version else { continue };
        let new = law.statute(next).unwrap();
        assert_eq!(new.previous_version.as_ref(), Some(&old.slug));
        assert_eq!(new.work, old.work);
        let last = old.effective_until.unwrap();
        assert_eq!(law.version(&old.work, last).unwrap().slug, old.slug);
        assert_eq!(law.version(&old.work, new.effective).unwrap().slug, new.slug);
        // The next day: of 31, 30, … the first that exists with the same month, or the first of the next month.
        assert!(last < new.effective);
        let next_day = zhunsheng_model::Date::new(last.year(), last.month(), last.day() + 1)
            .or_else(|| zhunsheng_model::Date::new(last.year(), last.month() + 1, 1))
            .or_else(|| zhunsheng_model::Date::new(last.year() + 1, 1, 1));
        assert_eq!(next_day, Some(new.effective), "{}", old.slug);
        pairs += 1;
    }
    assert_eq!(pairs, 5);
}

#[test]
fn histories_name_articles_that_exist_and_call_the_same_only_what_is() {
    let law = Law::embedded();
    assert_eq!(law.histories().len(), 5);
    for history in law.histories() {
        let (old, new) =
            (law.statute(&history.old_version).unwrap(), law.statute(&history.new_version).unwrap());
        for row in &history.rows {
            let old = row.old.as_deref().map(|label| old.article(label).unwrap());
            let new = row.new.as_deref().map(|label| new.article(label).unwrap());
            match (row.change, old, new) {
                // The line breaks of two sources can differ where the words do not.
                (Change::Same, Some(old), Some(new)) => assert_eq!(words(&old.text), words(&new.text)),
                (Change::Amended, Some(old), Some(new)) => assert_ne!(old.text, new.text),
                (Change::RemovedOrSplit, Some(_), None) | (Change::NewOrMerged, None, Some(_)) => {}
                other => panic!("{}: {other:?}", history.work),
            }
        }
    }
}

#[test]
fn every_threshold_quotes_its_passage() {
    let law = Law::embedded();
    let facts = law.facts();
    assert_eq!(facts.thresholds.len(), 28);
    for threshold in &facts.thresholds {
        let statute = law.statute(&threshold.law).unwrap();
        let passage = statute.passage(&threshold.article, threshold.locator.as_deref().unwrap_or_default());
        let passage = passage.unwrap_or_else(|error| panic!("{} {error}", threshold.law));
        assert!(
            passage.contains(&threshold.quote),
            "{} {}: {}",
            threshold.law,
            threshold.article,
            threshold.quote
        );
    }
}

#[test]
fn the_other_facts_are_there_and_marked() {
    let facts = Law::embedded().facts();
    assert_eq!(facts.app_types.len(), 39);
    assert!(facts.app_types.iter().enumerate().all(|(at, app)| app.number as usize == at + 1));
    assert!(facts.app_types.iter().all(|app| app.none_needed == app.necessary.is_empty()));
    let verified: Vec<&str> =
        facts.app_types.iter().filter(|app| app.verified).map(|app| app.name.as_str()).collect();
    assert_eq!(verified, ["学习教育类"]);
    assert_eq!(facts.children.len(), 11);
    assert!(facts.children.iter().any(|r| r.verified) && facts.children.iter().any(|r| !r.verified));
    assert_eq!(facts.sensitive.len(), 8);
    assert_eq!(facts.statistics.len(), 61);
    assert_eq!(facts.app_types_effective.to_string(), "2021-05-01");
    assert_eq!(facts.children_effective.to_string(), "2019-10-01");
}

#[test]
fn cases_cite_what_is_held_or_say_that_it_is_not() {
    let law = Law::embedded();
    assert_eq!(law.cases().len(), 32);
    let (mut resolved, mut open) = (0, 0);
    for case in law.cases() {
        for cite in &case.cites {
            let found = law.statute(&cite.law).ok_or(Absent::Unknown { name: cite.law.clone() }).and_then(
                |statute| statute.passage(&cite.article, cite.locator.as_deref().unwrap_or_default()),
            );
            assert_eq!(found.is_ok(), cite.resolved, "{} {} {}: {found:?}", case.id, cite.law, cite.article);
            if cite.resolved { resolved += 1 } else { open += 1 }
        }
        let text: String = case.text.parts().map(|(_, text)| text).collect();
        for quantity in &case.quantities {
            assert!(
                quantity.quote.as_ref().is_none_or(|quote| text.contains(quote)),
                "{} {quantity:?}",
                case.id
            );
        }
    }
    assert_eq!((resolved, open), (69, 17));
}

#[test]
fn no_name_that_a_case_file_masks_is_embedded() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../rules/cases");
    let mut names = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let Ok(table) = text.parse::<toml::Table>() else { continue };
        let case = Law::embedded().case(table["id"].as_str().unwrap()).unwrap();
        let shown = format!("{case:?}");
        for mask in table.get("mask").and_then(|masks| masks.as_array()).into_iter().flatten() {
            let name = mask["name"].as_str().unwrap();
            assert!(!shown.contains(name), "{} shows a name", case.id);
            assert!(shown.contains(mask["shown"].as_str().unwrap()), "{}", case.id);
            names += 1;
        }
    }
    assert!(names >= 20, "{names}");
    assert_eq!(
        Law::embedded().case("spc-192").unwrap().title,
        "李某某侵犯公民个人信息刑事附带民事公益诉讼案"
    );
}

#[test]
fn locators_of_the_data_are_read() {
    for case in Law::embedded().cases() {
        for cite in &case.cites {
            let locator = cite.locator.as_deref().unwrap_or_default();
            assert_eq!(Locator::parse(locator).unwrap().to_string(), locator);
        }
    }
}

fn words(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
