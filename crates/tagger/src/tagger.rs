//! The tagger: first look, model, addresses.

use crate::address;
use crate::chars::{DIGIT, LETTER, ends_sentence, fold, is_han};
use crate::error::TaggerError;
use crate::features::{Extractor, FEATURES};
use crate::gate::{GATE_ROWS, Gate};
use crate::label::{KINDS, Part, split};
use crate::lexicon::{Lexicon, TAG_FOREIGN, TAG_PERSON_SURE, WORD_CHARS_MAX, Walk};
use crate::model::{Decoder, Model};
use flate2::read::GzDecoder;
use std::io::Read as _;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;

static WEIGHTS: &[u8] = include_bytes!("../data/weights.bin.gz");
static GATE: &[u8] = include_bytes!("../data/gate.bin.gz");

/// Ends a clause; commas of both widths are folded into it.
const COMMA: u16 = b',' as u16;
/// Stands between the words of a Latin name.
const BLANK: u16 = b' ' as u16;
const POINT: u16 = b'.' as u16;
/// A name that the model is less sure of than this is none.
const NAME_LEAST: u8 = 51;
/// The same for one in the characters of foreign names, for a surname alone, and for what looks like no name.
const FOREIGN_LEAST: u8 = 56;
const SINGLE_LEAST: u8 = 61;
const ODD_LEAST: u8 = 75;
/// A bare place that the model is less sure of than this is none.
const PLACE_LEAST: u8 = 60;
/// The same for one character (访美), and for a word of another kind.
const SINGLE_PLACE_LEAST: u8 = 51;
const WORD_AS_PLACE_LEAST: u8 = 72;
/// A word of another kind that the model takes for a name must be at least so sure.
const WORD_AS_NAME_LEAST: u8 = 67;

/// A name in Latin letters alone must be at least so sure.
const LATIN_LEAST: u8 = 62;

/// A line up to this length is always read.
const SHORT_CHARS_MAX: usize = 12;
/// Digits in a row that make a line be read.
const NUMBER_DIGITS: u32 = 6;

/// Longest piece that is read at once, in characters; a longer sentence is cut.
const SENTENCE_CHARS_MAX: usize = 300;

/// A name, place, address, organisation or position found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tagged {
    /// [`Kind::Person`], [`Kind::Address`] (leads to a door), [`Kind::Location`] (any other place),
    /// [`Kind::Org`] or [`Kind::Position`].
    pub kind: Kind,
    /// First byte in the text.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// How sure the tagger is, 1 to 99.
    pub confidence: u8,
}

/// Finds names in Chinese text. Ready for use from many threads at once.
pub struct Tagger {
    lexicon: Lexicon,
    model: Model,
    gate: Gate,
    gated: bool,
}

/// Buffers of one call; none of them outlives it, since they hold what was read.
#[derive(Default)]
struct Work {
    chars: Vec<u16>,
    /// Byte offset of each character in the text, and of the end.
    offsets: Vec<u32>,
    rows: Vec<[u32; FEATURES]>,
    labels: Vec<u8>,
    extractor: Extractor,
    decoder: Decoder,
    /// Addresses of the piece: first character and one past the last.
    addresses: Vec<(usize, usize)>,
}

impl Tagger {
    /// The tagger with its embedded weights and the lexicons of `rules`.
    ///
    /// # Errors
    /// [`TaggerError`] when a lexicon is missing or the embedded data are damaged.
    pub fn embedded(rules: &Rules) -> Result<Tagger, TaggerError> {
        Tagger::with(rules, WEIGHTS, GATE)
    }

    /// A tagger with other weights, packed as the training program writes them.
    ///
    /// # Errors
    /// [`TaggerError`] when a lexicon is missing or the weights are damaged.
    pub fn with(rules: &Rules, weights: &[u8], gate: &[u8]) -> Result<Tagger, TaggerError> {
        Ok(Tagger {
            lexicon: Lexicon::embedded(rules)?,
            model: Model::read(weights)?,
            gate: read_gate(gate)?,
            gated: true,
        })
    }

    /// The same tagger that reads every clause: slower, and sure to miss nothing through the first look.
    #[must_use]
    pub fn ungated(mut self) -> Tagger {
        self.gated = false;
        self
    }

