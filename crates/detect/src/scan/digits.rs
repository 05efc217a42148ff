//! What a token of digits alone may be.

use super::cue::{Cue, CueSet, extra};
use super::kernel::{Kernel, sure};
use crate::check::{
    IdParts, iccid, imei_holds, imsi_holds, is_medical, is_qq, is_social_security, is_student_number, luhn,
    mod_11_10_holds, number_of, org_code_holds, uscc_holds,
};
use zhunsheng_model::{Kind, Reason, State};

/// Characters gathered without their separators.
pub(super) struct Compact {
    bytes: [u8; 24],
    len: usize,
}

impl Compact {
    pub(super) fn new() -> Compact {
        Compact { bytes: [0; 24], len: 0 }
    }

    /// Appends; false when there is no room.
    pub(super) fn push(&mut self, part: &[u8]) -> bool {
        match self.bytes.get_mut(self.len..self.len + part.len()) {
            Some(room) => {
                room.copy_from_slice(part);
                self.len += part.len();
                true
            }
            None => false,
        }
    }

    pub(super) fn as_slice(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or_default()
    }

    /// The characters in upper case.
    pub(super) fn upper(part: &[u8]) -> Compact {
        let mut compact = Compact::new();
        compact.push(part);
        compact.bytes.make_ascii_uppercase();
        compact
    }
}

