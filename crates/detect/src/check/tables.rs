//! The lexicons in the form in which a check asks them: every question is answered in a few nanoseconds.

use super::pattern::Pattern;
use crate::scan::Cues;
use std::collections::BTreeSet;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

/// A lexicon that the recognisers need is missing or cannot be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[non_exhaustive]
pub enum TablesError {
    /// No such lexicon among the rules.
    #[error("lexicon `{0}` is missing from the rules")]
    Missing(&'static str),
    /// A line does not have the columns or the form that it should have.
    #[error("lexicon `{lexicon}` cannot be read at line {line}: {detail}")]
    Malformed {
        /// File name without `.gz`.
        lexicon: &'static str,
        /// Line, from 1.
        line: usize,
        /// What is wrong with it.
        detail: &'static str,
    },
}

/// What a range of mobile numbers is for (`mobile-segments.tsv`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Segment {
    /// Persons: operators, virtual operators, data cards, satellite telephones; eleven digits.
    Personal,
    /// Internet of things and emergency services.
    NotPersonal,
    /// Never given out.
    Unallocated,
}

/// Years in which an administrative division code was in force, counted from 1900; `(0, 0)` for none.
type Years = (u8, u8);

/// The year that stands for "still in force".
const OPEN: u8 = u8::MAX;

/// Facts that checks look up. Built once, shared by all threads.
pub struct Tables {
    /// For the first four digits of a division code, which block holds its last two.
    division_blocks: Vec<u16>,
    divisions: Vec<[Years; 100]>,
    /// By the first five digits of a mobile number, from 10000.
    segments: Vec<Segment>,
    /// Area codes without the leading 0: two digits, three digits.
    area2: [bool; 100],
    area3: Vec<bool>,
    bins: Bins,
    /// Bit per letter by province, in the order of [`PROVINCES`].
    plates: [u32; PROVINCES.len()],
    waybills: Vec<Waybill>,
    /// Test values by kind.
    test_values: Vec<Vec<Box<str>>>,
    /// The first seventeen digits of the numbers among the test values, sorted: a quick look before the slow
    /// one.
    test_numbers: Vec<u64>,
    /// One bit for each of 4096 remainders that a test number leaves.
    test_filter: [u64; 64],
    test_domains: Vec<Box<str>>,
    ethnic_groups: BTreeSet<String>,
    pub(crate) cues: Cues,
}

/// A number format of one carrier.
struct Waybill {
    pattern: Pattern,
    /// Whether the format begins with at least two letters of its own, so that it is known without a cue.
    bare: bool,
}

/// The characters that begin a licence plate.
pub(crate) const PROVINCES: [char; 31] = [
    '京', '津', '沪', '渝', '冀', '豫', '云', '辽', '黑', '湘', '皖', '鲁', '新', '苏', '浙', '赣', '鄂',
    '桂', '甘', '晋', '蒙', '陕', '吉', '闽', '贵', '粤', '青', '藏', '川', '宁', '琼',
];

impl Tables {
    /// Reads the lexicons that the checks need.
    ///
    /// # Errors
    /// [`TablesError`] when one is missing or malformed.
    pub fn new(rules: &Rules) -> Result<Tables, TablesError> {
        let lexicon = |name: &'static str| rules.lexicon(name).ok_or(TablesError::Missing(name));
        let mut tables = Tables {
            division_blocks: vec![0; 10_000],
            divisions: vec![[(0, 0); 100]],
            segments: vec![Segment::Unallocated; 10_000],
            area2: [false; 100],
            area3: vec![false; 1000],
            bins: Bins::default(),
            plates: [0; PROVINCES.len()],
            waybills: Vec::new(),
            test_values: vec![Vec::new(); Kind::ALL.len()],
            test_numbers: Vec::new(),
            test_filter: [0; 64],
            test_domains: Vec::new(),
            ethnic_groups: BTreeSet::new(),
            cues: Cues::read(lexicon("cue-words.tsv")?)?,
        };
        tables.read_divisions(lexicon("admin-divisions.tsv")?)?;
        tables.read_segments(lexicon("mobile-segments.tsv")?)?;
        tables.read_area_codes(lexicon("area-codes.tsv")?)?;
        tables.read_bins(lexicon("bank-bin.tsv")?)?;
        tables.read_plates(lexicon("plate-prefixes.tsv")?)?;
        tables.read_waybills(lexicon("waybill-formats.tsv")?)?;
        tables.read_test_values(lexicon("test-values.tsv")?)?;
        for (_, [list, value]) in rows("coded-values.tsv", lexicon("coded-values.tsv")?, ["list", "value"])? {
            if list == "ethnic-group" {
                tables.ethnic_groups.insert(value.to_owned());
                tables.ethnic_groups.extend(value.strip_suffix('族').map(str::to_owned));
            }
        }
        Ok(tables)
    }

