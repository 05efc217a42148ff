//! What a token of digits alone may be.

use super::cue::{Cue, CueSet, extra};
use super::kernel::{Kernel, sure};
use crate::check::{IdParts, iccid, imei_holds, imsi_holds, luhn, mod_11_10_holds, number_of, uscc_holds};
use zhunsheng_model::{Kind, Reason, State};

/// Characters gathered without their separators.
pub(super) struct Compact {
    pub(super) bytes: [u8; 24],
    pub(super) len: usize,
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
        if after == b'*'
            && let Some(next) = self.masked(start, end)
        {
            return next;
        }
        if before == b'@'
            && let Some(next) = self.masked_mail(start)
        {
            return next;
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
            12..=14 => self.twelve_to_fourteen(start, end),
            15 => self.fifteen(start, end),
            16..=19 => self.card_length(start, end),
            20 => self.twenty(start, end),
            22 if self.two_phones(start, end) => end,
            21..=30 => self.cued(start, end),
            _ => end,
        }
    }

    /// Whether what stands before is the number of a list item: `1.13912340001`.
    pub(super) fn is_list_item(&self, start: usize) -> bool {
        let dot = start - 1;
        let digits = self.slice(0, dot).iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
        let edge = self.before(dot - digits);
        let first = self.at(dot - digits);
        (1..=2).contains(&digits)
            && first != b'0'
            && !edge.is_ascii_alphanumeric()
            && !matches!(edge, b'.' | b'-' | b',')
    }

    pub(super) fn short(&mut self, start: usize, end: usize) -> usize {
        let after = self.at(end);
        let token = self.slice(start, end);
        if matches!(after, b':' | b'-')
            && let Some(next) = self.hex_address(start, end)
        {
            return next;
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

    pub(super) fn four(&mut self, start: usize, end: usize) -> usize {
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
        if matches!(after, b' ' | b'-')
            && self.at(end + 1).is_ascii_digit()
            && let Some(next) = self.grouped_card(start, end)
        {
            return next;
        }
        if matches!(after, b':')
            && let Some(next) = self.hex_address(start, end)
        {
            return next;
        }
        self.cued(start, end)
    }

    pub(super) fn six(&mut self, start: usize, end: usize) -> usize {
        if matches!(self.at(end), b' ' | b'-')
            && self.at(end + 1).is_ascii_digit()
            && let Some(next) = self.grouped_id(start, end)
        {
            return next;
        }
        self.cued(start, end)
    }

    pub(super) fn eleven(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        if token.first() == Some(&b'0')
            && let Some(next) = self.landline(start, end)
        {
            return next;
        }
        let cue = self.cue(start);
        if cue.set.has(Kind::Waybill) && !cue.set.has(Kind::Phone) && token.first() != Some(&b'1') {
            return self.cued_by(cue, start, end);
        }
        if self.phone(token, cue, false, start, end) { end } else { self.cued_by(cue, start, end) }
    }

    /// Two mobile numbers written without anything between them.
    fn two_phones(&mut self, start: usize, end: usize) -> bool {
        let middle = start + 11;
        let both = [self.slice(start, middle), self.slice(middle, end)];
        if !both.iter().all(|digits| self.tables.phone(digits) == State::Valid) {
            return false;
        }
        self.push(Kind::Phone, State::Valid, sure::SHAPED, start, middle);
        self.push(Kind::Phone, State::Valid, sure::SHAPED, middle, end);
        true
    }

    /// `110101 19900307 299X`, `110101-1990-0307-2990`.
    pub(super) fn grouped_id(&mut self, start: usize, end: usize) -> Option<usize> {
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
    pub(super) fn grouped_card(&mut self, start: usize, end: usize) -> Option<usize> {
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
    pub(super) fn card(&mut self, digits: &[u8], cue: Cue, start: usize, end: usize) -> bool {
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

    pub(super) fn twelve_to_fourteen(&mut self, start: usize, end: usize) -> usize {
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
            let bare = token.len() == 13 && cue.set.is_empty() && self.tables.phone(local) == State::Valid;
            if (announced || bare) && self.phone(local, cue, announced, first, end) {
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

    pub(super) fn fifteen(&mut self, start: usize, end: usize) -> usize {
        let token = self.slice(start, end);
        let cue = self.cue(start);
        let has = |kind| cue.set.has(kind);
        if let Some(local) = token.strip_prefix(b"0086").filter(|local| Self::is_phone_form(local))
            && self.phone(local, cue, true, start, end)
        {
            return end;
        }
        let (kind, state) = match () {
            () if has(Kind::BusinessReg) => (Kind::BusinessReg, when(mod_11_10_holds(token))),
            () if has(Kind::Imei) => (Kind::Imei, when(imei_holds(token))),
            () if has(Kind::Imsi) && imsi_holds(token) => (Kind::Imsi, State::Valid),
            () if has(Kind::DoctorLicence) => (Kind::DoctorLicence, State::Valid),
            () => {
                let parts = self.tables.id15(token, self.reference);
                let plausible = parts.is_some_and(|parts| parts.state() == State::Valid);
                if let Some(parts) = parts.filter(|_| plausible || cue.set.meets(IDENTITY))
                    && !cue.set.has_extra(extra::OTHER)
                    && self.identity(token, parts, cue, start, end)
                {
                    return end;
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

    pub(super) fn card_length(&mut self, start: usize, end: usize) -> usize {
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
        // One number in ten passes for a card: an order's number is none unless the text says card.
        let order = cue.set.has_extra(extra::OTHER) && !cue.set.has(Kind::BankCard);
        if !announced && !order && self.card(token, cue, start, end) {
            return end;
        }
        if let Some(parts) = parts
            && self.identity(token, parts, cue, start, end)
        {
            return end;
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

    pub(super) fn twenty(&mut self, start: usize, end: usize) -> usize {
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
}

/// Cues that announce an identity number.
const IDENTITY: CueSet = CueSet::of(Kind::CnId)
    .union(CueSet::of(Kind::SocialSecurity))
    .union(CueSet::of(Kind::DriverLicence))
    .union(CueSet::of(Kind::HmtResidence))
    .union(CueSet::of(Kind::ForeignPr));

pub(super) fn when(holds: bool) -> State {
    if holds { State::Valid } else { State::Invalid(Reason::WrongCheck) }
}
