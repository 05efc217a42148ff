//! Names, versions by date, passages.

use zhunsheng_law::{Absent, Law};
use zhunsheng_model::Date;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

#[test]
fn an_instrument_is_found_by_any_of_its_names() {
    let law = Law::embedded();
    for (name, work) in [
        ("pipl", "pipl"),
        ("个人信息保护法", "pipl"),
        ("个保法", "pipl"),
        ("《中华人民共和国个人信息保护法》", "pipl"),
        ("csl-2016", "csl"),
        ("网络安全法", "csl"),
        ("法释〔2017〕10号", "fashi-2017-10"),
        ("民法典", "civil-code"),
        ("刑法", "criminal-law"),
    ] {
        assert_eq!(law.work(name), Some(work), "{name}");
    }
    assert_eq!(law.work("婚姻法"), None);
    // Every further name belongs to an instrument that is held.
    for (name, work) in law.names() {
        assert!(!law.versions(work).is_empty(), "{name} → {work}");
    }
    for absent in law.absent() {
        assert!(law.work(&absent.title).is_none(), "{}", absent.title);
        assert!(
            absent.successor.as_deref().is_none_or(|work| law.work(work) == Some(work)),
            "{}",
            absent.title
        );
    }
}

#[test]
fn the_version_in_force_changes_on_its_day() {
    let law = Law::embedded();
    for (name, date, slug) in [
        ("csl", "2017-06-01", "csl-2016"),
        ("csl", "2025-12-31", "csl-2016"),
        ("csl", "2026-01-01", "csl-2025"),
        ("反不正当竞争法", "2025-10-14", "aucl-2019"),
        ("反不正当竞争法", "2025-10-15", "aucl-2025"),
        ("aucl-2025", "2021-05-05", "aucl-2019"),
        ("未成年人保护法", "2024-04-25", "minors-protection-2020"),
        ("未成年人保护法", "2024-04-26", "minors-protection-2024"),
        ("pipl", "2021-11-01", "pipl"),
    ] {
        assert_eq!(law.version(name, day(date)).map(|s| s.slug.as_str()), Some(slug), "{name} {date}");
    }
    for (name, date) in [
        ("csl", "2017-05-31"),
        ("pipl", "2021-10-31"),
        ("procuratorial-pil", "2021-01-01"),
        ("x", "2024-01-01"),
    ] {
        assert!(law.version(name, day(date)).is_none(), "{name} {date}");
    }
}

#[test]
fn what_is_not_there_is_said_to_be_so() {
    let law = Law::embedded();
    assert!(matches!(law.in_force("pipl", day("2021-10-31")), Err(Absent::NotYet { .. })));
    assert!(matches!(law.in_force("procuratorial-pil", day("2021-01-01")), Err(Absent::Ended { .. })));
    assert!(matches!(law.in_force("民法总则", day("2019-01-01")), Err(Absent::NotHeld { .. })));
    assert!(matches!(law.in_force("没有这部法", day("2019-01-01")), Err(Absent::Unknown { .. })));
    let pipl = law.statute("pipl").unwrap();
    assert!(matches!(pipl.passage("75", ""), Err(Absent::NoArticle { .. })));
    assert!(matches!(pipl.passage("31", "第三款"), Err(Absent::NoPassage { .. })));
    let children = law.statute("children-pi-provisions").unwrap();
    assert!(matches!(children.passage("9", ""), Err(Absent::QuotedOnly { .. })));
}

#[test]
fn passages_are_those_of_the_law() {
    let law = Law::embedded();
    for (slug, article, locator, start) in [
        ("pipl", "13", "第一款第二项", "（二）为订立、履行个人作为一方当事人的合同所必需"),
        ("pipl", "13", "第二款", "依照本法其他有关规定，处理个人信息应当取得个人同意"),
        ("pipl", "31", "第一款", "个人信息处理者处理不满十四周岁未成年人个人信息的"),
        ("criminal-law", "253之一", "第三款", "窃取或者以其他方法非法获取公民个人信息的"),
        ("fashi-2017-10", "5", "第一款第四项", "（四）非法获取、出售或者提供住宿信息"),
        ("fashi-2017-10", "5", "第二款第三项", "（三）数量或者数额达到前款"),
        ("aucl-2025", "13", "第三款", "经营者不得以欺诈、胁迫、避开或者破坏技术管理措施等不正当方式"),
    ] {
        let passage = law.statute(slug).unwrap().passage(article, locator).unwrap();
        assert!(passage.starts_with(start), "{slug} {article} {locator}: {passage}");
    }
    let article = law.statute("fashi-2017-10").unwrap().article("5").unwrap();
    assert_eq!(article.paragraph(2).unwrap().lines().count(), 5);
    assert_eq!(article.item(1, 7), Some("（七）违法所得五千元以上的；"));
    assert_eq!((article.paragraph(3), article.paragraph(0), article.item(1, 11)), (None, None, None));
}

#[test]
fn a_text_newer_than_the_day_is_marked() {
    let criminal = Law::embedded().statute("criminal-law").unwrap();
    assert_eq!(criminal.amended_after(day("2020-01-01")), Some(day("2023-12-29")));
    assert_eq!(criminal.amended_after(day("2024-03-01")), None);
    assert_eq!(Law::embedded().statute("pipl").unwrap().amended_after(day("2022-01-01")), None);
}
