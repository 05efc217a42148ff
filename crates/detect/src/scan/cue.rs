//! Cue words: what stands directly before a candidate and says what it is.
//!
//! The text is never searched for cue words. A candidate that wants to know looks back from where it
//! begins, over blanks, colons, quotation marks and words such as 号码 or 是, and asks one small table.

use crate::check::{TablesError, rows};
use zhunsheng_model::Kind;

/// A set of cues, one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CueSet(u128);

/// Cues that announce no kind of their own.
pub(crate) mod extra {
    /// `code`, which announces an SMS code only with further evidence.
    pub(crate) const SMS_WEAK: u32 = 120;
    /// The date until which a card is valid.
    pub(crate) const CARD_EXPIRY: u32 = 121;
    /// Versions, chapters: what looks like an address there is none.
    pub(crate) const NOT_IP: u32 = 122;
    /// A machine's own address.
    pub(crate) const SERVER: u32 = 123;
    /// A pair of coordinates.
    pub(crate) const GEO: u32 = 124;
    /// Order numbers, serial numbers and other numbers that are no personal information.
    pub(crate) const OTHER: u32 = 125;
}

const EXTRA: [(&str, u32); 6] = [
    ("SMS_WEAK", extra::SMS_WEAK),
    ("CARD_EXPIRY", extra::CARD_EXPIRY),
    ("NOT_IP", extra::NOT_IP),
    ("SERVER", extra::SERVER),
    ("GEO", extra::GEO),
    ("OTHER", extra::OTHER),
];

// Kinds take the bits from 0; the last kind must stay below the first extra cue.
const _: () = assert!(Kind::ALL.len() < extra::SMS_WEAK as usize);

impl CueSet {
    /// No cue.
    pub(crate) const NONE: CueSet = CueSet(0);

    /// Whether the cue of `kind` is in the set.
    pub(crate) const fn has(self, kind: Kind) -> bool {
        self.0 >> kind.index() & 1 == 1
    }

    /// Whether the cue `bit` of [`extra`] is in the set.
    pub(crate) const fn has_extra(self, bit: u32) -> bool {
        self.0 >> bit & 1 == 1
    }

    /// Whether nothing is announced.
    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The set of one kind.
    pub(crate) const fn of(kind: Kind) -> CueSet {
        CueSet(1 << kind.index())
    }

    /// The cues of both sets.
    pub(crate) const fn union(self, other: CueSet) -> CueSet {
        CueSet(self.0 | other.0)
    }

    /// Whether the sets share a cue.
    pub(crate) const fn meets(self, other: CueSet) -> bool {
        self.0 & other.0 != 0
    }
}

/// A cue word found before a candidate.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cue {
    /// What it announces.
    pub(crate) set: CueSet,
    /// Where the word begins.
    pub(crate) start: usize,
    /// Where the word ends; between there and the candidate stand only separators.
    pub(crate) end: usize,
    /// Whether a colon, an equals sign or a quotation mark stands between.
    pub(crate) marked: bool,
    /// Whether the word is written in ASCII letters.
    pub(crate) ascii: bool,
}

impl Cue {
    pub(crate) const NONE: Cue = Cue { set: CueSet::NONE, start: 0, end: 0, marked: false, ascii: false };
}

/// The table of cue words.
pub(crate) struct Cues {
    /// Words that end with a Han character, in the order of buckets, longest first within a bucket.
    han: Vec<(Box<[u8]>, CueSet)>,
    /// Where each bucket begins in `han`; one more than there are buckets.
    buckets: Vec<u16>,
    /// Words in ASCII letters (lower case, without `_` and `-`), open addressing.
    ascii: Vec<Option<(Box<[u8]>, CueSet)>>,
}

const BUCKETS: usize = 1024;
const ASCII_SLOTS: usize = 2048;
/// A longer name of a field is not looked up.
const NAME_LEN_MAX: usize = 32;
/// How many separators may stand between a cue and a value.
const STEPS_MAX: usize = 10;

