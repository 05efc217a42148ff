//! Words, places, surnames and the characters of names, in tables that are quick to ask.

use crate::error::TaggerError;
use flate2::read::GzDecoder;
use std::io::Read as _;
use zhunsheng_rules::Rules;

static WORDS: &[u8] = include_bytes!("../data/words.txt.gz");
static TITLES: &str = include_str!("../data/titles.txt");
static PROPER: &str = include_str!("../data/proper.txt");
static COUNTRIES: &str = include_str!("../data/countries.txt");
static ORG_SUFFIXES: &str = include_str!("../data/org-suffixes.txt");

/// Longest word that is looked up, in characters.
pub const WORD_CHARS_MAX: usize = 12;
/// Number of entries of the table of words; a power of two, more than twice the number of words.
const SLOTS: usize = 1 << 20;
/// Bits of the filter of prefixes.
const FILTER_BITS: usize = 1 << 22;
/// Half bits of the whole text that the frequencies were counted in; a word costs this less its own.
const COST_TOTAL: u8 = 52;
/// Level of countries, continents and seas.
pub const PLACE_COUNTRY: u8 = 6;
/// What a proper name of the embedded list costs at most.
const COST_PROPER: u8 = COST_TOTAL - 10;
/// What an unknown character costs.
const COST_UNKNOWN: u8 = COST_TOTAL + 8;

/// Letters of the tags in the list of words, in the order of their numbers.
const TAGS: &[u8] = b"-nrfstzvaedmqhpcuiljbxoyNRSTw";
/// Number of the tag of personal names.
pub const TAG_PERSON: u8 = 2;
/// Number of the tag of transliterated personal names.
pub const TAG_FOREIGN: u8 = 3;
/// Number of the tag of personal names that two lists agree on.
pub const TAG_PERSON_SURE: u8 = 25;
/// Number of the tag of places that two lists agree on.
pub const TAG_PLACE_SURE: u8 = 26;
/// Number of the tag of places.
pub const TAG_PLACE: u8 = 4;

/// What is known of a word.
///
/// `cost` is small for common words, `tag` the number of its part of speech, `place` the level of a place
/// (1 province, 2 prefecture, 3 county, 4 township, 5 other, 6 country or continent, 0 none).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Half bits: small for common words.
    pub cost: u8,
    /// Number of its part of speech.
    pub tag: u8,
    /// Level of the place, 0 for none.
    pub place: u8,
    /// Whether it is a position or title.
    pub title: bool,
    /// Whether names of organisations end with it.
    pub org_suffix: bool,
    /// Whether it is a surname of two characters.
    pub surname: bool,
}

impl Entry {
    const fn pack(self) -> u32 {
        self.cost as u32
            | (self.tag as u32) << 8
            | (self.place as u32) << 16
            | (self.title as u32) << 20
            | (self.org_suffix as u32) << 21
            | (self.surname as u32) << 22
            | 1 << 31
    }

    const fn unpack(bits: u32) -> Entry {
        Entry {
            cost: bits as u8,
            tag: (bits >> 8) as u8,
            place: (bits >> 16) as u8 & 15,
            title: bits >> 20 & 1 == 1,
            org_suffix: bits >> 21 & 1 == 1,
            surname: bits >> 22 & 1 == 1,
        }
    }
}

/// What single characters tell: buckets 0 (never) to 3 (often).
#[derive(Clone, Copy, Debug, Default)]
pub struct CharFacts {
    /// As a surname.
    pub surname: u8,
    /// As the first of two characters of a given name.
    pub given_first: u8,
    /// As the last character of a given name.
    pub given_last: u8,
    /// In a transliterated foreign name.
    pub foreign: u8,
}

/// The lexicons of the tagger.
pub struct Lexicon {
    /// Hash (upper half) and entry (lower half); 0 is free.
    slots: Vec<u64>,
    filter: Vec<u64>,
    singles: Vec<u32>,
    facts: Vec<CharFacts>,
}

/// A hash that grows character by character.
#[derive(Clone, Copy)]
pub struct Walk(u64);

impl Walk {
    /// The hash of no characters.
    pub const START: Walk = Walk(0x51_7C_C1_B7_27_22_0A_95);

