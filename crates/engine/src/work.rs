//! What a worker makes of one fragment: findings, then everything that the commit needs of them.

use crate::mentions;
use crate::reveal::Wanted;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;
use zhunsheng_count::{Batch, BatchContext, KeyedHasher};
use zhunsheng_detect::{Detector, TablePlan};
use zhunsheng_model::{
    Date, Findings, Fragment, Kind, Problem, RecordSpan, State, TableFragment, TextFragment,
};
use zhunsheng_report::Sample;
use zhunsheng_report::View;
use zhunsheng_report::records::{EncodedGroup, RecordRows, RecordState, RecordsEncoder};

/// Units with at least so many records are encoded by their worker as a row group of their own; smaller
/// ones are gathered in the commit.
const GROUP_RECORDS_MIN: usize = 8_192;

/// What every worker shares.
pub(crate) struct Shared<'a> {
    pub(crate) detector: Detector,
    pub(crate) hasher: KeyedHasher,
    pub(crate) reference: Date,
    pub(crate) acts: &'a zhunsheng_count::Acts,
    /// Whether every mention is written with its raw value.
    pub(crate) reveal: bool,
    /// The records whose raw values are wanted.
    pub(crate) wanted: Option<&'a Wanted>,
    pub(crate) cancel: &'a AtomicBool,
}

/// The plans of the tables of one file, shared by the workers on it.
#[derive(Default)]
pub(crate) struct Plans {
    plans: Mutex<HashMap<u32, Arc<TablePlan>>>,
    added: Condvar,
}

impl Plans {
    /// The plan of the table: made from its first rows, waited for by whoever works on later rows.
    ///
    /// A later piece is only ever given out after the first piece of its table, so the wait ends.
    fn of(&self, fragment: &TableFragment, shared: &Shared<'_>) -> Arc<TablePlan> {
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if let Some(plan) = plans.get(&fragment.table) {
                return Arc::clone(plan);
            }
            // After an interruption the first piece may never be worked on; any plan will do then, because
            // the result is thrown away.
            if fragment.first_row <= 1 || shared.cancel.load(Ordering::Relaxed) {
                break;
            }
            let waited = self.added.wait_timeout(plans, Duration::from_millis(200));
            plans = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
        drop(plans);
        let plan = Arc::new(shared.detector.plan(fragment));
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        let plan = Arc::clone(plans.entry(fragment.table).or_insert(plan));
        self.added.notify_all();
        plan
    }
}

/// The records of a unit on their way into `records.parquet`.
pub(crate) enum Rows {
    /// Too few for a row group of their own.
    Few(Box<RecordRows>),
    /// A row group.
    Group(EncodedGroup),
}

/// What a finished piece carries to the commit. Holds no raw value but in `lines`, which are only made when
/// asked for.
pub(crate) struct Made {
    /// One for each fragment, with the file it belongs to.
    pub(crate) batches: Vec<(Arc<str>, Batch)>,
    pub(crate) rows: Vec<Rows>,
    pub(crate) lines: String,
    pub(crate) problems: Vec<Problem>,
    pub(crate) samples: Vec<Sample>,
}

impl Made {
    pub(crate) fn new() -> Made {
        Made {
            batches: Vec::new(),
            rows: Vec::new(),
            lines: String::new(),
            problems: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// Bytes it roughly holds.
    pub(crate) fn size_bytes(&self) -> usize {
        let batches: usize = self.batches.iter().map(|(_, batch)| batch.size_bytes()).sum();
        let rows: usize = self
            .rows
            .iter()
            .map(|rows| match rows {
                Rows::Few(rows) => rows.size_bytes(),
                Rows::Group(group) => group.size_bytes(),
            })
            .sum();
        batches + rows + self.lines.len() + 64
    }
}

/// One worker's tools.
pub(crate) struct Worker<'a> {
    shared: &'a Shared<'a>,
    encoder: RecordsEncoder,
    masked: String,
}

impl<'a> Worker<'a> {
    pub(crate) fn new(shared: &'a Shared<'a>) -> Result<Worker<'a>, crate::EngineError> {
        Ok(Worker { shared, encoder: RecordsEncoder::new()?, masked: String::new() })
    }

    /// Works on one fragment.
    pub(crate) fn make(&mut self, fragment: Fragment, plans: &Plans) -> Result<Made, crate::EngineError> {
        let mut made = Made::new();
        match fragment {
            Fragment::Lazy(lazy) => {
                let (fragments, problems) = lazy.load();
                made.problems = problems;
                for fragment in fragments {
                    self.one(fragment, plans, &mut made)?;
                }
            }
            other => self.one(other, plans, &mut made)?,
        }
        Ok(made)
    }

    fn one(&mut self, fragment: Fragment, plans: &Plans, made: &mut Made) -> Result<(), crate::EngineError> {
        let (findings, spots) = match &fragment {
            Fragment::Text(text) => {
                let mut findings = self.shared.detector.text(text);
                let spots = spots_in_text(text, &mut findings);
                (findings, spots)
            }
            Fragment::Table(table) => {
                let plan = plans.of(table, self.shared);
                (self.shared.detector.table(table, &plan), Spots::Rows)
            }
            // A piece that loads to further pieces would not end.
            Fragment::Lazy(_) => return Ok(()),
        };
        if findings.records.is_empty() {
            return Ok(());
        }
        let Some(place) = findings.place.clone() else { return Ok(()) };
        if self.shared.reveal {
            mentions::write(&fragment, &findings, &mut made.lines);
        }
        drop(fragment);
        let mut batch = Batch::build(
            &findings,
            &BatchContext {
                hasher: &self.shared.hasher,
                file: 0,
                data_sets: self.shared.acts.data_sets_of(&place.file),
                reference: self.shared.reference,
                keep_hashes: true,
            },
        );
        let hashes = batch.take_hashes();
        self.samples(&findings, made);
        self.rows(&findings, &hashes, &spots, made)?;
        made.batches.push((Arc::clone(&place.file), batch));
        Ok(())
    }

