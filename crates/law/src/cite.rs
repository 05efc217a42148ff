//! Citations in free text: 《…》第…条第…款第…项, short names, 本法, lists and ranges, resolved by date.

use crate::error::Absent;
use crate::number::{ArticleKey, chinese_number, is_number_char, parse_number};
use crate::passage::Locator;
use crate::statute::{Article, Statute};
use crate::{COUNTRY, Law};
use std::collections::BTreeMap;
use std::ops::Range;
use zhunsheng_model::Date;

/// Articles that a range such as 第一条至第九百条 stands for, at most.
const RANGE_ARTICLES_MAX: u32 = 300;
/// Characters looked at before 第…条 for the name of an unknown instrument, at most.
const UNKNOWN_NAME_CHARS_MAX: usize = 24;
/// Endings of the names of instruments.
const ENDINGS: [&str; 9] = ["法典", "法", "条例", "办法", "规定", "解释", "细则", "决定", "规则"];
/// Words that point back to the instrument named last.
const BACK: [&str; 6] = ["本", "该", "上述", "前述", "同", "此"];

/// A citation found in a text.
#[derive(Clone, Debug)]
pub struct Citation<'a> {
    /// Its byte range in the text: the place, with the name before it where that stands directly there.
    pub range: Range<usize>,
    /// The name of the instrument as written, without 《》; none when the text names none.
    pub name: Option<String>,
    /// Whether the name does not stand directly before the place but was taken from further ahead (本法, lists).
    pub implied: bool,
    /// The article; none when only the instrument is named.
    pub article: Option<ArticleKey>,
    /// The place inside the article.
    pub locator: Locator,
    /// The day for which it was resolved: that handed in, or that of the version whose year stands behind the title.
    pub day: Date,
    /// The words cited, or why there are none.
    pub found: Result<Passage<'a>, Absent>,
}

/// What a citation points to.
#[derive(Clone, Copy, Debug)]
pub struct Passage<'a> {
    /// The version of the instrument.
    pub statute: &'a Statute,
    /// The article; none when the whole instrument is cited.
    pub article: Option<&'a Article>,
    /// The words; the whole article where no paragraph is named, empty for a whole instrument.
    pub text: &'a str,
}

/// Finds every citation in `text` and resolves it for `day`, in the order of the text.
///
/// `within` is the instrument that 本法 means before any other is named: its work, slug or title.
pub fn cite<'a>(law: &'a Law, text: &str, day: Date, within: Option<&str>) -> Vec<Citation<'a>> {
    let mut reader = Reader {
        law,
        text,
        day,
        names: by_first_char(law),
        aliases: BTreeMap::new(),
        current: within.map(|name| Named { name: name.to_owned(), range: None, year: None }),
        found: Vec::new(),
    };
    reader.read();
    reader.found
}

/// Reads a place without the name of its instrument: `31`, `第三十一条第一款`, `253之一`, `13-17`, `13、14`.
///
/// Nothing when the text says anything else.
pub fn parse_places(text: &str) -> Option<Vec<(ArticleKey, Locator)>> {
    let text = text.trim();
    if let Some((from, to)) = text.split_once(['-', '－', '~', '～', '至', '到']) {
        let (from_key, to_key) = (ArticleKey::parse(from)?, ArticleKey::parse(to));
        // 253-1 is 第二百五十三条之一, 13-17 is five articles.
        if let Some(to_key) = to_key.filter(|to_key| to_key.number > from_key.number) {
            return Some(articles_between(&from_key, &to_key).map(|key| (key, Locator::default())).collect());
        }
        return ArticleKey::parse(text).map(|key| vec![(key, Locator::default())]);
    }
    if let Some(key) = ArticleKey::parse(text) {
        return Some(vec![(key, Locator::default())]);
    }
    let (places, rest) = read_places(text)?;
    rest.is_empty().then_some(places)
}

/// The instrument that the next place belongs to.
#[derive(Clone)]
struct Named {
    name: String,
    /// Where the name stands; none when it was handed in.
    range: Option<Range<usize>>,
    /// The year of （2019年修正） behind it.
    year: Option<u16>,
}

struct Reader<'a, 't> {
    law: &'a Law,
    text: &'t str,
    day: Date,
    names: BTreeMap<char, Vec<&'a str>>,
    /// Short names that the text itself gives: 以下简称《解释》.
    aliases: BTreeMap<String, String>,
    current: Option<Named>,
    found: Vec<Citation<'a>>,
}

