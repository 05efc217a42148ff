//! Where the time of loading goes.
use std::time::Instant;
use zhunsheng_judge::*;
#[expect(clippy::print_stdout, reason = "a program for the command line")]
fn main() {
    for _ in 0..3 {
        let t = Instant::now();
        let texts = LawTexts::embedded();
        println!("law {:?}", t.elapsed());
        let t = Instant::now();
        let mut problems = Vec::new();
        let schema = Schema::read(fact_files().iter().copied(), &mut problems);
        println!("schema {:?} {}", t.elapsed(), schema.facts().len());
        let t = Instant::now();
        let (set, _) =
            read(fact_files().iter().copied(), rule_files().iter().copied(), texts, Reading::ToJudge);
        println!("all {:?} {}", t.elapsed(), set.rules.len());
    }
}
