//! The search against trying everything, and the figures against ones worked out by hand.

use super::*;
use crate::Divisions;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_rules::Rules;

/// The same numbers on every run.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) % sides
    }
}

fn divisions() -> &'static Divisions {
    static TREE: std::sync::OnceLock<Divisions> = std::sync::OnceLock::new();
    TREE.get_or_init(|| Divisions::new(Rules::embedded()))
}

/// A table of text; the last column is the sensitive one when `sensitive`.
fn table(names: &[&str], rows: &[Vec<String>], sensitive: bool) -> Table {
    let mut names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
    let last = if sensitive { names.pop() } else { None };
    let mut builder = TableBuilder::new(names, last);
    for row in rows {
        builder.push(row.iter().map(String::as_bytes)).unwrap();
    }
    builder.finish(&|bytes| String::from_utf8(bytes.to_vec()).unwrap())
}

fn ladders(table: &Table, specs: &[Spec]) -> Vec<Ladder> {
    let columns = table.quasi.iter().zip(specs);
    columns.map(|(column, spec)| Ladder::new(column, spec, divisions()).unwrap()).collect()
}

fn goal(k: u64, suppress: u64) -> Goal {
    Goal { k, diversity: None, closeness: None, rows_suppressed_max: suppress }
}

/// The label of every cell, in the plainest way.
fn labelled(table: &Table, ladders: &[Ladder], levels: &[u8]) -> Vec<Vec<String>> {
    (0..table.rows)
        .map(|row| {
            let columns = table.quasi.iter().zip(ladders).zip(levels);
            columns
                .map(|((column, ladder), level)| {
                    let code = column.code(row);
                    ladder.label(*level, code).unwrap_or(column.values.at(code)).to_owned()
                })
                .collect()
        })
        .collect()
}

/// Classes in the plainest way: for each tuple of labels its rows.
fn plain_classes(table: &Table, ladders: &[Ladder], levels: &[u8]) -> BTreeMap<Vec<String>, Vec<usize>> {
    let mut classes: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
    for (row, labels) in labelled(table, ladders, levels).into_iter().enumerate() {
        classes.entry(labels).or_default().push(row);
    }
    classes
}

/// What a class must keep, from the texts alone.
struct Plain {
    k: usize,
    distinct: usize,
    entropy: f64,
    /// Threshold and whether the distance is ordered.
    close: Option<(f64, bool)>,
}

impl Plain {
    fn holds(&self, table: &Table, rows: &[usize]) -> bool {
        if rows.len() < self.k {
            return false;
        }
        if self.distinct == 0 && self.entropy == 0.0 && self.close.is_none() {
            return true;
        }
        let value =
            |row: usize| table.sensitive.as_ref().map_or("", |column| column.values.at(column.code(row)));
        let spread = |rows: &mut dyn Iterator<Item = usize>| {
            let mut counts: BTreeMap<&str, f64> = BTreeMap::new();
            let mut all = 0.0;
            for row in rows {
                *counts.entry(value(row)).or_default() += 1.0;
                all += 1.0;
            }
            counts.values_mut().for_each(|count| *count /= all);
            counts
        };
        let own = spread(&mut rows.iter().copied());
        let whole = if self.close.is_some() { spread(&mut (0..table.rows)) } else { BTreeMap::new() };
        let entropy: f64 = own.values().map(|share| -share * share.ln()).sum();
        let close = self.close.is_none_or(|(threshold, ordered)| {
            let mut values: Vec<&str> = whole.keys().copied().collect();
            let apart = |value: &str| own.get(value).copied().unwrap_or(0.0) - whole[value];
            let distance = if ordered {
                values.sort_by_key(|value| value.parse::<i64>().unwrap());
                let mut moved = 0.0;
                let work: f64 = values
                    .iter()
                    .map(|value| {
                        moved += apart(value);
                        f64::abs(moved)
                    })
                    .sum();
                work / (values.len() - 1).max(1) as f64
            } else {
                values.iter().map(|value| apart(value).abs()).sum::<f64>() / 2.0
            };
            distance <= threshold + 1e-9
        });
        rows.len() >= self.k && own.len() >= self.distinct && entropy >= self.entropy - 1e-9 && close
    }
}

