//! Which of a reader's spans stay beside what the scanner and the cues have found.

use super::NameReader;
use crate::Hit;
use crate::record::{LOOSE_MAX, covered_bytes, is_role};
use crate::value::{Names, TITLES, is_masked_name, is_titled};
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
        // A reader that breaks its word, or a name that was put right, must not make spans overlap.
        if span.start >= span.end || added.last().is_some_and(|last| last.end > span.start) {
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

/// Verbs that stand before a name and that a reader may take for its beginning.
const BEFORE_NAMES: &[&str] = &["附上", "随附", "现附", "联系", "通知", "转告"];

/// A name that was cut wrongly (被告人[在马国]强家中) where a known one (马国强) reaches over its end or lies in it.
fn put_right(text: &str, known: &[&str], span: Tagged) -> Tagged {
    let word = text.get(span.start as usize..span.end as usize).unwrap_or_default();
    if span.kind == Kind::Person
        && let Some(cover) = word.find(['某', '*', '＊', '×']).filter(|cover| *cover > 0)
    {
        // 杨某甲 is somebody else than 杨某乙.
        let from = span.start as usize + cover;
        let end = from + covered_bytes(text.get(from..).unwrap_or_default());
        return Tagged { end: (end as u32).max(span.end), ..span };
    }
    // 附上马灵林的资料: what is done with the papers of somebody is no part of the name.
    if span.kind == Kind::Person
        && let Some(name) = BEFORE_NAMES.iter().find_map(|verb| word.strip_prefix(verb))
        && name.chars().nth(1).is_some()
    {
        return Tagged { start: span.end - name.len() as u32, ..span };
    }
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
    const SHORT: &[&str] = &["总", "老", "氏", "某"];
    let after = text.get(span.end as usize..).unwrap_or_default();
    word.chars().next().is_some_and(|surname| names.rank(surname) == 2)
        && TITLES.iter().chain(SHORT).any(|form| after.starts_with(form))
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

#[cfg(test)]
mod tests {
    use crate::tests::{id, phone};
    use crate::{Detector, NameReader, Tagged};
    use std::sync::Arc;
    use zhunsheng_model::{Date, Kind, Place, State, TextFragment, TextShape};
    use zhunsheng_rules::Rules;

    /// Finds the words it was told to, wherever they stand.
    struct Told(Vec<(Kind, String, u8)>);

    impl NameReader for Told {
        fn read(&self, text: &str, out: &mut Vec<Tagged>) {
            let mut spans: Vec<Tagged> = Vec::new();
            for (kind, word, confidence) in &self.0 {
                spans.extend(text.match_indices(word.as_str()).map(|(at, word)| Tagged {
                    kind: *kind,
                    start: at as u32,
                    end: (at + word.len()) as u32,
                    confidence: *confidence,
                }));
            }
            spans.sort_by_key(|span| span.start);
            out.extend(spans);
        }
    }

    fn detector(words: &[(Kind, &str, u8)]) -> Detector {
        let words = words.iter().map(|(kind, word, sure)| (*kind, (*word).to_owned(), *sure)).collect();
        Detector::without_reader(Rules::embedded(), Date::parse("2024-06-01").unwrap())
            .unwrap()
            .with_reader(Arc::new(Told(words)))
    }

    #[test]
    fn a_verb_before_a_name_is_no_part_of_it() {
        let detector = detector(&[(Kind::Person, "附上马灵林", 80), (Kind::Person, "联系", 80)]);
        assert_eq!(spans(&detector, "您好：附上马灵林的资料"), ["PERSON 马灵林"]);
    }

    /// What stands in the text, as `KIND word`; a `!` before what is not valid.
    fn spans(detector: &Detector, text: &str) -> Vec<String> {
        let word = |hit: &crate::Hit| text.get(hit.start as usize..hit.end as usize).unwrap().to_owned();
        let mark = |hit: &crate::Hit| if hit.state == State::Valid { "" } else { "!" };
        detector
            .spans(text)
            .iter()
            .map(|hit| format!("{}{} {}", mark(hit), hit.kind.id(), word(hit)))
            .collect()
    }

    /// What a scan gets from the text.
    fn scanned(detector: &Detector, text: &str) -> Vec<String> {
        let findings = detector.text(&TextFragment {
            place: Arc::new(Place::file("t")),
            text: text.to_owned(),
            shape: TextShape::Prose,
            segments: Vec::new(),
            origin: None,
        });
        let mark = |state| if state == State::Valid { "" } else { "!" };
        findings
            .mentions
            .iter()
            .map(|m| format!("{}{} {}", mark(m.state), m.kind.id(), findings.text(m.raw)))
            .collect()
    }

    #[test]
    fn identifiers_stay_and_the_longer_address_wins() {
        let (number, phone) = (id("330106", "19850412", 21), phone(1));
        let reader = detector(&[
            (Kind::Person, "王建国3301", 99),
            (Kind::Address, "杭州市西湖区文三路18号2幢，301室", 90),
            (Kind::Person, "李晓梅", 80),
        ]);
        assert_eq!(
            spans(&reader, &format!("王建国{number}，李晓梅，电话{phone}")),
            [format!("CN_ID {number}"), "PERSON 李晓梅".into(), format!("PHONE {phone}")]
        );
        assert_eq!(
            spans(&reader, "现住杭州市西湖区文三路18号2幢，301室"),
            ["ADDRESS 杭州市西湖区文三路18号2幢，301室"]
        );
    }

    #[test]
    fn a_role_word_without_colon_needs_the_reader() {
        let nobody = detector(&[]);
        assert_eq!(spans(&nobody, "申请人应当自收到通知之日起五日内补正。"), Vec::<String>::new());
        assert_eq!(
            spans(&nobody, "被告人王建国，男，汉族。").first().map(String::as_str),
            Some("PERSON 王建国")
        );
        assert_eq!(spans(&nobody, "原告：王建国，住所不明。"), ["PERSON 王建国"]);
        let somebody = detector(&[(Kind::Person, "王建国强", 80)]);
        // The reader knows better where a name ends that no mark ends.
        assert_eq!(spans(&somebody, "被告王建国强以资金周转为由"), ["PERSON 王建国强"]);
    }

    #[test]
    fn a_name_cut_wrongly_is_put_right_by_a_known_one() {
        let reader = detector(&[(Kind::Person, "在马国", 80)]);
        assert_eq!(
            spans(&reader, "原告：马国强，住所不明。\n众人在马国强家中。"),
            ["PERSON 马国强", "PERSON 马国强"]
        );
    }

    #[test]
    fn covered_names_keep_what_numbers_them() {
        let reader = detector(&[(Kind::Person, "杨某", 80)]);
        assert_eq!(
            spans(&reader, "杨某甲伙同被告人杨某乙，杨某某不知情。"),
            ["!PERSON 杨某甲", "!PERSON 杨某乙", "!PERSON 杨某某"]
        );
    }

    #[test]
    fn a_surname_alone_needs_a_form_of_address_and_is_covered() {
        let reader = detector(&[(Kind::Person, "江", 90), (Kind::Person, "（院印）", 90)]);
        assert_eq!(spans(&reader, "江主席到了，江水很冷（院印）"), ["PERSON 江"]);
        assert_eq!(scanned(&reader, "江主席到了。"), ["!PERSON 江"]);
    }

    #[test]
    fn a_scan_takes_what_is_somebodys() {
        let text = "飞鸟公司经理王建国昨天去了杭州，阳光公司也在那里。";
        let told: &[(Kind, &str, u8)] = &[
            (Kind::Org, "飞鸟公司", 80),
            (Kind::Position, "经理", 80),
            (Kind::Person, "王建国", 80),
            (Kind::Location, "杭州", 80),
            (Kind::Org, "阳光公司", 80),
        ];
        assert_eq!(scanned(&detector(told), text), ["ORG 飞鸟公司", "POSITION 经理", "PERSON 王建国"]);
        assert_eq!(spans(&detector(told), text).len(), 5);
        // A name that the reader is not sure of counts only where more is said of its person.
        let unsure = detector(&[(Kind::Person, "王建国", 60)]);
        assert_eq!(scanned(&unsure, "王建国昨天来了。"), Vec::<String>::new());
        let phone = phone(1);
        assert_eq!(
            scanned(&unsure, &format!("王建国昨天来了，电话{phone}。")),
            ["PERSON 王建国".to_owned(), format!("PHONE {phone}")]
        );
        // The address of an office is nobody's.
        let office = detector(&[(Kind::Address, "杭州市文三路18号", 95)]);
        assert_eq!(scanned(&office, "会场设在杭州市文三路18号。"), Vec::<String>::new());
    }

    #[test]
    fn a_reader_that_breaks_its_word_does_no_harm() {
        struct Wild;
        impl NameReader for Wild {
            fn read(&self, text: &str, out: &mut Vec<Tagged>) {
                let end = text.len() as u32;
                for (start, end) in [(0, end), (3, 9), (1, 4), (9, 3), (end, end + 9), (6, end)] {
                    out.push(Tagged { kind: Kind::Person, start, end, confidence: 90 });
                }
            }
        }
        let detector = Detector::without_reader(Rules::embedded(), Date::parse("2024-06-01").unwrap())
            .unwrap()
            .with_reader(Wild);
        for text in ["王建国李晓梅", "被告王建国，男，电话13912340001", "", "𠮷"] {
            let hits = detector.spans(text);
            assert!(hits.windows(2).all(|pair| pair[0].end <= pair[1].start), "{text}: {hits:?}");
            assert!(
                hits.iter().all(|hit| text.get(hit.start as usize..hit.end as usize).is_some()),
                "{text}"
            );
        }
    }
}