    /// The hash with one more character.
    #[must_use]
    pub const fn step(self, c: u16) -> Walk {
        Walk((self.0.rotate_left(5) ^ c as u64).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    const fn mixed(self) -> u64 {
        let h = self.0 ^ self.0 >> 29;
        let h = h.wrapping_mul(0xBF58_476D_1CE4_E5B9);
        h ^ h >> 32
    }

    #[cfg(test)]
    fn of(word: &[u16]) -> Walk {
        word.iter().fold(Walk::START, |walk, c| walk.step(*c))
    }
}

impl Lexicon {
    /// Reads the lexicons: the embedded words, and surnames, places and transliteration characters of `rules`.
    ///
    /// # Errors
    /// [`TaggerError`] when a lexicon is missing or packed data are damaged.
    pub fn embedded(rules: &Rules) -> Result<Lexicon, TaggerError> {
        let missing = |name| TaggerError::MissingLexicon { name };
        let mut lexicon = Lexicon {
            slots: vec![0; SLOTS],
            filter: vec![0; FILTER_BITS / 64],
            singles: vec![0; 1 << 16],
            facts: vec![CharFacts::default(); 1 << 16],
        };
        let words = unpack_words()?;
        let surnames = rules.lexicon("surnames.tsv").ok_or(missing("surnames.tsv"))?;
        lexicon.read_surnames(surnames);
        lexicon.read_words(&words);
        lexicon.read_foreign(
            rules.lexicon("transliteration-chars.tsv").ok_or(missing("transliteration-chars.tsv"))?,
        );
        lexicon.read_places(
            rules.lexicon("places.tsv").ok_or(missing("places.tsv"))?,
            rules.lexicon("admin-divisions.tsv").ok_or(missing("admin-divisions.tsv"))?,
        );
        for (section, name) in proper() {
            lexicon.read_proper(section, name);
        }
        for country in COUNTRIES.lines().filter(|line| !line.starts_with('#')) {
            lexicon.change(&folded(country), |entry| entry.place = PLACE_COUNTRY);
        }
        for title in titles() {
            lexicon.change(&folded(title), |entry| entry.title = true);
        }
        for suffix in ORG_SUFFIXES.lines().filter(|line| !line.starts_with('#')) {
            lexicon.change(&folded(suffix), |entry| entry.org_suffix = true);
        }
        Ok(lexicon)
    }

    /// What is known of one character standing alone.
    pub fn single(&self, c: u16) -> Entry {
        match self.singles.get(usize::from(c)) {
            Some(0) | None => Entry { cost: COST_UNKNOWN, ..Entry::default() },
            Some(bits) => Entry::unpack(*bits),
        }
    }

    /// What is known of a character as part of a name.
    pub fn facts(&self, c: u16) -> CharFacts {
        self.facts.get(usize::from(c)).copied().unwrap_or_default()
    }

    /// Whether a word of two or more characters may begin so.
    pub fn may_begin(&self, walk: Walk) -> bool {
        let bit = walk.mixed() as usize % FILTER_BITS;
        self.filter.get(bit / 64).is_some_and(|word| word >> (bit % 64) & 1 == 1)
    }

    /// The word of two or more characters that was walked.
    pub fn word(&self, walk: Walk) -> Option<Entry> {
        let hash = walk.mixed();
        let mut slot = (hash >> 20) as usize % SLOTS;
        loop {
            let found = *self.slots.get(slot)?;
            if found == 0 {
                return None;
            }
            if found >> 32 == hash >> 32 {
                return Some(Entry::unpack(found as u32));
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Whether `name` is that of a country, continent or sea, or the one character that stands for a country.
    pub fn is_country(&self, name: &str) -> bool {
        let chars = folded(name);
        let walk = chars.iter().fold(Walk::START, |walk, c| walk.step(*c));
        chars.len() == 1 || self.word(walk).is_some_and(|entry| entry.place == PLACE_COUNTRY)
    }

    /// Whether the two characters are a surname.
    pub fn is_double_surname(&self, first: u16, second: u16) -> bool {
        self.word(Walk::START.step(first).step(second)).is_some_and(|entry| entry.surname)
    }

    fn change(&mut self, word: &[u16], edit: impl FnOnce(&mut Entry)) {
        if word.is_empty() || word.len() > WORD_CHARS_MAX {
            return;
        }
        if let [c] = word {
            let mut entry = self.single(*c);
            edit(&mut entry);
            if let Some(slot) = self.singles.get_mut(usize::from(*c)) {
                *slot = entry.pack();
            }
            return;
        }
        let mut walk = Walk::START;
        for (index, c) in word.iter().enumerate() {
            walk = walk.step(*c);
            let bit = walk.mixed() as usize % FILTER_BITS;
            if let (true, Some(part)) = (index > 0, self.filter.get_mut(bit / 64)) {
                *part |= 1 << (bit % 64);
            }
        }
        let hash = walk.mixed();
        let mut slot = (hash >> 20) as usize % SLOTS;
        while let Some(found) = self.slots.get_mut(slot) {
            if *found == 0 || *found >> 32 == hash >> 32 {
                // A word that no list of frequencies holds is as rare as the rarest.
                let mut entry = match *found {
                    0 => Entry { cost: COST_TOTAL - 4, ..Entry::default() },
                    bits => Entry::unpack(bits as u32),
                };
                edit(&mut entry);
                *found = hash >> 32 << 32 | u64::from(entry.pack());
                return;
            }
            slot = (slot + 1) % SLOTS;
        }
    }

    /// Each line: the word, the letter of its tag, a character for its frequency.
    fn read_words(&mut self, text: &str) {
        let mut first = vec![0u32; 1 << 16];
        let mut last = vec![0u32; 1 << 16];
        for line in text.lines() {
            let mut chars = line.chars();
            let (Some(level), Some(letter)) = (chars.next_back(), chars.next_back()) else { continue };
            let word = folded(chars.as_str());
            let tag = TAGS.iter().position(|t| u32::from(*t) == letter as u32).unwrap_or(0) as u8;
            let level = (level as u32).saturating_sub(u32::from(b'0')) as u8;
            self.change(&word, |entry| {
                entry.cost = COST_TOTAL.saturating_sub(level);
                entry.tag = tag;
                if matches!(tag, TAG_PLACE | TAG_PLACE_SURE) {
                    entry.place = 5;
                }
            });
            if let (TAG_PERSON_SURE, [surname, given @ ..]) = (tag, word.as_slice()) {
                if self.facts(*surname).surname == 0 {
                    continue;
                }
                match given {
                    [only] => last[usize::from(*only)] += 1,
                    [one, two] => {
                        first[usize::from(*one)] += 1;
                        last[usize::from(*two)] += 1;
                    }
                    _ => {}
                }
            }
        }
        for ((facts, first), last) in self.facts.iter_mut().zip(first).zip(last) {
            facts.given_first = bucket(first, [2, 20, 100]);
            facts.given_last = bucket(last, [2, 20, 100]);
        }
    }

    /// Gives a proper name its kind, unless it is a common word of another kind.
    fn read_proper(&mut self, section: &str, name: &str) {
        let Some(tag) = section.bytes().next().and_then(|c| TAGS.iter().position(|t| *t == c)) else {
            return;
        };
        let word = folded(name);
        if word.len() < 2 {
            return;
        }
        self.change(&word, |entry| {
            let open = TAGS.get(usize::from(entry.tag)).is_none_or(|t| b"-rRfozsStTx".contains(t));
            if open || tag as u8 == TAG_PLACE_SURE {
                entry.tag = tag as u8;
                entry.cost = entry.cost.min(COST_PROPER);
            }
            if tag as u8 == TAG_PLACE_SURE && entry.place == 0 {
                entry.place = 5;
            }
        });
    }

    fn read_surnames(&mut self, tsv: &str) {
        for line in tsv.lines().skip(1) {
            let mut fields = line.split('\t');
            let (Some(surname), Some(share)) = (fields.next(), fields.nth(2)) else { continue };
            let share = share.parse::<f32>().unwrap_or(0.0);
            match folded(surname).as_slice() {
                [c] => {
                    if let Some(facts) = self.facts.get_mut(usize::from(*c)) {
                        facts.surname = bucket((share * 10_000.0) as u32, [0, 200, 2000]);
                    }
                }
                word => self.change(word, |entry| entry.surname = true),
            }
        }
    }

    fn read_foreign(&mut self, tsv: &str) {
        for line in tsv.lines().skip(1) {
            let Some((c, count)) = line.split_once('\t') else { continue };
            if let ([c], Ok(count)) = (folded(c).as_slice(), count.trim().parse::<u32>())
                && let Some(facts) = self.facts.get_mut(usize::from(*c))
            {
                facts.foreign = bucket(count, [1, 15, 80]);
            }
        }
    }

    fn read_places(&mut self, places: &str, divisions: &str) {
        let level = |name: &str| match name {
            "province" => 1,
            "prefecture" => 2,
            "county" => 3,
            _ => 4,
        };
        let rows = divisions.lines().skip(1).filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.nth(1)?, level(fields.nth(1)?)))
        });
        let rows = rows.chain(places.lines().skip(1).filter_map(|line| {
            let mut fields = line.split('\t');
            Some((fields.nth(1)?, level(fields.next()?)))
        }));
        for (name, level) in rows {
            let word = folded(name);
            if word.len() < 2 || name.ends_with("直辖") || name.contains("行政区划") {
                continue;
            }
            let lower = |entry: &mut Entry| {
                if entry.place == 0 || entry.place > level {
                    entry.place = level;
                }
                if entry.tag == 0 {
                    entry.tag = TAG_PLACE;
                }
            };
            self.change(&word, lower);
            if let Some(short) = short_form(name, level) {
                // A short form that is also a common word (朝阳, 和平) keeps its tag.
                self.change(&folded(short), lower);
            }
        }
    }
}

/// The name of a place without the word for what it is; nothing when less than two characters are left.
fn short_form(name: &str, level: u8) -> Option<&str> {
    const ENDINGS: [&[&str]; 4] = [
        &["维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "特别行政区", "省", "市"],
        &["地区", "盟", "市"],
        &["自治县", "县", "市", "区", "旗"],
        &["镇", "乡", "街道"],
    ];
    let endings = ENDINGS.get(usize::from(level).checked_sub(1)?)?;
    let short = endings.iter().find_map(|ending| name.strip_suffix(ending))?;
    // Short forms of townships and names with an ethnic group in them are not used alone.
    (level <= 3 && (2..=4).contains(&short.chars().count()) && !short.ends_with('族')).then_some(short)
}

/// The words of the embedded list with the letter of their tag and their frequency in half bits.
///
/// # Errors
/// [`TaggerError::Packed`] when the list is damaged.
pub fn words() -> Result<Vec<(String, char, u8)>, TaggerError> {
    let text = unpack_words()?;
    let words = text.lines().filter_map(|line| {
        let mut chars = line.chars();
        let level = (chars.next_back()? as u32).saturating_sub(u32::from(b'0')) as u8;
        let tag = chars.next_back()?;
        Some((chars.as_str().to_owned(), tag, level))
    });
    Ok(words.collect())
}

/// The proper names of the embedded list, each with the name of its section.
pub fn proper() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut section = "";
    PROPER.lines().filter(|line| !line.starts_with('#')).flat_map(move |line| {
        let head = line.strip_prefix('[').and_then(|line| line.strip_suffix(']'));
        section = head.unwrap_or(section);
        let (section, names) = (section, if head.is_some() { "" } else { line });
        names.split_whitespace().map(move |name| (section, name))
    })
}

/// The titles and positions of the embedded list.
pub fn titles() -> impl Iterator<Item = &'static str> {
    TITLES.lines().filter(|line| !line.starts_with('#'))
}

