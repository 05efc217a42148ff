//! Measures k-anonymity on a made-up table of eight quasi-identifiers, or writes that table as CSV.
//!
//! ```text
//! cargo run --release -p zhunsheng-protect --example table_bar -- ROWS [K SUPPRESSED THREADS]
//! cargo run --release -p zhunsheng-protect --example table_bar -- ROWS csv > table.csv
//! ```
//!
//! Nobody in it is real: every row comes from a counter. The columns depend on each other as they do among people
//! (counties of very different size, income by schooling), so that classes are uneven.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measurement, run by hand")]

use std::io::Write;
use std::time::Instant;
use zhunsheng_protect::Divisions;
use zhunsheng_protect::table::{
    Goal, Ladder, Spec, TableBuilder, Threads, losses, measure, search, suppressed,
};
use zhunsheng_rules::Rules;

const NAMES: [&str; 9] = ["出生日期", "性别", "区划", "邮编", "民族", "学历", "职业", "月收入", "疾病"];

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

/// One row; `counties`: six digits each.
fn row(dice: &mut Dice, counties: &[String]) -> [String; 9] {
    let year = 1935 + dice.roll(75);
    let date = format!("{year}-{:02}-{:02}", dice.roll(12) + 1, dice.roll(28) + 1);
    let sex = ["男", "女"][dice.roll(2) as usize].to_owned();
    // The product of two rolls: few counties are large, many are small.
    let county = &counties[(dice.roll(1000) * dice.roll(1000) * counties.len() as u64 / 1_000_000) as usize];
    let postcode = format!("{}{:02}{:02}", &county[..2], dice.roll(30), dice.roll(5));
    let people =
        ["汉", "壮", "回", "满", "维吾尔", "苗", "彝", "土家"][(dice.roll(16).saturating_sub(8)) as usize];
    let school = dice.roll(6).min(dice.roll(7));
    let degree = ["小学", "初中", "高中", "专科", "本科", "硕士"][school as usize];
    let work = format!("职业{:02}", (dice.roll(40) + school * 7) % 60);
    let income = (2 + school * 2) * 1000 + dice.roll(120) * 100;
    let illness = format!("病{:02}", dice.roll(30).min(dice.roll(30)));
    [date, sex, county.clone(), postcode, people.into(), degree.into(), work, income.to_string(), illness]
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let number =
        |at: usize, default: f64| arguments.get(at).and_then(|text| text.parse().ok()).unwrap_or(default);
    let rows = number(0, 100_000.0) as u64;
    let rules = Rules::embedded();
    let divisions = Divisions::new(rules);
    let mut counties: Vec<String> = rules
        .lexicon("places.tsv")
        .unwrap_or_default()
        .lines()
        .filter_map(|line| line.split('\t').next())
        .filter(|code| code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()))
        .map(str::to_owned)
        .collect();
    counties.sort();
    counties.dedup();
    let mut dice = Dice(0x0BAD_5EED_0BAD_5EED);
    if arguments.get(1).is_some_and(|word| word == "csv") {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        writeln!(out, "{}", NAMES.join(",")).unwrap();
        for _ in 0..rows {
            writeln!(out, "{}", row(&mut dice, &counties).join(",")).unwrap();
        }
        out.flush().unwrap();
        return;
    }
    let threads = Threads::new(number(3, 2.0) as usize);
    let clock = Instant::now();
    let lap = |what: &str| println!("{:8.1} s  {what}", clock.elapsed().as_secs_f64());
    let names: Vec<String> = NAMES[..8].iter().map(|name| (*name).to_owned()).collect();
    let mut builder = TableBuilder::new(names, None);
    for _ in 0..rows {
        builder.push(row(&mut dice, &counties)[..8].iter().map(String::as_bytes)).unwrap();
    }
    let table = builder.finish(&|bytes| String::from_utf8_lossy(bytes).into_owned());
    lap("rows made and read");
    let mut specs: Vec<Spec> = table.quasi.iter().map(Spec::guess).collect();
    specs[2] = Spec::Division;
    let ladders: Vec<Ladder> = table
        .quasi
        .iter()
        .zip(&specs)
        .map(|(column, spec)| Ladder::new(column, spec, &divisions).unwrap())
        .collect();
    for ((column, spec), ladder) in table.quasi.iter().zip(&specs).zip(&ladders) {
        println!(
            "            {} {} · {} values · {} steps",
            column.name,
            spec.written(),
            column.values.len(),
            ladder.top()
        );
    }
    let losses = losses(&table, &ladders);
    let classes = measure(&table, &ladders, &[Some(0); 8], threads);
    lap(&format!(
        "measured: {} classes, {} rows unique",
        classes.classes(),
        classes.sizes.get(&1).unwrap_or(&0)
    ));
    let goal = Goal {
        k: number(1, 5.0) as u64,
        diversity: None,
        closeness: None,
        rows_suppressed_max: (number(2, 0.01) * rows as f64) as u64,
    };
    let found = search(&table, &ladders, &losses, &goal, threads, &|_, _| {}).unwrap();
    lap(&format!("searched: {} of {} combinations looked at", found.looked_at, found.combinations));
    let (gone, left) = suppressed(&table, &ladders, &found.levels, &goal, threads);
    for ((column, ladder), level) in table.quasi.iter().zip(&ladders).zip(&found.levels) {
        println!("            {}: {}", column.name, ladder.steps()[usize::from(*level)].name);
    }
    let gone = gone.iter().filter(|gone| **gone).count();
    lap(&format!("{gone} rows suppressed, {} classes left, smallest {}", left.classes(), left.smallest()));
}
