//! One suite over every operator, every kind it treats and both suites: each is held to what it promises.

use crate::support::{Numbers, make, ring};
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::{Date, Kind};
use zhunsheng_protect::operator::{OPERATORS, Operator, Parameters};
use zhunsheng_protect::{Context, OperatorError, Person, Roster, Suite, Value};

/// Values of each kind that the suite tries.
const VALUES: usize = 60;

fn person(kind: Kind, normal: &str) -> Person {
    Person { anchor: Some(Person::anchor(kind, normal)), ..Person::default() }
}

/// Calls `check` with every operator of the list for every kind it treats, under a key of that suite.
fn each(mut check: impl FnMut(&'static str, Kind, Suite, &dyn Operator)) {
    for suite in Suite::ALL {
        let keyring = ring(*suite, 3);
        for entry in OPERATORS {
            let mut treated = 0;
            for kind in Kind::ALL.iter().copied().filter(|kind| (entry.treats)(*kind)) {
                match make(entry.name, kind, &Parameters::none(), Some(&keyring)) {
                    Ok(operator) => {
                        treated += 1;
                        check(entry.name, kind, *suite, &*operator);
                    }
                    // Refused by name: the kind has too few values.
                    Err(OperatorError::DomainTooSmall { operator: "fpe", size, .. }) => {
                        assert!(size < 1_000_000)
                    }
                    Err(error) => panic!("{} {}: {error}", entry.name, kind.id()),
                }
            }
            assert!(treated > 1, "{}", entry.name);
        }
    }
}

/// Values of a kind, all different, and the roster that holds them.
fn values(kind: Kind) -> (Vec<String>, Roster) {
    let mut numbers = Numbers(kind.index() as u64 + 1);
    let mut seen = BTreeSet::new();
    let mut roster = Roster::new();
    // Some kinds have but a few values.
    for _ in 0..VALUES * 3 {
        let value = numbers.value(kind);
        roster.add(kind, &value);
        seen.insert(value);
    }
    (seen.into_iter().take(VALUES).collect(), roster)
}

#[test]
fn every_operator_keeps_its_promises() {
    each(|name, kind, suite, operator| {
        let what = format!("{name} {} {suite:?}", kind.id());
        let promises = operator.properties();
        let (values, roster) = values(kind);
        let (one, two) = (person(Kind::Phone, "13812345678"), person(Kind::Phone, "13987654321"));
        let with = |person| Context { person: Some(person), roster: Some(&roster), ..Context::default() };
        let mut outputs: BTreeMap<String, String> = BTreeMap::new();
        for value in &values {
            let made = operator
                .apply(Value::new(value, value), &with(&one))
                .unwrap_or_else(|e| panic!("{what}: {e}"));
            assert_eq!(operator.apply(Value::new(value, value), &with(&one)).as_ref(), Ok(&made), "{what}");
            if promises.consistent {
                let other = operator.apply(Value::new(value, value), &with(&two));
                assert_eq!(other.as_ref(), Ok(&made), "{what}: it depends on the person");
                let nobody = Context { roster: Some(&roster), ..Context::default() };
                assert_eq!(operator.apply(Value::new(value, value), &nobody).as_ref(), Ok(&made), "{what}");
            }
            if promises.reversible {
                let back = operator.reverse(&made, &with(&one)).unwrap_or_else(|e| panic!("{what}: {e}"));
                assert!(*back == *value, "{what}");
            } else {
                assert_eq!(
                    operator.reverse(&made, &with(&one)).err(),
                    Some(OperatorError::NotReversible { operator: name }),
                    "{what}"
                );
            }
            if promises.keeps_length {
                assert_eq!(made.chars().count(), value.chars().count(), "{what}");
            }
            if promises.keeps_alphabet {
                // The check character of a citizen number may be an X.
                let checked = matches!(kind, Kind::CnId | Kind::HmtResidence) && name == "fpe";
                let count = value.chars().count() - usize::from(checked);
                for (old, new) in value.chars().zip(made.chars()).take(count) {
                    let alike = match old {
                        '0'..='9' if value.bytes().all(|b| b.is_ascii_digit()) => new.is_ascii_digit(),
                        c if c.is_ascii_alphanumeric() => new.is_ascii_alphanumeric(),
                        '\u{4e00}'..='\u{9fff}' => ('\u{4e00}'..='\u{9fff}').contains(&new),
                        c => new == c,
                    };
                    assert!(alike, "{what}");
                }
            }
            if promises.nobodys {
                assert!(is_nobodys(kind, &made), "{what}: {made}");
            }
            if name != "keep" {
                assert!(
                    value.chars().count() < 4 || !made.contains(value.as_str()),
                    "{what} lets the value through"
                );
            }
            if let Some(other) = outputs.insert(made, value.clone()) {
                assert!(!promises.distinct, "{what}: two values with one replacement, {}", other.len());
            }
        }
    });
}

/// Whether a replacement cannot belong to anybody, judged apart from the operators.
fn is_nobodys(kind: Kind, text: &str) -> bool {
    let digit = |c: char| c.to_digit(10).unwrap_or(10);
    let luhn = || {
        let sum: u32 = text
            .chars()
            .rev()
            .enumerate()
            .map(|(index, c)| digit(c) * if index % 2 == 1 { 2 } else { 1 })
            .map(|n| n / 10 + n % 10)
            .sum();
        sum % 10
    };
    match kind {
        Kind::CnId | Kind::HmtResidence => {
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2, 1];
            let sum: u32 = text.chars().zip(weights).map(|(c, weight)| digit(c) * weight).sum();
            text.len() == 18 && sum % 11 != 1
        }
        Kind::BankCard | Kind::Imei => luhn() != 0,
        Kind::Phone => {
            let segments = zhunsheng_rules::Rules::embedded().lexicon("mobile-segments.tsv").unwrap();
            let given_out = segments.lines().skip(1).any(|line| {
                let fields: Vec<&str> = line.split('\t').collect();
                text.starts_with(fields[0]) && fields[3] != "unallocated"
            });
            text.len() == 11 && !given_out
        }
        Kind::Landline => {
            let local = text.split('-').next_back().unwrap_or_default();
            local.starts_with('0') && local.len() < 9
        }
        Kind::Email => text.ends_with("@example.com"),
        Kind::Ip => {
            ["192.0.2.", "198.51.100.", "203.0.113.", "2001:db8:"].iter().any(|block| text.starts_with(block))
        }
        Kind::Mac => u8::from_str_radix(&text[..2], 16).unwrap() & 3 == 2,
        Kind::Plate => text.contains('I'),
        Kind::Passport => text.starts_with("EI") && text.len() == 9,
        Kind::Wechat | Kind::Account => text.len() > 20,
        Kind::Qq => text.starts_with('0'),
        Kind::Address | Kind::Org => text.contains("示例"),
        Kind::Vin => {
            let values = |c: char| match c {
                '0'..='9' => digit(c),
                'A'..='H' => c as u32 - 'A' as u32 + 1,
                'J'..='N' => c as u32 - 'J' as u32 + 1,
                'P' => 7,
                'R' => 9,
                _ => c as u32 - 'S' as u32 + 2,
            };
            let weights = [8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
            let sum: u32 = text.chars().zip(weights).map(|(c, weight)| values(c) * weight).sum();
            let stands = text.chars().nth(8).map(|c| if c == 'X' { 10 } else { digit(c) });
            text.len() == 17 && stands != Some(sum % 11)
        }
        Kind::Uscc => {
            const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
            let mut weight = 1;
            let mut sum = 0;
            for c in text.chars().take(17) {
                sum += ALPHABET.find(c).unwrap() * weight;
                weight = weight * 3 % 31;
            }
            text.len() == 18 && !(sum + ALPHABET.find(&text[17..]).unwrap()).is_multiple_of(31)
        }
        _ => false,
    }
}

#[test]
fn keyed_operators_need_their_key_and_depend_on_it() {
    for entry in OPERATORS {
        for kind in Kind::ALL.iter().copied().filter(|kind| (entry.treats)(*kind)) {
            let keyless = make(entry.name, kind, &Parameters::none(), None);
            if !entry.keyed {
                assert!(keyless.is_ok(), "{} {}", entry.name, kind.id());
                continue;
            }
            let operator = match keyless.err() {
                Some(OperatorError::KeyMissing { operator }) => operator,
                Some(OperatorError::DomainTooSmall { operator, .. }) => operator,
                other => panic!("{} {}: {other:?}", entry.name, kind.id()),
            };
            assert_eq!(operator, entry.name);
            let Ok(one) = make(entry.name, kind, &Parameters::none(), Some(&ring(Suite::Aes, 3))) else {
                continue;
            };
            let two = make(entry.name, kind, &Parameters::none(), Some(&ring(Suite::Aes, 4))).unwrap();
            let sm = make(entry.name, kind, &Parameters::none(), Some(&ring(Suite::Sm, 3))).unwrap();
            assert!(one.properties().keyed);
            let (values, _) = values(kind);
            let somebody = person(Kind::Phone, "13812345678");
            let context = Context { person: Some(&somebody), ..Context::default() };
            let all = |operator: &dyn Operator| -> Vec<String> {
                values.iter().map(|v| operator.apply(Value::new(v, v), &context).unwrap()).collect()
            };
            assert_ne!(all(&*one), all(&*two), "{} {}", entry.name, kind.id());
            assert_ne!(all(&*one), all(&*sm), "{} {}", entry.name, kind.id());
        }
    }
}

/// What stands in files by mistake, by malice, and at the edges.
const NASTY: &[&str] = &[
    "",
    " ",
    "\0",
    "0",
    "X",
    "张",
    "𠮷野家",
    "👩‍👩‍👧",
    "e\u{301}",
    "１３８１２３４５６７８",
    "18446744073709551616",
    "99999999999999999999999999999999999999999999999999999999999999999999999999999",
    "-1",
    "@",
    "a@",
    "@b",
    "2024-02-30",
    "0000-00-00",
    "9999-12-31",
    "0001-01-01",
    "1990年3月",
    "京",
    "京A",
    "zs1a1.",
    "zs1a1.bbbbaaaa",
    "110105194912310021",
    "11010519491231002x",
    "::",
    "1.2.3.4.5",
    "示例",
    "秘密秘密秘密秘密秘密秘密秘密秘密",
    "\u{202e}13812345678",
];

#[test]
fn nothing_panics_and_no_error_carries_the_value() {
    let long = "长".repeat(3_000);
    each(|name, kind, _, operator| {
        let somebody = person(Kind::Phone, "13812345678");
        let roster = Roster::new();
        let context = Context { person: Some(&somebody), roster: Some(&roster), ..Context::default() };
        for text in NASTY.iter().copied().chain([long.as_str()]) {
            for value in [Value::new(text, text), Value::new(text, ""), Value::new("", text)] {
                for told in [
                    operator.apply(value, &context).err().map(|error| error.to_string()),
                    operator.apply(value, &Context::default()).err().map(|error| error.to_string()),
                    operator.reverse(text, &context).err().map(|error| error.to_string()),
                ]
                .into_iter()
                .flatten()
                {
                    // Short texts stand in any sentence.
                    assert!(text.len() < 5 || !told.contains(text), "{name} {}: {told}", kind.id());
                    assert!(!told.is_empty() && !told.ends_with('.'));
                }
            }
        }
    });
}

#[test]
fn what_was_replaced_under_an_old_version_comes_back_after_rotation() {
    for suite in Suite::ALL {
        let mut keyring = ring(*suite, 3);
        let (values, _) = values(Kind::Phone);
        let somebody = person(Kind::CnId, "11010519491231002X");
        for (name, kind) in [("fpe", Kind::Phone), ("encrypt", Kind::Phone), ("date_shift", Kind::BirthDate)]
        {
            let old = make(name, kind, &Parameters::none(), Some(&keyring)).unwrap();
            let mut rotated = keyring.clone();
            rotated.rotate([77; 32], Date::new(2026, 11, 23));
            let new = make(name, kind, &Parameters::none(), Some(&rotated)).unwrap();
            let values = if kind == Kind::Phone { values.clone() } else { vec!["1990-03-07".to_owned()] };
            for value in &values {
                let context = Context { person: Some(&somebody), ..Context::default() };
                let before = old.apply(Value::new(value, value), &context).unwrap();
                let after = new.apply(Value::new(value, value), &context).unwrap();
                assert_ne!(before, after, "{name}: the new version is another key");
                let first = Context { key_version: Some(1), ..context };
                assert_eq!(*new.reverse(&before, &first).unwrap(), *value, "{name}");
                assert_eq!(*new.reverse(&after, &context).unwrap(), *value, "{name}");
                if name != "encrypt" {
                    let third = Context { key_version: Some(3), ..context };
                    assert_eq!(
                        new.reverse(&after, &third).err(),
                        Some(OperatorError::KeyVersionUnknown { version: 3 })
                    );
                }
            }
        }
        keyring.rotate([78; 32], None);
        assert_eq!(keyring.newest().version(), 2);
    }
}

#[test]
fn the_same_value_written_in_two_ways_has_one_replacement() {
    let keyring = ring(Suite::Aes, 3);
    let context = Context::default();
    for (name, kind, normal, raws, expected_alike) in [
        ("fpe", Kind::Phone, "13812345678", ["138 1234 5678", "+86 138-1234-5678"], true),
        ("synthetic", Kind::Phone, "13812345678", ["138-1234-5678", "13812345678"], true),
        ("synthetic", Kind::CnId, "11010519491231002X", ["110105491231002", "11010519491231002x"], true),
        ("pseudonym", Kind::Email, "zhang@qq.com", ["Zhang@QQ.com", "zhang@qq.com"], true),
        // Every byte must come back, so the writing is part of what is sealed.
        ("encrypt", Kind::Phone, "13812345678", ["138-1234-5678", "13812345678"], false),
    ] {
        let operator = make(name, kind, &Parameters::none(), Some(&keyring)).unwrap();
        let [one, two] = raws.map(|raw| {
            let made = operator.apply(Value::new(raw, normal), &context).unwrap();
            if name == "encrypt" { made } else { made.replace(['-', ' ', '+'], "") }
        });
        assert_eq!(one == two, expected_alike, "{name}: {one} {two}");
    }
    // Separators stay where they stand.
    let operator = make("fpe", Kind::Phone, &Parameters::none(), Some(&keyring)).unwrap();
    let made = operator.apply(Value::new("138 1234 5678", "13812345678"), &context).unwrap();
    assert_eq!(made.split(' ').map(str::len).collect::<Vec<_>>(), [3, 4, 4]);
    assert_eq!(*operator.reverse(&made, &context).unwrap(), "13812345678");
}

#[test]
fn an_invented_person_keeps_sex_age_band_and_province_and_agrees_with_itself() {
    let keyring = ring(Suite::Sm, 9);
    let mut numbers = Numbers(11);
    let id = make("synthetic", Kind::CnId, &Parameters::none(), Some(&keyring)).unwrap();
    let birth = make("synthetic", Kind::BirthDate, &Parameters::none(), Some(&keyring)).unwrap();
    let nothing = Parameters::none().with("keep", zhunsheng_protect::operator::Parameter::Texts(Vec::new()));
    let free = make("synthetic", Kind::CnId, &nothing, Some(&keyring)).unwrap();
    let (mut same_province, mut same_sex) = (0, 0);
    for _ in 0..300 {
        let number = numbers.value(Kind::CnId);
        let made = id.apply(Value::new(&number, &number), &Context::default()).unwrap();
        let (old, new) = (Date::of_citizen_number(&number).unwrap(), Date::of_citizen_number(&made).unwrap());
        assert_eq!(made[..2], number[..2], "province");
        assert_eq!(old.year() / 5, new.year() / 5, "age band");
        assert_ne!(old, new);
        let odd = |text: &str| text.as_bytes()[16] % 2;
        assert_eq!(odd(&number), odd(&made), "sex");
        // The birth date of the same person, in another column, is that of the invented number.
        let whose = person(Kind::CnId, &number);
        let context = Context { person: Some(&whose), ..Context::default() };
        let written = birth.apply(Value::new(&old.to_string(), &old.to_string()), &context).unwrap();
        assert_eq!(written, new.to_string());

        let freely = free.apply(Value::new(&number, &number), &Context::default()).unwrap();
        same_province += usize::from(freely[..2] == number[..2]);
        same_sex += usize::from(odd(&freely) == odd(&number));
    }
    assert!(same_province < 60, "{same_province} of 300");
    assert!((100..200).contains(&same_sex), "{same_sex} of 300");
}

#[test]
fn all_dates_of_a_person_move_together_and_others_elsewhere() {
    let keyring = ring(Suite::Aes, 3);
    let shift = |kind| make("date_shift", kind, &Parameters::none(), Some(&keyring)).unwrap();
    let (birth, stay) = (shift(Kind::BirthDate), shift(Kind::HotelTime));
    let mut moves = BTreeSet::new();
    for index in 0..200 {
        let whose = person(Kind::Phone, &format!("138{index:08}"));
        let context = Context { person: Some(&whose), ..Context::default() };
        let moved =
            |operator: &dyn Operator, day: &str| operator.apply(Value::new(day, ""), &context).unwrap();
        let one = moved(&*birth, "2001-06-15");
        assert_eq!(moved(&*stay, "2001年6月15日").replace(['年', '月'], "-").replace('日', ""), {
            let date = Date::parse(&one).unwrap();
            format!("{}-{}-{}", date.year(), date.month(), date.day())
        });
        assert_ne!(one, "2001-06-15");
        moves.insert(one);
    }
    assert!(moves.len() > 130, "{} different shifts of 200", moves.len());
    let nobody = birth.apply(Value::new("2001-06-15", ""), &Context::default());
    assert_eq!(nobody.err(), Some(OperatorError::PersonUnknown { operator: "date_shift" }));
}

#[test]
fn a_number_in_an_integer_column_stays_one_of_as_many_digits() {
    let keyring = ring(Suite::Aes, 3);
    let mut numbers = Numbers(5);
    for kind in [Kind::BankAccount, Kind::StudentId, Kind::CnId, Kind::BankCard] {
        let fpe = make("fpe", kind, &Parameters::none(), Some(&keyring)).unwrap();
        let mut zeros = 0;
        for _ in 0..300 {
            let value = match kind {
                Kind::BankAccount | Kind::StudentId => numbers.digits(10),
                kind => numbers.value(kind),
            };
            let made = fpe.apply(Value::new(&value, &value), &Context::default()).unwrap();
            assert_eq!(made.starts_with('0'), value.starts_with('0'), "{}", kind.id());
            zeros += usize::from(value.starts_with('0'));
            assert_eq!(*fpe.reverse(&made, &Context::default()).unwrap(), value);
        }
        assert_eq!(zeros > 0, matches!(kind, Kind::BankAccount | Kind::StudentId));
    }
}

#[test]
fn a_hash_without_a_key_is_refused_by_name() {
    for name in ["sha256", "MD5", "hash", "sm3", "SHA-256"] {
        let error = make(name, Kind::Phone, &Parameters::none(), None).err().unwrap();
        assert_eq!(error, OperatorError::UnkeyedHash { name: name.to_owned() });
        assert!(error.to_string().contains("`pseudonym`"));
    }
}

#[test]
fn small_domains_are_refused_by_name() {
    let keyring = ring(Suite::Aes, 3);
    for kind in [Kind::BirthDate, Kind::Age, Kind::Sex, Kind::Ethnicity] {
        let error = make("fpe", kind, &Parameters::none(), Some(&keyring)).err().unwrap();
        assert!(error.to_string().contains(kind.id()) && error.to_string().contains("1000000"), "{error}");
    }
    // What is not encrypted must not be let through.
    let account = make("fpe", Kind::Account, &Parameters::none(), Some(&keyring)).unwrap();
    let mixed = account.apply(Value::new("张小明1990abc", ""), &Context::default());
    assert!(matches!(mixed, Err(OperatorError::NotInDomain { .. })));
    assert!(account.apply(Value::new("zhang_1990-abc", ""), &Context::default()).is_ok());
    let code = make("fpe", Kind::SmsCode, &Parameters::none(), Some(&keyring)).unwrap();
    let apply = |text| code.apply(Value::new(text, text), &Context::default());
    assert!(matches!(apply("12345"), Err(OperatorError::DomainTooSmall { size: 100_000, .. })));
    assert!(apply("123456").is_ok());
}

#[test]
fn sealed_values_are_found_in_text_and_opened_by_their_key_alone() {
    let keyring = ring(Suite::Sm, 3);
    let encrypt = make("encrypt", Kind::Phone, &Parameters::none(), Some(&keyring)).unwrap();
    let one = encrypt.apply(Value::new("138 1234 5678", "13812345678"), &Context::default()).unwrap();
    let text = format!("电话：{one}，zs1a，或zs1s2.x{one}。");
    let found = zhunsheng_protect::operator::armour(&text);
    assert_eq!(found.len(), 2);
    for (range, armour) in &found {
        assert_eq!(text[range.clone()], one);
        assert_eq!((armour.kind, armour.suite, armour.version), (Kind::Phone, Suite::Sm, 1));
        let opened = zhunsheng_protect::operator::opens(&keyring, armour).unwrap();
        assert_eq!(*opened, "138 1234 5678");
        let other = zhunsheng_protect::operator::opens(&ring(Suite::Sm, 4), armour);
        assert_eq!(other.err(), Some(OperatorError::WrongKey));
    }
    assert!(!one.chars().skip(6).any(|c| c.is_ascii_digit()), "no digits that could be taken for a number");
    // One letter changed.
    let last = if one.ends_with('a') { 'b' } else { 'a' };
    let changed: String =
        one.chars().take(one.len() - 6).chain([last]).chain(one.chars().skip(one.len() - 5)).collect();
    if changed != one {
        assert_eq!(encrypt.reverse(&changed, &Context::default()).err(), Some(OperatorError::WrongKey));
    }
    // A nonce that is handed in hides which values are equal.
    let random = Context { nonce: Some([5; 12]), ..Context::default() };
    let two = encrypt.apply(Value::new("138 1234 5678", "13812345678"), &random).unwrap();
    assert_ne!(one, two);
    assert_eq!(*encrypt.reverse(&two, &Context::default()).unwrap(), "138 1234 5678");
}

/// Ten million values of each kind, or as many as `ZHUNSHENG_ROUND_TRIPS` says; `ZHUNSHENG_KINDS` names kinds.
///
/// `cargo test --release -p zhunsheng-protect --test it -- --ignored --nocapture round_trips`
#[test]
#[ignore = "takes minutes for each kind; the small version runs always"]
fn round_trips_campaign() {
    let count =
        std::env::var("ZHUNSHENG_ROUND_TRIPS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000_000);
    round_trips(count, std::env::var("ZHUNSHENG_KINDS").ok().as_deref());
}

#[test]
fn round_trips_in_small() {
    round_trips(100, None);
}

fn round_trips(count: u64, kinds: Option<&str>) {
    let jobs: Vec<(Suite, Kind)> = Suite::ALL
        .iter()
        .flat_map(|suite| Kind::ALL.iter().map(move |kind| (*suite, *kind)))
        .filter(|(_, kind)| kinds.is_none_or(|kinds| kinds.split(',').any(|id| id == kind.id())))
        .collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let done = std::sync::atomic::AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((suite, kind)) =
                    jobs.get(next.fetch_add(1, std::sync::atomic::Ordering::Relaxed)).copied()
                {
                    let Ok(fpe) = make("fpe", kind, &Parameters::none(), Some(&ring(suite, 3))) else {
                        continue;
                    };
                    let mut numbers = Numbers(kind.index() as u64 ^ 0xabcd);
                    for _ in 0..count {
                        let value = numbers.value(kind);
                        let made = fpe.apply(Value::new(&value, &value), &Context::default()).unwrap();
                        let back = fpe.reverse(&made, &Context::default()).unwrap();
                        assert!(*back == *value, "{} {suite:?}", kind.id());
                    }
                    done.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if count > 1000 {
                        println!("{} {suite:?}: {count} values, 0 failures", kind.id());
                    }
                }
            });
        }
    });
    let done = done.into_inner();
    assert!(done > 70 || kinds.is_some(), "{done}");
}
