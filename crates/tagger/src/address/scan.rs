//! The grammar of addresses.

use super::{Address, Component, Part};
use crate::chars::{DIGIT, LETTER, is_han};
use crate::lexicon::{Lexicon, WORD_CHARS_MAX, Walk};

/// Longest name of a road, village or estate, in characters.
const NAME_CHARS_MAX: usize = 9;

/// Endings of names, the longest first; a name has at least one character before its ending.
const ENDINGS: &[(&str, Part)] = &[
    ("经济技术开发区", Part::DevelopmentZone),
    ("高新技术开发区", Part::DevelopmentZone),
    ("经济开发区", Part::DevelopmentZone),
    ("工业园区", Part::DevelopmentZone),
    ("工业园", Part::DevelopmentZone),
    ("产业园", Part::DevelopmentZone),
    ("科技园", Part::DevelopmentZone),
    ("开发区", Part::DevelopmentZone),
    ("工业区", Part::DevelopmentZone),
    ("高新区", Part::DevelopmentZone),
    ("居委会", Part::Community),
    ("村委会", Part::Community),
    ("社区", Part::Community),
    ("街道", Part::Town),
    ("胡同", Part::Road),
    ("大街", Part::Road),
    ("大道", Part::Road),
    ("公路", Part::Road),
    ("小区", Part::Place),
    ("花园", Part::Place),
    ("公寓", Part::Place),
    ("新村", Part::Community),
    ("家园", Part::Place),
    ("大厦", Part::Place),
    ("广场", Part::Place),
    ("市场", Part::Place),
    ("中心", Part::Place),
    ("公司", Part::Place),
    ("学校", Part::Place),
    ("大学", Part::Place),
    ("学院", Part::Place),
    ("中学", Part::Place),
    ("小学", Part::Place),
    ("医院", Part::Place),
    ("酒店", Part::Place),
    ("宾馆", Part::Place),
    ("超市", Part::Place),
    ("银行", Part::Place),
    ("公馆", Part::Place),
    ("名邸", Part::Place),
    ("省", Part::Province),
    ("州", Part::City),
    ("市", Part::City),
    ("县", Part::District),
    ("区", Part::District),
    ("旗", Part::District),
    ("镇", Part::Town),
    ("乡", Part::Town),
    ("村", Part::Community),
    ("庄", Part::Community),
    ("屯", Part::Community),
    ("路", Part::Road),
    ("街", Part::Road),
    ("巷", Part::Road),
    ("弄", Part::Road),
    ("道", Part::Road),
    ("苑", Part::Place),
    ("园", Part::Place),
    ("城", Part::Place),
    ("府", Part::Place),
    ("厂", Part::Place),
    ("店", Part::Place),
    ("站", Part::Place),
];

/// What a number stands before, the longest first.
const UNITS: &[(&str, Part)] = &[
    ("号楼", Part::House),
    ("单元", Part::Cell),
    ("号院", Part::RoadNumber),
    ("村民小组", Part::Community),
    ("小组", Part::Community),
    ("幢", Part::House),
    ("栋", Part::House),
    ("座", Part::House),
    ("号", Part::RoadNumber),
    ("弄", Part::SubRoad),
    ("巷", Part::SubRoad),
    ("支路", Part::SubRoad),
    ("组", Part::Community),
    ("社", Part::Community),
    ("队", Part::Community),
    ("门", Part::Cell),
    ("梯", Part::Cell),
    ("层", Part::Floor),
    ("楼", Part::Floor),
    ("室", Part::Room),
    ("房", Part::Room),
    ("户", Part::Room),
    ("期", Part::SubPlace),
    ("区", Part::SubPlace),
];

/// Words that say how to get there.
const ASSISTS: &[&str] = &["对面", "旁边", "附近", "隔壁", "交叉口", "路口", "门口", "院内", "内", "旁"];

/// Characters that stand in no name of a street, village or estate.
const STOPS: &str = "的了是在与及被把他她我你这那该于为而且或但并将已就也还又吗呢啊";

struct Scanner<'a> {
    chars: &'a [u16],
    lexicon: &'a Lexicon,
    components: Vec<Component>,
}

fn starts_with(chars: &[u16], word: &str) -> bool {
    let mut rest = chars.iter();
    word.chars().all(|c| rest.next() == Some(&crate::chars::fold(c)))
}

fn is_stop(c: u16) -> bool {
    STOPS.chars().any(|stop| stop as u32 == u32::from(c))
}

/// Han numerals and the letters that number buildings.
fn is_han_numeral(c: u16) -> bool {
    "一二三四五六七八九十百零〇甲乙丙丁".chars().any(|n| n as u32 == u32::from(c))
}

/// Cuts the whole of `chars`.
pub(super) fn parse(chars: &[u16], lexicon: &Lexicon) -> Address {
    let mut scanner = Scanner { chars, lexicon, components: Vec::new() };
    let mut at = 0;
    while at < chars.len() {
        at = match scanner.step(at) {
            Some(next) => next,
            None => scanner.rest(at),
        };
    }
    Address { components: scanner.components }
}

