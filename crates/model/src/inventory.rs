//! What the counter hands over, and what `inventory.json` holds.
//!
//! Every number is exact and every list is sorted, so that equal inputs give equal bytes. No value of
//! personal information stands here, masked or not, and no hash of one.

use crate::{Kind, Problem};
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the shape of `inventory.json`; the JSON Schema of the same number is in `docs/schema/`.
pub const SCHEMA_VERSION: &str = "zhunsheng.inventory/1";

/// What one item (条) is: a counting basis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Basis {
    /// 查获: each record as it stands, less those shown invalid or repeated (法释〔2017〕10号 art. 11 ¶3).
    Seized,
    /// 组: one person's set of information, repeats removed.
    #[default]
    Record,
    /// 项: one distinct (person, kind, value).
    Item,
    /// 人: distinct persons by rule R1.
    Person,
}

impl Basis {
    /// Every basis, in order.
    pub const ALL: &'static [Basis] = &[Basis::Seized, Basis::Record, Basis::Item, Basis::Person];

    /// The word used on the command line and in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Basis::Seized => "seized",
            Basis::Record => "record",
            Basis::Item => "item",
            Basis::Person => "person",
        }
    }
}

/// Yes, no, or not to be decided from what is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs, reason = "the words say it")]
pub enum Answer {
    Yes,
    No,
    Open,
}

/// An answer and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Yes, no or open.
    pub answer: Answer,
    /// Which lines are reached or what is missing, as stable words such as `item_3`, `item_6`, `ten_times`,
    /// `needs_acts`; the printer turns them into sentences.
    pub reasons: Vec<String>,
    /// The same in one Chinese sentence.
    pub reason_zh: String,
    /// The same in one English sentence.
    pub reason_en: String,
}

/// Counts of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct KindCounts {
    /// Every mention, whatever its state.
    pub mentions: u64,
    /// Mentions that pass every check.
    pub valid: u64,
    /// Distinct values among the valid ones.
    pub distinct: u64,
    /// Mentions with the form of the kind that fail a check.
    pub invalid: u64,
    /// Mentions partly covered.
    pub masked: u64,
    /// Cells that stand for nothing.
    pub placeholder: u64,
    /// Records with at least one valid mention of the kind.
    pub records: u64,
    /// Persons (rule R1) with at least one valid mention of the kind.
    pub persons: u64,
}

/// The counts over everything scanned.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct InventoryCounts {
    /// Records (组) as they stand, valid or not.
    pub records: u64,
    /// Records with at least one valid mention.
    pub records_valid: u64,
    /// Records in which every identifier is untrue, a test value or a placeholder.
    pub records_invalid: u64,
    /// Records that hold masked mentions only.
    pub records_masked: u64,
    /// Valid records that are the same, value for value, as an earlier one.
    pub records_repeated_exactly: u64,
    /// Valid records that add nothing to another record of the same person (the exact ones included).
    pub records_repeated: u64,
    /// Valid records that no strong key ties to a person.
    pub records_without_person: u64,
    /// Persons by rule R1.
    pub persons: u64,
    /// Persons under 14 on the reference date, by identity number or birth date.
    pub under_14: u64,
    /// Persons of whom at least one sensitive kind (PIPL art. 28) is known.
    pub sensitive_persons: u64,
    /// Persons by how many kinds are known about them: `"1"` → n …
    pub persons_by_kinds_known: BTreeMap<u32, u64>,
    /// Every kind with at least one mention.
    pub by_kind: BTreeMap<Kind, KindCounts>,
}

/// Items (条) by each counting basis.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "see `Basis`")]
pub struct Bases {
    pub seized: u64,
    pub record: u64,
    pub item: u64,
    pub person: u64,
}

/// The count of one tier (档) of 法释〔2017〕10号 art. 5 ¶1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TierCount {
    /// The item of ¶1: 3, 4 or 5.
    pub item: u32,
    /// Items needed for 情节严重 (50, 500, 5 000), or half of it where item 8 applies.
    pub threshold: u64,
    /// Items counted in this tier, each in its strictest tier.
    pub count: u64,
    /// `count >= threshold`.
    pub reached: bool,
    /// Items by each basis.
    pub by_basis: Bases,
    /// Items counted here only because of the stricter reading of a kind that may also be read as item 5.
    pub count_if_lenient: u64,
    /// The kinds found that put items into this tier.
    pub kinds: Vec<Kind>,
}

/// Σ count/threshold of item 6, exact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Proportion {
    /// The sum in lowest terms, such as `27/20`.
    pub fraction: String,
    /// The summands, such as `3/50 + 120/500 + 4999/5000`.
    pub arithmetic: String,
    /// Whether the sum is 1 or more.
    pub reached: bool,
}

/// One act (obtaining, selling, providing) and the items it covers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActCount {
    /// `obtained`, `sold` or `provided`.
    pub act: String,
    /// Path prefix of the data set; empty for everything.
    pub data_set: String,
    /// To whom, as the acts file names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recipient: Option<String>,
    /// ISO date.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Items of the data set by the chosen basis.
    pub items: u64,
}

