//! Values a CPU second for each operator: `cargo run --release -p zhunsheng-protect --example protect_speed`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring program")]

use std::hint::black_box;
use std::sync::Arc;
use zhunsheng_model::Kind;
use zhunsheng_protect::cipher::Ff1;
use zhunsheng_protect::operator::{self, Parameters, Setup};
use zhunsheng_protect::{Context, Divisions, Keyring, Person, Suite, Value};
use zhunsheng_rules::Rules;

const VALUES: u64 = 200_000;

fn main() {
    let rules = Rules::embedded();
    let divisions = Arc::new(Divisions::new(rules));
    for suite in Suite::ALL {
        let ff1 = Ff1::new(*suite, &[7; 32], 10).unwrap();
        let start = cpu_seconds();
        let mut numerals = [1, 3, 8, 1, 2, 3, 4, 5, 6, 7];
        for _ in 0..VALUES {
            ff1.encrypt(b"", &mut numerals).unwrap();
        }
        black_box(numerals);
        report(*suite, "ff1 alone, 10 digits", start);

        let keyring = Keyring::new(*suite, [7; 32], None);
        let parameters = Parameters::none();
        for (name, kind) in [
            ("fpe", Kind::Phone),
            ("fpe", Kind::CnId),
            ("fpe", Kind::Person),
            ("pseudonym", Kind::Phone),
            ("encrypt", Kind::Phone),
            ("synthetic", Kind::Phone),
            ("synthetic", Kind::CnId),
            ("synthetic", Kind::Person),
            ("synthetic", Kind::Address),
            ("date_shift", Kind::BirthDate),
            ("mask", Kind::Phone),
            ("mask", Kind::Address),
            ("generalise", Kind::Address),
            ("redact", Kind::Phone),
        ] {
            let setup = Setup {
                kind,
                parameters: &parameters,
                keyring: Some(&keyring),
                suite: *suite,
                rules,
                divisions: &divisions,
                as_of: rules.as_of(),
            };
            let made = operator::make(name, &setup).unwrap();
            let whose =
                Person { anchor: Some(Person::anchor(Kind::Phone, "13812345678")), ..Person::default() };
            let context = Context { person: Some(&whose), ..Context::default() };
            let values: Vec<String> = (0..1000_u64).map(|n| value(kind, n)).collect();
            let start = cpu_seconds();
            for _ in 0..VALUES / 1000 {
                for value in &values {
                    black_box(made.apply(Value::new(value, value), &context).unwrap());
                }
            }
            report(*suite, &format!("{name} {}", kind.id()), start);
        }
    }
}

fn value(kind: Kind, n: u64) -> String {
    match kind {
        Kind::Phone => format!("138{:08}", n * 7919),
        Kind::CnId => {
            let body = format!("1101051990{:02}{:02}{:03}", 1 + n % 12, 1 + n % 28, n);
            let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
            let sum: u32 =
                body.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            body + "10X98765432".get(sum as usize % 11..=sum as usize % 11).unwrap_or_default()
        }
        Kind::Person => "张小明".to_owned(),
        Kind::BirthDate => format!("19{:02}-03-07", n % 90 + 10),
        _ => format!("广东省深圳市南山区科技路{n}号"),
    }
}

fn report(suite: Suite, what: &str, start: f64) {
    println!("{} {what}: {:.0} values/s", suite.as_str(), VALUES as f64 / (cpu_seconds() - start));
}

/// Seconds that this thread has run: other programs on the machine do not count.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
