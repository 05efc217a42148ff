//! One walk over one file: every fragment is read by the detector, every mention goes to the policy, and what was
//! written is scanned again.

use crate::content::{Content, Spooling};
use crate::error::{RewriteError, Warning, WarningKind};
use crate::format::{self, Change, Hands, Place, Slots, Spot};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Write};
use std::ops::Range;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use zhunsheng_detect::{Detector, TablePlan};
use zhunsheng_model::{Findings, Fragment, Kind, Mention, State, TableFragment};
use zhunsheng_protect::{
    ColumnRule, Context, Ledger, MentionView, Person, Protector, Replacement, Roster, Standing, Tally, Value,
};
use zhunsheng_source::edit::format_of;
use zhunsheng_source::format::HEAD_BYTES;

/// Containers within containers.
const DEPTH_MAX: usize = 16;

/// What every file of a run shares.
pub struct Job<'a> {
    /// Finds.
    pub detector: &'a Detector,
    /// Replaces.
    pub protector: &'a Protector,
    /// Leave out members and files that cannot be written again, instead of failing.
    pub skip_unsupported: bool,
    /// Folder for spool files.
    pub temp: &'a Path,
    /// Set by the caller to stop.
    pub cancel: &'a AtomicBool,
    /// A fresh random key for the proof.
    pub session: [u8; 32],
}

/// A value that the second scan found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Left {
    /// File or member.
    pub place: String,
    /// Its kind.
    pub kind: Kind,
    /// How many of that kind.
    pub count: u64,
}

/// What was done to a file.
pub(crate) struct Done {
    pub(crate) tally: Tally,
    pub(crate) ledger: Ledger,
    pub(crate) warnings: BTreeMap<(String, WarningKind), u64>,
    /// Kinds by column, for plans: place with column, kind and operator to count and samples.
    pub(crate) columns: BTreeMap<(String, Kind, &'static str), u64>,
    pub(crate) left_out: BTreeSet<String>,
}

impl Done {
    pub(crate) fn new(job: &Job<'_>) -> Done {
        Done {
            tally: Tally::default(),
            ledger: Ledger::new(&job.session),
            warnings: BTreeMap::new(),
            columns: BTreeMap::new(),
            left_out: BTreeSet::new(),
        }
    }

    pub(crate) fn warnings(&self) -> impl Iterator<Item = Warning> {
        self.warnings.iter().map(|((place, kind), count)| Warning {
            place: place.clone(),
            kind: *kind,
            count: *count,
        })
    }
}

/// The format of a content.
pub(crate) fn sniff(content: &Content, name: &str) -> Result<&'static str, RewriteError> {
    let read = || {
        let mut head = Vec::new();
        content.open()?.take(HEAD_BYTES as u64).read_to_end(&mut head)?;
        Ok(head)
    };
    let head = read().map_err(|error| RewriteError::read(name, error))?;
    let last = name.rsplit(['/', '!']).next().unwrap_or(name);
    let format = format_of(&head, last, head.len() < HEAD_BYTES);
    Ok(format.unwrap_or("unknown"))
}

/// Writes the protected form of `content` to `out`; what was done is added to `done`.
///
/// * `is_again`: the content is a copy made here; what was written stays, and only what stands out in it is
///   replaced. Gives the number of values replaced.
pub(crate) fn protect(
    job: &Job<'_>,
    name: &str,
    content: &Content,
    turn: Turn,
    done: &mut Done,
    out: &mut dyn Write,
) -> Result<(), RewriteError> {
    let format = sniff(content, name)?;
    let rewriter = format::rewriter(format)
        .ok_or_else(|| RewriteError::Unsupported { place: name.to_owned(), format: format.to_owned() })?;
    if turn.depth > DEPTH_MAX {
        return Err(RewriteError::unreadable(name, "archives are nested too deep"));
    }
    let place = Place { name, format, temp: job.temp };
    let mut roster = None;
    if job.protector.needs_roster() && !format::is_container(format) {
        let mut seen = Observing { job, plans: Plans::default(), roster: Roster::new() };
        rewriter.rewrite(content, &place, &mut seen, &mut std::io::sink())?;
        roster = Some(seen.roster);
    }
    let plans = Plans::default();
    let mut hands = Protecting { job, name, turn, done, roster: roster.as_ref(), plans };
    rewriter.rewrite(content, &place, &mut hands, out)
}