/// Item 8 where it is about part of what was counted: information obtained in duty or service and then sold or
/// provided, against half the lines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HalfReading {
    /// Half of the lines of items 3, 4 and 5.
    pub thresholds: [u64; 3],
    /// Items of this kind in tiers 3, 4 and 5, by the chosen basis.
    pub counts: [u64; 3],
    /// Item 6 against half the lines.
    pub proportion: Proportion,
    /// 违法所得 of giving such information away, in yuan.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub income_yuan: Option<u64>,
}

/// Art. 6: information of item 5 bought or taken over for lawful business, and neither sold nor provided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Article6 {
    /// Items, by the chosen basis; they are not among the tiers.
    pub items: u64,
    /// 获利 in yuan, as the acts file states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profit_yuan: Option<u64>,
    /// The profit from which 情节严重 begins.
    pub profit_line_yuan: u64,
    /// Whether the profit reaches it.
    pub reached: bool,
}

/// What 法释〔2017〕10号 art. 5 makes of the counts. A reading of numbers, not a judgment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Criminal {
    /// The basis that the tiers are counted on.
    pub basis: Basis,
    /// Items 3, 4 and 5 of ¶1, in that order.
    pub tiers: Vec<TierCount>,
    /// Item 6, as an exact fraction such as `27/20`.
    pub proportion: String,
    /// Item 6 with its arithmetic.
    pub proportion_detail: Proportion,
    /// Whether item 8 (履行职责或者提供服务, half) was applied.
    pub half_applied: bool,
    /// Item 8 where only part of what was counted falls under it; `tiers` then show the whole lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub half: Option<HalfReading>,
    /// Art. 6, where an act is stated to have served a lawful business.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article_6: Option<Article6>,
    /// 违法所得 in yuan, as the acts file states it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub income_yuan: Option<u64>,
    /// 情节严重.
    pub serious: Verdict,
    /// 情节特别严重.
    pub very_serious: Verdict,
    /// The acts counted.
    pub acts: Vec<ActCount>,
    /// Items of all acts together after art. 11: obtained and then sold once, each recipient added up.
    pub items_by_acts: Bases,
    /// Always `unreviewed` until a lawyer has signed the rules.
    pub review: String,
}

/// Sensitive personal information under PIPL art. 28.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sensitivity {
    /// Persons with a kind that is sensitive whatever the context.
    pub persons_sensitive_kind: u64,
    /// Persons with a kind that is sensitive in some contexts only.
    pub persons_context_kind: u64,
    /// Persons under 14: all their information is sensitive.
    pub persons_under_14: u64,
    /// Persons by sensitive kind.
    pub by_kind: BTreeMap<Kind, u64>,
}

/// Counts for the Personal Information Protection Law.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Pipl {
    /// The date at which ages are reckoned.
    pub reference_date: String,
    /// Persons.
    pub persons: u64,
    /// Art. 28.
    pub sensitive: Sensitivity,
}

/// Mentions left out, by kind and reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Rejected {
    /// The kind it looked like.
    pub kind: Kind,
    /// A `Reason`, or `masked`, `placeholder`.
    pub reason: String,
    /// Mentions.
    pub mentions: u64,
}

/// A key that could have joined records and was kept from it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BlockedMerge {
    /// Kind of the key.
    pub kind: Kind,
    /// `several_names`, `several_identity_numbers` or `both`.
    pub reason: String,
    /// Keys blocked.
    pub keys: u64,
    /// Records that hold them.
    pub records: u64,
}

/// A key held by so many records that it belongs to a place, not a person (a courier's phone).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SharedKey {
    /// Kind of the key.
    pub kind: Kind,
    /// Keys held by at least 100 records under more than one name.
    pub keys: u64,
    /// Records of the key that is held by most.
    pub records_max: u64,
}

/// What rule R1 joined and did not join.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Merges {
    /// Keys that joined records, by kind.
    pub done: BTreeMap<Kind, u64>,
    /// Keys that did not, or only those records that agree on the name.
    pub blocked: Vec<BlockedMerge>,
    /// Widely shared keys.
    pub shared: Vec<SharedKey>,
}

/// What was read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Files (members of archives not counted).
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Members of archives, attachments and other files inside files.
    pub files_inside: u64,
    /// SHA-256 over the sorted lines `sha256  bytes  path` of every file.
    pub sha256_of_manifest: String,
}

/// Counts of one file (or member).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileCounts {
    /// As in `Place::file`.
    pub file: String,
    /// The format it was read as, such as `csv`, `xlsx`, `text`.
    pub format: String,
    /// Records.
    pub records: u64,
    /// Valid mentions by kind.
    pub valid_by_kind: BTreeMap<Kind, u64>,
}

/// The whole inventory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// [`SCHEMA_VERSION`].
    pub schema_version: String,
    /// Version of the program's rules: SHA-256 over every rule file.
    pub rules_sha256: String,
    /// What was read.
    pub input: Input,
    /// The counts.
    pub counts: InventoryCounts,
    /// Items by basis, over everything.
    pub bases: Bases,
    /// Criminal-law reading.
    pub criminal: Criminal,
    /// PIPL reading.
    pub pipl: Pipl,
    /// What was left out and why, sorted by kind and reason.
    pub rejected: Vec<Rejected>,
    /// Merges.
    pub merges: Merges,
    /// Per file, sorted by name; files without a record are left out.
    pub files: Vec<FileCounts>,
    /// What could not be read, sorted.
    pub problems: Vec<Problem>,
}
