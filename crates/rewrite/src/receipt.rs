//! What was done, as data: no value of anybody, only names of files, counts and hashes.

use crate::error::Warning;
use serde::Serialize;
use std::collections::BTreeSet;
use zhunsheng_protect::{Protector, Tally};

/// Version of the schema of a receipt (`docs/schema/protect-receipt.v1.json`).
pub const SCHEMA_VERSION: u32 = 1;

/// What a run of protecting did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// Version of the schema.
    pub schema_version: u32,
    /// Name and version of the program.
    pub tool: String,
    /// SHA-256 of the rule set.
    pub rules_sha256: String,
    /// The policy.
    pub policy: PolicyReceipt,
    /// Versions and ids of the keys that were at hand; empty without.
    pub keys: Vec<KeyReceipt>,
    /// `aes` or `sm`.
    pub suite: String,
    /// How many values, by kind and operator.
    pub replaced: Vec<Counted>,
    /// By name.
    pub files: Vec<FileReceipt>,
    /// Columns with what was done to their values, for restoring: file, column, kind, operator.
    pub columns: Vec<ColumnReceipt>,
    /// Files and members left out because they cannot be written again, as asked for.
    pub left_out: Vec<String>,
    /// What is worth a word.
    pub warnings: Vec<Warning>,
    /// Values that the second scan found and that must not be there: always 0 in a receipt of a copy.
    pub left: u64,
}

/// The policy of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyReceipt {
    /// Its name.
    pub name: String,
    /// SHA-256 of its file.
    pub sha256: String,
}

/// A key of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct KeyReceipt {
    /// From 1.
    pub version: u32,
    /// Its public name.
    pub id: String,
}

/// Values of one kind replaced by one operator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// Such as `PHONE`.
    pub kind: &'static str,
    /// Such as `mask`.
    pub operator: &'static str,
    /// Whether the operator stood in for the one that the policy names.
    pub stood_in: bool,
    /// How many.
    pub count: u64,
}

/// A file of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct FileReceipt {
    /// Its name, as in the output.
    pub file: String,
    /// Bytes before.
    pub bytes_before: u64,
    /// SHA-256 before, in hexadecimal.
    pub sha256_before: String,
    /// Bytes after.
    pub bytes_after: u64,
    /// SHA-256 after, in hexadecimal.
    pub sha256_after: String,
}

/// What was done to a column of a table; the column is empty for text.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct ColumnReceipt {
    /// Top-level file.
    pub file: String,
    /// Head of the column, empty where there is none.
    pub column: String,
    /// Such as `PHONE`.
    pub kind: &'static str,
    /// Such as `mask`.
    pub operator: &'static str,
    /// How many values.
    pub count: u64,
}

impl Receipt {
    pub(crate) fn of(protector: &Protector, rules_sha256: &str, tally: &Tally) -> Receipt {
        let policy = protector.policy();
        let replaced = tally.counts.iter().map(|((kind, operator, stood_in), count)| Counted {
            kind: kind.id(),
            operator,
            stood_in: *stood_in,
            count: *count,
        });
        let keys = protector.key_ids().iter();
        Receipt {
            schema_version: SCHEMA_VERSION,
            tool: concat!("zhunsheng ", env!("CARGO_PKG_VERSION")).to_owned(),
            rules_sha256: rules_sha256.to_owned(),
            policy: PolicyReceipt { name: policy.name.clone(), sha256: policy.sha256.clone() },
            keys: keys.map(|(version, id)| KeyReceipt { version: *version, id: id.clone() }).collect(),
            suite: protector.suite().as_str().to_owned(),
            replaced: replaced.collect(),
            files: Vec::new(),
            columns: Vec::new(),
            left_out: Vec::new(),
            warnings: Vec::new(),
            left: 0,
        }
    }

    /// Number of values replaced.
    pub fn values(&self) -> u64 {
        self.replaced.iter().map(|counted| counted.count).sum()
    }

    /// The kinds that were replaced.
    pub fn kinds(&self) -> BTreeSet<&'static str> {
        self.replaced.iter().map(|counted| counted.kind).collect()
    }
}