/// Which time a content is gone over.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Turn {
    /// Containers around it.
    pub(crate) depth: usize,
    /// Whether it is a copy made here.
    pub(crate) is_again: bool,
}

/// Scans `content`, which was written here; gives what stands in it that must not.
pub(crate) fn prove(
    job: &Job<'_>,
    name: &str,
    content: &Content,
    ledger: &Ledger,
) -> Result<Vec<Left>, RewriteError> {
    let format = sniff(content, name)?;
    let Some(rewriter) = format::rewriter(format) else {
        return Err(RewriteError::Unsupported { place: name.to_owned(), format: format.to_owned() });
    };
    let place = Place { name, format, temp: job.temp };
    let mut hands = Proving { job, name, ledger, plans: Plans::default(), left: BTreeMap::new(), depth: 0 };
    rewriter.rewrite(content, &place, &mut hands, &mut std::io::sink())?;
    let left = hands.left.into_iter();
    Ok(left.map(|((place, kind), count)| Left { place, kind, count }).collect())
}

/// The plans of the tables of one file.
#[derive(Default)]
pub(crate) struct Plans {
    plans: BTreeMap<u32, Table>,
}

struct Table {
    plan: TablePlan,
    heads: Vec<String>,
}

impl Plans {
    fn of(&mut self, job: &Job<'_>, table: &TableFragment) -> &Table {
        self.plans.entry(table.table).or_insert_with(|| {
            let plan = job.detector.plan(table);
            let heads = match &table.names {
                Some(names) => names.to_vec(),
                None => {
                    let head = plan.rows_before_data().checked_sub(1).map(|row| row as usize);
                    head.map(|row| table.cells.row(row).map(|cell| cell.trim().to_owned()).collect())
                        .unwrap_or_default()
                }
            };
            Table { plan, heads }
        })
    }

    /// Rows before the data, and the heads of the columns.
    pub(crate) fn heads(&mut self, job: &Job<'_>, table: &TableFragment) -> (u64, Vec<String>) {
        let known = self.of(job, table);
        (known.plan.rows_before_data(), known.heads.clone())
    }

    fn findings(&mut self, job: &Job<'_>, fragment: &Fragment) -> Findings {
        match fragment {
            Fragment::Text(text) => job.detector.text(text),
            Fragment::Table(table) => {
                let known = self.of(job, table);
                job.detector.table(table, &known.plan)
            }
            Fragment::Lazy(_) => Findings::default(),
        }
    }
}

/// Gathers the people of a document.
struct Observing<'a> {
    job: &'a Job<'a>,
    plans: Plans,
    roster: Roster,
}

impl Hands for Observing<'_> {
    fn changes(&mut self, fragment: &Fragment, _: Slots<'_>) -> Result<Vec<Change>, RewriteError> {
        self.roster.observe(&self.plans.findings(self.job, fragment));
        Ok(Vec::new())
    }

    fn member(&mut self, _: &str, content: Content) -> Result<Option<Content>, RewriteError> {
        Ok(Some(content))
    }

    fn warn(&mut self, _: WarningKind, _: u64) {}
}

/// Replaces.
struct Protecting<'a> {
    job: &'a Job<'a>,
    name: &'a str,
    turn: Turn,
    done: &'a mut Done,
    roster: Option<&'a Roster>,
    plans: Plans,
}

