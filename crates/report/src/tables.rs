//! The tables of an inventory, once for every form of report: terminal, HTML and workbook show the same rows.

use crate::texts::{Text, fill, labelled};
use crate::view::View;
use crate::words::{self, printable};
use crate::{Language, details, number};
use std::collections::BTreeMap;
use zhunsheng_model::{Bases, Basis, Inventory, Kind, Proportion, TierCount, Verdict};

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    Number(u64),
    Empty,
}

impl Cell {
    /// The cell as text, numbers with their thousands parted.
    pub(crate) fn shown(&self) -> String {
        match self {
            Cell::Text(text) => text.clone(),
            Cell::Number(value) => number::grouped(*value),
            Cell::Empty => String::new(),
        }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell::Text(text.to_owned())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell::Text(text)
    }
}

impl From<u64> for Cell {
    fn from(value: u64) -> Cell {
        Cell::Number(value)
    }
}

impl From<Option<String>> for Cell {
    fn from(text: Option<String>) -> Cell {
        text.map_or(Cell::Empty, Cell::Text)
    }
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Column {
    pub title: String,
    /// Numbers stand at the right.
    pub numeric: bool,
}

/// A table with its title.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Table {
    /// Used for anchors.
    pub id: &'static str,
    pub title: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Vec<Cell>>,
}

impl Table {
    fn new(id: &'static str, title: Text, language: Language, columns: &[(Text, bool)]) -> Table {
        let columns = columns
            .iter()
            .map(|(title, numeric)| Column { title: title.of(language).to_owned(), numeric: *numeric })
            .collect();
        Table { id, title: title.of(language).to_owned(), columns, rows: Vec::new() }
    }

    fn push(&mut self, row: impl IntoIterator<Item = Cell>) {
        self.rows.push(row.into_iter().collect());
    }
}

const TEXT: bool = false;
const NUMBER: bool = true;

/// The tier that a kind puts a record into, as it was counted.
fn tier_of(inventory: &Inventory, kind: Kind) -> Option<&TierCount> {
    inventory.criminal.tiers.iter().find(|tier| tier.kinds.contains(&kind))
}

fn tier_name(inventory: &Inventory, kind: Kind, language: Language) -> Cell {
    let text = tier_of(inventory, kind).map_or(Text::TierNone, |tier| words::tier(tier.item).0);
    text.of(language).into()
}

/// Kinds with the counts that fit a terminal.
pub(crate) fn kinds_short(inventory: &Inventory, language: Language) -> Table {
    let mut table = Table::new(
        "kinds",
        Text::Kinds,
        language,
        &[
            (Text::Kind, TEXT),
            (Text::Mentions, NUMBER),
            (Text::Valid, NUMBER),
            (Text::Distinct, NUMBER),
            (Text::Records, NUMBER),
            (Text::Persons, NUMBER),
            (Text::Tier, TEXT),
        ],
    );
    for (kind, counts) in &inventory.counts.by_kind {
        table.push([
            words::kind(*kind, language).into(),
            counts.mentions.into(),
            counts.valid.into(),
            counts.distinct.into(),
            counts.records.into(),
            counts.persons.into(),
            tier_name(inventory, *kind, language),
        ]);
    }
    table
}

/// Kinds with every count.
pub(crate) fn kinds(inventory: &Inventory, language: Language) -> Table {
    let mut table = Table::new(
        "kinds",
        Text::Kinds,
        language,
        &[
            (Text::Kind, TEXT),
            (Text::KindId, TEXT),
            (Text::Mentions, NUMBER),
            (Text::Valid, NUMBER),
            (Text::Distinct, NUMBER),
            (Text::Invalid, NUMBER),
            (Text::Masked, NUMBER),
            (Text::Placeholder, NUMBER),
            (Text::Records, NUMBER),
            (Text::Persons, NUMBER),
            (Text::Tier, TEXT),
        ],
    );
    for (kind, counts) in &inventory.counts.by_kind {
        table.push([
            words::kind(*kind, language).into(),
            kind.id().into(),
            counts.mentions.into(),
            counts.valid.into(),
            counts.distinct.into(),
            counts.invalid.into(),
            counts.masked.into(),
            counts.placeholder.into(),
            counts.records.into(),
            counts.persons.into(),
            tier_name(inventory, *kind, language),
        ]);
    }
    table
}

