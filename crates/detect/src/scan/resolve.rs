//! Two kinds on one span: the checked one stays, then the longer, then the surer.

use super::Hit;
use zhunsheng_model::{Kind, Reason, State};

/// Drops hits that overlap a better one; `hits` are sorted by `start`, and stay so.
pub(super) fn resolve(hits: &mut Vec<Hit>) {
    let mut kept = 0;
    for index in 0..hits.len() {
        let Some(hit) = hits.get(index).copied() else { break };
        // A hit replaces all that it overlaps, or none.
        let head = hits.get(..kept).unwrap_or_default();
        let rivals = head.iter().rev().take_while(|other| other.end > hit.start);
        let beaten = rivals.clone().count();
        if rivals.into_iter().all(|rival| rank(rival) < rank(&hit)) {
            kept -= beaten;
            if let Some(slot) = hits.get_mut(kept) {
                *slot = hit;
            }
            kept += 1;
        }
    }
    hits.truncate(kept);
}

/// What makes one hit better than another on the same span.
fn rank(hit: &Hit) -> (u8, u32, u8) {
    let class = match hit.state {
        State::Valid | State::Invalid(Reason::TestValue | Reason::ReservedAddress) if has_check(hit.kind) => {
            3
        }
        State::Valid | State::Masked | State::Invalid(Reason::TestValue | Reason::NotPersonal) => 2,
        State::Invalid(_) | State::Placeholder => 1,
    };
    (class, hit.end - hit.start, hit.confidence)
}

/// Kinds whose numbers carry a check digit.
fn has_check(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::CnId
            | Kind::HmtResidence
            | Kind::ForeignPr
            | Kind::Hkid
            | Kind::TwId
            | Kind::DisabilityCert
            | Kind::BankCard
            | Kind::Vin
            | Kind::Imei
            | Kind::Iccid
            | Kind::Uscc
            | Kind::OrgCode
            | Kind::BusinessReg
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hit(kind: Kind, state: State, confidence: u8, start: u32, end: u32) -> Hit {
        Hit { kind, state, confidence, start, end }
    }

    #[test]
    fn checked_beats_longer_and_longer_beats_surer() {
        let wrong = State::Invalid(Reason::WrongCheck);
        for (a, b, kind) in [
            (
                hit(Kind::CnId, State::Valid, 90, 0, 18),
                hit(Kind::BankAccount, State::Valid, 99, 0, 20),
                Kind::CnId,
            ),
            (
                hit(Kind::Email, State::Valid, 80, 0, 20),
                hit(Kind::Phone, State::Valid, 99, 0, 11),
                Kind::Email,
            ),
            (hit(Kind::Qq, State::Valid, 90, 0, 11), hit(Kind::Phone, State::Valid, 80, 0, 11), Kind::Qq),
            (
                hit(Kind::BankCard, wrong, 90, 0, 18),
                hit(Kind::StudentId, State::Valid, 60, 0, 18),
                Kind::StudentId,
            ),
        ] {
            for pair in [[a, b], [b, a]] {
                let mut hits = pair.to_vec();
                hits.sort_by_key(|hit| hit.start);
                resolve(&mut hits);
                assert_eq!(hits.iter().map(|hit| hit.kind).collect::<Vec<_>>(), [kind]);
            }
        }
    }

    #[test]
    fn neighbours_stay_and_repeats_go() {
        let a = hit(Kind::Phone, State::Valid, 80, 10, 21);
        let b = hit(Kind::Phone, State::Valid, 80, 21, 32);
        let mut hits = vec![a, a, b];
        resolve(&mut hits);
        assert_eq!(hits, [a, b]);
    }
}
