//! The careful reader: the fast tagger and LAC read the same passages, and each is believed where it is the
//! better one.
//!
//! Every rule and every number here was chosen on the development parts of labelled sets (for two sets that
//! have none, on their training parts); `docs/decisions/0061-careful-reader.md` says what each was worth.

use crate::error::DeepError;
use crate::lac::{Lac, Reading};
use crate::names::Names;
use crate::passage::{Passage, passages};
use crate::words::Class;
use std::path::Path;
use zhunsheng_model::Kind;
use zhunsheng_rules::Rules;
use zhunsheng_tagger::chars::fold;
use zhunsheng_tagger::lexicon::{Entry, TAG_FOREIGN, TAG_PERSON, TAG_PERSON_SURE, Walk};
use zhunsheng_tagger::{Tagged, Tagger};

/// Passages that are held at once, so that memory does not grow with the text.
const HELD: usize = 512;
/// By how much the threshold of the first look is lowered: what is read carefully should not be lost there.
const SLACK: i32 = 40;

/// A name that only LAC sees must be at least so likely.
const NAME_LEAST: f32 = 0.5;
/// The same where it fills the space between two marks and begins with a surname.
const MARKED_NAME_LEAST: f32 = 0.2;
/// The same for two characters amid others: many words are a surname and something.
const SHORT_NAME_LEAST: f32 = 0.7;
/// A name that only LAC sees must be at least so likely where it has not the form of one: a word of another
/// kind, or one without a usual surname.
const FORMLESS_NAME_LEAST: f32 = 0.8;
/// A name in Latin letters must be at least so likely.
const LATIN_NAME_LEAST: f32 = 0.6;
/// Where both see a name but not the same characters, the tagger's is taken if LAC thinks it at least so likely
/// in proportion to its own.
const OTHER_ENDS: f32 = 0.2;
/// A name that only the tagger sees: it must be so sure, and LAC must think it so likely.
const TAGGER_NAME: (u8, f32) = (60, 0.2);
/// A name that only the tagger sees and of which it is so sure is believed whatever LAC thinks.
const SURE_TAGGER_NAME: u8 = 90;
/// The same where it fills the space between two marks.
const MARKED_TAGGER_NAME: (u8, f32) = (60, 0.1);
/// The least for a name that only one of them sees where an office stands before it or a word for speaking after.
const ANNOUNCED_NAME_LEAST: f32 = 0.3;
const ANNOUNCED_TAGGER_NAME: u8 = 60;
/// A place that only LAC sees must be at least so likely.
const PLACE_LEAST: f32 = 0.9;
/// A place that only the tagger sees: it must be so sure, and LAC must think it so likely.
const TAGGER_PLACE: (u8, f32) = (90, 0.1);
/// An address of which the tagger is so sure comes from the grammar of addresses.
const GRAMMAR: u8 = 90;
/// An organisation that only the tagger sees must be so sure.
const TAGGER_ORG: u8 = 55;

/// Finds names, places, addresses, organisations and positions with care. Ready for use from many threads.
pub struct Deep {
    lac: Lac,
    tagger: Tagger,
    names: Names,
    slack: i32,
}

/// A span in characters of its passage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Found {
    kind: Kind,
    from: usize,
    to: usize,
    /// 1 to 99.
    sure: u8,
}

impl Found {
    fn touches(&self, other: &Found) -> bool {
        self.from < other.to && other.from < self.to
    }

    fn same_ends(&self, other: &Found) -> bool {
        (self.from, self.to) == (other.from, other.to)
    }
}

/// One passage with what both readers say of it.
struct Both<'a> {
    chars: &'a [char],
    reading: &'a Reading,
    /// What LAC finds: persons, places and organisations.
    lac: Vec<Found>,
    /// What the tagger finds.
    fast: Vec<Found>,
}

impl Deep {
    /// The reader with the model in `folder` and the tagger by `rules`.
    ///
    /// # Errors
    /// [`DeepError`] when the model is not there or not the right one, or the tagger cannot be made ready.
    pub fn load(folder: &Path, rules: &Rules) -> Result<Deep, DeepError> {
        Ok(Deep::new(Lac::load(folder)?, Tagger::embedded(rules)?, rules))
    }