/// Chinese names of instruments by their first character, longest first.
fn by_first_char(law: &Law) -> BTreeMap<char, Vec<&str>> {
    let mut names: BTreeMap<char, Vec<&str>> = BTreeMap::new();
    let absent = law.absent().iter().flat_map(|a| a.names.iter().chain([&a.title])).map(String::as_str);
    for name in law.names().map(|(name, _)| name).chain(absent) {
        if let Some(first) = name.chars().next().filter(|c| !c.is_ascii()) {
            names.entry(first).or_default().push(name);
        }
    }
    for list in names.values_mut() {
        list.sort_by_key(|name| (std::cmp::Reverse(name.len()), *name));
    }
    names
}

impl<'t> Reader<'_, 't> {
    fn read(&mut self) {
        let mut at = 0;
        while let Some(rest) = self.text.get(at..) {
            let Some(first) = rest.chars().next() else { break };
            at += match first {
                '《' => self.title(at, rest),
                '第' | '0'..='9' | '０'..='９' => self.places(at, rest),
                _ => self.name(at, rest),
            }
            .unwrap_or_else(|| first.len_utf8());
        }
    }

    /// A title in 《》, and a short name that the text gives it; the bytes read.
    fn title(&mut self, at: usize, rest: &str) -> Option<usize> {
        let mut depth = 0;
        let end = rest.char_indices().find_map(|(index, c)| {
            match c {
                '《' => depth += 1,
                '》' => depth -= 1,
                _ => {}
            }
            (depth == 0).then(|| index + c.len_utf8())
        })?;
        let inside = rest.get('《'.len_utf8()..end - '》'.len_utf8())?.to_owned();
        let name = self.aliases.get(&inside).cloned().unwrap_or(inside);
        let mut read = end;
        if let Some((alias, length)) = rest.get(end..).and_then(short_name) {
            self.aliases.insert(alias.to_owned(), name.clone());
            read += length;
        }
        // A year in brackets behind the title.
        let (bytes, year) = rest.get(read..).map_or((0, None), bracketed_year);
        read += bytes;
        let day = self.day_of(&name, year);
        let known = self.law.work(&name).is_some() || self.law.not_held(&name).is_some();
        let place_follows = rest.get(read..).is_some_and(|rest| read_places(rest.trim_start()).is_some());
        self.current = Some(Named { name: name.clone(), range: Some(at..at + read), year });
        if known && !place_follows {
            let found = self.law.in_force(&name, day);
            let found = found.map(|statute| Passage { statute, article: None, text: "" });
            self.found.push(Citation {
                range: at..at + end,
                name: Some(name),
                implied: false,
                article: None,
                locator: Locator::default(),
                day,
                found,
            });
        }
        Some(read)
    }

    /// A name without 《》; the bytes read.
    fn name(&mut self, at: usize, rest: &str) -> Option<usize> {
        let first = rest.chars().next()?;
        let own = self.aliases.iter().find(|(alias, _)| rest.starts_with(alias.as_str()));
        let (written, name) = match own {
            Some((alias, name)) => (alias.as_str(), name.clone()),
            None => {
                let name = self.names.get(&first)?.iter().find(|name| rest.starts_with(**name))?;
                (*name, (*name).to_owned())
            }
        };
        let mut read = written.len();
        let (bytes, year) = rest.get(read..).map_or((0, None), bracketed_year);
        read += bytes;
        // Short names are words of the language too (规定, 刑法学): without a place behind they only matter as what
        // 本法 points to, and then they must end like a name.
        let after = rest.get(read..).unwrap_or_default();
        if read_places(after.trim_start()).is_some() || ENDINGS.iter().any(|ending| written.ends_with(ending))
        {
            self.current = Some(Named { name, range: Some(at..at + read), year });
        }
        Some(read)
    }

    /// Places: articles with paragraphs and items; the bytes read.
    fn places(&mut self, at: usize, rest: &str) -> Option<usize> {
        let before = self.text.get(..at).unwrap_or_default();
        // A bare number is an article only directly behind a name, and a number is not read from its middle.
        let direct =
            self.current.as_ref().and_then(|named| named.range.clone()).filter(|range| {
                self.text.get(range.end..at).is_some_and(|between| between.trim().is_empty())
            });
        if !rest.starts_with('第') && direct.is_none() {
            return Some(rest.len() - rest.trim_start_matches(|c: char| c.is_numeric()).len())
                .filter(|n| *n > 0);
        }
        let (places, after) = read_places(rest)?;
        let read = rest.len() - after.len();
        let unknown = if direct.is_some() { None } else { unknown_name(before) };
        let named = match &unknown {
            Some(name) => {
                Some(Named { name: (*name).to_owned(), range: Some(at - name.len()..at), year: None })
            }
            None => self.current.clone(),
        };
        let start = match (&direct, &unknown) {
            (Some(range), _) => range.start,
            (None, Some(name)) => at - name.len(),
            (None, None) => at,
        };
        let day = named.as_ref().map_or(self.day, |named| self.day_of(&named.name, named.year));
        for (index, (article, locator)) in places.into_iter().enumerate() {
            let name = named.as_ref().map(|named| named.name.as_str());
            let found = self.resolve(name, day, &article, locator);
            self.found.push(Citation {
                range: start..at + read,
                name: named.as_ref().map(|named| named.name.clone()),
                implied: index > 0 || (direct.is_none() && unknown.is_none()),
                article: Some(article),
                locator,
                day,
                found,
            });
        }
        if unknown.is_some() {
            self.current = named;
        }
        Some(read)
    }
}

