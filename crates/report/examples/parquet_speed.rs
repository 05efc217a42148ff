//! Measures `records.parquet`: `cargo run --release -p zhunsheng-report --example parquet_speed -- N [FILE]`.
//!
//! Writes N synthetic records with three mentions each, encoded on two threads, to FILE (or nowhere), and
//! prints the seconds of each step. CPU seconds: run it under `time`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a program for the person who measures")]

use std::fmt::Write as _;
use std::io::{BufWriter, Write};
use std::sync::mpsc::sync_channel;
use std::time::Instant;
use zhunsheng_model::{Kind, Reason, State};
use zhunsheng_report::records::{EncodedGroup, RecordRows, RecordState, RecordsEncoder, RecordsFile};

const GROUP: u64 = 131_072;
const THREADS: u64 = 2;

fn main() {
    let mut arguments = std::env::args().skip(1);
    let records: u64 = arguments.next().map_or(2_000_000, |number| number.parse().unwrap());
    let write: Box<dyn Write> = match arguments.next() {
        Some(path) => Box::new(BufWriter::with_capacity(1 << 20, std::fs::File::create(path).unwrap())),
        None => Box::new(std::io::sink()),
    };

    let filling = Instant::now();
    let mut rows = RecordRows::new();
    let groups = records.div_ceil(GROUP);
    (0..groups).for_each(|group| fill(&mut rows, group, records));
    println!("fill only        {:6.2} s", filling.elapsed().as_secs_f64());

    let encoding = Instant::now();
    let mut file = RecordsFile::new(write).unwrap();
    std::thread::scope(|scope| {
        let receivers: Vec<_> = (0..THREADS)
            .map(|thread| {
                let (sender, receiver) = sync_channel::<EncodedGroup>(2);
                scope.spawn(move || {
                    let (mut encoder, mut rows) = (RecordsEncoder::new().unwrap(), RecordRows::new());
                    for group in (thread..groups).step_by(THREADS as usize) {
                        fill(&mut rows, group, records);
                        sender.send(encoder.encode(&rows).unwrap()).unwrap();
                    }
                });
                receiver
            })
            .collect();
        for group in 0..groups {
            file.append(receivers[(group % THREADS) as usize].recv().unwrap()).unwrap();
        }
    });
    println!("fill and encode  {:6.2} s, {} bytes", encoding.elapsed().as_secs_f64(), file.position());

    let finishing = Instant::now();
    let mut first = 0;
    let data = file.position();
    let mut end = file
        .finish_with(|rows, late| {
            late.person
                .extend((first..first + rows).map(|record| (mix(record) % (records * 4 / 5) + 1) as u32));
            late.tier.extend((first..first + rows).map(|record| if record % 9 == 0 { 0 } else { 5 }));
            late.repeat_of
                .extend((first..first + rows).map(|record| if record % 10 == 1 { record as u32 } else { 0 }));
            first += rows;
            Ok(())
        })
        .unwrap();
    end.flush().unwrap();
    println!("late columns     {:6.2} s after {data} bytes", finishing.elapsed().as_secs_f64());
}

/// Fills one group with a name, an identity number and a mobile number a record.
fn fill(rows: &mut RecordRows, group: u64, records: u64) {
    rows.clear();
    let mut masked = String::new();
    for record in group * GROUP..records.min((group + 1) * GROUP) {
        let random = mix(record);
        let row = record % 5_000_000 + 1;
        let file = if record < 5_000_000 { "客户.csv" } else { "backup.zip!订单/2024.csv" };
        let state = if record % 50 == 0 { RecordState::Invalid } else { RecordState::Valid };
        rows.push_record(file, format_args!("row {row}"), row, 0, state);
        let hash = |salt: u64| {
            let mut hash = [0; 16];
            hash[..8].copy_from_slice(&mix(random ^ salt).to_le_bytes());
            hash[8..].copy_from_slice(&mix(random ^ salt ^ 0x5555).to_le_bytes());
            hash
        };
        rows.push_mention(Kind::Person, State::Valid, hash(1), ["张*", "李**", "王*"][(random % 3) as usize]);
        masked.clear();
        write!(masked, "{:06}********{:04}", 110_000 + random % 50_000, random >> 20 & 0xfff).unwrap();
        let state = if record % 50 == 0 { State::Invalid(Reason::WrongCheck) } else { State::Valid };
        rows.push_mention(Kind::CnId, state, hash(2), &masked);
        masked.clear();
        write!(masked, "1{:02}****{:04}", 30 + random % 70, (random >> 32) % 10_000).unwrap();
        rows.push_mention(Kind::Phone, State::Valid, hash(3), &masked);
    }
}

/// SplitMix64: numbers that look random and are always the same.
fn mix(seed: u64) -> u64 {
    let mut value = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}
