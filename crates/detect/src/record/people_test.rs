//! Papers, letters and chats as people write them: what is said must stand with the person it is said of.

use super::tests::{read, records};
use crate::tests::{card, id, phone};
use zhunsheng_model::TextShape;

/// The records of a text.
fn people(text: &str) -> Vec<String> {
    records(&read(TextShape::Prose, text))
}

/// Three identity numbers and three telephone numbers.
fn numbers() -> ([String; 3], [String; 3]) {
    let ids = [id("330106", "19850412", 21), id("330106", "19860412", 22), id("330106", "19900412", 23)];
    (ids, [phone(1), phone(2), phone(3)])
}

#[test]
fn parties_of_an_indictment_with_another_name() {
    let ([a, b, _], [p1, p2, _]) = numbers();
    let text = format!(
        "杭州市西湖区人民检察院\n起 诉 书\n\
         被告人王建国，男，1985年4月12日出生，公民身份号码{a}，汉族，初中文化，住浙江省杭州市西湖区文三路18号。\n\
         被告人李晓梅（绰号“小梅”），女，1986年4月12日出生，公民身份号码{b}。\n\
         被告人李晓梅使用手机号{p1}与被告人王建国联系。\n被害人赵敏的手机号{p2}亦在其中。\n检察员：孙志强\n"
    );
    assert_eq!(
        people(&text),
        [
            format!(
                "王建国: PERSON=王建国 SEX=男 BIRTH_DATE=1985年4月12日 CN_ID={a} ETHNICITY=汉族 EDUCATION=初中 ADDRESS=浙江省杭州市西湖区文三路18号 PERSON=王建国"
            ),
            format!(
                "李晓梅: PERSON=李晓梅 PERSON=小梅 SEX=女 BIRTH_DATE=1986年4月12日 CN_ID={b} PERSON=李晓梅 PHONE={p1}"
            ),
            format!("赵敏: PERSON=赵敏 PHONE={p2}"),
            "孙志强: PERSON=孙志强".into(),
        ]
    );
}

#[test]
fn covered_names_of_co_defendants_stay_apart() {
    let ([a, b, _], [p1, ..]) = numbers();
    let text = format!(
        "起诉书\n被告人甲某，男，1985年4月12日出生，公民身份号码{a}，住杭州市西湖区文三路18号。\n\
         被告人乙某，女，1986年4月12日出生，公民身份号码{b}。\n\
         被害人赵敏的手机被盗（手机号{p1}）。\n"
    );
    assert_eq!(
        people(&text),
        [
            format!(
                "-: !PERSON=甲某 SEX=男 BIRTH_DATE=1985年4月12日 CN_ID={a} ADDRESS=杭州市西湖区文三路18号"
            ),
            format!("-: !PERSON=乙某 SEX=女 BIRTH_DATE=1986年4月12日 CN_ID={b}"),
            format!("赵敏: PERSON=赵敏 PHONE={p1}"),
        ]
    );
}

#[test]
fn a_judgment_without_colons_and_a_name_cut_wrongly() {
    let ([_, _, c], [_, p2, _]) = numbers();
    let text = format!(
        "杭州市西湖区人民法院\n刑 事 判 决 书\n被告人马国强，男，1985年4月12日出生，初中文化，农民，住安徽省阜阳市颍州区王店镇前进村12号。\n\
         辩护人周文斌，浙江正衡律师事务所律师。\n\
         被告人刘志远，男，1990年4月12日出生，公民身份号码{c}，系被告人马国强之弟。\n\
         上述二被告人在马国强家中作案。被告人刘志远使用手机{p2}联络买家。\n审判长　孙丽\n"
    );
    assert_eq!(
        people(&text),
        [
            "马国强: PERSON=马国强 SEX=男 BIRTH_DATE=1985年4月12日 EDUCATION=初中 ADDRESS=安徽省阜阳市颍州区王店镇前进村12号 PERSON=马国强 PERSON=马国强".into(),
            "周文斌: PERSON=周文斌 ORG=浙江正衡律师事务所".into(),
            format!("刘志远: PERSON=刘志远 SEX=男 BIRTH_DATE=1990年4月12日 CN_ID={c} PERSON=刘志远 PHONE={p2}"),
            "孙丽: PERSON=孙丽".into(),
        ]
    );
}

