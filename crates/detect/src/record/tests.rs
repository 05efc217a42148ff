//! Texts as people have them, and the records that must come out.

use crate::tests::{card, detector, id, phone};
use std::sync::Arc;
use zhunsheng_model::{Findings, Place, Segment, State, Step, TextFragment, TextShape};

pub(super) fn read(shape: TextShape, text: &str) -> Findings {
    let place = Arc::new(Place::file("t"));
    detector().text(&TextFragment { place, text: text.to_owned(), shape, segments: Vec::new(), origin: None })
}

/// Each record as `name: KIND=value …`; what is not valid with a `!`.
pub(super) fn records(findings: &Findings) -> Vec<String> {
    let line = |record: &zhunsheng_model::RecordSpan| {
        let name = findings.name_of(record).map(|name| findings.text(name.raw)).unwrap_or("-");
        let mentions = findings.mentions_of(record).iter().map(|mention| {
            let mark = if mention.state == State::Valid { "" } else { "!" };
            format!(" {mark}{}={}", mention.kind.id(), findings.text(mention.raw))
        });
        format!("{name}:{}", mentions.collect::<String>())
    };
    findings.records.iter().map(line).collect()
}

#[test]
fn each_line_of_a_log_is_a_record() {
    let (id1, phone1) = (id("330106", "19850412", 21), phone(1));
    let text = format!(
        "113.5.6.7 - - [01/Mar/2024:00:00:00 +0800] \"GET /api/user/query?mobile={phone1}&t=1709251200000 HTTP/1.1\" 200 12 \"-\" \"Mozilla/5.0\"\n\
         36.5.6.8 - - [01/Mar/2024:00:00:13 +0800] \"GET /api/verify?idcard={id1}&sign=5f4dcc3b5aa765d61d8327deb882cf99 HTTP/1.1\" 200 7\n\
         nothing here\n"
    );
    let findings = read(TextShape::Lines, &text);
    assert_eq!(
        records(&findings),
        [format!("-: IP=113.5.6.7 PHONE={phone1}"), format!("-: IP=36.5.6.8 CN_ID={id1}")]
    );
    assert_eq!(findings.records.iter().map(|record| record.ordinal).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn names_and_covered_values_in_a_log() {
    let phone1 = phone(1);
    let text = format!(
        "2024-03-01 08:00:00.000 INFO  [http-nio-8080-exec-0] c.s.u.UserService - register ok, req={{\"name\":\"王敏\",\"phone\":\"{phone1}\",\"password\":\"Pw123456\"}}\n\
         2024-03-01 08:00:07.037 INFO  [http-nio-8080-exec-1] c.s.u.UserService - pay ok, user=李**, mobile=139****0002, orderNo=498700345600012345\n\
         2024-03-01 08:00:14.074 INFO  [http-nio-8080-exec-2] c.s.u.UserService - sync batch id=1712345678901234567, cost=12ms, host=192.168.1.20\n"
    );
    assert_eq!(
        records(&read(TextShape::Lines, &text)),
        [
            format!("王敏: PERSON=王敏 PHONE={phone1} PASSWORD=Pw123456"),
            "-: !PERSON=李** !PHONE=139****0002".into()
        ]
    );
}

#[test]
fn each_card_is_a_record() {
    let text = format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:王建国\r\nTEL;TYPE=CELL:{}\r\nORG:杭州飞鸟网络科技有限公司\r\nEND:VCARD\r\n\
         BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Li Xiaomei\r\nTEL;TYPE=CELL:+86 {}\r\nEND:VCARD\r\n",
        phone(1),
        phone(2)
    );
    assert_eq!(
        records(&read(TextShape::Blocks, &text)),
        [
            format!("王建国: PERSON=王建国 PHONE={} ORG=杭州飞鸟网络科技有限公司", phone(1)),
            format!("Li Xiaomei: PERSON=Li Xiaomei PHONE=+86 {}", phone(2))
        ]
    );
}

#[test]
fn each_message_of_a_chat_is_a_record() {
    let (id1, card1) = (id("330106", "19850412", 21), card(1));
    let text = format!(
        "2024-03-01 08:00  阳光12\n物业让登记：王建国 {id1} 车牌浙A12K45\n\n\
         2024-03-01 08:07  小鱼3\n转账给欧阳文静，卡号{card1}，别打错了\n\n\
         2024-03-01 08:09  小鱼3\n高明的办法，王府井那边修路，客服电话400-123-4567\n\n\
         2024-03-01 08:12  妈妈\n快递寄到浙江省杭州市西湖区文三路18号，李晓梅收 {}\n\n",
        phone(1)
    );
    let findings = read(TextShape::Prose, &text);
    assert_eq!(
        records(&findings),
        [
            format!("王建国: PERSON=王建国 CN_ID={id1} PLATE=浙A12K45"),
            format!("欧阳文静: PERSON=欧阳文静 BANK_CARD={card1}"),
            format!("李晓梅: ADDRESS=浙江省杭州市西湖区文三路18号 PERSON=李晓梅 PHONE={}", phone(1)),
        ]
    );
    assert_eq!(findings.records.iter().map(|record| record.ordinal).collect::<Vec<_>>(), [1, 2, 4]);
}

#[test]
fn what_a_judgment_says_of_a_party_stands_together() {
    let (id1, id2) = (id("330106", "19850412", 21), id("330106", "19860412", 22));
    let text = format!(
        "某某市人民法院\n民 事 判 决 书\n（2023）浙0106民初1234号\n\
         原告：王建国，男，1985年4月12日出生，汉族，住浙江省杭州市西湖区文三路18号，公民身份号码{id1}。\n\
         委托诉讼代理人：陈思远，正衡律师事务所律师。\n\
         被告：李晓梅，女，1986年4月12日出生，汉族，住浙江省杭州市西湖区文三路19号，公民身份号码{id2}。\n\
         原告王建国与被告李晓梅民间借贷纠纷一案，本院依法进行了审理。\n\
         原告诉称，被告李晓梅以资金周转为由向原告借款100000元，原告通过尾号1234的账户（卡号{}）转入被告账户{}。被告在微信（微信号：lxm_1986）中承认借款事实，并留下电话{}。\n\
         证人赵敏到庭作证，联系电话{}。\n\
         另查明，案外人周某某与本案无关。\n\
         审 判 员　孙丽\n",
        card(1),
        card(2),
        phone(1),
        phone(2)
    );
    assert_eq!(
        records(&read(TextShape::Prose, &text))
            .into_iter()
            .filter(|r| !r.contains("CASE_NO"))
            .collect::<Vec<_>>(),
        [
            format!(
                "王建国: PERSON=王建国 SEX=男 BIRTH_DATE=1985年4月12日 ETHNICITY=汉族 ADDRESS=浙江省杭州市西湖区文三路18号 CN_ID={id1} PERSON=王建国 BANK_CARD={}",
                card(1)
            ),
            "陈思远: PERSON=陈思远 ORG=正衡律师事务所".into(),
            format!(
                "李晓梅: PERSON=李晓梅 SEX=女 BIRTH_DATE=1986年4月12日 ETHNICITY=汉族 ADDRESS=浙江省杭州市西湖区文三路19号 CN_ID={id2} PERSON=李晓梅 PERSON=李晓梅 BANK_CARD={} WECHAT=lxm_1986 PHONE={}",
                card(2),
                phone(1)
            ),
            format!("赵敏: PERSON=赵敏 PHONE={}", phone(2)),
            "-: !PERSON=周某某".into(),
            "孙丽: PERSON=孙丽".into(),
        ]
    );
}

#[test]
fn the_signature_of_a_message_belongs_to_its_sender() {
    let id1 = id("330106", "19850412", 21);
    let body = format!(
        "您好：\n\n    附上李晓梅的资料，身份证号{id1}，联系电话{}，请尽快办理。\n\n王建国\n杭州飞鸟网络科技有限公司\nTel: {}\n",
        phone(1),
        phone(2)
    );
    let expected = [
        format!(
            "王建国: PERSON=王建国 EMAIL=wjg1985@qq.com PERSON=王建国 ORG=杭州飞鸟网络科技有限公司 PHONE={}",
            phone(2)
        ),
        format!("李晓梅: PERSON=李晓梅 CN_ID={id1} PHONE={}", phone(1)),
    ];
    let raw = read(TextShape::Prose, &format!("From: 王建国 <wjg1985@qq.com>\nSubject: 资料提交\n\n{body}"));
    assert_eq!(records(&raw), expected);
    // The same as a reader of messages hands it over: one text whose parts know where they stand.
    let head = "王建国 <wjg1985@qq.com>\n";
    let fragment = TextFragment {
        place: Arc::new(Place::file("t")),
        text: format!("{head}{body}"),
        shape: TextShape::Prose,
        segments: vec![
            Segment { start: 0, steps: vec![Step::Header("From".into())] },
            Segment { start: head.len() as u32, steps: vec![Step::Part("text".into())] },
        ],
        origin: None,
    };
    assert_eq!(records(&detector().text(&fragment)), expected);
    // Outside a message equal names may be two people.
    assert_eq!(
        records(&read(
            TextShape::Prose,
            &format!("联系王建国，电话{}。\n\n联系王建国，电话{}。\n", phone(1), phone(2))
        ))
        .len(),
        2
    );
}

#[test]
fn lines_of_a_form_are_one_record_and_lists_are_several() {
    let (id1, id2) = (id("330106", "19850412", 21), id("330106", "19860412", 22));
    let form = format!("姓名：王建国\n身份证号：{id1}\n电话：{}\n", phone(1));
    assert_eq!(
        records(&read(TextShape::Prose, &form)),
        [format!("王建国: PERSON=王建国 CN_ID={id1} PHONE={}", phone(1))]
    );
    let two = format!("姓名：王建国\n电话：{}\n姓名：李晓梅\n电话：{}\n", phone(1), phone(2));
    assert_eq!(records(&read(TextShape::Prose, &two)).len(), 2);
    let list = format!("王建国　{}\r\n李晓梅　{}\r\n{}\r\n", phone(1), phone(2), phone(3));
    assert_eq!(
        records(&read(TextShape::Prose, &list)),
        [
            format!("王建国: PERSON=王建国 PHONE={}", phone(1)),
            format!("李晓梅: PERSON=李晓梅 PHONE={}", phone(2)),
            format!("-: PHONE={}", phone(3))
        ]
    );
    let one_line = format!("王建国 {id1} {}；李晓梅 {id2} {}。", phone(1), phone(2));
    assert_eq!(
        records(&read(TextShape::Prose, &one_line)),
        [
            format!("王建国: PERSON=王建国 CN_ID={id1} PHONE={}", phone(1)),
            format!("李晓梅: PERSON=李晓梅 CN_ID={id2} PHONE={}", phone(2))
        ]
    );
}

#[test]
fn a_post_that_exposes_somebody_is_one_record() {
    let id1 = id("330106", "19850412", 21);
    let text = format!(
        "就是这个人，王建国，男，1985年4月12日生，住浙江省杭州市西湖区文三路18号，在杭州飞鸟网络科技有限公司上班，手机{}，身份证{id1}，车牌浙A12K45，大家顶起来！\n",
        phone(1)
    );
    assert_eq!(
        records(&read(TextShape::Prose, &text)),
        [format!(
            "王建国: PERSON=王建国 SEX=男 BIRTH_DATE=1985年4月12日 ADDRESS=浙江省杭州市西湖区文三路18号 ORG=杭州飞鸟网络科技有限公司 PHONE={} CN_ID={id1} PLATE=浙A12K45",
            phone(1)
        )]
    );
}

#[test]
fn text_about_nobody_has_no_record() {
    for text in [
        "",
        "- 内网地址 10.1.2.3、192.168.1.1，文档示例地址 203.0.113.7。\n",
        "- 高明区、石首市、万宁市、和平区都是地名；高峰、向阳、成功、安全、时光、方正、平安、金山 在此都不是人名。\n",
        "- 张家口、李家村、王府井、赵州桥、钱塘江、周口店、郑州、徐州、马鞍山\n",
        "联系方式如下。联系我们，用户至上，会员日，本人承诺。",
        "杭州飞鸟网络科技有限公司，统一社会信用代码见下。\n",
    ] {
        assert_eq!(records(&read(TextShape::Prose, text)), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn every_place_lies_on_characters_and_every_mention_in_one_record() {
    // Pieces that readers meet, put together in every order: nothing panics, nothing overlaps, nothing is lost.
    let pieces = [
        "原告：",
        "王建国",
        "，男，",
        "𠮷",
        "\n",
        "\r\n\r\n",
        "　",
        "13912340001",
        "１３９１２３４０００２",
        "收 ",
        "姓名",
        "=",
        "\"name\":\"",
        "2024-03-01 08:00  a\n",
        "\nFN:",
        "BEGIN:VCARD",
        "住",
        "浙江省杭州市西湖区文三路18号",
        "某某",
        "*",
        "From: x\nTo: y\n",
        "审 判 员",
        "é",
        "👨‍👩‍👧",
    ];
    for shape in [TextShape::Prose, TextShape::Lines, TextShape::Blocks, TextShape::Code] {
        for (a, first) in pieces.iter().enumerate() {
            for second in pieces {
                let third = pieces[(a * 7 + second.len()) % pieces.len()];
                let text = [*first, second, third, *first, second].concat();
                let findings = read(shape, &text);
                let mut covered = 0;
                for record in &findings.records {
                    assert_eq!(record.mentions_start, covered, "{text}");
                    assert!(record.mentions_end > record.mentions_start);
                    covered = record.mentions_end;
                }
                assert_eq!(covered as usize, findings.mentions.len());
                let mut spans: Vec<(u32, u32)> =
                    findings.mentions.iter().map(|m| (m.locus.start, m.locus.end)).collect();
                spans.sort_unstable();
                assert!(spans.windows(2).all(|pair| pair[0].1 <= pair[1].0), "{text}");
                for mention in &findings.mentions {
                    let there = text.get(mention.locus.start as usize..mention.locus.end as usize);
                    assert_eq!(there, Some(findings.text(mention.raw)), "{text}");
                }
            }
        }
    }
}