    fn read_divisions(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "admin-divisions.tsv";
        for (line, [code, level, first, last, status]) in
            rows(NAME, text, ["code", "level", "first_year", "last_year", "status"])?
        {
            // Statistics-only codes never occur in identity numbers, nor do those of whole provinces.
            if status == "statistics-only" || level == "province" {
                continue;
            }
            let wrong = |detail| TablesError::Malformed { lexicon: NAME, line, detail };
            let code: usize = code.parse().map_err(|_| wrong("a code that is not a number"))?;
            let year = |text: &str, open: u8| match text {
                "" => Ok(open),
                _ => text
                    .parse::<u16>()
                    .ok()
                    .and_then(|year| u8::try_from(year.checked_sub(1900)?).ok())
                    .ok_or(wrong("a year that is not a number from 1900 on")),
            };
            let first = year(first, 80)?;
            // The newest table is of 2022: what was in force then is taken to be in force still.
            let last = match status {
                "abolished" => year(last, OPEN)?,
                _ => OPEN,
            };
            let block =
                self.division_blocks.get_mut(code / 100).ok_or(wrong("a code of more than six digits"))?;
            if *block == 0 {
                *block = self.divisions.len() as u16;
                self.divisions.push([(0, 0); 100]);
            }
            if let Some(slot) =
                self.divisions.get_mut(usize::from(*block)).and_then(|b| b.get_mut(code % 100))
            {
                *slot = if *slot == (0, 0) { (first, last) } else { (slot.0.min(first), slot.1.max(last)) };
            }
        }
        Ok(())
    }

    fn read_segments(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "mobile-segments.tsv";
        for (line, [prefix, length, kind]) in rows(NAME, text, ["prefix", "length", "kind"])? {
            let wrong = |detail| TablesError::Malformed { lexicon: NAME, line, detail };
            let number: usize = prefix.parse().map_err(|_| wrong("a prefix that is not a number"))?;
            let segment = match kind {
                "personal" | "mvno" | "data-card" | "satellite" if length == "11" => Segment::Personal,
                "iot" | "emergency" => Segment::NotPersonal,
                "unallocated" => Segment::Unallocated,
                _ => return Err(wrong("an unknown kind of number range")),
            };
            let width = 10_usize
                .checked_pow(5_u32.saturating_sub(prefix.len() as u32))
                .ok_or(wrong("a long prefix"))?;
            let from =
                (number * width).checked_sub(10_000).ok_or(wrong("a prefix that does not begin with 1"))?;
            let range = self.segments.get_mut(from..from + width).ok_or(wrong("a prefix beyond 1"))?;
            range.fill(segment);
        }
        Ok(())
    }

