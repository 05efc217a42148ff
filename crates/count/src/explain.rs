//! Why records are about one person: rule R1 once more, on a few rows and with its reasons.

use crate::unite::Unclean;
use std::collections::{BTreeMap, BTreeSet};
use zhunsheng_model::Kind;

/// A valid mention of a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainValue {
    /// Its kind.
    pub kind: Kind,
    /// Its keyed hash.
    pub hash: u128,
    /// The value with most of it covered, for people to read.
    pub masked: String,
    /// Whether it is the name of the row's person.
    pub is_name: bool,
}

/// A record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainRow {
    /// Number of the person it was counted to.
    pub person: u32,
    /// Its ordinal.
    pub ordinal: u64,
    /// Where it stands.
    pub place: String,
    /// Its valid mentions, in order.
    pub values: Vec<ExplainValue>,
}

/// Why a key joins records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum JoinedBy {
    /// A citizen number always does.
    CitizenNumber,
    /// All records that hold the key show at most one name and one citizen number.
    CleanKey,
    /// The key is not clean, but these records agree on the name.
    SameName,
}

impl JoinedBy {
    /// The word in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            JoinedBy::CitizenNumber => "citizen_number",
            JoinedBy::CleanKey => "clean_key",
            JoinedBy::SameName => "same_name",
        }
    }
}

/// A key that joined records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Join {
    /// Kind of the key.
    pub kind: Kind,
    /// The key, masked.
    pub masked: String,
    /// Why.
    pub by: JoinedBy,
    /// Ordinals of the person's records that it joined, sorted; at least two.
    pub records: Vec<u64>,
}

/// A key that the person shares with others, or that kept records apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Blocked {
    /// Kind of the key.
    pub kind: Kind,
    /// The key, masked.
    pub masked: String,
    /// `several_names`, `several_identity_numbers` or `both`.
    pub reason: &'static str,
    /// Ordinals of the person's records that hold it, sorted.
    pub records: Vec<u64>,
    /// Ordinals of other persons' records that hold it, sorted.
    pub others: Vec<u64>,
}

/// Why the records of one person are one person.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    /// The person's records, sorted.
    pub records: Vec<u64>,
    /// What joined them, the keys of most records first.
    pub joins: Vec<Join>,
    /// What did not.
    pub blocked: Vec<Blocked>,
    /// Into how many groups the records fall by the joins: 1, unless rows are missing from what was given.
    pub groups: usize,
}

/// Explains person `person`.
///
/// `rows` are the person's records and, so that unclean keys are seen to be so, the records of other persons that
/// hold one of the same keys. Without the latter a shared key looks clean.
pub fn explain(person: u32, rows: &[ExplainRow]) -> Explanation {
    let mut keys: BTreeMap<(Kind, u128), Vec<&ExplainRow>> = BTreeMap::new();
    let mut names: BTreeMap<(Kind, u128), &str> = BTreeMap::new();
    for row in rows {
        let values = row.values.iter().filter(|value| value.kind.is_strong_key());
        let of_row: BTreeMap<(Kind, u128), &str> =
            values.map(|value| ((value.kind, value.hash), value.masked.as_str())).collect();
        for (key, masked) in of_row {
            keys.entry(key).or_default().push(row);
            names.entry(key).or_insert(masked);
        }
    }
    let own: Vec<&ExplainRow> = rows.iter().filter(|row| row.person == person).collect();
    let mut explanation =
        Explanation { records: sorted(own.iter().map(|row| row.ordinal)), ..Explanation::default() };
    let mut groups: BTreeMap<u64, u64> =
        explanation.records.iter().map(|ordinal| (*ordinal, *ordinal)).collect();

    for ((kind, hash), holders) in &keys {
        let masked = names.get(&(*kind, *hash)).copied().unwrap_or_default();
        let mine = sorted(holders.iter().filter(|row| row.person == person).map(|row| row.ordinal));
        if mine.is_empty() {
            continue;
        }
        let several = |of: fn(&ExplainRow) -> Option<u128>| {
            holders.iter().filter_map(|row| of(row)).collect::<BTreeSet<u128>>().len() > 1
        };
        let unclean = Unclean::of(several(name_of), several(citizen_of)).filter(|_| *kind != Kind::CnId);
        let sets = match unclean {
            None => vec![mine.clone()],
            Some(_) => {
                let mut by_name: BTreeMap<u128, Vec<u64>> = BTreeMap::new();
                for row in holders.iter().filter(|row| row.person == person) {
                    if let Some(name) = name_of(row) {
                        by_name.entry(name).or_default().push(row.ordinal);
                    }
                }
                by_name.into_values().map(sorted).collect()
            }
        };
        let by = match (kind, unclean) {
            (Kind::CnId, _) => JoinedBy::CitizenNumber,
            (_, None) => JoinedBy::CleanKey,
            (_, Some(_)) => JoinedBy::SameName,
        };
        for records in sets.into_iter().filter(|set| set.len() > 1) {
            let labels: BTreeSet<u64> =
                records.iter().filter_map(|record| groups.get(record).copied()).collect();
            if let Some(least) = labels.first().copied() {
                groups.values_mut().filter(|label| labels.contains(label)).for_each(|label| *label = least);
            }
            explanation.joins.push(Join { kind: *kind, masked: masked.to_owned(), by, records });
        }
        if let Some(why) = unclean {
            explanation.blocked.push(Blocked {
                kind: *kind,
                masked: masked.to_owned(),
                reason: why.as_str(),
                records: mine,
                others: sorted(holders.iter().filter(|row| row.person != person).map(|row| row.ordinal)),
            });
        }
    }
    // Not by hash: what is shown must not depend on the key of the hashes.
    explanation.joins.sort_by(|a, b| {
        let order = b.records.len().cmp(&a.records.len()).then(a.kind.cmp(&b.kind));
        order.then(a.records.cmp(&b.records)).then(a.masked.cmp(&b.masked))
    });
    explanation.blocked.sort_by(|a, b| {
        (a.kind, &a.records, &a.others, &a.masked).cmp(&(b.kind, &b.records, &b.others, &b.masked))
    });
    explanation.groups = groups.into_values().collect::<BTreeSet<u64>>().len();
    explanation
}