/// Mentions left out by kind and reason.
pub(crate) fn rejected(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::Kind, TEXT), (Text::Reason, TEXT), (Text::Mentions, NUMBER)];
    let mut table = Table::new("rejected", Text::Rejected, language, &columns);
    for rejected in &inventory.rejected {
        table.push([
            words::kind(rejected.kind, language).into(),
            words::reason(&rejected.reason, language).into(),
            rejected.mentions.into(),
        ]);
    }
    table
}

/// The count by one basis.
pub(crate) fn items_by(bases: &Bases, basis: Basis) -> u64 {
    match basis {
        Basis::Seized => bases.seized,
        Basis::Record => bases.record,
        Basis::Item => bases.item,
        Basis::Person => bases.person,
    }
}

/// Every basis beside what it rests on.
pub(crate) fn bases(inventory: &Inventory, language: Language) -> Table {
    let columns = [
        (Text::Basis, TEXT),
        (Text::Items, NUMBER),
        (Text::OneItemIs, TEXT),
        (Text::RestsOn, TEXT),
        (Text::Remark, TEXT),
    ];
    let mut table = Table::new("bases", Text::BasesTitle, language, &columns);
    for basis in Basis::ALL {
        let (is, on) = words::basis_explained(*basis);
        let chosen = (*basis == inventory.criminal.basis).then(|| Text::BasisChosen.of(language).to_owned());
        table.push([
            words::basis(*basis).of(language).into(),
            items_by(&inventory.bases, *basis).into(),
            is.of(language).into(),
            on.of(language).into(),
            chosen.into(),
        ]);
    }
    table
}

/// The line at which 情节特别严重 begins: ten times (法释〔2017〕10号 art. 5 ¶2 item 3).
pub(crate) fn very_serious_line(tier: &TierCount) -> u64 {
    tier.threshold.saturating_mul(10)
}

/// Whether a tier is reached, ten times or not at all.
pub(crate) fn reached(tier: &TierCount) -> Text {
    if tier.reached && tier.count >= very_serious_line(tier) {
        Text::ReachedTen
    } else if tier.reached {
        Text::Reached
    } else {
        Text::NotReached
    }
}

/// Tiers with the columns that fit a terminal.
pub(crate) fn tiers_short(inventory: &Inventory, language: Language) -> Table {
    let columns = [
        (Text::Tier, TEXT),
        (Text::Category, TEXT),
        (Text::Count, NUMBER),
        (Text::Line, NUMBER),
        (Text::Share, NUMBER),
        (Text::ReachedColumn, TEXT),
    ];
    let mut table = Table::new("tiers", Text::TiersTitle, language, &columns);
    for tier in &inventory.criminal.tiers {
        let (name, is) = words::tier(tier.item);
        table.push([
            name.of(language).into(),
            is.of(language).into(),
            tier.count.into(),
            tier.threshold.into(),
            number::percent(tier.count, tier.threshold).into(),
            reached(tier).of(language).into(),
        ]);
    }
    table
}

/// Tiers with every column.
pub(crate) fn tiers(inventory: &Inventory, language: Language) -> Table {
    let mut table = Table::new(
        "tiers",
        Text::TiersTitle,
        language,
        &[
            (Text::Tier, TEXT),
            (Text::Category, TEXT),
            (Text::Line, NUMBER),
            (Text::Count, NUMBER),
            (Text::Share, NUMBER),
            (Text::ReachedColumn, TEXT),
            (Text::VeryLine, NUMBER),
            (Text::Lenient, NUMBER),
            (Text::BasisSeized, NUMBER),
            (Text::BasisRecord, NUMBER),
            (Text::BasisItem, NUMBER),
            (Text::BasisPerson, NUMBER),
            (Text::KindsFound, TEXT),
        ],
    );
    for tier in &inventory.criminal.tiers {
        let (name, is) = words::tier(tier.item);
        table.push([
            name.of(language).into(),
            is.of(language).into(),
            tier.threshold.into(),
            tier.count.into(),
            number::percent(tier.count, tier.threshold).into(),
            reached(tier).of(language).into(),
            very_serious_line(tier).into(),
            tier.count_if_lenient.into(),
            tier.by_basis.seized.into(),
            tier.by_basis.record.into(),
            tier.by_basis.item.into(),
            tier.by_basis.person.into(),
            words::kinds(&tier.kinds, language).into(),
        ]);
    }
    table
}

