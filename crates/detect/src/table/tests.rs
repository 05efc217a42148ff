//! Layouts of tables as people have them, each with what must come out.

use crate::tests::{card, detector, id, phone};
use std::sync::Arc;
use zhunsheng_model::{CellBuffer, Findings, Kind, Place, Reason, State, TableFragment};

fn fragment(names: Option<&[&str]>, rows: &[&[&str]]) -> TableFragment {
    let mut cells = CellBuffer::default();
    for row in rows {
        row.iter().for_each(|cell| cells.push_cell(cell));
        cells.end_row();
    }
    TableFragment {
        place: Arc::new(Place::file("t")),
        table: 0,
        names: names.map(|names| names.iter().map(|name| (*name).to_owned()).collect()),
        first_row: 1,
        cells,
        origin: None,
    }
}

pub(super) fn read(names: Option<&[&str]>, rows: &[&[&str]]) -> Findings {
    let fragment = fragment(names, rows);
    let plan = detector().plan(&fragment);
    detector().table(&fragment, &plan)
}

/// Each record as `row.role name: KIND=value KIND!state=value …`.
fn lines(findings: &Findings) -> Vec<String> {
    let line = |record: &zhunsheng_model::RecordSpan| {
        let name = findings.name_of(record).map(|name| findings.text(name.raw)).unwrap_or("-");
        let mentions = findings.mentions_of(record).iter().map(|mention| {
            let state = match mention.state {
                State::Valid => String::new(),
                State::Invalid(reason) => format!("!{}", reason.as_str()),
                State::Masked => "!masked".into(),
                State::Placeholder => "!placeholder".into(),
            };
            format!(" {}{state}={}", mention.kind.id(), findings.text(mention.raw))
        });
        format!("{}.{} {name}:{}", record.ordinal, record.role, mentions.collect::<String>())
    };
    findings.records.iter().map(line).collect()
}

#[test]
fn a_customer_table_with_junk_rows() {
    let (id1, phone1, card1) = (id("330106", "19850412", 21), phone(1), card(1));
    let bad_id = "330106198504120219";
    let findings = read(
        None,
        &[
            &["编号", "姓名", "性别", "身份证号码", "联系电话", "银行卡号", "家庭住址", "录入时间"],
            &[
                "10001",
                "王建国",
                "男",
                &id1,
                "139 1234 0001",
                &card1,
                "浙江省杭州市西湖区文三路18号",
                "2023-01-02",
            ],
            &["10002", "李晓梅", "女", bad_id, "14212340001", "", "", "2023-01-02"],
            &["10003", "张三", "", "111111111111111111", "13800138000", "", "", ""],
            &["10004", "无", "", "-", "N/A", "", "", ""],
            &["10005", "赵敏", "", "", "1391234000", "", "", ""],
        ],
    );
    let _ = phone1;
    assert_eq!(
        lines(&findings),
        [
            format!(
                "1.0 王建国: PERSON=王建国 SEX=男 CN_ID={id1} PHONE=139 1234 0001 BANK_CARD={card1} ADDRESS=浙江省杭州市西湖区文三路18号"
            ),
            format!(
                "2.0 -: PERSON!record_untrue=李晓梅 SEX!record_untrue=女 CN_ID!wrong_check={bad_id} PHONE!unallocated_segment=14212340001"
            ),
            "3.0 -: PERSON!test_value=张三 CN_ID!test_value=111111111111111111 PHONE!test_value=13800138000"
                .into(),
            "4.0 -: PERSON!placeholder=无 CN_ID!placeholder=- PHONE!placeholder=N/A".into(),
            "5.0 -: PERSON!record_untrue=赵敏 PHONE!wrong_length=1391234000".into(),
        ]
    );
}

