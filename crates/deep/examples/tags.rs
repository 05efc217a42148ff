//! Prints the tag number of every character of every line of standard input, for comparison with other
//! runtimes: `tags MODEL_FOLDER < lines`. With `--speed` also says on standard error how fast it was.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program that talks to its user")]

use std::io::Read as _;
use std::path::Path;
use std::time::Instant;
use zhunsheng_deep::Lac;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = std::env::args().nth(1).ok_or("usage: tags MODEL_FOLDER [--speed] < lines")?;
    let start = Instant::now();
    let lac = Lac::load(Path::new(&folder))?;
    let loaded = start.elapsed();
    let mut text = String::new();
    std::io::stdin().read_to_string(&mut text)?;
    let lines: Vec<Vec<char>> = text.lines().map(|line| line.chars().collect()).collect();
    let passages: Vec<&[char]> = lines.iter().map(Vec::as_slice).collect();
    let start = Instant::now();
    let readings = lac.read(&passages);
    let took = start.elapsed();
    for reading in &readings {
        let tags: Vec<String> = reading.tags.iter().map(u8::to_string).collect();
        println!("{}", tags.join(" "));
    }
    if std::env::args().any(|argument| argument == "--speed") {
        let chars: usize = lines.iter().map(Vec::len).sum();
        eprintln!(
            "loaded in {loaded:.2?}; {chars} characters, {} KB in {took:.2?}: {:.0} characters a second",
            text.len() / 1000,
            chars as f64 / took.as_secs_f64()
        );
    }
    Ok(())
}