    /// The same tagger with another threshold of the first look; the lower, the more clauses are read.
    #[must_use]
    pub fn with_threshold(mut self, threshold: i32) -> Tagger {
        self.gate.set_threshold(threshold);
        self
    }

    /// Whether the first look finds anything to read in a sentence; `slack` lowers its threshold.
    ///
    /// For readers that are too slow to read everything.
    pub fn opens(&self, sentence: &str, slack: i32) -> bool {
        let chars: Vec<u16> = sentence.chars().map(fold).collect();
        chars.len() <= SHORT_CHARS_MAX
            || has_number(&chars)
            || has_door(&chars)
            || self.gate.opens_by(&chars, slack)
    }

    /// The lexicons, for [`address::parse`].
    pub fn lexicon(&self) -> &Lexicon {
        &self.lexicon
    }

    /// Finds names, places, addresses, organisations and positions in `text`.
    ///
    /// * Output: `spans` gets what is found, in the order of the text, without overlaps; what it held before
    ///   stays. Offsets are bytes of `text`, always between characters.
    /// * The same text gives the same spans, on any machine and with any number of threads.
    pub fn tag(&self, text: &str, spans: &mut Vec<Tagged>) {
        let mut work = Work::default();
        let bytes = text.as_bytes();
        let mut from = 0;
        while from < bytes.len() {
            // A line without Han characters holds no Chinese name: UTF-8 writes Han with bytes from 0xE2.
            let line_end =
                bytes[from..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |i| from + i + 1);
            if let Some(line) = text.get(from..line_end)
                && line.bytes().any(|b| b >= 0xE2)
            {
                self.line(line, from as u32, &mut work, spans);
            }
            from = line_end;
        }
    }

    fn line(&self, line: &str, base: u32, work: &mut Work, spans: &mut Vec<Tagged>) {
        work.chars.clear();
        work.offsets.clear();
        let line = line.trim_end_matches(['\n', '\r']);
        for (offset, c) in line.char_indices() {
            work.offsets.push(base + offset as u32);
            work.chars.push(fold(c));
            if ends_sentence(c) || work.chars.len() >= SENTENCE_CHARS_MAX {
                work.offsets.push(base + (offset + c.len_utf8()) as u32);
                self.sentence(work, spans);
                work.chars.clear();
                work.offsets.clear();
            }
        }
        if !work.chars.is_empty() {
            work.offsets.push(base + line.len() as u32);
            self.sentence(work, spans);
        }
    }

    /// Reads the clauses in which a name may stand, each with the clauses beside it: they explain each other.
    fn sentence(&self, work: &mut Work, spans: &mut Vec<Tagged>) {
        let n = work.chars.len();
        // A short line is a label, a signature or a heading, and people stand beside their numbers.
        if !self.gated || n <= SHORT_CHARS_MAX || has_number(&work.chars) {
            return self.piece(0, n, work, spans);
        }
        // The piece to be read next, and the clause before the one that is looked at.
        let mut open: Option<(usize, usize)> = None;
        let mut before = 0;
        let mut start = 0;
        while start < n {
            let end = work.chars[start..].iter().position(|c| *c == COMMA).map_or(n, |i| start + i + 1);
            let after = work.chars[end..].iter().position(|c| *c == COMMA).map_or(n, |i| end + i + 1);
            let clause = &work.chars[start..end];
            if self.gate.opens(clause) || has_door(clause) {
                open = match open {
                    Some((from, to)) if to >= before => Some((from, after)),
                    Some((from, to)) => {
                        self.piece(from, to, work, spans);
                        Some((before, after))
                    }
                    None => Some((before, after)),
                };
            }
            before = start;
            start = end;
        }
        if let Some((from, to)) = open {
            self.piece(from, to, work, spans);
        }
    }

