//! Mobile numbers and landlines, however they are grouped.

use super::cue::{Cue, extra};
use super::digits::Compact;
use super::kernel::{Kernel, sure};
use zhunsheng_model::{Kind, Reason, State};

impl Kernel<'_> {
    /// Notes a mobile number of eleven digits; false when the digits are none.
    pub(super) fn phone(
        &mut self,
        digits: &[u8],
        cue: Cue,
        prefixed: bool,
        start: usize,
        end: usize,
    ) -> bool {
        let announced = prefixed || cue.set.has(Kind::Phone);
        let state = self.tables.phone(digits);
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        match state {
            State::Valid if cue.set.has_extra(extra::OTHER) || cue.set.has(Kind::Transaction) => {
                return false;
            }
            State::Valid | State::Invalid(Reason::TestValue) => {}
            // Ranges that nobody has: only where the text says that a telephone number is meant.
            _ if announced && !cue.set.has(Kind::Landline) || prefixed => {}
            _ if cue.set.has(Kind::Phone) && digits.first() == Some(&b'1') => {}
            _ => return false,
        }
        self.push(Kind::Phone, state, confidence, start, end);
        true
    }

    /// A mobile number whose form is right; whether its range is, is asked later.
    pub(super) fn is_phone_form(digits: &[u8]) -> bool {
        digits.len() == 11
            && digits.first() == Some(&b'1')
            && digits.get(1).is_some_and(|digit| *digit >= b'3')
    }

    /// Reads eleven digits written as 11, 3-4-4 or 3-8 from `start`; with the end.
    pub(super) fn phone_groups(&self, start: usize) -> Option<(Compact, usize)> {
        let mut digits = Compact::new();
        let mut end = self.digits_end(start);
        if !digits.push(self.slice(start, end)) {
            return None;
        }
        let separator = self.at(end);
        while digits.len < 11 && matches!(separator, b' ' | b'-') && self.at(end) == separator {
            let next = self.digits_end(end + 1);
            let group = self.slice(end + 1, next);
            if !matches!(group.len(), 4 | 8) || !digits.push(group) {
                return None;
            }
            end = next;
        }
        // The sequence must end here: one more group makes it something else.
        let more = self.at(end).is_ascii_alphanumeric()
            || separator == b'-' && self.at(end) == b'-' && self.at(end + 1).is_ascii_digit();
        (Self::is_phone_form(digits.as_slice()) && !more).then_some((digits, end))
    }

    pub(super) fn grouped_phone(&mut self, start: usize) -> Option<usize> {
        let (digits, end) = self.phone_groups(start)?;
        // `6217 0013 8123 4567 …`: the tail of a longer sequence.
        if self.before(start) == b' ' && start >= 2 && self.at(start - 2).is_ascii_digit() {
            let group = self
                .slice(0, start - 1)
                .iter()
                .rev()
                .take(5)
                .take_while(|byte| byte.is_ascii_digit())
                .count();
            if matches!(group, 3..=4) {
                return None;
            }
        }
        let cue = self.cue(start);
        self.phone(digits.as_slice(), cue, false, start, end).then_some(end)
    }

    /// A number behind the prefix of China: `+86 139…`, `86-139…`, `(+86)139…`, `+86-10-62345678`.
    pub(super) fn prefixed(&mut self, start: usize, end: usize) -> Option<usize> {
        let plus = self.before(start) == b'+';
        let mut first = if plus { start - 1 } else { start };
        let mut at = end;
        if self.before(first) == b'(' && self.at(at) == b')' {
            first -= 1;
            at += 1;
        }
        if matches!(self.at(at), b' ' | b'-') {
            at += 1;
        }
        if !self.at(at).is_ascii_digit() {
            return None;
        }
        if let Some((digits, end)) = self.phone_groups(at) {
            let cue = self.cue(first);
            return self.phone(digits.as_slice(), cue, true, first, end).then_some(end);
        }
        // An area code loses its 0 behind the prefix.
        let area = self.digits_end(at);
        let mut digits = Compact::new();
        let group = self.slice(at, area);
        if !group.starts_with(b"0") {
            digits.push(b"0");
        }
        if !(2..=4).contains(&group.len()) || !digits.push(group) {
            return None;
        }
        let end = self.subscriber(&mut digits, area)?;
        self.tables.landline(digits.as_slice())?;
        self.push(Kind::Landline, State::Valid, sure::CHECKED_CUED, first, end);
        Some(end)
    }

    /// Reads the number behind an area code that ends at `area`, with its extension; the end.
    pub(super) fn subscriber(&self, digits: &mut Compact, area: usize) -> Option<usize> {
        let mut at = area;
        if self.at(at) == b')' {
            at += 1;
        } else if self.follows(at, "）") {
            at += 3;
        }
        if matches!(self.at(at), b' ' | b'-') {
            at += 1;
        }
        let mut end = self.digits_end(at);
        let mut group = self.slice(at, end);
        if !digits.push(group) {
            return None;
        }
        // Two halves: `6234 5678`, `234-5678`.
        if matches!(group.len(), 3 | 4) && matches!(self.at(end), b' ' | b'-') {
            let next = self.digits_end(end + 1);
            group = self.slice(end + 1, next);
            if group.len() != 4 || !digits.push(group) {
                return None;
            }
            end = next;
        }
        let extension = ["转分机", "转", "-", "ext.", "ext", "#", "－"].iter().find_map(|mark| {
            let from = self.follows(end, mark).then_some(end + mark.len())?;
            let to = self.digits_end(from);
            ((1..=6).contains(&(to - from)) && !self.at(to).is_ascii_alphanumeric()).then_some(to)
        });
        let end = extension.unwrap_or(end);
        let more =
            self.at(end).is_ascii_alphanumeric() || self.at(end) == b'-' && self.at(end + 1).is_ascii_digit();
        (!more).then_some(end)
    }

    /// An area code with brackets, hyphen, blank or nothing behind it, and the number.
    pub(super) fn landline(&mut self, start: usize, end: usize) -> Option<usize> {
        let mut digits = Compact::new();
        let mut first = start;
        let stop;
        if end - start <= 4 {
            let bracket = self.at(end) == b')' || self.follows(end, "）");
            if bracket {
                first = match () {
                    () if self.before(start) == b'(' => start - 1,
                    () if self.precedes(start, "（") => start - 3,
                    () => return None,
                };
            } else if !matches!(self.at(end), b'-' | b' ') {
                return None;
            }
            digits.push(self.slice(start, end));
            stop = self.subscriber(&mut digits, end)?;
        } else {
            let code = self.tables.landline(self.slice(start, end))?;
            digits.push(self.slice(start, start + code));
            stop = self.subscriber(&mut digits, start + code)?;
        }
        self.tables.landline(digits.as_slice())?;
        let cue = self.cue(first);
        // Glued digits that begin with 0 may be any number: the hyphen or a cue says that they are not.
        let glued = end - start > 4;
        let announced = cue.set.has(Kind::Landline);
        if cue.set.has_extra(extra::OTHER) || glued && !announced && !cue.set.is_empty() {
            return None;
        }
        let confidence = match (announced, glued) {
            (true, _) => sure::CHECKED_CUED,
            (false, false) => sure::CHECKED,
            (false, true) => sure::WEAK,
        };
        self.push(Kind::Landline, State::Valid, confidence, first, stop);
        Some(stop)
    }

    /// Goes over the rest of a service number such as `400-810-6666`, which is no person's.
    pub(super) fn hotline(&self, end: usize) -> usize {
        let mut at = end;
        while self.at(at) == b'-' && self.at(at + 1).is_ascii_digit() {
            at = self.digits_end(at + 1);
        }
        at
    }

    pub(super) fn landline_glued(&mut self, start: usize, end: usize) -> Option<usize> {
        (end - start == 12 && self.at(start) == b'0').then(|| self.landline(start, end)).flatten()
    }

    /// The extension of a number without area code.
    pub(super) fn local_landline_end(&self, end: usize) -> usize {
        let to = self.digits_end(end + 1);
        if self.at(end) == b'-' && (1..=6).contains(&(to - end - 1)) { to } else { end }
    }
}