impl Protecting<'_> {
    /// What to write for a mention; `None` where it stays.
    fn replacement(&mut self, view: &MentionView<'_>, context: &Context<'_>) -> Option<Replacement> {
        let protector = self.job.protector;
        if view.is_bare() {
            return None;
        }
        if self.turn.is_again && !fails(self.done.ledger.standing(protector, view), view) {
            return None;
        }
        let replacement = protector.replace(view, context);
        if replacement.kept || replacement.text.as_deref() == Some(view.value.raw) {
            if !self.turn.is_again && !replacement.kept {
                self.note(view, &replacement);
            }
            return None;
        }
        self.note(view, &replacement);
        if self.turn.is_again {
            *self.done.warnings.entry((self.name.to_owned(), WarningKind::FoundLater)).or_default() += 1;
        }
        Some(replacement)
    }

    fn note(&mut self, view: &MentionView<'_>, replacement: &Replacement) {
        self.done.tally.note(view.kind, replacement);
        self.done.ledger.note(view, replacement);
    }

    fn count(&mut self, part: &str, kind: Kind, operator: &'static str) {
        if self.turn.is_again {
            return;
        }
        let key = (part.to_owned(), kind, operator);
        *self.done.columns.entry(key).or_default() += 1;
    }

    fn text(&mut self, findings: &Findings) -> Vec<Change> {
        let mut changes = Vec::with_capacity(findings.mentions.len());
        for record in &findings.records {
            let person = Person::of(findings, record);
            let context = Context { person: Some(&person), roster: self.roster, ..Context::default() };
            for mention in findings.mentions_of(record) {
                let view = MentionView::of(findings, mention);
                if let Some(replacement) = self.replacement(&view, &context) {
                    self.count("", mention.kind, replacement.operator);
                    let range = mention.locus.start as usize..mention.locus.end as usize;
                    changes.push(Change { spot: Spot::Text, range, new: replacement.text });
                }
            }
        }
        changes
    }

    fn table(&mut self, table: &TableFragment, slots: Slots<'_>) -> Vec<Change> {
        let job = self.job;
        let known = self.plans.of(job, table);
        let before = known.plan.rows_before_data();
        let heads = known.heads.clone();
        let findings = job.detector.table(table, &known.plan);
        let rules: Vec<Option<&ColumnRule>> =
            heads.iter().map(|head| job.protector.column(self.name, head)).collect();
        let mut changes = Vec::with_capacity(findings.mentions.len());
        for record in &findings.records {
            let person = Person::of(&findings, record);
            for mention in findings.mentions_of(record) {
                let view = MentionView::of(&findings, mention);
                let spots = spots(table, mention, before, view.value.raw);
                for (row, column, range) in spots {
                    if rules.get(column).copied().flatten().is_some() {
                        continue;
                    }
                    let head = heads.get(column).map(String::as_str);
                    let context = Context {
                        person: Some(&person),
                        roster: self.roster,
                        slot: slots(row, column),
                        column: head,
                        ..Context::default()
                    };
                    if let Some(replacement) = self.replacement(&view, &context) {
                        self.count(head.unwrap_or_default(), mention.kind, replacement.operator);
                        changes.push(Change { spot: Spot::Cell(row, column), range, new: replacement.text });
                    }
                }
            }
        }
        if rules.iter().any(Option::is_some) && !self.turn.is_again {
            self.columns(table, slots, before, &heads, &rules, &mut changes);
        }
        changes
    }

    /// Columns that have a rule of their own.
    fn columns(
        &mut self,
        table: &TableFragment,
        slots: Slots<'_>,
        before: u64,
        heads: &[String],
        rules: &[Option<&ColumnRule>],
        changes: &mut Vec<Change>,
    ) {
        for row in 0..table.cells.len() {
            if table.first_row + row as u64 <= before {
                continue;
            }
            for (column, cell) in table.cells.row(row).enumerate() {
                let Some(rule) = rules.get(column).copied().flatten() else { continue };
                let value = Value::new(cell, "");
                let context = Context {
                    roster: self.roster,
                    slot: slots(row, column),
                    column: heads.get(column).map(String::as_str),
                    ..Context::default()
                };
                let replacement = self.job.protector.replace_cell(rule, value, &context);
                if replacement.kept {
                    continue;
                }
                let view = MentionView { kind: rule.kind, state: State::Valid, confidence: 100, value };
                self.note(&view, &replacement);
                self.count(heads.get(column).map_or("", String::as_str), rule.kind, replacement.operator);
                changes.push(Change {
                    spot: Spot::Cell(row, column),
                    range: 0..cell.len(),
                    new: replacement.text,
                });
            }
        }
    }
}