    /// Reads the characters from `from` to `to` with the model and the grammar of addresses.
    fn piece(&self, from: usize, to: usize, work: &mut Work, spans: &mut Vec<Tagged>) {
        let chars = &work.chars[from..to];
        work.extractor.rows(chars, &self.lexicon, false, &mut work.rows);
        self.model.decode(&work.rows, &mut work.decoder, &mut work.labels);
        self.find_addresses(from, to, work);

        let mut addresses = work.addresses.iter().copied().peekable();
        let mut start = 0;
        for (i, label) in work.labels.iter().enumerate() {
            let Some((class, part)) = split(*label) else { continue };
            if matches!(part, Part::Begin | Part::Single) {
                start = i;
            }
            if !matches!(part, Part::End | Part::Single) {
                continue;
            }
            let mut covered = false;
            while let Some((a, b)) = addresses.peek().copied() {
                if a > i {
                    break;
                }
                if b > start {
                    covered = true;
                    break;
                }
                push(spans, Kind::Address, work, from + a, from + b, 95);
                addresses.next();
            }
            if !covered {
                let kind = KINDS.get(class).copied().unwrap_or(Kind::Location);
                let sure = sureness(self.model.margin(&mut work.decoder, class, start, i + 1));
                self.keep(kind, from, (start, i + 1), sure, work, spans);
            }
        }
        for (a, b) in addresses {
            push(spans, Kind::Address, work, from + a, from + b, 95);
        }
    }

    /// Adds a span of the model: `at` counts in characters from `from`.
    fn keep(
        &self,
        kind: Kind,
        from: usize,
        at: (usize, usize),
        sure: u8,
        work: &Work,
        spans: &mut Vec<Tagged>,
    ) {
        let (start, end) = (from + at.0, from + at.1);
        let Some(chars) = work.chars.get(start..end) else { return };
        match kind {
            Kind::Person if self.is_addressed(chars) => {
                // Of 江主席 only the surname is a name.
                let surname = chars.get(..1).unwrap_or_default();
                if self.is_name(surname, sure) {
                    push(spans, kind, work, start, start + 1, sure);
                }
            }
            Kind::Person if self.is_name(chars, sure) => push(spans, kind, work, start, end, sure),
            Kind::Person => {}
            Kind::Location if self.is_place(chars, sure) => {
                let mut part = start;
                for cut in self.administrative_parts(chars) {
                    push(spans, kind, work, part, start + cut, sure);
                    part = start + cut;
                }
                push(spans, kind, work, part, end, sure);
            }
            Kind::Location => {}
            _ => push(spans, kind, work, start, end, sure),
        }
    }

    /// Where a bare place that is nothing but administrative units in a row (山西阳高县) is cut: each is a place
    /// of its own. Empty when it is one place, leads on to a street or building, or says no unit by name (辽宁沈阳).
    fn administrative_parts(&self, chars: &[u16]) -> Vec<usize> {
        let mut cuts = Vec::new();
        let mut from = 0;
        while from < chars.len() {
            let rest = chars.get(from..).unwrap_or_default();
            let mut walk = Walk::START;
            let mut best = None;
            for (index, c) in rest.iter().enumerate().take(WORD_CHARS_MAX) {
                walk = walk.step(*c);
                let place =
                    index > 0 && self.lexicon.word(walk).is_some_and(|entry| (1..=4).contains(&entry.place));
                if place {
                    best = Some(from + index + 1);
                }
            }
            let is_unit = |end: usize| ends_with_unit(chars.get(from..end).unwrap_or_default());
            match best {
                // Only the first may stand without the word for what it is.
                Some(end) if from == 0 || is_unit(end) => from = end,
                // A township or village that the gazetteer does not hold may end the row.
                None if from > 0 && (3..=5).contains(&rest.len()) && ends_with_village(rest) => {
                    from = chars.len();
                }
                _ => return Vec::new(),
            }
            if from < chars.len() {
                cuts.push(from);
            }
        }
        cuts
    }

    /// Whether a span is a surname with a form of address or a title: 江主席, 李女士.
    fn is_addressed(&self, chars: &[u16]) -> bool {
        let [surname, form @ ..] = chars else { return false };
        let walk = form.iter().fold(Walk::START, |walk, c| walk.step(*c));
        form.len() == 2
            && self.lexicon.facts(*surname).surname > 0
            && (self.lexicon.word(walk).is_some_and(|entry| entry.title) || is_form_of_address(form))
    }