/// The bucket of words that end with these bytes: the last six, or three for shorter words.
fn han_bucket(tail: &[u8]) -> usize {
    let key = tail.iter().fold(0_u64, |key, byte| key << 8 | u64::from(byte.to_ascii_lowercase()));
    (key.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % BUCKETS
}

fn name_hash(name: &[u8]) -> usize {
    name.iter().fold(0x811C_9DC5_u32, |hash, byte| (hash ^ u32::from(*byte)).wrapping_mul(0x0100_0193))
        as usize
}

/// Three bytes as one number.
const fn key(mark: &[u8]) -> u32 {
    match mark {
        [a, b, c] => (*a as u32) << 16 | (*b as u32) << 8 | *c as u32,
        _ => 0,
    }
}

const fn keys<const N: usize>(words: [&str; N]) -> [u32; N] {
    let mut keys = [0; N];
    let mut index = 0;
    while index < N {
        keys[index] = key(words[index].as_bytes());
        index += 1;
    }
    keys
}

/// Separators of three bytes that mark what follows as a value.
static MARKS: [u32; 8] = keys(["：", "“", "‘", "＝", "「", "【", "《", "”"]);
/// Blanks and words that say nothing themselves.
static FILLERS: [u32; 17] = keys([
    "　", "（", "号", "码", "為", "为", "是", "叫", "填", "的", "多", "少", "几", "？", "了", "有", "即",
]);

impl Cues {
    /// Reads `cue-words.tsv`.
    ///
    /// # Errors
    /// When a line names an unknown cue.
    pub(crate) fn read(text: &str) -> Result<Cues, TablesError> {
        const NAME: &str = "cue-words.tsv";
        let mut buckets: Vec<Vec<(Box<[u8]>, CueSet)>> = vec![Vec::new(); BUCKETS];
        let mut cues = Cues { han: Vec::new(), buckets: Vec::new(), ascii: vec![None; ASCII_SLOTS] };
        for (line, [word, names]) in rows(NAME, text, ["word", "cues"])? {
            let wrong = |detail| TablesError::Malformed { lexicon: NAME, line, detail };
            let mut set = CueSet::NONE;
            for name in names.split(',') {
                let bit = Kind::from_id(name)
                    .map(|kind| kind.index() as u32)
                    .or_else(|| EXTRA.iter().find(|(known, _)| *known == name).map(|(_, bit)| *bit))
                    .ok_or(wrong("an unknown cue"))?;
                set = set.union(CueSet(1 << bit));
            }
            let bytes = word.as_bytes();
            match bytes {
                [] => return Err(wrong("an empty word")),
                [.., last] if *last >= 0x80 => {
                    let tail =
                        bytes.last_chunk::<6>().map_or(bytes.get(bytes.len() - 3..), |tail| Some(tail));
                    if let Some(bucket) = tail.and_then(|tail| buckets.get_mut(han_bucket(tail))) {
                        bucket.push((bytes.to_ascii_lowercase().into(), set));
                    }
                }
                _ if word.is_ascii() => {
                    let name: Vec<u8> = bytes
                        .iter()
                        .filter(|b| !matches!(b, b'_' | b'-'))
                        .map(u8::to_ascii_lowercase)
                        .collect();
                    cues.insert_name(&name, set).ok_or(wrong("too many words in ASCII letters"))?;
                }
                // A Han word with ASCII letters at its end (`加V`): the end is looked up as a name, so it
                // is kept whole there.
                _ => {
                    let name = bytes.to_ascii_lowercase();
                    cues.insert_name(&name, set).ok_or(wrong("too many words in ASCII letters"))?;
                }
            }
        }
        for mut bucket in buckets {
            cues.buckets.push(cues.han.len() as u16);
            bucket.sort_by(|a, b| b.0.len().cmp(&a.0.len()).then_with(|| a.0.cmp(&b.0)));
            cues.han.append(&mut bucket);
        }
        cues.buckets.push(cues.han.len() as u16);
        Ok(cues)
    }

    fn insert_name(&mut self, name: &[u8], set: CueSet) -> Option<()> {
        let from = name_hash(name);
        for step in 0..ASCII_SLOTS {
            let slot = self.ascii.get_mut((from + step) % ASCII_SLOTS)?;
            match slot {
                None => {
                    *slot = Some((name.into(), set));
                    return Some(());
                }
                Some((known, cues)) if **known == *name => {
                    *cues = cues.union(set);
                    return Some(());
                }
                Some(_) => {}
            }
        }
        None
    }

    /// What a name in lower-case letters announces.
    fn name(&self, name: &[u8]) -> Option<CueSet> {
        let from = name_hash(name);
        for step in 0..ASCII_SLOTS {
            match self.ascii.get((from + step) % ASCII_SLOTS)? {
                None => return None,
                Some((known, set)) if **known == *name => return Some(*set),
                Some(_) => {}
            }
        }
        None
    }

    /// The longest Han word that ends at `end`.
    fn han_before(&self, bytes: &[u8], end: usize) -> Option<(usize, CueSet)> {
        let head = bytes.get(..end)?;
        let in_bucket = |tail: &[u8]| {
            let bucket = han_bucket(tail);
            let (from, to) = (*self.buckets.get(bucket)?, *self.buckets.get(bucket + 1)?);
            let words = self.han.get(usize::from(from)..usize::from(to))?;
            words.iter().find_map(|(word, set)| {
                let start = end.checked_sub(word.len())?;
                head.get(start..)?.eq_ignore_ascii_case(word).then_some((start, *set))
            })
        };
        head.last_chunk::<6>().and_then(|tail| in_bucket(tail)).or_else(|| in_bucket(head.last_chunk::<3>()?))
    }

    /// What stands directly before `position` and announces it.
    pub(crate) fn before(&self, bytes: &[u8], position: usize) -> Cue {
        let mut at = position;
        let mut marked = false;
        for _ in 0..STEPS_MAX {
            let Some(last) = at.checked_sub(1).and_then(|i| bytes.get(i)) else { return Cue::NONE };
            match last {
                b' ' | b'\t' | b'(' | b'[' | b'{' | b'>' | b'#' | b'*' | b'`' | b'|' | b'~' => at -= 1,
                b':' | b'=' | b'"' | b'\'' | b'\\' => {
                    marked = true;
                    at -= 1;
                }
                byte if byte.is_ascii_alphabetic() => match self.name_before(bytes, at) {
                    Name::Cue(start, set) => return Cue { set, start, end: at, marked, ascii: true },
                    Name::Filler(start) => at = start,
                    Name::Unknown => return Cue::NONE,
                },
                0x80.. => {
                    if let Some((start, set)) = self.han_before(bytes, at) {
                        return Cue { set, start, end: at, marked, ascii: false };
                    }
                    let Some(mark) = at.checked_sub(3).and_then(|from| bytes.get(from..at)) else {
                        return Cue::NONE;
                    };
                    let mark = key(mark);
                    if MARKS.contains(&mark) {
                        marked = true;
                    } else if !FILLERS.contains(&mark) {
                        return Cue::NONE;
                    }
                    at -= 3;
                }
                _ => return Cue::NONE,
            }
        }
        Cue::NONE
    }

    /// The name of a field that ends at `end`: letters, digits, `_` and `-`.
    fn name_before(&self, bytes: &[u8], end: usize) -> Name {
        let head = bytes.get(..end).unwrap_or_default();
        let len = head
            .iter()
            .rev()
            .take(NAME_LEN_MAX + 1)
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .count();
        if len > NAME_LEN_MAX {
            return Name::Unknown;
        }
        let start = end - len;
        let whole = head.get(start..).unwrap_or_default();
        // `加V`, `用户ID`: one or two letters that belong to the Han characters before them.
        if len <= 2 && start.checked_sub(1).and_then(|i| head.get(i)).is_some_and(|byte| *byte >= 0x80) {
            for han in [6, 3] {
                let Some(from) = start.checked_sub(han) else { continue };
                let mut word = [0; 8];
                let Some((slot, raw)) = word.get_mut(..han + len).zip(head.get(from..)) else { continue };
                slot.copy_from_slice(raw);
                slot.make_ascii_lowercase();
                if let Some(set) = self.name(slot) {
                    return Name::Cue(from, set);
                }
            }
        }
        let mut buffer = [0; NAME_LEN_MAX];
        if let Some(set) = self.name(squeeze(whole, &mut buffer)) {
            return Name::Cue(start, set);
        }
        // `receiverPhone`, `user_mobile`: the last word of the name.
        let cut = whole.iter().enumerate().rev().find_map(|(i, byte)| match byte {
            b'_' | b'-' => Some(i + 1),
            b'A'..=b'Z' if i > 0 && whole.get(i - 1).is_some_and(u8::is_ascii_lowercase) => Some(i),
            _ => None,
        });
        let last = cut.and_then(|cut| whole.get(cut..)).filter(|last| last.len() > 1);
        if let Some(set) = last.and_then(|last| self.name(squeeze(last, &mut buffer))) {
            // `errorCode`, `productVersion`: the weak words say nothing at the end of a longer name.
            if !set.has_extra(extra::SMS_WEAK) && !set.has_extra(extra::OTHER) {
                return Name::Cue(start, set);
            }
        }
        let filler: &[&[u8]] = &[b"id", b"no", b"is", b"num", b"number", b"of", b"at", b"addr", b"value"];
        if filler.iter().any(|known| whole.eq_ignore_ascii_case(known)) {
            return Name::Filler(start);
        }
        Name::Unknown
    }
}

enum Name {
    Cue(usize, CueSet),
    Filler(usize),
    Unknown,
}

/// The name in lower case without `_`, `-` and without digits at its end.
fn squeeze<'b>(name: &[u8], buffer: &'b mut [u8; NAME_LEN_MAX]) -> &'b [u8] {
    let mut len = 0;
    for byte in name.iter().filter(|byte| !matches!(byte, b'_' | b'-')) {
        if let Some(slot) = buffer.get_mut(len) {
            *slot = byte.to_ascii_lowercase();
            len += 1;
        }
    }
    while len > 1 && buffer.get(len - 1).is_some_and(u8::is_ascii_digit) {
        len -= 1;
    }
    buffer.get(..len).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use zhunsheng_rules::Rules;

    fn before(text: &str) -> CueSet {
        let cues = Cues::read(Rules::embedded().lexicon("cue-words.tsv").unwrap()).unwrap();
        cues.before(text.as_bytes(), text.len()).set
    }

    #[test]
    fn a_cue_is_found_over_separators_and_fillers() {
        for text in ["验证码", "验证码：", "验证码是", "您的验证码为 ", "\"verify_code\": \"", "verifyCode="]
        {
            assert!(before(text).has(Kind::SmsCode), "{text}");
        }
        for text in ["QQ", "QQ：", "qq号码是", "我的QQ号:", "加q", "{\"qq\":\""] {
            assert!(before(text).has(Kind::Qq), "{text}");
        }
        for text in ["微信", "微信号：", "微信号多少？是", "加V ", "WeChat: ", "wx: "] {
            assert!(before(text).has(Kind::Wechat), "{text}");
        }
        assert!(before("receiverPhone=").has(Kind::Phone));
        assert!(before("<user_mobile>").has(Kind::Phone));
    }

    #[test]
    fn words_that_only_end_alike_are_no_cue() {
        for text in ["barcode=", "zipcode: ", "errorCode=", "QQ群：", "验证码，", "验证码\n", "条形码", ""]
        {
            assert!(!before(text).has(Kind::SmsCode) && !before(text).has(Kind::Qq), "{text}");
        }
        assert!(!before("errorCode=").has_extra(extra::SMS_WEAK));
        assert!(before("code=").has_extra(extra::SMS_WEAK));
    }

    #[test]
    fn the_longest_word_wins() {
        assert!(before("社保卡号：").has(Kind::SocialSecurity));
        assert!(!before("社保卡号：").has(Kind::BankCard));
        assert!(before("卡号：").has(Kind::BankCard));
        assert!(before("港澳居民来往内地通行证号：").has(Kind::HomeReturn));
        assert!(!before("港澳居民来往内地通行证号：").has(Kind::HkmPermit));
    }
}
