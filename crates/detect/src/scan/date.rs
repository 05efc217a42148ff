//! Dates that a cue makes a birth date or a hotel stay, and numbers of court cases.

use super::kernel::{Kernel, sure};
use crate::check::PROVINCES;
use crate::normal::{Dated, read_date};
use zhunsheng_model::{Kind, Reason, State};

impl Kernel<'_> {
    /// A token of four digits that may be the year of a date or of a case number; returns where to go on when
    /// it was one.
    pub(super) fn dated(&mut self, start: usize, year_end: usize) -> Option<usize> {
        if matches!(self.at(year_end), b')' | 0xef) {
            return self.numbered(start, year_end);
        }
        let end = self.date_end(start, year_end)?;
        let cue = self.cue(start);
        if cue.set.has(Kind::HotelTime) {
            let last = self.time_end(end);
            self.push(Kind::HotelTime, State::Valid, sure::SHAPED_CUED, start, last);
            return Some(last);
        }
        let announced = cue.set.has(Kind::BirthDate);
        let born = ["出生", "生于", "生人"].iter().any(|word| self.follows(end, word)) || self.is_born(end);
        if announced || born {
            let state = match read_date(self.text_of(start, end)) {
                Dated::Day(date) if date > self.reference => State::Invalid(Reason::FutureDate),
                Dated::Day(_) | Dated::Month => State::Valid,
                Dated::Impossible => State::Invalid(Reason::ImpossibleDate),
                Dated::NotADate => return Some(end),
            };
            self.push(Kind::BirthDate, state, sure::SHAPED_CUED, start, end);
            self.fields_before(if announced { cue.start } else { start });
            self.fields_after(end);
        }
        Some(end)
    }

    /// `生` alone behind a date, with the end of the phrase behind it.
    fn is_born(&self, end: usize) -> bool {
        self.follows(end, "生")
            && ["，", "。", "、", "；", "）", ",", ")", " ", "\n", "\r"]
                .iter()
                .any(|mark| self.follows(end + 3, mark))
    }

    /// One past a date that begins with four digits; nothing when it is none.
    fn date_end(&self, start: usize, year_end: usize) -> Option<usize> {
        let number = |from: usize| {
            let to = self.digits_end(from);
            (1..=2).contains(&(to - from)).then_some(to)
        };
        if self.follows(year_end, "年") {
            let month = number(year_end + 3)?;
            if !self.follows(month, "月") {
                return None;
            }
            let Some(day) = number(month + 3) else { return Some(month + 3) };
            let mark = ["日", "号"].iter().find(|mark| self.follows(day, mark));
            return Some(day + mark.map_or(0, |mark| mark.len()));
        }
        let separator = self.at(year_end);
        let month = number(year_end + 1)?;
        if !matches!(separator, b'-' | b'/' | b'.') || self.at(month) != separator {
            return None;
        }
        let day = number(month + 1)?;
        let goes_on = self.at(day) == separator && separator != b'.' && self.at(day + 1).is_ascii_digit();
        let began_earlier = self.before(start) == b'-' && self.before(start - 1).is_ascii_digit();
        if goes_on || began_earlier { None } else { Some(day) }
    }

    /// One past a time of day behind a date.
    fn time_end(&self, date_end: usize) -> usize {
        let from = match self.at(date_end) {
            b' ' | b'T' => date_end + 1,
            _ => date_end,
        };
        let rest = self.bytes.get(from..).unwrap_or_default();
        let len = rest.iter().take(8).take_while(|byte| byte.is_ascii_digit() || **byte == b':').count();
        let time = rest.get(..len).unwrap_or_default();
        let colons = time.iter().filter(|byte| **byte == b':').count();
        if colons >= 1 && time.last().is_some_and(u8::is_ascii_digit) { from + len } else { date_end }
    }

    /// `（2023）粤1621民初6531号`, `京（2019）朝不动产权第0012345号`.
    fn numbered(&mut self, start: usize, year_end: usize) -> Option<usize> {
        let open = match () {
            () if self.before(start) == b'(' => start - 1,
            () if self.precedes(start, "（") => start - 3,
            () => return None,
        };
        let close = match () {
            () if self.at(year_end) == b')' => year_end + 1,
            () if self.follows(year_end, "）") => year_end + 3,
            () => return None,
        };
        let rest = self.text.get(close..)?;
        let window = rest.get(..rest.floor_char_boundary(90)).unwrap_or_default();
        let stop = window.find('号')? + '号'.len_utf8();
        let body = window.get(..stop)?;
        if body.chars().any(|c| matches!(c, '，' | '。' | '；' | '\n' | ' ' | '、')) {
            return None;
        }
        let number = body.trim_end_matches('号').bytes().rev().take_while(u8::is_ascii_digit).count();
        if body.contains("不动产权第") && (4..=9).contains(&number) {
            let province = self.text.get(..open).and_then(|head| head.chars().next_back());
            let first = province.filter(|c| PROVINCES.contains(c)).map_or(open, |c| open - c.len_utf8());
            self.push(Kind::PropertyCert, State::Valid, sure::SHAPED, first, close + stop);
            return Some(close + stop);
        }
        let mut chars = body.chars();
        let court = chars.next().is_some_and(|c| PROVINCES.contains(&c) || matches!(c, '最' | '军' | '兵'));
        let code = chars.as_str().trim_start_matches(|c: char| c.is_ascii_digit());
        let words = code.chars().take_while(|c| !c.is_ascii()).count();
        if !court || !(1..=6).contains(&number) || !(1..=8).contains(&words) {
            return None;
        }
        // A judgment may have parts: 6531号之一.
        let mut end = close + stop;
        if self.follows(end, "之") {
            let part = self.text.get(end + 3..).and_then(|rest| rest.chars().next());
            if part.is_some_and(|c| "一二三四五六七八九十".contains(c)) {
                end += 6;
            }
        }
        self.push(Kind::CaseNo, State::Valid, sure::SHAPED, open, end);
        Some(end)
    }
}
