//! The output folder: a work folder while the scan runs, results under their names only when complete.

use crate::EngineError;
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use zhunsheng_count::RecordTable;
use zhunsheng_model::Inventory;
use zhunsheng_report::records::RecordsFile;
use zhunsheng_report::{ArticleText, Language, PracticeText, ReportError, ReportRules, View};
use zhunsheng_rules::Rules;

const WORK: &str = ".zhunsheng-work";
const KEY: &str = "zhunsheng.key";
/// The log of evidence that lies in the output folder unless another is named.
pub(crate) const LOG: &str = "zhunsheng-log";
const RESULTS: [&str; 4] = ["inventory.json", "records.parquet", "report.html", "report.xlsx"];

/// The output folder of one scan.
pub(crate) struct Output {
    dir: PathBuf,
}

impl Output {
    /// Makes the folder and the work folder in it.
    pub(crate) fn open(dir: &Path) -> Result<Output, EngineError> {
        let output = Output { dir: dir.to_path_buf() };
        fs::create_dir_all(output.work_dir()).map_err(|e| EngineError::output(dir, e))?;
        Ok(output)
    }

    pub(crate) fn work_dir(&self) -> PathBuf {
        work_dir(&self.dir)
    }

    pub(crate) fn work(&self, name: &str) -> PathBuf {
        self.work_dir().join(name)
    }

    pub(crate) fn key_path(&self) -> PathBuf {
        self.dir.join(KEY)
    }

    /// Whether `path`, which lies under the canonical output folder `own`, was written by a scan.
    pub(crate) fn is_own(&self, path: &Path, own: &Path) -> bool {
        path.strip_prefix(own).is_ok_and(|inside| {
            inside.starts_with(WORK)
                || inside.starts_with(LOG)
                || inside.as_os_str() == KEY
                || RESULTS.iter().any(|name| inside.as_os_str() == *name)
        })
    }

    /// Removes what an earlier scan left in the work folder.
    pub(crate) fn clear_work(&self) -> Result<(), EngineError> {
        let work = self.work_dir();
        fs::remove_dir_all(&work)
            .and_then(|()| fs::create_dir_all(&work))
            .map_err(|e| EngineError::output(&work, e))
    }

    /// Writes the reports, gives every result its name and removes the work folder.
    pub(crate) fn publish(
        &self,
        inventory: &Inventory,
        view: &View,
        lang: Language,
        rules: &Rules,
        mentions: Option<&Path>,
    ) -> Result<Vec<String>, EngineError> {
        let html = zhunsheng_report::html::report(inventory, view, lang, &report_rules(rules));
        self.write("inventory.json", &zhunsheng_report::json::inventory(inventory)?)?;
        self.write("report.html", html.as_bytes())?;
        self.write("report.xlsx", &zhunsheng_report::workbook::xlsx(inventory, view, lang)?)?;
        // Everything is complete; only now do names change.
        for name in RESULTS {
            let to = self.dir.join(name);
            fs::rename(self.work(name), &to).map_err(|e| EngineError::output(&to, e))?;
        }
        if let Some(to) = mentions {
            let from = self.work("mentions.jsonl");
            // The file asked for may be on another disk, where a rename does not reach.
            fs::rename(&from, to)
                .or_else(|_| fs::copy(&from, to).map(|_| ()))
                .map_err(|e| EngineError::output(to, e))?;
        }
        let work = self.work_dir();
        fs::remove_dir_all(&work).map_err(|e| EngineError::output(&work, e))?;
        let mut written: Vec<String> = RESULTS.iter().map(|name| (*name).to_owned()).collect();
        if self.key_path().exists() {
            written.push(KEY.to_owned());
        }
        Ok(written)
    }

    fn write(&self, name: &str, bytes: &[u8]) -> Result<(), EngineError> {
        let path = self.work(name);
        File::create(&path)
            .and_then(|mut file| {
                file.write_all(bytes)?;
                file.sync_all()
            })
            .map_err(|e| EngineError::output(&path, e))
    }
}

/// The work folder of a scan into `dir`.
pub(crate) fn work_dir(dir: &Path) -> PathBuf {
    dir.join(WORK)
}

/// Adds the columns that are known only now, and closes `records.parquet`.
pub(crate) fn finish_records(
    records: RecordsFile<BufWriter<File>>,
    table: &RecordTable,
) -> Result<(), ReportError> {
    let mut ordinal = 0;
    let writer = records.finish_with(|rows, late| {
        for _ in 0..rows {
            late.person.push(table.person(ordinal));
            late.tier.push(table.tier(ordinal));
            late.repeat_of.push(table.repeat_of(ordinal));
            ordinal += 1;
        }
        Ok(())
    })?;
    writer.into_inner().map_err(|error| error.into_error())?.sync_all()?;
    Ok(())
}

/// Names the file in what went wrong with it.
pub(crate) fn report_error(path: &Path, error: ReportError) -> EngineError {
    match error {
        ReportError::Write(source) => EngineError::output(path, source),
        other => other.into(),
    }
}

/// The articles and cases behind the counting, for the report.
pub fn report_rules(rules: &Rules) -> ReportRules {
    let statute = rules.interpretation();
    let articles = [1, 3, 4, 5, 6, 11]
        .iter()
        .filter_map(|number| rules.article(*number))
        .map(|article| ArticleText {
            title: format!("{}（{}）", statute.title, statute.document_number),
            number: article.label.clone(),
            text: article.text.clone(),
            effective: statute.effective.clone(),
        })
        .collect();
    let practice = rules
        .criminal()
        .cases
        .iter()
        .map(|case| PracticeText { case: case.case.clone(), rule: case.rule.clone() })
        .collect();
    ReportRules { articles, practice }
}