    /// The reader that weighs `lac` and `tagger`.
    pub fn new(lac: Lac, tagger: Tagger, rules: &Rules) -> Deep {
        // The first look is taken here, for both readers together.
        Deep { lac, tagger: tagger.ungated(), names: Names::new(rules), slack: SLACK }
    }

    /// The same reader with the threshold of the first look lowered by `slack`; the lower, the more is read.
    #[must_use]
    pub fn with_slack(mut self, slack: i32) -> Deep {
        self.slack = slack;
        self
    }

    /// How much of a full dwelling address `address` holds, 0 to 100.
    pub fn completeness(&self, address: &str) -> u8 {
        zhunsheng_tagger::address::parse(address, self.tagger.lexicon()).completeness()
    }

    /// Finds names, places, addresses, organisations and positions in `text`.
    ///
    /// * Output: `spans` gets what is found, in the order of the text, without overlaps; what it held before
    ///   stays. Offsets are bytes of `text`, always between characters.
    /// * The same text gives the same spans, on any machine and with any number of threads.
    pub fn tag(&self, text: &str, spans: &mut Vec<Tagged>) {
        let mut passages = passages(text).filter(|passage| {
            let (start, end) = passage.range();
            text.get(start as usize..end as usize)
                .is_some_and(|sentence| self.tagger.opens(sentence, self.slack))
        });
        loop {
            let held: Vec<Passage> = passages.by_ref().take(HELD).collect();
            if held.is_empty() {
                return;
            }
            let chars: Vec<&[char]> = held.iter().map(|passage| passage.chars.as_slice()).collect();
            for (passage, reading) in held.iter().zip(self.lac.read(&chars)) {
                self.passage(text, passage, &reading, spans);
            }
        }
    }

    fn passage(&self, text: &str, passage: &Passage, reading: &Reading, spans: &mut Vec<Tagged>) {
        let (start, end) = passage.range();
        let mut tagged = Vec::new();
        self.tagger.tag(text.get(start as usize..end as usize).unwrap_or_default(), &mut tagged);
        let fast = tagged.iter().filter_map(|span| {
            let from = passage.at(start + span.start)?;
            let to = passage.at(start + span.end)?;
            Some(Found { kind: span.kind, from, to, sure: span.confidence })
        });
        let both = Both {
            chars: &passage.chars,
            reading,
            fast: fast.collect(),
            lac: self.lac.words(reading).into_iter().filter_map(|word| found(reading, word)).collect(),
        };
        let mut all: Vec<Found> = Vec::new();
        // What comes first keeps its place.
        let add = |all: &mut Vec<Found>, found: Vec<Found>| {
            for found in found {
                if !all.iter().any(|other| other.touches(&found)) {
                    all.push(found);
                }
            }
        };
        add(&mut all, both.addresses());
        add(&mut all, both.persons(&self.names, &self.tagger));
        add(&mut all, both.places(&self.tagger));
        add(&mut all, both.organisations());
        add(&mut all, both.fast.iter().filter(|found| found.kind == Kind::Position).copied().collect());
        all.sort_by_key(|found| found.from);
        spans.extend(all.iter().filter_map(|found| {
            let (start, end) = passage.bytes(found.from, found.to)?;
            Some(Tagged { kind: found.kind, start, end, confidence: found.sure })
        }));
    }
}

/// A word of LAC as a span.
fn found(reading: &Reading, (class, from, to): (Class, usize, usize)) -> Option<Found> {
    let kind = match class {
        Class::Person => Kind::Person,
        Class::Place => Kind::Location,
        Class::Org => Kind::Org,
        Class::Other => return None,
    };
    Some(Found { kind, from, to, sure: percent(reading.least(class, from, to)) })
}

/// What the tagger's lists know of a word of several characters.
fn entry(word: &[char], tagger: &Tagger) -> Option<Entry> {
    let walk = word.iter().fold(Walk::START, |walk, c| walk.step(fold(*c)));
    if word.len() > 1 { tagger.lexicon().word(walk) } else { None }
}

/// Whether the tagger's list knows the word as one that is no name.
fn is_other_word(word: &[char], tagger: &Tagger) -> bool {
    entry(word, tagger).is_some_and(|entry| {
        !entry.surname && !matches!(entry.tag, 0 | TAG_PERSON | TAG_FOREIGN | TAG_PERSON_SURE)
    })
}

