//! The small patterns of `waybill-formats.tsv`: letters, `\d`, classes, counts and one level of alternatives.

/// One alternative of a pattern, anchored at both ends.
#[derive(Debug)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
}

/// Characters of one class, between `min` and `max` times.
#[derive(Clone, Debug)]
struct Part {
    /// One bit an ASCII character.
    class: u128,
    min: u8,
    max: u8,
}

const DIGITS: u128 = 0x3ff << b'0';

impl Pattern {
    /// The alternatives of `text`; nothing when it uses a form that is not known here.
    pub(crate) fn read(text: &str) -> Option<Vec<Pattern>> {
        let text = text.strip_prefix('^')?.strip_suffix('$')?;
        let mut done = vec![Vec::new()];
        // One group at most: `(?:a|b)` or `(a|b)`, with something before and behind it.
        match text.find('(') {
            None => append(&mut done, &[sequence(text)?]),
            Some(open) => {
                let close = text.rfind(')')?;
                let inside = text.get(open + 1..close)?;
                append(&mut done, &[sequence(text.get(..open)?)?]);
                let alternatives: Option<Vec<_>> =
                    inside.strip_prefix("?:").unwrap_or(inside).split('|').map(sequence).collect();
                append(&mut done, &alternatives?);
                append(&mut done, &[sequence(text.get(close + 1..)?)?]);
            }
        }
        Some(done.into_iter().map(|parts| Pattern { parts }).collect())
    }

    /// Whether the whole of `text` has the form. Letters are compared in upper case.
    pub(crate) fn matches(&self, text: &[u8]) -> bool {
        matches(&self.parts, text)
    }

    /// Number of letters that every match begins with.
    pub(crate) fn literal_letters(&self) -> usize {
        self.parts
            .iter()
            .take_while(|part| part.class.count_ones() == 1 && part.class & DIGITS == 0)
            .map(|part| usize::from(part.min))
            .sum()
    }
}

fn append(done: &mut Vec<Vec<Part>>, alternatives: &[Vec<Part>]) {
    *done = done
        .iter()
        .flat_map(|head| alternatives.iter().map(move |tail| [head.as_slice(), tail.as_slice()].concat()))
        .collect();
}

fn sequence(text: &str) -> Option<Vec<Part>> {
    let mut parts = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let class;
        (class, rest) = match first {
            b'\\' => (DIGITS, tail.strip_prefix(b"d")?),
            b'[' => {
                let end = tail.iter().position(|byte| *byte == b']')?;
                (class_of(tail.get(..end)?)?, tail.get(end + 1..)?)
            }
            byte if byte.is_ascii_alphanumeric() => (1 << byte.to_ascii_uppercase(), tail),
            _ => return None,
        };
        let (mut min, mut max) = (1, 1);
        if let Some(tail) = rest.strip_prefix(b"{") {
            let end = tail.iter().position(|byte| *byte == b'}')?;
            let count = std::str::from_utf8(tail.get(..end)?).ok()?;
            let (low, high) = count.split_once(',').unwrap_or((count, count));
            (min, max) = (low.parse().ok()?, high.parse().ok()?);
            rest = tail.get(end + 1..)?;
        }
        parts.push(Part { class, min, max });
    }
    Some(parts)
}

fn class_of(text: &[u8]) -> Option<u128> {
    let mut class = 0;
    let mut rest = text;
    while let Some((first, tail)) = rest.split_first() {
        let mut last = *first;
        rest = tail;
        if let [b'-', to, after @ ..] = tail {
            last = *to;
            rest = after;
        }
        for byte in *first..=last {
            class |= 1_u128.checked_shl(u32::from(byte.to_ascii_uppercase()))?;
        }
    }
    Some(class)
}

fn matches(parts: &[Part], text: &[u8]) -> bool {
    let Some((part, others)) = parts.split_first() else { return text.is_empty() };
    let fits = |byte: &u8| byte.is_ascii() && part.class >> byte & 1 == 1;
    let run = text.iter().take(usize::from(part.max)).take_while(|byte| fits(byte)).count();
    (usize::from(part.min)..=run).rev().any(|taken| matches(others, text.get(taken..).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn any(regex: &str, text: &str) -> bool {
        Pattern::read(regex).unwrap().iter().any(|pattern| pattern.matches(text.as_bytes()))
    }

    #[test]
    fn the_forms_of_the_lexicon_match_what_they_should() {
        assert!(any(r"^SF[A-Za-z0-9]\d{12}$", "SF1262830610590"));
        assert!(!any(r"^SF[A-Za-z0-9]\d{12}$", "SF126283061059"));
        assert!(!any(r"^SF[A-Za-z0-9]\d{12}$", "SF12628306105900"));
        assert!(any(r"^(77|43)\d{11,15}$", "7712345678901"));
        assert!(any(r"^(77|43)\d{11,15}$", "43123456789012345"));
        assert!(!any(r"^(77|43)\d{11,15}$", "7812345678901"));
        assert!(any(r"^(?:[981]\d{12}|P[A-Za-z]\d{11}|[A-Z]{2}\d{9}CN)$", "EE123456785CN"));
        assert!(!any(r"^(?:[981]\d{12}|P[A-Za-z]\d{11}|[A-Z]{2}\d{9}CN)$", "EE123456785HK"));
        assert!(any(r"^7[3-68]\d{12}$", "78123456789012") && !any(r"^7[3-68]\d{12}$", "77123456789012"));
    }

    #[test]
    fn literal_letters_tell_which_forms_need_no_cue() {
        let letters =
            |regex| Pattern::read(regex).unwrap().iter().map(Pattern::literal_letters).collect::<Vec<_>>();
        assert_eq!(letters(r"^DPK\d{12}$"), [3]);
        assert_eq!(letters(r"^(?:A\d{12}|5[05]\d{13}|B[DE]\d{11,13})$"), [1, 0, 1]);
    }

    #[test]
    fn an_unknown_form_is_refused() {
        assert!(Pattern::read(r"^\w+$").is_none());
        assert!(Pattern::read(r"SF\d{12}").is_none());
        assert!(Pattern::read(r"^SF\d{12$").is_none());
    }
}