    fn read_area_codes(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "area-codes.tsv";
        for (line, [code]) in rows(NAME, text, ["area_code"])? {
            let wrong =
                TablesError::Malformed { lexicon: NAME, line, detail: "an area code is 0 and 2 or 3 digits" };
            let digits = code.strip_prefix('0').filter(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
            let slot = match digits.map(|digits| (digits.len(), digits.parse::<usize>())) {
                Some((2, Ok(number))) => self.area2.get_mut(number),
                Some((3, Ok(number))) => self.area3.get_mut(number),
                _ => None,
            };
            *slot.ok_or(wrong)? = true;
        }
        Ok(())
    }

    fn read_bins(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "bank-bin.tsv";
        let mut bins = Vec::new();
        for (line, [bin, length]) in rows(NAME, text, ["bin", "length"])? {
            let wrong = |detail| TablesError::Malformed { lexicon: NAME, line, detail };
            let number: u64 = bin.parse().map_err(|_| wrong("a BIN that is not a number"))?;
            let length: u8 = length.parse().map_err(|_| wrong("a length that is not a number"))?;
            bins.push((bin.len() as u8, number, length));
        }
        self.bins = Bins::new(&bins);
        Ok(())
    }

    fn read_plates(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "plate-prefixes.tsv";
        for (line, [prefix]) in rows(NAME, text, ["prefix"])? {
            let wrong =
                TablesError::Malformed { lexicon: NAME, line, detail: "a prefix is a province and a letter" };
            let mut chars = prefix.chars();
            let (Some(province), Some(letter @ 'A'..='Z'), None) = (chars.next(), chars.next(), chars.next())
            else {
                return Err(wrong);
            };
            let index = PROVINCES.iter().position(|known| *known == province);
            let letters = index.and_then(|index| self.plates.get_mut(index)).ok_or(wrong)?;
            *letters |= 1 << (letter as u32 - 'A' as u32);
        }
        Ok(())
    }

    fn read_waybills(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "waybill-formats.tsv";
        for (line, [regex]) in rows(NAME, text, ["regex"])? {
            let wrong =
                TablesError::Malformed { lexicon: NAME, line, detail: "a pattern of an unknown form" };
            for pattern in Pattern::read(regex).ok_or(wrong)? {
                let bare = pattern.literal_letters() >= 2;
                self.waybills.push(Waybill { pattern, bare });
            }
        }
        Ok(())
    }

    fn read_test_values(&mut self, text: &str) -> Result<(), TablesError> {
        const NAME: &str = "test-values.tsv";
        for (line, [kind, value]) in rows(NAME, text, ["type", "value"])? {
            if kind == "EMAIL-DOMAIN" {
                self.test_domains.push(value.into());
                continue;
            }
            let wrong = TablesError::Malformed { lexicon: NAME, line, detail: "an unknown kind" };
            let list =
                Kind::from_id(kind).and_then(|kind| self.test_values.get_mut(kind.index())).ok_or(wrong)?;
            list.push(value.into());
            self.test_numbers.push(quick_number(value.as_bytes()));
        }
        self.test_numbers.sort_unstable();
        for number in &self.test_numbers {
            if let Some(word) = self.test_filter.get_mut((number % 4096 / 64) as usize) {
                *word |= 1 << (number % 64);
            }
        }
        Ok(())
    }

    /// Whether the division `code` (six digits) was in force in `birth_year` or later.
    ///
    /// A card carries the code of the place of first registration, which came after birth; so a code that
    /// was abolished before the holder was born cannot be theirs, and every later one can.
    pub(crate) fn division(&self, code: u32, birth_year: u16) -> bool {
        let block = self.division_blocks.get(code as usize / 100).copied().unwrap_or(0);
        let Some((_, last)) = self.divisions.get(usize::from(block)).and_then(|b| b.get(code as usize % 100))
        else {
            return false;
        };
        *last == OPEN || *last > 0 && birth_year <= 1900 + u16::from(*last)
    }

    /// Whether `code` was ever a division.
    pub(crate) fn division_ever(&self, code: u32) -> bool {
        self.division(code, 0)
    }

    /// What the range of a mobile number is for, by its first five digits (10000–19999).
    pub(crate) fn segment(&self, first_five: u32) -> Segment {
        let index = (first_five as usize).checked_sub(10_000);
        index.and_then(|index| self.segments.get(index)).copied().unwrap_or(Segment::Unallocated)
    }

    /// Number of digits (3 or 4) of the area code at the beginning of `digits`, where there is one.
    pub(crate) fn area_code(&self, digits: &[u8]) -> Option<usize> {
        let &[b'0', a, b, ..] = digits else { return None };
        let pair = usize::from(a.wrapping_sub(b'0')) * 10 + usize::from(b.wrapping_sub(b'0'));
        if self.area2.get(pair).copied().unwrap_or(false) {
            return Some(3);
        }
        let third = usize::from(digits.get(3)?.wrapping_sub(b'0'));
        self.area3.get(pair * 10 + third).copied().unwrap_or(false).then_some(4)
    }

    /// Whether a bank gave out cards that begin like `digits`.
    pub(crate) fn bin(&self, digits: &[u8]) -> Option<Bin> {
        self.bins.find(digits)
    }

    /// Whether `letter` is an office of `province`.
    pub(crate) fn plate_office(&self, province: usize, letter: u8) -> bool {
        let place = u32::from(letter.wrapping_sub(b'A'));
        place < 26 && self.plates.get(province).is_some_and(|letters| letters >> place & 1 == 1)
    }

    /// Whether `text` (upper case) has the form of a carrier; `bare` asks for forms known without a cue.
    pub(crate) fn waybill(&self, text: &[u8], bare: bool) -> bool {
        self.waybills.iter().any(|format| (format.bare || !bare) && format.pattern.matches(text))
    }

    /// Whether the normalised value is known from tests, examples and standards; letters in any case.
    pub(crate) fn is_test(&self, kind: Kind, value: &str) -> bool {
        self.test_values
            .get(kind.index())
            .is_some_and(|known| known.iter().any(|known| known.eq_ignore_ascii_case(value)))
    }

    /// Whether a number (digits, perhaps an X at the end) is a test value of `kind`.
    pub(crate) fn is_test_digits(&self, kind: Kind, digits: &[u8]) -> bool {
        let number = quick_number(digits);
        self.test_filter.get((number % 4096 / 64) as usize).is_some_and(|word| word >> (number % 64) & 1 == 1)
            && self.test_numbers.binary_search(&number).is_ok()
            && std::str::from_utf8(digits).is_ok_and(|text| self.is_test(kind, text))
    }

    /// Whether mail to `domain` (lower case) reaches nobody.
    pub(crate) fn is_test_domain(&self, domain: &str) -> bool {
        self.test_domains.iter().any(|known| {
            domain.strip_suffix(&**known).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    }

    /// Whether `word` (with or without 族) names an ethnic group of GB/T 3304.
    pub fn is_ethnic_group(&self, word: &str) -> bool {
        self.ethnic_groups.contains(word)
    }
}

/// The number that the first seventeen bytes spell; other bytes than digits do no harm, the number only has
/// to be the same for the same bytes.
fn quick_number(text: &[u8]) -> u64 {
    super::number_of(text.get(..17).unwrap_or(text))
}

/// BINs by number of digits and number, open addressing; small enough to stay in the cache.
#[derive(Default)]
struct Bins {
    /// (number of digits above the number, lengths of cards as bits); `(0, 0)` for an empty slot.
    slots: Vec<(u64, u32)>,
}

impl Bins {
    fn new(bins: &[(u8, u64, u8)]) -> Bins {
        let mut slots = vec![(0, 0); bins.len().next_power_of_two() * 2];
        let len = slots.len();
        for (places, number, length) in bins {
            let key = Bins::key(*places, *number);
            for step in 0..len {
                let Some(slot) = slots.get_mut((Bins::hash(key) + step) % len) else { break };
                if slot.0 == 0 || slot.0 == key {
                    *slot = (key, slot.1 | 1_u32.checked_shl(u32::from(*length)).unwrap_or(0));
                    break;
                }
            }
        }
        Bins { slots }
    }

    fn key(places: u8, number: u64) -> u64 {
        u64::from(places) << 56 | number
    }

    fn hash(key: u64) -> usize {
        (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize
    }

    fn get(&self, places: u8, number: u64) -> Option<u32> {
        let key = Bins::key(places, number);
        // A power of two.
        let mask = self.slots.len().checked_sub(1)?;
        let mut at = Bins::hash(key);
        for _ in 0..self.slots.len() {
            match self.slots.get(at & mask)? {
                (0, _) => return None,
                (known, lengths) if *known == key => return Some(*lengths),
                _ => at += 1,
            }
        }
        None
    }

    fn find(&self, digits: &[u8]) -> Option<Bin> {
        let mut found = None;
        for places in [6_u8, 9, 8, 5, 10, 7, 4, 3, 2] {
            let number = super::number_of(digits.get(..usize::from(places))?);
            let Some(lengths) = self.get(places, number) else { continue };
            let fits = lengths >> digits.len().min(31) & 1 == 1;
            if fits {
                return Some(Bin { places, fits });
            }
            found = found.or(Some(Bin { places, fits }));
        }
        found
    }
}

/// What is known of the beginning of a card number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bin {
    /// Number of digits that the bank's list names.
    pub(crate) places: u8,
    /// Whether the number is as long as the list says.
    pub(crate) fits: bool,
}

/// The named columns of a tab-separated text with a head row; the line number counts from 1.
pub(crate) fn rows<'a, const N: usize>(
    lexicon: &'static str,
    text: &'a str,
    columns: [&str; N],
) -> Result<impl Iterator<Item = (usize, [&'a str; N])>, TablesError> {
    let head = text.lines().next().unwrap_or_default();
    let mut indices = [0; N];
    for (index, column) in indices.iter_mut().zip(columns) {
        *index = head.split('\t').position(|name| name == column).ok_or(TablesError::Malformed {
            lexicon,
            line: 1,
            detail: "a column is missing",
        })?;
    }
    Ok(text.lines().enumerate().skip(1).filter(|(_, line)| !line.is_empty()).map(move |(number, line)| {
        (number + 1, indices.map(|index| line.split('\t').nth(index).unwrap_or_default()))
    }))
}