#[test]
fn two_witnesses_in_one_sentence() {
    let ([a, b, _], [p1, p2, _]) = numbers();
    let text = format!(
        "民事判决书\n原告：王建国，男，公民身份号码{a}。\n被告：李晓梅，女，公民身份号码{b}。\n\
         证人赵敏（电话{p1}）、钱文博（电话{p2}）出庭作证。\n"
    );
    let found = people(&text);
    assert_eq!(
        found.get(2..),
        Some(
            [format!("赵敏: PERSON=赵敏 PHONE={p1}"), format!("钱文博: PERSON=钱文博 PHONE={p2}")].as_slice()
        )
    );
}

#[test]
fn a_party_with_two_roles_and_its_agents() {
    let (_, [p1, ..]) = numbers();
    let account = card(1);
    let text = format!(
        "民 事 判 决 书\n上诉人（原审被告）：王建国，男，1985年4月12日出生，住浙江省杭州市西湖区文三路18号。\n\
         委托诉讼代理人：陈思远，正衡律师事务所律师。\n委托诉讼代理人：周文斌，正衡律师事务所实习律师。\n\
         被上诉人（原审原告）：李晓梅，女，1986年4月12日出生。\n\
         法定代理人：李大海（系李晓梅父亲），电话{p1}。\n\
         上诉人王建国因与被上诉人李晓梅生命权纠纷一案，不服一审判决。\n李晓梅的银行卡号为{account}。\n"
    );
    assert_eq!(
        people(&text),
        [
            "王建国: PERSON=王建国 SEX=男 BIRTH_DATE=1985年4月12日 ADDRESS=浙江省杭州市西湖区文三路18号 PERSON=王建国".into(),
            "陈思远: PERSON=陈思远 ORG=正衡律师事务所".into(),
            "周文斌: PERSON=周文斌 ORG=正衡律师事务所".into(),
            format!("李晓梅: PERSON=李晓梅 SEX=女 BIRTH_DATE=1986年4月12日 PERSON=李晓梅 PERSON=李晓梅 PERSON=李晓梅 BANK_CARD={account}"),
            format!("李大海: PERSON=李大海 PHONE={p1}"),
        ]
    );
}

#[test]
fn an_order_of_execution() {
    let ([a, ..], _) = numbers();
    let account = card(2);
    let text = format!(
        "执行裁定书\n申请执行人：陈思远，男，1990年4月12日出生，住浙江省杭州市拱墅区莫干山路1744号3幢502室。\n\
         被执行人：马国强，男，公民身份号码{a}。\n本院于2023年5月6日冻结被执行人马国强名下银行卡{account}内存款。\n"
    );
    assert_eq!(
        people(&text),
        [
            "陈思远: PERSON=陈思远 SEX=男 BIRTH_DATE=1990年4月12日 ADDRESS=浙江省杭州市拱墅区莫干山路1744号3幢502室".into(),
            format!("马国强: PERSON=马国强 SEX=男 CN_ID={a} PERSON=马国强 BANK_CARD={account}"),
        ]
    );
}

#[test]
fn a_guardian_and_a_school() {
    let ([a, ..], [p1, ..]) = numbers();
    let text = format!(
        "民事起诉状\n原告：吴小雨，女，2015年6月1日出生，住浙江省杭州市西湖区文三路18号。\n\
         法定代理人：吴海涛（原告父亲），身份证号码{a}，电话{p1}。\n\
         被告：阳光小学，住所地浙江省杭州市西湖区文三路100号，电话0571-88123456。\n"
    );
    assert_eq!(
        people(&text),
        [
            "吴小雨: PERSON=吴小雨 SEX=女 BIRTH_DATE=2015年6月1日 ADDRESS=浙江省杭州市西湖区文三路18号"
                .into(),
            format!("吴海涛: PERSON=吴海涛 CN_ID={a} PHONE={p1}"),
        ]
    );
}

