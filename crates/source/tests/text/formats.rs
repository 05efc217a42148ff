//! What each text-like format gives.

use super::{format_of, gb18030, read, rows, utf16le};
use zhunsheng_model::{ProblemKind, TextShape};

pub(crate) const MYSQL: &str = "-- MySQL dump 10.13 王小明\n\nDROP TABLE IF EXISTS `t_user`;\nCREATE TABLE `t_user` (\n  \
  `id` bigint NOT NULL,\n  `real_name` varchar(64) COMMENT '真实,姓名',\n  `pwd` char(32),\n  PRIMARY KEY (`id`)\n\
  ) ENGINE=InnoDB;\n\nINSERT INTO `t_user` VALUES (1,'史沅文','a;b'),(2,'李\\'大\\'海',NULL),\n(3,'赵''钱',0x1F);\n\
  /*!40000 x */;\nINSERT INTO `t_user` VALUES (4,'孙',-1.5) ON DUPLICATE KEY UPDATE id=1;\n\
  INSERT INTO `other` (`b`) VALUES ('x');\nINSERT INTO `t_user` VALUES (5,'周','z');\n";

#[test]
fn dumps_give_rows_with_names() {
    let found = read("a.sql", MYSQL.as_bytes());
    assert_eq!(found.opened[0].1, "sql");
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let users: Vec<_> =
        found.tables.iter().filter(|table| table.place.to_string().ends_with("table t_user")).collect();
    assert!(users.iter().all(|table| table.names.as_deref().unwrap() == ["id", "real_name", "pwd"]));
    let cells: Vec<_> = users.iter().flat_map(|table| rows(table)).collect();
    assert_eq!(
        cells,
        [
            ["1", "史沅文", "a;b"],
            ["2", "李'大'海", ""],
            ["3", "赵'钱", "0x1F"],
            ["4", "孙", "-1.5"],
            ["5", "周", "z"]
        ]
    );
    // Rows go on counting over several statements.
    assert_eq!(users.iter().map(|table| table.first_row).collect::<Vec<_>>(), [1, 5]);
    // Comments and other statements are text.
    assert!(found.text().contains("王小明") && found.text().contains("真实,姓名"));
}

#[test]
fn copied_rows_come_out() {
    let dump = "SET client_encoding = 'UTF8';\nCREATE TABLE public.member (\n    id bigint,\n    xm text\n);\n\n\
                COPY public.member (id, xm) FROM stdin;\n1\t马晶\\t桂\n2\t\\N\n3\tC:\\\\x\n\\.\n\n\
                INSERT INTO public.account(id, card_no) VALUES\n(1, 'it''s \\ '),\n(2, NULL);\n";
    let found = read("pg.sql", dump.as_bytes());
    assert_eq!(rows(&found.tables[0]), [["1", "马晶\t桂"], ["2", ""], ["3", "C:\\x"]]);
    assert_eq!(found.tables[0].place.to_string(), "pg.sql · table member");
    assert_eq!(found.tables[0].names.as_deref().unwrap(), ["id", "xm"]);
    assert_eq!(rows(&found.tables[1]), [["1", "it's \\ "], ["2", ""]]);
    // A cell is found in the file by its place in the fragment.
    let origin = found.tables[0].origin.unwrap();
    let cell = &found.tables[0].cells.cells[2];
    let at = origin.first_byte as usize + cell.start as usize;
    assert_eq!(&dump[at..at + cell.len()], "2");
}

#[test]
fn dumps_of_other_makers_and_alphabets_come_out() {
    let server = "USE [shop]\r\nGO\r\nSET IDENTITY_INSERT [dbo].[用户] ON \r\nINSERT [dbo].[用户] ([id], [姓名]) VALUES (1, N'王小明')\r\n\
                  INSERT [dbo].[用户] ([id], [姓名]) VALUES (2, N'李''海')\r\nGO\r\n";
    let found = read("s.sql", &utf16le(server));
    assert_eq!(found.rows(), [["1", "王小明"], ["2", "李'海"]]);
    let dump = "INSERT INTO t (a, b) VALUES ('王小明，男，住址不详', '手机号码如下所列');\n";
    let found = read("g.sql", &gb18030(dump));
    assert_eq!(found.rows(), [["王小明，男，住址不详", "手机号码如下所列"]]);
    let origin = found.tables[0].origin.unwrap();
    assert_eq!(gb18030(dump)[origin.first_byte as usize], b'(');
}

