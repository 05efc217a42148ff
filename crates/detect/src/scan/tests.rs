//! Promises of the scanner over made-up texts: no panic, offsets on boundaries, sorted and free of overlaps;
//! and the fast pass against a plain matcher that tries every position.

use super::{Hit, Scanner};
use crate::check::tests::tables;
use crate::normal;
use std::sync::Arc;
use zhunsheng_model::{Date, Kind, State};

/// A deterministic sequence (xorshift64*).
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % sides
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count).map(|_| char::from(b'0' + self.roll(10) as u8)).collect()
    }
}

fn scanner() -> Scanner {
    Scanner::new(Arc::clone(tables()), Date::parse("2024-03-01").unwrap())
}

fn scan(text: &str) -> Vec<Hit> {
    let mut hits = Vec::new();
    scanner().scan(text, &mut hits);
    hits
}

/// Hits stand on boundaries, in order, without overlaps, and their normal forms are stable.
fn keeps_its_promises(text: &str) {
    let hits = scan(text);
    let mut last = 0;
    for hit in &hits {
        assert!(hit.start >= last && hit.end > hit.start, "order of hits in {text:?}");
        last = hit.end;
        let value = text.get(hit.start as usize..hit.end as usize);
        assert!(value.is_some(), "boundaries of {hit:?} in {text:?}");
        let (mut once, mut twice) = (String::new(), String::new());
        normal(hit.kind, value.unwrap(), &mut once);
        normal(hit.kind, &once, &mut twice);
        assert_eq!(once, twice, "normal form of {:?}", hit.kind);
    }
}

#[test]
fn arbitrary_bytes_do_no_harm() {
    let mut dice = Dice(7);
    for _ in 0..3000 {
        let len = dice.roll(120);
        let bytes: Vec<u8> = (0..len).map(|_| dice.roll(256) as u8).collect();
        keeps_its_promises(&String::from_utf8_lossy(&bytes));
    }
}

#[test]
fn arbitrary_sequences_of_likely_pieces_do_no_harm() {
    const PIECES: [&str; 64] = [
        "13912340001",
        "139 1234 0001",
        "+86",
        "86-",
        "110101199003072",
        "99X",
        "0",
        "1",
        "9",
        "-",
        " ",
        ".",
        ":",
        "：",
        "，",
        "。",
        "@",
        "qq.com",
        "*",
        "****",
        "身份证号",
        "手机",
        "密码",
        "password=",
        "\"",
        "'",
        "微信",
        "wxid_",
        "QQ",
        "code=",
        "（2023）",
        "京",
        "A8K325",
        "粤1621民初6531号",
        "年",
        "月",
        "日",
        "1990",
        "3",
        "出生",
        "男",
        "汉族",
        "１３９",
        "Ａ",
        "　",
        "\n",
        "\\n",
        "\\u",
        "%3D",
        "(",
        ")",
        "（",
        "）",
        "/",
        "::",
        "fe80",
        "aa:bb:cc:dd:ee:ff",
        "字第",
        "军",
        "2024-03-01",
        "12/26",
        "6222",
        "\u{10ffff}",
        "é",
    ];
    let mut dice = Dice(11);
    for _ in 0..20_000 {
        let count = 1 + dice.roll(12);
        let text: String = (0..count).map(|_| PIECES[dice.roll(PIECES.len())]).collect();
        keeps_its_promises(&text);
        // Every tail of a text is a text.
        if let Some(tail) = text.get(text.ceil_char_boundary(text.len() / 2)..) {
            keeps_its_promises(tail);
        }
    }
}

/// A plain matcher: at every position, every run of digits that is no part of a longer one.
fn oracle(text: &str) -> Vec<(Kind, usize, usize)> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    for start in 0..bytes.len() {
        if start > 0 && bytes[start - 1].is_ascii_alphanumeric() || !bytes[start].is_ascii_digit() {
            continue;
        }
        let end = (start..bytes.len()).find(|i| !bytes[*i].is_ascii_alphanumeric()).unwrap_or(bytes.len());
        let token = &text[start..end];
        let digits: Option<Vec<u32>> = token.chars().map(|c| c.to_digit(10)).collect();
        let is_id = |id: &str| {
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 = id.chars().zip(weights).map(|(c, w)| c.to_digit(10).unwrap_or(0) * w).sum();
            let right = "10X98765432".chars().nth(sum as usize % 11);
            let date = format!("{}-{}-{}", &id[6..10], &id[10..12], &id[12..14]);
            let date =
                Date::parse(&date).filter(|d| *d <= Date::parse("2024-03-01").unwrap() && d.year() >= 1900);
            let place: u32 = id[..6].parse().unwrap_or(0);
            let known = date.is_some_and(|date| tables().division(place, date.year()));
            known && right == id.to_uppercase().chars().last()
        };
        let kind = match (&digits, token.len()) {
            (Some(_), 11) if token.starts_with('1') && tables().phone(token.as_bytes()) == State::Valid => {
                Kind::Phone
            }
            (_, 18) if token[..17].bytes().all(|b| b.is_ascii_digit()) && is_id(token) => Kind::CnId,
            (Some(digits), 16..=19) => {
                let sum: u32 = digits
                    .iter()
                    .rev()
                    .enumerate()
                    .map(|(i, d)| if i.is_multiple_of(2) { *d } else { d * 2 / 10 + d * 2 % 10 })
                    .sum();
                if !sum.is_multiple_of(10) || !tables().card(token.as_bytes()).bin {
                    continue;
                }
                Kind::BankCard
            }
            _ => continue,
        };
        found.push((kind, start, end));
    }
    found
}

