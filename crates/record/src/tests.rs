//! A record goes through both forms and back without loss; mistakes are named with place and hint.

use crate::{Cell, Form, Language, Record, json_schema, read_toml, read_xlsx, write_toml, write_xlsx};
use std::fs;
use std::path::{Path, PathBuf};
use zhunsheng_judge::{EntityKind, Schema, Tri, Value};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn schema() -> &'static Schema {
    &zhunsheng_judge::embedded().schema
}

fn form() -> Form {
    Form::new(schema()).unwrap()
}

const SAMPLE: &str = r#"
schema = "zhunsheng.record/1"

[单位]
名称 = "某网络科技有限公司"
处理人数 = "1.5万"
内部管理制度 = "否"

[[处理活动]]
名称 = "会员注册"
合法性基础 = ["取得个人同意"]
加密 = false
告知事项 = ["identity", "purpose"]

[[处理活动.信息项]]
名称 = "手机号码"
必要 = true

[[处理活动.接收方]]
名称 = "某云服务商"
关系 = "entrusted"

[[信息系统]]
名称 = "会员库"
弱口令 = "不清楚"
日志留存月数 = 6
"#;

fn sample(form: &Form) -> Record {
    let zh =
        form.sections()[1].fields.iter().find(|field| field.key == "basis").unwrap().values[0].zh.clone();
    let (record, problems) = read_toml("r", &SAMPLE.replace("取得个人同意", &zh), form);
    assert_eq!(problems, [], "{problems:?}");
    record
}

#[test]
fn chinese_and_english_names_and_values_are_read() {
    let form = form();
    let record = sample(&form);
    let people = form.sections()[0].field("persons").unwrap();
    assert_eq!(record.organisation.cells.get(&people), Some(&Cell::Number(15_000)));
    let system = record.organisation.children.iter().find(|entry| entry.name() == "会员库").unwrap();
    let section = &form.sections()[system.section];
    assert_eq!(system.cells.get(&section.field("弱口令").unwrap()), None, "unknown is no answer");
    assert_eq!(system.cells.get(&section.field("log_months").unwrap()), Some(&Cell::Number(6)));
}

#[test]
fn a_record_survives_both_forms_in_both_languages() {
    let form = form();
    let record = sample(&form);
    let bare = |record: &Record| {
        // Lines differ between a text and a sheet.
        fn strip(entry: &mut crate::Entry) {
            entry.line = 0;
            entry.children.iter_mut().for_each(strip);
        }
        let mut record = record.clone();
        strip(&mut record.organisation);
        record
    };
    for language in [Language::Zh, Language::En] {
        let (again, problems) = read_toml("r", &write_toml(&record, &form, language), &form);
        assert_eq!(problems, []);
        assert_eq!(bare(&again), bare(&record));
        let bytes = write_xlsx(&record, &form, language).unwrap();
        assert_eq!(bytes, write_xlsx(&record, &form, language).unwrap());
        let (again, problems) = read_xlsx("r", &bytes, &form).unwrap();
        assert_eq!(problems, []);
        assert_eq!(bare(&again), bare(&record));
    }
}

#[test]
fn the_template_is_read_and_says_nothing() {
    let form = form();
    let empty = Record::default();
    for language in [Language::Zh, Language::En] {
        let text = write_toml(&empty, &form, language);
        let (record, problems) = read_toml("r", &text, &form);
        assert_eq!(problems, [], "{text}");
        assert!(record.organisation.cells.is_empty() && record.organisation.children.is_empty());
        for section in form.sections() {
            assert!(text.contains(section.name(language)), "{}", section.key);
        }
        let bytes = write_xlsx(&empty, &form, language).unwrap();
        let (record, problems) = read_xlsx("r", &bytes, &form).unwrap();
        assert_eq!((problems.len(), record.organisation.children.len()), (0, 0));
    }
    assert!(empty.gaps(&form, "r", Language::Zh).len() > 10, "an empty record lacks what is required");
}

