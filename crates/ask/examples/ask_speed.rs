//! How long the first question takes in a fresh process, and how long each one after it.
//!
//! `cargo run --release -p zhunsheng-ask --example ask_speed`

use std::time::Instant;
use zhunsheng_ask::Asker;
use zhunsheng_law::Law;
use zhunsheng_rules::Rules;

/// Rounds over the questions.
const ROUNDS: u32 = 20;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() -> Result<(), zhunsheng_ask::AskError> {
    let questions =
        ["邻居的摄像头对着我家门，怎么办？", "公司要求刷脸打卡，我可以拒绝吗？", "快递单上的电话地址被泄露"];
    let start = Instant::now();
    let rules = Rules::embedded();
    let asker = Asker::new(Law::embedded(), rules, rules.as_of())?;
    let ready = start.elapsed();
    let mut found = asker.ask(questions.first().copied().unwrap_or_default(), 8).len();
    let first = start.elapsed();
    let warm = Instant::now();
    for _ in 0..ROUNDS {
        for question in questions {
            found += asker.ask(question, 8).len();
        }
    }
    let each = warm.elapsed() / (ROUNDS * 3);
    println!(
        "index ready after {ready:?}; first answer after {first:?}; each further question {each:?} ({found} answers)"
    );
    Ok(())
}
