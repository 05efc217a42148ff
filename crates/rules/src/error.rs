//! What can be wrong with a rule file.

/// A rule file cannot be used; every variant names the file and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RulesError {
    /// The file is not UTF-8 text.
    #[error("{file}: rule file is not UTF-8 text")]
    NotText {
        /// Path below `rules/`.
        file: String,
    },
    /// The file is not valid TOML or lacks a field.
    #[error("{file}: {detail}")]
    Syntax {
        /// Path below `rules/`.
        file: String,
        /// What the reader said, with line and column.
        detail: String,
    },
    /// The file names a kind that does not exist.
    #[error("{file}: unknown kind `{name}`{hint}")]
    UnknownKind {
        /// Path below `rules/`.
        file: String,
        /// The name as it stands in the file.
        name: String,
        /// ` (did you mean …?)`, or empty.
        hint: String,
    },
    /// A word stands where one of a fixed list is asked.
    #[error("{file}: `{field}` cannot be `{value}`{hint}")]
    UnknownWord {
        /// Path below `rules/`.
        file: String,
        /// The field.
        field: &'static str,
        /// The word as it stands in the file.
        value: String,
        /// ` (did you mean …?)`, or empty.
        hint: String,
    },
    /// Two files describe the same kind.
    #[error("{file}: kind `{kind}` is described by another file too; keep one")]
    Repeated {
        /// Path below `rules/`.
        file: String,
        /// The kind.
        kind: &'static str,
    },
    /// A kind has no file.
    #[error("kind `{kind}` has no rule file; add rules/kinds/{file}")]
    MissingKind {
        /// The kind.
        kind: &'static str,
        /// The file it should have.
        file: String,
    },
    /// A file that the program relies on is not there.
    #[error("rule file {file} is missing")]
    MissingFile {
        /// Path below `rules/`.
        file: &'static str,
    },
    /// A packed file cannot be unpacked.
    #[error("{file}: packed rule file cannot be unpacked: {detail}")]
    Packed {
        /// Path below `rules/`.
        file: String,
        /// What the reader said.
        detail: String,
    },
    /// A number or quotation in a law file cannot be right.
    #[error("{file}: {detail}")]
    Law {
        /// Path below `rules/`.
        file: String,
        /// What is wrong.
        detail: String,
    },
}

/// ` (did you mean `x`?)` with the nearest of `known`, or nothing when none is near.
pub(crate) fn did_you_mean<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 4)
        .min()
        .map(|(_, candidate)| format!("; did you mean `{candidate}`?"))
        .unwrap_or_default()
}

/// Levenshtein distance, upper and lower case counted as equal.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.to_lowercase().chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.to_lowercase().chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let here = (diagonal + usize::from(x != *y)).min(left + 1).min(*cell + 1);
            diagonal = *cell;
            *cell = here;
            left = here;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_words_are_offered_and_far_ones_are_not() {
        assert_eq!(did_you_mean("PHONNE", ["PHONE", "PERSON"]), "; did you mean `PHONE`?");
        assert_eq!(did_you_mean("cn_id", ["CN_ID", "MACAU_ID"]), "; did you mean `CN_ID`?");
        assert_eq!(did_you_mean("ZZZZZZ", ["PHONE", "PERSON"]), "");
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "SAME"), 0);
    }
}