/// Tiers as they are printed on paper: what [`tiers`] holds of the chosen basis.
pub(crate) fn tiers_chosen(inventory: &Inventory, language: Language) -> Table {
    let mut table = tiers_short(inventory, language);
    for title in [Text::VeryLine, Text::Lenient] {
        table.columns.push(Column { title: title.of(language).to_owned(), numeric: NUMBER });
    }
    for (row, tier) in table.rows.iter_mut().zip(&inventory.criminal.tiers) {
        row.extend([very_serious_line(tier).into(), tier.count_if_lenient.into()]);
    }
    table
}

/// Tiers by each basis, with the kinds that put items there.
pub(crate) fn tiers_by_basis(inventory: &Inventory, language: Language) -> Table {
    let columns = [
        (Text::Tier, TEXT),
        (Text::BasisSeized, NUMBER),
        (Text::BasisRecord, NUMBER),
        (Text::BasisItem, NUMBER),
        (Text::BasisPerson, NUMBER),
        (Text::KindsFound, TEXT),
    ];
    let mut table = Table::new("tiers-by-basis", Text::TiersByBasis, language, &columns);
    for tier in &inventory.criminal.tiers {
        table.push([
            words::tier(tier.item).0.of(language).into(),
            tier.by_basis.seized.into(),
            tier.by_basis.record.into(),
            tier.by_basis.item.into(),
            tier.by_basis.person.into(),
            words::kinds(&tier.kinds, language).into(),
        ]);
    }
    table
}

/// The two verdicts with their sentences.
pub(crate) fn verdicts(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::Question, TEXT), (Text::Answer, TEXT), (Text::Reason, TEXT)];
    let mut table = Table::new("verdicts", Text::VerdictsTitle, language, &columns);
    let criminal = &inventory.criminal;
    for (question, verdict) in
        [(Text::Serious, &criminal.serious), (Text::VerySerious, &criminal.very_serious)]
    {
        table.push([
            question.of(language).into(),
            words::answer(verdict.answer).of(language).into(),
            sentence(verdict, language).into(),
        ]);
    }
    table
}

/// The sentence of a verdict.
pub(crate) fn sentence(verdict: &Verdict, language: Language) -> String {
    printable(match language {
        Language::Zh => &verdict.reason_zh,
        Language::En => &verdict.reason_en,
    })
}

/// The sum of item 6 as a sentence.
pub(crate) fn proportion(inventory: &Inventory, language: Language) -> String {
    sum(&inventory.criminal.proportion_detail, language)
}

fn sum(detail: &Proportion, language: Language) -> String {
    let text = if detail.reached { Text::ProportionReached } else { Text::ProportionNotReached };
    fill(text.of(language), &[&detail.arithmetic, &detail.fraction])
}

/// Income from which 情节严重 begins: 5,000 yuan (法释〔2017〕10号 art. 5 ¶1 item 7), half of it under item 8.
const INCOME_LINE_YUAN: u64 = 5_000;