impl<'a> Reader<'a, '_> {
    /// The day for which a name is resolved: with a year behind it, the first day of the version made or in force
    /// since that year, else the last day of that year.
    fn day_of(&self, name: &str, year: Option<u16>) -> Date {
        let Some(year) = year else { return self.day };
        let of_year = |statute: &&&Statute| {
            // An amended text still bears the day on which the law was first adopted.
            let first = statute.adopted.filter(|_| statute.amended.is_none());
            let days = [statute.amended, first, statute.promulgated, Some(statute.effective)];
            days.into_iter().flatten().any(|day| day.year() == year)
        };
        let versions = self.law.versions(name);
        let version = versions.iter().find(of_year).map(|statute| statute.effective);
        version.or_else(|| Date::new(year, 12, 31)).unwrap_or(self.day)
    }

    fn resolve(
        &self,
        name: Option<&str>,
        day: Date,
        article: &ArticleKey,
        locator: Locator,
    ) -> Result<Passage<'a>, Absent> {
        let name = name.ok_or_else(|| Absent::Unnamed { article: article.label() })?;
        resolve(self.law, name, day, article, locator)
    }
}

/// The words of a place of the instrument `name` in the version in force on `day`.
///
/// # Errors
/// [`Absent`] says which step fails: the name, the version, the article or the passage.
pub fn resolve<'a>(
    law: &'a Law,
    name: &str,
    day: Date,
    article: &ArticleKey,
    locator: Locator,
) -> Result<Passage<'a>, Absent> {
    let statute = law.in_force(name, day)?;
    let found = statute.article_of(article).ok_or_else(|| statute.no_article(&article.label()))?;
    let text = found.passage_at(locator).ok_or_else(|| statute.no_passage(found, &locator.to_string()))?;
    Ok(Passage { statute, article: Some(found), text })
}

/// Reads （以下简称《解释》） at the start: the short name and the bytes read.
fn short_name(text: &str) -> Option<(&str, usize)> {
    let inner = text.strip_prefix(['（', '('])?;
    let (inside, after) = inner.split_once(['）', ')'])?;
    let name = inside.trim().strip_prefix("以下简称").or_else(|| inside.trim().strip_prefix("下称"))?;
    let name = name.trim_matches(['《', '》', '“', '”', '"', '：', ':', ' ']);
    (!name.is_empty()).then(|| (name, text.len() - after.len()))
}

/// Bytes and year of （2019年修正） or （2019） at the start.
fn bracketed_year(text: &str) -> (usize, Option<u16>) {
    let read = || {
        let inner = text.strip_prefix(['（', '('])?;
        let (inside, after) = inner.split_once(['）', ')'])?;
        let (year, rest) = inside.split_at_checked(4)?;
        let year: u16 = year.parse().ok()?;
        let plain = (rest.is_empty() || rest.starts_with(['年', '修', '施', '版', '公']))
            && inside.chars().count() <= 10;
        plain.then(|| (text.len() - after.len(), Some(year)))
    };
    read().unwrap_or((0, None))
}