/// Tries every combination; the one with the least loss, then the first.
fn brute(
    table: &Table,
    ladders: &[Ladder],
    losses: &[ColumnLoss],
    plain: &Plain,
    suppress: u64,
) -> Option<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = vec![Vec::new()];
    for ladder in ladders {
        all = all
            .iter()
            .flat_map(|levels| (0..=ladder.top()).map(|level| [levels.as_slice(), &[level]].concat()))
            .collect();
    }
    let loss =
        |levels: &[u8]| -> u64 { losses.iter().zip(levels).map(|(loss, level)| loss.units(*level)).sum() };
    all.into_iter()
        .filter(|levels| {
            let classes = plain_classes(table, ladders, levels);
            let bad: usize = classes.values().filter(|rows| !plain.holds(table, rows)).map(Vec::len).sum();
            bad as u64 <= suppress
        })
        .min_by_key(|levels| (loss(levels), levels.clone()))
}

fn random(dice: &mut Dice) -> (Table, Vec<Spec>) {
    let rows = 5 + dice.roll(60) as usize;
    let wide = 1 + dice.roll(6);
    let counties = ["440305", "440306", "440103", "110105", "110108", "310101", "", "某地"];
    let rows: Vec<Vec<String>> = (0..rows)
        .map(|_| {
            vec![
                format!("19{}{}-0{}-1{}", 8 + dice.roll(2), dice.roll(10), 1 + dice.roll(wide), dice.roll(3)),
                counties[dice.roll(8) as usize].to_owned(),
                (dice.roll(10 * wide) * 100).to_string(),
                ["男", "女"][dice.roll(2) as usize].to_owned(),
                dice.roll(4).to_string(),
            ]
        })
        .collect();
    let specs = vec![Spec::Date, Spec::Division, Spec::Band(vec![500, 1000]), Spec::Suppress];
    (table(&["出生", "区划", "收入", "性别", "病"], &rows, true), specs)
}

#[test]
fn the_search_finds_what_trying_everything_finds() {
    let mut dice = Dice(0x5EED);
    let mut reached = [0; 2];
    for round in 0..150 {
        let (table, specs) = random(&mut dice);
        let ladders = ladders(&table, &specs);
        let losses = losses(&table, &ladders);
        let k = 1 + dice.roll(6) + 9 * dice.roll(2);
        let suppress = [0, table.rows as u64 / 20, table.rows as u64 / 4][dice.roll(3) as usize];
        let mut goal = goal(k, suppress);
        let mut plain = Plain { k: k as usize, distinct: 0, entropy: 0.0, close: None };
        match dice.roll(5) {
            0 => {
                goal.diversity = Some(Diversity::Distinct(2));
                plain.distinct = 2;
            }
            1 => {
                goal.diversity = Some(Diversity::Entropy(2));
                plain.entropy = 2_f64.ln();
            }
            2 => {
                goal.closeness = Some(Closeness::new(&table, 0.3, Distance::Equal).unwrap());
                plain.close = Some((0.3, false));
            }
            3 => {
                goal.closeness = Some(Closeness::new(&table, 0.2, Distance::Ordered).unwrap());
                plain.close = Some((0.2, true));
            }
            _ => {}
        }
        let expected = brute(&table, &ladders, &losses, &plain, suppress);
        for threads in [1, 3] {
            let found = search(&table, &ladders, &losses, &goal, Threads::new(threads), &|_, _| {});
            let found = found.ok().map(|found| found.levels);
            assert_eq!(found, expected, "round {round}, {threads} threads, k {k}, {suppress} suppressed");
        }
        reached[usize::from(expected.is_some())] += 1;
        let Some(levels) = expected else { continue };
        // What is left keeps the goal, no row is lost, and no more are left out than allowed.
        let (out, left) = suppressed(&table, &ladders, &levels, &goal, Threads::new(2));
        assert_eq!(out.len(), table.rows);
        let gone = out.iter().filter(|out| **out).count() as u64;
        assert!(gone <= suppress);
        assert_eq!(left.rows + gone, table.rows as u64);
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        for rows in plain_classes(&table, &ladders, &levels).values() {
            assert!(rows.iter().all(|row| out[*row] != plain.holds(&table, rows)));
            if plain.holds(&table, rows) {
                *sizes.entry(rows.len() as u64).or_default() += 1;
            }
        }
        assert_eq!(left.sizes, sizes);
        assert!(left.rows == 0 || left.smallest() >= k);
    }
    assert!(reached[0] > 3 && reached[1] > 100, "{reached:?}");
}