    /// Whether a span that the model takes for a place is believed; a known one more than a word of another kind.
    fn is_place(&self, chars: &[u16], sure: u8) -> bool {
        let walk = chars.iter().fold(Walk::START, |walk, c| walk.step(*c));
        let least = match (chars, self.lexicon.word(walk)) {
            ([_], _) => SINGLE_PLACE_LEAST,
            (_, Some(entry)) if entry.place == 0 && entry.tag > 0 => WORD_AS_PLACE_LEAST,
            ([_, _], None) => WORD_AS_PLACE_LEAST,
            _ => PLACE_LEAST,
        };
        sure >= least
    }

    /// Whether a span that the model takes for a name is believed: the less it looks like one, the surer the
    /// model must be.
    fn is_name(&self, chars: &[u16], sure: u8) -> bool {
        if !chars.iter().any(|c| is_han(*c)) {
            return sure >= LATIN_LEAST && is_latin_name(chars);
        }
        let walk = chars.iter().fold(Walk::START, |walk, c| walk.step(*c));
        let entry = if chars.len() > 1 { self.lexicon.word(walk) } else { None };
        let surname = chars.first().is_some_and(|c| self.lexicon.facts(*c).surname > 0);
        let least = match (chars, entry) {
            ([_], _) => SINGLE_LEAST,
            (_, Some(entry)) if matches!(entry.tag, TAG_FOREIGN | TAG_PERSON_SURE) => NAME_LEAST,
            (_, Some(entry)) if entry.tag > 0 && !entry.surname => WORD_AS_NAME_LEAST,
            ([a, b, _, _], _) if self.lexicon.is_double_surname(*a, *b) => NAME_LEAST,
            ([_, _] | [_, _, _], _) if surname => NAME_LEAST,
            _ if chars.iter().all(|c| self.lexicon.facts(*c).foreign > 0 || is_joint(*c)) => FOREIGN_LEAST,
            _ if chars.iter().any(|c| is_joint(*c) || matches!(*c, LETTER | DIGIT)) => FOREIGN_LEAST,
            _ => ODD_LEAST,
        };
        sure >= least
    }

    /// Finds dwelling addresses in the piece; an address begins where the model or the gazetteer sees a place.
    fn find_addresses(&self, from: usize, to: usize, work: &mut Work) {
        work.addresses.clear();
        let chars = &work.chars[from..to];
        if !has_door(chars) {
            return;
        }
        let mut at = 0;
        while at < chars.len() {
            let by_model = matches!(work.labels.get(at).copied().and_then(split), Some((1, Part::Begin)));
            if (by_model || work.extractor.begins_place(at))
                && let Some((end, _)) = address::find(chars, at, &self.lexicon)
            {
                work.addresses.push((at, end));
                at = end;
                continue;
            }
            at += 1;
        }
    }
}

/// Whether the two characters address a person.
fn is_form_of_address(chars: &[u16]) -> bool {
    const FORMS: [&str; 6] = ["先生", "女士", "小姐", "同志", "老师", "太太"];
    FORMS.iter().any(|form| form.chars().map(fold).eq(chars.iter().copied()))
}

/// Whether the character joins the parts of a foreign name.
const fn is_joint(c: u16) -> bool {
    matches!(c, 0xB7 | 0x2D | 0x2E | 0x2014)
}

/// Whether the characters are two or more words of Latin letters, as a full name is.
fn is_latin_name(chars: &[u16]) -> bool {
    let mut words = 0;
    for word in chars.split(|c| matches!(*c, BLANK | POINT)) {
        if word.iter().any(|c| *c != LETTER) {
            return false;
        }
        words += usize::from(word.len() > 1);
    }
    words >= 2
}

/// Whether the name of a place ends with the word for an administrative unit.
fn ends_with_unit(chars: &[u16]) -> bool {
    let last = chars.last().and_then(|c| char::from_u32(u32::from(*c)));
    chars.len() >= 3 && matches!(last, Some('省' | '市' | '州' | '县' | '区' | '旗' | '镇' | '乡'))
        || chars.len() == 2 && last == Some('县')
}

/// Whether the name of a place ends with the word for a township or village.
fn ends_with_village(chars: &[u16]) -> bool {
    matches!(chars.last().and_then(|c| char::from_u32(u32::from(*c))), Some('镇' | '乡' | '村'))
}