/// The name of an instrument that nobody knows directly before a place: the run of Han characters that ends like one.
///
/// 本法 and its like are no names.
fn unknown_name(before: &str) -> Option<&str> {
    let before = before.trim_end();
    let ending = ENDINGS.iter().find(|ending| before.ends_with(**ending))?;
    let head = before.strip_suffix(ending)?;
    if BACK.iter().any(|word| head.ends_with(word)) {
        return None;
    }
    let mut start = head.len();
    for (index, c) in head.char_indices().rev().take(UNKNOWN_NAME_CHARS_MAX) {
        if !('\u{4e00}'..='\u{9fff}').contains(&c) || "依照据按违反适用于的和与及在是".contains(c)
        {
            break;
        }
        start = index;
    }
    // A lone ending (规定第三条) names nothing.
    before.get(start..).filter(|_| start < head.len())
}

/// Reads one or more places at the start; the rest of the text.
fn read_places(text: &str) -> Option<(Vec<(ArticleKey, Locator)>, &str)> {
    let (mut keys, mut rest) = articles(text)?;
    let mut key = keys.pop()?;
    let mut found: Vec<(ArticleKey, Locator)> =
        keys.into_iter().map(|key| (key, Locator::default())).collect();
    let mut locator = Locator::default();
    // Paragraph, item and sub-item directly behind the article.
    let mut open = true;
    loop {
        if open {
            let (places, after) = inside(rest, Locator::default());
            rest = after;
            if let Some(last) = places.last() {
                locator = *last;
            }
            if places.is_empty() {
                found.push((key.clone(), Locator::default()));
            } else {
                found.extend(places.into_iter().map(|place| (key.clone(), place)));
            }
            open = false;
        }
        let Some((range, after)) = connector(rest) else { break };
        if let Some((mut more, next)) = articles(after).filter(|_| after.starts_with('第')) {
            let Some(last) = more.pop() else { break };
            if range && let Some(first) = more.first().or(Some(&last)) {
                found.extend(
                    articles_between(&key, first)
                        .filter(|k| *k != key && *k != last)
                        .map(|k| (k, Locator::default())),
                );
            }
            found.extend(more.into_iter().map(|key| (key, Locator::default())));
            key = last;
            locator = Locator::default();
            rest = next;
            open = true;
            continue;
        }
        // 第一款第三项、第四项: the paragraph goes on to hold.
        let (places, next) = inside(after, locator);
        let (Some(first), Some(last)) = (places.first(), places.last().copied()) else { break };
        if range {
            found.extend(between(locator, *first).into_iter().map(|place| (key.clone(), place)));
        }
        found.extend(places.into_iter().map(|place| (key.clone(), place)));
        locator = last;
        rest = next;
    }
    Some((found, rest))
}

/// Reads 第N条, 第N条之M, 第N、M条 or `31条`; the rest of the text.
fn articles(text: &str) -> Option<(Vec<ArticleKey>, &str)> {
    let (numbers, unit, rest) = steps(text)?;
    if unit != '条' {
        return None;
    }
    let mut keys: Vec<ArticleKey> =
        numbers.into_iter().map(|number| ArticleKey { number, suffix: None }).collect();
    let suffix = rest.strip_prefix('之').and_then(|after| {
        let end = after.find(|c| !is_number_char(c)).unwrap_or(after.len());
        let (number, after) = after.split_at_checked(end)?;
        Some((parse_number(number)?, after))
    });
    match (suffix, keys.last_mut()) {
        (Some((number, after)), Some(last)) => {
            last.suffix = Some(number);
            Some((keys, after))
        }
        _ => Some((keys, rest)),
    }
}

