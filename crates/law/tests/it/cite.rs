//! Citations in free text.

use zhunsheng_law::{Absent, ArticleKey, Law, citation_text, cite, parse_places};
use zhunsheng_model::Date;

fn day(text: &str) -> Date {
    Date::parse(text).unwrap()
}

/// Slug, article and locator of every citation found, or `!` and the kind of failure.
fn found(text: &str, date: &str) -> Vec<String> {
    cite(Law::embedded(), text, day(date), None)
        .into_iter()
        .map(|citation| {
            let place = citation.article.map(|a| a.to_string()).unwrap_or_default();
            match citation.found {
                Ok(passage) => {
                    format!("{} {place} {}", passage.statute.slug, citation.locator).trim().to_owned()
                }
                Err(error) => {
                    let kind = format!("{error:?}");
                    format!("!{} {place}", kind.split([' ', '{']).next().unwrap())
                }
            }
        })
        .collect()
}

#[test]
fn forms_of_citation_are_recognised() {
    for (text, expected) in [
        ("《中华人民共和国个人信息保护法》第三十一条第一款", vec!["pipl 31 第一款"]),
        ("违反个人信息保护法第13条、第十四条的规定", vec!["pipl 13", "pipl 14"]),
        ("个保法 第六条", vec!["pipl 6"]),
        ("《刑法》第二百五十三条之一第三款", vec!["criminal-law 253之一 第三款"]),
        ("刑法第253条之一", vec!["criminal-law 253之一"]),
        ("刑法253条", vec!["criminal-law 253"]),
        (
            "法释〔2017〕10号第五条第一款第三项、第四项",
            vec!["fashi-2017-10 5 第一款第三项", "fashi-2017-10 5 第一款第四项"],
        ),
        (
            "《最高人民法院、最高人民检察院关于办理侵犯公民个人信息刑事案件适用法律若干问题的解释》（以下简称《解释》）第五条，又见《解释》第十一条第三款",
            vec!["fashi-2017-10 5", "fashi-2017-10 11 第三款"],
        ),
        ("依照数据安全法第二十七条。该法第四十五条第一款规定了处罚", vec!["dsl 27", "dsl 45 第一款"]),
        ("个人信息保护法第十三条至第十五条", vec!["pipl 13", "pipl 14", "pipl 15"]),
        (
            "个人信息保护法第十三条第一款第二项至第四项",
            vec!["pipl 13 第一款第二项", "pipl 13 第一款第三项", "pipl 13 第一款第四项"],
        ),
        ("民法典第一千零三十四、一千零三十五条", vec!["civil-code 1034", "civil-code 1035"]),
        ("个人信息保护法第四十五条第一、二款", vec!["pipl 45 第一款", "pipl 45 第二款"]),
        ("《个人信息保护法》", vec!["pipl"]),
        ("《民法典》第1034条和《数据安全法》第27条", vec!["civil-code 1034", "dsl 27"]),
        ("个人信息保护法第七十五条", vec!["!NoArticle 75"]),
        ("个人信息保护法第三十一条第九款", vec!["!NoPassage 31"]),
        ("合同法第五十二条", vec!["!NotHeld 52"]),
        ("个人信息保护法第六条，婚姻法第三条", vec!["pipl 6", "!Unknown 3"]),
        ("第三十一条", vec!["!Unnamed 31"]),
        ("《红楼梦》第三回，第一名", vec![]),
        ("共计8100万余条，2021年8月23日", vec![]),
        ("获取公民个人信息五十条以上的", vec![]),
    ] {
        assert_eq!(found(text, "2024-06-01"), expected, "{text}");
    }
}

#[test]
fn the_date_decides_which_version_is_cited() {
    for (date, expected) in
        [("2025-12-31", "csl-2016 24"), ("2026-01-01", "csl-2025 24"), ("2016-01-01", "!NotYet 24")]
    {
        assert_eq!(found("网络安全法第二十四条", date), [expected], "{date}");
    }
}

#[test]
fn a_year_behind_the_title_names_its_version() {
    for (text, expected) in [
        ("《网络安全法》（2016年）第二十四条", "csl-2016 24"),
        ("网络安全法（2017年施行）第二十四条", "csl-2016 24"),
        ("《网络安全法》（2025年修正）第二十四条", "csl-2025 24"),
        ("《反不正当竞争法》（2019修正）第二条", "aucl-2019 2"),
        ("《民事诉讼法》（2017年修正）第五十五条", "!NotYet 55"),
        ("《民法典》（2020年）第一千零三十四条", "civil-code 1034"),
    ] {
        assert_eq!(found(text, "2026-06-01"), [expected], "{text}");
    }
}

#[test]
fn this_law_means_the_law_that_was_handed_in() {
    let found = cite(Law::embedded(), "违反本法第十条规定", day("2024-06-01"), Some("pipl"));
    assert_eq!(found.len(), 1);
    assert!(found[0].implied);
    assert_eq!(found[0].found.as_ref().unwrap().statute.slug, "pipl");
}

