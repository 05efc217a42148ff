//! Which of a reader's spans stay beside what the scanner and the cues have found.

use super::NameReader;
use crate::Hit;
use crate::record::{LOOSE_MAX, is_role};
use crate::value::{Names, is_masked_name, is_titled};
use std::cmp::Reverse;
use zhunsheng_model::{Kind, Reason, State};
use zhunsheng_tagger::Tagged;

/// Where a reader's names and addresses begin that no cue announces, in order.
#[derive(Default)]
pub(crate) struct Bare(Vec<u32>);

impl Bare {
    /// Whether the hit is such a name or address.
    pub(crate) fn holds(&self, hit: &Hit) -> bool {
        matches!(hit.kind, Kind::Person | Kind::Address) && self.0.binary_search(&hit.start).is_ok()
    }
}

/// Adds everything that `reader` finds in `text` to `hits`, which stay sorted and free of overlaps.
pub(crate) fn add_all(reader: &dyn NameReader, names: &Names, text: &str, hits: &mut Vec<Hit>) {
    let mut spans = Vec::new();
    reader.read(text, &mut spans);
    put(names, text, &spans, hits, Single::Named);
}

/// Adds what is personal information: names, addresses, and the position or employer that stands at a name.
pub(crate) fn add_personal(reader: &dyn NameReader, names: &Names, text: &str, hits: &mut Vec<Hit>) -> Bare {
    let mut spans = Vec::new();
    reader.read(text, &mut spans);
    keep_personal(text, &mut spans);
    put(names, text, &spans, hits, Single::Covered)
}

/// What a name of one character is taken for (江主席).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Single {
    /// A name, as the text means somebody.
    Named,
    /// A name partly covered: it says which surname, not who.
    Covered,
}

/// Drops places, and the positions and organisations that no name touches (飞鸟公司经理王建国, 王建国律师).
fn keep_personal(text: &str, spans: &mut Vec<Tagged>) {
    let is_title = |span: &Tagged| matches!(span.kind, Kind::Org | Kind::Position);
    let touches = |a: &Tagged, b: &Tagged| {
        text.get(a.end as usize..b.start as usize)
            .is_some_and(|between| matches!(between, "" | " " | "：" | ":"))
    };
    let mut keep: Vec<bool> =
        spans.iter().map(|span| matches!(span.kind, Kind::Person | Kind::Address)).collect();
    // From a name towards the front: position, then organisation.
    for (index, pair) in spans.windows(2).enumerate().rev() {
        let [span, next] = pair else { continue };
        let at_name = keep.get(index + 1) == Some(&true) && next.kind != Kind::Address;
        if is_title(span)
            && at_name
            && touches(span, next)
            && let Some(slot) = keep.get_mut(index)
        {
            *slot = true;
        }
    }
    for (index, pair) in spans.windows(2).enumerate() {
        let [span, next] = pair else { continue };
        if next.kind == Kind::Position
            && span.kind == Kind::Person
            && span.end == next.start
            && let Some(slot) = keep.get_mut(index + 1)
        {
            *slot = true;
        }
    }
    let mut index = 0;
    spans.retain(|span| {
        index += 1;
        let word = text.get(span.start as usize..span.end as usize).unwrap_or_default();
        // What somebody is in a case is no position of his.
        keep.get(index - 1) == Some(&true) && !(span.kind == Kind::Position && is_role(word))
    });
}

/// How much a hit weighs against another on the same characters: a checked or shaped identifier most, then a
/// cued name or address, then what was only read.
fn is_identifier(hit: &Hit) -> bool {
    !matches!(
        hit.kind,
        Kind::Person
            | Kind::Address
            | Kind::Org
            | Kind::Location
            | Kind::Position
            | Kind::Sex
            | Kind::Ethnicity
    )
}

/// An identifier this near behind a name speaks for it.
const NEAR_BYTES: usize = 90;

fn put(names: &Names, text: &str, spans: &[Tagged], hits: &mut Vec<Hit>, single: Single) -> Bare {
    let mut bare = Bare::default();
    let mut added: Vec<Hit> = Vec::with_capacity(spans.len());
    // Hits that a longer span replaces.
    let mut gone: Vec<usize> = Vec::new();
    let known = known_names(text, hits);
    for span in spans {
        let span = &put_right(text, &known, *span);
        let Some(word) = text.get(span.start as usize..span.end as usize) else { continue };
        let alone = word.chars().nth(1).is_none();
        if span.kind == Kind::Person
            && !(is_name_form(word) || alone && is_addressed(names, text, word, span))
        {
            continue;
        }
        let first = hits.partition_point(|hit| hit.end <= span.start);
        let rivals = hits.get(first..).unwrap_or_default();
        let rivals = rivals.iter().take_while(|hit| hit.start < span.end);
        let count = rivals.clone().count();
        if !rivals.into_iter().all(|hit| gives_way(hit, span)) {
            continue;
        }
        gone.extend(first..first + count);
        let hit = Hit {
            kind: span.kind,
            state: if alone && single == Single::Covered {
                State::Masked
            } else {
                state(names, span.kind, word)
            },
            confidence: span.confidence,
            start: span.start,
            end: span.end,
        };
        if count == 0 {
            bare.0.push(span.start);
        }
        added.push(hit);
    }
    for (index, hit) in hits.iter().enumerate() {
        if is_loose(hit) && !is_confirmed(index, hits, text, spans) {
            gone.push(index);
        }
    }
    if added.is_empty() && gone.is_empty() {
        return bare;
    }
    gone.sort_unstable();
    gone.dedup();
    let mut index = 0;
    hits.retain(|_| {
        index += 1;
        gone.binary_search(&(index - 1)).is_err()
    });
    hits.extend(added);
    hits.sort_by_key(|hit| (hit.start, Reverse(hit.end)));
    bare
}

