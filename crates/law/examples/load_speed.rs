//! How long the embedded law takes to load in a fresh process: heads, one statute, everything.
//!
//! `cargo run --release -p zhunsheng-law --example load_speed`

use std::time::Instant;
use zhunsheng_law::Law;

#[expect(clippy::print_stdout, reason = "the measurement is the output")]
fn main() {
    let start = Instant::now();
    let law = Law::embedded();
    let heads = start.elapsed();
    let one = law.statute("pipl").map_or(0, |statute| statute.articles().len());
    let with_one = start.elapsed();
    let articles: usize = law.statutes().iter().map(|statute| statute.articles().len()).sum();
    let cases = law.cases().len() + law.histories().len() + law.facts().thresholds.len();
    let all = start.elapsed();
    println!(
        "heads {heads:?}; with one statute of {one} articles {with_one:?}; all {articles} articles and {cases} others {all:?}"
    );
}
