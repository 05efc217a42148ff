//! Why an article was found: shared words, lay words and what the law calls them, a known question like this one.

use crate::lexicon::Lexicon;
use crate::query::Query;
use crate::text::fold;
use std::ops::Range;

/// Shortest run of characters that counts as a shared word.
const WORD_CHARS_MIN: usize = 2;
/// Characters of a term that must stand in the text together where the whole term does not.
const PART_CHARS_MIN: usize = 3;

/// Characters that join words and are none.
const PARTICLES: [char; 12] = ['的', '了', '在', '是', '我', '和', '有', '被', '把', '给', '着', '就'];

/// Why an answer was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Why {
    /// Words of the question that stand in the text.
    pub words: Vec<String>,
    /// Lay words of the question, each with those of the law's words for it that stand in the text.
    pub lay: Vec<(String, Vec<String>)>,
    /// A known question like this one that the article answers.
    pub like: Option<String>,
}

/// The ranges of `passage` to highlight and why `text` was found.
pub(crate) fn explain(
    passage: &str,
    text: &str,
    question: &str,
    query: &Query<'_>,
    lexicon: &Lexicon,
    like: Option<&str>,
) -> (Vec<Range<usize>>, Why) {
    let held: String = text.chars().map(fold).collect();
    let mut why = Why { words: Vec::new(), lay: Vec::new(), like: like.map(str::to_owned) };
    for run in &query.runs {
        let word: String = run.iter().collect();
        let mask = lexicon.filler_mask(&word);
        let mut at = 0;
        while at < run.len() {
            let longest = longest(run, at, &mask, &held);
            let word: String = run.iter().skip(at).take(longest).collect();
            // 的摄像头 is the word 摄像头.
            let word = word.trim_matches(PARTICLES).to_owned();
            if word.chars().count() >= WORD_CHARS_MIN && !why.words.contains(&word) {
                why.words.push(word);
            }
            at += longest.max(1);
        }
    }
    for lay in &query.lay {
        let mut terms: Vec<String> = Vec::new();
        for term in &lay.terms {
            if let Some(part) = part_of(term, &held)
                && !terms.contains(&part)
                && !question.contains(&part)
            {
                terms.push(part);
            }
        }
        if !terms.is_empty() {
            why.lay.push((lay.words.clone(), terms));
        }
    }
    let words = why.words.iter().chain(why.lay.iter().flat_map(|(_, terms)| terms));
    (marks(passage, &words.map(String::as_str).collect::<Vec<_>>()), why)
}

/// Characters from `at` on, none of them filler, that stand together in `held`.
fn longest(run: &[char], at: usize, mask: &[bool], held: &str) -> usize {
    let mut word = String::new();
    let mut length = 0;
    for (c, filler) in run.iter().zip(mask).skip(at) {
        if *filler {
            break;
        }
        word.push(*c);
        if !held.contains(&word) {
            break;
        }
        length += 1;
    }
    length
}

/// The whole term if it stands in the text, else its longest part that does.
fn part_of(term: &str, held: &str) -> Option<String> {
    let chars: Vec<char> = term.chars().map(fold).collect();
    let whole: String = chars.iter().collect();
    if held.contains(&whole) {
        return Some(whole);
    }
    (PART_CHARS_MIN..chars.len()).rev().find_map(|length| {
        chars.windows(length).find_map(|part| {
            let part: String = part.iter().collect();
            (part.chars().all(char::is_alphanumeric) && held.contains(&part)).then_some(part)
        })
    })
}

/// Byte ranges of `passage` where any of the words stands, joined where they touch; sorted.
fn marks(passage: &str, words: &[&str]) -> Vec<Range<usize>> {
    let starts: Vec<(usize, char)> = passage.char_indices().map(|(at, c)| (at, fold(c))).collect();
    let mut flags = vec![false; starts.len()];
    for word in words {
        let word: Vec<char> = word.chars().collect();
        if word.is_empty() {
            continue;
        }
        for (position, part) in starts.windows(word.len()).enumerate() {
            if part.iter().map(|(_, c)| c).eq(word.iter()) {
                flags.iter_mut().skip(position).take(word.len()).for_each(|flag| *flag = true);
            }
        }
    }
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (position, ((at, _), flag)) in starts.iter().zip(&flags).enumerate() {
        if !flag {
            continue;
        }
        let end = starts.get(position + 1).map_or(passage.len(), |(next, _)| *next);
        match ranges.last_mut().filter(|range| range.end == *at) {
            Some(range) => range.end = end,
            None => ranges.push(*at..end),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_lie_on_the_words_and_join() {
        let passage = "拍摄、窥视他人的住宅";
        let found = marks(passage, &["窥视他", "他人"]);
        assert_eq!(found.iter().map(|range| &passage[range.clone()]).collect::<Vec<_>>(), ["窥视他人"]);
        assert!(marks(passage, &["不在"]).is_empty());
    }

    #[test]
    fn a_term_counts_in_part_when_enough_of_it_stands_together() {
        assert_eq!(part_of("私密空间", "进入私密空间"), Some("私密空间".to_owned()));
        assert_eq!(part_of("公开的私密空间", "进入私密空间"), Some("私密空间".to_owned()));
        assert_eq!(part_of("私密信息", "进入私密空间"), None);
    }
}