#[test]
fn ranges_lie_in_the_text() {
    let text = "依《个人信息保护法》第十三条、第十四条，及《刑法》第二百五十三条之一处理";
    let found = cite(Law::embedded(), text, day("2024-06-01"), None);
    let pieces: Vec<&str> = found.iter().map(|citation| &text[citation.range.clone()]).collect();
    let first = "《个人信息保护法》第十三条、第十四条";
    assert_eq!(pieces, [first, first, "《刑法》第二百五十三条之一"]);
}

#[test]
fn places_are_read_from_the_command_line() {
    let keys = |text: &str| -> Vec<String> {
        let places = parse_places(text).unwrap_or_default();
        places.into_iter().map(|(key, locator)| format!("{key}{locator}")).collect()
    };
    assert_eq!(keys("31"), ["31"]);
    assert_eq!(keys("13-15"), ["13", "14", "15"]);
    assert_eq!(keys("253-1"), ["253之一"]);
    assert_eq!(keys("253之一"), ["253之一"]);
    assert_eq!(keys("第三十一条第一款"), ["31第一款"]);
    assert_eq!(keys("第十三条、第十五条第二款"), ["13", "15第二款"]);
    for text in ["", "abc", "第一款", "0"] {
        assert_eq!(parse_places(text), None, "{text}");
    }
}

/// Texts put together at random from the pieces that citations are made of, and cut anywhere.
#[test]
fn no_text_breaks_the_reader() {
    const PIECES: [&str; 36] = [
        "《",
        "》",
        "〈",
        "（",
        "）",
        "(",
        ")",
        "第",
        "条",
        "款",
        "项",
        "目",
        "之",
        "之一",
        "一",
        "十",
        "百",
        "千",
        "零",
        "31",
        "９",
        "、",
        "和",
        "至",
        "-",
        "本法",
        "该条例",
        "个人信息保护法",
        "刑法",
        "《刑法》",
        "以下简称",
        "（以下简称《解释》）",
        "解释",
        "合同法",
        "，",
        "a",
    ];
    let law = Law::embedded();
    let mut state = 7u64;
    let mut next = |limit: usize| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) as usize % limit
    };
    let mut citations = 0;
    for _ in 0..4000 {
        let text: String = (0..next(24)).map(|_| PIECES[next(PIECES.len())]).collect();
        for citation in cite(law, &text, day("2024-06-01"), None) {
            assert!(text.get(citation.range.clone()).is_some_and(|words| !words.is_empty()), "{text}");
            citations += 1;
        }
        let _ = parse_places(&text);
    }
    assert!(citations > 500, "{citations}");
}

/// The 80 citations that the legal data pack lists, each written as a lawyer would and read again on the first day
/// of the version cited: those that can be resolved are, the others say why not.
#[test]
fn the_listed_citations_resolve_or_say_why_not() {
    let law = Law::embedded();
    let table: toml::Table = include_str!("citations.toml").parse().unwrap();
    let (mut resolved, mut not) = (0, 0);
    let mut articles = std::collections::BTreeSet::new();
    for row in table["citation"].as_array().unwrap() {
        let (slug, article) = (row["law"].as_str().unwrap(), row["article"].as_str().unwrap());
        let locator = row.get("locator").map_or("", |v| v.as_str().unwrap());
        articles.insert((slug, article));
        let key = ArticleKey::parse(article).unwrap();
        // Versions that are not held are cited by their title on a day when they were in force.
        let (title, date) = match slug {
            "civil-code-general-provisions-2017" => ("民法总则", day("2018-01-01")),
            "civil-procedure-2017" => ("民事诉讼法", day("2018-01-01")),
            "copyright-2010" => ("著作权法", day("2015-01-01")),
            _ => {
                let statute = law.statute(slug).unwrap();
                (statute.title.as_str(), statute.effective)
            }
        };
        let text = format!("依照{}{locator}的规定", citation_text(title, &key, Default::default()));
        let found = cite(law, &text, date, None);
        assert_eq!(found.len(), 1, "{text}");
        assert_eq!(found[0].article.as_ref(), Some(&key));
        match &found[0].found {
            Ok(passage) => {
                assert_eq!(passage.statute.slug, slug, "{text}");
                assert!(!passage.text.is_empty());
                resolved += 1;
            }
            Err(error) => {
                let known = matches!(
                    error,
                    Absent::QuotedOnly { .. } | Absent::NotYet { .. } | Absent::NotHeld { .. }
                );
                assert!(known, "{text}: {error}");
                not += 1;
            }
        }
        assert_eq!(found[0].found.is_ok(), row["resolved"].as_bool().unwrap(), "{text}");
    }
    assert_eq!((resolved, not, articles.len()), (66, 14, 69));
}

#[test]
fn the_provisions_that_guiding_cases_list_are_those_they_cite() {
    let law = Law::embedded();
    let mut read = 0;
    for case in law.cases() {
        for citation in cite(law, &case.text.related_provisions, day("2024-06-01"), None) {
            let Some(article) = citation.article else { continue };
            let Some(name) = citation.name else { panic!("{}: a place without a name", case.id) };
            let listed = case.cites.iter().any(|cite| {
                let work = law.statute(&cite.law).map(|statute| statute.work.as_str());
                cite.article == article.to_string() && (work == law.work(&name) || work.is_none())
            });
            assert!(listed, "{}: {name} {article} is not among the citations of the case", case.id);
            read += 1;
        }
    }
    assert!(read >= 20, "{read}");
}
