//! Blocks of `KEY:value` lines (vCard): one record a block.

use super::{Group, LineCounter};
use crate::Hit;

/// The block of each hit; lines outside any block are records of their own.
pub(super) fn groups(text: &str, hits: &[Hit]) -> Vec<Group> {
    let mut lines = LineCounter::new(text);
    let mut starts: Vec<usize> = Vec::new();
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if starts_with_word(line, "BEGIN:") {
            starts.push(offset);
        }
        offset += line.len();
    }
    hits.iter()
        .map(|hit| {
            let start = hit.start as usize;
            let block = starts.partition_point(|block| *block <= start) as u64;
            let line = lines.line_at(start);
            // Blocks and stray lines share one row of numbers without meeting.
            if block > 0 {
                Group { id: block, ordinal: block }
            } else {
                Group { id: u64::MAX - line, ordinal: line }
            }
        })
        .collect()
}

fn starts_with_word(line: &str, word: &str) -> bool {
    line.trim_start().get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}