#[test]
fn broken_dumps_lose_nothing() {
    let dump = "INSERT INTO t (a) VALUES ('王'), ('李';\nINSERT INTO t (a) VALUES ('赵');\nINSERT INTO t (a) VALUES ('孙";
    let found = read("b.sql", dump.as_bytes());
    let all = format!("{}{:?}", found.text(), found.rows());
    assert!(["王", "李", "赵", "孙"].iter().all(|name| all.contains(name)), "{all}");
    assert_eq!(found.kinds(), [ProblemKind::Malformed]);
}

#[test]
fn json_documents_give_tables_with_pointers() {
    let json =
        r#"{"code": 0, "data": {"list": [{"p": {"n": "\u738b"}}, {"p": {"n": "李"}, "t": ["1", "2"]}]}}"#;
    let found = read("r.json", json.as_bytes());
    assert_eq!(found.places(), ["r.json · json /data/list", "r.json · json #"]);
    assert_eq!(found.tables[0].names.as_deref().unwrap(), ["p/n", "t/0", "t/1"]);
    assert_eq!(rows(&found.tables[0]), [vec!["王"], vec!["李", "1", "2"]]);
    assert_eq!(rows(&found.tables[1]), [["0"]]);
    let found = read("r.json", &utf16le(json));
    assert_eq!(rows(&found.tables[0])[1], ["李", "1", "2"]);
    // Documents one after another are rows.
    let found = read("r.json", b"{\n \"a\": 1\n}\n{\n \"a\": 2, \"l\": [{\"x\": 3}]\n}\n");
    assert_eq!(found.places(), ["r.json · line 4 · json /l", "r.json"]);
    assert_eq!(rows(&found.tables[1]), [["1"], ["2"]]);
}

#[test]
fn json_lines_number_rows_as_lines() {
    let lines = "{\"a\": \"1\"}\n\n{\"a\": \"2\", \"l\": [{\"x\": 3}]}\nnot json 13800138000\n{\"a\": \"5\"}";
    let found = read("r.jsonl", lines.as_bytes());
    let main = found.tables.iter().find(|table| table.place.steps.is_empty()).unwrap();
    assert_eq!(rows(main), [vec!["1"], vec![], vec!["2"], vec![], vec!["5"]]);
    assert!(found.places().contains(&"r.jsonl · line 3 · json /l".to_string()));
    assert_eq!(found.texts[0].place.to_string(), "r.jsonl · line 4");
    assert_eq!(found.text(), "not json 13800138000");
    assert_eq!(found.kinds(), [ProblemKind::Malformed]);
}

#[test]
fn broken_json_goes_on_as_text() {
    let json = "[{\"n\": \"王\"},\n{\"n\": \"李\" oops 13800138000}]";
    let found = read("r.json", json.as_bytes());
    assert_eq!(found.rows(), [["王"], ["李"]]);
    assert_eq!(found.text(), "oops 13800138000}]");
    assert_eq!(found.kinds(), [ProblemKind::Malformed]);
    let origin = found.texts[0].origin.unwrap();
    assert!(json[origin.first_byte as usize..].starts_with("oops"));
    assert_eq!((origin.first_char, origin.first_line), (23, 1));
    let found = read("r.json", b"[{\"n\": \"a\"}, {\"n\": ");
    assert_eq!((found.rows(), found.kinds()), (vec![vec!["a".to_string()]], vec![ProblemKind::Truncated]));
}