#[test]
fn a_complaint_to_a_court_is_signed_by_the_plaintiff() {
    let ([_, _, c], [p1, p2, _]) = numbers();
    let text = format!(
        "民事起诉状\n原告：陈思远，男，汉族，身份证号{c}，联系电话{p1}。\n委托诉讼代理人：周文斌，浙江正衡律师事务所律师，电话{p2}。\n\
         被告：杭州飞鸟网络科技有限公司，住所地杭州市滨江区江南大道100号。\n法定代表人：吴海涛，总经理。\n\
         此致\n杭州互联网法院\n具状人：陈思远\n"
    );
    assert_eq!(
        people(&text),
        [
            format!("陈思远: PERSON=陈思远 SEX=男 ETHNICITY=汉族 CN_ID={c} PHONE={p1} PERSON=陈思远"),
            format!("周文斌: PERSON=周文斌 ORG=浙江正衡律师事务所 PHONE={p2}"),
            "吴海涛: PERSON=吴海涛".into(),
        ]
    );
}

#[test]
fn spouses_in_a_petition_for_divorce() {
    let ([a, b, _], [p1, p2, _]) = numbers();
    let text = format!(
        "民事起诉状\n原告：张丽华，女，汉族，职业：教师，身份证号{b}，电话{p1}。\n\
         被告：刘志远，男，汉族，身份证号{a}，电话{p2}。\n"
    );
    assert_eq!(
        people(&text),
        [
            format!("张丽华: PERSON=张丽华 SEX=女 ETHNICITY=汉族 OCCUPATION=教师 CN_ID={b} PHONE={p1}"),
            format!("刘志远: PERSON=刘志远 SEX=男 ETHNICITY=汉族 CN_ID={a} PHONE={p2}"),
        ]
    );
}

#[test]
fn a_reply_and_a_mediation() {
    let ([a, b, _], [p1, p2, _]) = numbers();
    assert_eq!(
        people(&format!("答辩状\n答辩人：李晓梅，女，电话{p1}。\n被答辩人：王建国，男，电话{p2}。\n")),
        [
            format!("李晓梅: PERSON=李晓梅 SEX=女 PHONE={p1}"),
            format!("王建国: PERSON=王建国 SEX=男 PHONE={p2}")
        ]
    );
    assert_eq!(
        people(&format!(
            "人民调解协议书\n申请人：王建国，性别：男，身份证号：{a}，联系方式：{p1}\n被申请人：李晓梅，性别：女，身份证号：{b}，联系方式：{p2}\n"
        )),
        [
            format!("王建国: PERSON=王建国 SEX=男 CN_ID={a} PHONE={p1}"),
            format!("李晓梅: PERSON=李晓梅 SEX=女 CN_ID={b} PHONE={p2}")
        ]
    );
}

#[test]
fn an_interview_names_the_officer_by_surname_only() {
    let ([a, ..], [p1, p2, _]) = numbers();
    let text = format!(
        "询问笔录\n询问人：李警官\n被询问人：王建国，性别：男，年龄：38岁，身份证号码：{a}，联系方式：{p1}\n\
         问：你认识李晓梅吗？\n答：认识，她电话是{p2}。\n"
    );
    assert_eq!(
        people(&text),
        [
            "-: !PERSON=李警官".into(),
            format!("王建国: PERSON=王建国 SEX=男 AGE=38岁 CN_ID={a} PHONE={p1}"),
            format!("李晓梅: PERSON=李晓梅 PHONE={p2}"),
        ]
    );
}

