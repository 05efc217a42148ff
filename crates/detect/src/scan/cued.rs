//! Kinds that are nothing but digits: only what stands before says which they are.

use super::cue::{Cue, extra};
use super::digits::{Compact, when};
use super::kernel::{Kernel, sure};
use crate::check::{
    is_medical, is_passport, is_qq, is_social_security, is_student_number, number_of, org_code_holds,
};
use crate::normal::{Dated, read_date};
use zhunsheng_model::{Kind, Reason, State};

impl Kernel<'_> {
    /// Kinds that are nothing but digits: only what stands before says which they are.
    pub(super) fn cued(&mut self, start: usize, end: usize) -> usize {
        let cue = self.cue(start);
        self.cued_by(cue, start, end)
    }

    pub(super) fn cued_by(&mut self, cue: Cue, start: usize, end: usize) -> usize {
        if cue.set.is_empty() || !self.cued_hit(cue, start, end) {
            self.uncued(start, end);
        }
        end
    }

    /// What may still be found without a cue.
    pub(super) fn uncued(&mut self, start: usize, end: usize) {
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
    pub(super) fn cued_hit(&mut self, cue: Cue, start: usize, end: usize) -> bool {
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
            () if has(Kind::Passport) && len == 9 && is_passport(token) => (Kind::Passport, State::Valid),
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
            () if has(Kind::BirthDate) && len == 8 => match read_date(self.text_of(start, end)) {
                Dated::Day(date) if date <= self.reference => (Kind::BirthDate, State::Valid),
                Dated::Day(_) => (Kind::BirthDate, State::Invalid(Reason::FutureDate)),
                _ => (Kind::BirthDate, State::Invalid(Reason::ImpossibleDate)),
            },
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
    pub(super) fn is_sms_code(&self, cue: Cue, start: usize, len: usize) -> bool {
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
    pub(super) fn is_card_expiry(&self, start: usize, last: &mut usize) -> bool {
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
    pub(super) fn macau_id(&self, token: &[u8], last: &mut usize) -> bool {
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
    pub(super) fn org_code_tail(&self, start: usize, end: usize, last: &mut usize) -> bool {
        let mut code = Compact::new();
        if self.at(end) != b'-' || self.at(end + 2).is_ascii_alphanumeric() {
            return false;
        }
        code.push(self.slice(start, end));
        code.push(self.slice(end + 1, end + 2));
        *last = end + 2;
        org_code_holds(code.as_slice())
    }

    /// A transaction's number, or its sum with two decimals.
    pub(super) fn transaction(&mut self, cue: Cue, start: usize, end: usize) -> bool {
        let word = self.text_of(cue.start, cue.end);
        let sum = word.contains("金额") || word.contains("mount");
        if !sum && end - start < 8 {
            return false;
        }
        self.push(Kind::Transaction, State::Valid, sure::SHAPED_CUED, start, end);
        true
    }
}
