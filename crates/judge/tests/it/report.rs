//! Reports: of facts, of an inventory, and of an inventory against a record.

use crate::{cases, full, today};
use zhunsheng_judge::{
    Brief, Conclusion, EntityKind, InventoryError, Lang, LawTexts, Matter, Report, assess, audit, compare,
    count_act, docx, embedded, html, json, judge, matter_of_inventory, read_facts, settle, terminal,
};

fn report_of(matter: &Matter) -> Report {
    judge(
        embedded(),
        LawTexts::embedded(),
        &Brief { matter, conflicts: &[], differences: &[], date: today() },
    )
}

fn matter_of(text: &str) -> Matter {
    let (mut matter, problems) = read_facts("facts.toml", text, &embedded().schema);
    assert!(problems.is_empty(), "{problems:?}");
    settle(&mut matter, &embedded().schema, false);
    matter
}

const INVENTORY: &str = r#"{
    "schema_version": "zhunsheng.inventory/1",
    "counts": { "persons": 1200000, "under_14": 3, "by_kind": {
        "CN_ID": { "valid": 10, "persons": 7 }, "HEALTH": { "valid": 4, "persons": 2 },
        "PHONE": { "valid": 0, "persons": 0 }, "USCC": { "valid": 9, "persons": 0 } } },
    "criminal": { "income_yuan": 4999, "tiers": [ { "count": 49 }, { "count": 7 }, { "count": 3 } ] }
}"#;

#[test]
fn the_same_facts_give_the_same_bytes_in_every_form() {
    for case in cases().0.iter().take(6) {
        let (one, two) = (report_of(&case.matter), report_of(&case.matter));
        assert_eq!(json::findings(&one).unwrap(), json::findings(&two).unwrap());
        for lang in [Lang::Zh, Lang::En] {
            assert_eq!(html::report(&one, lang), html::report(&two, lang));
            assert_eq!(docx::report(&one, lang).unwrap(), docx::report(&two, lang).unwrap());
            assert_eq!(terminal::summary(&one, false, lang), terminal::summary(&two, false, lang));
        }
    }
}

#[test]
fn every_finding_of_every_case_explains_itself_in_both_languages() {
    for case in &cases().0 {
        let report = report_of(&case.matter);
        assert!(!report.findings.is_empty(), "{}", case.id);
        for finding in &report.findings {
            let of = format!("{} {}", case.id, finding.rule);
            assert!(!finding.says.zh.is_empty() && !finding.says.en.is_empty(), "{of}");
            assert!(!finding.says.zh.contains('{'), "{of}: {}", finding.says.zh);
            assert!(!finding.reason.is_empty(), "{of}");
            // Only where the text of a law is not at hand a finding quotes nothing, and then it says so.
            assert!(!finding.quotes.is_empty() || !finding.verified, "{of}");
            assert!(finding.article_label.starts_with('《'), "{of}: {}", finding.article_label);
            assert_eq!(finding.review, "unreviewed", "{of}");
            let is_open = finding.conclusion == Conclusion::Open;
            assert_eq!(is_open, !finding.open_facts.is_empty(), "{of}: {:?}", finding.open_facts);
            assert!(finding.conclusion != Conclusion::None, "{of}");
        }
        for question in &report.questions {
            assert!(!question.ask.zh.is_empty() && question.findings > 0, "{} {}", case.id, question.path);
        }
        for article in report.articles.iter().filter(|article| article.complete) {
            assert!(!article.text.is_empty(), "{} {}", article.law, article.article);
        }
    }
}

#[test]
fn an_inventory_becomes_facts() {
    let schema = &full().0.schema;
    let found = matter_of_inventory(INVENTORY, schema).unwrap();
    let names: Vec<&str> =
        found.of_kind(EntityKind::Item).iter().map(|id| found.entity(*id).name.as_str()).collect();
    // Nothing valid was found of telephones, and a company's number is no personal information.
    assert_eq!(names, ["公民身份号码", "健康生理信息"]);
    assert_eq!(matter_of_inventory("{}", schema), Err(InventoryError::Version { found: String::new() }));
    assert!(matches!(matter_of_inventory("{", schema), Err(InventoryError::Syntax { .. })));
}

#[test]
fn the_counts_of_a_scan_decide_an_act() {
    let facts = "schema = \"zhunsheng.facts/1\"\ndate = 2021-01-01\n[[party]]\nname = \"甲\"\n[[party.act]]\nconduct = [\"steal\"]\n";
    let mut matter = matter_of(facts);
    let found = matter_of_inventory(INVENTORY, &embedded().schema).unwrap();
    assert!(count_act(&found, &mut matter));
    let fifty = matter_of(&format!(
        "{facts}[[party.act.dataset]]\nidentifies_persons = true\nanonymised = false\nitems_50 = 50\n"
    ));
    let conclusion = |matter: &Matter| {
        let report = report_of(matter);
        report
            .findings
            .iter()
            .find(|finding| finding.rule == "criminal-253-1")
            .map(|finding| finding.conclusion)
    };
    assert_eq!(conclusion(&fifty), Some(Conclusion::Violation));
    // 49 items of the strictest tier alone are not enough; with 7/500 and 3/5000 they are still below one.
    assert_ne!(conclusion(&matter), Some(Conclusion::Violation));
}