#[test]
fn two_people_give_their_numbers_in_a_chat() {
    let ([a, ..], [p1, p2, p3]) = numbers();
    let text = format!(
        "2024-03-01 08:00:01 王丽(10001)\n我的手机号{p1}\n2024-03-01 08:01:01 李强(10002)\n我的是{p2}，身份证{a}\n\
         2024-03-01 08:02:01 王丽(10001)\n你妈妈张桂芳的电话是{p3}对吧\n"
    );
    assert_eq!(
        people(&text),
        [
            format!("王丽: PERSON=王丽 PHONE={p1}"),
            format!("李强: PERSON=李强 PHONE={p2} CN_ID={a}"),
            "王丽: PERSON=王丽".into(),
            format!("张桂芳: PERSON=张桂芳 PHONE={p3}"),
        ]
    );
}

#[test]
fn lists_of_people() {
    let ([a, b, _], [p1, p2, p3]) = numbers();
    assert_eq!(
        people(&format!("报名接龙：\n1. 王建国 {p1}\n2. 李晓梅 {p2}\n3. 欧阳文静 {p3}\n")),
        [
            format!("王建国: PERSON=王建国 PHONE={p1}"),
            format!("李晓梅: PERSON=李晓梅 PHONE={p2}"),
            format!("欧阳文静: PERSON=欧阳文静 PHONE={p3}")
        ]
    );
    assert_eq!(
        people(&format!("入选人员：王建国（身份证号{a}，手机{p1}）、李晓梅（身份证号{b}，手机{p2}）。\n")),
        [
            format!("王建国: PERSON=王建国 CN_ID={a} PHONE={p1}"),
            format!("李晓梅: PERSON=李晓梅 CN_ID={b} PHONE={p2}")
        ]
    );
}

#[test]
fn a_curriculum_vitae_and_its_referee() {
    let (_, [p1, p2, _]) = numbers();
    let text = format!(
        "个人简历\n姓名：刘思源　　性别：女　　出生年月：1995年3月\n民族：汉族　　政治面貌：中共党员　　婚姻状况：未婚\n\
         手机：{p1}　　邮箱：liusiyuan95@163.com\n现居住地：杭州市西湖区文三路18号2单元301室\n\n证明人：黄志远　电话：{p2}\n"
    );
    assert_eq!(
        people(&text),
        [
            format!(
                "刘思源: PERSON=刘思源 SEX=女 BIRTH_DATE=1995年3月 ETHNICITY=汉族 POLITICAL=中共党员 MARITAL=未婚 PHONE={p1} EMAIL=liusiyuan95@163.com ADDRESS=杭州市西湖区文三路18号2单元301室"
            ),
            format!("黄志远: PERSON=黄志远 PHONE={p2}"),
        ]
    );
}

#[test]
fn notes_of_a_hospital() {
    let ([a, ..], [p1, ..]) = numbers();
    let note = format!(
        "门诊病历\n姓名：赵小兰  性别：女  年龄：34岁\n联系电话：{p1}\n主诉：反复咳嗽、咳痰2周。\n\
         既往史：2型糖尿病5年，否认高血压病史。\n诊断：支气管肺炎\n处理：阿莫西林胶囊口服\n"
    );
    assert_eq!(
        people(&note),
        [format!(
            "赵小兰: PERSON=赵小兰 SEX=女 AGE=34 PHONE={p1} HEALTH=反复咳嗽 HEALTH=咳痰 HEALTH=2型糖尿病 HEALTH=支气管肺炎 DRUG=阿莫西林"
        )]
    );
    let discharge = format!(
        "出院小结\n患者马国强，男，58岁，身份证号{a}，因“右肺腺癌”入院，行右肺上叶切除术，术后给予顺铂化疗。\n"
    );
    assert_eq!(
        people(&discharge),
        [format!(
            "马国强: PERSON=马国强 SEX=男 AGE=58岁 CN_ID={a} HEALTH=右肺腺癌 HEALTH=右肺上叶切除术 DRUG=顺铂 HEALTH=化疗"
        )]
    );
}

