//! No bytes whatsoever make a reader panic, hang or hand over broken ranges.

use super::{Collected, Random, gb18030, read_with, utf16le};

fn samples() -> Vec<(&'static str, Vec<u8>)> {
    let csv = "姓名,手机,备注\n\"王\"\"小\",138,\"a\nb\"\n李,139,x\n".repeat(6);
    let json =
        r#"{"a": [{"b": "\u738b", "c": [1, 2, {"d": null}]}, {"b": "x"}], "e": {"f": true}}"#.to_string();
    let lines = "{\"a\": \"\\u738b\", \"l\": [{\"x\": 1}]}\n".repeat(8);
    let html = "<html><table><tr><td a='>'>王</td><td>&#x738b;</td></tr></table><!-- x --><script>1</script><p>李</html>";
    let mail = "From: =?utf-8?b?6KaD?= <a@b.cn>\nSubject: =?gb18030?q?=CD=F5?=\nMIME-Version: 1.0\n\
                Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=gbk\n\
                Content-Transfer-Encoding: base64\n\nxPq6ww==\n--b\nContent-Disposition: attachment; filename=a.csv\n\n\
                a,b\n1,2\n3,4\n--b--\n";
    let card =
        "BEGIN:VCARD\nFN;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:=E7=8E=8B=\n=E5\nNOTE:a\n b\nEND:VCARD\n"
            .repeat(4);
    let copy = "SET client_encoding = 'UTF8';\nCOPY t (a, b) FROM stdin;\n1\t\\N\n2\t\\x41\\101\n\\.\nSELECT $x$ ; $x$;\n";
    vec![
        ("a.csv", csv.clone().into_bytes()),
        ("b.csv", gb18030(&csv)),
        ("c.csv", utf16le(&csv)),
        ("d.txt", "zhang----pass----138\nli----word----139\n".repeat(6).into_bytes()),
        ("a.json", json.clone().into_bytes()),
        ("b.json", utf16le(&json)),
        ("a.jsonl", lines.into_bytes()),
        ("a.html", html.as_bytes().to_vec()),
        ("a.eml", mail.as_bytes().to_vec()),
        ("a.mbox", format!("From a\n{mail}\n\nFrom b\n{mail}").into_bytes()),
        ("a.vcf", card.into_bytes()),
        ("a.sql", super::formats::MYSQL.as_bytes().to_vec()),
        ("b.sql", copy.as_bytes().to_vec()),
        ("a.log", "2024-03-01 08:00:00 INFO 王小明 a=1, b=2\n".repeat(9).into_bytes()),
    ]
}

fn check(name: &str, bytes: &[u8], chunk: usize) -> Collected {
    let (found, outcome) = read_with(name, bytes, chunk);
    let digest = outcome.digest.expect("memory can be read to its end");
    assert_eq!(digest.bytes, bytes.len() as u64);
    // A panic inside a reader is caught and becomes this problem; here it is a failure.
    let gave_up = found.problems.iter().find(|problem| problem.detail.contains("gave up"));
    assert!(gave_up.is_none(), "{name}: {gave_up:?}\n{bytes:?}");
    for table in &found.tables {
        let cells = &table.cells;
        let sound =
            cells.cells.iter().all(|cell| cells.text.get(cell.start as usize..cell.end as usize).is_some());
        assert!(sound, "{name}: a cell is no slice of the text");
        assert!(cells.rows.windows(2).all(|pair| pair[0] <= pair[1]), "{name}");
        assert!(cells.rows.last().is_none_or(|last| *last as usize == cells.cells.len()), "{name}");
    }
    for text in &found.texts {
        let sound = text.segments.iter().all(|segment| text.text.is_char_boundary(segment.start as usize));
        assert!(sound, "{name}: a segment begins within a character");
    }
    found
}

#[test]
fn whole_samples_give_content() {
    for (name, bytes) in samples() {
        let found = check(name, &bytes, 4096);
        assert!(found.tables.len() + found.texts.len() > 0, "{name}");
    }
}

#[test]
fn cut_samples_are_read() {
    for (name, bytes) in samples() {
        for end in 0..bytes.len() {
            check(name, &bytes[..end], if end % 3 == 0 { 16 } else { 4096 });
        }
    }
}

#[test]
fn changed_samples_are_read() {
    let marks = b"\"'\\,\n\r\t<>{}[]();:=-#&$\0\xFF\x81\x30From";
    for (number, (name, bytes)) in samples().into_iter().enumerate() {
        let mut random = Random::new(number as u64);
        for round in 0..300 {
            let mut changed = bytes.clone();
            for _ in 0..=random.below(6) {
                let at = random.below(changed.len());
                match random.below(5) {
                    0 => changed[at] = random.below(256) as u8,
                    1 => changed[at] = marks[random.below(marks.len())],
                    2 => changed.insert(at, marks[random.below(marks.len())]),
                    3 => {
                        changed.remove(at);
                    }
                    _ => {
                        let end = (at + random.below(40)).min(changed.len());
                        let part = changed[at..end].to_vec();
                        let to = random.below(changed.len());
                        changed.splice(to..to, part);
                    }
                }
                if changed.is_empty() {
                    changed.push(b'x');
                }
            }
            check(name, &changed, if round % 2 == 0 { 32 } else { 4096 });
        }
    }
}

#[test]
fn noise_is_read() {
    let mut random = Random::new(99);
    for _ in 0..500 {
        let size = random.below(600);
        let noise: Vec<u8> = (0..size).map(|_| random.below(256) as u8).collect();
        check("noise", &noise, 64);
    }
}

#[test]
fn deep_nesting_is_refused_in_time() {
    let found = check("a.json", "[".repeat(100_000).as_bytes(), 4096);
    assert!(!found.problems.is_empty());
    let found = check("a.json", "{\"a\":".repeat(100_000).as_bytes(), 4096);
    assert!(!found.problems.is_empty());
    check("a.html", format!("<html>{}", "<table><tr><td>".repeat(20_000)).as_bytes(), 4096);
    check("a.sql", format!("insert into t values ({}", "(".repeat(50_000)).as_bytes(), 4096);
}