impl Hands for Protecting<'_> {
    fn changes(&mut self, fragment: &Fragment, slots: Slots<'_>) -> Result<Vec<Change>, RewriteError> {
        if self.job.cancel.load(Ordering::Relaxed) {
            return Err(RewriteError::Stopped);
        }
        let changes = match fragment {
            Fragment::Text(text) => {
                let findings = self.job.detector.text(text);
                self.text(&findings)
            }
            Fragment::Table(table) => self.table(table, slots),
            Fragment::Lazy(_) => Vec::new(),
        };
        Ok(without_overlaps(changes))
    }

    fn member(&mut self, name: &str, content: Content) -> Result<Option<Content>, RewriteError> {
        let full = format!("{}!{name}", self.name);
        self.names(name, &full);
        let mut copy = Spooling::new(self.job.temp);
        let turn = Turn { depth: self.turn.depth + 1, ..self.turn };
        match protect(self.job, &full, &content, turn, self.done, &mut copy) {
            Ok(()) => copy.finish().map(Some).map_err(RewriteError::sink),
            Err(RewriteError::Unsupported { place, .. }) if self.job.skip_unsupported => {
                *self.done.warnings.entry((place.clone(), WarningKind::LeftOut)).or_default() += 1;
                self.done.left_out.insert(place);
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    fn warn(&mut self, kind: WarningKind, count: u64) {
        if !self.turn.is_again {
            *self.done.warnings.entry((self.name.to_owned(), kind)).or_default() += count;
        }
    }
}

impl Protecting<'_> {
    /// Warns when a name of a file names somebody.
    fn names(&mut self, name: &str, place: &str) {
        if name_is_personal(self.job, name) {
            *self.done.warnings.entry((place.to_owned(), WarningKind::NameOfFile)).or_default() += 1;
        }
    }
}

/// Whether the name of a file holds a valid identifier or a name of a person.
pub(crate) fn name_is_personal(job: &Job<'_>, name: &str) -> bool {
    job.detector.spans(name).iter().any(|hit| {
        let sure = hit.kind != Kind::Person || hit.confidence >= 80;
        hit.state == State::Valid && sure && job.protector.operator_of(hit.kind, None) != "keep"
    })
}

/// Scans what was written.
struct Proving<'a> {
    job: &'a Job<'a>,
    name: &'a str,
    ledger: &'a Ledger,
    plans: Plans,
    left: BTreeMap<(String, Kind), u64>,
    depth: usize,
}

impl Hands for Proving<'_> {
    fn changes(&mut self, fragment: &Fragment, _: Slots<'_>) -> Result<Vec<Change>, RewriteError> {
        if self.job.cancel.load(Ordering::Relaxed) {
            return Err(RewriteError::Stopped);
        }
        let findings = self.plans.findings(self.job, fragment);
        for mention in &findings.mentions {
            let view = MentionView::of(&findings, mention);
            if !view.is_bare() && fails(self.ledger.standing(self.job.protector, &view), &view) {
                *self.left.entry((self.name.to_owned(), mention.kind)).or_default() += 1;
            }
        }
        Ok(Vec::new())
    }

    fn member(&mut self, name: &str, content: Content) -> Result<Option<Content>, RewriteError> {
        let full = format!("{}!{name}", self.name);
        let format = sniff(&content, &full)?;
        let Some(rewriter) = format::rewriter(format) else {
            return Err(RewriteError::Unsupported { place: full, format: format.to_owned() });
        };
        if self.depth >= DEPTH_MAX {
            return Err(RewriteError::unreadable(&full, "archives are nested too deep"));
        }
        let place = Place { name: &full, format, temp: self.job.temp };
        let mut inner = Proving {
            job: self.job,
            name: &full,
            ledger: self.ledger,
            plans: Plans::default(),
            left: BTreeMap::new(),
            depth: self.depth + 1,
        };
        rewriter.rewrite(&content, &place, &mut inner, &mut std::io::sink())?;
        self.left.append(&mut inner.left);
        Ok(Some(content))
    }

    fn warn(&mut self, _: WarningKind, _: u64) {}
}