#[test]
fn what_is_found_and_not_declared_is_a_finding_and_so_is_the_reverse() {
    let schema = &embedded().schema;
    let (declared, problems) = read_facts(
        "record",
        "schema = \"zhunsheng.facts/1\"\n[[party]]\nname = \"某公司\"\nrole = \"processor\"\n[[party.activity]]\nname = \"注册\"\n\
         [[party.activity.item]]\nname = \"身份证号\"\nkind = \"CN_ID\"\n[[party.activity.item]]\nname = \"手机号码\"\n",
        schema,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let found = matter_of_inventory(INVENTORY, schema).unwrap();
    let (mut joined, differences) = compare(&found, &declared, schema);
    let told: Vec<(&str, &str)> = differences.iter().map(|row| (row.kind, row.item.zh.as_str())).collect();
    assert_eq!(told, [("declared_not_found", "手机号码"), ("found_not_declared", "健康生理信息")]);
    settle(&mut joined, schema, true);
    let report = report_of(&joined);
    let of = |rule: &str, conclusion| {
        report
            .findings
            .iter()
            .filter(|finding| finding.rule == rule && finding.conclusion == conclusion)
            .count()
    };
    assert_eq!(of("pipl-17-found-not-declared", Conclusion::Violation), 1);
    assert_eq!(of("pipl-17-found-not-declared", Conclusion::Lawful), 1);
    assert_eq!(of("pipl-17-declared-not-found", Conclusion::Open), 1);
}

#[test]
fn answers_go_before_what_was_counted_and_the_conflict_is_told() {
    let mut answers = matter_of("schema = \"zhunsheng.facts/1\"\n[[party]]\npersons = 5\n");
    let found = matter_of_inventory(INVENTORY, &embedded().schema).unwrap();
    let conflicts = answers.merge(&found);
    assert_eq!(conflicts.len(), 1);
    let brief = Brief { matter: &answers, conflicts: &conflicts, differences: &[], date: today() };
    let report = judge(embedded(), LawTexts::embedded(), &brief);
    let row = report.conflicts.first().unwrap();
    assert_eq!((row.kept.zh.as_str(), row.dropped.zh.as_str()), ("5", "至少 1,200,000"));
}

#[test]
fn a_number_brings_about_a_duty_from_its_line_on() {
    let duties = |persons: &str| -> Vec<String> {
        let facts = format!(
            "schema = \"zhunsheng.facts/1\"\n[[party]]\nname = \"某公司\"\naudit_measures_apply = true\npersons = {persons}\n"
        );
        let report = report_of(&matter_of(&facts));
        report.duties.iter().map(|duty| duty.article_label.clone()).collect()
    };
    // 超过 1000 万人: more than ten million; 100 万人以上: one million and more.
    let audit = |labels: Vec<String>| labels.iter().filter(|label| label.contains("合规审计办法")).count();
    assert_eq!(audit(duties("10_000_001")), audit(duties("10_000_000")) + 1);
    assert_eq!(audit(duties("1_000_000")), audit(duties("999_999")) + 1);
    assert_eq!(audit(duties("{ at_least = 5 }")), 0);
}

#[test]
fn the_work_paper_holds_all_items_of_the_guide_and_the_assessment_all_activities() {
    let case = cases().0.iter().find(|case| case.id == "spc-266").unwrap();
    let brief = Brief { matter: &case.matter, conflicts: &[], differences: &[], date: today() };
    let paper = audit::paper(embedded(), LawTexts::embedded(), &brief);
    assert_eq!(paper.items.len(), 27);
    let without: Vec<&str> =
        paper.items.iter().filter(|item| item.points.is_empty()).map(|item| item.number.as_str()).collect();
    // The first item names the basis of the guide only.
    assert_eq!(without, ["1"]);
    let page = audit::html(&paper, Lang::Zh);
    assert!(page.contains("合规审计底稿") && page.contains("二十七、"));
    assert!(!audit::docx(&paper, Lang::En).unwrap().is_empty());
    let report = report_of(&case.matter);
    let assessment = assess::paper(embedded(), LawTexts::embedded(), &case.matter, &report, today());
    assert_eq!(assessment.activities.len(), case.matter.of_kind(EntityKind::Activity).len());
    assert!(assess::html(&assessment, Lang::Zh).contains("影响评估报告"));
    assert!(!assess::docx(&assessment, Lang::Zh).unwrap().is_empty());
}

#[test]
fn nothing_from_outside_becomes_markup_and_the_page_calls_nobody() {
    let matter = matter_of(
        "schema = \"zhunsheng.facts/1\"\ntitle = \"<script>alert(1)</script>\"\n[[party]]\nname = \"<b>甲</b>\"\nsource = \"<img src=x>\"\nkind = \"organisation\"\n",
    );
    let page = html::report(&report_of(&matter), Lang::Zh);
    assert!(!page.contains("<script>alert") && !page.contains("<b>甲") && !page.contains("<img"));
    assert!(page.contains("default-src 'none'"));
    assert!(!page.contains("http://") && !page.contains("https://"));
}

#[test]
fn a_mistake_in_a_facts_file_is_named_with_its_line() {
    let (_, problems) = read_facts(
        "f.toml",
        "schema = \"zhunsheng.facts/1\"\n[[party]]\nname = \"甲\"\nrole = \"procesor\"\n[[party.activity]]\nnotice_givn = true\nactivity = 3\n",
        &embedded().schema,
    );
    let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(
        told.iter().any(|line| line.starts_with("f.toml:4: error[value]") && line.contains("`processor`")),
        "{told:?}"
    );
    assert!(
        told.iter()
            .any(|line| line.starts_with("f.toml:6: error[unknown-fact]") && line.contains("notice_given")),
        "{told:?}"
    );
    assert!(told.iter().any(|line| line.starts_with("f.toml:7: error[entity]")), "{told:?}");
    let (_, problems) = read_facts("f.toml", "schema = \"zhunsheng.facts/1\"\n[[party", &embedded().schema);
    assert_eq!(problems.len(), 1);
}