/// The names in `hits` that a cue leaves no doubt of, sorted.
fn known_names<'t>(text: &'t str, hits: &[Hit]) -> Vec<&'t str> {
    let sure = |hit: &&Hit| {
        hit.kind == Kind::Person
            && hit.state == State::Valid
            && (hit.confidence > LOOSE_MAX || is_sex_next(text, hit))
    };
    let mut known: Vec<&str> = hits
        .iter()
        .filter(sure)
        .filter_map(|hit| text.get(hit.start as usize..hit.end as usize))
        .filter(|name| name.chars().nth(1).is_some())
        .collect();
    known.sort_unstable();
    known.dedup();
    known
}

/// A name that was cut wrongly (被告人[在马国]强家中) where a known one (马国强) reaches over its end or lies in it.
fn put_right(text: &str, known: &[&str], span: Tagged) -> Tagged {
    let word = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    if span.kind != Kind::Person || known.is_empty() || known.binary_search(&word).is_ok() {
        return span;
    }
    for (offset, _) in word.char_indices() {
        let start = span.start as usize + offset;
        let rest = text.get(start..).unwrap_or_default();
        let ends = rest.char_indices().map(|(at, c)| at + c.len_utf8()).skip(1).take(3);
        let name =
            ends.filter(|end| rest.get(..*end).is_some_and(|name| known.binary_search(&name).is_ok())).last();
        if let Some(length) = name {
            return Tagged { start: start as u32, end: (start + length) as u32, ..span };
        }
    }
    span
}

/// Whether a hit is replaced by the span of a reader that overlaps it.
fn gives_way(hit: &Hit, span: &Tagged) -> bool {
    if is_identifier(hit) {
        return false;
    }
    let contains = span.start <= hit.start && hit.end <= span.end;
    let longer = contains && span.end - span.start > hit.end - hit.start;
    match (hit.kind, span.kind) {
        (Kind::Address, Kind::Address) | (Kind::Org, Kind::Org) => longer,
        // A mark behind the cued name shows where it ends; without one the reader knows better.
        (Kind::Person, Kind::Person) => is_loose(hit) && (longer || hit.confidence < LOOSE_MAX),
        (Kind::Person, Kind::Org | Kind::Address) => longer && is_loose(hit),
        _ => false,
    }
}

/// Whether the hit is a name that only a role word without a colon announces.
fn is_loose(hit: &Hit) -> bool {
    hit.kind == Kind::Person && hit.state == State::Valid && hit.confidence <= LOOSE_MAX
}

/// Whether the reader sees a name there too, the sex of the person follows, or an identifier stands behind it in
/// the same sentence.
fn is_confirmed(index: usize, hits: &[Hit], text: &str, spans: &[Tagged]) -> bool {
    let Some(hit) = hits.get(index) else { return false };
    let first = spans.partition_point(|span| span.end <= hit.start);
    let read = spans.get(first..).unwrap_or_default();
    if read.iter().take_while(|span| span.start < hit.end).any(|span| span.kind == Kind::Person) {
        return true;
    }
    if is_sex_next(text, hit) {
        return true;
    }
    hits.get(index + 1).is_some_and(|next| {
        let between = text.get(hit.end as usize..next.start as usize).unwrap_or_default();
        is_identifier(next) && between.len() <= NEAR_BYTES && !between.contains(['。', '\n', '；'])
    })
}

/// Whether the sex of the person follows the name: ，男，.
fn is_sex_next(text: &str, hit: &Hit) -> bool {
    let after = text.get(hit.end as usize..).unwrap_or_default();
    let field = after.trim_start_matches(['，', ',', '（', '(', ' ']);
    field.len() < after.len() && field.starts_with(['男', '女'])
}

/// Whether a surname alone has a form of address behind it: 江主席, 毕教授.
fn is_addressed(names: &Names, text: &str, word: &str, span: &Tagged) -> bool {
    const FORMS: &[&str] = &[
        "主席", "总理", "总统", "部长", "省长", "市长", "县长", "书记", "局长", "院长", "校长", "厂长",
        "主任", "经理", "总", "老", "氏", "某", "先生", "女士", "小姐", "太太", "教授", "老师", "医生",
        "大夫", "律师", "法官", "警官", "同志", "师傅", "队长", "团长", "教练",
    ];
    let after = text.get(span.end as usize..).unwrap_or_default();
    word.chars().next().is_some_and(|surname| names.rank(surname) == 2)
        && FORMS.iter().any(|form| after.starts_with(form))
}

/// Whether the span has the form of a name: no marks but those within names, and no single character.
fn is_name_form(word: &str) -> bool {
    word.chars().nth(1).is_some()
        && word.chars().all(|c| {
            c.is_alphanumeric() || matches!(c, '·' | '•' | '・' | '‧' | '.' | '-' | ' ' | '*' | '＊' | '×')
        })
}

/// The state of what was read.
fn state(names: &Names, kind: Kind, word: &str) -> State {
    if kind != Kind::Person {
        State::Valid
    } else if names.is_test(word) {
        State::Invalid(Reason::TestValue)
    } else if is_masked_name(word) || is_titled(word) {
        State::Masked
    } else {
        State::Valid
    }
}