fn unpack_words() -> Result<String, TaggerError> {
    let mut words = String::new();
    GzDecoder::new(WORDS)
        .read_to_string(&mut words)
        .map_err(|e| TaggerError::Packed { name: "words", detail: e.to_string() })?;
    Ok(words)
}

/// The characters of a word as the model sees them.
pub fn folded(word: &str) -> Vec<u16> {
    word.chars().map(crate::chars::fold).collect()
}

/// 0 up to the first limit, 1 up to the second, 2 up to the third, else 3; 0 is also for nothing.
fn bucket(count: u32, limits: [u32; 3]) -> u8 {
    match count {
        0 => 0,
        n => 1 + u8::from(n > limits[1]) + u8::from(n > limits[2]) - u8::from(n < limits[0]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(lexicon: &Lexicon, text: &str) -> Option<Entry> {
        lexicon.word(Walk::of(&folded(text)))
    }

    #[test]
    fn the_lexicons_know_words_places_and_names() {
        let lexicon = Lexicon::embedded(Rules::embedded()).unwrap();
        assert_eq!(word(&lexicon, "北京市").map(|e| e.place), Some(1));
        assert_eq!(word(&lexicon, "杭州").map(|e| e.place), Some(2));
        assert_eq!(word(&lexicon, "总经理").map(|e| e.title), Some(true));
        assert_eq!(word(&lexicon, "欧阳").map(|e| e.surname), Some(true));
        assert_eq!(word(&lexicon, "杭有限"), None);
        assert!(lexicon.facts('王' as u16).surname == 3 && lexicon.facts('的' as u16).surname == 0);
        assert!(lexicon.facts('伟' as u16).given_last >= 2);
        assert!(lexicon.facts('尔' as u16).foreign == 3);
    }

    #[test]
    fn short_forms_keep_two_characters() {
        assert_eq!(short_form("浙江省", 1), Some("浙江"));
        assert_eq!(short_form("广西壮族自治区", 1), Some("广西"));
        assert_eq!(short_form("忠县", 3), None);
        assert_eq!(short_form("杨舍镇", 4), None);
    }
}