#[test]
fn a_letter_of_complaint_speaks_of_others() {
    let (_, [p1, p2, _]) = numbers();
    let text = format!(
        "尊敬的领导：\n我叫孙丽华，电话{p1}。楼上住户马国强（手机{p2}）半夜制造噪音，他父亲马大明患有冠心病。\n投诉人：孙丽华\n"
    );
    assert_eq!(
        people(&text),
        [
            format!("孙丽华: PERSON=孙丽华 PHONE={p1} PERSON=孙丽华"),
            format!("马国强: PERSON=马国强 PHONE={p2}"),
            "马大明: PERSON=马大明 HEALTH=冠心病".into(),
        ]
    );
}

#[test]
fn a_parcel_has_a_receiver_and_a_sender() {
    let (_, [p1, p2, _]) = numbers();
    let text = format!(
        "收件人：赵敏\n电话：{p1}\n地址：浙江省杭州市西湖区文三路18号2单元301室\n\n寄件人：钱文博\n电话：{p2}\n地址：上海市浦东新区世纪大道100号3号楼1201室\n"
    );
    assert_eq!(
        people(&text),
        [
            format!("赵敏: PERSON=赵敏 PHONE={p1} ADDRESS=浙江省杭州市西湖区文三路18号2单元301室"),
            format!("钱文博: PERSON=钱文博 PHONE={p2} ADDRESS=上海市浦东新区世纪大道100号3号楼1201室"),
        ]
    );
}

#[test]
fn sensitive_matters_stand_with_their_person() {
    let ([a, b, _], [p1, ..]) = numbers();
    for (text, expected) in [
        (
            format!("村民马文才，男，1985年4月12日出生，回族，穆斯林，身份证号{a}，去年赴沙特朝觐。\n"),
            vec![format!(
                "马文才: PERSON=马文才 SEX=男 BIRTH_DATE=1985年4月12日 ETHNICITY=回族 RELIGION=穆斯林 CN_ID={a} RELIGION=朝觐"
            )],
        ),
        (
            format!(
                "经查，王建国（身份证号{a}）于2023年5月6日乘坐G7391次列车由杭州到上海，次日转乘MU5101航班。\n"
            ),
            vec![format!("王建国: PERSON=王建国 CN_ID={a} TRAVEL=G7391 TRAVEL=MU5101")],
        ),
        (
            format!("民警采集了嫌疑人马国强（身份证号{b}）的指纹信息和DNA样本。\n"),
            vec![format!("马国强: PERSON=马国强 CN_ID={b} BIOMETRIC=指纹信息 BIOMETRIC=DNA样本")],
        ),
        (
            format!("学生：吴小雨，女，2015年6月1日出生，父亲吴海涛患尿毒症长期透析，电话{p1}。\n"),
            vec![
                "吴小雨: PERSON=吴小雨 SEX=女 BIRTH_DATE=2015年6月1日".into(),
                format!("吴海涛: PERSON=吴海涛 HEALTH=尿毒症 HEALTH=透析 PHONE={p1}"),
            ],
        ),
    ] {
        assert_eq!(people(&text), expected);
    }
}

#[test]
fn nobody_is_made_of_matters_places_and_offices() {
    for text in [
        "老人说，糖尿病和高血压都是富贵病，吃阿司匹林也不顶用。从杭州坐G7391次列车回来的人很多。\n",
        "本院地址：浙江省杭州市西湖区文三路100号，邮编310000。\n",
        "性别：女\n民族：汉族\n诊断：支气管肺炎\n",
        "申请人应当自收到补正通知之日起五日内补正；由农业主管部门、公安机关依据现场勘验认定。\n",
        "浙江省杭州市西湖区，江苏省南京市玄武区，都下了雨。\n",
    ] {
        assert_eq!(people(text), Vec::<String>::new(), "{text}");
    }
}