#[test]
fn ladders_only_join() {
    let mut dice = Dice(7);
    for _ in 0..50 {
        let (mut table, mut specs) = random(&mut dice);
        table.quasi.push(column(
            "地址",
            &[
                "广东省深圳市南山区科技路1号",
                "深圳市福田区",
                "广东省",
                "湖北省仙桃市沔街",
                "北京市海淀区中关村",
                "鼓楼区中山路1号",
                "",
                "某小区3栋",
                "518057",
                "广东省深圳市",
            ],
        ));
        specs.push(Spec::Division);
        for text in ["prefix:4,3,2", "suppress", "date", "id", "keep", "band:7,21"] {
            specs.push(Spec::parse("x", text).unwrap());
            table.quasi.push(column(
                "x",
                &[
                    "518057",
                    "51805",
                    "5180",
                    "51",
                    "",
                    "abcde",
                    "110105194912310021",
                    "-8",
                    "13",
                    "1990-01-02",
                    "1990年1月3日",
                    "11010519491231002X",
                    "3.5万",
                ],
            ));
        }
        for (column, spec) in table.quasi.iter().zip(&specs) {
            let ladder = Ladder::new(column, spec, divisions()).unwrap();
            for level in 0..=ladder.top() {
                let label = |level: u8, value: usize| {
                    ladder.label(level, value).unwrap_or(column.values.at(value)).to_owned()
                };
                let distinct: BTreeSet<String> =
                    (0..column.values.len()).map(|value| label(level, value)).collect();
                assert_eq!(distinct.len(), ladder.size(level));
                if level == ladder.top() {
                    assert_eq!(distinct.len() == 1, *spec != Spec::Keep || column.values.len() == 1);
                    continue;
                }
                assert!(ladder.size(level + 1) < ladder.size(level));
                let mut above: BTreeMap<String, String> = BTreeMap::new();
                for value in 0..column.values.len() {
                    let (here, next) = (label(level, value), label(level + 1, value));
                    assert_eq!(above.entry(here).or_insert(next.clone()), &next, "{spec:?} {level}");
                }
            }
        }
    }
}

fn column(name: &str, values: &[&str]) -> Column {
    let rows: Vec<Vec<String>> = values.iter().map(|value| vec![(*value).to_owned()]).collect();
    table(&[name], &rows, false).quasi.remove(0)
}

