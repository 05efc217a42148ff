//! Measures the counter alone: `cargo run --release -p zhunsheng-count --example count_speed -- N [PERSONS [MiB [THREADS [VARY]]]]`.
//!
//! Makes N records of name, citizen number, mobile number and address in memory, the first PERSONS of them about
//! one person each, the others repeating earlier ones; batches are built in threads and appended in order, as a
//! scan does. With VARY 1 the later records have an address of their own, so that persons have several records
//! that differ. What does not fit the memory goes to a file in the temporary folder. Linux only for the memory
//! figure. Every number is checked against what was made.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::panic, reason = "a measuring tool")]

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::ops::ControlFlow;
use std::os::unix::fs::FileExt as _;
use std::sync::{Mutex, mpsc};
use std::time::Instant;
use zhunsheng_count::*;
use zhunsheng_model::{Basis, Date, Findings, Input, Kind, Locus, Mention, RecordSpan, State};

/// All runs in one file, each a list of stretches.
struct FileStore {
    file: File,
    end: u64,
    runs: BTreeMap<RunId, Vec<(u64, u64)>>,
    written: std::sync::Arc<std::sync::atomic::AtomicU64>,
}

impl SpillStore for FileStore {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        let size = bytes.len() as u64;
        self.runs.entry(run).or_default().push((self.end, size));
        self.end += size;
        self.written.fetch_add(size, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }
    fn len(&self, run: RunId) -> u64 {
        self.runs.get(&run).map_or(0, |run| run.iter().map(|(_, size)| size).sum())
    }
    fn read(&self, run: RunId, mut offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        for (start, size) in self.runs.get(&run).into_iter().flatten() {
            if offset < *size {
                let count = buffer.len().min((size - offset) as usize);
                return self.file.read_at(&mut buffer[..count], start + offset);
            }
            offset -= size;
        }
        Ok(0)
    }
    fn truncate(&mut self, _run: RunId, _len: u64) -> io::Result<()> {
        Err(io::Error::from(io::ErrorKind::Unsupported))
    }
    fn remove(&mut self, run: RunId) -> io::Result<()> {
        self.runs.remove(&run);
        Ok(())
    }
}

fn mix(index: u64, salt: u64) -> u64 {
    let mut z = index.wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ z >> 31
}

/// `index` times a number that has no common divisor with `size`: every value below `size` once.
fn shuffled(index: u64, size: u64) -> u64 {
    (u128::from(index) * 0x9e37_79b9_7f4a_7c15 % u128::from(size)) as u64
}

const DAYS: u64 = 60 * 12 * 28;
const AREAS: u64 = 3000;

/// Records `rows`, where record r < persons is person r and later ones repeat.
fn findings(rows: std::ops::Range<u64>, persons: u64, vary: bool) -> Findings {
    use std::fmt::Write as _;
    let mut findings = Findings::default();
    let count = (rows.end - rows.start) as usize;
    findings.arena.reserve(count * 120);
    findings.mentions.reserve(count * 4);
    for row in rows {
        let person = if row < persons { row } else { mix(row, 217) % persons };
        let start = findings.mentions.len() as u32;
        let h = mix(person, 5);
        let from = findings.arena.len() as u32;
        let han = |bits: u64| char::from_u32(0x4e00 + (bits & 4095) as u32).unwrap();
        findings.arena.extend([han(h), han(h >> 12), han(h >> 24)]);
        let a = findings.arena.len() as u32;
        let number = shuffled(person, DAYS * AREAS * 997);
        let (serial, number) = (number % 997, number / 997);
        let (day, area) = (number % DAYS, number / DAYS);
        let (year, month, day) = (1945 + day / 336, day / 28 % 12 + 1, day % 28 + 1);
        write!(findings.arena, "{:06}{year:04}{month:02}{day:02}{serial:03}X", 110_000 + area).unwrap();
        let b = findings.arena.len() as u32;
        write!(findings.arena, "1{:010}", 3_000_000_000 + shuffled(person, 6_999_999_967)).unwrap();
        let c = findings.arena.len() as u32;
        let home = if vary { mix(row, 6) } else { h };
        write!(findings.arena, "某某省某某市某某区某某路{}号{}室", home >> 36 & 127, home >> 43 & 63)
            .unwrap();
        let d = findings.arena.len() as u32;
        for (kind, start, end) in
            [(Kind::Person, from, a), (Kind::CnId, a, b), (Kind::Phone, b, c), (Kind::Address, c, d)]
        {
            let raw = zhunsheng_model::Span { start, end };
            let locus = Locus::default();
            findings.mentions.push(Mention {
                kind,
                state: State::Valid,
                confidence: 100,
                raw,
                normal: raw,
                locus,
            });
        }
        findings.records.push(RecordSpan {
            mentions_start: start,
            mentions_end: start + 4,
            name: start + 1,
            ordinal: row + 1,
            role: 0,
        });
    }
    findings
}