#[test]
fn a_masked_or_missing_number_does_not_make_a_record_untrue() {
    let (phone1, id1) = (phone(1), id("330106", "19850412", 21));
    let findings = read(
        None,
        &[
            &["xm", "sfzh", "sjh", "dz", "wxh", "zt"],
            &[
                "王建国",
                "330106********0219",
                "139****0001",
                "浙江省杭州市西湖区文三路18号",
                "wxid_a1b2c3d4",
                "1",
            ],
            &["李晓梅", &id1, &phone1, "浙江省杭州市西湖区文三路19号", "lxm_1990", "0"],
            &["陈思远", "无", "无", "浙江省杭州市西湖区文三路20号", "", "0"],
        ],
    );
    let lines = lines(&findings);
    assert!(lines[0].starts_with("1.0 王建国: PERSON=王建国 CN_ID!masked="), "{}", lines[0]);
    assert!(lines[0].contains("WECHAT=wxid_a1b2c3d4"), "{}", lines[0]);
    assert!(lines[2].starts_with("3.0 陈思远: PERSON=陈思远 CN_ID!placeholder=无"), "{}", lines[2]);
    assert!(lines[2].contains(" ADDRESS=浙江省"), "{}", lines[2]);
}

#[test]
fn the_address_of_an_office_computer_does_not_make_a_record_untrue() {
    let findings = read(Some(&["姓名", "登录IP"]), &[&["王建国", "192.168.1.5"], &["李晓梅", "10.0.0.7"]]);
    assert_eq!(
        lines(&findings),
        [
            "1.0 王建国: PERSON=王建国 IP!reserved_address=192.168.1.5",
            "2.0 李晓梅: PERSON=李晓梅 IP!reserved_address=10.0.0.7"
        ]
    );
    let wrong = read(Some(&["姓名", "手机号"]), &[&["王建国", "14212340001"]]);
    assert_eq!(lines(&wrong), ["1.0 -: PERSON!record_untrue=王建国 PHONE!unallocated_segment=14212340001"]);
}

#[test]
fn a_table_without_head_is_decided_from_its_values() {
    let rows: Vec<[String; 4]> = (0..6)
        .map(|i| {
            let name = ["王建国", "李晓梅", "陈思远", "欧阳文静", "赵敏", "周海涛"][i];
            [phone(i as u32), name.to_owned(), (i * 37 + 5).to_string(), format!("user{i}@qq.com")]
        })
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let plan = detector().plan(&fragment(None, &rows));
    assert_eq!(plan.rows_before_data(), 0);
    let kinds: Vec<Option<Kind>> = (0..4).map(|column| plan.kind(column)).collect();
    assert_eq!(kinds, [Some(Kind::Phone), Some(Kind::Person), None, Some(Kind::Email)]);
    assert_eq!(read(None, &rows).records.len(), 6);
}

#[test]
fn a_broken_number_in_a_column_without_head_is_no_other_document() {
    let rows: Vec<[String; 2]> = (0..8)
        .map(|i| {
            let whole = id("330106", "19850314", 21 + 2 * i);
            let name = ["王建国", "李晓梅", "陈思远", "赵敏"][i as usize % 4].to_owned();
            [name, if i == 7 { whole[..8].to_owned() } else { whole }]
        })
        .collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(String::as_str).collect()).collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let findings = read(None, &rows);
    assert!(findings.mentions.iter().all(|mention| mention.kind != Kind::MilitaryId));
    let valid = |mention: &&zhunsheng_model::Mention| {
        mention.kind == Kind::CnId && mention.state == zhunsheng_model::State::Valid
    };
    assert_eq!(findings.mentions.iter().filter(valid).count(), 7);
}

#[test]
fn pupil_and_guardian_are_two_records() {
    let (id1, phone1) = (id("330106", "20150412", 21), phone(1));
    let findings = read(
        None,
        &[
            &["学生姓名", "性别", "身份证号", "班级", "监护人", "监护人电话", "家庭住址", "过敏史"],
            &["王小明", "男", &id1, "三(2)班", "王建国", &phone1, "浙江省杭州市西湖区文三路18号", "无"],
            &["李小红", "女", "", "三(1)班", "李伟强", "", "浙江省杭州市西湖区文三路19号", "青霉素过敏"],
        ],
    );
    assert_eq!(
        lines(&findings),
        [
            format!(
                "1.0 王小明: PERSON=王小明 SEX=男 CN_ID={id1} ADDRESS=浙江省杭州市西湖区文三路18号 HEALTH!placeholder=无"
            ),
            format!("1.1 王建国: PERSON=王建国 PHONE={phone1}"),
            "2.0 李小红: PERSON=李小红 SEX=女 ADDRESS=浙江省杭州市西湖区文三路19号 HEALTH=青霉素过敏".into(),
            "2.1 李伟强: PERSON=李伟强".into(),
        ]
    );
}