#[test]
fn hierarchies_say_what_they_should() {
    let labels = |spec: &str, values: &[&str], level: u8| -> Vec<String> {
        let column = column("x", values);
        let ladder = Ladder::new(&column, &Spec::parse("x", spec).unwrap(), divisions()).unwrap();
        (0..values.len()).map(|value| ladder.label(level, value).unwrap_or("=").to_owned()).collect()
    };
    let days = ["1990-03-07", "1990-03-08", "1990-04-01", "1991-01-01", "1996-01-01", "2001-01-01", "不详"];
    for (level, expected) in [
        (0, ["=", "=", "=", "=", "=", "=", "="]),
        (1, ["1990-03", "1990-03", "1990-04", "1991-01", "1996-01", "2001-01", "*"]),
        (2, ["1990", "1990", "1990", "1991", "1996", "2001", "*"]),
        (3, ["1990-1994", "1990-1994", "1990-1994", "1990-1994", "1995-1999", "2000-2004", "*"]),
        (4, ["1990-1999", "1990-1999", "1990-1999", "1990-1999", "1990-1999", "2000-2009", "*"]),
        (5, ["*"; 7]),
    ] {
        assert_eq!(labels("date", &days, level), expected);
    }
    let places = [
        "广东省深圳市南山区科技路1号",
        "深圳市南山区2号",
        "深圳市福田区3号",
        "广州市天河区4号",
        "北京市海淀区5号",
    ];
    assert_eq!(labels("division", &places, 1)[..2], ["广东省深圳市南山区", "广东省深圳市南山区"]);
    assert_eq!(
        labels("division", &places, 2),
        ["广东省深圳市", "广东省深圳市", "广东省深圳市", "广东省广州市", "北京市"]
    );
    assert_eq!(labels("division", &places, 3), ["广东省", "广东省", "广东省", "广东省", "北京市"]);
    // Six digits are a county already: the first step is the city.
    assert_eq!(labels("division", &["440305", "440306", "440103"], 1), ["4403**", "4403**", "4401**"]);
    assert_eq!(
        labels("prefix:4,2", &["518057", "518058", "510000", "12"], 1),
        ["5180**", "5180**", "5100**", "*"]
    );
    assert_eq!(labels("band:5,10", &["0", "4", "5", "12", "-1"], 1), ["0-4", "0-4", "5-9", "10-14", "-5--1"]);
    let digits = [
        "11010519491231002",
        "11010519491231003",
        "11010519491230002",
        "11010519480101002",
        "11010519501231002",
    ];
    let ids = digits
        .map(|digits| format!("{digits}{}", char::from(crate::check::citizen(digits.as_bytes()).unwrap())));
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    assert_eq!(labels("id", &ids, 1)[..3], ["110105 1949-12-31", "110105 1949-12-31", "110105 1949-12-30"]);
    assert_eq!(
        labels("id", &ids, 2),
        ["110105 1949", "110105 1949", "110105 1949", "110105 1948", "110105 1950"]
    );
    let five =
        ["1101** 1945-1949", "1101** 1945-1949", "1101** 1945-1949", "1101** 1945-1949", "1101** 1950-1954"];
    assert_eq!(labels("id", &ids, 3), five);
    // A wrong check digit: no citizen number, and nothing of it is kept.
    assert_eq!(labels("id", &["110105194912310020", "x"], 1), ["*", "*"]);
}

#[test]
fn a_hierarchy_that_is_none_is_refused() {
    for text in [
        "",
        "day",
        "prefix",
        "prefix:2,3",
        "prefix:0",
        "band",
        "band:5,12",
        "band:5,5",
        "band:x",
        "date:3",
        "tree",
    ] {
        assert!(matches!(Spec::parse("x", text), Err(TableError::Spec { .. })), "{text}");
    }
    for text in ["date", "division", "id", "prefix:4,3,2", "band:5,10,50", "suppress", "keep"] {
        assert_eq!(Spec::parse("x", text).unwrap().written(), text);
    }
    let lines = |text: &str| -> Vec<Vec<String>> {
        text.lines().map(|line| line.split(',').map(str::to_owned).collect()).collect()
    };
    let values = column("x", &["a", "b", "c"]);
    let build = |text: &str| Ladder::new(&values, &Spec::Tree(lines(text)), divisions());
    let ladder = build("a,p,r\nb,p,r\nc,q,r").unwrap();
    assert_eq!(
        ladder.steps().iter().map(|step| step.name.as_str()).collect::<Vec<_>>(),
        ["as-is", "tree-1", "tree-2"]
    );
    assert!(matches!(build("a,p\nb,p"), Err(TableError::NotInTree { missing: 1, .. })));
    assert!(matches!(build("a,p,r\nb,p,s\nc,q,s"), Err(TableError::Tree { line: 2, .. })));
    assert!(matches!(build("a,p,r\nb,p\nc,q,s"), Err(TableError::Tree { line: 2, .. })));
}