/// What holds for the tiers besides their counts: item 8, income, art. 6, how records are assigned.
pub(crate) fn tier_notes(inventory: &Inventory, language: Language) -> Vec<String> {
    let criminal = &inventory.criminal;
    let mut notes = Vec::new();
    if criminal.half_applied {
        notes.push(Text::HalfApplied.of(language).to_owned());
    }
    if let Some(income) = criminal.income_yuan {
        let line = if criminal.half_applied { INCOME_LINE_YUAN / 2 } else { INCOME_LINE_YUAN };
        notes.push(fill(Text::Income.of(language), &[&number::grouped(income), &number::grouped(line)]));
    }
    if let Some(article) = &criminal.article_6 {
        let profit = match article.profit_yuan {
            Some(profit) => fill(Text::Yuan.of(language), &[&number::grouped(profit)]),
            None => Text::NotGiven.of(language).to_owned(),
        };
        let reached = if article.reached { Text::Reached } else { Text::NotReached };
        let (items, line) = (number::grouped(article.items), number::grouped(article.profit_line_yuan));
        notes.push(fill(Text::Article6.of(language), &[&items, &profit, &line, reached.of(language)]));
    }
    notes.push(Text::Strictly.of(language).to_owned());
    notes
}

/// Item 8 where it is about part of what was counted, with what stands under the table.
pub(crate) fn half(inventory: &Inventory, language: Language) -> Option<(Table, Vec<String>)> {
    let half = inventory.criminal.half.as_ref()?;
    let columns = [
        (Text::Tier, TEXT),
        (Text::Count, NUMBER),
        (Text::HalfLine, NUMBER),
        (Text::Share, NUMBER),
        (Text::ReachedColumn, TEXT),
    ];
    let mut table = Table::new("half", Text::HalfTitle, language, &columns);
    for ((item, count), line) in (3..).zip(half.counts).zip(half.thresholds) {
        let reached = if count >= line { Text::Reached } else { Text::NotReached };
        table.push([
            words::tier(item).0.of(language).into(),
            count.into(),
            line.into(),
            number::percent(count, line).into(),
            reached.of(language).into(),
        ]);
    }
    let mut notes = vec![fill(Text::HalfProportion.of(language), &[&sum(&half.proportion, language)])];
    if let Some(income) = half.income_yuan {
        let line = number::grouped(INCOME_LINE_YUAN / 2);
        notes.push(fill(Text::HalfIncome.of(language), &[&number::grouped(income), &line]));
    }
    Some((table, notes))
}

/// Review status in plain words.
pub(crate) fn review(inventory: &Inventory, language: Language) -> String {
    match inventory.criminal.review.as_str() {
        "unreviewed" => Text::Unreviewed.of(language).to_owned(),
        status => fill(Text::Reviewed.of(language), &[&printable(status)]),
    }
}

/// Records by what became of them.
pub(crate) fn records(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::Figure, TEXT), (Text::Value, NUMBER)];
    let mut table = Table::new("records", Text::RecordsTitle, language, &columns);
    let counts = &inventory.counts;
    for (label, value) in [
        (Text::RecordsAll, counts.records),
        (Text::RecordsValid, counts.records_valid),
        (Text::RecordsInvalid, counts.records_invalid),
        (Text::RecordsMasked, counts.records_masked),
        (Text::RecordsRepeatedExactly, counts.records_repeated_exactly),
        (Text::RecordsRepeated, counts.records_repeated),
        (Text::RecordsWithoutPerson, counts.records_without_person),
        (Text::PersonsAll, counts.persons),
    ] {
        table.push([label.of(language).into(), value.into()]);
    }
    table
}

/// Counts under the Personal Information Protection Law.
pub(crate) fn pipl(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::Figure, TEXT), (Text::Persons, NUMBER)];
    let mut table = Table::new("pipl", Text::PiplTitle, language, &columns);
    let sensitive = &inventory.pipl.sensitive;
    for (label, value) in [
        (Text::PersonsAll, inventory.pipl.persons),
        (Text::SensitivePersons, inventory.counts.sensitive_persons),
        (Text::Under14, sensitive.persons_under_14),
        (Text::SensitiveKind, sensitive.persons_sensitive_kind),
        (Text::ContextKind, sensitive.persons_context_kind),
    ] {
        table.push([label.of(language).into(), value.into()]);
    }
    for (kind, persons) in &sensitive.by_kind {
        let label = labelled(Text::SensitiveByKind.of(language), words::kind(*kind, language), language);
        table.push([label.into(), (*persons).into()]);
    }
    table
}