impl Kernel<'_> {
    /// Tries a token of digits; returns where to go on.
    pub(super) fn digits(&mut self, start: usize, end: usize) -> usize {
        let len = end - start;
        let (before, after) = (self.before(start), self.at(end));
        if before == b'.'
            && start >= 2
            && self.at(start - 2).is_ascii_digit()
            && !(len >= 11 && self.is_list_item(start))
        {
            return end; // the fraction of a decimal number
        }
        if after == b'.' && self.at(end + 1).is_ascii_digit() {
            // A spreadsheet that took a number for a decimal one wrote `.0` behind it.
            let artefact = len >= 11 && self.at(end + 1) == b'0' && !self.at(end + 2).is_ascii_alphanumeric();
            if !artefact {
                return self.dotted(start, end);
            }
        }
        if after == b'*' {
            if let Some(next) = self.masked(start, end) {
                return next;
            }
        }
        if before == b'@' {
            if let Some(next) = self.masked_mail(start) {
                return next;
            }
        }
        // The middle of something joined by hyphens; only the long ones may still be a value of their own.
        if before == b'-'
            && start >= 2
            && self.at(start - 2).is_ascii_alphanumeric()
            && !matches!(len, 11 | 15..=19)
        {
            return end;
        }
        match len {
            1..=3 => self.short(start, end),
            4 => self.four(start, end),
            6 => self.six(start, end),
            5 | 7..=10 => self.cued(start, end),
            11 => self.eleven(start, end),
            12 | 13 | 14 => self.twelve_to_fourteen(start, end),
            15 => self.fifteen(start, end),
            16..=19 => self.card_length(start, end),
            20 => self.twenty(start, end),
            21..=30 => self.cued(start, end),
            _ => end,
        }
    }

    /// Whether what stands before is the number of a list item: `1.13912340001`.
    fn is_list_item(&self, start: usize) -> bool {
        let dot = start - 1;
        let digits = self.slice(0, dot).iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        let edge = self.before(dot - digits);
        let first = self.at(dot - digits);
        (1..=2).contains(&digits)
            && first != b'0'
            && !edge.is_ascii_alphanumeric()
            && !matches!(edge, b'.' | b'-' | b',')
    }

    fn short(&mut self, start: usize, end: usize) -> usize {
        let after = self.at(end);
        let token = self.slice(start, end);
        if matches!(after, b':' | b'-') {
            if let Some(next) = self.hex_address(start, end) {
                return next;
            }
        }
        match token {
            b"86" if self.before(start) == b'+' || after == b'-' => {
                if let Some(next) = self.prefixed(start, end) {
                    return next;
                }
            }
            [b'1', ..] if token.len() == 3 && matches!(after, b' ' | b'-') => {
                if let Some(next) = self.grouped_phone(start) {
                    return next;
                }
            }
            [b'0', ..] if token.len() == 3 => {
                if let Some(next) = self.landline(start, end) {
                    return next;
                }
            }
            b"400" | b"800" if after == b'-' => return self.hotline(end),
            _ => {}
        }
        // Seconds and minutes of a time are not looked at further.
        let clock = self.before(start) == b':' && start >= 2 && self.at(start - 2).is_ascii_digit();
        if clock { end } else { self.cued(start, end) }
    }

    fn four(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        let after = self.at(end);
        match token {
            [b'1' | b'2', ..] if matches!(after, b'-' | b'/' | 0xe5 | b')' | 0xef) => {
                if let Some(next) = self.dated(start, end) {
                    return next;
                }
            }
            [b'0', b'0', b'8', b'6'] => {
                if let Some(next) = self.prefixed(start, end) {
                    return next;
                }
            }
            [b'0', ..] => {
                if let Some(next) = self.landline(start, end) {
                    return next;
                }
            }
            _ => {}
        }
        if matches!(after, b' ' | b'-') && self.at(end + 1).is_ascii_digit() {
            if let Some(next) = self.grouped_card(start, end) {
                return next;
            }
        }
        if matches!(after, b':') {
            if let Some(next) = self.hex_address(start, end) {
                return next;
            }
        }
        self.cued(start, end)
    }

    fn six(&mut self, start: usize, end: usize) -> usize {
        if matches!(self.at(end), b' ' | b'-') && self.at(end + 1).is_ascii_digit() {
            if let Some(next) = self.grouped_id(start, end) {
                return next;
            }
        }
        self.cued(start, end)
    }

    fn eleven(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        if token.first() == Some(&b'0') {
            if let Some(next) = self.landline(start, end) {
                return next;
            }
        }
        let cue = self.cue(start);
        if cue.set.has(Kind::Waybill) && !cue.set.has(Kind::Phone) && token.first() != Some(&b'1') {
            return self.cued_by(cue, start, end);
        }
        if self.phone(token, cue, false, start, end) { end } else { self.cued_by(cue, start, end) }
    }

    /// Notes a mobile number of eleven digits; false when the digits are none.
    fn phone(&mut self, digits: &[u8], cue: Cue, prefixed: bool, start: usize, end: usize) -> bool {
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
    fn is_phone_form(digits: &[u8]) -> bool {
        digits.len() == 11
            && digits.first() == Some(&b'1')
            && digits.get(1).is_some_and(|digit| *digit >= b'3')
    }

    /// Reads eleven digits written as 11, 3-4-4 or 3-8 from `start`; with the end.
    fn phone_groups(&self, start: usize) -> Option<(Compact, usize)> {
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

    fn grouped_phone(&mut self, start: usize) -> Option<usize> {
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
    fn prefixed(&mut self, start: usize, end: usize) -> Option<usize> {
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
    fn subscriber(&self, digits: &mut Compact, area: usize) -> Option<usize> {
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
    fn landline(&mut self, start: usize, end: usize) -> Option<usize> {
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
    fn hotline(&self, end: usize) -> usize {
        let mut at = end;
        while self.at(at) == b'-' && self.at(at + 1).is_ascii_digit() {
            at = self.digits_end(at + 1);
        }
        at
    }

    /// `110101 19900307 299X`, `110101-1990-0307-2990`.
    fn grouped_id(&mut self, start: usize, end: usize) -> Option<usize> {
        let separator = self.at(end);
        let mut id = Compact::new();
        id.push(self.slice(start, end));
        let mut at = end;
        while id.len < 18 && self.at(at) == separator {
            let next = self.token_end(at + 1);
            if !matches!(next - at - 1, 4 | 8) || !id.push(self.slice(at + 1, next)) {
                return None;
            }
            at = next;
        }
        if self.at(at).is_ascii_alphanumeric() {
            return None;
        }
        id.bytes.make_ascii_uppercase();
        let parts = self.tables.id18(id.as_slice(), self.reference)?;
        let cue = self.cue(start);
        self.identity(id.as_slice(), parts, cue, start, at).then_some(at)
    }

    /// Four digits and more groups of four: a card number as it is printed.
    fn grouped_card(&mut self, start: usize, end: usize) -> Option<usize> {
        if !matches!(self.slice(start, start + 1), b"3" | b"4" | b"5" | b"6" | b"9") {
            return None;
        }
        let separator = self.at(end);
        let mut card = Compact::new();
        card.push(self.slice(start, end));
        let mut at = end;
        // Where sixteen digits end, should the group behind them be another number.
        let mut sixteen = None;
        loop {
            if card.len == 16 {
                sixteen = Some(at);
            }
            if self.at(at) != separator || !self.at(at + 1).is_ascii_digit() {
                break;
            }
            let next = self.digits_end(at + 1);
            let group = next - at - 1;
            let amex = card.len == 4 && group == 6 || card.len == 10 && group == 5;
            if !(group == 4 || card.len == 16 && group < 4 || amex) || !card.push(self.slice(at + 1, next)) {
                break;
            }
            at = next;
        }
        if self.at(at).is_ascii_alphanumeric() || card.len < 14 {
            return None;
        }
        let cue = self.cue(start);
        if self.card(card.as_slice(), cue, start, at) {
            return Some(at);
        }
        let sixteen = sixteen.filter(|end| *end < at)?;
        self.card(card.as_slice().get(..16)?, cue, start, sixteen).then_some(sixteen)
    }

    /// Notes a card number; false when the digits are none.
    fn card(&mut self, digits: &[u8], cue: Cue, start: usize, end: usize) -> bool {
        let announced = cue.set.has(Kind::BankCard);
        if !announced && !luhn(digits) {
            return false;
        }
        if self.tables.is_test_digits(Kind::BankCard, digits) {
            self.push(Kind::BankCard, State::Invalid(Reason::TestValue), sure::CHECKED, start, end);
            return true;
        }
        let parts = self.tables.card(digits);
        let state = match (parts.luhn, parts.bin, parts.scheme) {
            (true, true, _) => State::Valid,
            (true, false, true) if announced => State::Valid,
            (false, true, _) if announced => State::Invalid(Reason::WrongCheck),
            // The cue may also announce an account, which has no check digit.
            (false, ..) if announced && !cue.set.has(Kind::BankAccount) && digits.len() >= 16 => {
                State::Invalid(Reason::WrongCheck)
            }
            _ => return false,
        };
        if cue.set.has_extra(extra::OTHER) && state != State::Valid {
            return false;
        }
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::BankCard, state, confidence, start, end);
        true
    }

    /// Notes an identity number of whatever state; false when nothing speaks for one.
    pub(super) fn identity(&mut self, id: &[u8], parts: IdParts, cue: Cue, start: usize, end: usize) -> bool {
        let announced = cue.set.meets(IDENTITY);
        let state = match parts.state() {
            _ if self.tables.is_test_digits(Kind::CnId, id) => State::Invalid(Reason::TestValue),
            State::Valid => State::Valid,
            other if announced || parts.plausible() && !cue.set.has_extra(extra::OTHER) => other,
            _ => return false,
        };
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        // A driving licence and a social security card carry the citizen's number: the number is the kind.
        self.push(parts.kind, state, confidence, start, end);
        if state == State::Valid {
            self.fields_before(if cue.set.is_empty() { start } else { cue.start });
        }
        true
    }

    fn twelve_to_fourteen(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        if let Some(next) = self.landline_glued(start, end) {
            return next;
        }
        let plus = self.before(start) == b'+';
        let prefix = match token.len() {
            13 => token.strip_prefix(b"86"),
            12 => token.strip_prefix(b"0"),
            _ => None,
        };
        let cue = self.cue(start);
        if let Some(local) = prefix.filter(|local| local.len() == 11 && Self::is_phone_form(local)) {
            let first = if plus { start - 1 } else { start };
            let announced = plus || cue.set.has(Kind::Phone);
            // Without any sign thirteen digits that begin with 86 are still rarely anything else.
            if (announced || token.len() == 13 && cue.set.is_empty())
                && (self.tables.phone(local) == State::Valid || announced)
                && self.phone(local, cue, announced, first, end)
            {
                return end;
            }
        }
        if cue.set.has(Kind::Phone) && token.first() == Some(&b'1') {
            let state = self.tables.phone(token);
            if token.len() == 12 || state == State::Invalid(Reason::NotPersonal) {
                self.push(Kind::Phone, state, sure::SHAPED_CUED, start, end);
                return end;
            }
        }
        self.cued_by(cue, start, end)
    }

    fn landline_glued(&mut self, start: usize, end: usize) -> Option<usize> {
        (end - start == 12 && self.at(start) == b'0').then(|| self.landline(start, end)).flatten()
    }

    fn fifteen(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        let cue = self.cue(start);
        let has = |kind| cue.set.has(kind);
        if let Some(local) = token.strip_prefix(b"0086").filter(|local| Self::is_phone_form(local)) {
            if self.phone(local, cue, true, start, end) {
                return end;
            }
        }
        let (kind, state) = match () {
            () if has(Kind::BusinessReg) => (Kind::BusinessReg, when(mod_11_10_holds(token))),
            () if has(Kind::Imei) => (Kind::Imei, when(imei_holds(token))),
            () if has(Kind::Imsi) && imsi_holds(token) => (Kind::Imsi, State::Valid),
            () if has(Kind::DoctorLicence) => (Kind::DoctorLicence, State::Valid),
            () => {
                let parts = self.tables.id15(token, self.reference);
                let plausible = parts.is_some_and(|parts| parts.state() == State::Valid);
                if let Some(parts) = parts.filter(|_| plausible || cue.set.meets(IDENTITY)) {
                    if !cue.set.has_extra(extra::OTHER) && self.identity(token, parts, cue, start, end) {
                        return end;
                    }
                }
                if self.card(token, cue, start, end) || self.cued_hit(cue, start, end) {
                    return end;
                }
                let usual = matches!(token.get(..2), Some(b"86" | b"35" | b"99" | b"01"));
                match () {
                    () if !cue.set.is_empty() => return end,
                    () if usual && imei_holds(token) => (Kind::Imei, State::Valid),
                    () if imsi_holds(token) => (Kind::Imsi, State::Valid),
                    () => return end,
                }
            }
        };
        let confidence = match (cue.set.is_empty(), kind) {
            (false, _) => sure::CHECKED_CUED,
            (true, Kind::Imei) => sure::CHECKED,
            (true, _) => sure::SHAPED,
        };
        self.push(kind, state, confidence, start, end);
        end
    }

    fn card_length(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        let cue = self.cue(start);
        let mut parts = None;
        if token.len() == 18 {
            parts = self.tables.id18(token, self.reference);
            if let Some(valid) = parts.filter(|parts| parts.state() == State::Valid) {
                self.identity(token, valid, cue, start, end);
                return end;
            }
            let place = self.tables.division_ever(number_of(token.get(2..8).unwrap_or_default()) as u32);
            if uscc_holds(token) && (cue.set.has(Kind::Uscc) || place) {
                let sure = if cue.set.has(Kind::Uscc) { sure::CHECKED_CUED } else { sure::CHECKED };
                self.push(Kind::Uscc, State::Valid, sure, start, end);
                return end;
            }
        }
        if token.len() == 19 && self.sim_card(token, cue, start, end) {
            return end;
        }
        let announced = cue.set.meets(IDENTITY);
        if !announced && self.card(token, cue, start, end) {
            return end;
        }
        if let Some(parts) = parts {
            if self.identity(token, parts, cue, start, end) {
                return end;
            }
        }
        if announced
            && matches!(token.len(), 17 | 19)
            && cue.set.has(Kind::CnId)
            && !cue.set.has(Kind::Passport)
        {
            self.push(Kind::CnId, State::Invalid(Reason::WrongLength), sure::SHAPED_CUED, start, end);
            return end;
        }
        if announced && self.card(token, cue, start, end) {
            return end;
        }
        self.cued_by(cue, start, end)
    }

    fn twenty(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        let cue = self.cue(start);
        if self.sim_card(token, cue, start, end) || self.disability(token, cue, start, end) {
            return end;
        }
        self.cued_by(cue, start, end)
    }

    /// A disabled person's certificate: the identity number, the kind and the grade of the disability.
    pub(super) fn disability(&mut self, token: &[u8], cue: Cue, start: usize, end: usize) -> bool {
        let (Some(id), Some([b'1'..=b'7', b'1'..=b'4'])) = (token.get(..18), token.get(18..)) else {
            return false;
        };
        let announced = cue.set.has(Kind::DisabilityCert);
        let Some(parts) = self.tables.id18(id, self.reference) else { return false };
        if parts.state() != State::Valid && !announced {
            return false;
        }
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::DisabilityCert, parts.state(), confidence, start, end);
        true
    }

    /// A SIM card's number.
    pub(super) fn sim_card(&mut self, token: &[u8], cue: Cue, start: usize, end: usize) -> bool {
        let Some(holds) = iccid(token) else { return false };
        let announced = cue.set.has(Kind::Iccid);
        let digits = token.iter().all(u8::is_ascii_digit);
        let state = match () {
            () if holds => State::Valid,
            () if !announced => return false,
            // Nineteen characters are often printed without the check digit.
            () if token.len() == 19 || !digits => State::Valid,
            () => State::Invalid(Reason::WrongCheck),
        };
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::Iccid, state, confidence, start, end);
        true
    }

    /// Kinds that are nothing but digits: only what stands before says which they are.
    fn cued(&mut self, start: usize, end: usize) -> usize {
        let cue = self.cue(start);
        self.cued_by(cue, start, end)
    }

    fn cued_by(&mut self, cue: Cue, start: usize, end: usize) -> usize {
        if cue.set.is_empty() || !self.cued_hit(cue, start, end) {
            self.uncued(start, end);
        }
        end
    }

    /// What may still be found without a cue.
    fn uncued(&mut self, start: usize, end: usize) {
        // 军字第1234567号
        if matches!(end - start, 4..=8) && self.precedes(start, "字第") {
            const ARMS: [&str; 17] = [
                "军", "武", "士", "文", "参", "政", "后", "装", "空", "海", "北", "沈", "兰", "济", "南",
                "广", "成",
            ];
            if ARMS.iter().any(|arm| self.precedes(start - 6, arm)) {
                self.push(Kind::MilitaryId, State::Valid, sure::SHAPED, start, end);
            }
        }
    }

    /// Notes the kind that a cue announces, where the token has its form.
    fn cued_hit(&mut self, cue: Cue, start: usize, end: usize) -> bool {
        let token = self.slice(start, end);
        let len = token.len();
        let set = cue.set;
        let has = |kind| set.has(kind);
        let mut first = start;
        let mut last = end;
        let (kind, state) = match () {
            () if has(Kind::SmsCode) && (4..=8).contains(&len) => (Kind::SmsCode, State::Valid),
            () if set.has_extra(extra::SMS_WEAK) && self.is_sms_code(cue, start, len) => {
                (Kind::SmsCode, State::Valid)
            }
            () if has(Kind::Qq) && is_qq(token) => (Kind::Qq, State::Valid),
            () if has(Kind::Wechat) && is_qq(token) && len >= 6 => (Kind::Wechat, State::Valid),
            () if has(Kind::CardSecurity) && matches!(len, 3 | 4 | 6) => (Kind::CardSecurity, State::Valid),
            () if set.has_extra(extra::CARD_EXPIRY) && self.is_card_expiry(start, &mut last) => {
                (Kind::CardSecurity, State::Valid)
            }
            () if has(Kind::Age) && len <= 3 && number_of(token) <= 130 => (Kind::Age, State::Valid),
            () if has(Kind::HotelRoom) && (3..=5).contains(&len) => (Kind::HotelRoom, State::Valid),
            () if has(Kind::PoliceId) && matches!(len, 6 | 7) => (Kind::PoliceId, State::Valid),
            () if has(Kind::DriverLicence) && len == 12 => (Kind::DriverLicence, State::Valid),
            () if has(Kind::Passport) && len == 9 && crate::check::is_passport(token) => {
                (Kind::Passport, State::Valid)
            }
            () if has(Kind::MacauId) && self.macau_id(token, &mut last) => (Kind::MacauId, State::Valid),
            () if has(Kind::TaiwanCompatriot) && matches!(len, 8 | 10) => {
                if len == 10 && self.at(end) == b'(' && self.at(end + 2) == b')' {
                    last = end + 3;
                }
                (Kind::TaiwanCompatriot, State::Valid)
            }
            () if has(Kind::SocialSecurity) && is_social_security(token) => {
                (Kind::SocialSecurity, State::Valid)
            }
            () if has(Kind::MedicalInsurance) && is_medical(token) => (Kind::MedicalInsurance, State::Valid),
            () if has(Kind::StudentId) && is_student_number(token) => (Kind::StudentId, State::Valid),
            () if has(Kind::MilitaryId) && matches!(len, 6..=8) => (Kind::MilitaryId, State::Valid),
            () if has(Kind::BirthDate) && len == 8 => {
                match crate::normal::read_date(self.text_of(start, end)) {
                    crate::normal::Dated::Day(date) if date <= self.reference => {
                        (Kind::BirthDate, State::Valid)
                    }
                    crate::normal::Dated::Day(_) => (Kind::BirthDate, State::Invalid(Reason::FutureDate)),
                    _ => (Kind::BirthDate, State::Invalid(Reason::ImpossibleDate)),
                }
            }
            () if has(Kind::Waybill) && (10..=20).contains(&len) && self.tables.waybill(token, false) => {
                (Kind::Waybill, State::Valid)
            }
            () if has(Kind::OrgCode) && len == 8 && self.org_code_tail(start, end, &mut last) => {
                (Kind::OrgCode, State::Valid)
            }
            () if has(Kind::OrgCode) && len == 9 => (Kind::OrgCode, when(org_code_holds(token))),
            () if has(Kind::BusinessReg) && len == 13 => (Kind::BusinessReg, State::Valid),
            () if has(Kind::Password) => return self.password(cue, start, end),
            () if has(Kind::BankAccount) && len >= 9 => (Kind::BankAccount, State::Valid),
            () if has(Kind::Account) && (5..=20).contains(&len) => (Kind::Account, State::Valid),
            () if has(Kind::Transaction) => return self.transaction(cue, start, end),
            () if has(Kind::Meid) && len == 14 => (Kind::Meid, State::Valid),
            () if has(Kind::Landline)
                && matches!(len, 7 | 8)
                && matches!(token.first(), Some(b'2'..=b'8')) =>
            {
                last = self.local_landline_end(end);
                (Kind::Landline, State::Valid)
            }
            () if has(Kind::Phone) && len == 10 && token.first() == Some(&b'1') => {
                (Kind::Phone, State::Invalid(Reason::WrongLength))
            }
            () => return false,
        };
        if self.before(first) == b'+' {
            first = start;
        }
        // A decimal sum or a longer sequence is none of these.
        if self.at(end) == b'.' && self.at(end + 1).is_ascii_digit() {
            return false;
        }
        self.push(kind, state, sure::SHAPED_CUED, first, last);
        true
    }

    /// `code=…` announces a code sent by message when six digits follow, or four where the text before
    /// speaks of a message; numbers of errors and states mostly have other lengths.
    fn is_sms_code(&self, cue: Cue, start: usize, len: usize) -> bool {
        if len == 6 && cue.marked && self.at(start) != b'1' {
            return true;
        }
        let window = self.slice(cue.start.saturating_sub(80), cue.start);
        let line = window.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        let speaks = ["sms", "SMS", "短信", "verif", "验证", "login"]
            .iter()
            .any(|word| line.windows(word.len()).any(|part| part == word.as_bytes()));
        speaks && matches!(len, 4..=8)
    }

    /// `12/26`, `1226`, `12/2026`.
    fn is_card_expiry(&self, start: usize, last: &mut usize) -> bool {
        let end = self.digits_end(start);
        let month = number_of(self.slice(start, start + 2));
        if end - start == 4 && self.at(end) != b'-' && self.at(end) < 0x80 {
            *last = end;
            return (1..=12).contains(&month);
        }
        let year_end = self.digits_end(end + 1);
        *last = year_end;
        end - start == 2
            && (1..=12).contains(&month)
            && matches!(self.at(end), b'/' | b'-')
            && matches!(year_end - end - 1, 2 | 4)
    }

    /// `1234567(8)` or eight digits.
    fn macau_id(&self, token: &[u8], last: &mut usize) -> bool {
        let form = matches!(token.first(), Some(b'1' | b'5' | b'7'));
        if token.len() == 7
            && self.at(*last) == b'('
            && self.at(*last + 1).is_ascii_digit()
            && self.at(*last + 2) == b')'
        {
            *last += 3;
            return form;
        }
        token.len() == 8 && form
    }

    /// The hyphen and check character of an organisation code: `12345678-9`.
    fn org_code_tail(&self, start: usize, end: usize, last: &mut usize) -> bool {
        let mut code = Compact::new();
        if self.at(end) != b'-' || self.at(end + 2).is_ascii_alphanumeric() {
            return false;
        }
        code.push(self.slice(start, end));
        code.push(self.slice(end + 1, end + 2));
        *last = end + 2;
        org_code_holds(code.as_slice())
    }

    /// The extension of a number without area code.
    fn local_landline_end(&self, end: usize) -> usize {
        let to = self.digits_end(end + 1);
        if self.at(end) == b'-' && (1..=6).contains(&(to - end - 1)) { to } else { end }
    }

    /// A transaction's number, or its sum with two decimals.
    fn transaction(&mut self, cue: Cue, start: usize, end: usize) -> bool {
        let word = self.text_of(cue.start, cue.end);
        let sum = word.contains("金额") || word.contains("mount");
        if !sum && end - start < 8 {
            return false;
        }
        self.push(Kind::Transaction, State::Valid, sure::SHAPED_CUED, start, end);
        true
    }
}

/// Cues that announce an identity number.
const IDENTITY: CueSet = CueSet::of(Kind::CnId)
    .union(CueSet::of(Kind::SocialSecurity))
    .union(CueSet::of(Kind::DriverLicence))
    .union(CueSet::of(Kind::HmtResidence))
    .union(CueSet::of(Kind::ForeignPr));

fn when(holds: bool) -> State {
    if holds { State::Valid } else { State::Invalid(Reason::WrongCheck) }
}
