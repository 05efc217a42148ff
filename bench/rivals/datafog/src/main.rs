//! datafog-core on one file, one thread: `rival-datafog FILE [0.4.4|1.0.0] [MEGABYTES]`.
//!
//! Each line is a text of its own, as a record is in practice, or with `PIECE=65536` in the environment as many
//! lines as fit into so many bytes. Prints seconds of processor time, MB/s, number of findings.

use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("usage: rival-datafog FILE [0.4.4|1.0.0] [MEGABYTES]")?;
    let version = arguments.next().unwrap_or_else(|| "1.0.0".to_owned());
    let megabytes: usize = arguments.next().map_or(Ok(5), |text| text.parse())?;
    let text = std::fs::read_to_string(path)?;
    let text = &text[..text.floor_char_boundary(text.len().min(megabytes * 1_000_000))];
    let size = std::env::var("PIECE").map_or(Ok(0), |size| size.parse())?;
    let mut findings = 0;
    let start = seconds_on_cpu().ok_or_else(Instant::now);
    let mut piece_start = 0;
    while piece_start < text.len() {
        let rest = &text[piece_start..];
        let limit = rest.floor_char_boundary(size.min(rest.len()));
        let cut = match rest[..limit].rfind('\n') {
            Some(end) => end + 1,
            None => rest.find('\n').map_or(rest.len(), |end| end + 1),
        };
        let piece = rest;
        findings += match version.as_str() {
            "0.4.4" => datafog_core_0::scan(&piece[..cut]).len(),
            _ => datafog_core_1::scan(&piece[..cut]).len(),
        };
        piece_start += cut;
    }
    let seconds = match (start, seconds_on_cpu()) {
        (Ok(start), Some(end)) => end - start,
        (Err(start), _) => start.elapsed().as_secs_f64(),
        _ => return Err("the clock of the processor went away".into()),
    };
    println!("datafog-{version} {seconds:.3} s {:.1} MB/s {findings} findings", text.len() as f64 / 1e6 / seconds);
    Ok(())
}

/// Seconds that this thread has run, as Linux tells them.
fn seconds_on_cpu() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<u64>().ok()? as f64 / 1e9)
}