/// How ages were reckoned.
pub(crate) fn under_14_note(inventory: &Inventory, language: Language) -> String {
    let date = match inventory.pipl.reference_date.as_str() {
        "" => Text::NotGiven.of(language).to_owned(),
        date => printable(date),
    };
    fill(Text::Under14Note.of(language), &[&date])
}

/// Persons by the number of kinds known about them.
pub(crate) fn histogram(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::KindsKnownAxis, NUMBER), (Text::PersonsAxis, NUMBER)];
    let mut table = Table::new("histogram", Text::HistogramTitle, language, &columns);
    for (kinds, persons) in &inventory.counts.persons_by_kinds_known {
        table.push([u64::from(*kinds).into(), (*persons).into()]);
    }
    table
}

/// The acts counted.
pub(crate) fn acts(inventory: &Inventory, language: Language) -> Table {
    let columns = [
        (Text::Act, TEXT),
        (Text::DataSet, TEXT),
        (Text::Recipient, TEXT),
        (Text::Date, TEXT),
        (Text::Items, NUMBER),
    ];
    let mut table = Table::new("acts", Text::ActsTitle, language, &columns);
    for act in &inventory.criminal.acts {
        let data_set = match act.data_set.as_str() {
            "" => Text::Everything.of(language).to_owned(),
            path => printable(path),
        };
        table.push([
            words::act(&act.act, language).into(),
            data_set.into(),
            act.recipient.as_deref().map(printable).into(),
            act.date.as_deref().map(printable).into(),
            act.items.into(),
        ]);
    }
    let all = items_by(&inventory.criminal.items_by_acts, inventory.criminal.basis);
    if !table.rows.is_empty() {
        let label = Text::ItemsByActs.of(language);
        table.push([label.into(), Cell::Empty, Cell::Empty, Cell::Empty, all.into()]);
    }
    table
}

/// What rule R1 joined, did not join, and keys shared by many; one table each.
pub(crate) fn merges(inventory: &Inventory, language: Language) -> [Table; 3] {
    let merges = &inventory.merges;
    let columns = [(Text::Kind, TEXT), (Text::Keys, NUMBER)];
    let mut done = Table::new("merges-done", Text::MergesDone, language, &columns);
    for (kind, keys) in &merges.done {
        done.push([words::kind(*kind, language).into(), (*keys).into()]);
    }
    let columns = [(Text::Kind, TEXT), (Text::Reason, TEXT), (Text::Keys, NUMBER), (Text::Records, NUMBER)];
    let mut blocked = Table::new("merges-blocked", Text::MergesBlocked, language, &columns);
    for merge in &merges.blocked {
        blocked.push([
            words::kind(merge.kind, language).into(),
            words::blocked(&merge.reason, language).into(),
            merge.keys.into(),
            merge.records.into(),
        ]);
    }
    let columns = [(Text::Kind, TEXT), (Text::Keys, NUMBER), (Text::RecordsMax, NUMBER)];
    let mut shared = Table::new("merges-shared", Text::MergesShared, language, &columns);
    for key in &merges.shared {
        shared.push([words::kind(key.kind, language).into(), key.keys.into(), key.records_max.into()]);
    }
    [done, blocked, shared]
}

/// Per file: format, records, valid mentions, kinds.
pub(crate) fn files(inventory: &Inventory, language: Language) -> Table {
    let columns = [
        (Text::File, TEXT),
        (Text::Format, TEXT),
        (Text::Records, NUMBER),
        (Text::ValidMentions, NUMBER),
        (Text::KindsKnown, NUMBER),
    ];
    let mut table = Table::new("files", Text::FilesTitle, language, &columns);
    for file in &inventory.files {
        table.push([
            printable(&file.file).into(),
            printable(&file.format).into(),
            file.records.into(),
            file.valid_by_kind.values().sum::<u64>().into(),
            (file.valid_by_kind.values().filter(|mentions| **mentions > 0).count() as u64).into(),
        ]);
    }
    table
}

/// Files against kinds: valid mentions.
pub(crate) struct Heat {
    /// The kinds, most mentions first; the last column is every other kind when `others`.
    pub kinds: Vec<Kind>,
    pub others: bool,
    /// File name and a count for each column.
    pub rows: Vec<(String, Vec<u64>)>,
    /// How many files the last row sums up; 0 when it is a file like the others.
    pub files_summed: u64,
}

