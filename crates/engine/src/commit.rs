//! Takes finished units in input order: feeds the counter, writes records and mention lines, remembers what
//! must survive an interruption.

use crate::EngineError;
use crate::journal::{Journal, Saved};
use crate::progress::Progress;
use crate::work::{Made, Rows};
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::PathBuf;
use std::sync::Arc;
use zhunsheng_count::{FileName, Tally};
use zhunsheng_model::{Kind, Problem};
use zhunsheng_report::records::{RecordRows, RecordsEncoder, RecordsFile};
use zhunsheng_report::{Sample, View};

/// A checkpoint is made at the first end of a file after so many bytes or files. Counted in input, not in
/// time, because a checkpoint ends a row group of `records.parquet` and its bytes must not depend on a clock.
const CHECKPOINT_BYTES: u64 = 64 << 20;
const CHECKPOINT_FILES: u32 = 1000;

/// What a unit carries.
pub(crate) enum Payload {
    /// Findings of a piece.
    Made(Made),
    /// The end of a file.
    End(FileEnd),
}

/// What is known when a file has been read.
#[derive(Default)]
pub(crate) struct FileEnd {
    /// Name and format of the file and of everything inside it, in the order they were opened.
    pub(crate) opened: Vec<(Arc<str>, &'static str)>,
    pub(crate) problems: Vec<Problem>,
    /// SHA-256 and bytes; `None` when the file could not be read to its end.
    pub(crate) digest: Option<([u8; 32], u64)>,
}

/// The single place where results come together.
pub(crate) struct Commit<'a> {
    pub(crate) tally: Tally,
    pub(crate) records: RecordsFile<BufWriter<File>>,
    pub(crate) mentions: Option<(PathBuf, BufWriter<File>, u64)>,
    pub(crate) files: Vec<FileName>,
    numbers: HashMap<Arc<str>, u32>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) samples: Vec<Sample>,
    samples_by_kind: [usize; Kind::ALL.len()],
    pub(crate) digests: Vec<Option<([u8; 32], u64)>>,
    pending: RecordRows,
    encoder: RecordsEncoder,
    records_path: PathBuf,
    journal: Journal,
    bytes_since: u64,
    files_since: u32,
    progress: &'a Progress,
}