#[test]
fn the_fast_pass_finds_what_the_plain_matcher_finds() {
    const KINDS: [Kind; 3] = [Kind::CnId, Kind::Phone, Kind::BankCard];
    const HEADS: [&str; 6] = ["622202", "622588", "110101199", "139", "170", "44030119"];
    let mut dice = Dice(3);
    let mut seen = [0; 3];
    for _ in 0..30_000 {
        let mut text = String::new();
        for _ in 0..3 {
            text.push_str(["，", ",", "\n", "；", "\t"][dice.roll(5)]);
            let head = HEADS[dice.roll(HEADS.len())];
            let total = [11, 16, 17, 18, 18, 19, 12, 15][dice.roll(8)];
            let mut number = String::from(head);
            number.push_str(&dice.digits(total.max(head.len() + 1) - head.len()));
            // Most dates are made real, most check characters right, so that valid numbers are common.
            if number.len() == 18 {
                number.replace_range(
                    6..14,
                    &format!("19{}{:02}{:02}", 10 + dice.roll(90), 1 + dice.roll(12), 1 + dice.roll(29)),
                );
                if let Some(check) = crate::check::mod_11_2(number.as_bytes()) {
                    number.replace_range(17.., &char::from(check).to_string());
                }
            }
            text.push_str(&number);
        }
        let mut fast: Vec<(Kind, usize, usize)> = scan(&text)
            .into_iter()
            .filter(|hit| hit.state == State::Valid && KINDS.contains(&hit.kind))
            .map(|hit| (hit.kind, hit.start as usize, hit.end as usize))
            .collect();
        // Fifteen digits are identity numbers of the first generation, which the plain matcher leaves out.
        fast.retain(|(kind, start, end)| *kind != Kind::CnId || end - start == 18);
        let plain = oracle(&text);
        assert_eq!(fast, plain, "{text}");
        for (kind, ..) in plain {
            for (count, known) in seen.iter_mut().zip(KINDS) {
                *count += usize::from(kind == known);
            }
        }
    }
    assert!(seen.iter().all(|count| *count > 100), "too few of some kind to tell: {seen:?}");
}

#[test]
fn a_number_inside_a_longer_one_is_no_mention() {
    for text in [
        "913912340001",
        "139123400012",
        "a13912340001",
        "13912340001a",
        "0.13912340001",
        "13912340001.5",
        "550e8400-e29b-41d4-a716-446655440000",
        "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        "978-7-111-54742-6",
        "ZL202010123456.7",
        "国药准字H20203456",
        "1709251200000",
        "6915663039288",
        "20240301123456",
    ] {
        assert_eq!(scan(text).iter().filter(|hit| hit.state == State::Valid).count(), 0, "{text}");
    }
    for text in [
        "13912340001",
        "电话13912340001转",
        "(13912340001)",
        "=13912340001&",
        "_13912340001_",
        "\\n13912340001",
        "1.13912340001",
        "13912340001.0",
        "%3D13912340001",
        "。13912340001。",
    ] {
        let valid: Vec<Hit> = scan(text).into_iter().filter(|hit| hit.state == State::Valid).collect();
        assert_eq!(valid.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [Kind::Phone], "{text}");
        let value = valid.first().and_then(|hit| text.get(hit.start as usize..hit.end as usize));
        assert_eq!(value, Some("13912340001"), "{text}");
    }
}

#[test]
fn sex_and_ethnic_group_are_found_beside_a_birth_date_only() {
    let kinds = |text: &str| scan(text).iter().map(|hit| hit.kind).collect::<Vec<_>>();
    assert_eq!(
        kinds("原告：李雷，男，1990年3月7日出生，汉族，住某地。"),
        [Kind::Sex, Kind::BirthDate, Kind::Ethnicity]
    );
    assert_eq!(kinds("张三，男，汉族，11010119900307299X"), [Kind::Sex, Kind::Ethnicity, Kind::CnId]);
    assert_eq!(kinds("李雷，男，汉族，35岁"), []);
    assert_eq!(kinds("李雷，男，35岁，1990年3月7日出生"), [Kind::Sex, Kind::Age, Kind::BirthDate]);
    // What belongs to another sentence stays there.
    assert_eq!(kinds("，男，此事已了。1990年3月7日出生"), [Kind::BirthDate]);
}
