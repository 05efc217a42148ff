//! Addresses: mail, IPv4, IPv6, MAC; coordinates; covered values.

use super::cue::extra;
use super::kernel::{Kernel, sure};
use crate::check::{ipv4_state, ipv6_state};
use std::net::Ipv4Addr;
use zhunsheng_model::{Kind, Reason, State};

impl Kernel<'_> {
    /// A mail address whose `@` stands at `at` = the end of a token; returns where it ends.
    pub(super) fn email(&mut self, token: usize, at: usize) -> Option<usize> {
        const LOCAL_MAX: usize = 64;
        let mut start = token;
        // Addresses may be written without a blank between them.
        let floor = self.last_end();
        while at - start < LOCAL_MAX && start > floor {
            match self.before(start) {
                byte if byte.is_ascii_alphanumeric() => {}
                // Two in a row separate fields of a dump: `13912340001----zhang@qq.com`.
                byte @ (b'.' | b'-' | b'_' | b'+' | b'%') if self.before(start.saturating_sub(1)) != byte => {
                }
                _ => break,
            }
            start -= 1;
        }
        while start < token && !self.at(start).is_ascii_alphanumeric() {
            start += 1;
        }
        // `\n` and `\t` written out before the address are not part of it.
        if self.before(start) == b'\\' && matches!(self.at(start), b'n' | b't' | b'r') && start < at {
            start += 1;
        }
        start = self.behind_glue(start, at);
        let end = self.domain_end(at + 1)?;
        let state = self.tables.email(self.text_of(start, end));
        if state == State::Invalid(Reason::WrongForm) {
            return None;
        }
        self.push(Kind::Email, state, sure::CHECKED, start, end);
        Some(end)
    }

    /// Where the local part begins behind what was written before it without a blank: a telephone number with
    /// its hyphens or plus sign (`4293-6757-510wang@…`), or the word `E-Mail`.
    fn behind_glue(&self, start: usize, at: usize) -> usize {
        let local = self.slice(start, at);
        let number = local.iter().take_while(|byte| byte.is_ascii_digit() || **byte == b'-').count();
        let head = local.get(..number).unwrap_or_default();
        let digits = head.iter().filter(|byte| byte.is_ascii_digit()).count();
        let marked = self.before(start) == b'+' || head.contains(&b'-');
        if marked && digits >= 8 && local.get(number).is_some_and(u8::is_ascii_alphabetic) {
            return start + number;
        }
        for word in ["e-mail", "email"] {
            let Some((head, rest)) = local.split_at_checked(word.len()) else { continue };
            // `emailer@` is an address; `EMAILwang@` and `E-mailwang@` are a word and an address.
            let capital = head.first() == Some(&b'E') && (word.contains('-') || head.ends_with(b"L"));
            if capital && head.eq_ignore_ascii_case(word.as_bytes()) && rest.len() >= 3 {
                return start + word.len();
            }
        }
        start
    }

    /// The end of the longest domain name that begins at `start` and has letters as its last part.
    fn domain_end(&self, start: usize) -> Option<usize> {
        let mut end = None;
        let mut at = start;
        loop {
            let label = at;
            while self.at(at).is_ascii_alphanumeric()
                || self.at(at) == b'-' && self.at(at + 1).is_ascii_alphanumeric()
            {
                at += 1;
            }
            // A hyphen behind the last part begins something else.
            let part = self.slice(label, at);
            let letters = part.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
            let whole = letters == part.len() || part.get(letters) == Some(&b'-');
            if whole && label > start && (2..=24).contains(&letters) {
                let part = part.get(..letters).unwrap_or_default();
                let glued = self.at(label + letters) == b'@';
                match top_level_end(part, glued) {
                    // A word that begins with a capital is no part of `qq.com.Thanks`.
                    None if end.is_some() && part.first().is_some_and(u8::is_ascii_uppercase) => return end,
                    None => end = Some(label + letters),
                    Some(cut) => return Some(label + cut),
                }
            }
            if at == label
                || self.at(at) != b'.'
                || !self.at(at + 1).is_ascii_alphanumeric()
                || at - start > 255
            {
                return end;
            }
            at += 1;
        }
    }

    /// A covered mail address such as `z***@163.com`, from the token behind the `@`.
    pub(super) fn masked_mail(&mut self, domain: usize) -> Option<usize> {
        let at = domain.checked_sub(1)?;
        if self.before(at) != b'*' && self.before(at.saturating_sub(1)) != b'*' {
            return None;
        }
        let mut start = at;
        while self.before(start).is_ascii_alphanumeric() || matches!(self.before(start), b'*' | b'.' | b'_') {
            start -= 1;
        }
        let end = self.domain_end(domain)?;
        self.push(Kind::Email, State::Masked, sure::SHAPED, start, end);
        Some(end)
    }

    /// Digits and dots: an IPv4 address, coordinates, a date, or a decimal number that is gone over.
    pub(super) fn dotted(&mut self, start: usize, end: usize) -> usize {
        let len = end - start;
        let mut octets = [0_u8; 4];
        let mut groups = 0;
        let mut address = len <= 3;
        let mut at = start;
        loop {
            let to = self.digits_end(at);
            let group = self.slice(at, to);
            let value = crate::check::number_of(group);
            let leading_zero = group.len() > 1 && group.first() == Some(&b'0');
            match octets.get_mut(groups) {
                Some(octet) if group.len() <= 3 && value <= 255 && !leading_zero => *octet = value as u8,
                _ => address = false,
            }
            groups += 1;
            at = to;
            if self.at(at) != b'.' || !self.at(at + 1).is_ascii_digit() {
                break;
            }
            at += 1;
        }
        if groups == 4 && address {
            self.ipv4(octets, start, at);
        } else if groups == 3 && len == 4 {
            self.dated(start, end);
        } else if groups == 2 {
            if len <= 2 && self.at(start) != b'0' && at - end > 11 {
                return end; // `1.13912340001`: the number of a list item
            }
            return self.decimal(start, end, at);
        }
        at
    }

    fn ipv4(&mut self, octets: [u8; 4], start: usize, end: usize) {
        let (before, after) = (self.before(start), self.at(end));
        let letter_before = start >= 2 && self.at(start - 2).is_ascii_alphanumeric();
        // `app/1.2.3.4`, `lib-1.2.3.4.jar`, `1.2.3.4-rc1`, `1.2.3.4/24`: products and networks.
        let name = matches!(before, b'-' | b'_' | b'.') || before == b'/' && letter_before;
        let goes_on = after.is_ascii_alphanumeric()
            || matches!(after, b'-' | b'.' | b'_') && self.at(end + 1).is_ascii_alphanumeric()
            || after == b'/' && self.at(end + 1).is_ascii_digit() && self.digits_end(end + 1) - end <= 3;
        if name || goes_on {
            return;
        }
        let cue = self.cue(start);
        let numbered = ["节", "章", "条", "款", " 节", "版"].iter().any(|word| self.follows(end, word));
        if cue.set.has_extra(extra::NOT_IP) || numbered {
            return;
        }
        let announced = cue.set.has(Kind::Ip);
        let state = ipv4_state(Ipv4Addr::from(octets));
        // Small numbers throughout are far more often a version than an address.
        if !announced
            && !cue.set.has_extra(extra::SERVER)
            && octets.iter().all(|octet| *octet < 32)
            && state == State::Valid
        {
            return;
        }
        let state = match state {
            State::Valid if cue.set.has_extra(extra::SERVER) => State::Invalid(Reason::NotPersonal),
            other => other,
        };
        let confidence = if announced { sure::SHAPED_CUED } else { sure::SHAPED };
        self.push(Kind::Ip, state, confidence, start, end);
    }

    /// A MAC or IPv6 address that begins with this token.
    pub(super) fn hex_address(&mut self, start: usize, end: usize) -> Option<usize> {
        let separator = self.at(end);
        let before = self.before(start);
        if matches!(before, b':' | b'-') && self.before(start.saturating_sub(1)).is_ascii_alphanumeric() {
            return None;
        }
        if end - start == 2
            && let Some(next) = self.mac(start, separator)
        {
            return Some(next);
        }
        if separator != b':' || end - start > 4 {
            return None;
        }
        let rest = self.bytes.get(start..)?;
        let len = rest.iter().take(40).take_while(|byte| byte.is_ascii_hexdigit() || **byte == b':').count();
        let text = self.text_of(start, start + len).trim_end_matches(':');
        let end = start + text.len();
        // A time has two colons and no double one: most often this ends here.
        let groups = text.split(':').count();
        if !text.contains("::") && groups != 8 || groups < 3 || self.at(end).is_ascii_alphanumeric() {
            return None;
        }
        // `add::be` is a name in a program.
        let first = text.split(':').next().unwrap_or_default();
        if first.len() < 3 || !text.bytes().any(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let state = ipv6_state(text.parse().ok()?);
        let confidence = if self.cue(start).set.has(Kind::Ip) { sure::SHAPED_CUED } else { sure::SHAPED };
        self.push(Kind::Ip, state, confidence, start, end);
        Some(end)
    }

    fn mac(&mut self, start: usize, separator: u8) -> Option<usize> {
        const LEN: usize = 17;
        let address: &[u8; LEN] = self.bytes.get(start..start + LEN)?.try_into().ok()?;
        let form = address.iter().enumerate().all(|(index, byte)| match index % 3 {
            2 => *byte == separator,
            _ => byte.is_ascii_hexdigit(),
        });
        let end = start + LEN;
        let more = self.at(end).is_ascii_alphanumeric()
            || self.at(end) == separator && self.at(end + 1).is_ascii_hexdigit();
        if !form || more {
            return None;
        }
        let hex = || address.iter().filter(|byte| **byte != separator);
        let reserved = hex().all(|byte| *byte == b'0') || hex().all(|byte| matches!(byte, b'f' | b'F'));
        let state = if reserved { State::Invalid(Reason::ReservedAddress) } else { State::Valid };
        let cue = self.cue(start);
        let confidence = if cue.set.has(Kind::Mac) { sure::SHAPED_CUED } else { sure::SHAPED };
        self.push(Kind::Mac, state, confidence, start, end);
        Some(end)
    }

    /// A decimal number: part of a pair of coordinates, or announced as one, or nothing.
    fn decimal(&mut self, start: usize, point: usize, end: usize) -> usize {
        let places = end - point - 1;
        if places < 3 || point - start > 3 || self.at(end).is_ascii_alphanumeric() {
            return end;
        }
        let cue = self.cue(start);
        for (kind, limit) in [(Kind::GeoLng, 180), (Kind::GeoLat, 90)] {
            if cue.set.has(kind) {
                if crate::check::number_of(self.slice(start, point)) <= limit {
                    self.push(kind, State::Valid, sure::SHAPED_CUED, start, end);
                }
                return end;
            }
        }
        if places < 4 {
            return end;
        }
        // The other half of a pair, behind a comma or blanks.
        let mut second = end;
        let gap = self.bytes.get(end..end + 6).unwrap_or_default();
        for mark in ["，", ",", "、", ";", " "] {
            if gap.starts_with(mark.as_bytes()) {
                second = end + mark.len();
                break;
            }
        }
        if second == end {
            return end;
        }
        while self.at(second) == b' ' && second < end + 4 {
            second += 1;
        }
        let middle = self.digits_end(second);
        let last = if self.at(middle) == b'.' { self.digits_end(middle + 1) } else { middle };
        let whole = |from, to| crate::check::number_of(self.slice(from, to));
        let edge = self.at(last).is_ascii_alphanumeric()
            || self.at(last) == b'.' && self.at(last + 1).is_ascii_digit();
        if !(2..=3).contains(&(middle - second)) || last < middle + 5 || edge {
            return end;
        }
        // China reaches from 73° to 135° east and from 3° to 54° north, its land from 18°.
        let (lng, lat) = (73..=135, 18..=53);
        let (a, b) = (whole(start, point), whole(second, middle));
        let kinds = match () {
            () if lng.contains(&a) && lat.contains(&b) => [Kind::GeoLng, Kind::GeoLat],
            () if lat.contains(&a) && lng.contains(&b) => [Kind::GeoLat, Kind::GeoLng],
            () => return end,
        };
        let [first, other] = kinds;
        let confidence = if cue.set.has_extra(extra::GEO) { sure::SHAPED_CUED } else { sure::SHAPED };
        self.push(first, State::Valid, confidence, start, end);
        self.push(other, State::Valid, confidence, second, last);
        last
    }

    /// A covered number: `138****5678`, `110101********299X`, `6222 **** **** 1234`.
    pub(super) fn masked(&mut self, start: usize, end: usize) -> Option<usize> {
        let rest = self.bytes.get(start..)?;
        let len = rest
            .iter()
            .take(24)
            .take_while(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'x' | b'X'))
            .count();
        let text = rest.get(..len)?;
        let stars = text.iter().filter(|byte| matches!(byte, b'*' | b'x' | b'X')).count();
        let stop = start + len;
        if stars < 2 || self.at(stop).is_ascii_alphanumeric() {
            return None;
        }
        let head = end - start;
        let cue = self.cue(start);
        let kind = match len {
            11 if text.first() == Some(&b'1') && stars >= 3 => Kind::Phone,
            15 | 18 if matches!(head, 1..=14) && stars >= 4 => Kind::CnId,
            16 | 17 | 19 if stars >= 4 => Kind::BankCard,
            8..=14 if cue.set.has(Kind::BankCard) => Kind::BankCard,
            _ => return None,
        };
        self.push(kind, State::Masked, sure::SHAPED, start, stop);
        Some(stop)
    }
}

/// Last parts of domain names that Chinese addresses have, in lower case.
const TOP_LEVELS: &[&str] =
    &["com", "net", "org", "edu", "gov", "cn", "hk", "tw", "mo", "sg", "cc", "me", "tv"];

/// Where the last part of a domain ends when a word follows it without a blank: `comTEL`, `cnMsn`; `glued`: an
/// `@` follows, so that another address does.
fn top_level_end(part: &[u8], glued: bool) -> Option<usize> {
    let known = TOP_LEVELS.iter().find(|known| {
        part.starts_with(known.as_bytes())
            && part.get(known.len()).is_some_and(|next| glued || next.is_ascii_uppercase())
    })?;
    Some(known.len())
}
