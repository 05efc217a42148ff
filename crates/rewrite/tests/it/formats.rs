//! Each format: what changes, and that nothing else does.

use super::{shared, text, through};
use zhunsheng_rewrite::RewriteError;

/// Replaces every run of the changed part: what is left over must be equal in both.
fn outside(before: &str, after: &str, spans: &[(&str, &str)]) {
    let mut expected = before.to_owned();
    for (old, new) in spans {
        assert!(expected.contains(old), "{old}");
        expected = expected.replace(old, new);
    }
    assert_eq!(after, expected);
}

#[test]
fn text_keeps_every_byte_outside_the_values() {
    let before = "\u{FEFF}第一行\r\n联系电话：13912345678 。\r\n\t末行，无换行";
    let after = text("a.txt", before);
    outside(before, &after, &[("13912345678", &after[after.find("139").unwrap()..][..11])]);
    assert!(after.contains('*'), "{after}");
}

#[test]
fn every_encoding_is_kept() {
    let line = "联系电话：13912345678，身份证号：11010519491231002X。\r\n客户留言：谢谢。\r\n".repeat(4);
    let (gbk, _, _) = encoding_rs::GBK.encode(&line);
    let mut wide = vec![0xFF, 0xFE];
    wide.extend(line.encode_utf16().flat_map(u16::to_le_bytes));
    for bytes in [gbk.into_owned(), wide] {
        let (after, _) = shared("a.txt", &bytes).unwrap();
        let (plain, encoding, _) = match bytes.starts_with(&[0xFF, 0xFE]) {
            true => encoding_rs::UTF_16LE.decode(&after),
            false => encoding_rs::GB18030.decode(&after),
        };
        assert_eq!(text("b.txt", &line), plain, "{}", encoding.name());
    }
}

#[test]
fn bytes_that_are_no_character_stay() {
    let mut bytes =
        "说明：电话 13912345678，其余如下。这一段是中文正文，足以认出编码。\n".repeat(3).into_bytes();
    let at = bytes.len() - 1;
    bytes.insert(at, 0xFF);
    bytes.extend_from_slice("再联系：13812345679\n".as_bytes());
    let (after, _) = shared("a.txt", &bytes).unwrap();
    assert_eq!(after.iter().filter(|byte| **byte == 0xFF).count(), 1);
    let plain = String::from_utf8_lossy(&after).into_owned();
    assert!(!plain.contains("13912345678") && !plain.contains("13812345679"), "{plain}");
    assert!(plain.contains("再联系：138"), "{plain}");
}

#[test]
fn tables_keep_dialect_quotes_and_line_ends() {
    let before = "姓名;电话;备注\r\n\"王小明\";13912345678;\"他说\"\"好\"\"，见 13812345679 \"\r\n李大海;\"13712345670\";无\r\n\
                  赵海燕;13612345671;\"a;b\"";
    let after = text("a.csv", before);
    for gone in ["13912345678", "13812345679", "13712345670", "13612345671", "王小明", "李大海", "赵海燕"]
    {
        assert!(!after.contains(gone), "{gone}: {after}");
    }
    let shape = |text: &str| text.chars().filter(|c| ";\"\r\n".contains(*c)).collect::<String>();
    assert_eq!(shape(before), shape(&after), "{after}");
    assert!(
        after.starts_with("姓名;电话;备注\r\n\"") && after.contains("\"他说\"\"好\"\"，见 138"),
        "{after}"
    );
    assert!(after.ends_with(";\"a;b\""), "{after}");
}

#[test]
fn json_keeps_layout_escapes_and_types() {
    let before = "{\n  \"total\": 2,\t\"list\": [ {\"name\" : \"\\u738b\\u5c0f\\u660e\", \"phone\":\"13912345678\", \"n\": 1.50 },\n\
                  {\"name\":\"李大海\",\"phone\":13812345679,\"n\":null}],\n \"13712345670\": {\"ok\": true}}\n";
    let after = text("a.json", before);
    for gone in ["13912345678", "13812345679", "13712345670", "\\u738b\\u5c0f\\u660e", "李大海"] {
        assert!(!after.contains(gone), "{gone}: {after}");
    }
    assert!(after.starts_with("{\n  \"total\": 2,\t\"list\": [ {\"name\" : \"\\u738b"), "{after}");
    assert!(after.contains("\"n\": 1.50 },\n") && after.contains("\"n\":null}],\n"), "{after}");
    serde_json::from_str::<serde_json::Value>(&after).unwrap();
    // A key twice would hide a value from every reader but not from the file.
    let twice = br#"{"phone": "13912345678", "phone": "1"}"#;
    assert!(matches!(shared("b.json", twice), Err(RewriteError::Unreadable { .. })));
}