/// CPU seconds of the process so far.
fn cpu() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after = stat.rsplit(')').next().unwrap_or_default();
    let ticks: u64 = after.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    ticks as f64 / 100.0
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn main() {
    let given: Vec<u64> =
        std::env::args().skip(1).map(|word| word.replace('_', "").parse().unwrap()).collect();
    let records = given.first().copied().unwrap_or(1_000_000);
    let persons = given.get(1).copied().unwrap_or(records * 4 / 5);
    let memory = given.get(2).copied().unwrap_or(512) << 20;
    let threads = given.get(3).copied().unwrap_or(2) as usize;
    let vary = given.get(4) == Some(&1);
    const BATCH: u64 = 8192;

    // What making the records costs, to take it off.
    let sample = records.min(1_000_000);
    let before = cpu();
    let mut mentions = 0;
    for start in (0..sample).step_by(BATCH as usize) {
        mentions += findings(start..(start + BATCH).min(sample), persons, vary).mentions.len() as u64;
    }
    let making = (cpu() - before) / sample as f64;
    assert_eq!(mentions, sample * 4);

    let path = std::env::temp_dir().join(format!("count_speed-{}", std::process::id()));
    let file = File::options().create_new(true).read(true).write(true).open(&path).unwrap();
    // Gone as soon as nobody has it open.
    std::fs::remove_file(&path).unwrap();
    let written = std::sync::Arc::new(std::sync::atomic::AtomicU64::new(0));
    let store = FileStore { file, end: 0, runs: BTreeMap::new(), written: written.clone() };

    let reference = Date::new(2024, 3, 1).unwrap();
    let hasher = KeyedHasher::new(&[7; 32]);
    let mut tally = Tally::new(TallyOptions { memory_bytes: memory, reference }, Box::new(store));
    let (start, cpu_start) = (Instant::now(), cpu());
    let context = BatchContext { hasher: &hasher, file: 0, data_sets: 1, reference, keep_hashes: false };
    let next = Mutex::new(0u64);
    let mut append_seconds = 0.0;
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::sync_channel::<(u64, Batch)>(2 * threads);
        for _ in 0..threads {
            let (sender, next, context) = (sender.clone(), &next, &context);
            scope.spawn(move || {
                loop {
                    let batch = {
                        let mut next = next.lock().unwrap();
                        let batch = *next;
                        *next += 1;
                        batch
                    };
                    let rows = batch * BATCH..((batch + 1) * BATCH).min(records);
                    if rows.start >= records {
                        return;
                    }
                    sender.send((batch, Batch::build(&findings(rows, persons, vary), context))).unwrap();
                }
            });
        }
        drop(sender);
        let mut waiting = BTreeMap::new();
        let mut due = 0;
        for (number, batch) in receiver {
            waiting.insert(number, batch);
            while let Some(batch) = waiting.remove(&due) {
                let begin = Instant::now();
                tally.append(batch).unwrap();
                append_seconds += begin.elapsed().as_secs_f64();
                due += 1;
            }
        }
    });
    let (appended, cpu_appended) = (start.elapsed(), cpu());
    let peak_appended = peak_mib();
    let rules = CountRules::from_rules(zhunsheng_rules::Rules::embedded());
    let phases = Mutex::new(Vec::<(Phase, f64)>::new());
    let outcome = tally
        .finish(
            threads,
            FinishOptions {
                rules: &rules,
                rules_sha256: "",
                acts: &Acts::default(),
                basis: Basis::Record,
                input: Input::default(),
                problems: Vec::new(),
                files: &[],
                progress: &|progress| {
                    let now = start.elapsed().as_secs_f64();
                    let mut phases = phases.lock().unwrap();
                    match phases.last_mut() {
                        Some((phase, at)) if *phase == progress.phase => *at = now,
                        _ => phases.push((progress.phase, now)),
                    }
                    ControlFlow::Continue(())
                },
            },
        )
        .unwrap();
    let (wall, cpu_all) = (start.elapsed().as_secs_f64(), cpu() - cpu_start);
    let made = making * records as f64;
    println!("{records} records, {persons} persons, {threads} threads, budget {} MiB", memory >> 20);
    println!(
        "  wall {wall:.1} s, CPU {cpu_all:.1} s, of it making the records {made:.1} s: counting {:.1} s",
        cpu_all - made
    );
    println!(
        "  until all appended: wall {:.1} s, CPU {:.1} s (appending itself {append_seconds:.1} s), peak {peak_appended} MiB",
        appended.as_secs_f64(),
        cpu_appended - cpu_start
    );
    let mut last = appended.as_secs_f64();
    for (phase, at) in phases.into_inner().unwrap() {
        println!("  {phase:?}: {:.1} s", at - last);
        last = at;
    }
    println!("  rest: {:.1} s", wall - last);
    let spilled = written.load(std::sync::atomic::Ordering::Relaxed);
    println!(
        "  spilled {} MiB = {:.1} bytes a record; peak {} MiB",
        spilled >> 20,
        spilled as f64 / records as f64,
        peak_mib()
    );
    let counts = &outcome.inventory.counts;
    assert_eq!(counts.records, records);
    assert_eq!(counts.persons, persons.min(records));
    assert_eq!(counts.by_kind[&Kind::CnId].distinct, persons.min(records));
    println!("  bases {:?}, repeated {}", outcome.inventory.bases, counts.records_repeated);
    if vary {
        return;
    }
    assert_eq!(counts.records_repeated_exactly, records - persons.min(records));
    for row in (0..persons.min(records)).step_by(9973) {
        assert_eq!(u64::from(outcome.table.person(row)), row + 1);
    }
}