fn name_of(row: &ExplainRow) -> Option<u128> {
    row.values.iter().find(|value| value.is_name && value.kind == Kind::Person).map(|value| value.hash)
}

fn citizen_of(row: &ExplainRow) -> Option<u128> {
    row.values.iter().find(|value| value.kind == Kind::CnId).map(|value| value.hash)
}

fn sorted(ordinals: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let mut ordinals: Vec<u64> = ordinals.into_iter().collect();
    ordinals.sort_unstable();
    ordinals
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(person: u32, ordinal: u64, values: &[(Kind, u128)]) -> ExplainRow {
        let values = values.iter().map(|(kind, hash)| ExplainValue {
            kind: *kind,
            hash: *hash,
            masked: format!("***{hash}"),
            is_name: *kind == Kind::Person,
        });
        ExplainRow { person, ordinal, place: format!("a.csv · row {ordinal}"), values: values.collect() }
    }

    #[test]
    fn a_family_telephone_joins_only_those_of_one_name() {
        let rows = [
            row(1, 0, &[(Kind::Person, 1), (Kind::CnId, 10), (Kind::Phone, 7)]),
            row(2, 1, &[(Kind::Person, 2), (Kind::CnId, 20), (Kind::Phone, 7)]),
            row(1, 2, &[(Kind::Person, 1), (Kind::Phone, 7)]),
            row(1, 3, &[(Kind::CnId, 10), (Kind::Email, 5)]),
        ];
        let explanation = explain(1, &rows);
        assert_eq!(explanation.records, [0, 2, 3]);
        assert_eq!(explanation.groups, 1);
        let joins: Vec<_> = explanation.joins.iter().map(|j| (j.kind, j.by, j.records.clone())).collect();
        assert_eq!(
            joins,
            [
                (Kind::CnId, JoinedBy::CitizenNumber, vec![0, 3]),
                (Kind::Phone, JoinedBy::SameName, vec![0, 2]),
            ]
        );
        let blocked = &explanation.blocked[0];
        assert_eq!((blocked.kind, blocked.reason), (Kind::Phone, "both"));
        assert_eq!(
            (blocked.records.as_slice(), blocked.others.as_slice()),
            ([0, 2].as_slice(), [1].as_slice())
        );

        // Nameless, the third row would have stayed apart.
        let mut nameless = rows.clone();
        nameless[2].values.remove(0);
        assert_eq!(explain(1, &nameless).groups, 2);
    }

    #[test]
    fn a_clean_key_joins_all() {
        let rows = [row(4, 0, &[(Kind::Person, 1), (Kind::Phone, 7)]), row(4, 9, &[(Kind::Phone, 7)])];
        let explanation = explain(4, &rows);
        assert_eq!(explanation.joins[0].by, JoinedBy::CleanKey);
        assert_eq!((explanation.groups, explanation.blocked.len()), (1, 0));
    }
}