/// Whether a mention of the copy must not stand there: a value that was replaced elsewhere, or a true one that
/// nobody wrote.
fn fails(standing: Standing, view: &MentionView<'_>) -> bool {
    match standing {
        Standing::Left => true,
        Standing::New => view.state == State::Valid,
        Standing::Written | Standing::Allowed => false,
    }
}

/// Where a mention of a table stands in the fragment: row, column and bytes of the cell.
fn spots(
    table: &TableFragment,
    mention: &Mention,
    before: u64,
    raw: &str,
) -> Vec<(usize, usize, Range<usize>)> {
    let locus = mention.locus;
    if locus.row == 0 {
        // In a title line, which has no number: wherever the value stands above the data.
        let rows = before.saturating_sub(table.first_row.saturating_sub(1)) as usize;
        let mut found = Vec::new();
        for row in 0..rows.min(table.cells.len()) {
            for (column, cell) in table.cells.row(row).enumerate() {
                found.extend(cell.match_indices(raw).map(|(at, _)| (row, column, at..at + raw.len())));
            }
        }
        return found;
    }
    let Some(row) = (locus.row + before).checked_sub(table.first_row) else { return Vec::new() };
    let (row, column) = (row as usize, (locus.column as usize).saturating_sub(1));
    let Some(cell) = table.cells.row(row).nth(column) else { return Vec::new() };
    let trimmed = cell.find(raw).map_or(0..cell.len(), |at| at..at + raw.len());
    if locus.start == 0 && locus.end == 0 {
        return vec![(row, column, trimmed)];
    }
    // Places within a cell are those of the cell without the blanks around it.
    let blanks = cell.len()
        - cell.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}' || c == '\u{200B}').len();
    let range = locus.start as usize + blanks..locus.end as usize + blanks;
    let range = if cell.get(range.clone()) == Some(raw) { range } else { trimmed };
    vec![(row, column, range)]
}

/// Sorted by place; of two that overlap the wider one stays, and what reaches beyond it is added.
fn without_overlaps(mut changes: Vec<Change>) -> Vec<Change> {
    changes.sort_by(|a, b| {
        let order = (a.spot, a.range.start).cmp(&(b.spot, b.range.start));
        order.then(b.range.end.cmp(&a.range.end))
    });
    let mut kept: Vec<Change> = Vec::with_capacity(changes.len());
    for change in changes {
        match kept.last_mut() {
            Some(last) if last.spot == change.spot && change.range.start < last.range.end => {
                if change.range.end > last.range.end {
                    last.range.end = change.range.end;
                    let more = change.new.unwrap_or_default();
                    last.new.get_or_insert_default().push_str(&more);
                }
            }
            _ => kept.push(change),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(range: Range<usize>, new: &str) -> Change {
        Change { spot: Spot::Text, range, new: Some(new.to_owned()) }
    }

    #[test]
    fn of_two_that_overlap_the_wider_stays() {
        let made = without_overlaps(vec![
            change(3..5, "b"),
            change(0..9, "a"),
            change(8..12, "c"),
            change(12..13, "d"),
        ]);
        let made: Vec<_> = made.into_iter().map(|c| (c.range, c.new.unwrap_or_default())).collect();
        assert_eq!(made, [(0..12, "ac".to_owned()), (12..13, "d".to_owned())]);
    }
}