#[test]
fn hierarchies_are_guessed_from_name_and_values() {
    let many = |make: &dyn Fn(usize) -> String| -> Vec<String> { (0..60).map(make).collect() };
    for (name, values, spec) in [
        ("出生日期", many(&|n| format!("1990-01-{:02}", n % 28 + 1)), "date"),
        ("birth", many(&|n| format!("199001{:02}", n % 28 + 1)), "date"),
        ("住址", many(&|n| format!("深圳市南山区{n}号")), "division"),
        ("邮编", many(&|n| format!("5180{n:02}")), "prefix:4,3,2"),
        ("年龄", many(&|n| n.to_string()), "band:5,10,50"),
        ("收入", many(&|n| (n * 1000 + 3000).to_string()), "band:1000,5000,10000,50000"),
        ("民族", many(&|n| ["汉", "回"][n % 2].to_owned()), "suppress"),
    ] {
        let values: Vec<&str> = values.iter().map(String::as_str).collect();
        assert_eq!(Spec::guess(&column(name, &values)).written(), spec, "{name}");
    }
}

/// Table of Sweeney 2002, figure 2, in its own order: 2-anonymous by race, birth, sex and postcode.
#[test]
fn a_known_table_has_the_known_classes() {
    let rows: Vec<Vec<String>> = [
        "black,1965,m,0214*",
        "black,1965,m,0214*",
        "black,1965,f,0213*",
        "black,1965,f,0213*",
        "black,1964,f,0213*",
        "black,1964,f,0213*",
        "white,1964,m,0213*",
        "white,1964,m,0213*",
        "white,1964,m,0213*",
        "white,1967,m,0213*",
        "white,1967,m,0213*",
    ]
    .iter()
    .map(|row| row.split(',').map(str::to_owned).collect())
    .collect();
    let table = table(&["race", "birth", "sex", "zip"], &rows, false);
    let ladders = ladders(&table, &[const { Spec::Suppress }; 4]);
    let at = |levels: [Option<u8>; 4]| measure(&table, &ladders, &levels, Threads::new(1));
    let all = at([Some(0); 4]);
    assert_eq!(all.sizes, BTreeMap::from([(2, 4), (3, 1)]));
    assert_eq!((all.classes(), all.smallest(), all.rows_in_classes_below(3)), (5, 2, 8));
    assert_eq!(all.discernibility(0), 4 * 4 + 9);
    assert_eq!(all.discernibility(3), 4 * 4 + 9 + 3 * 14);
    assert_eq!(at([Some(0), None, None, None]).sizes, BTreeMap::from([(5, 1), (6, 1)]));
    let risk = Risk::of(&all, None);
    assert_eq!((risk.prosecutor_highest, risk.prosecutor_mean, risk.unique), (0.5, 5.0 / 11.0, 0));
    assert_eq!(risk.rows_at_risk, [(1, 0), (2, 8), (4, 11), (9, 11), (19, 11)]);
    assert_eq!(grade(&all), Grade::D);
}

