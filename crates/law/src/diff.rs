//! What changed between two texts, character by character, tidied so that people can read it.

/// A piece of two texts set side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Piece<'a> {
    /// Stands in both.
    Same(&'a str),
    /// Stands in the earlier text only.
    Removed(&'a str),
    /// Stands in the later text only.
    Added(&'a str),
}

/// Characters that two texts share between two changes, at least; fewer read worse than one longer change.
const SAME_CHARS_MIN: usize = 2;
/// Cells of the table, at most; longer texts are set side by side as a whole.
const CELLS_MAX: usize = 16_000_000;

/// Sets two texts side by side: the removed pieces and the shared ones make up `old`, the added and the shared
/// ones `new`.
pub fn diff<'a>(old: &'a str, new: &'a str) -> Vec<Piece<'a>> {
    let a: Vec<(usize, char)> = old.char_indices().collect();
    let b: Vec<(usize, char)> = new.char_indices().collect();
    let kept = tidy(matches(&a, &b), &a, &b);
    let at = |chars: &[(usize, char)], index: usize, text: &str| {
        chars.get(index).map_or(text.len(), |(byte, _)| *byte)
    };
    let mut pieces = Vec::new();
    let (mut i, mut j) = (0, 0);
    let end = (a.len(), b.len(), 0);
    for (from, to, length) in kept.into_iter().chain([end]) {
        let removed = old.get(at(&a, i, old)..at(&a, from, old)).unwrap_or_default();
        let added = new.get(at(&b, j, new)..at(&b, to, new)).unwrap_or_default();
        if !removed.is_empty() {
            pieces.push(Piece::Removed(removed));
        }
        if !added.is_empty() {
            pieces.push(Piece::Added(added));
        }
        (i, j) = (from + length, to + length);
        let same = new.get(at(&b, to, new)..at(&b, j, new)).unwrap_or_default();
        if !same.is_empty() {
            pieces.push(Piece::Same(same));
        }
    }
    pieces
}

/// Runs that both texts share, as start in each and length: a longest common subsequence.
fn matches(a: &[(usize, char)], b: &[(usize, char)]) -> Vec<(usize, usize, usize)> {
    let same = |i: usize, j: usize| a.get(i).zip(b.get(j)).is_some_and(|(x, y)| x.1 == y.1);
    let shortest = a.len().min(b.len());
    let head = (0..shortest).take_while(|i| same(*i, *i)).count();
    let tail = (0..shortest - head).take_while(|i| same(a.len() - 1 - i, b.len() - 1 - i)).count();
    let (rows, columns) = (a.len() - head - tail, b.len() - head - tail);
    let mut runs = Vec::new();
    let mut push = |i: usize, j: usize, length: usize| match runs.last_mut() {
        Some((x, y, n)) if *x + *n == i && *y + *n == j => *n += length,
        _ if length > 0 => runs.push((i, j, length)),
        _ => {}
    };
    push(0, 0, head);
    if rows.saturating_mul(columns) <= CELLS_MAX {
        // best[i][j]: length of the longest common subsequence from i and j on.
        let width = columns + 1;
        let mut best = vec![0u32; (rows + 1) * width];
        let cell = |best: &[u32], i: usize, j: usize| best.get(i * width + j).copied().unwrap_or(0);
        for i in (0..rows).rev() {
            for j in (0..columns).rev() {
                let value = if same(head + i, head + j) {
                    cell(&best, i + 1, j + 1) + 1
                } else {
                    cell(&best, i + 1, j).max(cell(&best, i, j + 1))
                };
                if let Some(place) = best.get_mut(i * width + j) {
                    *place = value;
                }
            }
        }
        let (mut i, mut j) = (0, 0);
        while i < rows && j < columns {
            if same(head + i, head + j) {
                push(head + i, head + j, 1);
                i += 1;
                j += 1;
            } else if cell(&best, i + 1, j) >= cell(&best, i, j + 1) {
                i += 1;
            } else {
                j += 1;
            }
        }
    }
    push(a.len() - tail, b.len() - tail, tail);
    runs
}

/// Gives up short shared runs between two changes: 一个人 → 个人信息 should not share a lone character.
fn tidy(
    runs: Vec<(usize, usize, usize)>,
    a: &[(usize, char)],
    b: &[(usize, char)],
) -> Vec<(usize, usize, usize)> {
    let ends =
        |&(i, j, n): &(usize, usize, usize)| (i == 0 && j == 0) || (i + n == a.len() && j + n == b.len());
    runs.into_iter().filter(|run| run.2 >= SAME_CHARS_MIN || ends(run)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rebuilt(pieces: &[Piece<'_>]) -> (String, String) {
        let (mut old, mut new) = (String::new(), String::new());
        for piece in pieces {
            match piece {
                Piece::Same(text) => {
                    old.push_str(text);
                    new.push_str(text);
                }
                Piece::Removed(text) => old.push_str(text),
                Piece::Added(text) => new.push_str(text),
            }
        }
        (old, new)
    }

    #[test]
    fn both_texts_can_be_put_together_again() {
        for (old, new) in [
            ("", ""),
            ("甲", ""),
            ("", "乙"),
            ("处一万元以上十万元以下罚款", "处五万元以上五十万元以下罚款"),
            ("网络运营者应当履行义务。", "网络运营者应当依法履行下列义务："),
            ("甲乙丙", "丁戊己"),
            ("同一", "同一"),
        ] {
            let pieces = diff(old, new);
            assert_eq!(rebuilt(&pieces), (old.to_owned(), new.to_owned()));
        }
        assert_eq!(
            diff("处一万元罚款", "处五万元罚款"),
            [Piece::Same("处"), Piece::Removed("一"), Piece::Added("五"), Piece::Same("万元罚款")]
        );
    }

    #[test]
    fn lone_characters_are_not_shared() {
        let pieces = diff("甲中乙", "丙中丁");
        assert_eq!(pieces, [Piece::Removed("甲中乙"), Piece::Added("丙中丁")]);
    }
}