#[test]
fn a_telephone_follows_the_person_named_before_it() {
    let phone1 = phone(1);
    let emergency = read(
        None,
        &[
            &["紧急联系人", "", "", ""],
            &["员工姓名", "紧急联系人", "关系", "联系电话"],
            &["王建国", "李晓梅", "配偶", &phone1],
        ],
    );
    assert_eq!(
        lines(&emergency),
        ["1.0 王建国: PERSON=王建国".to_owned(), format!("1.1 李晓梅: PERSON=李晓梅 PHONE={phone1}")]
    );
    // With a number of his own the contact leaves the other one to the row's person.
    let own = read(
        None,
        &[&["姓名", "紧急联系人", "紧急联系人电话", "联系电话"], &["王建国", "李晓梅", &phone1, &phone(2)]],
    );
    assert_eq!(
        lines(&own),
        [
            format!("1.0 王建国: PERSON=王建国 PHONE={}", phone(2)),
            format!("1.1 李晓梅: PERSON=李晓梅 PHONE={phone1}")
        ]
    );
}

#[test]
fn sender_and_receiver_are_two_and_a_buyer_with_a_receiving_address_is_one() {
    let phone1 = phone(1);
    let names = ["waybill_no", "sender", "receiver", "receiver_mobile", "receiver_addr", "weight_g"];
    let findings = read(
        Some(&names),
        &[&["SF1234567890123", "王建国", "李晓梅", &phone1, "浙江省杭州市西湖区文三路18号", "1200"]],
    );
    assert_eq!(
        lines(&findings),
        [
            format!(
                "1.0 李晓梅: WAYBILL=SF1234567890123 PERSON=李晓梅 PHONE={phone1} ADDRESS=浙江省杭州市西湖区文三路18号"
            ),
            "1.1 王建国: PERSON=王建国".into()
        ]
    );
    let names = ["order_no", "buyer", "receiver_phone", "receiver_address", "amount", "created"];
    let findings = read(
        Some(&names),
        &[&["202403010000000123", "王建国", &phone1, "浙江省杭州市西湖区文三路18号", "12.5", "1709251200"]],
    );
    assert_eq!(
        lines(&findings),
        [format!("1.0 王建国: PERSON=王建国 PHONE={phone1} ADDRESS=浙江省杭州市西湖区文三路18号")]
    );
    // Two numbers of two people without names stay two records.
    let findings = read(Some(&["sender_phone", "receiver_phone"]), &[&[&phone1, &phone(2)]]);
    assert_eq!(findings.records.len(), 2);
}

#[test]
fn a_head_for_names_that_comes_again_begins_another_person() {
    let findings =
        read(None, &[&["姓名1", "电话1", "姓名2", "电话2"], &["王建国", &phone(1), "李晓梅", &phone(2)]]);
    assert_eq!(
        lines(&findings),
        [
            format!("1.0 王建国: PERSON=王建国 PHONE={}", phone(1)),
            format!("1.1 李晓梅: PERSON=李晓梅 PHONE={}", phone(2))
        ]
    );
    // A former name is the same person's.
    let former = read(None, &[&["姓名", "曾用名", "手机号"], &["王建国", "王小国", &phone(1)]]);
    assert_eq!(former.records.len(), 1);
}

#[test]
fn a_document_column_may_hold_several_kinds() {
    let id1 = id("330106", "19850412", 21);
    let findings = read(
        None,
        &[
            &["入住人", "证件号", "房号", "入住时间", "退房时间", "手机"],
            &["王建国", &id1, "1203", "2024-03-01 14:20", "2024-03-02 11:05", &phone(1)],
            &["李晓梅", "E12345678", "1204", "2024-03-01 14:20", "2024-03-02 11:05", &phone(2)],
            &["陈思远", &id1, "1205", "2024-03-01 14:20", "2024-03-02 11:05", &phone(3)],
        ],
    );
    let kinds: Vec<Kind> = findings.mentions.iter().filter(|m| m.locus.column == 2).map(|m| m.kind).collect();
    assert_eq!(kinds, [Kind::CnId, Kind::Passport, Kind::CnId]);
    assert!(
        lines(&findings)[1]
            .contains("HOTEL_ROOM=1204 HOTEL_TIME=2024-03-01 14:20 HOTEL_TIME=2024-03-02 11:05")
    );
}