#[test]
fn formats_are_told_by_content_not_by_name() {
    let cases: &[(&str, &str, &str)] = &[
        ("x.txt", "姓名,手机\n王,138\n李,139\n", "delimited"),
        ("x.csv", "原告王小明诉称，被告未还款。\n法院认为，应当偿还。\n", "text"),
        ("x.txt", "{\"a\": 1}", "json"),
        ("x.csv", "<!DOCTYPE html><p>x</p>", "html"),
        ("x", "BEGIN:VCARD\nFN:x\nEND:VCARD\n", "vcard"),
        ("x", "From: a@b.cn\nTo: c@d.cn\nSubject: x\n\nhi\n", "eml"),
        ("x", "From a Fri\nFrom: a@b.cn\nSubject: x\n\nhi\n", "mbox"),
        ("x", "insert into t values (1, 'x');\n", "sql"),
        ("x.json", "[2024-01-01 10:00:00] INFO something happened in the system\n", "text"),
        ("x", "", "empty"),
        ("x", "x", "text"),
        ("x", "\u{89}PNG", "text"),
    ];
    for (name, content, format) in cases {
        assert_eq!(format_of(name, content.as_bytes()), *format, "{content}");
    }
    assert_eq!(format_of("x.txt", b"\x89PNG\r\n\x1a\nxxxx"), "unsupported");
}

#[test]
fn pictures_and_rubbish_are_named_problems() {
    let found = read("a.txt", b"\xFF\xD8\xFF\xE0xxxx");
    assert_eq!(found.kinds(), [ProblemKind::Unsupported]);
    assert!(found.problems[0].lost && found.problems[0].detail.contains("JPEG"));
    let rubbish: Vec<u8> = (0..5000_u32).map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let found = read("a.bin", &rubbish);
    assert_eq!((found.kinds(), found.texts.len() + found.tables.len()), (vec![ProblemKind::Unsupported], 0));
}

#[test]
fn zero_bytes_are_let_through() {
    let found = read("a.csv", b"name,phone\nab\0c,13800138000\nx,139\n");
    assert_eq!(found.rows()[1], ["ab\0c", "13800138000"]);
}

#[test]
fn texts_have_their_shapes() {
    let shape = |text: &str| read("a", text.as_bytes()).texts[0].shape;
    assert_eq!(shape("BEGIN:VCARD\nFN:x\nEND:VCARD\n"), TextShape::Blocks);
    assert_eq!(shape("2024-03-01 08:00:00 INFO send sms to 13338280946\n"), TextShape::Lines);
    assert_eq!(shape("原告：王小明，男，住江西省。\n"), TextShape::Prose);
}

#[test]
fn pages_give_blocks_and_tables() {
    let page = "<html><meta charset=gbk><body><h1>客户名单</h1><table><tr><td>王小明</td><td>138&#48;</td></tr></table><p>联系：李大海</p></body>";
    for bytes in [page.as_bytes().to_vec(), gb18030(page)] {
        let found = read("a.html", &bytes);
        assert_eq!(found.text().trim_end(), "客户名单\n联系：李大海");
        assert_eq!(found.rows(), [["王小明", "1380"]]);
        assert_eq!(found.tables[0].place.to_string(), "a.html · table 1");
        assert_eq!(found.texts[0].segments.len(), 2);
    }
}

#[test]
fn a_table_of_any_length_comes_in_parts() {
    let row = format!("<tr><td>王</td><td>{}</td></tr>", "x".repeat(1000));
    let found = read("a.html", format!("<html><table>{}</table>", row.repeat(2500)).as_bytes());
    let parts: Vec<_> =
        found.tables.iter().map(|part| (part.table, part.first_row, part.cells.len())).collect();
    assert_eq!(parts.len(), 3, "{parts:?}");
    assert!(parts.windows(2).all(|pair| pair[1].1 == pair[0].1 + pair[0].2 as u64 && pair[0].0 == pair[1].0));
    assert_eq!(parts.iter().map(|part| part.2).sum::<usize>(), 2500);
}

