//! Drives the built program only: what the guide says, on the bundled sample and on broken input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "for tests only")]

#[path = "scenes/evidence.rs"]
mod evidence;
#[path = "scenes/faults.rs"]
mod faults;
#[path = "scenes/fuzz.rs"]
mod fuzz;
#[path = "../fuzz/targets.rs"]
#[allow(clippy::indexing_slicing, reason = "in a constant, checked by the compiler")]
mod fuzz_targets;
#[path = "scenes/judge.rs"]
mod judge;
#[path = "scenes/keys.rs"]
mod keys;
#[path = "scenes/law.rs"]
mod law;
#[path = "scenes/models.rs"]
mod models;
#[path = "scenes/protect.rs"]
mod protect;
#[path = "scenes/risk.rs"]
mod risk;
#[path = "scenes/sample.rs"]
mod sample;
#[path = "scenes/usage.rs"]
mod usage;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program, speaking English.
fn zhunsheng() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhunsheng"));
    command.env_remove("ZHUNSHENG_KEY").env("LC_ALL", "en_US.UTF-8");
    command
}

/// Runs `zhunsheng scan PATH --out OUT` and more.
fn scan(path: &Path, out: &Path, more: &[&str]) -> Output {
    zhunsheng().arg("scan").arg(path).arg("--out").arg(out).args(more).output().unwrap()
}

/// The same, which must succeed; gives the inventory.
fn inventory(path: &Path, out: &Path, more: &[&str]) -> Value {
    let output = scan(path, out, more);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&std::fs::read(out.join("inventory.json")).unwrap()).unwrap()
}

fn samples() -> PathBuf {
    zhunsheng_testkit::root().join("samples")
}

/// Digits with the check digit of GB 11643 added: a citizen number of a synthetic person.
fn citizen(digits: &str) -> String {
    let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
    let sum: u32 = digits.bytes().zip(weights).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    format!("{digits}{}", b"10X98765432"[(sum % 11) as usize] as char)
}

/// A table of `rows` synthetic people, one a row.
fn people(rows: usize) -> String {
    let mut text = String::from("姓名,身份证号,手机号\n");
    for row in 0..rows {
        let id =
            citizen(&format!("1101051980{:02}{:02}{:03}", row / 27 % 12 + 1, row % 27 + 1, row / 324 + 1));
        text.push_str(&format!("王{},{id},139{row:08}\n", ["伟", "芳", "秀英", "敏"][row % 4]));
    }
    text
}