/// The files and kinds with the most valid mentions; the rest is summed. Ties keep the order of the inventory.
pub(crate) fn heat(inventory: &Inventory, files_max: usize, kinds_max: usize) -> Heat {
    let mut total: BTreeMap<Kind, u64> = BTreeMap::new();
    for (kind, mentions) in inventory.files.iter().flat_map(|file| &file.valid_by_kind) {
        *total.entry(*kind).or_default() += mentions;
    }
    total.retain(|_, mentions| *mentions > 0);
    let mut kinds: Vec<Kind> = total.keys().copied().collect();
    let others = kinds.len() > kinds_max;
    if others {
        kinds.sort_by_key(|kind| std::cmp::Reverse(total.get(kind).copied()));
        kinds.truncate(kinds_max);
        kinds.sort();
    }
    let row = |valid: &BTreeMap<Kind, u64>| {
        let mut counts: Vec<u64> = kinds.iter().map(|kind| valid.get(kind).copied().unwrap_or(0)).collect();
        if others {
            counts.push(valid.values().sum::<u64>() - counts.iter().sum::<u64>());
        }
        counts
    };
    let mut files: Vec<_> = inventory
        .files
        .iter()
        .map(|file| (printable(&file.file), row(&file.valid_by_kind)))
        .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
        .collect();
    let mut files_summed = 0;
    if files.len() > files_max {
        files.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<u64>()));
        let rest = files.split_off(files_max);
        files_summed = rest.len() as u64;
        files.sort();
        let mut sum = vec![0_u64; kinds.len() + usize::from(others)];
        for (_, counts) in &rest {
            for (sum, count) in sum.iter_mut().zip(counts) {
                *sum += count;
            }
        }
        files.push((String::new(), sum));
    }
    Heat { kinds, others, rows: files, files_summed }
}

/// Every file against every kind found, for the workbook.
pub(crate) fn file_kinds(inventory: &Inventory, language: Language) -> Table {
    let heat = heat(inventory, usize::MAX, usize::MAX);
    let mut table = Table::new("heat", Text::HeatTitle, language, &[(Text::File, TEXT)]);
    table.columns.extend(
        heat.kinds
            .iter()
            .map(|kind| Column { title: words::kind(*kind, language).to_owned(), numeric: true }),
    );
    for (file, counts) in heat.rows {
        table.push(
            std::iter::once(Cell::Text(file))
                .chain(counts.into_iter().map(|count| if count == 0 { Cell::Empty } else { count.into() })),
        );
    }
    table
}

/// What could not be read.
pub(crate) fn problems(inventory: &Inventory, language: Language) -> Table {
    let columns = [(Text::Place, TEXT), (Text::What, TEXT), (Text::Detail, TEXT), (Text::Lost, TEXT)];
    let mut table = Table::new("problems", Text::ProblemsTitle, language, &columns);
    for problem in &inventory.problems {
        let lost = if problem.lost { Text::LostAll } else { Text::LostSome };
        table.push([
            words::place(&problem.place, language).into(),
            words::problem(problem.kind).of(language).into(),
            printable(&details::shown(&problem.detail, language)).into(),
            lost.of(language).into(),
        ]);
    }
    table
}

/// Masked samples, at most five of a kind, in the order of kinds.
pub(crate) fn samples(view: &View, language: Language) -> Table {
    let columns = [(Text::Kind, TEXT), (Text::Sample, TEXT), (Text::Place, TEXT)];
    let mut table = Table::new("samples", Text::SamplesTitle, language, &columns);
    let mut by_kind: BTreeMap<Kind, Vec<_>> = BTreeMap::new();
    for sample in &view.samples {
        by_kind.entry(sample.kind).or_default().push(sample);
    }
    for sample in by_kind.values().flat_map(|samples| samples.iter().take(View::SAMPLES_PER_KIND)) {
        table.push([
            words::kind(sample.kind, language).into(),
            printable(&sample.masked).into(),
            printable(&sample.place).into(),
        ]);
    }
    table
}