/// A likelihood as a confidence.
fn percent(likely: f32) -> u8 {
    (likely * 100.0).clamp(1.0, 99.0) as u8
}

impl Both<'_> {
    fn text(&self, found: &Found) -> String {
        self.chars.get(found.from..found.to).unwrap_or_default().iter().collect()
    }

    fn fast_of(&self, kinds: &'static [Kind]) -> impl Iterator<Item = Found> {
        self.fast.iter().filter(|found| kinds.contains(&found.kind)).copied()
    }

    fn lac_of(&self, kind: Kind) -> impl Iterator<Item = Found> {
        self.lac.iter().filter(move |found| found.kind == kind).copied()
    }

    /// Addresses that lead to a door, as the grammar found them: it knows their ends better.
    fn addresses(&self) -> Vec<Found> {
        self.fast_of(&[Kind::Address]).filter(|found| found.sure >= GRAMMAR).collect()
    }

    /// Whether a mark or an end of the passage stands on both sides.
    fn is_marked(&self, found: &Found) -> bool {
        let mark = |c: &char| {
            c.is_whitespace()
                || matches!(c, '，' | '。' | '、' | '；' | '：' | '！' | '？' | '…' | '—')
                || matches!(c, ',' | '.' | ';' | ':' | '!' | '?' | '（' | '）' | '(' | ')' | '[' | ']')
                || matches!(c, '“' | '”' | '"' | '《' | '》' | '〈' | '〉' | '【' | '】')
        };
        let before = found.from.checked_sub(1).and_then(|at| self.chars.get(at));
        before.is_none_or(mark) && self.chars.get(found.to).is_none_or(mark)
    }

    /// Whether it stands in a list: there words stand as often as names.
    fn is_listed(&self, found: &Found) -> bool {
        let before = found.from.checked_sub(1).and_then(|at| self.chars.get(at));
        before == Some(&'、') || self.chars.get(found.to) == Some(&'、')
    }

    /// Whether an office stands right before, or a word for speaking right after.
    fn is_announced(&self, found: &Found, names: &Names, tagger: &Tagger) -> bool {
        let (until, after) = self.chars.split_at_checked(found.to).unwrap_or_default();
        let before = until.get(..found.from).unwrap_or_default();
        names.speaks(after)
            || (2..=4).any(|length| {
                let word = before.len().checked_sub(length).and_then(|from| before.get(from..));
                word.and_then(|word| entry(word, tagger)).is_some_and(|entry| entry.title)
            })
    }

    fn persons(&self, names: &Names, tagger: &Tagger) -> Vec<Found> {
        let mut lac: Vec<Found> = Vec::new();
        for mut found in self.lac_of(Kind::Person) {
            names.trim(self.chars, &mut found.from, &mut found.to);
            if found.from >= found.to {
                continue;
            }
            // The parts of a transliterated name are one name.
            let joint = |last: &Found| {
                last.to + 1 == found.from && self.chars.get(last.to).is_some_and(|c| names.is_joint(*c))
            };
            match lac.last_mut() {
                Some(last) if joint(last) => {
                    last.to = found.to;
                    last.sure = last.sure.min(found.sure);
                }
                _ => lac.push(found),
            }
        }
        let untitled = |mut found: Found| {
            found.to = names.without_title(self.chars, found.from, found.to);
            found
        };
        let fast: Vec<Found> = self.fast_of(&[Kind::Person]).map(untitled).collect();
        let likely = |found: &Found| self.reading.least(Class::Person, found.from, found.to);
        let exactly = |found: &Found| self.reading.exactly(Class::Person, found.from, found.to);

        let mut persons: Vec<Found> = Vec::new();
        for whole in lac {
            let mut found = untitled(whole);
            let word = self.chars.get(found.from..found.to).unwrap_or_default();
            found.sure = percent(likely(&found));
            if !word.iter().any(|c| names.is_han(*c)) {
                if names.is_latin_name(word) && likely(&found) > LATIN_NAME_LEAST {
                    persons.push(found);
                }
                continue;
            }
            let titled = found.to < whole.to;
            let announced = word.len() > 1 && self.is_announced(&found, names, tagger);
            let others: Vec<&Found> = fast.iter().filter(|other| other.touches(&found)).collect();
            // A surname stands alone only where a form of address followed it; amid marks not even both readers
            // are believed (月、周、日).
            if word.len() < 2 && !titled && (others.is_empty() || self.is_marked(&found)) {
                continue;
            }
            match others.as_slice() {
                [] => {
                    let formed = titled || names.is_formed(word);
                    let other_word = is_other_word(word, tagger);
                    let least = if announced && !other_word {
                        ANNOUNCED_NAME_LEAST
                    } else if !formed || other_word {
                        FORMLESS_NAME_LEAST
                    } else if self.is_marked(&found) && !self.is_listed(&found) && word.len() <= 3 {
                        MARKED_NAME_LEAST
                    } else if !titled && word.len() == 2 {
                        SHORT_NAME_LEAST
                    } else {
                        NAME_LEAST
                    };
                    if likely(&found) < least || names.is_not_name(word) {
                        continue;
                    }
                }
                [other] if other.same_ends(&found) => found.sure = found.sure.max(other.sure),
                [other] => {
                    let marked = self.is_marked(other) && !self.is_marked(&found);
                    if marked || exactly(other) > OTHER_ENDS * exactly(&found) {
                        (found.from, found.to) = (other.from, other.to);
                    }
                }
                _ => {}
            }
            persons.push(found);
        }
        for found in fast {
            if found.to - found.from < 2 && self.is_marked(&found) {
                continue;
            }
            let enough = |(sure, least): (u8, f32)| found.sure >= sure && likely(&found) >= least;
            let alone = !persons.iter().any(|other| other.touches(&found));
            let believed = found.sure >= SURE_TAGGER_NAME
                || enough(TAGGER_NAME)
                || self.is_marked(&found) && enough(MARKED_TAGGER_NAME)
                || found.sure >= ANNOUNCED_TAGGER_NAME && self.is_announced(&found, names, tagger);
            if alone && believed {
                persons.push(found);
            }
        }
        persons.retain(|found| {
            let (before, after) = self.chars.split_at_checked(found.from).unwrap_or_default();
            !names.is_doctrine(before, after.get(found.to - found.from..).unwrap_or_default())
        });
        persons
    }

    fn places(&self, tagger: &Tagger) -> Vec<Found> {
        let likely = |found: &Found| self.reading.least(Class::Place, found.from, found.to);
        let is_country = |found: &Found| tagger.lexicon().is_country(&self.text(found));
        let fast: Vec<Found> = self.fast_of(&[Kind::Location, Kind::Address]).collect();
        let mut places: Vec<Found> = Vec::new();
        for found in self.lac_of(Kind::Location) {
            let others: Vec<&Found> = fast.iter().filter(|other| other.touches(&found)).collect();
            if others.is_empty() {
                // A country in the name of a team or an office is none by itself.
                let in_org = self.fast_of(&[Kind::Org]).any(|org| org.touches(&found));
                let taken = if is_country(&found) { !in_org } else { likely(&found) >= PLACE_LEAST };
                if taken {
                    places.push(found);
                }
            }
            // The tagger joins the parts of a place, and knows where it ends.
            for other in others {
                if !places.iter().any(|known| known.touches(other)) {
                    let sure = if other.same_ends(&found) { other.sure.max(found.sure) } else { other.sure };
                    places.push(Found { sure, ..*other });
                }
            }
        }
        for found in fast {
            let known = places.iter().any(|other| other.touches(&found));
            let enough = found.sure >= TAGGER_PLACE.0 && likely(&found) >= TAGGER_PLACE.1;
            if !known && (enough || is_country(&found)) {
                places.push(found);
            }
        }
        places
    }

    fn organisations(&self) -> Vec<Found> {
        let fast: Vec<Found> = self.fast_of(&[Kind::Org]).collect();
        let lac: Vec<Found> = self.lac_of(Kind::Org).collect();
        let longer = |found: &Found| {
            let mut others = fast.iter().filter(|other| other.touches(found));
            let other = others.next().filter(|_| others.next().is_none());
            // The longer name of the two is the whole one.
            other.filter(|other| other.from <= found.from && other.to >= found.to).copied()
        };
        let own = lac.iter().map(|found| longer(found).unwrap_or(*found));
        let only_fast = fast
            .iter()
            .filter(|found| found.sure >= TAGGER_ORG && !lac.iter().any(|other| other.touches(found)));
        own.chain(only_fast.copied()).collect()
    }
}
