//! How fast a table is listed, read, cut, decoded and split: `split_speed FILE…`, or a made table of 512 MiB.
//!
//! Prints MB/s for one thread doing everything, for the reader alone (which also hashes), and for the pieces alone,
//! by the time the thread was on the processor where the system tells it, so that a busy machine measures the same.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a measuring program")]

use std::io::Write;
use std::ops::ControlFlow;
use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use zhunsheng_model::{Fragment, Place, Problem};
use zhunsheng_source::{ReadOptions, Sink, list, read_file};

/// Time on the processor, or since the first call.
fn clock() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok();
    let on_processor = told.and_then(|text| text.split(' ').next()?.parse().ok());
    on_processor.map_or_else(|| START.get_or_init(Instant::now).elapsed(), Duration::from_nanos)
}

#[derive(Default)]
struct Sum {
    load: bool,
    loading: Duration,
    pieces: usize,
    rows: usize,
    cells: usize,
    chars: usize,
    problems: usize,
}

impl Sum {
    fn add(&mut self, fragment: Fragment) {
        match fragment {
            Fragment::Table(table) => {
                self.rows += table.cells.len();
                self.cells += table.cells.cells.len();
            }
            Fragment::Text(text) => self.chars += text.text.len(),
            Fragment::Lazy(lazy) => {
                self.pieces += 1;
                if self.load {
                    let start = clock();
                    let (fragments, problems) = lazy.load();
                    self.loading += clock() - start;
                    self.problems += problems.len();
                    fragments.into_iter().for_each(|fragment| self.add(fragment));
                }
            }
        }
    }
}

impl Sink for Sum {
    fn opened(&mut self, place: &Place, format: &'static str) {
        println!("{place}: {format}");
    }

    fn fragment(&mut self, fragment: Fragment) -> ControlFlow<()> {
        self.add(fragment);
        ControlFlow::Continue(())
    }

    fn problem(&mut self, problem: Problem) {
        println!("{}: {}", problem.place, problem.detail);
    }
}

fn main() {
    let mut paths: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let made = tempfile::tempdir().unwrap();
    if paths.is_empty() {
        let path = made.path().join("made.csv");
        let mut file = std::io::BufWriter::new(std::fs::File::create(&path).unwrap());
        writeln!(file, "编号,姓名,手机,住址,时间").unwrap();
        let mut size = 0;
        for row in 0_u64.. {
            let line = format!(
                "{row},王小明,1{:010},江西省赣州市石城县中山路{}号,2024-03-01 08:00:00\n",
                row * 7,
                row % 900
            );
            size += line.len();
            file.write_all(line.as_bytes()).unwrap();
            if size > 512 << 20 {
                break;
            }
        }
        file.flush().unwrap();
        paths.push(path);
    }
    for load in [true, false] {
        let mut sum = Sum { load, ..Sum::default() };
        let start = clock();
        let mut bytes = 0;
        for file in list(&paths).files {
            let outcome = read_file(&file, &ReadOptions::default(), &mut sum);
            bytes += outcome.digest.map_or(0, |digest| digest.bytes);
        }
        let speed = |time: Duration| bytes as f64 / 1e6 / time.as_secs_f64().max(1e-9);
        let all = clock() - start;
        if load {
            println!(
                "{} pieces, {} rows, {} cells, {} bytes of text, {} problems",
                sum.pieces, sum.rows, sum.cells, sum.chars, sum.problems
            );
            println!("everything in one thread: {:.0} MB/s", speed(all));
            println!("decoding and splitting:   {:.0} MB/s", speed(sum.loading));
        } else {
            println!("reading and hashing:      {:.0} MB/s", speed(all));
        }
    }
}