/// Whether there is a number as long as those that name people, accounts and telephones.
fn has_number(chars: &[u16]) -> bool {
    let mut run = 0;
    chars.iter().any(|c| {
        run = if *c == DIGIT { run + 1 } else { 0 };
        run >= NUMBER_DIGITS
    })
}

/// Whether a number stands before a word for a house or room.
fn has_door(chars: &[u16]) -> bool {
    chars.windows(2).any(|pair| {
        pair[0] == DIGIT
            && matches!(
                char::from_u32(u32::from(pair[1])),
                Some('号' | '室' | '栋' | '幢' | '座' | '弄' | '单' | '组' | '房')
            )
    })
}

fn push(spans: &mut Vec<Tagged>, kind: Kind, work: &Work, from: usize, to: usize, confidence: u8) {
    let (Some(start), Some(end)) = (work.offsets.get(from), work.offsets.get(to)) else { return };
    let written = |chars: &[u16]| kind == Kind::Person || chars.iter().any(|c| is_han(*c));
    if work.chars.get(from..to).is_some_and(written) {
        spans.push(Tagged { kind, start: *start, end: *end, confidence });
    }
}

/// A margin of the model as 50 to 99: of names in the news with 70 or more, some 95 of a hundred are right.
fn sureness(margin: i32) -> u8 {
    (50 + margin / 16).clamp(50, 99) as u8
}