/// Li, Li and Venkatasubramanian 2007, section 4.1: incomes 3k to 11k.
#[test]
fn a_known_table_has_the_known_distances() {
    let rows: Vec<Vec<String>> =
        (3..=11).map(|thousand| vec!["x".to_owned(), (thousand * 1000).to_string()]).collect();
    let table = table(&["zip", "salary"], &rows, true);
    let closeness = Closeness::new(&table, 0.2, Distance::Ordered).unwrap();
    let near = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    near(closeness.distance(3, &[(0, 1), (1, 1), (2, 1)]), 0.375);
    near(closeness.distance(3, &[(3, 1), (5, 1), (8, 1)]), 1.5 / 9.0);
    let equal = Closeness::new(&table, 0.2, Distance::Equal).unwrap();
    near(equal.distance(3, &[(0, 1), (1, 1), (2, 1)]), 2.0 / 3.0);
    assert!(Closeness::new(&table, 1.1, Distance::Equal).is_err());
    let goal = |l| Goal { k: 1, diversity: Some(l), closeness: None, rows_suppressed_max: 0 };
    let (even, uneven) = ([(0, 1), (1, 1)], [(0, 2), (1, 1)]);
    assert!(goal(Diversity::Entropy(2)).holds(2, &even) && !goal(Diversity::Entropy(2)).holds(3, &uneven));
    assert!(
        goal(Diversity::Distinct(2)).holds(3, &uneven) && !goal(Diversity::Distinct(3)).holds(3, &uneven)
    );
}

#[test]
fn the_population_risk_is_the_integral() {
    for fraction in [0.001, 0.05, 0.3, 0.49, 0.5, 0.7, 0.99, 1.0] {
        for size in [1_u64, 2, 3, 10, 30, 31, 100] {
            // Midpoints in a scale that follows the steep part.
            let steps = 200_000;
            let sum: f64 = (0..steps)
                .map(|step| {
                    let u = (f64::from(step) + 0.5) / f64::from(steps);
                    let v = u.powi(3);
                    3.0 * u * u * v.powi(size as i32 - 1)
                        / (fraction + (1.0 - fraction) * v)
                        / f64::from(steps)
                })
                .sum();
            let risk = super::risk::expected_risk(size, fraction);
            assert!((risk - fraction * sum).abs() < 1e-6, "{fraction} {size}: {risk} {}", fraction * sum);
            assert!(risk <= 1.0 / size as f64 + 1e-12);
        }
    }
    assert_eq!(super::risk::expected_risk(4, 1.0), 0.25);
}

#[test]
fn grades_change_where_they_say() {
    let of = |sizes: &[(u64, u64)]| {
        let sizes: BTreeMap<u64, u64> = sizes.iter().copied().collect();
        let rows = sizes.iter().map(|(size, classes)| size * classes).sum();
        grade(&Measure { rows, sizes })
    };
    assert_eq!(of(&[(20, 3)]), Grade::A);
    assert_eq!(of(&[(19, 1), (20, 3)]), Grade::B);
    assert_eq!(of(&[(5, 1), (20, 3)]), Grade::B);
    assert_eq!(of(&[(4, 1), (76, 1)]), Grade::C);
    assert_eq!(of(&[(4, 1), (75, 1)]), Grade::D);
}

#[test]
fn large_tables_are_counted_as_small_ones_are() {
    let mut dice = Dice(99);
    let rows: Vec<Vec<String>> = (0..140_000)
        .map(|_| vec![dice.roll(3000).to_string(), dice.roll(40).to_string(), dice.roll(9).to_string()])
        .collect();
    let table = table(&["a", "b", "s"], &rows, true);
    let ladders = ladders(&table, &[Spec::Band(vec![10, 100]), Spec::Suppress]);
    let losses = losses(&table, &ladders);
    for levels in [[0, 0], [1, 0], [2, 1]] {
        let plain = plain_classes(&table, &ladders, &levels);
        let mut sizes: BTreeMap<u64, u64> = BTreeMap::new();
        plain.values().for_each(|rows| *sizes.entry(rows.len() as u64).or_default() += 1);
        for threads in [1, 2, 5] {
            let measured = measure(&table, &ladders, &levels.map(Some), Threads::new(threads));
            assert_eq!(measured.sizes, sizes);
        }
    }
    for (goal, plain) in [
        (goal(3, 500), Plain { k: 3, distinct: 0, entropy: 0.0, close: None }),
        (
            Goal { diversity: Some(Diversity::Distinct(3)), ..goal(4, 100) },
            Plain { k: 4, distinct: 3, entropy: 0.0, close: None },
        ),
    ] {
        let found = search(&table, &ladders, &losses, &goal, Threads::new(2), &|_, _| {}).unwrap();
        let expected = brute(&table, &ladders, &losses, &plain, goal.rows_suppressed_max);
        assert_eq!(Some(found.levels), expected);
    }
}