    fn rows(
        &mut self,
        findings: &Findings,
        hashes: &[u128],
        spots: &Spots,
        made: &mut Made,
    ) -> Result<(), crate::EngineError> {
        let Some(place) = &findings.place else { return Ok(()) };
        let mut rows = RecordRows::new();
        let steps: String = place.steps.iter().map(|step| format!("{step} ")).collect();
        for (index, record) in findings.records.iter().enumerate() {
            let n = record.ordinal;
            let state = state_of(findings, record);
            if let Some(wanted) = self.shared.wanted {
                let part = match spots {
                    Spots::Rows => format!("row {n}"),
                    Spots::Lines => format!("line {n}"),
                    Spots::Parts(parts) => parts.get(index).cloned().unwrap_or_default(),
                };
                wanted.offer(findings, record, &place.file, format_args!("{steps}{part}"));
            }
            match spots {
                Spots::Rows => {
                    rows.push_record(&place.file, format_args!("{steps}row {n}"), n, record.role, state)
                }
                Spots::Lines => {
                    rows.push_record(&place.file, format_args!("{steps}line {n}"), n, record.role, state)
                }
                Spots::Parts(parts) => {
                    let part = parts.get(index).map_or("", String::as_str);
                    rows.push_record(&place.file, format_args!("{steps}{part}"), n, record.role, state)
                }
            }
            let first = record.mentions_start as usize;
            for (index, mention) in findings.mentions_of(record).iter().enumerate() {
                self.masked.clear();
                zhunsheng_detect::mask(mention.kind, findings.text(mention.raw), &mut self.masked);
                let hash = hashes.get(first + index).copied().unwrap_or_default().to_be_bytes();
                rows.push_mention(mention.kind, mention.state, hash, &self.masked);
            }
            if rows.is_full() {
                made.rows.push(Rows::Group(self.encoder.encode(&rows)?));
                rows.clear();
            }
        }
        if rows.len() >= GROUP_RECORDS_MIN {
            made.rows.push(Rows::Group(self.encoder.encode(&rows)?));
        } else if !rows.is_empty() {
            made.rows.push(Rows::Few(Box::new(rows)));
        }
        Ok(())
    }

    /// The first valid mentions of each kind, masked.
    fn samples(&mut self, findings: &Findings, made: &mut Made) {
        let mut have = [0_usize; Kind::ALL.len()];
        for sample in &made.samples {
            if let Some(count) = have.get_mut(sample.kind.index()) {
                *count += 1;
            }
        }
        let Some(place) = &findings.place else { return };
        let mut wanted = Kind::ALL.len();
        // Later mentions hardly bring a new kind; the first few thousand are enough for a sample.
        for mention in findings.mentions.iter().take(20_000) {
            if mention.state != State::Valid {
                continue;
            }
            let Some(count) = have.get_mut(mention.kind.index()) else { continue };
            if *count >= View::SAMPLES_PER_KIND {
                continue;
            }
            *count += 1;
            self.masked.clear();
            zhunsheng_detect::mask(mention.kind, findings.text(mention.raw), &mut self.masked);
            let place = match mention.locus.row {
                0 => place.to_string(),
                row => format!("{place} · row {row}"),
            };
            made.samples.push(Sample { kind: mention.kind, masked: self.masked.clone(), place });
            if *count == View::SAMPLES_PER_KIND {
                wanted -= 1;
                if wanted == 0 {
                    return;
                }
            }
        }
    }
}

/// How the records of a fragment are found again.
enum Spots {
    /// By the data row.
    Rows,
    /// By the line of the file.
    Lines,
    /// By the part of a document: paragraph, page and line, header.
    Parts(Vec<String>),
}

/// Numbers the records of a text by the line of the file that each begins on, whatever piece of the file the
/// text is; in a document, names the part instead.
fn spots_in_text(text: &TextFragment, findings: &mut Findings) -> Spots {
    let starts: Vec<usize> = findings
        .records
        .iter()
        .map(|record| findings.mentions_of(record).iter().map(|m| m.locus.start as usize).min().unwrap_or(0))
        .collect();
    if !text.segments.is_empty() {
        let part = |start: &usize| {
            let after = text.segments.partition_point(|segment| segment.start as usize <= *start);
            let segment = after.checked_sub(1).and_then(|index| text.segments.get(index));
            let steps = segment.map(|segment| segment.steps.as_slice()).unwrap_or_default();
            steps.iter().map(|step| step.to_string()).collect::<Vec<_>>().join(" ")
        };
        return Spots::Parts(starts.iter().map(part).collect());
    }
    let first = text.origin.map_or(0, |origin| origin.first_line) + 1;
    let (mut at, mut line) = (0, first);
    for (record, start) in findings.records.iter_mut().zip(starts) {
        // Records begin one after another, except where one was put together from several places.
        if start < at {
            (at, line) = (0, first);
        }
        let between = text.text.as_bytes().get(at..start).unwrap_or_default();
        line += between.iter().filter(|byte| **byte == b'\n').count() as u64;
        at = start;
        record.ordinal = line;
    }
    Spots::Lines
}

/// The same reading of a record's state as the counter's.
fn state_of(findings: &Findings, record: &RecordSpan) -> RecordState {
    let mentions = findings.mentions_of(record);
    if mentions.iter().any(|mention| mention.state == State::Valid) {
        RecordState::Valid
    } else if mentions.iter().any(|mention| mention.state == State::Masked) {
        RecordState::Masked
    } else {
        RecordState::Invalid
    }
}