/// Finds the address that begins at `start` of running text; nothing when no dwelling does.
///
/// Returns the end (characters) and the address, whose places count from the start of `chars`.
pub fn find(chars: &[u16], start: usize, lexicon: &Lexicon) -> Option<(usize, Address)> {
    let mut scanner = Scanner { chars, lexicon, components: Vec::new() };
    let mut at = start;
    while at < chars.len() {
        let Some(next) = scanner.step(at) else { break };
        at = next;
    }
    // What follows the last number that leads to the door is no part of it: 108号院门, 3室有人.
    let door = |part: Part| {
        matches!(
            part,
            Part::RoadNumber
                | Part::SubRoadNumber
                | Part::House
                | Part::Cell
                | Part::Room
                | Part::Floor
                | Part::Community
        )
    };
    while scanner.components.last().is_some_and(|c| !door(c.part)) {
        scanner.components.pop();
    }
    let address = Address { components: scanner.components };
    let end = address.components.last()?.end as usize;
    address.is_dwelling().then_some((end, address))
}

impl Scanner<'_> {
    fn last(&self) -> Option<Part> {
        self.components.iter().rev().map(|c| c.part).find(|part| *part != Part::Redundant)
    }

    fn push(&mut self, part: Part, start: usize, end: usize) -> Option<usize> {
        self.components.push(Component { part, start: start as u32, end: end as u32 });
        Some(end)
    }

    /// Reads one component at `at`.
    fn step(&mut self, at: usize) -> Option<usize> {
        let c = *self.chars.get(at)?;
        if at > 0 && matches!(c, 0x2D | 0x20 | 0x5F | 0x23) && self.last().is_some() {
            // A blank or hyphen counts only between two components.
            let next = self.chars.get(at + 1).copied()?;
            let joins = next == DIGIT
                || next == LETTER
                || (c == 0x20 && is_han(next) && self.last() < Some(Part::Road));
            return if joins { self.push(Part::Redundant, at, at + 1) } else { None };
        }
        if let Some(end) = self.number(at) {
            return Some(end);
        }
        if !is_han(c) {
            return None;
        }
        self.known_place(at)
            .or_else(|| self.named(at))
            .or_else(|| self.estate(at))
            .or_else(|| self.assist(at))
    }

    /// Everything that no rule reads, up to where one does.
    fn rest(&mut self, at: usize) -> usize {
        let chars = self.chars;
        let han = is_han(chars[at]);
        let mut end = at + 1;
        while chars.get(end).is_some_and(|c| is_han(*c) == han && *c != DIGIT) {
            end += 1;
        }
        let part = match (han, self.last()) {
            (false, _) => Part::Redundant,
            (true, Some(Part::Place)) => Part::SubPlace,
            (true, _) => Part::Place,
        };
        self.components.push(Component { part, start: at as u32, end: end as u32 });
        end
    }

    /// A number with or without its unit.
    fn number(&mut self, at: usize) -> Option<usize> {
        let chars = self.chars;
        let mut end = at;
        let mut digits = false;
        while let Some(c) = chars.get(end) {
            let han = is_han_numeral(*c);
            if !(*c == DIGIT || han || (*c == LETTER && end < at + 2)) {
                break;
            }
            digits |= *c == DIGIT;
            end += 1;
        }
        if end == at && chars.get(at) == Some(&0x7B2C) {
            // 第三村民小组
            end = at + 1;
            while chars.get(end).is_some_and(|c| is_han_numeral(*c) || *c == DIGIT) {
                end += 1;
            }
        }
        if end == at || end > at + 8 {
            return None;
        }
        let last = self.last();
        if let Some((unit, part)) = UNITS.iter().find(|(unit, _)| starts_with(&chars[end..], unit)) {
            let after = end + unit.chars().count();
            // 三门路, 八一路: numerals that begin a name are no number.
            if !digits && self.ending(at).is_some_and(|(name_end, _)| name_end > after) {
                return None;
            }
            let part = match (part, last) {
                (Part::RoadNumber, Some(Part::SubRoad)) => Part::SubRoadNumber,
                (
                    Part::RoadNumber,
                    Some(Part::RoadNumber | Part::Place | Part::SubPlace | Part::SubRoadNumber),
                ) => Part::House,
                (Part::RoadNumber, Some(Part::House)) => Part::Cell,
                (Part::RoadNumber, Some(Part::Cell | Part::Floor)) => Part::Room,
                (Part::SubRoad, Some(Part::SubRoad)) | (Part::SubRoad, None) => Part::Road,
                (other, _) => *other,
            };
            if last.is_none() && !matches!(part, Part::Road) {
                return None;
            }
            return self.push(part, at, after);
        }
        if !digits {
            // A letter before 座 has its unit; letters and numerals alone are no number.
            return None;
        }
        let next_is_han = chars.get(end).is_some_and(|c| is_han(*c));
        let part = match last {
            Some(Part::Road) if !next_is_han => Part::RoadNumber,
            Some(Part::SubRoad) if !next_is_han => Part::SubRoadNumber,
            Some(Part::House | Part::Cell | Part::Floor | Part::RoadNumber | Part::SubRoadNumber) => {
                if chars.get(end) == Some(&0x2D) && last == Some(Part::RoadNumber) {
                    Part::House
                } else {
                    Part::Room
                }
            }
            Some(Part::Place | Part::SubPlace | Part::Community) => Part::House,
            _ => return None,
        };
        // 23栋2单元13800138000: a telephone number is no room.
        if end - at > 5 {
            return None;
        }
        self.push(part, at, end)
    }

    /// A place of the gazetteer, as long as it stands below the last one.
    fn known_place(&mut self, at: usize) -> Option<usize> {
        if self.last().is_some_and(|part| part > Part::DevelopmentZone) {
            return None;
        }
        let mut walk = Walk::START.step(self.chars[at]);
        let mut found = None;
        for end in at + 2..=self.chars.len().min(at + WORD_CHARS_MAX) {
            walk = walk.step(self.chars[end - 1]);
            if !self.lexicon.may_begin(walk) {
                break;
            }
            if let Some(entry) = self.lexicon.word(walk)
                && (1..=4).contains(&entry.place)
            {
                found = Some((end, entry.place));
            }
        }
        let (end, level) = found?;
        // 南京路, 北京东路: a place that begins the name of a road. The longer reading wins.
        if let Some((name_end, part)) = self.ending(at)
            && name_end > end
            && (part > Part::Town || self.last().is_some())
            && name_end - at <= end - at + 2
        {
            return None;
        }
        let tail = self.chars[end - 1];
        let part = match level {
            1 => Part::Province,
            2 => Part::City,
            3 => Part::District,
            _ => Part::Town,
        };
        // Direct-administered municipalities are both: 北京市北京市朝阳区.
        let part = match (part, self.last()) {
            (Part::Province, Some(Part::Province)) if tail == '市' as u16 => Part::City,
            (Part::City, Some(Part::City)) => Part::District,
            (part, _) => part,
        };
        if self.last().is_some_and(|last| part < last) {
            return None;
        }
        self.push(part, at, end)
    }

    /// The end and part of the name that begins at `at`, told by its ending.
    fn ending(&self, at: usize) -> Option<(usize, Part)> {
        let chars = self.chars;
        let mut i = at + 1;
        while i < chars.len() && i <= at + NAME_CHARS_MAX {
            if i > at && (!is_han(chars[i - 1]) || is_stop(chars[i - 1])) {
                return None;
            }
            let found = ENDINGS.iter().find(|(ending, _)| starts_with(&chars[i..], ending));
            if let Some((ending, part)) = found {
                let mut end = i + ending.chars().count();
                // 南京东路: 路 after 东; 道路 and 街道路 are cut at the last ending of the row.
                if let Some((more, other)) = ENDINGS.iter().find(|(e, _)| starts_with(&chars[end..], e))
                    && !matches!(
                        part,
                        Part::Province | Part::City | Part::District | Part::Town | Part::Community
                    )
                {
                    end += more.chars().count();
                    return Some((end, *other));
                }
                return Some((end, *part));
            }
            i += 1;
        }
        None
    }

    /// A name told by its ending.
    fn named(&mut self, at: usize) -> Option<usize> {
        let (end, part) = self.ending(at)?;
        let part = match part {
            // Without the gazetteer only what is below a known place is believed.
            Part::Province | Part::City | Part::District if self.last().is_none() => return None,
            Part::District if self.last() >= Some(Part::District) => Part::Place,
            Part::City if self.last() >= Some(Part::City) => Part::Place,
            Part::Road if self.last() == Some(Part::Road) => Part::SubRoad,
            Part::Place if self.last() == Some(Part::Place) => Part::SubPlace,
            part => part,
        };
        if self.last().is_none() && !matches!(part, Part::Road | Part::Community | Part::Town) {
            return None;
        }
        self.push(part, at, end)
    }

    /// A name without an ending between a number and the number of a building: 108号幸福里4幢.
    fn estate(&mut self, at: usize) -> Option<usize> {
        let last = self.last()?;
        if last < Part::Town {
            return None;
        }
        let chars = self.chars;
        let mut end = at;
        while end < chars.len() && end < at + NAME_CHARS_MAX + 1 && is_han(chars[end]) && !is_stop(chars[end])
        {
            end += 1;
        }
        // 滨江一号6栋: the name ends before the number that has a unit of a building behind it.
        let digit = |i: usize| chars.get(i).is_some_and(|c| *c == DIGIT || *c == LETTER);
        if end == at || end > at + NAME_CHARS_MAX || !digit(end) {
            return None;
        }
        let mut unit = end;
        while digit(unit) {
            unit += 1;
        }
        let building = ["栋", "幢", "座", "号楼", "单元", "室", "-", "号"];
        if !building.iter().any(|word| starts_with(&chars[unit.min(chars.len())..], word)) {
            return None;
        }
        let part = if last == Part::Place { Part::SubPlace } else { Part::Place };
        self.push(part, at, end)
    }

    fn assist(&mut self, at: usize) -> Option<usize> {
        self.last()?;
        let word = ASSISTS.iter().find(|word| starts_with(&self.chars[at..], word))?;
        self.push(Part::Assist, at, at + word.chars().count())
    }
}