/// Reads 第一款第三项 at the start, or 第三项 of the paragraph that `outer` names.
fn inside(text: &str, outer: Locator) -> (Vec<Locator>, &str) {
    let mut found: Vec<Locator> = Vec::new();
    let mut rest = text;
    let mut base = outer;
    while let Some((numbers, unit, after)) = rest.starts_with('第').then(|| steps(rest)).flatten() {
        let places: Vec<Locator> = numbers
            .into_iter()
            .map(|number| match unit {
                '款' => Locator { paragraph: Some(number), item: None, subitem: None },
                '项' => Locator { item: Some(number), subitem: None, ..base },
                _ => Locator { subitem: Some(number), ..base },
            })
            .collect();
        let deeper = match unit {
            '款' => found.is_empty(),
            '项' => found.last().is_none_or(|last| last.item.is_none()),
            '目' => found.last().is_none_or(|last| last.item.is_some() && last.subitem.is_none()),
            _ => false,
        };
        let Some(last) = places.last().copied().filter(|_| deeper) else { break };
        // The deeper step says more of the place before it.
        found.pop();
        found.extend(places);
        base = last;
        rest = after;
    }
    (found, rest)
}

/// Reads 第 number (、number)* unit.
fn steps(text: &str) -> Option<(Vec<u32>, char, &str)> {
    let mut rest = text.strip_prefix('第').unwrap_or(text).trim_start();
    let mut numbers = Vec::new();
    loop {
        let opened = rest.strip_prefix(['（', '(']);
        rest = opened.unwrap_or(rest);
        let end = rest.find(|c| !is_number_char(c)).unwrap_or(rest.len());
        let (number, after) = rest.split_at_checked(end)?;
        numbers.push(parse_number(number)?);
        rest = if opened.is_some() { after.strip_prefix(['）', ')'])? } else { after };
        rest = rest.trim_start();
        match rest.strip_prefix(['、', '和', '及']) {
            Some(after) => rest = after.trim_start(),
            None => break,
        }
    }
    let unit = rest.chars().next().filter(|c| matches!(c, '条' | '款' | '项' | '目'))?;
    Some((numbers, unit, rest.get(unit.len_utf8()..)?))
}

/// Reads 、 和 以及 至 …: whether it makes a range, and the rest.
fn connector(text: &str) -> Option<(bool, &str)> {
    let text = text.trim_start();
    for (word, range) in [
        ("以及", false),
        ("或者", false),
        ("、", false),
        ("，", false),
        (",", false),
        ("和", false),
        ("与", false),
        ("及", false),
        ("或", false),
        ("至", true),
        ("到", true),
        ("-", true),
        ("—", true),
        ("～", true),
        ("~", true),
    ] {
        if let Some(rest) = text.strip_prefix(word) {
            return Some((range, rest.trim_start()));
        }
    }
    None
}

/// The articles from one to another, both included; those put in with 之 only where they are an end.
fn articles_between(from: &ArticleKey, to: &ArticleKey) -> impl Iterator<Item = ArticleKey> {
    let last = to.number.min(from.number.saturating_add(RANGE_ARTICLES_MAX));
    let inner = (from.number..=last).map(|number| ArticleKey { number, suffix: None });
    let suffixed = |key: &ArticleKey| key.suffix.map(|_| key.clone());
    let inner = inner.filter({
        let from = from.clone();
        move |key| *key >= from
    });
    suffixed(from).into_iter().chain(inner).chain(suffixed(to))
}

/// The places strictly between two places of the same rank.
fn between(from: Locator, to: Locator) -> Vec<Locator> {
    let numbers =
        |from: u32, to: u32| from.saturating_add(1)..to.min(from.saturating_add(RANGE_ARTICLES_MAX));
    match ((from.subitem, to.subitem), (from.item, to.item), (from.paragraph, to.paragraph)) {
        ((Some(a), Some(b)), ..) => numbers(a, b).map(|n| Locator { subitem: Some(n), ..to }).collect(),
        (_, (Some(a), Some(b)), _) => numbers(a, b).map(|n| Locator { item: Some(n), ..to }).collect(),
        (_, (None, None), (Some(a), Some(b))) => {
            numbers(a, b).map(|n| Locator { paragraph: Some(n), ..to }).collect()
        }
        _ => Vec::new(),
    }
}

/// A place as it is cited: 《个人信息保护法》第三十一条第一款.
pub fn citation_text(title: &str, article: &ArticleKey, locator: Locator) -> String {
    let title = title.strip_prefix(COUNTRY).unwrap_or(title);
    let suffix = article.suffix.map(|n| format!("之{}", chinese_number(n))).unwrap_or_default();
    format!("《{title}》第{}条{suffix}{locator}", chinese_number(article.number))
}