#[test]
fn landlines_under_a_head_for_telephones() {
    let findings = read(
        None,
        &[&["姓名", "电话"], &["王建国", "010-62345678"], &["李晓梅", &phone(1)], &["陈思远", "1391234000"]],
    );
    let found: Vec<(Kind, State)> =
        findings.mentions.iter().filter(|m| m.locus.column == 2).map(|m| (m.kind, m.state)).collect();
    assert_eq!(
        found,
        [
            (Kind::Landline, State::Valid),
            (Kind::Phone, State::Valid),
            (Kind::Phone, State::Invalid(Reason::WrongLength))
        ]
    );
}

#[test]
fn dumps_with_named_columns() {
    let (id1, phone1, card1) = (id("330106", "19850412", 21), phone(1), card(1));
    let findings = read(
        Some(&["id", "real_name", "id_no", "mobile", "pwd", "last_ip", "created"]),
        &[&[
            "1",
            "王建国",
            &id1,
            &phone1,
            "5f4dcc3b5aa765d61d8327deb882cf99",
            "113.5.6.7",
            "2024-01-02 08:30:00",
        ]],
    );
    assert_eq!(
        lines(&findings),
        [format!("1.0 王建国: PERSON=王建国 CN_ID={id1} PHONE={phone1} IP=113.5.6.7")]
    );
    let findings = read(Some(&["id", "card_no", "holder"]), &[&["1", &card1, "王建国"]]);
    assert_eq!(lines(&findings), [format!("1.0 王建国: BANK_CARD={card1} PERSON=王建国")]);
    let findings = read(
        Some(&["uid", "profile/realName", "profile/idCard", "profile/contact/mobile", "token"]),
        &[&["880001", "王建国", &id1, "86-13912340001", "da39a3ee5e6b4b0d3255bfef95601890afd80709"]],
    );
    assert_eq!(lines(&findings), [format!("1.0 王建国: PERSON=王建国 CN_ID={id1} PHONE=86-13912340001")]);
    assert_eq!(findings.text(findings.mentions[2].normal), "13912340001");
    let findings = read(
        Some(&["msisdn", "lng", "lat", "ts"]),
        &[&[&phone1, "104.123456", "30.654321", "2024-03-01 06:00:00"]],
    );
    assert_eq!(lines(&findings), [format!("1.0 -: PHONE={phone1} GEO_LNG=104.123456 GEO_LAT=30.654321")]);
}

#[test]
fn tables_without_personal_information_have_no_record() {
    let orders = read(
        None,
        &[
            &["order_no", "sku", "ean13", "trace_id", "ts_ms", "amount", "logistics_batch"],
            &[
                "202403010123456789",
                "SKU-A-00012",
                "6901234567892",
                "0123456789abcdef0123456789abcdef",
                "1709251200000",
                "12.50",
                "10000000000000000001",
            ],
            &[
                "202403019876543210",
                "SKU-B-00013",
                "6909876543210",
                "fedcba9876543210fedcba9876543210",
                "1709251207919",
                "999.00",
                "13912340001000000001",
            ],
        ],
    );
    assert!(lines(&orders).is_empty(), "{:?}", lines(&orders));
    let config = read(
        Some(&["k", "v"]),
        &[
            &["version", "3.2.10.4"],
            &["hotline", "400-820-8820"],
            &["server", "10.0.3.17"],
            &["build", "20240301123456"],
        ],
    );
    assert!(lines(&config).is_empty(), "{:?}", lines(&config));
    let products = read(
        Some(&["name", "weight", "score"]),
        &[&["不锈钢保温杯", "350", "4.5"], &["棉质毛巾", "80", "4.7"]],
    );
    assert!(lines(&products).is_empty(), "{:?}", lines(&products));
    // The same columns with an identity number that nobody announced.
    let id1 = id("330106", "19850412", 21);
    assert_eq!(lines(&read(Some(&["k", "v"]), &[&["a", &id1]])), [format!("1.0 -: CN_ID={id1}")]);
}

