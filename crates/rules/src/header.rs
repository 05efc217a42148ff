//! Head words of columns, as `rules/lexicon/column-headers.tsv` lists them.

/// One head word and what it may announce.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HeaderWord<'a> {
    /// What the column holds: the id of a kind, or a word for something that is no kind (`NOT_PII`,
    /// `EMPLOYEE_ID`, `GUARDIAN` …).
    pub topic: &'a str,
    /// The head word.
    pub word: &'a str,
    /// `zh`, `en`, `pinyin`, `pinyin-initial`; `-auto` marks one made by a program.
    pub script: &'a str,
    /// 0 to 100: how much the word says by itself.
    pub weight: u8,
    /// How many topics share the word.
    pub sharing: u8,
}

/// Reads the table; rows that lack a field are left out (a test holds the file to its form).
pub(crate) fn header_words(tsv: &str) -> impl Iterator<Item = HeaderWord<'_>> {
    tsv.lines().skip(1).filter_map(|line| {
        let mut fields = line.split('\t');
        let (topic, word, script) = (fields.next()?, fields.next()?, fields.next()?);
        let weight = percent(fields.next()?)?;
        let sharing = fields.next()?.trim().parse().ok()?;
        Some(HeaderWord { topic, word, script, weight, sharing })
    })
}

/// `0.75` as 75, without a float.
fn percent(text: &str) -> Option<u8> {
    let (whole, part) = text.trim().split_once('.').unwrap_or((text.trim(), "0"));
    let mut digits = part.bytes().chain([b'0', b'0']);
    let tenths = digits.next()?.checked_sub(b'0')?;
    let hundredths = digits.next()?.checked_sub(b'0')?;
    whole.parse::<u8>().ok()?.checked_mul(100)?.checked_add(tenths * 10 + hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_are_hundredths() {
        assert_eq!(percent("1.0"), Some(100));
        assert_eq!(percent("0.75"), Some(75));
        assert_eq!(percent("0.5"), Some(50));
        assert_eq!(percent("x"), None);
    }

    #[test]
    fn a_row_is_read_and_a_broken_one_left_out() {
        let rows: Vec<_> =
            header_words("type\theader\tscript\tweight\tn\nPHONE\t手机\tzh\t0.8\t2\nPHONE\n").collect();
        assert_eq!(rows, [HeaderWord { topic: "PHONE", word: "手机", script: "zh", weight: 80, sharing: 2 }]);
    }
}