fn read_gate(packed: &[u8]) -> Result<Gate, TaggerError> {
    let mut bytes = Vec::new();
    GzDecoder::new(packed)
        .read_to_end(&mut bytes)
        .map_err(|e| TaggerError::Packed { name: "gate", detail: e.to_string() })?;
    let [low, high, weights @ ..] = bytes.as_slice() else {
        return Err(TaggerError::Weights { reason: "gate without threshold" });
    };
    if weights.len() != GATE_ROWS {
        return Err(TaggerError::Weights { reason: "wrong number of gate rows" });
    }
    let threshold = i32::from(i16::from_le_bytes([*low, *high]));
    Gate::new(weights.iter().map(|w| *w as i8).collect(), threshold)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::folded;
    use std::sync::OnceLock;

    fn tagger() -> &'static Tagger {
        static TAGGER: OnceLock<Tagger> = OnceLock::new();
        TAGGER.get_or_init(|| Tagger::embedded(Rules::embedded()).unwrap())
    }

    /// What is found, as `kind word` parts.
    fn found(text: &str) -> Vec<String> {
        let mut spans = Vec::new();
        tagger().tag(text, &mut spans);
        spans.iter().map(|s| format!("{} {}", s.kind.id(), &text[s.start as usize..s.end as usize])).collect()
    }

    #[test]
    fn parties_of_a_judgment_and_their_addresses_are_found() {
        let text = "原告：李飞瑞，男，2002年8月23日出生，汉族，住福建省漳州市龙海区浮宫镇滨河路108号幸福里4幢1单元502室。\n审 判 员　韦洋越\n";
        assert_eq!(
            found(text),
            [
                "PERSON 李飞瑞",
                "ADDRESS 福建省漳州市龙海区浮宫镇滨河路108号幸福里4幢1单元502室",
                "PERSON 韦洋越"
            ]
        );
    }

    #[test]
    fn a_bare_place_is_no_address() {
        let all = found("被告赵海昨天从湖北省荆州市回来，在朝阳区人民路停了车。");
        assert!(all.iter().any(|s| s == "PERSON 赵海"), "{all:?}");
        assert!(all.iter().any(|s| s == "LOCATION 湖北省"), "{all:?}");
        assert!(all.iter().any(|s| s == "LOCATION 荆州市"), "{all:?}");
        assert!(all.iter().all(|s| !s.starts_with("ADDRESS")), "{all:?}");
    }

    #[test]
    fn administrative_units_in_a_row_are_cut_and_other_places_are_not() {
        let cuts = |place: &str| tagger().administrative_parts(&folded(place));
        assert_eq!(cuts("山西阳高县"), [2]);
        assert_eq!(cuts("山东省淄博市张店区"), [3, 6]);
        assert_eq!(cuts("陕西省岐山县麦禾营镇"), [3, 6]);
        for whole in ["辽宁沈阳", "荆州市", "荆州市人民路", "北京大学", "张店区", ""] {
            assert_eq!(cuts(whole), Vec::<usize>::new(), "{whole}");
        }
    }

    #[test]
    fn traditional_characters_are_read_as_simplified_ones() {
        let both = ["证人张伟国、刘丽华出庭作证。", "證人張偉國、劉麗華出庭作證。"];
        let found: Vec<_> = both.iter().map(|text| found(text)).collect();
        assert_eq!(found[0], ["PERSON 张伟国", "PERSON 刘丽华"]);
        assert_eq!(found[1], ["PERSON 張偉國", "PERSON 劉麗華"]);
    }

    #[test]
    fn a_form_of_address_is_no_part_of_a_name() {
        for yes in ["江主席", "李女士", "顾先生"] {
            assert!(tagger().is_addressed(&folded(yes)), "{yes}");
        }
        for no in ["江泽民", "女士", "李", "人先生", ""] {
            assert!(!tagger().is_addressed(&folded(no)), "{no}");
        }
    }

    #[test]
    fn what_looks_less_like_a_name_must_be_surer() {
        let least = |word: &str| (0..=100).find(|sure| tagger().is_name(&folded(word), *sure));
        assert_eq!(least("王小明"), Some(NAME_LEAST));
        assert_eq!(least("欧阳小明"), Some(NAME_LEAST));
        assert_eq!(least("李"), Some(SINGLE_LEAST));
        assert_eq!(least("斯图尔·科夫"), Some(FOREIGN_LEAST));
        assert_eq!(least("经济"), Some(WORD_AS_NAME_LEAST));
        assert_eq!(least("吃得快"), Some(ODD_LEAST));
        assert_eq!(least("Jane Doe"), Some(LATIN_LEAST));
        for none in ["DOTA", "J. D", "x1 y2"] {
            assert_eq!(least(none), None, "{none}");
        }
    }

    #[test]
    fn law_and_text_without_han_have_no_names() {
        for text in [
            "为了保护个人信息权益，规范个人信息处理活动，促进个人信息合理利用，根据宪法，制定本法。",
            "2024-03-01 12:00:00 INFO order=1 cost=12ms",
            "",
            "\n\r\n",
        ] {
            assert!(found(text).iter().all(|s| !s.starts_with("PERSON")), "{text}");
        }
    }

    #[test]
    fn offsets_stand_between_characters_and_never_overlap() {
        let text = "😀联系人：王小明，电话13800138000；收货地址：浙江省杭州市西湖区文三路90号3幢201室\r\n𠮷田太郎与克林顿·史密斯在东京会见。";
        let mut spans = Vec::new();
        tagger().tag(text, &mut spans);
        assert!(spans.iter().any(|s| &text[s.start as usize..s.end as usize] == "王小明"));
        let mut end = 0;
        for span in &spans {
            assert!(text.get(span.start as usize..span.end as usize).is_some_and(|t| !t.is_empty()));
            assert!(span.start >= end && (1..=99).contains(&span.confidence));
            end = span.end;
        }
    }

    #[test]
    fn the_first_look_only_leaves_things_out() {
        let open = Tagger::embedded(Rules::embedded()).unwrap().ungated();
        let text = "证人邓悦知到庭作证。依照本法规定，应当公开。";
        let (mut gated, mut all) = (Vec::new(), Vec::new());
        tagger().tag(text, &mut gated);
        open.tag(text, &mut all);
        assert!(gated.iter().all(|span| all.iter().any(|other| other.start == span.start)));
        assert!(gated.iter().any(|span| span.kind == Kind::Person));
    }

    #[test]
    fn damaged_weights_are_refused() {
        assert!(Tagger::with(Rules::embedded(), b"no gzip", GATE).is_err());
        assert!(Tagger::with(Rules::embedded(), WEIGHTS, GATE.get(..100).unwrap()).is_err());
        assert!(Tagger::with(Rules::embedded(), GATE, GATE).is_err());
    }
}