#[test]
fn prose_in_cells_is_read_as_text() {
    let phone1 = phone(1);
    let messages = read(
        Some(&["ts", "phone", "content", "nick"]),
        &[
            &[
                "1709251200000",
                &phone1,
                "【云网盘】您的验证码是123987，5分钟内有效，请勿泄露给他人。",
                "小鱼儿12",
            ],
            &["1709251261234", &phone(2), "【出行家】订单1234567890123456已发货，请注意查收。", ""],
        ],
    );
    assert_eq!(
        lines(&messages),
        [format!("1.0 -: PHONE={phone1} SMS_CODE=123987"), format!("2.0 -: PHONE={}", phone(2))]
    );
    let code = messages.mentions[1];
    assert_eq!((code.locus.column, code.locus.row), (3, 1));
    assert!(code.locus.end > code.locus.start);
    let notes = read(
        None,
        &[
            &["本表仅限人力资源部内部使用。"],
            &["工号由E加四位数字组成，示例：E0000。"],
            &["联系电话示例：13800138000（示例，非真实号码）。"],
        ],
    );
    assert_eq!(lines(&notes), ["3.0 -: PHONE!test_value=13800138000"]);
}

#[test]
fn the_values_overrule_the_head() {
    let (id1, id2) = (id("330106", "19850412", 21), id("330106", "19860412", 22));
    let findings = read(
        Some(&["手机号", "备注"]),
        &[&[&id1, "好"], &[&id2, "好"], &[&id1, ""], &[&id2, ""], &[&id1, ""]],
    );
    assert!(findings.mentions.iter().all(|m| (m.kind, m.state) == (Kind::CnId, State::Valid)));
    assert_eq!(findings.mentions.len(), 5);
}

#[test]
fn several_values_in_one_cell() {
    let findings = read(Some(&["姓名", "手机号"]), &[&["王建国", "13912340001/13912340002"]]);
    let phones: Vec<&str> =
        findings.mentions.iter().filter(|m| m.kind == Kind::Phone).map(|m| findings.text(m.raw)).collect();
    assert_eq!(phones, ["13912340001", "13912340002"]);
}

#[test]
fn odd_tables_do_no_harm() {
    assert!(lines(&read(None, &[])).is_empty());
    assert!(lines(&read(None, &[&[]])).is_empty());
    assert!(lines(&read(None, &[&[""], &[], &["", ""]])).is_empty());
    assert!(lines(&read(Some(&[]), &[&["a"]])).is_empty());
    let ragged = read(None, &[&["姓名", "手机号"], &["王建国"], &["李晓梅", &phone(1), "多", "余"], &[]]);
    assert_eq!(ragged.records.len(), 2);
    // Characters of every length, cut nowhere inside.
    let odd =
        ["𠮷野家", "\u{0}", "é", "王\u{200B}", "＊", "１３９１２３４０００１", "\u{FEFF}", "a\u{301}", "👨‍👩‍👧"];
    for first in odd {
        for second in odd {
            let _ =
                read(None, &[&["姓名", "手机号", "地址"], &[first, second, first], &[second, first, second]]);
            let _ = read(None, &[&[first, second], &[second, first]]);
        }
    }
}

#[test]
fn rows_are_numbered_over_fragments() {
    let first = fragment(None, &[&["名单"], &["姓名", "手机号"], &["王建国", &phone(1)]]);
    let plan = detector().plan(&first);
    assert_eq!(plan.rows_before_data(), 2);
    let mut second = fragment(None, &[&["李晓梅", &phone(2)]]);
    second.first_row = 4;
    let findings = detector().table(&second, &plan);
    assert_eq!(lines(&findings), [format!("2.0 李晓梅: PERSON=李晓梅 PHONE={}", phone(2))]);
}