#[test]
fn more_columns_than_fit_in_a_number_are_still_told_apart() {
    // 2000⁸ is beyond 2⁶⁴.
    let rows: Vec<Vec<String>> = (0..4000)
        .map(|row| {
            let twin = row % 2000;
            let mut dice = Dice(twin + 1);
            (0..8).map(|_| (twin + dice.roll(1 << 40)).to_string()).collect()
        })
        .collect();
    let names = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let table = table(&names, &rows, false);
    let ladders = ladders(&table, &[const { Spec::Suppress }; 8]);
    let measured = measure(&table, &ladders, &[Some(0); 8], Threads::new(2));
    assert_eq!(measured.sizes, BTreeMap::from([(2, 2000)]));
}

#[test]
fn advice_and_subsets_point_at_what_tells_most() {
    let mut dice = Dice(11);
    let rows: Vec<Vec<String>> = (0..500)
        .map(|row| vec![row.to_string(), dice.roll(2).to_string(), dice.roll(3).to_string()])
        .collect();
    let table = table(&["n", "a", "b"], &rows, false);
    let ladders = ladders(&table, &[Spec::Suppress, Spec::Suppress, Spec::Suppress]);
    let losses = losses(&table, &ladders);
    let advice = advise(&table, &ladders, &[0, 0, 0], &losses, 5, Threads::new(2));
    assert_eq!((advice[0].column, advice[0].below_k), (0, 0));
    assert_eq!(advice[1].below_k, 500);
    let subsets = subsets(&table, &ladders, &[0, 0, 0], (2, 100), Threads::new(1), &|_, _| {});
    assert_eq!(subsets.len(), 6);
    assert_eq!((subsets[0].columns.as_slice(), subsets[0].unique), ([0].as_slice(), 500));
    assert_eq!(subsets[5].unique, 0);
    assert_eq!(losses[0].entropy(0), 0.0);
    assert_eq!(losses[0].entropy(1), 1.0);
    assert_eq!((losses[0].certainty(0), losses[0].certainty(1)), (0.0, 1.0));
    let loss = Loss::of(&losses, &[1, 0, 0], 50, 500);
    assert!((loss.entropy - 1.0 / 3.0).abs() < 1e-9 && (loss.certainty - 0.4).abs() < 1e-9);
}

#[test]
fn what_cannot_be_reached_is_said() {
    let table = table(&["a"], &[vec!["x".into()], vec!["y".into()]], false);
    let reach = |spec: Spec, goal: Goal| {
        let ladders = ladders(&table, &[spec]);
        search(&table, &ladders, &losses(&table, &ladders), &goal, Threads::new(1), &|_, _| {})
    };
    assert_eq!(reach(Spec::Suppress, goal(2, 0)).unwrap().levels, [1]);
    assert_eq!(reach(Spec::Suppress, goal(1, 0)).unwrap().levels, [0]);
    assert!(matches!(reach(Spec::Suppress, goal(3, 0)), Err(TableError::Unreachable { .. })));
    assert!(matches!(reach(Spec::Keep, goal(2, 0)), Err(TableError::Unreachable { .. })));
    assert_eq!(reach(Spec::Keep, goal(2, 2)).unwrap().levels, [0]);
    assert!(matches!(reach(Spec::Suppress, goal(0, 0)), Err(TableError::Goal(_))));
    let diverse = Goal { diversity: Some(Diversity::Distinct(2)), ..goal(1, 0) };
    assert!(matches!(reach(Spec::Suppress, diverse), Err(TableError::Goal(_))));
}