const MBOX: &str = "From MAILER Fri Mar  1 10:00:00 2024\nContent-Type: text/plain; charset=\"gb18030\"\nMIME-Version: 1.0\n\
Content-Transfer-Encoding: base64\nFrom: =?utf-8?b?6KaD5YWw5bCP?= <tan@outlook.com>\nTo: hr@example.com\n\
Subject: =?gb18030?b?18rBz8zhvbs=?=\n\nxPq6w6O6CgogICAguL3Jz9bsvvy6rbXE18rBzw==\n\n\n\
From b Fri Mar  1 10:03:00 2024\nFrom: a@b.cn\nSubject: =?utf-8?q?=E5=90=8D?=\nMIME-Version: 1.0\n\
Content-Type: multipart/mixed; boundary=\"=_b\"\n\n--=_b\nContent-Type: multipart/alternative; boundary=\"=_c\"\n\n\
--=_c\nContent-Type: text/plain; charset=\"utf-8\"\nContent-Transfer-Encoding: quoted-printable\n\n=E6=82=A8=E5=A5=BD\n>From here\n\n\
--=_c\nContent-Type: text/html; charset=\"utf-8\"\n\n<p>您好</p><p>From here</p>\n\n--=_c--\n\n\
--=_b\nContent-Type: text/csv\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment; filename*=utf-8''%E5%90%8D%E5%8D%95.csv\n\n\
1dXP4Cy157uwCs31LDEzOAo=\n\n--=_b--\n";

#[test]
fn mailboxes_give_headers_bodies_and_attachments() {
    let found = read("m/a.mbox", MBOX.as_bytes());
    // Headers and body of a message are one text with a segment each.
    let mut parts = Vec::new();
    for text in &found.texts {
        let ends =
            text.segments.iter().skip(1).map(|segment| segment.start as usize).chain([text.text.len()]);
        for (segment, end) in text.segments.iter().zip(ends) {
            let place =
                segment.steps.iter().fold(text.place.to_string(), |place, step| format!("{place} · {step}"));
            parts.push((place, text.text[segment.start as usize..end].trim_end().to_string()));
        }
    }
    let text_at = |place: &str| {
        let found = parts.iter().find(|(at, _)| *at == format!("m/a.mbox · {place}"));
        found.map(|(_, text)| text.clone()).unwrap_or_else(|| panic!("{place} not in {parts:?}"))
    };
    assert_eq!(text_at("message 1 · header From"), "覃兰小 <tan@outlook.com>");
    assert_eq!(text_at("message 1 · header Subject"), "资料提交");
    assert_eq!(text_at("message 1 · part text"), "您好：\n\n    附上朱军涵的资料");
    assert_eq!(text_at("message 2 · header Subject"), "名");
    assert_eq!(text_at("message 2 · part text"), "您好\nFrom here");
    // The page repeats the text.
    assert!(!found.places().iter().any(|place| place.contains("part html")));
    let table = &found.tables[0];
    assert_eq!(table.place.to_string(), "m/a.mbox · message 2 · attachment 名单.csv");
    assert_eq!(rows(table)[1], ["王", "138"]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
}

#[test]
fn messages_in_messages_and_pages_alone_are_read() {
    let mail = "From: a@b.cn\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n\
                --b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n<table><tr><td>王</td><td>138</td></tr></table>\r\n\
                --b\r\nContent-Type: message/rfc822\r\n\r\nFrom: c@d.cn\r\nSubject: inner\r\n\r\nbody 13800138000\r\n--b--\r\n";
    let found = read("a.eml", mail.as_bytes());
    assert_eq!(found.tables[0].place.to_string(), "a.eml · part html · table 1");
    assert!(found.text().contains("c@d.cn") && found.text().contains("body 13800138000"), "{}", found.text());
    let raw = gb18030("From: 王小明 <a@b.cn>\nSubject: 客户资料名单\n\n手机号码如下：13800138000\n");
    let found = read("b.eml", &raw);
    assert!(found.text().contains("王小明") && found.text().contains("手机号码"), "{}", found.text());
}