impl<'a> Commit<'a> {
    pub(crate) fn new(
        tally: Tally,
        records: RecordsFile<BufWriter<File>>,
        records_path: PathBuf,
        mentions: Option<(PathBuf, BufWriter<File>, u64)>,
        journal: Journal,
        progress: &'a Progress,
    ) -> Result<Commit<'a>, EngineError> {
        Ok(Commit {
            tally,
            records,
            mentions,
            files: Vec::new(),
            numbers: HashMap::new(),
            problems: Vec::new(),
            samples: Vec::new(),
            samples_by_kind: [0; Kind::ALL.len()],
            digests: Vec::new(),
            pending: RecordRows::new(),
            encoder: RecordsEncoder::new()?,
            records_path,
            journal,
            bytes_since: 0,
            files_since: 0,
            progress,
        })
    }

    /// Goes on from what an interrupted scan saved.
    pub(crate) fn restore(&mut self, saved: &Saved) {
        for file in &saved.files {
            let number = self.number(&Arc::from(file.0.as_str()));
            if let Some(entry) = self.files.get_mut(number as usize) {
                entry.format = Arc::from(file.1.as_str());
            }
        }
        self.problems = saved.problems.clone();
        self.digests = saved.digests.clone();
        for (kind, masked, place) in &saved.samples {
            if let Some(kind) = Kind::from_id(kind) {
                self.sample(Sample { kind, masked: masked.clone(), place: place.clone() });
            }
        }
    }

    /// Takes one unit.
    pub(crate) fn take(&mut self, payload: Payload) -> Result<(), EngineError> {
        match payload {
            Payload::Made(made) => self.made(made),
            Payload::End(end) => self.end(end),
        }
    }

    fn made(&mut self, made: Made) -> Result<(), EngineError> {
        self.problems.extend(made.problems);
        for (file, mut batch) in made.batches {
            batch.set_file(self.number(&file));
            self.progress.add_records(u64::from(batch.records()));
            self.tally.append(batch)?;
        }
        for rows in made.rows {
            match rows {
                Rows::Few(rows) => {
                    self.pending.extend(&rows);
                    if self.pending.is_full() {
                        self.flush_rows()?;
                    }
                }
                Rows::Group(group) => {
                    self.flush_rows()?;
                    self.records.append(group)?;
                }
            }
        }
        for sample in made.samples {
            self.sample(sample);
        }
        if let Some((path, writer, bytes)) = &mut self.mentions {
            writer.write_all(made.lines.as_bytes()).map_err(|e| EngineError::output(path, e))?;
            *bytes += made.lines.len() as u64;
        }
        Ok(())
    }

    fn sample(&mut self, sample: Sample) {
        if let Some(count) = self.samples_by_kind.get_mut(sample.kind.index())
            && *count < View::SAMPLES_PER_KIND
        {
            *count += 1;
            self.samples.push(sample);
        }
    }

    fn end(&mut self, end: FileEnd) -> Result<(), EngineError> {
        for (name, format) in end.opened {
            let number = self.number(&name);
            // The innermost reading of a name is the telling one: `docx`, not the `zip` around it.
            if let Some(file) = self.files.get_mut(number as usize) {
                file.format = format.into();
            }
        }
        self.problems.extend(end.problems);
        self.bytes_since += end.digest.map_or(0, |(_, bytes)| bytes);
        self.files_since += 1;
        self.digests.push(end.digest);
        self.progress.file_done();
        if self.bytes_since >= CHECKPOINT_BYTES || self.files_since >= CHECKPOINT_FILES {
            self.checkpoint()?;
        }
        Ok(())
    }

    /// Number of the file of that name; files are numbered as they are met.
    fn number(&mut self, name: &Arc<str>) -> u32 {
        if let Some(number) = self.numbers.get(name) {
            return *number;
        }
        let number = self.files.len() as u32;
        self.files.push(FileName { name: Arc::clone(name), format: "".into() });
        self.numbers.insert(Arc::clone(name), number);
        number
    }

    fn flush_rows(&mut self) -> Result<(), EngineError> {
        if !self.pending.is_empty() {
            let group = self.encoder.encode(&self.pending)?;
            self.pending.clear();
            self.records.append(group)?;
        }
        Ok(())
    }

    /// Writes down everything that going on from here needs. Only right between two files.
    fn checkpoint(&mut self) -> Result<(), EngineError> {
        self.flush()?;
        let saved = Saved {
            files_done: self.digests.len() as u32,
            records_bytes: self.records.position(),
            mentions_bytes: self.mentions.as_ref().map_or(0, |(_, _, bytes)| *bytes),
            files: self.files.iter().map(|f| (f.name.to_string(), f.format.to_string())).collect(),
            digests: self.digests.clone(),
            samples: self
                .samples
                .iter()
                .map(|s| (s.kind.id().to_owned(), s.masked.clone(), s.place.clone()))
                .collect(),
            problems: self.problems.clone(),
        };
        let tally = self.tally.checkpoint()?;
        let records = self.records.save()?;
        self.journal.write(&saved, &tally, &records)?;
        self.bytes_since = 0;
        self.files_since = 0;
        Ok(())
    }

    /// Brings everything into the files that are being written.
    pub(crate) fn flush(&mut self) -> Result<(), EngineError> {
        self.flush_rows()?;
        self.records.flush().map_err(|error| match error {
            zhunsheng_report::ReportError::Write(source) => EngineError::output(&self.records_path, source),
            other => other.into(),
        })?;
        if let Some((path, writer, _)) = &mut self.mentions {
            writer.flush().map_err(|e| EngineError::output(path, e))?;
        }
        Ok(())
    }
}