#[test]
fn the_facts_are_those_of_the_record() {
    let (schema, form) = (schema(), form());
    let (matter, problems) = sample(&form).matter(&form, schema, "record.toml");
    assert_eq!(problems, []);
    let value = |kind: EntityKind, fact: &str| {
        let id = matter.of_kind(kind)[0];
        matter.value(schema, id, schema.find(fact).unwrap())
    };
    assert_eq!(value(EntityKind::Party, "party.internal_rules"), Value::Bool(Tri::False));
    assert_eq!(value(EntityKind::Activity, "activity.encrypted"), Value::Bool(Tri::False));
    assert_eq!(value(EntityKind::Activity, "activity.deidentified"), Value::Bool(Tri::Unknown));
    assert_eq!(value(EntityKind::Item, "item.necessary"), Value::Bool(Tri::True));
    assert_eq!(matter.of_kind(EntityKind::System).len(), 1);
    let facts = sample(&form).facts(&form, "record.toml");
    assert!(facts.contains("kind = \"PHONE\""), "the name of an item gives its kind: {facts}");
}

#[test]
fn mistakes_are_named_with_line_and_hint() {
    let form = form();
    let wrong = "schema = \"zhunsheng.record/1\"\n[单位]\n名称 = \"甲\"\n内部管理制渡 = true\n处理人数 = \"许多\"\n[[处理活动]]\n合法性基础 = [\"高兴\"]\n";
    let (record, problems) = read_toml("record.toml", wrong, &form);
    let said: Vec<(u32, &str)> = problems.iter().map(|problem| (problem.line, problem.code)).collect();
    assert_eq!(said, [(4, "key"), (5, "value"), (7, "value")]);
    assert!(problems[0].hint.contains("内部管理制度"), "{}", problems[0]);
    assert_eq!(record.organisation.name(), "甲", "what could be read stands");
    let (_, problems) = read_toml("r", "[单位]\n名称 = ", &form);
    assert_eq!(problems[0].code, "syntax");
    assert!(read_xlsx("r", b"no workbook", &form).is_err());
    let mut other = rust_xlsxwriter::Workbook::new();
    other.add_worksheet().write_string(0, 0, "x").unwrap();
    assert!(matches!(
        read_xlsx("r", &other.save_to_buffer().unwrap(), &form),
        Err(crate::WorkbookError::NoSheet)
    ));
}

#[test]
fn an_entry_of_an_unknown_activity_is_named() {
    let form = form();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("信息项").unwrap();
    for (column, text) in ["处理活动 *", "名称 *"].iter().enumerate() {
        sheet.write_string(0, u16::try_from(column).unwrap(), *text).unwrap();
    }
    sheet.write_string(2, 0, "没有的活动").unwrap().write_string(2, 1, "姓名").unwrap();
    let (_, problems) = read_xlsx("r.xlsx", &book.save_to_buffer().unwrap(), &form).unwrap();
    assert_eq!((problems.len(), problems[0].code, problems[0].line), (1, "owner", 3));
}

#[test]
fn gaps_name_what_is_missing_or_twice() {
    let form = form();
    let (record, _) = read_toml(
        "r",
        "schema = \"zhunsheng.record/1\"\n[[activity]]\nname = \"甲\"\n[[activity]]\nname = \"甲\"\n",
        &form,
    );
    let gaps = record.gaps(&form, "r", Language::Zh);
    assert!(gaps.iter().any(|gap| gap.code == "twice"));
    assert!(gaps.iter().any(|gap| gap.message.contains("信息项")));
    assert!(gaps.iter().any(|gap| gap.message.contains("合法性基础")));
}

#[test]
fn the_published_schema_is_that_of_the_form() {
    let path = root().join("docs/schema/record.v1.json");
    let wanted = json_schema(&form());
    if std::env::var_os("ZHUNSHENG_WRITE").is_some() {
        fs::write(&path, &wanted).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == wanted, "docs/schema/record.v1.json is stale: run this test with ZHUNSHENG_WRITE=1");
}
