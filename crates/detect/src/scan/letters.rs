//! What a token with letters may be.

use super::cue::{Cue, CueSet};
use super::digits::Compact;
use super::kernel::{Kernel, class, sure};
use crate::check::{
    PROVINCES, SUFFIXES, hkid, is_birth_cert, is_code_word, is_foreign_passport, is_foreign_pr_old,
    is_hkm_permit, is_home_return, is_medical, is_passport, is_plate_tail, is_social_security,
    is_student_number, is_tw_permit, is_wechat, number_of, org_code_holds, s10_holds, tw_id, uscc_holds,
    vin_holds,
};
use zhunsheng_model::{Kind, Reason, State};

impl Kernel<'_> {
    /// Tries a token of letters alone; returns where to go on.
    pub(super) fn letters(&mut self, start: usize, end: usize, union: u8) -> usize {
        let before = self.before(start);
        let after = self.at(end);
        let len = end - start;
        if before >= 0x80
            && len == 1
            && union & class::LOWER == 0
            && let Some(next) = self.plate(start, end)
        {
            return next;
        }
        if union & class::LETTER == 0
            && len <= 4
            && matches!(after, b':' | b'-')
            && let Some(next) = self.hex_address(start, end)
        {
            return next;
        }
        if len == 2
            && after >= 0x80
            && self.slice(start, end) == b"WJ"
            && let Some(next) = self.police_plate(start, end)
        {
            return next;
        }
        if before == b'@'
            && let Some(next) = self.masked_mail(start)
        {
            return next;
        }
        if after == b'_' && self.slice(start, end) == b"wxid" {
            let cue = self.cue(start);
            return self.handle(cue, start, end);
        }
        // A name or a secret in letters alone needs a cue; words of running text end here.
        let announced = match before {
            0x80.. | b':' | b'=' | b'"' | b'\'' | b'>' => true,
            // `vx lilei-88`: names of accounts also follow their cue after a blank.
            b' ' => matches!(self.before(start - 1), 0x80..|b':'| b'=' | b'v' | b'V' | b'x' | b'X'),
            _ => false,
        };
        if !announced {
            return end;
        }
        let cue = self.cue(start);
        if cue.set.meets(NAMED) { self.handle(cue, start, end) } else { end }
    }

    /// Tries a token of letters and digits; returns where to go on.
    pub(super) fn mixed(&mut self, start: usize, end: usize, union: u8) -> usize {
        let before = self.before(start);
        // `\n139…` and `%3D139…`: the letters belong to what stands before.
        let escaped = match before {
            b'\\' if matches!(self.at(start), b'n' | b't' | b'r') => 1,
            b'\\' if self.at(start) == b'u' && end - start > 5 => 5,
            b'%' if self.slice(start, start + 2).iter().all(u8::is_ascii_hexdigit) => 2,
            _ => 0,
        };
        if escaped > 0 && start + escaped < end {
            let from = start + escaped;
            let rest = self.slice(from, end);
            return if rest.iter().all(u8::is_ascii_digit) {
                self.digits(from, end)
            } else if rest.iter().any(u8::is_ascii_digit) {
                self.mixed(from, end, union)
            } else {
                end
            };
        }
        if before == b'@'
            && let Some(next) = self.masked_mail(start)
        {
            return next;
        }
        let len = end - start;
        let after = self.at(end);
        if before >= 0x80
            && (5..=9).contains(&len)
            && let Some(next) = self.plate(start, end)
        {
            return next;
        }
        if union & class::LETTER == 0
            && len <= 4
            && matches!(after, b':' | b'-')
            && let Some(next) = self.hex_address(start, end)
        {
            return next;
        }
        if (before == b'-' || before == b'_') && start >= 2 && self.at(start - 2).is_ascii_alphanumeric() {
            return end; // the middle of a longer name
        }
        if len > 26 {
            let cue = self.cue(start);
            return if cue.set.has(Kind::Password) { self.handle(cue, start, end) } else { end };
        }
        let upper = Compact::upper(self.slice(start, end));
        let token = upper.as_slice();
        // Most tokens need no cue to be told: look only where the length belongs to a kind.
        let found = match len {
            18..=20 => self.long_document(token, start, end),
            17 => self.vehicle(token, union, start, end),
            13..=16 => self.parcel(token, start, end),
            11 if self.covered(start, end) => true,
            _ => false,
        };
        if found {
            return end;
        }
        if matches!(len, 7..=8) && self.hong_kong(token, start, end) {
            return end;
        }
        if let Some(next) = self.labelled(start, end) {
            return next;
        }
        let cue = self.cue(start);
        if cue.set.is_empty() {
            return end;
        }
        if self.document(token, cue, start, end) {
            return end;
        }
        if cue.set.meets(NAMED) { self.handle(cue, start, end) } else { end }
    }

    /// `138xxxx5678`: eleven characters with the middle covered by letters.
    fn covered(&mut self, start: usize, end: usize) -> bool {
        let token = self.slice(start, end);
        let digits = token.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let masked = digits == 3
            && token.first() == Some(&b'1')
            && token.get(3..7).is_some_and(|middle| middle.iter().all(|byte| matches!(byte, b'x' | b'X')))
            && token.get(7..).is_some_and(|tail| tail.iter().all(u8::is_ascii_digit));
        if masked {
            self.push(Kind::Phone, State::Masked, sure::SHAPED, start, end);
        }
        masked
    }

    /// Eighteen to twenty characters: identity numbers with X, credit codes, pupils' and disabled persons' numbers.
    fn long_document(&mut self, token: &[u8], start: usize, end: usize) -> bool {
        let cue = self.cue(start);
        match token.len() {
            18 => {
                if let Some(parts) = self.tables.id18(token, self.reference)
                    && self.identity(token, parts, cue, start, end)
                {
                    return true;
                }
                self.credit_code(token, cue, start, end)
            }
            19 if matches!(token.first(), Some(b'G' | b'L' | b'J')) => {
                let Some(id) = token.get(1..) else { return false };
                let Some(parts) = self.tables.id18(id, self.reference) else { return false };
                let announced = cue.set.has(Kind::StudentId);
                if parts.state() != State::Valid && !announced {
                    return false;
                }
                let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
                self.push(Kind::StudentId, parts.state(), confidence, start, end);
                true
            }
            20 if self.disability(token, cue, start, end) => true,
            _ => self.sim_card(token, cue, start, end),
        }
    }

    fn credit_code(&mut self, token: &[u8], cue: Cue, start: usize, end: usize) -> bool {
        let announced = cue.set.has(Kind::Uscc);
        let form = matches!(token, [b'1'..=b'9' | b'A'..=b'G' | b'N' | b'Y', b'1'..=b'9', ..])
            && token.get(2..8).is_some_and(|place| place.iter().all(u8::is_ascii_digit));
        if !form {
            return false;
        }
        let place = number_of(token.get(2..8).unwrap_or_default()) as u32;
        // 100000 is the national register.
        let known = place == 100_000
            || self.tables.division_ever(place)
            || self.tables.division_ever(place / 100 * 100);
        let state = match uscc_holds(token) {
            true if announced || known => State::Valid,
            false if announced => State::Invalid(Reason::WrongCheck),
            _ => return false,
        };
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::Uscc, state, confidence, start, end);
        true
    }

    fn vehicle(&mut self, token: &[u8], union: u8, start: usize, end: usize) -> bool {
        let cue = self.cue(start);
        let announced = cue.set.has(Kind::Vin);
        let holds = vin_holds(token);
        // The last four places are digits; without a cue upper case is asked for too.
        let form = token.iter().all(|byte| !matches!(byte, b'I' | b'O' | b'Q'))
            && token.get(13..).is_some_and(|tail| tail.iter().all(u8::is_ascii_digit));
        let state = match () {
            () if holds && (announced || form && union & class::LOWER == 0) => State::Valid,
            () if announced && form => State::Invalid(Reason::WrongCheck),
            () => return false,
        };
        let confidence = if announced { sure::CHECKED_CUED } else { sure::SHAPED };
        self.push(Kind::Vin, state, confidence, start, end);
        true
    }

    /// Courier numbers that begin with letters of their own, and the old permanent residence card.
    fn parcel(&mut self, token: &[u8], start: usize, end: usize) -> bool {
        let letters = token.iter().take_while(|byte| byte.is_ascii_uppercase()).count();
        if letters == 0 {
            return false;
        }
        if letters >= 2 && self.tables.waybill(token, true) {
            let cue = self.cue(start);
            let confidence = if cue.set.has(Kind::Waybill) { sure::SHAPED_CUED } else { sure::SHAPED };
            self.push(Kind::Waybill, State::Valid, confidence, start, end);
            return true;
        }
        if letters == 3 && token.len() == 15 && is_foreign_pr_old(token) {
            let cue = self.cue(start);
            if cue.set.has(Kind::ForeignPr) {
                self.push(Kind::ForeignPr, State::Valid, sure::SHAPED_CUED, start, end);
                return true;
            }
        }
        false
    }

    /// `A123456(3)`, and without brackets where a cue asks for it.
    fn hong_kong(&mut self, token: &[u8], start: usize, end: usize) -> bool {
        let (open, close) = match () {
            () if self.at(end) == b'(' => (end + 1, ")"),
            () if self.follows(end, "（") => (end + 3, "）"),
            () => return false,
        };
        let check = self.at(open).to_ascii_uppercase();
        if !self.follows(open + 1, close) {
            return false;
        }
        let mut id = Compact::new();
        id.push(token);
        id.push(&[check]);
        let Some(holds) = hkid(id.as_slice()) else { return false };
        let cue = self.cue(start);
        let announced = cue.set.has(Kind::Hkid);
        if !holds && !announced {
            return false;
        }
        let state = if holds { State::Valid } else { State::Invalid(Reason::WrongCheck) };
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::Hkid, state, confidence, start, open + 1 + close.len());
        true
    }

    /// A cue in letters glued to digits: `TEL13912340001`, `QQ12345678`, `SN…`.
    fn labelled(&mut self, start: usize, end: usize) -> Option<usize> {
        let letters = self.slice(start, end).iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let from = start + letters;
        if !(2..=8).contains(&letters) || !self.slice(from, end).iter().all(u8::is_ascii_digit) {
            return None;
        }
        let cue = self.tables.cues.before(self.bytes, from);
        let known = cue.start == start && cue.set.meets(GLUED);
        known.then(|| self.digits(from, end))
    }

    /// Documents of letters and digits that a cue announces.
    fn document(&mut self, token: &[u8], cue: Cue, start: usize, end: usize) -> bool {
        let has = |kind| cue.set.has(kind);
        let checked = |kind, holds: Option<bool>| {
            holds.map(|holds| (kind, if holds { State::Valid } else { State::Invalid(Reason::WrongCheck) }))
        };
        let when = |kind, form: bool| form.then_some((kind, State::Valid));
        let mut last = end;
        let found = None
            .or_else(|| when(Kind::Passport, has(Kind::Passport) && is_passport(token)))
            .or_else(|| when(Kind::HkmPermit, has(Kind::HkmPermit) && is_hkm_permit(token)))
            .or_else(|| when(Kind::HomeReturn, has(Kind::HomeReturn) && is_home_return(token)))
            .or_else(|| when(Kind::TwPermit, has(Kind::TwPermit) && is_tw_permit(token)))
            .or_else(|| has(Kind::TwId).then(|| checked(Kind::TwId, tw_id(token))).flatten())
            .or_else(|| has(Kind::Hkid).then(|| checked(Kind::Hkid, hkid(token))).flatten())
            .or_else(|| {
                let only = has(Kind::Passport) && !has(Kind::CnId);
                when(Kind::Passport, only && is_foreign_passport(token))
            })
            .or_else(|| when(Kind::BirthCert, has(Kind::BirthCert) && is_birth_cert(token)))
            .or_else(|| when(Kind::SocialSecurity, has(Kind::SocialSecurity) && is_social_security(token)))
            .or_else(|| when(Kind::MedicalInsurance, has(Kind::MedicalInsurance) && is_medical(token)))
            .or_else(|| when(Kind::StudentId, has(Kind::StudentId) && is_student_number(token)))
            .or_else(|| {
                let hex = token.len() == 14 && token.iter().all(u8::is_ascii_hexdigit);
                when(Kind::Meid, has(Kind::Meid) && hex)
            })
            .or_else(|| {
                let mail = token.len() == 13 && token.ends_with(b"CN");
                let form = if mail { s10_holds(token.get(2..11).unwrap_or_default()) } else { self.tables.waybill(token, false) };
                when(Kind::Waybill, has(Kind::Waybill) && form)
            })
            .or_else(|| {
                let spaced = self.at(end) == b'-' && token.len() == 8;
                let mut code = Compact::new();
                code.push(token);
                if spaced {
                    code.push(&[self.at(end + 1).to_ascii_uppercase()]);
                    last = end + 2;
                }
                let form = has(Kind::OrgCode) && code.as_slice().len() == 9;
                form.then(|| checked(Kind::OrgCode, Some(org_code_holds(code.as_slice())))).flatten()
            })
            .or_else(|| when(Kind::HotelRoom, has(Kind::HotelRoom) && (3..=5).contains(&token.len())))
            .or_else(|| {
                let form = matches!(token, [a, b, rest @ ..] if a.is_ascii_uppercase() && b.is_ascii_uppercase()
                    && rest.len() == 5 && rest.iter().all(u8::is_ascii_digit));
                when(Kind::Plate, has(Kind::Plate) && form)
            })
            .or_else(|| {
                let mixed = (4..=8).contains(&token.len()) && has(Kind::SmsCode);
                when(Kind::SmsCode, mixed)
            });
        let Some((kind, state)) = found else { return false };
        if kind != Kind::OrgCode {
            last = end;
        }
        self.push(kind, state, sure::SHAPED_CUED, start, last);
        true
    }

    /// A name of an account or a secret, which may hold more than letters and digits.
    fn handle(&mut self, cue: Cue, start: usize, end: usize) -> usize {
        if cue.set.has(Kind::Password) {
            return if self.password(cue, start, end) { self.secret_end(start) } else { end };
        }
        let rest = self.bytes.get(start..).unwrap_or_default();
        let len = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
            .count();
        // A hyphen at the end belongs to the text.
        let name = rest.get(..len).unwrap_or_default();
        let trimmed = name.iter().rposition(|byte| byte.is_ascii_alphanumeric()).map_or(0, |last| last + 1);
        let name = name.get(..trimmed).unwrap_or_default();
        let stop = start + trimmed;
        let system = name.starts_with(b"wxid_") && name.len() >= 15;
        if system || cue.set.has(Kind::Wechat) && is_wechat(name) {
            let letters = name.iter().all(u8::is_ascii_alphabetic);
            // `微信 Android`, `wechat login`: a word alone needs a colon or the like before it.
            if system || !letters || cue.marked || !cue.ascii {
                let confidence = if cue.set.is_empty() { sure::SHAPED } else { sure::SHAPED_CUED };
                self.push(Kind::Wechat, State::Valid, confidence, start, stop);
                return stop;
            }
        }
        if cue.set.has(Kind::Account) && (3..=32).contains(&name.len()) && self.at(stop) != b'(' {
            let text = std::str::from_utf8(name).unwrap_or_default();
            let dotted = self.at(stop) == b'.' && self.at(stop + 1).is_ascii_alphanumeric();
            if (cue.marked || !cue.ascii) && !is_code_word(text) && !dotted {
                self.push(Kind::Account, State::Valid, sure::SHAPED_CUED, start, stop);
                return stop;
            }
        }
        end
    }

    /// Where a secret ends that begins at `start`.
    fn secret_end(&self, start: usize) -> usize {
        let rest = self.bytes.get(start..).unwrap_or_default();
        let ends = |byte: &u8| {
            !byte.is_ascii_graphic()
                || matches!(
                    byte,
                    b'"' | b'\'' | b',' | b';' | b'<' | b'>' | b'&' | b'|' | b')' | b'}' | b']' | b'`'
                )
        };
        start + rest.iter().take(65).take_while(|byte| !ends(byte)).count()
    }

    /// Notes a secret behind its cue.
    pub(super) fn password(&mut self, cue: Cue, token: usize, _token_end: usize) -> bool {
        // The secret may begin with a character that is no letter: between the separators and the token.
        let mut start = token;
        while start > cue.end
            && matches!(
                self.before(start),
                b'!' | b'#' | b'$' | b'%' | b'^' | b'*' | b'@' | b'.' | b'_' | b'?'
            )
        {
            start -= 1;
        }
        let end = self.secret_end(start);
        let mut secret = self.text_of(start, end);
        // The full stop of the sentence.
        secret = secret.trim_end_matches(['.', ':']);
        let end = start + secret.len();
        let len = secret.len();
        if !(4..=64).contains(&len) || self.at(end) == b'(' || secret.contains('(') {
            return false;
        }
        let letters = secret.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'.'));
        let quoted = matches!(self.before(start), b'"' | b'\'');
        if letters && (cue.ascii && !quoted || !cue.marked || is_code_word(secret)) {
            return false;
        }
        if cue.ascii && !cue.marked {
            return false;
        }
        // A digest is not the secret itself.
        let digest = matches!(len, 32 | 40 | 64) && secret.bytes().all(|byte| byte.is_ascii_hexdigit());
        if digest || secret.starts_with("${") || secret.starts_with("{{") {
            return false;
        }
        let state = if secret.bytes().all(|byte| matches!(byte, b'*' | b'x' | b'X')) {
            State::Masked
        } else {
            State::Valid
        };
        self.push(Kind::Password, state, sure::SHAPED_CUED, start, end);
        true
    }

    /// A plate whose province stands before the token: `京A8K325`, `粤B·12345`, `粤Z1234港`.
    fn plate(&mut self, start: usize, end: usize) -> Option<usize> {
        let province = self.text.get(start.checked_sub(3)?..start)?;
        let first = province.chars().next().filter(|c| PROVINCES.contains(c))?;
        let mut tail_start = start + 1;
        let mut tail_end = end;
        if end - start == 1 {
            let gap = ["·", "•", "-", " ", "・", "."].iter().find(|mark| self.follows(end, mark))?;
            tail_start = end + gap.len();
            tail_end = self.token_end(tail_start);
        }
        let mut plate = String::with_capacity(16);
        plate.push(first);
        plate.extend(
            self.slice(start, start + 1)
                .iter()
                .chain(self.slice(tail_start, tail_end))
                .map(|byte| char::from(byte.to_ascii_uppercase())),
        );
        let tail = plate.get(4..)?;
        let mut last = tail_end;
        if tail.len() == 4 {
            let suffix = self.text.get(tail_end..)?.chars().next().filter(|c| SUFFIXES.contains(c))?;
            plate.push(suffix);
            last += suffix.len_utf8();
        } else if !is_plate_tail(tail.as_bytes()) {
            return None;
        }
        let cue = self.cue(start - 3);
        let announced = cue.set.has(Kind::Plate);
        let state = self.tables.plate(&plate);
        match state {
            State::Valid | State::Invalid(Reason::TestValue) => {}
            _ if announced => {}
            _ => return None,
        }
        // `最新A12345型`: a word that ends with the character of a province.
        if first == '新' && self.precedes(start - 3, "最") {
            return None;
        }
        let confidence = if announced { sure::CHECKED_CUED } else { sure::CHECKED };
        self.push(Kind::Plate, state, confidence, start - 3, last);
        Some(last)
    }

    /// `WJ京1234X`
    fn police_plate(&mut self, start: usize, end: usize) -> Option<usize> {
        let first = self.text.get(end..)?.chars().next().filter(|c| PROVINCES.contains(c))?;
        let number = end + first.len_utf8();
        let last = self.token_end(number);
        let tail = self.slice(number, last);
        let form = tail.len() == 5 && tail.iter().filter(|byte| byte.is_ascii_digit()).count() >= 4;
        form.then(|| {
            self.push(Kind::Plate, State::Valid, sure::SHAPED, start, last);
            last
        })
    }
}

/// Cues of values that may be a name.
const NAMED: CueSet =
    CueSet::of(Kind::Wechat).union(CueSet::of(Kind::Account)).union(CueSet::of(Kind::Password));

/// Cues that may be glued to their digits.
const GLUED: CueSet = CueSet::of(Kind::Phone)
    .union(CueSet::of(Kind::Qq))
    .union(CueSet::of(Kind::Imei))
    .union(CueSet::of(Kind::Landline));
