//! Makes findings out of short descriptions, and counts them.

use std::ops::ControlFlow;
use std::sync::Arc;
use zhunsheng_count::*;
use zhunsheng_model::{Basis, Date, Findings, Input, Kind, Locus, Mention, RecordSpan, State};
use zhunsheng_rules::Sensitive;

/// A record as a test describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rec {
    /// Mentions in order.
    pub(crate) mentions: Vec<(Kind, String, State)>,
    /// Index of the mention that is the name.
    pub(crate) name: Option<usize>,
    /// Data sets.
    pub(crate) data_sets: u64,
}

impl Rec {
    pub(crate) fn new(mentions: &[(Kind, &str)]) -> Rec {
        let mentions: Vec<_> =
            mentions.iter().map(|(kind, value)| (*kind, (*value).to_owned(), State::Valid)).collect();
        let name = mentions.iter().position(|(kind, ..)| *kind == Kind::Person);
        Rec { mentions, name, data_sets: 1 }
    }

    pub(crate) fn of(kind: Kind, value: &str) -> Rec {
        Rec::new(&[(kind, value)])
    }

    pub(crate) fn in_sets(mut self, data_sets: u64) -> Rec {
        self.data_sets = data_sets;
        self
    }
}

/// Findings that hold the records in their order.
pub(crate) fn findings(records: &[Rec]) -> Findings {
    let mut findings = Findings::default();
    for (index, record) in records.iter().enumerate() {
        let start = findings.mentions.len() as u32;
        for (kind, value, state) in &record.mentions {
            let raw = findings.store(value);
            findings.mentions.push(Mention {
                kind: *kind,
                state: *state,
                confidence: 100,
                raw,
                normal: if *state == State::Valid { raw } else { Default::default() },
                locus: Locus::default(),
            });
        }
        findings.records.push(RecordSpan {
            mentions_start: start,
            mentions_end: findings.mentions.len() as u32,
            name: record.name.map_or(0, |name| start + name as u32 + 1),
            ordinal: index as u64 + 1,
            role: 0,
        });
    }
    findings
}

/// Tiers as the project's rules have them for the kinds that tests use, written down again.
pub(crate) fn rules() -> CountRules {
    CountRules::new(Lines::default(), |kind| {
        let (tier, tier_lenient) = match kind {
            Kind::GeoLng | Kind::GeoLat | Kind::Comms | Kind::Credit => (3, 3),
            Kind::Property | Kind::BankCard => (3, 5),
            Kind::Health | Kind::HotelRoom | Kind::Transaction | Kind::Biometric => (4, 4),
            Kind::Org | Kind::Uscc | Kind::Location | Kind::CaseNo => (0, 0),
            _ => (5, 5),
        };
        let sensitive = match kind {
            Kind::Health | Kind::Biometric | Kind::BankCard => Sensitive::Yes,
            Kind::CnId | Kind::Phone => Sensitive::Context,
            _ => Sensitive::No,
        };
        KindReading { tier, tier_lenient, sensitive }
    })
}

pub(crate) fn reference() -> Date {
    Date::new(2024, 3, 1).unwrap()
}

/// How to count.
pub(crate) struct How {
    pub(crate) memory: u64,
    pub(crate) threads: usize,
    pub(crate) batch: usize,
    pub(crate) basis: Basis,
    pub(crate) acts: Acts,
    pub(crate) key: u8,
}

impl Default for How {
    fn default() -> How {
        How { memory: 64 << 20, threads: 2, batch: 7, basis: Basis::Record, acts: Acts::default(), key: 1 }
    }
}

/// Batches of neighbouring records with equal data sets.
pub(crate) fn batches(records: &[Rec], how: &How) -> Vec<Batch> {
    let hasher = KeyedHasher::new(&[how.key; 32]);
    let mut batches = Vec::new();
    for same in records.chunk_by(|a, b| a.data_sets == b.data_sets) {
        for chunk in same.chunks(how.batch) {
            let context = BatchContext {
                hasher: &hasher,
                file: chunk[0].data_sets as u32 % 3,
                data_sets: chunk[0].data_sets,
                reference: reference(),
                keep_hashes: false,
            };
            batches.push(Batch::build(&findings(chunk), &context));
        }
    }
    batches
}

pub(crate) fn options(how: &How) -> TallyOptions {
    TallyOptions { memory_bytes: how.memory, reference: reference() }
}

pub(crate) fn finish(tally: Tally, how: &How) -> Result<Outcome, CountError> {
    let rules = rules();
    let files: Vec<FileName> = ["a.csv", "b.csv", "c.csv"]
        .iter()
        .map(|name| FileName { name: Arc::from(*name), format: Arc::from("csv") })
        .collect();
    tally.finish(
        how.threads,
        FinishOptions {
            rules: &rules,
            rules_sha256: "none",
            acts: &how.acts,
            basis: how.basis,
            input: Input::default(),
            problems: Vec::new(),
            files: &files,
            progress: &|_| ControlFlow::Continue(()),
        },
    )
}

pub(crate) fn try_count(
    records: &[Rec],
    how: &How,
    store: Box<dyn SpillStore>,
) -> Result<Outcome, CountError> {
    let mut tally = Tally::new(options(how), store);
    for batch in batches(records, how) {
        tally.append(batch)?;
    }
    finish(tally, how)
}

pub(crate) fn count(records: &[Rec], how: &How) -> Outcome {
    try_count(records, how, Box::new(MemoryStore::new())).unwrap()
}

/// Numbers that look random and are the same on every run.
pub(crate) struct Dice(pub u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % sides
    }
}

/// A store that outlives the count that fills it, as files do.
#[derive(Clone, Default)]
pub(crate) struct SharedStore(Arc<std::sync::Mutex<MemoryStore>>);

impl SpillStore for SharedStore {
    fn append(&mut self, run: RunId, bytes: &[u8]) -> std::io::Result<()> {
        self.0.lock().unwrap().append(run, bytes)
    }
    fn len(&self, run: RunId) -> u64 {
        self.0.lock().unwrap().len(run)
    }
    fn read(&self, run: RunId, offset: u64, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().read(run, offset, buffer)
    }
    fn truncate(&mut self, run: RunId, len: u64) -> std::io::Result<()> {
        self.0.lock().unwrap().truncate(run, len)
    }
    fn remove(&mut self, run: RunId) -> std::io::Result<()> {
        self.0.lock().unwrap().remove(run)
    }
}