#[test]
fn json_lines_keep_their_lines() {
    let before = "{\"from\":\"13912345678\",\"body\":\"到 13812345679 取件\"}\r\n\r\n{\"from\":\"13712345670\",\"to\":[\"13612345671\"]}\n";
    let after = text("a.jsonl", before);
    for gone in ["13912345678", "13812345679", "13712345670", "13612345671"] {
        assert!(!after.contains(gone), "{gone}: {after}");
    }
    assert!(after.contains("\"}\r\n\r\n{\"from\":\""), "{after}");
    for line in after.lines().filter(|line| !line.is_empty()) {
        serde_json::from_str::<serde_json::Value>(line).unwrap();
    }
}

#[test]
fn dumps_stay_dumps() {
    let before = "-- MySQL dump\nCREATE TABLE `t` (`id` int, `name` varchar(20), `phone` bigint, `note` text);\n\
                  INSERT INTO `t` VALUES (1,'王小明',13912345678,'it\\'s 13812345679'),\n(2,'李大海',13712345670,NULL);\n\
                  INSERT INTO `t` VALUES (3,'赵''海燕',13612345671,'x');\n";
    let after = text("a.sql", before);
    for gone in ["王小明", "李大海", "13912345678", "13812345679", "13712345670", "13612345671"] {
        assert!(!after.contains(gone), "{gone}: {after}");
    }
    assert!(after.contains("),\n(2,'") && after.contains(",NULL);\nINSERT INTO `t` VALUES (3,'"), "{after}");
    let copy = "-- PostgreSQL database dump\nSET client_encoding = 'UTF8';\nCOPY public.t (id, name, phone, note) FROM stdin;\n\
                1\t王小明\t13912345678\t\\N\n2\t李大海\t13712345670\ta\\tb\n\\.\n";
    let after = text("b.sql", copy);
    for gone in ["王小明", "李大海", "13912345678", "13712345670"] {
        assert!(!after.contains(gone), "{gone}: {after}");
    }
    assert!(after.contains("\t\\N\n2\t") && after.ends_with("\ta\\tb\n\\.\n"), "{after}");
}

#[test]
fn archives_are_rebuilt_around_their_members() {
    use std::io::{Read, Write};
    let inner = "姓名,电话\n王小明,13912345678\n李大海,13812345679\n";
    let mut packer = flate2::GzBuilder::new()
        .mtime(12345)
        .filename("人员.csv")
        .write(Vec::new(), flate2::Compression::best());
    packer.write_all(inner.as_bytes()).unwrap();
    let (after, _) = shared("人员.csv.gz", &packer.finish().unwrap()).unwrap();
    let mut unpacker = flate2::read::GzDecoder::new(after.as_slice());
    let mut plain = String::new();
    unpacker.read_to_string(&mut plain).unwrap();
    assert_eq!(plain, text("人员.csv", inner));
    assert_eq!(unpacker.header().unwrap().mtime(), 12345);
    let packed = zstd::stream::encode_all(inner.as_bytes(), 3).unwrap();
    let (after, _) = shared("a.csv.zst", &packed).unwrap();
    assert_eq!(zstd::stream::decode_all(after.as_slice()).unwrap(), text("a.csv", inner).into_bytes());
}

#[test]
fn names_are_told_apart_in_a_judgment() {
    let before = "原告：王小明，男，汉族，1980年1月2日出生，住浙江省杭州市西湖区文三路1号。\n\
                  被告：王大海，男，汉族，1981年1月2日出生，住浙江省杭州市西湖区文三路2号。\n\
                  原告王小明与被告王大海买卖合同纠纷一案，本院立案后，依法公开开庭进行了审理。\n";
    let (after, outcome) = through("court-judgment", "判决书.txt", before.as_bytes()).unwrap();
    let after = String::from_utf8(after).unwrap();
    assert!(!after.contains("王小明") && !after.contains("王大海"), "{after}");
    assert!(after.contains("原告王某甲与被告王某乙买卖合同纠纷一案"), "{after}");
    assert_eq!(outcome.receipt.left, 0);
}
